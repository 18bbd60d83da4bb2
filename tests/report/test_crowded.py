"""The fullest paper of ten partnerships: its body keeps to its pages, and not a word of anybody's is lost."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.report.appendices import list_companion
from csp_workflow.report.companion import build_companion
from csp_workflow.report.contents import compile_contents
from csp_workflow.report.disclosure import hide_figures
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.pieces import GUIDE, list_answers, list_pieces, share_room
from csp_workflow.report.word.document import build_document
from tests.report.crowded_told import crowded
from tests.report.paper_read import find_faults_of_layout, lay_out_pages, list_paragraphs, list_table_texts
from tests.report.paper_told import BASE

BOARDS = ("speb", "panel")


@pytest.fixture(scope="module", params=BOARDS)
def full(request: pytest.FixtureRequest) -> tuple[ReportFacts, bytes]:
    """The facts of such a paper, and the paper."""
    facts = hide_figures(crowded(request.param))
    return facts, build_document(compile_contents(facts), base=BASE)


@pytest.mark.needs_libreoffice
def test_the_body_of_ten_partnerships_with_much_to_tell_has_twelve_pages(
    full: tuple[ReportFacts, bytes], tmp_path: Path
) -> None:
    assert not find_faults_of_layout(lay_out_pages(full[1], tmp_path))


def test_every_word_that_somebody_wrote_stands_whole_in_the_paper_or_the_workbook(
    full: tuple[ReportFacts, bytes],
) -> None:
    facts, paper = full
    sheets = tuple((table.caption, table) for table in list_companion(facts))
    book = openpyxl.load_workbook(io.BytesIO(build_companion("Figures", sheets, as_at=facts.as_at)))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    printed = "\n".join((*list_paragraphs(paper), *list_table_texts(paper), *cells))
    for partnership in facts.partnerships():
        written = (*list_answers(facts, partnership), *list_pieces(facts, partnership))
        assert len(written) > 8
        assert not [piece.heading for piece in written if piece.text not in printed]
    paragraphs = list_paragraphs(paper)
    assert sum("its 130 words are in Appendix B." in text for text in paragraphs) == 10


@given(st.lists(st.tuples(st.integers(0, 300), st.sampled_from((60, GUIDE))), max_size=40))
def test_each_part_gets_as_much_of_its_guide_and_with_the_words_stated_no_more_than_there_is_room(
    parts: list[tuple[int, int]],
) -> None:
    stated, guides = [one for one, _ in parts], [guide for _, guide in parts]
    share = share_room(stated, guides)
    assert 0 <= share <= 1
    room = Fraction(1300 * max(len(parts), 10), 10)
    assert sum(stated) + share * sum(guides) <= max(room, sum(stated))
    assert share == 1 or not sum(guides) or share * sum(guides) == max(room - sum(stated), 0)
