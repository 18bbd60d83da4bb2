"""From SETUP to APPLY to the next letters: who is who is changed in a workbook, and no shell is needed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from csp_workflow import upkeep
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps.subjects import find_held, read_sought
from csp_workflow.terms.site import Role
from tests.story.site_told import CO_ORDINATOR, Played, at, said

LEAD, NEW_LEAD = "lead@blaby-hinckley.example", "jane.obrien@blaby-hinckley.example"
FIGURES = b"series,area,period,value\nM11,E22000165,2011/12-Q1,77\nM11,nowhere,2011/12-Q1,5\n"


def edited(letter: Post, change: Callable[[Workbook], None]) -> tuple[str, bytes]:
    """The letter's workbook, changed and saved by a program that is not ours."""
    name, data = letter.workbooks[0]
    book = load_workbook(io.BytesIO(data))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return name, out.getvalue()


def replace_lead(book: Workbook) -> None:
    """Somebody else is written over the lead."""
    sheet = book["Contacts"]
    row = next(row for row in sheet.iter_rows(min_row=5) if row[4].value == LEAD)
    row[3].value, row[4].value = "Jane O'Brien, Head of Safety", NEW_LEAD


def spoil_address(book: Workbook) -> None:
    """An address that is none, beside a change that would be right."""
    replace_lead(book)
    book["Contacts"]["E7"] = "not an address"


def send_setup(site: Played, when: str) -> Post:
    """She orders SETUP and has her workbook."""
    site.new_letters()
    site.write(CO_ORDINATOR, "A question of who is who", "Please set up")
    site.beat(when)
    return site.the_letter(CO_ORDINATOR, "Set-up: your workbook")


def code_of(letter: Post) -> str:
    """The word that takes what a letter tells."""
    return said(letter).partition("reply APPLY ")[2].split()[0]


def test_from_setup_to_apply_to_the_next_letters(site: Played) -> None:
    letter = send_setup(site, "16 Oct 09:30")
    site.new_letters()
    site.reply(letter, CO_ORDINATOR, "", edited(letter, replace_lead))
    site.beat("16 Oct 09:40")
    told = site.the_letter(CO_ORDINATOR, "1 change waits")
    assert "Jane O'Brien, Head of Safety (jane.obrien@blaby-hinckley.example) from 16 October 2014" in said(told)
    site.reply(told, CO_ORDINATOR, f"APPLY {code_of(told)}")
    site.beat("16 Oct 09:50")
    assert "holds from now on" in said(site.the_letter(CO_ORDINATOR, "Done"))
    asked = site.the_letter(NEW_LEAD, "YES")
    assert not asked.workbooks, "the address is asked about, and gets nothing else"
    site.reply(asked, NEW_LEAD, "YES")
    site.beat("16 Oct 10:10")
    site.beat("20 Oct 09:10")
    site.beat("22 Oct 09:10")
    assert {x.to for x in site.new_letters() if "blaby-hinckley" in x.to} == {NEW_LEAD}
    site.reply(told, CO_ORDINATOR, f"APPLY {code_of(told)}")
    site.beat("22 Oct 09:20")
    assert "holds already: nothing was changed" in said(site.the_letter(CO_ORDINATOR, "Not done"))
    held = site.ask(lambda outside: find_held(outside, read_sought(outside, (LEAD,)), at("22 Oct 09:30")))
    assert {one.what for one in held if one.where == "file"} == {"set-up"}  # type: ignore[attr-defined]
    site.close()
    differs = upkeep.check_sent(site.place / "config", site.place / "state")
    assert [one.partition(" says otherwise")[0] for one in differs] == ["partnerships.toml"] * 2
    assert upkeep.write_setup(site.place / "config", site.place / "state") == ("partnerships.toml",)
    assert not upkeep.check_sent(site.place / "config", site.place / "state")
    assert site.ask(lambda outside: len(outside.store.setups()), "22 Oct 09:30") == 1


def test_a_workbook_with_one_fault_changes_nothing_and_strangers_set_up_nothing(site: Played) -> None:
    letter = send_setup(site, "16 Oct 09:30")
    site.new_letters()
    site.reply(letter, CO_ORDINATOR, "", edited(letter, spoil_address))
    site.write("somebody@elsewhere.example", "Set-up", "SETUP", edited(letter, replace_lead))
    site.write("lead@charnwood.example", "Set-up", "Here it is.", edited(letter, replace_lead))
    site.beat("16 Oct 09:40")
    told = site.the_letter(CO_ORDINATOR, "1 thing to correct in Set-up.xlsx: nothing was changed")
    assert "Contacts E7: Email is 'not an address', which is not an email address" in said(told)
    assert "APPLY" not in said(told)
    assert site.new_letters() == []
    site.write(CO_ORDINATOR, "Apply", "APPLY 1234ABCD")
    site.beat("16 Oct 09:50")
    assert "No file of that word waits" in said(site.the_letter(CO_ORDINATOR, "Not done"))
    site.beat("17 Oct 07:35")
    (letter,) = site.new_letters(CO_ORDINATOR)
    digest = said(letter)
    assert "set-up workbook, which the office alone may send" in digest
    assert "somebody@elsewhere.example" in digest
    assert site.ask(lambda outside: outside.store.setups(), "17 Oct 07:40") == ()


def add_grant(book: Workbook) -> None:
    """A grant, and who certifies what is said of it."""
    row = ("rutland", "RUTL.G1", "Community safety fund", None, date(2014, 10, 16))
    for column, value in enumerate(row, start=2):
        book["Grants"].cell(5, column).value = value
    book["Contacts"].append([None, "rutland", "budget holder", "A. Holder", "budget@rutland.example"])


def test_a_grant_and_its_budget_holder_come_in_one_workbook(site: Played) -> None:
    letter = send_setup(site, "16 Oct 09:30")
    site.reply(letter, CO_ORDINATOR, "", edited(letter, add_grant))
    site.beat("16 Oct 09:40")
    told = said(site.the_letter(CO_ORDINATOR, "2 changes wait"))
    assert "new contact. Role: budget holder" in told
    assert "new grant. Grant ref: RUTL.G1" in told


def test_an_address_that_she_sets_up_holds_no_role_before_it_is_confirmed_and_none_after_a_no(site: Played) -> None:
    letter = send_setup(site, "16 Oct 09:30")
    site.reply(letter, CO_ORDINATOR, "", edited(letter, replace_lead))
    site.beat("16 Oct 09:40")
    told = site.the_letter(CO_ORDINATOR, "1 change waits")
    assert "A letter asks there whether the address is right" in said(told)
    site.reply(told, CO_ORDINATOR, f"APPLY {code_of(told)}")
    site.beat("16 Oct 09:50")
    site.new_letters()
    site.beat("20 Oct 09:10")
    site.beat("22 Oct 09:10")
    assert {x.to for x in site.new_letters() if "blaby-hinckley" in x.to} == {LEAD}, "nobody has answered"
    morning = said(site.told_in_full("23 Oct 07:40"))
    assert "has not answered whether the address is right" in morning
    site.write(CO_ORDINATOR, "No", f"NO {NEW_LEAD}")
    site.beat("23 Oct 09:00")
    people = site.ask(lambda outside: outside.site.respondent("blaby-hinckley").people(Role.LEAD, date(2014, 11, 3)))
    assert [one.address for one in people] == [LEAD]


def test_figures_that_she_sends_are_told_and_taken_by_the_same_word(site: Played) -> None:
    site.new_letters()
    site.write(CO_ORDINATOR, "History", "", ("history.csv", FIGURES))
    site.beat("16 Oct 09:30")
    told = site.the_letter(CO_ORDINATOR, "1 change waits")
    site.write(CO_ORDINATOR, "Again", "Here is the history.", ("history.csv", FIGURES))
    site.write(CO_ORDINATOR, "Taken", "APPLY")
    site.beat("16 Oct 09:32")
    beside, unnamed = (x for x in site.new_letters(CO_ORDINATOR) if "waits" not in x.subject)
    assert beside.subject.startswith("Not understood: what you wrote beside your file")
    assert "history.csv was looked at: a letter of its own says what it would change." in said(beside)
    assert f"The last that was told is history.csv: APPLY {code_of(told)}." in said(unnamed)
    assert "M11: 1 new figure." in said(told)
    assert "row 3" in said(told)
    before = site.ask(lambda outside: len(outside.store.imported_figures()), "16 Oct 09:35")
    site.reply(told, CO_ORDINATOR, "APPLY")
    site.beat("16 Oct 09:40")
    assert "are taken" in said(site.the_letter(CO_ORDINATOR, "Done"))
    assert site.ask(lambda outside: len(outside.store.imported_figures()), "16 Oct 09:45") == int(str(before)) + 1
