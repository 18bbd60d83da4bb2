"""The contract on Exchange, as a fake that speaks EWS over HTTPS and holds every message against Microsoft's schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from csp_workflow.mailboxes.exchange import Exchange
from tests.mailboxes.exchange.conftest import Opener
from tests.mailboxes.exchange.items import FIRST, Item
from tests.mailboxes.exchange.server import FakeExchange, schema
from tests.mailboxes.mailbox_contract import MailboxContract
from tests.mailboxes.restore_drill import ROOM, RestoreDrill


class OnExchange:
    """A shared mailbox and the people who use it beside the service."""

    def __init__(self, fake: FakeExchange, mailbox: Exchange) -> None:
        self.fake, self.store, self.mailbox = fake, fake.store, mailbox

    def delivers(self, raw: bytes, number: int = 1) -> None:
        self.store.deliver(raw)

    def removes_everything(self) -> None:
        for item_id, _ in self.store.in_folder("inbox"):
            self.store.take(item_id)

    def moves_everything_away(self) -> None:
        for item_id, _ in self.store.in_folder("inbox"):
            self.store.move(item_id, "archive")

    def moves_in(self, raw: bytes) -> None:
        self.store.put(Item(raw=raw, folder="inbox", received=FIRST))

    def reads_everything(self) -> None:
        self.store.read_all()

    def renumbers(self) -> None:
        self.store.renumber()

    def goes_down(self) -> None:
        self.fake.orders.http["*"] = (503, {"Retry-After": "30"})

    def comes_back(self) -> None:
        self.fake.orders.http.clear()

    def sends_drafts(self) -> None:
        for item_id, _ in self.store.in_folder("drafts"):
            self.store.submit(item_id)

    def was_given(self) -> list[bytes]:
        return [raw for _, raw in self.store.given]


@pytest.fixture
def post(fake: FakeExchange, mailbox: Exchange) -> OnExchange:
    return OnExchange(fake, mailbox)


class TestExchange(MailboxContract):
    """The contract, on Exchange."""


class TestRestored(RestoreDrill):
    """The drill, on Exchange."""

    @pytest.fixture
    def post(self, fake: FakeExchange, opened: Opener) -> OnExchange:
        return OnExchange(fake, opened(limit=ROOM))


def test_every_message_was_held_against_microsofts_schema(shared: Path) -> None:
    assert schema() is not None
