"""A draft that the co-ordinator edited in Word and sent back: it is vetted, recognised, and becomes the next draft."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from csp_workflow.desk.commands import OrderFacts, StepOrder
from csp_workflow.desk.looking import write_letter
from csp_workflow.letters.papers import draft_paper
from csp_workflow.mail.files import sniff_kind
from csp_workflow.report.edits import keeping
from csp_workflow.report.edits.keeping import Edit
from csp_workflow.report.edits.margins import has_other_marking, say_margin
from csp_workflow.report.edits.notes import has_other_notes
from csp_workflow.report.edits.opening import READER, read_refusal, refuse_unreadable
from csp_workflow.steps import papers
from csp_workflow.steps.outside import Outside, live_quarters
from csp_workflow.terms.dates import CycleState, PaperState, Quarter
from csp_workflow.terms.events import NOTHING, Decision, Happened, QueuedLetter
from csp_workflow.terms.messages import Attachment, IncomingMessage
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.site import Contact

_DRAFT_KIND = draft_paper.kind.name
_LEAST = 0.3
"""So much of a file's text (0 to 1) must be a draft's own for it to be that draft, edited."""
_MOST = 5
"""So many Word files of one message are looked at."""
_OPEN = {PaperState.DRAFT, PaperState.WITH_PARTNERS, PaperState.CLEARED}

_SET = " How its pages are marked at the head and the foot is set for every paper, and was not taken from your file."
_ANEW = " Comments are made anew with each draft: what you wrote into one is not kept, but belongs into the text."


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What became of a file that may be a paper: what is said of it, and, where it is one, what it decides.

    `quarter` and `board` are those of the paper that it is a draft of now, None and "" while it is not used. `is_seen`:
    the latest draft is that file, so that whoever sent it has seen it.
    """

    name: str
    sentence: str
    quarter: Quarter | None = None
    board: str = ""
    is_seen: bool = False
    decision: Decision = NOTHING


@dataclass(frozen=True, kw_only=True)
class _Draft:
    """A draft that went out to her: its paper, its number, the hash of its file."""

    quarter: Quarter
    board: str
    number: int
    content: str
    likeness: tuple[bool, float]


def take_edited(
    outside: Outside, message: IncomingMessage, answered: QueuedLetter | None, now: datetime, *, by: Contact
) -> Brought | None:
    """What becomes of the Word files of a message from somebody who may order; None when it brings none.

    One of them is the draft that they edited, whatever lies beside it. In answer to a draft any other file is meant to
    be that draft where no Word file came.
    """
    answers_draft = answered if answered is not None and answered.kind == _DRAFT_KIND else None
    files = list({a.data: a for a in message.attachments if sniff_kind(a.data) == "word"}.values())
    if answers_draft and not files:
        files = [a for a in message.attachments if _may_be_meant(a)]
    brought = [_take_file(outside, message, file, answers_draft, now, by=by) for file in files[:_MOST]]
    taken = [one for one in brought if one.decision]
    if len(taken) > 1:
        names = joined(one.name for one in taken)
        again = "None of them was taken. Please send one draft with each mail."
        return Brought(name=taken[0].name, sentence=f"{names} are all drafts with words of yours in them. {again}")
    return next(iter((*taken, *(one for one in brought if one.board), *brought)), None)


def _take_file(
    outside: Outside,
    message: IncomingMessage,
    file: Attachment,
    answered: QueuedLetter | None,
    now: datetime,
    *,
    by: Contact,
) -> Brought:
    reply = outside.sandbox.run(READER, file.data)
    refused = read_refusal(reply.value if reply.ok else reply.end) or refuse_unreadable(file.data)
    if refused:
        return Brought(name=file.name, sentence=f"{file.name} was not taken as a draft. {refused}")
    return _take_vetted(outside, message, file, answered, now, by=by)


def _may_be_meant(attachment: Attachment) -> bool:
    """Whether a file is more than a signature's picture or seal."""
    return not attachment.content_type.startswith("image/") and "signature" not in attachment.content_type


def _take_vetted(
    outside: Outside,
    message: IncomingMessage,
    file: Attachment,
    answered: QueuedLetter | None,
    now: datetime,
    *,
    by: Contact,
) -> Brought:
    origin = _find_origin(outside, file.data, answered)
    if origin is None or origin.likeness[1] < _LEAST:
        return Brought(name=file.name, sentence=f"{file.name} is no draft of a paper that we sent you. It is not used.")
    board = outside.site.board(origin.board).name
    what = f"{file.name} was made from draft {origin.number} of the paper for {board}"
    if answered is not None and origin.board not in {one.board for one in answered.about}:
        again = "Please send it in answer to that draft's letter, or in a mail of its own."
        return Brought(name=file.name, sentence=f"{what}, and you answered another board's draft. {again}")
    status = outside.store.cycle_status(origin.quarter)
    state = status.papers[origin.board].state
    if state not in _OPEN or status.state not in {CycleState.OPEN, CycleState.CLOSED}:
        stands = state if state not in _OPEN else f"of {origin.quarter}, which is {status.state}"
        return Brought(name=file.name, sentence=f"{what}, which is {stands}: it changes no more.")
    edited = papers.EditedPaper(
        quarter=origin.quarter,
        board=origin.board,
        number=origin.number,
        given=origin.content,
        name=file.name,
        data=file.data,
    )
    decision = papers.decide_edited(outside, edited, now, by=by, answers=message.message_id)
    paper = status.papers[origin.board]
    given = outside.archive.fetch(origin.content)
    marked = _SET * has_other_marking(given, file.data) + _ANEW * has_other_notes(given, file.data)
    if not decision:
        said = f"{file.name} says what draft {origin.number} of the paper for {board} says, so that nothing is changed."
        said += marked
        is_latest = paper.content == origin.content
        return Brought(name=file.name, sentence=said, quarter=origin.quarter, board=origin.board, is_seen=is_latest)
    ends = f" What was cleared is no longer: CLEAR {origin.board} clears it." if state is PaperState.CLEARED else ""
    return Brought(
        name=file.name,
        sentence=f"{what}, and is draft {paper.drafts + 1} now. A letter of its own says which of your words are kept "
        f"where.{marked}{ends}",
        quarter=origin.quarter,
        board=origin.board,
        is_seen=bool(decision.letters[0].facts["words"].whole),
        decision=decision,
    )


def _find_origin(outside: Outside, data: bytes, answered: QueuedLetter | None) -> _Draft | None:
    """The draft that a file was made from: of a quarter under way, unless its title is that of an older paper.

    Papers of one kind say nearly the same; whose board and which meeting it is for stands in the title.
    """
    live, found = live_quarters(outside), None
    for quarters in (live, [one for one in outside.store.cycle_states() if one not in live]):
        drafts = (*([found] if found else []), *_list_drafts(outside, data, answered, quarters))
        found = max(drafts, key=lambda one: one.likeness, default=None)
        if found is not None and found.likeness[0]:
            break
    return found


def _list_drafts(
    outside: Outside, data: bytes, answered: QueuedLetter | None, quarters: Iterable[Quarter]
) -> Iterator[_Draft]:
    """Every draft of some quarters, with how like the file is to it; of two the one answered, or the later."""
    theirs = keeping.list_texts(data)
    shown = {(answered.quarter, one.board, one.draft) for one in answered.about} if answered else set()
    for quarter in quarters:
        numbers: dict[str, int] = {}
        for event in outside.store.events(quarter):
            if event.kind is Happened.PAPER_DRAFTED:
                board, content = event.subject, str(event.facts["content"])
                numbers[board] = number = numbers.get(board, 0) + 1
                ours = keeping.list_texts(outside.archive.fetch(content))
                same = len(set(theirs) & set(ours)) / max(len(set(theirs)), 1)
                is_known = (quarter, board, number) in shown or content == sha256(data).hexdigest()
                likeness = (ours[:1] == theirs[:1], same + is_known * 0.05 + number * 1e-6)
                yield _Draft(quarter=quarter, board=board, number=number, content=content, likeness=likeness)


def decide_showing_edits(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    """The letter with all that was written into a paper, each text in full beside what was printed there."""
    paper = facts.status.papers[wanted.board] if facts.status else None
    edits = keeping.load_written(outside.archive.fetch(paper.edits)).edits if paper and paper.edits else ()
    title = f"What was written into the paper for {facts.site.board(wanted.board).name}"
    return write_letter(facts, title, tuple(map(_say_edit, edits)), wanted, now)


def _say_edit(edit: Edit) -> str:
    beside = f"{'After' if edit.after else 'Before'} \u201c{edit.beside}\u201d"
    if edit.is_move:
        return f"{beside} now stands, moved: \u201c{edit.text}\u201d"
    if not edit.text:
        return f"Taken out: \u201c{edit.was}\u201d"
    if margin := say_margin(edit.place):
        return f"Added {margin}: \u201c{edit.text}\u201d"
    if edit.place:
        return f"In place of \u201c{edit.was}\u201d stands: \u201c{edit.text}\u201d"
    return f"{beside} was added: \u201c{edit.text}\u201d"
