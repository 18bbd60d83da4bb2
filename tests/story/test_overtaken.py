"""What a step decides on facts that something has overtaken is never stored; it decides again on those that stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from csp_workflow.steps import beat, cycle, judge, ordering, papers, receive, setting_up, showing
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.service import StoreBusy
from tests.story.site_told import CO_ORDINATOR, Played, at, filled

LEIC = "lead@leicester.example"
Q2, Q3 = Quarter(2014, 2), Quarter(2014, 3)
LATE, PAPER_DAY, NEXT_ROUND = at("29 Oct 10:00"), at("14 Nov 10:00"), datetime(2015, 1, 15, 10, tzinfo=UTC)
BY = "the co-ordinator"
CSV = b"series,area,period,value\nM12a,E06000016,2012/13-Q1,412\n"


class OvertakenStore:
    """The store, where somebody else's hold is stored so many times just before a decision is."""

    def __init__(self, store: Any, times: int) -> None:
        self.honest, self.times = store, times
        self.stored: list[bool] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.honest, name)

    def commit(self, decision: Decision, *, at: datetime, **rest: Any) -> bool:
        if self.times:
            self.times -= 1
            held = Event(kind=Happened.HELD, at=at, by="somebody else", respondent="melton")
            self.honest.commit(Decision(events=(held,)), at=at)
        done: bool = self.honest.commit(decision, at=at, **rest)
        self.stored.append(done)
        return done


Act = Callable[[Outside], object]


def nothing(_: Outside) -> None:
    """The quarter was sent out, and nothing else is needed."""


def plan_next(outside: Outside) -> None:
    cycle.plan_cycle(outside, Q3, NEXT_ROUND)


def prove_next(outside: Outside) -> None:
    plan_next(outside)
    cycle.make_proof(outside, Q3, NEXT_ROUND, by=BY)


def draft(outside: Outside) -> None:
    papers.make_draft(outside, Q2, "speb", PAPER_DAY, by=BY)


def clear(outside: Outside) -> None:
    draft(outside)
    papers.clear_paper(outside, Q2, "speb", PAPER_DAY, by=BY, unwaited=True)


def receive_all(outside: Outside) -> None:
    receive.receive(outside, LATE)


def quarantine(outside: Outside) -> None:
    receive_all(outside)
    (row,) = [row for row in outside.store.unjudged() if row.sender == LEIC]
    judge._set_aside(outside, row, LATE)


def replay(outside: Outside) -> None:
    (row,) = [row for row in outside.store.messages() if row.sender == LEIC]
    ordering.replay_message(outside, row.id, LATE)


def fall_silent(outside: Outside) -> None:
    outside.store.saw(LATE - timedelta(days=14))


def order_extension(outside: Outside) -> None:
    words = "EXTEND {code} TO 2014-11-03 BECAUSE of sickness"
    ordering.order(outside, words, respondent="leicester", quarter=Q2, now=at("20 Oct 10:00"))


STEPS: dict[str, tuple[Act, Act]] = {
    "plan": (nothing, plan_next),
    "proof": (plan_next, lambda o: cycle.make_proof(o, Q3, NEXT_ROUND, by=BY)),
    "send": (prove_next, lambda o: cycle.send_requests(o, Q3, NEXT_ROUND, by=BY)),
    "chase": (nothing, lambda o: cycle.chase_all(o, LATE)),
    "close": (nothing, lambda o: cycle.close_cycle(o, Q2, LATE, by=BY)),
    "figures": (nothing, lambda o: setting_up.import_figures(o, CSV, "history.csv", LATE)),
    "digest": (nothing, lambda o: showing.send_digest(o, LATE)),
    "draft": (nothing, draft),
    "clear": (draft, lambda o: papers.clear_paper(o, Q2, "speb", PAPER_DAY, by=BY, unwaited=True)),
    "circulate": (clear, lambda o: papers.circulate_paper(o, Q2, "speb", PAPER_DAY, by=BY)),
    "order": (nothing, order_extension),
    "messages": (receive_all, lambda o: judge.judge_all(o, LATE, obey=ordering.obey)),
    "replay": (quarantine, replay),
    "guard": (fall_silent, lambda o: beat._guard(o, LATE, beat.Beat())),
}


def overtake(site: Played, step: str, *, times: int) -> tuple[list[bool], BaseException | None]:
    """What became of each decision of a step that is overtaken so many times, and how the step ended."""
    prepare, act = STEPS[step]

    def play(outside: Outside) -> tuple[list[bool], BaseException | None]:
        prepare(outside)
        store = OvertakenStore(outside.store, times)
        try:
            act(replace(outside, store=store))  # type: ignore[arg-type]
        except StoreBusy as fault:
            return store.stored, fault
        return store.stored, None

    return site.ask(play)  # type: ignore[return-value]


@pytest.fixture
def written(site: Played) -> Played:
    """A return and an order wait in the mailbox."""
    request = site.the_letter(LEIC, "Please fill in")
    site.reply(request, LEIC, "Our return.", filled(request))
    site.write(CO_ORDINATOR, "An order", "HOLD RUTL")
    return site


@pytest.mark.parametrize("step", STEPS)
def test_a_decision_on_overtaken_facts_is_made_again(written: Played, step: str) -> None:
    stored, fault = overtake(written, step, times=1)
    assert fault is None
    assert stored[:2] == [False, True]
    assert all(stored[1:])


@pytest.mark.parametrize("step", ["send", "close", "order", "messages"])
def test_a_decision_whose_facts_never_stand_is_not_stored(written: Played, step: str) -> None:
    stored, fault = overtake(written, step, times=99)
    assert isinstance(fault, StoreBusy)
    assert stored == [False] * 3
