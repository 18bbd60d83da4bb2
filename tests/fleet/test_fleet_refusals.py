"""What no fleet can have is said with what was found, where, and what to do; the other sites go on."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from csp_workflow.cli import run
from csp_workflow.fleet import Fleet, answer_fleet, look_at_all, moving
from csp_workflow.store import engine
from csp_workflow.store.engine import read_address
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.service import ConfigInvalid
from tests.story.site_told import at

NOW = at("14 Oct 11:00")
Make, Fresh = Callable[..., Fleet], Callable[[str], str]


@pytest.fixture
def pair(make_fleet: Make) -> Fleet:
    fleet = make_fleet()
    for name in ("alpha", "beta"):
        fleet.add(name)
    return fleet


_INTERNET = """
[internet]
user = "csp"
login = "password"
imap = { host = "imap.opcc.example", port = 993, tls = "at once" }
smtp = { host = "smtp.opcc.example", port = 587, tls = "starttls" }
proof = "own copy"
"""


def read_by_imap(config: Path, mailbox: str) -> None:
    """Have a site read a real mailbox."""
    file = config / "service.toml"
    words = file.read_text().replace('adapter = "maildir"', 'adapter = "internet"')
    words = words.replace("csp-returns@opcc.example", mailbox)
    file.write_text(f"{words}\n{_INTERNET}")
    (config.parent / "secrets.env").write_text("CSP_MAIL_PASSWORD=x\n")


def test_two_sites_that_read_one_mailbox_are_named_and_neither_works(
    pair: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    read_by_imap(pair.place("alpha").config, "returns@opcc.example")
    read_by_imap(pair.place("beta").config, "Returns@OPCC.example")
    for name, other in (("alpha", "beta"), ("beta", "alpha")):
        with pytest.raises(PreconditionFailed, match=rf"returns@opcc\.example is also that of {other}"):
            pair.beat(name, NOW)
    assert run(["fleet", "--fleet", str(pair.folder), "status", "--json"]) == 5
    rows = json.loads(capsys.readouterr().out)
    assert all("Each site needs one of its own" in row["why"] for row in rows)


def test_two_addresses_of_one_account_are_one_mailbox(pair: Fleet) -> None:
    read_by_imap(pair.place("alpha").config, "one@opcc.example")
    read_by_imap(pair.place("beta").config, "two@opcc.example")
    with pytest.raises(PreconditionFailed, match=r"csp at imap\.opcc\.example is also that of alpha"):
        pair.beat("beta", NOW)
    file = pair.place("beta").config / "service.toml"
    file.write_text(file.read_text().replace('user = "csp"', 'user = "csp-two"'))
    pair.refuse_shared_mailbox("beta")


def test_no_site_comes_to_a_fleet_or_gets_a_configuration_with_the_mailbox_of_another(
    pair: Fleet, make_fleet: Make, tmp_path: Path
) -> None:
    there = make_fleet("there")
    there.add("gamma")
    for place in (pair.place("alpha"), there.place("gamma")):
        read_by_imap(place.config, "returns@opcc.example")
    new = Path(shutil.copytree(pair.place("alpha").config, tmp_path / "new"))
    before = there.place("gamma").folder
    orders = {
        "move": partial(moving.move_site, there, "gamma", pair.folder, NOW),
        "take in": partial(moving.take_in, pair, "gamma", before, NOW),
        "hand over": partial(moving.hand_over, pair, "beta", new, NOW),
    }
    for what, order in orders.items():
        with pytest.raises(PreconditionFailed, match="is also that of alpha"):
            order()
        assert (before / "config").is_dir(), what
    assert pair.list_sites() == ("alpha", "beta")
    assert pair.beat("beta", NOW).failed_steps == ()


@pytest.mark.parametrize("to", ["sites/gamma", "sites/alpha/x", "sites/beta/x", "sites/alpha", "sites"])
def test_a_site_is_never_taken_out_to_where_sites_are(pair: Fleet, to: str) -> None:
    """What is told to be kept would go with the site, or be taken for one."""
    place = pair.folder / to
    for act in (moving.move_site, moving.remove_site, moving.hand_over):
        with pytest.raises((PreconditionFailed, ConfigInvalid)):
            act(pair, "alpha", place, NOW)
    with pytest.raises(PreconditionFailed, match="among the sites of a fleet"):
        moving.hand_over(pair, "alpha", pair.place("alpha").config, NOW)
    assert pair.list_sites() == ("alpha", "beta")
    assert not (pair.folder / "moved").exists()
    assert pair.beat("alpha", NOW).failed_steps == ()


def test_a_site_that_is_there_already_is_not_moved(pair: Fleet) -> None:
    for order in (
        partial(moving.move_site, pair, "alpha", pair.folder, NOW),
        partial(moving.rename_site, pair, "alpha", "alpha", NOW),
        partial(moving.take_in, pair, "alpha", pair.place("alpha").folder, NOW),
    ):
        with pytest.raises(PreconditionFailed, match=r"already\. Nothing was moved"):
            order()
    assert pair.beat("alpha", NOW).failed_steps == ()


def test_a_move_that_fails_before_anything_is_there_leaves_the_site_at_work(
    pair: Fleet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As on a full disk: what was cut off in the midst is another thing, and needs the same order again."""

    def fill(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(moving, "copy_store", fill)
        with pytest.raises(OSError, match="No space left"):
            moving.move_site(pair, "alpha", tmp_path / "full", NOW)
    assert pair.beat("alpha", NOW).failed_steps == ()
    moving.move_site(pair, "alpha", tmp_path / "full", NOW)
    assert pair.list_sites() == ("beta",)


@pytest.mark.parametrize("line", ["CSP_DATABASE=sqlite:///x", "CSP_ARCHIVE=/srv/x", "CSP_DATABASE_FILE=/srv/x"])
def test_a_site_keeps_its_store_where_the_fleet_has_it(pair: Fleet, line: str) -> None:
    (pair.place("alpha").folder / "secrets.env").write_text(f"{line}\n")
    with pytest.raises(ConfigInvalid, match="names a database or an archive"):
        pair.beat("alpha", NOW)
    assert pair.beat("beta", NOW).failed_steps == ()


def test_what_a_sites_file_says_of_store_and_archive_reaches_no_other_site(pair: Fleet) -> None:
    there = pair.place("beta").state
    file = pair.place("alpha").config / "service.toml"
    words = file.read_text().replace('database = ""', f'database = "sqlite:///{there / "csp.sqlite"}"')
    file.write_text(words.replace('archive = ""', f'archive = "{there / "archive"}"'))
    before = {path: path.read_bytes() for path in there.rglob("*") if path.is_file()}
    assert pair.beat("alpha", NOW).sent
    assert {path: path.read_bytes() for path in there.rglob("*") if path.is_file()} == before


def test_a_secret_in_another_sites_folder_is_out_of_reach(pair: Fleet) -> None:
    own, other = (pair.place(name).folder for name in pair.list_sites())
    (other / "password").write_text("secretword")
    (own / "secrets.env").write_text(f"CSP_MAIL_PASSWORD_FILE={own}/../beta/password\n")
    with pytest.raises(
        ConfigInvalid, match=r"CSP_MAIL_PASSWORD_FILE in secrets\.env is a file of another site"
    ) as told:
        pair.beat("alpha", NOW)
    assert "secretword" not in str(told.value)


def test_a_folder_that_is_no_site_is_named_by_every_command_and_stops_none(
    pair: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    (pair.folder / "sites" / "Alpha").mkdir()
    (pair.folder / "sites" / "gamma").mkdir()
    (pair.folder / "sites" / os.fsdecode(b"\xff")).mkdir()  # a name that is no text
    for command in ("beat", "upgrade", "status"):
        assert run(["fleet", "--fleet", str(pair.folder), command, "--json"]) == 5
        told = capsys.readouterr()
        rows = {row["site"]: row for row in json.loads(told.out)}
        said = f"{told.err} {told.out}"
        assert "A site cannot be called 'Alpha'" in said
        assert "gamma has no folder config" in said
        assert set(rows) == {"Alpha", "alpha", "beta", "gamma", "\\udcff"}
    for path in ("/", "/livez", "/readyz", "/metrics"):
        assert b"Alpha" in answer_fleet(pair, path, 0.0)[2]
    assert run(["fleet", "--fleet", str(pair.folder), "list"]) == 0


@pytest.mark.needs_postgresql
def test_a_database_that_will_not_do_is_said_in_words(
    make_fleet: Make, fresh_database: Fresh, capsys: pytest.CaptureFixture[str]
) -> None:
    database = fresh_database("weak")
    server = create_engine(read_address(database), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("DROP ROLE IF EXISTS without_rights"))
        connection.execute(text("CREATE ROLE without_rights LOGIN"))
    server.dispose()
    address = make_url(database)
    weak = address.set(username="without_rights").render_as_string(hide_password=False)
    none = address.set(database="no_such").render_as_string(hide_password=False)
    for number, (url, words) in enumerate(((weak, "GRANT CREATE ON DATABASE"), (none, 'database "no_such" does not'))):
        fleet = make_fleet(f"fleet-{number}", url)
        for command in (["add", "alpha"], ["work"]):
            assert run(["fleet", "--fleet", str(fleet.folder), *command]) in {4, 75}
            assert words in " ".join(capsys.readouterr().err.split())
        assert fleet.list_sites() == ()


def test_a_database_that_says_nothing_is_waited_for_once_and_not_for_each_site(
    pair: Fleet, make_fleet: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engine.PATIENCE, "connect_timeout", 2)  # the least that is waited
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        fleet = make_fleet("silent", f"postgresql://csp@127.0.0.1:{silent.getsockname()[1]}/x")
        for name in pair.list_sites():
            shutil.copytree(pair.place(name).folder, fleet.folder / "sites" / name)
        found = tuple(look_at_all(fleet, 0.0))
        silent.accept()[0].close()
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()
    assert [(one.site, one.state) for one in found] == [("alpha", "broken"), ("beta", "broken")]
    assert all("cannot be reached" in one.why for one in found)


def test_a_fleet_without_sites_is_not_said_to_be_well(make_fleet: Make) -> None:
    """Their folder may lie on a disk that is not here."""
    fleet = make_fleet()
    shutil.rmtree(fleet.folder / "sites")
    assert b"There are no sites" in answer_fleet(fleet, "/", 0.0)[2]
    assert [answer_fleet(fleet, path, 0.0)[0] for path in ("/livez", "/readyz")] == [503, 503]


def test_a_site_of_which_a_step_is_broken_is_not_well(pair: Fleet) -> None:
    """Its templates are its own: the other site's letters are written by other ones."""
    for file in (pair.place("alpha").folder / "templates" / "emails").rglob("*.txt"):
        file.write_text("{{ broken")
    assert [pair.beat(name, NOW).failed_steps for name in pair.list_sites()] == [("opening",), ()]
    found = {one.site: one for one in look_at_all(pair, time.time())}
    assert (found["alpha"].state, found["alpha"].why) == ("not ready", "a step is broken: opening")
    assert found["beta"].state == "well"
