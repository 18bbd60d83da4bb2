"""Files that the co-ordinator sent to be taken, each of which was told in words and holds from her APPLY on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from csp_workflow.terms.events import Event, Happened


class Brings(StrEnum):
    """What a file would change."""

    SETUP = "setup"
    FIGURES = "figures"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A file that was told: its hash and name, what it brings, and a mark of what was said that it would change."""

    content: str
    name: str
    brings: Brings
    mark: str

    @property
    def code(self) -> str:
        """The word that takes it: the first eight characters of its hash, as it was told."""
        return self.content[:4].upper() + self.mark[:4].upper()


@dataclass(frozen=True, kw_only=True)
class Offered:
    """The files that were told, by code, and how many set-ups were applied."""

    offers: Mapping[str, Offer] = field(default_factory=dict)
    applied: int = 0


def offered_after(offered: Offered, event: Event) -> Offered:
    """What is on offer after an event."""
    facts = event.facts
    if event.kind is Happened.FILE_OFFERED:
        said = {key: str(facts[key]) for key in ("content", "name", "mark")}
        offer = Offer(brings=Brings(str(facts["brings"])), **said)
        return replace(offered, offers={**offered.offers, offer.code: offer})
    if event.kind is Happened.SETUP_APPLIED:
        return replace(offered, applied=offered.applied + 1)
    return offered
