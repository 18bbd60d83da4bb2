"""What a set-up workbook would change: read cell by cell beside its copy, what holds, and the calendar."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.workbook import Workbook

from csp_workflow import settings
from csp_workflow.desk.setup import SetupFault, read_typed
from csp_workflow.desk.setup_plan import SetupFacts, SetupPlan, find_place, plan_setup, say_plan
from csp_workflow.forms.setup_book import write_setup_book
from csp_workflow.forms.setup_sheets import SETUP_SHEETS, list_lines
from csp_workflow.intake.opening import read_file, read_reply
from csp_workflow.settings.writing_back import lay_texts
from csp_workflow.terms.returns import ReadForm
from csp_workflow.terms.setup import Setup, SetupChange, lay_setup
from tests.opened_books import open_book

CONFIG = Path(__file__).resolve().parents[2] / "config"
TODAY = date(2014, 11, 3)
FILES: dict[str, Any] = dict(settings.read_tables(CONFIG).tables)
LINES = list_lines(FILES)
BOOK = write_setup_book(LINES, "a" * 64, office="The office", at=datetime(2014, 11, 3, tzinfo=UTC))
FACTS = SetupFacts(copy=LINES, files=FILES, today=TODAY, since=TODAY)
PARTNERSHIPS = "partnerships.toml"
BLABY = "Blaby and Hinckley & Bosworth Community Safety Partnership"
OLD_LEAD = "Blaby and Hinckley & Bosworth Lead Officer"


def plan(change: Callable[[Workbook], None], facts: SetupFacts = FACTS, data: bytes = BOOK) -> SetupPlan:
    """What a workbook asks for that was changed by another program than ours."""
    book = open_book(data)
    change(book)
    out = io.BytesIO()
    book.save(out)
    read = read_reply(read_file(out.getvalue()))
    assert isinstance(read, ReadForm)
    return plan_setup(read_typed(read.setup, today=facts.today), facts)


def write(sheet: str, **cells: object) -> Callable[[Workbook], None]:
    """Something is typed into cells of a sheet."""

    def change(book: Workbook) -> None:
        for place, value in cells.items():
            book[sheet][place] = value

    return change


def faults(found: SetupPlan) -> list[tuple[str, str]]:
    """Where the faults are."""
    return [(one.sheet, one.cell) for one in found.faults]


def said(found: SetupPlan) -> tuple[str, ...]:
    """The changes in words."""
    assert not found.faults
    return say_plan(found, FILES)


def after(changes: tuple[SetupChange, ...]) -> dict[str, Any]:
    """The files with changes laid over them."""
    files = dict(settings.read_tables(CONFIG).tables)
    lay_setup(files, changes)
    return files


def test_a_workbook_that_nobody_edited_changes_nothing() -> None:
    assert plan(lambda _: None) == SetupPlan()


def test_one_edited_cell_changes_one_key_and_one_line() -> None:
    found = plan(write("Contacts", F5="0116 496 9999"))
    (sentence,) = said(found)
    assert sentence == f"{BLABY}: contact lead {OLD_LEAD}: Phone changes from 0116 496 0301 to 0116 496 9999."
    texts = {path.name: path.read_bytes().decode() for path in CONFIG.glob("*.toml")}
    laid = lay_texts(texts, found.changes)
    changed = [name for name in texts if laid[name] != texts[name]]
    assert changed == ["partnerships.toml"]
    pairs = zip(texts["partnerships.toml"].splitlines(), laid["partnerships.toml"].splitlines(), strict=True)
    assert [pair for pair in pairs if pair[0] != pair[1]] == [
        ('phone = "0116 496 0301"', 'phone = "0116 496 9999"'),
    ]


def test_somebody_written_over_somebody_else_follows_them_from_today() -> None:
    found = plan(write("Contacts", D5="Jane O'Brien, Head of Safety", E5="jane@blaby.example"))
    (sentence,) = said(found)
    new = "Jane O'Brien, Head of Safety (jane@blaby.example)"
    assert sentence == f"{BLABY}: lead changes from {OLD_LEAD} to {new} from 3 November 2014."
    first, second = after(found.changes)["partnerships.toml"]["partnerships"][0]["contacts"][::3]
    assert (first["valid_to"], second["valid_from"]) == (date(2014, 11, 2), TODAY)
    again = replace(FACTS, files=after(found.changes))
    assert plan(write("Contacts", D5="Jane O'Brien, Head of Safety", E5="jane@blaby.example"), again) == SetupPlan()


def test_whoever_ends_and_whoever_begins_the_day_after_are_told_as_one() -> None:
    def change(book: Workbook) -> None:
        sheet = book["Contacts"]
        sheet["H5"] = datetime(2014, 11, 30)
        sheet.append([None, "blaby-hinckley", "lead", "B", "b@blaby.example", None, datetime(2014, 12, 1)])

    (sentence,) = said(plan(change))
    assert sentence == f"{BLABY}: lead changes from {OLD_LEAD} to B (b@blaby.example) from 1 December 2014."


@pytest.mark.parametrize(
    ("sheet", "cells", "where"),
    [
        ("Contacts", {"H5": datetime(2014, 10, 1)}, "H5"),
        ("Contacts", {"G5": datetime(2014, 12, 1)}, "G5"),
        ("Partnerships", {"B5": "another"}, "B5"),
        ("Partnerships", {"E5": datetime(2015, 1, 1)}, "E5"),
        ("Meetings", {"C5": datetime(2014, 12, 4)}, "C5"),
        ("Contacts", {"D5": "=HYPERLINK(\"x\")"}, "D5"),
        ("Contacts", {"D5": "'=1+1".lstrip("'")}, "D5"),
        ("Contacts", {"F5": 1164969999}, "F5"),
        ("Contacts", {"D5": datetime(2014, 11, 3)}, "D5"),
        ("Contacts", {"H5": "the day after"}, "H5"),
        ("Meetings", {"F5": "perhaps"}, "F5"),
        ("Objectives", {"E5": "three"}, "E5"),
        ("Contacts", {"A5": "99"}, "A5"),
        ("Contacts", {"A5": "first"}, "A5"),
        ("Contacts", {"A6": "1"}, "A6"),
        ("Contacts", {"B5": "melton"}, "B5"),
        ("Contacts", {"K9": "something"}, "K9"),
        ("Contacts", {"E4": "Phone"}, "E4"),
        ("Framework years", {"B6": "next"}, "B6"),
        ("Framework years", {"B6": "2014/15", "C6": "Another"}, "B6"),
        ("Holidays", {"B5": "sometimes", "C5": datetime(2015, 1, 2), "D5": "x"}, "B5"),
        ("Absences", {"B5": datetime(2014, 11, 1), "C5": datetime(2014, 11, 9)}, "B5"),
    ],
)  # fmt: skip
def test_what_is_not_right_is_told_by_its_cell(sheet: str, cells: dict[str, object], where: str) -> None:
    found = plan(write(sheet, **cells))
    assert (sheet, where) in faults(found)


@pytest.mark.parametrize("word", ["mode", "adapter", "trust", "co_ordinator", "Password", "mailbox"])
def test_what_is_never_set_this_way_is_refused_with_its_cell(word: str) -> None:
    def on_a_sheet_of_its_own(book: Workbook) -> None:
        book.create_sheet("Service")["A1"] = word

    def in_a_new_row(book: Workbook) -> None:
        book["Secretariats"].append([None, word, "x@opcc.example"])

    for change, cell in ((on_a_sheet_of_its_own, ("Service", "A1")), (in_a_new_row, ("Secretariats", None))):
        told = [one for one in plan(change).faults if "never set by workbook" in one.sentence]
        assert [one.sheet for one in told] == [cell[0]]
        assert cell[1] in {None, told[0].cell}


def test_hidden_sheets_merged_cells_and_lost_columns_are_told() -> None:
    def hide(book: Workbook) -> None:
        book.create_sheet("Notes")["B3"] = "mine"
        book["Notes"].sheet_state = "hidden"

    assert faults(plan(hide)) == [("Notes", "B3")]
    assert ("Contacts", "D5:D6") in faults(plan(lambda book: book["Contacts"].merge_cells("D5:D6")))
    assert ("Contacts", "") in faults(plan(lambda book: book["Contacts"].delete_cols(6)))
    assert faults(plan(lambda book: book.remove(book["Absences"]))) == [("Absences", "")]


def test_nobody_is_taken_out_and_what_may_be_is() -> None:
    assert faults(plan(lambda book: book["Contacts"].delete_rows(5))) == [("Contacts", "")]
    (sentence,) = said(plan(lambda book: book["Secretariats"].delete_rows(5)))
    assert sentence == "Secretary Board Secretariat is taken out."
    gone = [{"first": TODAY, "last": TODAY}, {"first": date(2014, 10, 1), "last": TODAY}]
    away = dict(FILES) | {"service.toml": {**FILES["service.toml"], "office": {"absences": gone, "secretariat": []}}}
    lines = tuple(one for one in list_lines(away) if one.sheet.title == "Absences")
    facts = replace(FACTS, copy=(*(one for one in LINES if one.sheet.title != "Secretariats"), *lines), files=away)
    found = plan(lambda book: book["Secretariats"].delete_rows(5, 3), facts)
    assert [one.sentence[:20] for one in found.faults] == ["row 2 of your copy ("]
    assert [one.change.was for one in found.planned] == [gone[0]]


def test_columns_may_stand_in_another_order_and_days_be_typed() -> None:
    def turn(book: Workbook) -> None:
        sheet = book["Contacts"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_row=4 + len(LINES))]
        for at, row in enumerate(rows, start=4):
            for column, value in enumerate(reversed(row), start=1):
                sheet.cell(at, column).value = value

    assert plan(turn) == SetupPlan()
    for typed in ("30/11/2014", "30 November 2014", "30 Nov 14", "2014-11-30"):
        (sentence,) = said(plan(write("Contacts", H5=typed)))
        assert "To is 30 November 2014." in sentence


@pytest.mark.parametrize("typed", ["Lead officer", "LEAD", " the lead ", "lead contact"])
def test_a_role_may_be_named_as_an_order_names_it(typed: str) -> None:
    assert plan(write("Contacts", C5=typed)) == SetupPlan()
    assert plan(write("Contacts", C5="Lead of something")) != SetupPlan()


@pytest.mark.parametrize(
    ("sheet", "cells", "at"),
    [
        ("Contacts", {"C3": "Jane Smith takes over on 1 November"}, "C3"),
        ("Contacts", {"A3": "see the note below"}, "A3"),
        ("Set-up", {"D5": "Please ring me about Melton"}, "D5"),
        ("Set-up", {"B5": "Change what you like"}, "B5"),
    ],
)
def test_words_outside_the_tables_are_told_by_cell(sheet: str, cells: dict[str, object], at: str) -> None:
    assert faults(plan(write(sheet, **cells))) == [(sheet, at)]


@pytest.mark.parametrize("at", ["D5", "G6", "J7"])
def test_a_comment_or_a_line_through_a_cell_is_told_and_nothing_is_done(at: str) -> None:
    def comment(book: Workbook) -> None:
        book["Contacts"][at].comment = Comment("Retires 31 Oct. Replacement is Jane Smith", "her")

    def strike(book: Workbook) -> None:
        book["Contacts"]["D5"].font = Font(strike=True)

    assert any(fault.cell == at and "Replacement is Jane" in fault.sentence for fault in plan(comment).faults)
    (fault,) = plan(strike).faults
    assert (fault.cell, "To" in fault.sentence) == ("D5", True)


def strike(*places: str) -> Callable[[Workbook], None]:
    """Lines through cells of the contacts."""

    def change(book: Workbook) -> None:
        for place in places:
            book["Contacts"][place].font = Font(strike=True)

    return change


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        (strike("G5"), "G5"),
        (strike(*(f"{column}7" for column in "ABCDEFG")), "A7"),
        (write("Contacts", G5="=TODAY()"), "G5"),
        (write("Contacts", G5="soon"), "G5"),
        (write("Contacts", A5="first"), "A5"),
        (write("Framework years", B6="=A1", C6="The next Plan"), "B6"),
        (lambda book: setattr(book["Contacts"]["G5"], "comment", Comment("who?", "her")), "G5"),
        (lambda book: book["Contacts"].delete_cols(1), ""),
        (lambda book: book["Contacts"].delete_cols(2), ""),
        (lambda book: book["Contacts"].delete_cols(7), ""),
        (lambda book: book["Plan measures"].delete_cols(1), ""),
    ],
)
def test_what_could_not_be_read_is_told_once_and_was_not_emptied(change: Callable[[Workbook], None], cell: str) -> None:
    assert [where for _, where in faults(plan(change))] == [cell]


def test_a_day_that_is_past_stays_and_who_follows_is_said_of_people_alone() -> None:
    (of_contact,) = plan(write("Contacts", G5=datetime(2014, 12, 1))).faults
    (of_meeting,) = plan(write("Meetings", C5=datetime(2014, 12, 4))).faults
    assert of_contact.sentence.endswith("write this one's last day under To and add a row.")
    assert of_meeting.sentence == "11 September 2014 is past, and stays. Please put it back."


def test_a_line_through_a_cell_does_not_hide_its_comment() -> None:
    def change(book: Workbook) -> None:
        strike("D5", "E5")(book)
        book["Contacts"]["E5"].comment = Comment("Retires 31 Oct.", "her")

    assert [where for _, where in faults(plan(change))] == ["D5", "E5"]


@pytest.mark.parametrize(
    ("at", "typed"),
    [
        ("B5", "BLHB"), ("B5", BLABY), ("E5", "LEAD@blaby-hinckley.example"),
        ("E5", "mailto:lead@blaby-hinckley.example"), ("E5", "Her <lead@blaby-hinckley.example>"),
    ],
)  # fmt: skip
def test_what_is_called_otherwise_and_is_the_same_changes_nothing(at: str, typed: str) -> None:
    assert plan(write("Contacts", **{at: typed})) == SetupPlan()


def test_whoever_has_a_role_beside_others_is_told_so() -> None:
    def change(book: Workbook) -> None:
        book["Contacts"].append([None, "blaby-hinckley", "lead", "B", "b@blaby.example"])

    (sentence,) = said(plan(change))
    assert sentence.endswith(
        f"{OLD_LEAD} stays lead as well: each gets what goes to that role. Who leaves gets a last day under To."
    )

    def change_and_end(book: Workbook) -> None:
        change(book)
        book["Contacts"]["H5"] = datetime(2014, 11, 2)

    assert "stays lead" not in " ".join(said(plan(change_and_end)))


def test_two_who_both_end_leave_nobody() -> None:
    def begin(book: Workbook) -> None:
        book["Contacts"].append([None, "blaby-hinckley", "lead", "B", "b@blaby.example"])

    def end_both(book: Workbook) -> None:
        rows = [row for row in book["Contacts"].iter_rows(min_row=5) if row[1].value == "blaby-hinckley"]
        for row in (row for row in rows if row[2].value == "lead"):
            row[7].value = datetime(2014, 11, 30)

    files = after(plan(begin).changes)
    lines = list_lines(files)
    facts = replace(FACTS, files=files, copy=lines)
    book = write_setup_book(lines, "a" * 64, office="The office", at=datetime(2014, 11, 3, tzinfo=UTC))
    told = say_plan(plan(end_both, facts, book), files)
    assert [one.endswith("Nobody follows as lead: a new row names who does.") for one in told] == [True, True]


def test_boards_and_partnerships_are_known_by_code_or_name_in_any_letters() -> None:
    def change(book: Workbook) -> None:
        book["Secretariats"]["E5"] = "SPEB, police and crime panel"
        book["Meetings"]["B5"] = "Strategic Partnership Executive Board"

    assert said(plan(change)) == ("Secretary Board Secretariat: Boards changes from speb to speb, panel.",)
    assert said(plan(write("Partnerships", G5="CHARN")))[0].endswith("Takes over from is charnwood.")


def test_that_nobody_follows_is_said_before_it_counts() -> None:
    (sentence,) = said(plan(write("Contacts", H5=datetime(2014, 11, 30))))
    assert sentence.endswith("To is 30 November 2014. Nobody follows as lead: a new row names who does.")


def test_a_day_with_a_time_says_so() -> None:
    (fault,) = plan(write("Contacts", H5=datetime(2014, 11, 30, 10))).faults
    assert "the day has a time (10:00), which is not kept" in fault.sentence


def test_an_older_copy_undoes_nothing() -> None:
    change = plan(write("Contacts", F5="0116 496 9999")).changes
    now = replace(FACTS, files=after(change))
    assert plan(lambda _: None, now) == SetupPlan()
    assert plan(write("Contacts", F5="0116 496 9999"), now) == SetupPlan()
    assert len(said(plan(write("Contacts", F6="0116 496 9998"), now))) == 1
    (fault,) = plan(write("Contacts", F5="0116 496 1111"), now).faults
    assert (fault.cell, "“0116 496 9999” stands there now" in fault.sentence) == ("F5", True)
    ended = plan(write("Contacts", H5=datetime(2014, 11, 30))).changes
    moved = after(ended)
    moved["partnerships.toml"]["partnerships"][0]["contacts"].pop(0)
    assert faults(plan(write("Contacts", F5="0"), replace(FACTS, files=moved))) == [("Contacts", "A5")]


def test_what_was_agreed_with_a_partnership_is_not_changed_beside_it() -> None:
    facts = replace(FACTS, agreed=frozenset({"blaby-hinckley"}))
    assert faults(plan(write("Local measures", E5="Other"), facts)) == [("Local measures", "E5")]


def test_a_workbook_of_elsewhere_is_refused() -> None:
    (fault,) = plan(lambda _: None, replace(FACTS, copy=None)).faults
    assert "no copy that we sent" in fault.sentence


def test_before_anybody_was_asked_days_may_be_past() -> None:
    early = replace(FACTS, since=date.min)
    assert len(said(plan(write("Contacts", G5=datetime(2014, 4, 1)), early))) == 1
    assert len(said(plan(write("Contacts", D5="B", E5="b@blaby.example"), early))) == 1


def test_new_rows_of_every_sheet() -> None:
    def change(book: Workbook) -> None:
        book["Partnerships"].append([None, "rural", "RURAL", "Rural, Safe & Sound", datetime(2015, 4, 1)])
        book["Areas"].append([None, "rural", "E22000199", "Rural", "E10000018"])
        book["Contacts"].append([None, "rural", "lead", "A. Lead", "a@rural.example"])
        book["Contacts"].append([None, "nobody", "lead", "A. Lead", "a@rural.example"])
        book["Holidays"]["B5"], book["Holidays"]["C5"], book["Holidays"]["D5"] = "worked", "3 May 2021", "Moved"
        book["Framework years"]["B6"], book["Framework years"]["C6"] = "2015/16", "The next Plan"
        book["Officers to contact"].append([None, "Head of Safety\nThe Council"])

    found = plan(change)
    assert [(one.sheet, one.sentence[:8]) for one in found.faults] == [("Contacts", "“nobody”")]
    assert [one.sheet.title for one in found.planned] == [
        "Partnerships", "Areas", "Contacts", "Officers to contact", "Framework years", "Holidays",
    ]  # fmt: skip
    laid = after(found.changes)
    assert laid["partnerships.toml"]["partnerships"][-1]["contacts"][0]["valid_from"] == TODAY
    assert laid["framework-2015-16.toml"]["measures"] == FILES["framework-2014-15.toml"]["measures"]


def test_a_fault_of_the_whole_configuration_stands_at_its_cell() -> None:
    found = plan(write("Contacts", E5="not an address"))
    laid = after(found.changes)
    sentence = "config/partnerships.toml: partnerships[blaby-hinckley].contacts[1].address is 'not an address'."
    assert find_place(sentence, found.planned, laid) == SetupFault(
        sheet="Contacts", cell="E5", sentence="Email is 'not an address'."
    )
    whole = "config/partnerships.toml: partnerships[blaby-hinckley].contacts[1]: nobody."
    assert find_place(whole, found.planned, laid).sentence == "nobody."
    other = "config/partnerships.toml: partnerships[melton].contacts[1]: nobody."
    told = SetupFault(sheet="Contacts", cell="", sentence="County Community Safety Officer: nobody.")
    assert find_place(other, found.planned, laid) == told
    lacks = (
        "config/partnerships.toml: partnerships[blaby-hinckley].contacts[1] has no lead. Add a block of contacts ..."
    )
    assert find_place(lacks, found.planned, laid).sentence == "it has no lead. Please add a row on the sheet Contacts."
    none = "config/partnerships.toml: partnerships[melton] has no lead. Add a block of contacts with role ..."
    assert find_place(none, found.planned, laid) == SetupFault(
        sheet="Partnerships",
        cell="",
        sentence="Safer Melton Partnership: it has no lead. Please add a row on the sheet Contacts.",
    )
    lacks = "config/calendar.toml: it takes Q3, and there is no framework for 2026/27. Add framework-2026-27.toml."
    words = "it takes Q3, and no framework for 2026/27 is there. Please add its year on Framework years."
    assert find_place(lacks, found.planned, laid).sentence == words
    assert find_place("Nothing.", found.planned, laid) == SetupFault(sheet="", cell="", sentence="Nothing.")


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cf")), min_size=1)


@given(name=_TEXTS.filter(lambda text: not text.startswith("=")), phone=_TEXTS.filter(lambda text: text[0] not in "='"))
def test_whatever_is_typed_is_what_is_set_up(name: str, phone: str) -> None:
    lines = [line for line in LINES if line.sheet.title == "Secretariats"]
    typed = replace(lines[0], entry={**lines[0].entry, "name": name, "phone": phone})
    data = write_setup_book([typed], "a" * 64, office="The office", at=datetime(2014, 11, 3, tzinfo=UTC))
    read = read_reply(read_file(data))
    assert isinstance(read, ReadForm)
    (row,) = read_typed(read.setup, today=TODAY).rows
    assert (row.values["name"], row.values["phone"]) == (name.strip(), phone.strip())


def test_no_sheet_holds_what_is_never_set_this_way() -> None:
    tables = {(place.file, *place.lists) for sheet in SETUP_SHEETS for place in sheet.places.values()}
    assert {names for names in tables if names[0] == "service.toml"} == {
        ("service.toml", "office", "absences"),
        ("service.toml", "office", "secretariat"),
    }
    assert Setup(content="", changes=()).changes == ()


def test_the_plan_s_own_measures_are_worded_by_workbook_and_none_is_added_or_taken_out() -> None:
    found = plan(write("Plan measures", G5="Young people aged 10 to 17, in other words.", J5="3 November 2014"))
    (told,) = said(found)
    assert told.startswith("2014/15: measure of the Plan M01: What counts changes from Young people aged 10 to 17 who")
    assert told.endswith("to Young people aged 10 to 17, in other words., Reworded on is 3 November 2014.")
    measure = after(found.changes)["framework-2014-15.toml"]["measures"][0]
    assert (measure["definition"], measure["ref"]) == ("Young people aged 10 to 17, in other words.", "M01")
    assert len(measure["series"]) == 4, "what is in it stays"
    of_series = plan(write("Plan series", D5="First-time entrants (10 to 17)"))
    laid = after(of_series.changes)["framework-2014-15.toml"]["measures"][0]["series"]
    assert [one["title"] for one in laid][:2] == [
        "First-time entrants (10 to 17)",
        "Community resolutions, aged 10 to 17",
    ]
    assert faults(plan(lambda book: book["Plan measures"].append([None, "2014/15", "M99", "Another"])))[0][0]
    assert "Please put it back" in plan(lambda book: book["Plan measures"].delete_rows(6)).faults[0].sentence


def test_another_address_is_another_entry_once_somebody_has_begun() -> None:
    found = plan(write("Contacts", E5="new.address@blaby-hinckley.example"))
    (told,) = said(found)
    assert "the address of lead" in told
    assert "to new.address@blaby-hinckley.example from" in told
    ended, begun = (one.now for one in found.changes)
    assert ended
    assert begun
    assert (ended["address"], begun["address"]) == ("lead@blaby-hinckley.example", "new.address@blaby-hinckley.example")
    assert begun["name"] == ended["name"]


def test_a_word_to_choose_is_known_in_any_letters() -> None:
    assert not faults(plan(write("Contacts", C5=" Deputy  Chair")))


def test_another_role_is_another_entry_once_somebody_has_begun() -> None:
    found = plan(write("Contacts", C5="deputy"))
    ended, begun = (one.now for one in found.changes)
    assert ended
    assert begun
    assert (ended["role"], begun["role"], begun["address"]) == ("lead", "deputy", ended["address"])
    assert ended["valid_to"] < begun["valid_from"]


def test_a_grant_and_a_budget_holder_are_set_up_by_workbook() -> None:
    """What the workbook adds stands in the file as its own lines, and is shown again as it was typed."""
    grant = {"B2": "rutland", "C2": "RUTL.G1", "D2": "Community safety fund", "E2": "Q2, Q4", "F2": date(2014, 11, 4)}
    book = open_book(BOOK)
    at = book["Contacts"].max_row + 1
    people = {"rutland": "budget holder"}
    headers = {str(c.value): c.column_letter for line in book["Contacts"].iter_rows() for c in line if c.value}
    grants = {str(c.value): c for line in book["Grants"].iter_rows() for c in line if c.value}
    row = grants["Grant ref"].row + 1
    typed = {f"{key[0]}{row}": value for key, value in grant.items()}
    cells = {
        f"{headers['Partnership or contributor']}{at}": next(iter(people)), f"{headers['Role']}{at}": "budget holder",
        f"{headers['Name']}{at}": "A. Holder", f"{headers['Email']}{at}": "budget@rutland.example",
        f"{headers['From']}{at}": date(2014, 11, 4),
    }  # fmt: skip

    def change(book: Workbook) -> None:
        write("Grants", **typed)(book)
        write("Contacts", **cells)(book)

    found = plan(change)
    assert not found.faults, found.faults
    told = " ".join(say_plan(found, FILES))
    for said_so in ("Role: budget holder", "Grant ref: RUTL.G1", "Q2, Q4", "Agreed: 4 November 2014"):
        assert said_so in told
    laid = lay_texts({PARTNERSHIPS: (CONFIG / PARTNERSHIPS).read_text("utf-8")}, found.changes)[PARTNERSHIPS]
    assert 'asked_in = ["Q2", "Q4"]' in laid
    assert 'role = "budget holder"' in laid
