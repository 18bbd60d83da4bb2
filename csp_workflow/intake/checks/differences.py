"""What differs from what was known: a big change, a 0 after a figure, an edited past figure, a row out of place,
and what a respondent says of the force's figures.

Differences are asked about because a slip of the finger looks the same; none is praised or blamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from csp_workflow.forms import layout
from csp_workflow.intake.checks.cell_values import understand_cell
from csp_workflow.intake.checks.findings import FormParts, make_query, short_text
from csp_workflow.intake.checks.typed_text import is_percent, is_whole, normalise_text
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.phrases import plain_number
from csp_workflow.terms.returns import Cell, FigureRow, Finding, FormDefinition, Narrative, ReadFigureRow

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


def find_unexplained_change(row: FigureRow, figure: Figure, cell: Cell) -> Iterator[Finding]:
    """The query on a figure that differs much from last quarter's and says nothing about why."""
    before = row.previous.value if row.previous else None
    if figure.value is None or before is None or _is_explained(figure):
        return
    key = layout.figure_key(row.area.code, row.ref)
    words = f"{plain_number(figure.value)}; last quarter it was {plain_number(before)}"
    if figure.value == 0 and before > 0:
        yield make_query(
            "zero-after-figures",
            cell,
            key,
            layout.THIS_QUARTER,
            found=words,
            wanted="Is this a true 0? If so, please say so in the Note column. If it is not known, "
            "please choose “Not available yet” in the Status column.",
        )
    elif is_big(row, before, figure.value):
        yield make_query(
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


def find_moved_row(form: FormDefinition, row: FigureRow, seen: ReadFigureRow) -> Iterator[Finding]:
    """Queries on a row whose locked neighbours are not as sent."""
    stands = {layout.same(header): text for header, text in seen.neighbours}
    measure = stands.get(layout.same(layout.MEASURE))
    is_other = measure is not None and layout.same(row.title) not in layout.same(measure)
    key = layout.figure_key(row.area.code, row.ref)
    if is_other or (not seen.neighbours and is_out_of_place(seen)):
        yield make_query(
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
            yield make_query(
                "proposed-revision",
                seen.this_quarter,
                key,
                header,
                found=f"{' '.join(now.split())[:40]} for {quarter.label}, where we had {sent or 'nothing'}",
                wanted="You changed an earlier figure. Please reply and say whether we should record it as a "
                "revision, and why. Until then we keep the earlier one.",
            )


def note_order(seen: ReadFigureRow) -> tuple[str, ...]:
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
    first, second = normalise_text(one), normalise_text(other)
    if first == second:
        return True
    try:
        return Decimal(first.replace(",", "")) == Decimal(second.replace(",", ""))
    except InvalidOperation:
        return layout.same(first) == layout.same(second)


# The police rows: confirmed, commented on or disputed; what is typed over them is never a figure --


def check_police_row(row: FigureRow, seen: ReadFigureRow) -> FormParts:
    """What a respondent says of the force's figure: nothing, a confirmation, a comment or a dispute."""
    given = row.given
    key = layout.figure_key(row.area.code, row.ref)
    if given is None:
        return _nothing_to_check(seen, key)
    overwritten = _entry_over_figure(row, seen, given)
    is_disputed = layout.same(seen.status.text) == layout.same(layout.DISPUTED)
    words = _comment(seen)
    findings: list[Finding] = []
    if overwritten:
        findings.append(
            make_query(
                "police-figure-overwritten",
                seen.this_quarter,
                key,
                layout.THIS_QUARTER,
                found=f"{overwritten}, where the force's figure is {_value(given)}",
                wanted="We recorded your figure as a dispute and passed it on; the force's figure stands until it "
                "answers. If you only meant to confirm, please reply and say so.",
            )
        )
    elif is_disputed and not words:
        findings.append(
            make_query(
                "dispute-unexplained",
                seen.status,
                key,
                layout.NOTE,
                found="“Disputed” without a reason",
                wanted="Please say in the Note column what you think is wrong.",
            )
        )
    touched = bool(overwritten or words or not seen.status.is_blank)
    if overwritten or is_disputed:
        instead = f"They have {overwritten}." if overwritten else ""
        text = " ".join(filter(None, (instead, words))) or "No reason was given."
        return FormParts(findings=tuple(findings), disputes=((row.area.code, row.ref, text),), touched=touched)
    comment = Narrative(ref=key, text=words, sheet=seen.note.sheet, cell=seen.note.cell)
    return FormParts(narratives=(comment,) if words else (), touched=touched)


def _nothing_to_check(seen: ReadFigureRow, key: str) -> FormParts:
    """The force has given no figure: what was written on its row all the same is said back, never dropped."""
    entries = (
        (seen.this_quarter, layout.THIS_QUARTER),
        (seen.status, layout.STATUS),
        (seen.drove_it, layout.DROVE_IT),
        (seen.note, layout.NOTE),
    )
    return FormParts(
        findings=tuple(
            make_query(
                "police-figure-not-supplied",
                cell,
                key,
                header,
                found=cell.text,
                wanted="The police have not supplied this figure yet, so there is nothing to check and we did not "
                "record this. If it should be known, please reply and say so.",
            )
            for cell, header in entries
            if not cell.is_blank and layout.same(cell.text) != layout.same(layout.NOT_SUPPLIED)
        )
    )


def _entry_over_figure(row: FigureRow, seen: ReadFigureRow, given: Figure) -> str:
    """What was typed in place of the force's figure, or "" when it stands (or was merely deleted)."""
    cell = seen.this_quarter
    if cell.is_blank or layout.same(cell.text) in {layout.same(_value(given)), layout.same(str(given.status))}:
        return ""
    typed = understand_cell(cell, replace(row, previous=None, required=False))
    if typed.value is not None:
        return "" if typed.value == given.value else plain_number(typed.value)
    if given.value is not None and layout.same(cell.text).startswith(layout.same(plain_number(given.value))):
        return ""
    return "" if typed.status is not None and typed.status is given.status else short_text(cell.text)


def _value(given: Figure) -> str:
    return plain_number(given.value) if given.value is not None else str(given.status)


def _comment(seen: ReadFigureRow) -> str:
    cause = "" if seen.drove_it.is_blank else f"What drove it: {seen.drove_it.text.strip().rstrip('.')}."
    note = "" if seen.note.is_blank else seen.note.text.strip()
    return " ".join(filter(None, (cause, note)))
