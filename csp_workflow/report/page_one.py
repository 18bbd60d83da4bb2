"""The first page: what the meeting is asked, what the quarter shows, what is missing, and what has changed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from csp_workflow.analysis.peers import say_versions
from csp_workflow.analysis.readings import Direction
from csp_workflow.report.blocks import Block, Lettered, Numbered, Run, Table, Text, plain_text
from csp_workflow.report.facts import ReportFacts, Row, is_to_follow
from csp_workflow.report.pieces import find_words, list_answers
from csp_workflow.report.wording import (
    FEW_NAMES,
    FEW_WORDS,
    MOST_ROWS,
    SOUGHT,
    Chosen,
    Headline,
    choose_stories,
    count_words,
    find_explanation,
    find_partnership,
    find_stories,
    name_areas,
    name_few,
    name_place,
    name_short,
    quote,
    run_of_stated,
    say_change,
    say_group,
    say_how_many,
    say_measure,
    say_year,
)
from csp_workflow.terms.phrases import capital, joined, number, plain_day, plural, say_numbers, uncapital, words
from csp_workflow.terms.report_form import ReportHeading
from csp_workflow.terms.returns import ASKED_OF_BOARD, ReturnState
from csp_workflow.terms.site import Respondent, RespondentKind, Role

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


def say_request(facts: ReportFacts) -> str:
    """How a paper calls what partnerships ask: of which boards, where the paper's own is not asked."""
    if facts.form.takes_requests:
        return "What it asks for"
    boards = [facts.site.board(form.board).name for form in facts.site.report_forms if form.takes_requests]
    return f"What it asks of the {joined(boards)}" if boards else "What it asks of boards"


def write_asks(facts: ReportFacts, heading: ReportHeading) -> Iterator[Block]:
    """What the config asks of the board; below it, where the board takes requests, what partnerships ask."""
    asked = {p: find_request(facts, p) for p in facts.partnerships() if facts.form.takes_requests}
    requests = {partnership: request for partnership, request in asked.items() if request}
    is_short = sum(map(count_words, requests.values())) <= FEW_WORDS
    own = list(write_own_text(heading))
    if requests and isinstance(own[-1], Lettered):
        own[-1] = Lettered(text=_as_item(f"{plain_text(own[-1].text).rstrip('.;')};"), key=own[-1].key)
    yield from own
    if requests and not any(isinstance(block, Lettered) for block in own):
        yield Numbered(text=f"{capital(facts.board.name)} is also asked to:", key="asks more")
    if len(requests) > _APART:
        yield Lettered(text=tuple(_join_requests(list(requests))), key="ask/all")
        return
    for partnership, request in requests.items():
        yield Lettered(
            text=(
                Run(text="consider", strong=True),
                Run(text=f" what {name_short(partnership)} asks{_quote_ask(request) * is_short} (paragraph "),
                Run(to=anchor_request(partnership.key)),
                Run(text=");" if partnership != list(requests)[-1] else ")."),
            ),
            key=f"ask/{partnership.key}",
        )


_APART = 8
"""So many requests have a line each on the first page; more stand in one."""


def _join_requests(requests: Sequence[Respondent]) -> Iterator[Run]:
    yield Run(text="consider", strong=True)
    yield Run(text=f" what {words(len(requests))} partnerships ask (paragraphs ")
    for left, partnership in enumerate(requests, start=1 - len(requests)):
        yield Run(to=anchor_request(partnership.key))
        yield Run(text=").") if not left else Run(text=" and " if left == -1 else ", ")


def _quote_ask(request: str) -> str:
    return f": {quote(request.rstrip('. '))}"


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
    rows = _count_rows(facts)
    if sum(len(story.rows) for story in stories) > rows:  # the note that says so takes the room of one
        rows = max(rows - 1, _FEWEST_ROWS)
    chosen = choose_stories(stories, most=rows)
    yield Numbered(text=tuple(_sum_up(facts, chosen)), key="quarter")
    if chosen.shown:
        yield _stories_table(facts, chosen)


_WORDS_BESIDE, _WORDS_OF_ROW, _FEWEST_ROWS = 130, 30, 2
"""So many words fit beside a full table on the first page; beyond them each row's worth takes the place of one."""


def _count_rows(facts: ReportFacts) -> int:
    """How many changes the first page has room for, beside what is asked, is missing and is new."""
    headings = [heading for heading in facts.form.headings if heading.kind == "recommendations"]
    asks = (block for heading in headings for block in write_asks(facts, heading))
    beside = (*asks, *write_missing(facts), *write_changes(facts))
    said = (plain_text(block.text) for block in beside if isinstance(block, Numbered | Lettered))
    over = sum(map(count_words, said)) - _WORDS_BESIDE
    return max(MOST_ROWS - max(math.ceil(over / _WORDS_OF_ROW), 0), _FEWEST_ROWS)


def _sum_up(facts: ReportFacts, chosen: Chosen) -> Iterator[Run]:
    if not chosen.stories and facts.count_chance().compared:
        yield Run(
            text="No measure that could be compared has changed in any area by more than it usually does. ", strong=True
        )
    for place, story in enumerate(sorted(chosen.stories, key=lambda one: -len(one.rows))[:2]):
        yield Run(text=f"{say_story(facts, (story,))} ", strong=place == 0)
    yield Run(text=" ".join(_say_chance(facts)))


def say_story(facts: ReportFacts, stories: Sequence[Headline]) -> str:
    """What became of one measure, whether its title is one thing or many: "Violence with injury: higher than usual in
    five of the nine areas and lower than usual in Melton; a fall is sought."."""
    series = stories[0].series
    of = len(facts.areas_of(series))
    parts = [
        f"{say_change(story.direction)} than usual{'' if of == 1 else f' {say_how_many(name_areas(story.rows), of)}'}"
        for story in stories
    ]
    return f"{series.title}: {joined(parts)}; {SOUGHT[series.polarity]}."


def _say_chance(facts: ReportFacts) -> Iterator[str]:
    chance = facts.count_chance()
    if not chance.compared:
        yield "No figure could be compared with a usual year: too little is known of earlier years."
        return
    if chance.compared == 1:
        yield f"One comparison was made; it shows {'no more' if chance.unchanged else 'more'} change than usual."
    else:
        yield f"Of {number(chance.compared)} comparisons, {number(chance.unchanged)} show no more change than usual."
    yield f"Had nothing changed anywhere, chance alone would show {chance.in_words}."


def _stories_table(facts: ReportFacts, chosen: Chosen) -> Table:
    year = f"the year to {plain_day(facts.quarter.end)}"
    shown, every = len(chosen.shown), len(chosen.shown) + len(chosen.named)
    of = f"{words(shown)} of {words(every)} changes" if chosen.named else plural(shown, "change", spelt=True)
    return Table(
        caption=f"{capital(of)} in {year}",
        description="What changed and where, against its usual year and its group, with the partnership's own words.",
        headers=("What and where", "Against a usual year", "Against its group", "In the partnership's words"),
        rows=tuple(_story_line(facts, row) for row in chosen.shown),
        weights=(26, 22, 20, 32),
        note=_say_note(facts, chosen),
        anchor="stories",
    )


def _story_line(facts: ReportFacts, row: Row) -> tuple[Text, ...]:
    what = Run(text=say_measure(facts, row), strong=True), Run(text=f"\n{name_place(row)}")
    return (
        what,
        say_year(facts, row),
        say_group(row),
        tell_explanation(facts, row),
    )


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
        return (Run(text="No partnership answers for this figure."),)
    if not facts.stands(partnership.key).state.is_made:
        return (Run(text="No return was made.", strong=True),)
    return (Run(text="No explanation was given.", strong=True),)


_NAMED = 20
"""So many changes that did not fit are named below the table; more where their themes are told."""


def _say_note(facts: ReportFacts, chosen: Chosen) -> str:
    parts = []
    if chosen.named:
        named: dict[str, list[Row]] = {}
        for row in chosen.named:
            title = uncapital(row.series.title)
            named.setdefault(f"{title} {say_change(row.year.direction)} than usual in", []).append(row)
        listed = "; ".join(f"{what} {name_few(name_areas(rows), 'area')}" for what, rows in named.items())
        more = f"{capital(words(len(chosen.named)))} more changes are named under their themes."
        few = f"Not shown: {listed}. Each is named under its theme."
        parts.append(few if len(chosen.named) <= _NAMED else more)
    sought: dict[str, dict[str, None]] = {}
    for row in chosen.shown:
        sought.setdefault(SOUGHT[row.series.polarity], {})[uncapital(row.series.title)] = None
    parts += [f"{capital(what)} in {'each' if len(sought) == 1 else joined(of)}." for what, of in sought.items()]
    peers = [row.peers for row in chosen.shown if row.peers.unit]
    if peers:
        parts.append(f"Rates {joined(dict.fromkeys(one.unit for one in peers))}. Group {say_versions(peers)}.")
    of_quarter = [row for row in chosen.shown if row.period == facts.quarter.key]
    if any(row.quarter.before and row.quarter.now != row.year.now for row in of_quarter):
        parts.append(f"“Was”: {facts.quarter.year_ago.short_months}.")
    return " ".join(parts)


# What is missing ---------------------------------------------------------------------------------------


def write_missing(facts: ReportFacts) -> Iterator[Block]:
    """Who made no return, which chair has not approved, and which priorities have nothing for it: one paragraph."""
    partnerships, others = facts.partnerships(), facts.contributors()
    sentences = [*_say_returns(facts, partnerships, "partnership"), *_say_returns(facts, others, "other body")]
    silent = {r.key for r in others if not facts.stands(r.key).state.is_made}
    if priorities := {m.priority for m in facts.framework.measures if m.owner in silent}:
        noun = "priority" if len(priorities) == 1 else "priorities"
        sentences.append(f"This leaves gaps in {noun} {say_numbers(priorities)}.")
    yield Numbered(text=" ".join(sentences), key="missing")


def _say_returns(facts: ReportFacts, owing: Sequence[Respondent], noun: str) -> Iterator[str]:
    """How many of some made a return, who approved, and what the others said or did not say."""
    made = [r for r in owing if facts.stands(r.key).state.is_made]
    if made:
        yield _say_made(made, owing, noun)
    yield from _say_approved(facts, [r for r in made if r.needs_approval])
    groups: dict[str, list[str]] = {}
    for respondent in owing:
        if respondent not in made:
            groups.setdefault(_say_other(facts, respondent), []).append(_name(respondent))
    for said, names in groups.items():
        every = "All " if len(names) == len(owing) > FEW_NAMES else ""
        yield f"{capital(f'{every}{name_few(names, noun)}')} {said}."


def _say_approved(facts: ReportFacts, made: Sequence[Respondent]) -> Iterator[str]:
    """Who approved, that it was not by the chair's own letter where it was not, and who has still to approve."""
    stands = {name_short(p): facts.stands(p.key) for p in made}
    given = {name: one.approval for name, one in stands.items() if one.approval}
    by_chair = [name for name, approval in given.items() if approval.role is Role.CHAIR and not approval.evidence]
    by_deputy = [name for name, approval in given.items() if approval.role is not Role.CHAIR and not approval.evidence]
    told = [name for name, approval in given.items() if approval.evidence]
    corrected = [name for name, one in stands.items() if one.is_corrected and not one.approval]
    waiting = [name for name in stands if name not in given and name not in corrected]
    if by_chair and len(by_chair) == len(made):
        yield "Each was approved by its Chair." if len(made) > 1 else "That return was approved by its Chair."
    if by_deputy:
        yield f"The Deputy Chair approved for {joined(by_deputy)}."
    if told:
        yield f"The approval of {joined(told)} is recorded on the Chair's word to the Office."
    if waiting:
        yield f"Not yet approved by the Chair: {joined(waiting)}."
    if corrected:
        yield f"Corrected since the Chair approved, and to be approved again: {joined(corrected)}."


def _name(respondent: Respondent) -> str:
    return name_short(respondent) if respondent.kind is RespondentKind.PARTNERSHIP else respondent.name


def _say_made(made: Sequence[Respondent], of: Sequence[Respondent], noun: str) -> str:
    if len(of) == 1:
        return f"The one {noun} made a return."
    many = plural(len(of), noun, spelt=True)
    return f"{f'All {many}' if len(made) == len(of) else f'{capital(words(len(made)))} of the {many}'} made a return."


def _say_other(facts: ReportFacts, respondent: Respondent) -> str:
    state = facts.stands(respondent.key).state
    if state is ReturnState.NIL:
        return "had nothing for this quarter and said so"
    if state is ReturnState.DECLINED:
        return "declined"
    if is_to_follow(facts, respondent):
        return "had more time: what they return is to follow"
    return f"had sent nothing by {plain_day(facts.as_at)}"


# What has changed since the last paper -----------------------------------------------------------------


def write_changes(facts: ReportFacts) -> Iterator[Block]:
    """The stories that are new, go on, have ended or cannot be told any more, and what was corrected, against the
    board's last paper."""
    yield Numbered(text=tuple(_tell_changes(facts)), key="changes")


def _tell_changes(facts: ReportFacts) -> Iterator[Run]:
    if facts.told_before is None:
        yield Run(text="This is the first paper of this kind for this board. ")
    else:
        kinds = _sort_changes(facts, facts.told_before)
        yield from (run for kind, keys in kinds.items() if keys for run in _list_kind(kind, _say_places(facts, keys)))
        if not any(kinds.values()):
            yield Run(text="The last paper told no change, and neither does this one. ")
    yield from _list_corrected(facts)


def _list_corrected(facts: ReportFacts) -> Iterator[Run]:
    more = len(facts.otherwise) - _CORRECTED
    for place, one in enumerate(facts.otherwise[:_CORRECTED]):
        yield Run(text="; ") if place else Run(text="Corrected: ", strong=True)
        yield Run(text=f"{uncapital(one.what)}: ")
        yield run_of_stated(facts, one.key, one.now)
        yield Run(text=", previously ")
        yield run_of_stated(facts, one.key, one.was)
    if facts.otherwise:
        yield Run(text=f"; {plural(more, 'other', spelt=True)}, listed under data quality. " if more > 0 else ". ")


def _sort_changes(facts: ReportFacts, before: Mapping[_Place, Direction]) -> dict[str, list[_Place]]:
    """What is new, goes on and has ended; what cannot be told any more has not thereby ended."""
    numbers = [series for series in facts.framework.series() if series.kind.is_number]
    rows = {(row.series.ref, row.area.code): row for series in numbers for row in facts.rows(series)}
    now = {place: row.year.direction for place, row in rows.items() if row.is_story}
    gone = [place for place in before if place not in now]
    ended = [place for place in gone if place in rows and rows[place].year.direction.is_judged]
    return {
        "New": [place for place, direction in now.items() if before.get(place) is not direction],
        "Continuing": [place for place, direction in now.items() if before.get(place) is direction],
        "Ended": ended,
        "Not known this time": [place for place in gone if place not in ended],
    }


_CORRECTED = 2

_Place = tuple[str, str]


def _list_kind(kind: str, said: str) -> Iterator[Run]:
    yield Run(text=f"{kind}: ", strong=True)
    yield Run(text=f"{said}. ")


def _say_places(facts: ReportFacts, keys: Iterable[_Place]) -> str:
    """Where, measure by measure: "theft from motor vehicle (Melton and Rutland); all crime (Blaby)"."""
    grouped: dict[str, list[str]] = {}
    for ref, area in keys:
        grouped.setdefault(ref, []).append(facts.area_names.get(area, area))
    titles = {ref: uncapital(facts.series_titles.get(ref, ref)) for ref in grouped}
    return "; ".join(f"{titles[ref]} ({joined(sorted(areas))})" for ref, areas in grouped.items())
