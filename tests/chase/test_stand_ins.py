"""While a lead is away or out of reach: who is reminded, what their letter says, what is withdrawn and written anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from csp_workflow.chase.grounds import explain_chase
from csp_workflow.letters.catalogue import render
from csp_workflow.terms.events import About, Happened, Letter, LetterState, Manner, QueuedLetter
from csp_workflow.terms.site import Role
from tests.chase.quarter_told import CHARNWOOD, HEALTH, MELTON, OFFICE, Q2, SITE, TEMPLATES, Told, at, contact

LEAD, DEPUTY, CHAIR = (c.address for c in CHARNWOOD.contacts)
BEFORE_DUE = at(27)


def told() -> Told:
    return Told().open(at(15))


def away(quarter: Told, address: str, until: str = "2014-10-31", *, now: datetime | None = None) -> None:
    quarter.happen(Happened.ABSENCE_SEEN, now or at(20), subject=address, until=until)


def failed(quarter: Told, address: str, *, now: datetime | None = None) -> None:
    quarter.happen(Happened.ADDRESS_FAILED, now or at(20), subject=address, status="5.1.1")


def sent_form(quarter: Told, address: str) -> None:
    """The request with the form went to this address."""
    quarter.letters.append(
        QueuedLetter(
            id="request",
            kind="request",
            cause="CHARN-1415Q2-F1-R1",
            recipient=address,
            about=(About(respondent=CHARNWOOD.key),),
            quarter=Q2,
            manner=Manner.TIMED,
            subject="",
            message_id="<request@opcc.example>",
            content="",
            state=LetterState.SENT,
            queued=at(15),
            sent=at(15),
        )
    )


def to_charnwood(quarter: Told, now: datetime) -> list[Letter]:
    quarter.tick(now)
    mine = [x for x in quarter.sent() if CHARNWOOD.key in x.respondents and x.sent == now]
    return [quarter.words[x.id] for x in mine]


def words(letter: Letter) -> str:
    return " ".join(render(letter, OFFICE, environment=TEMPLATES).text.split())


def test_the_deputy_is_reminded_and_told_why_and_gets_the_form_that_went_to_the_lead() -> None:
    quarter = told()
    sent_form(quarter, LEAD)
    away(quarter, LEAD)
    (letter,) = to_charnwood(quarter, BEFORE_DUE)
    assert letter.recipient == DEPUTY
    assert "You get this because Charnwood Lead is away until Friday 31 October 2014." in words(letter)
    assert words(letter).index("You get this because") < words(letter).index("is due soon")
    assert len(letter.attachments) == 1


def test_the_lead_gets_the_form_once_more_and_no_reason() -> None:
    quarter = told()
    sent_form(quarter, LEAD)
    (letter,) = to_charnwood(quarter, BEFORE_DUE)
    assert letter.recipient == LEAD
    assert len(letter.attachments) == 1
    assert "You get this" not in words(letter)


def test_a_lead_entered_since_gets_the_form_with_the_first_reminder() -> None:
    new = contact("New Lead", Role.LEAD, "new@charnwood.example")
    site = replace(SITE, respondents=(replace(CHARNWOOD, contacts=(new, *CHARNWOOD.contacts[1:])),))
    quarter = Told(site).open(at(15), CHARNWOOD)
    sent_form(quarter, LEAD)
    (letter,) = to_charnwood(quarter, BEFORE_DUE)
    assert letter.recipient == new.address
    assert len(letter.attachments) == 1


def test_the_chair_of_another_partnership_never_stands_in() -> None:
    quarter = told()
    away(quarter, "officer@county.example")
    quarter.tick(BEFORE_DUE)
    to = {x.recipient: x.respondents for x in quarter.sent("reminder-before-due")}
    assert to["chair@melton.example"] == (MELTON.key,)
    assert to["chair@rutland.example"] == ("rutland",)


def test_when_all_are_away_the_lead_still_gets_the_letter() -> None:
    quarter = told()
    for person in CHARNWOOD.contacts:
        away(quarter, person.address)
    assert [x.recipient for x in to_charnwood(quarter, BEFORE_DUE)] == [LEAD]


def test_after_the_last_day_away_the_lead_is_written_to_again() -> None:
    quarter = told()
    away(quarter, LEAD, "2014-10-24")
    assert [x.recipient for x in to_charnwood(quarter, BEFORE_DUE)] == [LEAD]


def test_a_reminder_that_waits_for_a_failed_address_is_withdrawn_and_written_to_the_deputy() -> None:
    quarter = told()
    quarter.tick(BEFORE_DUE, posting=False)
    failed(quarter, LEAD, now=BEFORE_DUE)
    quarter.post(BEFORE_DUE)
    withdrawn = [x for x in quarter.letters if x.state is LetterState.WITHDRAWN]
    assert [(x.recipient, x.reason) for x in withdrawn] == [(LEAD, "Letters to this address come back.")]
    assert [x.recipient for x in to_charnwood(quarter, at(27, 10))] == [DEPUTY]


def test_a_body_with_nobody_left_is_written_to_no_more_and_stays_for_the_telephone() -> None:
    quarter = told()
    failed(quarter, HEALTH.contacts[0].address)
    for day in (27, 28, 29, 30, 31):
        quarter.tick(at(day))
    assert not [x for x in quarter.letters if HEALTH.key in x.respondents]


def test_an_approval_is_not_asked_of_a_chair_whom_letters_do_not_reach_until_they_do() -> None:
    quarter = told()
    failed(quarter, CHAIR)
    quarter.arrive(CHARNWOOD, at(21))
    quarter.tick(at(22))
    assert not quarter.sent("approval-request")
    assert quarter.facts().chairs(CHARNWOOD, at(22).date()) == ()
    quarter.happen(Happened.ADDRESS_RESTORED, at(22, 12), subject=CHAIR)
    quarter.tick(at(23))
    assert [x.recipient for x in quarter.sent("approval-request")] == [CHAIR]


def test_a_stand_in_is_reminded_of_faults_too_and_told_why() -> None:
    quarter = told()
    quarter.arrive(CHARNWOOD, at(20), faults=2)
    away(quarter, LEAD)
    letters = [x for day in (23, 24) for x in to_charnwood(quarter, at(day))]
    assert [(x.kind, x.recipient) for x in letters] == [("query-reminder", DEPUTY)]
    assert "Charnwood Lead is away" in words(letters[0])


def test_explained_with_everybody_who_is_missing_and_what_waits() -> None:
    quarter = told()
    away(quarter, LEAD)
    failed(quarter, DEPUTY)
    quarter.happen(Happened.BREAKER_TRIPPED, at(20), why="60 automatic answers left within an hour.")
    quarter.tick(BEFORE_DUE, posting=False)
    text = " ".join(explain_chase(quarter.facts(), CHARNWOOD.key, BEFORE_DUE))
    assert "Letters go to Charnwood Chair (chair)." in text
    assert "Charnwood Lead is away until Friday 31 October 2014." in text
    assert "Charnwood Deputy cannot be reached by email." in text
    assert "Automatic answers wait until the co-ordinator replies RELEASE. 60 automatic answers left" in text
    failed(quarter, CHAIR)
    assert "Letters to this address come back." in " ".join(explain_chase(quarter.facts(), CHARNWOOD.key, BEFORE_DUE))
