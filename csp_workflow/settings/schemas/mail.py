"""The tables of `service.toml` that say how the service's own mailbox is reached, one for each adapter."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from csp_workflow.settings.schemas.common import Address, Line, Table, Text, shown, wrong
from csp_workflow.terms.mailboxes import (
    Access,
    ExchangeMailbox,
    GraphMailbox,
    InternetMailbox,
    Login,
    MailServer,
    ProofBy,
    Tls,
    Trust,
    TrustProfile,
)

Adapter = Literal["maildir", "internet", "exchange", "graph"]
ADAPTERS: tuple[str, ...] = ("maildir", "internet", "exchange", "graph")


def _https(given: str) -> str:
    if not given.startswith("https://"):
        raise wrong(f"is {shown(given)}. Write an address that begins with https://")
    return given.rstrip("/")


Port = Annotated[int, Field(ge=1, le=65535)]
Https = Annotated[Text, AfterValidator(_https)]
Identifier = Annotated[Text, Field(max_length=200)]


class ServerTable(Table):
    """One server. There is no way to reach it without encryption."""

    host: Text
    port: Port
    tls: Tls

    def as_server(self) -> MailServer:
        """As a value."""
        return MailServer(host=self.host, port=self.port, tls=self.tls)


class InternetTable(Table):
    """IMAP and SMTP."""

    user: Text
    login: Literal["password", "xoauth2"]
    imap: ServerTable
    smtp: ServerTable
    proof: ProofBy
    own_copy: Address | None = None
    sent_folder: Text = "Sent"
    tenant: Line = ""
    client: Line = ""
    ca_file: Line = ""

    def as_mailbox(self, address: str) -> InternetMailbox:
        """As a value; `address` is the office's mailbox."""
        servers = {"imap": self.imap.as_server(), "smtp": self.smtp.as_server()}
        own_copy = self.own_copy or address
        return InternetMailbox(**{**dict(self), **servers, "login": Login(self.login), "own_copy": own_copy})


class ExchangeTable(Table):
    """Exchange at home, by EWS."""

    endpoint: Https
    user: Line = ""
    login: Literal["ntlm", "basic", "oauth2"]
    access: Access
    version: Literal["2013", "2016", "2019"]
    tenant: Line = ""
    client: Line = ""
    ca_file: Line = ""

    def as_mailbox(self, address: str) -> ExchangeMailbox:  # noqa: ARG002 - each table is told the address
        """As a value."""
        return ExchangeMailbox(**{**dict(self), "login": Login(self.login)})


class GraphTable(Table):
    """Microsoft 365, by Graph."""

    tenant: Identifier
    client: Identifier
    outside: Address | None = None
    endpoint: Https = "https://graph.microsoft.com/v1.0"
    authority: Https = "https://login.microsoftonline.com"
    ca_file: Line = ""

    def as_mailbox(self, address: str) -> GraphMailbox:  # noqa: ARG002 - each table is told the address
        """As a value."""
        return GraphMailbox(**{**dict(self), "outside": self.outside or ""})


class TrustTable(Table):
    """Whose word about a sender counts."""

    profile: TrustProfile = TrustProfile.NONE
    authserv_id: Line = ""
    boundary: Line = ""

    def as_trust(self) -> Trust:
        """As a value."""
        return Trust(profile=self.profile, authserv_id=self.authserv_id.lower(), boundary=self.boundary.lower())
