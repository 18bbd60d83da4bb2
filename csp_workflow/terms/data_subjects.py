"""A data subject: somebody who asks what is held about them, or to be forgotten; found by name and address in any text.

A name is found whichever way round it stands, with an initial in it, with or without accents; an address with a tag
("+returns") or the secure network's suffix.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from csp_workflow.terms.site import Site, is_address, plain_address

ERASED = "erased.invalid"
"""The domain of the address that stands for one that was erased: nothing can ever be sent there (RFC 2606)."""

ANY_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+'-]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_]{2,63}(?![\w-])")
_NEAR = 200
"""So many characters around a telling word are looked at."""

_BETWEEN = r"[\s\u00a0,_]+(?:[^\W\d_]\.?[\s\u00a0_]+)?"


@dataclass(frozen=True, kw_only=True)
class DataSubject:
    """The names and the addresses of whom is asked about: one person, or all the people of a partnership."""

    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    def is_in(self, text: str) -> bool:
        """Whether a text names them."""
        return next(self._find(_fold(text)), None) is not None

    def find_spans(self, text: str) -> list[tuple[int, int]]:
        """Where a composed text (NFC) names them: each place from its first character to behind its last."""
        spans: list[tuple[int, int]] = []
        for start, end, _ in self._find_longest(_fold(text)):
            if not spans or start >= spans[-1][1]:
                spans.append((start, end))
        return spans

    def erase_from(self, text: str, key: bytes) -> str:
        """A text with numbers in their place: the same number for the same name or address, known by the key alone."""
        composed = unicodedata.normalize("NFC", text)
        pieces, at = [], 0
        for start, end, place in self._find_longest(_fold(composed)):
            if start >= at:
                pieces += [composed[at:start], self._stand_in(place, key)]
                at = end
        return "".join((*pieces, composed[at:])) if pieces else text

    def number(self, key: bytes) -> str:
        """The number that stands for them in what is told of an erasure."""
        return make_number(next(iter((*self.addresses, *self.names))), key)

    def _stand_in(self, place: int, key: bytes) -> str:
        if place < len(self.addresses):
            return f"erased-{make_number(self.addresses[place], key)}@{ERASED}"
        return f"[erased {make_number(self.names[place - len(self.addresses)], key)}]"

    def _find_longest(self, folded: str) -> list[tuple[int, int, int]]:
        """Each place in its order; of two that begin together the longer first."""
        return sorted(self._find(folded), key=lambda found: (found[0], -found[1]))

    def _find(self, folded: str) -> Iterator[tuple[int, int, int]]:
        """Each place, with which of them it names. It is looked closely only where a telling word stands."""
        small = folded.lower()
        for place, (word, way) in enumerate(self._ways):
            at, done = small.find(word), 0
            while at >= 0:
                match = way.search(folded, max(done, at - _NEAR), at + len(word) + _NEAR)
                if match:
                    yield *match.span(), place
                done = match.end() if match else done
                at = small.find(word, max(done, at + len(word)))

    @cached_property
    def _ways(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        """How each address and name is found, behind a word that is in every text which has it."""
        addresses = ((one.partition("@")[2], _find_address(one)) for one in self.addresses)
        names = ((max(re.split(r"[\s,-]+", _make_plain(one)), key=len), _find_name(one)) for one in self.names)
        return tuple((word, re.compile(way, re.IGNORECASE)) for word, way in (*addresses, *names))


def make_number(identifier: str, key: bytes) -> str:
    """The keyed number of a name or an address."""
    return hmac.new(key, b"erased\0" + _make_plain(identifier).encode(), sha256).hexdigest()[:12]


def _make_plain(identifier: str) -> str:
    return plain_address(identifier) if is_address(identifier) else " ".join(_fold(identifier).lower().split())


def find_subject(words: Iterable[str], site: Site) -> DataSubject:
    """Whom some names and addresses mean: whoever the site knows by one of them has the others too."""
    given = tuple(dict.fromkeys(" ".join(word.split()) for word in words))
    asked = set(map(_make_plain, given))
    known = (person for person in list_people(site) if asked & set(map(_make_plain, person)))
    return _sort_words((*given, *(text for person in known for text in filter(_names_person, person))))


def find_people_of(respondent: str, site: Site) -> DataSubject:
    """All the people of a respondent (its key) whom the site knows."""
    people = (c for r in site.respondents if r.key == respondent for c in (*r.contacts, *r.invited))
    texts = (text for c in people for text in (c.name, c.address, *c.also, *c.members))
    return _sort_words(filter(_names_person, texts))


def list_people(site: Site) -> Iterator[tuple[str, ...]]:
    """Everybody whom the site knows, each with their name and addresses."""
    office = (*site.office.people, *site.office.secretariat)
    for person in (*office, *(c for r in site.respondents for c in (*r.contacts, *r.invited))):
        yield (person.name, person.address, *person.also)
        yield from ((member,) for member in person.members)


def _sort_words(words: Iterable[str]) -> DataSubject:
    listed = tuple(dict.fromkeys(words))
    addresses = dict.fromkeys(plain_address(word) for word in listed if is_address(word))
    return DataSubject(
        names=tuple(word for word in listed if word and not is_address(word)), addresses=tuple(addresses)
    )


_ROLE = re.compile(
    r"\b(?:lead|chair|deputy|co-?ordinator|analyst|officer|manager|secretariat|team|office|service|council)\b",
    re.IGNORECASE,
)


def _names_person(text: str) -> bool:
    """Whether it is more than the name of a role, which stands for whoever holds it ("Charnwood Lead Officer")."""
    return is_address(text) or not _ROLE.search(text)


def _find_address(address: str) -> str:
    local, _, domain = address.partition("@")
    return rf"(?<![\w.+-]){re.escape(local)}(?:\+[\w.-]*)?@{re.escape(domain)}(?:\.cjsm\.net)?(?![\w-]|\.\w)"


def _find_name(name: str) -> str:
    """A name in its order, with the surname first, or joined as in an address or a file; a single word as it is."""
    words = [re.escape(word).replace(r"\-", r"[-\s]") for word in re.split(r"[\s,]+", _fold(name)) if word]
    ways = [_BETWEEN.join(words)]
    if len(words) > 1:
        ways.append(rf"{words[-1]}[\s\u00a0]*,[\s\u00a0]*{_BETWEEN.join(words[:-1])}")
        ways.append(rf"(?<!\.){'[.-]'.join(words)}")
    return rf"(?<![^\W_])(?:{'|'.join(ways)})(?![^\W_]|@)"


_QUOTES = {"\u2019": "'", "\u2018": "'", "\u2011": "-", "\u2010": "-"}
_PLAIN = {
    **{ord(one): plain for one, plain in _QUOTES.items()},
    **{code: unicodedata.normalize("NFKD", chr(code))[:1] for code in (*range(0xA0, 0x250), *range(0x1E00, 0x1F00))},
}
"""A letter of the Latin scripts without its accent."""


def _fold(text: str) -> str:
    """A text without its accents, each character in its place."""
    return text if text.isascii() else unicodedata.normalize("NFC", text).translate(_PLAIN)
