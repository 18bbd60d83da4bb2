"""What an application shows to Microsoft's directory: a certificate where there is one, else its secret."""

from __future__ import annotations

import re
from typing import Any

from csp_workflow.terms.mailboxes import Secrets

_KEY = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.+?-----END \1-----", re.DOTALL)
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def find_credential(secrets: Secrets) -> Any:
    """In msal's own form. Raises ValueError when the certificate's file lacks a key or a certificate."""
    if not secrets.certificate:
        return secrets.client_secret
    key, certificates = _KEY.search(secrets.certificate), _CERTIFICATE.findall(secrets.certificate)
    if key is None or not certificates:
        raise ValueError("No key, or no certificate.")
    return {"private_key": key[0], "public_certificate": "\n".join(certificates)}
