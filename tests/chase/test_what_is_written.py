"""Each letter of the chase in full: what it says of a return, under which cause, what is kept of it, and to whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.chase import assents, reminders
from csp_workflow.letters.chases import Owed, Unmended
from csp_workflow.terms.events import About, Event, Happened, LetterState, Manner, QueuedLetter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.queries import group
from csp_workflow.terms.site import Role, Rung, RungKind
from tests.chase.quarter_told import (
    ANALYST,
    CHARNWOOD,
    COUNTY,
    DATES,
    MELTON,
    Q2,
    RUTLAND,
    SITE,
    Told,
    at,
    contact,
    form,
    london,
    time,
)

LEAD, DEPUTY, CHAIR = (c.address for c in CHARNWOOD.contacts)


def to_whom(told: Told) -> list[tuple[str, str]]:
    return [(x.kind, x.recipient) for x in told.letters]


def allow_chair_letter(told: Told, key: str) -> None:
    told.happen(Happened.CHAIR_LETTER_PROPOSED, at(10, month=11), key)
    told.happen(Happened.CHAIR_LETTER_ALLOWED, at(10, 10, month=11), key)


# What a letter says and what is kept of it ------------------------------------------------------


def test_a_reminder_says_all_of_what_is_owed_and_is_kept_with_its_rung() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.tick(at(27))
    (letter,) = told.words.values()
    assert letter.facts["returns"] == (
        Owed(
            respondent="charnwood",
            code="CHARN",
            name="Charnwood",
            thing="return",
            due=DATES.due,
            days=-3,
            rung="before-due-3",
        ),
    )
    assert (letter.facts["nil_word"], letter.facts["decline_word"]) == ("NIL", "DECLINE")
    assert told.kinds(Happened.REMINDED) == [
        Event(
            kind=Happened.REMINDED,
            at=at(27),
            by="the ladder",
            quarter=Q2,
            respondent="charnwood",
            subject="CHARN=before-due-3@2014-10-30",
            facts={"rung": "before due", "days": -3},
        )
    ]


def test_the_analyst_owes_an_extract_and_more_time_is_said() -> None:
    told = Told().open(at(1), ANALYST)
    told.happen(Happened.EXTENDED, at(2), ANALYST.key, until="2014-10-20", reason="leave")
    told.tick(at(15))
    ((owed,),) = [letter.facts["returns"] for letter in told.words.values()]
    assert owed.thing == "extract"
    assert owed.due == london(at(20).date(), time(17))


def test_a_chair_is_told_when_the_lead_was_written_to_about_this_return_and_no_other() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.tick(at(27))
    told.letters.append(replace(told.letters[0], id="A", kind="request", cause="request", sent=at(15)))
    told.letters.append(
        replace(told.letters[0], id="B", cause="other", about=(About(respondent="melton"),), sent=at(29))
    )
    told.letters.append(replace(told.letters[0], id="C", cause="held", state=LetterState.HELD, sent=None))
    allow_chair_letter(told, CHARNWOOD.key)
    told.tick(at(10, 11, month=11))
    (letter,) = [x for x in told.words.values() if x.kind == "overdue-chair"]
    assert letter.cause == "chase:2014/15-Q2:CHARN=chair+7@2014-10-30"
    assert letter.facts["lead"] == "Charnwood Lead"
    assert letter.facts["reminded"] == (at(27).date(),)
    kept = told.kinds(Happened.REMINDED)[-1]
    assert (kept.kind, kept.at, kept.facts) == (Happened.REMINDED, at(10, 11, month=11), {"rung": "chair", "days": 7})


def test_a_reminder_of_faults_says_each_returns_faults_and_is_kept_for_each() -> None:
    told = Told().open(at(15), MELTON, RUTLAND)
    first, second = told.arrive(MELTON, at(16, 9), faults=2), told.arrive(RUTLAND, at(16, 10), faults=1)
    told.tick(at(21))
    (letter,) = told.words.values()
    assert letter.cause == f"query:2014/15-Q2:{first}+1,{second}+1"
    assert letter.facts["returns"][0] == Unmended(
        respondent="melton",
        code="MELT",
        name="Melton",
        submission=first,
        reminder=1,
        received=at(16, 9),
        faults=group(told.submissions["melton"][0].faults, form(MELTON)),
    )
    assert told.kinds(Happened.REMINDED) == [
        Event(
            kind=Happened.REMINDED,
            at=at(21),
            by="the query rule",
            quarter=Q2,
            respondent=key,
            subject=submission,
            facts={"rung": "faults to be mended", "number": 1},
        )
        for key, submission in (("melton", first), ("rutland", second))
    ]


def test_a_reminder_of_faults_names_the_rows_as_the_form_does() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.arrive(CHARNWOOD, at(16), faults=1)
    told.tick(at(21))
    ((unmended,),) = [letter.facts["returns"] for letter in told.words.values()]
    assert "Repeat callers" in str(unmended.faults)


def test_a_chairs_reminder_names_the_day_the_ask_left() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.arrive(CHARNWOOD, at(15, 16))
    told.tick(at(16, 16), posting=False)
    told.post(at(17, 9))
    told.tick(at(22))
    assert [x.facts["asked"] for x in told.words.values() if x.kind == "approval-reminder"] == [at(17).date()]


# Once ---------------------------------------------------------------------------------------------


def test_the_same_is_not_decided_again_on_the_days_after() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.arrive(CHARNWOOD, at(15, 16))
    told.arrive(MELTON, at(16, 9), faults=1)
    for day in (16, 21, 24):
        told.tick(at(day))
    for day in (22, 23, 27, 31):
        seen = replace(told.facts(), letters=tuple(x for x in told.letters if x.queued < at(day)))
        assert not assents.decide_assents(seen, at(day)).letters
        assert not reminders.decide_fault_reminders(seen, at(day)).letters
    assert len(told.sent("approval-reminder")) == len(told.sent("query-reminder")) == 2


def test_a_chair_is_written_to_once_for_one_yes() -> None:
    told = Told().open(at(15), CHARNWOOD)
    allow_chair_letter(told, CHARNWOOD.key)
    told.tick(at(11, month=11))
    assert not reminders.decide_reminders(told.facts(), at(12, month=11)).letters


@pytest.mark.parametrize("state", [LetterState.QUEUED, LetterState.HELD, LetterState.FAILED])
def test_a_chair_is_reminded_of_no_ask_that_has_not_left(state: LetterState) -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.arrive(CHARNWOOD, at(15, 16))
    told.tick(at(16), posting=False)
    told.letters[0] = replace(told.letters[0], state=state)
    for day in range(17, 32):
        told.tick(at(day), posting=False)
    assert to_whom(told) == [("approval-request", CHAIR)]


# At most one a day, whatever its capitals ---------------------------------------------------------


def test_a_chair_who_leads_elsewhere_gets_one_letter_a_day_whatever_their_capitals() -> None:
    both = contact("Both", Role.LEAD, "Both@County.example")
    chaired = replace(
        CHARNWOOD, contacts=(*CHARNWOOD.contacts[:2], replace(both, role=Role.CHAIR, address="both@county.example"))
    )
    led = replace(RUTLAND, contacts=(both, RUTLAND.contacts[1]))
    told = Told(replace(SITE, respondents=(chaired, led))).open(at(15), chaired, led)
    told.happen(Happened.EXTENDED, at(30), "rutland", until="2014-11-11", reason="leave")
    allow_chair_letter(told, "charnwood")
    mine = {"both@county.example", "Both@County.example"}
    told.tick(at(11, month=11))
    told.tick(at(11, 12, month=11))
    assert [x.kind for x in told.letters if x.recipient in mine] == ["reminder-due-today"]
    assert {e.respondent for e in told.kinds(Happened.REMINDED) if e.facts["rung"] == "chair"} == set()
    told.tick(at(12, month=11))
    assert [x.kind for x in told.letters if x.recipient in mine] == ["reminder-due-today", "overdue-chair"]


def test_a_chair_of_several_is_written_to_about_one_a_day_and_other_chairs_at_once() -> None:
    shared = contact("Shared Chair", Role.CHAIR, "Shared@county.example")
    first, last = (replace(r, contacts=(*r.contacts[:1], shared)) for r in (CHARNWOOD, RUTLAND))
    last = replace(last, contacts=(last.contacts[0], replace(shared, address="shared@county.example")))
    told = Told(replace(SITE, respondents=(first, MELTON, last))).open(at(15), first, MELTON, last)
    for key in ("charnwood", "melton", "rutland"):
        allow_chair_letter(told, key)
    told.tick(at(11, month=11))
    chairs = [x for x in told.letters if x.kind == "overdue-chair"]
    assert [x.respondents for x in chairs] == [("charnwood",), ("melton",)]
    told.tick(at(12, month=11))
    assert [x.respondents for x in told.letters if x.kind == "overdue-chair"][2:] == [("rutland",)]


def test_approvals_too_are_asked_of_a_person_one_a_day_and_of_others_at_once() -> None:
    shared = contact("Shared Chair", Role.CHAIR, "Shared@county.example")
    first, last = (replace(r, contacts=(*r.contacts[:1], shared)) for r in (CHARNWOOD, RUTLAND))
    last = replace(last, contacts=(last.contacts[0], replace(shared, address="shared@county.example")))
    told = Told(replace(SITE, respondents=(first, MELTON, last))).open(at(15), first, MELTON, last)
    for respondent in (first, MELTON, last):
        told.arrive(respondent, at(16))
    told.tick(at(16, 10))
    assert [x.respondents for x in told.sent()] == [("charnwood",), ("melton",)]
    told.tick(at(17))
    assert [x.respondents for x in told.sent()][2:] == [("rutland",)]


def test_an_ask_that_waits_since_yesterday_is_todays_letter() -> None:
    chair = contact("Shared Chair", Role.CHAIR, "shared@county.example")
    one, other = (replace(r, contacts=(COUNTY, chair)) for r in (MELTON, RUTLAND))
    told = Told(replace(SITE, respondents=(one, other))).open(at(15), one, other)
    told.arrive(one, at(16))
    told.tick(at(16, 10), posting=False)
    told.arrive(other, at(16, 12))
    told.tick(at(17), posting=False)
    assert [x.respondents for x in told.letters] == [("melton",)]


def test_whoever_was_reminded_today_gets_no_second_letter_for_what_fell_due_since() -> None:
    told = Told().open(at(15), MELTON, RUTLAND)
    told.tick(at(27))
    told.happen(Happened.EXTENDED, at(27, 9, 30), "rutland", until="2014-10-27", reason="")
    told.tick(at(27, 10))
    assert [x.kind for x in told.letters] == ["reminder-before-due"]


def test_faults_wait_a_day_for_whoever_is_reminded_of_another_return() -> None:
    told = Told().open(at(15), MELTON, RUTLAND)
    told.arrive(MELTON, at(22), faults=1)
    told.tick(at(27))
    assert [x.kind for x in told.letters] == ["reminder-before-due"]
    told.tick(at(28))
    assert [x.kind for x in told.letters][1:] == ["query-reminder"]


def test_each_lead_is_told_of_their_own_faults() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.arrive(CHARNWOOD, at(16), faults=1)
    told.arrive(MELTON, at(16), faults=1)
    told.tick(at(21))
    assert [(x.recipient, x.respondents) for x in told.letters] == [
        (LEAD, ("charnwood",)),
        (COUNTY.address, ("melton",)),
    ]


# Quiet, and the last second -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Happened.HELD, Happened.GAP_NOTICED, Happened.CLOCK_DOUBTED])
def test_nothing_that_came_is_followed_up_while_the_service_is_held(kind: Happened) -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.arrive(CHARNWOOD, at(16))
    told.arrive(MELTON, at(16), faults=1)
    told.happen(kind, at(16))
    told.tick(at(21))
    assert not told.letters


def test_a_chair_with_an_open_question_is_not_reminded() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.arrive(CHARNWOOD, at(15, 16))
    told.tick(at(16))
    told.happen(Happened.QUESTION_ASKED, at(17), "charnwood", "m4")
    told.tick(at(22), posting=False)
    assert [x.kind for x in told.letters] == ["approval-request"]


@pytest.mark.parametrize(("second", "written"), [(-1, ["reminder-due-today"]), (0, []), (1, [])])
def test_nothing_is_said_to_be_due_today_from_the_very_second_it_is_late(second: int, written: list[str]) -> None:
    told = Told(replace(SITE, window=replace(SITE.window, closes=time(19)))).open(at(15), CHARNWOOD)
    told.tick(
        DATES.due.replace(hour=16, minute=59, second=59) if second < 0 else DATES.due.replace(second=second),
        posting=False,
    )
    assert [x.kind for x in told.letters] == written


@pytest.mark.parametrize("day", [30, 31])
def test_without_a_rung_for_the_day_a_missed_reminder_is_not_made_good(day: int) -> None:
    told = Told(replace(SITE, ladder=SITE.ladder[:1])).open(at(15), CHARNWOOD)
    told.tick(at(day), posting=False)
    assert not told.letters


def test_what_was_due_yesterday_is_not_said_to_be_due_today() -> None:
    told = Told(replace(SITE, ladder=SITE.ladder[:2])).open(at(15), CHARNWOOD)
    told.tick(at(31), posting=False)
    assert not told.letters


def test_a_rung_may_stand_on_the_first_day_late() -> None:
    ladder = (Rung(kind=RungKind.OVERDUE, days=1), Rung(kind=RungKind.PHONE, days=1))
    told = Told(replace(SITE, ladder=ladder[:1])).open(at(15), CHARNWOOD)
    told.tick(at(31))
    assert [x.kind for x in told.letters] == ["reminder-overdue"]
    told = Told(replace(SITE, ladder=ladder[1:])).open(at(15), CHARNWOOD)
    told.tick(at(31))
    assert [e.respondent for e in told.kinds(Happened.PHONE_CALL_DUE)] == ["charnwood"]


# The form for whoever never had it ----------------------------------------------------------------


def brought(told: Told, to: str, **other: object) -> None:
    """A letter that brought the form, or something near it."""
    values: dict[str, object] = {
        "id": f"R{len(told.letters)}",
        "kind": "request",
        "cause": f"request {len(told.letters)}",
        "recipient": to,
        "about": (About(respondent=CHARNWOOD.key),),
        "quarter": Q2,
        "manner": Manner.TIMED,
        "subject": "",
        "message_id": "<request@opcc.example>",
        "content": "",
        "state": LetterState.SENT,
        "queued": at(15),
        "sent": at(15),
    }
    told.letters.append(QueuedLetter(**{**values, **other}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"about": (About(respondent="melton"),)},
        {"quarter": Q2.previous},
        {"state": LetterState.WITHDRAWN},
        {"kind": "receipt"},
    ],
)
def test_a_stand_in_gets_the_form_whatever_came_before(other: dict[str, object]) -> None:
    told = Told().open(at(15), CHARNWOOD)
    brought(told, LEAD)
    brought(told, DEPUTY, **other)
    told.happen(Happened.ABSENCE_SEEN, at(20), subject=LEAD, until="2014-10-31")
    told.tick(at(27))
    ((letter),) = told.words.values()
    (attached,) = letter.attachments
    assert attached.name.endswith(".xlsx")
    assert attached.content_type.endswith("spreadsheetml.sheet")
    assert attached.data.startswith(b"PK")


def test_a_reminder_brings_the_form_also_where_the_request_never_arrived() -> None:
    told = Told().open(at(15), CHARNWOOD)
    brought(told, LEAD, state=LetterState.FAILED)
    told.tick(at(27))
    assert [len(letter.attachments) for letter in told.words.values()] == [1]


def test_a_reminder_of_faults_brings_the_form_that_marks_them_as_it_went() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.arrive(CHARNWOOD, at(16), faults=1)
    marked = Attachment(name="CSP return.xlsx", data=b"marked")
    cycle = replace(told.facts(), marked={CHARNWOOD.key: marked})
    (letter,) = reminders.decide_fault_reminders(cycle, at(21)).letters
    assert letter.attachments == (marked,)
    assert letter.facts["enclosed"] == 1
