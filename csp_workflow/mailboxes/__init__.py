"""The mailboxes: one port of six verbs, and an adapter for each mail system behind it."""
