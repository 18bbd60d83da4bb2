"""The first sheet: when it is due, what to mend, three steps, how far the form is, whom to ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from csp_workflow.forms import layout
from csp_workflow.forms.draft import Draft
from csp_workflow.forms.figures_sheet import Counted
from csp_workflow.forms.layout import Column
from csp_workflow.forms.sign_off_sheet import DECLINE_CELL, NIL_CELL, is_excused
from csp_workflow.forms.wording import clean, lines, moment, row_height
from csp_workflow.terms.returns import Mark
from csp_workflow.terms.site import RespondentKind

WIDTHS = (20.0, 90.0, 12.0, 15.0)

_TITLES = {
    RespondentKind.PARTNERSHIP: "Quarterly return",
    RespondentKind.CONTRIBUTOR: "Request for figures",
    RespondentKind.ANALYST: "Force extract",
}
_MEND = (
    Column(header="Sheet", width=WIDTHS[0]),
    Column(header="What to mend", width=WIDTHS[1]),
    Column(header="Cell", width=WIDTHS[2]),
    Column(header="How pressing", width=WIDTHS[3]),
)
_STEPS = (Column(header="Step", width=WIDTHS[0]), Column(header="What you do", width=WIDTHS[1]))
_LEFT = (
    Column(header="Part of the form", width=WIDTHS[0]),
    Column(header="How far it is", width=WIDTHS[1]),
    Column(header="Filled in", width=WIDTHS[2]),
    Column(header="Asked for", width=WIDTHS[3]),
)
_GLANCE = (Column(header="About this return", width=WIDTHS[0]), Column(header="Details", width=WIDTHS[1]))


def write(draft: Draft, page: Any, counted: Sequence[Counted]) -> None:
    """Fill the first sheet, once the others say how far they are and where the marks stand."""
    form = draft.form
    draft.top(page, f"{_TITLES[form.kind]}: {form.quarter.months} ({form.quarter.label})")
    page.write_string(2, 0, clean(f"{form.respondent_name}, for {form.office}"), draft.looks("line"))
    page.write_string(3, 0, f"Please return this form by {moment(form.due)}.", draft.looks("lead"))
    at = 5
    if form.illustrative:
        notice = (
            "Illustrative: the figures in this form were made up for demonstration, except where a source is named."
        )
        page.write_string(4, 0, notice, draft.looks("notice"))
        at = 6
    at = _to_mend(draft, page, at)
    at = _rows(draft, page, at, "Three steps", _STEPS, _steps(draft), name="Steps_table", says="The three steps.")
    at = _left(draft, page, at, counted)
    _rows(
        draft, page, at, "At a glance", _GLANCE, _glance(draft), name="Glance_table",
        says="Whom to ask, where the form goes, and what to leave out of it.",
    )  # fmt: skip


def _to_mend(draft: Draft, page: Any, at: int) -> int:
    listed = [(mark, box.sheet, cell, f"{box.label}.") for mark, cell, box in draft.mended]
    listed += [(mark, mark.sheet, "", mark.key) for mark in draft.unplaced()]
    if not listed:
        return at
    page.write_string(at, 0, f"What to mend ({len(listed)})", draft.looks("heading"))
    draft.table(
        page, at + 1, _MEND, len(listed), name="Mend_table",
        says="What to mend or explain in the form you sent: the sheet, what to do, and the cell.",
    )  # fmt: skip
    for row, (mark, sheet, cell, what) in enumerate(sorted(listed, key=_pressing), start=at + 2):
        _mend_row(draft, page, row, mark, (sheet, cell), f"{what} {mark.sentence}".strip())
    return at + len(listed) + 3


def _pressing(item: tuple[Mark, str, str, str]) -> int:
    return 0 if item[0].is_fault else 1


def _mend_row(draft: Draft, page: Any, row: int, mark: Mark, place: tuple[str, str], said: str) -> None:
    (sheet, cell), sentence = place, clean(said)
    page.write_string(row, 0, clean(sheet), draft.looks("cell"))
    page.write_string(row, 1, sentence, draft.looks("cell"))
    if cell:
        page.write_url(row, 2, f"internal:'{sheet}'!{cell}", draft.looks("link"), cell, f"Go to {cell} on {sheet}")
    else:
        page.write_blank(row, 2, None, draft.looks("cell"))
    page.write_string(row, 3, "Please mend" if mark.is_fault else "Please explain", draft.looks("strong"))
    page.set_row(row, row_height(lines(sentence, WIDTHS[1])))


def _steps(draft: Draft) -> list[tuple[str, str]]:
    form = draft.form
    parts = ["Figures"] if form.figures else []
    parts += ["Summary"] if form.summary else []
    parts += ["Actions"] if form.actions else []
    sheets = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1] if parts else "Sign-off"
    one = f"Fill in the boxes with a thick border on {sheets}. What we know already is filled in for you."
    if draft.mended or draft.unplaced():
        one = "Mend what is listed above. Everything else you sent is already in this form."
    return [
        ("1", one),
        ("2", "Say on Sign-off who completed the form. If there is nothing to report, or you will not, say so there."),
        ("3", "Save the form as an Excel workbook and attach it to a reply to our letter. Keep its file name."),
    ]


def _glance(draft: Draft) -> list[tuple[str, str]]:
    form = draft.form
    rows = [
        ("Whom to ask", form.ask),
        ("Where it goes", f"As a reply to the letter it came with, to {form.office}."),
        ("Personal data", "Please give counts only: no names and nothing by which a person could be known."),
        ("Marking", form.marking),
    ]
    return [(label, text) for label, text in rows if text]


def _rows(
    draft: Draft, page: Any, at: int, heading: str, columns: Sequence[Column], rows: Sequence[tuple[str, str]],
    *, name: str, says: str,
) -> int:  # fmt: skip
    """A heading and a table of two columns; returns the row after it."""
    page.write_string(at, 0, heading, draft.looks("heading"))
    draft.table(page, at + 1, columns, len(rows), name=name, says=says)
    for row, (label, text) in enumerate(rows, start=at + 2):
        page.write_string(row, 0, clean(label), draft.looks("strong"))
        page.write_string(row, 1, clean(text), draft.looks("cell"))
        page.set_row(row, row_height(max(lines(text, columns[1].width), lines(label, columns[0].width, bold=True))))
    return at + len(rows) + 3


def _left(draft: Draft, page: Any, at: int, counted: Sequence[Counted]) -> int:
    """The live count of what is filled in, with its value now, so that a preview shows it too."""
    page.write_string(at, 0, "How far you are", draft.looks("heading"))
    draft.table(
        page, at + 1, _LEFT, len(counted) + 1, name="Progress_table",
        says="For each sheet, how many boxes are filled in and how many are asked for. It counts as you type.",
    )  # fmt: skip
    excused = is_excused(draft)
    first = at + 2
    for row, part in enumerate(counted, start=first):
        page.write_string(row, 0, part.sheet, draft.looks("strong"))
        page.write_formula(row, 2, part.formula, draft.looks("count"), part.done)
        page.write_number(row, 3, part.asked, draft.looks("count"))
        _said(draft, page, row, part.done, part.asked, excused=False)
    last = first + len(counted)
    page.write_string(last, 0, "Whole form", draft.looks("strong"))
    for column, value in ((2, sum(c.done for c in counted)), (3, sum(c.asked for c in counted))):
        top, bottom = xl_rowcol_to_cell(first, column), xl_rowcol_to_cell(last - 1, column)
        page.write_formula(last, column, f"=SUM({top}:{bottom})", draft.looks("count"), value)
    _said(draft, page, last, sum(c.done for c in counted), sum(c.asked for c in counted), excused=excused, total=True)
    return last + 2


def _said(
    draft: Draft, page: Any, row: int, done: int, asked: int, *, excused: bool, total: bool = False
) -> None:  # fmt: skip
    have, want = xl_rowcol_to_cell(row, 2), xl_rowcol_to_cell(row, 3)
    formula = f'IF({have}>={want},"Complete",({want}-{have})&" still to fill in")'
    said = "Complete" if done >= asked else f"{asked - done} still to fill in"
    if total:
        nothing = "Nothing to report: only Sign-off is needed"
        formula = f'IF(OR({NIL_CELL}="{layout.YES}",{DECLINE_CELL}="{layout.YES}"),"{nothing}",{formula})'
        said = nothing if excused else said
    page.write_formula(row, 1, f"={formula}", draft.looks("cell"), said)
