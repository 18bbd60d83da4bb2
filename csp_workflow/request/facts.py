"""What opening a cycle is decided by, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from csp_workflow.letters.render import Environment
from csp_workflow.request.envelopes import first_day
from csp_workflow.request.proof import Material, Proof, ProofEntry
from csp_workflow.terms.dates import CycleDates, Quarter, in_london
from csp_workflow.terms.events import NOTHING, Decision, Event, Happened
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.returns import Narrative
from csp_workflow.terms.site import Site
from csp_workflow.terms.status import CycleStatus, ServiceStatus

CALENDAR = "the calendar"
"""Who does what nobody ordered: the dates do."""


@dataclass(frozen=True, kw_only=True)
class OpeningFacts:
    """What opening a cycle is decided by.

    `dates` is None when the quarter is not planned. `figures` are all that are stored; `narratives` what each
    respondent wrote last quarter, by key and ref; `revisions` how many forms each was sent in this cycle;
    `events` the cycle's own. `by` is who orders it. `key` seals references. `service` knows whom letters reach.
    """

    site: Site
    quarter: Quarter
    dates: CycleDates | None
    status: CycleStatus
    figures: tuple[Figure, ...]
    key: bytes
    templates: Environment
    by: str = CALENDAR
    narratives: Mapping[str, Mapping[str, Narrative]] = field(default_factory=dict)
    revisions: Mapping[str, int] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    service: ServiceStatus = field(default_factory=ServiceStatus)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What to commit, and the proof it rests on: `proof.workbooks` are to be archived first."""

    decision: Decision = NOTHING
    proof: Proof | None = None

    @property
    def workbooks(self) -> tuple[bytes, ...]:
        """The files to be kept before the decision is committed."""
        return self.proof.workbooks if self.proof else ()


def material(
    facts: OpeningFacts, dates: CycleDates, now: datetime, *, created: datetime, as_at: date | None = None
) -> Material:
    """What the forms are made from. A cycle that opens late may show what came meanwhile, never what is to come."""
    today = in_london(now).date()
    return Material(
        site=facts.site,
        dates=dates,
        figures=facts.figures,
        narratives=facts.narratives,
        revisions=facts.revisions,
        key=facts.key,
        as_at=as_at or max(dates.open, today),
        today=today,
        reach=facts.service,
        leaves=first_day(now, facts.site),
        created=created,
    )


def event(kind: Happened, entry: ProofEntry, facts: OpeningFacts, now: datetime) -> Event:
    """Something that happened to one respondent's return."""
    return Event(
        kind=kind,
        at=now,
        by=facts.by or CALENDAR,
        quarter=facts.quarter,
        respondent=entry.respondent.key,
        facts={"revision": entry.form.reference.revision} if kind is Happened.REQUESTED else {},
    )
