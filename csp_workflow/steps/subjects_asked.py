"""FIND and EXPORT: what is held of a person or a partnership, as a letter to the co-ordinator alone."""

from __future__ import annotations

import io
from datetime import datetime

from csp_workflow.desk.facts import OrderFacts, StepOrder
from csp_workflow.desk.looking import write_letter
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.subject_bundle import export_subject, pack_subject
from csp_workflow.steps.subjects import Held, Sought, find_held, read_sought
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Decision
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import joined, plural

_LISTED = 40
"""So many of the things that are held stand in a letter one by one."""
_MOST_BYTES = 10_000_000
"""What a letter carries: a third comes on top, and most mail systems take no more than 15 MB."""
_READ_FIRST = "Read it before you disclose it: nothing was taken out, and other people are marked in it."


def decide_finding(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    """The letter that lists what is held. Raises PreconditionFailed where the words mean nobody."""
    sought = read_sought(outside, wanted.whom)
    held = find_held(outside, sought, now)
    more = len(held) - _LISTED
    paragraphs = (
        f"Looked for: {_say_sought(sought)}. {plural(len(held), 'thing')} found.",
        *map(_say_held, held[:_LISTED]),
        *([f"There are {more} more. EXPORT brings all."] if more > 0 else []),
        "Backups are not looked into: they hold what stood here then.",
    )
    return write_letter(facts, "What is held", paragraphs, wanted, now)


def decide_export(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    """The letter that brings all that is held in one file; one that is too large for a letter lies beside the store."""
    sought = read_sought(outside, wanted.whom)
    bundle = io.BytesIO()
    pack_subject(outside, sought, bundle, now)
    data, name = bundle.getvalue(), f"held-{london_day(now).isoformat()}.zip"
    said = f"All that is held of {_say_sought(sought)} {{}}. {_READ_FIRST}"
    if len(data) <= _MOST_BYTES:
        file = Attachment(name=name, data=data, content_type="application/zip")
        return write_letter(facts, "All that is held", (said.format("is attached"),), wanted, now, (file,))
    where = _lay_down(outside, sought, name, now)
    size = f"has {len(data) / 1_000_000:.0f} MB, and a letter carries {_MOST_BYTES // 1_000_000}. It lies in {where}"
    return write_letter(facts, "All that is held", (said.format(size),), wanted, now)


def _lay_down(outside: Outside, sought: Sought, name: str, now: datetime) -> str:
    """Where the file lies on the service's machine, readable by its owner alone."""
    if outside.here is None:
        raise PreconditionFailed("It is too large for a letter, and there is no folder to lay it in.")
    folder = outside.here.note.parent / "exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    export_subject(outside, sought, folder / name, now)
    return f"{folder.name}/{name} of the service's state folder: whoever runs the service brings it to you"


def _say_sought(sought: Sought) -> str:
    return joined((*sought.people.names, *sought.people.addresses)) or sought.respondent


def _say_held(one: Held) -> str:
    named = " ".join(filter(None, (one.where, one.id[:10], one.when[:10])))
    return f"{named}: {one.what}, {one.how}. {one.stays}".strip()
