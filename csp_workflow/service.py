"""A site that runs, and its service: APScheduler as a heartbeat, one tick a minute, until SIGTERM.

What is due is derived from the calendar and the store at each tick, so a missed, late or repeated
beat does no harm. While nothing moves at a site most beats ask for its mail alone.
The scheduler keeps nothing: no job store, no business meaning.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from csp_workflow import settings, wiring
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.service import ConfigInvalid

if TYPE_CHECKING:
    from csp_workflow.steps.beat import Beat
    from csp_workflow.terms.site import Site

BEAT_SECONDS = 60

WHOLE_BEAT = timedelta(minutes=5)
"""What is due by the calendar alone is looked for in each such part of an hour; mail at every beat."""

_AT_REST = timedelta(seconds=5)
"""A file that was changed just now may be half written."""


class Running:
    """A site that runs for months: before each beat its configuration is looked at, and taken anew when it is whole."""

    def __init__(self, config: Path, state: Path, wired: wiring.Wired, *, is_own: bool = False) -> None:
        self._config, self._state = config, state
        self._wired, self._first, self._is_own = wired, wired, is_own
        self._known = settings.list_files(config)
        self._is_begun = False
        self._idle_at: tuple[int, int] | None = None

    def beat(self, now: datetime) -> Beat:
        """One beat, with the configuration as it was edited since; with the one before while that has faults."""
        wiring.refuse_changed(self._wired.outside.store)
        self._note_start(now)
        found = settings.list_files(self._config)
        newest = max((changed for _, changed, _ in found), default=0) / 1e9
        if found != self._known and now.timestamp() - newest >= _AT_REST.total_seconds():
            self._known = found
            self._take(now)
            self._idle_at = None
        return self._listen_or_tick(now)

    def _listen_or_tick(self, now: datetime) -> Beat:
        """A site at which nothing moves, and where the beat before found nothing to do, is only asked for its mail.

        Until more is stored, mail comes or the clock goes on to the next part of the hour: what is due is derived from
        these alone.
        """
        from csp_workflow.steps.beat import NOT_GONE, listen

        outside = self._wired.outside
        stands = int(now.timestamp() // WHOLE_BEAT.total_seconds()), outside.store.mark()
        heard = None
        if self._idle_at == stands and not outside.store.letters(*NOT_GONE):
            heard = listen(outside, now)
            if heard.is_idle:
                return heard
        done = self._wired.tick(now)
        self._idle_at = stands if done.is_idle else None
        done.received += heard.received if heard else 0
        return done

    @property
    def stopping(self) -> threading.Event:
        """Ends a beat after the message in hand."""
        return self._wired.stopping

    def hold(self) -> AbstractContextManager[None]:
        """Have the site to ourselves for a beat, on this machine or at its database. Raises LockHeld at once."""
        if self._wired.is_shared:
            return self._wired.hold(waits=False)
        return wiring.lock_folder(self._state / "lock", wanted=True)

    def read_site(self) -> Site:
        """The site by the configuration in force."""
        return self._wired.outside.configured

    def close(self) -> None:
        """Let go what was opened since; what it began with is closed by whoever opened that."""
        if self._is_own or self._wired is not self._first:
            self._wired.close()

    def _note_start(self, now: datetime) -> None:
        """What was refused before the service was started again is whole now, or it would not have started."""
        from csp_workflow.steps.beat import note_configuration

        if not self._is_begun and self._wired.outside.store.service_status().config_refused:
            note_configuration(self._wired.outside, "", now)
        self._is_begun = True

    def _take(self, now: datetime) -> None:
        from csp_workflow.steps.beat import note_configuration

        try:
            new = self._open_anew()
        except (ConfigInvalid, PreconditionFailed) as fault:
            structlog.get_logger().error("service.config.refused", fault=str(fault))
            note_configuration(self._wired.outside, str(fault), now)
            return
        self.close()
        self._wired = new
        structlog.get_logger().info("service.config.taken")
        note_configuration(new.outside, "", now)

    def _open_anew(self) -> wiring.Wired:
        """The site by its files as they are. Raises ConfigInvalid, PreconditionFailed."""
        site, service = wiring.load_whole(self._config)
        made = wiring.wire(site, service, config=self._config, state=self._state)
        wiring.refuse_without_guards(site, made.outside.sandbox)
        outside = replace(made.outside, stopping=self._first.stopping.is_set)
        return wiring.Wired(outside, self._first.stopping, is_shared=made.is_shared)


def start_running(config: Path, state: Path) -> Running:
    """A site that runs, of which each beat is held (`Running.hold`) by itself. Raises as `wiring.open_site` does."""
    site, service = wiring.load_whole(config)
    wiring.find_laid_out(service, state)
    wired = wiring.wire(site, service, config=config, state=state)
    try:
        wiring.refuse_without_guards(site, wired.outside.sandbox)
    except ConfigInvalid:
        wired.close()
        raise
    return Running(config, state, wired, is_own=True)


def serve(beat: Callable[[datetime], object], *, stopping: threading.Event) -> None:
    """Beat at once and then every minute, until SIGTERM or SIGINT (or `stopping`).

    A beat under way ends after the message in hand: it sees `stopping` too. A beat that fails is
    logged; the next one tries again.
    """
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
    scheduler.add_job(
        _guard(beat),
        "interval",
        seconds=BEAT_SECONDS,
        next_run_time=datetime.now(UTC),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    if threading.current_thread() is threading.main_thread():
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopping.set())
    scheduler.start()
    structlog.get_logger().info("service.started")
    stopping.wait()
    scheduler.shutdown(wait=True)
    structlog.get_logger().info("service.stopped")


def _guard(beat: Callable[[datetime], object]) -> Callable[[], None]:
    def guarded() -> None:
        try:
            beat(datetime.now(UTC))
        except Exception as fault:  # noqa: BLE001 - one failed beat must not stop the heart
            structlog.get_logger().error("service.beat.failed", exc_info=fault, fault=type(fault).__name__)

    return guarded
