"""Reading the co-ordinator's reply: each of her own lines as orders, or as something to ask her about.

Letter case, politeness and punctuation do not matter. No line is dropped: whatever is no greeting, thanks or signature
is an order or is said back as not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from csp_workflow.desk.clauses import Known, NotRead, read_order
from csp_workflow.desk.commands import (
    HARMLESS,
    LOUD,
    Command,
    Line,
    Parsed,
    Verb,
    begins_like_order,
    find_first_word,
    strip_politeness,
)
from csp_workflow.desk.names import list_asked, list_boards, list_people, list_respondents
from csp_workflow.desk.own_answer import WrittenAnswer, find_answer, is_head
from csp_workflow.desk.own_lines import (
    halts,
    is_own_subject,
    list_own_lines,
    subject_bears_on_orders,
    subject_halts,
)
from csp_workflow.desk.reasons import says_more_than_why
from csp_workflow.terms.site import RespondentKind, Site

_ASKS_POLITELY = re.compile(
    r"^\W*(?:(?:please|(?:could|would) you)[\s,]+)+[^?]*\?\W*$|^\W*(?:can|will) you\b[^?]*\bbecause\b[^?]*\?\W*$",
    re.IGNORECASE,
)
_NAMING = frozenset({Verb.HOLD, Verb.RESUME, Verb.DRAFT, Verb.SHOW, Verb.CLEAR, Verb.CIRCULATE, Verb.DONE, Verb.NOTES})
"""Orders that may stand alone or name something."""
_NEXT_ORDER = re.compile(
    rf"(?<=[.!;])\s+(?=(?i:{LOUD})\b)|\s*[,;]?\s+(?:and then|and|then|&)\s+(?=(?:{LOUD})\b)"
    rf"|\s*[;,/|]\s*(?=(?:{LOUD}|STATUS|EXPLAIN|SHOW|CLEAR|DRAFT|DONE|NIL|CALLED|CONTACT)\b)"
)
_GOES_ON = re.compile(r"^(?:because|from|to|until|till|instead|and|&)(?!\w)", re.IGNORECASE)
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
_NAMES_SOMEBODY = re.compile(
    r"^(?=.*\S@\S)(?:.*\bnew (?:lead|deputy|chair|budget[ -]?holder|chief)"
    r"|(?:lead|deputy|chair|budget[ -]?holder)\w*(?: officer)? (?:for|of|at)\b)",
    re.IGNORECASE,
)
"""How somebody is named without the order's word."""
_HOLD_ON = re.compile(r"^(?:off )?on (?:to )?(?=\S)", re.IGNORECASE)
_IN_SHORT = re.compile(r"\s(?:b/c|bc|cos|coz)\s(?=.*\S)")
_MEANS_THEIRS = re.compile(
    r"^\W*(?:(?:yes|please|do|just|then|and)\W+)+\w+\s+(?:it|them|that|this|those|these)\b", re.IGNORECASE
)
"""What she asks of whoever she answers: "Yes, please send it."."""
NO_ORDER = "It does not begin with an order."


def parse(text: str, *, today: date, site: Site, names: Sequence[str] = (), subject: str = "") -> Parsed:
    """Read a reply (its new part, without what it quotes), written on the day `today`.

    `names` are those the sender signs with. Of the `subject` only a STOP counts; other orders in it are said back.
    """
    text = _BROKEN_BEFORE_ADDRESS.sub(r"\1 ", text)
    analysts = tuple(r.code for r in site.respondents if r.kind is RespondentKind.ANALYST)
    people, served = list_people(site, today)
    known = Known(
        today=today,
        respondents=list_respondents(site),
        boards=list_boards(site),
        actions=list_asked(site),
        people=people,
        served=served,
        analysts=analysts,
    )
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


def _read_subject(subject: str, lines: Sequence[Line], known: Known) -> Iterator[Line]:
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


def _read_answer(said: WrittenAnswer, known: Known) -> Iterator[Line]:
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


def _is_order_inside(line: str, known: Known) -> bool:
    is_loud = bool(re.search(rf"\b(?:{LOUD})\b", line)) and not line.isupper()
    read = [] if _MEANS_THEIRS.search(line) else _read(line, line, known).commands
    return bool(line.strip()) and (is_loud or is_head(line, is_first=False) or bool(read))


# One line -------------------------------------------------------------------------------------------


def _go_on(line: Line, words: str, known: Known) -> Line | None:
    """Mail programs break long lines: the line with what follows it, where that is no order and goes on with it."""
    is_open = bool(_ENDS_WITH_BECAUSE.search(line.words))
    if halts(words, is_first=False) or (begins_like_order(words) and not is_open):
        return None
    longer = f"{line.words} {words}"
    would_be = len(f"{line.words} {words.split(maxsplit=1)[0]}")
    if line.commands and line.commands[-1].verb is Verb.ACTION:
        is_next = find_first_word(strip_politeness(words)) == Verb.ACTION or _is_order(words, known)
        goes_on = not is_next and (would_be >= _WRAPPED or bool(_MID_SENTENCE.match(words)))
    elif line.commands and line.commands[-1].reason:
        is_broken = would_be >= _WRAPPED or bool(_MID_SENTENCE.match(words))
        goes_on = is_broken and not says_more_than_why(words)
    else:
        is_long = would_be >= _WRAPPED and find_first_word(strip_politeness(line.words)) == Verb.CONTACT
        goes_on = is_open or is_long or bool(_GOES_ON.match(words))
    if not goes_on:
        return None
    read = _read(longer, longer, known)
    return None if read.fault or not read.commands or read.commands[0].verb is Verb.STOP else read


def _is_order(line: str, known: Known) -> bool:
    read = _read(line, line, known)
    return bool(read.commands) and not read.fault


def _read(words: str, matter: str, known: Known, *, is_first: bool = False) -> Line:
    if not matter:
        return Line(words=words, fault=_FURNITURE)
    if halts(matter, is_first=is_first):
        return Line(words=words, commands=(Command(verb=Verb.STOP, words=words),))
    commands: list[Command] = []
    try:
        for clause in _split_orders(matter):
            commands += _read_clause(clause, words, known)
    except NotRead as fault:
        # A line is one thing: what is not understood in it bears on all of it, and only a hold stands.
        held = [c for c in (*commands, *fault.done) if c.verb is Verb.HOLD]
        return Line(words=words, commands=tuple(held), fault=str(fault))
    return Line(words=words, commands=tuple(commands))


def _split_orders(matter: str) -> list[str]:
    """A line at the places where another order begins; what stands before the first one belongs to it.

    What a board asked is one thing to its end: "Send the minutes" in it is no order.
    """
    if find_first_word(strip_politeness(matter)) == Verb.ACTION:
        return [matter]
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


def _read_clause(clause: str, words: str, known: Known) -> list[Command]:
    plain = strip_politeness(clause)
    word = find_first_word(plain)
    if word == "YES" and begins_like_order(plain[3:]):
        plain = strip_politeness(plain[3:])
        word = find_first_word(plain)
    if said := {"APPROVE": "APPROVED", "CERTIFY": "CERTIFIED"}.get(word):
        plain, word = f"{said}{plain[len(word) :]}", said
    if word not in Verb.__members__:
        if not _NAMES_SOMEBODY.search(plain):
            raise NotRead(NO_ORDER)
        word, plain = Verb.CONTACT.value, f"{Verb.CONTACT} {plain}"
    verb, rest = Verb[word], plain[len(word) :].strip(" :,;.-\u2013\u2014")
    if verb is Verb.ACTION:  # what is asked keeps its marks
        rest = re.split(rf"(?i){word}", clause, maxsplit=1)[1].strip(" :,;-\u2013\u2014*_")
    asks = clause.partition(":")[0] if verb is Verb.ACTION else clause
    if "?" in asks and verb not in HARMLESS and not _ASKS_POLITELY.match(clause):
        raise NotRead(_QUESTION)
    return read_order(Command(verb=verb, words=words), _write_out(rest, verb), known)


def _write_out(rest: str, verb: Verb) -> str:
    """What follows an order's word, as it is written in full; what was said or is asked stays as it stands."""
    if verb is Verb.HOLD:
        return _HOLD_ON.sub("", rest)
    return rest if verb in {Verb.CALLED, Verb.ACTION} else _IN_SHORT.sub(" because ", rest, count=1)
