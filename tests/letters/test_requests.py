"""The letters that open a cycle, read as their readers read them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time

import pytest
from letters_told import BOARDS, CHAIR, DATES, LEAD, OFFICE, SITE, WORDS, enclosure

from csp_workflow.letters import proofs, requests
from csp_workflow.letters.catalogue import render
from csp_workflow.terms.dates import london
from csp_workflow.terms.events import Manner
from csp_workflow.terms.site import RespondentKind

CHARN = enclosure()
MELTN = enclosure("MELTN", "Melton Community Safety Partnership")


def read(letter, **how):
    """The letter's words with line breaks taken out, so that a sentence can be looked for."""
    words = render(letter, OFFICE, environment=SITE, **how)
    return " ".join(words.text.split()), words


def lay_out(*letters):
    made = []
    for letter in letters:
        words = render(letter, OFFICE, environment=SITE)
        made.append(proofs.ProofLetter(letter=letter, subject=words.subject, text=words.text, leaves=DATES.open))
    return made


def every_letter():
    asked = requests.request(LEAD, [CHARN, MELTN], DATES, words=WORDS)
    return [
        requests.request(LEAD, [CHARN], DATES, words=WORDS),
        asked,
        requests.request_contributor(LEAD, [CHARN, MELTN], DATES, words=WORDS),
        requests.request_analyst(LEAD, [enclosure("FORCE", kind=RespondentKind.ANALYST)], DATES, words=WORDS),
        requests.request_chair(CHAIR, [CHARN.form], DATES, leads={"charn": LEAD.name}),
        proofs.proof_pack(OFFICE.co_ordinator, lay_out(asked), DATES, boards=BOARDS),
    ]


def test_a_request_says_what_is_asked_by_when_and_how():
    letter = requests.request(LEAD, [CHARN], DATES, words=WORDS)
    text, words = read(letter)
    assert words.subject.startswith("Return for July to September 2014, due Tuesday 28 October 2014 [CSP 2014/15-Q2 CH")
    assert "send it back by 5pm on Tuesday 28 October 2014" in text
    assert "2 figures to fill in, 1 police figure to check and 2 short texts" in text
    assert "Save the attached workbook" in text
    assert "boxes with a thick border" in text
    assert "reply to this letter with the workbook attached" in text
    assert "phone 0116 496 0000" in text
    assert "Reply with NIL" in text or "reply with NIL" in text
    assert "after 5pm on Tuesday 4 November 2014" in text
    assert letter.manner is Manner.TIMED
    assert letter.attachments == (CHARN.workbook,)


def test_an_officer_of_two_districts_gets_one_letter_with_two_forms():
    letter = requests.request(LEAD, [CHARN, MELTN], DATES, words=WORDS)
    text, words = read(letter)
    assert "the two attached forms, one for each partnership" in text
    assert "[CSP 2014/15-Q2 CHARN MELTN #" in words.subject
    assert len(letter.attachments) == 2
    assert letter.respondents == ("charn", "meltn")


def test_two_due_dates_are_both_said():
    later = enclosure("MELTN", due=london(date(2014, 10, 31), time(17)))
    text, _ = read(requests.request(LEAD, [CHARN, later], DATES, words=WORDS))
    assert "by the dates below" in text
    assert "Due: 5pm on Tuesday 28 October 2014" in text
    assert "Due: 5pm on Friday 31 October 2014" in text


def test_the_same_form_is_asked_for_once_and_a_new_revision_again():
    first = requests.request(LEAD, [CHARN], DATES, words=WORDS)
    again = requests.request(LEAD, [CHARN], DATES, words=WORDS)
    revised = requests.request(LEAD, [enclosure(revision=2)], DATES, words=WORDS)
    assert first.cause == again.cause != revised.cause
    assert "replaces the one we sent you before" in read(revised)[0]
    assert "replaces" not in read(first)[0]


def test_in_a_pre_election_period_quotations_and_candidates_stay_out():
    asked = requests.request(LEAD, [CHARN], replace(DATES, pre_election=True), words=WORDS)
    assert "leave out quotations and the names of candidates" in read(asked)[0]


def test_a_chair_is_told_that_nothing_need_be_done_and_when_approval_is_asked():
    letter = requests.request_chair(CHAIR, [CHARN.form], DATES, leads={"charn": "Community Safety Lead"})
    text, _ = read(letter)
    assert "You need do nothing today." in text
    assert "Asked: Community Safety Lead" in text
    assert "the meeting on Monday 1 December 2014" in text
    assert "nothing is held up" in text
    assert letter.attachments == ()


def test_a_chair_whose_partnership_has_no_lead_is_asked_who_it_is():
    assert "please tell us who it is" in read(requests.request_chair(CHAIR, [CHARN.form], DATES, leads={}))[0]


def test_the_analyst_is_told_what_the_extract_is_for():
    form = enclosure("FORCE", due=DATES.extract_due, kind=RespondentKind.ANALYST)
    text, words = read(requests.request_analyst(LEAD, [form], DATES, words=WORDS))
    assert "due Tuesday 14 October 2014" in words.subject
    assert "The forms are planned for Wednesday 15 October 2014" in text


def test_a_request_without_a_form_is_refused():
    with pytest.raises(ValueError, match="at least one form"):
        requests.request(LEAD, [], DATES, words=WORDS)


def test_the_proof_pack_lays_every_recipient_date_letter_and_workbook_before_the_co_ordinator():
    chair = requests.request_chair(CHAIR, [CHARN.form], DATES, leads={})
    asked = requests.request(LEAD, [CHARN, MELTN], DATES, words=WORDS)
    dates = replace(DATES, warnings=("The Panel cannot take 2014/15 Q2.",))
    letter = proofs.proof_pack(
        OFFICE.co_ordinator, lay_out(asked, chair), dates, boards=BOARDS, remarks=["Melton has no chair on record."]
    )
    text, _ = read(letter)
    assert "2 letters to 2 people, with 2 forms. Nothing has been sent." in text
    assert "reply with SEND" in text
    assert "reply with HOLD" in text
    for said in (
        LEAD.address,
        CHAIR.address,
        CHARN.workbook.name,
        "Wednesday 15 October 2014",
        "Strategic Partnership",
    ):
        assert said in text
    assert "The Panel cannot take 2014/15 Q2." in text
    assert "Melton has no chair on record." in text
    words, by_person, *books = letter.attachments
    assert f"{LEAD.name},{LEAD.address},2014-10-15,,Request for a return" in by_person.data.decode("utf-8-sig")
    assert tuple(books) == (CHARN.workbook, MELTN.workbook)
    assert "Save each workbook" in words.data.decode("utf-8-sig")
    assert letter.manner is Manner.OFFICE
    assert letter.respondents == ("charn", "meltn")


def test_an_unchanged_proof_is_one_letter_and_a_changed_one_another():
    pack = [
        proofs.proof_pack(
            OFFICE.co_ordinator, lay_out(requests.request(LEAD, [form], DATES, words=WORDS)), DATES, boards=BOARDS
        )
        for form in (CHARN, CHARN, enclosure(revision=2), enclosure(size=2_001))
    ]
    assert pack[0].cause == pack[1].cause
    assert len({letter.cause for letter in pack}) == 3


def test_forms_that_would_not_fit_into_one_message_are_listed_only():
    big = [enclosure(f"C{place}", size=4_000_000) for place in range(6)]
    letter = proofs.proof_pack(
        OFFICE.co_ordinator,
        lay_out(*(requests.request(LEAD, [form], DATES, words=WORDS) for form in big)),
        DATES,
        boards=BOARDS,
    )
    text, _ = read(letter)
    assert 2 <= len(letter.attachments) < 6
    assert sum(len(file.data) for file in letter.attachments) * 4 / 3 < proofs.PROOF_ROOM
    assert f"{len(letter.attachments) - 2} of 6 forms, in the order of the list" in text
    assert all(form.workbook.name in text for form in big)


def test_a_proof_with_no_letter_says_so():
    text, _ = read(proofs.proof_pack(OFFICE.co_ordinator, [], DATES, boards=BOARDS, remarks=["Nobody is on record."]))
    assert "there is no letter to send" in text


@pytest.mark.parametrize("letter", every_letter(), ids=lambda letter: letter.kind)
def test_letters_keep_their_voice(letter):
    text, words = read(letter, illustrative=True, marking="OFFICIAL")
    assert not re.search(r"target|!|\bmust\b|failure|statutory|undefined", text, re.IGNORECASE)
    assert "!" not in re.sub(r"<[^>]*>|@media.*?</style>", "", words.html, flags=re.DOTALL)
    assert text.startswith(f"OFFICIAL Dear {letter.recipient_name},")
    assert "http" not in words.html
    assert max(map(len, words.text.splitlines())) <= 78


@pytest.mark.parametrize("letter", every_letter(), ids=lambda letter: letter.kind)
def test_both_bodies_say_the_same_words(letter):
    words = render(letter, OFFICE, environment=SITE, illustrative=True)
    page = re.sub(r"<(style|title)>.*?</\1>|<!--.*?-->", " ", words.html, flags=re.DOTALL)
    page = re.sub(r"<[^>]+>", " ", page).replace("\u2019", "'").replace("&amp;", "&")
    spoken = set(re.findall(r"[a-z]{5,}", page.lower()))
    written = set(re.findall(r"[a-z]{5,}", words.text.lower()))
    assert written - spoken <= {"force", "leaves", "earliest", "illustrative"}
