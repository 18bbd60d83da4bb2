"""All pages of an audience: the quarter, the year, every measure, every partnership, and what one reads them with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from csp_workflow.dashboard import places
from csp_workflow.dashboard.cards import Sources, lay_out, make_card, make_slug
from csp_workflow.dashboard.parts import AREAS, Audience, Entry, Finder, Item, Page, Section, Term, Terms, View
from csp_workflow.report.appendices import list_framework
from csp_workflow.report.blocks import Numbered, Run, Table, Text
from csp_workflow.report.contributions import say_opening
from csp_workflow.report.facts import ReportFacts, Row, say_standing
from csp_workflow.report.page_one import say_story, write_changes, write_missing, write_quarter
from csp_workflow.report.quality import explain_method, list_changed, list_left
from csp_workflow.report.wording import choose_stories, find_stories, name_place
from csp_workflow.terms.figures import LocalMeasure, Measure
from csp_workflow.terms.phrases import day, joined, plain_day, plural
from csp_workflow.terms.site import Respondent

HOME = "index"


_CHAPTERS = (
    Run(text="The quarter", to=HOME),
    Run(text="The year", to="year"),
    Run(text="Data quality", to="quality"),
    Run(text="Definitions", to="definitions"),
    Run(text="The framework", to="framework"),
)


def compile_view(facts: ReportFacts, audience: Audience) -> View:
    """All pages, from the facts of a paper that is out: what it may not show is not in them."""
    told = audience is not Audience.PUBLIC
    return View(
        title=f"Community safety, {facts.quarter.months}",
        pages=(
            _make_home(facts, told=told),
            _make_year(facts),
            *_make_measures(facts, told=told),
            *(places.make_partnership_page(facts, of, told=told) for of in facts.partnerships()),
            _make_quality(facts),
            _make_definitions(facts),
            _make_framework(facts),
        ),
        chapters=_CHAPTERS,
        foot=(
            _say_foot(facts, f"These pages show what the paper for the {facts.board.name} shows, as things stood on"),
            _ORDER,
        ),
        homes=_find_homes(facts) if told else _find_definitions(facts),
        illustrative=facts.site.illustrative,
    )


def _say_foot(facts: ReportFacts, what: str) -> str:
    return f"{facts.site.office.name}. {what} {plain_day(facts.as_at)}."


_ORDER = (
    "Areas stand in the order of the alphabet and measures in that of the Police and Crime Plan. No number is set to "
    "be reached, and no area is ranked."
)


def compile_own_view(facts: ReportFacts, of: Respondent) -> View:
    """One partnership's own page, while the paper is not out; `facts` are what it may see (`keep_own`)."""
    page = places.make_partnership_page(facts, of, told=True)
    rows = (row for s in facts.framework.series() if s.kind.is_number for row in facts.rows(s) if row.has_figure)
    return View(
        title=f"Community safety, {facts.quarter.months}",
        pages=(page,),
        own=f"{of.code}-{facts.quarter.code}",
        chapters=(),
        foot=(
            _say_foot(
                facts, f"This page is for {of.name} alone, before the paper is out. It shows how things stood on"
            ),
            _ORDER,
        ),
        homes={_place(row): f"{page.name}#{make_slug(page.name, row.series.ref, row.area.code)}" for row in rows},
        illustrative=facts.site.illustrative,
    )


def _find_homes(facts: ReportFacts) -> dict[tuple[str, str], str]:
    """Where each figure stands with its origin."""
    found = dict(home for measure in facts.framework.measures for home in _list_homes(facts, measure))
    for local, of in _list_local(facts):
        name = places.name_partnership(of.key)
        found[local.series.ref, local.area] = f"{name}#{make_slug(name, local.series.ref, local.area)}"
    return found


def _find_definitions(facts: ReportFacts) -> dict[tuple[str, str], str]:
    """Where what is counted is defined: all that the public is told of a figure's origin."""
    plan = {s.ref: _place_definition(m) for m in facts.framework.measures for s in m.series}
    own = {
        local.series.ref: f"{name}#{make_slug(name, 'defined', local.series.ref)}"
        for local, of in _list_local(facts)
        if (name := places.name_partnership(of.key))
    }
    return {(ref, area): (plan | own)[ref] for ref, area in _find_homes(facts)}


def _list_local(facts: ReportFacts) -> Iterator[tuple[LocalMeasure, Respondent]]:
    """What partnerships themselves count, with whoever shows it now."""
    for local in facts.framework.local_measures:
        yield from ((local, of) for of in facts.partnerships() if of.follows(local.respondent))


def _list_homes(facts: ReportFacts, measure: Measure) -> Iterator[tuple[tuple[str, str], str]]:
    for series in places.list_numbers(measure):
        areas = sorted(facts.areas_of(series), key=lambda area: area.name)
        name = places.name_measure(series.ref)
        for at, area in enumerate(areas):
            page = name if at < AREAS else f"{name}-{at // AREAS + 1}"
            yield (series.ref, area.code), f"{page}#{make_slug(page, series.ref, area.code)}"


def _place_definition(measure: Measure) -> str:
    return f"definitions#definitions-{make_slug(measure.ref)}"


# The quarter ----------------------------------------------------------------------------------------------


def _make_home(facts: ReportFacts, *, told: bool) -> Page:
    summary, chosen = next(write_quarter(facts)), choose_stories(find_stories(facts)).shown
    sources = Sources.of(HOME, chosen, told=told)
    found: tuple[tuple[str, str, tuple[Item, ...]], ...] = (
        ("changed", "What has changed more than usual", tuple(_list_stories(facts, chosen, sources))),
        ("since", "Since the last paper", tuple(write_changes(facts))),
        ("missing", "What is missing", (*write_missing(facts), _list_returns(facts))),
        ("measures", "Every measure, by theme", (_find_measures(facts),)),
        ("partnerships", "Each partnership", (_find_partnerships(facts),)),
        ("method", "How to read these pages", tuple(explain_method(facts))),
    )
    return Page(
        name=HOME,
        title=f"{facts.quarter.months} at a glance",
        quiet=f"{facts.quarter.label}. What the {facts.board.name} was shown for its meeting on "
        f"{day(facts.paper.meeting)}.{_CANCELLED * facts.site.is_cancelled(facts.board.key, facts.paper.meeting)}",
        lead=(summary.text,) if isinstance(summary, Numbered) else (),
        sections=(
            *(Section(ident=f"{HOME}-{part}", title=title, items=items) for part, title, items in found if items),
            *places.trace_sources(sources),
        ),
        chapter=HOME,
    )


_CANCELLED = " That meeting was cancelled."


def _list_stories(facts: ReportFacts, chosen: Sequence[Row], sources: Sources) -> Iterator[Item]:
    """Every measure that changed in a sentence, and the changes of the paper's first page as charts."""
    stories = find_stories(facts)
    alike = {story.series.ref: [one for one in stories if one.series == story.series] for story in stories}
    for ref, several in alike.items():
        to = places.name_measure(ref)
        said = say_story(facts, several)
        title = several[0].series.title
        yield Numbered(text=(Run(text=title, to=to), Run(text=said.removeprefix(title))))
    homes = _find_homes(facts)
    yield from lay_out(
        [
            make_card(
                facts, row, sources, title=Run(text=f"{row.series.title}, {name_place(row)}", to=homes[_place(row)])
            )
            for row in chosen
        ]
    )


def _place(row: Row) -> tuple[str, str]:
    return row.series.ref, row.area.code


def _list_returns(facts: ReportFacts) -> Table:
    return Table(
        caption="Each return",
        description="",
        headers=("From", "What became of it"),
        rows=tuple(
            (r.name, say_standing(facts, r))
            for several in (facts.partnerships(), facts.contributors())
            for r in sorted(several, key=lambda one: one.name)
        ),
        weights=(1, 2),
    )


def _find_measures(facts: ReportFacts) -> Finder:
    groups = tuple(
        (theme.title, tuple(entry for m in facts.measures_of(theme) for entry in _list_entries(facts, m)))
        for theme in facts.framework.themes
    )
    kinds = {
        "changed": "Changed more than usual",
        "usual": "As usual",
        "unjudged": "Not compared",
        "words": "Told in words",
        "nothing": "Nothing was supplied",
    }
    return Finder(ident="find-measures", label="measures", groups=groups, kinds=kinds)


def _list_entries(facts: ReportFacts, measure: Measure) -> Iterator[Entry]:
    priority = next(p.wording for p in facts.framework.priorities if p.number == measure.priority)
    numbers = places.list_numbers(measure)
    if not numbers:
        said, kind = places.say_words_now(facts, measure)
        title = Run(text=places.title_words(measure), to=places.name_measure(measure.ref))
        yield Entry(title=title, said=said, kind=kind, words=f"{measure.ref} {measure.wording} {priority}")
    for series in numbers:
        said, kind = places.say_measure_now(facts, series)
        areas = joined(row.area.name for row in facts.rows(series))
        yield Entry(
            title=Run(text=series.title, to=places.name_measure(series.ref)),
            said=said,
            kind=kind,
            words=f"{series.ref} {measure.wording} {priority} {areas}",
        )


def _find_partnerships(facts: ReportFacts) -> Finder:
    entries = tuple(
        Entry(
            title=Run(text=of.name, to=places.name_partnership(of.key)),
            said=say_opening(facts, of),
            words=joined(area.name for area in of.areas),
        )
        for of in sorted(facts.partnerships(), key=lambda one: one.name)
    )
    return Finder(ident="find-partnerships", label="partnerships", groups=(("", entries),), kinds={})


def _make_measures(facts: ReportFacts, *, told: bool) -> Iterator[Page]:
    for measure in facts.framework.measures:
        numbers = places.list_numbers(measure)
        if not numbers:
            yield places.make_words_page(facts, measure)
        for series in numbers:
            yield from places.make_measure_pages(facts, measure, series, told=told)


# Other pages ----------------------------------------------------------------------------------------------


def _make_year(facts: ReportFacts) -> Page:
    def list_theme(number: int) -> tuple[Item, ...]:
        theme = next(one for one in facts.framework.themes if one.number == number)
        rows = [facts.rows(s) for m in facts.measures_of(theme) for s in m.series if s.kind.is_number]
        return tuple(places.tell_year(facts, theme.title, [line for line in rows if line]))

    found = [(theme, list_theme(theme.number)) for theme in facts.framework.themes]
    sections = tuple(
        Section(ident=f"year-{theme.number}", title=theme.title, items=items) for theme, items in found if items
    )
    return Page(
        name="year",
        title=f"The year {facts.quarter.financial_year}{'' if places.is_whole_year(facts) else ' so far'}",
        quiet=f"Up to {plain_day(facts.quarter.end)}.",
        lead=(
            f"{_YEAR}{'' if places.is_whole_year(facts) else _PART}"
            if sections
            else "No measure has a figure for each quarter of this year so far.",
        ),
        sections=sections,
        chapter="year",
    )


_YEAR = (
    "What is counted every quarter, all areas taken together. Whether a measure has changed is said of its latest "
    "twelve months, on its own page."
)
_PART = " What stands here is no whole year yet."


def _make_quality(facts: ReportFacts) -> Page:
    items = *list_changed(facts, most=_EVERY), *list_left(facts)
    return Page(
        name="quality",
        title="Data quality",
        lead=("What was revised, disputed or counted otherwise, and what is not shown.",),
        sections=(
            Section(
                ident="quality-found",
                title="What to know before quoting a figure",
                items=items or (Numbered(text="Nothing was revised, disputed, counted otherwise or left out."),),
            ),
        ),
        chapter="quality",
    )


_EVERY = 10**6


def _make_definitions(facts: ReportFacts) -> Page:
    def define_theme(number: int) -> Terms:
        theme = next(one for one in facts.framework.themes if one.number == number)
        return Terms(terms=tuple(_define(measure) for measure in facts.measures_of(theme)))

    return Page(
        name="definitions",
        title="Definitions",
        lead=(f"What is counted under each measure of the framework. Figures are as at {plain_day(facts.as_at)}.",),
        sections=tuple(
            Section(ident=f"definitions-theme-{t.number}", title=t.title, items=(define_theme(t.number),))
            for t in facts.framework.themes
        ),
        chapter="definitions",
    )


def _define(measure: Measure) -> Term:
    shown = [Run(text=series.title, to=places.name_measure(series.ref)) for series in places.list_numbers(measure)]
    shown = shown or [Run(text=places.title_words(measure), to=places.name_measure(measure.ref))]
    links = [part for run in shown for part in (Run(text="; "), run)][1:]
    pages: Text = (Run(text="Shown under "), *links, Run(text="."))
    plan = f"In the words of the Plan: {measure.wording.rstrip('. ')}."
    said = (plan, *places.define(measure, measure.series), pages)
    return Term(ident=_place_definition(measure).partition("#")[2], word=f"Measure {measure.ref}", said=said)


def _make_framework(facts: ReportFacts) -> Page:
    framework = facts.framework
    counts = joined(
        plural(len(of), noun, spelt=True)
        for of, noun in (
            (framework.themes, "theme"),
            (framework.priorities, "priority"),
            (framework.measures, "measure"),
        )
    )
    return Page(
        name="framework",
        title=framework.title,
        lead=(f"It has {counts}. It sets no numbers to be reached.",),
        sections=tuple(
            Section(ident=f"framework-{at}", title=table.caption, items=(table,))
            for at, table in enumerate(list_framework(facts), start=1)
        ),
        chapter="framework",
    )
