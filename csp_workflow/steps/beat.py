"""One beat of the service: the steps in the order of the quarter, each with its own safety.

    guard -> comparing -> receive -> judge -> opening -> chasing -> measures -> papers -> digest -> post

A step that meets a fault of the world is tried again at the next beat; the others go on. Nobody is
chased unless the mailbox was read to its end first: a return may be lying there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from csp_workflow.chase import beat as chase
from csp_workflow.chase.watching import WatchFacts, judge_troubles
from csp_workflow.request.calendar import foresee_gaps
from csp_workflow.steps import comparing, cycle, disposing, judge, measures, ordering, papers, post, receive, showing
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import as_utc, london_day
from csp_workflow.terms.events import Decision, Event, Happened, LetterState
from csp_workflow.terms.service import LockHeld, Mode, Trouble, WorldFault


@dataclass
class Beat:
    """What one beat did."""

    received: int = 0
    judged: int = 0
    set_aside: int = 0
    sent: int = 0
    drained: bool = False
    is_compared: bool = True
    failed_steps: tuple[str, ...] = ()

    @property
    def is_idle(self) -> bool:
        """Whether the mailbox was read to its end, and there was nothing to be done."""
        did = self.received or self.judged or self.set_aside or self.sent or self.failed_steps
        return self.drained and self.is_compared and not did

    def told(self) -> dict[str, Any]:
        """For people and for --json."""
        return {
            "received": self.received,
            "judged": self.judged,
            "set_aside": self.set_aside,
            "sent": self.sent,
            "failed": ", ".join(self.failed_steps) or "none",
        }


def tick(outside: Outside, now: datetime) -> Beat:
    """Fetch, decide and post everything due now. What is due is derived, so an extra beat does nothing."""
    beat, broken, began = Beat(), [], outside.clock()
    for name, step in _STEPS:
        if outside.stopping():
            break
        try:
            if not _rests(outside, name, now):
                step(outside, now, beat)
        except WorldFault as fault:
            beat.failed_steps += (name,)
            # What comes with a remedy is said in our own words alone; other faults may quote the other side's.
            why = f"{fault} {fault.remedy}" if fault.remedy else type(fault).__name__
            structlog.get_logger().warning("beat.step.failed", step=name, fault=why)
        except Exception as fault:
            if name not in _MOVES_ON:
                raise
            beat.failed_steps += (name,)
            broken.append(name)
            structlog.get_logger().error("beat.step.broken", step=name, exc_info=fault)
    with suppress(WorldFault):
        outside.store.save_broken(broken, now)
        comparing.note_progress(outside)
    watch(outside, now, beat.failed_steps, began)
    return beat


def listen(outside: Outside, now: datetime) -> Beat:
    """A short beat: mail is fetched, and nothing else is done. If any came, or none could, a whole one is due."""
    beat, began = Beat(), outside.clock()
    try:
        _receive(outside, now, beat)
        if beat.is_idle:
            outside.store.save_heartbeat(outside.clock(), outside.clock() - began, ())
    except WorldFault:
        beat.failed_steps = ("receive",)  # the whole beat meets it again, and says so
    return beat


def _rests(outside: Outside, step: str, now: datetime) -> bool:
    """Whether a step waits for RELEASE, since the store came from elsewhere: what it knows may be of yesterday.

    Her morning letter comes again from the next day on, lest she has overlooked the one that asks for it.
    """
    service = outside.store.service_status() if step in _MOVES_ON else None
    if service is None or not service.moved:
        return False
    return step != "digest" or service.compared is None or london_day(now) <= london_day(service.compared)


def note_configuration(outside: Outside, refused: str, now: datetime) -> None:
    """Note that a changed configuration was taken, or why it was `refused`: the co-ordinator is told either way."""
    kind, facts = (Happened.CONFIG_REFUSED, {"why": refused}) if refused else (Happened.CONFIG_TAKEN, {})
    event = Event(kind=kind, at=now, by="the service", facts=facts)
    commit_current(outside, lambda: Decision(events=(event,)), now)


def _guard(outside: Outside, now: datetime, _: Beat) -> None:
    """Note a store from elsewhere, a long silence, or a clock that went back, before anything is decided."""
    comparing.look_around(outside, now)
    store, site = outside.store, outside.configured
    last, service = store.last_seen(), store.service_status()
    if last is not None and not service.clock_doubted and service.doubted_time == as_utc(last).isoformat():
        # She let go what waited: the time of that beat was the wrong one, and counts no more.
        last = service.released
        store.saw(now, anew=True)
    commit_current(
        outside,
        lambda: chase.judge_silence(last, now, site.working_days, site.limits, service=store.service_status()),
        now,
    )


def _compare(outside: Outside, now: datetime, beat: Beat) -> None:
    """Take again what lies in the mailbox's folders, until a store from elsewhere was compared with it."""
    service = outside.store.service_status()
    if service.moved and service.compared is None:
        beat.is_compared = False
        beat.is_compared = comparing.take_again(outside, now, lambda: _judge(outside, now, beat))


def _tell(outside: Outside, now: datetime, beat: Beat) -> None:
    service = outside.store.service_status()
    is_due = bool(service.moved) and service.compared is None
    is_read = (
        beat.is_compared and outside.store.unread_since() is None and not {"receive", "judge"} & {*beat.failed_steps}
    )
    if is_due and is_read:
        comparing.tell_differences(outside, now)


def _receive(outside: Outside, now: datetime, beat: Beat) -> None:
    """Where another worker is reading the mailbox, it lands what came, and nobody is chased by this one."""
    try:
        with outside.store.sole_receiver():
            received = receive.receive(outside, now)
    except LockHeld:
        return
    except WorldFault:
        outside.store.save_unread_since(now)
        raise
    outside.store.save_unread_since(None if received.drained else now)
    told = outside.mailbox.server_time
    commit_current(outside, lambda: chase.judge_clock(told, now, service=outside.store.service_status()), now)
    beat.received, beat.drained = received.landed, received.drained


def _note_time(outside: Outside, now: datetime, _: Beat) -> None:
    """Note that the service was at work, once its clock was compared with the mail system's."""
    if not outside.store.service_status().clock_doubted:
        outside.store.saw(now)


def _judge(outside: Outside, now: datetime, beat: Beat) -> None:
    judged = judge.judge_all(outside, now, obey=ordering.obey)
    beat.judged, beat.set_aside = judged.count, judged.set_aside
    beat.drained = beat.drained and judged.all_judged


def _chase(outside: Outside, now: datetime, beat: Beat) -> None:
    if beat.drained:
        cycle.chase_all(outside, now)


def _follow_measures(outside: Outside, now: datetime, beat: Beat) -> None:
    if beat.drained:
        measures.follow_measures(outside, now)


def _post(outside: Outside, now: datetime, beat: Beat) -> None:
    """Nothing leaves in a beat in which messages could not be judged: one of them may say STOP.

    Nor where it could not be seen whether the store is the right one. Another worker that is sending sends ours too.
    """
    if {"guard", "judge"} & {*beat.failed_steps} or judge.may_be_stopped(outside):
        return
    with suppress(LockHeld):
        beat.sent = post.post(outside, now).sent


_STEPS: tuple[tuple[str, Callable[[Outside, datetime, Beat], None]], ...] = (
    ("guard", _guard),
    ("comparing", _compare),
    ("receive", _receive),
    ("time", _note_time),
    ("judge", _judge),
    ("opening", lambda outside, now, _: cycle.follow_calendar(outside, now)),
    ("chasing", _chase),
    ("measures", _follow_measures),
    ("papers", lambda outside, now, _: papers.draft_papers(outside, now)),
    ("agreements", lambda outside, now, _: papers.ask_readers(outside, now)),
    ("errata", lambda outside, now, _: papers.correct_papers(outside, now)),
    ("digest", lambda outside, now, _: showing.send_digest(outside, now)),
    ("telling", _tell),
    ("retention", lambda outside, now, _: disposing.follow_schedule(outside, now)),
    ("post", _post),
)

_MOVES_ON = {"opening", "chasing", "measures", "papers", "agreements", "errata", "digest", "retention"}
"""The steps that derive what is due. A fault of our own in one stops none of the others, and she is told of it."""


# The watch at the end of a beat ---------------------------------------------------------------------

NOT_GONE = (
    *(LetterState.QUEUED, LetterState.CLAIMED, LetterState.HANDING, LetterState.UNKNOWN),
    LetterState.IN_DRAFTS,
)


def watch(outside: Outside, now: datetime, failed: Sequence[str], began: float) -> None:
    """Look for trouble, tell it, and note the beat. No fault of this stops a beat: watching is not the work."""
    try:
        commit_current(
            outside,
            lambda: judge_troubles(gather_facts(outside, now), outside.site, outside.store.service_status(), now),
            now,
        )
        _send_by_road(outside, now)
        outside.store.save_heartbeat(outside.clock(), outside.clock() - began, failed)
    except WorldFault as fault:
        structlog.get_logger().warning("beat.watch.failed", fault=type(fault).__name__)
    except Exception as fault:  # noqa: BLE001 - told in the log; a beat that did its work is a beat
        structlog.get_logger().error("beat.watch.broken", exc_info=fault)


def gather_facts(outside: Outside, now: datetime) -> WatchFacts:
    """What the watch looks at. A rehearsal ends before its tables do."""
    store = outside.store
    pause = store.sending_pause()
    is_real = outside.configured.mode is not Mode.REHEARSAL
    return WatchFacts(
        unread_since=store.unread_since(),
        paused_since=pause[0] if pause else None,
        waiting=store.letters(*NOT_GONE),
        free_mebibytes=find_free(outside),
        gaps=foresee_gaps(outside.configured, london_day(now)) if is_real else (),
    )


def find_free(outside: Outside) -> int | None:
    """How many mebibytes are free where the state folder lies."""
    if outside.here is None:
        return None
    with suppress(OSError):
        return shutil.disk_usage(outside.here.note.parent).free // 1024**2
    return None


def _send_by_road(outside: Outside, now: datetime) -> None:
    """While the mailbox is the trouble, what tells of it leaves by another road, where the site has one."""
    troubles = outside.store.service_status().troubles.lasting
    if outside.road is not None and any(Trouble(name).is_of_mailbox for name in troubles):
        with suppress(LockHeld):
            post.post_by_road(replace(outside, mailbox=outside.road), now)
