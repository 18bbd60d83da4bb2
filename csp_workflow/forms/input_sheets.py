"""The sheets that people fill in: the figures, found again by area code and ref, and the boxes to write in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from csp_workflow.forms import layout
from csp_workflow.forms.draft import (
    HEADER_ROW,
    Box,
    Counted,
    Draft,
    clean_for_cell,
    count_lines,
    count_words,
    row_height,
)
from csp_workflow.forms.layout import Column
from csp_workflow.terms.figures import FigureStatus, MeasureKind
from csp_workflow.terms.phrases import day, say_figure
from csp_workflow.terms.returns import Entry, FigureRow, SummaryRow
from csp_workflow.terms.site import ActionRow

_FROZEN_COLUMNS = 4
_NO_VALUE = ("Suppressed", "Not", "Nil")
_ILLUSTRATIVE = "Illustrative figures: made up for demonstration, except where a source is named."


@dataclass(frozen=True, kw_only=True)
class _Frame:
    """The sheet being written: where each header stands, how wide it is, and the past quarters' headers."""

    draft: Draft
    page: Any
    places: dict[str, int]
    widths: dict[str, float]
    past: tuple[str, ...]


def write_figures(draft: Draft) -> Counted:
    """Write the sheet; says how far it is."""
    form = draft.form
    columns = layout.figure_columns(form)
    page = draft.sheet(
        layout.FIGURES, columns, len(form.figures), f"Figures: {form.quarter.months}",
        "Type in the boxes with a thick border. The column “What to do” says which are yours. "
        "No figure? Leave it empty and choose a Status.",
        _legend(form.figures),
        table="Figures_table",
        says="One row for each area and measure: what is known already, and the boxes to fill in.",
        notice=_ILLUSTRATIVE if form.illustrative else "",
    )  # fmt: skip
    page.freeze_panes(HEADER_ROW + 1, _FROZEN_COLUMNS)
    frame = _Frame(
        draft=draft,
        page=page,
        places={c.header: place for place, c in enumerate(columns)},
        widths={c.header: c.width for c in columns},
        past=tuple(layout.history_header(q, form.quarter) for q in form.history),
    )
    done = sum(_write_figure_row(frame, HEADER_ROW + 1 + n, row) for n, row in enumerate(form.figures))
    _add_lists(page, form.figures, frame.places)
    return _count_figures(form.figures, frame.places, done)


def _legend(rows: tuple[FigureRow, ...]) -> str:
    if any(row.entry is Entry.CONFIRM for row in rows):
        legend = " (p) means provisional." if any(_is_provisional(row) for row in rows) else ""
        return (
            "Grey figures come from the force: choose Confirmed (you may copy it down), "
            f"or Disputed and say why in the Note.{legend}"
        )
    return "You may sort the table, hide columns or add notes; each figure is found by its area code and ref."


def _is_provisional(row: FigureRow) -> bool:
    return row.entry is Entry.CONFIRM and row.given is not None and row.given.status is FigureStatus.PROVISIONAL


def _write_figure_row(frame: _Frame, at: int, row: FigureRow) -> bool:
    """Write one row; whether what it asks for is there already."""
    draft, page, places = frame.draft, frame.page, frame.places
    texts = _known_texts(frame, row)
    for header, text in texts.items():
        page.write_string(at, places[header], text, draft.looks("figure" if header in frame.past else "cell"))
    key = layout.figure_key(row.area.code, row.ref)
    label = f"{row.area.name}, {row.ref} {row.title}"
    boxes = {header: _figure_box(row, key, header, label) for header in layout.FIGURE_INPUTS}
    if row.entry is Entry.CONFIRM:
        typed = {layout.THIS_QUARTER: _write_given(frame, at, row)}
        del boxes[layout.THIS_QUARTER]
    else:
        typed = {}
    typed |= {header: draft.put(page, at, places[header], box) for header, box in boxes.items()}
    page.set_row(at, _figure_height(frame, texts | typed))
    return _is_done(row, typed)


def _known_texts(frame: _Frame, row: FigureRow) -> dict[str, str]:
    """What stands in the locked columns, by header."""
    texts = {
        layout.AREA_CODE: row.area.code,
        layout.AREA: row.area.name,
        layout.REF: row.ref,
        layout.MEASURE: _measure(row),
        layout.DEFINITION: row.definition,
        layout.DIRECTION: row.intent,
        layout.UNIT: row.unit,
        **dict(zip(frame.past, row.history, strict=False)),
        layout.OFFICIAL: row.official,
        layout.COMPARATOR: row.comparator,
        layout.TO_DO: layout.to_do(row),
    }
    return {header: clean_for_cell(text) for header, text in texts.items() if header in frame.places}


def _measure(row: FigureRow) -> str:
    """The series' title, over the Plan's own wording where that says something else."""
    wording = row.measure.strip()
    if " " not in wording or wording == row.title or not row.title:
        return row.title or wording
    return f"{row.title}\n({wording})"


def _figure_box(row: FigureRow, key: str, header: str, label: str) -> Box:
    name = layout.figure_name(row.area.code, row.ref)
    is_confirm = row.entry is Entry.CONFIRM
    asked = row.required and (header == layout.STATUS if is_confirm else header == layout.THIS_QUARTER)
    kinds = {
        layout.THIS_QUARTER: "number" if row.kind.is_number else "text",
        layout.STATUS: "one of: " + "; ".join(layout.status_choices(row.entry)),
        layout.DROVE_IT: "one of: " + "; ".join(layout.DROVE_IT_CHOICES),
        layout.NOTE: "text",
    }
    return Box(
        sheet=layout.FIGURES,
        key=key,
        column=header,
        name=name if header == layout.THIS_QUARTER else f"{name}_{header.replace(' ', '_')}",
        kind=kinds[header],
        label=f"{label}: {header}",
        required=asked and layout.to_do(row) != layout.NOTHING,
        is_figure=header == layout.THIS_QUARTER and row.kind.is_number,
    )


def _write_given(frame: _Frame, at: int, row: FigureRow) -> str:
    """The force's own figure, locked; returns what is shown."""
    draft, page, column = frame.draft, frame.page, frame.places[layout.THIS_QUARTER]
    box = _figure_box(row, layout.figure_key(row.area.code, row.ref), layout.THIS_QUARTER, row.title)
    mark = draft.mark(page, at, column, box)
    draft.name(box.name, layout.FIGURES, at, column)
    value = row.given.value if row.given else None
    if value is None:
        text = say_figure(row.given, missing=layout.NOT_SUPPLIED)
        page.write_string(at, column, text, draft.looks("locked"))
        return text
    look = (
        "locked count"
        if row.kind in {MeasureKind.COUNT, MeasureKind.COST} and value == value.to_integral()
        else "locked decimal"
    )
    if _is_provisional(row):
        look += " provisional"
    if mark:
        look = "fault locked" if mark.is_fault else "query locked"
    page.write_number(at, column, float(value), draft.looks(look))
    return str(value)


def _figure_height(frame: _Frame, texts: dict[str, str]) -> float:
    return row_height(max(2, *(count_lines(text, frame.widths[header]) for header, text in texts.items())))


def _is_done(row: FigureRow, typed: dict[str, str]) -> bool:
    if layout.to_do(row) not in {layout.FILL_IN, layout.CONFIRM}:
        return False
    status = typed[layout.STATUS]
    if row.entry is Entry.CONFIRM:
        return bool(status)
    return bool(typed[layout.THIS_QUARTER]) or status.startswith(_NO_VALUE)


# Drop-downs: they warn, they never stop, so that nobody types 0 to get past them ----------------


def _add_lists(page: Any, rows: tuple[FigureRow, ...], places: dict[str, int]) -> None:
    for entry, first, last in _runs(rows, lambda row: row.entry):
        _add_list(page, first, last, places[layout.STATUS], layout.status_choices(entry), "Status")
    first, last = HEADER_ROW + 1, HEADER_ROW + len(rows)
    _add_list(page, first, last, places[layout.DROVE_IT], layout.DROVE_IT_CHOICES, "What drove it")
    for kind, first, last in _runs(rows, lambda row: row.kind if row.entry is Entry.VALUE else MeasureKind.NARRATIVE):
        if kind.is_number:
            _add_number_rule(page, first, last, places[layout.THIS_QUARTER], kind)


def _runs(rows: tuple[FigureRow, ...], what: Any) -> Iterator[tuple[Any, int, int]]:
    """Neighbouring rows that share something, as (what, first row, last row)."""
    at = HEADER_ROW + 1
    for value, run in groupby(rows, key=what):
        count = len(list(run))
        yield value, at, at + count - 1
        at += count


def _add_list(page: Any, first: int, last: int, column: int, choices: tuple[str, ...], title: str) -> None:
    page.data_validation(
        first, column, last, column,
        {
            "validate": "list", "source": list(choices), "error_type": "warning", "error_title": title,
            "error_message": "This is not one of the choices. It is better to choose from the list and explain "
            "in the Note. Keep what you typed?",
        },
    )  # fmt: skip


def _add_number_rule(page: Any, first: int, last: int, column: int, kind: MeasureKind) -> None:
    is_share = kind is MeasureKind.PERCENT
    page.data_validation(
        first, column, last, column,
        {
            "validate": "decimal", "criteria": "between" if is_share else ">=",
            **({"minimum": 0, "maximum": 100} if is_share else {"value": 0}),
            "input_title": "This quarter",
            "input_message": ("Type per cent as a plain number, such as 12.5." if is_share else "Type one number.")
            + " If there is none, leave this empty and choose a Status.",
            "error_type": "warning", "error_title": "Not a plain number",
            "error_message": "We expected one plain number"
            + (" between 0 and 100. " if is_share else ". ")
            + "If you have no figure, leave the cell empty and choose a Status beside it. Keep what you typed?",
        },
    )  # fmt: skip


def _count_figures(rows: tuple[FigureRow, ...], places: dict[str, int], done: int) -> Counted:
    """The same count as a formula that survives sorting and inserted rows."""
    first, last = HEADER_ROW + 2, HEADER_ROW + 1 + len(rows)

    def cells(header: str) -> str:
        letter = xl_col_to_name(places[header])
        return f"{layout.FIGURES}!${letter}${first}:${letter}${last}"

    what, value, status = cells(layout.TO_DO), cells(layout.THIS_QUARTER), cells(layout.STATUS)
    without = "+".join(f'(LEFT({status},{len(word)})="{word}")' for word in _NO_VALUE)
    formula = (
        f'=SUMPRODUCT(({what}="{layout.FILL_IN}")*(((1-ISBLANK({value}))+{without})>0))'
        f'+SUMPRODUCT(({what}="{layout.CONFIRM}")*(1-ISBLANK({status})))'
    )
    asked = sum(layout.to_do(row) in {layout.FILL_IN, layout.CONFIRM} for row in rows)
    return Counted(sheet=layout.FIGURES, formula=formula, done=done, asked=asked)


# The contextual summary, and what the boards asked -----------------------------------------------

_WORD_CHARACTERS = 6.2
_OPTIONAL = "optional"


def write_summary(draft: Draft) -> Counted:
    """The contextual summary: a box for each theme, narrative measure and objective."""
    rows, columns = draft.form.summary, layout.SUMMARY_COLUMNS
    page = draft.sheet(
        layout.SUMMARY, columns, len(rows), f"Contextual summary: {draft.form.quarter.months}",
        "Write in the boxes with a thick border. A few plain sentences are enough; the word guide is only a guide.",
        "The Board reads what you write. Please give no names and nothing by which a person could be known.",
        table="Summary_table",
        says="One row for each theme, measure in words and objective, with boxes for what happened and what is next.",
    )  # fmt: skip
    page.freeze_panes(HEADER_ROW + 1, 2)
    done = sum(_write_summary_row(draft, page, HEADER_ROW + 1 + n, row) for n, row in enumerate(rows))
    filled, guide = _cell_range(columns, layout.HAPPENED, len(rows)), _cell_range(columns, layout.WORD_GUIDE, len(rows))
    sheet = layout.SUMMARY
    formula = f'=SUMPRODUCT((1-ISBLANK({sheet}!{filled}))*ISERROR(SEARCH("{_OPTIONAL}",{sheet}!{guide})))'
    return Counted(sheet=sheet, formula=formula, done=done, asked=sum(row.required for row in rows))


def _write_summary_row(draft: Draft, page: Any, at: int, row: SummaryRow) -> bool:
    guide = f"about {row.words}" + ("" if row.required else f" ({_OPTIONAL})")
    texts = {
        layout.REF: row.ref,
        layout.HEADING: row.heading,
        layout.PROMPT: row.prompt,
        layout.PLAYED_BACK: row.played_back or "Nothing was said last quarter.",
        layout.WORD_GUIDE: guide,
    }
    _write_known(draft, page, at, layout.SUMMARY_COLUMNS, texts)
    happened = draft.put(page, at, 4, _text_box(layout.SUMMARY, row.ref, layout.HAPPENED, row.heading, row.required))
    following = draft.put(page, at, 7, _text_box(layout.SUMMARY, row.ref, layout.NEXT, row.heading, False))
    cell = xl_rowcol_to_cell(at, 4)
    spaced = f'TRIM(SUBSTITUTE({cell},CHAR(10)," "))'
    page.write_formula(
        at, 6,
        f'=IF(LEN({spaced})=0,0,LEN({spaced})-LEN(SUBSTITUTE({spaced}," ",""))+1)',
        draft.looks("count"), count_words(happened),
    )  # fmt: skip
    room = int(row.words * _WORD_CHARACTERS / (layout.SUMMARY_COLUMNS[4].width * 1.12)) + 1
    texts |= {layout.HAPPENED: happened, layout.NEXT: following}
    page.set_row(at, max(row_height(room), _box_height(layout.SUMMARY_COLUMNS, texts)))
    return row.required and bool(happened)


def write_actions(draft: Draft) -> Counted:
    """What the boards asked of the respondent, with a place for the answer."""
    rows, columns = draft.form.actions, layout.ACTION_COLUMNS
    page = draft.sheet(
        layout.ACTIONS, columns, len(rows), "Actions: what the boards asked of you",
        "Write your answer in the box beside each action and choose how it stands.",
        table="Actions_table",
        says="One row for each action a board asked for, with boxes for the answer and how it stands.",
    )  # fmt: skip
    page.freeze_panes(HEADER_ROW + 1, 2)
    done = sum(_write_action_row(draft, page, HEADER_ROW + 1 + n, row) for n, row in enumerate(rows))
    page.data_validation(
        HEADER_ROW + 1, 6, HEADER_ROW + len(rows), 6,
        {"validate": "list", "source": list(layout.ACTION_CHOICES), "error_type": "warning"},
    )  # fmt: skip
    formula = f"=COUNTA({layout.ACTIONS}!{_cell_range(columns, layout.ANSWER, len(rows))})"
    return Counted(sheet=layout.ACTIONS, formula=formula, done=done, asked=len(rows))


def _write_action_row(draft: Draft, page: Any, at: int, row: ActionRow) -> bool:
    texts = {
        layout.REF: row.ref,
        layout.BOARD: row.board,
        layout.ACTION: row.wording,
        layout.ASKED: day(row.asked),
        layout.DUE: day(row.due),
    }
    _write_known(draft, page, at, layout.ACTION_COLUMNS, texts)
    answer = draft.put(page, at, 5, _text_box(layout.ACTIONS, row.ref, layout.ANSWER, row.wording, True))
    choice = Box(
        sheet=layout.ACTIONS,
        key=row.ref,
        column=layout.STATUS,
        name=layout.box_name(layout.ACTIONS, row.ref, layout.STATUS),
        kind="one of: " + "; ".join(layout.ACTION_CHOICES),
        label=f"{row.ref}: {layout.STATUS}",
    )
    draft.put(page, at, 6, choice)
    page.set_row(at, max(row_height(6), _box_height(layout.ACTION_COLUMNS, {**texts, layout.ANSWER: answer})))
    return bool(answer)


def _write_known(draft: Draft, page: Any, at: int, columns: Sequence[Column], texts: dict[str, str]) -> None:
    for place, column in enumerate(columns):
        if column.header in texts:
            look = draft.looks("strong" if column.header in {layout.REF, layout.HEADING} else "cell")
            page.write_string(at, place, clean_for_cell(texts[column.header]), look)


def _text_box(sheet: str, key: str, column: str, what: str, required: bool) -> Box:
    return Box(
        sheet=sheet,
        key=key,
        column=column,
        name=layout.box_name(sheet, key, column),
        kind="text",
        label=f"{key} {what}: {column}",
        required=required,
    )


def _box_height(columns: Sequence[Column], texts: dict[str, str]) -> float:
    widths = {c.header: c.width for c in columns}
    bold = {layout.REF, layout.HEADING}
    return row_height(
        max(count_lines(clean_for_cell(t), widths[header], bold=header in bold) for header, t in texts.items())
    )


def _cell_range(columns: Sequence[Column], header: str, count: int) -> str:
    letter = xl_col_to_name([c.header for c in columns].index(header))
    return f"${letter}${HEADER_ROW + 2}:${letter}${HEADER_ROW + 1 + count}"
