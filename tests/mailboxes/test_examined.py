"""The matrix: each way in which a mailbox on the internet is set up wrong, its own sentence, and at once."""

from __future__ import annotations

import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from csp_workflow.mailboxes.internet import Internet
from csp_workflow.mailboxes.mailbox import Check, list_expiring
from csp_workflow.terms.service import InternetMailbox, Login, MailServer, ProofBy, Secrets, Tls
from tests.mailboxes.mailbox_contract import LIMIT, NOW
from tests.mailboxes.scripted_imap import ScriptedImap
from tests.mailboxes.scripted_smtp import ScriptedSmtp

OFFICE = "csp-returns@opcc.example"
AT_ONCE = 6.0
"""The longest, in seconds, until what is wrong is said."""

SHORT = 1.0
"""How long a server is waited for that never says anything; one that only takes its time has four."""

TOLD = "AUTH=PLAIN MOVE UIDPLUS ACL QUOTA"
RIGHTS = "* MYRIGHTS INBOX {}\r\nTAG OK done"
ROOM = '* QUOTAROOT INBOX ""\r\n* QUOTA "" (STORAGE {} 2048)\r\nTAG OK done'


@dataclass
class Office:
    """A mailbox on scripted servers, all well at first, and how it is set up."""

    imap: ScriptedImap
    smtp: ScriptedSmtp
    authority: trustme.CA
    settings: InternetMailbox
    seconds: float = 4.0
    silent: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    def moves(self, **changes: object) -> None:
        """The IMAP server is looked for elsewhere, or otherwise."""
        self.settings = replace(self.settings, imap=replace(self.settings.imap, **changes))  # type: ignore[arg-type]

    def hears_nothing(self, **changes: object) -> None:
        """The IMAP server's place is taken by one that never says anything."""
        self.moves(port=self.silent.getsockname()[1], **changes)
        self.seconds = SHORT

    def shows(self, certificate: trustme.LeafCert, server: ScriptedImap | ScriptedSmtp | None = None) -> None:
        """A server has another certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        (server or self.imap).context = context

    def speaks_as_long_ago(self) -> None:
        """The IMAP server knows only a way of encrypting that nobody should use any more."""
        self.imap.context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.imap.context.set_ciphers("ECDHE-ECDSA-AES128-SHA")

    def signs_itself(self) -> None:
        """The IMAP server's certificate is vouched for by nobody else."""
        alone = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with alone.private_key_pem.tempfile() as key, alone.cert_pem.tempfile() as certificate:
            context.load_cert_chain(certificate, key)
        self.imap.context = context

    def examine(self) -> list[Check]:
        """What `doctor` finds."""
        secrets = Secrets(password="open sesame")
        mailbox = Internet(self.settings, secrets, address=OFFICE, limit=LIMIT, seconds=self.seconds)
        found = list(mailbox.examine(NOW))
        mailbox.close()
        return found


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    imap, smtp = ScriptedImap(tmp_path), ScriptedSmtp(tmp_path)
    imap.abilities = TOLD
    imap.at = {"MYRIGHTS": RIGHTS.format("lrswitekxa"), "GETQUOTAROOT": ROOM.format(7)}
    made = Office(
        imap=imap,
        smtp=smtp,
        authority=authority,
        settings=InternetMailbox(
            user=OFFICE,
            login=Login.PASSWORD,
            imap=MailServer(host="127.0.0.1", port=imap.port, tls=Tls.AT_ONCE),
            smtp=MailServer(host="127.0.0.1", port=smtp.port, tls=Tls.STARTTLS),
            proof=ProofBy.OWN_COPY,
            own_copy="csp-returns+sent@opcc.example",
            sent_folder="Sent",
            ca_file=str(tmp_path / "ca.pem"),
        ),
    )
    for server in (imap, smtp):
        made.shows(authority.issue_cert("127.0.0.1"), server)
    yield made
    for server in (imap, smtp, made.silent):
        server.close()


def find_closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


TODAY = datetime.now(UTC)
OLD = {"not_before": TODAY - timedelta(days=9), "not_after": TODAY - timedelta(days=1)}
NEW = {"not_before": TODAY + timedelta(days=1), "not_after": TODAY + timedelta(days=9)}
Wrong = Callable[[Office], object]
IMAP: dict[str, tuple[Wrong, str, str, str]] = {
    "no such name": (
        lambda it: it.moves(host="no-such-host.invalid"),
        "IMAP: name and encryption",
        "The IMAP server cannot be found by its name.",
        "name service",
    ),
    "a closed port": (
        lambda it: it.moves(port=find_closed_port()),
        "IMAP: name and encryption",
        "The IMAP server does not take the connection.",
        "name and port",
    ),
    "a server that says nothing": (
        lambda it: it.hears_nothing(),
        "IMAP: name and encryption",
        "The IMAP server did not answer in time.",
        "firewalls",
    ),
    "encryption at once on a plain port": (
        lambda it: setattr(it.imap, "secure", False),
        "IMAP: name and encryption",
        "The IMAP server speaks without encryption at first.",
        'tls = "starttls"',
    ),
    "STARTTLS on an encrypted port": (
        lambda it: it.moves(tls=Tls.STARTTLS),
        "IMAP: name and encryption",
        "The IMAP server says nothing before the connection is encrypted.",
        'tls = "at once"',
    ),
    "STARTTLS on a server that is only slow": (
        lambda it: it.hears_nothing(tls=Tls.STARTTLS),
        "IMAP: name and encryption",
        "The IMAP server did not answer in time.",
        "firewalls",
    ),
    "STARTTLS is not offered": (
        lambda it: (
            it.moves(tls=Tls.STARTTLS),
            setattr(it.imap, "secure", False),
            it.imap.at.update(STARTTLS="TAG NO"),
        ),
        "IMAP: login",
        "The IMAP server offers no encryption or no login of the kind wanted, so nothing is read or sent.",
        "tls, port",
    ),
    "an unknown authority": (
        lambda it: it.shows(trustme.CA().issue_cert("127.0.0.1")),
        "IMAP: name and encryption",
        "The IMAP server shows a certificate of an authority that this machine does not know.",
        "internet.ca_file in service.toml",
    ),
    "a self-signed certificate": (
        lambda it: it.signs_itself(),
        "IMAP: name and encryption",
        "The IMAP server shows a certificate that nobody but itself vouches for (self-signed).",
        "internet.ca_file in service.toml",
    ),
    "an expired certificate": (
        lambda it: it.shows(it.authority.issue_cert("127.0.0.1", **OLD)),
        "IMAP: name and encryption",
        "The IMAP server shows a certificate that has expired.",
        "to put in a new certificate",
    ),
    "a certificate of tomorrow": (
        lambda it: it.shows(it.authority.issue_cert("127.0.0.1", **NEW)),
        "IMAP: name and encryption",
        "The IMAP server shows a certificate that is not valid yet.",
        "clock",
    ),
    "a certificate for another name": (
        lambda it: it.shows(it.authority.issue_cert("mail.opcc.example", "imap.opcc.example")),
        "IMAP: name and encryption",
        "The IMAP server shows a certificate that is for another name.",
        "(mail.opcc.example, imap.opcc.example)",
    ),
    "encryption of long ago": (
        lambda it: it.speaks_as_long_ago(),
        "IMAP: name and encryption",
        "The IMAP server does not agree on an encryption.",
        "TLS 1.2",
    ),
    "an authority's file that is none": (
        lambda it: setattr(it, "settings", replace(it.settings, ca_file=__file__)),
        "IMAP: name and encryption",
        "The file that internet.ca_file names in service.toml cannot be read as certificates.",
        "holds certificates (PEM)",
    ),
    "a line that breaks": (
        lambda it: it.imap.at.update(CAPABILITY="cut"),
        "IMAP: login",
        "The IMAP server cannot be reached, or answers what it should not; it is tried again later.",
        "internet.imap",
    ),
    "a server that takes no password": (
        lambda it: setattr(it.imap, "abilities", "LOGINDISABLED"),
        "IMAP: login",
        "The IMAP server takes no password in this way (LOGINDISABLED), so none was sent.",
        "internet.login",
    ),
    "a refused login": (
        lambda it: it.imap.at.update(AUTHENTICATE="TAG NO [AUTHENTICATIONFAILED] no"),
        "IMAP: login",
        "The IMAP server refuses the user or the password (or token).",
        "internet.user",
    ),
    "an expired password": (
        lambda it: it.imap.at.update(AUTHENTICATE="TAG NO [EXPIRED] no"),
        "IMAP: login",
        "The IMAP server says that the user's password has expired.",
        "for a new one",
    ),
    "a server out of order": (
        lambda it: it.imap.at.update(AUTHENTICATE="TAG NO [UNAVAILABLE] later"),
        "IMAP: login",
        "The IMAP server is busy or out of order for now.",
        "Try again",
    ),
    "a mailbox to read only": (
        lambda it: it.imap.at.update(SELECT="* 0 EXISTS\r\n* OK [UIDVALIDITY 7] so\r\nTAG OK [READ-ONLY] done"),
        "IMAP: login",
        "The IMAP server lets this user only read the inbox.",
        "read, move and delete",
    ),
    "no right to delete": (
        lambda it: it.imap.at.update(MYRIGHTS=RIGHTS.format("lrswi")),
        "rights in the inbox",
        "In INBOX the user may not delete and not move messages.",
        "the right to it",
    ),
    "rights in the letters of an older server": (
        lambda it: it.imap.at.update(MYRIGHTS=RIGHTS.format("lrswicda"), GETQUOTAROOT=ROOM.format(2048)),
        "room in the mailbox",
        "The mailbox is full: 2048 of 2048 KB.",
        "Make room",
    ),
    "a full mailbox": (
        lambda it: it.imap.at.update(GETQUOTAROOT=ROOM.format(2040)),
        "room in the mailbox",
        "The mailbox is full: 2040 of 2048 KB.",
        "Make room",
    ),
    "a full mailbox without a word of its quota": (
        lambda it: it.imap.at.update(LIST="TAG OK none", CREATE="TAG NO [OVERQUOTA] no room"),
        "the folders Processed, Held, Quarantine",
        "The IMAP server says that the mailbox is full.",
        "Make room",
    ),
    "folders that cannot be made": (
        lambda it: it.imap.at.update(LIST="TAG OK none", CREATE="TAG NO [NOPERM] no"),
        "the folders Processed, Held, Quarantine",
        "The IMAP server does not let this user do what is needed in the mailbox.",
        "make folders",
    ),
    "nothing may be put into the folders": (
        lambda it: it.imap.at.update(MYRIGHTS=RIGHTS.format("lrswtekxa")),
        "the folders Processed, Held, Quarantine",
        "In Processed the user may not put messages.",
        "Let the user",
    ),
}
SMTP: dict[str, tuple[Wrong, str, str, str]] = {
    "SMTP: encryption at once on a plain port": (
        lambda it: setattr(it, "settings", replace(it.settings, smtp=replace(it.settings.smtp, tls=Tls.AT_ONCE))),
        "SMTP: name and encryption",
        "The SMTP server speaks without encryption at first.",
        'tls = "starttls"',
    ),
    "SMTP: STARTTLS on an encrypted port": (
        lambda it: setattr(it.smtp, "at_once", True),
        "SMTP: name and encryption",
        "The SMTP server says nothing before the connection is encrypted.",
        'tls = "at once"',
    ),
    "SMTP: a certificate for another name": (
        lambda it: it.shows(it.authority.issue_cert("smtp.opcc.example"), it.smtp),
        "SMTP: name and encryption",
        "The SMTP server shows a certificate that is for another name.",
        "(smtp.opcc.example)",
    ),
    "SMTP: an expired certificate": (
        lambda it: it.shows(it.authority.issue_cert("127.0.0.1", **OLD), it.smtp),
        "SMTP: name and encryption",
        "The SMTP server shows a certificate that has expired.",
        "to put in a new certificate",
    ),
    "SMTP: STARTTLS is not offered": (
        lambda it: setattr(it.smtp.orders, "offers_tls", False),
        "SMTP: login",
        "The SMTP server offers no encryption or no login of the kind wanted, so nothing is read or sent.",
        "tls, port",
    ),
    "SMTP: a refused login": (
        lambda it: it.smtp.orders.at.update(auth="535 no"),
        "SMTP: login",
        "The SMTP server refuses the user or the password (or token).",
        "internet.user",
    ),
    "SMTP: nobody is let in": (
        lambda it: it.smtp.orders.at.update(auth="454 later"),
        "SMTP: login",
        "The SMTP server lets nobody in for now.",
        "Try again",
    ),
    "SMTP: our own mailbox is full": (
        lambda it: it.smtp.orders.at.update(rcpt="552 5.2.2 mailbox full"),
        f"the right to send as {OFFICE}",
        "The mail server refuses our own copy (internet.own_copy): 552 5.2.2 mailbox full",
        "Make room",
    ),
    "SMTP: not our address": (
        lambda it: it.smtp.orders.at.update(mail="550 not you"),
        f"the right to send as {OFFICE}",
        "The mail server takes no letters from our address: 550 not you",
        "send as the office's mailbox",
    ),
}


def test_all_is_well_at_first(office: Office) -> None:
    assert {check.state for check in office.examine()} == {"well"}


@pytest.mark.parametrize("silent", [{"MYRIGHTS": "TAG NO no", "GETQUOTAROOT": "TAG NO no"}, {}])
def test_what_a_server_does_not_tell_is_not_called_well(office: Office, silent: dict[str, str]) -> None:
    office.imap.at, office.imap.abilities = silent, TOLD if silent else "AUTH=PLAIN MOVE"
    untold = [check for check in office.examine() if check.state != "well"]
    assert [(check.what, check.unmade) for check in untold] == [
        ("rights in the inbox", "the IMAP server does not tell"),
        ("room in the mailbox", "the IMAP server does not tell"),
    ]


@pytest.mark.parametrize("name", [*IMAP, *SMTP])
def test_each_fault_has_its_own_sentence_with_what_to_do_at_once(office: Office, name: str) -> None:
    spoil, what, problem, remedy = {**IMAP, **SMTP}[name]
    spoil(office)
    began = time.monotonic()
    found = office.examine()
    seconds = time.monotonic() - began
    check = next(check for check in found if check.state != "well")
    sys.stdout.write(f"| {name} | {check.what}: {check.problem} {check.remedy} | {seconds:.1f} |\n")
    assert (check.what, check.problem, check.state) == (what, problem, "problem")
    assert remedy in check.remedy
    assert "{" not in check.remedy
    assert seconds < AT_ONCE
    assert "open sesame" not in repr(found)


@pytest.mark.parametrize(
    ("days", "whole", "warned"), [(80, 90, False), (30, 90, False), (20, 90, True), (58, 398, True)]
)
def test_a_certificate_that_soon_ends_is_known_from_any_connection(
    office: Office, days: int, whole: int, *, warned: bool
) -> None:
    ends = TODAY + timedelta(days=days)
    shown = office.authority.issue_cert("127.0.0.1", not_before=ends - timedelta(days=whole), not_after=ends)
    office.shows(shown)
    mailbox = Internet(office.settings, Secrets(password="open sesame"), address=OFFICE, limit=LIMIT, seconds=4.0)
    mailbox.list_new("")
    found = list(list_expiring(mailbox.certificates, None, TODAY.date()))
    mailbox.close()
    assert [one.ends.date() for one in mailbox.certificates] == [ends.date()]
    assert bool(found) is warned
    if warned:
        (said, remedy), until = found[0], f"{ends:%-d %B %Y}"
        start = "The certificate of the mail server 127.0.0.1 is good until "
        assert said == f"{start}{until}; after that no mail is read or sent."
        assert "whoever runs the mail server" in remedy
