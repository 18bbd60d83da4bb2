"""What follows from a message: what is stored, who is answered, and the one verdict."""
