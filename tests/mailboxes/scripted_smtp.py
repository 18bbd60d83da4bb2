"""An SMTP server on loopback that breaks off or answers as it is told, and keeps what it accepted."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path

import trustme


@dataclass
class Orders:
    """What it is to do.

    `at` names what comes in place of an answer, by phase: other words, "cut" (the line breaks before it), or at
    "end" also "accept and cut". `read` and `said` are after how many bytes of the client or of its own the line
    breaks, wherever that is. It takes `most` letters on a connection, and answers the next one with `beyond`.
    """

    at: dict[str, str] = field(default_factory=dict)
    read: int = 10_000_000
    said: int = 10_000_000
    abilities: tuple[str, ...] = ("SIZE 10000000", "AUTH PLAIN LOGIN XOAUTH2")
    offers_tls: bool = True
    most: int = 10_000
    beyond: str = ""


class ScriptedSmtp:
    """One connection at a time, served by a thread. `at_once` is TLS from the first byte."""

    def __init__(self, place: Path, *, trusted: bool = True, at_once: bool = False) -> None:
        self.orders = Orders()
        self.accepted: list[tuple[tuple[str, ...], bytes]] = []
        self.logins: list[list[bytes]] = []
        self.letters: list[int] = []  # accepted on each connection
        self.connections = self.contents_asked_for = 0
        authority, other = trustme.CA(), trustme.CA()
        self.ca_file, self.at_once = place / "smtp-ca.pem", at_once
        (authority if trusted else other).cert_pem.write_to_path(self.ca_file)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self.context)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """No more connections."""
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self.letters.append(0)
            talk = _Talk(self, line)
            with contextlib.suppress(OSError, ValueError, IndexError, _Cut):
                talk.run()
            talk.line.close()


class _Cut(Exception):
    """The line was broken off on purpose."""


class _Talk:
    def __init__(self, server: ScriptedSmtp, line: socket.socket) -> None:
        self._server, self.line, self._orders = server, line, server.orders
        self._read, self._said, self._kept, self._secure = 0, 0, b"", False
        self._recipients: list[str] = []

    def run(self) -> None:
        if self._server.at_once:
            self._encrypt()
        self._answer("greeting", "220 scripted")
        while (said := self._next()).upper() != b"QUIT":
            word = said.split(b" ")[0].upper().decode() or "NOTHING"
            getattr(self, f"_{word.lower()}")(said)
        self._say("221 bye")

    def _ehlo(self, _: bytes) -> None:
        more = () if self._secure or not self._orders.offers_tls else ("STARTTLS",)
        *lines, last = ("scripted", *self._orders.abilities, *more)
        said = "".join(f"250-{line}\r\n" for line in lines) + f"250 {last}"
        self._answer("ehlo again" if self._secure else "ehlo", said)

    def _starttls(self, _: bytes) -> None:
        self._answer("starttls", "220 go on")
        self._encrypt()

    def _encrypt(self) -> None:
        self.line = self._server.context.wrap_socket(self.line, server_side=True)
        self._secure = True

    def _auth(self, said: bytes) -> None:
        words = [said.split(b" ")[1], *map(b64decode, said.split(b" ")[2:])]
        self._server.logins.append(words)
        if words[0] == b"LOGIN":
            for question in ("VXNlcm5hbWU6", "UGFzc3dvcmQ6"):
                self._say(f"334 {question}")
                words.append(b64decode(self._next()))
        self._answer("auth", "235 welcome")

    def _nothing(self, _: bytes) -> None:
        self._say("535 so you are nobody")

    def _mail(self, _: bytes) -> None:
        self._recipients.clear()
        if self._server.letters[-1] >= self._orders.most:
            self._orders.at["beyond"] = self._orders.beyond
            self._answer("beyond", "")
        else:
            self._answer("mail", "250 ok")

    def _rcpt(self, said: bytes) -> None:
        self._recipients.append(said.split(b"<")[1].split(b">")[0].decode())
        self._answer("own copy" if len(self._recipients) == 2 else "rcpt", "250 ok")

    def _rset(self, _: bytes) -> None:
        self._answer("rset", "250 ok")

    def _data(self, _: bytes) -> None:
        is_refused = "data" in self._orders.at  # asked before the answer: afterwards the test gives other orders
        self._server.contents_asked_for += not is_refused
        self._answer("data", "354 go on")
        if is_refused:
            return
        lines: list[bytes] = []
        while (line := self._next()) != b".":
            lines.append(line[1:] if line.startswith(b".") else line)
        order = self._orders.at.get("end", "")
        if order[:1] in {"", "2"} or order == "accept and cut":
            message = b"".join(line + b"\r\n" for line in lines)
            self._server.accepted.append((tuple(self._recipients), message))
            self._server.letters[-1] += 1
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
        line = (words + "\r\n").encode()
        left = self._orders.said - self._said
        self.line.sendall(line[:left])
        self._said += len(line)
        if len(line) > left:
            raise _Cut

    def _next(self) -> bytes:
        while b"\r\n" not in self._kept:
            left = self._orders.read - self._read
            piece = self.line.recv(min(left, 65536)) if left > 0 else b""
            if not piece:
                raise _Cut
            self._read += len(piece)
            self._kept += piece
        line, _, self._kept = self._kept.partition(b"\r\n")
        return line
