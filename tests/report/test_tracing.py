"""Which stored figure a paper prints, what came later, and how two files are compared."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.report.basis import Basis, Made
from csp_workflow.report.tracing import Printed, choose_figure, compare_parts, is_printed, list_revisions, read_created
from csp_workflow.terms.figures import FigureStatus, TracedFigure
from csp_workflow.terms.phrases import number
from tests.chase.quarter_told import CHARNWOOD, figure

WORDS = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:t>{}</w:t></w:p></w:document>'


def stored(value: Decimal | int | None, at: int = 0) -> TracedFigure:
    made = figure(CHARNWOOD, "M01.1", 0)
    status = FigureStatus.FINAL if value is not None else FigureStatus.NOT_AVAILABLE
    made = replace(made, value=None if value is None else Decimal(value), status=status, note=str(at))
    return TracedFigure(figure=made, area_name="Charnwood", measure="M01", title="Burglary")


VALUES = st.decimals(0, 999_999, places=2, allow_nan=False)


@given(
    st.lists(VALUES, min_size=1, max_size=6, unique=True),
    st.data(),
    st.sampled_from(["{}", "£{}", "{}%", "{} (n = 9)"]),
)
def test_the_figure_is_the_last_one_that_comes_to_what_is_printed(
    values: list[Decimal], data: st.DataObject, how: str
) -> None:
    history = [stored(value, at) for at, value in enumerate(values)]
    wanted = data.draw(st.sampled_from(history))
    found = choose_figure(how.format(number(wanted.figure.value)), history)
    assert found is not None
    assert found[1]
    assert found[0] is wanted or round(found[0].figure.value, 1) == wanted.figure.value
    assert list_revisions(found[0], history) == tuple(history[history.index(found[0]) + 1 :])


def test_a_figure_without_a_number_is_found_by_words_and_a_number_typed_over_is_told() -> None:
    history = [stored(412), stored(None, 1), stored(431, 2)]
    assert choose_figure("not available", history) == (history[1], True)
    assert choose_figure("430", history) == (history[2], False)
    assert choose_figure("412", []) is None
    assert list_revisions(history[0], [history[0], stored(412, 3)]) == ()


def test_a_printed_number_is_asked_for_by_its_bookmark_its_key_or_what_it_says() -> None:
    one = Printed(bookmark="figure_1", key="figure M01.1 E22 12 months to 2014/15-Q2", text=" 412 ")
    assert one.basis == Basis(how=Made.FIGURE, slots=(("M01.1", "E22", "12 months to 2014/15-Q2"),))
    assert one.is_meant("412")
    assert not one.is_meant("41")


def packed(**parts: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name, data in parts.items():
            book.writestr(name.replace("__", "/").replace("_", "."), data)
    return out.getvalue()


def test_parts_are_compared_each_with_its_words() -> None:
    ours = packed(word__document_xml=WORDS.format("412 crimes"), word__media__a_png=b"\1", word__same_xml="<a/>")
    theirs = packed(word__document_xml=WORDS.format("421 crimes"), word__media__a_png=b"\2", word__same_xml="<a/>")
    document, picture = compare_parts(ours, theirs)
    assert (document.part, document.words) == ("word/document.xml", (("412 crimes", "421 crimes"),))
    assert (picture.part, picture.words) == ("word/media/a.png", ())
    assert not compare_parts(ours, ours)
    (gone,) = compare_parts(ours, packed(word__document_xml=WORDS.format("412 crimes"), word__same_xml="<a/>"))
    assert (gone.part, gone.theirs) == ("word/media/a.png", "")


@pytest.mark.parametrize("said", ["", "yesterday"])
def test_a_file_that_does_not_say_when_it_was_made_is_none_of_ours(said: str) -> None:
    core = f'<c xmlns:d="http://purl.org/dc/terms/"><d:created>{said}</d:created></c>'
    assert read_created(packed(word__document_xml=WORDS, docProps__core_xml=core)) is None
    assert read_created(packed(word__document_xml=WORDS)) is None


@pytest.mark.parametrize(
    ("value", "text", "says"),
    [
        ("6.65", "6.7", True),
        ("6.65", "6.6", True),
        ("6.65", "6.5", False),
        ("6.65", "7", False),
        ("0.2312", "0.231", True),
    ],
)
def test_a_number_is_printed_rounded_to_a_tenth_or_less(value: str, text: str, *, says: bool) -> None:
    assert is_printed(Decimal(value), text) is says
