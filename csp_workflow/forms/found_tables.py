"""Finds our tables by their headers: on whatever sheet, in whatever column, beside or below each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from csp_workflow.forms import layout
from csp_workflow.forms.grids import Grid
from csp_workflow.forms.markup import ROWS
from csp_workflow.mail.words import plain_words
from csp_workflow.terms.cells import find_reference

_ALIKE = 5
"""So many of a table's headers make a header row, even when the one that matters was renamed."""

_LONGEST = 100
"""No header is longer."""


@dataclass(frozen=True, kw_only=True)
class TableKind:
    """A kind of table: the header that tells it, all its headers, and those that must be there.

    Of those that stand `together` all are there, or none.
    """

    tell: str
    headers: tuple[str, ...]
    needed: tuple[str, ...]
    together: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The headers by which a row says what it is about."""
        return tuple(header for header in (layout.AREA_CODE, layout.REF) if header in self.needed)


POLICE = TableKind(
    tell=layout.CONFIRM,
    headers=(
        layout.AREA_CODE, layout.AREA, layout.REF, layout.MEASURE, layout.UNIT, layout.THIS_QUARTER, layout.DISPUTE,
        layout.USUAL, *layout.POLICE_INPUTS, layout.STILL_TO_DO,
    ),
    needed=(layout.AREA_CODE, layout.REF, *layout.POLICE_INPUTS),
)  # fmt: skip
FIGURES = TableKind(
    tell=layout.THIS_QUARTER,
    headers=(
        layout.AREA_CODE, layout.AREA, layout.REF, layout.MEASURE, layout.COUNTED, layout.DIRECTION, layout.UNIT,
        layout.OFFICIAL, layout.COMPARATOR, layout.USUAL, layout.DISPUTE, *layout.FIGURE_INPUTS, layout.STILL_TO_DO,
        *layout.OLD_HEADERS.values(), layout.HOW_MANY, layout.OLD_COMES_TO, layout.OLD_TO_DO,
    ),
    needed=(layout.AREA_CODE, layout.REF, layout.THIS_QUARTER, layout.STATUS, layout.DROVE_IT, layout.NOTE),
    together=(layout.HOW_MANY, layout.OLD_HEADERS[layout.OUT_OF]),
)  # fmt: skip
SUMMARY = TableKind(
    tell=layout.HAPPENED,
    headers=(*(c.header for c in layout.SUMMARY_COLUMNS), *layout.OLD_SUMMARY_HEADERS),
    needed=(layout.REF, layout.HAPPENED, layout.NEXT),
    together=(layout.PROMISE_NOW, layout.QUICK),
)
QUESTIONS = TableKind(
    tell=layout.SAW,
    headers=tuple(c.header for c in layout.QUESTION_COLUMNS),
    needed=(layout.REF, layout.ANSWER, layout.WORDS),
)
ACTIONS = TableKind(
    tell=layout.ANSWER,
    headers=tuple(c.header for c in layout.ACTION_COLUMNS),
    needed=(layout.REF, layout.ANSWER, layout.STATUS),
)
BACKGROUND = TableKind(tell=layout.COUNTED, headers=(), needed=())
"""What is only looked up: nothing of it is read."""

KINDS = (POLICE, BACKGROUND, FIGURES, SUMMARY, QUESTIONS, ACTIONS)
_HEADERS = {kind.tell: {layout.same(header) for header in kind.headers} for kind in KINDS}
_KEYS = frozenset(map(layout.same, (layout.AREA_CODE, layout.REF)))

_FIGURE = r"(?:figures?|values?|numbers?|totals?|counts?|actuals?|data|results?)"
_NEAR: Mapping[str, str] = {
    layout.REF: r"(?:(?:measure|row|our) )?(?:refs?|references?|ids?)(?: (?:no|number|code))?",
    layout.THIS_QUARTER: rf"(?:this|current) (?:qtr|quarter|q)(?: s)?(?: {_FIGURE})?|(?:(?:your|our|the) )?{_FIGURE}"
    rf"(?: (?:for )?(?:this |the )?(?:qtr|quarter))?|(?P<named>(?:\d{{2,4}} )*q[1-4](?: \d{{2,4}})*)(?: {_FIGURE})?",
    layout.OUT_OF: r"out of(?: how many| total)?|denominator|base",
    layout.STATUS: r"(?:figure |current )?stat(?:us|e)(?: of figure)?|prov\w* final|final prov\w*",
    layout.CONFIRM: r"(?:confirm(?:ed|ation)?|agree[ds]?)(?: (?:or )?(?:disputed?|disagree|y n|yes no))?",
    layout.DROVE_IT: r"(?:what )?drove (?:it|this|the change)|(?:main )?(?:drivers?|causes?)|what caused it",
    layout.NOTE: r"(?:in )?(?:\d+ words )?why|(?:your |our |any )?(?:notes?|comments?|remarks?|explanation|reasons?)",
    layout.HAPPENED: r"(?:what (?:s |has )?)?happened(?: this quarter)?|updates?|narrative|progress|commentary",
    layout.NEXT: r"(?:what )?(?:(?:you|we) will do )?next(?: steps?| quarter)?|(?:your |our )?plans?",
    layout.QUICK: r"quick",
    layout.ANSWER: r"(?:our |the )?(?:answers?|response|reply|update)|your (?:response|reply|update)",
}
"""What else people write over a column, as plain words; a quarter that is named must be the form's own."""

_QUARTERS = {"apr": "jun", "jul": "sep", "oct": "dec", "jan": "mar"}
_MONTHS = re.compile(r"\b(apr|jul|oct|jan)[a-z]* (?:\w+ ){0,2}?(jun|sep|dec|mar)[a-z]*(?: (?:20)?(\d\d))?\b")
_SURE = re.compile(r"\b(?:this|current|q[1-4])\b")
_PAST = re.compile(r"\d{4}/\d\d Q[1-4]\)?$")
"""What can be meant by nothing else, also beside columns of their own; how the header over a past quarter ends."""

_FAMILIAR = 3
"""So many headers in a row stand as we sent them, or it is no table of ours with some of them changed."""

Columns = dict[str, list[int]]


@dataclass(frozen=True, kw_only=True)
class FoundTable:
    """A table as found: its header row, its columns by compared header, and the rows below it.

    Under one header there may be several columns; `span` is the first and last column that the table may claim, and
    `renamed` has the headers of columns over which other words stand now.
    """

    kind: TableKind
    grid: Grid
    header_row: int
    columns: dict[str, list[int]]
    rows: tuple[int, ...]
    span: tuple[int, int]
    renamed: Mapping[int, str] = field(default_factory=dict)

    def column(self, header: str) -> int | None:
        """Where a column stands now, the first where there are several, or None."""
        return next(iter(self.places(header)), None)

    def places(self, header: str) -> tuple[int, ...]:
        """Every column under a header, from left to right; under what it was called on forms of before if need be."""
        old = layout.same(layout.OLD_HEADERS.get(header, header))
        return tuple(self.columns.get(layout.same(header)) or self.columns.get(old) or ())

    def list_old(self) -> Iterator[int]:
        """The columns that are headed as on forms of before."""
        yield from (column for old in layout.OLD_HEADERS.values() for column in self.columns.get(layout.same(old), ()))

    def text(self, row: int, header: str) -> str:
        """What stands in a row under a header, "" when the column is gone."""
        column = self.column(header)
        return self.grid.text(row, column) if column else ""

    def texts(self, row: int, header: str) -> tuple[str, ...]:
        """All that is said in a row under a header, each once; ("",) for nothing."""
        said = (self.grid.text(row, column) for column in self.places(header))
        return tuple(dict.fromkeys(text for text in said if text)) or ("",)

    def list_keys(self, row: int) -> Iterator[tuple[str, str]]:
        """The area codes and refs that a row says it is about: one pair, or none, where nobody added a column."""
        for ref in self.texts(row, layout.REF):
            for area in self.texts(row, layout.AREA_CODE):
                if ref:
                    yield area, ref

    @property
    def needed(self) -> tuple[str, ...]:
        """The headers that must be there."""
        have_any = any(self.column(header) for header in self.kind.together)
        return (*self.kind.needed, *(self.kind.together if have_any else ()))

    @property
    def missing(self) -> tuple[str, ...]:
        """The headers that could not be found and are needed."""
        return tuple(header for header in self.needed if self.column(header) is None)

    @property
    def can_answer(self) -> bool:
        """Whether its rows can answer what we ask: each says what of, an area by its name at least, and has its box."""
        keys = (layout.AREA if h == layout.AREA_CODE and not self.column(h) else h for h in self.kind.keys)
        return all(map(self.column, (*keys, self.kind.tell)))


def find_tables(grid: Grid) -> tuple[FoundTable, ...]:
    """Every table of a sheet, from the top; each ends where the next begins that stands below any column of it."""
    heads = list(_find_heads(grid))
    hidden = set(grid.notes.formulas) | set(grid.notes.comments)
    filled = sorted(set(grid.rows) | {row for row, _ in hidden})
    return tuple(
        FoundTable(
            kind=kind,
            grid=grid,
            header_row=row,
            columns=columns,
            rows=tuple(r for r in filled if row < r < _find_end(row, columns, heads)),
            span=span,
            renamed=renamed,
        )
        for row, kind, columns, span, renamed in heads
    )


def choose_tables(found: Iterable[FoundTable]) -> tuple[FoundTable, ...]:
    """The tables that are read: of each kind those that can answer, whatever else is headed alike.

    Where none of a kind can, those that lack the fewest columns are taken for ours, so that their sender is told.
    """
    chosen: list[FoundTable] = []
    every = list(found)
    for kind in KINDS:
        alike = [table for table in every if table.kind is kind]
        fewest = min((len(table.missing) for table in alike), default=0)
        answering = [table for table in alike if table.can_answer]
        chosen += answering or [table for table in alike if len(table.missing) == fewest]
    return tuple(table for table in every if table in chosen)


def list_missing(chosen: Iterable[FoundTable]) -> Iterator[str]:
    """The headers that are missing from every table of a kind that is read."""
    tables = list(chosen)
    for kind in KINDS:
        lacking = [table.missing for table in tables if table.kind is kind]
        yield from (header for header in (lacking or [()])[0] if all(header in missing for missing in lacking))


_Head = tuple[int, TableKind, Columns, tuple[int, int], Mapping[int, str]]


def _find_heads(grid: Grid) -> Iterator[_Head]:
    reference = find_reference(grid.text(2, 1))
    for row in sorted(grid.rows):
        parts = list(_part_tables(sorted(grid.rows[row].items())))
        starts = [_span(columns)[0] for columns in parts]
        ends = [start - 1 for start in starts[1:]] + [max(grid.rows[row])]
        for columns, start, end in zip(parts, starts, ends, strict=False):
            kind, renamed = _recognise(columns, grid.rows[row], reference.period if reference else "")
            named = {layout.same(header): [column] for column, header in renamed.items()}
            if kind:
                yield row, kind, {**columns, **named}, (start, end), renamed


def _part_tables(texts: Iterable[tuple[int, str]]) -> Iterator[Columns]:
    """A row's headers by table: where a table can be told, the next begins at a key that it has no use for."""
    columns: Columns = {}
    for column, text in texts:
        said = layout.same(text)
        if len(text) > _LONGEST:
            continue
        kind = _tell_kind(columns) if said in _KEYS else None
        if kind and (said in columns or said not in map(layout.same, kind.keys)):
            yield columns
            columns = {}
        columns.setdefault(said, []).append(column)
    if columns:
        yield columns


def _tell_kind(have: Collection[str]) -> TableKind | None:
    return next((kind for kind in KINDS if {layout.same(layout.REF), layout.same(kind.tell)} <= set(have)), None)


def _find_kind(have: Collection[str]) -> TableKind | None:
    alike, kind = max(((len(set(have) & _HEADERS[kind.tell]), kind) for kind in KINDS), key=lambda pair: pair[0])
    return _tell_kind(have) or (kind if alike >= _ALIKE else None)


def _recognise(columns: Columns, heads: Mapping[int, str], period: str) -> tuple[TableKind | None, Mapping[int, str]]:
    """What kind of table has these columns, and what else than ours is written over some: where a header is missing,
    the one column in its place that is headed nearly so is taken for it."""
    kind = _find_kind(columns)
    if kind is BACKGROUND or (kind and not _list_lacking(kind, columns)):
        return kind, {}
    near = {one.tell: _find_renamed(one, columns, heads, period) for one in KINDS}
    whole = [one for one in KINDS if (new := near[one.tell]) and set(_list_lacking(one, columns)) == set(new.values())]
    kind = whole[0] if len(whole) == 1 else kind
    return kind, near[kind.tell] if kind else {}


def _list_lacking(kind: TableKind, have: Collection[str]) -> list[str]:
    every = (*kind.needed, *(kind.together if any(layout.same(h) in have for h in kind.together) else ()))
    return [h for h in every if not {layout.same(h), layout.same(layout.OLD_HEADERS.get(h, h))} & set(have)]


def _find_renamed(kind: TableKind, columns: Columns, heads: Mapping[int, str], period: str) -> Mapping[int, str]:
    """The columns that stand for a missing header of a kind of table, where each has one such, and each such one."""
    order = {layout.same(header): n for n, header in reversed(list(enumerate(kind.headers)))}
    stands = {place: order[said] for said, places in columns.items() if said in order for place in places}
    if len(stands) < _FAMILIAR:  # nearly every row of a form
        return {}
    before = order.get(layout.same(layout.UNIT), 0)
    past = {p: before for p, said in heads.items() if _PAST.search(said) and period not in re.sub(r"\W", "", said)}
    stands = past | stands
    others = [place for places in columns.values() for place in places if place not in stands]
    held = [
        (place, header)
        for header in _list_lacking(kind, columns)
        for place in others
        if all((at < place) is (n < order[layout.same(header)]) for at, n in stands.items())
    ]
    plain = {place: _plain_head(heads[place]) for place, _ in held}
    found = [(place, header) for place, header in held if _is_near(header, plain[place], period)]
    said, claimed = Counter(part for one in found for part in one), {place for place, _ in found}
    rivalled = {h for place, h in held if place not in claimed}  # where a column of their own may be meant as well
    sure = {p for p, h in found if plain[p] == plain_words(h) or _SURE.search(plain[p])}
    return {place: h for place, h in found if said[place] == said[h] == 1 and (h not in rivalled or place in sure)}


def _plain_head(text: str) -> str:
    """A header as plain words; the months of a quarter as its name: "Jan to March 2015" is "q4 14"."""

    def name(found: re.Match[str]) -> str:
        first, last, year = found.groups()
        number = list(_QUARTERS).index(first) + 1
        is_quarter = _QUARTERS[first] == last
        return f"q{number} {int(year) - (number == 4) if year else ''}".strip() if is_quarter else found[0]

    return _MONTHS.sub(name, plain_words(text))


def _is_near(header: str, said: str, period: str) -> bool:
    found = re.fullmatch(_NEAR.get(header, "(?!)"), said)
    named = (found and found.groupdict().get("named")) or ""
    years = re.sub(r"q[1-4]|\b20(?=\d\d\b)| ", "", named)
    is_named = period.startswith(years) and (not named or f"q{period[-1:]}" in named)
    return said == plain_words(header) or (found is not None and is_named)


def _find_end(row: int, columns: Columns, heads: Iterable[_Head]) -> int:
    mine = _span(columns)
    below = (r for r, _, other, *_ in heads if r > row and _span(other)[0] <= mine[1] and mine[0] <= _span(other)[1])
    return min(below, default=ROWS + 1)


def _span(columns: Columns) -> tuple[int, int]:
    places = [place for several in columns.values() for place in several]
    return min(places), max(places)
