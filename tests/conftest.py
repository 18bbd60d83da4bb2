"""Options and guards for the whole suite: in CI a missing server is a failure, never a skip."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.mailboxes.servers.running import available

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")

_PLACES = {
    "needs_libreoffice": lambda: shutil.which("soffice"),
    "needs_mailservers": available,
    "needs_postgresql": lambda: next(Path("/usr/lib/postgresql").glob("*/bin/initdb"), None),
}


MEMORY, ROOM = Path("/dev/shm"), 2 * 2**30
"""A disk in memory, where a run that needs 300 MB has plenty of room."""

LONGEST = ("rehearsal/", "crash/", "story/", "specimens/")
"""Whose tests take longest: they begin, so that no worker is left alone with them at the end."""


def pytest_configure(config: pytest.Config) -> None:
    """Plain logs; and the tests work in memory, since most of their time went by in waiting for a disk to be sure."""
    # Left alone, structlog draws every local variable of a traceback: half a minute for one of ours.
    structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--sweep` also runs the long sweeps."""
    parser.addoption("--sweep", action="store_true", help="run the long sweeps too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip, with a reason, what this machine cannot run; in CI let it fail instead."""
    in_ci = bool(os.environ.get("CI"))
    items.sort(key=lambda item: not item.nodeid.startswith(tuple(f"tests/{folder}" for folder in LONGEST)))
    for item in items:
        if item.get_closest_marker("sweep") and not config.getoption("--sweep"):
            item.add_marker(pytest.mark.skip(reason="a long sweep: run with --sweep"))
        for marker, found in _PLACES.items():
            if item.get_closest_marker(marker) and not found() and not in_ci:
                item.add_marker(pytest.mark.skip(reason=f"{marker.removeprefix('needs_')} is not installed here"))


@pytest.fixture
def shared() -> Path:
    """The evidence folder beside the checkout; tests that need it skip when it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("../shared is not beside this checkout")
    return folder
