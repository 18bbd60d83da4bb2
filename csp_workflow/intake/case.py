"""A message to be decided on with all that is known beside it, and what every outcome is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from csp_workflow.letters.answers import Incoming, PaperMeant
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.mail.words import say_enclosed, say_passages, say_words
from csp_workflow.terms.cells import Sighting
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleState, Quarter, london_day
from csp_workflow.terms.events import Decision, Event, Happened, Letter, MoveRefused, QueuedLetter, Request, next_state
from csp_workflow.terms.messages import Attachment, IncomingMessage, Judgement, Verdict
from csp_workflow.terms.returns import Narrative, ReadForm, Submission, Unreadable
from csp_workflow.terms.service import JobEnd
from csp_workflow.terms.service_status import ServiceStatus
from csp_workflow.terms.site import Contact, Respondent, Role, Site, plain_address
from csp_workflow.terms.status import RETURN_MOVES, ReturnStatus

UNKNOWN_SENDER = "an unknown sender"
_WORDS_KEPT = 5_000

OpenedFile = tuple[Attachment, ReadForm | Unreadable]
"""An attachment and what the sandbox found in it."""


@dataclass(frozen=True, kw_only=True)
class CycleFacts(CycleView):
    """One cycle as a message is judged by it.

    By respondent key, for those whom a message may be about: `requests` are all revisions of its form as sent, oldest
    first; `latest` its latest submission and `versions` all of them, oldest first; `narratives` what it wrote last
    quarter, by ref.
    """

    requests: Mapping[str, tuple[Request, ...]] = field(default_factory=dict)
    latest: Mapping[str, Submission] = field(default_factory=dict)
    versions: Mapping[str, tuple[Submission, ...]] = field(default_factory=dict)
    narratives: Mapping[str, Mapping[str, Narrative]] = field(default_factory=dict)

    @property
    def takes_returns(self) -> bool:
        """Open, or closed: what comes late is still read, until the cycle is archived. The analyst answers in proof."""
        return self.status.state in {CycleState.PLANNED, CycleState.IN_PROOF, CycleState.OPEN, CycleState.CLOSED}

    def stands(self, respondent: str) -> ReturnStatus:
        """Where a respondent's return stands."""
        return self.status.returns.get(respondent, ReturnStatus(respondent=respondent))

    def allows(self, respondent: str, kind: Happened) -> bool:
        """Whether the state of a respondent's return allows an event now."""
        try:
            next_state(RETURN_MOVES, self.stands(respondent).state, kind)
        except MoveRefused:
            return False
        return True


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
    (Manner.ANSWER) queued since midnight in London, by recipient in lower case, `passed_today` how many messages were
    passed on since then, by recipient. `whole` is False when the
    message was above the size limit, so that only its headers were kept. `failure` is how our own part in it ended,
    after all tries; `original` is b"" where it may not be sent on. `shown` is all that could be seen on the forms
    as they were sent, by the hash of each workbook (of a catalogue by its reference), as far as that is known. `asked`
    are the letters that asked the writer for a yes and left, oldest first.
    """

    site: Site
    key: bytes
    cycles: tuple[CycleFacts, ...] = ()
    opened: tuple[OpenedFile, ...] = ()
    answered: QueuedLetter | None = None
    answered_words: tuple[str, ...] = ()
    original: bytes = b""
    own_message_ids: frozenset[str] = frozenset()
    earlier: str = ""
    answers_today: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    passed_today: Mapping[str, int] = field(default_factory=dict)
    assignment: Assignment | None = None
    whole: bool = True
    service: ServiceStatus = field(default_factory=ServiceStatus)
    failure: JobEnd | None = None
    shown: Mapping[str, tuple[Sighting, ...]] = field(default_factory=dict)
    asked: tuple[QueuedLetter, ...] = ()

    def answers_counted(self, address: str) -> tuple[str, ...]:
        """Today's automatic answers to an address that count against its limit: those to what brought nothing new."""
        return tuple(k for k in self.answers_today.get(address.lower(), ()) if not kind_of(k).answers_news)

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

    def is_assigned(self, respondent: str) -> bool:
        """Whether somebody who may decide said that the message is this respondent's."""
        return self.assignment is not None and self.assignment.respondent == respondent


@dataclass(frozen=True, kw_only=True)
class MessageCase:
    """One message, all that is known beside it, and the time (an aware instant).

    `doubt` says in a sentence why the sender's address may not be believed; it is "" when it may.
    """

    message: IncomingMessage
    facts: IntakeFacts
    now: datetime
    doubt: str

    @property
    def site(self) -> Site:
        """The site's configuration."""
        return self.facts.site

    @cached_property
    def day(self) -> date:
        """The London day on which the message arrived."""
        return london_day(self.message.received)

    @property
    def sender(self) -> str:
        """The sender's address as registered addresses are written, in lower case; "" when it cannot be trusted."""
        return plain_address(self.message.sender)

    @cached_property
    def registered_for(self) -> tuple[Respondent, ...]:
        """The respondents for whose contact the sender's address counts, whether or not it may be believed."""
        return self.site.spoken_for(self.sender, self.day)

    @cached_property
    def invited_to(self) -> tuple[Respondent, ...]:
        """The respondents for whom the sender's address is named, and has not confirmed."""
        return tuple(r for r in self.site.serving(self.day) if r.is_invited(self.sender))

    def correspondents(self, respondent: Respondent) -> tuple[Contact, ...]:
        """Who is answered: the contact for whom the sender writes, at their own address, else the leads. Never an
        address that is only in a message."""
        own = respondent.speakers(self.sender, self.day)[:1]
        return own or respondent.people(Role.LEAD, self.day) or respondent.chairs(self.day)

    def is_from(self, people: Iterable[Contact]) -> bool:
        """Whether what the sender does is an act of one of some people, by their addresses alone."""
        return any(person.acts_from(self.sender) for person in people)

    @property
    def words(self) -> str:
        """What the sender wrote as it is put before a reader, with what came inside it; all that the message says where
        nothing is theirs."""
        if say_passages(self.message.passages):
            return say_words(self.message)
        inside = (say_enclosed(one) for one in self.message.enclosed if not one.is_quoted)
        return "\n\n".join(filter(None, (self.message.text[:_WORDS_KEPT], *inside)))

    def first_due(self, respondents: Sequence[Respondent], quarter: Quarter | None) -> datetime | None:
        """When the first of some respondents' returns that has not come is due; None when none is owed."""
        owed = []
        for respondent in respondents:
            cycle = self.facts.cycle(quarter) or self.facts.current(respondent.key)
            if cycle and cycle.requests.get(respondent.key) and not cycle.stands(respondent.key).state.is_in:
                owed.append(cycle.due_time(respondent))
        return min(owed, default=None)

    # What outcomes are made of --------------------------------------------------------------------

    def conclude(
        self,
        verdict: Verdict,
        reason: str,
        *,
        respondents: Iterable[Respondent] = (),
        events: Sequence[Event] = (),
        letters: Sequence[Letter] = (),
    ) -> Decision:
        """A decision with its one verdict, the events and the letters that go with it."""
        keys = tuple(dict.fromkeys(r.key for r in respondents))
        return Decision(
            events=tuple(events),
            letters=tuple(letters),
            judgement=Judgement(message=self.message.id, verdict=verdict, reason=reason, respondents=keys),
        )

    def refer(
        self,
        quarter: Quarter | None,
        respondents: Sequence[Respondent],
        to: str = "",
        *,
        paper: PaperMeant | None = None,
    ) -> Incoming:
        """What an answer refers to; it stands in the thread only for the one who wrote the message."""
        people = (c for r in respondents for c in r.contacts)
        wrote_it = plain_address(to) == self.sender or any(c.is_at(to) and c.owns(self.sender) for c in people)
        return Incoming(
            message=self.message.id,
            quarter=quarter,
            respondents=tuple(r.key for r in respondents),
            codes=tuple(r.code for r in respondents),
            names=tuple(r.name for r in respondents),
            thread=self.message.message_id if wrote_it else "",
            paper=paper,
        )

    def write_to_each(
        self,
        respondents: Sequence[Respondent],
        quarter: Quarter | None,
        write: Callable[[Contact, Incoming], Letter],
    ) -> tuple[Letter, ...]:
        """A letter to each person who is answered about some respondents: the first one's."""
        people = self.correspondents(respondents[0])
        return tuple(write(person, self.refer(quarter, respondents, person.address)) for person in people)

    def event(
        self,
        kind: Happened,
        *,
        quarter: Quarter | None,
        respondent: str,
        subject: str = "",
        **facts: str | int | bool | None,
    ) -> Event:
        """An event that the message caused; `subject` is the message itself unless another is named."""
        return Event(
            kind=kind,
            at=self.now,
            by=self.message.sender or UNKNOWN_SENDER,
            quarter=quarter,
            respondent=respondent,
            subject=subject or self.message.id,
            facts=facts,
            came=self.message.received if self.message.received < self.now else None,
        )

    def wait_for_a_person(
        self, kind: Happened, respondents: Sequence[Respondent], quarter: Quarter | None, *, why: str = ""
    ) -> tuple[Event, ...]:
        """The events of a message that waits for a person, for each respondent in its cycle; they pause its chase.

        An archived cycle is shown nowhere, so what comes for it waits in the current one. A message that belongs to
        nobody's return waits for the service as a whole, so that it is shown too.
        """
        more = {"why": why} if why else {}
        marked = []
        for respondent in respondents:
            cycle = self.facts.cycle(quarter)
            if cycle is None or not cycle.takes_returns or respondent.key not in cycle.status.returns:
                cycle = self.facts.current(respondent.key)
            if cycle is not None and respondent.key in cycle.status.returns:
                marked.append(self.event(kind, quarter=cycle.quarter, respondent=respondent.key, **more))
        return tuple(marked) or (self.event(Happened.MESSAGE_HELD, quarter=None, respondent="", **more),)
