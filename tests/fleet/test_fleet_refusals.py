"""What no fleet can have is said with what was found, where, and what to do; the other sites go on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from csp_workflow.cli import run
from csp_workflow.fleet import Fleet
from csp_workflow.store.engine import read_address
from csp_workflow.terms.faults import ConfigInvalid, PreconditionFailed
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
    for command in ("beat", "upgrade", "status"):
        assert run(["fleet", "--fleet", str(pair.folder), command, "--json"]) == 5
        told = capsys.readouterr()
        rows = {row["site"]: row for row in json.loads(told.out)}
        said = f"{told.err} {told.out}"
        assert "A site cannot be called 'Alpha'" in said
        assert "gamma has no folder config" in said
        assert set(rows) == {"Alpha", "alpha", "beta", "gamma"}
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
