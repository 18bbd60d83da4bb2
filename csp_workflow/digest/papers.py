"""What the papers of a quarter need of the co-ordinator: to be drafted, cleared, sent, corrected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from csp_workflow.digest.facts import Round
from csp_workflow.letters.morning import Need
from csp_workflow.letters.papers import say_awaited, say_changed, say_late, say_moved, say_waits
from csp_workflow.terms.dates import CycleState, PaperDates, PaperState, london_day
from csp_workflow.terms.events import Happened
from csp_workflow.terms.paper_status import Erratum, PaperStatus
from csp_workflow.terms.phrases import capital, day, joined, plural, say_numbers
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Assent, Respondent, RespondentKind


def list_paper_needs(cycle: Round, now: datetime) -> Iterator[Need]:
    """Each paper of the quarter that waits for her."""
    for paper in cycle.dates.papers:
        status = cycle.status.papers.get(paper.board)
        board = cycle.site.board(paper.board).name
        if status is None or not status.content:
            yield from _not_drafted(cycle, paper, board, now)
        elif status.state in {PaperState.DRAFT, PaperState.WITH_PARTNERS}:
            yield _to_be_cleared(cycle, status, paper, london_day(now))
        elif status.state is PaperState.CLEARED:
            yield _to_be_out(cycle, paper, board, london_day(now))
        else:
            yield from _gone_out(cycle, status, paper, board, london_day(now))
    yield from _without_meeting(cycle)


def _without_meeting(cycle: Round) -> Iterator[Need]:
    """A paper that was drafted for a meeting which is cancelled, and is planned for no other."""
    planned = {paper.board for paper in cycle.dates.papers}
    for key, status in cycle.status.papers.items():
        if key not in planned and (moved := say_moved(status)):
            yield Need(
                title=f"No meeting for the paper for {cycle.site.board(key).name}",
                sentence=f"The paper for {cycle.site.board(key).name} is {status.state}. {moved[0]} It goes to nobody "
                "unless another meeting is entered for it: SETUP brings the meetings.",
                words=("SETUP",),
                told_at=cycle.find_last(Happened.CYCLE_REPLANNED, ""),
            )


_LATE = "Late: "
"""What was told while there was time is told once more as new when that is over."""


def _to_be_cleared(cycle: Round, status: PaperStatus, paper: PaperDates, today: date) -> Need:
    """A draft waits for her, for whoever must agree to it, or for the partnerships, which may object."""
    site, key = cycle.site, paper.board
    came = say_changed(site, cycle.status, key)
    waits = say_waits(site, cycle.status, key, today)
    awaited = say_awaited(site, status)
    draft = f"Draft {status.drafts} of the paper for {site.board(key).name} (mark {status.mark})"
    late = say_late(paper, today)
    missing = f"What came since is not in it. {' '.join(came)}" if came else ""
    is_to_clear = not (status.wanted and awaited) and (not waits or today >= paper.clearance)
    sends = f"CIRCULATE {key} on the next line of the same reply sends it out as well." if is_to_clear else ""
    said = (f"{draft} waits for clearance by {day(paper.clearance)}.", late, awaited, *waits, missing, sends)
    words = (
        f"SHOW {key}" if waits and today <= paper.meeting and cycle.status.list_unshown(key) else "",
        f"CLEAR {key}{' WITHOUT WAITING' if waits else ''}" if is_to_clear else "",
        f"DRAFT {key}" if came else "",
    )
    return Need(
        title=f"{_LATE * bool(late)}Draft {status.drafts} of the paper for {site.board(key).name}",
        sentence=" ".join(filter(None, said)),
        words=tuple(filter(None, words)),
        presses=today >= paper.clearance,
        told_at=None if came or late else cycle.find_last(Happened.PAPER_DRAFTED, key),
    )


def _gone_out(cycle: Round, status: PaperStatus, paper: PaperDates, board: str, today: date) -> Iterator[Need]:
    if status.erratum and status.erratum.is_open:
        yield _to_be_corrected(cycle, status.erratum, paper, board)
    if today <= paper.meeting and not cycle.site.is_cancelled(paper.board, paper.meeting):
        yield from _secretariat_away(cycle, f"the paper for {board} on {day(paper.meeting)}", today)


def _to_be_corrected(cycle: Round, erratum: Erratum, paper: PaperDates, board: str) -> Need:
    """What came after a paper went out waits for her word."""
    named = f"{paper.board} ERRATUM {erratum.number}"
    corrects = "adds to" if erratum.adds else "corrects"
    return Need(
        title=f"{capital(erratum.called)} {erratum.number} to the paper for {board}",
        sentence=f"The paper for {board} has gone out, and something came since that {corrects} it. "
        f"{capital(erratum.called)} {erratum.number} came to you in a letter of its own, and waits for your word.",
        words=(f"CIRCULATE {named}{' AS WRITTEN' if erratum.named else ''}", f"DISMISS {named} BECAUSE reason"),
        told_at=cycle.find_last(Happened.ERRATUM_DRAFTED, paper.board),
    )


def _secretariat_away(cycle: Round, paper: str, today: date) -> Iterator[Need]:
    """Whoever has a paper and is away: it may not reach the agenda."""
    for person in cycle.service.reached(cycle.site.office.secretariat):
        if cycle.service.away(person, today):
            missing = cycle.service.say_missing(person, today)
            yield Need(
                title=f"Away with a paper: {person.name}",
                sentence=f"{missing}, and has {paper}. Please see by phone that somebody there takes it.",
            )


def _not_drafted(cycle: Round, paper: PaperDates, board: str, now: datetime) -> Iterator[Need]:
    if cycle.status.state is CycleState.IN_PROOF or london_day(now) <= paper.draft:
        return
    sentence = f"The paper for {board} was to be drafted by {day(paper.draft)}."
    yield Need(
        title=f"No draft of the paper for {board}", sentence=sentence, words=(f"DRAFT {paper.board}",), presses=True
    )


def _to_be_out(cycle: Round, paper: PaperDates, board: str, today: date) -> Need:
    """A cleared paper waits to go out; when something came since, whether it is to go so."""
    late = say_late(paper, today)
    to_do = late or f"It is to be out by {day(paper.papers_out)}."
    sentence = f"The paper for {board} is cleared. {to_do}"
    changed, is_named = say_changed(cycle.site, cycle.status, paper.board), cycle.status.papers[paper.board].named
    sentence += " It may name a person; the letter that brought the draft says where." if is_named else ""
    title, presses = f"{_LATE * bool(late)}The cleared paper for {board}", today >= paper.papers_out
    if not changed:
        words = (f"CIRCULATE {paper.board}{' AS WRITTEN' if is_named else ''}",)
        told_at = None if late else cycle.find_last(Happened.PAPER_CLEARED, paper.board)
        return Need(title=title, sentence=sentence, words=words, presses=presses, told_at=told_at)
    return Need(
        title=title,
        sentence=f"{sentence} Since it was drafted something came that is not in it. {' '.join(changed)} "
        "A new draft has it, and is to be cleared; or the paper goes as it was cleared.",
        words=(f"DRAFT {paper.board}", f"CIRCULATE {paper.board} AS CLEARED{' AND AS WRITTEN' if is_named else ''}"),
        presses=presses,
    )


_NAMED = 4
"""More returns than this are counted, not named."""


def say_lacking(cycle: Round) -> str:
    """What a paper would lack if it were compiled now, as its board would read it.

    "" before returns were asked for, and when no paper can take anything more.
    """
    if cycle.status.state not in {CycleState.OPEN, CycleState.CLOSED} or cycle.is_settled:
        return ""
    owed = [(of, status.state) for of, status in cycle.owed_returns() if of.kind is not RespondentKind.ANALYST]
    uncertified = [of for of, status in cycle.owed_returns() if status.wants(Assent.CERTIFICATE)]
    silent = [of for of, state in owed if not state.is_in]
    unapproved = [
        of for of, state in owed if of.needs_approval and state in {ReturnState.QUERIED, ReturnState.COMPLETE}
    ]
    keys, year = {r.key for r in silent}, cycle.quarter.financial_year
    measures = (m for framework in cycle.site.frameworks if framework.year == year for m in framework.measures)
    priorities = {m.priority for m in measures if m.owner in keys}
    gaps = f" (so nothing on {_say_priorities(priorities)})" if priorities else ""
    parts = [f"{_name_few(silent, 'return')}{gaps}"] if silent else []
    parts += [f"{_name_few(unapproved, 'approval')}"] if unapproved else []
    money = "certificate of grant money", "certificates of grant money"
    parts += [_name_few(uncertified, *money)] if uncertified else []
    return f"Compiled now, a paper for {cycle.quarter} would lack {joined(parts) or 'nothing'}."


def _say_priorities(numbers: set[int]) -> str:
    return f"{'priority' if len(numbers) == 1 else 'priorities'} {say_numbers(numbers)}"


def _name_few(of: list[Respondent], what: str, many: str = "") -> str:
    """Whose returns or approvals, by name where they are few."""
    many = many or f"{what}s"
    if len(of) > _NAMED:
        return plural(len(of), what, many)
    return f"the {what if len(of) == 1 else many} of {joined(r.name for r in of)}"
