"""Dovecot and Postfix on loopback, in a folder of their own: real IMAP, SMTP, Sieve and bounces; nothing can leave."""

from tests.mailboxes.servers.running import Servers, running

__all__ = ["Servers", "running"]
