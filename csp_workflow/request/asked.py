"""What a series is asked for in a cycle: which period, whether it is due, and how that period is said."""

from __future__ import annotations

from csp_workflow.terms.framework import Frequency, Series
from csp_workflow.terms.quarters import Quarter


def asked_quarter(series: Series, quarter: Quarter) -> Quarter:
    """The quarter at whose end the newest knowable value stands: the cycle's own, or earlier by the series' lag."""
    return quarter.plus(-series.lag_quarters)


def asked_period(series: Series, quarter: Quarter) -> str:
    """The period of the figure asked for in a cycle: a quarter's key, or a financial year for a yearly series."""
    return period_of(series, asked_quarter(series, quarter))


def period_of(series: Series, quarter: Quarter) -> str:
    """The period of the value that stands at a quarter's end."""
    return quarter.financial_year if series.frequency is Frequency.YEARLY else quarter.key


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
    end = f"{asked.end.day} {asked.end:%B %Y}"
    if series.frequency is Frequency.YEARLY:
        return f"the financial year {asked.financial_year}"
    if series.frequency is Frequency.HALF_YEARLY:
        return f"the six months to {end}"
    if series.frequency is Frequency.ROLLING_12_MONTHS:
        return f"the twelve months to {end}"
    return asked.months if asked != quarter else ""
