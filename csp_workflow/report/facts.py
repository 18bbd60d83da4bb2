"""What a paper is compiled from, and the questions its sections ask of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from csp_workflow.letters.phrases import number
from csp_workflow.report.readings import Amount, Comparison, amount, compare, total
from csp_workflow.terms.dates import Board, CycleDates, PaperDates, Quarter, london_day
from csp_workflow.terms.figures import (
    Figure,
    FigureStatus,
    Framework,
    Geography,
    KnownFigures,
    Route,
    Series,
    asked_quarter,
    is_share,
    is_small,
    period_of,
)
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.site import Area, ReportForm, Respondent, RespondentKind, Site
from csp_workflow.terms.status import CycleStatus, ReturnStatus

NO_DATA = "not supplied"


@dataclass(frozen=True, kw_only=True)
class ReportFacts:
    """One quarter as it stands, for one board's meeting. `submissions` are the latest by respondent key."""

    site: Site
    quarter: Quarter
    dates: CycleDates
    paper: PaperDates
    status: CycleStatus
    submissions: Mapping[str, Submission]
    known: KnownFigures
    as_at: datetime

    @property
    def board(self) -> Board:
        """The board the paper is for."""
        return self.site.board(self.paper.board)

    @property
    def form(self) -> ReportForm:
        """How the board's paper is laid out. Raises LookupError when the config has no such paper."""
        return next(form for form in self.site.report_forms if form.board == self.paper.board)

    @property
    def framework(self) -> Framework:
        """The framework of the quarter's year."""
        return self.site.framework(self.quarter)

    def stands(self, respondent: str) -> ReturnStatus:
        """Where a return stands."""
        return self.status.returns.get(respondent, ReturnStatus(respondent=respondent))

    def partnerships(self) -> tuple[Respondent, ...]:
        """The partnerships of the quarter, in the order of the config."""
        return tuple(r for r in self._owing() if r.kind is RespondentKind.PARTNERSHIP)

    def contributors(self) -> tuple[Respondent, ...]:
        """Everybody else who owes something."""
        return tuple(r for r in self._owing() if r.kind is not RespondentKind.PARTNERSHIP)

    def _owing(self) -> tuple[Respondent, ...]:
        serving = self.site.serving(london_day(self.as_at))
        return tuple(r for r in serving if not self.status.returns or r.key in self.status.returns)

    def areas_of(self, series: Series) -> tuple[Area, ...]:
        """The places a series is counted for: its local area, or those of its owner's geography, once each."""
        local = {m.series.ref: m.area for m in self.framework.local_measures}
        everywhere = {area.code: area for r in self.site.respondents for area in r.areas}
        if series.ref in local:
            return (everywhere[local[series.ref]],) if local[series.ref] in everywhere else ()
        if series.geography is Geography.AREA:
            owners = [r for r in self.site.respondents if r.kind is RespondentKind.PARTNERSHIP]
        else:
            owners = [r for r in self.site.respondents if r.key == series.owner]
        found = [a for r in owners for a in r.areas if a.geography is series.geography]
        if not found:
            found = [a for a in everywhere.values() if a.geography is series.geography]
        return tuple({area.code: area for area in found}.values())

    def row(self, series: Series, area: Area) -> Row:
        """All that is said of one series in one area."""
        newest = asked_quarter(series, self.quarter)
        figures = {back: self._figure(series, area, newest.plus(-back)) for back in range(8)}
        shown = {back: _amount(figure, series) for back, figure in figures.items()}
        year = [figures[back] for back in range(4)], [figures[back] for back in range(4, 8)]
        return Row(
            series=series,
            area=area,
            figure=figures[0],
            before=figures[4],
            quarter=compare(shown[0], shown[4], series),
            year=compare(_twelve_months(year[0], series), _twelve_months(year[1], series), series),
        )

    def _figure(self, series: Series, area: Area, quarter: Quarter) -> Figure | None:
        return self.known.latest(series.ref, area.code, period_of(series, quarter))

    def series_of(self, *, route: Route | None = None) -> tuple[Series, ...]:
        """The Plan's series in numbers, in published order, of one route or all."""
        return tuple(
            series
            for measure in self.framework.measures
            if route is None or measure.route is route
            for series in measure.series
            if series.kind.is_number
        )


@dataclass(frozen=True, kw_only=True)
class Row:
    """One series in one area: the quarter's figure, a year before, and the two readings."""

    series: Series
    area: Area
    figure: Figure | None
    before: Figure | None
    quarter: Comparison
    year: Comparison

    @property
    def is_told(self) -> bool:
        """Whether there is anything to print."""
        return self.figure is not None or self.before is not None


def _amount(figure: Figure | None, series: Series) -> Amount | None:
    """The amount to be compared; a small number is not told, not even through a comparison."""
    return None if figure is None or is_small(figure, series) else amount(figure)


def _twelve_months(quarters: list[Figure | None], series: Series) -> Amount | None:
    """Four quarters' total. Shares have none, and one hidden quarter hides it: it could be reckoned back."""
    if is_share(series):
        return None
    return total([_amount(figure, series) for figure in quarters])


def said(figure: Figure | None, series: Series, known: KnownFigures) -> str:
    """A figure as printed: "1,204", "62.5 (n = 119)", "431 (previously reported 412)", "fewer than 5"."""
    if figure is None:
        return NO_DATA
    if is_small(figure, series):
        return series.suppression.shown_as or f"fewer than {series.suppression.below}"
    if figure.value is None:
        return figure.status.value
    remarks = []
    before = known.replaced(figure)
    if before and before.value is not None and not is_small(before, series):
        remarks.append(f"previously reported {number(before.value)}")
    if is_share(series) and figure.base is not None:
        remarks.append(f"n = {number(figure.base)}")
    if figure.status in {FigureStatus.PROVISIONAL, FigureStatus.ESTIMATED, FigureStatus.REVISED}:
        remarks.append(figure.status.value)
    return f"{number(figure.value)} ({', '.join(remarks)})" if remarks else number(figure.value)


def told(value: Amount | None) -> str:
    """An amount as printed in a comparison."""
    return number(value.value) if value else NO_DATA


def day_of(moment: datetime) -> date:
    """The London date of an instant."""
    return london_day(moment)
