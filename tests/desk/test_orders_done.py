"""Carrying out orders: what each changes, when it is refused, and what is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csp_workflow.desk.commands import (
    COMMAND_LINE,
    HARMLESS,
    CarriedOut,
    Command,
    HeldBack,
    Line,
    OrderFacts,
    Parsed,
    Refused,
    Verb,
)
from csp_workflow.desk.hints import list_hints
from csp_workflow.desk.orders import (
    answer_orders,
    carry_out,
    check_messages,
    list_files,
    list_perhaps_answered,
    list_working,
    say_files,
    say_why_it_waits,
)
from csp_workflow.letters.catalogue import render
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.terms.dates import PaperDates
from csp_workflow.terms.events import About, Happened, Letter, LetterState, Manner, QueuedLetter
from csp_workflow.terms.messages import HELD_ACTS, Attachment, Verdict
from csp_workflow.terms.service_status import FoundTopic, fold_service
from csp_workflow.terms.status import fold_cycle
from tests.chase.quarter_told import CHARNWOOD, DATES, MELTON, OFFICE, Q2, SITE, TEMPLATES, Told, at
from tests.desk.reading import read
from tests.desk.test_orders_read import ORDERS, UNKNOWN

HER = OFFICE.co_ordinator.address
DEPUTY = "deputy@opcc.example"
NOW = at(31)
HELD = WaitingMessage(
    id="3fa9c1d2e4b5a697",
    sender="who@unknown.example",
    subject="Figures",
    received=at(30),
    verdict=Verdict.HELD,
    reason="The sender is not registered.",
)
QUESTION = WaitingMessage(
    id="77b0c1d2e4b5a697",
    sender="lead@charnwood.example",
    subject="More time?",
    received=at(30),
    verdict=Verdict.QUESTION,
    reason="A question.",
    respondents=("charnwood",),
)


def forwarded(message: WaitingMessage) -> QueuedLetter:
    return QueuedLetter(
        id="L1",
        kind="question-forwarded",
        cause=f"question:{message.id}",
        recipient=HER,
        about=(About(message=message.id),),
        quarter=Q2,
        manner=Manner.OFFICE,
        subject="",
        message_id="<x@opcc.example>",
        content="",
        state=LetterState.SENT,
        queued=at(30),
    )


def facts(told: Told, sender: str = HER, **more: object) -> OrderFacts:
    return OrderFacts(
        site=told.site,
        service=fold_service(told.service_events),
        sender=sender,
        message="m-order",
        status=fold_cycle(Q2, told.events),
        dates=told.dates,
        **more,  # type: ignore[arg-type]
    )


def order(told: Told, words: str, now: datetime = NOW, sender: str = HER, **more: object) -> CarriedOut:
    """Carry out one line and keep its events."""
    (command,) = read(words).commands
    done = carry_out(command, facts(told, sender, **more), now)
    told.commit(done.decision, now)
    return done


def refused(told: Told, words: str, now: datetime = NOW, sender: str = HER, **more: object) -> str:
    before = len(told.events), len(told.service_events)
    with pytest.raises(Refused) as told_why:
        order(told, words, now, sender, **more)
    assert (len(told.events), len(told.service_events)) == before
    return str(told_why.value)


@pytest.fixture
def told() -> Told:
    return Told().open(at(15))


def test_a_day_for_which_nobody_knows_the_bank_holidays_is_refused_with_whose_task_they_are(told: Told) -> None:
    told.site = replace(told.site, working_days=replace(told.site.working_days, last_year=2014))
    why = refused(told, "EXTEND CHARN TO 5 January 2015 BECAUSE of the move")
    assert "The bank holiday table covers" in why
    assert "That is for whoever looks after the machine." in why


# Who may order ---------------------------------------------------------------------------------


@pytest.mark.parametrize("sender", ["lead@charnwood.example", DEPUTY, "nobody@else.example"])
def test_only_the_co_ordinator_is_obeyed(told: Told, sender: str) -> None:
    assert "may not give orders" in refused(told, "HOLD", sender=sender)
    parsed = read("HOLD")
    assert answer_orders(parsed, (Refused("no"),), facts(told, sender), NOW) is None


def test_the_deputy_is_obeyed_and_answered_while_the_co_ordinator_is_away(told: Told) -> None:
    done = order(told, "HOLD", at(11, month=11), DEPUTY)
    answer = answer_orders(read("HOLD"), (done,), facts(told, DEPUTY), at(11, month=11))
    assert answer is not None
    assert answer.recipient == DEPUTY


def test_the_command_line_is_obeyed_and_named(told: Told) -> None:
    order(told, "HOLD", sender=COMMAND_LINE)
    assert told.kinds(Happened.COMMANDED)[0].by == "the command line"


# Sending ---------------------------------------------------------------------------------------


def test_send_is_an_order_to_the_step_and_only_from_proof() -> None:
    told = Told()
    assert "no proof pack" in refused(told, "SEND")
    told.happen(Happened.PROOF_MADE, at(14))
    done = order(told, "SEND", at(14, 10))
    assert done.order is not None
    assert (done.order.kind, done.order.quarter) == ("send", Q2)
    told.happen(Happened.CYCLE_OPENED, at(14, 10))
    assert "were sent already at 10am on Tuesday 14 October 2014" in refused(told, "SEND")


def test_send_without_a_quarter_is_refused(told: Told) -> None:
    (command,) = read("SEND").commands
    with pytest.raises(Refused, match="No quarter is under way"):
        carry_out(command, replace(facts(told), status=None, dates=None), NOW)


def test_send_says_what_the_requests_still_wait_for() -> None:
    told = Told()
    told.happen(Happened.PROOF_MADE, at(14))
    told.happen(Happened.HELD, at(14))
    assert order(told, "SEND", at(14, 10)).sentences[1:] == (
        "All sending is on hold: no letter leaves until you reply RESUME.",
    )
    told.happen(Happened.RESUMED, at(14))
    told.happen(Happened.CLOCK_DOUBTED, at(14))
    assert order(told, "SEND", at(14, 11)).sentences[1:] == (
        "Requests wait since the service's silence: nothing leaves until you reply RELEASE.",
    )


def test_a_respondent_on_hold_is_not_put_on_hold_again(told: Told) -> None:
    order(told, "HOLD CHARN")
    assert refused(told, "HOLD CHARN") == "Charnwood is on hold already. RESUME CHARN takes the hold back."


def test_hold_and_resume_of_everything_and_of_one(told: Told) -> None:
    order(told, "HOLD")
    assert "on hold already" in refused(told, "hold all")
    order(told, "HOLD CHARN")
    assert told.facts().service.held_respondents == {"charnwood"}
    assert "still on hold" in order(told, "RESUME Charnwood").sentences[0]
    order(told, "RESUME")
    assert not told.facts().service.on_hold
    assert "not on hold" in refused(told, "RESUME CHARN")
    assert "not on hold" in refused(told, "RESUME")


def test_a_resume_that_is_read_late_lets_nothing_go_that_was_stopped_meanwhile(told: Told) -> None:
    order(told, "HOLD", at(16))
    order(told, "HOLD CHARN", at(16))
    for words in ("RESUME", "RESUME CHARN"):
        assert "stopped this after you wrote" in refused(told, words, at(17), came=at(15))
        order(told, words, at(17), came=at(16, 10))


def test_release_takes_back_a_gap_or_a_doubt(told: Told) -> None:
    assert "Nothing waits" in refused(told, "RELEASE")
    told.happen(Happened.GAP_NOTICED, at(30))
    order(told, "RELEASE")
    assert not told.facts().service.gap_hold


# Chairs ----------------------------------------------------------------------------------------


def test_yes_and_no_to_a_letter_to_a_chair(told: Told) -> None:
    assert "No letter to the chair of Charnwood is proposed" in refused(told, "YES CHARN")
    told.happen(Happened.CHAIR_LETTER_PROPOSED, at(30), "charnwood")
    order(told, "NO CHARN")
    assert not told.facts().status.returns["charnwood"].chair_letter_allowed
    done = order(told, "YES charn")
    assert "Charnwood Chair will be written to" in done.sentences[0]
    assert told.facts().status.returns["charnwood"].chair_letter_allowed
    assert "said yes to that letter already" in refused(told, "YES CHARN")
    assert "HOLD CHARN" in refused(told, "NO CHARN")


def test_no_to_a_letter_that_is_not_proposed_is_refused(told: Told) -> None:
    assert refused(told, "NO CHARN") == "No letter to the chair of Charnwood is proposed."


def test_yes_to_a_letter_that_would_reach_no_chair_asks_for_a_call_instead(told: Told) -> None:
    told.happen(Happened.CHAIR_LETTER_PROPOSED, at(30), "charnwood")
    told.happen(Happened.ADDRESS_FAILED, at(30), subject="chair@charnwood.example", status="5.1.1")
    assert "no chair in office whom letters reach. Please phone its lead instead." in refused(told, "YES CHARN")


def test_yes_is_refused_when_the_return_has_come(told: Told) -> None:
    told.happen(Happened.CHAIR_LETTER_PROPOSED, at(30), "charnwood")
    told.arrive(CHARNWOOD, at(30, 10))
    assert "complete" in refused(told, "YES CHARN")


# Returns ---------------------------------------------------------------------------------------


def test_an_extension_is_kept_and_the_lead_is_told_in_the_window(told: Told) -> None:
    done = order(told, "EXTEND CHARN TO 5 November BECAUSE the analyst is on leave")
    status = told.facts().status.returns["charnwood"]
    assert (status.due, status.extension_reason) == (date(2014, 11, 5), "the analyst is on leave")
    (letter,) = done.decision.letters
    assert (letter.kind, letter.recipient, letter.manner) == ("extension-given", "lead@charnwood.example", Manner.TIMED)
    assert "5pm on Wednesday 5 November 2014" in render(letter, OFFICE, environment=TEMPLATES).text
    assert [x.kind for x in told.post(at(31, 10))] == ["extension-given"]


def test_an_extension_overtaken_by_another_does_not_leave(told: Told) -> None:
    order(told, "EXTEND CHARN TO 5 November BECAUSE of leave")
    order(told, "EXTEND CHARN TO 6 November BECAUSE of leave")
    told.post(at(31, 10))
    assert [x.cause for x in told.sent()] == ["extension:2014/15-Q2:CHARN@2014-11-06"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("8 November", "not a working day"),
        ("30 October 2014", "is past"),
        ("3 November", "not brought forward"),
    ],
)
def test_an_extension_to_an_impossible_day_is_refused(told: Told, day: str, said: str) -> None:
    order(told, "EXTEND CHARN TO 4 November BECAUSE of leave")
    assert said in refused(told, f"EXTEND CHARN TO {day} BECAUSE of leave", at(31, 18))


def test_so_much_longer_counts_from_the_day_that_stands_and_is_said_as_a_day(told: Told) -> None:
    done = order(told, "EXTEND CHARN for another week BECAUSE of leave", at(20))
    assert "has until 5pm on Thursday 6 November 2014" in done.sentences[0]
    done = order(told, "EXTEND CHARN by two working days BECAUSE of leave", at(21))
    assert "has until 5pm on Monday 10 November 2014" in done.sentences[0]
    assert "Saturday 1 November 2014 is not a working day" in refused(
        told, "EXTEND MELT two more days BECAUSE of leave"
    )
    assert "is past" in refused(told, "EXTEND MELT by 4 days BECAUSE of leave", at(5, month=11))
    said = refused(told, "EXTEND ALL by a week BECAUSE of leave", at(21))
    assert "Thursday 6 November 2014 or Monday 17 November 2014. Write the day." in said
    assert told.state(MELTON) == "requested"


def test_so_much_longer_is_given_once_and_never_for_more_than_six_months(told: Told) -> None:
    """Her mail came before the extension was noted: the same once more, or what somebody else gave meanwhile."""
    words = "EXTEND CHARN by a week BECAUSE of leave"
    order(told, words, at(20, 10), came=at(20, 9))
    for again in (words, "EXTEND ALL by a week BECAUSE of leave"):
        assert "was given until 5pm on Thursday 6 November 2014 since you wrote" in refused(
            told, again, at(20, 11), came=at(20, 10)
        )
    assert "more than six months away" in refused(told, "EXTEND MELT by 99 weeks BECAUSE of leave", at(20))
    order(told, "EXTEND CHARN TO 10 November BECAUSE of leave", at(20, 11), came=at(20, 10))


def test_everybody_has_so_much_longer_where_they_have_one_day(told: Told) -> None:
    done = order(told, "EXTEND ALL by a week BECAUSE of the election", at(20))
    assert "have until 5pm on Thursday 6 November 2014" in done.sentences[0]


def test_an_extension_may_pass_the_close_and_its_paper_says_that_the_return_is_to_follow(told: Told) -> None:
    clearance = told.dates.papers[0].clearance
    before, after = told.site.working_days.plus(clearance, -1), told.site.working_days.plus(clearance, 1)
    done = order(told, f"EXTEND CHARN TO {before.isoformat()} BECAUSE of a flood")
    assert any(
        "after the close of the quarter, and before the next paper is settled" in said for said in done.sentences
    )
    done = order(told, f"EXTEND CHARN TO {after.isoformat()} BECAUSE of a flood")
    assert any("says that it is to follow" in said for said in done.sentences)


def test_who_was_given_up_at_the_close_can_be_given_more_time(told: Told) -> None:
    told.tick(at(14, 17, month=11))
    assert told.state(CHARNWOOD) == "not received"
    order(told, "EXTEND CHARN TO 19 November BECAUSE of a flood", at(17, 10, month=11))
    assert told.state(CHARNWOOD) == "requested"
    told.tick(at(18, 10, month=11))
    assert [x.kind for x in told.sent() if x.sent and x.sent > at(17, month=11)] == ["extension-given"]
    told.happen(Happened.PAPER_DRAFTED, at(18, 11, month=11), subject="speb", content="c1")
    told.happen(Happened.PAPER_CLEARED, at(18, 11, month=11), subject="speb", content="c1")
    with pytest.raises(Refused, match="Every paper of this quarter is cleared"):
        order(told, "EXTEND CHARN TO 21 November BECAUSE of a flood", at(18, 12, month=11))


def test_an_extension_for_what_has_arrived_is_refused(told: Told) -> None:
    told.arrive(CHARNWOOD, at(30))
    assert "more time would change nothing" in refused(told, "EXTEND CHARN TO 5 November BECAUSE of leave")


def test_nil_and_decline_are_recorded_with_their_reason_and_end_the_chase(told: Told) -> None:
    order(told, "NIL CHARN BECAUSE told by telephone")
    assert told.facts().status.returns["charnwood"].reason == "told by telephone"
    order(told, "DECLINE MELT BECAUSE no staff")
    told.tick(at(3, month=11))
    reminded = {x.respondents for x in told.sent() if x.kind != "recorded-by-word"}
    assert reminded == {("rutland",), ("public-health",)}
    assert "nil already" in refused(told, "NIL CHARN BECAUSE again")


def test_accept_takes_a_queried_return_as_complete_with_its_faults(told: Told) -> None:
    assert "only a queried return" in refused(told, "ACCEPT CHARN")
    told.arrive(CHARNWOOD, at(30), faults=2)
    assert "2 faults standing" in order(told, "ACCEPT CHARN").sentences[0]
    status = told.facts().status.returns["charnwood"]
    assert (str(status.state), status.faults) == ("complete", 2)
    assert [x.kind for x in told.tick(at(31, 10)) if "charnwood" in x.respondents] == ["approval-request"]


@pytest.mark.parametrize("verb", [Verb.EXTEND, Verb.NIL, Verb.DECLINE])
def test_what_changes_a_return_by_order_is_kept_with_a_reason_or_not_done(told: Told, verb: Verb) -> None:
    bare = Command(verb=verb, words=f"{verb} CHARN", respondent="CHARN", day=date(2014, 11, 5))
    with pytest.raises(Refused, match="reason"):
        carry_out(bare, facts(told), NOW)
    assert carry_out(replace(bare, reason="told by telephone"), facts(told), NOW).decision


def test_a_respondent_that_owes_nothing_is_refused(told: Told) -> None:
    assert "owes no return" in refused(told, "NIL FORCE BECAUSE x")


# Messages --------------------------------------------------------------------------------------


def test_done_settles_what_its_letter_is_about_and_the_chase_goes_on(told: Told) -> None:
    told.happen(Happened.QUESTION_ASKED, at(30), "charnwood", QUESTION.id)
    done = order(told, "DONE", waiting=(QUESTION, HELD), answered=forwarded(QUESTION))
    assert "Reminders to Charnwood go on" in done.sentences[0]
    assert not told.facts().status.returns["charnwood"].is_paused


def test_done_names_a_message_when_its_letter_is_about_none(told: Told) -> None:
    assert "Please name its id. Waiting: 77b0c1d2e4, 3fa9c1d2e4" in refused(told, "DONE", waiting=(QUESTION, HELD))
    told.happen(Happened.MESSAGE_HELD, at(30), "charnwood", HELD.id)
    order(told, "DONE 3fa9c1d2", waiting=(QUESTION, HELD))
    assert not told.facts().status.returns["charnwood"].is_paused
    assert "No message begins with" in refused(told, "DISMISS aaaa", waiting=(HELD,))
    assert "No message begins with" in refused(told, "DISMISS 3", waiting=(HELD,))


def test_the_order_for_which_an_act_is_held_settles_it_from_any_letter(told: Told) -> None:
    told.happen(Happened.MESSAGE_HELD, at(30), "charnwood", HELD.id)
    held = replace(HELD, reason=HELD_ACTS["declined"][0], respondents=("charnwood",))
    done = order(told, "DECLINE CHARN BECAUSE they wrote so", waiting=(held,))
    assert "is settled by this" in done.sentences[-1]
    assert not told.facts().status.returns["charnwood"].is_paused


def test_more_time_answers_the_question_that_asked_for_it(told: Told) -> None:
    told.happen(Happened.QUESTION_ASKED, at(30), "charnwood", QUESTION.id)
    words = "EXTEND CHARN TO 5 November BECAUSE they asked"
    done = order(told, words, waiting=(QUESTION,), answered=forwarded(QUESTION))
    assert "is settled by this" in done.sentences[-1]
    assert not told.facts().status.returns["charnwood"].is_paused


def test_a_held_message_is_assigned_by_the_step_or_dismissed(told: Told) -> None:
    done = order(told, "ASSIGN 3fa9c1d2 TO CHARN", waiting=(HELD,))
    assert done.order is not None
    assert (done.order.kind, done.order.message, done.order.respondent) == ("assign", HELD.id, "charnwood")
    assert "is a question" in refused(told, "ASSIGN 77b0c1d2 TO CHARN", waiting=(QUESTION,))
    assert "put aside" in order(told, "DISMISS 3fa9c1d2", waiting=(HELD,)).sentences[0]
    assert [e.subject for e in told.kinds(Happened.MESSAGE_SETTLED)] == [HELD.id], "judging an assigned one settles it"


def test_what_may_be_about_something_else_is_done_and_never_dismissed(told: Told) -> None:
    foi = replace(HELD, topics=(FoundTopic(message=HELD.id, topic="information-request", due=None, passed=True),))
    why = refused(told, "DISMISS 3fa9c1d2", waiting=(foi,))
    assert why == "Message 3fa9c1d2e4 may be information-request, so it is not put aside. DONE 3fa9c1d2e4 settles it."
    assert not told.kinds(Happened.MESSAGE_SETTLED)
    order(told, "DONE 3fa9c1d2", waiting=(foi,))
    assert [e.subject for e in told.service_events if e.kind is Happened.TOPIC_SETTLED] == [HELD.id]
    assert told.kinds(Happened.MESSAGE_SETTLED), "and what it was held for"


def test_done_settles_words_beside_a_return_and_the_chase_goes_on(told: Told) -> None:
    told.happen(Happened.QUESTION_ASKED, at(30), "charnwood", HELD.id)
    order(told, "DONE 3fa9c1d2", waiting=(replace(HELD, verdict=Verdict.RETURN),))
    assert not told.facts().status.returns["charnwood"].is_paused


def test_nothing_is_assigned_to_a_quarter_that_is_put_away(told: Told) -> None:
    told.happen(Happened.CYCLE_CLOSED, at(14, month=11))
    told.happen(Happened.CYCLE_ARCHIVED, at(30, month=11))
    assert refused(told, "ASSIGN 3fa9c1d2 TO CHARN", waiting=(HELD,)) == "2014/15 Q2 is archived."


# Papers ----------------------------------------------------------------------------------------


def test_a_draft_is_cleared_and_then_circulated_by_the_step(told: Told) -> None:
    assert "no draft" in refused(told, "CLEAR")
    told.happen(Happened.PAPER_DRAFTED, at(20, month=11), subject="speb", content="c1")
    assert "not cleared" in refused(told, "CIRCULATE")
    done = order(told, "CLEAR SPEB")
    assert done.order is not None
    assert (done.order.kind, done.order.board) == ("clear", "speb")
    told.happen(Happened.PAPER_CLEARED, at(21, month=11), subject="speb", content="c1")
    done = order(told, "circulate")
    assert done.order is not None
    assert done.order.kind == "circulate"
    assert "Board Secretariat" in done.sentences[0]
    told.happen(Happened.PAPER_CIRCULATED, at(21, month=11), subject="speb")
    assert "circulated already" in refused(told, "CIRCULATE")
    assert "circulated" in refused(told, "CLEAR")
    assert "no paper for 'panel'" in refused(told, "CLEAR panel")


def gone_out(told: Told) -> Told:
    for kind in (Happened.PAPER_DRAFTED, Happened.PAPER_CLEARED, Happened.PAPER_CIRCULATED):
        told.happen(kind, at(20, month=11), subject="speb", content="c1", statements="s1")
    return told


def test_an_erratum_goes_or_is_left_by_its_number(told: Told) -> None:
    assert "no erratum to the paper" in refused(gone_out(told), "CIRCULATE speb ERRATUM 1")
    made = {"number": 1, "content": "c2", "copy": "c3", "statements": "s2", "adds": False}
    told.happen(Happened.ERRATUM_DRAFTED, at(21, month=11), subject="speb", **made)
    assert "the latest is CIRCULATE speb ERRATUM 1" in refused(told, "CIRCULATE speb ERRATUM")
    assert "circulated already" in refused(told, "CIRCULATE speb"), "the paper itself is meant"
    done = order(told, "CIRCULATE ERRATUM 1")
    assert done.order is not None
    assert (done.order.kind, done.order.board, done.order.erratum) == ("erratum", "speb", 1)
    assert "Board Secretariat" in done.sentences[0]
    left = order(told, "DISMISS speb ERRATUM 1 BECAUSE one case only").order
    assert left is not None
    assert (left.kind, left.reason) == ("no erratum", "one case only")


def test_with_two_boards_the_board_is_named_or_known_from_the_letter() -> None:
    two = replace(
        DATES,
        papers=(
            *DATES.papers,
            PaperDates(
                board="panel",
                meeting=date(2014, 12, 9),
                papers_out=date(2014, 12, 1),
                clearance=date(2014, 11, 27),
                draft=date(2014, 11, 20),
            ),
        ),
    )
    told = Told(SITE, two).open(at(15))
    for board in ("speb", "panel"):
        told.happen(Happened.PAPER_DRAFTED, at(20, month=11), subject=board, content="c1")
    assert "Please say which board: CLEAR and one of speb, panel" in refused(told, "CLEAR")
    letter = replace(forwarded(HELD), kind="draft-paper", about=(About(board="panel", draft=1),))
    done = order(told, "CLEAR", answered=letter)
    assert done.order is not None
    assert done.order.board == "panel"


def test_a_word_may_answer_what_a_digest_tells_of_but_not_what_another_letter_is_about(told: Told) -> None:
    digest = replace(forwarded(HELD), kind="digest", about=())
    paper = replace(forwarded(HELD), kind="draft-paper", about=(About(board="panel", draft=1),))
    for answered_letter, found in ((None, (HELD,)), (digest, (HELD,)), (paper, ()), (forwarded(HELD), (HELD,))):
        assert list_perhaps_answered(facts(told, waiting=(HELD,), answered=answered_letter)) == found


# Answers ---------------------------------------------------------------------------------------


def answered(told: Told, text: str, files: tuple[str, ...] = (), **more: object) -> tuple[Letter, str]:
    """Her reply carried out as the step does it, and the answer to it with its words in one line."""
    parsed: Parsed = check_messages(read(text), facts(told, **more))
    outcomes: list[CarriedOut | Refused] = []
    for command in parsed.commands:
        try:
            done = carry_out(command, facts(told, **more), NOW)
            if why := say_why_it_waits(command, parsed, facts(told, **more)):
                raise HeldBack(why)
            told.commit(done.decision, NOW)
            outcomes.append(done)
        except Refused as why:
            outcomes.append(why)
    hints = [list_hints(line, facts(told, **more), NOW) for line in parsed.not_understood]
    letter = answer_orders(
        parsed, tuple(outcomes), facts(told), NOW, thread="<hers@opcc.example>", hints=hints, files=files
    )
    assert letter is not None
    assert (letter.cause, letter.answers, letter.manner) == ("command:m-order", "<hers@opcc.example>", Manner.OFFICE)
    return letter, " ".join(render(letter, OFFICE, environment=TEMPLATES).text.split())


def test_one_answer_says_what_was_done_what_was_not_and_what_was_not_understood(told: Told) -> None:
    letter, text = answered(told, "HOLD CHARN\nYES MELT\nEXTEND RUTL\n")
    assert letter.kind == "command-done"
    for part in ("Nothing is sent to Charnwood", "No letter to the chair of Melton is proposed", "EXTEND RUTL", "HELP"):
        assert part in text


def test_nothing_done_is_said_plainly(told: Told) -> None:
    letter, text = answered(told, "RELEASE")
    assert letter.kind == "command-refused"
    assert "Nothing was changed." in text
    letter, text = answered(told, "Could we talk about this on Monday")
    assert letter.kind == "command-not-understood"
    assert "Could we talk about this on Monday" in text
    assert "HELP names the orders that matter now" in text
    letter, text = answered(told, "")
    assert letter.kind == "command-not-understood"
    assert "Nothing was found" in text


def test_a_line_not_understood_keeps_back_what_lets_letters_leave_and_says_so() -> None:
    told = Told()
    told.happen(Happened.PROOF_MADE, at(14))
    letter, text = answered(told, "SEND\nbut not to Melton")
    assert letter.kind == "command-refused"
    assert not told.kinds(Happened.COMMANDED)
    for part in (
        "You wrote: SEND Not done. It waits, because not every line was understood.",
        "You wrote: but not to Melton Not understood.",
        'What would work now: "HOLD MELT" or "SEND"',
        "What stops letters is always done.",
    ):
        assert part in text


def test_the_answer_keeps_the_order_of_the_lines_and_says_each_once(told: Told) -> None:
    lines = ["HOLD CHARN", "I rang them", "YES MELT", "HOLD MELT until Friday", "STATUS"]
    letter, text = answered(told, "\n".join(lines))
    assert letter.kind == "command-done"
    assert [text.count(f"You wrote: {line}") for line in lines] == [1] * 5
    places = [text.index(f"You wrote: {line}") for line in lines]
    assert places == sorted(places)
    assert "HOLD MELT until Friday Done in part." in text
    assert [e.respondent for e in told.kinds(Happened.HELD)] == ["charnwood", "melton"]


@settings(max_examples=60)
@given(st.lists(ORDERS, max_size=4), UNKNOWN, st.integers(0, 4))
def test_beside_any_unknown_line_only_what_stops_letters_is_done_and_each_line_is_told_once(
    orders: list[str], unknown: str, at_line: int
) -> None:
    told = Told().open(at(15))
    told.happen(Happened.CHAIR_LETTER_PROPOSED, at(30), "charnwood")
    told.arrive(MELTON, at(30), faults=1)
    lines = [*orders[:at_line], unknown, *orders[at_line:]]
    letter, _ = answered(told, "\n\n".join(lines), waiting=(HELD,), answered=forwarded(HELD))
    assert [row.words for row in letter.facts["rows"]] == lines
    assert {e.facts["command"] for e in told.kinds(Happened.COMMANDED)} <= HARMLESS


def test_what_is_understood_is_said_back_in_full(told: Told) -> None:
    _, text = answered(told, "please extend Melton and Charnwood to next Wednesday - the analyst is ill")
    for name in ("Melton", "Charnwood"):
        assert f"{name} has until 5pm on Wednesday 5 November 2014." in text
    assert "The reason kept with it: the analyst is ill." in text
    assert "What would work" not in text
    _, text = answered(told, "DECLINE RUTL no return this year")
    assert "The reason kept with it: no return this year." in text


def test_an_order_that_waits_is_said_back_as_it_was_understood(told: Told) -> None:
    _, text = answered(told, "extend Melton and Charnwood to next Wednesday - leave\nI rang them")
    for code in ("MELT", "CHARN"):
        assert f"It was understood as: EXTEND {code} TO Wednesday 5 November 2014 BECAUSE leave." in text
    assert text.count("It waits, because") == 1


@pytest.mark.parametrize(
    "words",
    ["ASSIGN 3fa9c1d2 TO MELT", "ADDRESS OK lead@x.example", "CLEAR speb", "NIL MELT BECAUSE told so", "DONE 3fa9c1d2",
     "EXTEND MELT TO Wednesday 5 November 2014 BECAUSE leave", "HOLD", "YES MELT"],
)  # fmt: skip
def test_an_order_as_it_is_said_back_is_read_as_the_same_order(words: str) -> None:
    (command,) = read(words).commands
    assert command.write() == words


def test_a_mistyped_word_is_answered_with_the_order_put_right(told: Told) -> None:
    letter, text = answered(told, "EXTND MELT TO 5 November BECAUSE the analyst is ill")
    assert 'What would work now: "EXTEND MELT TO 5 November BECAUSE the analyst is ill"' in text
    assert "CIRCULATE" not in text
    assert len(text.split()) < 60
    (row,) = letter.facts["rows"]
    for words in row.hints:
        assert not read(words).not_understood
        assert any(list_working(words, facts(told), NOW)), words


def test_who_began_an_order_is_offered_no_other(told: Told) -> None:
    letter, text = answered(told, "ACTION speb MELT: report back as soon as they can")
    assert "It does not say by when" in text
    assert not letter.facts["rows"][0].hints


def test_for_a_name_without_an_order_it_is_said_how_to_look_and_what_takes_a_hold_back(told: Told) -> None:
    line = Line(words="You can carry on with Melton again", fault="?")
    assert list_hints(line, facts(told), NOW)[-2:] == ("EXPLAIN MELT", "HOLD MELT")
    told.happen(Happened.HELD, at(15), "melton")
    assert list_hints(line, facts(told), NOW)[-2:] == ("RESUME MELT", "EXPLAIN MELT")


def test_nothing_is_offered_for_a_name_that_several_have(told: Told) -> None:
    rural = replace(MELTON, key="melton-rural", code="MELR", name="Melton Rural", areas=())
    town = replace(MELTON, key="melton-town", code="MELU", name="Melton Urban", areas=())
    others = tuple(r for r in told.site.respondents if r != MELTON)
    known = replace(facts(told), site=replace(told.site, respondents=(*others, rural, town)))
    line = Line(words="not so for Melton", fault="?")
    hints = list_hints(line, known, NOW)
    assert "MEL" not in " ".join(hints)


def test_an_id_that_no_message_has_is_not_understood() -> None:
    told = Told()
    told.happen(Happened.PROOF_MADE, at(14))
    letter, text = answered(told, "DONE 99999\nSEND", waiting=(HELD,))
    assert letter.kind == "command-refused"
    assert "No message begins with '99999'. Waiting: 3fa9c1d2e4." in text
    assert "It waits" in text


def test_stop_is_done_beside_anything_and_says_what_was_stopped(told: Told) -> None:
    waiting = replace(forwarded(HELD), state=LetterState.QUEUED, manner=Manner.TIMED)
    done = order(told, "Please stop everything now", letters=(waiting, forwarded(HELD)))
    assert told.facts().service.on_hold
    assert done.sentences[0] == "All sending is stopped. Still here: 1 letter waiting to leave."
    assert "RESUME lets sending go on" in done.sentences[2]
    assert [e.facts["command"] for e in told.kinds(Happened.COMMANDED)] == ["STOP"]
    assert order(told, "STOP").sentences[0] == "All sending was stopped already."
    assert len(told.kinds(Happened.HELD)) == 1


def test_what_is_attached_to_an_order_is_named(told: Told) -> None:
    logo = Attachment(name="image001.png", data=b"", content_type="image/png")
    seal = Attachment(name="smime.p7s", data=b"", content_type="application/pkcs7-signature")
    photo = Attachment(name="Board table.png", data=b"", content_type="image/png")
    files = say_files(
        list_files((Attachment(name="Wording.docx", data=b""), logo, seal, photo, Attachment(name="", data=b"")))
    )
    assert [said.partition(" was not looked at")[0] for said in files] == [
        "Wording.docx",
        "Board table.png",
        "A file without a name",
    ]
    _, text = answered(told, "HOLD", files)
    assert "Wording.docx was not looked at; what you attach to an order is not used." in text


def test_status_orders_a_digest_now(told: Told) -> None:
    done = order(told, "STATUS")
    assert done.order is not None
    assert done.order.kind == "status"
    assert not done.decision


# Addresses and answers ---------------------------------------------------------------------------


def test_address_ok_lets_letters_go_to_an_address_again(told: Told) -> None:
    address = CHARNWOOD.contacts[0].address
    told.happen(Happened.ADDRESS_FAILED, at(30), subject=address, status="5.1.1")
    done = order(told, f"Address OK {address}<mailto:{address}>.")
    assert not fold_service(told.service_events).undeliverable
    assert done.sentences[0] == f"Letters go to {address} again."


def test_address_ok_settles_a_letter_that_came_back_and_marked_nobody(told: Told) -> None:
    address = CHARNWOOD.contacts[0].address
    told.happen(
        Happened.LETTER_CAME_BACK,
        at(30),
        subject=address,
        letter="",
        blame="given up",
        status="4.4.7",
        said="expired",
        tried=False,
    )
    done = order(told, f"ADDRESS OK {address}")
    assert not fold_service(told.service_events).returned
    assert done.sentences == (f"What came back from {address} is settled. Letters go there as before.",)


def test_address_ok_for_an_address_that_nothing_keeps_letters_from_is_refused(told: Told) -> None:
    told.happen(Happened.CONTACT_DISOWNED, at(30), subject="lead@charnwood.example")
    why = refused(told, "ADDRESS OK chair@charnwood.example")
    assert "Nothing keeps letters from chair@charnwood.example." in why
    assert "lead@charnwood.example" in why


def test_address_ok_for_somebody_who_is_no_contact_any_more_says_so(told: Told) -> None:
    told.happen(Happened.ADDRESS_FAILED, at(30), subject="gone@charnwood.example", status="5.1.1")
    assert "stands in the configuration for nobody" in " ".join(
        order(told, "ADDRESS OK gone@charnwood.example").sentences
    )


@pytest.mark.parametrize("line", ["ADDRESS OK", "ADDRESS lead@charnwood.example", "ADDRESS OK Charnwood"])
def test_an_address_order_without_ok_or_address_is_not_understood(line: str) -> None:
    (strange,) = read(line).not_understood
    assert "Write: ADDRESS OK" in strange.fault


def test_release_lets_stopped_answers_go(told: Told) -> None:
    told.happen(Happened.BREAKER_TRIPPED, at(30), why="60 automatic answers left within an hour.")
    assert order(told, "RELEASE").sentences == ("Automatic answers go again; those that waited leave now.",)
    assert "Nothing waits" in refused(told, "RELEASE")


def test_more_time_is_told_to_whoever_stands_in_for_the_lead(told: Told) -> None:
    told.happen(Happened.ABSENCE_SEEN, at(30), subject=CHARNWOOD.contacts[0].address, until="2014-11-07")
    done = order(told, "EXTEND CHARN TO 5 November BECAUSE the lead is away")
    assert [x.recipient for x in done.decision.letters] == [CHARNWOOD.contacts[1].address]
    assert "We tell Charnwood Deputy in the sending window." in done.sentences
