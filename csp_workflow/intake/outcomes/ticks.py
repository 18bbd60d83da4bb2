"""Nil or declined by an explicit tick on the sign-off sheet: recorded where nothing else on the form speaks against it.

Whatever a person put on the form beside the tick is asked about first, and so is a tick against a return that was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from csp_workflow.forms import layout
from csp_workflow.intake.checks.check_form import reports_something
from csp_workflow.intake.checks.findings import say_seen
from csp_workflow.intake.checks.unrecorded import tell_beside
from csp_workflow.intake.outcomes.acts import tell_of_excuse
from csp_workflow.intake.outcomes.beside import doubts_tick
from csp_workflow.intake.outcomes.one_return import ReturnCase, ReturnOutcome
from csp_workflow.intake.outcomes.places import list_cells
from csp_workflow.letters import answers
from csp_workflow.letters.answers import KnownReturn
from csp_workflow.mail.words import plain_words, reserves
from csp_workflow.terms.events import Happened
from csp_workflow.terms.messages import Verdict, short_id
from csp_workflow.terms.personal import keep_back_lines
from csp_workflow.terms.returns import Submission

_MOST = 6
_SIGNED = frozenset(map(layout.same, (layout.COMPLETED_BY, layout.POSITION, layout.DATE, layout.REASON)))
_TICKS = frozenset(map(layout.same, (layout.NIL, layout.DECLINE)))
_NOTHING = frozenset(
    plain_words(said)
    for said in ("0", "nil", "none", "zero", "n/a", "na", "final", "nil return", "not applicable", "nothing new")
) | {*map(plain_words, layout.CONFIRM_CHOICES), ""}
"""What goes with nothing to report, in any box, or is told with its reason."""


def record_tick(one: ReturnCase, latest: Submission | None) -> ReturnOutcome:
    """What comes of a form that is ticked as nil or as declined; `latest` is the version that stands."""
    kind, verdict, what, write = (
        (Happened.NIL, Verdict.NIL, "a nil return", answers.nil_recorded)
        if one.checked.nil
        else (Happened.DECLINED, Verdict.DECLINED, "a declined return", answers.declined_recorded)
    )
    name, reason, beside = one.respondent.name, one.checked.reason, tuple(_list_beside(one))
    if latest and _is_overturned(one, latest):
        return _hold_against(one, latest, what)
    if not (beside or one.cycle.allows(one.respondent.key, kind)):
        known = KnownReturn(name=name, what=what, received=None)
        return ReturnOutcome(
            verdict=Verdict.DUPLICATE,
            reason=f"{name} sent {what} that is recorded already.",
            letters=one.write_to_each(lambda c, a: answers.already_have_it(c, known, a)),
        )
    if beside or doubts_tick(one.case, one.respondent, one.cycle.quarter, is_nil=one.checked.nil):
        phrase = (one.case.site.nil_phrases if one.checked.nil else one.case.site.decline_phrases)[0].upper()
        more = f"; and {len(beside) - _MOST} more" if len(beside) > _MOST else ""
        said = f"{'; '.join(beside[:_MOST])}{more}"
        return ReturnOutcome(
            verdict=Verdict.QUESTION,
            reason=f"{name} ticked {what} and wrote more, so nothing was recorded. {said}".strip(),
            letters=one.write_to_each(lambda c, a: answers.act_held(c, a, act=what, phrase=phrase)),
        )
    return ReturnOutcome(
        verdict=verdict,
        reason=f"{name} ticked {what} on the form.",
        events=(one.event(kind, reason=reason[:200]),),
        letters=tuple(
            tell_of_excuse(one.case, one.respondent, one.cycle.quarter, partial(write, reason=keep_back_lines(reason)))
        ),
    )


def _is_overturned(one: ReturnCase, latest: Submission) -> bool:
    """Whether the tick would take the place of a return that was made, without the co-ordinator's word."""
    is_made = one.cycle.stands(one.respondent.key).state.is_made
    return is_made and one.case.facts.assignment is None and reports_something(latest)


def _hold_against(one: ReturnCase, latest: Submission, what: str) -> ReturnOutcome:
    """A tick on a form that is else empty: what is left blank changes nothing, whoever sends it."""
    name, short = one.respondent.name, short_id(one.case.message.id)
    return ReturnOutcome(
        verdict=Verdict.HELD,
        reason=f"It ticks {what} for {name}, but version {latest.sequence} of its return holds figures or words and "
        f"still stands. ASSIGN {short} TO {one.respondent.code} records the tick in its place.",
        events=one.wait_for_a_person(),
        letters=one.write_to_each(answers.question_received),
    )


def _list_beside(one: ReturnCase) -> Iterator[str]:
    """Whatever stands on the form beside the tick and says more than that, by sheet and cell."""
    seen, form, lists = one.checked.seen, one.request.form, one.case.site.courtesies
    usual = _NOTHING | {plain_words(phrase) for phrase in one.case.site.nil_phrases}
    for (key, _), cell in list_cells(form, seen.read):
        is_more = cell.struck or plain_words(cell.text) not in usual
        if layout.same(key) not in _TICKS and (reserves(cell.text, lists) if layout.same(key) in _SIGNED else is_more):
            yield say_seen(cell, key)
    yield from (f"{f.sheet}, {f.cell}: {f.found}" for f in seen.unsure)
    yield from (f"{key} is disputed: {words}" for _, key, words in one.checked.parts.disputes)
    yield from tell_beside(replace(seen.beside, colours=()), ours=one.case.site.office.particulars).unrecorded
