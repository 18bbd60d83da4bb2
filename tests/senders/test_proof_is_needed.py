"""Where a mail server's word counts, nothing is taken, obeyed or answered without it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.intake.case import Assignment, IntakeFacts
from csp_workflow.intake.decide import decide
from csp_workflow.terms.events import Decision, Happened
from csp_workflow.terms.service import Trust, TrustProfile
from tests.intake.intake_factory import (
    CHARNWOOD,
    FORMS,
    NOW,
    SITE,
    after,
    asked_to_approve,
    came_back,
    decided,
    facts,
    good,
    happened,
    kinds,
    mail,
    verdict,
)

ONLINE = replace(SITE, trust=Trust(profile=TrustProfile.EXCHANGE_ONLINE))
CHARN = came_back(FORMS["charnwood"], good())


def vouched_for(domain: str) -> dict[str, str]:
    return {"Authentication-Results": f"dmarc=pass action=none header.from={domain};compauth=pass reason=100"}


def online(known: IntakeFacts) -> IntakeFacts:
    return replace(known, site=ONLINE)


def reason(decision: Decision) -> str:
    assert decision.judgement is not None
    return decision.judgement.reason


UNPROVED = {
    "nothing": {},
    "another domain": vouched_for("evil.example"),
    "a subdomain": vouched_for("mail.charnwood.example"),
    "a failure": {"Authentication-Results": "dmarc=fail header.from=charnwood.example;compauth=fail"},
}


def test_a_return_that_is_vouched_for_is_taken() -> None:
    decision = decided(mail(headers=vouched_for("charnwood.example")), online(facts(CHARN)))
    assert (verdict(decision), kinds(decision)) == ("return", ["receipt"])


@pytest.mark.parametrize("how", UNPROVED)
@pytest.mark.parametrize("words", ["Here it is.", "Nil return", "When is it due?", "I no longer work on this."])
@pytest.mark.parametrize("opened", [(CHARN,), ()], ids=["form", "words"])
def test_without_a_proof_everything_is_held_and_nobody_is_answered(
    how: str, words: str, opened: tuple[object, ...]
) -> None:
    decision = decided(mail(words, headers=UNPROVED[how]), online(facts(*opened)))  # type: ignore[arg-type]
    assert (verdict(decision), kinds(decision), happened(decision)) == ("held", [], ["MESSAGE_HELD"])
    assert after(decision).stands("charnwood").is_paused


@pytest.mark.parametrize("how", UNPROVED)
def test_an_order_that_is_not_proved_is_held_and_never_obeyed(how: str) -> None:
    message = mail("SEND", sender="coordinator@opcc.example", headers=UNPROVED[how])
    decision = decided(message, online(facts()))
    assert (verdict(decision), kinds(decision)) == ("held", [])
    assert "Nothing in it was carried out" in reason(decision)
    assert happened(decision) == ["MESSAGE_HELD"], "so that the digest shows it"


def test_an_order_that_is_proved_is_obeyed() -> None:
    message = mail("SEND", sender="coordinator@opcc.example", headers=vouched_for("opcc.example"))
    assert verdict(decided(message, online(facts()))) == "command"


def test_an_order_from_inside_is_proved_by_exchanges_mark() -> None:
    marked = {"X-MS-Exchange-Organization-AuthAs": "Internal"}
    assert (
        verdict(decided(mail("SEND", sender="coordinator@opcc.example", headers=marked), online(facts()))) == "command"
    )


def test_an_order_is_never_obeyed_because_it_was_assigned() -> None:
    said = Assignment(respondent="charnwood", by="coordinator@opcc.example")
    decision = decided(mail("SEND", sender="coordinator@opcc.example"), online(facts(assignment=said)))
    assert verdict(decision) != "command"


def test_a_forged_order_is_held_in_the_embedded_mailbox_too() -> None:
    forged = {"Authentication-Results": "mx.opcc.example; dmarc=fail header.from=opcc.example"}
    assert verdict(decided(mail("SEND", sender="coordinator@opcc.example", headers=forged), facts())) == "held"


def test_an_approval_that_is_not_proved_counts_for_nothing_even_when_it_is_assigned() -> None:
    first = decided(mail(), facts(CHARN))
    known = facts(answered=asked_to_approve(first.submissions[0].id), cycles=(after(first),))
    chair = "chair@charnwood.example"
    proved = decided(mail("Approved", sender=chair, headers=vouched_for("charnwood.example")), online(known))
    assert verdict(proved) == "approval"
    assert verdict(decided(mail("Approved", sender=chair), online(known))) == "held"
    said = Assignment(respondent="charnwood", by="coordinator@opcc.example")
    assigned = decided(mail("Approved", sender=chair), online(replace(known, assignment=said)))
    assert (verdict(assigned), "APPROVED" in happened(assigned)) == ("question", False)


def test_an_absence_that_is_not_proved_is_not_noted() -> None:
    away = {"Auto-Submitted": "auto-replied (vacation)"}
    proved = {**away, **vouched_for("charnwood.example")}
    assert happened(decided(mail("I am away.", headers=proved), online(facts()))) == ["ABSENCE_SEEN"]
    assert happened(decided(mail("I am away.", headers=away), online(facts()))) == []


def test_mail_of_the_secure_network_is_vouched_for_by_its_own_domain() -> None:
    sender = "lead@charnwood.example.cjsm.net"
    own, plain = vouched_for("charnwood.example.cjsm.net"), vouched_for("charnwood.example")
    assert verdict(decided(mail(sender=sender, headers=own), online(facts(CHARN)))) == "return"
    assert verdict(decided(mail(sender=sender, headers=plain), online(facts(CHARN)))) == "held"
    assert verdict(decided(mail(headers=own), online(facts(CHARN)))) == "held"


def test_the_co_ordinators_word_lets_an_unproved_return_through_to_the_registered_lead() -> None:
    said = Assignment(respondent="charnwood", by="coordinator@opcc.example")
    decision = decided(mail(headers={"Reply-To": "x@evil.example"}), online(facts(CHARN, assignment=said)))
    assert verdict(decision) == "return"
    assert [x.recipient for x in decision.letters] == ["lead@charnwood.example"]


# Strangers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sender",
    ["x@elsewhere.example", "lead@gmail.com", "x@charnwood.example.evil.example", "a@b.example <c@d.example>"],
)
def test_a_stranger_without_any_tie_is_set_aside_and_told_nothing(sender: str) -> None:
    decision = decided(mail("Our figures", sender=sender, subject="Figures"), facts())
    assert (verdict(decision), decision.letters) == ("quarantined", ())
    assert [(e.kind, e.quarter, e.respondent) for e in decision.events] == [(Happened.MESSAGE_HELD, None, "")]


def test_a_stranger_with_a_book_that_names_nobody_is_set_aside() -> None:
    nameless = came_back(FORMS["charnwood"], good(), reference="")
    decision = decided(mail(sender="x@elsewhere.example", subject="Figures"), facts(nameless))
    assert (verdict(decision), decision.letters) == ("quarantined", ())


def test_a_stranger_with_a_genuine_form_is_held_and_the_lead_learns_only_that_something_came() -> None:
    decision = decided(mail(sender="x@elsewhere.example", subject="Figures"), facts(CHARN))
    assert (verdict(decision), kinds(decision)) == ("held", ["something-arrived"])
    assert "elsewhere" not in str(dict(decision.letters[0].facts))


def test_a_stranger_that_is_not_proved_is_a_stranger() -> None:
    decision = decided(mail("Hello", sender="x@charnwood.example", subject="Hi"), online(facts()))
    assert (verdict(decision), decision.letters) == ("quarantined", ())


def test_the_office_itself_is_never_a_stranger() -> None:
    nameless = came_back(FORMS["charnwood"], good(), reference="")
    sender = "coordinator@opcc.example"
    decision = decided(mail(sender=sender, subject="Figures"), facts(nameless))
    assert (verdict(decision), happened(decision)) == ("held", ["MESSAGE_HELD"])


def test_a_lead_registered_at_the_secure_network_is_known_by_either_address_and_answered_there() -> None:
    secure = "lead@charnwood.example.cjsm.net"
    lead = replace(CHARNWOOD.contacts[0], address=secure)
    known = replace(CHARNWOOD, contacts=(lead, *CHARNWOOD.contacts[1:]))
    site = replace(SITE, respondents=tuple(known if r is CHARNWOOD else r for r in SITE.respondents))
    for sender in (secure, "lead@charnwood.example"):
        decision = decide(mail(sender=sender, subject="Our return"), replace(facts(CHARN), site=site), NOW)
        assert verdict(decision) == "return"
        assert [x.recipient for x in decision.letters] == [secure]
