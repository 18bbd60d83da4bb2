"""A return that ends or changes what stands.

Nil or declined by an explicit tick on the sign-off sheet is recorded where nothing else on the form speaks against it.
Whatever a person put on the form beside the tick is asked about first, and so is a tick against a return that was made.
A correction after the close is a revision of what was accepted, with a reason, that waits for the co-ordinator's yes:
her yes is ASSIGN, as for every form that waits; the reason stands beside the form, or is asked for by one letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from csp_workflow.forms import layout
from csp_workflow.forms.still_to_do import EXPLAINED
from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.checks.check_form import reports_something
from csp_workflow.intake.checks.findings import say_seen
from csp_workflow.intake.checks.unrecorded import tell_beside
from csp_workflow.intake.outcomes.acts import tell_of_excuse
from csp_workflow.intake.outcomes.beside import doubts_tick, find_words_beside
from csp_workflow.intake.outcomes.holding import offer_orders, pass_on_question
from csp_workflow.intake.outcomes.laying import say_changes
from csp_workflow.intake.outcomes.merging import list_cells
from csp_workflow.intake.outcomes.one_return import ReturnCase, ReturnOutcome
from csp_workflow.letters import answers
from csp_workflow.letters.answers import KnownReturn
from csp_workflow.mail.words import plain_words, reserves
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Event, Happened, together
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.messages import Verdict, short_id
from csp_workflow.terms.personal import keep_back_lines
from csp_workflow.terms.returns import ReturnState, Submission
from csp_workflow.terms.site import Respondent, RespondentKind

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


REVISION = "revision after the close"
"""Why a message is held that corrects what was accepted; it stands in stored events."""

_ACCEPTED = {ReturnState.COMPLETE, ReturnState.APPROVED}


def revises_accepted(one: ReturnCase, latest: Submission) -> bool:
    """Whether a form changes figures of a return that was accepted, after the close. The force's own extract may."""
    is_accepted = one.cycle.stands(one.respondent.key).state in _ACCEPTED
    is_late = one.case.message.received > one.cycle.close_time(one.respondent)
    is_ours = one.case.facts.assignment is not None or one.respondent.kind is RespondentKind.ANALYST
    return is_accepted and is_late and not is_ours and bool(_list_revised(one, latest))


def _list_revised(one: ReturnCase, latest: Submission) -> list[Figure]:
    stood = {(f.series, f.area): _say_value(f) for f in latest.figures}
    now = {(f.series, f.area): f for f in one.settled.checked.parts.figures}
    gone = [f for f in latest.figures if (f.series, f.area) not in now]
    return [f for place, f in now.items() if _say_value(f) != stood.get(place)] + gone


def _say_value(figure: Figure) -> tuple[object, ...]:
    return figure.value, figure.status, figure.count, figure.base


def hold_revision(one: ReturnCase, latest: Submission, submission: Submission) -> ReturnOutcome:
    """The form is kept for her, and its sender learns that; why is asked for where nothing beside it says so."""
    case, respondent, close = one.case, one.respondent, one.cycle.close_time(one.respondent)
    changes = tuple(say_changes(latest, submission, one.request.form, respondent))
    why = keep_back_lines(_find_reason(one, latest), ours=case.site.office.particulars)
    short = short_id(case.message.id)
    given = f"The reason given: {' '.join(why.split())}" if why else "No reason was given; its sender was asked for it."
    return ReturnOutcome(
        verdict=Verdict.HELD,
        reason=f"It corrects the accepted return of {respondent.name} after the close. {' '.join(changes)} {given} "
        f"ASSIGN {short} TO {respondent.code} takes it; until then the return stands as it was.",
        events=one.wait_for_a_person(why=REVISION),
        letters=one.write_to_each(lambda c, a: answers.revision_held(c, a, close=close, changes=changes, why=why)),
    )


def _find_reason(one: ReturnCase, latest: Submission) -> str:
    """What stands beside the form, else beside the figures that changed, where each has a note of its own."""
    beside = find_words_beside(one.case, (one.respondent,))
    if len(beside.split()) >= EXPLAINED:
        return beside
    noted = {(f.series, f.area): f.note for f in latest.figures}
    notes = [f.note.strip() for f in _list_revised(one, latest)]
    is_new = all(note and note not in noted.values() for note in notes)
    return "; ".join(dict.fromkeys(notes)) if is_new else ""


# The reason, where it comes in a letter of its own ----------------------------------------------------


def explain_revision(case: MessageCase, mine: Sequence[Respondent], quarter: Quarter | None) -> Decision | None:
    """Why a correction was made, in answer to our letter that asked; it goes before the co-ordinator too."""
    letter, said = case.facts.answered, "\n".join(case.message.matter)
    if letter is None or letter.kind != answers.revision_held.kind.name or not said or case.message.attachments:
        return None
    held = {about.message for about in letter.about}
    events = [
        case.event(Happened.REVISION_EXPLAINED, quarter=cycle.quarter, respondent=r.key, subject=message, words=said)
        for r in mine
        if (cycle := case.facts.cycle(letter.quarter))
        for message in cycle.stands(r.key).held_messages
        if message in held
    ]
    if not events:
        return None
    codes = {r.key: r.code for r in mine}
    offered = tuple(
        (
            f"ASSIGN {short_id(e.subject)} TO {codes[e.respondent]}",
            "The correction that they give the reason for waits.",
        )
        for e in events
    )
    told = offer_orders(pass_on_question(case, mine, quarter), offered)
    return together(told, Decision(events=tuple(events)))


def find_later_reason(cycle: CycleFacts, message: str) -> str:
    """The reason for a correction that came after it; "" for none."""
    mine: list[Event] = [e for e in cycle.events if e.kind is Happened.REVISION_EXPLAINED and e.subject == message]
    return str(mine[-1].facts["words"]) if mine else ""
