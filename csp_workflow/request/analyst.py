"""The force's analyst is asked for the extract on its own date, before the cycle opens."""

from __future__ import annotations

from datetime import date, datetime

from csp_workflow.letters.requests import request_analyst
from csp_workflow.request import proof
from csp_workflow.request.facts import Opening, OpeningFacts, event, material
from csp_workflow.request.proof import Proof, ProofEntry
from csp_workflow.terms.dates import CycleDates, CycleState, in_london
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.presence import Presence
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Respondent, RespondentKind, Site
from csp_workflow.terms.status import CycleStatus

_ANALYST = frozenset({RespondentKind.ANALYST})


def analyst_is_due(
    site: Site, dates: CycleDates, status: CycleStatus, now: datetime, *, reach: Presence | None = None
) -> bool:
    """Whether an analyst is to be asked now. Cheap: asked at every beat, before any figure is read.

    After the extract's own due time nobody is asked any more: the proof says that it was not.
    """
    today = in_london(now).date()
    is_running = status.state in {CycleState.PLANNED, CycleState.IN_PROOF, CycleState.OPEN}
    if not is_running or today < dates.extract_request or now >= dates.extract_due:
        return False
    known = reach or Presence()
    return any(_may_be_asked(respondent, status, known, today) for respondent in site.serving(today))


def analyst(facts: OpeningFacts, now: datetime) -> Opening:
    """Ask the force's analyst for the extract, once, from the day the plan says; nothing before or after."""
    today = in_london(now).date()
    if facts.dates is None or not analyst_is_due(facts.site, facts.dates, facts.status, now, reach=facts.service):
        return Opening()
    laid = proof.lay(material(facts, facts.dates, now, created=now, as_at=today), _ANALYST)
    asked = [entry for entry in laid.entries if _may_be_asked(entry.respondent, facts.status, facts.service, today)]
    words = proof.reply_words(facts.site)
    letters = tuple(
        request_analyst(lead, [entry.enclosure], facts.dates, words=words) for entry in asked for lead in entry.leads
    )
    decision = Decision(
        events=tuple(event for entry in asked for event in _expected_and_requested(entry, facts, now)),
        letters=letters,
        requests=tuple(entry.request for entry in asked),
    )
    return Opening(decision=decision, proof=Proof(quarter=facts.quarter, entries=tuple(asked)))


def _may_be_asked(respondent: Respondent, status: CycleStatus, reach: Presence, today: date) -> bool:
    stands = status.returns.get(respondent.key)
    is_new = stands is None or (stands.state is ReturnState.EXPECTED and stands.requested is None)
    return respondent.kind is RespondentKind.ANALYST and is_new and bool(reach.deliverable(respondent, today))


def _expected_and_requested(entry: ProofEntry, facts: OpeningFacts, now: datetime) -> tuple[Event, ...]:
    kinds = (Happened.EXPECTED, Happened.REQUESTED)
    is_known = entry.respondent.key in facts.status.returns
    return tuple(event(kind, entry, facts, now) for kind in kinds if not (is_known and kind is Happened.EXPECTED))
