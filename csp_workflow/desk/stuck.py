"""RESEND, FOUND and WITHDRAW: what becomes of a letter that failed, is held, lies in Drafts, or may not have left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from csp_workflow.desk.commands import Command, Verb
from csp_workflow.desk.facts import CarriedOut, OrderFacts, Refused, StepOrder, keep_order
from csp_workflow.terms.letters import LETTER_MOVES, LetterState, QueuedLetter
from csp_workflow.terms.mailboxes import Mode
from csp_workflow.terms.messages import short_id

BECOMES = {
    Verb.RESEND: (LetterState.QUEUED, "again", "goes again, the same letter, when its address and the hour allow"),
    Verb.FOUND: (LetterState.SENT, "sent", "is noted as sent"),
    Verb.WITHDRAW: (LetterState.WITHDRAWN, "withdrawn", "is withdrawn and does not go"),
}
"""Each order's new state, what the step calls it, and what is said."""

_DRAFTED_AGAIN = "is put into Drafts again as it was written, in a quarter of an hour or when its hour comes"


def settle_letter(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Settle one letter that is stuck; the step moves it."""
    letter = _find_stuck(command, facts)
    state, found, said = BECOMES[command.verb]
    if state not in LETTER_MOVES[letter.state]:
        raise Refused(f"Letter {short_id(letter.id)} is {letter.state}, so {command.verb} cannot settle it.")
    if command.verb is Verb.RESEND and letter.drafted and facts.site.mode is Mode.DRAFTS:
        said = _DRAFTED_AGAIN
    return CarriedOut(
        sentences=(f"Letter {short_id(letter.id)} to {letter.recipient} {said}.",),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="stuck letter", quarter=None, letter=letter.id, reason=found),
    )


def _find_stuck(command: Command, facts: OrderFacts) -> QueuedLetter:
    found = [x for x in facts.stuck if x.id.startswith(command.letter.lower())]
    if len(found) == 1:
        return found[0]
    waiting = ", ".join(short_id(x.id) for x in facts.stuck) or "none"
    which = "No such letter begins" if not found else "More than one such letter begins"
    raise Refused(f"{which} with '{command.letter}'. Stuck, or in Drafts: {waiting}.")


STUCK_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = dict.fromkeys(BECOMES, settle_letter)
