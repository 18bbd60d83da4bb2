"""Opening a cycle: the analyst's request on its date, the proof pack for the co-ordinator, and SEND.

Nothing but the analyst's request leaves before SEND. What is due is derived from dates and status, so doing
it late or twice does the right thing once.
"""

from __future__ import annotations

from datetime import datetime

from csp_workflow.request import envelopes, proof
from csp_workflow.request.analyst import analyst, analyst_is_due
from csp_workflow.request.facts import CALENDAR, Opening, OpeningFacts, event, material
from csp_workflow.request.proof import Proof
from csp_workflow.request.remarks import refusals, remarks
from csp_workflow.terms.dates import CycleDates, CycleState, in_london
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.phrases import joined, moment
from csp_workflow.terms.site import RespondentKind, Site
from csp_workflow.terms.status import CycleStatus

__all__ = [
    "Opening",
    "OpeningFacts",
    "analyst",
    "analyst_is_due",
    "automatic",
    "proof_is_due",
    "prove",
    "send",
]

_PARTNERS = frozenset({RespondentKind.PARTNERSHIP, RespondentKind.CONTRIBUTOR})


def proof_is_due(site: Site, dates: CycleDates, status: CycleStatus, now: datetime) -> bool:
    """Whether the proof pack is to be made without an order: on the opening day's morning, if there is none yet."""
    local = in_london(now)
    is_its_time = local.date() > dates.open or (local.date() == dates.open and local.time() >= site.digest_at)
    return status.state is CycleState.PLANNED and is_its_time and now < dates.close


def automatic(facts: OpeningFacts, now: datetime) -> Opening:
    """The proof pack on the day the cycle opens, if the co-ordinator has not ordered it. Never SEND.

    What would refuse her order is told in the pack instead, so that the schedule does not stand still in silence.
    """
    if facts.dates is None or not proof_is_due(facts.site, facts.dates, facts.status, now):
        return Opening()
    laid = proof.lay(material(facts, facts.dates, now, created=now), _PARTNERS)
    return _proved(facts, facts.dates, laid, now)


def prove(facts: OpeningFacts, now: datetime) -> Opening:
    """Make the proof pack, or make it again. Raises PreconditionFailed when the cycle could not be sent so."""
    dates = _planned(facts)
    _refuse_if_sent(facts)
    laid = proof.lay(material(facts, dates, now, created=now), _PARTNERS)
    _refuse_if_unfit(facts, laid, now)
    return _proved(facts, dates, laid, now)


def _proved(facts: OpeningFacts, dates: CycleDates, laid: Proof, now: datetime) -> Opening:
    today = in_london(now).date()
    said = (*refusals(facts, laid, today), *remarks(facts, dates, laid, today))
    pack = envelopes.pack(laid, facts.site, dates, environment=facts.templates, key=facts.key, remarks=said)
    made = Event(
        kind=Happened.PROOF_MADE,
        at=now,
        by=facts.by or CALENDAR,
        quarter=facts.quarter,
        facts={"forms": len(laid.entries), **proof.marks(laid, dates, key=facts.key)},
    )
    return Opening(decision=Decision(events=(*_expected(facts, laid, now), made), letters=(pack,)), proof=laid)


def _expected(facts: OpeningFacts, laid: Proof, now: datetime) -> tuple[Event, ...]:
    return tuple(
        event(Happened.EXPECTED, entry, facts, now)
        for entry in laid.entries
        if entry.respondent.key not in facts.status.returns
    )


def send(facts: OpeningFacts, now: datetime) -> Opening:
    """The requests as proved. Raises PreconditionFailed when there is no proof or it no longer holds."""
    dates = _planned(facts)
    _refuse_if_sent(facts)
    made = next((e for e in reversed(facts.events) if e.kind is Happened.PROOF_MADE), None)
    if made is None or facts.status.state is not CycleState.IN_PROOF:
        raise PreconditionFailed(
            f"There is no proof pack for {facts.quarter} yet. Make it with: csp-workflow cycle open {facts.quarter.key}"
        )
    # Made with the proof's own time, so that what is sent is byte for byte what was proved.
    laid = proof.lay(material(facts, dates, now, created=made.at), _PARTNERS)
    _refuse_if_unfit(facts, laid, now)
    _refuse_if_changed(facts, made, laid, dates)
    opened = Event(
        kind=Happened.CYCLE_OPENED,
        at=now,
        by=facts.by or CALENDAR,
        quarter=facts.quarter,
        facts={"forms": len(laid.entries)},
    )
    # Where a waiver lets nobody be asked, nothing was requested; the form is kept, so that a return is recognised.
    requested = tuple(event(Happened.REQUESTED, entry, facts, now) for entry in laid.entries if entry.leads)
    decision = Decision(
        events=(*_expected(facts, laid, now), opened, *requested),
        letters=envelopes.letters(laid, facts.site, dates),
        requests=tuple(entry.request for entry in laid.entries),
    )
    return Opening(decision=decision, proof=laid)


def _refuse_if_changed(facts: OpeningFacts, made: Event, laid: Proof, dates: CycleDates) -> None:
    changed = proof.changes(made.facts, laid, dates, key=facts.key)
    if changed:
        raise PreconditionFailed(
            f"Since the proof of {moment(made.at)} something has changed for {joined(changed)}. Nothing was sent. "
            f"Make the proof again with: csp-workflow cycle open {facts.quarter.key}"
        )


def _planned(facts: OpeningFacts) -> CycleDates:
    if facts.dates is None:
        raise PreconditionFailed(
            f"{facts.quarter} has no dates yet. Plan it with: csp-workflow cycle plan {facts.quarter.key}"
        )
    return facts.dates


def _refuse_if_sent(facts: OpeningFacts) -> None:
    status = facts.status
    if status.state not in {CycleState.PLANNED, CycleState.IN_PROOF}:
        when = f" at {moment(status.opened)}" if status.opened else ""
        raise PreconditionFailed(f"The requests for {facts.quarter} were sent already{when}; it is {status.state}.")


def _refuse_if_unfit(facts: OpeningFacts, laid: Proof, now: datetime) -> None:
    stopping = refusals(facts, laid, in_london(now).date())
    if stopping:
        raise PreconditionFailed(" ".join(stopping))
