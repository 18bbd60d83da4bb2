"""Finds the tables of a form by their headers, on whatever sheet and in whatever column they now stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from csp_workflow.forms import layout
from csp_workflow.forms.grids import Grid

_ALIKE = 5
"""So many of a table's headers make a header row, even when the one that matters was renamed."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of table: the header that tells it, all its headers, and those that must be there."""

    name: str
    tell: str
    headers: tuple[str, ...]
    needed: tuple[str, ...]


FIGURES = Kind(
    name=layout.FIGURES,
    tell=layout.THIS_QUARTER,
    headers=(
        layout.AREA_CODE, layout.AREA, layout.REF, layout.MEASURE, layout.DEFINITION, layout.DIRECTION, layout.UNIT,
        layout.OFFICIAL, layout.COMPARATOR, layout.TO_DO, *layout.FIGURE_INPUTS,
    ),
    needed=(layout.AREA_CODE, layout.REF, *layout.FIGURE_INPUTS),
)  # fmt: skip
SUMMARY = Kind(
    name=layout.SUMMARY,
    tell=layout.HAPPENED,
    headers=tuple(c.header for c in layout.SUMMARY_COLUMNS),
    needed=(layout.REF, layout.HAPPENED, layout.NEXT),
)
ACTIONS = Kind(
    name=layout.ACTIONS,
    tell=layout.ANSWER,
    headers=tuple(c.header for c in layout.ACTION_COLUMNS),
    needed=(layout.REF, layout.ANSWER, layout.STATUS),
)
_KINDS = (FIGURES, SUMMARY, ACTIONS)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as found: its header row, its columns by compared header, and the rows below it."""

    kind: Kind
    grid: Grid
    header_row: int
    columns: dict[str, int]
    rows: tuple[int, ...]

    def column(self, header: str) -> int | None:
        """Where a column stands now, or None."""
        return self.columns.get(layout.same(header))

    def text(self, row: int, header: str) -> str:
        """What stands in a row under a header, "" when the column is gone."""
        column = self.column(header)
        return self.grid.text(row, column) if column else ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The headers that could not be found and are needed."""
        return tuple(header for header in self.kind.needed if self.column(header) is None)


def find(grid: Grid) -> tuple[Table, ...]:
    """Every table of a sheet, from the top; each ends where the next begins."""
    heads = list(_heads(grid))
    if not heads:
        return ()
    ends = [row for row, _, _ in heads[1:]] + [max(grid.rows, default=0) + 1]
    hidden = set(grid.notes.formulas) | set(grid.notes.comments)
    filled = sorted(set(grid.rows) | {row for row, _ in hidden})
    return tuple(
        Table(
            kind=kind, grid=grid, header_row=row, columns=columns, rows=tuple(r for r in filled if row < r < end)
        )
        for (row, kind, columns), end in zip(heads, ends, strict=True)
    )  # fmt: skip


def _heads(grid: Grid) -> Iterator[tuple[int, Kind, dict[str, int]]]:
    for row in sorted(grid.rows):
        columns: dict[str, int] = {}
        for column, text in sorted(grid.rows[row].items()):
            if len(text) <= 100:
                columns.setdefault(layout.same(text), column)
        kind = _kind(columns)
        if kind:
            yield row, kind, columns


def _kind(columns: Iterable[str]) -> Kind | None:
    have = set(columns)
    for kind in _KINDS:
        if {layout.same(layout.REF), layout.same(kind.tell)} <= have:
            return kind
    for kind in _KINDS:
        if len(have & {layout.same(header) for header in kind.headers}) >= _ALIKE:
            return kind
    return None
