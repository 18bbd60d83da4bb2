"""What others watch the service by: a ping that says each beat went well, and a small server on this machine alone.

The server is the standard library's, in a process of its own that only reads the store: a site that watches nothing
installs nothing more, and a service that hangs cannot say that it is well. Nobody's address or name is in what it says.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import structlog

from csp_workflow import settings, wiring
from csp_workflow.service import BEAT_SECONDS
from csp_workflow.steps.beat import Beat
from csp_workflow.store import Store
from csp_workflow.terms.dates import CycleState, as_utc
from csp_workflow.terms.events import LetterState, PreconditionFailed
from csp_workflow.terms.service import ConfigInvalid, Mode, Trouble, WorldFault
from csp_workflow.terms.site import Site

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
    clock: Clock = time.time,  # noqa: TID251
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
