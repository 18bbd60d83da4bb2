"""Figures with where each was read, as a file for whoever analyses them: CSV or Excel, by the file's ending."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal

import pandas as pd

from csp_workflow.terms.figures import TracedFigure
from csp_workflow.terms.personal import keep_back

COLUMNS = (
    *(
        "period",
        "area",
        "area name",
        "series",
        "measure",
        "title",
        "value",
        "unit",
        "status",
        "numerator",
        "base",
        "as at",
    ),
    *("note", "drove it", "respondent", "respondent name", "version", "submission", "source", "sheet", "cell"),
    *("file", "licence", "illustrative"),
)
"""The columns in their order. Whoever reads them by program finds them by these names: they are never renamed."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(figures: Sequence[TracedFigure]) -> bytes:
    """A CSV file in UTF-8 as Excel opens it: values digit for digit, and no text that it would take for a formula."""
    frame = _tabulate(figures)
    for column in frame.columns.difference(["value", "numerator", "base"]):
        frame[column] = frame[column].map(_defuse)
    return frame.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def write_excel(figures: Sequence[TracedFigure]) -> bytes:
    """An Excel workbook with one table: values are numbers, texts are never formulas or links."""
    frame = _tabulate(figures)
    frame["value"] = frame["value"].map(lambda value: float(value) if isinstance(value, Decimal) else value)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = io.BytesIO()
    with pd.ExcelWriter(book, engine="xlsxwriter", engine_kwargs={"options": options}) as writer:
        frame.to_excel(writer, sheet_name="Figures", index=False, freeze_panes=(1, 0))
        writer.sheets["Figures"].autofilter(0, 0, len(frame), len(COLUMNS) - 1)
        writer.sheets["Figures"].autofit()
    return book.getvalue()


def _tabulate(figures: Sequence[TracedFigure]) -> pd.DataFrame:
    return pd.DataFrame([_row(traced) for traced in figures], columns=list(COLUMNS), dtype=object)


def _row(traced: TracedFigure) -> tuple[object, ...]:
    figure, origin = traced.figure, traced.figure.provenance
    return (
        *(figure.period, figure.area, traced.area_name, figure.series, traced.measure, traced.title),
        *(figure.value, figure.unit, figure.status.value, figure.count, figure.base, figure.as_at.isoformat()),
        *(keep_back(figure.note), keep_back(figure.drove_it), traced.respondent, traced.respondent_name),
        *(traced.version, traced.submission),
        *(origin.source, origin.sheet, origin.cell, origin.attachment, origin.licence, origin.illustrative),
    )


def _defuse(value: object) -> object:
    """A spreadsheet runs text that begins like a formula; behind an apostrophe it is text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
