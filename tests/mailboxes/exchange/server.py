"""The HTTPS side of the fake: Basic login, SOAP in and out, Microsoft's schema where it is there, faults on order."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme
from lxml import etree

from tests.mailboxes.exchange.answers import answer
from tests.mailboxes.exchange.items import Store

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
USER, PASSWORD = "OPCC\\csp-service", "open-sesame"
SCHEMAS = Path(__file__).resolve().parents[4] / "shared" / "schemas" / "ews"


@cache
def schema() -> etree.XMLSchema | None:
    """Microsoft's schema of every message, where it lies beside this checkout."""
    file = SCHEMAS / "messages.xsd"
    return etree.XMLSchema(etree.parse(str(file))) if file.is_file() else None


@dataclass
class Orders:
    """What the server is to do wrong: by operation ("SendItem") or kind ("sync state", "item", "create", "send").

    `http` answers a status; `cut` breaks off "before" or "after" the operation was carried out; `codes` are EWS's
    own error codes; `drip` waits so many seconds before each byte.
    """

    http: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    cut: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0
    hours_ahead: int = 0


class FakeExchange:
    """A server with one shared mailbox. `asked` counts the operations, `violations` what was not valid EWS."""

    def __init__(self, place: Path) -> None:
        self.store, self.orders = Store(), Orders()
        self.asked: Counter[str] = Counter()
        self.violations: list[str] = []
        self.headers: list[str] = []
        self._server: ThreadingHTTPServer | None = None
        authority = trustme.CA()
        self.ca_file = place / "exchange-ca.pem"
        authority.cert_pem.write_to_path(self.ca_file)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self._context)
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
        self._server.socket = self._context.wrap_socket(self._server.socket, server_side=True)
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

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fake = self.fake
        wanted = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        envelope = etree.fromstring(body)
        operation = envelope.find(f"{{{SOAP}}}Body")[0]
        name = etree.QName(operation).localname
        fake.asked[name] += 1
        fake.headers.append(etree.tostring(envelope).decode())
        if self.headers.get("Authorization") != f"Basic {wanted}":
            self._say(401, b"", {"WWW-Authenticate": "Basic"})
            return
        order = fake.orders.http.get(name) or fake.orders.http.get("*")
        if order is not None:
            self._say(order[0], b"busy", order[1])
            return
        if fake.orders.cut.get(name) == "before":
            self._cut()
            return
        fake.check(operation, name)
        said = answer(operation, fake.store, lambda kind: fake.orders.codes.get(kind, ""))
        if fake.orders.cut.get(name) == "after":
            self._cut()
            return
        fake.check(etree.fromstring(said), f"{name}Response")
        version = (
            '<h:ServerVersionInfo xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types" '
            'MajorVersion="15" MinorVersion="1" MajorBuildNumber="2507" MinorBuildNumber="6" Version="V2017_07_11"/>'
        )
        whole = (
            f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{SOAP}"><s:Header>{version}</s:Header>'
            f"<s:Body>{said}</s:Body></s:Envelope>"
        )
        self._say(200, whole.encode(), {"Content-Type": "text/xml; charset=utf-8"})

    def _say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        now = time.time() + 3600 * self.fake.orders.hours_ahead
        self.send_header("Date", self.date_time_string(now))
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if not self.fake.orders.drip:
            self.wfile.write(body)
            return
        for byte in body:
            time.sleep(self.fake.orders.drip)
            self.wfile.write(bytes([byte]))
            self.wfile.flush()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
