"""What a form held when it was sent is read from the archive: what somebody wrote beside it is told, and only that."""

from __future__ import annotations

import io
from hashlib import sha256
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment

from tests.story.site_told import CO_ORDINATOR, Played, filled, said

LEAD = "lead@charnwood.example"
WORDS, COMMENT = "The wardens count otherwise since July", "Please ask the wardens"


@pytest.fixture
def asked(tmp_path: Path) -> Played:
    """A site that has just sent its forms."""
    site = Played.laid_out(tmp_path / "opcc")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    return site


def answered(site: Played, *, loses: bool) -> str:
    """The receipt of a form with words and a comment beside the boxes; the form as it was sent may be lost."""
    request = site.the_letter(LEAD, "Please fill in")
    ((_, sent),) = [(name, data) for name, data in request.files if name.endswith(".xlsx")]
    name, data = filled(request)
    book = load_workbook(io.BytesIO(data))
    book["Your figures"]["D40"] = WORDS
    book["Sign-off"]["A20"].comment = Comment(COMMENT, "A. Lead")
    out = io.BytesIO()
    book.save(out)
    if loses:
        hash_ = sha256(sent).hexdigest()
        (site.place / "state" / "archive" / hash_[:2] / hash_[2:]).unlink()
    site.reply(request, LEAD, "Our return.", (name, out.getvalue()))
    site.beat("16 Oct 10:00")
    return said(site.the_letter(LEAD, "received"))


def test_what_stands_beside_the_boxes_is_told_and_none_of_our_own_words(asked: Played) -> None:
    receipt = answered(asked, loses=False)
    listed = receipt.partition("We saw this and did not record it")[2]
    assert WORDS in listed
    assert COMMENT in listed
    assert "Choose" not in listed, "a word of ours"


def test_without_the_form_as_sent_what_can_only_be_theirs_is_told_and_none_of_our_own_words(asked: Played) -> None:
    listed = answered(asked, loses=True).partition("We saw this and did not record it")[2]
    assert COMMENT in listed
    assert "Choose" not in listed
