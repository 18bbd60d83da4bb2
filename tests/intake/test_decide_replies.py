"""Words without a form: approvals, nil, declined, questions, thanks, forgotten files, machines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.terms.dates import CycleState
from csp_workflow.terms.events import About, LetterState, Manner, QueuedLetter
from csp_workflow.terms.messages import ORDERS_HELD
from csp_workflow.terms.returns import ReadForm, Unreadable
from tests.intake.intake_factory import (
    CHARNWOOD,
    FORMS,
    NOW,
    Q2,
    SITE,
    after,
    came_back,
    complete,
    cycle,
    decided,
    facts,
    good,
    happened,
    kinds,
    mail,
    verdict,
)  # fmt: skip

QUOTED = "\n\nOn 19/10/2014 09:00, returns@opcc.example wrote:\n> Please approve the return.\n> Approved\n"


# Nil, declined -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Nil return.", "nil"),
        ("nothing to report\n\nThanks", "nil"),
        ("We decline", "declined"),
        ("Nil return for Charnwood", "nil"),
    ],
)
def test_a_listed_phrase_from_the_lead_is_recorded_and_confirmed(words: str, expected: str) -> None:
    decision = decided(mail(words), facts())
    assert verdict(decision) == expected
    assert kinds(decision) == [f"{expected}-recorded"]
    assert after(decision).stands("charnwood").state.value == expected


@pytest.mark.parametrize(("words", "expected"), [("Nil return", "nil"), ("We decline", "declined")])
def test_what_a_chair_says_of_a_return_the_lead_who_owes_it_is_told(words: str, expected: str) -> None:
    decision = decided(mail(words, sender="chair@charnwood.example"), facts())
    told = {x.recipient: x.facts["by"] for x in decision.letters if x.kind == f"{expected}-recorded"}
    assert told == {"chair@charnwood.example": "", "lead@charnwood.example": "Chair of Charnwood CSP"}


def test_an_officer_of_two_districts_must_say_which() -> None:
    sender, subject = "officer@county.example", "Returns"
    named = decided(mail("Nil return Blaby", sender=sender, subject=subject), facts())
    assert named.judgement is not None
    assert named.judgement.respondents == ("blaby",)
    below = decided(mail("Nil return\nHarborough CSP", sender=sender, subject=subject), facts())
    assert below.judgement is not None
    assert below.judgement.respondents == ("harborough",)
    assert verdict(decided(mail("Nil return", sender=sender, subject=subject), facts())) == "question"
    assert verdict(decided(mail("Nil return for both", sender=sender, subject=subject), facts())) == "question"


@pytest.mark.parametrize(
    ("words", "order"), [("Nil return", "NIL {} BECAUSE reason"), ("We decline", "DECLINE {} BECAUSE reason")]
)
def test_nil_after_a_return_came_waits_with_the_order_that_records_it(words: str, order: str) -> None:
    _, now = complete()
    decision = decided(mail(words), facts(cycles=(now,)))
    assert decision.judgement is not None
    assert (verdict(decision), ORDERS_HELD[decision.judgement.reason]) == ("held", order)
    assert kinds(decision) == ["question-received"]
    assert after(decision, now).stands("charnwood").held_messages, "nobody is asked to approve meanwhile"


def test_nil_twice_is_a_duplicate() -> None:
    first = decided(mail("Nil return"), facts())
    again = decided(mail("Nil return."), facts(cycles=(after(first),)))
    assert (verdict(again), again.events, again.letters) == ("duplicate", (), ())


# Questions, thanks, nothing attached ---------------------------------------------------------------


def test_a_question_pauses_the_chase_is_acknowledged_and_reaches_the_co_ordinator_with_its_words() -> None:
    decision = decided(mail("Which burglary definition applies?\n\nThe lead" + QUOTED), facts())
    assert verdict(decision) == "question"
    assert after(decision).stands("charnwood").is_paused
    forwarded = decision.letters[-1]
    assert (forwarded.kind, forwarded.manner) == ("question", Manner.OFFICE)
    assert forwarded.facts["words"].startswith("Which burglary definition applies?")
    assert "Please approve" not in forwarded.facts["words"]
    assert decision.judgement is not None
    assert decision.judgement.message[:10] in forwarded.facts["order"]


def test_a_question_of_two_districts_pauses_both() -> None:
    decision = decided(mail("May we have a week more?", sender="officer@county.example", subject="Time"), facts())
    assert [e.respondent for e in decision.events] == ["blaby", "harborough"]


@pytest.mark.parametrize(
    "words", ["Thanks", "Thank you.\n\nKind regards\nThe lead", "Noted, many thanks", "OK, thanks for letting me know"]
)
def test_thanks_need_no_answer(words: str) -> None:
    decision = decided(mail(words), facts())
    assert (verdict(decision), decision.letters, decision.events) == ("noise", (), ())


@pytest.mark.parametrize("words", ["Please find attached our return.", ""])
def test_a_forgotten_attachment_is_asked_for(words: str) -> None:
    decision = decided(mail(words), facts())
    assert (verdict(decision), kinds(decision)) == ("no workbook", ["no-workbook"])
    assert decision.letters[0].facts["has_link"] is False


def test_a_link_in_place_of_a_file_is_told_so() -> None:
    decision = decided(mail("Here: https://county.sharepoint.com/:x:/s/return"), facts())
    assert kinds(decision) == ["no-workbook"]
    assert decision.letters[0].facts["has_link"] is True


@pytest.mark.parametrize(
    ("reason", "expected"), [("pdf", "unreadable"), ("password", "unreadable"), ("hostile", "quarantined")]
)
def test_a_file_that_cannot_be_read_gets_its_own_sentence(reason: str, expected: str) -> None:
    decision = decided(mail(), facts(Unreadable(reason=reason, sentence="What to do.")))
    assert (verdict(decision), kinds(decision)) == (expected, ["unreadable-file"])
    assert decision.letters[0].facts["files"][0].sentence == "What to do."


def test_a_message_that_the_mail_server_does_not_hand_out_is_not_called_too_large() -> None:
    decision = decided(replace(mail(""), size=20_000), facts(whole=False))
    assert kinds(decision) == ["unreadable-file"]
    (letter,) = decision.letters
    assert "did not hand its content out" in letter.facts["files"][0].sentence


def test_a_message_above_the_size_limit_is_told_so_and_not_that_nothing_was_attached() -> None:
    decision = decided(replace(mail(""), size=28_000_000), facts(whole=False))
    assert (verdict(decision), kinds(decision)) == ("unreadable", ["unreadable-file"])
    (file,) = decision.letters[0].facts["files"]
    assert file.name == "Your message (28 MB)"
    assert "too large" in file.sentence


# The office, strangers, machines -----------------------------------------------------------------------


def test_the_co_ordinators_words_are_a_command_for_the_desk() -> None:
    decision = decided(mail("SEND", sender="coordinator@opcc.example", subject="Re: Proof"), facts())
    assert (verdict(decision), decision.events, decision.letters) == ("command", (), ())


def test_the_deputys_words_are_put_before_the_co_ordinator_while_she_is_here() -> None:
    decision = decided(mail("SEND", sender="deputy@opcc.example", subject="Re: Proof"), facts())
    assert (verdict(decision), kinds(decision)) == ("question", ["question"])


def test_a_strangers_words_are_set_aside_and_nobody_is_told() -> None:
    decision = decided(mail("Hello", sender="x@elsewhere.example", subject="Hi"), facts())
    assert (verdict(decision), happened(decision), decision.letters) == ("quarantined", ["MESSAGE_HELD"], ())
    assert decision.events[0].facts["why"] == "strangers"


def test_words_from_an_organisation_we_know_that_answer_nothing_are_held_without_a_letter() -> None:
    decision = decided(mail("Hello", sender="x@charnwood.example", subject="Hi"), facts())
    assert (verdict(decision), happened(decision), decision.letters) == ("held", ["MESSAGE_HELD"], ())
    assert decision.events[0].quarter is None
    assert decision.judgement is not None
    assert "organisation of the contacts of Charnwood CSP" in decision.judgement.reason


def test_a_strangers_reply_to_our_letter_pauses_that_respondent() -> None:
    decision = decided(mail("Hello", sender="x@elsewhere.example"), facts())
    assert [(e.quarter, e.respondent) for e in decision.events] == [(Q2, "charnwood")]
    assert kinds(decision) == ["something-arrived"]


def test_a_sender_that_cannot_be_trusted_gets_no_answer() -> None:
    decision = decided(mail("Nil return", sender='"chair@charnwood.example" <x@elsewhere.example>'), facts())
    assert (verdict(decision), decision.letters) == ("held", ())


PICTURE = Unreadable(reason="image", sentence="The file is a picture.")


def test_a_question_with_a_picture_is_a_question_and_a_picture_of_the_form_is_not() -> None:
    assert verdict(decided(mail("What does this box mean?"), facts(PICTURE))) == "question"
    assert verdict(decided(mail("Our return."), facts(PICTURE))) == "unreadable"
    pdf = Unreadable(reason="pdf", sentence="The file is a PDF.")
    assert verdict(decided(mail("Is this right?"), facts(PICTURE, pdf))) == "unreadable"
    assert verdict(decided(mail("Is this right?"), facts(ReadForm()))) == "unreadable", "a workbook of their own"
    stub = ("Attachment removed.txt", b"The file return.xlsm was removed by the gateway.")
    assert verdict(decided(mail("Is this right?", files=(stub,)), facts())) == "unreadable"


def test_a_table_in_a_question_is_a_question() -> None:
    rows = "All crime\t412\nBurglary\t43\n"
    assert verdict(decided(mail(f"Figures:\n\n{rows}"), facts())) == "no workbook"
    assert verdict(decided(mail(f"You have these figures. Are they ours?\n\n{rows}"), facts())) == "question"


def test_a_notice_stands_for_the_file_it_tells_of_and_other_files_are_answered_too() -> None:
    stub = ("Attachment removed.txt", b"The file return.xlsm was removed by the gateway.")
    message = mail(files=(stub, ("notes.pdf", b"%PDF-")))
    text, pdf = (Unreadable(reason=reason, sentence=f"It is {reason}.") for reason in ("text", "pdf"))
    known = replace(facts(), opened=tuple(zip(message.attachments, (text, pdf), strict=True)))
    (letter,) = decided(message, known).letters
    assert [file.name for file in letter.facts["files"]] == ["The attachment", "notes.pdf"]


def test_out_of_office_notes_until_when() -> None:
    message = mail(
        "I am out of the office until 3 November and will answer on my return.",
        headers={"Auto-Submitted": "auto-replied"},
    )
    decision = decided(message, facts())
    assert (verdict(decision), decision.letters) == ("out-of-office", ())
    (event,) = decision.events
    assert (event.quarter, event.subject, event.facts["until"]) == (None, "lead@charnwood.example", "2014-11-03")


def test_out_of_office_without_a_date_and_receipts_and_bounces_and_own_letters_are_silent() -> None:
    away = mail("I am away.", headers={"Auto-Submitted": "auto-replied"})
    bounce = mail(
        "<jo@stranger.example>: failed",
        sender="MAILER-DAEMON@mx.example",
        subject="Undelivered Mail Returned to Sender",
        headers={"Return-Path": "<>"},
    )
    own = mail("Hello", sender="returns@opcc.example")
    newsletter = mail("News", sender="lead@charnwood.example", headers={"List-Id": "<news.example>"})
    for message, expected, noted in (
        (away, "out-of-office", ["ABSENCE_SEEN"]),
        (bounce, "bounce", []),
        (own, "own", ["STRAY_OWN_MAIL"]),
        (newsletter, "noise", []),
    ):
        decision = decided(message, facts())
        assert (verdict(decision), decision.letters, happened(decision)) == (expected, (), noted)


def test_a_letter_of_ours_that_comes_back_is_known_by_its_message_id() -> None:
    message = mail("x")
    assert verdict(decided(message, facts(own_message_ids=frozenset({message.message_id})))) == "own"


def test_a_chair_bombarding_us_is_answered_three_times_and_noted_once() -> None:
    had: dict[str, tuple[str, ...]] = {}
    sent = []
    for n in range(8):
        decision = decided(mail(f"Question {n}: may we?"), facts(answers_today=dict(had)), NOW)
        answers = [x for x in decision.letters if x.manner is Manner.ANSWER]
        had["lead@charnwood.example"] = (*had.get("lead@charnwood.example", ()), *(x.kind for x in answers))
        sent += [x.kind for x in answers]
        assert decision.letters[-1].kind == "question", "the co-ordinator hears of every one"
    assert sent == ["question-received"] * 3 + ["a-person-will-reply"]


def test_secure_mail_addresses_are_the_same_person() -> None:
    decision = decided(mail(sender="lead@charnwood.example.cjsm.net"), facts(came_back(FORMS["charnwood"], good())))
    assert verdict(decision) == "return"
    assert decision.letters[0].recipient == CHARNWOOD.contacts[0].address


def test_a_reply_to_a_letter_is_known_by_its_thread() -> None:
    letter = QueuedLetter(
        id="r", kind="request", cause="c", recipient="officer@county.example", about=(About(respondent="blaby"),),
        quarter=Q2, manner=Manner.TIMED, subject="", message_id="<r@opcc.example>", content="", state=LetterState.SENT,
        queued=NOW,
    )  # fmt: skip
    decision = decided(mail("Nil return", sender="officer@county.example", subject="Re:"), facts(answered=letter))
    assert decision.judgement is not None
    assert decision.judgement.respondents == ("blaby",)


def test_words_between_cycles_reach_the_co_ordinator_all_the_same() -> None:
    decision = decided(mail("May I ask something?", subject="Hello"), facts(cycles=()))
    assert verdict(decision) == "question"
    assert [e.quarter for e in decision.events] == [None]
    assert SITE.office.co_ordinator.address in {x.recipient for x in decision.letters}


@pytest.mark.parametrize("is_asked_again", [True, False])
def test_words_about_a_quarter_that_is_archived_wait_where_her_morning_letter_looks(is_asked_again: bool) -> None:
    archived = cycle(state=CycleState.ARCHIVED)
    known = facts(cycles=(archived, cycle(quarter=Q2.plus(1))) if is_asked_again else (archived,))
    decision = decided(mail("What did the Board say of our return?"), known)
    assert verdict(decision) == "question"
    assert [e.quarter for e in decision.events] == [Q2.plus(1) if is_asked_again else None]


def test_a_contributor_cannot_be_approved() -> None:
    assert cycle().requests["health"]
    assert verdict(decided(mail("Approved", sender="analyst@health.example", subject="x"), facts())) == "question"


@pytest.mark.parametrize(
    "written", ["Lead+returns@Charnwood.example", "LEAD@charnwood.example", "lead@charnwood.example.cjsm.net"]
)
def test_a_contact_is_known_however_the_address_is_written(written: str) -> None:
    decision = decided(mail("Nil return", sender=written), facts())
    assert verdict(decision) == "nil"
    assert [x.recipient for x in decision.letters] == ["lead@charnwood.example"], "answered as registered"
