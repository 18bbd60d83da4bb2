"""An SMTP server on loopback that breaks off, refuses or dawdles just where it is told, and keeps what it accepted."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import trustme

PHASES = ("greeting", "ehlo", "starttls", "ehlo again", "auth", "mail", "rcpt", "own copy", "data", "end")
"""The moments before the server's answer to each step, in order."""


@dataclass
class Orders:
    """What it is to do. `at` names phases: answer with a code, break off ("cut"), or "accept and cut" at the end."""

    at: dict[str, str] = field(default_factory=dict)
    bytes_until_cut: int | None = None
    offers_tls: bool = True
    size: int = 10_000_000
    drip: float = 0.0


class ScriptedSmtp:
    """One connection at a time, served by a thread."""

    def __init__(self, place: Path, *, trusted: bool = True) -> None:
        self.orders = Orders()
        self.accepted: list[tuple[tuple[str, ...], bytes]] = []
        self.connections = 0
        authority, other = trustme.CA(), trustme.CA()
        self.ca_file = place / "smtp-ca.pem"
        (authority if trusted else other).cert_pem.write_to_path(self.ca_file)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self._context)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """No more connections."""
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            self.connections += 1
            talk = _Talk(self, line)
            with contextlib.suppress(OSError, ValueError, IndexError, _Cut):
                talk.run()
            talk.end()


class _Cut(Exception):
    """The line was broken off on purpose."""


class _Talk:
    def __init__(self, server: ScriptedSmtp, line: socket.socket) -> None:
        self._server, self._line, self._orders = server, line, server.orders
        self._read, self._kept = 0, b""

    def end(self) -> None:
        self._line.close()

    def run(self) -> None:
        self._answer("greeting", "220 scripted")
        recipients: list[str] = []
        secure = False
        while True:
            said = self._next()
            word = said.split(b" ")[0].upper().decode()
            if word == "EHLO":
                more = [] if secure or not self._orders.offers_tls else ["STARTTLS"]
                abilities = ["scripted", f"SIZE {self._orders.size}", "AUTH PLAIN LOGIN XOAUTH2", *more]
                said_back = "\r\n".join(
                    f"250{'-' if n < len(abilities) - 1 else ' '}{a}" for n, a in enumerate(abilities)
                )
                self._answer("ehlo again" if secure else "ehlo", said_back)
            elif word == "STARTTLS":
                self._answer("starttls", "220 go on")
                self._line = self._server._context.wrap_socket(self._line, server_side=True)
                secure = True
            elif word == "AUTH":
                self._answer("auth", "235 welcome")
            elif word == "MAIL":
                recipients = []
                self._answer("mail", "250 ok")
            elif word == "RCPT":
                recipients.append(said.split(b"<")[1].split(b">")[0].decode())
                self._answer("own copy" if len(recipients) == 2 else "rcpt", "250 ok")
            elif word == "DATA":
                self._answer("data", "354 go on")
                if "data" not in self._orders.at:
                    self._content(tuple(recipients))
            elif word == "RSET":
                self._answer("rset", "250 ok")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("502 what?")

    def _content(self, recipients: tuple[str, ...]) -> None:
        lines: list[bytes] = []
        while (line := self._next()) != b".":
            lines.append(line[1:] if line.startswith(b".") else line)
        message = b"".join(line + b"\r\n" for line in lines)
        order = self._orders.at.get("end", "")
        if order in {"", "accept and cut"} or order.startswith("250"):
            self._server.accepted.append((recipients, message))
        if order == "accept and cut":
            raise _Cut
        self._answer("end", "250 2.0.0 queued as 4711")

    def _answer(self, phase: str, usual: str) -> None:
        order = self._orders.at.get(phase, "")
        if order == "cut":
            raise _Cut
        self._say(order or usual)
        if order.startswith("421"):
            raise _Cut

    def _say(self, words: str) -> None:
        for byte in (words + "\r\n").encode() if self._orders.drip else b"":
            self._line.sendall(bytes([byte]))
            time.sleep(self._orders.drip)
        if not self._orders.drip:
            self._line.sendall((words + "\r\n").encode())

    def _next(self) -> bytes:
        """The next line; after so many bytes read the line breaks off, wherever that is."""
        while b"\r\n" not in self._kept:
            limit = self._orders.bytes_until_cut
            room = 65536 if limit is None else limit - self._read
            if room <= 0:
                raise _Cut
            piece = self._line.recv(min(room, 65536))
            if not piece:
                raise _Cut
            self._read += len(piece)
            self._kept += piece
        line, _, self._kept = self._kept.partition(b"\r\n")
        return line
