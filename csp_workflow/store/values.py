"""Rows <-> values of `terms`. Which column holds which field is said once for both ways, apart from either's own words.

A name in the code may change and no stored one does: the column is then written before the field's new name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from operator import attrgetter
from typing import Any, Generic, TypeVar

from csp_workflow.store import documents, form_documents, words
from csp_workflow.store.tables import (
    AreaRow,
    CycleRow,
    DisputeRow,
    EventRow,
    FigureRow,
    FindingRow,
    GroupRateRow,
    InputRow,
    LetterAboutRow,
    LetterRow,
    NarrativeRow,
    PlannedPaperRow,
    PlanRow,
    PlanWarningRow,
    RemarkRow,
    RequestRow,
    SeriesRow,
    SubmissionRow,
    TypedCellRow,
)
from csp_workflow.terms.cells import InputText
from csp_workflow.terms.comparisons import GroupRate
from csp_workflow.terms.dates import CycleDates, PaperDates, Quarter, in_london
from csp_workflow.terms.events import About, Event, Letter, LetterState, QueuedLetter, Request
from csp_workflow.terms.figures import Figure, Provenance, TracedFigure
from csp_workflow.terms.returns import Finding, Narrative, Reading, SignOff, Submission
from csp_workflow.terms.shares import find_count

V = TypeVar("V")


class Columns(Generic[V]):
    """The columns that hold a value's fields: "cell" holds the field of that name, "line=key" the field `key`.

    The columns in `listed` hold stored words of closed lists, each its own, or nothing.
    """

    def __init__(self, kind: type[V], columns: str, listed: Mapping[str, words.Words[Any]] | None = None) -> None:
        self._kind, self._listed = kind, listed or {}
        self._fields = {column: field or column for column, _, field in (c.partition("=") for c in columns.split())}
        self._names = tuple(self._fields.values())
        self._take: Callable[[object], tuple[Any, ...]] = attrgetter(*self._fields)

    def read(self, row: object, **others: Any) -> V:
        """The value that a row holds; `others` are fields that stand elsewhere. Raises StoredWordUnknown."""
        given = dict(zip(self._names, self._take(row), strict=True))
        for column, known in self._listed.items():
            stored = given[self._fields[column]]
            given[self._fields[column]] = None if stored is None else known.member(stored)
        given.update(others)
        return self._kind(**given)

    def write(self, value: V) -> dict[str, Any]:
        """What the columns hold of a value."""
        written = {column: getattr(value, field) for column, field in self._fields.items()}
        for column, known in self._listed.items():
            written[column] = None if written[column] is None else known.word(written[column])
        return written


@cache
def quarter_of(key: str | None) -> Quarter | None:
    """A quarter from its key, None for none."""
    return Quarter.parse(key) if key else None


# Cycles ---------------------------------------------------------------------------------------------------

_PLAN = Columns(CycleDates, "extract_request extract_due open due close pre_election")
_PAPER = Columns(PaperDates, "board meeting papers_out clearance draft")


def cycle_row(quarter: Quarter) -> CycleRow:
    """A quarter's round as its row."""
    return CycleRow(quarter=quarter.key, starts=quarter.start, ends=quarter.end)


def plan_row(dates: CycleDates) -> PlanRow:
    """A cycle's dates as their row; the papers' and the warnings have rows of their own."""
    return PlanRow(quarter=dates.quarter.key, **_PLAN.write(dates))


def paper_rows(dates: CycleDates) -> list[PlannedPaperRow]:
    """The dates of a plan's papers as rows."""
    key = dates.quarter.key
    return [PlannedPaperRow(quarter=key, position=n, **_PAPER.write(paper)) for n, paper in enumerate(dates.papers)]


def warning_rows(dates: CycleDates) -> list[PlanWarningRow]:
    """A plan's warnings as rows."""
    key = dates.quarter.key
    return [PlanWarningRow(quarter=key, position=n, sentence=sentence) for n, sentence in enumerate(dates.warnings)]


def dates_of(row: PlanRow, papers: Sequence[PlannedPaperRow], warnings: Sequence[PlanWarningRow]) -> CycleDates:
    """A cycle's dates; their instants are London time, as the calendar gives them."""
    return _PLAN.read(
        row,
        quarter=Quarter.parse(row.quarter),
        extract_due=in_london(row.extract_due),
        due=in_london(row.due),
        close=in_london(row.close),
        papers=tuple(map(_PAPER.read, papers)),
        warnings=tuple(warning.sentence for warning in warnings),
    )


# Events ---------------------------------------------------------------------------------------------------


def event_row(happened: Event) -> EventRow:
    """An event as its row."""
    shape, facts = documents.dump_facts(happened.kind, happened.facts)
    is_of_submission = happened.kind in documents.ABOUT_A_SUBMISSION and happened.subject
    is_of_message = happened.kind in documents.ABOUT_A_MESSAGE and happened.subject
    return EventRow(
        quarter=happened.quarter.key if happened.quarter else None,
        at=happened.at,
        came=happened.came,
        kind=words.EVENT_KINDS.word(happened.kind),
        by=happened.by,
        respondent=happened.respondent or None,
        submission=happened.subject if is_of_submission else None,
        message=happened.subject if is_of_message else None,
        subject="" if is_of_submission or is_of_message else happened.subject,
        facts_shape=shape,
        facts=facts,
    )


def event_of(row: EventRow) -> Event:
    """An event from its row. Raises StoredWordUnknown, DocumentUnreadable."""
    kind = words.EVENT_KINDS.member(row.kind)
    return Event(
        kind=kind,
        at=row.at,
        by=row.by,
        quarter=quarter_of(row.quarter),
        respondent=row.respondent or "",
        subject=row.submission or row.message or row.subject,
        facts=documents.load_facts(kind, row.facts_shape, row.facts),
        came=row.came,
    )


# Requests -------------------------------------------------------------------------------------------------


def request_row(request: Request) -> RequestRow:
    """A request as its row."""
    form = request.form
    return RequestRow(
        quarter=form.quarter.key,
        respondent=form.respondent,
        revision=form.reference.revision,
        workbook=request.workbook,
        form_shape=form_documents.LATEST,
        form=form_documents.dump_form(form),
        filled=request.filled,
    )


def request_of(row: RequestRow) -> Request:
    """A request from its row. Raises StoredWordUnknown, DocumentUnreadable."""
    form = form_documents.load_form(row.form, row.form_shape)
    return Request(form=form, workbook=row.workbook, filled=row.filled)


# Figures --------------------------------------------------------------------------------------------------

_ORIGIN = Columns(Provenance, "source message attachment sheet cell licence illustrative")
_FIGURE = Columns(
    Figure,
    "series area period as_at exact=value unit status count base note drove_it",
    {"status": words.FIGURE_STATUSES},
)
_SAID = attrgetter(
    *("submission", "position", "series", "area", "period", "as_at", "exact", "status", "base", "note", "drove_it"),
    *("source", "message", "attachment", "sheet", "cell", "licence", "illustrative"),
)


_GROUP_RATE = Columns(
    GroupRate,
    "series area period as_at unit status members group_name=group version rate average low high",
    {"status": words.FIGURE_STATUSES},
)
_GROUP_ORIGIN = Columns(Provenance, "source attachment sheet cell licence illustrative")
_RATES = ("rate", "average", "low", "high")


def group_rate_row(rate: GroupRate) -> GroupRateRow:
    """A line of an extract as its row. Its identity is a SHA-256 over what the row says."""
    said = {**_GROUP_RATE.write(rate), **_GROUP_ORIGIN.write(rate.provenance)}
    said |= {name: None if said[name] is None else str(said[name]) for name in _RATES}
    written = "\0".join("\1" if part is None else str(part) for part in said.values())
    return GroupRateRow(id=sha256(written.encode()).hexdigest(), **said)


def group_rate_of(row: GroupRateRow) -> GroupRate:
    """A line of an extract from its row. Raises StoredWordUnknown."""
    exact = {name: getattr(row, name) for name in _RATES}
    numbers = {name: None if text is None else Decimal(text) for name, text in exact.items()}
    return _GROUP_RATE.read(row, provenance=_GROUP_ORIGIN.read(row), **numbers)


def figure_row(figure: Figure, *, submission: str = "", respondent: str = "", position: int = 0) -> FigureRow:
    """A figure as its row; `position` tells two equal figures of one submission apart.

    Its identity is a SHA-256 over what the row says. Older rows were stored without a unit, and without a count: so
    the unit is left out, and a count that follows from the rest.
    """
    row = FigureRow(
        id="",
        submission=submission or None,
        respondent=respondent or None,
        position=position,
        **_write_figure(figure),
    )
    said = (*_SAID(row), *_list_counted(figure))
    row.id = sha256("\0".join("\1" if part is None else str(part) for part in said).encode()).hexdigest()
    return row


def _list_counted(figure: Figure) -> Iterator[str]:
    """How many a share counts, where its per cent and its n leave that open."""
    if figure.count is not None and figure.value is not None and figure.base is not None:
        follows = find_count(figure.value, figure.base) == figure.count
        yield from () if follows else (f"count {figure.count}",)


def _write_figure(figure: Figure) -> dict[str, Any]:
    exact = None if figure.value is None else str(figure.value)
    origin = {**_ORIGIN.write(figure.provenance), "message": figure.provenance.message or None}
    return {**_FIGURE.write(figure), "exact": exact, **origin}


def figure_of(row: FigureRow) -> Figure:
    """A figure from its row. Raises StoredWordUnknown."""
    return _FIGURE.read(
        row,
        value=None if row.exact is None else Decimal(row.exact),
        provenance=_ORIGIN.read(row, message=row.message or ""),
    )


def traced_figure_of(
    row: FigureRow,
    series: SeriesRow,
    area: AreaRow,
    submission: SubmissionRow | None,
    respondents: Mapping[str, str],
) -> TracedFigure:
    """A figure with names and version, from its row and those it points to; `respondents` has names by key."""
    return TracedFigure(
        figure=figure_of(row),
        area_name=area.name,
        measure=series.measure,
        title=series.title,
        respondent=row.respondent or "",
        respondent_name=respondents.get(row.respondent or "", ""),
        submission=row.submission or "",
        version=submission.sequence if submission is not None else None,
    )


# Submissions ----------------------------------------------------------------------------------------------

_SUBMISSION = Columns(
    Submission, "id respondent sequence content message attachment revision received sender late words"
)
_SIGN_OFF = Columns(SignOff, "completed_by completed_as=position completed_on=date")
_READING = Columns(Reading, "sheet cell typed recorded remark")
NARRATIVE = Columns(
    Narrative,
    "ref text sheet cell promise answer promise_now",
    {"answer": words.QUICK_ANSWERS, "promise_now": words.PROMISE_STATES},
)
FINDING = Columns(
    Finding,
    "code severity sheet cell line=key header=column found wanted example is_doubt",
    {"severity": words.SEVERITIES},
)
_INPUT = Columns(InputText, "line=key header=input text version", {"header": words.INPUTS})
PartRow = InputRow | FigureRow | NarrativeRow | FindingRow | TypedCellRow | DisputeRow | RemarkRow


@dataclass(frozen=True)
class Part:
    """What a submission has several of: the table of its rows, and how one of them is read and written."""

    model: type[PartRow]
    read: Callable[[Any], Any]
    write: Callable[[Any], dict[str, Any]]


PARTS: Mapping[str, Part] = {
    "figures": Part(FigureRow, figure_of, _write_figure),
    "narratives": Part(NarrativeRow, NARRATIVE.read, NARRATIVE.write),
    "findings": Part(FindingRow, FINDING.read, FINDING.write),
    "inputs": Part(InputRow, _INPUT.read, _INPUT.write),
    "readings": Part(TypedCellRow, _READING.read, _READING.write),
    "disputes": Part(
        DisputeRow,
        lambda row: (row.area, row.series, row.reason),
        lambda dispute: dict(zip(("area", "series", "reason"), dispute, strict=True)),
    ),
    "remarks": Part(RemarkRow, lambda row: row.sentence, lambda sentence: {"sentence": sentence}),
}
"""By the submission's field."""


def submission_row(submission: Submission) -> SubmissionRow:
    """A submission as its row; its parts have rows of their own."""
    return SubmissionRow(
        quarter=submission.quarter.key, **_SUBMISSION.write(submission), **_SIGN_OFF.write(submission.sign_off)
    )


def part_rows(submission: Submission) -> Iterator[list[PartRow]]:
    """The rows of a submission's parts, table by table."""
    of = submission.id
    for field, part in PARTS.items():
        yield [
            figure_row(one, submission=of, respondent=submission.respondent, position=n)
            if field == "figures"
            else part.model(submission=of, position=n, **part.write(one))
            for n, one in enumerate(getattr(submission, field))
        ]


def submission_of(row: SubmissionRow, parts: Mapping[str, Iterable[PartRow]]) -> Submission:
    """A submission, from its row and those of its parts by field, each in its order. Raises StoredWordUnknown."""
    return _SUBMISSION.read(
        row,
        quarter=Quarter.parse(row.quarter),
        sign_off=_SIGN_OFF.read(row),
        **{field: tuple(map(PARTS[field].read, rows)) for field, rows in parts.items()},
    )


# Letters --------------------------------------------------------------------------------------------------

_ABOUT = Columns(About, "respondent submission rung due reminder message board draft address year version")
_LETTER = Columns(
    QueuedLetter,
    "id kind cause recipient manner subject message_id content state queued not_before handed sent refused "
    "reason proof token attempts resubmissions drafted missed as_left",
    {"manner": words.MANNERS, "state": words.LETTER_STATES},
)


_STANDS = "state not_before handed sent refused reason proof token attempts resubmissions drafted missed as_left"
HOW_A_LETTER_STANDS = tuple(_STANDS.split())
"""What of a letter changes."""
_standing: Callable[[object], tuple[Any, ...]] = attrgetter(*HOW_A_LETTER_STANDS)


def letter_as_it_stands(letter: QueuedLetter, row: Any) -> QueuedLetter:
    """A letter that was read before, as it stands by now. Raises StoredWordUnknown."""
    now = (words.LETTER_STATES.member(row.state), *_standing(row)[1:])
    return letter if now == _standing(letter) else replace(letter, **dict(zip(HOW_A_LETTER_STANDS, now, strict=True)))


def letter_row(letter: Letter, *, id_: str, message_id: str, subject: str, content: str, at: datetime) -> LetterRow:
    """A letter as the row of one that was queued just now; what it is about has rows of its own."""
    return LetterRow(
        id=id_,
        kind=letter.kind,
        cause=letter.cause,
        recipient=letter.recipient,
        quarter=letter.quarter.key if letter.quarter else None,
        manner=words.MANNERS.word(letter.manner),
        subject=subject,
        message_id=message_id,
        content=content,
        state=words.LETTER_STATES.word(LetterState.QUEUED),
        queued=at,
        not_before=letter.not_before or at,
    )


def about_rows(letter: Letter, id_: str) -> list[LetterAboutRow]:
    """What a letter is about as rows; what is empty is no part of it."""
    return [
        LetterAboutRow(letter=id_, position=n, **{column: said or None for column, said in _ABOUT.write(one).items()})
        for n, one in enumerate(letter.about)
    ]


def letter_of(row: LetterRow, about: Iterable[LetterAboutRow]) -> QueuedLetter:
    """A letter from its row and those of what it is about. Raises StoredWordUnknown."""
    return _LETTER.read(row, about=tuple(map(_about_of, about)), quarter=quarter_of(row.quarter))


def _about_of(row: LetterAboutRow) -> About:
    return About(**{field: said for field, said in vars(_ABOUT.read(row)).items() if said is not None})


# What never changes is read once: values remembered by the number of their row --------------------


_MOST_KEPT = 2_000
_AT_ONCE = 500
"""Numbers in one question: databases bound how many there may be."""


class Memory(Generic[V]):
    """Values by number. A memory that is full begins afresh."""

    def __init__(self) -> None:
        self._known: dict[int, V] = {}

    def recall(self, wanted: Iterable[int | None], read: Callable[[Sequence[int]], Mapping[int, V]]) -> tuple[V, ...]:
        """The values of some numbers, in their order; `read` is asked for those that are not known, some at a time."""
        numbers = [number for number in wanted if number is not None]
        unknown = [number for number in numbers if number not in self._known]
        new: dict[int, V] = {}
        for at in range(0, len(unknown), _AT_ONCE):
            new.update(read(unknown[at : at + _AT_ONCE]))
        found = tuple(new[number] if number in new else self._known[number] for number in numbers)
        self.learn(new)
        return found

    def learn(self, new: Mapping[int, V]) -> None:
        """Keep values for the next time."""
        if len(self._known) + len(new.keys() - self._known.keys()) > _MOST_KEPT:
            self._known.clear()
        self._known.update(new)
