"""The outside: mailbox, store, archive, sandbox. The only effects."""
