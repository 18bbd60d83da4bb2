"""How the servers are reached: who the service is there, and one IMAP connection, kept while it is well.

A connection is encrypted before anything is said, and made anew after a fault.
"""

from __future__ import annotations

import contextlib
import imaplib
import json
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError, ProtocolError

from csp_workflow.mailboxes.line import (
    ASK,
    FULL,
    LATER,
    NO_DIRECTORY,
    UNUSABLE,
    MailLine,
    Reason,
    explain_fault,
    explain_sign_in,
    find_credential,
)
from csp_workflow.terms.service import InternetMailbox, Login, MailboxUnreachable, MailServer, MessageGone, Secrets, Tls

MICROSOFT = "https://login.microsoftonline.com"
_SCOPE = ["https://outlook.office365.com/.default"]
_CODE, _LONG = re.compile(r"\[([A-Z-]+)\b"), 2_000


class Credentials:
    """A user with a password or a token; asked for at each login. `seconds` bounds each wait for a token."""

    def __init__(self, settings: InternetMailbox, secrets: Secrets, *, authority: str, seconds: float) -> None:
        self._settings, self._secrets, self._authority, self._seconds = settings, secrets, authority, seconds
        self._application: Any = None

    @property
    def password(self) -> str:
        """The password itself, for a server that knows no SASL."""
        return self._secrets.password

    def list_steps(self, offered: frozenset[str]) -> list[bytes]:
        """What to say to a server, step by step: the SASL mechanism's name first. [] when it offers none we know.

        One way only is tried: each refusal counts towards the lock of an account. Raises MailboxUnreachable
        when there is no token.
        """
        user = self._settings.user.encode()
        if self._settings.login is Login.XOAUTH2:
            # A server that refuses a token first says why, and wants an empty answer to that.
            return [b"XOAUTH2", self._make_proof(user), b""] if "XOAUTH2" in offered else []
        password = self._secrets.password.encode()
        if "PLAIN" in offered:
            return [b"PLAIN", b"\0" + user + b"\0" + password]
        return [b"LOGIN", user, password] if "LOGIN" in offered else []

    def _make_proof(self, user: bytes) -> bytes:
        return b"user=" + user + b"\x01auth=Bearer " + self._get_token().encode() + b"\x01\x01"

    def _get_token(self) -> str:
        if not self._settings.client:
            return self._read_token()
        answer = self._ask_directory()
        if "access_token" not in answer:
            raise explain_sign_in(answer, "internet")
        return str(answer["access_token"])

    def _read_token(self) -> str:
        try:
            token = Path(self._secrets.token_file).read_text("utf-8").strip()
        except (OSError, ValueError) as fault:
            raise MailboxUnreachable("The file that CSP_MAIL_TOKEN_FILE names cannot be read.") from fault
        if not token:
            raise MailboxUnreachable("The file that CSP_MAIL_TOKEN_FILE names is empty.")
        return token

    def _ask_directory(self) -> dict[str, Any]:
        import msal

        try:
            if self._application is None:
                self._application = msal.ConfidentialClientApplication(
                    self._settings.client,
                    client_credential=find_credential(self._secrets),
                    authority=f"{self._authority}/{self._settings.tenant}",
                    # The site's configuration says which authority to trust; nobody else is asked whether it exists.
                    instance_discovery=False,
                    timeout=self._seconds,
                )
            return dict(self._application.acquire_token_for_client(scopes=_SCOPE) or {})
        except OSError as fault:
            raise MailboxUnreachable("The sign-in server cannot be reached.") from fault
        except (msal.exceptions.MsalServiceError, json.JSONDecodeError, KeyError) as fault:
            raise MailboxUnreachable("The sign-in server answers with errors.") from fault
        except Exception as fault:  # an unusable certificate can be anything in there
            unknown = "authority configuration" in str(fault)
            raise (NO_DIRECTORY if unknown else UNUSABLE).make_fault("", "internet") from fault


# IMAP ----------------------------------------------------------------------------------------------

INBOX = "INBOX"
DRAFTS, SENT = rb"\drafts", rb"\sent"
"""What a server says of the folders that it keeps for drafts and for sent letters (RFC 6154)."""

_USUAL = {DRAFTS: ("Drafts", "Draft"), SENT: ("Sent", "Sent Items", "Sent Messages")}
"""What programs call such folders on a server that does not say."""

_NOT_FILED = {rb"\noselect", rb"\nonexistent", SENT, DRAFTS, rb"\junk", rb"\all", rb"\flagged"}
"""What a server says of folders that hold nothing, nothing that came in, or what lies elsewhere as well (RFC 6154)."""

_FRESH = 5.0
"""So many seconds after its last use a connection is taken for well."""

_DISABLED = Reason(
    "takes no password in this way (LOGINDISABLED), so none was sent.",
    "In service.toml look at internet.imap (its port, and when it is encrypted) and at internet.login.",
)
_UNWELL = (IMAPClientError, OSError, ValueError, TypeError, LookupError, AttributeError)
"""What the library raises when a line breaks or a server talks nonsense."""


class Session:
    """A connection that has been logged in, and the folder selected on it.

    Of that folder `validity` is the numbering, `following` the number that the next message gets (0: not told), and
    `count` how many messages lie there.
    """

    def __init__(self, client: IMAPClient) -> None:
        self.client = client
        self.folder, self.validity, self.following, self.count = "", 0, 0, 0
        self._said: dict[bytes, Any] = {}
        self._made: set[str] = set()
        self._prefix = _find_prefix(client)

    def select(self, folder: str) -> bool:
        """Select a folder anew, for only so does every server show what has come since. False when there is none."""
        name = self.name_folder(folder)
        self.folder = ""
        try:
            said: dict[bytes, Any] = self.client.select_folder(name)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            if folder == INBOX or self.client.folder_exists(name):
                raise
            return False
        self.validity, self.count = int(said[b"UIDVALIDITY"]), int(said[b"EXISTS"])
        self.following = int(said.get(b"UIDNEXT", 0))
        self.folder, self._said = folder, said
        return True

    def keeps(self, flag: bytes) -> bool:
        """Whether a flag can be put on the messages of the folder, and stays there."""
        told = self._said.get(b"PERMANENTFLAGS")
        is_new = told is None or (b"\\*" in told and not flag.startswith(b"\\"))
        is_known = is_new or flag.lower() in map(bytes.lower, told or ())
        return is_known and b"READ-ONLY" not in self._said

    def search(self, *criteria: Any) -> list[int]:
        """The numbers of the folder's messages of which all criteria are true."""
        return sorted(map(int, self.client.search(list(criteria)))) if self.count else []

    def make_folder(self, folder: str) -> None:
        """Make a folder when it is missing."""
        if folder not in self._made and not self.has_folder(folder):
            self.client.create_folder(self.name_folder(folder))
        self._made.add(folder)

    def list_folders(self) -> list[str]:
        """The names of the folders that hold what came in, as far as the server tells them from the others."""
        told = self.client.list_folders()
        names = [str(name) for flags, _, name in told if not _NOT_FILED & {bytes(flag).lower() for flag in flags}]
        usual = {self.name_folder(name) for called in _USUAL.values() for name in called}
        return [name for name in names if self.name_folder(name) == name and name not in usual]

    def find_special(self, flag: bytes) -> str:
        """The folder that the server itself uses so (RFC 6154), else the one that programs call so: it is made when
        there is none."""
        told = self.client.list_folders()
        special = next((str(name) for flags, _, name in told if flag in {bytes(one).lower() for one in flags}), "")
        there = {str(name) for _, _, name in told}
        usual = next((name for name in _USUAL[flag] if self.name_folder(name) in there), _USUAL[flag][0])
        if not special:
            self.make_folder(usual)
        return special or usual

    def has_folder(self, folder: str) -> bool:
        """Whether there is a folder."""
        return bool(self.client.folder_exists(self.name_folder(folder)))

    def list_rights(self, folder: str) -> set[str] | None:
        """What the user may do in a folder, by the letters of RFC 4314; None when the server does not tell."""
        said = self._ask_for("ACL", lambda: self.client.my_rights(self.name_folder(folder)))
        return None if said is None else set(said.rpartition(b" ")[2].decode("ascii", "replace"))

    def list_quotas(self) -> list[Any] | None:
        """How much of the mailbox is used, and how much may be; None when the server does not tell."""
        said = self._ask_for("QUOTA", lambda: self.client.get_quota_root(INBOX))
        return None if said is None else list(said[1])

    def _ask_for(self, ability: str, ask: Callable[[], Any]) -> Any:
        """What a server tells that has an ability, unless it refuses to tell."""
        if not self.client.has_capability(ability):
            return None
        try:
            return ask()
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            return None

    def name_folder(self, folder: str) -> str:
        """A folder's name on this server: some keep every folder below the inbox ("INBOX.Processed")."""
        is_full = folder == INBOX or folder.startswith(self._prefix)
        return folder if is_full else f"{self._prefix}{folder}"


class ImapConnection:
    """The IMAP connection, made when it is first wanted. Each piece of work on it has a verb's time."""

    def __init__(self, settings: InternetMailbox, credentials: Credentials, line: MailLine) -> None:
        self._settings, self._credentials, self._line = settings, credentials, line
        self._session: Session | None = None
        self._used = 0.0

    @contextmanager
    def work(self, *, anew: bool = True) -> Iterator[Session]:
        """The connection with the inbox selected. After a fault on it (MailboxUnreachable) a new one is made.

        Selected `anew` it shows what has come since. A large inbox takes long to select: what needs no news keeps it.
        """
        self._line.begin()
        try:
            yield self._prepare_session(anew=anew)
            self._used = self._line.clock()
        except MessageGone:
            raise
        except MailboxUnreachable:
            self._drop()
            raise
        except _UNWELL as fault:
            self._drop()
            raise _explain(fault).make_fault("The IMAP server", "internet") from fault

    @property
    def is_fresh(self) -> bool:
        """Whether the connection was well just now, with the inbox selected."""
        is_there = self._session is not None and self._session.folder == INBOX
        return is_there and self._line.clock() - self._used < _FRESH

    def close(self) -> None:
        """Say goodbye, if anybody is there."""
        if self._session is not None:
            self._line.begin_farewell()
            with contextlib.suppress(*_UNWELL):
                self._session.client.logout()
        self._drop()

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            _shut(session.client)

    def _prepare_session(self, *, anew: bool) -> Session:
        """The kept connection; one that the server closed meanwhile is no fault: a new one then."""
        if self._session is not None:
            if not anew and self.is_fresh:
                return self._session
            try:
                self._session.select(INBOX)
            except (IMAPClientError, OSError):
                self._drop()
            else:
                return self._session
        self._session = self._open_session()
        self._session.select(INBOX)
        return self._session

    def _open_session(self) -> Session:
        server, context = self._settings.imap, self._line.make_context()
        client = _Client(server, self._line, context)
        try:
            if server.tls is Tls.STARTTLS:
                client.starttls(ssl_context=context)
            self._log_in(client)
            return Session(client)
        except BaseException:
            _shut(client)
            raise

    def _log_in(self, client: IMAPClient) -> None:
        offered = (ability.decode("ascii", "replace") for ability in client.capabilities())
        steps = self._credentials.list_steps(
            frozenset(a.removeprefix("AUTH=") for a in offered if a.startswith("AUTH="))
        )
        if steps:
            answers = iter(steps[1:])
            client.sasl_login(steps[0].decode(), lambda _: next(answers, None))
        elif self._settings.login is Login.PASSWORD:
            if client.has_capability("LOGINDISABLED"):
                raise _DISABLED.make_fault("The IMAP server", "internet")
            client.login(self._settings.user, self._credentials.password)
        else:
            raise CapabilityError


class _Client(IMAPClient):  # type: ignore[misc]
    """The library's client on our line."""

    def __init__(self, server: MailServer, line: MailLine, context: ssl.SSLContext) -> None:
        self._line, self._at_once = line, context if server.tls is Tls.AT_ONCE else None
        wait = SocketTimeout(connect=line.total, read=line.total)
        super().__init__(server.host, port=server.port, ssl=self._at_once is not None, timeout=wait)
        self._imap.debug = 0  # the library would write out every message that is fetched, for its log

    def my_rights(self, folder: str) -> bytes:
        """What the server says of the user's rights in a folder."""
        return bytes(self._command_and_check("myrights", self._normalise_folder(folder))[0])

    def _raw_command_untagged(self, command: bytes, *arguments: Any, **options: Any) -> Any:
        # The library takes a search that was not answered for one that found nothing.
        said = super()._raw_command_untagged(command, *arguments, **options)
        if command == b"SEARCH" and said == [None]:
            raise ProtocolError("A search without an answer.")
        return said

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - the library's name, and its only place for a line of one's own
        return _Imap(self.host, self.port, self._line, self._at_once)


class _Imap(imaplib.IMAP4):
    def __init__(self, host: str, port: int, line: MailLine, context: ssl.SSLContext | None) -> None:
        self._line, self._at_once = line, context
        super().__init__(host, port)

    def _create_socket(self, timeout: float | None) -> socket.socket:  # noqa: ARG002 - the line knows the time
        plain = self._line.connect(self.host, self.port)
        return self._at_once.wrap_socket(plain, server_hostname=self.host) if self._at_once else plain


def _shut(client: IMAPClient) -> None:
    with contextlib.suppress(*_UNWELL):
        client.shutdown()


def _find_prefix(client: IMAPClient) -> str:
    if not client.has_capability("NAMESPACE"):
        return ""
    personal = client.namespace().personal
    return str(personal[0][0]) if personal else ""


REFUSED = Reason(
    "refuses the user or the password (or token).",
    "Look at {table}.user and {table}.login in service.toml, and at the secret in the environment.",
)
UNOFFERED = Reason(
    "offers no encryption or no login of the kind wanted, so nothing is read or sent.",
    "Look at tls, port and {table}.login in service.toml: the server says which it takes.",
)
_LACKING = Reason(
    "does not let this user do what is needed in the mailbox.",
    f"{ASK} to let the user read, move and delete messages and make folders there.",
)
_READ_ONLY = Reason("lets this user only read the inbox.", _LACKING.remedy)
_CODES = {
    "OVERQUOTA": FULL,
    "NOPERM": _LACKING,
    "AUTHORIZATIONFAILED": _LACKING,
    "EXPIRED": Reason("says that the user's password has expired.", f"{ASK} for a new one."),
    "CONTACTADMIN": Reason("keeps this user out.", f"{ASK} why."),
    **dict.fromkeys(("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"), Reason("is busy or out of order for now.", LATER)),
}
"""By the code that an IMAP server gives with a refusal (RFC 5530)."""


def _explain(fault: BaseException) -> Reason:
    """What is wrong. A login that was cut off is no refusal."""
    if isinstance(fault, imaplib.IMAP4.readonly):
        return _READ_ONLY
    code = _CODE.search(str(fault)) if isinstance(fault, IMAPClientError) else None
    if code and code[1] in _CODES:
        return _CODES[code[1]]
    if isinstance(fault, LoginError) and not isinstance(fault.__context__, IMAPClientAbortError):
        return REFUSED
    return UNOFFERED if isinstance(fault, CapabilityError) else explain_fault(fault)


def ask_starttls(talk: Any) -> bool:
    """Ask an IMAP server to encrypt, as the first thing; whether it agrees."""
    talk.readline(_LONG)
    talk.write(b"a STARTTLS\r\n")
    talk.flush()
    while (said := talk.readline(_LONG)) and not said.startswith(b"a "):
        pass
    return bool(said.upper().startswith(b"A OK"))
