"""Which changes a paper tells on its first page, and which charts it draws: the rule that chooses, in one place.

Areas that moved alike in one measure are one story. The method note of the paper says the same rule in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from csp_workflow.analysis.readings import Direction
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.terms.figures import Polarity, Series

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
