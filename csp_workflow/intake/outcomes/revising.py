"""A correction after the close: a revision of what was accepted, with a reason, that waits for the co-ordinator's yes.

Her yes is ASSIGN, as for every form that waits; the reason stands beside the form, or is asked for by one letter.
"""

from __future__ import annotations

from collections.abc import Sequence

from csp_workflow.forms.still_to_do import EXPLAINED
from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.outcomes.beside import find_words_beside
from csp_workflow.intake.outcomes.holding import offer_orders, pass_on_question
from csp_workflow.intake.outcomes.laying import say_changes
from csp_workflow.intake.outcomes.one_return import ReturnCase, ReturnOutcome
from csp_workflow.letters import answers
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Event, Happened, together
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.messages import Verdict, short_id
from csp_workflow.terms.personal import keep_back_lines
from csp_workflow.terms.returns import ReturnState, Submission
from csp_workflow.terms.site import Respondent, RespondentKind

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
