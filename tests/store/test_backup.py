"""A backup is one file, whole or refused; putting it back leaves the old store or the new one, and removes nothing."""

from __future__ import annotations

import io
import itertools
import json
import os
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from golden_values import everything
from store_told import event
from test_golden_rows import unpacked

from csp_workflow import backup, upkeep, wiring
from csp_workflow.cli import run
from csp_workflow.store import Store, migrations
from csp_workflow.store.copying import copy_store, put_back
from csp_workflow.terms.events import Decision, Happened, PreconditionFailed
from csp_workflow.terms.service import DiskFull, LockHeld
from tests.story.site_told import Played, at

NOW = at("3 Sep 09:00")


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Path]:
    """A site that has read a message, and its backup."""
    site = Played.laid_out(tmp_path_factory.mktemp("backed-up") / "opcc")
    site.beat("29 Aug 09:00")
    site.write("somebody@elsewhere.example", "Good morning", "Is there anything for us to do?")
    site.beat("1 Sep 09:00")
    site.close()
    file = site.place.parent / "monday"
    upkeep.make_backup(site.place / "config", site.place / "state", file, NOW)
    return site, file


@pytest.fixture
def site(laid_out: tuple[Played, Path], tmp_path: Path) -> Path:
    """The site, where one more message was read since."""
    made = laid_out[0].copied_to(tmp_path / "opcc")
    made.written = 100
    made.write("somebody@elsewhere.example", "And again", "We have not heard from you.")
    made.beat("2 Sep 09:00")
    made.close()
    return made.place


@pytest.fixture
def file(laid_out: tuple[Played, Path]) -> Path:
    return laid_out[1]


def messages(place: Path) -> int:
    store = Store(f"sqlite:///{place / 'state' / 'csp.sqlite'}")
    found = store.messages()
    store.close()
    return len(found)


def restore(place: Path, file: Path, *, replace: bool = True) -> None:
    upkeep.restore_backup(place / "config", place / "state", file, NOW, replace=replace)


def rewritten(file: Path, to: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The backup with other members, and a table of contents that fits them."""
    with tarfile.open(file) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    told = json.loads(members.pop(backup.CONTENTS))
    change(members)
    told["shape"] = members.pop("shape", told["shape"].encode()).decode()
    told["format"] = int(members.pop("format", b"1"))
    told["files"] = {name: (len(data), sha256(data).hexdigest()) for name, data in members.items()}
    with tarfile.open(to, "w") as tar:
        for name, data in {**members, backup.CONTENTS: json.dumps(told).encode()}.items():
            about = tarfile.TarInfo(name)
            about.size = len(data)
            tar.addfile(about, io.BytesIO(data))
    return to


def test_a_backup_is_for_its_owner_alone_and_brings_store_archive_mail_and_key_to_a_new_place(
    laid_out: tuple[Played, Path], tmp_path: Path
) -> None:
    site, file = laid_out
    assert file.stat().st_mode & 0o777 == 0o600
    shutil.copytree(site.place / "config", tmp_path / "new" / "config")
    shutil.copytree(site.place / "templates", tmp_path / "new" / "templates")
    restore(tmp_path / "new", file, replace=False)
    old, new = site.place / "state", tmp_path / "new" / "state"
    assert (new / "key").read_bytes() == (old / "key").read_bytes()
    assert all((new / name).stat().st_mode & 0o077 == 0 for name in ("key", "csp.sqlite"))
    for folder in ("archive", "mail/inbox/.Processed", "mail/inbox/.Quarantine", "mail/sent"):
        kept = {path.relative_to(old): path.read_bytes() for path in (old / folder).rglob("*") if path.is_file()}
        came = {path.relative_to(new): path.read_bytes() for path in (new / folder).rglob("*") if path.is_file()}
        own = Path("archive/identity")  # a copy is another archive
        assert came.pop(own, None) != kept.pop(own, b"")
        assert came == kept
    assert migrations.faults(f"sqlite:///{new / 'csp.sqlite'}") == ()
    assert messages(tmp_path / "new") == 1
    moved = Played(tmp_path / "new")
    moved.new_letters()
    moved.beat("3 Sep 10:00")
    (told,) = moved.new_letters()
    assert "Nothing leaves until you say so" in told.subject


def test_by_command_a_store_that_holds_something_is_replaced_only_when_told_so_and_kept_beside(
    site: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--config", str(site / "config"), "--state", str(site / "state")]
    assert run([*place, "db", "backup", str(file)]) == 4
    assert "There is a file" in capsys.readouterr().err
    assert run([*place, "db", "backup", str(site / "tuesday")]) == 0
    assert run([*place, "db", "restore", str(file)]) == 4
    assert "--replace" in capsys.readouterr().err
    assert messages(site) == 2
    assert run([*place, "db", "restore", str(file), "--replace"]) == 0
    assert messages(site) == 1
    (beside,) = (site / "state").glob("before-*")
    with sqlite3.connect(beside / "csp.sqlite") as old:
        assert old.execute("SELECT count(*) FROM message").fetchone() == (2,)
    assert run([*place, "db", "restore", str(site / "nowhere")]) == 4


def test_what_came_after_the_backup_stays_in_mailbox_and_archive(site: Path, file: Path) -> None:
    before = {path.name for path in (site / "state").rglob("*") if path.is_file()}
    restore(site, file)
    assert before <= {path.name for path in (site / "state").rglob("*") if path.is_file()} | {"csp.sqlite"}
    stems = [backup._stem(path) for path in (site / "state" / "mail").rglob("*") if path.is_file()]
    assert len(stems) == len(set(stems))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9, 0.999])
def test_a_backup_that_was_cut_off_or_changed_is_refused_and_nothing_is_done(
    site: Path, file: Path, tmp_path: Path, share: float
) -> None:
    data = file.read_bytes().rstrip(b"\0")
    cut, changed = tmp_path / "cut", tmp_path / "changed"
    cut.write_bytes(data[: int(len(data) * share)])
    # A byte that is of no file (the padding between two) changes nothing that anybody would read.
    place = data.index(b"SQLite format 3") + 200 + int(share * 4000)
    changed.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    for spoilt in (cut, changed):
        with pytest.raises(PreconditionFailed, match="no whole backup"):
            restore(site, spoilt)
    assert messages(site) == 2
    assert not list((site / "state").glob(".restored*"))


@pytest.mark.parametrize(
    "name", ["../outside", "mail/inbox/new/../../../outside", "/etc/outside", "config/service.toml"]
)
def test_a_backup_with_anything_else_in_it_is_refused(site: Path, file: Path, tmp_path: Path, name: str) -> None:
    spoilt = rewritten(file, tmp_path / "spoilt", lambda members: members.update({name: b"x"}))
    with pytest.raises(PreconditionFailed, match="no whole backup"):
        restore(site, spoilt)


def test_a_backup_of_another_site_or_a_later_version_is_refused(site: Path, file: Path, tmp_path: Path) -> None:
    other = rewritten(file, tmp_path / "other", lambda members: members.update(key=b"another"))
    with pytest.raises(PreconditionFailed, match="another site"):
        restore(site, other)
    for change in ({"shape": b"9999"}, {"format": b"2"}):
        later = rewritten(file, tmp_path / "later", lambda members, change=change: members.update(change))
        with pytest.raises(PreconditionFailed, match="later version"):
            restore(site, later)
    assert messages(site) == 2


def test_a_store_of_an_earlier_version_is_brought_to_this_one_and_a_spoilt_one_refused(
    file: Path, site: Path, tmp_path: Path
) -> None:
    old = Path(unpacked("first-landed", tmp_path).removeprefix("sqlite:///")).read_bytes()
    earlier = rewritten(
        file, tmp_path / "earlier", lambda members: members.update({backup.STORE: old, "shape": b"0001"})
    )
    restore(site, earlier)
    assert migrations.faults(f"sqlite:///{site / 'state' / 'csp.sqlite'}") == ()
    with sqlite3.connect(tmp_path / "spoilt.sqlite") as spoilt:
        Path(tmp_path / "spoilt.sqlite").write_bytes((site / "state" / "csp.sqlite").read_bytes())
        spoilt.execute("DROP TABLE stamp")
    data = (tmp_path / "spoilt.sqlite").read_bytes()
    with pytest.raises(PreconditionFailed, match="not sound"):
        restore(site, rewritten(file, tmp_path / "again", lambda members: members.update({backup.STORE: data})))


def test_a_site_at_work_is_not_replaced(site: Path, file: Path) -> None:
    with wiring.open_site(site / "config", site / "state", now=NOW, pretended=True), pytest.raises(LockHeld):
        restore(site, file)


def test_whatever_stops_it_the_old_store_or_the_new_one_is_there(
    site: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    real = {name: getattr(os, name) for name in ("fsync", "link", "replace", "rename")}
    counted: Iterator[int] = itertools.count()
    last = 0

    def stopping(name: str) -> Callable[..., object]:
        def act(*values: object, **options: object) -> object:
            if next(counted) == last:
                raise Killed
            return real[name](*values, **options)

        return act

    for name in real:
        monkeypatch.setattr(os, name, stopping(name))
    for last in range(500):
        place = Path(shutil.copytree(site, tmp_path / f"killed-{last}"))
        counted = itertools.count()
        try:
            restore(place, file)
        except Killed:
            url = f"sqlite:///{place / 'state' / 'csp.sqlite'}"
            assert migrations.faults(url) == ()
            assert messages(place) in {1, 2}
            assert (place / "state" / "key").read_bytes() == (site / "state" / "key").read_bytes()
            shutil.rmtree(place)
        else:
            break
    assert last >= 4
    assert messages(place) == 1


def test_while_others_write_and_messages_move_the_backup_is_of_one_moment(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = site / "state"
    inbox = state / "mail" / "inbox"
    (inbox / "new" / "moving").write_bytes(b"Subject: on its way\r\n\r\nHello\r\n")
    url, done = f"sqlite:///{state / 'csp.sqlite'}", threading.Event()

    def write() -> None:
        store = Store(url)
        for number in itertools.count():
            if done.is_set():
                break
            store.set_stamp("one", str(number))
            store.set_stamp("other", str(number))
        store.close()

    real = Path.is_file

    def moves(path: Path) -> bool:
        there = real(path)
        if path.name == "moving" and there:
            path.rename(inbox / ".Quarantine" / "cur" / "moving:2,S")
        return there

    worker = threading.Thread(target=write)
    worker.start()
    monkeypatch.setattr(Path, "is_file", moves)
    made = backup.make_backup(
        tmp_path / "busy", url=url, key=(state / "key").read_bytes(), state=state, archive=state / "archive", now=NOW
    )
    monkeypatch.setattr(Path, "is_file", real)
    done.set()
    worker.join()
    assert [name for name in made.files if "moving" in name] == ["mail/inbox/.Quarantine/cur/moving:2,S"]
    restore(site, tmp_path / "busy")
    store = Store(url)
    one, other = int(store.stamp("one") or 0), int(store.stamp("other") or 0)
    store.close()
    assert one in {other, other + 1}


def test_a_file_of_the_archive_that_was_spoilt_is_said_and_keeps_nothing_else_out(site: Path, tmp_path: Path) -> None:
    (*_, spoilt) = sorted(path for path in (site / "state" / "archive").glob("??/*") if path.is_file())
    spoilt.write_bytes(b"something else")
    said = upkeep.make_backup(site / "config", site / "state", tmp_path / "made", NOW)
    assert "1 file of the archive" in said
    restore(site, tmp_path / "made")


def test_a_full_disk_leaves_no_half_backup(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        upkeep.make_backup(site / "config", site / "state", tmp_path / "made", NOW)
    assert not [path for path in tmp_path.iterdir() if "made" in path.name]


@pytest.mark.needs_postgresql
def test_a_store_on_a_server_goes_into_the_same_file_and_back_into_an_empty_database(
    fresh_database: Callable[[str], str], tmp_path: Path
) -> None:
    golden = unpacked("every-word", tmp_path)
    migrations.upgrade(golden)
    file = Path(golden.removeprefix("sqlite:///"))
    server = fresh_database("restored")
    put_back(file, server, beside=None)
    assert migrations.faults(server) == ()
    copy_store(server, tmp_path / "back.sqlite")
    stores = [Store(url) for url in (golden, server, f"sqlite:///{tmp_path / 'back.sqlite'}")]
    one, two, three = (json.loads(json.dumps(everything(store))) for store in stores)
    assert one == two == three
    before = stores[1].mark()
    assert stores[1].commit(Decision(events=(event(Happened.CYCLE_PLANNED, ""),)), at=NOW)
    assert stores[1].mark() == before + 1
    for store in stores:
        store.close()


@pytest.mark.needs_postgresql
def test_a_database_on_a_server_that_holds_something_is_never_touched(
    file: Path, site: Path, fresh_database: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    golden = unpacked("first-landed", tmp_path)
    migrations.upgrade(golden)
    server = fresh_database("held")
    put_back(Path(golden.removeprefix("sqlite:///")), server, beside=None)
    monkeypatch.setenv("CSP_DATABASE", server)
    with pytest.raises(PreconditionFailed, match="new, empty database"):
        restore(site, file)
    monkeypatch.setenv("CSP_DATABASE", fresh_database("empty"))
    restore(site, file, replace=False)
    upkeep.make_backup(site / "config", site / "state", tmp_path / "of-server", NOW)
