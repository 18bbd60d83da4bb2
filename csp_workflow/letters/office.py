"""The answers to the co-ordinator's orders, and what a respondent is told of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from csp_workflow.letters.kinds import Audience, Conversation, Ground, Kind, Matter, writes
from csp_workflow.mail.compose import OutgoingMessage, compose_message, derive_delivery_id, derive_message_id
from csp_workflow.terms.dates import Board, PaperDates, Quarter
from csp_workflow.terms.letters import About, Manner
from csp_workflow.terms.messages import Attachment, Verdict
from csp_workflow.terms.site import Contact, Office, Respondent
from csp_workflow.terms.topics import FoundTopic


@dataclass(frozen=True, kw_only=True)
class WaitingMessage:
    """A message that waits for a person, as the office's letters name it. `short` is the id's beginning.

    `topics` is what it may be about, beside a return, that is not dealt with yet.
    """

    id: str
    sender: str
    subject: str
    received: datetime
    verdict: Verdict
    reason: str
    respondents: tuple[str, ...] = ()
    topics: tuple[FoundTopic, ...] = ()

    @property
    def is_held(self) -> bool:
        """Whether nothing in it was taken; else somebody asks or reserves something, beside a form perhaps."""
        return self.verdict in {Verdict.HELD, Verdict.QUARANTINED}

    @property
    def short(self) -> str:
        """The first characters of the id: enough to name it in a command."""
        return self.id[:10]


class Became(StrEnum):
    """What became of one line of a reply, as the answer says it."""

    DONE = "Done"
    IN_PART = "Done in part"
    NOT_DONE = "Not done"
    STRANGE = "Not understood"


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One line of a reply and what became of it: what was done and what follows, or why not and what to write."""

    words: str
    became: Became
    sentences: tuple[str, ...]
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Whom and what a reply to orders answers. `message` is the content identity, `thread` the Message-ID.

    `waits` says that an order waits because of what stands beside it; `files` say what became of what she attached,
    and `unsent` that words of hers for somebody went to nobody.
    """

    to: Contact
    message: str
    thread: str
    quarter: Quarter | None
    waits: bool = False
    files: tuple[str, ...] = ()
    unsent: str = ""


def _office_kind(name: str, *about: str) -> Kind:
    return Kind(name=name, manner=Manner.OFFICE, audience=Audience.OFFICE, about=about)


def _answer_orders(reply: Reply, rows: Sequence[Answered]) -> Matter:
    """Say line by line, in the order of the reply, what was done, what was not and why, and what to write."""
    return Matter(
        to=reply.to,
        cause=f"command:{reply.message}",
        about=(About(message=reply.message),),
        quarter=reply.quarter,
        facts={
            "codes": (),
            "rows": tuple(rows),
            "done": tuple(one.words for one in rows if one.became in {Became.DONE, Became.IN_PART}),
            "refused": tuple(one.words for one in rows if one.became is Became.NOT_DONE),
            "is_whole": bool(rows) and all(one.became is Became.DONE for one in rows),
            "waits": reply.waits,
            "files": reply.files,
            "unsent": reply.unsent,
        },
        answers=reply.thread,
    )


command_done = writes(_office_kind("command-done", "message"))(_answer_orders)
command_refused = writes(_office_kind("command-refused", "message"))(_answer_orders)
command_not_understood = writes(_office_kind("command-not-understood", "message"))(_answer_orders)


@writes(
    Kind(
        name="extension-given",
        manner=Manner.TIMED,
        audience=Audience.CONTACT,
        about=("respondent", "due"),
        ground=Ground.EXTENSION,
        continues=Conversation.RETURN,
    )
)
def extension_given(
    to: Contact, respondent: Respondent, quarter: Quarter, *, due: datetime, was: datetime, until: date, cause: str
) -> Matter:
    """Tell a lead that the co-ordinator gave more time."""
    return Matter(
        to=to,
        cause=cause,
        about=(About(respondent=respondent.key, due=until),),
        quarter=quarter,
        facts={"codes": (respondent.code,), "name": respondent.name, "due": due, "was": was, "until": until},
    )


@writes(_office_kind("answers-on-hold"))
def answers_on_hold(to: Contact, *, why: str, at: datetime, cause: str) -> Matter:
    """Tell the office that automatic answers were stopped, why, and how to let them go."""
    return Matter(
        to=to, cause=cause, about=(), quarter=None, facts={"codes": (), "why": why, "at": at, "order": "RELEASE"}
    )


# The co-ordinator's morning letter, and the values it shows ---------------------------------------


@dataclass(frozen=True, kw_only=True)
class Item:
    """By what a thing that waits may be put off: a message's id or a respondent's key, and what of it ("faults").

    `what` stands in stored events and is never changed; `called` is how people call it. A message may be that `of`
    several respondents.
    """

    about: str
    called: str
    what: str = ""
    of: tuple[str, ...] = ()

    @property
    def is_message(self) -> bool:
        """Whether it is about a message."""
        return not self.what


@dataclass(frozen=True, kw_only=True)
class Need:
    """Something only the co-ordinator can decide: what it is, and the exact words to reply (or none: act).

    One without an `item` stands in every morning's letter until it is settled: it is never put off.
    """

    sentence: str
    words: tuple[str, ...] = ()
    item: Item | None = None


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
    later: tuple[str, ...] = ()


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


# The letters that carry a paper: the draft to the co-ordinator, the cleared paper to the secretariat


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


# The letter that the service sends to itself, to see that letters leave and arrive. Nobody else ever gets it


_TEXT = "This letter was sent by csp-workflow doctor to its own mailbox, to see that mail leaves and arrives."


def letter(office: Office, *, key: bytes, now: datetime) -> tuple[bytes, str]:
    """Final bytes and delivery id of a letter from the office's mailbox to itself."""
    domain = office.mailbox.partition("@")[2]
    message_id = derive_message_id("probe", now.isoformat(), office.mailbox, key=key, domain=domain)
    delivery_id = derive_delivery_id(message_id)
    content = compose_message(
        OutgoingMessage(
            sender=office.mailbox,
            sender_name=office.name,
            recipient=office.mailbox,
            recipient_name=office.name,
            subject="Is the mailbox well?",
            text=f"{_TEXT}\n\n{delivery_id}",
            # Exchange drops a header that it sees for the first time, so the mark stands in the words as well.
            html=f"<p>{_TEXT}</p>\n<p>{delivery_id}</p>",
            message_id=message_id,
            date=now,
            headers=(("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All")),
        )
    )
    return content, delivery_id
