"""A share as respondents give it: how many, out of how many, or a per cent. Any two of them give the third.

What two cells say differently is asked about by both. An n that stands in the Note alone is asked for where it belongs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from csp_workflow.forms import layout
from csp_workflow.intake.checks.cell_values import (
    NUMBER,
    is_known_words,
    make_finding,
    normalise_text,
    parse_number,
    understand_cell,
)
from csp_workflow.intake.checks.findings import ask_about, short_text
from csp_workflow.terms.cells import Cell, CellType
from csp_workflow.terms.figures import FigureStatus, MeasureKind
from csp_workflow.terms.phrases import number, plain_number
from csp_workflow.terms.returns import FigureRow, Finding, ReadFigureRow, Reading, Severity
from csp_workflow.terms.shares import find_base, find_count, has_counts, is_per_cent_of, reckon_per_cent

_PART = rf"(?P<count>{NUMBER}) ?(?:out of|of|/|from) ?(?P<base>{NUMBER})"
_PER_CENT = rf"(?P<value>{NUMBER}) ?(?:%|per ?cent|pc)"
_N = rf"(?:n ?[=:]|base ?[=:]?|sample(?: size)? ?[=:]?|out of|of) ?(?P<base>{NUMBER})"
_APART, _WORDS = r" ?[,;:=(-]* ?", r"(?: (?P<words>[a-z][a-z' -]{0,60}))?"
_TOGETHER = tuple(
    re.compile(rule)
    for rule in (
        rf"{_PART}{_WORDS}",
        rf"{_PER_CENT}{_APART}{_PART}\)?",
        rf"{_PART}{_APART}{_PER_CENT}\)?",
        rf"{_PER_CENT}{_APART}{_N}{_WORDS}\)?",
        rf"(?P<bare>{NUMBER}) ?[,;(] ?{_N}{_WORDS}\)?",
    )
)
"""How people write several of the three into one cell: "12 of 40", "12/40 (30%)", "30% (n = 40)", "30, n = 40"."""

_FORMULA = re.compile(r"= ?\(?(?P<part>\d{1,9} ?/ ?\d{1,9})\)? ?(?:\* ?100)?")
"""Two counts that somebody let their spreadsheet divide."""

MOST_COUNTED = 999_999_999
"""More than anybody counts, and than the store holds."""

_WHOLE = re.compile(rf"(?:n ?[=:]?|out of|of|/) ?(?P<base>{NUMBER}){_WORDS}")
_IN_NOTE = re.compile(
    rf"{NUMBER} ?(?:out of|of|/) ?{NUMBER}|\bn ?[=:] ?(?P<n>{NUMBER})|\bout of {NUMBER}"
    rf"|(?:base|sample|total)[a-z ]{{0,12}}[=:]? ?{NUMBER}|{NUMBER} (?P<words>[a-z]+)"
)
_ASKED = {"respondents", "responses", "people", "asked", "surveyed", "replies"}
_PLACES = {layout.HOW_MANY: "count", layout.OUT_OF: "base", layout.THIS_QUARTER: "value"}
"""Which of the three stands in which column."""


@dataclass(frozen=True, kw_only=True)
class UnderstoodRow:
    """How the cells of a row were understood. `status` is None when nothing usable stood there.

    `cell` is where the figure was read; `note` keeps words typed in place of a number.
    """

    cell: Cell
    value: Decimal | None = None
    count: int | None = None
    base: int | None = None
    status: FigureStatus | None = None
    note: str = ""
    readings: tuple[Reading, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What one cell says of the three, and what is odd about it."""

    header: str
    cell: Cell
    said: dict[str, Decimal]
    status: FigureStatus | None = None
    reading: Reading | None = None
    finding: Finding | None = None


def understand_share(row: FigureRow, seen: ReadFigureRow) -> UnderstoodRow:
    """Understand the three cells of a share together. Never raises; what is not clear gives findings."""
    cells = list_value_cells(seen)
    told = tuple(_read_cell(header, cell, row) for header, cell in cells.items() if _says_something(cell))
    if not told:
        return UnderstoodRow(cell=seen.how_many, findings=_ask_for_all(row, seen))
    findings = tuple(one.finding for one in told if one.finding)
    read = UnderstoodRow(
        cell=_join_cells(told),
        note="; ".join(f"{one.header} {short_text(one.cell.text)}" for one in told if one.status),
        readings=tuple(one.reading for one in told if one.reading),
        findings=findings,
    )
    excused = [one.status for one in told if one.status and not one.status.has_value]
    value, count, base = (_find_said(told, name) for name in ("value", "count", "base"))
    if FigureStatus.SUPPRESSED in excused and (count is None or base is None):
        return replace(read, status=FigureStatus.SUPPRESSED)
    twice = tuple(_ask_about_both(row, told))
    if twice or FigureStatus.SUPPRESSED in excused:
        return replace(read, note="", findings=(*findings, *twice, *_ask_about_words(row, seen, told)))
    share = _complete(row, seen, read, (value, _as_int(count), _as_int(base)))
    if share.status is None:
        return replace(share, status=excused[0], findings=findings) if excused else share
    marked = [one.status for one in told if one.status and one.status is not FigureStatus.FINAL]
    if share.value is not None and marked:
        odd = (replace(ask, severity=Severity.QUERY) for ask in _ask_about_words(row, seen, told))
        kept = [status for status in marked if status.has_value]
        share = replace(share, status=(*kept, share.status)[0], findings=(*share.findings, *odd))
    return replace(share, note="", findings=tuple(_soften(share)))


def list_value_cells(seen: ReadFigureRow) -> dict[str, Cell]:
    """The cells of a row that hold its value, by header."""
    return dict(zip(layout.VALUE_INPUTS, (seen.how_many, seen.out_of, seen.this_quarter), strict=True))


def list_typed(seen: ReadFigureRow) -> str:
    """What stands in the cells of a row's value, in a line."""
    cells = list_value_cells(seen).values()
    return ", ".join(short_text(cell.shown or cell.text) for cell in cells if not cell.is_blank)


def find_n(note: str, row: FigureRow) -> tuple[str, int | None]:
    """What a Note says of the number behind a share, in its words, and that number where nothing else can be meant."""
    text = normalise_text(note[:500])
    if re.fullmatch(NUMBER, text):
        return text, _as_n(text)
    for found in _IN_NOTE.finditer(text):
        words = found["words"]
        if words is None or set(words.split()) & _ASKED or is_known_words(words, _as_count(row)):
            return found[0], _as_n(found["n"] or "")
    return "", None


def _as_n(text: str) -> int | None:
    value = parse_number(text) if text else None
    is_whole = value is not None and value == value.to_integral_value() and 0 < value <= MOST_COUNTED
    return int(value) if value is not None and is_whole else None


# One cell -----------------------------------------------------------------------------------------


def _says_something(cell: Cell) -> bool:
    return not cell.is_blank or bool(cell.note.strip()) or cell.uncalculated


def _read_cell(header: str, cell: Cell, row: FigureRow) -> _Told:
    together = None if cell.struck or cell.hidden else _read_together(header, cell, row)
    if together:
        return together
    asked = row if header == layout.THIS_QUARTER else _as_count(row)
    understood = understand_cell(cell, asked)
    finding = understood.finding and replace(understood.finding, column=header)
    value = understood.value
    if finding and finding.code == "date-not-number":
        finding = replace(finding, found=f"{finding.found}, which may have been {_undo_date(cell)}")
    if value is not None and header in layout.COUNT_INPUTS and value > MOST_COUNTED:
        finding = _ask("unreadable-number", row, cell, header, short_text(cell.text), is_fault=row.required)
        value = None
    return _Told(
        header=header,
        cell=cell,
        status=understood.status if value is not None or understood.value is None else None,
        reading=_say_which(understood.reading, value, header),
        finding=finding,
        said={_PLACES[header]: value} if value is not None else {},
    )


def _say_which(reading: Reading | None, value: Decimal | None, header: str) -> Reading | None:
    """A reading of a count says which of the two it is; its unit is the row's, not that of the share."""
    if reading is None or value is None or header not in layout.COUNT_INPUTS:
        return reading
    return replace(reading, recorded=f"{number(value)} under “{header}”")


def _as_count(row: FigureRow) -> FigureRow:
    """A row as if it asked for a number of what the share is of."""
    return replace(row, kind=MeasureKind.COUNT, unit=f"{row.out_of} {row.unit.replace('per cent', '')}", previous=None)


def _read_together(header: str, cell: Cell, row: FigureRow) -> _Told | None:
    """Several of the three in one cell, where they can mean one thing only."""
    formula = _FORMULA.fullmatch(cell.formula)
    if not formula and (cell.type is not CellType.TEXT or cell.shown != ""):
        return None
    text = formula["part"] if formula else normalise_text(cell.text[:500])
    rules = (*_TOGETHER, _WHOLE) if header == layout.OUT_OF else _TOGETHER
    found = next((match.groupdict() for rule in rules if (match := rule.fullmatch(text))), None)
    if found is None or (found.get("words") and not is_known_words(found["words"], _as_count(row))):
        return None
    if found.get("bare"):
        found[_PLACES[header]] = found["bare"]
    read = {name: parse_number(found[name]) for name in _PLACES.values() if found.get(name)}
    said = {name: value for name, value in read.items() if value is not None and 0 <= value <= MOST_COUNTED}
    behind = [value for name, value in said.items() if name != "value"]
    if len(said) < len(read) or any(value != value.to_integral_value() for value in behind):
        return None
    recorded = _say_counts(said.get("value"), said.get("count"), said.get("base"))
    typed = short_text(cell.formula if formula else cell.text)
    reading = Reading(sheet=cell.sheet, cell=cell.cell, typed=typed, recorded=recorded)
    return _Told(header=header, cell=cell, status=FigureStatus.FINAL, reading=reading, said=said)


def _say_counts(value: Decimal | None, count: Decimal | None, base: Decimal | None) -> str:
    said = (
        f"{number(value)} per cent" if value is not None else "",
        number(count) if count is not None else "",
        f"out of {number(base)}" if base is not None else "",
    )
    return " ".join(filter(None, said))


def _undo_date(cell: Cell) -> str:
    """What a spreadsheet program may have taken for this date: a day and month, or a month and year."""
    try:
        day = date.fromisoformat(cell.text[:10])
    except ValueError:
        return f"{cell.text[:5]} or another pair of numbers"
    both = f" or {day.month}/{day:%y}" if day.day == 1 else ""
    return f"{day.day}/{day.month}{both}"


# All three ----------------------------------------------------------------------------------------


def _find_said(told: tuple[_Told, ...], name: str) -> Decimal | None:
    return next((one.said[name] for one in told if name in one.said), None)


def _ask_about_both(row: FigureRow, told: tuple[_Told, ...]) -> Iterator[Finding]:
    """One of the three that stands in two cells, and differs."""
    for name in _PLACES.values():
        said = {one.said[name]: one for one in told if name in one.said}
        if len(said) > 1:
            both = " and ".join(f"{plain_number(value)} in {one.cell.cell}" for value, one in said.items())
            last = list(said.values())[-1]
            yield _ask("counts-differ", row, last.cell, last.header, both, is_fault=row.required)


def _ask_about_words(row: FigureRow, seen: ReadFigureRow, told: tuple[_Told, ...]) -> Iterator[Finding]:
    """Words in place of a number, beside cells that give it all the same."""
    for one in told:
        if one.status and not one.status.has_value:
            yield _ask("counts-differ", row, one.cell, one.header, list_typed(seen), is_fault=row.required)


_Said = tuple[Decimal | None, int | None, int | None]


def _complete(row: FigureRow, seen: ReadFigureRow, read: UnderstoodRow, said: _Said) -> UnderstoodRow:
    """The third of three numbers from the other two, or what is asked about them."""
    value, count, base = said
    if base is not None and ((count or 0) > base or (base == 0 and value)):
        return replace(read, note="", findings=(*read.findings, _ask_part(row, seen, said)))
    if base == 0:
        return _nobody(seen, read)
    if count is not None and base is not None:
        return _reckon(row, seen, read, (value, count, base))
    if value is not None:
        return _find_third(row, seen, replace(read, value=value, status=FigureStatus.FINAL), (value, count, base))
    cells = list_value_cells(seen)
    blank = [header for header in layout.COUNT_INPUTS if not _says_something(cells[header])]
    lacking = [_ask_for(row, seen, h, f"nothing beside {list_typed(seen)}") for h in blank] if len(blank) == 1 else []
    return replace(read, findings=(*read.findings, *lacking))


def _reckon(
    row: FigureRow, seen: ReadFigureRow, read: UnderstoodRow, said: tuple[Decimal | None, int, int]
) -> UnderstoodRow:  # fmt: skip
    value, count, base = said
    reckoned = reckon_per_cent(count, base)
    made = replace(read, value=reckoned, count=count, base=base, status=FigureStatus.FINAL)
    if value is None or is_per_cent_of(value, count, base):
        return made
    both = f"{plain_number(value)} per cent, where {count} out of {base} is {plain_number(reckoned)}"
    return _with(made, _ask("share-and-counts-differ", row, seen.this_quarter, layout.THIS_QUARTER, both))


def add_base(row: FigureRow, seen: ReadFigureRow, read: UnderstoodRow) -> UnderstoodRow:
    """A share that is not asked as two counts, with the number behind it: from its column, else from the Note."""
    if not row.out_of or seen.out_of.is_blank:
        made = _take_note(row, seen, read)
        return made if made.base or not row.out_of else _with(read, _ask_out_of(row, seen, "nothing"))
    told = _read_cell(layout.OUT_OF, seen.out_of, row)
    base = _as_n(str(told.said.get("base", "")))
    if base is None:
        return _with(read, told.finding or _ask_out_of(row, seen, short_text(seen.out_of.text)))
    return replace(read, base=base, readings=(*read.readings, *([told.reading] if told.reading else [])))


def _take_note(row: FigureRow, seen: ReadFigureRow, read: UnderstoodRow) -> UnderstoodRow:
    """With the number behind a figure where the Note gives it and nothing else can be meant."""
    said, base = find_n(seen.note.text, row)
    if not base or read.value is None:
        return read
    told = Reading(sheet=seen.note.sheet, cell=seen.note.cell, typed=said, recorded=f"out of {base}")
    count = find_count(read.value, base) if row.is_per_cent else None
    return replace(read, count=count, base=base, readings=(*read.readings, told))


def _find_third(
    row: FigureRow, seen: ReadFigureRow, made: UnderstoodRow, said: tuple[Decimal, int | None, int | None]
) -> UnderstoodRow:  # fmt: skip
    value, count, base = said
    if base is None and count is None and (with_n := _take_note(row, seen, made)).base:
        made, base = with_n, with_n.base
    if base is None:
        base = find_base(value, count) if count is not None else None
        base = base if base and base <= MOST_COUNTED else None
        lacking = [] if base else [_ask_out_of(row, seen, f"nothing beside {list_typed(seen)}")]
        return replace(made, count=count, base=base, findings=(*made.findings, *lacking))
    made = replace(made, count=find_count(value, base), base=base)
    if has_counts(value, base) or row.kind is MeasureKind.SURVEY:  # a survey's per cent may be weighted
        return made
    found = f"{plain_number(value)} per cent of {base}"
    return _with(made, _ask("no-whole-count", row, seen.this_quarter, layout.THIS_QUARTER, found))


def _nobody(seen: ReadFigureRow, read: UnderstoodRow) -> UnderstoodRow:
    """Where nobody was counted there is no per cent, and none is missing."""
    remark = Reading(
        sheet=read.cell.sheet, cell=read.cell.cell, typed=list_typed(seen), recorded=str(FigureStatus.NOT_APPLICABLE),
        remark="Nobody was counted, so there is no per cent.",
    )  # fmt: skip
    return replace(read, status=FigureStatus.NOT_APPLICABLE, count=0, base=0, readings=(*read.readings, remark))


def _ask_part(row: FigureRow, seen: ReadFigureRow, said: _Said) -> Finding:
    value, count, base = said
    found = f"{plain_number(value)} per cent of {base}" if count is None and value else f"{count} out of {base}"
    header = layout.THIS_QUARTER if seen.how_many.is_blank else layout.HOW_MANY
    cell = list_value_cells(seen)[header]
    return _ask("part-above-whole", row, cell, header, found, is_fault=True)


def _soften(share: UnderstoodRow) -> Iterator[Finding]:
    """Beside two counts that are clear, an unclear per cent need not be mended."""
    for finding in share.findings:
        is_beside = share.count is not None and share.base is not None and finding.column == layout.THIS_QUARTER
        yield replace(finding, severity=Severity.QUERY) if is_beside else finding


def _with(share: UnderstoodRow, finding: Finding) -> UnderstoodRow:
    return replace(share, findings=(*share.findings, finding))


def _as_int(value: Decimal | None) -> int | None:
    return None if value is None else int(value)


def _join_cells(told: tuple[_Told, ...]) -> Cell:
    """Where a share was read: its two counts, or whatever there is, as a range."""
    counts = [one.cell for one in told if one.header in layout.COUNT_INPUTS]
    cells = counts if len(counts) > 1 else [one.cell for one in told]
    return replace(cells[0], cell=":".join(dict.fromkeys(cell.cell for cell in cells)))


# What is asked -------------------------------------------------------------------------------------


def _ask(
    code: str, row: FigureRow, cell: Cell, header: str, found: str, *, is_fault: bool = False, example: str = ""
) -> Finding:
    key = layout.figure_key(row.area.code, row.ref)
    return ask_about(code, cell, key, header, found, is_fault=is_fault, example=example)


def _ask_for_all(row: FigureRow, seen: ReadFigureRow) -> tuple[Finding, ...]:
    suggested = find_n(seen.note.text, row)[0]
    return (_ask_for(row, seen, layout.HOW_MANY, "nothing"),) if row.required or suggested else ()


def _ask_for(row: FigureRow, seen: ReadFigureRow, header: str, found: str) -> Finding:
    cell, asked = list_value_cells(seen)[header], f"{found}{_say_note(row, seen)}"
    return replace(make_finding("blank-required", cell, _as_count(row), asked), column=header)


def _ask_out_of(row: FigureRow, seen: ReadFigureRow, found: str) -> Finding:
    asked = f"{found}{_say_note(row, seen)}"
    return _ask("out-of-how-many", row, seen.out_of, layout.OUT_OF, asked, example="40")


def _say_note(row: FigureRow, seen: ReadFigureRow) -> str:
    """That the Note holds what is asked for in a column."""
    suggested = find_n(seen.note.text, row)[0]
    return f"; the Note says “{short_text(suggested)}”" if suggested else ""
