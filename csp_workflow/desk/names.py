"""Finding what an order names: respondents and boards, by code, key, name or a beginning that only one of them has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from textwrap import shorten

from csp_workflow.terms.phrases import joined
from csp_workflow.terms.site import RespondentKind, Site

_TOKEN = re.compile(r"[^\s,;+/]+|[,;+/]")
_BETWEEN = {",", ";", "+", "/", "&", "and", "plus"}
_LEADS_ON = re.compile(r"^(?:to|until|till|because)\b", re.IGNORECASE)
_LONGEST = 12
_SHORTEST = 4
"""A beginning that several words could go on with has so many letters at least."""


class NotFound(Exception):
    """What an order names cannot be told; the sentence says what could be meant."""


def read_code(rest: str) -> str:
    """The word of a file that she sent, as our letter names it; "" for none. Raises NotFound."""
    if not re.fullmatch(r"(?:[0-9a-f]{8})?", rest, re.IGNORECASE):
        raise NotFound("Write: APPLY and the word that the letter names, such as APPLY 1A2B3C4D.")
    return rest.upper()


@dataclass(frozen=True, kw_only=True)
class Nameable:
    """Something an order may name: by `code`, as orders write it, or by one of its names, in plain small letters."""

    code: str
    title: str
    exact: frozenset[str]
    names: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """Every name of it."""
        return self.exact | self.names


@dataclass(frozen=True, kw_only=True)
class Directory:
    """All that orders of one kind may name. `what` says what they are ("respondent")."""

    what: str
    things: tuple[Nameable, ...]

    def split(self, text: str) -> tuple[tuple[str, ...], str]:
        """The codes of what some words begin by naming, in their order, and the words that follow.

        None named is no fault. Raises NotFound for a beginning that several have.
        """
        tokens = list(_TOKEN.finditer(text))
        found: list[str] = []
        at = after = 0
        while (match := self._longest(text, tokens[at : at + _LONGEST], is_first=not found)) is not None:
            code, count = match
            found.append(code)
            after = at = at + count
            while at < len(tokens) and tokens[at][0].lower() in _BETWEEN:
                at += 1
            if at == after:
                break
        rest = text[tokens[after].start() :] if after < len(tokens) else ""
        return tuple(dict.fromkeys(found)), rest.strip()

    def explain_unknown(self, typed: str) -> str:
        """That nothing is called so, and what may be meant."""
        said = " ".join(typed.split()[:4]).strip(" ,.;")
        by_name = {name: one for one in self.things for name in one.all}
        close = get_close_matches(_plain(said), by_name, n=3, cutoff=0.6)
        meant = list(dict.fromkeys(f"{by_name[name].code} ({by_name[name].title})" for name in close))
        codes = ", ".join(one.code for one in self.things) or "none"
        more = f"Did you mean {joined(meant, 'or')}?" if meant else f"The codes are: {codes}."
        return f"There is no {self.what} '{said}'. {more}"

    def _longest(self, text: str, tokens: Sequence[re.Match[str]], *, is_first: bool) -> tuple[str, int] | None:
        """What the most of these words name, and how many they are."""
        several: list[Nameable] = []
        typed = ""
        for count in range(len(tokens), 0, -1):
            if tokens[count - 1][0].lower() in _BETWEEN:
                continue
            said = text[tokens[0].start() : tokens[count - 1].end()]
            exact, whole, begun = self._find(said)
            follows = text[tokens[count - 1].end() :].strip()
            is_alone = not follows or follows[0] in ",;" or bool(_LEADS_ON.match(follows))
            meant = exact or (begun if is_alone else whole if is_first else [])
            if len(meant) == 1:
                self._refuse_list(said, meant[0], is_exact=bool(exact))
                return meant[0].code, count
            if len(meant) > 1:
                several, typed = meant, said
        if several:
            either = joined([f"{one.code} ({one.title})" for one in several], "or")
            raise NotFound(f"'{typed}' may be {either}. Write the code.")
        return None

    def _refuse_list(self, said: str, meant: Nameable, *, is_exact: bool) -> None:
        """Raise NotFound where the beginning of a name with a comma in it may as well be a list of others' names."""
        head, comma, _ = said.partition(",")
        if comma and not is_exact and any(self._find(head)[:2]):
            raise NotFound(f"'{said}' may be {meant.code} ({meant.title}), or several one by one. Write the codes.")

    def _find(self, said: str) -> tuple[list[Nameable], list[Nameable], list[Nameable]]:
        """What is called exactly so, what has a name with these words first, and what has a name that begins so."""
        plain = _plain(said)
        exact = [one for one in self.things if plain in one.exact] or [one for one in self.things if plain in one.names]
        short = re.sub(r" (?:csp|partnership)$", "", plain)
        if not short or exact:
            return exact, [], []
        called = [one for one in self.things if short in one.exact]
        whole = called or [one for one in self.things if any(f"{name} ".startswith(f"{short} ") for name in one.all)]
        begun = [one for one in self.things if any(name.startswith(short) for name in one.all)]
        return [], whole, called or (begun if len(short) >= _SHORTEST else whole)


def list_respondents(site: Site) -> Directory:
    """The respondents, by code, key and name; partnerships also by their areas."""
    return Directory(
        what="respondent",
        things=tuple(
            Nameable(
                code=r.code,
                title=r.name,
                exact=frozenset(map(_plain, (r.code, r.key, r.name))),
                names=frozenset(_plain(a.name) for a in r.areas if r.kind is RespondentKind.PARTNERSHIP),
            )
            for r in site.respondents
        ),
    )


def list_people(site: Site, day: date) -> tuple[Directory, Mapping[str, tuple[str, ...]]]:
    """Those in office for respondents on a day, by name and surname, with the codes of whom each serves.

    Their addresses, in small letters, are their codes.
    """
    codes: dict[str, list[str]] = {}
    called: dict[str, str] = {}
    for respondent in site.respondents:
        for contact in (c for c in respondent.contacts if c.valid_from <= day <= c.valid_to):
            codes.setdefault(contact.address.lower(), []).append(respondent.code)
            called.setdefault(contact.address.lower(), contact.name)
    things = (
        Nameable(code=at, title=name, exact=frozenset([_plain(name)]), names=frozenset([_plain(name.split()[-1])]))
        for at, name in called.items()
    )
    served = {at: tuple(dict.fromkeys(found)) for at, found in codes.items()}
    return Directory(what="partnership or person", things=tuple(things)), served


def list_boards(site: Site) -> Directory:
    """The boards, by key and name."""
    return Directory(
        what="board",
        things=tuple(
            Nameable(code=b.key, title=b.name, exact=frozenset(map(_plain, (b.key, b.name))), names=frozenset())
            for b in site.boards
        ),
    )


def list_asked(site: Site) -> Directory:
    """What boards asked, by ref, and by the number alone where only one has it."""
    numbers = Counter(_number(action.ref) for action in site.actions)
    return Directory(
        what="action",
        things=tuple(
            Nameable(
                code=action.ref,
                title=shorten(action.wording, 40),
                exact=frozenset(f"{word}{_plain(action.ref)}" for word in ("", "action ")),
                names=frozenset(f"{word}{number}" for word in ("", "action ") if number and numbers[number] == 1),
            )
            for action in site.actions
            for number in [_number(action.ref)]
        ),
    )


def _number(ref: str) -> str:
    return re.sub(r"^\D*", "", ref)


def _plain(said: str) -> str:
    """Small letters and single blanks, without what does not tell names apart."""
    said = re.sub(r"['\u2019]s\b", "", said.casefold()).replace("&", " and ")
    said = " ".join(re.sub(r"[^\w]+|_", " ", said).split())
    return re.sub(r"^the ", "", said)
