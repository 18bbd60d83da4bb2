"""What a run of the service needs beside the site: which outside, and what the machine says it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from csp_workflow.terms.mailboxes import NO_SECRETS, ExchangeMailbox, GraphMailbox, InternetMailbox, Login, Secrets
from csp_workflow.terms.site import Mode

_MISSING = (
    "Neither {name} nor {name}_FILE is set on this machine. Put {what} there, or the name of a file that holds it."
)


@dataclass(frozen=True, kw_only=True)
class Service:
    """How this machine runs a site.

    `adapter` names the mailbox's kind, `mailbox` how it is reached (None: the embedded one), `secrets`
    what proves there who we are; `database` is a URL ("": SQLite in the state folder; it may hold a
    password, so it is never shown), `environment` what the machine says it is (CSP_ENVIRONMENT; ""
    when it says nothing): mode live needs "live".
    """

    mode: Mode
    adapter: str
    database: str = field(default="", repr=False)
    environment: str = ""
    mailbox: InternetMailbox | ExchangeMailbox | GraphMailbox | None = None
    secrets: Secrets = NO_SECRETS

    def missing_secret(self) -> str:
        """Which secret the mailbox needs and does not have, in a sentence; "" when nothing is missing."""
        given, mailbox = self.secrets, self.mailbox
        if mailbox is None:
            return ""
        login = Login.OAUTH2 if isinstance(mailbox, GraphMailbox) else mailbox.login
        if login in {Login.PASSWORD, Login.NTLM, Login.BASIC}:
            return "" if given.password else _MISSING.format(name="CSP_MAIL_PASSWORD", what="the mailbox's password")
        if mailbox.client or login is Login.OAUTH2:
            there = given.certificate or given.client_secret
            name, what = "CSP_MAIL_CERTIFICATE", "the application's certificate with its key"
            return "" if there else _MISSING.format(name=name, what=what) + " Or give it a CSP_MAIL_CLIENT_SECRET."
        what = "the name of a file that another program keeps a fresh token in"
        return "" if given.token_file else f"CSP_MAIL_TOKEN_FILE is not set. Put {what} there."
