"""SETUP, which brings the co-ordinator's workbook; what a file of hers would change; APPLY, which takes it as told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from csp_workflow.desk.commands import Command, Verb
from csp_workflow.desk.facts import CarriedOut, OrderFacts, Refused, StepOrder, keep_order
from csp_workflow.letters.contacts import confirm_address
from csp_workflow.letters.office import file_told, name_file_told, setup_workbook
from csp_workflow.terms.events import NOTHING, Decision, Event, Happened
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.service_status import Brings, Offer
from csp_workflow.terms.site import Contact, Office, Respondent, plain_address

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


@dataclass(frozen=True, kw_only=True)
class NewAddress:
    """A contact whom the set-up names at an address to which nothing of a respondent's goes yet.

    `replaces` is in whose place, as they stand now; `was` the address of the same row before it began, "" for none.
    """

    respondent: Respondent
    contact: Contact
    replaces: Contact | None
    was: str = ""


def ask_new_addresses(new: Sequence[NewAddress], office: Office, word: str, now: datetime, *, by: str) -> Decision:
    """Ask at each new address whether it is right, as after CONTACT: until then it holds no role and gets nothing else.

    `word` confirms it.
    """
    named_by = next((person.name for person in office.people if person.is_at(by)), office.co_ordinator.name)
    events: list[Event] = []
    for one in new:
        note = partial(Event, at=now, by=by, respondent=one.respondent.key)
        if one.was:
            events.append(note(kind=Happened.CONTACT_WITHDRAWN, subject=one.was))
        events.append(note(kind=Happened.CONTACT_NAMED, subject=one.contact.address, facts=_note_named(one)))
    letters = tuple(confirm_address(one.contact, one.respondent, named_by=named_by, word=word, at=now) for one in new)
    return Decision(events=tuple(events), letters=letters)


def _note_named(one: NewAddress) -> dict[str, str | int | bool | None]:
    contact, before = one.contact, one.replaces
    return {
        "role": contact.role.value,
        "name": contact.name,
        "since": contact.valid_from.isoformat(),
        "until": "" if contact.valid_to == date.max else contact.valid_to.isoformat(),
        "replaces": plain_address(before.address) if before else "",
        "known": False,
        "set_up": True,
        "kept": "" if before is None or before.valid_to == date.max else before.valid_to.isoformat(),
    }


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
