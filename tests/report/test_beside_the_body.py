"""What somebody puts beside a paper's own text: notes, pictures within it, words in our comments. Kept, or told of."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from lxml import etree

from csp_workflow.report.edits.keeping import combine_edits, find_edits, mark_edited, put_edits
from csp_workflow.report.edits.notes import Note, add_notes, has_other_notes
from csp_workflow.report.edits.telling import tell_words
from csp_workflow.report.edits.tracking import track_changes
from csp_workflow.report.word.package import W, unpack_parts
from tests.report.edited_told import edited, find_paragraph, noted, read_lines, retyped, settle
from tests.report.test_edits import BEFORE, NOW
from tests.report.test_seldom_edited import AT, CHARTED, find_drawn, wrapped

NOTES = pytest.mark.parametrize("kind", ["footnote", "endnote"])
PLACES = pytest.mark.parametrize("to", ["Counts are compared", "Burglary rose", "More people came", "Blaby"])
"""A standing paragraph, tagged words, somebody's own words, a cell."""


@NOTES
@PLACES
def test_a_note_of_hers_is_kept_behind_what_it_is_to(to: str, kind: str) -> None:
    hers = noted(BEFORE, to, "As the force said in May.", kind)
    (edit,) = find_edits(BEFORE, hers)
    placed = put_edits(NOW, [edit])
    lines = read_lines(placed.file)
    assert [line for line in lines if line not in read_lines(NOW)] == [" As the force said in May."]
    assert lines.index(" As the force said in May.") > next(n for n, line in enumerate(lines) if to in line)
    (told,) = tell_words(placed).kept
    assert "As the force said in May." in told
    assert "A note is a paragraph in a draft that is written anew." in told
    assert mark_edited(placed.file, [edit]) == placed.file


@NOTES
def test_the_text_of_a_note_that_she_changes_or_takes_out_is_an_edit_of_hers(kind: str) -> None:
    first = noted(BEFORE, "Counts are compared", "As the force said in May.", kind)
    earlier = find_edits(BEFORE, first)
    later = noted(BEFORE, "Counts are compared", "As the force said in June.", kind)
    (edit,) = find_edits(first, later)
    assert (edit.was, edit.text) == ("As the force said in May.", "As the force said in June.")
    assert [one.text for one in combine_edits(BEFORE, later, earlier)] == ["As the force said in June."]
    (gone,) = find_edits(first, BEFORE)
    assert (gone.was, gone.text) == ("As the force said in May.", "")
    assert not combine_edits(BEFORE, BEFORE, earlier)


def test_several_notes_stand_in_their_order_and_a_mark_without_a_note_is_none() -> None:
    hers = noted(BEFORE, "Counts are compared", "The first.")
    hers = noted(hers, "Counts are compared", "The second.", number="3")
    assert [edit.text for edit in find_edits(BEFORE, hers)] == ["The first.", "The second."]
    lost = edited(hers, lambda root: root.clear(), "word/footnotes.xml")
    assert not find_edits(BEFORE, lost)


def test_tracked_changes_leave_notes_where_they_are() -> None:
    before = noted(BEFORE, "Counts are compared", "As the force said.")
    after = retyped(before, "Burglary rose", "Burglary fell.")
    tracked = track_changes(before, after, as_at=AT)
    assert read_lines(settle(tracked, accept=True)) == read_lines(after)
    assert read_lines(settle(tracked, accept=False)) == read_lines(before)


# Pictures and formulas within text ------------------------------------------------------------------------------


def put_picture(body: Any, into: str) -> None:
    drawing = copy.deepcopy(next(find_drawn(body, "in Charnwood").iter(f"{W}drawing")))
    drawing.find(".//{*}docPr").attrib.update({"descr": "A map.", "name": "Picture 9"})
    etree.SubElement(find_paragraph(body, into), f"{W}r").append(drawing)


@pytest.mark.parametrize("to", ["One.", "Two.", "Three."])
def test_a_picture_that_she_puts_into_text_is_told_of_and_the_text_stays_ours(to: str) -> None:
    hers = edited(CHARTED, lambda body: put_picture(body, to))
    (edit,) = find_edits(CHARTED, hers)
    placed = put_edits(CHARTED, [edit])
    assert read_lines(placed.file) == read_lines(CHARTED)
    (told,) = tell_words(placed).kept
    assert "A map." in told
    assert "A picture cannot be kept in later drafts." in told
    assert read_lines(settle(track_changes(CHARTED, hers, as_at=AT), accept=False)) == read_lines(CHARTED)


def test_a_formula_alone_is_told_of() -> None:
    math = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"

    def put(body: Any) -> None:
        paragraph = etree.Element(f"{W}p")
        etree.SubElement(paragraph, math)
        find_paragraph(body, "Counts are compared").addnext(paragraph)

    (edit,) = find_edits(BEFORE, edited(BEFORE, put))
    assert (edit.lacks, edit.text) == (True, "a picture without a description")


def test_a_control_of_word_s_own_around_a_chart_adds_none() -> None:
    assert not find_edits(CHARTED, edited(CHARTED, wrapped("Two.", "sdt", outside=True)))


# Our comments, and what they leave alone ----------------------------------------------------------------------------


def test_what_she_writes_into_our_comments_is_seen_and_taking_them_out_is_nothing() -> None:
    ours = add_notes(BEFORE, [Note(place="words story/1", text="Look here.")], AT)
    part = "word/comments.xml"
    hers = edited(ours, lambda root: next(root.iter(f"{W}t")).__setattr__("text", "I did look."), part)
    assert has_other_notes(ours, hers)
    assert not has_other_notes(ours, ours)
    assert not has_other_notes(ours, BEFORE)


def test_comments_change_the_text_and_what_leads_to_them_and_nothing_else() -> None:
    parts, ours = (
        unpack_parts(one) for one in (BEFORE, add_notes(BEFORE, [Note(place="words story/1", text="L")], AT))
    )
    others = {"word/document.xml", "word/_rels/document.xml.rels", "[Content_Types].xml", "word/comments.xml"}
    assert {name for name in parts | ours if parts.get(name) != ours.get(name)} == others
