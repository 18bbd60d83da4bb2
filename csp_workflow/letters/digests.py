"""The co-ordinator's morning letter, and the values it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from csp_workflow.letters.desk import WaitingMessage
from csp_workflow.letters.kinds import Audience, Ground, Kind, Matter, writes
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.letters import Manner
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.site import Contact


@dataclass(frozen=True, kw_only=True)
class Need:
    """Something only the co-ordinator can decide: what it is, and the exact words to reply (or none: act)."""

    sentence: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StatusRow:
    """Where one respondent's return stands, in words. `open` is what is not settled, such as "2 faults"."""

    name: str
    code: str
    state: str
    due: datetime
    received: datetime | None
    version: int
    approved: str
    open: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RoundShown:
    """One quarter's round: a sentence or two, and a row for each respondent."""

    quarter: Quarter
    headline: str
    rows: tuple[StatusRow, ...]


@dataclass(frozen=True, kw_only=True)
class LetterRow:
    """A letter that did not go as it should. `short` names it in `outbox show` and `outbox resolve`."""

    short: str
    what: str
    recipient: str
    state: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class NextRow:
    """What goes out on a coming working day, if nothing arrives before."""

    day: date
    what: str
    letters: int


@dataclass(frozen=True, kw_only=True)
class PaperRow:
    """One board's paper: its meeting, where it stands, and what comes next."""

    board: str
    quarter: str
    meeting: date
    state: str
    next: str


@dataclass(frozen=True, kw_only=True)
class Digest:
    """All the morning letter says, in its order. `first` is the line that says whether anything needs her."""

    day: date
    first: str
    needs: tuple[Need, ...] = ()
    rounds: tuple[RoundShown, ...] = ()
    held: tuple[WaitingMessage, ...] = ()
    letters: tuple[LetterRow, ...] = ()
    ahead: tuple[NextRow, ...] = ()
    happened: tuple[str, ...] = ()
    papers: tuple[PaperRow, ...] = ()


@writes(Kind(name="digest", manner=Manner.OFFICE, audience=Audience.OFFICE, ground=Ground.STATE_OF_THINGS))
def digest(to: Contact, shown: Digest, *, cause: str, workbook: Attachment | None, copy_for: str = "") -> Matter:
    """The digest to one of the office's people. `copy_for` names the person who is away, on the deputy's copy."""
    quarters = [r.quarter for r in shown.rounds]
    return Matter(
        to=to,
        cause=cause,
        about=(),
        quarter=quarters[0] if len(quarters) == 1 else None,
        facts={"codes": (), "shown": shown, "copy_for": copy_for, "workbook": workbook.name if workbook else ""},
        attachments=(workbook,) if workbook else (),
    )
