"""The stored shape of a form's definition (`request.form`), version 1, and its way to and from the value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, ValidationError

from csp_workflow.store import words
from csp_workflow.store.documents import DocumentUnreadable
from csp_workflow.terms.dates import Quarter, in_london
from csp_workflow.terms.figures import Figure, Provenance
from csp_workflow.terms.returns import FigureRow, FormDefinition, Reference, SummaryRow
from csp_workflow.terms.site import ActionRow, Area

LATEST = 1


class _Shape(BaseModel):
    """Every key must be there, and no other."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class QuarterShape(_Shape):
    """A quarter: the calendar year in which its financial year starts, and its number."""

    year: int
    number: int


class ReferenceShape(_Shape):
    """A return reference, in its parts."""

    code: str
    period: str
    form: int
    revision: int
    seal: str


class AreaShape(_Shape):
    """A place."""

    code: str
    name: str
    geography: str
    upper_tier: str


class ProvenanceShape(_Shape):
    """Where a figure was read."""

    source: str
    message: str
    attachment: str
    sheet: str
    cell: str
    licence: str
    illustrative: bool


class FigureShape(_Shape):
    """A figure that the form shows; its unit is that of its row."""

    series: str
    area: str
    period: str
    as_at: date
    value: Decimal | None
    status: str
    provenance: ProvenanceShape
    base: int | None
    note: str
    drove_it: str


class FigureRowShape(_Shape):
    """A row of the Figures sheet."""

    area: AreaShape
    ref: str
    measure: str
    title: str
    definition: str
    intent: str
    unit: str
    kind: str
    entry: str
    history: tuple[str, ...]
    official: str
    comparator: str
    given: FigureShape | None
    previous: FigureShape | None
    required: bool
    suppressed_below: int
    period: str


class SummaryRowShape(_Shape):
    """A box of the Summary sheet."""

    ref: str
    heading: str
    prompt: str
    played_back: str
    words: int
    required: bool


class ActionRowShape(_Shape):
    """Something a board asked."""

    ref: str
    board: str
    wording: str
    asked: date
    due: date


class FormShape(_Shape):
    """A form's definition, version 1."""

    reference: ReferenceShape
    respondent: str
    respondent_name: str
    kind: str
    quarter: QuarterShape
    due: datetime
    office: str
    ask: str
    history: tuple[QuarterShape, ...]
    figures: tuple[FigureRowShape, ...]
    summary: tuple[SummaryRowShape, ...]
    actions: tuple[ActionRowShape, ...]
    sources: tuple[str, ...]
    illustrative: bool
    marking: str


def dump_form(form: FormDefinition) -> str:
    """A form's definition in the latest shape, as JSON."""
    return FormShape(
        reference=ReferenceShape(
            code=form.reference.code,
            period=form.reference.period,
            form=form.reference.form,
            revision=form.reference.revision,
            seal=form.reference.seal,
        ),
        respondent=form.respondent,
        respondent_name=form.respondent_name,
        kind=words.RESPONDENT_KINDS.word(form.kind),
        quarter=_quarter_shape(form.quarter),
        due=form.due,
        office=form.office,
        ask=form.ask,
        history=tuple(map(_quarter_shape, form.history)),
        figures=tuple(map(_row_shape, form.figures)),
        summary=tuple(
            SummaryRowShape(
                ref=box.ref,
                heading=box.heading,
                prompt=box.prompt,
                played_back=box.played_back,
                words=box.words,
                required=box.required,
            )
            for box in form.summary
        ),
        actions=tuple(
            ActionRowShape(ref=act.ref, board=act.board, wording=act.wording, asked=act.asked, due=act.due)
            for act in form.actions
        ),
        sources=form.sources,
        illustrative=form.illustrative,
        marking=form.marking,
    ).model_dump_json()


def load_form(text: str, shape: int) -> FormDefinition:
    """A form's definition from its JSON, by the loader of its shape. Raises DocumentUnreadable, StoredWordUnknown."""
    if shape not in _LOADERS:
        raise DocumentUnreadable(f"A form of shape {shape} is not known to this version, which knows {list(_LOADERS)}.")
    try:
        return _LOADERS[shape](text)
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DocumentUnreadable(f"It is no form of shape {shape}: {where}: {first['msg']}.") from None


def _load_form_1(text: str) -> FormDefinition:
    form = FormShape.model_validate_json(text)
    reference = form.reference
    return FormDefinition(
        reference=Reference(
            code=reference.code,
            period=reference.period,
            form=reference.form,
            revision=reference.revision,
            seal=reference.seal,
        ),
        respondent=form.respondent,
        respondent_name=form.respondent_name,
        kind=words.RESPONDENT_KINDS.member(form.kind),
        quarter=_quarter(form.quarter),
        due=in_london(form.due),
        office=form.office,
        ask=form.ask,
        history=tuple(map(_quarter, form.history)),
        figures=tuple(map(_row, form.figures)),
        summary=tuple(
            SummaryRow(
                ref=box.ref,
                heading=box.heading,
                prompt=box.prompt,
                played_back=box.played_back,
                words=box.words,
                required=box.required,
            )
            for box in form.summary
        ),
        actions=tuple(
            ActionRow(ref=act.ref, board=act.board, wording=act.wording, asked=act.asked, due=act.due)
            for act in form.actions
        ),
        sources=form.sources,
        illustrative=form.illustrative,
        marking=form.marking,
    )


_LOADERS: Mapping[int, Callable[[str], FormDefinition]] = {1: _load_form_1}


def _quarter_shape(quarter: Quarter) -> QuarterShape:
    return QuarterShape(year=quarter.year, number=quarter.number)


def _quarter(shape: QuarterShape) -> Quarter:
    return Quarter(shape.year, shape.number)


def _row_shape(row: FigureRow) -> FigureRowShape:
    area = row.area
    return FigureRowShape(
        area=AreaShape(
            code=area.code,
            name=area.name,
            geography=words.GEOGRAPHIES.word(area.geography),
            upper_tier=area.upper_tier,
        ),
        ref=row.ref,
        measure=row.measure,
        title=row.title,
        definition=row.definition,
        intent=row.intent,
        unit=row.unit,
        kind=words.MEASURE_KINDS.word(row.kind),
        entry=words.ENTRIES.word(row.entry),
        history=row.history,
        official=row.official,
        comparator=row.comparator,
        given=_figure_shape(row.given) if row.given else None,
        previous=_figure_shape(row.previous) if row.previous else None,
        required=row.required,
        suppressed_below=row.suppressed_below,
        period=row.period,
    )


def _row(shape: FigureRowShape) -> FigureRow:
    area = shape.area
    return FigureRow(
        area=Area(
            code=area.code,
            name=area.name,
            geography=words.GEOGRAPHIES.member(area.geography),
            upper_tier=area.upper_tier,
        ),
        ref=shape.ref,
        measure=shape.measure,
        title=shape.title,
        definition=shape.definition,
        intent=shape.intent,
        unit=shape.unit,
        kind=words.MEASURE_KINDS.member(shape.kind),
        entry=words.ENTRIES.member(shape.entry),
        history=shape.history,
        official=shape.official,
        comparator=shape.comparator,
        given=_figure(shape.given, shape.unit) if shape.given else None,
        previous=_figure(shape.previous, shape.unit) if shape.previous else None,
        required=shape.required,
        suppressed_below=shape.suppressed_below,
        period=shape.period,
    )


def _figure_shape(figure: Figure) -> FigureShape:
    origin = figure.provenance
    return FigureShape(
        series=figure.series,
        area=figure.area,
        period=figure.period,
        as_at=figure.as_at,
        value=figure.value,
        status=words.FIGURE_STATUSES.word(figure.status),
        provenance=ProvenanceShape(
            source=origin.source,
            message=origin.message,
            attachment=origin.attachment,
            sheet=origin.sheet,
            cell=origin.cell,
            licence=origin.licence,
            illustrative=origin.illustrative,
        ),
        base=figure.base,
        note=figure.note,
        drove_it=figure.drove_it,
    )


def _figure(shape: FigureShape, unit: str) -> Figure:
    origin = shape.provenance
    return Figure(
        series=shape.series,
        area=shape.area,
        period=shape.period,
        as_at=shape.as_at,
        value=shape.value,
        unit=unit,
        status=words.FIGURE_STATUSES.member(shape.status),
        provenance=Provenance(
            source=origin.source,
            message=origin.message,
            attachment=origin.attachment,
            sheet=origin.sheet,
            cell=origin.cell,
            licence=origin.licence,
            illustrative=origin.illustrative,
        ),
        base=shape.base,
        note=shape.note,
        drove_it=shape.drove_it,
    )
