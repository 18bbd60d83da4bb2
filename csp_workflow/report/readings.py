"""What a paper is compiled from, and what its figures say: direction of travel, in words from a closed list.

Never a colour, never a rank. Two of the framework's readings: against the same quarter last year (which takes the
season out) and the latest twelve months against the twelve before. A change is only called one when chance would
bring it less than once in twenty times; small counts are not judged at all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from csp_workflow.terms.dates import Board, PaperDates, Quarter, london_day
from csp_workflow.terms.figures import (
    Figure,
    Framework,
    Geography,
    KnownFigures,
    Measure,
    MeasureKind,
    Polarity,
    Series,
    Theme,
    asked_quarter,
    is_share,
    is_small,
    period_of,
    retitle,
)
from csp_workflow.terms.phrases import say_published_figure
from csp_workflow.terms.returns import FormDefinition, Submission
from csp_workflow.terms.site import Area, ReportForm, Respondent, RespondentKind, Site
from csp_workflow.terms.status import CycleStatus, ReturnStatus

CHANCE = 0.05
"""How often chance alone may bring what is called a change."""

FEWEST = 20
"""Below this total of two counts nothing is judged: at 20 the smallest change that could be told is a halving."""

_EXACT_UP_TO = 2_000


class Direction(StrEnum):
    """The closed list of what a reading may say."""

    RISING = "rising"
    FALLING = "falling"
    NO_CLEAR_CHANGE = "no clear change"
    TOO_FEW = "too few to judge"
    NOT_COMPARABLE = "not comparable"
    NOT_SUPPLIED = "not supplied"
    NARRATIVE_ONLY = "narrative only"


class Intent(StrEnum):
    """What a direction means against what the Plan seeks."""

    INTENDED = "in the intended direction"
    AGAINST = "against it"
    UNCLEAR = "intent unclear"
    NOTHING_TO_SAY = "nothing to say"


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A value that may be compared: a count, or a share (per cent) with the number it was taken of."""

    value: Decimal
    base: int | None = None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two amounts and what they say. None where there is no value that may be shown."""

    now: Amount | None
    before: Amount | None
    direction: Direction


def amount_of(figure: Figure | None) -> Amount | None:
    """The value of a figure, or None when it carries none."""
    return None if figure is None or figure.value is None else Amount(value=figure.value, base=figure.base)


def compare(now: Amount | None, before: Amount | None, series: Series) -> Comparison:
    """What two amounts of one series say."""
    return Comparison(now=now, before=before, direction=_find_direction(now, before, series))


def add_up(quarters: Sequence[Amount | None]) -> Amount | None:
    """Twelve months from four quarters, or None when one of them is missing: a part is no whole."""
    known = [a for a in quarters if a is not None]
    if len(known) < len(quarters) or not known:
        return None
    return Amount(value=sum((a.value for a in known), Decimal(0)))


def find_intent(direction: Direction, polarity: Polarity) -> Intent:
    """How a direction stands to what the Plan seeks."""
    if direction not in {Direction.RISING, Direction.FALLING}:
        return Intent.NOTHING_TO_SAY
    if polarity in {Polarity.AMBIGUOUS, Polarity.NONE}:
        return Intent.UNCLEAR
    wanted = Direction.FALLING if polarity is Polarity.FALL else Direction.RISING
    return Intent.INTENDED if direction is wanted else Intent.AGAINST


def _find_direction(now: Amount | None, before: Amount | None, series: Series) -> Direction:
    if series.kind in {MeasureKind.MILESTONE, MeasureKind.NARRATIVE}:
        return Direction.NARRATIVE_ONLY
    if now is None:
        return Direction.NOT_SUPPLIED
    if before is None:
        return Direction.NOT_COMPARABLE
    if series.kind in {MeasureKind.PERCENT, MeasureKind.SURVEY, MeasureKind.COHORT}:
        return _compare_shares(now, before)
    if series.kind is MeasureKind.COST:
        return _rise_or_fall(now, before)
    return _compare_counts(now, before)


def _compare_counts(now: Amount, before: Amount) -> Direction:
    """Two counts: if nothing had changed, each event would fall in either period with even chances."""
    first, second = float(now.value), float(before.value)
    if first < 0 or second < 0 or first + second < FEWEST:
        return Direction.TOO_FEW
    return _rise_or_fall(now, before) if chance_of_counts(first, second) < CHANCE else Direction.NO_CLEAR_CHANGE


def _compare_shares(now: Amount, before: Amount) -> Direction:
    """Two shares: judged only where the numbers behind both are known and large enough."""
    if now.base is None or before.base is None:
        return Direction.NO_CLEAR_CHANGE if now.value == before.value else Direction.NOT_COMPARABLE
    if min(now.base, before.base) < FEWEST:
        return Direction.TOO_FEW
    p, q = float(now.value) / 100, float(before.value) / 100
    pooled = (p * now.base + q * before.base) / (now.base + before.base)
    spread = math.sqrt(max(pooled * (1 - pooled), 0) * (1 / now.base + 1 / before.base))
    if spread == 0:
        return Direction.NO_CLEAR_CHANGE
    chance = math.erfc(abs(p - q) / spread / math.sqrt(2))
    return _rise_or_fall(now, before) if chance < CHANCE else Direction.NO_CLEAR_CHANGE


def _rise_or_fall(now: Amount, before: Amount) -> Direction:
    if now.value == before.value:
        return Direction.NO_CLEAR_CHANGE
    return Direction.RISING if now.value > before.value else Direction.FALLING


def chance_of_counts(first: float, second: float) -> float:
    """How often chance alone would split a total at least as unevenly: exact and two-sided, from 0 to 1.

    Above 2,000 events the normal approximation serves, within one in a thousand of the exact value.
    """
    events, fewer = round(first + second), round(min(first, second))
    if events == 0:
        return 1.0
    if events > _EXACT_UP_TO:
        distance = max(abs(first - second) - 1, 0) / math.sqrt(events)
        return math.erfc(distance / math.sqrt(2))
    log_half = events * math.log(0.5)
    tail = sum(
        math.exp(math.lgamma(events + 1) - math.lgamma(k + 1) - math.lgamma(events - k + 1) + log_half)
        for k in range(fewer + 1)
    )
    return min(1.0, 2 * tail)


# What a paper is compiled from -------------------------------------------------------------------


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
