"""What waits for her is put off by LATER: counted until then, back by itself, and never beyond a deadline."""

from __future__ import annotations

import re

import pytest

from tests.story.site_told import CO_ORDINATOR, Played

LEIC = "lead@leicester.example"


def said(site: Played, words: str) -> str:
    return " ".join(site.the_letter(CO_ORDINATOR, words).text.split())


def in_full(site: Played, when: str) -> str:
    return " ".join(site.told_in_full(when).text.split())


def order(site: Played, words: str, when: str) -> str:
    site.write(CO_ORDINATOR, "An order", words)
    site.beat(when)
    return said(site, "You wrote")


@pytest.fixture
def short(site: Played) -> str:
    """A question waits; the beginning of its id."""
    site.reply(site.the_letter(LEIC, "2014/15 Q2"), LEIC, "May we have until Friday?")
    site.beat("16 Oct 10:00")
    found = re.search(r"DONE ([0-9a-f]{10})", said(site, "you today"))
    assert found
    site.new_letters(CO_ORDINATOR)
    return found[1]


def test_a_question_is_put_off_counted_and_comes_back(site: Played, short: str) -> None:
    told = order(site, f"LATER {short} TO Tuesday", "16 Oct 11:00")
    assert f"What waits about message {short} is put off until Tuesday 21 October 2014" in told
    digest = in_full(site, "17 Oct 07:35")
    assert f"One thing is put off until Tuesday 21 October 2014: message {short}." in digest
    assert "waits for your answer" not in digest
    assert "One thing is put off" in in_full(site, "20 Oct 07:35")
    digest = in_full(site, "21 Oct 07:35")
    assert "waits for your answer" in digest
    assert "put off until" not in digest


def test_without_a_day_it_is_the_next_working_day(site: Played, short: str) -> None:
    assert "until Friday 17 October 2014" in order(site, f"LATER {short}", "16 Oct 11:00")
    assert "What waits about Safer Leicester Partnership is put off until Monday 20 October 2014" in order(
        site, "LATER LEIC until Monday", "16 Oct 11:05"
    )
    assert f"put off until Monday 20 October 2014: message {short}." in in_full(site, "17 Oct 07:35")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("LATER {short} TO 1 December", "so it can be put off until that day at the latest"),
        ("LATER {short} TO 16 October", "is not a day to come"),
        ("LATER ffffffffff", "No message begins with"),
        ("LATER", "It does not say what is put off"),
        ("LATER NWL", "Nothing about it waits for your decision now"),
        ("later {short}", "LATER in capitals"),
        ("LATER {short} TO Tuesday but not the others", "stops being a day is not clear"),
    ],
)
def test_what_cannot_be_put_off_is_said(site: Played, short: str, words: str, why: str) -> None:
    assert why in order(site, words.format(short=short), "16 Oct 11:00")
    assert "waits for your answer" in in_full(site, "17 Oct 07:35")


@pytest.mark.parametrize("word", ["later", "Later", "LATER", "later for Leicester", "LATER TO Monday"])
def test_later_beside_another_order_holds_it_up(site: Played, short: str, word: str) -> None:
    told = order(site, f"EXTEND LEIC TO 31 October BECAUSE ill\n{word}", "16 Oct 11:00")
    assert "It waits, because not every line was understood." in told
    assert "has until" not in told


def test_done_settles_what_was_put_off(site: Played, short: str) -> None:
    order(site, f"LATER {short} TO Tuesday", "16 Oct 11:00")
    assert "is settled" in order(site, f"DONE {short}", "16 Oct 11:10")
    assert "waits for nobody" in order(site, f"LATER {short} TO Tuesday", "16 Oct 11:20")
    assert "waits for nobody" in order(site, f"DISMISS {short}", "16 Oct 11:30")
    assert "waits for nobody" in order(site, f"ASSIGN {short} TO LEIC", "16 Oct 11:40")
    assert "put off until" not in in_full(site, "17 Oct 07:35")
