"""How a quarter goes on: messages are decided on, days pass in the chase, and what follows is kept for the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from csp_workflow.chase import beat
from csp_workflow.desk import commands, orders
from csp_workflow.desk.facts import CarriedOut, OrderFacts, Refused
from csp_workflow.intake.case import CycleFacts, IntakeFacts, OpenedFile
from csp_workflow.intake.decide import decide
from csp_workflow.rehearsal.specimens.stage import KEY, Filling, Stage, digest, filled
from csp_workflow.request.proof import ProofEntry
from csp_workflow.terms.dates import CycleState, PaperState, in_london, london
from csp_workflow.terms.events import Decision, Event, Happened, Request
from csp_workflow.terms.letters import Letter, QueuedLetter
from csp_workflow.terms.messages import Attachment, IncomingMessage
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.status import CycleStatus, CycleView, PaperStatus, ServiceStatus, fold_cycle

SUBJECT = "RE: Your return"


@dataclass
class Story:
    """One way a quarter may go. It begins with everybody asked."""

    stage: Stage
    service: ServiceStatus = field(default_factory=ServiceStatus)
    events: tuple[Event, ...] = field(init=False)
    letters: tuple[QueuedLetter, ...] = ()
    submissions: dict[str, tuple[Submission, ...]] = field(default_factory=dict)
    requests: dict[str, tuple[Request, ...]] = field(init=False)
    papers: dict[str, PaperStatus] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.events = self.stage.asked
        self._folded = len(self.events), self.stage.status
        self.requests = {entry.respondent.key: (entry.request,) for entry in self.stage.entries}

    @property
    def status(self) -> CycleStatus:
        """The round as it stands."""
        if self._folded[0] != len(self.events):
            self._folded = len(self.events), fold_cycle(self.stage.quarter, self.events)
        _, status = self._folded
        return replace(status, state=CycleState.OPEN, papers={**status.papers, **self.papers})

    @property
    def latest(self) -> dict[str, Submission]:
        """Each return's latest version."""
        return {key: versions[-1] for key, versions in self.submissions.items()}

    def happen(self, kind: Happened, respondent: str, at: datetime, subject: str = "") -> None:
        """Something that no message and no order brought."""
        event = Event(kind=kind, at=at, by="a specimen", quarter=self.stage.quarter, respondent=respondent)
        self.keep(Decision(events=(replace(event, subject=subject),)))

    def keep(self, decision: Decision) -> Decision:
        """What was decided stands for what comes next."""
        self.events += tuple(e for e in decision.events if e.quarter == self.stage.quarter)
        for submission in decision.submissions:
            key = submission.respondent
            self.submissions[key] = (*self.submissions.get(key, ()), submission)
        for request in decision.requests:
            key = request.form.respondent
            self.requests[key] = (*self.requests.get(key, ()), request)
        return decision

    # Messages --------------------------------------------------------------------------------------

    def receive(
        self,
        sender: str,
        at: datetime,
        words: str = "",
        opened: Sequence[OpenedFile] = (),
        *,
        answered: QueuedLetter | None = None,
        is_running: bool = True,
        answers_today: tuple[str, ...] = (),
        **more: Any,
    ) -> Decision:
        """Decide on a message and keep what follows. Not `is_running`: no quarter is under way."""
        message = IncomingMessage(
            id=digest(f"{sender} {at} {words} {[a.name for a, _ in opened]} {len(self.events)}"),
            received=at,
            message_id="<specimen@example>",
            sender=sender.lower(),
            sender_name="A Colleague",
            subject=SUBJECT,
            text=words,
            answer=words,
            answered=(),
            headers=(),
            attachments=tuple(attachment for attachment, _ in opened),
            size=len(words),
            **more,
        )
        facts = IntakeFacts(
            site=self.stage.site,
            key=KEY,
            cycles=(self._cycle(),) if is_running else (),
            opened=tuple(opened),
            answered=answered,
            answers_today={sender.lower(): answers_today},
            service=self.service,
        )
        return self.keep(decide(message, facts, at))

    def send_in(self, sender: str, at: datetime, entries: Sequence[ProofEntry], filling: Filling) -> Decision:
        """Send in one form or several, each filled in that way."""
        return self.receive(sender, at, opened=[form(entry, filling) for entry in entries])

    def _cycle(self) -> CycleFacts:
        return CycleFacts(
            site=self.stage.site,
            dates=self.stage.dates,
            status=self.status,
            requests=self.requests,
            latest=self.latest,
            versions={key: tuple(s.content for s in mine) for key, mine in self.submissions.items()},
            events=self.events,
        )

    # The chase and the orders ----------------------------------------------------------------------

    def view_cycle(self) -> CycleView:
        """The cycle as the chase sees it."""
        return CycleView(
            site=self.stage.site,
            dates=self.stage.dates,
            status=self.status,
            service=self.service,
            letters=self.letters,
            submissions=self.submissions,
            forms={key: mine[-1].form for key, mine in self.requests.items()},
        )

    def chase(self, first: date, last: date) -> Iterator[Letter]:
        """What the chase writes on each working day from the first to the last; all of it leaves."""
        day = self.stage.site.working_days.plus(first, 0)
        while day <= last:
            now = london(day, self.stage.site.window.opens)
            for letter in beat.decide_chase(self.view_cycle(), now).letters:
                yield letter
                self.send(letter, now)
            day = self.stage.site.working_days.plus(day + timedelta(days=1), 0)

    def send(self, letter: Letter, at: datetime) -> QueuedLetter:
        """A letter left."""
        sent = replace(beat.as_sent(letter, at), message_id=f"<{digest(f'{letter.cause} {letter.recipient}')}@example>")
        self.letters += (sent,)
        return sent

    def settle_papers(self) -> None:
        """Every board's paper has gone out."""
        for paper in self.stage.dates.papers:
            settled = PaperStatus(board=paper.board, state=PaperState.CIRCULATED, content="c", cleared="c")
            self.papers[paper.board] = settled

    def order(self, words: str, now: datetime) -> tuple[Letter, ...]:
        """The co-ordinator replies with orders: the letters that they ask for, and the answer to her."""
        office = self.stage.site.office
        facts = OrderFacts(
            site=self.stage.site,
            service=self.service,
            sender=office.co_ordinator.address,
            message=digest(f"order {words}"),
            status=self.status,
            dates=self.stage.dates,
        )
        parsed = commands.parse(words, today=in_london(now).date())
        outcomes = tuple(_outcome(command, facts, now) for command in parsed.commands)
        answer = orders.answer_orders(parsed, outcomes, facts, now, thread="<specimen@example>")
        done = [self.keep(outcome.decision) for outcome in outcomes if isinstance(outcome, CarriedOut)]
        return (*(letter for decision in done for letter in decision.letters), *([answer] if answer else []))


def form(entry: ProofEntry, filling: Filling, *, name: str = "") -> OpenedFile:
    """A respondent's form as it comes back, and what the sandbox would read in it."""
    data = digest(f"{entry.respondent.key} {filling} {name}").encode()
    return Attachment(name=name or entry.file, data=data), filled(entry.form, filling)


def _outcome(command: commands.Command, facts: OrderFacts, now: datetime) -> CarriedOut | Refused:
    try:
        return orders.carry_out(command, facts, now)
    except Refused as refused:
        return refused
