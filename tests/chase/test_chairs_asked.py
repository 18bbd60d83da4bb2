"""Approvals and queries: the chair is asked about exactly one submission; reminders stop after two."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from csp_workflow.chase import approval
from csp_workflow.chase.grounds import explain_chase
from csp_workflow.chase.quiet import count_reminders
from csp_workflow.letters.catalogue import render
from csp_workflow.letters.kinds import Ground
from csp_workflow.terms.events import Happened, LetterState
from csp_workflow.terms.site import Role
from tests.chase.quarter_told import CHARNWOOD, HEALTH, MELTON, OFFICE, RUTLAND, SITE, TEMPLATES, Told, at, contact


def told_with(*who: object) -> Told:
    return Told().open(at(15), *who)  # type: ignore[arg-type]


def words(told: Told, place: int = -1) -> str:
    return render(told.words[told.sent()[place].id], OFFICE, environment=TEMPLATES).text


def test_a_complete_return_is_put_to_its_chair_once_with_everything_in_the_body() -> None:
    told = told_with(CHARNWOOD)
    submission = told.arrive(CHARNWOOD, at(21, 10), dispute="Two offences belong next door.")
    told.tick(at(21, 10, 1))
    told.tick(at(21, 15))
    (letter,) = told.sent()
    assert (letter.kind, letter.recipient) == ("approval-request", "chair@charnwood.example")
    assert letter.cause.startswith(f"approval:2014/15-Q2:{submission}@")
    assert [e.subject for e in told.kinds(Happened.APPROVAL_ASKED)] == [submission]
    text = " ".join(words(told).split())
    for part in ("Repeat callers", "42", "40", "A quiet quarter.", "Two offences belong next door.", "A. Officer"):
        assert part in text
    assert "with the word APPROVED on its own first line" in text
    assert "http" not in render(told.words[letter.id], OFFICE, environment=TEMPLATES).html.replace("www.w3.org", "")


def test_a_return_with_faults_is_not_put_to_the_chair() -> None:
    told = told_with(CHARNWOOD)
    told.arrive(CHARNWOOD, at(21, 10), faults=2)
    told.tick(at(21, 11))
    assert not told.sent("approval-request")


def test_a_contributor_needs_no_approval() -> None:
    told = told_with(HEALTH)
    told.arrive(HEALTH, at(21, 10))
    told.tick(at(21, 11))
    assert not told.letters


def test_a_return_complete_in_the_evening_is_put_to_the_chair_next_morning() -> None:
    told = told_with(CHARNWOOD)
    told.arrive(CHARNWOOD, at(24, 19))
    assert told.tick(at(24, 19, 1)) == []
    assert told.tick(at(25, 10)) == []
    assert [x.kind for x in told.tick(at(27, 8))] == ["approval-request"]


def test_a_later_version_asks_again_and_shows_only_what_changed() -> None:
    told = told_with(CHARNWOOD)
    told.arrive(CHARNWOOD, at(21, 10))
    told.tick(at(21, 11))
    second = told.arrive(CHARNWOOD, at(22, 10), value=45)
    told.tick(at(22, 11))
    letter = told.sent()[-1]
    assert letter.kind == "approval-again"
    assert letter.cause.startswith(f"approval:2014/15-Q2:{second}@")
    text = words(told)
    assert "Before: 42" in text
    assert "Now: 45" in text
    assert "A quiet quarter." not in text
    assert "Burglary" not in text


def test_a_later_version_on_the_same_day_waits_for_the_next_morning() -> None:
    told = told_with(CHARNWOOD)
    told.arrive(CHARNWOOD, at(21, 10))
    told.tick(at(21, 10, 5))
    told.arrive(CHARNWOOD, at(21, 11), value=45)
    assert told.tick(at(21, 11, 5)) == []
    assert [x.kind for x in told.tick(at(22, 8))] == ["approval-again"]


def test_a_version_overtaken_before_its_letter_left_is_not_put_to_the_chair() -> None:
    told = told_with(CHARNWOOD)
    told.arrive(CHARNWOOD, at(21, 10))
    told.tick(at(21, 10, 1), posting=False)
    told.arrive(CHARNWOOD, at(21, 10, 2), value=50)
    told.tick(at(21, 10, 3))
    assert told.letters[0].state is LetterState.WITHDRAWN
    told.tick(at(21, 10, 4))
    (sent,) = told.sent()
    assert (sent.kind, sent.cause.rpartition(":")[2]) == ("approval-request", "CHARN-2@hash-CHARN-2")


def test_an_unanswered_chair_is_reminded_twice_and_then_left_to_the_office() -> None:
    told = told_with(CHARNWOOD)
    submission = told.arrive(CHARNWOOD, at(15, 16))
    for day in range(16, 31):
        told.tick(at(day))
    days = [(x.sent.day, x.kind) for x in told.sent() if x.sent]
    assert days == [(16, "approval-request"), (21, "approval-reminder"), (24, "approval-reminder")]
    assert "last reminder" in words(told)
    assert {one.submission for x in told.sent() for one in x.about} == {submission}
    assert count_reminders(told.facts(), Ground.APPROVAL_MISSING, CHARNWOOD, submission) == 2


def test_after_two_weeks_of_sleep_the_chair_gets_the_last_reminder_only() -> None:
    told = told_with(CHARNWOOD)
    told.arrive(CHARNWOOD, at(15, 16))
    told.tick(at(16))
    told.tick(at(30))
    told.tick(at(31))
    assert [x.kind for x in told.sent()] == ["approval-request", "approval-reminder"]


def test_an_approval_ends_the_reminders_and_a_question_of_the_chair_pauses_them() -> None:
    told = told_with(CHARNWOOD)
    submission = told.arrive(CHARNWOOD, at(15, 16))
    told.tick(at(16))
    told.happen(Happened.QUESTION_ASKED, at(17), "charnwood", "m4")
    told.tick(at(22))
    told.happen(Happened.QUESTION_ANSWERED, at(22, 11), "charnwood", "m4")
    told.happen(Happened.APPROVED, at(22, 12), "charnwood", submission)
    told.tick(at(24))
    assert [x.kind for x in told.sent()] == ["approval-request"]


def test_nobody_is_asked_to_approve_while_what_stands_beside_the_form_waits() -> None:
    told = told_with(CHARNWOOD)
    told.arrive(CHARNWOOD, at(15, 16))
    told.happen(Happened.QUESTION_ASKED, at(15, 16), "charnwood", "m1")
    told.tick(at(16))
    assert told.sent() == []
    told.happen(Happened.QUESTION_ANSWERED, at(16, 11), "charnwood", "m1")
    told.tick(at(17))
    assert [x.kind for x in told.sent()] == ["approval-request"]


def test_a_chair_who_is_away_is_not_reminded_until_back() -> None:
    told = told_with(CHARNWOOD)
    told.arrive(CHARNWOOD, at(15, 16))
    told.tick(at(16))
    told.happen(Happened.ABSENCE_SEEN, at(17), subject="chair@charnwood.example", until="2014-10-23")
    told.tick(at(22))
    assert not told.sent("approval-reminder")
    told.tick(at(24))
    assert len(told.sent("approval-reminder")) == 1


def test_a_new_chair_is_shown_everything_and_the_old_one_nothing_more() -> None:
    leaving = contact("Old Chair", Role.CHAIR, "old@charnwood.example")
    coming = contact("New Chair", Role.CHAIR, "new@charnwood.example")
    people = (
        *CHARNWOOD.people(Role.LEAD, date(2014, 10, 1)),
        replace(leaving, valid_to=date(2014, 10, 19)),
        replace(coming, valid_from=date(2014, 10, 20)),
    )
    told = Told(replace(SITE, respondents=(replace(CHARNWOOD, contacts=people),))).open(at(15), CHARNWOOD)
    told.arrive(CHARNWOOD, at(15, 16))
    told.tick(at(16))
    told.tick(at(20))
    assert [(x.kind, x.recipient) for x in told.sent()] == [
        ("approval-request", "old@charnwood.example"),
        ("approval-request", "new@charnwood.example"),
    ]


def test_a_complete_return_without_a_chair_in_office_is_left_to_the_digest() -> None:
    nobody = replace(CHARNWOOD, contacts=CHARNWOOD.people(Role.LEAD, date(2014, 10, 1)))
    told = Told(replace(SITE, respondents=(nobody,))).open(at(15), nobody)
    told.arrive(nobody, at(16))
    told.tick(at(16, 10))
    assert not told.letters
    assert "Approval: not asked. No chair is in office whom letters reach." in explain_chase(
        told.facts(), "charnwood", at(16, 10)
    )


def test_a_held_message_keeps_the_chair_from_being_asked_about_what_may_be_overtaken() -> None:
    told = told_with(CHARNWOOD)
    told.arrive(CHARNWOOD, at(16))
    told.happen(Happened.MESSAGE_HELD, at(16, 9, 1), "charnwood", "m7")
    assert told.tick(at(16, 10)) == []
    told.happen(Happened.MESSAGE_SETTLED, at(16, 11), "charnwood", "m7")
    assert [x.kind for x in told.tick(at(16, 12))] == ["approval-request"]


def test_after_the_paper_is_settled_a_late_return_is_still_put_to_the_chair_but_never_recalled() -> None:
    told = told_with(CHARNWOOD)
    told.happen(Happened.PAPER_DRAFTED, at(18, month=11), subject="speb", content="c1")
    told.happen(Happened.PAPER_CLEARED, at(19, month=11), subject="speb", content="c1")
    told.arrive(CHARNWOOD, at(19, 10, month=11))
    for day in range(19, 29):
        told.tick(at(day, 11, month=11))
    assert [x.kind for x in told.sent()] == ["approval-request"]
    assert "settled already" in words(told)


def test_a_return_that_comes_after_the_close_is_put_to_the_chair_and_recalled_until_the_paper_is_cleared() -> None:
    told = told_with()
    told.tick(at(14, 17, month=11))
    assert str(told.facts().status.state) == "closed"
    told.arrive(CHARNWOOD, at(17, 8, month=11))
    for day in range(17, 25):
        told.tick(at(day, 11, month=11))
    assert [x.kind for x in told.sent()] == ["approval-request", "approval-reminder"]
    told.happen(Happened.PAPER_DRAFTED, at(24, 12, month=11), subject="speb", content="c1")
    told.happen(Happened.PAPER_CLEARED, at(24, 12, month=11), subject="speb", content="c1")
    told.tick(at(28, 11, month=11))
    assert len(told.sent()) == 2


def test_faults_found_after_the_close_are_recalled_until_the_paper_is_cleared() -> None:
    told = told_with()
    told.tick(at(14, 17, month=11))
    told.arrive(CHARNWOOD, at(17, 8, month=11), faults=1)
    for day in range(17, 25):
        told.tick(at(day, 11, month=11))
    assert [x.kind for x in told.sent()] == ["query-reminder"]
    told.happen(Happened.PAPER_DRAFTED, at(24, 12, month=11), subject="speb", content="c1")
    told.happen(Happened.PAPER_CLEARED, at(24, 12, month=11), subject="speb", content="c1")
    told.tick(at(28, 11, month=11))
    assert len(told.sent()) == 1


def test_faults_nobody_mends_are_recalled_twice_in_one_letter_for_all_of_an_officers_returns() -> None:
    told = told_with(MELTON, RUTLAND)
    first = told.arrive(MELTON, at(16, 9), faults=2)
    told.arrive(RUTLAND, at(16, 10), faults=1)
    for day in range(16, 31):
        told.tick(at(day))
    sent = told.sent("query-reminder")
    assert [(x.sent.day, x.respondents) for x in sent if x.sent] == [
        (21, ("melton", "rutland")),
        (24, ("melton", "rutland")),
    ]
    text = words(told)
    assert "J7" in text
    assert "last reminder" in text
    assert count_reminders(told.facts(), Ground.FAULTS_OPEN, MELTON, first) == 2


def test_a_mended_return_is_not_recalled() -> None:
    told = told_with(MELTON)
    told.arrive(MELTON, at(16, 9), faults=2)
    told.arrive(MELTON, at(17, 9))
    for day in range(17, 31):
        told.tick(at(day))
    assert not told.sent("query-reminder")


def test_what_changed_names_figures_texts_disputes_and_who_completed_it() -> None:
    told = told_with(CHARNWOOD)
    told.arrive(CHARNWOOD, at(16), dispute="Two offences belong next door.")
    told.arrive(CHARNWOOD, at(17), value=43, text="A busy quarter.")
    before, after = told.submissions["charnwood"]
    after = replace(after, sign_off=replace(after.sign_off, completed_by="B. Officer"), disputes=())
    changed = approval.compare_submissions(before, after, told.facts().forms["charnwood"], CHARNWOOD)
    assert {c.what for c in changed} == {
        "Repeat callers",
        "Victims and witnesses",
        "Dispute: Burglary in a dwelling",
        "Completed by",
    }


def test_without_a_form_a_chair_still_sees_every_figure() -> None:
    told = told_with(CHARNWOOD)
    told.arrive(CHARNWOOD, at(16))
    (submission,) = told.submissions["charnwood"]
    seen = approval.show_submission(replace(told.facts(), forms={}), CHARNWOOD, submission, at(16).date())
    assert [(line.what, line.now, line.year_ago) for line in seen.own] == [
        ("CHARN.L1", "42", "not known"),
        ("M01.1", "61", "not known"),
    ]
    assert seen.force == ()
