"""Writes a form's workbook from its definition: the same definition gives the same bytes."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import xlsxwriter

from csp_workflow.forms import box_sheets, closing_sheets, figures_sheet, layout, sign_off_sheet, start_sheet
from csp_workflow.forms.appearance import FONT
from csp_workflow.forms.draft import Draft
from csp_workflow.terms.forms import Filled, FormDefinition

_NOTHING = Filled()
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write(form: FormDefinition, *, created: datetime, filled: Filled = _NOTHING) -> bytes:
    """A form as an .xlsx file. `created` is aware and stands in the file's properties.

    `filled` puts back what a respondent had typed and marks the cells to be mended.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {**_OPTIONS, "default_format_properties": {**FONT}})
    _identify(book, form, created)
    draft = Draft(book, form, filled)
    start = draft.page(layout.START, start_sheet.WIDTHS)
    counted = [figures_sheet.write(draft)] if form.figures else []
    counted += [box_sheets.write_summary(draft)] if form.summary else []
    counted += [box_sheets.write_actions(draft)] if form.actions else []
    counted.append(sign_off_sheet.write(draft))
    start_sheet.write(draft, start, counted)
    closing_sheets.write_about(draft)
    closing_sheets.write_map(draft)
    start.activate()
    book.close()
    return out.getvalue()


def file_name(form: FormDefinition) -> str:
    """Such as "CSP return CHARN-1415Q2-F1-R1-7K3M9QXA.xlsx"."""
    said = "extract" if form.kind.value == "analyst" else "return"
    return re.sub(r"[^\w .()-]", "", f"CSP {said} {form.reference}.xlsx")


def _identify(book: xlsxwriter.Workbook, form: FormDefinition, created: datetime) -> None:
    """The reference where people do not look: properties and a defined name."""
    reference = str(form.reference)
    book.set_properties(
        {
            "title": f"{form.respondent_name}: {form.quarter.months}",
            "subject": "Quarterly return",
            "author": form.office,
            "keywords": reference,
            "comments": "Illustrative figures" if form.illustrative else "",
            "created": created.astimezone(UTC).replace(tzinfo=None),
        }
    )
    book.set_custom_property(layout.REFERENCE_PROPERTY, reference, "text")
    book.define_name(layout.REFERENCE_NAME, f'="{reference}"')
