"""The front page of a rehearsal by values: what it says of little, of much, and of names that are markup."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from xlsxwriter import Workbook

from csp_workflow.rehearsal.exhibits import Burden, Exhibit, Outcome
from csp_workflow.rehearsal.form_page import draw_sheets, write_form_page
from csp_workflow.rehearsal.front_page import DASHBOARDS, write_front_page, write_letter_page
from csp_workflow.settings import find_defaults, read_page_templates
from tests.dashboard.pages_read import Node, find_faults_of_pages, read_page, read_rows

TEMPLATES = read_page_templates(find_defaults() / "config")
NASTY = '"Safer" <b>Vale</b> & O\'Neill #1 Partnership?'
NOON = datetime(2014, 10, 15, 11, tzinfo=UTC)


def exhibit(kind: str, **said: object) -> Exhibit:
    """A letter of a kind, or a message that came for ""."""
    number = kind or "came"
    made = Exhibit(
        at=NOON,
        kind=kind,
        who="Vale Lead Officer",
        address="lead@vale.example",
        subject="Return for July to September 2014 [CSP 2014/15-Q2 VALE #AAAAAA]",
        page=f"letters/{number} #1.html",
        about=("vale",),
    )
    return replace(made, **said)  # type: ignore[arg-type]


def row(key: str, state: str, **said: object) -> dict[str, object]:
    return {"respondent": key, "state": state, "submissions": 0, "approved": False, "late": False, **said}


def outcome(*pieces: Exhibit, **said: object) -> Outcome:
    made = Outcome(
        period="July to September 2014",
        seed=1,
        pieces=pieces,
        names={"vale": NASTY, "moor": "Moor"},
        partnerships=frozenset({"vale"}),
        orders=1,
        status={
            "quarter": "2014/15-Q2",
            "due": "2014-10-28T17:00:00+00:00",
            "close": "2014-11-04T17:00:00+00:00",
            "returns": [row("vale", "complete", submissions=1), row("moor", "not received")],
            "papers": [],
        },
        burden=(Burden(who="the co-ordinator", letters=1, minutes=1),),
        digest="0" * 64,
    )
    return replace(made, **said)  # type: ignore[arg-type]


def files_of(of: Outcome) -> set[str]:
    return {path for one in of.pieces for path in (one.page, *(p for _, p in (*one.files, *one.drawn)))} | of.others


def read(of: Outcome) -> Node:
    data = write_front_page(of, TEMPLATES)
    assert find_faults_of_pages({"index.html": data}, files_of(of)) == []
    return read_page(data)


def full() -> Outcome:
    form = ("CSP return VALE-1415Q2-F2.1-R1-AAAAAAAA.xlsx", "forms/1 CSP return VALE-1415Q2-F2.1-R1-AAAAAAAA.xlsx")
    later = NOON + timedelta(days=5)
    return outcome(
        exhibit("request", files=(form,)),
        *(exhibit("introduction", page=f"letters/introduction {n}.html", who=f"{NASTY} {n}") for n in range(9)),
        exhibit(
            "", at=later, page="received/1.html", told="forgot the <i>attachment</i>", became="None came.", message="m"
        ),
        exhibit("receipt", at=later, page="letters/receipt.html", message="m"),
        exhibit("digest", at=later, page="digests/1.html", about=()),
        exhibit("circulation", at=later, page="letters/c.html", files=(("speb.docx", "papers/1 speb.docx"),), about=()),
        others=frozenset(DASHBOARDS),
    )


def test_names_that_are_markup_are_names() -> None:
    page = read(full())
    table = read_rows(page.find("returns").every("table")[0])
    assert [one["Partnership or body"] for one in table] == [NASTY, "Moor"]
    assert "Vale Lead Officer forgot the <i>attachment</i>" in table[0]["What came, and what was made of it"]
    assert not page.every("b", "i")


def test_letters_of_a_kind_to_many_are_one_line_and_what_came_stands_before_its_answer() -> None:
    lines = [one.text for one in read(full()).find("all-letters").every("li")]
    assert len(lines) == 6
    assert [line for line in lines if "9 letters, to" in line]
    (came,) = [line for line in lines if "forgot" in line]
    assert "Vale Lead Officer then got: Return for July to September 2014" in came


def test_a_quarter_in_which_nothing_was_sent_says_so_much_and_no_more() -> None:
    page = read(outcome(status={**outcome().status, "returns": []}))
    assert "0 partnerships" in page.text
    assert "Start here" not in page.text
    assert not page.every("form")


def test_people_are_said_to_be_what_they_were() -> None:
    assert "Most are careful; one return never came." in read(outcome()).text
    assert "All of them do what they are asked." in read(outcome(status={**outcome().status, "returns": []})).text


def test_the_morning_to_open_is_one_that_needs_something() -> None:
    quiet = exhibit("digest", subject="Nothing needs you (15 Oct 2014)", page="digests/1.html", about=())
    busy = exhibit(
        "digest", subject="Two things need you", page="digests/2.html", about=(), at=NOON + timedelta(days=9)
    )
    came = exhibit("", page="received/1.html")
    assert "Two things need you" in read(outcome(came, quiet, busy)).find("start").text
    assert "Nothing needs you" in read(outcome(came, quiet)).find("start").text


def test_who_sent_nothing_is_told_as_such() -> None:
    rows = read_rows(read(outcome()).find("returns").every("table")[0])
    assert rows[1] == {
        "Partnership or body": "Moor",
        "How it ended": "Not received",
        "What came, and what was made of it": "Nothing came.",
    }


def test_each_partnership_has_its_quarter_as_a_strip_that_is_read_out_too() -> None:
    form, later = ("form.xlsx", "received/form.xlsx"), NOON + timedelta(days=8)
    came = {"who": "Vale Lead", "files": (form,), "drawn": (("Its sheets, on a page", "sheets/form.html"),)}
    page = read(
        outcome(
            exhibit("request"),
            exhibit("reminder-overdue", at=NOON + timedelta(days=7), page="letters/late.html"),
            exhibit("", at=later, page="received/1.html", verdict="return", **came),
            exhibit("correction", at=later, page="letters/back.html"),
            exhibit("", at=NOON + timedelta(days=9), page="received/2.html", verdict="approval"),
            exhibit("digest", at=NOON + timedelta(days=20), page="digests/1.html", about=()),
        )
    )
    (strip,) = page.find("strips").every("li")
    said = "asked on 15 Oct, reminded on 22 Oct, returned on 23 Oct, sent back on 23 Oct and approved on 24 Oct"
    assert said in strip.every("svg")[0].attributes["aria-label"]
    assert f"A{said[1:]}" in strip.every("p")[1].text
    assert [row["What"] for row in read_rows(strip.every("table")[0])] == [
        *("Asked", "Reminded", "Returned", "Sent back", "Approved")
    ]
    assert len(strip.every("path")) == 2 + 5
    links = [one.attributes["href"] for one in page.find("all-letters").every("a")]
    assert "sheets/form.html" in links


def test_a_filled_form_is_a_page_with_its_visible_sheets_and_boxes() -> None:
    book = Workbook(data := io.BytesIO())
    sheet, hidden = book.add_worksheet("Figures & more"), book.add_worksheet("_return")
    box, head = book.add_format({"border": 2}), book.add_format({"bg_color": "#1F3864", "bold": True})
    sheet.write_row("A1", ["Ref", "This quarter"], head)
    sheet.write("A2", "M11 <b>")
    sheet.write("B2", 12, box)
    sheet.write("D3", "beyond")
    hidden.write("A1", "secret")
    hidden.hide()
    book.close()
    sheets = draw_sheets(data.getvalue())
    page = read_page(write_form_page(sheets, title="A <form>", file="received/a #1.xlsx", back="received/1.html"))
    assert page.every("h2")[0].text == "Figures & more"
    assert [one.text for one in page.every("th")] == ["Ref", "This quarter"]
    assert [one.text for one in page.every("td")] == ["M11 <b>", "12", "", "", "", "beyond"]
    assert [one.text for one in page.every("td") if one.attributes.get("class") == "box"] == ["12"]
    assert "secret" not in page.text
    assert [one.attributes["href"] for one in page.every("p")[0].every("a")] == [
        *("../received/a%20%231.xlsx", "../received/1.html")
    ]


def test_what_is_no_workbook_has_no_sheets() -> None:
    assert not draw_sheets(b"no zip")


@pytest.mark.parametrize(
    ("html", "text"), [("", "1 < 2 & <b>bold</b>"), ("<html><head></head><body class='x'><p>Own</p></body></html>", "")]
)
def test_a_letter_is_shown_below_its_envelope(html: str, text: str) -> None:
    shown = exhibit("receipt", who=NASTY, files=(("a <b>.xlsx", "forms/1 a #<b>.xlsx"),))
    page = read_page(write_letter_page(shown, html=html, text=text))
    (envelope,) = page.every("header")
    assert f"To: {NASTY} <lead@vale.example>" in envelope.text
    assert [one.attributes["href"] for one in page.every("a")] == ["../forms/1%20a%20%23%3Cb%3E.xlsx", "../index.html"]
    assert (text or "Own") in page.text
    assert not page.every("b")
