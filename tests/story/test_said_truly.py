"""What an order is answered with, and the next morning's letter, say what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.story.bounces_told import bounce
from tests.story.site_told import CO_ORDINATOR, Played, filled, said

LEAD, DEPUTY = "lead@leicester.example", "deputy.co-ordinator@opcc.example"
HOLDS = "no letter leaves until you reply RESUME"


def order(site: Played, words: str, when: str) -> str:
    site.write(CO_ORDINATOR, "An order", words)
    site.beat(when)
    return said(next(x for x in site.new_letters(CO_ORDINATOR) if "You wrote" in x.text))


def digest(site: Played, when: str) -> str:
    """The morning's letter; where there was none, all that it might have said."""
    site.beat(when)
    letters = [x for x in site.new_letters(CO_ORDINATOR) if re.search("needs? you", x.subject)]
    return said(letters[0] if letters else site.told_in_full(when))


def short_id(text: str, word: str) -> str:
    found = re.search(rf"{word} ([0-9a-f]{{10}})", text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    "words", ["EXTEND LEIC TO 31 October BECAUSE ill", "CONTACT LEIC lead Jane Smith <jane@leicester.example>"]
)
def test_letters_that_an_order_promises_wait_while_sending_is_on_hold(site: Played, words: str) -> None:
    assert HOLDS not in order(site, words, "16 Oct 09:20")
    another = words.replace("31 October", "3 November").replace("jane", "sue")
    assert HOLDS in order(site, f"HOLD\n{another}", "16 Oct 09:30")


def test_letters_of_one_on_hold_wait_for_its_own_word(site: Played) -> None:
    site.beat("16 Oct 07:35")
    site.new_letters()
    told = order(site, "HOLD LEIC\nEXTEND LEIC TO 31 October BECAUSE ill", "16 Oct 09:20")
    assert "Safer Leicester Partnership is on hold: no letter goes there until you reply RESUME LEIC." in told
    morning = digest(site, "17 Oct 07:35")
    assert "on hold until you reply RESUME LEIC" in morning
    assert "HOLD Safer Leicester Partnership and EXTEND Safer Leicester Partnership." in morning
    assert "Letters go to Safer Leicester Partnership again" in order(site, "RESUME LEIC", "17 Oct 09:20")


def test_reminders_are_said_to_be_paused_only_where_somebody_is_reminded(site: Played) -> None:
    site.reply(site.the_letter(LEAD, "2014/15 Q2"), LEAD, "Does August count?")
    site.beat("16 Oct 10:00")
    assert "Reminders are paused." in digest(site, "17 Oct 07:35")
    order(site, "NIL LEIC BECAUSE nothing happened", "17 Oct 09:20")
    told = said(site.told_in_full("20 Oct 07:35"))
    assert "waits for your answer" in told
    assert "Reminders are paused." not in told


def test_what_may_be_an_information_request_is_never_put_off_and_it_is_said_why(site: Played) -> None:
    site.write("press@paper.example", "Request", "Under the Freedom of Information Act I request the figures.")
    site.beat("16 Oct 10:00")
    short = short_id(digest(site, "17 Oct 07:35"), "DONE")
    for words in (f"LATER {short}", f"LATER {short} TO 1 December"):
        assert "cannot wait, so it is not put off" in order(site, words, "17 Oct 09:20")
    order(site, f"DONE {short}", "17 Oct 09:30")
    assert short not in said(site.told_in_full("20 Oct 07:35"))


def test_an_address_that_is_lost_is_put_off_by_its_respondent(site: Played) -> None:
    site.drop(bounce(site.the_letter(LEAD, "2014/15 Q2"), to=LEAD))
    site.beat("16 Oct 10:00")
    assert "come back since" in digest(site, "17 Oct 07:35")
    assert "is put off until Tuesday 21 October 2014" in order(site, "LATER LEIC TO Tuesday", "17 Oct 09:20")
    told = digest(site, "20 Oct 07:35")
    assert "come back since" not in told
    assert "put off until Tuesday 21 October 2014: Safer Leicester Partnership." in told
    assert "come back since" in digest(site, "21 Oct 07:35")


def test_a_message_that_is_put_off_is_named_and_so_is_whose_it_is_said_to_be(site: Played) -> None:
    form = filled(site.the_letter(LEAD, "2014/15 Q2"))
    site.write("somebody@elsewhere.example", "Figures", "Our return.", form)
    site.beat("16 Oct 10:00")
    short = short_id(digest(site, "17 Oct 07:35"), "ASSIGN")
    order(site, f"LATER {short}", "17 Oct 09:20")
    assert f"Put off by order: message {short}." in digest(site, "20 Oct 07:35")
    assert "waits here again" in order(site, f"ASSIGN {short} RUTL", "20 Oct 09:20")
    assert "ASSIGN Rutland Community Safety Partnership" in digest(site, "21 Oct 07:35")
    assert "read again, as coming from Safer Leicester" in order(
        site, f"assign message {short} to LEIC", "21 Oct 09:20"
    )
    assert site.state("leicester") == "complete"


def test_the_deputys_orders_reach_her_at_once_while_she_is_here(site: Played) -> None:
    site.new_letters()
    site.write(DEPUTY, "Leicester", "HOLD LEIC, they have rung me")
    site.beat("16 Oct 10:00")
    shown = site.the_letter(CO_ORDINATOR, "Somebody wrote")
    assert "HOLD LEIC, they have rung me" in said(shown)
    assert "nothing in it is carried out" in said(shown)
    morning = digest(site, "17 Oct 07:35")
    assert "waits for your answer" in morning
    assert "ASSIGN" not in morning
    assert "is settled" in order(site, f"DONE {short_id(morning, 'DONE')}", "17 Oct 09:20")


def test_the_morning_before_anything_was_asked_says_so(tmp_path: Path) -> None:
    fresh = Played.laid_out(tmp_path / "opcc")
    assert "nothing has been asked of anybody." in digest(fresh, "15 Oct 07:35")


def test_what_a_deputy_wrote_beside_the_form_is_not_said_to_be_the_leads(site: Played) -> None:
    letter = site.the_letter(LEAD, "2014/15 Q2")
    site.new_letters()
    site.reply(letter, "deputy@leicester.example", "Ours. The burglary figure follows on Friday.", filled(letter))
    site.beat("16 Oct 10:00")
    told = {to: said(next(iter(site.new_letters(to)))) for to in (LEAD, "deputy@leicester.example")}
    assert "You also wrote" in told["deputy@leicester.example"]
    assert "You also wrote" not in told[LEAD]
    assert "The message with it also said" in told[LEAD]


def test_what_stands_beside_a_form_that_is_held_is_quoted_in_the_morning(site: Played) -> None:
    site.beat("16 Oct 09:10")
    letters = {x.to: x for x in site.new_letters() if x.workbooks}
    other = letters["lead@charnwood.example"]
    site.reply(letters[LEAD], LEAD, "The shared drive had this one, with the August figures.", filled(other))
    site.beat("16 Oct 10:00")
    assert 'They wrote: "The shared drive had this one, with the August figures."' in digest(site, "17 Oct 07:35")


def test_while_no_letter_reaches_the_co_ordinator_her_deputy_has_the_digest_and_may_order(site: Played) -> None:
    site.drop(bounce(site.told_in_full("16 Oct 07:35"), to=CO_ORDINATOR))
    site.beat("16 Oct 09:10")
    site.beat("17 Oct 07:35")
    copy = site.the_letter(DEPUTY, "this comes to you while no letter reaches Planning and Performance Co-ordinator")
    assert f"ADDRESS OK {CO_ORDINATOR}" in copy.text
    site.reply(copy, DEPUTY, f"ADDRESS OK {CO_ORDINATOR}")
    site.beat("17 Oct 09:10")
    assert "Done" in site.the_letter(DEPUTY, "ADDRESS OK").subject
    site.new_letters()
    site.beat("20 Oct 07:35")
    assert [x.to for x in site.new_letters() if " you today" in x.text] == [CO_ORDINATOR]


def test_a_deputy_who_takes_over_has_what_waits_though_nothing_of_it_is_new_to_her(site: Played) -> None:
    site.reply(site.the_letter(LEAD, "2014/15 Q2"), LEAD, "Does August count?")
    site.beat("16 Oct 10:00")
    site.beat("17 Oct 07:35")
    order(site, "AWAY FROM 20 October TO 24 October", "17 Oct 09:20")
    assert not [x for x in site.new_letters(DEPUTY) if " you" in x.subject]
    site.beat("20 Oct 07:35")
    assert "Does August count?" in said(site.the_letter(DEPUTY, "this comes to you while"))
    site.beat("21 Oct 07:35")
    assert not [x for x in site.new_letters(DEPUTY) if "this comes to you while" in said(x)], "once it is known"
