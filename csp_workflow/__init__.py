"""The quarterly reporting cycle between an OPCC and its Community Safety Partnerships."""

__version__ = "0.1.0"
