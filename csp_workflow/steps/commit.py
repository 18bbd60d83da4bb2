"""Committing a decision: letters are frozen to bytes and kept, then everything is stored at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from csp_workflow.letters import render, subjects
from csp_workflow.letters.catalogue import first_letters, kind_of
from csp_workflow.mail.compose import compose_message, derive_message_id
from csp_workflow.steps.outside import Outside
from csp_workflow.store import Frozen
from csp_workflow.terms.events import Decision
from csp_workflow.terms.letters import Letter, QueuedLetter


def commit(outside: Outside, decision: Decision, now: datetime, *, since: int | None = None) -> bool:
    """Commit a decision in one transaction, with its letters frozen. False when it was a repeat.

    `since` is the store's mark at which its facts were gathered: when something has happened after
    it, nothing is committed and the next beat decides anew.

    A letter whose (kind, cause, recipient) is already known is not frozen again: its first bytes
    stand. Files are kept before rows, so every row has its file.
    """
    if not decision:
        return False
    known = outside.store.known_letters((x.kind, x.cause, x.recipient) for x in decision.letters)
    frozen = [
        (letter, freeze(outside, letter, now))
        for letter in decision.letters
        if (letter.kind, letter.cause, letter.recipient) not in known
    ]
    outside.reached("commit:before")
    done = outside.store.commit(decision, letters=frozen, at=now, since=since)
    outside.reached("commit:after")
    return done


def freeze(outside: Outside, letter: Letter, now: datetime) -> Frozen:
    """Render and compose a letter once, for good: bytes, Message-ID and Date never change again."""
    office = outside.site.office
    rendered = render.render(
        letter,
        office,
        environment=outside.templates(),
        key=outside.key,
        marking=outside.site.marking,
        illustrative=outside.site.illustrative,
    )
    begun = _beginning(outside, letter)
    called = subjects.topic(letter.topic or (begun.subject if begun else ""))
    if called:
        end = subjects.tag(letter.quarter, letter.facts.get("codes", ()), key=outside.key)
        rendered = replace(rendered, subject=subjects.going_on(called, end, marking=outside.site.marking))
    message_id = derive_message_id(letter.kind, letter.cause, letter.recipient, key=outside.key, domain=outside.domain)
    thread = (begun.message_id,) if begun else ()
    message = render.address_letter(letter, rendered, office=office, message_id=message_id, date=now, thread=thread)
    content = compose_message(message)
    return Frozen(content=outside.archive.keep(content), message_id=message_id, subject=rendered.subject)


def _beginning(outside: Outside, letter: Letter) -> QueuedLetter | None:
    """The letter that began the conversation which this one goes on with."""
    conversation = kind_of(letter.kind).continues
    if conversation is None or letter.quarter is None:
        return None
    kinds = first_letters(conversation)
    return outside.store.first_to(letter.recipient, letter.quarter, kinds=kinds, respondents=letter.respondents)
