"""The force's figures on a form: confirmed one by one or all at once, commented on or disputed.

What is typed over one of them is never a figure. A row that is disputed counts whatever the row ALL says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from csp_workflow.forms import layout
from csp_workflow.forms.still_to_do import EXPLAINED
from csp_workflow.intake.checks.cell_values import normalise_text, understand_cell
from csp_workflow.intake.checks.findings import (
    FormParts,
    ask_about_row,
    combine_parts,
    short_text,
)
from csp_workflow.intake.checks.share_values import list_value_cells
from csp_workflow.terms.cells import Cell, CellType
from csp_workflow.terms.figures import Figure, FigureStatus
from csp_workflow.terms.phrases import plain_number, plural, says_something
from csp_workflow.terms.returns import FigureRow, Finding, FormDefinition, Narrative, ReadFigureRow

_Rows = dict[tuple[str, str], ReadFigureRow]


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What the rows ALL say: their findings and remarks, the areas they confirm, and those whose single rows are asked
    for themselves. None are where nobody is asked to confirm."""

    parts: FormParts
    confirmed: frozenset[str]
    singly: frozenset[str]
    asked: bool = True


def check_answers(form: FormDefinition, rows: _Rows) -> Answers:
    """Take the rows ALL out of what was read. A form of before has none, and asks nobody to confirm."""
    if layout.is_of_before(form):
        return Answers(parts=FormParts(), confirmed=frozenset(), singly=frozenset(), asked=False)
    police = layout.list_police(form)
    offered = [area for area, row in layout.list_all_rows(form) if row is None]
    confirmed = frozenset(area for area in offered if _is_confirmed(rows.get(layout.row_key(area, layout.ALL))))
    parts = [_check_all_row([row for row in police if row.area.code == area], rows) for area in offered]
    singly = frozenset(row.area.code for row in police) - frozenset(offered)
    return Answers(parts=combine_parts(parts), confirmed=confirmed, singly=singly)


def _is_confirmed(seen: ReadFigureRow | None) -> bool:
    return seen is not None and layout.same(seen.status.text) == layout.same(layout.CONFIRMED)


def _check_all_row(mine: list[FigureRow], rows: _Rows) -> FormParts:
    """The row that confirms all of an area: a yes for every row that is left empty."""
    area, whole = mine[0].area, layout.make_all_row(mine[0], len(mine))
    seen = rows.pop(layout.row_key(area.code, layout.ALL), None)
    cell = seen.status if seen else Cell(sheet=layout.POLICE, cell="", type=CellType.BLANK)
    said = layout.same(cell.text)
    empty = [row for row in mine if row.given and not _has_answer(row, rows)]
    if said == layout.same(layout.CONFIRMED):
        where = f" for {area.name}" if any(ref == layout.same(layout.ALL) for _, ref in rows) else ""
        remark = f"You confirmed {plural(len(empty), 'police figure')}{where} with one tick."
        return FormParts(remarks=(remark,) if empty else (), touched=True)
    if said:
        code = "dispute-which" if said == layout.same(layout.DISPUTED) else "unknown-answer"
        return FormParts(
            findings=(ask_about_row(code, whole, cell, short_text(cell.text), column=layout.CONFIRM),), touched=True
        )
    found = f"no answer for {plural(len(empty), 'police figure')}"
    return FormParts(
        findings=(ask_about_row("unconfirmed", whole, cell, found, column=layout.CONFIRM),) if empty else ()
    )


def _has_answer(row: FigureRow, rows: _Rows) -> bool:
    seen = rows.get(layout.row_key(row.area.code, row.ref))
    return seen is not None and not seen.status.is_blank


def check_police_row(row: FigureRow, seen: ReadFigureRow, answers: Answers) -> FormParts:
    """What a respondent says of the force's figure: nothing, a confirmation, a comment or a dispute."""
    given = row.given
    key = layout.figure_key(row.area.code, row.ref)
    if given is None:
        return _nothing_to_check(row, seen)
    typed, marked = _entry_over_figure(row, seen, given)
    overwritten = f"{typed} in place of the force's {layout.say_given(row)}" if typed else ""
    remarks = (_SAME_NUMBER.format(at=seen.this_quarter, marked=marked, row=row, given=given),) if marked else ()
    is_disputed = layout.same(seen.status.text) == layout.same(layout.DISPUTED)
    words = _comment(seen)
    touched = bool(overwritten or marked or words or not seen.status.is_blank)
    findings: tuple[Finding, ...] = ()
    if not (overwritten or is_disputed):
        comment = Narrative(ref=key, text=words, sheet=seen.note.sheet, cell=seen.note.cell)
        odd = tuple(_find_unanswered(row, seen, is_single=row.area.code in answers.singly))
        is_yes = _is_confirmed(seen) or (seen.status.is_blank and row.area.code in answers.confirmed)
        return FormParts(
            narratives=(comment,) if words else (), findings=odd, touched=touched,
            confirmed=(key,) if answers.asked and is_yes else (), remarks=remarks,
        )  # fmt: skip
    if overwritten:
        findings = (ask_about_row("police-figure-overwritten", row, seen.this_quarter, overwritten),)
    elif not says_something(seen.note.text):
        found = "“Disputed” without a reason"
        findings = (ask_about_row("dispute-unexplained", row, seen.status, found, column=layout.NOTE),)
    instead = f"The form has {overwritten}." if overwritten else ""
    text = " ".join(filter(None, (instead, words))) or "No reason was given."
    return FormParts(findings=findings, disputes=((row.area.code, row.ref, text),), touched=touched, remarks=remarks)


def _find_unanswered(row: FigureRow, seen: ReadFigureRow, *, is_single: bool) -> Iterator[Finding]:
    """A row that is neither confirmed nor disputed, or does not say why its figure is not as usual."""
    said, cell = layout.same(seen.status.text), seen.status
    if said not in {"", layout.same(layout.CONFIRMED)}:
        yield ask_about_row("unknown-answer", row, cell, short_text(cell.text), column=layout.CONFIRM)
    elif row.find_side(row.given) and not is_explained(seen):
        found = f"{layout.say_given(row)}; twelve months usually come to {layout.say_usual(row)}"
        yield ask_about_row("unusual", row, seen.note, found, column=layout.NOTE)
    elif not said and is_single:
        asked = ask_about_row("unconfirmed", row, cell, "no answer for one police figure", column=layout.CONFIRM)
        yield replace(asked, wanted=_CONFIRM_ONE)


_CONFIRM_ONE = "Please choose “Confirmed” if the police figure looks right to you, or “Disputed” if it does not."
"""What is asked where no row ALL confirms several."""


def is_explained(seen: ReadFigureRow) -> bool:
    """Whether a row says why its figure changed: a cause, or a few words."""
    return says_something(seen.drove_it.text) or len(seen.note.text.split()) >= EXPLAINED


def _nothing_to_check(row: FigureRow, seen: ReadFigureRow) -> FormParts:
    """The force has given no figure: what was written on its row all the same is said back, never dropped."""
    findings = tuple(
        ask_about_row("police-figure-not-supplied", row, cell, cell.text, column=header)
        for header, cell in zip(layout.READ_INPUTS, seen.inputs, strict=True)
        if not cell.is_blank and layout.same(cell.text) != layout.same(layout.NOT_SUPPLIED)
    )
    return FormParts(findings=findings)


_PROVISIONAL = " (p)"
_HOW_FINAL = {FigureStatus.FINAL, FigureStatus.PROVISIONAL, FigureStatus.REVISED}
"""What may be said of a number without doubt of it: an estimate (“c. 412”) is another thing than the force's count."""
_SAME_NUMBER = (
    "{at.sheet}, {at.cell}: you show “{marked}” for {row.title}, {row.area.name}. That is the force's own number, so "
    "it is no dispute. The force gave it as {given.status}, and we show it so."
)


def _entry_over_figure(row: FigureRow, seen: ReadFigureRow, given: Figure) -> tuple[str, str]:
    """What was typed in place of the force's figure, or its very number with another word of how final that is.

    Both are "" where it stands as it was given, or was merely deleted.
    """
    cell, counts = seen.this_quarter, _counts_over_given(row, seen, given)
    if counts or cell.is_blank:
        return counts, ""
    said = normalise_text(cell.text)
    number = said.removesuffix(_PROVISIONAL)
    shown = (_value(given), str(given.status), layout.say_given(row))
    if number in {normalise_text(text).removesuffix(_PROVISIONAL) for text in shown}:
        status = FigureStatus.FINAL if number == said else FigureStatus.PROVISIONAL
        return "", "" if status in {FigureStatus.FINAL, given.status} else short_text(cell.text)
    typed = understand_cell(cell, replace(row, previous=None, required=False))
    if typed.finding or typed.value != given.value or typed.status is None:
        return short_text(cell.text), ""
    if typed.status in {FigureStatus.FINAL, given.status}:
        return "", ""
    is_number = typed.value is not None and typed.status in _HOW_FINAL
    return ("", short_text(cell.text)) if is_number else (short_text(cell.text), "")


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
    cause = seen.drove_it.text.strip().rstrip(".") if says_something(seen.drove_it.text) else ""
    cause = f"What drove it: {cause}." if cause else ""
    note = "" if seen.note.is_blank else seen.note.text.strip()
    return " ".join(filter(None, (cause, note)))
