"""The dashboard of a quarter: each partnership's page alone at first, all areas once the board's paper is out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from csp_workflow import cli
from csp_workflow.dashboard.parts import Audience
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps.dashboard import Built, build_dashboard
from csp_workflow.terms.events import PreconditionFailed
from tests.dashboard.pages_read import find_faults_of_pages, read_page
from tests.story.closed_told import CHARN, CHARN_CHAIR, SECRETARIAT, send_correction
from tests.story.site_told import CO_ORDINATOR, Played, at, filled, said

Circulated = tuple[Played, dict[str, Post]]


@pytest.fixture(scope="module")
def out(closed: Circulated, tmp_path_factory: pytest.TempPathFactory) -> Circulated:
    """The Board's paper has gone out; not played on."""
    site = closed[0].copied_to(tmp_path_factory.mktemp("out") / "opcc")
    site.beat("20 Nov 09:05")
    draft = site.the_letter(CO_ORDINATOR, "is attached (speb")
    site.reply(draft, CO_ORDINATOR, "CLEAR speb WITHOUT WAITING\nCIRCULATE speb")
    site.beat("20 Nov 10:00")
    site.beat("20 Nov 10:01")
    assert site.the_letter(SECRETARIAT, "ready for the agenda").files
    site.new_letters()
    return site, closed[1]


def build(site: Played, when: str, audience: Audience = Audience.PARTNERSHIP) -> Built:
    built = site.ask(lambda outside: build_dashboard(outside, audience, at(when)), when)
    assert isinstance(built, Built)
    return built


def test_before_the_paper_is_out_each_partnership_has_a_page_of_its_own_areas(
    closed: Circulated, tmp_path: Path
) -> None:
    site = closed[0].copied_to(tmp_path / "opcc")
    built = build(site, "20 Nov 09:00")
    assert not built.is_out
    folders = {name.partition("/")[0] for name in built.files}
    assert len(folders) == len(built.files) == 8
    assert find_faults_of_pages({name: built.files[name] for name in built.files}) == []
    page = read_page(built.files["charnwood/partnership-charnwood.html"])
    assert "Leicester" not in page.every("main")[0].text.replace("North West Leicestershire", "")
    with pytest.raises(PreconditionFailed, match="Police and Crime Panel has been circulated"):
        build(site, "20 Nov 09:00", Audience.PUBLIC)


def test_circulated_papers_are_not_out_before_their_day(out: Circulated) -> None:
    assert not build(out[0], "20 Nov 10:02").is_out


def test_what_came_after_the_paper_is_not_in_the_pages_before_its_erratum_is(out: Circulated, tmp_path: Path) -> None:
    site, asked = out[0].copied_to(tmp_path / "opcc"), out[1]
    own = "partnership-charnwood.html"
    first = build(site, "03 Dec 09:00")
    assert first.is_out
    assert find_faults_of_pages(first.files) == []
    send_correction(site, asked[CHARN], filled(asked[CHARN], number=20), "20 Nov 11:00")
    assert build(site, "03 Dec 09:00").files == first.files, "no byte is another"
    shown = site.the_letter(CO_ORDINATOR, "Erratum 1 to it is attached")
    site.reply(shown, CO_ORDINATOR, "CIRCULATE speb ERRATUM 1")
    site.beat("20 Nov 11:10")
    after = build(site, "03 Dec 09:00")
    assert (first.as_at < after.as_at) is True
    assert "20" in _newest(after, own)
    assert _newest(first, own) != _newest(after, own)
    with pytest.raises(PreconditionFailed):
        build(site, "03 Dec 09:00", Audience.PUBLIC)


def _newest(built: Built, name: str) -> str:
    page = read_page(built.files[name])
    (card,) = [one for one in page.every("li") if one.every("h3") and one.every("h3")[0].text == "ASB cases opened"]
    return card.every("table")[0].every("tbody")[0].every("tr")[0].text


def test_she_gets_the_pages_by_a_reply_and_is_told_why_there_are_none(out: Circulated, tmp_path: Path) -> None:
    site = out[0].copied_to(tmp_path / "opcc")
    site.write(CO_ORDINATOR, "Pages", "DASHBOARD")
    site.beat("20 Nov 11:00")
    packed = site.the_letter(CO_ORDINATOR, "Give each to that partnership only.")
    ((name, data),) = packed.files
    assert name == "dashboard 1415Q2.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert "charnwood/partnership-charnwood.html" in book.namelist()
    site.write(CO_ORDINATOR, "Pages", "DASHBOARD PUBLIC")
    site.beat("20 Nov 11:05")
    assert site.the_letter(CO_ORDINATOR, "the public is shown figures only when")
    for when in ("21 Nov 11:00", "25 Nov 11:00", "27 Nov 11:00"):
        site.beat(when)
    site.new_letters()
    site.write(CO_ORDINATOR, "Pages", "DASHBOARD")
    site.beat("27 Nov 11:05")
    whole = site.the_letter(CO_ORDINATOR, "opens in any browser")
    ((name, data),) = whole.files
    assert name == "dashboard 1415Q2.html"
    assert find_faults_of_pages({name: data}) == []


@pytest.mark.parametrize("wanted", [True, False])
def test_a_lead_gets_its_own_page_with_the_thanks_where_the_site_wants_that(
    sent_out: Played, tmp_path: Path, wanted: bool
) -> None:
    site = sent_out.copied_to(tmp_path / "opcc")
    if wanted:
        config = site.place / "config" / "report.toml"
        config.write_text(config.read_text().replace('board = "speb"\n', 'board = "speb"\nown_pages = true\n', 1))
    asked = site.the_letter(CHARN, "Please fill in")
    site.reply(asked, CHARN, "Our return.", filled(asked))
    site.beat("16 Oct 10:00")
    site.new_letters(CHARN)
    site.reply(site.the_letter(CHARN_CHAIR, "Please approve"), CHARN_CHAIR, "APPROVED")
    site.beat("16 Oct 11:00")
    thanks = [one for one in site.new_letters(CHARN) if "approved the return" in said(one)]
    assert ["for you alone until the paper is out" in said(one) for one in thanks] == [True] * wanted
    assert [name for one in thanks for name, _ in one.files] == ["CHARN 1415Q2 own page.html"] * wanted
    for name, data in (file for one in thanks for file in one.files):
        assert find_faults_of_pages({name: data}) == []
        page = read_page(data)
        assert "approved by the Chair" in page.text
        assert "Melton" not in page.text
    assert not site.new_letters(CHARN_CHAIR), "as the letter that asked says"


@pytest.fixture
def command(out: Circulated, tmp_path: Path) -> Callable[..., int]:
    site = out[0].copied_to(tmp_path / "opcc").place

    def run(*words: str, now: str = "2014-12-03T09:00") -> int:
        return cli.run(["--config", str(site / "config"), "--state", str(site / "state"), "--now", now, *words])

    return run


def test_the_command_writes_pages_anew_and_nothing_over_what_is_not_its_own(
    command: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "pages"
    assert command("dashboard", "build", str(place), "--json") == 0
    told = capsys.readouterr()
    assert '"whole": true' in told.out
    assert f"Open {place / 'index.html'}." in told.err
    first = {path.name: path.read_bytes() for path in place.iterdir()}
    assert set(first) > {"index.html", "everything.html", "dashboard.txt"}
    (place / "measure-of-before.html").write_text("old")
    (place / "dashboard.txt").write_text(
        (place / "dashboard.txt").read_text() + "measure-of-before.html\n../kept.html\n"
    )
    (tmp_path / "kept.html").write_text("not ours")
    assert command("dashboard", "build", str(place), "--cycle", "2014/15-Q2") == 0
    assert {path.name: path.read_bytes() for path in place.iterdir()} == first
    assert (tmp_path / "kept.html").exists()
    assert command("dashboard", "build", str(tmp_path)) == 4
    assert "holds something else" in capsys.readouterr().err
    assert command("dashboard", "build", str(tmp_path / "other"), "--audience", "public") == 4
    assert command("dashboard", "build", str(tmp_path / "other"), "--cycle", "2015") == 2
    assert command("dashboard", "build", str(tmp_path / "early"), now="2014-11-20T10:02") == 0
    assert "Give each to that partnership only." in capsys.readouterr().err


def test_without_the_paper_nobody_can_say_which_words_it_printed(out: Circulated, tmp_path: Path) -> None:
    site, lost = out[0].copied_to(tmp_path / "opcc"), SimpleNamespace(fetch={}.__getitem__)
    with pytest.raises(PreconditionFailed, match="is not kept any more"):
        site.ask(
            lambda outside: build_dashboard(replace(outside, archive=lost), Audience.PARTNERSHIP, at("03 Dec 09:00"))
        )


def test_a_site_without_a_quarter_has_nothing_to_show(tmp_path: Path) -> None:
    site = Played.laid_out(tmp_path / "opcc")
    with pytest.raises(PreconditionFailed, match="no quarter has been opened"):
        build(site, "01 Sep 09:00")
