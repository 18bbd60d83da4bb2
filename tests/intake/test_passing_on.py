"""What may be about something else is passed on in the same decision, beside whatever else is decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from csp_workflow.intake.decide import decide
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.terms.events import Decision, Happened, Letter
from csp_workflow.terms.messages import Attachment, EnclosedMessage, IncomingMessage
from csp_workflow.terms.returns import Unreadable
from csp_workflow.terms.service_status import fold_service
from csp_workflow.terms.site import Role
from tests.intake.intake_factory import (
    CHARNWOOD,
    FORMS,
    NOW,
    OFFICE,
    SITE,
    came_back,
    facts,
    good,
    kinds,
    mail,
    verdict,
)
from tests.mail.lists import TOPICS

FOI = "Under the Freedom of Information Act please send me the minutes of your meetings."
COMPLAINT = "I wish to complain about your office."
CONCERN = "I am worried about a child in our street."
STRANGER = "Jo Public <jo@public.example>"
TEAM = "foi@opcc.example"


def site(*, address: str = TEAM, office: str = "Information team") -> object:
    first, *others = TOPICS.topics
    return replace(SITE, topics=replace(TOPICS, topics=(replace(first, office=office, address=address), *others)))


def decided(message: IncomingMessage, *opened: object, **more: object) -> Decision:
    known = replace(facts(*opened), site=site(), original=b"as it came", **more)  # type: ignore[arg-type]
    return decide(message, known, NOW)


def passed(decision: Decision) -> list[Letter]:
    return [x for x in decision.letters if x.kind == "passed-on"]


def found(decision: Decision) -> list[tuple[str, str, bool]]:
    return [
        (str(e.facts["topic"]), str(e.facts["due"]), bool(e.facts["passed"]))
        for e in decision.events
        if e.kind is Happened.TOPIC_FOUND
    ]


def told(decision: Decision) -> list[str]:
    return [str(x.facts["passed_on"]) for x in decision.letters if x.facts.get("passed_on")]


def test_a_stranger_s_request_is_set_aside_as_ever_and_passed_on_with_the_message_as_it_came() -> None:
    decision = decided(mail(FOI, sender=STRANGER, subject="Minutes"))
    assert verdict(decision) == "quarantined"
    (letter,) = passed(decision)
    assert (letter.recipient, letter.recipient_name) == (TEAM, "Information team")
    assert [a.data for a in letter.attachments] == [b"as it came"]
    assert letter.facts["due"] == date(2014, 11, 17)
    assert found(decision) == [("information-request", "2014-11-17", True)]
    assert told(decision) == [], "a stranger gets no answer"


def test_what_is_passed_on_to_the_co_ordinator_goes_to_the_deputy_too_while_she_is_away() -> None:
    away = replace(
        OFFICE, deputy=replace(OFFICE.co_ordinator, address="deputy@opcc.example"), absences=((NOW.date(),) * 2,)
    )
    known = replace(facts(), site=replace(site(), office=away))  # type: ignore[type-var]
    letters = passed(decide(mail(COMPLAINT, sender=STRANGER, subject="x"), known, NOW))
    assert [x.recipient for x in letters] == [OFFICE.co_ordinator.address, "deputy@opcc.example"]


@pytest.mark.parametrize(
    ("words", "sender", "waits"),
    [
        pytest.param(FOI, STRANGER, True, id="a stranger's, with days set by law"),
        pytest.param(CONCERN, STRANGER, False, id="no day is set"),
        pytest.param(FOI, "Health <analyst@health.example>", False, id="a contact is told that it was passed on"),
    ],
)
def test_what_is_hers_and_has_days_by_law_waits_for_her_morning_letter(words: str, sender: str, waits: bool) -> None:
    known = replace(facts(), site=site(address="", office=""), original=b"as it came")  # type: ignore[type-var]
    (letter,) = passed(decide(mail(words, sender=sender, subject="x"), known, NOW))
    assert letter.recipient == OFFICE.co_ordinator.address
    assert (letter.not_before is not None) is waits


@pytest.mark.parametrize(
    ("words", "opened", "said"),
    [
        (f"Please find it attached.\n\n{CONCERN}", [came_back(FORMS["charnwood"], good())], "return"),
        (f"Nil return.\n{CONCERN}", [], "question"),
        (CONCERN, [], "question"),
        (f"Here is our return\n{CONCERN}", [Unreadable(reason="pdf", sentence="It is a PDF.")], "unreadable"),
    ],
)
def test_a_contact_s_words_are_passed_on_beside_what_else_they_are(words: str, opened: list[object], said: str) -> None:
    decision = decided(mail(words), *opened)
    assert verdict(decision) == said
    assert [x.recipient for x in passed(decision)] == [OFFICE.co_ordinator.address]
    assert found(decision) == [("safeguarding", "", True)]
    name = OFFICE.co_ordinator.name
    assert told(decision) == [f"We have passed your message to {name}, because it may be a safeguarding concern."]


def test_a_return_is_taken_word_for_word_as_without_what_is_beside_it() -> None:
    form = came_back(FORMS["charnwood"], good())
    plain = decide(mail(f"Please find it attached.\n\n{COMPLAINT}"), replace(facts(form), original=b"as it came"), NOW)
    decision = decided(mail(f"Please find it attached.\n\n{COMPLAINT}"), form)
    assert decision.submissions == plain.submissions
    assert [e for e in decision.events if e.kind is not Happened.TOPIC_FOUND] == list(plain.events)


def test_a_contact_whom_nothing_else_answers_is_told_in_one_letter() -> None:
    decision = decided(mail(FOI, sender="Health <analyst@health.example>"))
    assert kinds(decision) == ["something-arrived", "passed-on-told", "passed-on"]
    letter = decision.letters[1]
    assert (letter.recipient, letter.respondents) == ("analyst@health.example", ("health",))
    assert told(decision) == [
        "We have passed your message to Information team, because it may be an information request."
    ]


@pytest.mark.parametrize(
    "message",
    [
        mail("See attached.", sender=STRANGER, subject="FOI request about the depot"),
        mail("Please see below.\n\n> Under FOI, please send me the minutes", sender=STRANGER, subject="FW: minutes"),
        mail("See below.\n\n---------- Forwarded message ----------\nFrom: A <a@x.example>\n\nThis is an FOI request.",
             subject="minutes"),
        replace(mail("See attached.", sender=STRANGER, subject="x"), enclosed=(EnclosedMessage(text=FOI),)),
        mail(FOI, sender="Secretariat <secretariat@opcc.example>", subject="RE: The paper"),
        unpack_message(
            b"From: Jo <jo@public.example>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n"
            b"<div>Hi,<br><br>Under the <b>Freedom of Information Act</b> please send me <i>the minutes</i>.</div>",
            received=NOW,
        ),
        replace(mail("See attached.", sender=STRANGER, subject="x"), inside=("FOI request.eml",)),
    ],
)  # fmt: skip
def test_it_is_found_in_the_subject_in_what_is_sent_on_and_in_messages_inside(message: IncomingMessage) -> None:
    assert [topic for topic, _, _ in found(decided(message))] == ["information-request"]


def test_the_name_of_a_file_may_say_it() -> None:
    known = replace(
        facts(),
        site=site(),
        opened=((Attachment(name="FOI request.pdf", data=b""), Unreadable(reason="pdf", sentence="")),),
    )  # type: ignore[type-var]
    assert found(decide(mail("See attached.", sender=STRANGER, subject="x"), known, NOW))


@pytest.mark.parametrize(
    "message",
    [
        mail("Thank you for that.", subject="RE: FOI request about the depot"),
        mail("Here it is.\n\nThis e-mail may be disclosed under the Freedom of Information Act 2000."),
        mail("Complaints about noise rose by a third."),
        mail(FOI, sender=f"Co-ordinator <{OFFICE.co_ordinator.address}>"),
        mail(FOI, sender=f"Information team <{TEAM}>"),
        mail(FOI, sender=STRANGER, headers={"Auto-Submitted": "auto-generated"}),
        mail(FOI, sender="MAILER-DAEMON <mailer-daemon@public.example>", subject="Undelivered mail"),
    ],
)
def test_replies_footers_reports_the_office_and_machines_pass_nothing_on(message: IncomingMessage) -> None:
    decision = decided(message)
    assert not found(decision)
    assert not passed(decision)


def test_who_only_says_that_they_are_the_office_is_a_stranger() -> None:
    message = replace(mail(FOI, sender=f"Co-ordinator <{OFFICE.co_ordinator.address}>"), sender="")
    assert found(decided(message))


def test_a_message_judged_once_more_says_the_same_in_the_same_letter_and_is_found_once() -> None:
    message = mail(FOI, sender=STRANGER, subject="Minutes")
    first = decided(message)
    status = fold_service(e for e in first.events if e.quarter is None)
    again = decided(message, service=status)
    assert [(x.kind, x.cause, x.recipient) for x in passed(again)] == [
        (x.kind, x.cause, x.recipient) for x in passed(first)
    ]
    assert not found(again)


def test_strangers_are_passed_on_up_to_a_bound_and_then_once_a_day_it_is_said_that_there_are_more() -> None:
    bound = SITE.limits.passed_on_a_day
    letters = []
    for number in range(bound - 1, bound + 3):
        message = mail(f"{FOI} {number}", sender=f"Jo <jo{number}@public.example>", subject="x")
        decision = decided(message, passed_today={TEAM: number})
        letters += passed(decision)
        assert found(decision) == [("information-request", "2014-11-17", number < bound)]
    assert len({(x.cause, x.recipient) for x in letters}) == 2
    assert [bool(x.attachments) for x in letters] == [True, False, False, False]


def test_no_flood_of_strangers_keeps_a_contact_s_words_back() -> None:
    decision = decided(mail(FOI), passed_today={TEAM: 500})
    assert found(decision) == [("information-request", "2014-11-17", True)]
    assert passed(decision)[0].attachments


def test_one_message_may_be_about_several_things() -> None:
    decision = decided(mail(f"{FOI} {COMPLAINT}", sender=STRANGER, subject="x"))
    assert [topic for topic, _, _ in found(decision)] == ["information-request", "complaint"]
    assert [x.recipient for x in passed(decision)] == [TEAM, OFFICE.co_ordinator.address]


def test_an_approval_with_a_complaint_beside_it_is_held_and_passed_on() -> None:
    chair = CHARNWOOD.people(Role.CHAIR, NOW.date())[0]
    decision = decided(mail(f"Approved.\n{COMPLAINT}", sender=f"Chair <{chair.address}>"))
    assert verdict(decision) == "question"
    assert found(decision) == [("complaint", "", True)]


def test_a_request_that_names_the_law_is_no_disclaimer_of_a_mail_server() -> None:
    assert verdict(decided(mail(FOI))) == "question"
    assert verdict(decided(mail("I ask for my own data under the Data Protection Act 1998."))) == "question"


@pytest.mark.parametrize(
    ("sender", "is_passed"),
    [
        (STRANGER, True),
        ("Lead <lead@charnwood.example>", False),
        ("New Colleague <jo@charnwood.example>", False),
        ("Secretariat <secretariat@opcc.example>", False),
    ],
)
def test_a_question_is_a_request_only_where_a_stranger_asks_it(sender: str, is_passed: bool) -> None:
    decision = decided(mail("How many bicycles were stolen in Blaby last year?", sender=sender, subject="Bicycles"))
    assert found(decision) == ([("information-request", "2014-11-17", True)] if is_passed else [])
