"""A person with a mailbox: reads each letter once and decides, in their own time, what to send back."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from csp_workflow.rehearsal.partners.mail import Post, Reply, fresh, written


@dataclass(frozen=True, kw_only=True)
class Sending:
    """A message that will arrive at the office's mailbox at a moment."""

    at: datetime
    raw: bytes
    told: str


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What a person does about the next letter that `notices` picks out, `after` so long.

    `skip` letters of that sort are let lie first. `act` writes the replies; `told` says what
    happened, for whoever watches the rehearsal.
    """

    notices: Callable[[Post], bool]
    act: Callable[[Person, Post, datetime], Iterable[Reply]]
    after: timedelta
    told: str
    skip: int = 0
    spontaneous: bool = False


@dataclass
class Person:
    """Somebody with an address and habits. `seed` makes what they type repeatable.

    `plans` holds one list of turns for each thing they are asked for; the turns of a list follow
    one another.
    """

    address: str
    name: str
    plans: list[list[Turn]]
    seed: int
    letters: list[Post] = field(default_factory=list)
    _passed_over: dict[int, int] = field(default_factory=dict)
    _written: int = 0

    def reads(self, letter: Post, now: datetime, *, office: str) -> list[Sending]:
        """Read a letter and say what will be sent because of it."""
        self.letters.append(letter)
        due = [plan for plan in self.plans if plan and plan[0].notices(letter)]
        return [sending for plan in due for sending in self._takes(plan, letter, now, office)]

    def _takes(self, plan: list[Turn], letter: Post, now: datetime, office: str) -> list[Sending]:
        """Take the plan's next turn, unless letters of its sort are still let lie."""
        turn = plan[0]
        passed = self._passed_over.get(id(turn), 0)
        if passed < turn.skip:
            self._passed_over[id(turn)] = passed + 1
            return []
        plan.pop(0)
        return self._sendings(turn, letter, now, office)

    def _sendings(self, turn: Turn, letter: Post, now: datetime, office: str) -> list[Sending]:
        at = _at_work(now + turn.after)
        sendings = []
        for reply in turn.act(self, letter, at):
            self._written += 1
            number = zlib.crc32(f"{self.seed}:{self.address}:{self._written}".encode())
            if turn.spontaneous:
                raw = fresh(reply, to=office, at=at, number=number)
            else:
                raw = written(reply, letter, at=at, number=number)
            sendings.append(Sending(at=at, raw=raw, told=turn.told))
            at += timedelta(minutes=7)
        return sendings

    def draw(self, *about: object) -> float:
        """A number from 0 to 1 that depends only on the seed, the person and what it is about."""
        return zlib.crc32(repr((self.seed, self.address, about)).encode()) / 0xFFFFFFFF

    def says(self, text: str, *files: tuple[str, bytes], quoting: bool = True) -> Reply:
        """A reply of this person's."""
        return Reply(sender=self.address, name=self.name, text=text, files=files, quoting=quoting)


def _at_work(moment: datetime) -> datetime:
    """The same moment, or the next morning on which people are at their desks."""
    if moment.hour >= 17:
        moment = moment.replace(hour=9, minute=10) + timedelta(days=1)
    elif moment.hour < 8:
        moment = moment.replace(hour=9, minute=10)
    while moment.weekday() >= 5:
        moment += timedelta(days=1)
    return moment
