"""What an order is judged by, what comes of it, and how the things it names are found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from csp_workflow.letters.desk import WaitingMessage
from csp_workflow.terms.dates import CycleDates, Quarter
from csp_workflow.terms.events import Decision
from csp_workflow.terms.letters import QueuedLetter
from csp_workflow.terms.site import Contact, Respondent, Site
from csp_workflow.terms.status import CycleStatus, ReturnStatus, ServiceStatus, find_due_time

COMMAND_LINE = ""
"""The `sender` of an order given by command: whoever may run the program may order."""


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """What is known when an order is carried out.

    `sender` is the address it came from (COMMAND_LINE for the command line) and `message` the content
    identity of its mail. `status` and `dates` are those of the quarter it is about: that of the
    letter it answers, else the cycle that is running; None when there is none. `waiting` are the
    messages that wait for a person; `answered` is the letter of ours that the mail replies to.
    """

    site: Site
    service: ServiceStatus
    sender: str
    message: str
    status: CycleStatus | None = None
    dates: CycleDates | None = None
    waiting: tuple[WaitingMessage, ...] = ()
    answered: QueuedLetter | None = None
    letters: tuple[QueuedLetter, ...] = ()

    @property
    def by(self) -> str:
        """Who orders, as events keep it."""
        return self.sender or "the command line"


@dataclass(frozen=True, kw_only=True)
class StepOrder:
    """Something only a step can do, to be done together with the order's decision."""

    kind: Literal["send", "clear", "circulate", "assign", "status"]
    quarter: Quarter | None
    board: str = ""
    message: str = ""
    respondent: str = ""


@dataclass(frozen=True, kw_only=True)
class CarriedOut:
    """An order that stands: what to commit, what the step must do too, and what to say of it."""

    sentences: tuple[str, ...]
    decision: Decision = field(default_factory=Decision)
    order: StepOrder | None = None


class Refused(Exception):
    """An order cannot be carried out; the sentence says why and what would be right."""


def may_order(facts: OrderFacts, today: date) -> bool:
    """Only the co-ordinator, and the deputy while she is away; or whoever runs the program itself."""
    return facts.sender == COMMAND_LINE or facts.site.office.may_command(facts.sender, today)


def who_ordered(facts: OrderFacts) -> Contact:
    """The office's contact behind the sender; the co-ordinator for the command line."""
    deputy = facts.site.office.deputy
    if deputy and deputy.address.lower() == facts.sender.lower():
        return deputy
    return facts.site.office.co_ordinator


def cycle(facts: OrderFacts) -> tuple[CycleStatus, CycleDates]:
    """The quarter an order is about. Refused when none is planned."""
    if facts.status is None or facts.dates is None:
        raise Refused("No quarter is under way, so there is nothing this could be about.")
    return facts.status, facts.dates


def respondent(facts: OrderFacts, typed: str) -> Respondent:
    """The respondent meant: by code, key or name, whatever the letter case. Refused with the codes when unknown."""
    wanted = typed.strip().casefold()
    for candidate in facts.site.respondents:
        if wanted in {candidate.code.casefold(), candidate.key.casefold(), candidate.name.casefold()}:
            return candidate
    codes = ", ".join(r.code for r in facts.site.respondents)
    raise Refused(f"There is no respondent '{typed}'. The codes are: {codes}.")


def owed_by(facts: OrderFacts, typed: str) -> tuple[Respondent, ReturnStatus]:
    """A respondent that owes a return in the quarter. Refused when it owes none."""
    found = respondent(facts, typed)
    status, _ = cycle(facts)
    stands = status.returns.get(found.key)
    if stands is None:
        raise Refused(f"{found.name} owes no return for {status.quarter}.")
    return found, stands


def waiting(facts: OrderFacts, typed: str) -> WaitingMessage:
    """The message meant by the beginning of its id; without one, what the answered letter is about."""
    if typed:
        found = [m for m in facts.waiting if len(typed) >= 4 and m.id.lower().startswith(typed.lower().strip("<>[]#"))]
    else:
        found = list(named_by_letter(facts))
    if len(found) == 1:
        return found[0]
    ids = ", ".join(m.short for m in facts.waiting) or "none"
    if typed:
        raise Refused(
            f"{'No' if not found else 'More than one'} waiting message begins with '{typed}'. Waiting: {ids}."
        )
    raise Refused(f"This letter is about no single message. Please name its id. Waiting: {ids}.")


def named_by_letter(facts: OrderFacts) -> tuple[WaitingMessage, ...]:
    """The waiting messages that the answered letter is about."""
    named = {one.message for one in facts.answered.about} if facts.answered else set()
    return tuple(m for m in facts.waiting if m.id in named)


def due_of(facts: OrderFacts, about: Respondent) -> datetime:
    """When a respondent's return is due as things stand."""
    status, dates = cycle(facts)
    return find_due_time(about, status.returns.get(about.key), dates, facts.site)
