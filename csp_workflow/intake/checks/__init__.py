"""What a form that came back says, and whether it is right."""
