"""Dovecot and Postfix on loopback, in a folder of their own: real IMAP, SMTP, Sieve and bounces; nothing can leave."""

from tests.mailboxes.servers.running import Servers, running
from tests.mailboxes.servers.settings import Manner

__all__ = ["Manner", "Servers", "running"]
