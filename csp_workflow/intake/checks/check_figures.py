"""The figures of a form: each row's value or status, what is odd about it, and what differs from what was known.

Differences are asked about because a slip of the finger looks the same; none is praised or blamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from csp_workflow.forms import layout
from csp_workflow.intake.checks.cell_values import (
    find_doubt,
    is_percent,
    is_whole,
    make_finding,
    normalise_text,
    understand_cell,
)
from csp_workflow.intake.checks.findings import FormParts, Origin, ask_about, combine_parts, short_text
from csp_workflow.intake.checks.share_values import (
    UnderstoodRow,
    find_n,
    list_typed,
    list_value_cells,
    understand_share,
)
from csp_workflow.terms.figures import DROVE_IT, Figure, FigureStatus, Provenance
from csp_workflow.terms.phrases import plain_number, say_figure
from csp_workflow.terms.returns import (
    Cell,
    CellType,
    Entry,
    FigureRow,
    Finding,
    FormDefinition,
    Narrative,
    ReadFigureRow,
    ReadForm,
    Reading,
)
from csp_workflow.terms.shares import find_count

NEEDED = (layout.AREA_CODE, layout.REF, layout.THIS_QUARTER)
"""The columns without which no figure can be found."""

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

_STATUS = {layout.same(words): meaning for words, meaning in layout.STATUS_MEANS.items()}
_CAUSES = {layout.same(cause): cause for cause in DROVE_IT}


def check_figures(form: FormDefinition, read: ReadForm, origin: Origin) -> FormParts:
    """Check every row of the form; a column that is missing hides the rows that need it."""
    lost = _missing_columns(form, read)
    if any(f.is_fault for f in lost):
        return FormParts(findings=lost, touched=True)
    rows: dict[tuple[str, str], list[ReadFigureRow]] = {}
    for row in read.figures:
        seen = _leave_out_counts(row, has_shares=any(one.out_of for one in form.figures))
        rows.setdefault(layout.row_key(row.area_code, row.ref), []).append(seen)
    checked = [_row(form, row, rows.pop(layout.row_key(row.area.code, row.ref), []), origin) for row in form.figures]
    extra = tuple(_not_recorded(row) for left in rows.values() for row in left)
    whole = combine_parts((*checked, FormParts(findings=lost, remarks=extra, touched=bool(extra))))
    return replace(whole, remarks=tuple(dict.fromkeys(whole.remarks)))


def _leave_out_counts(seen: ReadFigureRow, *, has_shares: bool) -> ReadFigureRow:
    """A row without what we wrote into the columns of the shares, or without these where the form has none."""

    def keep(cell: Cell) -> Cell:
        is_theirs = has_shares and layout.same(cell.text) != layout.same(layout.NOT_ASKED)
        return cell if is_theirs else Cell(sheet=cell.sheet, cell=cell.cell, type=CellType.BLANK)

    return replace(seen, how_many=keep(seen.how_many), out_of=keep(seen.out_of))


def _row(form: FormDefinition, row: FigureRow, seen: list[ReadFigureRow], origin: Origin) -> FormParts:
    if not seen:
        return FormParts(findings=(_missing_row(row),), touched=True)
    if len({_typed_in(one) for one in seen}) > 1:
        return FormParts(findings=tuple(_duplicate_row(row, one) for one in seen), touched=True)
    first = seen[0]
    beside = tuple(_find_counts_not_asked(row, first))
    return combine_parts((_checked_row(form, row, first, origin), FormParts(findings=beside, touched=bool(beside))))


def _checked_row(form: FormDefinition, row: FigureRow, first: ReadFigureRow, origin: Origin) -> FormParts:
    if row.entry is Entry.CONFIRM:
        return check_police_row(row, first)
    if not row.kind.is_number:
        return _words_row(row, first)
    checked = _value_row(form, row, first, origin)
    return combine_parts(
        (checked, FormParts(findings=tuple(find_moved_row(form, row, first)), remarks=note_order(first)))
    )


def _value_row(form: FormDefinition, row: FigureRow, seen: ReadFigureRow, origin: Origin) -> FormParts:
    understood = _with_status(_understand_row(row, seen), row, seen)
    findings = list(understood.findings)
    touched = any(not cell.is_blank for cell in seen.inputs)
    if understood.status is None:
        return FormParts(findings=tuple(findings), touched=touched)
    figure = _figure(form, row, seen, understood, origin)
    findings += find_unexplained_change(row, figure, seen)
    remarks = (_small_number_remark(row, figure),) if _is_small(row, figure) else ()
    return FormParts(
        figures=(figure,),
        findings=tuple(findings),
        readings=understood.readings,
        remarks=remarks,
        touched=touched,
    )


def _understand_row(row: FigureRow, seen: ReadFigureRow) -> UnderstoodRow:
    """A share by its counts; everything else by the one cell that is asked."""
    if row.out_of:
        return understand_share(row, seen)
    typed = understand_cell(seen.this_quarter, row)
    read = UnderstoodRow(
        cell=seen.this_quarter,
        value=typed.value,
        status=typed.status,
        note=typed.note,
        readings=(typed.reading,) if typed.reading else (),
        findings=(typed.finding,) if typed.finding else (),
    )
    if not row.kind.is_share or typed.value is None:
        return read
    said, base = find_n(seen.note.text, row)  # a form of before, which asked for it there
    if not base:
        return read
    told = Reading(sheet=seen.note.sheet, cell=seen.note.cell, typed=said, recorded=f"out of {base}")
    return replace(read, count=find_count(typed.value, base), base=base, readings=(*read.readings, told))


def _find_counts_not_asked(row: FigureRow, seen: ReadFigureRow) -> Iterator[Finding]:
    """What was typed into the columns of the shares on a row that is none."""
    for header, cell in list_value_cells(seen).items():
        if not row.out_of and header in layout.COUNT_INPUTS and not cell.is_blank:
            found = f"{short_text(cell.text)} under “{header}”"
            yield _ask_about_row("not-asked", row, cell, found, column=header)


def _with_status(typed: UnderstoodRow, row: FigureRow, seen: ReadFigureRow) -> UnderstoodRow:
    """The figure's cells and the Status cell read together; what the Status says outweighs an unclear figure."""
    if seen.status.is_blank:
        return typed
    odd = _ask_about_status(row, seen.status)
    if odd:
        return replace(typed, findings=(*typed.findings, odd))
    chosen = _STATUS[layout.same(seen.status.text)]
    if typed.value is None:
        return _without_value(typed, chosen, seen)
    if chosen.has_value and (chosen is not FigureStatus.NIL or typed.value == 0):
        # "c. 35" stays an estimate even where the list was left at Final.
        return replace(typed, status=typed.status if chosen is FigureStatus.FINAL else chosen)
    if chosen is FigureStatus.SUPPRESSED:
        return UnderstoodRow(cell=typed.cell, status=chosen, note=typed.note)
    return UnderstoodRow(cell=typed.cell, findings=(_contradiction(row, seen),))


def _ask_about_status(row: FigureRow, status: Cell) -> Finding | None:
    """What is odd about the Status cell; None where it is one of ours, and what is seen there."""
    code, found = find_doubt(status) or ("", "")
    if not code and status.shown:
        code, found = "shown-otherwise", short_text(status.seen)
    if not code and layout.same(status.text) not in _STATUS:
        code, found = "unknown-status", short_text(status.text)
    return _ask_about_row(code, row, status, found, column=layout.STATUS) if code else None


def _without_value(typed: UnderstoodRow, chosen: FigureStatus, seen: ReadFigureRow) -> UnderstoodRow:
    said = list_typed(seen)
    if chosen is FigureStatus.NIL:
        is_clear = not said or {f.code for f in typed.findings} & {"nil-or-zero", "which-is-it"}
        return UnderstoodRow(cell=typed.cell, value=Decimal(0), status=chosen) if is_clear else typed
    if chosen.has_value:
        return typed
    return UnderstoodRow(cell=typed.cell, status=chosen, note=typed.note or said)


def _figure(
    form: FormDefinition, row: FigureRow, seen: ReadFigureRow, understood: UnderstoodRow, origin: Origin
) -> Figure:
    cause = " ".join(seen.drove_it.text.split())
    note = "" if seen.note.is_blank else seen.note.text.strip()
    typed = f"Typed: {understood.note}." if understood.note else ""
    return Figure(
        series=row.ref,
        area=row.area.code,
        period=row.period or form.quarter.key,
        as_at=origin.day,
        value=understood.value,
        count=understood.count,
        base=understood.base,
        unit=row.unit,
        status=understood.status or FigureStatus.NOT_AVAILABLE,
        provenance=Provenance(
            source=_source(form),
            message=origin.message,
            attachment=origin.attachment,
            sheet=understood.cell.sheet,
            cell=understood.cell.cell,
            illustrative=form.illustrative,
        ),
        note=" ".join(filter(None, (note, typed))),
        drove_it=_CAUSES.get(layout.same(cause), cause),
    )


def _source(form: FormDefinition) -> str:
    """The analyst's figures are the force's extract; everybody else's are their return."""
    if form.kind.value == "analyst":
        return f"The force's extract for {form.quarter.label}"
    return f"Return of {form.respondent_name} for {form.quarter.label}"


def _words_row(row: FigureRow, seen: ReadFigureRow) -> FormParts:
    """A milestone is told in words, so its cell is a text."""
    cell = seen.this_quarter
    key = layout.figure_key(row.area.code, row.ref)
    if cell.type is CellType.ERROR:
        return FormParts(findings=(make_finding("excel-error", cell, row, cell.text),), touched=True)
    if not cell.is_blank:
        note = "" if seen.note.is_blank else f" {seen.note.text.strip()}"
        text = f"{cell.text.strip()}{note}"
        return FormParts(narratives=(Narrative(ref=key, text=text, sheet=cell.sheet, cell=cell.cell),), touched=True)
    excused = _STATUS.get(layout.same(seen.status.text)) if not seen.status.is_blank else None
    is_missing = row.required and excused is None
    missing = (make_finding("blank-required", cell, row, "nothing", example="Done in August"),) if is_missing else ()
    return FormParts(findings=missing, touched=excused is not None)


# What is odd about rows and columns ---------------------------------------------------------------


def _missing_columns(form: FormDefinition, read: ReadForm) -> tuple[Finding, ...]:
    if not form.figures:
        return ()
    counts = layout.COUNT_INPUTS if any(row.out_of for row in form.figures) else ()
    have_counts = any(seen.how_many.cell or seen.out_of.cell for seen in read.figures)
    known = {layout.same(h): h for h in (*NEEDED, *counts, layout.STATUS, layout.DROVE_IT, layout.NOTE)}
    lost = [known[layout.same(h)] for h in read.missing_headers if layout.same(h) in known]
    lost += [] if have_counts or not read.figures else counts
    sheet = Cell(sheet=layout.FIGURES, cell="", type=CellType.BLANK)
    return tuple(
        ask_about("missing-column", sheet, "", header, f"no column headed “{header}”", is_fault=header in NEEDED)
        for header in dict.fromkeys(lost)
    )


def _ask_about_row(
    code: str, row: FigureRow, cell: Cell, found: str, *, column: str = layout.THIS_QUARTER, is_fault: bool = False
) -> Finding:
    return ask_about(code, cell, layout.figure_key(row.area.code, row.ref), column, found, is_fault=is_fault)


def _missing_row(row: FigureRow) -> Finding:
    sheet = Cell(sheet=layout.FIGURES, cell="", type=CellType.BLANK)
    is_fault = row.required and row.entry is Entry.VALUE
    return _ask_about_row("missing-row", row, sheet, f"no row for {row.title} ({row.ref})", is_fault=is_fault)


def _duplicate_row(row: FigureRow, seen: ReadFigureRow) -> Finding:
    cell = seen.this_quarter
    found = f"{short_text(cell.text) or 'nothing'}, in one of several rows for {row.ref}"
    return _ask_about_row("duplicate-row", row, cell, found, is_fault=True)


def _contradiction(row: FigureRow, seen: ReadFigureRow) -> Finding:
    cell = seen.this_quarter
    found = f"{list_typed(seen)}, with the Status “{seen.status.text.strip()}”"
    return _ask_about_row("figure-and-status-differ", row, cell, found, is_fault=True)


def _is_small(row: FigureRow, figure: Figure) -> bool:
    behind = (figure.count, figure.base) if row.kind.is_share else (figure.value,)
    return any(number is not None and 0 < number < row.suppressed_below for number in behind)


def _small_number_remark(row: FigureRow, figure: Figure) -> str:
    shown = say_figure(replace(figure, status=FigureStatus.FINAL))
    return f"{figure.provenance.cell} ({row.ref}): {shown} is a small number. We keep it, and do not publish it."


def _not_recorded(row: ReadFigureRow) -> str:
    return f"We did not record row {row.row} ({row.area_code} {row.ref}): it is not one of the rows we asked for."


def _typed_in(row: ReadFigureRow) -> tuple[str, ...]:
    return tuple(" ".join(cell.text.split()) for cell in (*list_value_cells(row).values(), row.status, row.note))


# What differs from what was known ------------------------------------------------------------------


def find_unexplained_change(row: FigureRow, figure: Figure, seen: ReadFigureRow) -> Iterator[Finding]:
    """The query on a figure that differs much from last quarter's and says nothing about why."""
    before = row.previous.value if row.previous else None
    if figure.value is None or before is None or _is_explained(figure):
        return
    now = say_figure(replace(figure, status=FigureStatus.FINAL))
    words = f"{now}; last quarter it was {plain_number(before)}"
    column = layout.HOW_MANY if row.out_of and not seen.how_many.is_blank else layout.THIS_QUARTER
    cell = list_value_cells(seen)[column]
    if figure.value == 0 and before > 0:
        yield _ask_about_row("zero-after-figures", row, cell, words, column=column)
    elif is_big(row, before, figure.value):
        yield _ask_about_row("big-change", row, cell, words, column=column)


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
    if is_other or (not seen.neighbours and is_out_of_place(seen)):
        found = f"a row with the ref {row.ref} whose other columns are not those we sent"
        yield _ask_about_row("row-mixed-up", row, seen.this_quarter, found)
        return
    for quarter, sent in zip(form.history, row.history, strict=False):
        header = layout.history_header(quarter, form.quarter)
        now = stands.get(layout.same(header))
        if now is not None and now.strip() and not _same_figure(now, sent):
            found = f"{short_text(now)[:60]} for {quarter.label}, where we had {sent or 'nothing'}"
            yield _ask_about_row("proposed-revision", row, seen.this_quarter, found, column=header)


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
        return _nothing_to_check(row, seen)
    overwritten = _entry_over_figure(row, seen, given)
    is_disputed = layout.same(seen.status.text) == layout.same(layout.DISPUTED)
    words = _comment(seen)
    touched = bool(overwritten or words or not seen.status.is_blank)
    if not (overwritten or is_disputed):
        comment = Narrative(ref=key, text=words, sheet=seen.note.sheet, cell=seen.note.cell)
        return FormParts(narratives=(comment,) if words else (), touched=touched)
    findings: tuple[Finding, ...] = ()
    if overwritten:
        found = f"{overwritten}, where the force's figure is {_value(given)}"
        findings = (_ask_about_row("police-figure-overwritten", row, seen.this_quarter, found),)
    elif not words:
        found = "“Disputed” without a reason"
        findings = (_ask_about_row("dispute-unexplained", row, seen.status, found, column=layout.NOTE),)
    instead = f"They have {overwritten}." if overwritten else ""
    text = " ".join(filter(None, (instead, words))) or "No reason was given."
    return FormParts(findings=findings, disputes=((row.area.code, row.ref, text),), touched=touched)


def _nothing_to_check(row: FigureRow, seen: ReadFigureRow) -> FormParts:
    """The force has given no figure: what was written on its row all the same is said back, never dropped."""
    findings = tuple(
        _ask_about_row("police-figure-not-supplied", row, cell, cell.text, column=header)
        for header, cell in zip(layout.FIGURE_INPUTS, seen.inputs, strict=True)
        if not cell.is_blank and layout.same(cell.text) != layout.same(layout.NOT_SUPPLIED)
    )
    return FormParts(findings=findings)


def _entry_over_figure(row: FigureRow, seen: ReadFigureRow, given: Figure) -> str:
    """What was typed in place of the force's figure, or "" when it stands (or was merely deleted)."""
    counts = _counts_over_given(row, seen, given)
    if counts:
        return counts
    cell = seen.this_quarter
    if cell.is_blank or layout.same(cell.text) in {layout.same(_value(given)), layout.same(str(given.status))}:
        return ""
    typed = understand_cell(cell, replace(row, previous=None, required=False))
    if typed.value is not None:
        return "" if typed.value == given.value else plain_number(typed.value)
    if given.value is not None and layout.same(cell.text).startswith(layout.same(plain_number(given.value))):
        return ""
    return "" if typed.status is not None and typed.status is given.status else short_text(cell.text)


def _counts_over_given(row: FigureRow, seen: ReadFigureRow, given: Figure) -> str:
    """What was typed in place of the counts behind the force's share, or ""."""
    stand = {layout.HOW_MANY: given.count, layout.OUT_OF: given.base} if row.out_of else {}
    cells = list_value_cells(seen)
    other = [
        f"{short_text(cells[header].text)} under “{header}”"
        for header, count in stand.items()
        if not cells[header].is_blank and normalise_text(cells[header].text).replace(",", "") != str(count)
    ]
    return ", ".join(other)


def _value(given: Figure) -> str:
    return plain_number(given.value) if given.value is not None else str(given.status)


def _comment(seen: ReadFigureRow) -> str:
    cause = "" if seen.drove_it.is_blank else f"What drove it: {seen.drove_it.text.strip().rstrip('.')}."
    note = "" if seen.note.is_blank else seen.note.text.strip()
    return " ".join(filter(None, (cause, note)))
