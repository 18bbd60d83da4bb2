"""What was asked and what was received: requests, submissions, figures, narratives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import and_, func, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from csp_workflow.store import values
from csp_workflow.store.engine import NEVER, Connected, asked_once, rows_of
from csp_workflow.store.tables import (
    AreaRow,
    EventRow,
    FigureRow,
    GroupRateRow,
    NarrativeRow,
    RequestRow,
    RespondentRow,
    SeriesRow,
    SubmissionRow,
)
from csp_workflow.store.values import Memory
from csp_workflow.store.words import EVENT_KINDS
from csp_workflow.terms.comparisons import GroupRate
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Happened, Request
from csp_workflow.terms.figures import Figure, TracedFigure
from csp_workflow.terms.returns import EarlierNarrative, Submission

_NEWEST = select(
    select(func.max(FigureRow.number)).scalar_subquery(), select(func.max(SubmissionRow.number)).scalar_subquery()
)


class Returns(Connected):
    """Reading requests and returns. They are written by `commit` alone.

    Neither ever changes, so that what was read once is remembered by its number; the figures, until more come.
    """

    def __init__(self) -> None:
        super().__init__()
        self._requests_read = Memory[Request]()
        self._submissions_read = Memory[Submission]()
        self._figures_read: tuple[Any, tuple[Figure, ...]] | None = None

    @asked_once
    def request_history(self, quarter: Quarter, respondent: str = "") -> tuple[Request, ...]:
        """Every form sent in a quarter (to one respondent), oldest first."""
        wanted = select(RequestRow.number).where(RequestRow.quarter == quarter.key)
        if respondent:
            wanted = wanted.where(RequestRow.respondent == respondent)
        with self._reading() as session:
            numbers = session.exec(wanted.order_by(col(RequestRow.revision), col(RequestRow.number))).all()
            return self._requests_read.recall(numbers, partial(_requests_of, session))

    def requests(self, quarter: Quarter) -> dict[str, Request]:
        """The latest form each respondent was sent in a quarter."""
        return {request.form.respondent: request for request in self.request_history(quarter)}

    @asked_once
    def submissions(self, quarter: Quarter, respondent: str = "") -> tuple[Submission, ...]:
        """Every version received in a quarter (from one respondent), oldest first."""
        wanted = select(SubmissionRow.number).where(SubmissionRow.quarter == quarter.key, _had_come(self._until))
        if respondent:
            wanted = wanted.where(SubmissionRow.respondent == respondent)
        return self._submissions(wanted.order_by(col(SubmissionRow.sequence), col(SubmissionRow.number)))

    def latest_submissions(self, quarter: Quarter) -> dict[str, Submission]:
        """The latest version by respondent key."""
        wanted = select(SubmissionRow.number).where(SubmissionRow.quarter == quarter.key, _is_latest(self._until))
        found = self._submissions(wanted.order_by(col(SubmissionRow.number)))
        return {submission.respondent: submission for submission in found}

    @asked_once
    def figures(self, *, before: date | None = None) -> tuple[Figure, ...]:
        """Imported figures and those of each return's latest submission, as at `before` or earlier, oldest first.

        A figure stored later for the same series, area, period, as-at date and source stands in the
        place of the earlier one.
        """
        with self._asking() as asked:
            (newest,) = rows_of(asked, _NEWEST)
            if self._figures_read is None or self._figures_read[0] != newest:
                wanted = select(FigureRow).where(is_standing(self._until))
                rows = rows_of(asked, wanted.order_by(col(FigureRow.as_at), col(FigureRow.number)))
                standing = {_figure_key(row): row for row in rows}
                self._figures_read = newest, tuple(map(values.figure_of, standing.values()))
        figures = self._figures_read[1]
        return tuple(figure for figure in figures if figure.as_at <= before) if before else figures

    @asked_once
    def imported_figures(self) -> tuple[Figure, ...]:
        """The figures that came from files and not from returns, in the order in which they were stored."""
        wanted = select(FigureRow).where(col(FigureRow.submission).is_(None)).order_by(col(FigureRow.number))
        with self._asking() as asked:
            return tuple(map(values.figure_of, rows_of(asked, wanted)))

    @asked_once
    def group_rates(self) -> tuple[GroupRate, ...]:
        """What extracts said of areas beside their comparison groups, in the order in which it was stored."""
        wanted = select(GroupRateRow).where(_was_imported(GroupRateRow.attachment, self._until))
        with self._asking() as asked:
            return tuple(map(values.group_rate_of, rows_of(asked, wanted.order_by(col(GroupRateRow.number)))))

    def traced_figures(self) -> tuple[TracedFigure, ...]:
        """The same figures with names and versions, by series, area and period, the earliest as-at date first."""
        lines = self._trace(is_standing(self._until))
        standing = {_figure_key(row): (version, traced) for row, version, traced in lines}
        return tuple(self._as_answered(*standing[key]) for key in sorted(standing))

    def figure_history(self, series: str, area: str, period: str) -> tuple[TracedFigure, ...]:
        """Every figure that was ever stored for a cell, in the order in which they were stored, of whatever version."""
        cell = FigureRow.series == series, FigureRow.area == area, FigureRow.period == period
        imported = and_(col(FigureRow.submission).is_(None), _was_imported(FigureRow.attachment, self._until))
        lines = self._trace(*cell, or_(imported, and_(col(SubmissionRow.id).is_not(None), _had_come(self._until))))
        lines.sort(key=lambda line: line[0].number or 0)
        return tuple(self._as_answered(version, traced) for _, version, traced in lines)

    def figures_of(self, quarter: Quarter) -> tuple[TracedFigure, ...]:
        """The figures of every version of a quarter's returns, and those imported for it, in the order of storing."""
        theirs = or_(
            col(SubmissionRow.quarter) == quarter.key,
            and_(col(FigureRow.submission).is_(None), col(FigureRow.period) == quarter.key),
        )
        lines = sorted(self._trace(theirs), key=lambda line: line[0].number or 0)
        return tuple(self._as_answered(version, traced) for _, version, traced in lines)

    def _trace(self, *conditions: Any) -> list[tuple[FigureRow, SubmissionRow | None, TracedFigure]]:
        wanted = (
            select(FigureRow, SeriesRow, AreaRow, SubmissionRow)
            .join(SeriesRow)
            .join(AreaRow)
            .join(SubmissionRow, col(SubmissionRow.id) == col(FigureRow.submission), isouter=True)
            .where(*conditions)
            .order_by(col(FigureRow.as_at), col(FigureRow.number))
        )
        with self._reading() as session:
            lines: Sequence[tuple[FigureRow, SeriesRow, AreaRow, SubmissionRow | None]] = session.exec(wanted).all()
            names = {row.key: row.name for row in session.exec(select(RespondentRow))}
            return [(line[0], line[3], values.traced_figure_of(*line, names)) for line in lines]

    def _as_answered(self, version: SubmissionRow | None, traced: TracedFigure) -> TracedFigure:
        """A figure of a return under the title of the form that it was given on, whatever the series is called now."""
        if version is None:
            return traced
        issues = self.request_history(Quarter.parse(version.quarter), version.respondent)
        rows = (
            row
            for issue in issues
            if issue.form.reference.revision == version.revision
            for row in issue.form.figures
            if (row.ref, row.area.code) == (traced.figure.series, traced.figure.area)
        )
        found = next(rows, None)
        return replace(traced, title=found.title) if found else traced

    @asked_once
    def narratives_before(self, quarter: Quarter, respondent: str) -> dict[str, EarlierNarrative]:
        """What a respondent wrote in the latest earlier quarter it returned, by ref."""
        # Keys such as "2014/15-Q2" sort as the quarters do.
        version = (
            select(SubmissionRow.id, SubmissionRow.quarter)
            .where(SubmissionRow.respondent == respondent, col(SubmissionRow.quarter) < quarter.key)
            .order_by(col(SubmissionRow.quarter).desc(), col(SubmissionRow.sequence).desc())
            .limit(1)
        )
        with self._reading() as session:
            for submission, said_in in session.exec(version).all():
                wanted = select(NarrativeRow).where(NarrativeRow.submission == submission)
                rows = session.exec(wanted.order_by(col(NarrativeRow.position))).all()
                of: dict[str, Any] = {"quarter": Quarter.parse(said_in), "respondent": respondent}
                return {row.ref: EarlierNarrative(**vars(values.NARRATIVE.read(row)), **of) for row in rows}
        return {}

    def _submissions(self, wanted: SelectOfScalar[Any]) -> tuple[Submission, ...]:
        with self._reading() as session:
            return self._submissions_read.recall(session.exec(wanted).all(), partial(_submissions_of, session))


def _requests_of(session: Session, numbers: Sequence[int]) -> dict[int, Request]:
    rows = session.exec(select(RequestRow).where(col(RequestRow.number).in_(numbers)))
    return {row.number or 0: values.request_of(row) for row in rows}


def _submissions_of(session: Session, numbers: Sequence[int]) -> dict[int, Submission]:
    rows = session.exec(select(SubmissionRow).where(col(SubmissionRow.number).in_(numbers))).all()
    parts = _parts_of(session, rows)
    return {row.number or 0: values.submission_of(row, parts[row.id]) for row in rows}


def _parts_of(session: Session, rows: Sequence[SubmissionRow]) -> dict[str, dict[str, list[Any]]]:
    """The rows of the parts of submissions, by id and field, each in its order."""
    found: dict[str, dict[str, list[Any]]] = {row.id: {field: [] for field in values.PARTS} for row in rows}
    for field, part in values.PARTS.items():
        model: Any = part.model
        wanted = select(model).where(col(model.submission).in_(list(found)))
        for one in session.exec(wanted.order_by(col(model.submission), col(model.position))):
            found[one.submission][field].append(one)
    return found


def _figure_key(row: FigureRow) -> tuple[str, str, str, date, str]:
    """What a later figure must share with an earlier one to stand in its place."""
    return row.series, row.area, row.period, row.as_at, row.source


def is_standing(until: int = NEVER) -> Any:
    """Of figures: those imported, and those of the latest version of each return; as it was before an event."""
    latest = select(SubmissionRow.id).where(_is_latest(until))
    is_imported = and_(col(FigureRow.submission).is_(None), _was_imported(FigureRow.attachment, until))
    return or_(is_imported, col(FigureRow.submission).in_(latest))


def _is_latest(until: int) -> Any:
    """Of submissions: the latest version of each return."""
    other = aliased(SubmissionRow)
    newest = (
        select(func.max(other.sequence))
        .where(
            other.quarter == SubmissionRow.quarter,
            other.respondent == SubmissionRow.respondent,
            _had_come(until, other),
        )
        .correlate(SubmissionRow)
    )
    return col(SubmissionRow.sequence) == newest.scalar_subquery()


def _had_come(until: int, of: Any = SubmissionRow) -> Any:
    """Of submissions: those that were received before an event."""
    if until == NEVER:
        return true()
    kind = EVENT_KINDS.word(Happened.RECEIVED)
    return of.id.in_(select(EventRow.submission).where(EventRow.kind == kind, col(EventRow.number) < until))


def _was_imported(file: Any, until: int) -> Any:
    """Of what was imported: whatever an event says was imported later is left out; of older files no day is known."""
    if until == NEVER:
        return true()
    kind = EVENT_KINDS.word(Happened.FIGURES_IMPORTED)
    before, ever = (
        select(EventRow.subject).where(EventRow.kind == kind, col(EventRow.number) < bound) for bound in (until, NEVER)
    )
    return or_(file.in_(before), file.not_in(ever))
