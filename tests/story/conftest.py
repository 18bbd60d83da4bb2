"""A quarter sent out once, for every story that begins there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from csp_workflow import settings
from tests.story.site_told import CO_ORDINATOR, Played

T = TypeVar("T")


@pytest.fixture(autouse=True, scope="session")
def settings_read_once() -> Iterator[None]:
    """The same files say the same: nearly every story has a copy of one site, whose settings take as long as a beat."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "load", _remembering(settings.load))
        yield


def _remembering(load: Callable[[Path], T]) -> Callable[[Path], T]:
    known: dict[object, T] = {}

    def loaded(config: Path) -> T:
        files = sorted(path for path in config.rglob("*") if path.is_file())
        said = tuple((path.relative_to(config), path.read_bytes()) for path in files)
        key = said, tuple(sorted(item for item in os.environ.items() if item[0].startswith("CSP_")))
        if key not in known:
            known[key] = load(config)
        return known[key]

    return loaded


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
