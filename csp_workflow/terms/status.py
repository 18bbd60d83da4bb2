"""Where a quarter stands, its returns and papers: a fold over its events, which replaying them gives again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from csp_workflow.terms.dates import CycleState, Quarter
from csp_workflow.terms.events import Event, Happened, Move, next_state
from csp_workflow.terms.paper_status import PAPER_EVENTS, PaperStatus, meetings_after, paper_after
from csp_workflow.terms.returns import ReturnState, Revision
from csp_workflow.terms.site import Assent, Role


@dataclass(frozen=True, kw_only=True)
class Version:
    """One received version of a return: when its message came, whether after its due day, and when it was found
    complete. `counted` is from when on it counts: it may have been held before, for a colleague's word or ours."""

    submission: str
    received: datetime
    counted: datetime
    late: bool = False
    complete: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class GivenAssent:
    """A yes to one version, or to its grant money: who said it, in which role, and how the office knows where they did
    not write so.

    `asked` is when they were shown it: on the force's figures as they stood then.
    """

    submission: str
    at: datetime
    by: str
    role: Role = Role.CHAIR
    evidence: str = ""
    asked: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PhoneCall:
    """A call of the co-ordinator's about a return: with whom ("" for anybody there), what was said, and the day until
    which that is waited for; None where none was said."""

    at: datetime
    whom: str
    said: str
    until: date | None


@dataclass(frozen=True, kw_only=True)
class ReturnStatus:
    """Where one return stands, what became of it, and what pauses its chase.

    `versions` and `approvals` are all that ever came, oldest first: no correction rewrites what was in time or
    approved. `approval` is the one that counts now. `returned` is when the latest version was sent back, for the
    `reason`; `went_back` still says so after it was taken all the same.
    `answered` is when it was said that there is nothing to report, or that none comes, and `answered_by` who said so,
    as long as that stands;
    `before_end` is where it stood then.
    `money` is the hash of what the latest version says of grant money ("" for nothing), which no version has said
    otherwise and nobody has sent back `money_since`; `certificate` is the budget holder's yes to just that.
    `revisions` are what changed on its form after it went, `reissued` when it last got a new one, and `left` when the
    co-ordinator last said that it is to stay as it is.
    `open_questions` and `held_messages` are message ids that wait for a person; `objections` are the questions that
    object to what a board's paper prints, each behind its board. `disputes_passed` is the last version whose disputes
    the force's analyst was sent, `disputes_answered` when one was answered last. `due` is this respondent's own
    extended due date, or None for the cycle's, given when it was `extended` last.
    """

    respondent: str
    state: ReturnState = ReturnState.EXPECTED
    versions: tuple[Version, ...] = ()
    approvals: tuple[GivenAssent, ...] = ()
    approval: GivenAssent | None = None
    approval_asked: str = ""
    approval_asked_at: datetime | None = None
    money: str = ""
    money_since: datetime | None = None
    certificate: GivenAssent | None = None
    certificate_asked: str = ""
    certificate_asked_at: datetime | None = None
    faults: int = 0
    queries: int = 0
    returned: datetime | None = None
    went_back: datetime | None = None
    answered: datetime | None = None
    answered_by: str = ""
    before_end: ReturnState = ReturnState.EXPECTED
    reopened: datetime | None = None
    due: date | None = None
    extended: datetime | None = None
    extension_reason: str = ""
    requested: datetime | None = None
    reason: str = ""
    revisions: tuple[Revision, ...] = ()
    reissued: datetime | None = None
    left: datetime | None = None
    open_questions: tuple[str, ...] = ()
    objections: tuple[tuple[str, str], ...] = ()
    held_messages: tuple[str, ...] = ()
    on_hold: bool = False
    chair_letter_proposed: bool = False
    chair_letter_allowed: bool = False
    phone_call_due: bool = False
    phoned: PhoneCall | None = None
    disputes_passed: str = ""
    disputes_answered: datetime | None = None

    @property
    def submission(self) -> str:
        """The id of the latest version; "" for none."""
        return self.versions[-1].submission if self.versions else ""

    @property
    def received(self) -> datetime | None:
        """When the latest version came."""
        return self.versions[-1].received if self.versions else None

    @property
    def counted(self) -> datetime | None:
        """From when on the latest version counts."""
        return self.versions[-1].counted if self.versions else None

    @property
    def late(self) -> bool:
        """Whether the return itself came after its due day: a correction of one that was in time does not."""
        return bool(self.versions) and self.versions[0].late

    @property
    def approved(self) -> str:
        """The id of the version whose approval counts now; "" for none."""
        return self.approval.submission if self.approval else ""

    def wants(self, assent: Assent) -> bool:
        """Whether a yes is to be asked for: of a chair to a complete return, of a budget holder to its grant money."""
        if assent is Assent.APPROVAL:
            return self.state is ReturnState.COMPLETE
        is_taken = self.state in {ReturnState.COMPLETE, ReturnState.APPROVED}
        return is_taken and bool(self.money) and self.certificate is None

    def may_have_meant(self, assent: Assent, wrote: datetime) -> bool:
        """Whether a yes that was written at a moment can be to what is wanted now: it had come by then."""
        since = self.received if assent is Assent.APPROVAL else self.money_since
        return self.wants(assent) and since is not None and since <= wrote

    def find_asked(self, assent: Assent) -> str:
        """The version about which a yes was asked for last; "" for none."""
        return self.approval_asked if assent is Assent.APPROVAL else self.certificate_asked

    @property
    def is_unasked(self) -> bool:
        """Whether it is expected and nobody was asked for it yet."""
        return self.state is ReturnState.EXPECTED and self.requested is None

    @property
    def overtaken(self) -> Revision | None:
        """What stands otherwise than on the form that the respondent has; None while that shows what stands."""
        latest = self.revisions[-1] if self.revisions else None
        is_settled = latest is None or (self.reissued is not None and self.reissued >= latest.at)
        return None if is_settled or not latest else latest

    @property
    def asks_reissue(self) -> bool:
        """Whether the co-ordinator is to say if its form goes anew."""
        latest = self.overtaken if self.state.has_use_for_form else None
        return latest is not None and (self.left is None or self.left < latest.at)

    def find_revised(self, since: datetime) -> Revision | None:
        """The last change of the force's figures after an instant; None where they stand again as they did then."""
        later, base = [r for r in self.revisions if r.at > since], self.reissued
        if later and (base is None or base <= since):
            before = [r.figures_mark for r in self.revisions if r.at <= since and (base is None or base < r.at)]
            if later[-1].figures_mark == (before[-1] if before else ""):
                return None
        return next((r for r in reversed(later) if r.moves_figures), None)

    @property
    def is_corrected(self) -> bool:
        """Whether a version came after one that was approved."""
        return bool(self.approvals) and self.approvals[-1].submission != self.submission

    def find_call(self, day: date) -> PhoneCall | None:
        """The call that stands on a day: nobody need telephone again before the day that was said in it is over."""
        call = self.phoned
        return call if call and (call.until is None or day <= call.until) else None

    def wants_call(self, day: date) -> bool:
        """Whether somebody there is to be telephoned, and nobody has been."""
        return self.phone_call_due and self.find_call(day) is None

    def list_objections(self, board: str) -> tuple[str, ...]:
        """The messages that object to what a board's paper prints, as long as they are not dealt with."""
        return tuple(message for of, message in self.objections if of == board and message in self.open_questions)

    @property
    def can_go_back(self) -> bool:
        """Whether there is a version to be sent back to its lead, which was not sent back yet."""
        return self.state.is_made and self.state is not ReturnState.RECEIVED and not self.returned

    @property
    def is_paused(self) -> bool:
        """A held message, an open question or a HOLD pauses this respondent's chase."""
        return bool(self.open_questions or self.held_messages or self.on_hold)


@dataclass(frozen=True, kw_only=True)
class CycleStatus:
    """One quarter's round, folded: its state, its returns by respondent key, its papers by board key.

    `awaited` is how many police figures the forms show as to follow, as proved last.
    """

    quarter: Quarter
    state: CycleState = CycleState.PLANNED
    returns: Mapping[str, ReturnStatus] = field(default_factory=dict)
    papers: Mapping[str, PaperStatus] = field(default_factory=dict)
    opened: datetime | None = None
    closed: datetime | None = None
    awaited: int = 0

    def list_showing(self, board: str, respondent: str) -> list[PaperStatus]:
        """Whose papers showed a partnership anything that a board's latest draft says of it: its own paper, or others
        that say the same."""
        says = self.papers[board].pages.get(respondent, frozenset())
        return [paper for paper in self.papers.values() if says & paper.pages_shown.get(respondent, frozenset())]

    def find_shown(self, respondent: str) -> frozenset[str]:
        """The marks of all that a partnership was shown, in whichever paper."""
        return frozenset(m for paper in self.papers.values() for m in paper.pages_shown.get(respondent, ()))

    def list_unshown(self, board: str) -> tuple[str, ...]:
        """The partnerships, by key, that were not shown all that a board's latest draft says of them."""
        return tuple(key for key, says in self.papers[board].pages.items() if not says <= self.find_shown(key))


# Which states may follow, and the fold ---------------------------------------------------------------

_R = ReturnState
_ANY_ANSWERED = (_R.RECEIVED, _R.QUERIED, _R.COMPLETE, _R.APPROVED)
_UNANSWERED = (_R.EXPECTED, _R.REQUESTED, _R.NOT_RECEIVED)

RETURN_MOVES: tuple[Move[ReturnState], ...] = (
    Move(event=Happened.REQUESTED, sources=(_R.EXPECTED,), to=_R.REQUESTED, letter="request"),
    Move(event=Happened.RECEIVED, sources=(*_UNANSWERED, *_ANY_ANSWERED, _R.NIL, _R.DECLINED), to=_R.RECEIVED),
    Move(event=Happened.QUERIED, sources=(_R.RECEIVED,), to=_R.QUERIED, letter="correction"),
    Move(
        event=Happened.RETURNED,
        sources=(_R.QUERIED, _R.COMPLETE, _R.APPROVED),
        to=_R.QUERIED,
        letter="returned-to-lead",
    ),
    Move(event=Happened.COMPLETE, sources=(_R.RECEIVED, _R.QUERIED), to=_R.COMPLETE, letter="receipt"),
    Move(event=Happened.APPROVED, sources=(_R.COMPLETE,), to=_R.APPROVED, letter="approval-noted"),
    Move(event=Happened.NIL, sources=(*_UNANSWERED, *_ANY_ANSWERED, _R.DECLINED), to=_R.NIL, letter="nil-recorded"),
    Move(
        event=Happened.DECLINED,
        sources=(*_UNANSWERED, *_ANY_ANSWERED, _R.NIL),
        to=_R.DECLINED,
        letter="declined-recorded",
    ),
    # Where it came or was not asked for before, it stands as it did then.
    Move(event=Happened.REOPENED, sources=(_R.NIL, _R.DECLINED), to=_R.REQUESTED, letter="recorded-by-word"),
    Move(event=Happened.NOT_RECEIVED, sources=(_R.EXPECTED, _R.REQUESTED), to=_R.NOT_RECEIVED),
    Move(event=Happened.EXTENDED, sources=(_R.EXPECTED,), to=_R.EXPECTED),
    Move(event=Happened.EXTENDED, sources=(_R.REQUESTED, _R.NOT_RECEIVED), to=_R.REQUESTED, letter="extension-given"),
)

_C = CycleState
CYCLE_MOVES: tuple[Move[CycleState], ...] = (
    Move(event=Happened.PROOF_MADE, sources=(_C.PLANNED, _C.IN_PROOF), to=_C.IN_PROOF, letter="proof-pack"),
    Move(event=Happened.CYCLE_OPENED, sources=(_C.IN_PROOF,), to=_C.OPEN, letter="request"),
    Move(event=Happened.CYCLE_CLOSED, sources=(_C.OPEN,), to=_C.CLOSED),
    Move(event=Happened.CYCLE_ARCHIVED, sources=(_C.CLOSED,), to=_C.ARCHIVED),
)


def fold_cycle(
    quarter: Quarter,
    events: Iterable[Event],
    *,
    onto: CycleStatus | None = None,
    received: Mapping[str, datetime] = MappingProxyType({}),
) -> CycleStatus:
    """Fold one quarter's events, in the order they were appended; later ones `onto` the status of those before.

    `received` says when versions came, by submission; one it does not have came as it was noted.
    """
    status = onto or CycleStatus(quarter=quarter)
    returns, papers = dict(status.returns), dict(status.papers)
    for event in events:
        if event.kind in PAPER_EVENTS:
            paper = papers.get(event.subject, PaperStatus(board=event.subject))
            papers[event.subject] = paper_after(paper, event, returns)
        elif event.respondent:
            before = returns.get(event.respondent, ReturnStatus(respondent=event.respondent))
            returns[event.respondent] = _return_after(before, event, received)
        else:
            status = _cycle_after(status, event)
            papers |= meetings_after(papers, event)
    return replace(status, returns=MappingProxyType(returns), papers=MappingProxyType(papers))


def _cycle_after(status: CycleStatus, event: Event) -> CycleStatus:
    state = next_state(CYCLE_MOVES, status.state, event.kind)
    match event.kind:
        case Happened.PROOF_MADE:
            return replace(status, state=state, awaited=int(event.facts.get("awaited") or 0))
        case Happened.CYCLE_OPENED:
            return replace(status, state=state, opened=event.at)
        case Happened.CYCLE_CLOSED:
            return replace(status, state=state, closed=event.at)
    return replace(status, state=state)


_NOT_APPROVED: Mapping[str, Any] = {"approval": None, "approval_asked": "", "approval_asked_at": None}
"""What a new version, or one that was sent back, leaves of an approval."""

_NOT_CERTIFIED: Mapping[str, Any] = {"certificate": None, "certificate_asked": "", "certificate_asked_at": None}
"""What other grant money, or a version that was sent back, leaves of a certificate."""

_NEW_VERSION: Mapping[str, Any] = {
    "returned": None,
    "went_back": None,
    "phoned": None,
    "answered": None,
    "reason": "",
}
"""What a new version leaves of what was said of the one before."""


def _assent_after(status: ReturnStatus, event: Event) -> ReturnStatus:
    """A yes was asked for, or given: by a letter of whose it is, or elsewhere."""
    if event.kind is Happened.APPROVAL_ASKED:
        return replace(status, approval_asked=event.subject, approval_asked_at=event.at)
    if event.kind is Happened.CERTIFICATE_ASKED:
        return replace(status, certificate_asked=event.subject, certificate_asked_at=event.at)
    is_approval = event.kind is Happened.APPROVED
    asked_last = status.approval_asked_at if is_approval else status.certificate_asked_at
    given = GivenAssent(
        submission=event.subject,
        at=event.instant,
        by=str(event.facts.get("approver") or event.by),
        role=Role(str(event.facts.get("role") or (Role.CHAIR if is_approval else Role.BUDGET_HOLDER))),
        evidence=str(event.facts.get("evidence") or ""),
        asked=datetime.fromisoformat(str(event.facts["asked"])) if event.facts.get("asked") else asked_last,
    )
    if not is_approval:
        return replace(status, certificate=given)
    return replace(status, approval=given, approvals=(*status.approvals, given))


def _money_after(status: ReturnStatus, event: Event) -> ReturnStatus:
    """A version came: what it says of grant money is certified only where that was said and certified before."""
    money = str(event.facts.get("money") or "")
    if money == status.money:
        return status
    return replace(status, money=money, money_since=event.at, **_NOT_CERTIFIED)


def _complete_since(versions: tuple[Version, ...], event: Event) -> tuple[Version, ...]:
    """The versions, of which the latest was found complete."""
    return (*versions[:-1], *(replace(one, complete=event.at) for one in versions[-1:]))


_ENDED = {ReturnState.NIL, ReturnState.DECLINED}


def _return_after(  # noqa: C901, PLR0911, PLR0912 - one flat table, a case an event
    status: ReturnStatus, event: Event, received: Mapping[str, datetime]
) -> ReturnStatus:
    facts, was, reason = event.facts, status.state, str(event.facts.get("reason") or "")
    status = replace(status, state=next_state(RETURN_MOVES, was, event.kind))
    match event.kind:
        case Happened.REQUESTED:
            return replace(status, requested=event.at)
        case Happened.RECEIVED:
            when, late = received.get(event.subject, event.at), bool(facts.get("late"))
            came = Version(submission=event.subject, received=when, counted=event.at, late=late)
            versions, status = (*status.versions, came), _money_after(status, event)
            return replace(status, versions=versions, **_NOT_APPROVED, **_NEW_VERSION)
        case Happened.QUERIED | Happened.COMPLETE:
            faults, queries = int(facts.get("faults") or 0), int(facts.get("queries") or 0)
            is_complete = event.kind is Happened.COMPLETE
            versions = _complete_since(status.versions, event) if is_complete else status.versions
            return replace(status, versions=versions, faults=faults, queries=queries, returned=None, phoned=None)
        case Happened.RETURNED:
            undone = {**_NOT_APPROVED, **_NOT_CERTIFIED, "phoned": None, "money_since": event.at}
            return replace(status, **undone, returned=event.at, went_back=event.at, reason=reason)
        case Happened.APPROVAL_ASKED | Happened.APPROVED | Happened.CERTIFICATE_ASKED | Happened.CERTIFIED:
            return _assent_after(status, event)
        case Happened.NIL | Happened.DECLINED:
            before = status.before_end if was in _ENDED else was
            status = replace(status, answered=event.instant, answered_by=event.by, reason=reason)
            return replace(status, returned=None, before_end=before)
        case Happened.REOPENED:
            return replace(status, state=status.before_end, answered=None, reason="", phoned=None, reopened=event.at)
        case Happened.EXTENDED:
            status = replace(status, due=date.fromisoformat(str(facts["until"])), extended=event.at)
            return replace(
                status,
                extension_reason=reason,
                # The ladder starts again from the new date; an old yes does not count for it.
                chair_letter_proposed=False,
                chair_letter_allowed=False,
                phone_call_due=False,
                phoned=None,
            )
        case Happened.FORM_OVERTAKEN | Happened.FORM_REISSUED:
            return _forms_after(status, event)
        case Happened.CHAIR_LETTER_PROPOSED:
            return replace(status, chair_letter_proposed=True)
        case Happened.CHAIR_LETTER_ALLOWED:
            return replace(status, chair_letter_allowed=True)
        case Happened.PHONE_CALL_DUE | Happened.PHONED:
            return _phone_after(status, event)
    return _waiting_after(status, event)


def _phone_after(status: ReturnStatus, event: Event) -> ReturnStatus:
    if event.kind is Happened.PHONE_CALL_DUE:
        return replace(status, phone_call_due=True)
    until = date.fromisoformat(str(event.facts["until"])) if event.facts["until"] else None
    call = PhoneCall(at=event.instant, whom=str(event.facts["whom"]), said=str(event.facts["said"]), until=until)
    return replace(status, phoned=call)


def _forms_after(status: ReturnStatus, event: Event) -> ReturnStatus:
    """What changed on a form after it went, or that it went anew, or stays as it is."""
    facts = event.facts
    if event.kind is Happened.FORM_REISSUED:
        return replace(status, reissued=event.at) if facts["revision"] else replace(status, left=event.at)
    counted = {name: int(facts[name] or 0) for name in ("figures", "came", "wordings")}
    revision = Revision(at=event.at, mark=str(facts["mark"]), moves_figures=True, **counted)
    before = status.overtaken.figures_mark if status.overtaken else ""
    revision = replace(revision, moves_figures=revision.figures_mark != before)
    return replace(status, revisions=(*status.revisions, revision))


def _waiting_after(status: ReturnStatus, event: Event) -> ReturnStatus:
    """Questions and held messages wait for a person and pause the chase until settled (disputes: for the force)."""
    match event.kind:
        case Happened.QUESTION_ASKED:
            to = str(event.facts.get("board") or "")
            objections = (*status.objections, *([(to, event.subject)] if to else []))
            return replace(status, objections=objections, open_questions=(*status.open_questions, event.subject))
        case Happened.QUESTION_ANSWERED:
            return replace(status, open_questions=tuple(q for q in status.open_questions if q != event.subject))
        case Happened.MESSAGE_HELD:
            return replace(status, held_messages=(*status.held_messages, event.subject))
        case Happened.MESSAGE_SETTLED:
            return replace(status, held_messages=tuple(m for m in status.held_messages if m != event.subject))
        case Happened.DISPUTES_PASSED | Happened.DISPUTE_ANSWERED:
            is_passed = event.kind is Happened.DISPUTES_PASSED
            news = {"disputes_passed": event.subject} if is_passed else {"disputes_answered": event.instant}
            return replace(status, **news)
    return status
