"""`explain`: every letter and every rung, each with what decided it; and what goes out next."""

from __future__ import annotations

from datetime import date

from csp_workflow.chase.beat import ahead
from csp_workflow.chase.explain import explain
from csp_workflow.terms.events import Happened
from tests.chase.quarter_told import CHARNWOOD, MELTON, RUTLAND, Told, at


def sentences(told: Told, when: object, who: str = "charnwood") -> str:
    return "\n".join(explain(told.facts(), who, when))  # type: ignore[arg-type]


def test_it_names_letters_sent_rungs_to_come_and_the_people() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.tick(at(27))
    said = sentences(told, at(27, 12))
    assert "Charnwood: the return for 2014/15 Q2 is requested." in said
    assert "Letters go to Charnwood Lead (lead)." in said
    assert "Letter 'reminder-before-due' to lead@charnwood.example" in said
    assert "because of chase:2014/15-Q2:CHARN=before-due-3@2014-10-30, was sent" in said
    assert "Rung 'overdue' (+2 working days, Monday 3 November 2014): not reached yet." in said


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
    assert "Rung 'due today' (+0 working days, Thursday 30 October 2014): passed over" in said
    assert (
        "Rung 'overdue' (+2 working days, Monday 3 November 2014): due, not written yet. Letters leave between" in said
    )


def test_it_says_what_waits_for_the_co_ordinator_and_what_arrived() -> None:
    told = Told().open(at(15), CHARNWOOD)
    for day in range(3, 13):
        told.tick(at(day, month=11))
    said = sentences(told, at(12, 10, month=11))
    assert "no letter goes to the chair without her yes" in said
    assert "the co-ordinator was asked to telephone" in said
    told.arrive(CHARNWOOD, at(12, 11, month=11), faults=1)
    said = sentences(told, at(12, 12, month=11))
    assert "It has 1 fault and 0 queries." in said
    assert "Approval: not asked. The return is queried, not complete." in said
    assert "Faults to be mended: 0 reminders written" in said


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
    foreseen = ahead(told.facts(), at(29, 7), days=4)
    assert foreseen == (
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
    assert counted == {(day, kind): count for day, kind, count in foreseen}
