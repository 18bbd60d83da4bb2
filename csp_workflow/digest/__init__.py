"""Digest: the co-ordinator's morning letter: what needs her, where everything stands, what goes out next."""
