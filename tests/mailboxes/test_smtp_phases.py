"""SMTP phase by phase: never "not sent" when it was accepted, never "sent" when it was not, unknown only in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from csp_workflow.mailboxes.internet import Internet
from csp_workflow.mailboxes.internet.sending import LETTERS
from csp_workflow.mailboxes.mailbox import Proof
from csp_workflow.terms.service import (
    InternetMailbox,
    Login,
    MailboxUnreachable,
    MailServer,
    NotAccepted,
    NotAcceptedForGood,
    ProofBy,
    Secrets,
    SendUnknown,
    Tls,
)
from tests.mailboxes.mailbox_contract import ID, LETTER, NOW, RECIPIENT
from tests.mailboxes.scripted_smtp import Orders, ScriptedSmtp
from tests.mailboxes.servers.relay import relayed

OFFICE = "csp-returns@opcc.example"
PASSWORD = Secrets(password="open-sesame")


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


def internet(
    server: ScriptedSmtp,
    *,
    secrets: Secrets = PASSWORD,
    seconds: float = 5.0,
    reached: Callable[[str], None] = lambda _: None,
    **changes: object,
) -> Internet:
    """The adapter on this server, with IMAP where nobody is."""
    made = InternetMailbox(
        user=OFFICE,
        login=Login.PASSWORD,
        imap=MailServer(host="127.0.0.1", port=9, tls=Tls.AT_ONCE),
        smtp=MailServer(host="127.0.0.1", port=server.port, tls=Tls.STARTTLS),
        proof=ProofBy.OWN_COPY,
        own_copy=OFFICE,
        sent_folder="Sent",
        ca_file=str(server.ca_file),
    )
    settings = replace(made, **changes)  # type: ignore[arg-type]
    return Internet(settings, secrets, address=OFFICE, limit=10_000, seconds=seconds, reached=reached)


def outcome(mailbox: Internet) -> object:
    """Proof, or the fault that came instead."""
    try:
        return mailbox.send(LETTER, RECIPIENT, ID)
    except (MailboxUnreachable, NotAccepted, SendUnknown) as fault:
        return fault


def is_honest(said: object, server: ScriptedSmtp) -> bool:
    """Whether what the adapter says agrees with what the server did."""
    if isinstance(said, SendUnknown):
        return server.contents_asked_for > 0
    return isinstance(said, Proof) is bool(server.accepted)


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
        ("mail", "cut", MailboxUnreachable),
        ("mail", "421 closing", MailboxUnreachable),
        ("mail", "451 later", MailboxUnreachable),
        ("mail", "552 too large", NotAcceptedForGood),
        ("mail", "550 send-as denied", MailboxUnreachable),
        ("mail", "what?", MailboxUnreachable),
        ("rcpt", "cut", MailboxUnreachable),
        ("rcpt", "421 closing", MailboxUnreachable),
        ("rcpt", "450 greylisted", NotAccepted),
        ("rcpt", "550 5.1.1 no such person", NotAcceptedForGood),
        ("rcpt", "552 5.5.3 too many recipients", NotAccepted),
        ("rcpt", "552 5.2.2 mailbox full", NotAccepted),
        ("own copy", "cut", MailboxUnreachable),
        ("own copy", "452 too many recipients", MailboxUnreachable),
        ("own copy", "550 5.1.1 no such person", MailboxUnreachable),
        ("data", "cut", MailboxUnreachable),
        ("data", "451 later", NotAccepted),
        ("data", "250 never mind", NotAccepted),
        ("data", "554 no", NotAcceptedForGood),
        ("end", "cut", SendUnknown),
        ("end", "accept and cut", SendUnknown),
        ("end", "what?", SendUnknown),
        ("end", "354 go on", SendUnknown),
        ("end", "451 later", NotAccepted),
        ("end", "421 closing", MailboxUnreachable),
        ("end", "552 too large after all", NotAcceptedForGood),
        ("end", "554 it looks like spam", NotAcceptedForGood),
    ],
)  # fmt: skip
def test_each_way_to_fail_is_told_for_what_it_is_and_nothing_is_kept_of_it(
    server: ScriptedSmtp, mailbox: Internet, phase: str, order: str, fault: type[Exception]
) -> None:
    server.orders.at[phase] = order
    said = outcome(mailbox)
    assert type(said) is fault, said
    assert is_honest(said, server)
    server.orders.at.clear()
    assert isinstance(outcome(mailbox), Proof), "the next letter goes"
    assert server.connections == 2


@pytest.mark.parametrize("most", [1, 3, LETTERS + 1, 100])
@pytest.mark.parametrize("order", ["452 4.5.3 Too many messages sent", "421 too many", "503 5.5.1 no more", "cut"])
def test_whatever_number_of_letters_a_server_takes_on_one_connection_all_of_them_go(
    server: ScriptedSmtp, mailbox: Internet, most: int, order: str
) -> None:
    server.orders.most, server.orders.beyond = most, order
    for _ in range(2 * LETTERS + 1):
        assert isinstance(outcome(mailbox), Proof)
    assert len(server.accepted) == 2 * LETTERS + 1
    assert max(server.letters) <= min(most, LETTERS), "Exim queues what comes after the tenth on one connection"
    assert server.connections == -(-(2 * LETTERS + 1) // min(most, LETTERS))


def test_a_connection_that_was_idle_is_not_used_again(
    server: ScriptedSmtp, mailbox: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csp_workflow.mailboxes.internet.sending.IDLE", -1.0)
    for number in (1, 2):
        assert isinstance(outcome(mailbox), Proof)
        assert server.connections == number


def test_a_sender_who_is_refused_on_a_kept_and_on_a_new_connection_is_refused(
    server: ScriptedSmtp, mailbox: Internet
) -> None:
    assert isinstance(outcome(mailbox), Proof)
    server.orders.at["mail"] = "451 4.3.0 queue trouble"
    assert isinstance(outcome(mailbox), MailboxUnreachable)
    assert isinstance(outcome(mailbox), MailboxUnreachable)
    assert (len(server.accepted), server.connections) == (1, 3), "one try more, and only where a connection was kept"


@pytest.mark.parametrize("phase", ["rcpt", "own copy", "data", "end"])
def test_what_is_refused_later_on_a_kept_connection_is_not_asked_again(
    server: ScriptedSmtp, mailbox: Internet, phase: str
) -> None:
    assert isinstance(outcome(mailbox), Proof)
    server.orders.at[phase] = "451 4.7.1 greylisted"
    assert isinstance(outcome(mailbox), NotAccepted | MailboxUnreachable)
    assert (len(server.accepted), server.connections) == (1, 1)


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
    server.orders.abilities = ("SIZE 100", "AUTH PLAIN")
    said = outcome(mailbox)
    assert isinstance(said, NotAcceptedForGood)
    assert "100 at most" in str(said)


@pytest.mark.parametrize("tls", Tls)
def test_a_server_that_drips_is_given_up_in_time(tmp_path: Path, tls: Tls) -> None:
    server = ScriptedSmtp(tmp_path, at_once=tls is Tls.AT_ONCE)
    with relayed(server.port, pause=0.05) as wire:
        mailbox = internet(server, seconds=0.5, smtp=MailServer(host="127.0.0.1", port=wire.port, tls=tls))
        assert isinstance(outcome(mailbox), MailboxUnreachable)
        assert wire.said < 100
        mailbox.close()
    server.close()


def test_a_server_may_be_encrypted_from_the_start(tmp_path: Path) -> None:
    server = ScriptedSmtp(tmp_path, at_once=True)
    mailbox = internet(server, smtp=MailServer(host="127.0.0.1", port=server.port, tls=Tls.AT_ONCE))
    assert isinstance(outcome(mailbox), Proof)
    mailbox.close()
    server.close()


@pytest.mark.parametrize("size", ["lots", "", "-1", "9" * 5_000])
def test_the_size_that_a_server_states_may_be_nonsense(server: ScriptedSmtp, mailbox: Internet, size: str) -> None:
    server.orders.abilities = (f"SIZE {size}", "AUTH PLAIN")
    assert isinstance(outcome(mailbox), Proof)


@pytest.mark.parametrize(
    "recipient",
    [
        "léad@csp.example",
        "lead@csp.example>\r\nRCPT TO:<other@csp.example",
        '"lead@csp.example" <other@csp.example>',
        "lead@csp.example, other@csp.example",
        "",
    ],
)
def test_an_address_that_smtp_cannot_write_is_refused_for_good(
    server: ScriptedSmtp, mailbox: Internet, recipient: str
) -> None:
    with pytest.raises(NotAcceptedForGood):
        mailbox.send(LETTER, recipient, ID)
    mailbox.close()
    assert server.accepted == []


def test_when_it_is_our_own_copy_or_address_that_is_refused_that_is_said(
    server: ScriptedSmtp, mailbox: Internet
) -> None:
    server.orders.at["own copy"] = "550 no such person"
    assert "internet.own_copy" in str(outcome(mailbox))
    server.orders.at = {"mail": "550 not you"}
    assert "our address: 550 not you" in str(outcome(mailbox))


def test_a_host_that_does_not_exist_and_a_port_that_is_shut_are_out_of_reach(server: ScriptedSmtp) -> None:
    for smtp in (
        MailServer(host="mail.invalid", port=587, tls=Tls.STARTTLS),
        MailServer(host="127.0.0.1", port=9, tls=Tls.AT_ONCE),
    ):
        mailbox = internet(server, smtp=smtp)
        assert isinstance(outcome(mailbox), MailboxUnreachable)
        mailbox.close()


@pytest.mark.parametrize("cut", range(1, 30))
def test_an_answer_cut_short_is_no_answer(server: ScriptedSmtp, mailbox: Internet, cut: int) -> None:
    """The server accepts, and its answer "250 2.0.0 queued as 4711" breaks off: "25" is not a refusal."""
    mailbox.send(LETTER, RECIPIENT, ID)
    mailbox.close()
    server.accepted.clear()
    server.orders = Orders(said=_SAID_BEFORE_THE_LAST + cut)
    assert type(outcome(mailbox)) is (Proof if cut > 2 else SendUnknown)
    assert len(server.accepted) == 1


@pytest.mark.parametrize("cut", range(0, 1_000, 37))
def test_wherever_the_line_breaks_the_adapter_tells_no_lie(server: ScriptedSmtp, mailbox: Internet, cut: int) -> None:
    _break_at(server, mailbox, Orders(read=cut))
    _break_at(server, mailbox, Orders(said=cut // 3))


@pytest.mark.sweep
@pytest.mark.parametrize("side", ["read", "said"])
def test_at_every_single_byte(server: ScriptedSmtp, side: str) -> None:
    for cut in range(1_000 if side == "read" else 400):
        mailbox = internet(server)
        _break_at(server, mailbox, Orders(**{side: cut}))
        mailbox.close()


def _break_at(server: ScriptedSmtp, mailbox: Internet, orders: Orders) -> None:
    server.accepted.clear()
    server.contents_asked_for = 0
    server.orders = orders
    said = outcome(mailbox)
    mailbox.close()
    assert is_honest(said, server), (orders, said)
    if min(orders.read, orders.said) < 100:
        assert isinstance(said, MailboxUnreachable)


_SAID_BEFORE_THE_LAST = len(
    "220 scripted\r\n"
    "250-scripted\r\n250-SIZE 10000000\r\n250-AUTH PLAIN LOGIN XOAUTH2\r\n250 STARTTLS\r\n"
    "220 go on\r\n"
    "250-scripted\r\n250-SIZE 10000000\r\n250 AUTH PLAIN LOGIN XOAUTH2\r\n"
    "235 welcome\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go on\r\n"
)


def test_each_step_of_a_hand_over_is_announced(server: ScriptedSmtp) -> None:
    reached: list[str] = []
    mailbox = internet(server, reached=reached.append)
    mailbox.send(LETTER, RECIPIENT, ID)
    mailbox.close()
    assert reached == ["smtp:data asked", "smtp:content sent", "smtp:end sent", "smtp:accepted"]


# Who we are --------------------------------------------------------------------------------------


def test_a_password_is_shown_once_however_many_ways_a_server_offers(server: ScriptedSmtp) -> None:
    server.orders.at["auth"] = "535 who are you?"
    mailbox = internet(server, secrets=Secrets(password="£5 naïve"))
    assert "refuses the user or the password" in str(outcome(mailbox))
    mailbox.close()
    assert server.logins == [[b"PLAIN", f"\0{OFFICE}\0£5 naïve".encode()]]


def test_a_server_that_knows_only_login_is_told_user_and_password(server: ScriptedSmtp, mailbox: Internet) -> None:
    server.orders.abilities = ("AUTH LOGIN",)
    assert isinstance(outcome(mailbox), Proof)
    assert server.logins == [[b"LOGIN", OFFICE.encode(), b"open-sesame"]]


@pytest.mark.parametrize("abilities", [("SIZE 1000000",), ("AUTH CRAM-MD5 GSSAPI",)])
def test_a_server_without_a_login_that_we_know_is_sent_nothing(
    server: ScriptedSmtp, mailbox: Internet, abilities: tuple[str, ...]
) -> None:
    server.orders.abilities = abilities
    assert "no login of the kind wanted" in str(outcome(mailbox))


def test_a_token_is_shown_in_place_of_a_password_and_read_anew_each_time(server: ScriptedSmtp, tmp_path: Path) -> None:
    token = tmp_path / "token"
    mailbox = internet(server, secrets=Secrets(token_file=str(token)), login=Login.XOAUTH2)
    assert "CSP_MAIL_TOKEN_FILE names cannot be read" in str(outcome(mailbox))
    token.write_text(" \n")
    assert "CSP_MAIL_TOKEN_FILE names is empty" in str(outcome(mailbox))
    token.write_text("a-fresh-token\n")
    assert isinstance(outcome(mailbox), Proof)
    mailbox.close()
    assert server.logins == [[b"XOAUTH2", f"user={OFFICE}\x01auth=Bearer a-fresh-token\x01\x01".encode()]]


def test_a_token_that_is_refused_is_said_to_be(server: ScriptedSmtp, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("stale")
    server.orders.at["auth"] = "334 eyJzdGF0dXMiOiI0MDEifQ=="
    mailbox = internet(server, secrets=Secrets(token_file=str(token)), login=Login.XOAUTH2)
    assert "(or token)" in str(outcome(mailbox))
    mailbox.close()


def test_examined_what_cannot_be_reached_is_named(server: ScriptedSmtp, mailbox: Internet) -> None:
    imap, *unmade, smtp, login, right = mailbox.examine(NOW)
    assert (imap.what, smtp.state, login.state, right.state) == ("IMAP: name and encryption", "well", "well", "well")
    assert "in service.toml" in imap.remedy
    assert {check.state for check in unmade} == {"not made"}
    server.orders.at["mail"] = "550 not you"
    mailbox.close()
    *_, right = mailbox.examine(NOW)
    assert right.what == f"the right to send as {OFFICE}"
    assert "550 not you" in right.problem
    server.close()
    mailbox.close()
    *_, smtp, login, right = mailbox.examine(NOW)
    assert smtp.problem == "The SMTP server does not take the connection."
    assert (login.state, right.state) == ("not made", "not made")
