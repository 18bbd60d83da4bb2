"""Figures: history, published figures and the force's extract, loaded from a file with a report row by row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from csp_workflow.request.figures_file import Imported, read_figures
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import in_london
from csp_workflow.terms.events import Decision, Event, Happened

TABLE = "csp_workflow.forms.table:read_table"
"""What the sandbox runs on a file of figures."""

BY = "a file of figures"


def import_figures(outside: Outside, data: bytes, name: str, now: datetime, *, keep: bool = True) -> dict[str, Any]:
    """Load a file of figures: `{"taken", "refused", "rows", "remarks"}`. Stores them only with `keep`.

    The file itself is kept in the archive, so that every figure can be traced to it.
    """
    reply = outside.sandbox.run(TABLE, data)
    imported = read_figures(reply, name, site=outside.site, as_at=in_london(now).date())
    if keep and imported.figures:
        content = outside.archive.keep(data)
        commit_current(outside, lambda: _decide(imported, content, now), now)
    return {
        "taken": len(imported.taken),
        "refused": len(imported.refused),
        "rows": list(imported.report()),
        "remarks": list(imported.remarks),
    }


def _decide(imported: Imported, content: str, now: datetime) -> Decision:
    event = Event(
        kind=Happened.FIGURES_IMPORTED,
        at=now,
        by=BY,
        subject=content,
        facts={"taken": len(imported.taken), "refused": len(imported.refused)},
    )
    return Decision(events=(event,), figures=imported.figures)
