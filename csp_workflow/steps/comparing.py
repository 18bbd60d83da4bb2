"""Comparing: a store that came from elsewhere takes the mailbox for its memory before anything leaves.

What lies in any folder and is not known is landed and judged like new mail; its answers wait, and each is looked for
among the letters sent before it leaves. Then the office is told in one letter what was found, and RELEASE lets go.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from csp_workflow.chase import beat as rules
from csp_workflow.letters.topics import FoundMessage
from csp_workflow.mail.unpack import identify_content, unpack_message
from csp_workflow.mailboxes.mailbox import MORE, Fetched
from csp_workflow.post import leaving
from csp_workflow.steps import cycle, receive
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.drafting import WATCHED
from csp_workflow.steps.outside import Outside, find_beginning
from csp_workflow.steps.post import settle_if_left
from csp_workflow.store import LandedMessage, Store
from csp_workflow.terms.events import NOTHING, Decision, Event, Happened
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.personal import keep_back_lines
from csp_workflow.terms.service import Lying, MessageGone, Mode, Place, WorldFault
from csp_workflow.whereabouts import Whereabouts, raise_generation

BY = "the guard"

OTHER_SERVICE = (
    "Messages lie in the mailbox's folders that this store has never seen: another service is at work on the mailbox, "
    "or the store is of an earlier day."
)
_BETWEEN_LOOKS = timedelta(hours=1)
_DONE = "all read"
_OURS = re.compile(rb"^X-CSP-Delivery:", re.IGNORECASE | re.MULTILINE)
"""What no message from elsewhere bears: a copy of a letter of ours was never for us to read."""


def find_move(store: Store, here: Whereabouts) -> str:
    """Why the store came from elsewhere since it was last at work, in a sentence; "" when it did not."""
    noted = here.read_note()  # first: what another worker changes meanwhile only makes the store newer than the note
    stamps = store.stamps()
    known = {**stamps, "mailbox": stamps.get("mailbox name", "")}
    return rules.judge_whereabouts(known, noted, here.facts, mark=store.mark())


def look_around(outside: Outside, now: datetime) -> None:
    """Note when the store came from elsewhere since it was last at work, and that it is at work here now."""
    here, store = outside.here, outside.store
    if here is None:
        return
    why = find_move(store, here)
    other = "" if why else _find_other_service(outside, now)
    if why or other:
        _note_move(outside, here, other, now)
    elif store.stamp("generation"):
        return
    known = store.stamp("generation")
    generation = raise_generation(known, here.read_note().get("generation", ""))
    here.write_note(generation, store.mark(), before=known)
    facts = {"mailbox name" if name == "mailbox" else name: value for name, value in here.facts.items()}
    store.begin_generation({**facts, "generation": generation}, after=known)
    note_progress(outside)


def _note_move(outside: Outside, here: Whereabouts, other: str, now: datetime) -> None:
    """Note why the store came from elsewhere, unless another worker saw it too, and noted it first."""
    store = outside.store

    def decide() -> Decision:
        why, service = find_move(store, here) or other, store.service_status()
        if not why or (service.moved == why and service.compared is None):
            return NOTHING
        structlog.get_logger().error("store.moved", why=why)
        return Decision(events=(Event(kind=Happened.STORE_MOVED, at=now, by=BY, facts={"why": why}),))

    if commit_current(outside, decide, now):
        store.forget_cursors()


def _find_other_service(outside: Outside, now: datetime) -> str:
    """Why another service seems to be at work on the mailbox, in a sentence: looked for at the start and each hour.

    What came since this store was last at work and was filed, though not by this store, was filed by another; or this
    store is of an earlier day, with all that lies beside it.
    """
    store, looks = outside.store, outside.looks
    since = store.last_seen()
    is_rested = looks.last is not None and timedelta(0) <= now - looks.last < _BETWEEN_LOOKS
    if since is None or is_rested or store.service_status().moved:
        return ""
    try:
        sources, _ = outside.mailbox.list_filed("", min(since, looks.last or since), ours=True)
        is_strange = any(_is_unknown(outside, source, now) for source in sources)
    except WorldFault:
        return ""  # the mailbox is out of reach: nothing is filed by anybody, and it is looked again
    looks.last = now
    return OTHER_SERVICE if is_strange else ""


def _is_unknown(outside: Outside, source: str, now: datetime) -> bool:
    try:
        fetched = outside.mailbox.get(source, now)
    except MessageGone:
        return False
    identity = identify_content(fetched.raw)
    is_known = outside.store.message(identity) is not None or outside.tombstones.holds(identity)
    return not is_known and not _is_ours(fetched.raw)


def _is_ours(raw: bytes) -> bool:
    return bool(_OURS.search(raw.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]))


def note_progress(outside: Outside) -> None:
    """Note beside the store how far it has come, so that an earlier one in its place is seen."""
    if outside.here is not None:
        outside.here.write_note(outside.store.stamp("generation"), outside.store.mark())


def take_again(outside: Outside, now: datetime, judge_all: Callable[[], object]) -> bool:
    """Land what lies in the mailbox's other folders and is not known, and judge it. Whether all of it was seen.

    What answers a letter that is not known comes last: by then the letter may have been written again, as it was.
    """
    if not _take_all(outside, now, answers=False):
        return False
    judge_all()
    cycle.ask_chairs_again(outside, now)
    return _take_all(outside, now, answers=True)


def _take_all(outside: Outside, now: datetime, *, answers: bool) -> bool:
    """Land part after part. Whether all was seen; what is left after a minute waits for the next beat."""
    store, begun = outside.store, outside.clock()
    name = f"{outside.mailbox_name} elsewhere{', answers' * answers}"
    since, cursor = find_beginning(outside, now), store.cursor(name)
    while cursor != _DONE and not outside.stopping() and outside.clock() - begun < receive.LONGEST:
        sources, following = outside.mailbox.list_filed(cursor, since)
        for source in sources:
            _take(outside, source, now, answers=answers)
        cursor = following if following.startswith(MORE) else _DONE
        store.save_cursor(name, cursor)
        outside.reached("compare:part taken")
    return cursor == _DONE


def _take(outside: Outside, source: str, now: datetime, *, answers: bool) -> None:
    try:
        fetched = outside.mailbox.get(source, now)
    except MessageGone:
        return
    if not _is_ours(fetched.raw) and (answers or not _answers_unknown(outside, fetched)):
        receive.land(outside, fetched)


def _answers_unknown(outside: Outside, fetched: Fetched) -> bool:
    """Whether a message without a file answers a letter of ours that the store does not know."""
    message = unpack_message(fetched.raw, received=fetched.received)
    ours = [one for one in message.answered if one.startswith("<csp.") and one.endswith(f"@{outside.domain}>")]
    return bool(ours) and not message.attachments and outside.store.letter_by_message_id(ours) is None


def tell_differences(outside: Outside, now: datetime) -> None:
    """Look for what waits among the letters sent, then tell the office what the mailbox holds beyond the store."""
    store = outside.store
    waiting = store.claimable(clock=outside.clock(), alone=outside.alone)
    left = [letter for letter in waiting if settle_if_left(outside, letter)]
    drafts = _list_unknown_drafts(outside, now)
    outside.reached("compare:looked up")

    def decide() -> Decision:
        service = store.service_status()
        if not service.moved or service.moved_at is None:
            return NOTHING
        found = [_show(outside, row) for row in store.judged_since(service.moved_at)]
        site, others = outside.configured, len(waiting) - len(left)
        return leaving.decide_comparison(found, left, others, site=site, service=service, now=now, drafts=drafts)

    commit_current(outside, decide, now)


def _list_unknown_drafts(outside: Outside, now: datetime) -> tuple[Lying, ...]:
    """What bears our mark in Drafts and is no letter that this store knows: it was put there since it was kept.

    It stays: written anew with the same words it is the same letter, and found there; else she decides which goes.
    """
    if outside.configured.mode is not Mode.DRAFTS:
        return ()
    lying = outside.mailbox.list_drafts(now - WATCHED)
    return tuple(x for x in lying if x.place is Place.DRAFTS and x.mark and outside.store.letter(x.mark) is None)


def _show(outside: Outside, row: LandedMessage) -> FoundMessage:
    names = {respondent.key: respondent.name for respondent in outside.site.respondents}
    return FoundMessage(
        sender=row.sender,
        subject=keep_back_lines(row.subject),
        received=row.received,
        verdict=row.verdict or Verdict.HELD,
        names=tuple(names.get(key, key) for key in row.respondents),
    )
