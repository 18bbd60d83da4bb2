"""The stored shapes of a form's definition (`request.form`): a shape is never changed, and each has its own loader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, ValidationError

from csp_workflow.store import words
from csp_workflow.store.stored_shape import DocumentUnreadable, StoredShape
from csp_workflow.terms.cells import FormVersion, QuickAnswer, Reference
from csp_workflow.terms.comparisons import UsualRange
from csp_workflow.terms.dates import Quarter, in_london
from csp_workflow.terms.figures import Figure, FigureStatus, Geography, MeasureKind, Provenance
from csp_workflow.terms.returns import Entry, FigureRow, FormDefinition, SummaryRow
from csp_workflow.terms.site import ActionRow, Area, RespondentKind

LATEST = 8


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


class FigureRowShape4(FigureRowShape3):
    """With what is disputed."""

    disputed: str


class FigureRowShape5(FigureRowShape4):
    """With the sizes from which on likeness is asked about."""

    least_repeated: Decimal | None
    least_shared: Decimal | None


class FigureRowShape6(FigureRowShape5):
    """With that from which on a sum is."""

    least_summed: Decimal | None


class FigureRowShape(FigureRowShape6):
    """With the other rules that look at it."""

    checked: tuple[tuple[str, Decimal], ...]


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


class FormShape5(FormShape4):
    """Version 5: what is disputed."""

    figures: tuple[FigureRowShape4, ...]


class FormShape6(FormShape5):
    """Version 6: from which size on a figure that is like another one is asked about."""

    figures: tuple[FigureRowShape5, ...]


class FormShape7(FormShape6):
    """Version 7: from which size on a figure that is the sum of others is."""

    figures: tuple[FigureRowShape6, ...]


class FormShape(FormShape7):
    """Version 8: which other rules look at a figure."""

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
    5: FormShape5,
    6: FormShape6,
    7: FormShape7,
    8: FormShape,
}
