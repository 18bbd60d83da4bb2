"""What an order is judged by, what comes of it, how the things it names are found, and the events it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from csp_workflow.desk.commands import Command
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleDates, Quarter
from csp_workflow.terms.events import Decision, Event, Happened, Letter, QueuedLetter
from csp_workflow.terms.messages import Attachment, Verdict
from csp_workflow.terms.phrases import moment
from csp_workflow.terms.queries import Dispute
from csp_workflow.terms.returns import Finding, Submission
from csp_workflow.terms.service_status import ServiceStatus
from csp_workflow.terms.site import Contact, Respondent, Site
from csp_workflow.terms.status import CycleStatus, ReturnStatus

COMMAND_LINE = ""
"""The `sender` of an order given by command: whoever may run the program may order."""


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """What is known when an order is carried out.

    `sender` is the address it came from (COMMAND_LINE for the command line), `message` the content
    identity of its mail, which came when it `came`. `status` and `dates` are those of the quarter it is about: that of
    the letter it answers, else the cycle that is running; None when there is none. `waiting` are the
    messages that wait for a person, `others` those that do not; `answered` is the letter of ours that the mail
    replies to, `files` what is attached to it, `brought` the board whose draft came in it; `is_unseen`: the latest
    draft is another than that file. `letters` are those of the quarter, `answers` all that she wrote to somebody by
    ANSWER, and `planned` the dates of every quarter that is not put away. `queries` are the open questions about each
    respondent's return, and the police figures that it disputes, by their numbers. `stuck` are our letters that wait
    for a person, `stated` the latest versions that state grant money, by their respondents. `try_step` is asked whether
    a step could do what an order wants of it, and raises where it could not.
    """

    site: Site
    service: ServiceStatus
    sender: str
    message: str
    came: datetime | None = None
    status: CycleStatus | None = None
    dates: CycleDates | None = None
    waiting: tuple[WaitingMessage, ...] = ()
    answered: QueuedLetter | None = None
    letters: tuple[QueuedLetter, ...] = ()
    others: tuple[WaitingMessage, ...] = ()
    answers: tuple[QueuedLetter, ...] = ()
    files: tuple[Attachment, ...] = ()
    planned: tuple[CycleDates, ...] = ()
    queries: Mapping[str, Mapping[str, Finding | Dispute]] = field(default_factory=dict)
    stuck: tuple[QueuedLetter, ...] = ()
    stated: Mapping[str, Submission] = field(default_factory=dict)
    brought: str = ""
    is_unseen: bool = False
    try_step: TryStep = field(default=lambda _, __, ___: None, compare=False)

    def is_overtaken(self, said: datetime | None) -> bool:
        """Whether something was said after the order was written, however late that is read: it does not undo it."""
        return self.came is not None and said is not None and self.came < said

    @property
    def by(self) -> str:
        """Who orders, as events keep it."""
        return self.sender or "the command line"


@dataclass(frozen=True, kw_only=True)
class StepOrder:
    """Something only a step can do, to be done together with the order's decision. `letters` lack what it adds."""

    kind: Literal[
        "proof", "send", "introduce", "draft", "show", "clear", "circulate", "erratum", "no erratum",
        "no words", "assign", "status", "show files", "show edits", "explain", "find", "export", "dashboard",
        "public dashboard", "stuck letter", "answer", "answers", "return", "later", "replay", "reissue",
        "measures proof", "measures send", "measures agreed", "measures returned", "setup", "apply", "year",
    ]  # fmt: skip
    quarter: Quarter | None
    board: str = ""
    message: str = ""
    letter: str = ""
    respondent: str = ""
    letters: tuple[Letter, ...] = ()
    day: date | None = None
    as_cleared: bool = False
    as_written: bool = False
    unwaited: bool = False
    erratum: int = 0
    reason: str = ""
    year: str = ""
    code: str = ""
    questions: tuple[str, ...] = ()
    whom: tuple[str, ...] = ()


TryStep = Callable[[StepOrder, OrderFacts, datetime], object]


@dataclass(frozen=True, kw_only=True)
class CarriedOut:
    """An order that stands: what to commit, what the step must do too, and what to say of it."""

    sentences: tuple[str, ...]
    decision: Decision = field(default_factory=Decision)
    order: StepOrder | None = None


class Refused(Exception):
    """An order cannot be carried out; the sentence says why and what would be right."""


class HeldBack(Refused):
    """An order would stand, and waits because of what is written beside it."""


def may_order(facts: OrderFacts, today: date) -> bool:
    """Only the co-ordinator, and the deputy while she is away; or whoever runs the program itself."""
    return facts.sender == COMMAND_LINE or facts.site.office.may_command(facts.sender, today)


def find_orderer(facts: OrderFacts) -> Contact:
    """The office's contact behind the sender; the co-ordinator for the command line."""
    deputy = facts.site.office.deputy
    if deputy and deputy.address.lower() == facts.sender.lower():
        return deputy
    return facts.site.office.co_ordinator


def require_cycle(facts: OrderFacts) -> CycleView:
    """The quarter an order is about. Refused when none is planned."""
    if facts.status is None or facts.dates is None:
        raise Refused("No quarter is under way, so there is nothing this could be about.")
    return CycleView(site=facts.site, dates=facts.dates, status=facts.status, service=facts.service)


def find_respondent(facts: OrderFacts, code: str) -> Respondent:
    """The respondent that an order names."""
    return next(r for r in facts.site.respondents if r.code == code)


def find_return(facts: OrderFacts, code: str) -> tuple[Respondent, ReturnStatus]:
    """A respondent that owes a return in the quarter. Refused when it owes none."""
    found = find_respondent(facts, code)
    cycle = require_cycle(facts)
    stands = cycle.status.returns.get(found.key)
    if stands is None:
        raise Refused(f"{found.name} owes no return for {cycle.quarter}.")
    return found, stands


def find_waiting(facts: OrderFacts, typed: str) -> WaitingMessage:
    """The waiting message meant by the beginning of its id; without one, what the answered letter is about."""
    found = find_message(facts, typed)
    if found not in facts.waiting:
        raise Refused(f"Message {found.short} waits for nobody: it was settled already, or nothing was to be decided.")
    return found


def find_message(facts: OrderFacts, typed: str) -> WaitingMessage:
    """The message meant by the beginning of its id, one that waits before any other; else the answered letter's."""
    named = {one.message for one in facts.answered.about} if facts.answered else set()
    named |= {one.message for x in facts.answers if x.cause in named for one in x.about}  # our echo of an answer
    begins = typed.lower().strip("<>[]#")
    for messages in (facts.waiting, facts.others):
        found = [m for m in messages if (m.id.startswith(begins) and len(begins) >= 4 if typed else m.id in named)]
        found = [m for m in found if m.verdict is not Verdict.COMMAND]
        if len(found) == 1:
            return found[0]
        if found:
            break
    ids = ", ".join(m.short for m in facts.waiting) or "none"
    tried = {one[:10]: failed for one, failed in facts.service.failures.items() if one.startswith(begins)}
    if len(begins) >= 4 and not found and len(tried) == 1:
        (short, failed), *_ = tried.items()
        raise Refused(
            f"Message {short} is being looked at: we failed on it last at {moment(failed.last)} and try again by "
            "ourselves. Nothing is decided about it so far."
        )
    if typed:
        raise Refused(f"{'No' if not found else 'More than one'} message begins with '{typed}'. Waiting: {ids}.")
    raise Refused(f"This letter is about no single message. Please name its id. Waiting: {ids}.")


def list_answered(facts: OrderFacts) -> tuple[WaitingMessage, ...]:
    """The waiting messages that the answered letter is about."""
    named = {one.message for one in facts.answered.about} if facts.answered else set()
    return tuple(m for m in facts.waiting if m.id in named)


def list_perhaps_answered(facts: OrderFacts) -> tuple[WaitingMessage, ...]:
    """The waiting messages that a word of hers may answer: those her letter answers, or all where that is a digest or
    no letter."""
    is_of_one_thing = facts.answered is not None and bool(facts.answered.about)
    return list_answered(facts) if is_of_one_thing else facts.waiting


# The events of an order --------------------------------------------------------------------------


def keep_order(
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


def note_change(
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
    came = facts.came if facts.came and facts.came < now else None
    return Event(
        kind=kind, at=now, by=facts.by, quarter=quarter, respondent=respondent, subject=subject, facts=about, came=came
    )
