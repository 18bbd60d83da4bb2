"""Microsoft's sign-in, as far as an application needs it: where tokens are to be had, and tokens."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import jwt
from cryptography.x509 import Certificate

TENANT, CLIENT, SECRET = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000", "s3cr3t-v4lue"


class FakeDirectory:
    """One tenant with one registered application. `refusal` is the AADSTS code that it answers with, if any."""

    def __init__(self) -> None:
        self.base = ""
        self.roles: tuple[str, ...] = ("Mail.ReadWrite", "Mail.Send")
        self.certificate: Certificate | None = None
        self.refusal = ""
        self.asked: list[dict[str, str]] = []
        self._valid: set[str] = set()

    def discovery(self, tenant: str) -> tuple[int, dict[str, Any]]:
        """The document that says where tokens are to be had."""
        if tenant != TENANT:
            return 400, {"error": "invalid_tenant", "error_description": f"AADSTS90002: Tenant '{tenant}' not found."}
        root = f"{self.base}/{tenant}"
        return 200, {
            "issuer": f"{root}/v2.0",
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "token_endpoint": f"{root}/oauth2/v2.0/token",
        }

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """A token for whoever proves to be the application."""
        self.asked.append(form)
        code = self.refusal or self._wrong(form)
        if code:
            said = f"AADSTS{code}: refused for app '{CLIENT}' in tenant '{TENANT}'. Trace ID: 1"
            return 400, {"error": "invalid_client", "error_description": said, "error_codes": [int(code)]}
        token = _token(len(self.asked), self.roles)
        self._valid.add(token)
        return 200, {"token_type": "Bearer", "expires_in": 3599, "access_token": token}

    def accepts(self, authorization: str) -> bool:
        """Whether a request may be answered."""
        return authorization.removeprefix("Bearer ") in self._valid

    def ends_all_tokens(self) -> None:
        """Every token given so far stops to count, though its time is not up."""
        self._valid.clear()

    def _wrong(self, form: dict[str, str]) -> str:
        if form.get("client_id") != CLIENT:
            return "700016"
        if form.get("scope") != f"{self.base}/.default":
            return "70011"
        if self.certificate is None:
            return "" if form.get("client_secret") == SECRET else "7000215"
        try:
            key: Any = self.certificate.public_key()
            token_url = f"{self.base}/{TENANT}/oauth2/v2.0/token"
            jwt.decode(form.get("client_assertion", ""), key, algorithms=["PS256"], audience=token_url, issuer=CLIENT)
        except jwt.PyJWTError:
            return "700027"
        return ""


def _token(number: int, roles: tuple[str, ...]) -> str:
    claims = urlsafe_b64encode(json.dumps({"roles": roles, "number": number}).encode()).decode().rstrip("=")
    return f"e30.{claims}.c2lnbmVk"
