"""What may be about something else stands first in the digest, by itself, until the co-ordinator has dealt with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.service_status import FoundTopic
from tests.chase.quarter_told import SITE, Told, at
from tests.digest.test_digest_told import HELD, QUESTION, compiled, late_quarter, said
from tests.mail.lists import TOPICS

_ELSEWHERE = {"information-request": "Information Governance", "safeguarding": "Safeguarding Lead"}
_LISTED = tuple(
    replace(one, office=_ELSEWHERE[one.key], address="x@opcc.example") if one.key in _ELSEWHERE else one
    for one in TOPICS.topics
)
TOLD = replace(SITE, topics=replace(TOPICS, topics=_LISTED))
"""Two topics are others' to deal with, and a complaint is the co-ordinator's own."""


def about(topic: str, due: date | None = None, *, passed: bool = True) -> FoundTopic:
    return FoundTopic(message="m", topic=topic, due=due, passed=passed)


def test_it_stands_first_with_the_day_that_the_law_sets_and_is_no_second_need() -> None:
    told = late_quarter()
    told.site = TOLD
    foi = replace(HELD, topics=(about("information-request", date(2014, 11, 27)),))
    made = compiled(told, at(13, month=11), QUESTION, foi)
    first = made.needs[0]
    assert first.sentence == (
        'who@unknown.example wrote at 4pm on Thursday 30 October 2014: "Figures for the quarter". It may be an '
        "information request. The answer is due by law by Thursday 27 November 2014. It was passed on to Information "
        "Governance."
    )
    assert first.words == ("DONE 3fa9c1d2e4", "ASSIGN 3fa9c1d2e4 TO CODE")
    assert sum("who@unknown.example" in need.sentence for need in made.needs) == 1
    assert any("waits for your answer" in need.sentence for need in made.needs), "the question stays a need of its own"


def test_what_is_to_be_answered_first_stands_first_and_each_stands_by_itself() -> None:
    told = Told(site=TOLD).open(at(15))
    many = [
        replace(HELD, id=f"{n:016x}", topics=(about("information-request", date(2014, 11, n)),))
        for n in range(28, 2, -1)
    ]
    concern = replace(QUESTION, topics=(about("safeguarding"), about("complaint")))
    made = compiled(told, at(30, 17), *many, concern)
    assert len(made.needs) >= 27
    passed = "It may be a safeguarding concern. It was passed on to Safeguarding Lead."
    hers = "It may be a complaint. Write your answer below ANSWER."
    assert f"{passed} {hers}" in made.needs[0].sentence, "what is hers anyhow was passed on to nobody"
    assert made.needs[0].words == ("ANSWER 77b0c1d2e4", "DONE 77b0c1d2e4")
    assert "3 November" in made.needs[1].sentence
    assert "28 November" in made.needs[26].sentence


def test_a_day_that_is_past_and_a_message_too_many_are_said() -> None:
    told = Told(site=TOLD).open(at(15))
    late = replace(HELD, topics=(about("information-request", date(2014, 10, 29), passed=False),))
    text = said(compiled(told, at(30, 17), late))
    assert "The answer was due by law by Wednesday 29 October 2014." in text
    assert "It was one too many that day: please pass it on to Information Governance." in text


def test_a_form_taken_with_words_about_something_else_beside_it_stays_until_done() -> None:
    told = Told(site=TOLD).open(at(15))
    taken = replace(HELD, verdict=Verdict.RETURN, topics=(about("complaint"),))
    assert compiled(told, at(30, 17), taken).needs[0].words == ("DONE 3fa9c1d2e4",)
