"""Chooses the real outside for a site: the only place that names concrete adapters."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csp_workflow import settings
from csp_workflow.terms.faults import ConfigInvalid, LockHeld, PreconditionFailed

if TYPE_CHECKING:
    from csp_workflow.steps.beat import Beat
    from csp_workflow.steps.outside import Outside
    from csp_workflow.steps.post import Posted
    from csp_workflow.terms.site import Site


@dataclass(frozen=True)
class Wired:
    """A site with its outside, ready to work. `stopping` ends a beat after the message in hand."""

    outside: Outside
    stopping: threading.Event = field(default_factory=threading.Event)

    def tick(self, now: datetime) -> Beat:
        """One beat of the service."""
        from csp_workflow.steps import beat

        return beat.tick(self.outside, now)

    def post(self, now: datetime) -> Posted:
        """Send what may leave now."""
        from csp_workflow.steps import post

        return post.post(self.outside, now)


@contextmanager
def opened(
    config: Path, state: Path, *, now: datetime, pretended: bool = False, working: bool = True
) -> Iterator[Wired]:
    """A site, opened. `working` takes the site's lock (LockHeld when another has it) and guards the clock.

    Raises ConfigInvalid with every fault, PreconditionFailed when there is no store or the time
    cannot be.
    """
    site, service = settings.load(config)
    if pretended and service.adapter != "maildir":
        raise PreconditionFailed("--now works with the embedded mailbox only: a live service never lies about time.")
    if not (state / "key").is_file():
        raise PreconditionFailed(f"{state} holds no site. Lay one out with: csp-workflow init DIR")
    with _locked(state / "lock", wanted=working):
        wired = wire(site, service, config=config, state=state)
        try:
            if working and pretended:
                _refuse_going_back(wired.outside, now)
            yield wired
        finally:
            wired.outside.sandbox.close()
            wired.outside.store.close()


def wire(site: Site, service: Any, *, config: Path, state: Path, **others: Any) -> Wired:
    """Site and settings -> the outside they name. `others` replaces parts, for the rehearsal and the crash matrix."""
    from csp_workflow.post.modes import check as check_mode
    from csp_workflow.steps.outside import Outside
    from csp_workflow.world.archive import Archive
    from csp_workflow.world.maildir import Maildir
    from csp_workflow.world.sandbox import Sandbox
    from csp_workflow.world.store import Store

    store = Store(service.database or f"sqlite:///{state / 'csp.sqlite'}")
    stopping = threading.Event()
    refusal = check_mode(site.mode, adapter=service.adapter)
    if refusal:
        raise ConfigInvalid((refusal,))
    parts: dict[str, Any] = {
        "site": site,
        "store": store,
        "mailbox": Maildir(state / "mail", limit=site.limits.message_bytes),
        "mailbox_name": f"{service.adapter}:{site.office.mailbox}",
        "archive": Archive(state / "archive"),
        "sandbox": Sandbox(limits=site.limits),
        "templates": _templates(config),
        "report_base": lambda: settings.report_base(config),
        "key": (state / "key").read_bytes(),
        "stopping": stopping.is_set,
    }
    return Wired(Outside(**{**parts, **others}), stopping)


def _templates(config: Path) -> Any:
    @cache
    def environment() -> Any:
        from csp_workflow.letters.render import environment as made

        return made(settings.templates(config))

    return environment


@contextmanager
def _locked(lock: Path, *, wanted: bool) -> Iterator[None]:
    """One worker at a time on one state folder."""
    if not wanted:
        yield
        return
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise LockHeld("Another csp-workflow is working on this site. Wait for it, or stop it first.") from fault
        yield


def _refuse_going_back(outside: Outside, now: datetime) -> None:
    last = outside.store.last_seen()
    if last and now < last:
        raise PreconditionFailed(f"This site has already seen {last.isoformat()}; --now may not go back before that.")
