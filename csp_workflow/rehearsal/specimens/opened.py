"""The scenes of a quarter's opening: the analyst is asked, the proof is made, the requests go out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from csp_workflow.letters.render import LetterNotRendered
from csp_workflow.rehearsal.specimens.stage import Stage, open_quarter
from csp_workflow.request.proof import OpeningFacts, Proof, write_proof_pack
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.presence import Undeliverable
from csp_workflow.terms.site import Respondent, RespondentKind, Role
from csp_workflow.terms.status import ServiceStatus

_A_FEW = 2
_TOO_LARGE = Attachment(name="Large form.xlsx", data=bytes(20 * 1024 * 1024))
"""No message has room for it."""


def opening(stage: Stage) -> Iterator[Letter]:
    """Everything that opens the quarter; then some of it anew, to whoever stands in; and proofs out of the ordinary."""
    yield from stage.opened
    again = _again(stage)
    yield from open_quarter(again, _second_time(again)).opened
    nobody = replace(stage, site=replace(stage.site, respondents=()))
    yield from open_quarter(nobody, nobody.opening_facts()).opened
    yield from _too_large(stage)


def _too_large(stage: Stage) -> Iterator[Letter]:
    """A proof whose workbooks are more than one message holds."""
    entries = tuple(replace(entry, workbook=_TOO_LARGE) for entry in stage.entries[1:2])
    laid = Proof(quarter=stage.quarter, entries=(*stage.entries[:1], *entries))
    try:
        yield write_proof_pack(laid, stage.site, stage.dates, environment=stage.templates, key=b"", remarks=())
    except LetterNotRendered:
        return


def _again(stage: Stage) -> Stage:
    """A few of each kind, without a meeting, in a pre-election period; all of a kind share the first one's people.

    On any site one officer may come to answer for several.
    """
    kinds: dict[RespondentKind, list[Respondent]] = {}
    for respondent in stage.site.respondents:
        kinds.setdefault(respondent.kind, []).append(respondent)
    shared = tuple(replace(r, contacts=mine[0].contacts) for mine in kinds.values() for r in mine[:_A_FEW])
    return replace(
        stage,
        site=replace(stage.site, respondents=shared),
        dates=replace(stage.dates, papers=(), pre_election=True),
    )


def _second_time(stage: Stage) -> OpeningFacts:
    """A second revision of every form, while letters come back from every lead but the analyst's."""
    mark = Undeliverable(since=stage.moment(stage.dates.due, -20), status="5.1.1")
    asked = [r for r in stage.site.respondents if r.kind is not RespondentKind.ANALYST]
    lost = {lead.address.lower(): mark for r in asked for lead in r.people(Role.LEAD, stage.dates.open)}
    return stage.opening_facts(
        revisions={r.key: 1 for r in stage.site.respondents},
        service=ServiceStatus(undeliverable=lost),
    )
