"""The words and columns of a form, said once: its writer and its reader both take them from here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import DROVE_IT as CAUSES
from csp_workflow.terms.figures import FigureStatus
from csp_workflow.terms.returns import Entry, FigureRow, FormDefinition
from csp_workflow.terms.site import RespondentKind

# Sheets -------------------------------------------------------------------------------------

START = "Start here"
FIGURES = "Figures"
SUMMARY = "Summary"
ACTIONS = "Actions"
SIGN_OFF = "Sign-off"
ABOUT = "About this form"
MAP = "_return"

SHEETS = (START, FIGURES, SUMMARY, ACTIONS, SIGN_OFF, ABOUT, MAP)

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
DEFINITION = "Definition"
DIRECTION = "Direction sought"
UNIT = "Unit"
OFFICIAL = "Latest official figure"
COMPARATOR = "Comparator"
TO_DO = "What to do"
HOW_MANY = "How many"
OUT_OF = "Out of how many"
COMES_TO = "Comes to"
THIS_QUARTER = "This quarter"
STATUS = "Status"
DROVE_IT = "What drove it"
NOTE = "Note"

COUNT_INPUTS = (HOW_MANY, OUT_OF)
"""What a share is asked as; a form without a share has no such columns."""

VALUE_INPUTS = (*COUNT_INPUTS, THIS_QUARTER)
FIGURE_INPUTS = (*VALUE_INPUTS, STATUS, DROVE_IT, NOTE)

HEADING = "About"
PROMPT = "What we ask"
PLAYED_BACK = "What you said last quarter"
HAPPENED = "What happened"
NEXT = "What you will do next"
WORD_GUIDE = "Word guide"
WORDS_SO_FAR = "Words so far"

BOARD = "Board"
ACTION = "What was asked"
ASKED = "Asked on"
DUE = "Due by"
ANSWER = "Your answer"

ITEM = "Item"
ENTRY = "Your entry"
HELP = "Help"

# What to do in a figures row: words, because colour alone tells nothing ------------------------

FILL_IN = "Fill in"
CONFIRM = "Confirm or dispute"
OPTIONAL = "Optional"
NOT_SUPPLIED = "not yet supplied"
NOTHING = f"Nothing: {NOT_SUPPLIED}"
NOT_ASKED = "not asked"
"""What stands where a row is not asked what its neighbours are."""

# Choices ------------------------------------------------------------------------------------

CONFIRMED = "Confirmed"
DISPUTED = "Disputed"

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

ACTION_CHOICES = ("Done", "Under way", "Not started", "Cannot be done")

YES = "Yes"

DROVE_IT_CHOICES = CAUSES


def status_choices(entry: Entry) -> tuple[str, ...]:
    """The Status list of a row that is filled in, or of one that is confirmed."""
    return tuple(STATUS_MEANS) if entry is Entry.VALUE else (CONFIRMED, DISPUTED)


NOTE_OPENING = "To mend: "
"""How our own notes on cells begin, so that one that comes back is not taken for the respondent's."""

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
    SignOffRow(label=COMPLETED_BY, name="completed_by", help="Your name.", required=True),
    SignOffRow(label=POSITION, name="position", help="Your job title.", required=True),
    SignOffRow(label=DATE, name="date", help="The day you finished, such as 30/10/2014.", required=True),
    SignOffRow(
        label=NIL,
        name="nil",
        help="Choose Yes only if there is nothing at all to report. Leave it empty otherwise.",
        choices=(YES,),
    ),
    SignOffRow(
        label=DECLINE,
        name="decline",
        help="Choose Yes if you will not report this quarter. Leave it empty otherwise.",
        choices=(YES,),
    ),
    SignOffRow(label=REASON, name="reason", help="A sentence is enough. It is shown to the co-ordinator."),
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
    return past.label


def figure_columns(form: FormDefinition) -> tuple[Column, ...]:
    """The columns of the Figures sheet, left to right; a short form leaves out those that would stand empty."""
    is_whole = form.kind is RespondentKind.PARTNERSHIP
    known = [OFFICIAL] if is_whole or any(row.official for row in form.figures) else []
    known += [COMPARATOR] if is_whole or any(row.comparator for row in form.figures) else []
    counts = (
        (
            Column(header=HOW_MANY, width=10, is_input=True),
            Column(header=OUT_OF, width=11, is_input=True),
            Column(header=COMES_TO, width=14),
        )
        if any(row.out_of for row in form.figures)
        else ()
    )
    return (
        Column(header=AREA_CODE, width=12),
        Column(header=AREA, width=13),
        Column(header=REF, width=12.5),
        Column(header=MEASURE, width=24),
        Column(header=DEFINITION, width=31),
        Column(header=DIRECTION, width=15),
        Column(header=UNIT, width=12),
        *(Column(header=history_header(q, form.quarter), width=11.5) for q in form.history),
        *(Column(header=header, width=15) for header in known),
        Column(header=TO_DO, width=12),
        *counts,
        Column(header=THIS_QUARTER, width=13, is_input=True),
        Column(header=STATUS, width=15, is_input=True),
        Column(header=DROVE_IT, width=15, is_input=True),
        Column(header=NOTE, width=28, is_input=True),
    )


SUMMARY_COLUMNS = (
    Column(header=REF, width=12.5),
    Column(header=HEADING, width=20),
    Column(header=PROMPT, width=26),
    Column(header=PLAYED_BACK, width=26),
    Column(header=HAPPENED, width=66, is_input=True),
    Column(header=WORD_GUIDE, width=11),
    Column(header=WORDS_SO_FAR, width=9),
    Column(header=NEXT, width=32, is_input=True),
)

ACTION_COLUMNS = (
    Column(header=REF, width=10),
    Column(header=BOARD, width=20),
    Column(header=ACTION, width=44),
    Column(header=ASKED, width=13),
    Column(header=DUE, width=13),
    Column(header=ANSWER, width=58, is_input=True),
    Column(header=STATUS, width=16, is_input=True),
)

SIGN_OFF_COLUMNS = (
    Column(header=ITEM, width=38),
    Column(header=ENTRY, width=50, is_input=True),
    Column(header=HELP, width=60),
)

MAP_HEADERS = ("Name", "Sheet", "Cell", "Kind", "Required", "Label")

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


def to_do(row: FigureRow) -> str:
    """What a respondent does with a figures row, in words."""
    if row.entry is Entry.CONFIRM:
        return CONFIRM if row.given else NOTHING
    return FILL_IN if row.required else OPTIONAL


def same(text: str) -> str:
    """A header, label or ref as it is compared: without white space, case or a closing colon."""
    return "".join(text.split()).casefold().rstrip(":.*")
