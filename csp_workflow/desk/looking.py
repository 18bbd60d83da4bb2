"""SHOW, EXPLAIN, DASHBOARD and YEAR: what came in a return or a message, why something stands, the pages, a year.

FIND and EXPORT: what is held of somebody.

Nothing is changed.
"""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256
from typing import Literal

from csp_workflow.desk.commands import (
    CarriedOut,
    Command,
    OrderFacts,
    Refused,
    StepOrder,
    Verb,
    find_message,
    find_orderer,
    find_return,
    is_unfilled,
    keep_order,
)
from csp_workflow.letters.office import WaitingMessage, as_asked
from csp_workflow.terms.events import About, Decision
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import joined, moment

_FOLLOWS = {Verb.SHOW: "follows in a letter of its own", Verb.EXPLAIN: "is explained in a letter of its own"}


def look_up(command: Command, facts: OrderFacts, _: datetime) -> CarriedOut:
    """Ask the step for the letter that shows or explains; a message is known to be there, a return to be owed."""
    if command.message:
        message = find_message(facts, command.message)
        if message.has_bank_details and command.verb is Verb.SHOW:
            raise Refused(
                f"Message {message.short} may hold bank details, so it is sent to nobody. It is in the mailbox, in the "
                "folder Quarantine."
            )
        what, key, named = f"Message {message.short}", "", message.id
    else:
        found = find_return(facts, command.respondent)[0]
        what, key, named = f"What stands of {found.name}", found.key, ""
    quarter = facts.status.quarter if facts.status else None
    return CarriedOut(
        sentences=(f"{what} {_FOLLOWS[command.verb]}.",),
        order=StepOrder(
            kind="show files" if command.verb is Verb.SHOW else "explain",
            quarter=quarter,
            respondent=key,
            message=named,
        ),
    )


def seek_subject(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Ask the step for what is held of somebody. It goes to the co-ordinator alone, who answers for disclosing it."""
    words = tuple(filter(None, (" ".join(word.split()) for word in re.split(r"[,;]|\band\b", command.text))))
    if not words or is_unfilled(command.text):
        raise Refused(f"It does not say of whom. Write {command.verb} and a name, an address or a respondent's code.")
    if facts.sender and not facts.site.office.co_ordinator.is_at(facts.sender):
        raise Refused("What is held of somebody goes to the co-ordinator alone.")
    return CarriedOut(
        sentences=(f"What is held of {joined(words)} follows in a letter of its own, to you alone.",),
        decision=keep_order(command, facts, now),
        order=StepOrder(
            kind="find" if command.verb is Verb.FIND else "export",
            quarter=None,
            whom=words,
            code=sha256(" ".join(words).encode()).hexdigest()[:8],
        ),
    )


def refuse_erasing(command: Command, _: OrderFacts, __: datetime) -> CarriedOut:
    """No email erases anything: it cannot be taken back, and whoever runs the service sees first what would go."""
    whom = command.text if command.text and not is_unfilled(command.text) else "and a name, an address or a code"
    raise Refused(
        "Nothing was erased. No order by email can erase anything, because nobody could put it back. Whoever runs the "
        "service does it, with the program (csp-workflow subject erase): please forward this to them, and say whose "
        f"details are to go and why. To see what is held before you decide, write FIND {whom}."
    )


def order_pages(command: Command, _: OrderFacts, __: datetime) -> CarriedOut:
    """Ask the step for the dashboard: it has the papers that are out."""
    kind: Literal["dashboard", "public dashboard"] = "public dashboard" if command.whom else "dashboard"
    return CarriedOut(
        sentences=(f"The {kind} follows in a letter of its own.",), order=StepOrder(kind=kind, quarter=None)
    )


def order_year(command: Command, _: OrderFacts, __: datetime) -> CarriedOut:
    """Ask the step for a year as it stands: its paper, its workbook, and what goes over into the next."""
    return CarriedOut(
        sentences=(f"{f'The year {command.text}' if command.text else 'The year'} follows in a letter of its own.",),
        order=StepOrder(kind="year", quarter=None, year=command.text, code=command.text),
    )


def write_letter(
    facts: OrderFacts,
    title: str,
    paragraphs: tuple[str, ...],
    wanted: StepOrder,
    now: datetime,
    files: tuple[Attachment, ...] = (),
) -> Decision:
    """The letter to whoever asked: what is shown or explained, and the files."""
    letter = as_asked(
        find_orderer(facts),
        title=title,
        paragraphs=paragraphs,
        about=About(message=wanted.message),
        quarter=wanted.quarter,
        cause=f"{wanted.kind}:{wanted.message or wanted.respondent or wanted.code}:{facts.message or now.isoformat()}",
        files=files,
    )
    return Decision(letters=(letter,))


def say_came(message: WaitingMessage) -> str:
    """Who wrote a message, when, about what, and why it was kept."""
    about = f" about \u201c{message.subject}\u201d" if message.subject else ""
    return f"{message.sender or 'Somebody'} wrote at {moment(message.received)}{about}. {message.reason}"
