"""Desk: what the co-ordinator orders by replying, and what follows from it."""
