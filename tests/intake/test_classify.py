"""What sort of message it is, before anybody asks whose."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from csp_workflow.mail.classify import Sort, classify_message, last_day_away
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.terms.messages import IncomingMessage

BOUNCE = b"""From: a@x.example
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

failed
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.charnwood.example

Final-Recipient: rfc822; lead@charnwood.example
Action: failed
Status: 5.1.1
--b
Content-Type: message/rfc822

Message-ID: <ours@opcc.example>

old
--b--
"""


AT = datetime(2014, 10, 20, 9, tzinfo=UTC)


def look(raw: bytes) -> IncomingMessage:
    return unpack_message(raw, received=AT)


def sort_of(headers: str, body: str = "hello") -> Sort:
    message = look(f"{headers}\n\n{body}\n".encode())
    return classify_message(message, own_addresses=frozenset({"returns@opcc.example"}), is_own=False).sort


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("From: a@x.example", Sort.HUMAN),
        ("From: a@x.example\nX-Auto-Response-Suppress: All", Sort.HUMAN),
        ("From: a@x.example\nAuto-Submitted: no", Sort.HUMAN),
        ("From: a@x.example\nSubject: RE: Automatic reply: away", Sort.HUMAN),
        ("From: Returns@OPCC.example", Sort.OWN),
        ("From: a@x.example\nAuto-Submitted: auto-replied (vacation)\nPrecedence: bulk", Sort.OUT_OF_OFFICE),
        ("From: a@x.example\nSubject: Automatic reply: Return", Sort.OUT_OF_OFFICE),
        ("From: a@x.example\nAuto-Submitted: auto-generated\nX-MS-Exchange-Inbox-Rules-Loop: a", Sort.OUT_OF_OFFICE),
        ("From: a@x.example\nAuto-Submitted: auto-generated", Sort.AUTOMATIC),
        ("From: a@x.example\nPrecedence: list", Sort.HUMAN),
        ("From: a@x.example\nPrecedence: bulk", Sort.AUTOMATIC),
        ("From: a@x.example\nReturn-Path: <>", Sort.AUTOMATIC),
        ("From: a@x.example\nContent-Type: text/calendar; method=REPLY", Sort.AUTOMATIC),
        ("From: MAILER-DAEMON@x.example\nReturn-Path: <>", Sort.BOUNCE),
        ("From: postmaster@x.example\nSubject: Undeliverable: Return", Sort.BOUNCE),
        (
            "From: a@x.example\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b",
            Sort.READ_RECEIPT,
        ),
        ('From: a@x.example\nContent-Type: multipart/report; report-type="delivery-status"; boundary=b', Sort.BOUNCE),
    ],
)
def test_the_sort_of_message(headers: str, expected: Sort) -> None:
    assert sort_of(headers) is expected


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("until 24 October", date(2014, 10, 24)),
        ("until 3 January", date(2015, 1, 3)),
        ("until 31 February", None),
        ("until 29 February", None),
    ],
)
def test_a_day_without_a_year_is_the_next_such_day(words: str, until: date | None) -> None:
    away = f"From: a@x.example\nSubject: Automatic reply: Return\nAuto-Submitted: auto-replied\n\nI am away {words}.\n"
    assert last_day_away(look(away.encode())) == until


def test_a_bounce_names_the_letter_that_failed() -> None:
    message = look(BOUNCE)
    assert message.answered == ("<ours@opcc.example>",)
    found = classify_message(message, own_addresses=frozenset(), is_own=False)
    assert (found.sort, "5.1.1" in found.reason) == (Sort.BOUNCE, True)
    assert message.attachments == ()


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("I am away until Monday 3rd November 2014.", "2014-11-03"),
        ("I am on leave, returning on 3 November.", "2014-11-02"),
        ("Back on 03/11/2014", "2014-11-02"),
        ("I will return to the office on 5 January", "2015-01-04"),
        ("away until further notice", None),
        ("I was away until 3 May 2013", None),
        ("until 31/02", None),
    ],
)
def test_a_return_date_is_a_hint_only(words: str, until: str | None) -> None:
    message = look(f"From: a@x.example\nAuto-Submitted: auto-replied\n\n{words}\n".encode())
    found = classify_message(message, own_addresses=frozenset(), is_own=False).until
    assert (found.isoformat() if found else None) == until
