"""What is collected on one day and leaves on the next working morning, all in one letter.

After a board's meeting: to each respondent, what the board noted of its return and what it asked, as the co-ordinator
ordered it. Disputed police figures are passed on to the force's analyst; what is not answered is asked for once more,
and then stands in the co-ordinator's morning letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from csp_workflow.chase import quiet
from csp_workflow.letters.disputes import Disputed, find_passed, pass_disputes, remind_of_disputes
from csp_workflow.letters.papers import Note, board_note
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import PaperDates, london_day
from csp_workflow.terms.events import Decision, Happened, LetterState
from csp_workflow.terms.personal import keep_back_lines
from csp_workflow.terms.phrases import day, plural
from csp_workflow.terms.queries import Dispute, list_disputes, name_disputed
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Contact, Respondent, RespondentKind
from csp_workflow.terms.status import ReturnStatus

_ANSWERED = {
    ReturnState.NIL: "that you had nothing to report",
    ReturnState.DECLINED: "that you would make no return",
}


@dataclass(frozen=True, kw_only=True)
class _Meeting:
    """A meeting on which notes were ordered, at `ordered` for every partnership (None: only for whoever was asked)."""

    paper: PaperDates
    ordered: datetime | None


def decide_notes(cycle: CycleView, now: datetime, *, written_to: frozenset[str] = frozenset()) -> Decision:
    """The notes that leave now. `written_to` are addresses that another rule writes to in this beat."""
    meetings = list(_list_meetings(cycle))
    if not meetings or quiet.service_is_quiet(cycle) or quiet.window_is_shut(cycle.site, now):
        return Decision()
    written_to = written_to | quiet.addresses_written_to(cycle, now)
    letters = []
    for meeting in meetings:
        board = cycle.site.board(meeting.paper.board)
        for to, notes in _list_people(cycle, meeting, now):
            if to.address.lower() not in written_to:
                letter = board_note(to, notes, board=board, meeting=meeting.paper.meeting, quarter=cycle.quarter)
                letters.append(quiet.number_repeat(cycle, letter))
                written_to |= {to.address.lower()}
    return Decision(letters=tuple(letters))


def _list_meetings(cycle: CycleView) -> Iterator[_Meeting]:
    for paper in cycle.dates.papers:
        status, board = cycle.status.papers.get(paper.board), cycle.site.board(paper.board)
        asked = [
            a.recorded for a in cycle.site.actions if a.recorded and (a.board, a.asked) == (paper.board, paper.meeting)
        ]
        ordered = [*asked, *([status.noted] if status and status.noted else [])]
        if ordered:
            yield _Meeting(paper=paper, ordered=min(ordered) if board.notes_to_all else None)


def _list_people(cycle: CycleView, meeting: _Meeting, now: datetime) -> Iterator[tuple[Contact, list[Note]]]:
    """Who is written to, each with the notes of all that they answer for."""
    people: dict[str, tuple[Contact, list[Note]]] = {}
    for respondent in cycle.site.serving(london_day(now)):
        note = _write_note(cycle, meeting, respondent, now)
        if note is not None:
            for contact in cycle.addressees(respondent, london_day(now)):
                people.setdefault(contact.address.lower(), (contact, []))[1].append(note)
    yield from people.values()


def _write_note(cycle: CycleView, meeting: _Meeting, respondent: Respondent, now: datetime) -> Note | None:
    """What a respondent is to be told; None where it was told, or there is nothing to tell."""
    paper, today = meeting.paper, london_day(now)
    mine = [
        action
        for action in cycle.site.actions
        if action.recorded is not None
        and action.closed is None
        and (action.respondent, action.board, action.asked) == (respondent.key, paper.board, paper.meeting)
    ]
    owed = respondent.key in cycle.status.returns
    is_told = owed and respondent.kind is RespondentKind.PARTNERSHIP
    since = [action.recorded for action in mine if action.recorded]
    since += [meeting.ordered] if meeting.ordered and is_told else []
    told = _last_told(cycle, respondent, paper.board)
    new = [at for at in since if told is None or at > told]
    if not new or (owed and cycle.is_held(respondent)) or max(map(london_day, new)) >= today:
        return None
    return Note(
        respondent=respondent.key,
        code=respondent.code,
        name=respondent.name,
        noted=_say_noted(cycle, respondent, paper.board),
        actions=tuple(mine),
    )


def _last_told(cycle: CycleView, respondent: Respondent, board: str) -> datetime | None:
    letters = cycle.letters_by_respondent.get(respondent.key, ())
    return max(
        (
            x.queued
            for x in letters
            if x.kind == board_note.kind.name
            and x.state is not LetterState.WITHDRAWN
            and board in {one.board for one in x.about}
        ),
        default=None,
    )


def _say_noted(cycle: CycleView, respondent: Respondent, board: str) -> str:
    """What the report showed of a return; later returns were not in it. "" where no report of ours was before them."""
    paper = cycle.status.papers.get(board)
    if paper is None or paper.circulated_at is None or respondent.key not in cycle.status.returns:
        return ""
    shown = paper.shows.get(respondent.key) or ReturnStatus(respondent=respondent.key)
    return f"The report showed {_describe(shown, respondent)}."


def _describe(shown: ReturnStatus, of: Respondent) -> str:
    if shown.state in _ANSWERED:
        return _ANSWERED[shown.state]
    if shown.received is None:
        return "that no return had come from you"
    came = f"your return of {day(shown.received)}"
    if shown.approval:
        by = shown.approval.by if shown.approval.evidence else f"the {str(shown.approval.role).title()}"
        return f"{came}, approved by {by} on {day(shown.approval.at)}"
    if shown.state is not ReturnState.COMPLETE:
        return f"{came}, in which {plural(shown.faults, 'entry', 'entries')} had still to be corrected"
    return f"{came}, which had not been approved" if of.needs_approval else came


def decide_disputes(cycle: CycleView, now: datetime, *, written_to: frozenset[str] = frozenset()) -> Decision:
    """The letter with what was disputed before today and not passed on; else the one reminder of what waits.

    None while it would be a second one today.
    """
    today = london_day(now)
    analyst = cycle.site.find_analyst(today)
    if analyst is None or quiet.service_is_quiet(cycle) or quiet.window_is_shut(cycle.site, now):
        return Decision()
    taken = written_to | quiet.addresses_written_to(cycle, now)
    people = [c for c in cycle.service.written_to(analyst, today) if c.address.lower() not in taken]
    if not people or (analyst.key in cycle.status.returns and cycle.is_held(analyst)):
        return Decision()
    if new := tuple(_list_new(cycle, now)):
        return Decision(
            events=tuple(
                quiet.note(
                    cycle, Happened.DISPUTES_PASSED, now, by="the dispute rule", respondent=one.respondent,
                    subject=one.submission,
                )
                for one in new
            ),
            letters=tuple(pass_disputes(to, analyst, cycle.quarter, new) for to in people),
        )  # fmt: skip
    late = tuple(_list_unanswered(cycle, now))
    return Decision(letters=tuple(remind_of_disputes(to, analyst, cycle.quarter, late, 1) for to in people if late))


def _list_new(cycle: CycleView, now: datetime) -> Iterator[Disputed]:
    """What each latest version disputes that the analyst was not sent, from the day after it came."""
    for respondent, stands in cycle.owed_returns():
        versions = cycle.submissions.get(respondent.key, ())
        told = {dispute for one in versions if one.id == stands.disputes_passed for dispute in one.disputes}
        disputes = list_disputes(versions, cycle.events)
        new = [one for one in disputes if not one.answered and (one.area, one.ref, one.reason) not in told]
        if new and london_day(versions[-1].received) < london_day(now):
            yield _describe_disputed(cycle, respondent.name, versions[-1].id, new)


def _list_unanswered(cycle: CycleView, now: datetime) -> Iterator[Disputed]:
    """What the analyst was sent some days ago, and was not reminded of."""
    passed, days = find_passed(cycle.letters), cycle.site.limits.query_reminder_days
    reminded = {
        about.submission
        for x in cycle.letters
        if x.kind == remind_of_disputes.kind.name and x.state is not LetterState.WITHDRAWN
        for about in x.about
    }
    for respondent, _ in cycle.owed_returns():
        versions = cycle.submissions.get(respondent.key, ())
        open_ones = [one for one in list_disputes(versions, cycle.events, passed) if one.is_open]
        for version in dict.fromkeys(d.letter for d in open_ones if d.letter not in reminded):
            mine, since = [d for d in open_ones if d.letter == version], passed[version]
            if cycle.site.working_days.between(london_day(since), london_day(now)) >= days:
                yield _describe_disputed(cycle, respondent.name, version, mine, since=since)


def _describe_disputed(
    cycle: CycleView, name: str, version: str, disputes: Sequence[Dispute], since: datetime | None = None
) -> Disputed:
    rows = tuple((name_disputed(cycle.site, one), keep_back_lines(one.reason)) for one in disputes)
    return Disputed(respondent=disputes[0].respondent, name=name, submission=version, rows=rows, since=since)
