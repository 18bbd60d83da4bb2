"""Colleagues who are not registered: their lead or chair is asked whose message it is, and says so in a reply.

The letter tells who wrote, when, and what the files are called; nothing of what is in them. Until the
answer nothing is taken and the colleague gets no answer. The co-ordinator may decide at any time instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from csp_workflow.intake.facts import IntakeFacts
from csp_workflow.intake.outcomes import approvals
from csp_workflow.intake.outcomes.outcome import about, event, judged
from csp_workflow.intake.sender import identify
from csp_workflow.intake.sender.authenticate import address_of, doubt, is_at
from csp_workflow.letters import answers
from csp_workflow.letters.answers import Colleague
from csp_workflow.mail.bodies import first_line
from csp_workflow.terms.decisions import Decision
from csp_workflow.terms.events import Happened
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import IncomingMessage, Verdict
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Contact, Respondent, Role
from csp_workflow.terms.working_days import london_day

_WORDS = {
    Happened.COLLEAGUE_CONFIRMED: {"confirm", "confirmed", "i confirm", "confirm please", "please confirm"},
    Happened.COLLEAGUE_REFUSED: {"reject", "rejected", "i reject", "reject please", "please reject"},
}
_MOST_FILES = 5
_LONGEST_NAME = 80


def asked(
    message: IncomingMessage, facts: IntakeFacts, respondent: Respondent, quarter: Quarter | None
) -> tuple[Letter, ...]:
    """Ask the lead (and the chair while no lead is there) whether a colleague's message is theirs.

    Nobody is asked about a message that also brings somebody else's form, nor beyond the day's automatic
    answers: the co-ordinator decides then.
    """
    if any(identify.of_form(form, message, facts).respondent != respondent for _, form in facts.forms()):
        return ()
    colleague = Colleague(
        name=_name(message),
        address=message.sender,
        wrote=message.received,
        files=tuple(attachment.name for attachment, _ in facts.opened)[:_MOST_FILES],
        has_form=any(True for _ in facts.forms()),
    )
    known = about(message, quarter, (respondent,))
    room = facts.site.limits.answers_a_day
    return tuple(
        answers.confirm_colleague(person, known, colleague)
        for person in _who_may_say(message, facts, respondent)
        if len(facts.answers_today.get(person.address.lower(), ())) < room
    )


def settled(message: IncomingMessage, facts: IntakeFacts, now: datetime) -> Decision | None:
    """What a lead or a chair says of a colleague's message. None for any other message, and for any other words.

    A yes is carried out by the step, which judges the colleague's message as the respondent's.
    """
    letter = facts.answered
    said = next((kind for kind, words in _WORDS.items() if _first_words(message) in words), None)
    if letter is None or letter.kind != answers.confirm_colleague.kind.name or said is None:
        return None
    respondent = next((r for r in facts.site.respondents if r.key in letter.respondents), None)
    if respondent is None or not _speaks(message, respondent, facts):
        return None
    theirs = letter.about[0].message
    quarters = [c.quarter for c in facts.cycles if theirs in c.stands(respondent.key).held_messages]
    if not quarters:
        why = "The colleague's message that it is about is settled already."
        return judged(message, Verdict.DUPLICATE, why, respondents=[respondent])
    is_yes = said is Happened.COLLEAGUE_CONFIRMED
    kinds = [(said, quarters[0]), *((Happened.MESSAGE_SETTLED, q) for q in quarters if not is_yes)]
    return judged(
        message,
        Verdict.COMMAND,
        f"It says that a colleague's message {'counts' if is_yes else 'does not count'} for {respondent.name}.",
        respondents=[respondent],
        events=[event(kind, message, now, quarter=q, respondent=respondent.key, subject=theirs) for kind, q in kinds],
    )


def _first_words(message: IncomingMessage) -> str:
    line = first_line(message.answer)
    return "" if "?" in line else approvals.plain(line)


def _speaks(message: IncomingMessage, respondent: Respondent, facts: IntakeFacts) -> bool:
    """Whether the sender is a lead or a chair, from an address that may be believed."""
    if doubt(message, facts.site):
        return False
    day = london_day(message.received)
    people = (*respondent.people(Role.LEAD, day), *respondent.people(Role.CHAIR, day))
    return any(is_at(c, address_of(message)) for c in people)


def _who_may_say(message: IncomingMessage, facts: IntakeFacts, respondent: Respondent) -> Iterator[Contact]:
    day = london_day(message.received)
    leads = facts.service.reached(respondent.people(Role.LEAD, day))
    is_there = any(not facts.service.away(lead, day) for lead in leads)
    chairs = () if is_there else facts.service.reached(respondent.people(Role.CHAIR, day))
    yield from {c.address.lower(): c for c in (*chairs, *leads)}.values()


def _name(message: IncomingMessage) -> str:
    """The name a colleague writes under; none that could be taken for a link or for an address."""
    name = message.sender_name
    return "" if any(mark in name for mark in ("@", "/", "www.")) else name[:_LONGEST_NAME]
