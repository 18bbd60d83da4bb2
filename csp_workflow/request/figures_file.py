"""Figures from a file: history, published figures and the force's extract, with a report row by row.

The file's bare table comes from the sandbox (`forms.table`). Nothing is guessed: a row that is not clear is
refused, with what was found and what to do, and the others are taken.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from csp_workflow.forms.table import table
from csp_workflow.letters.phrases import number, short_day
from csp_workflow.request import figures_cells, figures_header
from csp_workflow.request.figures_cells import Line, RowRefused
from csp_workflow.request.figures_header import Header
from csp_workflow.request.figures_names import Names
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.site import Site

COLUMNS = ("series", "area", "period", "as_at", "value", "base", "status", "source", "licence", "illustrative", "note")
"""The columns as `as_csv` writes them, and the surest to be understood."""


class Reply(Protocol):
    """What the sandbox answers."""

    @property
    def ok(self) -> bool:
        """Whether there is a value."""

    @property
    def value(self) -> Any:
        """What `forms.table.table` returned."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A figure that was taken, in a sentence. `row` is the number people see beside it."""

    row: int
    sheet: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A row (or a cell of it) that was not taken: the column, what stood there, and what to do. Row 0 is the file."""

    row: int
    sheet: str
    column: str
    found: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Imported:
    """The figures of a file and the report on it. `remarks` says which sheets were passed over."""

    figures: tuple[Figure, ...] = ()
    taken: tuple[Taken, ...] = ()
    refused: tuple[Refused, ...] = ()
    remarks: tuple[str, ...] = ()

    def report(self) -> tuple[dict[str, Any], ...]:
        """The report, sheet by sheet and row by row, for people and for --json."""
        taken = [
            {"sheet": t.sheet, "row": t.row, "taken": True, "column": "", "sentence": t.sentence} for t in self.taken
        ]
        refused = [
            {"sheet": r.sheet, "row": r.row, "taken": False, "column": r.column, "sentence": r.sentence}
            for r in self.refused
        ]
        sheets = list(dict.fromkeys(str(line["sheet"]) for line in (*taken, *refused)))
        return tuple(sorted((*taken, *refused), key=lambda line: (sheets.index(str(line["sheet"])), line["row"])))


def read_figures(found: bytes | Mapping[str, Any] | Reply, name: str, *, site: Site, as_at: date) -> Imported:
    """Understand a file of figures. Never raises for what the file holds.

    `found` is the sandbox's reply, the table itself, or the file's bytes (only where the file is trusted);
    `name` stands as source where a row names none. `as_at` is the day of the import: a row without an as-at
    day gets it, and none may be later.
    """
    sheets, refusal = _sheets(found)
    if refusal:
        return Imported(refused=(Refused(row=0, sheet="", column="", found=name, sentence=refusal),))
    content = hashlib.sha256(found).hexdigest() if isinstance(found, bytes) else ""
    reading = _Reading(Names(site), as_at, name, content)
    for sheet in sheets:
        reading.read(str(sheet.get("name", "")), _rows(sheet))
    return reading.done()


def as_csv(figures: Iterable[Figure]) -> bytes:
    """Figures as a file that `read_figures` takes whole."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for f in figures:
        origin = f.provenance
        counted = ("" if f.value is None else f"{f.value:f}", "" if f.base is None else f.base, f.status.value)
        told = (origin.source, origin.licence, "yes" if origin.illustrative else "no", f.note)
        writer.writerow((f.series, f.area, f.period, f.as_at.isoformat(), *counted, *told))
    return out.getvalue().encode()


def _sheets(found: bytes | Mapping[str, Any] | Reply) -> tuple[list[Mapping[str, Any]], str]:
    """The sheets of a file, or why there are none."""
    if isinstance(found, bytes):
        found = table(found)
    if not isinstance(found, Mapping):
        if not found.ok or not isinstance(found.value, Mapping):
            return [], "The file could not be opened within the bounds set for it. Please save it anew as CSV."
        found = found.value
    if "refused" in found:
        return [], str(found["refused"])
    sheets = [sheet for sheet in found.get("sheets", ()) if isinstance(sheet, Mapping)]
    if not any(_rows(sheet) for sheet in sheets):
        return [], "The file is empty."
    return sheets, ""


def _rows(sheet: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in sheet.get("rows", ()) if isinstance(row, Mapping) and row.get("cells")]


class _Reading:
    """A file while it is read: what was taken and refused so far, and which figures it has given already."""

    def __init__(self, names: Names, as_at: date, name: str, content: str) -> None:
        self._names = names
        self._as_at = as_at
        self._name = name
        self._content = content
        self._figures: list[Figure] = []
        self._taken: list[Taken] = []
        self._refused: list[Refused] = []
        self._passed: list[str] = []
        self._seen: dict[tuple[str, str, str, date], str] = {}

    def read(self, sheet: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Read a sheet's table; a sheet without one is passed over."""
        texts = [(int(row["row"]), [str(cell) for cell in row["cells"]]) for row in rows]
        header = figures_header.find(texts, self._names.columns)
        if header is None:
            if texts:
                self._passed.append(sheet)
            return
        for row, (place, cells) in zip(rows, texts, strict=True):
            if place > header.row:
                faults = row.get("faults")
                self._row(sheet, header, cells, _Place(place, faults if isinstance(faults, Mapping) else {}))

    def done(self) -> Imported:
        """The report."""
        if not (self._taken or self._refused):
            self._refused.append(
                Refused(
                    row=0,
                    sheet="",
                    column="",
                    found=self._name,
                    sentence="No table of figures was found. The first row should name the columns: "
                    f"{', '.join(COLUMNS[:7])} and so on.",
                )
            )
        return Imported(
            figures=tuple(self._figures),
            taken=tuple(self._taken),
            refused=tuple(self._refused),
            remarks=tuple(f"The sheet '{name}' was not read: no row in it names the columns." for name in self._passed),
        )

    def _row(self, sheet: str, header: Header, cells: Sequence[str], at: _Place) -> None:
        try:
            figures_cells.refuse_unfit(header)
        except RowRefused as refusal:
            self._refuse(sheet, at, refusal)
            return
        for line in _lines(header, cells, at):
            try:
                self._take(sheet, at, line)
            except RowRefused as refusal:
                self._refuse(sheet, at, refusal)

    def _take(self, sheet: str, at: _Place, line: Line) -> None:
        figure = figures_cells.figure(
            line, self._names, as_at=self._as_at, source=self._name, sheet=sheet, content=self._content
        )
        key = (figure.series, figure.area, figure.period, figure.as_at)
        where = f"row {at.row}" + (f" of '{sheet}'" if sheet else "")
        if key in self._seen:
            raise RowRefused("value", line.value, f"The file gives this figure already, in {self._seen[key]}.")
        self._seen[key] = where
        self._figures.append(figure)
        self._taken.append(Taken(row=at.row, sheet=sheet, sentence=self._sentence(figure)))

    def _refuse(self, sheet: str, at: _Place, refusal: RowRefused) -> None:
        self._refused.append(
            Refused(row=at.row, sheet=sheet, column=refusal.column, found=refusal.found, sentence=str(refusal))
        )

    def _sentence(self, figure: Figure) -> str:
        what = number(figure.value) if figure.value is not None else figure.status.value
        status = f"{figure.status.value}, " if figure.value is not None else ""
        period = figure.period.replace("-Q", " Q")
        area = self._names.area_name(figure.area)
        return f"{figure.series}, {area}, {period}: {what} ({status}as at {short_day(figure.as_at)})."


@dataclass(frozen=True)
class _Place:
    """A row's number, and what is wrong with cells of it, by column."""

    row: int
    faults: Mapping[str, str]


def _lines(header: Header, cells: Sequence[str], at: _Place) -> Iterator[Line]:
    """The figures a row holds. An empty cell under a series or period is no figure; an empty value column may be."""

    def text(name: str) -> str:
        return _cell(cells, header.columns.get(name))

    year = _cell(cells, header.year_column)
    for wanted in header.values:
        value = _cell(cells, wanted.column)
        fault = at.faults.get(str(wanted.column), "")
        if not value and not fault and (wanted.series or wanted.period):
            continue
        yield Line(
            series=wanted.series or text("series"),
            area=text("area"),
            period=wanted.period or _period(text("period"), year) or header.stated,
            value=value,
            fault=fault,
            cell=f"{_letters(wanted.column)}{at.row}",
            others={
                name: text(name) for name in ("as_at", "base", "status", "source", "licence", "illustrative", "note")
            },
        )


def _cell(cells: Sequence[str], column: int | None) -> str:
    return cells[column].strip() if column is not None and column < len(cells) else ""


def _period(period: str, year: str) -> str:
    """A quarter's number beside a year, as in the Home Office's files, is one period."""
    digits = period.upper().removeprefix("Q").strip()
    return f"{year} Q{digits}" if year and digits in {"1", "2", "3", "4"} else period


def _letters(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
