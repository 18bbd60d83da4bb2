"""What was kept as long as the schedule says goes at the first beat of a month, unless it is on legal hold."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.cli import run
from csp_workflow.settings import load
from csp_workflow.terms.retention import LegalHold, Retention, months_before
from csp_workflow.terms.service import ConfigInvalid
from tests.story.site_told import Played

HOLD = """
[[retention.legal_holds]]
person = "kept@elsewhere.example"
reason = "A claim"
until = 2014-12-31
"""


def circular(sender: str, words: str) -> bytes:
    head = f"From: {sender}\r\nSubject: News\r\nMessage-ID: <{words}@elsewhere.example>\r\n"
    return f"{head}Precedence: bulk\r\nList-Id: <news.elsewhere.example>\r\n\r\n{words}\r\n".encode()


def command(site: Played, now: str, *words: str) -> int:
    site.close()
    place = ["--config", str(site.place / "config"), "--state", str(site.place / "state"), "--now", now]
    return run([*place, *words])


def kept(site: Played, words: str) -> bool:
    files = (path for path in (site.place / "state").rglob("*") if path.is_file() and path.suffix != ".sqlite")
    return any(words.encode() in path.read_bytes() for path in files)


def test_what_is_due_goes_by_itself_and_what_is_held_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = Played.laid_out(tmp_path / "opcc")
    file = site.place / "config" / "service.toml"
    site.beat("10 Jan 09:00")
    site.drop(circular("news@elsewhere.example", "fleeting"))
    site.drop(circular("kept@elsewhere.example", "lasting"))
    site.beat("10 Jan 09:10")
    file.write_text(file.read_text().replace("messages_months = 0", "messages_months = 2", 1) + HOLD)
    capsys.readouterr()
    assert command(site, "2014-03-20T09:00", "--json", "retention", "run", "--dry-run") == 0
    told = capsys.readouterr()
    assert [bool(one["stays"]) for one in json.loads(told.out)] == [False, True]
    assert "A claim" in told.out
    assert "Nothing was removed" in told.err
    assert kept(site, "fleeting")
    site.beat("20 Mar 09:10")
    assert not kept(site, "fleeting")
    assert kept(site, "lasting")
    site.close()
    assert command(site, "2014-03-21T09:00", "inbox", "dispose", "--before", "2014-03-01") == 0
    assert command(site, "2014-03-21T09:01", "subject", "erase", "kept@elsewhere.example", "--yes") == 4
    assert "A claim" in capsys.readouterr().err
    assert kept(site, "lasting")
    file.write_text(file.read_text().replace("until = 2014-12-31", "until = 2014-03-31"))
    assert command(site, "2014-04-02T09:00", "retention", "run") == 0
    assert not kept(site, "lasting")


def test_a_hold_is_of_a_partnership_a_person_or_a_quarter_and_ends() -> None:
    day = date(2014, 10, 16)
    by_key = Retention(legal_holds=(LegalHold(reason="why", until=day, respondent="charnwood"),))
    assert "why" in by_key.say_held(day, respondents=("charnwood",))
    assert not by_key.say_held(date(2014, 10, 17), respondents=("charnwood",))
    assert not by_key.say_held(day, respondents=("leicester", ""), addresses=("",), quarters=(None,))


@pytest.mark.parametrize("line", ["messages_months = -1", 'messages_months = "long"'])
def test_a_fault_of_the_schedule_is_told_with_its_key(tmp_path: Path, line: str) -> None:
    site = Played.laid_out(tmp_path / "opcc")
    file = site.place / "config" / "service.toml"
    file.write_text(file.read_text().replace("messages_months = 0", line, 1))
    with pytest.raises(ConfigInvalid, match=r"service\.toml: retention\.messages_months"):
        load(site.place / "config")


@given(day=st.dates(date(2000, 1, 1), date(2100, 12, 31)), months=st.integers(1, 240))
def test_months_are_counted_by_the_calendar(day: date, months: int) -> None:
    before = months_before(day, months)
    assert (day.year - before.year) * 12 + day.month - before.month == months
    assert before.day <= day.day
    assert day.day - before.day <= 3
