"""`contributors.toml`: places larger than an area, the contributors and the force's analyst."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from csp_workflow.settings.schemas.common import AreaCode, Code, ContactEntry, Day, Key, Table, Text
from csp_workflow.terms.respondents import Geography


class PlaceEntry(Table):
    """A policing area, an upper tier or the force."""

    code: AreaCode
    name: Text
    geography: Geography


class ContributorEntry(Table):
    """One contributor; `areas` are codes of places and of CSP areas."""

    key: Key
    code: Code
    name: Text
    kind: Literal["contributor", "analyst"]
    valid_from: Day = date.min
    valid_to: Day = date.max
    areas: Annotated[tuple[AreaCode, ...], Field(min_length=1)]
    contacts: tuple[ContactEntry, ...] = ()


class ContributorsFile(Table):
    """The whole file."""

    areas: Annotated[tuple[PlaceEntry, ...], Field(min_length=1)]
    contributors: Annotated[tuple[ContributorEntry, ...], Field(min_length=1)]
