"""Signing in at Microsoft's directory as the registered application: a token, kept in memory and renewed."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from csp_workflow.mailboxes.graph.connection import Connection
from csp_workflow.mailboxes.line import explain_fault, find_credential
from csp_workflow.terms.faults import MailboxUnreachable
from csp_workflow.terms.mailboxes import GraphMailbox, Secrets

_CODE = re.compile(r"AADSTS(\d+)")

_LOOK_AT_TENANT = "In service.toml look at graph.tenant."
_REFUSALS = {
    "7000222": (
        "The application's client secret has expired.",
        "Make a new one in Entra, or better register a certificate, and put it into CSP_MAIL_CLIENT_SECRET.",
    ),
    "7000215": (
        "The client secret is wrong.",
        "Copy the secret's value (not its number) from Entra into CSP_MAIL_CLIENT_SECRET.",
    ),
    "700016": (
        "The directory does not know this application.",
        "In service.toml look at graph.client and graph.tenant.",
    ),
    "7000112": ("The application is switched off in the directory.", "Ask whoever runs Microsoft 365 to enable it."),
    "90002": ("There is no directory with this number.", _LOOK_AT_TENANT),
    "900023": ("There is no directory with this number.", _LOOK_AT_TENANT),
    "700027": (
        "The directory does not know this certificate.",
        "Upload the certificate to the registered application in Entra, or look at CSP_MAIL_CERTIFICATE.",
    ),
    "700024": ("The sign-in was refused because this machine's clock is wrong.", "Set this machine's clock."),
    "53003": (
        "A conditional access policy does not let the application sign in from here.",
        "Ask whoever runs Microsoft 365 to allow the application from this machine's address.",
    ),
}
_UNUSABLE = (
    "The certificate for signing in cannot be used.",
    "CSP_MAIL_CERTIFICATE must hold an RSA key without a password and its certificate, both as PEM.",
)


class SignInRefused(MailboxUnreachable):
    """The directory does not let the application in. `remedy` says what to do."""

    def __init__(self, sentence: str, remedy: str) -> None:
        super().__init__(sentence)
        self.remedy = remedy


class SignIn:
    """The application's token. The certificate is preferred to the client secret."""

    def __init__(self, settings: GraphMailbox, secrets: Secrets, connection: Connection) -> None:
        self._settings, self._secrets, self._connection = settings, secrets, connection
        self._application: Any = None

    def get_token(self) -> str:
        """A token that holds now. Raises SignInRefused, MailboxUnreachable."""
        result = self._acquire()
        token = result.get("access_token")
        if not isinstance(token, str) or not token:
            raise _refuse(result)
        return token

    def forget(self) -> None:
        """The token was not accepted: get a new one next time."""
        self._application = None

    def read_roles(self) -> frozenset[str]:
        """The rights that the directory itself grants in every mailbox; those granted in Exchange do not show."""
        try:
            claims = json.loads(urlsafe_b64decode(self.get_token().split(".")[1] + "=="))
            return frozenset(str(role) for role in claims.get("roles", ()))
        except (ValueError, IndexError, AttributeError, TypeError):
            return frozenset()

    def _acquire(self) -> Mapping[str, Any]:
        import msal

        try:
            if self._application is None:
                self._application = self._open_application(msal)
            result = self._application.acquire_token_for_client([_name_scope(self._settings.endpoint)])
        except MailboxUnreachable:
            raise
        except httpx.TransportError as fault:
            raise MailboxUnreachable(f"Microsoft's sign-in {explain_fault(fault)}") from fault
        except (msal.exceptions.MsalServiceError, httpx.HTTPError, KeyError) as fault:
            raise MailboxUnreachable("Microsoft's sign-in answers with errors.") from fault
        except Exception as fault:  # an unusable certificate can be anything in there
            raise SignInRefused(*_UNUSABLE) from fault
        return result if isinstance(result, dict) else {}

    def _open_application(self, msal: Any) -> Any:
        """Its making asks the directory where tokens are to be had, and fails when there is no such directory."""
        credential = find_credential(self._secrets)
        authority = f"{self._settings.authority}/{self._settings.tenant}"
        try:
            return msal.ConfidentialClientApplication(
                self._settings.client,
                client_credential=credential,
                authority=authority,
                http_client=_Carrier(self._connection),
                # The site's configuration says which authority to trust; nobody else is asked whether it exists.
                instance_discovery=False,
            )
        except ValueError as fault:
            if "authority configuration" in str(fault):
                raise SignInRefused(*_REFUSALS["90002"]) from fault
            raise


class _Carrier:
    """What msal asks through: our own connection, with its time limits and its certificates."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        with self._connection.work() as client:
            return client.get(url, params=params, headers=headers)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        form = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        # httpx would write bytes, as which msal gives the assertion, as Python shows them: b'...'.
        with self._connection.work() as client:
            return client.post(url, params=params, content=urlencode(data or {}), headers=form)

    def close(self) -> None:
        """The connection is the adapter's to close."""


def _name_scope(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}/.default"


def _refuse(result: Mapping[str, Any]) -> MailboxUnreachable:
    """Only the code of an answer is repeated: its text names the tenant, the application and more."""
    code = _CODE.search(str(result.get("error_description", "")))
    if code is None:
        return MailboxUnreachable("Microsoft's sign-in gave no token.")
    if code[1] in _REFUSALS:
        return SignInRefused(*_REFUSALS[code[1]])
    remedy = "Ask whoever runs Microsoft 365 what this code means for the application in graph.client."
    return SignInRefused(f"Microsoft's sign-in refused the application (AADSTS{code[1]}).", remedy)
