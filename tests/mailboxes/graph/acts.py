"""What tests of the adapter do again and again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csp_workflow.mailboxes.graph import Graph
from csp_workflow.terms.service import WorldFault
from tests.mailboxes.graph.fake_graph import FakeGraph
from tests.mailboxes.graph.fake_mailbox import BEGINNING, Item
from tests.mailboxes.mailbox_contract import ID, LETTER, NOW, RAW, RECIPIENT

SOURCE = "AAkALgAA-0-000001="
"""The id of the first message that arrives."""


def arrives(fake: FakeGraph, raw: bytes = RAW, number: int = 1, **more: str) -> Item:
    """A message comes in."""
    return fake.mailbox.deliver(raw, received=BEGINNING + timedelta(seconds=number), **more)


def use(mailbox: Graph) -> None:
    """List, get and file, whatever is there."""
    mailbox.list_new("")
    mailbox.get(SOURCE, NOW)
    mailbox.file(SOURCE, "Processed")


def sends(mailbox: Graph, fault: type[WorldFault]) -> WorldFault:
    """A sending that fails so, and not as a special case of it."""
    with pytest.raises(fault) as caught:
        mailbox.send(LETTER, RECIPIENT, ID)
    assert type(caught.value) is fault
    return caught.value
