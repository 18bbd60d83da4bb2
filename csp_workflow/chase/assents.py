"""Asking for a yes that one person alone may give, and reminding: of chairs to a return, of budget holders to its grant
money. One letter is for exactly one submission; who stands in for whom, and when, is one rule for both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from csp_workflow.chase import approval, quiet
from csp_workflow.chase.approval import Wanted, find_day
from csp_workflow.letters import certificates
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.certificates import StatedMoney
from csp_workflow.letters.chases import Change
from csp_workflow.letters.kinds import Ground
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleState, london_day
from csp_workflow.terms.events import REMINDERS, About, Decision, Event, Happened, Letter, LetterState, QueuedLetter
from csp_workflow.terms.grants import state_money
from csp_workflow.terms.phrases import day as said_day
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.site import Assent, Contact, Respondent

# What budget holders are asked to certify: exactly what one submission says of grant money -----------


def _ask_holder(wanted: Wanted, holder: Contact, why: str) -> Letter:
    """The letter that asks a budget holder to certify, with what differs from what they were asked about before."""
    before = wanted.find_shown(holder)
    return certificates.certificate_request(
        holder,
        _state(wanted),
        wanted.make_asking(why=why),
        changes=tuple(_compare(before, wanted) if before else ()),
        was_asked=before is not None and before.find_content(wanted.assent) != wanted.content,
    )


def _remind_holder(wanted: Wanted, holder: Contact, why: str, ask: QueuedLetter, number: int) -> Letter:
    """The reminder of one ask."""
    return certificates.certificate_reminder(
        holder,
        _state(wanted),
        wanted.make_asking(reminder=number, why=why),
        asked=london_day(ask.sent or ask.queued),
        last=number == REMINDERS,
    )


def _tell_holder(wanted: Wanted, holder: Contact, deputy: str, because: str, was_asked: bool) -> Letter:
    """The word to a budget holder that the deputy is asked."""
    asking = wanted.make_asking(why="")
    stated = _state(wanted)
    return certificates.certificate_deputy(holder, stated, asking, deputy=deputy, because=because, was_asked=was_asked)


def _state(wanted: Wanted) -> StatedMoney:
    stated = certificates.show_money(wanted.respondent, wanted.submission)
    by, gone = find_day(wanted.cycle, wanted.respondent, wanted.day), wanted.cycle.settled_boards
    return replace(stated, by=by, gone=gone)


def _compare(before: Submission, wanted: Wanted) -> Iterator[Change]:
    """What is stated otherwise, line by line and note by note."""
    was, now = (_list_said(wanted, one) for one in (before, wanted.submission))
    for what in dict.fromkeys((*now, *was)):
        if was.get(what) != now.get(what):
            yield Change(what=what, was=was.get(what, "nothing"), now=now.get(what, "nothing"))


def _list_said(wanted: Wanted, submission: Submission) -> dict[str, str]:
    """What a version says of each line, by how it is called; a note stands behind its line."""
    grants, found = tuple(state_money(wanted.respondent.grants, submission.figures)), dict[str, str]()
    for one in grants:
        notes = dict(note.split(": ", 1) for note in one.notes)
        for heading, pounds in one.lines:
            what = f"{one.title}, {heading.lower()}" if len(grants) > 1 else heading
            found[what] = f"{pounds} ({notes[heading]})" if heading in notes else pounds
    return found


# Asking ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Way:
    """How one yes is asked for: what is noted of it, by which rule, and the functions that write its letters."""

    asked: Happened
    by: str
    ground: Ground
    ask: Callable[[Wanted, Contact, str], Letter]
    remind: Callable[[Wanted, Contact, str, QueuedLetter, int], Letter]
    tell_of_deputy: Callable[[Wanted, Contact, str, str, bool], Letter]
    told_of_deputy: str


_WAYS: Mapping[Assent, _Way] = {
    Assent.APPROVAL: _Way(
        asked=Happened.APPROVAL_ASKED,
        by="the approval rule",
        ground=Ground.APPROVAL_MISSING,
        ask=approval.ask_chair,
        remind=approval.remind_chair,
        tell_of_deputy=approval.tell_chair,
        told_of_deputy=approval.TOLD_OF_DEPUTY,
    ),
    Assent.CERTIFICATE: _Way(
        asked=Happened.CERTIFICATE_ASKED,
        by="the certificate rule",
        ground=Ground.CERTIFICATE_MISSING,
        ask=_ask_holder,
        remind=_remind_holder,
        tell_of_deputy=_tell_holder,
        told_of_deputy=certificates.certificate_deputy.kind.name,
    ),
}


def decide_assents(cycle: CycleView, now: datetime, *, written_to: frozenset[str] = frozenset()) -> Decision:
    """What to ask for and to remind of now: at most one letter a working day to a person.

    An ask needs no quiet from open questions but those beside the form itself: a chair may have asked one about the
    version before.
    """
    if quiet.service_is_quiet(cycle) or quiet.window_is_shut(cycle.site, now):
        return Decision()
    taken = written_to | quiet.addresses_written_to(cycle, now)
    letters: list[Letter] = []
    events: list[Event] = []
    for wanted in _list_wanted(cycle, now):
        written = [x for x in _list_letters(wanted) if x.recipient.lower() not in taken]
        taken |= {x.recipient.lower() for x in written}
        letters += written
        if any(not one.reminder for x in written if kind_of(x.kind).asks is wanted.assent for one in x.about):
            way, submission = _WAYS[wanted.assent], wanted.submission
            about = {"respondent": wanted.respondent.key, "subject": submission.id, "content": wanted.content}
            events.append(quiet.note(cycle, way.asked, now, by=way.by, version=submission.sequence, **about))
    return Decision(letters=tuple(letters), events=tuple(events))


def why_not_asked(
    cycle: CycleView, respondent: Respondent, assent: Assent = Assent.APPROVAL, *, reminded: date | None = None
) -> str:
    """Why nobody is asked for a yes to a return, or `reminded` of it on a day; "" while somebody may be, until the
    papers are cleared.

    A late return or a correction is asked about even then: the approval goes on record.
    """
    stands = cycle.status.returns[respondent.key]
    if not stands.wants(assent):
        is_given = assent is Assent.CERTIFICATE and stands.certificate is not None
        return "The grant money is certified." if is_given else f"The return is {stands.state} now."
    if cycle.status.state not in {CycleState.OPEN, CycleState.CLOSED}:
        return f"The quarter is {cycle.status.state}."
    if reminded is None:
        return quiet.respondent_is_held(cycle, respondent) or _say_reserved(cycle, respondent)
    return quiet.papers_are_settled(cycle) or quiet.respondent_is_paused(cycle, respondent, reminded)


def _say_reserved(cycle: CycleView, respondent: Respondent) -> str:
    """That words beside the very form wait: "please hold this until Friday" stops what it bears on."""
    latest = cycle.latest_submission(respondent)
    waits = latest is not None and latest.message in cycle.status.returns[respondent.key].open_questions
    said = "What was written beside the form waits for the co-ordinator, so nobody is asked about it yet."
    return said if waits else ""


def _list_wanted(cycle: CycleView, now: datetime) -> Iterator[Wanted]:
    for assent in Assent:
        for respondent, _ in cycle.owed_returns():
            if not respondent.needs_approval or why_not_asked(cycle, respondent, assent):
                continue
            latest = cycle.latest_submission(respondent)
            if latest is not None:
                day = london_day(now)
                yield Wanted(cycle=cycle, respondent=respondent, submission=latest, assent=assent, day=day)


def _list_letters(wanted: Wanted) -> Iterator[Letter]:
    cycle, respondent, day = wanted.cycle, wanted.respondent, wanted.day
    asked = quiet.find_asks(cycle, respondent, wanted.submission.id, wanted.assent)
    givers = cycle.givers(respondent, wanted.assent, day)
    for giver in (*givers, *_list_deputies_of_silent(wanted, givers, asked)):
        mine = [x for x in asked if quiet.is_same_address(x.recipient, giver.address)]
        why = _say_why(wanted, giver)
        letter = _remind(wanted, giver, why, mine[0]) if mine else _WAYS[wanted.assent].ask(wanted, giver, why)
        if letter is not None:
            yield quiet.number_repeat(cycle, letter)
    yield from _tell_of_deputies(wanted, asked)


# A deputy in somebody's place ----------------------------------------------------------------------


def _list_deputies_of_silent(
    wanted: Wanted, givers: tuple[Contact, ...], asked: tuple[QueuedLetter, ...]
) -> tuple[Contact, ...]:
    """The deputies to be asked too: every chair was asked, and reminded in vain as often as anybody is."""
    cycle, (first, deputy) = wanted.cycle, wanted.assent.roles
    waited = cycle.site.limits.approval_reminder_days * (REMINDERS + 1)
    are_first = all(giver.role is first for giver in givers)
    if not (givers and are_first and all(_days_since_asked(wanted, c, asked) >= waited for c in givers)):
        return ()
    deputies = cycle.service.reached(wanted.respondent.people(deputy, wanted.day))
    return tuple(one for one in deputies if not cycle.service.away(one, wanted.day))


def _days_since_asked(wanted: Wanted, giver: Contact, asked: tuple[QueuedLetter, ...]) -> int:
    """Working days since the letter that asked somebody left; -1 before that."""
    left = [x.sent for x in asked if x.sent and quiet.is_same_address(x.recipient, giver.address)]
    return wanted.cycle.site.working_days.between(london_day(left[0]), wanted.day) if left else -1


def _tell_of_deputies(wanted: Wanted, asked: tuple[QueuedLetter, ...]) -> Iterator[Letter]:
    """Each chair, or budget holder, whom letters reach is told once that a deputy was asked, and why."""
    cycle, respondent, (first, deputy) = wanted.cycle, wanted.respondent, wanted.assent.roles
    way = _WAYS[wanted.assent]
    deputies = [d for d in respondent.people(deputy, wanted.day) if _was_asked(d, asked)]
    about = About(respondent=respondent.key, submission=wanted.submission.id)
    told = [x for x in quiet.find_letters(cycle, Ground.LATEST_VERSION, about) if x.kind == way.told_of_deputy]
    for giver in cycle.service.reached(respondent.people(first, wanted.day)) if deputies else ():
        absence, was_asked = cycle.service.away(giver, wanted.day), _was_asked(giver, asked)
        if _was_asked(giver, told) or not (absence or was_asked):
            continue
        because = f"you are away until {said_day(absence.until)}" if absence else "we have no answer from you yet"
        yield way.tell_of_deputy(wanted, giver, joined(d.name for d in deputies), because, was_asked)


def _was_asked(person: Contact, letters: Iterable[QueuedLetter]) -> bool:
    return any(quiet.is_same_address(x.recipient, person.address) for x in letters)


def _say_why(wanted: Wanted, to: Contact) -> str:
    """Why a deputy is asked, in a sentence; "" for nobody else."""
    cycle, first = wanted.cycle, wanted.assent.roles[0]
    why = cycle.service.say_deputy(to, wanted.respondent, wanted.day)
    present = [c for c in cycle.givers(wanted.respondent, wanted.assent, wanted.day) if c.role is first]
    silent = f" We asked {joined(c.name for c in present)} before, and have no answer yet." if why and present else ""
    return f"{why}{silent}"


# Reminding -------------------------------------------------------------------------------------


def _remind(wanted: Wanted, to: Contact, why: str, ask: QueuedLetter) -> Letter | None:
    cycle, respondent = wanted.cycle, wanted.respondent
    number = _number_reminder(wanted, ask)
    if not number or why_not_asked(cycle, respondent, wanted.assent, reminded=wanted.day):
        return None
    if cycle.service.away(to, wanted.day) or _had_reminder(wanted, to, number):
        return None
    return _WAYS[wanted.assent].remind(wanted, to, why, ask, number)


def _number_reminder(wanted: Wanted, ask: QueuedLetter) -> int:
    """Which reminder of an ask is due on a day: 0 for none, then the latest only; an ask must have left first."""
    if ask.state is not LetterState.SENT or ask.sent is None:
        return 0
    passed = wanted.cycle.site.working_days.between(london_day(ask.sent), wanted.day)
    return min(max(passed, 0) // wanted.cycle.site.limits.approval_reminder_days, REMINDERS)


def _had_reminder(wanted: Wanted, to: Contact, number: int) -> bool:
    letters = quiet.find_asks(wanted.cycle, wanted.respondent, wanted.submission.id, wanted.assent, reminders=True)
    mine = (x for x in letters if quiet.is_same_address(x.recipient, to.address))
    return any(one.reminder >= number for x in mine for one in x.about)
