"""The secretariat, who get the papers, write back: the co-ordinator has their words, and they are answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps.telling import cycle_status
from tests.story.bounces_told import bounce, out_of_office
from tests.story.site_told import CO_ORDINATOR, Q2, Played, said
from tests.story.test_a_quarter import _thread_of

SECRETARY = "secretariat@opcc.example"
BOARD = "Strategic Partnership Executive Board"


@pytest.fixture(scope="module")
def played(sent_out: Played, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The paper for the Board has gone to its secretariat; to be copied, not played on."""
    site = sent_out.copied_to(tmp_path_factory.mktemp("circulated") / "opcc")
    for day in ("16 Oct", "20 Oct", "22 Oct", "24 Oct", "28 Oct", "30 Oct", "03 Nov", "04 Nov"):
        site.beat(f"{day} 17:05")
    for day in ("06", "10", "12", "14", "18", "20"):
        site.beat(f"{day} Nov 09:05")
    site.reply(
        site.the_letter(CO_ORDINATOR, "is attached (speb"), CO_ORDINATOR, "CLEAR speb WITHOUT WAITING\nCIRCULATE speb"
    )
    site.beat("20 Nov 11:05")
    return site


@pytest.fixture
def circulated(played: Played, tmp_path: Path) -> Played:
    """A copy of it of one's own."""
    return played.copied_to(tmp_path / "opcc")


def the_paper(site: Played) -> Post:
    paper = site.the_letter(SECRETARY, "ready for the agenda")
    site.new_letters()
    return paper


def verdicts(site: Played) -> list[str]:
    return site.ask(lambda outside: [m.verdict.value for m in outside.store.messages() if m.verdict])  # type: ignore[return-value]


@pytest.mark.parametrize(
    "words",
    [
        "Deferred to the next meeting.",
        "Could you cut it to ten pages?",
        "Received, thank you. One thing: appendix B is missing.",
        "Approved",
        "SEND\nCIRCULATE panel\nSTOP",
        "NIL RETURN",
    ],
)
def test_what_the_secretariat_writes_about_a_paper_is_a_request_to_the_co_ordinator(
    circulated: Played, words: str
) -> None:
    paper = the_paper(circulated)
    circulated.reply(paper, SECRETARY, f"Dear all,\n\n{words}\n\nKind regards\nBoard Secretariat")
    circulated.beat("20 Nov 12:00")
    told = circulated.the_letter(CO_ORDINATOR, "The secretariat wrote")
    about = f"about the paper for {BOARD} on"
    assert about in told.subject
    assert f"Board Secretariat <{SECRETARY}> wrote to us. Their message answers our letter of" in said(told)
    assert about in said(told)
    assert all(word in said(told) for word in words.split())
    assert "Reminders" not in said(told)
    assert [name for name, _ in told.files] == ["The message as it came.eml"]
    answer = circulated.the_letter(SECRETARY, "has it and will write to you")
    assert _thread_of(circulated, answer)[0] == "<hand-2@opcc.example>"
    assert circulated.new_letters() == [], "nothing is sent to anybody else"
    assert verdicts(circulated)[-1] == "question"
    papers = circulated.ask(lambda outside: cycle_status(outside, Q2)["papers"])
    assert [row["state"] for row in papers if row["board"] == "panel"] != ["circulated"]  # type: ignore[attr-defined]

    circulated.beat("21 Nov 07:35")
    digest = circulated.new_letters(CO_ORDINATOR)[-1]
    assert (
        "Board Secretariat (the secretariat) wrote at midday on Thursday 20 November 2014 and waits for your answer"
        in said(digest)
    )
    assert about in said(digest)
    circulated.reply(told, CO_ORDINATOR, "DONE")
    circulated.beat("21 Nov 08:00")
    assert "is settled" in said(circulated.new_letters(CO_ORDINATOR)[-1])
    assert "waits for your answer" not in said(circulated.told_in_full("24 Nov 07:35"))


@pytest.mark.parametrize("words", ["Received, thank you.", "Many thanks\n\nBoard Secretariat", "Noted, thanks"])
def test_thanks_for_a_paper_are_silent(circulated: Played, words: str) -> None:
    circulated.reply(the_paper(circulated), SECRETARY, words)
    circulated.beat("20 Nov 12:00")
    assert (circulated.new_letters(), verdicts(circulated)[-1]) == ([], "noise")


def test_a_new_mail_of_the_secretariat_is_a_request_too(circulated: Played) -> None:
    the_paper(circulated)
    circulated.write(SECRETARY, "Agenda", "We have no room for it in December.")
    circulated.write(SECRETARY, "Police and Crime Panel: room", "The Panel sits in the annexe.")
    circulated.beat("20 Nov 12:00")
    told = {("annexe" in x.text): said(x) for x in circulated.new_letters(CO_ORDINATOR)}
    assert f"Their message seems to be about the paper for {BOARD}" in told[False], "the only one that is out"
    assert "Their message seems to be about the paper for Police and Crime Panel on" in told[True]
    assert len(circulated.new_letters(SECRETARY)) == 2


def test_somebody_of_the_secretariat_is_never_silenced_by_the_day_s_limit(circulated: Played) -> None:
    paper = the_paper(circulated)
    for number in range(6):
        circulated.reply(paper, SECRETARY, f"Please look at page {number}.")
    circulated.beat("20 Nov 12:00")
    assert len(circulated.new_letters(CO_ORDINATOR)) == 6
    assert len(circulated.new_letters(SECRETARY)) == 3
    assert verdicts(circulated)[-6:] == ["question"] * 6


def test_whoever_has_a_paper_and_is_away_stands_in_the_digest_without_the_reason(circulated: Played) -> None:
    paper = the_paper(circulated)
    circulated.drop(out_of_office(paper, "I am on sick leave until 26 November 2014. Please write to my manager."))
    circulated.beat("20 Nov 12:00")
    assert (circulated.new_letters(), verdicts(circulated)[-1]) == ([], "out-of-office")
    circulated.beat("21 Nov 07:35")
    digest = said(circulated.new_letters(CO_ORDINATOR)[-1])
    assert "Board Secretariat is away until Wednesday 26 November 2014, and has the paper for" in digest
    assert "sick" not in digest
    circulated.write(SECRETARY, "Back", "I am back and have your paper. Is it final?")
    circulated.beat("21 Nov 08:00")
    circulated.beat("24 Nov 07:35")
    assert "is away until" not in said(circulated.new_letters(CO_ORDINATOR)[-1])


def test_a_secretary_who_has_left_is_told_to_the_co_ordinator(circulated: Played) -> None:
    paper = the_paper(circulated)
    circulated.drop(out_of_office(paper, "I have left the council. Please contact new.clerk@county.example."))
    circulated.beat("20 Nov 12:00")
    told = said(circulated.new_letters(CO_ORDINATOR)[-1])
    assert f"ADDRESS OK {SECRETARY}" in told
    assert "new.clerk@county.example" in told
    assert "config/service.toml" in told


def test_a_secretariat_whose_mail_came_back_and_who_writes_may_be_written_to(circulated: Played) -> None:
    paper = the_paper(circulated)
    circulated.drop(bounce(paper))
    circulated.beat("20 Nov 12:00")
    assert SECRETARY in circulated.ask(lambda outside: outside.store.service_status().undeliverable)  # type: ignore[operator]
    circulated.write(SECRETARY, "Our mailbox", "It was full for an hour. Is there a paper for us?")
    circulated.beat("20 Nov 13:00")
    assert SECRETARY not in circulated.ask(lambda outside: outside.store.service_status().undeliverable)  # type: ignore[operator]
    assert circulated.new_letters(SECRETARY)
