"""The workbook beside the year's paper: every figure of both years, the ready sentences, everybody's words, whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from csp_workflow.analysis.peers import say_position
from csp_workflow.analysis.readings import Intent, find_intent
from csp_workflow.report import roll_up
from csp_workflow.report.annual_text import list_theme_rows, name_year, name_year_before, tell_partnership, tell_theme
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
from csp_workflow.report.wording import count_words, mark_change, name_place
from csp_workflow.terms.figures import MeasureKind, Series
from csp_workflow.terms.phrases import number, short_day
from csp_workflow.terms.site import Respondent, RespondentKind


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
