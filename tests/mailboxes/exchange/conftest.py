"""The fake Exchange, and the adapter on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from csp_workflow.mailboxes.exchange import Exchange
from csp_workflow.mailboxes.mailbox import Fetched
from csp_workflow.terms.service import (
    Access,
    ExchangeMailbox,
    Login,
    MailboxUnreachable,
    NotAccepted,
    Secrets,
    SendUnknown,
)
from tests.mailboxes.exchange.login import PASSWORD, USER
from tests.mailboxes.exchange.server import FakeExchange
from tests.mailboxes.mailbox_contract import ID, LETTER, LIMIT, NOW, RECIPIENT

OFFICE = "csp-returns@opcc.example"
STATUSES: list[tuple[int, dict[str, str]]] = [
    (503, {"Retry-After": "60"}),
    (429, {}),
    (500, {}),
    (502, {"Connection": "close"}),
    (504, {}),
]
PASSING = ["ErrorServerBusy", "ErrorMailboxStoreUnavailable", "ErrorQuotaExceeded"]


class Opener(Protocol):
    """Opens the adapter on the fake, with other settings where a test wants them."""

    def __call__(
        self,
        *,
        password: str = ...,
        seconds: float = ...,
        limit: int = LIMIT,
        reached: Callable[[str], None] = ...,
        **settings: object,
    ) -> Exchange: ...


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeExchange]:
    made = FakeExchange(tmp_path)
    yield made
    made.stop()
    assert made.violations == []


@pytest.fixture
def opened(fake: FakeExchange) -> Iterator[Opener]:
    boxes: list[Exchange] = []

    def opens(
        *,
        password: str = PASSWORD,
        seconds: float = 10.0,
        limit: int = LIMIT,
        reached: Callable[[str], None] = lambda _: None,
        **settings: object,
    ) -> Exchange:
        usual = ExchangeMailbox(
            endpoint=fake.endpoint,
            user=USER,
            login=Login.BASIC,
            access=Access.DELEGATE,
            version="2016",
            ca_file=str(fake.ca_file),
        )
        wanted = replace(usual, **settings)  # type: ignore[arg-type]
        secrets = Secrets(password=password, client_secret=password)
        boxes.append(Exchange(wanted, secrets, address=OFFICE, limit=limit, seconds=seconds, reached=reached))
        return boxes[-1]

    yield opens
    for box in boxes:
        box.close()


@pytest.fixture
def mailbox(opened: Opener) -> Exchange:
    return opened()


def outcome(box: Exchange, delivery_id: str = ID) -> object:
    """Proof, or the fault that came instead."""
    try:
        return box.send(LETTER, RECIPIENT, delivery_id)
    except (MailboxUnreachable, NotAccepted, SendUnknown) as fault:
        return fault


def only(mailbox: Exchange) -> Fetched:
    """The one message there is."""
    (source,), _ = mailbox.list_new("")
    return mailbox.get(source, NOW)


def use(box: Exchange) -> None:
    """Every verb once."""
    sources, _ = box.list_new("")
    for source in sources:
        box.get(source, NOW)
        box.file(source, "Processed")
    box.send(LETTER, RECIPIENT, ID)
    box.find_sent(ID)
