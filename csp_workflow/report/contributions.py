"""The contribution of each partnership, against its own objectives and the Plan's, in its own words.

A part is longer only where there is something to tell: a change, a request, or an action that is overdue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from csp_workflow.report.blocks import Block, Heading, Numbered, Run, Table, Text
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.report.page_one import anchor_part, anchor_request, find_request
from csp_workflow.report.pieces import (
    GUIDE,
    SHORT_GUIDE,
    Piece,
    Shared,
    find_words,
    list_actions,
    list_answers,
    list_objectives,
    list_pieces,
    share_out,
    share_room,
)
from csp_workflow.report.standing import say_standing
from csp_workflow.report.wording import (
    FEW_WORDS,
    SOUGHT_IN_SHORT,
    count_words,
    mark_change,
    quote,
    say_before,
    say_newest,
    say_total,
    say_usual,
)
from csp_workflow.terms.actions import Action, ActionState
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.phrases import joined, plural, short_day, uncapital, words
from csp_workflow.terms.returns import ASKED_OF_BOARD
from csp_workflow.terms.site import Respondent


def write_contributions(facts: ReportFacts) -> Iterator[Block]:
    """A part for every partnership, whether or not it made a return."""
    for partnership in facts.partnerships():
        yield Heading(text=partnership.name, level=3)
        yield Numbered(
            text=_say_opening(facts, partnership),
            anchor=anchor_part(partnership.key),
            key=f"part/{partnership.key}",
        )
        shared, elsewhere = share_words(facts, partnership), list_placed(facts, partnership)
        yield from (piece.as_block() for piece in shared.in_part if piece.about[1] not in elsewhere)
        yield from _say_elsewhere(shared, partnership)
        yield from _objectives_table(facts, partnership)
        yield from _own_measures_table(facts, partnership)
        yield from _request(facts, partnership)
        yield from _actions_table(facts, partnership)


def share_words(facts: ReportFacts, partnership: Respondent) -> Shared:
    """Where each piece of a partnership's words is printed: what it asks and answers first."""
    return facts.recall((Shared, partnership.key), lambda: _share_words(facts, partnership))


def _share_words(facts: ReportFacts, partnership: Respondent) -> Shared:
    pieces = (*list_answers(facts, partnership), *list_pieces(facts, partnership))
    return share_out(pieces, _find_guide(facts, partnership), facts.recall(share_room, lambda: _share_room(facts)))


def _share_room(facts: ReportFacts) -> Fraction:
    partnerships = facts.partnerships()
    return share_room([_count_stated(facts, p) for p in partnerships], [_find_guide(facts, p) for p in partnerships])


def _count_stated(facts: ReportFacts, of: Respondent) -> int:
    """The words of a part that are not the partnership's own."""
    aimed, asked = (o.wording for o in list_objectives(facts, of)), (a.wording for a in list_actions(facts, of))
    return sum(map(count_words, (_say_opening(facts, of), *aimed, *asked)))


def _find_guide(facts: ReportFacts, partnership: Respondent) -> int:
    return GUIDE if _has_something_to_tell(facts, partnership) else SHORT_GUIDE


def list_placed(facts: ReportFacts, of: Respondent) -> set[str]:
    """The refs of what stands in a place of its own in a part: its request, its answers, its objectives."""
    pieces = share_words(facts, of).in_part
    return {p.about[1] for p in (*list_answers(facts, of), *_list_tabled(facts, of, pieces))}


def _has_something_to_tell(facts: ReportFacts, partnership: Respondent) -> bool:
    changed = any(area.code in facts.changed for area in partnership.areas)
    overdue = any(action.state is ActionState.OVERDUE for action in list_actions(facts, partnership))
    return changed or overdue or bool(find_request(facts, partnership))


def _say_opening(facts: ReportFacts, partnership: Respondent) -> str:
    names = joined(area.name for area in partnership.areas)
    covers = "" if names in partnership.name else f"It covers {names}. "
    return f"{covers}{say_standing(facts, partnership)} {_say_police_figures(facts, partnership)}".strip()


def _say_police_figures(facts: ReportFacts, partnership: Respondent) -> str:
    """How many of the police measures of its areas are as usual, and which are not."""
    judged = [row for row in facts.police_rows.get(partnership.key, ()) if row.year.direction.is_judged]
    if not judged:
        return ""
    changed = [row for row in judged if row.is_story]
    if not changed:
        return f"{_of_police(len(judged))} as usual."
    several = len(partnership.areas) > 1
    named = joined(
        f"{uncapital(row.series.title)}{f' in {row.area.name}' if several else ''} ({mark_change(row.year.direction)})"
        for row in changed
    )
    rest = len(judged) - len(changed)
    return f"Not as usual: {named}; {words(rest)} police {'figure is' if rest == 1 else 'figures are'} as usual."


def _of_police(count: int) -> str:
    return "Its one police figure that can be compared is" if count == 1 else f"All {words(count)} police figures are"


def _say_elsewhere(shared: Shared, partnership: Respondent) -> Iterator[Block]:
    """Where the rest of its words stand: never cut, and never in silence."""
    places = ((shared.in_appendix, "Appendix C"), (shared.beside, "the accompanying workbook"))
    told = [f"{_count_all(pieces)} in {where}" for pieces, where in places if pieces]
    if told:
        text = f"More of its own words stand in full elsewhere: {joined(told)}."
        yield Numbered(text=text, key=f"more/{partnership.key}")


def _count_all(pieces: Sequence[Piece]) -> str:
    return plural(sum(piece.length for piece in pieces), "word")


# Its own objectives ---------------------------------------------------------------------------------------


def _list_tabled(facts: ReportFacts, of: Respondent, pieces: Sequence[Piece]) -> Iterator[Piece]:
    """What is short enough to stand in the table of objectives."""
    for objective in list_objectives(facts, of):
        for ref in (objective.ref, f"{objective.ref} next quarter"):
            piece = find_words(pieces, ref)
            if piece and piece.length <= FEW_WORDS:
                yield piece


def _objectives_table(facts: ReportFacts, of: Respondent) -> Iterator[Block]:
    pieces = list_pieces(facts, of)
    objectives = list_objectives(facts, of)
    if not objectives or not pieces:
        return
    tabled = {piece.about[1]: piece for piece in _list_tabled(facts, of, share_words(facts, of).in_part)}

    def said(ref: str, empty: str) -> Text:
        if ref in tabled:
            return (Run(text=quote(tabled[ref].text)),)
        return "in its words" if find_words(pieces, ref) else empty

    numbers = {p.number for p in facts.framework.priorities}
    rows = tuple(
        (
            o.wording,
            joined(n for n in o.priorities if n in numbers) or "none",
            said(o.ref, "nothing said"),
            said(f"{o.ref} next quarter", "nothing said"),
        )
        for o in objectives
    )
    has_next = any(f"{o.ref} next quarter" in tabled for o in objectives)
    yield Table(
        caption=f"{of.name}: its own objectives",
        description="Each objective with the Plan's priorities that it serves, what was done, and what is next.",
        headers=("Own objective", "Priorities", "Done", "Next")[: 4 if has_next else 3],
        rows=rows if has_next else tuple(row[:3] for row in rows),
        weights=(34, 12, 32, 22) if has_next else (40, 12, 48),
    )


# Its own measures --------------------------------------------------------------------------------------------


def _own_measures_table(facts: ReportFacts, partnership: Respondent) -> Iterator[Block]:
    rows = list_own_rows(facts, partnership)
    if not rows:
        return
    several = len(partnership.areas) > 1
    yield Table(
        caption=f"{partnership.name}: its own measures",
        description="What the partnership itself counts: the quarter, a year before, twelve months, the usual year.",
        headers=("Measure", "Sought", facts.quarter.short_months, "Year before", "Year", "Usual year", "Against usual"),
        rows=tuple(_own_line(facts, row, several=several) for row in rows),
        weights=(36, 10, 11, 10, 9, 14, 12),
        numeric=(2, 3, 4, 5),
    )


def _own_line(facts: ReportFacts, row: Row, *, several: bool) -> tuple[Text, ...]:
    place = f", {row.area.name}" if several else ""
    return (
        f"{row.series.title}{place}",
        SOUGHT_IN_SHORT[row.series.polarity],
        say_newest(facts, row),
        say_before(row),
        say_total(row),
        say_usual(row),
        mark_change(row.year.direction),
    )


def list_own_rows(facts: ReportFacts, partnership: Respondent) -> list[Row]:
    """What a partnership itself counts in its areas, where there is a figure."""
    today, areas = london_day(facts.as_at), {area.code for area in partnership.areas}
    mine = [
        m
        for m in facts.framework.local_measures
        if partnership.follows(m.respondent) and m.area in areas and m.agreed <= today <= m.valid_to
    ]
    return [row for m in mine for row in facts.rows(m.series) if row.has_figure]


# What it asks, and what was asked of it ------------------------------------------------------------------------


def _request(facts: ReportFacts, partnership: Respondent) -> Iterator[Block]:
    asked = find_request(facts, partnership)
    if asked:
        where = share_words(facts, partnership).find_place(ASKED_OF_BOARD)
        said = f"its words stand in {where}." if where else quote(asked)
        yield Numbered(
            text=(Run(text="What it asks of the Board: ", strong=True), Run(text=said)),
            anchor=anchor_request(partnership.key),
            key=f"request/{partnership.key}",
        )


def _actions_table(facts: ReportFacts, partnership: Respondent) -> Iterator[Block]:
    actions = list_actions(facts, partnership)
    if not actions:
        return
    written = {piece.about[1]: piece.text for piece in list_answers(facts, partnership)}
    elsewhere = {ref: share_words(facts, partnership).find_place(ref) for ref in written}
    answers = {ref: f"in {elsewhere[ref]}" if elsewhere[ref] else quote(text) for ref, text in written.items()}
    is_quoted = [not elsewhere.get(action.ref, "nothing") for action in actions]
    yield Table(
        caption=f"{partnership.name}: what boards asked of it",
        description="Each action with when it was asked and is due, and what the partnership says of it.",
        headers=("Asked", "What was asked", "Due", "In its own words"),
        rows=tuple(
            (
                short_day(action.asked),
                action.wording,
                _say_due(action),
                answers.get(action.ref, "nothing said"),
            )
            for action in actions
        ),
        weights=(13, 37, 15, 35) if any(is_quoted) else (13, 54, 13, 20),
    )


def _say_due(action: Action) -> Text:
    if action.closed:
        return f"closed {short_day(action.closed)}: {action.reason}"
    if action.state is ActionState.OPEN:
        return short_day(action.due)
    return (Run(text=f"{short_day(action.due)}\n"), Run(text=action.state.value, strong=True))
