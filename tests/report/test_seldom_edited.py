"""What seldom stands in a Word file that came back, or in what is kept of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree

from csp_workflow.report.blocks import Block, Heading, Landscape, NewPage, Numbered, Plain, Run, Table
from csp_workflow.report.edits.copying import make_copy
from csp_workflow.report.edits.keeping import (
    Edit,
    Placed,
    combine_edits,
    find_edits,
    list_texts,
    mark_edited,
    put_edits,
)
from csp_workflow.report.edits.margins import has_other_marking
from csp_workflow.report.edits.notes import Note, add_notes
from csp_workflow.report.edits.opening import vet_paper
from csp_workflow.report.edits.telling import list_notes, tell_redrawn, tell_words
from csp_workflow.report.edits.tracking import track_changes
from csp_workflow.report.word.package import W, pack_parts, parse_part, unpack_parts
from tests.report.edited_told import (
    PART,
    added,
    edited,
    find_paragraph,
    make_paragraph,
    make_run,
    read_lines,
    removed,
    retyped,
    settle,
    write_over,
)
from tests.report.every_block import group_chart, series_chart
from tests.report.test_edits import BEFORE, NOW, paper

AT = datetime(2014, 11, 20, 9, tzinfo=UTC)


def wrapped(words: str, name: str, *, outside: bool = False) -> Callable[[Any], None]:
    """Puts the paragraph with some words (`outside`), or what stands in it, into another element."""

    def wrap(body: Any) -> None:
        paragraph = find_paragraph(body, words)
        inner = [paragraph] if outside else [one for one in paragraph if one.tag != f"{W}pPr"]
        holder = etree.Element(f"{W}{name}")
        inner[0].addprevious(holder)
        within = etree.SubElement(holder, f"{W}sdtContent") if name == "sdt" else holder
        within.extend(inner)

    return wrap


def with_runs(words: str, *names: str, text: str = "", kind: str = "") -> Callable[[Any], None]:
    """Puts runs with an element of each name behind a paragraph's own."""

    def put(body: Any) -> None:
        for name in names:
            run = etree.SubElement(find_paragraph(body, words), f"{W}r")
            made = etree.SubElement(run, f"{W}{name}", {f"{W}fldCharType": kind} if kind else {})
            made.text = text or None

    return put


# What is nobody's edit ------------------------------------------------------------------------------------


def styled(style: str) -> Any:
    properties = etree.Element(f"{W}pPr")
    etree.SubElement(properties, f"{W}pStyle").set(f"{W}val", style)
    return properties


def test_what_the_office_adds_among_somebody_s_words_is_marked_where_it_looks_like_them() -> None:
    for style, marks in (("Quoted", True), ("BodyText", False)):
        more = edited(
            added(BEFORE, "More people came", "And more still."),
            lambda body, style=style: find_paragraph(body, "And more still").insert(0, styled(style)),
        )
        hers = find_edits(BEFORE, more)
        marked = mark_edited(put_edits(BEFORE, hers).file, hers)
        assert ("And more still. (edited by the Office)" in read_lines(marked)) is marks


def test_words_quoted_elsewhere_are_marked_where_the_office_changed_what_is_quoted() -> None:
    quoted = "One asks for “a second day a week”."
    asked = paper(Numbered(text=quoted, key="asks"), Numbered(text="It said “no”.", key="said"))
    for text, marks in ((quoted.replace("second", "third"), True), (quoted.replace("One", "Charnwood"), False)):
        hers = find_edits(asked, retyped(asked, quoted, text))
        marked = mark_edited(put_edits(asked, hers).file, hers)
        assert (f"{text} (edited by the Office)" in read_lines(marked)) is marks
        assert "It said “no”." in read_lines(marked)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(wrapped("The method", "sdt", outside=True), id="a control of Word's own around a paragraph"),
        pytest.param(lambda body: body.insert(0, etree.Element(f"{W}sdt")), id="a control with nothing in it"),
        pytest.param(with_runs("The method", "instrText", text=" NOTHING "), id="an instruction outside a field"),
        pytest.param(with_runs("The method", "fldChar", kind="end"), id="the end of no field"),
    ],
)
def test_what_a_program_adds_by_itself_is_nobodys_edit(change: Callable[[Any], None]) -> None:
    assert not find_edits(BEFORE, edited(BEFORE, change))


def test_our_words_behind_theirs_are_nobodys_edit_and_stand_there_once() -> None:
    hers = find_edits(BEFORE, retyped(BEFORE, "More people came", "Fewer came."))
    draft = put_edits(BEFORE, hers).file
    marked = mark_edited(draft, hers)
    assert "Fewer came. (edited by the Office)" in read_lines(marked)
    assert mark_edited(marked, hers) == marked
    assert mark_edited(draft, ()) == draft
    assert not find_edits(draft, marked)
    (again,) = find_edits(
        marked, edited(marked, lambda body: find_paragraph(body, "Fewer came").insert(1, make_run("So ")))
    )
    assert "(edited" not in again.markup


def test_words_that_are_moved_are_still_themselves() -> None:
    def move(body: Any) -> None:
        control = find_paragraph(body, "Burglary rose").getparent().getparent()
        find_paragraph(body, "Counts are compared").addnext(control)

    (edit,) = [edit for edit in find_edits(BEFORE, edited(BEFORE, move)) if "Burglary rose" in edit.was]
    assert (edit.is_move, edit.text) == (True, edit.was)


# What is kept, and what is not ------------------------------------------------------------------------------


def test_links_lose_their_goal_and_keep_their_words() -> None:
    hers = retyped(BEFORE, "The method", "The method, as linked")
    hers = edited(hers, wrapped("as linked", "hyperlink"))
    hers = edited(hers, with_runs("as linked", "instrText", text=" HYPERLINK x "))
    hers = edited(hers, lambda body: find_paragraph(body, "as linked").set(f"{W}rsidR", "00AA"))
    (edit,) = find_edits(BEFORE, hers)
    assert not [name for name in ("hyperlink", "HYPERLINK", "rsid") if name in edit.markup]
    assert "The method, as linked" in read_lines(put_edits(NOW, [edit]).file)


def test_what_has_no_neighbour_any_more_is_handed_back_and_what_was_taken_out_is_not() -> None:
    markup = etree.tostring(make_paragraph("Hers."), encoding="unicode")
    lost = Edit(text="Hers.", markup=markup, after="paragraph gone", before="paragraph gone too")
    placed = put_edits(BEFORE, [lost, Edit(place="words gone", was="Ours.")])
    assert (placed.taken, placed.unplaced) == ((), (lost,))


def test_a_paragraph_that_she_added_and_took_out_again_is_gone() -> None:
    first = find_edits(BEFORE, added(BEFORE, "The method", "Added first."))
    draft = put_edits(BEFORE, first).file
    assert not combine_edits(BEFORE, removed(draft, "Added first"), first)


def test_an_emptied_cell_stays_a_cell_and_a_page_begins_where_it_began() -> None:
    (edit,) = find_edits(BEFORE, retyped(BEFORE, "12", ""))
    assert "Blaby | " in read_lines(put_edits(NOW, [edit]).file)
    of = (Numbered(text="One."), NewPage(), Numbered(text="Begins a page here."))
    hers = edited(
        paper(*of),
        lambda body: body.replace(find_paragraph(body, "Begins a page"), make_paragraph("Begins a page now.")),
    )
    made = put_edits(paper(*of), find_edits(paper(*of), hers)).file
    breaks = [
        p
        for p in parse_part(unpack_parts(made)[PART]).iter(f"{W}p")
        if p.find(f"{W}pPr/{W}pageBreakBefore") is not None
    ]
    assert ["".join(p.itertext(f"{W}t")) for p in breaks] == ["Begins a page now."]


@pytest.mark.parametrize("loses_end", [False, True])
def test_a_mark_that_she_copied_stands_once(*, loses_end: bool) -> None:
    text = (Run(text="It rose to "), Run(text="164", figure="burglary"), Run(text=" in all."))
    ours = paper(Numbered(text=text, key="story/1"), Numbered(text="Another."))

    def copy_words(body: Any) -> None:
        theirs = copy.deepcopy(find_paragraph(body, "It rose to"))
        theirs.append(make_run(" Hers."))
        for end in list(theirs.iter(f"{W}bookmarkEnd")) if loses_end else ():
            end.getparent().remove(end)
        find_paragraph(body, "Another").addnext(theirs)

    root = parse_part(unpack_parts(put_edits(ours, find_edits(ours, edited(ours, copy_words))).file)[PART])
    names = [one.get(f"{W}name") for one in root.iter(f"{W}bookmarkStart")]
    assert len(names) == len(set(names))


def test_a_file_is_read_by_its_pieces_and_one_without_a_body_is_none() -> None:
    assert "Burglary rose to 164." in list_texts(BEFORE)
    nothing = pack_parts({**unpack_parts(BEFORE), PART: f'<w:document xmlns:w="{W[1:-1]}"/>'.encode()})
    with pytest.raises(ValueError, match="no Word document that can be opened"):
        list_texts(nothing)


def test_the_copy_has_the_marking_of_ours_where_that_has_one() -> None:
    assert read_lines(make_copy(BEFORE, NOW)) == read_lines(BEFORE)


# Comments, and what is refused --------------------------------------------------------------------------------


def test_a_comment_needs_words_to_stand_at() -> None:
    assert add_notes(BEFORE, [], AT) == BEFORE
    emptied = retyped(BEFORE, "12", "")
    (edit,) = find_edits(BEFORE, emptied)
    bare = edited(
        emptied,
        lambda body: [
            cell.remove(r) for cell in body.iter(f"{W}p") for r in cell.findall(f"{W}r") if not "".join(r.itertext())
        ],
    )
    assert "word/comments.xml" not in unpack_parts(add_notes(bare, [Note(place=edit.place, text="Look.")], AT))
    gone = Placed(
        file=BEFORE, taken=((Edit(place="words story/1", was="Burglary rose to 150."), "Burglary rose to 164."),)
    )
    assert not list_notes(b"", gone, None), "what she took out has no words to stand at"


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"word/media/image1.png": b"\x89PNG"}, None),
        ({"[Content_Types].xml": b'<Types><Default Extension="x" ContentType="a.macroEnabled.b"/></Types>'}, "macros"),
    ],
)
def test_pictures_pass_and_a_file_that_says_it_runs_does_not(change: dict[str, bytes], refused: str | None) -> None:
    assert vet_paper(pack_parts({**unpack_parts(BEFORE), **change})).get("refused") == refused


def test_a_word_file_without_its_text_is_damaged() -> None:
    parts = {name: data for name, data in unpack_parts(BEFORE).items() if name != PART}
    assert vet_paper(pack_parts(parts)) == {"refused": "damaged"}


# Tracked changes ------------------------------------------------------------------------------------------------


def table(*rows: tuple[Any, ...], heads: tuple[str, ...] = ("A", "N")) -> Block:
    return Table(caption="T", description="D", headers=heads, rows=rows, weights=(1,) * len(heads))


def strip_looks(name: str) -> Callable[[Any], None]:
    def strip(body: Any) -> None:
        for look in list(body.iter(f"{W}{name}")):
            look.getparent().remove(look)

    return strip


def with_looks(body: Any) -> None:
    """Each paragraph says how its end looks, as Word writes it."""
    for look in body.iter(f"{W}pPr"):
        if look.find(f"{W}rPr") is None and look.find(f"{W}sectPr") is None:
            etree.SubElement(look, f"{W}rPr")


SHORT = paper(Numbered(text="One."), table(("Blaby", "1"), ("Oadby", "2")))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            SHORT, paper(Numbered(text="One. And more."), table(("Blaby", "1"))), id="words added, a row gone"
        ),
        pytest.param(
            paper(Plain(text="First line.\nSecond line.", quoted=True, about=("a", "b"))),
            paper(Plain(text="First line.\nA second line.", quoted=True, about=("a", "b"))),
            id="in the second line",
        ),
        pytest.param(SHORT, removed(SHORT, "The Board"), id="the very first paragraph gone"),
        pytest.param(
            SHORT, paper(Numbered(text="One."), table(("Blaby", "1", "x"), heads=("A", "N", "M"))), id="other columns"
        ),
        pytest.param(SHORT, paper(Numbered(text="One."), Landscape(), Numbered(text="Two.")), id="a section more"),
        pytest.param(paper(Numbered(text="One."), Landscape(), Numbered(text="Two.")), SHORT, id="a section less"),
        pytest.param(SHORT, paper(Numbered(text="Ends a section."), Landscape(), Numbered(text="Two.")), id="its end"),
        pytest.param(SHORT, edited(SHORT, lambda body: [body.remove(one) for one in list(body)]), id="all of it gone"),
        pytest.param(
            paper(table(("Blaby", ""), ("Oadby", "2"))), paper(table(("Oadby", "2"))), id="an empty cell gone"
        ),
        pytest.param(
            paper(Numbered(text="One thing was done.")), paper(Numbered(text="One thing was done. More.")), id="added"
        ),
        pytest.param(
            paper(table(("Blaby", (Run(text="Now 1\n"), Run(text="was 2"))))),
            paper(table(("Blaby", (Run(text="Now 3\n"), Run(text="was 2"))))),
            id="in the first line of a cell",
        ),
        pytest.param(SHORT, added(SHORT, "One.", "Hers."), id="a paragraph with no look of its own"),
        pytest.param(added(SHORT, "One.", "Hers."), SHORT, id="such a paragraph gone"),
        pytest.param(edited(SHORT, with_looks), edited(paper(Heading(text="New.")), with_looks), id="ends with a look"),
        pytest.param(
            edited(SHORT, strip_looks("trPr")),
            edited(paper(table(("Rutland", "3"))), strip_looks("trPr")),
            id="rows without a look",
        ),
    ],
)
def test_accepted_they_are_the_later_file_and_rejected_the_earlier(before: bytes, after: bytes) -> None:
    made = track_changes(before, after, as_at=AT)
    assert [line for line in read_lines(settle(made, accept=True)) if line] == read_lines(after)
    assert any(line in read_lines(settle(made, accept=False)) for line in read_lines(before))


# What is no text, and what stands beside the text ---------------------------------------------------------------


CHARTED = paper(
    Numbered(text="One."),
    series_chart(description="Violence with injury in Charnwood, 12 quarters, the newest 8."),
    Numbered(text="Two."),
    group_chart(),
    Numbered(text="Three."),
)
LATER = paper(
    Numbered(text="One now."),
    series_chart(description="Violence with injury in Charnwood, 12 quarters, the newest 9."),
    Numbered(text="Two."),
    group_chart(),
    Numbered(text="Three."),
)


def list_described(data: bytes) -> list[str]:
    """What each picture of a file is described as."""
    root = parse_part(unpack_parts(data)[PART])
    return [one.get("descr") for one in root.iter() if str(one.tag).endswith("}docPr")]


def find_drawn(body: Any, words: str) -> Any:
    """The paragraph of the picture that is described with some words."""
    of = (one for one in body.iter() if str(one.tag).endswith("}docPr") and words in one.get("descr", ""))
    return next(next(of).iterancestors(f"{W}p"))


def test_a_chart_that_she_takes_out_stays_out() -> None:
    gone = edited(CHARTED, lambda body: body.remove(find_drawn(body, "Charnwood lies above")))
    (edit,) = find_edits(CHARTED, gone)
    assert edit.was.startswith("Charnwood lies above")
    assert not [one for one in list_described(put_edits(LATER, [edit]).file) if "lies above" in one]
    assert len(list_described(put_edits(LATER, [edit]).file)) == 1


def test_a_chart_that_is_out_takes_its_note_with_it_whatever_that_says_by_now() -> None:
    for noted in (CHARTED, paper(series_chart(note="Another range."), group_chart(note="Another group."))):
        note = find_drawn(parse_part(unpack_parts(CHARTED)[PART]), "Charnwood lies above").getnext()
        said = "".join(note.itertext(f"{W}t"))
        gone = edited(CHARTED, lambda body: body.remove(find_drawn(body, "Charnwood lies above")))
        gone = removed(gone, said)
        made = put_edits(noted, find_edits(CHARTED, gone)).file
        assert not {said, "Another group."} & set(read_lines(made))
        assert len(read_lines(made)) == len(read_lines(noted)) - 1


def test_a_chart_that_she_moves_is_drawn_anew_where_she_put_it() -> None:
    hers = edited(
        CHARTED, lambda body: find_paragraph(body, "Three.").getparent().append(find_drawn(body, "in Charnwood"))
    )
    (edit,) = find_edits(CHARTED, hers)
    assert edit.is_move
    made = put_edits(LATER, [edit]).file
    assert [one.rpartition(" ")[2] for one in list_described(made)][-1] == "9."


def test_a_description_that_she_betters_stays_and_the_chart_is_ours() -> None:
    hers = edited(CHARTED, lambda body: find_drawn(body, "in Charnwood").find(".//{*}docPr").set("descr", "Hers."))
    (edit,) = find_edits(CHARTED, hers)
    placed = put_edits(LATER, [edit])
    assert list_described(placed.file)[0] == "Hers."
    assert placed.overtaken, "what it says of the figures is told"
    assert not find_edits(hers, put_edits(CHARTED, [edit]).file)


def test_a_picture_of_hers_is_told_of_and_leaves_no_blank_behind() -> None:
    def put_in(body: Any) -> None:
        mine = copy.deepcopy(find_drawn(body, "in Charnwood"))
        mine.find(".//{*}docPr").attrib.update({"descr": "A map.", "name": "Picture 9"})
        find_paragraph(body, "Two.").addnext(mine)

    (edit,) = find_edits(CHARTED, edited(CHARTED, put_in))
    assert (edit.text, edit.lacks, edit.markup) == ("A map.", True, "")
    placed = put_edits(LATER, [edit])
    (told,) = tell_words(placed).kept
    assert "A map." in told
    assert "cannot be kept in later drafts" in told
    assert placed.file == LATER or read_lines(placed.file) == read_lines(LATER)


def test_numbers_of_a_chart_that_she_changes_are_told_of() -> None:
    part = next(name for name in unpack_parts(CHARTED) if name.endswith("charts/paperchart2.xml"))

    def draw(root: Any) -> None:
        next(one for one in root.iter("{*}v") if one.text == "6.4" or one.text == "6.40").text = "7.7"

    hers = edited(CHARTED, draw, part)
    (told,) = tell_redrawn(CHARTED, hers)
    assert told.startswith("The chart “Charnwood lies above the range of its group;")
    assert "showed 6.4, shows in your file 7.7." in told
    assert not tell_redrawn(CHARTED, CHARTED)
    assert not tell_redrawn(BEFORE, CHARTED), "a chart of her own is no other chart"


def with_head(*lines: str, kind: str = "header", data: bytes = BEFORE) -> bytes:
    """A paper with lines above what is printed at the head of its pages."""
    part = f"word/{kind}1.xml"
    return edited(data, lambda root: [root.insert(n, make_paragraph(line)) for n, line in enumerate(lines)], part)


@pytest.mark.parametrize("kind", ["header", "footer"])
def test_what_she_writes_at_the_head_and_the_foot_stands_in_every_later_draft(kind: str) -> None:
    edits = find_edits(BEFORE, with_head("Agenda item 7", "Paper C", kind=kind))
    assert [edit.text for edit in edits] == ["Agenda item 7", "Paper C"]
    later = put_edits(NOW, edits).file
    copied = make_copy(later, NOW)
    for file in (later, copied):
        said = " ".join(parse_part(unpack_parts(file)[f"word/{kind}1.xml"]).itertext(f"{W}t"))
        assert said.startswith("Agenda item 7 Paper C ")
        assert "The Board" in said if kind == "footer" else "DRAFT" in said
    assert f"at the {'head' if kind == 'header' else 'foot'} of the pages" in tell_words(put_edits(NOW, edits)).kept[0]
    assert put_edits(later, edits).file == later
    assert not find_edits(later, make_copy(later, NOW)), "our own marking is nobody's edit"


def test_what_she_takes_out_of_the_head_is_out_of_every_later_draft() -> None:
    ours, later = (with_head("Office of the Commissioner", data=one) for one in (BEFORE, NOW))
    (edit,) = find_edits(ours, BEFORE)
    assert (edit.was, edit.text) == ("Office of the Commissioner", "")
    assert unpack_parts(put_edits(later, [edit]).file)["word/header1.xml"] == unpack_parts(NOW)["word/header1.xml"]


def test_another_marking_is_seen_and_blanks_in_it_are_none() -> None:
    def mark(text: str) -> bytes:
        return edited(BEFORE, lambda root: write_over(find_paragraph(root, "DRAFT"), text), "word/header1.xml")

    was = "".join(find_paragraph(parse_part(unpack_parts(BEFORE)["word/header1.xml"]), "DRAFT").itertext(f"{W}t"))
    assert has_other_marking(BEFORE, mark("EXEMPT"))
    assert not has_other_marking(BEFORE, mark(f"{was} "))
