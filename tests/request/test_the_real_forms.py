"""The framework of 2014/15 as configured: who is asked what, with the published figures of the config."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from csp_workflow import settings
from csp_workflow.analysis.peers import Comparators, Position
from csp_workflow.forms import layout
from csp_workflow.forms.reading import read_workbook
from csp_workflow.forms.table import read_table
from csp_workflow.forms.writing import write_workbook
from csp_workflow.intake.opening import read_reply
from csp_workflow.rehearsal import illustrate
from csp_workflow.request import calendar
from csp_workflow.request.form import define_form
from csp_workflow.request.groups_file import read_import
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import AskedWhen, Provenance, Route
from csp_workflow.terms.returns import Entry, ReadForm
from csp_workflow.terms.site import RespondentKind

CONFIG = Path(__file__).parents[2] / "config"
Q2 = Quarter(2014, 2)


def taken(data, site):
    """What an import before the quarter's end makes of a file."""
    return read_import(read_table(data), Provenance(source="figures.csv"), site=site, as_at=date(2014, 9, 30))


@pytest.fixture(scope="module")
def site():
    loaded, _ = settings.load(CONFIG, environment={})
    return loaded


@pytest.fixture(scope="module")
def figures(site):
    published = [
        figure
        for file in sorted((CONFIG / "figures").glob("*.csv"))
        for figure in read_import(
            read_table(file.read_bytes()), Provenance(source=file.name), site=site, as_at=date(2014, 9, 30)
        ).figures
    ]
    past = illustrate.make_history(site, Q2, draw=random.Random(5).random)
    newest = illustrate.make_extract(site, Q2, draw=random.Random(5).random)
    return (*published, *past, *newest)


@pytest.fixture(scope="module")
def forms(site, figures):
    dates = calendar.plan_quarter(Q2, site)
    return {
        r.key: define_form(r, Q2, site=site, dates=dates, figures=figures, narratives={}, revision=1, key=b"key")
        for r in site.respondents
    }


def test_the_configs_published_figures_are_taken_whole(site):
    for file in sorted((CONFIG / "figures").glob("*.csv")):
        found = read_import(
            read_table(file.read_bytes()), Provenance(source=file.name), site=site, as_at=date(2014, 9, 30)
        )
        assert found.figures
        assert not found.refused
        assert not any(figure.provenance.illustrative for figure in found.figures)


def test_every_series_in_numbers_that_is_due_is_asked_of_exactly_one_owner(site, forms):
    owners = Counter()
    for form in forms.values():
        owners.update({row.ref for row in form.figures if row.entry is Entry.VALUE})
    assert set(owners.values()) == {1}
    framework = site.framework(Q2)
    asked_in_words = {row.ref for form in forms.values() for row in form.summary}
    for measure in framework.measures:
        refs = {series.ref for series in measure.series}
        is_asked = bool(refs & set(owners)) or measure.ref in asked_in_words
        is_seldom = measure.ref == "M02b" or measure.asked_when is AskedWhen.FIGURE_MOVES
        assert is_asked or is_seldom, f"{measure.ref} is asked of nobody; M02b is yearly, and some when a figure moves"


def test_partnerships_are_asked_for_police_figures_of_their_areas_and_what_is_theirs(site, forms):
    framework = site.framework(Q2)
    others = {s.ref for m in framework.measures if m.route is Route.CONTRIBUTOR for s in m.series}
    for respondent in site.respondents:
        if respondent.kind is RespondentKind.PARTNERSHIP:
            form = forms[respondent.key]
            refs = {row.ref for row in form.figures}
            assert not refs & others
            assert {row.ref for row in form.figures if row.entry is Entry.VALUE} == {
                x.series.ref for x in framework.local_measures if x.respondent == respondent.key
            }
            assert {row.area for row in form.figures} == set(respondent.areas)


def test_the_analyst_is_asked_for_all_nine_areas(site, forms):
    burglary = [row.area.code for row in forms["force-analyst"].figures if row.ref == "M12a"]
    assert len(burglary) == len(set(burglary)) == 9


def test_the_real_published_figure_stands_beside_the_illustrative_ones(forms):
    (row,) = [row for row in forms["charnwood"].figures if row.ref == "M12a"]
    assert row.official == "2011/12: 701 (Home Office)"
    assert forms["charnwood"].illustrative


def test_no_form_speaks_of_targets(forms):
    for form in forms.values():
        own_words = repr([(row.definition, row.intent, row.comparator) for row in form.figures])
        assert "target" not in own_words.lower()
        assert "target" not in repr(form.summary).lower()


def test_every_form_is_written_and_read_again_row_for_row(site, forms):
    dates = calendar.plan_quarter(Q2, site)
    for key in ("blaby-hinckley", "public-health", "force-analyst", "lscb"):
        form = forms[key]
        found = read_reply(read_workbook(write_workbook(form, created=dates.due)))
        assert isinstance(found, ReadForm)
        rows = [(r.area_code, r.ref) for r in found.figures if r.ref != layout.ALL]
        assert rows == [(r.area.code, r.ref) for r in (*layout.list_own(form), *layout.list_police(form))]
        assert [t.ref for t in found.summary] == [row.ref for row in form.summary]


def test_every_share_in_per_cent_is_asked_as_two_counts(forms):
    rows = [row for form in forms.values() for row in form.figures]
    assert {row.ref for row in rows if "per cent" in row.unit} == {row.ref for row in rows if row.out_of}
    assert {row.out_of for row in rows if row.out_of} >= {"adults in treatment", "victims asked"}


def test_an_illustrative_history_goes_through_the_importer_whole(site):
    past = illustrate.make_history(site, Q2, draw=random.Random(9).random)
    found = taken(illustrate.write_figures(past), site)
    assert [(f.series, f.area, f.period, f.value, f.count, f.base, f.status) for f in found.figures] == [
        (f.series, f.area, f.period, f.value, f.count, f.base, f.status) for f in past
    ]
    assert all(figure.provenance.illustrative for figure in found.figures)
    assert not found.refused


def test_the_configs_denominators_are_taken_whole(site):
    (file,) = (CONFIG / "figures" / "denominators").glob("*.csv")
    found = read_import(read_table(file.read_bytes()), Provenance(source=file.name), site=site, as_at=date(2024, 8, 1))
    assert not found.refused
    assert {(figure.series, figure.period) for figure in found.figures} == {("residents", "mid-2013")}


@pytest.fixture(scope="module")
def beside_groups(site, figures):
    """The illustrative people and groups, as they are imported, and the readings that follow."""
    people = taken(illustrate.write_figures(illustrate.make_people(site, Q2, draw=random.Random(5).random)), site)
    known = KnownFigures((*figures, *people.figures), date(2014, 11, 4))
    extract = illustrate.write_groups(site, Q2, known, draw=random.Random(5).random)
    found = read_import(read_table(extract), Provenance(source="groups.csv"), site=site, as_at=date(2014, 11, 4))
    assert not people.refused
    assert not found.refused
    return found, Comparators(known, site.peers, found.group_rates)


def test_an_illustrative_extract_stands_beside_every_rate_of_the_police(site, beside_groups):
    found, comparators = beside_groups
    assert b"rank" not in repr(found).encode().lower()
    assert all(rate.provenance.illustrative and "illustrative" in rate.group for rate in found.group_rates)
    series = {s.ref: s for s in site.framework(Q2).series()}
    stands = Counter()
    for rate in found.group_rates:
        reading = comparators.compare(series[rate.series], rate.area, Q2)
        assert (reading.is_extract, reading.average) == (True, rate.average)
        own = comparators.find_rate(series[rate.series], rate.area, Q2)
        assert abs(own.value - reading.rate) < Decimal("0.006")
        stands[reading.words] += 1
    assert stands[Position.SIMILAR] > 0.75 * stands.total()
    assert stands[Position.ABOVE]
    assert stands[Position.BELOW]
    charnwood = comparators.compare(series["M13a"], "E22000165", Q2)
    assert charnwood.words is Position.ABOVE


def test_without_an_extract_the_districts_are_compared_with_each_other(site, beside_groups):
    comparators = Comparators(beside_groups[1]._known, site.peers)
    burglary = next(s for s in site.framework(Q2).series() if s.ref == "M12a")
    charnwood, leicester = (comparators.compare(burglary, code, Q2) for code in ("E22000165", "E22000168"))
    assert (charnwood.is_extract, charnwood.members) == (False, 6)
    assert "chosen comparators, not MSG" in charnwood.group
    assert charnwood.unit == "per 1,000 households"
    assert (leicester.words, leicester.why) == (Position.NO_COMPARATOR, "the area is in no comparison group")
