"""What is true in every quarter, judged by what people did and what they were sent (design, section 12).

N1 no loss, N2 nothing twice, N3 no crossing, N4 no wrong chase, N6 what happened is never changed, N9 no words unseen,
N11 no stale sentence, N12 our failure is never theirs, N14 an order with more beside it is not carried out, N15 what a
letter says was done has an event or a letter behind it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import CycleState, in_london
from csp_workflow.terms.events import Event, Happened, LetterState, Manner
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.status import fold_cycle
from tests.promises import list_unkept
from tests.report.paper_read import list_paragraphs
from tests.simulation.people import Said
from tests.simulation.small_site import CODES, PARTNERSHIPS
from tests.story.site_told import CO_ORDINATOR, Q2, Played

CHASES = ("reminder-before-due", "reminder-due-today", "reminder-overdue", "overdue-chair")
FORMS = {"return", "faulty", "again", "copy"}
_PENDING = {LetterState.QUEUED, LetterState.CLAIMED, LetterState.HANDING, LetterState.UNKNOWN}
_WORD = re.compile(r"quillow\d+x")
_DUE = re.compile(r"Due: (?:\d+:\d+ on )?\w+ (\d+ \w+ \d{4})")
_IN = re.compile(r"(\w+) of (\w+) returns? in\b")
_CAME = re.compile(r"A return was received on (\d+ \w+ \d{4})(, after the day)?")
_APPROVED_ON = re.compile(r"approved by the Chair on (\d+ \w+ \d{4})")
_DUE_AT_FIRST = date(2014, 10, 28)
_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
ANSWERS_A_DAY = 3


def flat(text: str) -> str:
    """On one line."""
    return " ".join(text.split())


@dataclass
class Watch:
    """What was seen so far."""

    events: tuple[Event, ...] = ()
    letters: dict[str, str] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    came: dict[str, datetime] = field(default_factory=dict)
    pressed: set[tuple[str, str]] = field(default_factory=set)
    judged: set[str] = field(default_factory=set)
    withdrawn: int = 0
    due: dict[str, date] = field(default_factory=dict)
    not_worked: set[date] = field(default_factory=set)
    answers: Counter[tuple[str, date]] = field(default_factory=Counter)

    # After each letter --------------------------------------------------------------------------------

    def judge_letter(self, letter: Post, said: Sequence[Said], now: datetime) -> Iterator[str]:
        """A letter as its reader has it, at the moment at which it came."""
        text = flat(letter.text)
        where = f"{_clock(now)} {letter.to} «{letter.subject}»"
        told = set(_WORD.findall(f"{letter.subject} {text}"))
        if letter.to == CO_ORDINATOR:
            self.shown |= told
        elif letter.to.endswith(CO_ORDINATOR):  # her deputy, whose own words were no order, and who is told so
            self.shown |= told & {one.words for one in said if one.sender == letter.to}
        self.texts[letter.message_id] = text
        self.came[letter.message_id] = now
        words = {one.words: one for one in said if _WORD.fullmatch(one.words)}
        for word in set(_WORD.findall(text)):
            one = words.get(word)
            if one and letter.to != one.sender and "You also wrote" in text:
                yield f"N11: {word} was written by {one.sender}, but: {where}"
            if (
                one
                and letter.to != one.sender
                and not letter.to.endswith(CO_ORDINATOR)
                and not _is_its_own(letter.to, one)
            ):
                yield f"N3: {word} of {one.sender} in a letter to another: {where}"
        if re.search(r"(has|have) not reached us", text):
            for key in _named_in(letter):
                if early := [x for x in said if x.about == key and x.what in FORMS and x.at < now]:
                    yield f"N11: '{key}' came on {_clock(early[0].at)}, but {where}"
        if found := _IN.search(text):
            yield from self._judge_count(_as_number(found[1]), said, now, where)
        for day in _DUE.findall(letter.text):
            yield from self._judge_due(_as_day(day), _named_in(letter), now, where)
        for name, data in letter.files:
            if name.endswith(".docx"):
                yield from (f"N11: {name}: {x} ({where})" for x in judge_paper(data, said, now, self.due))

    def _judge_count(self, told: int, said: Sequence[Said], now: datetime, where: str) -> Iterator[str]:
        def came(until: datetime) -> int:
            return len({x.about for x in said if x.what in FORMS and x.at <= until})

        others = {x.about for x in said if x.what in {"nil", "declines"}}
        least = len({x.about for x in said if x.what in FORMS and x.at <= now - timedelta(days=1)} - others)
        if not least <= told <= came(now):
            yield f"N11: {told} returns in, but {least} to {came(now)} came: {where}"

    def _judge_due(self, told: date, keys: Sequence[str], now: datetime, where: str) -> Iterator[str]:
        if len(keys) != 1 or keys == ["force-analyst"]:
            return
        key = keys[0]
        if told < self.due.get(key, told):
            yield f"N11: {key} was told {self.due[key]:%d %b} and is now told {told:%d %b}: {where}"
        if told in self.not_worked:
            yield f"N11: {key} is told {told:%d %b}, which is no working day any more: {where}"
        self.due[key] = told

    # After each beat ----------------------------------------------------------------------------------

    def judge_beat(self, outside: Outside, said: Sequence[Said], now: datetime, *, whole: bool) -> Iterator[str]:
        """The store after a beat."""
        store = outside.store
        events = store.events(Q2)
        if events[: len(self.events)] != self.events:
            yield "N6: what had happened was changed"
        fresh, self.events = events[len(self.events) :], events
        rows = store.letters()
        self.withdrawn = sum(row.state is LetterState.WITHDRAWN for row in rows)
        for row in rows:
            is_kept = row.not_before is not None and row.not_before > row.queued  # for the morning letter of this beat
            if row.state is LetterState.WITHDRAWN and row.queued == now and whole and not is_kept:
                yield f"{_clock(now)} written only to be withdrawn: {row.kind} to {row.recipient}: {row.reason}"
            if row.state is LetterState.SENT and row.id not in self.judged:
                self.judged.add(row.id)
                yield from self._judge_sent(outside, row, rows, said, now)
        keys = Counter((row.kind, row.cause, row.recipient) for row in rows)
        yield from (f"N2: two letters of one cause: {key}" for key, count in keys.items() if count > 1)
        for event in fresh:
            yield from self._judge_event(outside, event, said, now)
        if whole and not store.service_status().on_hold:
            unjudged = store.unjudged()
            if unjudged:
                yield f"N1: {len(unjudged)} messages without a verdict after a whole beat at {_clock(now)}"
        for row in store.messages():
            if row.verdict in {Verdict.UNREADABLE, Verdict.QUARANTINED}:
                yield f"N12: {row.sender} {row.subject}: {row.verdict}: {row.reason}"

    def _judge_sent(self, outside, row, rows, said, now) -> Iterator[str]:  # type: ignore[no-untyped-def]
        # A letter whose hand-over was cut off is known to have been sent only later.
        now = self.came.get(row.message_id, now)
        local = in_london(now)
        where = f"{row.kind} to {row.recipient} at {_clock(now)}"
        text = self.texts.get(row.message_id, "")
        if row.manner is Manner.TIMED:
            if (row.recipient, text) in self.pressed:
                yield f"N2: sent twice, word for word: {where}"
            self.pressed.add((row.recipient, text))
            if not outside.site.working_days.is_working(local.date()) or not 9 <= local.hour < 16:
                yield f"N4: outside the window: {where}"
            today = [
                x for x in rows
                if x.recipient == row.recipient and x.manner is Manner.TIMED
                and x.sent and in_london(x.sent).date() == local.date() and kind_chases(x.kind)
            ]  # fmt: skip
            if kind_chases(row.kind) and len(today) > 1:
                yield f"N4: twice on one day: {where}: {[x.kind for x in today]}"
        happened = (*outside.store.events(Q2), *outside.store.events(None))
        yield from (f"N15: nothing is behind «{x}»: {where}" for x in list_unkept(row, text, happened, rows))
        if row.manner is Manner.ANSWER:
            self.answers[row.recipient, local.date()] += 1
            acts = [x for x in said if x.what != "loop" and in_london(x.at).date() >= local.date() - timedelta(days=3)]
            if self.answers[row.recipient, local.date()] > ANSWERS_A_DAY + len(acts):
                yield f"N5: {self.answers[row.recipient, local.date()]} answers in a day: {where}"
        if row.kind in CHASES:
            for key in row.respondents:
                came = [x for x in said if x.about == key and x.what in FORMS | {"nil", "declines"} and x.at < now]
                if came:
                    yield f"N4: {key} came on {_clock(came[0].at)} ({came[0].what}), but {where}"

    def _judge_event(self, outside: Outside, event: Event, said: Sequence[Said], now: datetime) -> Iterator[str]:
        if event.kind is Happened.APPROVED:
            plain = [x for x in said if x.what == "approves" and x.about == event.respondent and x.at <= now]
            if not plain:
                yield f"N14: {event.respondent} approved by nobody's plain word ({event.by})"
        if event.kind is Happened.CYCLE_OPENED and not any(x.what == "order" and "SEND" in x.words for x in said):
            yield "N14: the cycle was opened without a plain SEND"

    def judge_rest(self, outside: Outside, tick: Callable[[], object], now: datetime) -> Iterator[str]:
        """A second beat at the same moment does nothing, unless the first withdrew what a letter waited behind."""
        withdrawn = sum(x.state is LetterState.WITHDRAWN for x in outside.store.letters())
        if withdrawn > self.withdrawn:
            return
        before = self._count(outside)
        tick()
        after = self._count(outside)
        if before != after:
            yield f"{_clock(now)} a second beat did something: {after[2] ^ before[2]} {before[:2]} {after[:2]}"

    @staticmethod
    def _count(outside: Outside) -> tuple[int, int, frozenset[tuple[str, ...]]]:
        store = outside.store
        letters = frozenset((x.kind, x.recipient, x.cause, x.state.value) for x in store.letters())
        return len(store.events(Q2)), len(store.events(None)), letters

    # At the end ---------------------------------------------------------------------------------------

    def judge_end(self, site: Played, said: Sequence[Said], now: datetime) -> Iterator[str]:
        """When the quarter is over."""
        outside = site.opened(now).outside
        store = outside.store
        rows = {row.id: row for row in store.messages()}
        heard = {sha256(x.raw).hexdigest() for x in said}
        if lost := heard - {self._identity(outside, row) for row in rows.values()}:
            yield f"N1: {len(lost)} messages are nowhere"
        came = {x.id: x.received for key in store.cycle_status(Q2).returns for x in store.submissions(Q2, key)}
        if store.cycle_status(Q2) != fold_cycle(Q2, store.events(Q2), received=came):
            yield "N6: the events replayed give another status"
        for one in said:
            if _WORD.fullmatch(one.words) and one.words not in self.shown and one.at < now - timedelta(days=4):
                yield f"N9: {one.words} of {one.sender} ({one.what}, {in_london(one.at):%d %b}) was never shown to her"
        taken = {x.attachment for key in store.cycle_status(Q2).returns for x in store.submissions(Q2, key)}
        verdicts = {self._identity(outside, row): row.verdict for row in rows.values()}
        for one in (x for x in said if x.what in FORMS and x.form):
            verdict = verdicts.get(sha256(one.raw).hexdigest())
            if sha256(one.form).hexdigest() not in taken and verdict is not Verdict.HELD:
                yield f"N1: the {one.what} of {one.about} of {_clock(one.at)} is neither taken nor held: {verdict}"
        waiting = [x for x in store.letters() if x.state in _PENDING and now - x.queued > timedelta(days=7)]
        status = store.service_status()
        if waiting and not status.held_respondents and not status.on_hold:
            yield f"stuck: {[(x.kind, x.recipient, x.state.value) for x in waiting]}"
        if store.cycle_status(Q2).state not in {CycleState.CLOSED, CycleState.ARCHIVED}:
            yield f"the quarter ended {store.cycle_status(Q2).state}"

    @staticmethod
    def _identity(outside: Outside, row) -> str:  # type: ignore[no-untyped-def]
        return sha256(outside.archive.fetch(row.content)).hexdigest()


def judge_paper(data: bytes, said: Sequence[Said], now: datetime, due: Mapping[str, date]) -> Iterator[str]:
    """What a paper says of each return, beside what people did."""
    lines = list_paragraphs(data)
    for name, line in ((name, line) for name, line in pairwise(lines) if name.endswith("Partnership")):
        key = next((key for key in PARTNERSHIPS if key in name.lower()), "")
        forms = [x for x in said if x.about == key and x.what in FORMS]
        first = in_london(forms[0].at).date() if forms else None
        if found := _CAME.search(line):
            told = _as_day(found[1])
            if first is None or not first <= told <= first + timedelta(days=4):
                yield f"{key} came on {first}, but: {line}"
            elif bool(found[2]) != (told > due.get(key, _DUE_AT_FIRST)):
                yield f"{key} was due on {due.get(key)}, but: {line}"
        elif "No return was received" in line and forms and forms[0].at < now - timedelta(days=4):
            yield f"{key} came on {first}, but: {line}"
        yeses = [in_london(x.at).date() for x in said if x.about == key and x.what == "approves"]
        for day in map(_as_day, _APPROVED_ON.findall(line)):
            if not any(yes <= day <= yes + timedelta(days=4) for yes in yeses):
                yield f"{key}'s chair said yes on {yeses}, but: {line}"


def _clock(moment: datetime) -> str:
    return f"{in_london(moment):%d %b %H:%M}"


def _as_day(text: str) -> date:
    return datetime.strptime(text, "%d %B %Y").date()


def _as_number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS.index(word.lower())


def kind_chases(kind: str) -> bool:
    """Whether a letter presses somebody."""
    return kind in CHASES or kind.endswith("-reminder")


def _is_its_own(address: str, one: Said) -> bool:
    return address.partition("@")[2] in {one.sender.partition("@")[2], f"{one.about}.example"}


def _named_in(letter: Post) -> list[str]:
    codes = re.search(r"\[CSP \S+ ([A-Z ,+&]+)", letter.subject)
    named = set(re.findall(r"[A-Z]{4,5}", codes[1])) if codes else set()
    return [key for key, code in CODES.items() if code in named]
