"""Whoever never had a letter of ours hears who we are before the form, on the co-ordinator's SEND alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from csp_workflow.cli import run
from tests.simulation import small_site
from tests.story.site_told import CO_ORDINATOR, Played, said

LEAD, CHAIR = "lead@charnwood.example", "chair@charnwood.example"


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Played:
    site = small_site.lay_out(tmp_path_factory.mktemp("proved") / "opcc")
    site.beat("10 Oct 07:35")
    return site


@pytest.fixture
def site(proved: Played, tmp_path: Path) -> Played:
    return proved.copied_to(tmp_path / "opcc")


def test_a_newcomer_is_told_who_we_are_without_a_form_and_once(site: Played) -> None:
    proof = site.the_letter(CO_ORDINATOR, "never had a letter of ours")
    assert LEAD in proof.text
    assert "performance.analyst@force.example" not in proof.text
    site.beat("10 Oct 09:04")
    assert not site.new_letters(LEAD), "nothing leaves before SEND"
    site.reply(proof, CO_ORDINATOR, "SEND")
    site.beat("10 Oct 09:10")
    letter = site.the_letter(LEAD, "Who we are")
    assert not letter.files
    assert "phone Planning and Performance Co-ordinator on 0116 496 0100" in said(letter)
    assert "an Excel workbook, on Wednesday 15 October 2014" in said(letter)
    assert "what we ask your partnership's lead for" in said(site.the_letter(CHAIR, "Who we are"))
    site.reply(proof, CO_ORDINATOR, "SEND")
    site.beat("10 Oct 09:20")
    assert "Nobody is left to introduce" in said(site.the_letter(CO_ORDINATOR, "Nobody is left"))
    for day in ("13 Oct", "14 Oct"):
        site.beat(f"{day} 07:35")
        site.beat(f"{day} 09:04")
    assert not site.new_letters(LEAD)
    assert not [x for x in site.new_letters(CO_ORDINATOR) if "never had a letter of ours" in said(x)]


def test_without_her_send_the_forms_go_all_the_same(site: Played) -> None:
    first = site.the_letter(CO_ORDINATOR, "never had a letter of ours")
    for moment in ("13 Oct 07:35", "14 Oct 07:35", "15 Oct 07:35"):
        site.beat(moment)
    site.reply(first, CO_ORDINATOR, "SEND")
    site.beat("15 Oct 08:00")
    told = site.new_letters(CO_ORDINATOR)
    assert any("are proved already: no first letters go before them" in said(x) for x in told)
    site.reply(next(x for x in told if "Here is everything" in said(x)), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:04")
    assert site.the_letter(LEAD, "Please fill in").workbooks


def test_the_morning_reminds_of_their_proof_with_an_order_that_sends_them(site: Played) -> None:
    morning = said(site.told_in_full("13 Oct 07:40"))
    assert "The first letters to new people" in morning
    assert "Reply: SEND INTRODUCTIONS" in morning
    site.write(CO_ORDINATOR, "First letters", "Send the first letters please")
    site.beat("13 Oct 09:10")
    assert site.the_letter(LEAD, "Who we are")
    assert "The first letters to new people" not in said(site.told_in_full("14 Oct 07:40"))


def test_the_analyst_hears_who_we_are_just_before_the_first_request(tmp_path: Path) -> None:
    site = small_site.lay_out(tmp_path / "opcc")
    site.beat("1 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "before the force is asked"), CO_ORDINATOR, "SEND")
    site.beat("1 Oct 09:10")
    first, request = sorted(site.new_letters("performance.analyst@force.example"), key=lambda one: len(one.files))
    assert "Who we are" in first.subject
    assert not first.files
    assert request.workbooks


def test_none_are_proved_where_the_site_wants_none(tmp_path: Path) -> None:
    site = small_site.lay_out(tmp_path / "opcc")
    calendar = site.place / "config" / "calendar.toml"
    calendar.write_text(calendar.read_text("utf-8").replace("introduction = 3", "introduction = 0"), "utf-8")
    site.beat("10 Oct 07:35")
    assert not [x for x in site.new_letters(CO_ORDINATOR) if "never had a letter of ours" in said(x)]


def test_the_plan_of_a_quarter_lists_every_letter_with_its_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = small_site.lay_out(tmp_path / "opcc")
    site.close()
    where = ["--config", str(site.place / "config"), "--state", str(site.place / "state")]
    capsys.readouterr()
    assert run([*where, "--now", "2014-10-01T07:00", "cycle", "plan", "2014/15-Q2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    mine = [(x["day"], x["kind"], x["only"]) for x in told["letters"] if x["to"] in {LEAD, CHAIR}]
    assert mine == [
        ("2014-10-10", "introduction", ""),
        ("2014-10-10", "introduction", ""),
        ("2014-10-15", "request", ""),
        ("2014-10-15", "request-chair", ""),
        ("2014-10-21", "reminder-before-due", ""),
        ("2014-10-24", "reminder-before-due", ""),
        ("2014-10-28", "reminder-due-today", ""),
        ("2014-10-29", "reminder-overdue", ""),
        ("2014-10-31", "reminder-overdue", ""),
        ("2014-11-03", "overdue-chair", "if you reply YES CHARN"),
    ]
    request = next(x for x in told["letters"] if x["kind"] == "request" and x["to"] == LEAD)
    assert "4 figures to fill in" in request["asks"][0]
    assert "Dear Charnwood Lead Officer" in request["text"]
    assert any("was not asked for" in sentence for sentence in told["told"])
