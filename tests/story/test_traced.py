"""A paper that went out: each of its figures is traced, and the paper is built again as at its time and compared."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from csp_workflow.cli import run
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps import setting_up
from csp_workflow.steps.outside import Outside
from tests.story.closed_told import CHARN, SECRETARIAT, send_correction
from tests.story.site_told import CO_ORDINATOR, Played, at, filled

IMPORTED = b"series,area,period,as_at,value\r\nM12a,E22000165,2014/15-Q2,2014-11-01,164\r\n"


class Gone(NamedTuple):
    """A site whose Board's paper has gone out: the forms as they were sent, the draft, the copy that circulated."""

    site: Played
    asked: dict[str, Post]
    draft: bytes
    copy: bytes


@pytest.fixture(scope="module")
def gone(closed: tuple[Played, dict[str, Post]], tmp_path_factory: pytest.TempPathFactory) -> Gone:
    """To be looked at; not played on."""
    site = closed[0].copied_to(tmp_path_factory.mktemp("traced") / "opcc")
    load(site, IMPORTED, "extract.csv", "19 Nov 12:00")
    site.beat("20 Nov 09:05")
    draft = site.the_letter(CO_ORDINATOR, "is attached (speb")
    site.reply(draft, CO_ORDINATOR, "CLEAR speb WITHOUT WAITING\nCIRCULATE speb AS CLEARED")
    site.beat("20 Nov 10:00")
    site.beat("20 Nov 10:01")
    sent = site.the_letter(SECRETARIAT, "ready for the agenda")
    site.close()
    return Gone(site, closed[1], draft.files[0][1], sent.files[0][1])


def load(site: Played, data: bytes, name: str, when: str) -> None:
    def imported(outside: Outside) -> Any:
        return setting_up.import_figures(outside, data, name, at(when))

    assert not site.ask(imported, when)["refused"]  # type: ignore[index]


@pytest.fixture
def ask(gone: Gone, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any, str]]:
    """A command on a site: its exit code, what it says on stdout as data, what on stderr."""

    def typed(*words: str, file: bytes = b"", site: Played = gone.site) -> tuple[int, Any, str]:
        paths = [str(tmp_path / "paper.docx")] if file else []
        if file:
            Path(paths[0]).write_bytes(file)
        site.close()
        capsys.readouterr()
        where = ["--config", str(site.place / "config"), "--state", str(site.place / "state")]
        code = run([*where, "--json", "report", words[0], *paths, *words[1:]])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return typed


def test_every_figure_is_traced_to_the_file_and_cell_that_it_was_read_from(gone: Gone, ask: Any) -> None:
    code, found, talk = ask("trace", file=gone.copy)
    assert (code, found["untraced"]) == (0, [])
    assert found["paper"]["kind"] == "circulation copy"
    assert "circulation copy of draft 1 of the paper for speb" in talk
    rows = {row["series"]: row for row in found["figures"]}
    own = rows["CHARN.L1"]
    name, sent = filled(gone.asked[CHARN])
    assert (own["file"], own["sha256"]) == (name, sha256(sent).hexdigest())
    assert (own["value"], own["area_name"], own["period"], own["sheet"]) == (
        "17",
        "Charnwood",
        "2014/15-Q2",
        "Your figures",
    )
    assert own["cell"]
    assert (own["respondent"], own["version"], own["revised"]) == ("charnwood", 1, [])
    assert own["approved_by"] == "chair@charnwood.example"
    assert own["approved_at"] >= own["received"] >= "2014-10-16"
    loaded = rows["M12a"]
    assert (loaded["value"], loaded["file"], loaded["cell"]) == ("164", "extract.csv", "line 2, value")
    assert (loaded["sha256"], loaded["received"]) == (
        sha256(IMPORTED).hexdigest(),
        at("19 Nov 12:00").isoformat(),
    )
    assert loaded["respondent"] == ""


@pytest.mark.parametrize("by", ["printed", "bookmark", "key"])
def test_one_figure_is_found_by_what_is_printed_its_bookmark_or_its_key(gone: Gone, ask: Any, by: str) -> None:
    _, found, _ = ask("trace", file=gone.copy)
    wanted = next(row for row in found["figures"] if row["series"] == "M12a")[by]
    code, one, _ = ask("trace", "--figure", wanted, file=gone.copy)
    assert code == 0
    assert {row["series"] for row in one["figures"]} == {"M12a"}


def test_what_cannot_be_traced_is_said_with_what_to_do(gone: Gone, ask: Any) -> None:
    code, _, talk = ask("trace", "--figure", "98765", file=gone.copy)
    assert code == 4
    assert "No figure with a bookmark is '98765'" in talk
    code, _, talk = ask("trace", file=b"no Word file")
    assert code == 4
    assert "saved as .docx" in talk
    base = (gone.site.place / "templates" / "reports" / "base.docx").read_bytes()
    code, _, talk = ask("trace", file=base)
    assert code == 4
    assert "No figure in the file is marked" in talk


def changed(data: bytes, was: str, now: str) -> bytes:
    """A paper with other words in its body, as a program saves it anew."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "word/document.xml":
                assert was.encode() in part
                part = part.replace(was.encode(), now.encode())
            new.writestr(name, part)
    return out.getvalue()


def test_a_number_that_was_changed_by_hand_is_told_from_what_is_stored(gone: Gone, ask: Any) -> None:
    code, found, talk = ask("trace", file=changed(gone.draft, ">164<", ">146<"))
    assert code == 5
    assert found["paper"]["kind"] == "edited"
    (row,) = [row for row in found["figures"] if row["series"] == "M12a"]
    assert (row["printed"], row["value"], row["as_stored"]) == ("146", "164", False)
    assert "'146'" in talk
    assert "what was stored then is 164" in talk


def test_a_paper_of_another_site_is_traced_by_what_is_printed_or_not_at_all(gone: Gone, ask: Any) -> None:
    code, found, talk = ask("trace", file=changed_created(gone.copy))
    assert code == 0
    assert found["paper"] is None
    assert "no draft that this store knows" in talk


def changed_created(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part.replace(b"2014-11-20T09:05", b"2013-01-01T00:00"))
    return out.getvalue()


@pytest.mark.needs_libreoffice
def test_figures_are_traced_after_libreoffice_has_saved_the_file(gone: Gone, ask: Any, tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    assert soffice, "LibreOffice is needed here"
    (tmp_path / "in.docx").write_bytes(gone.copy)
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    convert = ["--headless", "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(tmp_path / "out")]
    subprocess.run(
        [soffice, profile, *convert, str(tmp_path / "in.docx")], check=True, capture_output=True, timeout=180
    )
    _, before, _ = ask("trace", file=gone.copy)
    code, found, talk = ask("trace", file=(tmp_path / "out" / "in.docx").read_bytes())
    assert (code, found["paper"]["kind"]) == (0, "edited"), talk

    def places(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
        return sorted((row["bookmark"], row["sha256"], row["cell"]) for row in rows)

    assert places(found["figures"]) == places(before["figures"])


# Verify ---------------------------------------------------------------------------------------------


def test_a_paper_is_built_again_part_by_part_the_same(gone: Gone, ask: Any) -> None:
    for words, file in ((("verify", "2014/15-Q2"), b""), (("verify",), gone.copy)):
        code, found, _ = ask(*words, file=file)
        assert code == 0, found
        assert all(one["same"] for one in found)
    code, _, talk = ask("verify", "2014/15-Q2", "--board", "panel")
    assert code == 4
    assert "nothing is there to verify" in talk


def test_what_was_changed_in_a_paper_is_shown_by_part_and_paragraph(gone: Gone, ask: Any) -> None:
    code, found, _ = ask("verify", file=changed(gone.copy, ">164<", ">146<"))
    assert (code, found[0]["kind"]) == (1, "circulation copy")
    (part,) = found[0]["differ"]
    assert part["part"] == "word/document.xml"
    assert part["rebuilt"] != part["file"]
    assert any("164" in one["rebuilt"] and "146" in one["file"] for one in part["words"])
    code, _, talk = ask("verify", file=changed_created(gone.copy))
    assert code == 4
    assert "no draft that this store knows" in talk


def test_whatever_came_later_the_paper_is_built_as_it_stood_and_the_figure_is_said_to_be_revised(
    gone: Gone, ask: Any, tmp_path: Path
) -> None:
    site = gone.site.copied_to(tmp_path / "later")
    send_correction(site, gone.asked[CHARN], filled(gone.asked[CHARN], number=20), "20 Nov 10:20")
    load(site, IMPORTED.replace(b"2014-11-01,164", b"2014-11-20,170"), "again.csv", "20 Nov 10:30")
    site.beat("20 Nov 11:00")
    site.write(CO_ORDINATOR, "Panel", "DRAFT panel")
    site.beat("20 Nov 11:10")
    code, found, _ = ask("verify", "2014/15-Q2", site=site)
    assert code == 0, found
    boards = ("speb", "panel")
    kinds = ("draft", "circulation copy", "workbook")
    assert [(one["board"], one["kind"]) for one in found] == [(board, kind) for board in boards for kind in kinds]
    code, found, talk = ask("trace", file=gone.copy, site=site)
    assert code == 0
    rows = {row["series"]: row for row in found["figures"]}
    assert rows["CHARN.L1"]["value"] == "17"
    assert [(one["value"], one["version"]) for one in rows["CHARN.L1"]["revised"]] == [("20", 2)]
    assert rows["CHARN.L1"]["approved_by"] == "chair@charnwood.example"
    assert [one["value"] for one in rows["M12a"]["revised"]] == ["170"]
    assert "was revised: 170 since" in talk


def test_a_draft_that_she_edited_is_traced_and_built_again_with_her_words(
    closed: tuple[Played, dict[str, Post]], ask: Any, tmp_path: Path
) -> None:
    site = closed[0].copied_to(tmp_path / "edited")
    site.beat("20 Nov 09:05")
    draft = site.the_letter(CO_ORDINATOR, "is attached (speb")
    # As a figure alone, which a bookmark holds: a paragraph that happens to have that number is referred to by it.
    figure = "</w:t></w:r><w:bookmarkEnd"
    theirs = changed(draft.files[0][1], f">17{figure}", f">71{figure}")
    site.reply(draft, CO_ORDINATOR, "", ("speb.docx", theirs))
    site.beat("20 Nov 09:30")
    second = site.the_letter(CO_ORDINATOR, "Draft 2 of the paper")
    code, found, talk = ask("trace", file=second.files[0][1], site=site)
    assert (code, found["paper"]["draft"]) == (5, 2)
    assert {(row["printed"], row["value"]) for row in found["figures"]} == {("71", "17")}
    assert "was changed by hand: what was stored then is 17" in talk
    code, found, talk = ask("verify", "2014/15-Q2", "--board", "speb", site=site)
    assert code == 0, found
    code, found, _ = ask("verify", file=changed(second.files[0][1], ">71<", ">72<"), site=site)
    assert (code, found[0]["draft"], len(found[0]["differ"])) == (1, 2, 1), "her draft saved again is known as hers"


def test_what_cannot_be_had_again_as_it_was_is_said(gone: Gone, ask: Any, tmp_path: Path) -> None:
    site = gone.site.copied_to(tmp_path / "renamed")
    report = site.place / "config" / "partnerships.toml"
    text = report.read_text("utf-8")
    report.write_text(text.replace('name = "Charnwood Community', 'name = "Charnwood and District Community'), "utf-8")
    code, found, talk = ask("verify", file=gone.copy, site=site)
    assert code == 1
    assert "Configuration, templates and program are used as they are now" in talk
    (part,) = [one for one in found[0]["differ"] if one["part"] == "word/document.xml"]
    assert any("and District" in one["rebuilt"] for one in part["words"])


# Export ---------------------------------------------------------------------------------------------


def export(site: Played, file: Path, quarter: str = "2014/15-Q2", *words: str) -> int:
    site.close()
    where = ["--config", str(site.place / "config"), "--state", str(site.place / "state")]
    return run([*where, "cycle", "export", quarter, str(file), *words])


def unzip(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as book:
        return {name: book.read(name) for name in book.namelist()}


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_a_quarter_is_exported_whole_with_an_index_and_always_the_same_bytes(gone: Gone, tmp_path: Path) -> None:
    assert export(gone.site, tmp_path / "q2.zip") == 0
    files = unzip(tmp_path / "q2.zip")
    index = {row["file"]: row for row in rows_of(files["INDEX.csv"])}
    assert set(index) == set(files) - {"INDEX.csv"}
    assert all(index[name]["sha256"] == sha256(files[name]).hexdigest() for name in index)
    assert "PERSONAL DATA" in files["README.txt"].decode()
    assert filled(gone.asked[CHARN])[1] == files["workbooks/charnwood/received-1.xlsx"]
    assert files["workbooks/charnwood/sent-1.xlsx"].startswith(b"PK")
    assert files["papers/speb/draft-1.docx"] == gone.draft
    assert files["papers/speb/draft-1-as-circulated.docx"] == gone.copy
    assert files["papers/speb/draft-1-figures.xlsx"].startswith(b"PK")
    assert json.loads(files["papers/speb/draft-1-states.json"])
    own = [row for row in rows_of(files["figures.csv"]) if row["series"] == "CHARN.L1"]
    assert [(row["value"], row["version"]) for row in own if row["period"] == "2014/15-Q2"] == [("17", "1")]
    read = [row for row in rows_of(files["readings-speb.csv"]) if row["series"] == "M12a" and row["value"]]
    assert [(row["area name"], row["value"]) for row in read] == [("Charnwood", "164")]
    messages, letters = (rows_of(files[f"audit/{name}.csv"]) for name in ("messages", "letters"))
    assert {row["verdict"] for row in messages} == {"return", "declined", "nil", "approval", "command"}
    assert all(b"Subject:" in files[row["file"]] for row in messages)
    assert {row["kind"] for row in letters} >= {"request", "receipt", "circulation"}
    assert all(row["file"] in files for row in letters if row["state"] == "sent")
    events = [json.loads(line) for line in files["audit/events.jsonl"].splitlines()]
    assert {"cycle opened", "submission received", "paper circulated"} <= {event["kind"] for event in events}
    assert (tmp_path / "q2.zip").stat().st_mode & 0o777 == 0o600
    assert not any("@" in name for name in files)
    assert export(gone.site, tmp_path / "again.zip") == 0
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "q2.zip").read_bytes()


def test_nothing_of_another_quarter_is_in_it(gone: Gone, tmp_path: Path) -> None:
    site = gone.site.copied_to(tmp_path / "next")
    assert export(site, tmp_path / "before.zip") == 0
    for day in (datetime(2015, 1, 2, 7, 40, tzinfo=UTC), datetime(2015, 1, 6, 7, 40, tzinfo=UTC)):
        site.opened(day).tick(day)
    site.close()
    assert export(site, tmp_path / "q3.zip", "2014/15-Q3") == 0
    later, first = unzip(tmp_path / "q3.zip"), unzip(tmp_path / "before.zip")
    assert not {name for name in later if name.startswith("messages/")}
    assert rows_of(later["audit/letters.csv"])
    assert {sha256(data).hexdigest() for name, data in later.items() if name.startswith("letters/")}.isdisjoint(
        sha256(data).hexdigest() for data in first.values()
    )
    events = [json.loads(line) for line in later["audit/events.jsonl"].splitlines()]
    assert "submission received" not in {event["kind"] for event in events}


def test_a_file_that_is_there_and_a_quarter_that_was_never_planned_are_refused(
    gone: Gone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "there.zip").write_bytes(b"kept")
    assert export(gone.site, tmp_path / "there.zip") == 4
    assert (tmp_path / "there.zip").read_bytes() == b"kept"
    assert export(gone.site, tmp_path / "there.zip", "2014/15-Q2", "--force") == 0
    assert export(gone.site, tmp_path / "never.zip", "2013/14-Q2") == 4
    assert "was never planned here" in capsys.readouterr().err
    assert not (tmp_path / "never.zip").exists()
