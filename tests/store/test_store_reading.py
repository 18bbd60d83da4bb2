"""What the store is asked: plans, versions, figures as at a day, messages, cursors, stamps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from store_told import BESIDE, NOW, Q2, dates, event, figure, land, queue, request, submission

from csp_workflow.store import Claim, Store, migrations
from csp_workflow.store.engine import LEASE
from csp_workflow.store.tables import VerdictRow
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Happened
from csp_workflow.terms.figures import FigureStatus
from csp_workflow.terms.messages import Handling, Judgement, Verdict


def test_a_plan_is_kept_and_a_later_one_takes_its_place(store: Store) -> None:
    assert store.plan_of(Q2) is None
    moved = replace(dates(), papers=(), warnings=("The Board sits too early.", "So does the Panel."))
    for plan in (moved, dates(), dates(Q2.plus(1)), moved):
        store.commit(Decision(plans=(plan,)), at=NOW)
        assert store.plan_of(plan.quarter) == plan
    assert tuple(store.cycle_states()) == (Q2, Q2.plus(1))


def test_the_state_of_an_old_cycle_is_known_without_its_returns(store: Store) -> None:
    made = (event(Happened.PROOF_MADE, ""), event(Happened.EXPECTED), event(Happened.CYCLE_OPENED, ""))
    store.commit(Decision(events=made, plans=(dates(),)), at=NOW)
    assert store.cycle_states()[Q2] == store.cycle_status(Q2).state == "open"


def test_every_revision_of_a_request_is_kept_and_the_latest_one_stands(store: Store) -> None:
    store.commit(Decision(requests=(request(1),)), at=NOW)
    store.commit(Decision(requests=(request(2),)), at=NOW)
    store.commit(Decision(requests=(request(2),)), at=NOW)
    assert store.request_history(Q2, "charnwood") == (request(1), request(2))
    assert store.requests(Q2) == {"charnwood": request(2)}


def test_figures_are_the_imported_ones_and_those_of_latest_versions_only(store: Store) -> None:
    imported = figure("M01.1", "398", as_at=date(2014, 4, 1))
    first, second = submission(1, value="412"), submission(2, message="m2", value="431")
    land(store, "m1")
    land(store, "m2")
    store.commit(Decision(figures=(imported,)), at=NOW)
    store.commit(Decision(submissions=(first,)), at=NOW)
    store.commit(Decision(submissions=(second,)), at=NOW)
    values = [(f.series, str(f.value)) for f in store.figures()]
    assert values == [("M01.1", "398"), ("M01.1", "431"), ("M11", "12")]
    assert store.latest_submissions(Q2) == {"charnwood": second}


def test_figures_can_be_asked_as_at_a_date(store: Store) -> None:
    store.commit(Decision(figures=(figure("M01.1", as_at=date(2014, 4, 1)), figure("M02")), submissions=()), at=NOW)
    assert [f.series for f in store.figures(before=date(2014, 4, 1))] == ["M01.1"]
    assert store.figures(before=date(2014, 3, 31)) == ()


def test_importing_the_same_file_twice_adds_nothing_and_a_correction_takes_the_place(store: Store) -> None:
    for value in ("412", "412", "431"):
        store.commit(Decision(figures=(figure(value=value),)), at=NOW)
    assert [str(f.value) for f in store.figures()] == ["431"]


def test_rates_beside_groups_are_kept_digit_for_digit_and_once(store: Store) -> None:
    withheld = replace(BESIDE, status=FigureStatus.SUPPRESSED, rate=None, average=None, low=None, high=None)
    for _ in range(2):
        store.commit(Decision(group_rates=(BESIDE, withheld)), at=NOW)
    assert store.group_rates() == (BESIDE, withheld)
    assert [str(rate.rate) for rate in store.group_rates()] == ["6.910", "None"]


@pytest.mark.parametrize(
    "changes", [{"low": Decimal(7)}, {"high": Decimal(5)}, {"members": 0}, {"rate": None}, {"average": None}]
)
def test_the_database_itself_refuses_limits_that_are_none(store: Store, changes: dict[str, object]) -> None:
    with pytest.raises(IntegrityError):
        store.commit(Decision(group_rates=(replace(BESIDE, **changes),)), at=NOW)


def test_a_rate_that_its_status_forbids_is_named_by_the_check(store: Store, url: str) -> None:
    store.commit(Decision(group_rates=(replace(BESIDE, status=FigureStatus.SUPPRESSED),)), at=NOW)
    (fault,) = migrations.faults(url)
    assert "'group_rate'" in fault
    assert "suppressed has the value 6.910" in fault


def test_narratives_are_those_of_the_latest_earlier_quarter_that_came(store: Store) -> None:
    land(store)
    old = submission(quarter=Quarter(2013, 4))
    store.commit(Decision(submissions=(old, submission())), at=NOW)
    (told,) = store.narratives_before(Q2, "charnwood").values()
    assert (told.quarter, told.respondent) == (Quarter(2013, 4), "charnwood")
    assert (told.ref, told.text, told.promise) == ("T1", old.narratives[0].text, old.narratives[0].promise)
    assert store.narratives_before(Quarter(2013, 4), "charnwood") == {}


def test_a_message_is_known_by_its_content_wherever_it_lies(store: Store) -> None:
    assert land(store, "m1", source="1.a")
    assert not land(store, "m1", source="2.b", received=NOW + timedelta(days=1))
    (kept,) = store.messages()
    assert (kept.source, kept.received) == ("1.a", NOW)


def test_a_message_is_one_worker_s_until_it_is_let_go_or_its_lease_ends(store: Store) -> None:
    land(store)
    claim = store.claim_message("m1", clock=1000)
    assert claim == Claim(message="m1", token=1)
    assert store.claim_message("m1", clock=1000 + LEASE) is None
    store.let_go(claim)
    again = store.claim_message("m1", clock=1001)
    assert again == Claim(message="m1", token=2), "nobody died over it"
    store.let_go(claim)
    assert store.claim_message("m1", clock=1002) is None, "the first one's token counts no more"
    assert store.claim_message("m1", clock=1002 + LEASE) == Claim(message="m1", token=3, abandoned=1)
    assert store.claim_message("m1", clock=1003, alone=True) == Claim(message="m1", token=4, abandoned=2)
    with pytest.raises(KeyError):
        store.claim_message("never landed", clock=1000)


def test_an_attempt_is_counted_by_whoever_has_the_message_and_a_judged_one_is_nobody_s(store: Store) -> None:
    land(store)
    overtaken = store.claim_message("m1", clock=1000)
    claim = store.claim_message("m1", clock=1001, alone=True)
    assert overtaken
    assert claim
    assert store.count_attempt(overtaken) == 0
    assert store.count_attempt(claim) == 1
    store.let_go(claim)
    assert store.claim_message("m1", clock=1002) == Claim(message="m1", token=3, attempts=1, abandoned=1)
    store.commit(Decision(judgement=Judgement(message="m1", verdict=Verdict.HELD, reason="?")), at=NOW)
    assert store.claim_message("m1", clock=9000) is None
    assert store.reopen("m1", Handling.ASSIGN, at=NOW, clock=9000) == Claim(message="m1", token=4)
    assert store.claim_message("m1", clock=9001) is None, "it is in hand at once"


def test_only_messages_without_a_verdict_are_looked_at_oldest_first(store: Store) -> None:
    land(store, "m2", received=NOW + timedelta(hours=1))
    land(store, "m1")
    assert [m.id for m in store.unjudged()] == ["m1", "m2"]
    store.commit(Decision(judgement=Judgement(message="m1", verdict=Verdict.NOISE, reason="")), at=NOW)
    assert [m.id for m in store.unjudged()] == ["m2"]


def test_a_held_message_can_be_judged_anew_and_a_return_cannot(store: Store) -> None:
    land(store)
    store.commit(Decision(judgement=Judgement(message="m1", verdict=Verdict.HELD, reason="?")), at=NOW)
    later = NOW + timedelta(days=1)
    assert not store.reopen("m1", Handling.REPLAY, at=later, clock=0)
    assert store.reopen("m1", Handling.ASSIGN, at=later, clock=0)
    assert not store.reopen("m1", Handling.ASSIGN, at=later, clock=0)
    assert [m.id for m in store.unjudged()] == ["m1"]


def test_a_message_keeps_the_verdicts_it_had(store: Store) -> None:
    land(store)
    later = NOW + timedelta(days=1)
    first = Judgement(message="m1", verdict=Verdict.HELD, reason="Whose is it?", respondents=("charnwood", "blaby"))
    store.commit(Decision(judgement=first), at=NOW)
    store.reopen("m1", Handling.ASSIGN, at=later, clock=0)
    assert store.message("m1").respondents == ()  # type: ignore[union-attr]
    second = replace(first, verdict=Verdict.NIL, reason="Nothing to report.", respondents=("charnwood",))
    store.commit(Decision(judgement=second), at=later)
    with Session(store._engine) as session:
        rows = session.exec(select(VerdictRow).order_by(col(VerdictRow.number))).all()
    assert [(row.verdict, row.reason, row.given, row.reopened) for row in rows] == [
        ("held", "Whose is it?", NOW, later),
        ("nil", "Nothing to report.", later, None),
    ]
    kept = store.message("m1")
    assert kept is not None
    assert (kept.verdict, kept.respondents) == (Verdict.NIL, ("charnwood",))


def test_letters_are_found_by_what_a_reply_answers(store: Store) -> None:
    queue(store, 3)
    found = store.letter_by_message_id(["<stranger@x.example>", "<csp.2@opcc.example>", "<csp.1@opcc.example>"])
    assert found is not None
    assert found.cause == "request:2014/15-Q2:2"
    assert store.letter_by_message_id([]) is None


def test_cursors_and_stamps_are_kept_by_name_and_time_never_goes_back(store: Store) -> None:
    store.save_cursor("maildir:a", "7")
    store.save_cursor("maildir:a", "8")
    assert (store.cursor("maildir:a"), store.cursor("maildir:b")) == ("8", "")
    store.set_stamp("environment", "rehearsal")
    assert store.stamps() == {"environment": "rehearsal"}
    store.saw(NOW)
    store.saw(NOW - timedelta(days=1))
    assert store.last_seen() == NOW


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    note=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    value=st.decimals(allow_nan=False, allow_infinity=False),
)
def test_whatever_people_write_comes_back_as_it_was(store: Store, note: str, value: Decimal) -> None:
    made = event(Happened.EXTENDED, facts={"until": "2014-11-05", "reason": note})
    mark = len(store.events(Q2))
    read = figure(f"X{len(store.figures())}", value=str(value), note=note)  # each example has a series of its own
    store.commit(Decision(events=(made,), figures=(read,)), at=NOW)
    assert store.events(Q2)[mark:] == (made,)
    assert "charnwood" in store.cycle_status(Q2).returns
    (kept,) = (one for one in store.figures() if one.series == read.series)
    assert str(kept.value) == str(value)
    assert kept.note == note
