"""A cycle as it stands, as rules are given it: when each return is due, who owes one, who is written to, and what was
written about what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from csp_workflow.terms.dates import CycleDates, Quarter, london, london_day
from csp_workflow.terms.events import About, Event, LetterState, QueuedLetter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.paper_status import SETTLED
from csp_workflow.terms.report_form import ReportForm
from csp_workflow.terms.returns import FormDefinition, Submission
from csp_workflow.terms.service_status import ServiceStatus
from csp_workflow.terms.site import Assent, Contact, Respondent, RespondentKind, Role, Site
from csp_workflow.terms.status import CycleStatus, ReturnStatus


@dataclass(frozen=True, kw_only=True)
class CycleView:
    """One cycle as it stands, as far as whoever asks has gathered it.

    `letters` are all letters of this cycle, withdrawn ones too; for the chase also those of any other
    cycle that are queued or were sent today (one letter a working day is counted over all cycles).
    `submissions` has every version by respondent key, oldest first; `forms` the form each respondent
    was last sent, or the next issue of it where it does not show any more what stands (`renewed`); `issues` has every
    issue that it was sent, oldest first; `marked` the workbook that holds what somebody sent with the cells to correct
    marked, as it went; `events` are the cycle's own.
    """

    site: Site
    dates: CycleDates
    status: CycleStatus
    service: ServiceStatus = field(default_factory=ServiceStatus)
    letters: tuple[QueuedLetter, ...] = ()
    submissions: Mapping[str, tuple[Submission, ...]] = field(default_factory=dict)
    forms: Mapping[str, FormDefinition] = field(default_factory=dict)
    renewed: frozenset[str] = frozenset()
    issues: Mapping[str, tuple[FormDefinition, ...]] = field(default_factory=dict)
    marked: Mapping[str, Attachment] = field(default_factory=dict)
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
        """When a respondent's return is due, aware: the analyst's day or the cycle's, or its own extension if later."""
        status = self.status.returns.get(respondent.key)
        due = self.dates.extract_due if respondent.kind is RespondentKind.ANALYST else self.dates.due
        if status is None or status.due is None:
            return due
        return max(due, london(self.site.working_days.plus(status.due, 0), self.site.offsets.due_time))

    @property
    def first_due(self) -> date:
        """The day on which the first of the returns that are not in is due; the analyst's is another."""
        owed = (r for r, one in self.owed_returns() if not one.state.is_in and r.kind is not RespondentKind.ANALYST)
        return london_day(min((self.due_time(r) for r in owed), default=self.dates.due))

    def close_time(self, respondent: Respondent) -> datetime:
        """After when a return is late for the papers: as long after its own due day as the cycle's close is."""
        status, offsets = self.status.returns.get(respondent.key), self.site.offsets
        if status is None or status.due is None:
            return max(self.dates.close, self.due_time(respondent))
        own = self.site.working_days.plus(status.due, offsets.close - offsets.due)
        return max(self.dates.close, london(own, offsets.due_time))

    def give_due(self, form: FormDefinition, respondent: Respondent) -> FormDefinition:
        """A form with the day on which it is due now."""
        return replace(form, due=self.due_time(respondent))

    @property
    def settled_boards(self) -> tuple[str, ...]:
        """The names of the boards whose paper for this quarter is cleared or gone."""
        return tuple(
            self.site.board(paper.board).name
            for paper in self.dates.papers
            if (status := self.status.papers.get(paper.board)) and status.state in SETTLED
        )

    @property
    def is_settled(self) -> bool:
        """Whether no paper of this quarter can take anything more."""
        return bool(self.dates.papers) and len(self.settled_boards) == len(self.dates.papers)

    def next_clearance(self, today: date) -> date | None:
        """The day, from today on, on which the next paper is settled that is not settled yet."""
        papers, settled = self.dates.papers, self.settled_boards
        open_papers = (p for p in papers if p.clearance >= today and self.site.board(p.board).name not in settled)
        return min((paper.clearance for paper in open_papers), default=None)

    def has_longer(self, respondent: Respondent) -> bool:
        """Whether a respondent was promised a day after which the cycle's close is too early to give it up."""
        return self.close_time(respondent) > self.dates.close

    def days_from_due(self, respondent: Respondent, day: date) -> int:
        """Working days from the due date to `day`: negative before it, 0 on it."""
        return self.site.working_days.between(london_day(self.due_time(respondent)), day)

    def addressees(self, respondent: Respondent, day: date) -> tuple[Contact, ...]:
        """Who is written to about a return: the lead, or whoever stands in for a lead away or out of reach."""
        return self.service.written_to(respondent, day)

    def chairs(self, respondent: Respondent, day: date) -> tuple[Contact, ...]:
        """Whom letters to a chair go to on a day: the chairs that letters reach, or a deputy chair in their place."""
        return self.service.chairing(respondent, day)

    def givers(self, respondent: Respondent, assent: Assent, day: date) -> tuple[Contact, ...]:
        """Whom a yes is asked of on a day: the chairs or budget holders whom letters reach, or a deputy instead."""
        return self.service.assenting(respondent, assent, day) if respondent.needs_approval else ()

    def shows_approval(self, respondent: Respondent, giver: Contact, day: date) -> bool:
        """Whether its leads read of a yes to a return on the page of a paper that they are still to be shown: a chair's
        own that takes no other's place, where no page of theirs comes with the word of it."""
        stands, forms = self.status.returns[respondent.key], self.site.report_forms
        if giver.role is not Role.CHAIR or any(form.own_pages for form in forms) or stands.is_corrected:
            return False
        ahead = {paper.board for paper in self.dates.papers if paper.clearance >= day}
        return any(form.board in ahead and not self._is_shown(form.board, respondent.key) for form in self._showing)

    def approval_shown(self, respondent: Respondent) -> bool:
        """Whether a page that says of the yes to a return, which counts now, was sent to it."""
        given, showing = self.status.returns[respondent.key].approval, {form.board for form in self._showing}
        papers = (self.status.papers.get(board) for board in showing)
        boards = {paper.board for paper in papers if given and paper and given.submission in paper.approvals_shown}
        return any(
            given and one.draft and one.board in boards and letter.queued >= given.at
            for letter in self.letters_by_respondent.get(respondent.key, ())
            for one in letter.about
            if letter.state is not LetterState.WITHDRAWN
        )

    @property
    def _showing(self) -> Iterator[ReportForm]:
        """The papers of which each partnership is shown its page, with whether its return is approved."""
        return (form for form in self.site.report_forms if form.objection_days and form.prints_standing)

    def _is_shown(self, board: str, respondent: str) -> bool:
        paper = self.status.papers.get(board)
        return paper is not None and (paper.state in SETTLED or respondent in paper.pages_shown)

    def is_held(self, respondent: Respondent) -> bool:
        """Whether the co-ordinator has put a respondent on hold."""
        on_hold = self.status.returns[respondent.key].on_hold
        return on_hold or respondent.key in self.service.held_respondents

    def is_paused(self, respondent: Respondent, day: date) -> bool:
        """Whether a respondent's chase waits for a person, or for the day that they said by telephone."""
        status = self.status.returns[respondent.key]
        call = status.find_call(day)
        return status.is_paused or self.is_held(respondent) or bool(call and call.until)

    def latest_submission(self, respondent: Respondent) -> Submission | None:
        """The version that the return's status counts, when it was gathered."""
        wanted = self.status.returns[respondent.key].submission
        return next((s for s in self.submissions.get(respondent.key, ()) if s.id == wanted), None)

    def still_counts(self, letter: QueuedLetter, about: About) -> bool:
        """Whether a letter counts for what it is about: not withdrawn but by a person, nor written before that version
        went back."""
        stands = self.status.returns.get(about.respondent)
        is_latest = stands is not None and bool(about.submission) and about.submission == stands.submission
        went_back = stands.went_back if stands and is_latest else None
        is_out = letter.state is not LetterState.WITHDRAWN or letter.is_let_lie
        return is_out and (went_back is None or went_back < letter.queued)

    @cached_property
    def letters_by_respondent(self) -> Mapping[str, tuple[QueuedLetter, ...]]:
        """This cycle's letters, withdrawn ones too, by the keys of those whom they are about."""
        found: dict[str, list[QueuedLetter]] = {}
        for letter in self.letters:
            for key in letter.respondents if letter.quarter == self.quarter else ():
                found.setdefault(key, []).append(letter)
        return {key: tuple(letters) for key, letters in found.items()}

    @cached_property
    def letters_by_about(self) -> Mapping[About, tuple[QueuedLetter, ...]]:
        """The letters that count, by what they are about: looked up for every respondent."""
        found: dict[About, tuple[QueuedLetter, ...]] = {}
        for letter in self.letters:
            for one in letter.about:
                if self.still_counts(letter, one):
                    found[one] = (*found.get(one, ()), letter)
        return found
