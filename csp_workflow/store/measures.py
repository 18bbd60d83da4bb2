"""The sets of measures that partnerships proposed, each version as it came: their stored shape, and reading them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Annotated

from pydantic import ValidationError
from sqlmodel import Session, col, select

from csp_workflow.store import words
from csp_workflow.store.engine import Connected, asked_once
from csp_workflow.store.stored_shape import DocumentUnreadable, StoredShape
from csp_workflow.store.tables import MeasureSetRow
from csp_workflow.store.values import Memory
from csp_workflow.terms.figures import (
    Break,
    Frequency,
    Geography,
    LocalMeasure,
    MeasureKind,
    Objective,
    Polarity,
    Series,
)
from csp_workflow.terms.measure_sets import MeasureSet
from csp_workflow.terms.suppression import Suppression

_LATEST = 1


class BreakShape(StoredShape):
    """From when on another thing is counted, and why."""

    of = Break
    day: date
    reason: str


class SuppressionShape(StoredShape):
    """The rule for small numbers."""

    of = Suppression
    below: int
    shown_as: str
    zero_is_shown: bool


class SeriesShape(StoredShape):
    """What is counted."""

    of = Series
    ref: str
    measure: str
    title: str
    unit: str
    kind: Annotated[MeasureKind, words.MEASURE_KINDS]
    polarity: Annotated[Polarity, words.POLARITIES]
    geography: Annotated[Geography, words.GEOGRAPHIES]
    frequency: Annotated[Frequency, words.FREQUENCIES]
    owner: str
    lag_quarters: int
    denominator: str
    suppression: SuppressionShape
    broken: BreakShape | None
    reworded: date | None
    comparable_from: date | None


class LocalMeasureShape(StoredShape):
    """A local measure."""

    of = LocalMeasure
    respondent: str
    area: str
    series: SeriesShape
    definition: str
    priorities: tuple[int, ...]
    agreed: date
    valid_to: date
    counted_by: str


class ObjectiveShape(StoredShape):
    """An objective."""

    of = Objective
    respondent: str
    ref: str
    wording: str
    priorities: tuple[int, ...]
    agreed: date
    valid_to: date
    reworded: date | None


class SetShape(StoredShape):
    """What a set says, version 1."""

    of = MeasureSet
    measures: tuple[LocalMeasureShape, ...]
    objectives: tuple[ObjectiveShape, ...]


def make_set_row(one: MeasureSet) -> MeasureSetRow:
    """A set as its row."""
    return MeasureSetRow(
        respondent=one.respondent,
        year=one.year,
        version=one.version,
        content=one.content,
        message=one.message,
        measures_shape=_LATEST,
        measures=SetShape.model_validate(one).model_dump_json(),
    )


def read_set(row: MeasureSetRow) -> MeasureSet:
    """A set from its row. Raises DocumentUnreadable, StoredWordUnknown."""
    if row.measures_shape != _LATEST:
        raise DocumentUnreadable(f"Measures of shape {row.measures_shape} are not known to this version.")
    try:
        said = SetShape.model_validate_json(row.measures)
    except ValidationError as fault:
        first = fault.errors()[0]
        unknown = first.get("ctx", {}).get("error")
        if isinstance(unknown, words.StoredWordUnknown):
            raise unknown from None
        raise DocumentUnreadable(f"They are no measures of shape {row.measures_shape}: {first['msg']}.") from None
    plain = ("respondent", "year", "version", "message")
    found: MeasureSet = said.as_value(**{name: getattr(row, name) for name in plain})
    return found


class Measures(Connected):
    """Reading the sets. They are written by `commit` alone and never change."""

    def __init__(self) -> None:
        super().__init__()
        self._sets_read = Memory[MeasureSet]()

    @asked_once
    def measure_sets(self, *, year: str = "", respondent: str = "") -> tuple[MeasureSet, ...]:
        """Every version that came (for a year, of a partnership), oldest first."""
        wanted = select(MeasureSetRow.number).order_by(col(MeasureSetRow.number))
        wanted = wanted.where(MeasureSetRow.year == year) if year else wanted
        wanted = wanted.where(MeasureSetRow.respondent == respondent) if respondent else wanted
        with self._reading() as session:
            return self._sets_read.recall(session.exec(wanted).all(), partial(_read_sets, session))


def _read_sets(session: Session, numbers: Sequence[int]) -> dict[int, MeasureSet]:
    rows = session.exec(select(MeasureSetRow).where(col(MeasureSetRow.number).in_(numbers)))
    return {row.number or 0: read_set(row) for row in rows}
