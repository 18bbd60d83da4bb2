"""Specimens of the letters that ask a chair to approve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from csp_workflow.chase import shown
from csp_workflow.chase.facts import ChaseFacts
from csp_workflow.letters import approvals
from csp_workflow.rehearsal.specimens.filled import Sent, doubted, sent
from csp_workflow.rehearsal.specimens.stage import Stage
from csp_workflow.terms.dates import CycleState, PaperState
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.status import CycleStatus, PaperStatus, ServiceStatus


def approving(stage: Stage) -> Iterator[Letter]:
    """Each chair asked, asked again after a later version, and reminded; with papers open, settled, and none."""
    for case in stage.chaired:
        first = sent(case, received=stage.moment(case.due, -2))
        later = sent(case, received=stage.moment(case.due, 1), version=2)
        yield from _asked(stage, first)
        yield from _asked_again(stage, first, later)
        yield from _reminded(stage, first)


def _asked(stage: Stage, one: Sent) -> Iterator[Letter]:
    to = one.case.chairs[0]
    yield approvals.approval_request(to, _seen(stage, doubted(one)), _asking(stage, one, "approval-request"))
    gone = _seen(stage, one, settled=True)
    yield approvals.approval_request(to, gone, _asking(stage, one, "approval-request, papers settled"))


def _asked_again(stage: Stage, first: Sent, later: Sent) -> Iterator[Letter]:
    case, seen = later.case, _seen(stage, later)
    found = shown.changes(first.submission, later.submission, case.form, case.respondent)
    for was_approved, changes in ((True, found), (False, ())):
        asking = _asking(stage, later, f"approval-again {was_approved}")
        yield approvals.approval_again(case.chairs[0], seen, asking, changes=changes, was_approved=was_approved)


def _reminded(stage: Stage, one: Sent) -> Iterator[Letter]:
    asked, seen = stage.day(one.case.due, -1), _seen(stage, one)
    for last in (False, True):
        asking = replace(_asking(stage, one, f"approval-reminder {last}"), reminder=1 + last)
        yield approvals.approval_reminder(one.case.chairs[0], seen, asking, asked=asked, last=last)


def _seen(stage: Stage, one: Sent, *, settled: bool = False) -> approvals.Seen:
    case = one.case
    papers = {paper.board: _settled(paper.board) for paper in stage.dates.papers} if settled else {}
    facts = ChaseFacts(
        site=stage.site,
        dates=stage.dates,
        status=CycleStatus(quarter=stage.quarter, state=CycleState.OPEN, papers=papers),
        service=ServiceStatus(),
        forms={case.respondent.key: case.form},
    )
    return shown.seen(facts, case.respondent, one.submission, stage.day(case.due, 0))


def _settled(board: str) -> PaperStatus:
    return PaperStatus(board=board, state=PaperState.CIRCULATED, drafts=1, content="specimen", cleared="specimen")


def _asking(stage: Stage, one: Sent, occasion: str) -> approvals.Asking:
    return approvals.Asking(
        quarter=stage.quarter,
        cause=f"specimen: {occasion} {one.submission.id}",
        phrase=stage.site.approval_phrases[0].upper(),
    )
