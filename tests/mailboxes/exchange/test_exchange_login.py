"""How the adapter says who it is: once, by the way that is configured."""

from __future__ import annotations

from pathlib import Path

import pytest

from csp_workflow.terms.faults import MailboxUnreachable
from csp_workflow.terms.mailboxes import Login
from tests.mailboxes.exchange.conftest import Opener, use
from tests.mailboxes.exchange.login import PASSWORD, USER, Ntlm
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


def test_oauth2_is_asked_for_by_name(opened: Opener, fake: FakeExchange) -> None:
    """Microsoft's directory is not here: that the library is told to use it is all that can be seen."""
    box = opened(login=Login.OAUTH2, tenant="t", client="c")
    with box._connection.verb() as calls:
        assert calls._account.protocol.auth_type == "OAuth 2.0"
    assert fake.requests == []
