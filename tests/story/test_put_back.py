"""A store that came from elsewhere: a backup put back, a copied folder, another machine. Nothing is lost or said twice."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from csp_workflow.rehearsal.partners.mail import Post
from tests.story.site_told import CO_ORDINATOR, Played, at, filled, said

LEADS = ("charnwood", "leicester", "melton", "rutland", "hinckley", "harborough", "blaby", "oadby")


@pytest.fixture(scope="module")
def returned(sent_out: Played, tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Path]:
    """Eight returns came on Monday evening and were answered; and the store as it was on Monday morning."""
    site = sent_out.copied_to(tmp_path_factory.mktemp("returned") / "opcc")
    site.beat("27 Oct 08:00")
    site.close()
    monday = site.place.with_name("monday")
    monday.mkdir()
    shutil.copy(site.place / "state" / "csp.sqlite", monday)
    for request in asked(site):
        site.reply(request, request.to, "Our return.", filled(request))
    site.beat("27 Oct 18:00")
    site.close()
    return site, monday


def asked(site: Played) -> list[Post]:
    """The requests of eight leads."""
    requests = [x for x in site.new_letters() if x.workbooks and x.to.startswith("lead@")]
    return requests[:8]


def put_back(returned: tuple[Played, Path], place: Path) -> Played:
    """Monday's store in the place of Tuesday's, everything else as it is."""
    site = returned[0].copied_to(place)
    shutil.copy(returned[1] / "csp.sqlite", place / "state" / "csp.sqlite")
    from tests.story.site_told import settle

    settle(place)
    return site


def test_mondays_store_put_back_on_tuesday_loses_no_return_and_says_nothing_twice(
    returned: tuple[Played, Path], tmp_path: Path
) -> None:
    before = {path.name for path in (returned[0].place / "state" / "mail" / "sent" / "new").iterdir()}
    site = put_back(returned, tmp_path / "opcc")
    site.new_letters()
    site.beat("28 Oct 09:10")
    told = site.the_letter(CO_ORDINATOR, "Nothing leaves until you say so")
    print(told.text)
    assert site.new_letters() == []
    states = {row: site.state(row) for row in LEADS}
    print(states)
    site.beat("28 Oct 10:00")
    assert site.new_letters() == []
    site.reply(told, CO_ORDINATOR, "RELEASE")
    for when in ("28 Oct 10:10", "28 Oct 10:11", "29 Oct 10:00", "30 Oct 10:00"):
        site.beat(when)
    new = site.new_letters()
    for x in new:
        print(x.to, x.subject, said(x)[:200])
    raise AssertionError
