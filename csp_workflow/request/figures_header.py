"""Which column of a file of figures is which: the header row is found, wherever it stands and however it is worded.

Three layouts are read: a row for each figure; a row for each area with a column for each series; a row for
each area and series with a column for each period.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from csp_workflow.request.figures_period import period_of, periods_in

FIELDS: Mapping[str, tuple[str, ...]] = {
    "series": ("series", "series ref", "ref", "reference", "measure ref", "measure", "indicator"),
    "area": (
        "area code", "csp code", "community safety partnership code", "ons code", "code", "area",
        "csp", "csp name", "community safety partnership name", "community safety partnership",
        "area name", "local authority code", "local authority", "local authority name", "place", "geography",
    ),
    "period": ("period", "quarter", "financial quarter", "financial year", "year"),
    "as_at": ("as_at", "as at", "as at date", "published", "published on", "extracted", "extracted on"),
    "value": ("value", "figure", "this quarter", "count", "number", "offences", "number of offences", "offence count"),
    "base": ("base", "n", "number asked", "base n"),
    "status": ("status",),
    "source": ("source",),
    "licence": ("licence", "license"),
    "illustrative": ("illustrative",),
    "note": ("note", "notes", "comment", "comments", "remark"),
}  # fmt: skip
"""The fields of a figure and the headers each may have, the surest first."""

_HEADER_WITHIN = 30


@dataclass(frozen=True, kw_only=True)
class ValueColumn:
    """A column that holds figures, with the series or period its header names ("" where the row names it)."""

    column: int
    series: str = ""
    period: str = ""


@dataclass(frozen=True, kw_only=True)
class Header:
    """Where a table's columns stand, from 0. `stated` is the period written above the table, or ""."""

    row: int
    columns: Mapping[str, int] = field(default_factory=dict)
    year_column: int | None = None
    values: tuple[ValueColumn, ...] = ()
    stated: str = ""

    @property
    def is_undated(self) -> bool:
        """Whether nothing anywhere says which period the figures are for."""
        return "period" not in self.columns and not self.stated and not any(v.period for v in self.values)


def find(rows: Sequence[tuple[int, Sequence[str]]], series: Mapping[str, str]) -> Header | None:
    """The header among a sheet's rows (number, texts); None when no row names an area.

    `series` maps what a column may be called (`plain` of refs and titles) to the series' ref.
    """
    for place, (number, texts) in enumerate(rows[:_HEADER_WITHIN]):
        named = [plain(text) for text in texts]
        columns = _columns(named)
        if "area" not in columns:
            continue
        values = _values(texts, named, columns, series)
        if values or len([name for name in named if name]) > 2:
            above = " ".join(text for _, line in rows[:place] for text in line)
            stated = periods_in(above)
            return Header(
                row=number,
                columns=columns,
                year_column=_year_column(named, columns),
                values=values,
                stated=stated[0] if len(stated) == 1 else "",
            )
    return None


def plain(text: str) -> str:
    """A header or name as it is compared."""
    text = re.sub(r"\[note[^\]]*\]", " ", text.casefold()).replace("&", " and ").replace("_", " ")
    return " ".join(re.sub(r"[`*:]+", " ", text).split())


def _columns(named: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, headers in FIELDS.items():
        for header in headers:
            if plain(header) in named:
                found[name] = named.index(plain(header))
                break
    return found


def _year_column(named: Sequence[str], columns: Mapping[str, int]) -> int | None:
    """The column with the year where another holds only the quarter's number, as in the Home Office's files."""
    for header in ("financial year", "year"):
        if header in named and columns.get("period") not in {None, named.index(header)}:
            return named.index(header)
    return None


def _values(
    texts: Sequence[str], named: Sequence[str], columns: Mapping[str, int], series: Mapping[str, str]
) -> tuple[ValueColumn, ...]:
    if "series" in columns and "value" in columns:
        return (ValueColumn(column=columns["value"]),)
    if "series" in columns:
        dated = ((column, period_of(text)) for column, text in enumerate(texts))
        return tuple(ValueColumn(column=column, period=period) for column, period in dated if period)
    return tuple(
        ValueColumn(column=column, series=series[name])
        for column, name in enumerate(named)
        if name in series and column not in columns.values()
    )
