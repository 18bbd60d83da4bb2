"""What is otherwise in a later draft, as tracked changes: accepted they give the later file, rejected the earlier."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.report.blocks import Heading, Numbered, Table
from csp_workflow.report.edits.tracking import track_changes
from csp_workflow.report.word.package import W, parse_part, unpack_parts
from tests.report.edited_told import PART, read_lines, settle
from tests.report.test_edits import BEFORE, NOW, paper, quarter

AT = datetime(2014, 11, 20, 9, tzinfo=UTC)


def tracked(before: bytes, after: bytes) -> bytes:
    return track_changes(before, after, as_at=AT)


def test_a_number_that_is_another_is_marked_by_the_word() -> None:
    made = tracked(BEFORE, NOW)
    assert made == tracked(BEFORE, NOW)
    root = parse_part(unpack_parts(made)[PART])
    pairs = [
        ("".join(one.itertext(f"{W}delText", f"{W}t")), one.tag.removeprefix(W))
        for one in root.iter(f"{W}ins", f"{W}del")
    ]
    assert pairs == [("164", "del"), ("170", "ins")] * 2, "in the sentence and in the table, and nowhere else"
    marks = list(root.iter(f"{W}ins", f"{W}del"))
    assert {(one.get(f"{W}author"), one.get(f"{W}date")) for one in marks} == {("csp-workflow", "2014-11-20T09:00:00Z")}
    assert len({one.get(f"{W}id") for one in marks}) == len(marks)


def test_what_is_new_and_what_is_gone_are_marked_whole() -> None:
    after = quarter(164, Numbered(text="New at the end."), explained="Fewer came.\nThey said why.")
    made = tracked(BEFORE, after)
    assert read_lines(settle(made, accept=True)) == read_lines(after)
    assert read_lines(settle(made, accept=False)) == read_lines(BEFORE)
    back = tracked(after, BEFORE)
    assert read_lines(settle(back, accept=True)) == read_lines(BEFORE)
    assert read_lines(settle(back, accept=False)) == read_lines(after)


LINES = st.lists(st.sampled_from(["Alpha.", "Beta rose to 12.", "Beta rose to 13.", "Delta more words."]), max_size=5)
ROWS = st.lists(st.tuples(st.sampled_from(["Blaby", "Oadby", "Rutland"]), st.sampled_from(["1", "2"])), max_size=3)


@given(LINES, LINES, ROWS, ROWS)
def test_accepted_they_give_the_later_file_and_rejected_the_earlier_one(
    ours: list[str], hers: list[str], had: list[tuple[str, str]], has: list[tuple[str, str]]
) -> None:
    one, other = (
        paper(
            Heading(text="Begins"),
            *(Numbered(text=text) for text in texts),
            *(
                [Table(caption="T", description="D", headers=("A", "N"), rows=tuple(rows), weights=(1, 1))]
                if rows
                else []
            ),
            Heading(text="Ends"),
        )
        for texts, rows in ((ours, had), (hers, has))
    )
    made = tracked(one, other)
    assert read_lines(settle(made, accept=True)) == read_lines(other)
    assert read_lines(settle(made, accept=False)) == read_lines(one)
