"""What is written is read back, cell by cell, whatever somebody typed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from form_factory import CREATED, analyst_form, contributor_form, joint_form
from hypothesis import given, settings
from hypothesis import strategies as st
from returning import figures_by_key, found, numbered

from csp_workflow.forms import layout
from csp_workflow.forms.draft import clean_for_cell
from csp_workflow.forms.reading import read_workbook
from csp_workflow.forms.writing import write_workbook
from csp_workflow.intake.opening import read_reply
from csp_workflow.terms.cells import CellType
from csp_workflow.terms.queries import Filled

FORMS = {"partnership": joint_form, "contributor": contributor_form, "analyst": analyst_form}
TYPED = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["1,204", "12%", "n/a", "nil", "c. 35", "<5", "12 (est)", "=1+1", " 35 ", "0", "-3", "1.50", "#N/A"]
    ),
    st.decimals(-1000, 100000, places=2).map(str),
    st.integers(0, 10**9).map(str),
)


@pytest.mark.parametrize("kind", FORMS)
def test_every_row_and_box_of_a_form_is_found_with_its_keys(kind):
    form = FORMS[kind]()
    back = found(write_workbook(form, created=CREATED))
    police = [(area, row.ref if row else layout.ALL) for area, row in layout.list_all_rows(form)]
    own = [(row.area.code, row.ref) for row in layout.list_own(form)]
    assert [(r.area_code, r.ref) for r in back.figures] == own + police
    assert [r.ref for r in back.summary] == [r.ref for r in form.summary]
    assert [r.ref for r in back.actions] == [r.ref for r in form.actions]
    assert {r.ref for r in back.sign_off} == {r.label for r in layout.SIGN_OFF_ROWS}
    assert not back.missing_headers
    assert not back.remarks
    assert {text for _, text in back.references} == {str(form.reference)}


@pytest.mark.parametrize("kind", FORMS)
def test_an_untouched_form_comes_back_blank_where_people_type(kind):
    form = FORMS[kind]()
    back = found(write_workbook(form, created=CREATED))
    for row in back.figures:
        assert row.this_quarter.is_blank == (row.sheet == layout.FIGURES)
        assert row.status.is_blank
        assert row.ref == layout.ALL or row.named == row.this_quarter.cell
    assert all(text.value.is_blank and (text.extra is None or text.extra.is_blank) for text in back.summary)


def test_the_reference_is_found_in_seven_places():
    wheres = " ".join(where for where, _ in found(write_workbook(joint_form(), created=CREATED)).references)
    for place in (
        "A2 of 'Police figures'",
        "A2 of '_return'",
        "footer",
        "name return_reference",
        "file prop",
        "custom prop",
    ):
        assert place in wheres


def test_a_police_figure_comes_back_with_its_neighbours_for_cross_checks():
    row = next(r for r in found(write_workbook(joint_form(), created=CREATED)).figures if r.ref == "M11")
    assert row.this_quarter.type is CellType.NUMBER
    assert row.this_quarter.text == "1204"
    neighbours = dict(row.neighbours)
    assert neighbours[layout.MEASURE] == "All crime"
    assert neighbours["Same quarter last year (2013/14 Q2)"] == "1235"
    assert neighbours["Last quarter (2014/15 Q1)"] == "1208"


@settings(max_examples=25)
@given(st.lists(TYPED, min_size=4, max_size=4), st.lists(st.text(max_size=200), min_size=3, max_size=3))
def test_whatever_is_typed_is_read_back(figures, texts):
    form = contributor_form()
    rows = form.figures[:2]
    values = [
        (layout.FIGURES, f"{row.area.code} {row.ref}", layout.THIS_QUARTER, t)
        for row, t in zip(rows, figures, strict=False)
    ]
    values += [
        (layout.FIGURES, f"{row.area.code} {row.ref}", layout.NOTE, t) for row, t in zip(rows, figures[2:], strict=True)
    ]
    values += [("Summary", "M03f", "What happened", texts[0]), ("Summary", "M03f", "What you will do next", texts[1])]
    values += [("Sign-off", "Completed by", "Your entry", texts[2])]
    back = found(write_workbook(form, created=CREATED, filled=Filled(values=tuple(values))))
    for row, typed, note in zip(back.figures, figures[:2], figures[2:], strict=True):
        assert row.this_quarter.type in {CellType.NUMBER, CellType.TEXT, CellType.BLANK}
        if row.this_quarter.type is CellType.NUMBER:
            assert float(row.this_quarter.text) == float(clean_for_cell(typed))
        else:
            assert row.this_quarter.text == clean_for_cell(typed)
        assert row.note.text == clean_for_cell(note)
    assert back.summary[0].value.text == clean_for_cell(texts[0])
    assert back.summary[0].extra.text == clean_for_cell(texts[1])
    signed = {line.ref: line.value.text for line in back.sign_off}
    assert signed[layout.COMPLETED_BY] == clean_for_cell(texts[2])


def test_the_child_s_reply_survives_json():
    _, data = numbered()
    reply = json.loads(json.dumps(read_workbook(data)))
    assert read_reply(reply) == found(data)


@pytest.mark.parametrize("reply", [None, {}, {"form": {"figures": "x"}}, {"form": 3}, {"unreadable": 1}, [], "x"])
def test_a_reply_that_makes_no_sense_is_ours(reply):
    assert read_reply(reply).reason == "ours"


def test_a_correction_form_s_own_notes_are_not_taken_for_the_sender_s():
    from csp_workflow.terms.queries import Mark

    mark = Mark(
        sheet=layout.FIGURES, key="E07000129 BLABHIN.L1", column="This quarter", sentence="Mend it.", is_fault=True
    )
    back = found(write_workbook(joint_form(revision=2), created=CREATED, filled=Filled(marks=(mark,))))
    assert not any(row.this_quarter.note for row in back.figures)


def test_two_areas_with_the_same_ref_have_no_twins():
    form, data = numbered(replace(joint_form(), figures=analyst_form(3).figures))
    back = figures_by_key(found(data))
    assert len(back) == len(form.figures) == 24
    assert list(back.values()) == [str(101 + n) for n in range(24)]
