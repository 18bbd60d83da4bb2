"""`init --update`: a site's files come to this version; what the site changed is kept and shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from csp_workflow import settings
from csp_workflow.cli import run
from csp_workflow.settings.writing_back import LAID_OUT, update_site

RECEIPT = "templates/emails/receipt/body.txt"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    settings.lay_out_folders(tmp_path / "site")
    return tmp_path / "site"


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The defaults of a later version: a letter reworded, a setting explained, a letter added and one dropped."""
    for name in ("config", "templates"):
        settings.shutil.copytree(settings.find_defaults() / name, tmp_path / "newer" / name)
    for name in (RECEIPT, "config/service.toml"):
        path = tmp_path / "newer" / name
        path.write_text(f"{path.read_text('utf-8')}\n# newer\n", "utf-8")
    added = tmp_path / "newer" / "templates" / "emails" / "brand-new" / "body.txt"
    added.parent.mkdir()
    added.write_text("New.", "utf-8")
    (tmp_path / "newer" / "templates" / "emails" / "receipt" / "subject.txt").unlink()
    return tmp_path / "newer"


def test_what_was_never_touched_is_replaced_and_what_is_new_is_added(site: Path, newer: Path) -> None:
    done = update_site(site, newer)
    assert done.added == ("templates/emails/brand-new/body.txt",)
    assert set(done.replaced) == {RECEIPT, "config/service.toml"}
    assert done.unknown == ("templates/emails/receipt/subject.txt",)
    assert (site / RECEIPT).read_text("utf-8").endswith("# newer\n")
    again = update_site(site, newer)
    assert (again.added, again.replaced, again.kept) == ((), (), ())


def test_what_the_site_changed_is_kept_and_shown(site: Path, newer: Path) -> None:
    own = site / "config" / "service.toml"
    own.write_text(own.read_text("utf-8").replace("0116 496 0100", "0116 496 9999"), "utf-8")
    before = own.read_bytes()
    done = update_site(site, newer)
    assert own.read_bytes() == before
    ((name, difference),) = done.kept
    assert name == "config/service.toml"
    assert "+# newer" in difference
    assert any("Kept, since you changed it: config/service.toml" in line for line in done.tell())


def test_what_the_site_changed_and_this_version_did_not_says_nothing(site: Path) -> None:
    own = site / RECEIPT
    own.write_text("Thank you.", "utf-8")
    done = update_site(site, settings.find_defaults())
    assert list(done.tell()) == ["Everything is as this version has it."]


def test_a_site_of_before_keeps_whatever_differs(site: Path, newer: Path) -> None:
    (site / "state" / LAID_OUT).unlink()
    done = update_site(site, newer)
    assert done.replaced == ()
    assert {name for name, _ in done.kept} == {RECEIPT, "config/service.toml"}


def test_the_command_brings_a_missing_letter_and_knows_no_site_elsewhere(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.shutil.rmtree(site / "templates" / "emails" / "receipt")
    (fault, *_) = settings.find_template_faults(site / "config")
    assert "csp-workflow init --update" in fault
    assert run(["init", str(site), "--update"]) == 0
    assert "Added: templates/emails/receipt/body.txt" in capsys.readouterr().out
    assert settings.find_template_faults(site / "config") == ()
    assert run(["init", str(tmp_path / "nowhere"), "--update"]) == 4
    assert run(["init"]) == 2
