"""When one respondent's return is due: its own extension, the analyst's earlier day, or the cycle's."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.terms.cycles import CycleDates
from csp_workflow.terms.respondents import Respondent, RespondentKind
from csp_workflow.terms.site import Site
from csp_workflow.terms.status import ReturnStatus
from csp_workflow.terms.working_days import london


def due_of(respondent: Respondent, stands: ReturnStatus | None, dates: CycleDates, site: Site) -> datetime:
    """A respondent's own due instant, aware. `stands` is None when it owes nothing yet."""
    if stands is not None and stands.due is not None:
        return london(stands.due, site.offsets.due_time)
    return dates.extract_due if respondent.kind is RespondentKind.ANALYST else dates.due
