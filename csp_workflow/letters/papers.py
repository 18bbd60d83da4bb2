"""The letters about a paper: drafts to the co-ordinator, what is settled to a secretariat, notes after the meeting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256

from csp_workflow.letters.kinds import Audience, Ground, Kind, Matter, writes
from csp_workflow.terms.actions import Action
from csp_workflow.terms.dates import Board, PaperDates, Quarter
from csp_workflow.terms.events import About, Manner
from csp_workflow.terms.messages import Attachment, short_id
from csp_workflow.terms.paper_status import PaperStatus, short_mark
from csp_workflow.terms.phrases import day, joined, moment, name_or_count
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Contact, Office, Respondent, RespondentKind, Site
from csp_workflow.terms.status import CycleStatus, GivenAssent, ReturnStatus


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A respondent whose part of the paper is not settled, and how the paper says so."""

    name: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class OwnWords:
    """What of a draft somebody wrote into it by hand, in sentences.

    `file` is the file that was just taken, and `made_from` the draft that it was made from ("" and 0 for none);
    `whole`: it is the draft as it came. `numbers` are those in it that are not what was printed; `overtaken` are words
    with what stands in their place now; `unplaced` found no place, each with its whole text.
    """

    file: str = ""
    made_from: int = 0
    whole: bool = False
    kept: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    overtaken: tuple[tuple[str, str], ...] = ()
    unplaced: tuple[str, ...] = ()


NO_WORDS = OwnWords()


@writes(Kind(name="draft-paper", manner=Manner.OFFICE, audience=Audience.OFFICE, about=("board", "draft")))
def draft_paper(
    to: Contact,
    *,
    board: Board,
    paper: PaperDates,
    quarter: Quarter,
    number: int,
    missing: Sequence[Missing],
    named: Sequence[str] = (),
    unwritten: Sequence[str] = (),
    attachment: Attachment,
    changes: Attachment | None = None,
    companion: Attachment,
    words: OwnWords = NO_WORDS,
    objection_days: int = 0,
    waits: Sequence[str] = (),
    answers: str = "",
) -> Matter:
    """Bring the co-ordinator a draft, and say whose words it has, what is not settled and what to reply.

    In so many working days, `objection_days`, the partnerships may object once they are shown it (0: nobody is to be
    shown anything, or anything more), and `waits` says why it waits for them. `unwritten` are the headings below which
    the Office has still to write.
    """
    facts = {
        "objection_days": objection_days,
        "waits": tuple(waits),
        "number": number,
        "words": words,
        "changes": changes.name if changes else "",
        "companion": companion.name,
        "mark": short_mark(sha256(attachment.data).hexdigest()),
        "missing": tuple(missing),
        "named": tuple(named),
        "unwritten": tuple(unwritten),
    }
    matter = _matter(to, board, paper, quarter, facts, attachment, draft=number, what=f"draft:{number}")
    return replace(matter, answers=answers, attachments=(attachment, companion, *([changes] if changes else [])))


@writes(Kind(name="circulation", manner=Manner.OFFICE, audience=Audience.SECRETARIAT, about=("board",)))
def circulation(
    to: Contact,
    *,
    board: Board,
    paper: PaperDates,
    quarter: Quarter,
    attachment: Attachment,
    companion: Attachment | None = None,
    office: Office,
    today: date,
    moved: str = "",
) -> Matter:
    """Send a cleared paper to somebody in the secretariat, with the workbook that accompanies it. `moved` says that it
    names another day than its meeting's."""
    facts = {
        "moved": moved,
        "late": say_late(paper, today),
        "companion": companion.name if companion else "",
        "from_name": office.co_ordinator.name,
    }
    matter = _matter(to, board, paper, quarter, facts, attachment, what="circulation")
    return replace(matter, attachments=(attachment, *([companion] if companion else [])))


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
    named: Sequence[str] = (),
    attachment: Attachment,
    tracked: Attachment,
) -> Matter:
    """Show the co-ordinator what came after a paper went out, as it would go to the board, and say what to reply."""
    facts = {
        "number": number,
        "called": called,
        "changes": tuple(changes),
        "named": tuple(named),
        "tracked": tracked.name,
    }
    matter = _matter(to, board, paper, quarter, facts, attachment, draft=number, what=f"erratum-draft:{number}")
    return replace(matter, attachments=(attachment, tracked))


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
    tracked: Attachment | None,
    office: Office,
) -> Matter:
    """Send an erratum or an addendum to somebody in the secretariat that has the paper."""
    facts = {
        "called": called,
        "tracked": tracked.name if tracked else "",
        "from_name": office.co_ordinator.name,
    }
    matter = _matter(to, board, paper, quarter, facts, attachment, what=f"erratum:{number}")
    return replace(matter, attachments=(attachment, *([tracked] if tracked else [])))


@writes(Kind(name="meeting-moved", manner=Manner.OFFICE, audience=Audience.SECRETARIAT, about=("board",)))
def meeting_moved(
    to: Contact, *, board: Board, quarter: Quarter, was: date | None, now: date | None, at: datetime
) -> Matter:
    """Tell somebody in the secretariat who has a paper that its meeting is on another day (None: on none)."""
    return Matter(
        to=to,
        cause=f"meeting-moved:{quarter.key}:{board.key}:{at.isoformat()}",
        about=(About(board=board.key),),
        quarter=quarter,
        facts={"codes": (), "board": board, "was": was, "now": now},
    )


@dataclass(frozen=True, kw_only=True)
class Note:
    """What one respondent is told after a meeting: what the board had before it of its return, and what it asked."""

    respondent: str
    code: str
    name: str
    noted: str
    actions: tuple[Action, ...] = ()


@writes(
    Kind(
        name="board-note",
        manner=Manner.TIMED,
        audience=Audience.CONTACT,
        about=("respondent", "board"),
        ground=Ground.ACTIONS_OPEN,
    )
)
def board_note(to: Contact, notes: Sequence[Note], *, board: Board, meeting: date, quarter: Quarter) -> Matter:
    """Tell a lead after a board's meeting what it noted and asked of each respondent that the lead answers for."""
    codes = tuple(note.code for note in notes)
    refs = " ".join((*codes, *(action.ref for note in notes for action in note.actions)))
    return Matter(
        to=to,
        cause=f"board-note:{quarter.key}:{board.key}:{refs}",
        about=tuple(About(respondent=note.respondent, board=board.key) for note in notes),
        quarter=quarter,
        facts={"codes": codes, "notes": tuple(notes), "board": board, "meeting": meeting},
    )


def _matter(
    to: Contact,
    board: Board,
    paper: PaperDates,
    quarter: Quarter,
    facts: Mapping[str, object],
    attachment: Attachment,
    *,
    what: str,
    draft: int = 0,
) -> Matter:
    # A store that was put back counts from the beginning: under the same number may stand another paper.
    content = sha256(attachment.data).hexdigest()[:16]
    return Matter(
        to=to,
        cause=f"paper:{quarter.key}:{board.key}:{what}:{content}",
        about=(About(board=board.key, draft=draft),),
        quarter=quarter,
        facts={"codes": (), "board": board, "paper": paper, "file": attachment.name, **facts},
        attachments=(attachment,),
    )


# What a draft waits for, and what came since -------------------------------------------------------------


def say_awaited(site: Site, paper: PaperStatus) -> str:
    """Who must agree to a draft and has not; "" for nobody."""
    awaited = joined(f"{one.name} ({one.role})" for one in paper.list_awaited(site.readers_of(paper.board)))
    if not awaited:
        return ""
    return f"You cleared it: that counts once {awaited} agreed." if paper.wanted else f"{awaited} has not agreed yet."


def say_waits(site: Site, status: CycleStatus, board: str, today: date) -> tuple[str, ...]:
    """What the latest draft of a paper waits for before it is cleared, in sentences: the Office's own words, and the
    partnerships."""
    unwritten = status.papers[board].unwritten
    ours = f"The Office has still to write: {unwritten}. What is not written is left out." if unwritten else ""
    return (*filter(None, [ours]), *say_objectable(site, status, board, today))


def say_objectable(site: Site, status: CycleStatus, board: str, today: date) -> tuple[str, ...]:
    """Why the latest draft of a paper waits for the partnerships, in sentences: whom it was not shown to, until when
    they may object, who did; () when it waits for none of them, or the site shows nobody anything."""
    paper = status.papers[board]
    if not site.objection_days(board):
        return ()
    showing = [paper, *(one for key in paper.pages for one in status.list_showing(board, key))]
    until = max((one.shown_until for one in showing if one.shown_until), default=None)
    return tuple(
        filter(
            None,
            (
                _say_unshown(site, status, paper),
                f"The partnerships may object until {day(until)}." if until and until >= today else "",
                *_say_objected(site, status, board),
            ),
        )
    )


def _say_unshown(site: Site, status: CycleStatus, paper: PaperStatus) -> str:
    """Which partnerships were not shown what is printed about them now."""
    unshown = status.list_unshown(paper.board)
    if not paper.pages_shown and unshown == tuple(paper.pages) and unshown:
        return "The partnerships have not been shown what it prints about them."
    names = joined(r.name for r in site.respondents if r.key in unshown)
    changed = "has changed since it was shown to them" if paper.pages_shown else "was not shown to them"
    return f"What it prints about {names} {changed}." if names else ""


def _say_objected(site: Site, status: CycleStatus, board: str) -> Iterator[str]:
    """Who objects to what a paper prints about them, while that is not dealt with."""
    for one in site.respondents:
        boards = dict.fromkeys((board, *(paper.board for paper in status.list_showing(board, one.key))))
        stands = status.returns.get(one.key)
        for message in (of for key in boards for of in (stands.list_objections(key) if stands else ())):
            yield f"{one.name} objects (DONE {short_id(message)} once you have dealt with it)."


def say_changed(site: Site, status: CycleStatus, board: str) -> tuple[str, ...]:
    """What came since a board's paper was drafted and is not in it, in sentences; () once it went out."""
    paper = status.papers.get(board)
    if paper is None or not paper.content or paper.circulated_at is not None:
        return ()
    found = [(r, paper.shows.get(r.key), status.returns.get(r.key)) for r in site.respondents]
    told: dict[str, list[tuple[str, datetime | None]]] = {}
    for of, shown, stands in found:
        if stands and (news := _find_news(of, shown, stands)):
            told.setdefault(news[0], []).append((of.name, news[1]))
    alike = (_say_alike(what, whose) for what, whose in told.items())
    return (*say_moved(paper), *alike, *_say_revised([(shown, stands) for _, shown, stands in found if stands]))


def _say_alike(what: str, whose: Sequence[tuple[str, datetime | None]]) -> str:
    """In one sentence what is so of one respondent or of several, with the moment, of several the last one."""
    moments, is_one = {at for _, at in whose if at}, len(whose) == 1
    names = name_or_count([name for name, _ in whose], "respondent")
    at = f"{', the last' * (len(moments) > 1)} at {moment(max(moments))}" if moments else ""
    forms = {"s": "", "was": "was", "are": "is"} if is_one else {"s": "s", "was": "were", "are": "are"}
    return f"{what.format(names, **forms)}{at}."


def say_late(paper: PaperDates, today: date) -> str:
    """That a paper which has not gone out was to, in a sentence; "" while there is time."""
    if today > paper.meeting:
        return f"It was for {day(paper.meeting)}, which is past."
    return f"It was to be out by {day(paper.papers_out)}, and is late." if today > paper.papers_out else ""


def say_moved(paper: PaperStatus) -> tuple[str, ...]:
    """That the meeting of a paper is on another day than it says, or on none; () where it is on that day."""
    if paper.moved is None:
        return ()
    was, now = day(paper.moved.was), paper.moved.now
    return (f"Its meeting is on {day(now)}; it says {was}." if now else f"Its meeting on {was} is cancelled.",)


def _say_revised(pairs: Sequence[tuple[ReturnStatus | None, ReturnStatus]]) -> Iterator[str]:
    """That the force's figures changed since they were shown, in one sentence for all."""
    new = [r for shown, stands in pairs for r in stands.revisions[len(shown.revisions) if shown else 0 :]]
    changed = [r for r in new if r.figures or r.came]
    if changed:
        yield f"Police figures were revised at {moment(changed[-1].at)}."


def _find_news(of: Respondent, shown: ReturnStatus | None, stands: ReturnStatus) -> tuple[str, datetime | None] | None:
    """What of a return is otherwise than as it is shown, its respondent's name in place of {}, and when it became so;
    None for nothing."""
    shown = shown or ReturnStatus(respondent=stands.respondent)
    thing = "The extract of {}" if of.kind is RespondentKind.ANALYST else "The return{s} of {}"
    came = "{was} corrected" if shown.versions else "came"
    is_new = stands.submission != shown.submission
    since = (
        (stands.answered, shown.answered, f"That {{}} {_ENDED.get(stands.state)} was said"),
        (stands.counted if is_new else None, None, f"{thing} {came}"),
        (stands.returned, shown.returned, f"{thing} {{was}} sent back"),
        (_given_at(stands.approval), _given_at(shown.approval), f"{thing} {{was}} approved"),
        (_given_at(stands.certificate), _given_at(shown.certificate), "The grant money of {} was certified"),
        (stands.disputes_answered, shown.disputes_answered, "What was disputed by {} was settled"),
    )
    dated = ((what, now) for now, before, what in since if now and now != before)
    return next(dated, None) or _find_undone(shown, stands)


_ENDED = {ReturnState.NIL: "had nothing to report", ReturnState.DECLINED: "declined"}


def _given_at(given: GivenAssent | None) -> datetime | None:
    return given.at if given else None


def _find_undone(shown: ReturnStatus, stands: ReturnStatus) -> tuple[str, None] | None:
    """What was shown of a return and is no longer so, or is to be said of it since."""
    if shown.answered and not stands.answered:
        return f"That {{}} {_ENDED[shown.state]} is no longer so", None
    if stands.due and stands.due != shown.due and not stands.state.is_in:
        return f"{{}} {{was}} given until {day(stands.due)}", None
    is_other = stands.state.is_in and stands.state != shown.state
    return (f"The return{{s}} of {{}} {{are}} {stands.state} now", None) if is_other else None
