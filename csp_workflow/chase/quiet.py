"""What keeps the chase quiet (each rule answers with a sentence why, or ""), and what it has written already."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.kinds import Ground
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleState, in_london, london, london_day
from csp_workflow.terms.events import REMINDERS, About, Event, Happened, Letter, LetterState, Manner, QueuedLetter
from csp_workflow.terms.phrases import day
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.service_status import ServiceStatus
from csp_workflow.terms.site import Assent, Respondent, RespondentKind, Site

_PENDING = {LetterState.QUEUED, LetterState.CLAIMED, LetterState.HANDING, LetterState.IN_DRAFTS}


def service_is_quiet(cycle: CycleView) -> str:
    """Why nobody at all is written to now."""
    return nothing_leaves(cycle.service)


def nothing_leaves(service: ServiceStatus) -> str:
    """Why no timed letter leaves to anybody."""
    if service.moved:
        return f"{service.moved} Everything waits until the co-ordinator replies RELEASE."
    if service.clock_doubted:
        return "The clock is in doubt: everything waits until the co-ordinator replies RELEASE."
    if service.gap_hold:
        return (
            "After a long silence of the service, requests and reminders wait until the co-ordinator replies RELEASE."
        )
    return "All sending is on hold." if service.on_hold else ""


def answers_wait(service: ServiceStatus) -> str:
    """Why no automatic answer leaves now."""
    return (
        f"Automatic answers wait until the co-ordinator replies RELEASE. {service.breaker}" if service.breaker else ""
    )


def window_is_shut(site: Site, now: datetime) -> str:
    """Why no timed letter may leave at this moment: not a working day, or outside the sending window."""
    local = in_london(now)
    if not site.working_days.is_working(local.date()):
        return "Today is not a working day."
    if not site.window.opens <= local.time() < site.window.closes:
        return f"Letters leave between {site.window.opens:%H:%M} and {site.window.closes:%H:%M} only."
    return ""


def find_open_window(site: Site, now: datetime) -> datetime:
    """The latest moment at which timed letters could leave."""
    day = london_day(now)
    while window_is_shut(site, now):
        now = london(day, site.window.opens)
        day -= timedelta(days=1)
    return now


def respondent_is_held(cycle: CycleView, respondent: Respondent) -> str:
    """Why no timed letter at all goes to a respondent: a HOLD, or a message that waits for a person."""
    if cycle.is_held(respondent):
        return "The respondent is on hold."
    if cycle.status.returns[respondent.key].held_messages:
        return "A message from or about the respondent is held and waits for the co-ordinator."
    return ""


def respondent_is_paused(cycle: CycleView, respondent: Respondent, today: date) -> str:
    """Why a respondent is not reminded of anything: a hold, a question not answered, or what they said by telephone."""
    call = cycle.status.returns[respondent.key].find_call(today)
    if call and call.until:
        return f"They said by phone on {day(call.at)} what will come, so we wait until {day(call.until)} is over."
    if cycle.status.returns[respondent.key].open_questions:
        return "A question is open: nobody is chased while they wait for our answer."
    return respondent_is_held(cycle, respondent)


def not_chased(cycle: CycleView, respondent: Respondent, today: date) -> str:
    """Why a respondent is not chased for a return that has not come."""
    state = cycle.status.returns[respondent.key].state
    if state.is_in:
        return f"Nobody is chased for a return that is {state}."
    if state is not ReturnState.REQUESTED:
        return f"The return is {state}: it is not asked for at present."
    past = cycle_is_past(cycle, respondent) or _form_is_in_drafts(cycle, respondent)
    return past or respondent_is_paused(cycle, respondent, today)


def _form_is_in_drafts(cycle: CycleView, respondent: Respondent) -> str:
    """Why nobody is reminded of a form that no letter has brought yet: the co-ordinator has not sent it."""
    mine = cycle.letters_by_respondent.get(respondent.key, ())
    bring = [x for x in mine if kind_of(x.kind).brings_forms and x.state is not LetterState.WITHDRAWN]
    waits = any(x.state is LetterState.IN_DRAFTS for x in bring) and not any(x.sent for x in bring)
    return "Their form waits in Drafts, to be sent by the co-ordinator." if waits else ""


def papers_are_settled(cycle: CycleView) -> str:
    """Why nobody is reminded of what a paper could still take."""
    return "Every paper of this quarter is cleared." if cycle.is_settled else ""


def cycle_is_past(cycle: CycleView, respondent: Respondent) -> str:
    """Why a return that has not come is not asked for: after the close only one that was promised longer is."""
    state = cycle.status.state
    if state is CycleState.CLOSED and cycle.has_longer(respondent):
        return papers_are_settled(cycle)
    if state in {CycleState.CLOSED, CycleState.ARCHIVED}:
        return f"The quarter is {state}."
    # The force's analyst is asked before the cycle opens; nobody else is.
    if state is not CycleState.OPEN and respondent.kind is not RespondentKind.ANALYST:
        return "The quarter is not open."
    return ""


def written_for_another_day(letter_day: datetime, now: datetime) -> str:
    """A reminder counts its days from the day it was written, so it may not leave on another."""
    written = london_day(letter_day)
    if written != london_day(now):
        return f"It was written on {day(written)} and counts its days from then."
    return ""


# What was written already --------------------------------------------------------------------------


def addresses_written_to(cycle: CycleView, now: datetime) -> frozenset[str]:
    """The addresses that have had, or are about to have, a timed letter today; in lower case."""
    today = london_day(now)
    return frozenset(
        letter.recipient.lower()
        for letter in cycle.letters
        if letter.manner is Manner.TIMED and letter.state is not LetterState.WITHDRAWN and _counts_for(letter, today)
    )


def _counts_for(letter: QueuedLetter, today: date) -> bool:
    if kind_of(letter.kind).is_dated and letter.state in {LetterState.QUEUED, LetterState.IN_DRAFTS}:
        return london_day(letter.queued) == today  # yesterday's will be withdrawn, not sent
    return letter.state in _PENDING or today in {london_day(letter.queued), london_day(letter.sent or letter.queued)}


def find_letters(cycle: CycleView, ground: Ground, what: About) -> tuple[QueuedLetter, ...]:
    """This cycle's letters on a ground that are about exactly this and were not withdrawn."""
    return tuple(letter for letter in cycle.letters_by_about.get(what, ()) if kind_of(letter.kind).ground is ground)


def find_reminders(
    cycle: CycleView, ground: Ground, respondent: Respondent, submission: str, number: int
) -> tuple[QueuedLetter, ...]:
    """The letters of one number that reminded of a submission's faults or approval and were not withdrawn."""
    return find_letters(cycle, ground, About(respondent=respondent.key, submission=submission, reminder=number))


def find_asks(
    cycle: CycleView, respondent: Respondent, submission: str, assent: Assent, *, reminders: bool = False
) -> tuple[QueuedLetter, ...]:
    """The letters that asked for a yes to what one submission says, and were not withdrawn, oldest first; or the
    `reminders` of it. One to grant money counts for every version that says the same of it."""
    if assent is Assent.CERTIFICATE:
        since = cycle.status.returns[respondent.key].money_since
        letters = cycle.letters_by_respondent.get(respondent.key, ()) if since else ()
        found = [x for x in letters if x.state is not LetterState.WITHDRAWN and since and x.queued >= since]
    else:
        numbers = range(1, REMINDERS + 1) if reminders else (0,)
        about = (About(respondent=respondent.key, submission=submission, reminder=n) for n in numbers)
        found = [x for one in about for x in cycle.letters_by_about.get(one, ())]
    asks = (x for x in found if kind_of(x.kind).asks is assent)
    return tuple(x for x in asks if any(bool(one.reminder) is reminders for one in x.about))


def count_reminders(cycle: CycleView, ground: Ground, respondent: Respondent, submission: str) -> int:
    """How many reminders were written about one submission (to the person who has had most)."""
    return sum(bool(find_reminders(cycle, ground, respondent, submission, n)) for n in range(1, REMINDERS + 1))


def number_repeat(cycle: CycleView, letter: Letter) -> Letter:
    """The letter to queue: the same again, after one that counts no more, is a repeat; its cause is numbered ("~2")."""
    spent = sum(
        (x.kind, x.quarter) == (letter.kind, letter.quarter)
        and (x.state is LetterState.WITHDRAWN or not all(cycle.still_counts(x, one) for one in x.about))
        and set(x.about) == set(letter.about)
        and is_same_address(x.recipient, letter.recipient)
        for x in cycle.letters
    )
    return replace(letter, cause=f"{letter.cause}~{spent + 1}") if spent else letter


def note(
    cycle: CycleView,
    kind: Happened,
    now: datetime,
    *,
    by: str,
    respondent: str = "",
    subject: str = "",
    **about: str | int | bool | None,
) -> Event:
    """Something that happened in a cycle."""
    quarter = cycle.status.quarter
    return Event(kind=kind, at=now, by=by, quarter=quarter, respondent=respondent, subject=subject, facts=about)


def is_same_address(one: str, other: str) -> bool:
    """Whether two addresses are the same one."""
    return one.lower() == other.lower()
