"""A chair's yes: a listed phrase alone on the first line, in reply to our letter, from the chair's own address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from csp_workflow.intake.facts import CycleFacts, IntakeFacts
from csp_workflow.intake.outcomes.outcome import about, event, judged
from csp_workflow.intake.sender.authenticate import address_of, doubt, is_at
from csp_workflow.letters import answers
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.kinds import Ground
from csp_workflow.mail.bodies import first_line
from csp_workflow.terms.decisions import Decision
from csp_workflow.terms.events import Happened
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import IncomingMessage, Verdict
from csp_workflow.terms.respondents import Contact, Respondent, Role
from csp_workflow.terms.returns import ReturnState, Submission
from csp_workflow.terms.working_days import london_day


def answers_an_approval(facts: IntakeFacts) -> bool:
    """Whether a message replies to a letter that asked for approval."""
    return facts.answered is not None and kind_of(facts.answered.kind).ground is Ground.APPROVAL_MISSING


def approve(message: IncomingMessage, facts: IntakeFacts, now: datetime, mine: Sequence[Respondent]) -> Decision | None:
    """Approve exactly the submission that was asked about. None when the reply is anything but a plain yes."""
    letter = facts.answered
    respondent = next((r for r in mine if letter and r.key in letter.respondents), None)
    if letter is None or respondent is None or not says_yes(message.answer, facts.site.approval_phrases):
        return None
    cycle = facts.cycle(letter.quarter)
    chair = _chair(message, respondent, facts)
    latest = cycle.latest.get(respondent.key) if cycle else None
    asked = letter.about[0].submission if len(letter.about) == 1 else ""
    if cycle is None or not cycle.takes_returns or chair is None or latest is None or not asked:
        return None
    if letter.recipient.lower() != chair.address.lower():
        return None
    if asked != latest.id:
        return _out_of_date(message, respondent, chair, latest, asked)
    return _recorded(message, now, respondent, chair, cycle, latest)


def says_yes(answer: str, phrases: Sequence[str]) -> bool:
    """Whether the first line is one of the phrases and no more; "approved subject to ..." and "Approved?" are not."""
    line = first_line(answer)
    return "?" not in line and plain(line) in {plain(phrase) for phrase in phrases}


def plain(line: str) -> str:
    """Words in small letters with single spaces and without punctuation."""
    return re.sub(r"[\W_]+", " ", line).strip().casefold()


def _recorded(
    message: IncomingMessage,
    now: datetime,
    respondent: Respondent,
    chair: Contact,
    cycle: CycleFacts,
    latest: Submission,
) -> Decision | None:
    stands = cycle.stands(respondent.key)
    if stands.approved == latest.id:
        return judged(message, Verdict.DUPLICATE, "That version is approved already.", respondents=[respondent])
    if stands.state is not ReturnState.COMPLETE:
        return None
    approved = event(
        Happened.APPROVED,
        message,
        now,
        quarter=cycle.quarter,
        respondent=respondent.key,
        subject=latest.id,
        content=latest.content,
    )
    return judged(
        message,
        Verdict.APPROVAL,
        f"The chair approved version {latest.sequence} of {respondent.name}'s return.",
        respondents=[respondent],
        events=[approved],
        letters=_told(message, respondent, chair, latest),
    )


def _told(message: IncomingMessage, respondent: Respondent, chair: Contact, latest: Submission) -> tuple[Letter, ...]:
    """The chair is thanked; each lead is told."""
    leads = respondent.people(Role.LEAD, london_day(message.received))
    known = about(message, latest.quarter, [respondent], chair.address)
    others = [c for c in leads if c.address.lower() != chair.address.lower()]
    copies = about(message, latest.quarter, [respondent])
    seen = {"submission": latest.id, "version": latest.sequence, "at": message.received}
    return (
        answers.approval_recorded(chair, known, **seen),  # type: ignore[arg-type]
        *(answers.approval_noted(c, copies, chair=chair.name, **seen) for c in others),  # type: ignore[arg-type]
    )


def _out_of_date(
    message: IncomingMessage, respondent: Respondent, chair: Contact, latest: Submission, asked: str
) -> Decision:
    version = int(asked.rpartition("/")[2]) if asked.rpartition("/")[2].isdigit() else 0
    letter = answers.approval_out_of_date(
        chair,
        about(message, latest.quarter, [respondent], chair.address),
        version=version,
        current=latest.sequence,
        received=latest.received,
        is_complete=latest.is_complete,
    )
    reason = f"The chair approved version {version}, which version {latest.sequence} has replaced; nothing is recorded."
    return judged(message, Verdict.APPROVAL, reason, respondents=[respondent], letters=[letter])


def _chair(message: IncomingMessage, respondent: Respondent, facts: IntakeFacts) -> Contact | None:
    """The chair who writes. No word of anybody else's, the co-ordinator's included, makes up for a proof."""
    if doubt(message, facts.site):
        return None
    chairs = respondent.people(Role.CHAIR, london_day(message.received))
    return next((c for c in chairs if is_at(c, address_of(message))), None)
