"""What needs the co-ordinator's decision today, each with the exact words to reply."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from csp_workflow.digest.facts import DigestFacts, Round, due_of, is_paused, owing, said_no
from csp_workflow.digest.people import lost_addresses
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.contacts import file_of
from csp_workflow.letters.desk import WaitingMessage
from csp_workflow.letters.digests import Need
from csp_workflow.letters.kinds import Ground
from csp_workflow.terms.dates import CycleState, PaperDates, PaperState, london_day
from csp_workflow.terms.letters import REMINDERS, LetterState
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.phrases import day, joined, moment, plural
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Contact, Respondent, RespondentKind, Role
from csp_workflow.terms.status import ReturnStatus

_SETTLED = {PaperState.CIRCULATED, PaperState.PUBLISHED}


def needs(facts: DigestFacts, now: datetime) -> tuple[Need, ...]:
    """Everything that waits for her, the most far-reaching first."""
    return (
        *_service(facts),
        *lost_addresses(facts, now),
        *(need for about in facts.rounds for need in _round(facts, about, now)),
        *_messages(facts),
        *_letters(facts),
        *(need for about in facts.shown for need in _papers(facts, about, now)),
    )


def _service(facts: DigestFacts) -> Iterator[Need]:
    if facts.service.clock_doubted:
        yield Need(
            sentence="The computer's clock has gone back, or is not the mail server's. Nothing leaves until it is "
            "right and you say so.",
            words=("RELEASE",),
        )
    if facts.service.gap_hold:
        yield Need(
            sentence="The service was silent for some working days. Requests and reminders wait for your word; "
            "what arrived is received and answered.",
            words=("RELEASE",),
        )
    if facts.service.breaker:
        yield Need(
            sentence=f"Automatic answers are on hold. {facts.service.breaker} Receipts and corrections wait for your "
            "word; what arrived is received and read.",
            words=("RELEASE",),
        )
    if facts.service.on_hold:
        yield Need(sentence="All sending is on hold.", words=("RESUME",))


def _round(facts: DigestFacts, about: Round, now: datetime) -> Iterator[Need]:
    quarter, state = about.status.quarter, about.status.state
    if state is CycleState.IN_PROOF:
        tense = "were" if london_day(now) > about.dates.open else "are"
        going = f"Requests {tense} to go out on {day(about.dates.open)}."
        yield Need(sentence=f"The proof pack for {quarter} waits for you. {going}", words=("SEND",))
    if state is CycleState.PLANNED and london_day(now) >= about.dates.open:
        yield Need(sentence=f"{quarter} was to open on {day(about.dates.open)} and has no proof pack yet.")
    if state is CycleState.ARCHIVED:
        return
    for respondent, status in owing(facts, about):
        for rule in _RULES:
            sentence, words = rule(facts, about, respondent, status, now)
            if sentence:
                yield Need(sentence=sentence, words=words)


# One respondent ------------------------------------------------------------------------------

_Said = tuple[str, tuple[str, ...]]
_NONE: _Said = ("", ())


def _chair_letter(facts: DigestFacts, about: Round, of: Respondent, status: ReturnStatus, now: datetime) -> _Said:
    waits = status.chair_letter_proposed and not status.chair_letter_allowed and not said_no(about, of.key)
    if not waits or not _is_chased(facts, about, of, status):
        return _NONE
    chairs = facts.service.reached(of.people(Role.CHAIR, london_day(now)))
    late = _late(facts, about, of, now)
    return (
        f"{of.name} is {late} late. May we write to {joined(c.name for c in chairs) or 'its chair'}?",
        (f"YES {of.code}", f"NO {of.code}"),
    )


def _telephone(facts: DigestFacts, about: Round, of: Respondent, status: ReturnStatus, now: datetime) -> _Said:
    if not status.phone_call_due or not _is_chased(facts, about, of, status):
        return _NONE
    people = of.people(Role.LEAD, london_day(now)) or of.people(Role.CHAIR, london_day(now))
    words = (
        f"EXTEND {of.code} TO day BECAUSE reason",
        f"NIL {of.code} BECAUSE reason",
        f"DECLINE {of.code} BECAUSE reason",
    )
    return f"{of.name} is {_late(facts, about, of, now)} late. Please telephone {_by_phone(people)}.", words


def _faults(_: DigestFacts, about: Round, of: Respondent, status: ReturnStatus, __: datetime) -> _Said:
    if status.state is not ReturnState.QUERIED or _reminded(about, Ground.FAULTS_OPEN, status) < REMINDERS:
        return _NONE
    unmended = f"{of.name} has not mended {plural(status.faults, 'fault')} after {REMINDERS} reminders."
    return f"{unmended} You may take the return as it is; the paper then says what is open.", (f"ACCEPT {of.code}",)


def _approval(facts: DigestFacts, about: Round, of: Respondent, status: ReturnStatus, now: datetime) -> _Said:
    if not of.needs_approval or status.state is not ReturnState.COMPLETE or _papers_are_out(about):
        return _NONE
    chairs = facts.service.reached(of.people(Role.CHAIR, london_day(now)))
    if not chairs:
        none = "no chair in office whom letters reach to approve it"
        return f"{of.name} has a complete return and {none}. Please have one named.", ()
    if _reminded(about, Ground.APPROVAL_MISSING, status) < REMINDERS or is_paused(facts, of, status):
        return _NONE
    return (
        f"The chair of {of.name} has not approved after {REMINDERS} reminders. Please telephone {_by_phone(chairs)}.",
        (),
    )


def _nobody(facts: DigestFacts, about: Round, of: Respondent, status: ReturnStatus, now: datetime) -> _Said:
    today = london_day(now)
    if status.state.is_in or about.status.state is CycleState.CLOSED:
        return _NONE
    if _was_passed_over(about, of, status):
        unasked = f"{of.name} was not asked: when the requests went out, letters reached nobody there."
        by_hand = "Its form is in the proof pack. Please send it yourself, or ask by telephone."
        return f"{unasked} {by_hand}", (f"NIL {of.code} BECAUSE reason", f"DECLINE {of.code} BECAUSE reason")
    instead = facts.service.deliverable(of, today)
    enter = f"Please have somebody entered in {file_of((of,))}."
    if not instead:
        return f"Letters reach nobody at {of.name}, so nobody can be asked. {enter}", ()
    if not of.people(Role.LEAD, today):
        return f"{of.name} has no lead in office. Letters go to {joined(c.name for c in instead)}. {enter}", ()
    return _NONE


def _was_passed_over(about: Round, of: Respondent, status: ReturnStatus) -> bool:
    """Whether the quarter opened without asking, as a waiver allows. The analyst is asked at another time."""
    is_open = about.status.state is CycleState.OPEN
    return is_open and status.state is ReturnState.EXPECTED and of.kind is not RespondentKind.ANALYST


_Rule = Callable[[DigestFacts, Round, Respondent, ReturnStatus, datetime], _Said]
_RULES: tuple[_Rule, ...] = (_telephone, _chair_letter, _faults, _approval, _nobody)


def _is_chased(facts: DigestFacts, about: Round, of: Respondent, status: ReturnStatus) -> bool:
    over = about.status.state in {CycleState.CLOSED, CycleState.ARCHIVED}
    return status.state is ReturnState.REQUESTED and not over and not is_paused(facts, of, status)


def _late(facts: DigestFacts, about: Round, of: Respondent, now: datetime) -> str:
    due = london_day(due_of(facts, about, of))
    return plural(max(facts.site.working_days.between(due, london_day(now)), 0), "working day")


def _by_phone(people: tuple[Contact, ...]) -> str:
    called = (f"{c.name} on {c.phone}" if c.phone else f"{c.name} (no number known)" for c in people)
    return joined(called, "or") or "them"


def _reminded(about: Round, ground: Ground, status: ReturnStatus) -> int:
    """Which reminder about the latest submission was the last that was written; 0 for none."""
    mine = [x for x in about.letters if kind_of(x.kind).ground is ground and x.state is not LetterState.WITHDRAWN]
    return max((one.reminder for x in mine for one in x.about if one.submission == status.submission), default=0)


def _papers_are_out(about: Round) -> bool:
    states = [about.status.papers[p.board].state for p in about.dates.papers if p.board in about.status.papers]
    return bool(states) and len(states) == len(about.dates.papers) and all(s in _SETTLED for s in states)


# Messages, letters, papers -------------------------------------------------------------------


def _messages(facts: DigestFacts) -> Iterator[Need]:
    for message in facts.waiting:
        names = joined(r.name for r in facts.site.respondents if r.key in message.respondents)
        whose = f" ({names})" if names else ""
        asked = f"{message.sender or 'Somebody'}{whose} wrote at {moment(message.received)}"
        if message.verdict is Verdict.QUESTION:
            sentence = f"{asked} and waits for your answer{_subject(message)}. Reminders are paused."
            yield Need(sentence=sentence, words=(f"DONE {message.short}",))
        else:
            sentence = f"{asked}{_subject(message)}. {message.reason}"
            yield Need(sentence=sentence, words=(f"ASSIGN {message.short} TO CODE", f"DISMISS {message.short}"))


def _subject(message: WaitingMessage) -> str:
    return f': "{message.subject}"' if message.subject else ""


def _letters(facts: DigestFacts) -> Iterator[Need]:
    stuck = [x for x in facts.every_letter if x.state is LetterState.FOR_A_PERSON]
    failed = [x for x in facts.every_letter if x.state is LetterState.FAILED]
    if stuck:
        yield Need(
            sentence=f"{plural(len(stuck), 'letter')} may or may not have left (see below). Please look in the "
            f"mailbox's sent folder and settle {'it' if len(stuck) == 1 else 'each'} with the command: "
            "csp-workflow outbox resolve."
        )
    if failed:
        yield Need(
            sentence=f"{plural(len(failed), 'letter')} could not be sent (see below). Please check the addresses in "
            f"the configuration and settle {'it' if len(failed) == 1 else 'each'} with the command: "
            "csp-workflow outbox resolve."
        )


def _papers(facts: DigestFacts, about: Round, now: datetime) -> Iterator[Need]:
    for paper in about.dates.papers:
        status = about.status.papers.get(paper.board)
        board = facts.site.board(paper.board).name
        if status is None or not status.content:
            yield from _not_drafted(about, paper, board, now)
        elif status.state in {PaperState.DRAFT, PaperState.WITH_PARTNERS}:
            by = day(paper.clearance)
            yield Need(
                sentence=f"Draft {status.drafts} of the paper for {board} waits for clearance by {by}.",
                words=(f"CLEAR {paper.board}",),
            )
        elif status.state is PaperState.CLEARED:
            sentence = f"The paper for {board} is cleared and is to be out by {day(paper.papers_out)}."
            yield Need(sentence=sentence, words=(f"CIRCULATE {paper.board}",))


def _not_drafted(about: Round, paper: PaperDates, board: str, now: datetime) -> Iterator[Need]:
    if about.status.state is CycleState.IN_PROOF or london_day(now) < paper.draft:
        return
    command = f"csp-workflow report compile {about.status.quarter.key} --board {paper.board}"
    yield Need(sentence=f"The paper for {board} was to be drafted by {day(paper.draft)}. The command is: {command}")
