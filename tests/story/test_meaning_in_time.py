"""A configuration that comes to mean another thing than was asked is refused, and the service goes on as before."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from csp_workflow import upkeep
from csp_workflow.service import Running
from csp_workflow.terms.service import ConfigInvalid
from tests.story.site_told import Played, at


@pytest.fixture(scope="module")
def asked(sent_out: Played, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A site whose requests have gone out, to edit the configuration of and to put back."""
    return sent_out.copied_to(tmp_path_factory.mktemp("asked") / "opcc")


def edited(site: Played, file: str, *changes: tuple[str, str]) -> Callable[[], None]:
    """Edit a file of the site's configuration; the function that is returned puts it back."""
    path = site.place / "config" / file
    before = path.read_text("utf-8")
    after = before
    for old, new in changes:
        assert old in after, old
        after = after.replace(old, new, 1)
    path.write_text(after, "utf-8")
    return lambda: path.write_text(before, "utf-8") and None


def check(site: Played, file: str, *changes: tuple[str, str]) -> list[str]:
    """What `config check` says against what was sent, once a file is edited so."""
    put_back = edited(site, file, *changes)
    try:
        assert upkeep.check_sent(site.place / "config", site.place / "state") == ()
    except ConfigInvalid as found:
        return list(found.faults)
    finally:
        put_back()
    return []


LONG_AGO = at("16 Oct 08:00").timestamp()

CASES = 'ref = "CHARN.L1"\narea = "E22000165"\ntitle = "ASB cases opened"\nunit = "cases"'
HOUSEHOLDS = CASES.replace('"cases"', '"households"')
DATED = '\nbreak_from = 2014-10-01\nbreak_reason = "Households are counted"'


def test_what_was_sent_is_what_the_configuration_says(asked: Played) -> None:
    assert check(asked, "partnerships.toml") == []


def test_a_unit_that_changes_under_its_reference_is_refused_until_it_is_dated(asked: Played) -> None:
    (found,) = check(asked, "partnerships.toml", (CASES, HOUSEHOLDS))
    assert found == (
        "partnerships.toml: [CHARN.L1].unit is 'households', and was 'cases' in the form sent on 15 October 2014 for "
        "July to September 2014. Give what is meant now a ref of its own, or date the change: break_from = 2014-10-01 "
        "(or later) and break_reason. Where only the words changed, write reworded_on and the day."
    )
    assert check(asked, "partnerships.toml", (CASES, HOUSEHOLDS + DATED)) == []
    said_otherwise = CASES.replace('"cases"', '"cases of ASB"\nreworded_on = 2014-10-20')
    assert check(asked, "partnerships.toml", (CASES, said_otherwise)) == []
    too_early = DATED.replace("2014-10-01", "2014-07-01")
    assert len(check(asked, "partnerships.toml", (CASES, HOUSEHOLDS + too_early))) == 1, "it was asked as cases since"


FRAMEWORK = "framework-2014-15.toml"
COUNTY = 'upper_tier = "E10000018"'


def test_a_definition_may_be_reworded_and_not_changed_in_silence(asked: Played) -> None:
    text = (asked.place / "config" / FRAMEWORK).read_text("utf-8")
    block = next(b for b in text.split("[[measures]]") if 'ref = "M12a"' in b)
    definition = next(line for line in block.splitlines() if line.startswith("definition = "))
    other = 'definition = "Dwellings entered, sheds among them."'
    (found,) = check(asked, FRAMEWORK, (definition, other))
    assert found.startswith(f"{FRAMEWORK}: [M12a].definition is 'Dwellings entered, sheds among them.', and was '")
    assert "Where only the words changed, write reworded_on and the day." in found
    assert check(asked, FRAMEWORK, (definition, f"{other}\nreworded_on = 2014-11-01")) == []
    dated = f'{other}\nbreak_from = 2014-10-01\nbreak_reason = "Sheds are counted"'
    assert check(asked, FRAMEWORK, (definition, dated)) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("contributors.toml", 'code = "PUBH"', 'code = "PHEALTH"', "[public-health].code is 'PHEALTH', and was 'PUBH'"),
        ("partnerships.toml", 'key = "melton"', 'key = "melton-new"', "the code MELT is melton-new's now"),
        (
            "partnerships.toml",
            f'name = "Melton", {COUNTY} }},',
            f'name = "Melton", {COUNTY} }},\n{{ code = "E22000999", name = "New", {COUNTY} }},',
            "[melton].areas are E22000169, E22000999, and were E22000169",
        ),
        (
            "partnerships.toml",
            'wording = "To reduce burglary"',
            'wording = "To plant trees"',
            "[OADW.O1].wording is 'To plant trees'",
        ),
    ],
)
def test_a_respondent_that_becomes_another_is_refused(asked: Played, file: str, old: str, new: str, said: str) -> None:
    assert any(said in found for found in check(asked, file, (old, new))), said


def test_the_service_goes_on_with_what_it_had_and_does_not_start_with_the_other(
    sent_out: Played, tmp_path: Path
) -> None:
    site = sent_out.copied_to(tmp_path / "opcc")
    for path in (path for path in site.place.rglob("*.*") if path.is_file()):
        os.utime(path, (LONG_AGO, LONG_AGO))
    wired = site.opened(at("16 Oct 09:00"))
    running = Running(site.place / "config", site.place / "state", wired)
    edited(site, "partnerships.toml", (CASES, HOUSEHOLDS))
    os.utime(site.place / "config" / "partnerships.toml", (LONG_AGO + 1, LONG_AGO + 1))
    running.beat(at("16 Oct 09:05"))
    refused = wired.outside.store.service_status().config_refused
    assert "[CHARN.L1].unit is 'households', and was 'cases'" in refused
    running.close()
    site.close()
    with pytest.raises(ConfigInvalid, match="households"):
        site.opened(at("16 Oct 09:10"))


def test_a_folder_without_a_store_and_a_store_out_of_reach_are_no_faults(asked: Played, tmp_path: Path) -> None:
    assert upkeep.check_sent(asked.place / "config", tmp_path) == ()
    (tmp_path / "key").write_bytes(b"k")
    assert upkeep.check_sent(asked.place / "config", tmp_path)[0].startswith(
        "it was not held against what was last sent"
    )
