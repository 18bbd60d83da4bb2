"""What a respondent owes in a cycle (its return) and what arrives for it (submissions)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from csp_workflow.terms.figures import Figure
from csp_workflow.terms.quarters import Quarter


class ReturnState(StrEnum):
    """Where one return stands."""

    EXPECTED = "expected"
    REQUESTED = "requested"
    RECEIVED = "received"
    QUERIED = "queried"
    COMPLETE = "complete"
    APPROVED = "approved"
    NIL = "nil"
    DECLINED = "declined"
    NOT_RECEIVED = "not received"

    @property
    def is_in(self) -> bool:
        """Whether something has arrived, so that nobody is chased for it."""
        return self in {
            ReturnState.RECEIVED,
            ReturnState.QUERIED,
            ReturnState.COMPLETE,
            ReturnState.APPROVED,
            ReturnState.NIL,
            ReturnState.DECLINED,
        }


class Severity(StrEnum):
    """A fault must be mended; a query may be explained."""

    FAULT = "fault"
    QUERY = "query"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something wrong or odd in a submission.

    `code` names the rule ("blank-required"); `key` is the row ("E22000165 M11" or "T1");
    `found` is what stood there, `wanted` what to do, `example` what would be right.
    """

    code: str
    severity: Severity
    sheet: str
    cell: str
    key: str
    column: str
    found: str
    wanted: str
    example: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether it must be mended before the return is complete."""
        return self.severity is Severity.FAULT


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How one typed cell was understood, to be said back: "12%" -> "12 per cent"."""

    sheet: str
    cell: str
    typed: str
    recorded: str
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class Narrative:
    """A piece of contextual summary, tied to a theme, a narrative measure, an objective or an action."""

    ref: str
    text: str
    sheet: str
    cell: str
    promise: str = ""


@dataclass(frozen=True, kw_only=True)
class SignOff:
    """Who says they completed the form, and when, as typed."""

    completed_by: str = ""
    position: str = ""
    date: str = ""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One received version of a return. Never overwritten; the next has the next `sequence`.

    `content` is a hash over figures, narratives, sign-off and disputes, so that the same content
    in another file is a duplicate, and an approval names exactly one content.
    """

    id: str
    quarter: Quarter
    respondent: str
    sequence: int
    content: str
    message: str
    attachment: str
    revision: int
    received: datetime
    sender: str
    figures: tuple[Figure, ...] = ()
    narratives: tuple[Narrative, ...] = ()
    findings: tuple[Finding, ...] = ()
    readings: tuple[Reading, ...] = ()
    disputes: tuple[tuple[str, str, str], ...] = ()
    sign_off: SignOff = SignOff()
    remarks: tuple[str, ...] = ()
    late: bool = False

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that must be mended."""
        return tuple(f for f in self.findings if f.is_fault)

    @property
    def queries(self) -> tuple[Finding, ...]:
        """The findings that may be explained."""
        return tuple(f for f in self.findings if not f.is_fault)

    @property
    def is_complete(self) -> bool:
        """Complete when no fault is left; open queries may stand."""
        return not self.faults
