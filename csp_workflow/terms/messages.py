"""An incoming message: what it carries, what it may be about beside a return, and the one verdict it ends in."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from csp_workflow.terms.dates import HolidaysRunOut, WorkingDays

YES = (
    "yes", "confirm", "confirmed", "i confirm", "i can confirm", "confirm please", "please confirm", "yes please",
    "yes i confirm", "yes confirmed", "yes it is", "yes that is right", "yes that s right", "yes this is right",
    "yes that is correct", "yes that s correct", "yes this is correct", "yes correct", "that is right", "that s right",
    "this is right", "correct", "that is correct", "that s correct", "yes that is me", "yes that s me", "yes it s me",
    "yes i am", "yes this is the right address", "this is the right address", "yes happy to", "yes of course",
)  # fmt: skip
NO = ("no", "reject", "rejected", "i reject", "reject please", "please reject", "no thank you", "no it is not")
"""What answers a question of ours with yes or no, where a site lists nothing else; a letter asks for the first."""

TAKE_OUT = ("take out", "take it out", "take this out", "remove", "remove this", "delete", "delete this", "withdrawn")
"""What is typed over an entry to take it out, where a site lists nothing else; an empty cell takes out nothing."""

AS_LAST_YEAR = ("as last year", "carry on as last year", "all as last year", "no change", "no changes")
"""What a lead writes whose measures all stay; a site may list others."""

_MAY_HAVE = tuple(f"{may} {who}" for may in ("can", "could", "may", "might") for who in ("we", "i"))
_WOULD = ("is it possible to", "would it be possible to", "we would like to", "i would like to", "any chance we could")
MORE_TIME = (
    *(f"{may} {have} until" for may in (*_MAY_HAVE, *_WOULD) for have in ("have", "have more time")),
    *(
        f"{may} {ask} {to}"
        for may in (*_MAY_HAVE, *_WOULD)
        for ask in ("have an extension", "request an extension", "ask for an extension", "extend", "extend it",
                    "extend the deadline", "have the deadline extended")
        for to in ("until", "to")
    ),
    *(f"{may} {send} by" for may in _MAY_HAVE for send in ("send it", "send this", "return it", "get it to you")),
    "we need until", "i need until", "we will need until", "i will need until", "we need more time until",
    "could the deadline be extended to", "can the deadline be extended to",
    "please extend to", "please extend until", "please extend the deadline to", "please extend our deadline to",
    "can you extend the deadline to", "could you extend the deadline to", "can you extend it to",
    "we would like an extension until", "we would like an extension to", "i would like an extension until",
    "i would like an extension to", "we request an extension until", "we request an extension to",
    "requesting an extension until", "requesting an extension to",
)  # fmt: skip
"""How somebody asks for more time, where a site lists nothing else; a day stands behind it."""

CERTIFY = (
    "certified", "i certify", "i certify it", "i certify this", "i certify that", "i hereby certify", "i can certify",
    "i certify that this is right", "i certify that it is right", "i certify the statement", "i certify this statement",
    "i certify the grant money", "i certify the figures", "this is certified", "it is certified", "happy to certify",
    "i am happy to certify", "content to certify", "yes certified", "certify", "the grant money is certified",
    "certifed", "certfied", "cerified", "rwy n ardystio", "ardystiwyd",
)  # fmt: skip
"""How a budget holder certifies what a return says of grant money, where a site lists nothing else."""


class Verdict(StrEnum):
    """Every message ends in exactly one of these."""

    RETURN = "return"
    APPROVAL = "approval"
    NIL = "nil"
    DECLINED = "declined"
    COMMAND = "command"
    QUESTION = "question"
    OUT_OF_OFFICE = "out-of-office"
    BOUNCE = "bounce"
    READ_RECEIPT = "read receipt"
    OWN = "own"
    DUPLICATE = "duplicate"
    NO_WORKBOOK = "no workbook"
    UNREADABLE = "unreadable"
    NOISE = "noise"
    HELD = "held"
    QUARANTINED = "quarantined"


WAIT_FOR_A_PERSON = frozenset({Verdict.HELD, Verdict.QUESTION, Verdict.QUARANTINED})
"""The verdicts of messages that a person must look at, whatever else they brought."""


ASKS = "It asks or says something that a person must answer."
"""Why words that are nothing else are a question."""

_UNSHOWN = "no letter of ours that shows it had reached them when they wrote, so nothing is recorded"
_OVER_RETURN = "a return has come, or was asked for again since: that stands until you decide"
HELD_ACTS = {
    "approval": (f"It approves the return, but {_UNSHOWN}.", "APPROVED {} BY whom BECAUSE evidence"),
    "certificate": (f"It certifies the grant money, but {_UNSHOWN}.", "CERTIFIED {} BY whom BECAUSE evidence"),
    "nil": (f"It reads like a nil return, and {_OVER_RETURN}.", "NIL {} BECAUSE reason"),
    "declined": (f"It reads like a decline, and {_OVER_RETURN}.", "DECLINE {} BECAUSE reason"),
}
"""Why an act that is understood is held, and the order that carries it out, the code in place of {}."""
ORDERS_HELD = dict(HELD_ACTS.values())

STRANGERS = "strangers"
"""Why a message waits that only strangers' messages are: those can be put aside together, by this word."""


class MessageState(StrEnum):
    """Where a message stands. Only its verdict is stored: a message without one has landed, or is being attempted."""

    LANDED = "landed"
    ATTEMPTED = "attempted"
    JUDGED = "judged"
    HELD = "held"
    QUARANTINED = "quarantined"

    @classmethod
    def of_verdict(cls, verdict: Verdict) -> MessageState:
        """Where a message with this verdict stands."""
        return {Verdict.HELD: cls.HELD, Verdict.QUARANTINED: cls.QUARANTINED}.get(verdict, cls.JUDGED)


class Handling(StrEnum):
    """What is done to a message that has landed."""

    ATTEMPT = "attempt"
    DECIDE = "decide"
    GIVE_UP = "give up after the last attempt"
    ASSIGN = "assign"
    REPLAY = "replay"


_M = MessageState
MESSAGE_MOVES: Mapping[Handling, tuple[tuple[MessageState, ...], tuple[MessageState, ...]]] = {
    Handling.ATTEMPT: ((_M.LANDED, _M.ATTEMPTED), (_M.ATTEMPTED,)),
    Handling.DECIDE: ((_M.ATTEMPTED,), (_M.JUDGED, _M.HELD, _M.QUARANTINED)),
    Handling.GIVE_UP: ((_M.ATTEMPTED,), (_M.QUARANTINED,)),
    Handling.ASSIGN: ((_M.HELD, _M.QUARANTINED), (_M.ATTEMPTED,)),
    Handling.REPLAY: ((_M.QUARANTINED,), (_M.ATTEMPTED,)),
}
"""From where to where each handling takes a message. A fault of the world (a full disk) is no attempt."""

MESSAGE_FOLDERS = {_M.JUDGED: "Processed", _M.HELD: "Held", _M.QUARANTINED: "Quarantine"}
"""Where a message is filed once its verdict is committed: a hint to people who look into the mailbox, never state."""


def list_reopenable_verdicts(handling: Handling) -> tuple[Verdict, ...]:
    """The verdicts that a handling takes back, so that the message is judged anew."""
    sources, _ = MESSAGE_MOVES[handling]
    return tuple(verdict for verdict in Verdict if MessageState.of_verdict(verdict) in sources)


class Mark(StrEnum):
    """What a mail system says of a message beside its bytes (Exchange's item classes and kinds of attachment)."""

    AWAY = "away"
    BOUNCE = "bounce"
    RECEIPT = "receipt"
    RECALL = "recall"
    MEETING = "meeting"
    CLOUD_FILE = "cloud file"


def short_id(identity: str) -> str:
    """The first characters of a message's or letter's identity: enough to name it in a command."""
    return identity[:10]


class Blame(StrEnum):
    """Whose fault it is that a letter came back."""

    DEAD = "dead"
    """The address: nobody has it any more, or its domain takes no mail."""
    PASSING = "passing"
    """Theirs, and it passes: a full mailbox, a busy or broken server, a letter that is still being tried."""
    OURS = "ours"
    """Our mail is refused, whoever it goes to: our domain, its records, what the letter says or carries."""
    GIVEN_UP = "given up"
    """It was tried for as long as mail is, and nobody tries any more."""
    UNCLEAR = "unclear"


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that a message carries (or a letter will). `name` is a label only, never a path."""

    name: str
    data: bytes
    content_type: str = "application/octet-stream"

    def __repr__(self) -> str:
        return f"Attachment({self.name!r}, {len(self.data)} bytes)"


@dataclass(frozen=True, kw_only=True)
class Courtesies:
    """What in people's mail says nothing, and what reserves something, as a site lists it.

    In small letters, without punctuation.

    `markings` stand alone on a line; `banners` begin a gateway's paragraph and `banner_words` stand in its lines;
    `greetings` begin a line, `thanks` are sentences, `harmless` changes nothing about an act beside which it stands,
    `closings` are lines under which a signature stands; `footers` begin a line that a program adds; `disclaimers` are
    phrases of which one stands in a paragraph that a server adds. `reservations` are words of which one makes a
    sentence something to be decided; `presenting` begin a sentence that only presents what is attached. `revising` are
    words of which one says that a figure is to be another, `postponing` those of which one says that an answer is to
    come.
    """

    markings: tuple[str, ...] = ()
    banners: tuple[str, ...] = ()
    banner_words: tuple[str, ...] = ()
    greetings: tuple[str, ...] = ()
    thanks: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()
    closings: tuple[str, ...] = ()
    footers: tuple[str, ...] = ()
    disclaimers: tuple[str, ...] = ()
    reservations: tuple[str, ...] = ()
    presenting: tuple[str, ...] = ()
    revising: tuple[str, ...] = ()
    postponing: tuple[str, ...] = ()


NO_COURTESIES = Courtesies()


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Lines that somebody wrote together; `beside` is the quoted line under which they stand, "" where none is."""

    text: str
    beside: str = ""


@dataclass(frozen=True, kw_only=True)
class EnclosedMessage:
    """A message that came inside another: attached to it, or quoted in it by who passes it on (`is_quoted`).

    `sender` is the name that it gives its writer, `text` all that it says, `html_text` its HTML as such where it has
    both, and `ids` are its Message-ID and those that it answers. `matter` are the lines of its writer's words that say
    something, without ours and without those that stand in the message around it.
    """

    sender: str = ""
    subject: str = ""
    text: str = ""
    html_text: str = ""
    ids: tuple[str, ...] = ()
    matter: tuple[str, ...] = ()
    is_quoted: bool = False


@dataclass(frozen=True, kw_only=True)
class IncomingMessage:
    """A message unpacked. Header values are decoded; `sender` is "" when it cannot be trusted to parse.

    `id` is the content identity (never the UID or Message-ID alone); `text` is all of the body as
    plain text, `html_text` its HTML as such where it has both. `own` are the sender's own words with
    all that stands around them, `passages` the same without signatures and what programs add, `answer` these as one
    text, and `matter` its lines that say something (no greeting, no thanks). `answered` are the
    Message-IDs it replies to, nearest first, and those of the letters a mail system gives back in it (`originals`).
    `report` holds the blocks of a delivery report, one for the report and one for each recipient;
    `inside` the names and subjects of the messages inside it, `enclosed` what these say; `rows` the rows of the tables
    in its new part, cells parted by tabs, and `links` the links to shared files there.
    """

    id: str
    received: datetime
    message_id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    answer: str
    answered: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    attachments: tuple[Attachment, ...]
    size: int
    defects: tuple[str, ...] = ()
    marks: frozenset[Mark] = frozenset()
    report: tuple[str, ...] = ()
    originals: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    enclosed: tuple[EnclosedMessage, ...] = ()
    rows: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    html_text: str = ""
    own: str = ""
    passages: tuple[Passage, ...] = ()
    matter: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """The first value of a header, or "" when it has none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def date_within(self, since: datetime | None, now: datetime) -> IncomingMessage:
        """The message as come now, where it cannot have come when its mail server says: before what it answers was
        written (`since`), or in time to come."""
        is_possible = self.received <= now and (since is None or since <= self.received)
        return self if is_possible else replace(self, received=now)

    @property
    def enclosed_texts(self) -> tuple[str, ...]:
        """All that the messages inside it say, with their subjects."""
        return tuple(
            text for one in self.enclosed if not one.is_quoted for text in (one.subject, one.text, one.html_text)
        )

    @property
    def only_thanks(self) -> bool:
        """Whether its sender wrote something, and it says nothing: thanks, a greeting, a name."""
        return bool(self.answer) and not self.matter and not any(one.matter for one in self.enclosed)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The verdict on a message, with the reason in a sentence for the co-ordinator."""

    message: str
    verdict: Verdict
    reason: str
    respondents: tuple[str, ...] = ()


# What mail may be about beside a return -------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Topic:
    """Something that mail may be about, as a site lists it.

    `name` says it in a sentence ("a complaint"). `office` deals with it, at `address`: "" is the co-ordinator for both.
    An answer is due `working_days` or `months` after the day it came; with 0 for both the law sets none. One of
    `phrases` in a sentence makes it this topic; one of `mentions` does where the sentence does not report on the work;
    one of `strangers` does where nobody writes who has to do with returns.
    """

    key: str
    name: str
    office: str = ""
    address: str = ""
    working_days: int = 0
    months: int = 0
    phrases: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()

    def find_due(self, came: date, days: WorkingDays) -> date | None:
        """By when an answer is due by law; None when it sets no day, or lies beyond the known bank holidays."""
        if self.working_days:
            try:
                return days.plus(came, self.working_days)
            except HolidaysRunOut:
                return None
        return _add_months(came, self.months) if self.months else None


@dataclass(frozen=True, kw_only=True)
class Topics:
    """The topics of a site. `footers` and `reporting` are words of sentences that are about none (see topics.toml)."""

    topics: tuple[Topic, ...] = ()
    footers: tuple[str, ...] = ()
    reporting: tuple[str, ...] = ()

    def find(self, key: str) -> Topic:
        """The topic of that key; one that the site lists no more is called by its key."""
        return next((topic for topic in self.topics if topic.key == key), Topic(key=key, name=key))


NO_TOPICS = Topics()


def _add_months(day: date, months: int) -> date:
    """The same day so many months later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
