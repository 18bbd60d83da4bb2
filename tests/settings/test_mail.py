"""Real mail in service.toml: what each adapter needs, secrets from outside only, and whose word counts."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from settings_told import CONFIG, Folder

from csp_workflow.terms.service import (
    ExchangeMailbox,
    GraphMailbox,
    InternetMailbox,
    Login,
    ProofBy,
    Tls,
    Trust,
    TrustProfile,
)

TABLE = tomllib.loads((Path(__file__).parent / "mail_faults.toml").read_text("utf-8"))["faults"]
NEEDS = {"graph": "CSP_MAIL_CERTIFICATE", "exchange": "CSP_MAIL_PASSWORD", "internet": "CSP_MAIL_PASSWORD"}


def uncommented(folder: Folder, *tables: str) -> Folder:
    """The example tables of the shipped file, with the # before them taken away."""
    file = folder.path / "service.toml"
    lines, inside = [], False
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("# ["):
            inside = line[3:].partition("]")[0] in tables
        elif not line.startswith("# ") or " = " not in line.partition("#")[2]:
            inside = inside and line.startswith("#  ")
        lines.append(line[2:] if inside and line.startswith("# ") and not line.startswith("#  ") else line)
    file.write_text("\n".join(lines), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("adapter", "kind"), [("graph", GraphMailbox), ("exchange", ExchangeMailbox), ("internet", InternetMailbox)]
)
def test_the_examples_in_the_file_are_right_once_the_hash_is_taken_away(
    folder: Folder, adapter: str, kind: type
) -> None:
    _, service = uncommented(folder, adapter).load(CSP_ADAPTER=adapter)
    assert isinstance(service.mailbox, kind)
    assert NEEDS[adapter] in service.missing_secret()
    _, service = folder.load(CSP_ADAPTER=adapter, **{NEEDS[adapter]: "open sesame"})
    assert service.missing_secret() == ""
    assert "open sesame" not in repr(service)


@pytest.mark.parametrize(
    ("client", "needed", "given"),
    [
        ("", "CSP_MAIL_TOKEN_FILE is not set.", {"token_file": "/run/token"}),
        ("an-id", "Or give it a CSP_MAIL_CLIENT_SECRET.", {"client_secret": "open sesame"}),
        ("an-id", "CSP_MAIL_CERTIFICATE", {"certificate": "open sesame"}),
    ],
)
def test_a_mailbox_opened_with_tokens_needs_what_they_come_from(
    folder: Folder, client: str, needed: str, given: dict[str, str]
) -> None:
    _, service = uncommented(folder, "internet").load(CSP_ADAPTER="internet")
    assert isinstance(service.mailbox, InternetMailbox)
    by_token = replace(service, mailbox=replace(service.mailbox, login=Login.XOAUTH2, client=client))
    assert needed in by_token.missing_secret()
    assert replace(by_token, secrets=replace(service.secrets, **given)).missing_secret() == ""


def test_the_tables_become_values(folder: Folder) -> None:
    site, service = uncommented(folder, "internet", "trust").load(CSP_ADAPTER="internet")
    mailbox = service.mailbox
    assert isinstance(mailbox, InternetMailbox)
    assert (mailbox.imap.host, mailbox.imap.port, mailbox.imap.tls) == ("imap.opcc.example", 993, Tls.AT_ONCE)
    assert mailbox.smtp.tls is Tls.STARTTLS
    assert mailbox.proof is ProofBy.OWN_COPY
    assert mailbox.own_copy == "csp-returns+sent@opcc.example"
    assert site.trust == Trust(
        profile=TrustProfile.RFC8601, authserv_id="mx.opcc.example", boundary="mx.opcc.example", gateway=True
    )


def test_without_an_address_for_own_copies_the_mailbox_itself_gets_them(folder: Folder) -> None:
    uncommented(folder, "internet").edit("service.toml", 'own_copy = "csp-returns+sent@opcc.example"', "#")
    mailbox = folder.load(CSP_ADAPTER="internet")[1].mailbox
    assert isinstance(mailbox, InternetMailbox)
    assert mailbox.own_copy == "csp-returns@opcc.example"


@pytest.mark.parametrize("adapter", ["graph", "exchange", "internet"])
def test_an_adapter_needs_its_table_whoever_chose_it(folder: Folder, adapter: str) -> None:
    says = f'config/service.toml: the table [{adapter}] is missing, which adapter = "{adapter}" needs.'
    assert says in folder.faults(CSP_ADAPTER=adapter)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['table']} {row['new'][:30]}")
def test_a_fault_of_a_mail_table_is_said_with_its_key(folder: Folder, row: dict[str, str]) -> None:
    faults = uncommented(folder, row["table"]).edit("service.toml", row["old"], row["new"]).faults()
    assert f"config/service.toml: {row['says']}" in faults, "\n".join(faults)


def test_a_secret_may_stand_in_a_file(folder: Folder, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("open sesame\n", "utf-8")
    _, service = uncommented(folder, "internet").load(CSP_ADAPTER="internet", CSP_MAIL_PASSWORD_FILE=str(secret))
    assert service.secrets.password == "open sesame"


def test_a_fresh_site_has_the_embedded_mailbox_and_believes_nobodys_word(folder: Folder) -> None:
    site, service = folder.load()
    assert service.mailbox is None
    assert site.trust.profile is TrustProfile.NONE
    assert "csp-returns@opcc.example" in (CONFIG / "service.toml").read_text("utf-8")
