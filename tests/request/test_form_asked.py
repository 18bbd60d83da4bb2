"""A form asks only what its respondent owes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from request_told import (
    BLABY,
    CHARNWOOD,
    DATES,
    FRAMEWORK,
    KEY,
    Q2,
    SITE,
    figure,
    form,
    measure,
    rows,
    series,
    with_framework,
)  # fmt: skip

from csp_workflow.request.form import asks_nothing
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Frequency, Geography, MeasureKind, Polarity, Route, Waiver
from csp_workflow.terms.returns import Entry, Narrative, is_genuine

POLICE_OF_AREAS = {"M11", "M12a", "M17a"}


@pytest.mark.parametrize("key", ["blaby-hinckley", "charnwood", "melton"])
def test_a_partnership_never_sees_what_others_must_supply(key):
    asked = form(key)
    own = {"charnwood": {"CHARN.L1"}, "blaby-hinckley": {"BLHB.L1", "BLHB.L2"}, "melton": set()}[key]
    assert {row.ref for row in asked.figures} == POLICE_OF_AREAS | own
    assert not {row.ref for row in asked.summary} & {"M15", "M02b", "M03a"}


def test_police_figures_are_confirmed_and_local_ones_filled_in():
    asked = form("charnwood")
    assert {row.ref for row in asked.figures if row.entry is Entry.CONFIRM} == POLICE_OF_AREAS
    assert [row.ref for row in asked.figures if row.entry is Entry.VALUE] == ["CHARN.L1"]
    assert rows(asked)["Charnwood", "CHARN.L1"].required


def test_a_joint_form_has_both_areas_and_no_twins():
    asked = form("blaby-hinckley")
    places = [(row.area.code, row.ref) for row in asked.figures]
    assert len(set(places)) == len(places)
    assert {row.area.name for row in asked.figures} == {"Blaby", "Hinckley and Bosworth"}
    assert [row.area.name for row in asked.figures] == ["Blaby"] * 4 + ["Hinckley and Bosworth"] * 4
    assert {row.area.name for row in asked.figures if row.ref == "BLHB.L2"} == {"Hinckley and Bosworth"}


def test_an_area_without_the_extract_says_so_and_requires_nothing():
    row = rows(form("charnwood"))["Charnwood", "M11"]
    assert row.given is None
    assert not row.required
    assert "awaited from the force" in row.definition


def test_the_extract_that_has_come_stands_in_the_row_to_be_confirmed():
    extract = figure("M11", CHARNWOOD, Q2.key, "2640", as_at=date(2014, 10, 13))
    row = rows(form("charnwood", (extract,)))["Charnwood", "M11"]
    assert row.given == extract
    assert row.required
    assert "awaited" not in row.definition


def test_the_summary_has_themes_measures_in_words_the_milestone_and_own_objectives():
    asked = form("charnwood")
    assert [row.ref for row in asked.summary] == ["T1", "T2", "M05a", "M03e", "CHARN.O1"]
    assert [row.ref for row in asked.summary if not row.required] == ["M03e"]
    assert "What changed, and why?" in asked.summary[0].prompt
    assert asked.summary[-1].heading == "Your own objective: Safer nights"
    assert asked.summary[-1].prompt == "How far are you, and what is next?"


def test_a_joint_partnership_says_where_each_licensing_authority_stands():
    prompts = {row.ref: row.prompt for row in form("blaby-hinckley").summary}
    assert "Blaby; Hinckley and Bosworth" in prompts["M03e"]


def test_last_quarters_promise_is_played_back_beside_its_box():
    said = {"T1": Narrative(ref="T1", text="We met.", sheet="Summary", cell="E7", promise="We will meet again.")}
    boxes = {row.ref: row.played_back for row in form("charnwood", narratives=said).summary}
    assert boxes["T1"] == "We will meet again."
    assert boxes["T2"] == ""


def test_only_actions_asked_by_the_day_of_the_request_stand_on_the_form():
    assert [action.ref for action in form("charnwood").actions] == ["A1"]
    assert form("melton").actions == ()


def test_a_contributor_is_asked_once_at_its_own_geography():
    asked = form("public-health")
    assert [(row.ref, row.area.name) for row in asked.figures] == [
        (ref, area) for ref in ("M03a.1", "M03a.2", "M03b") for area in ("Leicester", "Leicestershire")
    ]
    assert all(row.entry is Entry.VALUE and row.required for row in asked.figures)
    assert asked.summary == ()


def test_whoever_gives_a_share_is_asked_for_the_number_behind_it():
    share = series(
        "M03a.1", kind=MeasureKind.PERCENT, geography=Geography.UPPER_TIER, denominator="adults in treatment"
    )
    site = with_framework(measures=(measure("M03a", Route.CONTRIBUTOR, share, owner="public-health"),))
    definition = form("public-health", site=site).figures[0].definition
    assert "Please write the number of adults in treatment in the Note." in definition


def test_a_lagging_series_asks_for_the_newest_quarter_that_can_be_known():
    past = figure("M03b", SITE.respondent("public-health").areas[0], "2013/14-Q3", "11.5")
    row = rows(form("public-health", (past,)))["Leicester", "M03b"]
    assert "January to March 2014" in row.definition
    assert "not yet knowable" in row.definition
    assert row.history == ("not available", "11.5", "asked now", "not yet knowable")
    assert row.previous == past


def test_a_body_without_numbers_is_asked_in_words():
    asked = form("lscb")
    assert asked.figures == ()
    assert [row.ref for row in asked.summary] == ["M15"]
    assert asked.summary[0].required


@pytest.mark.parametrize(("quarter", "is_due"), [(Q2, False), (Quarter(2014, 3), False), (Quarter(2014, 4), True)])
def test_a_yearly_series_is_asked_once_a_year(quarter, is_due):
    asked = form("probation", quarter=quarter)
    assert bool(asked.figures) is is_due
    assert asks_nothing(asked) is not is_due
    if is_due:
        assert "the financial year 2014/15" in asked.figures[0].definition


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_half_yearly_series_is_asked_twice_a_year(number):
    half = series("M02b", frequency=Frequency.HALF_YEARLY, geography=Geography.FORCE)
    site = with_framework(measures=(measure("M02b", Route.CONTRIBUTOR, half, owner="probation"),))
    asked = form("probation", site=site, quarter=Quarter(2014, number))
    assert bool(asked.figures) is (number in {2, 4})
    if number == 2:
        assert "the six months to 30 September 2014" in asked.figures[0].definition
        assert asked.figures[0].history == ("not available", "not due", "not available", "not due")


def test_what_is_counted_only_on_occasion_is_asked_and_not_required():
    event = series("M05b", frequency=Frequency.EVENT, geography=Geography.FORCE)
    site = with_framework(measures=(measure("M05b", Route.CONTRIBUTOR, event, owner="probation"),))
    row = form("probation", site=site).figures[0]
    assert not row.required
    assert "Only if there is a new figure." in row.definition


def test_the_analyst_is_asked_for_every_area_of_every_police_series_and_the_forces_own():
    asked = form("force-analyst")
    places = {(row.area.name, row.ref) for row in asked.figures}
    of_areas = {
        (area, ref) for area in ("Blaby", "Hinckley and Bosworth", "Charnwood", "Melton") for ref in POLICE_OF_AREAS
    }
    assert places == of_areas | {("The force area", "M12b"), ("The force area", "M17b")}
    assert all(row.entry is Entry.VALUE and row.required for row in asked.figures)
    names = [row.area.name for row in asked.figures]
    assert names == sorted(names, key=list(dict.fromkeys(names)).index), "an area's rows stand together"
    assert asked.due == DATES.extract_due
    assert asked.summary == ()


def test_a_body_whose_areas_are_of_another_kind_is_asked_once_for_those():
    upper = measure("M08", Route.CONTRIBUTOR, series("M08", geography=Geography.UPPER_TIER), owner="lscb")
    site = with_framework(measures=(upper,))
    assert [row.area.name for row in form("lscb", site=site).figures] == ["The force area"]
    nowhere = tuple(replace(r, areas=()) if r.key == "lscb" else r for r in site.respondents)
    asked = form("lscb", site=replace(site, respondents=nowhere))
    assert [row.area.name for row in asked.figures] == ["Leicester", "Leicestershire"]


def test_a_police_figure_to_be_confirmed_says_which_months_it_is_of():
    rolling = series("M11", frequency=Frequency.ROLLING_12_MONTHS)
    site = with_framework(measures=(measure("M11", Route.POLICE, rolling),))
    (row,) = [row for row in form("charnwood", site=site).figures if row.ref == "M11"]
    assert "For the twelve months" in row.definition


def test_a_waiver_drops_a_measure_until_its_day():
    waivers = tuple(
        Waiver(respondent="charnwood", measure=ref, reason="Agreed.", until=date(2014, 12, 31))
        for ref in ("M05a", "M12a", "CHARN.L1", "T1")
    )
    site = with_framework(waivers=waivers)
    asked = form("charnwood", site=site)
    refs = {row.ref for row in (*asked.figures, *asked.summary)}
    assert not refs & {"M05a", "M12a", "CHARN.L1", "T1"}
    others = form("melton", site=site)
    assert {"M05a", "M12a", "T1"} <= {row.ref for row in (*others.figures, *others.summary)}
    over = with_framework(waivers=tuple(replace(w, until=date(2014, 10, 14)) for w in waivers))
    assert form("charnwood", site=over) == form("charnwood")


def test_what_is_no_longer_agreed_is_no_longer_asked():
    ended = tuple(replace(x, valid_to=date(2014, 9, 30)) for x in FRAMEWORK.local_measures)
    objectives = tuple(replace(x, agreed=date(2014, 11, 1)) for x in FRAMEWORK.objectives)
    asked = form("charnwood", site=with_framework(local_measures=ended, objectives=objectives))
    assert {row.ref for row in asked.figures} == POLICE_OF_AREAS
    assert "CHARN.O1" not in {row.ref for row in asked.summary}


def test_a_local_measure_in_words_is_a_box():
    told = replace(
        FRAMEWORK.local_measures[2], series=series("CHARN.L1", kind=MeasureKind.NARRATIVE, title="The story")
    )
    asked = form("charnwood", site=with_framework(local_measures=(told,)))
    assert "CHARN.L1" not in {row.ref for row in asked.figures}
    assert {row.ref: row.heading for row in asked.summary}["CHARN.L1"] == "The story"


def test_direction_is_told_in_words_and_never_how_far():
    found = {row.ref: row.intent for row in form("charnwood").figures}
    assert found["M11"] == "A fall is sought"
    assert found["M12a"].startswith("No direction")
    for polarity in Polarity:
        site = with_framework(measures=(measure("M11", Route.POLICE, series("M11", polarity=polarity)),))
        intent = form("melton", site=site).figures[0].intent
        assert intent
        assert "target" not in intent.lower()


def test_the_reference_is_sealed_and_names_code_quarter_and_revision():
    asked = form("charnwood", revision=3)
    assert str(asked.reference).startswith("CHARN-1415Q2-F1-R3-")
    assert is_genuine(asked.reference, key=KEY)


def test_the_form_says_whom_to_ask_and_when_it_is_due():
    asked = form("blaby-hinckley")
    assert asked.due == DATES.due
    assert "0116 496 0000" in asked.ask
    assert "returns@opcc.example" in asked.ask
    assert asked.marking == "OFFICIAL"
    assert [quarter.label for quarter in asked.history] == ["2013/14 Q2", "2013/14 Q3", "2013/14 Q4", "2014/15 Q1"]


def test_the_same_facts_make_the_same_form():
    given = (figure("M11", BLABY, Q2.key, "1300", as_at=date(2014, 10, 13)),)
    assert form("blaby-hinckley", given) == form("blaby-hinckley", given)
