"""A message that may hold bank details: it is quarantined whole, before anything in it is read, and never acted on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from csp_workflow.intake.case import MessageCase
from csp_workflow.intake.outcomes.passing import pass_on_topics
from csp_workflow.intake.sender import identify_message
from csp_workflow.letters.topics import bank_details_held
from csp_workflow.terms.bank_details import BANK_DETAILS, has_bank_details
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.site import Contact, Respondent

_REASON = (
    "It may hold bank details or say that they have changed, so nothing in it was read or recorded, and none of it is "
    "repeated here. It is in the mailbox, in the folder Quarantine. If somebody's account has changed, finance "
    "confirms that by a phone number that was known before."
)


def has_bank_details_in(case: MessageCase) -> bool:
    """Whether any part of a message, or a file that was opened, may hold bank details."""
    is_in_files = any(found.reason == BANK_DETAILS for _, found in case.facts.unreadable())
    return is_in_files or any(map(has_bank_details, _list_texts(case)))


def _list_texts(case: MessageCase) -> Iterator[str]:
    message = case.message
    yield from (message.text, message.html_text, *message.enclosed_texts, message.subject, message.sender_name)
    yield from (*message.rows, *message.inside)
    yield from (attachment.name for attachment in message.attachments)
    yield from (attachment.name for attachment, _ in case.facts.opened)


def hold_bank_details(case: MessageCase, *, is_human: bool) -> Decision:
    """Quarantine it for the co-ordinator; a person whose address is known is told once, in words that repeat nothing.

    What else it may be about is noted, so that she passes it on: a child's safety waits for nobody.
    """
    whose = identify_message(case)
    events = case.wait_for_a_person(Happened.MESSAGE_HELD, whose.respondents, whose.quarter, why=BANK_DETAILS)
    mine = case.registered_for if is_human and not case.doubt else ()
    people = case.correspondents(mine[0])[:1] if mine else ()
    letters = tuple(_tell(case, mine, person) for person in people)
    held = case.conclude(Verdict.QUARANTINED, _REASON, respondents=whose.respondents, events=events, letters=letters)
    return replace(held, events=(*held.events, *_note_topics(case))) if is_human else held


def _note_topics(case: MessageCase) -> Iterator[Event]:
    for event in pass_on_topics(case, Decision()).events:
        yield replace(event, facts={**event.facts, "passed": False})


def _tell(case: MessageCase, mine: Sequence[Respondent], person: Contact) -> Letter:
    return bank_details_held(person, case.refer(None, mine, person.address), received=case.message.received)
