"""Data quality: what a reader must know before quoting a figure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from csp_workflow.analysis.readings import CHANCE
from csp_workflow.report.blocks import Block, Numbered, Run, Table, Text
from csp_workflow.report.facts import Otherwise, ReportFacts, Row
from csp_workflow.report.pieces import say_place
from csp_workflow.report.wording import MOST_ROWS, MOST_STORIES, is_withheld, run_of_figure, run_of_stated
from csp_workflow.terms.figures import Figure, is_small, newest_quarter
from csp_workflow.terms.phrases import capital, day, joined, number, plural, say_figure_period, uncapital, words
from csp_workflow.terms.returns import Severity

_COMPARED = 11
"""A paper looks back over so many quarters before its own."""


def write_data_quality(facts: ReportFacts) -> Iterator[Block]:
    """What a reader must know before quoting a figure."""
    if facts.site.illustrative:
        yield Numbered(
            text="This paper is illustrative. Figures in it were made up for demonstration, except where "
            "a published source is named under Sources, and must not be used."
        )
    yield from list_changed(facts, most=_TOLD)
    yield from _list_open_questions(facts)
    yield from list_left(facts)


def list_changed(facts: ReportFacts, *, most: int) -> Iterator[Block]:
    """What was revised (of figures the `most` that changed most), put into other words, disputed, or said otherwise."""
    if not facts.year:  # a paper of the year has a part of its own for what was revised
        yield from _list_revised(facts)
        yield from _list_replaced(facts, most)
    yield from _list_retitled(facts)
    yield from _list_disputes(facts)
    yield from _list_breaks(facts)
    yield from list_otherwise(facts)


def list_left(facts: ReportFacts) -> Iterator[Block]:
    """How many entries were not explained, and what is not shown."""
    queries = sum(finding.severity is Severity.QUERY for s in facts.submissions.values() for finding in s.findings)
    if queries:
        yield Numbered(
            text="Entries on the forms that differed from what was expected and had not been explained by the time of "
            f"this paper: {number(queries)}. They are shown as they were returned."
        )
    yield from _count_hidden(facts)


def _count_hidden(facts: ReportFacts) -> Iterator[Block]:
    """How many figures are not shown because of the rule of their owner, and in which measures."""
    rows = [row for s in facts.framework.series() if s.kind.is_number for row in facts.rows(s)]
    hidden = [row for row in rows if row.figure and row.quarter.now is None and is_withheld(row)]
    if hidden:
        titles = joined(dict.fromkeys(uncapital(row.series.title) for row in hidden))
        yield Numbered(
            text="Not shown under their owners' rules for small numbers, which may tell of single people: "
            f"{plural(len(hidden), 'figure', spelt=True)} for the quarter ({titles}), and what would give them away.",
            key="hidden",
        )


_TOLD = 5
"""So many stand in the paper; the workbook that accompanies it has all."""


def _list_revised(facts: ReportFacts) -> Iterator[Block]:
    """That the force gave or changed figures after the partnerships were asked, and what it took back."""
    revisions = [r for p in facts.partnerships() for r in facts.stands(p.key).revisions if r.moves_figures]
    if not revisions:
        return
    when = day(max(revision.at for revision in revisions))
    rows = [row for series in facts.police_series() for row in facts.rows(series) if row.figure is None]
    gone = [
        f"{row.series.title} in {row.area.name} (previously {number(was.value)})"
        for row in rows
        if (was := facts.withdrawn.get((row.series.ref, row.area.code)))
        and was.value is not None
        and not is_small(was, row.series)
    ]
    taken_back = f" Not supplied any more: {joined(gone)}." if gone else ""
    done = [*["supplied"] * any(r.came for r in revisions), *["revised"] * any(r.figures for r in revisions)]
    yield Numbered(
        text=f"Police figures were {joined(done, 'or') or 'taken back'} on {when}, after the partnerships had been "
        f"asked.{taken_back}",
        key="police figures",
    )


def _list_replaced(facts: ReportFacts, most: int) -> Iterator[Block]:
    """What was another number when it was first given, and had been printed or shown on a form: the largest first."""
    rows = [row for s in facts.framework.series() if s.kind.is_number for row in facts.rows(s)]
    pairs = [(row, f, facts.known.replaced(f)) for row in rows for f in (row.figure, row.before) if f]
    changed = [
        (abs(now.value - was.value), _name_figure(facts, row, now), was, now)
        for row, now, was in pairs
        if was and was.value is not None and now.value is not None and not is_small(was, row.series)
    ]
    changed.sort(key=lambda one: one[0], reverse=True)
    if changed:
        shown = changed[:most]
        more = f" The table has the {words(most)} that changed most, the accompanying workbook all."
        were = "figure shown here was" if len(changed) == 1 else "figures shown here were"
        yield Numbered(
            text=f"{capital(words(len(changed)))} {were} revised after being first given."
            f"{more if len(changed) > most else ''}",
            key="revised",
        )
        yield Table(
            caption="Revised figures",
            description="Each figure with the number that was reported first and the number that holds now.",
            headers=("Figure", "Previously reported", "Now"),
            rows=tuple((what, *((run_of_figure(number(f.value), f),) for f in pair)) for _, what, *pair in shown),
            weights=(64, 20, 16),
            numeric=(1, 2),
        )


def _name_figure(facts: ReportFacts, row: Row, figure: Figure) -> str:
    quarter = newest_quarter(row.series, facts.quarter)
    period = say_figure_period(row.series, quarter if figure is row.figure else quarter.year_ago)
    return f"{row.series.title}, {row.area.name}, {period}"


def _list_retitled(facts: ReportFacts) -> Iterator[Block]:
    """Measures that were put into other words after they were answered: what was answered stands under its wording."""
    names = {r.key: r.name for r in facts.site.respondents}
    for series in facts.site.framework(facts.quarter).series():
        for title, keys in facts.titles.get(series.ref, {}).items():
            if title != series.title:
                whose = joined(names.get(key, key) for key in keys)
                yield Numbered(
                    text=f"{series.ref} was answered under the title \u201c{title}\u201d by {whose}; it was put into "
                    f"the words \u201c{series.title}\u201d since."
                )


def _list_disputes(facts: ReportFacts) -> Iterator[Block]:
    """Police figures that a partnership disputes: which, not what it wrote, which stands with its contribution."""
    disputed = [
        uncapital(" in ".join(say_place(facts, area, ref)))
        for submission in facts.submissions.values()
        for area, ref, _ in submission.disputes
    ]
    if disputed:
        yield Numbered(text=f"Partnerships dispute {plural(len(disputed), 'police figure')}: {joined(disputed)}.")


def _list_breaks(facts: ReportFacts) -> Iterator[Block]:
    """What counts another thing since a day within the two years that a paper compares."""
    first, last = facts.quarter.plus(-_COMPARED).start, facts.quarter.end
    for series in facts.framework.series():
        if series.broken and first < series.broken.day <= last:
            yield Numbered(
                text=f"{series.title} ({series.ref}) is counted otherwise since {day(series.broken.day)}: "
                f"{series.broken.reason.rstrip('.')}. Nothing is compared across "
                f"{day(series.comparable_from) if series.comparable_from else 'that day'}."
            )


def list_otherwise(facts: ReportFacts) -> Iterator[Block]:
    """What papers that went out before printed otherwise, with whom the present figure is from and why; a paper of the
    year has a part of its own for figures."""
    told = [one for one in facts.otherwise if not (facts.year and one.key.startswith("figure "))]
    if told:
        yield Numbered(text="Earlier papers said otherwise of what follows.")
        yield Table(
            caption="Stated otherwise in earlier papers",
            description="What was printed before, in which paper, and what is known now, with its source.",
            headers=("What", "Previously reported", "Now", "Why"),
            rows=tuple(_tell_otherwise(facts, one) for one in told),
            weights=(30, 30, 18, 22),
        )


def _tell_otherwise(facts: ReportFacts, one: Otherwise) -> tuple[Text, ...]:
    was = run_of_stated(facts, one.key, one.was), Run(text=f" ({one.paper})")
    return one.what, was, (run_of_stated(facts, one.key, one.now),), one.why


def _list_open_questions(facts: ReportFacts) -> Iterator[Block]:
    """How much the framework leaves open about the measures that this paper gives a figure of."""
    asked = open_questions(facts)
    if asked:
        yield Numbered(
            text=f"The framework leaves {plural(len(asked), 'question', spelt=True)} open about the measures shown "
            f"here, listed {'in the accompanying workbook' if facts.year else 'in Appendix A'}.",
            key="open questions",
        )


def open_questions(facts: ReportFacts) -> list[tuple[str, str, str]]:
    """What the framework leaves open about a measure that has a figure: its title, ref and priority, the question."""
    return [
        (measure.series[0].title, f"{measure.ref}, priority {measure.priority}", measure.open_question)
        for measure in facts.framework.measures
        if measure.open_question and any(row.has_figure for s in measure.series for row in facts.rows(s))
    ]


# How to read it -----------------------------------------------------------------------------------------


def explain_method(facts: ReportFacts) -> Iterator[Block]:
    """What is compared with what, and by which rule the first page was chosen."""
    chance = facts.count_chance()
    here = f": of the {number(chance.compared)} figures compared here, {chance.in_words}" if chance.compared else ""
    yield Numbered(
        text="The question is whether a figure has changed by more than it usually does. Its latest twelve months are "
        "compared with its usual year, the average of its earlier years. How far a year usually is from that is worked "
        "out from the ups and downs of its own quarters, without the season, or from its earlier years where these "
        "swing by more, and is never less than chance brings. "
        f"Higher or lower is said where that would happen no more than {number(Decimal(str(CHANCE)) * 100)} times in a "
        f"hundred if nothing had changed{here}.",
        key="method",
    )
    chosen = (
        f"The first page shows at most {words(MOST_STORIES)} measures and {words(MOST_ROWS)} areas, fewer where "
        "much is asked or missing: those furthest from their usual year, measured by its usual range, and where the "
        "Plan seeks a direction before others. A chart shows single quarters; one outside their usual range is marked, "
        "and is no change by itself. "
    )
    if facts.year:
        chosen = (
            "A year is the sum of its four quarters, each with its latest accepted value; where one is missing, or may "
            "not be told, none is given. Areas that were merged in the year are added up for the quarters before. "
        )
    yield Numbered(
        text=f"{chosen}A rate is shown beside the average and the limits of the group of areas like it. "
        "\u25b2 and \u25bc show a direction, not good or bad. No number is set to be reached, and no area is ranked.",
        key="method of choice",
    )
