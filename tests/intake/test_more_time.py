"""A lead who names a working day before the close has more time at once; every other request is the co-ordinator's.

Returns of these examples are due on 30 October and close on 6 November 2014; the messages come on 20 October.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from csp_workflow.intake.decide import decide
from csp_workflow.terms.events import Decision, Event, Happened
from tests.intake.intake_factory import NOW, Q2, cycle, facts, happened, kinds, mail, verdict


def asked(words: str, sender: str = "Lead <lead@charnwood.example>") -> Decision:
    return decide(mail(words, sender=sender), facts(), NOW)


@pytest.mark.parametrize(
    ("words", "until", "reason"),
    [
        ("Could we have until 4 November?", "2014-11-04", ""),
        (
            "Hi,\n\nPlease can we have an extension to Tuesday 4 November 2014 please?\n\nMany thanks\nLead",
            "2014-11-04",
            "",
        ),
        ("Can we have until 31/10/2014 because our analyst is ill?", "2014-10-31", "our analyst is ill"),
        ("Dear Co-ordinator,\nWe need until 5 November due to half term.\nRegards", "2014-11-05", "half term"),
        ("Please extend the deadline to Wed 5th Nov, if possible.", "2014-11-05", ""),
        ("Could we have a short extension to Monday 3 November please?", "2014-11-03", ""),
        ("Please could I request an extension to 3 November?", "2014-11-03", ""),
        ("Is it possible to extend to 3 November?", "2014-11-03", ""),
        ("Would it be possible to have until Mon 3 Nov please?", "2014-11-03", ""),
        ("Could we have until Mon 3 Nov please, our analyst is off sick", "2014-11-03", "our analyst is off sick"),
        ("can i have until the 31st oct pls", "2014-10-31", ""),
        ("Could we have an extension of 2 working days?", "2014-11-03", ""),
        ("We need one more day because our analyst is ill", "2014-10-31", "our analyst is ill"),
        (
            "Please could you extend the deadline by four days, our analyst is off sick",
            "2014-11-03",
            "our analyst is off sick",
        ),
        ("pls can we extend to the 31st October, we're short of staff", "2014-10-31", "we're short of staff"),
    ],
)
def test_a_working_day_before_the_close_is_given_at_once(words: str, until: str, reason: str) -> None:
    decision = asked(words)
    (given,) = [e for e in decision.events if e.kind is Happened.EXTENDED]
    assert (given.respondent, given.facts) == ("charnwood", {"until": until, "reason": reason})
    assert kinds(decision) == ["extension-given"]
    assert "QUESTION_ASKED" not in happened(decision)
    assert "has it" in decision.judgement.reason  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "words",
    [
        "Could we have until 7 November?",  # after the close
        "Could we have until 6 November?",  # the close itself
        "Could we have until 29 October?",  # sooner than it is due
        "Could we have until 1 November?",  # a Saturday
        "Could we have until the end of next week?",
        "Could we have until 4 November, and who is the contact for the police figures?",
        "Could we have until 4 November unless the Board meets sooner?",
        "Could we have until 4 or 5 November?",
        "Could we have another week?",  # the close itself
        "Could we have two more days?",  # a Saturday
        "Could we have a few more days?",
        "Could we have a week?",
        "Could we have one more day and the police figures?",
        "Could we have one more day of your time?",
        "Can we have until 4 November because our analyst is ill. Please also call me.",
        "Jane asked: could we have until 4 November?",
        "Could we have until 4 November, our figures must be changed",
        "Could we have an extension please?",
        "Could we extend to all partners by 4 November?",
        "Could we have until two weeks?",  # from today, or from the day that stands
        "Could we have until 31 October as well?",
        "Could we have until 31 October as discussed with Jo?",
        "Could we have 99 more working days?",
    ],
)
def test_anything_else_is_a_question(words: str) -> None:
    decision = asked(words)
    assert "EXTENDED" not in happened(decision)
    assert verdict(decision) == "question"
    assert "QUESTION_ASKED" in happened(decision)


def test_a_chair_who_asks_is_passed_on() -> None:
    assert "EXTENDED" not in happened(asked("Could we have until 4 November?", "Chair <chair@charnwood.example>"))


def test_who_has_returned_needs_no_time() -> None:
    came = Event(kind=Happened.RECEIVED, at=NOW, by="test", quarter=Q2, respondent="charnwood", subject="s1")
    decision = decide(mail("Could we have until 4 November?"), facts(cycles=(cycle(events=(came,)),)), NOW)
    assert "EXTENDED" not in happened(decision)


def test_so_much_longer_counts_once_where_more_time_was_given_since_it_was_written() -> None:
    """She gave it by telephone before the message was read, or the lead asked twice at once."""
    for given, is_had in ((NOW, False), (NOW - timedelta(days=1), True)):
        more = {"until": "2014-10-31", "reason": "leave"}
        event = Event(kind=Happened.EXTENDED, at=given, by="her", quarter=Q2, respondent="charnwood", facts=more)
        known = facts(cycles=(cycle(events=(event,)),))
        later = NOW + timedelta(hours=2)
        one_day = decide(mail("Could we have one more working day?"), known, later)
        assert [e.facts["until"] for e in one_day.events if e.kind is Happened.EXTENDED] == ["2014-11-03"] * is_had
        assert "EXTENDED" in happened(decide(mail("Could we have until 4 November?"), known, later))
