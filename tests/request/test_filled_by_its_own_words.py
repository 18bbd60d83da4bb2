"""Every form of the shipped configuration, filled by what it says itself, comes back with nothing to ask."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from csp_workflow import settings
from csp_workflow.forms import layout
from csp_workflow.forms.reading import read_workbook
from csp_workflow.forms.still_to_do import is_to_do
from csp_workflow.forms.writing import write_workbook
from csp_workflow.intake.checks.findings import Origin
from csp_workflow.intake.opening import read_reply
from csp_workflow.rehearsal import illustrate
from csp_workflow.request import calendar
from csp_workflow.request.form import define_form
from csp_workflow.terms.checks import Check, CheckOutcome
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import MeasureKind, list_comparable
from csp_workflow.terms.queries import Filled
from csp_workflow.terms.returns import EarlierNarrative, ReadForm
from csp_workflow.terms.waivers import Waiver
from tests.shipped_checks import CHECKS, check_form

CONFIG = Path(__file__).parents[2] / "config"
Q2 = Quarter(2014, 2)
CREATED = datetime(2014, 10, 15, 9, tzinfo=UTC)
ROUNDS = 4
"""Typing a figure may bring the question why it is not as usual."""

ANSWERS = {
    "Type the figure": {layout.THIS_QUARTER: "7"},
    "Type how many": {layout.THIS_QUARTER: "7", layout.OUT_OF: "10"},
    "Above usual": {layout.DROVE_IT: "More reporting"},
    "Below usual": {layout.NOTE: "The team had a vacancy all summer."},
    "Choose Confirmed": {layout.CONFIRM: layout.CONFIRMED},
    layout.CONFIRM: {layout.CONFIRM: layout.CONFIRMED},
    "Choose a quick answer": {layout.QUICK: "Nothing new"},
    "Write a line or two": {layout.HAPPENED: "Two joint patrols for {key} were held with licensed premises in August."},
    "Say how the promise stands": {layout.PROMISE_NOW: "Kept"},
    "Answer, or choose": {layout.ANSWER: "The visits were made in August."},
    "Type your name": {layout.ENTRY: "A. Lead"},
}
"""What somebody does who reads the last column of a row, by its first words."""


@pytest.fixture(scope="module")
def site():
    return settings.load(CONFIG, environment={})[0]


@pytest.fixture(scope="module")
def forms(site):
    return define_forms(site)


def define_forms(site, *, is_known=True, times=1):
    """The forms of every respondent of a site, with figures that are made up, those of the extract so many times."""
    draw = random.Random(5).random
    extract = (replace(f, value=f.value and f.value * times) for f in illustrate.make_extract(site, Q2, draw=draw))
    figures = (*illustrate.make_history(site, Q2, draw=draw), *extract) if is_known else ()
    known = KnownFigures(list_comparable(figures, site.framework(Q2), Q2), date(2014, 10, 14))
    dates = calendar.plan_quarter(Q2, site)
    last = {"ref": "T1", "quarter": Q2.previous, "sheet": "Summary", "cell": "G7"}
    return [
        define_form(
            respondent, Q2, site=site, dates=dates, figures=known, revision=1, key=b"a key for tests",
            narratives={"T1": (EarlierNarrative(**last, text="We met.", promise="More.", respondent=respondent.key),)},
        )
        for respondent in site.respondents
    ]  # fmt: skip


def list_to_do(data):
    """What each row says is still to do, by its sheet and key."""
    for sheet in load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets:
        lines = sheet.iter_rows(min_row=6, values_only=True)
        heads = next(lines, ())
        if layout.STILL_TO_DO not in heads or sheet.title == layout.START:
            continue
        for row in lines:
            line = dict(zip(heads, row, strict=False))
            key = " ".join(str(line[h]) for h in (layout.AREA_CODE, layout.REF, layout.ITEM) if line.get(h))
            if line[layout.STILL_TO_DO] and is_to_do(line[layout.STILL_TO_DO]):
                yield sheet.title, key, line[layout.STILL_TO_DO]


def fill_by_its_words(form):
    """The form as somebody sends it who does what each row says, until no row says anything."""
    values: dict[tuple[str, str, str], str] = {}
    for _ in range(ROUNDS):
        filled = Filled(values=tuple((*place, text) for place, text in values.items()))
        data = write_workbook(form, created=CREATED, filled=filled)
        asked = list(list_to_do(data))
        if not asked:
            return data
        for sheet, key, said in asked:
            answer = next(answer for words, answer in ANSWERS.items() if said.startswith(words))
            values |= {(sheet, key, column): text.format(key=key) for column, text in answer.items()}
    raise AssertionError(f"{form.respondent} still asks: {asked}")


@pytest.mark.parametrize(
    "quarter", [{}, {"is_known": False}, {"times": 4}], ids=["a quarter", "nothing known", "police figures moved"]
)
def test_a_form_filled_by_its_own_words_brings_no_question(site, quarter):
    every = define_forms(site, **quarter)
    assert len({form.kind for form in every}) == 3
    for form in every:
        read = read_reply(read_workbook(fill_by_its_words(form)))
        assert isinstance(read, ReadForm)
        origin = Origin(message="m", attachment="a", day=date(2014, 10, 20))
        found = check_form(form, read, origin, before={}, checks=CHECKS).parts.findings
        assert [(finding.code, finding.key, finding.found) for finding in found] == []


def test_a_quiet_district_is_done_in_a_quarter_of_an_hour(forms):
    """By 20 seconds a figure, 5 a tick, 40 words typed and 200 read a minute, two texts of 60 words among them."""
    (harborough,) = [form for form in forms if form.reference.code == "HARB"]
    sheet = load_workbook(io.BytesIO(write_workbook(harborough, created=CREATED)), data_only=True)[layout.START]
    said = {row[0]: row[2] for row in sheet.iter_rows(max_col=3, values_only=True)}
    assert int(said["Whole form"].split()[0]) <= 15


def test_a_form_asks_for_nothing_that_is_not_checked(site):
    """What is switched off for all, or waived for one, is not on the form, and its words still bring no question."""
    own = (
        Check(rule="unusual", finding=CheckOutcome.OFF, words="", kinds=(MeasureKind.PERCENT,)),
        Check(rule="blank-text", finding=CheckOutcome.QUERY, words="Please write.", measures=("T1",)),
    )
    waiver = Waiver(respondent="rutland", reason="Moved.", until=date(2015, 3, 31), check="unusual")
    frameworks = tuple(replace(one, waivers=(*one.waivers, waiver)) for one in site.frameworks)
    other = replace(site, frameworks=frameworks, checks=replace(site.checks, every=(*site.checks.every, *own)))
    rows = [(form.respondent, row) for form in define_forms(other) for row in form.figures]
    assert {row.kind for key, row in rows if row.usual} & {MeasureKind.PERCENT, MeasureKind.COUNT} == {
        MeasureKind.COUNT
    }
    assert not any(row.usual for key, row in rows if key == "rutland")
    (rutland,) = [form for form in define_forms(other) if form.respondent == "rutland"]
    assert [box.ref for box in rutland.summary if box.ref.startswith("T") and not box.required] == ["T1"]
    read = read_reply(read_workbook(fill_by_its_words(rutland)))
    assert isinstance(read, ReadForm)
    day = date(2014, 10, 20)
    origin, checks = Origin(message="m", attachment="a", day=day), other.checks_of("rutland", day)
    found = check_form(rutland, read, origin, before={}, checks=checks).parts
    assert [(one.code, one.is_fault) for one in found.findings] == [("blank-text", False)] * bool(found.findings)
    assert "Not checked until 31 March 2015, because moved: figures that are not as usual." in found.remarks
