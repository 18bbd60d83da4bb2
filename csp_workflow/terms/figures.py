"""What is counted: the Plan's framework for a year (themes, measures, series), figures, and those known on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar

from csp_workflow.terms.dates import YEAR_TO, Quarter, period_end
from csp_workflow.terms.suppression import SHOWS_ALL, Suppression
from csp_workflow.terms.waivers import Waiver
from csp_workflow.terms.year_end import NO_YEAR_END, YearEnd


class Geography(StrEnum):
    """The kind of place a series is counted for."""

    AREA = "area"
    POLICING_AREA = "policing area"
    UPPER_TIER = "upper tier"
    FORCE = "force"


class MeasureKind(StrEnum):
    """What sort of thing a measure is."""

    COUNT = "count"
    PERCENT = "percent"
    SURVEY = "survey"
    COHORT = "cohort"
    COST = "cost"
    GRANT = "grant"
    MILESTONE = "milestone"
    NARRATIVE = "narrative"

    @property
    def is_number(self) -> bool:
        """Milestones and narratives are told in words; everything else is a figure."""
        return self not in {MeasureKind.MILESTONE, MeasureKind.NARRATIVE}

    @property
    def is_share(self) -> bool:
        """Whether it is a share of people, which says little without the number behind it."""
        return self in _SHARES


_SHARES = (MeasureKind.PERCENT, MeasureKind.SURVEY, MeasureKind.COHORT)
"""Asked of every figure many times: to find a member in a set it would be hashed each time."""


class Polarity(StrEnum):
    """Which way the Plan would like a measure to go. Never a target."""

    RISE = "rise sought"
    FALL = "fall sought"
    IMPROVEMENT = "improvement sought"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


class Route(StrEnum):
    """Who is asked for a measure."""

    POLICE = "police"
    PARTNERSHIP = "partnership"
    CONTRIBUTOR = "contributor"


class Frequency(StrEnum):
    """How often a series has a new value."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half-yearly"
    YEARLY = "yearly"
    ROLLING_12_MONTHS = "rolling 12 months"
    EVENT = "event"


class AskedWhen(StrEnum):
    """When a measure is asked for in words; a figure that moves is one of the force's of the same priority."""

    EVERY_QUARTER = "every quarter"
    FIGURE_MOVES = "when a figure moves"
    YEAR_END = "at the year's end"


@dataclass(frozen=True, kw_only=True)
class Break:
    """From a day on another thing is meant by the same reference: nothing is shown or compared across it."""

    day: date
    reason: str

    def parts(self, earlier: date, later: date) -> bool:
        """Whether it lies between what ended on one day and what ended on another."""
        return (earlier < self.day) is not (later < self.day)


@dataclass(frozen=True, kw_only=True)
class Series:
    """What is counted under a measure. `ref` ("M01.1") stands visibly on every form.

    `broken` is when another thing came to be counted under its ref, `reworded` when only its words were changed.
    `comparable_from` is since when its figures are comparable, where they were counted anew from before a break.
    """

    ref: str
    measure: str
    title: str
    unit: str
    kind: MeasureKind
    polarity: Polarity
    geography: Geography
    frequency: Frequency
    owner: str
    lag_quarters: int = 0
    denominator: str = ""
    suppression: Suppression = SHOWS_ALL
    broken: Break | None = None
    reworded: date | None = None
    comparable_from: date | None = None

    @property
    def parted(self) -> date | None:
        """The first day whose figures may stand beside later ones; None: as far back as there are any."""
        return self.comparable_from or (self.broken.day if self.broken else None)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One bullet of Appendix A, worded as published, with what is counted under it.

    `owner` is the contributor that supplies it, "force-analyst" for the police route, "" for a partnership's own.
    """

    ref: str
    priority: int
    wording: str
    kind: MeasureKind
    polarity: Polarity
    route: Route
    owner: str
    definition: str
    definition_from: date
    open_question: str
    series: tuple[Series, ...]
    asked_when: AskedWhen = AskedWhen.EVERY_QUARTER


@dataclass(frozen=True, kw_only=True)
class Priority:
    """One of the 18 strategic priorities, worded as published."""

    number: int
    theme: int
    wording: str


@dataclass(frozen=True, kw_only=True)
class Theme:
    """One of the five themes of the Plan, worded as published."""

    number: int
    title: str


@dataclass(frozen=True, kw_only=True)
class LocalMeasure:
    """What a partnership itself counts, in one `area` (ONS code), `counted_by` whom; `series.ref` is "<CODE>.L1"."""

    respondent: str
    area: str
    series: Series
    definition: str
    priorities: tuple[int, ...]
    agreed: date
    valid_to: date = date.max
    counted_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Objective:
    """Something a partnership itself aims at: `ref` is "<CODE>.O1"."""

    respondent: str
    ref: str
    wording: str
    priorities: tuple[int, ...]
    agreed: date
    valid_to: date = date.max
    reworded: date | None = None


@dataclass(frozen=True, kw_only=True)
class Framework:
    """A year's framework with what each partnership adds to it, and how it was for quarters before that was changed."""

    year: str
    title: str
    themes: tuple[Theme, ...]
    priorities: tuple[Priority, ...]
    measures: tuple[Measure, ...]
    local_measures: tuple[LocalMeasure, ...] = ()
    objectives: tuple[Objective, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    year_end: YearEnd = NO_YEAR_END
    of_quarters: tuple[tuple[int, Framework], ...] = ()

    def of_quarter(self, quarter: Quarter) -> Framework:
        """What held for one of its quarters."""
        return dict(self.of_quarters).get(quarter.number, self)

    def series(self) -> tuple[Series, ...]:
        """Every series: the Plan's in published order, then the local ones."""
        plan = tuple(s for measure in self.measures for s in measure.series)
        return plan + tuple(local.series for local in self.local_measures)

    def is_waived(self, respondent: str, measure: str, day: date) -> bool:
        """Whether a respondent is excused a measure on a day."""
        key = respondent, measure, ""
        return any((w.respondent, w.measure, w.check) == key and day <= w.until for w in self.waivers)

    def contact_waiver(self, respondent: str, day: date) -> Waiver | None:
        """The waiver that lets a cycle open on a day though nobody at a respondent can be written to, or None."""
        return next((w for w in self.waivers if w.contact and w.respondent == respondent and day <= w.until), None)


def retitle(framework: Framework, titles: Mapping[str, str], kinds: Mapping[str, MeasureKind]) -> Framework:
    """A framework with the titles and the kinds of some series (by ref) put in the place of its own."""

    def titled(series: Series) -> Series:
        title, kind = titles.get(series.ref, series.title), kinds.get(series.ref, series.kind)
        return replace(series, title=title, kind=kind)

    return _change_series(framework, titled)


def set_threshold(framework: Framework, below: int) -> Framework:
    """A framework in which counts below a number are not shown wherever an owner has a rule; 0 leaves the owners'."""

    def ruled(series: Series) -> Series:
        rule = replace(series.suppression, below=below, shown_as=f"fewer than {below}")
        return replace(series, suppression=rule) if below and series.suppression.below else series

    return _change_series(framework, ruled)


def _change_series(framework: Framework, changed: Callable[[Series], Series]) -> Framework:
    return replace(
        framework,
        measures=tuple(replace(m, series=tuple(map(changed, m.series))) for m in framework.measures),
        local_measures=tuple(replace(m, series=changed(m.series)) for m in framework.local_measures),
    )


# A figure ------------------------------------------------------------------------------------------


class FigureStatus(StrEnum):
    """What sort of value a figure is. Zero is none of these: it is a value."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    REVISED = "revised"
    ESTIMATED = "estimated"
    SUPPRESSED = "suppressed"
    NOT_AVAILABLE = "not available"
    NOT_APPLICABLE = "not applicable"
    NOT_YET_KNOWABLE = "not yet knowable"
    NIL = "nil"

    @property
    def has_value(self) -> bool:
        """Whether a figure of this status carries a number."""
        return self in {
            FigureStatus.FINAL,
            FigureStatus.PROVISIONAL,
            FigureStatus.REVISED,
            FigureStatus.ESTIMATED,
            FigureStatus.NIL,
        }


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a figure was read: the message or file, the attachment's hash, the sheet and the cell."""

    source: str
    message: str = ""
    attachment: str = ""
    sheet: str = ""
    cell: str = ""
    licence: str = ""
    illustrative: bool = False


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One value. `period` is a quarter's key ("2014/15-Q2"), a financial year ("2011/12") or other twelve months
    ("12 months to 2014/15-Q2"); of people and households, which rates are made with, the middle of a year ("mid-2013").

    `value` is None exactly when the status carries none, and counts `unit`. A share also has `count`, how many
    it counts, out of `base`, the n behind it, as far as they are known.
    """

    series: str
    area: str
    period: str
    as_at: date
    value: Decimal | None
    status: FigureStatus
    provenance: Provenance
    unit: str = ""
    count: int | None = None
    base: int | None = None
    note: str = ""
    drove_it: str = ""


@dataclass(frozen=True, kw_only=True)
class TracedFigure:
    """A figure with the names of what it is about and the version it stands in ("" and None: imported); one of grant
    money with who certified just what that version says of it, and when."""

    figure: Figure
    area_name: str
    measure: str
    title: str
    respondent: str = ""
    respondent_name: str = ""
    submission: str = ""
    version: int | None = None
    certified_by: str = ""
    certified_at: datetime | None = None


UNRELIABLE = "[u]"
"""In a figure's note: whoever published it marks it as not reliable, and nothing is to be told of it."""


def is_unreliable(figure: Figure) -> bool:
    """Whether whoever published a figure, or withheld it, marks it as not reliable."""
    return UNRELIABLE in figure.note


DROVE_IT = (
    "More reporting",
    "More offending",
    "Less offending",
    "Recording change",
    "One-off event",
    "Policing activity",
    "Partnership activity",
    "Not known",
)
"""The pick-list for what drove a change: causes, never praise or blame."""


# The period a figure is of -------------------------------------------------------------------------


def asked_quarter(series: Series, quarter: Quarter) -> Quarter:
    """The quarter at whose end the newest knowable value stands: the cycle's own, or earlier by the series' lag."""
    return quarter.plus(-series.lag_quarters)


def asked_period(series: Series, quarter: Quarter) -> str:
    """The period of the figure asked for in a cycle: a quarter's key, or a financial year for a yearly series."""
    return period_of(series, asked_quarter(series, quarter))


def period_of(series: Series, quarter: Quarter) -> str:
    """The period of the value that stands at a quarter's end."""
    return quarter.financial_year if series.frequency is Frequency.YEARLY else quarter.key


def quarters_of(series: Series) -> int:
    """How many quarters lie between a value of the series and the next."""
    return {Frequency.YEARLY: 4, Frequency.HALF_YEARLY: 2}.get(series.frequency, 1)


def is_summed(series: Series) -> bool:
    """Whether four quarters make a year; of what is counted otherwise each value stands for itself."""
    once = {Frequency.YEARLY, Frequency.HALF_YEARLY, Frequency.ROLLING_12_MONTHS}
    return series.frequency not in once


def ends_in(series: Series, quarter: Quarter) -> bool:
    """Whether a value of the series is made at a quarter's end."""
    return quarter.number % quarters_of(series) == 0


def step_back(series: Series, quarter: Quarter) -> Quarter:
    """The quarter of the value before the one that stands at a quarter's end."""
    return quarter.plus(-quarters_of(series))


def newest_quarter(series: Series, quarter: Quarter) -> Quarter:
    """The quarter at whose end the newest value stands that a cycle can know: of a year, the last that has ended."""
    newest = asked_quarter(series, quarter)
    return newest.plus(-(newest.number % quarters_of(series)))


class Counted(Protocol):
    """What is said of a series in a period: a figure, or a rate beside a group."""

    @property
    def series(self) -> str:
        """The ref of the series."""

    @property
    def period(self) -> str:
        """The period, as figures have it."""


C = TypeVar("C", bound=Counted)


def list_comparable(figures: Iterable[C], framework: Framework, quarter: Quarter) -> Iterator[C]:
    """The figures that may stand beside those of a quarter: none from before they are comparable.

    One whose period a break falls into is of neither side: it stands for itself, and beside nothing later.
    """
    parted = {series.ref: series for series in framework.series() if series.parted}
    for figure in figures:
        series = parted.get(figure.series)
        if series is None or figure.period == asked_period(series, quarter) or _is_same_side(figure, series, quarter):
            yield figure


def _is_same_side(figure: Counted, series: Series, quarter: Quarter) -> bool:
    end, last = asked_quarter(series, quarter).end, period_end(figure.period)
    first = _first_day(series, figure.period)
    parted = series.parted
    return parted is None or not ((last < parted) is not (end < parted) or first < parted <= last)


def _first_day(series: Series, period: str) -> date:
    """The first day of what a figure of a period counts."""
    is_yearly = series.frequency in {Frequency.YEARLY, Frequency.ROLLING_12_MONTHS}
    is_year = is_yearly or "-Q" not in period or period.startswith(YEAR_TO)
    quarters = 4 if is_year else 2 if series.frequency is Frequency.HALF_YEARLY else 1
    return Quarter.of_day(period_end(period)).plus(1 - quarters).start


# What figures say of themselves --------------------------------------------------------------------


Slot = tuple[str, str, str]
"""Where a figure belongs: its series, area and period."""


def slot_of(figure: Figure) -> Slot:
    """Where a figure belongs, whatever its value is."""
    return figure.series, figure.area, figure.period


def count_changed(before: Iterable[Figure], after: Iterable[Figure]) -> int:
    """How many values differ between two sets of figures, new ones and those left out included."""
    was, now = ({slot_of(f): (f.value, f.count, f.base, f.status) for f in figures} for figures in (before, after))
    return sum(was.get(key) != now.get(key) for key in was.keys() | now.keys())


def is_share(series: Series) -> bool:
    """Whether a series is a share of people, which says little without the number behind it."""
    return series.kind.is_share


def say_whole(series: Series) -> str:
    """What a share in per cent is a share of, in words ("adults in treatment"); "" for whatever is no such share."""
    if not is_share(series) or not (series.kind is MeasureKind.PERCENT or "per cent" in series.unit):
        return ""
    return series.denominator or series.unit.partition("per cent of ")[2] or "in all"


def say_base(series: Series) -> str:
    """Whom the number behind a share counts, in words, whatever its unit; "" for whatever is no share."""
    return say_whole(series) or (series.denominator or "in all" if is_share(series) else "")


def is_small(figure: Figure, series: Series) -> bool:
    """Whether the owner's rule for small numbers forbids showing a figure.

    Of a share it is people that are counted: all of them, those in it, and those who are not. One whose number is not
    known is not shown: "2" may be one person.
    """
    rule = series.suppression
    if not rule.below or figure.value is None:
        return False
    if not is_share(series):
        return rule.hides(figure.value)
    if not say_whole(series):  # a mean or a score is of so many, and counts nobody by itself
        return figure.base is None or rule.hides(figure.base)
    return rule.hides_share(figure.value, figure.base, figure.count)


def is_few(figure: Figure, series: Series) -> bool:
    """Whether "fewer than" is true of a figure that is too small to be shown: of a share, of those in it or of all."""
    if figure.value is None or not is_share(series):
        return is_small(figure, series)
    if not say_whole(series):
        return figure.base is not None and is_small(figure, series)
    return series.suppression.is_few(figure.value, figure.base, figure.count)


def suppress_small(figure: Figure, series: Series) -> Figure:
    """The figure as it may be shown: a small number loses its value for good, not only on the page."""
    return hide(figure) if is_small(figure, series) else figure


def hide(figure: Figure) -> Figure:
    """A figure that is not told: without its numbers, and without the words beside it, which may tell them."""
    return replace(figure, value=None, count=None, base=None, status=FigureStatus.SUPPRESSED, note="", drove_it="")
