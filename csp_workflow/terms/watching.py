"""What is watched besides the quarter: the troubles that stop the service, who is told, and by which road."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from csp_workflow.terms.mailboxes import MailServer


class Trouble(StrEnum):
    """What stops the service from doing what it is there for, as letters name it."""

    MAILBOX_UNREAD = "the mailbox cannot be read"
    LETTERS_STUCK = "letters do not leave"
    DIGEST_BACK = "letters to the co-ordinator come back"
    DISK_FULL = "the disk is nearly full"
    TABLES_END = "the calendar runs out"

    @property
    def is_of_mailbox(self) -> bool:
        """Whether it may keep the letter that tells of it from leaving by the mailbox."""
        return self in {Trouble.MAILBOX_UNREAD, Trouble.LETTERS_STUCK}


@dataclass(frozen=True, kw_only=True)
class Road:
    """A mail server by which a letter about trouble leaves when the mailbox itself is the trouble.

    `sender` is the envelope's ("": the mailbox's own address), `user` who signs in there ("": nobody need).
    """

    server: MailServer
    sender: str = ""
    user: str = ""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Who is told of trouble beside the office, what is asked at each beat that went well, and the bounds.

    `ping` is the address of a dead-man's switch ("": none), `ping_seconds` how long it may take; with less than
    `disk_mebibytes` free the disk counts as nearly full.
    """

    tell: tuple[str, ...] = ()
    ping: str = ""
    ping_seconds: int = 5
    disk_mebibytes: int = 1024
    road: Road | None = None


NOT_WATCHED = Watch()
"""What a site has that sets nothing: the office alone is told."""
