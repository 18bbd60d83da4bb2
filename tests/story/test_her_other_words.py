"""A morning of hers by replies alone: she telephones, looks something up, has it explained, ends and reopens."""

from __future__ import annotations

import re

import pytest

from tests.story.site_told import CO_ORDINATOR, Played, filled

LEIC, CHARN = "lead@leicester.example", "lead@charnwood.example"
DEPUTY = "deputy.co-ordinator@opcc.example"


def said(site: Played, words: str) -> str:
    return " ".join(site.the_letter(CO_ORDINATOR, words).text.split())


def order(site: Played, words: str, when: str) -> str:
    """She writes orders: all that she gets for it, on one line."""
    site.new_letters(CO_ORDINATOR)
    site.write(CO_ORDINATOR, "An order", words)
    site.beat(when)
    return " ".join(f"{x.subject} {' '.join(x.text.split())}" for x in site.new_letters(CO_ORDINATOR))


def test_a_call_is_recorded_and_stands_in_status(site: Played) -> None:
    told = order(site, "CALLED Leicester, they will send on Friday", "16 Oct 11:00")
    assert "is recorded: they will send on Friday." in told
    assert "Friday 17 October 2014 is over" in told
    told = order(site, "STATUS", "16 Oct 11:05")
    assert "phoned 16 Oct 2014: they will send on Friday" in told


def test_a_return_is_shown_as_it_came(site: Played) -> None:
    asked = site.the_letter(LEIC, "2014/15 Q2")
    assert "Nothing has come from" in order(site, "SHOW LEIC", "16 Oct 11:00")
    name, data = filled(asked)
    site.reply(asked, LEIC, "Here it is.", (name, data))
    site.beat("16 Oct 12:00")
    site.new_letters(CO_ORDINATOR)
    site.write(CO_ORDINATOR, "An order", "show me the return of Leicester")
    site.beat("16 Oct 12:10")
    shown = next(x for x in site.new_letters(CO_ORDINATOR) if x.subject.startswith("The return of"))
    assert [(file, content) for file, content in shown.workbooks] == [(name, data)]


def test_a_question_is_shown_and_explained(site: Played) -> None:
    site.reply(site.the_letter(LEIC, "2014/15 Q2"), LEIC, "May we have until Friday?")
    site.beat("16 Oct 10:00")
    found = re.search(r"DONE ([0-9a-f]{10})", said(site, "May we have until Friday?"))
    assert found
    site.write(CO_ORDINATOR, "Look", f"SHOW {found[1]}\nEXPLAIN {found[1]}")
    site.beat("16 Oct 11:00")
    letters = site.new_letters(CO_ORDINATOR)
    shown = next(x for x in letters if "as it came" in x.subject)
    assert "Attached: The message as it came.eml." in " ".join(shown.text.split())
    explained = next(x for x in letters if x.subject.startswith(f"Message {found[1]}") and "came" not in x.subject)
    text = " ".join(explained.text.split())
    assert "Reply: ANSWER" in text
    assert "If you leave it, it stays in the morning letter." in text
    site.reply(shown, CO_ORDINATOR, "DONE")
    site.beat("16 Oct 11:10")
    assert "is settled" in said(site, "You wrote")
    assert "waits for you again" in order(site, f"REOPEN {found[1]}", "16 Oct 11:20")
    again = order(site, f"DONE {found[1]}\nREOPEN {found[1]}\nDONE {found[1]}\nREOPEN {found[1]}", "16 Oct 11:30")
    assert again.count("waits for you again") == 2
    assert "waits for nobody" not in again
    assert "waits for your answer" in " ".join(site.told_in_full("17 Oct 07:35").text.split())


def test_why_a_return_stands_and_what_comes_is_explained(site: Played) -> None:
    told = order(site, "status of Leicester", "16 Oct 11:00")
    assert "Where Safer Leicester Partnership stands" in told
    assert "is requested" in told
    assert "the next to leave is this: reminder before the due day, on" in told
    assert "is recorded as not received, and the paper says so." in told


@pytest.mark.parametrize("line", ["EXPLAIN", "SHOW LEIC and the chair", "EXPLAIN nobody", "SHOW ffffffffff"])
def test_what_cannot_be_looked_up_is_asked_about(site: Played, line: str) -> None:
    assert "Nothing was changed." in order(site, line, "16 Oct 11:00")


def test_the_lead_is_told_of_an_end_and_of_the_way_back(site: Played) -> None:
    site.new_letters(CHARN)
    order(site, "DECLINE CHARN BY Pat Smith BECAUSE nobody is in post", "16 Oct 11:00")
    assert "Pat Smith told us: nobody is in post." in " ".join(site.the_letter(CHARN, "will not report").text.split())
    assert site.state("charnwood") == "declined"
    order(site, "REOPEN CHARN BECAUSE somebody is in post now", "16 Oct 11:30")
    assert site.state("charnwood") == "requested"
    assert "we ask you for the return again" in " ".join(site.the_letter(CHARN, "return again").text.split())


def test_help_names_what_matters_now_and_each_of_it_can_be_carried_out(site: Played) -> None:
    told = order(site, "HELP", "16 Oct 11:00")
    assert "HELP ALL lists every order there is." in told
    echo = told.partition("Done: HELP")[2].partition("HELP ALL lists")[0]
    assert len(echo.split()) < 180, echo


def test_while_she_is_away_her_deputy_may_order_and_gets_the_morning_letter(site: Played) -> None:
    told = order(site, "AWAY FROM 17 October TO 20 October", "16 Oct 11:00")
    assert "BACK ends it earlier." in told
    site.write(DEPUTY, "An order", "HOLD LEIC")
    site.beat("16 Oct 11:10")
    assert not site.new_letters(DEPUTY), "she is not away yet"
    site.beat("17 Oct 07:35")
    assert "is away" in " ".join(site.the_letter(DEPUTY, "2014/15 Q2 is open").text.split())
    site.write(DEPUTY, "An order", "HOLD LEIC")
    site.beat("17 Oct 09:00")
    assert "Nothing is sent to" in " ".join(site.the_letter(DEPUTY, "You wrote").text.split())
    order(site, "BACK", "17 Oct 10:00")
    site.write(DEPUTY, "An order", "RESUME LEIC")
    site.beat("17 Oct 10:10")
    assert not [x for x in site.new_letters(DEPUTY) if x.subject.startswith("Done")]
