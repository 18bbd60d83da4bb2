"""What was asked and what was received: requests, submissions, figures, narratives."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select

from csp_workflow.store import tables, values
from csp_workflow.store.engine import Connected
from csp_workflow.terms.decisions import Request
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.returns import Narrative, Submission


class Returns(Connected):
    """Reading requests and returns. They are written by `commit` alone."""

    def request_history(self, quarter: Quarter, respondent: str = "") -> tuple[Request, ...]:
        """Every form sent in a quarter (to one respondent), oldest first."""
        row = tables.REQUEST.c
        wanted = select(row.form, row.workbook).where(row.quarter == quarter.key)
        if respondent:
            wanted = wanted.where(row.respondent == respondent)
        with self._reading() as connection:
            rows = connection.execute(wanted.order_by(row.revision, row.id)).all()
        return tuple(values.request_of(form, workbook) for form, workbook in rows)

    def requests(self, quarter: Quarter) -> dict[str, Request]:
        """The latest form each respondent was sent in a quarter."""
        return {request.form.respondent: request for request in self.request_history(quarter)}

    def submissions(self, quarter: Quarter, respondent: str = "") -> tuple[Submission, ...]:
        """Every version received in a quarter (from one respondent), oldest first."""
        row = tables.SUBMISSION.c
        wanted = select(row.body).where(row.quarter == quarter.key)
        if respondent:
            wanted = wanted.where(row.respondent == respondent)
        return self._submissions(wanted.order_by(row.sequence, row.number))

    def submission(self, id_: str) -> Submission | None:
        """One version by id."""
        row = tables.SUBMISSION.c
        return next(iter(self._submissions(select(row.body).where(row.id == id_))), None)

    def latest_submissions(self, quarter: Quarter) -> dict[str, Submission]:
        """The latest version by respondent key."""
        row = tables.SUBMISSION.c
        latest = _latest(select(row.number).where(row.quarter == quarter.key))
        found = self._submissions(select(row.body).where(row.number.in_(latest)).order_by(row.number))
        return {submission.respondent: submission for submission in found}

    def figures(
        self, *, series: str = "", areas: Collection[str] = (), before: date | None = None
    ) -> tuple[Figure, ...]:
        """Imported figures and those of each return's latest submission, as at `before` or earlier, oldest first.

        A figure stored later for the same series, area, period, as-at date and source stands in the
        place of the earlier one.
        """
        row = tables.FIGURE.c
        latest = select(tables.SUBMISSION.c.id).where(tables.SUBMISSION.c.number.in_(_latest()))
        wanted = select(row.body).where(or_(row.submission == "", row.submission.in_(latest)))
        if series:
            wanted = wanted.where(row.series == series)
        if areas:
            wanted = wanted.where(row.area.in_(tuple(areas)))
        if before:
            wanted = wanted.where(row.as_at <= before.isoformat())
        with self._reading() as connection:
            bodies = connection.scalars(wanted.order_by(row.as_at, row.number)).all()
        found = (values.loaded(Figure, body) for body in bodies)
        standing = {(f.series, f.area, f.period, f.as_at, f.provenance.source): f for f in found}
        return tuple(standing.values())

    def narratives_before(self, quarter: Quarter, respondent: str) -> dict[str, Narrative]:
        """What a respondent wrote in the latest earlier quarter it returned, by ref."""
        row = tables.SUBMISSION.c
        # Keys such as "2014/15-Q2" sort as the quarters do.
        wanted = select(row.body).where(row.respondent == respondent, row.quarter < quarter.key)
        found = self._submissions(wanted.order_by(row.quarter.desc(), row.sequence.desc()).limit(1))
        return {narrative.ref: narrative for submission in found for narrative in submission.narratives}

    def _submissions(self, wanted: Select[Any]) -> tuple[Submission, ...]:
        with self._reading() as connection:
            bodies = connection.scalars(wanted).all()
        return tuple(values.submission_of(body) for body in bodies)


def _latest(among: Select[Any] | None = None) -> Select[Any]:
    """The numbers of the latest version of each return."""
    row = tables.SUBMISSION.alias().c
    newest = select(row.quarter, row.respondent, func.max(row.sequence).label("sequence")).group_by(
        row.quarter, row.respondent
    )
    each = newest.subquery()
    submission = tables.SUBMISSION.alias().c
    numbers = select(submission.number).join(
        each,
        (submission.quarter == each.c.quarter)
        & (submission.respondent == each.c.respondent)
        & (submission.sequence == each.c.sequence),
    )
    return numbers.where(submission.number.in_(among)) if among is not None else numbers
