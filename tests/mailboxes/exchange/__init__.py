"""A small Exchange server: stateful, speaking EWS over HTTPS on loopback, and told to fail where a test wants it."""
