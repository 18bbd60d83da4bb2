"""What the co-ordinator asks to see: a return's file, a message as it came, the pages; and why something stands."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from csp_workflow.chase import ahead, grounds
from csp_workflow.dashboard.parts import WHOLE, Audience
from csp_workflow.desk.facts import OrderFacts, StepOrder, find_message, find_return
from csp_workflow.desk.looking import say_came, write_letter
from csp_workflow.letters.answers import attach_original
from csp_workflow.letters.kinds import name_kind
from csp_workflow.letters.morning import Need
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.steps.dashboard import build_dashboard
from csp_workflow.steps.digest import list_needs_now
from csp_workflow.steps.outside import Outside, view_cycle, with_versions
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import day, moment, plain_day, plural
from csp_workflow.terms.site import Respondent

_FORESEEN = 15
"""So many working days the explanation looks ahead."""


def decide_lookup(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    """The letter with the latest version of a return, or with a message as it came. Raises PreconditionFailed."""
    if wanted.message:
        message = find_message(facts, wanted.message)
        files = attach_original(_fetch_raw(outside, message.id))
        if not files:
            raise PreconditionFailed(f"Message {message.short} is too large to be sent on; it is in the mailbox.")
        return write_letter(facts, f"Message {message.short} as it came", (say_came(message),), wanted, now, files)
    found, stands = find_return(facts, _code_of(facts, wanted.respondent))
    versions = outside.store.submissions(wanted.quarter, found.key) if wanted.quarter else ()
    if not versions:
        raise PreconditionFailed(f"Nothing has come from {found.name}; its return is {stands.state}.")
    last = versions[-1]
    file = _find_file(outside, last.message, last.attachment)
    if file is None:
        raise PreconditionFailed(f"The file of {found.name}'s return is not kept any more.")
    came = f"Version {last.sequence} of {found.name}'s return came from {last.sender} at {moment(last.received)}."
    return write_letter(facts, f"The return of {found.name}", (f"{came} It is {stands.state}.",), wanted, now, (file,))


def decide_explaining(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    """The letter that says why something stands, what could be decided, and what happens if it is left."""
    if wanted.message:
        message = find_message(facts, wanted.message)
        return write_letter(
            facts, f"Message {message.short}", _explain_message(outside, message, facts, now), wanted, now
        )
    found, _ = find_return(facts, _code_of(facts, wanted.respondent))
    paragraphs = tuple(_explain_return(outside, wanted.quarter, found, now)) if wanted.quarter else ()
    return write_letter(facts, f"Where {found.name} stands", paragraphs, wanted, now)


def _code_of(facts: OrderFacts, key: str) -> str:
    return facts.site.respondent(key).code


def _fetch_raw(outside: Outside, message: str) -> bytes:
    """A message as it came. Raises PreconditionFailed where it was disposed of."""
    row = outside.store.message(message)
    if row is None or outside.tombstones.holds(message):
        raise PreconditionFailed("What this message said was disposed of.")
    return outside.archive.fetch(row.content)


def _find_file(outside: Outside, message: str, attachment: str) -> Attachment | None:
    row = outside.store.message(message)
    if row is None or outside.tombstones.holds(message):
        return None
    opened = unpack_message(outside.archive.fetch(row.content), received=row.received)
    return next((a for a in opened.attachments if sha256(a.data).hexdigest() == attachment), None)


def _explain_message(outside: Outside, message: WaitingMessage, facts: OrderFacts, now: datetime) -> tuple[str, ...]:
    waits = message in facts.waiting
    names = [r.name for r in facts.site.respondents if r.key in message.respondents]
    left = f"Reminders to {' and '.join(names)} wait until it is settled." if names else "Nothing happens by itself."
    needs = (need for need in list_needs_now(outside, now) if need.item and need.item.about == message.id)
    return (
        say_came(message),
        *map(_say_need, needs),
        f"If you leave it, it stays in the morning letter. {left}" if waits else "It waits for nobody.",
    )


def _say_need(need: Need) -> str:
    return f"{need.sentence} Reply: {' or '.join(need.words)}." if need.words else need.sentence


def _explain_return(outside: Outside, quarter: Quarter, found: Respondent, now: datetime) -> Iterator[str]:
    """What could be decided first; then every letter that was or was not written, and why; then what comes."""
    needs = (need for need in list_needs_now(outside, now) if need.item and found.key in _whose(need))
    yield from map(_say_need, needs)
    cycle = with_versions(outside, view_cycle(outside, quarter, now))
    yield from grounds.explain_chase(cycle, found.key, now)
    alone = replace(cycle, status=replace(cycle.status, returns={found.key: cycle.status.returns[found.key]}))
    coming = ahead.foresee_letters(alone, now, days=_FORESEEN)
    close = cycle.close_time(found)
    if coming:
        first = coming[0]
        count = f" ({plural(first.letters, 'letter')})" if first.letters > 1 else ""
        yield f"If nothing comes, the next to leave is this: {name_kind(first.kind)}{count}, on {day(first.day)}."
    if not cycle.status.returns[found.key].state.is_in and now < close:
        yield f"What has not come by {moment(close)} is recorded as not received, and the paper says so."


def _whose(need: Need) -> tuple[str, ...]:
    return (need.item.about, *need.item.of) if need.item else ()


def decide_pages(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    """The letter that brings whoever asked the pages: in one file, packed where that is not made."""
    is_public = wanted.kind == "public dashboard"
    built = build_dashboard(outside, Audience.PUBLIC if is_public else Audience.PARTNERSHIP, now)
    name, whole = f"{wanted.kind} {built.quarter.code}", built.files.get(f"{WHOLE}.html")
    file = (
        Attachment(name=f"{name}.html", data=whole)
        if whole
        else Attachment(name=f"{name}.zip", data=_pack(built.files))
    )
    said = f"It shows what the paper shows, as things stood on {plain_day(built.as_at)}. {_OPENS if whole else _PACKED}"
    title = f"The {wanted.kind} of {built.quarter.months}"
    return write_letter(facts, title, (said if built.is_out else _OWN,), wanted, now, (file,))


_OPENS = "The file opens in any browser, also without a network."
_PACKED = "Take all files out of the attached one into one folder and open index.html."
_OWN = (
    "The paper is not out, so the attached file has a folder for each partnership with a page of its own areas alone. "
    "Give each to that partnership only."
)


def _pack(files: Mapping[str, bytes]) -> bytes:
    """All files in one; the same files are the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in sorted(files.items()):
            book.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
