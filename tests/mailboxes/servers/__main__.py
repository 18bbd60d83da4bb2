"""`python -m tests.mailboxes.servers` fetches the packages of all servers that are not installed, as CI does first."""

from tests.mailboxes.servers.packages import unpack_packages
from tests.mailboxes.servers.pairs import PAIRS

for pair in PAIRS:
    unpack_packages(pair.name, pair.packages, fetch=True)
