"""The last sheets: what the words of the form mean and where its figures come from; the hidden map."""

from __future__ import annotations

from csp_workflow.forms import layout
from csp_workflow.forms.draft import HEADER_ROW, Draft
from csp_workflow.forms.layout import Column
from csp_workflow.forms.wording import clean, lines, row_height

_COLUMNS = (Column(header="Topic", width=30), Column(header="What it means", width=100))
_MAP_WIDTHS = (34.0, 14.0, 9.0, 60.0, 10.0, 70.0)

_HOW_READ = (
    "Each figure is found by its area code and ref. You may sort rows, add your own sheets, or paste the tables into "
    "another workbook, as long as the area codes, refs and headers go with them."
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


def write_about(draft: Draft) -> None:
    """What the words mean, how the form is read, sources and licences."""
    form = draft.form
    rows = [(topic, text) for topic, text in _TOPICS if form.figures or topic in _ALWAYS]
    rows += [("Source", source) for source in form.sources]
    if form.illustrative:
        rows.append(
            (
                "Illustrative figures",
                "The figures in this form were made up for demonstration, except where a published source is named.",
            )
        )
    if form.marking:
        rows.append(("Marking", form.marking))
    rows.append(("Form", f"Layout {form.reference.form}, revision {form.reference.revision} for this quarter."))
    page = draft.page(layout.ABOUT, [c.width for c in _COLUMNS])
    draft.top(page, "About this form", "What the words mean, how we read the form, and where its figures come from.")
    draft.table(
        page, HEADER_ROW, _COLUMNS, len(rows), name="About_table",
        says="What the words of the form mean, and where its figures come from.",
    )  # fmt: skip
    page.repeat_rows(HEADER_ROW)
    for at, (topic, text) in enumerate(rows, start=HEADER_ROW + 1):
        page.write_string(at, 0, topic, draft.looks("strong"))
        page.write_string(at, 1, clean(text), draft.looks("cell"))
        page.set_row(at, row_height(max(lines(clean(text), 100), lines(topic, 30, bold=True))))


_ALWAYS = {"Boxes to fill in", "How we read the form", "Protection", "Filling by script"}


def write_map(draft: Draft) -> None:
    """The hidden sheet that lists every input for a program."""
    page = draft.page(layout.MAP, _MAP_WIDTHS)
    look = draft.looks("map")
    draft.top(page, "Map of this form, for programs", "One line for each box that may be filled in.")
    for place, header in enumerate(layout.MAP_HEADERS):
        page.write_string(HEADER_ROW, place, header, look)
    for at, one in enumerate(draft.inputs, start=HEADER_ROW + 1):
        row = (one.name, one.sheet, one.cell, one.kind, "yes" if one.required else "no", one.label)
        for place, text in enumerate(row):
            page.write_string(at, place, text, look)
    page.hide()
