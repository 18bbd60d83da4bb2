"""How the service proves who it is to IMAP and SMTP servers, and whose certificates it believes."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csp_workflow.terms.faults import MailboxUnreachable
from csp_workflow.terms.mailboxes import InternetMailbox, Login, Secrets

MICROSOFT = "https://login.microsoftonline.com"
_SCOPE = ["https://outlook.office365.com/.default"]


@dataclass
class Credentials:
    """User and password, or user and a fresh token; asked for at each login."""

    settings: InternetMailbox
    secrets: Secrets
    authority: str = MICROSOFT
    _application: Any = None

    @property
    def by_token(self) -> bool:
        """Whether a token is shown in place of a password."""
        return self.settings.login is Login.XOAUTH2

    def token(self) -> str:
        """A token that is good now. Raises MailboxUnreachable when there is none, with what to do."""
        if not self.settings.client:
            return self._from_file()
        try:
            answer = self._asked()
        except (ValueError, OSError) as fault:
            raise MailboxUnreachable(
                "The sign-in server cannot be reached, or the certificate cannot be read."
            ) from fault
        if "access_token" not in answer:
            reason = str(answer.get("error", "no reason given"))
            raise MailboxUnreachable(
                f"The sign-in server refused a token ({reason}). Look at tenant, client and secret."
            )
        return str(answer["access_token"])

    def _from_file(self) -> str:
        try:
            token = Path(self.secrets.token_file).read_text("utf-8").strip()
        except (OSError, ValueError) as fault:
            raise MailboxUnreachable("The file that CSP_MAIL_TOKEN_FILE names cannot be read.") from fault
        if not token:
            raise MailboxUnreachable("The file that CSP_MAIL_TOKEN_FILE names is empty.")
        return token

    def _asked(self) -> dict[str, Any]:
        import msal

        if self._application is None:
            credential: Any = self.secrets.client_secret
            if self.secrets.certificate:
                credential = {"private_key": self.secrets.certificate, "public_certificate": self.secrets.certificate}
            self._application = msal.ConfidentialClientApplication(
                self.settings.client,
                client_credential=credential,
                authority=f"{self.authority}/{self.settings.tenant}",
                instance_discovery=self.authority == MICROSOFT,
            )
        return dict(self._application.acquire_token_for_client(scopes=_SCOPE) or {})


def xoauth2(user: str, token: str) -> str:
    """The SASL answer of XOAUTH2."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01"


def tls(settings: InternetMailbox) -> ssl.SSLContext:
    """Verified TLS 1.2 or later; `ca_file` adds certificates to the system's. Raises MailboxUnreachable."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.ca_file:
        try:
            context.load_verify_locations(settings.ca_file)
        except (OSError, ssl.SSLError) as fault:
            raise MailboxUnreachable("The file that internet.ca_file names cannot be read as certificates.") from fault
    return context
