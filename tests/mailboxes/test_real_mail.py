"""What real servers do with real letters: bounces, vacation answers, plus-addresses, size limits, restarts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from csp_workflow.letters.catalogue import Rendered, address_letter
from csp_workflow.mail.classify import Sort, classify_message
from csp_workflow.mail.compose import compose_message, derive_delivery_id, derive_message_id, read_back
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.mailboxes.mailbox import Absence, Proof
from csp_workflow.terms.events import Letter, Manner
from csp_workflow.terms.messages import IncomingMessage
from csp_workflow.terms.service import MailboxUnreachable, MailServer, MessageGone, NotAcceptedForGood, ProofBy, Tls
from csp_workflow.terms.site import Contact, Office, Role
from tests.mailboxes.mailbox_contract import NOW, RAW, RECIPIENT
from tests.mailboxes.servers import OFFICE, Servers, running
from tests.mailboxes.servers import Manner as How
from tests.mailboxes.servers.relay import relayed
from tests.mailboxes.servers.settings import SIZE_LIMIT
from tests.mailboxes.test_internet import mailbox

pytestmark = pytest.mark.needs_mailservers

VACATION = """require ["vacation"];
vacation :days 1 :subject "Automatic reply: away" "I am out of the office until Monday 3 November 2014.";
"""
PEOPLE = Office(
    name="The Office",
    co_ordinator=Contact(name="Co-ordinator", role=Role.LEAD, address="co-ordinator@opcc.example"),
    deputy=None,
    secretariat=(),
    mailbox=OFFICE,
    phone="0116 496 0100",
)


def letter(kind: str, manner: Manner, *, to: str = RECIPIENT, size: int = 0) -> tuple[bytes, str]:
    """A letter of ours as it leaves, and its delivery id."""
    made = Letter(kind=kind, cause="1", recipient=to, recipient_name="Lead", about=(), quarter=None, manner=manner)
    message_id = derive_message_id(kind, "1", to, key=b"key", domain="opcc.example")
    words = Rendered(subject="Your return", text="Dear colleague\n" + "x" * size, html="<p>Dear colleague</p>")
    when = datetime(2014, 10, 16, tzinfo=UTC)
    content = compose_message(address_letter(made, words, office=PEOPLE, message_id=message_id, date=when))
    return content, derive_delivery_id(message_id)


def came_back(servers: Servers, count: int) -> list[IncomingMessage]:
    """What lies in the office's mailbox, without the own copies of letters."""
    box = mailbox(servers, limit=1_000_000)
    servers.wait_for(OFFICE, count)
    got = [unpack_message(box.get(source, NOW).raw, received=NOW) for source in box.list_new("")[0]]
    box.close()
    return [message for message in got if message.sender != OFFICE]


def sort_of(message: IncomingMessage) -> Sort:
    return classify_message(message, own_addresses=frozenset({OFFICE}), is_own=False).sort


def test_a_letter_to_somebody_unknown_comes_back_as_a_genuine_bounce(servers: Servers) -> None:
    content, delivery_id = letter("request", Manner.TIMED, to="nobody@csp.example")
    box = mailbox(servers)
    box.send(content, "nobody@csp.example", delivery_id)
    box.close()
    (bounce,) = came_back(servers, 2)
    assert sort_of(bounce) is Sort.BOUNCE
    assert read_back(content).message_id in bounce.answered
    assert "5.1.1" in bounce.text


def test_a_request_brings_a_vacation_answer_back_and_an_answer_of_ours_does_not(servers: Servers) -> None:
    servers.sieve(RECIPIENT, VACATION)
    box = mailbox(servers)
    for kind, manner in (("receipt", Manner.ANSWER), ("reminder-due-today", Manner.TIMED), ("request", Manner.TIMED)):
        content, delivery_id = letter(kind, manner)
        box.send(content, RECIPIENT, delivery_id)
    box.close()
    servers.settled()
    (away,) = came_back(servers, 4)
    assert sort_of(away) is Sort.OUT_OF_OFFICE
    assert away.sender == RECIPIENT
    assert "Monday 3 November 2014" in away.text


def test_mail_to_a_plus_address_of_ours_arrives(servers: Servers) -> None:
    servers.deliver(RAW, "csp-returns+charn@opcc.example")
    (message,) = came_back(servers, 1)
    assert message.header("Delivered-To") == "csp-returns+charn@opcc.example"


def test_a_letter_above_the_servers_limit_is_refused_for_good_before_it_is_sent(servers: Servers) -> None:
    content, delivery_id = letter("request", Manner.TIMED, size=SIZE_LIMIT)
    box = mailbox(servers)
    with pytest.raises(NotAcceptedForGood, match=f"takes {SIZE_LIMIT} at most"):
        box.send(content, RECIPIENT, delivery_id)
    assert box.find_sent(delivery_id) is Absence.UNPROVED
    box.close()


def test_a_letter_is_proved_by_its_own_copy_wherever_that_was_filed(servers: Servers) -> None:
    content, delivery_id = letter("request", Manner.TIMED)
    box = mailbox(servers)
    box.send(content, RECIPIENT, delivery_id)
    servers.wait_for(OFFICE, 1)
    assert isinstance(box.find_sent(delivery_id), Proof)
    box.file(box.list_new("")[0][0], "Processed")
    assert isinstance(box.find_sent(delivery_id), Proof)
    assert box.find_sent(delivery_id[:-1] + "0") is Absence.UNPROVED
    box.close()


def test_where_the_server_keeps_what_it_sends_its_folder_is_looked_through(servers: Servers) -> None:
    content, delivery_id = letter("request", Manner.TIMED)
    box = mailbox(servers, proof=ProofBy.SENT_FOLDER)
    box.send(content, RECIPIENT, delivery_id)
    assert box.find_sent(delivery_id) is Absence.UNPROVED
    servers.put(OFFICE, "Sent", content)
    assert isinstance(box.find_sent(delivery_id), Proof)
    box.close()


def test_dovecot_killed_while_a_message_is_fetched_loses_nothing(servers: Servers) -> None:
    large = RAW + b"A line of a large return.\r\n" * 40_000
    servers.deliver(large, OFFICE, sender="a@b.example")
    with relayed(servers.ports.imap, break_after=200_000, then=servers.stop_dovecot) as wire:
        imap = MailServer(host="127.0.0.1", port=wire.port, tls=Tls.AT_ONCE)
        box = mailbox(servers, limit=10_000_000, imap=imap)
        (source,), cursor = box.list_new("")
        with pytest.raises(MailboxUnreachable):
            box.get(source, NOW)
        with pytest.raises(MailboxUnreachable):
            box.list_new(cursor)
        servers.start_dovecot()
        assert box.get(source, NOW).raw.endswith(large)
        assert box.list_new(cursor)[0] == ()
        assert box.list_new("")[0] == (source,)
        box.close()


def test_ids_of_a_mailbox_that_was_rebuilt_mean_nothing_any_more(servers: Servers) -> None:
    servers.deliver(RAW, OFFICE)
    box = mailbox(servers)
    (old,), _ = box.list_new("")
    servers.doveadm("kick", OFFICE)
    servers.doveadm("mailbox", "update", "-u", OFFICE, "--uid-validity", "4711", "INBOX")
    with pytest.raises(MessageGone):
        box.get(old, NOW)
    box.file(old, "Processed")
    assert box.list_new("")[0] == ("4711:1",)
    box.close()


def test_the_wrong_password_is_said_to_be_wrong_by_both_servers(servers: Servers) -> None:
    content, delivery_id = letter("request", Manner.TIMED)
    box = mailbox(servers, password="not this")
    with pytest.raises(MailboxUnreachable, match="refuses the user or the password"):
        box.list_new("")
    with pytest.raises(MailboxUnreachable, match="refuses the user or the password"):
        box.send(content, RECIPIENT, delivery_id)
    found = [check for check in box.examine(NOW) if check.problem]
    assert [check.what for check in found] == ["IMAP: login", "SMTP: login"]
    assert all("internet.user" in check.remedy for check in found)
    assert not any("not this" in check.problem + check.remedy for check in found)
    box.close()


def test_examined_and_all_is_well(servers: Servers) -> None:
    box = mailbox(servers)
    assert [(check.what, check.state) for check in box.examine(NOW)] == [
        ("IMAP: name and encryption", "well"),
        ("IMAP: login", "well"),
        ("rights in the inbox", "not made"),
        ("room in the mailbox", "not made"),
        ("filing of messages", "well"),
        ("the folders Processed, Held, Quarantine", "well"),
        ("SMTP: name and encryption", "well"),
        ("SMTP: login", "well"),
        (f"the right to send as {OFFICE}", "well"),
    ]
    servers.settled()
    assert servers.files_of(OFFICE) == [], "nothing was sent"
    box.close()


def test_examined_where_it_is_encrypted_by_starttls(servers: Servers) -> None:
    box = mailbox(servers, imap=MailServer(host="127.0.0.1", port=servers.ports.imap_starttls, tls=Tls.STARTTLS))
    assert [check.problem for check in box.examine(NOW)] == [""] * 9
    box.close()


def test_examined_where_an_unknown_authority_vouches_for_it(servers: Servers, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    starttls = MailServer(host="127.0.0.1", port=servers.ports.imap_starttls, tls=Tls.STARTTLS)
    box = mailbox(servers, imap=starttls, ca_file=str(tmp_path / "other.pem"))
    found = [check for check in box.examine(NOW) if check.problem]
    assert [check.what for check in found] == ["IMAP: name and encryption", "SMTP: name and encryption"]
    assert all("internet.ca_file" in check.remedy for check in found)
    box.close()


@pytest.mark.parametrize(("folder", "is_there"), [("Sent", True), ("Gesendet", False)])
def test_examined_the_folder_of_sent_letters_is_there_or_not(servers: Servers, folder: str, is_there: bool) -> None:
    box = mailbox(servers, proof=ProofBy.SENT_FOLDER, sent_folder=folder)
    (check,) = [check for check in box.examine(NOW) if check.what == "the folder of sent letters"]
    said = "" if is_there else "The mailbox has no folder 'Gesendet', so no letter can be proved."
    assert check.problem == said
    box.close()


def test_imap_is_encrypted_by_starttls_before_anything_is_said(servers: Servers) -> None:
    servers.deliver(RAW, OFFICE, sender="a@b.example")
    box = mailbox(servers, imap=MailServer(host="127.0.0.1", port=servers.ports.imap_starttls, tls=Tls.STARTTLS))
    (source,), _ = box.list_new("")
    assert box.get(source, NOW).raw.endswith(RAW)
    box.close()


ABILITIES = {
    "no MOVE": "IMAP4rev1 UIDPLUS NAMESPACE LITERAL+ UNSELECT AUTH=PLAIN",
    "neither": "IMAP4rev1 NAMESPACE AUTH=PLAIN",
}


@pytest.mark.parametrize("ability", ABILITIES)
def test_a_server_that_cannot_move_still_loses_nobody_elses_mail(ability: str) -> None:
    """A person has marked a message as deleted; a folder-wide EXPUNGE would wipe it out.

    Its folders lie below the inbox, as on many an older server.
    """
    with running(How(abilities=ABILITIES[ability], prefix="INBOX.", separator="."), smtp=False) as servers:
        for number in (1, 2):
            servers.put(OFFICE, "INBOX", RAW.replace(b"Our return", b"Our return %d" % number))
        servers.doveadm("flags", "add", "-u", OFFICE, "\\Deleted", "mailbox", "INBOX", "1")
        box = mailbox(servers)
        sources, _ = box.list_new("")
        for _ in range(2):
            box.file(sources[1], "Processed")
        assert box.list_new("")[0] == sources[:1]
        assert len(servers.files_of(OFFICE)) == (1 if ability == "no MOVE" else 2)
        assert len(servers.files_of(OFFICE, ".Processed")) == 1
        warned = [check.problem for check in box.examine(NOW) if check.is_warning]
        assert bool(warned) is (ability == "neither")
        box.close()
