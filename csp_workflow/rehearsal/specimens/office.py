"""Specimens of the letters to the co-ordinator: the answers to orders, and the digest of a round half way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from csp_workflow.desk import commands, orders
from csp_workflow.desk.facts import CarriedOut, OrderFacts, Refused
from csp_workflow.digest.digest import compile_
from csp_workflow.digest.facts import DigestFacts, Round
from csp_workflow.letters import digests
from csp_workflow.letters.desk import WaitingMessage
from csp_workflow.rehearsal.specimens.filled import sent
from csp_workflow.rehearsal.specimens.stage import Case, Stage, digest
from csp_workflow.request.proof import XLSX
from csp_workflow.terms.dates import CycleState, in_london
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.letters import Letter, LetterState, Manner, QueuedLetter
from csp_workflow.terms.messages import Attachment, Verdict
from csp_workflow.terms.status import CycleStatus, ServiceStatus, fold_cycle

_REPLIES = (
    "HOLD\nEXTEND {code} TO {day} BECAUSE the analyst is ill\nNIL NOBODY BECAUSE we telephoned\nSend it all please",
    "HOLD",
    "What about the paper?\nNIL NOBODY BECAUSE we telephoned",
    "NIL NOBODY BECAUSE we telephoned",
    "What about the paper?",
    "",
)


def to_the_office(stage: Stage) -> Iterator[Letter]:
    """The answers to orders of every sort; the digest, its copy for the deputy, and one with nothing to say."""
    yield from _answers_to_orders(stage)
    yield from _digests(stage)


def _answers_to_orders(stage: Stage) -> Iterator[Letter]:
    office, now = stage.site.office, stage.moment(stage.dates.due, -1)
    extended = stage.day(stage.dates.due, 2)
    for place, words in enumerate(_REPLIES):
        facts = OrderFacts(
            site=stage.site,
            service=ServiceStatus(),
            sender=office.co_ordinator.address,
            message=digest(f"reply {place}"),
            status=_status(stage),
            dates=stage.dates,
        )
        text = words.format(code=_not_in(stage).respondent.code, day=f"{extended.day} {extended:%B}")
        parsed = commands.parse(text, today=in_london(now).date())
        outcomes = tuple(_outcome(command, facts, now) for command in parsed.commands)
        letter = orders.reply(parsed, outcomes, facts, now, thread="<specimen@example>")
        if letter:
            yield letter


def _not_in(stage: Stage) -> Case:
    """A case whose return has not come, where there is one."""
    returns = _status(stage).returns
    return next((case for case in stage.cases if not returns[case.respondent.key].state.is_in), stage.cases[0])


def _outcome(command: commands.Command, facts: OrderFacts, now: datetime) -> CarriedOut | Refused:
    try:
        return orders.carry_out(command, facts, now)
    except Refused as refused:
        return refused


# The digest ---------------------------------------------------------------------------------------


def _digests(stage: Stage) -> Iterator[Letter]:
    now = stage.moment(stage.dates.due, 3)
    office = stage.site.office
    busy = compile_(_facts(stage, now), now)
    book = Attachment(
        name=f"Status {busy.day.isoformat()}.xlsx", data=b"A specimen, not a workbook.", content_type=XLSX
    )
    yield digests.digest(office.co_ordinator, busy, cause="specimen: digest", workbook=book)
    deputy = office.deputy or office.co_ordinator
    away = office.co_ordinator.name
    yield digests.digest(deputy, busy, cause="specimen: copy", workbook=book, copy_for=away)
    quiet = compile_(DigestFacts(site=stage.site, service=ServiceStatus()), now)
    yield digests.digest(office.co_ordinator, quiet, cause="specimen: quiet", workbook=None)


def _facts(stage: Stage, now: datetime) -> DigestFacts:
    events = _events(stage)
    round_ = Round(
        dates=stage.dates,
        status=_status(stage),
        letters=_troubled(stage, now),
        # A morning's digest tells what came since the one before; here the whole round came since.
        events=tuple(replace(event, at=now - timedelta(minutes=5)) for event in events),
        ahead=((stage.day(stage.dates.due, 4), "reminder-overdue", 3), (stage.day(stage.dates.due, 5), "digest", 1)),
    )
    return DigestFacts(
        site=stage.site, service=ServiceStatus(gap_hold=True), rounds=(round_,), waiting=_waiting(stage, now)
    )


def _status(stage: Stage) -> CycleStatus:
    """The round as it would stand half way: some in, some queried, some late, one held for a person."""
    return replace(fold_cycle(stage.quarter, _events(stage)), state=CycleState.OPEN)


def _events(stage: Stage) -> tuple[Event, ...]:
    return tuple(event for place, case in enumerate(stage.cases) for event in _of_case(stage, case, place))


def _of_case(stage: Stage, case: Case, place: int) -> Iterator[Event]:
    """What happened to one return; the respondents take turns at how far they have come."""
    asked, due = stage.moment(stage.dates.due, -9), stage.moment(case.due, 1)
    yield _event(stage, case, Happened.EXPECTED, asked)
    yield _event(stage, case, Happened.REQUESTED, asked)
    how = place % 6
    if how <= 2:
        yield from _received(stage, case, how)
    if how == 3 and case.chairs:
        yield _event(stage, case, Happened.CHAIR_LETTER_PROPOSED, due)
    if how == 3:
        yield _event(stage, case, Happened.PHONE_CALL_DUE, due)
    if how == 4:
        yield _event(stage, case, Happened.QUESTION_ASKED, due, digest("question"))
    if how == 5:
        yield _event(stage, case, Happened.NIL, due, reason="The team was reorganised this quarter.")


def _received(stage: Stage, case: Case, how: int) -> Iterator[Event]:
    """A return that came: approved (0), a second version that waits for approval (1), or sent back late (2)."""
    due = stage.moment(case.due, 1)
    submission = sent(case, received=stage.moment(case.due, how - 1)).submission
    if how == 1:
        yield _event(stage, case, Happened.RECEIVED, stage.moment(case.due, -5), digest("an earlier version"))
    yield _event(stage, case, Happened.RECEIVED, submission.received, submission.id, late=submission.late)
    kind = Happened.QUERIED if how == 2 else Happened.COMPLETE
    yield _event(stage, case, kind, submission.received, submission.id, faults=2 if how == 2 else 0, queries=how)
    if how <= 1 and case.respondent.needs_approval:
        yield _event(stage, case, Happened.APPROVAL_ASKED, due, submission.id)
    if how == 0 and case.respondent.needs_approval:
        yield _event(stage, case, Happened.APPROVED, due, submission.id)


def _event(
    stage: Stage, case: Case, kind: Happened, at: datetime, subject: str = "", **facts: str | int | bool | None
) -> Event:
    by = case.respondent.key
    return Event(kind=kind, at=at, by=by, quarter=stage.quarter, respondent=by, subject=subject, facts=facts)


def _waiting(stage: Stage, now: datetime) -> tuple[WaitingMessage, ...]:
    case, came = stage.cases[-1], now - timedelta(hours=20)
    question = WaitingMessage(
        id=digest("question"),
        sender=case.leads[0].address if case.leads else "",
        subject="The figures",
        received=came,
        verdict=Verdict.QUESTION,
        reason="A person is to answer.",
        respondents=(case.respondent.key,),
    )
    held = WaitingMessage(
        id=digest("held"), sender="", subject="", received=came, verdict=Verdict.HELD, reason="Nobody knows its sender."
    )
    return question, held


def _troubled(stage: Stage, now: datetime) -> tuple[QueuedLetter, ...]:
    reasons = ((LetterState.FAILED, "The address does not exist."), (LetterState.FOR_A_PERSON, ""))
    return tuple(
        QueuedLetter(
            id=digest(f"letter {state}"),
            kind="reminder-overdue",
            cause=f"specimen: {state}",
            recipient=stage.site.office.co_ordinator.address,
            about=(),
            quarter=stage.quarter,
            manner=Manner.TIMED,
            subject="",
            message_id="",
            content="",
            state=state,
            queued=now - timedelta(hours=1),
            reason=reason,
        )
        for state, reason in reasons
    )
