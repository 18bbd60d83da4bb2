"""Starts and stops the two servers, delivers mail as a stranger does, and looks into anybody's mailbox."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import smtplib
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.mailboxes.servers import settings
from tests.mailboxes.servers.machine import find_port, is_open, make_certificate, wait_until
from tests.mailboxes.servers.settings import OFFICE, PASSWORD, Manner, Ports


@dataclass
class Servers:
    """A mail system for every domain there is; nothing leaves the machine."""

    place: Path
    ports: Ports
    ca_file: Path

    name, user, password = "Dovecot and Postfix", OFFICE, PASSWORD

    def deliver(self, raw: bytes, to: str, sender: str = "somebody@csp.example") -> None:
        """Send a message through Postfix and wait until it lies in the mailbox."""
        there = len(self.files_of(to))
        with smtplib.SMTP("127.0.0.1", self.ports.smtp, timeout=10) as line:
            line.sendmail(sender, [to], raw)
        self.wait_for(to, there + 1)

    def wait_for(self, address: str, count: int) -> list[Path]:
        """Wait until a mailbox (its inbox) holds so many messages."""
        wait_until(lambda: len(self.files_of(address)) >= count, self.logs)
        return self.files_of(address)

    def count_inbox(self) -> int:
        """How many messages lie in the office's inbox."""
        return len(self.files_of(OFFICE))

    def settled(self) -> None:
        """Wait until Postfix has nothing left to deliver."""
        queue = ["postqueue", "-c", str(self.place / "postfix" / "etc"), "-j"]
        wait_until(lambda: not subprocess.run(queue, check=False, capture_output=True).stdout.strip())

    def files_of(self, address: str, folder: str = "") -> list[Path]:
        """The messages in an inbox, or in a folder beside it (".Processed"), in the order they came."""
        box = self.maildir(address) / folder
        files = [path for part in ("new", "cur") for path in (box / part).glob("*")]
        return sorted(files, key=lambda path: path.name)

    def everything_of(self, address: str) -> list[bytes]:
        """Every message in an inbox, as it was delivered there."""
        return [path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for path in self.files_of(address)]

    def maildir(self, address: str) -> Path:
        """Where an address's mail lies; what stands behind a + does not matter."""
        name, _, domain = address.partition("@")
        return self.place / "mail" / f"{name.partition('+')[0]}@{domain}"

    def sieve(self, address: str, script: str) -> None:
        """Give somebody a Sieve script."""
        box = self.maildir(address)
        box.mkdir(parents=True, exist_ok=True)
        (box / ".dovecot.sieve").write_text(script)
        _give(box)

    def put(self, address: str, folder: str, raw: bytes) -> None:
        """Put a message into somebody's folder, as a server does that keeps what it sent."""
        words = ["doveadm", "-c", self.place / "dovecot.conf", "save", "-u", address, "-m", folder]
        subprocess.run(words, check=True, input=raw, capture_output=True)

    def forget(self) -> None:
        """Remove every mailbox, so that the next test begins with none."""
        self.doveadm("kick", "*")
        for box in (self.place / "mail").iterdir():
            shutil.rmtree(box, ignore_errors=True)

    def doveadm(self, *words: str) -> None:
        """An order to Dovecot."""
        subprocess.run(["doveadm", "-c", self.place / "dovecot.conf", *words], check=False, capture_output=True)

    def stop_dovecot(self) -> None:
        """IMAP and delivery are gone at one blow, whoever is connected."""
        pid = self.place / "dovecot" / "run" / "master.pid"
        if pid.is_file():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(int(pid.read_text()), signal.SIGKILL)
            pid.unlink()
        wait_until(lambda: not is_open(self.ports.imap))

    def start_dovecot(self) -> None:
        """IMAP and delivery are back."""
        subprocess.run(["dovecot", "-c", self.place / "dovecot.conf"], check=True)
        wait_until(lambda: is_open(self.ports.imap) and is_open(self.ports.lmtp))

    def postfix(self, order: str) -> None:
        """Start, stop or flush Postfix."""
        subprocess.run(["postfix", "-c", self.place / "postfix" / "etc", order], check=False, capture_output=True)
        if order in {"start", "stop"}:
            wait_until(lambda: is_open(self.ports.smtp) is (order == "start"))

    def logs(self) -> str:
        """What the servers said last."""
        said = ""
        for log in (self.place / "dovecot" / "log", self.place / "postfix" / "log" / "mail"):
            if log.is_file():
                said += "\n".join(log.read_text(errors="replace").splitlines()[-15:]) + "\n"
        return said


@contextmanager
def running(manner: Manner | None = None, *, smtp: bool = True) -> Iterator[Servers]:
    """Both servers (without `smtp` Dovecot alone), started in a new folder, stopped and removed at the end."""
    # Not below pytest's own folder: another run of pytest shuts that to the servers' users at any moment.
    with tempfile.TemporaryDirectory(prefix="csp-servers-", ignore_cleanup_errors=True) as made:
        servers = _laid_out(Path(made), manner or Manner())
        try:
            servers.start_dovecot()
            if smtp:
                servers.postfix("start")
            yield servers
        finally:
            if smtp:
                servers.postfix("stop")
            servers.stop_dovecot()


def _laid_out(place: Path, manner: Manner) -> Servers:
    if subprocess.run(["id", "vtest"], check=False, capture_output=True).returncode:
        subprocess.run(["useradd", "-r", "-M", "vtest"], check=True)
    ports = Ports(imap=find_port(), imap_starttls=find_port(), smtp=find_port(), lmtp=find_port())
    for folder in (
        "dovecot/run",
        "dovecot/state",
        "mail",
        "postfix/etc",
        "postfix/spool",
        "postfix/data",
        "postfix/log",
    ):
        (place / folder).mkdir(parents=True)
    place.chmod(0o755)
    make_certificate(place)
    auth = settings.AUTH.format(place=place)
    (place / "dovecot.conf").write_text(settings.dovecot(place, ports, manner) + auth)
    (place / "postfix" / "etc" / "main.cf").write_text(settings.postfix_main(place, ports))
    (place / "postfix" / "etc" / "master.cf").write_text(settings.postfix_master(ports))
    (place / "postfix" / "transport").write_text(settings.TRANSPORT)
    (place / "postfix" / "aliases").write_text(settings.ALIASES)
    shutil.chown(place / "postfix" / "data", "postfix")
    shutil.chown(place / "mail", "vtest", "vtest")
    (place / "mail").chmod(0o755)
    return Servers(place=place, ports=ports, ca_file=place / "ca.pem")


def _give(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, "vtest", "vtest")


def available() -> bool:
    """Whether this machine can run them."""
    return os.geteuid() == 0 and all(map(shutil.which, ("dovecot", "doveadm", "postfix")))
