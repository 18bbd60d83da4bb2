"""N4 over random quarters: no chase after an arrival, none outside the window, at most one a working day."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from csp_workflow.chase import beat
from csp_workflow.chase.quiet import window_is_shut
from csp_workflow.terms.dates import in_london
from csp_workflow.terms.events import Happened, LetterState, QueuedLetter
from tests.chase.quarter_told import CHARNWOOD, HEALTH, MELTON, RUTLAND, SITE, Told, at

PEOPLE = (CHARNWOOD, MELTON, RUTLAND, HEALTH)
KEYS = [r.key for r in PEOPLE]

ACTS = st.one_of(
    st.tuples(st.just("sleep"), st.integers(1, 30 * 24 * 60)),
    st.tuples(st.just("sleep"), st.integers(1, 24 * 60)),
    st.tuples(st.just("arrive"), st.sampled_from(range(4)), st.integers(0, 2)),
    st.tuples(st.just("ask"), st.sampled_from(KEYS)),
    st.tuples(st.just("answer"), st.sampled_from(KEYS)),
    st.tuples(st.just("hold"), st.sampled_from(KEYS)),
    st.tuples(st.just("resume"), st.sampled_from(KEYS)),
    st.tuples(st.just("extend"), st.sampled_from(KEYS), st.sampled_from(["2014-10-31", "2014-11-05", "2014-11-12"])),
    st.tuples(st.just("yes"), st.sampled_from(KEYS)),
    st.tuples(st.just("nil"), st.sampled_from(KEYS)),
    st.tuples(st.just("away"), st.sampled_from(KEYS)),
    st.tuples(st.just("approve"), st.sampled_from(KEYS)),
    st.tuples(st.just("draft")),
    st.tuples(st.just("clear")),
)


def act(told: Told, now: datetime, what: tuple[object, ...]) -> None:
    status = told.facts().status.returns
    match what:
        case ("arrive", int(place), int(faults)):
            told.arrive(PEOPLE[place], now, faults=faults, value=len(told.submissions.get(KEYS[place], ())))
        case ("ask", str(key)):
            told.happen(Happened.QUESTION_ASKED, now, key, "m1")
        case ("answer", str(key)):
            told.happen(Happened.QUESTION_ANSWERED, now, key, "m1")
        case ("hold", str(key)):
            told.happen(Happened.HELD, now, key)
        case ("resume", str(key)):
            told.happen(Happened.RESUMED, now, key)
        case ("extend", str(key), str(until)) if str(status[key].state) == "requested":
            told.happen(Happened.EXTENDED, now, key, until=until, reason="")
        case ("yes", str(key)) if status[key].chair_letter_proposed:
            told.happen(Happened.CHAIR_LETTER_ALLOWED, now, key)
        case ("nil", str(key)) if str(status[key].state) != "nil":
            told.happen(Happened.NIL, now, key, reason="nothing")
        case ("approve", str(key)) if str(status[key].state) == "complete" and key != HEALTH.key:
            told.happen(Happened.APPROVED, now, key, status[key].submission)
        case ("draft",):
            told.happen(Happened.PAPER_DRAFTED, now, subject="speb", content="c1")
        case ("clear",) if [str(paper.state) for paper in told.facts().status.papers.values()] == ["draft"]:
            told.happen(Happened.PAPER_CLEARED, now, subject="speb", content="c1")
        case ("away", str(key)):
            told.happen(Happened.ABSENCE_SEEN, now, subject=f"lead@{key}.example", until="2014-11-04")
        case _:
            pass


def check(told: Told, sent: list[QueuedLetter], now: datetime) -> None:
    facts = told.facts()
    assert not window_is_shut(SITE, now) or not sent
    for letter in sent:
        for key in letter.respondents:
            status = facts.status.returns[key]
            assert key not in facts.service.held_respondents
            if letter.kind.startswith("reminder") or letter.kind == "overdue-chair":
                assert not status.state.is_in
                assert not status.is_paused
            if letter.kind == "overdue-chair":
                assert status.chair_letter_allowed


@settings(max_examples=60)
@given(st.lists(ACTS, max_size=30), st.booleans())
def test_no_wrong_chase_in_any_quarter(acts: list[tuple[object, ...]], lazy: bool) -> None:
    told, now = Told().open(at(15), *PEOPLE), at(15, 10)
    for what in acts:
        if what[0] == "sleep":
            now += timedelta(minutes=int(str(what[1])))
            if lazy:
                told.tick(now, posting=False)
        else:
            act(told, now, what)
        if not lazy or what[0] == "sleep":
            check(told, told.tick(now), now)
            assert not beat.decide_chase(told.facts(), now), "a second beat at the same moment creates nothing"
    days = [(x.recipient, in_london(x.sent).date()) for x in told.sent() if x.sent]
    assert len(days) == len(set(days))
    causes = [(x.kind, x.cause, x.recipient) for x in told.letters]
    assert len(causes) == len(set(causes))


@settings(max_examples=60)
@given(st.integers(60, 30 * 24 * 60), st.integers(0, 24 * 60 * 20))
def test_after_any_downtime_each_person_gets_at_most_one_letter(minutes: int, before: int) -> None:
    told, now = Told().open(at(15), *PEOPLE), at(20, 9)
    for _ in range(before // (24 * 60)):
        told.tick(now)
        now += timedelta(days=1)
    earlier = len(told.letters)
    now += timedelta(minutes=minutes)
    for repeat in range(3):
        told.tick(now + timedelta(minutes=repeat))
    fresh = [x.recipient for x in told.letters[earlier:] if x.state is LetterState.SENT]
    assert len(fresh) == len(set(fresh))


@settings(max_examples=40)
@given(st.integers(0, 35 * 24 * 60))
def test_two_beats_at_the_same_moment_decide_the_same_and_do_it_once(minutes: int) -> None:
    now = at(15, 10) + timedelta(minutes=minutes)
    one, other = Told().open(at(15), *PEOPLE), Told().open(at(15), *PEOPLE)
    assert beat.decide_chase(one.facts(), now) == beat.decide_chase(other.facts(), now)
    one.commit(beat.decide_chase(one.facts(), now), now)
    assert not beat.decide_chase(one.facts(), now)
