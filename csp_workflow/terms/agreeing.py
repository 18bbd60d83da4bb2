"""How far the agreeing of each year's measures has come, folded from events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from csp_workflow.terms.events import MEASURES_MOVES, Event, Happened, next_state
from csp_workflow.terms.measure_sets import MeasuresState


@dataclass(frozen=True, kw_only=True)
class MeasuresStatus:
    """Where the agreeing with one partnership stands for a year.

    `version` and `content` are those of the set that came last (0 and "": none). `faults` counts what is to be mended
    in the last workbook, `answers` how many workbooks came; `since` is when the state was reached, `reason` why she
    sent the set back and `asked` when they were asked. `agreed` is the version that holds (0: none yet), also while a
    later one is being agreed, and `held_before` are those that held before it.
    """

    respondent: str
    year: str
    state: MeasuresState = MeasuresState.UNASKED
    since: datetime | None = None
    version: int = 0
    content: str = ""
    faults: int = 0
    answers: int = 0
    approved_by: str = ""
    reason: str = ""
    agreed: int = 0
    held_before: tuple[int, ...] = ()
    asked: datetime | None = None

    @property
    def waits_for_lead(self) -> bool:
        """Whether the next step is the lead's."""
        return self.state in {MeasuresState.ASKED, MeasuresState.QUERIED}


@dataclass(frozen=True, kw_only=True)
class Agreeing:
    """Every agreeing there was: when each year's letters were last proved, and where each partnership stands."""

    proved: Mapping[str, datetime] = field(default_factory=dict)
    standings: Mapping[tuple[str, str], MeasuresStatus] = field(default_factory=dict)

    def stands(self, year: str, respondent: str) -> MeasuresStatus:
        """Where a partnership stands for a year."""
        return self.standings.get((year, respondent), MeasuresStatus(respondent=respondent, year=year))

    def list_year(self, year: str) -> tuple[MeasuresStatus, ...]:
        """Where everybody stands who was asked for a year, in the order of asking."""
        return tuple(stands for (of, _), stands in self.standings.items() if of == year)

    @property
    def open_years(self) -> tuple[str, ...]:
        """The years for which not everything is agreed, oldest first."""
        states = ((year, stands.state) for (year, _), stands in self.standings.items())
        return tuple(sorted({year for year, state in states if state is not MeasuresState.AGREED}))

    @property
    def agreed(self) -> tuple[tuple[str, str, int], ...]:
        """The sets that were agreed, those that hold among them: year, respondent, version."""
        standings = ((year, key, one) for (year, key), one in self.standings.items() if one.agreed)
        return tuple((year, key, version) for year, key, one in standings for version in (*one.held_before, one.agreed))

    def find_open(self, respondent: str) -> MeasuresStatus | None:
        """The newest year for which a partnership was asked."""
        mine = (stands for (_, key), stands in self.standings.items() if key == respondent)
        return max(mine, key=lambda stands: stands.year, default=None)


_H = Happened


def agreeing_after(agreeing: Agreeing, event: Event) -> Agreeing:
    """How far it has come after an event."""
    year = str(event.facts.get("year") or "")
    if event.kind is Happened.MEASURES_PROVED:
        return replace(agreeing, proved=MappingProxyType({**agreeing.proved, year: event.at}))
    if not any(move.event is event.kind for move in MEASURES_MOVES):
        return agreeing
    status = _status_after(agreeing.stands(year, event.respondent), event)
    return replace(agreeing, standings=MappingProxyType({**agreeing.standings, (year, event.respondent): status}))


def _status_after(status: MeasuresStatus, event: Event) -> MeasuresStatus:
    facts, version = event.facts, int(event.facts.get("version") or 0)
    state = next_state(MEASURES_MOVES, status.state, event.kind)
    said: dict[str, Any] = {"reason": str(facts.get("reason") or ""), "approved_by": str(facts.get("approver") or "")}
    if event.kind in {_H.MEASURES_QUERIED, _H.MEASURES_PROPOSED}:
        said |= {"faults": int(facts.get("faults") or 0), "answers": status.answers + 1}
    if event.kind is _H.MEASURES_PROPOSED:
        said |= {"version": version, "content": str(facts["content"])}
    if event.kind is _H.MEASURES_ASKED:
        said["asked"] = event.at
    if event.kind is _H.MEASURES_AGREED:
        before = (*status.held_before, status.agreed) if status.agreed not in {0, version} else status.held_before
        said |= {"agreed": version, "held_before": before, "approved_by": status.approved_by}
    return replace(status, state=state, since=event.at, **said)
