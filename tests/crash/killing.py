"""The crash matrix: a real process is killed (SIGKILL) at every point around every effect, and started again.

A scenario says how to prepare a site on disk, what one beat is, and what must hold at the end. The
matrix first runs it undisturbed and writes down every point reached; then, for each of them, it
kills a process there, starts the next one on what lies on the disk, and asks the scenario what was
lost or done twice. Points are the step's own (`Outside.reached`), and before and after every call
of the store, the archive and the mailbox that has an effect, and every link, rename and sync of a
file inside them.

To add a path: write a `Scenario` and give it to `matrix`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from csp_workflow.steps.outside import Outside
from tests.store.laying_out import settle_store

STORE = (
    *(
        "commit",
        "land",
        "claim_message",
        "let_go",
        "count_attempt",
        "reopen",
        "save_cursor",
        "saw",
        "save_plan",
        "set_stamp",
    ),
    *("claim", "to_handing", "adopt", "move", "move_draft"),
)
ARCHIVE = ("keep",)
MAILBOX = ("list_new", "get", "file", "send", "find_sent", "put_draft", "list_drafts", "remove")
FILES = ("link", "replace", "rename", "fsync")

BEATS_AFTERWARDS = 2
"""How many undisturbed beats a site gets to put everything right, and to show that it then rests."""


class Scenario(Protocol):
    """One path through the product."""

    name: str
    all_on_disk: bool
    """Whether nothing outlasts a killed process but what lies in its place."""

    def prepare(self, place: Path) -> None:
        """Lay out the site on disk, as it stands before the beat that is killed."""

    def open(self, place: Path) -> Outside:
        """The outside of the site, as a fresh process opens it."""

    def beat(self, outside: Outside, number: int) -> None:
        """One beat of the service; `number` counts from 0."""

    def violations(self, place: Path, sends: Counter[str]) -> list[str]:
        """What was lost or done twice, in sentences. `sends` counts the adapter's `send` calls by delivery id."""


Mutation = Callable[[Outside], Outside]
"""Takes a guard out, so that the matrix can be seen to fail."""


@dataclass
class Report:
    """What a matrix showed."""

    scenario: str
    points: list[str] = field(default_factory=list)
    kills: int = 0
    sends: int = 0
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = len({point.split("#")[0] for point in self.points})
        return (
            f"{self.scenario}: {kinds} kinds of point, {len(self.points)} points, {self.kills} processes killed, "
            f"{self.sends} send calls, {len(self.violations)} violations"
        )


def matrix(
    scenario: Scenario,
    place: Path,
    *,
    mutation: Mutation | None = None,
    within: str | tuple[str, ...] = "",
    once: bool = False,
) -> Report:
    """Kill a process at every point of a scenario's beat (of those that begin with `within`), each on a fresh copy.

    `once` kills only at the last point of each kind. Where two kills leave the same bytes, and nothing else
    remembers, what follows is the same too: it is played and judged once.
    """
    report = Report(scenario.name)
    template = place / "prepared"
    template.mkdir(parents=True)
    scenario.prepare(template)
    undisturbed = _copy(template, place / "undisturbed")
    # In this process, so that what it loads and compiles is at hand in each that is forked from it.
    run(scenario, undisturbed, first=0, beats=1 + BEATS_AFTERWARDS, mutation=mutation)
    report.violations += [f"undisturbed: {v}" for v in _judged(scenario, undisturbed, report)]
    report.points = [p for p in _points_of(undisturbed, beat=0) if p.startswith(within)]
    if once:
        report.points = list({point.split("#")[0]: point for point in report.points}.values())
    judged: set[str] = set()
    for number, point in enumerate(report.points):
        here = _copy(template, place / f"killed-{number}")
        ended = _process(scenario, here, mutation=mutation, kill_at=point)
        assert ended == -signal.SIGKILL, f"{point} was not reached"
        report.kills += 1
        left = _bytes_left(here) if scenario.all_on_disk else point
        if left in judged:
            shutil.rmtree(here)
            continue
        judged.add(left)
        assert _process(scenario, here, mutation=mutation, first=1, beats=BEATS_AFTERWARDS) == 0, f"after {point}"
        report.violations += [f"killed at {point}: {v}" for v in _judged(scenario, here, report)]
        shutil.rmtree(here)
    return report


def kill_once(scenario: Scenario, place: Path, point: str, *, module: str) -> list[str]:
    """The same with a process of its own interpreter, as an operator would start it. The violations."""
    place.mkdir(parents=True)
    scenario.prepare(place)
    words = [sys.executable, "-m", "tests.crash.killed_process", module, str(place)]
    root = Path(__file__).resolve().parents[2]
    killed = subprocess.run([*words, "0", "1", point], cwd=root, check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, f"{point} was not reached: {killed.stderr}"
    subprocess.run([*words, "1", str(BEATS_AFTERWARDS), ""], cwd=root, check=True)
    return _judged(scenario, place, Report(scenario.name))


def run(
    scenario: Scenario, place: Path, *, first: int, beats: int, kill_at: str = "", mutation: Mutation | None = None
) -> None:
    """Beats of the scenario in this process, which dies at `kill_at`."""
    points = Points(place, kill_at)
    with points.around_files():
        opened = scenario.open(place)
        outside = watched(mutation(opened) if mutation else opened, points, place)
        for number in range(first, first + beats):
            points.beat = number
            scenario.beat(outside, number)
        opened.mailbox.close()
        opened.store.close()


# Points -------------------------------------------------------------------------------------------


class Points:
    """Points as they are reached, each numbered ("post:sent#2"); the process is killed at the wanted one."""

    def __init__(self, place: Path, kill_at: str) -> None:
        self._log = os.open(place / "points.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._seen: Counter[str] = Counter()
        self._kill_at = kill_at
        self.beat = 0

    def reached(self, name: str) -> None:
        """Write the point down; die here if this is the one."""
        self._seen[name] += 1
        point = f"{name}#{self._seen[name]}"
        os.write(self._log, f"{self.beat} {point}\n".encode())
        if point == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def around_files(self) -> Iterator[None]:
        """Points around every link, rename and sync that the adapters make."""
        before = {name: getattr(os, name) for name in FILES}
        for name, call in before.items():
            setattr(os, name, self._around(f"os.{name}", call))
        try:
            yield
        finally:
            for name, call in before.items():
                setattr(os, name, call)

    def _around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def around(*words: Any, **more: Any) -> Any:
            self.reached(f"{name}:before")
            answer = call(*words, **more)
            self.reached(f"{name}:after")
            return answer

        return around


class Watched:
    """Something of the outside with a point before and after each of its effects."""

    def __init__(self, thing: Any, name: str, effects: tuple[str, ...], points: Points) -> None:
        self._thing, self._name, self._effects, self._points = thing, name, effects, points

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._thing, name)
        if name not in self._effects:
            return found
        return self._points._around(f"{self._name}.{name}", found)


class CountingMailbox:
    """A mailbox that writes down each call of `send`, before it is carried out."""

    def __init__(self, mailbox: Any, log: Path) -> None:
        self._mailbox, self._log = mailbox, log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mailbox, name)

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Any:
        """As the mailbox behind, counted."""
        with self._log.open("a") as log:
            log.write(delivery_id + "\n")
        return self._mailbox.send(content, recipient, delivery_id)


def watched(outside: Outside, points: Points, place: Path) -> Outside:
    """The outside with points around every effect."""
    counting = CountingMailbox(outside.mailbox, place / "sends.log")
    parts: dict[str, Any] = {
        "store": Watched(outside.store, "store", STORE, points),
        "archive": Watched(outside.archive, "archive", ARCHIVE, points),
        "mailbox": Watched(counting, "mailbox", MAILBOX, points),
        "reached": points.reached,
    }
    return replace(outside, **parts)


# Processes ----------------------------------------------------------------------------------------


def _process(
    scenario: Scenario, place: Path, *, mutation: Mutation | None, first: int = 0, beats: int = 1, kill_at: str = ""
) -> int:
    """A process of its own (forked, so that hundreds of them are affordable). How it ended, as `wait` says it."""
    with warnings.catch_warnings():
        # Later Pythons warn of a fork beside other threads (pytest-xdist has one); the child uses none of theirs.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            run(scenario, place, first=first, beats=beats, kill_at=kill_at, mutation=mutation)
        except Exception as fault:  # noqa: BLE001 - the child's end is told by its exit code
            sys.stderr.write(f"{type(fault).__name__}: {fault}\n")
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _judged(scenario: Scenario, place: Path, report: Report) -> list[str]:
    log = place / "sends.log"
    sends = Counter(log.read_text().split() if log.exists() else [])
    report.sends += sum(sends.values())
    return scenario.violations(place, sends)


def _points_of(place: Path, *, beat: int) -> list[str]:
    lines = (line.split(" ", 1) for line in (place / "points.log").read_text().splitlines())
    return [point for number, point in lines if int(number) == beat]


def _bytes_left(place: Path) -> str:
    """The digest of all that lies in a place, but for the notes about points."""
    digest = sha256()
    for file in sorted(x for x in place.rglob("*") if x.is_file() and x.name != "points.log"):
        digest.update(f"{file.relative_to(place)}\0{sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _copy(source: Path, target: Path) -> Path:
    shutil.copytree(source, target)
    settle_store(target / "csp.sqlite")
    return target
