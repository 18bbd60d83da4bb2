"""What somebody wrote into a draft is found, put into every later one, and handed back where its place has gone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.report.blocks import Block, Contents, Heading, Landscape, NewPage, Numbered, Plain, Run, Table
from csp_workflow.report.edits.keeping import (
    Edit,
    Written,
    combine_edits,
    dump_written,
    find_edits,
    load_written,
    put_edits,
)
from csp_workflow.report.edits.telling import tell_words
from csp_workflow.report.reading_back import read_figures
from csp_workflow.report.word.document import build_document
from csp_workflow.report.word.package import W, parse_part, unpack_parts
from tests.report.edited_told import PART, added, edited, find_paragraph, read_lines, removed, retyped
from tests.report.paper_told import BASE


def paper(*blocks: Block, draft: int = 1) -> bytes:
    contents = Contents(
        board="The Board",
        title="The paper",
        meeting=date(2014, 12, 1),
        as_at=datetime(2014, 11, 20, 9, tzinfo=UTC),
        marking="DRAFT",
        not_before=date(2014, 11, 25),
        blocks=blocks,
        version=f"Draft {draft}",
    )
    return build_document(contents, base=BASE)


def quarter(count: int, *more: Block, explained: str = "More people came.") -> bytes:
    """The same paper with another figure in it."""
    return paper(
        Heading(text="What stands out"),
        Numbered(text=f"Burglary rose to {count}.", key="story/1"),
        Plain(text=explained, lead="Charnwood", quoted=True, about=("charnwood", "S1")),
        Heading(text="The method"),
        Numbered(text="Counts are compared with a year ago."),
        Table(
            caption="Burglary",
            description="By area",
            headers=("Area", "Now"),
            rows=(("Blaby", "12"), ("Charnwood", str(count))),
            weights=(1, 1),
        ),
        *more,
    )


BEFORE, NOW = quarter(164), quarter(170)


def test_nothing_that_nobody_wrote_is_an_edit() -> None:
    assert not find_edits(BEFORE, BEFORE)
    assert put_edits(NOW, ()).file == NOW


def test_tagged_words_stay_hers_and_what_they_say_otherwise_than_the_figures_is_told() -> None:
    hers = retyped(BEFORE, "Burglary rose", "Burglary rose to 164, the most for years.")
    (edit,) = find_edits(BEFORE, hers)
    assert (edit.was, edit.text) == ("Burglary rose to 164.", "Burglary rose to 164, the most for years.")
    placed = put_edits(NOW, (edit,))
    assert "Burglary rose to 164, the most for years." in read_lines(placed.file)
    assert "Burglary rose to 170." not in read_lines(placed.file)
    assert placed.overtaken == ((edit, "Burglary rose to 170."),)
    assert "Charnwood | 170" in read_lines(placed.file), "what she left alone is written anew"
    assert not put_edits(BEFORE, (edit,)).overtaken


@pytest.mark.parametrize("words", ["Burglary rose", "More people came", "Counts are compared", "The method"])
def test_what_she_empties_stays_empty(words: str) -> None:
    edits = find_edits(BEFORE, removed(BEFORE, words))
    assert len(edits) == 1
    assert not [line for line in read_lines(put_edits(NOW, edits).file) if words in line]
    edits = find_edits(BEFORE, retyped(BEFORE, words, ""))
    assert not [line for line in read_lines(put_edits(NOW, edits).file) if words in line]


def test_paragraphs_that_she_adds_stand_after_the_same_neighbour() -> None:
    edits = find_edits(BEFORE, added(BEFORE, "Burglary rose", "One of hers.", "Another of hers."))
    lines = read_lines(put_edits(NOW, edits).file)
    at = lines.index("Burglary rose to 170.")
    assert lines[at + 1 : at + 3] == ["One of hers.", "Another of hers."]


def test_a_standing_paragraph_that_she_changes_stays_changed() -> None:
    edits = find_edits(BEFORE, retyped(BEFORE, "Counts are", "Counts are compared with the quarter of a year ago."))
    lines = read_lines(put_edits(NOW, edits).file)
    assert "Counts are compared with the quarter of a year ago." in lines
    assert "Counts are compared with a year ago." not in lines


def test_a_cell_that_she_changes_stays_hers_and_the_others_are_ours() -> None:
    hers = retyped(BEFORE, "12", "13")
    (edit,) = find_edits(BEFORE, hers)
    assert (edit.was, edit.text) == ("12", "13")
    assert {"Blaby | 13", "Charnwood | 170"} <= set(read_lines(put_edits(NOW, (edit,)).file))


def test_a_table_of_hers_is_kept() -> None:
    def copy_table(body: object) -> None:
        import copy

        table = next(body.iter("{*}tbl"))  # type: ignore[attr-defined]
        hers = copy.deepcopy(table)
        for cell, text in zip(hers.iter("{*}t"), ("Who", "When", "We", "May", "You", "June"), strict=True):
            cell.text = text
        find_paragraph(body, "Burglary rose").getparent().getparent().addnext(hers)

    edits = find_edits(BEFORE, edited(BEFORE, copy_table))
    lines = read_lines(put_edits(NOW, edits).file)
    at = lines.index("Burglary rose to 170.")
    assert lines[at + 1 : at + 4] == ["Who | When", "We | May", "You | June"]


def test_an_edit_whose_place_has_gone_is_handed_back_with_its_text() -> None:
    hers = retyped(BEFORE, "More people came", "Far more people came.")
    edits = find_edits(BEFORE, hers)
    placed = put_edits(paper(Heading(text="Nothing else")), edits)
    assert [edit.text for edit in placed.unplaced] == ["Far more people came."]
    assert [edit.text for edit, _ in put_edits(NOW, placed.unplaced).taken] == ["Far more people came."]


def test_later_edits_stand_over_earlier_ones() -> None:
    first = added(retyped(BEFORE, "Burglary rose", "First words."), "The method", "Added first.")
    edits = find_edits(BEFORE, first)
    draft = put_edits(NOW, edits).file
    second = added(
        retyped(retyped(draft, "First words", "Second words."), "Added first", "Added, and changed."),
        "Added, and",
        "Added next.",
    )
    kept = load_written(dump_written(Written(edits=combine_edits(NOW, second, edits), made="a hash")))
    both = kept.edits
    assert kept.made == "a hash"
    lines = read_lines(put_edits(quarter(180), both).file)
    assert "Second words." in lines
    assert not {"First words.", "Added first.", "Burglary rose to 180."} & set(lines)
    at = lines.index("The method")
    assert lines[at + 1 : at + 3] == ["Added, and changed.", "Added next."]
    back = retyped(put_edits(NOW, both).file, "Second words", "Burglary rose to 170.")
    undone = combine_edits(NOW, back, both)
    assert "Burglary rose to 180." in read_lines(put_edits(quarter(180), undone).file), "she took ours again"


def test_what_word_reckons_anew_is_nobody_s_edit() -> None:
    numbered = quarter(164, Numbered(text="One more.", anchor="x"))

    def count_on(body: object) -> None:
        for text in body.iter("{*}t"):  # type: ignore[attr-defined]
            if text.text == "1":
                text.text = "7"

    assert not find_edits(numbered, edited(numbered, count_on))


PLACES = st.lists(st.sampled_from(range(8)), min_size=8, max_size=8, unique=True)
CHANGES = st.lists(st.sampled_from(range(8)), max_size=3)


def of_lines(order: list[int], changed: list[int], *, by: str) -> bytes:
    """A paper of four tagged and four standing lines in some order, some of them changed by somebody."""
    texts = [f"Line {n} about matter {'ABCDEFGH'[n]}{f', {by}' * changed.count(n)}." for n in range(8)]
    lines = (Numbered(text=texts[n], key=f"line/{n}" if n % 2 else "") for n in order)
    return paper(Heading(text="Begins"), *lines, Heading(text="Ends"))


@given(st.lists(st.tuples(PLACES, CHANGES), min_size=1, max_size=3))
def test_however_often_she_orders_and_rewrites_it_the_same_paper_with_her_edits_is_hers(
    rounds: list[tuple[list[int], list[int]]],
) -> None:
    made = of_lines(list(range(8)), [], by="")
    edits: tuple[Edit, ...] = ()
    for order, changed in rounds:
        hers = of_lines(order, changed, by="hers")
        edits = combine_edits(made, hers, edits)
        assert read_lines(put_edits(made, edits).file) == read_lines(hers)


def test_what_she_moves_stays_ours_where_she_put_it() -> None:
    def move_up(body: object) -> None:
        ours = find_paragraph(body, "Burglary rose").getparent().getparent()
        body.insert(0, ours)  # type: ignore[attr-defined]

    (edit,) = find_edits(BEFORE, edited(BEFORE, move_up))
    placed = put_edits(NOW, (edit,))
    assert read_lines(placed.file)[0] == "Burglary rose to 170."
    assert read_lines(placed.file).count("Burglary rose to 170.") == 1
    (kept,) = tell_words(placed).kept
    assert kept.startswith("Moved, to stand before ")
    assert not placed.overtaken
    assert not put_edits(paper(Heading(text="Nothing else")), (edit,)).unplaced, "nothing in it is hers"


def test_an_edit_of_an_older_draft_stands_beside_what_came_into_the_later_one() -> None:
    older = find_edits(BEFORE, retyped(BEFORE, "Burglary rose", "Hers, of the older draft."))
    later = put_edits(NOW, (*find_edits(NOW, retyped(NOW, "Counts are", "Of the later one.")), *older)).file
    both = combine_edits(NOW, later, (), later=older)
    lines = read_lines(put_edits(NOW, both).file)
    assert {"Hers, of the older draft.", "Of the later one."} <= set(lines)
    assert [now for _, now in put_edits(NOW, both).overtaken] == ["Burglary rose to 170."]


LINES = st.lists(st.sampled_from(["Alpha.", "Beta.", "Gamma words.", "Delta more words."]), max_size=6)


@given(LINES, LINES)
def test_whatever_she_makes_of_a_paper_put_into_the_same_paper_gives_hers_again(
    ours: list[str], hers: list[str]
) -> None:
    one, other = (
        paper(Heading(text="Begins"), *(Numbered(text=text) for text in texts), Heading(text="Ends"))
        for texts in (ours, hers)
    )
    assert read_lines(put_edits(one, find_edits(one, other)).file) == read_lines(other)


def test_marks_in_her_words_keep_their_names_and_get_numbers_of_their_own() -> None:
    def rose(count: str, *before: Block) -> bytes:
        text = (Run(text="It rose to "), Run(text=count, figure="burglary"), Run(text=" in all."))
        return paper(*before, Numbered(text=text, key="story/1"), Numbered(text="Another.", key="story/2", anchor="a"))

    def retype(body: object) -> None:
        first = next(t for t in body.iter("{*}t") if t.text == "It rose to ")  # type: ignore[attr-defined]
        first.text = "It went up to "

    hers = edited(rose("164"), retype)
    later = rose("170", Numbered(text="New.", key="story/0", anchor="b"), Numbered(text="Newer.", key="story/9"))
    made = put_edits(later, find_edits(rose("164"), hers)).file
    assert "It went up to 164 in all." in read_lines(made)
    assert [text for _, key, text in read_figures(made) if key == "burglary"] == ["164"]
    root = parse_part(unpack_parts(made)[PART])
    starts, ends = (list(root.iter(f"{W}bookmark{end}")) for end in ("Start", "End"))
    assert len({one.get(f"{W}id") for one in starts}) == len(starts)
    assert {one.get(f"{W}id") for one in starts} == {one.get(f"{W}id") for one in ends}
    assert len({one.get(f"{W}name") for one in starts}) == len(starts)


def test_a_table_of_ours_with_another_row_stays_as_she_made_it() -> None:
    def add_row(body: object) -> None:
        row = list(body.iter("{*}tr"))[-1]  # type: ignore[attr-defined]
        import copy

        row.addnext(copy.deepcopy(row))

    (edit,) = find_edits(BEFORE, edited(BEFORE, add_row))
    lines = read_lines(put_edits(NOW, (edit,)).file)
    assert lines.count("Charnwood | 164") == 2
    assert "Charnwood | 170" not in lines
    gone = put_edits(NOW, (Edit(place=edit.place, was=edit.was),))
    assert not [line for line in read_lines(gone.file) if line.startswith("Charnwood |")]


def test_a_page_break_and_the_end_of_a_section_stay_where_they_were() -> None:
    before, later = (
        paper(
            Numbered(text="One."),
            NewPage(),
            Numbered(text="Begins a page."),
            Numbered(text=f"Ends a section with {n}.", key="last"),
            Landscape(),
            Numbered(text="On its side."),
        )
        for n in (1, 2)
    )
    hers = retyped(retyped(before, "Begins a page", "Begins a page of hers."), "Ends a section", "Hers ends it.")
    made = put_edits(later, find_edits(before, hers)).file
    assert "Begins a page of hers." in read_lines(made)
    assert "Hers ends it." in read_lines(made)
    root = parse_part(unpack_parts(made)[PART])
    assert len(list(root.iter(f"{W}sectPr"))) == 2
    breaks = [p for p in root.iter(f"{W}p") if p.find(f"{W}pPr/{W}pageBreakBefore") is not None]
    assert ["".join(p.itertext(f"{W}t")) for p in breaks] == ["Begins a page of hers."]


def test_what_is_kept_says_its_shape() -> None:
    with pytest.raises(ValueError, match="Edits of shape 3 are not known"):
        load_written(b'{"shape": 3, "edits": []}')
    assert load_written(b'{"shape": 1, "edits": [{"text": "Hers."}]}') == Written(edits=(Edit(text="Hers."),))
