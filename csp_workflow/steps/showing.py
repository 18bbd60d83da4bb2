"""What the co-ordinator is shown: the morning letter, and what she asks to see or to have explained.

The morning letter says what she must decide and what happened, on working mornings or on request. She asks to see a
return's file, a message as it came, the pages; why something stands; and by FIND and EXPORT what is held of a person or
a partnership, as a letter to her alone.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from csp_workflow.chase import beat, grounds
from csp_workflow.dashboard.parts import WHOLE, Audience
from csp_workflow.desk.commands import OrderFacts, StepOrder, find_message, find_return
from csp_workflow.desk.looking import say_came, write_letter
from csp_workflow.letters.answers import attach_original, question
from csp_workflow.letters.kinds import name_kind
from csp_workflow.letters.morning import Item, Need
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.letters.topics import passed_on
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.mailboxes.mailbox import list_expiring
from csp_workflow.request.calendar import foresee_gaps
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.dashboard import build_dashboard
from csp_workflow.steps.drafting import WATCHED
from csp_workflow.steps.outside import Outside, live_quarters, view_cycle, view_service, with_versions
from csp_workflow.steps.subject_bundle import export_subject, pack_subject
from csp_workflow.steps.subjects import Held, Sought, find_held, read_sought
from csp_workflow.steps.waiting import waiting_messages
from csp_workflow.terms.dates import CycleState, Quarter, in_london, london_day
from csp_workflow.terms.events import Decision, Event, Happened, LetterState, PreconditionFailed, QueuedLetter
from csp_workflow.terms.messages import Attachment, Verdict
from csp_workflow.terms.personal import keep_back, keep_back_lines, point_to
from csp_workflow.terms.phrases import day, joined, moment, plain_day, plural
from csp_workflow.terms.queries import list_disputes, name_disputed
from csp_workflow.terms.site import Contact, Respondent

if TYPE_CHECKING:
    from csp_workflow.digest.facts import DigestFacts, Round

MOST_QUOTED = 1_000
"""How much of a message the morning's letter quotes."""


def send_digest(outside: Outside, now: datetime) -> None:
    """Make the morning's digest when its hour has come. The facts are gathered only then: most beats are idle."""
    from csp_workflow.digest.digest import decide_digest

    local = in_london(now)
    made = outside.store.service_status().last_digest
    if local.time() < outside.configured.digest_at or made == local.date():
        return
    commit_current(outside, lambda: decide_digest(_facts(outside, now), now), now)


def decide_status_letter(outside: Outside, now: datetime, *, to: Contact, cause: str) -> Decision:
    """The state of things now, to whoever ordered STATUS."""
    from csp_workflow.digest.digest import decide_digest_on_request

    return decide_digest_on_request(_facts(outside, now), now, to=to, cause=cause)


def list_needs_now(outside: Outside, now: datetime) -> tuple[Need, ...]:
    """All that waits for her decision, as the next morning letter would say it."""
    from csp_workflow.digest.needs import list_needs

    return list_needs(_facts(outside, now), now)


def decide_putting_off(outside: Outside, about: str, until: date, now: datetime, *, by: str) -> Decision:
    """Put off what waits about a message or a respondent. Raises PreconditionFailed where nothing of it may be."""
    items = [need.item for need in list_needs_now(outside, now) if need.item]
    found = [item for item in items if about in {item.about, *item.of}]
    if not found:
        raise PreconditionFailed("Nothing about it waits for your decision now that can be put off.")
    return Decision(events=tuple(_note_put_off(item, until, now, by) for item in found))


def _note_put_off(item: Item, until: date, now: datetime, by: str) -> Event:
    message, respondent = (item.about, "") if item.is_message else ("", item.about)
    facts = {"until": until.isoformat(), "what": item.what}
    return Event(kind=Happened.PUT_OFF, at=now, by=by, respondent=respondent, subject=message, facts=facts)


def _facts(outside: Outside, now: datetime) -> DigestFacts:
    from csp_workflow.digest.facts import DigestFacts

    store, today = outside.store, in_london(now).date()
    rounds = tuple(_round(outside, quarter, now) for quarter in live_quarters(outside))
    brought = (passed_on.kind.name, question.kind.name)
    queued = (letter for kind in brought for letter in store.letters(LetterState.QUEUED, kind=kind))
    kept = {about.message: letter for letter in queued for about in letter.about}
    return DigestFacts(
        site=outside.site,
        service=view_service(outside, now),
        rounds=rounds,
        waiting=tuple(_quote(outside, m, kept) for m in waiting_messages(outside, (about.status for about in rounds))),
        letters=store.letters(beyond_cycles=True),
        events=store.events(None),
        gaps=foresee_gaps(outside.configured, today),
        expiring=tuple(
            f"{what} {remedy}"
            for what, remedy in list_expiring(outside.mailbox.certificates, outside.sign_in_until, today)
        ),
        unread_since=store.unread_since(),
        broken=store.broken(),
        answered=_list_answered(outside),
        by_hand=tuple(_list_changed(outside, now)),
    )


_LATELY = timedelta(days=7)


def _list_changed(outside: Outside, now: datetime) -> Iterator[tuple[datetime, str]]:
    """What a person changed in letters that waited in Drafts, each as it left or was taken out of late."""
    from csp_workflow.post.drafts import say_changes

    for letter in outside.store.drafted_since(now - WATCHED):
        when = letter.sent or letter.missed
        if not letter.as_left or when is None or now - when > _LATELY:
            continue
        try:
            ours, left = outside.archive.fetch(letter.content), outside.archive.fetch(letter.as_left)
        except (KeyError, ValueError):
            continue
        what = f"{name_kind(letter.kind)} to {letter.recipient}"
        began = f"You changed this letter before you sent it: {what}."
        if letter.sent is None:
            began = f"This letter, which you had changed, was taken out of Drafts: {what}. {letter.reason}"
        yield when, f"{began} {' '.join(say_changes(ours, left, now))} What you wrote is kept."


def _list_answered(outside: Outside) -> dict[str, str]:
    """Each overdue action's form that answers it, by what months it was for; nothing is read while none is open."""
    refs = {action.ref: action.respondent for action in outside.site.actions if action.closed is None}
    found: dict[str, str] = {}
    for quarter in live_quarters(outside) if refs else ():
        for key, version in outside.store.latest_submissions(quarter).items():
            answers = {one.ref for one in version.narratives if one.text.strip()}
            found |= {ref: quarter.months for ref, whose in refs.items() if whose == key and ref in answers}
    return found


def _quote(outside: Outside, message: WaitingMessage, kept: Mapping[str, QueuedLetter]) -> WaitingMessage:
    """A message with the beginning of its words; with what its own letter brings, if `kept` for this: not the message
    where a file in it goes to nobody."""
    from csp_workflow.mail.compose import read_back
    from csp_workflow.mail.words import say_words
    from csp_workflow.steps.judge import read_message

    row = outside.store.message(message.id)
    if row is None or message.has_bank_details:
        return message
    try:
        came = read_message(outside, row, is_failed=message.failures is not None)
        said = say_words(came)
        letter = read_back(outside.archive.fetch(kept[message.id].content)) if message.id in kept else None
    except (KeyError, ValueError):
        return message
    ours = outside.configured.office.particulars
    words = " ".join(keep_back_lines(said, ours=ours, see=point_to(message.id)).split())
    shown = words if len(words) <= MOST_QUOTED else f"{words[:MOST_QUOTED]} [...]"
    is_unopened = message.verdict is Verdict.QUARANTINED
    return replace(
        message,
        words=shown,
        unopened=tuple(keep_back(a.name) or "a file" for a in came.attachments if is_unopened),
        original=b"".join(a.data for a in letter.attachments) if letter else b"",
    )


def _round(outside: Outside, quarter: Quarter, now: datetime) -> Round:
    from csp_workflow.digest.facts import Round

    cycle, events = with_versions(outside, view_cycle(outside, quarter, now)), outside.store.events(quarter)
    taken = {event.subject: event.at for event in events if event.kind is Happened.RECEIVED}
    return Round(
        site=cycle.site,
        dates=cycle.dates,
        status=cycle.status,
        service=cycle.service,
        letters=outside.store.letters(quarter=quarter),
        submissions=cycle.submissions,
        events=events,
        ahead=beat.foresee_letters(cycle, now) if cycle.status.state is CycleState.OPEN else (),
        # Told by when they were read, not by when they came: a morning letter may lie between the two.
        words=tuple(
            (s.respondent, taken.get(s.id, s.received), s.words, s.message)
            for s in outside.store.submissions(quarter)
            if s.words
        ),
        changes=tuple(_list_changes(outside, quarter, taken)),
    )


def _list_changes(
    outside: Outside, quarter: Quarter, taken: Mapping[str, datetime]
) -> Iterator[tuple[str, datetime, str]]:
    """What each later version of a return changed in the one before it, with who sent it. `taken` says when each was
    read."""
    from csp_workflow.intake.outcomes.laying import say_changes_together

    versions = outside.store.submissions(quarter)
    before = {(one.respondent, one.sequence): one for one in versions}
    respondents = {r.key: r for r in outside.site.respondents}
    for one in versions:
        at = taken.get(one.id, one.received)
        earlier, respondent = before.get((one.respondent, one.sequence - 1)), respondents.get(one.respondent)
        issues = outside.store.request_history(quarter, one.respondent) if earlier and respondent else ()
        told = earlier.disputes if earlier else ()
        disputed = [d for d in list_disputes((one,)) if (d.area, d.ref, d.reason) not in told]
        if disputed:
            ours = outside.configured.office.particulars
            said = (f"{name_disputed(outside.site, d)}: {keep_back_lines(d.reason, ours=ours)}" for d in disputed)
            count = plural(len(disputed), "figure", spelt=True)
            yield one.respondent, at, f"they dispute {count} of the force's. {' '.join(said)}"
        form = next((r.form for r in issues if r.form.reference.revision == one.revision), None)
        if form and respondent and (changed := say_changes_together(earlier, one, form, respondent)):
            yield one.respondent, at, changed


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
    coming = beat.foresee_letters(alone, now, days=_FORESEEN)
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


_LISTED = 40
"""So many of the things that are held stand in a letter one by one."""
_MOST_BYTES = 10_000_000
"""What a letter carries: a third comes on top, and most mail systems take no more than 15 MB."""
_READ_FIRST = "Read it before you disclose it: nothing was taken out, and other people are marked in it."


def decide_finding(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    """The letter that lists what is held. Raises PreconditionFailed where the words mean nobody."""
    sought = read_sought(outside, wanted.whom)
    held = [one for one in find_held(outside, sought, now) if not one.id or one.id != facts.message]
    more = len(held) - _LISTED
    paragraphs = (
        f"Looked for: {_say_sought(sought)}. {plural(len(held), 'thing')} found, beside the order that asks.",
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
