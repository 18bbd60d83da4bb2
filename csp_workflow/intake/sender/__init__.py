"""Whose a message is, and whether its sender may speak for them."""
