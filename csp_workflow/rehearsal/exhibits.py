"""What a rehearsal has to show: every letter and message with its files, and how it all ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from csp_workflow.rehearsal.burden import Burden


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
