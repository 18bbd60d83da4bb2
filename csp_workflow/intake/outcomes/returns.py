"""Outcomes of forms that came: taken as a submission, known already, kept out, or held for a person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from csp_workflow.intake.checks.check import check
from csp_workflow.intake.checks.check_figures import Origin
from csp_workflow.intake.checks.checked import Checked
from csp_workflow.intake.facts import CycleFacts, IntakeFacts
from csp_workflow.intake.outcomes import refusals, strangers, taking
from csp_workflow.intake.outcomes.taking import Case
from csp_workflow.intake.sender import identify
from csp_workflow.intake.sender.authenticate import Authority, Standing, authority
from csp_workflow.intake.sender.identify import Identity
from csp_workflow.terms.decisions import Decision, Request
from csp_workflow.terms.forms import ReadForm
from csp_workflow.terms.messages import Attachment, IncomingMessage
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Respondent
from csp_workflow.terms.working_days import london_day


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A workbook with whose it is and whether its sender may speak for them."""

    attachment: Attachment
    read: ReadForm
    identity: Identity
    authority: Authority | None

    @property
    def refused(self) -> str:
        """Why it must wait for a person, or ""."""
        if self.identity.problem:
            return self.identity.problem
        if self.authority is None:
            return "It holds a form, but nothing says for certain whose return or which quarter it is."
        return "" if self.authority.may_speak else f"It holds a form. {self.authority.reason}"


def is_form(read: ReadForm) -> bool:
    """Whether a workbook is one of our forms at all, or somebody's own design."""
    return bool(read.references or read.figures or read.summary or read.sign_off)


def take(message: IncomingMessage, facts: IntakeFacts, now: datetime) -> Decision:
    """Decide on a message that carries at least one of our forms.

    One form that crosses, or that nobody may be held to, holds the whole message: nothing of it is
    taken and its sender gets no answer.
    """
    found = tuple(_found(message, facts))
    waiting = next((one for one in found if one.refused), None)
    if waiting is not None and not (waiting.identity.respondents or waiting.identity.problem):
        return strangers.decided(message, facts, now, waiting.refused)
    if waiting is not None:
        return refusals.held(
            message,
            facts,
            now,
            respondents=waiting.identity.respondents,
            quarter=waiting.identity.quarter,
            reason=waiting.refused,
            authority=waiting.authority if not waiting.identity.problem else None,
        )
    cases = [_case(message, facts, respondent, quarter, members) for respondent, quarter, members in _by_return(found)]
    return taking.decide(message, facts, now, cases)


def _found(message: IncomingMessage, facts: IntakeFacts) -> Iterator[_Found]:
    """Each different workbook once, whatever it is called."""
    seen: set[str] = set()
    for attachment, read in facts.forms():
        digest = hashlib.sha256(attachment.data).hexdigest()
        if digest in seen or not is_form(read):
            continue
        seen.add(digest)
        identity = identify.of_form(read, message, facts)
        known = identity.respondent if identity.quarter else None
        may = _authority(message, known, facts) if known else None
        yield _Found(attachment=attachment, read=read, identity=identity, authority=may)


def _authority(message: IncomingMessage, respondent: Respondent, facts: IntakeFacts) -> Authority:
    if facts.assignment is not None and facts.assignment.respondent == respondent.key:
        return Authority(standing=Standing.OFFICE, reason=f"{facts.assignment.by} said whose it is.")
    return authority(message, respondent, facts.site, london_day(message.received))


def _by_return(found: Sequence[_Found]) -> Iterator[tuple[Respondent, Quarter, list[_Found]]]:
    """The workbooks of each return, in the order they came."""
    gathered: dict[tuple[str, Quarter], tuple[Respondent, list[_Found]]] = {}
    for one in found:
        respondent, quarter = one.identity.respondent, one.identity.quarter
        if respondent is not None and quarter is not None:
            gathered.setdefault((respondent.key, quarter), (respondent, []))[1].append(one)
    for (_, quarter), (respondent, members) in gathered.items():
        yield respondent, quarter, members


def _case(
    message: IncomingMessage, facts: IntakeFacts, respondent: Respondent, quarter: Quarter, members: Sequence[_Found]
) -> Case:
    cycle = facts.cycle(quarter)
    first = members[0]
    if cycle is None or not _is_asked_for(cycle, facts, respondent):
        return Case(respondent=respondent, quarter=quarter, attachment=first.attachment, read=first.read)
    request = _request(cycle.requests[respondent.key], first)
    checks = [_checked(message, cycle, respondent, _request(cycle.requests[respondent.key], m), m) for m in members]
    return Case(
        respondent=respondent,
        quarter=quarter,
        attachment=first.attachment,
        read=first.read,
        cycle=cycle,
        request=request,
        checked=checks[0],
        versions=len({_content(c) for c in checks}),
        files=tuple(m.attachment.name for m in members),
    )


def _is_asked_for(cycle: CycleFacts, facts: IntakeFacts, respondent: Respondent) -> bool:
    """Whether a return of this cycle is taken now: an older one only when the co-ordinator says so."""
    if not (cycle.takes_returns and cycle.requests.get(respondent.key)):
        return False
    newest = facts.current(respondent.key)
    is_ordered = facts.assignment is not None and facts.assignment.quarter == cycle.quarter
    return is_ordered or newest is None or newest.quarter <= cycle.quarter


def _request(requests: Sequence[Request], found: _Found) -> Request:
    """The form as it was sent: that of the workbook's own revision, else the last one."""
    reference = found.identity.reference
    same = (r for r in requests if reference and r.form.reference.revision == reference.revision)
    return next(same, requests[-1])


def _checked(
    message: IncomingMessage, cycle: CycleFacts, respondent: Respondent, request: Request, found: _Found
) -> Checked:
    origin = Origin(
        message=message.id,
        attachment=hashlib.sha256(found.attachment.data).hexdigest(),
        day=london_day(message.received),
    )
    return check(request.form, found.read, origin, before=cycle.narratives.get(respondent.key, {}))


def _content(checked: Checked) -> str:
    return f"{checked.content} {checked.nil} {checked.declined}"
