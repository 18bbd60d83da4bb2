"""What people type where a number is wanted, read without guessing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.intake.checks.cell_values import UnderstoodCell, normalise_text, say_held, understand_cell
from csp_workflow.intake.checks.findings import WANTED
from csp_workflow.terms.cells import Cell, CellType
from csp_workflow.terms.checks import RULES
from csp_workflow.terms.figures import FigureStatus, MeasureKind
from csp_workflow.terms.returns import FigureRow
from tests.intake.intake_factory import row

COUNT = row("X.1", "Burglary offences", unit="offences", before="36")
PERCENT = row("X.2", "Satisfied", kind=MeasureKind.PERCENT, unit="per cent", before="12.1")
COST = row("X.3", "Grants", kind=MeasureKind.COST, unit="£")
GRANT_LEFT = row("CHARN.G1.U", "Expected underspend", kind=MeasureKind.GRANT, unit="£")


def typed(said: str, of: FigureRow = COUNT, kind: CellType = CellType.TEXT, **more: object) -> UnderstoodCell:
    return understand_cell(Cell(sheet="Figures", cell="L7", type=kind, text=said, **more), of)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "value", "status"),
    [
        ("1,204", 1204, "final"),
        ("1 204", 1204, "final"),
        (" 35 ", 35, "final"),
        ("1\u00a0204", 1204, "final"),
        ("1\u2009204", 1204, "final"),
        ("\uff13\uff15", 35, "final"),
        ("'35", 35, "final"),
        ("35 offences", 35, "final"),
        ("35 OFFENCES", 35, "final"),
        ("35.0", 35, "final"),
        ("c. 35", 35, "estimated"),
        ("~35", 35, "estimated"),
        ("approx 1,204", 1204, "estimated"),
        ("35 (est)", 35, "estimated"),
        ("35e", 35, "estimated"),
        ("35 [e]", 35, "estimated"),
        ("35p", 35, "provisional"),
        ("35 [p]", 35, "provisional"),
        ("35 (r)", 35, "revised"),
        ("nil", 0, "final"),
        ("None", 0, "final"),
        ("zero", 0, "final"),
        ("None.", 0, "final"),
        ("35.", 35, "final"),
        ("35 Offences.", 35, "final"),
        ("35 (final)", 35, "final"),
        ("Total: 35", 35, "final"),
        ("\u200e35\u202c", 35, "final"),
        ("35 - provisional", 35, "provisional"),
        ("Provisional: 35", 35, "provisional"),
    ],
)
def test_numbers_as_people_type_them(said: str, value: int, status: str) -> None:
    understood = typed(said)
    assert understood.value == value
    assert str(understood.status) == status
    assert understood.finding is None
    if said.strip() != str(value):
        assert understood.reading is not None, "whatever is recorded otherwise than it was typed is said back"
        assert understood.reading.recorded == f"{value:,} offences", "with its unit"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("<5", "suppressed"),
        ("5 or fewer", "suppressed"),
        ("fewer than 5", "suppressed"),
        ("[c]", "suppressed"),
        ("TBC", "not available"),
        ("awaiting data", "not available"),
        ("data not due until Nov", "not available"),
        ("[x]", "not available"),
        ("[z]", "not applicable"),
        ("Not applicable", "not applicable"),
    ],
)
def test_words_that_say_why_there_is_no_number(said: str, status: str) -> None:
    understood = typed(said)
    assert (understood.value, str(understood.status), understood.finding) == (None, status, None)
    assert understood.note == said


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("30-40", "one-figure"),
        ("30 to 40", "one-figure"),
        (">5", "one-figure"),
        ("5+", "one-figure"),
        ("+3", "one-figure"),
        ("+ 3", "one-figure"),
        ("3/4", "one-figure"),
        ("<0", "one-figure"),
        ("up to 0", "one-figure"),
        ("\u00a31.2k", "full-number"),
        ("1.2m", "full-number"),
        ("\u00a31,200", "other-unit"),
        ("12%", "other-unit"),
        ("35 dogs", "other-unit"),
        ("-", "which-is-it"),
        ("\u2013", "which-is-it"),
        ("?", "which-is-it"),
        (".", "which-is-it"),
        ("n/a", "not-applicable-or-available"),
        ("N/A", "not-applicable-or-available"),
        ("-3", "negative"),
        ("3.5", "part-of-one"),
        ("1,20", "unreadable-number"),
        ("0.000000001", "unreadable-number"),
        ("12 34", "unreadable-number"),
        ("35\u00b2", "unreadable-number"),
        ("\u00bd", "unreadable-number"),
        ("thirty", "unreadable-number"),
        ("1e5", "unreadable-number"),
        ("#N/A", "excel-error"),
        ("", "blank-required"),
        ("  \u00a0", "blank-required"),
        ("(35)", "unreadable-number"),
    ],
)
def test_what_is_not_one_clear_number_is_asked_about_and_never_guessed(said: str, code: str) -> None:
    understood = typed(said)
    assert (understood.value, understood.status) == (None, None)
    assert understood.finding is not None
    assert (understood.finding.code, understood.finding.is_fault) == (code, True)
    assert code in RULES or understood.finding.wanted == WANTED[code].format(unit="offences")
    assert understood.finding.example


def test_per_cents() -> None:
    assert typed("12%", PERCENT).value == 12
    assert typed("12.5 per cent", PERCENT).value == Decimal("12.5")
    shown = typed("0.121", PERCENT, CellType.NUMBER, shown="12.1%")
    assert (shown.value, shown.finding) == (Decimal("12.1"), None)
    nil = typed("nil", PERCENT)
    assert nil.finding is not None
    assert nil.finding.code == "nil-or-zero"
    for odd in ("104", "1200"):
        over = typed(odd, PERCENT, CellType.NUMBER)
        assert over.finding is not None
        assert (over.value, over.finding.code, over.finding.is_fault) == (None, "share-over-100", True)
    growth = typed("104", row("X.2", "Rise", unit="per cent"), CellType.NUMBER)
    assert growth.finding is not None
    assert (growth.value, growth.finding.code, growth.finding.is_fault) == (104, "over-100", False)


@pytest.mark.parametrize("said", ["#SPILL!", "#CALC!", "Err:502", "#N/A"])
def test_what_programs_show_where_a_formula_failed_is_called_an_error(said: str) -> None:
    finding = typed(said).finding
    assert finding is not None
    assert finding.code == "excel-error"


def test_pence_are_no_pounds_and_about_so_many_pounds_are_an_estimate() -> None:
    pence, about = typed("50p", COST), typed("c.£1,200", COST)
    assert (pence.value, pence.finding and pence.finding.code) == (None, "other-unit")
    assert (about.value, str(about.status)) == (1200, "estimated")


def test_money() -> None:
    assert typed("\u00a31,200", COST).value == 1200
    assert typed("GBP 1,200.50", COST).value == Decimal("1200.50")
    assert typed("$100", COST).value is None


@pytest.mark.parametrize(
    ("said", "of", "remark"),
    [
        ("nil", COUNT, "We took 'nil' to mean 0."),
        ("c. 35", COUNT, "We marked it as an estimate."),
        ("35 (est)", COUNT, "We marked it as an estimate."),
        ("35u", COUNT, "We marked it as an estimate."),
        ("35 [p]", COUNT, "We marked it as provisional."),
        ("35 (rev)", COUNT, "We marked it as revised."),
        ("12% (p)", PERCENT, "We marked it as provisional."),
        ("<5", COUNT, "It is a small number that is not shown."),
        ("TBC", COUNT, "We will ask again next quarter."),
    ],
)
def test_what_was_made_of_it_is_said_back(said: str, of: FigureRow, remark: str) -> None:
    understood = typed(said, of)
    assert understood.reading is not None
    assert (understood.reading.typed, understood.reading.remark) == (said, remark)


@pytest.mark.parametrize(
    ("said", "of", "value"),
    [
        ("12% (p)", PERCENT, 12),
        ("12 pc", PERCENT, 12),
        ("12%", row("X.5", "A share", unit="%"), 12),
        ("1,200 pounds", COST, 1200),
        ("\u00a31,200", row("X.6", "Spent", unit="\u00a3"), 1200),
        ("gbp 5", row("X.7", "Spent", unit="GBP"), 5),
        ("35 recorded burglary offences in total", COUNT, 35),
        ("35 burglaries", row("X.8", "Burglaries", unit="offences"), 35),
        ("35 of", COUNT, 35),
        ("35 offence", COUNT, 35),
        ("35 leaks", row("X.9", "Gas", unit="leak"), 35),
        ("35 gas", row("X.9", "Gas leaks", unit="leaks"), 35),
        ("35 ga", row("X.9", "Gas leaks", unit="leaks"), None),
        ("eur 5", row("X.7", "Spent", unit="GBP"), None),
        ("1,20", COUNT, None),
        ("12% (p)", COUNT, None),
        ("12 pounds", COUNT, None),
        ("12%", COST, None),
        ("\u20ac5", COST, None),
        ("eur 5", COST, None),
        ("9" * 30, COUNT, None),
        ("c. " + "9" * 30, COUNT, None),
        ("'", COUNT, None),
    ],
)
def test_units_and_words_beside_a_number(said: str, of: FigureRow, value: int | None) -> None:
    assert typed(said, of).value == value


def test_a_star_beside_a_number_is_asked_about_and_the_number_kept() -> None:
    starred = typed("35*")
    assert (starred.value, str(starred.status)) == (35, "final")
    assert starred.finding is not None
    assert (starred.finding.code, starred.finding.is_fault) == ("starred", False)
    long = typed("9" * 30 + "*")
    assert long.finding is not None
    assert (long.value, long.finding.code) == (None, "unreadable-number")


def test_a_cell_formatted_as_per_cent_says_so() -> None:
    shown = typed("0.12", PERCENT, CellType.NUMBER, shown="12%")
    assert shown.reading is not None
    assert (shown.value, shown.reading.remark) == (12, "The cell is formatted as per cent.")
    asked = typed("0.12", COUNT, CellType.NUMBER, shown="12%")
    assert asked.finding is not None
    assert (asked.value, asked.finding.code, asked.finding.found) == (None, "other-unit", "12%")


@pytest.mark.parametrize(
    ("of", "held", "shown", "value"),
    [
        (PERCENT, "0.625", "63%", "62.5"),
        (PERCENT, "0.625", "62.5%", "62.5"),
        (PERCENT, "0.4", "0.4%", "0.4"),
        (PERCENT, "62.5", "62.5%", "62.5"),
        (PERCENT, "62.54", "62.5 per cent", "62.54"),
        (PERCENT, "12.345", "12.3", "12.345"),
        (COUNT, "35", "35.000", "35"),
        (COUNT, "1204", "1,204", "1204"),
        (COUNT, "1204", "1.20E+03", "1204"),
        (COUNT, "35", " 35 ", "35"),
        (COUNT, "35", "35 offences", "35"),
        (COUNT, "35", "35.", "35"),
        (COUNT, "0", " - ", "0"),
        (COST, "0", " £- ", "0"),
        (GRANT_LEFT, "-1200.5", "(£1,200.50)", "-1200.5"),
        (COST, "1204.5", "£1,205", "1204.5"),
        (COST, "0.5", ".5", "0.5"),
    ],
)
def test_a_number_is_taken_where_its_display_says_the_same_rounded_at_most(
    of: FigureRow, held: str, shown: str, value: str
) -> None:
    before = replace(of, previous=None)
    understood = typed(held, before, CellType.NUMBER, shown=shown)
    assert (understood.value, understood.finding) == (Decimal(value), None)


def test_a_display_may_say_that_a_number_is_an_estimate() -> None:
    about = typed("35", COUNT, CellType.NUMBER, shown="about 35")
    assert (about.value, str(about.status)) == (35, "estimated")
    assert about.reading is not None
    assert about.reading.typed == "about 35"


@pytest.mark.parametrize(
    ("of", "held", "shown", "code", "found"),
    [
        (COUNT, "3", "<5", "shown-otherwise", "<5, where the cell holds 3"),
        (COUNT, "35000", "35", "shown-otherwise", "35, where the cell holds 35000"),
        (COUNT, "-35", "35", "shown-otherwise", "35, where the cell holds -35"),
        (COUNT, "12", "121", "shown-otherwise", "121, where the cell holds 12"),
        (COUNT, "35", "c. 36", "shown-otherwise", "c. 36, where the cell holds 35"),
        (COUNT, "35", "n/a", "not-applicable-or-available", "n/a"),
        (COUNT, "35", "35 completions", "other-unit", "35 completions"),
        (COUNT, "0.4", "40%", "other-unit", "40%"),
        (COUNT, "35.4", "35", "part-of-one", "35, where the cell holds 35.4"),
        (COUNT, "35000", "35k", "full-number", "35k"),
        (COUNT, "0.5", "1/2", "one-figure", "1/2"),
        (PERCENT, "0.001", "0%", "shown-otherwise", "0%, where the cell holds 0.001"),
        (PERCENT, "35", "35 completions", "other-unit", "35 completions"),
        (COUNT, "35", None, "shown-otherwise", "35, in a number format that we cannot read"),
        (COST, "-35", "(35)", "negative", "(35), where the cell holds -35"),
    ],
)
def test_where_the_screen_shows_another_thing_both_are_quoted(
    of: FigureRow, held: str, shown: str | None, code: str, found: str
) -> None:
    asked = typed(held, of, CellType.NUMBER, shown=shown)
    assert (asked.value, asked.status) == (None, None)
    assert asked.finding is not None
    assert (asked.finding.code, asked.finding.found, asked.finding.is_fault) == (code, found, True)


def test_what_nobody_sees_is_no_figure() -> None:
    asked = typed("35", COUNT, CellType.NUMBER, hidden=True).finding
    assert asked is not None
    assert (asked.code, asked.found) == ("not-seen", "35, which cannot be seen on the screen")


def test_a_text_that_is_seen_otherwise_is_asked_about() -> None:
    asked = typed("351", COUNT, shown="35 with a raised 1").finding
    assert asked is not None
    assert (asked.code, asked.found) == ("shown-otherwise", "35 with a raised 1, where the cell holds 351")
    assert typed("35", COUNT, shown=" 35 ").value == 35


@pytest.mark.parametrize(
    ("said", "of", "code"),
    [
        ("35\n36", COUNT, "one-figure"),
        ("1\n204", COUNT, "one-figure"),
        ("1\u2028204", COUNT, "one-figure"),
        ("35\t362", COUNT, "one-figure"),
        ("35    362", COUNT, "one-figure"),
        ("35 \r\n 362", COUNT, "one-figure"),
        ("1.204", COUNT, "point-or-comma"),
        ("35.000", COUNT, "point-or-comma"),
        ("1.204.500", COUNT, "point-or-comma"),
        ("1.204", COST, "point-or-comma"),
        ("under 100", COUNT, "one-figure"),
        ("less than 200", COUNT, "one-figure"),
        ("up to 50", COUNT, "one-figure"),
        ("<=10", COUNT, "one-figure"),
        ("10 or fewer", COUNT, "one-figure"),
        ("35 so far", COUNT, "so-far"),
        ("35, so far", COUNT, "so-far"),
        ("35 (to date)", COUNT, "so-far"),
        ("so far 35", COUNT, "so-far"),
        ("35 tbc", COUNT, "so-far"),
        ("35 awaiting one team", COUNT, "so-far"),
        ("awaiting one team, 35 so far", COUNT, "so-far"),
        ("awaiting data from 3 teams", COUNT, "so-far"),
        ("35 completions", row("X", "Treatment completions", kind=MeasureKind.PERCENT, unit="per cent"), "other-unit"),
        ("35 incidents", row("X", "Repeat victims of incidents", unit="victims"), "other-unit"),
        ("3,650", PERCENT, "share-over-100"),
        ("3650%", PERCENT, "share-over-100"),
    ],
)
def test_what_may_mean_two_things_is_asked_about_and_never_joined(said: str, of: FigureRow, code: str) -> None:
    asked = typed(said, replace(of, previous=None))
    assert (asked.value, asked.status) == (None, None)
    assert asked.finding is not None
    assert (asked.finding.code, asked.finding.is_fault) == (code, True)


@pytest.mark.parametrize("said", ["awaiting Q2 data", "awaiting data, due 14 November", "awaiting data (30/9/2014)"])
def test_a_day_in_what_is_awaited_is_no_figure(said: str) -> None:
    assert str(typed(said).status) == "not available"


@pytest.mark.parametrize(
    ("said", "below", "status"),
    [
        ("under 10", 10, "suppressed"),
        ("9 or fewer", 10, "suppressed"),
        ("<5", 10, "suppressed"),
        ("under 11", 10, "None"),
        ("10 or fewer", 10, "None"),
        ("<5", 3, "None"),
        ("<6", 0, "suppressed"),
        ("<7", 0, "None"),
    ],
)
def test_a_small_number_is_one_that_its_owner_hides(said: str, below: int, status: str) -> None:
    assert str(typed(said, replace(COUNT, suppressed_below=below)).status) == status


def test_what_cannot_be_is_a_fault_also_in_a_row_that_may_be_left_empty() -> None:
    for said, of in (("-3", COUNT), ("104", PERCENT)):
        asked = typed(said, replace(of, required=False, previous=None)).finding
        assert asked is not None
        assert asked.is_fault


@pytest.mark.parametrize(
    ("cell", "held"),
    [
        ({"text": "0.625", "shown": "63%"}, "62.5%"),
        ({"text": "1204", "shown": "1,204"}, "1204"),
        ({"text": "35"}, "35"),
        ({"text": "3", "shown": "<5"}, ""),
        ({"text": "35", "shown": None}, ""),
        ({"text": "35", "hidden": True}, ""),
        ({"text": "35", "struck": True}, ""),
        ({"text": "35000", "shown": "35"}, ""),
        ({"text": "351", "shown": "35 with a raised 1", "type": CellType.TEXT}, ""),
        ({"text": "nan", "shown": "1"}, ""),
        ({"text": "twelve", "shown": "12"}, ""),
    ],
)
def test_what_goes_back_is_what_was_seen(cell: dict[str, object], held: str) -> None:
    given: dict[str, object] = {"sheet": "Figures", "cell": "L7", "type": CellType.NUMBER, **cell}
    assert say_held(Cell(**given)) == held  # type: ignore[arg-type]


def test_cells_that_are_not_plain_numbers() -> None:
    for kind, said, more, code in (
        (CellType.ERROR, "#DIV/0!", {}, "excel-error"),
        (CellType.BLANK, "", {"uncalculated": True, "formula": "=A1"}, "not-calculated"),
        (CellType.BLANK, "", {"note": "36 (provisional)"}, "note-only"),
        (CellType.NUMBER, "34", {"struck": True}, "struck-out"),
        (CellType.BOOLEAN, "TRUE", {}, "yes-or-no"),
        (CellType.DATE, "2014-04-03", {}, "date-not-number"),
        (CellType.NUMBER, "1e999999", {}, "unreadable-number"),
        (CellType.NUMBER, "nan", {}, "unreadable-number"),
    ):
        asked = typed(said, COUNT, kind, **more)
        assert asked.finding is not None
        assert (asked.finding.code, asked.value) == (code, None)
    assert typed("1900-02-04", COUNT, CellType.DATE).finding.example == "35"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("shown", "found", "example"),
    [
        ("1900-01-01", "the date 1 January 1900", "1"),
        ("1900-02-28", "the date 28 February 1900", "59"),
        ("1900-03-01", "the date 1 March 1900", "61"),
        ("1901-01-01", "the date 1 January 1901", "367"),
        ("1919-12-31T00:00:00", "the date 31 December 1919", "7305"),
        ("some day", "a date (some day)", ""),
    ],
)
def test_a_number_that_excel_shows_as_a_date_is_offered_back(shown: str, found: str, example: str) -> None:
    asked = typed(shown, COUNT, CellType.DATE).finding
    assert asked is not None
    assert asked.found == found
    usual = typed("2014-04-03", COUNT, CellType.DATE).finding
    assert usual is not None
    assert asked.example == (example or usual.example)
    assert typed("1920-01-01", COUNT, CellType.DATE).finding.example == usual.example  # type: ignore[union-attr]


def test_what_was_found_in_a_blank_and_in_a_tick_is_said() -> None:
    assert typed("").finding.found == "nothing"  # type: ignore[union-attr]
    noted = typed("", COUNT, CellType.BLANK, note="36 so far").finding
    assert noted is not None
    assert noted.found == "nothing, and a comment: \u201c36 so far\u201d"
    assert typed("TRUE", COUNT, CellType.BOOLEAN).finding.found == "TRUE"  # type: ignore[union-attr]
    assert typed("104", PERCENT, CellType.NUMBER).finding.found == "104"  # type: ignore[union-attr]


def test_formulas_are_read_by_their_result() -> None:
    summed = typed("231.59999999999997", COST, CellType.NUMBER, formula="=A1+A2")
    assert summed.value == Decimal("231.6")
    assert summed.reading is not None
    assert summed.reading.remark == "The cell has a formula; we used its result."
    linked = typed("35", COUNT, CellType.NUMBER, formula="='[other.xlsx]S'!A1")
    old = typed("35", COUNT, CellType.NUMBER, formula="='C:\\Old.XLS'!A1")
    for other in (linked, old):
        assert other.reading is not None
        assert other.reading.remark == (
            "The cell's formula uses another file, which we do not have; we used the result it showed."
        )


def test_an_optional_row_may_be_left_empty() -> None:
    assert typed("", row("X.4", "Optional", required=False)) == UnderstoodCell()


ANY_CELL = st.builds(
    Cell,
    sheet=st.just("Figures"),
    cell=st.just("L7"),
    type=st.sampled_from(CellType),
    text=st.one_of(st.text(max_size=60), st.from_regex(r"[-~c. (]*\d[\d,. %]*[a-z )*]*", fullmatch=True)),
    shown=st.sampled_from(["", None, "12%", "35", "about 35", "<5"]),
    hidden=st.booleans(),
    formula=st.sampled_from(["", "=A1", "=[b]S!A1"]),
    note=st.text(max_size=20),
    struck=st.booleans(),
    uncalculated=st.booleans(),
)


@given(ANY_CELL, st.sampled_from([COUNT, PERCENT, COST]))
def test_nothing_raises_and_no_number_appears_that_was_not_typed(cell: Cell, of: FigureRow) -> None:
    understood = understand_cell(cell, of)
    assert understood.value is None or understood.status is not None
    assert understood.status is None or understood.status is not FigureStatus.NIL
    if cell.is_blank:
        assert understood.value is None, "a blank is never 0"
    if understood.value and not (cell.type is CellType.NUMBER and (cell.shown or cell.formula)):
        digits = "".join(c for c in normalise_text(cell.text) if c.isdigit())
        if cell.type is CellType.TEXT:
            assert "".join(str(d) for d in understood.value.as_tuple().digits).strip("0") in digits
    if understood.value == 0 and cell.type is CellType.TEXT:
        assert "0" in normalise_text(cell.text) or normalise_text(cell.text) in {"nil", "none", "zero", "nought", "no"}


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from([COUNT, PERCENT, COST]))
def test_a_plain_number_is_recorded_as_it_is(value: Decimal, of: FigureRow) -> None:
    understood = typed(str(value), of, CellType.NUMBER)
    assert understood.value is None or understood.value == value
