"""What needs the co-ordinator's decision, with the exact words to reply."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from csp_workflow.digest.facts import DigestFacts, Round, say_by_phone
from csp_workflow.digest.messages import (
    list_letters_back,
    list_lost_addresses,
    list_messages,
    list_refusals,
    list_topics,
    list_unconfirmed,
)
from csp_workflow.digest.occasions import (
    list_measure_needs,
    list_meetings,
    list_overtaken,
    say_asked_in_vain,
    say_disputed,
    say_extract,
    say_extract_proof,
)
from csp_workflow.digest.papers import list_paper_needs
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.kinds import Ground, name_kind
from csp_workflow.letters.morning import Item, Need
from csp_workflow.letters.proofs import find_waiting_proof
from csp_workflow.terms.dates import CycleState, london_day
from csp_workflow.terms.events import REMINDERS, Happened, LetterState
from csp_workflow.terms.messages import short_id
from csp_workflow.terms.personal import PERSONAL
from csp_workflow.terms.phrases import day, joined, moment, plural
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Assent, Contact, Respondent, RespondentKind, Role
from csp_workflow.terms.status import ReturnStatus

# What needs her -------------------------------------------------------------------------------------


def list_needs(facts: DigestFacts, now: datetime) -> tuple[Need, ...]:
    """Everything that waits for her, the most far-reaching first.

    What is due by the calendar waits for her RELEASE while the time is in doubt: a paper offered by a clock that is a
    year ahead would be circulated weeks before its returns are due.
    """
    is_time_sure = not (facts.service.clock_doubted or facts.service.gap_hold)
    return (
        *list_topics(facts, now),
        *_unread(facts, now),
        *_broken(facts),
        *_service(facts, now),
        *list_lost_addresses(facts, now),
        *list_unconfirmed(facts, now),
        *list_letters_back(facts, now),
        *list_refusals(facts, now),
        *(need for cycle in facts.rounds if is_time_sure for need in _round(cycle, now)),
        *list_messages(facts, now),
        *_drafts(facts, now),
        *_stuck_letters(facts),
        *(need for cycle in facts.shown if is_time_sure for need in list_paper_needs(cycle, now)),
        *(list_meetings(facts, now) if is_time_sure else ()),
        *(list_measure_needs(facts, now) if is_time_sure else ()),
        *(_gaps(facts) if is_time_sure else ()),
        *_expiring(facts),
    )


_UNREAD_FOR = timedelta(hours=1)


def _unread(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """That nothing new stands here may be for nothing was read."""
    if facts.unread_since and abs(now - facts.unread_since) >= _UNREAD_FOR:
        yield Need(
            title="The mailbox cannot be read",
            sentence=f"The mailbox could not be read to its end since {moment(facts.unread_since)}. What came since "
            "may be missing here, your own orders too, and nobody is reminded until it is read. We try again every few "
            "minutes. Whoever runs the service puts it right; please forward this to them.",
            presses=True,
        )


def _broken(facts: DigestFacts) -> Iterator[Need]:
    """That something due may not have been written, through a fault of our own."""
    if facts.broken:
        since, steps = facts.broken
        yield Need(
            title="A part of the program fails",
            sentence=f"A part of the program fails since {moment(since)} ({steps}), through a fault of its own: what "
            "it should write may be missing. Everything else goes on. Whoever runs the service puts it right; please "
            "forward this to them.",
            presses=True,
        )


def _say_unclosed(facts: DigestFacts, now: datetime) -> str:
    """The quarters that have not been closed though their time has come."""
    open_rounds = (r for r in facts.rounds if r.status.state is CycleState.OPEN and r.dates.close <= now)
    late = joined(f"{r.quarter}, which was to close at {moment(r.dates.close)}" for r in open_rounds)
    return f" Still open until you say so: {late}." if late else ""


def _service(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    if facts.service.moved:
        yield Need(
            title="Nothing leaves: the service was moved",
            sentence=f"{facts.service.moved} Nothing leaves until you say so, but these letters to your office; what "
            "arrives is received and read. If another service is at work on this mailbox, do not answer.",
            words=("RELEASE",),
            presses=True,
            by_reply=True,
        )
    if facts.service.clock_doubted:
        yield Need(
            title="Nothing leaves: the clock is in doubt",
            sentence="The computer's clock has gone back, or is not the mail server's. Nothing leaves until it is "
            "right and you say so. What is due by the calendar is shown again from then on.",
            words=("RELEASE",),
            presses=True,
        )
    if facts.service.gap_hold:
        yield Need(
            title="Requests and reminders wait",
            sentence="The service was silent for some working days. Requests and reminders wait for your word; "
            f"what arrived is received and answered.{_say_unclosed(facts, now)} What is due by the calendar is shown "
            "again from then on.",
            words=("RELEASE",),
            presses=True,
        )
    if facts.service.breaker:
        yield Need(
            title="Automatic answers wait",
            sentence=f"Automatic answers are on hold. {facts.service.breaker} Receipts and corrections wait for your "
            "word; what arrived is received and read.",
            words=("RELEASE",),
            presses=True,
        )
    if facts.service.config_refused:
        yield Need(
            title="The changed configuration cannot be used",
            sentence="The configuration was changed and cannot be used as it is, so the service goes on with the one "
            "before. Whoever changed it puts it right; please forward this to them: "
            f"{facts.service.config_refused}",
        )
    if facts.service.on_hold:
        sentence = " ".join(filter(None, ("All sending is on hold.", facts.service.hold_reason)))
        yield Need(title="All sending is on hold", sentence=sentence, words=("RESUME",), presses=True)


def _gaps(facts: DigestFacts) -> Iterator[Need]:
    """What a coming quarter lacks. It stays until it is there: a quarter that does not begin is noticed by nobody."""
    if facts.gaps:
        lacking = " ".join(gap[0].upper() + gap[1:] for gap in facts.gaps)
        yield Need(
            title="Something is missing for a coming quarter",
            sentence=f"Something is missing for a coming quarter. {lacking} Meetings, people and holidays are "
            "entered by the workbook that SETUP brings; for anything else please forward this to whoever keeps the "
            "configuration. The next morning's letter no longer says so then.",
        )


def _expiring(facts: DigestFacts) -> Iterator[Need]:
    """What mail depends on and soon ends. It stays: afterwards no letter can say so."""
    yield from (Need(title="Something that mail needs ends soon", sentence=sentence) for sentence in facts.expiring)


def _round(cycle: Round, now: datetime) -> Iterator[Need]:
    quarter, state = cycle.status.quarter, cycle.status.state
    presses = london_day(now) >= cycle.dates.open
    if state is CycleState.IN_PROOF:
        tense = "were" if london_day(now) > cycle.dates.open else "are"
        going = f"Requests {tense} to go out on {day(cycle.dates.open)}."
        told_at = cycle.find_last(Happened.PROOF_MADE)
        title, (late, words) = f"The proof pack for {quarter}", _say_sending(cycle, now)
        sentence = f"The proof pack for {quarter} waits for you. {going}{late}"
        yield Need(title=title, sentence=sentence, words=words, presses=presses, told_at=told_at)
    is_early = state is CycleState.PLANNED and london_day(now) < cycle.dates.open
    if is_early and (shown := find_waiting_proof(cycle.letters, quarter)):
        going = f"The forms go out without them on {day(cycle.dates.open)} if you do nothing."
        sentence = f"The proof of the first letters to people whom we never wrote to waits for you. {going}"
        title = "The first letters to new people"
        yield Need(title=title, sentence=sentence, words=("SEND INTRODUCTIONS",), told_at=shown.queued)
    if state is CycleState.PLANNED and london_day(now) >= cycle.dates.open:
        sentence = f"{quarter} was to open on {day(cycle.dates.open)} and has no proof pack yet."
        yield Need(title=f"No proof pack for {quarter}", sentence=sentence, words=("PROOF",), presses=True)
    if state is CycleState.ARCHIVED:
        return
    yield from list_overtaken(cycle)
    for respondent, status in cycle.owed_returns():
        for what, (title, rule) in _RULES.items():
            sentence, words = rule(cycle, respondent, status, now)
            if sentence:
                item = Item(about=respondent.key, what=what, called=respondent.name)
                told_at = cycle.find_last(Happened.EXTRACT_PROVED) if rule is say_extract_proof else None
                name = title.format(respondent.name)
                yield Need(title=name, sentence=sentence, words=words, item=item, told_at=told_at)


_Said = tuple[str, tuple[str, ...]]
_NONE: _Said = ("", ())


def _say_sending(cycle: Round, now: datetime) -> _Said:
    """What lets the requests go: on the day on which returns are due, and after it, with more time first."""
    due, today, longer = cycle.first_due, london_day(now), "EXTEND ALL TO day BECAUSE reason"
    if due > today:
        return "", ("SEND",)
    if due == today:
        return " Returns are due today. To give everybody longer, order that first.", (longer, "SEND")
    past = f" Returns were to be due on {day(due)}, which is past: once everybody has longer, a new proof is made."
    return past, (longer,)


# One respondent ------------------------------------------------------------------------------


def _chair_letter(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime) -> _Said:
    waits = status.chair_letter_proposed and not status.chair_letter_allowed and not _was_refused(cycle, of.key)
    if not waits or not _is_chased(cycle, of, status, london_day(now)):
        return _NONE
    chairs = cycle.chairs(of, london_day(now))
    late = _late(cycle, of, now)
    return (
        f"{of.name} is {late} late. May we write to {joined(c.name for c in chairs) or 'its chair'}?",
        (f"YES {of.code}", f"NO {of.code}"),
    )


def _telephone(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime) -> _Said:
    is_extract = of.kind is RespondentKind.ANALYST  # told by itself, from its first day
    if is_extract or not status.wants_call(london_day(now)) or not _is_chased(cycle, of, status, london_day(now)):
        return _NONE
    people = of.people(Role.LEAD, london_day(now)) or of.chairs(london_day(now))
    words = (
        f"CALLED {of.code}: what was said",
        f"EXTEND {of.code} TO day BECAUSE reason",
        f"NIL {of.code} BECAUSE reason",
        f"DECLINE {of.code} BECAUSE reason",
    )
    late = f"{of.name} is {_late(cycle, of, now)} late."
    return f"{late} {_say_last_call(status)}Please phone {say_by_phone(people)}.", words


def _say_last_call(status: ReturnStatus) -> str:
    call = status.phoned
    return f"You phoned on {day(call.at)}: {call.said.rstrip('.')}. " if call else ""


def _faults(cycle: Round, of: Respondent, status: ReturnStatus, _: datetime) -> _Said:
    unmended = _say_unmended(cycle, of, status)
    if not unmended or _list_personal(cycle, of, status):
        return _NONE
    return f"{unmended} You may take the return as it is; the paper then says what is open.", (f"ACCEPT {of.code}",)


def _say_unmended(cycle: Round, of: Respondent, status: ReturnStatus) -> str:
    """That reminders of faults were in vain; "" before they were."""
    if status.state is not ReturnState.QUERIED or _last_reminder(cycle, Ground.FAULTS_OPEN, status) < REMINDERS:
        return ""
    what = "sent the next version" if status.returned else f"corrected {plural(status.faults, 'fault')}"
    return f"{of.name} has not {what} after {REMINDERS} reminders."


_CELLS_NAMED = 3


def _personal(cycle: Round, of: Respondent, status: ReturnStatus, _: datetime) -> _Said:
    cells = _list_personal(cycle, of, status)
    if not cells:
        return _NONE
    more = len(cells) - _CELLS_NAMED
    where = joined([*cells[:_CELLS_NAMED], *([plural(more, "more cell")] if more > 0 else [])])
    kept = "That is kept back from every letter and paper until a version without it comes, or you take it as it is."
    unmended = " ".join(filter(None, (kept, _say_unmended(cycle, of, status))))
    return f"The return of {of.name} may name a person ({where}). {unmended}", (f"ACCEPT {of.code}",)


def _list_personal(cycle: Round, of: Respondent, status: ReturnStatus) -> list[str]:
    """The cells of a queried return that may name a person."""
    latest = cycle.latest_submission(of) if status.state is ReturnState.QUERIED else None
    asked = [f for f in latest.findings if f.code == PERSONAL] if latest else []
    return list(dict.fromkeys(f"{f.sheet} {f.cell}".strip() for f in asked))


@dataclass(frozen=True, kw_only=True)
class _Words:
    """How a yes that nobody gives is told, the respondent's name in place of {}."""

    order: str
    none: str
    nobody: str
    silent: str


_WORDS = {
    Assent.APPROVAL: _Words(
        order="APPROVED",
        none="{} has a complete return and no chair in office whom letters reach to approve it. Please name one.",
        nobody="nobody else may approve the return of {}",
        silent="of {} has not approved",
    ),
    Assent.CERTIFICATE: _Words(
        order="CERTIFIED",
        none="{} states grant money and has no budget holder whom letters reach to certify it. Please name one.",
        nobody="nobody else may certify the grant money of {}",
        silent="of {} has not certified its grant money",
    ),
}


def _approval(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime) -> _Said:
    return _say_assent(cycle, of, status, now, Assent.APPROVAL)


def _certificate(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime) -> _Said:
    return _say_assent(cycle, of, status, now, Assent.CERTIFICATE)


def _say_assent(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime, assent: Assent) -> _Said:
    """A yes that is wanted and that nobody can be asked for, or was asked for in vain."""
    if not of.needs_approval or not status.wants(assent) or cycle.papers_are_out:
        return _NONE
    words, (first, deputy), today = _WORDS[assent], assent.roles, london_day(now)
    givers = cycle.givers(of, assent, today)
    if not givers and any(not cycle.service.reaches(c) for c in of.givers(assent, today)):
        return _NONE  # It stands with the address that letters do not reach.
    if not givers:
        return words.none.format(of.name), (f"CONTACT {of.code} {first} Name Surname <address>",)
    by_order = f"{words.order} {of.code} BY whom BECAUSE evidence"
    if all(_is_away_for_long(cycle, giver, today) for giver in givers):
        missing = joined(cycle.service.say_missing(giver, today) for giver in givers)
        orders = (f"CONTACT {of.code} {deputy} Name Surname <address>", by_order)
        return f"{missing}, and {words.nobody.format(of.name)}.", orders
    is_reminded = _last_asking(cycle, of, status, assent, to=givers) >= REMINDERS
    is_settled = cycle.is_paused(of, today) or status.find_call(today)
    return _call_givers(of, status, givers, by_order, assent) if is_reminded and not is_settled else _NONE


def _call_givers(
    of: Respondent, status: ReturnStatus, givers: tuple[Contact, ...], by_order: str, assent: Assent
) -> _Said:
    who = joined(dict.fromkeys(c.role for c in givers), "or")
    silent = f"The {who} {_WORDS[assent].silent.format(of.name)} after {REMINDERS} reminders."
    words = (by_order, f"CALLED {of.code} {assent.roles[0]}: what was said")
    return f"{silent} {_say_last_call(status)}Please phone {say_by_phone(givers)}.", words


def _last_asking(cycle: Round, of: Respondent, status: ReturnStatus, assent: Assent, to: tuple[Contact, ...]) -> int:
    """Which reminder of a yes was the last that was written to some people; 0 for none."""
    if assent is Assent.APPROVAL:
        return _last_reminder(cycle, Ground.APPROVAL_MISSING, status, to=to)
    mine = (
        x
        for x in cycle.letters_by_respondent.get(of.key, ())
        if kind_of(x.kind).asks is assent and any(c.is_at(x.recipient) for c in to)
        if x.state is not LetterState.WITHDRAWN and status.money_since and x.queued >= status.money_since
    )
    return max((one.reminder for x in mine for one in x.about), default=0)


def _is_away_for_long(cycle: Round, chair: Contact, today: date) -> bool:
    """Whether somebody is away beyond the next reminder, or beyond the day on which a paper is settled."""
    absence = cycle.service.away(chair, today)
    if absence is None:
        return False
    days = cycle.site.working_days.between(today, absence.until)
    is_settled = any(today <= paper.clearance <= absence.until for paper in cycle.dates.papers)
    return is_settled or days >= cycle.site.limits.approval_reminder_days


def _nobody(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime) -> _Said:
    today = london_day(now)
    if status.state.is_in or cycle.status.state is CycleState.CLOSED:
        return _NONE
    if _was_passed_over(cycle, of, status):
        unasked = f"{of.name} was not asked: when the requests went out, letters reached nobody there."
        by_hand = "Its form is in the proof pack. Please send it yourself, or ask by phone."
        return f"{unasked} {by_hand}", (f"NIL {of.code} BECAUSE reason", f"DECLINE {of.code} BECAUSE reason")
    instead = cycle.service.deliverable(of, today)
    words = (f"CONTACT {of.code} lead Name Surname <address>",) if len(of.people(Role.LEAD, today)) < 2 else ()
    if not instead:
        return f"Letters reach nobody at {of.name}, so nobody can be asked. Please name somebody.", words
    if not of.people(Role.LEAD, today):
        others = joined(c.name for c in instead)
        return f"{of.name} has no lead in office. Letters go to {others}. Please name somebody.", words
    return _NONE


def _was_refused(cycle: Round, respondent: str) -> bool:
    """Whether the co-ordinator has said NO to the letter to this chair since it was proposed."""
    mine = [e for e in cycle.events if e.respondent == respondent]
    last = [e for e in mine if e.kind is Happened.CHAIR_LETTER_PROPOSED or e.facts.get("command") == "NO"]
    return bool(last) and last[-1].kind is Happened.COMMANDED


def _was_passed_over(cycle: Round, of: Respondent, status: ReturnStatus) -> bool:
    """Whether the quarter opened without asking, as a waiver allows. The analyst is asked at another time."""
    is_open = cycle.status.state is CycleState.OPEN
    return is_open and status.state is ReturnState.EXPECTED and of.kind is not RespondentKind.ANALYST


_Rule = Callable[[Round, Respondent, ReturnStatus, datetime], _Said]
_RULES: dict[str, tuple[str, _Rule]] = {
    "extract request": ("The request for the extract", say_extract_proof),
    "extract": ("The force's extract", say_extract),
    "telephone call": ("Please phone {}", _telephone),
    "letter to the chair": ("A letter to the chair of {}", _chair_letter),
    "personal details": ("A person may be named: {}", _personal),
    "faults": ("Faults that nobody corrects: {}", _faults),
    "questions": ("Questions without an answer: {}", say_asked_in_vain),
    "disputes": ("A dispute that the force has not answered: {}", say_disputed),
    "approval": ("Not approved: {}", _approval),
    "certificate": ("Grant money not certified: {}", _certificate),
    "nobody to write to": ("Nobody to write to: {}", _nobody),
}
"""What may wait at a respondent, by its name: how it is called where there is no room for a sentence, and its rule."""


def _is_chased(cycle: Round, of: Respondent, status: ReturnStatus, today: date) -> bool:
    return status.state is ReturnState.REQUESTED and cycle.waits_for(of) and not cycle.is_paused(of, today)


def _late(cycle: Round, of: Respondent, now: datetime) -> str:
    return plural(max(cycle.days_from_due(of, london_day(now)), 0), "working day")


def _last_reminder(cycle: Round, ground: Ground, status: ReturnStatus, to: tuple[Contact, ...] = ()) -> int:
    """Which reminder about the latest submission was the last that was written (to these people); 0 for none."""
    return max(
        (
            about.reminder
            for about, letters in cycle.letters_by_about.items()
            if about.submission == status.submission
            for x in letters
            if kind_of(x.kind).ground is ground and (not to or any(c.is_at(x.recipient) for c in to))
        ),
        default=0,
    )


# Letters -----------------------------------------------------------------------------------------


_SETTLES = {
    LetterState.FOR_A_PERSON: ("FOUND", "RESEND", "WITHDRAW"),
    LetterState.FAILED: ("RESEND", "WITHDRAW"),
}
"""The orders that settle a letter which is stuck."""
_LOOK_FOR = {
    LetterState.FOR_A_PERSON: "Please look for it in the mailbox's sent folder and say whether it is there.",
    LetterState.FAILED: "Send it again once that is put right, or take it back.",
}


_MOST_DRAFTS = 12
_PUT_WITHIN = timedelta(hours=1)


_LEFT_DRAFTS = "left Drafts without a copy among the mailbox's sent letters"
_HER_OWN = (
    "If you sent it, reply FOUND; RESEND has it put into Drafts again; WITHDRAW lets it lie. Where copies of what you "
    "send go to your own sent letters, ask your mail team to have them kept in this mailbox as well."
)


def _drafts(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """The letters that she has not sent yet, since when, and those that cannot be put before her."""
    lie = sorted((x for x in facts.every_letter if x.state is LetterState.IN_DRAFTS), key=lambda x: x.drafted or now)
    waiting, unput = [x for x in lie if x.proof and not x.missed], [x for x in lie if not x.proof]
    if waiting and waiting[0].drafted:
        count, since = plural(len(waiting), "letter"), day(waiting[0].drafted)
        shown = (f"{short_id(x.id)} ({name_kind(x.kind)}) to {x.recipient}" for x in waiting[:_MOST_DRAFTS])
        more = f", and {plural(len(waiting) - _MOST_DRAFTS, 'more')}" if len(waiting) > _MOST_DRAFTS else ""
        named = short_id(waiting[0].id) if len(waiting) == 1 else "ID"
        yield Need(
            title=f"{count} {'waits' if len(waiting) == 1 else 'wait'} in your Drafts folder since {since}",
            sentence=f"In Drafts of {facts.site.office.mailbox}: {'; '.join(shown)}{more}. Please read "
            f"{'it' if len(waiting) == 1 else 'each'} there, change what you like, and press Send. Until then it "
            "counts as not sent, and nobody is reminded of it.",
            words=(f"WITHDRAW {named}",),
            presses=True,
        )
    if unput and unput[0].drafted and now - unput[0].drafted >= _PUT_WITHIN:
        yield Need(
            title="Letters cannot be put into your Drafts folder",
            sentence=f"{plural(len(unput), 'letter')} could not be put into Drafts of {facts.site.office.mailbox}, the "
            f"first since {moment(unput[0].drafted)}. It is tried again every minute. Whoever runs the service puts it "
            "right (csp-workflow doctor says what is wrong); please forward this to them.",
            presses=True,
        )


def _stuck_letters(facts: DigestFacts) -> Iterator[Need]:
    failed = [x for x in facts.every_letter if x.state is LetterState.FAILED]
    lost = [x for x in failed if x.recipient.lower() in facts.service.undeliverable]
    unclear = [x for x in facts.every_letter if x.state is LetterState.FOR_A_PERSON]
    stuck = {
        "may or may not have left": [x for x in unclear if not x.drafted],
        _LEFT_DRAFTS: [x for x in unclear if x.drafted],
        "could not be sent to an address that letters do not reach": lost,
        "could not be sent, and nothing is known against the address": [x for x in failed if x not in lost],
    }
    for what, letters in stuck.items():
        if letters:
            named = short_id(letters[0].id) if len(letters) == 1 else "ID"
            settle = _HER_OWN if what is _LEFT_DRAFTS else _LOOK_FOR[letters[0].state]
            yield Need(
                title=f"{plural(len(letters), 'letter')} that {what}",
                sentence=f"{plural(len(letters), 'letter')} {what}. Below stands to whom, and what was said. {settle}",
                words=tuple(f"{verb} {named}" for verb in _SETTLES[letters[0].state]),
            )
