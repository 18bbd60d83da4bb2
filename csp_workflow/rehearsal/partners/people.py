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
    """Somebody with an address and habits. `seed` makes what they type repeatable."""

    address: str
    name: str
    turns: list[Turn]
    seed: int
    letters: list[Post] = field(default_factory=list)
    _passed_over: dict[int, int] = field(default_factory=dict)
    _written: int = 0

    def reads(self, letter: Post, now: datetime, *, office: str) -> list[Sending]:
        """Read a letter and say what will be sent because of it."""
        self.letters.append(letter)
        for turn in self.turns:
            if not turn.notices(letter):
                continue
            passed = self._passed_over.get(id(turn), 0)
            if passed < turn.skip:
                self._passed_over[id(turn)] = passed + 1
                return []
            self.turns.remove(turn)
            return self._sendings(turn, letter, now, office)
        return []

    def _sendings(self, turn: Turn, letter: Post, now: datetime, office: str) -> list[Sending]:
        at = now + turn.after
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
