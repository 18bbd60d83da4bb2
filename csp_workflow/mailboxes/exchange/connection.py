"""One account on one line: nothing guessed, nothing asked twice, nothing shared between mailboxes.

exchangelib keeps its protocols by endpoint and credentials for the whole process, whatever else they were
made with. This one is made past that store. Only the level of the library's own loggers is the process's.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
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
from exchangelib.util import is_xml
from exchangelib.version import EXCHANGE_2013, EXCHANGE_2016, EXCHANGE_2019, Version

from csp_workflow.mailboxes.exchange.calls import Calls
from csp_workflow.mailboxes.exchange.line import Line
from csp_workflow.mailboxes.exchange.words import HttpRefused, unreachable
from csp_workflow.terms.faults import MailboxUnreachable, MessageGone, WorldFault
from csp_workflow.terms.mailboxes import Access, ExchangeMailbox, Login, Secrets

_VERSIONS = {"2013": EXCHANGE_2013, "2016": EXCHANGE_2016, "2019": EXCHANGE_2019}
_AUTH = {Login.NTLM: "NTLM", Login.BASIC: "basic", Login.OAUTH2: "OAuth 2.0"}
_CA_FILE = "The file that exchange.ca_file names in service.toml cannot be read as certificates."


class Connection:
    """The way to the mailbox, made when first needed and made anew after every fault.

    `seconds` is how long one verb may take.
    """

    def __init__(self, settings: ExchangeMailbox, secrets: Secrets, *, address: str, seconds: float) -> None:
        # The library writes whole letters into its log when something goes wrong.
        logging.getLogger("exchangelib").setLevel(logging.CRITICAL)
        self._settings, self._secrets, self._address = settings, secrets, address
        self._seconds = seconds
        self._line: Line | None = None
        self._account: Account | None = None
        self._heard: datetime | None = None

    @property
    def server_time(self) -> datetime | None:
        """The Date of the server's last answer."""
        return (self._line and self._line.server_time) or self._heard

    @property
    def line(self) -> Line:
        """The line, which a verb begins with all its time left. Raises MailboxUnreachable for a bad `ca_file`."""
        if self._line is None:
            try:
                self._line = Line(self._settings.ca_file, total=self._seconds)
            except OSError as fault:
                raise MailboxUnreachable(_CA_FILE) from fault
        return self._line

    @contextmanager
    def verb(self) -> Iterator[Calls]:
        """What a verb may ask, within its time. Whatever the library lets out becomes a fault of ours."""
        line = self.line
        line.begin()
        try:
            if self._account is None:
                self._account = _opened(self._settings, self._secrets, self._address, line)
            yield Calls(self._account, line)
        except MessageGone:
            raise
        except Exception as fault:  # the library lets out its own, its parsers', and those of sense
            self.close()
            if isinstance(fault, WorldFault):
                raise
            raise unreachable(fault) from fault

    def close(self) -> None:
        """Let the connection go."""
        kept, self._account = self._account, None
        if kept is not None:
            kept.protocol.close()
        if self._line is not None:
            self._heard, self._line = self.server_time, None


def _opened(settings: ExchangeMailbox, secrets: Secrets, address: str, line: Line) -> Account:
    """An account on the shared mailbox. No word is exchanged with the server yet."""
    configuration = Configuration(
        service_endpoint=settings.endpoint,
        credentials=_credentials(settings, secrets, address),
        auth_type=_AUTH[settings.login],
        version=Version(build=_VERSIONS[settings.version]),
        retry_policy=_OneTry(line),
        max_connections=1,
    )
    # An application without a user can only act in somebody's place.
    impersonates = settings.access is Access.IMPERSONATION or settings.login is Login.OAUTH2
    account = Account(
        primary_smtp_address=address,
        config=configuration,
        autodiscover=False,
        access_type=IMPERSONATION if impersonates else DELEGATE,
        default_timezone=EWSTimeZone("UTC"),
    )
    with contextlib.suppress(KeyError):
        del Protocol[configuration]
    account.protocol = type.__call__(_OwnProtocol, config=configuration, line=line)
    return account


def _credentials(settings: ExchangeMailbox, secrets: Secrets, address: str) -> Credentials | OAuth2Credentials:
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

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def raise_response_errors(self, response: requests.Response) -> None:
        """Every whole answer passes here. Raises HttpRefused when it is not one of EWS's own."""
        self._line.is_answered = True
        is_ews = response.status_code == 200 or (response.status_code == 500 and is_xml(response.content))
        if not is_ews:
            raise HttpRefused(response.status_code)


class _OwnProtocol(Protocol):  # type: ignore[misc]
    """The library's protocol on our line only: no proxies, certificates or logins from the environment."""

    def __init__(self, config: Configuration, line: Line) -> None:
        super().__init__(config=config)
        self._line, self.TIMEOUT = line, line.total

    def raw_session(self, prefix: str, **oauth: Any) -> Any:
        """A session whose every request goes over the line."""
        session = super().raw_session(prefix, **oauth)
        session.trust_env = False
        session.adapters.clear()
        session.mount("https://", self._line)
        return session

    def retire_session(self, session: Any) -> None:
        """Let a session go. The library makes the next one at once, and with OAuth asks for a token on the way."""
        with self._session_pool_lock:
            self.close_session(session)
            self._session_pool_size -= 1
