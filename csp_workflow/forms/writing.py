"""Writes a form's workbook from its definition, sheet by sheet: the same definition gives the same bytes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from csp_workflow.forms import input_sheets, layout
from csp_workflow.forms.draft import FONT, HEADER_ROW, Box, Counted, Draft, clean_for_cell, count_lines, row_height
from csp_workflow.forms.layout import Column
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import joined, moment
from csp_workflow.terms.returns import Filled, FormDefinition, Mark
from csp_workflow.terms.site import RespondentKind

_NOTHING = Filled()
_LEFT_OUT = ContextVar("leave out workbooks", default=False)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_workbook(form: FormDefinition, *, created: datetime, filled: Filled = _NOTHING) -> bytes:
    """A form as an .xlsx file. `created` is aware and stands in the file's properties.

    `filled` puts back what a respondent had typed and marks the cells to be mended.
    """
    if _LEFT_OUT.get():
        return b""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {**_OPTIONS, "default_format_properties": {**FONT}})
    _identify(book, form, created)
    draft = Draft(book, form, filled)
    start = draft.page(layout.START, _WIDTHS)
    counted = [input_sheets.write_figures(draft)] if form.figures else []
    counted += [input_sheets.write_summary(draft)] if form.summary else []
    counted += [input_sheets.write_actions(draft)] if form.actions else []
    counted.append(_write_sign_off(draft))
    _write_start(draft, start, counted)
    _write_about(draft)
    _write_map(draft)
    start.activate()
    book.close()
    return out.getvalue()


def workbooks_are_left_out() -> bool:
    """Whether forms are empty files for now."""
    return _LEFT_OUT.get()


@contextmanager
def leave_out_workbooks() -> Iterator[None]:
    """While this lasts forms are empty files: for letters that are read and never sent."""
    token = _LEFT_OUT.set(True)
    try:
        yield
    finally:
        _LEFT_OUT.reset(token)


def attach_workbook(form: FormDefinition, *, created: datetime, filled: Filled = _NOTHING) -> Attachment:
    """A form as a file that a letter carries."""
    data = write_workbook(form, created=created, filled=filled)
    return Attachment(name=name_file(form), data=data, content_type=_XLSX)


def name_file(form: FormDefinition) -> str:
    """Such as "CSP return CHARN-1415Q2-F1-R1-7K3M9QXA.xlsx"."""
    what = "extract" if form.kind.value == "analyst" else "return"
    return re.sub(r"[^\w .()-]", "", f"CSP {what} {form.reference}.xlsx")


def _identify(book: xlsxwriter.Workbook, form: FormDefinition, created: datetime) -> None:
    """Put the reference where people do not look: properties and a defined name."""
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


# The first sheet: when it is due, what to mend, three steps, how far the form is, whom to ask ----

_WIDTHS = (20.0, 90.0, 12.0, 15.0)

_TITLES = {
    RespondentKind.PARTNERSHIP: "Quarterly return",
    RespondentKind.CONTRIBUTOR: "Request for figures",
    RespondentKind.ANALYST: "Force extract",
}


def _columns(*headers: str) -> tuple[Column, ...]:
    return tuple(Column(header=header, width=width) for header, width in zip(headers, _WIDTHS, strict=False))


_MEND = _columns("Sheet", "What to mend", "Cell", "How pressing")
_STEPS = _columns("Step", "What you do")
_PROGRESS = _columns("Part of the form", "How far it is", "Filled in", "Asked for")
_GLANCE = _columns("About this return", "Details")


def _write_start(draft: Draft, page: Any, counted: Sequence[Counted]) -> None:
    """Fill the first sheet, once the others say how far they are and where the marks stand."""
    form = draft.form
    draft.top(page, f"{_TITLES[form.kind]}: {form.quarter.months} ({form.quarter.label})")
    page.write_string(2, 0, clean_for_cell(f"{form.respondent_name}, for {form.office}"), draft.looks("line"))
    page.write_string(3, 0, f"Please return this form by {moment(form.due)}.", draft.looks("lead"))
    at = 5
    if form.illustrative:
        notice = (
            "Illustrative: the figures in this form were made up for demonstration, except where a source is named."
        )
        page.write_string(4, 0, notice, draft.looks("notice"))
        at = 6
    at = _list_mends(draft, page, at)
    at = _write_pairs(
        draft, page, at, "Three steps", _STEPS, _list_steps(draft), name="Steps_table", says="The three steps."
    )
    at = _write_progress(draft, page, at, counted)
    _write_pairs(
        draft, page, at, "At a glance", _GLANCE, _list_details(draft), name="Glance_table",
        says="Whom to ask, where the form goes, and what to leave out of it.",
    )  # fmt: skip


def _list_mends(draft: Draft, page: Any, at: int) -> int:
    listed = [(mark, box.sheet, cell, f"{box.label}.") for mark, cell, box in draft.mended]
    listed += [(mark, mark.sheet, "", mark.key) for mark in draft.unplaced()]
    if not listed:
        return at
    page.write_string(at, 0, f"What to mend ({len(listed)})", draft.looks("heading"))
    draft.table(
        page, at + 1, _MEND, len(listed), name="Mend_table",
        says="What to mend or explain in the form you sent: the sheet, what to do, and the cell.",
    )  # fmt: skip
    for row, (mark, sheet, cell, what) in enumerate(
        sorted(listed, key=lambda item: not item[0].is_fault), start=at + 2
    ):
        _write_mend(draft, page, row, mark, (sheet, cell), f"{what} {mark.sentence}".strip())
    return at + len(listed) + 3


def _write_mend(draft: Draft, page: Any, row: int, mark: Mark, place: tuple[str, str], text: str) -> None:
    (sheet, cell), sentence = place, clean_for_cell(text)
    page.write_string(row, 0, clean_for_cell(sheet), draft.looks("cell"))
    page.write_string(row, 1, sentence, draft.looks("cell"))
    if cell:
        page.write_url(row, 2, f"internal:'{sheet}'!{cell}", draft.looks("link"), cell, f"Go to {cell} on {sheet}")
    else:
        page.write_blank(row, 2, None, draft.looks("cell"))
    page.write_string(row, 3, "Please mend" if mark.is_fault else "Please explain", draft.looks("strong"))
    page.set_row(row, row_height(count_lines(sentence, _WIDTHS[1])))


def _list_steps(draft: Draft) -> list[tuple[str, str]]:
    form = draft.form
    parts = ["Figures"] if form.figures else []
    parts += ["Summary"] if form.summary else []
    parts += ["Actions"] if form.actions else []
    where = joined(parts) or "Sign-off"
    one = f"Fill in the boxes with a thick border on {where}. What we know already is filled in for you."
    if draft.mended or draft.unplaced():
        one = "Mend what is listed above. Everything else you sent is already in this form."
    return [
        ("1", one),
        ("2", "Say on Sign-off who completed the form. If there is nothing to report, or you will not, say so there."),
        ("3", "Save the form as an Excel workbook and attach it to a reply to our letter. Keep its file name."),
    ]


def _list_details(draft: Draft) -> list[tuple[str, str]]:
    form = draft.form
    rows = [
        ("Whom to ask", form.ask),
        ("Where it goes", f"As a reply to the letter it came with, to {form.office}."),
        ("Personal data", "Please give counts only: no names and nothing by which a person could be known."),
        ("Marking", form.marking),
    ]
    return [(label, text) for label, text in rows if text]


def _write_pairs(
    draft: Draft, page: Any, at: int, heading: str, columns: Sequence[Column], rows: Sequence[tuple[str, str]],
    *, name: str, says: str,
) -> int:  # fmt: skip
    """A heading and a table of two columns; returns the row after it."""
    page.write_string(at, 0, heading, draft.looks("heading"))
    draft.table(page, at + 1, columns, len(rows), name=name, says=says)
    for row, (label, text) in enumerate(rows, start=at + 2):
        page.write_string(row, 0, clean_for_cell(label), draft.looks("strong"))
        page.write_string(row, 1, clean_for_cell(text), draft.looks("cell"))
        page.set_row(
            row, row_height(max(count_lines(text, columns[1].width), count_lines(label, columns[0].width, bold=True)))
        )
    return at + len(rows) + 3


def _write_progress(draft: Draft, page: Any, at: int, counted: Sequence[Counted]) -> int:
    """The live count of what is filled in, with its value now, so that a preview shows it too."""
    page.write_string(at, 0, "How far you are", draft.looks("heading"))
    draft.table(
        page, at + 1, _PROGRESS, len(counted) + 1, name="Progress_table",
        says="For each sheet, how many boxes are filled in and how many are asked for. It counts as you type.",
    )  # fmt: skip
    excused = _is_excused(draft)
    first = at + 2
    for row, part in enumerate(counted, start=first):
        page.write_string(row, 0, part.sheet, draft.looks("strong"))
        page.write_formula(row, 2, part.formula, draft.looks("count"), part.done)
        page.write_number(row, 3, part.asked, draft.looks("count"))
        _say_progress(draft, page, row, part.done, part.asked, excused=False)
    last = first + len(counted)
    page.write_string(last, 0, "Whole form", draft.looks("strong"))
    done, asked = sum(c.done for c in counted), sum(c.asked for c in counted)
    for column, value in ((2, done), (3, asked)):
        top, bottom = xl_rowcol_to_cell(first, column), xl_rowcol_to_cell(last - 1, column)
        page.write_formula(last, column, f"=SUM({top}:{bottom})", draft.looks("count"), value)
    _say_progress(draft, page, last, done, asked, excused=excused, total=True)
    return last + 2


def _say_progress(
    draft: Draft, page: Any, row: int, done: int, asked: int, *, excused: bool, total: bool = False
) -> None:  # fmt: skip
    have, want = xl_rowcol_to_cell(row, 2), xl_rowcol_to_cell(row, 3)
    formula = f'IF({have}>={want},"Complete",({want}-{have})&" still to fill in")'
    text = "Complete" if done >= asked else f"{asked - done} still to fill in"
    if total:
        nothing = "Nothing to report: only Sign-off is needed"
        formula = f'IF(OR({_NIL_CELL}="{layout.YES}",{_DECLINE_CELL}="{layout.YES}"),"{nothing}",{formula})'
        text = nothing if excused else text
    page.write_formula(row, 1, f"={formula}", draft.looks("cell"), text)


# Sign-off: who completed the form, and the two ticks that speak for the whole return -------------

_NIL_CELL = f"'{layout.SIGN_OFF}'!$B${HEADER_ROW + 5}"
_DECLINE_CELL = f"'{layout.SIGN_OFF}'!$B${HEADER_ROW + 6}"


def _write_sign_off(draft: Draft) -> Counted:
    """Write the sheet; says how far it is."""
    rows, columns = layout.SIGN_OFF_ROWS, layout.SIGN_OFF_COLUMNS
    lead = ["Say who completed the form. It needs no signature."]
    if draft.form.kind.value == "partnership":
        lead.append("When your return is complete we ask your chair to approve it by e-mail; you need not do so here.")
    page = draft.sheet(
        layout.SIGN_OFF, columns, len(rows), "Sign-off", *lead,
        table="Sign_off_table", says="Who completed the form and when, and whether there is nothing to report.",
    )  # fmt: skip
    done = 0
    for at, row in enumerate(rows, start=HEADER_ROW + 1):
        page.write_string(at, 0, row.label, draft.looks("strong"))
        text = draft.put(page, at, 1, _sign_off_box(row))
        page.write_string(at, 2, row.help, draft.looks("cell"))
        done += row.required and bool(text)
        least = 4 if row.label == layout.REASON else 2
        page.set_row(
            at, row_height(max(least, count_lines(text, columns[1].width), count_lines(row.label, 38, bold=True)))
        )
        if row.choices:
            page.data_validation(
                at, 1, at, 1, {"validate": "list", "source": list(row.choices), "error_type": "warning"}
            )
    asked = sum(row.required for row in rows)
    formula = f"=COUNTA('{layout.SIGN_OFF}'!$B${HEADER_ROW + 2}:$B${HEADER_ROW + 1 + asked})"
    return Counted(sheet=layout.SIGN_OFF, formula=formula, done=done, asked=asked)


def _is_excused(draft: Draft) -> bool:
    """Whether the return was ticked as nil or declined."""
    return any(
        draft.typed(layout.SIGN_OFF, label, layout.ENTRY).strip().casefold() == layout.YES.casefold()
        for label in (layout.NIL, layout.DECLINE)
    )


def _sign_off_box(row: layout.SignOffRow) -> Box:
    return Box(
        sheet=layout.SIGN_OFF,
        key=row.label,
        column=layout.ENTRY,
        name=layout.box_name(layout.SIGN_OFF, row.name, ""),
        kind="one of: " + "; ".join(row.choices) if row.choices else "text",
        label=row.label,
        required=row.required,
    )


# The last sheets: what the words mean and where figures come from; the hidden map ----------------

_MADE_UP = "The figures in this form were made up for demonstration, except where a published source is named."
_ABOUT_COLUMNS = (Column(header="Topic", width=30), Column(header="What it means", width=100))
_MAP_WIDTHS = (34.0, 14.0, 9.0, 60.0, 10.0, 70.0)

_HOW_READ = (
    "Each figure is found by its area code and ref. You may sort rows, add your own sheets, or paste the tables into "
    "another workbook, as long as the area codes, refs and headers go with them."
)
_SHARES = (
    f"A share is asked as two whole numbers, such as 15 out of 40; “{layout.COMES_TO}” shows the per cent "
    f"that we record. Only if you have no counts, type the per cent under “{layout.THIS_QUARTER}”, and beside it "
    "out of how many."
)
_TOPICS = (
    ("Boxes to fill in", "They have a thick border and a yellow ground. On Figures, “What to do” says it in words."),
    ("Status: Final", "The figure will not change."),
    ("Status: Provisional", "The figure may still change; it is the best known today."),
    ("Status: Estimated", "The figure is an estimate; say in the Note how it was made."),
    ("Status: Revised", "The figure replaces one you gave before; say in the Note what changed."),
    ("Status: Suppressed (small number)", "The number is so small that it could name somebody. Leave it out."),
    ("Status: Not available yet", "Nobody knows the figure yet. We ask again next quarter."),
    ("Status: Not applicable", "The measure does not apply to this area."),
    ("Status: Nil return", "You looked, and there was none. A figure of 0 says the same."),
    ("Confirmed or Disputed", "For the force's figures. If you dispute one, say in the Note what it should be."),
    ("What drove it", "The main cause of a change, if you know it. It is never praise or blame."),
    ("Direction sought", "Which way the Plan hopes a measure will move. There is no number to reach."),
    ("How we read the form", _HOW_READ),
    ("Protection", "There is no password (Review > Unprotect Sheet). It only saves cells from slips of the hand."),
    ("Filling by script", "The hidden sheet _return lists every box: name, sheet, cell, kind, required or not."),
)  # fmt: skip


def _write_about(draft: Draft) -> None:
    """What the words mean, how the form is read, sources and licences."""
    form = draft.form
    rows = [(topic, text) for topic, text in _TOPICS if form.figures or topic in _ALWAYS]
    rows += [(" and ".join(layout.COUNT_INPUTS), _SHARES)] if any(row.out_of for row in form.figures) else []
    rows += [("Source", source) for source in form.sources]
    rows += [("Illustrative figures", _MADE_UP)] if form.illustrative else []
    rows += [("Marking", form.marking)] if form.marking else []
    rows.append(("Form", f"Layout {form.reference.form}, revision {form.reference.revision} for this quarter."))
    page = draft.sheet(
        layout.ABOUT, _ABOUT_COLUMNS, len(rows), "About this form",
        "What the words mean, how we read the form, and where its figures come from.",
        table="About_table", says="What the words of the form mean, and where its figures come from.",
    )  # fmt: skip
    for at, (topic, text) in enumerate(rows, start=HEADER_ROW + 1):
        page.write_string(at, 0, topic, draft.looks("strong"))
        page.write_string(at, 1, clean_for_cell(text), draft.looks("cell"))
        page.set_row(at, row_height(max(count_lines(clean_for_cell(text), 100), count_lines(topic, 30, bold=True))))


_ALWAYS = {"Boxes to fill in", "How we read the form", "Protection", "Filling by script"}


def _write_map(draft: Draft) -> None:
    """The hidden sheet that lists every input for a program."""
    page = draft.page(layout.MAP, _MAP_WIDTHS)
    look = draft.looks("map")
    draft.top(page, "Map of this form, for programs", "One line for each box that may be filled in.")
    for place, header in enumerate(layout.MAP_HEADERS):
        page.write_string(HEADER_ROW, place, header, look)
    for at, (box, cell) in enumerate(draft.inputs, start=HEADER_ROW + 1):
        row = (box.name, box.sheet, cell, box.kind, "yes" if box.required else "no", clean_for_cell(box.label))
        for place, text in enumerate(row):
            page.write_string(at, place, text, look)
    page.hide()
