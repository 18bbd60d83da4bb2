"""What is stored as a document, apart from the code's own values: a form's definition, and the facts of an event.

A shape is never changed: a new one gets the next version, a loader of its own stands beside the others, and what was
written before is still read by the loader of its version. An unknown key or a missing one is an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, ValidationError

from csp_workflow.store import words
from csp_workflow.store.stored_shape import StoredShape
from csp_workflow.terms.chosen import QuickAnswer
from csp_workflow.terms.dates import Quarter, in_london
from csp_workflow.terms.events import Fact, Happened
from csp_workflow.terms.figures import Figure, FigureStatus, Geography, MeasureKind, Provenance
from csp_workflow.terms.references import FormVersion, Reference
from csp_workflow.terms.returns import Entry, FigureRow, FormDefinition, SummaryRow
from csp_workflow.terms.site import ActionRow, Area, RespondentKind
from csp_workflow.terms.usual_range import UsualRange


class DocumentUnreadable(ValueError):
    """A stored document is not of the shape that its version says."""


# A form's definition (`request.form`) -----------------------------------------------------------------------

LATEST = 5


class QuarterShape(StoredShape):
    """A quarter: the calendar year in which its financial year starts, and its number."""

    of = Quarter
    year: int
    number: int


class ReferenceShape1(StoredShape):
    """A return reference, in its parts; the layout's version is a whole number."""

    of = Reference
    code: str
    period: str
    form: Annotated[FormVersion, PlainValidator(lambda stored: FormVersion(int(stored)))]
    revision: int
    seal: str


class ReferenceShape(ReferenceShape1):
    """With the layout's version as it is written: "2.1"."""

    form: Annotated[FormVersion, PlainValidator(lambda given: FormVersion.parse(str(given))), PlainSerializer(str)]


class AreaShape(StoredShape):
    """A place."""

    of = Area
    code: str
    name: str
    geography: Annotated[Geography, words.GEOGRAPHIES]
    upper_tier: str


class ProvenanceShape(StoredShape):
    """Where a figure was read."""

    of = Provenance
    source: str
    message: str
    attachment: str
    sheet: str
    cell: str
    licence: str
    illustrative: bool


class FigureShape1(StoredShape):
    """A figure that the form shows; its unit is that of its row."""

    of = Figure
    series: str
    area: str
    period: str
    as_at: date
    value: Decimal | None
    status: Annotated[FigureStatus, words.FIGURE_STATUSES]
    provenance: ProvenanceShape
    base: int | None
    note: str
    drove_it: str


class FigureShape(FigureShape1):
    """With how many a share counts."""

    count: int | None


class FigureRowShape1(StoredShape):
    """A row of the Figures sheet."""

    of = FigureRow
    area: AreaShape
    ref: str
    measure: str
    title: str
    definition: str
    intent: str
    unit: str
    kind: Annotated[MeasureKind, words.MEASURE_KINDS]
    entry: Annotated[Entry, words.ENTRIES]
    history: tuple[str, ...]
    official: str
    comparator: str
    given: FigureShape1 | None
    previous: FigureShape1 | None
    required: bool
    suppressed_below: int
    period: str

    def as_value(self, **others: Any) -> Any:
        """Its figures count what the row counts."""
        row = super().as_value(**others)
        figures = {"given": row.given, "previous": row.previous}
        return replace(row, **{name: replace(figure, unit=row.unit) for name, figure in figures.items() if figure})


class FigureRowShape2(FigureRowShape1):
    """With what a share is a share of."""

    given: FigureShape | None
    previous: FigureShape | None
    out_of: str


class UsualRangeShape(StoredShape):
    """What twelve months usually come to."""

    of = UsualRange
    low: Decimal
    high: Decimal
    rest: Decimal
    base: int


class FigureRowShape3(FigureRowShape2):
    """With what is usual."""

    usual: UsualRangeShape | None


class FigureRowShape(FigureRowShape3):
    """With what is disputed."""

    disputed: str


class SummaryRowShape1(StoredShape):
    """A box of the Summary sheet."""

    of = SummaryRow
    ref: str
    heading: str
    prompt: str
    played_back: str
    words: int
    required: bool


class SummaryRowShape(SummaryRowShape1):
    """With what was promised, and the answers that do in the place of words."""

    promise: str
    quick: tuple[Annotated[QuickAnswer, words.QUICK_ANSWERS], ...]


class ActionRowShape(StoredShape):
    """Something a board asked."""

    of = ActionRow
    ref: str
    board: str
    wording: str
    asked: date
    due: date


class FormShape1(StoredShape):
    """A form's definition, version 1."""

    of = FormDefinition
    reference: ReferenceShape1
    respondent: str
    respondent_name: str
    kind: Annotated[RespondentKind, words.RESPONDENT_KINDS]
    quarter: QuarterShape
    due: datetime
    office: str
    ask: str
    history: tuple[QuarterShape, ...]
    figures: tuple[FigureRowShape1, ...]
    summary: tuple[SummaryRowShape1, ...]
    actions: tuple[ActionRowShape, ...]
    sources: tuple[str, ...]
    illustrative: bool
    marking: str

    def as_value(self, **others: Any) -> Any:
        """It is due in London time."""
        return super().as_value(due=in_london(self.due), **others)


class FormShape2(FormShape1):
    """Version 2: a share is asked as two counts."""

    figures: tuple[FigureRowShape2, ...]


class FormShape3(FormShape2):
    """Version 3: what is usual, quick answers and promises."""

    figures: tuple[FigureRowShape3, ...]
    summary: tuple[SummaryRowShape, ...]


class FormShape4(FormShape3):
    """Version 4: the layout has minor versions."""

    reference: ReferenceShape


class FormShape(FormShape4):
    """Version 5: what is disputed."""

    figures: tuple[FigureRowShape, ...]


def dump_form(form: FormDefinition) -> str:
    """A form's definition in the latest shape, as JSON."""
    return FormShape.model_validate(form).model_dump_json()


def load_form(text: str, shape: int) -> FormDefinition:
    """A form's definition from its JSON, by the loader of its shape. Raises DocumentUnreadable, StoredWordUnknown."""
    if shape not in _FORM_SHAPES:
        raise DocumentUnreadable(
            f"A form of shape {shape} is not known to this version, which knows {list(_FORM_SHAPES)}."
        )
    try:
        form: FormDefinition = _FORM_SHAPES[shape].model_validate_json(text).as_value()
    except ValidationError as fault:
        first = fault.errors()[0]
        unknown = first.get("ctx", {}).get("error")
        if isinstance(unknown, words.StoredWordUnknown):
            raise unknown from None
        where = ".".join(map(str, first["loc"]))
        raise DocumentUnreadable(f"It is no form of shape {shape}: {where}: {first['msg']}.") from None
    return form


_FORM_SHAPES: Mapping[int, type[FormShape1]] = {
    1: FormShape1,
    2: FormShape2,
    3: FormShape3,
    4: FormShape4,
    5: FormShape,
}


# The facts of an event (`event.facts`), by kind of event ------------------------------------------------------

# A kind of event has one shape for each version of its facts. A key that is renamed in the code keeps its stored name:
# a new version of the shape gets the new name, and the old one a function that makes new facts of old ones.

Facts = Mapping[str, Fact]


def _as_it_is(facts: Facts) -> Facts:
    return facts


@dataclass(frozen=True)
class Shape:
    """One version of the facts of a kind of event: each key with its type, or with the words that may be stored.

    `optional` keys may be absent, and are then absent for whoever reads. A key that begins with `marks` is allowed
    beside the others, with a text. `renew` makes facts of the next version of them.
    """

    required: Mapping[str, type | words.Words[Any]] = field(default_factory=dict)
    optional: Mapping[str, type | words.Words[Any]] = field(default_factory=dict)
    marks: str = ""
    renew: Callable[[Facts], Facts] = _as_it_is

    def faults(self, facts: Facts) -> list[str]:
        """What does not fit, in phrases."""
        known = {**self.required, **self.optional}
        found = [f"'{key}' is missing" for key in self.required if key not in facts]
        for key, value in facts.items():
            wanted = known.get(key) or (str if self.marks and key.startswith(self.marks) else None)
            if wanted is None:
                found.append(f"'{key}' is not known")
            elif isinstance(wanted, words.Words):
                found += [] if wanted.knows(value) else [f"'{key}' is {value!r}, which is no stored word"]
            elif type(value) is not wanted:
                found.append(f"'{key}' is {value!r}, not {wanted.__name__}")
        return found

    def translate(self, facts: Facts, into: Callable[[words.Words[Any], Any], Any]) -> Facts:
        """The facts with each that has words of its own in other ones."""
        listed = {**self.required, **self.optional}
        known = {key: wanted for key, wanted in listed.items() if isinstance(wanted, words.Words) and key in facts}
        return {**facts, **{key: into(wanted, facts[key]) for key, wanted in known.items()}} if known else facts


def _absence_1(facts: Facts) -> Facts:
    """At first nobody's day of return was reckoned: it was always the one they named."""
    return {**facts, "assumed": False}


def _digest_1(facts: Facts) -> Facts:
    """At first a digest did not keep what it told: the next one tells all of it as new."""
    return {**facts, "told": "", "standing": ""}


H = Happened
_COUNTS = Shape({"faults": int, "queries": int})
_REASON = Shape({"reason": str})
_ENDED = Shape({"reason": str}, optional={"said_by": str})
_RUNG = Shape({"rung": str, "days": int})
_SINCE = Shape({"since": str, "days": int})
_CONTENT = Shape({"content": str})
_DRAFT = Shape({"content": str, "copy": str, "number": int})
_BESIDE_DRAFT = {"statements": str, "edits": str, "named": int, "companion": str}
_OF_DRAFT = Shape({"content": str, "number": int})
_ERRATUM = Shape({**_DRAFT.required, "statements": str, "adds": bool})
_AS_WRITTEN = Shape({"content": str}, optional={"as_written": bool})
_DISPOSED = Shape({"before": str, "messages": int})
_FORMS = Shape({"forms": int})
_PLAIN = Shape()
_A_SET = Shape({"year": str, "version": int, "content": str})
_NAMED = Shape({"role": words.ROLES, "name": str, "since": str, "until": str, "replaces": str, "known": bool})

SHAPES: Mapping[Happened, tuple[Shape, ...]] = {
    H.CYCLE_PLANNED: (_PLAIN,),
    H.EXTRACT_PROVED: (Shape({"forms": int}, marks="form:"),),
    H.PROOF_MADE: (
        Shape({"forms": int}, marks="form:"),
        Shape({"forms": int}, optional={"awaited": int}, marks="form:"),
    ),
    H.CYCLE_OPENED: (_FORMS,),
    H.CYCLE_CLOSED: (_PLAIN,),
    H.CYCLE_ARCHIVED: (_PLAIN,),
    H.CYCLE_REPLANNED: (_PLAIN, Shape(optional={"moved": str})),
    H.FORM_OVERTAKEN: (Shape({"figures": int, "came": int, "wordings": int, "mark": str}),),
    H.FORM_REISSUED: (Shape({"revision": int}),),
    H.EXPECTED: (_PLAIN,),
    H.REQUESTED: (Shape({"revision": int}),),
    H.RECEIVED: (Shape({"late": bool, "sequence": int, "revision": int}),),
    H.QUERIED: (_COUNTS,),
    H.COMPLETE: (_COUNTS,),
    H.APPROVAL_ASKED: (Shape({"content": str, "version": int}),),
    H.APPROVED: (_CONTENT, Shape(optional={"content": str, "role": words.ROLES, "approver": str, "evidence": str})),
    H.NIL: (_REASON, _ENDED),
    H.DECLINED: (_REASON, _ENDED),
    H.REOPENED: (_REASON,),
    H.NOT_RECEIVED: (_PLAIN,),
    H.EXTENDED: (Shape({"until": str, "reason": str}),),
    H.QUESTION_ASKED: (_PLAIN, Shape(optional={"board": str})),
    H.QUESTION_ANSWERED: (_PLAIN,),
    H.MESSAGE_HELD: (Shape(optional={"why": str}),),
    H.MESSAGE_SETTLED: (_PLAIN,),
    H.COLLEAGUE_CONFIRMED: (_PLAIN,),
    H.COLLEAGUE_REFUSED: (_PLAIN,),
    H.OFFICE_AWAY: (Shape({"since": str, "until": str}),),
    H.OFFICE_BACK: (_PLAIN,),
    H.HELD: (_PLAIN, Shape(optional={"why": str})),
    H.RESUMED: (_PLAIN,),
    H.ABSENCE_SEEN: (Shape({"until": str}, renew=_absence_1), Shape({"until": str, "assumed": bool})),
    H.ABSENCE_ENDED: (_PLAIN,),
    H.ADDRESS_FAILED: (Shape({"letter": str, "status": str}),),
    H.LETTER_CAME_BACK: (Shape({"letter": str, "blame": words.BLAMES, "status": str, "said": str, "tried": bool}),),
    H.CONTACT_DISOWNED: (_PLAIN, Shape(optional={"named": str})),
    H.ADDRESS_RESTORED: (_PLAIN,),
    H.CONTACT_NAMED: (_NAMED,),
    H.CONTACT_CONFIRMED: (_PLAIN,),
    H.CONTACT_WITHDRAWN: (_PLAIN,),
    H.MEMBER_CONFIRMED: (Shape({"lead": str}),),
    H.MEMBER_ENDED: (_PLAIN,),
    H.CHAIR_LETTER_PROPOSED: (_RUNG,),
    H.CHAIR_LETTER_ALLOWED: (_PLAIN,),
    H.REMINDED: (Shape({"rung": str}, optional={"days": int, "number": int}),),
    H.PHONE_CALL_DUE: (_RUNG,),
    H.PHONED: (Shape({"whom": str, "said": str, "until": str}),),
    H.PAPER_DRAFTED: (
        _DRAFT,
        Shape(_DRAFT.required, optional={"statements": str}),
        Shape(_DRAFT.required, optional=_BESIDE_DRAFT),
        Shape(_DRAFT.required, optional={**_BESIDE_DRAFT, "pages": str}),
    ),
    H.WORDS_DISMISSED: (Shape({"edits": str}),),
    H.PAPER_SHOWN: (Shape({"content": str, "number": int, "until": str}),),
    H.AGREEMENT_ASKED: (Shape({"reader": str, "content": str, "number": int, "reminder": int}),),
    H.PAPER_AGREED: (Shape({"reader": str, "content": str, "number": int}),),
    H.CLEARANCE_WANTED: (_OF_DRAFT, Shape(_OF_DRAFT.required, optional={"unwaited": bool})),
    H.PAPER_CLEARED: (
        _CONTENT,
        Shape({"content": str}, optional={"number": int}),
        Shape({"content": str}, optional={"number": int, "unwaited": bool}),
    ),
    H.PAPER_CIRCULATED: (_CONTENT, _AS_WRITTEN),
    H.PAPER_PUBLISHED: (_PLAIN,),
    H.ERRATUM_DRAFTED: (_ERRATUM, Shape(_ERRATUM.required, optional={"named": int, "changes": str})),
    H.ERRATUM_CIRCULATED: (_CONTENT, _AS_WRITTEN),
    H.ERRATUM_DISMISSED: (Shape({"reason": str, "moot": bool}),),
    H.DIGEST_MADE: (
        Shape({"day": str, "needs": int}, renew=_digest_1),
        Shape({"day": str, "needs": int, "told": str, "standing": str}),
        Shape({"day": str, "needs": int, "told": str, "standing": str, "with_deputy": int, "sent": bool}),
    ),
    H.GAP_NOTICED: (_SINCE,),
    H.CLOCK_DOUBTED: (_SINCE,),
    H.STRAY_OWN_MAIL: (_PLAIN,),
    H.BREAKER_TRIPPED: (Shape({"why": str}),),
    H.RELEASED: (_PLAIN,),
    H.FIGURES_IMPORTED: (Shape({"taken": int, "refused": int}),),
    H.COMMANDED: (Shape({"command": str}),),
    H.ANSWERS_STOPPED: (_PLAIN,),
    H.ANSWER_RECALLED: (_PLAIN,),
    H.RETURNED: (_REASON,),
    H.PUT_OFF: (Shape({"until": str, "what": str}),),
    H.TOPIC_FOUND: (Shape({"topic": str, "due": str, "passed": bool}),),
    H.TOPIC_SETTLED: (_PLAIN,),
    H.WE_FAILED: (Shape({"end": words.JOB_ENDS}),),
    H.CONFIG_TAKEN: (_PLAIN,),
    H.CONFIG_REFUSED: (Shape({"why": str}),),
    H.STORE_MOVED: (Shape({"why": str}),),
    H.MAILBOX_COMPARED: (Shape({"found": int, "left": int}),),
    H.MESSAGES_DISPOSED: (_DISPOSED, Shape(_DISPOSED.required, optional={"letters": int})),
    H.TROUBLE_BEGAN: (_PLAIN,),
    H.TROUBLE_ENDED: (_PLAIN,),
    H.SUBJECT_ERASED: (Shape({"roles": str, "messages": int, "letters": int, "files": int, "left": int}),),
    H.ACTION_ASKED: (Shape({"board": str, "meeting": str, "wording": str, "due": str}),),
    H.ACTION_CLOSED: (_REASON,),
    H.NOTES_ORDERED: (_PLAIN,),
    H.DISPUTES_PASSED: (_PLAIN,),
    H.REVISION_EXPLAINED: (Shape({"words": str}),),
    H.DISPUTE_ANSWERED: (Shape({"area": str, "ref": str, "words": str}),),
    H.QUERY_ANSWERED: (Shape({"key": str, "column": str, "code": str, "found": str, "words": str}),),
    H.MEASURES_PROVED: (Shape({"year": str, "forms": int}),),
    H.MEASURES_ASKED: (Shape({"year": str}),),
    H.MEASURES_QUERIED: (Shape({"year": str, "faults": int}),),
    H.MEASURES_PROPOSED: (_A_SET,),
    H.MEASURES_APPROVED: (Shape({**_A_SET.required, "approver": str}, optional={"evidence": str}),),
    H.MEASURES_RETURNED: (Shape({"year": str, "version": int, "reason": str}),),
    H.MEASURES_AGREED: (_A_SET,),
    H.SETUP_SENT_OUT: (_CONTENT,),
    H.FILE_OFFERED: (Shape({"content": str, "name": str, "brings": words.OFFERS, "mark": str}),),
    H.SETUP_APPLIED: (Shape({"content": str, "changes": int}),),
}
"""The shapes of each kind's facts, oldest first: the version of one is its place, counted from 1."""

ABOUT_A_SUBMISSION = frozenset(
    {H.RECEIVED, H.QUERIED, H.COMPLETE, H.APPROVAL_ASKED, H.APPROVED, H.RETURNED, H.DISPUTES_PASSED}
)
ABOUT_A_MESSAGE = frozenset(
    {
        *(H.NIL, H.DECLINED, H.REOPENED, H.EXTENDED),
        *(H.QUESTION_ASKED, H.QUESTION_ANSWERED, H.MESSAGE_HELD, H.MESSAGE_SETTLED),
        *(H.COLLEAGUE_CONFIRMED, H.COLLEAGUE_REFUSED, H.STRAY_OWN_MAIL, H.COMMANDED),
        *(H.ANSWERS_STOPPED, H.ANSWER_RECALLED, H.PUT_OFF, H.PHONED),
        *(H.TOPIC_FOUND, H.TOPIC_SETTLED, H.WE_FAILED, H.QUERY_ANSWERED, H.REVISION_EXPLAINED),
    }
)
"""The kinds whose subject is a version of a return, or a message: it stands in a column that points there."""


def dump_facts(kind: Happened, facts: Facts) -> tuple[int, str]:
    """The version of a kind's latest shape, and facts as its JSON. Raises DocumentUnreadable when they do not fit."""
    version = len(SHAPES[kind])
    stored = SHAPES[kind][-1].translate(facts, lambda listed, said: listed.word_for(said))
    _refuse(kind, version, stored)
    return version, json.dumps(dict(stored), sort_keys=True)


def load_facts(kind: Happened, version: int, text: str) -> Facts:
    """The facts of a stored event as they are known today. Raises DocumentUnreadable."""
    shapes = SHAPES[kind]
    if not 1 <= version <= len(shapes):
        raise DocumentUnreadable(f"Facts of '{kind.value}' in version {version} are not known to this version.")
    facts: Facts = _decoded(kind, text)
    _refuse(kind, version, facts)
    facts = shapes[version - 1].translate(facts, lambda listed, word: listed.member(word).value)
    for shape in shapes[version - 1 :]:
        facts = shape.renew(facts)
    return facts


def _decoded(kind: Happened, text: str) -> dict[str, Fact]:
    if text == "{}":
        return {}
    try:
        facts = json.loads(text)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise DocumentUnreadable(f"The facts of '{kind.value}' are no JSON object.")
    return facts


def _refuse(kind: Happened, version: int, facts: Facts) -> None:
    if faults := SHAPES[kind][version - 1].faults(facts):
        raise DocumentUnreadable(f"The facts of '{kind.value}' are not of version {version}: {'; '.join(faults)}.")
