"""A whole quarter over real SMTP and IMAP: every letter and every reply goes through Postfix and Dovecot."""

from __future__ import annotations

import re
import smtplib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_bytes
from email.utils import parseaddr
from pathlib import Path

import pytest

from csp_workflow.mailboxes.mailbox import Absence, Fetched, Mailbox, Proof
from csp_workflow.rehearsal.play import Story, rehearse
from csp_workflow.terms.dates import Quarter
from tests.mailboxes.servers import Servers, running
from tests.mailboxes.test_internet import OFFICE, mailbox

pytestmark = pytest.mark.needs_mailservers
CONFIG = Path(__file__).resolve().parents[2] / "config"
_DELIVERY = re.compile(rb"^X-CSP-Delivery: (\w+)", re.MULTILINE)


@dataclass
class InVirtualTime:
    """The real adapter, but for the time of receipt: the servers live today, the quarter in 2014."""

    behind: Mailbox
    server_time: datetime | None = None
    seen: dict[str, datetime] = field(default_factory=dict)

    def list_new(self, cursor: str, since: datetime | None = None) -> tuple[tuple[str, ...], str]:
        return self.behind.list_new(cursor)

    def get(self, source: str, now: datetime) -> Fetched:
        return replace(self.behind.get(source, now), received=self.seen.setdefault(source, now))

    def file(self, source: str, folder: str) -> None:
        self.behind.file(source, folder)

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        return self.behind.send(content, recipient, delivery_id)

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        return self.behind.find_sent(delivery_id)

    def close(self) -> None:
        self.behind.close()


class OverServers:
    """Carries everybody's mail: people hand theirs to Postfix, and read what Dovecot keeps for them."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self.mailbox = InVirtualTime(mailbox(servers, limit=15_000_000))
        self.brought = 0
        self._kept: dict[str, dict[str, bytes]] = {}

    def bring(self, raw: bytes) -> None:
        sender = parseaddr(str(message_from_bytes(raw)["From"]))[1]
        with smtplib.SMTP("127.0.0.1", self.servers.ports.smtp, timeout=20) as line:
            line.sendmail(sender, [OFFICE], raw)
        self.servers.settled()
        self.brought += 1

    def find_received(self, delivery_id: str, recipient: str) -> bytes:
        self.servers.settled()
        known = self._kept.setdefault(recipient, {})
        if delivery_id not in known:
            for raw in self.servers.everything_of(recipient):
                match = _DELIVERY.search(raw)
                if match:
                    known[match[1].decode()] = raw
        return known[delivery_id]


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with running() as started:
        yield started


def played(servers: Servers, out: Path) -> tuple[Story, OverServers]:
    carrier = OverServers(servers)
    story = rehearse(
        CONFIG,
        quarter=Quarter.parse("2014/15-Q2"),
        seed=1,
        partnerships=0,
        out=out,
        say=lambda _: None,
        carrier=carrier,
    )
    return story, carrier


def test_a_quarter_over_postfix_and_dovecot_ends_as_the_rehearsed_one(
    servers: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    story, carrier = played(servers, tmp_path / "quarter")
    states = {row["respondent"]: row["state"] for row in story.status["returns"]}
    letters = sum(story.letters.values())
    with capsys.disabled():
        sys.stdout.write(
            f"\na quarter over Postfix and Dovecot: {letters} letters out, {carrier.brought} messages in, "
            f"{time.monotonic() - began:.1f} seconds\n"
        )
    assert story.verdicts["return"] >= 15
    assert story.verdicts["own"] == letters, "each letter's own copy came back and is known for what it is"
    assert "none" not in story.verdicts
    assert list(states.values()).count("approved") >= 7
    assert any("circulation" in paper for paper in story.papers)
    assert servers.files_of(OFFICE) == [], "everything was filed"
