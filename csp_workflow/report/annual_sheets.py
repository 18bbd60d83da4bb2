"""The workbook beside the year's paper: every figure of both years, the ready sentences, everybody's words, whole.

The sentences, a theme or a partnership at a time, are to be taken over into the paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from csp_workflow.analysis.peers import say_position
from csp_workflow.analysis.readings import Direction, Intent, find_intent
from csp_workflow.report import roll_up
from csp_workflow.report.appendices import list_definitions
from csp_workflow.report.blocks import Table, Text
from csp_workflow.report.carried import list_carried
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.roll_up import (
    YearRow,
    YearSum,
    list_year_partnerships,
    list_year_respondents,
    list_year_returns,
    list_year_rows,
    show_cell,
)
from csp_workflow.report.wording import (
    SOUGHT,
    count_words,
    mark_change,
    name_areas,
    name_place,
    say_change,
    say_how_many,
)
from csp_workflow.terms.figures import MeasureKind, Series, Theme
from csp_workflow.terms.phrases import joined, number, plain_day, plural, short_day, uncapital
from csp_workflow.terms.site import Respondent, RespondentKind

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


def tabulate_revisions(caption: str, rows: tuple[tuple[Text, ...], ...]) -> Table:
    """Revisions as a table."""
    return Table(
        caption=caption,
        description="Each figure that stands otherwise than before: its quarter, what it was, and what it is.",
        headers=("Measure", "Where", "Quarter", "Before", "Now"),
        numeric=(3, 4),
        rows=rows,
        weights=(30, 22, 20, 12, 16),
    )


def list_revisions(facts: ReportFacts) -> Iterator[tuple[Text, ...]]:
    """Each figure of the year that stands otherwise than it was printed or supplied before: what it was and is."""
    for series in (s for s in facts.framework.series() if s.kind.is_number):
        for one in list_year_rows(facts, series):
            for cell in one.cells:
                for figure in cell.figures:
                    if was := roll_up.say_before(facts, figure):
                        where = facts.area_names.get(figure.area, figure.area)
                        now = show_cell(facts, roll_up.YearCell(quarter=cell.quarter, figures=(figure,)), series)
                        yield series.title, where, cell.quarter.months, was, now


def list_year_sheets(facts: ReportFacts) -> tuple[Table, ...]:
    """What accompanies the paper, a sheet each."""
    return (
        _figures_sheet(facts),
        _sums_sheet(facts),
        _ready_sheet(facts),
        _account_sheet(facts),
        _returns_sheet(facts),
        tabulate_revisions("Revisions", tuple(list_revisions(facts))),
        list_carried(facts),
        list_definitions(facts),
    )


def _figures_sheet(facts: ReportFacts) -> Table:
    """Numbers as numbers; a word where there is none, and in the last columns where they may move and come from."""
    quarters = [*(one.quarter.year_ago for one in facts.year), *(one.quarter for one in facts.year)]
    series = [s for s in facts.framework.series() if s.kind.is_number]
    return Table(
        caption="Year",
        description="Each measure in each area: eight quarters, both years, the usual year, the reading, the group.",
        headers=(
            *("Ref", "Measure", "Theme", "Area", "Unit"),
            *(quarter.short_months for quarter in quarters),
            *(
                f"Year {name_year_before(facts)}",
                f"Year {name_year(facts)}",
                "Usual year from",
                "Usual year to",
                "Against usual",
            ),
            *("Read over", "Against what is sought", "Beside its group", "Group version", "Quarters in the year"),
            *("Provisional or revised", "Source"),
        ),
        rows=tuple(_figures_line(facts, s, one) for s in series for one in list_year_rows(facts, s) if one.has_figure),
        weights=(1,) * 25,
        numeric=tuple(range(5, 17)),
    )


def _figures_line(facts: ReportFacts, series: Series, one: YearRow) -> tuple[Text, ...]:
    year, peers = one.row.year, one.row.peers
    cells = (*one.before, *one.cells)
    sources = dict.fromkeys(f.provenance.source for cell in one.cells for f in cell.figures if f.provenance.source)
    intent = find_intent(year.direction, series.polarity)
    return (
        *(series.ref, series.title, _find_theme(facts, series), name_place(one.row), series.unit),
        *(_bare(roll_up.YearSum(value=roll_up.value_of(cell.figures), why=cell.why)) for cell in cells),
        *(_bare(one.year_before), _bare(one.year)),
        *("not known" if value is None else number(round(value, 1)) for value in (year.low, year.high)),
        *(mark_change(year.direction), one.row.year_words),
        *("no clear change" if intent is Intent.NOTHING_TO_SAY else str(intent), say_position(peers.words)),
        *(short_day(peers.version) if peers.version else "no group", f"{one.year.known} of {one.year.due}"),
        *("; ".join(_list_marks(facts, one)) or "none", "; ".join(sources) or "no source"),
    )


def _bare(one: YearSum) -> str:
    if one.value is None:
        return one.why or roll_up.NO_TOTAL
    said = number(round(one.value, 2))
    return said if one.known == one.due else f"{said} ({one.known} of {one.due} quarters)"


def _list_marks(facts: ReportFacts, one: YearRow) -> Iterator[str]:
    for cell in one.cells:
        status = [str(f.status) for f in cell.figures if f.status in roll_up.MARKED]
        was = [f"revised from {before}" for f in cell.figures if (before := roll_up.say_before(facts, f))]
        if status or was:
            yield f"{cell.quarter.short_months}: {', '.join(dict.fromkeys((*was, *status)))}"


def _find_theme(facts: ReportFacts, series: Series) -> str:
    themes = {theme.number: theme.title for theme in facts.framework.themes}
    serves = {p.number: themes.get(p.theme, "") for p in facts.framework.priorities}
    plan = {m.ref: serves.get(m.priority, "") for m in facts.framework.measures}
    local = {m.series.ref: serves.get(next(iter(m.priorities), 0), "") for m in facts.framework.local_measures}
    return plan.get(series.measure) or local.get(series.ref) or "none"


def _sums_sheet(facts: ReportFacts) -> Table:
    found = [pair for theme in facts.framework.themes for pair in list_theme_rows(facts, theme)]
    several = [(s, rows) for s, rows in found if len(rows) > 1 and s.kind is MeasureKind.COUNT]
    lines = [
        (s.ref, s.title, s.unit, *(_bare(roll_up.add_areas(rows, place)) for place in range(4)), *_bare_years(rows))
        for s, rows in several
    ]
    return Table(
        caption="All areas",
        description="Each measure that is counted in several areas: what all of them come to, where all are known.",
        headers=(
            "Ref",
            "Measure",
            "Unit",
            *(one.quarter.short_months for one in facts.year),
            name_year(facts),
            name_year_before(facts),
        ),
        rows=tuple(lines),
        weights=(1,) * 9,
        numeric=(3, 4, 5, 6, 7, 8),
    )


def _bare_years(rows: Sequence[YearRow]) -> tuple[str, str]:
    return _bare(roll_up.add_areas(rows, None)), _bare(roll_up.add_areas(rows, None, before=True))


def _ready_sheet(facts: ReportFacts) -> Table:
    ready = [tell_theme(facts, theme) for theme in facts.framework.themes]
    ready += [tell_partnership(facts, partnership) for partnership in list_year_partnerships(facts)]
    return Table(
        caption="Ready sentences",
        description="Sentences to take over, a theme or a partnership a row, with how many words each has and a guide.",
        headers=("About", "Words", "Guide", "Beside the guide", "Text"),
        rows=tuple(
            (one.about, number(one.length), number(one.guide), _say_fit(one.length, one.guide), one.text)
            for one in ready
        ),
        weights=(1,) * 5,
        numeric=(1, 2),
    )


def _say_fit(length: int, guide: int) -> str:
    return "within it" if length <= guide else "longer: nothing was cut, shorten it where you use it"


def _account_sheet(facts: ReportFacts) -> Table:
    """All that was written in the year, a quarter, a subject and a paragraph a row, under the name of then."""
    return Table(
        caption="Words of the year",
        description="What each partnership wrote in each quarter, whole, under the name that it had then.",
        headers=("Whose", "Written as", "Quarter", "About", "Words", "Guide", "Paragraph", "Text"),
        rows=tuple(line for p in list_year_partnerships(facts) for line in _list_words(facts, p)),
        weights=(1,) * 8,
        numeric=(4, 5, 6),
    )


def _list_words(facts: ReportFacts, partnership: Respondent) -> Iterator[tuple[str, ...]]:
    guides = {text.ref: text.words for text in facts.framework.year_end.texts}
    names = {r.key: r for r in facts.site.respondents}
    for quarter in facts.year:
        for key in (partnership.key, *partnership.predecessors):
            version = quarter.submissions.get(key)
            for written in version.narratives if version else ():
                for what, text in (("", written.text.strip()), (": next", written.promise.strip())):
                    about = f"{_head(facts, written.ref)}{what}"
                    length, guide = number(count_words(text)), str(guides.get(written.ref, "none"))
                    for place, part in enumerate(filter(None, map(str.strip, text.splitlines())), start=1):
                        yield (
                            partnership.name,
                            names[key].name,
                            quarter.quarter.months,
                            about,
                            length,
                            guide,
                            str(place),
                            part,
                        )


def _head(facts: ReportFacts, ref: str) -> str:
    """What a piece of words is about, as a reader knows it."""
    area, _, series = ref.partition(" ")
    if series:
        return f"{facts.series_titles.get(series, series)}, {facts.area_names.get(area, area)}"
    themes = {f"T{theme.number}": theme.title for theme in facts.framework.themes}
    texts = {text.ref: text.title for text in facts.framework.year_end.texts}
    aims = {o.ref: f"Own objective: {o.wording}" for o in facts.framework.objectives}
    told = {m.ref: m.wording for m in facts.framework.measures}
    asked = {action.ref: f"Asked by a board: {action.wording}" for action in facts.actions}
    return {**told, **asked, **aims, **texts, **themes}.get(ref, ref)


def _returns_sheet(facts: ReportFacts) -> Table:
    return Table(
        caption="Returns",
        description="Each respondent and quarter: who it was then, and where its return stands.",
        headers=("Whose", "Kind", "Quarter", "Returned as", "Stands"),
        rows=tuple(
            (r.name, "partnership" if r.kind is RespondentKind.PARTNERSHIP else "other body", *_return_line(one))
            for r in list_year_respondents(facts)
            for of_one in list_year_returns(facts, r)
            for one in of_one
        ),
        weights=(1,) * 5,
    )


def _return_line(one: roll_up.YearReturn) -> tuple[str, str, str]:
    return one.quarter.months, one.of.name, one.said
