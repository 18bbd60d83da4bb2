"""IMAP servers on bad days: nothing is lost, nothing hangs, nothing but a WorldFault comes out."""

from __future__ import annotations

import logging
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from csp_workflow.mail.unpack import identify_content, unpack_message
from csp_workflow.mailboxes.internet import Internet, receiving
from csp_workflow.mailboxes.mailbox import Absence, Fetched
from csp_workflow.terms.service import (
    InternetMailbox,
    Login,
    MailboxUnreachable,
    MailServer,
    MessageGone,
    ProofBy,
    Secrets,
    Tls,
)
from tests.mailboxes.mailbox_contract import ID, LIMIT, NOW, RAW
from tests.mailboxes.scripted_imap import ScriptedImap
from tests.mailboxes.servers.relay import relayed

OFFICE = "csp-returns@opcc.example"
PASSWORD = Secrets(password="open-sesame")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ScriptedImap]:
    made = ScriptedImap(tmp_path)
    made.messages = {1: RAW, 2: RAW.replace(b"Our", b"Another"), 3: RAW.replace(b"Our", b"A third")}
    yield made
    made.close()


@pytest.fixture
def mailbox(server: ScriptedImap) -> Iterator[Internet]:
    made = internet(server)
    yield made
    made.close()


def internet(
    server: ScriptedImap, *, secrets: Secrets = PASSWORD, seconds: float = 5.0, port: int = 0, **changes: object
) -> Internet:
    """The adapter on this server, with SMTP where nobody is."""
    made = InternetMailbox(
        user=OFFICE,
        login=Login.PASSWORD,
        imap=MailServer(host="127.0.0.1", port=port or server.port, tls=Tls.AT_ONCE),
        smtp=MailServer(host="127.0.0.1", port=9, tls=Tls.AT_ONCE),
        proof=ProofBy.OWN_COPY,
        own_copy=OFFICE,
        sent_folder="Sent",
        ca_file=str(server.ca_file),
    )
    settings = replace(made, **changes)  # type: ignore[arg-type]
    return Internet(settings, secrets, address=OFFICE, limit=LIMIT, seconds=seconds)


def refused(mailbox: Internet) -> str:
    """What is said when the mailbox cannot be listed."""
    with pytest.raises(MailboxUnreachable) as fault:
        mailbox.list_new("")
    return str(fault.value)


def asked_in_vain(mailbox: Internet, source: str) -> None:
    """As many tries as it takes before less of the message is taken."""
    for _ in range(receiving.TRIES):
        with pytest.raises(MailboxUnreachable):
            mailbox.get(source, NOW)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less of a message is taken sooner than at work, where it takes an hour."""
    monkeypatch.setattr(receiving, "TRIES", 3)


# A message that is not handed out ------------------------------------------------------------------


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "answer",
    ["TAG NO [SERVERBUG] internal error", "TAG BAD cannot convert", "cut", "* 2 FETCH (UID 2 BODY[] NIL)\r\nTAG OK"],
)
def test_of_a_message_that_is_not_handed_out_the_headers_are_taken_in_the_end(
    server: ScriptedImap, mailbox: Internet, answer: str
) -> None:
    server.at["UID FETCH 2 (BODY.PEEK[])"] = answer
    sources, _ = mailbox.list_new("")
    asked_in_vain(mailbox, sources[1])
    fetched = mailbox.get(sources[1], NOW)
    assert (fetched.whole, fetched.size) == (False, len(server.messages[2]))
    assert unpack_message(fetched.raw, received=NOW).subject == "Another return"
    assert [mailbox.get(source, NOW).raw for source in sources[::2]] == [server.messages[1], server.messages[3]]


def test_a_message_that_is_handed_out_after_all_is_taken_whole(server: ScriptedImap, mailbox: Internet) -> None:
    server.at["UID FETCH 2 (BODY.PEEK[])"] = "TAG NO [INUSE] not now"
    sources, _ = mailbox.list_new("")
    with pytest.raises(MailboxUnreachable):
        mailbox.get(sources[1], NOW)
    server.at.clear()
    assert mailbox.get(sources[1], NOW).raw == server.messages[2]


@pytest.mark.usefixtures("impatient")
def test_of_messages_of_which_nothing_is_handed_out_a_note_is_taken_for_each(
    server: ScriptedImap, mailbox: Internet
) -> None:
    server.at = {"UID FETCH 1": "TAG NO no", "UID FETCH 2": "TAG NO no"}
    notes: list[Fetched] = []
    for source in mailbox.list_new("")[0][:2]:
        asked_in_vain(mailbox, source)
        asked_in_vain(mailbox, source)
        notes.append(mailbox.get(source, NOW))
    assert "does not hand out (number 2)" in unpack_message(notes[1].raw, received=NOW).subject
    assert [note.whole for note in notes] == [False, False]
    assert identify_content(notes[0].raw) != identify_content(notes[1].raw)


def test_while_nothing_at_all_is_handed_out_for_half_an_hour_no_message_is_given_up(
    server: ScriptedImap, mailbox: Internet
) -> None:
    sources, _ = mailbox.list_new("")
    server.at["UID FETCH"] = "TAG NO [SERVERBUG] Input/output error"
    for minute in range(30):
        for source in sources[:2]:
            with pytest.raises(MailboxUnreachable):
                mailbox.get(source, NOW + timedelta(minutes=minute))
    server.at.clear()
    assert [mailbox.get(source, NOW).raw for source in sources] == list(server.messages.values())


@pytest.mark.usefixtures("impatient")
def test_a_mailbox_out_of_reach_does_not_count_against_a_message(server: ScriptedImap, mailbox: Internet) -> None:
    (source, *_), _ = mailbox.list_new("")
    mailbox.close()
    server.at["SELECT"] = "TAG NO [UNAVAILABLE] later"
    asked_in_vain(mailbox, source)
    server.at.clear()
    assert mailbox.get(source, NOW).whole


# A server that is not itself -----------------------------------------------------------------------


@pytest.mark.parametrize("command", ["SELECT", "UID SEARCH", "UID FETCH", "CAPABILITY", "AUTHENTICATE", "greeting"])
@pytest.mark.parametrize(
    "answer",
    [
        "cut",
        "* BYE shutting down\r\ncut",
        "nonsense\r\ncut",
        "TAG OK done",
        "* SEARCH x y\r\nTAG OK done",
        "* 0 FETCH (((\r\nTAG OK done",
    ],
)
def test_whatever_a_server_answers_only_a_fault_of_the_world_comes_out(
    server: ScriptedImap, mailbox: Internet, command: str, answer: str
) -> None:
    server.at[command] = answer
    try:
        mailbox.list_new("")
        mailbox.get("7:1", NOW)
    except (MailboxUnreachable, MessageGone):
        pass
    server.at.clear()
    assert len(mailbox.list_new("")[0]) == 3, "the next time all is well again"


def test_a_connection_that_the_server_closed_meanwhile_is_made_anew(server: ScriptedImap, mailbox: Internet) -> None:
    mailbox.list_new("")
    server.at["LIST"] = "cut"
    with pytest.raises(MailboxUnreachable):
        mailbox.file("7:1", "Processed")
    assert len(mailbox.list_new("")[0]) == 3
    assert server.connections == 2


def test_verbs_of_one_beat_share_a_connection(server: ScriptedImap, mailbox: Internet) -> None:
    for source in mailbox.list_new("")[0]:
        mailbox.get(source, NOW)
    assert (server.connections, len(server.logins)) == (1, 1)


def test_a_server_that_drips_is_given_up_in_time(server: ScriptedImap) -> None:
    with relayed(server.port, pause=0.05) as wire:
        mailbox = internet(server, seconds=0.5, port=wire.port)
        refused(mailbox)
        assert wire.said < 100
        mailbox.close()


def test_a_line_that_falls_silent_under_way_is_given_up_in_time(server: ScriptedImap) -> None:
    mailbox = internet(server, seconds=3.0)
    mailbox.list_new("")
    server.at["SELECT"] = "* OK thinking"
    refused(mailbox)
    server.at.clear()
    assert len(mailbox.list_new("")[0]) == 3
    mailbox.close()


# Encryption and login ------------------------------------------------------------------------------


def test_without_encryption_nothing_is_said(tmp_path: Path) -> None:
    server = ScriptedImap(tmp_path, secure=False)
    mailbox = internet(server, imap=MailServer(host="127.0.0.1", port=server.port, tls=Tls.STARTTLS))
    assert "no encryption" in refused(mailbox)
    assert server.logins == []
    assert set(server.said) == {"CAPABILITY"}
    server.close()


def test_a_server_that_claims_to_know_us_already_is_not_believed(tmp_path: Path) -> None:
    """Before encryption anybody could say that."""
    server = ScriptedImap(tmp_path, secure=False)
    server.at["greeting"] = "* PREAUTH welcome"
    server.abilities += " STARTTLS"
    mailbox = internet(server, imap=MailServer(host="127.0.0.1", port=server.port, tls=Tls.STARTTLS))
    refused(mailbox)
    assert set(server.said) == {"CAPABILITY"}
    server.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    stranger = ScriptedImap(tmp_path, trusted=False)
    assert "certificate" in refused(internet(stranger))
    assert stranger.said == []
    stranger.close()


def test_a_file_of_certificates_that_is_none_is_named(server: ScriptedImap, tmp_path: Path) -> None:
    (tmp_path / "words").write_text("no certificates")
    for name in ("words", "missing"):
        assert "internet.ca_file" in refused(internet(server, ca_file=str(tmp_path / name)))


def test_a_password_that_is_not_ascii_is_shown_as_it_is(server: ScriptedImap) -> None:
    mailbox = internet(server, secrets=Secrets(password="£5 naïve"))
    mailbox.list_new("")
    mailbox.close()
    assert server.logins == [f"PLAIN \0{OFFICE}\0£5 naïve".encode()]


def test_a_server_without_sasl_is_logged_in_to_all_the_same(server: ScriptedImap, mailbox: Internet) -> None:
    server.abilities = "MOVE"
    assert len(mailbox.list_new("")[0]) == 3
    assert server.logins == [f'LOGIN {OFFICE} "open-sesame"'.encode()]


@pytest.mark.parametrize("abilities", ["AUTH=PLAIN MOVE", "MOVE"])
def test_no_secret_and_no_content_is_logged_however_talkative_the_log(
    server: ScriptedImap, mailbox: Internet, caplog: pytest.LogCaptureFixture, abilities: str
) -> None:
    server.abilities = abilities
    server.messages = {1: RAW + b"The figure is 4711.\r\n"}
    with caplog.at_level(logging.DEBUG):
        assert mailbox.get("7:1", NOW).whole
    assert server.logins
    shown = b64encode(f"\0{OFFICE}\0open-sesame".encode()).decode()
    assert not any(secret in caplog.text for secret in ("open-sesame", shown, "4711"))


def test_a_login_that_is_refused_and_one_that_is_cut_off_are_told_apart(server: ScriptedImap) -> None:
    server.at["AUTHENTICATE"] = "TAG NO [AUTHENTICATIONFAILED] who?"
    assert "refuses the user or the password" in refused(internet(server))
    server.at["AUTHENTICATE"] = "cut"
    assert "cannot be reached" in refused(internet(server))


def test_a_token_is_shown_in_place_of_a_password(server: ScriptedImap, tmp_path: Path) -> None:
    token = tmp_path / "token"
    mailbox = internet(server, secrets=Secrets(token_file=str(token)), login=Login.XOAUTH2)
    assert "CSP_MAIL_TOKEN_FILE" in refused(mailbox)
    token.write_text("a-fresh-token\n")
    mailbox.list_new("")
    mailbox.close()
    assert server.logins == [f"XOAUTH2 user={OFFICE}\x01auth=Bearer a-fresh-token\x01\x01".encode()]
    server.abilities = "AUTH=PLAIN"
    assert "no login of the kind wanted" in refused(mailbox)


# What is told and looked for -----------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "hour"), [("+0100", 0), ("+0000", 1)])
def test_the_hour_that_comes_twice_in_october_is_told_apart(
    server: ScriptedImap, mailbox: Internet, monkeypatch: pytest.MonkeyPatch, zone: str, hour: int
) -> None:
    server.time = f"26-Oct-2014 01:30:00 {zone}"
    monkeypatch.setenv("TZ", "Europe/London")
    time.tzset()
    try:
        assert mailbox.get("7:1", NOW).received == datetime(2014, 10, 26, hour, 30, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("fields", [b"X-CSP-Delivery: " + ID.encode() + b"0\r\n\r\n", b""])
def test_a_header_that_only_contains_the_id_proves_nothing(
    server: ScriptedImap, mailbox: Internet, fields: bytes
) -> None:
    part = "BODY[HEADER.FIELDS (X-CSP-DELIVERY)]"
    said = f"{{{len(fields)}}}\r\n{fields.decode()}" if fields else "NIL"
    server.at["UID FETCH"] = f"* 1 FETCH (UID 1 {part} {said})\r\nTAG OK done"
    assert mailbox.find_sent(ID) is Absence.UNPROVED
