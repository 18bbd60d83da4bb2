"""Digest: what the co-ordinator must decide and what happened, on working mornings or on request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from csp_workflow.chase import ahead
from csp_workflow.letters.answers import question
from csp_workflow.letters.kinds import name_kind
from csp_workflow.letters.morning import Item, Need
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.letters.topics import passed_on
from csp_workflow.mailboxes.mailbox import list_expiring
from csp_workflow.request.calendar import foresee_gaps
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.drafting import WATCHED
from csp_workflow.steps.outside import Outside, live_quarters, view_cycle, view_service, with_versions
from csp_workflow.steps.waiting import waiting_messages
from csp_workflow.terms.dates import CycleState, Quarter, in_london
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.letters import LetterState, QueuedLetter
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.personal import keep_back, keep_back_lines, point_to
from csp_workflow.terms.phrases import plural
from csp_workflow.terms.queries import list_disputes, name_disputed
from csp_workflow.terms.site import Contact

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
        ahead=ahead.foresee_letters(cycle, now) if cycle.status.state is CycleState.OPEN else (),
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
