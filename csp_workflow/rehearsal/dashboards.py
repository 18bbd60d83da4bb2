"""The dashboards as they stand at a rehearsal's end, made while its letters are laid out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from warnings import catch_warnings, simplefilter

from csp_workflow.dashboard.parts import Audience
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.faults import PreconditionFailed


def begin_dashboards(outside: Outside, state: Path, place: Path, end: datetime) -> Callable[[], None]:
    """Begin each audience's pages below `place`, in a process of its own; what is returned waits for them.

    It raises RuntimeError when one of them could not be made.
    """
    apart = get_context("fork")
    builders = [apart.Process(target=_build_pages, args=(outside, state, place, one, end)) for one in Audience]
    # Python 3.12 warns of a fork beside threads: what those of whoever plays this do is not needed here.
    with catch_warnings():
        simplefilter("ignore", DeprecationWarning)
        for builder in builders:
            builder.start()

    def finish() -> None:
        for builder in builders:
            builder.join()
        if any(builder.exitcode for builder in builders):
            raise RuntimeError("A dashboard could not be made: what went wrong stands above.")

    return finish


def _build_pages(outside: Outside, state: Path, place: Path, audience: Audience, end: datetime) -> None:
    """None for those to whom nothing may be shown. A fork may not use a connection to a store: it has its own."""
    from csp_workflow.steps.dashboard import build_dashboard
    from csp_workflow.store import Store

    own = replace(outside, store=Store(f"sqlite:///{state / 'csp.sqlite'}"))
    with suppress(PreconditionFailed):
        for name, data in build_dashboard(own, audience, end).files.items():
            path = place / audience.value / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
