"""What is read inside the child is what is read outside: a library may want to import more, and finds no file there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from csp_workflow.intake import opening
from csp_workflow.sandbox import Sandbox
from csp_workflow.terms.site import Limits
from tests.pathologies.books import FILES

MESSAGES = Path(__file__).parent.parent / "pathologies" / "messages"


@pytest.fixture(scope="module")
def sandbox():
    made = Sandbox(limits=Limits())
    yield made
    made.close()


def test_reports_that_somebody_saved(sandbox):
    """Bounces and receipts, whose parts the e-mail library has to write out again."""
    saved = [place.read_bytes() for place in sorted(MESSAGES.glob("*.eml"))]
    reports = [data for data in saved if b"multipart/report" in data]
    assert reports
    for data in reports:
        assert_same(sandbox, data)


@pytest.mark.parametrize("name", FILES)
def test_files_of_every_kind(sandbox, name):
    assert_same(sandbox, FILES[name]("charnwood"))


def assert_same(sandbox, data):
    inside = sandbox.run(opening.READER, data)
    assert (inside.end, inside.value) == (None, json.loads(json.dumps(opening.read_file(data))))
