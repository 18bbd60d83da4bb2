"""May a letter leave now, and does its cause still live?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csp_workflow.post import leaving
from csp_workflow.terms.dates import CycleState, in_london
from csp_workflow.terms.events import About, Decision, Event, Happened, LetterState, Manner, QueuedLetter
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.service import Mode, TrustProfile
from csp_workflow.terms.service_status import ServiceStatus, fold_service
from csp_workflow.terms.site import Site
from csp_workflow.terms.status import CycleStatus, ReturnStatus
from tests.post.post_told import NOW, Q2, SITE, about, composed, letter, queued


def gone(letter: QueuedLetter, *, cycle: CycleStatus | None, **more: object) -> str:
    """Why a letter is withdrawn, while nothing else is known of the service."""
    return leaving.judge_cause(letter, cycle=cycle, **{"service": ServiceStatus(), **more})  # type: ignore[arg-type]


def row(kind: str, **more: object) -> QueuedLetter:
    asked = letter(kind, **{k: v for k, v in more.items() if k in {"recipient", "about", "manner", "number"}})
    message_id, _ = composed(asked)
    rest = {k: v for k, v in more.items() if k in {"queued", "state", "sent"}}
    return queued(asked, message_id, **rest)


def waits(
    one: QueuedLetter, now: datetime = NOW, service: ServiceStatus | None = None, today: tuple[QueuedLetter, ...] = ()
) -> str:
    return leaving.judge_moment(one, now, site=SITE, service=service or ServiceStatus(), sent_today=today)


def status(state: ReturnState, cycle: CycleState = CycleState.OPEN, **others: ReturnState) -> CycleStatus:
    returns = {"charnwood": state, **others}
    return CycleStatus(
        quarter=Q2, state=cycle, returns={key: ReturnStatus(respondent=key, state=s) for key, s in returns.items()}
    )


@given(st.datetimes(datetime(2014, 1, 1), datetime(2019, 12, 31)))
def test_a_timed_letter_leaves_only_in_the_window_of_a_london_working_day(moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    local = in_london(now)
    may = SITE.working_days.is_working(local.date()) and 9 <= local.hour < 16
    assert (waits(row("request"), now) == "") is may
    assert waits(row("receipt"), now) == ""
    assert waits(row("digest"), now) == ""


def test_a_hold_stops_everything_but_the_offices_own_letters() -> None:
    held = ServiceStatus(on_hold=True)
    assert waits(row("request"), service=held) == "All sending is on hold."
    assert waits(row("receipt"), service=held) == "All sending is on hold."
    assert waits(row("digest"), service=held) == ""


def test_a_hold_of_one_respondent_stops_its_letters_only() -> None:
    held = ServiceStatus(held_respondents=frozenset({"charnwood"}))
    assert waits(row("receipt"), service=held) == "The respondent is on hold."
    assert waits(row("request", about=about("melton")), service=held) == ""
    assert waits(row("request", about=about("melton", "charnwood")), service=held)


def test_after_a_gap_answers_go_on_and_requests_and_reminders_wait() -> None:
    gap = ServiceStatus(gap_hold=True)
    assert waits(row("request"), service=gap)
    assert waits(row("reminder-overdue"), service=gap)
    assert waits(row("receipt"), service=gap) == ""


def test_a_clock_in_doubt_holds_answers_too() -> None:
    doubt = ServiceStatus(clock_doubted=True)
    assert waits(row("receipt"), service=doubt)
    assert waits(row("digest"), service=doubt) == ""


def test_nobody_is_chased_twice_on_one_day_and_a_request_is_no_chase() -> None:
    reminded = row("reminder-overdue", state=LetterState.SENT, sent=NOW)
    assert waits(row("approval-reminder"), today=(reminded,)) == "Its recipient has had a letter today."
    assert waits(row("request"), today=(reminded,)) == ""
    assert waits(row("reminder-overdue", number=2), today=(row("request"),)) == ""
    assert waits(row("receipt"), today=(reminded,)) == ""


@pytest.mark.parametrize("state", [s for s in ReturnState if s.is_in])
@pytest.mark.parametrize("kind", ["reminder-before-due", "reminder-overdue", "overdue-chair", "extension-given"])
def test_nobody_is_chased_for_what_has_arrived(kind: str, state: ReturnState) -> None:
    assert gone(row(kind), cycle=status(state)) == f"The return is {state} now."
    assert gone(row(kind), cycle=status(ReturnState.REQUESTED)) == ""


def test_a_chase_for_two_goes_when_either_has_come_and_a_request_only_when_both_have() -> None:
    both = ("charnwood", "melton")
    one_in = status(ReturnState.RECEIVED, melton=ReturnState.REQUESTED)
    assert gone(row("reminder-overdue", about=about(*both)), cycle=one_in)
    assert gone(row("request", about=about(*both)), cycle=one_in) == ""
    both_in = status(ReturnState.RECEIVED, melton=ReturnState.NIL)
    assert gone(row("request", about=about(*both)), cycle=both_in)


@pytest.mark.parametrize("state", list(ReturnState))
def test_a_chair_is_asked_only_while_the_return_is_complete(state: ReturnState) -> None:
    reason = gone(row("approval-request"), cycle=status(state))
    assert (reason == "") is (state is ReturnState.COMPLETE)


def test_of_several_digests_that_wait_only_the_latest_leaves() -> None:
    old, new = row("digest"), row("digest", number=2, queued=NOW + timedelta(days=1))
    assert gone(old, cycle=None, waiting=(old, new))
    assert gone(new, cycle=None, waiting=(old, new)) == ""
    to_deputy = replace(new, recipient="deputy@opcc.example")
    assert gone(old, cycle=None, waiting=(old, to_deputy)) == ""


def test_a_proof_pack_is_not_shown_after_the_requests_went_out() -> None:
    pack = replace(row("proof-pack"), quarter=Q2)
    assert gone(pack, cycle=CycleStatus(quarter=Q2, state=CycleState.IN_PROOF)) == ""
    assert gone(pack, cycle=CycleStatus(quarter=Q2, state=CycleState.OPEN))


def test_the_manner_of_a_letter_says_whether_it_is_a_chase() -> None:
    assert leaving.is_chase(row("approval-request"))
    assert not leaving.is_chase(row("request-chair"))
    assert not leaving.is_chase(row("reminder-overdue", manner=Manner.ANSWER))


@pytest.mark.parametrize(
    ("mode", "adapter", "environment", "stamped", "mailbox", "may"),
    [
        (Mode.REHEARSAL, "maildir", "", "", "", True),
        (Mode.REHEARSAL, "internet", "", "", "", False),
        (Mode.REDIRECT, "internet", "", "", "", True),
        (Mode.LIVE, "maildir", "live", "live", "a@opcc.example", True),
        (Mode.LIVE, "maildir", "live", "", "", True),
        (Mode.LIVE, "maildir", "", "live", "a@opcc.example", False),
        (Mode.LIVE, "maildir", "live", "rehearsal", "a@opcc.example", False),
        (Mode.LIVE, "maildir", "live", "live", "b@opcc.example", False),
    ],
)
def test_nothing_leaves_unless_everything_agrees(
    mode: Mode, adapter: str, environment: str, stamped: str, mailbox: str, may: bool
) -> None:
    refusal = leaving.judge_mode(
        mode,
        adapter=adapter,
        trust=TrustProfile.RFC8601,
        mailbox="a@opcc.example",
        environment=environment,
        stamped_environment=stamped,
        stamped_mailbox=mailbox,
    )
    assert (refusal == "") is may


def test_real_mail_goes_live_only_where_somebody_vouches_for_senders() -> None:
    asked = {
        "mailbox": "a@opcc.example",
        "environment": "live",
        "stamped_environment": "live",
        "stamped_mailbox": "a@opcc.example",
    }
    refusal = leaving.judge_mode(Mode.LIVE, adapter="internet", trust=TrustProfile.NONE, **asked)
    assert refusal.startswith("service.toml: mode 'live' needs trust.profile")
    assert leaving.judge_mode(Mode.LIVE, adapter="maildir", trust=TrustProfile.NONE, **asked) == ""
    assert leaving.judge_mode(Mode.LIVE, adapter="internet", trust=TrustProfile.EXCHANGE_ONLINE, **asked) == ""


# Answers beyond any plan, and addresses out of reach --------------------------------------------------


def sent(count: int, kind: str = "receipt") -> list[QueuedLetter]:
    return [replace(row(kind, number=n), state=LetterState.SENT) for n in range(count)]


def strays(count: int, at: datetime = NOW) -> list[Event]:
    return [Event(kind=Happened.STRAY_OWN_MAIL, at=at, by="returns@opcc.example", subject=str(n)) for n in range(count)]


def broken(letters: list[QueuedLetter], events: list[Event], *known: Event) -> Decision:
    return leaving.decide_stopping(letters, events, site=SITE, service=fold_service(known), now=NOW)


def test_answers_beyond_the_limit_of_an_hour_are_stopped_and_the_office_is_told() -> None:
    limit = SITE.limits.answers_an_hour
    assert not broken(sent(limit - 1), [])
    assert not broken(sent(limit * 2, "request"), []), "what was planned is no storm"
    decision = broken(sent(limit), [])
    assert [e.kind for e in decision.events] == [Happened.BREAKER_TRIPPED]
    assert [(x.kind, x.recipient, x.manner) for x in decision.letters] == [
        ("answers-on-hold", "coordinator@opcc.example", Manner.OFFICE)
    ]
    assert not broken(sent(limit), [], *decision.events), "told once"


def answered(respondents: int, each: int, *, submission: str = "", first: int = 0) -> list[QueuedLetter]:
    """So many answers about each of some respondents."""
    receipt = replace(row("receipt"), state=LetterState.SENT)
    return [
        replace(receipt, about=(About(respondent=f"r{n}", submission=submission),), recipient=f"lead@r{n}.example")
        for n in range(first, first + respondents)
        for _ in range(each)
    ]


def grown(respondents: int) -> Site:
    """The site with so many respondents."""
    (one, *_) = SITE.respondents
    return replace(SITE, respondents=tuple(replace(one, key=f"r{n}") for n in range(respondents)))


def trips(site: Site, letters: list[QueuedLetter]) -> bool:
    return bool(leaving.decide_stopping(letters, (), site=site, service=ServiceStatus(), now=NOW))


@given(respondents=st.integers(1, 400), each=st.integers(1, leaving.ORDINARY))
@settings(max_examples=25)
def test_however_many_returns_come_within_an_hour_their_answers_are_no_storm(respondents: int, each: int) -> None:
    assert not trips(grown(respondents), answered(respondents, each, submission="s1"))


@given(respondents=st.integers(2, 400), one=st.integers(5, 80), other=st.integers(5, 80), quiet=st.integers(0, 300))
@settings(max_examples=25)
def test_a_loop_of_two_is_stopped_however_large_the_site_and_however_busy_the_morning(
    respondents: int, one: int, other: int, quiet: int
) -> None:
    busy = answered(quiet, 1, submission="s1", first=2)
    of_two = answered(1, one) + answered(1, other, submission="s1", first=1)
    assert trips(grown(respondents), of_two + busy) is (one + other >= SITE.limits.answers_an_hour)


def test_the_limit_of_answers_that_no_return_asks_for_grows_with_the_site() -> None:
    limit = SITE.limits.answers_an_hour
    assert trips(grown(60), answered(limit, 1))
    assert not trips(grown(300), answered(limit * 4, 1))
    assert trips(grown(300), answered(limit * 5, 1))


@pytest.mark.parametrize(
    ("a_minute", "seconds", "room"),
    [(None, [1, 2], None), (3, [], 3), (3, [1, 30], 1), (3, [1, 1, 1, 1], 0), (3, [60, 59.8, 59], 3), (3, [49], 2)],
)
def test_what_left_just_before_leaves_less_room_whoever_handed_it_over(
    a_minute: int | None, seconds: list[float], room: int | None
) -> None:
    handed = [replace(row("request"), handed=NOW - timedelta(seconds=ago)) for ago in seconds]
    assert leaving.count_room(a_minute, handed, NOW) == room


def test_our_own_name_coming_back_a_fourth_time_within_the_hour_stops_answers() -> None:
    assert not broken([], strays(3))
    assert not broken([], strays(4, NOW - timedelta(hours=2)))
    (tripped,) = broken([], strays(4)).events
    assert "4 messages in our own name" in str(tripped.facts["why"])


def test_after_release_counting_begins_anew() -> None:
    released = Event(kind=Happened.RELEASED, at=NOW - timedelta(minutes=5), by="her")
    assert not broken([], strays(4, NOW - timedelta(minutes=10)), released)
    assert broken([], strays(4, NOW - timedelta(minutes=1)), released)
    assert leaving.count_from(fold_service([released]), NOW) == released.at


def test_while_answers_are_stopped_only_they_wait() -> None:
    service = ServiceStatus(breaker="60 automatic answers left within an hour.")
    waits = {
        kind: leaving.judge_moment(row(kind), NOW, site=SITE, service=service)
        for kind in ("receipt", "request", "digest")
    }
    assert waits == {"receipt": "Automatic answers are on hold.", "request": "", "digest": ""}


def test_nothing_goes_to_an_address_that_failed_but_a_last_thank_you() -> None:
    address = "lead@charnwood.example"
    service = fold_service([Event(kind=Happened.CONTACT_DISOWNED, at=NOW, by="test", subject=address)])
    for kind in ("receipt", "request", "reminder-overdue"):
        assert leaving.judge_moment(row(kind), NOW, site=SITE, service=service) == "Its recipient has left the role."
    thanks = row("no-longer-you", manner=Manner.ANSWER)
    assert leaving.judge_moment(thanks, NOW, site=SITE, service=service) == ""


def test_a_question_about_an_address_is_withdrawn_once_it_works_and_a_letter_to_one_that_was_replaced() -> None:
    failed = fold_service([Event(kind=Happened.ADDRESS_FAILED, at=NOW, by="test", subject="lead@charnwood.example")])
    lost = About(respondent="charnwood", message="m1", address="lead@charnwood.example")
    asking = replace(row("who-to-write-to"), about=(lost,), recipient="chair@charnwood.example")
    assert gone(asking, cycle=None, service=failed) == ""
    assert gone(asking, cycle=None) == "The address works again."
    waiting = row("receipt")
    assert gone(waiting, cycle=None, service=failed) == ""
    assert gone(waiting, cycle=None, service=failed, registered=False) == "The recipient is no longer a contact."
