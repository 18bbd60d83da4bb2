"""Real mail servers on loopback, each pair in a folder of its own; nothing can leave.

Dovecot with Postfix as they are installed, with Sieve and bounces; Cyrus with Exim and Courier with OpenSMTPD apart.
"""

from tests.mailboxes.servers.apart import ServersApart, running_apart
from tests.mailboxes.servers.running import Servers, running
from tests.mailboxes.servers.settings import OFFICE, Manner

__all__ = ["OFFICE", "Manner", "Servers", "ServersApart", "running", "running_apart"]
