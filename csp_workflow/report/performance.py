"""Performance by theme: where each series rises, falls or shows no clear change, and what stands out."""

from __future__ import annotations

from collections.abc import Iterator

from csp_workflow.letters.phrases import joined, number
from csp_workflow.report.blocks import Block, Heading, Numbered, Plain, Table
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.report.readings import Direction, Intent, intent
from csp_workflow.report.standing import sentence
from csp_workflow.terms.figures import Geography, Measure, Polarity, Route, Series, Theme
from csp_workflow.terms.site import Area

SOUGHT = {
    Polarity.RISE: "a rise",
    Polarity.FALL: "a fall",
    Polarity.IMPROVEMENT: "an improvement",
    Polarity.AMBIGUOUS: "no direction",
    Polarity.NONE: "no direction",
}
_NAMED = 3
_JUDGED = {Direction.RISING, Direction.FALLING}


def how_to_read() -> Iterator[Block]:
    """What the words mean, once."""
    yield Numbered(
        text="Each count is compared with the same quarter of the year before, which takes the season out, and the "
        "latest twelve months with the twelve before. The counts themselves stand in Appendix B."
    )
    yield Numbered(
        text="A figure is called rising or falling only where chance alone would bring so large a difference less "
        "than once in twenty times; otherwise it shows no clear change. Where two counts come to fewer than 20 "
        "together they are too few to judge. Where nothing has changed, about five comparisons in a hundred will "
        "still be called rising or falling."
    )
    yield Numbered(
        text="Whether a direction is the intended one is said separately. Some measures have no intended direction: "
        "more reports may mean more trust, and recorded figures also move with police activity. No area is ranked."
    )


def by_theme(facts: ReportFacts) -> Iterator[Block]:
    """A heading, a table and what stands out for each theme."""
    for theme in facts.framework.themes:
        yield Heading(text=theme.title, level=3)
        yield from _theme(facts, theme)


def _theme(facts: ReportFacts, theme: Theme) -> Iterator[Block]:
    measures = [m for m in facts.framework.measures if _theme_of(facts, m) == theme.number]
    rows = {s.ref: _rows(facts, s) for m in measures for s in m.series if s.kind.is_number}
    told = [(s, rows[s.ref]) for m in measures for s in m.series if any(r.is_told for r in rows.get(s.ref, ()))]
    if told:
        yield _table(facts, theme, told)
        yield from _standing_out([row for _, found in told for row in found])
    silent = [
        s.title for m in measures for s in m.series if s.kind.is_number and not any(r.is_told for r in rows[s.ref])
    ]
    if silent:
        yield Numbered(text=f"No figures were available this quarter for {joined(silent)}.")
    yield from _in_words(facts, measures)


def _theme_of(facts: ReportFacts, measure: Measure) -> int:
    return next(p.theme for p in facts.framework.priorities if p.number == measure.priority)


def _rows(facts: ReportFacts, series: Series) -> list[Row]:
    return [facts.row(series, area) for area in facts.areas_of(series)]


def _table(facts: ReportFacts, theme: Theme, told: list[tuple[Series, list[Row]]]) -> Table:
    return Table(
        caption=f"{theme.title}: {facts.quarter.label} against {facts.quarter.year_ago.label}",
        description="For each measure: the direction sought, and where it rises, falls or shows no clear change.",
        headers=("Measure", "Sought", "Rising", "Falling", "No clear change", "Not judged or not supplied"),
        rows=tuple(_line(series, rows) for series, rows in told),
        weights=(24, 17, 15, 15, 15, 16),
    )


def _line(series: Series, rows: list[Row]) -> tuple[str, ...]:
    def where(*directions: Direction) -> str:
        areas = [row.area for row in rows if row.quarter.direction in directions]
        return _places(areas, rows, named=bool(set(directions) & _JUDGED))

    rest = tuple(d for d in Direction if d not in {*_JUDGED, Direction.NO_CLEAR_CHANGE})
    return (
        f"{series.title} ({series.ref})",
        SOUGHT[series.polarity],
        where(Direction.RISING),
        where(Direction.FALLING),
        where(Direction.NO_CLEAR_CHANGE),
        where(*rest),
    )


def _places(areas: list[Area], rows: list[Row], *, named: bool) -> str:
    """Where, by name; where most areas show nothing to name, only how many."""
    if not areas:
        return "none"
    if len(rows) == 1:
        return "force-wide" if areas[0].geography is Geography.FORCE else areas[0].name
    if len(areas) == len(rows):
        return f"all {len(rows)} areas"
    if len(areas) > _NAMED and not named:
        return f"{len(areas)} of {len(rows)} areas"
    return joined(area.name for area in areas)


def _standing_out(rows: list[Row]) -> Iterator[Block]:
    """A sentence for each figure that both readings call a change: what a member will ask about."""
    for row in rows:
        both = row.quarter.direction in _JUDGED and row.year.direction is row.quarter.direction
        if both and row.quarter.now and row.quarter.before and row.year.now and row.year.before:
            yield Numbered(
                text=f"{row.series.title} {_verb(row.quarter.direction)} in {row.area.name}: "
                f"{number(row.quarter.now.value)} in the quarter against {number(row.quarter.before.value)} a year "
                f"before, and {number(row.year.now.value)} in twelve months against {number(row.year.before.value)}"
                f"{_meant(row)}."
            )


def _verb(direction: Direction) -> str:
    return "rose" if direction is Direction.RISING else "fell"


def _meant(row: Row) -> str:
    match intent(row.quarter.direction, row.series.polarity):
        case Intent.INTENDED:
            return ", in the intended direction"
        case Intent.AGAINST:
            return f", where {SOUGHT[row.series.polarity]} is sought"
        case Intent.UNCLEAR:
            return "; the Plan intends no direction here"
    return ""


def _in_words(facts: ReportFacts, measures: list[Measure]) -> Iterator[Block]:
    """What contributors told in words, each under its own name; and who owed words and gave none."""
    for measure in measures:
        if measure.route is not Route.CONTRIBUTOR or measure.kind.is_number:
            continue
        owner = next((r for r in facts.contributors() if r.key == measure.owner), None)
        if owner is None:
            continue
        submission = facts.submissions.get(owner.key)
        found = [n for n in submission.narratives if n.ref == measure.ref] if submission else []
        if found and found[0].text.strip():
            yield Plain(lead=f"{measure.wording} ({owner.name})", text=found[0].text, quoted=True)
        else:
            yield Numbered(text=f"{measure.wording}: {owner.name}. {sentence(facts, owner)}")
