"""What a spreadsheet program shows of a number, against a table of what LibreOffice shows, and with --sweep itself."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.forms.display import is_per_cent, show_number, show_text

SHOWN = {
    "General": {"35": "35", "0.625": "0.625", "-3": "-3"},
    "": {"35": "35"},
    "0": {"35": "35", "35.4": "35", "35.5": "36", "-35.5": "-36", "0.4": "0", "-0.2": "0"},
    "0.0": {"35": "35.0", "0.05": "0.1", "99.95": "100.0"},
    "0.00": {"1204.5": "1204.50", "0.625": "0.63"},
    "0.": {"35.4": "35."},
    "#": {"0": "", "12": "12"},
    "0.##": {"35": "35.", "0.5": "0.5", "1.204": "1.2"},
    "?0.0?": {"35.5": "35.5 "},
    "#,##0": {"1204": "1,204", "1234567.891": "1,234,568", "12": "12"},
    "#,##0.00": {"1234567.891": "1,234,567.89"},
    "# ##0": {"1204": "1 204"},
    "00000": {"35": "00035", "1234567": "1234567"},
    "0,000": {"35": "0,035", "1204": "1,204"},
    "000-0": {"1204": "120-4", "12045": "1204-5"},
    "0%": {"0.625": "63%", "0.4": "40%", "35": "3500%"},
    "0.0%": {"0.625": "62.5%"},
    "%0": {"0.4": "%40"},
    "0 %": {"0.4": "40 %"},
    "0.0\\%": {"0.4": "0.4%", "62.5": "62.5%"},
    '0"%"': {"62.5": "63%"},
    '[<5]"<5";0': {"3": "<5", "5": "5", "35": "35", "-3": "<5"},
    '[<5]"<5"': {"3": "<5", "35": "35"},
    '[<=5]"c";[>100]"many";0': {"5": "c", "101": "many", "35": "35"},
    '[=0]"nil";0': {"0": "nil", "5": "5"},
    '[>=1000]#,##0,"k";0': {"35000": "35k", "35": "35"},
    "[<1]0%;0": {"0.4": "40%", "3": "3"},
    "[<>0]0": {"5": "5"},
    "0,": {"35000": "35", "1204": "1"},
    "0.0,": {"1204": "1.2"},
    '0.0,,"m"': {"1234567.891": "1.2m"},
    '"about "0': {"35": "about 35"},
    '0" offences"': {"35": "35 offences", "1204": "1204 offences"},
    '0\\ "of 40"': {"12": "12 of 40"},
    '0"1"': {"35": "351"},
    '"35"': {"12": "35", "-3": "35"},
    ";;;": {"35": "", "-35": "", "0": ""},
    "0;;": {"35": "35", "-35": "", "0": ""},
    "0;-0;;@": {"0": "", "-35": "-35"},
    "0;0": {"-35": "35", "35": "35", "0": "0"},
    "#,##0;(#,##0)": {"-35": "(35)"},
    "[Red]0;[Blue]-0": {"-35": "-35", "35": "35"},
    '0;"minus "0;"none"': {"-3": "minus 3", "0": "none"},
    '_-* #,##0_-;-* #,##0_-;_-* "-"??_-;_-@_-': {"35": " 35 ", "0": " -   "},
    "0_)": {"35": "35 "},
    '"£"#,##0': {"1204": "£1,204"},
    "[$£-809]#,##0.00": {"1204": "£1,204.00"},
    "[$-409]0": {"35": "35"},
    "€0": {"35": "€35"},
    "0.00E+00": {"1204.5": "1.20E+03", "0.05": "5.00E-02", "0": "0.00E+00"},
    "0E+0": {"9.99": "1E+1", "35": "4E+1"},
    "0.0E-0": {"1204": "1.2E3"},
    "# ?/?": {"35.5": "35 1/2", "35": "35", "0": "0", "0.999": "1"},
    "?/?": {"0.5": "1/2"},
    "# ?/4": {"0.75": "3/4", "1.5": "1 2/4"},
    "@": {"35": "35"},
    '"x"General': {"35": "x35", "-3": "-x3"},
    '"£"': {"35": "£"},
    '0"a;b"': {"35": "35a;b"},
}
CANNOT = (
    "dd/mm/yyyy", "[h]:mm", "0." + "0" * 40, "[>100]0;0",
    "mmm", "0 days", "[DBNum1]0", "[$-F800]0", "##0.0E+0", "#/##/#", '0"', "[0", "0;0;0;0;0",
    "0" * 300, "[<0]0;0", '[<-5]"a";[>9]"b"',
)  # fmt: skip
PAIRS = [(value, of, shown) for of, values in SHOWN.items() for value, shown in values.items()]


@pytest.mark.parametrize(("value", "of", "shown"), PAIRS)
def test_a_number_is_shown_as_programs_show_it(value: str, of: str, shown: str) -> None:
    assert show_number(Decimal(value), of) == shown


@pytest.mark.parametrize("of", CANNOT)
def test_what_is_not_understood_cannot_be_said(of: str) -> None:
    assert show_number(Decimal(-1), of) is None


@pytest.mark.parametrize(
    ("of", "shown"),
    [
        ("General", "n/a"), ("0", "n/a"), ("@", "n/a"), ('@" (p)"', "n/a (p)"), (";;;", ""), (";;", "n/a"),
        ('0;0;0;"<5"', "<5"), ("0;0;0;@", "n/a"), ("[DBNum1]@", None),
    ],
)  # fmt: skip
def test_a_text_is_shown_by_the_section_for_texts(of: str, shown: str | None) -> None:
    assert show_text("n/a", of) == shown


def test_only_a_sign_that_programs_write_makes_a_number_a_hundred_times_as_large() -> None:
    assert [is_per_cent(of) for of in ("0%", "0.0 %", '0"%"', "0\\%", "[DBNum1]0%")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@given(st.decimals(-(10**9), 10**9, places=3), st.text('0#?.,%"\\;[]<=5E+-@_* abdeh/£', max_size=20))
def test_any_format_is_read_or_cannot_be_said(value: Decimal, of: str) -> None:
    assert isinstance(show_number(value, of), str | None)
    assert isinstance(show_text("n/a", of), str | None)


@given(st.decimals(0, 10**9, places=4), st.integers(0, 3), st.booleans())
def test_what_is_shown_of_a_plain_format_is_the_number_rounded(value: Decimal, places: int, grouped: bool) -> None:
    shown = show_number(value, ("#,##0" if grouped else "0") + ("." + "0" * places if places else ""))
    assert shown == f"{round(value + Decimal('1e-9'), places):{',' if grouped else ''}.{places}f}"


@pytest.mark.sweep
@pytest.mark.needs_libreoffice
def test_libreoffice_shows_the_same(tmp_path: Path) -> None:
    values = "0 1 3 5 12 35 35.4 35.5 0.4 0.625 0.05 0.001 -3 -35.5 "
    values += "100 1204 1204.5 35000 1234567.891 99.995 -0.2 1.204"
    pairs = [(value, of) for of in SHOWN if of for value in values.split()]
    with xlsxwriter.Workbook(str(tmp_path / "o.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.set_column(0, 0, 60)
        for row, (value, of) in enumerate(pairs):
            sheet.write_number(row, 0, float(value), book.add_format({"num_format": of}))
    soffice = shutil.which("soffice")
    assert soffice
    command = [soffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    command += ["--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "o.xlsx")], check=True, capture_output=True, timeout=120)
    read = csv.reader(io.StringIO((tmp_path / "o.csv").read_text("utf-8")))
    differing = [
        (value, of, ours, theirs)
        for (value, of), theirs in zip(pairs, (line[0] if line else "" for line in read), strict=True)
        if (ours := show_number(Decimal(value), of)) is not None and _plain(ours) != _plain(theirs)
    ]
    assert differing == []


def _plain(shown: str) -> str:
    """LibreOffice leaves out a point that nothing follows, which Excel writes, and spaces an empty whole part."""
    return "".join(shown.split()).removesuffix(".")
