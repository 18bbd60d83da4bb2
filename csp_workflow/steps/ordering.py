"""Orders: what the co-ordinator writes in a reply, or types as a command, carried out by the same rules.

Several orders of one mail are carried out one after the other, each on the status the one before
left, and committed together with the message's verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from csp_workflow.desk.commands import (
    COMMAND_LINE,
    CarriedOut,
    HeldBack,
    OrderFacts,
    Parsed,
    Refused,
    StepOrder,
    Verb,
    find_orderer,
    require_cycle,
)
from csp_workflow.desk.hints import HINTED, list_hints
from csp_workflow.desk.orders import (
    answer_orders,
    carry_out,
    check_messages,
    keep_offers,
    list_files,
    say_files,
    say_files_left,
    say_why_it_waits,
)
from csp_workflow.desk.papers import add_unsent, may_be_about
from csp_workflow.desk.reading import parse
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.kinds import Ground
from csp_workflow.letters.office import ANSWER_KIND
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.report import circulate, errata
from csp_workflow.request import introducing, opening
from csp_workflow.steps import cycle, edited, explaining, judge, measures, papers, setting_up, showing
from csp_workflow.steps.commit import commit_at, try_until_current
from csp_workflow.steps.explaining import list_questions
from csp_workflow.steps.outside import Outside, list_stated, live_quarters, running_quarter, view_service
from csp_workflow.steps.telling import find_letter, find_message
from csp_workflow.steps.waiting import part_messages
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.events import (
    NOTHING,
    Decision,
    Event,
    Happened,
    Letter,
    LetterState,
    PreconditionFailed,
    QueuedLetter,
    together,
)
from csp_workflow.terms.messages import IncomingMessage, Judgement, Verdict, short_id
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.service_status import fold_service
from csp_workflow.terms.status import fold_cycle

_TOO_LARGE = (
    "Your mail has {:.0f} MB, more than is taken in: neither its words nor its files were read. Please make "
    "the pictures in the file smaller (Picture Format > Compress Pictures) and send it again."
)
_STUCK = (LetterState.FOR_A_PERSON, LetterState.FAILED, LetterState.HELD, LetterState.IN_DRAFTS)
_REOPENS = {Happened.MESSAGE_HELD, Happened.QUESTION_ASKED}
_SENT_ON = "It comes from the office; what is attached goes on with the words in it."


def order(outside: Outside, words: str, *, respondent: str, quarter: Quarter | None, now: datetime) -> str:
    """Carry out one order from the command line. Returns what was done; raises PreconditionFailed when refused."""
    words = words.replace("{code}", _find_code(outside, respondent)).strip()
    parsed = parse(words, today=london_day(now), site=outside.site)
    if parsed.not_understood or not parsed.commands:
        raise PreconditionFailed(parsed.not_understood[0].fault if parsed.not_understood else "Nothing was ordered.")

    def attempt(mark: int) -> _Done | None:
        facts = _gather(outside, quarter or running_quarter(outside), now, COMMAND_LINE, "", None)
        done = _carry_out_all(outside, parsed, facts, now, is_told=quarter is not None)
        for outcome in done.outcomes:
            if isinstance(outcome, Refused):
                raise PreconditionFailed(str(outcome))
        return done if _commit(outside, done.decision, done.assignments, now, mark) else None

    outcomes = try_until_current(outside, attempt).outcomes
    return " ".join(s for outcome in outcomes if isinstance(outcome, CarriedOut) for s in outcome.sentences)


def obey(
    outside: Outside,
    message: IncomingMessage,
    verdict: Decision,
    now: datetime,
    answered: QueuedLetter | None,
    mark: int,
) -> bool:
    """Carry out the orders in a co-ordinator's message and answer them, all committed with its verdict.

    `mark` is that of the facts behind the verdict; one that brings a form and orders nothing is only committed.
    False, and nothing done, when something happened after it.
    """
    quarter = answered.quarter if answered and answered.quarter else running_quarter(outside)
    found = _gather(outside, quarter, now, sender=message.sender, message=message.id, answered=answered)
    facts = replace(found, files=message.attachments, came=message.received)
    parsed = check_messages(_read(outside, message, facts), facts)
    brought = _take_edited(outside, message, parsed, facts, now)
    told = _tell_files(outside, message, parsed, verdict, facts, now)
    if brought is not None and brought.board:
        facts = _fold(outside, _gather_anew(outside, facts, brought.quarter, now), brought.decision.events)
        facts = replace(facts, brought=brought.board, is_unseen=not brought.is_seen)
    used = {*told.names, brought.name if brought and brought.board else ""}
    files = tuple(name for name in list_files(message.attachments) if name not in used)
    verdict = _judge_sent_on(message, parsed) or verdict
    is_form = verdict.judgement is not None and verdict.judgement.verdict is not Verdict.COMMAND
    parsed = replace(parsed, has_files=bool(files) and not is_form)
    if is_form and not parsed.commands:
        return commit_at(outside, verdict, now, mark)
    # A morning's letter tells of what another quarter needs too.
    is_told = bool(answered and answered.quarter and kind_of(answered.kind).ground is not Ground.STATE_OF_THINGS)
    done = _carry_out_all(outside, parsed, facts, now, is_told=is_told)
    answer = next((x for x in done.decision.letters if x.kind == ANSWER_KIND.name), None)
    left = _say_files(outside, message, files, brought, verdict if is_form else NOTHING)
    echo = answer_orders(
        parsed,
        done.outcomes,
        facts,
        now,
        thread=message.message_id,
        hints=[list_hints(line, done.facts or facts, now) for line in parsed.not_understood[:HINTED]],
        files=say_files_left(files, answer) if answer else left,
        taken=brought.sentence if brought and brought.decision else _say_told(told.names),
        letters=done.decision.letters,
    )
    # The letter that a draft, or another file of hers, brings about says all there is to say of it.
    is_silent = bool((brought and brought.decision) or told.names) and not (parsed.lines or files)
    told_her = Decision(letters=(echo,) if echo and not is_silent else ())
    parts = (verdict, brought.decision if brought else NOTHING, told.decision, done.decision, told_her)
    return _commit(outside, together(*parts), done.assignments, now, mark)


def _judge_sent_on(message: IncomingMessage, parsed: Parsed) -> Decision | None:
    """A form that she sends on to somebody is no return."""
    if not any(command.files for command in parsed.commands):
        return None
    return Decision(judgement=Judgement(message=message.id, verdict=Verdict.COMMAND, reason=_SENT_ON))


def _take_edited(
    outside: Outside, message: IncomingMessage, parsed: Parsed, facts: OrderFacts, now: datetime
) -> edited.Brought | None:
    """What becomes of a draft that she sent back; a file beside an ANSWER goes on to somebody."""
    if any(command.verb is Verb.ANSWER for command in parsed.commands):
        return None
    return edited.take_edited(outside, message, facts.answered, now, by=find_orderer(facts))


def _tell_files(
    outside: Outside, message: IncomingMessage, parsed: Parsed, verdict: Decision, facts: OrderFacts, now: datetime
) -> setting_up.ToldFiles:
    """What workbooks and tables of hers would change; beside an ANSWER or a form they are meant for somebody else."""
    is_order = verdict.judgement is not None and verdict.judgement.verdict is Verdict.COMMAND
    if not is_order or any(command.verb is Verb.ANSWER for command in parsed.commands):
        return setting_up.ToldFiles()
    return setting_up.tell_files(outside, message, now, to=find_orderer(facts), by=facts.by)


def _say_told(names: Sequence[str]) -> str:
    return f"{joined(names)} was looked at: a letter of its own says what it would change." if names else ""


def _say_files(
    outside: Outside, message: IncomingMessage, files: Sequence[str], brought: edited.Brought | None, verdict: Decision
) -> tuple[str, ...]:
    """What became of each file but a draft that was taken: one that was not, a form, and what is not looked at."""
    if message.size > outside.site.limits.message_bytes:
        return (_TOO_LARGE.format(message.size / 1_000_000),)
    others = tuple(name for name in files if brought is None or name != brought.name)
    told = (brought.sentence,) if brought and not brought.decision else ()
    return (*told, *say_files(others, verdict.judgement))


def _gather_anew(outside: Outside, facts: OrderFacts, quarter: Quarter | None, now: datetime) -> OrderFacts:
    """The facts of the quarter that a file is about, where the letter answered is about another."""
    if quarter is None or (facts.status and facts.status.quarter == quarter):
        return facts
    anew = _gather(outside, quarter, now, sender=facts.sender, message=facts.message, answered=facts.answered)
    return replace(anew, files=facts.files, came=facts.came)


def _read(outside: Outside, message: IncomingMessage, facts: OrderFacts) -> Parsed:
    """Her words, with days counted from the day on which she wrote them."""
    names = (message.sender_name, message.sender.partition("@")[0].replace(".", " "), find_orderer(facts).name)
    day = london_day(message.received)
    return parse(message.own, today=day, site=outside.site, names=names, subject=message.subject)


def _commit(
    outside: Outside, decision: Decision, assignments: Sequence[Callable[[int], int | None]], now: datetime, mark: int
) -> bool:
    """Judge what is assigned, then commit the decision. False when something else happened after the mark."""
    for assign in assignments:
        later = assign(mark)
        if later is None:
            return False
        mark = later
    is_done = commit_at(outside, decision, now, mark)
    if is_done:
        judge.judge_freed(outside, decision.events, now)
    return is_done


@dataclass
class _Done:
    """What came of orders so far. Each assignment judges a message anew in a commit of its own, before the rest."""

    decision: Decision = NOTHING
    outcomes: tuple[CarriedOut | Refused, ...] = ()
    assignments: list[Callable[[int], int | None]] = field(default_factory=list)
    facts: OrderFacts | None = None
    """As they are after it."""


def _carry_out_all(
    outside: Outside, parsed: Parsed, facts: OrderFacts, now: datetime, *, is_told: bool = True
) -> _Done:
    """Each order in turn; one on a paper or on requests goes to the quarter that has them, unless told of one."""
    done, rounds = _Done(), [facts, *(() if is_told else _gather_others(outside, facts))]
    for command in parsed.commands:
        facts = next((one for one in rounds if may_be_about(command, one, london_day(now))), rounds[0])
        try:
            outcome = carry_out(command, facts, now)
            why = say_why_it_waits(command, parsed, facts)
            by_step = _decide_by_step(outside, outcome.order, facts, now, _Done() if why else done)
            if why:
                raise HeldBack(why)
            decision = together(outcome.decision, by_step)
        except (Refused, PreconditionFailed) as refusal:
            kind = type(refusal) if isinstance(refusal, Refused) else Refused
            done.outcomes += (kind(keep_offers(str(refusal), facts, now)),)
            continue
        done.outcomes += (add_unsent(outcome, by_step.events, facts.site),)
        done.decision = together(done.decision, decision)
        rounds = [_fold(outside, one, decision.events) for one in rounds]
        done.facts = rounds[0]
    return done


def _gather_others(outside: Outside, facts: OrderFacts) -> Iterator[OrderFacts]:
    """The facts of the other quarters that are not put away."""
    mine = facts.status.quarter if facts.status else None
    for quarter in live_quarters(outside):
        if quarter != mine:
            status, dates = outside.store.cycle_status(quarter), outside.store.plan_of(quarter)
            yield replace(facts, status=status, dates=dates, letters=outside.store.letters(quarter=quarter))


def _decide_by_step(
    outside: Outside, wanted: StepOrder | None, facts: OrderFacts, now: datetime, done: _Done
) -> Decision:
    """What only a step can decide: it has the figures, the drafts and the raw messages."""
    if wanted is None:
        return NOTHING
    if wanted.kind == "assign":
        done.assignments.append(
            lambda mark: judge.judge_as_assigned(outside, wanted.message, wanted.respondent, facts.by, now, since=mark)
        )
        return NOTHING
    if wanted.kind == "replay":
        done.assignments.append(lambda mark: judge.judge_replayed(outside, wanted.message, now, obey=obey, since=mark))
        return NOTHING
    if wanted.kind == "stuck letter":
        done.assignments.append(lambda mark: _settle_letter(outside, wanted, now, mark))
        return NOTHING
    return _BY_STEP[wanted.kind](outside, wanted, facts, now)


def _settle_letter(outside: Outside, wanted: StepOrder, now: datetime, mark: int) -> int | None:
    """Move a letter on; None where it has just changed, so that all is looked at anew."""
    try:
        resolve_letter(outside, wanted.letter, wanted.reason, now)
    except PreconditionFailed:
        return None
    return mark


def _open(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    if wanted.quarter is None:
        return NOTHING
    rule = opening.decide_asking if wanted.respondent else _SENDS[wanted.kind]
    return cycle.decide_opening(outside, wanted.quarter, now, rule, by=facts.by).decision


def _prove(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    if wanted.quarter is None:
        return NOTHING
    rule = opening.decide_ordered_extract_proof if wanted.respondent else opening.decide_proof
    return cycle.decide_opening(outside, wanted.quarter, now, rule, by=facts.by).decision


def _show(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    return papers.decide_showing(outside, require_cycle(facts).status, wanted.board, now, by=facts.by)


def _clear(_: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    status, unwaited = require_cycle(facts).status, wanted.unwaited
    return circulate.decide_clearing(facts.site, status, wanted.board, now, by=facts.by, unwaited=unwaited)


def _circulate(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    status, how = require_cycle(facts).status, {"as_cleared": wanted.as_cleared, "as_written": wanted.as_written}
    return papers.decide_circulation(outside, status, wanted.board, now, by=facts.by, **how)


def _circulate_erratum(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    status, number = require_cycle(facts).status, wanted.erratum
    return papers.decide_erratum_circulation(
        outside, status, wanted.board, now, by=facts.by, number=number, as_written=wanted.as_written
    )


def _dismiss_erratum(_: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    status, reason = require_cycle(facts).status, wanted.reason
    return errata.decide_dismissing(status, wanted.board, wanted.erratum, now, by=facts.by, reason=reason)


def _dismiss_words(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    return papers.decide_dismissing(outside, require_cycle(facts).status, wanted.board, now, by=facts.by)


def _draft(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    if wanted.quarter is None:
        return NOTHING
    return papers.decide_draft(outside, wanted.quarter, wanted.board, now, by=facts.by, status=facts.status)


def _tell_status(outside: Outside, _: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    cause = f"status:{facts.message or now.isoformat()}"
    return showing.decide_status_letter(outside, now, to=find_orderer(facts), cause=cause)


def _answer(outside: Outside, wanted: StepOrder, _: OrderFacts, __: datetime) -> Decision:
    return Decision(letters=tuple(_thread(outside, letter, wanted.message) for letter in wanted.letters))


def _send_back(outside: Outside, wanted: StepOrder, _: OrderFacts, now: datetime) -> Decision:
    return cycle.decide_letters(outside, wanted.quarter, wanted.respondent, wanted.letters, now)


def _reissue(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    if wanted.quarter is None:
        return NOTHING
    return cycle.decide_reissue(outside, wanted.quarter, wanted.respondent, now, by=facts.by)


def _thread(outside: Outside, letter: Letter, message: str) -> Letter:
    """A letter to whoever wrote a message, in the conversation which that began."""
    row = outside.store.message(message)
    if row is None:
        return letter
    wrote = unpack_message(outside.archive.fetch(row.content), received=row.received)
    return replace(letter, answers=wrote.message_id, topic=wrote.subject)


def _put_off(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    if wanted.day is None:
        return NOTHING
    return showing.decide_putting_off(outside, wanted.message or wanted.respondent, wanted.day, now, by=facts.by)


def _prove_measures(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    return measures.prove_letters(outside, wanted.year, now, by=facts.by)


def _send_measures(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    return measures.send_letters(outside, wanted.year, now, by=facts.by)


def _tell_agreed(outside: Outside, wanted: StepOrder, _: OrderFacts, now: datetime) -> Decision:
    return measures.tell_agreed(outside, wanted.respondent, wanted.year, now)


def _tell_returned(outside: Outside, wanted: StepOrder, _: OrderFacts, now: datetime) -> Decision:
    return measures.tell_returned(outside, wanted.respondent, wanted.year, now, reason=wanted.reason)


def _apply_file(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    return setting_up.take_offer(outside, facts.service.offered.offers[wanted.code], now, by=facts.by)


_SENDS = {"send": opening.decide_sending, "introduce": introducing.decide_introducing}
_BY_STEP: dict[str, Callable[[Outside, StepOrder, OrderFacts, datetime], Decision]] = {
    "proof": _prove,
    **dict.fromkeys(_SENDS, _open),
    "draft": _draft,
    "show": _show,
    "clear": _clear,
    "circulate": _circulate,
    "erratum": _circulate_erratum,
    "no erratum": _dismiss_erratum,
    "no words": _dismiss_words,
    "status": _tell_status,
    "show files": showing.decide_lookup,
    "show edits": edited.decide_showing_edits,
    "explain": showing.decide_explaining,
    "find": showing.decide_finding,
    "export": showing.decide_export,
    **dict.fromkeys(("dashboard", "public dashboard"), showing.decide_pages),
    "answer": _answer,
    "answers": explaining.bind_words,
    "return": _send_back,
    "reissue": _reissue,
    "later": _put_off,
    "measures proof": _prove_measures,
    "measures send": _send_measures,
    "measures agreed": _tell_agreed,
    "measures returned": _tell_returned,
    "setup": lambda outside, _, facts, now: setting_up.send_setup(outside, now, to=find_orderer(facts), by=facts.by),
    "apply": _apply_file,
    "year": setting_up.decide_year,
}


def _fold(outside: Outside, facts: OrderFacts, events: tuple[Event, ...]) -> OrderFacts:
    """The facts as they will be once these events are stored too."""
    status, subjects = facts.status, {e.subject for e in events}
    service = fold_service((e for e in events if e.quarter is None), onto=facts.service)
    facts = replace(facts, site=outside.lay_over(service), service=service)
    if status is None:
        return facts
    status = fold_cycle(status.quarter, (e for e in events if e.quarter == status.quarter), onto=status)
    reopened = {e.subject for e in events if e.kind in _REOPENS}
    every = (*facts.waiting, *facts.others)
    waiting = tuple(m for m in every if m.id in reopened or (m in facts.waiting and m.id not in subjects))
    return replace(facts, status=status, waiting=waiting, others=tuple(m for m in every if m not in waiting))


def _gather(
    outside: Outside, quarter: Quarter | None, now: datetime, sender: str, message: str, answered: QueuedLetter | None
) -> OrderFacts:
    store = outside.store
    waiting, others = part_messages(outside, (store.cycle_status(q) for q in live_quarters(outside)))
    return OrderFacts(
        site=outside.site,
        service=view_service(outside, now),
        sender=sender,
        message=message,
        status=store.cycle_status(quarter) if quarter else None,
        dates=store.plan_of(quarter) if quarter else None,
        waiting=waiting,
        others=others,
        answered=answered,
        letters=store.letters(quarter=quarter) if quarter else (),
        answers=store.letters(kind=ANSWER_KIND.name),
        queries=list_questions(outside, quarter) if quarter else {},
        planned=tuple(dates for q in live_quarters(outside) if (dates := store.plan_of(q))),
        stuck=store.letters(*_STUCK),
        stated=list_stated(outside, quarter),
        try_step=lambda wanted, facts, now: _decide_by_step(outside, wanted, facts, now, _Done()),
    )


def _find_code(outside: Outside, respondent: str) -> str:
    if not respondent:
        return ""
    try:
        return outside.site.respondent(respondent).code
    except KeyError:
        keys = ", ".join(r.key for r in outside.site.respondents)
        raise PreconditionFailed(f"There is no respondent '{respondent}' in the config. There are: {keys}.") from None


# Handling by a person: a message looked at again, a letter whose fate is settled -----


_FOUND = {
    "sent": (LetterState.SENT, "is noted as sent"),
    "again": (LetterState.QUEUED, "is queued again, the same bytes"),
    "withdrawn": (LetterState.WITHDRAWN, "is withdrawn"),
}


def replay_message(outside: Outside, beginning: str, now: datetime) -> str:
    """Judge a quarantined message again. The verdict, or "" when it is not quarantined."""
    row = find_message(outside, beginning)
    verdict = judge.judge_again(outside, row, now, obey=obey)
    later = outside.store.message(row.id)
    return verdict.value if verdict else "tried again in a while" if later and later.verdict is None else ""


def resolve_letter(outside: Outside, beginning: str, found: str, now: datetime) -> str:
    """Settle a letter that waits for a person, was held or failed. A sentence that says what becomes of it."""
    letter = find_letter(outside, beginning)
    state, said = _FOUND[found]
    if not letter.may_become(state):
        raise PreconditionFailed(f"Letter {short_id(letter.id)} is {letter.state}: it cannot be settled as '{found}'.")
    again = state is LetterState.QUEUED
    moved = outside.store.move(
        letter, state, reason="Settled by a person.", proof="a person's word", at=now, again=again
    )
    if not moved:
        raise PreconditionFailed(f"Letter {short_id(letter.id)} has just changed. Look again: csp-workflow outbox list")
    return f"Letter {short_id(letter.id)} {said}."
