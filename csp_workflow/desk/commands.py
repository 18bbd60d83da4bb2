"""An order of the co-ordinator's: how it is worded and was read, what it is judged by, and what comes of it.

What people put around an order changes nothing: politeness, bullets, emphasis.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from csp_workflow.desk.persons import Person
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleDates, Quarter
from csp_workflow.terms.events import Decision, Event, Happened, Letter, QueuedLetter
from csp_workflow.terms.messages import Attachment, Verdict
from csp_workflow.terms.phrases import day as full_day
from csp_workflow.terms.phrases import moment
from csp_workflow.terms.queries import Dispute
from csp_workflow.terms.returns import Finding, Submission
from csp_workflow.terms.service_status import ServiceStatus
from csp_workflow.terms.site import Contact, Respondent, Site
from csp_workflow.terms.status import CycleStatus, ReturnStatus
from csp_workflow.terms.written_days import Longer


class Verb(StrEnum):
    """What may be ordered. APPROVED and CERTIFIED record what a chair or a budget holder said elsewhere: by mail only
    they themselves do."""

    STOP = "STOP"
    PROOF = "PROOF"
    SEND = "SEND"
    REISSUE = "REISSUE"
    HOLD = "HOLD"
    RESUME = "RESUME"
    RELEASE = "RELEASE"
    YES = "YES"
    NO = "NO"
    EXTEND = "EXTEND"
    NIL = "NIL"
    DECLINE = "DECLINE"
    REOPEN = "REOPEN"
    ACCEPT = "ACCEPT"
    APPROVED = "APPROVED"
    CERTIFIED = "CERTIFIED"
    RETURN = "RETURN"
    DONE = "DONE"
    ASSIGN = "ASSIGN"
    DISMISS = "DISMISS"
    REPLAY = "REPLAY"
    DRAFT = "DRAFT"
    SHOW = "SHOW"
    CLEAR = "CLEAR"
    CIRCULATE = "CIRCULATE"
    ACTION = "ACTION"
    NOTES = "NOTES"
    CLOSE = "CLOSE"
    ADDRESS = "ADDRESS"
    ANSWER = "ANSWER"
    ANSWERS = "ANSWERS"
    RECALL = "RECALL"
    LATER = "LATER"
    AGREE = "AGREE"
    AGREED = "AGREED"
    RETURNED = "RETURNED"
    CONTACT = "CONTACT"
    SETUP = "SETUP"
    APPLY = "APPLY"
    CALLED = "CALLED"
    AWAY = "AWAY"
    BACK = "BACK"
    RESEND = "RESEND"
    FOUND = "FOUND"
    WITHDRAW = "WITHDRAW"
    FIND = "FIND"
    EXPORT = "EXPORT"
    ERASE = "ERASE"
    STATUS = "STATUS"
    EXPLAIN = "EXPLAIN"
    DASHBOARD = "DASHBOARD"
    YEAR = "YEAR"
    HELP = "HELP"


HARMLESS = frozenset(
    {
        *(Verb.STOP, Verb.HOLD, Verb.NO, Verb.STATUS, Verb.SETUP, Verb.FIND, Verb.EXPORT, Verb.ERASE),
        *(Verb.EXPLAIN, Verb.DASHBOARD, Verb.YEAR, Verb.HELP, Verb.RECALL),
    }
)
"""What lets no letter leave to others, and can be done again or taken back: done whatever else a reply says."""

BRINGS_LETTER = frozenset(
    {
        *(Verb.STATUS, Verb.EXPLAIN, Verb.SHOW, Verb.FIND, Verb.EXPORT, Verb.DASHBOARD, Verb.YEAR),
        *(Verb.SETUP, Verb.PROOF, Verb.DRAFT),
    }
)
"""What is followed at once by a letter to her that says all there is to say of it."""

ANSWERED_AT_ONCE = frozenset(
    {
        *(Verb.STOP, Verb.HOLD, Verb.RESUME, Verb.RELEASE, Verb.ANSWER, Verb.RECALL, Verb.AWAY, Verb.BACK),
        *(Verb.ASSIGN, Verb.REPLAY, Verb.APPLY, Verb.HELP, Verb.ERASE),
    }
)
"""What stops or lets go, may be taken back for a while, or brings something: its answer waits for no morning. Nor does
that of a CLEAR alone: the next step is hers."""


_STAND_FOR_HERS = (
    r"whom|who|reason|evidence|name|name surname|chair(?: ?s)? name|how you know|few words|reason in a few words"
    r"|what is asked|what was said"
)
_STANDS_FOR_HERS = re.compile(rf"(?:(?:and|the|a|an|my|your|in) )*(?:{_STAND_FOR_HERS})")

LOUD = "STOP|SEND|REISSUE|HOLD|RESUME|RELEASE|EXTEND|DECLINE|ACCEPT|ASSIGN|DISMISS|CIRCULATE|REOPEN"
"""Orders that nobody writes in capitals, or first in a line, for another purpose; a pattern."""

_USUAL_WORDS = {
    *(Verb.RETURN, Verb.APPROVED, Verb.CERTIFIED),
    *(Verb.ANSWER, Verb.ANSWERS, Verb.LATER, Verb.DRAFT, Verb.SHOW, Verb.PROOF),
    *(Verb.ACTION, Verb.NOTES, Verb.CLOSE, Verb.AGREE, Verb.AGREED, Verb.RETURNED, Verb.CALLED),
    *(Verb.AWAY, Verb.BACK, Verb.FOUND, Verb.WITHDRAW, Verb.EXPLAIN, Verb.APPLY, Verb.DASHBOARD),
    *(Verb.FIND, Verb.EXPORT, Verb.YEAR),
}
_SET_UP = re.compile(r"^set[\s-]?up\b", re.IGNORECASE)
_MARKUP = re.compile(r"[*`~\"\u201c\u201d\u201e\u00ab\u00bb]|(?<![^\W_])_+|_+(?![^\W_])")
_BULLET = re.compile(r"^(?:[\W_]+|\(?(?:\d{1,2}|[a-hA-H])[.)]\s+)")
_AGREES = (
    r"ok(?:ay)?|right|great|fine|good|perfect|lovely|(?-i:[Aa]greed)|noted|understood|(?:many )?thanks|cheers"
    r"|thank you(?: very much| so much)?|(?:i(?: am|['\u2019]m) )?happy with (?:this|that|it|these|them)"
    r"|(?:(?:it|this|that|everything) )?(?:all |looks |all looks |is |is all )(?:ok(?:ay)?|good|fine|great)(?: to me)?"
)
_POLITE = re.compile(
    rf"^(?:{_AGREES}|please|pls|plz|kindly|so|and|then|also|next|now|first|finally|(?:could|can|would|will) you"
    r"|(?:i(?: am|['\u2019]m) )?(?:happy|fine|good|ok)(?: for (?:you|this|these|it|them))? to"
    r"|you (?:can|may)|i(?: would|['\u2019]d) like to|i want to|go ahead(?: and)?|feel free to|let(?:['\u2019]s| us)"
    r"|(?:my )?(?:reply|answer|order|orders|command|response)(?: is)?)(?![\w'\u2019-])[\s,.!:;\u2013-]*"
    r"|[\s,.;!\u2013-]+(?:please|pls|plz|thanks|thank you|many thanks|ta|cheers)$",
    re.IGNORECASE,
)
_ONLY_AGREES = re.compile(rf"^(?:(?:{_AGREES})(?![\w'\u2019-])[\s,.!\u2013-]*)+$", re.IGNORECASE)


def is_unfilled(words: str) -> bool:
    """Whether words only show where hers are to stand, as our letters write an order ("BY whom", "BECAUSE reason")."""
    return bool(_STANDS_FOR_HERS.fullmatch(" ".join(re.sub(r"[\W_]+", " ", words.lower()).split())))


def only_agrees(line: str) -> bool:
    """Whether a line says no more than that all is well ("OK", "Great, thanks!", "Looks good to me")."""
    return bool(_ONLY_AGREES.match(_MARKUP.sub("", line).strip()))


def strip_politeness(line: str) -> str:
    """A line without bullets, emphasis, politeness, quotation marks and closing punctuation."""
    line = _MARKUP.sub("", unicodedata.normalize("NFKC", line)).strip()
    before = ""
    while before != line:
        before, line = line, _BULLET.sub("", re.sub(r"[\W_]+$", "", line))
        line = _POLITE.sub("", line) or line
    return _SET_UP.sub(Verb.SETUP, line)


def find_first_word(line: str) -> str:
    """The first word, in capitals."""
    return re.split(r"[\s:,;.\u2013\u2014-]+", line, maxsplit=1)[0].upper()


def begins_like_order(line: str) -> bool:
    """Whether a line's first word, politeness apart, is that of an order; a usual word only in capitals."""
    plain = strip_politeness(line)
    word = find_first_word(plain)
    return word in Verb.__members__ and (Verb[word] not in _USUAL_WORDS or plain.startswith(word))


MEASURES, INTRODUCTIONS = "measures", "introductions"
_SENT_APART = {
    MEASURES: re.compile(r"(?:(?:the )?(?:letters|requests) )?(?:for |about )?(?:the |their )?measures", re.IGNORECASE),
    INTRODUCTIONS: re.compile(r"(?:the )?(?:introductions?|first letters?)", re.IGNORECASE),
}


def find_sent_apart(words: str) -> str:
    """What a SEND lets go by itself, apart from the requests: the letters about measures, or the introductions."""
    return next((name for name, called in _SENT_APART.items() if called.fullmatch(words)), "")


_SAY_BY = {Verb.APPROVED, Verb.CERTIFIED, Verb.NIL, Verb.DECLINE}
_SAY_WHOM = {Verb.DISMISS, Verb.REISSUE, Verb.SEND, Verb.EXTEND, Verb.HELP, Verb.DASHBOARD, Verb.SHOW}
"""Orders about a group that has a word of its own."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """One order as read. `respondent` and `board` are codes that the site has; `message` and `address` as typed.

    `words` is the line it was read from, to be said back. An ANSWER has a `text` to go on, names `files` of the mail
    that it came in, and may say in words to `whom`. A CONTACT has the rest of what it says in `person`;
    a CIRCULATE may be `as_cleared`, whatever came since, and `as_written`, though it may name a person; a CLEAR
    `unwaited`, though partnerships were not shown what is printed of them, or may still object. `erratum` is the number
    of the erratum to a paper that is meant, 0 where none is given; None: it is about the paper itself.
    `unplaced`: words of hers that have no place in a paper are meant. What an ACTION asks stands in `text`, and the ref
    of what a CLOSE closes in `action`. An AWAY begins on the day `since`; `letter` is the id of one of ours, as typed.
    An EXTEND names a day, or how much `longer` than the one that stands. Whom a FIND or EXPORT is about stands in
    `text`. `questions` are the numbers of what an ANSWERS or an ACCEPT is about: "Q2".
    """

    verb: Verb
    words: str
    respondent: str = ""
    day: date | None = None
    longer: Longer | None = None
    reason: str = ""
    board: str = ""
    message: str = ""
    address: str = ""
    whom: str = ""
    text: str = ""
    files: tuple[str, ...] = ()
    person: Person | None = None
    as_cleared: bool = False
    as_written: bool = False
    unwaited: bool = False
    erratum: int | None = None
    action: str = ""
    unplaced: bool = False
    questions: tuple[str, ...] = ()
    since: date | None = None
    letter: str = ""

    def write(self) -> str:
        """The order as it was understood, in the words that the list of orders has."""
        if self.person:
            return f"{self.verb.value} {self.respondent} {self.person.write()}"
        if self.verb is Verb.ACTION and self.day:
            named = " ".join(filter(None, (self.board, self.respondent)))
            return f"{self.verb.value} {named} BY {full_day(self.day)}: {self.text}"
        if self.verb is Verb.CALLED:
            until = f" UNTIL {full_day(self.day)}" if self.day else ""
            return f"{self.verb.value} {self.respondent} {self.whom}".rstrip() + f"{until}: {self.reason}"
        if self.verb is Verb.AWAY and self.since and self.day:
            return f"{self.verb.value} FROM {full_day(self.since)} TO {full_day(self.day)}"
        ok = "OK " if self.verb is Verb.ADDRESS else ""
        named = " ".join(
            filter(None, (self.message or self.letter, self.address and f"{ok}{self.address}", self.board, self.action))
        )
        named = (
            self.text if self.verb in {Verb.AGREE, Verb.YEAR, Verb.APPLY, Verb.FIND, Verb.EXPORT, Verb.ERASE} else named
        )
        named += "" if self.erratum is None else f" ERRATUM {self.erratum or ''}".rstrip()
        named = f"{named} WORDS".strip() if self.unplaced else named
        whom = f"TO {self.respondent}" if self.verb is Verb.ASSIGN else self.respondent
        whom = f"{whom} {self.whom.upper()}".strip() if self.verb in _SAY_WHOM else whom
        whom = " ".join((whom, *self.questions)).strip()
        by = f"BY {self.whom}" if self.whom and self.verb in _SAY_BY else ""
        until = f"TO {full_day(self.day)}" if self.day else f"BY {self.longer}" if self.longer else by
        why = f"BECAUSE {self.reason}" if self.reason else ""
        how = " AND ".join(["AS CLEARED"] * self.as_cleared + ["AS WRITTEN"] * self.as_written)
        how += "WITHOUT WAITING" * self.unwaited
        return " ".join(filter(None, (self.verb.value, named, whom, until, why, how)))


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of hers: what it orders, and what in it was not understood ("" for nothing), in a sentence."""

    words: str
    commands: tuple[Command, ...] = ()
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """A reply's lines in their order, without those that only greet, thank or sign.

    `has_files`: something is attached that is not used, so that it may not say all she means.
    """

    lines: tuple[Line, ...] = ()
    has_files: bool = False

    @property
    def commands(self) -> tuple[Command, ...]:
        """All that it orders."""
        return tuple(command for line in self.lines for command in line.commands)

    @property
    def not_understood(self) -> tuple[Line, ...]:
        """The lines to ask about."""
        return tuple(line for line in self.lines if line.fault)

    @property
    def halts(self) -> bool:
        """Whether it says STOP."""
        return any(command.verb is Verb.STOP for command in self.commands)


# What it is judged by, and what comes of it ---------------------------------------------------------

COMMAND_LINE = ""
"""The `sender` of an order given by command: whoever may run the program may order."""


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """What is known when an order is carried out.

    `sender` is the address it came from (COMMAND_LINE for the command line), `message` the content
    identity of its mail, which came when it `came`. `status` and `dates` are those of the quarter it is about: that of
    the letter it answers, else the cycle that is running; None when there is none. `waiting` are the
    messages that wait for a person, `others` those that do not; `answered` is the letter of ours that the mail
    replies to, `files` what is attached to it, `brought` the board whose draft came in it; `is_unseen`: the latest
    draft is another than that file. `letters` are those of the quarter, `answers` all that she wrote to somebody by
    ANSWER, and `planned` the dates of every quarter that is not put away. `queries` are the open questions about each
    respondent's return, and the police figures that it disputes, by their numbers. `stuck` are our letters that wait
    for a person, `stated` the latest versions that state grant money, by their respondents. `try_step` is asked whether
    a step could do what an order wants of it, and raises where it could not.
    """

    site: Site
    service: ServiceStatus
    sender: str
    message: str
    came: datetime | None = None
    status: CycleStatus | None = None
    dates: CycleDates | None = None
    waiting: tuple[WaitingMessage, ...] = ()
    answered: QueuedLetter | None = None
    letters: tuple[QueuedLetter, ...] = ()
    others: tuple[WaitingMessage, ...] = ()
    answers: tuple[QueuedLetter, ...] = ()
    files: tuple[Attachment, ...] = ()
    planned: tuple[CycleDates, ...] = ()
    queries: Mapping[str, Mapping[str, Finding | Dispute]] = field(default_factory=dict)
    stuck: tuple[QueuedLetter, ...] = ()
    stated: Mapping[str, Submission] = field(default_factory=dict)
    brought: str = ""
    is_unseen: bool = False
    try_step: TryStep = field(default=lambda _, __, ___: None, compare=False)

    def is_overtaken(self, said: datetime | None) -> bool:
        """Whether something was said after the order was written, however late that is read: it does not undo it."""
        return self.came is not None and said is not None and self.came < said

    @property
    def by(self) -> str:
        """Who orders, as events keep it."""
        return self.sender or "the command line"


@dataclass(frozen=True, kw_only=True)
class StepOrder:
    """Something only a step can do, to be done together with the order's decision. `letters` lack what it adds."""

    kind: Literal[
        "proof", "send", "introduce", "draft", "show", "clear", "circulate", "erratum", "no erratum",
        "no words", "assign", "status", "show files", "show edits", "explain", "find", "export", "dashboard",
        "public dashboard", "stuck letter", "answer", "answers", "return", "later", "replay", "reissue",
        "measures proof", "measures send", "measures agreed", "measures returned", "setup", "apply", "year",
    ]  # fmt: skip
    quarter: Quarter | None
    board: str = ""
    message: str = ""
    letter: str = ""
    respondent: str = ""
    letters: tuple[Letter, ...] = ()
    day: date | None = None
    as_cleared: bool = False
    as_written: bool = False
    unwaited: bool = False
    erratum: int = 0
    reason: str = ""
    year: str = ""
    code: str = ""
    questions: tuple[str, ...] = ()
    whom: tuple[str, ...] = ()


TryStep = Callable[[StepOrder, OrderFacts, datetime], object]


@dataclass(frozen=True, kw_only=True)
class CarriedOut:
    """An order that stands: what to commit, what the step must do too, and what to say of it (at once if `is_news`)."""

    sentences: tuple[str, ...]
    decision: Decision = field(default_factory=Decision)
    order: StepOrder | None = None
    is_news: bool = False


class Refused(Exception):
    """An order cannot be carried out; the sentence says why and what would be right."""


class HeldBack(Refused):
    """An order would stand, and waits because of what is written beside it."""


def may_order(facts: OrderFacts, today: date) -> bool:
    """Only the co-ordinator, and the deputy while she is away; or whoever runs the program itself."""
    return facts.sender == COMMAND_LINE or facts.site.office.may_command(facts.sender, today)


def find_orderer(facts: OrderFacts) -> Contact:
    """The office's contact behind the sender; the co-ordinator for the command line."""
    deputy = facts.site.office.deputy
    if deputy and deputy.address.lower() == facts.sender.lower():
        return deputy
    return facts.site.office.co_ordinator


def require_cycle(facts: OrderFacts) -> CycleView:
    """The quarter an order is about. Refused when none is planned."""
    if facts.status is None or facts.dates is None:
        raise Refused("No quarter is under way, so there is nothing this could be about.")
    return CycleView(site=facts.site, dates=facts.dates, status=facts.status, service=facts.service)


def find_respondent(facts: OrderFacts, code: str) -> Respondent:
    """The respondent that an order names."""
    return next(r for r in facts.site.respondents if r.code == code)


def find_return(facts: OrderFacts, code: str) -> tuple[Respondent, ReturnStatus]:
    """A respondent that owes a return in the quarter. Refused when it owes none."""
    found = find_respondent(facts, code)
    cycle = require_cycle(facts)
    stands = cycle.status.returns.get(found.key)
    if stands is None:
        raise Refused(f"{found.name} owes no return for {cycle.quarter}.")
    return found, stands


def find_waiting(facts: OrderFacts, typed: str) -> WaitingMessage:
    """The waiting message meant by the beginning of its id; without one, what the answered letter is about."""
    found = find_message(facts, typed)
    if found not in facts.waiting:
        raise Refused(f"Message {found.short} waits for nobody: it was settled already, or nothing was to be decided.")
    return found


def find_message(facts: OrderFacts, typed: str) -> WaitingMessage:
    """The message meant by the beginning of its id, one that waits before any other; else the answered letter's."""
    named = {one.message for one in facts.answered.about} if facts.answered else set()
    named |= {one.message for x in facts.answers if x.cause in named for one in x.about}  # our echo of an answer
    begins = typed.lower().strip("<>[]#")
    for messages in (facts.waiting, facts.others):
        found = [m for m in messages if (m.id.startswith(begins) and len(begins) >= 4 if typed else m.id in named)]
        found = [m for m in found if m.verdict is not Verdict.COMMAND]
        if len(found) == 1:
            return found[0]
        if found:
            break
    ids = ", ".join(m.short for m in facts.waiting) or "none"
    tried = {one[:10]: failed for one, failed in facts.service.failures.items() if one.startswith(begins)}
    if len(begins) >= 4 and not found and len(tried) == 1:
        (short, failed), *_ = tried.items()
        raise Refused(
            f"Message {short} is being looked at: we failed on it last at {moment(failed.last)} and try again by "
            "ourselves. Nothing is decided about it so far."
        )
    if typed:
        raise Refused(f"{'No' if not found else 'More than one'} message begins with '{typed}'. Waiting: {ids}.")
    raise Refused(f"This letter is about no single message. Please name its id. Waiting: {ids}.")


def list_answered(facts: OrderFacts) -> tuple[WaitingMessage, ...]:
    """The waiting messages that the answered letter is about."""
    named = {one.message for one in facts.answered.about} if facts.answered else set()
    return tuple(m for m in facts.waiting if m.id in named)


# The events of an order --------------------------------------------------------------------------


def keep_order(
    command: Command,
    facts: OrderFacts,
    now: datetime,
    *changes: Event,
    respondent: str = "",
    letters: tuple[Letter, ...] = (),
) -> Decision:
    """The changes with the order that made them. The order itself is kept without its reason, which is narrative."""
    kept = Event(
        kind=Happened.COMMANDED,
        at=now,
        by=facts.by,
        quarter=facts.status.quarter if facts.status and respondent in (*facts.status.returns, "") else None,
        respondent=respondent,
        subject=facts.message,
        facts={"command": command.verb.value},
    )
    return Decision(events=(*changes, kept), letters=letters)


def note_change(
    kind: Happened,
    facts: OrderFacts,
    now: datetime,
    *,
    quarter: Quarter | None = None,
    respondent: str = "",
    subject: str = "",
    **about: str | int | bool | None,
) -> Event:
    """One change by order. Without `quarter` it concerns the service."""
    came = facts.came if facts.came and facts.came < now else None
    return Event(
        kind=kind, at=now, by=facts.by, quarter=quarter, respondent=respondent, subject=subject, facts=about, came=came
    )
