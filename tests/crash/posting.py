"""The path of post: letters of every manner, sent on the real Maildir or on a mail system without its safety."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

from csp_workflow.mailboxes.mailbox import Absence, Proof
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.post import post
from csp_workflow.terms.events import LetterState, QueuedLetter
from tests.post.post_told import NOW, letter, make_site, outside, queue, reference, workbook


class AppendingMailbox:
    """A mail system that takes whatever it is given, under a name of its own, as SMTP does.

    What it took can be looked up.
    """

    server_time = None
    certificates = ()

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Accepted again and again: nothing here stops a letter from going twice."""
        taken = next(n for n in itertools.count() if not (self._folder / f"{n:05}").exists())
        half = self._folder / f".{taken:05}"
        half.write_bytes(content)
        os.rename(half, self._folder / f"{taken:05}")  # noqa: PTH104 - a point of the matrix
        return Proof(evidence=f"250 {taken}")

    def close(self) -> None:
        """Nothing is held open."""

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        """By the header in what was taken."""
        found = delivery_id in taken_by(self._folder)
        return Proof(evidence="found") if found else Absence.CERTAIN


def taken_by(folder: Path) -> list[str]:
    """The delivery ids of the messages in a folder."""
    files = [file for file in sorted(folder.iterdir()) if not file.name.startswith(".")]
    return [str(message_from_bytes(file.read_bytes())["X-CSP-Delivery"]) for file in files]


class Posting:
    """Three letters wait: a request with its form, a reminder, and a letter that crosses."""

    name = "post on the Maildir"
    all_on_disk = True

    def prepare(self, place: Path) -> None:
        """Queue them; nothing was sent yet."""
        make_site(place)
        world = outside(place)
        queue(
            world,
            letter(attachments=(workbook(reference()),)),
            letter("reminder-overdue"),
            letter(number=2, attachments=(workbook(reference("MELT")),)),
        )
        world.store.close()

    def open(self, place: Path) -> Outside:
        """The real outside."""
        return outside(place)

    def beat(self, world: Outside, number: int) -> None:
        """One posting, a minute after the other."""
        post(world, self.now(number))

    def now(self, number: int) -> datetime:
        """The time of a beat."""
        return NOW + timedelta(minutes=number)

    def taken(self, place: Path) -> list[str]:
        """The delivery ids of what recipients got."""
        return taken_by(place / "mail" / "sent" / "new")

    def violations(self, place: Path, sends: Counter[str]) -> list[str]:
        """Each letter that may leave was delivered once and is proved; the one that crosses never left."""
        world = outside(place)
        letters = world.store.letters()
        world.store.close()
        taken = Counter(self.taken(place))
        return [sentence for row in letters for sentence in _wrong(row, taken[row.id], sends[row.id])]


def _wrong(row: QueuedLetter, taken: int, sends: int) -> list[str]:
    crossing = row.cause == "request:2"
    wanted = LetterState.HELD if crossing else LetterState.SENT
    wrong = []
    if row.state is not wanted:
        wrong.append(f"{row.cause} is {row.state}, not {wanted}")
    if taken != (not crossing):
        wrong.append(f"{row.cause} was delivered {taken} times")
    if crossing and sends:
        wrong.append(f"{row.cause} crosses and was handed over")
    return wrong


class PostingAppending(Posting):
    """The same where the mail system itself stops nothing."""

    name = "post on a mail system that takes everything"

    def open(self, place: Path) -> Outside:
        """The real outside, with the other mailbox."""
        return outside(place, mailbox=AppendingMailbox(place / "taken"))

    def taken(self, place: Path) -> list[str]:
        """The delivery ids of what it took."""
        return taken_by(place / "taken") if (place / "taken").is_dir() else []


class Recovering(PostingAppending):
    """The posting after a crash: of two letters in hand one was taken and one was not. It may be killed as well."""

    name = "post putting right what a dead one left"

    def prepare(self, place: Path) -> None:
        """As one that was killed leaves it."""
        super().prepare(place)
        world = self.open(place)
        for taken in (True, False):
            row = world.store.claim(clock=0.0)
            assert row is not None
            assert world.store.to_handing(row, at=NOW, clock=0.0)
            if taken:
                world.mailbox.send(world.archive.fetch(row.content), row.recipient, row.id)
        world.store.close()


# Guards taken out ---------------------------------------------------------------------------------


class Forgetful:
    """A mailbox whose look-up was taken out: it never finds anything."""

    def __init__(self, mailbox: Any) -> None:
        self._mailbox = mailbox

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mailbox, name)

    def find_sent(self, delivery_id: str) -> Absence:
        """Nothing was ever sent."""
        return Absence.CERTAIN


class Unmarking:
    """A store whose `handing` mark was taken out: it is written down only together with the proof."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self._begun: dict[str, datetime] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def to_handing(self, row: QueuedLetter, *, at: datetime, clock: float) -> bool:
        """Nothing is committed before the hand-over."""
        self._begun[row.id] = at
        return True

    def move(self, row: QueuedLetter, to: LetterState, **more: Any) -> bool:
        """The mark comes after the fact."""
        from dataclasses import replace

        begun = self._begun.pop(row.id, None)
        if begun is not None:
            self._store.to_handing(replace(row, state=LetterState.CLAIMED), at=begun, clock=0.0)
        return bool(self._store.move(row, to, **more))
