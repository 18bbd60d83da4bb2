"""Every kind of fault in its exact sentence, and all of them at once."""

from __future__ import annotations

import shutil
import tomllib
from datetime import date
from pathlib import Path

import pytest
from settings_told import FRAMEWORK

from csp_workflow.terms.service import ConfigInvalid

TABLE = tomllib.loads((Path(__file__).parent / "faults.toml").read_text("utf-8"))["faults"]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['file']} {row['new'][:30]}")
def test_a_fault_is_said_with_file_key_and_suggestion(folder, row):
    found = folder.edit(row["file"], row["old"], row["new"]).faults()
    assert f"config/{row['file']}: {row['says']}" in found or _in_another_file(row, found), "\n".join(found)


def _in_another_file(row, found):
    """A fault between two files is said of the one that refers to the other."""
    return any(fault.endswith(f": {row['says']}") and not fault.startswith(f"config/{row['file']}") for fault in found)


WAIVER = '[[waivers]]\nrespondent = "{0}"\nmeasure = "{1}"\nreason = "Decided."\nuntil = 2015-03-31\n'


def test_a_waiver_names_a_respondent_and_a_measure_that_exist(folder):
    folder.append("waivers.toml", WAIVER.format("rutlnd", "M03f"))
    assert folder.faults() == (
        "config/waivers.toml: waivers[1].respondent is 'rutlnd', which is not known. Did you mean rutland?",
        "config/waivers.toml: waivers[1].measure is 'M03f', which is not known. Did you mean M03e?",
    )


@pytest.mark.parametrize("ref", ["M03e", "M14a.1", "RUTL.L1", "RUTL.O2", "T3"])
def test_a_waiver_may_be_for_anything_that_is_asked(folder, ref):
    site, _ = folder.append("waivers.toml", WAIVER.format("rutland", ref)).load()
    (waiver,) = site.frameworks[0].waivers
    assert site.frameworks[0].is_waived("rutland", ref, waiver.until)


def test_a_waiver_may_be_for_having_nobody_to_write_to(folder):
    block = '[[waivers]]\nrespondent = "rutland"\ncontact = true\nreason = "Vacant."\nuntil = 2015-03-31\n'
    site, _ = folder.append("waivers.toml", block).load()
    framework = site.frameworks[0]
    assert framework.contact_waiver("rutland", date(2015, 3, 31)).reason == "Vacant."
    assert framework.contact_waiver("rutland", date(2015, 4, 1)) is None
    assert framework.contact_waiver("charnwood", date(2015, 3, 31)) is None


@pytest.mark.parametrize("what", ["", 'measure = "M03e"\ncontact = true\n'])
def test_a_waiver_is_for_a_measure_or_for_the_contact(folder, what):
    folder.append("waivers.toml", f'[[waivers]]\nrespondent = "rutland"\n{what}reason = "x"\nuntil = 2015-03-31\n')
    (fault,) = folder.faults()
    assert "waivers[1] must say what is waived" in fault


def test_a_year_without_bank_holidays_is_a_gap(folder):
    file = folder.path / "bank-holidays.csv"
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("2019")]
    file.write_text("\n".join(lines), "utf-8")
    assert folder.faults() == ("config/bank-holidays.csv: 2019 has no bank holiday. Add the days of that year.",)


def test_a_slip_in_the_toml_names_the_line(folder):
    folder.edit("peers.toml", 'key = "chosen-comparators"', 'key = "chosen-comparators')
    (fault,) = folder.faults()
    assert fault.startswith("config/peers.toml: line 17, column ")
    assert fault.endswith("Look for a missing quote or bracket there or just before.")


def test_a_file_that_is_not_text_is_said_to_be_so(folder):
    (folder.path / "peers.toml").write_bytes(b"\xff\xfe[\x00")
    assert folder.faults() == ("config/peers.toml: the file is not UTF-8 text. Save it again with the encoding UTF-8.",)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(folder):
    file = folder.path / "peers.toml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert folder.load()


def test_every_fault_of_every_file_is_reported_at_once(folder):
    folder.edit("calendar.toml", "due = 20 ", "duee = 20 ")
    folder.edit("service.toml", 'mode = "rehearsal"', 'mode = "rehersal"')
    folder.edit("peers.toml", 'key = "chosen-comparators"', "key = ")
    folder.edit("partnerships.toml", "lead@charnwood.example", "lead")
    folder.edit(FRAMEWORK, 'owner = "lscb"', 'owner = "lcsb"')
    folder.edit("actions.toml", 'ref = "A2"', 'ref = "A1"')
    folder.edit("bank-holidays.csv", "2014-12-25,", "2014-13-25,")
    (folder.path / "waivers.toml").unlink()
    (folder.path / "calender.toml").write_text("")
    files = {fault.split(":")[0].removeprefix("config/") for fault in folder.faults(CSP_MODE="livee")}
    assert files >= {
        "calendar.toml", "service.toml", "peers.toml", "partnerships.toml", FRAMEWORK, "actions.toml",
        "waivers.toml", "calender.toml",
    }  # fmt: skip
    assert any("CSP_MODE" in fault for fault in folder.faults(CSP_MODE="livee"))


def test_a_missing_file_and_a_stray_one_are_named(folder):
    (folder.path / "calendar.toml").rename(folder.path / "calender.toml")
    assert folder.faults() == (
        "config/calender.toml: the file is not known. Did you mean calendar.toml?",
        "config/calendar.toml: the file is missing. Take it from a fresh site: csp-workflow init DIR",
    )


def test_without_any_framework_the_site_is_not_complete(folder):
    (folder.path / FRAMEWORK).unlink()
    sentence = "the file is missing. A site needs the framework of at least one year."
    assert folder.faults() == (f"config/{FRAMEWORK}: {sentence}",)


def test_a_missing_folder_gives_one_sentence(folder):
    shutil.rmtree(folder.path)
    (fault,) = folder.faults()
    assert fault.startswith(
        f"There is no configuration folder {folder.path}. Lay out a site with: csp-workflow init DIR"
    )


def test_an_empty_folder_gives_one_sentence(folder):
    shutil.rmtree(folder.path)
    folder.path.mkdir()
    (fault,) = folder.faults()
    assert fault.startswith(f"The configuration folder {folder.path} holds no TOML files.")


def test_one_address_may_lead_several_partnerships_and_chair_another(folder):
    folder.edit("partnerships.toml", "chair@rutland.example", "lead@charnwood.example")
    site, _ = folder.load()
    assert {r.code for r in site.registered("lead@charnwood.example", site.meetings[0].day)} == {"CHARN", "RUTL"}


def test_the_exception_says_all_sentences(folder):
    folder.edit("actions.toml", 'ref = "A2"', 'ref = "A1"')
    with pytest.raises(ConfigInvalid, match=r"actions\[A1\] stands twice"):
        folder.load()
