"""What the service needs outside: how its mailbox is reached and whose word is believed there, what may go wrong, and
what is watched.

Faults of the world are exceptions that say whether they are passing; faults of a return are values
(`terms.returns.Finding`), never these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

# The mailbox ----------------------------------------------------------------------------------------


class Mode(StrEnum):
    """Where letters may go: nowhere outside, to the co-ordinator only, into her Drafts folder, to everyone at once."""

    REHEARSAL = "rehearsal"
    REDIRECT = "redirect"
    DRAFTS = "drafts"
    LIVE = "live"

    @property
    def is_real(self) -> bool:
        """Whether letters reach the people they are for."""
        return self in {Mode.DRAFTS, Mode.LIVE}


class Tls(StrEnum):
    """When a connection becomes encrypted. There is no third way."""

    AT_ONCE = "at once"
    STARTTLS = "starttls"


class Login(StrEnum):
    """How the service proves who it is to a mail server."""

    PASSWORD = "password"  # noqa: S105 - the name of a way, not a password
    XOAUTH2 = "xoauth2"
    NTLM = "ntlm"
    BASIC = "basic"
    OAUTH2 = "oauth2"


class ProofBy(StrEnum):
    """What shows that a letter handed over by SMTP was accepted."""

    OWN_COPY = "own copy"
    SENT_FOLDER = "sent folder"


class Access(StrEnum):
    """By which right an Exchange account works in a shared mailbox."""

    DELEGATE = "delegate"
    IMPERSONATION = "impersonation"


_MICROSOFT = ("outlook.com", "office365.com", "office.com")
MICROSOFT_A_MINUTE = 28
"""Exchange Online refuses a mailbox's letters beyond 30 within a minute, by whichever way they come."""


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What proves who the service is; from the environment or a file, never shown.

    `token_file` is read anew at each login, so that another program may keep it fresh.
    """

    password: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    token_file: str = field(default="", repr=False)


NO_SECRETS = Secrets()


@dataclass(frozen=True)
class ServerCertificate:
    """From when until when the certificate is good that a server showed."""

    host: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """One server: host, port, and when the connection becomes encrypted."""

    host: str
    port: int
    tls: Tls


@dataclass(frozen=True, kw_only=True)
class InternetMailbox:
    """A mailbox read by IMAP whose letters leave by SMTP.

    With `proof` OWN_COPY each letter goes to `own_copy` as well (a plus-address, or the mailbox
    itself), whose arrival proves that the server accepted it; SENT_FOLDER is for servers that put what
    they accept into `sent_folder` themselves. `tenant` and `client` are for XOAUTH2 at Microsoft.
    `drafts_folder` is where letters wait in mode drafts ("": the server's own folder for that).
    `ca_file` names the certificates to trust beside the system's ("": none).
    """

    user: str
    login: Login
    imap: MailServer
    smtp: MailServer
    proof: ProofBy
    own_copy: str
    sent_folder: str
    drafts_folder: str = ""
    tenant: str = ""
    client: str = ""
    ca_file: str = ""

    @property
    def most_a_minute(self) -> int | None:
        """How many letters the mail system takes within a minute, where that is known."""
        return MICROSOFT_A_MINUTE if self.smtp.host.lower().endswith(_MICROSOFT) else None


@dataclass(frozen=True, kw_only=True)
class ExchangeMailbox:
    """A mailbox on Exchange at home (EWS). `version` is "2013", "2016" or "2019"."""

    endpoint: str
    user: str
    login: Login
    access: Access
    version: str
    tenant: str = ""
    client: str = ""
    ca_file: str = ""

    @property
    def most_a_minute(self) -> int | None:
        """How many letters the mail system takes within a minute; whoever runs one at home sets its limits."""
        host = urlsplit(self.endpoint).hostname or ""
        return MICROSOFT_A_MINUTE if host.lower().endswith(_MICROSOFT) else None


@dataclass(frozen=True, kw_only=True)
class GraphMailbox:
    """A mailbox in Microsoft 365. `outside` is one that the service must not be able to open; `doctor` tries it."""

    tenant: str
    client: str
    outside: str
    endpoint: str = "https://graph.microsoft.com/v1.0"
    authority: str = "https://login.microsoftonline.com"
    ca_file: str = ""

    @property
    def most_a_minute(self) -> int | None:
        """How many letters the mail system takes within a minute."""
        return MICROSOFT_A_MINUTE


class TrustProfile(StrEnum):
    """Whose verdict on a sender is believed."""

    NONE = "none"
    RFC8601 = "rfc8601"
    EXCHANGE_ONLINE = "exchange-online"
    INTERNAL = "internal"


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Which mail server's word about a sender counts.

    RFC8601: Authentication-Results that carry `authserv_id` and stand above the first Received line by
    `boundary`, the host at which mail enters the organisation. EXCHANGE_ONLINE: the topmost
    Authentication-Results, which Microsoft writes without a name. INTERNAL: Exchange's mark for mail
    from inside; with `authserv_id` and `boundary` set also as RFC8601. NONE: nobody's; for the embedded
    mailbox. `gateway`: Microsoft's "compauth=pass reason=130" counts where DMARC failed: a gateway before it that the
    tenant trusts changed the message, and vouches for how it came (ARC).
    """

    profile: TrustProfile = TrustProfile.NONE
    authserv_id: str = ""
    boundary: str = ""
    gateway: bool = False


NOBODYS_WORD = Trust()
"""The embedded mailbox has no server that could vouch for anybody."""


class Place(StrEnum):
    """Where a draft has come to."""

    DRAFTS = "drafts"
    LEAVING = "leaving"
    SENT = "sent"


@dataclass(frozen=True, kw_only=True)
class Lying:
    """A message in Drafts, on its way out, or among the sent ones, as the mail system lists it, there since `since`.

    `mark` is the delivery id that it was given as a draft of ours; mail programs that write a message anew lose it, and
    some its Message-ID as well, so that its subject and its recipients (in lower case) are told too.
    """

    source: str
    place: Place
    since: datetime
    mark: str = ""
    message_id: str = ""
    subject: str = ""
    recipients: frozenset[str] = frozenset()


# What may go wrong ----------------------------------------------------------------------------------


class WorldFault(Exception):
    """Something outside went wrong. `passing` says whether trying again later may help.

    `wait` is how long the other side asked to be left alone; None when it named no time. `remedy` is what somebody can
    do about it; "" where only time helps.
    """

    passing = True

    def __init__(self, sentence: str = "", *, wait: timedelta | None = None, remedy: str = "") -> None:
        super().__init__(sentence or (self.__doc__ or "").strip())
        self.wait, self.remedy = wait, remedy


class MailboxUnreachable(WorldFault):
    """The mailbox could not be reached; nothing was sent or fetched."""


class NotAccepted(WorldFault):
    """The letter was refused before it was accepted; it was certainly not sent."""


class NotAcceptedForGood(NotAccepted):
    """The letter was refused for good, for example because the address does not exist."""

    passing = False


class SendUnknown(WorldFault):
    """The letter may or may not have been sent; it must be looked up, never blindly sent again."""

    passing = False


class MessageGone(WorldFault):
    """A listed message is no longer in the mailbox."""

    passing = False


class StoreBusy(WorldFault):
    """The database is locked or unreachable; nothing was committed."""


class DiskFull(WorldFault):
    """There is no room left to keep a message; it stays in the mailbox."""


class LockHeld(WorldFault):
    """Another service is working on this mailbox."""


class ConfigInvalid(Exception):
    """The configuration has faults; `faults` are sentences with file and key. Exit code 3."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class JobEnd(StrEnum):
    """How opening a file in the sandbox ended, where nothing came of it."""

    NOT_STARTED = "not started"
    """The sandbox could not start, or was lost on the way."""
    STALLED = "stalled"
    """The child had its time and hardly worked: this machine was busy, or stood still."""
    KILLED = "killed"
    """Ended from outside, as a machine does that is short of memory."""
    FAULT = "fault"
    """Our own code failed."""
    CRASH = "crash"
    """The library that reads the file crashed on it."""
    TIME = "time"
    MEMORY = "memory"
    TOO_MUCH = "too much"
    """What it found is more than an answer may be."""
    NOT_TRIED = "not tried"
    """What came before it in its message had used up the time of all."""

    @property
    def is_ours(self) -> bool:
        """Whether the failure is ours, or passing, so that it says nothing about the file."""
        return self not in _OF_THE_FILE


_OF_THE_FILE = {JobEnd.CRASH, JobEnd.TIME, JobEnd.MEMORY, JobEnd.TOO_MUCH, JobEnd.NOT_TRIED}


# What is watched besides the quarter ----------------------------------------------------------------


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
