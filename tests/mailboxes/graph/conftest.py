"""A fake Microsoft 365 for each test, and adapters opened on it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from csp_workflow.mailboxes.graph import Graph
from csp_workflow.terms.service import GraphMailbox, Secrets
from tests.mailboxes.graph.fake_directory import CLIENT, SECRET, TENANT
from tests.mailboxes.graph.fake_graph import FakeGraph
from tests.mailboxes.graph.fake_server import ADDRESS
from tests.mailboxes.mailbox_contract import LIMIT

Opener = Callable[..., Graph]


class VirtualTime:
    """A clock that goes on only when somebody waits."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def seconds(self) -> float:
        """How long has been waited."""
        return sum(self.waited)

    def wait(self, seconds: float) -> None:
        """Waiting takes no time here."""
        self.waited.append(seconds)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """The server's certificate, and the file with whose word to trust."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    ca_file = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return context, ca_file


@pytest.fixture
def fake(certificates: tuple[ssl.SSLContext, Path]) -> Iterator[FakeGraph]:
    """A Microsoft 365 of its own; nothing that it does not know may have been asked."""
    with FakeGraph(*certificates) as graph:
        yield graph
    assert graph.violations == []


@pytest.fixture
def virtual() -> VirtualTime:
    """Time for the adapter's patience."""
    return VirtualTime()


@pytest.fixture
def opened(fake: FakeGraph, virtual: VirtualTime) -> Iterator[Opener]:
    """Opens adapters, with what a test wants different."""
    all_: list[Graph] = []

    def open_(secrets: Secrets | None = None, *, settings: dict[str, Any] | None = None, **more: Any) -> Graph:
        values = {
            "tenant": TENANT,
            "client": CLIENT,
            "outside": "",
            "endpoint": fake.endpoint,
            "authority": fake.authority,
            "ca_file": str(fake.ca_file),
        }
        options = {"address": ADDRESS, "limit": LIMIT, "clock": virtual.seconds, "wait": virtual.wait}
        mailbox = GraphMailbox(**{**values, **(settings or {})})
        graph = Graph(mailbox, secrets or Secrets(client_secret=SECRET), **{**options, **more})
        all_.append(graph)
        return graph

    yield open_
    for graph in all_:
        graph.close()


@pytest.fixture
def mailbox(opened: Opener) -> Graph:
    """An adapter with nothing special about it."""
    return opened()
