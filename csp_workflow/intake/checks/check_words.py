"""The words of a form: the contextual summary, the answers to the boards, and the sign-off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from csp_workflow.forms import layout
from csp_workflow.intake.checks.checked import Parts, query
from csp_workflow.intake.checks.personal import marks
from csp_workflow.terms.forms import Cell, CellType, FormDefinition, ReadForm, ReadText
from csp_workflow.terms.returns import Finding, Narrative, Severity, SignOff

OVER = 1.5
"""How many times its word guide a text may have before the sender is asked to shorten it."""

_NO = {"", "no", "n", "false", "n/a"}


@dataclass(frozen=True, kw_only=True)
class Signed:
    """The Sign-off sheet: who completed the form, and the two ticks for the whole return."""

    sign_off: SignOff = field(default_factory=SignOff)
    nil: bool = False
    declined: bool = False
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    touched: bool = False


def summary(form: FormDefinition, read: ReadForm, before: Mapping[str, Narrative]) -> Parts:
    """Check the contextual summary. `before` is what was written last quarter, by ref."""
    found = {layout.same(box.ref): box for box in read.summary}
    narratives, findings = [], []
    for row in form.summary:
        box = found.get(layout.same(row.ref))
        if box is None or box.value.is_blank:
            findings += [_unwritten(layout.SUMMARY, row.ref, layout.HAPPENED, row.heading, box)] if row.required else []
        if box is None or _is_empty(box):
            continue
        if box.value.type is CellType.ERROR:
            findings.append(_error(box, row.ref, layout.HAPPENED))
            continue
        told = _narrative(row.ref, box)
        narratives.append(told)
        findings += _odd_words(told, box, layout.HAPPENED, row.words, before.get(row.ref))
    return Parts(narratives=tuple(narratives), findings=tuple(findings), touched=bool(narratives))


def actions(form: FormDefinition, read: ReadForm) -> Parts:
    """Check the answers to what the boards asked; how an action stands is kept beside its answer."""
    found = {layout.same(box.ref): box for box in read.actions}
    narratives, findings = [], []
    for row in form.actions:
        box = found.get(layout.same(row.ref))
        if box is None or _is_empty(box):
            findings.append(_unwritten(layout.ACTIONS, row.ref, layout.ANSWER, row.wording, box))
            continue
        told = _narrative(row.ref, box)
        narratives.append(told)
        findings += _odd_words(told, box, layout.ANSWER, 0, None)
    return Parts(narratives=tuple(narratives), findings=tuple(findings), touched=bool(narratives))


def sign_off(read: ReadForm) -> Signed:
    """Read the sign-off. Ticks are explicit: anything but an empty cell or "no" counts as one."""
    cells = {layout.same(box.ref): box.value for box in read.sign_off}

    def typed(label: str) -> str:
        cell = cells.get(layout.same(label))
        return "" if cell is None or cell.is_blank else " ".join(cell.text.split())

    nil, declined = (typed(label).lower() not in _NO for label in (layout.NIL, layout.DECLINE))
    findings = tuple(_unsigned(label, cells.get(layout.same(label))) for label in _required() if not typed(label))
    if nil and declined:
        findings += (_both_ticks(cells[layout.same(layout.NIL)]),)
    return Signed(
        sign_off=SignOff(
            completed_by=typed(layout.COMPLETED_BY), position=typed(layout.POSITION), date=typed(layout.DATE)
        ),
        nil=nil,
        declined=declined,
        reason=typed(layout.REASON),
        findings=findings,
        touched=any(typed(row.label) for row in layout.SIGN_OFF_ROWS),
    )


def notes(read: ReadForm) -> Iterator[Finding]:
    """Notes beside figures are read by others too, so they are looked over like any text."""
    for row in read.figures:
        if not row.note.is_blank:
            yield from _personal(row.note, layout.figure_key(row.area_code, row.ref), layout.NOTE, row.note.text)


def _required() -> Iterable[str]:
    return (row.label for row in layout.SIGN_OFF_ROWS if row.required)


def _is_empty(box: ReadText) -> bool:
    return box.value.is_blank and (box.extra is None or box.extra.is_blank)


def _narrative(ref: str, box: ReadText) -> Narrative:
    promise = "" if box.extra is None or box.extra.is_blank else box.extra.text.strip()
    text = "" if box.value.is_blank else box.value.text.strip()
    return Narrative(ref=ref, text=text, sheet=box.value.sheet, cell=box.value.cell, promise=promise)


def _odd_words(told: Narrative, box: ReadText, column: str, guide: int, before: Narrative | None) -> Iterator[Finding]:
    length = len(told.text.split())
    if guide and length > guide * OVER:
        yield query(
            "over-long",
            box.value,
            told.ref,
            column,
            found=f"{length} words, where the guide is about {guide}",
            wanted="The Board's paper has room for about that many. Please shorten this, or we may have to.",
        )
    if before and told.text and layout.same(told.text) == layout.same(before.text):
        yield query(
            "same-as-last-quarter",
            box.value,
            told.ref,
            column,
            found="the same words as last quarter",
            wanted="If nothing has changed, please reply and say so; otherwise write what happened this quarter.",
        )
    yield from _personal(box.value, told.ref, column, f"{told.text}\n{told.promise}")


def _personal(cell: Cell, key: str, column: str, text: str) -> Iterator[Finding]:
    for mark in marks(text):
        yield query(
            "personal-details",
            cell,
            key,
            column,
            found=f"what looks like {mark}",
            wanted="Please leave out anything by which a person could be recognised. If this is not personal, "
            "please reply and say so.",
        )


def _unwritten(sheet: str, ref: str, column: str, what: str, box: ReadText | None) -> Finding:
    cell = box.value if box else Cell(sheet=sheet, cell="", type=CellType.BLANK)
    short = what if len(what) <= 60 else f"{what[:59]}…"
    odd = query(
        "blank-text",
        cell,
        ref,
        column,
        found="nothing" if box else f"no row for {short}",
        wanted="Please write a few sentences, or “Nothing to report”.",
    )
    return replace(odd, severity=Severity.FAULT, example="Two joint patrols were held in August.")


def _error(box: ReadText, ref: str, column: str) -> Finding:
    odd = query(
        "excel-error",
        box.value,
        ref,
        column,
        found=box.value.text,
        wanted="This is an Excel error; a text that begins with = or - can cause it. Please type the words again.",
    )
    return replace(odd, severity=Severity.FAULT)


def _unsigned(label: str, cell: Cell | None) -> Finding:
    where = cell or Cell(sheet=layout.SIGN_OFF, cell="", type=CellType.BLANK)
    return query(
        "not-signed",
        where,
        label,
        layout.ENTRY,
        found="nothing",
        wanted="Please tell us in a reply who completed the form, in what position and when, or fill it in next time.",
    )


def _both_ticks(cell: Cell) -> Finding:
    odd = query(
        "both-ticks",
        cell,
        layout.NIL,
        layout.ENTRY,
        found="both ticks: nothing to report, and declined",
        wanted="Please keep only one of the two.",
    )
    return replace(odd, severity=Severity.FAULT)
