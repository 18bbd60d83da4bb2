"""What a count is divided by to make a rate, and what an extract says of an area beside its comparison group."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from csp_workflow.terms.figures import FigureStatus, Provenance, Series, is_share

_PER = re.compile(r"per ([1-9][0-9,]*) (\S.*)")


@dataclass(frozen=True, kw_only=True)
class Denominator:
    """What a rate is made with: so many ("per 1,000") of whom or what ("residents")."""

    per: int
    of: str

    def __str__(self) -> str:
        return f"per {self.per:,} {self.of}"


def denominator_of(series: Series) -> Denominator | None:
    """What a series' counts are divided by; None where no rate is made of it: a share is one already."""
    return None if is_share(series) else read_denominator(series.denominator)


def read_denominator(text: str) -> Denominator | None:
    """What a rate is made with, as people write it: "per 1,000 residents"."""
    found = _PER.fullmatch(" ".join(text.casefold().split()))
    return Denominator(per=int(found[1].replace(",", "")), of=found[2]) if found else None


@dataclass(frozen=True, kw_only=True)
class GroupRate:
    """An area's rate beside its group's average and limits, as an extract gave them, for a period as figures have it.

    The four numbers are None exactly when the status carries none. `members` counts the group's areas with the area
    itself; `version` is the day since when the group is what it is.
    """

    series: str
    area: str
    period: str
    as_at: date
    unit: str
    status: FigureStatus
    members: int
    group: str
    version: date
    provenance: Provenance
    rate: Decimal | None = None
    average: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
