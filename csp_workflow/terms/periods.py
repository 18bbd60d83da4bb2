"""Which period a series' figure is of: the cycle's quarter, an earlier one where it lags, a year where it is yearly."""

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
