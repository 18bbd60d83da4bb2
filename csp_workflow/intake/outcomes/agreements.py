"""What is answered before a paper is cleared: somebody's yes to exactly one draft, a partnership's objection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.outcomes.beside import read_act
from csp_workflow.intake.outcomes.holding import pass_on_objection, put_before_office
from csp_workflow.letters.answers import PaperMeant
from csp_workflow.letters.before_clearance import agreement_answer, agreement_request, paper_agreed, part_shown
from csp_workflow.letters.papers import say_waits
from csp_workflow.terms.dates import PaperState
from csp_workflow.terms.events import Decision, Event, Fact, Happened, together
from csp_workflow.terms.letters import About, Letter
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.paper_status import PaperStatus
from csp_workflow.terms.report_form import PaperReader
from csp_workflow.terms.site import Respondent, plain_address

_WAITS = {PaperState.DRAFT, PaperState.WITH_PARTNERS}


def agree_to_draft(case: MessageCase) -> Decision | None:
    """What somebody answers who was asked to agree to a draft. None for any other message.

    It must come from their own address, and a plain yes counts for exactly the file that they were sent: with anything
    beside it the co-ordinator gets the words, and of an older draft nothing is recorded.
    """
    letter = case.facts.answered
    if letter is None or letter.kind != agreement_request.kind.name:
        return None
    about, cycle = letter.about[0], case.facts.cycle(letter.quarter)
    named = (r for r in case.site.readers_of(about.board) if plain_address(r.address) == case.sender)
    reader = next(named, None)
    paper = cycle.status.papers.get(about.board) if cycle else None
    if reader is None or cycle is None or paper is None:
        return None
    said = read_act(case, case.site.approval_phrases, (), cycle.quarter)
    if not said:
        return _ask_office(case, cycle, paper, reader, about)
    if about.draft != paper.drafts or paper.state not in _WAITS:
        answer = _answer(case, cycle, paper, reader, about, taken=False)
        return case.conclude(Verdict.APPROVAL, "It agrees to a draft that is not the latest.", letters=[answer])
    return _record(case, cycle, paper, reader, about)


def _answer(
    case: MessageCase, cycle: CycleFacts, paper: PaperStatus, reader: PaperReader, about: About, *, taken: bool
) -> Letter:
    return agreement_answer(
        reader,
        board=case.site.board(paper.board),
        quarter=cycle.quarter,
        number=about.draft,
        latest=paper.drafts,
        taken=taken,
        message=case.message.id,
        office=case.site.office,
    )


def _ask_office(
    case: MessageCase, cycle: CycleFacts, paper: PaperStatus, reader: PaperReader, about: About
) -> Decision:
    board = case.site.board(paper.board).name
    why = f"{reader.name} ({reader.role}) answers draft {about.draft} of the paper for {board}; it is no plain yes."
    told = case.conclude(Verdict.QUESTION, why, letters=[_answer(case, cycle, paper, reader, about, taken=False)])
    meant = PaperMeant(board=paper.board, said=f"the paper for {board}")
    return together(told, put_before_office(case, (), cycle.quarter, why, paper=meant))


def _record(case: MessageCase, cycle: CycleFacts, paper: PaperStatus, reader: PaperReader, about: About) -> Decision:
    """The yes; and the clearance that she has ordered, when nobody else is waited for."""
    address, readers = plain_address(reader.address), case.site.readers_of(paper.board)
    awaited = tuple(r for r in paper.list_awaited(readers) if plain_address(r.address) != address)
    agreed = _note(case, cycle, paper, Happened.PAPER_AGREED, reader=address)
    waits = say_waits(case.site, cycle.status, paper.board, case.day)
    cleared = paper.wanted and not awaited and (paper.unwaited or not waits)
    told = (
        paper_agreed(
            person,
            reader=reader,
            board=case.site.board(paper.board),
            quarter=cycle.quarter,
            number=paper.drafts,
            mark=paper.mark,
            awaited=tuple(f"{one.name} ({one.role})" for one in awaited),
            waits=waits,
            cleared=cleared,
            message=case.message.id,
        )
        for person in case.site.office.in_charge(case.day)
    )
    return case.conclude(
        Verdict.APPROVAL,
        f"{reader.name} ({reader.role}) agrees to draft {paper.drafts}.",
        events=[agreed, *([_note(case, cycle, paper, Happened.PAPER_CLEARED)] if cleared else [])],
        letters=[_answer(case, cycle, paper, reader, about, taken=True), *told],
    )


def _note(case: MessageCase, cycle: CycleFacts, paper: PaperStatus, kind: Happened, **about: str) -> Event:
    what: dict[str, Fact] = {"content": paper.content, "number": paper.drafts, **about}
    return replace(case.event(kind, quarter=cycle.quarter, respondent="", subject=paper.board), facts=what)


def answer_shown(case: MessageCase, mine: Sequence[Respondent]) -> Decision | None:
    """What somebody answers who was shown what a paper says of them: an objection, unless they only agree or thank."""
    letter = case.facts.answered
    if letter is None or letter.kind != part_shown.kind.name or any(True for _ in case.facts.unreadable()):
        return None
    agrees = read_act(case, (*case.site.approval_phrases, *case.site.yes_phrases), mine, letter.quarter)
    if agrees or case.message.only_thanks:
        return case.conclude(Verdict.NOISE, "It agrees to what a paper says of them.", respondents=mine)
    return pass_on_objection(case, mine, letter.quarter, letter.about[0].board)
