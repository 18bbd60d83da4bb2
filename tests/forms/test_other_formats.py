"""Forms saved as .xls, .ods or .xlsb: read where our reference survived, and told for what they are."""

from __future__ import annotations

import io
import shutil
import subprocess

import pytest
from binary_workbook import binary_workbook, in_binary
from openpyxl import load_workbook
from returning import figures_by_key, found, numbered, refused

from csp_workflow.forms import layout
from csp_workflow.sandbox import Sandbox
from csp_workflow.terms.returns import CellType
from csp_workflow.terms.site import Limits


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The same filled form as LibreOffice saves it in each format, and without its reference."""
    place = tmp_path_factory.mktemp("formats")
    _, book = numbered()
    (place / "form.xlsx").write_bytes(book)
    (place / "bare.xlsx").write_bytes(_without_reference(book))
    soffice = shutil.which("soffice")
    assert soffice, "LibreOffice is not installed"
    for to in ("xls", "ods"):
        command = [soffice, f"-env:UserInstallation=file://{place}/profile", "--headless", "--convert-to", to]
        files = [str(place / "form.xlsx"), str(place / "bare.xlsx")]
        subprocess.run([*command, "--outdir", str(place), *files], check=True, capture_output=True, timeout=120)
    return {path.name: path.read_bytes() for path in place.iterdir() if path.is_file()}


def _without_reference(book: bytes) -> bytes:
    """Somebody copied the tables into a workbook of their own."""
    old = load_workbook(io.BytesIO(book))
    for name in old.sheetnames:
        if name not in {layout.FIGURES, layout.SUMMARY}:
            del old[name]
    for sheet in old.worksheets:
        sheet["A2"] = None
        sheet.oddFooter.left.text = sheet.oddFooter.center.text = sheet.oddFooter.right.text = ""
    out = io.BytesIO()
    old.save(out)
    return out.getvalue()


@pytest.mark.needs_libreoffice
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_a_form_saved_in_another_format_reads_the_same(saved: dict[str, bytes], kind: str) -> None:
    original, other = found(saved["form.xlsx"]), found(saved[f"form.{kind}"])
    assert figures_by_key(other) == figures_by_key(original)
    assert {text for _, text in other.references} == {text for _, text in original.references}
    assert any(f"(.{kind}), of which we read the values only" in remark for remark in other.remarks)


def test_a_form_saved_as_binary_reads_the_same() -> None:
    _, book = numbered()
    other = found(in_binary(book))
    assert figures_by_key(other) == figures_by_key(found(book))
    assert any("(.xlsb), of which we read the values only" in remark for remark in other.remarks)


@pytest.mark.needs_libreoffice
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_without_our_reference_it_is_any_table_and_not_read(saved: dict[str, bytes], kind: str) -> None:
    said = refused(saved[f"bare.{kind}"])
    assert said.reason == kind
    assert "our form's reference is not in it" in said.sentence
    assert "(.xlsx)" in said.sentence


def test_an_error_in_a_cell_comes_out_as_nothing_and_so_is_asked_for() -> None:
    """calamine gives no error cells: a required figure is then asked for, never read as nought."""
    _, book = numbered()
    whole = figures_by_key(found(book))
    broken = load_workbook(io.BytesIO(book), data_only=True)
    sheet = broken[layout.FIGURES]
    place = next(c for row in sheet.iter_rows() for c in row if c.value == 101)
    place.value = None
    out = io.BytesIO()
    broken.save(out)
    read = figures_by_key(found(in_binary(out.getvalue())))
    assert [value for value in read.values() if value not in whole.values()] == [""]


@pytest.mark.parametrize("kind", ["xls", "xlsb", "ods"])
def test_damaged_files_of_these_formats_are_refused_in_a_sentence(kind: str) -> None:
    data = {
        "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "Workbook".encode("utf-16-le") + b"\0" * 2_000,
        "xlsb": in_binary(numbered()[1])[:-2_000],
        "ods": b"PK\x03\x04 nothing more",
    }[kind]
    assert refused(data).sentence


def test_what_no_form_ever_holds_is_refused_here_too() -> None:
    assert refused(binary_workbook({f"S{n}": {(1, 1): "a"} for n in range(101)})).reason == "hostile"
    assert refused(binary_workbook({"S": {(100_010, 1): "far below"}})).reason == "far value"


def test_a_tick_in_a_cell_is_read_as_one() -> None:
    table = ("Area code", "Ref", "This quarter"), ("E07000129", "M11", True)
    cells = {(row, column): value for row, line in enumerate(table, 1) for column, value in enumerate(line, 1)}
    reference = f"Return reference: {numbered()[0].reference}"
    (row,) = found(binary_workbook({"Figures": {**cells, (4, 1): reference}})).figures
    assert (row.this_quarter.type, row.this_quarter.text) == (CellType.BOOLEAN, "TRUE")


def test_two_cells_far_apart_end_the_child_and_not_the_service() -> None:
    """The library asks for a table over both, which is more than the child may have."""
    far = binary_workbook({"Figures": {(1, 1): "a", (1_048_576, 16_384): "b"}})
    sandbox = Sandbox(limits=Limits())
    try:
        reply = sandbox.run("csp_workflow.intake.opening:read_file", far)
        again = sandbox.run("csp_workflow.intake.opening:read_file", in_binary(numbered()[1]))
    finally:
        sandbox.close()
    assert not reply.ok or reply.value["unreadable"]["reason"] in {"far value", "damaged", "too large"}
    assert again.ok
    assert "form" in again.value
