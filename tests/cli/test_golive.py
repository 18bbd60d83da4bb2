"""From a trial to sending in earnest: what was only sent to the co-ordinator counts as sent to nobody."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from csp_workflow.cli import run
from csp_workflow.store import Store, migrations
from tests.story.site_told import CO_ORDINATOR, Played


def order(place: Path, *words: str) -> int:
    return run(
        ["--config", str(place / "config"), "--state", str(place / "state"), "--now", "2014-10-15T10:00", *words]
    )


def test_after_a_trial_everything_is_sent_anew_and_the_imported_figures_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CSP_MODE", "redirect")
    site = Played.laid_out(tmp_path / "opcc")
    assert order(site.place, "--now", "2014-10-14T09:00", "figures", "import",
                 str(site.place / "config/figures/recorded-crime-by-csp-2011-12.csv")) == 0  # fmt: skip
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    tried = site.new_letters()
    assert {letter.to for letter in tried} == {CO_ORDINATOR}
    site.close()
    key = (site.place / "state" / "key").read_bytes()
    assert order(site.place, "golive") == 4
    assert '"drafts" or "live"' in capsys.readouterr().err
    monkeypatch.setenv("CSP_MODE", "live")
    assert order(site.place, "golive") == 4
    assert "CSP_ENVIRONMENT" in capsys.readouterr().err
    monkeypatch.setenv("CSP_ENVIRONMENT", "live")
    assert order(site.place, "tick") == 3
    assert "csp-workflow golive" in capsys.readouterr().err
    assert order(site.place, "golive") == 0
    assert "imported figures" in capsys.readouterr().err
    url = f"sqlite:///{site.place / 'state' / 'csp.sqlite'}"
    assert migrations.faults(url) == ()
    store = Store(url)
    assert store.stamp("environment") == "live"
    assert store.letters() == ()
    assert store.messages() == ()
    assert len(store.imported_figures()) == 10
    store.close()
    assert (site.place / "state" / "key").read_bytes() != key
    (beside,) = (site.place / "state").glob("before-live-*")
    assert (beside / "key").read_bytes() == key
    assert (beside / "csp.sqlite").is_file()
    assert order(site.place, "golive") == 4
    text = (site.place / "config" / "service.toml").read_text()
    (site.place / "config" / "service.toml").write_text(text.replace("unguarded = false", "unguarded = true"))
    site.beat("15 Oct 10:10")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 10:20")
    assert len({letter.to for letter in site.new_letters()}) >= 18


def test_the_files_that_figures_were_loaded_from_come_along_where_the_database_keeps_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSP_MODE", "redirect")
    place = Played.laid_out(tmp_path / "opcc").place
    service = place / "config" / "service.toml"
    service.write_text(service.read_text("utf-8").replace('archive = ""', 'archive = "database"'), "utf-8")
    counts = place / "config/figures/recorded-crime-by-csp-2011-12.csv"
    groups = tmp_path / "iquanta.csv"
    groups.write_text(
        "area,measure,period,rate,group average,lower limit,upper limit,number in group,group,version\n"
        "E22000165,M13a,12 months to 2014/15-Q1,6.91,5.30,4.61,5.99,15,Most Similar Group,2014-04-01\n",
        "utf-8",
    )
    for file in (counts, groups):
        assert order(place, "figures", "import", str(file)) == 0
    monkeypatch.setenv("CSP_MODE", "live")
    monkeypatch.setenv("CSP_ENVIRONMENT", "live")
    assert order(place, "golive") == 0
    store = Store(f"sqlite:///{place / 'state' / 'csp.sqlite'}")
    (rate,) = store.group_rates()
    assert store.archive.fetch(rate.provenance.attachment) == groups.read_bytes()
    assert {f.provenance.attachment for f in store.imported_figures()} == {sha256(counts.read_bytes()).hexdigest()}
    assert sorted(store.archive.list_names()) == sorted(sha256(f.read_bytes()).hexdigest() for f in (counts, groups))
    store.close()
