"""The morning letter: what needs her first, each with the words to reply; short on a quiet day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from html import unescape
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest

from csp_workflow.chase.beat import foresee_letters
from csp_workflow.desk.usages import fill_in
from csp_workflow.digest import digest
from csp_workflow.digest.facts import DigestFacts, Round
from csp_workflow.letters.catalogue import Rendered, render
from csp_workflow.letters.morning import Digest, ForWhom
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.terms.actions import Action
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Decision, Happened, LetterState, Manner, QueuedLetter
from csp_workflow.terms.messages import HELD_ACTS, Verdict
from csp_workflow.terms.returns import Finding, Severity
from csp_workflow.terms.service_status import fold_service
from csp_workflow.terms.status import fold_cycle
from tests.chase.quarter_told import CHARNWOOD, HEALTH, MELTON, OFFICE, Q2, RUTLAND, SITE, TEMPLATES, Told, at
from tests.desk.reading import read

HELD = WaitingMessage(
    id="3fa9c1d2e4b5a697",
    sender="who@unknown.example",
    subject="Figures for the quarter",
    received=at(30, 16),
    verdict=Verdict.HELD,
    reason="The sender is not registered for any respondent.",
)
QUESTION = replace(
    HELD,
    id="77b0c1d2e4b5a697",
    sender="lead@charnwood.example",
    subject="More time?",
    verdict=Verdict.QUESTION,
    reason="It is not a return.",
    respondents=("charnwood",),
)


def facts(told: Told, now: datetime, *waiting: WaitingMessage) -> DigestFacts:
    about = Round(
        site=told.site,
        dates=told.dates,
        status=fold_cycle(Q2, told.events),
        service=fold_service(told.service_events),
        letters=tuple(told.letters),
        events=tuple(told.events),
        ahead=foresee_letters(told.facts(), now),
    )
    return DigestFacts(
        site=told.site,
        service=fold_service(told.service_events),
        rounds=(about,),
        waiting=waiting,
        events=tuple(told.service_events),
    )


def compiled(told: Told, now: datetime, *waiting: WaitingMessage) -> Digest:
    return digest.compile_digest(facts(told, now, *waiting), now)


def said(made: Digest) -> str:
    return "\n".join(f"{n.sentence} | {' / '.join(n.words)}" for n in made.needs)


def rendered(told: Told, now: datetime, *waiting: WaitingMessage) -> Rendered:
    letter = digest.decide_digest(facts(told, now, *waiting), now).letters[0]
    return render(letter, OFFICE, environment=TEMPLATES)


def late_quarter() -> Told:
    """Charnwood silent to the end, Melton with faults nobody mends, Rutland complete and unapproved, health in."""
    told = Told().open(at(15))
    told.arrive(MELTON, at(20), faults=2)
    told.arrive(RUTLAND, at(20, 11))
    told.arrive(HEALTH, at(21))
    for day in range(20, 32):
        told.tick(at(day, 12))
    for day in range(1, 13):
        told.tick(at(day, 12, month=11))
    return told


# When it goes, and to whom -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "goes"),
    [(at(30, 7, 29), False), (at(30, 7, 30), True), (at(30, 15), True), (at(25, 8), False)],
)
def test_it_goes_once_its_hour_has_come_on_a_working_day(now: datetime, goes: bool) -> None:
    told = Told().open(at(15))
    assert bool(digest.decide_digest(facts(told, now), now)) is goes


def test_it_goes_once_a_day_under_a_cause_of_the_day() -> None:
    told = Told().open(at(15))
    decision = digest.decide_digest(facts(told, at(30, 8)), at(30, 8))
    assert [x.cause for x in decision.letters] == ["digest:2014-10-30"]
    told.commit(decision, at(30, 8))
    assert not digest.decide_digest(facts(told, at(30, 9)), at(30, 9))
    assert digest.decide_digest(facts(told, at(31, 8)), at(31, 8))


def test_the_deputy_gets_a_copy_while_the_co_ordinator_is_away() -> None:
    told = Told().open(at(15))
    now = at(11, 8, month=11)
    letters = digest.decide_digest(facts(told, now), now).letters
    assert [x.recipient for x in letters] == ["coordinator@opcc.example", "deputy@opcc.example"]
    assert "while Performance Co-ordinator is away" in " ".join(
        render(letters[1], OFFICE, environment=TEMPLATES).text.split()
    )


def test_what_nobody_decides_for_two_working_days_goes_to_the_deputy_once_as_she_was_told_before() -> None:
    told, deputy = Told().open(at(15)), "deputy@opcc.example"

    def morning(day: int, *waiting: WaitingMessage) -> list[str]:
        now = at(day, 8)
        decision = digest.decide_digest(facts(told, now, *waiting), now)
        told.commit(decision, now)
        for letter in decision.letters:
            text = " ".join(render(letter, OFFICE, environment=TEMPLATES).text.split())
            assert ("has it too, and may order" in text) is (letter.recipient == deputy)
            assert ("not settled by Monday 20 October goes to " in text) is (letter.recipient != deputy)
        return [letter.recipient for letter in decision.letters]

    def may_order() -> int:
        return fold_service(told.service_events).with_deputy

    assert morning(16, QUESTION) == ["coordinator@opcc.example"], "told on a Thursday"
    assert (morning(17, QUESTION), may_order()) == ([], 0)
    assert (morning(20, QUESTION), may_order()) == ([deputy], 1), "the second working day"
    assert (morning(21, QUESTION), may_order()) == ([], 1), "it went once, and still waits"
    assert (morning(22), may_order()) == ([], 0), "settled"


def test_a_morning_that_was_missed_still_passes_on_and_what_is_put_off_is_not_passed_on() -> None:
    told = Told().open(at(15))
    assert goes(told, at(16, 8), QUESTION)
    late = digest.decide_digest(facts(told, at(23, 8), QUESTION), at(23, 8))
    assert [x.recipient for x in late.letters] == ["deputy@opcc.example"]
    told.happen(Happened.PUT_OFF, at(16, 9), subject=QUESTION.id, until="2014-10-30", what="")
    off = digest.decide_digest(facts(told, at(23, 8), QUESTION), at(23, 8))
    assert "deputy@opcc.example" not in [x.recipient for x in off.letters]


def test_nothing_is_written_when_no_quarter_is_under_way_and_nothing_waits() -> None:
    told = Told()
    assert not digest.decide_digest(facts(told, at(1, 8)), at(1, 8))
    assert digest.decide_digest(facts(told, at(1, 8), HELD), at(1, 8)).letters


def test_status_brings_it_at_any_hour_and_leaves_the_mornings_to_come() -> None:
    told = Told().open(at(15))
    decision = digest.decide_digest_on_request(
        facts(told, at(25, 22)), at(25, 22), to=OFFICE.co_ordinator, cause="status:m1"
    )
    assert [x.cause for x in decision.letters] == ["status:m1"]
    assert not decision.events


# What it says ------------------------------------------------------------------------------------


def test_a_day_on_which_nothing_needs_her_is_short_and_says_so_first() -> None:
    told = Told().open(at(15))
    told.happen(Happened.DIGEST_MADE, at(20, 7, 30), day="2014-10-20")
    told.arrive(HEALTH, at(20, 10))
    words = rendered(told, at(27, 8))
    assert words.subject.startswith("Nothing needs you: 1 of 4 returns in (27 Oct 2014)")
    assert words.text.startswith("Nothing needs you today.\n2014/15 Q2 is open: 1 of 4 returns in, 0 approved.")
    assert len(words.text.splitlines()) < 55
    assert "What needs your decision" not in words.text


# Only where something is new ----------------------------------------------------------------------


def goes(told: Told, now: datetime, *waiting: WaitingMessage, daily: bool = False) -> bool:
    """Whether a letter goes to her; that the morning was looked at is stored either way."""
    known = facts(told, now, *waiting)
    decision = digest.decide_digest(replace(known, site=replace(known.site, digest_daily=daily)), now)
    told.commit(decision, now)
    assert [e.kind for e in decision.events] == [Happened.DIGEST_MADE]
    return any(letter.recipient == OFFICE.co_ordinator.address for letter in decision.letters)


def test_it_comes_when_something_happened_or_is_new_and_ten_working_days_on_while_anything_waits() -> None:
    told = Told().open(at(15))
    assert goes(told, at(16, 8)), "the first"
    assert not goes(told, at(17, 8)), "nothing happened"
    assert not goes(told, at(20, 8)), "a Monday on which nothing waits for her"
    assert goes(told, at(21, 8), QUESTION), "a question came"
    told.arrive(HEALTH, at(21, 10))
    assert not goes(told, at(22, 8), QUESTION), "it was told yesterday, and a return that came needs nobody"
    assert not goes(told, at(27, 8), QUESTION), "a Monday on which nothing is new"
    assert goes(told, at(28, 8), QUESTION), "five working days on, with what goes its course"
    told.site = replace(told.site)
    assert goes(told, at(11, 8, month=11), QUESTION), "ten working days on, and it still waits"
    assert not goes(told, at(12, 8, month=11))
    assert goes(told, at(13, 8, month=11), daily=True), "she wants one each day"


def test_what_goes_its_course_waits_for_the_next_letter_and_is_told_there() -> None:
    told = Told().open(at(15))
    assert goes(told, at(16, 8))
    told.arrive(HEALTH, at(16, 10))
    assert not goes(told, at(17, 8))
    assert [one for one in compiled(told, at(20, 8)).happened if one.startswith("Came and complete")]
    assert not goes(told, at(20, 8)), "a Monday, two working days after the last"
    assert goes(told, at(23, 8)), "five working days on"
    assert not [one for one in compiled(told, at(24, 8)).happened if one.startswith("Came and complete")]


def test_what_a_letter_of_its_own_has_just_brought_is_no_news_to_the_morning_and_presses_later() -> None:
    told = Told()
    told.happen(Happened.EXPECTED, at(13, 7), "charnwood")
    assert goes(told, at(13, 8)), "the first"
    told.happen(Happened.PROOF_MADE, at(14, 7, 30), forms=1)
    assert not goes(told, at(14, 8)), "the proof came this morning, with its words"
    assert goes(told, at(15, 8)), "requests are to go out today"
    told = Told().open(at(15))
    assert goes(told, at(16, 8))
    lost = {"status": "5.1.1", "letter": "a"}
    told.happen(Happened.ADDRESS_FAILED, at(16, 10), subject="lead@charnwood.example", **lost)
    assert not goes(told, at(17, 8)), "she had a letter about it"
    assert not goes(told, at(20, 8)), "nothing is new"


KEPT = QueuedLetter(
    id="a",
    kind="command-done",
    cause="c",
    recipient=OFFICE.co_ordinator.address,
    about=(),
    quarter=None,
    subject="Done: SEND [CSP 2014/15-Q2 #QVNGZN]",
    message_id="",
    content="",
    manner=Manner.OFFICE,
    state=LetterState.QUEUED,
    queued=at(16, 9),
    not_before=at(23, 7, 30),
)


def test_what_she_ordered_is_told_in_a_week_at_most() -> None:
    told = Told().open(at(15))
    assert goes(told, at(16, 8))

    def tell(day: int) -> Decision:
        return digest.decide_digest(replace(facts(told, at(day, 8)), letters=(KEPT,)), at(day, 8))

    assert [bool(tell(day).letters) for day in (17, 20, 21, 22, 23)] == [False] * 4 + [True]
    (letter,) = tell(23).letters
    assert letter.facts["shown"].ordered == ("Thursday 16 October: SEND",)


def test_a_day_whose_letter_has_gone_has_no_second_one_when_a_clock_that_was_ahead_is_put_right() -> None:
    told = Told().open(at(15))
    gone = replace(KEPT, id="d", kind="digest", cause="digest:2014-10-16", queued=at(16, 8), not_before=None)
    for now in (at(16, 8), at(21, 8)):
        told.commit(digest.decide_digest(facts(told, now), now), now)
    again = digest.decide_digest(replace(facts(told, at(16, 17)), letters=(gone,)), at(16, 17))
    assert not again.events
    assert not again.letters


def test_orders_given_twice_are_counted() -> None:
    told = Told().open(at(15))
    for minute in (1, 2, 3):
        told.happen(Happened.COMMANDED, at(16, 9, minute), "charnwood", by="coordinator@opcc.example", command="ACCEPT")
    assert "Orders carried out: ACCEPT Charnwood (3 times)." in compiled(told, at(17, 8)).happened


def test_what_she_did_herself_is_no_news_and_what_her_deputy_did_is() -> None:
    told = Told().open(at(15))
    assert goes(told, at(16, 8))
    told.happen(Happened.NIL, at(16, 10), "rutland", by="coordinator@opcc.example", reason="nothing")
    assert not goes(told, at(17, 8))
    told.happen(Happened.NIL, at(17, 10), "charnwood", by="deputy@opcc.example", reason="nothing")
    assert goes(told, at(20, 8))


@pytest.mark.parametrize("held", [Happened.HELD, Happened.GAP_NOTICED, Happened.CLOCK_DOUBTED])
def test_what_keeps_letters_back_is_said_each_day(held: Happened) -> None:
    told = Told().open(at(15))
    told.happen(held, at(15, 12))
    assert goes(told, at(16, 8))
    assert goes(told, at(17, 8))


def test_a_quarter_that_waits_for_release_past_its_close_is_said_to_be_open_still() -> None:
    told = Told().open(at(15))
    told.happen(Happened.GAP_NOTICED, at(14, 8, month=11))
    closes = "5pm on Friday 14 November 2014"
    before, after = (compiled(told, at(day, 8, month=11)) for day in (14, 17))
    assert f"the quarter closes at {closes}" in str(before)
    assert "Still open" not in said(before)
    assert f"the quarter waits for RELEASE, and was to close at {closes}" in str(after)
    assert f"Still open until you say so: 2014/15 Q2, which was to close at {closes}." in said(after)


def test_what_was_told_before_is_one_line_with_its_day_and_its_orders() -> None:
    told = Told().open(at(15))
    assert goes(told, at(16, 8), QUESTION)
    told.happen(Happened.NIL, at(16, 10), "rutland", by="deputy@opcc.example", reason="nothing")
    words = rendered(told, at(17, 8), QUESTION)
    assert words.subject.startswith("Nothing new needs you, one thing waits")
    assert words.text.startswith("One thing still needs you. Nothing of it is new.")
    assert "- Since Thursday 16 October: A question of Charnwood\n   Reply: ANSWER 77b0c1d2e4\n" in words.text
    assert "Please write" not in words.text
    made = compiled(told, at(17, 8), QUESTION, HELD)
    assert made.first == "Two things need you today, one of them new."
    assert made.subject == "Two things need you: a held message of who@unknown.example"


def test_what_was_put_off_comes_back_in_full() -> None:
    told = Told().open(at(15))
    assert goes(told, at(16, 8), QUESTION)
    told.happen(Happened.PUT_OFF, at(16, 9), subject=QUESTION.id, until="2014-10-21", what="")
    assert not goes(told, at(17, 8), QUESTION)
    assert [need.since for need in compiled(told, at(21, 8), QUESTION).needs] == [None]


def test_a_thing_is_new_again_when_she_may_order_something_else_about_it() -> None:
    told = Told().open(at(15))
    told.happen(Happened.PAPER_DRAFTED, at(18, month=11), subject="speb", content="c1")
    assert goes(told, at(18, 8, month=11))
    told.arrive(CHARNWOOD, at(18, 11, month=11))
    (need,) = compiled(told, at(19, 8, month=11)).fresh
    assert need.words == ("CLEAR speb", "DRAFT speb")


def test_what_is_to_be_done_by_today_is_said_each_day() -> None:
    told = Told().open(at(15))
    told.happen(Happened.PAPER_DRAFTED, at(17, month=11), subject="speb", content="c1")
    clearance = told.dates.papers[0].clearance
    before, days = told.site.working_days.plus(clearance, -1), [at(d, 8, month=11) for d in range(18, 29)]
    went = {london_day(now) for now in days if told.site.working_days.is_working(london_day(now)) and goes(told, now)}
    assert clearance in went
    assert before not in went or before.weekday() == 0


def test_the_table_is_whole_on_the_first_day_of_a_week_and_when_it_changed() -> None:
    told = Told().open(at(15))
    assert goes(told, at(16, 8))
    assert not compiled(told, at(17, 8)).rounds[0].is_whole
    assert compiled(told, at(20, 8)).rounds[0].is_whole
    told.arrive(HEALTH, at(16, 10))
    assert compiled(told, at(17, 8)).rounds[0].is_whole


def test_the_table_says_for_whom_each_return_waits() -> None:
    told = late_quarter()
    (about,) = compiled(told, at(13, 8, month=11)).rounds
    her, done = about.groups
    assert (her.waits_for, [row.name for row in her.rows]) == (ForWhom.HER, ["Charnwood", "Melton", "Rutland"])
    assert (done.waits_for, done.alike) == (ForWhom.NOBODY, (("complete", ("Public Health",)),))
    told = Told().open(at(15))
    told.arrive(MELTON, at(20), faults=2)
    (them,) = compiled(told, at(21, 8)).rounds[0].groups
    assert [row.facts for row in them.rows] == [("queried", "back 20 Oct", "2 faults")]
    assert them.alike == (("requested", ("Charnwood", "Rutland", "Public Health")),)
    assert them.count == 4


def test_what_goes_out_today_can_be_kept_back() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    row = next(row for row in compiled(told, at(30, 8)).ahead if row.day == date(2014, 10, 30))
    assert (row.about, row.stops) == (("Charnwood", "Melton"), ("HOLD CHARN", "HOLD MELT"))
    assert "To keep it back, reply HOLD CHARN or HOLD MELT." in " ".join(rendered(told, at(30, 8)).text.split())
    assert all(not row.stops for row in compiled(told, at(29, 8)).ahead if row.day > date(2014, 10, 29))


def test_a_paper_says_what_it_would_lack_as_its_board_reads_it() -> None:
    told = late_quarter()
    (about,) = compiled(told, at(13, 8, month=11)).rounds
    lacking = "Compiled now, a paper for 2014/15 Q2 would lack"
    assert about.lacks == f"{lacking} the return of Charnwood, and the approvals of Melton and Rutland."
    for respondent in (CHARNWOOD, MELTON):
        told.arrive(respondent, at(13, month=11))
    for respondent in (CHARNWOOD, MELTON, RUTLAND):
        told.happen(Happened.APPROVED, at(13, 10, month=11), respondent.key)
    assert compiled(told, at(14, 8, month=11)).rounds[0].lacks == f"{lacking} nothing."


def test_an_order_is_a_link_that_opens_a_letter_with_it() -> None:
    html = rendered(Told().open(at(15)), at(30, 8), QUESTION).html
    (link,) = re.findall(r'href="(mailto:[^"]*body=DONE[^"]*)"', html)
    parts = urlsplit(unescape(link))
    assert parts.path == OFFICE.mailbox
    said = parse_qs(parts.query)
    assert said["body"] == ["DONE 77b0c1d2e4"]
    assert said["subject"][0].startswith("A question of Charnwood [CSP 2014/15-Q2 #")
    assert " " not in link


def test_her_manager_gets_the_week_in_short_once_a_week_without_anybodys_words() -> None:
    told = late_quarter()
    manager = replace(OFFICE.co_ordinator, name="Head of Office", address="head@opcc.example")
    told.site = replace(told.site, office=replace(OFFICE, manager=manager))
    monday, tuesday = at(17, 8, month=11), at(18, 8, month=11)
    decision = digest.decide_digest(facts(told, monday, QUESTION), monday)
    week = decision.letters[-1]
    assert (week.kind, week.recipient, week.attachments) == ("week-in-short", "head@opcc.example", ())
    words = render(week, OFFICE, environment=TEMPLATES)
    text = " ".join(words.text.split())
    assert "3 of 4 returns in" in words.subject
    assert "wait for Performance Co-ordinator." in text
    assert "You do not have to do anything." in text
    assert "@charnwood" not in words.text
    told.commit(decision, monday)
    assert all(x.kind == "digest" for x in digest.decide_digest(facts(told, tuesday, HELD), tuesday).letters)


@pytest.mark.parametrize(
    ("days", "weekly"),
    [
        pytest.param((17, 25, 18, 19, 24, 26), [17, 25, 24], id="a later day of the next week"),
        pytest.param((17, 24, 18, 19, 25, 26), [17, 24, 25], id="the very morning of the next week"),
        pytest.param((25, 17, 18, 24), [25, 17, 24], id="before the first of this week"),
    ],
)
def test_a_week_in_short_of_a_clock_that_was_ahead_takes_the_place_of_no_other(
    days: tuple[int, ...], weekly: list[int]
) -> None:
    told = late_quarter()
    manager = replace(OFFICE.co_ordinator, name="Head of Office", address="head@opcc.example")
    told.site = replace(told.site, office=replace(OFFICE, manager=manager))
    went: list[tuple[int, str]] = []
    for day in days:
        now = at(day, 8, month=11)
        decision = digest.decide_digest(facts(told, now, QUESTION), now)
        went += [(day, x.cause) for x in decision.letters if x.kind == "week-in-short"]
        told.commit(decision, now)
    assert [day for day, _ in went] == weekly
    assert len({cause for _, cause in went}) == len(went), "one of the same cause would be taken for the same letter"


def test_what_a_partnership_has_answered_waits_for_the_next_letter_and_is_new_in_it() -> None:
    told = Told().open(at(15))
    asked = Action(
        ref="A1",
        board="speb",
        respondent="charnwood",
        asked=date(2014, 9, 11),
        wording="Say how it goes on.",
        due=date(2014, 10, 17),
    )
    told.site = replace(told.site, actions=(asked,))

    def morning(day: int, *waiting: WaitingMessage, answered: bool = True) -> list[Digest]:
        now = at(day, 8)
        known = replace(facts(told, now, *waiting), answered={"A1": "July to September 2014"} if answered else {})
        decision = digest.decide_digest(known, now)
        told.commit(decision, now)
        return [x.facts["shown"] for x in decision.letters]  # type: ignore[misc]

    morning(16)
    assert morning(20) == []
    (shown,) = morning(21, QUESTION)
    assert [need.title for need in shown.fresh] == [
        "A question of Charnwood",
        "Answered, to be closed: A1, asked of Charnwood",
    ]
    (overdue,) = morning(22, QUESTION, answered=False)
    assert [need.title for need in overdue.fresh] == ["Overdue: A1, asked of Charnwood"]


def test_a_morning_before_the_forms_are_out_needs_no_letter_for_a_week_that_went_its_course() -> None:
    told = Told()
    told.happen(Happened.RECEIVED, at(2, 10), "charnwood", subject="s1")
    assert goes(told, at(3, 8))
    told.happen(Happened.COMPLETE, at(3, 10), "charnwood")
    assert [goes(told, at(day, 8)) for day in (6, 7, 8, 9, 10, 13, 14)] == [False] * 7


def test_it_asks_for_every_decision_with_the_words_to_reply() -> None:
    told = late_quarter()
    now = at(13, 8, month=11)
    text = said(compiled(told, now, HELD, QUESTION))
    assert "Please phone Charnwood Lead on 0116 496 0100" in text
    assert "May we write to Charnwood Chair? | YES CHARN / NO CHARN" in text
    assert "Melton has not corrected 2 faults after 2 reminders" in text
    assert "ACCEPT MELT" in text
    assert "The chair of Rutland has not approved after 2 reminders" in text
    assert "ASSIGN 3fa9c1d2e4 TO CODE / DISMISS 3fa9c1d2e4" in text
    assert "DONE 77b0c1d2e4" in text


def test_every_word_it_offers_can_be_read_as_an_order() -> None:
    told = late_quarter()
    told.happen(Happened.HELD, at(12, month=11))
    told.happen(Happened.GAP_NOTICED, at(12, month=11))
    told.happen(Happened.PAPER_DRAFTED, at(12, month=11), subject="speb", content="c1")
    for need in compiled(told, at(13, 8, month=11), HELD, QUESTION).needs:
        for words in need.words:
            filled = fill_in(words).replace("TO day", "TO 14 November").replace("CODE", "CHARN")
            parsed = read(filled, today=date(2014, 11, 13))
            assert parsed.commands, words
            assert not parsed.not_understood, words


def test_a_no_ends_the_asking_until_the_letter_is_proposed_anew() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.happen(Happened.CHAIR_LETTER_PROPOSED, at(10, month=11), "charnwood")
    assert "YES CHARN" in said(compiled(told, at(11, month=11)))
    told.happen(Happened.COMMANDED, at(11, month=11), "charnwood", command="NO")
    assert "YES CHARN" not in said(compiled(told, at(12, month=11)))


def test_a_return_that_came_needs_no_call_and_no_chair() -> None:
    told = late_quarter()
    told.arrive(CHARNWOOD, at(12, 15, month=11))
    text = said(compiled(told, at(13, 8, month=11)))
    assert "CHARN" not in text


def test_proof_papers_gap_and_hold_each_name_their_word() -> None:
    told = Told()
    told.happen(Happened.PROOF_MADE, at(14))
    assert "waits for you. Requests are to go out on Wednesday 15 October 2014. | SEND" in said(compiled(told, at(14)))
    longer = "EXTEND ALL TO day BECAUSE reason"
    assert f"Returns are due today. To give everybody longer, order that first. | {longer} / SEND" in said(
        compiled(told, at(30))
    )
    past = said(compiled(told, at(31)))
    assert (f"| {longer}" in past, "SEND" in past) == (True, False), "SEND would be refused"
    told.happen(Happened.CYCLE_OPENED, at(15))
    told.happen(Happened.HELD, at(15))
    told.happen(Happened.PAPER_DRAFTED, at(18, month=11), subject="speb", content="c1")
    text = said(compiled(told, at(18, 12, month=11)))
    assert "| RESUME" in text
    assert "| CLEAR speb" in text
    told.happen(Happened.CLOCK_DOUBTED, at(18, 12, month=11))
    text = said(compiled(told, at(18, 13, month=11)))
    assert "CLEAR" not in text, "what is due by a clock in doubt is offered to nobody"
    for words in ("| RESUME", "| RELEASE"):
        assert words in text
    told.happen(Happened.RELEASED, at(18, 14, month=11))
    told.happen(Happened.PAPER_CLEARED, at(19, month=11), subject="speb", content="c1")
    assert "| CIRCULATE speb" in said(compiled(told, at(19, month=11)))


def test_she_is_asked_about_the_chair_and_the_telephone_of_who_was_given_longer_than_the_close() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.happen(Happened.EXTENDED, at(20), "charnwood", until="2014-11-18", reason="flood")
    told.tick(at(14, 17, month=11))
    told.tick(at(2, month=12))
    text = said(compiled(told, at(2, 10, month=12)))
    assert "Charnwood is 10 working days late. May we write to Charnwood Chair? | YES CHARN / NO CHARN" in text
    assert "Charnwood is 10 working days late. Please phone" in text
    assert "Melton is" not in text


def test_a_question_after_the_close_pauses_reminders_of_what_is_still_asked_for() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.happen(Happened.EXTENDED, at(20), "charnwood", until="2014-11-18", reason="flood")
    told.tick(at(14, 17, month=11))
    assert "Reminders are paused." in said(compiled(told, at(17, month=11), QUESTION))
    assert "Reminders are paused." not in said(
        compiled(told, at(17, month=11), replace(QUESTION, respondents=("melton",)))
    )


def test_a_draft_that_is_owed_is_asked_for() -> None:
    told = Told().open(at(15))
    assert "DRAFT" not in said(compiled(told, at(18, month=11))), "it comes by itself on its day"
    assert "| DRAFT speb" in said(compiled(told, at(19, month=11)))


def test_what_came_since_a_paper_was_cleared_is_put_before_her() -> None:
    told = Told().open(at(15))
    told.happen(Happened.PAPER_DRAFTED, at(18, month=11), subject="speb", content="c1")
    told.happen(Happened.PAPER_CLEARED, at(19, month=11), subject="speb", content="c1")
    told.arrive(CHARNWOOD, at(19, 11, month=11))
    text = said(compiled(told, at(20, month=11)))
    assert "Since it was drafted something came that is not in it. The return of Charnwood came at 11am on" in text
    assert "| DRAFT speb" in text
    assert "CIRCULATE speb AS CLEARED" in text


@pytest.mark.parametrize("cleared", [False, True])
def test_a_paper_that_misses_its_day_is_told_as_new_and_in_words_each_day(*, cleared: bool) -> None:
    told = Told().open(at(15))
    told.happen(Happened.PAPER_DRAFTED, at(18, month=11), subject="speb", content="c1")
    if cleared:
        told.happen(Happened.PAPER_CLEARED, at(19, month=11), subject="speb", content="c1")
    (paper,) = [one for one in told.dates.papers if one.board == "speb"]
    for day, words in ((paper.papers_out, "It was to be out by"), (paper.meeting, "which is past.")):
        assert words not in said(compiled(told, at(day.day, month=day.month)))
        late = said(compiled(told, at(day.day + 1, month=day.month)))
        assert words in late
    assert "SHOW speb" not in late


def test_what_she_is_offered_for_a_paper_that_may_name_a_person_would_be_done() -> None:
    told = Told().open(at(15))
    told.happen(Happened.PAPER_DRAFTED, at(18, month=11), subject="speb", content="c1", named=2)
    told.happen(Happened.PAPER_CLEARED, at(19, month=11), subject="speb", content="c1")
    text = said(compiled(told, at(20, month=11)))
    assert "It may name a person; the letter that brought the draft says where." in text
    assert "| CIRCULATE speb AS WRITTEN" in text
    told.arrive(CHARNWOOD, at(20, 11, month=11))
    assert "CIRCULATE speb AS CLEARED AND AS WRITTEN" in said(compiled(told, at(21, month=11)))


def test_what_came_between_drafting_and_clearing_is_not_in_the_paper_either() -> None:
    told = Told().open(at(15))
    told.arrive(MELTON, at(17))
    told.arrive(CHARNWOOD, at(18, month=11))
    told.happen(Happened.PAPER_DRAFTED, at(18, month=11), subject="speb", content="c1")
    told.arrive(MELTON, at(18, 11, month=11))
    told.happen(Happened.NIL, at(18, 12, month=11), "rutland", reason="nothing")
    waits = said(compiled(told, at(18, 13, month=11)))
    assert "The return of Charnwood" not in waits
    assert "What came since is not in it. The return of Melton was corrected at 11am on Tuesday 18 November" in waits
    assert "That Rutland had nothing to report was said at midday on Tuesday 18 November 2014." in waits
    told.happen(Happened.PAPER_CLEARED, at(19, month=11), subject="speb", content="c1")
    text = said(compiled(told, at(20, month=11)))
    assert "The return of Melton was corrected at 11am on Tuesday 18 November" in text
    assert "| DRAFT speb / CIRCULATE speb AS CLEARED" in text
    told.arrive(RUTLAND, at(20, 11, month=11))
    assert "The return of Rutland came at 11am on Thursday 20" in said(compiled(told, at(21, month=11)))


def test_a_quarter_that_should_have_opened_without_a_proof_pack_is_said_until_there_is_one() -> None:
    told = Told()
    told.happen(Happened.EXPECTED, at(1), CHARNWOOD.key)
    assert "2014/15 Q2 was to open on Wednesday 15 October 2014 and has no proof pack yet." in said(
        compiled(told, at(15))
    )
    assert "proof pack" not in said(compiled(told, at(14)))


def test_nothing_more_is_asked_of_a_quarter_that_is_put_away() -> None:
    told = late_quarter()
    told.happen(Happened.CYCLE_CLOSED, at(14, 17, month=11))
    assert "Rutland" in said(compiled(told, at(17, 8, month=11)))
    told.happen(Happened.CYCLE_ARCHIVED, at(23, month=12))
    assert not said(compiled(told, at(24, 8, month=12)))


def test_a_paper_that_has_gone_out_needs_nothing_more() -> None:
    told = Told().open(at(15))
    for kind in (Happened.PAPER_DRAFTED, Happened.PAPER_CLEARED):
        told.happen(kind, at(19, month=11), subject="speb", content="c1")
    assert "CIRCULATE speb" in said(compiled(told, at(19, month=11)))
    told.happen(Happened.PAPER_CIRCULATED, at(19, 12, month=11), subject="speb", content="c1")
    assert "speb" not in said(compiled(told, at(20, month=11)))


def test_what_came_after_a_paper_went_out_waits_for_her_word() -> None:
    told = Told().open(at(15))
    for kind in (Happened.PAPER_DRAFTED, Happened.PAPER_CLEARED, Happened.PAPER_CIRCULATED):
        told.happen(kind, at(19, month=11), subject="speb", content="c1", statements="s1")
    made = {"content": "c2", "copy": "c3", "statements": "s2"}
    told.happen(Happened.ERRATUM_DRAFTED, at(20, month=11), subject="speb", number=1, adds=True, **made)
    assert "came since that adds to it. Addendum 1 came to you" in said(compiled(told, at(21, month=11)))
    told.happen(Happened.ERRATUM_DRAFTED, at(21, month=11), subject="speb", number=2, adds=False, **made)
    text = said(compiled(told, at(24, month=11)))
    assert "that corrects it. Erratum 2" in text
    assert "CIRCULATE speb ERRATUM 2 / DISMISS speb ERRATUM 2 BECAUSE reason" in text
    told.happen(Happened.ERRATUM_DISMISSED, at(24, month=11), subject="speb", reason="one case", moot=False)
    assert "ERRATUM" not in said(compiled(told, at(25, month=11)))


def test_a_respondent_without_a_lead_is_named_with_whoever_gets_its_letters() -> None:
    headless = replace(CHARNWOOD, contacts=CHARNWOOD.contacts[1:])
    told = Told(replace(SITE, respondents=(headless,))).open(at(15), headless)
    assert "Charnwood has no lead in office. Letters go to Charnwood Deputy. Please name somebody." in said(
        compiled(told, at(16, 8))
    )


def test_a_complete_return_without_a_chair_is_said() -> None:
    nobody = replace(CHARNWOOD, contacts=CHARNWOOD.contacts[:2])
    told = Told(replace(SITE, respondents=(nobody,))).open(at(15), nobody)
    told.arrive(nobody, at(20))
    assert "no chair in office" in said(compiled(told, at(21)))


def test_the_table_says_where_each_return_stands_and_what_is_open() -> None:
    told = late_quarter()
    told.happen(Happened.HELD, at(12, month=11), "charnwood")
    told.happen(Happened.ABSENCE_SEEN, at(12, month=11), subject="lead@charnwood.example", until="2014-11-20")
    (about,) = compiled(told, at(13, 8, month=11)).rounds
    rows = {row.code: row for row in about.rows}
    away = "Charnwood Lead is away until 20 Nov 2014; reminders go to Charnwood Deputy until then"
    assert rows["CHARN"].open == ("on hold until you reply RESUME CHARN", "10 working days overdue", away)
    assert (rows["MELT"].state, rows["MELT"].open) == ("queried", ("2 faults",))
    assert rows["RUTL"].approved.startswith("asked")
    assert rows["PH"].approved == "not needed"
    assert "3 of 4 returns in, 0 approved" in about.headline


def test_what_happened_is_told_once_and_only_since_the_last_digest() -> None:
    told = Told().open(at(15))
    told.arrive(CHARNWOOD, at(20, 10))
    told.happen(Happened.COMMANDED, at(20, 11), "melton", by="deputy@opcc.example", command="EXTEND")
    now = at(21, 7, 30)
    lines = compiled(told, now).happened
    assert "Came and complete: Charnwood." in lines
    assert not any(line.startswith("Returns received") for line in lines), "once is enough"
    assert "Orders carried out: EXTEND Melton (the deputy)." in lines
    told.commit(digest.decide_digest(facts(told, now), now), now)
    assert compiled(told, at(22, 7, 30)).happened == ()


def test_letters_in_trouble_and_what_goes_out_next_are_listed() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.tick(at(27), posting=False)
    told.letters[0] = replace(told.letters[0], state=LetterState.FOR_A_PERSON, reason="No proof was found.")
    made = compiled(told, at(29, 8))
    assert [(row.what, row.state) for row in made.letters] == [("reminder before the due day", "for a person")]
    short = told.letters[0].id[:10]
    assert f"FOUND {short} / RESEND {short} / WITHDRAW {short}" in said(made)
    assert next((row.day, row.what, row.letters) for row in made.ahead) == (
        date(2014, 10, 30),
        "reminder on the due day",
        2,
    )


def test_a_letter_that_is_refused_for_hours_is_told_of_and_asks_nothing_of_her() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.tick(at(27), posting=False)
    said_last = "The mail server refused the letter: 451 4.7.1 Greylisted"
    told.letters[0] = replace(told.letters[0], state=LetterState.QUEUED, refused=at(27, 12), reason=said_last)
    assert compiled(told, at(27, 15, 59)).letters == ()
    made = compiled(told, at(28, 8))
    assert [(row.what, row.state, row.recipient) for row in made.letters] == [
        ("reminder before the due day", "still trying", told.letters[0].recipient)
    ]
    assert made.letters[0].reason == (
        "It is refused for now since midday on Monday 27 October 2014, and tried again until midday on "
        f"Saturday 1 November 2014. You need do nothing. {said_last}"
    )
    assert (made.needs, said_last in rendered(told, at(28, 8)).html) == ((), True)


@pytest.mark.parametrize(
    ("is_lost", "what"),
    [(True, "to an address that letters do not reach"), (False, "nothing is known against the address")],
)
def test_a_letter_that_could_not_be_sent_is_told_for_what_it_was(is_lost: bool, what: str) -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.tick(at(27), posting=False)
    told.letters[0] = replace(told.letters[0], state=LetterState.FAILED, reason="554 No")
    if is_lost:
        told.happen(
            Happened.ADDRESS_FAILED, at(27), subject=told.letters[0].recipient, letter="reminder", status="5.1.1"
        )
    (need,) = [n for n in compiled(told, at(29, 8)).needs if "could not be sent" in n.sentence]
    assert what in need.sentence


def test_text_and_html_say_the_same_and_read_without_pictures_or_links() -> None:
    told = late_quarter()
    words = rendered(told, at(13, 8, month=11), HELD, QUESTION)
    for part in ("YES CHARN", "ACCEPT MELT", "3fa9c1d2e4", "The sender is not registered"):
        assert part in words.text
        assert part in words.html
    assert words.text.splitlines()[0] == "Six things need you today."
    assert "<img" not in words.html
    assert "http" not in words.html.replace("http://www.w3.org", "")
    assert max(len(line) for line in words.text.splitlines()) <= 80


# The workbook ------------------------------------------------------------------------------------


def test_the_attached_workbook_holds_the_table_as_text_and_dates() -> None:
    told = late_quarter()
    now = at(13, 8, month=11)
    (attached,) = digest.decide_digest(facts(told, now), now).letters[0].attachments
    assert attached.name == "Status 2014-11-13.xlsx"
    sheet = openpyxl.load_workbook(BytesIO(attached.data))["2014-15-Q2"]
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    assert rows[0] == ("Respondent", "Code", "State", "Due", "Received", "Version", "Approved", "What is open")
    assert rows[1][:3] == ("Charnwood", "CHARN", "requested")
    assert rows[1][3] == datetime(2014, 10, 30, 17)
    assert len(rows) == 5
    assert not sheet.merged_cells.ranges
    assert list(sheet.tables) == ["Status_1415Q2"]


def test_the_same_facts_give_the_same_bytes() -> None:
    now = at(13, 8, month=11)
    one, other = (digest.decide_digest(facts(late_quarter(), now), now).letters[0] for _ in range(2))
    assert one.attachments[0].data == other.attachments[0].data
    assert one == other


# People who are away, and addresses out of reach ------------------------------------------------------

LEAD, DEPUTY, CHAIR = (c.address for c in CHARNWOOD.contacts)


def test_an_address_out_of_reach_needs_her_until_it_works_or_leaves_the_configuration() -> None:
    told = Told().open(at(15))
    told.happen(Happened.ADDRESS_FAILED, at(20), subject=LEAD, status="5.1.1")
    (need,) = [n for n in compiled(told, at(27, 8)).needs if "Charnwood Lead" in n.sentence]
    assert need.words == ("CONTACT CHARN lead Name Surname <address>", f"ADDRESS OK {LEAD}")
    assert "Letters to Charnwood Lead (Charnwood) come back since Monday 20 October 2014, with the code 5.1.1." in (
        need.sentence
    )
    assert "Letters go to Charnwood Deputy meanwhile." in need.sentence
    assert "Please name the right person" in need.sentence
    told.site = replace(told.site, respondents=tuple(r for r in told.site.respondents if r is not CHARNWOOD))
    assert LEAD not in said(compiled(told, at(27, 8)))


def test_an_address_of_the_office_itself_is_shown_with_the_letters_that_wait_for_it() -> None:
    told = Told().open(at(15), CHARNWOOD)
    address = OFFICE.secretariat[0].address
    told.happen(Happened.ADDRESS_FAILED, at(20), subject=address)
    told.tick(at(27), posting=False)
    told.letters[0] = replace(told.letters[0], recipient=address)
    (need,) = [n for n in compiled(told, at(27, 8)).needs if "Secretariat" in n.sentence]
    assert need.sentence.startswith(
        "Letters to Board Secretariat come back since Monday 20 October 2014. 1 letter to them waits. Whoever"
    )


def test_somebody_who_left_is_shown_with_what_waits_for_them() -> None:
    told = Told().open(at(15))
    told.happen(Happened.CONTACT_DISOWNED, at(20), subject=HEALTH.contacts[0].address)
    text = said(compiled(told, at(27, 8)))
    told.happen(Happened.CONTACT_DISOWNED, at(21), subject=LEAD, named="sam@charnwood.example")
    assert "They name sam@charnwood.example; nothing is sent there before you say so." in said(
        compiled(told, at(27, 8))
    )
    assert "Health Lead (Public Health) wrote on Monday 20 October 2014 that this is no longer for them." in text
    assert "Nobody else there can be written to." in text
    assert "Letters reach nobody at Public Health" in text
    assert "CONTACT CHARN lead <sam@charnwood.example>" in said(compiled(told, at(27, 8)))


def test_stopped_answers_need_her_release() -> None:
    told = Told().open(at(15))
    told.happen(Happened.BREAKER_TRIPPED, at(20), why="60 automatic answers left within an hour.")
    (need,) = compiled(told, at(27, 8)).needs
    assert need.words == ("RELEASE",)
    assert "60 automatic answers left within an hour." in need.sentence


@pytest.mark.parametrize(
    ("away", "phrase"),
    [
        ((LEAD,), "Charnwood Lead is away until 31 Oct 2014; reminders go to Charnwood Deputy until then"),
        ((LEAD, DEPUTY), "Charnwood Lead is away until 31 Oct 2014; reminders go to Charnwood Chair until then"),
        (
            (LEAD, DEPUTY, CHAIR),
            "nobody is there: Charnwood Lead is away until 31 Oct 2014; reminders still go to Charnwood Lead",
        ),
    ],
)
def test_the_table_says_who_gets_the_reminders_of_somebody_away(away: tuple[str, ...], phrase: str) -> None:
    told = Told().open(at(15))
    for address in away:
        told.happen(Happened.ABSENCE_SEEN, at(20), subject=address, until="2014-10-31")
    (about,) = compiled(told, at(27, 8)).rounds
    assert phrase in next(row.open for row in about.rows if row.code == "CHARN")


def test_of_several_leads_only_the_missing_are_told() -> None:
    second = replace(CHARNWOOD.contacts[0], name="Second Lead", address="second@charnwood.example")
    told = Told(replace(SITE, respondents=(replace(CHARNWOOD, contacts=(second, *CHARNWOOD.contacts)),)))
    told.open(at(15), CHARNWOOD)
    told.happen(Happened.ABSENCE_SEEN, at(20), subject=LEAD, until="2014-10-31")
    (about,) = compiled(told, at(27, 8)).rounds
    (row,) = about.rows
    assert "Charnwood Lead is away until 31 Oct 2014; reminders go to Second Lead until then" in row.open
    assert "Second Lead is" not in " ".join(row.open)


def test_an_absence_without_a_day_says_that_it_was_reckoned() -> None:
    told = Told().open(at(15))
    told.happen(Happened.ABSENCE_SEEN, at(24), subject=LEAD, until="2014-10-29", assumed=True)
    (about,) = compiled(told, at(27, 8)).rounds
    assert "away until 29 Oct 2014 (no day was named)" in str([row.open for row in about.rows])


def test_what_happened_names_the_people_it_is_about() -> None:
    told = Told().open(at(15))
    told.happen(Happened.ABSENCE_SEEN, at(24), subject=LEAD, until="2014-10-29")
    told.happen(Happened.ADDRESS_FAILED, at(24), subject="officer@county.example", status="5.1.1")
    happened = compiled(told, at(27, 7)).happened
    assert "Automatic replies say they are away: Charnwood Lead of Charnwood." in happened
    assert "Letters came back from: County Officer of Melton and Rutland." in happened


def test_a_respondent_that_was_not_asked_is_left_to_her_to_ask() -> None:
    told = Told().open(at(15))
    told.events = [e for e in told.events if e.respondent != HEALTH.key]
    told.happen(Happened.EXPECTED, at(15), HEALTH.key)
    text = said(compiled(told, at(16, 8)))
    assert "Public Health was not asked: when the requests went out, letters reached nobody there." in text
    assert "NIL PH BECAUSE reason / DECLINE PH BECAUSE reason" in text


def came_back(told: Told, address: str, blame: str, *, said: str = "", tried: bool = False) -> None:
    told.happen(
        Happened.LETTER_CAME_BACK,
        at(20),
        subject=address,
        letter="request",
        blame=blame,
        status="",
        said=said,
        tried=tried,
    )


@pytest.mark.parametrize(
    ("blame", "words", "happened"),
    [
        ("passing", "their mailbox is full, or their mail system busy", "a full mailbox or a busy mail system"),
        ("ours", "The fault is with our mail, so no address was marked.", "refused because of our own mail"),
        ("given up", "it counts as not delivered", "given up after many attempts, not delivered to"),
        ("unclear", "it is not clear why", "not clear why"),
    ],
)
def test_a_letter_that_came_back_is_shown_with_whose_fault_it_is_and_can_be_settled(
    blame: str, words: str, happened: str
) -> None:
    told = Told().open(at(15))
    came_back(told, LEAD, blame, said="550 no, thank you")
    made = compiled(told, at(20, 12))
    (need,) = [n for n in made.needs if "Charnwood Lead" in n.sentence]
    assert words in need.sentence
    assert 'They say: "550 no, thank you".' in need.sentence
    assert need.words[-1] == f"ADDRESS OK {LEAD}"
    assert any(happened in line and "Charnwood Lead of Charnwood" in line for line in made.happened)
    (row,) = [r for r in made.rounds[0].rows if r.name == "Charnwood"]
    assert "the last letter to Charnwood Lead was not delivered" in row.open
    told.happen(Happened.ADDRESS_RESTORED, at(21), subject=LEAD)
    assert "Charnwood Lead" not in said(compiled(told, at(22, 8)))


def test_a_letter_that_is_late_needs_nobody() -> None:
    told = Told().open(at(15))
    came_back(told, LEAD, "passing", tried=True)
    made = compiled(told, at(20, 12))
    assert "Charnwood Lead" not in said(made)
    assert "Letters that are late and still being tried, to: Charnwood Lead of Charnwood." in made.happened


def test_refusals_of_our_mail_are_one_need_and_a_hold_says_why() -> None:
    told = Told().open(at(15))
    for address in (LEAD, CHAIR):
        came_back(told, address, "ours")
    (need,) = [n for n in compiled(told, at(20, 12)).needs if "Our mail is refused" in n.sentence]
    assert need.words == (f"ADDRESS OK {CHAIR}", f"ADDRESS OK {LEAD}")
    told.happen(Happened.HELD, at(20), why="The mail systems of 3 people refused our mail within an hour.")
    needs = compiled(told, at(20, 12)).needs
    assert "All sending is on hold. The mail systems of 3 people refused our mail within an hour." in said(
        compiled(told, at(20, 12))
    )
    assert [n.words for n in needs if "Our mail is refused" in n.sentence] == [("RESUME",)]


def test_the_standing_names_what_was_seen_and_may_change_a_figure() -> None:
    told = Told().open(at(15))
    told.arrive(MELTON, at(20))
    (made,) = told.submissions[MELTON.key]
    seen = Finding(
        code="words-beside", severity=Severity.QUERY, sheet="Your figures", cell="A20", key="", column="",
        found="A20 “All provisional”", wanted="",
    )  # fmt: skip
    told.submissions[MELTON.key] = (replace(made, findings=(seen, seen)),)
    known = facts(told, at(21, 8))
    known = replace(known, rounds=tuple(replace(one, submissions=told.submissions) for one in known.rounds))
    letter = digest.decide_digest(known, at(21, 8)).letters[0]
    text = " ".join(render(letter, OFFICE, environment=TEMPLATES).text.split())
    assert "seen and not recorded, and may change a figure: Your figures A20" in text


def test_what_was_granted_is_said_with_its_day_and_the_reason_given() -> None:
    told = Told().open(at(15))
    told.happen(Happened.EXTENDED, at(20), "charnwood", until="2014-11-03", reason="our system was hacked")
    told.happen(Happened.EXTENDED, at(20), "melton", until="2014-11-03", reason="ring Sam Smith on 07700 900123")
    happened = " ".join(compiled(told, at(21)).happened)
    assert "until 3 Nov (\u201cour system was hacked\u201d)" in happened
    assert "it may name a person; SHOW" in happened


def test_those_who_got_longer_together_are_one_line() -> None:
    told, keys = Told(), ("charnwood", "melton", "rutland", "health", "one", "other")
    for key in keys[:2]:
        told.happen(Happened.EXTENDED, at(20), key, until="2014-11-07", reason="a flood")
    assert compiled(told, at(21)).happened == (
        "Given more time until 7 Nov (\u201ca flood\u201d): Charnwood and Melton.",
    )
    for key in keys[2:]:
        told.happen(Happened.EXTENDED, at(20), key, until="2014-11-07", reason="a flood")
    assert compiled(told, at(21)).happened == ("Given more time until 7 Nov (\u201ca flood\u201d): 6 respondents.",)


def test_a_yes_to_a_version_that_another_has_replaced_is_not_offered() -> None:
    told, reason = Told().open(at(15)), HELD_ACTS["approval"][0]
    told.arrive(CHARNWOOD, at(20))
    held = replace(QUESTION, verdict=Verdict.HELD, reason=reason, received=at(20, 12))
    assert "APPROVED CHARN BY whom BECAUSE evidence" in said(compiled(told, at(21), held))
    told.arrive(CHARNWOOD, at(20, 15))
    offered = said(compiled(told, at(21), held))
    assert "APPROVED" not in offered
    assert "A new version came after they wrote, so this is no yes to it." in offered
    yes = replace(QUESTION, words="I approve the return.", received=at(20, 12))
    assert "APPROVED" not in said(compiled(told, at(21), yes))
    assert "APPROVED" in said(compiled(told, at(21), replace(yes, received=at(20, 16))))


def test_no_order_s_answer_is_promised_for_a_morning_where_each_is_answered_at_once() -> None:
    known, text = facts(late_quarter(), at(13, month=11)), ""
    known = replace(known, site=replace(known.site, orders_at_once=True))
    for letter in digest.decide_digest(known, at(13, month=11)).letters:
        text = render(letter, OFFICE, environment=TEMPLATES).text
        assert "Each order is answered at once." in text
        assert "is told in the next of these letters" not in text
    assert text


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("Can I have an extension please?", "EXTEND CHARN TO day BECAUSE reason"),
        ("Any chance of a few extra days, say Tuesday 4th November?", "EXTEND CHARN TO 4 November 2014 BECAUSE reason"),
        ("Who is our contact?", ""),
    ],
)
def test_the_order_that_would_do_what_somebody_asks_stands_beside_their_words(words: str, order: str) -> None:
    told = Told().open(at(15))
    offered = said(compiled(told, at(20), replace(QUESTION, words=words)))
    assert (order in offered) if order else ("EXTEND" not in offered)


def test_an_approval_that_a_lead_tells_of_is_offered_by_order_and_none_that_is_denied() -> None:
    told = Told().open(at(15))
    told.arrive(CHARNWOOD, at(16))
    for words, is_offered in (("Cllr Smith asks me to say that she approves it.", True), ("Not approved yet.", False)):
        offered = said(compiled(told, at(20), replace(QUESTION, words=words)))
        assert ("APPROVED CHARN BY whom BECAUSE evidence" in offered) is is_offered
