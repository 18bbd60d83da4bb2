"""What a site lets be for a while: a measure not asked for, a contact that is missing, a check that is not made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """Until a day a respondent need not answer a measure, or (`contact`) need not have anybody we can write to.

    Dated data, never code. With a `check` it is asked as ever and not checked so: of the measure, or of all ("").
    """

    respondent: str
    reason: str
    until: date
    measure: str = ""
    contact: bool = False
    check: str = ""
