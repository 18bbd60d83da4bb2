"""What is held of a person is found wherever it lies, given out in one file, and erased for good where it may be."""

from __future__ import annotations

import io
import json
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
from openpyxl import load_workbook

from csp_workflow import upkeep
from csp_workflow.cli import run
from tests.story.site_told import CO_ORDINATOR, Played, at, filled

JANE, TOM, CHARN = "jane.smith@leicester.example", "tom.hill@leicester.example", "lead@charnwood.example"
TRACES = (JANE, "jane.smith+news", "Jane Smith", "Smith,\r\nJane")


def command(site: Played, now: str, *words: str) -> int:
    site.close()
    place = ["--config", str(site.place / "config"), "--state", str(site.place / "state"), "--now", now]
    return run([*place, *words])


def circular(subject: str, sender: str, words: str) -> bytes:
    """What a list sends to everybody: it waits for nobody."""
    head = f"From: {sender}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@elsewhere.example>\r\n"
    return f"{head}Precedence: bulk\r\nList-Id: <news.elsewhere.example>\r\n\r\n{words}\r\n".encode()


def traces(site: Played) -> set[str]:
    """The folders and files of the state folder in which she is still named."""
    state = site.place / "state"
    found = (path for path in state.rglob("*") if path.is_file())
    return {
        path.relative_to(state).parts[0]
        for path in found
        if any(trace.lower().encode() in path.read_bytes().lower() for trace in TRACES)
    }


def is_sound(site: Played) -> bool:
    return upkeep.find_store_faults(site.place / "config", site.place / "state") == ()


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """No quarter is under way; she wrote, somebody wrote of her, and somebody wrote of nobody."""
    site = Played.laid_out(tmp_path_factory.mktemp("quiet") / "opcc")
    site.beat("2 Jun 09:00")
    site.drop(circular("One", f"Jane Smith <{JANE.replace('@', '+news@')}>", "The fete is on Sunday."))
    site.drop(circular("Two", "news@elsewhere.example", "Ring Smith,\r\nJane about the bins."))
    site.drop(circular("Three", "news@elsewhere.example", "Jane Smithers and mary.jane.smith@leicester.example."))
    site.beat("3 Jun 09:00")
    site.close()
    return site


def test_whoever_may_be_erased_is_in_no_file_any_more_and_no_backup_brings_her_back(
    quiet: Played, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = quiet.copied_to(tmp_path / "opcc")
    backup = tmp_path / "backup"
    upkeep.make_backup(site.place / "config", site.place / "state", backup, at("3 Jun 10:00"))
    assert traces(site) == {"archive", "mail", "csp.sqlite"}
    again = next(path.read_bytes() for path in (site.place / "state" / "mail").rglob("*")
                 if path.is_file() and b"fete" in path.read_bytes())  # fmt: skip
    words = ("subject", "erase", "jane smith", "--also", JANE)
    assert command(site, "2014-06-04T09:00", *words) == 0
    assert "Nothing was erased" in capsys.readouterr().err
    assert traces(site) == {"archive", "mail", "csp.sqlite"}
    assert command(site, "2014-06-04T09:01", *words, "--yes") == 0
    said = capsys.readouterr()
    assert "2 in the mailbox" in said.out
    assert "Backups made before" in said.err
    assert traces(site) == {"archive", "mail"}
    assert sum(path.is_file() for path in (site.place / "state" / "archive").glob("??/*")) == 1, (
        "another's name is longer"
    )
    assert is_sound(site)
    site.drop(again)
    site.beat("5 Jun 09:00")
    assert b"fete" not in b"".join(p.read_bytes() for p in (site.place / "state" / "archive").rglob("*") if p.is_file())
    site.close()
    upkeep.restore_backup(site.place / "config", site.place / "state", backup, at("6 Jun 09:00"), replace=True)
    site.beat("6 Jun 09:10")
    assert "fete" not in str(list((site.place / "state" / "archive").rglob("*")))
    assert command(site, "2014-06-06T09:20", *words, "--yes") in {0, 5}
    assert "csp.sqlite" not in traces(site)
    assert is_sound(site)


@pytest.fixture(scope="module")
def left(sent_out: Played, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """She led for a while, answered the form with her name in it, and gave way to somebody else."""
    site = sent_out.copied_to(tmp_path_factory.mktemp("left") / "opcc")
    site.new_letters()
    for name, address, day in (("Jane Smith", JANE, 16), ("Tom Hill", TOM, 17)):
        site.write(CO_ORDINATOR, "Leicester", f"CONTACT LEIC lead {name} <{address}>")
        site.beat(f"{day} Oct 10:00")
        site.reply(site.the_letter(address, "one word: YES"), address, f"Yes\n\n{name}\n")
        site.beat(f"{day} Oct 12:00")
        if address == JANE:
            request = site.the_letter(address, "you now lead")
            site.reply(
                request, JANE, f"Here it is. Ask {CHARN} too.\n\nJane Smith", filled(request, words="By Jane Smith")
            )
            site.beat("16 Oct 14:00")
    site.close()
    return site


def test_what_is_held_comes_to_the_co_ordinator_alone_by_reply(
    left: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, deputy = left.copied_to(tmp_path / "opcc"), "deputy.co-ordinator@opcc.example"
    site.new_letters()
    site.write(CO_ORDINATOR, "A request for data", f"FIND Jane Smith, {JANE}\nEXPORT Jane Smith\nEXPORT Nobody Known")
    site.beat("20 Oct 09:00")
    letters = site.new_letters()
    assert {x.to for x in letters if "held" in x.subject.lower()} == {CO_ORDINATOR}
    found, bundle = (next(x for x in letters if x.subject.startswith(begins)) for begins in ("What is", "All that"))
    assert ", wrote it." in " ".join(found.text.split())
    (_, data) = next(iter(bundle.files))
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert {"index.html", "INDEX.csv", "records.csv"} <= set(book.namelist())
    site.write(CO_ORDINATOR, "Away", "AWAY FROM 20 October TO 24 October")
    site.beat("20 Oct 09:10")
    site.new_letters()
    site.write(deputy, "A request for data", "EXPORT Jane Smith")
    site.beat("20 Oct 09:20")
    (refused,) = [x for x in site.new_letters(deputy) if "You wrote" in x.text]
    assert "goes to the co-ordinator alone" in " ".join(refused.text.split())
    assert not refused.files
    monkeypatch.setattr("csp_workflow.steps.showing._MOST_BYTES", 10)
    site.write(CO_ORDINATOR, "A request for data", "EXPORT Jane Smith")
    site.beat("20 Oct 09:30")
    large = next(x for x in site.new_letters(CO_ORDINATOR) if x.subject.startswith("All that"))
    assert "It lies in exports/held-2014-10-20.zip" in " ".join(large.text.split())
    assert not large.files
    assert zipfile.is_zipfile(site.place / "state" / "exports" / "held-2014-10-20.zip")


def test_nobody_is_erased_who_serves(left: Played, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = left.copied_to(tmp_path / "opcc")
    assert command(site, "2014-10-18T09:00", "subject", "erase", TOM, "--yes") == 4
    assert "is lead of Safer Leicester" in capsys.readouterr().err
    assert command(site, "2014-10-18T09:00", "subject", "erase", CO_ORDINATOR, "--yes") == 4
    assert command(site, "2014-10-18T09:00", "subject", "erase", "Smith", "--yes") == 4
    assert "single word" in capsys.readouterr().err


def test_of_a_quarter_under_way_the_store_forgets_her_and_what_stays_is_told(
    left: Played, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = left.copied_to(tmp_path / "opcc")
    assert command(site, "2014-10-20T09:00", "subject", "erase", JANE, "--yes") == 5
    told = capsys.readouterr().out
    assert "2014/15 Q2 is under way and may need it" in told
    assert "csp.sqlite" not in traces(site)
    assert is_sound(site)
    site.beat("20 Oct 09:05")
    erased = site.ask(
        lambda outside: [e for e in outside.store.events(None) if e.kind.value == "person erased"], "20 Oct 09:06"
    )
    assert isinstance(erased, list)
    assert erased[0].facts["roles"] == "lead of Safer Leicester Partnership"
    assert erased[0].subject in told
    site.new_letters()
    for day in ("20 Oct 09:10", "21 Oct 09:10", "22 Oct 09:10"):
        site.beat(day)
    assert all("erased" not in letter.to for letter in site.new_letters())
    assert command(site, "2014-10-22T09:20", "--json", "subject", "find", JANE) == 0
    found = json.loads(capsys.readouterr().out)
    assert {one["where"] for one in found} <= {"message", "letter", "form"}
    assert site.state("leicester") == "queried"


def test_all_that_is_held_of_her_is_one_file_in_which_others_are_marked(
    left: Played, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, file = left.copied_to(tmp_path / "opcc"), tmp_path / "jane.zip"
    assert command(site, "2014-10-20T09:00", "subject", "export", "Jane Smith", str(file)) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert command(site, "2014-10-20T09:00", "subject", "export", "Jane Smith", str(file)) == 4
    with zipfile.ZipFile(file) as book:
        names = set(book.namelist())
        page = book.read("index.html").decode()
        links = Links()
        links.feed(page)
        assert links.found
        assert set(links.found) <= names
        readings = [book.read(name).decode() for name in names if name.startswith("reading/")]
        mine = next(text for text in readings if "Here it is. Ask" in text)
        assert f"<mark>{CHARN}</mark>" in mine
        assert "<mark>Jane Smith</mark>" not in mine
        assert JANE in mine
        assert f"<mark>{JANE}</mark>" not in mine
        index = book.read("INDEX.csv").decode("utf-8-sig")
        assert any(CHARN in line and "messages/" in line for line in index.splitlines())
        records = load_workbook(io.BytesIO(book.read("records.xlsx")))["Records"]
        assert any("Jane Smith" in str(cell) for row in records.iter_rows(values_only=True) for cell in row)
        assert "submission,1" not in index
        assert b"contact named" in book.read("audit/events.csv")


def test_of_a_partnership_everything_is_given_out(left: Played, tmp_path: Path) -> None:
    site, file = left.copied_to(tmp_path / "opcc"), tmp_path / "leicester.zip"
    assert command(site, "2014-10-20T09:00", "subject", "export", "leicester", str(file)) == 0
    with zipfile.ZipFile(file) as book:
        told = json.loads(book.read("returns/2014-15-Q2.json"))
        assert told["submissions"] == 1
        assert b"Leicester" in book.read("figures.csv")
        readings = [book.read(name).decode() for name in book.namelist() if name.startswith("reading/")]
        assert any("<mark>Jane Smith</mark>" in text for text in readings)
        assert not any("charnwood" in name for name in book.namelist())


class Links(HTMLParser):
    """The files that a page points to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == "href" and value]
