"""What may name a person, and why somebody is away, is shown to nobody until it is settled.

A made-up person stands in every free field of a form, in the words beside it and in a question, and a reason in an
automatic reply; then every part of every letter's final bytes is searched, workbooks and papers too. Only the message
as it came, which the office gets, may hold them.
"""

from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from openpyxl.comments import Comment
from openpyxl.workbook import Workbook

from csp_workflow.forms import layout
from csp_workflow.rehearsal.partners import excel
from tests.story.site_told import CO_ORDINATOR, Played, filled
from tests.story.test_canary import everything

PERSON = "The victim, Zebedee Quillfeather (DOB 12.03.2001), rang from 07700 900321."
MARKS = ("quillfeather", "zebedee", "900321", "12.03.2001", "quinsy")
RUTLAND, CHARNWOOD = "lead@rutland.example", "lead@charnwood.example"


def _noted(book: Workbook) -> None:
    for sheet in book.worksheets:
        for row, columns, _, _ in excel.figure_rows(sheet):
            for header in (layout.NOTE, layout.DROVE_IT):
                if header in columns:
                    sheet.cell(row, columns[header]).value = PERSON
            sheet.cell(row, columns[layout.NOTE]).comment = Comment(PERSON, "x")


@pytest.fixture(scope="module")
def returned(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The morning after all of it came; to be copied."""
    site = Played.laid_out(tmp_path_factory.mktemp("kept") / "opcc")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    asked = {x.to: x for x in site.new_letters() if x.workbooks and x.to != CO_ORDINATOR}
    leads = [to for to in asked if to.startswith("lead@")]
    assert {RUTLAND, CHARNWOOD} <= set(leads), leads
    words = f"Please find it attached.\n\nPlease treat it as provisional.\n{PERSON}"
    site.reply(asked[RUTLAND], RUTLAND, words, filled(asked[RUTLAND], words=PERSON, change=_noted))
    site.reply(asked[CHARNWOOD], CHARNWOOD, PERSON, filled(asked[CHARNWOOD], number=PERSON, change=_noted))
    others = [to for to in leads if to not in {RUTLAND, CHARNWOOD}]
    site.reply(asked[others[0]], others[0], f"Can we have a week more?\n{PERSON}\nOur analyst is off sick with quinsy.")
    site.reply(asked[others[1]], others[1], f"NIL RETURN\n{PERSON}\nI have been in hospital with quinsy.")
    site.write(others[2], "Out of office", "I am away until 24 October. I am off sick with quinsy.")
    site.write(
        others[3], "My post", "I have left the council. I had quinsy and was off sick. Please write to kim@x.example."
    )
    site.write("jo@public.example", f"About {PERSON}", PERSON)
    site.beat("16 Oct 10:00")
    site.beat("17 Oct 07:35")
    return site


@pytest.fixture(scope="module")
def played(returned: Played, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The whole quarter, in which nobody mends anything."""
    site = returned.copied_to(tmp_path_factory.mktemp("kept") / "whole")
    for day in ("20 Oct 10:00", "28 Oct 10:00", "04 Nov 17:05", "20 Nov 09:05", "28 Nov 09:05"):
        site.beat(day)
    return site


def _sent(site: Played) -> list[Path]:
    return sorted((site.place / "state" / "mail" / "sent" / "new").iterdir())


def _shown(path: Path) -> list[str]:
    """The texts of a letter's parts, but for the message as it came that is attached for the office."""
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    to = message["To"].addresses[0].addr_spec
    if to == CO_ORDINATOR and message.is_multipart():
        kept = [part for part in message.get_payload() if not (part.get_filename() or "").endswith(".eml")]
        message.set_payload(kept)
    return [text.lower() for text in everything(message.as_bytes())]


def _brings_it_as_it_came(message: EmailMessage) -> bool:
    """Whether a letter puts somebody's words before the office: it must read them, and has the message itself."""
    return any((part.get_filename() or "").endswith(".eml") for part in message.walk())


def test_no_letter_shows_a_person_or_a_reason(played: Played) -> None:
    found = []
    for path in _sent(played):
        message = email.message_from_bytes(path.read_bytes(), policy=default)
        marks = ("quinsy",) if _brings_it_as_it_came(message) else MARKS
        found += [(message["To"], message["Subject"], mark) for mark in marks if any(mark in t for t in _shown(path))]
    assert not found


def test_the_search_sees_what_is_not_kept_back(played: Played) -> None:
    """The office's copies hold them; and so does every kind of letter something else of the same messages."""
    assert any("quillfeather" in text.lower() for path in _sent(played) for text in everything(path.read_bytes()))
    shown = "\n".join(text for path in _sent(played) for text in _shown(path))
    for words in ("kept back: it may name a person", "kept back: why somebody is away", "treat it as provisional"):
        assert words in shown
    papers = (text for path in _sent(played) for text in _shown(path) if "<w:document" in text)
    assert any("kept back" in text for text in papers), "the paper quotes what they wrote, where it may"


def test_the_sender_is_told_which_cells_and_what_settles_it(played: Played) -> None:
    letters = [x for x in played.new_letters(RUTLAND) if "cells still need you" in " ".join(x.text.split())]
    text = " ".join(letters[0].text.split())
    assert "It holds all that was sent but for what may name a person" in text
    assert "a phone number" in text
    assert "our co-ordinator can take it as it is" in text
    assert played.state("rutland") == "queried"


def test_the_co_ordinator_is_told_and_takes_it_as_it_is(returned: Played, tmp_path: Path) -> None:
    site = returned.copied_to(tmp_path / "opcc")
    digests = [" ".join(x.text.split()) for x in site.new_letters(CO_ORDINATOR) if "you today" in x.text]
    assert any("may name a person" in text and "ACCEPT RUTL" in text for text in digests)
    before = set(_sent(site))
    (beside,) = site.ask(lambda o: [m.id[:10] for m in o.store.messages() if m.sender == RUTLAND])
    site.write(CO_ORDINATOR, "Orders", f"ACCEPT RUTL\nDONE {beside}")
    site.beat("17 Oct 10:05")
    site.beat("17 Oct 10:10")
    asked = [p for p in _sent(site) if p not in before and b"chair@rutland.example" in p.read_bytes()]
    assert any("quillfeather" in text for path in asked for text in _shown(path)), "the chair sees what is approved"


def test_a_person_in_the_name_of_a_file_or_a_sheet_or_in_a_bounce_is_shown_to_nobody(tmp_path: Path) -> None:
    site = Played.laid_out(tmp_path / "opcc")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    asked = {x.to: x for x in site.new_letters() if x.workbooks and x.to != CO_ORDINATOR}
    other = next(to for to in asked if to.startswith("lead@") and to not in {RUTLAND, CHARNWOOD})
    site.reply(asked[RUTLAND], RUTLAND, "Attached.", filled(asked[RUTLAND], change=_add_sheet))
    site.reply(asked[CHARNWOOD], CHARNWOOD, "Attached.", ("Victim_Zebedee_Quillfeather.pdf", b"%PDF-1.4 x"))
    site.drop(_bounce(other))
    site.beat("16 Oct 10:00")
    site.beat("17 Oct 07:35")
    texts = [(path.name, text) for path in _sent(site) for text in _shown(path)]
    assert any("the other side said" in text for _, text in texts)
    assert not [name for name, text in texts if any(mark in text for mark in MARKS)]


def _add_sheet(book: Workbook) -> None:
    book.create_sheet("Victim Zebedee Quillfeather")["A1"] = PERSON


def _bounce(address: str) -> bytes:
    return (
        "From: MAILER-DAEMON@x.example\r\nSubject: Undelivered mail\r\nAuto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain\r\n\r\nFailed. {PERSON}\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; 550 5.1.1 {PERSON}\r\n\r\n--b--\r\n"
    ).encode()
