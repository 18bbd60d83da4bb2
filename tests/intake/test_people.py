"""What messages tell about people's addresses: away and back, mail that comes back, whoever has left."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from csp_workflow.mail.absence import says_has_left
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.service_status import ServiceStatus, fold_service
from tests.intake.intake_factory import (
    FORMS,
    NOW,
    OFFICE,
    came_back,
    decided,
    facts,
    good,
    happened,
    mail,
    verdict,
)

LEAD, CHAIR = "lead@charnwood.example", "chair@charnwood.example"


def known(*events: Event) -> ServiceStatus:
    return fold_service(events)


def event(kind: Happened, **about: str) -> Event:
    return Event(kind=kind, at=NOW, by="test", subject=LEAD, facts=about)


# Away and back -------------------------------------------------------------------------------------

OOF = {"Auto-Submitted": "auto-replied"}


def test_an_absence_is_kept_until_its_last_day_or_three_working_days_when_none_is_named() -> None:
    named = decided(mail("I am away until Friday 24 October 2014.", headers=OOF), facts())
    assert (named.events[0].facts["until"], named.events[0].facts["assumed"]) == ("2014-10-24", False)
    friday = datetime(2014, 10, 17, 9, tzinfo=UTC)
    vague = decided(mail("I am on leave.", headers=OOF, at=friday), facts(), friday)
    assert (vague.events[0].facts["until"], vague.events[0].facts["assumed"]) == ("2014-10-22", True)


def test_an_absence_told_through_the_secure_mail_network_is_the_registered_persons() -> None:
    message = mail("I am away until Friday 24 October 2014.", sender=f"{LEAD}.cjsm.net", headers=OOF)
    assert [e.subject for e in decided(message, facts()).events] == [LEAD]


def test_nobody_is_taken_to_be_away_on_a_strangers_or_a_forgers_word() -> None:
    stranger = mail("I am away until Friday 24 October 2014.", sender="x@else.example", headers=OOF)
    forged = mail(
        "I am away until Friday 24 October 2014.",
        headers={**OOF, "Authentication-Results": "mx.example; dmarc=fail header.from=charnwood.example"},
    )
    for message in (stranger, forged):
        assert decided(message, facts()).events == ()


def test_whoever_writes_is_there_again() -> None:
    service = known(event(Happened.ABSENCE_SEEN, until="2014-10-31"), event(Happened.ADDRESS_FAILED))
    decision = decided(mail("Thank you."), facts(service=service))
    assert happened(decision) == ["ABSENCE_ENDED", "ADDRESS_RESTORED"]
    assert {e.subject for e in decision.events} == {LEAD}
    assert happened(decided(mail("Thank you."), facts())) == []


# Whoever has left ----------------------------------------------------------------------------------


def test_whoever_has_left_is_thanked_once_and_their_words_go_to_the_office() -> None:
    decision = decided(mail("Hi,\n\nI no longer work on this. Please write to Sam.\n"), facts())
    assert verdict(decision) == "question"
    assert happened(decision) == ["CONTACT_DISOWNED"]
    assert [(x.kind, x.recipient) for x in decision.letters] == [
        ("no-longer-you", LEAD),
        ("who-to-write-to", CHAIR),
        ("address-failed", OFFICE.co_ordinator.address),
    ]
    assert "Please write to Sam." in decision.letters[2].facts["words"]


GONE = "Thank you for your e-mail. I have now left the council. Please contact Sam.Smith@charnwood.example."


def test_an_automatic_reply_of_somebody_who_has_left_is_leaving_and_no_absence() -> None:
    decision = decided(mail(GONE, subject="Automatic reply: Return", headers=OOF), facts())
    assert verdict(decision) == "out-of-office"
    (gone,) = decision.events
    assert (gone.kind, gone.subject, gone.facts) == (
        Happened.CONTACT_DISOWNED,
        LEAD,
        {"named": "sam.smith@charnwood.example"},
    )
    assert [(x.kind, x.recipient) for x in decision.letters] == [
        ("who-to-write-to", CHAIR),
        ("address-failed", OFFICE.co_ordinator.address),
    ], "nobody thanks a machine, and nothing goes to an address that only a message names"
    assert decision.letters[1].facts["named"] == ("sam.smith@charnwood.example",)


def test_the_successor_whom_a_leaver_names_is_shown_and_not_taken() -> None:
    decision = decided(mail(GONE.replace("Thank you for your e-mail. ", "")), facts())
    assert verdict(decision) == "question"
    assert fold_service(decision.events).undeliverable[LEAD].named == "sam.smith@charnwood.example"
    assert "sam.smith@charnwood.example" not in {x.recipient for x in decision.letters}


def test_a_nil_return_that_comes_through_a_group_counts() -> None:
    through = {"List-Id": "<csp.charnwood.example>", "Precedence": "list"}
    assert verdict(decided(mail("NIL RETURN", headers=through), facts())) == "nil"


def test_the_reason_of_an_absence_is_told_to_nobody() -> None:
    decision = decided(mail("I am away until 24 October 2014 for an operation.", headers=OOF), facts())
    assert decision.letters == ()
    assert decision.judgement is not None
    assert "operation" not in f"{decision.judgement} {decision.events}"


def test_their_later_words_are_a_question_and_their_return_brings_them_back() -> None:
    left = known(event(Happened.CONTACT_DISOWNED))
    again = decided(mail("I have left the council. Who reads this?"), facts(service=left))
    assert happened(again) == ["QUESTION_ASKED"]
    returned = decided(mail(), facts(came_back(FORMS["charnwood"], good()), service=left))
    assert happened(returned) == ["RECEIVED", "COMPLETE", "ADDRESS_RESTORED"]


def test_a_strangers_farewell_touches_nobody() -> None:
    decision = decided(mail("I no longer work on this.", sender="somebody@charnwood.example"), facts())
    assert "CONTACT_DISOWNED" not in happened(decision)


@pytest.mark.parametrize(
    "words",
    [
        "I no longer work on this.",
        "Hi,\n\nI have left the council.\nPlease write to Sam.",
        "Please remove me",
        "Hello both,\nI'm no longer the lead for this.",
        "Sam Smith has taken over from me.",
        "Pat has taken over.",
        "Not me any more, sorry",
        "I\u2019ve moved to a new role. Ask Jo",
        "Sorry, I don't work there any more",
        "Dear Co-ordinator,\n\nThank you for your letter. I have now left Northern Borough Council",
        "I have retired.",
        "Unfortunately I have left the authority,\nso please write to Pat",
        "This is no longer my role.",
        "Please take me off this list",
    ],
)
def test_ways_to_say_that_one_has_left(words: str) -> None:
    assert says_has_left(words)


@pytest.mark.parametrize(
    "words",
    [
        "I have left two cells empty.",
        "I have left the council's figures out of this",
        "I have left the form with my deputy",
        "I no longer work on Fridays",
        "Sam has left the burglary figure out",
        "Sam is no longer the lead officer on drugs",
        "The new analyst has taken over the burglary figures so it will be late",
        "Can you remove me?",
        "Who has taken over from me?",
        "The partnership no longer works on this theme",
        "Our return is attached",
        "",
    ],
)
def test_words_that_only_sound_like_it(words: str) -> None:
    assert not says_has_left(words)


# Our own name, and services like this one ------------------------------------------------------------


def test_our_address_on_a_message_we_never_sent_is_counted_and_a_copy_of_our_letter_is_not() -> None:
    stray = mail("Hello", sender=OFFICE.mailbox)
    assert happened(decided(stray, facts())) == ["STRAY_OWN_MAIL"]
    assert happened(decided(stray, facts(own_message_ids=frozenset({stray.message_id})))) == []
    forged = mail("Hello", sender=OFFICE.mailbox, headers={"Authentication-Results": "mx.example; dmarc=fail"})
    assert happened(decided(forged, facts())) == []


def test_another_service_gets_no_answer_and_a_form_of_ours_in_its_letter_is_held() -> None:
    marked = {"X-CSP-Delivery": "0" * 32}
    assert verdict(decided(mail("Please fill in the form.", headers=marked), facts())) == "noise"
    answered = decided(mail("Received.", headers={**marked, **OOF}), facts())
    assert (verdict(answered), answered.events) == ("noise", ())
    with_form = decided(mail(headers=marked), facts(came_back(FORMS["charnwood"], good())))
    assert (verdict(with_form), with_form.letters) == ("held", ())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("I have left. Sarah Jones (sarah.jones@charnwood.example) has taken over.", "Sarah Jones <sarah.jones@"),
        ("I have left. Please Contact Sarah <sarah.jones@charnwood.example>.", "lead <sarah.jones@"),
        ("Please remove me from your mailing list.", "Name Surname <address>"),
    ],
)
def test_who_says_that_it_is_no_longer_for_them_is_quoted_and_their_successor_offered_by_name(
    words: str, said: str
) -> None:
    decision = decided(mail(words), facts())
    assert "this is no longer for them" in decision.judgement.reason  # type: ignore[union-attr]
    (letter,) = (x for x in decision.letters if x.kind == "address-failed")
    assert letter.facts["words"] == words
    assert said in letter.facts["orders"][0]
