"""Sentences about a year that are ready to be taken over, a theme or a partnership at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from csp_workflow.analysis.readings import Direction
from csp_workflow.report import roll_up
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.roll_up import YearRow, YearSum, list_year_returns, list_year_rows
from csp_workflow.report.wording import SOUGHT, count_words, name_areas, say_change, say_how_many
from csp_workflow.terms.figures import MeasureKind, Series, Theme
from csp_workflow.terms.phrases import joined, number, plain_day, plural, uncapital
from csp_workflow.terms.site import Respondent

THEME_GUIDE, PARTNERSHIP_GUIDE = 150, 80
"""Words that do for a theme, and for what is said of a partnership before its own: a guide, and never a limit."""


def name_year(facts: ReportFacts) -> str:
    """The financial year that a paper is of."""
    return facts.quarter.financial_year


def name_year_before(facts: ReportFacts) -> str:
    """The one before it."""
    return facts.quarter.year_ago.financial_year


def list_theme_rows(facts: ReportFacts, theme: Theme) -> list[tuple[Series, list[YearRow]]]:
    """The series of a theme of which anything is known for the year or the one before."""
    series = [s for m in facts.measures_of(theme) for s in m.series if s.kind.is_number]
    rows = [(one, list_year_rows(facts, one)) for one in series]
    return [(one, found) for one, found in rows if any(row.has_figure for row in found)]


@dataclass(frozen=True, kw_only=True)
class ReadyText:
    """Sentences to be taken over, with a guide to how many words do."""

    about: str
    text: str
    guide: int
    whose: str = ""

    @property
    def length(self) -> int:
        """How many words it has."""
        return count_words(self.text)


def tell_theme(facts: ReportFacts, theme: Theme) -> ReadyText:
    """What the year says of a theme, a sentence a measure."""
    return ReadyText(about=theme.title, text=" ".join(tell_measures(facts, theme)), guide=THEME_GUIDE)


def tell_measures(facts: ReportFacts, theme: Theme) -> list[str]:
    """The sentences of a theme, one for each measure that is counted; that there is none where there is none."""
    told = [_tell_series(facts, series, rows) for series, rows in list_theme_rows(facts, theme)]
    known = {series.ref for series, _ in list_theme_rows(facts, theme)}
    every = [s for m in facts.measures_of(theme) for s in m.series if s.kind.is_number]
    if silent := [uncapital(s.title) for s in every if s.ref not in known]:
        told.append(f"No figures were supplied for {joined(silent)}.")
    return told or ["This theme has no measure that is counted; what was done is told in words."]


def _tell_series(facts: ReportFacts, series: Series, rows: Sequence[YearRow]) -> str:
    """One measure in a sentence or two: the year, the year before, and whether that is more change than usual."""
    is_count = series.kind is MeasureKind.COUNT
    if len(rows) == 1 or is_count:
        year, before = (roll_up.add_areas(rows, None, before=back) for back in (False, True))
        if len(rows) == 1:
            year, before = rows[0].year, rows[0].year_before
        amount = _say_amount(facts, series, year, before)
    else:
        amount = f"{series.title}: each place has a figure of its own"
    return f"{amount}{_say_reading(facts, series, rows)}"


def _say_amount(facts: ReportFacts, series: Series, year: YearSum, before: YearSum) -> str:
    if year.value is None:
        why = year.why or roll_up.NO_TOTAL
        if why == roll_up.COUNTED_OTHERWISE and series.broken:
            why = (
                f"counted otherwise since {plain_day(series.broken.day)}: {uncapital(series.broken.reason.rstrip('.'))}"
            )
        return f"{series.title}: no figure for the whole of {name_year(facts)} can be given ({why})"
    unit = "" if "per cent" in series.unit or series.unit == "pounds" else f" {series.unit}"
    said = f"{series.title}: {roll_up.say_sum(year, series)}{unit} in {name_year(facts)}"
    if not year.is_whole:
        return f"{said}, in {plural(year.known, 'quarter', spelt=True)} of {number(year.due)}"
    return f"{said} ({roll_up.say_sum(before, series)} in {name_year_before(facts)})" if before.is_whole else said


def _say_reading(facts: ReportFacts, series: Series, rows: Sequence[YearRow]) -> str:
    """Where the year was not as usual, by name; that it was, or that nobody can say."""
    judged = [one.row for one in rows if one.row.year.direction.is_judged]
    parts = []
    for direction in (Direction.RISING, Direction.FALLING):
        where = name_areas(row for row in judged if row.is_story and row.year.direction is direction)
        if where:
            place = "" if len(rows) == 1 else f" {say_how_many(where, len(rows))}"
            place += f" ({joined(where)})" if 2 < len(where) < len(rows) else ""
            parts.append(f"{say_change(direction)} than usual{place}")
    own = "" if not judged or judged[0].year_words == f"year {name_year(facts)}" else judged[0].year_words
    period = f" in {own}" if own and not facts.is_current(judged[0]) else ""
    if parts:
        return f"; {joined(parts)}{period}, where {SOUGHT[series.polarity]}."
    if judged:
        every = "" if len(judged) == len(rows) else " that could be compared"
        anywhere = "" if len(rows) == 1 else f" in any area{every}"
        return f"; no more change than usual{anywhere}{period}."
    return "; whether that is a change cannot be said yet."


def say_succession(partnership: Respondent, facts: ReportFacts) -> str:
    """Since when a partnership stands in the place of others, where that was in the year."""
    if not facts.year or not facts.year[0].quarter.start < partnership.valid_from <= facts.quarter.end:
        return ""
    names = joined(r.name for r in facts.site.respondents if r.key in partnership.predecessors)
    codes = facts.replaced.keys() & {area.code for area in partnership.areas}
    areas = (
        " The quarters before are the sum of the areas that were merged." if codes else " Its areas stand as before."
    )
    return (
        f"{partnership.name} took over the work of {names} on {plain_day(partnership.valid_from)}. What was returned "
        f"before stands under the old name and counts in its year once.{areas}"
    )


def tell_partnership(facts: ReportFacts, partnership: Respondent) -> ReadyText:
    """What is to be said of a partnership before its own words: what it covers, its returns, what was not as usual."""
    names = joined(area.name for area in partnership.areas)
    said = ["" if names in partnership.name else f"It covers {names}."]
    said.append(say_succession(partnership, facts).partition(" What was returned")[0])
    said.append(_say_made(facts, partnership))
    said.append(_say_police(facts, partnership))
    return ReadyText(
        about=partnership.name,
        text=" ".join(f"{one.rstrip('.')}." for one in said if one),
        guide=PARTNERSHIP_GUIDE,
        whose=partnership.key,
    )


def _say_made(facts: ReportFacts, partnership: Respondent) -> str:
    """For which quarters of those in which anybody was asked it made a return, and what became of the others."""
    rounds = {one.quarter for one in facts.year if one.status.returns}
    quarters = [of_one for of_one in list_year_returns(facts, partnership) if of_one[0].quarter in rounds]
    missed = [of_one for of_one in quarters if not all(one.is_made for one in of_one)]
    if not quarters:
        return ""
    every = (
        f"each quarter of {name_year(facts)}"
        if len(quarters) == len(facts.year)
        else joined(of_one[0].quarter.months for of_one in quarters)
    )
    if not missed:
        return f"It made a return for {every}."
    made = joined(of_one[0].quarter.months for of_one in quarters if of_one not in missed)
    odd = joined(f"{of_one[0].quarter.months} ({joined(dict.fromkeys(o.said for o in of_one))})" for of_one in missed)
    return f"It made a return for {made}; not for {odd}." if made else f"It made no return: {odd}."


def _say_police(facts: ReportFacts, partnership: Respondent) -> str:
    areas = {area.code for area in partnership.areas}
    rows = [one.row for s in facts.police_series() for one in list_year_rows(facts, s) if one.row.area.code in areas]
    judged = [row for row in rows if row.year.direction.is_judged]
    several = len(areas) > 1
    odd = joined(
        f"{uncapital(row.series.title)}{f' in {row.area.name}' if several else ''} ({say_change(row.year.direction)})"
        for row in judged
        if row.is_story
    )
    rest = sum(not row.is_story for row in judged)
    if odd:
        others = f"the other {plural(rest, 'figure', spelt=True)} that could be compared"
        as_usual = f"; {others} {'was' if rest == 1 else 'were'}" if rest else ""
        return f"Over the year these police figures were not as usual: {odd}{as_usual}"
    return f"All {plural(rest, 'police figure', spelt=True)} that could be compared were as usual" if rest > 1 else ""
