"""Reading the co-ordinator's reply: each of her own lines as orders, or as something to ask her about.

Letter case, politeness and punctuation do not matter. No line is dropped: whatever is no greeting, thanks or signature
is an order or is said back as not understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from csp_workflow.desk.days import DayNotRead, split_day
from csp_workflow.desk.names import Directory, NotFound, list_boards, list_respondents
from csp_workflow.desk.own_answer import WrittenAnswer, find_answer, is_head
from csp_workflow.desk.own_lines import (
    halts,
    is_own_subject,
    list_own_lines,
    subject_bears_on_orders,
    subject_halts,
)
from csp_workflow.desk.persons import Person, PersonNotRead, read_person
from csp_workflow.desk.verbs import HARMLESS, LOUD, Verb, begins_like_order, find_first_word, strip_politeness
from csp_workflow.terms.phrases import day as full_day
from csp_workflow.terms.site import Site, is_address


@dataclass(frozen=True, kw_only=True)
class Command:
    """One order as read. `respondent` and `board` are codes that the site has; `message` and `address` as typed.

    `words` is the line it was read from, to be said back. An ANSWER has a `text` to go on, names `files` of the mail
    that it came in, and may say in words to `whom`. A CONTACT has the rest of what it says in `person`.
    """

    verb: Verb
    words: str
    respondent: str = ""
    day: date | None = None
    reason: str = ""
    board: str = ""
    message: str = ""
    address: str = ""
    whom: str = ""
    text: str = ""
    files: tuple[str, ...] = ()
    person: Person | None = None

    def write(self) -> str:
        """The order as it was understood, in the words that the list of orders has."""
        if self.person:
            return f"{self.verb.value} {self.respondent} {_write_person(self.person)}"
        ok = "OK " if self.verb is Verb.ADDRESS else ""
        named = " ".join(filter(None, (self.message, self.address and f"{ok}{self.address}", self.board)))
        whom = f"TO {self.respondent}" if self.verb is Verb.ASSIGN else self.respondent
        until = f"TO {full_day(self.day)}" if self.day else f"BY {self.whom}" if self.verb is Verb.APPROVED else ""
        why = f"BECAUSE {self.reason}" if self.reason else ""
        return " ".join(filter(None, (self.verb.value, named, whom, until, why)))


def _write_person(person: Person) -> str:
    since = f"FROM {full_day(person.since)}" if person.since else ""
    until = f"TO {full_day(person.until)}" if person.until else ""
    instead = f"INSTEAD OF {person.instead_of}" if person.instead_of else ""
    return " ".join(filter(None, (person.role.value, person.name, f"<{person.address}>", since, until, instead)))


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


_CLAUSE = re.compile(r"\s*[,;(\u2013\u2014]\s*|\s+-\s+")
_SENTENCE_ENDS = re.compile(r"[.!;]\s+\w")
_SAYS_MORE = re.compile(
    r"^(?:but|not|except|unless|if|only|wait|once|subject|don['\u2019]?t|do not|ignore|scrap|cancel|sorry|actually"
    r"|please|let me|hold|leave out|and leave|tomorrow|after|before|until)\b",
    re.IGNORECASE,
)
"""How a clause begins that is no part of a reason."""
_ASKS_POLITELY = re.compile(r"^\W*(?:(?:please|could you|would you)[\s,]+)+[^?]*\?\W*$", re.IGNORECASE)
_EVERYTHING = re.compile(
    r"^(?:all|everything|everyone|everybody|it|them|(?:all )?(?:the )?(?:sending|letters|e-?mails)|the lot)$",
    re.IGNORECASE,
)
_REQUESTS = re.compile(
    r"^(?:(?:it|them|these|those|all|everything|(?:it|them) all|all of (?:it|them)|(?:all )?(?:of )?(?:the )?"
    r"(?:requests?|letters|forms|proofs?|proof pack|e-?mails|lot))\b)?\s*(?:to (?:all|everyone|everybody)\b)?\s*"
    r"(?:out|off|now|at once|asap|straight ?away|as (?:it is|they are|is|proved|shown))?$",
    re.IGNORECASE,
)
_PAPER = re.compile(
    r"^(?:it|this|that|(?:the |this )?(?:latest |last |cleared )?(?:draft|paper|report))?$", re.IGNORECASE
)
_ADDRESS = re.compile(r"[^\s<>@,;]+@[^\s<>@,;]+")
_BECAUSE = re.compile(r"^[\s,;:.(\u2013\u2014-]*(?:because(?:\s+of)?|reason)\b[\s:,\u2013-]*", re.IGNORECASE)
_NO_REASON = re.compile(
    r"^(?:but|except|apart|unless|if|only|or|and|not|when|once|until|till|after|before|provid\w+|subject|maybe|perhaps"
    r"|possibly|instead|then|also|at|by|for|next|this|to|in|on|from|with|without|week)\b|\bbut\b",
    re.IGNORECASE,
)
"""How words begin, or what stands in them, that say more than why."""
_RESERVES = re.compile(r"\b(?:except|excluding|unless|subject to|apart from|other than|on condition)\b", re.IGNORECASE)
_ORDER_INSIDE = re.compile(rf"\b(?:{LOUD}|CONTACT)\b")
_NAMING = frozenset({Verb.HOLD, Verb.RESUME, Verb.CLEAR, Verb.CIRCULATE, Verb.DONE})
"""Orders that may stand alone or name something."""
_NEXT_ORDER = re.compile(
    rf"(?<=[.!;])\s+(?=(?i:{LOUD})\b)|\s*[,;]?\s+(?:and then|and|then|&)\s+(?=(?:{LOUD})\b)"
    rf"|\s*[;,/|]\s*(?=(?:{LOUD})\b)"
)
_GOES_ON = re.compile(r"^(?:because|from|to|until|till|instead|and|&)(?!\w)", re.IGNORECASE)
_ITS_FORM = re.compile(r"^(?:return|form)?\s*(?:back\s*)?(?:to (?:them|(?:the|its|their) lead)\b)?\s*", re.IGNORECASE)
_IDS = re.compile(r"(?:[\[<#(]*[0-9a-f]{4,64}[\])>]*(?:\s*[,;&]\s*|\s+and\s+|\s+|$))+", re.IGNORECASE)
_BROKEN_BEFORE_ADDRESS = re.compile(r"^(\W*contact\b[^@\n]*)\n[ \t]*(?=<?[^\s<>@]+@\S)", re.IGNORECASE | re.MULTILINE)
"""A line of its own that is only an address would be taken for a signature's."""
_ENDS_WITH_BECAUSE = re.compile(r"\b(?:because|reason)\W*$", re.IGNORECASE)
_MID_SENTENCE = re.compile(r"^(?:is|are|was|were|has|have|had|will|would|of|who|which|that)\b")
_WRAPPED = 66
"""A line that would have been so long with the next word may have been broken by a mail program."""
_FURNITURE = "It stands below a closing or among quoted words, so it was not taken as an order."
_QUESTION = "It has a question mark, so it was not taken as an order."
_IN_THE_SUBJECT = "Of a subject only STOP counts. Write orders into the letter itself."
_INSIDE = (
    "reads like an order, so nothing was sent to anybody. If it is one, write it above ANSWER or in a letter of its "
    "own; if it is meant for them, please put it in other words."
)
_APPROVED_BY = (
    "Only the chair approves a return, from the chair's own address. To record what the chair said elsewhere, write "
    "APPROVED CODE BY the chair's name BECAUSE and how you know."
)
_NAMES_SOMEBODY = re.compile(
    r"^(?=.*\S@\S)(?:.*\bnew (?:lead|deputy|chair)|(?:lead|deputy|chair)\w*(?: officer)? (?:for|of|at)\b)",
    re.IGNORECASE,
)
"""How somebody is named without the order's word."""
_NO_ORDER = "It does not begin with an order."


class _NotRead(Exception):
    """A line is no order; the sentence says what is wrong. `done` is what of it stands all the same."""

    def __init__(self, sentence: str, *done: Command) -> None:
        super().__init__(sentence)
        self.done = done


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What lines are read with: the day she wrote, and what there is to name."""

    today: date
    respondents: Directory
    boards: Directory


def parse(text: str, *, today: date, site: Site, names: Sequence[str] = (), subject: str = "") -> Parsed:
    """Read a reply (its new part, without what it quotes), written on the day `today`.

    `names` are those the sender signs with. Of the `subject` only a STOP counts; other orders in it are said back.
    """
    text = _BROKEN_BEFORE_ADDRESS.sub(r"\1 ", text)
    known = _Known(today=today, respondents=list_respondents(site), boards=list_boards(site))
    answer = find_answer(subject, text)
    if answer:
        text, subject = answer.above, "" if answer.is_subject else subject
    lines: list[Line] = []
    is_first, is_joined = True, False
    for words, matter in list_own_lines(text, site.courtesies, names, is_order=lambda line: _is_order(line, known)):
        if not words:
            is_joined = False
            continue
        longer = _go_on(lines[-1], words, known) if lines and is_joined and matter else None
        if longer is not None:
            lines[-1] = longer
            continue
        lines.append(_read(words, matter, known, is_first=is_first))
        is_first, is_joined = False, True
    answered = _read_answer(answer, known) if answer else ()
    return Parsed(lines=(*_read_subject(subject, lines, known), *lines, *answered))


def _read_subject(subject: str, lines: Sequence[Line], known: _Known) -> Iterator[Line]:
    """A STOP in the subject counts. Another order stands in the letter itself, and is asked about where it does not."""
    words = f"Subject: {subject.strip()}"
    if subject_halts(subject):
        yield Line(words=words, commands=(Command(verb=Verb.STOP, words=words),))
    elif is_own_subject(subject):
        line = _read(words, subject, known)
        read = {replace(command, words="") for command in line.commands if not line.fault}
        said = {replace(command, words="") for line in lines for command in line.commands}
        if (read and not read <= said) or (not read and subject_bears_on_orders(subject)):
            yield Line(words=words, fault=_IN_THE_SUBJECT)


def _read_answer(said: WrittenAnswer, known: _Known) -> Iterator[Line]:
    """An ANSWER. What would be an order among its words is asked about, and nothing goes; a STOP in it halts."""
    inside = [line.strip() for line in said.words.split("\n") if _is_order_inside(line, known)]
    for line in inside:
        if halts(line, is_first=False):
            yield Line(words=line, commands=(Command(verb=Verb.STOP, words=line),))
    if inside:
        yield Line(words=said.line, fault=f"'{inside[0]}' {_INSIDE}")
        return
    codes, more = known.respondents.split(said.rest) if said.rest else ((), "")
    is_named = len(codes) == 1 and not more
    order = Command(
        verb=Verb.ANSWER,
        words=said.line,
        message=said.message,
        respondent=codes[0] if is_named else "",
        whom=said.whom,
        text=said.words.removeprefix(said.rest).strip() if is_named else said.words,
        files=said.files,
    )
    yield Line(words=said.line, commands=(order,))


def _is_order_inside(line: str, known: _Known) -> bool:
    is_loud = bool(re.search(rf"\b(?:{LOUD})\b", line)) and not line.isupper()
    return bool(line.strip()) and (is_loud or is_head(line, is_first=False) or bool(_read(line, line, known).commands))


# One line -------------------------------------------------------------------------------------------


def _go_on(line: Line, words: str, known: _Known) -> Line | None:
    """Mail programs break long lines: the line with what follows it, where that is no order and goes on with it."""
    is_open = bool(_ENDS_WITH_BECAUSE.search(line.words))
    if halts(words, is_first=False) or (begins_like_order(words) and not is_open):
        return None
    longer = f"{line.words} {words}"
    would_be = len(f"{line.words} {words.split(maxsplit=1)[0]}")
    if line.commands and line.commands[-1].reason:
        is_broken = would_be >= _WRAPPED or bool(_MID_SENTENCE.match(words))
        goes_on = is_broken and not _NO_REASON.match(words)
    else:
        is_long = would_be >= _WRAPPED and find_first_word(strip_politeness(line.words)) == Verb.CONTACT
        goes_on = is_open or is_long or bool(_GOES_ON.match(words))
    if not goes_on:
        return None
    read = _read(longer, longer, known)
    return None if read.fault or not read.commands or read.commands[0].verb is Verb.STOP else read


def _is_order(line: str, known: _Known) -> bool:
    read = _read(line, line, known)
    return bool(read.commands) and not read.fault


def _read(words: str, matter: str, known: _Known, *, is_first: bool = False) -> Line:
    if not matter:
        return Line(words=words, fault=_FURNITURE)
    if halts(matter, is_first=is_first):
        return Line(words=words, commands=(Command(verb=Verb.STOP, words=words),))
    commands: list[Command] = []
    try:
        for clause in _split_orders(matter):
            commands += _read_clause(clause, words, known)
    except _NotRead as fault:
        # A line is one thing: what is not understood in it bears on all of it, and only a hold stands.
        held = [c for c in (*commands, *fault.done) if c.verb is Verb.HOLD]
        return Line(words=words, commands=tuple(held), fault=str(fault))
    return Line(words=words, commands=tuple(commands))


def _split_orders(matter: str) -> list[str]:
    """A line at the places where another order begins; what stands before the first one belongs to it."""
    clauses: list[str] = []
    at = 0
    for parting in _NEXT_ORDER.finditer(matter):
        before = matter[at : parting.start()]
        # "CLEAR and CIRCULATE speb" may be about one paper or two; a YES before another order only agrees.
        is_bare = (
            strip_politeness(before).upper() in {*_NAMING, Verb.YES}
            and ";" not in parting[0]
            and before[-1:] not in ".!"
        )
        if begins_like_order(before) and not is_bare:
            clauses.append(before)
            at = parting.end()
    return [*clauses, matter[at:]]


def _read_clause(clause: str, words: str, known: _Known) -> list[Command]:
    plain = strip_politeness(clause)
    word = find_first_word(plain)
    if word == "YES" and begins_like_order(plain[3:]):
        plain = strip_politeness(plain[3:])
        word = find_first_word(plain)
    if word == "APPROVE":
        plain, word = f"{word}D{plain[len(word) :]}", "APPROVED"
    if word not in Verb.__members__:
        if not _NAMES_SOMEBODY.search(plain):
            raise _NotRead(_NO_ORDER)
        word, plain = Verb.CONTACT.value, f"{Verb.CONTACT} {plain}"
    verb, rest = Verb[word], plain[len(word) :].strip(" :,;.-\u2013\u2014")
    if "?" in clause and verb not in HARMLESS and not _ASKS_POLITELY.match(clause):
        raise _NotRead(_QUESTION)
    try:
        return list(_READERS[verb](Command(verb=verb, words=words), rest, known))
    except (NotFound, DayNotRead, PersonNotRead) as fault:
        raise _NotRead(str(fault)) from None


# One reader for each form of order ------------------------------------------------------------------


def _alone(order: Command, rest: str, _: _Known) -> Iterator[Command]:
    if rest and order.verb is Verb.STOP:
        raise _NotRead("This was not taken as STOP. STOP in capitals, or first in a reply, stops all sending.")
    if rest and not (order.verb is Verb.RELEASE and _EVERYTHING.match(rest)):
        raise _NotRead(f"{order.verb} stands alone on its line.")
    yield order


def _requests(order: Command, rest: str, _: _Known) -> Iterator[Command]:
    if not _REQUESTS.match(rest.strip("()")):
        raise _NotRead(f"{order.verb} stands alone on its line: it sends every request. '{rest}' was not understood.")
    yield order


def _perhaps_some(order: Command, rest: str, known: _Known) -> Iterator[Command]:
    if not rest or _EVERYTHING.match(rest):
        yield order
        return
    codes, more = _split_names(order, rest, known)
    named = [replace(order, respondent=code) for code in codes]
    if more:
        raise _NotRead(f"'{more}' was not understood.", *named)
    yield from named


def _some(order: Command, rest: str, known: _Known) -> Iterator[Command]:
    codes, more = _split_names(order, rest, known)
    if more:
        raise _NotRead(f"'{more}' was not understood.")
    yield from (replace(order, respondent=code) for code in codes)


def _with_reason(order: Command, rest: str, known: _Known) -> Iterator[Command]:
    codes, more = _split_names(order, rest, known)
    reason = _read_reason(more, f"{order.verb} CODE")
    yield from (replace(order, respondent=code, reason=reason) for code in codes)


def _sending_back(order: Command, rest: str, known: _Known) -> Iterator[Command]:
    """BECAUSE must be there: "Return from Melton received" is no order."""
    codes, more = _split_names(order, rest, known)
    more = _ITS_FORM.sub("", more)
    if not _BECAUSE.match(more):
        raise _NotRead("Write: RETURN CODE BECAUSE and the reason in a few words; the lead reads them as you put them.")
    reason = _read_reason(more, "RETURN CODE")
    yield from (replace(order, respondent=code, reason=reason) for code in codes)


def _approval(order: Command, rest: str, known: _Known) -> Iterator[Command]:
    """Who approved and how she knows it must both be said: it stands in the record in the chair's place."""
    found = re.match(
        r"(?P<of>.*?)\bby\s+(?P<whom>.+?)[\s,;:.(\u2013\u2014-]+(?=because\b|reason\b)", rest, re.IGNORECASE
    )
    if not found:
        raise _NotRead(_APPROVED_BY)
    codes, more = _split_names(order, found["of"].strip(" ,:;-"), known)
    if more:
        raise _NotRead(f"'{more}' was not understood. {_APPROVED_BY}")
    reason = _read_reason(rest[found.end() :], "APPROVED CODE BY whom")
    yield from (replace(order, respondent=code, whom=found["whom"], reason=reason) for code in codes)


def _extension(order: Command, rest: str, known: _Known) -> Iterator[Command]:
    codes, more = _split_names(order, rest, known)
    when = re.sub(r"^(?:up )?(?:to|until|till)\b\s*", "", more, flags=re.IGNORECASE)
    if not when or _BECAUSE.match(when):
        raise _NotRead("Write: EXTEND CODE TO 5 November BECAUSE and the reason in a few words.")
    found, more = split_day(when, today=known.today)
    reason = _read_reason(more, "EXTEND CODE TO 5 November")
    yield from (replace(order, respondent=code, day=found, reason=reason) for code in codes)


def _messages(order: Command, rest: str, _: _Known) -> Iterator[Command]:
    ids = [word.strip("<>[]#()") for word in re.split(r"\s*(?:[,;&]|\band\b)\s*|\s+(?=[0-9a-f]{4,}\b)", rest) if word]
    if not ids and order.verb is Verb.DISMISS:
        raise _NotRead("It does not say which message. Write DISMISS and the message's id.")
    if any(" " in one for one in ids):
        raise _NotRead(f"Write {order.verb} and the message's id, and nothing else on the line.")
    yield from (replace(order, message=one) for one in ids or [""])


def _putting_off(order: Command, rest: str, known: _Known) -> Iterator[Command]:
    """In capitals only, and what it names must follow at once: "later for Melton" may take another order back."""
    if not re.search(r"\bLATER\b", order.words):
        raise _NotRead("LATER in capitals, and a message's id or a respondent's code, puts that thing off.")
    ids = _IDS.match(rest)
    codes, more = ((), rest[ids.end() :]) if ids else known.respondents.split(rest)
    when = re.sub(r"^[\s,:]*(?:(?:to|until|till|on)\b)?\s*", "", more, flags=re.IGNORECASE)
    found, beyond = split_day(when, today=known.today) if when else (None, "")
    if beyond:
        raise _NotRead(f"'{beyond}' was not understood.")
    named = re.findall(r"[0-9a-f]{4,}", ids[0], re.IGNORECASE) if ids else []
    yield from (replace(order, message=one.lower(), day=found) for one in named)
    yield from (replace(order, respondent=code, day=found) for code in codes)
    if not named and not codes:
        yield replace(order, day=found)


def _below(order: Command, rest: str, _: _Known) -> Iterator[Command]:
    """An ANSWER that is one was found before its lines were read."""
    if rest or not order.text:
        raise _NotRead(f"Write {order.verb} in capitals at the beginning of a line, and your words below it.")
    yield order


def _assignment(order: Command, rest: str, known: _Known) -> Iterator[Command]:
    found = re.fullmatch(r"(\S+)\s+to\s+(.+)", rest, re.IGNORECASE)
    if not found:
        raise _NotRead("Write: ASSIGN, the message's id, TO, and the respondent's code.")
    codes, more = _split_names(order, found[2], known)
    if more or len(codes) > 1:
        raise _NotRead("A message is assigned to one respondent: write its code, and nothing else on the line.")
    yield replace(order, message=found[1].strip("<>[]#()"), respondent=codes[0])


def _papers(order: Command, rest: str, known: _Known) -> Iterator[Command]:
    if _PAPER.match(rest):
        yield order
        return
    codes, more = known.boards.split(re.sub(r"^(?:to|for)\s+", "", rest, flags=re.IGNORECASE))
    if not codes:
        raise _NotRead(known.boards.explain_unknown(rest))
    if not re.fullmatch(r"(?:papers?|drafts?|reports?)?", more, re.IGNORECASE):
        raise _NotRead(f"'{more}' was not understood.")
    yield from (replace(order, board=code) for code in codes)


def _addresses(order: Command, rest: str, _: _Known) -> Iterator[Command]:
    """Mail programs write an address as "a@b.example<mailto:a@b.example>"; the first one counts."""
    said = re.sub(r"\s*<mailto:[^<>]*>?|\bmailto:|[<>]", " ", rest, flags=re.IGNORECASE)
    begins = re.match(r"ok(?!\w)[\s:,]*", said, re.IGNORECASE)
    found = [w.rstrip(".") for w in re.split(r"[\s,;&]+|\band\b", said[begins.end() :]) if w] if begins else []
    if not found or not all(_ADDRESS.fullmatch(one) for one in found):
        raise _NotRead("Write: ADDRESS OK and the e-mail address that letters may go to again.")
    yield from (replace(order, address=one.lower()) for one in found)


def _contacts(order: Command, rest: str, known: _Known) -> Iterator[Command]:
    person = read_person(rest, known.respondents, today=known.today)
    yield from (replace(order, respondent=code, address=person.address, person=person) for code in person.codes)


def _some_or_address(order: Command, rest: str, known: _Known) -> Iterator[Command]:
    """YES and NO: to a letter to a chair, by code; or about somebody named, by address."""
    said = re.sub(r"\s*<mailto:[^<>]*>?|[<>]|^(?:to|for) ", "", rest).strip(" .").lower()
    yield from [replace(order, address=said)] if is_address(said) else _some(order, rest, known)


def _split_names(order: Command, rest: str, known: _Known) -> tuple[tuple[str, ...], str]:
    rest = re.sub(r"^(?:to|for|from|of)\s+", "", rest, flags=re.IGNORECASE)
    if not rest:
        raise _NotRead(f"It does not say for whom. Write {order.verb} and the respondent's code.")
    codes, more = known.respondents.split(rest)
    if not codes:
        raise _NotRead(known.respondents.explain_unknown(re.split(r"(?i)\s+(?:to|until|because)\b|[,;:]", rest)[0]))
    return codes, more


def _read_reason(said: str, order: str) -> str:
    """Why, as she put it; BECAUSE may be left out where nothing else can be meant."""
    given = _BECAUSE.match(said)
    reason = (said[given.end() :] if given else said).strip(" ,;:.()\u2013\u2014-")
    if not reason:
        raise _NotRead(f"Write: {order} BECAUSE and the reason in a few words.")
    is_more = any(_SAYS_MORE.match(one) for one in _CLAUSE.split(reason)[1:]) or _SENTENCE_ENDS.search(reason)
    is_loud = not reason.isupper() and _ORDER_INSIDE.search(reason)
    if is_more or is_loud or _RESERVES.search(reason) or (not given and _NO_REASON.search(reason)):
        raise _NotRead(f"'{reason}' may be more than a reason. Write {order} BECAUSE and only why.")
    return reason


_READERS: dict[Verb, Callable[[Command, str, _Known], Iterator[Command]]] = {
    **dict.fromkeys((Verb.STOP, Verb.RELEASE, Verb.STATUS, Verb.HELP), _alone),
    Verb.SEND: _requests,
    **dict.fromkeys((Verb.HOLD, Verb.RESUME), _perhaps_some),
    **dict.fromkeys((Verb.YES, Verb.NO), _some_or_address),
    Verb.ACCEPT: _some,
    **dict.fromkeys((Verb.NIL, Verb.DECLINE), _with_reason),
    Verb.APPROVED: _approval,
    Verb.RETURN: _sending_back,
    Verb.EXTEND: _extension,
    **dict.fromkeys((Verb.DONE, Verb.DISMISS, Verb.RECALL), _messages),
    Verb.ANSWER: _below,
    Verb.LATER: _putting_off,
    Verb.ASSIGN: _assignment,
    **dict.fromkeys((Verb.CLEAR, Verb.CIRCULATE), _papers),
    Verb.ADDRESS: _addresses,
    Verb.CONTACT: _contacts,
}
