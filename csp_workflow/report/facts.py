"""What a paper is compiled from: one quarter as it stands, each of its figures with what it says, and in words where
each return stands, neutrally: no silence of a chair blocks a paper.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from csp_workflow.analysis.ons import withhold_unreliable
from csp_workflow.analysis.peers import NO_PEERS, Comparators, PeerReading, Rate
from csp_workflow.analysis.readings import (
    Chance,
    ChartLimits,
    Comparison,
    Direction,
    Point,
    SeriesReading,
    YearReading,
    count_chance,
    list_quarters,
)
from csp_workflow.report.basis import figure_key
from csp_workflow.report.blocks import Block, Numbered
from csp_workflow.terms.actions import Action
from csp_workflow.terms.comparisons import GroupRate, KnownFigures
from csp_workflow.terms.dates import Board, PaperDates, Quarter, london_day
from csp_workflow.terms.figures import (
    Figure,
    Framework,
    Geography,
    Measure,
    Route,
    Series,
    Slot,
    Theme,
    asked_quarter,
    hide,
    is_small,
    is_summed,
    newest_quarter,
    period_of,
    quarters_of,
    retitle,
    set_threshold,
    slot_of,
)
from csp_workflow.terms.phrases import (
    SUPPRESSED,
    day,
    joined,
    plural,
    say_figure_period,
    say_published_figure,
    say_year,
)
from csp_workflow.terms.report_form import ReportForm
from csp_workflow.terms.returns import FormDefinition, ReturnState, Submission
from csp_workflow.terms.site import Area, Respondent, RespondentKind, Site
from csp_workflow.terms.status import CycleStatus, GivenAssent, ReturnStatus

_Found = TypeVar("_Found")


def report_actions(
    actions: Iterable[Action], submissions: Mapping[str, Submission], day: date, *, since: datetime | None
) -> tuple[Action, ...]:
    """What boards asked by a day, as it stands on it, with its answers; of closed ones those `since` the last paper."""
    return tuple(
        replace(action, state=action.state_on(day), answer=_find_answer(action, submissions))
        for action in actions
        if action.asked <= day and (action.closed is None or since is None or action.closed > since)
    )


def _find_answer(action: Action, submissions: Mapping[str, Submission]) -> str:
    version = submissions.get(action.respondent)
    return next((one.text.strip() for one in version.narratives if one.ref == action.ref), "") if version else ""


@dataclass(frozen=True, kw_only=True)
class Otherwise:
    """One thing that an earlier paper (which, in words) printed otherwise: `key` is its statement's, `why` says who has
    changed it."""

    key: str
    what: str
    paper: str
    was: str
    now: str
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class YearQuarter:
    """One quarter of the year that a paper is of: how it stands, and what was returned in it, by respondent key."""

    quarter: Quarter
    status: CycleStatus
    submissions: Mapping[str, Submission]


@dataclass(frozen=True, kw_only=True)
class ReportFacts:
    """One quarter as it stands, for one board's meeting.

    By respondent key: `submissions` are the latest, `answered` the issues of the form that they were made on.
    `withdrawn` are figures of the force's that stood while forms were out and were taken back, by series and area.
    `otherwise` is what earlier papers printed otherwise, and `reported` what they printed of figures, by `figure_key`.
    `actions` are what boards asked, each as it stands, with its answer in this quarter's form; those that were closed
    since this board's last paper are among them.
    `hidden` are the cells that may not be shown (series, area, period; "year to <quarter's key>" for a sum of four).
    Nothing here holds a value that is `hidden`; of those the owners' rules hide, `small` says what is printed instead.
    `groups` is what extracts say of areas beside their comparison groups.
    `told_before` is what the board's last paper told as changes, by series and area; None where there was none.
    `year` has the four quarters of a yearly paper, the first one first, and is empty in any other.
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
    actions: tuple[Action, ...] = ()
    hidden: frozenset[Slot] = frozenset()
    small: Mapping[Slot, str] = field(default_factory=dict)
    told_before: Mapping[tuple[str, str], Direction] | None = None
    groups: tuple[GroupRate, ...] = ()
    year: tuple[YearQuarter, ...] = ()

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
        framework = set_threshold(self.site.framework(self.quarter), self.board.counts_below)
        titles = {ref: next(iter(found)) for ref, found in self.titles.items() if len(found) == 1}
        later = {s.ref for s in framework.series() if s.broken and asked_quarter(s, self.quarter).end < s.broken.day}
        rows = (row for form in self.answered.values() for row in form.figures)
        return retitle(framework, titles, {row.ref: row.kind for row in rows if row.ref in later})

    @cached_property
    def returned(self) -> Mapping[tuple[Slot, Decimal | None], tuple[str, Figure]]:
        """Each figure that the latest returns gave, by its slot and value: whose return it was (key), and it."""
        given = [(key, one) for key, submission in self.submissions.items() for one in submission.figures]
        return {(slot_of(one), one.value): (key, one) for key, one in reversed(given)}

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
        return tuple(r for r in self._owing if r.kind is RespondentKind.PARTNERSHIP)

    def contributors(self) -> tuple[Respondent, ...]:
        """Everybody else who owes something."""
        return tuple(r for r in self._owing if r.kind is not RespondentKind.PARTNERSHIP)

    @cached_property
    def by_area(self) -> Mapping[str, Respondent]:
        """The partnership that covers an area, by its code."""
        return {area.code: p for p in reversed(self.partnerships()) for area in p.areas}

    @cached_property
    def area_names(self) -> Mapping[str, str]:
        """The name of every area of the site, by its code."""
        return {area.code: area.name for r in self.site.respondents for area in r.areas}

    @cached_property
    def replaced(self) -> Mapping[str, frozenset[str]]:
        """The areas (codes) that an area with a code of its own has replaced when partnerships became one."""
        found: dict[str, frozenset[str]] = {}
        partnerships = [r for r in self.site.respondents if r.kind is RespondentKind.PARTNERSHIP]
        for one in (r for r in partnerships if r.predecessors):
            before = {area.code for r in partnerships if r.key in one.predecessors for area in r.areas}
            served = {a.code for r in partnerships if r.valid_from <= one.valid_from <= r.valid_to for a in r.areas}
            new, lost = {area.code for area in one.areas} - before, before - served
            if len(new) == 1 and lost:
                found[new.pop()] = frozenset(lost)
        return found

    @cached_property
    def series_titles(self) -> Mapping[str, str]:
        """The title of every series, by its ref."""
        return {series.ref: series.title for series in self.framework.series()}

    @cached_property
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
        hidden = self.say_hidden(figure) if figure else ""
        return say_published_figure(figure, series, self.known, reported=reported, hidden=hidden)

    def say_hidden(self, figure: Figure) -> str:
        """What is printed in the place of a figure that the paper does not show; "" for any other."""
        slot = slot_of(figure)
        return self.small.get(slot, SUPPRESSED) if slot in self.hidden else ""

    def police_series(self) -> list[Series]:
        """What the force supplies, in the Plan's order."""
        return [s for m in self.framework.measures if m.route is Route.POLICE for s in m.series if s.kind.is_number]

    def measures_of(self, theme: Theme) -> list[Measure]:
        """The measures of a theme's priorities, in the Plan's order."""
        numbers = {p.number for p in self.framework.priorities if p.theme == theme.number}
        return [m for m in self.framework.measures if m.priority in numbers]

    @cached_property
    def comparators(self) -> Comparators:
        """Rates, and areas beside their comparison groups."""
        return Comparators(self.known, self.site.peers, self.groups, self.hidden)

    def rows(self, series: Series) -> list[Row]:
        """All that is said of one series, area by area."""
        return self.recall(series, lambda: list(self._list_rows(series)))

    def recall(self, what: Hashable, work_out: Callable[[], _Found]) -> _Found:
        """What is worked out of these facts once: many parts of a paper ask for the same."""
        if what not in self._known_by_now:
            self._known_by_now[what] = work_out()
        found: _Found = self._known_by_now[what]
        return found

    @cached_property
    def _known_by_now(self) -> dict[Hashable, Any]:
        return {}

    def is_current(self, row: Row) -> bool:
        """Whether a row's year is the twelve months to the quarter's end, as the heads of tables have it."""
        return row.year_words == f"twelve months to {self.quarter.end:%B %Y}"

    def stories(self) -> list[Row]:
        """What has changed more than it usually does, in the Plan's order."""
        return self._stories

    @cached_property
    def _stories(self) -> list[Row]:
        return [row for row in self.judged() if row.is_story]

    @cached_property
    def changed(self) -> Mapping[str, frozenset[str]]:
        """The series (refs) that have changed, by area."""
        found: dict[str, set[str]] = {}
        for row in self.stories():
            found.setdefault(row.area.code, set()).add(row.series.ref)
        return {area: frozenset(refs) for area, refs in found.items()}

    @cached_property
    def police_rows(self) -> Mapping[str, list[Row]]:
        """What is said of the police figures of each partnership's areas, by its key, in the Plan's order."""
        covering: dict[str, list[str]] = {}
        for partnership in self.partnerships():
            for code in {area.code for area in partnership.areas}:
                covering.setdefault(code, []).append(partnership.key)
        found: dict[str, list[Row]] = {}
        for row in (row for series in self.police_series() for row in self.rows(series)):
            for key in covering.get(row.area.code, ()):
                found.setdefault(key, []).append(row)
        return found

    def count_chance(self) -> Chance:
        """What is to be said of chance in this paper: of all that was judged for it."""
        return count_chance(row.year for row in self.judged())

    def judged(self) -> list[Row]:
        """Every row whose year was held against its usual year, in the Plan's order."""
        numbers = (series for series in self.framework.series() if series.kind.is_number)
        return [row for series in numbers for row in self.rows(series) if row.year.direction.is_judged]

    def _list_rows(self, series: Series) -> Iterator[Row]:
        from csp_workflow.analysis import judging  # pandas: no beat that drafts no paper should wait for it

        newest, areas = newest_quarter(series, self.quarter), self.areas_of(series)
        quarters = list_quarters(series, newest)
        periods = [period_of(series, quarter) for quarter in quarters]
        hidden = {
            (area.code, end)
            for area in areas
            for end in quarters
            if self.hidden and (series.ref, area.code, f"year to {end.key}") in self.hidden
        }
        figures = {area.code: [self._figure(series, area, period) for period in periods] for area in areas}
        readings = judging.judge_series(series, newest, figures, hidden_years=hidden)
        is_police = series in self.police_series()
        for area in areas:
            reading, behind = readings[area.code], figures[area.code][: 8 // quarters_of(series)]
            year = withhold_unreliable(reading.year, behind, series, is_police=is_police)
            yield Row(
                series=series,
                area=area,
                period=periods[0],
                period_words=say_figure_period(series, newest),
                year_words=say_year(series, newest),
                history=tuple(figures[area.code]),
                reading=replace(reading, year=year),
                rate=self.comparators.find_rate(series, area.code, self.quarter),
                peers=self.comparators.compare(series, area.code, self.quarter),
            )

    def _figure(self, series: Series, area: Area, period: str) -> Figure | None:
        """A figure, one that is hidden without its value."""
        place = series.ref, area.code, period
        figure = self.known.latest(*place)
        is_hidden = figure is not None and place in self.hidden and not is_small(figure, series)
        return hide(figure) if figure and is_hidden else figure


@dataclass(frozen=True, kw_only=True)
class Row:
    """One series in one area, under its own period: its figures, the newest first, and what they say."""

    series: Series
    area: Area
    period: str
    period_words: str
    year_words: str
    history: tuple[Figure | None, ...]
    reading: SeriesReading
    rate: Rate | None = None
    peers: PeerReading = NO_PEERS

    @property
    def figure(self) -> Figure | None:
        """The newest value."""
        return self.history[0]

    @property
    def before(self) -> Figure | None:
        """The value of a year before."""
        return self.history[4 // quarters_of(self.series)]

    def list_year(self, back: int = 0) -> list[Figure]:
        """The figures that make the newest year, or the one so many years before it."""
        first = back * 4 // quarters_of(self.series)
        year = self.history[first : first + (4 if is_summed(self.series) else 1)]
        return [figure for figure in year if figure]

    @property
    def has_figure(self) -> bool:
        """Whether there is anything to print."""
        return self.figure is not None or self.before is not None

    @property
    def quarter(self) -> Comparison:
        """The value beside that of a year before; by itself called nothing."""
        return self.reading.quarter

    @property
    def year(self) -> YearReading:
        """The newest year against the usual year."""
        return self.reading.year

    @property
    def limits(self) -> ChartLimits | None:
        """The limits of the row's chart."""
        return self.reading.limits

    @property
    def points(self) -> tuple[Point, ...]:
        """The newest values, the oldest first, each with what marks it in a chart."""
        return self.reading.points

    @property
    def is_story(self) -> bool:
        """Whether the newest year differs from the usual year; nothing else makes a story."""
        return self.year.direction.is_change


# Where each return stands, in words -----------------------------------------------------------------


def say_standing(facts: ReportFacts, respondent: Respondent) -> str:
    """What became of a respondent's return, in a sentence or two: each thing on its own day, whatever came later."""
    stands = facts.stands(respondent.key)
    match stands.state:
        case ReturnState.NIL:
            return "It supplied nothing for this quarter and said so (a nil return)."
        case ReturnState.DECLINED:
            return "No return was made this quarter; the request was declined."
    if is_to_follow(facts, respondent):
        return f"No return was received by {day(facts.as_at)}; more time was given, and it is to follow."
    if not stands.versions:
        return f"No return was received by {day(facts.as_at)}."
    return f"{_say_coming(stands)}{_say_end(stands, respondent, facts.as_at)}"


def _say_coming(stands: ReturnStatus) -> str:
    """How a return came and was corrected, as the beginning of a sentence; with its approval before a correction."""
    first, latest = stands.versions[0], stands.versions[-1]
    came = f"A return was received on {day(first.received)}"
    came += ", after the day on which it was due," if first.late else ""
    corrected = f"corrected on {day(latest.received)}"
    if before := _approval_before(stands):
        return f"{came} and {_say_approver(before, stands)}. It was {corrected}"
    is_corrected = london_day(first.received) != london_day(latest.received)
    return f"{came} and last {corrected}" if is_corrected else came.removesuffix(",")


def _say_end(stands: ReturnStatus, respondent: Respondent, as_at: date) -> str:
    """How it stands now, as the end of that sentence."""
    before = _approval_before(stands)
    if stands.approval:
        comma = "," if before or stands.late else ""
        return f"{comma} and {'the correction was ' if before else ''}{_say_approver(stands.approval, stands)}."
    if stands.returned:
        return ". It was sent back to be corrected, and no later version had come."
    if stands.state is not ReturnState.COMPLETE:
        return f". {plural(stands.faults, 'entry', 'entries')} had still to be corrected."
    if not respondent.needs_approval:
        return ". It is complete."
    if before:
        asked = "has been asked again and " if stands.approval_asked else ""
        return f"; the Chair {asked}had not approved the correction by {day(as_at)}."
    return f". It is complete; the Chair had not approved it by {day(as_at)}."


def _approval_before(stands: ReturnStatus) -> GivenAssent | None:
    """The last approval of a version that was corrected since."""
    return next((one for one in reversed(stands.approvals) if one.submission != stands.submission), None)


def _say_approver(given: GivenAssent, stands: ReturnStatus) -> str:
    """Who approved, that it was not by their own letter where it was not, and on which police figures."""
    revised = stands.find_revised(given.asked or given.at)
    before = f", on the police figures before those of {day(revised.at)}" if revised else ""
    if not given.evidence:
        return f"approved by the {str(given.role).title()} on {day(given.at)}{before}"
    return f"recorded on {day(given.at)} as approved by {given.by} ({given.evidence}){before}"


def is_to_follow(facts: ReportFacts, respondent: Respondent) -> bool:
    """Whether a return has not come and was given longer than this paper waited."""
    stands = facts.stands(respondent.key)
    return not stands.state.is_in and stands.due is not None and stands.due >= london_day(facts.as_at)


def list_missing(facts: ReportFacts) -> Iterator[Block]:
    """Who has not returned, declined, or had nothing; the police figures stand all the same."""
    respondents = (*facts.partnerships(), *facts.contributors())
    follow = [r for r in respondents if is_to_follow(facts, r)]
    states = {r.key: facts.stands(r.key).state for r in respondents}
    groups = (
        (
            [r for r in respondents if not states[r.key].is_in and r not in follow],
            f"No return was received by {day(facts.as_at)} from {{}}.",
        ),
        (follow, "More time was given to {}: what they return is to follow."),
        ([r for r in respondents if states[r.key] is ReturnState.DECLINED], "The request was declined by {}."),
        (
            [r for r in respondents if states[r.key] is ReturnState.NIL],
            "A nil return, which says that there is nothing for this quarter, came from {}.",
        ),
    )
    named = [(text, [r.name for r in those]) for those, text in groups]
    missing = [Numbered(text=text.format(joined(names))) for text, names in named if names]
    yield from missing
    if not missing:
        yield Numbered(text="Every return was received.")
