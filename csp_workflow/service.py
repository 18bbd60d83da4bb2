"""The service: APScheduler as a heartbeat, one tick a minute, until SIGTERM.

What is due is derived from the calendar and the store at each tick, so a missed, late or repeated
beat does no harm. The scheduler keeps nothing: no job store, no business meaning.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

BEAT_SECONDS = 60


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
