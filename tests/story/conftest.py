"""A quarter sent out once, for every story that begins there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from csp_workflow import settings
from csp_workflow.terms.site import Service, Site
from tests.story.site_told import CO_ORDINATOR, Played

Settings = tuple[Site, Service]
_LOAD = settings.load


_KNOWN: dict[object, Settings] = {}


def _read_once(config: Path) -> Settings:
    """The same files say the same, wherever they lie."""
    files = sorted(path for path in config.rglob("*") if path.is_file())
    said = tuple((path.relative_to(config), path.read_bytes()) for path in files)
    key = said, tuple(sorted(item for item in os.environ.items() if item[0].startswith("CSP_")))
    if key not in _KNOWN:
        _KNOWN[key] = _LOAD(config)
    return _KNOWN[key]


@pytest.fixture(autouse=True)
def settings_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly every story has a copy of one site, whose settings take as long to read as a beat."""
    monkeypatch.setattr(settings, "load", _read_once)


@pytest.fixture(scope="session")
def sent_out(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Proved on the opening morning and sent by SEND, with the default configuration; to be copied, not played on."""
    site = Played.laid_out(tmp_path_factory.mktemp("sent-out") / "opcc")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    return site


@pytest.fixture
def site(sent_out: Played, tmp_path: Path) -> Played:
    """A copy of it of one's own."""
    return sent_out.copied_to(tmp_path / "opcc")
