"""The mailboxes: one port of five verbs, and an adapter for each mail system behind it."""
