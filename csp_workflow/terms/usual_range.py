"""What twelve months of something usually come to, and on which side of it they lie."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from csp_workflow.terms.figures import Figure
from csp_workflow.terms.shares import reckon_per_cent


@dataclass(frozen=True, kw_only=True)
class UsualRange:
    """What twelve months of a row usually come to, both ends included; of a share in per cent. It is no target.

    `rest` is what the other quarters of the newest twelve months came to, or how many of `base` they counted; 0 where
    a value stands for its months alone.
    """

    low: Decimal
    high: Decimal
    rest: Decimal = Decimal(0)
    base: int = 0

    def reckon(self, figure: Figure, *, is_share: bool) -> Decimal | None:
        """What the twelve months come to with a figure; None where that cannot be told."""
        if not is_share:
            return None if figure.value is None else self.rest + figure.value
        if figure.count is None or not figure.base:
            return None
        return reckon_per_cent(self.rest + figure.count, self.base + figure.base)

    def find_side(self, year: Decimal | None) -> str:
        """Whether twelve months lie "above" or "below"; "" for neither, or where nothing is known of them."""
        if year is None or self.low <= year <= self.high:
            return ""
        return "above" if year > self.high else "below"
