"""Answers go to registered addresses and to the office; nothing in a message can turn them to another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csp_workflow.intake.case import Assignment, IntakeFacts
from csp_workflow.terms.events import About, Decision, LetterState, Manner, QueuedLetter
from csp_workflow.terms.returns import ReadForm, Unreadable
from csp_workflow.terms.service import Trust, TrustProfile
from tests.intake.intake_factory import (
    BLABY,
    CHARNWOOD,
    FORMS,
    OFFICE,
    OPENED,
    Q1,
    Q2,
    SITE,
    Typed,
    asked_to_approve,
    came_back,
    decided,
    facts,
    form_of,
    good,
    mail,
    verdict,
)

ATTACKER = "attacker@evil.example"
TURNED = {
    "Reply-To": ATTACKER,
    "Sender": ATTACKER,
    "Return-Path": f"<{ATTACKER}>",
    "Disposition-Notification-To": ATTACKER,
    "X-Original-From": ATTACKER,
    "Resent-From": ATTACKER,
    "Cc": f"{ATTACKER}, lead@charnwood.example",
}
SENDERS = (
    "lead@charnwood.example", "chair@charnwood.example", "officer@county.example", "analyst@health.example",
    "new@charnwood.example", "new@county.example", "nobody@elsewhere.example", ATTACKER, "lead@gmail.com",
    "coordinator@opcc.example", "deputy@opcc.example", "returns@opcc.example", "lead@charnwood.example.cjsm.net",
    "lead@charnwood.example <attacker@evil.example>", '"lead@charnwood.example" <attacker@evil.example>',
)  # fmt: skip
WORDS = ("Please find our return attached.", "Approved", "Nil return", "We decline", "Thank you", "CONFIRM", "REJECT",
         "When is it due?", "SEND", "HOLD", "I no longer work on this.", "")  # fmt: skip
OPENED_FILES = (
    (),
    (came_back(FORMS["charnwood"], good()),),
    (came_back(FORMS["charnwood"], good(figures={"CHARN.L1": "?"})),),
    (came_back(FORMS["charnwood"], Typed()),),
    (came_back(FORMS["charnwood"], good()), came_back(FORMS["blaby"], good(BLABY))),
    (came_back(FORMS["charnwood"], good()), came_back(FORMS["charnwood"], good(figures={"CHARN.L1": 5}))),
    (came_back(form_of(CHARNWOOD, quarter=Q1), good()),),
    (came_back(FORMS["charnwood"], good(), reference=""),),
    (ReadForm(),),
    (Unreadable(reason="pdf", sentence="It is a PDF."),),
    (Unreadable(reason="hostile", sentence="It is built in an unsafe way."),),
)
ASKED_TO_CONFIRM = QueuedLetter(
    id="c",
    kind="confirm-colleague",
    cause="m1 charnwood",
    recipient="lead@charnwood.example",
    about=(About(respondent="charnwood", message="m1"),),
    quarter=Q2,
    manner=Manner.ANSWER,
    subject="",
    message_id="<confirm@opcc.example>",
    content="",
    state=LetterState.SENT,
    queued=OPENED,
)
LETTERS = (None, asked_to_approve("2014/15-Q2/charnwood/001"), ASKED_TO_CONFIRM)
PROFILES = (
    Trust(),
    Trust(profile=TrustProfile.RFC8601, authserv_id="mx.opcc.example", boundary="in.opcc.example"),
    Trust(profile=TrustProfile.EXCHANGE_ONLINE),
    Trust(profile=TrustProfile.INTERNAL),
)
PROOFS = (
    {},
    {"X-MS-Exchange-Organization-AuthAs": "Internal"},
    {"Authentication-Results": "dmarc=pass action=none header.from=charnwood.example;compauth=pass reason=100"},
    {"Authentication-Results": "mx.opcc.example; dmarc=fail header.from=charnwood.example"},
)
ASSIGNED = (None, Assignment(respondent="charnwood", by=OFFICE.co_ordinator.address))


def registered_or_ours(decision: Decision) -> None:
    """Fails on a letter to an address that is neither of the office nor registered for all it is about."""
    office = {OFFICE.co_ordinator.address, OFFICE.deputy.address if OFFICE.deputy else ""}
    for letter in decision.letters:
        if letter.manner is Manner.OFFICE:
            assert letter.recipient in office
            continue
        assert letter.respondents
        for key in letter.respondents:
            assert SITE.respondent(key).is_registered(letter.recipient, date(2014, 10, 20)), letter.kind


def said(sender: str, words: str, headers: dict[str, str], known: IntakeFacts) -> Decision:
    """What is decided on a message whose every other header points to an attacker."""
    turned = {name: value for name, value in TURNED.items() if not (name == "Sender" and "," in sender)}
    return decided(mail(words, sender=sender, headers={**turned, **headers}), known)


@settings(max_examples=250)
@given(
    sender=st.sampled_from(SENDERS),
    words=st.sampled_from(WORDS),
    opened=st.sampled_from(OPENED_FILES),
    answered=st.sampled_from(LETTERS),
    trust=st.sampled_from(PROFILES),
    proof=st.sampled_from(PROOFS),
    assignment=st.sampled_from(ASSIGNED),
    is_whole=st.booleans(),
)
def test_every_letter_of_every_decision_goes_to_a_registered_address(
    sender: str,
    words: str,
    opened: tuple[ReadForm | Unreadable, ...],
    answered: QueuedLetter | None,
    trust: Trust,
    proof: dict[str, str],
    assignment: Assignment | None,
    is_whole: bool,
) -> None:
    known = facts(*opened, answered=answered, assignment=assignment, whole=is_whole)
    decision = said(sender, words, proof, replace(known, site=replace(SITE, trust=trust)))
    registered_or_ours(decision)
    assert ATTACKER not in {letter.recipient for letter in decision.letters}


@pytest.mark.parametrize(
    ("sender", "opened", "expected"),
    [
        ("lead@charnwood.example", OPENED_FILES[1], "return"),
        ("lead@charnwood.example", OPENED_FILES[2], "return"),
        ("lead@charnwood.example", OPENED_FILES[5], "held"),
        ("lead@charnwood.example", OPENED_FILES[9], "unreadable"),
        ("lead@charnwood.example", (), "no workbook"),
        ("lead@charnwood.example.cjsm.net", OPENED_FILES[1], "return"),
        ("new@charnwood.example", OPENED_FILES[1], "held"),
        ("nobody@elsewhere.example", OPENED_FILES[1], "held"),
        ("coordinator@opcc.example", OPENED_FILES[1], "return"),
    ],
)
def test_each_of_these_is_answered_or_told_to_the_lead_and_to_nobody_else(
    sender: str, opened: tuple[ReadForm, ...], expected: str
) -> None:
    decision = said(sender, WORDS[0], {}, facts(*opened))
    assert verdict(decision) == expected
    assert {letter.recipient for letter in decision.letters} == {"lead@charnwood.example"}
    registered_or_ours(decision)


def test_the_check_itself_finds_a_letter_to_an_attacker() -> None:
    decision = said("lead@charnwood.example", WORDS[0], {}, facts(*OPENED_FILES[1]))
    turned = replace(decision, letters=tuple(replace(x, recipient=ATTACKER) for x in decision.letters))
    with pytest.raises(AssertionError):
        registered_or_ours(turned)
