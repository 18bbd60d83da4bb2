"""What the digest is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from csp_workflow.letters.office import WaitingMessage, command_done
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleState, PaperState, as_utc
from csp_workflow.terms.events import Event, Foreseen, Happened, LetterState, QueuedLetter
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.service_status import ServiceStatus
from csp_workflow.terms.site import Contact, Respondent, Site

ACTIVE = {CycleState.IN_PROOF, CycleState.OPEN, CycleState.CLOSED}
"""The states of a cycle that the digest shows."""

_OUT = {PaperState.CIRCULATED, PaperState.PUBLISHED}


@dataclass(frozen=True, kw_only=True)
class Round(CycleView):
    """One quarter's round. `ahead` is what the chase foresees.

    `words` are what people wrote beside their forms: (respondent, when it was received, words, the message's id);
    `changes` what a later form changed in a return, in the same shape without the id.
    """

    ahead: tuple[Foreseen, ...] = ()
    words: tuple[tuple[str, datetime, str, str], ...] = ()
    changes: tuple[tuple[str, datetime, str], ...] = ()

    def waits_for(self, of: Respondent) -> bool:
        """Whether a return that has not come is still asked for: after the close only one that was given longer."""
        is_closed = self.status.state in {CycleState.CLOSED, CycleState.ARCHIVED}
        return not is_closed or (self.has_longer(of) and not self.is_settled)

    def find_last(self, kind: Happened, subject: str = "") -> datetime | None:
        """When something happened last in this quarter (to a board's paper)."""
        return max((e.at for e in self.events if e.kind is kind and subject in {"", e.subject}), default=None)

    @property
    def papers_are_out(self) -> bool:
        """Whether every paper of this quarter has gone to its board."""
        states = [self.status.papers[p.board].state for p in self.dates.papers if p.board in self.status.papers]
        return bool(states) and len(states) == len(self.dates.papers) and all(s in _OUT for s in states)


@dataclass(frozen=True, kw_only=True)
class DigestFacts:
    """Everything as it stands. `waiting` are the messages that wait for a person, quarantined ones too;
    `letters` those outside any round or in trouble; `events` the service's own (quarter None). `gaps` is what the
    config lacks for a coming quarter, and `expiring` what mail depends on and soon ends, in sentences;
    `unread_since` since when the mailbox was not read to its end, and `broken` since when which steps of ours fail.
    `answered` says by its ref in the form for which months an action was answered. `by_hand` is what was changed in
    letters in Drafts: when each left, or was taken out, and what, in sentences."""

    site: Site
    service: ServiceStatus
    rounds: tuple[Round, ...] = ()
    waiting: tuple[WaitingMessage, ...] = ()
    letters: tuple[QueuedLetter, ...] = ()
    events: tuple[Event, ...] = ()
    gaps: tuple[str, ...] = ()
    expiring: tuple[str, ...] = ()
    broken: tuple[datetime, str] | None = None
    unread_since: datetime | None = None
    answered: Mapping[str, str] = field(default_factory=dict)
    by_hand: tuple[tuple[datetime, str], ...] = ()

    @property
    def every_letter(self) -> tuple[QueuedLetter, ...]:
        """All letters known here, each once, oldest first."""
        every = {x.id: x for x in (*self.letters, *(x for cycle in self.rounds for x in cycle.letters))}
        return tuple(sorted(every.values(), key=lambda x: (x.queued, x.id)))

    @property
    def kept(self) -> tuple[QueuedLetter, ...]:
        """The answers to orders of hers that wait for a morning letter to say what they say."""
        done = (x for x in self.every_letter if x.kind == command_done.kind.name and x.state is LetterState.QUEUED)
        return tuple(x for x in done if x.not_before and as_utc(x.not_before) > as_utc(x.queued))

    @property
    def shown(self) -> tuple[Round, ...]:
        """The rounds under way: from the day on which the extract is to be asked for."""
        begun = (r for r in self.rounds if r.status.state in ACTIVE or r.status.returns)
        return tuple(r for r in begun if r.status.state is not CycleState.ARCHIVED)


def say_by_phone(people: tuple[Contact, ...]) -> str:
    """Whom to phone, with their numbers."""
    called = (f"{c.name} on {c.phone}" if c.phone else f"{c.name} (no number known)" for c in people)
    return joined(called, "or") or "them"


def find_holder(facts: DigestFacts, address: str, day: date) -> tuple[Contact | None, tuple[Respondent, ...]]:
    """Whose address it is on a day and for which respondents (none: the office's); None when it is nobody's."""
    respondents = facts.site.registered(address, day)
    office = facts.site.office
    people = (
        *(c for r in respondents for c in r.contacts_on(day)),
        *office.people,
        *office.secretariat,
    )
    return next((c for c in people if c.address.lower() == address.lower()), None), respondents
