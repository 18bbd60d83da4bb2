"""The path of letters that a person sends: put into Drafts, looked for there, noted as sent, taken out."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from csp_workflow.mailboxes.maildir import Maildir
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.post import post
from csp_workflow.terms.events import LetterState
from csp_workflow.terms.service import Mode
from tests.crash.posting import Posting
from tests.post.post_told import NOW, SITE, about, letter, make_site, outside, queue, reference, returned, workbook


class AppendingDrafts(Maildir):
    """Takes whatever draft it is given, under a name of its own, as APPEND does: nothing here stops a second one."""

    def put_draft(self, content: bytes, recipient: str, delivery_id: str) -> None:
        """Taken again and again."""
        folder = self._drafts / "cur"
        folder.mkdir(parents=True, exist_ok=True)
        taken = next(n for n in itertools.count() if not (folder / f"{n:05}:2,D").exists())
        half = self._drafts / f".{taken:05}"
        half.write_bytes(content)
        os.rename(half, folder / f"{taken:05}:2,D")  # noqa: PTH104 - a point of the matrix


class PuttingDrafts(Posting):
    """The three letters of a posting, which a person is to send."""

    name = "drafts on a mail system that takes everything"

    def open(self, place: Path) -> Outside:
        """The real outside, in mode drafts."""
        mailbox = AppendingDrafts(place / "mail", limit=SITE.limits.message_bytes)
        settings = SimpleNamespace(assemble=lambda _: replace(SITE, mode=Mode.DRAFTS))
        return outside(place, mailbox=mailbox, settings=settings)

    def violations(self, place: Path, sends: Counter[str]) -> list[str]:
        """Each letter that may leave lies there once, and is known to; the one that crosses never did."""
        world = self.open(place)
        lying = Counter(list_lying(place))
        found = [f"{sum(sends.values())} letters were handed over"] * bool(sends)
        for row in world.store.letters():
            crosses = row.cause == "request:2"
            wanted = LetterState.HELD if crosses else LetterState.IN_DRAFTS
            if row.state is not wanted or bool(row.proof) == crosses:
                found.append(f"{row.cause} is {row.state}, not {wanted}")
            if lying[row.id] != (not crosses):
                found.append(f"{row.cause} lies there {lying[row.id]} times")
        world.store.close()
        return found

    def prepare(self, place: Path) -> None:
        """Two of them may wait side by side: one reminds nobody."""
        world = prepared(self, place)
        world.store.close()


class FollowingDrafts(PuttingDrafts):
    """What became of four letters: one is sent changed, one has lost its cause, one still lies there, one was left half
    put by a dead one, twice."""

    name = "drafts after a person was at them"

    def now(self, number: int) -> datetime:
        """Each beat a minute after the other, the first after she was at them."""
        return super().now(number + 5)

    def prepare(self, place: Path) -> None:
        """As she left them."""
        world = prepared(self, place)
        queue(world, letter("reminder-overdue", recipient="officer@county.example", about=about("melton")))
        queue(world, letter("receipt", number=3))
        post(world, NOW)
        rows = {row.cause: row for row in world.store.letters()}
        folder = place / "mail" / "drafts" / "cur"
        by_mark = {mark: path for path, mark in zip(sorted(folder.iterdir()), list_lying(place), strict=True)}
        sent = by_mark[rows["request:1"].id]
        words = sent.read_bytes().replace(b"Please reply.", b"Please do reply.")
        (place / "mail" / "sent" / "cur" / "1.her:2,S").write_bytes(words)
        sent.unlink()
        half = rows["receipt:3"]
        assert world.store.move_draft(half, LetterState.IN_DRAFTS)
        twice = by_mark[half.id]
        twice.with_name("00099:2,D").write_bytes(twice.read_bytes())
        returned(world, "melton")
        world.store.close()

    def violations(self, place: Path, sends: Counter[str]) -> list[str]:
        """Each is what it is, once."""
        world = self.open(place)
        lying = Counter(list_lying(place))
        rows = {row.cause: row for row in world.store.letters()}
        wanted = {
            "request:1": (LetterState.SENT, 0),
            "receipt:1": (LetterState.IN_DRAFTS, 1),
            "reminder-overdue:1": (LetterState.WITHDRAWN, 0),
            "receipt:3": (LetterState.IN_DRAFTS, 1),
        }
        found = []
        for cause, (state, times) in wanted.items():
            row = rows[cause]
            if row.state is not state or lying[row.id] != times:
                found.append(f"{cause} is {row.state} and lies there {lying[row.id]} times")
        as_left = rows["request:1"].as_left
        if not as_left or b"do reply" not in world.archive.fetch(as_left):
            found.append("what she changed was not kept")
        world.store.close()
        return found + [f"{sum(sends.values())} letters were handed over"] * bool(sends)


def prepared(scenario: PuttingDrafts, place: Path) -> Outside:
    make_site(place)
    world = scenario.open(place)
    queue(
        world,
        letter(attachments=(workbook(reference()),)),
        letter("receipt"),
        letter(number=2, attachments=(workbook(reference("MELT")),)),
    )
    return world


def list_lying(place: Path) -> list[str]:
    """The marks of what lies in Drafts."""
    folder = place / "mail" / "drafts" / "cur"
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return [str(message_from_bytes(path.read_bytes())["X-CSP-Delivery"]) for path in files]


class Unseeing:
    """A mailbox whose look into Drafts was taken out: nothing ever lies there."""

    def __init__(self, mailbox: Any) -> None:
        self._mailbox = mailbox

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mailbox, name)

    def list_drafts(self, since: datetime) -> tuple[Any, ...]:
        """Nothing."""
        return ()
