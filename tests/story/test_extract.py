"""The force's extract: asked for after its own small proof, late, told of every morning; SEND is never stuck for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.story.site_told import CO_ORDINATOR, Played, filled, said

ANALYST = "performance.analyst@force.example"


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Played:
    site = Played.laid_out(tmp_path_factory.mktemp("extract") / "opcc")
    site.beat("01 Oct 07:35")
    return site


@pytest.fixture(scope="module")
def asked(proved: Played, tmp_path_factory: pytest.TempPathFactory) -> Played:
    site = proved.copied_to(tmp_path_factory.mktemp("asked") / "opcc")
    site.reply(site.the_letter(CO_ORDINATOR, "Nobody has been asked yet"), CO_ORDINATOR, "SEND")
    site.beat("01 Oct 09:05")
    return site


def go_on(site: Played, until: str = "14 Oct 07:35") -> None:
    """The service is at work in between, so that nothing waits for RELEASE; letters of those days are passed over."""
    for day in ("03", "07", "09", "13"):
        site.beat(f"{day} Oct 07:10")
    site.new_letters()
    site.beat(until)


def the_digest(site: Played) -> str:
    return said(next(x for x in site.new_letters(CO_ORDINATOR) if "you today" in x.text))


def test_nothing_leaves_before_the_small_proofs_own_send_and_each_morning_says_so(
    proved: Played, tmp_path: Path
) -> None:
    site = proved.copied_to(tmp_path / "opcc")
    site.beat("01 Oct 09:05")
    assert not site.new_letters(ANALYST)
    small = site.the_letter(CO_ORDINATOR, "Nobody has been asked yet")
    assert small.workbooks
    go_on(site, "13 Oct 07:35")
    told = the_digest(site)
    assert "The proof of the request for the extract" in told
    assert "due at 5pm on Tuesday 14 October 2014, and late from Wednesday 15 October 2014" in told
    assert "SEND FORCE" in told
    site.write(CO_ORDINATOR, "Extract", "SEND the extract")
    site.beat("13 Oct 09:05")
    assert site.the_letter(ANALYST, "extract")


def test_a_small_proof_never_answered_is_said_to_be_late_and_a_later_day_lets_it_go(
    proved: Played, tmp_path: Path
) -> None:
    site = proved.copied_to(tmp_path / "opcc")
    go_on(site)
    site.new_letters()
    site.beat("15 Oct 07:35")
    told = the_digest(site)
    assert "was not asked for the extract, which was to be due at 5pm on Tuesday 14 October 2014" in told
    site.write(CO_ORDINATOR, "Extract", "SEND FORCE")
    site.beat("15 Oct 09:05")
    assert "which is past. EXTEND FORCE TO a later day" in said(site.the_letter(CO_ORDINATOR, "which is past"))
    site.write(CO_ORDINATOR, "Extract", "EXTEND FORCE TO 20 October BECAUSE nobody had been asked")
    site.beat("15 Oct 09:10")
    newer = site.the_letter(CO_ORDINATOR, "Nobody has been asked yet")
    assert "Monday 20 October 2014" in said(newer)
    site.reply(newer, CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:15")
    assert "20 October 2014" in said(site.the_letter(ANALYST, "extract"))


def test_who_was_asked_and_when_is_said_each_morning_and_late_what_it_stops(asked: Played, tmp_path: Path) -> None:
    site = asked.copied_to(tmp_path / "opcc")
    site.new_letters()
    site.beat("02 Oct 07:35")
    told = the_digest(site)
    assert "The force's extract was asked of Performance Analyst on Wednesday 1 October 2014 and is due at 5pm" in told
    assert "Nothing needs you today" in told
    go_on(site, "14 Oct 07:35")
    assert "is due at 5pm on Tuesday 14 October 2014 and has not come yet" in the_digest(site)
    site.beat("15 Oct 07:35")
    told = the_digest(site)
    assert "is 1 working day late. You may wait, or let the forms go without it" in told
    for words in ("EXTEND FORCE TO day BECAUSE reason", "DECLINE FORCE BECAUSE reason"):
        assert words in told
    site.write(CO_ORDINATOR, "Requests", "SEND")
    site.beat("15 Oct 09:10")
    answer = said(site.the_letter(CO_ORDINATOR, "are queued"))
    assert 'will read "not yet supplied"' in answer
    request = site.the_letter("lead@charnwood.example", "Please fill in")
    assert "The police figures are there already" not in said(request)
    assert "The force has still to supply" in said(request)


def test_the_digest_says_the_extract_came_and_was_revised_and_no_return_of_the_police(
    asked: Played, tmp_path: Path
) -> None:
    site = asked.copied_to(tmp_path / "opcc")
    request = site.the_letter(ANALYST, "extract")
    site.reply(request, ANALYST, "Attached.", filled(request, number=140))
    site.beat("02 Oct 07:20")
    site.new_letters()
    site.beat("02 Oct 07:35")
    told = the_digest(site)
    assert "The extract came: Leicestershire Police" in told
    assert "Returns received" not in told
    site.reply(request, ANALYST, "Corrected.", filled(request, number=150))
    site.beat("03 Oct 07:20")
    site.beat("03 Oct 07:35")
    told = the_digest(site)
    assert "The extract was revised, " in told
    assert "figures changed: Leicestershire Police" in told


def test_the_proof_for_the_rest_cannot_be_sent_by_a_send_to_the_small_one(asked: Played, tmp_path: Path) -> None:
    site = asked.copied_to(tmp_path / "opcc")
    site.read.clear()
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nobody has been asked yet"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    assert "was asked for already" in said(site.the_letter(CO_ORDINATOR, "was asked for already"))
    assert not site.new_letters("lead@charnwood.example")
    site.write(CO_ORDINATOR, "Proof", "PROOF FORCE")
    site.beat("15 Oct 09:20")
    assert "was asked for already" in said(site.the_letter(CO_ORDINATOR, "was asked for already"))
