"""The Office's own parts of a paper: asked for in the draft, waited for, and left out where nobody wrote them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.report.blocks import Heading, Numbered, Plain, Table
from csp_workflow.report.check import find_problems
from csp_workflow.report.circulate import Copies, decide_clearing, decide_draft
from csp_workflow.report.contents import TO_WRITE, compile_contents, find_unwritten, leave_out_unwritten
from csp_workflow.report.edits.keeping import find_edits, put_edits
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.word.document import build_document
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.report_form import ReportHeading
from csp_workflow.terms.status import fold_cycle
from tests.report.edited_told import retyped
from tests.report.paper_read import list_paragraphs
from tests.report.paper_told import BASE, NOW, Q2, facts

ASKED = "what changed"


def asking() -> ReportFacts:
    """A paper with two parts of the Office's own beside what it always has."""
    made = facts()
    own = (
        ReportHeading(title="Foreword", kind="to write", text=ASKED),
        ReportHeading(title="Delivery", kind="to write by theme", text="what came of it"),
    )
    headings = (*own, *(h for h in made.form.headings if h.kind in {"introduction", "officers"}))
    form = replace(made.form, headings=headings)
    return replace(made, site=replace(made.site, report_forms=(form,)))


def draft() -> bytes:
    return build_document(compile_contents(asking()), base=BASE)


def test_a_draft_asks_for_each_part_and_the_copy_leaves_out_what_nobody_wrote() -> None:
    of, made = asking(), draft()
    text = "\n".join(list_paragraphs(made))
    assert f"{TO_WRITE}: {ASKED}]" in text
    assert text.count(TO_WRITE) == 1 + len(of.framework.themes)
    assert find_unwritten(made, of.form) == ("Foreword", "Delivery")
    copy = leave_out_unwritten(build_document(compile_contents(of, draft=False), base=BASE), of.form)
    text = "\n".join(list_paragraphs(copy))
    assert not [words for words in (TO_WRITE, "Foreword", "Delivery") if words in text]
    assert "Introduction" in text
    assert find_problems(copy) == ()
    assert leave_out_unwritten(copy, of.form) == copy


def test_whoever_quotes_what_is_asked_keeps_every_word_and_nothing_waits_for_it() -> None:
    of = asking()
    said = f"{TO_WRITE}: {ASKED}]"
    quoting = replace(
        compile_contents(of, draft=False),
        blocks=(
            Heading(text="Performance"),
            Plain(text=said, lead="Charnwood", quoted=True, about=("charnwood", "T1")),
            Numbered(text=f"It asks for: \u201c{said}\u201d", key="ask/charnwood"),
            Table(caption="C", description="D", headers=("What", "Words"), rows=(("Burglary", said),), weights=(1, 1)),
        ),
    )
    made = build_document(quoting, base=BASE)
    assert find_unwritten(made, of.form) == ()
    assert leave_out_unwritten(made, of.form) == made


def test_what_somebody_wrote_in_its_place_stays_in_the_next_draft_and_in_the_copy() -> None:
    hers = retyped(draft(), f"{TO_WRITE}: {ASKED}]", "It was a good year.")
    placed = put_edits(draft(), find_edits(draft(), hers))
    assert placed.unplaced == ()
    assert find_unwritten(placed.file, asking().form) == ("Delivery",)
    text = "\n".join(list_paragraphs(leave_out_unwritten(placed.file, asking().form)))
    assert "It was a good year." in text
    assert "Foreword" in text
    assert "Delivery" not in text


def test_a_draft_is_not_cleared_before_they_are_written_unless_she_says_so() -> None:
    copies = Copies(draft=b"x", draft_hash="d", copy_hash="c", unwritten=("Foreword", "Delivery"))
    made = decide_draft(facts(), copies, NOW, by="her")
    (letter,) = made.letters
    assert letter.facts["unwritten"] == ("Foreword", "Delivery")
    status = fold_cycle(Q2, made.events)
    with pytest.raises(PreconditionFailed, match="still to write: Foreword; Delivery"):
        decide_clearing(facts().site, status, "speb", NOW, by="her")
    (cleared,) = decide_clearing(facts().site, status, "speb", NOW, by="her", unwaited=True).events
    assert cleared.facts["unwaited"] is True
    written = decide_draft(facts(), replace(copies, unwritten=()), NOW, by="her")
    assert fold_cycle(Q2, written.events).papers["speb"].unwritten == ""
