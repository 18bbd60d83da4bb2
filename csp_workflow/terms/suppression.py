"""An owner's rule for small numbers, and which counts and shares it hides."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from csp_workflow.terms.shares import span_counts


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """The owner's rule for small numbers: counts below `below` are not shown; 0 is only where `zero_is_shown`."""

    below: int = 0
    shown_as: str = ""
    zero_is_shown: bool = False

    def hides(self, count: Decimal | int) -> bool:
        """Whether a count is too small to be shown."""
        return count < self.below and not (self.zero_is_shown and count == 0)

    def hides_share(self, share: Decimal, base: int | None, count: int | None = None) -> bool:
        """Whether a per cent of `base` people tells of too few: of all, of those in it, or of those who are not.

        Where it is not known how many are in it, any number that the per cent may stand for counts.
        """
        if base is None:
            return True
        fewest, most = span_counts(share, base) if count is None else (count, count)
        return any(map(self.hides, (base, fewest, base - most)))

    def is_few(self, share: Decimal, base: int | None, count: int | None = None) -> bool:
        """Whether those in a per cent of `base` people, or all of them, are surely too few."""
        if base is None:
            return False
        return any(map(self.hides, (base, span_counts(share, base)[1] if count is None else count)))


SHOWS_ALL = Suppression()
"""Of an owner that has no rule."""
