"""The sheets of boxes to write in: the contextual summary, and what the boards asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from csp_workflow.forms import layout
from csp_workflow.forms.draft import HEADER_ROW, Box, Draft
from csp_workflow.forms.figures_sheet import Counted
from csp_workflow.forms.layout import Column
from csp_workflow.forms.wording import clean, day, lines, row_height, words
from csp_workflow.terms.returns import SummaryRow
from csp_workflow.terms.site import ActionRow

_WORD_CHARACTERS = 6.2
_OPTIONAL = "optional"


def write_summary(draft: Draft) -> Counted:
    """The contextual summary: a box for each theme, narrative measure and objective."""
    rows, columns = draft.form.summary, layout.SUMMARY_COLUMNS
    page = _page(
        draft, layout.SUMMARY, columns,
        f"Contextual summary: {draft.form.quarter.months}",
        "Write in the boxes with a thick border. A few plain sentences are enough; the word guide is only a guide.",
        "The Board reads what you write. Please give no names and nothing by which a person could be known.",
    )  # fmt: skip
    draft.table(
        page, HEADER_ROW, columns, len(rows), name="Summary_table",
        says="One row for each theme, measure in words and objective, with boxes for what happened and what is next.",
    )  # fmt: skip
    done = sum(_summary_row(draft, page, HEADER_ROW + 1 + n, row) for n, row in enumerate(rows))
    filled, guide = _cells(columns, layout.HAPPENED, len(rows)), _cells(columns, layout.WORD_GUIDE, len(rows))
    sheet = layout.SUMMARY
    formula = f'=SUMPRODUCT((1-ISBLANK({sheet}!{filled}))*ISERROR(SEARCH("{_OPTIONAL}",{sheet}!{guide})))'
    return Counted(sheet=sheet, formula=formula, done=done, asked=sum(row.required for row in rows))


def _summary_row(draft: Draft, page: Any, at: int, row: SummaryRow) -> bool:
    guide = f"about {row.words}" + ("" if row.required else f" ({_OPTIONAL})")
    texts = {
        layout.REF: row.ref,
        layout.HEADING: row.heading,
        layout.PROMPT: row.prompt,
        layout.PLAYED_BACK: row.played_back or "Nothing was said last quarter.",
        layout.WORD_GUIDE: guide,
    }
    _known(draft, page, at, layout.SUMMARY_COLUMNS, texts)
    happened = draft.put(page, at, 4, _box(layout.SUMMARY, row.ref, layout.HAPPENED, row.heading, row.required))
    following = draft.put(page, at, 7, _box(layout.SUMMARY, row.ref, layout.NEXT, row.heading, False))
    cell = xl_rowcol_to_cell(at, 4)
    spaced = f'TRIM(SUBSTITUTE({cell},CHAR(10)," "))'
    page.write_formula(
        at, 6,
        f'=IF(LEN({spaced})=0,0,LEN({spaced})-LEN(SUBSTITUTE({spaced}," ",""))+1)',
        draft.looks("count"), words(happened),
    )  # fmt: skip
    room = int(row.words * _WORD_CHARACTERS / (layout.SUMMARY_COLUMNS[4].width * 1.12)) + 1
    texts |= {layout.HAPPENED: happened, layout.NEXT: following}
    page.set_row(at, max(row_height(room), _height(layout.SUMMARY_COLUMNS, texts)))
    return row.required and bool(happened)


def write_actions(draft: Draft) -> Counted:
    """What the boards asked of the respondent, with a place for the answer."""
    rows, columns = draft.form.actions, layout.ACTION_COLUMNS
    page = _page(
        draft, layout.ACTIONS, columns,
        "Actions: what the boards asked of you",
        "Write your answer in the box beside each action and choose how it stands.",
    )  # fmt: skip
    draft.table(
        page, HEADER_ROW, columns, len(rows), name="Actions_table",
        says="One row for each action a board asked for, with boxes for the answer and how it stands.",
    )  # fmt: skip
    done = sum(_action_row(draft, page, HEADER_ROW + 1 + n, row) for n, row in enumerate(rows))
    page.data_validation(
        HEADER_ROW + 1, 6, HEADER_ROW + len(rows), 6,
        {"validate": "list", "source": list(layout.ACTION_CHOICES), "error_type": "warning"},
    )  # fmt: skip
    formula = f"=COUNTA({layout.ACTIONS}!{_cells(columns, layout.ANSWER, len(rows))})"
    return Counted(sheet=layout.ACTIONS, formula=formula, done=done, asked=len(rows))


def _action_row(draft: Draft, page: Any, at: int, row: ActionRow) -> bool:
    texts = {
        layout.REF: row.ref,
        layout.BOARD: row.board,
        layout.ACTION: row.wording,
        layout.ASKED: day(row.asked),
        layout.DUE: day(row.due),
    }
    _known(draft, page, at, layout.ACTION_COLUMNS, texts)
    answer = draft.put(page, at, 5, _box(layout.ACTIONS, row.ref, layout.ANSWER, row.wording, True))
    choice = Box(
        sheet=layout.ACTIONS,
        key=row.ref,
        column=layout.STATUS,
        name=layout.box_name(layout.ACTIONS, row.ref, layout.STATUS),
        kind="one of: " + "; ".join(layout.ACTION_CHOICES),
        label=f"{row.ref}: {layout.STATUS}",
    )
    draft.put(page, at, 6, choice)
    page.set_row(at, max(row_height(6), _height(layout.ACTION_COLUMNS, {**texts, layout.ANSWER: answer})))
    return bool(answer)


def _page(draft: Draft, sheet: str, columns: Sequence[Column], title: str, *lead: str) -> Any:
    page = draft.page(sheet, [c.width for c in columns])
    draft.top(page, title, *lead)
    page.freeze_panes(HEADER_ROW + 1, 2)
    page.repeat_rows(HEADER_ROW)
    return page


def _known(draft: Draft, page: Any, at: int, columns: Sequence[Column], texts: dict[str, str]) -> None:
    for place, column in enumerate(columns):
        if column.header in texts:
            look = draft.looks("strong" if column.header in {layout.REF, layout.HEADING} else "cell")
            page.write_string(at, place, clean(texts[column.header]), look)


def _box(sheet: str, key: str, column: str, what: str, required: bool) -> Box:
    return Box(
        sheet=sheet,
        key=key,
        column=column,
        name=layout.box_name(sheet, key, column),
        kind="text",
        label=f"{key} {what}: {column}",
        required=required,
    )


def _height(columns: Sequence[Column], texts: dict[str, str]) -> float:
    widths = {c.header: c.width for c in columns}
    bold = {layout.REF, layout.HEADING}
    return row_height(max(lines(clean(t), widths[header], bold=header in bold) for header, t in texts.items()))


def _cells(columns: Sequence[Column], header: str, count: int) -> str:
    letter = xl_col_to_name([c.header for c in columns].index(header))
    return f"${letter}${HEADER_ROW + 2}:${letter}${HEADER_ROW + 1 + count}"
