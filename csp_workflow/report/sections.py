"""The sections of a paper: performance by theme, where each return stands, and the partnerships' own words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from csp_workflow.analysis.readings import FEWEST, Direction, Intent, find_intent
from csp_workflow.report.blocks import Block, Heading, Numbered, Plain, Table
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.figures import Geography, Measure, Objective, Polarity, Route, Series, Theme, is_small
from csp_workflow.terms.phrases import day, joined, number, plural
from csp_workflow.terms.returns import Narrative, ReturnState, Severity, Submission, SummaryRow
from csp_workflow.terms.site import Area, Respondent
from csp_workflow.terms.status import Approval, ReturnStatus

# Performance: where each series rises, falls or shows no clear change, and what stands out -------

_SOUGHT = {
    Polarity.RISE: "a rise",
    Polarity.FALL: "a fall",
    Polarity.IMPROVEMENT: "an improvement",
    Polarity.AMBIGUOUS: "no direction",
    Polarity.NONE: "no direction",
}
_NAMED = 3
_COMPARED = 7
"""A paper looks back over so many quarters before its own."""
_CHANGED = {Direction.RISING, Direction.FALLING}


def explain_readings() -> Iterator[Block]:
    """What the words mean, once."""
    yield Numbered(
        text="Each measure's newest twelve months are compared with its usual year: the mean of the whole years "
        "before, in which every season counts once. Appendix B holds the figures, each under its own period."
    )
    yield Numbered(
        text="A figure is called rising or falling only where the year lies beyond what the measure's own figures vary "
        f"by themselves; otherwise it shows no clear change. Where a year usually comes to fewer than {FEWEST}, or too "
        "few years are known, it is too few to judge."
    )
    yield Numbered(
        text="Whether a direction is the intended one is said separately. Some measures have no intended direction: "
        "more reports may mean more trust, and recorded figures also move with police activity. No area is ranked."
    )


def write_performance(facts: ReportFacts) -> Iterator[Block]:
    """A heading, a table and what stands out for each theme."""
    for theme in facts.framework.themes:
        yield Heading(text=theme.title, level=3)
        yield from _theme(facts, theme)


def _theme(facts: ReportFacts, theme: Theme) -> Iterator[Block]:
    measures = facts.measures_of(theme)
    rows = [(s, facts.rows(s)) for m in measures for s in m.series if s.kind.is_number]
    with_figures = [(series, found) for series, found in rows if any(row.has_figure for row in found)]
    if with_figures:
        yield _theme_table(facts, theme, with_figures)
        yield from _find_standouts([row for _, found in with_figures for row in found])
    silent = [series.title for series, found in rows if not any(row.has_figure for row in found)]
    if silent:
        yield Numbered(text=f"No figures were available this quarter for {joined(silent)}.")
    yield from _quote_contributors(facts, measures)


def _theme_table(facts: ReportFacts, theme: Theme, with_figures: list[tuple[Series, list[Row]]]) -> Table:
    return Table(
        caption=f"{theme.title}: {facts.quarter.label} against a usual year",
        description="For each measure: the direction sought, and where it rises, falls or shows no clear change.",
        headers=("Measure", "Sought", "Rising", "Falling", "No clear change", "Not judged or not supplied"),
        rows=tuple(_theme_line(series, rows) for series, rows in with_figures),
        weights=(24, 17, 15, 15, 15, 16),
    )


def _theme_line(series: Series, rows: list[Row]) -> tuple[str, ...]:
    def where(*directions: Direction) -> str:
        areas = [row.area for row in rows if row.year.direction in directions]
        return _places(areas, rows, named=bool(set(directions) & _CHANGED))

    rest = tuple(d for d in Direction if d not in {*_CHANGED, Direction.NO_CLEAR_CHANGE})
    return (
        f"{series.title} ({series.ref})",
        _SOUGHT[series.polarity],
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


def _find_standouts(rows: list[Row]) -> Iterator[Block]:
    """A sentence for each story: what a member will ask about."""
    for row in rows:
        if row.is_story and row.year.now and row.year.usual is not None:
            yield Numbered(
                text=f"{row.series.title} {_verb(row.year.direction)} in {row.area.name}: {number(row.year.now.value)} "
                f"in the newest year against {number(row.year.usual)} in a usual one{_say_intent(row)}."
            )


def _verb(direction: Direction) -> str:
    return "rose" if direction is Direction.RISING else "fell"


def _say_intent(row: Row) -> str:
    match find_intent(row.year.direction, row.series.polarity):
        case Intent.INTENDED:
            return ", in the intended direction"
        case Intent.AGAINST:
            return f", where {_SOUGHT[row.series.polarity]} is sought"
    return "; the Plan intends no direction here"


def _quote_contributors(facts: ReportFacts, measures: list[Measure]) -> Iterator[Block]:
    """What contributors with_figures in words, each under its own name; and who owed words and gave none."""
    for measure in measures:
        if measure.route is not Route.CONTRIBUTOR or measure.kind.is_number:
            continue
        owner = next((r for r in facts.contributors() if r.key == measure.owner), None)
        if owner is None:
            continue
        submission = facts.submissions.get(owner.key)
        found = [n for n in submission.narratives if n.ref == measure.ref] if submission else []
        if found and found[0].text.strip():
            about = owner.key, measure.ref
            yield Plain(lead=f"{measure.wording} ({owner.name})", text=found[0].text, quoted=True, about=about)
        else:
            yield Numbered(text=f"{measure.wording}: {owner.name}. {say_standing(facts, owner)}")


# Where each return stands, neutrally; no silence of a chair blocks a paper -----------------------


def say_standing(facts: ReportFacts, respondent: Respondent) -> str:
    """What became of a respondent's return, in a sentence or two: each thing on its own day, whatever came later."""
    stands = facts.stands(respondent.key)
    match stands.state:
        case ReturnState.NIL:
            return "A nil return was made: there was nothing to report this quarter."
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
        return ". It was sent back to be mended, and no later version had come."
    if stands.state is not ReturnState.COMPLETE:
        return f". {plural(stands.faults, 'entry', 'entries')} had still to be mended."
    if not respondent.needs_approval:
        return ". It is complete."
    if before:
        asked = "has been asked again and " if stands.approval_asked else ""
        return f"; the Chair {asked}had not approved the correction by {day(as_at)}."
    return f". It is complete; the Chair had not approved it by {day(as_at)}."


def _approval_before(stands: ReturnStatus) -> Approval | None:
    """The last approval of a version that was corrected since."""
    return next((one for one in reversed(stands.approvals) if one.submission != stands.submission), None)


def _say_approver(given: Approval, stands: ReturnStatus) -> str:
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
            "A nil return, meaning that there was nothing to report, was made by {}.",
        ),
    )
    named = [(text, [r.name for r in those]) for those, text in groups]
    missing = [Numbered(text=text.format(joined(names))) for text, names in named if names]
    yield from missing
    if missing:
        yield Numbered(text="Figures that the police supply are shown for every area, whether or not it made a return.")
    else:
        yield Numbered(text="Every return was received.")


def write_data_quality(facts: ReportFacts) -> Iterator[Block]:
    """What a reader must know before quoting a figure."""
    if facts.site.illustrative:
        yield Numbered(
            text="This paper is illustrative. Figures in it were made up for demonstration, except where a published "
            "source is named in Appendix B, and must not be used."
        )
    yield Numbered(
        text="Figures for the quarter are the force's and the partners' own and provisional. They are not official "
        "statistics and may be revised; where a figure has been revised the table says so."
    )
    yield from _list_revised(facts)
    yield from _list_retitled(facts)
    yield from _list_disputes(facts)
    yield from _list_breaks(facts)
    yield from list_otherwise(facts)
    queries = sum(finding.severity is Severity.QUERY for s in facts.submissions.values() for finding in s.findings)
    if queries:
        yield Numbered(
            text=f"{plural(queries, 'entry', 'entries')} differed from what was expected and had not been explained "
            "when this paper was compiled. They are shown as they were returned."
        )
    yield Numbered(
        text="Counts below the number set by their owner are not shown, nor is any total from which they could be "
        "reckoned. Areas do not add up to the force: some offences cannot be placed in an area."
    )


_TOLD = 8


def _list_revised(facts: ReportFacts) -> Iterator[Block]:
    """What the force gave or changed after the partnerships were asked: by how much, the largest first."""
    revisions = [r for p in facts.partnerships() for r in facts.stands(p.key).revisions if r.moves_figures]
    if not revisions:
        return
    when = day(max(revision.at for revision in revisions))
    rows = [row for m in facts.framework.measures if m.route is Route.POLICE for s in m.series for row in facts.rows(s)]
    gone = [(row, was) for row in rows if row.figure is None and (was := _find_before(facts, row)) is not None]
    pairs = [(row, _find_before(facts, row)) for row in rows if row.quarter.now]
    changes = [(row, was, row.quarter.now.value) for row, was in pairs if was is not None and row.quarter.now]
    changes.sort(key=lambda change: abs(change[2] - change[1]), reverse=True)
    told = [f"{_say_place(row)} (previously {number(was)}, not supplied any more)" for row, was in gone]
    told += [f"{_say_place(row)} (previously {number(was)}, now {number(now)})" for row, was, now in changes]
    more = [f"{plural(len(told) - _TOLD, 'other')}"] if len(told) > _TOLD else []
    if told:
        yield Numbered(text=f"Police figures revised on {when}: {joined([*told[:_TOLD], *more])}.")
    else:
        yield Numbered(text=f"Police figures were supplied on {when}, after the partnerships had been asked.")


def _say_place(row: Row) -> str:
    return f"{row.series.title} in {row.area.name}"


def _find_before(facts: ReportFacts, row: Row) -> Decimal | None:
    """What a figure of the quarter was before it was revised; None when it was not, or is not to be shown."""
    place = row.series.ref, row.area.code
    before = facts.known.replaced(row.figure) if row.figure else facts.withdrawn.get(place)
    return None if before is None or is_small(before, row.series) else before.value


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
        " in ".join(_say_row(facts, area, ref))
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
    """What papers that went out before printed otherwise, with whom the present figure is from and why."""
    if facts.otherwise:
        yield Numbered(text="Papers that went out before this one stated the following otherwise.")
        yield Table(
            caption="Stated otherwise in earlier papers",
            description="What was printed before, in which paper, and what is known now, with its source.",
            headers=("What", "Previously reported", "Now", "Why"),
            rows=tuple((one.what, f"{one.was} ({one.paper})", one.now, one.why) for one in facts.otherwise),
            weights=(30, 30, 18, 22),
        )


# Contributions: against a partnership's own objectives and the Plan's, in its own words ----------


def write_contributions(facts: ReportFacts) -> Iterator[Block]:
    """A part for every partnership, whether or not it made a return."""
    for partnership in facts.partnerships():
        yield Heading(text=partnership.name, level=3)
        yield Numbered(text=_say_opening(facts, partnership))
        submission = facts.submissions.get(partnership.key)
        yield from _local_figures(facts, partnership)
        if submission:
            yield from _quote_return(facts, partnership, submission)


def _say_opening(facts: ReportFacts, partnership: Respondent) -> str:
    areas = joined(area.name for area in partnership.areas)
    return f"{partnership.name} covers {areas}. {say_standing(facts, partnership)}"


def _local_figures(facts: ReportFacts, partnership: Respondent) -> Iterator[Block]:
    """What the partnership itself counts, with the year before."""
    today, areas = london_day(facts.as_at), {area.code for area in partnership.areas}
    mine = [
        m
        for m in facts.framework.local_measures
        if partnership.follows(m.respondent) and m.area in areas and m.agreed <= today <= m.valid_to
    ]
    with_figures = [row for m in mine for row in facts.rows(m.series) if row.has_figure]
    if with_figures:
        yield Table(
            caption=f"{partnership.name}: its own measures",
            description="What the partnership itself counts, this quarter and in the same quarter of the year before.",
            headers=(
                "Measure",
                "Area",
                facts.quarter.label,
                facts.quarter.year_ago.label,
                "Against a usual year",
            ),
            rows=tuple(
                (
                    row.series.title,
                    row.area.name,
                    facts.quote_figure(row.figure, row.series),
                    facts.quote_figure(row.before, row.series),
                    row.year.direction.value,
                )
                for row in with_figures
            ),
            weights=(34, 20, 16, 16, 20),
            numeric=(2, 3),
        )


def _quote_return(facts: ReportFacts, partnership: Respondent, submission: Submission) -> Iterator[Block]:
    """The contextual summary by theme, then the partnership's own objectives, then what the Plan asks in words."""
    written = {n.ref: n for n in submission.narratives if n.text.strip() or n.promise.strip()}
    for theme in facts.framework.themes:
        yield from _quote(theme.title, written.get(f"T{theme.number}"), partnership)
    form = facts.answered.get(partnership.key)
    boxes = {box.ref: box for box in form.summary} if form else {}
    for objective in facts.framework.objectives:
        if partnership.follows(objective.respondent):
            heading = _head_objective(objective, boxes.get(objective.ref))
            yield from _quote(heading, written.get(objective.ref), partnership)
    titles = {m.ref: m.series[0].title for m in facts.framework.measures if m.series}
    titles |= {ref: box.heading for ref, box in boxes.items() if ref in titles}
    priorities = {m.ref: m.priority for m in facts.framework.measures}
    for ref, wording in ((ref, f"{title} (priority {priorities[ref]})") for ref, title in titles.items()):
        yield from _quote(wording, written.get(ref), partnership)
    yield from _quote_comments(facts, partnership, submission)


def _head_objective(objective: Objective, box: SummaryRow | None) -> str:
    """An objective in the words in which it was answered."""
    if box is not None and objective.wording.rstrip(".") not in f"{box.heading} {box.prompt}":
        return box.heading.replace("Your own", "Own", 1)
    return f"Own objective: {objective.wording}"


def _quote(heading: str, narrative: Narrative | None, of: Respondent) -> Iterator[Block]:
    if narrative is None:
        return
    if narrative.text.strip():
        yield Plain(lead=heading, text=narrative.text, quoted=True, about=(of.key, narrative.ref))
    if narrative.promise.strip():
        about = of.key, f"{narrative.ref} next quarter"
        yield Plain(lead=f"{heading}: next quarter", text=narrative.promise, quoted=True, about=about)


def _quote_comments(facts: ReportFacts, of: Respondent, submission: Submission) -> Iterator[Block]:
    """What the partnership said of the police figures for its areas."""
    for area, ref, text in submission.disputes:
        heading = f"Disputed: {', '.join(_say_row(facts, area, ref))}"
        reason = text.strip() or "No reason was given."
        yield Plain(lead=heading, text=reason, quoted=True, about=(of.key, f"disputed {area} {ref}"))
    for narrative in submission.narratives:
        area, _, ref = narrative.ref.partition(" ")
        if ref and narrative.text.strip():
            heading = ", ".join(_say_row(facts, area, ref))
            yield Plain(lead=heading, text=narrative.text, quoted=True, about=(of.key, narrative.ref))


def _say_row(facts: ReportFacts, area: str, ref: str) -> tuple[str, str]:
    """The title of a series and the name of an area."""
    names = {area.code: area.name for r in facts.site.respondents for area in r.areas}
    titles = {series.ref: series.title for series in facts.framework.series()}
    return titles.get(ref, ref), names.get(area, area)
