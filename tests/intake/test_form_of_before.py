"""A form of the first layout that was out when the layout changed: it is read and checked; a new one goes back."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from csp_workflow.forms import layout
from csp_workflow.forms.reading import read_workbook
from csp_workflow.intake.checks.findings import Origin
from csp_workflow.intake.opening import read_reply
from csp_workflow.intake.outcomes.laying import make_fresh_form
from csp_workflow.intake.outcomes.merging import Sender, merge_form
from csp_workflow.intake.outcomes.settling import settle_form
from csp_workflow.store.form_documents import load_form
from csp_workflow.terms.returns import FORM_VERSION, ReadForm, Submission
from tests.opened_books import open_book
from tests.shipped_checks import CHECKS, check_form

FOLDER = Path(__file__).parents[1] / "forms" / "version1"
NOW = datetime(2014, 10, 20, 9, tzinfo=UTC)
ORIGIN = Origin(message="m", attachment="a", day=date(2014, 10, 20))
PEOPLE = ("Two joint patrols were held in August, and the visits to farms went on.", "A. Lead")


def sent_in(name):
    """A form of the first layout as it comes back: its definition, and what is read in it."""
    form = load_form((FOLDER / f"{name}.json").read_text(), 2)
    book = open_book((FOLDER / f"{name}.xlsx").read_bytes())
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=7):
            heads = {cell.value: row[cell.column - 1] for cell in sheet[6] if cell.column <= len(row)}
            what = heads["What to do"].value if "What to do" in heads else ""
            if what == "Confirm or dispute":
                heads["Status"].value = "Confirmed"
            if what in {"Fill in", "Optional"}:
                heads["Status"].value = "Provisional"
                is_share = "How many" in heads and heads["How many"].value is None
                typed = {"How many": 15, "Out of how many": 40} if is_share else {"This quarter": 43}
                for header, number in typed.items():
                    heads[header].value = number
            if "What happened" in heads and heads["Ref"].value:
                heads["What happened"].value = f"{heads['Ref'].value}: {PEOPLE[0]}"
            if "Your answer" in heads and heads["Ref"].value:
                heads["Your answer"].value = "Agreed."
    book["Sign-off"]["B7"] = PEOPLE[1]
    out = io.BytesIO()
    book.save(out)
    read = read_reply(read_workbook(out.getvalue()))
    assert isinstance(read, ReadForm)
    return form, read


@pytest.mark.parametrize("name", ["joint", "contributor", "analyst"])
def test_it_is_read_and_checked_by_what_it_asked(name):
    form, read = sent_in(name)
    found = check_form(form, read, ORIGIN, before={}, checks=CHECKS)
    assert [(f.code, f.key) for f in found.parts.findings] == []
    asked = {(row.area.code, row.ref) for row in layout.list_own(form)}
    assert {(figure.area, figure.series) for figure in found.parts.figures} == asked
    assert any("earlier layout" in remark for remark in found.parts.remarks)


def test_a_share_of_it_is_its_two_counts():
    form, read = sent_in("contributor")
    figures = check_form(form, read, ORIGIN, before={}, checks=CHECKS).parts.figures
    assert {(f.value and float(f.value), f.count, f.base) for f in figures} == {(37.5, 15, 40)}


def submit(form, read):
    """The first version of a return, as such a form makes it."""
    merged = merge_form(form, read, Sender(may_change=bool, removing=()), accepted=None, base=None)
    checked = check_form(form, merged.read, ORIGIN, before={}, checks=CHECKS)
    settled = settle_form(form, checked, merged, None, version=1, say=str)
    return Submission(
        id="s", quarter=form.quarter, respondent=form.respondent, sequence=1, content="c", message="m", attachment="a",
        revision=1, received=NOW, sender="lead@example.org", findings=settled.checked.parts.findings,
        inputs=settled.inputs,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["joint", "contributor"])
def test_what_goes_back_is_of_the_new_layout_with_all_that_was_typed(name):
    form, read = sent_in(name)
    checked = check_form(form, read, ORIGIN, before={}, checks=CHECKS)
    request, workbook = make_fresh_form(form, (submit(form, read),), revision=2, key=b"a key for tests", now=NOW)
    assert request.form.reference.form == FORM_VERSION
    back = read_reply(read_workbook(workbook.data))
    assert isinstance(back, ReadForm)
    again = check_form(request.form, back, ORIGIN, before={}, checks=CHECKS)
    assert [(f.code, f.key) for f in again.parts.findings] == []
    values = [
        {(f.area, f.series): (f.value, f.count, f.base, f.status) for f in one.parts.figures}
        for one in (checked, again)
    ]
    assert values[0] == values[1]
    assert [n.text for n in again.parts.narratives] == [n.text for n in checked.parts.narratives]


def test_a_per_cent_of_it_goes_back_as_a_per_cent():
    form, read = sent_in("contributor")
    blank = read.figures[0].drove_it
    rows = tuple(
        type(row)(**{**vars(row), "how_many": type(blank)(**{**vars(row.how_many), "type": blank.type, "text": ""}),
                     "this_quarter": type(blank)(**{**vars(row.how_many), "text": "37.5"})})
        for row in read.figures
    )  # fmt: skip
    old = type(read)(**{**vars(read), "figures": rows})
    request, workbook = make_fresh_form(form, (submit(form, old),), revision=2, key=b"a key for tests", now=NOW)
    back = read_reply(read_workbook(workbook.data))
    assert isinstance(back, ReadForm)
    figures = check_form(request.form, back, ORIGIN, before={}, checks=CHECKS).parts.figures
    assert {(f.value and float(f.value), f.count, f.base) for f in figures} == {(37.5, 15, 40)}
