"""The dates of a cycle, reckoned from both ends: forwards from the quarter's end, back from each meeting.

Forwards lie the dates promised to respondents (open, due, close). Back from a meeting lie the dates
of its paper (out, clearance, draft). A meeting whose draft would not come after the due date cannot take
the quarter, and the plan says so; a due date is never brought forward for a meeting. A meeting whose
draft lies after due and before close binds: returns then close on the day of that draft.

Everything here is pure: when a meeting moves or is cancelled, plan again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from csp_workflow.terms.dates import (
    Board,
    CycleDates,
    HolidaysRunOut,
    Meeting,
    PaperDates,
    Quarter,
    WorkingDays,
    london,
)
from csp_workflow.terms.phrases import day as said
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.site import Offsets, RespondentKind, Role, Site


def plan_quarter(quarter: Quarter, site: Site) -> CycleDates:
    """The plan of a quarter from a site's configuration."""
    return reckon_dates(
        quarter,
        meetings=site.meetings,
        boards=site.boards,
        offsets=site.offsets,
        working_days=site.working_days,
        pre_election=site.pre_election,
    )


def reckon_dates(
    quarter: Quarter,
    *,
    meetings: Sequence[Meeting],
    boards: Sequence[Board],
    offsets: Offsets,
    working_days: WorkingDays,
    pre_election: Sequence[tuple[date, date]] = (),
) -> CycleDates:
    """The dates of a quarter's cycle. `pre_election` holds periods, first and last day included.

    Raises ValueError when the offsets are out of order, HolidaysRunOut when the bank holiday table is too short.
    """
    faults = offset_faults(offsets)
    if faults:
        raise ValueError(faults[0])
    due = working_days.plus(quarter.end, offsets.due)
    fitting, warnings = _papers(quarter, due, meetings, boards, _Table(offsets, working_days))
    close, brought_in = _close(working_days.plus(quarter.end, offsets.close), fitting, boards)
    opens = working_days.plus(quarter.end, offsets.open)
    last = max([close, *(paper.meeting for paper in fitting)])
    return CycleDates(
        quarter=quarter,
        extract_request=working_days.plus(quarter.end, offsets.extract_request),
        extract_due=london(working_days.plus(quarter.end, offsets.extract_due), offsets.due_time),
        open=opens,
        due=london(due, offsets.due_time),
        close=london(close, offsets.due_time),
        papers=fitting,
        pre_election=any(first <= last and opens <= until for first, until in pre_election),
        warnings=(*warnings, *brought_in),
    )


AHEAD = timedelta(days=62)
"""So long before a quarter ends it is said what is missing for it."""
_AFTER = timedelta(days=28)


def foresee_gaps(site: Site, today: date) -> tuple[str, ...]:
    """What a coming quarter needs and the config lacks, in sentences. Without it nobody is asked, in silence."""
    coming = [Quarter.of_day(today - _AFTER), Quarter.of_day(today)]
    near = sorted({quarter for quarter in coming if quarter.end - AHEAD <= today})
    return tuple(f"{q.label}, which ends on {said(q.end)}: {gap}" for q in near for gap in _list_gaps(site, q))


def _list_gaps(site: Site, quarter: Quarter) -> Iterator[str]:
    served, has_run_out = _find_served(site, quarter)
    met = {m.board for m in site.meetings if m.quarter == quarter and not m.cancelled}
    if not met:
        yield "no meeting of any board is on record to take it, and without one nobody is asked (SETUP adds one)."
    else:
        taking = [board for board in site.boards if quarter.ends_year or not board.yearly]
        lacking = [_the(board.name) for board in taking if board.key not in met]
        yield from (f"no meeting of {name} is on record to take it, so it gets no paper." for name in lacking)
        late = [_the(board.name) for board in site.boards if board.key in met and board.key not in served]
        yield from (f"the meeting of {name} comes too soon to take it, so it gets no paper." for name in late)
    if quarter.financial_year not in {framework.year for framework in site.frameworks}:
        yield f"there is no framework for {quarter.financial_year}, which says what is asked."
    if not any(group.version <= quarter.end for group in site.peers):
        yield "there is no comparison group for it (peers.toml), so no paper can compare with anybody."
    analysts = [r for r in site.serving(quarter.end) if r.kind is RespondentKind.ANALYST]
    if not any(r.people(Role.LEAD, quarter.end) for r in analysts):
        yield "nobody is on record who supplies the force's extract, so its figures will be missing (contributors)."
    if has_run_out:
        yield has_run_out


def _find_served(site: Site, quarter: Quarter) -> tuple[frozenset[str], str]:
    """The boards that get a paper of a quarter; where the bank holidays do not reach so far all of them, and why."""
    try:
        return frozenset(paper.board for paper in plan_quarter(quarter, site).papers), ""
    except HolidaysRunOut as fault:
        return frozenset(board.key for board in site.boards), f"{fault}"


def offset_faults(offsets: Offsets) -> tuple[str, ...]:
    """What is out of order among the offsets, in sentences; () when a plan can be made from them."""
    order = ("extract_request", "extract_due", "open", "due", "close")
    days = [getattr(offsets, name) for name in order]
    faults = [
        f"The offset '{name}' ({later}) may not come before '{before}' ({earlier})."
        for before, name, earlier, later in zip(order, order[1:], days, days[1:], strict=False)
        if later < earlier
    ]
    faults += [
        f"The offsets '{before}' and '{name}' are the same day: nobody would have time to answer."
        for before, name in (("open", "due"), ("due", "close"))
        if getattr(offsets, before) == getattr(offsets, name)
    ]
    if offsets.extract_request < 1:
        # With 0, a quarter that ends on a Sunday would have its first two days fall together.
        faults.append(f"The offset 'extract_request' ({offsets.extract_request}) may not be less than 1.")
    faults += [
        f"The offset '{name}' ({count}) may not be negative."
        for name in ("drafting", "clearance", "introduction")
        if (count := getattr(offsets, name)) < 0
    ]
    return tuple(faults)


@dataclass(frozen=True)
class _Table:
    """How many working days each stage of a paper takes, and which days work."""

    offsets: Offsets
    working_days: WorkingDays

    def paper(self, board: Board, meeting: date) -> PaperDates:
        """The dates of a paper, worked back from the meeting."""
        days = self.working_days
        if board.clear_days:
            out = _back(days, days.before_clear_days(meeting, board.clear_days), board.lead_days)
        else:
            out = _back(days, meeting, max(board.lead_days, 1))
        clearance = _back(days, out, self.offsets.clearance)
        draft = _back(days, clearance, self.offsets.drafting)
        return PaperDates(board=board.key, meeting=meeting, papers_out=out, clearance=clearance, draft=draft)

    def earliest_meeting(self, board: Board, draft: date) -> date:
        """The first day on which a board could meet, for a draft made on the working day `draft`."""
        notice = board.clear_days + 1 + board.lead_days if board.clear_days else max(board.lead_days, 1)
        return self.working_days.plus(draft, self.offsets.drafting + self.offsets.clearance + notice)


def _papers(
    quarter: Quarter, due: date, meetings: Sequence[Meeting], boards: Sequence[Board], table: _Table
) -> tuple[tuple[PaperDates, ...], list[str]]:
    """The papers of the meetings that can take the quarter, by date, and a sentence for each that cannot."""
    fitting: list[PaperDates] = []
    warnings: list[str] = []
    for board in (one for one in boards if quarter.ends_year or not one.yearly):
        named = [meeting for meeting in meetings if meeting.board == board.key and meeting.quarter == quarter]
        sitting = sorted({meeting.day for meeting in named if not meeting.cancelled})
        if not sitting:
            warnings.append(_no_meeting(quarter, board, named))
        for day in sitting:
            paper = table.paper(board, day)
            if paper.draft > due:
                fitting.append(paper)
            else:
                warnings.append(_too_soon(quarter, board, paper, due, table))
    return tuple(sorted(fitting, key=lambda paper: (paper.meeting, paper.board))), warnings


def _close(usual: date, papers: Sequence[PaperDates], boards: Sequence[Board]) -> tuple[date, list[str]]:
    """When returns close: as usual, or on the day of the earliest draft, with a sentence that says so."""
    binding = min(papers, key=lambda paper: paper.draft, default=None)
    if binding is None or usual <= binding.draft:
        return usual, []
    name = next(board.name for board in boards if board.key == binding.board)
    sentence = (
        f"Returns close on {said(binding.draft)} instead of {said(usual)}, because the draft for "
        f"{_the(name)} on {said(binding.meeting)} must be made that day."
    )
    return binding.draft, [sentence]


def _too_soon(quarter: Quarter, board: Board, paper: PaperDates, due: date, table: _Table) -> str:
    start = f"{_the(board.name, capital=True)} on {said(paper.meeting)} cannot take {quarter.label}: "
    earliest = table.earliest_meeting(board, table.working_days.plus(due, 1))
    end = f" The earliest day on which it could is {said(earliest)}."
    if paper.papers_out <= quarter.end:
        return f"{start}its papers leave on {said(paper.papers_out)}, before the quarter's figures exist.{end}"
    return f"{start}its draft would have to be made on {said(paper.draft)}, and returns are due on {said(due)}.{end}"


def _no_meeting(quarter: Quarter, board: Board, cancelled: Sequence[Meeting]) -> str:
    if cancelled:
        days = joined(said(meeting.day) for meeting in sorted(cancelled, key=lambda meeting: meeting.day))
        return f"The meeting of {_the(board.name)} on {days} is cancelled, and no other is to take {quarter.label}."
    return f"No meeting of {_the(board.name)} is on record to take {quarter.label}."


def _the(name: str, *, capital: bool = False) -> str:
    """A board's name with its article, unless the name brings its own."""
    bare = name[4:] if name.lower().startswith("the ") else name
    return f"{'The' if capital else 'the'} {bare}"


def _back(days: WorkingDays, day: date, count: int) -> date:
    """So many working days before a day; with 0 the day itself, or the working day before it."""
    if count:
        return days.plus(day, -count)
    return day if days.is_working(day) else days.plus(day, -1)
