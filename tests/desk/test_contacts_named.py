"""CONTACT, and YES and NO with an address: what each changes, when it is refused, and what is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from csp_workflow.post import gate, leaving
from csp_workflow.terms.events import About, Happened
from csp_workflow.terms.people import lay_over, offer_contacts
from csp_workflow.terms.site import Role, Site
from tests.chase.quarter_told import CHARNWOOD, OFFICE, SITE, Told, at, contact
from tests.desk.test_orders_done import NOW, facts, order, refused
from tests.post.post_told import about, composed, letter, queued

JANE = "jane@charnwood.example"
ORDER = f"CONTACT CHARN lead Jane Smith <{JANE}>"


@pytest.fixture
def told() -> Told:
    return Told().open(at(15))


def now_known(told: Told) -> Site:
    return lay_over(told.site, facts(told).service.people)


def test_it_says_who_is_asked_from_when_and_in_whose_place(told: Told) -> None:
    done = order(told, f"{ORDER} FROM 3 November")
    said = " ".join(done.sentences)
    assert f"We ask Jane Smith <{JANE}> in the sending window whether this address is right." in said
    assert "is lead for Charnwood from Monday 3 November 2014, in place of Charnwood Lead." in said
    assert "The request with the form, which is still owed, goes there then." in said
    assert f"NO {JANE} takes it back." in said
    (asked,) = done.decision.letters
    assert (asked.kind, asked.recipient, asked.attachments) == ("confirm-address", JANE, ())
    assert [e.kind for e in done.decision.events] == [Happened.CONTACT_NAMED, Happened.COMMANDED]


def test_an_address_that_letters_about_it_reach_serves_at_once(told: Told) -> None:
    done = order(told, "CONTACT CHARN lead deputy@charnwood.example")
    assert "Charnwood Deputy <deputy@charnwood.example> is lead for Charnwood from today" in done.sentences[0]
    assert done.decision.letters == ()
    # An address of another respondent's is known, but nothing about this one has gone there.
    assert order(told, "CONTACT CHARN deputy officer@county.example").decision.letters


def test_a_time_that_ends_says_who_is_asked_again(told: Told) -> None:
    said = " ".join(order(told, f"{ORDER} TO 5 December").sentences)
    assert "It ends on Friday 5 December 2014; from the day after it is Charnwood Lead again." in said


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("CONTACT CHARN lead lead@charnwood.example", "is registered as lead for Charnwood already"),
        (f"CONTACT CHARN lead {OFFICE.mailbox}", "is our own office's"),
        (f"CONTACT CHARN lead {OFFICE.co_ordinator.address}", "is our own office's"),
        (f"{ORDER} FROM 5 November TO 3 November 2014", "before it begins"),
        (f"{ORDER} INSTEAD OF nobody@charnwood.example", "is not registered as lead for Charnwood"),
        (f"CONTACT PH chair {JANE}", "needs nobody's approval"),
        (f"YES {JANE}", "waits to be confirmed"),
        (f"NO {JANE}", "waits to be confirmed, and no lead confirmed it"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(told: Told, words: str, why: str) -> None:
    assert why in refused(told, words)


def test_an_address_whose_mail_comes_back_is_not_asked(told: Told) -> None:
    told.happen(Happened.ADDRESS_FAILED, at(30), subject=JANE, status="5.1.1")
    assert f"reply ADDRESS OK {JANE} first" in refused(told, ORDER)


def test_of_several_in_a_role_it_must_be_said_whose_place_it_is() -> None:
    second = contact("Second Lead", Role.LEAD, "second@charnwood.example")
    more = replace(CHARNWOOD, contacts=(second, *CHARNWOOD.contacts))
    told = Told(replace(SITE, respondents=(more, *SITE.respondents[1:]))).open(at(15))
    why = refused(told, ORDER)
    assert "INSTEAD OF second@charnwood.example (Second Lead)" in why
    order(told, f"{ORDER} INSTEAD OF second@charnwood.example")
    order(told, f"YES {JANE}")
    leads = now_known(told).respondent("charnwood").people(Role.LEAD, NOW.date())
    assert [c.address for c in leads] == ["lead@charnwood.example", JANE]


@pytest.mark.parametrize("person", [0, 1, 2])
@pytest.mark.parametrize("several", [False, True])
def test_whatever_is_offered_in_the_place_of_somebody_succeeds(person: int, several: bool) -> None:
    lost = CHARNWOOD.contacts[person]
    second = replace(lost, name="Second", address="second@charnwood.example")
    more = replace(CHARNWOOD, contacts=(*CHARNWOOD.contacts, *((second,) if several else ())))
    told = Told(replace(SITE, respondents=(more, *SITE.respondents[1:]))).open(at(15))
    told.happen(Happened.CONTACT_DISOWNED, at(30), subject=lost.address, named=JANE)
    named = (JANE, OFFICE.mailbox, "deputy@charnwood.example", "officer@county.example")
    offered = offer_contacts(told.site, facts(told).service, lost, (more,), named, NOW.date())
    assert [words for words in offered if f"<{JANE}>" in words]
    for words in offered:
        assert OFFICE.mailbox not in words
        order(told, words)


def test_her_yes_confirms_and_her_no_takes_back(told: Told) -> None:
    order(told, ORDER)
    order(told, f"NO {JANE}")
    assert not now_known(told).respondent("charnwood").invited
    order(told, ORDER)
    assert "is lead for Charnwood from Friday 31 October 2014" in order(told, f"YES {JANE}").sentences[0]
    assert [c.address for c in now_known(told).respondent("charnwood").people(Role.LEAD, NOW.date())] == [JANE]
    assert "waits to be confirmed" in refused(told, f"NO {JANE}")


def test_the_gate_lets_the_question_alone_go_to_whoever_has_not_confirmed(told: Told) -> None:
    order(told, ORDER)
    site, day = now_known(told), date(2014, 10, 31)
    whose = (About(respondent="charnwood", address=JANE),)
    sent = {
        kind: letter(kind, recipient=JANE, about=whose, quarter=None)
        for kind in ("confirm-address", "request", "who-to-write-to", "confirm-colleague", "receipt")
    }
    judged = {}
    for kind, asked in sent.items():
        message_id, content = composed(asked)
        judged[kind] = gate.judge_bytes(content, queued(asked, message_id), site, day)
    assert judged.pop("confirm-address") == ""
    assert all("registered" in why for why in judged.values()), judged
    other = letter("confirm-address", recipient=JANE, about=about("melton"), quarter=None)
    message_id, content = composed(other)
    assert "is not named for every respondent" in gate.judge_bytes(content, queued(other, message_id), site, day)


def test_the_question_is_withdrawn_once_it_is_moot(told: Told) -> None:
    (asked,) = order(told, ORDER).decision.letters
    waiting = queued(asked, "<q@opcc.example>")
    assert leaving.judge_cause(waiting, cycle=None, service=facts(told).service) == ""
    order(told, f"NO {JANE}")
    assert "confirmed, or nobody" in leaving.judge_cause(waiting, cycle=None, service=facts(told).service)
