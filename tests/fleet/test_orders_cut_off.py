"""A process that takes a site elsewhere is killed at every step; the same order, given again, ends what it began."""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from csp_workflow import settings
from csp_workflow.fleet import Fleet, lay_out_fleet, moving
from csp_workflow.store import Store
from csp_workflow.terms.events import PreconditionFailed
from tests.story.site_told import CO_ORDINATOR, at

NOW = at("16 Oct 10:00")
_STEPS = {"os.rename", "shutil.copytree", "shutil.rmtree", "sqlite3.connect", "os.link"}


def is_cut_off(act: Callable[[], object], step: int) -> bool:
    """Whether a process of its own was killed before such a step of what it does; else it did all of it."""
    child = os.fork()
    if not child:
        done, last = 0, ""

        def look(event: str, _: object) -> None:
            nonlocal done, last
            if event in _STEPS and (event, last) != ("shutil.copytree", "shutil.copytree"):
                done += 1
                if done == step:
                    os._exit(9)
            last = event if event in _STEPS else last

        sys.addaudithook(look)
        try:
            act()
        except BaseException:  # noqa: BLE001 - a child never comes back
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, 9}
    return code == 9


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fleet with a site at which something came and left, and nothing waits; and an empty one."""
    folder = tmp_path_factory.mktemp("ended")
    for name in ("here", "there"):
        lay_out_fleet(folder / name)
    with closing(Fleet(folder / "here")) as fleet:
        place = fleet.add("alpha")
        fleet.beat("alpha", at("14 Oct 11:00"))
        shutil.rmtree(place.folder / "templates")
        config = Path(shutil.copytree(place.config, folder / "new"))
    file = config / "service.toml"
    file.write_text(file.read_text().replace(CO_ORDINATOR, "anna@mayor.example"))
    return folder


@dataclass
class Case:
    """A copy of the two fleets, and an order that is given there."""

    folder: Path

    def __post_init__(self) -> None:
        self.here, self.there = Fleet(self.folder / "here"), Fleet(self.folder / "there")

    def orders(self) -> dict[str, Callable[[], object]]:
        """What takes the site elsewhere."""
        return {
            "move": partial(moving.move_site, self.here, "alpha", self.folder / "there", NOW),
            "move out": partial(moving.move_site, self.here, "alpha", self.folder / "out", NOW),
            "rename": partial(moving.rename_site, self.here, "alpha", "beta", NOW),
            "remove": partial(moving.remove_site, self.here, "alpha", self.folder / "all", NOW),
            "hand over": partial(moving.hand_over, self.here, "alpha", self.folder / "new", NOW),
        }

    def places(self) -> Iterator[tuple[Fleet, str]]:
        """Where there is a site that would beat."""
        for fleet in (self.here, self.there):
            for name in fleet.list_sites():
                try:
                    fleet.beat(name, at("16 Oct 10:05"))
                except PreconditionFailed as refused:
                    assert "the same order again" in " ".join(str(refused).split())  # noqa: PT017
                else:
                    yield fleet, name
                fleet.let_go(name)


def count_rows(url: str) -> tuple[int, int]:
    with closing(Store(url)) as store:
        return len(store.letters()), len(store.messages())


_LONG = [pytest.param(order, marks=pytest.mark.sweep) for order in ("move", "move out", "rename", "remove")]


@pytest.mark.parametrize("order", ["hand over", *_LONG])
def test_an_order_that_is_cut_off_anywhere_is_ended_by_the_same_one(ended: Path, tmp_path: Path, order: str) -> None:
    with closing(Fleet(ended / "here")) as fleet:
        before = count_rows(fleet.store_url("alpha"))
    assert before[0]
    for step in count(1):
        case = Case(Path(shutil.copytree(ended, tmp_path / str(step))))
        act = case.orders()[order]
        if not is_cut_off(act, step):
            break
        beside = Case(Path(shutil.copytree(case.folder, tmp_path / f"{step} beats")))
        assert len(list(beside.places())) <= 1, f"before step {step}"
        try:
            act()
        except PreconditionFailed as refused:
            assert "no site alpha" in str(refused), step  # noqa: PT017 - it was all done but the last words
        out = case.folder / "out" / "state" / "csp.sqlite"
        if order == "move out":
            assert count_rows(f"sqlite:///{out}") == before, step
        elif order == "remove":
            assert (case.folder / "all" / "backup").exists(), step
        places = list(case.places())
        wanted = {"move": (case.there, "alpha"), "rename": (case.here, "beta"), "hand over": (case.here, "alpha")}
        assert places == ([wanted[order]] if order in wanted else []), step
        for fleet, name in places:
            found = count_rows(fleet.store_url(name))
            assert (found[0] > before[0], found[1]) == (True, before[1]), "it told what it found, and lost nothing"
            new = settings.load(fleet.place(name).config)[0].office.co_ordinator.address
            assert new == ("anna@mayor.example" if order == "hand over" else CO_ORDINATOR)
    assert step > 4


def test_a_site_that_is_bound_for_one_place_is_not_taken_to_another(ended: Path, tmp_path: Path) -> None:
    case = Case(Path(shutil.copytree(ended, tmp_path / "both")))
    steps = count(1)
    while not (case.there.list_sites()):
        assert is_cut_off(case.orders()["move"], next(steps))
    for other in ("move out", "rename", "remove", "hand over"):
        with pytest.raises(PreconditionFailed, match="give the same order again"):
            case.orders()[other]()
