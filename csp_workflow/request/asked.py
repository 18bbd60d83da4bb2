"""Who is asked in a cycle, and what a series is asked for: which period, whether it is due, and how that is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Framework, Frequency, Series, asked_quarter
from csp_workflow.terms.phrases import plain_day
from csp_workflow.terms.returns import Narrative
from csp_workflow.terms.site import Respondent, Site


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who is asked, for which quarter, on which day; `narratives` is what it wrote last quarter, by ref."""

    respondent: Respondent
    quarter: Quarter
    site: Site
    framework: Framework
    day: date
    narratives: Mapping[str, Narrative]

    def is_waived(self, *refs: str) -> bool:
        """Whether any of these refs is waived for the respondent."""
        return any(self.framework.is_waived(self.respondent.key, ref, self.day) for ref in refs)

    def asks_for(self, series: Series) -> bool:
        """Whether a series is due in the quarter and not waived."""
        return is_due(series, self.quarter) and not self.is_waived(series.ref)


def is_due(series: Series, quarter: Quarter) -> bool:
    """Whether a cycle asks for a series: a yearly one once a year, a half-yearly one twice."""
    return ends_in(series, asked_quarter(series, quarter))


def ends_in(series: Series, quarter: Quarter) -> bool:
    """Whether a value of the series is made at a quarter's end."""
    if series.frequency is Frequency.YEARLY:
        return quarter.number == 4
    return series.frequency is not Frequency.HALF_YEARLY or quarter.number in {2, 4}


def is_owed(series: Series) -> bool:
    """Whether a figure is owed whenever it is due; what is counted only on occasion is asked, not owed."""
    return series.frequency is not Frequency.EVENT


def before(series: Series, quarter: Quarter) -> Quarter:
    """The quarter of the value before the one that stands at a quarter's end."""
    steps = {Frequency.YEARLY: -4, Frequency.HALF_YEARLY: -2}
    return quarter.plus(steps.get(series.frequency, -1))


def covers(series: Series, quarter: Quarter) -> str:
    """The time that the figure asked for covers, in words, where it is not simply the cycle's quarter; else ""."""
    asked = asked_quarter(series, quarter)
    end = plain_day(asked.end)
    if series.frequency is Frequency.YEARLY:
        return f"the financial year {asked.financial_year}"
    if series.frequency is Frequency.HALF_YEARLY:
        return f"the six months to {end}"
    if series.frequency is Frequency.ROLLING_12_MONTHS:
        return f"the twelve months to {end}"
    return asked.months if asked != quarter else ""
