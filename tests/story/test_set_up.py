"""From SETUP to APPLY to the next letters: the co-ordinator changes who is who in a workbook, and no shell is needed."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from csp_workflow.rehearsal.partners.mail import Post
from tests.story.site_told import CO_ORDINATOR, Played, said

LEAD, NEW_LEAD = "lead@blaby-hinckley.example", "jane.obrien@blaby-hinckley.example"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A site that works, and nobody is asked yet."""
    played = Played.laid_out(tmp_path_factory.mktemp("site"))
    played.beat("13 Oct 09:00")
    played.new_letters()
    return played


@pytest.fixture
def played(started: Played, tmp_path: Path) -> Played:
    """The same for each test."""
    return started.copied_to(tmp_path / "here")


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


def send_setup(played: Played, when: str) -> Post:
    """She orders SETUP and has her workbook."""
    played.write(CO_ORDINATOR, "Set-up please", "SETUP")
    played.beat(when)
    return played.the_letter(CO_ORDINATOR, "Set-up: your workbook")


def code_of(letter: Post) -> str:
    """The word that takes what a letter tells."""
    return said(letter).partition("reply APPLY ")[2].split()[0]


def test_from_setup_to_apply_to_the_next_letters(played: Played) -> None:
    letter = send_setup(played, "13 Oct 09:30")
    played.new_letters()
    played.reply(letter, CO_ORDINATOR, "", edited(letter, replace_lead))
    played.beat("13 Oct 09:40")
    told = played.the_letter(CO_ORDINATOR, "1 change waits")
    assert "Jane O'Brien, Head of Safety" in said(told)
    assert not played.new_letters()
    played.reply(told, CO_ORDINATOR, f"APPLY {code_of(told)}")
    played.beat("13 Oct 09:50")
    assert "holds from now on" in said(played.the_letter(CO_ORDINATOR, "Done"))
