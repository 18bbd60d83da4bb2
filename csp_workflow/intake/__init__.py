"""Intake: what a message is, whose it is, whether its sender may speak, and what its form says. Pure rules."""
