"""Fixtures of the settings' tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from settings_told import CONFIG, Folder

from csp_workflow import settings
from csp_workflow.terms.site import Site


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A copy of the real config, to be broken."""
    return Folder(tmp_path)


@pytest.fixture(scope="session")
def real() -> Site:
    """The site that config/ describes."""
    return settings.load(CONFIG, environment={})[0]
