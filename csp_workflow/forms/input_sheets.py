"""The sheets that people fill in: the figures, found again by area code and ref, and the boxes to write in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
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
    is_plain_number,
    row_height,
)
from csp_workflow.forms.layout import Column
from csp_workflow.terms.figures import FigureStatus, MeasureKind
from csp_workflow.terms.phrases import day, plain_number, say_figure
from csp_workflow.terms.returns import Entry, FigureRow, SummaryRow
from csp_workflow.terms.shares import reckon_per_cent
from csp_workflow.terms.site import ActionRow

_FROZEN_COLUMNS = 4
_NO_VALUE = ("Suppressed", "Not", "Nil")
_TOO_MANY = "more than there are: please check"
_NOBODY = "nobody counted"
_AWAITED = "= ? per cent"
_BOTH = " and ".join(f"“{header}”" for header in layout.COUNT_INPUTS)
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
    shares = ""
    if any(row.is_counted and row.entry is Entry.VALUE for row in rows):
        shares = f" A share is asked as two counts, {_BOTH}: we work out the per cent."
    if any(row.entry is Entry.CONFIRM for row in rows):
        legend = " (p) means provisional." if any(_is_provisional(row) for row in rows) else ""
        return (
            "Grey figures come from the force: choose Confirmed (you may copy it down), "
            f"or Disputed and say why in the Note.{legend}{shares}"
        )
    return "You may sort the table, hide columns or add notes; each figure is found by its area code and ref." + shares


def _is_provisional(row: FigureRow) -> bool:
    return row.entry is Entry.CONFIRM and row.given is not None and row.given.status is FigureStatus.PROVISIONAL


def _write_figure_row(frame: _Frame, at: int, row: FigureRow) -> bool:
    """Write one row; whether what it asks for is there already."""
    draft, page, places = frame.draft, frame.page, frame.places
    texts = _known_texts(frame, row)
    for header, text in texts.items():
        page.write_string(at, places[header], text, draft.looks("figure" if header in frame.past else "cell"))
    boxes = {header: _figure_box(row, header) for header in layout.FIGURE_INPUTS if header in places}
    locked = {header: text for header, text in _locked_texts(row).items() if header in places}
    typed = {header: _write_locked(frame, at, row, header, text) for header, text in locked.items()}
    typed |= {header: draft.put(page, at, places[header], box) for header, box in boxes.items() if header not in typed}
    if layout.COMES_TO in places:
        typed[layout.COMES_TO] = _write_share(frame, at, typed)
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


def _figure_box(row: FigureRow, header: str) -> Box:
    name = layout.figure_name(row.area.code, row.ref)
    kinds = {
        layout.HOW_MANY: "whole number",
        layout.OUT_OF: "whole number",
        layout.THIS_QUARTER: "number" if row.kind.is_number else "text",
        layout.STATUS: "one of: " + "; ".join(layout.status_choices(row.entry)),
        layout.DROVE_IT: "one of: " + "; ".join(layout.DROVE_IT_CHOICES),
        layout.NOTE: "text",
    }
    return Box(
        sheet=layout.FIGURES,
        key=layout.figure_key(row.area.code, row.ref),
        column=header,
        name=name if header == layout.THIS_QUARTER else f"{name}_{header.replace(' ', '_')}",
        kind=kinds[header],
        label=f"{row.area.name}, {row.ref} {row.title}: {header}",
        required=row.required and header in _asked_for(row) and layout.to_do(row) != layout.NOTHING,
        is_figure=header in layout.COUNT_INPUTS or (header == layout.THIS_QUARTER and row.kind.is_number),
    )


def _asked_for(row: FigureRow) -> tuple[str, ...]:
    """The boxes that must be filled in: the two counts of a share, which may be answered by a per cent all the same."""
    if row.entry is Entry.CONFIRM:
        return (layout.STATUS,)
    if row.is_counted:
        return layout.COUNT_INPUTS
    return (layout.OUT_OF, layout.THIS_QUARTER) if row.out_of else (layout.THIS_QUARTER,)


def _locked_texts(row: FigureRow) -> dict[str, str | Decimal]:
    """What stands where nothing is to be typed: the force's own figure, and "not asked" beside what is no share."""
    is_confirm, given = row.entry is Entry.CONFIRM, row.given
    shown: dict[str, str | Decimal] = {}
    behind = (given.count, given.base) if given and row.out_of else (None, None)
    for header, count in zip(layout.COUNT_INPUTS, behind, strict=True):
        if is_confirm or header not in _asked_for(row):
            shown[header] = layout.NOT_ASKED if count is None else Decimal(count)
    if is_confirm:
        value = given.value if given else None
        shown[layout.THIS_QUARTER] = say_figure(given, missing=layout.NOT_SUPPLIED) if value is None else value
    return shown


def _write_locked(frame: _Frame, at: int, row: FigureRow, header: str, shown: str | Decimal) -> str:
    """A cell in which nothing is to be typed; returns what is shown."""
    draft, page, column = frame.draft, frame.page, frame.places[header]
    box = _figure_box(row, header)
    mark = draft.mark(page, at, column, box)
    if header == layout.THIS_QUARTER:
        draft.name(box.name, layout.FIGURES, at, column)
    marked = ("fault locked" if mark.is_fault else "query locked") if mark else ""
    if isinstance(shown, str):
        page.write_string(at, column, shown, draft.looks(marked or "locked"))
        return shown
    is_count = row.kind in {MeasureKind.COUNT, MeasureKind.COST} or header in layout.COUNT_INPUTS
    look = "locked count" if is_count and shown == shown.to_integral() else "locked decimal"
    page.write_number(at, column, float(shown), draft.looks(marked or look + " provisional" * _is_provisional(row)))
    return str(shown)


def _write_share(frame: _Frame, at: int, typed: dict[str, str]) -> str:
    """The per cent that two counts come to, as a formula beside them with its value now; returns what is shown."""
    page, column = frame.page, frame.places[layout.COMES_TO]
    if layout.NOT_ASKED in (typed[header] for header in layout.COUNT_INPUTS):
        page.write_string(at, column, layout.NOT_ASKED, frame.draft.looks("locked"))
        return layout.NOT_ASKED
    part, whole = (xl_rowcol_to_cell(at, frame.places[header]) for header in layout.COUNT_INPUTS)
    formula = (
        f'=IF(COUNT({part},{whole})<2,"{_AWAITED}",IF({part}>{whole},"{_TOO_MANY}",'
        f'IF({whole}>0,"= "&ROUND(100*{part}/{whole},1)&" per cent","{_NOBODY}")))'
    )
    shown = _reckon_share(*(typed[header] for header in layout.COUNT_INPUTS))
    page.write_formula(at, column, formula, frame.draft.looks("locked"), shown)
    return shown


def _reckon_share(part: str, whole: str) -> str:
    """What the formula beside two counts comes to now."""
    if not (is_plain_number(part) and is_plain_number(whole)):
        return _AWAITED
    if Decimal(part) > Decimal(whole):
        return _TOO_MANY
    return f"= {plain_number(reckon_per_cent(Decimal(part), Decimal(whole)))} per cent" if Decimal(whole) else _NOBODY


def _figure_height(frame: _Frame, texts: dict[str, str]) -> float:
    return row_height(max(2, *(count_lines(text, frame.widths[header]) for header, text in texts.items())))


def _is_done(row: FigureRow, typed: dict[str, str]) -> bool:
    if layout.to_do(row) not in {layout.FILL_IN, layout.CONFIRM}:
        return False
    status = typed[layout.STATUS]
    if row.entry is Entry.CONFIRM:
        return bool(status)
    has_counts = row.is_counted and all(typed[header] for header in layout.COUNT_INPUTS)
    return bool(typed[layout.THIS_QUARTER]) or has_counts or status.startswith(_NO_VALUE)


# Drop-downs: they warn, they never stop, so that nobody types 0 to get past them ----------------


def _add_lists(page: Any, rows: tuple[FigureRow, ...], places: dict[str, int]) -> None:
    for entry, first, last in _runs(rows, lambda row: row.entry):
        _add_list(page, first, last, places[layout.STATUS], layout.status_choices(entry), "Status")
    first, last = HEADER_ROW + 1, HEADER_ROW + len(rows)
    _add_list(page, first, last, places[layout.DROVE_IT], layout.DROVE_IT_CHOICES, "What drove it")
    for rule, first, last in _runs(rows, _name_number_rule):
        if rule:
            _add_number_rules(page, first, last, places, rule)


def _name_number_rule(row: FigureRow) -> tuple[str, bool] | None:
    """What a row's share is of, and whether its figure is a per cent; None where no number is asked."""
    if row.entry is Entry.CONFIRM or not row.kind.is_number:
        return None
    return row.out_of, row.is_per_cent


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


def _add_number_rules(page: Any, first: int, last: int, places: dict[str, int], rule: tuple[str, bool]) -> None:
    for header, told in _make_number_rules(*rule).items():
        page.data_validation(first, places[header], last, places[header], told)


def _make_number_rules(out_of: str, is_per_cent: bool) -> dict[str, dict[str, Any]]:
    """What is to be typed in the columns of some rows, by header."""
    rules: dict[str, dict[str, Any]] = {}
    says, without = "Type one number.", "If there is none, leave this empty and choose a Status."
    if is_per_cent:
        says = "Type per cent as a plain number, such as 12.5."
    if out_of:
        asked = {layout.HOW_MANY: "How many are counted"} if is_per_cent else {}
        asked |= {layout.OUT_OF: f"Out of how many {out_of[:100]}"}
        for header, what in asked.items():
            told = f"{what}: a whole number.{' We work out the per cent.' if is_per_cent else ''} {without}"
            rules[header] = _warn(header, told, "one whole number", validate="integer", criteria=">=", value=0)
    if out_of and is_per_cent:
        says, without = f"Leave this empty if you gave {_BOTH}: we work it out.", f"Only if you have no counts: {says}"
    told = f"{says} {without}"
    if is_per_cent:
        expected, limits = "one plain number between 0 and 100", {"criteria": "between", "minimum": 0, "maximum": 100}
    else:
        expected, limits = "one plain number", {"criteria": ">=", "value": 0}
    return {**rules, layout.THIS_QUARTER: _warn(layout.THIS_QUARTER, told, expected, validate="decimal", **limits)}


def _warn(title: str, says: str, expected: str, **rule: Any) -> dict[str, Any]:
    return {
        **rule,
        "input_title": title,
        "input_message": says,
        "error_type": "warning",
        "error_title": "Not a plain number",
        "error_message": f"We expected {expected}. "
        "If you have no figure, leave the cell empty and choose a Status beside it. Keep what you typed?",
    }


def _count_figures(rows: tuple[FigureRow, ...], places: dict[str, int], done: int) -> Counted:
    """The same count as a formula that survives sorting and inserted rows."""
    first, last = HEADER_ROW + 2, HEADER_ROW + 1 + len(rows)

    def cells(header: str) -> str:
        letter = xl_col_to_name(places[header])
        return f"{layout.FIGURES}!${letter}${first}:${letter}${last}"

    what, value, status = cells(layout.TO_DO), cells(layout.THIS_QUARTER), cells(layout.STATUS)
    counts = ""
    if layout.HOW_MANY in places:
        part, whole = (cells(header) for header in layout.COUNT_INPUTS)
        counts = f'(1-ISBLANK({part}))*(1-ISBLANK({whole}))*({part}<>"{layout.NOT_ASKED}")+'
    without = "+".join(f'(LEFT({status},{len(word)})="{word}")' for word in _NO_VALUE)
    formula = (
        f'=SUMPRODUCT(({what}="{layout.FILL_IN}")*(((1-ISBLANK({value}))+{counts}{without})>0))'
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
