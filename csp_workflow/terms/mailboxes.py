"""How the service's own mailbox is reached, and whose word about a sender is believed there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit


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
