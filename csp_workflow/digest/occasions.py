"""What the morning letter says of what does not come every week, or not to every site.

A year's measures, questions about returns, what a board asked, and the force's extract.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from csp_workflow.digest.facts import DigestFacts, Round, say_by_phone
from csp_workflow.letters.disputes import find_passed
from csp_workflow.letters.morning import Item, Need
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.mail.words import plain_words
from csp_workflow.terms.actions import Action, ActionState
from csp_workflow.terms.dates import CycleState, PaperDates, london_day
from csp_workflow.terms.events import REMINDERS
from csp_workflow.terms.measure_sets import MeasuresState, MeasuresStatus
from csp_workflow.terms.personal import keep_back_lines
from csp_workflow.terms.phrases import day, joined, moment, plain_day, plural
from csp_workflow.terms.queries import (
    ASKED,
    count_askings,
    list_disputes,
    list_open_queries,
    name_disputed,
    offer_queries,
    say_queries,
)
from csp_workflow.terms.returns import ReturnState, Revision
from csp_workflow.terms.site import Respondent, RespondentKind, Role
from csp_workflow.terms.status import ReturnStatus

_S = MeasuresState
_WAITS_FOR = {
    _S.ASKED: "the lead's answer",
    _S.QUERIED: "the lead's correction",
    _S.COMPLETE: "the chair's approval",
    _S.APPROVED: "you to agree",
}


def tell_measures(facts: DigestFacts) -> tuple[str, ...]:
    """A line for each group that stands alike, as long as anybody's measures for a year are open."""
    return tuple(line for year in facts.service.agreeing.open_years for line in _tell_year(facts, year))


def _tell_year(facts: DigestFacts, year: str) -> Iterator[str]:
    by_state: dict[MeasuresState, list[str]] = {}
    names = {r.key: r.name for r in facts.site.respondents}
    for stands in facts.service.agreeing.list_year(year):
        by_state.setdefault(stands.state, []).append(names.get(stands.respondent, stands.respondent))
    for state in MeasuresState:
        if state in by_state:
            waits = f"waiting for {_WAITS_FOR[state]}" if state in _WAITS_FOR else str(state)
            yield f"Measures for {year}, {waits}: {joined(by_state[state])}."


def list_measure_needs(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """The proof that waits for her, what a chair approved, and who was reminded as often as we do."""
    agreeing = facts.service.agreeing
    for year, at in agreeing.proved.items():
        if not agreeing.list_year(year):
            waits = (
                f"The proof of the letters that ask for the measures for {year} waits for you since {plain_day(at)}."
            )
            title = f"The letters about measures for {year}"
            yield Need(title=title, sentence=waits, words=("SEND MEASURES",), told_at=at)
    for year in agreeing.open_years:
        for stands in agreeing.list_year(year):
            found = next((r for r in facts.site.respondents if r.key == stands.respondent), None)
            if found is not None:
                yield from _need_of(facts, found, stands, now)


def _need_of(facts: DigestFacts, of: Respondent, stands: MeasuresStatus, now: datetime) -> Iterator[Need]:
    item = Item(about=of.key, what=f"measures {stands.state}", called=f"the measures of {of.name}")
    if stands.state is _S.APPROVED:
        yield Need(
            title=f"Measures to be agreed: {of.name}",
            sentence=f"{stands.approved_by} approved version {stands.version} of the measures of {of.name} for "
            f"{stands.year}. The forms ask them once you agree.",
            words=(f"AGREED {of.code}", f"RETURNED {of.code} BECAUSE reason"),
            item=item,
        )
    elif _count_reminders(facts, stands) >= REMINDERS:
        today = london_day(now)
        people = of.chairs(today) if stands.state is _S.COMPLETE else of.people(Role.LEAD, today)
        since = f" since {plain_day(stands.since)}" if stands.since else ""
        yield Need(
            title=f"Measures still to come: {of.name}",
            sentence=f"The measures of {of.name} for {stands.year} wait for {_WAITS_FOR[stands.state]}{since}, after "
            f"{plural(REMINDERS, 'reminder')}. Please phone {say_by_phone(people)}.",
            item=item,
        )


def _count_reminders(facts: DigestFacts, stands: MeasuresStatus) -> int:
    return max(
        (
            a.reminder
            for x in facts.letters
            if stands.since is None or x.queued >= stands.since
            for a in x.about
            if (a.year, a.respondent) == (stands.year, stands.respondent)
        ),
        default=0,
    )


_OFFERED = 4


def offer_questions(facts: DigestFacts, message: WaitingMessage) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which open questions of ours somebody's words may answer, each as asked, and the orders that say so."""
    said: list[str] = []
    words: list[str] = []
    is_no = plain_words(message.words) in map(plain_words, facts.site.no_phrases)
    for cycle in facts.shown if not is_no else ():
        for of, _ in cycle.owed_returns():
            if of.key in message.respondents and (latest := cycle.latest_submission(of)):
                queries = offer_queries(latest, cycle.events, message.words)
                is_alone = sum(of.key in one.respondents and not one.is_held for one in facts.waiting) == 1
                name = of.code if is_alone else f"{message.short} {of.code}"
                offered = dict(list(queries.items())[:_OFFERED])
                whose = f"{of.code} " if len(message.respondents) > 1 else ""
                said += [f"{whose}{one}" for one in say_queries(offered)]
                words += [f"ANSWERS {name} {number}" for number in offered]
    disputed, orders = _offer_disputes(facts, message)
    return (*said, *disputed), (*words, *orders)


def say_asked_in_vain(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime) -> tuple[str, tuple[str, ...]]:
    """The questions that were asked of a partnership as often as they are, and had no answer: what she may do."""
    versions, latest = cycle.submissions.get(of.key, ()), cycle.latest_submission(of)
    asked = {
        number: query
        for number, query in (list_open_queries(latest, cycle.events) if latest else {}).items()
        if (times := count_askings(versions, query)) > ASKED or (times == ASKED and _is_overdue(cycle, status, now))
    }
    if not asked:
        return "", ()
    them = "it" if len(asked) == 1 else "them"
    quoted = " ".join(say_queries(asked))
    sentence = f"{of.name} was asked {plural(len(asked), 'question')} twice, has not answered, and is not asked again."
    keeps = f"ACCEPT takes what stands there as it is; RETURN asks about {them} in your words."
    accept = f"ACCEPT {of.code} {' '.join(asked)}"
    back = () if status.returned else (f"RETURN {of.code} BECAUSE reason",)
    return f"{sentence} {quoted} {keeps if back else ''}".strip(), (accept, *back)


def _is_overdue(cycle: Round, status: ReturnStatus, now: datetime) -> bool:
    """Whether as long has passed since they were asked last as before a reminder."""
    since = london_day(status.counted or now)
    return cycle.site.working_days.between(since, london_day(now)) >= cycle.site.limits.query_reminder_days


def say_disputed(cycle: Round, of: Respondent, _: ReturnStatus, now: datetime) -> tuple[str, tuple[str, ...]]:
    """The police figures that a partnership disputes and the force, reminded once, has not answered; with their age."""
    versions, today = cycle.submissions.get(of.key, ()), london_day(now)
    waits = [d for d in list_disputes(versions, cycle.events, find_passed(cycle.letters)) if d.is_open]
    late = [d for d in waits if _count_days(cycle, d.passed, today) >= cycle.site.limits.query_reminder_days]
    if not late:
        return "", ()
    said = (f"{d.number} ({name_disputed(cycle.site, d)}): {keep_back_lines(d.reason)}" for d in late)
    ages = sorted({_count_days(cycle, d.passed, today) for d in late})
    had = f"{ages[0]} to {ages[-1]} working days" if len(ages) > 1 else plural(ages[0], "working day")
    them = "it" if len(late) == 1 else "them"
    sentence = (
        f"{of.name} disputes {plural(len(late), 'police figure')}, and the force, which has had {them} for {had}, "
        "has not answered."
    )
    return f"{sentence} {' '.join(said)} ACCEPT takes the force's figure as it stands.", tuple(
        f"ACCEPT {of.code} {d.number}" for d in late
    )


def _offer_disputes(facts: DigestFacts, message: WaitingMessage) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which disputes of partnerships the words of the force's analyst may answer, and the orders that say so."""
    analysts = {r.key for r in facts.site.respondents if r.kind is RespondentKind.ANALYST}
    if not analysts & {*message.respondents}:
        return (), ()
    open_ones = [
        (cycle, of, dispute)
        for cycle in facts.shown
        for of, _ in cycle.owed_returns()
        for dispute in list_disputes(cycle.submissions.get(of.key, ()), cycle.events, find_passed(cycle.letters))
        if dispute.is_open
    ][:_OFFERED]
    named = ((of.code, name_disputed(cycle.site, one), one) for cycle, of, one in open_ones)
    said = tuple(f"{code} {one.number} ({name}): {keep_back_lines(one.reason)}" for code, name, one in named)
    return said, tuple(f"ANSWERS {of.code} {d.number}" for _, of, d in open_ones)


def _count_days(cycle: Round, since: datetime | None, today: date) -> int:
    return cycle.site.working_days.between(london_day(since), today) if since else 0


_ASKED_FOR = 5
"""For so many working days after a meeting she is asked what it asked."""


def list_meetings(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """What waits since a board met."""
    yield from list_unrecorded(facts, now)
    yield from list_overdue(facts, now)


def list_unrecorded(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """The meetings of which nothing is recorded."""
    for cycle in facts.shown:
        for paper in cycle.dates.papers:
            board = cycle.site.board(paper.board)
            if not board.yearly and _is_unrecorded(cycle, paper, london_day(now)):
                notes = (f"NOTES {paper.board}",) if board.notes_to_all else ()
                nothing = " If it asked nothing, NOTES tells every partnership so." if notes else ""
                met = f"The {board.name} met on {day(paper.meeting)}."
                yield Need(
                    title=f"What the {board.name} asked on {day(paper.meeting)}",
                    sentence=f"{met} Please record what it asked of whom; each is told in one letter.{nothing}",
                    words=(f"ACTION {paper.board} CODE BY day: what is asked", *notes),
                )


def _is_unrecorded(cycle: Round, paper: PaperDates, today: date) -> bool:
    status, site = cycle.status.papers.get(paper.board), cycle.site
    if status is None or status.circulated_at is None or status.noted is not None:
        return False
    if site.is_cancelled(paper.board, paper.meeting):
        return False
    is_recent = paper.meeting < today <= site.working_days.plus(paper.meeting, _ASKED_FOR)
    return is_recent and not any((a.board, a.asked) == (paper.board, paper.meeting) for a in site.actions)


def list_overdue(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """What a board asked and is past its day: the respondent's own answer closes nothing."""
    for action in facts.site.actions:
        if action.state_on(london_day(now)) is ActionState.OVERDUE:
            yield _say_overdue(facts, action)


def _say_overdue(facts: DigestFacts, action: Action) -> Need:
    site = facts.site
    name = {r.key: r.name for r in site.respondents}.get(action.respondent, action.respondent)
    answered = facts.answered.get(action.ref, "")
    came = f" It answered on its form for {answered}." if answered else " Its form has no answer to it."
    asked = f"{action.ref}, which the {site.board(action.board).name} asked of {name} on {day(action.asked)},"
    return Need(
        title=f"{'Answered, to be closed' if answered else 'Overdue'}: {action.ref}, asked of {name}",
        sentence=f"{asked} was due by {day(action.due)}: \u201c{action.wording}\u201d{came}",
        words=(f"CLOSE {action.ref} BECAUSE reason",),
        item=Item(about=action.respondent, what=f"action {action.ref}", called=action.ref),
        may_wait=bool(answered),
    )


_NOTHING: tuple[str, tuple[str, ...]] = ("", ())
_NAMED = 3


def say_extract_proof(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime) -> tuple[str, tuple[str, ...]]:
    """The request for the force's extract, while its proof waits for SEND and there is time."""
    due = cycle.due_time(of)
    if not _is_awaited(cycle, of) or not status.is_unasked or now >= due:
        return _NOTHING
    late_from = day(cycle.site.working_days.plus(london_day(due), 1))
    waits = f"The proof of the request for the extract to {of.name} waits for you"
    return f"{waits}. The extract is due at {moment(due)}, and late from {late_from}.", (f"SEND {of.code}",)


def say_extract(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime) -> tuple[str, tuple[str, ...]]:
    """The force's extract that has not come by its day; and what may be done now."""
    due = cycle.due_time(of)
    if not _is_awaited(cycle, of) or london_day(now) < london_day(due):
        return _NOTHING
    later = f"EXTEND {of.code} TO day BECAUSE reason", f"DECLINE {of.code} BECAUSE reason"
    if status.is_unasked and now >= due:
        past = f"{of.name} was not asked for the extract, which was to be due at {moment(due)}."
        return f"{past} {_say_without(cycle)} A later day makes a new proof of its request.", later
    if status.state is not ReturnState.REQUESTED:
        return _NOTHING
    asked = f", asked on {day(status.requested)}," if status.requested else ""
    late = cycle.days_from_due(of, london_day(now))
    stands = f"is {plural(late, 'working day')} late" if late > 0 else f"is due at {moment(due)} and has not come yet"
    people = of.people(Role.LEAD, london_day(now))
    call = f" Please phone {say_by_phone(people)}." if status.wants_call(london_day(now)) else ""
    send = ("SEND",) if cycle.status.state is CycleState.IN_PROOF else ()
    return f"The extract of {of.name}{asked} {stands}. {_say_without(cycle)}{call}", (*send, *later)


def _is_awaited(cycle: Round, of: Respondent) -> bool:
    return of.kind is RespondentKind.ANALYST and cycle.waits_for(of) and not cycle.is_settled


def _say_without(cycle: Round) -> str:
    """What it means that the extract has not come."""
    if cycle.status.state is CycleState.OPEN:
        return "The forms went out without its figures; when it comes, you are told what it changes."
    return "You may wait, or let the forms go without it: its figures then read \u201cnot yet supplied\u201d."


def list_overtaken(cycle: Round) -> Iterator[Need]:
    """The forms that do not show any more what stands, until they go anew or are left as they are.

    Put off by the code of the first whom it concerns.
    """
    found = [(r, stands.overtaken) for r, stands in cycle.owed_returns() if stands.asks_reissue and stands.overtaken]
    if not found or cycle.is_settled:
        return
    since, names = max(revision.at for _, revision in found), [r.name for r, _ in found]
    more = [plural(len(names) - _NAMED, "other")] if len(names) > _NAMED else []
    yield Need(
        title="Forms that show old figures",
        sentence=f"Since the forms went, {say_counted([revision for _, revision in found])} (last at {moment(since)}), "
        f"for {joined([*names[:_NAMED], *more])}. The forms may go out anew, with what was typed; or stay as they are.",
        words=("REISSUE", "REISSUE NOBODY"),
        item=Item(about=found[0][0].key, what="forms overtaken", called="the forms that changed"),
    )


def say_counted(revisions: list[Revision]) -> str:
    """What changed on forms, counted: "12 police figures were revised and 3 police figures came ..."."""
    parts = (
        (sum(r.figures for r in revisions), "police figure", "revised"),
        (sum(r.came for r in revisions), "missing police figure", "supplied"),
        (sum(r.wordings for r in revisions), "wording", "put right"),
    )
    counted = (f"{plural(n, what)} {'was' if n == 1 else 'were'} {done}" for n, what, done in parts if n)
    return joined(counted) or "everything stands again as the forms show it"
