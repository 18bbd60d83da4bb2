"""A paper that others must agree to is cleared once each of them has said yes to exactly its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps import papers
from csp_workflow.steps.telling import cycle_status
from tests.story.closed_told import SECRETARIAT
from tests.story.site_told import CO_ORDINATOR, Q2, Played, at, said

POLICY, FORCE = "policy@opcc.example", "performance@force.example"
READERS = f"""
[[papers.readers]]
name = "Head of Policy"
address = "{POLICY}"
role = "second reader"

[[papers.readers]]
name = "Force Performance"
address = "{FORCE}"
role = "factual accuracy"

"""


@pytest.fixture(scope="module")
def asked_once(closed: tuple[Played, dict[str, Post]], tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The Board's paper needs two to agree, and its first draft has come; not played on."""
    site = closed[0].copied_to(tmp_path_factory.mktemp("asked") / "opcc")
    report = site.place / "config" / "report.toml"
    text = report.read_text()
    report.write_text(text.replace("\n[[papers.headings]]", f"{READERS}[[papers.headings]]", 1))
    site.beat("20 Nov 09:05")
    return site


@pytest.fixture
def asked(asked_once: Played, tmp_path: Path) -> Played:
    return asked_once.copied_to(tmp_path / "opcc")


def letters_of(site: Played) -> tuple[Post, Post, Post]:
    return (
        site.the_letter(CO_ORDINATOR, "is attached (speb"),
        site.the_letter(POLICY, "Please agree to draft"),
        site.the_letter(FORCE, "Please agree to draft"),
    )


def test_clear_counts_once_everybody_has_agreed_to_exactly_that_file(asked: Played) -> None:
    draft, policy, force = letters_of(asked)
    assert policy.files[0][1] == draft.files[0][1]
    assert "as its second reader" in said(policy)
    assert "the force's figures and facts in it are right" in said(force)
    asked.reply(draft, CO_ORDINATOR, "CLEAR WITHOUT WAITING\nCIRCULATE")
    asked.beat("20 Nov 09:30")
    told = said(asked.the_letter(CO_ORDINATOR, "is cleared when"))
    assert "is cleared when Head of Policy (second reader) and Force Performance (factual accuracy) has agreed" in told
    assert "is not cleared before Head of Policy and Force Performance has agreed to it" in told
    asked.reply(policy, POLICY, "AGREED\n\nKind regards\nHead of Policy")
    asked.beat("20 Nov 09:40")
    assert "It still waits for: Force Performance (factual accuracy)" in said(
        asked.the_letter(CO_ORDINATOR, "Agreed to")
    )
    assert "is recorded" in said(asked.the_letter(POLICY, "Your agreement is recorded"))
    told_status = asked.ask(lambda o: cycle_status(o, Q2))
    assert told_status["papers"][0]["awaited"] == ["Force Performance"]  # type: ignore[index]
    asked.reply(force, FORCE, "I agree.")
    asked.beat("20 Nov 09:50")
    cleared = asked.the_letter(CO_ORDINATOR, "Cleared: draft 1")
    assert not asked.new_letters(SECRETARIAT)
    asked.reply(cleared, CO_ORDINATOR, "CIRCULATE")
    asked.beat("20 Nov 10:00")
    asked.beat("20 Nov 10:01")
    assert asked.the_letter(SECRETARIAT, "ready for the agenda")


def test_a_new_draft_asks_again_and_an_older_yes_counts_for_nothing(asked: Played) -> None:
    draft, policy, force = letters_of(asked)
    asked.reply(draft, CO_ORDINATOR, "CLEAR WITHOUT WAITING")
    asked.reply(policy, POLICY, "Agreed")
    asked.beat("20 Nov 09:30")
    asked.write(CO_ORDINATOR, "Papers", "DRAFT speb")
    asked.beat("20 Nov 09:40")
    again, force_again = (asked.the_letter(one, "Please agree to draft 2") for one in (POLICY, FORCE))
    asked.reply(force, FORCE, "Agreed")
    asked.beat("20 Nov 09:50")
    assert "Draft 2 has taken its place" in said(asked.the_letter(FORCE, "Your agreement is not recorded"))
    asked.reply(again, POLICY, "Agreed")
    asked.reply(force_again, FORCE, "Agreed")
    asked.beat("20 Nov 10:00")
    assert not [e for e in asked.ask(lambda o: o.store.events(Q2)) if e.kind == "paper cleared"]  # type: ignore[attr-defined]
    told = " ".join(said(one) for one in asked.new_letters(CO_ORDINATOR))
    assert "Nobody else has to agree. It waits for the partnerships" in told


@pytest.mark.parametrize("words", ["Agreed, but table 2 is wrong.", "Agreed?", "Who wrote this?"])
def test_words_beside_a_yes_go_to_the_co_ordinator(asked: Played, words: str) -> None:
    _, policy, _ = letters_of(asked)
    asked.reply(policy, POLICY, words)
    asked.beat("20 Nov 09:30")
    assert words in said(asked.the_letter(CO_ORDINATOR, "it is no plain yes"))
    assert "no agreement is recorded" in said(asked.the_letter(POLICY, "Your agreement is not recorded"))


def test_nobody_else_s_yes_counts(asked: Played) -> None:
    _, policy, _ = letters_of(asked)
    asked.reply(policy, "somebody@opcc.example", "AGREED")
    asked.reply(policy, CO_ORDINATOR, "AGREED")
    asked.beat("20 Nov 09:30")
    assert not [e for e in asked.ask(lambda o: o.store.events(Q2)) if e.kind == "paper agreed"]  # type: ignore[attr-defined]


def test_whoever_does_not_answer_is_reminded_twice_and_the_digest_says_whom_it_waits_for(asked: Played) -> None:
    letters_of(asked)
    asked.write(CO_ORDINATOR, "?", "STATUS")
    asked.beat("20 Nov 09:30")
    assert "Head of Policy (second reader) and Force Performance (factual accuracy) has not agreed yet" in said(
        asked.the_letter(CO_ORDINATOR, "you today")
    )
    for day in (21, 24, 25, 26, 27, 28):
        asked.beat(f"{day} Nov 11:00")
    reminders = [one for one in asked.new_letters(POLICY) if one.subject.startswith("Reminder")]
    for day in (1, 2, 3, 4, 5, 8, 9, 10):
        asked.beat(f"{day:02} Dec 11:00")
    reminders += [one for one in asked.new_letters(POLICY) if one.subject.startswith("Reminder")]
    assert len(reminders) == 2


def test_the_command_line_says_whom_it_waits_for(asked: Played) -> None:
    letters_of(asked)
    now = at("20 Nov 09:30")
    told = asked.ask(
        lambda o: papers.clear_paper(o, Q2, "speb", now, by="the command line", unwaited=True), "20 Nov 09:30"
    )
    assert told == "The paper for speb is cleared when Head of Policy and Force Performance has agreed to it."
