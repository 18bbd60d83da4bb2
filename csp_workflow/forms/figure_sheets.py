"""The sheets of figures: those to fill in, those of the force's to confirm, and the background of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from typing import Any

from csp_workflow.forms import layout, row_rules
from csp_workflow.forms.draft import HEADER_ROW, Box, Draft, Effort, FormPart, is_plain_number
from csp_workflow.forms.row_rules import SUMMED_AREAS
from csp_workflow.forms.sheet import FIRST, Sheet, lay_sheet
from csp_workflow.terms.figures import FigureStatus
from csp_workflow.terms.grants import GrantLine, find_grant, find_line
from csp_workflow.terms.phrases import number, plain_day, plural
from csp_workflow.terms.returns import FigureRow

_NO_TARGET = f"“{layout.USUAL}” is what a year usually comes to. It is no target."
_WORDS_OF_WHY = 25
_NO_FIGURE = frozenset(map(layout.same, layout.NO_FIGURE))


# The figures to fill in -------------------------------------------------------------------------------


def write_own(draft: Draft) -> FormPart:
    """Write the figures that a respondent fills in."""
    form, rows, columns = draft.form, layout.list_counted(draft.form), layout.figure_columns(draft.form)
    sheet = lay_sheet(
        draft, layout.FIGURES, columns, len(rows), f"{layout.FIGURES}: {form.quarter.months}", *_lead_own(rows),
        table="Figures_table", frozen=_frozen(columns),
        says="One row for each figure: what is known, the boxes to fill in, and what is still to do.",
    )  # fmt: skip
    told: set[str] = set()
    for at, row in enumerate(rows, start=FIRST):
        twins = [other for other in rows if other.ref == row.ref and other.area != row.area]
        others = {row_rules.SHARED: _find_shared(sheet, at, row, twins)} if twins else {}
        if row.least_summed is not None and len(twins) >= SUMMED_AREAS:
            others[row_rules.SUMMED] = _find_sum(sheet, at, row, twins)
        _write_own_row(sheet, at, row, is_told=row.ref in told, others=others)
        told.add(row.ref)
    _add_own_lists(sheet, rows)
    sheet.whiten()
    required = sum(row.required for row in rows)
    figures = sum((2 if row.out_of else 1) for row in rows if row.required)
    asks = (
        f"{plural(required, 'figure')}; a reason only where one has moved" if required else "Figures, if there are any"
    )
    return sheet.as_part(asks, Effort(figures=figures))


def write_grants(draft: Draft) -> FormPart:
    """Write the money of grants, each line since 1 April."""
    form, rows, columns = draft.form, layout.list_grants(draft.form), layout.grant_columns(draft.form)
    sheet = lay_sheet(
        draft, layout.GRANTS, columns, len(rows), f"{layout.GRANTS}: since 1 April, to {plain_day(form.quarter.end)}",
        "Pounds with pence, as 12000.50: type the whole number, not 12k. Every line counts from 1 April.",
        "Spent, committed, forecast and underspend together should come to the allocation.",
        table="Grants_table", frozen=_frozen(columns),
        says="One row for each line of a grant: what is known, the boxes to fill in, and what is still to do.",
    )  # fmt: skip
    for at, row in enumerate(rows, start=FIRST):
        lines = [one for one in rows if (find_grant(one.ref), one.area) == (find_grant(row.ref), row.area)]
        _write_own_row(sheet, at, row, is_told=False, others=_add_up_grant(sheet, row, lines))
    _add_own_lists(sheet, rows)
    sheet.whiten()
    return sheet.as_part(plural(len(rows), "line"), Effort(figures=len(rows)))


def _lead_own(rows: Sequence[FigureRow]) -> tuple[str, str]:
    two = (
        " A share is asked as two counts: how many, and out of how many." if any(row.is_counted for row in rows) else ""
    )
    why = f" {_NO_TARGET}" if any(row.usual for row in rows) else ""
    return (
        f"Type in the boxes with a thick border. No figure? Leave it empty and choose a Status. None? Type 0.{two}",
        f"An empty Status means final. Say why only where “{layout.STILL_TO_DO}” asks.{why}",
    )


def _frozen(columns: Sequence[layout.Column]) -> int:
    return [c.header for c in columns].index(layout.MEASURE) + 1


def _write_own_row(
    sheet: Sheet, at: int, row: FigureRow, *, is_told: bool, others: Mapping[str, tuple[str, str]]
) -> None:
    """A row to fill in, `others` being what its rules look at besides.

    What is counted is told where a ref stands first, and for each on the sheet of background.
    """
    measure = row.title or row.measure if is_told else "\n".join((row.title or row.measure, row.definition))
    said = sheet.show(at, _known_texts(sheet, row, measure), _looks(sheet))
    skipped = () if row.out_of or layout.OUT_OF not in sheet.places else (layout.OUT_OF,)
    said |= sheet.not_needed(at, skipped)
    boxes = [h for h in layout.FIGURE_INPUTS if h in sheet.places and h not in skipped]
    said |= {header: sheet.put(at, _make_box(sheet, row, header)) for header in boxes}
    shared, summed = (
        least if other in others else None
        for other, least in ((row_rules.SHARED, row.least_shared), (row_rules.SUMMED, row.least_summed))
    )
    rules = row_rules.rules_of_own(replace(row, least_shared=shared, least_summed=summed))
    sheet.finish(at, layout.figure_key(row.area.code, row.ref), rules, said, others=others)


def _find_shared(sheet: Sheet, at: int, row: FigureRow, twins: Sequence[FigureRow]) -> tuple[str, str]:
    """Whether the same figure stands for another area, as a formula and as it is now."""
    headers = (layout.THIS_QUARTER, *((layout.OUT_OF,) if row.out_of else ()))
    cells = sheet.cells(at)
    same = [f"{sheet.column(header)},{cells[header]}" for header in (layout.REF, *headers)]
    mine = _list_typed(sheet, row, headers)
    is_shared = None not in mine and any(_list_typed(sheet, twin, headers) == mine for twin in twins)
    return f'IF(COUNTIFS({",".join((*same, *_have_figure(sheet)))})>1,"yes","")', "yes" if is_shared else ""


def _find_sum(sheet: Sheet, at: int, row: FigureRow, twins: Sequence[FigureRow]) -> tuple[str, str]:
    """Whether a figure is the sum of those of all other areas, of which so many at least have one."""
    cells, numbers = sheet.cells(at), sheet.column(layout.THIS_QUARTER)
    alike = f"{sheet.column(layout.REF)},{cells[layout.REF]}"
    count = f"COUNTIFS({alike},{_any_number(sheet)})>{SUMMED_AREAS}"
    whole = f"SUMIFS({numbers},{alike},{_any_number(sheet)})=2*{cells[layout.THIS_QUARTER]}"
    (mine,) = _list_typed(sheet, row)
    others = [value for twin in twins for value in _list_typed(sheet, twin) if value is not None]
    is_sum = mine is not None and len(others) >= SUMMED_AREAS and mine == sum(others)
    return f'IF({count},IF({whole},"yes",""),"")', "yes" if is_sum else ""


def _add_up_grant(sheet: Sheet, row: FigureRow, lines: Sequence[FigureRow]) -> dict[str, tuple[str, str]]:
    """What the rules of a line look at besides: what the lines of its grant come to, once they are there."""
    numbers, refs, grant = sheet.column(layout.THIS_QUARTER), sheet.column(layout.REF), find_grant(row.ref)
    share = dict(row.checked).get("grant-left", Decimal(0))

    def add(line: str) -> str:
        return f'SUMIFS({numbers},{refs},"{grant}{line}",{_any_number(sheet)})'

    def count(*named: str) -> str:
        return "+".join(f'COUNTIFS({refs},"{grant}{line}",{_any_number(sheet)})' for line in named)

    typed = {find_line(line.ref): value for line in lines for value in _list_typed(sheet, line)}
    whole, spent, committed, _, left = (typed.get(line) for line in GrantLine)
    given = [value for value in typed.values() if value is not None]
    more = sum(given) - 2 * whole if whole is not None and len(given) == len(lines) else None
    unused = whole - spent - (committed or 0) if whole and spent is not None else None
    a, s, c, u = GrantLine.ALLOCATION, GrantLine.SPENT, GrantLine.COMMITTED, GrantLine.UNDERSPEND
    all_given, over = f"{count('?')}={len(lines)}", f"{add('?')}-2*{add(a)}"
    is_unused = f"ROUND(100*({add(a)}-{add(s)}-{add(c)})-{share:f}*{add(a)},2)>=0"
    return {
        row_rules.SUMMED: (_when(all_given, f"ROUND({over},2)<>0"), _yes(bool(more))),
        row_rules.OVERSPENT: (
            _when(all_given, f"ROUND({over}-{add(u)},2)>0"), _yes(more is not None and left is not None and more > left)
        ),
        row_rules.UNUSED: (
            _when(f"IF({count(a, s)}=2,{add(a)}<>0,FALSE)", is_unused),
            _yes(unused is not None and whole is not None and 100 * unused >= share * whole),
        ),
    }  # fmt: skip


def _when(first: str, then: str) -> str:
    return f'IF({first},IF({then},"yes",""),"")'


def _yes(holds: bool) -> str:
    return "yes" if holds else ""


def _have_figure(sheet: Sheet) -> Iterator[str]:
    """That no Status of a row says that there is none, for a formula that counts rows."""
    return (f'{sheet.column(layout.STATUS)},"<>{words}"' for words in layout.NO_FIGURE)


def _any_number(sheet: Sheet) -> str:
    """That a row has a number, for a formula that counts rows."""
    return ",".join((f'{sheet.column(layout.THIS_QUARTER)},">-1E+300"', *_have_figure(sheet)))


def _list_typed(sheet: Sheet, row: FigureRow, headers: Sequence[str] = (layout.THIS_QUARTER,)) -> list[Decimal | None]:
    """The plain numbers that a row holds under some headers; None for all else, and where its Status says none."""
    key = layout.figure_key(row.area.code, row.ref)
    typed = [sheet.draft.typed(sheet.name, key, header) for header in headers]
    is_given = layout.same(sheet.draft.typed(sheet.name, key, layout.STATUS)) not in _NO_FIGURE
    return [Decimal(text) if is_given and is_plain_number(text) else None for text in typed]


def _known_texts(sheet: Sheet, row: FigureRow, measure: str) -> dict[str, str]:
    return {
        layout.AREA_CODE: row.area.code,
        layout.AREA: row.area.name,
        layout.REF: row.ref,
        layout.MEASURE: measure,
        layout.UNIT: row.unit,
        **dict(zip(sheet.history, row.history, strict=False)),
        layout.USUAL: layout.say_usual(row),
        layout.DISPUTE: row.disputed,
    }


def _looks(sheet: Sheet) -> dict[str, str]:
    """The columns that are set to the right: earlier figures."""
    return dict.fromkeys((layout.USUAL, *sheet.history), "figure")


_KINDS = {
    layout.OUT_OF: "whole number",
    layout.STATUS: "one of: " + "; ".join(layout.STATUS_MEANS),
    layout.CONFIRM: "one of: " + "; ".join(layout.CONFIRM_CHOICES),
    layout.DROVE_IT: "one of: " + "; ".join(layout.DROVE_IT_CHOICES),
    layout.NOTE: "text",
}
"""What the boxes under a header take, as the hidden map says; that under This quarter takes what its row is."""


def _make_box(sheet: Sheet, row: FigureRow, header: str) -> Box:
    where = f"{row.area.name}, " * (layout.AREA in sheet.places)
    name = layout.figure_name(row.area.code, row.ref)
    value = "whole number" if row.is_counted else "number" if row.kind.is_number else "text"
    asked = {layout.CONFIRM} if sheet.name == layout.POLICE else {layout.THIS_QUARTER, layout.OUT_OF}
    return Box(
        sheet=sheet.name,
        key=layout.figure_key(row.area.code, row.ref),
        column=header,
        name=name if header == layout.THIS_QUARTER else layout.box_name(sheet.name, name, header),
        kind=_KINDS.get(header, value),
        label=where + (f"{row.ref} {row.title}: {header}" if row.ref != layout.ALL else f"{row.title}: {header}"),
        required=row.required and header in asked,
        is_figure=header == layout.OUT_OF or (header == layout.THIS_QUARTER and row.kind.is_number),
    )


def _add_own_lists(sheet: Sheet, rows: Sequence[FigureRow]) -> None:
    last = HEADER_ROW + len(rows)
    sheet.choose(FIRST, last, layout.STATUS, tuple(layout.STATUS_MEANS))
    if layout.DROVE_IT in sheet.places:
        sheet.choose(FIRST, last, layout.DROVE_IT, layout.DROVE_IT_CHOICES)
    for (out_of, is_number), first, end in _runs(
        rows, lambda row: (row.out_of if row.is_counted else "", row.kind.is_number)
    ):
        if is_number:
            for header, told in _make_number_rules(out_of).items():
                place = sheet.places[header]
                sheet.page.data_validation(first, place, end, place, told)


def _runs(rows: Sequence[FigureRow], what: Any) -> Iterator[tuple[Any, int, int]]:
    """Neighbouring rows that share something, as (what, first row, last row)."""
    at = FIRST
    for value, run in groupby(rows, key=what):
        count = len(list(run))
        yield value, at, at + count - 1
        at += count


def _make_number_rules(out_of: str) -> dict[str, dict[str, Any]]:
    """What is to be typed in the columns of some rows, by header."""
    without = "If there is no figure, leave this empty and choose a Status."
    if not out_of:
        return {layout.THIS_QUARTER: _warn(layout.THIS_QUARTER, f"One number. {without}", "decimal")}
    asked = {layout.THIS_QUARTER: "How many are counted", layout.OUT_OF: f"Out of how many {out_of[:100]}"}
    return {
        header: _warn(header, f"{what}: a whole number. We work out the per cent. {without}", "integer")
        for header, what in asked.items()
    }


def _warn(title: str, says: str, validate: str) -> dict[str, Any]:
    return {
        "validate": validate,
        "criteria": ">=",
        "value": 0,
        "input_title": title,
        "input_message": says,
        "error_type": "warning",
        "error_title": "Not a plain number",
        "error_message": "We expected one plain number. If you have no figure, leave the cell empty and choose a "
        "Status beside it. Keep what you typed?",
    }


# The force's figures -----------------------------------------------------------------------------------


def write_police(draft: Draft) -> FormPart:
    """Write the force's figures, to be confirmed in one tick for an area, or row by row."""
    form, rows, columns = draft.form, layout.list_police(draft.form), layout.police_columns(draft.form)
    several = [row for _, row in layout.list_all_rows(form) if row is None]
    sheet = lay_sheet(
        draft, layout.POLICE, columns, len(layout.list_all_rows(form)), f"{layout.POLICE}: {form.quarter.months}",
        *_lead_police(rows, has_all=bool(several)), table="Police_table", frozen=_frozen(columns),
        says="One row for each figure of the force's: what is known, and whether you confirm it.",
    )  # fmt: skip
    at = FIRST
    for area, group in groupby(layout.list_all_rows(form), key=lambda pair: pair[0]):
        of_area = [row for _, row in group]
        confirmed = draft.typed(layout.POLICE, layout.figure_key(area, layout.ALL), layout.CONFIRM)
        for row in of_area:
            if row is None:
                _write_all_row(sheet, at, [r for r in of_area if r])
            else:
                _write_police_row(sheet, at, row, confirmed=confirmed, has_all=None in of_area)
            at += 1
    sheet.choose(FIRST, at - 1, layout.CONFIRM, layout.CONFIRM_CHOICES)
    sheet.choose(FIRST, at - 1, layout.DROVE_IT, layout.DROVE_IT_CHOICES)
    sheet.whiten()
    moved = [row for row in rows if row.find_side(row.given)]
    ticks = len({row.area.code for row in rows if row.given}) + len(moved)
    asks = f"One tick for all {number(len(rows))}, or a dispute" if several else "A tick, or a dispute"
    asks += f"; why {plural(len(moved), 'figure')} moved" if moved else ""
    return sheet.as_part(asks, Effort(ticks=ticks, typed=_WORDS_OF_WHY * len(moved)))


def _lead_police(rows: Sequence[FigureRow], *, has_all: bool) -> tuple[str, str]:
    one = f"Choose Confirmed in the row {layout.ALL}: one tick settles all." if has_all else "Choose Confirmed."
    provisional = " (p) is provisional." if any(map(_is_provisional, rows)) else ""
    usual = f" {_NO_TARGET}" if any(row.usual for row in rows) else ""
    return (
        f"All as you know them? {one} Does one look wrong? Choose Disputed in its own row and say why.",
        f"The force's analyst reads why you dispute a figure.{provisional}{usual}",
    )


def _is_provisional(row: FigureRow) -> bool:
    return row.given is not None and row.given.status is FigureStatus.PROVISIONAL


def _write_police_row(sheet: Sheet, at: int, row: FigureRow, *, confirmed: str, has_all: bool) -> None:
    said = sheet.show(at, _known_texts(sheet, row, row.title or row.measure), _looks(sheet))
    said[layout.THIS_QUARTER] = _show_given(sheet, at, row)
    if row.given is None:
        said |= sheet.not_needed(at, layout.POLICE_INPUTS)
    else:
        said |= {header: sheet.put(at, _make_box(sheet, row, header)) for header in layout.POLICE_INPUTS}
    answers, codes, refs = (sheet.column(header) for header in (layout.CONFIRM, layout.AREA_CODE, layout.REF))
    own = sheet.cells(at)[layout.AREA_CODE]
    counted = f'COUNTIFS({codes},{own},{refs},"{layout.ALL}",{answers},"{layout.CONFIRMED}")'
    now = layout.CONFIRMED if layout.same(confirmed) == layout.same(layout.CONFIRMED) else ""
    sheet.finish(
        at, layout.figure_key(row.area.code, row.ref), row_rules.rules_of_police(row, has_all=has_all), said,
        others={row_rules.CONFIRMED_ABOVE: (f'IF({counted}>0,"{layout.CONFIRMED}","")', now)}, least=1,
    )  # fmt: skip


def _show_given(sheet: Sheet, at: int, row: FigureRow) -> str:
    """The force's figure, a number where it is one: nothing is ever typed over it."""
    given, shown, place = row.given, layout.say_given(row), sheet.places[layout.THIS_QUARTER]
    if given is None or given.value is None or given.count is not None:
        return sheet.show(at, {layout.THIS_QUARTER: shown}, {layout.THIS_QUARTER: "figure"})[layout.THIS_QUARTER]
    kind = "whole" if given.value == given.value.to_integral() else "decimal"
    look = sheet.draft.looks(kind + " provisional" * _is_provisional(row))
    sheet.page.write_number(at, place, float(given.value), look)
    sheet.draft.name(layout.figure_name(row.area.code, row.ref), layout.POLICE, at, sheet.letters[layout.THIS_QUARTER])
    return shown


def _write_all_row(sheet: Sheet, at: int, rows: Sequence[FigureRow]) -> None:
    """The row that confirms all of an area at once."""
    answers, codes, refs = (sheet.column(header) for header in (layout.CONFIRM, layout.AREA_CODE, layout.REF))
    own = sheet.cells(at)[layout.AREA_CODE]
    unanswered = f'SUMPRODUCT(({codes}={own})*({refs}<>"{layout.ALL}")*({answers}=""))'
    first, draft = rows[0], sheet.draft
    whole = layout.make_all_row(first, len(rows))
    texts = {layout.AREA_CODE: first.area.code, layout.AREA: first.area.name, layout.REF: layout.ALL}
    said = sheet.show(at, {**texts, layout.MEASURE: whole.title}, dict.fromkeys((*texts, layout.MEASURE), "all"))
    known = [h for h in sheet.places if h not in {*texts, layout.MEASURE, layout.STILL_TO_DO, layout.CONFIRM}]
    said |= sheet.show(at, dict.fromkeys(known, "as below"), dict.fromkeys(known, "not needed"))
    sheet.read -= 2 * len(known)
    said[layout.CONFIRM] = sheet.put(at, _make_box(sheet, whole, layout.CONFIRM))
    typed = [draft.typed(layout.POLICE, layout.figure_key(r.area.code, r.ref), layout.CONFIRM) for r in rows if r.given]
    left = (f'IF({unanswered}>0,"yes","")', "" if all(typed) else "yes")
    sheet.finish(
        at, layout.figure_key(first.area.code, layout.ALL), row_rules.rules_of_all(), said,
        others={row_rules.UNANSWERED: left}, least=1,
    )  # fmt: skip


# What is known besides --------------------------------------------------------------------------------


def write_background(draft: Draft) -> None:
    """Write what is known of every figure: nothing is filled in here."""
    form, columns = draft.form, layout.background_columns(draft.form)
    rows = [row for row in form.figures if layout.sheet_of(row) != layout.GRANTS]
    sheet = lay_sheet(
        draft, layout.BACKGROUND, columns, len(rows), f"Background: {form.quarter.months}",
        "For looking things up: what is counted, earlier figures, the latest official one. Nothing is filled in here.",
        "A comparator says its period. It is for reading beside: it is no target, and there is no number to reach.",
        table="Background_table", frozen=_frozen(columns),
        says="One row for each figure: what is counted, the last four quarters, and what is known besides.",
    )  # fmt: skip
    for at, row in enumerate(rows, start=FIRST):
        texts = {
            **_known_texts(sheet, row, say_measure(row)),
            layout.COUNTED: row.definition,
            layout.DIRECTION: row.intent,
            layout.OFFICIAL: row.official,
            layout.COMPARATOR: row.comparator,
        }
        sheet.fit(at, sheet.show(at, texts, _looks(sheet)))


def say_measure(row: FigureRow) -> str:
    """The series' title, over the Plan's own wording where that says something else."""
    wording = row.measure.strip()
    if " " not in wording or wording == row.title or not row.title:
        return row.title or wording
    return f"{row.title}\n({wording})"
