"""`framework-<year>.toml`: themes, priorities, measures and what is counted under them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from csp_workflow.settings.schemas.common import (
    FIRST_YEAR,
    LAST_YEAR,
    Day,
    Key,
    Line,
    Table,
    Text,
    WholeDays,
    shown,
    wrong,
)
from csp_workflow.terms.framework import Frequency, Kind, Polarity, Route
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Geography


def _year(given: str) -> str:
    try:
        year = Quarter.parse(f"{given}-Q1")
    except ValueError:
        year = None
    if year is None or not FIRST_YEAR <= year.year <= LAST_YEAR:
        raise wrong(f"is {shown(given)}, which is not a financial year. Write it like 2014/15.")
    return year.financial_year


FinancialYear = Annotated[str, AfterValidator(_year)]


class ThemeEntry(Table):
    """One of the Plan's themes."""

    number: int
    title: Text


class PriorityEntry(Table):
    """One of the Plan's priorities."""

    number: int
    theme: int
    wording: Text


class SeriesEntry(Table):
    """One of several things counted under a bullet; what it does not say is as in its measure."""

    ref: Text
    title: Text
    unit: Line | None = None
    kind: Kind | None = None
    polarity: Polarity | None = None
    geography: Geography | None = None
    frequency: Frequency | None = None
    owner: Key | None = None
    lag_quarters: WholeDays | None = None
    denominator: Line | None = None
    suppress_below: WholeDays | None = None
    suppress_as: Line | None = None


class MeasureEntry(Table):
    """One bullet of Appendix A."""

    ref: Text
    priority: int
    wording: Text
    kind: Kind
    polarity: Polarity
    route: Route
    owner: Key | None = None
    definition: Text
    definition_from: Day
    open_question: Line
    title: Line = ""
    unit: Line = ""
    geography: Geography
    frequency: Frequency | None = None
    lag_quarters: WholeDays = 0
    denominator: Line = ""
    suppress_below: WholeDays = 0
    suppress_as: Line = ""
    series: tuple[SeriesEntry, ...] = ()


class FrameworkFile(Table):
    """The whole file."""

    year: FinancialYear
    title: Text
    themes: Annotated[tuple[ThemeEntry, ...], Field(min_length=1)]
    priorities: Annotated[tuple[PriorityEntry, ...], Field(min_length=1)]
    measures: Annotated[tuple[MeasureEntry, ...], Field(min_length=1)]
