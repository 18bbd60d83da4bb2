"""Beyond the figures table: the sign-off, far cells, macros, older layouts."""

from __future__ import annotations

import io
import zipfile

from openpyxl.styles import Font
from returning import changed, figures_by_key, found, numbered

from csp_workflow.forms import layout

FORM, DATA = numbered()
BEFORE = figures_by_key(found(DATA))


def test_sign_off_ticks_are_read_by_their_labels():
    def tick(book):
        sheet = book["Sign-off"]
        sheet["B10"], sheet["B12"] = "Yes", "Nothing happened."
        sheet.insert_rows(3)

    signed = {line.ref: line.value.text for line in found(changed(DATA, tick)).sign_off}
    assert signed[layout.NIL] == "Yes"
    assert signed[layout.DECLINE] == ""
    assert signed[layout.REASON] == "Nothing happened."


def test_empty_formatting_far_below_is_ignored_and_far_data_is_passed_over_and_said():
    def format_far(book):
        for row in (5_000, 1_048_576):
            book["Your figures"].cell(row, 3).font = Font(bold=True)

    assert figures_by_key(found(changed(DATA, format_far))) == BEFORE

    def dump(book):
        book["Your figures"].cell(5_000, 3).value = "pasted export"

    back = found(changed(DATA, dump))
    assert figures_by_key(back) == BEFORE
    assert any("down to row 2,000" in remark for remark in back.remarks)


def test_a_macro_workbook_is_read_for_its_values():
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(DATA)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    assert figures_by_key(found(out.getvalue())) == BEFORE
