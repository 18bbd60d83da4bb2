"""A form of several areas whose area codes are gone: rows that are plain are read, the others are asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO

import pytest
from form_factory import BLABY, CREATED, HINCKLEY, joint_form
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from returning import found

from csp_workflow.forms import layout
from csp_workflow.forms.writing import write_workbook
from csp_workflow.intake.checks.candidates import name_rows
from csp_workflow.intake.checks.findings import CheckedForm, Origin
from csp_workflow.terms.returns import FormDefinition
from csp_workflow.terms.site import Area
from tests.shipped_checks import CHECKS, check_form

ORIGIN = Origin(message="m", attachment="a", day=date(2014, 10, 20))
Change = Callable[[Worksheet, int, dict[str, int]], None]


@cache
def form_of_two() -> FormDefinition:
    """The joint partnership's form, with one of its own measures asked of both areas."""
    form = joint_form()
    shared = next(row for row in layout.list_own(form) if row.kind.value == "count" and row.area == BLABY)
    return replace(form, figures=(*form.figures, replace(shared, area=HINCKLEY)))


def checked(change: Callable[[Workbook], None]) -> CheckedForm:
    """The form filled in with a figure a row, and changed."""
    form = form_of_two()
    book = load_workbook(BytesIO(write_workbook(form, created=CREATED)))
    for sheet, head, at in tables(book):
        for n in range(head + 1, sheet.max_row + 1):
            if sheet.title == layout.FIGURES and sheet.cell(n, at[layout.REF]).value:
                sheet.cell(n, at[layout.THIS_QUARTER]).value = 20 + n
                if layout.OUT_OF in at and sheet.cell(n, at[layout.OUT_OF]).value is None:
                    sheet.cell(n, at[layout.OUT_OF]).value = 90
            elif sheet.title == layout.POLICE and sheet.cell(n, at[layout.REF]).value == layout.ALL:
                sheet.cell(n, at[layout.CONFIRM]).value = layout.CONFIRMED
    change(book)
    out = BytesIO()
    book.save(out)
    return check_form(form, found(out.getvalue()), ORIGIN, before={}, checks=CHECKS)


def tables(book: Workbook) -> list[tuple[Worksheet, int, dict[str, int]]]:
    sheets = [book[name] for name in (layout.FIGURES, layout.POLICE)]
    heads = [next(n for n in range(1, 20) if layout.REF in {c.value for c in sheet[n]}) for sheet in sheets]
    return [
        (s, head, {str(c.value): c.column for c in s[head] if c.value}) for s, head in zip(sheets, heads, strict=True)
    ]


def each_row(change: Change) -> Callable[[Workbook], None]:
    def edit(book: Workbook) -> None:
        for sheet, head, at in tables(book):
            for n in range(head + 1, sheet.max_row + 1):
                if sheet.cell(n, at[layout.REF]).value:
                    change(sheet, n, at)

    return edit


def without_column(book: Workbook) -> None:
    for sheet, _, at in tables(book):
        sheet.delete_cols(at[layout.AREA_CODE])


def in_words(sheet: Worksheet, n: int, at: dict[str, int]) -> None:
    sheet.cell(n, at[layout.AREA_CODE]).value = sheet.cell(n, at[layout.AREA]).value
    sheet.cell(n, at[layout.AREA]).value = None


def shortened(sheet: Worksheet, n: int, at: dict[str, int]) -> None:
    name = str(sheet.cell(n, at[layout.AREA]).value)
    sheet.cell(n, at[layout.AREA_CODE]).value = name.split(maxsplit=1)[0].upper()


def cleared(*headers: str) -> Change:
    def change(sheet: Worksheet, n: int, at: dict[str, int]) -> None:
        for header in headers:
            sheet.cell(n, at[header]).value = None

    return change


def values(form: CheckedForm) -> dict[tuple[str, str], object]:
    return {(f.area, f.series): (f.value, f.status, f.note) for f in form.parts.figures}


AS_SENT = values(checked(lambda book: None))


@pytest.mark.parametrize(
    "change",
    [without_column, each_row(cleared(layout.AREA_CODE)), each_row(in_words), each_row(shortened)],
    ids=["column deleted", "cells cleared", "names for codes", "first words of names"],
)
def test_rows_whose_area_s_name_stands_beside_them_are_read(change: Callable[[Workbook], None]) -> None:
    form, plain = checked(change), checked(lambda book: None)
    assert (values(form), form.parts.confirmed) == (AS_SENT, plain.parts.confirmed)
    assert len(AS_SENT) == len(layout.list_own(form_of_two()))
    names = {f.code for f in form.parts.findings} - {f.code for f in plain.parts.findings}
    assert names <= {"words-beside"}


def test_without_code_and_name_a_ref_of_one_area_is_plain_and_one_of_several_is_asked_about() -> None:
    form = checked(each_row(cleared(layout.AREA_CODE, layout.AREA)))
    refs = [ref for _, ref in AS_SENT]
    shared = {place for place in AS_SENT if refs.count(place[1]) > 1}
    assert values(form) == {place: said for place, said in AS_SENT.items() if place not in shared}
    asked = [
        f for f in form.parts.findings if f.code == "missing-row" and f.key in {layout.figure_key(*p) for p in shared}
    ]
    assert len(asked) == len(shared) == 2
    assert all("that names no area" in f.found for f in asked)
    assert form.parts.confirmed == ()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Oadby & Wigston", "O"), ("Oadby", "O"), ("O", ""), ("Leicester", ""), ("Leicestershire", "L"), ("Leic", ""),
        ("Leicestershire County", ""), ("Both", ""), ("Wigston", ""), ("North", ""), ("North West", "NW"),
    ],
)  # fmt: skip
def test_an_area_is_known_by_its_name_or_by_that_name_s_first_words(said: str, code: str) -> None:
    names = {"O": "Oadby and Wigston", "L": "Leicestershire", "NW": "North West", "NE": "North East"}
    form, read = joint_form(), found(write_workbook(joint_form(), created=CREATED))
    rows = tuple(replace(form.figures[0], area=Area(code=code, name=name)) for code, name in names.items())
    seen = replace(read.figures[0], area_code=said)
    named = name_rows(replace(form, figures=rows), replace(read, figures=(seen,)))
    assert named.figures[0].area_code == (code or said)


def test_a_row_that_names_an_area_of_nobody_s_is_not_taken() -> None:
    def change(sheet: Worksheet, n: int, at: dict[str, int]) -> None:
        sheet.cell(n, at[layout.AREA_CODE]).value = "E07000135"

    assert values(checked(each_row(change))) == {}
