"""Who reads mail: a person with turns to take, the co-ordinator, and an address that no longer exists.

Each reads a letter once and decides, in their own time, what to send back.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial

from csp_workflow.rehearsal.partners.mail import Enclosure, File, Post, Reply, Sending, write_reply
from csp_workflow.rehearsal.partners.word import add_sentence, asks_for_parts, write_parts


@dataclass
class Reader:
    """Somebody at an address. `seed` makes what they write repeatable."""

    address: str
    name: str
    seed: int
    _written: int = 0

    def reads(self, letter: Post, now: datetime) -> list[Sending]:
        """Read a letter and say what will be sent because of it."""
        raise NotImplementedError

    def next_number(self) -> int:
        """The number of the next message that is written here."""
        self._written += 1
        return zlib.crc32(f"{self.seed}:{self.address}:{self._written}".encode())


@dataclass(frozen=True, kw_only=True)
class Luck:
    """What befalls somebody at an address, the same each time."""

    seed: int
    address: str

    def draw(self, *about: object) -> float:
        """A number from 0 to 1 that depends only on the seed, the person and what it is about."""
        return zlib.crc32(repr((self.seed, self.address, about)).encode()) / 0xFFFFFFFF


@dataclass(frozen=True)
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


@dataclass
class Person(Reader):
    """Somebody with habits.

    `plans` holds one list of turns for each thing they are asked for; the turns of a list follow
    one another.
    """

    plans: list[list[Turn]] = field(default_factory=list)
    letters: list[Post] = field(default_factory=list)
    _passed_over: Counter[int] = field(default_factory=Counter)

    def reads(self, letter: Post, now: datetime) -> list[Sending]:
        """Take the next turn of each plan that notices the letter."""
        self.letters.append(letter)
        due = [plan for plan in self.plans if plan and plan[0].notices(letter)]
        return [sending for plan in due for sending in self._take(plan, letter, now)]

    def _take(self, plan: list[Turn], letter: Post, now: datetime) -> list[Sending]:
        """Take the plan's next turn, unless letters of its sort are still let lie."""
        turn = plan[0]
        if self._passed_over[id(turn)] < turn.skip:
            self._passed_over[id(turn)] += 1
            return []
        plan.pop(0)
        at, sendings = _at_work(now + turn.after), []
        for reply in turn.act(self, letter, at):
            write = partial(write_reply, reply, letter, at=at, number=self.next_number())
            sendings.append(Sending(at=at, write=write, told=turn.told))
            at += timedelta(minutes=7)
        return sendings

    @property
    def luck(self) -> Luck:
        """What befalls this person."""
        return Luck(seed=self.seed, address=self.address)

    def say(self, text: str, *files: File | Enclosure) -> Reply:
        """A reply of this person's."""
        return Reply(sender=self.address, name=self.name, text=text, files=files)


def _at_work(moment: datetime) -> datetime:
    """The same moment, or the next morning on which people are at their desks."""
    if moment.hour >= 17:
        moment = moment.replace(hour=9, minute=10) + timedelta(days=1)
    elif moment.hour < 8:
        moment = moment.replace(hour=9, minute=10)
    while moment.weekday() >= 5:
        moment += timedelta(days=1)
    return moment


# The co-ordinator ---------------------------------------------------------------------------------

_OFFERED = re.compile(r"^\s*(?:Reply:|or:)\s+(\S.*?)\s*$", re.MULTILINE)
_TAKEN = ("RELEASE", "YES", "DONE", "DISMISS", "ACCEPT", "SHOW", "CLEAR", "CIRCULATE")
"""The orders she gives of those a digest offers; where it offers two, the one that stands here."""
_PATIENCE = {"DISMISS": 2}
"""How many mornings she looks at something before she decides; everything else she decides at once."""


@dataclass
class CoOrdinator(Reader):
    """She sends after looking at the proof pack, and works through each morning's digest."""

    _seen: Counter[str] = field(default_factory=Counter)

    def reads(self, letter: Post, now: datetime) -> list[Sending]:
        """Order SEND, or what the digest offers and she has made up her mind about."""
        if re.search(r"reply with SEND\b", letter.text):
            return self._order(["SEND"], letter, now + timedelta(hours=2), "looked at the proof pack and replied SEND")
        if (edited := self._edit_draft(letter)) is not None:
            told, file = edited
            return self._order([], letter, now + timedelta(hours=1), told, file)
        if shows := re.findall(r"reply with (SHOW \w+)\.", " ".join(letter.text.split())):
            told = f"read the draft and replied {shows[0]}: each partnership is shown its page"
            return self._order(shows[:1], letter, now + timedelta(hours=1), told)
        if cleared := re.findall(r"(CIRCULATE \w+) sends it", " ".join(letter.text.split())):
            told = f"read that the paper is cleared and replied {cleared[0]}"
            return self._order(cleared[:1], letter, now + timedelta(days=1), told)
        offered = dict.fromkeys(order for order in _OFFERED.findall(letter.text) if order.split()[0] in _TAKEN)
        orders = [order for order in offered if "WITHOUT WAITING" not in order and self._decides(order)]
        clears = [order for order in orders if order.startswith("CLEAR")]
        # Of the first paper she reads once more that it is cleared; the later ones go out in the same reply.
        orders += [order.replace("CLEAR", "CIRCULATE") for order in clears if self._seen["clears"]]
        self._seen["clears"] += len(clears)
        told = f"replied to the digest: {', '.join(orders)}"
        return self._order(orders, letter, now + timedelta(hours=1), told) if orders else []

    def _edit_draft(self, letter: Post) -> tuple[str, File] | None:
        """The first draft with a sentence of hers, and any that asks for the Office's own words with those; with what
        she did. None for any other letter."""
        drafts = [file for file in letter.files if file[0].endswith("draft 1.docx")]
        self._seen["drafts"] += len(drafts)
        if not drafts:
            return None
        name, data = drafts[0]
        hers = name.replace("draft 1", "my version")
        if asks_for_parts(data):
            told = "wrote the Office's own parts into the draft in Word and sent it back"
            return told, (hers, write_parts(data, _write_parts_of_year()))
        typed = "The Partnership Manager will answer questions at the meeting."
        told = "added a sentence to the draft in Word and sent it back"
        is_first = self._seen["drafts"] == 1
        return (told, (hers, add_sentence(data, "The purpose of this report", typed))) if is_first else None

    def _decides(self, order: str) -> bool:
        self._seen[order] += 1
        return self._seen[order] >= _PATIENCE.get(order.split(maxsplit=1)[0], 1)

    def _order(self, orders: list[str], letter: Post, at: datetime, told: str, *files: File) -> list[Sending]:
        reply = Reply(sender=self.address, name=self.name, text="\n".join(orders), files=files)
        write = partial(write_reply, reply, letter, at=at, number=self.next_number())
        return [Sending(at=at, write=write, told=told)]


_PARTS = {
    "for people here": "This year was one of steady work. More people told us what had been done to them, and were "
    "heard; some of what we hoped to finish is not finished, and the pages below say so.",
    "in grants": "Grants went to all partnerships, for lines that were agreed beforehand. Most of the money bought "
    "people's time: outreach, advice and youth work. What was not spent came back.",
    "next year": "Next year the partnerships in the east work as one, and each partnership says once a quarter what it "
    "stopped doing.",
}
_BY_THEME = (
    "Courses and reparation reached more young people than the year before; work with adults after prison began late.",
    "People who came forward were offered help sooner. Waiting for court remains what they complain of most.",
    "Patrols, marking and lighting went where the figures pointed; where they rose, partners say what they did.",
    "Front-line staff know the signs of exploitation better, and say so earlier; more reports were the aim.",
    "Partnerships shared tenders and posts. Savings were real and small; the budget of next year is not settled.",
)


def _write_parts_of_year() -> Callable[[str], str]:
    """What the Office says of its year, by what is asked; of one theme after another something else. All made up."""
    themes = iter(_BY_THEME)
    return lambda asked: next((text for words, text in _PARTS.items() if words in asked), "") or next(themes, asked)


# An address that no longer exists: the mail system there sends every letter back ------------------------


@dataclass
class DeadAddress(Reader):
    """Where nobody reads mail any more."""

    def reads(self, letter: Post, now: datetime) -> list[Sending]:
        """Send the letter back."""
        at = now + timedelta(minutes=3)
        told = f"sent our letter back: {self.address} does not exist any more"
        return [Sending(at=at, write=partial(_write_report, letter, at, self.next_number()), told=told)]


def _write_report(letter: Post, at: datetime, number: int) -> bytes:
    """A delivery status notification (RFC 3464) with the headers of the letter."""
    server = f"mail.{letter.to.partition('@')[2]}"
    edge = f"=_report_{number}"
    words = f"Your message to {letter.to} could not be delivered: no such mailbox."
    of_one = f"Final-Recipient: rfc822; {letter.to}\r\nAction: failed\r\nStatus: 5.1.1"
    headers = f"From: {letter.sender}\r\nTo: {letter.to}\r\nMessage-ID: {letter.message_id}"
    parts = (
        ("text/plain; charset=us-ascii", words),
        ("message/delivery-status", f"Reporting-MTA: dns; {server}\r\n\r\n{of_one}"),
        ("text/rfc822-headers", headers),
    )
    body = "".join(f"--{edge}\r\nContent-Type: {kind}\r\n\r\n{text}\r\n\r\n" for kind, text in parts)
    return (
        f"Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@{server}>\r\nTo: {letter.sender}\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\nDate: {format_datetime(at)}\r\n"
        f"Message-ID: <report-{number}@{server}>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{edge}"\r\n\r\n{body}--{edge}--\r\n'
    ).encode("ascii")
