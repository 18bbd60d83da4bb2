"""What there is to see: cycle, inbox, outbox, a return, as plain data for people and scripts.

Field names are public: fields may be added, never renamed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from csp_workflow.steps.outside import Outside, require_dates, view_cycle, with_versions
from csp_workflow.store import LandedMessage
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import Quarter, in_london, london_day
from csp_workflow.terms.events import PreconditionFailed, QueuedLetter
from csp_workflow.terms.returns import Finding, Submission
from csp_workflow.terms.status import ReturnStatus, Version

_Row = TypeVar("_Row", QueuedLetter, LandedMessage)


def cycle_status(outside: Outside, quarter: Quarter) -> dict[str, Any]:
    """`{"quarter", "state", "due", "close", "returns": [...]}`, and what makes letters wait, in sentences.

    A respondent that has left the config since is shown with the cycle's due date.
    """
    dates = require_dates(outside, quarter)
    status = outside.store.cycle_status(quarter)
    cycle = CycleView(site=outside.site, dates=dates, status=status)
    due = {respondent.key: cycle.due_time(respondent) for respondent in outside.site.respondents}
    latest = outside.store.latest_submissions(quarter)
    rows = []
    for key, stands in status.returns.items():
        found = latest.get(key)
        rows.append(
            {
                "respondent": key,
                "state": stands.state.value,
                "due": in_london(due.get(key, dates.due)).date().isoformat(),
                "submissions": len(stands.versions),
                "findings": len(found.findings) if found else 0,
                "approved": bool(stands.approved),
                **({"certified": stands.certificate is not None} if stands.money else {}),
                "paused": stands.is_paused,
                "late": stands.late,
                "form_overtaken": stands.overtaken is not None,
            }
        )
    return {
        "quarter": quarter.key,
        "state": status.state.value,
        "due": in_london(dates.due).isoformat(),
        "close": in_london(dates.close).isoformat(),
        "waits": [sentence for sentence in _say_what_waits(outside) if sentence],
        "returns": rows,
        "papers": [
            {
                "board": paper.board,
                "state": paper.state.value,
                "drafts": paper.drafts,
                "mark": paper.mark,
                "awaited": [one.name for one in paper.list_awaited(outside.site.readers_of(paper.board))],
            }
            for paper in status.papers.values()
        ],
    }


def describe_actions(outside: Outside, now: datetime) -> list[dict[str, Any]]:
    """`[{"ref", "state", "board", "respondent", "wording", "asked", "due", "closed", "reason"}]`."""
    today = london_day(now)
    return [
        {
            "ref": action.ref,
            "state": action.state_on(today).value,
            "board": action.board,
            "respondent": action.respondent,
            "wording": action.wording,
            "asked": action.asked.isoformat(),
            "due": action.due.isoformat(),
            "closed": action.closed.isoformat() if action.closed else None,
            "reason": action.reason,
        }
        for action in outside.site.actions
    ]


def _say_what_waits(outside: Outside) -> tuple[str, ...]:
    """Why letters to everybody wait now."""
    from csp_workflow.chase import quiet

    service = outside.store.service_status()
    return quiet.nothing_leaves(service), quiet.answers_wait(service)


def inbox(outside: Outside) -> list[dict[str, Any]]:
    """`[{"id", "from", "subject", "received", "verdict", "reason", "respondent"}]`."""
    return [
        {
            "id": row.id,
            "from": row.sender,
            "subject": row.subject,
            "received": row.received.isoformat(),
            "verdict": row.verdict.value if row.verdict else None,
            "reason": row.reason,
            "respondent": ", ".join(row.respondents),
        }
        for row in outside.store.messages()
    ]


def outbox(outside: Outside) -> list[dict[str, Any]]:
    """`[{"id", "kind", "respondent", "to", "subject", "state", "queued", "sent"}]`."""
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "respondent": ", ".join(row.respondents),
            "to": row.recipient,
            "subject": row.subject,
            "state": row.state.value,
            "queued": row.queued.isoformat(),
            "sent": row.sent.isoformat() if row.sent else None,
            "reason": row.reason,
        }
        for row in outside.store.letters()
    ]


def find_letter(outside: Outside, beginning: str) -> QueuedLetter:
    """The one letter whose id begins so. Raises PreconditionFailed with what to do."""
    return _find_only(outside.store.letters(), beginning, "letters", "outbox")


def find_message(outside: Outside, beginning: str) -> LandedMessage:
    """The one message whose id begins so. Raises PreconditionFailed with what to do."""
    return _find_only(outside.store.messages(), beginning, "messages", "inbox")


def _find_only(rows: Iterable[_Row], beginning: str, what: str, box: str) -> _Row:
    found = [row for row in rows if row.id.startswith(beginning)]
    if len(found) != 1:
        raise PreconditionFailed(f"{len(found)} {what} begin with '{beginning}'. See: csp-workflow {box} list")
    return found[0]


def print_letter(outside: Outside, beginning: str) -> str:
    """A letter's frozen bytes as text."""
    return outside.archive.fetch(find_letter(outside, beginning).content).decode("utf-8", "replace")


def describe_message(outside: Outside, beginning: str) -> dict[str, Any]:
    """A message's verdict and its text."""
    from csp_workflow.mail.unpack import unpack_message

    row = find_message(outside, beginning)
    if outside.tombstones.holds(row.id):
        raise PreconditionFailed("What this message said was disposed of.")
    opened = unpack_message(outside.archive.fetch(row.content), received=row.received)
    return {
        "id": row.id,
        "from": opened.sender,
        "subject": opened.subject,
        "received": row.received.isoformat(),
        "verdict": row.verdict.value if row.verdict else None,
        "reason": row.reason,
        "attachments": ", ".join(a.name for a in opened.attachments),
        "text": opened.text,
    }


def describe_return(outside: Outside, quarter: Quarter, respondent: str) -> dict[str, Any]:
    """A return's status, its versions, and the latest one's figures and findings."""
    stands = outside.store.cycle_status(quarter).returns.get(respondent)
    if stands is None:
        raise PreconditionFailed(
            f"'{respondent}' owes nothing in {quarter}. See: csp-workflow cycle status {quarter.key}"
        )
    versions = outside.store.submissions(quarter, respondent)
    latest = versions[-1] if versions else None
    return {
        **_describe_status(stands),
        "versions": [
            {"sequence": s.sequence, "received": s.received.isoformat(), "content": s.content[:12]} for s in versions
        ],
        "figures": _describe_figures(latest) if latest else [],
        "narratives": [{"ref": n.ref, "text": n.text} for n in latest.narratives] if latest else [],
        "findings": [_describe_finding(f) for f in latest.findings] if latest else [],
    }


def _describe_status(stands: ReturnStatus) -> dict[str, Any]:
    return {
        "respondent": stands.respondent,
        "state": stands.state.value,
        "submissions": len(stands.versions),
        "approved_by": stands.approval.by if stands.approval else "",
        "approval_evidence": stands.approval.evidence if stands.approval else "",
        **(_describe_certificate(stands) if stands.money else {}),
        "late": stands.late,
        "reason": stands.reason,
        "history": [_describe_version(stands, version) for version in stands.versions],
    }


def _describe_certificate(stands: ReturnStatus) -> dict[str, Any]:
    given = stands.certificate
    return {"certified_by": given.by if given else "", "certificate_evidence": given.evidence if given else ""}


def _describe_version(stands: ReturnStatus, version: Version) -> dict[str, Any]:
    given = (yes for yes in stands.approvals if yes.submission == version.submission)
    return {
        "version": version.submission,
        "received": version.received.isoformat(),
        "late": version.late,
        "complete": version.complete.isoformat() if version.complete else None,
        "approved": [{"at": y.at.isoformat(), "by": y.by, "as": y.role.value, "evidence": y.evidence} for y in given],
    }


def _describe_figures(submission: Submission) -> list[dict[str, Any]]:
    return [
        {
            "series": f.series,
            "area": f.area,
            "period": f.period,
            "value": None if f.value is None else str(f.value),
            "status": f.status.value,
            "sheet": f.provenance.sheet,
            "cell": f.provenance.cell,
        }
        for f in submission.figures
    ]


def _describe_finding(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "found": finding.found,
        "wanted": finding.wanted,
    }


def explain_letters(outside: Outside, quarter: Quarter, respondent: str, now: datetime) -> list[str]:
    """Why each letter was or was not sent to a respondent, as sentences."""
    from csp_workflow.chase import grounds

    cycle = with_versions(outside, view_cycle(outside, quarter, now))
    return list(grounds.explain_chase(cycle, respondent, now))
