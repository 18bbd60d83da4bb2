"""The line to a mail server, the same for every adapter: TLS that is verified, time that ends, faults in words.

The time limits of mail and HTTP libraries hold for each read, so that a server which drips a byte now and then
gets round them. Here each step on a socket is given what is left of the whole.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from csp_workflow.terms.faults import MailboxUnreachable
from csp_workflow.terms.mailboxes import Secrets

SECONDS = 60.0
"""The longest that a verb of a mailbox takes."""

CONNECTING = 15.0
"""The longest that one address of a server may take to be reached, in seconds."""

_FAREWELL = 5.0
_DIGITS = 9
_NEEDED = 0.25
"""The part of a verb's time that must be left before a letter is handed over, or its fate may stay unknown."""


class MailLine:
    """How one mailbox reaches its servers. One verb at a time is at work on it, and takes at most `total` seconds.

    `ca_file` names certificates to trust beside the system's ("": none); `setting` is its key in service.toml.
    `clock` counts seconds and only goes forward. `is_asked` says whether any byte of the last request has left
    encrypted, `is_answered` whether its whole answer has come; both decide what a fault means for a letter.
    `server_time` is the Date of the last answer.
    """

    def __init__(
        self, ca_file: str, setting: str, *, total: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.total = total
        self.is_asked = self.is_answered = False
        self.server_time: datetime | None = None
        self._ca_file, self._setting, self.clock = ca_file, setting, clock
        self._end = clock() + total

    # Time -----------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A new verb: all its time is left, and nothing was asked yet."""
        self._end = self.clock() + self.total
        self.is_asked = self.is_answered = False

    def begin_farewell(self) -> None:
        """The goodbye to a server, which nothing depends on, has little time."""
        self._end = self.clock() + min(self.total, _FAREWELL)

    @property
    def time_left(self) -> float:
        """Seconds left for the verb at work; 0.0 when its time is up."""
        return max(0.0, self._end - self.clock())

    def allot_time(self) -> float:
        """Seconds that the next step may take. Raises TimeoutError when none are left."""
        left = self.time_left
        if not left:
            raise TimeoutError("The verb's time is up.")
        return left

    def has_time_to_send(self) -> bool:
        """Whether enough is left for what cannot be taken back."""
        return self.time_left >= self.total * _NEEDED

    # Requests -------------------------------------------------------------------------------------

    def begin_request(self) -> tuple[float, float]:
        """A new request; seconds for connecting, and for each step after it. Raises TimeoutError."""
        self.is_asked = self.is_answered = False
        left = self.allot_time()
        return min(left, CONNECTING), left

    def note_time(self, date: str) -> None:
        """Keep the server's time from an answer's header "Date"; "" and nonsense tell nothing."""
        self.server_time = _read_date(date) or self.server_time

    # Sockets --------------------------------------------------------------------------------------

    def make_context(self) -> ssl.SSLContext:
        """TLS 1.2 or later, always verified, on sockets that are bounded in time. Raises MailboxUnreachable.

        To be made for each connection anew, so that certificates which were renewed count without a new start.
        """
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self._ca_file:
            try:
                context.load_verify_locations(self._ca_file)
            except OSError as fault:
                raise MailboxUnreachable(
                    f"The file that {self._setting} names in service.toml cannot be read as certificates."
                ) from fault
        context.sslsocket_class = _bound_encrypted(self)
        return context

    def connect(self, host: str, port: int) -> socket.socket:
        """A plain connection, bounded in time, to be encrypted at once or by STARTTLS. Raises OSError."""
        made = socket.create_connection((host, port), min(self.allot_time(), CONNECTING))
        # Commands go out in pieces; without this each waits for the server's delayed word that the last one came.
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _PlainSocket(made, self)

    def try_host(self, host: str, port: int) -> None:
        """Connect and encrypt, and say nothing. Raises OSError, MailboxUnreachable."""
        context = self.make_context()
        with self.connect(host, port) as plain, context.wrap_socket(plain, server_hostname=host):
            pass


class _PlainSocket(socket.socket):
    """A socket before encryption, whose every step is bounded by what is left of the whole."""

    def __init__(self, made: socket.socket, line: MailLine) -> None:
        super().__init__(made.family, made.type, made.proto, fileno=made.detach())
        self._line = line

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        self.settimeout(self._line.allot_time())
        return super().recv_into(*arguments, **options)

    def sendall(self, *arguments: Any, **options: Any) -> None:
        self.settimeout(self._line.allot_time())
        super().sendall(*arguments, **options)


def _bound_encrypted(line: MailLine) -> type[ssl.SSLSocket]:
    """The same for encrypted sockets, which the standard library makes itself, from their class."""

    class EncryptedSocket(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            self.settimeout(line.allot_time())
            super().do_handshake(block)

        def recv(self, *arguments: Any, **options: Any) -> bytes:
            self.settimeout(line.allot_time())
            return super().recv(*arguments, **options)

        def recv_into(self, *arguments: Any, **options: Any) -> int:
            self.settimeout(line.allot_time())
            return super().recv_into(*arguments, **options)

        def send(self, *arguments: Any, **options: Any) -> int:
            self.settimeout(line.allot_time())
            line.is_asked = True
            return super().send(*arguments, **options)

    return EncryptedSocket


def read_wait(said: str, date: str) -> timedelta | None:
    """How long a header "Retry-After" asks to wait; None when it says nothing. `date` is the answer's own "Date"."""
    if said.isascii() and said.isdigit():
        return timedelta(seconds=int(said[:_DIGITS]))
    until, now = _read_date(said), _read_date(date)
    return max(until - now, timedelta()) if until and now else None


def _read_date(said: str) -> datetime | None:
    try:
        told = parsedate_to_datetime(said)
        return told.replace(tzinfo=told.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def join_within(pieces: Iterable[bytes], room: int) -> bytes | None:
    """The pieces of an answer in one; None when they are more than `room` bytes, of which no more are then read."""
    kept, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > room:
            return None
        kept.append(piece)
    return b"".join(kept)


# Faults -------------------------------------------------------------------------------------------


def explain_fault(fault: BaseException) -> str:
    """Why a server cannot be worked with, as the end of a sentence that begins with its name."""
    causes = tuple(list_causes(fault))
    return next(
        (said for kind, said in _SENTENCES if any(isinstance(cause, kind) for cause in causes)),
        "cannot be reached, or answers what it should not; it is tried again later.",
    )


def list_causes(fault: BaseException) -> Iterator[BaseException]:
    """A fault, what it came of, what that came of, and so on."""
    listed: list[BaseException] = []
    cause: BaseException | None = fault
    while cause is not None and cause not in listed:
        listed.append(cause)
        yield cause
        cause = cause.__cause__ or cause.__context__


_SENTENCES: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "cannot be found by its name."),
    (ssl.SSLCertVerificationError, "shows a certificate that this machine does not trust."),
    (ssl.SSLError, "does not agree on an encryption."),
    (TimeoutError, "did not answer in time."),
    (ConnectionRefusedError, "does not take the connection."),
)


# What an application shows to Microsoft's directory: a certificate where there is one, else its secret


_KEY = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.+?-----END \1-----", re.DOTALL)
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def find_credential(secrets: Secrets) -> Any:
    """In msal's own form. Raises ValueError when the certificate's file lacks a key or a certificate."""
    if not secrets.certificate:
        return secrets.client_secret
    key, certificates = _KEY.search(secrets.certificate), _CERTIFICATE.findall(secrets.certificate)
    if key is None or not certificates:
        raise ValueError("No key, or no certificate.")
    return {"private_key": key[0], "public_certificate": "\n".join(certificates)}
