"""What each kind of row asks for, as rules of `still_to_do`: the checks of what comes back ask for the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache

from csp_workflow.forms import layout
from csp_workflow.forms.still_to_do import (
    ALWAYS,
    DONE,
    EXPLAINED,
    LEAVE,
    OPTIONAL,
    SEE,
    Condition,
    Rules,
    both,
    echo_choice,
    echo_number,
    echo_share,
    echo_words,
    either,
    has,
    has_fewer_words,
    is_above,
    is_below,
    is_broken,
    is_equal,
    is_hundred_times,
    is_more_than,
    is_number,
    is_open,
    is_same,
    is_share_beyond,
    lacks,
    say,
    says,
    tells,
)
from csp_workflow.terms.figures import Figure, FigureStatus, MeasureKind
from csp_workflow.terms.grants import GrantLine, find_line
from csp_workflow.terms.phrases import agree_unit
from csp_workflow.terms.returns import Entry, FigureRow, FormDefinition, SummaryRow

OVER = 3
"""How many times its word guide a text may have before the sender is asked to shorten it."""

CONFIRMED_ABOVE = "confirmed above"
"""Under which name a police row's rules find whether its row ALL is confirmed."""

UNANSWERED = "unanswered"
"""Under which name the rules of row ALL find whether a row below it has no answer of its own."""

SUMMED = "summed"
"""Under which name a row's rules find whether its figure is the sum of other areas', or a grant's lines are no sum."""

SUMMED_AREAS = 2
"""Of so many other areas at least a sum is made: that of one is another area's figure, and asked about as that."""

OVERSPENT = "overspent"
"""Under which name a grant's last line finds whether more is spent, committed and forecast than it is."""

UNUSED = "unused"
"""Under which name a grant's forecast finds whether much of it is neither spent nor committed."""

SHARED = "shared"
"""Under which name a row's rules find whether the same figure stands for another area."""

QUESTION = "question"
"""Under which name a row's rules find what is still to do about the question on it."""

_FIGURE, _OF, _STATUS = layout.THIS_QUARTER, layout.OUT_OF, layout.STATUS
_NOTHING = Decimal(0)
_WHOLE = {MeasureKind.COUNT, MeasureKind.COHORT}
_SAY_WHY = "choose what drove it, or say why"
_IS_UNEXPLAINED = both(lacks(tells(layout.DROVE_IT)), has_fewer_words(layout.NOTE, EXPLAINED))
_CONTRADICTS = tuple(
    words for words in layout.NO_FIGURE if layout.STATUS_MEANS[words] not in {FigureStatus.SUPPRESSED, FigureStatus.NIL}
)
_NIL, _SUPPRESSED = (
    next(words for words, status in layout.STATUS_MEANS.items() if status is wanted)
    for wanted in (FigureStatus.NIL, FigureStatus.SUPPRESSED)
)


def ask_question(number: int) -> Rules:
    """A row about which a question stands open."""
    return ((is_open(QUESTION), say(f"{SEE} {layout.QUESTIONS}, Q{number}")),)


def rules_of_own(row: FigureRow) -> Rules:
    """A figure to fill in; a share in two counts."""
    missing = f"Type {'how many' if row.is_counted else 'the figure'}, or choose a Status"
    empty = missing if row.required else f"{OPTIONAL}: only if there is a new figure"
    return (
        (both(has(_STATUS), lacks(says(_STATUS, *layout.STATUS_MEANS))), say("Choose a Status from the list")),
        *(_rules_of_half() if row.is_counted else _rules_of_none(row)),
        (both(lacks(has(_FIGURE)), says(_STATUS, *layout.NO_FIGURE)), echo_choice(_STATUS)),
        *(((both(lacks(has(_FIGURE)), has(_STATUS)), say("Type the figure")),) if row.required else ()),
        (lacks(has(_FIGURE)), say(empty)),
        (says(_STATUS, _SUPPRESSED), echo_choice(_STATUS)),
        (both(says(_STATUS, *_CONTRADICTS), _is_clear(row)), say("Clear the figure, or the Status")),
        (says(_STATUS, *_CONTRADICTS), echo_choice(_STATUS)),
        (lacks(is_number(_FIGURE)), say("Check: type one plain number")),
        (both(says(_STATUS, _NIL), is_above(_FIGURE, _NOTHING)), say("Clear the figure, or the Status")),
        *(((is_below(_FIGURE, _NOTHING), say("Check: it is below 0")),) if not _is_left(row) else ()),
        *_rules_of_value(row),
    )


def _is_left(row: FigureRow) -> bool:
    """What is left of a grant: below 0 where more is to be spent than it is."""
    return row.kind is MeasureKind.GRANT and find_line(row.ref) is GrantLine.UNDERSPEND


def _is_clear(row: FigureRow) -> Condition:
    """The figure is one that we could use; what is not clear is outweighed by a Status."""
    headers = (_FIGURE, _OF) if row.is_counted else (_FIGURE,)
    whole = [lacks(is_broken(header)) for header in headers if row.is_counted or row.kind in _WHOLE]
    part = [lacks(is_more_than(_FIGURE, _OF)), is_above(_OF, _NOTHING)] if row.is_counted else []
    return both(
        *map(is_number, headers),
        *([] if _is_left(row) else [lacks(is_below(header, _NOTHING)) for header in headers]),
        *whole,
        *part,
    )


def _rules_of_half() -> Rules:
    """A share of which only the whole is given: of nobody it is none, and else the part is missing."""
    is_half = both(lacks(has(_FIGURE)), has(_OF))
    is_nobody = both(_is_nought(_OF), either(lacks(has(_FIGURE)), _is_nought(_FIGURE)))
    is_excused = says(_STATUS, *_CONTRADICTS, _SUPPRESSED)
    return (
        (is_nobody, say(f"{DONE}: nobody counted")),
        (both(is_half, lacks(is_excused)), say("Type how many")),
    )


def _is_nought(header: str) -> Condition:
    return both(is_number(header), lacks(is_above(header, _NOTHING)), lacks(is_below(header, _NOTHING)))


def _rules_of_none(row: FigureRow) -> Rules:
    """Nil in the place of a figure is a figure of 0, which may not be as usual."""
    side = row.usual.find_side(row.usual.rest) if row.usual else ""
    is_nil = both(lacks(has(_FIGURE)), says(_STATUS, _NIL), _IS_UNEXPLAINED)
    return ((is_nil, say(f"{side.capitalize()} usual: {_SAY_WHY}")),) if side else ()


def _rules_of_value(row: FigureRow) -> Rules:
    """What is odd about a number, and else what it comes to."""
    whole = ((is_broken(_FIGURE), say("Check: type a whole number")),)
    if row.is_counted:
        return (
            *whole,
            (lacks(has(_OF)), say("Type out of how many")),
            (lacks(is_number(_OF)), say("Check: type one plain number")),
            (either(is_below(_OF, _NOTHING), is_broken(_OF)), say("Check: type a whole number")),
            (is_more_than(_FIGURE, _OF), say("Check: it is more than there are")),
            (lacks(is_above(_OF, _NOTHING)), say(f"{DONE}: nobody counted")),
            *_rules_of_likeness(row),
            *_rules_of_change(row, is_share=True),
            (ALWAYS, echo_share(_FIGURE, _OF)),
        )
    is_per_cent, is_summed = row.kind is MeasureKind.PERCENT, _is_left(row) and row.least_summed is not None
    lacking = ((lacks(has(_OF)), say("Type out of how many")),) if row.out_of else ()
    return (
        *(whole if row.kind in _WHOLE else ()),
        *(((is_above(_FIGURE, Decimal(100)), say("Check: it is more than 100 per cent")),) if is_per_cent else ()),
        *lacking,
        *(((has(SUMMED), say("Check: the lines do not come to the allocation")),) if is_summed else ()),
        *_rules_of_money(row),
        *_rules_of_hundreds(row),
        *_rules_of_likeness(row),
        *_rules_of_change(row, is_share=False),
        (ALWAYS, echo_number(_FIGURE, row.unit.partition(", e.g.")[0])),
    )


def _rules_of_money(row: FigureRow) -> Rules:
    """What is asked of a line of a grant, where it is checked, until a few words say why."""
    unsaid, limits = has_fewer_words(layout.NOTE, EXPLAINED), dict(row.checked)
    asked = {
        "spent-falls": (is_below(_FIGURE, limits.get("spent-falls", _NOTHING)), "Less than before: check, or say why"),
        "grant-left": (has(UNUSED), "Say what the rest is planned for"),
        "grant-over": (has(OVERSPENT), "Say why more is to be spent"),
        "underspend-unsaid": (is_above(_FIGURE, _NOTHING), "Say why it will not be spent"),
    }
    return tuple((both(odd, unsaid), say(words)) for rule, (odd, words) in asked.items() if rule in limits)


def _rules_of_hundreds(row: FigureRow) -> Rules:
    """A per cent that was typed as a part of one, or the other way round."""
    times, before = dict(row.checked).get("factor-of-100"), row.previous and row.previous.value
    if times is None or not before:
        return ()
    return ((is_hundred_times(_FIGURE, before, times), say("Check: per cent as a plain number, such as 12.5")),)


def _rules_of_likeness(row: FigureRow) -> Rules:
    """A figure that is last quarter's again, or another area's as well, and too large for chance."""
    size, before = _OF if row.out_of else _FIGURE, row.previous
    rules = []
    if row.least_repeated is not None and before is not None and (same := _is_again(row, before)):
        is_odd = both(same, lacks(is_below(size, row.least_repeated)), _IS_UNEXPLAINED)
        rules += [(is_odd, say("Same as last quarter: check, or say why"))]
    if row.least_shared is not None:
        is_odd = both(has(SHARED), lacks(is_below(size, row.least_shared)), _IS_UNEXPLAINED)
        rules += [(is_odd, say("Same as another area: check, or say why"))]
    if row.least_summed is not None and not _is_left(row):
        is_odd = both(has(SUMMED), lacks(is_below(size, row.least_summed)), _IS_UNEXPLAINED)
        rules += [(is_odd, say("The sum of the other areas: check, or say why"))]
    return rules


def _is_again(row: FigureRow, before: Figure) -> Condition | None:
    """The figure of last quarter once more, with what it was out of; None where that cannot be."""
    value = before.count if row.is_counted else before.value
    if value is None or (before.base is None) == bool(row.out_of) or (row.is_counted and before.base is None):
        return None
    whole = [is_equal(_OF, Decimal(before.base))] if before.base is not None else []
    return both(is_equal(_FIGURE, Decimal(value)), *whole)


def _rules_of_change(row: FigureRow, *, is_share: bool) -> Rules:
    usual = row.usual
    if usual is None:
        return ()

    def is_beyond(limit: Decimal, *, above: bool) -> Condition:
        if is_share:
            return is_share_beyond(_FIGURE, _OF, limit, (usual.rest, usual.base), above=above)
        return is_above(_FIGURE, limit - usual.rest) if above else is_below(_FIGURE, limit - usual.rest)

    return (
        (both(is_beyond(usual.high, above=True), _IS_UNEXPLAINED), say(f"Above usual: {_SAY_WHY}")),
        (both(is_beyond(usual.low, above=False), _IS_UNEXPLAINED), say(f"Below usual: {_SAY_WHY}")),
    )


def rules_of_all() -> Rules:
    """The row that confirms all police figures of an area at once."""
    return (
        (says(layout.CONFIRM, layout.CONFIRMED), say(DONE)),
        (says(layout.CONFIRM, layout.DISPUTED), say("Dispute the row itself, and confirm here")),
        (has(layout.CONFIRM), say("Choose Confirmed")),
        (has(UNANSWERED), say("Choose Confirmed, or answer each row")),
        (ALWAYS, say(f"{DONE}: each row is answered")),
    )


def rules_of_police(row: FigureRow, *, has_all: bool) -> Rules:
    """A figure of the force's: confirmed, here or above, or disputed; why, where it is not as usual."""
    if row.given is None:
        return ((ALWAYS, say(f"{LEAVE} it: {layout.NOT_SUPPLIED}")),)
    return _rules_of_given(row.find_side(row.given), has_all=has_all)


@cache
def _rules_of_given(side: str, *, has_all: bool) -> Rules:
    """The same for every figure that lies on that side of what is usual."""
    is_disputed, is_confirmed = says(layout.CONFIRM, layout.DISPUTED), says(layout.CONFIRM, layout.CONFIRMED)
    ask = f"{SEE} row {layout.ALL}" if has_all else layout.CONFIRM
    change = ((_IS_UNEXPLAINED, say(f"{side.capitalize()} usual: {_SAY_WHY}")),) if side else ()
    return (
        (both(is_disputed, lacks(tells(layout.NOTE))), say("Say why you dispute it")),
        (is_disputed, say(f"{DONE}: the force's analyst reads why")),
        (both(has(layout.CONFIRM), lacks(is_confirmed)), say("Choose Confirmed or Disputed")),
        *change,
        (is_confirmed, say(DONE)),
        (has(CONFIRMED_ABOVE), say(f"{DONE}: confirmed above")),
        (ALWAYS, say(ask)),
    )


def rules_of_summary(row: SummaryRow) -> Rules:
    """A quick answer or words; what became of an earlier promise; of an objective at the year's end the choice."""
    if row.is_of_objective:
        unanswered, chosen = lacks(has(layout.QUICK)), says(layout.QUICK, *layout.quick_choices(row))
        too_long = lacks(has_fewer_words(layout.HAPPENED, row.words * OVER + 1))
        return (
            (both(has(layout.QUICK), lacks(chosen)), say("Choose from the list")),
            *(((unanswered, say("Choose whether it goes on")),) if row.required else ()),
            (too_long, say(f"Check: {row.words} words are enough")),
            (unanswered, say(OPTIONAL)),
            (ALWAYS, echo_choice(layout.QUICK)),
        )
    quick, told = layout.quick_choices(row), tells(layout.HAPPENED)
    empty = "Choose a quick answer, or write" if quick else "Write a line or two"
    promised = (lacks(says(layout.PROMISE_NOW, *layout.PROMISE_MEANS)), say("Say how the promise stands"))
    offered = (both(has(layout.QUICK), lacks(told), lacks(says(layout.QUICK, *quick))), say("Choose from the list"))
    is_repeated = both(told, has(layout.PLAYED_BACK), is_same(layout.HAPPENED, layout.PLAYED_BACK))
    return (
        *((promised,) if row.promise else ()),
        *((offered,) if quick else ()),
        *(((is_repeated, say("The same words as last quarter: please check")),) if row.played_back else ()),
        (lacks(has_fewer_words(layout.HAPPENED, row.words * OVER + 1)), say(f"Check: {row.words} words are enough")),
        (told, echo_words(layout.HAPPENED)),
        *(((has(layout.QUICK), echo_choice(layout.QUICK)),) if quick else ()),
        (ALWAYS, say(empty if row.required else OPTIONAL)),
    )


def rules_of_action() -> Rules:
    """An answer to what a board asked, or how it stands."""
    return (
        (both(lacks(tells(layout.ANSWER)), lacks(has(layout.STATUS))), say("Answer, or choose how it stands")),
        (ALWAYS, say(DONE)),
    )


def rules_of_question() -> Rules:
    """An answer beside a question, or another entry in the box that it is about."""
    return (
        (either(has(layout.ANSWER), has(layout.WORDS)), say(DONE)),
        (has(QUESTION), say(f"{DONE}: you changed the box")),
        (ALWAYS, say("Answer, or correct the box")),
    )


def rules_of_sign_off(row: layout.SignOffRow) -> Rules:
    """A line of the sign-off."""
    filled = (tells(layout.ENTRY) if row.required else has(layout.ENTRY), say(DONE))
    return (filled, (ALWAYS, say("Type your name" if row.required else OPTIONAL)))


# What the formulas of a form can come to --------------------------------------------------------------

_COUNTED = re.compile(rf"\d+ to do|Ready to send|{DONE}: \d+ words?|{SEE} {layout.QUESTIONS}, Q\d+")
_ECHOED = re.compile(rf"{DONE}: -?[\d.,]+(?: of [\d.,]+ \([\d.,]+%\))?")


def find_sayings(form: FormDefinition) -> Callable[[str], bool]:
    """What tells whether a text is one that the formulas of a form come to, beside whatever row."""
    fixed = {layout.same(saying.fixed) for rules in _list_rules(form) for _, saying in rules if saying.fixed}
    chosen = {layout.same(f"{DONE}: {words}") for words in (*layout.STATUS_MEANS, *layout.QUICK_MEANS)}
    units = {layout.same(unit) for row in form.figures for unit in (row.unit, agree_unit(row.unit, 1))} | {""}

    def can_say(text: str) -> bool:
        plain = " ".join(text.split())
        echoed = _ECHOED.match(plain)
        is_echo = echoed is not None and layout.same(plain[echoed.end() :].partition(", e.g.")[0]) in units
        return is_echo or bool(_COUNTED.fullmatch(plain)) or layout.same(plain) in fixed | chosen

    return can_say


def _list_rules(form: FormDefinition) -> Iterator[Rules]:
    yield from (rules_of_all(), rules_of_action(), rules_of_question())
    own = [row for row in form.figures if row.entry is Entry.VALUE]
    yield from (rules_of_own(replace(row, least_shared=_NOTHING, least_summed=_NOTHING)) for row in own)
    yield from (rules_of_own(row) for row in own)
    yield from (rules_of_police(r, has_all=a) for r in form.figures for a in (True, False) if r.entry is Entry.CONFIRM)
    yield from (rules_of_summary(row) for row in form.summary)
    yield from (rules_of_sign_off(row) for row in layout.SIGN_OFF_ROWS)
