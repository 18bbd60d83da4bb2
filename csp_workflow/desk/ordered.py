"""The events an order leaves: what it changes, and that it was ordered and by whom."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.desk.commands import Command
from csp_workflow.desk.facts import OrderFacts
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.letters import Letter


def ordered(
    command: Command,
    facts: OrderFacts,
    now: datetime,
    *changes: Event,
    respondent: str = "",
    letters: tuple[Letter, ...] = (),
) -> Decision:
    """The changes with the order that made them. The order itself is kept without its reason, which is narrative."""
    kept = Event(
        kind=Happened.COMMANDED,
        at=now,
        by=facts.by,
        quarter=facts.status.quarter if facts.status and respondent in (*facts.status.returns, "") else None,
        respondent=respondent,
        subject=facts.message,
        facts={"command": command.verb.value},
    )
    return Decision(events=(*changes, kept), letters=letters)


def change(
    kind: Happened,
    facts: OrderFacts,
    now: datetime,
    *,
    quarter: Quarter | None = None,
    respondent: str = "",
    subject: str = "",
    **about: str | int | bool | None,
) -> Event:
    """One change by order. Without `quarter` it concerns the service."""
    return Event(kind=kind, at=now, by=facts.by, quarter=quarter, respondent=respondent, subject=subject, facts=about)
