"""A small site, and a mail system that fails when it is told to."""

from __future__ import annotations

from pathlib import Path

import pytest

from csp_workflow.steps.outside import Outside
from tests.post.post_told import PostOffice, make_site, outside


@pytest.fixture
def place(tmp_path: Path) -> Path:
    make_site(tmp_path)
    return tmp_path


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def world(place: Path, office: PostOffice) -> Outside:
    return outside(place, mailbox=office)
