"""A set of measures is stored once, reads back as it was, and refuses a shape it does not know."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from csp_workflow.store import measures
from csp_workflow.store.stored_shape import DocumentUnreadable
from csp_workflow.store.words import StoredWordUnknown
from csp_workflow.terms.figures import Break
from tests.terms.test_measure_sets import a_set


def test_a_set_reads_back_as_it_was() -> None:
    one = a_set(keep=2)
    series = replace(one.measures[0].series, broken=Break(day=date(2014, 10, 1), reason="Agreed anew"))
    whole = replace(one, measures=(replace(one.measures[0], series=series, counted_by="The analyst"),))
    assert measures.read_set(measures.make_set_row(whole)) == whole


def test_another_shape_or_word_is_refused() -> None:
    row = measures.make_set_row(a_set())
    said = row.measures
    for change, fault in ((("kind", "guess"), StoredWordUnknown), (("lag", 1), DocumentUnreadable)):
        other = json.loads(said)
        other["measures"][0]["series"][change[0]] = change[1]
        row.measures = json.dumps(other)
        with pytest.raises(fault):
            measures.read_set(row)
    row.measures, row.measures_shape = said, 9
    with pytest.raises(DocumentUnreadable):
        measures.read_set(row)
