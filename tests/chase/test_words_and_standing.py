"""Every letter of the chase can be written, in a courteous voice; and what lost its cause does not leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from csp_workflow.chase import grounds
from csp_workflow.letters.catalogue import render
from csp_workflow.terms.events import About, Happened, Letter, LetterState, Manner, QueuedLetter
from csp_workflow.terms.site import Role
from tests.chase.quarter_told import CHARNWOOD, MELTON, OFFICE, Q2, RUTLAND, SITE, TEMPLATES, Told, at, contact

KINDS = {
    "reminder-before-due",
    "reminder-due-today",
    "reminder-overdue",
    "overdue-chair",
    "query-reminder",
    "approval-request",
    "approval-again",
    "approval-reminder",
}


def every_kind() -> dict[str, Letter]:
    """One letter of each kind, out of a quarter in which everything goes slowly."""
    told = Told().open(at(15), CHARNWOOD, MELTON, RUTLAND)
    told.arrive(MELTON, at(16), faults=1)
    told.arrive(RUTLAND, at(16))
    days = [(day, 10) for day in range(16, 32)] + [(day, 11) for day in range(1, 13)]
    for day, month in days:
        told.tick(at(day, month=month))
        if told.facts().status.returns["charnwood"].chair_letter_proposed:
            told.happen(Happened.CHAIR_LETTER_ALLOWED, at(day, 10, month=month), "charnwood")
    told.arrive(RUTLAND, at(12, 10, month=11), value=50)
    told.tick(at(13, month=11))
    return {letter.kind: told.words[letter.id] for letter in told.letters}


def test_every_letter_is_written_in_a_courteous_voice() -> None:
    letters = every_kind()
    assert set(letters) == KINDS
    for kind, letter in letters.items():
        words = render(letter, OFFICE, environment=TEMPLATES)
        for said in (words.text, words.subject):
            assert "!" not in said, kind
            assert "target" not in said.lower()
        assert letter.facts["codes"]
        assert words.text.startswith(f"Dear {letter.recipient_name},")
        assert "Questions: " in " ".join(words.text.split())


def test_a_chair_is_told_whom_we_asked_and_when_without_a_threat() -> None:
    text = " ".join(render(every_kind()["overdue-chair"], OFFICE, environment=TEMPLATES).text.split())
    assert "We asked: Charnwood Lead" in text
    assert "27 Oct 2014, 30 Oct 2014, 3 Nov 2014 and 6 Nov 2014" in text
    assert "statut" not in text
    assert "must" not in text


def test_letters_of_other_rules_are_not_judged_here() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.tick(at(27), posting=False)
    other = replace(told.letters[0], kind="receipt")
    assert grounds.judge_ground(other, told.facts(), at(30)) == ""


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (Happened.NIL, {"reason": "none"}, "is nil"),
        (Happened.EXTENDED, {"until": "2014-11-06", "reason": ""}, "due date has been moved"),
        (Happened.NOT_RECEIVED, {}, "is not received"),
    ],
)
def test_a_reminder_whose_cause_has_gone_is_withdrawn(kind: Happened, facts: dict[str, str], said: str) -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.tick(at(27), posting=False)
    told.happen(kind, at(27, 9, 30), "charnwood", **facts)
    assert said in grounds.judge_ground(told.letters[0], told.facts(), at(27, 10))


def test_nobody_who_has_left_is_written_to() -> None:
    leaving = replace(contact("Old Lead", Role.LEAD, "old@charnwood.example"), valid_to=date(2014, 10, 28))
    coming = replace(contact("New Lead", Role.LEAD, "new@charnwood.example"), valid_from=date(2014, 10, 29))
    small = replace(CHARNWOOD, contacts=(leaving, coming))
    told = Told(replace(SITE, respondents=(small,))).open(at(15), small)
    told.tick(at(28), posting=False)
    assert "no longer a contact" in grounds.judge_ground(told.letters[0], told.facts(), at(29))
    told.tick(at(30))
    assert [x.recipient for x in told.sent()] == ["new@charnwood.example"]


def test_what_lost_its_cause_between_writing_and_leaving_says_why() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.tick(at(30), posting=False)
    today = next(x for x in told.letters if x.kind == "reminder-due-today")
    assert grounds.judge_ground(today, told.facts(), at(30, 16)) == ""
    assert grounds.judge_ground(today, told.facts(), at(30, 18)) == "The due time has passed since."


def test_an_approval_that_is_no_longer_asked_for_is_withdrawn() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.arrive(CHARNWOOD, at(16))
    told.tick(at(16, 10), posting=False)
    (asked,) = told.letters
    told.arrive(CHARNWOOD, at(16, 11), value=50)
    assert grounds.judge_ground(asked, told.facts(), at(16, 12)) == "A later submission has come since."
    told.arrive(CHARNWOOD, at(16, 13), faults=1)
    assert grounds.judge_ground(asked, told.facts(), at(16, 14)) == "The return is queried now."


def test_a_reminder_of_faults_is_withdrawn_once_they_are_mended_or_others_have_come() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.arrive(CHARNWOOD, at(16), faults=1)
    day = next(d for d in range(17, 32) if told.tick(at(d), posting=False) or told.letters)
    (reminder,) = told.letters
    told.arrive(CHARNWOOD, at(day, 10), faults=2)
    assert grounds.judge_ground(reminder, told.facts(), at(day, 11)) == "A later submission has come since."
    told.arrive(CHARNWOOD, at(day, 12))
    assert grounds.judge_ground(reminder, told.facts(), at(day, 13)) == "No fault is waiting to be corrected."


def test_a_letter_about_an_extension_is_withdrawn_when_the_day_has_moved_or_the_return_has_come() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.happen(Happened.EXTENDED, at(20), "charnwood", until="2014-11-06", reason="")
    due = told.facts().status.returns["charnwood"].due
    assert due is not None
    given = letter("extension-given", f"extension:2014/15-Q2:charnwood@{due.isoformat()}", "lead@charnwood.example")
    assert grounds.judge_ground(given, told.facts(), at(20, 10)) == ""
    stranger = replace(given, recipient="former.lead@charnwood.example")
    assert grounds.judge_ground(stranger, told.facts(), at(20, 10)) == "The recipient is no longer a contact."
    told.happen(Happened.EXTENDED, at(21), "charnwood", until="2014-11-07", reason="")
    assert grounds.judge_ground(given, told.facts(), at(21, 10)) == "The due date has been moved since."
    told.arrive(CHARNWOOD, at(22))
    assert grounds.judge_ground(given, told.facts(), at(22, 10)) == "The return is complete now."


def letter(kind: str, cause: str, recipient: str) -> QueuedLetter:
    return QueuedLetter(
        id="L",
        kind=kind,
        cause=cause,
        recipient=recipient,
        about=(About(respondent="charnwood", due=date(2014, 11, 6)),),
        quarter=Q2,
        manner=Manner.TIMED,
        subject="",
        message_id="<l@opcc.example>",
        content="",
        state=LetterState.QUEUED,
        queued=at(20),
    )
