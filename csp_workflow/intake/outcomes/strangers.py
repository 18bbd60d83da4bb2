"""Messages that nothing ties to a respondent: a stranger's is set aside, and nobody is told anything."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.intake.facts import IntakeFacts
from csp_workflow.intake.outcomes import refusals
from csp_workflow.intake.outcomes.outcome import judged
from csp_workflow.intake.sender.authenticate import address_of, doubt, is_colleague, is_office
from csp_workflow.terms.decisions import Decision
from csp_workflow.terms.messages import IncomingMessage, Verdict
from csp_workflow.terms.working_days import london_day

_NOT_CARRIED_OUT = (
    "Nothing in it was carried out. If you wrote it, please give the order with the program csp-workflow, and have "
    "the [trust] table of config/service.toml looked at."
)


def decided(message: IncomingMessage, facts: IntakeFacts, now: datetime, reason: str) -> Decision:
    """Hold what comes from our office or from an organisation we know; set everything else aside."""
    known = _known_to_us(message, facts)
    if known:
        return refusals.held(message, facts, now, respondents=(), quarter=None, reason=f"{reason} {known}")
    return judged(message, Verdict.QUARANTINED, reason)


def _known_to_us(message: IncomingMessage, facts: IntakeFacts) -> str:
    """What a person may know the sender by, in a sentence; "" for a stranger."""
    address, day = address_of(message), london_day(message.received)
    doubted = doubt(message, facts.site)
    if is_office(address, facts.site.office):
        return f"It says that it comes from our own office. {_NOT_CARRIED_OUT}" if doubted else "Our office sent it."
    theirs = [r.name for r in facts.site.serving(day) if is_colleague(address, r, day)]
    if doubted or not theirs:
        return ""
    return f"Its sender writes from the organisation of the contacts of {' and '.join(theirs)}."
