"""What people do at their own desks while the service goes on: in a process of its own, on another core."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def begin(work: Callable[P, T], *args: P.args, **named: P.kwargs) -> Callable[[], T]:
    """Begin work there; what is returned waits until it is done, and gives what it came to or raises what it raised."""
    return _find_desk().submit(work, *args, **named).result


@cache
def _find_desk() -> ProcessPoolExecutor:
    """One desk for all: there are other things to do on the other core too."""
    return ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"), initializer=_stay_with_parent)


def _stay_with_parent() -> None:
    """Who is interrupted is the parent, and without it nobody waits for this process: it ends too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_after_parent, daemon=True).start()


def _end_after_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
