"""What the chase knows of one cycle, and the plain questions it asks of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.kinds import Ground
from csp_workflow.terms.dates import CycleDates, london_day
from csp_workflow.terms.letters import About, Letter, LetterState, Manner, QueuedLetter
from csp_workflow.terms.returns import FormDefinition, Submission
from csp_workflow.terms.site import Contact, Respondent, Role, Site
from csp_workflow.terms.status import CycleStatus, ReturnStatus, ServiceStatus, find_due_time

_NEVER_LEAVE = {LetterState.WITHDRAWN, LetterState.FAILED, LetterState.HELD}
_PENDING = {LetterState.QUEUED, LetterState.CLAIMED, LetterState.HANDING}


@dataclass(frozen=True, kw_only=True)
class ChaseFacts:
    """One cycle as it stands now.

    `letters` are all letters of this cycle, withdrawn ones too, and those of any other cycle that
    are queued or were sent today (one letter a working day is counted over all cycles).
    `submissions` has every version by respondent key, oldest first; `forms` the form each
    respondent was last sent.
    """

    site: Site
    dates: CycleDates
    status: CycleStatus
    service: ServiceStatus
    letters: tuple[QueuedLetter, ...] = ()
    submissions: Mapping[str, tuple[Submission, ...]] = field(default_factory=dict)
    forms: Mapping[str, FormDefinition] = field(default_factory=dict)

    @cached_property
    def by_about(self) -> Mapping[About, tuple[QueuedLetter, ...]]:
        """The letters that were not withdrawn, by what they are about: looked up for every respondent."""
        found: dict[About, tuple[QueuedLetter, ...]] = {}
        for letter in self.letters:
            if letter.state is not LetterState.WITHDRAWN:
                for one in letter.about:
                    found[one] = (*found.get(one, ()), letter)
        return found

    @cached_property
    def forms_went_to(self) -> Mapping[str, frozenset[str]]:
        """Who was sent each respondent's form in this cycle, by its key: addresses in lower case."""
        found: dict[str, frozenset[str]] = {}
        for letter in self.letters:
            is_sent = letter.quarter == self.status.quarter and letter.state not in _NEVER_LEAVE
            if kind_of(letter.kind).brings_forms and is_sent:
                found |= {key: found.get(key, frozenset()) | {letter.recipient.lower()} for key in letter.respondents}
        return found


def owing(facts: ChaseFacts) -> Iterator[tuple[Respondent, ReturnStatus]]:
    """Every respondent of the cycle with where its return stands, in the order of the config.

    One that has left the config since is passed over: there is nobody to write to.
    """
    for respondent in facts.site.respondents:
        status = facts.status.returns.get(respondent.key)
        if status is not None:
            yield respondent, status


def due_of(facts: ChaseFacts, respondent: Respondent) -> datetime:
    """When this respondent's return is due: its own extension, the analyst's day, or the cycle's."""
    return find_due_time(respondent, facts.status.returns.get(respondent.key), facts.dates, facts.site)


def days_from_due(facts: ChaseFacts, respondent: Respondent, day: date) -> int:
    """Working days from the due date to `day`: negative before it, 0 on it."""
    return facts.site.working_days.between(london_day(due_of(facts, respondent)), day)


def addressees(facts: ChaseFacts, respondent: Respondent, day: date) -> tuple[Contact, ...]:
    """Who is written to about a return: the lead, or whoever stands in while every lead is away or out of reach."""
    return facts.service.written_to(respondent, day)


def chairs(facts: ChaseFacts, respondent: Respondent, day: date) -> tuple[Contact, ...]:
    """The chairs in office on a day whom letters reach."""
    return facts.service.reached(respondent.people(Role.CHAIR, day))


def lacks_form(facts: ChaseFacts, respondent: Respondent, contact: Contact) -> bool:
    """Whether the form went to others only: somebody who stands in, or who was entered since, never had it."""
    had = facts.forms_went_to.get(respondent.key, frozenset())
    return bool(had) and contact.address.lower() not in had


def written_to_today(facts: ChaseFacts, now: datetime) -> frozenset[str]:
    """The addresses that have had, or are about to have, a timed letter today; in lower case."""
    today = london_day(now)
    return frozenset(
        letter.recipient.lower()
        for letter in facts.letters
        if letter.manner is Manner.TIMED and letter.state is not LetterState.WITHDRAWN and _is_of(letter, today)
    )


def _is_of(letter: QueuedLetter, today: date) -> bool:
    if kind_of(letter.kind).is_dated and letter.state is LetterState.QUEUED:
        return london_day(letter.queued) == today  # yesterday's will be withdrawn, not sent
    return letter.state in _PENDING or today in {london_day(letter.queued), london_day(letter.sent or letter.queued)}


def letters_about(facts: ChaseFacts, ground: Ground, what: About) -> tuple[QueuedLetter, ...]:
    """This cycle's letters on a ground that are about exactly this and were not withdrawn."""
    return tuple(letter for letter in facts.by_about.get(what, ()) if kind_of(letter.kind).ground is ground)


def numbered(facts: ChaseFacts, letter: Letter) -> Letter:
    """The letter to queue: the same again after a withdrawal would be a repeat, so its cause is numbered ("~2")."""
    withdrawn = sum(
        (x.kind, x.quarter, x.state) == (letter.kind, letter.quarter, LetterState.WITHDRAWN)
        and set(x.about) == set(letter.about)
        and same(x.recipient, letter.recipient)
        for x in facts.letters
    )
    return replace(letter, cause=f"{letter.cause}~{withdrawn + 1}") if withdrawn else letter


def same(one: str, other: str) -> bool:
    """Whether two addresses are the same one."""
    return one.lower() == other.lower()
