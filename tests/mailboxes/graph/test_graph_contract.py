"""The mailbox contract, on Microsoft 365."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.mailboxes.graph.conftest import Opener
from tests.mailboxes.graph.fake_graph import FakeGraph
from tests.mailboxes.graph.fake_mailbox import ARCHIVE, BEGINNING, DRAFTS, INBOX
from tests.mailboxes.mailbox_contract import MailboxContract
from tests.mailboxes.restore_drill import ROOM, RestoreDrill


class InTheCloud:
    """The fake as the contract wants to see it."""

    def __init__(self, fake: FakeGraph, opened: Opener, **more: int) -> None:
        self.fake, self.mailbox = fake, opened(**more)

    def delivers(self, raw: bytes, number: int = 1) -> None:
        self.fake.mailbox.deliver(raw, received=BEGINNING + timedelta(seconds=number))

    def removes_everything(self) -> None:
        for item in self.fake.mailbox.in_folder(INBOX):
            del self.fake.mailbox.items[item.number]

    def moves_everything_away(self) -> None:
        for item in self.fake.mailbox.in_folder(INBOX):
            self.fake.mailbox.move(item, ARCHIVE)

    def moves_in(self, raw: bytes) -> None:
        item = self.fake.mailbox.deliver(raw, received=BEGINNING - timedelta(days=1), folder=ARCHIVE)
        self.fake.mailbox.move(item, INBOX)

    def reads_everything(self) -> None:
        for item in self.fake.mailbox.in_folder(INBOX):
            item.changed = self.fake.mailbox.now + timedelta(minutes=1)

    def renumbers(self) -> None:
        self.fake.mailbox.rebuild()

    def goes_down(self) -> None:
        self.fake.is_down = True

    def comes_back(self) -> None:
        self.fake.is_down = False

    def sends_drafts(self) -> None:
        for item in self.fake.mailbox.in_folder(DRAFTS):
            self.fake.mailbox.send(item)

    def was_given(self) -> list[bytes]:
        return [content for _, content in self.fake.mailbox.given]


@pytest.fixture
def post(fake: FakeGraph, opened: Opener) -> InTheCloud:
    return InTheCloud(fake, opened)


class TestGraph(MailboxContract):
    """The contract, on Graph."""


class TestRestored(RestoreDrill):
    """The drill, on Graph."""

    @pytest.fixture
    def post(self, fake: FakeGraph, opened: Opener) -> InTheCloud:
        return InTheCloud(fake, opened, limit=ROOM)
