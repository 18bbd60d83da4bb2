"""Bank details that come by mail are never acted on, and nothing repeats them: no letter, digest, log or paper.

They come in a body, a subject, a saved message, a cell, a note, a Word document and the name of a file, from a contact,
from the office itself and from a stranger; then every part of every letter's final bytes is searched.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from openpyxl.comments import Comment
from openpyxl.workbook import Workbook

from csp_workflow.forms import layout
from csp_workflow.rehearsal.partners import excel
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.telling import cycle_status
from csp_workflow.terms.messages import Verdict
from tests.story.site_told import CO_ORDINATOR, Q2, Played, filled, said
from tests.story.test_canary import everything

DETAILS = "Our new sort code is 83-94-71 and our account number 73519264."
MARKS = ("83-94-71", "839471", "73519264", "7351 9264", "gb29nwbk", "lloyfunds")
KEY_WORDS = "have not read your email"


def _document(words: str) -> bytes:
    """A Word document as a zip: what is said stands in two runs."""
    half = len(words) // 2
    runs = "".join(f"<w:r><w:t>{part}</w:t></w:r>" for part in (words[:half], words[half:]))
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document><w:body><w:p>{runs}</w:p></w:body></w:document>")
        archive.writestr("[Content_Types].xml", "<Types/>")
    return held.getvalue()


def _saved(words: str) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "finance@elsewhere.example", "Payment"
    message.set_content(words)
    return message.as_bytes()


def _in_a_cell(book: Workbook) -> None:
    for sheet in book.worksheets:
        for row, columns, _, _ in excel.figure_rows(sheet):
            if layout.NOTE in columns:
                sheet.cell(row, columns[layout.NOTE]).value = DETAILS


def _in_a_comment(book: Workbook) -> None:
    book.worksheets[0]["C4"].comment = Comment(DETAILS, "x")


def _on_a_hidden_sheet(book: Workbook) -> None:
    sheet = book.create_sheet("Lloyfunds")
    sheet.append(["Sort code", "Account"])
    sheet.append([839471, 73519264])
    sheet.sheet_state = "hidden"


CHANGES: tuple[Callable[[Workbook], None], ...] = (_in_a_cell, _in_a_comment, _on_a_hidden_sheet)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The morning after all of it came."""
    site = Played.laid_out(tmp_path_factory.mktemp("bank") / "opcc")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    asked = {x.to: x for x in site.new_letters() if x.workbooks and x.to != CO_ORDINATOR}
    leads = sorted(asked, key=lambda to: (not to.startswith("lead@"), to))
    for lead, change in zip(leads, CHANGES, strict=False):
        site.reply(asked[lead], lead, "Please find it attached.", filled(asked[lead], change=change))
    files = (("x.docx", _document(DETAILS)), ("x.eml", _saved(DETAILS)), (f"{DETAILS}.txt", b"Nothing."))
    for lead, file in zip(leads[len(CHANGES) :], files, strict=False):
        site.reply(asked[lead], lead, "Please see what is attached. Can you help?", file)
    last = leads[len(CHANGES) + len(files)]
    site.reply(asked[last], last, f"NIL RETURN\n{DETAILS}\nA child is at risk of harm and I want to report it.")
    site.write("jo@public.example", f"About {DETAILS}", "IBAN GB29 NWBK 6016 1331 9268 19")
    site.write(CO_ORDINATOR, "Orders", f"CLOSE\n{DETAILS}")
    site.beat("16 Oct 10:00")
    site.beat("17 Oct 07:35")
    return site


def _sent(site: Played) -> list[Path]:
    return sorted((site.place / "state" / "mail" / "sent" / "new").iterdir())


def test_nothing_repeats_them(played: Played) -> None:
    found = [
        (path.name, mark)
        for path in _sent(played)
        for text in everything(path.read_bytes())
        for mark in MARKS
        if mark in text.lower()
    ]
    assert not found
    kept = {f for f in played.place.rglob("*") if f.is_file() and f.suffix in {".log", ".sqlite"}}
    assert not [(f.name, mark) for f in kept for mark in MARKS if mark.encode() in f.read_bytes().lower()]


def test_nothing_was_taken_from_them(played: Played) -> None:
    waits, told = played.ask(lambda outside: (_list_quarantined(outside), cycle_status(outside, Q2)), "17 Oct 08:00")  # type: ignore[misc]
    assert len(waits) == len(CHANGES) + 6
    assert {row["state"] for row in told["returns"]} <= {"requested", "expected"}


def _list_quarantined(outside: Outside) -> list[tuple[str, str]]:
    return [(m.id[:10], m.sender) for m in outside.store.messages() if m.verdict is Verdict.QUARANTINED]


def test_a_known_sender_is_told_once_and_nobody_else(played: Played, tmp_path: Path) -> None:
    site = played.copied_to(tmp_path / "opcc")
    letters = [x for x in site.new_letters() if KEY_WORDS in said(x)]
    assert len(letters) == len({x.to for x in letters}) == len(CHANGES) + 4
    first = letters[0]
    site.reply(first, first.to, f"I am sorry. I send the form again tomorrow.\n\n> {said(first)}")
    site.beat("17 Oct 10:00")
    assert not [x for x in site.new_letters(first.to) if KEY_WORDS in said(x)], "our own words are no bank details"


def test_her_morning_letter_has_an_order_that_settles_each(played: Played, tmp_path: Path) -> None:
    site = played.copied_to(tmp_path / "opcc")
    digest = said(site.told_in_full("20 Oct 07:35"))
    assert "Perhaps bank details, from" in digest
    assert "a safeguarding concern. It may hold bank details." in digest, "a child's safety waits for nobody"
    ids = [short for short, _ in site.ask(_list_quarantined, "20 Oct 07:40")]  # type: ignore[attr-defined]
    for short in ids:
        site.write(CO_ORDINATOR, "Orders", f"SHOW {short}")
        site.write(CO_ORDINATOR, "Orders", f"ASSIGN {short} TO RUTL")
    site.beat("20 Oct 08:00")
    refused = " ".join(said(x) for x in site.new_letters(CO_ORDINATOR))
    assert "is sent to nobody" in refused
    assert "nothing in it is read" in refused
    site.write(CO_ORDINATOR, "Orders", "\n".join(f"{'DONE' if 'DONE ' + s in digest else 'DISMISS'} {s}" for s in ids))
    site.beat("20 Oct 08:05")
    assert "Perhaps bank details" not in said(site.told_in_full("21 Oct 07:35"))
    test_nothing_repeats_them(site)
