"""The words and columns of a form, said once: its writer and its reader both take them from here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from csp_workflow.terms.cells import PromiseState, QuickAnswer
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import DROVE_IT as CAUSES
from csp_workflow.terms.figures import FigureStatus, MeasureKind
from csp_workflow.terms.phrases import number, say_figure
from csp_workflow.terms.returns import Entry, FigureRow, FormAge, FormDefinition, ReadForm, SummaryRow, find_age

# Sheets -------------------------------------------------------------------------------------

START = "Start here"
FIGURES = "Your figures"
POLICE = "Police figures"
GRANTS = "Grant money"
SUMMARY = "Summary"
YEAR = "The year"
QUESTIONS = "Questions"
ACTIONS = "Actions"
SIGN_OFF = "Sign-off"
BACKGROUND = "Background"
ABOUT = "About this form"
MAP, MAP_TITLE = "_return", "Map of this form, for programs"

SHEETS = (START, FIGURES, POLICE, GRANTS, SUMMARY, YEAR, QUESTIONS, ACTIONS, SIGN_OFF, BACKGROUND, ABOUT, MAP)
OLD_SHEETS = ("Figures",)
"""What sheets were called on forms of before."""

REFERENCE_NAME = "return_reference"
"""The defined name whose constant is the return reference."""

REFERENCE_PROPERTY = "Return reference"
"""The custom document property that holds it too."""

REFERENCE_LABEL = "Return reference"

# Headers ------------------------------------------------------------------------------------

AREA_CODE = "Area code"
AREA = "Area"
REF = "Ref"
MEASURE = "Measure"
COUNTED = "What is counted"
DIRECTION = "Direction sought"
UNIT = "Unit"
OFFICIAL = "Latest official figure"
COMPARATOR = "Comparator"
USUAL = "Usual twelve months"
DISPUTE = "What is disputed"
THIS_QUARTER = "This quarter"
OUT_OF = "Out of"
STATUS = "Status"
CONFIRM = "Confirm or dispute"
DROVE_IT = "What drove it"
NOTE = "In 25 words, why?"
STILL_TO_DO = "Still to do"

FIGURE_INPUTS = (THIS_QUARTER, OUT_OF, STATUS, DROVE_IT, NOTE)
POLICE_INPUTS = (CONFIRM, DROVE_IT, NOTE)

HOW_MANY = "How many"
"""What of a share is counted: on forms of before a column of its own, and now what stands under This quarter."""

COUNT_INPUTS = (HOW_MANY, OUT_OF)
VALUE_INPUTS = (*COUNT_INPUTS, THIS_QUARTER)
"""The three that say a share, of which any two give the third."""

READ_INPUTS = (*VALUE_INPUTS, STATUS, DROVE_IT, NOTE)
"""What is read of a row of figures, whatever its form."""

OLD_COMES_TO, OLD_TO_DO = "Comes to", "What to do"
OLD_HEADERS = {OUT_OF: "Out of how many", NOTE: "Note"}
OLD_SUMMARY_HEADERS = ("About", "What we ask", "Word guide", "Words so far")
"""What stood on forms of before."""

THEME = "Theme"
PLAYED_BACK = "What you said last quarter"
PROMISED = "What you promised"
PROMISE_NOW = "Promise now"
QUICK = "Quick answer"
HAPPENED = "What happened"
NEXT = "What you will do next"

SUMMARY_INPUTS = (PROMISE_NOW, QUICK, HAPPENED, NEXT)

WHERE = "Where"
SAW = "What we saw"
ASK = "What we ask"
WORDS = "Your figure or words"

BOARD = "Board"
ACTION = "What was asked"
ASKED = "Asked on"
DUE = "Due by"
ANSWER = "Your answer"

ITEM = "Item"
TOPIC = "Topic"
ENTRY = "Your entry"
HELP = "Help"

ALL = "ALL"
"""The ref of the row that confirms all police figures of an area at once."""

NOT_SUPPLIED = "not yet supplied"
NOT_ASKED = "not needed"
OLD_NOT_ASKED = "not asked"
"""What stands where a row is not asked what its neighbours are."""

TOO_FEW = "too few to judge"
"""What stands where nothing is known of what is usual."""

# Choices ------------------------------------------------------------------------------------

CONFIRMED = "Confirmed"
DISPUTED = "Disputed"
CONFIRM_CHOICES = (CONFIRMED, DISPUTED)

STATUS_MEANS: dict[str, FigureStatus] = {
    "Final": FigureStatus.FINAL,
    "Provisional": FigureStatus.PROVISIONAL,
    "Estimated": FigureStatus.ESTIMATED,
    "Revised": FigureStatus.REVISED,
    "Suppressed (small number)": FigureStatus.SUPPRESSED,
    "Not available yet": FigureStatus.NOT_AVAILABLE,
    "Not applicable": FigureStatus.NOT_APPLICABLE,
    "Nil return": FigureStatus.NIL,
}
"""Each choice of the Status list on a row to fill in, and what it means."""

NO_FIGURE = tuple(words for words, status in STATUS_MEANS.items() if not status.has_value or status is FigureStatus.NIL)
"""The choices that stand in the place of a figure."""

QUICK_MEANS: dict[str, QuickAnswer] = {
    "Nothing new": QuickAnswer.NOTHING_NEW,
    "Last quarter's text still holds": QuickAnswer.STILL_HOLDS,
    "Goes on next year": QuickAnswer.GOES_ON,
    "Reached and ends here": QuickAnswer.REACHED,
    "Ends here": QuickAnswer.ENDS,
}

PROMISE_MEANS: dict[str, PromiseState] = {
    "Kept": PromiseState.KEPT,
    "Under way": PromiseState.UNDER_WAY,
    "Dropped": PromiseState.DROPPED,
}

ACTION_CHOICES = ("Done", "Under way", "Not started", "Cannot be done")
QUESTION_CHOICES = ("It is right as it stands", "I have put it right in its box")

YES = "Yes"

DROVE_IT_CHOICES = CAUSES


def quick_choices(row: SummaryRow) -> tuple[str, ...]:
    """The quick answers that a row of the summary may be given."""
    return tuple(words for words, answer in QUICK_MEANS.items() if answer in row.quick)


NOTE_OPENING = "To correct: "
"""How our own notes on cells begin, so that one that comes back is not taken for the respondent's."""

_NOTE_OPENINGS = (NOTE_OPENING.strip(), "To mend:")
"""The same, with how they began on forms of before."""


def leave_out_ours(comment: str, known: Iterable[str] = ()) -> str:
    """What somebody wrote in a comment: of a note of ours what stands behind it, or below one that is not `known`."""
    if not comment.startswith(_NOTE_OPENINGS):
        return comment
    ours = max((note for note in known if comment.startswith(note)), key=len, default="")
    return (comment.removeprefix(ours) if ours else comment.partition("\n")[2]).strip()


# Sign-off -----------------------------------------------------------------------------------

COMPLETED_BY = "Completed by"
POSITION = "Position"
DATE = "Date"
NIL = "Nil return: nothing to report this quarter"
DECLINE = "We decline to report this quarter"
REASON = "Reason, if nil or declined"


@dataclass(frozen=True, kw_only=True)
class SignOffRow:
    """A line of the Sign-off sheet. `label` is what stands there and what it is found by."""

    label: str
    name: str
    help: str
    required: bool = False
    choices: tuple[str, ...] = ()


SIGN_OFF_ROWS = (
    SignOffRow(label=COMPLETED_BY, name="completed_by", help="Your name. It needs no signature.", required=True),
    SignOffRow(label=POSITION, name="position", help="Your job title, if you like."),
    SignOffRow(label=DATE, name="date", help="The day you finished, if you like."),
    SignOffRow(label=NIL, name="nil", help="Yes only if there is nothing at all to report.", choices=(YES,)),
    SignOffRow(label=DECLINE, name="decline", help="Yes only if you will not report.", choices=(YES,)),
    SignOffRow(label=REASON, name="reason", help="A sentence is enough."),
)

# Columns ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table: its header, its width in characters, and whether people type in it."""

    header: str
    width: float
    is_input: bool = False


def history_header(past: Quarter, quarter: Quarter) -> str:
    """The header over a past quarter's figures, seen from the quarter of the form."""
    if past == quarter.year_ago:
        return f"Same quarter last year ({past.label})"
    if past == quarter.previous:
        return f"Last quarter ({past.label})"
    return past.label


def old_history_header(past: Quarter, quarter: Quarter) -> str:
    """The same as forms of before had it."""
    return history_header(past, quarter) if past == quarter.year_ago else past.label


def beside_figures(form: FormDefinition) -> tuple[int, ...]:
    """Which of a form's past quarters stand beside its figures; the others are on the sheet of background."""
    seen = (form.quarter.year_ago, form.quarter.previous)
    return tuple(place for place, past in enumerate(form.history) if past in seen)


def _place_columns(rows: tuple[FigureRow, ...]) -> tuple[Column, ...]:
    """Where a row is of; the area's name only where there are several."""
    names = {row.area.code: row.area.name for row in rows}
    named = (Column(header=AREA, width=_fit_words(names.values(), least=12)),) if len(names) > 1 else ()
    return (Column(header=AREA_CODE, width=11), *named, Column(header=REF, width=_fit_refs(row.ref for row in rows)))


def _fit_refs(refs: Iterable[str]) -> float:
    """A width at which no ref is broken: bold capitals are wider than other letters."""
    return max([11.5, *(1.2 * len(ref) + 1.5 for ref in refs)])


def _fit_words(texts: Iterable[str], *, least: float) -> float:
    """A width at which no word is broken."""
    return max([least, *(len(word) + 1 for text in texts for word in text.split())])


def _known_columns(form: FormDefinition, rows: tuple[FigureRow, ...], *, measure: float) -> tuple[Column, ...]:
    places = _place_columns(rows)
    return (
        *places,
        Column(header=MEASURE, width=measure - 6 * (len(places) > 2)),
        Column(header=UNIT, width=_fit_words((row.unit for row in rows), least=10)),
        *(_past_column(form, at, rows) for at in beside_figures(form)),
    )


def _past_column(form: FormDefinition, at: int, rows: Iterable[FigureRow]) -> Column:
    """A past quarter's figures, at a width at which no word is broken, nor the two counts of a share."""
    told = (row.history[at].replace("\xa0", "-") for row in rows if row.history)
    return Column(header=history_header(form.history[at], form.quarter), width=_fit_words(told, least=10.5))


def figure_columns(form: FormDefinition) -> tuple[Column, ...]:
    """The columns of the figures to fill in, left to right; what would stand empty everywhere is left out."""
    rows = list_counted(form)
    return (
        *_known_columns(form, rows, measure=26.5),
        *((Column(header=USUAL, width=15),) if any(row.usual for row in rows) else ()),
        Column(header=THIS_QUARTER, width=8.5, is_input=True),
        *((Column(header=OUT_OF, width=8, is_input=True),) if any(row.out_of for row in rows) else ()),
        Column(header=STATUS, width=12, is_input=True),
        Column(header=DROVE_IT, width=13, is_input=True),
        Column(header=NOTE, width=20, is_input=True),
        Column(header=STILL_TO_DO, width=17),
    )


def grant_columns(form: FormDefinition) -> tuple[Column, ...]:
    """The columns of the money: nothing but the money itself and, in words, why it is as it is."""
    return (
        *_known_columns(form, list_grants(form), measure=34),
        Column(header=THIS_QUARTER, width=14, is_input=True),
        Column(header=STATUS, width=14, is_input=True),
        Column(header=NOTE, width=34, is_input=True),
        Column(header=STILL_TO_DO, width=22),
    )


def police_columns(form: FormDefinition) -> tuple[Column, ...]:
    """The columns of the force's figures, to be confirmed or disputed."""
    rows = list_police(form)
    return (
        *_known_columns(form, rows, measure=24.5),
        Column(header=THIS_QUARTER, width=11),
        *((Column(header=DISPUTE, width=22),) if any(row.disputed for row in rows) else ()),
        *((Column(header=USUAL, width=15),) if any(row.usual for row in rows) else ()),
        Column(header=CONFIRM, width=11, is_input=True),
        Column(header=DROVE_IT, width=13, is_input=True),
        Column(header=NOTE, width=24, is_input=True),
        Column(header=STILL_TO_DO, width=17),
    )


def background_columns(form: FormDefinition) -> tuple[Column, ...]:
    """The columns of what is known besides: what is counted, the four quarters, the year, the comparison group."""
    columns = (
        (OFFICIAL, any(row.official for row in form.figures)),
        (COMPARATOR, any(row.comparator for row in form.figures)),
    )
    return (
        *_place_columns(tuple(row for row in form.figures if sheet_of(row) != GRANTS)),
        Column(header=MEASURE, width=21.5),
        Column(header=COUNTED, width=32),
        Column(header=DIRECTION, width=13),
        *(_past_column(form, at, form.figures) for at in range(len(form.history))),
        *(Column(header=header, width=16) for header, is_known in columns if is_known),
    )


SUMMARY_COLUMNS = (
    Column(header=REF, width=13.5),
    Column(header=THEME, width=27),
    Column(header=PLAYED_BACK, width=21),
    Column(header=PROMISED, width=16),
    Column(header=PROMISE_NOW, width=11, is_input=True),
    Column(header=QUICK, width=14, is_input=True),
    Column(header=HAPPENED, width=42, is_input=True),
    Column(header=NEXT, width=20, is_input=True),
    Column(header=STILL_TO_DO, width=15),
)

YEAR_COLUMNS = (
    Column(header=REF, width=14),
    Column(header=THEME, width=50),
    Column(header=QUICK, width=18, is_input=True),
    Column(header=HAPPENED, width=72, is_input=True),
    Column(header=STILL_TO_DO, width=20),
)

QUESTION_COLUMNS = (
    Column(header=REF, width=6),
    Column(header=WHERE, width=28),
    Column(header=SAW, width=34),
    Column(header=ASK, width=44),
    Column(header=ANSWER, width=18, is_input=True),
    Column(header=WORDS, width=32, is_input=True),
    Column(header=STILL_TO_DO, width=16),
)

ACTION_COLUMNS = (
    Column(header=REF, width=8),
    Column(header=BOARD, width=20),
    Column(header=ACTION, width=42),
    Column(header=ASKED, width=12),
    Column(header=DUE, width=12),
    Column(header=ANSWER, width=52, is_input=True),
    Column(header=STATUS, width=14, is_input=True),
    Column(header=STILL_TO_DO, width=16),
)

SIGN_OFF_COLUMNS = (
    Column(header=ITEM, width=42),
    Column(header=ENTRY, width=44, is_input=True),
    Column(header=HELP, width=46),
    Column(header=STILL_TO_DO, width=24),
)

MAP_HEADERS = ("Name", "Sheet", "Cell", "Kind", "Required", "Label")


def list_own(form: FormDefinition) -> tuple[FigureRow, ...]:
    """The rows that a respondent fills in."""
    return tuple(row for row in form.figures if row.entry is Entry.VALUE)


def list_counted(form: FormDefinition) -> tuple[FigureRow, ...]:
    """Those of them that are no money of a grant."""
    return tuple(row for row in list_own(form) if row.kind is not MeasureKind.GRANT)


def list_grants(form: FormDefinition) -> tuple[FigureRow, ...]:
    """Those that are."""
    return tuple(row for row in list_own(form) if row.kind is MeasureKind.GRANT)


def list_police(form: FormDefinition) -> tuple[FigureRow, ...]:
    """The rows that a respondent confirms or disputes."""
    return tuple(row for row in form.figures if row.entry is Entry.CONFIRM)


def list_all_rows(form: FormDefinition) -> tuple[tuple[str, FigureRow | None], ...]:
    """The rows of the sheet of police figures, each with its area's code; None for that above several, for all."""
    rows: list[tuple[str, FigureRow | None]] = []
    for area in dict.fromkeys(row.area.code for row in list_police(form)):
        mine = [row for row in list_police(form) if row.area.code == area]
        is_many = sum(row.given is not None for row in mine) > 1
        rows += [(area, None)] * is_many + [(area, row) for row in mine]
    return tuple(rows)


def make_all_row(first: FigureRow, count: int) -> FigureRow:
    """The row that confirms all police figures of an area, made of the first of them."""
    return replace(first, ref=ALL, title=f"All {count} police figures below: one tick here is enough", given=None)


def sheet_of(row: FigureRow) -> str:
    """The sheet on which a row stands."""
    if row.entry is Entry.CONFIRM:
        return POLICE
    return GRANTS if row.kind is MeasureKind.GRANT else FIGURES


def sheet_of_box(row: SummaryRow) -> str:
    """The sheet on which words are asked: what is about the year has its own."""
    return YEAR if row.is_of_year else SUMMARY


def find_sheet(form: FormDefinition, key: str) -> str:
    """The sheet on which the row of a key stands; what is no row of the form would be on that of figures."""
    return next((sheet_of(row) for row in form.figures if figure_key(row.area.code, row.ref) == key), FIGURES)


def box_header(header: str, entry: Entry) -> str:
    """The column in which a thing that is read of a row has its box on a form of today."""
    if entry is Entry.VALUE:
        return THIS_QUARTER if header == HOW_MANY else header
    return CONFIRM if header in {*VALUE_INPUTS, STATUS} else header


def say_usual(row: FigureRow) -> str:
    """What twelve months of a row usually come to, beside what is known of the newest."""
    usual, sign = row.usual, "%" if row.kind.is_share else ""
    if usual is None:
        return TOO_FEW
    year = usual.reckon(row.given, is_share=row.kind.is_share) if row.given else None
    now = "" if year is None else f"; now {number(year)}{sign}"
    left = usual.high - usual.rest
    this = f"; this quarter {_say_span(usual.low - usual.rest, left)}" if usual.rest and not sign and left >= 0 else ""
    return f"{number(usual.low)}{sign} to {number(usual.high)}{sign}{now if row.given else this}"


def _say_span(low: Decimal, high: Decimal) -> str:
    return f"{number(low)} to {number(high)}" if low > 0 else f"up to {number(high)}"


def say_given(row: FigureRow) -> str:
    """The force's figure as its row shows it; nothing is ever typed over it."""
    given = row.given
    if given is None:
        return NOT_SUPPLIED
    if given.value is None:
        return say_figure(given)
    behind = f" ({number(given.count)} of {number(given.base)})" if given.count is not None and given.base else ""
    return f"{number(given.value)}{behind}{' (p)' * (given.status is FigureStatus.PROVISIONAL)}"


def is_left_empty(text: str) -> bool:
    """Whether a cell says only that nothing is asked there, or nothing at all."""
    return same(text) in {"", same(NOT_ASKED), same(OLD_NOT_ASKED)}


def is_of_before(form: FormDefinition) -> bool:
    """Whether a form was laid out as it was before: one table of figures, a share beside its per cent."""
    return find_age(form.reference.form) is FormAge.MAJOR


def is_laid_out_as_before(read: ReadForm) -> bool:
    """Whether what came has a sheet, or a column, that only forms of before had: where no reference says so."""
    return any(row.sheet in OLD_SHEETS or row.how_many.cell for row in read.figures)


# Keys and names ------------------------------------------------------------------------------


def figure_key(area_code: str, ref: str) -> str:
    """A figures row as findings and marks name it: "E22000165 M11"."""
    return f"{area_code} {ref}"


def row_key(area_code: str, ref: str) -> tuple[str, str]:
    """A figures row as it is compared: "E22000165" and "M11", whatever case and spaces they were typed in."""
    return same(area_code), same(ref)


def figure_name(area_code: str, ref: str) -> str:
    """The defined name of a row's This quarter cell: "in_E22000165_M11_1"."""
    return "in_" + re.sub(r"\W", "_", f"{area_code}_{ref}")


def box_name(sheet: str, key: str, column: str) -> str:
    """The defined name of any other input: "in_Summary_T1_What_happened"."""
    return "in_" + re.sub(r"\W+", "_", f"{sheet}_{key}_{column}").strip("_")


_UNSEEN = dict.fromkeys((0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF)) | {
    0x2018: "'",
    0x2019: "'",
}


@lru_cache(maxsize=4096)  # the words of a form stand in it again and again
def same(text: str) -> str:
    """A header, label or ref as it is compared: no white space, unseen marks, case or end colon; one apostrophe."""
    return "".join(text.translate(_UNSEEN).split()).casefold().rstrip(":.*")
