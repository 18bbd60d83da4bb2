"""Somebody is erased from either store; an erasure that is cut off at any point is finished by the next."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from csp_workflow.steps.outside import Outside
from csp_workflow.steps.subjects import erase_subject, read_sought
from csp_workflow.terms.events import Happened
from tests.crash.killing import Watched
from tests.simulation.faults import Dying, Killed
from tests.story.site_told import Played, at
from tests.story.test_what_is_held import JANE, TRACES, circular

NOW = at("4 Jun 09:00")


@pytest.fixture
def site(url: str, tmp_path: Path) -> Played:
    """No quarter is under way, and the store is the one of this engine."""
    site = Played.laid_out(tmp_path / "opcc")
    config = site.place / "config" / "service.toml"
    config.write_text(config.read_text("utf-8").replace('database = ""', f'database = "{url}"'), "utf-8")
    site.beat("2 Jun 09:00")
    return site


def hear_of_her(site: Played, number: int) -> Outside:
    """She writes, and somebody writes of her."""
    site.drop(circular(f"One {number}", f"Jane Smith <{JANE}>", f"The fete is on the {number}th."))
    site.drop(circular(f"Two {number}", "news@elsewhere.example", f"Ring Smith,\r\nJane about {number} bins."))
    site.beat(f"3 Jun 09:{number:02}")
    return site.opened(NOW).outside


def list_texts(outside: Outside) -> str:
    """Every text of the store, as it stands."""
    found: list[str] = []

    def keep(text: str) -> str:
        found.append(text)
        return text

    assert outside.store.rewrite_texts(keep) == 0
    return "\n".join(found).lower()


def list_files(site: Played) -> bytes:
    """All that archive and mailbox hold."""
    state = site.place / "state"
    found = (path for part in ("archive", "mail") for path in (state / part).rglob("*") if path.is_file())
    return b"\n".join(path.read_bytes() for path in found).lower()


def erase(outside: Outside) -> None:
    erase_subject(outside, read_sought(outside, ("jane smith", JANE)), NOW, by="a test")


def is_named(site: Played, outside: Outside) -> bool:
    said, files = list_texts(outside), list_files(site)
    return any(trace.lower() in said or trace.lower().encode() in files for trace in TRACES)


def dying(outside: Outside, points: Dying) -> Outside:
    """The outside with a point around each effect of an erasure."""
    parts: dict[str, Any] = {
        "store": Watched(outside.store, "store", ("commit", "rewrite_texts"), points),
        "archive": Watched(outside.archive, "archive", ("remove",), points),
        "tombstones": Watched(outside.tombstones, "tombstones", ("add",), points),
        "mailbox": Watched(outside.mailbox, "mailbox", ("remove",), points),
    }
    return replace(outside, **parts, reached=points.reached)


def test_she_is_in_no_row_and_no_file_any_more(site: Played) -> None:
    outside = hear_of_her(site, 1)
    assert is_named(site, outside)
    erase(outside)
    assert not is_named(site, outside)
    assert [e.kind for e in outside.store.events(None)].count(Happened.SUBJECT_ERASED) == 1
    site.beat("5 Jun 09:00")
    assert not is_named(site, site.opened(NOW).outside), "nothing brings her back"


def test_what_is_cut_off_anywhere_is_finished_by_the_next(site: Played) -> None:
    cut, points = 0, Dying(0)
    while points.left <= 0:
        cut += 1
        points = Dying(cut)
        outside = hear_of_her(site, cut)
        with suppress(Killed):
            erase(dying(outside, points))
        site.close()
        outside = site.opened(NOW).outside
        erase(outside)
        assert not is_named(site, outside), f"cut off at point {cut}"
    assert cut > 10
