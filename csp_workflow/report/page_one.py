"""The first page: what the meeting is asked, what the quarter shows, what is missing, and what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from csp_workflow.report.blocks import Block, Lettered, Numbered, Run, Table, Text, plain_text
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.report.pieces import find_words, list_answers
from csp_workflow.report.standing import is_to_follow
from csp_workflow.report.stories import Chosen, Headline, choose_stories, find_stories
from csp_workflow.report.wording import (
    FEW_WORDS,
    SOUGHT,
    count_words,
    find_explanation,
    find_partnership,
    name_areas,
    quote,
    run_of_stated,
    say_change,
    say_group,
    say_how_many,
    say_versions,
    say_year,
)
from csp_workflow.terms.phrases import capital, day, joined, number, plain_day, plural, uncapital, words
from csp_workflow.terms.report_form import ReportHeading
from csp_workflow.terms.returns import ASKED_OF_BOARD, ReturnState
from csp_workflow.terms.site import Respondent, Role

# What the meeting is asked ---------------------------------------------------------------------------


def anchor_request(respondent: str) -> str:
    """By what the first page refers to a partnership's request."""
    return f"request {respondent}"


def anchor_part(respondent: str) -> str:
    """By what the first page refers to a partnership's part."""
    return f"part {respondent}"


def find_request(facts: ReportFacts, partnership: Respondent) -> str:
    """What a partnership asks of the board, or ""."""
    asked = find_words(list_answers(facts, partnership), ASKED_OF_BOARD)
    return asked.text if asked else ""


def write_asks(facts: ReportFacts, heading: ReportHeading) -> Iterator[Block]:
    """What the config asks of the board, and below it what partnerships ask, each with where it stands."""
    own, requests = list(write_own_text(heading)), [p for p in facts.partnerships() if find_request(facts, p)]
    if requests and isinstance(own[-1], Lettered):
        own[-1] = Lettered(text=_as_item(f"{plain_text(own[-1].text).rstrip('.;')};"), key=own[-1].key)
    yield from own
    if requests and not any(isinstance(block, Lettered) for block in own):
        yield Numbered(text=f"{capital(facts.board.name)} is also asked to:", key="asks more")
    if len(requests) > _APART:
        yield Lettered(text=tuple(_join_requests(requests)), key="ask/all")
        return
    for partnership in requests:
        yield Lettered(
            text=(
                Run(text="consider", strong=True),
                Run(text=f" what {partnership.name} asks (paragraph "),
                Run(to=anchor_request(partnership.key)),
                Run(text=");" if partnership is not requests[-1] else ")."),
            ),
            key=f"ask/{partnership.key}",
        )


_APART = 3
"""So many requests have a line each on the first page; more stand in one."""


def _join_requests(requests: Sequence[Respondent]) -> Iterator[Run]:
    yield Run(text="consider", strong=True)
    yield Run(text=f" what {words(len(requests))} partnerships ask (paragraphs ")
    for left, partnership in enumerate(requests, start=1 - len(requests)):
        yield Run(to=anchor_request(partnership.key))
        yield Run(text=").") if not left else Run(text=" and " if left == -1 else ", ")


def write_own_text(heading: ReportHeading) -> Iterator[Block]:
    """The standing text of a heading: a paragraph for each, and a list below one that ends with a colon."""
    parts = [part.strip() for part in heading.text.split("\n\n") if part.strip()]
    in_list = False
    for place, part in enumerate(parts):
        key = f"text {heading.title} {place}"
        if in_list:
            yield Lettered(text=_as_item(part), key=key)
        else:
            yield Numbered(text=part, key=key)
            in_list = part.endswith(":")


def _as_item(text: str) -> Text:
    """An item of what is asked, the verb that it begins with marked."""
    verb, gap, rest = text.partition(" ")
    return Run(text=verb, strong=True), Run(text=gap + rest)


# What the quarter shows -------------------------------------------------------------------------------


def write_quarter(facts: ReportFacts) -> Iterator[Block]:
    """The quarter in a sentence, how much of it chance would bring, and the changes in a table."""
    stories = find_stories(facts)
    chosen = choose_stories(stories)
    yield Numbered(text=tuple(_sum_up(facts, chosen)), key="quarter")
    if chosen.shown:
        yield _stories_table(facts, chosen)


def _sum_up(facts: ReportFacts, chosen: Chosen) -> Iterator[Run]:
    if not chosen.stories and facts.count_chance().compared:
        yield Run(text="No measure has changed in any area by more than it usually does. ", strong=True)
    for place, story in enumerate(sorted(chosen.stories, key=lambda one: -len(one.rows))[:2]):
        yield Run(text=f"{say_story(facts, (story,))} ", strong=place == 0)
    yield Run(text=" ".join(_say_chance(facts)))


def say_story(facts: ReportFacts, stories: Sequence[Headline]) -> str:
    """What became of one measure, in a sentence: "Violence was higher than usual in five of the nine areas and lower
    in Melton; a fall is sought."."""
    series = stories[0].series
    of = len(facts.areas_of(series))
    parts = [
        f"{say_change(story.direction)} than usual{'' if of == 1 else f' {say_how_many(name_areas(story.rows), of)}'}"
        for story in stories
    ]
    return f"{series.title} was {joined(parts)}; {SOUGHT[series.polarity]}."


def _say_chance(facts: ReportFacts) -> Iterator[str]:
    chance = facts.count_chance()
    if not chance.compared:
        yield "No figure could be compared with its usual year: see how this report is made."
        return
    if chance.compared == 1:
        yield f"One comparison was made; it shows {'no more' if chance.unchanged else 'more'} change than usual."
    else:
        yield f"Of {number(chance.compared)} comparisons {number(chance.unchanged)} show no more change than usual."
    yield f"If nothing had changed anywhere, chance alone would still bring {chance.in_words}."


def _stories_table(facts: ReportFacts, chosen: Chosen) -> Table:
    year = f"the year to {plain_day(facts.quarter.end)}"
    of = plural(len(chosen.shown), "change", spelt=True)
    return Table(
        caption=f"{capital(of)} in {year}",
        description="What changed and where, against its usual year and its group, with the partnership's own words.",
        headers=("What and where", "Against a usual year", "Against its group", "In the partnership's words"),
        rows=tuple(_story_line(facts, row) for row in chosen.shown),
        weights=(24, 22, 22, 32),
        note=_say_note(facts, chosen),
        anchor="stories",
    )


def _story_line(facts: ReportFacts, row: Row) -> tuple[Text, ...]:
    what = Run(text=row.series.title, strong=True), Run(text=f"\n{row.area.name}")
    return what, say_year(row), say_group(row), tell_explanation(facts, row)


def tell_explanation(facts: ReportFacts, row: Row) -> Text:
    """The partnership's own words on a change, whole; where they stand when they are long; that there are none."""
    said, partnership = find_explanation(facts, row), find_partnership(facts, row.area.code)
    if said and count_words(said) <= FEW_WORDS:
        return (Run(text=quote(said)),)
    if said and partnership:
        return (
            Run(text="See its part, paragraph "),
            Run(to=anchor_part(partnership.key)),
            Run(text="."),
        )
    if partnership is None:
        return (Run(text="It is no partnership's own figure."),)
    if not facts.stands(partnership.key).state.is_made:
        return (Run(text="No return was made.", strong=True),)
    return (Run(text="No explanation was given.", strong=True),)


_NAMED = 12
"""So many changes that did not fit are named below the table; more are named where the themes are told."""


def _say_note(facts: ReportFacts, chosen: Chosen) -> str:
    parts = []
    if chosen.named:
        named: dict[str, list[Row]] = {}
        for row in chosen.named:
            named.setdefault(f"{row.series.title} {say_change(row.year.direction)}", []).append(row)
        listed = "; ".join(f"{what}: {joined(name_areas(rows))}" for what, rows in named.items())
        more = f"{number(len(chosen.named))} more changes are named, each with its area, under performance by theme."
        parts.append(f"Also beyond their usual range: {listed}." if len(chosen.named) <= _NAMED else capital(more))
    sought: dict[str, dict[str, None]] = {}
    for row in chosen.shown:
        sought.setdefault(SOUGHT[row.series.polarity], {})[uncapital(row.series.title)] = None
    parts += [f"{capital(what)} in {joined(titles)}." for what, titles in sought.items()]
    if any(row.quarter.before and row.quarter.now != row.year.now for row in chosen.shown):
        parts.append(f"“Was” is {facts.quarter.year_ago.months}.")
    units = dict.fromkeys(row.peers.unit for row in chosen.shown if row.peers.unit)
    if units:
        versions = say_versions([row.peers for row in chosen.shown if row.peers.unit])
        parts.append(f"Rates are {joined(units)}; groups are of the {versions}.")
    return " ".join(parts)


# What is missing ---------------------------------------------------------------------------------------


def write_missing(facts: ReportFacts) -> Iterator[Block]:
    """Who made no return, which chair has not approved, and which priorities have nothing for it: one paragraph."""
    sentences = (*_say_partnerships(facts), *_say_contributors(facts))
    yield Numbered(text=" ".join(sentences), key="missing")


def _say_partnerships(facts: ReportFacts) -> Iterator[str]:
    partnerships = facts.partnerships()
    made = [p for p in partnerships if facts.stands(p.key).state.is_made]
    yield _say_made(made, partnerships, "partnership")
    yield from _say_others(facts, [p for p in partnerships if p not in made])
    yield from _say_approved(facts, made)


def _say_approved(facts: ReportFacts, made: Sequence[Respondent]) -> Iterator[str]:
    """Who approved, that it was not by the chair's own letter where it was not, and who has still to approve."""
    stands = {p.name: facts.stands(p.key) for p in made}
    given = {name: one.approval for name, one in stands.items() if one.approval}
    by_chair = [name for name, approval in given.items() if approval.role is Role.CHAIR and not approval.evidence]
    by_deputy = [name for name, approval in given.items() if approval.role is not Role.CHAIR and not approval.evidence]
    told = [name for name, approval in given.items() if approval.evidence]
    corrected = [name for name, one in stands.items() if one.is_corrected and not one.approval]
    waiting = [name for name in stands if name not in given and name not in corrected]
    if by_chair and len(by_chair) == len(made):
        yield "Each was approved by its Chair." if len(made) > 1 else "It was approved by its Chair."
    if by_deputy:
        yield f"The Deputy Chair approved for {joined(by_deputy)}."
    if told:
        yield f"The approval of {joined(told)} is recorded on the Chair's word to the Office."
    if len(waiting) == len(made) > 1:
        yield "None is approved by its Chair yet."
    elif waiting:
        yield f"Not yet approved by the Chair: {joined(waiting)}."
    if corrected:
        yield f"Corrected since the Chair approved, and to be approved again: {joined(corrected)}."


def _say_made(made: Sequence[Respondent], of: Sequence[Respondent], noun: str) -> str:
    many = plural(len(of), noun, f"{noun[:-1]}ies" if noun.endswith("y") else "", spelt=True)
    if len(made) == len(of):
        return f"All {many} made a return." if len(of) > 1 else f"The one {noun} made a return."
    count = capital(words(len(made))) if made else "None"
    return f"{count} of {many} made a return."


def _say_others(facts: ReportFacts, others: Iterable[Respondent]) -> Iterator[str]:
    """What those said, or did not say, who made no return."""
    groups: dict[str, list[str]] = {}
    for respondent in others:
        groups.setdefault(_say_other(facts, respondent), []).append(respondent.name)
    for said, names in groups.items():
        yield f"{capital(joined(names))} {said}."


def _say_other(facts: ReportFacts, respondent: Respondent) -> str:
    state = facts.stands(respondent.key).state
    if state is ReturnState.NIL:
        return "supplied nothing for this quarter and said so"
    if state is ReturnState.DECLINED:
        return "declined"
    if is_to_follow(facts, respondent):
        return "had more time: that is to follow"
    return f"had sent nothing by {day(facts.as_at)}"


def _say_contributors(facts: ReportFacts) -> Iterator[str]:
    others = facts.contributors()
    if not others:
        return
    made = [r for r in others if facts.stands(r.key).state.is_made]
    silent = [r for r in others if r not in made]
    yield f"{_say_made(made, others, 'other body')}"
    yield from _say_others(facts, silent)
    priorities = sorted({m.priority for m in facts.framework.measures if m.owner in {r.key for r in silent}})
    if len(priorities) == len(facts.framework.priorities) > 1:
        yield "No priority has all that they would have supplied."
    elif priorities:
        noun = "Priority" if len(priorities) == 1 else "Priorities"
        lacks = "lacks" if len(priorities) == 1 else "lack"
        yield f"{noun} {joined(priorities)} {lacks} what they would have supplied."


# What has changed since the last paper -----------------------------------------------------------------


def write_changes(facts: ReportFacts) -> Iterator[Block]:
    """The stories that are new, go on and have ended, and what was corrected, against the board's last paper."""
    yield Numbered(text=tuple(_tell_changes(facts)), key="changes")


def _tell_changes(facts: ReportFacts) -> Iterator[Run]:
    if facts.told_before is None:
        yield Run(text="No earlier paper of this kind went to this board.")
    else:
        now = {(row.series.ref, row.area.code): row for row in facts.stories()}
        before = facts.told_before
        going_on = [key for key, row in now.items() if before.get(key) == row.year.direction]
        yield from _list_kind("New", _say_places(facts, [key for key in now if key not in going_on]))
        yield from _list_kind("Continuing", _say_places(facts, going_on))
        yield from _list_kind("Ended", _say_places(facts, [key for key in before if key not in now]))
    yield from _list_corrected(facts)


_CORRECTED = 3


def _list_corrected(facts: ReportFacts) -> Iterator[Run]:
    more = len(facts.otherwise) - _CORRECTED
    for place, one in enumerate(facts.otherwise[:_CORRECTED]):
        yield Run(text="; ") if place else Run(text="Corrected: ", strong=True)
        yield Run(text=f"{one.what}: ")
        yield run_of_stated(facts, one.key, one.now)
        yield Run(text=", first printed as ")
        yield run_of_stated(facts, one.key, one.was)
    if facts.otherwise:
        yield Run(text=f"; {plural(more, 'other')}, listed under data quality. " if more > 0 else ". ")


def _list_kind(kind: str, said: str) -> Iterator[Run]:
    yield Run(text=f"{kind}: ", strong=True)
    yield Run(text=f"{said or 'nothing'}. ")


def _say_places(facts: ReportFacts, keys: Iterable[tuple[str, str]]) -> str:
    """Where, measure by measure: "theft from motor vehicle (Melton and Rutland); all crime (Blaby)"."""
    grouped: dict[str, list[str]] = {}
    for ref, area in keys:
        grouped.setdefault(ref, []).append(facts.area_names.get(area, area))
    return "; ".join(f"{facts.series_titles.get(r, r)} ({joined(sorted(areas))})" for r, areas in grouped.items())
