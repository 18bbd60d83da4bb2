"""Each partnership's quarter as a strip: on which days it was asked, reminded, returned and approved."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from csp_workflow.dashboard.parts import Card, Days
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.story import REMINDERS, SENT_BACK
from csp_workflow.rehearsal.exhibits import Exhibit, Outcome
from csp_workflow.report.blocks import Run, Table
from csp_workflow.terms.dates import in_london
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.phrases import brief_day, capital, joined, plural, short_day

KEY = (
    "A ring is a form, a stroke a reminder, a diamond a return, a hollow diamond one that was sent back, and a square "
    "the chair's approval; the dashed line is the due day."
)
"""What the marks mean."""

_CAME = {Verdict.RETURN.value: "returned", Verdict.APPROVAL.value: "approved"}


def list_strips(outcome: Outcome) -> tuple[Card, ...]:
    """A strip for each partnership that anything happened to, by name; all of them over the same days."""
    names = {key: outcome.names.get(key, key) for key in outcome.partnerships}
    told = {name: _list_marks(outcome, key) for key, name in sorted(names.items(), key=lambda one: one[1])}
    due = datetime.fromisoformat(outcome.status["due"])
    days = [due, *(one.at for marks in told.values() for _, one in marks)]
    ends = min(days), max(days)
    return tuple(
        _draw_strip(f"strip-{number}", name, marks, due, ends)
        for number, (name, marks) in enumerate(told.items(), start=1)
        if marks
    )


def _list_marks(outcome: Outcome, key: str) -> list[tuple[str, Exhibit]]:
    return [(what, one) for one in outcome.pieces if key in one.about and (what := _name_mark(one))]


def _name_mark(piece: Exhibit) -> str:
    """What a letter or a message is on a strip; "" for what is not drawn."""
    if not piece.kind:
        return _CAME.get(piece.verdict, "")
    if piece.kind == SENT_BACK:
        return "sent back"
    return "reminded" if piece.kind in REMINDERS else "asked" if kind_of(piece.kind).is_request else ""


def _draw_strip(
    ident: str, name: str, told: list[tuple[str, Exhibit]], due: datetime, ends: tuple[datetime, datetime]
) -> Card:
    letters = sum(bool(one.kind) for _, one in told)
    span = (ends[1] - ends[0]).total_seconds() or 1.0

    def place(at: datetime) -> float:
        return (at - ends[0]).total_seconds() / span

    days = [(what, in_london(one.at)) for what, one in told]
    said = joined(
        f"{what} on {joined(dict.fromkeys(brief_day(day) for _, day in of))}"
        for what, of in groupby(days, key=lambda one: one[0])
    )
    return Card(
        ident=ident,
        title=Run(text=name),
        quiet=f"Drawn from {plural(letters, 'letter')} and {plural(len(told) - letters, 'message')}.",
        said=(f"{capital(said)}.",),
        days=Days(
            marks=tuple((place(one.at), what) for what, one in told),
            due=place(due),
            first=short_day(in_london(ends[0])),
            last=short_day(in_london(ends[1])),
            description=f"{name}: {said}.",
        ),
        table=Table(
            caption=f"{name}, day by day",
            description="",
            headers=("Day", "What", "Letter or message"),
            rows=tuple(
                (brief_day(in_london(one.at)), capital(what), (Run(text=one.title, to=one.page),)) for what, one in told
            ),
            weights=(1, 1, 3),
        ),
    )
