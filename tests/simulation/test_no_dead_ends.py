"""Whatever a letter offers the co-ordinator would succeed: each order is carried out in a copy of the site, at once
by the link that opens a new letter with it, and a day later by reply."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from csp_workflow.rehearsal.partners import mail
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.terms.dates import in_london
from tests.simulation.quarter import BEATS, Quarter, prepared
from tests.story.site_told import CO_ORDINATOR, Played

OFFERED = re.compile(
    r"^ *(?:Reply:|or:) +(\S.*?) *$|\breply (HOLD [A-Z]+)(?: or (HOLD [A-Z]+))?(?: or (HOLD [A-Z]+))?", re.MULTILINE
)
"""How a letter's text offers an order."""

HER_WORDS = (
    (r"BY whom", "BY the chair"),
    (r"evidence$", "she told me in a meeting"),
    (r"reason$", "they told me so by phone"),
    (r"what was said$", "they will send it soon"),
    (r"Name Surname <address>", "Sam Newly <sam.newly@council.example>"),
    (r"(?<=BY )day: what is asked", "28 February: please send the missing figures"),
    (r"\bCODE\b", "LEIC"),
    (r"^(ANSWER \S+)$", r"\1\n\nThank you, please go on as you planned."),
)
"""What she puts in where an order leaves room."""


def fill_in(order: str, now: datetime) -> str:
    """An order with her own words in it, and a working day a fortnight ahead."""
    later = in_london(now) + timedelta(days=14)
    later += timedelta(days=max(0, 7 - later.weekday()) if later.weekday() > 4 else 0)
    for pattern, words in HER_WORDS:
        order = re.sub(pattern, words, order)
    return re.sub(r"(?<=TO )day", f"{later.day} {later:%B %Y}", order)


def list_offers(letter: Post) -> list[str]:
    """The orders that a letter offers, each once."""
    return list(dict.fromkeys(words.strip() for found in OFFERED.findall(letter.text) for words in found if words))


def list_links(html: str) -> Iterator[tuple[str, str]]:
    """Subject and order of each letter that a link opens."""
    for link in re.findall(r'href="(mailto:[^"]*body=[^"]*)"', html):
        said = parse_qs(urlsplit(unescape(link)).query)
        yield said["subject"][0], said["body"][0]


def name_thing(order: str) -> str:
    """An order without what differs from day to day: one is tried again when it is offered for another thing."""
    return re.sub(r"\b[0-9a-f]{10}\b", "ID", order)


@dataclass
class Tried(Quarter):
    """A quarter in which each offer is carried out in a copy, each of its sort once; with `all_days` on every day."""

    all_days: bool = False
    tried: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def _read_letters(self, now: datetime) -> None:
        read = set(self.site.read)
        super()._read_letters(now)
        box = self.site.place / "state" / "mail" / "sent" / "new"
        for name in sorted(self.site.read - read):
            letter = mail.open_letter((box / name).read_bytes())
            if letter.to == CO_ORDINATOR:
                self._try_offers(letter, {order: subject for subject, order in list_links(letter.html)}, now)

    def _try_offers(self, letter: Post, links: dict[str, str], now: datetime) -> None:
        for order in list_offers(letter):
            if not self.all_days and name_thing(order) in self.tried:
                continue
            self.tried.append(name_thing(order))
            at_once = self._carry_out(letter, order, links.get(order, ""), now, is_later=False)
            self.refused += [*at_once, *self._carry_out(letter, order, "", now, is_later=True)]

    def _carry_out(self, letter: Post, order: str, subject: str, now: datetime, *, is_later: bool) -> list[str]:
        """What became of it in a copy, where that was not that it was done."""
        copy = self.site.copied_to(self.site.place.parent / "copy")
        when = now + timedelta(minutes=5)
        if is_later:
            for when in next_day(now):
                copy.opened(when).tick(when)
            copy.new_letters()
        filled = fill_in(order, now)
        copy.write(CO_ORDINATOR, subject, filled) if subject else copy.reply(letter, CO_ORDINATOR, filled)
        when += timedelta(minutes=5)
        copy.opened(when).tick(when)
        answers = [" ".join(x.text.split()) for x in copy.new_letters(CO_ORDINATOR) if "You wrote" in x.text]
        copy.close()
        shutil.rmtree(copy.place)
        how = f"{in_london(now):%d %b %H:%M} {'a day later' if is_later else 'at once'}: {filled} -> "
        if not answers:
            return [f"{how}no answer"]
        return [f"{how}{x}" for x in answers if "Not done" in x or "Not understood" in x or "in part" in x]


def next_day(now: datetime) -> Iterator[datetime]:
    """The beats until the middle of the next working day."""
    day = in_london(now) + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    for beat in BEATS[:3]:
        hour, minute = map(int, beat.split(":"))
        yield day.replace(hour=hour, minute=minute, second=0).astimezone(now.tzinfo)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return prepared(tmp_path_factory.mktemp("small") / "opcc")


def play_and_try(small: Played, place: Path, seed: int, *, all_days: bool) -> None:
    quarter = Tried(small.copied_to(place / "opcc"), seed, trouble=0, all_days=all_days)
    found = quarter.play()
    assert not found, "\n".join([f"seed {seed}", *found, "", *quarter.told])
    assert not quarter.refused, "\n".join([f"seed {seed}, {len(quarter.tried)} tried", *quarter.refused])
    assert len(quarter.tried) > 5


@pytest.mark.parametrize("seed", [3])
def test_no_order_that_was_offered_in_a_quarter_is_refused(small: Played, tmp_path: Path, seed: int) -> None:
    play_and_try(small, tmp_path, seed, all_days=False)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(10, 22))
def test_no_order_that_was_offered_on_any_day_is_refused(small: Played, tmp_path: Path, seed: int) -> None:
    play_and_try(small, tmp_path, seed, all_days=True)
