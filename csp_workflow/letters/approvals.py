"""The letters that ask a chair to approve exactly one submission, to be read and answered on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from csp_workflow.terms.letters import About, Letter, Manner
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Contact
from csp_workflow.terms.returns import Finding


@dataclass(frozen=True, kw_only=True)
class FigureLine:
    """One figure as the chair reads it: what it is, this quarter, the same quarter last year, and the lead's note."""

    what: str
    now: str
    year_ago: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that differs from the version the chair saw before. `words` when it is a text, not a figure."""

    what: str
    was: str
    now: str
    words: bool = False


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The submission a chair is asked about, as its letter shows it.

    `version` counts the respondent's submissions; `own` are the partnership's figures and `force`
    the police figures it confirmed or disputed; `disputes` and `summary` are (heading, text) pairs.
    `clearance` is the day the next paper is settled, `gone` names boards whose paper is settled already.
    """

    respondent: str
    code: str
    name: str
    submission: str
    version: int
    received: datetime
    completed_by: str
    own: tuple[FigureLine, ...] = ()
    force: tuple[FigureLine, ...] = ()
    disputes: tuple[tuple[str, str], ...] = ()
    queries: tuple[Finding, ...] = ()
    summary: tuple[tuple[str, str], ...] = ()
    clearance: date | None = None
    gone: tuple[str, ...] = ()
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Asking:
    """On what occasion a chair is written to, and the exact phrase that approves. `reminder` 1, 2, or 0 for an ask."""

    quarter: Quarter
    cause: str
    phrase: str
    reminder: int = 0


def approval_request(to: Contact, seen: Seen, asking: Asking) -> Letter:
    """Ask a chair to approve a return: figures, disputes, open queries and summary in the body."""
    return _approval("approval-request", to, seen, asking, {})


def approval_again(to: Contact, seen: Seen, asking: Asking, *, changes: Sequence[Change], was_approved: bool) -> Letter:
    """Ask again after a later submission: only what changed since the version the chair was shown."""
    return _approval("approval-again", to, seen, asking, {"changes": tuple(changes), "was_approved": was_approved})


def approval_reminder(to: Contact, seen: Seen, asking: Asking, *, asked: date, last: bool) -> Letter:
    """Remind a chair of an approval asked on a day. `last` when no further reminder follows."""
    rows = tuple((line.what, line.now, line.year_ago) for line in seen.own)
    return _approval("approval-reminder", to, seen, asking, {"asked": asked, "last": last, "figure_rows": rows})


def _approval(kind: str, to: Contact, seen: Seen, asking: Asking, more: dict[str, object]) -> Letter:
    return Letter(
        kind=kind,
        cause=asking.cause,
        recipient=to.address,
        recipient_name=to.name,
        about=(About(respondent=seen.respondent, submission=seen.submission, reminder=asking.reminder),),
        quarter=asking.quarter,
        manner=Manner.TIMED,
        facts={"codes": (seen.code,), "seen": seen, "phrase": asking.phrase, **more},
    )
