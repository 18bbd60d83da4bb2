"""The connections to Microsoft 365 and its sign-in: HTTPS on our line, made when first needed, anew after a fault."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from csp_workflow.mailboxes.line import MailLine

_LIMITS = httpx.Limits(max_connections=4, keepalive_expiry=30.0)
_PLAIN = {"Accept-Encoding": "identity"}


class Connection:
    """One client for every request of a mailbox, with nothing from the environment: no proxies, no logins."""

    def __init__(self, line: MailLine) -> None:
        self.line = line
        self._client: httpx.Client | None = None

    @contextmanager
    def work(self) -> Iterator[httpx.Client]:
        """The client. After a fault on it a new one is made. Raises MailboxUnreachable for a bad `ca_file`."""
        if self._client is None:
            self._client = httpx.Client(transport=_Transport(self.line), trust_env=False, headers=_PLAIN)
        try:
            yield self._client
        except httpx.TransportError:
            self.close()
            raise

    def close(self) -> None:
        """Close every connection."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


class _Transport(httpx.HTTPTransport):
    """Asks once, never again by itself, in the time that the verb at work has left."""

    def __init__(self, line: MailLine) -> None:
        super().__init__(verify=line.make_context(), trust_env=False, limits=_LIMITS)
        self._line = line

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            connecting, left = self._line.begin_request()
        except TimeoutError as fault:
            raise httpx.ConnectTimeout(str(fault), request=request) from fault
        request.extensions["timeout"] = httpx.Timeout(left, connect=connecting).as_dict()
        return super().handle_request(request)
