"""XOAUTH2 with tokens that are asked for at Microsoft's sign-in, by a secret or a certificate."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import trustme

from csp_workflow.mailboxes.internet import Internet
from csp_workflow.terms.service import InternetMailbox, Login, MailboxUnreachable, MailServer, ProofBy, Secrets, Tls
from tests.mailboxes.graph.fake_server import Asked, FaultyServer
from tests.mailboxes.mailbox_contract import LIMIT
from tests.mailboxes.scripted_imap import ScriptedImap

OFFICE = "csp-returns@opcc.example"
TENANT, CLIENT, SECRET = "the-tenant", "the-application", "s3cr3t"


class SignIn(FaultyServer):
    """Gives the tenant's one application a token, "token-1" and so on."""

    now = datetime(2026, 11, 23, tzinfo=UTC)

    def __init__(self, certificate: ssl.SSLContext) -> None:
        super().__init__(certificate)
        self.forms: list[dict[str, str]] = []

    def answer(self, asked: Asked, body: bytes) -> tuple[int, Any]:
        root = f"https://127.0.0.1:{self.port}/{TENANT}"
        if not asked.path.startswith(f"/{TENANT}/"):
            return 400, {"error": "invalid_tenant"}
        if asked.method == "GET":
            return 200, {"issuer": root, "authorization_endpoint": f"{root}/a", "token_endpoint": f"{root}/t"}
        form = dict(parse_qsl(body.decode()))
        self.forms.append(form)
        if form.get("client_secret", SECRET) != SECRET:
            return 400, {"error": "invalid_client", "error_description": f"AADSTS7000215: wrong for '{CLIENT}'"}
        return 200, {"token_type": "Bearer", "expires_in": 3599, "access_token": f"token-{len(self.forms)}"}


@pytest.fixture
def sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SignIn]:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "sign-in-ca.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "sign-in-ca.pem"))
    with SignIn(context) as made:
        yield made
    assert made.violations == []


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ScriptedImap]:
    made = ScriptedImap(tmp_path)
    yield made
    made.close()


def internet(server: ScriptedImap, sign_in: SignIn, secrets: Secrets, *, tenant: str = TENANT) -> Internet:
    """The adapter on this server, which gets its tokens there."""
    here = MailServer(host="127.0.0.1", port=server.port, tls=Tls.AT_ONCE)
    settings = InternetMailbox(
        user=OFFICE,
        login=Login.XOAUTH2,
        imap=here,
        smtp=here,
        proof=ProofBy.OWN_COPY,
        own_copy=OFFICE,
        sent_folder="Sent",
        tenant=tenant,
        client=CLIENT,
        ca_file=str(server.ca_file),
    )
    authority = f"https://127.0.0.1:{sign_in.port}"
    return Internet(settings, secrets, address=OFFICE, limit=LIMIT, seconds=5.0, authority=authority)


def refused(mailbox: Internet) -> str:
    """What is said when there is no token."""
    with pytest.raises(MailboxUnreachable) as fault:
        mailbox.list_new("")
    assert not any(word in str(fault.value) for word in (SECRET, CLIENT, TENANT))
    return str(fault.value)


def test_a_token_is_asked_for_by_the_secret_and_kept_for_the_next_login(server: ScriptedImap, sign_in: SignIn) -> None:
    mailbox = internet(server, sign_in, Secrets(client_secret=SECRET))
    for _ in range(2):
        mailbox.list_new("")
        mailbox.close()
    assert server.logins == [f"XOAUTH2 user={OFFICE}\x01auth=Bearer token-1\x01\x01".encode()] * 2
    (form,) = sign_in.forms
    assert form["scope"] == "https://outlook.office365.com/.default"


def test_a_certificate_is_preferred_to_a_secret(server: ScriptedImap, sign_in: SignIn) -> None:
    leaf = trustme.CA().issue_cert("csp-workflow.example", key_type=trustme.KeyType.RSA)
    pem = leaf.private_key_and_cert_chain_pem.bytes().decode()
    mailbox = internet(server, sign_in, Secrets(client_secret="unused", certificate=pem))
    mailbox.list_new("")
    mailbox.close()
    (form,) = sign_in.forms
    assert form["client_assertion_type"].endswith("jwt-bearer")
    assert "client_secret" not in form


def test_a_certificate_that_cannot_be_used_is_said_to_be_so(server: ScriptedImap, sign_in: SignIn) -> None:
    leaf = trustme.CA().issue_cert("csp-workflow.example", key_type=trustme.KeyType.RSA)
    broken = leaf.private_key_and_cert_chain_pem.bytes().decode().replace("A", "B")
    for certificate in ("words", broken):
        assert "certificate for signing in" in refused(internet(server, sign_in, Secrets(certificate=certificate)))
    assert sign_in.forms == []


def test_a_wrong_secret_or_tenant_is_said_to_be_wrong(server: ScriptedImap, sign_in: SignIn) -> None:
    assert "The client secret is wrong." in refused(internet(server, sign_in, Secrets(client_secret="guess")))
    nowhere = internet(server, sign_in, Secrets(client_secret=SECRET), tenant="elsewhere")
    assert "no directory" in refused(nowhere)
    assert server.logins == []


@pytest.mark.parametrize("path", ["/t", "/openid-configuration"])
@pytest.mark.parametrize("trouble", ["error", "dropped", "nonsense"])
def test_a_sign_in_out_of_order_is_a_passing_fault(
    server: ScriptedImap, sign_in: SignIn, path: str, trouble: str
) -> None:
    for method in ("GET", "POST"):
        if trouble == "dropped":
            sign_in.drops(method, path, after=False, times=9)
        else:
            sign_in.refuses(method, path, 500 if trouble == "error" else 200, times=9)
    assert "sign-in" in refused(internet(server, sign_in, Secrets(client_secret=SECRET)))
