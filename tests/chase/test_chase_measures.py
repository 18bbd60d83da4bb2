"""The chase of a year's measures: when a lead is reminded, when a chair is asked, and when nobody is written to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from csp_workflow.chase.beat import as_sent
from csp_workflow.chase.measures import MeasuresView, decide_measures_chase, list_lines
from csp_workflow.digest.digest import compile_digest
from csp_workflow.digest.facts import DigestFacts
from csp_workflow.letters.measures import AskedMeasures, measures_request
from csp_workflow.post.leaving import judge_cause
from csp_workflow.request.measures import (
    MeasuresFacts,
    decide_measures_proof,
    decide_measures_sending,
    find_next_year,
    is_proof_due,
)
from csp_workflow.terms.events import Event, Happened, Letter, PreconditionFailed
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.service_status import Agreeing, ServiceStatus, fold_service
from tests.terms.test_measure_sets import SITE, a_set

YEAR = "2014/15"
ASKED_AT = datetime(2014, 7, 7, 9, 0, tzinfo=UTC)
FILE = Attachment(name="x.xlsx", data=b"")
CHARN = SITE.respondent("charnwood")
ONE = a_set(keep=2)


def happened(kind: Happened, at: datetime, **facts: str | int) -> Event:
    return Event(kind=kind, at=at, by="x", respondent="charnwood", facts={"year": YEAR, **facts})


ASKED = fold_service([happened(Happened.MEASURES_ASKED, ASKED_AT)])
PROPOSED_AT = datetime(2014, 7, 10, 9, 0, tzinfo=UTC)
COMPLETE = fold_service([happened(Happened.MEASURES_PROPOSED, PROPOSED_AT, version=1, content=ONE.content)], onto=ASKED)


def view(service: ServiceStatus, *sent: tuple[Letter, datetime]) -> MeasuresView:
    return MeasuresView(
        site=SITE,
        service=service,
        letters=tuple(as_sent(letter, at) for letter, at in sent),
        sets={(YEAR, "charnwood"): ONE},
        attach=lambda _: FILE,
        enclose=lambda _: FILE,
    )


def played(service: ServiceStatus, since: datetime, days: int) -> list[tuple[int, Letter]]:
    """What is written on each of so many days, all of it sent."""
    sent: list[tuple[Letter, datetime]] = []
    found: list[tuple[int, Letter]] = []
    for day in range(days):
        now = since + timedelta(days=day)
        for letter in decide_measures_chase(view(service, *sent), now).letters:
            sent.append((letter, now))
            found.append((day, letter))
    return found


def test_a_lead_is_reminded_twice_at_most_and_not_before_the_due_day() -> None:
    found = played(ASKED, ASKED_AT, 60)
    assert [letter.kind for _, letter in found] == ["measures-reminder"] * 2
    assert found[0][0] == 21
    assert [one.reminder for _, letter in found for one in letter.about] == [1, 2]


def test_chair_and_lead_are_shown_the_set_and_the_chair_is_reminded() -> None:
    found = played(COMPLETE, PROPOSED_AT, 60)
    assert [(day, letter.recipient, letter.facts["asks"]) for day, letter in found[:2]] == [
        (0, "chair@charnwood.example", True),
        (0, "lead@charnwood.example", False),
    ]
    assert [letter.recipient for _, letter in found[2:]] == ["chair@charnwood.example"] * 2


@pytest.mark.parametrize(
    "service",
    [
        replace(ASKED, on_hold=True),
        replace(ASKED, gap_hold=True),
        replace(ASKED, held_respondents=frozenset({"charnwood"})),
        ServiceStatus(),
    ],
)
def test_nobody_is_written_to_while_sending_rests(service: ServiceStatus) -> None:
    assert played(service, ASKED_AT, 40) == []


def test_nobody_is_reminded_while_a_question_of_theirs_waits() -> None:
    due = ASKED_AT + timedelta(days=21)
    assert decide_measures_chase(view(ASKED), due).letters
    assert not decide_measures_chase(replace(view(ASKED), paused=frozenset({"charnwood"})), due).letters


def test_nobody_gets_two_letters_on_a_day() -> None:
    other = measures_request(CHARN.contacts[0], AskedMeasures(year=YEAR, respondents=(CHARN,)), (), phrase="x")
    due = ASKED_AT + timedelta(days=21)
    assert not decide_measures_chase(view(ASKED, (replace(other, cause="other"), due)), due).letters


def test_whoever_left_the_config_is_passed_over() -> None:
    gone = replace(SITE, respondents=tuple(r for r in SITE.respondents if r.key != "charnwood"))
    assert not decide_measures_chase(replace(view(COMPLETE), site=gone), PROPOSED_AT).letters


def test_a_line_for_each_measure_and_objective_that_goes_on() -> None:
    lines = list_lines(SITE, ONE)
    assert len(lines) == len(ONE.measures) + len(ONE.objectives)
    assert lines[0].startswith("CHARN.L1 ASB cases opened: ")


def test_a_letter_that_has_aged_is_withdrawn() -> None:
    asked = AskedMeasures(year=YEAR, respondents=(CHARN,))
    request = as_sent(measures_request(CHARN.contacts[0], asked, (), phrase="x"), ASKED_AT)
    assert judge_cause(request, cycle=None, service=ASKED) == ""
    assert "have come" in judge_cause(request, cycle=None, service=COMPLETE)
    (_, approval), *_ = played(COMPLETE, PROPOSED_AT, 1)
    assert judge_cause(as_sent(approval, PROPOSED_AT), cycle=None, service=COMPLETE) == ""
    assert "Another version" in judge_cause(as_sent(approval, PROPOSED_AT), cycle=None, service=ASKED)


# Asking ---------------------------------------------------------------------------------------------


NONE_YET = Agreeing()


def facts(agreeing: Agreeing = NONE_YET, year: str = YEAR) -> MeasuresFacts:
    return MeasuresFacts(site=SITE, agreeing=agreeing, key=b"k", year=year)


def test_nothing_is_sent_without_a_proof_nor_twice() -> None:
    with pytest.raises(PreconditionFailed, match="No proof"):
        decide_measures_sending(facts(), ASKED_AT)
    proof = decide_measures_proof(facts(), ASKED_AT)
    proved = fold_service(proof.events).agreeing
    sent = decide_measures_sending(facts(proved), ASKED_AT)
    assert {x.recipient for x in sent.letters} == {r.address for r in _leads()}
    asked = fold_service(sent.events).agreeing
    with pytest.raises(PreconditionFailed, match="asked for its measures"):
        decide_measures_proof(facts(asked), ASKED_AT)
    assert find_next_year(SITE, asked, ASKED_AT) == ""


def _leads() -> list[object]:
    return [c for r in SITE.respondents if r.needs_approval for c in r.contacts if c.role.value == "lead"]


def test_somebody_who_cannot_be_asked_stops_the_sending_and_is_named() -> None:
    nobody = tuple(replace(r, contacts=()) if r.key == "charnwood" else r for r in SITE.respondents)
    proof = decide_measures_proof(replace(facts(), site=replace(SITE, respondents=nobody)), ASKED_AT)
    assert "nobody: name a lead" in str(proof.letters[0].facts["rows"])
    proved = fold_service(proof.events).agreeing
    with pytest.raises(PreconditionFailed, match="Nobody can be asked at Charnwood"):
        decide_measures_sending(replace(facts(proved), site=replace(SITE, respondents=nobody)), ASKED_AT)


def test_the_calendar_proves_the_letters_once_before_the_year() -> None:
    early, there, begun = (datetime(2014, month, 20, 9, 0, tzinfo=UTC) for month in (1, 3, 4))
    assert is_proof_due(SITE, Agreeing(), early) == ""
    assert is_proof_due(SITE, Agreeing(), there) == YEAR
    assert is_proof_due(SITE, Agreeing(), begun) == ""
    proved = fold_service(decide_measures_proof(facts(), there).events).agreeing
    assert is_proof_due(SITE, proved, there) == ""


# The morning letter ---------------------------------------------------------------------------------


def morning(service: ServiceStatus, *sent: tuple[Letter, datetime]) -> tuple[tuple[str, ...], str]:
    letters = tuple(as_sent(letter, at) for letter, at in sent)
    made = compile_digest(DigestFacts(site=SITE, service=service, letters=letters), PROPOSED_AT + timedelta(days=60))
    return made.measures, " ".join(f"{need.sentence} {need.words}" for need in made.needs)


def test_the_morning_letter_says_who_waits_for_whom() -> None:
    assert morning(ASKED)[0] == (
        "Measures for 2014/15, waiting for the lead's answer: Charnwood Community Safety Partnership.",
    )
    assert "waiting for the chair's approval" in morning(COMPLETE)[0][0]
    approved = [happened(Happened.MEASURES_APPROVED, PROPOSED_AT, version=1, content=ONE.content, approver="The Chair")]
    lines, needs = morning(fold_service(approved, onto=COMPLETE))
    assert "waiting for you to agree" in lines[0]
    assert "AGREED CHARN" in needs
    proved = fold_service(decide_measures_proof(facts(), ASKED_AT).events)
    assert morning(proved)[0] == ()
    assert "SEND MEASURES" in morning(proved)[1]


def test_whoever_was_reminded_twice_is_to_be_telephoned() -> None:
    sent = [(letter, ASKED_AT + timedelta(days=day)) for day, letter in played(ASKED, ASKED_AT, 60)]
    assert "Please phone Charnwood Lead Officer" in morning(ASKED, *sent)[1]
    sent = [(letter, PROPOSED_AT + timedelta(days=day)) for day, letter in played(COMPLETE, PROPOSED_AT, 60)]
    assert "Please phone Charnwood Chair" in morning(COMPLETE, *sent)[1]
