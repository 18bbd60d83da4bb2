"""The mailboxes: one port of seven verbs, and an adapter for each mail system behind it."""
