"""What became of one edit of a form: taken as it is seen, asked about, listed, or silently wrong or lost."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from screen import Meaning, Seen, count_of, mean

from csp_workflow.forms import layout
from csp_workflow.forms.layout import same
from csp_workflow.intake.outcomes.settling import Settled
from csp_workflow.terms.cells import Input
from csp_workflow.terms.figures import Figure, FigureStatus, MeasureKind
from csp_workflow.terms.returns import FigureRow, FormDefinition

TAKEN, ASKED, LISTED, NEEDLESS, WRONG, LOST = "taken", "asked", "listed", "needlessly", "wrong", "lost"
VERDICTS = (TAKEN, ASKED, LISTED, NEEDLESS, WRONG, LOST)

VALUE, OF = ("This quarter", "How many"), ("Out of", "Out of how many")


@dataclass(frozen=True)
class Done:
    """An edit as it was done: what kind, in which row and column of which sheet, and what is seen there now."""

    kind: str
    sheet: str
    key: str
    column: str
    seen: Seen


@dataclass(frozen=True)
class Outcome:
    """What is recorded of a form, asked about it and told of it."""

    form: FormDefinition
    settled: Settled

    def judge(self, done: Done) -> str:
        """The verdict on one edit."""
        if done.sheet != layout.FIGURES or done.column in {layout.DROVE_IT, layout.NOTE}:
            return self._judge_box(done)
        row = self.find_row(done.key)
        return self._judge_status(done, row) if done.column == layout.STATUS else self._judge_figure(done, row)

    def find_row(self, key: str) -> FigureRow:
        """The row of figures of a key."""
        return next(row for row in self.form.figures if layout.figure_key(row.area.code, row.ref) == key)

    def tells(self, words: str) -> bool:
        """Whether words are said back, or kept."""
        return not words or any(plain(words[:30]) in plain(text) for text in self._list_told())

    def _list_told(self) -> Iterable[str]:
        parts = self.settled.checked.parts
        yield from (*parts.remarks, *parts.unrecorded)
        yield from (*(f.found for f in parts.findings), *(r.typed for r in parts.readings))
        yield from (*(f.note for f in parts.figures), *(n.text for n in parts.narratives))

    def _find_figure(self, row: FigureRow) -> Figure | None:
        figures = self.settled.checked.parts.figures
        return next((f for f in figures if (f.series, f.area) == (row.ref, row.area.code)), None)

    def _is_asked(self, key: str, columns: Iterable[str]) -> bool:
        findings = self.settled.checked.parts.findings
        if key.startswith("Q") and any(f.found.startswith(f"{key}: ") for f in findings):
            return True
        return any((same(f.key) == same(key) and f.column in columns) or f.code == "missing-column" for f in findings)

    # Figures

    def _judge_figure(self, done: Done, row: FigureRow) -> str:
        figure, asked, seen = self._find_figure(row), count_of(row), done.seen
        is_asked = self._is_asked(done.key, {*VALUE, *OF, ""})
        is_count = bool(row.out_of) and not re.search(r"%|per cent|\dpc", seen.text)
        meant = None if seen.is_doubtful else mean(seen.text, asked if is_count else row)
        if figure is None:
            return self._judge_missing(done, asked, meant, is_asked=is_asked)
        if not is_asked and not self.tells(seen.words):
            return LOST
        value = figure.count if is_count else figure.value
        if meant is not None and meant.fits(value, figure.status):
            return ASKED if is_asked else TAKEN
        return ASKED if is_asked else WRONG

    def _judge_missing(self, done: Done, row: FigureRow, meant: Meaning | None, *, is_asked: bool) -> str:
        if is_asked:
            return NEEDLESS if meant is not None and is_possible(meant, row) else ASKED
        is_empty = not done.seen.text.strip() and not row.required
        return TAKEN if is_empty and self.tells(done.seen.words) else LOST

    def _judge_status(self, done: Done, row: FigureRow) -> str:
        """The verdict on what was chosen, or typed, as a status."""
        means = {words.lower(): status for words, status in layout.STATUS_MEANS.items()} | NEAR_STATUS
        meant, figure = means.get(done.seen.text.strip().lower()), self._find_figure(row)
        if self._is_asked(done.key, {*VALUE, *OF, layout.STATUS, ""}):
            return ASKED
        if figure is None:
            return LOST
        if meant is None:
            return WRONG
        return TAKEN if figure.status is meant and (meant.has_value or figure.value is None) else WRONG

    # Everything else

    def _judge_box(self, done: Done) -> str:
        seen, said = done.seen, [text for text in self._list_recorded(done) if text]
        if not self.tells(seen.words):
            return LOST
        if self._is_asked(done.key, self._list_columns(done)):
            return ASKED
        is_listed = self._is_listed(done)
        if seen.is_doubtful:
            return LISTED if is_listed else WRONG if said else LOST
        # "Still holds" puts last quarter's words there.
        is_shared = done.column in {layout.DROVE_IT, layout.NOTE, layout.HAPPENED}
        is_shared = is_shared or done.sheet in {layout.POLICE, layout.QUESTIONS}
        if layout.is_left_empty(seen.text):
            return WRONG if said and not is_shared else TAKEN
        is_part = done.sheet in {layout.POLICE, layout.QUESTIONS}
        meant = NEAR_CHOICE.get(done.column, {}).get(plain(seen.text).casefold(), seen.text)
        if any(fits(one, text, is_part=is_part) for text in said for one in (seen.text, meant)):
            return TAKEN
        if self._is_no_answer(done):
            return TAKEN
        return LISTED if is_listed else WRONG if said else LOST

    def _is_listed(self, done: Done) -> bool:
        lines = [plain(line) for line in self.settled.checked.parts.unrecorded]
        text = iso_day(done.seen.text) or plain(done.seen.text)[:30]
        if not text:
            return any(done.key in line for line in lines)
        return any(text in line and same(done.key) in same(line) for line in lines)

    def _list_columns(self, done: Done) -> set[str]:
        """The columns under which an edit is asked about; a row of the force's is asked about as a whole."""
        if done.sheet == layout.POLICE and done.column in {layout.CONFIRM, layout.THIS_QUARTER}:
            return {layout.CONFIRM, layout.THIS_QUARTER, layout.NOTE} - ({layout.NOTE} & {done.column})
        return {done.column, *((layout.ENTRY,) if done.sheet == layout.SIGN_OFF else ())}

    def _is_no_answer(self, done: Done) -> bool:
        """Whether what is seen says nothing: what stands there as sent, or a No where a tick is asked for."""
        text = plain(done.seen.text).casefold()
        if done.key in {layout.NIL, layout.DECLINE}:
            return text in NO
        if (done.sheet, done.column) != (layout.POLICE, layout.THIS_QUARTER):
            return False
        row = self.find_row(done.key)
        meant = mean(done.seen.text, row)
        assert row.given is not None
        is_same = meant is not None and meant.number == row.given.value and meant.status in {None, row.given.status}
        return is_same or same(text) == same(layout.say_given(row))

    def _list_recorded(self, done: Done) -> Iterable[str]:
        if done.sheet == layout.POLICE:
            return self._list_of_police(done)
        if done.sheet == layout.FIGURES:
            return self._list_of_figure(done)
        if done.sheet == layout.SIGN_OFF:
            return self._list_of_sign_off(done)
        if done.sheet == layout.QUESTIONS:
            heads = (f"To our question {done.key} you answered: ",)
            remarks = self.settled.checked.parts.remarks
            return [r.removeprefix(heads[0])[:-1] for r in remarks if r.startswith(heads)]
        told = [n for n in self.settled.checked.parts.narratives if n.ref == done.key]
        by = {
            layout.HAPPENED: lambda n: n.text, layout.ANSWER: lambda n: n.text, layout.NEXT: lambda n: n.promise,
            layout.STATUS: lambda n: n.promise, layout.QUICK: lambda n: _say_choice(layout.QUICK_MEANS, n.answer),
            layout.PROMISE_NOW: lambda n: _say_choice(layout.PROMISE_MEANS, n.promise_now),
        }  # fmt: skip
        typed = [_say_choice(layout.QUICK_MEANS, n.answer) for n in told if done.column == layout.HAPPENED]
        return [*(by[done.column](one) for one in told), *typed]

    def _list_of_police(self, done: Done) -> list[str]:
        parts = self.settled.checked.parts
        disputes = {layout.figure_key(area, ref): text for area, ref, text in parts.disputes}
        if done.key.endswith(layout.ALL):
            area = done.key.split()[0]
            return [layout.CONFIRMED] * any(key.startswith(area) for key in parts.confirmed)
        if done.column == layout.CONFIRM:
            is_yes = done.key in parts.confirmed
            return [layout.CONFIRMED] * is_yes + [layout.DISPUTED] * (done.key in disputes)
        row = self.find_row(done.key)
        marked = [r for r in parts.remarks if f"” for {row.title}, {row.area.name}." in r]
        return [*(n.text for n in parts.narratives if n.ref == done.key), disputes.get(done.key, ""), *marked]

    def _list_of_figure(self, done: Done) -> list[str]:
        figure = self._find_figure(self.find_row(done.key))
        which = Input.NOTE if done.column == layout.NOTE else Input.DROVE_IT
        kept = [one.text for one in self.settled.inputs if (one.key, one.input) == (done.key, which)]
        said = [] if figure is None else [figure.note if which is Input.NOTE else figure.drove_it]
        return [*said, *kept]

    def _list_of_sign_off(self, done: Done) -> list[str]:
        checked = self.settled.checked
        name = next(row.name for row in layout.SIGN_OFF_ROWS if row.label == done.key)
        if name in {"nil", "decline"}:
            return ["yes"] * (checked.nil if name == "nil" else checked.declined)
        return [checked.reason if name == "reason" else getattr(checked.sign_off, name)]


YES = {"yes", "y", "x", "true", "tick", "\u2713", "\u2714", "\u2611"}
NEAR_STATUS = {
    **dict.fromkeys(("prov.", "prov", "[p]", "not final", "provisional - subject to audit"), FigureStatus.PROVISIONAL),
    **dict.fromkeys(("est", "estimate"), FigureStatus.ESTIMATED),
    "suppressed": FigureStatus.SUPPRESSED, "confirmed": FigureStatus.FINAL,
}  # fmt: skip
NEAR_CHOICE = {
    layout.QUICK: {"still holds": "Last quarter's text still holds"},
    layout.PROMISE_NOW: {"yes": "Kept", "done": "Kept", "partly": "Under way"},
    layout.CONFIRM: {
        **dict.fromkeys(("yes", "true", "ok", "agreed", "\u2713", "\u2714"), layout.CONFIRMED),
    },
}
"""What else people write for a choice."""
NO = {"no", "n/a", "-", "none", "false", "0", "\u2013"}


def plain(text: str) -> str:
    """A text however it is spaced."""
    return " ".join(text.split())


def iso_day(text: str) -> str:
    """A day as it is kept, where a text is one; else ""."""
    day = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", text)
    return f"{day[3]}-{day[2]}-{day[1]}" if day else ""


def say_day(iso: str) -> str:
    """The same as it is said in words."""
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}".casefold()


def fits(seen: str, recorded: str, *, is_part: bool) -> bool:
    """Whether what is recorded is what is seen: a day in whatever form, a tick as a yes."""
    one, other = plain(seen).casefold(), plain(recorded).casefold()
    if other == "yes":
        return one in YES
    if (day := iso_day(one)) and (day in other or other == say_day(day)):
        return True
    return one == other or (is_part and (one.rstrip(".") in other))


def _say_choice(choices: dict[str, object], chosen: object) -> str:
    return next((words for words, one in choices.items() if one is chosen), "")


def is_possible(meant: Meaning, row: FigureRow) -> bool:
    """Whether a number is one that its row could have."""
    number = meant.number
    if number is None or number < 0:
        return False
    if row.kind is MeasureKind.PERCENT:
        return number <= 100
    return row.kind is MeasureKind.COST or number == Decimal(number).to_integral_value()
