"""Orders about sending, addresses and a year's measures: STOP, PROOF, SEND, HOLD, RESUME, RELEASE, YES, NO, ADDRESS OK;
AGREE, AGREED and RETURNED.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

from csp_workflow.desk.answering import recall_all
from csp_workflow.desk.commands import (
    COMMAND_LINE,
    INTRODUCTIONS,
    MEASURES,
    CarriedOut,
    Command,
    OrderFacts,
    Refused,
    StepOrder,
    Verb,
    find_respondent,
    find_return,
    keep_order,
    note_change,
    require_cycle,
)
from csp_workflow.desk.contacts import confirm_contact, end_contact
from csp_workflow.letters.proofs import extract_proof, find_waiting_proof, introduction_proof, proof_pack
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleState, as_utc, london_day
from csp_workflow.terms.events import Happened, LetterState, Manner, QueuedLetter
from csp_workflow.terms.measure_sets import MeasuresState, MeasuresStatus
from csp_workflow.terms.phrases import joined, moment, plural
from csp_workflow.terms.site import Respondent, RespondentKind

_M = MeasuresState
_MAY_GO_BACK = {_M.COMPLETE, _M.APPROVED, _M.AGREED}


def prove_measures(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """The proof of the letters that ask for a year's measures; the step makes it."""
    return CarriedOut(
        sentences=("The proof of the letters comes in a letter of its own. Nothing is sent to anybody else.",),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="measures proof", quarter=None, year=command.text),
    )


def send_measures(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Let the letters go as proved: those of the year that was proved last."""
    proved = facts.service.agreeing.proved
    if not proved:
        raise Refused("No letters that ask for measures were proved. AGREE makes their proof.")
    year = max(proved, key=lambda one: proved[one])
    return CarriedOut(
        sentences=(f"The letters that ask for the measures for {year} are queued. They leave in the sending window.",),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="measures send", quarter=None, year=year),
    )


def agree_measures(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Agree what a chair approved. Refused before: nobody agrees for a chair."""
    found, stands = _find_standing(command, facts)
    if stands.state is not _M.APPROVED:
        raise Refused(f"{_say_state(found, stands)} Only what the chair approved can be agreed.")
    event = note_change(
        Happened.MEASURES_AGREED,
        facts,
        now,
        respondent=found.key,
        year=stands.year,
        version=stands.version,
        content=stands.content,
    )
    approved = f"as {stands.approved_by} approved it"
    return CarriedOut(
        sentences=(
            f"Version {stands.version} of the measures of {found.name} for {stands.year} is agreed, {approved}.",
            "The lead and the chair are told.",
        ),
        decision=keep_order(command, facts, now, event, respondent=found.key),
        order=StepOrder(kind="measures agreed", quarter=None, respondent=found.key, year=stands.year),
    )


def return_measures(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Send measures back to their lead, approved or agreed though they be; what was agreed holds until another is."""
    found, stands = _find_standing(command, facts)
    if stands.state not in _MAY_GO_BACK:
        raise Refused(f"{_say_state(found, stands)} There is nothing to send back.")
    event = note_change(
        Happened.MEASURES_RETURNED,
        facts,
        now,
        respondent=found.key,
        year=stands.year,
        version=stands.version,
        reason=command.reason,
    )
    holds = " What was agreed holds until another version is." if stands.agreed else ""
    return CarriedOut(
        sentences=(f"The measures of {found.name} for {stands.year} go back to the lead, with your reason.{holds}",),
        decision=keep_order(command, facts, now, event, respondent=found.key),
        order=StepOrder(
            kind="measures returned", quarter=None, respondent=found.key, year=stands.year, reason=command.reason
        ),
    )


def _find_standing(command: Command, facts: OrderFacts) -> tuple[Respondent, MeasuresStatus]:
    found = find_respondent(facts, command.respondent)
    stands = facts.service.agreeing.find_open(found.key)
    if stands is None:
        raise Refused(f"{found.name} was not asked for its measures.")
    return found, stands


def _say_state(found: Respondent, stands: MeasuresStatus) -> str:
    return f"The measures of {found.name} for {stands.year} are {stands.state}."


MEASURE_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.AGREE: prove_measures,
    Verb.AGREED: agree_measures,
    Verb.RETURNED: return_measures,
}


PROOF_KIND = proof_pack.kind.name
EXTRACT_PROOF_KIND = extract_proof.kind.name
_OURS = Manner.OFFICE
_S = CycleState


# STOP, SEND, HOLD, RESUME, RELEASE, and YES or NO to a letter to a chair ------------------------------


def _prove(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Make the proof pack, or make it again, before anything was sent; or the small one, of the extract's request."""
    cycle = require_cycle(facts)
    if (analyst := _find_analyst(command, facts)) is not None:
        return CarriedOut(
            sentences=(f"A proof of the request to {analyst.name} comes in a letter of its own.",),
            decision=keep_order(command, facts, now),
            order=StepOrder(kind="proof", quarter=cycle.quarter, respondent=analyst.key),
        )
    if cycle.status.state not in {CycleState.PLANNED, CycleState.IN_PROOF}:
        raise Refused(f"The requests for {cycle.quarter} were sent already. The quarter is {cycle.status.state}.")
    return CarriedOut(
        sentences=(f"A proof pack for {cycle.quarter} comes in a letter of its own. Nothing is sent before SEND.",),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="proof", quarter=cycle.quarter),
    )


def _send(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Let the requests go as proved; the step writes them. Only from "in proof", so a second SEND sends nothing."""
    if command.whom == MEASURES:
        return send_measures(command, facts, now)
    cycle = require_cycle(facts)
    analyst = _find_analyst(command, facts) or (_find_unasked(facts) if cycle.status.state is _S.PLANNED else None)
    waits = cycle.status.state is _S.PLANNED and find_waiting_proof(facts.letters, cycle.quarter) is not None
    if _means_introductions(command, facts) or (analyst is None and waits):
        return _introduce(command, facts, now)
    if analyst is None:
        _refuse_sending(cycle)
    if (newest := _newer_proof(facts)) is not None:
        raise Refused(
            f"A newer proof pack was made at {moment(newest.queued)}, after the one you answer. Please look at that "
            "one, and reply SEND to it."
        )
    sentences = [
        f"The request for the extract to {analyst.name} is queued. It leaves in the sending window."
        if analyst
        else f"The requests for {cycle.quarter} are queued. They leave in the sending window."
    ]
    if waits:
        sentences.append("The first letters to new people still wait for you: SEND INTRODUCTIONS.")
    sentences += () if analyst else _say_of_requests(cycle, london_day(now))
    if facts.service.gap_hold or facts.service.clock_doubted:
        sentences.append("Requests wait since the service's silence: nothing leaves until you reply RELEASE.")
    return CarriedOut(
        sentences=tuple(sentences),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="send", quarter=cycle.quarter, respondent=analyst.key if analyst else ""),
    )


def _say_of_requests(cycle: CycleView, today: date) -> Iterator[str]:
    """What she should know of requests that she lets go."""
    if cycle.first_due <= today:
        yield "The returns are due today. EXTEND ALL TO day BECAUSE reason gives everybody longer."
    if cycle.status.awaited:
        yield (
            f"On the forms {plural(cycle.status.awaited, 'police figure')} will read \u201cnot yet supplied\u201d. "
            "When the extract comes you are told what it changes, and REISSUE sends the forms with it."
        )


def _means_introductions(command: Command, facts: OrderFacts) -> bool:
    is_answered = facts.answered is not None and facts.answered.kind == introduction_proof.kind.name
    return command.whom == INTRODUCTIONS or (is_answered and not command.respondent)


def _introduce(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Let the first letters go as proved; the step writes them."""
    return CarriedOut(
        sentences=("The first letters are queued. They leave in the sending window, and bring no form.",),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="introduce", quarter=require_cycle(facts).quarter),
    )


def _refuse_sending(cycle: CycleView) -> None:
    if cycle.status.state is _S.PLANNED:
        raise Refused(f"There is no proof pack for {cycle.quarter} yet, so there is nothing to send. PROOF makes it.")
    if cycle.status.state is not _S.IN_PROOF:
        when = f" at {moment(cycle.status.opened)}" if cycle.status.opened else ""
        raise Refused(f"The requests for {cycle.quarter} were sent already{when}. The quarter is {cycle.status.state}.")


def _find_analyst(command: Command, facts: OrderFacts) -> Respondent | None:
    """The force's analyst, where an order about a proof names it, or answers the small proof; else None."""
    if command.respondent:
        return find_respondent(facts, command.respondent)
    is_answered = facts.answered is not None and facts.answered.kind == EXTRACT_PROOF_KIND
    analysts = (r for r in facts.site.respondents if r.kind is RespondentKind.ANALYST)
    return next(analysts, None) if is_answered else None


def _find_unasked(facts: OrderFacts) -> Respondent | None:
    """The force's analyst, while its request is proved and waits for SEND."""
    stands = require_cycle(facts).owed_returns()
    return next((r for r, status in stands if r.kind is RespondentKind.ANALYST and status.is_unasked), None)


def _newer_proof(facts: OrderFacts) -> QueuedLetter | None:
    """The latest proof of its kind, where the letter answered is an earlier one: she sends what she has seen."""
    answered = facts.answered
    if answered is None or answered.kind not in {PROOF_KIND, EXTRACT_PROOF_KIND}:
        return None
    proofs = [x for x in facts.letters if x.kind == answered.kind and x.state is not LetterState.WITHDRAWN]
    newest = max(proofs, key=lambda x: x.queued, default=None)
    return newest if newest is not None and newest.id != answered.id else None


def _stop(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Stop all sending, whatever else is said. Said again it does no harm."""
    recalled, told = recall_all(facts, now)
    waiting = sum(
        x.state in {LetterState.QUEUED, LetterState.CLAIMED, LetterState.IN_DRAFTS} and x not in facts.answers
        for x in facts.letters
        if x.manner is not _OURS
    )
    kept = f" Still here: {plural(waiting, 'letter')} waiting to leave." if waiting else ""
    held = () if facts.service.on_hold else (note_change(Happened.HELD, facts, now),)
    return CarriedOut(
        sentences=(
            "All sending was stopped already." if facts.service.on_hold else f"All sending is stopped.{kept}",
            *told,
            "What left before cannot be called back. What arrives is still received and read.",
            "RESUME lets sending go on; HOLD CODE before it keeps one respondent's letters back.",
        ),
        decision=keep_order(command, facts, now, *held, *recalled),
    )


def _hold(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Stop all sending, or one respondent's, before the next hand-over. Receiving goes on."""
    if not command.respondent:
        if facts.service.on_hold:
            raise Refused("All sending is on hold already. RESUME takes the hold back.")
        return CarriedOut(
            sentences=(
                "All sending is on hold. What arrives is still received and read.",
                "RESUME takes the hold back.",
            ),
            decision=keep_order(command, facts, now, note_change(Happened.HELD, facts, now)),
        )
    found = find_respondent(facts, command.respondent)
    if found.key in facts.service.held_respondents:
        raise Refused(f"{found.name} is on hold already. RESUME {found.code} takes the hold back.")
    event = note_change(Happened.HELD, facts, now, respondent=found.key)
    return CarriedOut(
        sentences=(
            f"Nothing is sent to {found.name} from now on; its returns are still received and read.",
            f"RESUME {found.code} takes the hold back.",
        ),
        decision=keep_order(command, facts, now, event, respondent=found.key),
    )


def _resume(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take a hold back. What is still due is written afresh, the latest letter only."""
    if facts.service.moved and facts.service.compared is None:  # orders are read again, the later maybe first
        raise Refused(
            "The mailbox is being read again. What is on hold stays so: if it is to go on, reply RESUME anew."
        )
    held = find_respondent(facts, command.respondent).key if command.respondent else ""
    if facts.is_overtaken(facts.service.held_since.get(held)):
        raise Refused(
            "You, or somebody in your place, stopped this after you wrote. Write RESUME again to let it go on."
        )
    if not command.respondent:
        if not facts.service.on_hold:
            others = ", ".join(sorted(facts.service.held_respondents))
            raise Refused(f"All sending is not on hold.{f' On hold: {others}.' if others else ''}")
        return CarriedOut(
            sentences=("Sending goes on. Whoever is owed several letters gets the latest only.",),
            decision=keep_order(command, facts, now, note_change(Happened.RESUMED, facts, now)),
        )
    found = find_respondent(facts, command.respondent)
    if found.key not in facts.service.held_respondents:
        raise Refused(f"{found.name} is not on hold.")
    also = " All sending is still on hold, though." if facts.service.on_hold else ""
    event = note_change(Happened.RESUMED, facts, now, respondent=found.key)
    return CarriedOut(
        sentences=(f"Letters go to {found.name} again, the latest due only.{also}",),
        decision=keep_order(command, facts, now, event, respondent=found.key),
    )


def _release(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """After a silence, a doubt about the clock, too many answers, or in a store from elsewhere: let go what waits."""
    service = facts.service
    _refuse_early_release(facts, now)
    let_go = (
        (bool(service.moved), "Sending goes on from here. What is found among the letters sent does not leave again."),
        (service.gap_hold or service.clock_doubted, "Requests and reminders go again, to each person the latest only."),
        (bool(service.breaker), "Automatic answers go again; those that waited leave now."),
    )
    if not any(waits for waits, _ in let_go):
        raise Refused("Nothing waits for RELEASE.")
    return CarriedOut(
        sentences=tuple(sentence for waits, sentence in let_go if waits),
        decision=keep_order(command, facts, now, note_change(Happened.RELEASED, facts, now)),
    )


def _refuse_early_release(facts: OrderFacts, now: datetime) -> None:
    """Two services on one mailbox read the same RELEASE: it counts for the one that asked for it.

    Nor does one that was written before the doubt was noticed: a beat a year ahead would close the quarter on it.
    """
    service, answered = facts.service, facts.answered
    if service.doubted_at is not None and as_utc(service.doubted_at) >= as_utc(now):
        raise Refused("That the time is in doubt was noticed after you wrote. If it is right, please say it again.")
    if not service.moved:
        return
    if service.compared is None:
        raise Refused("The mailbox is still being read; a letter says what was found, and RELEASE answers that one.")
    is_asked = answered is not None and as_utc(answered.queued) >= as_utc(service.compared)
    if facts.sender != COMMAND_LINE and not is_asked:
        raise Refused("Please reply RELEASE to the letter which says that nothing leaves: it counts only there.")


def _allow_chair_letter(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Allow the letter to a chair that was proposed; or say that somebody's address is right."""
    if command.address:
        return confirm_contact(command, facts, now)
    found, stands = find_return(facts, command.respondent)
    cycle = require_cycle(facts)
    if stands.state.is_in:
        raise Refused(f"The return of {found.name} is {stands.state}, so no letter goes to its chair.")
    if not stands.chair_letter_proposed:
        raise Refused(f"No letter to the chair of {found.name} is proposed.")
    if stands.chair_letter_allowed:
        raise Refused(f"You have said yes to that letter already. HOLD {found.code} stops it if it has not left.")
    chairs = cycle.chairs(found, london_day(now))
    if not chairs:
        raise Refused(f"{found.name} has no chair in office whom letters reach. Please phone its lead instead.")
    event = note_change(Happened.CHAIR_LETTER_ALLOWED, facts, now, quarter=cycle.quarter, respondent=found.key)
    return CarriedOut(
        sentences=(
            f"{chairs[0].name} will be written to in the sending window, unless the return comes first.",
            f"HOLD {found.code} stops it.",
        ),
        decision=keep_order(command, facts, now, event, respondent=found.key),
    )


def _forgo_chair_letter(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Leave a proposed letter to a chair unwritten, so that the digest asks no more; or take a CONTACT back."""
    if command.address:
        return end_contact(command, facts, now)
    found, stands = find_return(facts, command.respondent)
    if not stands.chair_letter_proposed:
        raise Refused(f"No letter to the chair of {found.name} is proposed.")
    if stands.chair_letter_allowed:
        raise Refused(f"You have said yes to that letter. HOLD {found.code} stops it if it has not left.")
    return CarriedOut(
        sentences=(f"The chair of {found.name} is not written to. YES {found.code} would still do it.",),
        decision=keep_order(command, facts, now, respondent=found.key),
    )


# ADDRESS OK ------------------------------------------------------------------------


def _restore_address(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Write to an address again, or settle what came back from it. Refused when there is neither."""
    marked = facts.service.undeliverable
    if command.address in facts.service.returned:
        sentence = f"What came back from {command.address} is settled. Letters go there as before."
        event = note_change(Happened.ADDRESS_RESTORED, facts, now, subject=command.address)
        return CarriedOut(sentences=(sentence,), decision=keep_order(command, facts, now, event))
    if command.address not in marked:
        others = f" No letter goes to {joined(sorted(marked))}." if marked else ""
        raise Refused(f"Nothing keeps letters from {command.address}.{others}")
    event = note_change(Happened.ADDRESS_RESTORED, facts, now, subject=command.address)
    return CarriedOut(
        sentences=(f"Letters go to {command.address} again.", *_say_what_follows(command.address, facts, now)),
        decision=keep_order(command, facts, now, event),
    )


def _say_what_follows(address: str, facts: OrderFacts, now: datetime) -> tuple[str, ...]:
    if not facts.site.registered(address, london_day(now)):
        return ("It stands in the configuration for nobody, though, so nothing is written to it.",)
    waited = [x for x in facts.letters if x.recipient.lower() == address and x.state is LetterState.QUEUED]
    return ("What waited for it goes out." if waited else "The next letter that is due goes there.",)


SENDING_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.STOP: _stop,
    Verb.PROOF: _prove,
    Verb.SEND: _send,
    Verb.HOLD: _hold,
    Verb.RESUME: _resume,
    Verb.RELEASE: _release,
    Verb.YES: _allow_chair_letter,
    Verb.NO: _forgo_chair_letter,
    Verb.ADDRESS: _restore_address,
}
