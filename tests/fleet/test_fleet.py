"""Many sites beside each other: each keeps its own, and what is wrong with one stops no other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread
from time import time as wall_clock
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from sqlalchemy import create_engine, text

from csp_workflow import settings
from csp_workflow.cli import run
from csp_workflow.fleet import Fleet, answer_fleet, lay_out_fleet
from csp_workflow.service import serve_answers
from csp_workflow.store import Store
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.service import ConfigInvalid, LockHeld
from tests.story.site_told import CO_ORDINATOR, Played, at

NOW = at("15 Oct 07:35")
Make, Fresh = Callable[..., Fleet], Callable[[str], str]


def connections(database: str) -> int:
    server = create_engine(database, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        wanted = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        found = connection.scalar(wanted) or 0
    server.dispose()
    return int(found) - 1


@pytest.mark.needs_postgresql
def test_sites_in_one_database_share_few_connections_and_see_only_themselves(
    make_fleet: Make, fresh_database: Fresh
) -> None:
    database = fresh_database("shared")
    fleet = make_fleet(database=database, connections=2)
    assert fleet.at_once == 1
    for name in ("alpha", "beta-two"):
        fleet.add(name)
    for name in fleet.list_sites():
        assert fleet.beat(name, NOW).failed_steps == ()
    site = Played(fleet.place("alpha").folder)
    site.write(CO_ORDINATOR, "A question", "STATUS")
    assert [fleet.beat(name, at("15 Oct 09:10")).judged for name in fleet.list_sites()] == [1, 0]
    assert connections(database) <= 2
    one, two = (Store(fleet.store_url(name)) for name in fleet.list_sites())
    assert (len(one.messages()), len(two.messages())) == (1, 0)
    assert one.stamp("key") != two.stamp("key")
    with one.sole_worker(waits=False), pytest.raises(LockHeld):
        fleet.beat("alpha", at("15 Oct 09:11"))
    with one.sole_worker(waits=False), two.sole_worker(waits=False):
        assert connections(database) == 2
    one.close()
    two.close()
    fleet.close()
    assert connections(database) == 0


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sites with a file each."""
    folder = tmp_path_factory.mktemp("pair") / "fleet"
    lay_out_fleet(folder)
    for name in ("alpha", "beta"):
        Fleet(folder).add(name)
    return folder


@pytest.fixture
def pair(laid_out: Path, tmp_path: Path) -> Iterator[Fleet]:
    """The two of them, of a test's own."""
    with closing(Fleet(Path(shutil.copytree(laid_out, tmp_path / "fleet")))) as fleet:
        yield fleet


def test_a_site_has_its_own_secrets_and_none_of_the_process(pair: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSP_MAIL_PASSWORD", "the machine's")
    own = pair.place("alpha").folder / "secrets.env"
    own.write_text("# comment\nexport CSP_MAIL_PASSWORD='its own'\nCSP_ENVIRONMENT=live\n")
    one, two = (settings.load(pair.place(name).config)[1] for name in pair.list_sites())
    assert (one.secrets.password, one.environment) == ("its own", "live")
    assert (two.secrets.password, two.environment) == ("", "")


@pytest.mark.parametrize(
    ("written", "mode", "said"),
    [
        ("CSP_MAIL_PASSWORD=secretword\n", 0o604, "chmod 600"),
        ("CSP_MAIL_PASSWORD: secretword\n", 0o600, "line 1 is not of the form NAME=value"),
        ("CSP_MAIL_PASWORD=secretword\n", 0o600, "Did you mean CSP_MAIL_PASSWORD?"),
        ("\xff", 0o600, "cannot be read"),
    ],
)
def test_what_is_wrong_with_a_sites_secrets_is_said_without_them(
    pair: Fleet, written: str, mode: int, said: str
) -> None:
    own = pair.place("alpha").folder / "secrets.env"
    own.write_bytes(written.encode("latin-1"))
    own.chmod(mode)
    with pytest.raises(ConfigInvalid) as told:
        pair.beat("alpha", NOW)
    assert said in str(told.value)
    assert "secretword" not in str(told.value)
    assert pair.beat("beta", NOW).failed_steps == ()


@pytest.mark.parametrize("name", ["", "..", "Alpha", "A B", "a/b", "-a", "a" * 41, "a" * 64, "a_b", "pg_catalog"])
def test_a_name_that_no_site_can_have_is_refused(pair: Fleet, name: str) -> None:
    for act in (pair.add, pair.place):
        with pytest.raises(PreconditionFailed, match="cannot be called"):
            act(name)


def test_a_site_is_added_once(pair: Fleet) -> None:
    key = (pair.place("alpha").state / "key").read_bytes()
    with pytest.raises(PreconditionFailed, match=r"There is a site alpha in .* already. Nothing was changed"):
        pair.add("alpha")
    assert (pair.place("alpha").state / "key").read_bytes() == key
    with pytest.raises(PreconditionFailed, match=r"There is no site gamma .* The sites are: alpha, beta"):
        pair.place("gamma")


@pytest.mark.needs_postgresql
def test_a_site_whose_folder_is_on_another_machine_is_not_added_anew(make_fleet: Make, fresh_database: Fresh) -> None:
    database = fresh_database("two_machines")
    here, there = make_fleet("here", database), make_fleet("there", database)
    here.add("alpha")
    here.beat("alpha", NOW)
    with pytest.raises(PreconditionFailed, match="another machine works at it"):
        there.add("alpha")
    shutil.copytree(here.place("alpha").folder, there.folder / "sites" / "alpha")
    assert there.beat("alpha", at("15 Oct 07:36")).failed_steps == ()
    for path in there.place("alpha").state.glob("[!m]*"):  # all but the embedded mail
        path.unlink()
    there.let_go("alpha")
    assert there.beat("alpha", at("15 Oct 07:37")).failed_steps == (), "nothing that matters lies on one machine"
    with there.open("alpha", NOW) as one:
        assert not one.outside.store.service_status().moved
        with pytest.raises(LockHeld):
            here.beat("alpha", at("15 Oct 07:38"))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("databse = ''\n", "Did you mean database?"),
        ("connections = 1\n", "Write 2 to 100"),
        ("connections = 'many'\n", "connections is no number"),
        ("database =\n", "cannot be read as TOML"),
        ("database = 'mysql://x'\n", "of no kind that we know"),
        ("database = 'sqlite:///x'\n", "never a file"),
    ],
)
def test_what_is_wrong_with_a_fleet_is_said(
    pair: Fleet, capsys: pytest.CaptureFixture[str], written: str, said: str
) -> None:
    (pair.folder / "fleet.toml").write_text(written)
    assert run(["fleet", "--fleet", str(pair.folder), "add", "gamma"]) in {3, 4}
    assert said in capsys.readouterr().err


def test_a_broken_site_is_named_and_the_others_beat(pair: Fleet, capsys: pytest.CaptureFixture[str]) -> None:
    (pair.place("alpha").config / "service.toml").write_text("mode =")
    command = ["fleet", "--fleet", str(pair.folder)]
    assert run([*command, "beat"]) == 5
    said = capsys.readouterr()
    assert "alpha: config/service.toml" in said.err
    assert run([*command, "status", "--json"]) == 5
    told = json.loads(capsys.readouterr().out)
    assert [(row["site"], row["state"]) for row in told] == [("alpha", "broken"), ("beta", "well")]
    assert run([*command, "list", "--json"]) == 0
    assert [row["site"] for row in json.loads(capsys.readouterr().out)] == ["alpha", "beta"]


def test_a_folder_without_a_fleet_says_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fleet", "--fleet", str(tmp_path), "list"]) == 4
    assert "csp-workflow fleet init" in capsys.readouterr().err
    assert run(["fleet", "init", str(tmp_path)]) == 0
    assert run(["fleet", "--fleet", str(tmp_path), "list"]) == 0
    assert run(["fleet", "init", str(tmp_path)]) == 4


def test_one_page_shows_all_sites_and_what_watches_the_machine_is_told(pair: Fleet) -> None:
    """A site's files may say anything: what the page quotes of them is text."""
    beaten = wall_clock()
    assert pair.beat("beta", NOW).failed_steps == ()
    (pair.place("alpha").config / "service.toml").write_text("mode = '<script>'")
    with serve_answers(lambda path: answer_fleet(pair, path, beaten + 10), 0) as server:
        Thread(target=server.serve_forever, daemon=True).start()

        def ask(path: str) -> tuple[int, str]:
            try:
                with urlopen(f"http://127.0.0.1:{server.server_address[1]}{path}") as said:
                    return said.status, said.read().decode()
            except HTTPError as fault:
                return fault.code, fault.read().decode()

        status, page = ask("/")
        assert (status, "<h1>1 of 2 sites need somebody</h1>" in page, "<script>" in page) == (200, True, False)
        assert 'scope="row">beta</th><td>well</td>' in page
        assert ask("/livez")[0] == 503
        status, words = ask("/readyz")
        assert (status, words.startswith("alpha: "), "beta" in words) == (503, True, False)
        assert [line for line in ask("/metrics")[1].splitlines() if line.startswith("csp_site_well{")] == [
            'csp_site_well{site="alpha"} 0',
            'csp_site_well{site="beta"} 1',
        ]
        assert ask("/elsewhere")[0] == 404
        (pair.place("alpha").config / "service.toml").write_bytes(
            (pair.place("beta").config / "service.toml").read_bytes()
        )
        pair.beat("alpha", NOW)
        assert (ask("/livez"), ask("/readyz")) == ((200, "all well\n"), (200, "all well\n"))
        server.shutdown()


@pytest.mark.needs_postgresql
def test_a_site_has_no_database_of_its_own_beside_the_fleets(make_fleet: Make, fresh_database: Fresh) -> None:
    fleet = make_fleet(database=fresh_database("own"))
    place = fleet.add("alpha")
    (place.folder / "secrets.env").write_text("CSP_DATABASE=postgresql://secretword@elsewhere/x\n")
    with pytest.raises(ConfigInvalid, match=r"secrets\.env names a database or an archive") as told:
        fleet.beat("alpha", NOW)
    assert "secretword" not in str(told.value)


def test_a_database_that_cannot_be_reached_is_said_and_leaves_nothing_half(
    make_fleet: Make, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fleet = make_fleet(database=f"postgresql://csp@/x?host={tmp_path}")
    for command in (["add", "alpha"], ["beat"], ["upgrade"]):
        assert run(["fleet", "--fleet", str(fleet.folder), *command]) == 75
        assert "cannot be reached" in capsys.readouterr().err
    assert fleet.list_sites() == ()


@pytest.mark.needs_postgresql
def test_a_worker_leaves_a_site_alone_that_a_later_version_brought_on(make_fleet: Make, fresh_database: Fresh) -> None:
    database = fresh_database("later")
    fleet = make_fleet(database=database)
    fleet.add("alpha")
    fleet.beat("alpha", NOW)
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE csp_alpha.alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(PreconditionFailed, match="in the shape '9999'"):
        fleet.beat("alpha", at("15 Oct 07:36"))


def test_a_command_finds_the_state_of_a_site_of_a_fleet(pair: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pair.folder)
    assert run(["--config", "sites/alpha/config", "--now", "2014-10-15T07:35", "tick"]) == 0
    assert not (pair.folder / "state").exists()
    with closing(Store(pair.store_url("alpha"))) as store:
        assert store.letters()
