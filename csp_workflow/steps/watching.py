"""Watching the service: troubles told once, the heartbeat that others look for, and letters by another road."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import structlog

from csp_workflow.chase.watching import WatchFacts, judge_troubles
from csp_workflow.request.calendar import foresee_gaps
from csp_workflow.steps import post
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import LetterState
from csp_workflow.terms.service import LockHeld, Mode, Trouble, WorldFault

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
