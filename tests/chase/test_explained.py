"""`explain`: every letter and every rung, each with what decided it; and what goes out next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from csp_workflow.chase import grounds
from csp_workflow.chase.beat import foresee_letters
from csp_workflow.chase.grounds import explain_chase
from csp_workflow.terms.events import About, Happened, LetterState, Manner, QueuedLetter
from csp_workflow.terms.site import Role
from tests.chase.quarter_told import CHARNWOOD, HEALTH, MELTON, Q2, RUTLAND, SITE, Told, at


def sentences(told: Told, when: object, who: str = "charnwood") -> str:
    return "\n".join(explain_chase(told.facts(), who, when))  # type: ignore[arg-type]


def test_it_names_letters_sent_rungs_to_come_and_the_people() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.tick(at(27))
    said = sentences(told, at(27, 12))
    assert "Charnwood: the return for 2014/15 Q2 is requested." in said
    assert "Letters go to Charnwood Lead (lead)." in said
    assert "Reminder before the due day to lead@charnwood.example, written at 9am on Monday 27 October 2014: " in said
    assert "Reminder 2 working days after the due day (Monday 3 November 2014): not due yet." in said
    told.arrive(CHARNWOOD, at(28))
    said = sentences(told, at(28, 12))
    assert "Reminder on the due day (Thursday 30 October 2014): not needed, as the return is complete." in said
    assert not [mark for mark in ("rung", "chase:", " '") if mark in said.lower()], "no word of ours"


def test_it_says_why_a_rung_was_passed_over_paused_or_withdrawn() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.tick(at(27), posting=False)
    told.happen(Happened.QUESTION_ASKED, at(27, 9, 5), "charnwood", "m1")
    told.post(at(27, 9, 6))
    said = sentences(told, at(27, 10))
    assert "was withdrawn. A question is open" in said
    assert "Now: A question is open" in said
    told.happen(Happened.QUESTION_ANSWERED, at(4, month=11), "charnwood", "m1")
    said = sentences(told, at(4, 7, month=11))
    assert "Reminder on the due day (Thursday 30 October 2014): passed over" in said
    assert "Reminder 2 working days after the due day (Monday 3 November 2014): due, not written yet. Letters" in said


def test_it_says_what_waits_for_the_co_ordinator_and_what_arrived() -> None:
    told = Told().open(at(15), CHARNWOOD)
    for day in range(3, 13):
        told.tick(at(day, month=11))
    said = sentences(told, at(12, 10, month=11))
    assert "no letter goes to the chair without her yes" in said
    assert "the co-ordinator was asked to phone" in said
    told.arrive(CHARNWOOD, at(12, 11, month=11), faults=1)
    said = sentences(told, at(12, 12, month=11))
    assert "It has 1 fault and 0 queries." in said
    assert "Approval: not asked. The return is queried, not complete." in said
    assert "Faults to be corrected: 0 reminders written" in said


def test_it_follows_an_approval_and_knows_no_strangers() -> None:
    told = Told().open(at(15), CHARNWOOD)
    submission = told.arrive(CHARNWOOD, at(16))
    told.tick(at(16, 10))
    assert "Approval: asked on Thursday 16 October 2014" in sentences(told, at(17))
    told.happen(Happened.APPROVED, at(17), "charnwood", submission, by="chair@charnwood.example")
    assert "Approval: given by chair@charnwood.example." in sentences(told, at(18))
    assert "owes nothing" in sentences(told, at(18), "nowhere")


def test_what_goes_out_next_is_what_then_goes_out() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON, RUTLAND)
    told.arrive(MELTON, at(28, 19))
    foreseen = foresee_letters(told.facts(), at(29, 7), days=4)
    assert tuple((row.day, row.kind, row.letters) for row in foreseen) == (
        (date(2014, 10, 29), "approval-request", 1),
        (date(2014, 10, 29), "reminder-before-due", 2),
        (date(2014, 10, 30), "reminder-due-today", 2),
        (date(2014, 11, 3), "approval-reminder", 1),
        (date(2014, 11, 3), "reminder-overdue", 2),
    )
    for day in (29, 30, 31):
        told.tick(at(day))
    told.tick(at(3, month=11))
    counted: dict[tuple[date, str], int] = {}
    for letter in told.sent():
        if letter.sent:
            key = (letter.sent.date(), letter.kind)
            counted[key] = counted.get(key, 0) + 1
    assert counted == {(row.day, row.kind): row.letters for row in foreseen}


def test_it_says_what_has_not_been_written_yet_and_what_that_waits_for() -> None:
    told = Told().open(at(15), CHARNWOOD, HEALTH)
    assert "No letter has been written." in sentences(told, at(15, 10))
    assert "Approval: none is needed from a contributor." in sentences(told, at(15, 10), "public-health")
    told.arrive(CHARNWOOD, at(27, 19))
    assert "Approval: to be asked. Letters leave between 08:00 and 17:00 only." in sentences(told, at(27, 20))
    told.happen(Happened.HELD, at(27, 20))
    assert "Approval: to be asked. All sending is on hold." in sentences(told, at(28))


def test_it_says_that_nobody_gets_two_letters_on_one_day() -> None:
    told = Told().open(at(15), MELTON)
    told.tick(at(27))
    told.happen(Happened.REQUESTED, at(27, 9, 30), "rutland")
    assert "due, not written yet. Nobody gets two letters on one working day." in sentences(told, at(27, 10), "rutland")


def test_it_says_that_there_is_no_chair_or_none_but_the_lead() -> None:
    lead_and_chair = replace(
        CHARNWOOD, contacts=tuple(replace(c, role=r) for c in CHARNWOOD.contacts[:1] for r in (Role.LEAD, Role.CHAIR))
    )
    told = Told(replace(SITE, respondents=(lead_and_chair,))).open(at(15), lead_and_chair)
    said = sentences(told, at(12, month=11))
    assert "passed over: no chair other than the person who is chased." in said
    alone = replace(CHARNWOOD, contacts=CHARNWOOD.contacts[:1])
    told = Told(replace(SITE, respondents=(alone,))).open(at(15), alone)
    told.arrive(alone, at(16))
    assert "Approval: not asked. No chair is in office whom letters reach." in sentences(told, at(17))


def test_it_says_that_the_co_ordinator_allowed_the_letter_to_the_chair() -> None:
    told = Told().open(at(15), CHARNWOOD)
    for day in range(3, 12):
        told.tick(at(day, month=11))
    told.happen(Happened.CHAIR_LETTER_ALLOWED, at(11, 12, month=11), "charnwood")
    assert "the co-ordinator said yes; the letter has not been written yet." in sentences(told, at(11, 13, month=11))


def test_it_says_that_the_quarter_is_closed_or_not_open_yet() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.arrive(MELTON, at(16), faults=1)
    told.happen(Happened.CYCLE_CLOSED, at(17, month=11))
    assert "The quarter is closed." in sentences(told, at(18, month=11))
    told.happen(Happened.CYCLE_ARCHIVED, at(19, month=12))
    assert (
        "Faults to be corrected: 0 reminders written since the correction letter. The quarter is archived."
        in sentences(told, at(19, month=12), "melton")
    )
    asked_early = Told()
    asked_early.happen(Happened.REQUESTED, at(14), "charnwood")
    assert "not written. The quarter is not open." in sentences(asked_early, at(4, month=11))


def test_it_says_how_the_due_day_was_reckoned() -> None:
    told = Told().open(at(15), CHARNWOOD)
    said = sentences(told, at(27, 12))
    offsets, end = SITE.offsets, told.facts().quarter.end
    assert f"The due day is {offsets.due} working days after the quarter's end on Tuesday 30 September 2014" in said
    holiday = SITE.working_days.plus(end, 3)
    days = replace(SITE.working_days, holidays=SITE.working_days.holidays | {holiday})
    due = days.plus(end, offsets.due)
    told.site = replace(SITE, working_days=days)
    told.dates = replace(told.dates, due=told.dates.due.replace(month=due.month, day=due.day))
    said = sentences(told, at(27, 12))
    assert "without Friday 3 October 2014." in said
    told.site = SITE
    assert "A later day was told before, and it stands." in sentences(told, at(27, 12))
    told.happen(Happened.EXTENDED, at(28), "charnwood", until="2014-11-05", reason="flood")
    assert "The due day is" not in sentences(told, at(28, 12))


# What shows a form ages with it -----------------------------------------------------------------------


def brought(kind: str) -> QueuedLetter:
    """A letter of 15 October that brings Charnwood's form, or tells what stands on it."""
    return QueuedLetter(
        id=kind, kind=kind, cause=kind, recipient="lead@charnwood.example",
        about=(About(respondent=CHARNWOOD.key),), quarter=Q2, manner=Manner.TIMED, subject="", message_id="",
        content="", state=LetterState.QUEUED, queued=at(15),
    )  # fmt: skip


def test_what_changed_on_a_form_takes_back_what_brings_it_and_nothing_else() -> None:
    told = Told().open(at(14))
    for kind in ("request", "form-reissued", "request-chair"):
        assert not grounds.judge_ground(brought(kind), told.facts(), at(16))
    told.happen(Happened.FORM_OVERTAKEN, at(16), CHARNWOOD.key, figures=1, came=0, wordings=0, mark="m")
    for kind in ("request", "form-reissued"):
        assert "has changed since" in grounds.judge_ground(brought(kind), told.facts(), at(16))
    assert not grounds.judge_ground(brought("request-chair"), told.facts(), at(16))
    assert any("REISSUE sends it anew" in line for line in grounds.explain_chase(told.facts(), CHARNWOOD.key, at(16)))


def test_a_form_sent_anew_leaves_while_it_is_of_use() -> None:
    told, letter = Told().open(at(14)), brought("form-reissued")
    told.arrive(CHARNWOOD, at(15))
    assert not grounds.judge_ground(letter, told.facts(), at(16))
    told.happen(Happened.NIL, at(16), CHARNWOOD.key, reason="none")
    assert grounds.judge_ground(letter, told.facts(), at(16)) == "The return is nil now."
    told = Told().open(at(14))
    told.happen(Happened.CYCLE_CLOSED, at(16))
    assert "closed" in grounds.judge_ground(letter, told.facts(), at(16))
