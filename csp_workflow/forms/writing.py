"""Writes a form's workbook from its definition, sheet by sheet: the same definition gives the same bytes."""

from __future__ import annotations

import gc
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from csp_workflow.forms import figure_sheets, layout, text_sheets
from csp_workflow.forms.draft import (
    FONT,
    HEADER_ROW,
    NO_EFFORT,
    Draft,
    Effort,
    FormPart,
    clean_for_cell,
    count_lines,
    row_height,
)
from csp_workflow.forms.layout import Column
from csp_workflow.forms.sheet import FIRST, lay_sheet
from csp_workflow.forms.still_to_do import DONE
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import moment, plain_day, plural
from csp_workflow.terms.queries import Filled
from csp_workflow.terms.returns import FormDefinition
from csp_workflow.terms.site import RespondentKind

_NOTHING = Filled()
_LEFT_OUT = ContextVar("leave out workbooks", default=False)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_workbook(form: FormDefinition, *, created: datetime, filled: Filled = _NOTHING) -> bytes:
    """A form as an .xlsx file. `created` is aware and stands in the file's properties.

    `filled` puts back what a respondent had typed and marks the cells to be corrected.
    """
    if _LEFT_OUT.get():
        return b""
    with _leave_garbage():
        return _write_book(form, created, filled)


@contextmanager
def _leave_garbage() -> Iterator[None]:
    """While this lasts no garbage is looked for: all of a workbook in the making is in use, and looking through its
    thousands of cells again and again takes a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _write_book(form: FormDefinition, created: datetime, filled: Filled) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {**_OPTIONS, "default_format_properties": {**FONT}})
    _identify(book, form, created)
    draft = Draft(book, form, filled)
    start = draft.page(layout.START, _WIDTHS)
    _write_start(draft, start, _write_parts(draft))
    if layout.list_counted(form) or layout.list_police(form):
        figure_sheets.write_background(draft)
    _write_about(draft)
    _write_map(draft)
    start.activate()
    book.close()
    return out.getvalue()


def _write_parts(draft: Draft) -> list[FormPart]:
    """Write the sheets that are filled in, own figures first."""
    form = draft.form
    parts = [figure_sheets.write_own(draft)] if layout.list_counted(form) else []
    parts += [figure_sheets.write_police(draft)] if layout.list_police(form) else []
    parts += [figure_sheets.write_grants(draft)] if layout.list_grants(form) else []
    for name, write in ((layout.SUMMARY, text_sheets.write_summary), (layout.YEAR, text_sheets.write_year)):
        rows = tuple(row for row in form.summary if layout.sheet_of_box(row) == name)
        parts += [write(draft, rows)] if rows else []
    asked = text_sheets.lay_questions(draft) if draft.questions else None
    later = [text_sheets.write_actions(draft)] if form.actions else []
    later.append(text_sheets.write_sign_off(draft))
    # What a question says of its box is known only when every sheet stands.
    return [*parts, *([text_sheets.write_questions(asked)] if asked else []), *later]


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
    return pack_workbook(form, write_workbook(form, created=created, filled=filled))


def pack_workbook(form: FormDefinition, data: bytes) -> Attachment:
    """A form's workbook, written before, as a file that a letter carries."""
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


# The first sheet: when it is due, three steps, what is different this quarter, how far the form is ----

_WIDTHS = (24.0, 84.0, 15.0, 26.0)

_TITLES = {
    RespondentKind.PARTNERSHIP: "Quarterly return",
    RespondentKind.CONTRIBUTOR: "Request for figures",
    RespondentKind.ANALYST: "Force extract",
}


def _columns(*headers: str) -> tuple[Column, ...]:
    return tuple(Column(header=header, width=width) for header, width in zip(headers, _WIDTHS, strict=False))


_DIFFERENT = _columns("Where", "What needs you", "Takes about")
_PROGRESS = _columns("Part of the form", "What it asks", "Takes about", layout.STILL_TO_DO)


def _write_start(draft: Draft, page: Any, parts: Sequence[FormPart]) -> None:
    """Fill the first sheet, once the others say what they ask and how far they are."""
    form = draft.form
    takes = sum((part.effort for part in parts), NO_EFFORT).in_words()
    draft.top(page, f"{_TITLES[form.kind]}: {form.quarter.months} ({form.quarter.label})")
    page.write_string(2, 0, clean_for_cell(f"{form.respondent_name}, for {form.office}"), draft.looks("line"))
    by = f"Please return this form by {moment(form.due)}. It takes about {takes} once you have your figures."
    page.write_string(3, 0, by, draft.looks("lead"))
    if form.illustrative:
        page.write_string(4, 0, f"Illustrative: {_MADE_UP[0].lower()}{_MADE_UP[1:]}", draft.looks("notice"))
    at = _write_steps(draft, page, 6 if form.illustrative else 5)
    at = _write_progress(draft, page, at, parts)
    details = _list_details(draft)
    for row, line in enumerate(details, start=at):
        page.write_string(row, 0, clean_for_cell(line), draft.looks("line"))
    _write_different(draft, page, at + len(details) + 1, [part.sheet for part in parts if part.effort != NO_EFFORT])


def _write_steps(draft: Draft, page: Any, at: int) -> int:
    """The three steps; returns the row after them."""
    page.write_string(at, 0, "Three steps", draft.looks("heading"))
    steps = _list_steps(draft)
    for row, step in enumerate(steps, start=1):
        page.write_string(at + row, 0, f"{row}. {step}", draft.looks("line"))
    return at + len(steps) + 2


def _list_steps(draft: Draft) -> tuple[str, str, str]:
    one = "Work along the tabs below, left to right. Fill in the boxes with a thick border."
    if draft.questions:
        one = f"Open {layout.QUESTIONS} and answer each row. Everything else you sent is already in this form."
    return (
        one,
        f"Come back here: “{layout.STILL_TO_DO}” says what is left. A form with gaps is welcome too.",
        "Save the form as an Excel workbook and attach it to a reply to our letter. Keep its file name.",
    )


def _list_different(draft: Draft) -> Iterator[tuple[str, str, Effort]]:
    """What needs somebody in this quarter and not in every one: the sheet, what it is, what it takes."""
    form = draft.form
    if count := len(draft.questions):
        yield layout.QUESTIONS, f"{plural(count, 'question')} about what you sent.", Effort(ticks=count)
    for action in form.actions:
        what = f"{action.ref} of the {action.board}, due {plain_day(action.due)}."
        yield layout.ACTIONS, what, Effort(ticks=1, typed=15)
    for row in layout.list_police(form):
        if row.find_side(row.given):
            place = f" in {row.area.name}" if len({r.area.code for r in layout.list_police(form)}) > 1 else ""
            what = f"{row.title}{place} is not as usual: choose what drove it, or say why in 25 words."
            yield layout.POLICE, what, Effort(ticks=1, typed=25)
    for box in form.summary:
        if box.required and not box.quick:
            what = f"{box.heading}: a line or two in row {box.ref}."
            yield layout.sheet_of_box(box), what, Effort(typed=box.words)
    if count := sum(row.is_of_objective for row in form.summary):
        yield layout.YEAR, f"{plural(count, 'objective')}: choose of each whether it goes on.", Effort(ticks=count)


def _write_different(draft: Draft, page: Any, at: int, sheets: Sequence[str]) -> None:
    """What is different, last since it alone may run on to another page, where its headings stand again."""
    listed = [one for one in _list_different(draft) if one[0] in sheets]
    if not listed:
        return
    page.write_string(at, 0, "What is different this quarter", draft.looks("heading"))
    draft.table(
        page, at + 1, _DIFFERENT, len(listed), name="Different_table",
        says="What needs you this quarter, with the sheet and how long it takes.",
    )  # fmt: skip
    for row, (sheet, what, effort) in enumerate(listed, start=at + 2):
        text = clean_for_cell(what)
        page.write_url(row, 0, f"internal:'{sheet}'!A1", draft.looks("link"), sheet)
        page.write_string(row, 1, text, draft.looks("cell"))
        page.write_string(row, 2, effort.in_words(), draft.looks("cell"))
        page.set_row(row, row_height(count_lines(text, _WIDTHS[1])))
    page.repeat_rows(at + 1)


def _list_details(draft: Draft) -> list[str]:
    form = draft.form
    return [
        f"Whom to ask: {form.ask}",
        "Counts only, please: no names, and nothing by which a person could be known.",
        *([f"Marking: {form.marking}"] if form.marking else []),
    ]


def _write_progress(draft: Draft, page: Any, at: int, parts: Sequence[FormPart]) -> int:
    """The live count of what is still to do, with its value now, so that a preview shows it too."""
    page.write_string(at, 0, "How far you are", draft.looks("heading"))
    draft.table(
        page, at + 1, _PROGRESS, len(parts) + 1, name="Progress_table",
        says="For each sheet, what it asks, how long it takes, and what is still to do. It counts as you type.",
    )  # fmt: skip
    first = at + 2
    for row, part in enumerate(parts, start=first):
        page.write_url(row, 0, f"internal:'{part.sheet}'!A1", draft.looks("link"), part.sheet)
        page.write_string(row, 1, part.asks, draft.looks("cell"))
        page.write_string(row, 2, part.effort.in_words(), draft.looks("cell"))
        page.write_formula(row, 3, f"={_say_left(part.formula)}", draft.looks("still to do"), _tell_left(part.left))
    last = first + len(parts)
    left = sum(part.left for part in parts)
    page.write_string(last, 0, "Whole form", draft.looks("strong"))
    page.write_string(last, 1, f"Send it when this says {_READY}, or earlier", draft.looks("strong"))
    page.write_string(last, 2, sum((part.effort for part in parts), NO_EFFORT).in_words(), draft.looks("strong"))
    excused = f'OR({_NIL_CELL}="{layout.YES}",{_DECLINE_CELL}="{layout.YES}")'
    whole = _say_left("+".join(part.formula for part in parts), done=_READY)
    said = _READY if _is_excused(draft) else _tell_left(left, done=_READY)
    page.write_formula(last, 3, f'=IF({excused},"{_READY}",{whole})', draft.looks("still to do"), said)
    return last + 2


_READY = "Ready to send"


def _say_left(count: str, *, done: str = DONE) -> str:
    return f'IF({count}=0,"{done}",{count}&" to do")'


def _tell_left(left: int, *, done: str = DONE) -> str:
    return f"{left} to do" if left else done


_NIL_CELL = f"'{layout.SIGN_OFF}'!$B${HEADER_ROW + 5}"
_DECLINE_CELL = f"'{layout.SIGN_OFF}'!$B${HEADER_ROW + 6}"


def _is_excused(draft: Draft) -> bool:
    """Whether the return was ticked as nil or declined."""
    return any(
        draft.typed(layout.SIGN_OFF, label, layout.ENTRY).strip().casefold() == layout.YES.casefold()
        for label in (layout.NIL, layout.DECLINE)
    )


# The last sheets: what the words mean and where figures come from; the hidden map ----------------

_MADE_UP = "The figures in this form were made up for demonstration, except where a published source is named."
_ABOUT_COLUMNS = (Column(header=layout.TOPIC, width=34), Column(header="What it means", width=112))
_MAP_WIDTHS = (34.0, 14.0, 9.0, 60.0, 10.0, 70.0)

_HOW_READ = (
    "Each figure is found by its area code and ref. You may sort rows, add your own sheets, or paste the tables into "
    "another workbook, as long as the area codes, refs and headers go with them."
)
_USUAL = (
    "What twelve months usually come to, reckoned from the series itself as the Board's paper does. "
    "It is no target. Where fewer than eight quarters are known there is none, and you are never asked why."
)
_CONFIRMING = (
    f"For the force's figures. {layout.CONFIRMED} in the row {layout.ALL} counts for every row of its area that is "
    f"empty; a row that is disputed counts whatever the row {layout.ALL} says."
)
_NOT_SEEN = (
    "It counts as you type. It cannot see a sentence that stands in two boxes, or one that is nearly last quarter's: "
    "we look for those once the form is here, and ask about them."
)
_TOPICS = (
    ("Boxes to fill in", f"They have a thick border. “{layout.STILL_TO_DO}” says in words what is missing."),
    (layout.STILL_TO_DO, _NOT_SEEN),
    ("Status: Final", "The figure will not change. An empty Status says the same."),
    ("Status: Provisional", "The figure may still change; it is the best known today."),
    ("Status: Estimated", "The figure is an estimate; say in the last column how it was made."),
    ("Status: Revised", "The figure replaces one you gave before; say in the last column what changed."),
    ("Status: Suppressed (small number)", "The number is so small that it could name somebody. Leave it out."),
    ("Status: Not available yet", "Nobody knows the figure yet. We ask again next quarter."),
    ("Status: Not applicable", "The measure does not apply to this area."),
    ("Status: Nil return", "You looked, and there was none. A figure of 0 says the same."),
    ("Confirmed or Disputed", _CONFIRMING),
    ("What drove it", "The main cause of a change, if you know it. It is never praise or blame."),
    (layout.USUAL, _USUAL),
    (layout.DISPUTE, "By whom the force's figure is disputed and since when, and what was answered."),
    ("Direction sought", "Which way the Plan hopes a measure will move. There is no number to reach."),
    ("How we read the form", _HOW_READ),
    ("Protection", "There is no password (Review > Unprotect Sheet). It only saves cells from slips of the hand."),
    ("Filling by script", "The hidden sheet _return lists every box: name, sheet, cell, kind, required or not."),
)  # fmt: skip


def _write_about(draft: Draft) -> None:
    """What the words mean, how the form is read, sources and licences."""
    form = draft.form
    rows = [(topic, text) for topic, text in _TOPICS if form.figures or topic in _ALWAYS]
    rows += [("Source", source) for source in form.sources]
    rows += [("Illustrative figures", _MADE_UP)] if form.illustrative else []
    rows += [("Marking", form.marking)] if form.marking else []
    rows.append(("Form", f"Layout {form.reference.form}, revision {form.reference.revision} for this quarter."))
    sheet = lay_sheet(
        draft, layout.ABOUT, _ABOUT_COLUMNS, len(rows), layout.ABOUT,
        "What the words mean, how we read the form, and where its figures come from.",
        table="About_table", says="What the words of the form mean, and where its figures come from.",
    )  # fmt: skip
    for at, (topic, text) in enumerate(rows, start=FIRST):
        sheet.fit(at, sheet.show(at, {layout.TOPIC: topic, "What it means": text}, {}))


_ALWAYS = {"Boxes to fill in", layout.STILL_TO_DO, "How we read the form", "Protection", "Filling by script"}


def _write_map(draft: Draft) -> None:
    """The hidden sheet that lists every input for a program."""
    page = draft.page(layout.MAP, _MAP_WIDTHS)
    look = draft.looks("map")
    draft.top(page, layout.MAP_TITLE, "One line for each box that may be filled in.")
    for place, header in enumerate(layout.MAP_HEADERS):
        page.write_string(HEADER_ROW, place, header, look)
    for at, (box, cell) in enumerate(draft.inputs, start=HEADER_ROW + 1):
        row = (box.name, box.sheet, cell, box.kind, "yes" if box.required else "no", clean_for_cell(box.label))
        for place, text in enumerate(row):
            page.write_string(at, place, text, look)
    page.hide()
