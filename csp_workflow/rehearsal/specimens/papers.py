"""Specimens of the letters that carry a paper: the draft to the co-ordinator, the cleared paper to the secretariat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from csp_workflow.letters import papers
from csp_workflow.letters.papers import Missing
from csp_workflow.rehearsal.specimens.stage import Stage
from csp_workflow.terms.dates import Board, PaperDates
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Attachment


def with_papers(stage: Stage) -> Iterator[Letter]:
    """Each board's paper as a draft with something open, as one with nothing open, and as circulated."""
    for paper in stage.dates.papers:
        board = stage.site.board(paper.board)
        yield from _drafts(stage, board, paper)
        # What a secretariat is told depends on whether the paper is published: both are written for every board.
        for kept in (board, replace(board, public=not board.public)):
            yield from _circulated(stage, kept, paper)


def _drafts(stage: Stage, board: Board, paper: PaperDates) -> Iterator[Letter]:
    open_ = tuple(
        Missing(name=case.respondent.name, sentence="No return was received in time.") for case in stage.cases[:2]
    )
    for number, missing in enumerate((open_, ()), start=1):
        yield papers.draft_paper(
            stage.site.office.co_ordinator,
            board=board,
            paper=paper,
            quarter=stage.quarter,
            number=number,
            missing=missing,
            attachment=_book(stage, board, f"draft {number}"),
        )


def _circulated(stage: Stage, board: Board, paper: PaperDates) -> Iterator[Letter]:
    office = stage.site.office
    for contact in office.secretariat or (office.co_ordinator,):
        yield papers.circulation(
            contact,
            board=board,
            paper=paper,
            quarter=stage.quarter,
            attachment=_book(stage, board, "paper"),
            office=office,
        )


def _book(stage: Stage, board: Board, what: str) -> Attachment:
    return Attachment(name=f"{board.key} {stage.quarter.code} {what}.docx", data=b"A specimen, not a Word file.")
