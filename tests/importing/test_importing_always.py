"""Whatever a file holds: the importer never raises, accounts for every figure, and takes none it cannot vouch for."""

from __future__ import annotations

import json
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from importing_told import SITE, TODAY, file, load, workbook

from csp_workflow.forms import table
from csp_workflow.forms.table import read_table
from csp_workflow.request.figures_cells import find_periods, read_period
from csp_workflow.request.groups_file import read_import
from csp_workflow.terms.dates import period_end

SAID = (
    "series|area|period|as_at|value|status|note|financial year|quarter|M11|M12a|Blaby|E22000164|2014/15-Q2|2011/12|"
    "412|1,204|-3|12%|2|final|nil|[x]|2014-10-01|"
)
WORDS = st.one_of(st.sampled_from(SAID.split("|")), st.text(max_size=12))
TABLES = st.lists(st.lists(WORDS, max_size=8), max_size=12)


def as_rows(cells):
    return [{"row": n, "cells": row, "faults": {}} for n, row in enumerate(cells, start=1)]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data):
    found = load(data).found
    assert found.figures or found.refused
    json.dumps(read_table(data))


@given(st.text(max_size=300), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_any_text_is_read_or_refused(text, encoding):
    assert load(("series,area,period,value\n" + text).encode(encoding, "replace")).found.report() is not None


@given(TABLES)
def test_any_table_is_accounted_for_and_nothing_is_taken_twice_or_from_the_future(cells):
    found = read_import({"sheets": [{"name": "S", "rows": as_rows(cells)}]}, file("f"), site=SITE, as_at=TODAY)
    assert len(found.taken) == len(found.figures)
    assert len(found.report()) == len(found.taken) + len(found.refused)
    keys = Counter((f.series, f.area, f.period, f.as_at) for f in found.figures)
    assert not keys or max(keys.values()) == 1
    for figure in found.figures:
        assert period_end(figure.period) <= figure.as_at <= TODAY
        assert (figure.value is not None) is figure.status.has_value


@given(
    st.dictionaries(
        st.sampled_from(["sheets", "refused", "x"]), st.one_of(st.text(max_size=5), st.just([])), max_size=2
    )
)
def test_an_odd_reply_is_refused(reply):
    assert read_import(reply, file("f"), site=SITE, as_at=TODAY).figures == ()


@given(st.text(max_size=40))
def test_a_period_is_one_or_none(text):
    found = read_period(text)
    assert found == "" or find_periods(text) == (found,)
    if found:
        assert read_period(found) == found
        assert period_end(found).year >= 1900


def test_of_a_workbook_with_a_cell_at_the_far_end_only_so_many_rows_are_looked_at(monkeypatch):
    import io

    from openpyxl import load_workbook

    monkeypatch.setattr(table, "ROWS", 500)
    book = load_workbook(
        io.BytesIO(workbook(("S", [["series", "area", "period", "value"], ["M11", "Blaby", "2014/15-Q2", 5]])))
    )
    book["S"]["XFD1048576"] = "far"
    out = io.BytesIO()
    book.save(out)
    assert len(load(out.getvalue()).found.figures) == 1
