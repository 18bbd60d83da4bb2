"""What follows when a letter of ours comes back: whose fault it is, who is marked, who is told, and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from csp_workflow.intake.outcomes.presence import REFUSALS
from csp_workflow.letters.catalogue import environment, render
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.settings import read_templates
from csp_workflow.terms.events import About, Decision, Event, Happened, LetterState, Manner, QueuedLetter
from csp_workflow.terms.messages import Blame, IncomingMessage, Mark
from csp_workflow.terms.service_status import ServiceStatus, fold_service
from tests.intake.intake_factory import (
    NOW,
    OFFICE,
    Q2,
    TEMPLATES,
    decided,
    facts,
    happened,
    kinds,
    mail,
    verdict,
)

WORDS = environment(read_templates(TEMPLATES.parents[1] / "config"))
LEAD, CHAIR = "lead@charnwood.example", "chair@charnwood.example"
ASKED = QueuedLetter(
    id="the-request",
    kind="request",
    cause="CHARN-1415Q2-F1-R1",
    recipient=LEAD,
    about=(About(respondent="charnwood"),),
    quarter=Q2,
    manner=Manner.TIMED,
    subject="",
    message_id="<csp.request@opcc.example>",
    content="",
    state=LetterState.SENT,
    queued=NOW,
)


def report(
    failed: str = LEAD, *, original: str = ASKED.message_id, status: str = "5.1.1", action: str = "failed"
) -> IncomingMessage:
    """A mail system's report in the standard form."""
    fields = (
        f"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {failed}\nAction: {action}\nStatus: {status}\n"
    )
    parts = (("message/delivery-status", fields), ("text/rfc822-headers", f"Message-ID: {original}\n"))
    body = "".join(f"--b\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts)
    raw = (
        "From: MAILER-DAEMON@mx.example\nTo: returns@opcc.example\nSubject: Undelivered Mail Returned to Sender\n"
        "Return-Path: <>\nMessage-ID: <r1@mx.example>\nMIME-Version: 1.0\n"
        f"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n{body}--b--\n"
    )
    return unpack_message(raw.encode(), received=NOW)


def known(*events: Event) -> ServiceStatus:
    return fold_service(events)


def event(kind: Happened, **about: str) -> Event:
    return Event(kind=kind, at=NOW, by="test", subject=LEAD, facts=about)


def after_a_bounce(message: IncomingMessage, *, letter: QueuedLetter = ASKED, **more: object) -> Decision:
    """Decided with the letter known to be ours, as the store would find it."""
    named = letter if letter.message_id in message.answered else None
    return decided(message, facts(answered=named, **more))


# Mail that comes back ------------------------------------------------------------------------------


def test_a_bounce_of_our_letter_marks_its_recipient_and_asks_a_colleague_and_tells_the_office() -> None:
    decision = after_a_bounce(report())
    assert verdict(decision) == "bounce"
    (marked,) = decision.events
    assert (marked.kind, marked.subject, marked.facts["status"]) == (Happened.ADDRESS_FAILED, LEAD, "5.1.1")
    assert marked.quarter is None
    assert [(x.kind, x.recipient) for x in decision.letters] == [
        ("who-to-write-to", CHAIR),
        ("address-failed", OFFICE.co_ordinator.address),
    ]
    assert decision.letters[0].respondents == ("charnwood",)


def test_a_bounce_whose_sender_is_forged_changes_nothing() -> None:
    forged = report()
    forged = replace(forged, headers=(("Authentication-Results", "mx.opcc.example; dmarc=fail"), *forged.headers))
    decision = after_a_bounce(forged)
    assert (verdict(decision), decision.events, decision.letters) == ("bounce", (), ())


VAGUE = mail(
    "550 no such user lead@charnwood.example",
    sender="MAILER-DAEMON@mx.example",
    subject="Undelivered Mail Returned to Sender",
    headers={"Return-Path": "<>", "In-Reply-To": ASKED.message_id},
)


@pytest.mark.parametrize(
    "message",
    [report(original="<somebody.elses@letter.example>"), report(CHAIR), VAGUE],
    ids=["not our letter", "not its recipient", "only words"],
)
def test_a_report_that_may_be_forged_or_is_vague_marks_nobody_and_is_shown(message: IncomingMessage) -> None:
    decision = after_a_bounce(message)
    (noted,) = decision.events
    assert (noted.kind, noted.facts["blame"]) == (Happened.LETTER_CAME_BACK, "unclear")
    assert kinds(decision) == ["letter-came-back"]


def test_a_letter_that_is_late_is_noted_and_nobody_written_to() -> None:
    decision = after_a_bounce(report(status="4.4.1", action="delayed"))
    assert (happened(decision), decision.letters) == (["LETTER_CAME_BACK"], ())
    assert not known(*decision.events).returned


def test_the_second_report_about_an_address_changes_nothing() -> None:
    decision = after_a_bounce(report(), service=known(event(Happened.ADDRESS_FAILED)))
    assert (decision.events, decision.letters) == ((), ())


def test_nobody_who_is_out_of_reach_or_away_is_asked() -> None:
    lost = Event(kind=Happened.ADDRESS_FAILED, at=NOW, by="test", subject=CHAIR)
    assert kinds(after_a_bounce(report(), service=known(lost))) == ["address-failed"]
    away = Event(kind=Happened.ABSENCE_SEEN, at=NOW, by="test", subject=CHAIR, facts={"until": "2014-11-01"})
    told = after_a_bounce(report(), service=known(away))
    assert kinds(told) == ["address-failed"]
    assert told.letters[0].facts["instead"] == ("Chair of Charnwood CSP",)


def test_when_the_co_ordinators_own_address_fails_her_deputy_is_told() -> None:
    to_her = replace(ASKED, recipient=OFFICE.co_ordinator.address, about=(), manner=Manner.OFFICE)
    decision = after_a_bounce(report(OFFICE.co_ordinator.address), letter=to_her)
    assert [(x.kind, x.recipient) for x in decision.letters] == [("address-failed", "deputy@opcc.example")]


# Whose fault it is ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "blame", "said"),
    [
        ("5.2.2", Blame.PASSING, "the mailbox is full"),
        ("4.4.7", Blame.GIVEN_UP, "counts as not delivered"),
        ("5.7.26", Blame.OURS, "The fault is with us"),
        ("5.0.0", Blame.UNCLEAR, "not clearly why"),
    ],
)
def test_each_fault_but_a_dead_address_has_its_own_words_and_marks_nobody(status: str, blame: Blame, said: str) -> None:
    decision = after_a_bounce(report(status=status))
    service = known(*decision.events)
    assert (service.undeliverable, service.returned[LEAD].blame) == ({}, blame)
    (told,) = decision.letters
    assert (told.kind, told.recipient) == ("letter-came-back", OFFICE.co_ordinator.address)
    words = " ".join(render(told, OFFICE, environment=WORDS).text.split())
    assert said in words
    assert f"ADDRESS OK {LEAD}" in words


def test_of_one_address_and_fault_the_office_is_told_once_until_it_is_settled() -> None:
    first = after_a_bounce(report(status="4.4.7"))
    again = after_a_bounce(report(status="4.4.7"), service=known(*first.events))
    assert (happened(again), again.letters) == (["LETTER_CAME_BACK"], ())
    other = after_a_bounce(report(status="5.2.2"), service=known(*first.events))
    assert kinds(other) == ["letter-came-back"]
    settled = event(Happened.ADDRESS_RESTORED)
    assert kinds(after_a_bounce(report(status="4.4.7"), service=known(*first.events, settled))) == ["letter-came-back"]


def test_a_dead_address_replaces_what_was_known_of_it() -> None:
    first = after_a_bounce(report(status="5.2.2"))
    second = after_a_bounce(report(), service=known(*first.events))
    service = known(*first.events, *second.events)
    assert (set(service.undeliverable), service.returned) == ({LEAD}, {})


def test_whoever_writes_is_reached_again() -> None:
    service = known(*after_a_bounce(report(status="4.4.7")).events)
    assert happened(decided(mail("Thank you."), facts(service=service))) == ["ADDRESS_RESTORED"]


# Our mail is refused -------------------------------------------------------------------------------


def refused(*addresses: str, minutes: int = 5) -> tuple[ServiceStatus, list[str], list[Event]]:
    """Refusals of our mail, one after the other: what is known then, the letters written, what happened."""
    events: list[Event] = []
    written: list[str] = []
    for number, address in enumerate(addresses):
        at = NOW + timedelta(minutes=minutes * number)
        letter = replace(ASKED, recipient=address)
        message = report(address, status="5.7.1")
        decision = decided(message, facts(answered=letter, service=known(*events)), at)
        events += decision.events
        written += kinds(decision)
    return known(*events), written, events


PEOPLE = ("lead@charnwood.example", "chair@charnwood.example", "chair@blaby.example")


def test_refusals_of_our_mail_are_told_once_and_several_within_an_hour_hold_sending() -> None:
    assert len(PEOPLE) == REFUSALS
    service, written, events = refused(*PEOPLE)
    assert written == ["letter-came-back", "sending-held"]
    assert (service.on_hold, service.undeliverable) == (True, {})
    assert service.hold_reason == "The mail systems of 3 people refused our mail within an hour."
    assert set(service.refused) == set(PEOPLE)
    resumed = Event(kind=Happened.RESUMED, at=NOW, by="test")
    after = known(*events, resumed)
    assert (after.on_hold, after.hold_reason, after.refused) == (False, "", {})


def test_refusals_far_apart_or_of_one_address_hold_nothing() -> None:
    assert not refused(*PEOPLE, minutes=40)[0].on_hold
    assert not refused(*PEOPLE[:1] * 5)[0].on_hold
    one = Event(kind=Happened.HELD, at=NOW, by="the co-ordinator", facts={})
    service = known(one, *refused(*PEOPLE[:2])[2])
    more = decided(
        report(PEOPLE[2], status="5.7.1"), facts(answered=replace(ASKED, recipient=PEOPLE[2]), service=service)
    )
    assert happened(more) == ["LETTER_CAME_BACK"]


def test_without_our_letters_id_no_refusal_counts() -> None:
    decision = after_a_bounce(report(status="5.7.1", original="<another@letter.example>"))
    assert known(*decision.events).returned[LEAD].blame is Blame.UNCLEAR


# In words ------------------------------------------------------------------------------------------


def notice(words: str, *, given_back: str = f"Message-ID: {ASKED.message_id}\nTo: {LEAD}\n") -> IncomingMessage:
    raw = (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.charnwood.example\nTo: returns@opcc.example\n"
        f"Subject: failure notice\nMessage-ID: <q@mx.charnwood.example>\n\n{words}\n\n{given_back}"
    )
    return unpack_message(raw.encode(), received=NOW)


BELOW = "--- Below this line is a copy of the message.\n\n"


def test_a_notice_in_words_that_names_the_address_and_gives_the_letter_back_counts() -> None:
    words = f"I could not deliver your message.\n\n<{LEAD}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n{BELOW}"
    assert happened(after_a_bounce(notice(words))) == ["ADDRESS_FAILED"]


def test_a_notice_that_names_nobody_is_of_the_letters_recipient_and_marks_nobody() -> None:
    decision = after_a_bounce(notice(f"Your message could not be delivered.\n\n{BELOW}", given_back=_ID_ONLY))
    assert [(e.subject, e.facts["blame"]) for e in decision.events] == [(LEAD, "unclear")]


_ID_ONLY = f"Message-ID: {ASKED.message_id}\n"


@pytest.mark.parametrize(
    ("words", "is_shown"),
    [
        ("Your message could not be delivered.", True),
        ("<jo.bloggs@charnwood.example>:\nno such user", True),
        ("<jo@stranger.example>:\nno such user", False),
    ],
)
def test_a_bounce_of_a_letter_that_is_not_known_is_shown_where_it_may_be_ours(words: str, is_shown: bool) -> None:
    decision = decided(notice(words, given_back=""), facts())
    assert verdict(decision) == ("held" if is_shown else "bounce")
    assert decision.letters == ()


def test_exchanges_mark_makes_a_notice_certain() -> None:
    words = f"{LEAD}\nRemote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'\n"
    marked = replace(notice(words, given_back=f"Message-ID: {ASKED.message_id}"), marks=frozenset({Mark.BOUNCE}))
    assert happened(after_a_bounce(marked)) == ["ADDRESS_FAILED"]
