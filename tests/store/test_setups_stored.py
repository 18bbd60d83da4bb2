"""What was set up by workbook is stored in one shape, reads back as it was, and refuses a shape it does not know."""

from __future__ import annotations

from datetime import date

import pytest

from csp_workflow.store.setups import dump_changes, make_setup_row, read_changes, read_setup
from csp_workflow.store.stored_shape import DocumentUnreadable
from csp_workflow.terms.setup import Setup, SetupChange, SetupPlace

PLACE = SetupPlace(file="partnerships.toml", lists=("partnerships", "contacts"), within="melton")
NEW = {"name": "2014-11-03", "valid_from": date(2014, 11, 3), "also": ["a@b.example"], "cancelled": False}
SETUP = Setup(
    content="c",
    changes=(
        SetupChange(place=PLACE, was=None, now=NEW),
        SetupChange(place=PLACE, was={"priorities": [3, 8]}, now=None),
    ),
)
STORED = (
    '{"changes":[{"file":"partnerships.toml","lists":["partnerships","contacts"],"within":"melton","was":null,'
    '"now":{"name":"2014-11-03","valid_from":{"day":"2014-11-03"},"also":["a@b.example"],"cancelled":false}},'
    '{"file":"partnerships.toml","lists":["partnerships","contacts"],"within":"melton","was":{"priorities":[3,8]},'
    '"now":null}]}'
)
"""As the first shape is stored; it never changes."""


def test_what_was_applied_reads_back_as_it_was() -> None:
    assert dump_changes(SETUP.changes) == STORED
    assert read_changes(STORED) == SETUP.changes
    assert read_setup(make_setup_row(SETUP)) == SETUP


def test_another_shape_is_refused() -> None:
    row = make_setup_row(SETUP)
    for said in (STORED.replace('"was"', '"before"'), "{}", "no JSON"):
        row.changes = said
        with pytest.raises(DocumentUnreadable):
            read_setup(row)
    row.changes_shape = 2
    with pytest.raises(DocumentUnreadable):
        read_setup(row)
