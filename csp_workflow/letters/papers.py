"""The letters that carry a paper: the draft to the co-ordinator, the cleared paper to the secretariat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from csp_workflow.letters.kinds import Audience, Kind, Matter, writes
from csp_workflow.terms.dates import Board, PaperDates, Quarter
from csp_workflow.terms.letters import About, Manner
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.site import Contact, Office


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A respondent whose part of the paper is not settled, and how the paper says so."""

    name: str
    sentence: str


@writes(Kind(name="draft-paper", manner=Manner.OFFICE, audience=Audience.OFFICE, about=("board", "draft")))
def draft_paper(
    to: Contact,
    *,
    board: Board,
    paper: PaperDates,
    quarter: Quarter,
    number: int,
    missing: Sequence[Missing],
    attachment: Attachment,
) -> Matter:
    """Bring the co-ordinator a draft, and say what in it is not settled and what to reply."""
    facts = {
        "codes": (),
        "board": board,
        "paper": paper,
        "number": number,
        "missing": tuple(missing),
        "file": attachment.name,
    }
    return _matter(to, About(board=board.key, draft=number), quarter, facts, attachment)


@writes(Kind(name="circulation", manner=Manner.OFFICE, audience=Audience.SECRETARIAT, about=("board",)))
def circulation(
    to: Contact, *, board: Board, paper: PaperDates, quarter: Quarter, attachment: Attachment, office: Office
) -> Matter:
    """Send a cleared paper to somebody in the secretariat."""
    facts = {
        "codes": (),
        "board": board,
        "paper": paper,
        "file": attachment.name,
        "from_name": office.co_ordinator.name,
    }
    return _matter(to, About(board=board.key), quarter, facts, attachment)


def _matter(to: Contact, about: About, quarter: Quarter, facts: dict[str, object], attachment: Attachment) -> Matter:
    what = f"draft:{about.draft}" if about.draft else "circulation"
    return Matter(
        to=to,
        cause=f"paper:{quarter.key}:{about.board}:{what}",
        about=(about,),
        quarter=quarter,
        facts=facts,
        attachments=(attachment,),
    )
