"""A catalogue of measures written, filled in as people do, read again and checked: what set it comes to."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from csp_workflow import settings
from csp_workflow.forms import catalogue as words
from csp_workflow.forms.catalogue import attach_catalogue, fill_as_it_came
from csp_workflow.forms.reading import read_workbook
from csp_workflow.intake.checks.check_measures import CheckedMeasures, check_catalogue, reads_like_target
from csp_workflow.intake.opening import read_reply
from csp_workflow.terms.figures import Frequency, MeasureKind, Polarity
from csp_workflow.terms.measure_sets import define_catalogue
from csp_workflow.terms.returns import ReadForm
from tests.opened_books import open_book

SITE, _ = settings.load(settings.find_defaults() / "config", environment={})
NOW = datetime(2014, 10, 20, 9, 0, tzinfo=UTC)
SINCE = date(2014, 10, 1)
CHARN = define_catalogue(
    SITE,
    SITE.respondent("charnwood"),
    "2014/15",
    due=datetime(2014, 11, 10, 17, 0, tzinfo=UTC),
    now=NOW,
    issue=1,
    key=b"k",
)
BLANK = attach_catalogue(CHARN, created=NOW).data
FIRST = CHARN.measures[0]
NEW = CHARN.new_measures[0]
Cells = dict[tuple[str, str, str], object]
"""What somebody types, by sheet, ref (or label) and header."""
SIGNED: Cells = {("Sign-off", "Completed by", "Your entry"): "A. Lead"}
ADDED: Cells = {
    (words.MEASURES, NEW, words.COUNT_WHAT): "Street lights mended",
    (words.MEASURES, NEW, words.COUNTS): "Lights reported out and mended in the quarter.",
    (words.MEASURES, NEW, words.COUNTED_IN): "lights",
    (words.MEASURES, NEW, words.SOUGHT): "A rise",
    (words.MEASURES, NEW, words.COUNTED_AS): "Count",
    (words.MEASURES, NEW, words.HOW_OFTEN): "Quarterly",
    (words.MEASURES, NEW, words.PRIORITIES): "8, 11",
}


BELOW: Cells = {
    (words.OBJECTIVES, CHARN.new_objectives[0], words.AIM): "Keep burglary below 300",
    (words.OBJECTIVES, CHARN.new_objectives[0], words.PRIORITIES): "12",
}


def typed(cells: Cells, *, also: Callable[[object], object] | None = None) -> ReadForm:
    """The workbook as it comes back with some cells typed."""
    book = open_book(BLANK)
    for (sheet, ref, header), value in cells.items():
        page = book[sheet]
        columns = {cell.value: cell.column for cell in page[6]}
        row = next(r for r in range(7, page.max_row + 1) if page.cell(r, 1).value == ref)
        page.cell(row, columns[header]).value = value
    if also:
        also(book)
    out = io.BytesIO()
    book.save(out)
    read = read_reply(read_workbook(out.getvalue()))
    assert isinstance(read, ReadForm)
    return read


def checked(cells: Cells, *, also: Callable[[object], object] | None = None) -> CheckedMeasures:
    return check_catalogue(CHARN, typed(cells, also=also), since=SINCE)


def codes(found: CheckedMeasures) -> list[str]:
    return [f.code.removeprefix("measures-") for f in found.findings]


def test_signed_and_untouched_all_stays_as_last_year() -> None:
    found = checked(SIGNED)
    assert codes(found) == []
    assert (found.measures, found.objectives) == (CHARN.measures, CHARN.objectives)


def test_one_tick_carries_everything_on() -> None:
    found = checked({("Sign-off", words.ALL_AS_LAST_YEAR, "Your entry"): "Yes"})
    assert (codes(found), found.measures) == ([], CHARN.measures)


def test_a_form_with_nothing_in_it_is_asked_about() -> None:
    assert codes(checked({})) == ["untouched"]


def test_a_new_measure_gets_the_row_s_own_ref_and_holds_from_the_day() -> None:
    found = checked(SIGNED | ADDED)
    assert codes(found) == []
    new = found.measures[-1]
    assert (new.series.ref, new.series.unit, new.series.kind) == (NEW, "lights", MeasureKind.COUNT)
    assert (new.series.polarity, new.series.frequency) == (Polarity.RISE, Frequency.QUARTERLY)
    assert (new.priorities, new.agreed, new.area) == ((8, 11), SINCE, CHARN.respondent.areas[0].code)
    assert new.series.broken is None


def test_a_share_is_asked_as_two_counts_of_its_whole() -> None:
    share = {
        (words.MEASURES, NEW, words.COUNTED_AS): "Share (two counts)",
        (words.MEASURES, NEW, words.COUNTED_IN): "lamps",
    }
    series = checked(SIGNED | ADDED | share).measures[-1].series  # type: ignore[operator]
    assert (series.kind, series.unit, series.denominator) == (MeasureKind.PERCENT, "per cent of lamps", "lamps")


def test_another_definition_is_a_break_from_the_day_the_set_holds() -> None:
    row: Cells = {
        (words.MEASURES, FIRST.series.ref, words.COUNTS): "Something else is counted now.",
        (words.MEASURES, FIRST.series.ref, words.THIS_YEAR): words.CHANGED,
    }
    found = checked(SIGNED | row)
    assert codes(found) == []
    changed = found.measures[0].series
    assert changed.broken is not None
    assert (changed.broken.day, changed.parted) == (SINCE, SINCE)
    since: Cells = {(words.MEASURES, FIRST.series.ref, words.SINCE): "01/04/2013"}
    assert checked(SIGNED | row | since).measures[0].series.parted == date(2013, 4, 1)


def test_another_direction_or_title_is_no_break() -> None:
    row: Cells = {(words.MEASURES, FIRST.series.ref, words.SOUGHT): "A rise"}
    assert checked(SIGNED | row).measures[0].series.broken is None


def test_stop_ends_a_measure_the_day_before() -> None:
    found = checked(SIGNED | {(words.MEASURES, FIRST.series.ref, words.THIS_YEAR): words.STOP})
    assert codes(found) == []
    assert found.measures[0].valid_to == date(2014, 9, 30)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({(words.MEASURES, FIRST.series.ref, words.THIS_YEAR): "Maybe"}, "choice"),
        ({(words.MEASURES, NEW, words.COUNTED_AS): "Average"}, "choice"),
        ({(words.MEASURES, NEW, words.PRIORITIES): "99"}, "priorities"),
        ({(words.MEASURES, NEW, words.PRIORITIES): "some"}, "priorities"),
        ({(words.MEASURES, NEW, words.SINCE): "a while ago"}, "day"),
        ({(words.MEASURES, NEW, words.SINCE): "31/02/2014"}, "day"),
        ({(words.MEASURES, NEW, words.COUNTS): None}, "blank"),
        ({(words.MEASURES, NEW, words.COUNTS): "Reduce lights out by 20%"}, "target"),
        (BELOW, "target"),
        ({(words.MEASURES, NEW, words.WHO_COUNTS): "ring jo.bloggs@mail.example"}, "personal"),
    ],
)  # fmt: skip
def test_what_is_not_right_is_asked_by_cell(cells: Cells, code: str) -> None:
    found = checked(SIGNED | ADDED | cells)
    assert codes(found) == [code]
    assert found.findings[0].cell


def test_as_last_year_beside_other_words_is_asked() -> None:
    row: Cells = {
        (words.MEASURES, FIRST.series.ref, words.COUNTED_IN): "visits",
        (words.MEASURES, FIRST.series.ref, words.THIS_YEAR): words.AS_LAST_YEAR,
    }
    assert codes(checked(SIGNED | row)) == ["both"]


def test_everything_stays_beside_a_change_is_asked() -> None:
    assert codes(checked(ADDED | {("Sign-off", words.ALL_AS_LAST_YEAR, "Your entry"): "yes"})) == ["all"]


def test_an_emptied_row_is_asked_about_and_never_dropped() -> None:
    headers = [c.header for c in words.MEASURE_COLUMNS[1:-1]]
    assert codes(checked(SIGNED | {(words.MEASURES, FIRST.series.ref, h): None for h in headers})) == ["emptied"]


def test_a_removed_row_is_asked_about() -> None:
    def remove(book: object) -> None:
        book[words.MEASURES].delete_rows(7)  # type: ignore[index]

    assert codes(checked(SIGNED, also=remove)) == ["emptied"]


def test_a_row_of_their_own_takes_the_next_free_ref() -> None:
    def add(book: object) -> None:
        page = book[words.MEASURES]  # type: ignore[index]
        texts = ("", "Bins emptied", "Bins emptied in the quarter.", "bins", "A fall", "Count", "Yearly", "", "", "8")
        below = page.max_row + 1
        for column, text in enumerate(texts, start=1):
            page.cell(below, column).value = text or None

    found = checked(SIGNED, also=add)
    assert codes(found) == []
    assert (found.measures[-1].series.ref, found.measures[-1].series.title) == (NEW, "Bins emptied")


def test_a_column_of_targets_is_seen_and_not_recorded() -> None:
    def add(book: object) -> None:
        page = book[words.MEASURES]  # type: ignore[index]
        page.cell(6, 20).value, page.cell(7, 20).value = "Target 2014/15", 120

    found = checked(SIGNED, also=add)
    assert (codes(found), found.measures) == ([], CHARN.measures)
    assert (
        "We did not record 'Target 2014/15' (T7 of 'Local measures'). The framework has no numerical targets."
        in found.remarks
    )


@pytest.mark.parametrize(
    "text",
    ["Reduce burglary by 5%", "a 10 per cent reduction", "fewer than 300 incidents", "Target: 40", "increase to 50",
     "< 20", "Cut ASB to below 1,000", "our target", "keep under 12 cases"],
)  # fmt: skip
def test_what_reads_like_a_target(text: str) -> None:
    assert reads_like_target(text)


@pytest.mark.parametrize(
    "text",
    ["People aged 10-17 entering the system", "Increase in reporting by 18 to 24 year olds",
     "under 18s seen within 6 months", "Incidents between 7pm and 7am", "Target hardening visits",
     "Households in phase 2", "Fewer repeat calls",
     "Re-entry reduced within 6 months of completion"],
)  # fmt: skip
def test_what_is_counted_reads_like_no_target(text: str) -> None:
    assert not reads_like_target(text)


def place(book: Workbook, header: str, ref: str = FIRST.series.ref) -> Cell:
    """A cell of the local measures."""
    page = book[words.MEASURES]
    column = next(cell.column for cell in page[6] if cell.value == header)
    return page.cell(next(r for r in range(7, page.max_row + 1) if page.cell(r, 1).value == ref), column)


def strike(book: Workbook) -> None:
    place(book, words.COUNTS).font = Font(strike=True)


def raise_a_digit(book: Workbook) -> None:
    place(book, words.PRIORITIES).value = CellRichText("8", TextBlock(InlineFont(vertAlign="superscript"), "1"))


def hide(book: Workbook) -> None:
    cell = place(book, words.COUNT_WHAT)
    cell.font, cell.fill = Font(color="FFFFFFFF"), PatternFill()


def leave_an_error(book: Workbook) -> None:
    place(book, words.COUNTED_IN).value = "#REF!"


def leave_uncalculated(book: Workbook) -> None:
    place(book, words.THIS_YEAR).value = '="St"&"op"'


def change_a_copy(book: Workbook) -> None:
    place(book, words.SOUGHT).value = "A fall"
    book.copy_worksheet(book[words.MEASURES])
    place(book, words.SOUGHT).value = "A rise"


def answer_twice(book: Workbook) -> None:
    """Two columns of the same heading, with different answers."""
    page, cell = book[words.MEASURES], place(book, words.THIS_YEAR)
    page.cell(6, page.max_column + 1).value = words.THIS_YEAR
    cell.value = words.STOP
    page.cell(cell.row, page.max_column).value = words.AS_LAST_YEAR


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (strike, "struck-words"), (raise_a_digit, "struck-words"), (hide, "struck-words"),
        (leave_an_error, "excel-error"), (leave_uncalculated, "struck-words"), (change_a_copy, "two-candidates"),
        (answer_twice, "two-candidates"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("signed", [SIGNED, {("Sign-off", words.ALL_AS_LAST_YEAR, "Your entry"): "Yes"}])
def test_what_is_in_doubt_is_asked_as_on_any_form(change: Callable[[Workbook], None], code: str, signed: Cells) -> None:
    read = typed(signed, also=change)  # type: ignore[arg-type]
    found = check_catalogue(CHARN, read, since=SINCE)
    assert codes(found) == [code]
    again = attach_catalogue(CHARN, created=NOW, filled=fill_as_it_came(found.read, found.findings))
    page = place(open_book(again.data), found.findings[0].column)
    assert page.value is None
    assert "We found: " in page.comment.text


def test_a_copy_as_we_sent_it_says_nothing_against_an_answer() -> None:
    def change(book: Workbook) -> None:
        book.copy_worksheet(book[words.MEASURES])
        place(book, words.THIS_YEAR).value = words.STOP

    found = checked(SIGNED, also=change)  # type: ignore[arg-type]
    assert (codes(found), found.measures[0].valid_to) == ([], date(2014, 9, 30))


@pytest.mark.parametrize("text", ["Yes, but not L1", "yes?", "all of it"])
def test_what_is_no_plain_tick_for_all_is_asked(text: str) -> None:
    assert codes(checked({("Sign-off", words.ALL_AS_LAST_YEAR, "Your entry"): text})) == ["unclear-tick"]


@pytest.mark.parametrize(("text", "code"), [("no", "untouched"), ("\u2713", ""), ("TRUE", ""), ("tick", "")])
def test_a_tick_is_one_as_on_any_form(text: str, code: str) -> None:
    found = checked({("Sign-off", words.ALL_AS_LAST_YEAR, "Your entry"): text})
    assert codes(found) == ([code] if code else [])


def test_comments_and_what_stands_elsewhere_are_told() -> None:
    def change(book: Workbook) -> None:
        place(book, words.COUNTS).comment = Comment("Housing does not agree", "An officer")
        book.create_sheet("Workings")["B2"] = "half of them"

    told = checked(SIGNED, also=change).remarks  # type: ignore[arg-type]
    assert any("Housing does not agree" in line for line in told)
    assert any("half of them" in line for line in told)
    assert not any(words.PLAN in line or FIRST.definition[:20] in line for line in told)


def test_what_came_is_put_back_with_its_marks() -> None:
    read = typed(SIGNED | ADDED | {(words.MEASURES, NEW, words.PRIORITIES): "99"})
    found = check_catalogue(CHARN, read, since=SINCE)
    again = attach_catalogue(CHARN, created=NOW, filled=fill_as_it_came(found.read, found.findings))
    page = open_book(again.data)[words.MEASURES]
    row = next(r for r in range(7, page.max_row + 1) if page.cell(r, 1).value == NEW)
    assert page.cell(row, 2).value == "Street lights mended"
    assert "numbers of the Plan's priorities" in page.cell(row, 10).comment.text
    once_more = check_catalogue(CHARN, read_reply(read_workbook(again.data)), since=SINCE)  # type: ignore[arg-type]
    assert codes(once_more) == codes(found)


@given(st.sets(st.sampled_from([m.series.ref for m in CHARN.measures])))
def test_what_is_not_touched_stays_whatever_else_ends(stopped: set[str]) -> None:
    found = check_catalogue(
        CHARN, typed(SIGNED | {(words.MEASURES, ref, words.THIS_YEAR): words.STOP for ref in stopped}), since=SINCE
    )
    assert {m.series.ref for m in found.measures if m.valid_to == date.max} == {
        m.series.ref for m in CHARN.measures if m.series.ref not in stopped
    }


def test_what_the_plan_asks_prints_on_three_pages_in_letters_of_eight_points() -> None:
    """Of A4 across with our margins, in inches; a character is 7 pixels wide, 96 of them an inch."""
    page = open_book(BLANK)[words.PLAN]
    wide = sum(7 * one.width * (one.max - one.min + 1) for one in page.column_dimensions.values()) / 96
    scale = min(1, (11.69 - page.page_margins.left - page.page_margins.right) / wide)
    high = sum(page.row_dimensions[n].height or 15 for n in range(1, page.max_row + 1)) / 72
    head = (page.row_dimensions[6].height or 15) / 72
    room = (8.27 - page.page_margins.top - page.page_margins.bottom) / scale
    assert page["A7"].font.size * scale >= 8
    assert high + 2 * head <= 3 * room
    assert not page.merged_cells.ranges
