"""Digest: what the co-ordinator must decide and what happened, on working mornings or on request."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from csp_workflow.chase import beat
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.outside import Outside, live_quarters, view_cycle, waiting_messages, with_versions
from csp_workflow.terms.dates import CycleState, Quarter, in_london
from csp_workflow.terms.events import Decision
from csp_workflow.terms.site import Contact

if TYPE_CHECKING:
    from csp_workflow.digest.needs import DigestFacts, Round


def send_digest(outside: Outside, now: datetime) -> None:
    """Make the morning's digest when its hour has come. The facts are gathered only then: most beats are idle."""
    from csp_workflow.digest.digest import decide_digest

    local = in_london(now)
    made = outside.store.service_status().last_digest
    if local.time() < outside.site.digest_at or made == local.date():
        return
    commit_current(outside, lambda: decide_digest(_facts(outside, now), now), now)


def decide_status_letter(outside: Outside, now: datetime, *, to: Contact, cause: str) -> Decision:
    """The state of things now, to whoever ordered STATUS."""
    from csp_workflow.digest.digest import decide_digest_on_request

    return decide_digest_on_request(_facts(outside, now), now, to=to, cause=cause)


def _facts(outside: Outside, now: datetime) -> DigestFacts:
    from csp_workflow.digest.needs import DigestFacts

    store = outside.store
    rounds = tuple(_round(outside, quarter, now) for quarter in live_quarters(outside))
    return DigestFacts(
        site=outside.site,
        service=store.service_status(),
        rounds=rounds,
        waiting=waiting_messages(outside, (about.status for about in rounds)),
        letters=store.letters(beyond_cycles=True),
        events=store.events(None),
    )


def _round(outside: Outside, quarter: Quarter, now: datetime) -> Round:
    from csp_workflow.digest.needs import Round

    cycle = with_versions(outside, view_cycle(outside, quarter, now))
    return Round(
        site=cycle.site,
        dates=cycle.dates,
        status=cycle.status,
        service=cycle.service,
        letters=outside.store.letters(quarter=quarter),
        submissions=cycle.submissions,
        events=outside.store.events(quarter),
        ahead=beat.foresee_letters(cycle, now) if cycle.status.state is CycleState.OPEN else (),
        words=tuple((s.respondent, s.received, s.words) for s in outside.store.submissions(quarter) if s.words),
    )
