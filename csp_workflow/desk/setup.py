"""SETUP, which brings the co-ordinator's workbook; what a file of hers would change; APPLY, which takes it as told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from csp_workflow.desk.commands import Command
from csp_workflow.desk.facts import CarriedOut, OrderFacts, Refused, StepOrder, keep_order
from csp_workflow.desk.verbs import Verb
from csp_workflow.letters.setup import file_told, name_file_told, setup_workbook
from csp_workflow.terms.events import NOTHING, Decision, Event, Happened
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.offers import Brings, Offer
from csp_workflow.terms.site import Contact

FILE_KIND = file_told.kind.name
_HOLDS = {
    Brings.SETUP: "What {} says holds from now on. Letters that have not left yet follow it.",
    Brings.FIGURES: "The figures of {} are taken. What shows them follows, as after any other file of figures.",
}


def order_setup(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Bring the set-up as a workbook; the step writes it."""
    return CarriedOut(
        sentences=("The set-up comes as a workbook in a letter of its own. Send it back with your changes.",),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="setup", quarter=None),
    )


def apply_file(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take a file as it was told; the step sees whether the same would still follow."""
    offer = _find_offer(command, facts)
    return CarriedOut(
        sentences=(_HOLDS[offer.brings].format(offer.name),),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="apply", quarter=None, code=offer.code),
    )


def _find_offer(command: Command, facts: OrderFacts) -> Offer:
    """The file that the order names, else that of the letter answered."""
    offers = facts.service.offered.offers
    told, answered = {}, facts.answered
    if answered and answered.kind == FILE_KIND:
        told = {name_file_told(one.message, code): offer for one in answered.about for code, offer in offers.items()}
    found = offers.get(command.text) if command.text else told.get(answered.cause if answered else "")
    if found is None:
        raise Refused("No file of that word waits. The letter that tells what a file would change names its word.")
    return found


@dataclass(frozen=True, kw_only=True)
class LookedAt:
    """What a file would change, in words, and why it cannot, or what of it is not taken; and what APPLY commits.

    `decision` is nothing where the file cannot be taken.
    """

    brings: Brings
    changes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    decision: Decision = NOTHING


def send_workbook(to: Contact, file: Attachment, mark: str, now: datetime, *, by: str) -> Decision:
    """Bring the co-ordinator her workbook; `mark` is under what its rows were kept."""
    event = Event(kind=Happened.SETUP_SENT_OUT, at=now, by=by, facts={"content": mark})
    return Decision(events=(event,), letters=(setup_workbook(to, file, cause=f"{now.isoformat()}:{mark[:8]}"),))


def tell_file(
    to: Contact, offer: Offer, looked: LookedAt, now: datetime, *, by: str, message: str, thread: str
) -> Decision:
    """Tell her what a file of a message (its identity, and its Message-ID) would change; it is on offer from now on."""
    can_be_taken = bool(looked.decision)
    letter = file_told(
        to,
        offer.name,
        code=offer.code if can_be_taken else "",
        changes=looked.changes if can_be_taken else (),
        faults=looked.faults,
        message=message,
        told_as=offer.code,
        answers=thread,
    )
    return Decision(events=(note_offer(offer, now, by=by),) if can_be_taken else (), letters=(letter,))


def note_offer(offer: Offer, now: datetime, *, by: str) -> Event:
    """That a file is on offer from now on."""
    facts = {"content": offer.content, "name": offer.name, "brings": offer.brings.value, "mark": offer.mark}
    return Event(kind=Happened.FILE_OFFERED, at=now, by=by, facts=facts)


SETUP_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.SETUP: order_setup,
    Verb.APPLY: apply_file,
}
