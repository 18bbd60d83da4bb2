"""A return goes back to its lead, and is taken all the same: who is asked and reminded is counted from then on."""

from __future__ import annotations

import pytest

from csp_workflow.rehearsal.partners.mail import Post
from tests.story.site_told import CO_ORDINATOR, Played, filled, said

LEAD, CHAIR = "lead@leicester.example", "chair@leicester.example"


def order(site: Played, words: str, when: str) -> str:
    site.write(CO_ORDINATOR, "Leicester", words)
    site.beat(when)
    return said(next(x for x in site.new_letters(CO_ORDINATOR) if words[:15] in said(x)))


def digest(site: Played, when: str) -> str:
    return said(site.told_in_full(when))


def days(site: Played, *days: str) -> list[Post]:
    for day in days:
        site.beat(f"{day} 07:35")
        site.beat(f"{day} 09:10")
    return [x for x in site.new_letters() if "leicester" in x.to]


@pytest.fixture
def complete(site: Played) -> Played:
    site.reply(site.the_letter(LEAD, "2014/15 Q2"), LEAD, "Our return", filled_of(site))
    site.beat("16 Oct 10:00")
    return site


def filled_of(site: Played) -> tuple[str, bytes]:
    return filled(next(x for x in _all(site) if x.to == LEAD and x.workbooks))


def _all(site: Played) -> list[Post]:
    site.read.clear()
    return site.new_letters()


def test_a_chair_who_had_approved_is_asked_again_and_reminded_from_then_on(complete: Played) -> None:
    asked = complete.the_letter(CHAIR, "Please approve")
    complete.reply(asked, CHAIR, "Approved")
    complete.beat("17 Oct 09:10")
    assert complete.state("leicester") == "approved"
    order(complete, "RETURN LEIC BECAUSE the totals differ", "20 Oct 09:20")
    complete.new_letters()
    assert "asked to approve it" in order(complete, "ACCEPT LEIC", "21 Oct 09:20")
    complete.beat("21 Oct 10:10")
    again = complete.the_letter(CHAIR, "Please approve")
    assert not days(complete, "22 Oct")
    days(complete, "23 Oct", "24 Oct", "27 Oct", "28 Oct", "29 Oct", "30 Oct", "31 Oct")
    assert "has not approved after 2 reminders" in digest(complete, "3 Nov 07:35")
    complete.reply(again, CHAIR, "Approved")
    complete.beat("3 Nov 09:10")
    assert complete.state("leicester") == "approved"


def test_reminders_of_before_do_not_count_for_what_went_back(site: Played) -> None:
    letter = site.the_letter(LEAD, "2014/15 Q2")
    site.reply(letter, LEAD, "Our return", filled(letter, number="lots"))
    days(site, "16 Oct", "17 Oct", "20 Oct", "21 Oct", "22 Oct", "23 Oct", "24 Oct")
    assert "has not corrected" in digest(site, "27 Oct 07:35")
    order(site, "RETURN LEIC BECAUSE the figures are words", "27 Oct 09:20")
    assert "of Safer Leicester" not in digest(site, "28 Oct 07:35").partition("Where everybody stands")[0]
    reminders = days(site, "28 Oct", "29 Oct", "30 Oct", "31 Oct", "3 Nov", "4 Nov")
    assert len([x for x in reminders if x.to == LEAD and "figures are words" in said(x)]) >= 2
    assert "has not sent the next version after 2 reminders" in digest(site, "5 Nov 07:35")


def test_a_chair_named_since_has_not_been_reminded(complete: Played) -> None:
    days(complete, "17 Oct", "20 Oct", "21 Oct", "22 Oct", "23 Oct", "24 Oct")
    assert "has not approved after 2 reminders" in digest(complete, "27 Oct 07:35")
    order(complete, "CONTACT LEIC chair Cllr Ann Field <deputy@leicester.example>", "27 Oct 09:20")
    told = digest(complete, "28 Oct 07:35")
    assert "has not approved after" not in told
    assert "Named by order: Cllr Ann Field of Safer Leicester Partnership." in told
