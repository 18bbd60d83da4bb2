"""One random quarter, from the analyst's request to the meetings: people, dates that move, and things that break."""

from __future__ import annotations

import heapq
import random
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Thread
from unittest import mock

from csp_workflow import upkeep
from csp_workflow.steps import beat as beating
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import CycleState, in_london
from tests.simulation import always, faults, small_site
from tests.simulation.people import Pen, People, Said
from tests.story.site_told import Q2, Played, at

BEATS = ("07:33", "09:04", "13:02", "17:06")
TWO = 0.2
"""How often two workers are at the site."""

TWICE = 0.1
"""How often a beat is made a second time at the same moment."""

FIRST, LAST = at("01 Oct 07:00"), at("19 Dec 18:00")


@dataclass
class Quarter:
    """A quarter as it is played. `seed` makes all of it repeatable; `trouble` is how often a beat goes wrong."""

    site: Played
    seed: int
    trouble: float = 0.05
    draw: random.Random = field(init=False)
    people: People = field(init=False)
    said: list[Said] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    put_back_at: datetime | None = None
    _coming: list[tuple[datetime, int, Said]] = field(default_factory=list)
    _count: int = 0

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)
        self.people = People(Pen(random.Random(self.seed + 1)))
        self.watch = always.Watch()
        self.has_two = self.draw.random() < TWO
        if self.has_two:
            small_site.share(self.site)
        self._moved = dict(self._draw_moves())

    # Time -------------------------------------------------------------------------------------------

    def play(self) -> list[str]:
        """Play it to its end. What was not as it must always be, in sentences."""
        with mock.patch("csp_workflow.store.engine.BUSY_SECONDS", 0):
            for now in self._moments():
                self._deliver(now)
                self._edit_config(now)
                self._beat(now)
                if self.found:
                    break
            else:
                self.found += self.watch.judge_end(self.site, self.said, LAST)
        self.site.close()
        return self.found

    def _moments(self) -> Iterator[datetime]:
        day = FIRST
        while day < LAST:
            local = in_london(day)
            if local.weekday() < 5:
                for beat in BEATS:
                    hour, minute = map(int, beat.split(":"))
                    yield local.replace(hour=hour, minute=minute).astimezone(FIRST.tzinfo)
            day += timedelta(days=1)

    def _deliver(self, now: datetime) -> None:
        while self._coming and self._coming[0][0] <= now:
            said = heapq.heappop(self._coming)[2]
            self.site.drop(said.raw)
            self.said.append(said)
            self.told.append(f"{in_london(said.at):%d %b %H:%M} {said.sender}: {said.what} {said.about} {said.words}")

    def _will_say(self, said: Said) -> None:
        self._count += 1
        heapq.heappush(self._coming, (said.at, self._count, said))

    # A beat -----------------------------------------------------------------------------------------

    def _beat(self, now: datetime) -> None:
        trouble = self._draw_trouble() if self.draw.random() < self.trouble else ""
        if self.put_back_at and now >= self.put_back_at:
            trouble = "restored"
        if now >= LAST - timedelta(hours=1):
            trouble = ""  # else what came for the last beat is looked at by none
        whole = self._tick(now, trouble)
        self._read_letters(now)
        outside = self.site.opened(now).outside
        if whole and self.draw.random() < TWICE:
            self.found += self.watch.judge_rest(outside, lambda: beating.tick(outside, now), now)
        self.found += self.watch.judge_beat(outside, self.said, now, whole=whole)

    def _tick(self, now: datetime, trouble: str) -> bool:
        """One beat, in trouble or not. Whether all of it was done."""
        # Leases end in the quarter's own time, or what was cut off would wait for minutes of ours.
        outside = replace(self.site.opened(now).outside, clock=now.timestamp)
        if not trouble:
            return not beating.tick(outside, now).failed_steps
        self.told.append(f"{in_london(now):%d %b %H:%M} trouble: {trouble}")
        with ExitStack() as stack:
            match trouble:
                case "killed":
                    outside = faults.dying(outside, faults.Dying(self.draw.choice((1, 3, 10, 20, 40, 80))))
                case "full":
                    stack.enter_context(faults.full_disk(self.draw))
                case "locked":
                    stack.enter_context(faults.locked(self.site.place / "state" / "csp.sqlite"))
                case "lost":
                    outside = faults.losing(outside, self.draw)
                case "clock":
                    self._tick_at_a_wrong_time(outside, now)
                    return False
                case "restored":
                    self._put_back(now)
                    return False
                case "beside":
                    self._tick_beside(outside, now)
                    return False
            try:
                beating.tick(outside, now)
            except faults.Killed:
                self.site.close()
        return False

    def _put_back(self, now: datetime) -> None:
        """A night's backup is made, to be put back some days later; the mailbox is as it is then."""
        place = self.site.place
        if self.put_back_at is None:
            (place / "backup").unlink(missing_ok=True)
            upkeep.make_backup(place / "config", place / "state", place / "backup", now)
            self.put_back_at = now + timedelta(hours=self.draw.choice((5, 20, 44, 68)))
            return
        self.site.close()
        upkeep.restore_backup(place / "config", place / "state", place / "backup", now, replace=True)
        self.told.append("                it was put back")
        self.put_back_at, self.watch.events = None, ()

    def _tick_beside(self, outside: Outside, now: datetime) -> None:
        """Two workers beat at the same moment."""
        other = replace(small_site.open_beside(self.site, outside), clock=outside.clock)
        at_work = [Thread(target=beating.tick, args=(one, now)) for one in (outside, other)]
        for one in at_work:
            one.start()
        for one in at_work:
            one.join()
        other.store.close()

    def _tick_at_a_wrong_time(self, outside: Outside, now: datetime) -> None:
        """N8: a clock that is wrong ends nothing."""
        before = outside.store.cycle_status(Q2).state
        beating.tick(outside, now + timedelta(days=self.draw.choice((-40, 3, 400))))
        after = outside.store.cycle_status(Q2).state
        if after is CycleState.CLOSED and before is not after:
            self.found.append(f"N8: a beat of a wrong clock closed the quarter at {now}")

    def _draw_trouble(self) -> str:
        if self.has_two:
            return self.draw.choice(("beside", "beside", "beside", "killed", "full", "locked", "lost", "clock"))
        if self.put_back_at:
            return self.draw.choice(("killed", "full", "locked", "lost"))
        return self.draw.choice(("killed", "killed", "full", "locked", "lost", "clock", "restored"))

    def _read_letters(self, now: datetime) -> None:
        for letter in self.site.new_letters():
            self.told.append(f"{in_london(now):%d %b %H:%M} -> {letter.to}: {letter.subject}")
            self.found += self.watch.judge_letter(letter, self.said, now)
            for said in self.people.read(letter, now):
                self._will_say(said)

    # What moves ---------------------------------------------------------------------------------------

    def _draw_moves(self) -> Iterator[tuple[datetime, Callable[[], None]]]:
        draw, config = self.draw, self.site.place / "config" / "calendar.toml"
        if draw.random() < 0.25:
            day, told = draw.choice(((28, 20), (28, 27), (28, 28), (4, 27), (14, 9)))
            month = 11 if day == 4 else 10
            extra = f'extra = [{{ day = 2014-{month:02}-{day:02}, name = "Day of mourning" }}]'

            def announce() -> None:
                _edit(config, r"(?m)^extra = \[\]", extra)
                self.watch.not_worked.add(date(2014, month, day))

            yield at(f"{told:02} Oct 12:00"), announce
        if draw.random() < 0.25:
            new = draw.choice(("2014-12-15", "2014-12-18", "2014-12-11", "2015-01-08"))
            told_on = draw.choice(("06 Oct 12:00", "22 Oct 12:00", "10 Nov 12:00", "24 Nov 12:00"))
            yield at(told_on), lambda: _edit(config, r"day = 2014-12-17", f"day = {new}")

    def _edit_config(self, now: datetime) -> None:
        for when in [when for when in self._moved if when <= now]:
            self.told.append(f"{in_london(when):%d %b %H:%M} the calendar was edited")
            self._moved.pop(when)()


def _edit(file: Path, pattern: str, new: str) -> None:
    text, count = re.subn(pattern, new, file.read_text())
    assert count, pattern
    file.write_text(text)


def prepared(place: Path) -> Played:
    """The small site, to be copied for each quarter."""
    site = small_site.lay_out(place)
    (place / "state" / "key").write_bytes(bytes(32))  # the same seed plays the same quarter
    site.pretended = False
    return site
