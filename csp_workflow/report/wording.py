"""How what a row shows is said in a paper: higher or lower than usual, beside its group, and in whose words why.

And which changes a paper tells on its first page, and which charts it draws: the rule that chooses, in one place. Areas
that moved alike in one measure are one story. The method note of the paper says the same rule in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from csp_workflow.analysis.peers import Position, say_rate, tell_beside
from csp_workflow.analysis.readings import Amount, Direction, list_quarters
from csp_workflow.report.basis import Basis, Made, figure_key, read_basis
from csp_workflow.report.blocks import Run, Text
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import (
    Figure,
    FigureStatus,
    Geography,
    Polarity,
    Series,
    is_share,
    is_small,
    newest_quarter,
    period_of,
    slot_of,
)
from csp_workflow.terms.phrases import (
    NOT_SUPPLIED,
    capital,
    joined,
    number,
    plural,
    say_counts,
    say_small,
    words,
)
from csp_workflow.terms.site import Respondent

SOUGHT = {
    Polarity.RISE: "a rise is sought",
    Polarity.FALL: "a fall is sought",
    Polarity.IMPROVEMENT: "an improvement is sought",
    Polarity.AMBIGUOUS: "no direction is sought",
    Polarity.NONE: "no direction is sought",
}
_GLYPH = {Direction.RISING: "▲", Direction.FALLING: "▼"}
_CHANGED = {Direction.RISING: "higher", Direction.FALLING: "lower"}
AS_USUAL = "as usual"

_TOGETHER = "\N{NO-BREAK SPACE}"

FEW_WORDS = 40
"""An explanation of up to so many words stands beside its number; a longer one is never shortened, but referred to."""


def say_change(direction: Direction) -> str:
    """A direction as what it says of a year: "higher", "lower", "as usual", or why nothing is said."""
    if direction is Direction.NO_CLEAR_CHANGE:
        return AS_USUAL
    return _CHANGED.get(direction, str(direction))


def mark_change(direction: Direction) -> str:
    """The same with its mark, which says the direction and nothing of good or bad: "higher ▲"."""
    glyph = _GLYPH.get(direction, "")
    return f"{say_change(direction)} {glyph}".rstrip()


def say_amount(amount: Amount | None, series: Series, *, missing: str = "") -> str:
    """An amount as it is printed in a table; a share in per cent, money in pounds."""
    if amount is None:
        return missing
    value = number(amount.value if amount.value == amount.value.to_integral() else round(amount.value, 1))
    if is_share(series):
        return f"{value}%"
    return f"£{value}" if series.unit == "pounds" else value


def say_newest(facts: ReportFacts, row: Row) -> Text:
    """The newest value of a row, to be traced from the file: a share with its counts, and what an earlier paper printed
    of it, where that was something else; in words why there is none."""
    reported = facts.reported.get(figure_key(row.figure), "") if row.figure else ""
    before = (Run(text=" (previously reported "), run_of_figure(reported, row.figure), Run(text=")"))
    return _run_of_newest(facts, row), *(before if reported else ())


def _run_of_newest(facts: ReportFacts, row: Row) -> Run:
    if row.quarter.now is not None:
        now = run_of_quarter(row)
        return replace(now, text=f"{now.text}{_say_behind(row)}")
    if row.figure and is_withheld(row):
        small = say_small(row.figure, row.series) if is_small(row.figure, row.series) else str(Direction.SUPPRESSED)
        return Run(text=facts.say_hidden(row.figure) or small)
    return Run(text=str(row.figure.status) if row.figure else NOT_SUPPLIED)


def _say_behind(row: Row) -> str:
    """The counts behind a share, kept together on one line: " (75 of 120)"."""
    counts = say_counts(row.figure) if row.figure and is_share(row.series) else ""
    return f" ({counts.replace(' ', _TOGETHER)})" if counts else ""


def say_measure(facts: ReportFacts, row: Row) -> str:
    """The title of what a row counts, with its year where that is not the one which the paper is of."""
    return row.series.title if facts.is_current(row) else f"{row.series.title} ({row.year_words})"


def say_before(row: Row, *, missing: str = "no figure") -> Text:
    """The value of a year before, or that there is none."""
    if row.quarter.before is None:
        return missing
    return (run_of_figure(say_amount(row.quarter.before, row.series), row.before),)


def say_total(row: Row, *, missing: str = "no total") -> Text:
    """A row's year; that it may not be shown, or that there is none."""
    if row.year.now is None:
        return str(Direction.SUPPRESSED) if row.year.direction is Direction.SUPPRESSED else missing
    return (Run(text=say_amount(row.year.now, row.series), figure=find_total_basis((row,))),)


def say_usual(row: Row, *, between: str = " to ", missing: str = "not known") -> Text:
    """The usual range of a row's year, or that it is not known."""
    usual = say_range(row.year.low, row.year.high, row.series, between=between)
    return (run_of_usual(row, usual),) if usual else missing


def is_withheld(row: Row) -> bool:
    """Whether a row has a newest value that may not be shown."""
    figure = row.figure
    return (
        figure is not None
        and row.quarter.now is None
        and (figure.value is not None or figure.status is FigureStatus.SUPPRESSED)
    )


def say_range(low: Decimal | None, high: Decimal | None, series: Series, *, between: str = " to ") -> str:
    """The usual range, "895 to 1,102"; "" where there is none."""
    if low is None or high is None:
        return ""
    places = 1 if is_share(series) else 0
    return f"{number(round(low, places))}{between}{number(round(high, places))}"


@dataclass(frozen=True, kw_only=True)
class _Joints:
    """What stands between the numbers of a reading: line ends in the cell of a table, words in a sentence."""

    change: str = ""
    year: str = ""
    usual: str = "\nUsual "
    between: str = "\N{EN DASH}"
    quarter: str = "\n{} "
    before: str = ", was "
    end: str = ""


def say_year(facts: ReportFacts, row: Row) -> tuple[Run, ...]:
    """A row's year beside its usual one, and its quarter beside the same quarter a year before, for a cell."""
    period = "Quarter" if row.period == facts.quarter.key else capital(row.period_words)
    return _join_year(row, period, _Joints())


def tell_reading(row: Row) -> tuple[Run, ...]:
    """The same in sentences, for a reader who has no heads of columns beside it."""
    the = "the " * row.year_words[0].islower()
    joints = _Joints(
        change=" than usual" if row.year.direction.is_change else "",
        year=f" in {the}{row.year_words}",
        usual="; usual is ",
        between=" to ",
        quarter=". {}: ",
        before=", a year before ",
        end=".",
    )
    return _join_year(row, capital(row.period_words), joints)


def _join_year(row: Row, period: str, joints: _Joints) -> tuple[Run, ...]:
    change = f"{capital(say_change(row.year.direction))}{joints.change}"
    value = say_amount(row.year.now, row.series, missing="no figure")
    runs = [
        Run(text=f"{_GLYPH.get(row.year.direction, '')} {change}".strip(), strong=True),
        Run(text=": "),
        Run(text=value, figure=find_total_basis((row,)) if row.year.now else ""),
        *([Run(text=joints.year)] if joints.year else []),
    ]
    if usual := say_range(row.year.low, row.year.high, row.series, between=joints.between):
        runs += [Run(text=joints.usual), run_of_usual(row, usual)]
    if row.quarter.now and row.quarter.now != row.year.now:
        runs += [Run(text=joints.quarter.format(period)), run_of_quarter(row)]
        if row.quarter.before:
            runs += [Run(text=joints.before), run_of_figure(say_amount(row.quarter.before, row.series), row.before)]
    return (*runs, *([Run(text=joints.end)] if joints.end else []))


def run_of_quarter(row: Row) -> Run:
    """The newest value of a row as it is traced from the file."""
    return run_of_figure(say_amount(row.quarter.now, row.series), row.figure)


def run_of_figure(text: str, figure: Figure | None) -> Run:
    """A text that prints a figure, to be traced from the file."""
    return Run(text=text, figure=figure_key(figure) if figure else "")


def run_of_usual(row: Row, text: str) -> Run:
    """A text that says what is usual in a row, which rests on all its figures that may be shown."""
    shown = tuple(slot_of(figure) for figure in row.history if figure and figure.value is not None)
    return Run(text=text, figure=Basis(how=Made.USUAL, slots=shown).key)


def run_of_stated(facts: ReportFacts, key: str, text: str) -> Run:
    """A text that prints what a statement, found by its key, says of a figure or a year; any other is a text alone."""
    return Run(text=text, figure=_find_stated_basis(facts, key) if text.lstrip("£")[:1].isdigit() else "")


def _find_stated_basis(facts: ReportFacts, key: str) -> str:
    what, *about = key.split(" ")
    series = next((one for one in facts.framework.series() if what == "year" and one.ref == about[1]), None)
    if series is None:  # a series may have left the framework since
        return key if read_basis(key) else ""
    quarter, ref, area = about
    quarters = list_quarters(series, newest_quarter(series, Quarter.parse(quarter)))
    figures = (facts.known.latest(ref, area, period_of(series, one)) for one in quarters)
    shown = tuple(slot_of(figure) for figure in figures if figure and figure.value is not None)
    return Basis(how=Made.USUAL, slots=shown).key if shown else ""


def find_total_basis(rows: Iterable[Row], *, back: int = 0, is_year: bool = True) -> str:
    """What the years of rows come from together, or their newest values, so many years back: the key of a bookmark."""
    found = (row.list_year(back) if is_year else [(row.figure, row.before)[back]] for row in rows)
    slots = tuple(slot_of(figure) for figures in found for figure in figures if figure)
    return Basis(how=Made.TOTAL if len(slots) > 1 else Made.FIGURE, slots=slots).key


def say_group(row: Row) -> Text:
    """A rate beside its group, for a cell: "Above: 6.4 / Group 5.1 (4.3 to 6.0)"."""
    return _join_group(row, tell_beside(row.peers).place, "\nGroup ")


def tell_group(row: Row) -> Text:
    """The same as a sentence: "Above its group: 6.4 per 1,000 residents; the group has 5.1 (4.3 to 6.0)."."""
    words = row.peers.words
    place = "Beside its group" if words is Position.NO_COMPARATOR else f"{capital(str(words))} its group"
    return (*_join_group(row, place, f" {row.peers.unit}; the group has "), Run(text="."))


def _join_group(row: Row, place: str, between: str) -> tuple[Run, ...]:
    peers = row.peers
    if peers.rate is None or peers.average is None:
        return (Run(text="No group", strong=True),)
    said = tell_beside(peers)
    runs = [
        Run(text=place, strong=True),
        Run(text=": "),
        _run_of_rate(row, said.rate),
        Run(text=between),
        _run_of_group(row, Made.AVERAGE, said.average),
    ]
    if said.limits:
        runs += [Run(text=" ("), _run_of_group(row, Made.LIMITS, said.limits), Run(text=")")]
    return tuple(runs)


def say_own_rate(row: Row) -> Text:
    """The rate that stands beside a group's, or that there is none."""
    text = say_rate(row.peers.rate)
    return text if row.peers.rate is None else (_run_of_rate(row, text),)


def _run_of_rate(row: Row, text: str) -> Run:
    own = row.peers.own
    if own is None:
        return _run_of_group(row, Made.RATE, text)
    return Run(text=text, figure=Basis(how=Made.RATE, slots=own.made_of, per=own.per).key)


def _run_of_group(row: Row, how: Made, text: str) -> Run:
    """What is reckoned from the rates of others and, for limits, of the area; or what one line of an extract says."""
    own, others = row.peers.own, row.peers.others
    if own is None:
        return Run(
            text=text, figure=Basis(how=Made.GROUP, slots=((row.series.ref, row.area.code, row.peers.period),)).key
        )
    rates = (*others, own) if how is Made.LIMITS else others
    slots = tuple(slot for rate in rates for slot in rate.made_of)
    return Run(text=text, figure=Basis(how=how, slots=slots, per=own.per).key)


def is_beyond_group(row: Row, position: Position) -> bool:
    """Whether a row's rate lies above, or below, its group's limits."""
    return row.peers.words is position


def find_partnership(facts: ReportFacts, area: str) -> Respondent | None:
    """The partnership that covers an area."""
    return facts.by_area.get(area)


def find_explanation(facts: ReportFacts, row: Row) -> str:
    """What whoever answers for an area said of a figure; "" for nothing."""
    partnership = find_partnership(facts, row.area.code)
    submission = facts.submissions.get(partnership.key) if partnership else None
    if submission is None:
        return ""
    ref = f"{row.area.code} {row.series.ref}"
    said = [n.text.strip() for n in submission.narratives if n.ref == ref]
    said += [
        reason.strip() for area, of, reason in submission.disputes if (area, of) == (row.area.code, row.series.ref)
    ]
    return next(filter(None, said), "") or say_what_drove(row)


def say_what_drove(row: Row) -> str:
    """What was picked and noted beside a figure by whoever supplied it."""
    figure = row.figure
    return (
        ": ".join(filter(None, (figure.drove_it, figure.note.strip()))) if figure and figure.value is not None else ""
    )


def quote(text: str) -> str:
    """Somebody's words in quotation marks, on one line."""
    return f"“{' '.join(text.split())}”"


def count_words(text: str) -> int:
    """How many words a text has."""
    return len(text.split())


def name_areas(rows: Iterable[Row]) -> list[str]:
    """The areas of rows by name, in the order of the alphabet."""
    return sorted({row.area.name for row in rows})


FEW_NAMES = 3
"""So many stand by name in a sentence of the first page; of more it says how many, and their own part names them."""


def name_few(names: Sequence[str], noun: str) -> str:
    """A few by name, many by their number: "Melton and Rutland", "eight areas"."""
    return joined(names) if len(names) <= FEW_NAMES else plural(len(names), noun, spelt=True)


def name_short(partnership: Respondent) -> str:
    """A partnership on the first page: by the one or two areas that it covers, else by its name."""
    areas = [area.name for area in partnership.areas]
    return joined(areas) if 0 < len(areas) <= 2 else partnership.name


def name_place(row: Row) -> str:
    """Where a row is counted."""
    return "Whole force" if row.area.geography is Geography.FORCE else row.area.name


def say_how_many(areas: Sequence[str], of: int) -> str:
    """In how many of its areas something holds: "in Melton", "in five of the nine areas", "in all nine areas"."""
    if len(areas) == of and of > 2:
        return f"in all {words(of)} areas"
    if len(areas) <= 2:
        return f"in {joined(areas)}"
    return f"in {words(len(areas))} of the {words(of)} areas"


MOST_STORIES = 6
"""So many measures a member can hold in mind."""

MOST_ROWS = 6
"""So many areas fit on the first page beside what the board is asked."""

OWN_CHARTS, GROUP_CHARTS = 2, 1
"""So many charts earn their place in a paper that shall stay short."""


@dataclass(frozen=True, kw_only=True)
class Headline:
    """One measure whose year is higher, or lower, than usual in one area or several; the furthest out first."""

    series: Series
    direction: Direction
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What stands on the first page, in the Plan's order; `named` are the rows that its note only names."""

    stories: tuple[Headline, ...]
    shown: tuple[Row, ...]
    named: tuple[Row, ...]


def find_stories(facts: ReportFacts) -> tuple[Headline, ...]:
    """Every story of the quarter, in the Plan's order."""
    grouped: dict[tuple[str, Direction], list[Row]] = {}
    for row in facts.stories():
        grouped.setdefault((row.series.ref, row.year.direction), []).append(row)
    return tuple(
        Headline(series=rows[0].series, direction=direction, rows=tuple(sorted(rows, key=find_distance, reverse=True)))
        for (_, direction), rows in grouped.items()
    )


def choose_stories(stories: Sequence[Headline], *, most: int = MOST_ROWS) -> Chosen:
    """At `most` so many areas: the furthest of each measure for which the Plan seeks a direction, then the furthest."""
    told = rank_stories(stories)[:MOST_STORIES]
    first = [story.rows[0] for story in told if is_sought(story.series)][:most]
    others = sorted((row for s in told for row in s.rows if row not in first), key=find_distance, reverse=True)
    kept = {id(row) for row in (*first, *others[: most - len(first)])}
    in_order = tuple(story for story in stories if any(id(row) in kept for row in story.rows))
    return Chosen(
        stories=in_order,
        shown=tuple(row for story in in_order for row in story.rows if id(row) in kept),
        named=tuple(row for story in stories for row in story.rows if id(row) not in kept),
    )


def rank_stories(stories: Sequence[Headline]) -> list[Headline]:
    """Those first for which the Plan seeks a direction, then by how far out their furthest area lies."""
    return sorted(stories, key=lambda story: (not is_sought(story.series), -find_distance(story.rows[0])))


def is_sought(series: Series) -> bool:
    """Whether the Plan seeks a direction."""
    return series.polarity not in {Polarity.AMBIGUOUS, Polarity.NONE}


def choose_charts(stories: Sequence[Headline]) -> tuple[tuple[Row, ...], tuple[Headline, ...]]:
    """What earns a chart: the own series of the areas furthest out, a measure each, and the measures to be seen
    beside their groups: those in which most areas changed."""
    ranked = rank_stories(stories)
    own = tuple(story.rows[0] for story in ranked if story.rows[0].limits is not None)
    by_areas = sorted(ranked, key=lambda story: len(story.rows), reverse=True)
    beside = {story.series.ref: story for story in by_areas if any(row.peers.rate is not None for row in story.rows)}
    return own[:OWN_CHARTS], tuple(beside.values())[:GROUP_CHARTS]


def find_distance(row: Row) -> Decimal:
    """How far a year lies from its usual one, in half widths of its usual range."""
    year = row.year
    if year.now is None or year.usual is None or year.low is None or year.high is None or year.high <= year.low:
        return Decimal(0)
    return abs(year.now.value - year.usual) / ((year.high - year.low) / 2)
