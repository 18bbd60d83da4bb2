"""`peers.toml`, `waivers.toml` and `actions.toml`: comparison groups, waivers, what boards asked."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from csp_workflow.settings.schemas.common import AreaCode, Day, Key, Line, Table, Text


class ElsewhereEntry(Table):
    """An area outside the force, for comparison only."""

    code: AreaCode
    name: Text


class GroupEntry(Table):
    """A dated comparison group."""

    key: Key
    title: Text
    version: Day
    areas: Annotated[tuple[AreaCode, ...], Field(min_length=2)]


class PeersFile(Table):
    """The whole of peers.toml."""

    groups: tuple[GroupEntry, ...] = ()
    elsewhere: tuple[ElsewhereEntry, ...] = ()


class WaiverEntry(Table):
    """Until a day a respondent need not answer a measure, or (`contact`) need not have anybody we can write to."""

    respondent: Line
    measure: Line = ""
    contact: bool = False
    reason: Text
    until: Day


class WaiversFile(Table):
    """The whole of waivers.toml."""

    waivers: tuple[WaiverEntry, ...] = ()


class ActionEntry(Table):
    """Something a board asked of a respondent."""

    ref: Text
    respondent: Line
    board: Line
    wording: Text
    asked: Day
    due: Day


class ActionsFile(Table):
    """The whole of actions.toml."""

    actions: tuple[ActionEntry, ...] = ()
