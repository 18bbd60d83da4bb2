"""A chair has a deputy, by dates: who is asked to approve, and that every letter says who."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from csp_workflow.chase import reminders
from csp_workflow.digest.facts import DigestFacts, Round
from csp_workflow.digest.needs import list_needs
from csp_workflow.letters.catalogue import render
from csp_workflow.letters.kinds import Audience
from csp_workflow.post.gate import _is_meant
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.people import Absence, Presence, Undeliverable
from csp_workflow.terms.site import Contact, Respondent, Role
from csp_workflow.terms.status import fold_cycle
from tests.chase.quarter_told import CHARNWOOD, OFFICE, Q2, SITE, TEMPLATES, Told, at, contact

CHAIR = next(c for c in CHARNWOOD.contacts if c.role is Role.CHAIR)
DEPUTY = contact("Charnwood Deputy Chair", Role.DEPUTY_CHAIR, "deputy.chair@charnwood.example", "0116 496 0102")
FOR_A_TIME = replace(DEPUTY, valid_from=date(2014, 10, 20), valid_to=date(2014, 11, 7))
DAY = date(2014, 10, 21)
AWAY = {CHAIR.address: Absence(until=date(2014, 10, 24))}
LOST = {CHAIR.address: Undeliverable(since=at(1))}


def chaired_by(*people: Contact) -> Respondent:
    others = tuple(c for c in CHARNWOOD.contacts if c.role is not Role.CHAIR)
    return replace(CHARNWOOD, contacts=(*others, *people))


@pytest.mark.parametrize(
    ("people", "known", "asked"),
    [
        ((CHAIR, DEPUTY), Presence(), CHAIR),
        ((CHAIR, DEPUTY), Presence(absences=AWAY), DEPUTY),
        ((CHAIR, DEPUTY), Presence(undeliverable=LOST), DEPUTY),
        ((DEPUTY,), Presence(), DEPUTY),
        ((replace(CHAIR, valid_to=date(2014, 10, 1)), DEPUTY), Presence(), DEPUTY),
        ((CHAIR, FOR_A_TIME), Presence(), FOR_A_TIME),
        ((CHAIR, replace(FOR_A_TIME, valid_to=date(2014, 10, 20))), Presence(), CHAIR),
        ((CHAIR, FOR_A_TIME), Presence(absences={DEPUTY.address: Absence(until=DAY)}), CHAIR),
        ((CHAIR, DEPUTY), Presence(absences={**AWAY, DEPUTY.address: Absence(until=DAY)}), CHAIR),
        ((CHAIR,), Presence(absences=AWAY), CHAIR),
    ],
)
def test_the_deputy_chair_is_asked_while_no_chair_is_there_or_for_a_time(
    people: tuple[Contact, ...], known: Presence, asked: Contact
) -> None:
    assert known.chairing(chaired_by(*people), DAY) == (asked,)


def told_with(*people: Contact) -> tuple[Told, Respondent]:
    respondent = chaired_by(*people)
    site = replace(SITE, respondents=(respondent, *SITE.respondents[1:]))
    return Told(site=site).open(at(15), respondent), respondent


def words(told: Told, place: int = -1) -> str:
    letter = told.words[told.sent()[place].id]
    return " ".join(render(letter, OFFICE, environment=TEMPLATES).text.split())


def absent(told: Told, until: str = "2014-10-28") -> None:
    told.happen(Happened.ABSENCE_SEEN, at(20), subject=CHAIR.address, until=until, assumed=False)


def test_the_letter_says_that_it_goes_to_the_deputy_chair_and_why() -> None:
    told, respondent = told_with(CHAIR, DEPUTY)
    absent(told)
    told.arrive(respondent, at(21, 10))
    told.tick(at(21, 11))
    (letter,) = told.sent()
    assert (letter.kind, letter.recipient) == ("approval-request", DEPUTY.address)
    assert "You get this as deputy chair, because Charnwood Chair is away until Tuesday 28 October 2014." in words(told)
    assert "You are asked as its deputy chair." in words(told)


def test_an_absent_chair_s_reminders_rest_and_the_deputy_chair_is_asked_in_full() -> None:
    told, respondent = told_with(CHAIR, DEPUTY)
    told.arrive(respondent, at(20, 10))
    told.tick(at(20, 11))
    absent(told)
    for day in range(21, 31):
        told.tick(at(day, 11))
    sent = [(x.kind, x.recipient, x.queued.day) for x in told.sent()]
    assert sent[:4] == [
        ("approval-request", CHAIR.address, 20),
        ("approval-request", DEPUTY.address, 21),
        ("deputy-asked", CHAIR.address, 22),
        ("approval-reminder", DEPUTY.address, 24),
    ]
    assert len([x for x in sent if x[1] == CHAIR.address and x[2] < 28]) == 2


def test_the_chair_s_letters_about_lateness_go_to_whoever_is_there() -> None:
    told, respondent = told_with(CHAIR, FOR_A_TIME)
    assert reminders.other_chairs(told.facts(), respondent, DAY) == (FOR_A_TIME,)


def test_who_approved_is_known_by_role() -> None:
    about = {"by": "x", "at": at(21), "quarter": Q2, "respondent": "charnwood", "subject": "s"}
    steps = [
        Event(kind=kind, **about, facts=facts)  # type: ignore[arg-type]
        for kind, facts in (
            (Happened.REQUESTED, {}),
            (Happened.RECEIVED, {"late": False}),
            (Happened.COMPLETE, {}),
            (Happened.APPROVED, {"content": "c", "role": "deputy chair"}),
        )
    ]
    assert fold_cycle(Q2, steps).returns["charnwood"].approval.role is Role.DEPUTY_CHAIR
    before = replace(steps[-1], facts={"content": "c"})
    assert fold_cycle(Q2, [*steps[:-1], before]).returns["charnwood"].approval.role is Role.CHAIR


def test_a_chair_s_letter_may_go_to_a_deputy_chair_and_to_no_deputy() -> None:
    respondent = chaired_by(CHAIR, DEPUTY)
    meant = {c.role: _is_meant(Audience.CHAIR, respondent, c.address, DAY) for c in respondent.contacts}
    assert meant == {Role.LEAD: False, Role.DEPUTY: False, Role.CHAIR: True, Role.DEPUTY_CHAIR: True}


def digest(told: Told, day: int) -> str:
    view = told.facts()
    shown = Round(**{name: getattr(view, name) for name in view.__dataclass_fields__})
    facts = DigestFacts(site=view.site, service=view.service, rounds=(shown,))
    return " ".join(need.sentence for need in list_needs(facts, at(day, 12)))


def test_the_digest_names_whoever_was_asked() -> None:
    told, respondent = told_with(DEPUTY)
    told.arrive(respondent, at(21, 10))
    for day in range(21, 32):
        told.tick(at(day, 11))
    assert "The deputy chair of Charnwood has not approved after 2 reminders." in digest(told, 31)


@pytest.mark.parametrize(
    ("people", "until", "said"),
    [
        ((CHAIR,), "2014-10-28", True),
        ((CHAIR,), "2014-10-22", False),
        ((CHAIR, DEPUTY), "2014-10-28", False),
    ],
)
def test_a_chair_who_is_away_for_long_without_a_deputy_stands_in_the_digest(
    people: tuple[Contact, ...], until: str, said: bool
) -> None:
    told, respondent = told_with(*people)
    absent(told, until)
    told.arrive(respondent, at(21, 10))
    told.tick(at(21, 11))
    sentence = "Charnwood Chair is away until Tuesday 28 October 2014, and nobody else may approve"
    assert (sentence in digest(told, 21)) is said
    told.happen(Happened.ABSENCE_ENDED, at(22), subject=CHAIR.address)
    assert "may approve" not in digest(told, 22)


def play_silence(*people: Contact) -> tuple[Told, dict[str, list[str]]]:
    """A complete return, and nobody answers until the middle of November: what each person at it got."""
    told, respondent = told_with(*people)
    told.arrive(respondent, at(20))
    days = [at(day, 9) for day in range(20, 32)] + [at(day, 9, month=11) for day in range(1, 13)]
    for now in days:
        told.tick(now)
    got: dict[str, list[str]] = {}
    for letter in told.sent():
        got.setdefault(letter.recipient, []).append(letter.kind)
    return told, got


def test_a_silent_chair_s_deputy_is_asked_only_after_all_reminders_and_the_chair_is_told() -> None:
    told, got = play_silence(CHAIR, DEPUTY)
    assert got[CHAIR.address][:4] == ["approval-request", "approval-reminder", "approval-reminder", "deputy-asked"]
    assert got[CHAIR.address].count("deputy-asked") == 1
    assert got[DEPUTY.address][0] == "approval-request"
    asked = next(x for x in told.sent("approval-request") if x.recipient == DEPUTY.address)
    assert "We asked Charnwood Chair before, and have no answer yet." in told.words[asked.id].facts["why"]
    last = max(x.sent for x in told.sent("approval-reminder") if x.recipient == CHAIR.address and x.sent)
    assert asked.sent is not None
    assert asked.sent > last
    assert told.state(CHARNWOOD) == "complete", "nothing approves itself"


def test_a_chair_without_a_deputy_is_told_of_none() -> None:
    _, got = play_silence(CHAIR)
    assert "deputy-asked" not in got[CHAIR.address]


def test_a_chair_who_is_away_is_told_who_was_asked_in_their_place() -> None:
    told, respondent = told_with(CHAIR, DEPUTY)
    told.happen(Happened.ABSENCE_SEEN, at(17), subject=CHAIR.address, until="2014-10-31", assumed=False)
    told.arrive(respondent, at(20))
    told.tick(at(20, 10))
    told.tick(at(21, 10))
    (note,) = told.sent("deputy-asked")
    assert note.recipient == CHAIR.address
    text = render(told.words[note.id], OFFICE, environment=TEMPLATES).text
    assert "because you are away until Friday 31 October 2014" in " ".join(text.split())
    assert "your own answer" not in text
