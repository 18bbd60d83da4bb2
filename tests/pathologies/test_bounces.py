"""What a bounce says: which address, how it failed, of which letter, and whether that is certain."""

from __future__ import annotations

import time
from base64 import encodebytes
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from csp_workflow.mail.bounces import MOST_RECIPIENTS, Bounce, read_bounce
from csp_workflow.mail.classify import Sort, classify_message
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.terms.messages import Blame, IncomingMessage, Mark
from tests.pathologies.judging import OURS
from tests.pathologies.raw import every_name, raw

AT = datetime(2014, 10, 20, 9, tzinfo=UTC)
LEAD = "lead@charnwood.example"


def look(name: str, *marks: Mark) -> IncomingMessage:
    return replace(unpack_message(raw(name), received=AT), marks=frozenset(marks))


def said(name: str, *marks: Mark) -> Bounce:
    found = read_bounce(look(name, *marks))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "status", "blame", "is_tried"),
    [
        ("02-bounce-postfix", "5.1.1", Blame.DEAD, False),
        ("02-bounce-forwarded-address", "5.4.4", Blame.DEAD, False),
        ("02-bounce-delayed", "4.4.1", Blame.PASSING, True),
        ("02-bounce-exchange-online", "5.1.10", Blame.DEAD, False),
        ("03-bounce-qmail", "5.1.1", Blame.DEAD, False),
        ("03-bounce-exim", "", Blame.DEAD, False),
    ],
)
def test_the_address_its_status_and_the_letter_are_told(name: str, status: str, blame: Blame, is_tried: bool) -> None:
    found = said(name)
    (one,) = found.recipients
    assert (one.address, one.status, one.blame, one.is_tried) == (LEAD, status, blame, is_tried)
    assert (found.original_ids, found.certain) == ((OURS,), True)
    assert OURS in look(name).answered, "so that the letter is looked up"


def test_exchanges_own_mark_makes_its_words_certain() -> None:
    without = said("02-bounce-exchange-without-report")
    assert [(one.address, one.status, one.blame) for one in without.recipients] == [(LEAD, "5.1.1", Blame.DEAD)]
    assert (without.original_ids, without.certain) == ((OURS,), False)
    assert said("02-bounce-exchange-without-report", Mark.BOUNCE).certain


def test_nothing_else_is_a_bounce() -> None:
    for name in every_name():
        assert (read_bounce(look(name)) is not None) == name.startswith(("02-", "03-")), name


def report(
    *blocks: str, kind: str = "message/delivery-status", encoding: str = "", subject: str = "Undelivered"
) -> bytes:
    how = f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    return (
        f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: {subject}\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        f"--b\n\nIt failed.\n--b\nContent-Type: {kind}\n{how}\n" + "\n\n".join(blocks) + "\n--b--\n"
    ).encode()


def recipients(raw_message: bytes) -> list[tuple[str, str, Blame]]:
    found = read_bounce(unpack_message(raw_message, received=AT))
    assert found is not None
    return [(one.address, one.status, one.blame) for one in found.recipients]


HEAD = "Reporting-MTA: dns; mx.example"


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("Final-Recipient: rfc822; A@X.example\nAction: failed\nStatus: 5.1.1", ("a@x.example", "5.1.1", Blame.DEAD)),
        (
            "Final-Recipient: rfc822;<a@x.example>\nAction: failed\nStatus: 5.2.1 (off)",
            ("a@x.example", "5.2.1", Blame.DEAD),
        ),
        ("Final-Recipient: utf-8; a@x.example\nAction: failed", ("a@x.example", "", Blame.UNCLEAR)),
        (
            "final-recipient:\n rfc822; a@x.example\naction: FAILED (gone)\nstatus: 5.1.1",
            ("a@x.example", "5.1.1", Blame.DEAD),
        ),
        (
            "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 4.4.7",
            ("a@x.example", "4.4.7", Blame.GIVEN_UP),
        ),
        (
            "Final-Recipient: rfc822; a@x.example\nAction: delayed\nStatus: 5.1.1",
            ("a@x.example", "5.1.1", Blame.PASSING),
        ),
        ("Final-Recipient: rfc822; a@x.example\nStatus: 5.1.1", ("a@x.example", "5.1.1", Blame.DEAD)),
        (
            "Final-Recipient: rfc822; b@y.example\nOriginal-Recipient: rfc822; a@x.example\nStatus: 5.7.1",
            ("a@x.example", "5.7.1", Blame.OURS),
        ),
    ],
)
def test_every_way_to_write_a_recipients_block(block: str, expected: tuple[str, str, Blame]) -> None:
    assert recipients(report(HEAD, block)) == [expected]


def test_a_report_may_be_encoded_or_of_the_newer_kind() -> None:
    block = f"{HEAD}\n\nFinal-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1\n"
    assert recipients(report(encodebytes(block.encode()).decode(), encoding="base64")) == [
        ("a@x.example", "5.1.1", Blame.DEAD)
    ]
    assert recipients(report(block, kind="message/global-delivery-status")) == [("a@x.example", "5.1.1", Blame.DEAD)]


def test_a_recipient_that_failed_for_good_is_not_hidden_by_a_later_block_about_a_delay() -> None:
    first = "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1"
    second = "Final-Recipient: rfc822; a@x.example\nAction: delayed\nStatus: 4.4.1"
    assert recipients(report(HEAD, first, second)) == [("a@x.example", "5.1.1", Blame.DEAD)]


def test_a_warning_without_a_report_is_a_delay_and_no_failure() -> None:
    words = "The address to which the message has not yet been delivered is:\n\n  lead@charnwood.example\n\n"
    words += "No action is required on your part. Delivery attempts will continue."
    warning = f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: Warning\n\n{words}\n"
    assert recipients(warning.encode()) == [("lead@charnwood.example", "", Blame.PASSING)]


def test_who_was_reached_is_not_among_those_who_failed() -> None:
    good = "Final-Recipient: rfc822; a@x.example\nAction: relayed\nStatus: 2.0.0"
    bad = "Final-Recipient: rfc822; b@x.example\nAction: failed\nStatus: 5.1.1"
    assert recipients(report(HEAD, good, bad)) == [("b@x.example", "5.1.1", Blame.DEAD)]
    assert read_bounce(unpack_message(report(HEAD, good), received=AT)) is None


def test_a_report_of_thousands_is_cut_short() -> None:
    blocks = [f"Final-Recipient: rfc822; a{n}@x.example\nAction: failed\nStatus: 5.1.1" for n in range(5_000)]
    assert len(recipients(report(HEAD, *blocks))) <= MOST_RECIPIENTS


@pytest.mark.parametrize(
    "message",
    [
        b"From: lead@charnwood.example\nSubject: Undeliverable: your letter\n\nIt came back to me, why?\n",
        b"From: lead@charnwood.example\nSubject: FW: Undeliverable\n\n#550 5.1.1 RESOLVER.ADR.RecipNotFound\n",
        b"From: postmaster@charnwood.example\nSubject: Question\n\nMay we have longer?\n",
        b"From: postmaster@charnwood.example\nSubject: A delay\n\nThe form could not be sent yet.\n",
        b"From: lead@charnwood.example\nSubject: Delivery failure\n\nIt could not be delivered to Jo\n\n> From: us\n",
    ],
)
def test_a_persons_words_about_a_bounce_are_no_bounce(message: bytes) -> None:
    assert read_bounce(unpack_message(message, received=AT)) is None


@pytest.mark.parametrize(
    ("head", "words", "blame"),
    [
        (
            "From: MDaemon@mx.example\nSubject: Permanent Delivery Failure",
            "These did NOT receive a copy:",
            Blame.UNCLEAR,
        ),
        (
            "From: MAILER-DAEMON@mx.example\nSubject: Processing Error",
            "It has been returned, no such user:",
            Blame.DEAD,
        ),
        ("From: MAILER-DAEMON@mx.example", "I wasn't able to deliver this; the mailbox is full:", Blame.PASSING),
        ("From: Mail System <mailer-daemon@mx.example>\nSubject: =?utf-8?b?0JLQsNGI?=", "user not found:", Blame.DEAD),
        ("From: Office_SMTP_Mail_Service@mx.example\nSubject: Returned Mail", "mailbox unavailable:", Blame.DEAD),
        ("From: Postmaster@mx.example\nSubject: [Postmaster] Email Delivery Failure", "has expired:", Blame.GIVEN_UP),
        ("From: Mailer-Daemon@mx.example\nSubject: Message status - undeliverable", "user not found:", Blame.DEAD),
        ("From: <>\nReturn-Path: <>", "That's not a valid user here:", Blame.DEAD),
        ("From: Mail Delivery Subsystem <admin@mx.example>\nSubject: Your message could not be delivered", "?", None),
    ],
)
def test_a_mail_system_that_gives_nothing_back_is_heard(head: str, words: str, blame: Blame | None) -> None:
    found = read_bounce(unpack_message(f"{head}\n\n{words}\n<{LEAD}>\n".encode(), received=AT))
    assert found is not None
    assert [one.address for one in found.recipients] == [LEAD]
    assert blame is None or found.recipients[0].blame is blame
    assert not found.certain, "so that it marks nobody and is shown"


def test_a_bounce_that_somebody_forwards_is_a_persons_message() -> None:
    inner = report(HEAD, "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1").decode()
    outer = (
        "From: lead@charnwood.example\nSubject: FW: Undelivered\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\n"
        f"What is this?\n--o\nContent-Type: message/rfc822\n\n{inner}\n--o--\n"
    )
    message = unpack_message(outer.encode(), received=AT)
    assert (message.report, message.originals, read_bounce(message)) == ((), (), None)
    assert classify_message(message, own_addresses=frozenset(), is_own=False).sort is Sort.HUMAN


@pytest.mark.parametrize("piece", ["a@", "<a@b> ", "#550 5.1.1 ", "550 5.1.1\n", "a@b.example\n", "\n ", "- ", "=20"])
def test_hostile_bounces_cost_little(piece: str) -> None:
    body = piece * (180_000 // len(piece))
    message = unpack_message(f"Return-Path: <>\nFrom: MAILER-DAEMON@x.example\n\n{body}".encode(), received=AT)
    begun = time.perf_counter()
    assert read_bounce(message) is not None
    assert read_bounce(replace(message, text=f"RESOLVER.\n{body}")) is not None
    assert time.perf_counter() - begun < 3
