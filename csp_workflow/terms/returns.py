"""What a form asks, what was found in one that came back, and the return that it makes.

A definition is frozen with the request that was sent, so a change of config never changes an open form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum
from itertools import zip_longest

from csp_workflow.terms.cells import (
    OF_OBJECTIVE,
    Cell,
    FormVersion,
    InputText,
    PromiseState,
    QuickAnswer,
    ReadRow,
    Reference,
    Sighting,
)
from csp_workflow.terms.comparisons import UsualRange
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Figure, MeasureKind
from csp_workflow.terms.grants import mark_money
from csp_workflow.terms.site import ActionRow, Area, Assent, RespondentKind
from csp_workflow.terms.year_end import is_text_of_year

FORM_VERSION = FormVersion(2, 1)
"""The layout of what is sent."""


class FormAge(Enum):
    """What a form's layout is beside the one that is sent now."""

    CURRENT = "the same"
    MINOR = "an earlier version of it, on which the same is read in the same places"
    MAJOR = "an earlier layout, which is read as it was; what goes back is of today's"
    NEWER = "a later one, of which nobody here knows what it says"


def find_age(version: FormVersion) -> FormAge:
    """What a layout is beside the one that is sent now."""
    if version >= FORM_VERSION:
        return FormAge.NEWER if version > FORM_VERSION else FormAge.CURRENT
    return FormAge.MINOR if version.major == FORM_VERSION.major else FormAge.MAJOR


class Entry(StrEnum):
    """What a respondent may do in a figures row."""

    VALUE = "value"
    CONFIRM = "confirm"


@dataclass(frozen=True, kw_only=True)
class FigureRow:
    """One row of a sheet of figures, found again by `area.code` x `ref`.

        `history` is one text per column of `FormDefinition.history` ("412", "not available"); `given`
        is the force's figure on a police row (entry CONFIRM: confirm or dispute, never overwrite).
        `period` is what the figure asked for is of: the cycle's quarter (""), or an earlier quarter or a
        financial year where the series lags or is yearly. `out_of` says whom the number behind a share counts,
    and that it is asked: of a per cent as two counts; "" for all else, and on forms of before. `usual` is None where
    there is too little to judge: why a figure changed is never asked there. `disputed` says by whom the force's figure
    is disputed and since when, and what was answered; "" where nobody does. From `least_repeated` on a figure that
    is last quarter's again is asked about, from `least_shared` on one that is another area's too, and from
    `least_summed` on one that is the sum of all others'; of a grant's underspend it says that the lines must come to
    the allocation. None: never. `checked` are the other rules of the checks that look at it, each with its number.
    """

    area: Area
    ref: str
    measure: str
    title: str
    definition: str
    intent: str
    unit: str
    kind: MeasureKind
    entry: Entry
    history: tuple[str, ...]
    official: str = ""
    comparator: str = ""
    given: Figure | None = None
    previous: Figure | None = None
    required: bool = True
    suppressed_below: int = 0
    period: str = ""
    out_of: str = ""
    usual: UsualRange | None = None
    disputed: str = ""
    least_repeated: Decimal | None = None
    least_shared: Decimal | None = None
    least_summed: Decimal | None = None
    checked: tuple[tuple[str, Decimal], ...] = ()

    def find_side(self, figure: Figure | None) -> str:
        """On which side of what is usual its twelve months lie, "above" or "below": it is asked why; else ""."""
        if self.usual is None or figure is None:
            return ""
        return self.usual.find_side(self.usual.reckon(figure, is_share=self.kind.is_share))

    @property
    def is_per_cent(self) -> bool:
        """Whether its figure is so many of a hundred."""
        return self.kind is MeasureKind.PERCENT or "per cent" in self.unit

    @property
    def is_counted(self) -> bool:
        """Whether it is asked as two counts: how many, out of how many."""
        return bool(self.out_of) and self.is_per_cent


AWAITED = "This quarter's figure is awaited from the force; please leave the row as it is."
"""What a row of the force's says while its figure has not come, at the end of its definition."""


OBJECTIVE = "Your objective: "
ASKED_OF_BOARD = "ASK"
"""The ref of the box in which a partnership asks something of the Board."""


@dataclass(frozen=True, kw_only=True)
class SummaryRow:
    """One row of the Summary sheet: a theme ("T1"), a measure in words ("M05a"), an objective ("CHARN.O1"), "ASK".

    `played_back` is what was said in an earlier quarter and `promise` what was promised then, which is asked about;
    `quick` are the answers that do in the place of words.
    """

    ref: str
    heading: str
    prompt: str
    played_back: str = ""
    words: int = 60
    required: bool = True
    promise: str = ""
    quick: tuple[QuickAnswer, ...] = ()

    @property
    def is_of_objective(self) -> bool:
        """Whether it asks of an objective if it goes on: the choice is wanted, and words are welcome."""
        return any(answer in self.quick for answer in OF_OBJECTIVE)

    @property
    def is_of_year(self) -> bool:
        """Whether it is asked once, with the fourth quarter."""
        return self.is_of_objective or is_text_of_year(self.ref)


@dataclass(frozen=True, kw_only=True)
class FormDefinition:
    """Everything one respondent is asked in one cycle, in the order it stands on the form."""

    reference: Reference
    respondent: str
    respondent_name: str
    kind: RespondentKind
    quarter: Quarter
    due: datetime
    office: str
    ask: str
    history: tuple[Quarter, ...]
    figures: tuple[FigureRow, ...]
    summary: tuple[SummaryRow, ...] = ()
    actions: tuple[ActionRow, ...] = ()
    sources: tuple[str, ...] = ()
    illustrative: bool = False
    marking: str = ""


def join_references(forms: Iterable[FormDefinition]) -> str:
    """Which forms a letter brings, in a word: the cause of that letter."""
    return " ".join(str(form.reference) for form in forms)


@dataclass(frozen=True, kw_only=True)
class RowChange:
    """What stands otherwise in a row than on an earlier issue of its form: the force's figure, or a `wording`.

    Of a figure `was` and `now` (None: it had not come); of a wording the old and the new text ("": no such row).
    """

    place: str
    ref: str
    title: str
    was: Figure | None = None
    now: Figure | None = None
    wording: tuple[str, str] = ("", "")

    @property
    def is_figure(self) -> bool:
        """Whether it is the force's figure that changed."""
        return self.wording == ("", "")


@dataclass(frozen=True, kw_only=True)
class Revision:
    """What stood otherwise from a moment on than on the form that a respondent has; `mark` tells it from the next.

    `figures` of the force's are others, `came` counts those that had not been there, `wordings` those that were put
    right; all since the form went. `moves_figures`: with it the force's figures are others than just before.
    """

    at: datetime
    figures: int
    came: int
    wordings: int
    mark: str = ""
    moves_figures: bool = True

    @property
    def figures_mark(self) -> str:
        """What tells the force's figures from others; "" while they stand as on the form."""
        return self.mark.partition(":")[0] if self.figures or self.came else ""

    def __bool__(self) -> bool:
        return bool(self.figures or self.came or self.wordings)


def list_changes(sent: FormDefinition, now: FormDefinition) -> tuple[RowChange, ...]:
    """What changed between two issues of a form: the force's figures by row, and each different wording once."""
    before = {(row.area.code, row.ref): row for row in sent.figures}
    after = {(row.area.code, row.ref): row for row in now.figures}
    figures = [
        RowChange(place=row.area.name, ref=row.ref, title=row.title, was=was.given, now=row.given)
        for place, row in after.items()
        if (was := before.get(place)) and _say_value(was.given) != _say_value(row.given)
    ]
    titles = {row.ref: row.title for row in (*sent.figures, *now.figures)}
    titles |= {box.ref: box.heading for box in (*sent.summary, *now.summary)}
    told, tells = _list_wordings(sent), _list_wordings(now)
    wordings = [
        RowChange(place="", ref=ref, title=titles[ref], wording=pair)
        for ref in dict.fromkeys((*tells, *told))
        for pair in _differing(told.get(ref, ()), tells.get(ref, ()))
    ]
    return (*figures, *wordings)


def show_given(form: FormDefinition, now: FormDefinition) -> FormDefinition:
    """A form in its own words, with the force's figures as another issue of it has them."""
    given = {(row.area.code, row.ref): row.given for row in now.figures}
    rows = (replace(row, given=given.get((row.area.code, row.ref), row.given)) for row in form.figures)
    return replace(form, figures=tuple(rows))


def _say_value(figure: Figure | None) -> tuple[object, ...]:
    """What of a figure is news: its value and the counts behind it, or why it has none."""
    return () if figure is None else (figure.value, figure.count, figure.base, figure.value is None and figure.status)


def _list_wordings(form: FormDefinition) -> dict[str, tuple[str, ...]]:
    """All that is said of what each ref asks."""
    rows = {r.ref: (r.title, r.measure, r.definition.removesuffix(AWAITED).strip(), r.unit) for r in form.figures}
    return {**rows, **{box.ref: (box.heading, box.prompt) for box in form.summary}}


def _differing(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    pairs = zip_longest(before[:1] if not after else before, after[:1] if not before else after, fillvalue="")
    yield from dict.fromkeys((was, now) for was, now in pairs if was != now)


# What came back -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ReadFigureRow:
    """A row of a figures table, found by its visible area code and ref.

    `named` is the cell that the row's defined name points at, or "" when the name is gone;
    `neighbours` maps the locked columns' headers to what stands there now.
    """

    area_code: str
    ref: str
    sheet: str
    row: int
    how_many: Cell
    out_of: Cell
    this_quarter: Cell
    status: Cell
    drove_it: Cell
    note: Cell
    named: str = ""
    neighbours: tuple[tuple[str, str], ...] = ()

    @property
    def inputs(self) -> tuple[Cell, ...]:
        """The cells that a respondent fills in, from left to right."""
        return self.how_many, self.out_of, self.this_quarter, self.status, self.drove_it, self.note


@dataclass(frozen=True, kw_only=True)
class ReadText:
    """A box of the Summary, Actions or Sign-off sheet, found by its visible ref or label."""

    ref: str
    value: Cell
    extra: Cell | None = None
    quick: Cell | None = None
    promise_now: Cell | None = None

    @property
    def inputs(self) -> tuple[Cell, ...]:
        """The cells that a respondent fills in."""
        return tuple(cell for cell in (self.value, self.extra, self.quick, self.promise_now) if cell)


@dataclass(frozen=True, kw_only=True)
class ReadForm:
    """All that was found in a workbook. `references` are (where, text) pairs, none assumed valid.

    Whatever answers to one row, box or label is there, however often; `sightings` are all that can be seen.

    `missing_headers` names columns that could not be found; `remarks` says what was passed over. A workbook of set-up
    is nothing else.
    """

    references: tuple[tuple[str, str], ...] = ()
    figures: tuple[ReadFigureRow, ...] = ()
    summary: tuple[ReadText, ...] = ()
    actions: tuple[ReadText, ...] = ()
    questions: tuple[ReadText, ...] = ()
    sign_off: tuple[ReadText, ...] = ()
    missing_headers: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    merged_inputs: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    catalogue: tuple[ReadRow, ...] = ()
    setup: tuple[ReadRow, ...] = ()
    sightings: tuple[Sighting, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """Why a file could not be read as a form: a closed `reason` and a sentence for its sender."""

    reason: str
    sentence: str


# The return ----------------------------------------------------------------------------------------


class ReturnState(StrEnum):
    """Where one return stands."""

    EXPECTED = "expected"
    REQUESTED = "requested"
    RECEIVED = "received"
    QUERIED = "queried"
    COMPLETE = "complete"
    APPROVED = "approved"
    NIL = "nil"
    DECLINED = "declined"
    NOT_RECEIVED = "not received"

    @property
    def is_in(self) -> bool:
        """Whether something has arrived, so that nobody is chased for it."""
        return self not in {ReturnState.EXPECTED, ReturnState.REQUESTED, ReturnState.NOT_RECEIVED}

    @property
    def is_awaited(self) -> bool:
        """Whether it has not come and is not given up."""
        return self in {ReturnState.EXPECTED, ReturnState.REQUESTED}

    @property
    def wants_form(self) -> bool:
        """Whether a form is asked for: nothing has arrived, or what arrived is to be corrected."""
        return not self.is_in or self is ReturnState.QUERIED

    @property
    def has_use_for_form(self) -> bool:
        """Whether a form of it is being filled in, or was, so that what changes on it is told."""
        return self is ReturnState.REQUESTED or self.is_made

    @property
    def is_finished(self) -> bool:
        """Whether nothing more is wanted of it."""
        return self in {ReturnState.APPROVED, ReturnState.NIL, ReturnState.DECLINED}

    @property
    def is_made(self) -> bool:
        """Whether a return was made: neither a nil return nor a refusal is one."""
        return self.is_in and self not in {ReturnState.NIL, ReturnState.DECLINED}


class Severity(StrEnum):
    """A fault must be mended; a query may be explained."""

    FAULT = "fault"
    QUERY = "query"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something wrong or odd in a submission.

    `code` names the rule ("blank-required"); `key` is the row ("E22000165 M11" or "T1");
    `found` is what stood there (not recorded with `is_doubt`), `wanted` what to do, `example` what would be right.
    """

    code: str
    severity: Severity
    sheet: str
    cell: str
    key: str
    column: str
    found: str
    wanted: str
    example: str = ""
    is_doubt: bool = False

    @property
    def is_fault(self) -> bool:
        """Whether it must be mended before the return is complete."""
        return self.severity is Severity.FAULT


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How one typed cell was understood, to be said back: "12%" -> "12 per cent"."""

    sheet: str
    cell: str
    typed: str
    recorded: str
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class Narrative:
    """A piece of contextual summary, tied to a theme, a narrative measure, an objective or an action.

    `answer` is a quick answer: of NOTHING_NEW there is no text, of STILL_HOLDS it is the earlier text, confirmed.
    `promise` is what is promised for the next quarter, `promise_now` what became of the earlier promise.
    """

    ref: str
    text: str
    sheet: str
    cell: str
    promise: str = ""
    answer: QuickAnswer | None = None
    promise_now: PromiseState | None = None


@dataclass(frozen=True, kw_only=True)
class EarlierNarrative(Narrative):
    """What was written in an earlier quarter, and by whom (a respondent's key)."""

    quarter: Quarter
    respondent: str


@dataclass(frozen=True, kw_only=True)
class SignOff:
    """Who says they completed the form, and when, as typed."""

    completed_by: str = ""
    position: str = ""
    date: str = ""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One received version of a return. Never overwritten; the next has the next `sequence`.

    `content` is a hash over figures, narratives, sign-off and disputes, so that the same content
    in another file is a duplicate, and an approval names exactly one content. `words` is what its sender wrote beside
    the form, `inputs` what stands in the form with it.
    """

    id: str
    quarter: Quarter
    respondent: str
    sequence: int
    content: str
    message: str
    attachment: str
    revision: int
    received: datetime
    sender: str
    figures: tuple[Figure, ...] = ()
    narratives: tuple[Narrative, ...] = ()
    findings: tuple[Finding, ...] = ()
    readings: tuple[Reading, ...] = ()
    disputes: tuple[tuple[str, str, str], ...] = ()
    sign_off: SignOff = SignOff()
    remarks: tuple[str, ...] = ()
    late: bool = False
    words: str = ""
    inputs: tuple[InputText, ...] = ()

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that must be mended."""
        return tuple(f for f in self.findings if f.is_fault)

    @property
    def queries(self) -> tuple[Finding, ...]:
        """The findings that may be explained."""
        return tuple(f for f in self.findings if not f.is_fault)

    @property
    def is_complete(self) -> bool:
        """Complete when no fault is left; open queries may stand."""
        return not self.faults

    def find_content(self, assent: Assent) -> str:
        """The hash of what somebody says yes to: all of it, or what it says of grant money ("" for nothing)."""
        return self.content if assent is Assent.APPROVAL else mark_money(self.figures)
