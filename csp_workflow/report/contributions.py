"""The contribution of each partnership, against its own objectives and the Plan's, in its own words.

A part is longer only where there is something to tell: a change, a request, or an action that is overdue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from csp_workflow.report.blocks import Block, Heading, Numbered, Run, Table, Text, without_columns
from csp_workflow.report.facts import ReportFacts, Row, say_standing
from csp_workflow.report.page_one import anchor_part, anchor_request, find_request, say_request
from csp_workflow.report.pieces import (
    GUIDE,
    SHORT_GUIDE,
    Piece,
    Shared,
    find_words,
    list_actions,
    list_answers,
    list_contributed,
    list_objectives,
    list_pieces,
    share_out,
    share_room,
)
from csp_workflow.report.wording import (
    FEW_WORDS,
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
from csp_workflow.terms.figures import Objective
from csp_workflow.terms.phrases import SOUGHT_IN_SHORT, joined, number, plural, short_day, uncapital
from csp_workflow.terms.returns import ASKED_OF_BOARD
from csp_workflow.terms.site import Respondent, RespondentKind


def write_contributions(facts: ReportFacts) -> Iterator[Block]:
    """A part for every partnership, whether or not it made a return."""
    for partnership in facts.partnerships():
        yield Heading(text=partnership.name, level=3)
        yield Numbered(
            text=say_opening(facts, partnership),
            anchor=anchor_part(partnership.key),
            key=f"part/{partnership.key}",
        )
        shared = share_words(facts, partnership)
        yield from (piece.as_block() for piece in shared.in_part)
        yield from say_elsewhere(shared, partnership, key=f"more/{partnership.key}")
        yield from _objectives_table(facts, partnership)
        yield from _own_measures_table(facts, partnership)
        yield from _request(facts, partnership, shared)
        yield from _actions_table(facts, partnership)


def share_words(facts: ReportFacts, respondent: Respondent) -> Shared:
    """Where each piece of somebody's words is printed, apart from what stands in a table or is what it asks for."""
    return facts.recall((Shared, respondent.key), lambda: _share_words(facts, respondent))


def _share_words(facts: ReportFacts, respondent: Respondent) -> Shared:
    if respondent.kind is not RespondentKind.PARTNERSHIP:
        return share_out([piece for piece in list_contributed(facts) if piece.about[0] == respondent.key], GUIDE)
    pieces, answers = list_pieces(facts, respondent), list_answers(facts, respondent)
    tabled = {piece.about for piece in (*_list_tabled(facts, respondent, pieces), *filter(_fits_its_place, answers))}
    return share_out(
        [piece for piece in (*answers, *pieces) if piece.about not in tabled],
        _find_guide(facts, respondent),
        _find_part(facts),
    )


def _find_part(facts: ReportFacts) -> Fraction:
    """How much of its guide each part gets."""
    of = facts.partnerships()
    return facts.recall(
        share_room, lambda: share_room([_count_stated(facts, p) for p in of], [_find_guide(facts, p) for p in of])
    )


def _count_stated(facts: ReportFacts, of: Respondent) -> int:
    """The words of a part that are not the partnership's own."""
    aimed, asked = (o.wording for o in list_objectives(facts, of)), (a.wording for a in list_actions(facts, of))
    return sum(map(count_words, (say_opening(facts, of), *aimed, *asked)))


def _find_guide(facts: ReportFacts, partnership: Respondent) -> int:
    return GUIDE if _has_something_to_tell(facts, partnership) else SHORT_GUIDE


def _fits_its_place(answer: Piece) -> bool:
    """Whether a request, or an answer to a board, is short enough for the place that it has by itself."""
    return answer.length <= (GUIDE if answer.about[1] == ASKED_OF_BOARD else FEW_WORDS)


def _has_something_to_tell(facts: ReportFacts, partnership: Respondent) -> bool:
    areas = {area.code for area in partnership.areas}
    changed = any(row.area.code in areas for row in facts.stories())
    overdue = any(action.state is ActionState.OVERDUE for action in list_actions(facts, partnership))
    return changed or overdue or bool(find_request(facts, partnership))


def say_opening(facts: ReportFacts, partnership: Respondent) -> str:
    """What became of a partnership's return, and which police figures of its areas are not as usual."""
    names = joined(area.name for area in partnership.areas)
    covers = "" if names in partnership.name else f"It covers {names}. "
    return f"{covers}{say_standing(facts, partnership)} {_say_police_figures(facts, partnership)}".strip()


def _say_police_figures(facts: ReportFacts, partnership: Respondent) -> str:
    """How many of the police measures of its areas are as usual, and which are not."""
    rows = facts.police_rows.get(partnership.key, [])
    judged = [row for row in rows if row.year.direction.is_judged]
    changed = [row for row in judged if row.is_story]
    several = len(partnership.areas) > 1
    named = joined(
        f"{uncapital(row.series.title)}{f' in {row.area.name}' if several else ''} ({mark_change(row.year.direction)})"
        for row in changed
    )
    rest = len(judged) - len(changed)
    if not rest:
        return f"Not as usual: {named}." if named else ""
    which = "The other" if named else "All" if rest > 1 else "The"
    compared = "" if len(judged) == len(rows) else " that could be compared"
    these = f"{which} {plural(rest, 'police figure', spelt=True)}".replace("All two", "Both")
    said = f"{these}{compared} {'is' if rest == 1 else 'are'} as usual."
    return f"Not as usual: {named}. {said}" if named else said


def say_elsewhere(shared: Shared, whose: Respondent, *, key: str) -> Iterator[Block]:
    """Where the rest of somebody's words are: never cut, and never in silence."""
    places = ((shared.in_appendix, "in Appendix B"), (shared.beside, "in the accompanying workbook"))
    told = [f"{plural(sum(piece.length for piece in pieces), 'word')} {where}" for pieces, where in places if pieces]
    if told:
        yield Numbered(text=f"{whose.name} says more: {joined(told)}.", key=key)


# Its own objectives ---------------------------------------------------------------------------------------


def _list_tabled(facts: ReportFacts, of: Respondent, pieces: Sequence[Piece]) -> Iterator[Piece]:
    """What is short enough to stand in the table of objectives."""
    for objective in list_objectives(facts, of):
        for ref in (objective.ref, f"{objective.ref} next quarter"):
            piece = find_words(pieces, ref)
            if piece and piece.length <= FEW_WORDS * _find_part(facts):
                yield piece


_NOTHING_SAID, _IN_ITS_WORDS = "nothing said", "in its words"


def _objectives_table(facts: ReportFacts, of: Respondent) -> Iterator[Block]:
    pieces = list_pieces(facts, of)
    objectives = list_objectives(facts, of)
    if not objectives or not pieces:
        return
    tabled = {piece.about[1]: piece for piece in _list_tabled(facts, of, pieces)}
    titles = {f"T{theme.number}": theme.title for theme in facts.framework.themes}

    def said(objective: Objective, more: str = "") -> Text:
        """What was said of an objective, or under its theme, where the form asks for both at once."""
        ref = f"{objective.ref}{more}"
        if ref in tabled:
            return (Run(text=quote(tabled[ref].text)),)
        if find_words(pieces, ref):
            return _IN_ITS_WORDS
        theme = find_theme(facts, objective)
        return f"see {titles[theme]}" if find_words(pieces, f"{theme}{more}") else _NOTHING_SAID

    numbers = {p.number for p in facts.framework.priorities}
    rows = tuple(
        (
            o.wording,
            joined(n for n in o.priorities if n in numbers) or "none",
            said(o),
            said(o, " next quarter"),
        )
        for o in objectives
    )
    table = Table(
        caption=f"{of.name}: its own objectives",
        description="Each objective with the Plan's priorities that it serves, what was done, and what is next.",
        headers=("Own objective", "Priorities", "Done", "Next"),
        rows=rows,
        weights=(34, 12, 32, 22),
    )
    yield without_columns(table, saying=_NOTHING_SAID)


def find_theme(facts: ReportFacts, objective: Objective) -> str:
    """The ref of the theme that an objective serves first."""
    themes = {priority.number: priority.theme for priority in facts.framework.priorities}
    return next((f"T{themes[number]}" for number in objective.priorities if number in themes), "")


# Its own measures --------------------------------------------------------------------------------------------


_NOT_KNOWN = "not known"


def _own_measures_table(facts: ReportFacts, partnership: Respondent) -> Iterator[Block]:
    rows = list_own_rows(facts, partnership)
    if not rows:
        return
    several, quarter = len(partnership.areas) > 1, facts.quarter
    when = quarter.short_months, quarter.year_ago.short_months, "Twelve months"
    table = Table(
        caption=f"{partnership.name}: its own measures",
        description="What the partnership itself counts: the quarter, a year before, twelve months, the usual year.",
        headers=("Measure", "Sought", *when, "Usual year", "Against usual"),
        rows=tuple(_own_line(facts, row, several=several) for row in rows),
        weights=(36, 10, 11, 11, 10, 14, 12),
        numeric=(2, 3, 4, 5),
    )
    yield without_columns(table, saying=_NOT_KNOWN)


def _own_line(facts: ReportFacts, row: Row, *, several: bool) -> tuple[Text, ...]:
    place = f", {row.area.name}" if several else ""
    period = "" if row.period_words == facts.quarter.months else f" ({row.period_words})"
    return (
        f"{row.series.title}{place}{period}",
        SOUGHT_IN_SHORT[row.series.polarity],
        say_newest(facts, row),
        say_before(row, missing=_NOT_KNOWN),
        say_total(row, missing=_NOT_KNOWN),
        say_usual(row, missing=_NOT_KNOWN),
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


def _request(facts: ReportFacts, partnership: Respondent, shared: Shared) -> Iterator[Block]:
    asked = find_words(list_answers(facts, partnership), ASKED_OF_BOARD)
    if asked:
        where = "Appendix B" if asked in shared.in_appendix else "the accompanying workbook"
        said = quote(asked.text) if _fits_its_place(asked) else f"its {number(asked.length)} words are in {where}."
        yield Numbered(
            text=(Run(text=f"{say_request(facts)}: ", strong=True), Run(text=said)),
            anchor=anchor_request(partnership.key),
            key=f"request/{partnership.key}",
        )


def _actions_table(facts: ReportFacts, partnership: Respondent) -> Iterator[Block]:
    actions = list_actions(facts, partnership)
    if not actions:
        return
    answers = {piece.about[1]: piece for piece in list_answers(facts, partnership)}
    yield Table(
        caption=f"{partnership.name}: what boards asked of it",
        description="Each action with when it was asked and is due, and what the partnership says of it.",
        headers=("Asked", "What was asked", "Due", "In its own words"),
        rows=tuple(
            (
                short_day(action.asked),
                action.wording,
                say_due(action),
                _say_answer(answers.get(action.ref)),
            )
            for action in actions
        ),
        weights=(13, 37, 15, 35) if any(map(_fits_its_place, answers.values())) else (13, 54, 13, 20),
    )


def _say_answer(answer: Piece | None) -> str:
    if answer is None:
        return _NOTHING_SAID
    return quote(answer.text) if _fits_its_place(answer) else _IN_ITS_WORDS


def say_due(action: Action) -> Text:
    """By when an action is due, and how it stands where it is not simply open."""
    if action.closed:
        return f"closed {short_day(action.closed)}: {action.reason}"
    if action.state is ActionState.OPEN:
        return short_day(action.due)
    return (Run(text=f"{short_day(action.due)}\n"), Run(text=action.state.value, strong=True))
