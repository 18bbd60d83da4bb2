"""A proof that no longer shows what would be sent is made again by itself, and she sends what she has seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.story.site_told import CO_ORDINATOR, Played, said


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Played:
    site = Played.laid_out(tmp_path_factory.mktemp("proved") / "opcc")
    site.beat("15 Oct 07:35")
    return site


@pytest.fixture
def site(proved: Played, tmp_path: Path) -> Played:
    return proved.copied_to(tmp_path / "opcc")


def add_holiday(site: Played, day: str) -> None:
    holidays = site.place / "config" / "bank-holidays.csv"
    holidays.write_text(f"{holidays.read_text('utf-8').rstrip()}\n{day},A day of mourning\n", "utf-8")


def test_a_date_that_moves_after_the_proof_makes_a_new_one_and_only_that_one_is_sent(site: Played) -> None:
    old = site.the_letter(CO_ORDINATOR, "Nothing has been sent")
    add_holiday(site, "2014-10-28")
    site.beat("15 Oct 08:00")
    new = site.the_letter(CO_ORDINATOR, "Nothing has been sent")
    assert "29 October 2014" in said(new)
    site.beat("15 Oct 08:01")
    assert not site.new_letters(CO_ORDINATOR), "once"
    site.reply(old, CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    refused = said(site.the_letter(CO_ORDINATOR, "newer proof pack"))
    assert "reply SEND to it" in refused
    assert not site.new_letters("lead@charnwood.example")
    site.reply(new, CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:20")
    assert "29 October 2014" in said(site.the_letter("lead@charnwood.example", "Please fill in"))


def test_what_changes_nothing_in_it_makes_no_new_one(site: Played) -> None:
    site.new_letters()
    add_holiday(site, "2015-01-29")
    site.beat("15 Oct 08:00")
    site.beat("15 Oct 08:01")
    assert not [x for x in site.new_letters(CO_ORDINATOR) if "Nothing has been sent" in x.text]


def test_she_may_ask_for_a_proof_at_any_time_before_it_is_sent(site: Played) -> None:
    site.new_letters()
    site.write(CO_ORDINATOR, "Proof", "PROOF")
    site.beat("15 Oct 08:00")
    told = site.new_letters(CO_ORDINATOR)
    assert any("comes in a letter of its own" in said(x) for x in told)
    assert any("Nothing has been sent" in x.text for x in told)
    site.reply(next(x for x in told if "Nothing has been sent" in x.text), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    site.write(CO_ORDINATOR, "Proof", "PROOF")
    site.beat("15 Oct 09:20")
    assert "were sent already" in said(site.the_letter(CO_ORDINATOR, "were sent already"))


def test_after_the_day_on_which_it_would_be_due_a_request_is_sent_with_a_later_one_only(site: Played) -> None:
    proof = site.the_letter(CO_ORDINATOR, "Nothing has been sent")
    site.reply(proof, CO_ORDINATOR, "SEND")
    site.beat("29 Oct 09:00")
    assert "EXTEND ALL TO a later day BECAUSE" in said(site.the_letter(CO_ORDINATOR, "which is past"))
    site.write(CO_ORDINATOR, "More time", "RELEASE\nEXTEND ALL TO 7 November BECAUSE the requests went late")
    site.beat("29 Oct 09:10")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("29 Oct 09:20")
    assert "due Friday 7 November 2014" in site.the_letter("lead@charnwood.example", "Please fill in").subject


def test_a_new_proof_says_what_changed_and_shows_that_alone(site: Played) -> None:
    old = site.the_letter(CO_ORDINATOR, "Nothing has been sent")
    assert "Tuesday 21 October 2014: Reminder before the due day" in said(old)
    people = site.place / "config" / "partnerships.toml"
    people.write_text(
        people.read_text("utf-8").replace("lead@charnwood.example", "new.lead@charnwood.example"), "utf-8"
    )
    site.beat("15 Oct 08:00")
    new = site.the_letter(CO_ORDINATOR, "Nothing has been sent")
    assert "no longer what the proof of 7:35am on Wednesday 15 October 2014 shows" in said(new)
    assert "Charnwood Community Safety Partnership (the people written to)" in said(new)
    assert "new.lead@charnwood.example" in new.text
    assert "lead@leicester.example" not in new.text
    assert "stand as in that proof" in said(new)
    assert len(new.workbooks) == 1 < len(old.workbooks)
    site.reply(new, CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:20")
    assert site.the_letter("lead@leicester.example", "Please fill in")
    assert site.the_letter("new.lead@charnwood.example", "Please fill in")


def test_reminders_that_move_make_a_new_proof(site: Played) -> None:
    site.new_letters()
    service = site.place / "config" / "service.toml"
    service.write_text(service.read_text("utf-8").replace("days = -5", "days = -6", 1), "utf-8")
    site.beat("15 Oct 08:00")
    new = said(site.the_letter(CO_ORDINATOR, "Nothing has been sent"))
    assert "(the reminders)" in new
    assert "Monday 20 October 2014: Reminder before the due day" in new
