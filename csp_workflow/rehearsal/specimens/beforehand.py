"""The scenes before anything leaves: newcomers are introduced, and a proof with all that follows is made again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from csp_workflow.chase.beat import foresee_quarter
from csp_workflow.letters.render import LetterNotRendered
from csp_workflow.rehearsal.specimens.stage import Stage
from csp_workflow.request import introducing, opening
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import as_utc, london
from csp_workflow.terms.events import Sending
from csp_workflow.terms.letters import ComingLetter, Letter
from csp_workflow.terms.status import CycleStatus, fold_cycle


def beforehand(stage: Stage) -> Iterator[Letter]:
    """The introductions with their proof; the proof pack of a quarter played ahead, and what changed in it since."""
    site = replace(stage.site, offsets=replace(stage.site.offsets, introduction=3))
    facts = stage.opening_facts(site=site)
    first = london(introducing.find_day(site, stage.dates), site.digest_at)
    yield from introducing.write_introductions(facts, stage.dates, first)
    try:
        yield from introducing.decide_introduction_proof(facts, first).decision.letters
        yield from _proved_twice(stage)
    except LetterNotRendered:  # what the proofs show is found unfit by itself
        return


def _proved_twice(stage: Stage) -> Iterator[Letter]:
    """A proof, and the one that follows when the rungs of the ladder are moved."""
    morning = london(stage.dates.open, stage.site.digest_at)
    planned = CycleStatus(quarter=stage.quarter)

    def foresee(sendings: Sequence[Sending], now: datetime) -> tuple[ComingLetter, ...]:
        return foresee_quarter(CycleView(site=stage.site, dates=stage.dates, status=planned), sendings, now)

    facts = stage.opening_facts(foresee=foresee)
    proved = opening.decide_scheduled_proof(facts, morning).decision
    yield from proved.letters
    fewer = replace(stage.site, ladder=stage.site.ladder[1:])
    later = replace(
        facts,
        site=fewer,
        events=proved.events,
        shown=(as_utc(morning),),
        status=fold_cycle(stage.quarter, proved.events, onto=planned),
    )
    yield from opening.decide_renewed_proof(later, morning, part=opening.REQUESTS).decision.letters
