"""One person leads at a partnership and chairs it: they are asked once, and their yes to what they send is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from csp_workflow.rehearsal.partners.mail import Post
from tests.story.site_told import CO_ORDINATOR, Q2, Played, filled, said

BOTH = "lead@charnwood.example"


@pytest.fixture(scope="module")
def one_person(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Charnwood's chair is its lead, and the quarter was sent out; to be copied, not played on."""
    site = Played.laid_out(tmp_path_factory.mktemp("one-person") / "opcc")
    config = site.place / "config" / "partnerships.toml"
    words = config.read_text("utf-8")
    assert words.count('address = "chair@charnwood.example"') == 1
    config.write_text(words.replace('"chair@charnwood.example"', f'"{BOTH}"'), "utf-8")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    return site


@pytest.fixture
def site(one_person: Played, tmp_path: Path) -> Played:
    """A copy of it of one's own."""
    return one_person.copied_to(tmp_path / "opcc")


def the_request(site: Played) -> Post:
    (request,) = site.new_letters(BOTH)
    return request


def test_one_letter_asks_and_says_that_they_are_the_chair_too(site: Played) -> None:
    request = the_request(site)
    assert "You are also the chair of Charnwood Community Safety Partnership on our record" in said(request)
    assert "Your chair" not in said(request)
    assert all("You are also the chair" not in said(x) for x in site.new_letters())


def test_the_receipt_asks_for_the_approval_and_one_chain_of_reminders_follows(site: Played) -> None:
    request = the_request(site)
    site.reply(request, BOTH, "Our return.", filled(request))
    site.beat("16 Oct 10:00")
    (receipt,) = site.new_letters(BOTH)
    assert "you are the chair of Charnwood Community Safety Partnership on our record" in said(receipt)
    assert "reply to this letter with the word APPROVED" in said(receipt)
    for day in (16, 17, 20):
        site.beat(f"{day} Oct 11:00")
    assert site.new_letters(BOTH) == [], "no letter asks besides"
    site.beat("21 Oct 11:00")
    (reminder,) = site.new_letters(BOTH)
    assert "We asked you on Thursday 16 October 2014, and have no answer yet" in said(reminder)
    assert "Everything else is in the form that you sent us." in said(reminder)
    site.reply(reminder, BOTH, "Approved")
    site.beat("21 Oct 12:00")
    assert site.state("charnwood") == "approved"
    (thanks,) = site.new_letters(BOTH)
    assert "is recorded: version 1" in said(thanks)


def test_their_plain_yes_to_the_receipt_approves(site: Played) -> None:
    request = the_request(site)
    site.reply(request, BOTH, "", filled(request))
    site.beat("16 Oct 10:00")
    (receipt,) = site.new_letters(BOTH)
    site.reply(receipt, BOTH, "Dear all,\n\nYes, approved.\n\nKind regards")
    site.beat("16 Oct 10:05")
    assert site.state("charnwood") == "approved"


@pytest.mark.parametrize("words", ["Approved", "Please find our return attached. I approve it.\n\nKind regards"])
def test_a_plain_yes_beside_the_complete_form_approves_exactly_that_version(site: Played, words: str) -> None:
    request = the_request(site)
    site.reply(request, BOTH, words, filled(request))
    site.beat("16 Oct 10:00")
    assert site.state("charnwood") == "approved"
    (receipt,) = site.new_letters(BOTH)
    assert "Your approval of this version, which you sent with the form, is recorded." in said(receipt)
    assert "with the word APPROVED" not in said(receipt)
    assert "You also wrote" not in said(receipt)
    site.reply(request, BOTH, "One figure was wrong.", filled(request, number=18))
    site.beat("17 Oct 10:00")
    assert site.state("charnwood") == "complete", "a later version is not approved by it"
    (again,) = site.new_letters(BOTH)
    assert "with the word APPROVED" in said(again)
    assert site.ask(lambda outside: outside.store.cycle_status(Q2).returns["charnwood"].approved) == ""


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        ("Approved, but please wait with the burglary figure", True),
        ("Approved?", True),
        ("Approved except M12", True),
        ("This is the draft. Approved", True),
        ("I shall approve it on Monday", False),
        ("Not approved yet", False),
    ],
)
def test_anything_beside_that_yes_leaves_it_open(site: Played, words: str, asks: bool) -> None:
    request = the_request(site)
    site.reply(request, BOTH, words, filled(request))
    site.beat("16 Oct 10:00")
    assert site.state("charnwood") == "complete"
    (receipt,) = site.new_letters(BOTH)
    assert "with the word APPROVED" in said(receipt)
    beside = said(receipt).partition("You also wrote, and Planning and Performance Co-ordinator is shown it:")[2]
    assert words in beside
    assert bool(site.new_letters(CO_ORDINATOR)) or not asks


def test_a_yes_beside_a_form_with_faults_or_with_another_file_approves_nothing(site: Played) -> None:
    request = the_request(site)
    site.reply(request, BOTH, "Approved", filled(request, number="see attached"))
    site.beat("16 Oct 10:00")
    assert site.state("charnwood") == "queried"
    site.reply(request, BOTH, "Approved", filled(request), ("Minutes.pdf", b"%PDF-1.4 minutes"))
    site.beat("16 Oct 11:00")
    assert site.state("charnwood") == "complete"


def test_no_letter_about_lateness_goes_to_them_as_to_a_stranger(site: Played) -> None:
    the_request(site)
    for day in (16, 17, 20, 21, 22, 23, 24, 27, 28, 29, 30, 31):
        site.beat(f"{day} Oct 07:35")
        site.beat(f"{day} Oct 09:05")
    site.beat("03 Nov 07:35")
    assert all("YES CHARN" not in x.text for x in site.new_letters(CO_ORDINATOR))
    assert all("not received" not in x.subject for x in site.new_letters(BOTH))


def test_what_somebody_else_sends_for_them_is_shown_to_them_in_full_once(site: Played) -> None:
    request = the_request(site)
    site.reply(request, "deputy@charnwood.example", "Our return. Approved", filled(request))
    site.beat("16 Oct 10:00")
    assert site.state("charnwood") == "complete", "a deputy is no chair"
    letters = site.new_letters(BOTH)
    assert len(letters) == 2
    asking = [x for x in letters if "with the word APPROVED" in said(x)]
    assert len(asking) == 1
    assert "The summary" in said(asking[0])
    told = next(x for x in letters if x not in asking)
    assert "We send you a letter that shows the return and asks you to approve it." in said(told)


def test_the_lead_of_one_and_chair_of_another_has_two_roles(tmp_path: Path) -> None:
    site = Played.laid_out(tmp_path / "opcc")
    config = site.place / "config" / "partnerships.toml"
    config.write_text(config.read_text("utf-8").replace('"chair@leicester.example"', f'"{BOTH}"'), "utf-8")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    letters = site.new_letters(BOTH)
    assert sorted("You need do nothing today" in said(x) for x in letters) == [False, True]
    request = next(x for x in letters if "Please fill in" in x.text)
    assert "You are also the chair" not in said(request)
    site.reply(request, BOTH, "Approved", filled(request))
    site.beat("16 Oct 10:00")
    assert site.state("charnwood") == "complete", "a lead approves nothing, whoever they chair"
    (receipt,) = site.new_letters(BOTH)
    assert "we ask your chair to approve the return" in said(receipt)
