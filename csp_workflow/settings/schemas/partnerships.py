"""`partnerships.toml`: the partnerships, their areas, people, local measures and objectives."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from csp_workflow.settings.schemas.common import AreaCode, Code, ContactEntry, Day, Key, Line, Table, Text, WholeDays
from csp_workflow.terms.framework import Frequency, Kind, Polarity


class AreaEntry(Table):
    """A CSP area with its ONS code and the upper tier it lies in."""

    code: AreaCode
    name: Text
    upper_tier: AreaCode


class LocalMeasureEntry(Table):
    """Something a partnership itself counts in one of its areas."""

    ref: Text
    area: AreaCode
    title: Text
    unit: Text
    kind: Kind
    polarity: Polarity
    definition: Text
    priorities: Annotated[tuple[int, ...], Field(min_length=1)]
    agreed: Day
    valid_to: Day = date.max
    frequency: Frequency = Frequency.QUARTERLY
    denominator: Line = ""
    suppress_below: WholeDays = 0
    suppress_as: Line = ""


class ObjectiveEntry(Table):
    """Something a partnership itself aims at."""

    ref: Text
    wording: Text
    priorities: Annotated[tuple[int, ...], Field(min_length=1)]
    agreed: Day
    valid_to: Day = date.max


class PartnershipEntry(Table):
    """One partnership."""

    key: Key
    code: Code
    name: Text
    valid_from: Day = date.min
    valid_to: Day = date.max
    areas: Annotated[tuple[AreaEntry, ...], Field(min_length=1)]
    contacts: tuple[ContactEntry, ...] = ()
    local_measures: tuple[LocalMeasureEntry, ...] = ()
    objectives: tuple[ObjectiveEntry, ...] = ()


class PartnershipsFile(Table):
    """The whole file."""

    partnerships: Annotated[tuple[PartnershipEntry, ...], Field(min_length=1)]
