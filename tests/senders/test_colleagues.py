"""Colleagues who are not registered: their lead or chair is asked, and nothing counts before the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from csp_workflow.intake.case import Assignment, IntakeFacts
from csp_workflow.intake.sender import is_public
from csp_workflow.letters.catalogue import environment, render
from csp_workflow.terms.events import About, Decision, Event, Happened, Letter, LetterState, Manner, QueuedLetter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.people import Absence
from csp_workflow.terms.service import Trust, TrustProfile
from csp_workflow.terms.service_status import ServiceStatus, fold_service
from csp_workflow.terms.site import Contact, Role
from tests.intake.intake_factory import (
    BLABY,
    CHARNWOOD,
    FORMS,
    HARBOROUGH,
    NOW,
    OFFICE,
    OPENED,
    Q2,
    SITE,
    TEMPLATES,
    after,
    asked_to_approve,
    came_back,
    cycle,
    decided,
    facts,
    good,
    happened,
    kinds,
    mail,
    verdict,
)

CHARN = came_back(FORMS["charnwood"], good())
COLLEAGUE = "Sam New <new@charnwood.example>"
MADE = environment({str(p.relative_to(TEMPLATES)): p.read_text("utf-8") for p in TEMPLATES.rglob("*") if p.is_file()})


def written(letter: Letter) -> str:
    """All the words of a letter, on one line."""
    words = render(letter, OFFICE, environment=MADE, illustrative=True)
    return " ".join(f"{words.subject} {words.text} {words.html}".split())


def recipients(decision: Decision) -> list[tuple[str, str]]:
    return [(x.kind, x.recipient) for x in decision.letters]


# Asking -------------------------------------------------------------------------------------------


def test_the_lead_is_asked_and_learns_who_when_and_what_files_and_nothing_of_the_return() -> None:
    decision = decided(mail("The burglaries are secret.", sender=COLLEAGUE), facts(CHARN))
    assert verdict(decision) == "held"
    assert recipients(decision) == [("confirm-colleague", "lead@charnwood.example")]
    assert after(decision).stands("charnwood").is_paused
    words = written(decision.letters[0])
    for told in (
        "Sam New",
        "new@charnwood.example",
        "form 0.xlsx",
        "10am on Monday 20 October 2014",
        "CONFIRM",
        "REJECT",
    ):
        assert told in words
    for secret in ("burglaries", "72", "joint patrols", "town centre"):
        assert secret not in words


def test_a_colleague_who_answers_our_letter_in_words_is_asked_about_too() -> None:
    decision = decided(mail("Can we have a week more?", sender=COLLEAGUE), facts())
    assert recipients(decision) == [("confirm-colleague", "lead@charnwood.example")]
    assert "written on your behalf" in written(decision.letters[0])


def test_the_chair_is_asked_as_well_while_the_lead_is_away() -> None:
    away = ServiceStatus(absences={"lead@charnwood.example": Absence(until=date(2014, 10, 31))})
    decision = decided(mail(sender=COLLEAGUE), facts(CHARN, service=away))
    assert {to for _, to in recipients(decision)} == {"lead@charnwood.example", "chair@charnwood.example"}


@pytest.mark.parametrize(
    "name",
    ['"https://evil.example/x"', '"www.evil.example"', '"Confirm at evil.example/now"', f'"{"A" * 300}"'],
)
def test_a_name_that_looks_like_a_link_or_runs_on_is_not_shown(name: str) -> None:
    decision = decided(mail(sender=f"{name} <new@charnwood.example>"), facts(CHARN))
    words = written(decision.letters[0])
    assert "evil.example" not in words
    assert "A" * 81 not in words
    assert "new@charnwood.example" in words


def test_words_in_a_name_or_a_file_name_stay_words() -> None:
    opened = ((Attachment(name="<b>x</b>.xlsx", data=b"1"), CHARN),)
    decision = decided(mail(sender='"<i>Sam<i>" <new@charnwood.example>'), replace(facts(), opened=opened))
    words = render(decision.letters[0], OFFICE, environment=MADE, illustrative=True)
    assert "<b>x" not in words.html
    assert "<i>Sam" not in words.html


def test_nobody_is_asked_beyond_the_days_answers_and_the_reason_says_nothing_of_asking() -> None:
    had = {"lead@charnwood.example": ("no-workbook", "unchanged-form", "question-received")}
    decision = decided(mail(sender=COLLEAGUE), facts(CHARN, answers_today=had))
    assert (verdict(decision), kinds(decision)) == ("held", [])
    assert decision.judgement is not None
    assert "We asked" not in decision.judgement.reason


def test_nobody_is_asked_about_forms_of_two_respondents_at_once() -> None:
    forms = (came_back(FORMS["blaby"], good(BLABY)), came_back(FORMS["harborough"], good(HARBOROUGH)))
    decision = decided(mail(sender="clerk@county.example"), facts(*forms))
    assert (verdict(decision), kinds(decision)) == ("held", ["something-arrived"])


def test_nobody_is_asked_where_nothing_could_be_taken() -> None:
    decision = decided(mail(sender=COLLEAGUE), facts(CHARN, cycles=()))
    assert (verdict(decision), kinds(decision)) == ("held", ["something-arrived"])


def test_an_unproved_colleague_is_nobodys() -> None:
    online = replace(SITE, trust=Trust(profile=TrustProfile.EXCHANGE_ONLINE))
    decision = decided(mail(sender=COLLEAGUE), replace(facts(CHARN), site=online))
    assert (verdict(decision), kinds(decision)) == ("held", [])


@pytest.mark.parametrize(
    "domain", ["gmail.com", "outlook.com", "hotmail.co.uk", "yahoo.co.uk", "icloud.com", "btinternet.com"]
)
def test_nobody_is_a_colleague_by_a_public_providers_address(domain: str) -> None:
    assert is_public(domain)
    lead = Contact(name="Lead", role=Role.LEAD, address=f"lead@{domain}")
    alone = replace(CHARNWOOD, contacts=(lead,))
    site = replace(SITE, respondents=tuple(alone if r is CHARNWOOD else r for r in SITE.respondents))
    from csp_workflow.intake.decide import decide

    decision = decide(mail(sender=f"other@{domain}"), replace(facts(CHARN), site=site), NOW)
    assert kinds(decision) == ["something-arrived"]
    plain = decide(mail("Hi", sender=f"other@{domain}", subject="Hi"), replace(facts(), site=site), NOW)
    assert verdict(plain) == "quarantined"


# Answering ----------------------------------------------------------------------------------------

THEIRS, ASKED_BY = "m1", "<confirm@opcc.example>"
ASKED = QueuedLetter(
    id="c",
    kind="confirm-colleague",
    cause=f"{THEIRS} charnwood",
    recipient="lead@charnwood.example",
    about=(About(respondent="charnwood", message=THEIRS, address="new@charnwood.example"),),
    quarter=Q2,
    manner=Manner.ANSWER,
    subject="",
    message_id=ASKED_BY,
    content="",
    state=LetterState.SENT,
    queued=OPENED,
)
HELD = Event(
    kind=Happened.MESSAGE_HELD,
    at=NOW,
    by="new@charnwood.example",
    quarter=Q2,
    respondent="charnwood",
    subject=THEIRS,
)


def known(*, waits: bool = True, **more: object) -> IntakeFacts:
    return facts(answered=ASKED, cycles=(cycle(events=(HELD,) if waits else ()),), **more)


@pytest.mark.parametrize(
    "sender", ["lead@charnwood.example", "chair@charnwood.example", "lead@charnwood.example.cjsm.net"]
)
@pytest.mark.parametrize("words", ["CONFIRM", "Confirm.", "confirmed\n\nSam\n", "Please confirm", "Yes"])
def test_a_leads_or_a_chairs_confirm_counts(sender: str, words: str) -> None:
    decision = decided(mail(words, sender=sender), known())
    assert (verdict(decision), kinds(decision)) == ("command", [])
    confirmed = [e for e in decision.events if e.kind is Happened.COLLEAGUE_CONFIRMED]
    assert [(e.respondent, e.subject, e.by) for e in confirmed] == [("charnwood", THEIRS, sender)]
    assert "MESSAGE_SETTLED" not in happened(decision), "judging it as theirs settles it"
    (member,) = [e for e in decision.events if e.kind is Happened.MEMBER_CONFIRMED]
    assert (member.subject, member.facts) == ("new@charnwood.example", {"lead": "lead@charnwood.example"})


def test_a_reject_settles_it_and_the_chase_goes_on() -> None:
    before = known()
    decision = decided(mail("REJECT"), before)
    assert (verdict(decision), happened(decision)) == ("command", ["COLLEAGUE_REFUSED", "MESSAGE_SETTLED"])
    assert not after(decision, before.cycles[0]).stands("charnwood").is_paused


@pytest.mark.parametrize(
    "words", ["Confirm?", "I cannot confirm", "CONFIRM but not the second page", "Who is Sam?", "Yes and no"]
)
def test_any_other_words_go_to_the_co_ordinator(words: str) -> None:
    decision = decided(mail(words), known())
    assert verdict(decision) == "question"
    assert not set(happened(decision)) & {"COLLEAGUE_CONFIRMED", "COLLEAGUE_REFUSED"}


def test_a_word_about_what_is_settled_already_changes_nothing() -> None:
    decision = decided(mail("CONFIRM"), known(waits=False))
    assert (verdict(decision), decision.events, decision.letters) == ("duplicate", (), ())


@pytest.mark.parametrize(
    "sender", [COLLEAGUE, "x@elsewhere.example", "officer@county.example", "analyst@health.example"]
)
def test_nobody_else_can_confirm(sender: str) -> None:
    decision = decided(mail("CONFIRM", sender=sender), known())
    assert verdict(decision) == "held"
    assert "COLLEAGUE_CONFIRMED" not in happened(decision)


def test_a_deputy_cannot_confirm() -> None:
    deputy = Contact(name="Deputy", role=Role.DEPUTY, address="deputy@charnwood.example")
    more = replace(CHARNWOOD, contacts=(*CHARNWOOD.contacts, deputy))
    site = replace(SITE, respondents=tuple(more if r is CHARNWOOD else r for r in SITE.respondents))
    from csp_workflow.intake.decide import decide

    decision = decide(mail("CONFIRM", sender="deputy@charnwood.example"), replace(known(), site=site), NOW)
    assert verdict(decision) == "question"


def test_a_confirm_that_is_not_proved_is_held() -> None:
    online = replace(SITE, trust=Trust(profile=TrustProfile.EXCHANGE_ONLINE))
    decision = decided(mail("CONFIRM"), replace(known(), site=online))
    assert (verdict(decision), happened(decision)) == ("held", ["MESSAGE_HELD"])
    said = Assignment(respondent="charnwood", by=OFFICE.co_ordinator.address)
    assigned = decided(mail("CONFIRM"), replace(known(), site=online, assignment=said))
    assert "COLLEAGUE_CONFIRMED" not in happened(assigned)


def test_confirm_is_only_a_word_without_our_question() -> None:
    assert verdict(decided(mail("CONFIRM"), facts())) == "question"


# Who reads the mailbox that was asked, and what is remembered ----------------------------------------


def test_whoever_answers_the_very_letter_reads_the_leads_mailbox() -> None:
    decision = decided(mail("CONFIRM", sender=COLLEAGUE, answering=ASKED_BY), known())
    assert (verdict(decision), happened(decision)[0]) == ("command", "COLLEAGUE_CONFIRMED")


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        ("new@elsewhere.example", {"In-Reply-To": ASKED_BY}),
        ("new@gmail.com", {"In-Reply-To": ASKED_BY}),
        # The lead forwarded the letter, and a colleague answers the forwarded one.
        (COLLEAGUE, {"In-Reply-To": "<fwd@charnwood.example>", "References": f"{ASKED_BY} <fwd@charnwood.example>"}),
        (COLLEAGUE, {}),
    ],
)
def test_an_outsider_or_one_whom_the_letter_was_passed_on_to_confirms_nothing(
    sender: str, headers: dict[str, str]
) -> None:
    decision = decided(mail("CONFIRM", sender=sender, headers=headers), known())
    assert verdict(decision) == "held"
    assert "COLLEAGUE_CONFIRMED" not in happened(decision)


def test_an_unproved_answer_to_the_very_letter_is_held() -> None:
    online = replace(SITE, trust=Trust(profile=TrustProfile.EXCHANGE_ONLINE))
    decision = decided(mail("CONFIRM", sender=COLLEAGUE, answering=ASKED_BY), replace(known(), site=online))
    assert (verdict(decision), happened(decision)) == ("held", ["MESSAGE_HELD"])


def test_what_went_to_a_chair_is_answered_by_nobody_else() -> None:
    to_chair = replace(known(), answered=replace(ASKED, recipient="chair@charnwood.example"))
    assert verdict(decided(mail("CONFIRM", sender=COLLEAGUE, answering=ASKED_BY), to_chair)) == "held"


MEMBER = Event(
    kind=Happened.MEMBER_CONFIRMED,
    at=NOW,
    by="lead@charnwood.example",
    respondent="charnwood",
    subject="new@charnwood.example",
    facts={"lead": "lead@charnwood.example"},
)


def test_a_no_at_any_time_ends_what_a_colleague_may_send() -> None:
    remembered = known(waits=False, service=fold_service([MEMBER]))
    decision = decided(mail("No"), remembered)
    assert (verdict(decision), happened(decision)) == ("command", ["MEMBER_ENDED"])
    assert verdict(decided(mail("No"), known(waits=False))) == "duplicate"


def test_a_letter_of_an_earlier_version_confirms_that_message_alone() -> None:
    older = replace(ASKED, about=(About(respondent="charnwood", message=THEIRS),))
    decision = decided(mail("CONFIRM"), replace(known(), answered=older))
    assert happened(decision) == ["COLLEAGUE_CONFIRMED"]


def test_the_lead_reads_what_a_yes_means_and_how_to_end_it() -> None:
    words = written(decided(mail(sender=COLLEAGUE), facts(CHARN)).letters[0])
    assert "From then on we take what comes from new@charnwood.example as sent for" in words
    assert "To end that, reply REJECT to this letter." in words


# What a confirmed message counts for ----------------------------------------------------------------

BY_THE_LEAD = Assignment(respondent="charnwood", by="lead@charnwood.example")


def test_a_confirmed_return_is_taken_and_answered_to_the_lead_only() -> None:
    decision = decided(mail(sender=COLLEAGUE), facts(CHARN, assignment=BY_THE_LEAD))
    assert verdict(decision) == "return"
    assert recipients(decision) == [("receipt", "lead@charnwood.example")]
    assert decision.submissions[0].sender == "new@charnwood.example"


def test_confirmed_words_are_taken_as_the_respondents_own() -> None:
    asked = decided(mail("Can we have a week more?", sender=COLLEAGUE), facts(assignment=BY_THE_LEAD))
    assert recipients(asked) == [
        ("question-received", "lead@charnwood.example"),
        ("question", "coordinator@opcc.example"),
    ]
    nil = decided(mail("Nil return", sender=COLLEAGUE), facts(assignment=BY_THE_LEAD))
    assert (verdict(nil), recipients(nil)) == ("nil", [("nil-recorded", "lead@charnwood.example")])


def test_a_colleague_can_never_approve_even_when_confirmed() -> None:
    first = decided(mail(), facts(CHARN))
    letter = asked_to_approve(first.submissions[0].id)
    at_large = facts(answered=letter, cycles=(after(first),))
    for one in (at_large, replace(at_large, assignment=BY_THE_LEAD)):
        decision = decided(mail("Approved", sender=COLLEAGUE), one)
        assert "APPROVED" not in happened(decision)
        assert verdict(decision) in {"held", "question"}


def test_a_confirmed_form_of_another_respondent_is_still_held() -> None:
    forms = (CHARN, came_back(FORMS["blaby"], good(BLABY)))
    decision = decided(mail(sender=COLLEAGUE), facts(*forms, assignment=BY_THE_LEAD))
    assert verdict(decision) == "held"
    assert decision.submissions == ()
