"""What was set up by workbook is laid over the files: once, in its order, and never where it finds no place."""

from __future__ import annotations

import shutil
import tomllib
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow import settings
from csp_workflow.settings.writing_back import lay_texts, write_tables
from csp_workflow.terms.service import ConfigInvalid
from csp_workflow.terms.setup import Setup, SetupChange, SetupPlace, fold_setups, lay_setup

CONFIG = settings.find_defaults() / "config"
TEXTS = {path.name: path.read_bytes().decode() for path in CONFIG.glob("*.toml")}
MEETINGS = SetupPlace(file="calendar.toml", lists=("meetings",))
ABSENCES = SetupPlace(file="service.toml", lists=("office", "absences"))
CONTACTS = SetupPlace(file="partnerships.toml", lists=("partnerships", "contacts"), within="melton")
MEETING = {"board": "speb", "day": date(2014, 12, 4), "quarter": "2014/15-Q2", "place": "Force Headquarters"}
MOVED = {**MEETING, "day": date(2014, 12, 5)}
LATE = {**MEETING, "day": date(2016, 1, 1)}
AGAIN = {**MEETING, "day": date(2014, 12, 8)}


def move(was: dict[str, object] | None, now: dict[str, object] | None) -> SetupChange:
    """A meeting is moved, added or taken out."""
    return SetupChange(place=MEETINGS, was=was, now=now)


def test_without_changes_the_files_are_the_same_to_the_last_byte() -> None:
    assert lay_texts(TEXTS, ()) == TEXTS
    marked = {"calendar.toml": "\ufeff" + TEXTS["calendar.toml"].replace("\n", "\r\n")}
    assert lay_texts(marked, ()) == marked


_DAYS = st.lists(st.dates(date(2015, 1, 1), date(2016, 12, 31)), max_size=4)


@given(days=_DAYS, new=st.booleans())
def test_what_is_written_back_is_what_is_laid_and_counts_once(days: list[date], new: bool) -> None:
    texts = {"calendar.toml": TEXTS["calendar.toml"]}
    plain = {"calendar.toml": tomllib.loads(texts["calendar.toml"])}
    stands = [None if new else MEETING, *({**MEETING, "day": day} for day in days)]
    moves = [move(was, now) for was, now in pairwise(stands)]
    changes = fold_setups(Setup(content="", changes=(one,)) for one in moves)
    lay_setup(plain, changes)
    written = lay_texts(texts, changes)
    assert tomllib.loads(written["calendar.toml"]) == plain["calendar.toml"]
    remarks = [line for line in texts["calendar.toml"].splitlines() if line.startswith("#")]
    assert [line for line in written["calendar.toml"].splitlines() if line.startswith("#")] == remarks
    assert lay_texts(written, changes) == written


def test_new_entries_stand_behind_the_last_and_remarks_stay_above_what_they_are_of() -> None:
    away = SetupChange(place=ABSENCES, was=None, now={"first": date(2014, 11, 10), "last": date(2014, 11, 14)})
    new = {"name": "B", "role": "lead", "address": "b@melton.example", "valid_from": date(2014, 11, 3)}
    written = lay_texts(
        TEXTS, (move(None, {**MEETING, "day": date(2016, 1, 1)}), away, SetupChange(place=CONTACTS, was=None, now=new))
    )
    assert "absences = [{first = 2014-11-10, last = 2014-11-14}]" in written["service.toml"]
    before, _, after = written["calendar.toml"].partition("day = 2016-01-01")
    assert ("# ---- Bank holidays" in before, "# ---- Bank holidays" in after) == (False, True)
    assert (
        'address = "b@melton.example"\nvalid_from = 2014-11-03\n\n[[partnerships.local_measures]]'
        in written["partnerships.toml"]
    )


def test_a_folder_is_written_where_it_says_otherwise(tmp_path: Path) -> None:
    shutil.copytree(CONFIG, tmp_path / "config")
    place = SetupPlace(file="framework-2015-16.toml", lists=())
    changes = (move(MEETING, MOVED), SetupChange(place=place, was=None, now={"year": "2015/16", "title": "Next"}))
    assert write_tables(tmp_path / "config", changes) == ("calendar.toml", place.file)
    assert write_tables(tmp_path / "config", changes) == ()
    site, _ = settings.load(tmp_path / "config", environment={})
    assert [framework.year for framework in site.frameworks] == ["2014/15", "2015/16"]
    assert site == settings.load(CONFIG, environment={}, changes=changes)[0]


@pytest.mark.parametrize(
    "change",
    [
        SetupChange(place=MEETINGS, was={**MEETING, "day": date(2013, 1, 1)}, now=MOVED),
        SetupChange(
            place=SetupPlace(file="partnerships.toml", lists=CONTACTS.lists, within="nobody"), was=None, now={}
        ),
        SetupChange(place=SetupPlace(file="framework-2001-02.toml", lists=()), was=None, now={"year": "2001/02"}),
    ],
)
def test_what_finds_no_place_refuses_the_configuration(change: SetupChange) -> None:
    with pytest.raises(ConfigInvalid, match="has no place in the files"):
        settings.load(CONFIG, environment={}, changes=(change,))


def test_what_is_taken_out_may_be_gone_already() -> None:
    whole, _ = settings.load(CONFIG, environment={})
    gone = move(AGAIN, None)
    assert settings.load(CONFIG, environment={}, changes=(gone,))[0] == whole
    assert (
        len(settings.load(CONFIG, environment={}, changes=(move(MEETING, None),))[0].meetings)
        == len(whole.meetings) - 1
    )
