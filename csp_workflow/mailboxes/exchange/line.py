"""The line to Exchange: HTTPS over verified TLS, on which nothing takes longer than the verb at work may take.

The time limits of HTTP libraries hold for each read, so that a server which drips a byte now and then gets
round them. Here the socket itself is given, for each step, what is left of the whole.
"""

from __future__ import annotations

import socket
import ssl
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter

CONNECTING = 15.0
"""The longest that one address of a server may take to be reached, in seconds."""


class Line(HTTPAdapter):
    """Carries every request of one mailbox, each once. `total` is how many seconds a verb may take.

    `is_asked` says whether any byte of the last request has left, `is_answered` whether its whole answer has
    come; both decide what a fault means for a letter. `server_time` is the Date of the last answer.
    """

    def __init__(self, ca_file: str, *, total: float) -> None:
        self.total = total
        self.is_asked = self.is_answered = False
        self.server_time: datetime | None = None
        self._end = 0.0
        self._context = _trusted(ca_file)
        self._context.sslsocket_class = _bounded_by(self)
        super().__init__(pool_connections=2, pool_maxsize=1, max_retries=0, pool_block=True)

    def begin(self) -> None:
        """A new verb: all its time is left, and nothing was asked yet."""
        self._end = time.monotonic() + self.total
        self.is_asked = self.is_answered = False

    def left(self) -> float:
        """Seconds left for the verb at work. Raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("The verb's time is up.")
        return left

    def touch(self, host: str, port: int) -> None:
        """Connect and encrypt, and say nothing. Raises OSError."""
        with (
            socket.create_connection((host, port), min(self.left(), CONNECTING)) as plain,
            self._context.wrap_socket(plain, server_hostname=host),
        ):
            pass

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Every connection is made with our own context."""
        super().init_poolmanager(*arguments, **options, ssl_context=self._context)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002
        """Always verified; whom to trust is in the context, to which the library would add a list of its own."""
        conn.cert_reqs = "CERT_REQUIRED"

    def send(self, request: requests.PreparedRequest, stream: bool = False, *_: Any, **__: Any) -> requests.Response:
        """Ask once, whatever else the library wishes. Raises requests.RequestException."""
        self.is_asked = self.is_answered = False
        try:
            left = self.left()
        except TimeoutError as fault:
            raise requests.ConnectTimeout(fault, request=request) from fault
        response = super().send(request, stream=stream, timeout=(min(left, CONNECTING), left), verify=True)
        self._hear(response.headers.get("Date"))
        return response

    def _hear(self, date: str | None) -> None:
        try:
            told = parsedate_to_datetime(date or "")
        except ValueError:
            return
        self.server_time = told.replace(tzinfo=told.tzinfo or UTC).astimezone(UTC)


def _bounded_by(line: Line) -> type[ssl.SSLSocket]:
    """A kind of encrypted socket whose every step is bounded by what is left of the whole."""

    class Bounded(ssl.SSLSocket):
        def recv_into(self, *arguments: Any, **options: Any) -> int:
            self.settimeout(line.left())
            return super().recv_into(*arguments, **options)

        def send(self, *arguments: Any, **options: Any) -> int:
            self.settimeout(line.left())
            line.is_asked = True
            return super().send(*arguments, **options)

    return Bounded


def _trusted(ca_file: str) -> ssl.SSLContext:
    """TLS 1.2 or later, with the system's certificates and those of `ca_file`. Raises OSError."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        context.load_verify_locations(ca_file)
    return context
