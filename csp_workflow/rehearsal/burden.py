"""What a quarter asks of people: the letters that each of a few readers gets, and how long reading them takes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from csp_workflow.letters.catalogue import kind_of
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.terms.phrases import joined, plural
from csp_workflow.terms.site import Role, Site

WORDS_A_MINUTE = 200
"""How fast people read a letter with care; what is attached comes on top."""


@dataclass(frozen=True, kw_only=True)
class Burden:
    """One reader's letters of a quarter, and the minutes that reading them takes.

    Of them `once` come in no later quarter, and `lapses` would not have come, had the reader sent the right thing in
    time.
    """

    who: str
    letters: int
    minutes: int
    once: int = 0
    lapses: int = 0

    def as_text(self) -> str:
        """For people."""
        parts = ((self.once, "once for ever"), (self.lapses, "for what was late or wrong"))
        of_them = ", ".join(f"{count} {why}" for count, why in parts if count)
        letters = f"{plural(self.letters, 'letter')}{f' ({of_them})' * bool(of_them)}"
        return f"{letters}, {plural(self.minutes, 'minute')}: {self.who}"


_Read = Mapping[str, list[tuple[str, Post]]]
"""What each address was sent: its kind, and the letter."""


def weigh_letters(kinds: Iterable[str], letters: Iterable[Post], site: Site, day: date) -> tuple[Burden, ...]:
    """The burden of the co-ordinator, each lead of several partnerships, and the chair with the fewest letters."""
    read: dict[str, list[tuple[str, Post]]] = defaultdict(list)
    for kind, letter in zip(kinds, letters, strict=True):
        read[letter.to.lower()].append((kind, letter))
    return tuple(_weigh(who, read[address]) for address, who in _choose_readers(site, day, read))


def _choose_readers(site: Site, day: date, read: _Read) -> Iterator[tuple[str, str]]:
    yield site.office.co_ordinator.address.lower(), "the co-ordinator"
    served: dict[str, list[str]] = defaultdict(list)
    chairs: list[str] = []
    for respondent in (r for r in site.serving(day) if r.needs_approval):
        for lead in respondent.people(Role.LEAD, day):
            served[lead.address.lower()].append(respondent.name)
        chairs += [c.address.lower() for c in respondent.chairs(day) if _is_asked(read.get(c.address.lower(), []))]
    for address, names in served.items():
        if len(names) > 1:
            yield address, f"the lead of {joined(names)}"
    if chairs:
        yield (
            min(chairs, key=lambda address: (len(read[address]), address)),
            "the chair with the fewest letters of all who are asked to approve",
        )


def _is_asked(letters: list[tuple[str, Post]]) -> bool:
    """Whether somebody was asked to approve a return."""
    return any("please approve" in letter.subject.lower() for _, letter in letters)


def _weigh(who: str, letters: list[tuple[str, Post]]) -> Burden:
    words = sum(len(letter.text.split()) for _, letter in letters)
    # Who is introduced is introduced once, and so is the proof of those letters.
    once = sum(bool(re.search(r"who we are|first letters", letter.subject.lower())) for _, letter in letters)
    lapses = sum(kind_of(kind).is_of_lapse for kind, _ in letters)
    return Burden(who=who, letters=len(letters), minutes=round(words / WORDS_A_MINUTE), once=once, lapses=lapses)
