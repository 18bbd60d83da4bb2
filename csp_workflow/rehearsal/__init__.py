"""A whole quarter in virtual time, against simulated people who see only what was sent to them."""
