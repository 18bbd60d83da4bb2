"""What official tables hold: markers, twelve months, people and households, the rows of the whole country."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from importing_told import SITE, lines, load, one, workbook

from csp_workflow.forms.table import read_table
from csp_workflow.request.groups_file import read_import
from csp_workflow.terms.dates import period_end
from csp_workflow.terms.figures import FigureStatus, Provenance, is_unreliable


@pytest.mark.parametrize(
    ("typed", "status", "value", "note"),
    [
        ("[u]", FigureStatus.NOT_AVAILABLE, None, "[u]"),
        ("[U]", FigureStatus.NOT_AVAILABLE, None, "[u]"),
        ("[x]", FigureStatus.NOT_AVAILABLE, None, ""),
        ("[x] [note 4]", FigureStatus.NOT_AVAILABLE, None, "[note 4]"),
        ("[c]", FigureStatus.SUPPRESSED, None, ""),
        ("[z]", FigureStatus.NOT_APPLICABLE, None, ""),
        ("[w]", FigureStatus.NOT_AVAILABLE, None, ""),
        ("1,204 [note 4]", FigureStatus.FINAL, "1204", "[note 4]"),
        ("1204 [note 4, note 7]", FigureStatus.FINAL, "1204", "[note 4, note 7]"),
        ("412[p]", FigureStatus.PROVISIONAL, "412", ""),
        ("412 [r]", FigureStatus.REVISED, "412", ""),
        ("412 [e]", FigureStatus.ESTIMATED, "412", ""),
        ("412 [u]", FigureStatus.FINAL, "412", "[u]"),
        ("412 [p] [u] [note 1]", FigureStatus.PROVISIONAL, "412", "[note 1] [u]"),
    ],
)
def test_a_published_marker_is_kept_as_what_it_means(typed, status, value, note):
    (figure,) = one(typed).found.figures
    assert (figure.status, figure.note) == (status, note)
    assert figure.value == (None if value is None else Decimal(value))
    assert is_unreliable(figure) is ("[u]" in note)


@pytest.mark.parametrize("typed", ["412 [x]", "[q]", "412 [q]", "[note 4]", "[]", "[u", "u"])
def test_a_marker_that_nobody_knows_is_no_number_and_none_is_made_of_it(typed):
    told = one(typed)
    assert told.found.figures == ()
    assert told.refused


def test_a_marker_stands_beside_a_note_of_the_rows_own():
    (figure,) = one("[u]", note="Few offences.").found.figures
    assert figure.note == "Few offences. [u]"


# Twelve months ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "period"),
    [
        ("year ending September 2014", "12 months to 2014/15-Q2"),
        ("Year ending 30 September 2014", "12 months to 2014/15-Q2"),
        ("12 months to Sep 2014", "12 months to 2014/15-Q2"),
        ("12 months to the end of June 2014", "12 months to 2014/15-Q1"),
        ("Rolling 12 months to 2014/15-Q2", "12 months to 2014/15-Q2"),
        ("12 months to 2014/15 Q1", "12 months to 2014/15-Q1"),
        ("twelve months ending Dec 2013", "12 months to 2013/14-Q3"),
        ("year ending March 2014", "2013/14"),
        ("12 months to 2013/14-Q4", "2013/14"),
    ],
)
def test_twelve_months_are_a_period_and_never_a_quarter(written, period):
    assert one(period=written).values == [("M11", "E22000164", period, "412")]


@pytest.mark.parametrize("written", ["year ending August 2014", "12 months to 2014", "12 months to 2014/16-Q1"])
def test_twelve_months_that_end_within_a_quarter_are_not_taken(written):
    assert one(period=written).refused[0][1] == "period"


def test_twelve_months_that_have_not_ended_are_not_known():
    assert "had not ended on 14 Oct 2014" in one(period="year ending December 2014").refused[0][2]


# What rates are made with ------------------------------------------------------------------------------

RATED = replace(
    SITE,
    frameworks=tuple(
        replace(
            framework,
            measures=tuple(
                replace(m, series=tuple(replace(s, denominator="per 1,000 residents") for s in m.series))
                for m in framework.measures
            ),
        )
        for framework in SITE.frameworks
    ),
)


def rated(*rows: str):
    table = read_table("\n".join(rows).encode())
    return read_import(table, Provenance(source="people.csv"), site=RATED, as_at=date(2014, 10, 14))


@pytest.mark.parametrize("named", ["residents", "Residents", "population"])
@pytest.mark.parametrize("period", ["mid-2013", "Mid 2013", "mid-year 2013", "2013", "30 June 2013"])
def test_people_are_counted_in_the_middle_of_a_year(named, period):
    found = rated("series,area,period,as_at,value", f'{named},E22000164,{period},2014-06-26,"95,045"')
    ((figure,),) = (found.figures,)
    assert (figure.series, figure.area, figure.period, figure.value, figure.unit) == (
        *("residents", "E22000164", "mid-2013", 95045),
        "residents",
    )
    assert period_end(figure.period) == date(2013, 6, 30)


def test_people_may_stand_in_a_column_for_each_year():
    found = rated("Series,Area,Mid-2012,mid 2013,2014", "residents,Blaby,94656,95045,95964")
    assert [(figure.period, figure.value) for figure in found.figures] == [("mid-2012", 94656), ("mid-2013", 95045)]
    assert not found.refused


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("residents,E22000164,2013/14,2014-06-26,95045", "period"),
        ("residents,E22000164,mid-2014,2014-06-26,95045", "period"),
        ("residents,E22000164,mid-2013,2014-06-26,95045.5", "value"),
        ("residents,E22000999,mid-2013,2014-06-26,95045", "area"),
        ("households,E22000164,mid-2013,2014-06-26,40000", "series"),
        ("M11,E22000164,mid-2013,2014-06-26,40000", "period"),
    ],
)
def test_people_that_are_not_clear_are_refused(row, column):
    (refused,) = rated("series,area,period,as_at,value", row).refused
    assert refused.column == column


def test_a_column_of_people_beside_counts_is_no_series():
    found = rated("Area,Period,M11,Residents", "Blaby,2014/15-Q2,12,95045")
    assert [figure.series for figure in found.figures] == ["M11"]
    assert not found.refused


# The table of the whole country ------------------------------------------------------------------------

COUNTRY = (
    "Police Force Area code,Police Force Area name,Community Safety Partnership code,"
    "Community Safety Partnership name,Local Authority code,All crime,Domestic `burglary [note 2]"
)
ROWS = (
    "E23000021,Leicestershire [note 4],,,,97193,3100",
    "E23000021,Leicestershire,E22000164,Blaby,E07000129,6430,[u]",
    "E23000021,Leicestershire,,Unassigned Leicestershire,,8264,83",
    "E23000036,Avon and Somerset,E22000001,Bath and North East Somerset,E06000022,15657,695",
    "E23000036,Avon and Somerset,,,,167777,7043",
)


def test_of_the_whole_countrys_table_the_sites_rows_are_taken():
    told = lines("Table C2: year ending September 2014", COUNTRY, *ROWS)
    year = "12 months to 2014/15-Q2"
    assert told.values == [
        ("M11", "E23000021", year, "97193"),
        ("M12a", "E23000021", year, "3100"),
        ("M11", "E22000164", year, "6430"),
        ("M12a", "E22000164", year, None),
    ]
    assert told.refused == []
    assert told.found.remarks == ("3 rows are of areas that neither the site nor a comparison group has.",)


def test_a_countrys_table_without_an_area_of_the_site_says_so():
    told = lines("Table C2: year ending September 2014", COUNTRY, ROWS[3])
    assert told.refused == [(0, "", "No row is of an area of the site or of a comparison group.")]


@pytest.mark.parametrize(
    "title", ["Percentage change, year ending September 2014", "Rates per 1,000, 12 months to September 2014"]
)
def test_changes_and_rates_are_not_taken_for_counts(title):
    told = lines(title, "Area,M11,M12a", "Blaby,12,-26")
    assert told.found.figures == ()
    assert "Load the table of the counts" in told.refused[0][2]


# Where each was read -----------------------------------------------------------------------------------


def test_a_line_of_a_csv_file_is_the_files_own_whatever_its_cells_hold():
    told = lines("series,area,period,value,note", 'M11,Blaby,2014/15-Q1,5,"two', 'lines"', "M11,Blaby,2014/15-Q2,6,")
    assert [(f.provenance.sheet, f.provenance.cell) for f in told.found.figures] == [
        ("", "line 2, value"),
        ("", "line 4, value"),
    ]
    assert [taken.row for taken in told.found.taken] == [2, 3], "the rows are those that a spreadsheet numbers"


def test_a_figure_of_a_workbook_has_sheet_cell_and_the_files_hash():
    told = load(workbook(("History", [["series", "area", "2014/15-Q1", "2014/15-Q2"], ["M11", "Blaby", 5, 6]])))
    assert [(f.provenance.sheet, f.provenance.cell, f.provenance.attachment) for f in told.found.figures] == [
        ("History", "C2", "f" * 64),
        ("History", "D2", "f" * 64),
    ]
