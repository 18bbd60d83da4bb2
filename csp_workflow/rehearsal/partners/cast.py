"""Who plays in the rehearsal, and what each of them will do. Codes are those on the forms.

Among them: on time and right; numbers as text; a sorted table; an inserted row; last quarter's form;
another partnership's form; an unchanged form; a PDF; no attachment; a password; a stranger; twice the
same; two different versions; late after two reminders; out-of-office; a question; nil; declined; an
approval "subject to"; silence; a lead who is away with a date; a chair whose address is dead.
"""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

from csp_workflow.rehearsal.partners import excel, habits
from csp_workflow.rehearsal.partners.habits import in_subject, returns, saying, with_form, writes_words
from csp_workflow.rehearsal.partners.mail import File, Reply, Sending, write_message
from csp_workflow.rehearsal.partners.people import Turn

_AT_ONCE = timedelta()


def _hours(n: float) -> timedelta:
    return timedelta(hours=n)


def _days(n: float, hours: float = 0) -> timedelta:
    return timedelta(days=n, hours=hours)


def plan_plainly(code: str) -> list[Turn]:
    """What everybody does who is not named here, and the force's analyst."""
    return [Turn(with_form(code), returns(code), _days(4, 1), "returned its form, filled in")]


def plan_lead(code: str, *, old: File | None, drive: dict[str, File]) -> list[Turn]:
    """What the officer does who fills a partnership's form. `old` is last quarter's, if it lies about.

    `drive` is what several councils can open: forms by their codes.
    """
    form, subject = with_form(code), in_subject(code)
    plans = {
        "LEIC": [
            Turn(form, returns(code, times=2), _days(2), "returned its form on time and right, and then once more")
        ],
        "BLHB": [
            Turn(
                form,
                returns(code, typed=habits.as_text),
                _days(5),
                "typed its figures as text ('1,204', 'c. 35', '12 (est)')",
            ),
        ],
        "CHARN": [
            Turn(
                form,
                writes_words("Hi,\n\nPlease find attached our quarterly return.\n\nKind regards"),
                _days(3),
                "forgot the attachment",
            ),
            Turn(subject, returns(code, change=excel.sort_by_ref), _hours(5), "returned a sorted table"),
        ],
        "HARB": [
            *([Turn(form, habits.returns_found(*old), _days(4), "returned last quarter's form")] if old else []),
            Turn(subject, returns(code), _hours(20), "returned the right form"),
        ],
        "MELT": [
            Turn(form, habits.returns_two_versions(code), _days(6), "attached two different versions"),
            Turn(subject, returns(code, shift=3), _hours(18), "sent the version that was meant"),
        ],
        "NWL": [
            Turn(form, habits.returns_it_unchanged(code, drive), _days(3, 2), "returned the form unchanged"),
            Turn(
                saying("who should we write to"),
                writes_words("The new chair takes up office in January. Please write to me until then."),
                _hours(4),
                "was asked who to write to, and answered",
            ),
            Turn(
                saying("nothing filled in"),
                returns(code, change=excel.insert_a_row),
                _days(1),
                "returned the form with a row of its own inserted",
            ),
        ],
        "OADW": [
            Turn(
                form,
                habits.is_away("Monday 27 October 2014"),
                _AT_ONCE,
                "was away: the mail program answered, naming a day",
            ),
            Turn(
                subject,
                habits.attaches_a_locked_workbook(),
                _hours(3),
                "answered after its reminders, with a password on the workbook",
                skip=1,
            ),
            Turn(subject, returns(code), _hours(26), "returned its form, late"),
        ],
        "RUTL": [
            Turn(form, habits.returns_anothers("NWL", drive), _days(5, 4), "returned another partnership's form"),
            Turn(subject, returns(code), _days(2), "returned its own form"),
        ],
    }
    return plans.get(code) or plan_plainly(code)


def plan_chair(code: str) -> list[Turn]:
    """What a chair does: approves; two of them are away first, or attach a condition."""
    asked = saying("reply to this letter with the word")
    condition = "Approved subject to the burglary figure being checked with the force."
    first = {
        "BLHB": [
            Turn(in_subject(""), habits.is_away("Monday 20 October 2014"), _AT_ONCE, "answered out of office"),
        ],
        "CHARN": [Turn(asked, writes_words(condition), _hours(20), "approved 'subject to' a check")],
    }
    approve = Turn(asked, writes_words("APPROVED\n\nThank you."), _hours(22), "approved")
    return [*first.get(code, []), approve, approve, approve]


def plan_contributor(code: str) -> list[Turn]:
    """What a body does that owns figures the partnerships do not."""
    form, subject = with_form(code), in_subject(code)
    question = (
        "Should we count people who moved into the county during treatment? Please advise before we fill this in."
    )
    nil = "Nil return\n\nWe have nothing to report this quarter."
    decline = "We decline\n\nThe group did not meet this quarter."
    plans = {
        "PUBH": [
            Turn(form, writes_words(question), _days(1), "asked a question"),
            Turn(subject, returns(code), _days(3), "returned its form, filled in", skip=1),
        ],
        "FAMILY": [
            Turn(form, habits.attaches_a_pdf(), _days(2), "returned a PDF"),
            Turn(subject, returns(code), _days(1), "returned its form, filled in"),
        ],
        "YOS": [
            Turn(form, returns(code, typed=habits.careless), _days(2), "left cells empty or wrong"),
            Turn(form, returns(code), _hours(20), "mended the marked cells in the fresh form"),
        ],
        "LSCB": [Turn(form, writes_words(nil), _days(2), "made a nil return")],
        "MHPG": [Turn(form, writes_words(decline), _days(3), "declined")],
        "HATE": [],
    }
    return plans.get(code, plan_plainly(code))


def write_as_stranger(*, office: str, at: datetime, seed: int) -> Sending:
    """Somebody nobody knows sends in a workbook of their own."""
    reply = Reply(
        sender="helper@consultancy.example",
        name="A Consultant",
        subject="Community safety figures",
        text="Please find figures for the quarter attached. Could you confirm which areas have not replied yet?",
        files=(("figures.xlsx", habits.make_own_workbook(at)),),
    )
    raw = write_message(reply, to=office, at=at, number=zlib.crc32(f"{seed}:stranger".encode()))
    return Sending(at=at, raw=raw, told="whom nobody knows, sent in a workbook and asked who had not replied")
