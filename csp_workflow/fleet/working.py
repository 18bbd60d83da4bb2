"""Workers of a fleet: an engine (Procrastinate) hands out the sites' beats to them, on any number of machines.

A job of its queue says that a site is due, and nothing else: what is due at the site is derived from its calendar and
its store at each beat. So a job that is lost, late or double does no harm, no job is ever tried again, and an engine of
another version begins with a queue of its own. Whether a letter left is known by its state alone.

A site's beats follow one another: one that ended asks for the next. Every worker looks from time to time whether one
is missing, since its worker died, or the site is new.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from csp_workflow.fleet import Fleet
from csp_workflow.service import BEAT_SECONDS
from csp_workflow.store.sharing import make_schema
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.service import ConfigInvalid, LockHeld, WorldFault

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.jobs import Job

T = TypeVar("T")

SILENT = 45.0
"""Seconds after which a worker that says nothing is dead or paused: what it had in hand is another's."""

LONG = 15.0
"""Seconds beyond which a beat was a long one: the site's next one waits with other long ones, in nobody else's way."""

_BEAT, _BEATS, _LONG_ONES = "beat", "beats", "long beats"
_LOOKS, _POLLS, _RESTS, _FAREWELL = 10.0, 1.0, 3.0, 30.0
_ENGINE_CONNECTIONS = 2
_NO_DATABASE = (
    "Workers need a database that holds all sites: name it in {file}. Where each site keeps a file of its own, run "
    "`csp-workflow --config sites/NAME/config --state sites/NAME/state run` for each."
)
_NO_ENGINE = "Workers need a further package. Install it with: pip install 'csp-workflow[fleet]'"


@dataclass
class Worker:
    """One process that works at the sites of a fleet as they become due. `moment` reads the clock.

    `every` is how many seconds a site's beats are apart; `stopping` ends it, after the messages in hand.
    """

    fleet: Fleet
    moment: Callable[[], datetime]
    stopping: threading.Event
    every: float = BEAT_SECONDS
    silent: float = SILENT

    def work(self) -> None:
        """Beat until SIGTERM or SIGINT (or `stopping`).

        Raises PreconditionFailed where the database will not do, StoreBusy where it cannot be reached at the beginning.
        """
        if not self.fleet.file.database:
            raise PreconditionFailed(_NO_DATABASE.format(file=self.fleet.folder / "fleet.toml"))
        try:
            import procrastinate  # noqa: F401 - whether it is there
        except ImportError as fault:
            raise PreconditionFailed(_NO_ENGINE) from fault
        make_schema(self.fleet.file.database, _name_queue())  # what is wrong with the database is said at once
        if threading.current_thread() is threading.main_thread():
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: self.stopping.set())
        asyncio.run(self._run())

    async def _run(self) -> None:
        """Where the database is away a while, the engine begins anew when it is back."""
        structlog.get_logger().info("fleet.worker.started")
        self._threads = ThreadPoolExecutor(self.fleet.at_once + 1)
        ends = asyncio.create_task(self._await_stop())
        try:
            while not self.stopping.is_set():
                runs = asyncio.create_task(self._run_engine())
                await asyncio.wait({ends, runs}, return_when=asyncio.FIRST_COMPLETED)
                if not runs.done():
                    runs.cancel()
                await asyncio.wait({runs})
                if not runs.cancelled() and (fault := runs.exception()):
                    structlog.get_logger().warning("fleet.engine.failed", fault=type(fault).__name__)
                await asyncio.wait({ends}, timeout=_RESTS)
        finally:
            ends.cancel()
            self._threads.shutdown(wait=True)
        structlog.get_logger().info("fleet.worker.stopped")

    async def _await_stop(self) -> None:
        while not self.stopping.is_set():
            await asyncio.sleep(0.2)
        self.fleet.stop()

    async def _run_engine(self) -> None:
        """Until one of its parts ends: then all of them do."""
        app = _make_app(self.fleet.file.database)

        @app.task(name=_BEAT)
        async def run_beat(site: str) -> None:
            began = time.monotonic()
            await self._in_thread(self._beat, site)
            took = time.monotonic() - began
            if await self._in_thread(self.fleet.has, site):
                await _ask_for(app, site, after=max(self.every - took, 0), is_long=took > LONG)

        async with app.open_async():
            await _lay_out_queue(app)
            parts = {asyncio.create_task(part) for part in (self._keep(app), *self._start_queues(app))}
            try:
                done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for part in parts:
                    part.cancel()
                await asyncio.wait(parts)
            for part in done:
                part.result()

    def _start_queues(self, app: App) -> Iterator[Coroutine[Any, Any, None]]:
        """Of the beats that a process can do at a time one is for those that take long, where there are several."""
        most = self.fleet.at_once
        shares = {(_BEATS,): most - 1, (_LONG_ONES,): 1} if most > 1 else {(_BEATS, _LONG_ONES): 1}
        for queues, count in shares.items():
            yield app.run_worker_async(
                queues=list(queues),
                concurrency=count,
                delete_jobs="always",
                listen_notify=False,
                fetch_job_polling_interval=_POLLS,
                update_heartbeat_interval=min(_LOOKS, self.silent / 4),
                stalled_worker_timeout=self.silent,
                shutdown_graceful_timeout=_FAREWELL,
                install_signal_handlers=False,
            )

    async def _in_thread(self, act: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, act, *given)

    def _beat(self, site: str) -> None:
        """One beat. Whatever is wrong with the site is logged under its name, and stops none of the others."""
        log = structlog.get_logger().bind(site=site)
        try:
            self.fleet.beat(site, self.moment())
        except LockHeld:
            log.info("fleet.beat.held")
        except (ConfigInvalid, PreconditionFailed, WorldFault) as fault:
            log.warning("fleet.beat.refused", fault=type(fault).__name__)
        except Exception:
            log.exception("fleet.beat.failed")
            self.fleet.let_go(site)

    # What a dead or a paused worker left ------------------------------------------------------------

    async def _keep(self, app: App) -> None:
        """From time to time: what a silent worker had in hand is anybody's, and sites without a job get one."""
        looked = time.monotonic()
        while not self.stopping.is_set():
            if time.monotonic() - looked > self.silent:  # paused: others may be at our sites by now
                structlog.get_logger().warning("fleet.worker.paused")
                await self._in_thread(self.fleet.stop)
            looked = time.monotonic()
            for job in await app.job_manager.get_stalled_jobs(task_name=_BEAT, seconds_since_heartbeat=self.silent):
                await self._take_over(app, job)
            busy = [await app.job_manager.list_jobs_async(task=_BEAT, status=status) for status in ("todo", "doing")]
            known = {job.queueing_lock for jobs in busy for job in jobs}
            for site in await self._in_thread(self.fleet.list_sites):
                if site not in known:
                    await _ask_for(app, site, after=0, is_long=False)
            await asyncio.sleep(min(_LOOKS, self.silent / 4))

    async def _take_over(self, app: App, job: Job) -> None:
        from procrastinate.exceptions import ConnectorException
        from procrastinate.jobs import Status

        site = str(job.task_kwargs["site"])
        structlog.get_logger().warning("fleet.worker.silent", site=site)
        # While the job is not ended nobody else begins at the site: what has it to itself is the silent one, whose last
        # sign of life is older than this.
        with suppress(ConfigInvalid, PreconditionFailed, WorldFault):
            await self._in_thread(self.fleet.free, site, self.silent / 2)
        with suppress(ConnectorException):  # another worker has done so
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)


def _make_app(database: str) -> App:
    import procrastinate

    _, _, server = database.partition("://")
    return procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=f"postgresql://{server}",
            min_size=1,
            max_size=_ENGINE_CONNECTIONS,
            kwargs={"options": f"-c search_path={_name_queue()} -c statement_timeout=60s"},
        )
    )


def _name_queue() -> str:
    """The schema of the queue: the engine's own version has one, and its upgrade has nothing to move."""
    import procrastinate

    return "beats_" + "_".join(procrastinate.__version__.split(".")[:2])


async def _lay_out_queue(app: App) -> None:
    """Make the queue's tables where they are not there yet; of workers that do so at once one succeeds."""
    from procrastinate.exceptions import ConnectorException

    for last in (False, False, True):
        if await app.check_connection_async():
            return
        try:
            await app.schema_manager.apply_schema_async()
        except ConnectorException:
            if last:
                raise
            await asyncio.sleep(_POLLS)


async def _ask_for(app: App, site: str, *, after: float, is_long: bool) -> None:
    """Ask for a site's next beat, unless it is asked for already; one runs at a time."""
    from procrastinate.exceptions import AlreadyEnqueued

    wanted = app.configure_task(
        _BEAT,
        queue=_LONG_ONES if is_long else _BEATS,
        lock=site,
        queueing_lock=site,
        schedule_in={"seconds": after},
    )
    with suppress(AlreadyEnqueued):
        await wanted.defer_async(site=site)
