"""A fleet in chaos: quarters in a time of their own, with simulated people, while workers die and the database goes."""

from __future__ import annotations

import heapq
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from csp_workflow.fleet import Fleet
from csp_workflow.settings import fleet_file
from csp_workflow.terms.dates import in_london
from csp_workflow.terms.events import LetterState, Manner
from tests.fleet.chaos_worker import EVERY
from tests.simulation import always, small_site
from tests.simulation.people import Pen, People, Said
from tests.story.site_told import Played

ROOT = Path(__file__).parents[2]
_WORD = re.compile(rb"quillow(\d+)x")
_OWN = 10_000
"""So many words each site's people have; a word of another site's in a letter was carried across."""


@dataclass
class SiteRun:
    """One site and its people."""

    number: int
    played: Played
    people: People
    said: list[Said] = field(default_factory=list)
    coming: list[tuple[datetime, int, Said]] = field(default_factory=list)
    watch: always.Watch = field(default_factory=always.Watch)
    found: list[str] = field(default_factory=list)
    ended: float = 0.0
    gap: float = 0.0

    def write(self, now: datetime) -> None:
        """What is due of what people write comes."""
        while self.coming and self.coming[0][0] <= now:
            said = heapq.heappop(self.coming)[2]
            self.played.drop(said.raw)
            self.said.append(said)

    def read(self, now: datetime) -> None:
        """People read what came to them, and will answer it."""
        for letter in self.played.new_letters():
            self.found += self.watch.judge_letter(letter, self.said, now)
            for said in self.people.read(letter, now):
                heapq.heappush(self.coming, (said.at, len(self.said) + len(self.coming), said))


@dataclass
class Chaos:
    """So many small sites of a fleet, and so many worker processes at them."""

    fleet: Fleet
    seed: int = 1
    sites: dict[str, SiteRun] = field(default_factory=dict)
    workers: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    kills: int = 0
    pauses: int = 0
    restarts: int = 0

    @property
    def silent(self) -> float:
        """Seconds after which a worker is silent: four, or more where many sites share the machine's cores."""
        return max(4.0, len(self.sites) / 2)

    def lay_out(self, count: int) -> None:
        """So many sites."""
        for number in range(count):
            name = f"force-{number:02}"
            place = self.fleet.add(name)
            small_site.shrink(place.config)
            pen = Pen(random.Random(self.seed * 1000 + number), written=number * _OWN)
            played = Played(place.folder, pretended=False)
            self.sites[name] = SiteRun(number, played, People(pen))

    def play(
        self, moments: Sequence[datetime], workers: int, troubles: Callable[[int], Callable[[Chaos], None] | None]
    ) -> None:
        """The sites' time goes on once each of them has beaten at it. `troubles` says what befalls them at which."""
        self._set_clock(moments[0])
        try:
            for _ in range(workers):
                self.start()
            for number, now in enumerate(moments):
                for site in self.sites.values():
                    site.write(now)
                self._set_clock(now)
                if trouble := troubles(number):
                    trouble(self)
                self._await_beats(time.time())
                for site in self.sites.values():
                    site.read(now)
        finally:
            for worker in self.workers.values():
                worker.send_signal(signal.SIGTERM)
            for worker in self.workers.values():
                with suppress(subprocess.TimeoutExpired):
                    worker.wait(60)
                worker.kill()
            self._onlooker.dispose()

    def _set_clock(self, now: datetime) -> None:
        half = self.fleet.folder / ".clock"
        half.write_text(now.isoformat())
        half.replace(self.fleet.folder / "clock")

    def _await_beats(self, since: float, longest: float = 600.0) -> None:
        """Until each site has had a beat that began since."""
        left = set(self.sites)
        while left:
            assert time.time() - since < longest, f"no beat in time: {sorted(left)}"
            time.sleep(0.2)
            for name, ended, took in self._read_beats():
                site = self.sites[name]
                site.gap = max(site.gap, ended - site.ended if site.ended else 0.0)
                site.ended = ended
                if ended - took > since:
                    left.discard(name)

    def _read_beats(self) -> list[tuple[str, float, float]]:
        """Each site's last beat, when it ended and how long it took: all in one question."""
        stamps = " UNION ALL ".join(
            f"SELECT '{name}', value FROM {fleet_file.name_schema(name)}.stamp WHERE name = 'heartbeat'"
            for name in self.sites
        )
        with suppress(OperationalError), self._onlooker.connect() as asked:
            return [(name, *map(float, value.split()[:2])) for name, value in asked.execute(text(stamps))]
        return []

    @cached_property
    def _onlooker(self) -> Engine:
        return create_engine(self.fleet.file.database.replace("postgresql:", "postgresql+psycopg:"), pool_pre_ping=True)

    # What befalls them --------------------------------------------------------------------------------

    def start(self) -> None:
        """One more worker."""
        number = max(self.workers, default=0) + 1
        given = (str(self.fleet.folder), str(number), str(self.silent))
        command = [sys.executable, "-m", "tests.fleet.chaos_worker", *given]
        with (self.fleet.folder / f"log-{number}").open("w") as log:
            self.workers[number] = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def kill(self) -> None:
        """One worker is killed, and another takes its place."""
        number = min(number for number, worker in self.workers.items() if worker.poll() is None)
        time.sleep(EVERY / 2)
        self.workers[number].kill()
        self.kills += 1
        self.start()

    def pause(self) -> None:
        """One worker is paused until others have taken its sites, and goes on then."""
        worker = next(worker for worker in self.workers.values() if worker.poll() is None)
        self.pauses += 1
        worker.send_signal(signal.SIGSTOP)
        self._await_beats(time.time())
        time.sleep(self.silent)
        worker.send_signal(signal.SIGCONT)

    def restart_database(self) -> None:
        """The server goes down at once, and comes again."""
        self.restarts += 1
        place = self.fleet.file.database.partition("host=")[2]
        (program,) = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))[-1:]
        words = ["runuser", "-u", "postgres", "--", str(program), "-D", f"{place}/data", "-m", "immediate", "-w"]
        done = subprocess.run([*words, "-l", f"{place}/log", "restart"], check=False, capture_output=True, cwd=place)
        assert done.returncode == 0, done.stderr

    # What came of it ----------------------------------------------------------------------------------

    def find_wrong(self, now: datetime, *, is_whole: bool) -> Iterator[str]:
        """What was lost, done twice or carried across, in sentences."""
        for name, site in self.sites.items():
            ends = [*site.found, *site.watch.judge_end(site.played, site.said, now), *self._judge_letters(site, now)]
            site.played.close()
            yield from (f"{name}: {x}" for x in ends if is_whole or not x.startswith("the quarter ended"))

    def _judge_letters(self, site: SiteRun, now: datetime) -> Iterator[str]:
        outside = site.played.opened(now).outside
        store = outside.store
        yield from (f"N1: {row.subject} has no verdict" for row in store.messages() if row.verdict is None)
        rows = store.letters()
        keys = Counter((row.kind, row.cause, row.recipient) for row in rows)
        yield from (f"N2: two letters of one cause: {key}" for key, count in keys.items() if count > 1)
        sent = {row.id for row in rows if row.state is LetterState.SENT}
        delivered = {path.name: path for path in (site.played.place / "state" / "mail" / "sent" / "new").iterdir()}
        if sent != set(delivered):
            yield f"N2: {len(sent ^ set(delivered))} letters are sent and not delivered, or the other way round"
        for row in rows:
            local = in_london(row.sent) if row.sent else None
            if row.manner is Manner.TIMED and local and not 8 <= local.hour < 16:
                yield f"N4: {row.kind} left at {local}"
        for path in delivered.values():
            words = {int(word) // _OWN for word in _WORD.findall(path.read_bytes())}
            if words - {site.number}:
                yield f"N3: {path.name} bears words of another site"

    def count_handed(self) -> tuple[int, int]:
        """How many letters were handed over, and how many of them more than once."""
        handed = Counter(x for file in self.fleet.folder.glob("handed-*") for x in file.read_text().split())
        return len(handed), sum(count > 1 for count in handed.values())
