"""Handling by a person: a message delivered or looked at again, a letter whose fate is settled."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from csp_workflow.request.figures_file import Imported, read_figures
from csp_workflow.steps import judge, ordering
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.telling import find_letter, find_message
from csp_workflow.terms.dates import in_london
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.letters import LETTER_MOVES, LetterState

_FOUND = {
    "sent": (LetterState.SENT, "is noted as sent"),
    "again": (LetterState.QUEUED, "is queued again, the same bytes"),
    "withdrawn": (LetterState.WITHDRAWN, "is withdrawn"),
}


def deliver_message(outside: Outside, raw: bytes) -> None:
    """Put a message into the embedded mailbox. Raises PreconditionFailed with any other mailbox."""
    put = getattr(outside.mailbox, "deliver", None)
    if put is None:
        raise PreconditionFailed("Only the embedded mailbox takes messages by hand; send an e-mail instead.")
    put(raw, sha256(raw).hexdigest()[:32])


def replay_message(outside: Outside, beginning: str, now: datetime) -> str:
    """Judge a quarantined message again. The verdict, or "" when it is not quarantined."""
    verdict = judge.judge_again(outside, find_message(outside, beginning), now, obey=ordering.obey)
    return verdict.value if verdict else ""


def resolve_letter(outside: Outside, beginning: str, found: str, now: datetime) -> str:
    """Settle a letter that waits for a person, was held or failed. A sentence that says what becomes of it."""
    letter = find_letter(outside, beginning)
    state, said = _FOUND[found]
    if state not in LETTER_MOVES[letter.state]:
        raise PreconditionFailed(f"Letter {letter.id[:10]} is {letter.state}: it cannot be settled as '{found}'.")
    again = state is LetterState.QUEUED
    moved = outside.store.move(
        letter, state, reason="Settled by a person.", proof="a person's word", at=now, again=again
    )
    if not moved:
        raise PreconditionFailed(f"Letter {letter.id[:10]} has just changed. Look again: csp-workflow outbox list")
    return f"Letter {letter.id[:10]} {said}."


# Figures: history, published figures and the force's extract, loaded from a file with a report row by row


TABLE = "csp_workflow.forms.table:read_table"
"""What the sandbox runs on a file of figures."""

BY = "a file of figures"


def import_figures(outside: Outside, data: bytes, name: str, now: datetime, *, keep: bool = True) -> dict[str, Any]:
    """Load a file of figures: `{"taken", "refused", "rows", "remarks"}`. Stores them only with `keep`.

    The file itself is kept in the archive, so that every figure can be traced to it.
    """
    reply = outside.sandbox.run(TABLE, data)
    imported = read_figures(reply.value if reply.ok else None, name, site=outside.site, as_at=in_london(now).date())
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
