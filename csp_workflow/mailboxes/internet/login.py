"""How the service proves who it is to IMAP and SMTP servers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from csp_workflow.mailboxes.line import find_credential
from csp_workflow.terms.faults import MailboxUnreachable
from csp_workflow.terms.mailboxes import InternetMailbox, Login, Secrets

MICROSOFT = "https://login.microsoftonline.com"
_SCOPE = ["https://outlook.office365.com/.default"]
_REASON = re.compile(r"[a-z_]{1,40}")
_UNUSABLE = "The certificate for signing in cannot be used: CSP_MAIL_CERTIFICATE must hold a key and its certificate."


class Credentials:
    """A user with a password or a token; asked for at each login. `seconds` bounds each wait for a token."""

    def __init__(self, settings: InternetMailbox, secrets: Secrets, *, authority: str, seconds: float) -> None:
        self._settings, self._secrets, self._authority, self._seconds = settings, secrets, authority, seconds
        self._application: Any = None

    @property
    def password(self) -> str:
        """The password itself, for a server that knows no SASL."""
        return self._secrets.password

    def list_steps(self, offered: frozenset[str]) -> list[bytes]:
        """What to say to a server, step by step: the SASL mechanism's name first. [] when it offers none we know.

        One way only is tried: each refusal counts towards the lock of an account. Raises MailboxUnreachable
        when there is no token.
        """
        user = self._settings.user.encode()
        if self._settings.login is Login.XOAUTH2:
            # A server that refuses a token first says why, and wants an empty answer to that.
            return [b"XOAUTH2", self._make_proof(user), b""] if "XOAUTH2" in offered else []
        password = self._secrets.password.encode()
        if "PLAIN" in offered:
            return [b"PLAIN", b"\0" + user + b"\0" + password]
        return [b"LOGIN", user, password] if "LOGIN" in offered else []

    def _make_proof(self, user: bytes) -> bytes:
        return b"user=" + user + b"\x01auth=Bearer " + self._get_token().encode() + b"\x01\x01"

    def _get_token(self) -> str:
        if not self._settings.client:
            return self._read_token()
        answer = self._ask_directory()
        if "access_token" not in answer:
            reason = _REASON.fullmatch(str(answer.get("error", "")))
            said = f" ({reason[0]})" if reason else ""
            raise MailboxUnreachable(f"The sign-in server gives no token{said}. Look at tenant, client and secret.")
        return str(answer["access_token"])

    def _read_token(self) -> str:
        try:
            token = Path(self._secrets.token_file).read_text("utf-8").strip()
        except (OSError, ValueError) as fault:
            raise MailboxUnreachable("The file that CSP_MAIL_TOKEN_FILE names cannot be read.") from fault
        if not token:
            raise MailboxUnreachable("The file that CSP_MAIL_TOKEN_FILE names is empty.")
        return token

    def _ask_directory(self) -> dict[str, Any]:
        import msal

        try:
            if self._application is None:
                self._application = msal.ConfidentialClientApplication(
                    self._settings.client,
                    client_credential=find_credential(self._secrets),
                    authority=f"{self._authority}/{self._settings.tenant}",
                    # The site's configuration says which authority to trust; nobody else is asked whether it exists.
                    instance_discovery=False,
                    timeout=self._seconds,
                )
            return dict(self._application.acquire_token_for_client(scopes=_SCOPE) or {})
        except OSError as fault:
            raise MailboxUnreachable("The sign-in server cannot be reached.") from fault
        except (msal.exceptions.MsalServiceError, json.JSONDecodeError, KeyError) as fault:
            raise MailboxUnreachable("The sign-in server answers with errors.") from fault
        except Exception as fault:  # an unusable certificate can be anything in there
            unknown = "authority configuration" in str(fault)
            said = "The sign-in server does not know the tenant: look at internet.tenant." if unknown else _UNUSABLE
            raise MailboxUnreachable(said) from fault
