"""Takes the bare table out of a file of figures, Excel or CSV: rows of texts, each with the number people see.

It runs in the sandbox's child and understands nothing: which column is which, `request.figures_file` decides.
"""

from __future__ import annotations

import codecs
import csv
import io
import warnings
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from openpyxl import load_workbook

from csp_workflow.forms.display import is_per_cent
from csp_workflow.forms.grids import text_of
from csp_workflow.forms.markup import PartPass
from csp_workflow.forms.refusals import SENTENCES
from csp_workflow.forms.vetting import Container
from csp_workflow.mail.files import OUR_FAILURES, FileRefused, sniff_kind

ROWS = 50_000
COLUMNS = 200
SHEETS = 50
_LONGEST = 1_000
_LISTS = {"csv", "text"}
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

UNSAVED = "a formula without a saved result"
ERROR = "an Excel error"
"""What is wrong with a cell that cannot be used; `faults` of a row gives it by column, from 0."""


def read_table(data: bytes) -> dict[str, Any]:
    """A file's bytes -> {"sheets": [{"name", "rows": [{"row", "cells", "faults"}]}]} or {"refused": sentence}.

    A CSV's row also has the "line" of the file on which it begins. JSON-able; never raises. Empty rows are left out.
    Rows beyond ROWS refuse the file, so that nothing is taken by half.
    """
    kind = sniff_kind(data)
    try:
        if kind in {"xlsx", "xlsm"}:
            return {"sheets": list(_sheets(data))}
        if kind in _LISTS:
            return {"sheets": [{"name": "", "rows": _bounded(_lines(data))}]}
    except FileRefused as refused:
        return {"refused": _sentence(refused.reason)}
    except OUR_FAILURES:
        raise
    except Exception:  # noqa: BLE001 - a damaged file brings out faults of every kind in a parser
        return {"refused": _sentence("damaged")}
    return {"refused": _sentence(kind)}


def _sentence(reason: str) -> str:
    """Why the file was not read, for the co-ordinator; the sentences for respondents speak of our form."""
    own = {
        "empty": "The file is empty.",
        "too large": f"The file has more than {ROWS:,} rows, or its parts are too large. Please split it.",
        "pdf": "The file is a PDF. Please save the figures as Excel (.xlsx) or CSV.",
    }
    if reason in own:
        return own[reason]
    first = SENTENCES.get(reason, "We do not know this kind of file.").partition(". ")[0].rstrip(".")
    return f"{first}. Figures are loaded from Excel (.xlsx) or CSV."


def _bounded(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found = list(islice(rows, ROWS + 1))
    if len(found) > ROWS:
        raise FileRefused("too large")
    return found


# CSV ----------------------------------------------------------------------------------------


def _lines(data: bytes) -> Iterator[dict[str, Any]]:
    text = _decode(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    ended = 0
    for number, cells in enumerate(reader, start=1):
        begun, ended = ended + 1, reader.line_num
        kept = [cell[:_LONGEST] for cell in cells[:COLUMNS]]
        if any(cell.strip() for cell in kept):
            yield {"row": number, "line": begun, "cells": kept, "faults": {}}


def _decode(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or what Excel in England saves as plain CSV."""
    if data.startswith(_MARKS):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    head = "".join(text.splitlines(keepends=True)[:5])
    return max(",;\t", key=head.count)


# Excel --------------------------------------------------------------------------------------


def _sheets(data: bytes) -> Iterator[dict[str, Any]]:
    has_formulas = _has_formulas(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        formulas = load_workbook(io.BytesIO(data), read_only=True, keep_links=False) if has_formulas else None
        if not book.worksheets:
            raise FileRefused("strict")
        for place, sheet in enumerate(book.worksheets[:SHEETS]):
            behind = formulas.worksheets[place] if formulas else None
            yield {"name": str(sheet.title), "rows": _bounded(_rows(sheet, behind))}


def _has_formulas(data: bytes) -> bool:
    """Whether any sheet has a formula. Every part is inflated and looked through within bounds first: a bomb ends here.

    So does a declaration of entities: openpyxl takes what it is given.
    """
    container = Container(data)
    found = False
    for name in container.list_names():
        if name.endswith((".xml", ".rels")):
            part = container.read(name)
            PartPass(part).run()
            found = found or (name.startswith("xl/worksheets/") and (b"<f>" in part or b"<f " in part))
    return found


def _rows(sheet: Any, behind: Any) -> Iterator[dict[str, Any]]:
    window = {"min_row": 1, "max_row": ROWS + 1, "min_col": 1, "max_col": COLUMNS}
    written = behind.iter_rows(**window) if behind is not None else iter(())
    for number, cells in enumerate(sheet.iter_rows(**window), start=1):
        formulas = next(written, ())
        faults = dict(_faults(cells, formulas))
        texts = [_text(cell) for cell in cells]
        while texts and not texts[-1] and str(len(texts) - 1) not in faults:
            texts.pop()
        if texts:
            yield {"row": number, "cells": texts, "faults": faults}


def _faults(cells: tuple[Any, ...], formulas: tuple[Any, ...]) -> Iterator[tuple[str, str]]:
    for column, cell in enumerate(cells):
        if cell.data_type == "e":
            yield str(column), ERROR
        elif cell.value is None and column < len(formulas) and formulas[column].data_type == "f":
            yield str(column), UNSAVED


def _text(cell: Any) -> str:
    """What a cell shows, near enough: a number to fifteen figures, per cent where it is formatted so, an ISO date."""
    value = cell.value
    if isinstance(value, str):
        return value[:_LONGEST]
    if isinstance(value, int | float) and not isinstance(value, bool) and is_per_cent(str(cell.number_format or "")):
        return f"{text_of(value * 100)}%"
    return text_of(value)
