"""Quarters over real SMTP and IMAP: every letter and every reply goes through real servers."""

from __future__ import annotations

import re
import smtplib
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_bytes
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest

from csp_workflow.mailboxes.mailbox import Absence, Fetched, Mailbox, Proof
from csp_workflow.rehearsal.play import Story, rehearse
from csp_workflow.terms.dates import Quarter
from tests.mailboxes.servers import OFFICE, Servers, ServersApart, running, running_apart
from tests.mailboxes.servers.pairs import PAIRS, Pair
from tests.mailboxes.test_internet import mailbox

CONFIG = Path(__file__).resolve().parents[2] / "config"
_DELIVERY = re.compile(rb"^X-CSP-Delivery: (\w+)", re.MULTILINE)


@dataclass
class InVirtualTime:
    """The real adapter, but for the time of receipt: the servers live today, the quarter in 2014.

    `longest` is how many seconds a verb took at most.
    """

    behind: Mailbox
    server_time: datetime | None = None
    certificates = ()
    seen: dict[str, datetime] = field(default_factory=dict)
    longest: float = 0.0

    def list_new(self, cursor: str, since: datetime | None = None) -> tuple[tuple[str, ...], str]:
        return self._timed(lambda: self.behind.list_new(cursor))

    def list_filed(
        self, cursor: str, since: datetime | None = None, *, ours: bool = False
    ) -> tuple[tuple[str, ...], str]:
        """Nobody else files there, and all that lies there came years after 2014."""
        return (), ""

    def remove(self, source: str) -> None:
        self._timed(lambda: self.behind.remove(source))

    def get(self, source: str, now: datetime) -> Fetched:
        fetched = self._timed(lambda: self.behind.get(source, now))
        return replace(fetched, received=self.seen.setdefault(source, now))

    def file(self, source: str, folder: str) -> None:
        self._timed(lambda: self.behind.file(source, folder))

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        return self._timed(lambda: self.behind.send(content, recipient, delivery_id))

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        return self._timed(lambda: self.behind.find_sent(delivery_id))

    def close(self) -> None:
        self.behind.close()

    def _timed(self, verb: Callable[[], Any]) -> Any:
        began = time.monotonic()
        try:
            return verb()
        finally:
            self.longest = max(self.longest, time.monotonic() - began)


class OverServers:
    """Carries everybody's mail: people hand theirs to the SMTP server, and read what was delivered to them."""

    def __init__(self, servers: Servers | ServersApart) -> None:
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
            known.update({_name_delivery(raw): raw for raw in self.servers.everything_of(recipient)})
        return known[delivery_id]

    def count_deliveries(self) -> Counter[str]:
        """How often each letter came to somebody outside."""
        return Counter(_name_delivery(raw) for person in self._kept for raw in self.servers.everything_of(person))


def _name_delivery(raw: bytes) -> str:
    match = _DELIVERY.search(raw)
    return match[1].decode() if match else ""


def play(servers: Servers | ServersApart, out: Path, capsys: pytest.CaptureFixture[str], *, partnerships: int) -> Story:
    """A quarter in which no letter is lost or doubled, every reply is judged, and everything filed."""
    began = time.monotonic()
    carrier = OverServers(servers)
    story = rehearse(
        CONFIG,
        quarter=Quarter.parse("2014/15-Q2"),
        seed=1,
        partnerships=partnerships,
        out=out,
        say=lambda _: None,
        carrier=carrier,
    )
    letters, came = sum(story.letters.values()), carrier.count_deliveries()
    del came[""]
    with capsys.disabled():
        sys.stdout.write(
            f"\na quarter over {servers.name}: {letters} letters out, {carrier.brought} messages in, "
            f"{letters - len(came)} lost, {came.total() - len(came)} doubled, {time.monotonic() - began:.1f} seconds, "
            f"longest verb {carrier.mailbox.longest:.2f}\n"
        )
    assert len(came) == came.total() == letters
    assert not story.waiting, "no letter was left over"
    assert story.verdicts["own"] == letters, "each letter's own copy came back and is known for what it is"
    assert story.verdicts.total() == letters + carrier.brought
    assert "none" not in story.verdicts
    assert servers.count_inbox() == 0, "everything was filed"
    return story


@pytest.mark.needs_mailservers
def test_a_quarter_over_postfix_and_dovecot_ends_as_the_rehearsed_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running() as servers:
        story = play(servers, tmp_path / "quarter", capsys, partnerships=0)
    states = {row["respondent"]: row["state"] for row in story.status["returns"]}
    assert story.verdicts["return"] >= 15
    assert list(states.values()).count("approved") >= 7
    assert any("circulation" in paper for paper in story.papers)


@pytest.mark.sweep
@pytest.mark.needs_other_mailservers
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_short_quarter_over_servers_of_another_make(
    pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One partnership, and more letters than either server takes in one session."""
    with running_apart(pair) as servers:
        story = play(servers, tmp_path / "quarter", capsys, partnerships=1)
    assert story.verdicts["return"] >= 10
    assert any("circulation" in paper for paper in story.papers)
