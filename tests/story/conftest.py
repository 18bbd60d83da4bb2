"""A quarter sent out once, for every story that begins there."""

from __future__ import annotations

from pathlib import Path

import pytest

from csp_workflow.rehearsal.partners.mail import Post
from tests.story.closed_told import CHARN, CHARN_CHAIR, LEIC, NWL, RUTLAND
from tests.story.site_told import CO_ORDINATOR, Played, filled


@pytest.fixture(scope="session")
def sent_out(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Proved on the opening morning and sent by SEND, with the default configuration; to be copied, not played on."""
    site = Played.laid_out(tmp_path_factory.mktemp("sent-out") / "opcc")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    return site.shared()


@pytest.fixture
def site(sent_out: Played, tmp_path: Path) -> Played:
    """A copy of it of one's own."""
    return sent_out.copied_to(tmp_path / "opcc")


@pytest.fixture(scope="session")
def closed(sent_out: Played, tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, dict[str, Post]]:
    """One return in time and approved, one declined, one with nothing to report, the others silent; not played on."""
    site = sent_out.copied_to(tmp_path_factory.mktemp("closed") / "opcc")
    asked = {to: site.the_letter(to, "Please fill in") for to in (CHARN, LEIC, RUTLAND, NWL)}
    site.reply(asked[CHARN], CHARN, "Our return.", filled(asked[CHARN]))
    site.reply(asked[RUTLAND], RUTLAND, "WE DECLINE")
    site.reply(asked[NWL], NWL, "NIL RETURN")
    site.beat("16 Oct 10:00")
    site.reply(site.the_letter(CHARN_CHAIR, "Please approve"), CHARN_CHAIR, "APPROVED")
    for when in ("16 Oct", "20 Oct", "22 Oct", "24 Oct", "28 Oct", "30 Oct", "03 Nov"):
        site.beat(f"{when} 11:00")
    for when in ("04 Nov 17:05", "06 Nov 11:00", "10 Nov 11:00", "12 Nov 11:00", "14 Nov 11:00", "18 Nov 11:00"):
        site.beat(when)
    site.new_letters()
    return site.shared(), asked


@pytest.fixture
def cleared(closed: tuple[Played, dict[str, Post]], tmp_path: Path) -> tuple[Played, dict[str, Post], Post]:
    """A copy of it whose first draft for the Board is cleared, with that draft's letter."""
    site = closed[0].copied_to(tmp_path / "opcc")
    site.beat("20 Nov 09:05")
    draft = site.the_letter(CO_ORDINATOR, "is attached (speb")
    site.reply(draft, CO_ORDINATOR, "CLEAR speb WITHOUT WAITING")
    site.beat("20 Nov 10:00")
    return site, closed[1], draft
