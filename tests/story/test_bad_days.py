"""Bad days: a full disk, a locked database, a poisoned message, a hostile file, a long sleep. Nothing is lost."""

from __future__ import annotations

import errno
import os
import sqlite3
import zipfile
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from io import BytesIO

import pytest
from structlog.testing import capture_logs

from csp_workflow.mailboxes.maildir import Maildir
from csp_workflow.steps import judge, ordering
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Manner
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.service import MailboxUnreachable, StoreBusy
from tests.story.site_told import CO_ORDINATOR, Played, at, filled, said

LEIC = "lead@leicester.example"
Q2 = Quarter(2014, 2)


def a_return(site: Played) -> None:
    request = site.the_letter(LEIC, "Please fill in")
    site.reply(request, LEIC, "Our return.", filled(request))


def test_a_full_disk_leaves_the_message_in_the_mailbox_to_be_tried_again(
    site: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_return(site)
    with monkeypatch.context() as full:

        def no_room(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        full.setattr(os, "fsync", no_room)
        beat = site.beat("16 Oct 10:00")
    assert beat.failed_steps
    assert list((site.place / "state" / "mail" / "inbox" / "new").iterdir())
    assert site.state("leicester") == "requested"
    site.beat("16 Oct 10:01")
    assert site.state("leicester") == "complete"


def test_a_locked_database_loses_nothing(site: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    a_return(site)
    monkeypatch.setattr("csp_workflow.store.engine.BUSY_SECONDS", 0)
    lock = sqlite3.connect(site.place / "state" / "csp.sqlite", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StoreBusy):
            site.beat("16 Oct 10:00")
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    assert list((site.place / "state" / "mail" / "inbox" / "new").iterdir())
    monkeypatch.undo()
    site.beat("16 Oct 10:05")
    assert site.state("leicester") == "complete"


@pytest.mark.parametrize(
    ("fault", "logged"),
    [
        (
            MailboxUnreachable("It shows an expired certificate.", remedy="Ask."),
            "It shows an expired certificate. Ask.",
        ),
        (MailboxUnreachable("550 no mail for lead@leicester.example"), "MailboxUnreachable"),
    ],
)
def test_the_log_says_why_a_mailbox_cannot_be_worked_with_and_quotes_nobody(
    site: Played, monkeypatch: pytest.MonkeyPatch, fault: MailboxUnreachable, logged: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(judge, "judge_all", fail)
    with capture_logs() as told:
        assert site.beat("16 Oct 10:00").failed_steps == ("judge",)
    assert [line["fault"] for line in told if line["event"] == "beat.step.failed"] == [logged]


def test_a_message_that_kills_our_own_code_is_set_aside_after_three_attempts_and_stops_nothing(
    site: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = judge.decide

    def poisoned(message: object, facts: object, now: object) -> object:
        if "poison" in message.subject:  # type: ignore[attr-defined]
            raise RuntimeError("a fault of ours")
        return honest(message, facts, now)  # type: ignore[arg-type]

    monkeypatch.setattr(judge, "decide", poisoned)
    site.write(LEIC, "poison", "Hello")
    a_return(site)
    for minute in range(4):
        site.beat(f"16 Oct 10:{minute:02}")
    assert site.state("leicester") == "complete"
    verdicts = site.ask(lambda outside: {m.subject: m.verdict for m in outside.store.messages()})
    assert verdicts["poison"].value == "quarantined"  # type: ignore[index]
    site.beat("17 Oct 07:35")
    assert site.the_letter(CO_ORDINATOR, "We failed on a message of Safer Leicester Partnership"), (
        "the digest tells her"
    )


def test_nobody_is_reminded_while_a_return_of_theirs_waits_for_our_own_fault_to_be_mended(
    site: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    site.beat("16 Oct 10:00")
    site.beat("17 Oct 10:00")
    a_return(site)
    with monkeypatch.context() as broken:
        broken.setattr(judge, "decide", failing)
        for minute in range(4):
            site.beat(f"20 Oct 10:{minute:02}")
    site.new_letters()
    site.beat("21 Oct 09:10")
    reminded = {letter.to for letter in site.new_letters() if "is due soon" in letter.text}
    assert reminded
    assert LEIC not in reminded
    (stuck,) = site.ask(  # type: ignore[misc]
        lambda outside: [m for m in outside.store.messages() if m.verdict is Verdict.QUARANTINED], "21 Oct 09:10"
    )
    assert "no fault of the sender" in stuck.reason

    def again(outside: Outside) -> str:
        return ordering.replay_message(outside, stuck.id[:10], datetime(2014, 10, 21, 9, tzinfo=UTC))

    site.ask(again, "21 Oct 10:00")
    assert site.state("leicester") == "complete"
    held = site.ask(lambda outside: outside.store.cycle_status(Q2).returns["leicester"].held_messages)
    assert held == ()


def test_a_hostile_workbook_costs_one_answer(site: Played) -> None:
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", b" " * 200_000_000)
    request = site.the_letter(LEIC, "Please fill in")
    site.new_letters()
    site.reply(request, LEIC, "Our return.", ("return.xlsx", bomb.getvalue()))
    site.beat("16 Oct 10:00")
    assert len(site.new_letters(LEIC)) == 1
    assert site.state("leicester") == "requested"


def test_after_sleeping_two_weeks_reminders_wait_for_release_and_then_only_the_latest_goes(site: Played) -> None:
    site.new_letters()
    site.beat("16 Oct 09:05")
    site.beat("30 Oct 09:05")
    site.beat("30 Oct 09:06")
    assert {x.to for x in site.new_letters()} <= {CO_ORDINATOR}
    site.write(CO_ORDINATOR, "Go on", "RELEASE")
    site.beat("30 Oct 09:10")
    site.beat("30 Oct 09:11")
    chases = [x for x in site.new_letters() if x.to == LEIC]
    assert len(chases) == 1
    timed = site.ask(
        lambda outside: [x for x in outside.store.letters() if x.manner is Manner.TIMED and x.recipient == LEIC]
    )
    assert len(timed) == 2, "the request and one reminder"  # type: ignore[arg-type]


def test_while_our_clock_is_not_the_mail_servers_nothing_leaves_but_the_warning(
    site: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_return(site)
    site.new_letters()
    monkeypatch.setattr("csp_workflow.mailboxes.maildir.Maildir.server_time", at("20 Oct 10:00"))
    site.beat("16 Oct 10:00")
    assert site.state("leicester") == "complete"
    letters = site.new_letters()
    assert {letter.to for letter in letters} == {CO_ORDINATOR}
    (warning,) = letters
    assert "clock has gone back, or is not the mail server's" in " ".join(warning.text.split())
    monkeypatch.undo()
    site.beat("17 Oct 08:00")
    (digest,) = site.new_letters()
    assert "Since Thursday 16 October: Nothing leaves: the clock is in doubt" in " ".join(digest.text.split())
    site.reply(digest, CO_ORDINATOR, "RELEASE")
    site.beat("17 Oct 09:10")
    assert LEIC in {letter.to for letter in site.new_letters()}


# Mail security that delivers first and checks afterwards ------------------------------------------


def _stand_in(site: Played, raw: bytes) -> None:
    """What Safe Attachments delivers first: the same message with a notice in place of the file."""
    inbox = site.place / "state" / "mail" / "inbox"
    (lying,) = [path for part in ("new", "cur") for path in (inbox / part).iterdir()]
    lying.write_bytes(raw)


def _scanning_return(site: Played) -> tuple[bytes, bytes]:
    """A return as it was sent, and as it is delivered while it is checked."""
    request = site.the_letter(LEIC, "Please fill in")
    site.reply(request, LEIC, "Our return.", filled(request))
    inbox = site.place / "state" / "mail" / "inbox" / "new"
    (file,) = inbox.iterdir()
    real = file.read_bytes()
    message = message_from_bytes(real, policy=SMTP)
    for part in message.walk():
        if part.get_filename():
            part.set_content("Your attachment is being checked.", filename="ATP Scan In Progress.txt")
    return real, message.as_bytes()


def test_a_return_whose_file_is_still_being_checked_is_taken_once_it_is_there(site: Played) -> None:
    real, stand_in = _scanning_return(site)
    _stand_in(site, stand_in)
    site.beat("16 Oct 10:00")
    site.beat("16 Oct 10:05")
    assert site.state("leicester") == "requested"
    assert not [letter for letter in site.new_letters() if letter.to == LEIC], "no word while it is checked"
    _stand_in(site, real)
    site.beat("16 Oct 10:15")
    site.beat("16 Oct 10:16")
    assert site.state("leicester") == "complete"
    site.beat("16 Oct 11:30")
    answers = [letter for letter in site.new_letters() if letter.to == LEIC]
    assert len(answers) == 1, [letter.text for letter in answers]
    verdicts = site.ask(lambda outside: sorted(str(m.verdict) for m in outside.store.messages()))
    assert "duplicate" in verdicts  # type: ignore[operator]


def test_a_file_that_is_never_released_is_asked_for_after_an_hour(site: Played) -> None:
    _, stand_in = _scanning_return(site)
    _stand_in(site, stand_in)
    site.beat("16 Oct 10:00")
    site.beat("16 Oct 10:59")
    assert not [letter for letter in site.new_letters() if letter.to == LEIC]
    site.beat("16 Oct 11:01")
    (answer,) = [letter for letter in site.new_letters() if letter.to == LEIC]
    assert "still checking the attachment" in " ".join(answer.text.split())


def test_a_mailbox_that_sends_and_cannot_be_read_is_told_and_nothing_that_needs_her_is_denied(
    site: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_return(site)
    site.new_letters()
    with monkeypatch.context() as away:

        def is_away(*_: object) -> None:
            raise MailboxUnreachable

        away.setattr(Maildir, "list_new", is_away)
        site.beat("16 Oct 10:00")
        site.new_letters()
        site.beat("17 Oct 07:35")
        digest = site.the_letter(CO_ORDINATOR, "2014/15 Q2 is open")
        assert "could not be read to its end since 10am on Thursday 16 October 2014" in said(digest)
        assert "Whoever runs the service puts it right; please forward this to them." in said(digest)
        assert "Nothing needs you" not in digest.subject
    site.beat("17 Oct 07:36")
    assert site.state("leicester") == "complete"
    assert "could not be read" not in said(site.told_in_full("20 Oct 07:35"))
