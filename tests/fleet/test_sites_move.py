"""A site goes elsewhere in mid-quarter: nothing is lost, nothing leaves twice, and it works in one place alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import create_engine, text

from csp_workflow import settings, upkeep, wiring
from csp_workflow.cli import run
from csp_workflow.fleet import Fleet, lay_out_fleet, moving
from csp_workflow.store import Store
from csp_workflow.terms.events import LetterState, PreconditionFailed
from csp_workflow.terms.service import ConfigInvalid, LockHeld
from tests.story import conftest as stories
from tests.story.site_told import CO_ORDINATOR, Q2, Played, at, filled, said

sent_out = stories.sent_out
LEIC, CHARN, CHARN_CHAIR = "lead@leicester.example", "lead@charnwood.example", "chair@charnwood.example"
MOVED = "Nothing leaves until you say so"
NOW = at("16 Oct 09:00")
Make, Fresh = Callable[..., Fleet], Callable[[str], str]


@pytest.fixture
def mid_quarter(sent_out: Played, tmp_path: Path) -> Played:
    """A site by itself: its forms are out, one return has come, another lies in the mailbox."""
    site = sent_out.copied_to(tmp_path / "by-itself")
    for lead in (CHARN, LEIC):
        form = site.the_letter(lead, "Please fill in")
        site.reply(form, lead, "Our return.", filled(form))
        if lead == CHARN:
            site.beat("16 Oct 08:30")
    site.close()
    return site


def played(fleet: Fleet, name: str, before: Played) -> Played:
    """The site as it is played on in a fleet."""
    return Played(fleet.place(name).folder, set(before.read), before.written + 100, pretended=False)


def find_wrong(site: Played, url: str) -> Iterator[str]:
    """What was lost or left twice, in sentences: the store and the mailbox hold the same letters, once each."""
    sent = site.place / "state" / "mail" / "sent"
    delivered = Counter(path.name.partition(":2,")[0] for path in sent.rglob("*") if path.is_file())
    with closing(Store(url)) as store:
        known = {letter.id for letter in store.letters(LetterState.SENT)}
        yield from (f"{letter.id} is {letter.state}" for letter in store.letters(LetterState.UNKNOWN))
        for respondent in ("charnwood", "leicester"):
            count = len(store.submissions(Q2, respondent))
            if count != 1:
                yield f"{respondent} has {count} versions"
    yield from (f"{name} was delivered {count} times" for name, count in delivered.items() if count != 1)
    yield from (f"{name} is in one place alone" for name in known ^ set(delivered))


def release(site: Played, when: str) -> None:
    """The co-ordinator lets go what waits since the store came from elsewhere."""
    site.reply(site.the_letter(CO_ORDINATOR, MOVED), CO_ORDINATOR, "RELEASE")
    site.beat(when)


def beat_beside(fleet: Fleet, when: str, *words: str) -> subprocess.CompletedProcess[str]:
    """One beat of every site in a process of its own, as another machine does it."""
    now = at(when).isoformat()
    asked = [sys.executable, "-m", "csp_workflow", "--now", now, "fleet", "--fleet", str(fleet.folder), "beat", *words]
    return subprocess.run(asked, capture_output=True, text=True, check=False)


@pytest.mark.needs_postgresql
def test_a_site_goes_from_machine_to_machine_at_one_database_and_then_to_another_one(
    mid_quarter: Played, make_fleet: Make, fresh_database: Fresh
) -> None:
    database = fresh_database("from")
    here, there = make_fleet("here", database), make_fleet("there", database)
    moving.take_in(here, "alpha", mid_quarter.place, NOW)
    with pytest.raises(PreconditionFailed, match="This site was moved to postgresql"):
        mid_quarter.beat("16 Oct 09:01")
    site = played(here, "alpha", mid_quarter)
    assert beat_beside(here, "16 Oct 09:05").returncode == 0
    assert not site.new_letters(LEIC), "its receipt waits for RELEASE"
    release(site, "16 Oct 09:10")
    site.close()
    assert site.the_letter(LEIC, "Thank you")
    moving.move_site(here, "alpha", there.folder, at("16 Oct 10:00"))
    assert here.list_sites() == ()
    site = played(there, "alpha", site)
    site.reply(site.the_letter(CHARN_CHAIR, "Please approve"), CHARN_CHAIR, "APPROVED")
    assert beat_beside(there, "16 Oct 10:05").returncode == 0, "at the same database nobody waits for RELEASE"
    assert (site.state("charnwood"), site.state("leicester")) == ("approved", "complete")
    site.close()
    assert not list(find_wrong(site, there.store_url("alpha")))
    other = make_fleet("other", fresh_database("to"))
    old = there.store_url("alpha")
    moving.move_site(there, "alpha", other.folder, at("16 Oct 11:00"))
    with closing(Store(old)) as store:
        assert store.stamp(wiring.MOVED).endswith("to?schema=csp_alpha")
    site = played(other, "alpha", site)
    site.beat("16 Oct 11:05")
    release(site, "16 Oct 11:10")
    assert (site.state("charnwood"), site.state("leicester")) == ("approved", "complete")
    site.close()
    assert not list(find_wrong(site, other.store_url("alpha")))


def test_a_site_with_a_file_goes_to_another_fleet_and_out_of_all(mid_quarter: Played, make_fleet: Make) -> None:
    here, there = make_fleet("here"), make_fleet("there")
    moving.take_in(here, "alpha", mid_quarter.place, NOW)
    site = played(here, "alpha", mid_quarter)
    site.beat("16 Oct 09:05")
    release(site, "16 Oct 09:10")
    site.close()
    out = here.folder.parent / "out"
    moving.move_site(here, "alpha", there.folder, at("16 Oct 10:00"))
    moving.move_site(there, "alpha", out, at("16 Oct 11:00"))
    site = Played(out, site.read, site.written + 100, pretended=False)
    site.beat("16 Oct 11:05")
    release(site, "16 Oct 11:10")
    site.reply(site.the_letter(CHARN_CHAIR, "Please approve"), CHARN_CHAIR, "APPROVED")
    site.beat("16 Oct 11:20")
    assert (site.state("charnwood"), site.state("leicester")) == ("approved", "complete")
    site.close()
    assert not list(find_wrong(site, f"sqlite:///{out / 'state' / 'csp.sqlite'}"))
    assert upkeep.find_store_faults(out / "config", out / "state") == ()


@pytest.mark.parametrize("kind", ["file", pytest.param("server", marks=pytest.mark.needs_postgresql)])
def test_a_site_gets_another_name_in_mid_quarter(
    mid_quarter: Played, make_fleet: Make, request: pytest.FixtureRequest, kind: str
) -> None:
    fleet = make_fleet("here", request.getfixturevalue("fresh_database")("named") if kind == "server" else "")
    moving.take_in(fleet, "alpha", mid_quarter.place, NOW)
    fleet.add("gamma")
    for taken, words in (("gamma", "holds something already"), ("Beta", "cannot be called")):
        with pytest.raises(PreconditionFailed, match=words):
            moving.rename_site(fleet, "alpha", taken, at("16 Oct 09:00"))
    moving.rename_site(fleet, "alpha", "beta", at("16 Oct 09:01"))
    assert fleet.list_sites() == ("beta", "gamma")
    site = played(fleet, "beta", mid_quarter)
    site.beat("16 Oct 09:05")
    release(site, "16 Oct 09:10")
    site.close()
    assert not list(find_wrong(site, fleet.store_url("beta")))
    with pytest.raises(PreconditionFailed, match="There is no site alpha"):
        fleet.beat("alpha", at("16 Oct 09:15"))


@pytest.mark.needs_postgresql
@pytest.mark.parametrize("point", ["copy_store", "put_back", "_bring_archive", "_put_aside"])
@pytest.mark.parametrize("kind", ["file", "server"])
def test_a_move_that_is_cut_off_goes_on_with_the_same_order(
    mid_quarter: Played,
    make_fleet: Make,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    point: str,
    kind: str,
) -> None:
    there = make_fleet("there", request.getfixturevalue("fresh_database")("cut") if kind == "server" else "")
    here = make_fleet("here")
    moving.take_in(here, "alpha", mid_quarter.place, NOW)
    real = getattr(moving, point)

    def cut(*arguments: object, **named: object) -> None:
        if point != "copy_store":
            real(*arguments, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(moving, point, cut)
    with pytest.raises(KeyboardInterrupt):
        moving.move_site(here, "alpha", there.folder, at("16 Oct 10:00"))
    monkeypatch.undo()
    for fleet in (here, there):
        if "alpha" in fleet.list_sites() and point not in {"_bring_archive", "_put_aside"}:
            with pytest.raises(PreconditionFailed, match="moved"):
                fleet.beat("alpha", at("16 Oct 10:01"))
    if "alpha" in here.list_sites():
        moving.move_site(here, "alpha", there.folder, at("16 Oct 10:02"))
    site = played(there, "alpha", mid_quarter)
    site.beat("16 Oct 10:05")
    release(site, "16 Oct 10:10")
    site.close()
    assert not list(find_wrong(site, there.store_url("alpha")))


def test_a_site_is_not_moved_while_it_sends_nor_into_what_is_taken(mid_quarter: Played, make_fleet: Make) -> None:
    here, there = make_fleet("here"), make_fleet("there")
    moving.take_in(here, "alpha", mid_quarter.place, NOW)
    with here.open("alpha", NOW), pytest.raises(LockHeld, match="working on this site"):
        moving.move_site(here, "alpha", there.folder, NOW)
    there.add("alpha")
    with pytest.raises(PreconditionFailed, match=r"holds something already\. Nothing was moved"):
        moving.move_site(here, "alpha", there.folder, NOW)
    with pytest.raises(PreconditionFailed, match=r"holds something already\. Nothing was moved"):
        moving.move_site(here, "alpha", mid_quarter.place, NOW)
    with closing(Store(here.store_url("alpha"))) as store:
        assert not store.stamp(wiring.MOVED)
        (*_, last) = store.letters()
        query = "UPDATE letter SET state = 'handing' WHERE id = :id"
        with store._engine.begin() as connection:
            connection.execute(text(query), {"id": last.id})
    with pytest.raises(PreconditionFailed, match=r"whether 1 letter left .*outbox resolve"):
        moving.move_site(here, "alpha", here.folder.parent / "new", NOW)


# Ending ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["file", pytest.param("server", marks=pytest.mark.needs_postgresql)])
def test_a_site_is_removed_when_it_has_ended_and_all_of_it_can_be_put_back(
    mid_quarter: Played, make_fleet: Make, request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    fleet = make_fleet("here", request.getfixturevalue("fresh_database")("ended") if kind == "server" else "")
    moving.take_in(fleet, "alpha", mid_quarter.place, NOW)
    with pytest.raises(PreconditionFailed, match=r"alpha is not removed: .*2014/15 Q2 is under way"):
        moving.remove_site(fleet, "alpha", tmp_path / "all", NOW)
    fleet.add("beta")
    fleet.beat("beta", at("01 Sep 09:00"))
    moving.remove_site(fleet, "beta", tmp_path / "all", NOW)
    assert fleet.list_sites() == ("alpha",)
    back = tmp_path / "back"
    assert run(["init", str(back)]) == 0
    upkeep.restore_backup(back / "config", back / "state", tmp_path / "all" / "backup", NOW, replace=False)
    assert upkeep.find_store_faults(back / "config", back / "state") == ()
    fleet.add("beta")
    with pytest.raises(PreconditionFailed, match="Name a new folder"):
        moving.remove_site(fleet, "beta", tmp_path / "all", NOW)


@pytest.mark.parametrize("kind", ["file", pytest.param("server", marks=pytest.mark.needs_postgresql)])
@pytest.mark.parametrize("of", ["by itself", "fleet"])
def test_a_backup_is_put_back_into_a_new_site_of_a_fleet_wherever_what_was_kept_lay(
    mid_quarter: Played, make_fleet: Make, fresh_database: Fresh, tmp_path: Path, kind: str, of: str
) -> None:
    made = mid_quarter.place
    if of == "fleet":
        server = make_fleet("server", fresh_database("backed_up"))
        moving.take_in(server, "alpha", made, NOW)
        made = server.place("alpha").folder
    upkeep.make_backup(made / "config", made / "state", tmp_path / "backup", NOW)
    fleet = make_fleet("here", fresh_database("put_back") if kind == "server" else "")
    place = fleet.add("beta")
    upkeep.restore_backup(place.config, place.state, tmp_path / "backup", NOW, replace=False)
    assert fleet.beat("beta", at("16 Oct 09:05")).failed_steps == ()
    with fleet.open("beta", NOW) as wired:
        store = wired.outside.store
        assert store.service_status().moved
        kept = [*(letter.content for letter in store.letters()), *(row.content for row in store.messages())]
        assert kept
        assert all(map(wired.outside.archive.fetch, kept))


def test_an_upgrade_goes_site_by_site_and_what_fails_stops_alone(
    make_fleet: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = make_fleet("here")
    for name in ("alpha", "beta", "gamma"):
        fleet.add(name)
    engine = create_engine(fleet.store_url("alpha"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    (fleet.place("beta").config / "service.toml").write_text("mode =")
    assert run(["fleet", "--fleet", str(fleet.folder), "upgrade", "--json"]) == 5
    told = capsys.readouterr()
    assert re.findall(r"^(alpha|beta|gamma): ", told.err, re.MULTILINE) == ["alpha", "beta"]
    assert "in the shape of revision" in told.out
    assert fleet.beat("gamma", NOW).failed_steps == ()


def test_a_successor_takes_over_the_site_with_all_its_history(mid_quarter: Played, make_fleet: Make) -> None:
    fleet = make_fleet("here")
    moving.take_in(fleet, "alpha", mid_quarter.place, NOW)
    site = played(fleet, "alpha", mid_quarter)
    site.beat("16 Oct 09:05")
    release(site, "16 Oct 09:10")
    site.beat("16 Oct 09:15")
    site.close()
    asked = site.the_letter(CHARN_CHAIR, "Please approve")
    place = fleet.place("alpha")
    (place.folder / "secrets.env").write_text("CSP_MAIL_PASSWORD=of-the-old-body\n")
    config = Path(shutil.copytree(place.config, fleet.folder.parent / "new"))
    file = config / "service.toml"
    written = file.read_text()
    for old, new in (("csp-returns@opcc.example", "returns@mayor.example"), (CO_ORDINATOR, "anna@mayor.example")):
        assert old in written
        written = written.replace(old, new)
    file.write_text("mode =")
    with pytest.raises(ConfigInvalid):
        moving.hand_over(fleet, "alpha", config, at("17 Oct 09:00"))
    file.write_text(written)
    with closing(Store(fleet.store_url("alpha"))) as store:
        before = [len(found) for found in (store.letters(), store.messages(), store.submissions(Q2, "charnwood"))]
    moving.hand_over(fleet, "alpha", config, at("17 Oct 09:00"))
    assert "of-the-old-body" not in (place.folder / "secrets.env").read_text()
    assert settings.load(place.config)[0].office.mailbox == "returns@mayor.example"
    site = played(fleet, "alpha", site)
    site.beat("17 Oct 09:05")
    (letter,) = [one for one in site.new_letters() if MOVED in one.subject]
    assert letter.to == "anna@mayor.example"
    assert "handed over by" in said(letter)
    site.reply(asked, CHARN_CHAIR, "APPROVED")  # to the old mailbox, which forwards it
    site.reply(letter, letter.to, "RELEASE")
    site.beat("17 Oct 09:10")
    with closing(Store(fleet.store_url("alpha"))) as store:
        after = [len(found) for found in (store.letters(), store.messages(), store.submissions(Q2, "charnwood"))]
    assert (after[0] > before[0], after[1], after[2]) == (True, before[1] + 2, before[2])
    assert (site.state("charnwood"), site.state("leicester")) == ("approved", "complete")
    new = site.new_letters()
    assert new
    assert {one.sender for one in new} == {"returns@mayor.example"}
    assert not [one.subject for one in new if "opcc.example" in one.text.replace("co-ordinator@opcc", "")]
    site.close()
    assert not list(find_wrong(site, fleet.store_url("alpha")))


# Nothing of one reaches another ------------------------------------------------------------------


@pytest.mark.needs_postgresql
def test_nothing_of_one_site_reaches_another_that_works_beside_it(
    sent_out: Played, make_fleet: Make, fresh_database: Fresh, tmp_path: Path
) -> None:
    """Two sites of the same people, with the same key, in one process: what each is told stands in its rows alone."""
    database = fresh_database("canaries")
    fleet = make_fleet("here", database)
    names = ("alpha", "beta")
    sites = {}
    for name in names:
        alone = sent_out.copied_to(tmp_path / name)
        form = alone.the_letter(CHARN, "Please fill in")
        alone.reply(form, CHARN, f"canary{name}x", filled(form, words=f"We did canary{name}x."))
        alone.write("stranger@else.example", f"canary{name}x", f"A question of canary{name}x.")
        moving.take_in(fleet, name, alone.place, NOW)
        sites[name] = played(fleet, name, alone)
    beats = [at("16 Oct 09:05"), at("16 Oct 09:06"), at("17 Oct 09:06"), at("20 Oct 09:06")]

    def work(name: str) -> None:
        for now in beats:
            fleet.beat(name, now)
            with nullcontext() if now != beats[0] else closing(sites[name]):
                if now == beats[0]:
                    letter = sites[name].the_letter(CO_ORDINATOR, MOVED)
                    sites[name].reply(letter, CO_ORDINATOR, "RELEASE")

    workers = [Thread(target=work, args=(name,)) for name in names]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    fleet.close()
    engine = create_engine(database)
    with engine.connect() as connection:
        for name, other in (names, names[::-1]):
            wanted = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema")
            tables = connection.scalars(wanted, {"schema": f"csp_{name}"}).all()
            rows = [str(row) for t in tables for row in connection.execute(text(f'SELECT * FROM csp_{name}."{t}"'))]
            assert any(f"canary{name}x" in row for row in rows)
            assert not [row[:200] for row in rows if f"canary{other}x" in row]
            mail = b"".join(path.read_bytes() for path in (sites[name].place / "state").rglob("*") if path.is_file())
            assert f"canary{name}x".encode() in mail
            assert f"canary{other}x".encode() not in mail
    engine.dispose()


def test_a_process_has_at_most_as_many_connections_as_the_fleet_says(tmp_path: Path) -> None:
    lay_out_fleet(tmp_path)
    assert Fleet(tmp_path).at_once == 4
