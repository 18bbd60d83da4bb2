"""SMTP phase by phase: never "not sent" when it was accepted, never "sent" when it was not, unknown only in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from csp_workflow.terms.faults import MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown
from csp_workflow.terms.mailboxes import InternetMailbox, Login, MailServer, ProofBy, Secrets, Tls
from csp_workflow.world.internet import Internet
from csp_workflow.world.mailbox import Proof
from tests.mailboxes.mailbox_contract import ID, LETTER, NOW, RECIPIENT
from tests.mailboxes.scripted_smtp import Orders, ScriptedSmtp

OFFICE = "csp-returns@opcc.example"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ScriptedSmtp]:
    made = ScriptedSmtp(tmp_path)
    yield made
    made.close()


@pytest.fixture
def mailbox(server: ScriptedSmtp) -> Iterator[Internet]:
    made = internet(server)
    yield made
    made.close()


def internet(server: ScriptedSmtp, *, seconds: float = 5.0, **changes: object) -> Internet:
    given: dict[str, object] = {
        "user": OFFICE,
        "login": Login.PASSWORD,
        "imap": MailServer(host="127.0.0.1", port=9, tls=Tls.AT_ONCE),
        "smtp": MailServer(host="127.0.0.1", port=server.port, tls=Tls.STARTTLS),
        "proof": ProofBy.OWN_COPY,
        "own_copy": OFFICE,
        "sent_folder": "Sent",
        "ca_file": str(server.ca_file),
        **changes,
    }
    secrets = Secrets(password="open-sesame")
    return Internet(InternetMailbox(**given), secrets, address=OFFICE, limit=10_000, seconds=seconds)  # type: ignore[arg-type]


def outcome(mailbox: Internet) -> object:
    """Proof, or the fault that came instead."""
    try:
        return mailbox.send(LETTER, RECIPIENT, ID)
    except (MailboxUnreachable, NotAccepted, SendUnknown) as fault:
        return fault


def is_honest(said: object, server: ScriptedSmtp) -> bool:
    """Whether what the adapter says agrees with what the server did."""
    if server.accepted:
        return isinstance(said, Proof | SendUnknown)
    return isinstance(said, NotAccepted | MailboxUnreachable | SendUnknown)


def test_a_letter_is_accepted_with_a_copy_to_ourselves(server: ScriptedSmtp, mailbox: Internet) -> None:
    proof = mailbox.send(LETTER, RECIPIENT, ID)
    assert "queued as 4711" in proof.evidence
    assert server.accepted == [((RECIPIENT, OFFICE), LETTER)]


def test_where_the_server_keeps_what_it_sends_no_copy_goes_to_ourselves(server: ScriptedSmtp) -> None:
    mailbox = internet(server, proof=ProofBy.SENT_FOLDER)
    mailbox.send(LETTER, RECIPIENT, ID)
    mailbox.close()
    assert server.accepted == [((RECIPIENT,), LETTER)]


def test_letters_of_one_beat_share_a_connection(server: ScriptedSmtp, mailbox: Internet) -> None:
    for _ in range(3):
        mailbox.send(LETTER, RECIPIENT, ID)
    assert (len(server.accepted), server.connections) == (3, 1)


def test_a_connection_that_the_server_closed_meanwhile_is_made_anew(server: ScriptedSmtp, mailbox: Internet) -> None:
    mailbox.send(LETTER, RECIPIENT, ID)
    server.orders.at["rset"] = "421 you were idle too long"
    mailbox.send(LETTER, RECIPIENT, ID)
    assert (len(server.accepted), server.connections) == (2, 2)


@pytest.mark.parametrize(
    ("phase", "order", "fault"),
    [
        ("greeting", "cut", MailboxUnreachable),
        ("greeting", "554 go away", MailboxUnreachable),
        ("ehlo", "cut", MailboxUnreachable),
        ("starttls", "cut", MailboxUnreachable),
        ("starttls", "454 not now", MailboxUnreachable),
        ("ehlo again", "cut", MailboxUnreachable),
        ("auth", "cut", MailboxUnreachable),
        ("auth", "535 who are you?", MailboxUnreachable),
        ("auth", "454 later", MailboxUnreachable),
        ("mail", "cut", NotAccepted),
        ("mail", "421 closing", NotAccepted),
        ("mail", "451 later", NotAccepted),
        ("mail", "552 too large", NotAcceptedForGood),
        ("mail", "550 send-as denied", NotAcceptedForGood),
        ("rcpt", "cut", NotAccepted),
        ("rcpt", "450 greylisted", NotAccepted),
        ("rcpt", "550 5.1.1 no such person", NotAcceptedForGood),
        ("own copy", "cut", NotAccepted),
        ("own copy", "452 too many recipients", NotAccepted),
        ("data", "cut", NotAccepted),
        ("data", "451 later", NotAccepted),
        ("data", "554 no", NotAcceptedForGood),
        ("end", "cut", SendUnknown),
        ("end", "accept and cut", SendUnknown),
        ("end", "451 later", NotAccepted),
        ("end", "421 closing", NotAccepted),
        ("end", "552 too large after all", NotAcceptedForGood),
        ("end", "554 it looks like spam", NotAcceptedForGood),
    ],
)  # fmt: skip
def test_each_way_to_fail_is_told_for_what_it_is(
    server: ScriptedSmtp, mailbox: Internet, phase: str, order: str, fault: type[Exception]
) -> None:
    server.orders.at[phase] = order
    said = outcome(mailbox)
    assert type(said) is fault, said
    assert is_honest(said, server)
    server.orders.at.clear()
    assert isinstance(outcome(mailbox), Proof), "the next letter goes"


def test_a_multiline_refusal_is_quoted(server: ScriptedSmtp, mailbox: Internet) -> None:
    server.orders.at["rcpt"] = "550-5.1.1 The person\r\n550 5.1.1 is not here"
    assert "550 5.1.1 The person" in str(outcome(mailbox))


def test_without_encryption_nothing_is_said(server: ScriptedSmtp, mailbox: Internet) -> None:
    server.orders.offers_tls = False
    said = outcome(mailbox)
    assert isinstance(said, MailboxUnreachable)
    assert "encryption" in str(said)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    stranger = ScriptedSmtp(tmp_path, trusted=False)
    mailbox = internet(stranger)
    said = outcome(mailbox)
    stranger.close()
    assert isinstance(said, MailboxUnreachable)
    assert "certificate" in str(said)
    assert stranger.accepted == []


def test_a_letter_larger_than_the_server_takes_is_never_begun(server: ScriptedSmtp, mailbox: Internet) -> None:
    server.orders.size = 100
    said = outcome(mailbox)
    assert isinstance(said, NotAcceptedForGood)
    assert "100 at most" in str(said)


def test_a_server_that_drips_is_given_up_in_time(server: ScriptedSmtp) -> None:
    server.orders.drip = 0.2
    mailbox = internet(server, seconds=0.5)
    assert isinstance(outcome(mailbox), MailboxUnreachable)
    mailbox.close()


def test_a_host_that_does_not_exist_and_a_port_that_is_shut_are_out_of_reach(server: ScriptedSmtp) -> None:
    for smtp in (
        MailServer(host="mail.invalid", port=587, tls=Tls.STARTTLS),
        MailServer(host="127.0.0.1", port=9, tls=Tls.AT_ONCE),
    ):
        mailbox = internet(server, smtp=smtp)
        assert isinstance(outcome(mailbox), MailboxUnreachable)
        mailbox.close()


@pytest.mark.parametrize("cut", range(0, 1_000, 37))
def test_wherever_the_line_breaks_the_adapter_tells_no_lie(server: ScriptedSmtp, mailbox: Internet, cut: int) -> None:
    _break_at(server, mailbox, cut)


@pytest.mark.sweep
def test_at_every_single_byte(server: ScriptedSmtp) -> None:
    for cut in range(1_000):
        mailbox = internet(server)
        _break_at(server, mailbox, cut)
        mailbox.close()


def _break_at(server: ScriptedSmtp, mailbox: Internet, cut: int) -> None:
    server.orders = Orders(bytes_until_cut=cut)
    said = outcome(mailbox)
    assert is_honest(said, server), (cut, said)
    if cut < 100:
        assert isinstance(said, MailboxUnreachable)


def test_a_token_is_shown_in_place_of_a_password(server: ScriptedSmtp, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("a-fresh-token\n")
    given = {"login": Login.XOAUTH2, "smtp": MailServer(host="127.0.0.1", port=server.port, tls=Tls.STARTTLS)}
    made = internet(server, **given)
    made._smtp._credentials.secrets = Secrets(token_file=str(token))
    assert isinstance(outcome(made), Proof)
    made.close()
    token.unlink()
    said = outcome(made)
    assert isinstance(said, MailboxUnreachable)
    assert "CSP_MAIL_TOKEN_FILE" in str(said)


def test_examined_the_servers_that_cannot_be_reached_are_named(server: ScriptedSmtp, mailbox: Internet) -> None:
    (check,) = mailbox.examine(NOW)
    assert check.what == "IMAP"
    assert "internet.imap" in check.remedy
