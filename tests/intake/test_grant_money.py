"""The money of a grant on a form: asked on a sheet of its own, read as typed, and its arithmetic checked."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from csp_workflow.forms import layout, writing
from csp_workflow.intake.checks.findings import Origin
from csp_workflow.intake.opening import read_file, read_reply
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import MeasureKind
from csp_workflow.terms.grants import POUNDS, Grant, GrantLine, find_line, say_pounds
from csp_workflow.terms.returns import FormDefinition, ReadForm
from csp_workflow.terms.site import Area
from tests.intake.intake_county import CHARNWOOD, NOW, known
from tests.intake.intake_factory import Typed, form_of, row
from tests.intake.test_checks_as_set import asking, check, codes
from tests.shipped_checks import CHECKS, check_form

GRANT = Grant(ref="CHARN.G1", title="Community safety fund", agreed=date(2014, 4, 1))
WHOLE = Area(code="CHARN", name="Charnwood CSP")
Q2 = Quarter(2014, 2)


def grant_form(spent_before: str = "", quarter: Quarter = Q2) -> FormDefinition:
    rows = [
        row(
            series.ref, series.title, area=WHOLE, kind=MeasureKind.GRANT, unit=POUNDS,
            before=spent_before if line is GrantLine.SPENT else "",
        )
        for line, series in GRANT.lines
    ]  # fmt: skip
    return replace(asking(*rows), quarter=quarter)


def found_in(*lines: object, before: str = "", **notes: str) -> list[str]:
    figures = {f"CHARN.G1{line}": value for line, value in zip(GrantLine, lines, strict=True)}
    typed = Typed(figures=figures, notes={f"CHARN.G1{line}": said for line, said in notes.items()})
    return codes(check(grant_form(before), typed))


@pytest.mark.parametrize(
    ("lines", "before", "notes", "found"),
    [
        ((25000, 12000.5, 8000, 4999.5, 0), "", {}, []),
        ((25000, 12000, 8000, 4999, 0), "", {}, ["grant-sum"]),
        ((25000, 12000, 8000, 6000, 0), "", {}, ["grant-sum"]),
        ((25000, 12000, 8000, 6000, 0), "", {"U": "The county adds the rest."}, ["grant-sum"]),
        ((25000, 12000, 8000, 6000, -1000), "", {}, ["grant-over"]),
        ((25000, 12000, 8000, 6000, -1000), "", {"U": "The county adds the rest."}, []),
        ((25000, 26000, 0, 0, -1000), "", {}, ["grant-over"]),
        ((25000, "12.000", 8000, 5000, 0), "", {}, ["point-or-comma"]),
        ((25000, "£12,000", "8,000.00", "GBP 5 000", 0), "", {}, []),
        ((25000, 12000, 8000, 4000, 1000), "", {}, ["underspend-unsaid"]),
        ((25000, 12000, 8000, 4000, 1000), "", {"U": "A post was vacant."}, []),
        ((25000, 9000, 8000, 8000, 0), "10000", {}, ["spent-falls"]),
        ((25000, 9000, 8000, 8000, 0), "10000", {"S": "An invoice was credited."}, []),
        ((25000, 10000, 8000, 7000, 0), "10000", {}, []),
        ((25000, 1000, 2000, 22000, 0), "", {}, ["grant-left"]),
        ((25000, 1000, 2000, 22000, 0), "", {"F": "The scheme begins in November."}, []),
        ((25000, "12k", 8000, 5000, 0), "", {}, ["full-number"]),
        ((25000, -5, 8000, 17005, 0), "", {}, ["negative"]),
        ((0, 0, 0, 0, 0), "", {}, []),
    ],
)  # fmt: skip
def test_the_arithmetic_of_a_grant_is_checked(
    lines: tuple[object, ...], before: str, notes: dict[str, str], found: list[str]
) -> None:
    assert found_in(*lines, before=before, **notes) == found


def test_pounds_are_said_with_pence_in_one_way() -> None:
    lines = (25000, "£12,000.5", 8000, 4000, 0)
    figures = {f"CHARN.G1{line}": value for line, value in zip(GrantLine, lines, strict=True)}
    told = check(grant_form(), Typed(figures=figures))
    (finding,) = told.parts.findings
    assert finding.found == (
        "spent, committed, forecast and underspend come to £24,000.50, which is £999.50 less than the allocation of "
        "£25,000.00; by the other lines the expected underspend is £999.50"
    )
    assert "£12,000.50" in " ".join(str(one) for one in told.parts.readings)
    assert [say_pounds(Decimal(text)) for text in ("0", "-3", "1234.5")] == ["£0.00", "-£3.00", "£1,234.50"]


def test_a_new_year_begins_with_nothing_spent() -> None:
    form = grant_form()
    lines = [replace(r, previous=known(r.ref, "CHARN", "24000", Quarter(2013, 4))) for r in form.figures]
    figures = {f"CHARN.G1{line}": v for line, v in zip(GrantLine, (25000, 9000, 8000, 8000, 0), strict=True)}
    assert codes(check(replace(form, figures=tuple(lines)), Typed(figures=figures))) == []


PENCE = st.integers(0, 5_000_000).map(lambda pence: Decimal(pence) / 100)


@given(PENCE, PENCE, PENCE, PENCE, st.integers(-200, 200))
def test_to_the_penny(spent: Decimal, committed: Decimal, forecast: Decimal, left: Decimal, off: int) -> None:
    """The sum is right or wrong, to the penny, whatever is typed; each note says why, so that nothing else is asked."""
    whole = spent + committed + forecast + left + Decimal(off) / 100
    if whole < 0:
        return
    why = dict.fromkeys("SCFU", "It is explained here.")
    assert ("grant-sum" in found_in(*map(str, (whole, spent, committed, forecast, left)), **why)) is (off != 0)


def test_a_ref_says_its_line() -> None:
    assert [find_line(series.ref) for _, series in GRANT.lines] == list(GrantLine)
    assert find_line("CHARN.L1") is find_line("M11.1") is None


def test_it_stands_on_a_sheet_of_its_own_and_is_read_there() -> None:
    ours = grant_form()
    form = replace(ours, figures=(*form_of(CHARNWOOD).figures, *ours.figures))
    written = writing.write_workbook(form, created=NOW)
    book = load_workbook(io.BytesIO(written))
    assert book.sheetnames.index(layout.GRANTS) == book.sheetnames.index(layout.POLICE) + 1
    refs = {str(cell.value) for line in book[layout.GRANTS].iter_rows() for cell in line if cell.value}
    assert {series.ref for _, series in GRANT.lines} <= refs
    assert layout.DROVE_IT not in refs
    for name in (layout.FIGURES, layout.BACKGROUND):
        assert not [c for line in book[name].iter_rows() for c in line if str(c.value).startswith("CHARN.G")]
    sheet = book[layout.GRANTS]
    header = next(line for line in sheet.iter_rows() if any(c.value == layout.REF for c in line))
    columns = {str(c.value): c.column for c in header}
    for at, value in enumerate((25000, 12000.5, 8000, 4000, 0), start=header[0].row + 1):
        sheet.cell(at, columns[layout.THIS_QUARTER]).value = value
    out = io.BytesIO()
    book.save(out)
    read = read_reply(read_file(out.getvalue()))
    assert isinstance(read, ReadForm)
    typed = {r.ref: r.this_quarter.text for r in read.figures if r.ref.startswith("CHARN.G")}
    assert typed == dict(zip((s.ref for _, s in GRANT.lines), ("25000", "12000.5", "8000", "4000", "0"), strict=True))
    assert not [header for header in read.missing_headers if header == layout.DROVE_IT]


def test_a_form_of_grants_alone_lacks_no_column_and_brings_no_empty_sheet() -> None:
    form, origin = grant_form(), Origin(message="m", attachment="a", day=date(2014, 10, 20))
    data = writing.write_workbook(form, created=NOW)
    read = read_reply(read_file(data))
    assert isinstance(read, ReadForm)
    assert not any(
        f.code == "missing-column" for f in check_form(form, read, origin, before={}, checks=CHECKS).parts.findings
    )
    assert layout.BACKGROUND not in load_workbook(io.BytesIO(data)).sheetnames


def test_what_is_asked_about_it_is_marked_on_its_sheet() -> None:
    form = grant_form()
    keys = [layout.figure_key("CHARN", series.ref) for _, series in GRANT.lines]
    assert {layout.find_sheet(form, key) for key in keys} == {layout.GRANTS}
    assert layout.find_sheet(form, "CHARN M11") == layout.FIGURES


def test_a_figure_of_a_whole_year_is_no_grant_s() -> None:
    form = asking(row("CHARN.L1", "Incidents", period="2013/14"))
    assert codes(check(form, Typed(figures={"CHARN.L1": 12}))) == []
