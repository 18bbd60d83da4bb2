"""Where one board's paper stands: its latest draft, who agreed to it, what was cleared and sent, and its errata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from csp_workflow.terms.dates import PaperState, london_day
from csp_workflow.terms.events import Event, Happened, Move, next_state
from csp_workflow.terms.report_form import PaperReader
from csp_workflow.terms.site import plain_address


def short_mark(content: str) -> str:
    """The first characters of a file's hash: enough to tell it from any other of the same paper."""
    return content[:8]


def dump_marks(pages: Mapping[str, Iterable[str]]) -> str:
    """By key the marks of all that each partnership's page says, as an event keeps them; `load_marks` reads them."""
    return " ".join(f"{key}={'.'.join(dict.fromkeys(marks))}" for key, marks in pages.items())


def load_marks(kept: str) -> Mapping[str, frozenset[str]]:
    """What `dump_marks` wrote."""
    return {key: frozenset(marks.split(".")) for key, marks in (one.split("=", 1) for one in kept.split())}


SETTLED = {PaperState.CLEARED, PaperState.CIRCULATED, PaperState.PUBLISHED}
"""A paper that takes nothing more."""


@dataclass(frozen=True, kw_only=True)
class Erratum:
    """The latest correction of a paper that went out: its draft, the copy that circulates, and what it states, by hash.

    `changes` is the paper with what is otherwise as tracked changes ("": there was none then). `adds`: it only adds to
    the paper, in which nothing is wrong. `is_open` until it is circulated or dismissed. It may name a person in so many
    places (`named`).
    """

    number: int
    content: str
    copy: str
    statements: str
    adds: bool
    named: int = 0
    changes: str = ""
    is_open: bool = True

    @property
    def called(self) -> str:
        """What such a correction is called."""
        return "addendum" if self.adds else "erratum"


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How somebody whose yes a draft needs stands to it: when they were asked last, how often reminded, whether they
    agreed."""

    reader: str
    asked: datetime
    reminders: int = 0
    agreed: datetime | None = None


NO_DAY = "none"


def list_moved(event: Event) -> list[tuple[str, str, str]]:
    """What moved when a quarter's dates were worked out again: which (a board's key: its meeting), from when, to when.

    `NO_DAY` stands for a meeting that is on no day.
    """
    told = [one.split(" ") for one in str(event.facts.get("moved") or "").split("; ") if one]
    return [(what, was, now) for what, was, now in told]


@dataclass(frozen=True, kw_only=True)
class MovedMeeting:
    """The day of its meeting that a draft has, and the one that stands (None: it is cancelled)."""

    was: date
    now: date | None


@dataclass(frozen=True, kw_only=True)
class PaperStatus:
    """Where one board's paper stands: its latest draft's archive hash, when that was made, what was cleared and sent.

    `shows` are the returns (`ReturnStatus`) as they stood when that draft was made, `statements` the hash of all that
    it states, and `edits` that of what people wrote into it by hand ("" for nothing). `copy` is what would circulate of
    it, and `companion` the workbook beside that, by hash.
    `agreements` are those of its readers, and `wanted` says that it is to be cleared once all of them agreed;
    `unwaited`: whatever the partnerships may object.
    `pages` are the marks of all that that draft says of each partnership, by its key; `pages_shown` those of the page
    that each was shown last, on a day (`shown_on`), and `shown_until` is the last day on which they may object to it
    (None: not shown). `approvals_shown` are the versions whose approval a draft knew of that was shown.
    `reported` is what the board was sent, each time by when and the hash of what was stated: the paper, then errata.
    In so many places, `named`, the draft may name a person, and `unwritten` names the headings below which the Office
    has still to write ("" for none). `noted` is when notes on its meeting were ordered; `moved` where that is on
    another day than the draft says.
    """

    board: str
    state: PaperState = PaperState.DRAFT
    drafts: int = 0
    content: str = ""
    copy: str = ""
    companion: str = ""
    drafted_at: datetime | None = None
    shows: Mapping[str, Any] = field(default_factory=dict)
    statements: str = ""
    edits: str = ""
    agreements: tuple[Agreement, ...] = ()
    wanted: bool = False
    unwaited: bool = False
    pages: Mapping[str, frozenset[str]] = field(default_factory=dict)
    pages_shown: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shown_on: date | None = None
    shown_until: date | None = None
    approvals_shown: frozenset[str] = frozenset()
    cleared: str = ""
    circulated_at: datetime | None = None
    reported: tuple[tuple[datetime, str], ...] = ()
    erratum: Erratum | None = None
    named: int = 0
    unwritten: str = ""
    noted: datetime | None = None
    moved: MovedMeeting | None = None

    def list_awaited(self, readers: Iterable[PaperReader]) -> tuple[PaperReader, ...]:
        """Those of some readers who have not agreed to the latest draft."""
        agreed = {one.reader for one in self.agreements if one.agreed}
        return tuple(reader for reader in readers if plain_address(reader.address) not in agreed)

    @property
    def mark(self) -> str:
        """By what people tell the latest draft's file from any other."""
        return short_mark(self.content)


PAPER_EVENTS = {
    *(
        Happened.WORDS_DISMISSED,
        Happened.PAPER_SHOWN,
        Happened.AGREEMENT_ASKED,
        Happened.PAPER_AGREED,
        Happened.CLEARANCE_WANTED,
    ),
    *(Happened.PAPER_DRAFTED, Happened.PAPER_CLEARED, Happened.PAPER_CIRCULATED, Happened.PAPER_PUBLISHED),
    *(Happened.ERRATUM_DRAFTED, Happened.ERRATUM_CIRCULATED, Happened.ERRATUM_DISMISSED, Happened.NOTES_ORDERED),
}
"""What happens to a paper; the event's subject is its board."""


_P = PaperState
PAPER_MOVES: tuple[Move[PaperState], ...] = (
    Move(
        event=Happened.PAPER_DRAFTED,
        sources=(_P.DRAFT, _P.WITH_PARTNERS, _P.CLEARED),
        to=_P.DRAFT,
        letter="draft-paper",
    ),
    Move(
        event=Happened.PAPER_SHOWN,
        sources=(_P.DRAFT, _P.WITH_PARTNERS),
        to=_P.WITH_PARTNERS,
        letter="part-shown",
    ),
    Move(event=Happened.PAPER_CLEARED, sources=(_P.DRAFT, _P.WITH_PARTNERS), to=_P.CLEARED),
    Move(event=Happened.PAPER_CIRCULATED, sources=(_P.CLEARED,), to=_P.CIRCULATED, letter="circulation"),
    Move(event=Happened.PAPER_PUBLISHED, sources=(_P.CIRCULATED,), to=_P.PUBLISHED),
)


def paper_after(status: PaperStatus, event: Event, returns: Mapping[str, Any]) -> PaperStatus:
    """The status after one more event; `returns` are as they stand then."""
    status = replace(status, state=next_state(PAPER_MOVES, status.state, event.kind))
    match event.kind:
        case Happened.PAPER_DRAFTED:
            return replace(
                status,
                drafts=status.drafts + 1,
                content=str(event.facts["content"]),
                copy=str(event.facts.get("copy") or ""),
                companion=str(event.facts.get("companion") or ""),
                drafted_at=event.at,
                shows=dict(returns),
                statements=str(event.facts.get("statements") or ""),
                edits=str(event.facts.get("edits") or ""),
                named=int(event.facts.get("named") or 0),
                unwritten=str(event.facts.get("unwritten") or ""),
                pages=load_marks(str(event.facts.get("pages") or "")),
                agreements=(),
                wanted=False,
                unwaited=False,
                cleared="",
                moved=None,
            )
        case Happened.PAPER_CLEARED:
            return replace(status, cleared=str(event.facts["content"]), wanted=False)
        case Happened.PAPER_CIRCULATED:
            reported = ((event.at, status.statements),) if status.statements else ()
            unshown = str(event.facts.get("unshown") or "").split()
            shown = {key: says for key, says in status.pages_shown.items() if key not in unshown}
            return replace(status, circulated_at=event.at, reported=reported, pages_shown=shown)
        case Happened.NOTES_ORDERED:
            return replace(status, noted=event.at)
    return _before_clearance(replace(status, **_erratum_after(status, event)), event)


def meetings_after(papers: Mapping[str, PaperStatus], event: Event) -> dict[str, PaperStatus]:
    """The papers whose meetings moved with an event, after it."""
    moved = {what: (was, now) for what, was, now in list_moved(event) if what in papers}
    return {board: replace(papers[board], moved=_move(papers[board], *days)) for board, days in moved.items()}


def _move(paper: PaperStatus, was: str, now: str) -> MovedMeeting | None:
    drafted = paper.moved.was if paper.moved else date.fromisoformat(was)
    stands = None if now == NO_DAY else date.fromisoformat(now)
    return None if stands == drafted else MovedMeeting(was=drafted, now=stands)


def _before_clearance(status: PaperStatus, event: Event) -> PaperStatus:
    """Who was shown or asked something about a draft, and what they said."""
    match event.kind:
        case Happened.WORDS_DISMISSED:
            return replace(status, edits=str(event.facts["edits"]))
        case Happened.PAPER_SHOWN:
            until = date.fromisoformat(str(event.facts["until"]))
            approvals = status.approvals_shown | {stands.approved for stands in status.shows.values()}
            status = replace(status, pages_shown=status.pages, approvals_shown=approvals)
            return replace(status, shown_on=london_day(event.at), shown_until=until)
        case Happened.AGREEMENT_ASKED | Happened.PAPER_AGREED:
            return replace(status, agreements=_agreements_after(status, event))
        case Happened.CLEARANCE_WANTED:
            return replace(status, wanted=True, unwaited=bool(event.facts.get("unwaited")))
    return status


def _agreements_after(status: PaperStatus, event: Event) -> tuple[Agreement, ...]:
    """Whose yes to the latest draft was asked for, or given; to an earlier one it says nothing of this."""
    if event.facts["content"] != status.content:
        return status.agreements
    address = str(event.facts["reader"])
    before = next((one for one in status.agreements if one.reader == address), None)
    others = tuple(one for one in status.agreements if one.reader != address)
    if event.kind is Happened.PAPER_AGREED:
        asked = before or Agreement(reader=address, asked=event.instant)
        return (*others, replace(asked, agreed=event.instant))
    return (*others, Agreement(reader=address, asked=event.at, reminders=int(event.facts["reminder"] or 0)))


def _erratum_after(status: PaperStatus, event: Event) -> Mapping[str, Any]:
    """What an event changes of the corrections of a paper that went out."""
    if event.kind is Happened.ERRATUM_DRAFTED:
        named: dict[str, Any] = dict(event.facts)
        return {"erratum": Erratum(**named)}
    if event.kind not in {Happened.ERRATUM_CIRCULATED, Happened.ERRATUM_DISMISSED} or status.erratum is None:
        return {}
    settled = replace(status.erratum, is_open=False)
    if event.facts.get("moot"):  # what was printed stands again: should it change once more, she is shown it again
        settled = replace(settled, statements=status.reported[-1][1])
    sent = ((event.at, settled.statements),) if event.kind is Happened.ERRATUM_CIRCULATED else ()
    return {"erratum": settled, "reported": (*status.reported, *sent)}
