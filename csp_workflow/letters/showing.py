"""The letter that shows a partnership what is printed about it before a paper is cleared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from csp_workflow.letters.kinds import Audience, Kind, Matter, writes
from csp_workflow.terms.dates import Board, PaperDates, Quarter
from csp_workflow.terms.letters import About, Manner
from csp_workflow.terms.site import Contact, Respondent


@dataclass(frozen=True, kw_only=True)
class ShownWords:
    """A text as it is printed, under what it stands; `was` is what it said before the office changed it ("": as it is).

    `text` is "" for what the office took out.
    """

    heading: str
    text: str
    was: str = ""


_ABOUT = ("respondent", "board", "draft")


@writes(Kind(name="part-shown", manner=Manner.TIMED, audience=Audience.LEAD_OR_CHAIR, about=_ABOUT))
def part_shown(
    to: Contact,
    *,
    respondent: Respondent,
    board: Board,
    paper: PaperDates,
    quarter: Quarter,
    number: int,
    words: Sequence[ShownWords],
    until: date,
) -> Matter:
    """Show what is printed about a partnership, what of it the office changed, and until when it may object.

    The same text is shown to the same person once.
    """
    content = sha256(repr(tuple(words)).encode()).hexdigest()[:16]
    return Matter(
        to=to,
        cause=f"part-shown:{quarter.key}:{board.key}:{respondent.key}:{content}",
        about=(About(respondent=respondent.key, board=board.key, draft=number),),
        quarter=quarter,
        facts={
            "codes": (respondent.code,),
            "name": respondent.name,
            "board": board,
            "paper": paper,
            "words": tuple(words),
            "edited": any(one.was for one in words),
            "until": until,
        },
    )
