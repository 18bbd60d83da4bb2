"""What differs from what was known: a big change, a 0 after a figure, an edited past figure, a row out of place.

Differences are asked about because a slip of the finger looks the same; none is praised or blamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from csp_workflow.forms import layout
from csp_workflow.intake.checks.checked import query
from csp_workflow.intake.checks.typed import said
from csp_workflow.intake.checks.typed_words import is_percent, is_whole, normal
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.forms import Cell, FigureRow, FormDefinition, ReadFigureRow
from csp_workflow.terms.returns import Finding

SHARE = Decimal("0.30")
"""A change of more than this share of last quarter's figure is asked about ..."""

BASE = 20
"""... when one of the two counts is at least this large ..."""

CHANCE = Decimal("1.96")
"""... and the two counts differ by more than chance would make them (a Poisson test at about 1 in 20)."""

POINTS = 5
"""For per cents: the least change in percentage points that is asked about."""

_EXPLAINS = 3
_ORDER = "The rows were in another order than we sent; we read each by its area code and ref."


def unexplained(row: FigureRow, figure: Figure, cell: Cell) -> Iterator[Finding]:
    """The query on a figure that differs much from last quarter's and says nothing about why."""
    before = row.previous.value if row.previous else None
    if figure.value is None or before is None or _is_explained(figure):
        return
    key = layout.figure_key(row.area.code, row.ref)
    words = f"{said(figure.value)}; last quarter it was {said(before)}"
    if figure.value == 0 and before > 0:
        yield query(
            "zero-after-figures",
            cell,
            key,
            layout.THIS_QUARTER,
            found=words,
            wanted="Is this a true 0? If so, please say so in the Note column. If it is not known, "
            "please choose “Not available yet” in the Status column.",
        )
    elif is_big(row, before, figure.value):
        yield query(
            "big-change",
            cell,
            key,
            layout.THIS_QUARTER,
            found=words,
            wanted="This differs from last quarter by more than is usual. Please choose the main cause under "
            "“What drove it”, or tell us in a sentence in the Note column.",
        )


def is_big(row: FigureRow, before: Decimal, now: Decimal) -> bool:
    """Whether a change is large in itself and, for counts, beyond what chance would make."""
    difference = abs(now - before)
    if before <= 0 or difference <= before * SHARE:
        return False
    if is_percent(row):
        # A hundredfold slip is asked about in its own words.
        return difference > POINTS and now / before < 50
    if max(before, now) < BASE:
        return False
    return not is_whole(row) or difference * difference > CHANCE * CHANCE * (before + now)


def moved(form: FormDefinition, row: FigureRow, seen: ReadFigureRow) -> Iterator[Finding]:
    """Queries on a row whose locked neighbours are not as sent."""
    stands = {layout.same(header): text for header, text in seen.neighbours}
    measure = stands.get(layout.same(layout.MEASURE))
    is_other = measure is not None and layout.same(row.title) not in layout.same(measure)
    key = layout.figure_key(row.area.code, row.ref)
    if is_other or (not seen.neighbours and is_out_of_place(seen)):
        yield query(
            "row-mixed-up",
            seen.this_quarter,
            key,
            layout.THIS_QUARTER,
            found=f"a row with the ref {row.ref} whose other columns are not those we sent",
            wanted="Please check that this figure belongs to the ref beside it.",
        )
        return
    for quarter, sent in zip(form.history, row.history, strict=False):
        header = layout.history_header(quarter, form.quarter)
        now = stands.get(layout.same(header))
        if now is not None and now.strip() and not _same_figure(now, sent):
            yield query(
                "proposed-revision",
                seen.this_quarter,
                key,
                header,
                found=f"{' '.join(now.split())[:40]} for {quarter.label}, where we had {sent or 'nothing'}",
                wanted="You changed an earlier figure. Please reply and say whether we should record it as a "
                "revision, and why. Until then we keep the earlier one.",
            )


def order(seen: ReadFigureRow) -> tuple[str, ...]:
    """A remark when a row has moved and its neighbours moved with it: a sorted or lengthened table."""
    return (_ORDER,) if seen.neighbours and is_out_of_place(seen) else ()


def is_out_of_place(seen: ReadFigureRow) -> bool:
    """Whether the row's defined name points at another cell than the one beside its ref."""
    named = seen.named.rpartition("!")[2].replace("$", "").upper()
    return bool(named) and named != seen.this_quarter.cell.upper()


def _is_explained(figure: Figure) -> bool:
    cause = figure.drove_it.strip().lower()
    return (bool(cause) and cause != "not known") or len(figure.note.split()) >= _EXPLAINS


def _same_figure(one: str, other: str) -> bool:
    first, second = normal(one), normal(other)
    if first == second:
        return True
    try:
        return Decimal(first.replace(",", "")) == Decimal(second.replace(",", ""))
    except InvalidOperation:
        return layout.same(first) == layout.same(second)
