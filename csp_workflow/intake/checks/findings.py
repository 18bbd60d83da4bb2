"""What a check of one form comes to, what each finding asks for, and what a site's own checks make of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from csp_workflow.forms import layout
from csp_workflow.terms.cells import ONLY_IN_EXCEL, RAISED, Cell, CellType, Sighting
from csp_workflow.terms.checks import RULES, CheckOutcome, Checks, CheckSubject, name_subject
from csp_workflow.terms.figures import Figure, MeasureKind
from csp_workflow.terms.personal import PERSONAL, keep_back
from csp_workflow.terms.phrases import plain_day, uncapital
from csp_workflow.terms.returns import (
    FigureRow,
    Finding,
    FormDefinition,
    Narrative,
    ReadForm,
    Reading,
    Severity,
    SignOff,
)

_CHOOSE = "choose a reason in the Status column"
WANTED: Mapping[str, str] = {
    # Of a figure
    "blank-required": f"Please type a figure, or {_CHOOSE}. Please type 0 only if the answer is none.",
    "excel-error": "This is an Excel error. Please type the figure itself.",
    "only-in-excel": "We cannot read what Excel shows here, such as a picture in the cell. Please type it itself.",
    "not-calculated": "The result of this formula was not saved. Please open the workbook, save it and send it again, "
    "or type the figure.",
    "struck-out": f"This is struck through. Please type the figure we should use, or clear the cell and {_CHOOSE}.",
    "shown-otherwise": "The screen shows one thing and the cell holds another. Please type it again, in a cell that "
    "shows it as you mean it.",
    "not-seen": "Nobody can see this on the screen. Please type it so that it is seen, or clear the cell and "
    f"{_CHOOSE}.",
    "so-far": "This does not look like the whole quarter's figure. Please type the figure alone and choose "
    "“Provisional” in the Status column, or choose “Not available yet”.",
    "point-or-comma": "The point may part thousands or be a decimal point. Please type the figure again, such as 1204 "
    "or 1.2.",
    "comment-differs": "The comment has another number than the cell. Please type the right one in the cell, or reply "
    "and say that the cell is right.",
    "note-differs": "The note gives another number than the cell. Please type the right one in the cell, or reply and "
    "say that the cell is right.",
    "note-denies": "The note reads as if the force's figure were not right. If so, please choose “Disputed” in its "
    "row; if not, please reply and say that the figure is right.",
    "note-withholds": "The note says that this figure is not to be used as it is, so we did not record it. Please type "
    f"the figure that may be used and change the note, or {_CHOOSE}.",
    "note-unfirm": "This reads as if the figure were not final, or not that of the whole quarter. If so, "
    "please choose “Provisional” or “Estimated” in the Status column, or type the right one; if not, please say so.",
    "highlighted": "You coloured this. If that means something, such as provisional, please choose it in the Status "
    "column or say so in a reply; if not, you need do nothing.",
    "words-beside": "We did not record this, since it stands in no box of ours. If it changes an answer, please type "
    "it in the box it belongs to, or say so in a reply.",
    "note-only": "The cell is empty, but its comment says something. Please type the figure in the cell.",
    "yes-or-no": f"Please type a figure here, or {_CHOOSE}.",
    "date-not-number": "This cell holds a date or a time; Excel may have changed what you typed. "
    "Please type the figure again in a cell formatted as a number.",
    "unreadable-number": f"Please type one plain number, or {_CHOOSE}.",
    "which-is-it": "This can mean none or not known. Please type 0 if there were none, "
    "or choose “Not available yet” in the Status column.",
    "not-applicable-or-available": "Please choose “Not available yet” or “Not applicable” in the Status column.",
    "one-figure": f"We need one figure. Please type it, or {_CHOOSE} and explain in the last column.",
    "full-number": "Please type the whole number in figures.",
    "other-unit": "This does not look like the unit we asked for. Please type the number alone, in {unit}.",
    "nil-or-zero": "Please type 0 if that was the result, or choose “Not available yet” or “Not applicable” "
    "in the Status column.",
    "starred": "Please tell us what the * means, in the last column.",
    # Of a share
    "out-of-how-many": "Out of how many is this? Please type that number under “Out of”. If nobody knows it, "
    "you need do nothing: the figure is printed as it is, and not compared.",
    "share-and-counts-differ": "The per cent and the two counts say different things. We used the counts. Please clear "
    "what is wrong.",
    "counts-differ": "These cells say different things. Please keep what is right, and clear the rest.",
    "no-whole-count": "No whole number is so many per cent of that. Please type two whole numbers: how many under "
    "“This quarter”, and under “Out of” out of how many.",
    "not-asked": "This row asks for one figure only, under “This quarter”. Please put the figure there, and clear this "
    "cell.",
    # Of a figure beside what was known
    "figure-and-status-differ": "The figure and its Status say different things. Please keep the one that is right.",
    "unknown-status": "We could not use this. Please choose from the list in the Status column.",
    "proposed-revision": "You changed an earlier figure. Please reply and say whether we should record it as a "
    "revision, and why. Until then we keep the earlier one.",
    "police-figure-overwritten": "We recorded your figure as a dispute; the force's figure stands until it answers. If "
    "you only meant to confirm, please reply and say so.",
    "police-figure-not-supplied": "When this form went out the police had not supplied this figure, so there was "
    "nothing to check and we did not record this. If it should be known, please reply and say so.",
    "dispute-unexplained": "Please say in the last column what you think is wrong. The force's analyst reads it.",
    "unconfirmed": "Please choose “Confirmed” in the row ALL if the police figures look right to you, or “Disputed” in "
    "the row of one that does not.",
    "unknown-answer": "Please choose “Confirmed” or “Disputed” from the list.",
    "dispute-which": "Please choose “Disputed” in the row of the figure that looks wrong and say why there. In the row "
    "ALL please choose “Confirmed” for the others.",
    "two-answers": "Two answers came. The first stands for now. Please agree on one, and type it here on the form "
    "attached.",
    # Of rows, columns and sheets
    "missing-column": "Please put the column's heading back as it was, or copy your figures into the form attached.",
    "missing-row": "Please fill in this row on the form attached, or say in a reply why it was taken out.",
    "two-candidates": "This stands in more than one place, and says different things, so we took none of it. Please "
    "keep the right one only, or type it in the form attached.",
    "row-mixed-up": "Please check that this figure belongs to the ref beside it.",
    "picture": "We cannot read pictures. If it holds figures, please type them into the cells.",
    "merged": "We read a merged entry as the first of its rows only. Please say which rows it belongs to, or "
    "undo the merging and fill in each row.",
    # Of words
    "struck-words": "We cannot be sure how this should read: it, or a part of it, is struck through, raised, or "
    "cannot be seen. So we did not record it. Please write it as it should stand, or clear the cell.",
    "unknown-quick-answer": "We could not use this. Please choose from the list, or write in your own words.",
    "goes-on-open": "Please choose beside the objective whether it goes on next year, was reached, or ends here.",
    "promise-open": "Please say under “Promise now” whether what you promised last quarter is kept, under way or "
    "dropped.",
    PERSONAL: "Please write this again without anything by which a person could be recognised. Until then nobody is "
    "shown it, and the form that we sent back leaves it out. If it is not personal, please reply and say so: our "
    "co-ordinator can take it as it is.",
    # Of the sign-off
    "not-signed": "Please tell us in a reply who completed the form, in what position and when, or fill it in next "
    "time.",
    "both-ticks": "Please keep only one of the two.",
    "unclear-tick": "We could not tell whether this is a tick, so we did not take it for one. Please choose “Yes”, or "
    "clear the cell.",
    "tick-and-figures": "Please clear the tick if the figures count, or clear the figures if the tick is meant.",
}
"""What each finding asks for, by its code; the same words for every cell, so that cells can be grouped.

Of what a site may have checked or not, its own table says it (`apply_checks`)."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a form came from: the message, the attachment's hash, and the London day it arrived."""

    message: str
    attachment: str
    day: date


@dataclass(frozen=True, kw_only=True)
class FormParts:
    """What one part of a form holds: its values, what was found in it, and what is said of it.

    `unrecorded` says what was seen, by sheet and cell, and is none of its values.
    """

    figures: tuple[Figure, ...] = ()
    narratives: tuple[Narrative, ...] = ()
    findings: tuple[Finding, ...] = ()
    readings: tuple[Reading, ...] = ()
    disputes: tuple[tuple[str, str, str], ...] = ()
    confirmed: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    unrecorded: tuple[str, ...] = ()
    touched: bool = False


@dataclass(frozen=True, kw_only=True)
class SeenBeside:
    """What was seen beside the answers of a form: all but colours (`told`), on which sheets ours are, in colours of
    theirs, what is asked of these (`lit`); and what is told of the files that came with it."""

    told: tuple[Sighting, ...] = ()
    sheets: frozenset[str] = frozenset()
    colours: tuple[Sighting, ...] = ()
    lit: tuple[Finding, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SeenForm:
    """A form with everything that was asked in it once; what is asked of answers that nobody can be sure of, and of
    those that may name somebody, and all that was seen beside them."""

    read: ReadForm = field(default_factory=ReadForm)
    unsure: tuple[Finding, ...] = ()
    personal: tuple[Finding, ...] = ()
    beside: SeenBeside = field(default_factory=SeenBeside)


@dataclass(frozen=True, kw_only=True)
class CheckedForm:
    """A form, checked: what is in it, who signed it, and the two ticks that speak for the whole return.

    `seen` is what it was checked by.
    """

    parts: FormParts
    seen: SeenForm = field(default_factory=SeenForm)
    sign_off: SignOff = field(default_factory=SignOff)
    nil: bool = False
    declined: bool = False
    reason: str = ""

    @property
    def touched(self) -> bool:
        """Whether any input is not as it was sent."""
        return self.parts.touched

    @property
    def content(self) -> str:
        """A hash over figures, narratives, disputes and sign-off: the same in whatever file they stand."""
        said = [
            sorted(_figure_words(f) for f in self.parts.figures),
            sorted(_narrative_words(n) for n in self.parts.narratives),
            sorted(self.parts.disputes),
            [self.sign_off.completed_by, self.sign_off.position, self.sign_off.date],
            # What was written beside the boxes makes another version, which is answered.
            *([list(self.parts.unrecorded)] if self.parts.unrecorded else []),
            # Two unreadable cells are not the same content: what was found in them tells them apart.
            sorted([f.code, f.key, f.column, f.found] for f in self.parts.findings),
            # A form of the first layout does not say which police figures were confirmed, and keeps its hash.
            *([sorted(self.parts.confirmed)] if self.parts.confirmed else []),
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()


def combine_parts(parts: Iterable[FormParts]) -> FormParts:
    """Several parts as one, in order."""
    every = tuple(parts)
    return FormParts(
        figures=tuple(x for p in every for x in p.figures),
        narratives=tuple(x for p in every for x in p.narratives),
        findings=tuple(x for p in every for x in p.findings),
        readings=tuple(x for p in every for x in p.readings),
        disputes=tuple(x for p in every for x in p.disputes),
        confirmed=tuple(x for p in every for x in p.confirmed),
        remarks=tuple(x for p in every for x in p.remarks),
        unrecorded=tuple(x for p in every for x in p.unrecorded),
        touched=any(p.touched for p in every),
    )


def short_text(text: str) -> str:
    """A text on one short line, for a letter."""
    one_line = " ".join(keep_back(text).split())
    return one_line if len(one_line) <= 80 else f"{one_line[:79]}…"


def say_seen(cell: Cell, *about: str) -> str:
    """What stands in a cell and where, for what was seen and not recorded: "Your figures, J7 (L1, Status): “Final”"."""
    return f"{keep_back(cell.sheet)}, {cell.cell} ({', '.join(about)}): “{short_text(cell.text)}”"


def ask_about(
    code: str, cell: Cell, key: str, column: str, found: str, *, is_fault: bool = False, example: str = ""
) -> Finding:
    """A finding in a cell: something odd, which may be explained, or a fault, which must be mended."""
    severity = Severity.FAULT if is_fault else Severity.QUERY
    return Finding(
        code=code, severity=severity, sheet=cell.sheet, cell=cell.cell, key=key, column=column, found=keep_back(found),
        wanted="" if code in RULES else WANTED[code], example=example,
    )  # fmt: skip


def ask_about_row(
    code: str, row: FigureRow, cell: Cell, found: str, *, column: str = layout.THIS_QUARTER, is_fault: bool = False
) -> Finding:
    """A finding in a row of figures."""
    return ask_about(code, cell, layout.figure_key(row.area.code, row.ref), column, found, is_fault=is_fault)


def _narrative_words(told: Narrative) -> list[str]:
    # What is no quick answer keeps the hash that it had before there were any.
    return [told.ref, told.text, told.promise] + [str(said) for said in (told.answer, told.promise_now) if said]


def find_doubt(cell: Cell) -> tuple[str, str] | None:
    """Why what a cell holds may not be what its sender shows there: a finding's code, and what was found."""
    if cell.rivals:
        return "two-candidates", "; ".join(map(_say_candidate, (cell, *cell.rivals)))
    if cell.struck:
        return "struck-out", f"{short_text(cell.text)}, struck through"
    if cell.hidden:
        return "not-seen", short_text(cell.seen)
    if cell.shown is None:
        return "shown-otherwise", f"{short_text(cell.text)}, in a number format that we cannot read"
    return None


_CHOSEN = frozenset({layout.STATUS, layout.CONFIRM, layout.DROVE_IT, layout.QUICK, layout.PROMISE_NOW})
"""The columns in which something is chosen from a list."""

_ERROR_IN_WORDS = "This is an Excel error; a text that begins with = or - can cause it. Please type the words again."


def ask_about_words(cell: Cell, key: str, column: str, *, is_fault: bool = False) -> Finding | None:
    """What is asked of words of which nobody can be sure, and which are not recorded; None of all others.

    What is asked stays open until something comes in its place. A question of ours is no row to come back to.
    """
    if cell.uncalculated:
        code, found = "struck-words", "a formula without a saved result"
    elif cell.is_blank:
        return None
    elif cell.type is CellType.ERROR:
        code, found = "only-in-excel" if cell.text == ONLY_IN_EXCEL else "excel-error", cell.text
    elif doubt := find_doubt(cell):
        code, found = "two-candidates" if cell.rivals else "struck-words", doubt[1]
    elif RAISED in (cell.shown or ""):
        code, found = "struck-words", short_text(cell.seen)
    elif cell.shown and column in _CHOSEN:
        code, found = "shown-otherwise", short_text(cell.seen)
    else:
        return None
    if column in {layout.ANSWER, layout.WORDS} and cell.sheet == layout.QUESTIONS:
        key, found = "", f"{key}: {found}"
    asked = replace(ask_about(code, cell, key, column, found, is_fault=is_fault), is_doubt=bool(key))
    return replace(asked, wanted=_ERROR_IN_WORDS) if code == "excel-error" else asked


def _say_candidate(cell: Cell) -> str:
    """What stands in one of several cells, and where; whether our form had it there settles nothing, but helps."""
    ours = ", where our form had it" if cell.is_named else ""
    struck = ", struck through" if cell.struck else ""
    return f"“{short_text(cell.seen)}”{struck} in {cell.cell} of the sheet “{keep_back(cell.sheet)}”{ours}"


def _figure_words(figure: Figure) -> list[str]:
    value = "" if figure.value is None else str(figure.value.normalize())
    said = [figure.series, figure.area, figure.period, value, figure.status, figure.note, figure.drove_it]
    # Whatever is no share keeps the hash that it had before shares were asked as counts.
    return said + [str(n) for n in (figure.count, figure.base) if n is not None]


def list_subjects(form: FormDefinition) -> Mapping[str, CheckSubject]:
    """What findings may be about, by their keys."""
    boxes = (*(box.ref for box in form.summary), *(action.ref for action in form.actions))
    words = {ref: name_subject(ref, MeasureKind.NARRATIVE) for ref in boxes}
    rows = {layout.figure_key(row.area.code, row.ref): name_subject(row.ref, row.kind) for row in form.figures}
    return rows | words


def settle_findings(
    findings: Iterable[Finding], subjects: Mapping[str, CheckSubject], checks: Checks
) -> Iterator[Finding]:
    """Findings as the site has them. What no rule of its table finds stays as it is."""
    for finding in findings:
        if finding.code not in RULES:
            yield finding
            continue
        check = checks.find(finding.code, subjects[finding.key])
        if check is None:
            continue
        # Beside a figure that stands all the same, or in a row that is not owed, an impossible one is a query already.
        is_fault = check.finding is CheckOutcome.FAULT and (finding.is_fault or not RULES[finding.code].withholds)
        yield replace(finding, severity=Severity.FAULT if is_fault else Severity.QUERY, wanted=check.words)


def say_unchecked(subjects: Mapping[str, CheckSubject], checks: Checks) -> Iterator[str]:
    """What a form is not checked for, until when and why, where a waiver says so of anything on it."""
    for waiver in checks.waivers:
        if any(checks.find_waiver(waiver.check, subject) is waiver for subject in subjects.values()):
            of = f" in {waiver.measure}" if waiver.measure else ""
            because, about = uncapital(waiver.reason.rstrip(".")), RULES[waiver.check].about
            yield f"Not checked until {plain_day(waiver.until)}, because {because}: {about}{of}."
