"""Who writes in a random quarter: people who read only their mail, and answer it in some way, at some time.

Each message is written down with what a reader of it would know (`Said`), so that what the service does can be judged
by what people did, and not by what the service thinks of it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from csp_workflow.rehearsal.partners import excel
from csp_workflow.rehearsal.partners.mail import Post, Reply, write_message, write_reply
from csp_workflow.terms.dates import in_london
from tests.simulation.small_site import CODES
from tests.story.site_told import CO_ORDINATOR

KEYS = {code: key for key, code in CODES.items()}
OFFICE = "csp-returns@opcc.example"


@dataclass(frozen=True)
class Said:
    """A message on its way: what it is, about whom, and the `words` in it that must not be lost ("" for none)."""

    at: datetime
    raw: bytes
    sender: str
    what: str
    about: str = ""
    words: str = ""
    form: bytes = b""


@dataclass
class Pen:
    """Draws what people do, from the seed alone, and numbers what they write."""

    draw: random.Random
    written: int = 0

    def word(self) -> str:
        """A word that occurs nowhere else."""
        return f"quillow{self.written:04}x"

    def chance(self, share: float) -> bool:
        """Whether it happens this time."""
        return self.draw.random() < share

    def say(
        self,
        answering: Post | None,
        sender: str,
        text: str,
        *,
        at: datetime,
        what: str,
        about: str = "",
        words: str = "",
        subject: str = "",
        file: tuple[str, bytes] | None = None,
        automatic: bool = False,
    ) -> Said:
        """A message as a mail program writes it."""
        self.written += 1
        reply = Reply(
            sender=sender,
            name=sender.partition("@")[0],
            text=text,
            subject=subject,
            files=(file,) if file else (),
            automatic=automatic,
        )
        raw = (
            write_reply(reply, answering, at=at, number=self.written)
            if answering
            else write_message(reply, to=OFFICE, at=at, number=self.written)
        )
        return Said(at, raw, sender, what, about, words, file[1] if file else b"")


_OFFERED = re.compile(r"^\s*(?:Reply:|or:)\s+(\S.*?)\s*$", re.MULTILINE)
_PATIENCE: Mapping[str, int] = {"CLEAR": 2, "DISMISS": 2, "NIL": 99, "DECLINED": 99}
_TAKEN = ("RELEASE", "YES", "DONE", "DISMISS", "ACCEPT", "SHOW", "CLEAR", "CIRCULATE", "DRAFT", "REISSUE", "SEND")


def at_work(moment: datetime) -> datetime:
    """The same moment, or the next morning on which people are at their desks."""
    local = in_london(moment)
    if local.hour >= 17 or local.hour < 8:
        ahead = 1 if local.hour >= 17 else 0
        moment = (local.replace(hour=9, minute=10) + timedelta(days=ahead)).astimezone(moment.tzinfo)
    while in_london(moment).weekday() >= 5:
        moment += timedelta(days=1)
    return moment


@lru_cache(maxsize=400)
def fill(data: bytes, number: int, words: str, at: datetime) -> bytes:
    """A form filled in full, with the same number in all its own cells; one below nothing is one that nobody means."""
    return excel.fill(
        data, number=lambda *_: number, status=lambda *_: "Final", words=lambda ref: f"{words} ({ref})", now=at
    )


@dataclass
class People:
    """Everybody outside, as one draws them."""

    pen: Pen
    forms: dict[str, tuple[Post, bytes]] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    patience: dict[str, int] = field(default_factory=dict)
    loops: dict[str, int] = field(default_factory=dict)

    def read(self, letter: Post, now: datetime) -> Iterator[Said]:
        """What comes of one letter, sooner or later."""
        if letter.to == CO_ORDINATOR:
            yield from self._decide(letter, now)
        elif letter.to.startswith("chair@"):
            yield from self._approve(letter, now)
        else:
            yield from self._return(letter, now)

    # Leads ------------------------------------------------------------------------------------------

    def _return(self, letter: Post, now: datetime) -> Iterator[Said]:
        left = self.loops.setdefault(letter.to, 6 if self.pen.chance(0.05) else 0)
        if left:
            self.loops[letter.to] -= 1
            text = "Thank you for contacting us. We aim to answer within ten working days."
            yield self.pen.say(letter, letter.to, text, at=now + timedelta(minutes=2), what="loop")
        for name, data in letter.workbooks:
            key = KEYS.get(excel.form_code(data), "")
            if key:
                is_first = key not in self.forms
                self.forms[key] = (letter, data)
                yield from self._answer_form(letter, key, (name, data), now, is_first=is_first)
        if not letter.workbooks and self.pen.chance(0.1):
            yield from self._ask(letter, now)

    def _answer_form(
        self, letter: Post, key: str, form: tuple[str, bytes], now: datetime, *, is_first: bool
    ) -> Iterator[Said]:
        pen = self.pen
        if is_first and pen.chance(0.15):
            text = "I am out of the office until Monday 27 October 2014 and will answer on my return."
            yield pen.say(letter, letter.to, text, at=now + timedelta(minutes=1), what="away", automatic=True)
        way = pen.draw.choices(
            ("returns", "errs", "twice", "backwards", "nil", "declines", "silent", "asks", "forgets", "crosses"),
            (38, 12, 8, 8, 5, 5, 10, 12, 5, 5),
        )[0]
        if key == "force-analyst":
            way = pen.draw.choices(("returns", "twice", "silent"), (75, 10, 15))[0]
        after = timedelta(hours=pen.draw.choice((1, 5, 26, 50, 100, 170, 260, 400)))
        at = at_work(now + after)
        match way:
            case "returns" | "errs":
                yield self._send(letter, key, form, at, wrong=way == "errs")
            case "twice":
                first = self._send(letter, key, form, at)
                yield first
                again = pen.say(
                    letter,
                    letter.to,
                    "Once more, to be sure.",
                    at=at_work(at + timedelta(hours=2)),
                    what="again",
                    about=key,
                    file=(form[0], first.form),
                )
                yield again
                yield Said(again.at + timedelta(minutes=5), again.raw, again.sender, "copy", key)
            case "backwards":
                second = self._send(letter, key, form, at)
                first = self._send(letter, key, form, at - timedelta(minutes=30))
                yield from (Said(**{**vars(first), "at": second.at + timedelta(minutes=20)}), second)
            case "forgets":
                yield pen.say(letter, letter.to, "Please find attached our return.", at=at, what="forgets", about=key)
                yield self._send(letter, key, form, at_work(at + timedelta(hours=20)))
            case "crosses":
                yield from self._cross(letter, key, at)
                yield self._send(letter, key, form, at_work(at + timedelta(hours=30)))
            case "nil" | "declines":
                text = "Nil return\n\nWe have nothing to report." if way == "nil" else "We decline\n\nWe did not meet."
                yield pen.say(letter, letter.to, text, at=at, what=way, about=key)
            case "asks":
                yield from self._ask(letter, now, key)
                yield self._send(letter, key, form, at_work(at + timedelta(days=2)))
            case _:
                pass
        if way in {"returns", "twice"} and pen.chance(0.35):
            later = at_work(at + timedelta(days=pen.draw.choice((1, 3, 10, 30, 45))))
            yield self._send(letter, key, form, later)

    def _send(self, letter: Post, key: str, form: tuple[str, bytes], at: datetime, *, wrong: bool = False) -> Said:
        pen, beside = self.pen, ""
        text = "Please find our return attached."
        if pen.chance(0.2):
            beside = pen.word()
            text += f" The figure for {beside} follows on Friday."
        number = -5 if wrong else pen.draw.randint(3, 90)
        filled = fill(form[1], number, f"Work went on {pen.written}.", at)
        return pen.say(
            letter,
            letter.to,
            text,
            at=at,
            what="faulty" if wrong else "return",
            about=key,
            words=beside,
            file=(form[0], filled),
        )

    def _cross(self, letter: Post, key: str, at: datetime) -> Iterator[Said]:
        """Another partnership's form, found on a drive that several councils share."""
        others = [form for other, (_, form) in self.forms.items() if other != key]
        if others:
            word, form = self.pen.word(), self.pen.draw.choice(others)
            text = f"Our return, with the {word} figures."
            file = ("return.xlsx", fill(form, 12, "Theirs.", at))
            yield self.pen.say(letter, letter.to, text, at=at, what="crosses", words=word, file=file)

    def _ask(self, letter: Post, now: datetime, key: str = "") -> Iterator[Said]:
        word = self.pen.word()
        yield self.pen.say(
            letter,
            letter.to,
            f"Should we count the households of {word} as well? Please advise.",
            at=at_work(now + timedelta(hours=self.pen.draw.choice((1, 4, 30)))),
            what="question",
            about=key,
            words=word,
        )

    # Chairs -----------------------------------------------------------------------------------------

    def _approve(self, letter: Post, now: datetime) -> Iterator[Said]:
        if "with the word APPROVED" not in " ".join(letter.text.split()):
            return
        pen = self.pen
        key = letter.to.partition("@")[2].removesuffix(".example")
        at = at_work(now + timedelta(hours=pen.draw.choice((1, 20, 50, 120))))
        way = pen.draw.choices(("approves", "reserves", "silent", "refuses"), (60, 15, 18, 7))[0]
        word = pen.word()
        match way:
            case "approves":
                yield pen.say(letter, letter.to, "APPROVED\n\nThank you.", at=at, what="approves", about=key)
            case "reserves":
                text = f"Approved subject to the {word} figure being checked with the force."
                yield pen.say(letter, letter.to, text, at=at, what="reserves", about=key, words=word)
            case "refuses":
                text = f"I cannot approve this yet: the text about {word} is wrong."
                yield pen.say(letter, letter.to, text, at=at, what="refuses", about=key, words=word)
            case _:
                pass

    # The co-ordinator -------------------------------------------------------------------------------

    def _decide(self, letter: Post, now: datetime) -> Iterator[Said]:
        pen = self.pen
        if re.search(r"reply with SEND\b", letter.text):
            at = at_work(now + timedelta(hours=pen.draw.choice((1, 2, 3, 26))))
            if pen.chance(0.15):
                text = f"SEND but not to Melton before {pen.word()} has rung me."
                yield pen.say(letter, CO_ORDINATOR, text, at=at, what="reserved order", words="SEND")
                at += timedelta(hours=1)
            yield pen.say(letter, CO_ORDINATOR, "SEND", at=at, what="order", words="SEND")
            return
        offered = dict.fromkeys(x for x in _OFFERED.findall(letter.text) if x.split()[0] in _TAKEN)
        orders = [order for order in offered if self._has_decided(order)]
        if any(order.startswith("SHOW") for order in orders):  # who shows a paper does not clear it in the same breath
            orders = [order for order in orders if not order.startswith("CLEAR")]
        if orders:
            at = at_work(now + timedelta(hours=1))
            yield pen.say(letter, CO_ORDINATOR, "\n".join(orders), at=at, what="order", words=" ".join(orders))
        if pen.chance(0.04):
            order = self._draw_order(now)
            yield pen.say(
                None, CO_ORDINATOR, order, subject="An order", at=at_work(now + timedelta(hours=2)), what="order"
            )

    def _has_decided(self, order: str) -> bool:
        if any(blank in order for blank in ("<", "Name", "whom", "reason", "evidence")):
            return False
        self.patience[order] = self.patience.get(order, 0) + 1
        return self.patience[order] >= _PATIENCE.get(order.split(maxsplit=1)[0], 1)

    def _draw_order(self, now: datetime) -> str:
        code = self.pen.draw.choice(("LEIC", "CHARN", "MELT"))
        until = at_work(now + timedelta(days=self.pen.draw.randint(2, 20)))
        orders: tuple[Callable[[], str], ...] = (
            lambda: f"EXTEND {code} {in_london(until):%-d %B} BECAUSE the officer is ill",
            lambda: f"HOLD {code}",
            lambda: f"RESUME {code}",
            lambda: f"STATUS",  # noqa: F541 - one of a row of orders
        )
        return self.pen.draw.choice(orders)()
