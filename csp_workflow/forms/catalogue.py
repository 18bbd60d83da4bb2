"""The catalogue's workbook: its sheets and columns, said once; how it is written, and how what came back is read.

Its rows are found by their headers on whatever sheet, and nothing is judged.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any

import xlsxwriter

from csp_workflow.forms import layout
from csp_workflow.forms.draft import FONT, HEADER_ROW, Draft, clean_for_cell, count_lines, row_height
from csp_workflow.forms.grids import Grid
from csp_workflow.forms.layout import REF, Column, same
from csp_workflow.forms.writing import workbooks_are_left_out
from csp_workflow.terms.cells import ReadRow
from csp_workflow.terms.figures import Frequency, LocalMeasure, MeasureKind, Objective, Polarity
from csp_workflow.terms.measure_sets import Catalogue, say_counted_in
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import moment
from csp_workflow.terms.queries import Filled, Mark
from csp_workflow.terms.returns import Finding, ReadForm
from csp_workflow.terms.site import Area

PLAN, MEASURES, OBJECTIVES = "What the Plan asks", "Local measures", "Objectives"
COUNT_WHAT, COUNTS, COUNTED_IN = "What you count", "What counts and what does not", "Counted in"
SOUGHT, COUNTED_AS, HOW_OFTEN, WHO_COUNTS = "Direction you seek", "Counted as", "How often", "Who counts it"
WHERE, PRIORITIES, SINCE, THIS_YEAR = "Where", "Plan priorities", "Comparable from", "This year"
AIM = "What you aim at"
ALL_AS_LAST_YEAR = "Everything stays as last year"
AS_LAST_YEAR, CHANGED, NEW, STOP = "As last year", "Changed", "New", "Stop"
KEPT = (AS_LAST_YEAR, CHANGED, NEW, STOP)

COUNTED_AS_MEANS = MappingProxyType(
    {
        "Count": MeasureKind.COUNT,
        "Share (two counts)": MeasureKind.PERCENT,
        "Cost": MeasureKind.COST,
        "Words": MeasureKind.NARRATIVE,
    }
)
SOUGHT_MEANS = MappingProxyType(
    {
        "A rise": Polarity.RISE,
        "A fall": Polarity.FALL,
        "An improvement": Polarity.IMPROVEMENT,
        "More may be better reporting": Polarity.AMBIGUOUS,
        "No direction": Polarity.NONE,
    }
)
HOW_OFTEN_MEANS = MappingProxyType({str(one).capitalize(): one for one in Frequency})

MEASURE_COLUMNS = (
    Column(header=REF, width=12.5),
    *(
        Column(header=header, width=width, is_input=True)
        for header, width in (
            (COUNT_WHAT, 22),
            (COUNTS, 32),
            (COUNTED_IN, 13),
            (SOUGHT, 14),
            (COUNTED_AS, 11),
            (HOW_OFTEN, 12),
            (WHO_COUNTS, 14),
            (WHERE, 14),
            (PRIORITIES, 10),
            (SINCE, 12),
            (THIS_YEAR, 12),
        )
    ),
)
OBJECTIVE_COLUMNS = (
    Column(header=REF, width=12.5),
    Column(header=AIM, width=80, is_input=True),
    Column(header=PRIORITIES, width=18, is_input=True),
    Column(header=THIS_YEAR, width=16, is_input=True),
)
_PLAN_COLUMNS = tuple(
    Column(header=header, width=width)
    for header, width in (
        ("Measure", 36),
        ("Who supplies it", 34),
        ("Definition", 72),
        ("Unit", 17),
        ("Direction sought", 12.5),
        ("How often", 10.5),
    )
)
"""As wide as an A4 page shows in letters of 8 points: what fifty measures are fits on three pages."""

_TIGHTER = 3
"""By so many points its rows are lower than where something is typed."""
_STEPS = (Column(header="Step", width=8), Column(header="What you do", width=110))
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ALL_HELP = "Choose Yes if all measures and objectives stay as they are. Then you need fill in nothing else."
_SIGN_OFF = (
    (layout.COMPLETED_BY, "Your name.", ()),
    (layout.POSITION, "Your job title.", ()),
    (layout.DATE, "The day you finished.", ()),
    (ALL_AS_LAST_YEAR, _ALL_HELP, (layout.YES,)),
)


def fill_as_it_stands(catalogue: Catalogue) -> Filled:
    """What stands in each row before anybody has touched it."""
    return Filled(values=tuple(_list_values(catalogue)))


def _list_values(catalogue: Catalogue) -> Iterator[tuple[str, str, str, str]]:
    areas = {area.code: area for area in catalogue.respondent.areas}
    for local in catalogue.measures:
        for header, text in describe_measure(local, areas[local.area]).items():
            yield MEASURES, local.series.ref, header, text
    for aim in catalogue.objectives:
        for header, text in describe_objective(aim).items():
            yield OBJECTIVES, aim.ref, header, text


def describe_measure(local: LocalMeasure, area: Area) -> dict[str, str]:
    """A measure as its row says it, by header."""
    series = local.series
    return {
        COUNT_WHAT: series.title,
        COUNTS: local.definition,
        COUNTED_IN: say_counted_in(local),
        SOUGHT: next(word for word, means in SOUGHT_MEANS.items() if means is series.polarity),
        COUNTED_AS: _say_kind(series.kind),
        HOW_OFTEN: next(word for word, means in HOW_OFTEN_MEANS.items() if means is series.frequency),
        WHO_COUNTS: local.counted_by,
        WHERE: area.name,
        PRIORITIES: ", ".join(map(str, local.priorities)),
        SINCE: series.comparable_from.strftime("%d/%m/%Y") if series.comparable_from else "",
    }


def _say_kind(kind: MeasureKind) -> str:
    kind = MeasureKind.PERCENT if kind.is_share else kind if kind.is_number else MeasureKind.NARRATIVE
    return next(word for word, means in COUNTED_AS_MEANS.items() if means is kind)


def describe_objective(aim: Objective) -> dict[str, str]:
    """An objective as its row says it, by header."""
    return {AIM: aim.wording, PRIORITIES: ", ".join(map(str, aim.priorities))}


def fill_as_it_came(read: ReadForm, findings: Sequence[Finding]) -> Filled:
    """What they typed, as it is taken, with the cells marked that are to be corrected."""
    sheets = {"measures": MEASURES, "objectives": OBJECTIVES}
    values = [
        (sheets[row.table], row.ref, header, cell.text)
        for row in read.catalogue
        for header, cell in row.cells
        if row.ref and row.table in sheets
    ]
    ticks = [cell.text for row in read.catalogue if row.table == "all" for _, cell in row.cells]
    labels = {label for label, _, _ in _SIGN_OFF}
    signed = [(one.ref, one.value.text) for one in read.sign_off if one.ref in labels]
    signed += [(ALL_AS_LAST_YEAR, text) for text in ticks]
    tables = {row.ref: sheets[row.table] for row in read.catalogue if row.table in sheets}
    marks = tuple(
        Mark(
            sheet=tables.get(f.key, f.sheet), key=f.key, column=f.column, sentence=f.wanted, is_fault=f.is_fault,
            saw=f"We found: {f.found}." if f.is_doubt and f.found else "",
        )
        for f in findings
    )  # fmt: skip
    entries = ((layout.SIGN_OFF, label, layout.ENTRY, text) for label, text in signed)
    return Filled(values=(*values, *entries), marks=marks)


def attach_catalogue(catalogue: Catalogue, *, created: datetime, filled: Filled | None = None) -> Attachment:
    """The workbook as a file that a letter carries: as things stand, or with what they typed."""
    name = re.sub(r"[^\w .()-]", "", f"CSP measures {catalogue.form.reference}.xlsx")
    if workbooks_are_left_out():
        return Attachment(name=name, data=b"", content_type=_XLSX)
    return Attachment(name=name, data=_write(catalogue, created, filled), content_type=_XLSX)


def _write(catalogue: Catalogue, created: datetime, filled: Filled | None) -> bytes:
    out, form = io.BytesIO(), catalogue.form
    book = xlsxwriter.Workbook(out, {**_OPTIONS, "default_format_properties": {**FONT}})
    reference = str(form.reference)
    book.set_properties(
        {
            "title": f"{form.respondent_name}: measures for {catalogue.year}",
            "author": form.office,
            "keywords": reference,
            "created": created.astimezone(UTC).replace(tzinfo=None),
        }
    )
    book.set_custom_property(layout.REFERENCE_PROPERTY, reference, "text")
    book.define_name(layout.REFERENCE_NAME, f'="{reference}"')
    draft = Draft(book, form, filled or fill_as_it_stands(catalogue))
    marks = {(same(m.sheet), same(m.key), same(m.column)): m for m in filled.marks} if filled else {}
    _write_start(draft, catalogue, tuple(filled.marks) if filled else ())
    _write_plan(draft, catalogue)
    for table in _list_tables(catalogue):
        _write_table(draft, table, marks)
    _write_sign_off(draft, marks)
    book.worksheets()[0].activate()
    book.close()
    return out.getvalue()


@dataclass(frozen=True, kw_only=True)
class _Table:
    """A sheet to fill in: its columns, the ref of each row, what stands above it, the lists of choices by header."""

    sheet: str
    columns: tuple[Column, ...]
    refs: tuple[str, ...]
    lead: str
    choices: dict[str, tuple[str, ...]]


def _list_tables(catalogue: Catalogue) -> Iterator[_Table]:
    yield _Table(
        sheet=MEASURES,
        columns=MEASURE_COLUMNS,
        refs=(*(m.series.ref for m in catalogue.measures), *catalogue.new_measures),
        lead="One row each. Rows that stood last year are filled in; the empty ones are for new measures.",
        choices={
            SOUGHT: tuple(SOUGHT_MEANS),
            COUNTED_AS: tuple(COUNTED_AS_MEANS),
            HOW_OFTEN: tuple(HOW_OFTEN_MEANS),
            WHERE: tuple(area.name for area in catalogue.respondent.areas),
            THIS_YEAR: KEPT,
        },
    )
    yield _Table(
        sheet=OBJECTIVES,
        columns=OBJECTIVE_COLUMNS,
        refs=(*(o.ref for o in catalogue.objectives), *catalogue.new_objectives),
        lead="What your partnership itself aims at, in its own words, and the priorities of the Plan that it serves.",
        choices={THIS_YEAR: KEPT},
    )


_NO_TARGETS = "Please give directions only: the framework has no numerical targets, and none is recorded."


_Marks = dict[tuple[str, str, str], Mark]


def _write_start(draft: Draft, catalogue: Catalogue, marks: Sequence[Mark]) -> None:
    page, form = draft.page(layout.START, [c.width for c in _STEPS]), draft.form
    draft.top(
        page,
        f"Measures for {catalogue.year}",
        f"{form.respondent_name}, for {form.office}",
        f"Please return this form by {moment(form.due)}.",
    )
    at = _write_list(draft, page, HEADER_ROW, "Correct_table", [f"{_name_place(m)}: {m.sentence}" for m in marks])
    steps = (
        f"If all stays as last year, choose Yes at “{ALL_AS_LAST_YEAR}” on {layout.SIGN_OFF}. You need do no more.",
        f"Otherwise go through {MEASURES} and {OBJECTIVES}. Choose one of {', '.join(KEPT)} in the last column.",
        f"The sheet “{PLAN}” shows who supplies what. It is for you to read: nothing is to be filled in there.",
        f"Say on {layout.SIGN_OFF} who completed the form, save it, and attach it to a reply to our letter.",
        "We then ask your chair to approve exactly what you sent. The next quarterly form asks what is agreed.",
        f"Questions: {form.ask}",
    )
    _write_list(draft, page, at, "Steps_table", steps)


def _name_place(mark: Mark) -> str:
    return ", ".join(filter(None, (mark.sheet, mark.key, mark.column)))


def _write_list(draft: Draft, page: Any, at: int, name: str, lines: Sequence[str]) -> int:
    """A numbered table of sentences; returns the row after it."""
    if not lines:
        return at
    head = "What to correct" if name == "Correct_table" else _STEPS[1].header
    columns = (_STEPS[0], replace(_STEPS[1], header=head))
    draft.table(page, at, columns, len(lines), name=name, says=f"{head}, one line each.")
    for row, line in enumerate(lines, start=at + 1):
        page.write_string(row, 0, str(row - at), draft.looks("strong"))
        page.write_string(row, 1, clean_for_cell(line), draft.looks("cell"))
        page.set_row(row, row_height(count_lines(line, _STEPS[1].width)))
    return at + len(lines) + 2


def _write_plan(draft: Draft, catalogue: Catalogue) -> None:
    """Each priority as a row of its own, and its measures below it."""
    page, widths = draft.page(PLAN, [c.width for c in _PLAN_COLUMNS]), [c.width for c in _PLAN_COLUMNS]
    page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.55)
    draft.top(page, f"What the Plan asks in {catalogue.year}", "For you to read: nothing is to be filled in here.")
    lines: list[tuple[str, ...]] = []
    for priority, measures in groupby(catalogue.expected, key=lambda one: one.priority):
        lines.append((priority,))
        lines += [(m.measure, m.supplied_by, m.definition, m.unit, m.direction, m.frequency) for m in measures]
    draft.table(
        page, HEADER_ROW, _PLAN_COLUMNS, len(lines), name="Plan_table",
        says="What the Plan's framework expects, by priority: each measure, who supplies it, and the direction sought.",
    )  # fmt: skip
    page.repeat_rows(HEADER_ROW)
    for row, texts in enumerate(lines, start=HEADER_ROW + 1):
        look = "cell" if len(texts) > 1 else "band"
        for column, text in enumerate((*texts, *[""] * (len(widths) - len(texts)))):
            page.write_string(row, column, clean_for_cell(text), draft.looks(look))
        tall = max(map(count_lines, texts, widths)) if len(texts) > 1 else 1
        page.set_row(row, row_height(tall) - _TIGHTER)


def _write_table(draft: Draft, table: _Table, marks: _Marks) -> None:
    page, columns = draft.page(table.sheet, [c.width for c in table.columns]), table.columns
    draft.top(page, table.sheet, table.lead, _NO_TARGETS)
    name = f"{table.sheet.replace(' ', '_')}_table"
    draft.table(page, HEADER_ROW, columns, len(table.refs), name=name, says=table.lead)
    page.repeat_rows(HEADER_ROW)
    for row, ref in enumerate(table.refs, start=HEADER_ROW + 1):
        page.write_string(row, 0, ref, draft.looks("strong"))
        places = [((row, at), (table.sheet, ref, c.header)) for at, c in enumerate(columns[1:], 1)]
        texts = [_put(draft, page, at, place, marks) for at, place in places]
        lines = (count_lines(text, c.width) for text, c in zip(texts, columns[1:], strict=True))
        page.set_row(row, row_height(max(2, *lines)))
    for at, column in enumerate(columns):
        if column.header in table.choices:
            _offer(page, (HEADER_ROW + 1, at), HEADER_ROW + len(table.refs), table.choices[column.header])


def _write_sign_off(draft: Draft, marks: _Marks) -> None:
    columns = layout.SIGN_OFF_COLUMNS
    page = draft.page(layout.SIGN_OFF, [c.width for c in columns])
    draft.top(page, layout.SIGN_OFF, "Say who completed the form. It needs no signature.")
    draft.table(page, HEADER_ROW, columns, len(_SIGN_OFF), name="Sign_off_table", says="Who completed the form.")
    for row, (label, says, choices) in enumerate(_SIGN_OFF, start=HEADER_ROW + 1):
        page.write_string(row, 0, label, draft.looks("strong"))
        _put(draft, page, (row, 1), (layout.SIGN_OFF, label, layout.ENTRY), marks)
        page.write_string(row, 2, says, draft.looks("cell"))
        page.set_row(row, row_height(2))
        if choices:
            _offer(page, (row, 1), row, choices)


def _put(draft: Draft, page: Any, at: tuple[int, int], place: tuple[str, str, str], marks: _Marks) -> str:
    """An input, filled and marked; returns its text."""
    text, mark = draft.typed(*place), marks.get((same(place[0]), same(place[1]), same(place[2])))
    look = draft.looks("input" if mark is None else "fault" if mark.is_fault else "query")
    if text:
        page.write_string(*at, text, look)
    else:
        page.write_blank(*at, None, look)
    if mark:
        said = " ".join(filter(None, (mark.saw, mark.sentence)))
        page.write_comment(*at, clean_for_cell(layout.NOTE_OPENING + said), {"author": draft.form.office})
    return text


def _offer(page: Any, first: tuple[int, int], last_row: int, choices: Sequence[str]) -> None:
    """A list that warns and does not stop."""
    rule = {"validate": "list", "source": list(choices), "error_type": "warning"}
    page.data_validation(*first, last_row, first[1], rule)


_READ_BACK = {
    "measures": (COUNT_WHAT, tuple(c.header for c in MEASURE_COLUMNS)),
    "objectives": (AIM, tuple(c.header for c in OBJECTIVE_COLUMNS)),
}
"""By what header each table is told, and all its headers."""


def read_catalogue(grids: Iterable[Grid]) -> tuple[ReadRow, ...]:
    """Every row of a catalogue's tables, and the tick for all of them."""
    return tuple(row for grid in grids for row in (*_read_tables(grid), *_read_tick(grid)))


def _read_tables(grid: Grid) -> Iterator[ReadRow]:
    heads = [(row, table) for row in sorted(grid.rows) if (table := _find_table(grid, row))]
    ends = [*(row for row, _ in heads[1:]), max(grid.rows, default=0) + 1]
    for (head, table), end in zip(heads, ends, strict=False):
        known = {same(header): header for header in _READ_BACK[table][1]}
        headers = {c: known.get(same(text), " ".join(text.split())) for c, text in grid.rows[head].items()}
        for row in (r for r in sorted(grid.rows) if head < r < end):
            yield from _read_row(grid, table, row, headers)


def _find_table(grid: Grid, row: int) -> str:
    have = {same(text) for text in grid.rows[row].values() if len(text) <= 100}
    return next((table for table, (tell, _) in _READ_BACK.items() if {same(REF), same(tell)} <= have), "")


def _read_row(grid: Grid, table: str, row: int, headers: dict[int, str]) -> Iterator[ReadRow]:
    """A row with anything in it but a ref, or with a ref alone."""
    ref = next((grid.text(row, column) for column, header in headers.items() if header == REF), "")
    cells = tuple((header, grid.cell(row, column)) for column, header in headers.items() if header != REF)
    if ref or any(not cell.is_blank for _, cell in cells):
        yield ReadRow(table=table, ref=ref, sheet=grid.name, row=row, cells=cells)


def _read_tick(grid: Grid) -> Iterator[ReadRow]:
    label = same(ALL_AS_LAST_YEAR)
    for row in sorted(grid.rows):
        for column, text in sorted(grid.rows[row].items()):
            if len(text) <= 100 and same(text) == label:
                cells = ((ALL_AS_LAST_YEAR, grid.cell(row, column + 1)),)
                yield ReadRow(table="all", ref="", sheet=grid.name, row=row, cells=cells)


def is_ours(name: str) -> bool:
    """Whether a sheet's name is one of a catalogue's."""
    ours = (layout.START, PLAN, MEASURES, OBJECTIVES, layout.SIGN_OFF)
    return same(name) in map(same, ours)
