"""Reading the co-ordinator's reply: its first own lines as commands. Letter case and punctuation do not matter."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from csp_workflow.terms.phrases import plain_day


class Verb(StrEnum):
    """What may be ordered. APPROVED is not among them: only a chair approves."""

    SEND = "SEND"
    HOLD = "HOLD"
    RESUME = "RESUME"
    RELEASE = "RELEASE"
    YES = "YES"
    NO = "NO"
    EXTEND = "EXTEND"
    NIL = "NIL"
    DECLINE = "DECLINE"
    ACCEPT = "ACCEPT"
    DONE = "DONE"
    ASSIGN = "ASSIGN"
    DISMISS = "DISMISS"
    CLEAR = "CLEAR"
    CIRCULATE = "CIRCULATE"
    ADDRESS = "ADDRESS"
    STATUS = "STATUS"
    HELP = "HELP"


@dataclass(frozen=True, kw_only=True)
class Command:
    """One order as read. `respondent`, `board`, `message` and `address` are as typed: the orders look them up.

    `words` is the line it was read from, to be said back.
    """

    verb: Verb
    words: str
    respondent: str = ""
    day: date | None = None
    reason: str = ""
    board: str = ""
    message: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class NotUnderstood:
    """A line that is no command, and what may be wrong with it."""

    words: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """What a reply orders, in its order, and the lines that could not be read as orders."""

    commands: tuple[Command, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()


LIST: tuple[tuple[str, str], ...] = (
    ("SEND", "send the requests as the proof pack shows them"),
    ("HOLD", "stop all sending; HOLD CODE stops one respondent's"),
    ("RESUME", "take a hold back; RESUME CODE for one respondent"),
    ("RELEASE", "let go what waits after a silence of the service, or automatic answers that were stopped"),
    ("YES CODE", "write to the chair about a late return; NO CODE does not"),
    ("EXTEND CODE TO 5 November BECAUSE reason", "give one respondent a later due date"),
    ("ACCEPT CODE", "take a queried return as complete, its faults standing"),
    ("NIL CODE BECAUSE reason", "record that there is nothing to report"),
    ("DECLINE CODE BECAUSE reason", "record that no return will come"),
    ("DONE", "you have dealt with the message this letter is about; DONE ID names another"),
    ("ASSIGN ID TO CODE", "take a held message as coming from a respondent"),
    ("DISMISS ID", "put a held message aside; nobody is answered"),
    ("CLEAR", "clear the paper's latest draft; CLEAR BOARD where there are several"),
    ("CIRCULATE", "send the cleared paper to the secretariat; CIRCULATE BOARD where there are several"),
    (
        "ADDRESS OK lead@council.example",
        "write to an address again after its mail came back or its person had left; settle a letter that came back",
    ),
    ("STATUS", "where everything stands, now"),
    ("HELP", "this list"),
)
"""Every command with what it does, as the product's letters list them."""

_QUOTED = re.compile(
    r"^\s*(>|\|)|^-+\s*(original message|forwarded message)|^_{5,}\s*$|^on .{5,}wrote:\s*$|^(from|von|sent):\s",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(--|thanks\b|thank you\b|many thanks|kind regards|best wishes|best regards|regards\b|cheers|yours|sent from )",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^(dear|hi|hello|good (morning|afternoon|evening)|morning|afternoon)\b[\w ,.'\u2019-]{0,40}$", re.IGNORECASE
)
_POLITE = re.compile(r"^(please|pls|could you( please)?)[\s,:]+|[\s,]+(please|pls|thanks|thank you|ta)$", re.IGNORECASE)
_BECAUSE = re.compile(r"[\s,;:\u2013-]+(?:because(?: of)?|reason|as|since)\b[\s:,\u2013-]*", re.IGNORECASE)
_EVERYTHING = re.compile(r"^(all|everything|everyone|all sending|it|sending)$", re.IGNORECASE)


def parse(text: str, *, today: date) -> Parsed:
    """Read a reply (its new part, without what it quotes). `today` gives a day without a year its year.

    Lines are read from the top until a closing, a signature or quoted text. Prose below an empty
    line after a command is left alone; a line that begins like a command never is.
    """
    commands: list[Command] = []
    strange: list[NotUnderstood] = []
    for line, after_gap in _own_lines(text):
        read = _line(line, today)
        if isinstance(read, Command):
            commands.append(read)
        elif _goes_on(commands, line, after_gap):
            commands[-1] = _longer(commands[-1], line)
        elif after_gap and commands and not _begins_like_one(line):
            break
        else:
            strange.append(read)
    return Parsed(commands=tuple(commands), not_understood=tuple(strange))


def _goes_on(commands: list[Command], line: str, after_gap: bool) -> bool:
    """Mail programs break long lines: what follows a reason directly, and is no command, belongs to it."""
    return bool(commands and commands[-1].reason and not after_gap and not _begins_like_one(line))


def _longer(command: Command, line: str) -> Command:
    reason = f"{command.reason} {_plain(line)}"
    return replace(command, reason=reason, words=f"{command.words} {line}")


def _own_lines(text: str) -> Iterator[tuple[str, bool]]:
    """The lines to be read, each with whether an empty line stands before it; greetings are passed over."""
    gap, begun = False, False
    for raw in text.splitlines():
        line = raw.replace("\xa0", " ").strip()
        if _QUOTED.match(line) or (line and _CLOSING.match(line)):
            return
        if not line or (not begun and _GREETING.match(line)):
            gap = True
            continue
        yield line, gap
        gap, begun = False, True


def _plain(line: str) -> str:
    """A line without bullets, politeness, quotation marks and closing punctuation."""
    line = re.sub(r"^[\s\-*•·]+|^\(?\d{1,2}[.)]\s+", "", line)
    before = ""
    while before != line:
        before, line = line, _POLITE.sub("", line.strip().strip("\"'\u201c\u201d\u2018\u2019").rstrip(".!?;,: "))
    return line


def _begins_like_one(line: str) -> bool:
    return _first_word(_plain(line)) in Verb.__members__


def _first_word(line: str) -> str:
    return re.split(r"[\s:,;]+", line, maxsplit=1)[0].upper()


def _line(line: str, today: date) -> Command | NotUnderstood:
    plain = _plain(line)
    word = _first_word(plain)
    if word in {"APPROVED", "APPROVE"}:
        return NotUnderstood(words=line, sentence="Only the chair approves a return, from the chair's own address.")
    if word not in Verb.__members__:
        return NotUnderstood(words=line, sentence="It does not begin with a command.")
    rest = plain[len(word) :].strip(" :,;")
    try:
        return _READERS[Verb[word]](Verb[word], line, rest, today)
    except (ValueError, DayNotRead) as fault:
        return NotUnderstood(words=line, sentence=str(fault))


# One reader for each form of command ----------------------------------------------------------


def _alone(verb: Verb, line: str, rest: str, _: date) -> Command:
    if rest:
        raise ValueError(f"{verb} stands alone on its line.")
    return Command(verb=verb, words=line)


def _perhaps_one(verb: Verb, line: str, rest: str, _: date) -> Command:
    return Command(verb=verb, words=line, respondent="" if _EVERYTHING.match(rest) else rest)


def _one(verb: Verb, line: str, rest: str, _: date) -> Command:
    if not rest:
        raise ValueError(f"It does not say for whom. Write {verb} and the respondent's code.")
    return Command(verb=verb, words=line, respondent=rest)


def _with_reason(verb: Verb, line: str, rest: str, _: date) -> Command:
    who, reason = _because(rest)
    if not who or not reason:
        raise ValueError(f"Write: {verb} CODE BECAUSE and the reason in a few words.")
    return Command(verb=verb, words=line, respondent=who, reason=reason)


def _extension(verb: Verb, line: str, rest: str, today: date) -> Command:
    before, reason = _because(rest)
    who, _, day = (
        part.strip()
        for part in re.sub(r"\s+(to|until|till)\s+", "\0", f"{before} ", flags=re.IGNORECASE).partition("\0")
    )
    if not who or not day or not reason:
        raise ValueError("Write: EXTEND CODE TO 5 November BECAUSE and the reason in a few words.")
    return Command(verb=verb, words=line, respondent=who, day=read_day(day, today=today), reason=reason)


def _message(verb: Verb, line: str, rest: str, _: date) -> Command:
    if verb is Verb.DISMISS and not rest:
        raise ValueError("It does not say which message. Write DISMISS and the message's id.")
    if len(rest.split()) > 1:
        raise ValueError(f"Write {verb} and the message's id, and nothing else on the line.")
    return Command(verb=verb, words=line, message=rest)


def _assignment(verb: Verb, line: str, rest: str, _: date) -> Command:
    found = re.fullmatch(r"(\S+)\s+to\s+(.+)", rest, re.IGNORECASE)
    if not found:
        raise ValueError("Write: ASSIGN, the message's id, TO, and the respondent's code.")
    return Command(verb=verb, words=line, message=found[1], respondent=found[2].strip())


def _paper(verb: Verb, line: str, rest: str, _: date) -> Command:
    return Command(verb=verb, words=line, board=re.sub(r"^the\s+|\s+paper$", "", rest, flags=re.IGNORECASE))


def _address(verb: Verb, line: str, rest: str, _: date) -> Command:
    """Mail programs write an address as "a@b.example<mailto:a@b.example>"; the first one counts."""
    found = re.match(r"ok\b[\s:,]*<?([^\s<>@]+@[^\s<>@,;]+)", rest, re.IGNORECASE)
    if not found:
        raise ValueError("Write: ADDRESS OK and the e-mail address that letters may go to again.")
    return Command(verb=verb, words=line, address=found[1].rstrip(".").lower())


def _because(rest: str) -> tuple[str, str]:
    parts = _BECAUSE.split(rest, maxsplit=1)
    return (parts[0].strip(), parts[1].strip()) if len(parts) == 2 else (rest.strip(), "")


_READERS: dict[Verb, Callable[[Verb, str, str, date], Command]] = {
    **dict.fromkeys((Verb.SEND, Verb.RELEASE, Verb.STATUS, Verb.HELP), _alone),
    **dict.fromkeys((Verb.HOLD, Verb.RESUME), _perhaps_one),
    **dict.fromkeys((Verb.YES, Verb.NO, Verb.ACCEPT), _one),
    **dict.fromkeys((Verb.NIL, Verb.DECLINE), _with_reason),
    Verb.EXTEND: _extension,
    **dict.fromkeys((Verb.DONE, Verb.DISMISS), _message),
    Verb.ASSIGN: _assignment,
    **dict.fromkeys((Verb.CLEAR, Verb.CIRCULATE), _paper),
    Verb.ADDRESS: _address,
}


# A day as people write it: "5 November", "Wed 5th Nov 2014", "5/11/14", "2014-11-05" --------------


_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b[,.]?\s*(?:the\s+)?", re.IGNORECASE)
_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})[/.](?P<month>\d{1,2})(?:[/.](?P<year>\d{4}|\d{2}))?"),
    re.compile(
        r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<name>[a-z]{3,9})\.?,?(?:\s+(?P<year>\d{4}|\d{2}))?",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<name>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?(?:\s+(?P<year>\d{4}))?", re.IGNORECASE),
)


class DayNotRead(Exception):
    """A day could not be read, or contradicts itself; the sentence says how to write it."""


def read_day(text: str, *, today: date) -> date:
    """The day meant; without a year the next such day from `today` on. Raises DayNotRead."""
    text = text.strip().rstrip(".,")
    weekday = _WEEKDAY.match(text)
    plain = text[weekday.end() :] if weekday else text
    found = next((match for form in _FORMS if (match := form.fullmatch(plain))), None)
    parts = found.groupdict() if found else {}
    month = int(parts["month"]) if parts.get("month") else _month(parts.get("name") or "")
    if not found or not month:
        raise DayNotRead(f"'{text}' is not a day we can read. Write it like 5 November 2014.")
    day = _dated(int(found["day"]), month, parts.get("year") or "", text, today)
    if weekday and day.weekday() != _WEEKDAYS.index(weekday[1].lower()[:3]):
        meant = calendar.day_name[_WEEKDAYS.index(weekday[1].lower()[:3])]
        raise DayNotRead(f"{plain_day(day)} is a {calendar.day_name[day.weekday()]}, not a {meant}.")
    return day


def _month(name: str) -> int:
    """1 to 12 for a month's name or the beginning of it, 0 for anything else."""
    name = name.lower().replace("sept", "sep") if len(name) < 6 else name.lower()
    months = [month.lower() for month in calendar.month_name]
    fits = [number for number, month in enumerate(months) if len(name) >= 3 and month.startswith(name)]
    return fits[0] if fits else 0


def _dated(day: int, month: int, year: str, text: str, today: date) -> date:
    wanted = (int(year) + (2000 if len(year) == 2 else 0)) if year else today.year
    try:
        found = date(wanted, month, day)
        return found if year or found >= today else date(wanted + 1, month, day)
    except ValueError:
        raise DayNotRead(f"There is no such day as '{text}'.") from None
