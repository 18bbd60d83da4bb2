"""How long what came and went is kept, and what a legal hold keeps longer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.phrases import plain_day


@dataclass(frozen=True, kw_only=True)
class LegalHold:
    """What is kept until a day, for a reason: all of a respondent (its key), of a person (an address), of a quarter."""

    reason: str
    until: date
    respondent: str = ""
    person: str = ""
    quarter: str = ""


@dataclass(frozen=True, kw_only=True)
class Retention:
    """For how many months messages and letters are kept (0: for ever), and the legal holds."""

    messages_months: int = 0
    letters_months: int = 0
    legal_holds: tuple[LegalHold, ...] = ()

    def say_held(
        self,
        today: date,
        *,
        respondents: Iterable[str] = (),
        addresses: Iterable[str] = (),
        quarters: Iterable[Quarter | None] = (),
    ) -> str:
        """Why something is on legal hold, in a sentence; "" when it is not."""
        people, keys = {one.lower() for one in addresses if one}, {quarter.key for quarter in quarters if quarter}
        theirs = set(filter(None, respondents))
        for hold in self.legal_holds:
            is_it = hold.respondent in theirs or hold.quarter in keys or hold.person.lower() in people
            if is_it and today <= hold.until:
                return f"It is on legal hold until {plain_day(hold.until)}: {hold.reason}"
        return ""


KEPT_FOR_EVER = Retention()
"""Nothing goes by itself."""


def months_before(day: date, months: int) -> date:
    """The day so many months before another; the last of its month where that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, day.day)
