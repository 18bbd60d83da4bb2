"""The morning letter names each thing once, with every word that would settle it."""

from __future__ import annotations

from tests.story.bounces_told import bounce
from tests.story.site_told import CO_ORDINATOR, Played, filled

LEAD, CHAIR = "lead@leicester.example", "chair@leicester.example"


def needs(site: Played, when: str) -> str:
    """What needs her decision, as the plain letter of that morning has it."""
    site.new_letters()
    return site.told_in_full(when).text.partition("New since the last")[0].partition("Where everybody stands")[0]


def flat(text: str) -> str:
    return " ".join(text.split())


def order(site: Played, words: str, when: str) -> str:
    site.write(CO_ORDINATOR, "Leicester", words)
    site.beat(when)
    return flat(next(x for x in site.new_letters(CO_ORDINATOR) if "You wrote" in x.text).text)


def test_a_chair_whom_no_letter_reaches_and_the_return_that_waits_are_one_thing(site: Played) -> None:
    letter = site.the_letter(LEAD, "2014/15 Q2")
    site.reply(letter, LEAD, "Ours", filled(letter))
    site.beat("16 Oct 10:00")
    site.drop(bounce(site.the_letter(CHAIR, "Please approve"), to=CHAIR))
    site.beat("16 Oct 11:00")
    told = needs(site, "17 Oct 07:35")
    assert "One thing needs you today." in told
    assert "is complete, and nobody is asked to approve it." in flat(told)
    for words in ("CONTACT LEIC chair Name Surname <address>", "APPROVED LEIC BY whom", f"ADDRESS OK {CHAIR}"):
        assert words in told
    assert "is recorded as approved by Cllr Jones" in order(
        site, "APPROVED LEIC BY Cllr Jones BECAUSE she rang us", "17 Oct 09:20"
    )
    assert "nobody is asked to approve" not in flat(needs(site, "20 Oct 07:35"))


def test_a_return_that_may_name_a_person_and_is_not_mended_is_one_thing(site: Played) -> None:
    letter = site.the_letter(LEAD, "2014/15 Q2")
    site.reply(letter, LEAD, "Ours", filled(letter, words="Mrs Jane Smith of LE1 1AA, born 3/4/1990, 07700 900123."))
    for day in (16, 17, 20, 21, 22, 23, 24):
        site.beat(f"{day} Oct 09:10")
    site.new_letters()
    told = needs(site, "27 Oct 07:35")
    assert told.count("ACCEPT LEIC") == 1
    assert "may name a person" in told
    assert "more cells)" in flat(told)
    assert "after 2 reminders." in flat(told)


def test_an_order_stands_on_one_line_however_long_it_is(site: Played) -> None:
    order(site, "CONTACT LEIC lead Margaret Fotheringham-Smythe <m.fotheringham@leicester.example>", "16 Oct 09:20")
    told = needs(site, "20 Oct 07:35")
    offered = next(line for line in told.splitlines() if "CONTACT LEIC" in line).strip().removeprefix("or:").strip()
    assert f"INSTEAD OF {LEAD}" in offered
    assert "whether this address is right" in order(site, offered, "20 Oct 09:20")
