"""A form opened and saved by another program still reads the same, and its counters count right."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from form_factory import CREATED, analyst_form, contributor_form, joint_form
from openpyxl import load_workbook
from returning import figures_by_key, found, numbered

from csp_workflow.forms import layout
from csp_workflow.forms.writing import write_workbook
from csp_workflow.terms.returns import Filled

pytestmark = pytest.mark.needs_libreoffice
RECALCULATE = "xlsx:Calc MS Excel 2007 XML"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """LibreOffice with a profile of its own, told to calculate everything when it opens a file."""
    soffice = shutil.which("soffice")
    assert soffice, "LibreOffice is not installed"
    home = tmp_path_factory.mktemp("office")
    (home / "profile/user").mkdir(parents=True)
    (home / "profile/user/registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        '<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">'
        "<value>0</value></prop></item></oor:items>"
    )

    def convert(path: Path, to: str) -> Path:
        out = path.parent / f"{to[:4]}-{path.stem}"
        command = [soffice, f"-env:UserInstallation=file://{home}/profile", "--headless", "--convert-to", to]
        subprocess.run([*command, "--outdir", str(out), str(path)], check=True, capture_output=True, timeout=120)
        return next(out.iterdir())

    return convert


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    path = tmp_path_factory.mktemp("sent") / "form.xlsx"
    path.write_bytes(numbered()[1])
    return path


@pytest.mark.parametrize("way", [("xlsx",), ("ods", "xlsx"), ("xls", "xlsx")])
def test_a_form_saved_by_libreoffice_reads_the_same(office, sent, way):
    path = sent
    for step in way:
        path = office(path, step)
    before, after = found(sent.read_bytes()), found(path.read_bytes())
    assert figures_by_key(after) == figures_by_key(before)
    assert [row.named for row in after.figures] == [row.named for row in before.figures]
    assert [text.ref for text in after.summary] == [text.ref for text in before.summary]
    assert {line.ref for line in after.sign_off} == {line.ref for line in before.sign_off}
    assert {text for _, text in after.references} == {text for _, text in before.references}
    assert not after.missing_headers
    assert not after.remarks


def test_the_per_cent_of_two_counts_calculates_to_what_was_written(office, tmp_path):
    form = replace(contributor_form(), figures=analyst_form(9).figures)
    pairs = (
        *(("15", "40"), ("1", "3"), ("1", "800"), ("41", "40"), ("0", "0"), ("0", "7"), ("5", "5")),
        *(("", "9"), ("2", "x")),
    )
    rows = [replace(row, out_of="people", unit="per cent of people") for row in form.figures if row.ref == "M11"]
    values = [
        (layout.FIGURES, f"{row.area.code} {row.ref}", header, text)
        for row, pair in zip(rows, pairs, strict=True)
        for header, text in zip(layout.COUNT_INPUTS, pair, strict=True)
    ]
    path = tmp_path / "form.xlsx"
    form = replace(form, figures=tuple(rows))
    path.write_bytes(write_workbook(form, created=CREATED, filled=Filled(values=tuple(values))))
    again = office(path, "xlsx")
    written, calculated = (load_workbook(io.BytesIO(p.read_bytes()), data_only=True) for p in (path, again))
    column = [c.header for c in layout.figure_columns(form)].index(layout.COMES_TO) + 1
    books = (written, calculated)
    shown = [[book[layout.FIGURES].cell(7 + n, column).value for n in range(len(rows))] for book in books]
    assert shown[0] == shown[1]
    assert shown[0][:3] == ["= 37.5 per cent", "= 33.3 per cent", "= 0.1 per cent"]
    counts = [{r[0].value: r[2].value for r in book[layout.START].iter_rows(max_col=4)} for book in books]
    assert counts[0]["Figures"] == counts[1]["Figures"] == 8
    for way in (("ods", "xlsx"), ("xls",)):
        other = path
        for step in way:
            other = office(other, step)
        before, after = ([[c.text for c in row.inputs] for row in found(p.read_bytes()).figures] for p in (path, other))
        assert after == before


def test_the_counters_calculate_to_what_was_written(office, tmp_path):
    key = f"{joint_form().figures[0].area.code} BLABHIN.L1"
    values = (
        (layout.FIGURES, key, layout.THIS_QUARTER, "78.5"),
        (layout.FIGURES, key.replace("L1", "L2"), layout.STATUS, "Not available yet"),
        (layout.FIGURES, "E07000129 M11", layout.STATUS, "Confirmed"),
        (layout.FIGURES, "E07000129 M12a", layout.NOTE, "a note only"),
        (layout.SUMMARY, "T1", layout.HAPPENED, "Four words\nand  two more."),
        (layout.SUMMARY, "M03e", layout.HAPPENED, "optional"),
        (layout.ACTIONS, "A1", layout.ANSWER, "Done."),
        (layout.SIGN_OFF, layout.POSITION, layout.ENTRY, "Officer"),
    )
    path = tmp_path / "form.xlsx"
    path.write_bytes(write_workbook(joint_form(), created=CREATED, filled=Filled(values=values)))
    again = office(path, "xlsx")
    written, calculated = (load_workbook(io.BytesIO(p.read_bytes()), data_only=True) for p in (path, again))
    for sheet, columns in ((layout.START, (2, 3, 4)), (layout.SUMMARY, (7,))):
        for row in range(1, 30):
            for column in columns:
                was, now = (book[sheet].cell(row, column).value for book in (written, calculated))
                assert was == now, (sheet, row, column)
    counts = {r[0].value: [c.value for c in r[1:4]] for r in calculated[layout.START].iter_rows(max_col=4)}
    assert counts["Figures"] == ["16 still to fill in", 3, 19]
    assert counts["Summary"][1] == 1
    assert counts["Whole form"][1] == 6
    assert calculated[layout.SUMMARY]["G7"].value == 5
