"""A small year for the annual paper: the real site and framework, eight quarters of figures made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from csp_workflow.report.disclosure import hide_figures
from csp_workflow.report.facts import ReportFacts, YearQuarter
from csp_workflow.report.roll_up import YearRow, list_year_rows
from csp_workflow.report.statements import Report
from csp_workflow.request.calendar import plan_quarter
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.site import Area, Respondent, RespondentKind, Site
from csp_workflow.terms.status import CycleStatus, fold_cycle
from tests.report.paper_told import figure, site

Q4 = Quarter.parse("2014/15-Q4")
YEAR = tuple(Quarter(2014, number) for number in (1, 2, 3, 4))
JULY = datetime(2015, 7, 1, 9, tzinfo=UTC)
CHARNWOOD, MELTON, RUTLAND = "E22000165", "E22000169", "E22000172"


def of_years(series: str, area: str, *values: int | None) -> list[Figure]:
    """Figures of quarters, the first quarter of the year before first; None: no figure."""
    quarters = [Quarter(2013, 1).plus(n) for n in range(len(values))]
    return [
        figure(series, area, q, value, as_at=q.end)
        for q, value in zip(quarters, values, strict=True)
        if value is not None
    ]


def stands(quarter: Quarter, **states: tuple[Happened, ...]) -> CycleStatus:
    """A round in which these (dashes of keys as underscores) were asked, and what happened to each."""
    events = []
    for name, kinds in states.items():
        key = name.replace("_", "-")
        for n, kind in enumerate((Happened.REQUESTED, *kinds)):
            at = datetime.combine(quarter.end, datetime.min.time(), tzinfo=UTC).replace(hour=9 + n)
            made = {"at": at, "by": "test", "quarter": quarter, "respondent": key, "subject": f"{key}-1"}
            events.append(Event(kind=kind, facts={"faults": 0}, **made))  # type: ignore[arg-type]
    return fold_cycle(quarter, events)


def year(
    *figures: Figure,
    of: Site | None = None,
    now: datetime = JULY,
    rounds: dict[int, CycleStatus] | None = None,
    returned: dict[int, dict[str, Submission]] | None = None,
    reports: Iterable[Report] = (),
    board: str = "annual",
) -> ReportFacts:
    """The facts of the annual paper, without what it must not show."""
    of, rounds, returned = of or site(), rounds or {}, returned or {}
    quarters = tuple(
        YearQuarter(quarter=q, status=rounds.get(q.number, fold_cycle(q, [])), submissions=returned.get(q.number, {}))
        for q in YEAR
    )
    facts = ReportFacts(
        site=of,
        quarter=Q4,
        paper=next(paper for paper in plan_quarter(Q4, of).papers if paper.board == board),
        status=quarters[-1].status,
        submissions=quarters[-1].submissions,
        known=KnownFigures(figures, now.date()),
        as_at=now,
        year=quarters,
    )
    return hide_figures(facts, reports)


def row(of: ReportFacts, ref: str, area: str = CHARNWOOD) -> YearRow:
    """One series in one area over the year."""
    (series,) = [s for s in of.framework.series() if s.ref == ref]
    return next(one for one in list_year_rows(of, series) if one.row.area.code == area)


def merged(*, code: str = "", day: date = date(2014, 10, 1)) -> Site:
    """The site after Melton and Rutland became one; with a `code` their areas became one as well."""
    of = site()
    old = [r for r in of.respondents if r.key in {"melton", "rutland"}]
    new = Area(code=code, name="Melton and Rutland") if code else None
    heir = Respondent(
        key="melton-rutland",
        code="MLRT",
        name="Melton and Rutland Community Safety Partnership",
        kind=RespondentKind.PARTNERSHIP,
        areas=(new,) if new else tuple(area for r in old for area in r.areas),
        contacts=(),
        valid_from=day,
        predecessors=("melton", "rutland"),
    )
    ended = tuple(replace(r, valid_to=date.fromordinal(day.toordinal() - 1)) if r in old else r for r in of.respondents)
    return replace(of, respondents=(*ended, heir))
