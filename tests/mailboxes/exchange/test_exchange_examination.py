"""What `doctor` finds out about an Exchange mailbox."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from csp_workflow.mailboxes.exchange import Exchange
from csp_workflow.mailboxes.mailbox import Check
from csp_workflow.terms.service import Access
from tests.mailboxes.exchange.conftest import Opener
from tests.mailboxes.exchange.server import FakeExchange
from tests.mailboxes.mailbox_contract import NOW


def last(box: Exchange) -> Check:
    """The check with which an examination ends; all before it are well, and it says why none behind it was made."""
    checks = list(box.examine(datetime.now(UTC)))
    *before, found = [check for check in checks if not check.unmade]
    assert {check.unmade for check in checks if check.unmade} <= {f"the problem with {found.what} comes first"}
    assert len(checks) == 5
    assert [check.problem for check in before] == [""] * len(before)
    return found


def test_a_mailbox_that_is_set_up_well_passes_every_check(fake: FakeExchange, mailbox: Exchange) -> None:
    checks = list(mailbox.examine(datetime.now(UTC)))
    assert [check.problem for check in checks] == [""] * 5
    assert [check.what for check in checks] == [
        "connection to 127.0.0.1",
        "login, and mailbox csp-returns@opcc.example",
        "rights in the mailbox",
        "folders Processed, Held, Quarantine",
        "clock, compared with the mail server's",
    ]
    assert {"own:Processed", "own:Held", "own:Quarantine"} <= set(fake.store.folders)
    list(mailbox.examine(NOW))
    assert fake.asked["CreateFolder"] == 3
    assert fake.store.given == []


def test_a_wrong_password_is_shown_once(fake: FakeExchange, opened: Opener) -> None:
    found = last(opened(password="not this"))
    assert "refuses the user or the password" in found.problem
    assert "CSP_MAIL_PASSWORD" in found.remedy
    assert "not this" not in found.problem + found.remedy
    assert fake.logins_refused == 1


def test_a_server_that_is_not_trusted_ends_it_at_once(fake: FakeExchange, opened: Opener) -> None:
    found = last(opened(ca_file=""))
    assert "certificate" in found.problem
    assert "exchange.ca_file" in found.remedy
    assert fake.requests == []


@pytest.mark.parametrize(
    ("endpoint", "problem"),
    [
        ("https://mail.invalid/EWS/Exchange.asmx", "by its name"),
        ("https://127.0.0.1:1/x", "does not take the connection"),
    ],
)
def test_a_server_that_cannot_be_reached_ends_it_at_once(opened: Opener, endpoint: str, problem: str) -> None:
    found = last(opened(endpoint=endpoint))
    assert problem in found.problem
    assert "in service.toml" in found.remedy


def test_the_names_are_told_that_a_certificate_is_for(fake: FakeExchange, opened: Opener) -> None:
    found = last(opened(endpoint=fake.endpoint.replace("127.0.0.1", "localhost")))
    assert found.problem == "The Exchange server shows a certificate that is for another name."
    assert "(127.0.0.1)" in found.remedy


def test_a_bad_file_of_certificates_is_told(opened: Opener) -> None:
    assert "exchange.ca_file" in last(opened(ca_file="/nowhere")).problem


@pytest.mark.parametrize(
    ("access", "code", "problem", "remedy"),
    [
        (Access.DELEGATE, "ErrorAccessDenied", "into the mailbox", "Full Access"),
        (Access.DELEGATE, "ErrorFolderNotFound", "no such folder", "Full Access"),
        (Access.IMPERSONATION, "ErrorImpersonationDenied", "into the mailbox", "ApplicationImpersonation"),
        (Access.DELEGATE, "ErrorNonExistentMailbox", "knows no mailbox", "office.mailbox"),
        (Access.DELEGATE, "ErrorNonPrimarySmtpAddress", "knows no mailbox", "office.mailbox"),
        (Access.DELEGATE, "ErrorQuotaExceeded", "mailbox is full", "Make room"),
        (Access.DELEGATE, "ErrorServerBusy", "is busy", "Try again"),
        (Access.DELEGATE, "ErrorPasswordExpired", "password has expired", "CSP_MAIL_PASSWORD"),
        (Access.DELEGATE, "ErrorAccountDisabled", "is disabled", "to enable it"),
        (Access.DELEGATE, "ErrorInvalidLicense", "no licence", "for one"),
        (Access.DELEGATE, "ErrorInvalidServerVersion", "exchange.version", "Write there"),
    ],
)
@pytest.mark.parametrize("way", ["folder", "fault"])
def test_a_mailbox_that_does_not_open_ends_it_and_says_whom_to_ask_for_what(
    fake: FakeExchange, opened: Opener, access: Access, code: str, problem: str, remedy: str, way: str
) -> None:
    if way == "folder":
        fake.orders.codes["inbox"] = code
    else:
        fake.orders.faults["GetFolder"] = code
    found = last(opened(access=access))
    assert problem in found.problem
    assert remedy in found.remedy


def test_something_else_at_the_address_is_told(fake: FakeExchange, opened: Opener) -> None:
    fake.orders.pages["GetFolder"] = b"<html>Outlook on the web</html>"
    assert "exchange.endpoint" in last(opened()).remedy
    fake.orders.pages.clear()
    fake.orders.http["GetFolder"] = (404, {})
    assert "exchange.endpoint" in last(opened()).problem


@pytest.mark.parametrize(
    ("folder", "right", "told"),
    [
        ("drafts", "CreateContents", "the drafts"),
        ("inbox", "Delete", "the inbox"),
        ("sentitems", "Read", "the sent items"),
    ],
)
def test_a_right_that_is_lacking_is_told(
    fake: FakeExchange, opened: Opener, folder: str, right: str, told: str
) -> None:
    fake.orders.codes[f"rights in {folder}"] = right
    found = last(opened())
    assert told in found.problem
    assert "Full Access" in found.remedy


def test_folders_that_cannot_be_made_are_told(fake: FakeExchange, opened: Opener) -> None:
    fake.orders.codes["folder"] = "ErrorCreateSubfolderAccessDenied"
    found = last(opened())
    assert found.what == "folders Processed, Held, Quarantine"
    assert "by hand" in found.remedy


def test_clocks_that_differ_are_told_with_both_times(fake: FakeExchange, opened: Opener) -> None:
    fake.orders.hours_ahead = 3
    assert "the mail server" in last(opened()).problem


@pytest.mark.parametrize("order", [(503, {}), (500, {})])
def test_nothing_is_raised_while_the_server_is_down(
    fake: FakeExchange, opened: Opener, order: tuple[int, dict[str, str]]
) -> None:
    for operation in ("GetFolder", "FindFolder"):
        fake.orders.http = {operation: order}
        found = last(opened())
        assert found.problem
        assert found.remedy
