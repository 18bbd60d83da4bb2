"""What a rehearsal has to show: every letter and message with its files, and how it all ended.

The letters that each of a few readers gets, and how long reading them takes; and the dashboards as they stand at its
end, made while its letters are laid out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

from csp_workflow.dashboard.parts import Audience
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.events import PreconditionFailed
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


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A letter, or a message that came, with the page that shows it and the files it brought (name, path below OUT).

    `kind` is the letter's ("": it came), `who` its reader or its writer, `about` the respondents it is about (keys),
    `message` which message it is or answers. `told` says what its writer did, `became` what the service made of it, and
    `verdict` is that in a word. `drawn` are pages that show its workbooks: a name and a path each.
    """

    at: datetime
    kind: str
    who: str
    address: str
    subject: str
    page: str
    files: tuple[tuple[str, str], ...] = ()
    about: tuple[str, ...] = ()
    message: str = ""
    told: str = ""
    became: str = ""
    verdict: str = ""
    drawn: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """Its subject without the reference at its end."""
        return self.subject.partition(" [CSP ")[0]

    @property
    def is_paper(self) -> bool:
        """Whether it brings a paper."""
        return any(path.startswith("papers/") for _, path in self.files)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """All that the front page tells. `names` are the respondents' by key, `orders` counts the co-ordinator's replies.

    `status` is the last cycle's, as `cycle status --json` has it; `others` are further files that are there.
    """

    period: str
    seed: int
    pieces: Sequence[Exhibit]
    names: Mapping[str, str]
    partnerships: frozenset[str]
    orders: int
    status: Mapping[str, Any]
    burden: Sequence[Burden]
    digest: str
    others: frozenset[str] = frozenset()

    @property
    def came(self) -> list[Exhibit]:
        """What people wrote to the service."""
        return [piece for piece in self.pieces if not piece.kind]

    def find(self, *kinds: str) -> Exhibit | None:
        """The first letter of one of some kinds."""
        return next((piece for piece in self.pieces if piece.kind in kinds), None)


def begin_dashboards(outside: Outside, state: Path, place: Path, end: datetime) -> Callable[[], None]:
    """Begin each audience's pages below `place`, in a process of its own; what is returned waits for them.

    It raises RuntimeError when one of them could not be made.
    """
    apart = get_context("fork")
    builders = [apart.Process(target=_build_pages, args=(outside, state, place, one, end)) for one in Audience]
    # Python 3.12 warns of a fork beside threads: what those of whoever plays this do is not needed here.
    with catch_warnings():
        simplefilter("ignore", DeprecationWarning)
        for builder in builders:
            builder.start()

    def finish() -> None:
        for builder in builders:
            builder.join()
        if any(builder.exitcode for builder in builders):
            raise RuntimeError("A dashboard could not be made: what went wrong stands above.")

    return finish


def _build_pages(outside: Outside, state: Path, place: Path, audience: Audience, end: datetime) -> None:
    """None for those to whom nothing may be shown. A fork may not use a connection to a store: it has its own."""
    from csp_workflow.steps.dashboard import build_dashboard
    from csp_workflow.store import Store

    own = replace(outside, store=Store(f"sqlite:///{state / 'csp.sqlite'}"))
    with suppress(PreconditionFailed):
        for name, data in build_dashboard(own, audience, end).files.items():
            path = place / audience.value / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
