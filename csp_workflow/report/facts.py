"""What a paper is compiled from: one quarter as it stands, and each of its figures with what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from csp_workflow.analysis.readings import Amount, Comparison, add_up, amount_of, compare
from csp_workflow.terms.dates import Board, PaperDates, Quarter, london_day
from csp_workflow.terms.figures import (
    Figure,
    Framework,
    Geography,
    KnownFigures,
    Measure,
    Series,
    Theme,
    asked_quarter,
    is_share,
    is_small,
    period_of,
    retitle,
)
from csp_workflow.terms.phrases import say_published_figure
from csp_workflow.terms.report_form import ReportForm
from csp_workflow.terms.returns import FormDefinition, Submission
from csp_workflow.terms.site import Area, Respondent, RespondentKind, Site
from csp_workflow.terms.status import CycleStatus, ReturnStatus


def figure_key(figure: Figure) -> str:
    """How a figure is found again, whatever its value is by then."""
    return f"figure {figure.series} {figure.area} {figure.period}"


@dataclass(frozen=True, kw_only=True)
class Otherwise:
    """One thing that an earlier paper (which, in words) printed otherwise; `why` says who has changed it."""

    what: str
    paper: str
    was: str
    now: str
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportFacts:
    """One quarter as it stands, for one board's meeting.

    By respondent key: `submissions` are the latest, `answered` the issues of the form that they were made on.
    `withdrawn` are figures of the force's that stood while forms were out and were taken back, by series and area.
    `otherwise` is what earlier papers printed otherwise, and `reported` what they printed of figures, by `figure_key`.
    """

    site: Site
    quarter: Quarter
    paper: PaperDates
    status: CycleStatus
    submissions: Mapping[str, Submission]
    known: KnownFigures
    as_at: datetime
    withdrawn: Mapping[tuple[str, str], Figure] = field(default_factory=dict)
    otherwise: tuple[Otherwise, ...] = ()
    reported: Mapping[str, str] = field(default_factory=dict)
    answered: Mapping[str, FormDefinition] = field(default_factory=dict)

    @property
    def board(self) -> Board:
        """The board the paper is for."""
        return self.site.board(self.paper.board)

    @property
    def form(self) -> ReportForm:
        """How the board's paper is laid out. Raises LookupError when the config has no such paper."""
        return next(form for form in self.site.report_forms if form.board == self.paper.board)

    @cached_property
    def framework(self) -> Framework:
        """The framework of the quarter's year, each series under the title that it was answered under.

        One that counts another thing since is read as what it counted then.
        """
        framework = self.site.framework(self.quarter)
        titles = {ref: next(iter(found)) for ref, found in self.titles.items() if len(found) == 1}
        later = {s.ref for s in framework.series() if s.broken and asked_quarter(s, self.quarter).end < s.broken.day}
        rows = (row for form in self.answered.values() for row in form.figures)
        return retitle(framework, titles, {row.ref: row.kind for row in rows if row.ref in later})

    @cached_property
    def titles(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """Under which titles each series was answered, and by whom (keys)."""
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for key, form in self.answered.items():
            for ref, title in dict.fromkeys((row.ref, row.title) for row in form.figures):
                of = found.setdefault(ref, {})
                of[title] = (*of.get(title, ()), key)
        return found

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
        if self.status.returns:  # whoever ended since it was asked owes the quarter all the same
            return tuple(r for r in self.site.respondents if r.key in self.status.returns)
        return self.site.serving(london_day(self.as_at))

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

    def quote_figure(self, figure: Figure | None, series: Series) -> str:
        """A figure as it is printed, with what was reported of it before."""
        reported = self.reported.get(figure_key(figure), "") if figure else ""
        return say_published_figure(figure, series, self.known, reported=reported)

    def measures_of(self, theme: Theme) -> list[Measure]:
        """The measures of a theme's priorities, in the Plan's order."""
        numbers = {p.number for p in self.framework.priorities if p.theme == theme.number}
        return [m for m in self.framework.measures if m.priority in numbers]

    def rows(self, series: Series) -> list[Row]:
        """All that is said of one series, area by area."""
        return [self.row(series, area) for area in self.areas_of(series)]

    def row(self, series: Series, area: Area) -> Row:
        """All that is said of one series in one area."""
        newest = asked_quarter(series, self.quarter)
        figures = {back: self._figure(series, area, newest.plus(-back)) for back in range(8)}
        amounts = {back: _shown_amount(figure, series) for back, figure in figures.items()}
        year = [figures[back] for back in range(4)], [figures[back] for back in range(4, 8)]
        return Row(
            series=series,
            area=area,
            figure=figures[0],
            before=figures[4],
            quarter=compare(amounts[0], amounts[4], series),
            year=compare(_twelve_months(year[0], series), _twelve_months(year[1], series), series),
        )

    def _figure(self, series: Series, area: Area, quarter: Quarter) -> Figure | None:
        return self.known.latest(series.ref, area.code, period_of(series, quarter))


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
    def has_figure(self) -> bool:
        """Whether there is anything to print."""
        return self.figure is not None or self.before is not None


def _shown_amount(figure: Figure | None, series: Series) -> Amount | None:
    """The amount to be compared; a small number is not told, not even through a comparison."""
    return None if figure is None or is_small(figure, series) else amount_of(figure)


def _twelve_months(quarters: list[Figure | None], series: Series) -> Amount | None:
    """Four quarters' total. Shares have none, and one hidden quarter hides it: it could be reckoned back."""
    if is_share(series):
        return None
    return add_up([_shown_amount(figure, series) for figure in quarters])
