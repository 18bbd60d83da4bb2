"""One return as a message brings it: the form that was found, checked, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.checks.findings import CheckedForm
from csp_workflow.intake.outcomes.settling import Settled
from csp_workflow.intake.sender import Authority, Identity
from csp_workflow.letters.answers import Incoming
from csp_workflow.terms.events import Event, Happened, Letter, Request
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.returns import ReadForm, Submission
from csp_workflow.terms.site import Contact, Respondent


@dataclass(frozen=True, kw_only=True)
class FoundForm:
    """A workbook (its name and its hash) with whose it is and whether its sender may speak for them.

    `newer` says why it waits if its layout is a later one than we know.
    """

    name: str
    digest: str
    read: ReadForm
    identity: Identity
    authority: Authority | None
    newer: str = ""

    @property
    def refusal(self) -> str:
        """Why it must wait for a person, or ""."""
        if self.identity.problem:
            return self.identity.problem
        if self.authority is None:
            return "It holds a form, but nothing says for certain whose return or which quarter it is."
        return self.newer if self.authority.may_speak else f"It holds a form. {self.authority.reason}"


@dataclass(frozen=True, kw_only=True)
class ReturnCase:
    """One return that is asked for now, found in a message: the form as it was sent, and as it came back, checked.

    `checked` is the form that came by itself, `settled` what it makes of the return together with what stands.
    """

    case: MessageCase
    respondent: Respondent
    cycle: CycleFacts
    request: Request
    found: FoundForm
    checked: CheckedForm
    settled: Settled

    def write_to_each(self, write: Callable[[Contact, Incoming], Letter]) -> tuple[Letter, ...]:
        """A letter to each person who is answered about this return."""
        return self.case.write_to_each((self.respondent,), self.cycle.quarter, write)

    def wait_for_a_person(self, *, why: str = "") -> tuple[Event, ...]:
        """The message waits for a person, and the chase meanwhile."""
        return self.case.wait_for_a_person(Happened.MESSAGE_HELD, (self.respondent,), self.cycle.quarter, why=why)

    def event(self, kind: Happened, *, subject: str = "", **facts: str | int | bool | None) -> Event:
        """An event of this return."""
        quarter, key = self.cycle.quarter, self.respondent.key
        return self.case.event(kind, quarter=quarter, respondent=key, subject=subject, **facts)


@dataclass(frozen=True, kw_only=True)
class AcceptedReturn:
    """A return with the submission that was made of it; `approver` is the chair who approved it with the form."""

    one: ReturnCase
    submission: Submission
    approver: Contact | None = None


@dataclass(frozen=True, kw_only=True)
class ReturnOutcome:
    """What comes of one return: its verdict, and what to store and send; `accepted` when it became a submission."""

    verdict: Verdict
    reason: str
    events: tuple[Event, ...] = ()
    letters: tuple[Letter, ...] = ()
    accepted: AcceptedReturn | None = None
