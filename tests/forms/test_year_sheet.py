"""What the fourth quarter's form asks about the year, on a sheet of its own: written, filled in, read back, checked."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest
from openpyxl import Workbook, load_workbook

from csp_workflow.forms import layout
from csp_workflow.forms.writing import write_workbook
from csp_workflow.intake.checks.findings import CheckedForm, Origin
from csp_workflow.intake.outcomes.merging import find_box
from csp_workflow.rehearsal.partners import excel
from csp_workflow.request.calendar import plan_quarter
from csp_workflow.request.form import define_form
from csp_workflow.store.form_documents import LATEST, dump_form, load_form
from csp_workflow.terms.cells import Input, QuickAnswer
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.returns import FormDefinition
from csp_workflow.terms.site import Site
from csp_workflow.terms.year_end import NO_YEAR_END
from tests.forms.returning import changed, found
from tests.report.paper_told import site
from tests.shipped_checks import CHECKS, check_form

Q3, Q4 = Quarter.parse("2014/15-Q3"), Quarter.parse("2014/15-Q4")
MADE = datetime(2015, 4, 17, 9, tzinfo=UTC)


@cache
def form(respondent: str = "charnwood", quarter: Quarter = Q4, of: Site | None = None) -> FormDefinition:
    of = of or site()
    return define_form(
        of.respondent(respondent), quarter, site=of, dates=plan_quarter(quarter, of), figures=(), narratives={},
        revision=1, key=b"key",
    )  # fmt: skip


def asked(of: FormDefinition) -> list[str]:
    return [row.ref for row in of.summary if layout.sheet_of_box(row) == layout.YEAR]


def came(change: object = None) -> CheckedForm:
    """The form filled in full by a program that is not ours, and changed since."""
    data = excel.fill(
        write_workbook(form(), created=MADE),
        number=lambda *_: 7,
        status=lambda *_: "Final",
        words=lambda ref: f"Said of {ref}.",
        now=MADE,
    )
    read = found(changed(data, change) if callable(change) else data)
    return check_form(
        form(), read, Origin(message="m", attachment="a", day=date(2015, 4, 20)), before={}, checks=CHECKS
    )


def find_row(book: Workbook, ref: str) -> int:
    sheet = book[layout.YEAR]
    return next(row for row in range(1, 40) if sheet.cell(row, 1).value == ref)


def test_only_the_fourth_quarter_of_a_framework_that_says_so_asks_about_the_year() -> None:
    assert asked(form()) == ["Y1", "Y2", "CHARN.O1", "CHARN.O2", "CHARN.O3"]
    assert asked(form(quarter=Q3)) == []
    assert asked(form("public-health")) == []
    (framework,) = site().frameworks
    without = replace(site(), frameworks=(replace(framework, year_end=NO_YEAR_END),))
    assert asked(form(of=without)) == []


def test_it_stands_on_a_sheet_of_its_own_and_is_stored_and_found_again() -> None:
    book = load_workbook(io.BytesIO(write_workbook(form(), created=MADE)))
    assert layout.YEAR in book.sheetnames
    assert "CHARN.O1" not in [cell.value for cell in book[layout.SUMMARY]["A"]]
    assert find_box(form(), ("Y1", Input.VALUE)) == (layout.YEAR, "Y1", layout.HAPPENED)
    assert find_box(form(), ("CHARN.O1", Input.QUICK)) == (layout.YEAR, "CHARN.O1", layout.QUICK)
    assert load_form(dump_form(form()), LATEST) == form()


def test_what_is_written_and_chosen_comes_back_both() -> None:
    told = {n.ref: n for n in came().parts.narratives}
    assert (told["Y1"].text, told["Y1"].answer) == ("Said of Y1.", None)
    assert (told["CHARN.O1"].text, told["CHARN.O1"].answer) == ("Said of CHARN.O1.", QuickAnswer.GOES_ON)
    assert told["CHARN.O3"].answer is QuickAnswer.REACHED
    assert not [f for f in came().parts.findings if f.sheet == layout.YEAR]


@pytest.mark.parametrize(
    ("column", "typed", "code"),
    [
        (3, None, "goes-on-open"),
        (3, "perhaps", "unknown-quick-answer"),
    ],
)
def test_an_objective_needs_its_choice_and_no_words(column: int, typed: object, code: str) -> None:
    def change(book: Workbook) -> None:
        book[layout.YEAR].cell(find_row(book, "CHARN.O1"), column).value = typed  # type: ignore[assignment]
        book[layout.YEAR].cell(find_row(book, "CHARN.O2"), 4).value = None  # type: ignore[assignment]

    checked = came(change)
    assert [(f.code, f.key, f.sheet) for f in checked.parts.findings if f.sheet == layout.YEAR] == [
        (code, "CHARN.O1", layout.YEAR)
    ]
    assert {n.ref: n.answer for n in checked.parts.narratives}["CHARN.O2"] is QuickAnswer.GOES_ON


def test_a_text_that_is_missing_is_asked_for_where_it_stands() -> None:
    def change(book: Workbook) -> None:
        book[layout.YEAR].cell(find_row(book, "Y1"), 4).value = None  # type: ignore[assignment]

    (finding,) = [f for f in came(change).parts.findings if f.sheet == layout.YEAR]
    assert (finding.code, finding.key, finding.column) == ("blank-text", "Y1", layout.HAPPENED)


def test_the_sheet_may_be_moved_into_another_table_or_renamed() -> None:
    def change(book: Workbook) -> None:
        book[layout.YEAR].title = "Our year"

    assert {n.ref: n.text for n in came(change).parts.narratives}["Y1"] == "Said of Y1."
