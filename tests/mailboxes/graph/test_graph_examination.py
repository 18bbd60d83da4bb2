"""What `doctor` learns of a mailbox in Microsoft 365."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csp_workflow.mailboxes.graph import Graph
from csp_workflow.mailboxes.graph.connection import Answer, explain_mailbox
from csp_workflow.mailboxes.mailbox import Check
from csp_workflow.terms.service import Secrets
from tests.mailboxes.graph.conftest import Opener
from tests.mailboxes.graph.fake_directory import CLIENT, SECRET, TENANT
from tests.mailboxes.graph.fake_graph import FakeGraph
from tests.mailboxes.graph.fake_mailbox import BEGINNING
from tests.mailboxes.graph.fake_server import ADDRESS

OUTSIDE = "chief@opcc.example"
WELL = [
    "connection to localhost",
    "connection to localhost",
    "sign-in to Microsoft 365",
    f"mailbox {ADDRESS}",
    "folders Processed, Held, Quarantine",
    "right to send",
    "clock, compared with Microsoft 365's",
    "mailboxes out of reach",
]


@pytest.fixture
def mailbox(fake: FakeGraph, opened: Opener) -> Graph:
    """One that is set up well."""
    fake.others[OUTSIDE] = 403
    return opened(settings={"outside": OUTSIDE})


def problems(mailbox: Graph, *, minutes: int = 0) -> list[Check]:
    """What is wrong, each with what to do about it."""
    found = [check for check in mailbox.examine(BEGINNING + timedelta(minutes=minutes)) if check.problem]
    assert all(check.remedy or check.is_warning for check in found)
    said = " ".join(f"{check.problem} {check.remedy}" for check in found)
    assert not any(secret in said for secret in (SECRET, TENANT, CLIENT))
    return found


def problem(mailbox: Graph, *, minutes: int = 0) -> Check:
    """The one thing that is wrong."""
    (found,) = problems(mailbox, minutes=minutes)
    return found


def test_a_mailbox_that_is_set_up_well_passes_every_check(fake: FakeGraph, mailbox: Graph) -> None:
    checks = list(mailbox.examine(BEGINNING))
    assert [check.what for check in checks] == WELL
    assert [check for check in checks if check.problem] == []
    assert {"Processed", "Held", "Quarantine"} < set(fake.mailbox.folders.values())
    assert fake.mailbox.items == {}


def test_examining_a_second_time_makes_no_second_folders(fake: FakeGraph, mailbox: Graph) -> None:
    assert problems(mailbox) + problems(mailbox) == []
    assert fake.count("POST", "/mailFolders") == 3


def test_a_server_that_is_not_trusted_ends_it_at_once(opened: Opener) -> None:
    check, *others = opened(settings={"ca_file": ""}).examine(BEGINNING)
    assert check.problem == "localhost shows a certificate of an authority that this machine does not know."
    assert {other.state for other in others} == {"not made"}
    assert "graph.ca_file in service.toml" in check.remedy


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("no-such-host.invalid", "no-such-host.invalid cannot be found by its name."),
        ("localhost:1", "localhost does not take the connection."),
    ],
)
def test_a_server_that_cannot_be_reached_ends_it_at_once(opened: Opener, host: str, said: str) -> None:
    check, *others = opened(settings={"authority": f"https://{host}"}).examine(BEGINNING)
    assert check.problem == said
    assert {other.state for other in others} == {"not made"}
    assert "port 443" in check.remedy


def test_a_server_that_hangs_up_ends_it_at_once(fake: FakeGraph, mailbox: Graph) -> None:
    fake.drops("GET", "/v1.0", after=False)
    assert problem(mailbox).problem == "localhost does not answer."


def test_a_refused_sign_in_says_where_to_mend_it(opened: Opener) -> None:
    found = problem(opened(Secrets(client_secret="guess")))
    assert found.problem == "The client secret is wrong."
    assert "CSP_MAIL_CLIENT_SECRET" in found.remedy


def test_a_certificate_that_cannot_be_used_says_where_to_mend_it(opened: Opener) -> None:
    assert "CSP_MAIL_CERTIFICATE" in problem(opened(Secrets(certificate="words"))).remedy


def test_a_sign_in_out_of_order_is_worth_another_try(fake: FakeGraph, mailbox: Graph) -> None:
    fake.refuses("POST", "/token", 500)
    assert problem(mailbox).remedy == "Try again in some minutes."


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (403, "ErrorAccessDenied", "The application is not allowed to open the mailbox."),
        (404, "ErrorInvalidUser", "There is no such mailbox in Microsoft 365."),
        (404, "Request_ResourceNotFound", "There is no such mailbox in Microsoft 365."),
        (
            404,
            "MailboxNotEnabledForRESTAPI",
            (
                "The address is known in Microsoft 365, but its mailbox is not open there: it may be on a server of "
                "your own, have no licence, have been deleted, or be a guest's."
            ),
        ),
        (401, "UnknownError", "Microsoft 365 signs the application in, but lets it work with no mailbox."),
        (403, "Authorization_RequestDenied", "The application was given no right to any mailbox."),
        (507, "ErrorQuotaExceeded", "Microsoft 365 says that the mailbox is full."),
        (500, "ErrorInternalServerError", "Microsoft 365 answered with an error (500 ErrorInternalServerError)."),
        (503, "", "Microsoft 365 is too busy for now (503)."),
    ],
)
def test_a_mailbox_that_does_not_open_ends_it(
    fake: FakeGraph, mailbox: Graph, status: int, code: str, said: str
) -> None:
    fake.refuses("GET", "/inbox", status, code, times=2, Retry_After="3600")
    assert problem(mailbox).problem == said


def test_an_access_policy_that_keeps_the_application_out_is_told() -> None:
    said = b'{"error": {"code": "ErrorAccessDenied", "message": "[RAOP] : Blocked by tenant configured AccessPolicy."}}'
    found = explain_mailbox(Answer(status=403, headers={}, content=said))
    assert str(found) == "An application access policy of the tenant keeps the application out of this mailbox."
    assert "let the policy include this mailbox" in found.remedy


def test_a_full_mailbox_in_which_no_folder_can_be_made_is_told(fake: FakeGraph, mailbox: Graph) -> None:
    fake.refuses("POST", "/mailFolders", 507, "ErrorQuotaExceeded")
    found = problem(mailbox)
    assert found.problem == "Microsoft 365 says that the mailbox is full."
    assert "Make room" in found.remedy


def test_folders_that_cannot_be_made_are_told(fake: FakeGraph, mailbox: Graph) -> None:
    fake.refuses("POST", "/mailFolders", 403, "ErrorAccessDenied")
    found = problem(mailbox)
    assert "the right to do this" in found.problem
    assert "Mail.ReadWrite" in found.remedy


def test_rights_granted_in_exchange_do_not_show_and_are_no_problem(fake: FakeGraph, mailbox: Graph) -> None:
    fake.directory.roles = ()
    assert problems(mailbox) == []


def test_a_right_to_read_without_the_right_to_send_is_a_warning(fake: FakeGraph, mailbox: Graph) -> None:
    fake.directory.roles = ("Mail.ReadWrite",)
    found = problem(mailbox)
    assert found.is_warning
    assert found.problem == "The directory grants the application Mail.ReadWrite but not Mail.Send."


@pytest.mark.parametrize("minutes", [10, -10])
def test_ten_minutes_between_the_clocks_are_no_problem(mailbox: Graph, minutes: int) -> None:
    assert problems(mailbox, minutes=minutes) == []


@pytest.mark.parametrize(("minutes", "ours"), [(11, "10:41:00"), (-11, "10:19:00")])
def test_clocks_that_differ_are_told_with_both_times(mailbox: Graph, minutes: int, ours: str) -> None:
    found = problem(mailbox, minutes=minutes)
    assert found.problem == (f"This machine says 16 October 2014 {ours}, Microsoft 365 says 16 October 2014 10:30:00.")
    assert not found.is_warning


def test_a_mailbox_outside_its_scope_that_opens_is_a_problem(fake: FakeGraph, mailbox: Graph) -> None:
    fake.others[OUTSIDE] = 200
    found = problem(mailbox)
    assert found.problem == f"The application can open {OUTSIDE}, and so perhaps every mailbox."
    assert "RBAC for Applications" in found.remedy
    assert "over an hour" in found.remedy
    assert not found.is_warning


def test_an_outside_mailbox_that_does_not_exist_proves_nothing(fake: FakeGraph, mailbox: Graph) -> None:
    del fake.others[OUTSIDE]
    found = problem(mailbox)
    assert found.is_warning
    assert "its test says nothing" in found.problem


def test_without_an_outside_mailbox_the_scope_is_not_known(opened: Opener) -> None:
    found = problem(opened())
    assert found.is_warning
    assert "graph.outside in service.toml" in found.remedy


def test_nothing_is_raised_while_microsoft_is_down(fake: FakeGraph, mailbox: Graph) -> None:
    fake.is_down = True
    assert problem(mailbox).what == f"mailbox {ADDRESS}"
