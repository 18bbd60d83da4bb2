"""The connection to Exchange: one account on our line; nothing guessed, nothing asked twice, nothing shared.

Only the level of the library's own loggers is the whole process's.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from exchangelib import (
    DELEGATE,
    IMPERSONATION,
    Account,
    Configuration,
    Credentials,
    FailFast,
    Identity,
    OAuth2Credentials,
)
from exchangelib.ewsdatetime import EWSTimeZone
from exchangelib.protocol import Protocol
from exchangelib.version import EXCHANGE_2013, EXCHANGE_2016, EXCHANGE_2019, Version
from requests.adapters import HTTPAdapter

from csp_workflow.mailboxes.exchange.answers import HttpRefused, is_envelope, make_unreachable
from csp_workflow.mailboxes.exchange.calls import Calls
from csp_workflow.mailboxes.line import MailLine, read_wait
from csp_workflow.terms.service import Access, ExchangeMailbox, Login, MessageGone, Secrets, WorldFault

_VERSIONS = {"2013": EXCHANGE_2013, "2016": EXCHANGE_2016, "2019": EXCHANGE_2019}
_AUTH = {Login.NTLM: "NTLM", Login.BASIC: "basic", Login.OAUTH2: "OAuth 2.0"}


class Connection:
    """The way to the mailbox, made when first needed and made anew after every fault."""

    def __init__(self, settings: ExchangeMailbox, secrets: Secrets, *, address: str, line: MailLine) -> None:
        # The library writes whole letters into its log when something goes wrong.
        logging.getLogger("exchangelib").setLevel(logging.CRITICAL)
        self.line = line
        self._settings, self._secrets, self._address = settings, secrets, address
        self._account: Account | None = None

    @contextmanager
    def work(self) -> Iterator[Calls]:
        """What a verb may ask, within its time. Whatever the library lets out becomes a fault of ours."""
        self.line.begin()
        try:
            if self._account is None:
                self._account = _open_account(self._settings, self._secrets, self._address, self.line)
            yield Calls(self._account, self.line)
        except MessageGone:
            raise
        except Exception as fault:  # the library lets out its own, its parsers', and those of sense
            self.close()
            if isinstance(fault, WorldFault):
                raise
            raise make_unreachable(fault) from fault

    def close(self) -> None:
        """Let the connection go."""
        kept, self._account = self._account, None
        if kept is not None:
            kept.protocol.close()


def _open_account(settings: ExchangeMailbox, secrets: Secrets, address: str, line: MailLine) -> Account:
    """An account on the shared mailbox. No word is exchanged with the server yet. Raises MailboxUnreachable."""
    configuration = Configuration(
        service_endpoint=settings.endpoint,
        credentials=_make_credentials(settings, secrets, address),
        auth_type=_AUTH[settings.login],
        version=Version(build=_VERSIONS[settings.version]),
        retry_policy=_OneTry(line),
        max_connections=1,
    )
    context = line.make_context()
    # An application without a user can only act in somebody's place.
    impersonates = settings.access is Access.IMPERSONATION or settings.login is Login.OAUTH2
    try:
        # An account takes its protocol from the library's store, which knows it by endpoint and credentials only.
        _OwnProtocol(config=configuration, line=line, context=context)
        return Account(
            primary_smtp_address=address,
            config=configuration,
            autodiscover=False,
            access_type=IMPERSONATION if impersonates else DELEGATE,
            default_timezone=EWSTimeZone("UTC"),
        )
    finally:
        del Protocol[configuration]  # another mailbox, with other time or certificates, must not be given this one


def _make_credentials(settings: ExchangeMailbox, secrets: Secrets, address: str) -> Credentials | OAuth2Credentials:
    if settings.login is Login.OAUTH2:
        return OAuth2Credentials(
            client_id=settings.client,
            client_secret=secrets.client_secret,
            tenant_id=settings.tenant,
            identity=Identity(primary_smtp_address=address),
        )
    return Credentials(settings.user, secrets.password)


class _OneTry(FailFast):  # type: ignore[misc]
    """Takes an answer as it is. The library reads meanings into statuses, which would hide what the server said."""

    def __init__(self, line: MailLine) -> None:
        super().__init__()
        self._line = line

    def raise_response_errors(self, response: requests.Response) -> None:
        """Every whole answer passes here. Raises HttpRefused when it is not one of EWS's own."""
        self._line.is_answered = True
        is_ews = response.status_code == 200 or (response.status_code == 500 and is_envelope(response.content))
        if not is_ews:
            told = response.headers
            raise HttpRefused(response.status_code, read_wait(told.get("Retry-After", ""), told.get("Date", "")))


class _OwnProtocol(Protocol):  # type: ignore[misc]
    """The library's protocol on our line only: no proxies, certificates or logins from the environment."""

    def __init__(self, config: Configuration, line: MailLine, context: ssl.SSLContext) -> None:
        super().__init__(config=config)
        self._transport, self.TIMEOUT = _Transport(line, context), line.total

    def raw_session(self, prefix: str, **oauth: Any) -> Any:
        """A session whose every request, those for tokens too, goes over our line, and none unencrypted."""
        session = super().raw_session(prefix, **oauth)
        session.trust_env = False
        session.adapters.clear()
        session.mount("https://", self._transport)
        return session

    def retire_session(self, session: Any) -> None:
        """Let a session go. The library makes the next one at once, and with OAuth asks for a token on the way."""
        with self._session_pool_lock:  # as the library does in its own methods that change the pool
            self.close_session(session)
            self._session_pool_size -= 1


class _Transport(HTTPAdapter):
    """Asks once, never again by itself, in the time that the verb at work has left."""

    def __init__(self, line: MailLine, context: ssl.SSLContext) -> None:
        self._line, self._context = line, context
        super().__init__(pool_connections=2, pool_maxsize=1, max_retries=0, pool_block=True)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Every connection is made with our own context."""
        super().init_poolmanager(*arguments, **options, ssl_context=self._context)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002
        """Always verified; whom to trust is in the context, to which the library would add a list of its own."""
        conn.cert_reqs = "CERT_REQUIRED"

    def send(self, request: requests.PreparedRequest, stream: bool = False, *_: Any, **__: Any) -> requests.Response:
        """Ask once, whatever else the library wishes. Raises requests.RequestException."""
        try:
            timeout = self._line.begin_request()
        except TimeoutError as fault:
            raise requests.ConnectTimeout(fault, request=request) from fault
        response = super().send(request, stream=stream, timeout=timeout, verify=True)
        self._line.note_time(response.headers.get("Date", ""))
        return response
