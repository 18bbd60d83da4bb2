"""Quarters in mode drafts: each morning she sends what waits, but for some that she changes, deletes or leaves."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from unittest import mock

import pytest

from csp_workflow.terms.dates import in_london
from csp_workflow.terms.events import LetterState
from tests.simulation.people import at_work
from tests.simulation.quarter import BEATS, Quarter, prepared
from tests.story.site_told import CO_ORDINATOR, Played

MORNING = "09:31"
"""The beat after which she is at her desk: what came before has taken its letters out by then."""

_OFFICE = {CO_ORDINATOR, f"deputy.{CO_ORDINATOR}"}
_PLAIN = policy.SMTP.clone(max_line_length=900)


@dataclass
class ByHand(Quarter):
    """A quarter in which no letter to anybody but the office leaves but by her hand."""

    done: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    settled: set[str] = field(default_factory=set)

    def _beat(self, now: datetime) -> None:
        super()._beat(now)
        self._judge_drafts(now)
        if f"{in_london(now):%H:%M}" == MORNING:
            self._send_drafts(now + timedelta(minutes=1))

    def play(self) -> list[str]:
        """Play it, with a beat before she opens her Drafts."""
        with mock.patch("tests.simulation.quarter.BEATS", sorted((*BEATS, MORNING))):
            return super().play()

    def _draw_trouble(self) -> str:
        """A wrong clock is told of in letters by the watch here, which a rehearsal does not have."""
        return super()._draw_trouble().replace("clock", "killed")

    def _send_drafts(self, now: datetime) -> None:
        mail = self.site.place / "state" / "mail"
        for draft in sorted((mail / "drafts" / "cur").glob("*")):
            way = self.draw.choices(("sends", "changes", "deletes", "leaves"), (80, 8, 5, 7))[0]
            self.done[way] += 1
            raw = draft.read_bytes()
            if way == "leaves":
                continue
            draft.unlink()
            if way == "deletes":
                continue
            mark = str(message_from_bytes(raw)["X-CSP-Delivery"])
            self.left[mark] += 1
            copy = mail / "sent" / "new" / f"hand-{sum(self.done.values()):05}"
            copy.write_bytes(_changed(raw) if way == "changes" else raw)
            os.utime(copy, (now.timestamp(), now.timestamp()))

    def _judge_drafts(self, now: datetime) -> None:
        store, folder = self.site.opened(now).outside.store, self.site.place / "state" / "mail" / "drafts" / "cur"
        marks = Counter(str(message_from_bytes(path.read_bytes())["X-CSP-Delivery"]) for path in folder.glob("*"))
        self.found += [f"N2: {mark} lies in Drafts {n} times at {now}" for mark, n in marks.items() if n > 1]
        self.found += [f"N2: {mark} left {n} times at {now}" for mark, n in self.left.items() if n > 1]
        alone = [x for x in store.letters(LetterState.SENT) if not x.drafted and x.recipient not in _OFFICE]
        self.found += [f"{x.kind} to {x.recipient} left by itself at {now}" for x in alone]

    def _read_letters(self, now: datetime) -> None:
        before = len(self.told)
        super()._read_letters(now)
        if any(CO_ORDINATOR in one for one in self.told[before:]):
            self._settle_gone(now)

    def _settle_gone(self, now: datetime) -> None:
        """She says of each draft that she deleted whether it is to come again, as her letter asks."""
        for row in self.site.opened(now).outside.store.letters(LetterState.FOR_A_PERSON):
            if row.id not in self.settled:
                self.settled.add(row.id)
                order = f"{self.draw.choice(('RESEND', 'WITHDRAW'))} {row.id[:8]}"
                pen = self.people.pen
                at = at_work(now + timedelta(minutes=50))
                said = pen.say(None, CO_ORDINATOR, order, subject="A draft", at=at, what="order", words=order)
                self._will_say(said)


def _changed(raw: bytes) -> bytes:
    message = message_from_bytes(raw, policy=_PLAIN)
    for part in message.walk():
        if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
            kind, text = part.get_content_subtype(), str(part.get_content())
            part.set_content(f"{text}\nWith many thanks from me.\n", subtype=kind)
    return message.as_bytes()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Played:
    site = prepared(tmp_path_factory.mktemp("by-hand") / "opcc")
    file = site.place / "config" / "service.toml"
    text = file.read_text().replace('mode = "rehearsal"', 'mode = "drafts"')
    file.write_text(text.replace("unguarded = false", "unguarded = true"))
    return site


@pytest.mark.parametrize("seed", [3, *(pytest.param(n, marks=pytest.mark.sweep) for n in range(4, 40))])
def test_a_quarter_by_hand(small: Played, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSP_ENVIRONMENT", "live")
    quarter = ByHand(small.copied_to(tmp_path / "opcc"), seed)
    found = quarter.play()
    assert not found, "\n".join([f"seed {seed}", *found, str(quarter.done), "", *quarter.told])
    assert min(quarter.done[way] for way in ("sends", "changes", "deletes", "leaves")) > 0, quarter.done
