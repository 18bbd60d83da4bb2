"""How a person fills a form: by the words they see on its sheets, in whatever program they have."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from statistics import fmean
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

FIGURES_HEADER = "This quarter"
HOW_MANY, OUT_OF = FIGURES_HEADER, "Out of"
PROMISE, QUICK, NOTHING_NEW = "Promise now", "Quick answer", "Nothing new"
GOES_ON, REACHED = "Goes on next year", "Reached and ends here"
CONFIRM, WHY, NOT_NEEDED = "Confirm or dispute", "In 25 words, why?", "not needed"
_SEEN_ROWS = 400
_SEEN_COLUMNS = 30


@lru_cache(maxsize=200)
def form_code(data: bytes) -> str:
    """Whose form it says it is: the first part of the return reference, which stands on top of its sheets, or ""."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        texts = (book.read(name) for name in book.namelist() if name in {"xl/sharedStrings.xml", _FIRST_SHEET})
        found = next(filter(None, map(_REFERENCE.search, texts)), None)
    return found[1].decode() if found else ""


_FIRST_SHEET = "xl/worksheets/sheet1.xml"
_REFERENCE = re.compile(rb"[>\s]([A-Z0-9]+)(?:-[A-Z0-9.]+){4}[\s<]")
"""Looked for in the file's own part: whoever reads a letter looks at each form in it, and to open one takes long."""


def fill(
    data: bytes,
    *,
    number: Callable[[str, str, str, float | None], object],
    status: Callable[[str, str], str | None],
    words: Callable[[str], str],
    now: datetime,
    explain: Callable[[str, str], str] = lambda area, ref: "",
    share: Callable[[str, str, object, int | None], dict[str, object]] | None = None,
    change: Callable[[Workbook], None] | None = None,
) -> bytes:
    """Fill a form and save it.

    `number(area, ref, unit, seen)` is what the person types in This quarter (None: leave it), having
    seen what the earlier figures beside it lie around (None: there is none); where it is asked out of how many,
    `share(area, ref, typed, out_of)` is what they type under each header for such a per cent, having seen how many the
    latest was out of (None: so many of 100);
    `status(area, ref)` what they pick beside it, `explain(area, ref)` what they note there, `words(ref)` what they
    write in a summary box.
    `change` is whatever else they do to the workbook before saving.
    """
    book = load_workbook(io.BytesIO(data))
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            _fill_figures(sheet, number, share or _type_hundredths, status, explain)
            _fill_boxes(sheet, words)
            _sign(sheet, now)
    if change:
        change(book)
    return save_book(book, now)


def save_book(book: Workbook, now: datetime) -> bytes:
    """The workbook as bytes, saved at a time (virtual, so that the same seed gives the same bytes)."""
    book.properties.modified = now.replace(tzinfo=None)
    book.properties.created = min(book.properties.created or now, now.replace(tzinfo=None))
    out = io.BytesIO()
    book.save(out)
    return _fix_stamps(out.getvalue())


def _fix_stamps(data: bytes) -> bytes:
    """The same parts with fixed time stamps: openpyxl stamps the zip and the properties with now."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2014-10-01T09:00:00Z", part)
            new.writestr(zipfile.ZipInfo(name, (2014, 10, 1, 9, 0, 0)), part)
    return out.getvalue()


def _rows_under(sheet: Worksheet, header: str) -> Iterator[tuple[int, dict[str, int]]]:
    """The rows below the one that holds a header (and "Ref"), each with the columns by their words."""
    for line in sheet.iter_rows(min_row=1, max_row=40, max_col=_SEEN_COLUMNS):
        columns = {str(c.value).strip(): c.column for c in line if c.value is not None}
        if header in columns and "Ref" in columns:
            top = int(line[0].row or 0)
            yield from ((row, columns) for row in range(top + 1, min(sheet.max_row, _SEEN_ROWS) + 1))
            return


def figure_rows(sheet: Worksheet) -> Iterator[tuple[int, dict[str, int], str, str]]:
    """Each row of a figures table: its number, the columns, its area code and its ref."""
    for row, columns in _rows_under(sheet, FIGURES_HEADER):
        area, ref = sheet.cell(row, columns["Area code"]).value, sheet.cell(row, columns["Ref"]).value
        if area and ref:
            yield row, columns, str(area), str(ref)


def _fill_figures(
    sheet: Worksheet,
    number: Callable[..., object],
    share: Callable[..., dict[str, object]],
    status: Callable[..., str | None],
    explain: Callable[..., str],
) -> None:
    for row, columns, area, ref in figure_rows(sheet):
        if CONFIRM in columns:
            _confirm(sheet, row, columns, explain(area, ref))
            continue
        unit = str(sheet.cell(row, columns["Unit"]).value or "")
        typed: Any = number(area, ref, unit, _read_seen(sheet, row, columns))
        if typed is not None:
            is_share = OUT_OF in columns and sheet.cell(row, columns[OUT_OF]).value != NOT_NEEDED
            said = share(area, ref, typed, _read_whole(sheet, row, columns)) if is_share else {FIGURES_HEADER: typed}
            for header, text in said.items():
                sheet.cell(row, columns[header]).value = text  # type: ignore[assignment]
        picked = status(area, ref)
        if picked and (typed is not None or picked.startswith("Not")):
            sheet.cell(row, columns["Status"]).value = picked
        if note := explain(area, ref) or _say_why(sheet, row, columns, typed):
            sheet.cell(row, columns[WHY]).value = note


def _confirm(sheet: Worksheet, row: int, columns: dict[str, int], why: str) -> None:
    """Confirm a figure of the force's, all of them where a row offers that, and say why where something is noted or
    the row says what is usual and is outside of it."""
    cell = sheet.cell(row, columns[CONFIRM])
    if cell.value == NOT_NEEDED:
        return
    is_all = str(sheet.cell(row, columns["Ref"]).value) == "ALL"
    single = not any(str(sheet.cell(at, columns["Ref"]).value) == "ALL" for at in range(row, 0, -1))
    if is_all or single:
        cell.value = "Confirmed"
    seen = None if is_all else _first_number(sheet.cell(row, columns[FIGURES_HEADER]).value)
    if note := why or _say_why(sheet, row, columns, seen):
        sheet.cell(row, columns[WHY]).value = note


def _say_why(sheet: Worksheet, row: int, columns: dict[str, int], value: object) -> str:
    """A sentence where a figure lies outside what the row says is usual: "22 to 46"."""
    usual = re.match(r"([\d,.]+)%? to ([\d,.]+)", str(sheet.cell(row, columns.get("Usual range", 1)).value or ""))
    if usual is None or not isinstance(value, int | float):
        return ""
    low, high = (float(limit.replace(",", "")) for limit in usual.groups())
    return "" if low <= value <= high else "More of it was noticed and reported than in other years."


def _first_number(text: object) -> float | None:
    found = re.match(r"[\d,]+(?:\.\d+)?", str(text or ""))
    return float(found[0].replace(",", "")) if found else None


def _type_hundredths(_area: str, _ref: str, typed: object, _: int | None) -> dict[str, object]:
    return {HOW_MANY: round(typed) if isinstance(typed, float) else typed, OUT_OF: 100}


def _read_seen(sheet: Worksheet, row: int, columns: dict[str, int]) -> float | None:
    """What the earlier figures in the row lie around, read as a person reads them: the first number in each text."""
    seen = _list_seen(sheet, row, columns, r"([\d,]+(?:\.\d+)?)")
    return fmean(seen) if seen else None


def _read_whole(sheet: Worksheet, row: int, columns: dict[str, int]) -> int | None:
    """Out of how many the latest earlier share was: "62.5 (75 of 120)"."""
    seen = _list_seen(sheet, row, columns, r".*\b(?:of|n =)\s([\d,]+)")
    return round(seen[-1]) if seen else None


def _list_seen(sheet: Worksheet, row: int, columns: dict[str, int], pattern: str) -> list[float]:
    earlier = (column for header, column in columns.items() if re.search(r"\d{4}/\d{2}.*Q\d", header))
    found = (re.match(pattern, str(sheet.cell(row, column).value or "")) for column in earlier)
    return [float(text[1].replace(",", "")) for text in found if text]


def _fill_boxes(sheet: Worksheet, words: Callable[[str], str]) -> None:
    for header in ("What happened", "Your answer"):
        if any(_rows_under(sheet, "What we saw")):
            continue  # our questions are answered by mending what they are about
        for row, columns in _rows_under(sheet, header):
            ref = sheet.cell(row, columns["Ref"]).value
            if ref and not sheet.cell(row, columns[header]).protection.locked:
                said = words(str(ref))
                if PROMISE not in columns and QUICK in columns and sheet.cell(row, columns[QUICK]).value != NOT_NEEDED:
                    sheet.cell(row, columns[QUICK]).value = REACHED if ref and str(ref).endswith("O3") else GOES_ON
                is_quick = said == NOTHING_NEW and sheet.cell(row, columns[QUICK]).value != NOT_NEEDED
                sheet.cell(row, columns[QUICK if is_quick else header]).value = said
            promise = sheet.cell(row, columns[PROMISE]) if ref and PROMISE in columns else None
            if promise is not None and promise.value != NOT_NEEDED:
                promise.value = "Under way"


def _sign(sheet: Worksheet, now: datetime) -> None:
    for row in range(1, 41):
        label = str(sheet.cell(row, 1).value or "").strip().lower()
        if label.startswith("completed by"):
            sheet.cell(row, 2).value = "Performance lead"
        elif label == "position":
            sheet.cell(row, 2).value = "Community safety"
        elif label == "date":
            sheet.cell(row, 2).value = f"{now:%d/%m/%Y}"


def sort_by_ref(book: Workbook) -> None:
    """Sort the figures table by ref, backwards, as somebody looking for something does."""
    for sheet in book.worksheets:
        rows = list(figure_rows(sheet))
        if not rows:
            continue
        first, last = rows[0][0], rows[-1][0]
        lines = [[sheet.cell(r, c).value for c in range(1, _SEEN_COLUMNS)] for r in range(first, last + 1)]
        column = rows[0][1]["Ref"] - 1
        lines.sort(key=lambda line: str(line[column]), reverse=True)
        for offset, line in enumerate(lines):
            for c, value in enumerate(line, start=1):
                sheet.cell(first + offset, c).value = value


def dispute(book: Workbook, *, ref: str, why: str) -> None:
    """Dispute a figure of the force's, by its ref, and say why."""
    for sheet in book.worksheets:
        for row, columns, _, found in figure_rows(sheet):
            if CONFIRM in columns and found == ref:
                sheet.cell(row, columns[CONFIRM]).value, sheet.cell(row, columns[WHY]).value = "Disputed", why


def insert_a_row(book: Workbook) -> None:
    """Insert a line of one's own in the middle of the figures table."""
    for sheet in book.worksheets:
        rows = list(figure_rows(sheet))
        if rows:
            at = rows[len(rows) // 2][0]
            sheet.insert_rows(at)
            sheet.cell(at, rows[0][1]["Measure"]).value = "See also our own dashboard"
