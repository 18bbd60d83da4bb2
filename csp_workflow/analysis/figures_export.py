"""Figures, or rates beside groups, with where each was read, as a file for whoever analyses them: CSV or Excel."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from csp_workflow.terms.comparisons import GroupRate
from csp_workflow.terms.figures import TracedFigure
from csp_workflow.terms.personal import keep_back

COLUMNS = (
    *("period", "area", "area name", "series", "measure", "title"),
    *("value", "unit", "status", "numerator", "base", "as at"),
    *("note", "drove it", "respondent", "respondent name", "version", "submission", "source", "sheet", "cell"),
    *("file", "licence", "illustrative", "certified by", "certified at"),
)
"""The columns in their order. Whoever reads them by program finds them by these names: they are never renamed."""

GROUP_COLUMNS = (
    *("series", "area", "period", "as at", "unit", "rate", "group average", "lower limit", "upper limit"),
    *("number in group", "group", "version", "source", "sheet", "cell", "file", "licence", "illustrative"),
)
"""The same of rates beside groups: `figures import` reads them again."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(rows: Sequence[Any], table: Table | None = None) -> bytes:
    """A CSV file in UTF-8 as Excel opens it: values digit for digit, and no text that it would take for a formula."""
    table = table or FIGURES
    frame = _tabulate(rows, table)
    for column in frame.columns.difference(list(table.numbers)):
        frame[column] = pd.Series([defuse(value) for value in frame[column]], dtype=object)  # map makes 1 a 1.0
    return frame.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def write_excel(rows: Sequence[Any], table: Table | None = None) -> bytes:
    """An Excel workbook with one table: values are numbers, texts are never formulas or links."""
    table = table or FIGURES
    frame = _tabulate(rows, table)
    for column in table.numbers:
        frame[column] = frame[column].map(lambda value: float(value) if isinstance(value, Decimal) else value)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = io.BytesIO()
    with pd.ExcelWriter(book, engine="xlsxwriter", engine_kwargs={"options": options}) as writer:
        frame.to_excel(writer, sheet_name=table.title, index=False, freeze_panes=(1, 0))
        writer.sheets[table.title].autofilter(0, 0, len(frame), len(table.columns) - 1)
        writer.sheets[table.title].autofit()
    return book.getvalue()


def _tabulate(rows: Sequence[Any], table: Table) -> pd.DataFrame:
    return pd.DataFrame(list(map(table.row, rows)), columns=list(table.columns), dtype=object)


def _row(traced: TracedFigure) -> tuple[object, ...]:
    figure, origin = traced.figure, traced.figure.provenance
    return (
        *(figure.period, figure.area, traced.area_name, figure.series, traced.measure, traced.title),
        *(figure.value, figure.unit, figure.status.value, figure.count, figure.base, figure.as_at.isoformat()),
        *(keep_back(figure.note), keep_back(figure.drove_it), traced.respondent, traced.respondent_name),
        *(traced.version, traced.submission),
        *(origin.source, origin.sheet, origin.cell, origin.attachment, origin.licence, origin.illustrative),
        *(traced.certified_by, traced.certified_at.isoformat() if traced.certified_at else ""),
    )


def _group_row(rate: GroupRate) -> tuple[object, ...]:
    origin = rate.provenance
    return (
        *(rate.series, rate.area, rate.period, rate.as_at.isoformat(), rate.unit),
        *(rate.status.value if rate.rate is None else rate.rate, rate.average, rate.low, rate.high),
        *(rate.members, rate.group, rate.version.isoformat()),
        *(origin.source, origin.sheet, origin.cell, origin.attachment, origin.licence, origin.illustrative),
    )


@dataclass(frozen=True)
class Table:
    """What is written: its title, its columns, how one of its rows is made, and the columns that hold numbers."""

    title: str
    columns: tuple[str, ...]
    row: Callable[[Any], tuple[object, ...]]
    numbers: tuple[str, ...]


FIGURES = Table("Figures", COLUMNS, _row, ("value", "numerator", "base"))
GROUPS = Table("Groups", GROUP_COLUMNS, _group_row, GROUP_COLUMNS[5:10])


def defuse(value: object) -> object:
    """A spreadsheet runs text that begins like a formula; behind an apostrophe it is text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
