"""What became of one return, as facts that stay: its versions, each yes to one of them, the calls about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from csp_workflow.terms.site import Role


@dataclass(frozen=True, kw_only=True)
class Version:
    """One received version of a return: when its message came, whether after its due day, and when it was found
    complete. `counted` is from when on it counts: it may have been held before, for a colleague's word or ours."""

    submission: str
    received: datetime
    counted: datetime
    late: bool = False
    complete: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class GivenAssent:
    """A yes to one version, or to its grant money: who said it, in which role, and how the office knows where they did
    not write so.

    `asked` is when they were shown it: on the force's figures as they stood then.
    """

    submission: str
    at: datetime
    by: str
    role: Role = Role.CHAIR
    evidence: str = ""
    asked: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PhoneCall:
    """A call of the co-ordinator's about a return: with whom ("" for anybody there), what was said, and the day until
    which that is waited for; None where none was said."""

    at: datetime
    whom: str
    said: str
    until: date | None
