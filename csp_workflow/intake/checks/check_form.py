"""A form that came back against its definition as sent: its words, its sign-off, and what is odd about whole sheets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Protocol, TypeVar

from csp_workflow.forms import layout
from csp_workflow.forms.row_rules import OVER
from csp_workflow.intake.checks.candidates import ask_about_tick, name_rows, read_tick, settle_candidates
from csp_workflow.intake.checks.check_figures import check_figures
from csp_workflow.intake.checks.compare_figures import compare_words
from csp_workflow.intake.checks.findings import (
    CheckedForm,
    FormParts,
    Origin,
    SeenForm,
    ask_about,
    combine_parts,
    list_subjects,
    say_seen,
    say_unchecked,
    settle_findings,
    short_text,
)
from csp_workflow.intake.checks.unrecorded import find_beside, tell_beside
from csp_workflow.mail.words import plain_words
from csp_workflow.terms.cells import Cell, CellType, FormVersion, PromiseState, QuickAnswer, Sighting
from csp_workflow.terms.checks import Checks
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.personal import PERSONAL, find_personal_details
from csp_workflow.terms.phrases import joined, plain_day, says_something
from csp_workflow.terms.returns import (
    FORM_VERSION,
    Finding,
    FormAge,
    FormDefinition,
    Narrative,
    ReadForm,
    Reading,
    ReadText,
    SignOff,
    SummaryRow,
    find_age,
)
from csp_workflow.terms.written_days import DayNotRead, read_day

C = TypeVar("C")

_QUOTES = {"comment-differs", "note-only", "proposed-revision"}
"""What asks about a cell with the words of the comment on it, or with what was typed over ours."""


def look_at_form(
    form: FormDefinition, read: ReadForm, *, sent: tuple[Sighting, ...] | None = None, ours: str = ""
) -> SeenForm:
    """Count a form's candidates, and see what is theirs beside them. `form` is its definition as sent, and `sent` all
    that could be seen on it then, None where nobody knows. `ours` are our own addresses and numbers: they name nobody.
    """
    read = name_rows(form, read)
    beside = find_beside(form, read, sent=sent)
    personal = tuple(_find_personal(read, ours))
    settled, unsure = settle_candidates(form, read)
    return SeenForm(read=settled, unsure=unsure, personal=personal, beside=beside)


def check_form(
    form: FormDefinition,
    seen: SeenForm,
    origin: Origin,
    *,
    before: Mapping[str, Narrative],
    checks: Checks,
    ours: str = "",
) -> CheckedForm:
    """Check a form that was looked at. `before` is what the respondent wrote last quarter, by ref, and `checks` are
    those in force for the respondent."""
    subjects, read, unsure = list_subjects(form), seen.read, seen.unsure
    personal = (*seen.personal, *_find_personal(read, ours))
    signed = _check_sign_off(read, origin.day)
    parts = (check_figures(form, read, origin, checks), _check_summary(form, read), _check_actions(form, read))
    answered = combine_parts(
        (
            *(_without_asked(part, unsure) for part in (*parts, signed.parts)),
            FormParts(findings=(*unsure, *personal, *_whole_sheets(read)), touched=bool(unsure)),
        )
    )
    answered = replace(answered, findings=tuple(_place_revisions(answered.findings, seen)))
    quoted = {(f.sheet, f.cell) for f in _without_consequences(answered.findings) if f.code in _QUOTES}
    whole = combine_parts((answered, tell_beside(seen.beside, ours=ours, asked=quoted)))
    compared = compare_words(form, whole.narratives, before, subjects, checks)
    findings = _without_consequences(tuple(settle_findings((*whole.findings, *compared), subjects, checks)))
    said = (*say_unchecked(subjects, checks), *_note_answers(read), *note_layout(form.reference.form))
    remarks = tuple(dict.fromkeys((*whole.remarks, *said, *read.remarks)))
    return replace(signed, parts=replace(whole, findings=findings, remarks=remarks), seen=seen)


def _place_revisions(findings: Iterable[Finding], seen: SeenForm) -> Iterator[Finding]:
    """The findings, what is asked of an earlier figure at the cell in which it was changed."""
    changed = {(one.key, layout.same(one.header)): one.cell for one in seen.beside.told if one.key}
    for f in findings:
        at = changed.get((f.key, layout.same(f.column))) if f.code == "proposed-revision" else None
        yield replace(f, cell=at) if at else f


ANSWERED = "To our question "
"""How what was answered beside a question is said back begins."""


def _note_answers(read: ReadForm) -> Iterator[str]:
    """What was answered beside our questions, said back."""
    for box in read.questions:
        said = "; ".join(short_text(cell.text) for cell in (box.value, box.extra) if cell and not cell.is_blank)
        if said:
            yield f"{ANSWERED}{box.ref} you answered: {said.removesuffix('.')}."


def note_layout(version: FormVersion) -> Iterator[str]:
    """What is said of a form whose layout is not the one that is sent now."""
    if (age := find_age(version)) in _AGES:
        yield _AGES[age].format(version=version, now=FORM_VERSION)


_AGES = {
    FormAge.MINOR: "Your form has layout {version}, and today's is {now}. We read both alike; you need do nothing.",
    FormAge.MAJOR: "Your form has an earlier layout ({version}). We read all of it; the form that goes back to you has "
    "today's layout ({now}).",
    FormAge.NEWER: "Your form has a later layout ({version}) than ours ({now}). Please look whether we read all of it.",
}


class Reported(Protocol):
    """What is recorded of a form: by a check, or in a version."""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Its figures."""

    @property
    def narratives(self) -> tuple[Narrative, ...]:
        """Its words."""


def reports_something(recorded: Reported) -> bool:
    """Whether it is more than nothing to report. A 0 in every row goes with that; no other figure does."""
    return any(f.value for f in recorded.figures) or any(n.text or n.promise for n in recorded.narratives)


def contradicting_ticks(checked: CheckedForm) -> Finding | None:
    """The fault of a form ticked as nil or declined that reports something all the same; None when it does not."""
    if not ((checked.nil or checked.declined) and reports_something(checked.parts)):
        return None
    tick = layout.NIL if checked.nil else layout.DECLINE
    cell = Cell(sheet=layout.SIGN_OFF, cell="", type=CellType.BLANK)
    return ask_about(
        "tick-and-figures", cell, tick, layout.ENTRY, "this tick, and figures or words as well", is_fault=True
    )


def _whole_sheets(read: ReadForm) -> Iterator[Finding]:
    for sheet in read.pictures:
        yield ask_about("picture", Cell(sheet=sheet, cell="", type=CellType.BLANK), "", "", "a picture")
    for sheet, place in read.merged_inputs:
        cell = Cell(sheet=sheet, cell=place, type=CellType.BLANK)
        yield ask_about("merged", cell, "", "", "cells merged into one")


def _without_asked(parts: FormParts, unsure: Iterable[Finding]) -> FormParts:
    """A part without what is said of cells that count as empty only because they are asked about."""
    asked = {(f.sheet, f.cell) for f in unsure}
    return replace(parts, findings=tuple(f for f in parts.findings if (f.sheet, f.cell) not in asked))


def _without_consequences(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Root faults first: a cell that is empty is not also asked about for anything that follows from it."""
    blanks = {(f.sheet, f.cell) for f in findings if f.is_fault and f.cell}
    kept = [f for f in findings if f.is_fault or (f.sheet, f.cell) not in blanks or f.code in {"picture", "merged"}]
    return tuple(dict.fromkeys(kept))


# The words of a form: the summary, the answers to the boards, the sign-off, the notes -------------


_QUICK = {layout.same(words): answer for words, answer in layout.QUICK_MEANS.items()}
_NEAR_QUICK = {
    QuickAnswer.NOTHING_NEW: re.compile(
        r"(?:(?:there (?:is|are|was|were|has been|have been)|we have|i have) )?(?:still )?"
        r"(?!(?:none|nil)$)(?:nil return|nothing has changed|"
        r"(?:nothing|none|nil)(?: (?:new|further|else|more|significant))?|"
        r"no(?=(?: \w+)? (?:news|change|update|development|request|ask))(?: (?:new|further|other|significant))?)"
        r"(?: (?:news|changes?|updates?|developments?|requests?|asks?|to (?:report|add|say|tell|note|ask)))*"
        r"(?: (?:at (?:this time|present|the moment)|(?:in |for |during )?(?:this|the) (?:quarter|time|period)|for now|"
        r"(?:since|from) (?:the )?last (?:quarter|time|report|return)|currently|thanks|thank you))*"
    ),
    QuickAnswer.STILL_HOLDS: re.compile(r"(?:(?:the |our )?(?:last quarter s |previous |earlier )?text )?still holds"),
    QuickAnswer.GOES_ON: re.compile(r"goes on|continu(?:es|ing)|ongoing|on going|carr(?:y|ies) on"),
    QuickAnswer.REACHED: re.compile(r"reached|achieved|(?:reached|achieved|completed?) and end(?:s|ed)"),
    QuickAnswer.ENDS: re.compile(r"end(?:s|ed)|stop(?:s|ped)"),
}
"""Our choices for a quick answer, and what else people write for them, as plain words."""
_ALONE = frozenset(("none", "nil", "no", "yes"))
"""What is neither an answer nor a text where it stands alone: nobody can tell what of."""
_PROMISE = {layout.same(words): state for words, state in layout.PROMISE_MEANS.items()} | {
    **dict.fromkeys(("done", "completed", "complete", "yes", "met", "achieved", "delivered"), PromiseState.KEPT),
    **dict.fromkeys(("ongoing", "on-going", "inprogress", "started", "continuing", "partly"), PromiseState.UNDER_WAY),
    **dict.fromkeys(("cancelled", "stopped", "abandoned", "notpursued"), PromiseState.DROPPED),
}
"""Our choices, and what else people write for them."""


def _check_summary(form: FormDefinition, read: ReadForm) -> FormParts:
    """Check the contextual summary."""
    found = {layout.same(box.ref): box for box in read.summary}
    checked = (_check_box(row, found.get(layout.same(row.ref))) for row in form.summary)
    return combine_parts(checked)


def _check_box(row: SummaryRow, box: ReadText | None) -> FormParts:
    """A row of the summary: words, or a quick answer; and what became of an earlier promise."""
    if box is None:
        column = layout.QUICK if row.is_of_objective else layout.HAPPENED
        missing = _missing_words(layout.sheet_of_box(row), row.ref, column, row.heading, box)
        return FormParts(findings=(missing,) if row.required else ())
    told, at = _take_answers(row, box, _narrative(row.ref, box))
    findings = [*_odd_answers(row, box, told), *_odd_words(told, box, layout.HAPPENED, row)]
    is_said = bool(told.text or told.promise or told.answer or told.promise_now)
    is_left = row.quick and at is not box.quick and (told.text or at)
    return FormParts(
        narratives=(told,) if is_said else (),
        findings=tuple(findings),
        readings=tuple(_say_back(told, at, box.promise_now)),
        touched=is_said,
        unrecorded=(*(_tell_quick(row, box) if is_left else ()), *_tell_signs(told, box, findings, at)),
    )


def _say_back(told: Narrative, at: Cell | None, promised: Cell | None) -> Iterator[Reading]:
    """A quick answer, or what became of a promise, that was given in other words than ours."""
    if at and told.answer and layout.same(at.text) not in _QUICK:
        words = next(words for words, answer in layout.QUICK_MEANS.items() if answer is told.answer)
        yield Reading(sheet=at.sheet, cell=at.cell, typed=short_text(at.text), recorded=words)
    kept = next((words for words, state in layout.PROMISE_MEANS.items() if state is told.promise_now), "")
    if promised and kept and layout.same(promised.text) != layout.same(kept):
        yield Reading(sheet=promised.sheet, cell=promised.cell, typed=short_text(promised.text), recorded=kept)


def _tell_quick(row: SummaryRow, box: ReadText) -> Iterator[str]:
    """What was chosen beside words, which outweigh it."""
    if box.quick is not None and not layout.is_left_empty(box.quick.text):
        yield f"{say_seen(box.quick, row.ref, layout.QUICK)}, since you wrote words as well"


def _tell_signs(told: Narrative, box: ReadText, findings: Iterable[Finding], at: Cell | None = None) -> Iterator[str]:
    """What is recorded of neither the words nor the promise, where it is not asked about: digits, signs, "Nothing new"
    where that is no answer. What was taken as an answer stood `at` a cell."""
    asked = {one.cell for one in findings}
    for cell, kept in ((box.value, told.text), (box.extra, told.promise)):
        if cell and not (cell.is_blank or cell is at or cell.text.strip() == kept or cell.cell in asked):
            yield say_seen(cell, told.ref)


def _take_answers(row: SummaryRow, box: ReadText, told: Narrative) -> tuple[Narrative, Cell | None]:
    """What is told, with what was chosen beside it, and the cell in which that stood. Words outweigh a quick answer;
    what still holds is repeated. A choice counts wherever it is typed, and is never text."""
    typed = _read_quick(told.text)
    is_choice = typed in row.quick or typed is QuickAnswer.NOTHING_NEW or layout.same(told.text) in _QUICK
    if is_choice or plain_words(told.text) in _ALONE:
        told = replace(told, text="")
    if _read_quick(told.promise) is QuickAnswer.NOTHING_NEW or plain_words(told.promise) in _ALONE:
        told = replace(told, promise="")
    chosen = None if told.text and not row.is_of_objective else _read_quick(box.quick.text if box.quick else "")
    both = ((chosen, box.quick), (typed, box.value))
    answer, at = next(((one, cell) for one, cell in both if one in row.quick), (None, None))
    text = row.played_back if answer is QuickAnswer.STILL_HOLDS else told.text
    promise_now = _find_choice(_PROMISE, box.promise_now) if row.promise else None
    return replace(told, text=text, answer=answer, promise_now=promise_now), at


def _read_quick(text: str) -> QuickAnswer | None:
    """The quick answer that a text is, whether or not its row offers it."""
    plain = plain_words(text)
    near = [answer for answer, words in _NEAR_QUICK.items() if words.fullmatch(plain)]
    return _QUICK.get(layout.same(text)) or next(iter(near), None)


def _find_choice(choices: Mapping[str, C], cell: Cell | None) -> C | None:
    return choices.get(layout.same(cell.text)) if cell else None


def _odd_answers(row: SummaryRow, box: ReadText, told: Narrative) -> Iterator[Finding]:
    is_chosen = box.quick is not None and not layout.is_left_empty(box.quick.text)
    if row.promise and told.promise_now is None and box.promise_now is not None:
        found = short_text(box.promise_now.text) or "nothing"
        yield ask_about("promise-open", box.promise_now, row.ref, layout.PROMISE_NOW, found)
    if told.answer or (told.text and not row.is_of_objective):
        return
    if box.quick is not None and is_chosen and row.quick:
        found = short_text(box.quick.text)
        yield ask_about("unknown-quick-answer", box.quick, row.ref, layout.QUICK, found, is_fault=row.required)
    elif row.is_of_objective and row.required:
        where = box.quick or Cell(sheet=layout.YEAR, cell="", type=CellType.BLANK)
        yield ask_about("goes-on-open", where, row.ref, layout.QUICK, "nothing chosen", is_fault=True)
    elif row.required:
        yield _missing_words(layout.sheet_of_box(row), row.ref, layout.HAPPENED, row.heading, box)


def _check_actions(form: FormDefinition, read: ReadForm) -> FormParts:
    """Check the answers to what the boards asked; how an action stands is kept beside its answer."""
    found = {layout.same(box.ref): box for box in read.actions}
    narratives, findings = [], []
    unrecorded: list[str] = []
    for row in form.actions:
        box = found.get(layout.same(row.ref))
        if box is None or _is_empty(box):
            findings.append(_missing_words(layout.ACTIONS, row.ref, layout.ANSWER, row.wording, box))
            continue
        told = _narrative(row.ref, box)
        narratives.append(told)
        findings += _odd_words(told, box, layout.ANSWER, None)
        unrecorded += _tell_signs(told, box, findings)
    return FormParts(
        narratives=tuple(narratives),
        findings=tuple(findings),
        unrecorded=tuple(unrecorded),
        touched=bool(narratives),
    )


def _check_sign_off(read: ReadForm, today: date) -> CheckedForm:
    """Read the sign-off and nothing else. Ticks are explicit: what is neither plainly one nor plainly none is asked."""
    cells = {layout.same(box.ref): box.value for box in read.sign_off}
    odd = {label: one for label, cell in cells.items() if (one := _ask_about_tick(label, cell))}

    def typed(label: str) -> str:
        cell = cells.get(layout.same(label))
        if cell is None or cell.is_blank or layout.same(label) in odd:
            return ""
        if label == layout.COMPLETED_BY and not _names_somebody(cell.text):
            return ""
        return " ".join(cell.text.split())

    nil, declined = (read_tick(typed(label)) is True for label in (layout.NIL, layout.DECLINE))
    findings = tuple(
        _missing_signature(label, cells.get(layout.same(label)))
        for label in _required_labels()
        if not typed(label) and layout.same(label) not in odd
    )
    findings += tuple(odd.values())
    if nil and declined:
        cell, found = cells[layout.same(layout.NIL)], "both ticks: nothing to report, and declined"
        findings += (ask_about("both-ticks", cell, layout.NIL, layout.ENTRY, found, is_fault=True),)
    left: tuple[str, ...] = ()
    if (why := cells.get(layout.same(layout.REASON))) and typed(layout.REASON) and not (nil or declined):
        left = (f"{say_seen(why, layout.REASON)}, without a tick",)
    if is_early := _is_to_come(typed(layout.DATE), today):
        left += (f"{say_seen(cells[layout.same(layout.DATE)], layout.DATE)}, a day that is still to come",)
    touched = any(typed(row.label) for row in layout.SIGN_OFF_ROWS)
    return CheckedForm(
        parts=FormParts(findings=findings, unrecorded=left, touched=touched),
        sign_off=SignOff(
            completed_by=typed(layout.COMPLETED_BY),
            position=typed(layout.POSITION),
            date="" if is_early else _say_day(typed(layout.DATE)),
        ),
        nil=nil,
        declined=declined,
        reason=typed(layout.REASON),
    )


_NOBODY = re.compile(r"none|nobody|no[ -]one|draft|unsigned|(?:to be|not(?: yet)?) (?:signed|completed)|(?:your )?name")


def _names_somebody(text: str) -> bool:
    """Whether it may name who completed a form: "Draft" and "To be signed" do not, nor do words that say nothing."""
    return says_something(text) and not _NOBODY.fullmatch(" ".join(text.split()).strip(".()[]").casefold())


def _is_to_come(typed: str, today: date) -> bool:
    """Whether a day with its year is after the one on which the form came."""
    try:
        return bool(re.search(r"20\d\d|[34]\d{4}", typed)) and read_day(_say_day(typed), today=today) > today
    except DayNotRead:
        return False


def _say_day(typed: str) -> str:
    """A day as people write it, where a program keeps a number or a date for it; else what was typed."""
    if re.fullmatch(r"[34]\d{4}", typed):
        return plain_day(date(1899, 12, 30) + timedelta(days=int(typed)))
    try:
        return plain_day(date.fromisoformat(typed[:10]))
    except ValueError:
        return typed


def _find_personal(read: ReadForm, ours: str) -> Iterator[Finding]:
    """What may name a person, in any cell that is filled in but those of the signature, comments included."""
    boxes = ((read.summary, layout.HAPPENED), (read.actions, layout.ANSWER), (read.questions, layout.WORDS))
    cells = [
        *(
            (layout.figure_key(row.area_code, row.ref), column, cell)
            for row in read.figures
            for column, cell in zip(layout.READ_INPUTS, row.inputs, strict=True)
        ),
        *((box.ref, column, cell) for texts, column in boxes for box in texts for cell in box.inputs),
    ]
    for key, column, cell in cells:
        if marks := tuple(find_personal_details(f"{cell.text}\n{cell.note}", ours=ours)):
            yield ask_about(PERSONAL, cell, key, column, f"what looks like {joined(marks)}", is_fault=True)


def _required_labels() -> Iterable[str]:
    return (row.label for row in layout.SIGN_OFF_ROWS if row.required)


def _is_empty(box: ReadText) -> bool:
    return not says_something(box.value.text) and (box.extra is None or box.extra.is_blank)


def _narrative(ref: str, box: ReadText) -> Narrative:
    text, promise = (one.text.strip() if one and says_something(one.text) else "" for one in (box.value, box.extra))
    return Narrative(ref=ref, text=text, sheet=box.value.sheet, cell=box.value.cell, promise=promise)


def _odd_words(told: Narrative, box: ReadText, column: str, row: SummaryRow | None) -> Iterator[Finding]:
    length = len(told.text.split())
    if row and length > row.words * OVER:
        found = f"{length} words, where the guide is about {row.words}"
        yield ask_about("over-long", box.value, told.ref, column, found)


def _missing_words(sheet: str, ref: str, column: str, what: str, box: ReadText | None) -> Finding:
    cell = box.value if box else Cell(sheet=sheet, cell="", type=CellType.BLANK)
    short = what if len(what) <= 60 else f"{what[:59]}…"
    said = short_text(cell.text) or "nothing"
    said += f", and a comment: “{short_text(cell.note)}”" if cell.note.strip() else ""
    if box and box.quick and not layout.is_left_empty(box.quick.text):
        said += f", and “{short_text(box.quick.text)}” under “{layout.QUICK}”, which this row does not offer"
    found, example = said if box else f"no row for {short}", "Two joint patrols were held in August."
    return ask_about("blank-text", cell, ref, column, found, is_fault=True, example=example)


def _ask_about_tick(label: str, cell: Cell) -> Finding | None:
    """What is asked of what is neither a tick nor none, in a box to tick."""
    name = next(row.label for row in layout.SIGN_OFF_ROWS if layout.same(row.label) == label)
    if cell.is_blank or name not in {layout.NIL, layout.DECLINE}:
        return None
    return ask_about_tick(cell, name)


def _missing_signature(label: str, cell: Cell | None) -> Finding:
    where = cell or Cell(sheet=layout.SIGN_OFF, cell="", type=CellType.BLANK)
    return ask_about("not-signed", where, label, layout.ENTRY, short_text(where.text) or "nothing")
