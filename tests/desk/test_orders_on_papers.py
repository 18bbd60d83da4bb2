"""SHOW, DISMISS of words, and CLEAR of a file that she has not seen or others must agree to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from csp_workflow.terms.events import Happened
from csp_workflow.terms.report_form import PaperReader, ReaderRole, ReportForm
from tests.chase.quarter_told import Told, at
from tests.desk.reading import read
from tests.desk.test_orders_done import facts, order, refused, told

__all__ = ["told"]
SHOWN = {"content": "c1", "number": 1, "until": date(2014, 11, 25).isoformat()}
READER = PaperReader(name="Head of Policy", address="policy@opcc.example", role=ReaderRole.SECOND)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("SHOW", "SHOW"),
        ("SHOW speb please", "SHOW speb"),
        ("SHOW the paper", "SHOW"),
        ("SHOW EDITS speb", "SHOW speb EDITS"),
        ("Show my changes to the paper for speb", "SHOW speb EDITS"),
        ("SHOW EDITS", "SHOW EDITS"),
        ("CLEAR speb WITHOUT WAITING", "CLEAR speb WITHOUT WAITING"),
        ("clear speb, without waiting for them.", "CLEAR speb WITHOUT WAITING"),
        ("Please CLEAR WITHOUT WAITING the paper for speb", "CLEAR speb WITHOUT WAITING"),
        ("CLEAR it all the same", "CLEAR WITHOUT WAITING"),
        ("CLEAR speb anyway, thanks", "CLEAR speb WITHOUT WAITING"),
        ("DISMISS speb WORDS", "DISMISS speb WORDS"),
        ("Dismiss my words", "DISMISS WORDS"),
        ("DISMISS speb those words without a place", "DISMISS speb WORDS"),
    ],
)
def test_they_are_read(words: str, meant: str) -> None:
    assert [command.write() for command in read(words).commands] == [meant]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("CLEAR speb and circulate it", ["CLEAR speb", "CIRCULATE speb"]),
        ("clear speb, then circulate", ["CLEAR speb", "CIRCULATE speb"]),
        ("clear the paper and send it out", ["CLEAR", "CIRCULATE"]),
    ],
)
def test_a_paper_is_cleared_and_circulated_in_one_line_by_its_name_too(words: str, meant: list[str]) -> None:
    assert [command.write() for command in read(words).commands] == meant


def test_a_draft_is_shown_until_it_is_cleared(told: Told) -> None:
    assert "There is no draft of the paper" in refused(told, "SHOW")
    told.happen(Happened.PAPER_DRAFTED, at(20, month=11), subject="speb", content="c1", copy="c2", number=1)
    assert "Nobody has written anything into the paper" in refused(told, "SHOW speb EDITS")
    done = order(told, "SHOW")
    assert done.order is not None
    assert (done.order.kind, done.order.board) == ("show", "speb")
    told.happen(Happened.PAPER_SHOWN, at(20, 12, month=11), subject="speb", **SHOWN)
    assert order(told, "SHOW speb").order
    told.happen(Happened.PAPER_CLEARED, at(21, month=11), subject="speb", content="c1")
    assert "is cleared" in refused(told, "SHOW speb")


def test_words_are_dismissed_where_there_are_any(told: Told) -> None:
    assert "is without a place" in refused(told, "DISMISS speb WORDS")
    about = {"content": "c1", "copy": "c2", "number": 1, "edits": "e1"}
    told.happen(Happened.PAPER_DRAFTED, at(20, month=11), subject="speb", **about)
    done = order(told, "DISMISS WORDS")
    assert done.order is not None
    assert (done.order.kind, done.order.board) == ("no words", "speb")
    told.happen(Happened.WORDS_DISMISSED, at(20, 12, month=11), subject="speb", edits="")
    assert "is without a place" in refused(told, "DISMISS speb WORDS")


def test_what_she_has_not_seen_is_neither_cleared_nor_shown(told: Told) -> None:
    told.happen(Happened.PAPER_DRAFTED, at(20, month=11), subject="speb", content="c1", copy="c2", number=1)
    for words in ("CLEAR", "SHOW"):
        assert "is another than the file you sent" in refused(told, words, brought="speb", is_unseen=True)
    assert order(told, "CLEAR", brought="speb").order


def test_clear_waits_for_its_readers_and_circulate_for_the_clearance(told: Told) -> None:
    form = ReportForm(board="speb", title="", marking="", headings=(), officers=(), readers=(READER,))
    told.site = replace(told.site, report_forms=(form,))
    told.happen(Happened.PAPER_DRAFTED, at(20, month=11), subject="speb", content="c1", copy="c2", number=1)
    assert "is cleared when Head of Policy (second reader) has agreed." in order(told, "CLEAR").sentences[0]
    told.happen(Happened.CLEARANCE_WANTED, at(20, 12, month=11), subject="speb", content="c1", number=1)
    assert "is not cleared before Head of Policy has agreed to it" in refused(told, "CIRCULATE speb")
    agreed = {"reader": READER.address, "content": "older", "number": 1}
    told.happen(Happened.PAPER_AGREED, at(20, 13, month=11), subject="speb", **agreed)
    assert "is not cleared before" in refused(told, "CIRCULATE speb"), "a yes to another file says nothing of this"
    told.happen(Happened.PAPER_AGREED, at(20, 14, month=11), subject="speb", **{**agreed, "content": "c1"})
    assert not facts(told).status.papers["speb"].list_awaited((READER,))  # type: ignore[union-attr]
