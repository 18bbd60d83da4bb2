"""In a quarter in which everybody is silent the letters that the proof plans are those that leave, each on its day."""

from __future__ import annotations

import csv
import io
import random
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from csp_workflow.terms.dates import in_london
from tests.simulation import small_site
from tests.story.site_told import CO_ORDINATOR, Played, at

_Left = Counter[tuple[str, str, str]]


def lay_out(place: Path, seed: int) -> Played:
    """A small site with other days: rungs, due and close, a day that is not worked, a lead who hands over."""
    site, draw = small_site.lay_out(place), random.Random(seed)
    config = place / "config"
    if seed:
        rungs = iter([*sorted(draw.sample(range(-8, 0), 2)), 0, *sorted(draw.sample(range(1, 4), 2))])
        _edit(config / "service.toml", r"(?m)^days = (-5|-2|0|1|3)$", lambda _: f"days = {next(rungs)}")
        due = draw.randint(16, 22)
        _edit(config / "calendar.toml", r"(?m)^due = 20", lambda _: f"due = {due}")
        _edit(config / "calendar.toml", r"(?m)^close = 25", lambda _: f"close = {due + draw.randint(3, 6)}")
        extra = f'extra = [{{ day = 2014-10-{draw.randint(20, 31)}, name = "Day of mourning" }}]'
        _edit(config / "calendar.toml", r"(?m)^extra = \[\]", lambda _: extra)
        day = draw.randint(20, 28)
        old = r'(address = "lead@charnwood\.example"\nphone = "[^"]*"\n)(valid_from = 2013-04-01\n)'
        new = (
            f'\\1\\2valid_to = 2014-10-{day}\n\n[[partnerships.contacts]]\nname = "New Lead"\nrole = "lead"\n'
            f'address = "new.lead@charnwood.example"\nvalid_from = 2014-10-{day + 1}\n'
        )
        _edit(config / "partnerships.toml", old, lambda found: found.expand(new))
    return site


def _edit(file: Path, pattern: str, new: object) -> None:
    text, count = re.subn(pattern, new, file.read_text("utf-8"))  # type: ignore[call-overload]
    assert count, pattern
    file.write_text(text, "utf-8")


def _is_chair_asked(site: Played) -> bool:
    """Whether the day on which a chair would be written to, the fourth after the due day, comes before the close."""
    text = (site.place / "config" / "calendar.toml").read_text("utf-8")
    due, close = (int(re.search(rf"(?m)^{name} = (\d+)", text)[1]) for name in ("due", "close"))  # type: ignore[index]
    return close - due >= 4


def read_plan(files: list[tuple[str, bytes]]) -> tuple[_Left, _Left]:
    """What would leave by itself, and what only on an order: day, address, subject."""
    (table,) = (data.decode("utf-8-sig") for name, data in files if name.startswith("Letters by person"))
    by_itself: _Left = Counter()
    on_order: _Left = Counter()
    for row in csv.DictReader(io.StringIO(table)):
        (on_order if row["Only"] else by_itself)[row["Day"], row["Address"], row["Subject"]] += 1
    return by_itself, on_order


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(s, marks=pytest.mark.sweep) for s in range(2, 30))])
def test_what_the_proof_plans_is_what_leaves(tmp_path: Path, seed: int) -> None:
    site = lay_out(tmp_path / "opcc", seed)
    site.beat("15 Oct 07:35")
    proof = site.the_letter(CO_ORDINATOR, "Nothing has been sent")
    planned, on_order = read_plan(proof.files)
    assert len(planned) > 20
    assert len(on_order) == 3 * _is_chair_asked(site), "a chair of each partnership"
    site.reply(proof, CO_ORDINATOR, "SEND")
    left: _Left = Counter()
    day = at("15 Oct 09:04")
    while day < at("14 Nov 09:04"):
        if in_london(day).weekday() < 5:
            site.beat(f"{in_london(day):%d %b} 09:04")
            for letter in site.new_letters():
                if not letter.to.endswith(CO_ORDINATOR):  # nor her deputy, who has what waits too long
                    left[f"{in_london(day):%Y-%m-%d}", letter.to, " ".join(letter.subject.split())] += 1
        day += timedelta(days=1)
    assert left == planned
