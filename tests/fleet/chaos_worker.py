"""A worker process of the chaos run: the run's own time from a file, a clock that is off, an archive that is late."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any

from csp_workflow.fleet import Fleet
from csp_workflow.fleet.working import Worker
from csp_workflow.mailboxes.maildir import Maildir
from csp_workflow.store import DatabaseArchive, inbox, outbox

EVERY = 1.0
"""In place of a minute."""

LATE = 0.03
"""How often the archive answers late."""


def be_late(act: Callable[..., Any], draw: random.Random) -> Callable[..., Any]:
    @wraps(act)
    def late(*given: Any) -> Any:
        if draw.random() < LATE:
            time.sleep(draw.random())
        return act(*given)

    return late


def main(folder: Path, number: int, silent: float) -> None:
    draw, clock, apart = random.Random(number), folder / "clock", timedelta(seconds=40 * (number % 4) - 60)
    inbox.LEASE = outbox.LEASE = 1.5 * silent
    for name in ("keep", "fetch"):
        setattr(DatabaseArchive, name, be_late(getattr(DatabaseArchive, name), draw))
    honest, handed = Maildir.send, folder / f"handed-{number}"

    def send(self: Maildir, content: bytes, recipient: str, delivery_id: str) -> Any:
        with handed.open("a") as file:
            file.write(f"{delivery_id}\n")
        return honest(self, content, recipient, delivery_id)

    Maildir.send = send  # type: ignore[method-assign]

    def moment() -> datetime:
        return datetime.fromisoformat(clock.read_text()) + apart

    Worker(Fleet(folder), moment, threading.Event(), every=EVERY, silent=silent).work()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
