"""One IMAP connection: encrypted before anything is said, kept while it is well, made anew after a fault."""

from __future__ import annotations

import contextlib
import imaplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError

from csp_workflow.mailboxes.internet.deadline import Deadline, connected
from csp_workflow.mailboxes.internet.login import Credentials
from csp_workflow.terms.faults import MailboxUnreachable, MessageGone
from csp_workflow.terms.mailboxes import InternetMailbox, Login, MailServer, Tls

INBOX = "INBOX"
_FAREWELL = 5.0
_UNWELL = (IMAPClientError, OSError, ValueError, TypeError, LookupError, AttributeError)
"""What the library raises when a line breaks or a server talks nonsense."""


class Session:
    """A connection that has been logged in, and the folder selected on it."""

    def __init__(self, line: IMAPClient) -> None:
        self.line = line
        self.validity = 0
        self._prefix = _prefix(line)

    def turn_to(self, folder: str) -> bool:
        """Select a folder anew, for only so does every server show what has come since. False when there is none."""
        name = self.named(folder)
        try:
            told: dict[bytes, Any] = self.line.select_folder(name)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            if folder == INBOX or self.line.folder_exists(name):
                raise
            return False
        self.validity = int(told[b"UIDVALIDITY"])
        return True

    def ensure(self, folder: str) -> None:
        """Make a folder when it is missing."""
        if not self.has(folder):
            self.line.create_folder(self.named(folder))

    def has(self, folder: str) -> bool:
        """Whether there is a folder."""
        return bool(self.line.folder_exists(self.named(folder)))

    def named(self, folder: str) -> str:
        """A folder's name on this server: some keep every folder below the inbox ("INBOX.Processed")."""
        is_full = folder == INBOX or folder.startswith(self._prefix)
        return folder if is_full else f"{self._prefix}{folder}"


class Connection:
    """The connection, made when it is first wanted. `seconds` bounds each piece of work on it as a whole."""

    def __init__(
        self,
        settings: InternetMailbox,
        credentials: Credentials,
        *,
        context: Callable[[], ssl.SSLContext],
        seconds: float,
    ) -> None:
        self._settings, self._credentials, self._context, self._seconds = settings, credentials, context, seconds
        self._session: Session | None = None

    @contextmanager
    def at_work(self) -> Iterator[Session]:
        """The connection with the inbox selected. After a fault on it (MailboxUnreachable) a new one is made."""
        try:
            with Deadline(self._seconds) as deadline:
                yield self._ready(deadline)
        except MessageGone:
            raise
        except MailboxUnreachable:
            self._drop()
            raise
        except _UNWELL as fault:
            self._drop()
            raise MailboxUnreachable(_sentence(fault)) from fault

    def close(self) -> None:
        """Say goodbye, if anybody is there."""
        session = self._session
        if session is not None:
            with contextlib.suppress(*_UNWELL), Deadline(_FAREWELL) as deadline:
                deadline.watch(session.line.socket())
                session.line.logout()
        self._drop()

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            _shut(session.line)

    def _ready(self, deadline: Deadline) -> Session:
        """The kept connection; one that the server closed meanwhile is no fault: a new one then."""
        if self._session is not None:
            try:
                deadline.watch(self._session.line.socket())
                self._session.turn_to(INBOX)
            except (IMAPClientError, OSError):
                self._drop()
            else:
                return self._session
        self._session = self._opened(deadline)
        self._session.turn_to(INBOX)
        return self._session

    def _opened(self, deadline: Deadline) -> Session:
        server, context = self._settings.imap, self._context()
        line = _Line(server, deadline, context, self._seconds)
        try:
            if server.tls is Tls.STARTTLS:
                line.starttls(ssl_context=context)
            self._log_in(line)
            return Session(line)
        except BaseException:
            _shut(line)
            raise

    def _log_in(self, line: IMAPClient) -> None:
        offered = (ability.decode("ascii", "replace") for ability in line.capabilities())
        steps = self._credentials.ways(frozenset(a.removeprefix("AUTH=") for a in offered if a.startswith("AUTH=")))
        if steps:
            answers = iter(steps[1:])
            line.sasl_login(steps[0].decode(), lambda _: next(answers, None))
        elif self._settings.login is Login.PASSWORD:
            line.login(self._settings.user, self._credentials.password)
        else:
            raise CapabilityError


class _Line(IMAPClient):  # type: ignore[misc]
    """The library's client on a line that is watched from its first byte."""

    def __init__(self, server: MailServer, deadline: Deadline, context: ssl.SSLContext, seconds: float) -> None:
        self._deadline, self._at_once = deadline, context if server.tls is Tls.AT_ONCE else None
        wait = SocketTimeout(connect=seconds, read=seconds)
        super().__init__(server.host, port=server.port, ssl=self._at_once is not None, timeout=wait)
        self._imap.debug = 0  # the library would write out every message that is fetched, for its log

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - the library's name
        return _Wire(self.host, self.port, self._timeout.connect, self._deadline, self._at_once)


class _Wire(imaplib.IMAP4):
    def __init__(
        self, host: str, port: int, seconds: float, deadline: Deadline, context: ssl.SSLContext | None
    ) -> None:
        self._deadline, self._at_once = deadline, context
        super().__init__(host, port, seconds)

    def _create_socket(self, timeout: float) -> socket.socket:
        made = connected(self.host, self.port, timeout, self._deadline)
        return self._at_once.wrap_socket(made, server_hostname=self.host) if self._at_once else made


def _shut(line: IMAPClient) -> None:
    with contextlib.suppress(*_UNWELL):
        line.shutdown()


def _prefix(line: IMAPClient) -> str:
    if not line.has_capability("NAMESPACE"):
        return ""
    personal = line.namespace().personal
    return str(personal[0][0]) if personal else ""


def _sentence(fault: BaseException) -> str:
    """What is wrong, in words for people. A login that was cut off is no refusal."""
    if isinstance(fault, LoginError) and not isinstance(fault.__context__, IMAPClientAbortError):
        return "The IMAP server refuses the user or the password (or token)."
    if isinstance(fault, CapabilityError):
        return "The IMAP server offers no encryption or no login of the kind wanted, so nothing is read."
    if isinstance(fault, ssl.SSLCertVerificationError):
        return "The IMAP server's certificate is not one we trust."
    return "The IMAP server cannot be reached, or answers what it should not."
