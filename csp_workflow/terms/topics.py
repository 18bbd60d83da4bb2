"""What mail may be about that is not about a return, who deals with it, and by when the law wants an answer."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from csp_workflow.terms.dates import HolidaysRunOut, WorkingDays


@dataclass(frozen=True, kw_only=True)
class Topic:
    """Something that mail may be about, as a site lists it.

    `name` says it in a sentence ("a complaint"). `office` deals with it, at `address`: "" is the co-ordinator for both.
    An answer is due `working_days` or `months` after the day it came; with 0 for both the law sets none. One of
    `phrases` in a sentence makes it this topic; one of `mentions` does where the sentence does not report on the work;
    one of `strangers` does where nobody writes who has to do with returns.
    """

    key: str
    name: str
    office: str = ""
    address: str = ""
    working_days: int = 0
    months: int = 0
    phrases: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()

    def find_due(self, came: date, days: WorkingDays) -> date | None:
        """By when an answer is due by law; None when it sets no day, or lies beyond the known bank holidays."""
        if self.working_days:
            try:
                return days.plus(came, self.working_days)
            except HolidaysRunOut:
                return None
        return _add_months(came, self.months) if self.months else None


@dataclass(frozen=True, kw_only=True)
class Topics:
    """The topics of a site. `footers` and `reporting` are words of sentences that are about none (see topics.toml)."""

    topics: tuple[Topic, ...] = ()
    footers: tuple[str, ...] = ()
    reporting: tuple[str, ...] = ()

    def find(self, key: str) -> Topic:
        """The topic of that key; one that the site lists no more is called by its key."""
        return next((topic for topic in self.topics if topic.key == key), Topic(key=key, name=key))


NO_TOPICS = Topics()


def _add_months(day: date, months: int) -> date:
    """The same day so many months later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
