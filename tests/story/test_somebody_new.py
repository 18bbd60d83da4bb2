"""The co-ordinator names somebody by order: the address is confirmed, then it gets what is owed, and nobody twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.terms.events import Event
from tests.story.bounces_told import bounce
from tests.story.site_told import CO_ORDINATOR, Q2, Played, filled, said

LEAD, DEPUTY, CHAIR = "lead@leicester.example", "deputy@leicester.example", "chair@leicester.example"
JANE = "jane.smith@leicester.example"
ORDER = f"CONTACT LEIC lead Jane Smith <{JANE}>"


def to_leicester(site: Played) -> list[Post]:
    return [letter for letter in site.new_letters() if "leicester" in letter.to]


def ordered(site: Played, words: str, when: str) -> Post:
    """An order of hers, and what is said back."""
    site.write(CO_ORDINATOR, "Leicester", words)
    site.beat(when)
    return next(x for x in site.new_letters(CO_ORDINATOR) if words.partition("\n")[0][:20] in said(x))


def named(site: Played, words: str = ORDER, when: str = "16 Oct 10:00") -> Post:
    """Somebody is named; the letter that asks whether the address is right."""
    site.new_letters()
    answer = ordered(site, words, when)
    assert "whether this address is right" in said(answer)
    (question,) = to_leicester(site)
    return question


def events(site: Played, kind: str) -> list[Event]:
    found = site.ask(lambda outside: [e for e in outside.store.events(None) if e.kind.value == kind])
    assert isinstance(found, list)
    return found


def test_a_new_lead_is_asked_first_and_then_gets_the_form_and_the_reminders_alone(site: Played) -> None:
    question = named(site)
    assert question.to == JANE
    assert "reply to this letter with one word: YES" in said(question)
    assert not question.workbooks
    for secret in ("Form:", "due by", "figures to fill in", LEAD):
        assert secret not in said(question)
    site.beat("16 Oct 11:00")
    assert to_leicester(site) == [], "until she answers she gets nothing else"
    site.reply(question, JANE, "Yes\n\nJane Smith\n")
    site.beat("16 Oct 12:00")
    (request,) = to_leicester(site)
    assert (request.to, len(request.workbooks)) == (JANE, 1)
    assert "because you now lead on it for Safer Leicester" in said(request)
    site.beat("21 Oct 09:10")
    assert {x.to for x in to_leicester(site)} == {JANE}, "never both are chased"
    site.reply(request, JANE, "Here is our return.", filled(request))
    site.beat("21 Oct 10:00")
    assert site.state("leicester") == "complete"
    assert {x.to for x in to_leicester(site)} == {JANE, CHAIR}


def test_a_new_lead_is_told_the_day_that_was_given_since_the_others_were_asked(site: Played) -> None:
    ordered(site, "EXTEND LEIC TO 7 November BECAUSE of a flood", "16 Oct 09:30")
    question = named(site)
    site.reply(question, JANE, "Yes")
    site.beat("16 Oct 12:00")
    request = next(x for x in to_leicester(site) if x.to == JANE)
    assert "send it back by 5pm on Friday 7 November 2014" in said(request)
    assert "comes after 5pm on Friday 14 November 2014" in said(request)


def test_a_lead_who_comes_after_the_due_date_gets_the_form_with_the_days_counted(site: Played) -> None:
    for day in (17, 21, 23, 27, 29, 31):
        site.beat(f"{day} Oct 09:10")
    question = named(site, when="31 Oct 10:00")
    site.new_letters()
    site.reply(question, JANE, "Yes")
    site.beat("31 Oct 11:00")
    (reminder,) = to_leicester(site)
    assert (reminder.to, len(reminder.workbooks)) == (JANE, 1)
    assert "late" in said(reminder) or "was due" in said(reminder)
    for when in ("31 Oct 11:10", "31 Oct 12:00"):
        site.beat(when)
        assert to_leicester(site) == []


def test_before_the_address_is_confirmed_what_it_sends_waits_and_the_old_lead_is_chased(site: Played) -> None:
    request = site.the_letter(LEAD, "Please fill in")
    named(site)
    site.reply(request, JANE, "Here is our return.", filled(request))
    site.beat("16 Oct 11:00")
    assert site.state("leicester") == "requested"
    assert to_leicester(site) == [], "the lead is not asked about somebody whom the co-ordinator named"
    site.beat("17 Oct 07:35")
    digest = site.new_letters(CO_ORDINATOR)[-1]
    assert "has not confirmed that the address is right" in said(digest)
    site.reply(digest, CO_ORDINATOR, f"YES {JANE}")
    site.beat("17 Oct 09:10")
    assert site.state("leicester") == "complete", "what waited is read once she counts"


def test_what_is_no_plain_yes_goes_to_the_co_ordinator_whose_own_yes_confirms_it(site: Played) -> None:
    question = named(site)
    site.reply(question, JANE, "Yes, but only from December please.")
    site.beat("16 Oct 11:00")
    (shown,) = site.new_letters(CO_ORDINATOR)
    assert "only from December" in said(shown)
    assert f"YES {JANE} confirms it all the same" in said(shown)
    assert to_leicester(site) == []
    assert events(site, "contact confirmed") == []
    site.reply(shown, CO_ORDINATOR, f"YES {JANE}\nDONE")
    site.beat("16 Oct 12:00")
    assert [x.to for x in to_leicester(site)] == [JANE]


def test_an_address_that_says_nothing_is_told_after_two_working_days_with_words_that_work(site: Played) -> None:
    question = named(site)
    site.beat("17 Oct 07:35")
    assert not [x for x in site.new_letters(CO_ORDINATOR) if "has not answered" in said(x)]
    site.beat("20 Oct 07:35")
    digest = site.new_letters(CO_ORDINATOR)[-1]
    assert "has not answered whether the address is right" in said(digest)
    for words in (f"YES {JANE}", f"CONTACT LEIC lead Jane Smith <{JANE}>", f"NO {JANE}"):
        assert words in said(digest)
    site.reply(digest, CO_ORDINATOR, f"CONTACT LEIC lead Jane Smith <{JANE}>")
    site.beat("20 Oct 09:10")
    again = [x for x in to_leicester(site) if x.to == JANE]
    assert [said(x) == said(question) or "reply to this letter with one word" in said(x) for x in again] == [True]
    site.reply(digest, CO_ORDINATOR, f"NO {JANE}")
    site.beat("20 Oct 09:20")
    assert "is not asked for Safer Leicester" in said(site.new_letters(CO_ORDINATOR)[-1])
    site.reply(again[0], JANE, "Yes")
    site.beat("20 Oct 09:30")
    assert to_leicester(site) == []
    assert len(events(site, "contact confirmed")) == 0


def test_a_new_address_that_does_not_exist_is_told_at_once_and_nobody_is_asked_in_its_place(site: Played) -> None:
    question = named(site)
    site.drop(bounce(question, to=JANE))
    site.beat("16 Oct 11:00")
    (told,) = site.new_letters()
    assert told.to == CO_ORDINATOR
    assert "Letters come back" in told.subject
    site.beat("17 Oct 07:35")
    digest = said(site.new_letters(CO_ORDINATOR)[-1])
    assert "letters there come back" in digest
    assert f"NO {JANE}" in digest


def test_a_leavers_successor_is_one_reply_away(site: Played) -> None:
    request = site.the_letter(LEAD, "Please fill in")
    site.new_letters()
    site.reply(request, LEAD, f"I have now left the council. Please contact Jane Smith at {JANE} instead.")
    site.beat("16 Oct 10:00")
    (told,) = (x for x in site.new_letters(CO_ORDINATOR) if "Their words:" in said(x))
    offered = f"CONTACT LEIC lead <{JANE}>"
    assert offered in [line.strip() for line in told.text.splitlines()]
    site.new_letters()
    digest = site.told_in_full("17 Oct 07:35")
    assert offered in said(digest)
    site.reply(digest, CO_ORDINATOR, offered)
    site.beat("17 Oct 09:10")
    question = next(x for x in site.new_letters() if x.to == JANE)
    site.reply(question, JANE, "Yes, that's me. Thank you.")
    site.beat("17 Oct 09:20")
    assert JANE in [x.to for x in to_leicester(site)]
    assert "no longer does this work" not in said(site.told_in_full("20 Oct 07:35"))


@pytest.mark.parametrize(
    ("words", "named"), [(f"Please write to Jane Smith, {JANE}, from now on.", JANE), ("That would be me.", DEPUTY)]
)
def test_an_answer_to_who_to_write_to_is_one_reply_away_too(site: Played, words: str, named: str) -> None:
    request = site.the_letter(LEAD, "Please fill in")
    site.new_letters()
    site.drop(bounce(request))
    site.beat("16 Oct 10:00")
    (asked,) = to_leicester(site)
    site.reply(asked, DEPUTY, words)
    site.beat("16 Oct 10:30")
    (shown,) = site.new_letters(CO_ORDINATOR)
    lines = [line.strip() for line in shown.text.splitlines()]
    offered = ORDER if named == JANE else f"CONTACT LEIC lead <{named}>"
    assert offered in lines
    done = next(word for line in lines for word in [line.partition("with ")[2]] if word.startswith("DONE"))
    site.new_letters()
    site.reply(shown, CO_ORDINATOR, f"{offered}\n{' '.join(done.split()[:2])}")
    site.beat("16 Oct 11:00")
    (letter,) = to_leicester(site)
    assert (letter.to, bool(letter.workbooks)) == (named, named == DEPUTY)


def test_somebody_whom_letters_about_it_reach_already_needs_no_confirmation(site: Played) -> None:
    site.new_letters()
    answer = ordered(site, f"CONTACT LEIC lead {DEPUTY}", "16 Oct 10:00")
    assert "need not be confirmed" in said(answer)
    (request,) = to_leicester(site)
    assert (request.to, len(request.workbooks)) == (DEPUTY, 1)


def test_a_request_that_has_not_left_goes_to_whoever_leads_by_then(tmp_path: Path) -> None:
    site = Played.laid_out(tmp_path / "opcc")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 08:00")
    ordered(site, f"CONTACT LEIC lead {DEPUTY}", "15 Oct 08:10")
    site.beat("15 Oct 09:10")
    site.beat("15 Oct 09:11")
    assert sorted((x.to, len(x.workbooks)) for x in to_leicester(site) if x.workbooks) == [(CHAIR, 1), (DEPUTY, 1)]


def test_a_new_chair_is_asked_to_approve_what_waits(site: Played) -> None:
    request = site.the_letter(LEAD, "Please fill in")
    site.reply(request, LEAD, "Our return.", filled(request))
    site.beat("16 Oct 09:30")
    new = "jo@leicester.example"
    question = named(site, f"CONTACT LEIC chair Cllr Jo Field <{new}>")
    site.reply(question, new, "Yes")
    site.beat("16 Oct 11:00")
    (asked,) = to_leicester(site)
    assert asked.to == new
    site.reply(asked, new, "Approved")
    site.reply(asked, CHAIR, "Approved")
    site.beat("16 Oct 12:00")
    assert site.state("leicester") == "approved"
    assert site.ask(lambda o: o.store.cycle_status(Q2).returns["leicester"].approval.by) == new


def test_from_a_day_to_come_nothing_changes_before_it(site: Played) -> None:
    question = named(site, f"{ORDER} FROM 23 October")
    site.reply(question, JANE, "Yes")
    site.beat("16 Oct 11:00")
    assert to_leicester(site) == []
    site.beat("21 Oct 09:10")
    assert {x.to for x in to_leicester(site)} == {LEAD}
    site.beat("23 Oct 09:10")
    assert {x.to for x in to_leicester(site)} == {JANE}


def test_an_order_that_stands_beside_words_that_are_not_understood_asks_nobody(site: Played) -> None:
    site.new_letters()
    site.write(CO_ORDINATOR, "Leicester", f"{ORDER}\nbut let me ring her before you do")
    site.beat("16 Oct 10:00")
    assert to_leicester(site) == []
    assert events(site, "contact named") == []


def test_who_named_somebody_for_a_lead_that_left_is_not_asked_to_while_the_new_one_is(site: Played) -> None:
    request = next(x for x in site.new_letters(LEAD) if x.workbooks)
    site.reply(request, LEAD, "I left the council last month, please write to somebody else.")
    site.beat("16 Oct 10:00")
    ordered(site, ORDER, "16 Oct 11:00")
    assert "No letter reaches" not in said(site.told_in_full("17 Oct 07:35"))
    ordered(site, f"NO {JANE}", "20 Oct 10:00")
    assert "No letter reaches" in said(site.told_in_full("21 Oct 07:35"))
