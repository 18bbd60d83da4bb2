"""The drill: Monday's backup is put back on Tuesday, with whatever mailbox. Each adapter's tests run it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from csp_workflow import settings, upkeep, wiring
from csp_workflow.mailboxes.mailbox import Fetched, Mailbox, Proof
from csp_workflow.rehearsal.partners.mail import Post as Letter
from csp_workflow.rehearsal.partners.mail import open_letter
from csp_workflow.steps.telling import cycle_status
from csp_workflow.terms.events import LetterState
from tests.mailboxes.mailbox_contract import Post
from tests.story.site_told import CO_ORDINATOR, Q2, Played, at, filled

ROOM = 10_000_000
"""The size limit that a mailbox of the drill is opened with: whole forms go through it."""


class InTheQuarter:
    """A mailbox whose mail was received in 2014, whatever its server's clock says. It keeps what was handed over."""

    server_time = None

    def __init__(self, behind: Mailbox) -> None:
        self._behind, self.now = behind, at("27 Oct 09:30")
        self.handed: list[tuple[str, str, Letter]] = []
        self._received: dict[bytes, datetime] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)

    def get(self, source: str, now: datetime) -> Fetched:
        """As a server would: the time of receipt stays, wherever the message is put."""
        fetched = self._behind.get(source, now)
        body = fetched.raw.partition(b"\r\n\r\n")[2]
        return Fetched(**{**vars(fetched), "received": self._received.setdefault(body, self.now)})

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Handed over once; a second time is what no drill may see."""
        self.handed.append((recipient, delivery_id, open_letter(content)))
        return self._behind.send(content, recipient, delivery_id)

    def close(self) -> None:
        """The drill opens the site again on the same mailbox."""


class Drill:
    """A site whose requests went out, at work on some mailbox."""

    def __init__(self, site: Played, post: Post) -> None:
        self.site, self.post, self.mailbox = site, post, InTheQuarter(post.mailbox)
        self.requests = [x for x in site.new_letters() if x.workbooks and x.to != CO_ORDINATOR][:8]
        self.people = {letter.to for letter in self.requests}
        self._number = 0

    def wired(self) -> wiring.Wired:
        config, state = self.site.place / "config", self.site.place / "state"
        site, service = settings.load(config)
        others = {"mailbox": self.mailbox, "mailbox_name": "drill"}
        return wiring.wire(site, service, config=config, state=state, **others)

    def beat(self, *moments: str) -> list[tuple[str, Letter]]:
        """Beats at these moments; whom something was handed over for, and what."""
        before = len(self.mailbox.handed)
        wired = self.wired()
        try:
            for moment in moments:
                self.mailbox.now = at(moment)
                beat = wired.tick(at(moment))
                assert beat.failed_steps == ()
        finally:
            wired.close()
        return [(to, letter) for to, _, letter in self.mailbox.handed[before:]]

    def write(self, letter: Letter, text: str, *files: tuple[str, bytes]) -> None:
        """A reply arrives."""
        self._number += 1
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = letter.to, letter.sender, f"RE: {letter.subject}"
        message["Message-ID"] = f"<drill-{self._number}@{letter.to.partition('@')[2]}>"
        message["Date"] = "Mon, 27 Oct 2014 18:00:00 +0000"
        message["In-Reply-To"] = letter.message_id
        message.set_content(text)
        for name, data in files:
            message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        self.post.delivers(message.as_bytes(), self._number)

    def states(self) -> list[str]:
        """Where every return stands that has come."""
        wired = self.wired()
        told = cycle_status(wired.outside, Q2)["returns"]
        wired.close()
        return [str(row["state"]) for row in told if row["submissions"]]


class RestoreDrill:
    """Inherit, and give a fixture `post` that takes whole forms."""

    @pytest.fixture
    def drill(self, sent_out: Played, post: Post, tmp_path: Path) -> Iterator[Drill]:
        return Drill(sent_out.copied_to(tmp_path / "opcc"), post)

    def test_mondays_backup_put_back_on_tuesday_loses_nothing_and_says_nothing_twice(
        self, drill: Drill, tmp_path: Path
    ) -> None:
        config, state = drill.site.place / "config", drill.site.place / "state"
        drill.beat("27 Oct 09:30")
        upkeep.make_backup(config, state, tmp_path / "monday", at("27 Oct 09:31"))
        for request in drill.requests:
            drill.write(request, "Our return.", *(filled(request, place) for place in range(len(request.workbooks))))
        answers = drill.beat("27 Oct 18:00")
        came = drill.states()
        assert {to for to, _ in answers} >= drill.people
        assert len(came) >= 8
        upkeep.restore_backup(config, state, tmp_path / "monday", at("28 Oct 09:00"), replace=True)
        assert drill.states() == []
        ((to, told),) = drill.beat("28 Oct 09:10", "28 Oct 09:11", "28 Oct 12:00")
        assert to == CO_ORDINATOR
        assert "nothing leaves" in told.text
        assert all(person in told.text for person in drill.people)
        assert sorted(drill.states()) == sorted(came)
        drill.write(told, "RELEASE")
        later = drill.beat("28 Oct 12:10", "28 Oct 12:11", "29 Oct 10:00", "30 Oct 10:00", "31 Oct 10:00")
        assert later
        assert drill.people.isdisjoint(to for to, _ in later)
        ids = [delivery_id for _, delivery_id, _ in drill.mailbox.handed]
        assert len(ids) == len(set(ids))
        wired = drill.wired()
        letters = wired.outside.store.letters()
        wired.close()
        assert {x.state for x in letters if x.recipient in drill.people} <= {LetterState.SENT, LetterState.WITHDRAWN}
