"""Figures from files: what is clear is taken, what is not is refused with what to do, row by row."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal

import pytest
import xlsxwriter
from importing_told import SITE, TODAY, as_csv, file, lines, load, one, rewritten, workbook

from csp_workflow.forms import table
from csp_workflow.forms.refusals import SENTENCES
from csp_workflow.request.figures_cells import find_periods, parse_day
from csp_workflow.request.groups_file import read_import
from csp_workflow.terms.figures import FigureStatus

HEAD = "series,area,period,as_at,value,base,status,source,licence,illustrative"


def test_a_row_for_each_figure_is_taken_with_all_it_says():
    told = lines(
        HEAD,
        'M12a,E22000164,2011/12,2012-07-19,353,,final,"Home Office, open data",Licensed under the OGL,no',
        "M03a.1,E06000016,2014/15-Q1,2014-07-14,41.5,212,provisional,Public health,,yes",
    )
    first, second = told.found.figures
    assert (first.series, first.area, first.period, first.value) == ("M12a", "E22000164", "2011/12", Decimal(353))
    assert first.as_at == date(2012, 7, 19)
    assert first.provenance.source == "Home Office, open data"
    assert first.provenance.licence == "Licensed under the OGL"
    assert (first.provenance.cell, first.provenance.attachment) == ("line 2, value", "f" * 64)
    assert not first.provenance.illustrative
    assert (second.count, second.base, second.status) == (88, 212, FigureStatus.PROVISIONAL)
    assert second.provenance.illustrative
    assert [(t.row, t.sentence) for t in told.found.taken] == [
        (2, "M12a, Blaby, 2011/12: 353 (final, as at 19 Jul 2012)."),
        (3, "M03a.1, Leicester, 2014/15 Q1: 41.5 (88 of 212, provisional, as at 14 Jul 2014)."),
    ]


@pytest.mark.parametrize(
    ("value", "numerator", "base", "taken"),
    [
        ("37.5", "15", "40", ("37.5", 15, 40)),
        ("", "15", "40", ("37.5", 15, 40)),
        ("37.5", "", "40", ("37.5", 15, 40)),
        ("37", "15", "40", ("37", 15, 40)),
        ("62.5%", "", "5,000", ("62.5", None, 5000)),  # five whole numbers come to that
        ("2.5", "", "50", ("2.5", None, 50)),  # weighted: none does
        ("37.5", "", "", ("37.5", None, None)),
        ("37.5", "15", "", ("37.5", 15, None)),
    ],
)
def test_a_share_is_taken_with_its_counts_as_far_as_they_are_given(value, numerator, base, taken):
    place = {"series": "M03a.1", "area": "E06000016", "period": "2014/15-Q1"}
    (figure,) = one(value, **place, numerator=numerator, base=base).found.figures
    assert (figure.value, figure.count, figure.base) == (Decimal(taken[0]), *taken[1:])


@pytest.mark.parametrize(
    ("value", "status", "taken"),
    [
        ("", "provisional", "provisional"),
        ("", "", "final"),
        ("37.5", "estimated", "estimated"),
        ("[p]", "", "provisional"),
    ],
)
def test_the_counts_of_a_share_have_the_status_that_stands_beside_them(value, status, taken):
    place = {"series": "M03a.1", "area": "E06000016", "period": "2014/15-Q1"}
    (figure,) = one(value, **place, numerator="15", base="40", status=status).found.figures
    assert (figure.value, figure.count, figure.base, figure.status) == (Decimal("37.5"), 15, 40, taken)


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        ("M03a.1,E06000016,2014/15-Q1,,15,40,nil", "value", "0 per cent is not 15 of 40"),
        ("M03a.1,E06000016,2014/15-Q1,38.5,15,40,", "value", "38.5 per cent is not 15 of 40"),
        ("M03a.1,E06000016,2014/15-Q1,,41,40,", "numerator", "41 of 40 is no share"),
        ("M03a.1,E06000016,2014/15-Q1,,0,0,", "numerator", "0 of 0 is no share"),
        ("M03a.1,E06000016,2014/15-Q1,37.5,1.5,40,", "numerator", "The numerator is a whole number"),
        ("M03a.1,E06000016,2014/15-Q1,,2,40,suppressed", "numerator", "yet there is a numerator"),
        ("M11,E22000164,2014/15-Q1,12,3,,", "numerator", "M11 is no share in per cent"),
    ],
)
def test_counts_that_are_no_share_are_refused(line, column, says):
    told = lines("series,area,period,value,how many,out of,status", line)
    (refused,) = told.found.refused
    assert refused.column == column
    assert says in refused.sentence


def test_the_report_tells_every_row_in_order():
    told = lines(
        "series,area,period,value", "M11,Blaby,2014/15-Q2,1", "M99,Blaby,2014/15-Q2,2", "M11,Leicester,2014/15-Q2,3"
    )
    report = told.found.report()
    assert [(line["row"], line["taken"]) for line in report] == [(2, True), (3, False), (4, True)]
    assert all(line["sentence"].endswith((".", "?")) for line in report)


@pytest.mark.parametrize(
    "header",
    [
        "Ref;Area code;Quarter;Figure",
        "\ufeffSERIES\tCSP Name\tPeriod \tNumber of offences",
        "Measure,Community Safety Partnership code [note 2],Financial_Quarter,Offence Count",
    ],
)
def test_headers_are_known_by_several_names_and_separators(header):
    mark = max(",;\t", key=header.count)
    told = lines(header, mark.join(["M11", "E22000164", "2014/15-Q2", "412"]))
    assert told.values == [("M11", "E22000164", "2014/15-Q2", "412")]


def test_a_title_above_the_header_does_no_harm():
    told = lines("Recorded crime by area", "", "series,area,period,value", "M11,Blaby,2014/15-Q2,7")
    assert [t.row for t in told.found.taken] == [4]


def test_areas_by_series_are_read_with_the_period_stated_above():
    told = lines(
        "Extract for July to September 2014,,,",
        "Area,M11,Domestic burglary,Remarks",
        "Blaby,1312,106,x",
        "Hinckley & Bosworth,1299,,y",
    )
    assert told.values == [
        ("M11", "E22000164", "2014/15-Q2", "1312"),
        ("M12a", "E22000164", "2014/15-Q2", "106"),
        ("M11", "E22000167", "2014/15-Q2", "1299"),
    ]
    assert told.refused == []
    assert [f.provenance.cell for f in told.found.figures] == [
        "line 3, M11",
        "line 3, Domestic burglary",
        "line 4, M11",
    ]


def test_areas_by_series_with_a_period_in_each_row():
    told = lines("Area code,Period,M11", "E22000164,2013/14 Q1,10", "E22000164,2013/14 Q2,11")
    assert [value[2:] for value in told.values] == [("2013/14-Q1", "10"), ("2013/14-Q2", "11")]


def test_a_column_for_each_period():
    told = lines("Series,Area,2013/14 Q1,2013/14 Q2,2011/12", "M11,Blaby,10,11,40")
    assert [value[2:] for value in told.values] == [("2013/14-Q1", "10"), ("2013/14-Q2", "11"), ("2011/12", "40")]


def test_the_analysts_own_form_can_be_loaded_as_a_file():
    told = load(
        workbook(
            ("Start here", [["Force extract: July to September 2014"]]),
            (
                "Figures",
                [
                    ["Figures: July to September 2014"],
                    ["Return reference: FORCE-1415Q2-F1-R1-7K3M9QXA"],
                    [
                        "Area code",
                        "Area",
                        "Ref",
                        "Measure",
                        "2014/15 Q1",
                        "This quarter",
                        "Status",
                        "What drove it",
                        "Note",
                    ],
                    ["E06000016", "Leicester", "M03a.1", "Completions", "40", 41.5, "Provisional", "", ""],
                    ["E22000168", "Leicester", "M11", "All crime", "9,000", "9,100", "", "", ""],
                ],
            ),
        )
    )
    assert told.values == [
        ("M03a.1", "E06000016", "2014/15-Q2", "41.5"),
        ("M11", "E22000168", "2014/15-Q2", "9100"),
    ]
    assert told.found.figures[0].status is FigureStatus.PROVISIONAL


def test_a_years_column_and_a_quarters_column_make_one_period():
    told = lines("Financial Year,Financial Quarter,Area,Series,Offence Count", "2013/14,2,Blaby,M11,9")
    assert told.values == [("M11", "E22000164", "2013/14-Q2", "9")]


def test_figures_without_a_period_are_refused():
    told = lines("series,area,value", "M11,Blaby,412", "M11,Leicester,413")
    assert told.found.figures == ()
    assert [row for row, _, _ in told.refused] == [2, 3]
    assert all(column == "period" and "which period" in sentence for _, column, sentence in told.refused)


@pytest.mark.parametrize("said", ["July to December 2014", "2014/16", "2014/16 Q2", "2014"])
def test_what_is_no_quarter_and_no_financial_year_is_no_period(said):
    assert find_periods(said) == ()


@pytest.mark.parametrize("said", ["31/02/2014", "2014-13-01", "31 June 2014", "yesterday"])
def test_a_day_that_never_was_is_no_day(said):
    assert parse_day(said) is None


def test_of_an_empty_sheet_nothing_is_said():
    told = load(
        workbook(("Notes", []), ("S", [["series", "area", "period", "value"], ["M11", "Blaby", "2014/15-Q2", 5]]))
    )
    assert told.found.figures
    assert told.found.remarks == ()


def test_two_periods_above_a_table_state_none():
    told = lines("2013/14 Q2 and 2014/15 Q2", "Area,M11,M12a", "Blaby,1,2")
    assert "which period" in told.refused[0][2]


def test_the_undated_table_of_the_evidence_is_refused_row_by_row(shared):
    file = shared / "data" / "UNDATED_12_month_csp_counts_leics.csv"
    told = load(file.read_bytes(), file.name)
    assert told.found.figures == ()
    assert len(told.refused) == 10
    assert all("which period" in sentence for _, _, sentence in told.refused)


def test_a_table_that_names_no_series_is_refused():
    told = lines("Area,Period,Total,Other", "Blaby,2013/14,1,2")
    assert told.refused[0][1] == "series"
    assert "Add a column 'series'" in told.refused[0][2]


@pytest.mark.parametrize(
    ("changes", "column", "sentence"),
    [
        ({"series": "M12"}, "series", "There is no series 'M12'. Did you mean M12a?"),
        ({"series": "Domestic burglaries"}, "series", "Did you mean M12a (Domestic burglary)?"),
        ({"series": "M03e"}, "series", "told in words"),
        ({"series": ""}, "series", "names no series"),
        ({"area": "E2200016"}, "area", "There is no area 'E2200016'. Did you mean E22000168 (Leicester)?"),
        ({"area": "Unassigned Leicestershire"}, "area", "There is no area"),
        ({"area": ""}, "area", "names no area"),
        ({"series": "BLAB.L1", "area": "E22000168"}, "area", "counted for Blaby only"),
        ({"period": ""}, "period", "has no period"),
        ({"period": "2014"}, "period", "neither a quarter"),
        ({"period": "2014/16-Q1"}, "period", "neither a quarter"),
        ({"period": "2014-12-01"}, "period", "Excel may have changed it into a date"),
        ({"period": "2014/15-Q3"}, "period", "had not ended on 14 Oct 2014"),
        ({"period": "2014/15"}, "period", "had not ended"),
        ({"as_at": "2014-10-15"}, "as_at", "later than today"),
        ({"as_at": "last week"}, "as_at", "is not a day"),
        ({"as_at": "2014-09-01"}, "period", "had not ended on 1 Sep 2014"),
        ({"value": "c. 35"}, "value", "not one plain number"),
        ({"value": "<5"}, "value", "not one plain number"),
        ({"value": "1.204,5"}, "value", "not one plain number"),
        ({"value": "NaN"}, "value", "not one plain number"),
        ({"value": "1e3"}, "value", "not one plain number"),
        ({"value": "12%"}, "value", "not one plain number"),
        ({"value": "12.5"}, "value", "A count is a whole number"),
        ({"value": ""}, "value", "There is no figure"),
        ({"value": "", "status": "final"}, "value", "There is no figure"),
        ({"value": "3", "status": "suppressed"}, "status", "yet there is a figure"),
        ({"status": "guessed"}, "status", "There is no status 'guessed'"),
        ({"value": "-3"}, "value", "only with a note"),
        ({"base": "many"}, "base", "whole number"),
        ({"illustrative": "perhaps"}, "illustrative", "Write yes or no"),
        ({"series": "M03a.1", "area": "Leicester", "value": "101"}, "value", "between 0 and 100"),
    ],
)
def test_what_is_not_clear_is_refused_with_what_to_do(changes, column, sentence):
    told = one(**changes)
    assert told.found.figures == ()
    ((row, where, said),) = told.refused
    assert (row, where) == (2, column)
    assert sentence in said


@pytest.mark.parametrize(
    ("typed", "value"),
    [("1,204", "1204"), (" 412 ", "412"), ("412.0", "412.0"), ("0", "0"), ("12,345,678", "12345678")],
)
def test_numbers_typed_as_text_are_understood(typed, value):
    assert one(typed).values[0][3] == value


@pytest.mark.parametrize("typed", ["41.5", "41.5%", "41.5 %"])
def test_a_per_cent_is_a_plain_number(typed):
    assert one(typed, series="M03a.1", area="E06000016").values == [("M03a.1", "E06000016", "2014/15-Q2", "41.5")]


def test_a_cost_may_have_its_sign():
    assert one("£41,500", series="M17b", area="E23000021").values[0][3] == "41500"


def test_a_figure_below_none_is_taken_with_a_note_that_says_why():
    told = one("-3", note="Crimes cancelled later.")
    assert told.values[0][3] == "-3"
    assert told.found.figures[0].note == "Crimes cancelled later."
    assert told.refused == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"value": "[x]"}, FigureStatus.NOT_AVAILABLE),
        ({"value": "[c]"}, FigureStatus.SUPPRESSED),
        ({"value": "n/a"}, FigureStatus.NOT_APPLICABLE),
        ({"value": "", "status": "not yet knowable"}, FigureStatus.NOT_YET_KNOWABLE),
        ({"value": "", "status": "Suppressed (small number)"}, FigureStatus.SUPPRESSED),
    ],
)
def test_no_figure_for_a_stated_reason_is_taken_as_that_and_never_as_none(changes, status):
    (figure,) = one(**changes).found.figures
    assert figure.status is status
    assert figure.value is None


def test_nil_is_none():
    (figure,) = one("", status="nil").found.figures
    assert (figure.value, figure.status) == (Decimal(0), FigureStatus.NIL)


def test_a_name_that_two_areas_have_means_the_one_the_series_is_counted_for():
    assert one(area="Leicester").values[0][1] == "E22000168"
    assert one("5", area="Leicester", series="M03a.1").values[0][1] == "E06000016"
    told = one("5", area="Leicester", series="M17b")
    assert "E22000168 or E06000016" in told.refused[0][2]


def test_a_row_without_an_as_at_day_gets_the_days_and_other_spellings_are_read():
    assert one().found.figures[0].as_at == TODAY
    for text in ("2014-10-13", "13/10/2014", "13 October 2014", "13th Oct 2014"):
        assert one(as_at=text).found.figures[0].as_at == date(2014, 10, 13)


def test_the_same_figure_twice_is_refused_the_second_time_and_another_as_at_day_is_another_figure():
    told = lines(
        "series,area,period,as_at,value",
        "M11,Blaby,2014/15-Q1,2014-07-14,412",
        "M11,E22000164,2014/15 Q1,14/07/2014,412",
        "M11,Blaby,2014/15-Q1,2014-08-14,431",
    )
    assert [value[3] for value in told.values] == ["412", "431"]
    assert told.refused == [(3, "value", "The file gives this figure already, in row 2.")]


def test_the_files_name_stands_as_source_where_none_is_given():
    assert (
        load(b"series,area,period,value\nM11,Blaby,2014/15-Q2,1\n", "extract.csv").found.figures[0].provenance.source
        == "extract.csv"
    )


def test_accents_and_old_code_pages_are_read():
    told = load("series;area;period;value;note\nM11;Blaby;2014/15-Q2;-1;Caf\xe9 \x96 cancelled".encode("latin-1"))
    assert told.found.figures[0].note.startswith("Caf\xe9 \N{EN DASH}")
    assert load("series,area,period,value\nM11,Blaby,2014/15-Q2,1".encode("utf-16")).values


# Excel -------------------------------------------------------------------------------------------


def test_an_excel_file_is_read_with_its_dates_numbers_and_sheet():
    rows = [
        ["series", "area", "period", "as at", "value"],
        ["M11", "E22000164", "2014/15-Q2", datetime(2014, 10, 13), 1204.0],
    ]
    told = load(workbook(("Notes", [["Read me"]]), ("Extract", rows)), "extract.xlsx")
    (figure,) = told.found.figures
    assert (figure.value, figure.as_at) == (Decimal(1204), date(2014, 10, 13))
    assert (figure.provenance.sheet, figure.provenance.cell) == ("Extract", "E2")
    assert told.found.remarks == ("The sheet 'Notes' was not read: no row in it names the columns.",)


def test_a_cell_formatted_as_per_cent_is_read_as_people_see_it():
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["series", "area", "period", "value"])
        sheet.write_row(1, 0, ["M03a.1", "E06000016", "2014/15-Q2"])
        sheet.write_number(1, 3, 0.415, made.add_format({"num_format": "0.0%"}))
    assert load(book.getvalue()).values == [("M03a.1", "E06000016", "2014/15-Q2", "41.5")]


def test_a_formula_counts_with_its_saved_result_and_is_refused_without():
    head = ["series", "area", "period", "value"]
    unsaved = workbook(("S", [head, ["M11", "Blaby", "2014/15-Q2", "=1+1"], ["M11", "Leicester", "2014/15-Q2", 7]]))
    told = load(unsaved)
    assert [value[3] for value in told.values] == ["7"]
    assert told.refused == [
        (2, "value", "The cell holds a formula without a saved result. Put the figure itself there.")
    ]
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, head)
        sheet.write_row(1, 0, ["M11", "Blaby", "2014/15-Q2"])
        sheet.write_formula(1, 3, "=1+1", None, 2)
        sheet.write_row(2, 0, ["M11", "Leicester", "2014/15-Q2"])
        sheet.write_formula(2, 3, "=1/0", None, "#DIV/0!")
    told = load(book.getvalue())
    assert [value[3] for value in told.values] == ["2"]
    assert told.refused[0][0] == 3
    assert "an Excel error" in told.refused[0][2]


def test_the_same_figure_on_two_sheets_is_refused_the_second_time():
    rows = [["series", "area", "period", "value"], ["M11", "Blaby", "2014/15-Q2", 5]]
    told = load(workbook(("One", rows), ("Two", rows)))
    assert len(told.found.figures) == 1
    assert told.refused[0][2] == "The file gives this figure already, in row 2 of 'One'."
    assert [line["sheet"] for line in told.found.report()] == ["One", "Two"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"%PDF-1.4 a page", "PDF"),
        (b"PK\x03\x04 not a zip", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "damaged"),
        (b"<html><body>A page</body></html>", "web page"),
        (b"just words", "No table of figures was found"),
        (b"series,area,period,value", "No table of figures was found"),
    ],
)
def test_a_file_that_is_no_table_is_refused_as_a_whole(data, sentence):
    told = load(data)
    assert told.found.figures == ()
    ((row, _, said),) = told.refused
    assert row == 0
    assert sentence in said


def test_a_workbook_that_cannot_be_opened_is_refused_with_what_to_do():
    whole = workbook(("S", [["series", "area", "period", "value"], ["M11", "Blaby", "2014/15-Q2", 5]]))
    strict = whole
    for part in (b"spreadsheetml", b"officeDocument"):
        strict = rewritten(strict, b"schemas.openxmlformats.org/" + part + b"/2006", b"purl.oclc.org/ooxml/" + part)
    twice = rewritten(whole, more=(("XL/workbook.xml", b"<x/>"),))
    broken = rewritten(whole, b"</worksheet>")
    declaring = rewritten(whole, b"<worksheet ", b'<!DOCTYPE x [<!ENTITY a "lol">]><worksheet ')
    beside = rewritten(whole, more=(("docProps/custom.xml", b'<!DOCTYPE x [<!ENTITY a "lol">]><x/>'),))
    hostile = ((twice, "hostile"), (declaring, "hostile"), (beside, "hostile"))
    for data, reason in ((strict, "strict"), *hostile, (broken, "damaged")):
        ((row, _, said),) = load(data).refused
        what = SENTENCES[reason].partition(". ")[0]
        assert (row, said) == (0, f"{what}. Figures are loaded from Excel (.xlsx) or CSV.")


def test_a_file_of_too_many_rows_is_refused_as_a_whole(monkeypatch):
    monkeypatch.setattr(table, "ROWS", 2)
    rows = ["series,area,period,value", "M11,E22000164,2014/15-Q2,5"]
    assert load("\n".join(rows).encode()).found.figures
    told = load("\n".join([*rows, "M12a,E22000164,2014/15-Q2,6"]).encode())
    assert told.found.figures == ()
    assert "more than 2 rows" in told.refused[0][2]


def test_what_the_sandbox_answers_is_read_and_its_silence_refused():
    cells = [["series", "area", "period", "value"], ["M11", "Blaby", "2014/15-Q2", "5"]]
    sheet = {"name": "", "rows": [{"row": n, "cells": row, "faults": {}} for n, row in enumerate(cells, start=1)]}
    assert read_import({"sheets": [sheet]}, file("x.csv"), site=SITE, as_at=TODAY).figures
    lost = read_import(None, file("x.csv"), site=SITE, as_at=TODAY)
    assert "could not be opened" in lost.refused[0].sentence


def test_what_is_written_is_read_again_the_same():
    told = one(
        "-3", note='A "note", with a comma', as_at="2014-10-02", base="7", status="estimated", source="S", licence="L"
    )
    again = load(as_csv(told.found.figures))
    assert [(f.value, f.base, f.status, f.note, f.as_at) for f in again.found.figures] == [
        (f.value, f.base, f.status, f.note, f.as_at) for f in told.found.figures
    ]
