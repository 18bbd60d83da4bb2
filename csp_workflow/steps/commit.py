"""Committing a decision: letters are frozen to bytes and kept, then everything is stored at once.

Every commit carries the store's mark at which its facts were gathered. When something has happened after it,
nothing is stored, and the decision is made again on the facts as they are then.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from csp_workflow.letters import catalogue
from csp_workflow.letters.catalogue import first_letters, kind_of
from csp_workflow.mail.compose import compose_message, derive_message_id
from csp_workflow.steps.outside import Outside
from csp_workflow.store import Frozen
from csp_workflow.terms.events import Decision, Letter, QueuedLetter
from csp_workflow.terms.service import StoreBusy

T = TypeVar("T")

_TRIES = 3
"""How often one thing is decided on at once, while other decisions are stored in between."""


def look_when_more(outside: Outside, name: str, news: str, look: Callable[[], object]) -> None:
    """Look, unless no more has happened (`news`) than at the last look, which a stamp keeps: to look takes long."""
    if outside.store.stamp(name) != news:
        look()
        outside.store.set_stamp(name, news)


def commit_current(outside: Outside, decide: Callable[[], Decision], now: datetime) -> Decision:
    """Commit what `decide` makes of the facts as they are, and return it. Raises StoreBusy when none stand for long.

    `decide` gathers its facts afresh at each call, and is called again when something happened meanwhile.
    """

    def attempt(mark: int) -> Decision | None:
        decision = decide()
        return decision if commit_at(outside, decision, now, mark) else None

    return try_until_current(outside, attempt)


def try_until_current(outside: Outside, attempt: Callable[[int], T | None]) -> T:
    """What an attempt returns once it was not overtaken (None). It is told the mark. Raises StoreBusy."""
    with nullcontext() if outside.alone else outside.store.sole_decider():
        for _ in range(_TRIES):
            done = attempt(outside.store.mark())
            if done is not None:
                return done
    raise StoreBusy("Other decisions were stored again and again while this one was made.")


def commit_at(outside: Outside, decision: Decision, now: datetime, mark: int) -> bool:
    """Commit a decision on the facts at a mark. False when something happened after it; a repeat does no harm.

    Nothing to store is right whatever happened: the next beat decides again.
    """
    return not decision or commit(outside, decision, now, since=mark) or outside.store.mark() == mark


def commit(outside: Outside, decision: Decision, now: datetime, *, since: int) -> bool:
    """Commit a decision in one transaction, with its letters frozen. False when it was a repeat or was overtaken.

    `since` is the store's mark at which its facts were gathered.

    A letter whose (kind, cause, recipient) is already known is not frozen again: its first bytes
    stand. Files are kept before rows, so every row has its file.
    """
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
    site = outside.configured
    office = site.office
    begun = _beginning(outside, letter)
    rendered = catalogue.render(
        letter,
        office,
        environment=outside.templates(),
        key=outside.key,
        marking=site.marking,
        illustrative=site.illustrative,
        conversation=letter.topic,
    )
    message_id = derive_message_id(letter.kind, letter.cause, letter.recipient, key=outside.key, domain=outside.domain)
    thread = (begun.message_id,) if begun else ()
    message = catalogue.address_letter(letter, rendered, office=office, message_id=message_id, date=now, thread=thread)
    content = compose_message(message)
    return Frozen(content=outside.archive.keep(content), message_id=message_id, subject=rendered.subject)


def _beginning(outside: Outside, letter: Letter) -> QueuedLetter | None:
    """The letter that began the conversation which this one goes on with."""
    conversation = kind_of(letter.kind).continues
    if conversation is None or letter.quarter is None:
        return None
    kinds = first_letters(conversation)
    return outside.store.first_to(letter.recipient, letter.quarter, kinds=kinds, respondents=letter.respondents)


def keep_workbooks(outside: Outside, decision: Decision) -> Decision:
    """The workbooks of fresh forms are in the letters that carry them: each request is told its hash."""
    if not decision.requests:
        return decision
    kept = {a.name: outside.archive.keep(a.data) for letter in decision.letters for a in letter.attachments}
    from csp_workflow.forms.writing import name_file

    requests = tuple(replace(r, workbook=kept.get(name_file(r.form), r.workbook)) for r in decision.requests)
    return replace(decision, requests=requests)
