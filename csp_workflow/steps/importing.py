"""Figures from a file: history, published figures and the force's extract, read and kept with a report row by row."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from csp_workflow.request.figures_table import Imported
from csp_workflow.request.groups_file import read_import
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import in_london
from csp_workflow.terms.events import Decision, Event, Happened, PreconditionFailed
from csp_workflow.terms.figures import Provenance

TABLE = "csp_workflow.forms.table:read_table"
"""What the sandbox runs on a file of figures."""

BY = "a file of figures"


def import_figures(outside: Outside, data: bytes, name: str, now: datetime, *, keep: bool = True) -> dict[str, Any]:
    """Load a file of figures, or an extract of groups: `{"taken", "refused", "rows", "remarks"}`; kept with `keep`.

    The file itself is kept in the archive as returns are, so that each figure is traced to its hash and cell.
    """
    imported = read_figures_file(outside, data, name, now)
    if keep and imported.taken:
        content = outside.archive.keep(data)
        commit_current(outside, lambda: decide_import(imported, content, now), now)
    return {
        "taken": len(imported.taken),
        "refused": len(imported.refused),
        "rows": list(imported.report()),
        "remarks": list(imported.remarks),
    }


def read_figures_file(outside: Outside, data: bytes, name: str, now: datetime) -> Imported:
    """What a file of figures says, row by row. Raises PreconditionFailed where that is no fault of the file's."""
    reply = outside.sandbox.run(TABLE, data)
    if reply.end and reply.end.is_ours:
        ours = f"The file was not read, which is no fault of its own ({reply.end})."
        raise PreconditionFailed(f"{ours} Try again; csp-workflow doctor says whether something is missing.")
    origin = Provenance(source=name, attachment=sha256(data).hexdigest())
    today = in_london(now).date()
    return read_import(reply.value if reply.ok else None, origin, site=outside.site, as_at=today)


def decide_import(imported: Imported, content: str, now: datetime) -> Decision:
    """The figures that a file gave; `content` is its hash in the archive."""
    event = Event(
        kind=Happened.FIGURES_IMPORTED,
        at=now,
        by=BY,
        subject=content,
        facts={"taken": len(imported.taken), "refused": len(imported.refused)},
    )
    return Decision(events=(event,), figures=imported.figures, group_rates=imported.group_rates)
