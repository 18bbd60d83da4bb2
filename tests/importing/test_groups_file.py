"""An extract of comparison groups: known by its headers, taken whole row by row, or each fault of a row told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from importing_told import load, workbook

from csp_workflow.terms.comparisons import GroupRate
from csp_workflow.terms.figures import FigureStatus, Provenance

ROW = {
    "area": "E22000164",
    "measure": "Domestic burglary",
    "period": "12 months to September 2014",
    "rate": "6.91",
    "group average": "5.30",
    "lower limit": "4.61",
    "upper limit": "5.99",
    "rank": "8",
    "number in group": "15",
    "group": "Most Similar Group",
    "version": "2014-10-01",
    "unit": "per 1,000 households",
}


def extract(*rows: dict[str, str], without: str = "", name: str = "iquanta.csv"):
    """An extract of rows that differ from the usual one, without a column."""
    columns = list(dict.fromkeys(key for row in (ROW, *rows) for key in row if key != without))
    cells = [",".join(f'"{({**ROW, **row}).get(key, "")}"' for key in columns) for row in rows]
    return load("\n".join([",".join(columns), *cells]).encode(), name).found


def test_a_row_is_taken_with_its_own_average_and_limits_and_where_it_stood():
    found = extract({})
    assert found.group_rates == (
        GroupRate(
            series="M12a",
            area="E22000164",
            period="12 months to 2014/15-Q2",
            as_at=date(2014, 10, 14),
            unit="per 1,000 households",
            status=FigureStatus.FINAL,
            members=15,
            group="Most Similar Group",
            version=date(2014, 10, 1),
            rate=Decimal("6.91"),
            average=Decimal("5.30"),
            low=Decimal("4.61"),
            high=Decimal("5.99"),
            provenance=Provenance(source="iquanta.csv", attachment="f" * 64, cell="line 2, rate"),
        ),
    )
    assert found.figures == ()
    (line,) = found.report()
    assert line["taken"]
    assert line["sentence"] == (
        "M12a, Blaby, 12 months to 2014/15 Q2: 6.91 beside 5.30 (4.61 to 5.99), per 1,000 households, "
        "as at 14 Oct 2014."
    )


def test_a_rank_is_read_by_nobody():
    first, last, none = extract({"rank": "1"}), extract({"rank": "15"}), extract({}, without="rank")
    assert first == last == none


def test_an_extract_in_a_workbook_is_read_by_its_own_headers():
    rows = [
        ["iQuanta, October 2014"],
        [],
        [*("CSP", "Ref", "Period", "As at", "Crime rate", "MSG average", "LCL", "UCL", "N in group", "MSG")],
        ["Leicester", "M11", "2014/15 Q2", "2014-10-10", 20.5, 21, 18, 24, 15, "MSG of Leicester", "October 2014"],
    ]
    rows[2] += ["MSG version", "Per"]
    rows[3] += ["1,000 residents"]
    found = load(workbook(("Read me", [["Notes"]]), ("MSG", rows)), "msg.xlsx").found
    (line,) = found.group_rates
    assert (line.area, line.series, line.period, line.as_at) == ("E22000168", "M11", "2014/15-Q2", date(2014, 10, 10))
    assert (line.version, line.unit, line.rate) == (date(2014, 10, 1), "per 1,000 residents", Decimal("20.5"))
    assert (line.provenance.sheet, line.provenance.cell) == ("MSG", "E4")
    assert found.remarks == ("The sheet 'Read me' was not read: it is no extract of comparison groups.",)


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ({"rate": "[c]"}, FigureStatus.SUPPRESSED),
        ({"group average": "[x]"}, FigureStatus.NOT_AVAILABLE),
        ({"rate": "5.1 [u]"}, FigureStatus.NOT_AVAILABLE),
        ({"lower limit": "[u]", "upper limit": "[u]"}, FigureStatus.NOT_AVAILABLE),
        ({"rate": "suppressed", "group average": "", "lower limit": "", "upper limit": ""}, FigureStatus.SUPPRESSED),
    ],
)
def test_what_is_withheld_or_not_reliable_is_kept_as_that_and_gives_no_number(cells, status):
    (line,) = extract(cells).group_rates
    assert (line.status, line.rate, line.average, line.low, line.high) == (status, None, None, None, None)
    assert f": {status} (as at" in extract(cells).report()[0]["sentence"]


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"area": ""}, "area", "names no area"),
        ({"area": "Narborough"}, "area", "There is no area"),
        ({"measure": "Burglary"}, "series", "There is no series"),
        ({"measure": "M03e"}, "series", "told in words"),
        ({"period": "August 2014"}, "period", "neither a quarter"),
        ({"period": "12 months to December 2014"}, "period", "had not ended"),
        ({"rate": "about 5"}, "rate", "not one plain number"),
        ({"rate": ""}, "rate", "There is no number"),
        ({"rate": "-5"}, "rate", "not one plain number"),
        ({"group average": "6.5"}, "average", "between the limits"),
        ({"lower limit": "5.99", "upper limit": "4.61"}, "average", "between the limits"),
        ({"number in group": "0"}, "members", "whole number"),
        ({"number in group": "3.5"}, "members", "whole number"),
        ({"number in group": ""}, "members", "whole number"),
        ({"group": ""}, "group", "which group"),
        ({"version": "new"}, "version", "since when"),
        ({"version": ""}, "version", "since when"),
        ({"version": "2014-12-01"}, "version", "is later than 14 Oct 2014"),
        ({"unit": "of everybody"}, "unit", "per 1,000 residents"),
        ({"unit": ""}, "unit", "has no rate of its own"),
        ({"as at": "2015-01-01"}, "as_at", "later than today"),
        ({"illustrative": "perhaps"}, "illustrative", "yes or no"),
    ],
)
def test_what_is_not_clear_is_refused_with_what_to_do(cells, column, sentence):
    found = extract(cells)
    assert found.group_rates == ()
    (line,) = found.refused
    assert (line.row, line.column) == (2, column)
    assert sentence in line.sentence


def test_every_fault_of_a_row_is_told_at_once_and_the_other_rows_are_taken():
    wrong = {"area": "Narborough", "measure": "Theft", "rate": "many", "upper limit": "", "version": "new", "group": ""}
    found = extract(wrong, {})
    assert [line.column for line in found.refused] == ["series", "area", "rate", "high", "group", "version"]
    assert {line.row for line in found.refused} == {2}
    assert len(found.group_rates) == 1


def test_what_a_file_says_twice_is_taken_once():
    found = extract({}, {"rate": "5"})
    assert [line.rate for line in found.group_rates] == [Decimal("6.91")]
    assert "already, in row 2" in found.refused[0].sentence


@pytest.mark.parametrize("column", ["area", "measure", "period", "rate", "number in group", "group", "version"])
def test_a_column_that_is_missing_is_named_once(column):
    found = extract({}, {}, without=column)
    assert found.group_rates == ()
    assert len(found.refused) == 1
    assert "has no column" in found.refused[0].sentence


def test_a_broken_cell_is_told_as_that():
    rows = [list(ROW), list(ROW.values())]
    rows[1][3] = "=1/0"
    (line,) = load(workbook(("MSG", rows))).found.refused
    assert (line.column, line.sentence) == ("rate", "The cell holds a formula without a saved result.")


@given(st.dictionaries(st.sampled_from(list(ROW)), st.text(max_size=12), max_size=4))
def test_whatever_stands_in_a_row_it_is_taken_whole_or_each_fault_is_told(cells):
    cells = {key: "".join(c for c in text if c.isprintable() and c != '"') for key, text in cells.items()}
    found = extract(cells)
    assert len(found.group_rates) + bool(found.refused) == 1
    for line in found.group_rates:
        assert line.rate is None or 0 <= line.low <= line.average <= line.high
