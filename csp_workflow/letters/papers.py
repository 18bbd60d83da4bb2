"""The letters that carry a paper or an erratum: the draft to the co-ordinator, what is settled to a secretariat."""

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
    return _matter(to, About(board=board.key, draft=number), quarter, facts, attachment, what=f"draft:{number}")


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
    return _matter(to, About(board=board.key), quarter, facts, attachment, what="circulation")


@writes(Kind(name="erratum-draft", manner=Manner.OFFICE, audience=Audience.OFFICE, about=("board", "draft")))
def erratum_draft(
    to: Contact,
    *,
    board: Board,
    paper: PaperDates,
    quarter: Quarter,
    number: int,
    called: str,
    changes: Sequence[str],
    attachment: Attachment,
) -> Matter:
    """Show the co-ordinator what came after a paper went out, as it would go to the board, and say what to reply."""
    facts = {
        "codes": (),
        "board": board,
        "paper": paper,
        "number": number,
        "called": called,
        "changes": tuple(changes),
        "file": attachment.name,
    }
    return _matter(to, About(board=board.key, draft=number), quarter, facts, attachment, what=f"erratum-draft:{number}")


@writes(Kind(name="erratum", manner=Manner.OFFICE, audience=Audience.SECRETARIAT, about=("board",)))
def erratum_circulation(
    to: Contact,
    *,
    board: Board,
    paper: PaperDates,
    quarter: Quarter,
    number: int,
    called: str,
    attachment: Attachment,
    office: Office,
) -> Matter:
    """Send an erratum or an addendum to somebody in the secretariat that has the paper."""
    facts = {
        "codes": (),
        "board": board,
        "paper": paper,
        "called": called,
        "file": attachment.name,
        "from_name": office.co_ordinator.name,
    }
    return _matter(to, About(board=board.key), quarter, facts, attachment, what=f"erratum:{number}")


def _matter(
    to: Contact, about: About, quarter: Quarter, facts: dict[str, object], attachment: Attachment, *, what: str
) -> Matter:
    return Matter(
        to=to,
        cause=f"paper:{quarter.key}:{about.board}:{what}",
        about=(about,),
        quarter=quarter,
        facts=facts,
        attachments=(attachment,),
    )
