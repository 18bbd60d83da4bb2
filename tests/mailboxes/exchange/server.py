"""The HTTPS side of the fake: login, SOAP in and out, Microsoft's schema where it is there, faults on order."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme
from lxml import etree

from tests.mailboxes.exchange.answers import answer
from tests.mailboxes.exchange.items import Store
from tests.mailboxes.exchange.login import PASSWORD, TOKEN, USER, Basic, Gate
from tests.mailboxes.exchange.wire import fault

__all__ = ["PASSWORD", "USER", "FakeExchange", "Orders", "schema"]

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SCHEMAS = Path(__file__).resolve().parents[4] / "shared" / "schemas" / "ews"
_VERSION = (
    '<h:ServerVersionInfo xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types" '
    'MajorVersion="15" MinorVersion="1" MajorBuildNumber="2507" MinorBuildNumber="6" Version="V2017_07_11"/>'
)
_HUGE = etree.XMLParser(huge_tree=True)


@cache
def schema() -> etree.XMLSchema | None:
    """Microsoft's schema of every message, where it lies beside this checkout."""
    file = SCHEMAS / "messages.xsd"
    return etree.XMLSchema(etree.parse(str(file))) if file.is_file() else None


@cache
def _certified() -> tuple[trustme.CA, trustme.LeafCert]:
    """An authority of its own and the server's certificate."""
    authority = trustme.CA()
    return authority, authority.issue_cert("127.0.0.1")


@dataclass
class Orders:
    """What the server is to do wrong: by operation ("SendItem", "*"), or by kind of thing.

    `http` answers a status, `faults` a SOAP fault, `pages` something else with status 200; `cut` breaks off
    "before" or "after" the operation was carried out, `slow` waits so many seconds before; `codes` are EWS's own
    codes by kind ("sync state STATE", "item", "create", "send", "move", "folder", a folder's name, "rights in NAME");
    `rewritten` makes another answer of a good one, which then need not be valid;
    `drip` waits so many seconds before each byte; the connection ends after the operation `hangs_up_after`.
    """

    http: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    pages: dict[str, bytes] = field(default_factory=dict)
    cut: dict[str, str] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    rewritten: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)
    drip: float = 0.0
    hangs_up_after: str = ""
    hours_ahead: int = 0


class FakeExchange:
    """A server with one shared mailbox.

    `asked` counts the operations, `requests` keeps them as they came, `violations` is what was not valid EWS.
    """

    def __init__(self, place: Path, gate: type[Gate] = Basic) -> None:
        self.store, self.orders, self.gate = Store(), Orders(), gate
        self.asked: Counter[str] = Counter()
        self.logins_refused = 0
        self.violations: list[str] = []
        self.requests: list[str] = []
        self.lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        authority, certificate = _certified()
        self.ca_file = place / "exchange-ca.pem"
        authority.cert_pem.write_to_path(self.ca_file)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self._context)
        self.port = 0
        self.start()

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"https://127.0.0.1:{self.port}/EWS/Exchange.asmx"

    def start(self) -> None:
        """Listen, on the same port as before."""
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = _Quiet(("127.0.0.1", self.port), handler)
        self._server.socket = self._context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def check(self, body: etree._Element, what: str) -> None:
        """Hold a message against the schema."""
        known = schema()
        if known is not None and not known.validate(body):
            self.violations.append(f"{what}: {known.error_log.last_error}")


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A line that breaks is part of the play."""


class _Handler(BaseHTTPRequestHandler):
    fake: FakeExchange
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # head and body in one piece, or each answer waits for an acknowledgement

    def setup(self) -> None:
        super().setup()
        self.gate, self.name = self.fake.gate(), ""

    def do_POST(self) -> None:
        fake = self.fake
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/token":
            return self._token()
        challenge = self.gate.opens(self.headers.get("Authorization", ""))
        if challenge is not None:
            fake.logins_refused += self.gate.is_refused
            return self._say(401, b"", {"WWW-Authenticate": challenge})
        envelope = etree.fromstring(body, _HUGE)
        operation = envelope.find(f"{{{SOAP}}}Body")[0]
        name = self.name = etree.QName(operation).localname
        fake.asked[name] += 1
        fake.requests.append(etree.tostring(envelope).decode())
        fake.check(operation, name)
        time.sleep(fake.orders.slow.get(name, 0.0))
        return self._answer(name, operation)

    def _token(self) -> None:
        """The directory gives a token to whoever asks."""
        self.fake.asked["token"] += 1
        if self.fake.orders.cut.get("token"):
            return self._cut()
        if refusal := self.fake.orders.pages.get("token"):
            return self._say(400, refusal, {})
        told = f'{{"token_type": "Bearer", "expires_in": 3600, "access_token": "{TOKEN}"}}'
        return self._say(200, told.encode(), {"Content-Type": "application/json"})

    def _answer(self, name: str, operation: etree._Element) -> None:
        orders = self.fake.orders
        if order := orders.http.get(name) or orders.http.get("*"):
            return self._say(order[0], b"busy", order[1])
        if name in orders.faults:
            return self._say(500, self._envelope(fault(orders.faults[name])), {})
        if name in orders.pages:
            return self._say(200, orders.pages[name], {"Content-Type": "text/html"})
        if orders.cut.get(name) == "before":
            return self._cut()
        said = self._carried_out(operation)
        if orders.cut.get(name) == "after":
            return self._cut()
        self.fake.check(etree.fromstring(said, _HUGE), f"{name}Response")
        whole = self._envelope(said)
        rewritten = orders.rewritten.get(name, bytes)(whole)
        return self._say(200, rewritten, {"Content-Type": "text/xml; charset=utf-8"})

    def _carried_out(self, operation: etree._Element) -> str:
        with self.fake.lock:
            try:
                return answer(operation, self.fake.store, lambda kind: self.fake.orders.codes.get(kind, ""))
            except AssertionError as wrong:
                self.fake.violations.append(str(wrong))
                raise

    def _envelope(self, said: str) -> bytes:
        return (
            f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{SOAP}"><s:Header>{_VERSION}</s:Header>'
            f"<s:Body>{said}</s:Body></s:Envelope>"
        ).encode()

    def _say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        orders = self.fake.orders
        self.send_response_only(status)
        self.send_header("Date", self.date_time_string(time.time() + 3600 * orders.hours_ahead))
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        for byte in body if orders.drip else ():
            time.sleep(orders.drip)
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
        if not orders.drip:
            self.wfile.write(body)
        if self.name and self.name == orders.hangs_up_after:
            self.close_connection = True

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
