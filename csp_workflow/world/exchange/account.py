"""The one connection to Exchange: nothing guessed, nothing retried below the outbox, nothing of a letter in a log.

exchangelib keeps protocols by endpoint and credentials, whatever else they were made with, and its timeout and its
HTTP adapter belong to the whole process. The service has one mailbox, so that is no harm.
"""

from __future__ import annotations

import logging
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
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
from exchangelib.extended_properties import ExtendedProperty
from exchangelib.items import Message
from exchangelib.protocol import BaseProtocol, CachingProtocol
from exchangelib.version import EXCHANGE_2013, EXCHANGE_2016, EXCHANGE_2019, Version

from csp_workflow.terms.faults import MailboxUnreachable
from csp_workflow.terms.mailboxes import Access, ExchangeMailbox, Login, Secrets

_VERSIONS = {"2013": EXCHANGE_2013, "2016": EXCHANGE_2016, "2019": EXCHANGE_2019}
_AUTH = {Login.NTLM: "NTLM", Login.BASIC: "basic", Login.OAUTH2: "OAuth 2.0"}


class DeliveryId(ExtendedProperty):  # type: ignore[misc]
    """Our delivery id on a draft. A server may change a Message-ID, but never a property."""

    distinguished_property_set_id = "PublicStrings"
    property_name = "csp-delivery-id"
    property_type = "String"


if "delivery_id" not in {field.name for field in Message.FIELDS}:
    Message.register("delivery_id", DeliveryId)


class ServerClock:
    """What the server's Date header said last."""

    def __init__(self) -> None:
        self.time: datetime | None = None

    def hear(self, response: requests.Response) -> None:
        """Note the time of an answer."""
        try:
            self.time = parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
        except (KeyError, ValueError, TypeError):
            return


class OneTry(FailFast):  # type: ignore[misc]
    """Never tries anything again: a letter sent twice below the outbox would be seen by nobody."""

    def __init__(self, clock: ServerClock) -> None:
        super().__init__()
        self._clock = clock

    def raise_response_errors(self, response: requests.Response) -> None:
        """Every answer passes here; the server's clock is read on the way."""
        self._clock.hear(response)
        super().raise_response_errors(response)


def opened(settings: ExchangeMailbox, secrets: Secrets, *, address: str, seconds: float, clock: ServerClock) -> Account:
    """An account on the shared mailbox. No word is exchanged with the server yet."""
    # These two log whole letters when something goes wrong.
    for name in ("exchangelib.util", "exchangelib.util.xml", "exchangelib.services.common"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    BaseProtocol.TIMEOUT = seconds
    BaseProtocol.HTTP_ADAPTER_CLS = _adapter(settings)
    CachingProtocol.clear_cache()
    configuration = Configuration(
        service_endpoint=settings.endpoint,
        credentials=_credentials(settings, secrets, address),
        auth_type=_AUTH[settings.login],
        version=Version(build=_VERSIONS[settings.version]),
        retry_policy=OneTry(clock),
        max_connections=1,
    )
    # An application without a user can only act in somebody's place.
    impersonates = settings.access is Access.IMPERSONATION or settings.login is Login.OAUTH2
    return Account(
        primary_smtp_address=address,
        config=configuration,
        autodiscover=False,
        access_type=IMPERSONATION if impersonates else DELEGATE,
        default_timezone=EWSTimeZone("UTC"),
    )


def _credentials(settings: ExchangeMailbox, secrets: Secrets, address: str) -> Credentials | OAuth2Credentials:
    if settings.login is Login.OAUTH2:
        return OAuth2Credentials(
            client_id=settings.client,
            client_secret=secrets.client_secret,
            tenant_id=settings.tenant,
            identity=Identity(primary_smtp_address=address),
        )
    return Credentials(settings.user, secrets.password)


def _adapter(settings: ExchangeMailbox) -> type[requests.adapters.HTTPAdapter]:
    """Verified TLS 1.2 or later, with the system's certificates and those of `ca_file`."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.ca_file:
        try:
            context.load_verify_locations(settings.ca_file)
        except (OSError, ssl.SSLError) as fault:
            raise MailboxUnreachable("The file that exchange.ca_file names cannot be read as certificates.") from fault

    class Verified(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
            super().init_poolmanager(*arguments, **options, ssl_context=context)

    return Verified
