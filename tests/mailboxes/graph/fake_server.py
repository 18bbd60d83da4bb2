"""The HTTPS server under the fake: it takes requests, meets the troubles that were ordered, and writes answers."""

from __future__ import annotations

import json
import re
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

ADDRESS = "csp-returns@opcc.example"


@dataclass
class Trouble:
    """What happens to the next `times` requests of a method whose path ends as the pattern says."""

    method: str
    path: str
    times: int
    kind: str
    status: int = 0
    code: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Asked:
    """A request that came in."""

    method: str
    path: str
    options: dict[str, str]
    headers: dict[str, str]


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class FaultyServer:
    """A server on this machine, with faults to order. Use as a context manager.

    What is derived from it says what is answered, and what its clock shows (`now`). Mistakes in what is
    asked, and the fake's own, are kept in `violations`. `rewritten` makes another content of a good one, by the end
    of a path and what is asked there; `more_headers` go with every answer; None takes the length away.
    """

    def __init__(self, certificate: ssl.SSLContext) -> None:
        self.is_down = False
        self.asked: list[Asked] = []
        self.violations: list[str] = []
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.rewritten: dict[str, Callable[[bytes], bytes]] = {}
        self.more_headers: dict[str, str | None] = {}
        self._troubles: list[Trouble] = []
        self._server = _Server(certificate, self)
        self.port = self._server.server_address[1]

    @property
    def now(self) -> datetime:
        """The server's clock."""
        raise NotImplementedError

    def answer(self, asked: Asked, body: bytes) -> tuple[int, Any]:
        """Status and content: JSON values, bytes, or None for nothing. Raises Refusal."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    # Faults to order ------------------------------------------------------------------------------

    def refuses(self, method: str, path: str, status: int, code: str = "", *, times: int = 1, **headers: str) -> None:
        """Answer with an error and headers (`Retry_After="3"`), and do nothing."""
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        self._troubles.append(Trouble(method, path, times, "refuse", status, code, named))

    def drops(self, method: str, path: str, *, after: bool, times: int = 1) -> None:
        """Hang up without an answer, `after` or before doing what was asked."""
        self._troubles.append(Trouble(method, path, times, "drop after" if after else "drop before"))

    def drips(self, method: str, path: str) -> None:
        """Answer a byte at a time, for twenty seconds."""
        self._troubles.append(Trouble(method, path, 1, "drip"))

    def count(self, method: str, path: str) -> int:
        """How many requests of a method came for a path that ends so."""
        return sum(asked.method == method and bool(re.search(path + "$", asked.path)) for asked in self.asked)

    def trouble(self, method: str, path: str) -> Trouble | None:
        """The trouble that a request meets, if any."""
        for trouble in self._troubles:
            if trouble.times and trouble.method == method and re.search(trouble.path + "$", path):
                trouble.times -= 1
                return trouble
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, certificate: ssl.SSLContext, fake: FaultyServer) -> None:
        self.certificate, self.fake = certificate, fake
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        try:
            wrapped = self.certificate.wrap_socket(request, server_side=True)
        except OSError:  # the client did not trust us, or left
            request.close()
            return
        self._open.add(wrapped)
        try:
            with suppress(OSError):  # the client may leave in the middle
                _Handler(wrapped, client_address, self)
        finally:
            self._open.discard(wrapped)
            wrapped.close()

    def server_close(self) -> None:
        super().server_close()
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The fake's own mistakes fail the test instead of looking like a fault of the network."""
        self.fake.violations.append(f"the fake broke down: {sys.exc_info()[1]!r}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_PUT = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.server.fake.now, usegmt=True)

    def _serve(self) -> None:
        fake = self.server.fake
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers)
        with fake.lock:
            fake.asked.append(asked)
            trouble = fake.trouble(asked.method, asked.path)
            if trouble and trouble.kind == "drop before":
                self._hang_up()
                return
            status, content, more = self._answered(fake, asked, body, trouble)
        if trouble and trouble.kind == "drop after":
            self._hang_up()
        elif trouble and trouble.kind == "drip":
            self._drip()
        else:
            self._say(status, content, more)

    def _answered(self, fake: FaultyServer, asked: Asked, body: bytes, trouble: Trouble | None) -> tuple[int, Any, Any]:
        if trouble and trouble.kind == "refuse":
            return trouble.status, _fault(trouble.code), trouble.headers
        if fake.is_down and asked.path.startswith("/v1.0/"):
            return 503, _fault("ServiceUnavailable"), (("Retry-After", "3600"),)
        try:
            return *fake.answer(asked, body), ()
        except Refusal as refusal:
            return refusal.status, _fault(refusal.code), ()

    def _say(self, status: int, content: Any, more: Any) -> None:
        sent = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
        kept = self.server.fake.rewritten.items()
        sent = next((rewrite for path, rewrite in kept if re.search(path, self.path)), bytes)(sent)
        more = (*more, *self.server.fake.more_headers.items())
        self.send_response(status)
        for name, value in more:
            if value is not None:
                self.send_header(name, value)
        self.send_header("Content-Type", "text/plain" if isinstance(content, bytes) else "application/json")
        if "Content-Length" not in dict(more):
            self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def _drip(self) -> None:
        for piece in _endless():
            if self.server.fake.stopping.is_set():
                break
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(0.02)
        self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def _endless() -> Iterator[bytes]:
    """A good answer whose headers and content take ten seconds each, a byte at a time."""
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 502\r\nX-Slow: " + b"a" * 500 + b"\r\n\r\n{" + b" " * 500 + b"}"
    yield from (bytes([byte]) for byte in whole)


def _fault(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": f"Refused for {ADDRESS}, whose secret is s3cr3t-v4lue."}}
