"""The line to a mail server, the same for every adapter: TLS that is verified, time that ends, faults in words.

The time limits of mail and HTTP libraries hold for each read, so that a server which drips a byte now and then
gets round them. Here each step on a socket is given what is left of the whole.
"""

from __future__ import annotations

import contextlib
import errno
import re
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from csp_workflow.terms.service import MailboxUnreachable, Secrets, ServerCertificate

SECONDS = 60.0
"""The longest that a verb of a mailbox takes."""

CONNECTING = 15.0
"""The longest that one address of a server may take to be reached, in seconds."""

_FAREWELL, _GREETING = 5.0, 2.0
_DIGITS = 9
_NEEDED = 0.25
"""The part of a verb's time that must be left before a letter is handed over, or its fate may stay unknown."""


class MailLine:
    """How one mailbox reaches its servers. One verb at a time is at work on it, and takes at most `total` seconds.

    `ca_file` names certificates to trust beside the system's ("": none); `setting` is its key in service.toml.
    `clock` counts seconds and only goes forward. `is_asked` says whether any byte of the last request has left
    encrypted, `is_answered` whether its whole answer has come; both decide what a fault means for a letter.
    `server_time` is the Date of the last answer, `certificates` what each server showed last, by its name.
    """

    def __init__(
        self, ca_file: str, setting: str, *, total: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.total = total
        self.is_asked = self.is_answered = False
        self.server_time: datetime | None = None
        self.certificates: dict[str, ServerCertificate] = {}
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

    def note_certificate(self, host: str, told: Mapping[str, Any]) -> None:
        """Keep from when until when the certificate is good that a server showed just now."""
        if told.get("notBefore") and told.get("notAfter"):
            begins, ends = (
                datetime.fromtimestamp(ssl.cert_time_to_seconds(told[name]), UTC) for name in ("notBefore", "notAfter")
            )
            self.certificates[host] = ServerCertificate(host, begins, ends)

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
                    f"The file that {self._setting} names in service.toml cannot be read as certificates.",
                    remedy="Name a file there that holds certificates (PEM) and that the service may read.",
                ) from fault
        context.sslsocket_class = _bound_encrypted(self)
        return context

    def connect(self, host: str, port: int) -> socket.socket:
        """A plain connection, bounded in time, to be encrypted at once or by STARTTLS. Raises OSError."""
        made = socket.create_connection((host, port), min(self.allot_time(), CONNECTING))
        # Commands go out in pieces; without this each waits for the server's delayed word that the last one came.
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _PlainSocket(made, self)

    def find_reason(self, host: str, port: int, ask: Callable[[Any], bool] | None = None) -> Reason | None:
        """Why no connection can be made and encrypted, found out without waiting long; None when one can.

        With `ask` it begins without encryption: this asks the server for it, and says whether it agreed.
        Raises MailboxUnreachable for a bad `ca_file`.
        """
        self._end = self.clock() + min(self.total, CONNECTING)
        context = self.make_context()
        try:
            if ask is not None and not self._is_heard(host, port) and self._is_encrypted(host, port):
                return MODE_AT_ONCE
            self._read_names(host, port, context, ask)
        except OSError as fault:
            reason = explain_fault(fault)
            if reason is not OTHER_NAME:
                return reason
            context.check_hostname = False  # who it is was asked and refused; what it calls itself is only shown
            with contextlib.suppress(OSError):
                return replace(reason, names=self._read_names(host, port, context, ask))
            return reason
        return None

    def _read_names(
        self, host: str, port: int, context: ssl.SSLContext, ask: Callable[[Any], bool] | None
    ) -> tuple[str, ...]:
        """Connect, encrypt, and read the names in the certificate. () where the server would not encrypt."""
        with self.connect(host, port) as plain:
            if ask is not None:
                with plain.makefile("rwb") as talk:
                    if not ask(talk):
                        return ()
            with context.wrap_socket(plain, server_hostname=host) as encrypted:
                told: Any = (encrypted.getpeercert() or {}).get("subjectAltName", ())
                return tuple(str(name) for _, name in told)

    def _is_heard(self, host: str, port: int) -> bool:
        """Whether a server soon says something first. One that begins with encryption waits for us."""
        with self.connect(host, port) as plain:
            return bool(select.select([plain], [], [], min(_GREETING, self.allot_time()))[0])

    def _is_encrypted(self, host: str, port: int) -> bool:
        """Whether a server begins with encryption, whoever it may be: nothing is said to it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with contextlib.suppress(OSError), self.connect(host, port) as plain:
            plain.settimeout(self.allot_time())
            with context.wrap_socket(plain):
                return True
        return False


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
            line.note_certificate(str(self.server_hostname), self.getpeercert() or {})

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


@dataclass(frozen=True)
class Reason:
    """Why a server cannot be worked with, as the end of a sentence that begins with its name; and what to do.

    In `remedy` "{table}" stands for the mailbox's table in service.toml, "{names}" for those in its certificate.
    """

    said: str
    remedy: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.said

    def make_fault(self, server: str, table: str, *, wait: timedelta | None = None) -> MailboxUnreachable:
        """The fault that says so of a server, which may have named how long to `wait`."""
        names = f" ({', '.join(self.names)})" if self.names else ""
        remedy = self.remedy.format(table=table, names=names)
        return MailboxUnreachable(f"{server} {self.said}".strip(), wait=wait, remedy=remedy)


ASK = "Ask whoever runs the mail system"
LATER = "Try again in some minutes."
UNKNOWN = Reason("cannot be reached, or answers what it should not; it is tried again later.", "")
FULL = Reason(
    "says that the mailbox is full.", f"Make room in the mailbox. {ASK} for a larger one (quota), if need be."
)
MODE_AT_ONCE = Reason(
    "says nothing before the connection is encrypted.",
    'In service.toml write tls = "at once" for it, or the port on which it begins without (IMAP 143, SMTP 587).',
)
MODE_STARTTLS = Reason(
    "speaks without encryption at first.",
    'In service.toml write tls = "starttls" for it, or the port that is encrypted at once (IMAP 993, SMTP 465).',
)
OTHER_NAME = Reason(
    "shows a certificate that is for another name.",
    "In service.toml write the server's name as its certificate has it{names}, or ask for one with this name.",
)
_TRUST = "Name the file with your organisation's certificates in {table}.ca_file in service.toml."
_RENEW = f"{ASK} to put in a new certificate; look at this machine's clock too."

_CERTIFICATES = {
    9: Reason("shows a certificate that is not valid yet.", f"Look at this machine's clock. If it is right: {_RENEW}"),
    10: Reason("shows a certificate that has expired.", _RENEW),
    18: Reason("shows a certificate that nobody but itself vouches for (self-signed).", _TRUST),
    **dict.fromkeys(
        (2, 19, 20, 21),
        Reason("shows a certificate of an authority that this machine does not know.", _TRUST),
    ),
    26: Reason("shows a certificate that was not made for a server.", _RENEW),
    **dict.fromkeys((62, 64), OTHER_NAME),
    **dict.fromkeys((66, 67, 68), Reason("shows a certificate that is too weak.", _RENEW)),
}
"""By OpenSSL's number of what is wrong with a certificate (X509_V_ERR)."""

_WRONG_MODE = {"WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
"""What OpenSSL says of a server that answers in plain words."""

_WAY = "Look at its name and port in service.toml, and at firewalls on the way."
_KINDS: tuple[tuple[type[BaseException], Reason], ...] = (
    (
        socket.gaierror,
        Reason("cannot be found by its name.", "Look at its name in service.toml, and at this machine's name service."),
    ),
    (
        ssl.SSLCertVerificationError,
        Reason("shows a certificate that this machine does not trust.", _TRUST),
    ),
    (
        ssl.SSLError,
        Reason("does not agree on an encryption.", f"{ASK} to allow TLS 1.2 or later, and look at port and tls."),
    ),
    (TimeoutError, Reason("did not answer in time.", _WAY)),
    (ConnectionRefusedError, Reason("does not take the connection.", _WAY)),
    (
        ConnectionError,
        Reason("breaks the connection off.", "Look at port and tls in service.toml; it may also be busy for now."),
    ),
)
_NO_WAY = Reason("cannot be reached from this machine's network.", "Look at this machine's network and firewalls.")
_NO_ROUTE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}


def explain_fault(fault: BaseException) -> Reason:
    """Why a server cannot be worked with."""
    causes = tuple(list_causes(fault))
    special = (reason for reason in map(_find_special, causes) if reason)
    return next(special, None) or next(
        (reason for kind, reason in _KINDS if any(isinstance(cause, kind) for cause in causes)), UNKNOWN
    )


def _find_special(cause: BaseException) -> Reason | None:
    """What one fault of its kind means beside its kind's."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _CERTIFICATES.get(getattr(cause, "verify_code", 0))
    if isinstance(cause, ssl.SSLError):
        return MODE_STARTTLS if getattr(cause, "reason", "") in _WRONG_MODE else None
    return _NO_WAY if isinstance(cause, OSError) and cause.errno in _NO_ROUTE else None


def list_causes(fault: BaseException) -> Iterator[BaseException]:
    """A fault, what it came of, what that came of, and so on."""
    listed: list[BaseException] = []
    cause: BaseException | None = fault
    while cause is not None and cause not in listed:
        listed.append(cause)
        yield cause
        cause = cause.__cause__ or cause.__context__


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


_SIGN_IN, _WORD = re.compile(r"AADSTS(\d+)"), re.compile(r"[a-z_]{1,40}")
_DIRECTORY = "Microsoft's sign-in"
_OVERSEER = "Ask whoever runs Microsoft 365"
UNUSABLE = Reason(
    "The certificate for signing in cannot be used.",
    "CSP_MAIL_CERTIFICATE must hold an RSA key without a password and its certificate, both as PEM.",
)
NO_DIRECTORY = Reason("There is no directory with this number.", "In service.toml look at {table}.tenant.")
_CONSENT = Reason(
    "Nobody has allowed the application what it needs in the directory.",
    f"{_OVERSEER} to give admin consent to its rights, or to grant them in Exchange (RBAC for Applications).",
)
_OFF = Reason("The application is switched off in the directory.", f"{_OVERSEER} to enable it.")
_CLOCK = Reason("The sign-in was refused because this machine's clock is wrong.", "Set this machine's clock.")
_BLOCKED = Reason(
    "A conditional access policy does not let the application sign in from here.",
    f"{_OVERSEER} to allow the application from this machine's address.",
)
_BUSY = Reason(f"{_DIRECTORY} is out of order for now.", LATER)
_REFUSALS = {
    "7000222": Reason(
        "The application's client secret has expired.",
        "Make a new one in Entra, or better register a certificate, and put it into CSP_MAIL_CLIENT_SECRET.",
    ),
    "7000215": Reason(
        "The client secret is wrong.",
        "Copy the secret's value (not its number) from Entra into CSP_MAIL_CLIENT_SECRET.",
    ),
    "7000218": Reason(
        "The directory was shown neither a secret nor a certificate.",
        "Set CSP_MAIL_CERTIFICATE or CSP_MAIL_CLIENT_SECRET.",
    ),
    "700016": Reason(
        "The directory does not know this application.", "In service.toml look at {table}.client and {table}.tenant."
    ),
    "700027": Reason(
        "The directory does not know this certificate.",
        "Upload the certificate to the registered application in Entra, or look at CSP_MAIL_CERTIFICATE.",
    ),
    **dict.fromkeys(("90002", "900023", "90019"), NO_DIRECTORY),
    **dict.fromkeys(("65001", "650056", "7000229", "500011", "50105"), _CONSENT),
    **dict.fromkeys(("7000112", "500014"), _OFF),
    **dict.fromkeys(("700024", "500133"), _CLOCK),
    **dict.fromkeys(("53003", "530003"), _BLOCKED),
    **dict.fromkeys(("90033", "90024", "90006"), _BUSY),
}
"""By the number with which Microsoft's directory refuses to sign an application in."""


def explain_sign_in(answer: Mapping[str, Any], table: str) -> MailboxUnreachable:
    """Why there is no token. Only the code of an answer is repeated: its text names the tenant and more."""
    code = _SIGN_IN.search(str(answer.get("error_description", "")))
    if code is None:
        word = _WORD.fullmatch(str(answer.get("error", "")))
        said = f"gives no token{f' ({word[0]})' if word else ''}."
        return Reason(said, "Look at {table}.tenant, {table}.client and the secret.").make_fault(_DIRECTORY, table)
    unknown = Reason(
        f"{_DIRECTORY} refused the application (AADSTS{code[1]}).",
        f"{_OVERSEER} what this code means for the application in {{table}}.client.",
    )
    return _REFUSALS.get(code[1], unknown).make_fault("", table)
