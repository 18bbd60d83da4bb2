"""How the adapter says who it is: once, by the way that is configured."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from exchangelib import OAuth2Credentials

from csp_workflow.terms.service import Login, MailboxUnreachable, SendUnknown
from tests.mailboxes.exchange.conftest import Opener, outcome, use
from tests.mailboxes.exchange.login import PASSWORD, USER, Bearer, Ntlm
from tests.mailboxes.exchange.server import FakeExchange
from tests.mailboxes.mailbox_contract import RAW


def test_a_wrong_password_is_shown_once_a_verb_so_that_no_account_is_locked(fake: FakeExchange, opened: Opener) -> None:
    box = opened(password="not this")
    for times in (1, 2):
        with pytest.raises(MailboxUnreachable, match="refuses the user or the password") as refused:
            box.list_new("")
        assert fake.logins_refused == times
    assert "not this" not in str(refused.value) + repr(vars(box))
    assert sum(fake.asked.values()) == 0


def test_by_ntlm_every_verb_works_and_one_connection_logs_in_once(
    tmp_path: Path, opened: Opener, fake: FakeExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_ntlm(fake, tmp_path, monkeypatch)
    fake.store.deliver(RAW)
    box = opened(login=Login.NTLM)
    use(box)
    assert len(fake.store.given) == 1
    assert fake.logins_refused == 0


def test_a_wrong_password_by_ntlm_is_shown_once_too(
    tmp_path: Path, opened: Opener, fake: FakeExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_ntlm(fake, tmp_path, monkeypatch)
    with pytest.raises(MailboxUnreachable, match="refuses the user or the password"):
        opened(login=Login.NTLM, password="not this").list_new("")
    assert fake.logins_refused == 1


def _with_ntlm(fake: FakeExchange, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server asks for NTLM."""
    users = place / "users"
    users.write_text(f"{USER.replace(chr(92), ':')}:{PASSWORD}\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(users))
    fake.gate = Ntlm


@pytest.fixture
def by_token(fake: FakeExchange, opened: Opener, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Opens the adapter with OAuth. Its directory is the fake too: Microsoft's is at an address the library fixes."""
    where = property(lambda _: fake.endpoint.replace("/EWS/Exchange.asmx", "/token"))
    monkeypatch.setattr(OAuth2Credentials, "token_url", where)
    fake.gate = Bearer
    return partial(opened, login=Login.OAUTH2, tenant="t", client="c")


def test_by_oauth2_every_verb_works_in_the_mailboxs_place_by_one_token(fake: FakeExchange, by_token: Opener) -> None:
    fake.store.deliver(RAW)
    use(by_token())
    assert (fake.asked["token"], len(fake.store.given)) == (1, 1)
    assert all("ExchangeImpersonation" in said for said in fake.requests)


def test_a_directory_that_does_not_answer_is_a_passing_fault(fake: FakeExchange, by_token: Opener) -> None:
    fake.orders.cut["token"] = "before"
    with pytest.raises(MailboxUnreachable):
        by_token().list_new("")
    assert fake.asked["token"] == 1


def test_a_sign_in_that_the_directory_refuses_is_said_in_words(fake: FakeExchange, by_token: Opener) -> None:
    fake.orders.pages["token"] = b'{"error": "invalid_client", "error_description": "AADSTS7000222: of app c expired."}'
    with pytest.raises(MailboxUnreachable, match=r"^The application's client secret has expired\.$") as refused:
        by_token().list_new("")
    assert "CSP_MAIL_CLIENT_SECRET" in refused.value.remedy


def test_a_sending_that_is_not_answered_in_time_is_unknown_although_no_other_token_can_be_had(
    fake: FakeExchange, by_token: Opener
) -> None:
    box = by_token(seconds=0.6)
    box.list_new("")
    fake.orders.slow["SendItem"] = 1.0
    assert isinstance(outcome(box), SendUnknown)
    assert fake.asked["SendItem"] == 1
