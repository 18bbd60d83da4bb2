"""A quarter sent out once, for every story that begins there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.story.site_told import CO_ORDINATOR, Played


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
