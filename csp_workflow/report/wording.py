"""How what a row shows is said in a paper: higher or lower than usual, beside its group, and in whose words why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from csp_workflow.analysis.peers import PeerReading, Position, tell_beside
from csp_workflow.analysis.readings import Amount, Direction
from csp_workflow.report.blocks import Run, Text
from csp_workflow.report.facts import ReportFacts, Row, figure_key
from csp_workflow.terms.figures import FigureStatus, Geography, Polarity, Series, is_share, is_small
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
SOUGHT_IN_SHORT = {
    Polarity.RISE: "rise",
    Polarity.FALL: "fall",
    Polarity.IMPROVEMENT: "improvement",
    Polarity.AMBIGUOUS: "none",
    Polarity.NONE: "none",
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
    previously = f" (previously reported {reported})" if reported else ""
    if row.quarter.now is not None:
        return run_of_quarter(row), Run(text=f"{_say_behind(row)}{previously}")
    if row.figure and is_withheld(row):
        small = say_small(row.figure, row.series) if is_small(row.figure, row.series) else str(Direction.SUPPRESSED)
        return f"{facts.say_hidden(row.figure) or small}{previously}"
    return f"{row.figure.status}{previously}" if row.figure else NOT_SUPPLIED


def _say_behind(row: Row) -> str:
    """The counts behind a share, kept together on one line: " (75 of 120)"."""
    counts = say_counts(row.figure) if row.figure and is_share(row.series) else ""
    return f" ({counts.replace(' ', _TOGETHER)})" if counts else ""


def say_measure(facts: ReportFacts, row: Row) -> str:
    """The title of what a row counts, with its year where that is not the one which the paper is of."""
    return row.series.title if facts.is_current(row) else f"{row.series.title} ({row.year_words})"


def say_total(row: Row, *, missing: str = "no total") -> str:
    """A row's year; that it may not be shown, or that there is none."""
    is_hidden = row.year.direction is Direction.SUPPRESSED
    return say_amount(row.year.now, row.series, missing=str(Direction.SUPPRESSED) if is_hidden else missing)


def is_withheld(row: Row) -> bool:
    """Whether a row has a newest value that may not be shown."""
    figure = row.figure
    return (
        figure is not None
        and row.quarter.now is None
        and (figure.value is not None or figure.status is FigureStatus.SUPPRESSED)
    )


def say_range(low: Decimal | None, high: Decimal | None, series: Series, *, between: str = " to ") -> str:
    """The usual range, "895 to 1,102"; "" where there is none. No count falls below nothing."""
    if low is None or high is None:
        return ""
    places = 1 if is_share(series) else 0
    return f"{number(round(max(low, Decimal(0)), places))}{between}{number(round(high, places))}"


def say_year(facts: ReportFacts, row: Row) -> tuple[Run, ...]:
    """A row's year beside its usual one, and its quarter beside the same quarter a year before."""
    change = say_change(row.year.direction)
    value = say_amount(row.year.now, row.series, missing="no figure")
    runs = [
        Run(text=f"{_GLYPH.get(row.year.direction, '')} {capital(change)}".strip(), strong=True),
        Run(text=f": {value}"),
    ]
    if usual := say_range(row.year.low, row.year.high, row.series, between="\N{EN DASH}"):
        runs.append(Run(text=f"\nUsual {usual}"))
    if row.quarter.now and row.quarter.now != row.year.now:
        period = "Quarter" if row.period == facts.quarter.key else capital(row.period_words)
        runs += [Run(text=f"\n{period} "), run_of_quarter(row)]
        runs += [Run(text=f", was {say_amount(row.quarter.before, row.series)}")] if row.quarter.before else []
    return tuple(runs)


def run_of_quarter(row: Row) -> Run:
    """The newest value of a row as it is traced from the file."""
    key = figure_key(row.figure) if row.figure else ""
    return Run(text=say_amount(row.quarter.now, row.series), figure=key)


def say_group(peers: PeerReading) -> Text:
    """A rate beside its group: "Above: 6.4 / Group 5.1 (4.3 to 6.0)"."""
    if peers.rate is None:
        return (Run(text="No group", strong=True),)
    place, rate, group = tell_beside(peers)
    return Run(text=place, strong=True), Run(text=f": {rate}\n{group}")


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
