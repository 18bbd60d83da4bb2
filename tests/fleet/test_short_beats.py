"""A beat of a site at which nothing moves asks for its mail alone; whatever happens there is met by a whole one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from csp_workflow.cli import run
from csp_workflow.fleet import Fleet
from csp_workflow.store import Store
from tests.story.site_told import CO_ORDINATOR, Played, at

RESTING = "14 Oct 11:01"
"""A day before anything is due."""


@pytest.fixture
def fleet(make_fleet: Callable[..., Fleet]) -> Fleet:
    made = make_fleet()
    made.add("alpha")
    for clock in ("10:58", "11:00"):
        assert made.beat("alpha", at(f"14 Oct {clock}")).failed_steps == ()
    return made


def seen(fleet: Fleet) -> datetime | None:
    """When the last whole beat was."""
    with closing(Store(fleet.store_url("alpha"))) as store:
        return store.last_seen()


def test_a_beat_is_short_while_nothing_moves_and_counts_as_one(fleet: Fleet) -> None:
    with closing(Store(fleet.store_url("alpha"))) as store:
        before = store.heartbeat()
        assert fleet.beat("alpha", at(RESTING)).is_idle
        assert store.heartbeat() != before
    assert seen(fleet) == at("14 Oct 11:00")
    fleet.beat("alpha", at("14 Oct 11:05"))
    assert seen(fleet) == at("14 Oct 11:05"), "the calendar is looked at in every part of an hour"


def test_mail_that_comes_is_judged_and_answered_at_once(fleet: Fleet) -> None:
    site = Played(fleet.place("alpha").folder, pretended=False)
    site.write(CO_ORDINATOR, "A question", "STATUS")
    beat = fleet.beat("alpha", at(RESTING))
    assert (beat.received, beat.judged) == (1, 1)
    assert beat.sent
    site.close()


def test_what_others_store_is_met_by_a_whole_beat(fleet: Fleet) -> None:
    config = str(fleet.place("alpha").config)
    assert run(["--config", config, "--now", "2014-10-14T11:00:30", "hold"]) == 0
    fleet.beat("alpha", at(RESTING))
    assert seen(fleet) == at(RESTING)


def test_a_mailbox_that_cannot_be_read_is_no_idle_one(fleet: Fleet) -> None:
    inbox = fleet.place("alpha").state / "mail" / "inbox"
    aside: Path = inbox.rename(inbox.with_name("aside"))
    inbox.touch()
    assert "receive" in fleet.beat("alpha", at(RESTING)).failed_steps
    inbox.unlink()
    aside.rename(inbox)
    assert fleet.beat("alpha", at("14 Oct 11:02")).failed_steps == ()
    assert seen(fleet) == at("14 Oct 11:02")
