"""Mail that is not about the return goes at once to whoever deals with it, and stays until it is dealt with."""

from __future__ import annotations

from pathlib import Path

import pytest

from csp_workflow.steps.outside import Outside
from tests.story.site_told import CO_ORDINATOR, Played, filled, said

TEAM = "foi@opcc.example"
LEAD = "lead@rutland.example"
FOI = "Under the Freedom of Information Act please send me the minutes of your meetings."
CONCERN = "I am worried about a child in our street."


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A site that names who deals with information requests, whose requests have gone out; to be copied."""
    site = Played.laid_out(tmp_path_factory.mktemp("topics") / "opcc")
    file = site.place / "config" / "topics.toml"
    text = file.read_text("utf-8")
    mark = 'name = "an information request"\n'
    assert mark in text
    file.write_text(text.replace(mark, f'{mark}office = "our information team"\naddress = "{TEAM}"\n'), "utf-8")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    return site


@pytest.fixture
def site(opened: Played, tmp_path: Path) -> Played:
    return opened.copied_to(tmp_path / "opcc")


def digest(site: Played, when: str) -> str:
    return said(site.told_in_full(when))


def test_a_request_of_a_stranger_is_passed_on_held_or_not_and_stands_until_done(site: Played) -> None:
    site.reply(site.new_letters(CO_ORDINATOR)[-1], CO_ORDINATOR, "HOLD")
    site.write("jo@public.example", "Your meetings", FOI)
    site.write("jo@public.example", "Nothing of the kind", "Please ring me.")
    site.beat("16 Oct 10:00")
    letter = site.the_letter(TEAM, "may be an information request")
    assert "Answer due by law: Thursday 13 November 2014" in letter.text
    text = digest(site, "17 Oct 07:35")
    assert "jo@public.example wrote at" in text
    assert "passed on to our information team" in text
    short = str(site.ask(lambda outside: outside.store.service_status().topics[0].message[:10]))
    others = str(site.ask(lambda outside: next(m.id[:10] for m in outside.store.messages() if "kind" in m.subject)))
    site.write(CO_ORDINATOR, "Orders", f"DISMISS {short}, {others}")
    site.beat("17 Oct 10:00")
    assert f"DONE {short} settles it" in " ".join(site.new_letters(CO_ORDINATOR)[-1].text.split())
    text = digest(site, "20 Oct 07:35")
    assert "may be an information request" in text
    assert "Nothing of the kind" not in text, "the other one was dismissed"
    site.write(CO_ORDINATOR, "Orders", f"DONE {short}")
    site.beat("20 Oct 10:00")
    assert "information request" not in digest(site, "21 Oct 07:35").replace("Of those, settled", "")


def test_a_concern_beside_a_form_is_passed_on_and_the_return_is_taken(site: Played) -> None:
    request = next(x for x in site.new_letters(LEAD) if x.workbooks)
    site.reply(request, LEAD, f"Please find it attached.\n\n{CONCERN}", filled(request))
    site.beat("16 Oct 10:00")
    receipt = site.the_letter(LEAD, "nothing is missing")
    assert "because it may be a safeguarding concern" in " ".join(receipt.text.split())
    assert site.state("rutland") == "complete"
    passed = site.the_letter(CO_ORDINATOR, "We pass it on to you")
    site.reply(passed, CO_ORDINATOR, "DONE")
    site.beat("16 Oct 11:00")
    waiting = site.ask(lambda outside: [t for t in outside.store.service_status().topics if not t.settled])
    assert waiting == []


def test_a_message_that_was_assigned_afterwards_is_passed_on_once(site: Played) -> None:
    request = next(x for x in site.new_letters(LEAD) if x.workbooks)
    site.write("jo@public.example", "Our return", f"{CONCERN}\nPlease find it attached.", filled(request))
    site.beat("16 Oct 10:00")
    short = str(site.ask(lambda outside: outside.store.service_status().topics[0].message[:10]))
    site.write(CO_ORDINATOR, "Orders", f"ASSIGN {short} TO RUTL")
    site.beat("16 Oct 11:00")
    assert site.state("rutland") == "complete"

    def count(outside: Outside) -> tuple[int, int]:
        letters = [x for x in outside.store.letters() if x.kind == "passed-on"]
        return len(letters), len(outside.store.service_status().topics)

    assert site.ask(count) == (1, 1)


def test_words_in_a_saved_message_are_read(site: Played) -> None:
    inner = f"From: Jo <jo@public.example>\r\nTo: lead@rutland.example\r\nSubject: x\r\nDate: Thu, 16 Oct 2014 09:00:00 +0100\r\n\r\n{FOI}\r\n"  # noqa: E501
    site.write("kim@public.example", "Minutes", "Please see attached.", ("Minutes.eml", inner.encode()))
    site.beat("16 Oct 10:00")
    assert site.new_letters(TEAM)


def test_a_flood_of_strangers_does_not_flood_those_who_deal_with_it_and_none_is_lost(site: Played) -> None:
    for number in range(24):
        site.write(f"jo{number}@public.example", f"Question {number}", FOI)
    site.beat("16 Oct 10:00")
    letters = site.new_letters(TEAM)
    assert len(letters) == 21
    assert sum("No more is passed on today" in x.subject for x in letters) == 1
    text = digest(site, "17 Oct 07:35")
    assert text.count("may be an information request") == 24
    assert text.count("one too many") == 4
