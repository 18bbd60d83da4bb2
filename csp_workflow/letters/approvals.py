"""The letters that ask a chair to approve exactly one submission, to be read and answered on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from csp_workflow.letters.kinds import Audience, Conversation, Ground, Kind, Matter, writes
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.letters import About, Manner
from csp_workflow.terms.returns import Finding
from csp_workflow.terms.site import Contact


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


def _approval_kind(
    name: str,
    *more: str,
    begins: Conversation | None = None,
    continues: Conversation | None = None,
    is_dated: bool = False,
) -> Kind:
    return Kind(
        name=name,
        manner=Manner.TIMED,
        audience=Audience.CHAIR,
        about=("respondent", "submission", *more),
        ground=Ground.APPROVAL_MISSING,
        begins=begins,
        continues=continues,
        is_dated=is_dated,
    )


@writes(_approval_kind("approval-request", begins=Conversation.APPROVAL))
def approval_request(to: Contact, seen: Seen, asking: Asking) -> Matter:
    """Ask a chair to approve a return: figures, disputes, open queries and summary in the body."""
    return _approval(to, seen, asking, {})


@writes(_approval_kind("approval-again", continues=Conversation.APPROVAL))
def approval_again(to: Contact, seen: Seen, asking: Asking, *, changes: Sequence[Change], was_approved: bool) -> Matter:
    """Ask again after a later submission: only what changed since the version the chair was shown."""
    return _approval(to, seen, asking, {"changes": tuple(changes), "was_approved": was_approved})


@writes(_approval_kind("approval-reminder", "reminder", continues=Conversation.APPROVAL, is_dated=True))
def approval_reminder(to: Contact, seen: Seen, asking: Asking, *, asked: date, last: bool) -> Matter:
    """Remind a chair of an approval asked on a day. `last` when no further reminder follows."""
    rows = tuple((line.what, line.now, line.year_ago) for line in seen.own)
    return _approval(to, seen, asking, {"asked": asked, "last": last, "figure_rows": rows})


def _approval(to: Contact, seen: Seen, asking: Asking, more: dict[str, object]) -> Matter:
    return Matter(
        to=to,
        cause=asking.cause,
        about=(About(respondent=seen.respondent, submission=seen.submission, reminder=asking.reminder),),
        quarter=asking.quarter,
        facts={"codes": (seen.code,), "seen": seen, "phrase": asking.phrase, **more},
    )
