"""What the digest is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from csp_workflow.letters.desk import WaitingMessage
from csp_workflow.terms.dates import CycleDates, CycleState
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.letters import QueuedLetter
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.site import Respondent, Site
from csp_workflow.terms.status import CycleStatus, ReturnStatus, ServiceStatus, find_due_time

ACTIVE = {CycleState.IN_PROOF, CycleState.OPEN, CycleState.CLOSED}
"""The states of a cycle that the digest shows."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """One quarter's round. `submissions` are the latest by respondent key; `ahead` is what the chase
    foresees: (day, kind of letter, how many)."""

    dates: CycleDates
    status: CycleStatus
    submissions: Mapping[str, Submission] = field(default_factory=dict)
    letters: tuple[QueuedLetter, ...] = ()
    events: tuple[Event, ...] = ()
    ahead: tuple[tuple[date, str, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class DigestFacts:
    """Everything as it stands. `waiting` are the messages that wait for a person, quarantined ones too;
    `letters` those outside any round or in trouble; `events` the service's own (quarter None)."""

    site: Site
    service: ServiceStatus
    rounds: tuple[Round, ...] = ()
    waiting: tuple[WaitingMessage, ...] = ()
    letters: tuple[QueuedLetter, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def every_letter(self) -> tuple[QueuedLetter, ...]:
        """All letters known here, each once, oldest first."""
        every = {x.id: x for x in (*self.letters, *(x for about in self.rounds for x in about.letters))}
        return tuple(sorted(every.values(), key=lambda x: (x.queued, x.id)))

    @property
    def shown(self) -> tuple[Round, ...]:
        """The rounds under way."""
        return tuple(r for r in self.rounds if r.status.state in ACTIVE)


def due_of(facts: DigestFacts, about: Round, respondent: Respondent) -> datetime:
    """When a respondent's return is due: its own extension, the analyst's day, or the cycle's."""
    return find_due_time(respondent, about.status.returns.get(respondent.key), about.dates, facts.site)


def owing(facts: DigestFacts, about: Round) -> tuple[tuple[Respondent, ReturnStatus], ...]:
    """Every respondent of a round with where its return stands, in the order of the config."""
    returns = about.status.returns
    return tuple((r, returns[r.key]) for r in facts.site.respondents if r.key in returns)


def is_paused(facts: DigestFacts, respondent: Respondent, status: ReturnStatus) -> bool:
    """Whether the respondent's chase waits for a person."""
    return status.is_paused or respondent.key in facts.service.held_respondents


def last_digest(facts: DigestFacts) -> datetime | None:
    """When the last digest was made."""
    return max((e.at for e in facts.events if e.kind is Happened.DIGEST_MADE), default=None)


def said_no(about: Round, respondent: str) -> bool:
    """Whether the co-ordinator has said NO to the letter to this chair since it was proposed."""
    mine = [e for e in about.events if e.respondent == respondent]
    last = [e for e in mine if e.kind is Happened.CHAIR_LETTER_PROPOSED or e.facts.get("command") == "NO"]
    return bool(last) and last[-1].kind is Happened.COMMANDED
