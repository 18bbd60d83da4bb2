"""The workbook that goes with a paper: every table of it, for whoever reads by ear or reckons on."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csp_workflow.report.blocks import Run, Table
from csp_workflow.report.companion import LONGEST, build_companion
from tests.report.every_block import CHANGES, FULL, PRIORITIES

AS_AT = datetime(2014, 11, 20, 9, tzinfo=UTC)


def built(*tables: tuple[str, Table], **others: Any) -> Any:
    return openpyxl.load_workbook(io.BytesIO(build_companion("Figures", tables, as_at=AS_AT, **others)))


def table(*rows: tuple[Any, ...], headers: tuple[str, ...] = ("Area", "Number"), **others: Any) -> Table:
    given = {"caption": "A table", "description": "What it shows.", "weights": (1,) * len(headers), "numeric": (1,)}
    return Table(headers=headers, rows=rows, **given | others)


def test_each_table_has_a_sheet_and_the_first_lists_them() -> None:
    book = built(("Changes", CHANGES), ("Figures", FULL), ("Plan", PRIORITIES), note="Made up.")
    assert book.sheetnames == ["Contents", "Changes", "Figures", "Plan"]
    contents = book["Contents"]
    assert [contents["A1"].value, contents["A2"].value] == ["Figures", "Made up."]
    assert [(row[0].value, row[1].value) for row in contents["A5:B7"]] == [
        ("Changes", CHANGES.caption),
        ("Figures", FULL.caption),
        ("Plan", PRIORITIES.caption),
    ]
    assert contents["A6"].hyperlink.location == "'Figures'!A1"
    for sheet in book:
        assert sheet["A1"].value
        assert not sheet.merged_cells.ranges
        assert all(len(sheet.tables) == 1 for sheet in book.worksheets[1:])


def test_no_cell_of_a_table_is_empty_and_its_notes_stand_above() -> None:
    for sheet in built(("Changes", CHANGES), ("Figures", FULL)).worksheets[1:]:
        (marked,) = sheet.tables.values()
        assert all(cell.value not in {None, ""} for row in sheet[marked.ref] for cell in row)
    assert built(("Changes", CHANGES))["Changes"]["A3"].value.startswith("In the order of the Plan's priorities.")


def test_numbers_are_numbers_and_words_are_words() -> None:
    one = table(
        ("=1+1", "1,234"),
        ("+x", "6.40"),
        ("@x", "fewer than 5"),
        ("-", "\u22123"),
        ("07", "12%"),
        ("1", "1,23"),
        ("", ""),
    )
    sheet = built(("T", one))["T"]
    assert [[cell.value for cell in row] for row in sheet["A5:B11"]] == [
        ["=1+1", 1234],
        ["+x", 6.4],
        ["@x", "fewer than 5"],
        ["-", -3],
        ["07", "12%"],
        ["1", "1,23"],
        ["No data", "No data"],
    ]
    assert sheet["A5"].data_type == "s"
    assert sheet["B6"].number_format == "#,##0.00"


def test_headers_are_told_apart() -> None:
    headers = ("Area", "area", "Area", "", "Two\nlines")
    sheet = built(("T", table(("a", "1", "b", "c", "d"), headers=headers)))["T"]
    assert [cell.value for cell in sheet[4]] == ["Area", "area (2)", "Area (3)", "Column 4", "Two lines"]


def test_a_text_too_long_for_a_cell_goes_on_below() -> None:
    sheet = built(("T", table(("x" * (LONGEST + 5), "7"))))["T"]
    assert [len(sheet[f"A{row}"].value) for row in (5, 6)] == [LONGEST, 5]
    assert [sheet[f"B{row}"].value for row in (5, 6)] == [7, "as above"]


def test_runs_are_written_as_their_words_and_a_table_may_have_no_row() -> None:
    sheet = built(("T", table(((Run(text="a", strong=True), Run(text="b")), "1"))), ("None", table()))["T"]
    assert sheet["A5"].value == "ab"


@pytest.mark.parametrize("names", [("A", "a"), ("a/b",), ("x" * 32,)])
def test_a_sheet_that_excel_would_not_take_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"heet.?name"):
        built(*((name, table(("a", "1"))) for name in names))


def test_the_same_tables_give_the_same_bytes() -> None:
    first, again = (build_companion("T", (("Figures", FULL),), as_at=AS_AT) for _ in range(2))
    assert first == again
    with zipfile.ZipFile(io.BytesIO(first)) as book:
        assert b"<dc:creator></dc:creator>" in book.read("docProps/core.xml")


@settings(max_examples=25)
@given(st.text(max_size=60))
def test_whatever_is_written_can_be_opened(text: str) -> None:
    assert built(("T", table((text, text), headers=(text, "Number"), caption=text, note=text)))["T"]["A5"].value
