"""A person as the co-ordinator names one: "MELT lead Jane Smith <jane@melton.example> FROM 3 November".

Who, in which role, where and from when may stand in any order that people use. What is left over is a name, or not
understood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from csp_workflow.desk.names import Directory
from csp_workflow.terms.phrases import day as full_day
from csp_workflow.terms.site import Role, is_address
from csp_workflow.terms.written_days import split_day


class PersonNotRead(Exception):
    """A line names nobody plainly; the sentence says what to write."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody as named: for which respondents (codes), in which role, from and to which day (None: not said).

    `name` is "" where only an address was given; `instead_of` is the address of whom they take the place of, or "".
    """

    codes: tuple[str, ...]
    address: str
    role: Role = Role.LEAD
    name: str = ""
    since: date | None = None
    until: date | None = None
    instead_of: str = ""

    def write(self) -> str:
        """As an order names them, the respondents left out."""
        since = f"FROM {full_day(self.since)}" if self.since else ""
        until = f"TO {full_day(self.until)}" if self.until else ""
        instead = f"INSTEAD OF {self.instead_of}" if self.instead_of else ""
        return " ".join(filter(None, (self.role.value, self.name, f"<{self.address}>", since, until, instead)))


WRITE = "Write: CONTACT CODE lead Name Surname <name@council.example>"

_CHAIR = r"chair(?:man|woman|person)?"
_HOLDER = r"budget[ -]?holder"
_ROLES = {
    Role.DEPUTY_HOLDER: rf"deputy {_HOLDER}",
    Role.BUDGET_HOLDER: _HOLDER,
    Role.FINANCE: r"chief (?:finance|financial) officer|cfo|s(?:ection)?\.? ?151 officer",
    Role.DEPUTY_CHAIR: rf"(?:deputy|vice)[ -]{_CHAIR}",
    Role.DEPUTY: r"deputy(?: lead)?",
    Role.CHAIR: _CHAIR,
    Role.LEAD: r"lead",
}
_ROLE = re.compile(
    r"\b(?:as )?(?:(?:the|our|a|their|its) )?(?:(?:new|present|current|next|interim|acting|temporary) )?"
    rf"(?P<role>{'|'.join(_ROLES.values())})(?: (?:officer|contact|person))?(?! ?(?:chair|lead|budget))\b",
    re.IGNORECASE,
)
_OTHER_ROLE = re.compile(r"\b(?:co|joint)[ -]chair", re.IGNORECASE)
_LINKS = re.compile(r"^(?:is|are|will be|now|has|for|of|at|to)\b|^[\s,:;=.\u2013\u2014-]+", re.IGNORECASE)
_ENDS = re.compile(r"(?:\b(?:is|are|at|on|as|to|now|will be)|[\s,:;=.\u2013\u2014-])+$")
ADDRESS = re.compile(r"[^\s<>@,;:()\[\]\"]+@[^\s<>@,;:()\[\]\"]+")
_MAILTO = re.compile(r"<mailto:[^<>]*>?|\bmailto:", re.IGNORECASE)
_INSTEAD = re.compile(
    rf"\b(?:instead of|in place of|in the place of|replacing|replaces)\s[^@]*?({ADDRESS.pattern})", re.IGNORECASE
)
_AT_ONCE = re.compile(r"\b(?:from now(?: on)?|with immediate effect|immediately|from today)\b", re.IGNORECASE)
_FROM = re.compile(
    r"\b(?:with effect from|effective(?: from)?|starting|as (?:of|from)|since|wef|from)\s", re.IGNORECASE
)
_TO = re.compile(r"\b(?:(?:up )?to|until|till)\s+(?=\S)", re.IGNORECASE)
_NAME_WORD = re.compile(r"[^\W\d_][\w.'\u2019-]*", re.UNICODE)
_PARTICLES = frozenset({"de", "la", "le", "van", "von", "der", "den", "ap", "ab", "al", "bin", "da", "dos", "y", "of"})
_NO_NAME = re.compile(
    r"but|not|if|only|unless|except|until|till|when|after|before|then|and|or|also|please|sorry|no|nobody|nothing"
    r"|removed?|deleted?|dropp?(?:ed)?|has|left|gone|stopp?(?:ed)?|cancel(?:led)?|off|former",
    re.IGNORECASE,
)
_LONGEST_NAME = 6


def read_person(text: str, respondents: Directory, *, today: date) -> Person:
    """Somebody named in some words. Raises PersonNotRead, NotFound or DayNotRead with what is wrong."""
    said = _MAILTO.sub(" ", text)
    instead = _INSTEAD.search(said)
    said = _cut(said, instead) if instead else said
    address, said = _take_address(said)
    since, until, said = _take_days(said, today)
    role, codes, name = _read_who(" ".join(said.split()), respondents)
    name = _order_names(name)
    _refuse_other_words(name, address)
    return Person(
        codes=codes,
        address=address,
        role=role,
        name=name,
        since=since,
        until=until,
        instead_of=instead[1].rstrip(".").lower() if instead else "",
    )


def role_of(words: str) -> Role | None:
    """The role that some words alone name, as an order may name it: "Lead officer", "Vice Chair"."""
    found = _ROLE.fullmatch(words)
    return next((r for r, said in _ROLES.items() if found and re.fullmatch(said, found["role"], re.IGNORECASE)), None)


def name_by_address(address: str) -> str:
    """How somebody is called of whom only the address is known."""
    words = re.split(r"[._+-]+", address.partition("@")[0])
    return " ".join(word.capitalize() for word in words if word.isalpha()) or address


def _cut(said: str, found: re.Match[str]) -> str:
    return f"{said[: found.start()]} {said[found.end() :]}"


def _take_address(said: str) -> tuple[str, str]:
    found = [one.rstrip(".'").lower() for one in ADDRESS.findall(said)]
    if not found:
        raise PersonNotRead(f"It names no email address. {WRITE}.")
    if len(set(found)) > 1:
        raise PersonNotRead("It names several addresses. Write one person a line.")
    if not is_address(found[0]):
        raise PersonNotRead(f"'{found[0]}' is not an email address.")
    return found[0], re.sub(r"[<>()\[\]\"]", " ", ADDRESS.sub(" ", said))


def _take_days(said: str, today: date) -> tuple[date | None, date | None, str]:
    """From and to which day, and what is left of the words."""
    at_once = _AT_ONCE.search(said)
    said = _cut(said, at_once) if at_once else said
    since, said = _take_day(_FROM, said, today)
    until, said = _take_day(_TO, said, today)
    return since or (today if at_once else None), until, said


def _take_day(begins: re.Pattern[str], said: str, today: date) -> tuple[date | None, str]:
    found = begins.search(said)
    if not found:
        return None, said
    to = _TO.search(said, found.end()) if begins is _FROM else None
    when, more = (said[found.end() : to.start()], said[to.start() :]) if to else (said[found.end() :], "")
    day, rest = split_day(when, today=today)
    return day, f"{said[: found.start()]} {rest} {more}"


def _read_who(said: str, respondents: Directory) -> tuple[Role, tuple[str, ...], str]:
    """The role, for whom, and the name: "MELT lead Jane", "new lead for MELT is Jane", "Jane is now lead of MELT"."""
    if _OTHER_ROLE.search(said):
        raise PersonNotRead("Somebody is lead, deputy (of the lead), chair or deputy chair. Write one of these words.")
    found = _ROLE.search(said)
    role = role_of(found[0]) if found else None
    before, after = (said[: found.start()], said[found.end() :]) if found else (said, "")
    before, after = _trim(before), _trim(after)
    for first, second in ((before, after), (after, before)):
        codes, rest = respondents.split(first) if first else ((), "")
        if codes:
            return role or Role.LEAD, codes, _trim(f"{_trim(rest)} {second}")
    raise PersonNotRead(respondents.explain_unknown(before or after) if before or after else f"For whom? {WRITE}.")


def _trim(words: str) -> str:
    """Some words without those that only link them to others."""
    shorter = _ENDS.sub("", _LINKS.sub("", words.strip())).strip()
    return shorter if shorter == words else _trim(shorter)


def _order_names(name: str) -> str:
    """A name in the order in which it is said: address books have the surname first."""
    surname, comma, given = name.partition(",")
    said = f"{given.strip()} {surname.strip()}" if comma else name
    return said.title() if said.islower() else said


def _refuse_other_words(name: str, address: str) -> None:
    """A name's words begin in capitals, or stand in the address; anything else says more than a name."""
    words = name.split()
    local = re.split(r"[^a-z]+", address.partition("@")[0])
    for word in words:
        is_name = bool(_NAME_WORD.fullmatch(word)) and not _NO_NAME.fullmatch(word)
        if not is_name or not (word[0].isupper() or word.lower() in {*local, *_PARTICLES}):
            raise PersonNotRead(f"'{word}' was not understood. {WRITE}, and FROM or TO a day if you like.")
    if len(words) > _LONGEST_NAME:
        raise PersonNotRead(f"'{name}' is too long for a name. {WRITE}.")
