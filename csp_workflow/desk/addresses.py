"""The order about an address: ADDRESS OK."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.desk.commands import Command
from csp_workflow.desk.facts import CarriedOut, OrderFacts, Refused
from csp_workflow.desk.ordered import change, ordered
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Happened
from csp_workflow.terms.letters import LetterState
from csp_workflow.terms.phrases import joined


def ok(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Write to an address again. Refused when nothing keeps letters from it."""
    marked = facts.service.undeliverable
    if command.address not in marked:
        others = f" No letter goes to {joined(sorted(marked))}." if marked else ""
        raise Refused(f"Nothing keeps letters from {command.address}.{others}")
    event = change(Happened.ADDRESS_RESTORED, facts, now, subject=command.address)
    return CarriedOut(
        sentences=(f"Letters go to {command.address} again.", *_what_follows(command.address, facts, now)),
        decision=ordered(command, facts, now, event),
    )


def _what_follows(address: str, facts: OrderFacts, now: datetime) -> tuple[str, ...]:
    if not facts.site.registered(address, london_day(now)):
        return ("It stands in the configuration for nobody, though, so nothing is written to it.",)
    waited = [x for x in facts.letters if x.recipient.lower() == address and x.state is LetterState.QUEUED]
    return ("What waited for it goes out." if waited else "The next letter that is due goes there.",)
