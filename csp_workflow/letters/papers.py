"""The letters that carry a paper: the draft to the co-ordinator, the cleared paper to the secretariat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from csp_workflow.terms.cycles import Board, PaperDates
from csp_workflow.terms.letters import About, Letter, Manner
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Contact, Office


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A respondent whose part of the paper is not settled, and how the paper says so."""

    name: str
    sentence: str


def draft_paper(
    to: Contact,
    *,
    board: Board,
    paper: PaperDates,
    quarter: Quarter,
    number: int,
    missing: Sequence[Missing],
    attachment: Attachment,
) -> Letter:
    """Bring the co-ordinator a draft, and say what in it is not settled and what to reply."""
    facts = {
        "codes": (),
        "board": board,
        "paper": paper,
        "number": number,
        "missing": tuple(missing),
        "file": attachment.name,
    }
    return _letter("draft-paper", About(board=board.key, draft=number), to, quarter, facts, attachment)


def circulation(
    to: Contact, *, board: Board, paper: PaperDates, quarter: Quarter, attachment: Attachment, office: Office
) -> Letter:
    """Send a cleared paper to somebody in the secretariat."""
    facts = {
        "codes": (),
        "board": board,
        "paper": paper,
        "file": attachment.name,
        "from_name": office.co_ordinator.name,
    }
    return _letter("circulation", About(board=board.key), to, quarter, facts, attachment)


def _letter(
    kind: str, about: About, to: Contact, quarter: Quarter, facts: dict[str, object], attachment: Attachment
) -> Letter:
    what = f"draft:{about.draft}" if about.draft else "circulation"
    return Letter(
        kind=kind,
        cause=f"paper:{quarter.key}:{about.board}:{what}",
        recipient=to.address,
        recipient_name=to.name,
        about=(about,),
        quarter=quarter,
        manner=Manner.OFFICE,
        facts=facts,
        attachments=(attachment,),
    )
