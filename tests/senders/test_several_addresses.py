"""A contact with several addresses, and a shared mailbox or a list whose members answer from their own address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.intake.case import IntakeFacts
from csp_workflow.intake.decide import decide
from csp_workflow.terms.events import Decision, Happened
from csp_workflow.terms.messages import IncomingMessage
from csp_workflow.terms.people import Absence, Undeliverable
from csp_workflow.terms.service_status import ServiceStatus
from csp_workflow.terms.site import Contact, Role, Site
from tests.intake.intake_factory import (
    CHARNWOOD,
    FORMS,
    NOW,
    SITE,
    after,
    asked_to_approve,
    came_back,
    complete,
    facts,
    good,
    happened,
    kinds,
    mail,
    verdict,
)

CHARN = came_back(FORMS["charnwood"], good())
TEAM, CHAIR = "lead@charnwood.example", "chair@charnwood.example"
MEMBER, PRIVATE, OTHER, CLERK = "jane@council.example", "jane@home.example", "c.chair@trust.example", "pa@trust.example"


def with_people() -> Site:
    """The lead has another address and two members; so has the chair, whose list a clerk reads."""
    lead = Contact(name="A. Lead", role=Role.LEAD, address=TEAM, also=(PRIVATE,), members=(MEMBER,))
    chair = Contact(name="C. Chair", role=Role.CHAIR, address=CHAIR, also=(OTHER,), members=(CLERK,))
    more = replace(CHARNWOOD, contacts=(lead, chair))
    return replace(SITE, respondents=tuple(more if r is CHARNWOOD else r for r in SITE.respondents))


def known(*forms: object, **more: object) -> IntakeFacts:
    return replace(facts(*forms, **more), site=with_people())  # type: ignore[arg-type]


def judged(message: IncomingMessage, about: IntakeFacts) -> Decision:
    return decide(message, about, NOW)


def recipients(decision: Decision) -> set[str]:
    return {letter.recipient for letter in decision.letters}


@pytest.mark.parametrize("sender", [PRIVATE, MEMBER, "Jane+returns@Council.example", "jane@council.example.cjsm.net"])
def test_a_return_from_any_of_them_is_taken_and_answered_to_the_contacts_own_address(sender: str) -> None:
    decision = judged(mail(sender=f"Jane <{sender}>"), known(CHARN))
    assert (verdict(decision), kinds(decision)) == ("return", ["receipt"])
    assert recipients(decision) == {TEAM}


@pytest.mark.parametrize("sender", [PRIVATE, MEMBER])
def test_words_from_any_of_them_are_the_leads(sender: str) -> None:
    nil = judged(mail("Nil return", sender=sender), known())
    assert (verdict(nil), recipients(nil)) == ("nil", {TEAM})
    asked = judged(mail("May we have a week more?", sender=sender), known())
    (question,) = (x for x in asked.letters if x.kind == "question")
    assert question.facts["sender"] == f"{sender}, for A. Lead <{TEAM}>"


def test_an_answer_stands_in_the_thread_of_ones_own_other_address_and_in_no_members() -> None:
    own, theirs = (judged(mail("Nil return", sender=one), known()).letters[0] for one in (PRIVATE, MEMBER))
    assert (bool(own.answers), bool(theirs.answers)) == (True, False)


@pytest.mark.parametrize(("sender", "approves"), [(CHAIR, True), (OTHER, True), (CLERK, False), (MEMBER, False)])
def test_a_chair_approves_from_any_address_of_their_own_and_nobody_does_for_them(sender: str, approves: bool) -> None:
    first, cycle = complete()
    letter = asked_to_approve(first.submissions[0].id)
    decision = judged(mail("Approved", sender=sender), known(answered=letter, cycles=(cycle,)))
    assert ("APPROVED" in happened(decision)) is approves
    assert verdict(decision) == ("approval" if approves else "question")


def test_a_chairs_list_neither_declines_nor_says_nil_for_them() -> None:
    for words in ("Nil return", "We decline"):
        assert verdict(judged(mail(words, sender=CLERK), known())) == "question"


def test_a_member_who_is_away_or_leaves_says_nothing_of_the_shared_mailbox() -> None:
    away = mail("I am away until 24 October.", sender=MEMBER, headers={"Auto-Submitted": "auto-replied"})
    assert judged(away, known()).events == ()
    left = judged(mail("I have now left the council.", sender=MEMBER), known())
    assert (verdict(left), Happened.CONTACT_DISOWNED.name in happened(left)) == ("question", False)


def test_what_is_written_from_elsewhere_says_that_somebody_is_there_and_not_that_the_address_works() -> None:
    service = ServiceStatus(
        absences={TEAM: Absence(until=NOW.date())}, undeliverable={TEAM: Undeliverable(since=NOW, status="5.1.1")}
    )
    for sender in (PRIVATE, MEMBER):
        assert "ABSENCE_ENDED" in happened(judged(mail(sender=sender), known(CHARN, service=service)))
        assert "ADDRESS_RESTORED" not in happened(judged(mail(sender=sender), known(CHARN, service=service)))
    assert "ADDRESS_RESTORED" in happened(judged(mail(), known(CHARN, service=service)))


def test_nothing_is_ever_written_to_any_of_them() -> None:
    site = with_people()
    for address in (PRIVATE, MEMBER, OTHER, CLERK):
        assert site.registered(address, NOW.date()) == ()
        assert [r.key for r in site.spoken_for(address, NOW.date())] == ["charnwood"]
    assert after(judged(mail(sender=MEMBER), known(CHARN))).stands("charnwood").submission
