"""`doctor`: each thing the service needs, one after the other, and in a sentence what to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from csp_workflow import doctor, wiring
from csp_workflow.cli import run
from csp_workflow.mailboxes.mailbox import MORE, Absence, Check, Fetched, Proof, check_adapter
from csp_workflow.store import Store
from csp_workflow.terms.service import (
    Access,
    ExchangeMailbox,
    InternetMailbox,
    Login,
    Lying,
    MailboxUnreachable,
    MailServer,
    MessageGone,
    NotAccepted,
    Place,
    ProofBy,
    Tls,
)

NOW = datetime(2014, 11, 24, 9, 0, tzinfo=UTC)
INTERNET = """
[internet]
user = "csp-returns@opcc.example"
login = "password"
imap = { host = "imap.opcc.example", port = 993, tls = "at once" }
smtp = { host = "smtp.opcc.example", port = 587, tls = "starttls" }
proof = "own copy"
"""


class MailSystem:
    """A mail system that brings back what it is given, after so many looks; it can be told to fail."""

    server_time = None
    certificates = ()

    def __init__(self) -> None:
        self.checks: list[Check] = [Check(what="credentials")]
        self.refuses = self.forgets = self.loses_drafts = self.keeps_drafts = False
        self.drafts: dict[str, str] = {}
        self.looks_until_it_arrives = 2
        self.older = self.parts = 0
        self.lying: dict[str, bytes] = {"old": b"Subject: old\r\n\r\n"}
        self.under_way: list[bytes] = []
        self.filed: list[str] = []

    def examine(self, now: datetime) -> Iterator[Check]:
        yield from self.checks

    def close(self) -> None:
        self.closed = True

    def count_messages(self) -> int:
        return len(self.lying) + self.older

    def list_new(self, cursor: str, since: datetime | None = None) -> tuple[tuple[str, ...], str]:
        self.since = since
        if self.parts:
            self.parts -= 1
            return ("new",), f"{MORE}{self.parts}"
        self.looks_until_it_arrives -= bool(self.under_way)
        if self.under_way and not self.looks_until_it_arrives:
            self.lying["new"] = self.under_way.pop()
        return tuple(self.lying), ""

    def get(self, source: str, now: datetime) -> Fetched:
        if source == "old":
            raise MessageGone
        raw = self.lying[source]
        return Fetched(source=source, raw=raw, size=len(raw), received=now)

    def file(self, source: str, folder: str) -> None:
        self.filed.append(f"{folder}/{source}")

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        if self.refuses:
            raise NotAccepted("The mail server said no.")
        assert recipient == "csp-returns@opcc.example"
        self.under_way.append(content)
        return Proof(evidence="250")

    def put_draft(self, content: bytes, recipient: str, delivery_id: str) -> None:
        if not self.loses_drafts:
            self.drafts[f"draft {delivery_id}"] = delivery_id

    def list_drafts(self, since: datetime) -> tuple[Lying, ...]:
        found = self.drafts.items()
        return tuple(Lying(source=source, place=Place.DRAFTS, since=NOW, mark=mark) for source, mark in found)

    def remove(self, source: str) -> None:
        if not self.keeps_drafts:
            del self.drafts[source]

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        return Absence.UNPROVED if self.forgets else Proof(evidence="there")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    wiring.lay_out_site(tmp_path / "opcc")
    with (tmp_path / "opcc" / "config" / "service.toml").open("a") as file:
        file.write(INTERNET)
    return tmp_path / "opcc"


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> MailSystem:
    made = MailSystem()
    monkeypatch.setattr(wiring, "real_mailbox", lambda *_: made)
    for name, value in {"ADAPTER": "internet", "MODE": "redirect", "MAIL_PASSWORD": "open sesame"}.items():
        monkeypatch.setenv(f"CSP_{name}", value)
    return made


def examined(site: Path, **more: bool) -> list[Check]:
    waited: list[float] = []
    found = list(doctor.examine(site / "config", site / "state", now=NOW, wait=waited.append, **more))
    assert sum(waited) <= doctor.PATIENCE
    return found


def problems(checks: list[Check]) -> list[str]:
    return [f"{check.what}: {check.problem} {check.remedy}" for check in checks if check.problem]


def test_a_fresh_site_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wiring.lay_out_site(tmp_path / "opcc")
    place = ["--config", str(tmp_path / "opcc" / "config"), "--state", str(tmp_path / "opcc" / "state")]
    assert run([*place, "doctor"]) == 0
    said = capsys.readouterr()
    assert "well     store" in said.out
    assert "embedded mailbox, from which nothing leaves" in said.out
    assert said.err == "The service can work here.\n"


def test_what_is_wrong_is_said_with_what_to_do_and_ends_in_4(
    site: Path, system: MailSystem, capsys: pytest.CaptureFixture[str]
) -> None:
    system.checks = [Check(what="credentials", problem="The password is not right.", remedy="Set CSP_MAIL_PASSWORD.")]
    arguments = ["--config", str(site / "config"), "--state", str(site / "state"), "doctor"]
    assert run(arguments) == 4
    assert (
        "PROBLEM  credentials: The password is not right.\n         Set CSP_MAIL_PASSWORD.\n" in capsys.readouterr().out
    )
    assert run([*arguments, "--json"]) == 4
    row, letter = json.loads(capsys.readouterr().out)[-2:]
    assert letter["state"] == "not made"
    assert row == {
        "what": "credentials",
        "state": "problem",
        "problem": "The password is not right.",
        "remedy": "Set CSP_MAIL_PASSWORD.",
    }
    assert system.under_way == []


def test_a_letter_to_ourselves_goes_round_and_is_put_away(site: Path, system: MailSystem) -> None:
    checks = examined(site)
    assert problems(checks) == []
    assert [check.what for check in checks][-3:] == [
        "a letter to ourselves",
        "clock, compared with the mail server's",
        "a sent letter is found again",
    ]
    assert system.filed == ["Processed/new"]
    assert b"Is the mailbox well?" in system.lying["new"]


@pytest.fixture
def by_hand(site: Path, system: MailSystem, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CSP_MODE", "drafts")
    monkeypatch.setenv("CSP_ENVIRONMENT", "live")
    with (site / "config" / "service.toml").open("a") as file:
        file.write('[trust]\nprofile = "rfc8601"\nauthserv_id = "mx.opcc.example"\nboundary = "mx.opcc.example"\n')
    return site


def test_in_mode_drafts_a_letter_is_put_there_and_taken_out_again(by_hand: Path, system: MailSystem) -> None:
    checks = examined(by_hand)
    assert [check.state for check in checks if check.what == "a letter in Drafts, and out of it again"] == ["well"]
    assert [check.state for check in checks if check.what.startswith("a copy here of")] == ["not made"]
    assert system.drafts == {}


def test_where_drafts_lose_or_keep_letters_that_is_said(by_hand: Path, system: MailSystem) -> None:
    system.loses_drafts = True
    (said,) = [x for x in problems(examined(by_hand)) if "Drafts" in x]
    assert "is not found there" in said
    assert "internet.drafts_folder" in said
    system.loses_drafts, system.keeps_drafts = False, True
    (said,) = [x for x in problems(examined(by_hand)) if "Drafts" in x]
    assert "cannot be taken out of it again" in said


def test_the_letter_can_be_left_out(site: Path, system: MailSystem) -> None:
    *_, letter = examined(site, probe=False)
    assert (letter.what, letter.state, letter.unmade) == ("a letter to ourselves", "not made", "of --no-probe")
    assert system.lying.keys() == {"old"}


def test_what_was_not_looked_at_is_listed_and_ends_in_5(
    site: Path, system: MailSystem, capsys: pytest.CaptureFixture[str]
) -> None:
    system.checks.append(Check(what="rights", unmade="the server does not tell"))
    arguments = ["--config", str(site / "config"), "--state", str(site / "state"), "doctor", "--no-probe"]
    assert run(arguments) == 5
    said = capsys.readouterr()
    assert "not made a letter to ourselves: not looked at, because of --no-probe.\n" in said.out
    assert "not made rights: not looked at, because the server does not tell.\n" in said.out
    assert said.err == "Nothing is wrong as far as was looked.\n"
    assert run([*arguments, "--json"]) == 5
    assert json.loads(capsys.readouterr().out)[-1]["state"] == "not made"


def test_what_a_server_does_not_tell_is_shown_by_a_letter_that_goes_round(site: Path, system: MailSystem) -> None:
    untold = Check(what="rights", unmade="the server does not tell")
    system.checks.append(untold)
    assert untold not in examined(site)
    system.refuses = True
    assert examined(site)[-1] == untold
    system.checks.append(Check(what="room", problem="None is left.", remedy="Make some."))
    assert [check.unmade for check in examined(site)[-2:]] == [
        "the problem with the mailbox comes first",
        "the server does not tell",
    ]


def test_a_letter_that_does_not_arrive_is_said_after_a_while(site: Path, system: MailSystem) -> None:
    system.looks_until_it_arrives = 1_000
    (said,) = problems(examined(site))
    assert said.startswith("a letter to ourselves: It was accepted, but did not arrive within 90 seconds. Look into")


def test_a_refused_letter_is_said_in_the_mail_systems_words(site: Path, system: MailSystem) -> None:
    system.refuses = True
    (said,) = problems(examined(site))
    assert said.startswith("a letter to ourselves: The mail server said no.")


def test_a_sent_letter_that_is_not_found_again_is_a_warning(site: Path, system: MailSystem) -> None:
    system.forgets = True
    (warning,) = [check for check in examined(site) if check.problem]
    assert warning.is_warning
    assert "internet.proof" in warning.remedy


def test_a_missing_secret_is_named_and_nothing_is_tried(
    site: Path, system: MailSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CSP_MAIL_PASSWORD")
    checks = examined(site)
    assert checks[-1].unmade == "there is no secret, or no key, to open it with"
    (said,) = problems(checks)
    assert said.startswith("mode redirect: Neither CSP_MAIL_PASSWORD nor CSP_MAIL_PASSWORD_FILE is set")


def test_no_secret_is_ever_shown(site: Path, system: MailSystem) -> None:
    assert "open sesame" not in repr(examined(site))


def test_a_broken_configuration_ends_it(site: Path) -> None:
    (site / "config" / "service.toml").write_text("mode = ")
    *checks, rest = examined(site)
    assert {check.what for check in checks} == {"configuration"}
    assert all(check.problem for check in checks)
    assert (rest.what, rest.state) == ("all else", "not made")


def test_a_missing_template_and_a_missing_store_are_both_said(site: Path, system: MailSystem) -> None:
    (site / "templates" / "emails" / "receipt" / "body.txt").unlink()
    (site / "state" / "key").unlink()
    said = problems(examined(site))
    assert any(
        sentence.startswith("templates: templates/emails/receipt/body.txt: this file is missing.") for sentence in said
    )
    assert any(sentence.startswith("store: ") for sentence in said)


def test_a_mail_system_that_fails_in_the_middle_is_a_problem_not_a_crash(site: Path, system: MailSystem) -> None:
    def out_of_reach(cursor: str, since: datetime) -> tuple[tuple[str, ...], str]:
        raise MailboxUnreachable

    system.list_new = out_of_reach  # type: ignore[method-assign]
    older, letter = problems(examined(site))
    assert letter.startswith("a letter to ourselves: The mailbox could not be reached")
    assert older.startswith("older mail in the inbox: The mailbox could not be reached")


# Mail that was there before -------------------------------------------------------------------


@pytest.mark.parametrize(("older", "told"), [(20_000, "20,000 messages"), (1, "1 message from before")])
def test_older_mail_is_counted_with_what_to_write_to_have_it_read(
    site: Path, system: MailSystem, older: int, told: str
) -> None:
    system.lying.clear()
    system.older, system.parts = older + 5, 5
    (said,) = problems(examined(site, probe=False))
    assert said.startswith(f"older mail in the inbox: {told}")
    assert "left alone" in said
    assert "read_from = 2014-09-01" in said
    assert system.since == NOW


def test_filing_that_was_refused_for_long_is_said(site: Path, system: MailSystem) -> None:
    store = Store(f"sqlite:///{site / 'state' / 'csp.sqlite'}")
    store.save_not_filed_since(NOW - timedelta(days=3))
    store.close()
    (said,) = problems(examined(site, probe=False))
    assert "Since 21 November 2014 messages that were read could not be put into their folders." in said


def test_what_is_read_from_an_earlier_day_on_is_not_counted(site: Path, system: MailSystem) -> None:
    config = site / "config" / "service.toml"
    config.write_text(config.read_text().replace("[mailbox]", "[mailbox]\nread_from = 2009-04-01"))
    assert problems(examined(site, probe=False)) == []
    assert system.since == datetime(2009, 3, 31, 23, tzinfo=UTC)


# Which adapter fits ---------------------------------------------------------------------------


def exchange(host: str) -> ExchangeMailbox:
    endpoint = f"https://{host}/EWS/Exchange.asmx"
    return ExchangeMailbox(endpoint=endpoint, user="u", login=Login.NTLM, access=Access.DELEGATE, version="2019")


def internet(host: str, login: Login) -> InternetMailbox:
    server = MailServer(host=host, port=993, tls=Tls.AT_ONCE)
    return InternetMailbox(
        user="u",
        login=login,
        imap=server,
        smtp=server,
        proof=ProofBy.OWN_COPY,
        own_copy="a@b.example",
        sent_folder="Sent",
    )


@pytest.mark.parametrize(
    ("today", "words", "is_warning"),
    [
        (date(2026, 9, 30), "blocks this adapter", True),
        (date(2026, 11, 23), "has blocked this adapter (EWS) since 1 October 2026", True),
        (date(2027, 3, 31), "ends it for good on 1 April 2027", True),
        (date(2027, 4, 1), "has not answered this adapter (EWS) since 1 April 2027", False),
    ],
)
def test_ews_in_microsoft_365_is_warned_of_with_the_dates(today: date, words: str, is_warning: bool) -> None:
    (check,) = check_adapter(exchange("outlook.office365.com"), today)
    assert words in check.problem
    assert check.is_warning is is_warning
    assert 'adapter = "graph"' in check.remedy


def test_what_fits_is_well() -> None:
    today = date(2026, 11, 23)
    for mailbox in (exchange("mail.opcc.example"), internet("imap.opcc.example", Login.PASSWORD), None):
        assert [check.problem for check in check_adapter(mailbox, today)] == [""]
    assert [check.problem for check in check_adapter(exchange("office365.com.evil.example"), today)] == [""]


def test_a_password_does_not_open_a_mailbox_in_microsoft_365() -> None:
    (refused,) = check_adapter(internet("outlook.office365.com", Login.PASSWORD), NOW.date())
    (warned,) = check_adapter(internet("outlook.office365.com", Login.XOAUTH2), NOW.date() + timedelta(days=1))
    assert "takes no password" in refused.problem
    assert not refused.is_warning
    assert warned.is_warning


def test_a_damaged_store_is_said_and_does_not_end_the_examination(site: Path, system: MailSystem) -> None:
    (site / "state" / "csp.sqlite").write_bytes(b"SQLite format 3\x00" + b"rubbish" * 500)
    said = problems(examined(site))
    assert any(line.startswith("store: ") for line in said)
    assert "a letter to ourselves" in [check.what for check in examined(site)]


def test_what_a_coming_quarter_lacks_is_a_warning(site: Path, system: MailSystem) -> None:
    calendar = site / "config" / "calendar.toml"
    said = calendar.read_text("utf-8").replace('quarter = "2014/15-Q3"', 'quarter = "2014/15-Q3"\ncancelled = true')
    calendar.write_text(said, "utf-8")
    found = [check for check in examined(site) if check.what == "coming quarters"]
    assert [check.is_warning for check in found] == [True]
    assert "2014/15 Q3, which ends on Wednesday 31 December 2014: no meeting" in found[0].problem


def test_what_signs_in_is_known_two_months_before_it_ends(
    site: Path, system: MailSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    (service := site / "config" / "service.toml").write_text(
        service.read_text().replace("[mailbox]", "[mailbox]\nsecret_until = 2015-01-20", 1)
    )
    found = {check.what: check for check in examined(site)}["what the service signs in with"]
    assert found.state == "warning"
    assert found.problem.endswith("is good until 20 January 2015; after that no mail is read or sent.")
    certificate = trustme.CA().issue_cert("csp.example", not_after=datetime(2015, 3, 1, tzinfo=UTC))
    monkeypatch.setenv("CSP_MAIL_CERTIFICATE", certificate.private_key_and_cert_chain_pem.bytes().decode())
    found = {check.what: check for check in examined(site)}["what the service signs in with"]
    assert found.state == "well"
    monkeypatch.setenv("CSP_MAIL_CERTIFICATE", "no certificate")
    assert "what the service signs in with" in {check.what for check in examined(site)}
