"""Options and guards for the whole suite: in CI a missing server is a failure, never a skip."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import pickle
import shutil
import tomllib
from collections.abc import Generator, Iterator
from email.headerregistry import HeaderRegistry
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import coverage
import hypothesis
import pytest
import structlog
import trustme

from csp_workflow import sandbox, settings
from csp_workflow.forms import writing
from csp_workflow.intake.opening import READER, SEER
from csp_workflow.rehearsal.partners import excel
from csp_workflow.settings.fleet_file import FLEET_FILE, SECRETS, find_fleet
from csp_workflow.terms.returns import FormDefinition
from csp_workflow.terms.site import Service, Site
from tests.mailboxes.servers.running import available
from tests.opened_books import open_book

hypothesis.settings.register_profile("default", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("default")

_PLACES = {
    "needs_chromium": lambda: shutil.which("chromium"),
    "needs_libreoffice": lambda: shutil.which("soffice"),
    "needs_mailservers": available,
    "needs_postgresql": lambda: next(Path("/usr/lib/postgresql").glob("*/bin/initdb"), None),
}


MEMORY, ROOM = Path("/dev/shm"), 2 * 2**30
"""A disk in memory, where a run that needs 300 MB has plenty of room."""

LONGEST = (
    *("rehearsal/", "crash/", "simulation/", "mailboxes/", "story/", "specimens/"),
    *("intake/test_words_beside", "desk/test_setup_planned", "request/test_filled", "forms/test_any_edit"),
    *("house/test_house", "forms/test_what_is_seen", "store/", "report/"),
)
"""Whose tests take longest, the longest first: they begin, so that no worker is left alone with them at the end."""

PLAYED = ("crash/", "fleet/", "rehearsal/", "simulation/", "specimens/", "story/")
"""Where whole quarters are played, at a second or two a test: two thirds of the time. Nobody waits for them between two
edits: they run in CI, with --whole, and where one of their files is named."""

UNMEASURED = (*PLAYED, "cli/", "house/", "mailboxes/", "sandbox/", "store/")
"""Whose branches of the rules are not counted: to watch each line takes as long again. What the rules decide is tested
beside the rules; these try quarters, servers, disks, processes and chance."""

WATCHED = tuple(
    f"story/test_{name}.py"
    for name in (
        *("after_the_close", "agreed_first", "answers", "bank_details_held", "disputed_figures", "grant_certified"),
        *("introduced", "measures_agreed", "set_up", "watching"),
    )
)
"""The stories that reach branches which nothing beside the rules does: they are counted."""


def pytest_configure(config: pytest.Config) -> None:
    """Plain logs; and the tests work in memory, since most of their time went by in waiting for a disk to be sure."""
    # Left alone, structlog draws every local variable of a traceback: half a minute for one of ours.
    structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--whole` also plays whole quarters, as CI does; `--sweep` also runs the long sweeps."""
    parser.addoption("--whole", action="store_true", help="play whole quarters too, as in CI")
    parser.addoption("--sweep", action="store_true", help="run the long sweeps too, and play whole quarters")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first."""
    items.sort(key=_find_place)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, with a reason, what nobody asked for and what this machine cannot run; in CI let that fail instead."""
    in_ci, asked = bool(os.environ.get("CI")), item.config.getoption
    if item.get_closest_marker("sweep") and not asked("--sweep"):
        pytest.skip("a long sweep: run with --sweep")
    is_wanted = in_ci or asked("--whole") or asked("--sweep") or not _is_in(item, PLAYED)
    if not is_wanted and not _is_named(item):
        pytest.skip("plays whole quarters: run in CI, with --whole, or by name")
    for marker, found in _PLACES.items():
        if item.get_closest_marker(marker) and not in_ci and not found():
            pytest.skip(f"{marker.removeprefix('needs_')} is not installed here")


def _find_place(item: pytest.Item) -> int:
    return next((n for n, room in enumerate(LONGEST) if _is_in(item, (room,))), len(LONGEST))


def _is_in(item: pytest.Item, rooms: tuple[str, ...]) -> bool:
    return item.nodeid.startswith(tuple(f"tests/{room}" for room in rooms))


def _is_named(item: pytest.Item) -> bool:
    """Whether its file, or the room it is in, was asked for by name."""
    named = (Path(item.config.invocation_params.dir, str(word).partition("::")[0]) for word in item.config.args)
    return any(path == item.path or path == item.path.parent for path in named)


def _is_watched(item: pytest.Item) -> bool:
    """Whether its branches are counted; what draws hundreds of examples walks the same ones hundreds of times."""
    draws = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    return not draws and (not _is_in(item, UNMEASURED) or _is_in(item, WATCHED))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """With --cov the lines are watched in the rooms that test the rules, and rest in the others."""
    watched = coverage.Coverage.current()
    if watched is None or _is_watched(item):
        return (yield)
    watched.stop()
    try:
        return (yield)
    finally:
        watched.start()


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: looking through it for what may go took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture
def shared() -> Path:
    """The evidence folder beside the checkout; tests that need it skip when it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("../shared is not beside this checkout")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium; for one file's tests, since a loop runs beside them while it is open."""
    from tests.dashboard.pages_shown import open_browser

    with open_browser() as opened:
        yield opened


# What is the same for every site is made once: settings, forms, the process that opens files, what these say ----

READERS = {READER, SEER}


_LOAD, _WRITE, _PARSE, _ASK = settings.load, writing.write_workbook, tomllib.loads, sandbox._Zygote.ask
_SETTINGS: dict[object, tuple[Site, Service]] = {}
_WORKBOOKS: dict[bytes, bytes] = {}
_ANSWERS: dict[tuple[str, bytes], str] = {}


def _read_once(config: Path, **options: Any) -> tuple[Site, Service]:
    """The same files say the same, wherever they lie; in a fleet the place counts, and two files beside them."""
    fleet = find_fleet(config)
    beside = [fleet / FLEET_FILE, config.parent / SECRETS] if fleet else []
    files = sorted(path for path in [*config.rglob("*"), *beside] if path.is_file())
    said = tuple((os.path.relpath(path, config), path.read_bytes()) for path in files)
    names = tuple(sorted(item for item in os.environ.items() if item[0].startswith("CSP_")))
    key = said, names, repr(options), config.resolve() if fleet else None
    if key not in _SETTINGS:
        _SETTINGS[key] = _LOAD(config, **options)
    return _SETTINGS[key]


@lru_cache(maxsize=256)
def _parse_once(text: str) -> bytes:
    return pickle.dumps(_PARSE(text))


def _write_once(form: FormDefinition, **options: Any) -> bytes:
    """The same form is the same file."""
    key = hashlib.sha256(pickle.dumps((form, sorted(options.items()), writing._LEFT_OUT.get()))).digest()
    if key not in _WORKBOOKS:
        _WORKBOOKS[key] = _WRITE(form, **options)
    return _WORKBOOKS[key]


class _KeptSandbox(sandbox.Sandbox):
    """One whose process goes on when a site is closed: the next site's need not begin anew."""

    def close(self) -> None:
        """It ends with the tests."""


_keep_sandbox = cache(_KeptSandbox)


def _ask_once(zygote: Any, function: str, data: bytes, seconds: float) -> sandbox.SandboxReply:
    """The same file says the same, where one of ours that reads it came to an end."""
    key = function, hashlib.sha256(data).digest()
    if function not in READERS or key not in _ANSWERS:
        reply = _ASK(zygote, function, data, seconds)
        if function not in READERS or not reply.ok:
            return reply
        _ANSWERS[key] = json.dumps(reply.value)
    return sandbox.SandboxReply(value=json.loads(_ANSWERS[key]))


@pytest.fixture(scope="session", autouse=True)
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No server here is vouched for by this system's authorities, which took 27 ms to read for each connection.

    One that vouches for nobody stands in their place: httpx takes no empty file.
    """
    one = tmp_path_factory.mktemp("authorities") / "one.pem"
    trustme.CA().cert_pem.write_to_path(str(one))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(one))
        yield


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """Reading settings and headers, writing forms and starting a sandbox took a third of the time of whatever plays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "load", _read_once)
        patch.setattr(tomllib, "loads", lambda text: pickle.loads(_parse_once(text)))
        patch.setattr(writing, "write_workbook", _write_once)
        patch.setattr(sandbox, "Sandbox", _keep_sandbox)
        patch.setattr(sandbox._Zygote, "ask", _ask_once)
        patch.setattr(excel, "load_workbook", lambda file: open_book(file.read()))
        patch.setattr(HeaderRegistry, "__call__", lru_cache(maxsize=4_096)(HeaderRegistry.__call__))
        yield
