"""The letter to the force's analyst with what partnerships dispute in the force's figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from csp_workflow.letters.kinds import Audience, Kind, Matter, writes
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.letters import About, Manner
from csp_workflow.terms.site import Contact


@dataclass(frozen=True, kw_only=True)
class Disputed:
    """What one partnership disputes: rows of what it is, and why in its words, as its form says they are passed on."""

    respondent: str
    name: str
    submission: str
    rows: tuple[tuple[str, str], ...]


@writes(Kind(name="disputes", manner=Manner.TIMED, audience=Audience.ANALYST, about=("respondent",)))
def pass_disputes(to: Contact, analyst: str, code: str, quarter: Quarter, disputed: Sequence[Disputed]) -> Matter:
    """Pass on what was disputed since the last such letter: one a day, with each reason."""
    return Matter(
        to=to,
        cause=" ".join(one.submission for one in disputed),
        about=(About(respondent=analyst),),
        quarter=quarter,
        facts={"codes": (code,), "disputed": tuple(disputed)},
    )
