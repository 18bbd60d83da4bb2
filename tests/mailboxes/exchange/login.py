"""How the fake asks who somebody is: by Basic, by NTLM as an Exchange server of one's own does, or by a token."""

from __future__ import annotations

import base64
from typing import Any

USER, PASSWORD = "OPCC\\csp-service", "open-sesame"
TOKEN = "a-token"


class Gate:
    """One connection's login."""

    is_refused = False

    def opens(self, authorization: str) -> str | None:
        """None lets the request in; else the challenge to answer with."""
        raise NotImplementedError


class Basic(Gate):
    """The user and the password, on every request."""

    def opens(self, authorization: str) -> str | None:
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        self.is_refused = authorization not in {"", wanted}
        return None if authorization == wanted else "Basic"


class Ntlm(Gate):
    """A challenge, answered with a proof of the password; from then on the connection is known.

    The passwords are in the file that NTLM_USER_FILE names, "DOMAIN:user:password" a line.
    """

    def __init__(self) -> None:
        self._context: Any = None
        self._is_open = False

    def opens(self, authorization: str) -> str | None:
        import spnego

        self.is_refused = False
        if self._is_open and not authorization:
            return None
        if not authorization.startswith("NTLM "):
            return "NTLM"
        if self._context is None or self._context.complete:
            self._context = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
        try:
            said = self._context.step(base64.b64decode(authorization[5:]))
        except spnego.exceptions.SpnegoError:
            self.is_refused, self._context = True, None
            return "NTLM"
        self._is_open = self._context.complete
        return None if self._is_open else f"NTLM {base64.b64encode(said or b'').decode()}"


class Bearer(Gate):
    """A token of the directory that the fake is as well."""

    def opens(self, authorization: str) -> str | None:
        self.is_refused = authorization not in {"", f"Bearer {TOKEN}"}
        return None if authorization == f"Bearer {TOKEN}" else "Bearer"
