"""An IMAP server on loopback that refuses, talks nonsense or breaks off as it is told."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from base64 import b64decode
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

import trustme

VALIDITY = 7


class ScriptedImap:
    """One connection at a time, served by a thread.

    `messages` are the inbox's, by UID, all received at `time`. `at` holds what comes in place of the answer to a
    command that begins so: lines ("TAG" stands for the command's tag), where "cut" breaks the line. `times` are the
    times of single messages, `flags` what they were marked with, `permanent` what a client may mark them with (""
    tells nothing of it), `size_added` by how much every size is wrong; `says_next` tells the next number. `cut_after`
    breaks the line after so many bytes of the answer to a command that begins so.
    """

    def __init__(self, place: Path, *, trusted: bool = True, secure: bool = True) -> None:
        self.messages: dict[int, bytes] = {}
        self.time = "16-Oct-2014 10:30:00 +0100"
        self.times: dict[int, str] = {}
        self.flags: dict[int, set[str]] = {}
        self.permanent, self.size_added, self.says_next = "", 0, False
        self.cut_after: tuple[str, int] | None = None
        self._line: socket.socket | None = None
        self.abilities = "AUTH=PLAIN AUTH=XOAUTH2 MOVE UIDPLUS"
        self.at: dict[str, str] = {}
        self.said: list[str] = []
        self.logins: list[bytes] = []
        self.connections = 0
        authority, other = trustme.CA(), trustme.CA()
        self.ca_file, self.secure = place / "imap-ca.pem", secure
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

    def hangs_up(self) -> None:
        """The line that is open breaks."""
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            with contextlib.suppress(OSError), _encrypted(self, line) as secure, secure.makefile("rwb") as talk:
                self._line = secure
                _Talk(self, talk).run()


@contextlib.contextmanager
def _encrypted(server: ScriptedImap, line: socket.socket):  # type: ignore[no-untyped-def]
    try:
        line = server.context.wrap_socket(line, server_side=True) if server.secure else line
        yield line
    finally:
        line.close()


class _Talk:
    def __init__(self, server: ScriptedImap, talk: BinaryIO) -> None:
        self._server, self._talk = server, talk
        self._room: int | None = None

    def run(self) -> None:
        greeting = self._server.at.get("greeting", "* OK scripted")
        self._say(greeting.removesuffix("cut"))
        if greeting.endswith("cut"):
            return
        while line := self._heard():
            tag, _, command = line.decode("ascii", "replace").strip().partition(" ")
            self._server.said.append(command)
            order = next((words for start, words in self._server.at.items() if command.startswith(start)), "")
            if order:
                self._say(order.removesuffix("cut").replace("TAG", tag))
                if order.endswith("cut"):
                    return
                continue
            self._room = self._measure(command)
            self._answer(command)
            self._say(f"{tag} OK done")
            if command == "LOGOUT" or self._room == 0:
                return

    def _measure(self, command: str) -> int | None:
        """How many bytes of the answer may come; None: all."""
        cut = self._server.cut_after
        return cut[1] if cut and command.startswith(cut[0]) else None

    def _heard(self) -> bytes:
        self._talk.flush()
        return self._talk.readline()

    def _say(self, words: str | bytes) -> None:
        said = words if isinstance(words, bytes) else words.encode() + b"\r\n"
        if self._room is not None:
            said = said[: self._room]
            self._room -= len(said)
        self._talk.write(said)

    def _answer(self, command: str) -> None:
        word = command.removeprefix("UID ").partition(" ")[0]
        getattr(self, f"_{word.lower()}", lambda _: None)(command)

    def _capability(self, _: str) -> None:
        self._say(f"* CAPABILITY IMAP4rev1 {self._server.abilities}")

    def _authenticate(self, command: str) -> None:
        self._say("+ ")
        given = self._heard().strip()
        self._server.logins.append(command.partition(" ")[2].encode() + b" " + b64decode(given))

    def _login(self, command: str) -> None:
        self._server.logins.append(command.encode())

    def _list(self, command: str) -> None:
        self._say(f'* LIST () "/" {command.rsplit(maxsplit=1)[-1]}')

    def _select(self, _: str) -> None:
        self._say(f"* {len(self._server.messages)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {VALIDITY}] numbered so")
        if self._server.says_next:
            self._say(f"* OK [UIDNEXT {max(self._server.messages, default=0) + 1}] the next")
        if self._server.permanent:
            self._say(f"* OK [PERMANENTFLAGS {self._server.permanent}] kept")

    def _search(self, command: str) -> None:
        since = re.search(r"SINCE (\S+)", command)
        found = [uid for uid in self._server.messages if not since or self._day(uid) >= _read_day(since[1])]
        self._say(f"* SEARCH {' '.join(map(str, found))}")

    def _day(self, uid: int) -> date:
        return _read_day(self._time(uid).partition(" ")[0])

    def _time(self, uid: int) -> str:
        return self._server.times.get(uid, self._server.time)

    def _store(self, command: str) -> None:
        uid, sign, flags = re.findall(r"STORE (\d+) ([+-])FLAGS\S* \((.*)\)$", command)[0]
        kept = self._server.flags.setdefault(int(uid), set())
        (kept.update if sign == "+" else kept.difference_update)(flags.split())

    def _fetch(self, command: str) -> None:
        uids, wanted = re.findall(r"FETCH ([\d,]+) \(?(.+?)\)?$", command)[0]
        for uid in map(int, uids.split(",")):
            if uid in self._server.messages:
                self._fetch_one(uid, self._server.messages[uid], wanted)

    def _fetch_one(self, uid: int, raw: bytes, wanted: str) -> None:
        if wanted.startswith("RFC822.SIZE"):
            size = len(raw) + self._server.size_added
            self._say(f'* 1 FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE "{self._time(uid)}")')
            return
        if wanted == "INTERNALDATE":
            self._say(f'* {uid} FETCH (UID {uid} INTERNALDATE "{self._time(uid)}")')
            return
        if wanted == "FLAGS":
            self._say(f"* {uid} FETCH (UID {uid} FLAGS ({' '.join(self._server.flags.get(uid, ()))}))")
            return
        part = raw if wanted == "BODY.PEEK[]" else raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        head = f"* 1 FETCH (UID {uid} {wanted.replace('.PEEK', '')} {{{len(part)}}}\r\n"
        self._say(head.encode() + part + b")\r\n")


def _read_day(said: str) -> date:
    return datetime.strptime(said, "%d-%b-%Y").date()
