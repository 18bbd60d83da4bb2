"""Runs a pair of servers in a world of its own: this machine's folders with the pair's laid over them, and its ports.

The world is a mount namespace with processes that all end together, so nothing is installed and nothing is left.
"""

from __future__ import annotations

import imaplib
import os
import shutil
import smtplib
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mailboxes.servers.machine import find_port, is_open, make_certificate, wait_until
from tests.mailboxes.servers.packages import unpack_packages
from tests.mailboxes.servers.pairs import USER, Pair, Server
from tests.mailboxes.servers.settings import PASSWORD, Ports

_ALONE = ("setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
_LAID_OVER = """
mount -t overlay none -o lowerdir={unpacked}/usr:/usr /usr
mount -t overlay none -o lowerdir={unpacked}/etc:/etc,upperdir={place}/etc,workdir={place}/under/etc /etc
mount -t overlay none -o lowerdir={unpacked}/var,upperdir={place}/var,workdir={place}/under/var /var
mount -t tmpfs none /run
"""
_FIRST_ID = 64_001
"""The users of a pair are numbered from here on; they are known in its world only."""


@dataclass
class ServersApart:
    """A mail system for every domain there is; nothing leaves the machine."""

    pair: Pair
    place: Path
    ports: Ports
    ca_file: Path

    user, password = USER, PASSWORD
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Both are there."""
        unpacked = unpack_packages(self.pair.name, self.pair.packages)
        self._lay_out()
        script = _LAID_OVER.format(unpacked=unpacked, place=self.place)
        script += "".join(self._fill(server.start) for server in self._servers) + "exec sleep infinity\n"
        with (self.place / "log").open("ab") as log:
            self._process = subprocess.Popen([*_ALONE, "sh", "-euc", script], stdout=log, stderr=log)
        wait_until(lambda: all(map(is_open, (self.ports.imap, self.ports.imap_starttls, self.ports.smtp))), self.logs)

    def stop(self) -> None:
        """Both are gone at one blow, whoever is connected."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        wait_until(lambda: not any(map(is_open, (self.ports.imap, self.ports.smtp))), self.logs)

    def rebuild(self) -> None:
        """The same messages lie in the inbox of a server that remembers nothing."""
        with self.colleague() as imap:
            _, found = imap.fetch("1:*", "(BODY.PEEK[])") if _count(imap) else ("", [])
        began = int(time.time())
        self.stop()
        for folder in ("var", "under", "office"):
            shutil.rmtree(self.place / folder, ignore_errors=True)
        wait_until(lambda: int(time.time()) > began)  # a mailbox's numbering is called by the second it was made in
        self.start()
        with self.colleague() as imap:
            for part in found:
                if isinstance(part, tuple):
                    imap.append("INBOX", "", "", part[1])

    @contextmanager
    def colleague(self, user: str = USER) -> Iterator[imaplib.IMAP4]:
        """Somebody of the office with a mail program of their own, in the inbox; or whoever runs the server."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        with imaplib.IMAP4_SSL("127.0.0.1", self.ports.imap, ssl_context=context, timeout=20) as imap:
            imap.login(user, PASSWORD)
            imap.select("INBOX")
            yield imap

    def count_inbox(self) -> int:
        """How many messages lie in the office's inbox."""
        with self.colleague() as imap:
            return _count(imap)

    def deliver(self, raw: bytes, to: str, sender: str) -> None:
        """Send a message to the office as a stranger does, and wait until it lies in the inbox."""
        there = self.count_inbox()
        with smtplib.SMTP("127.0.0.1", self.ports.smtp, timeout=10) as line:
            line.sendmail(sender, [to], raw)
        wait_until(lambda: self.count_inbox() > there, self.logs)

    def settled(self) -> None:
        """Wait until nothing is left to deliver."""
        wait_until(self._is_settled, self.logs)

    def _is_settled(self) -> bool:
        queue = self.place / self.pair.queue
        if not any(path.is_file() for path in _list_below(queue)):
            return True
        assert self._process is not None
        inside = ("nsenter", f"--target={self._process.pid}", "--mount", "sh", "-c", self.pair.flush)
        subprocess.run(inside, check=True, capture_output=True)
        return False

    def everything_of(self, address: str) -> list[bytes]:
        """Every message that came for somebody outside the office, as it was delivered."""
        names = [f"{word}: {address}\r\n".lower().encode() for word in ("Envelope-To", "Delivered-To")]
        whole = (path.read_bytes() for part in ("new", "cur") for path in (self.place / "others" / part).glob("*"))
        made = [raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for raw in whole]
        return [raw for raw in made if any(name in raw[:500].lower() for name in names)]

    def forget(self) -> None:
        """Empty the office's mailbox and everybody else's."""
        with self.colleague() as imap:
            for row in imap.list()[1]:
                folder = row.decode().rpartition(" ")[2] if isinstance(row, bytes) else ""
                if folder.strip('"') != "INBOX":
                    imap.delete(folder)
            if _count(imap):
                imap.store("1:*", "+FLAGS", "\\Deleted")
                imap.expunge()
        for part in ("new", "cur"):
            for path in (self.place / "others" / part).glob("*"):
                path.unlink()

    def logs(self) -> str:
        """What the servers said last."""
        said = [path.read_text(errors="replace")[-1500:] for path in (self.place / "log", *self.place.glob("*/exim-*"))]
        return "\n".join(said)

    # How the world is made ------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """What they are."""
        return self.pair.name

    @property
    def _servers(self) -> tuple[Server, Server]:
        return self.pair.imap, self.pair.smtp

    def _lay_out(self) -> None:
        for folder in ("etc", "var", "under/etc", "under/var"):
            (self.place / folder).mkdir(parents=True, exist_ok=True)
        users = [user for server in self._servers for user in server.users]
        for name, row in (("passwd", "{0}:x:{1}:{1}::{2}:/usr/sbin/nologin\n"), ("group", "{0}:x:{1}:\n")):
            rows = (row.format(user, _FIRST_ID + count, self.place) for count, user in enumerate(users))
            (self.place / "etc" / name).write_text(Path("/etc", name).read_text() + "".join(rows))
        for name, text in {**self.pair.imap.files, **self.pair.smtp.files}.items():
            path = self.place / "etc" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._fill(text))

    def _fill(self, text: str) -> str:
        words = {"imap": self.ports.imap, "starttls": self.ports.imap_starttls, "smtp": self.ports.smtp}
        for name, value in {**words, "lmtp": self.ports.lmtp, "place": self.place}.items():
            text = text.replace(f"@{{{name}}}", str(value))
        return text


@contextmanager
def running_apart(pair: Pair) -> Iterator[ServersApart]:
    """A pair, started in a new folder, stopped and removed at the end. Where it cannot be had the test is skipped.

    In CI that is a failure.
    """
    with tempfile.TemporaryDirectory(prefix="csp-servers-", ignore_cleanup_errors=True) as made:
        place = Path(made)
        place.chmod(0o755)
        make_certificate(place)
        ports = Ports(imap=find_port(), imap_starttls=find_port(), smtp=find_port(), lmtp=find_port())
        servers = ServersApart(pair=pair, place=place, ports=ports, ca_file=place / "ca.pem")
        try:
            with _excused(pair.name):
                servers.start()
            yield servers
        finally:
            servers.stop()


@contextmanager
def _excused(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, AssertionError) as fault:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"{name} cannot run here: {fault}")


def _count(imap: imaplib.IMAP4) -> int:
    """How many messages the selected folder holds now."""
    _, (said,) = imap.select("INBOX")
    return int(said or b"0")


def _list_below(folder: Path) -> list[Path]:
    # A server takes files away meanwhile, which `walk` passes over.
    return [Path(place) / name for place, folders, files in os.walk(folder) for name in (*folders, *files)]
