"""What somebody else stores while a message is judged is looked at before its verdict is committed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from csp_workflow.intake.case import IntakeFacts
from csp_workflow.steps import judge
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Event, Happened
from tests.story.site_told import Played, at, filled

LEIC = "lead@leicester.example"
Q2 = Quarter(2014, 2)
LATE = "31 Oct 09:30"


def a_late_return(site: Played) -> None:
    request = site.the_letter(LEIC, "Please fill in")
    site.reply(request, LEIC, "Our return.", filled(request))


def extend(outside: Outside, until: str) -> None:
    """The due date is put off, as an order at the command line does while the service is in the midst of a beat."""
    extended = Event(
        kind=Happened.EXTENDED,
        at=at(LATE),
        by="co-ordinator",
        quarter=Q2,
        respondent="leicester",
        facts={"until": until, "reason": "sickness"},
    )
    outside.store.commit(Decision(events=(extended,)), at=at(LATE))


def interrupting(monkeypatch: pytest.MonkeyPatch, act: Callable[[Outside, int], None]) -> list[IntakeFacts]:
    """Something happens each time after facts were gathered; the facts, as they come."""
    honest, seen = judge.gather_facts, []

    def gathered(outside: Outside, *rest: object, **more: object) -> IntakeFacts:
        facts = honest(outside, *rest, **more)  # type: ignore[arg-type]
        seen.append(facts)
        act(outside, len(seen))
        return facts

    monkeypatch.setattr(judge, "gather_facts", gathered)
    return seen


def test_a_return_is_decided_on_again_when_its_due_date_was_put_off_meanwhile(
    site: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_late_return(site)

    def put_off_once(outside: Outside, time: int) -> None:
        if time == 1:
            extend(outside, "2014-11-03")

    seen = interrupting(monkeypatch, put_off_once)
    site.beat(LATE)
    assert [facts.cycles[-1].stands("leicester").due is None for facts in seen] == [True, False]
    assert all(set(facts.cycles[-1].requests) == {"leicester"} for facts in seen), "and no facts of anybody else"
    late = site.ask(lambda outside: [s.late for s in outside.store.submissions(Q2, "leicester")], LATE)
    assert late == [False]


def test_a_message_whose_facts_never_stand_still_waits_for_the_next_beat_and_is_no_failure_of_its_own(
    site: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_late_return(site)
    with monkeypatch.context() as busy:
        interrupting(busy, lambda outside, time: extend(outside, f"2014-11-{3 + time % 3:02}"))
        beat = site.beat(LATE)
    assert "judge" in beat.failed_steps
    assert site.state("leicester") == "requested"
    (row,) = site.ask(lambda outside: outside.store.unjudged(), LATE)  # type: ignore[misc]
    assert row.attempts == 0
    site.beat("31 Oct 09:31")
    assert site.state("leicester") in {"queried", "complete"}
