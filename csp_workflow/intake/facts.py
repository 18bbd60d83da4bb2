"""What intake is told when it decides on a message: the cycles, the opened files, and what was said before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from csp_workflow.terms import deadlines
from csp_workflow.terms.cycles import CycleDates, CycleState
from csp_workflow.terms.decisions import Request
from csp_workflow.terms.events import Event
from csp_workflow.terms.forms import ReadForm, Unreadable
from csp_workflow.terms.letters import QueuedLetter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Respondent
from csp_workflow.terms.returns import Narrative, Submission
from csp_workflow.terms.site import Site
from csp_workflow.terms.status import CycleStatus, ReturnStatus, ServiceStatus

Opened = tuple[Attachment, ReadForm | Unreadable]
"""An attachment and what the sandbox found in it."""


@dataclass(frozen=True, kw_only=True)
class CycleFacts:
    """One cycle as it stands.

    By respondent key: `requests` are all revisions of its form as sent, oldest first; `latest` its
    latest submission and `versions` the contents of all of them, oldest first; `narratives` what it
    wrote last quarter, by ref. `events` are the cycle's own.
    """

    dates: CycleDates
    status: CycleStatus
    requests: Mapping[str, tuple[Request, ...]] = field(default_factory=dict)
    latest: Mapping[str, Submission] = field(default_factory=dict)
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    narratives: Mapping[str, Mapping[str, Narrative]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()

    @property
    def quarter(self) -> Quarter:
        """The quarter this cycle is about."""
        return self.status.quarter

    @property
    def takes_returns(self) -> bool:
        """Open, or closed: what comes late is still read, until the cycle is archived. The analyst answers in proof."""
        return self.status.state in {CycleState.PLANNED, CycleState.IN_PROOF, CycleState.OPEN, CycleState.CLOSED}

    def stands(self, respondent: str) -> ReturnStatus:
        """Where a respondent's return stands."""
        return self.status.returns.get(respondent, ReturnStatus(respondent=respondent))


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """The co-ordinator's word on whose a message is; `quarter` None leaves the quarter to the form."""

    respondent: str
    by: str
    quarter: Quarter | None = None


@dataclass(frozen=True, kw_only=True)
class IntakeFacts:
    """All that `decide` is told beside the message and the time.

    `cycles` are those not archived and the one before, oldest first. `opened` holds every attachment
    of the message, in order. `answered` is the letter of ours that it replies to and `own_message_ids`
    every Message-ID of ours among its own and those it names. `earlier` is the id of a message with the
    same identity that was judged before. `answers_today` are the kinds of automatic answers
    (Manner.ANSWER) queued since midnight in London, by recipient in lower case. `whole` is False when the
    message was above the size limit, so that only its headers were kept.
    """

    site: Site
    key: bytes
    cycles: tuple[CycleFacts, ...] = ()
    opened: tuple[Opened, ...] = ()
    answered: QueuedLetter | None = None
    own_message_ids: frozenset[str] = frozenset()
    earlier: str = ""
    answers_today: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    assignment: Assignment | None = None
    whole: bool = True
    service: ServiceStatus = field(default_factory=ServiceStatus)

    def cycle(self, quarter: Quarter | None) -> CycleFacts | None:
        """The cycle of a quarter, or None."""
        return next((c for c in self.cycles if c.quarter == quarter), None)

    def current(self, respondent: str) -> CycleFacts | None:
        """The newest cycle in which a respondent was asked and may still answer, or None."""
        asked = (c for c in reversed(self.cycles) if c.takes_returns and c.requests.get(respondent))
        return next(asked, None)

    def forms(self) -> Iterator[tuple[Attachment, ReadForm]]:
        """The attachments that could be read as workbooks."""
        for attachment, found in self.opened:
            if isinstance(found, ReadForm):
                yield attachment, found

    def unreadable(self) -> Iterator[tuple[Attachment, Unreadable]]:
        """The attachments that could not."""
        for attachment, found in self.opened:
            if isinstance(found, Unreadable):
                yield attachment, found


def due_of(facts: IntakeFacts, cycle: CycleFacts, respondent: Respondent) -> datetime:
    """When a respondent's return is due: its own extension, the analyst's day, or the cycle's."""
    return deadlines.due_of(respondent, cycle.stands(respondent.key), cycle.dates, facts.site)


def close_of(facts: IntakeFacts, cycle: CycleFacts, respondent: Respondent) -> datetime:
    """After when a return is late for the papers; never before its own due date."""
    return max(cycle.dates.close, due_of(facts, cycle, respondent))
