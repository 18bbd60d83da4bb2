"""One view of a cycle: when each return is due, who owes one, who is written to, and what was written about what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from csp_workflow.terms.dates import CycleDates, Quarter, london, london_day
from csp_workflow.terms.events import Event
from csp_workflow.terms.letters import About, LetterState, QueuedLetter
from csp_workflow.terms.returns import FormDefinition, Submission
from csp_workflow.terms.site import Contact, Respondent, RespondentKind, Role, Site
from csp_workflow.terms.status import CycleStatus, ReturnStatus, ServiceStatus


@dataclass(frozen=True, kw_only=True)
class CycleView:
    """One cycle as it stands, as far as whoever asks has gathered it.

    `letters` are all letters of this cycle, withdrawn ones too; for the chase also those of any other
    cycle that are queued or were sent today (one letter a working day is counted over all cycles).
    `submissions` has every version by respondent key, oldest first; `forms` the form each respondent
    was last sent; `events` are the cycle's own.
    """

    site: Site
    dates: CycleDates
    status: CycleStatus
    service: ServiceStatus = field(default_factory=ServiceStatus)
    letters: tuple[QueuedLetter, ...] = ()
    submissions: Mapping[str, tuple[Submission, ...]] = field(default_factory=dict)
    forms: Mapping[str, FormDefinition] = field(default_factory=dict)
    events: tuple[Event, ...] = ()

    @property
    def quarter(self) -> Quarter:
        """The quarter this cycle is about."""
        return self.status.quarter

    def owed_returns(self) -> Iterator[tuple[Respondent, ReturnStatus]]:
        """Every respondent of the cycle with where its return stands, in the order of the config.

        One that has left the config since is passed over: there is nobody to write to.
        """
        for respondent in self.site.respondents:
            status = self.status.returns.get(respondent.key)
            if status is not None:
                yield respondent, status

    def due_time(self, respondent: Respondent) -> datetime:
        """When a respondent's return is due, aware: its own extension, the analyst's day, or the cycle's."""
        status = self.status.returns.get(respondent.key)
        if status is not None and status.due is not None:
            return london(status.due, self.site.offsets.due_time)
        return self.dates.extract_due if respondent.kind is RespondentKind.ANALYST else self.dates.due

    def close_time(self, respondent: Respondent) -> datetime:
        """After when a return is late for the papers; never before its own due date."""
        return max(self.dates.close, self.due_time(respondent))

    def days_from_due(self, respondent: Respondent, day: date) -> int:
        """Working days from the due date to `day`: negative before it, 0 on it."""
        return self.site.working_days.between(london_day(self.due_time(respondent)), day)

    def addressees(self, respondent: Respondent, day: date) -> tuple[Contact, ...]:
        """Who is written to about a return: the lead, or whoever stands in for a lead away or out of reach."""
        return self.service.written_to(respondent, day)

    def chairs(self, respondent: Respondent, day: date) -> tuple[Contact, ...]:
        """The chairs in office on a day whom letters reach."""
        return self.service.reached(respondent.people(Role.CHAIR, day))

    def is_held(self, respondent: Respondent) -> bool:
        """Whether the co-ordinator has put a respondent on hold."""
        on_hold = self.status.returns[respondent.key].on_hold
        return on_hold or respondent.key in self.service.held_respondents

    def is_paused(self, respondent: Respondent) -> bool:
        """Whether a respondent's chase waits for a person."""
        return self.status.returns[respondent.key].is_paused or self.is_held(respondent)

    def latest_submission(self, respondent: Respondent) -> Submission | None:
        """The version that the return's status counts, when it was gathered."""
        wanted = self.status.returns[respondent.key].submission
        return next((s for s in self.submissions.get(respondent.key, ()) if s.id == wanted), None)

    @cached_property
    def letters_by_about(self) -> Mapping[About, tuple[QueuedLetter, ...]]:
        """The letters that were not withdrawn, by what they are about: looked up for every respondent."""
        found: dict[About, tuple[QueuedLetter, ...]] = {}
        for letter in self.letters:
            if letter.state is not LetterState.WITHDRAWN:
                for one in letter.about:
                    found[one] = (*found.get(one, ()), letter)
        return found
