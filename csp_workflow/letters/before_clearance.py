"""The letters before a paper is cleared: to partnerships, with what it prints of them, and to those who must agree."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256

from csp_workflow.letters.kinds import Audience, Ground, Kind, Matter, writes
from csp_workflow.terms.dates import Board, PaperDates, Quarter
from csp_workflow.terms.events import About, Manner
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.paper_status import short_mark
from csp_workflow.terms.report_form import PaperReader, ReaderRole
from csp_workflow.terms.site import Contact, Office, Respondent


@writes(Kind(name="agreement-request", manner=Manner.OFFICE, audience=Audience.READER, about=("board", "draft")))
def agreement_request(
    to: PaperReader,
    *,
    board: Board,
    paper: PaperDates,
    quarter: Quarter,
    number: int,
    reminder: int,
    attachment: Attachment,
    office: Office,
) -> Matter:
    """Ask somebody to agree to exactly one draft, or remind them of that (`reminder` from 1)."""
    content = sha256(attachment.data).hexdigest()
    return Matter(
        to=_as_contact(to, office),
        cause=f"paper:{quarter.key}:{board.key}:agreement:{number}:{content[:16]}:{reminder}",
        about=(About(board=board.key, draft=number),),
        quarter=quarter,
        facts={
            "codes": (),
            "board": board,
            "paper": paper,
            "file": attachment.name,
            "number": number,
            "mark": short_mark(content),
            "reminder": reminder,
            "is_accuracy": to.role is ReaderRole.ACCURACY,
        },
        attachments=(attachment,),
    )


@writes(Kind(name="agreement-answer", manner=Manner.ANSWER, audience=Audience.READER, about=("board", "draft")))
def agreement_answer(
    to: PaperReader,
    *,
    board: Board,
    quarter: Quarter,
    number: int,
    latest: int,
    taken: bool,
    message: str,
    office: Office,
) -> Matter:
    """Tell somebody whether their agreement is recorded: with more beside it, or to an older draft, it is not."""
    return Matter(
        to=_as_contact(to, office),
        cause=f"agreement-answer:{message}",
        about=(About(board=board.key, draft=number, message=message),),
        quarter=quarter,
        facts={"codes": (), "board": board, "number": number, "latest": latest, "taken": taken},
    )


@writes(Kind(name="paper-agreed", manner=Manner.OFFICE, audience=Audience.OFFICE, about=("board", "draft")))
def paper_agreed(
    to: Contact,
    *,
    reader: PaperReader,
    board: Board,
    quarter: Quarter,
    number: int,
    mark: str,
    awaited: tuple[str, ...],
    waits: Sequence[str],
    cleared: bool,
    message: str,
) -> Matter:
    """Tell the co-ordinator that somebody agreed, whom the paper still waits for, and whether it is cleared now."""
    return Matter(
        to=to,
        cause=f"paper-agreed:{message}",
        about=(About(board=board.key, draft=number),),
        quarter=quarter,
        facts={
            "codes": (),
            "board": board,
            "reader": f"{reader.name} ({reader.role})",
            "number": number,
            "mark": mark,
            "awaited": awaited,
            "waits": tuple(waits),
            "cleared": cleared,
        },
    )


def _as_contact(reader: PaperReader, office: Office) -> Contact:
    return Contact(name=reader.name, address=reader.address, phone=reader.phone, role=office.co_ordinator.role)


# What is printed about a partnership --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ShownWords:
    """A text as it is printed, under what it stands; `was` is what it said before the office changed it ("": as it is).

    `text` is "" for what the office took out. Of each line of it, `marks` tell what it says from anything else.
    """

    heading: str
    text: str
    was: str = ""
    marks: tuple[tuple[str, ...], ...] = field(default=(), repr=False)

    def leave_new(self, shown: Collection[str]) -> ShownWords | None:
        """The same with those lines alone of which not every mark is among those `shown`; None for none."""
        if not self.marks:
            return self
        kept = [line for line in zip(self.text.split("\n"), self.marks, strict=True) if not set(line[1]) <= set(shown)]
        text, marks = "\n".join(line for line, _ in kept), tuple(marks for _, marks in kept)
        return replace(self, text=text, marks=marks) if kept else None


@dataclass(frozen=True, kw_only=True)
class ShownPage:
    """What is printed about a partnership: all of it, or what is new, where the rest was shown on a day (`since`)."""

    of: Respondent
    words: tuple[ShownWords, ...]
    since: date | None = None


@writes(
    Kind(
        name="part-shown",
        manner=Manner.TIMED,
        audience=Audience.LEAD_OR_CHAIR,
        about=("respondent", "board", "draft"),
        ground=Ground.PAPER_NOT_OUT,
    )
)
def part_shown(
    to: Contact,
    *,
    pages: Sequence[ShownPage],
    board: Board,
    paper: PaperDates,
    quarter: Quarter,
    number: int,
    until: date,
) -> Matter:
    """Show what is printed about somebody's partnerships, what of it the office changed, and until when they may
    object.

    The same text of a draft is shown to the same person once.
    """
    whose = tuple(page.of for page in pages)
    content = sha256(repr(tuple(page.words for page in pages)).encode()).hexdigest()[:16]
    return Matter(
        to=to,
        cause=f"part-shown:{quarter.key}:{board.key}:{number}:{','.join(of.key for of in whose)}:{content}",
        about=tuple(About(respondent=of.key, board=board.key, draft=number) for of in whose),
        quarter=quarter,
        facts={
            "codes": tuple(of.code for of in whose),
            "names": tuple(of.name for of in whose),
            "board": board,
            "paper": paper,
            "pages": tuple(pages),
            "edited": any(one.was for page in pages for one in page.words),
            "until": until,
        },
    )
