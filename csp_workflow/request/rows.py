"""The rows of a form's Figures sheet: what is asked of one series in one area, and all that is known already."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from csp_workflow.analysis.peers import Comparators, PeerReading, tell_beside
from csp_workflow.terms.checks import Checks, name_subject
from csp_workflow.terms.comparisons import KnownFigures, UsualRange
from csp_workflow.terms.dates import YEAR_TO, Quarter, period_end
from csp_workflow.terms.figures import (
    Figure,
    Frequency,
    Geography,
    MeasureKind,
    Polarity,
    Series,
    asked_period,
    asked_quarter,
    ends_in,
    is_small,
    period_of,
    say_base,
    say_whole,
    step_back,
    suppress_small,
)
from csp_workflow.terms.grants import GrantLine, find_line
from csp_workflow.terms.phrases import NOT_AVAILABLE, plain_day, say_past_figure
from csp_workflow.terms.returns import AWAITED, Entry, FigureRow
from csp_workflow.terms.site import Area, Site

INTENT: dict[Polarity, str] = {
    Polarity.RISE: "A rise is sought",
    Polarity.FALL: "A fall is sought",
    Polarity.IMPROVEMENT: "An improvement is sought",
    Polarity.AMBIGUOUS: "No direction: better reporting or more activity also moves it",
    Polarity.NONE: "No direction is sought",
}
"""Which way the Plan would like a measure to go, in words. Never how far."""

EXAMPLE = ", e.g. 12.5"
"""What stands behind a unit where a per cent is typed; forms of before said it of shares too."""

NOT_DUE = "not due"
_N = "the figure, and beside it out of how many"
ASKED_NOW = "asked now"
NOT_YET_KNOWABLE = "not yet knowable"
_LICENCE_END = re.compile(r"[.\s]+$")


# Which period a series is asked for ----------------------------------------------------------------


def is_asked_for(series: Series, quarter: Quarter) -> bool:
    """Whether a cycle asks for a series: a yearly one once a year, a half-yearly one twice."""
    return ends_in(series, asked_quarter(series, quarter))


def is_owed(series: Series) -> bool:
    """Whether a figure is owed whenever it is due; what is counted only on occasion is asked, not owed."""
    return series.frequency is not Frequency.EVENT


def say_period(series: Series, quarter: Quarter) -> str:
    """The time that the figure asked for covers, in words, where it is not simply the cycle's quarter; else ""."""
    asked = asked_quarter(series, quarter)
    end = f"{asked.end.day} {asked.end:%B %Y}"
    if series.frequency is Frequency.YEARLY:
        return f"the financial year {asked.financial_year}"
    if series.frequency is Frequency.HALF_YEARLY:
        return f"the six months to {end}"
    if series.frequency is Frequency.ROLLING_12_MONTHS:
        return f"the twelve months to {end}"
    return asked.months if asked != quarter else ""


# The rows ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Question:
    """A series asked in an area. `wording` is the Plan's own, `definition` says in a line what is counted."""

    series: Series
    area: Area
    wording: str
    definition: str
    entry: Entry


class RowMaker:
    """Makes the rows of a form and gathers the figures it shows, and what stands beside a comparison group."""

    def __init__(self, quarter: Quarter, site: Site, known: KnownFigures, comparators: Comparators) -> None:
        self.quarter = quarter
        self.known = known
        self.history = tuple(quarter.plus(-back) for back in (4, 3, 2, 1))
        self.shown: list[Figure] = []
        self.compared: list[PeerReading] = []
        self._comparators = comparators
        self._force = tuple(a.code for a in list_areas(site, lambda a: a.geography is Geography.FORCE))

    def make_row(self, question: Question) -> FigureRow:
        """The row of one question."""
        series, area = question.series, question.area
        given = self._given(question)
        required = is_owed(series) if question.entry is Entry.VALUE else given is not None
        return FigureRow(
            area=area,
            ref=series.ref,
            measure=question.wording,
            title=series.title,
            definition=self._definition(question, is_awaited=question.entry is Entry.CONFIRM and given is None),
            intent=INTENT[series.polarity],
            unit=say_unit(series),
            kind=series.kind,
            entry=question.entry,
            history=tuple(self._past(series, area, past) for past in self.history),
            official=self._official(series, area),
            comparator=self._comparator(series, area),
            given=given,
            previous=self._previous(series, area),
            required=required,
            suppressed_below=series.suppression.below,
            period=asked_period(series, self.quarter),
            out_of=say_base(series),
            usual=self._find_usual(series, area),
        )

    def _find_usual(self, series: Series, area: Area) -> UsualRange | None:
        if series.kind is MeasureKind.GRANT:  # it counts from 1 April, so that no quarter is like another
            return None
        from csp_workflow.analysis.judging import find_usual_ranges  # pandas: only a form waits for it

        return find_usual_ranges(series, asked_quarter(series, self.quarter), self.known).get(area.code)

    def _seen(self, figure: Figure) -> Figure:
        self.shown.append(figure)
        return figure

    def _given(self, question: Question) -> Figure | None:
        """The force's own figure for this quarter, once its extract has come."""
        if question.entry is not Entry.CONFIRM:
            return None
        series = question.series
        figure = self.known.latest(series.ref, question.area.code, asked_period(series, self.quarter))
        return suppress_small(self._seen(figure), series) if figure else None

    def _past(self, series: Series, area: Area, past: Quarter) -> str:
        newest = asked_quarter(series, self.quarter)
        if past > newest:
            return NOT_YET_KNOWABLE
        if not ends_in(series, past):
            return NOT_DUE
        figure = self.known.latest(series.ref, area.code, period_of(series, past))
        if figure is None and past == newest:
            return ASKED_NOW
        return say_past_figure(self._seen(figure) if figure else None, series, self.known)

    def _previous(self, series: Series, area: Area) -> Figure | None:
        """The value before the one asked for, for the checks of what comes back; never a suppressed one."""
        earlier = step_back(series, asked_quarter(series, self.quarter))
        figure = self.known.latest(series.ref, area.code, period_of(series, earlier))
        return None if figure is None or figure.value is None or is_small(figure, series) else figure

    def _official(self, series: Series, area: Area) -> str:
        """The latest published figure of a whole year: the area's own, else the whole force's, which is said so."""
        own = self.known.latest_year(series.ref, area.code)
        figure = own or next(filter(None, (self.known.latest_year(series.ref, f) for f in self._force)), None)
        if figure is None:
            return NOT_AVAILABLE
        where = "" if own else ", whole force"
        text = say_past_figure(self._seen(figure), series, self.known)
        return f"{figure.period}{where}: {text} ({shorten_source(figure.provenance.source)})"

    def _comparator(self, series: Series, area: Area) -> str:
        """The area's rate beside its comparison group, as the papers read it; "" where there is none."""
        # Other areas' figures go into the group's average, and nothing else of theirs is shown.
        peers = self._comparators.find_newest(series, area.code, self.quarter)
        if peers.rate is None:
            return ""
        self.compared.append(peers)
        said = tell_beside(peers)
        is_quarter = "-Q" in peers.period and not peers.period.startswith(YEAR_TO)
        span = "quarter" if is_quarter else "year"
        group = f"Group {said.average}{f' ({said.limits})' if said.limits else ''}"
        when = f"{span} to {plain_day(period_end(peers.period))}"
        return f"{said.place}: {said.rate} {peers.unit}, {when}. {group}. No target."

    def _definition(self, question: Question, *, is_awaited: bool) -> str:
        time, of = say_period(question.series, self.quarter), say_base(question.series)
        sentences = [question.definition.strip()]
        if question.entry is Entry.VALUE and time:
            sentences.append(f"Please give the figure for {time}.")
            if question.series.lag_quarters:
                sentences.append("A later one is not yet knowable, and not late.")
        elif time:
            sentences.append(f"For {time}.")
        if question.entry is Entry.VALUE and of:
            asked = f"two counts: how many, and out of how many {of}" if say_whole(question.series) else f"{_N} {of}"
            sentences.append(f"Please give {asked}.")
        sentences += self._say_break(question.series)
        if is_awaited:
            sentences.append(AWAITED)
        if question.entry is Entry.VALUE and not is_owed(question.series):
            sentences.append("Only if there is a new figure.")
        return " ".join(filter(None, sentences))

    def _say_break(self, series: Series) -> list[str]:
        """Since when it is counted so, as long as the columns before it would have shown other things."""
        broken, parted, asked = series.broken, series.parted, asked_quarter(series, self.quarter)
        if parted is None or not self.history[0].start < parted <= asked.end:
            return []
        if broken is None or parted != broken.day:
            return [f"Comparable from {plain_day(parted)} on: earlier figures are not shown."]
        why = broken.reason.rstrip(".")
        return [f"Counted so since {plain_day(parted)} ({why}): earlier figures are not comparable and not shown."]


def list_areas(site: Site, wanted: Callable[[Area], bool]) -> tuple[Area, ...]:
    """Every different area of the site's respondents that fits, in the order of the config."""
    areas = (area for respondent in site.respondents for area in respondent.areas if wanted(area))
    return tuple({area.code: area for area in areas}.values())


def say_unit(series: Series) -> str:
    """What a series counts, as its row says it."""
    if "per cent" in series.unit and "e.g." not in series.unit and not say_whole(series):
        return f"{series.unit}{EXAMPLE}"
    return series.unit


def shorten_source(source: str) -> str:
    """A source's name without what was done to it: "Home Office, police recorded crime ..." is "Home Office"."""
    name: list[str] = []
    for part in re.split(r"[:;(]", source)[0].split(", "):
        if name and not part[:1].isupper():
            break
        name.append(part.strip())
    return ", ".join(name).strip()


def say_source(figure: Figure) -> str:
    """The line that is printed with a figure: its source and licence."""
    parts = (figure.provenance.source, figure.provenance.licence)
    return " ".join(f"{_LICENCE_END.sub('', part)}." for part in parts if part.strip())


_LOOKING = {
    GrantLine.SPENT: ("spent-falls",),
    GrantLine.FORECAST: ("grant-left",),
    GrantLine.UNDERSPEND: ("grant-over", "underspend-unsaid"),
}


def list_checked(row: FigureRow, quarter: Quarter, checks: Checks) -> tuple[tuple[str, Decimal], ...]:
    """The rules for money and per cents that look at a row in this quarter, each with its number; that of "spent-falls"
    is what was spent before."""
    line = find_line(row.ref) if row.kind is MeasureKind.GRANT else None
    hundreds = ("factor-of-100",) if row.is_per_cent and not row.is_counted else ()
    subject, before = name_subject(row.ref, row.kind), row.previous
    found = {rule: checks.find(rule, subject) for rule in (_LOOKING.get(line, ()) if line else hundreds)}
    numbers = {rule: check.number for rule, check in found.items() if check}
    if line is GrantLine.SPENT and before is not None and before.value is not None:
        is_same_year = before.period.partition("-")[0] == (row.period or quarter.key).partition("-")[0]
        return (("spent-falls", before.value),) if numbers and is_same_year else ()
    left = found.get("grant-left")
    is_not_now = left is not None and (f"Q{quarter.number}" not in left.phrases or quarter.ends_year)
    return () if is_not_now or line is GrantLine.SPENT else tuple(numbers.items())
