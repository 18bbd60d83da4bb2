"""A site that runs, and its service: APScheduler as a heartbeat, one tick a minute, until SIGTERM; and what others
watch it by: a ping that says each beat went well, and a small server on this machine alone.

What is due is derived from the calendar and the store at each tick, so a missed, late or repeated
beat does no harm. While nothing moves at a site most beats ask for its mail alone.
The scheduler keeps nothing: no job store, no business meaning.

The server is the standard library's, in a process of its own that only reads the store: a site that watches nothing
installs nothing more, and a service that hangs cannot say that it is well. Nobody's address or name is in what it says.
"""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import structlog

from csp_workflow import settings, wiring
from csp_workflow.steps.beat import Beat
from csp_workflow.store import Store
from csp_workflow.terms.dates import CycleState, as_utc
from csp_workflow.terms.events import LetterState, PreconditionFailed
from csp_workflow.terms.service import ConfigInvalid, Mode, Trouble, WorldFault
from csp_workflow.terms.site import Site

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


# What others watch it by ----------------------------------------------------------------------------

LOOPBACK = "127.0.0.1"
SILENT = 3 * BEAT_SECONDS
"""A beat that ended longer ago than this, in seconds, was the last."""

UNREAD = 900.0
"""So many seconds may the mailbox be unread before the service counts as not ready."""

Clock = Callable[[], float]
_Answer = tuple[int, str, str]
TEXT, METRICS = "text/plain; charset=utf-8", "text/plain; version=0.0.4; charset=utf-8"


def ping_after(beat: Callable[[datetime], Beat], site: Callable[[], Site]) -> Callable[[datetime], Beat]:
    """A beat that is followed by a ping when all of it went well: then the switch at the other end stays still."""

    def beat_and_ping(now: datetime) -> Beat:
        done = beat(now)
        watch = site().watch
        if watch.ping and not done.failed_steps and site().mode is not Mode.REHEARSAL:
            ping(watch.ping, watch.ping_seconds)
        return done

    return beat_and_ping


def ping(address: str, seconds: float) -> bool:
    """Ask an address, and believe a good answer. Whatever goes wrong is logged and stops nothing."""
    try:
        return httpx.get(address, timeout=seconds, follow_redirects=False).is_success
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        structlog.get_logger().warning("watch.ping.failed", fault=type(fault).__name__)
        return False


def open_server(
    config: Path,
    state: Path,
    port: int,
    *,
    pages: Path | None = None,
    clock: Clock = time.time,
) -> ThreadingHTTPServer:
    """A server for one site. `pages` is a folder of `dashboard build`."""

    def ask(path: str) -> tuple[int, str, bytes]:
        if page := read_page(pages, path) if pages else b"":
            return 200, HTML, page
        status, kind, words = answer(path, config, state, clock())
        return status, kind, words.encode()

    return serve_answers(ask, port)


def serve_answers(ask: Callable[[str], tuple[int, str, bytes]], port: int) -> ThreadingHTTPServer:
    """A server at the loopback address; port 0 takes any that is free. `ask`: a path -> status, kind and bytes."""

    class Handler(BaseHTTPRequestHandler):
        """Answers what it knows, and logs no request."""

        server_version, sys_version = "csp-workflow", ""  # what runs here, and how old it is, is nobody's business

        def do_GET(self) -> None:
            """Answer one question."""
            self.wfile.write(self._begin())

        def do_HEAD(self) -> None:
            """The same without what is answered, which a proxy asks for."""
            self._begin()

        def _begin(self) -> bytes:
            status, kind, data = ask(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            return data

        def end_headers(self) -> None:
            """Whatever is answered has the safe headers, what the library itself refuses too."""
            for name, value in _SAFE.items():
                self.send_header(name, value)
            super().end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return ThreadingHTTPServer((LOOPBACK, port), Handler)


HTML = "text/html; charset=utf-8"
_SAFE = {
    "Content-Security-Policy": "frame-ancestors 'none'",  # all else stands in each page, which may not say this
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_PAGE = re.compile(r"/dashboard/([a-z0-9-]+\.html)?")


def read_page(pages: Path, path: str) -> bytes:
    """A page of the dashboard below /dashboard/, as it was built; b"" for anything else.

    What lies in folders of their own is for one partnership each, and is never served.
    """
    found = _PAGE.fullmatch(path.partition("?")[0])
    file = pages / (found[1] or "index.html") if found else pages
    return file.read_bytes() if file.is_file() else b""


def answer(path: str, config: Path, state: Path, now: float) -> _Answer:
    """What is said to one question: status, kind and words. `now` is machine time in seconds."""
    asked = {"/livez": _say_alive, "/readyz": _say_ready, "/metrics": _say_metrics}.get(path.partition("?")[0])
    if asked is None:
        return 404, TEXT, "Ask for /livez, /readyz or /metrics.\n"
    try:
        _, service = settings.load(config)
        with closing(Store(wiring.find_laid_out(service, state))) as store:
            return asked(store, now)
    except (ConfigInvalid, PreconditionFailed, WorldFault) as fault:
        return 503, TEXT, f"not ready: {type(fault).__name__}\n"


def _say_alive(store: Store, now: float) -> _Answer:
    """Whether it beats. A mail system that is down is no reason to start it anew."""
    beat = store.heartbeat()
    is_alive = beat is not None and now - beat[0] <= SILENT
    return (200, TEXT, "alive\n") if is_alive else (503, TEXT, "no beat\n")


def list_hindrances(store: Store, now: float) -> list[str]:
    """Why it cannot do its work; [] while it beats, the mailbox is read, and nothing waits for RELEASE."""
    status, *_ = _say_alive(store, now)
    unread, service, broken = store.unread_since(), store.service_status(), store.broken()
    return [
        *(["no beat"] if status != 200 else []),
        *(["the mailbox is not read"] if unread and _seconds_since(unread, now) > UNREAD else []),
        *(["the store came from elsewhere"] if service.moved else []),
        *([f"a step is broken: {broken[1]}"] if broken else []),
    ]


def _say_ready(store: Store, now: float) -> _Answer:
    reasons = list_hindrances(store, now)
    return (503, TEXT, f"not ready: {', '.join(reasons)}\n") if reasons else (200, TEXT, "ready\n")


def _say_metrics(store: Store, now: float) -> _Answer:
    lines = (line for name, help_, samples in _measure(store, now) for line in _write_metric(name, help_, samples))
    return 200, METRICS, "".join(f"{line}\n" for line in lines)


_Samples = list[tuple[dict[str, str], float]]


def _measure(store: Store, now: float) -> Iterator[tuple[str, str, _Samples]]:
    """Each measure: its name, what it counts, and its values by labels, which come from closed lists."""
    beat, service, counts = store.heartbeat(), store.service_status(), store.counts()
    if beat is not None:
        ended, took, failed = beat
        yield "csp_beat_age_seconds", "Since the last beat ended", [({}, max(0.0, now - ended))]
        yield "csp_beat_seconds", "How long the last beat took", [({}, took)]
        yield "csp_beat_failed_steps", "Steps of the last beat that failed", [({}, len(failed))]
    for what in ("letter", "message"):
        by = "state" if what == "letter" else "verdict"
        samples: _Samples = [({by: name}, count) for (kind, name), count in sorted(counts.items()) if kind == what]
        yield f"csp_{what}s", f"How many {what}s, by {by}", samples
    drafted = [x.drafted for x in store.letters(LetterState.IN_DRAFTS) if x.drafted]
    oldest = max((_seconds_since(since, now) for since in drafted), default=0.0)
    yield "csp_drafts_oldest_seconds", "How long the oldest letter waits in Drafts", [({}, oldest)]
    unread = store.unread_since()
    yield "csp_mailbox_unread_seconds", "How long not read", [({}, _seconds_since(unread, now) if unread else 0.0)]
    yield (
        "csp_trouble",
        "1 while it lasts",
        [({"trouble": t.name.lower()}, t in service.troubles.lasting) for t in Trouble],
    )
    yield "csp_returns", "Returns of quarters under way, by state", _count_returns(store)


def _count_returns(store: Store) -> _Samples:
    counted: dict[tuple[str, str], int] = {}
    for quarter, state in store.cycle_states().items():
        if state is not CycleState.ARCHIVED:
            for stands in store.cycle_status(quarter).returns.values():
                place = quarter.key, stands.state.value
                counted[place] = counted.get(place, 0) + 1
    return [({"quarter": quarter, "state": state}, count) for (quarter, state), count in sorted(counted.items())]


def _write_metric(name: str, help_: str, samples: _Samples) -> Iterator[str]:
    """The text format of Prometheus, version 0.0.4."""
    yield f"# HELP {name} {help_}"
    yield f"# TYPE {name} gauge"
    for labels, value in samples:
        written = ",".join(f'{key}="{label}"' for key, label in labels.items())
        yield f"{name}{{{written}}} {float(value):g}" if written else f"{name} {float(value):g}"


def _seconds_since(moment: datetime, now: float) -> float:
    return max(0.0, (datetime.fromtimestamp(now, UTC) - as_utc(moment)).total_seconds())
