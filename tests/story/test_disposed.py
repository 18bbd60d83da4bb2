"""Old messages are disposed of: from archive and mailbox, and no backup or folder brings them back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from csp_workflow import upkeep
from csp_workflow.cli import run
from csp_workflow.store import Store
from tests.story.site_told import Played, at

WORDS = ("the bins in Loughborough", "our summer fete", "the newest one")


def circular(subject: str, words: str) -> bytes:
    """What a list sends to everybody: it waits for nobody."""
    head = f"From: news@elsewhere.example\r\nSubject: {subject}\r\nMessage-ID: <{subject}@elsewhere.example>\r\n"
    return f"{head}Precedence: bulk\r\nList-Id: <news.elsewhere.example>\r\n\r\nAbout {words}.\r\n".encode()


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Path]:
    """Three messages, of which one waits; and a backup with all of them."""
    site = Played.laid_out(tmp_path_factory.mktemp("disposed") / "opcc")
    site.beat("2 Jun 09:00")
    site.drop(circular("One", WORDS[0]))
    site.write("lead@charnwood.example", "Two", f"Did you see {WORDS[1]}?")
    site.beat("3 Jun 09:00")
    site.drop(circular("Three", WORDS[2]))
    site.beat("20 Jun 09:00")
    site.close()
    file = site.place.parent / "backup"
    upkeep.make_backup(site.place / "config", site.place / "state", file, at("20 Jun 09:01"))
    return site, file


def command(site: Played, now: str, *words: str) -> int:
    place = ["--config", str(site.place / "config"), "--state", str(site.place / "state"), "--now", now]
    return run([*place, *words])


def where(site: Played, words: str) -> list[str]:
    """The folders of the state folder in which these words lie."""
    state = site.place / "state"
    found = (path for path in state.rglob("*") if path.is_file() and path.suffix != ".sqlite")
    return sorted({path.relative_to(state).parts[0] for path in found if words.encode() in path.read_bytes()})


def test_what_is_old_goes_from_archive_and_mailbox_and_stays_away(
    read: tuple[Played, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = read[0].copied_to(tmp_path / "opcc")
    assert all(where(site, words) == ["archive", "mail"] for words in WORDS)
    again = next(path for path in (site.place / "state" / "mail").rglob("*") if path.is_file()
                 and WORDS[0].encode() in path.read_bytes()).read_bytes()  # fmt: skip
    store = Store(f"sqlite:///{site.place / 'state' / 'csp.sqlite'}")
    old = next(row for row in store.messages() if row.subject == "One")
    store.close()
    assert command(site, "2014-06-23T09:00", "inbox", "dispose", "--before", "2014-06-15") == 0
    assert "removed from the mailbox: 1" in capsys.readouterr().out
    assert where(site, WORDS[0]) == []
    # A question that waits for an answer is not old, and what came since stays.
    assert where(site, WORDS[1]) == where(site, WORDS[2]) == ["archive", "mail"]
    assert "disposed of" in str(command(site, "2014-06-23T09:01", "inbox", "show", old.id)) + capsys.readouterr().err
    site.drop(again)
    site.beat("23 Jun 09:10")
    assert "archive" not in where(site, WORDS[0])
    site.close()
    assert command(site, "2014-06-23T09:20", "inbox", "dispose", "--before", "2014-06-15") == 0
    assert where(site, WORDS[0]) == []
    upkeep.restore_backup(site.place / "config", site.place / "state", read[1], at("24 Jun 09:00"), replace=True)
    site.beat("24 Jun 09:10")
    assert where(site, WORDS[0]) == []
    assert where(site, WORDS[1]) == where(site, WORDS[2]) == ["archive", "mail"]
    note = site.place / "state" / "disposed"
    assert note.stat().st_mode & 0o777 == 0o600
    assert old.id not in note.read_text()


def test_a_backup_that_has_the_archive_in_its_store_does_not_bring_back_what_is_disposed_of(
    read: tuple[Played, Path], tmp_path: Path
) -> None:
    site = read[0].copied_to(tmp_path / "opcc")
    config, state = site.place / "config", site.place / "state"
    service = config / "service.toml"
    service.write_text(service.read_text().replace('\narchive = ""', '\narchive = "database"', 1))
    upkeep.take_archive(config, state, str(state / "archive"))
    upkeep.make_backup(config, state, tmp_path / "backup", at("20 Jun 09:01"))
    with closing(Store(f"sqlite:///{state / 'csp.sqlite'}")) as store:
        old, *others = sorted(store.messages(), key=lambda row: row.subject != "One")
        assert store.archive.fetch(old.content)
    assert command(site, "2014-06-23T09:00", "inbox", "dispose", "--before", "2014-06-15") == 0
    upkeep.restore_backup(config, state, tmp_path / "backup", at("24 Jun 09:00"), replace=True)
    with closing(Store(f"sqlite:///{state / 'csp.sqlite'}")) as store:
        assert old.content not in set(store.archive.list_names())
        assert {row.content for row in others} <= set(store.archive.list_names())


def test_what_a_quarter_under_way_may_need_is_not_disposed_of(
    sent_out: Played, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = sent_out.copied_to(tmp_path / "opcc")
    assert command(site, "2014-10-16T09:00", "inbox", "dispose", "--before", "2014-10-16") == 4
    assert "is under way" in capsys.readouterr().err
    assert command(site, "2014-10-16T09:00", "inbox", "dispose", "--before", "yesterday") == 2
