"""The Sign-off sheet: who completed the form, and the two ticks that speak for the whole return."""

from __future__ import annotations

from csp_workflow.forms import layout
from csp_workflow.forms.draft import HEADER_ROW, Box, Draft
from csp_workflow.forms.figures_sheet import Counted
from csp_workflow.forms.wording import lines, row_height

NIL_CELL = f"'{layout.SIGN_OFF}'!$B${HEADER_ROW + 5}"
DECLINE_CELL = f"'{layout.SIGN_OFF}'!$B${HEADER_ROW + 6}"


def write(draft: Draft) -> Counted:
    """Write the sheet; says how far it is."""
    rows, columns = layout.SIGN_OFF_ROWS, layout.SIGN_OFF_COLUMNS
    page = draft.page(layout.SIGN_OFF, [c.width for c in columns])
    lead = ["Say who completed the form. It needs no signature."]
    if draft.form.kind.value == "partnership":
        lead.append("When your return is complete we ask your chair to approve it by e-mail; you need not do so here.")
    draft.top(page, "Sign-off", *lead)
    draft.table(
        page, HEADER_ROW, columns, len(rows), name="Sign_off_table",
        says="Who completed the form and when, and whether there is nothing to report.",
    )  # fmt: skip
    page.repeat_rows(HEADER_ROW)
    done = 0
    for at, row in enumerate(rows, start=HEADER_ROW + 1):
        page.write_string(at, 0, row.label, draft.looks("strong"))
        text = draft.put(page, at, 1, _box(row))
        page.write_string(at, 2, row.help, draft.looks("cell"))
        done += row.required and bool(text)
        least = 4 if row.label == layout.REASON else 2
        page.set_row(at, row_height(max(least, lines(text, columns[1].width), lines(row.label, 38, bold=True))))
        if row.choices:
            page.data_validation(
                at, 1, at, 1, {"validate": "list", "source": list(row.choices), "error_type": "warning"}
            )
    asked = sum(row.required for row in rows)
    formula = f"=COUNTA('{layout.SIGN_OFF}'!$B${HEADER_ROW + 2}:$B${HEADER_ROW + 1 + asked})"
    return Counted(sheet=layout.SIGN_OFF, formula=formula, done=done, asked=asked)


def is_excused(draft: Draft) -> bool:
    """Whether the return was ticked as nil or declined."""
    return any(
        draft.typed(layout.SIGN_OFF, label, layout.ENTRY).strip().casefold() == layout.YES.casefold()
        for label in (layout.NIL, layout.DECLINE)
    )


def _box(row: layout.SignOffRow) -> Box:
    return Box(
        sheet=layout.SIGN_OFF,
        key=row.label,
        column=layout.ENTRY,
        name=layout.box_name(layout.SIGN_OFF, row.name, ""),
        kind="one of: " + "; ".join(row.choices) if row.choices else "text",
        label=row.label,
        required=row.required,
    )
