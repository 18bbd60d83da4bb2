"""One pair of mail servers for all tests of this folder; each test begins with empty mailboxes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mailboxes.servers import Servers, running
from tests.story.conftest import sent_out

__all__ = ["sent_out"]


@pytest.fixture(scope="session")
def started() -> Iterator[Servers]:
    with running() as made:
        yield made


@pytest.fixture
def servers(started: Servers) -> Servers:
    started.forget()
    return started
