"""Forms of every version that was ever out: what is read of them, what is said, and what goes back."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from csp_workflow.forms import layout
from csp_workflow.forms.reading import read_workbook
from csp_workflow.forms.writing import write_workbook
from csp_workflow.intake.case import Assignment
from csp_workflow.intake.checks.check_form import check_form, look_at_form
from csp_workflow.intake.checks.findings import Origin
from csp_workflow.intake.opening import read_reply
from csp_workflow.store.form_documents import load_form
from csp_workflow.terms.cells import FormVersion, seal_reference
from csp_workflow.terms.events import Decision, Request
from csp_workflow.terms.returns import FORM_VERSION, FormDefinition, ReadForm
from tests.intake.intake_factory import (
    CHARNWOOD,
    FORMS,
    KEY,
    LATER,
    Q2,
    after,
    came_back,
    cell,
    cycle,
    decided,
    facts,
    form_of,
    good,
    happened,
    kinds,
    mail,
    verdict,
)  # fmt: skip
from tests.shipped_checks import CHECKS

FOLDER = Path(__file__).parents[1] / "forms"
SHAPES = {"version1": 2, "version2": 3}
"""The forms that were committed when a version was new, with the shape of their definitions."""

FIRST, MINOR = FormVersion(1), FormVersion(FORM_VERSION.major, FORM_VERSION.minor - 1)
NEWER = (FormVersion(FORM_VERSION.major, FORM_VERSION.minor + 1), FormVersion(FORM_VERSION.major + 1))


def sent_as(version: FormVersion) -> FormDefinition:
    return form_of(CHARNWOOD, version=version)


def returned(form: FormDefinition, read: ReadForm | None = None, *more: Request) -> Decision:
    known = cycle(forms={**FORMS, "charnwood": form}, more_requests=more)
    return decided(mail(), facts(read or came_back(form, good()), cycles=(known,)))


def remarks(decision: Decision) -> str:
    (told,) = decision.letters[0].facts["returns"]
    return " ".join(told.remarks)


def fresh_form(decision: Decision) -> ReadForm:
    (letter,) = decision.letters
    (file,) = letter.attachments
    read = read_reply(read_workbook(file.data))
    assert isinstance(read, ReadForm)
    return read


def test_of_todays_form_nothing_is_said() -> None:
    decision = returned(sent_as(FORM_VERSION))
    assert (kinds(decision), remarks(decision), decision.requests) == (["receipt"], "", ())


def test_a_form_of_an_earlier_minor_version_is_taken_with_a_word_and_no_form_goes_back() -> None:
    decision = returned(sent_as(MINOR))
    assert happened(decision) == ["RECEIVED", "COMPLETE"]
    assert kinds(decision) == ["receipt"]
    assert f"Your form has layout {MINOR}, and today's is {FORM_VERSION}" in remarks(decision)
    assert not decision.requests
    assert not decision.letters[0].attachments


def test_a_complete_return_on_an_earlier_layout_brings_a_form_of_todays_with_all_of_its_figures() -> None:
    decision = returned(sent_as(FIRST))
    assert happened(decision) == ["RECEIVED", "COMPLETE"]
    assert kinds(decision) == ["receipt"]
    assert "Your form has an earlier layout (1)." in remarks(decision)
    (request,) = decision.requests
    assert (request.form.reference.form, request.form.reference.revision) == (FORM_VERSION, 2)
    read = fresh_form(decision)
    assert {row.ref: row.this_quarter.text for row in read.figures} == {
        "CHARN.L1": "43",
        "CHARN.L2": "72",
        "M11.1": "412",
    }
    assert next(row.status.text for row in read.figures if row.ref == "M11.1") == "Confirmed"
    assert [box.value.text for box in read.summary] == ["Two joint patrols were held."]
    assert "A. Lead" in {line.value.text for line in read.sign_off}
    again = decided(
        mail("Once more."), facts(read, cycles=(after(decision, cycle(forms={"charnwood": sent_as(FIRST)})),)), LATER
    )
    assert verdict(again) == "duplicate", "the form that went back says the same"


def test_a_faulty_return_on_an_earlier_layout_loses_nothing_that_a_cell_says() -> None:
    typed = good(
        figures={"CHARN.L1": "about forty", "CHARN.L2": 72},
        notes={"CHARN.L1": "From the wardens' book", "M11.1": "We count 399"},
        causes={"CHARN.L2": "Recording change"},
        statuses={"CHARN.L2": "Provisional", "M11.1": "Disputed"},
    )
    decision = returned(sent_as(FIRST), came_back(sent_as(FIRST), typed))
    assert kinds(decision) == ["correction"]
    (told,) = decision.letters[0].facts["returns"]
    said = " ".join(line.found for line in (*told.faults, *told.queries))
    rows = {row.ref: row for row in fresh_form(decision).figures}
    texts = {cell.text for row in rows.values() for cell in row.inputs} | {said}
    assert rows["CHARN.L1"].note.text == "From the wardens' book"
    assert (rows["CHARN.L2"].this_quarter.text, rows["CHARN.L2"].status.text) == ("72", "Provisional")
    assert rows["CHARN.L2"].drove_it.text == "Recording change"
    assert (rows["M11.1"].status.text, rows["M11.1"].note.text) == ("Disputed", "We count 399")
    assert any("about forty" in text for text in texts)


@pytest.mark.parametrize("version", NEWER, ids=str)
def test_a_form_of_a_later_layout_waits_for_the_office_which_can_have_it_read(version: FormVersion) -> None:
    said = str(seal_reference("CHARN", Q2.code, version, 1, key=KEY))
    read = came_back(FORMS["charnwood"], good(), reference=said)
    decision = returned(FORMS["charnwood"], read)
    assert (verdict(decision), decision.submissions) == ("held", ())
    assert decision.judgement is not None
    assert f"layout {version}, which is later than the {FORM_VERSION} of this program" in decision.judgement.reason
    assert "CHARN reads it all the same" in decision.judgement.reason
    word = Assignment(respondent="charnwood", by="co-ordinator@opcc.example", quarter=Q2)
    taken = decided(mail(), facts(read, assignment=word))
    assert verdict(taken) == "return"
    assert f"a later layout ({version})" in remarks(taken)


def test_a_form_that_lost_its_reference_is_read_as_the_one_that_was_laid_out_like_it() -> None:
    """A per cent beside an n: on today's form the same cells would be two counts."""
    share = {r.ref: replace(r, out_of="residents asked") for r in FORMS["charnwood"].figures if r.ref == "CHARN.L2"}
    first, now = (
        replace(form, figures=tuple(share.get(r.ref, r) for r in form.figures))
        for form in (sent_as(FIRST), form_of(CHARNWOOD, revision=2))
    )
    typed = good(counts={"CHARN.L2": (cell("J8"), cell("K8", 50))})
    typed = replace(typed, figures={**typed.figures, "CHARN.L2": 44})
    read = replace(came_back(first, typed), references=())
    decision = returned(first, read, Request(form=now, workbook="1" * 64))
    (figure,) = [f for f in decision.submissions[0].figures if f.series == "CHARN.L2"]
    assert (figure.value, figure.count, figure.base) == (44, 22, 50)


# The forms that were committed ------------------------------------------------------------------------


@pytest.mark.parametrize("version", SHAPES)
@pytest.mark.parametrize("name", ["joint", "contributor", "analyst"])
def test_a_form_of_every_version_is_found_row_by_row_as_it_was_sent(version: str, name: str) -> None:
    form = load_form((FOLDER / version / f"{name}.json").read_text(), SHAPES[version])
    read = read_reply(read_workbook((FOLDER / version / f"{name}.xlsx").read_bytes()))
    assert isinstance(read, ReadForm)
    assert layout.is_laid_out_as_before(read) is layout.is_of_before(form)
    asked = {layout.row_key(row.area.code, row.ref) for row in form.figures}
    assert asked <= {layout.row_key(row.area_code, row.ref) for row in read.figures}
    assert {box.ref for box in form.summary} == {box.ref for box in read.summary}
    seen = look_at_form(form, read, sent=None if layout.is_of_before(form) else read.sightings)
    origin = Origin(message="m", attachment="a", day=date(2014, 10, 20))
    assert not check_form(form, seen, origin, before={}, checks=CHECKS).parts.unrecorded


def map_of(data: bytes) -> list[tuple[object, ...]]:
    """Where each box of a form is and what it takes, as its hidden sheet says."""
    return [row[:4] for row in load_workbook(io.BytesIO(data))[layout.MAP].iter_rows(values_only=True)]


@pytest.mark.parametrize("name", ["joint", "contributor", "analyst"])
def test_the_boxes_of_a_major_version_stay_where_they_are(name: str) -> None:
    """Where this fails, the layout is another one: docs/how-to.md says what a new version takes."""
    form = load_form((FOLDER / f"version{FORM_VERSION.major}" / f"{name}.json").read_text(), SHAPES["version2"])
    now = write_workbook(form, created=datetime(2014, 10, 1, tzinfo=UTC))
    assert map_of(now) == map_of((FOLDER / f"version{FORM_VERSION.major}" / f"{name}.xlsx").read_bytes())
