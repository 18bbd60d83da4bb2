"""The figures of a form: each row's value or status, what is odd about it, and what differs from what was known.

Differences are asked about because a slip of the finger looks the same; none is praised or blamed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from csp_workflow.forms import layout
from csp_workflow.intake.checks.cell_values import (
    NUMBER,
    is_in_per_cent,
    make_finding,
    normalise_text,
    read_typed_text,
    understand_cell,
)
from csp_workflow.intake.checks.check_police import Answers, check_answers, check_police_row
from csp_workflow.intake.checks.compare_figures import compare_figures
from csp_workflow.intake.checks.figure_status import STATUS_OF, may_be_wrong, normalise_words, read_with_status
from csp_workflow.intake.checks.findings import (
    FormParts,
    Origin,
    ask_about,
    ask_about_row,
    combine_parts,
    say_seen,
    short_text,
)
from csp_workflow.intake.checks.share_values import (
    UnderstoodRow,
    add_base,
    list_value_cells,
    understand_share,
)
from csp_workflow.terms.cells import Cell, CellType
from csp_workflow.terms.checks import Checks
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import DROVE_IT, Figure, FigureStatus, Provenance
from csp_workflow.terms.phrases import say_figure, says_something
from csp_workflow.terms.returns import (
    Entry,
    FigureRow,
    Finding,
    FormDefinition,
    Narrative,
    ReadFigureRow,
    ReadForm,
)

NEEDED = (layout.AREA_CODE, layout.REF, layout.THIS_QUARTER)
"""The columns without which no figure can be found."""

_MOVED = (
    "Some rows or columns stand elsewhere than we sent them; we read each figure by its area code, ref and heading."
)

_IN_PLACE = (
    r"(?:actual(?:ly)?|really|in fact|in truth|typo|s/b|(?:should|ought to) (?:\w+ )?(?:be|read|say|have been)|"
    r"(?:put right|correct(?:ed)?|revised|amended|updated|changed?) to|"
    r"please (?:use|read|enter|put|record)|for \d[\d,.]* read|(?:i|we) meant?|"
    r"(?:correct(?:ed)?|right|true|real|new|actual|final) (?:figure|number|total|count)(?: is| was)?|not \d[\d,.]* but|"
    r"(?:figure|number|total|count|it) is now|was \d[\d,.]*,? (?:and )?(?:is )?now)"
)
_ONE = rf"(?<![\w£.,/+]){NUMBER}(?![\d.,/]*\d|st\b|nd\b|rd\b|th\b| ?%| (?:more|fewer|less|higher|lower|of)\b)"
_CORRECTS = re.compile(
    rf"\b{_IN_PLACE}:?,? (?:(?:it|that|this) (?:is|was) |\w+ )?(?:(?:c\.|~|£) ?(?P<rough>{NUMBER})|(?P<put>{_ONE}))|"
    rf"(?P<then>{_ONE})%?,? (?:(?:is|was|has been|since) )?(?:corrected|instead|rather than|not (?=\d)|"
    r"is (?:the )?(?:right|correct|true|real)|(?:was|is) (?:meant|intended)|"
    r"\(?\d[\d,.]* (?:is|was) (?:\w+ )?(?:in error|wrong|a mistake|a typo))|"
    rf"\b(?:figure|number|total|count|it|that|this) is (?P<is>{_ONE})(?=[.;!)]|$)|"
    rf"^\W*(?P<alone>{_ONE})\W*(?:$|(?:was|were|not|previously|formerly)\W*\d)",
    re.IGNORECASE,
)
"""A note that puts another number in the place of the figure: "Actually 57", "57, corrected since", "57 (was 43)"."""

_ONES = [
    *("nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_IN_WORDS = re.compile(
    rf"\b(?:(?P<hundreds>a|{'|'.join(_ONES[1:10])}) hundred(?: and)? ?)?"
    rf"(?:(?P<tens>{'|'.join(_TENS)})(?:[- ](?P<unit>{'|'.join(_ONES[1:10])}))?|(?P<one>{'|'.join(_ONES[10:])}))?\b",
    re.IGNORECASE,
)
_SAYS_IT_IS = re.compile(
    r"^(?:(?:it|this|that|(?:the )?(?:figure|number|total|count)) )?(?:was|is|should (?:be|read|have been)):? "
)
_DENIES = re.compile(
    r"\b(?:wrong|incorrect|inaccurate|(?:not|n['\u2019]t) (?:right|correct|accurate|agree\w*|recogni[sz]e|"
    r"our(?:s| figure| number| count))|by our (?:count|records?|figures?)|(?:we|i) (?:have )?(?:a )?different \w+|"
    r"(?:(?:not|n['\u2019]t) (?:match|tally|fit|agree)|differs?|(?:low|high)er) (?:than |with |from )?(?:our|what we)|"
    r"disagree\w*|disput(?:e|ed|ing|es (?:th|it)\w*)|should be (?:low|high)er|under protest|"
    r"we (?:count|have|make it|recorded) \d[\d,]*"
    r"(?=\W*$|[.;,)]| (?:not|more|fewer|less)))(?:\b(?!-)|$)",
    re.IGNORECASE,
)
"""A note that says that the force's figure is not right."""

_CAUSES = {layout.same(cause): cause for cause in DROVE_IT}


def check_figures(form: FormDefinition, read: ReadForm, origin: Origin, checks: Checks) -> FormParts:
    """Check every row of the form; a column that is missing hides the rows that need it."""
    lost = _missing_columns(form, read)
    if any(f.is_fault for f in lost):
        return FormParts(findings=lost, touched=True)
    has_shares = any(row.out_of for row in form.figures)
    rows = {layout.row_key(row.area_code, row.ref): _leave_out(row, has_shares=has_shares) for row in read.figures}
    answers = check_answers(form, rows)
    found = [(row, rows.get(layout.row_key(row.area.code, row.ref))) for row in form.figures]
    unnamed = {key[1]: seen for key, seen in rows.items() if not key[0]}
    checked = combine_parts(
        _row(form, row, seen, origin, answers) if seen else _miss_row(row, unnamed.get(layout.same(row.ref)))
        for row, seen in found
    )
    came = {layout.figure_key(row.area.code, row.ref): _tell(form, row, seen) for row, seen in found if seen}
    compared = tuple(compare_figures(form, came, checked.figures, checks))
    whole = combine_parts((checked, answers.parts, FormParts(findings=(*compared, *lost))))
    return replace(whole, remarks=tuple(dict.fromkeys(whole.remarks)))


def _leave_out(seen: ReadFigureRow, *, has_shares: bool) -> ReadFigureRow:
    """A row without what we wrote where nothing is asked, or without counts where the form has no share."""

    def keep(cell: Cell) -> Cell:
        is_ours = layout.is_left_empty(cell.text) and not cell.is_blank
        return Cell(sheet=cell.sheet, cell=cell.cell, type=CellType.BLANK) if is_ours else cell

    how_many, out_of, _, status, drove_it, note = map(keep, seen.inputs)
    if not has_shares:
        how_many, out_of = (Cell(sheet=cell.sheet, cell=cell.cell, type=CellType.BLANK) for cell in (how_many, out_of))
    return replace(seen, how_many=how_many, out_of=out_of, status=status, drove_it=drove_it, note=note)


def _row(form: FormDefinition, row: FigureRow, seen: ReadFigureRow, origin: Origin, answers: Answers) -> FormParts:
    signs = FormParts(unrecorded=tuple(_tell_signs(row, seen)))
    if row.entry is Entry.CONFIRM:
        is_disputed = layout.same(seen.status.text) == layout.same(layout.DISPUTED)
        noted = () if is_disputed else tuple(_ask_about_note(form.quarter, row, seen))
        odd = FormParts(findings=(*_find_counts_not_asked(row, seen), *_ask_about_comments(row, seen), *noted))
        said = check_police_row(row, seen, answers)
        return combine_parts((replace(said, confirmed=()) if noted else said, odd, signs))
    told = _tell(form, row, seen)
    beside = (
        *_find_counts_not_asked(row, told),
        *_ask_about_comments(row, told),
        *_ask_about_note(form.quarter, row, told),
    )
    checked = combine_parts((_checked_row(form, row, told, origin), FormParts(findings=beside, touched=bool(beside))))
    is_replaced = any(f.code == "note-differs" for f in beside)  # who gives another number need not be asked twice
    asked = (f for f in checked.findings if not (is_replaced and f.code == "note-unfirm"))
    named = tuple(replace(f, column=layout.box_header(f.column, row.entry)) for f in asked)
    return combine_parts((checked if layout.is_of_before(form) else replace(checked, findings=named), signs))


def _tell_signs(row: FigureRow, seen: ReadFigureRow) -> Iterator[str]:
    """Digits, signs or "n/a" in the place of a cause."""
    cell = seen.drove_it
    is_asked = row.kind.is_number or row.entry is Entry.CONFIRM
    if is_asked and not cell.is_blank and not says_something(cell.text):
        key = layout.figure_key(row.area.code, row.ref)
        yield f"{say_seen(cell, key, layout.DROVE_IT)}, which names no cause"


def _tell(form: FormDefinition, row: FigureRow, seen: ReadFigureRow) -> ReadFigureRow:
    return seen if layout.is_of_before(form) else _tell_counts(row, seen)


def _tell_counts(row: FigureRow, seen: ReadFigureRow) -> ReadFigureRow:
    """A share as its row asks it: how many stands under This quarter, unless that says it is a per cent."""
    cell = seen.this_quarter
    if not row.is_counted or "%" in (cell.shown or "") or is_in_per_cent(cell.text):
        return seen
    blank = Cell(sheet=cell.sheet, cell=cell.cell, type=CellType.BLANK)
    return replace(seen, how_many=cell, this_quarter=blank)


def _checked_row(form: FormDefinition, row: FigureRow, first: ReadFigureRow, origin: Origin) -> FormParts:
    if not row.kind.is_number:
        return _words_row(row, first)
    checked = _value_row(form, row, first, origin)
    return combine_parts(
        (checked, FormParts(findings=tuple(find_moved_row(form, row, first)), remarks=note_move(first)))
    )


def _value_row(form: FormDefinition, row: FigureRow, seen: ReadFigureRow, origin: Origin) -> FormParts:
    understood = read_with_status(_understand_row(row, seen), row, seen, form.quarter)
    touched = any(not cell.is_blank for cell in seen.inputs)
    if understood.status is None:
        chosen = () if understood.findings else (seen.status,)  # where the figure is asked for, its status is too
        left = tuple(_tell_left(row, *chosen, seen.drove_it, seen.note))
        return FormParts(findings=understood.findings, unrecorded=left, touched=touched)
    figure = _figure(form, row, seen, understood, origin)
    remarks = (_small_number_remark(row, figure),) if _is_small(row, figure) else ()
    return FormParts(
        figures=(figure,),
        findings=understood.findings,
        readings=understood.readings,
        remarks=remarks,
        touched=touched,
    )


def _tell_left(row: FigureRow, *cells: Cell) -> Iterator[str]:
    """What was written on a row beside a cell that is empty, or chosen beside one that needs no choice."""
    key = layout.figure_key(row.area.code, row.ref)
    yield from (say_seen(cell, key) for cell in cells if not cell.is_blank)


def _understand_row(row: FigureRow, seen: ReadFigureRow) -> UnderstoodRow:
    """A share in per cent by its counts; everything else by the one cell that is asked, and the number behind it."""
    if row.is_counted:
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
    return add_base(row, seen, read) if row.kind.is_share and typed.value is not None else read


def _find_counts_not_asked(row: FigureRow, seen: ReadFigureRow) -> Iterator[Finding]:
    """What was typed into the columns of the shares on a row that asks no such number."""
    asked = layout.COUNT_INPUTS if row.is_counted else (layout.OUT_OF,) if row.out_of else ()
    for header, cell in list_value_cells(seen).items():
        if header in layout.COUNT_INPUTS and header not in asked and not cell.is_blank:
            found = f"{short_text(cell.text)} under “{header}”"
            yield ask_about_row("not-asked", row, cell, found, column=header)


def _ask_about_comments(row: FigureRow, seen: ReadFigureRow) -> Iterator[Finding]:
    """What a comment on a figure says otherwise than the figure."""
    for header, cell in list_value_cells(seen).items():
        others = set(map(_plain, re.findall(NUMBER, normalise_text(cell.note)))) - {_plain(normalise_text(cell.text))}
        if others and not cell.is_blank:
            found = f"{short_text(cell.seen)}, with the comment “{short_text(cell.note)}”"
            yield ask_about_row("comment-differs", row, cell, found, column=header)


def _ask_about_note(quarter: Quarter, row: FigureRow, seen: ReadFigureRow) -> Iterator[Finding]:
    """A note that gives another number in the figure's place; other numbers in it explain the figure."""
    cells = [cell for cell in list_value_cells(seen).values() if not cell.is_blank]
    stand = {_plain(normalise_text(cell.text)) for cell in cells}
    told, note = list_put_in_place(seen.note.text), seen.note.text
    is_denied = row.entry is Entry.CONFIRM and (_DENIES.search(note) or may_be_wrong(note, row, quarter))
    if row.kind.is_share and re.fullmatch(NUMBER, normalise_text(seen.note.text)):
        return  # the n of a share
    code = "note-denies" if row.entry is Entry.CONFIRM else "note-differs"
    if row.kind.is_number and cells and (is_denied or any(_plain(number) not in stand for number in told)):
        found = f"{', '.join(short_text(cell.seen) for cell in cells)}, with the note “{short_text(seen.note.text)}”"
        yield ask_about_row(code, row, seen.note, found, column=layout.NOTE)


def list_put_in_place(said: str) -> list[str]:
    """The numbers that words put in the place of a figure."""
    words = _IN_WORDS.sub(_in_digits, normalise_words(said))
    return [next(filter(None, found.groups())) for found in _CORRECTS.finditer(words)]


def read_said_figure(said: str, row: FigureRow) -> str:
    """What an answer to a question says of a row's figure, as it is typed in a cell ("It was forty-three" is "43"); ""
    where it says no figure, nor why there is none."""
    plain = _IN_WORDS.sub(_in_digits, _SAYS_IT_IS.sub("", normalise_text(said))).rstrip(".")
    meant = read_typed_text(plain, row)
    return plain if meant.value is not None or meant.status else ""


def _in_digits(found: re.Match[str]) -> str:
    """A number in words as digits; "a hundred and four", "fifty-seven". What holds no number stays."""
    said = {name: word.casefold() for name, word in found.groupdict().items() if word}
    units = sum(_ONES.index(said[name]) for name in ("unit", "one") if name in said)
    tens = 10 * (_TENS.index(said["tens"]) + 2) if "tens" in said else 0
    hundreds = 100 * (1 if said["hundreds"] == "a" else _ONES.index(said["hundreds"])) if "hundreds" in said else 0
    return str(hundreds + tens + units) if said else found[0]


def _plain(number: str) -> str:
    return number.replace(",", "").replace(" ", "").rstrip("%")


def _figure(
    form: FormDefinition, row: FigureRow, seen: ReadFigureRow, understood: UnderstoodRow, origin: Origin
) -> Figure:
    typed = f"{TYPED}{understood.note}." if understood.note else ""
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
        note=" ".join(filter(None, (seen.note.text.strip(), typed))),
        drove_it=read_cause(seen.drove_it.text),
    )


TYPED = "Typed: "
"""In a figure's note, before what was typed in the place of a number."""


def read_cause(text: str) -> str:
    """What drove a figure, by our list where it is of that; "" for what names no cause."""
    cause = " ".join(text.split()) if says_something(text) else ""
    return _CAUSES.get(layout.same(cause), cause)


def _source(form: FormDefinition) -> str:
    """The analyst's figures are the force's extract; everybody else's are their return."""
    if form.kind.value == "analyst":
        return f"The force's extract for {form.quarter.label}"
    return f"Return of {form.respondent_name} for {form.quarter.label}"


def _words_row(row: FigureRow, seen: ReadFigureRow) -> FormParts:
    """A milestone is told in words, so its cell is a text."""
    cell = seen.this_quarter
    key = layout.figure_key(row.area.code, row.ref)
    if not cell.is_blank:
        note = "" if seen.note.is_blank else f" {seen.note.text.strip()}"
        text = f"{cell.text.strip()}{note}"
        chosen = STATUS_OF.get(layout.same(seen.status.text))
        left = () if chosen and chosen.has_value else tuple(_tell_left(row, seen.status))
        told = Narrative(ref=key, text=text, sheet=cell.sheet, cell=cell.cell)
        return FormParts(narratives=(told,), unrecorded=left, touched=True)
    excused = STATUS_OF.get(layout.same(seen.status.text)) if not seen.status.is_blank else None
    is_missing = row.required and excused is None
    missing = (make_finding("blank-required", cell, row, "nothing", example="Done in August"),) if is_missing else ()
    left = tuple(_tell_left(row, *(() if excused else (seen.status,)), seen.note))
    return FormParts(findings=missing, unrecorded=left, touched=excused is not None)


# What is odd about rows and columns ---------------------------------------------------------------


def _missing_columns(form: FormDefinition, read: ReadForm) -> tuple[Finding, ...]:
    if not form.figures:
        return ()
    counts = layout.COUNT_INPUTS if layout.is_of_before(form) and any(row.out_of for row in form.figures) else ()
    have_counts = any(seen.how_many.cell or seen.out_of.cell for seen in read.figures)
    causes = (layout.DROVE_IT,) if any(layout.sheet_of(row) != layout.GRANTS for row in form.figures) else ()
    known = {layout.same(h): h for h in (*NEEDED, *counts, layout.STATUS, layout.CONFIRM, *causes, layout.NOTE)}
    lost = [known[layout.same(h)] for h in read.missing_headers if layout.same(h) in known]
    lost += [] if have_counts or not read.figures else counts
    sheet = Cell(sheet=layout.FIGURES, cell="", type=CellType.BLANK)
    return tuple(
        ask_about("missing-column", sheet, "", header, f"no column headed “{header}”", is_fault=header in NEEDED)
        for header in dict.fromkeys(lost)
    )


def _miss_row(row: FigureRow, unnamed: ReadFigureRow | None) -> FormParts:
    """A row that is not there, or whose area is not: `unnamed` is one of its ref that does not say of which area."""
    is_grant = layout.sheet_of(row) == layout.GRANTS
    sheet = Cell(sheet=layout.GRANTS if is_grant else layout.FIGURES, cell="", type=CellType.BLANK)
    is_fault = row.required and row.entry is Entry.VALUE
    found = f"no row for {row.title} ({row.ref})"
    found += f" of {row.area.name}, and one in row {unnamed.row} that names no area" if unnamed else ""
    odd = ask_about_row("missing-row", row, sheet, found, is_fault=is_fault)
    return FormParts(findings=(odd,), touched=True)


def _is_small(row: FigureRow, figure: Figure) -> bool:
    behind = (figure.count, figure.base) if row.kind.is_share else (figure.value,)
    return any(number is not None and 0 < number < row.suppressed_below for number in behind)


def _small_number_remark(row: FigureRow, figure: Figure) -> str:
    shown = say_figure(replace(figure, status=FigureStatus.FINAL))
    return f"{figure.provenance.cell} ({row.ref}): {shown} is a small number. We keep it, and do not publish it."


# What differs from what was known ------------------------------------------------------------------


def find_moved_row(form: FormDefinition, row: FigureRow, seen: ReadFigureRow) -> Iterator[Finding]:
    """Queries on a row whose locked neighbours are not as sent."""
    stands = {layout.same(header): text for header, text in seen.neighbours}
    measure = stands.get(layout.same(layout.MEASURE))
    is_other = measure is not None and layout.same(row.title) not in layout.same(measure)
    if is_other or (not seen.neighbours and is_out_of_place(seen)):
        found = f"a row with the ref {row.ref} whose other columns are not those we sent"
        yield ask_about_row("row-mixed-up", row, seen.this_quarter, found)
        return
    for quarter, sent in zip(form.history, row.history, strict=False):
        header = layout.history_header(quarter, form.quarter)
        old = layout.old_history_header(quarter, form.quarter)
        now = stands.get(layout.same(header), stands.get(layout.same(old)))
        if now is not None and now.strip() and not _same_figure(now, sent):
            found = f"{short_text(now)[:60]} for {quarter.label}, where we had {_quote_words(sent)}"
            yield ask_about_row("proposed-revision", row, seen.this_quarter, found, column=header)


def _quote_words(sent: str) -> str:
    """What we had: a figure as it is, words as words."""
    return sent if sent[:1].isdigit() else f"“{sent or 'nothing'}”"


def note_move(seen: ReadFigureRow) -> tuple[str, ...]:
    """A remark when a row has moved and its neighbours moved with it: a table sorted, lengthened or widened."""
    return (_MOVED,) if seen.neighbours and is_out_of_place(seen) else ()


def is_out_of_place(seen: ReadFigureRow) -> bool:
    """Whether the row's defined name points at another cell than the one beside its ref."""
    named = seen.named.rpartition("!")[2].replace("$", "").upper()
    return bool(named) and named != seen.this_quarter.cell.upper()


def _same_figure(one: str, other: str) -> bool:
    first, second = normalise_text(one), normalise_text(other)
    if first == second:
        return True
    try:
        return Decimal(first.replace(",", "")) == Decimal(second.replace(",", ""))
    except InvalidOperation:
        return layout.same(first) == layout.same(second)
