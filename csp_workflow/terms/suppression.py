"""An owner's rule for small numbers, and which counts and shares it hides."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """The owner's rule for small numbers: counts below `below` are not shown; 0 is only where `zero_is_shown`."""

    below: int = 0
    shown_as: str = ""
    zero_is_shown: bool = False

    def hides(self, count: Decimal | int) -> bool:
        """Whether a count is too small to be shown."""
        return count < self.below and not (self.zero_is_shown and count == 0)

    def hides_share(self, share: Decimal, base: int | None) -> bool:
        """Whether a per cent of `base` people tells of too few: of all, of those in it, or of those who are not."""
        if base is None:
            return True
        fewest, most = _count_range(share, base)
        return any(map(self.hides, (base, fewest, base - most)))

    def is_few(self, share: Decimal, base: int | None) -> bool:
        """Whether those in a per cent of `base` people, or all of them, are surely too few."""
        return base is not None and any(map(self.hides, (base, _count_range(share, base)[1])))


SHOWS_ALL = Suppression()
"""Of an owner that has no rule."""


def _count_range(share: Decimal, base: int) -> tuple[int, int]:
    """The fewest and the most out of `base` for whom a per cent may stand, as it is rounded."""
    half, middle = Decimal(5).scaleb(int(share.as_tuple().exponent) - 1), round(share * base / 100)
    fewest, most = math.ceil((share - half) * base / 100), math.floor((share + half) * base / 100)
    return max(min(fewest, middle), 0), min(max(most, middle), base)
