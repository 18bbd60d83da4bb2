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
    MEASURES,
    MELTON,
    Q2,
    RESPONDENTS,
    SITE,
    figure,
    form,
    measure,
    rows,
    series,
    with_framework,
    with_respondent,
)  # fmt: skip

from csp_workflow.request.form import asks_nothing, list_earlier
from csp_workflow.terms.cells import QuickAnswer, is_genuine
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import AskedWhen, Break, Frequency, Geography, MeasureKind, Polarity, Route, Theme
from csp_workflow.terms.returns import EarlierNarrative, Entry
from csp_workflow.terms.site import Area, Respondent, Site
from csp_workflow.terms.waivers import Waiver

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
    assert [row.ref for row in asked.summary] == ["T1", "T2", "M05a", "M03e", "ASK"]
    assert [row.ref for row in asked.summary if not row.required] == ["M03e", "ASK"]
    assert [row.prompt for row in asked.summary[:2]] == ["Your objective: Safer nights.", ""]


def find_quick(site: Site, *said: EarlierNarrative, to: str = "charnwood") -> dict[str, tuple[QuickAnswer, ...]]:
    narratives = list_earlier(site.respondent(to), site, {one.respondent: {one.ref: one} for one in said})
    return {row.ref: row.quick for row in form(to, site=site, narratives=narratives).summary}


def test_nothing_new_is_an_answer_for_a_theme_and_last_quarter_s_own_text_where_there_is_one():
    assert find_quick(SITE)["T1"] == (QuickAnswer.NOTHING_NEW,)
    assert find_quick(SITE)["M05a"] == ()
    both = (QuickAnswer.NOTHING_NEW, QuickAnswer.STILL_HOLDS)
    assert find_quick(SITE, written("T1", "We met."))["T1"] == both
    assert find_quick(SITE, written("M05a", "Ten were helped."))["M05a"] == (QuickAnswer.STILL_HOLDS,)
    assert find_quick(SITE, written("T1", "We met.", quarter=Q2.plus(-2)))["T1"] == both[:1]
    assert find_quick(merged(), written("T1", "We met."), to="soar-valley")["T1"] == both[:1]


def moved(value: str) -> dict[str, object]:
    """Two years of burglary in Charnwood at 40 to 43 a quarter, and a newest quarter of so many."""
    past = [figure("M12a", CHARNWOOD, Q2.plus(-n).key, str(40 + n % 4)) for n in range(1, 12)]
    return {"figures": (*past, figure("M12a", CHARNWOOD, Q2.key, value))}


@pytest.mark.parametrize(("value", "asked"), [("41", False), ("400", True)])
def test_an_outcome_is_asked_only_where_a_police_figure_of_its_priority_is_not_as_usual(value, asked):
    measures = tuple(
        replace(m, asked_when=AskedWhen.FIGURE_MOVES) if m.ref == "M05a" else m for m in FRAMEWORK.measures
    )
    boxes = {row.ref: row for row in form("charnwood", site=with_framework(measures=measures), **moved(value)).summary}
    assert ("M05a" in boxes) == asked
    if asked:
        assert "what is usual for twelve months" in boxes["M05a"].prompt
        assert boxes["M05a"].quick == ()


def test_a_joint_partnership_says_where_each_licensing_authority_stands():
    prompts = {row.ref: row.prompt for row in form("blaby-hinckley").summary}
    assert "Blaby; Hinckley and Bosworth" in prompts["M03e"]


def written(ref: str, text: str, promise: str = "", **changes: object) -> EarlierNarrative:
    """What charnwood wrote in the quarter before, unless it is said otherwise."""
    values: dict[str, object] = {"quarter": Q2.plus(-1), "respondent": "charnwood", "sheet": "Summary", "cell": "E7"}
    return EarlierNarrative(ref=ref, text=text, promise=promise, **(values | changes))  # type: ignore[arg-type]


def played_back(site: Site, *said: EarlierNarrative, to: str = "charnwood") -> dict[str, str]:
    before: dict[str, dict[str, EarlierNarrative]] = {}
    for one in said:
        before.setdefault(one.respondent, {})[one.ref] = one
    narratives = list_earlier(site.respondent(to), site, before)
    return {row.ref: row.played_back for row in form(to, site=site, narratives=narratives).summary}


def test_what_was_said_and_what_was_promised_are_played_back_apart():
    said = written("T1", "We met.", "We will meet again."), written("M05a", "Ten were helped.")
    boxes = played_back(SITE, *said)
    assert (boxes["T1"], boxes["M05a"], boxes["T2"]) == ("We met.", "Ten were helped.", "")
    narratives = {one.ref: (one,) for one in said}
    promised = {row.ref: row.promise for row in form("charnwood", narratives=narratives).summary}
    assert (promised["T1"], promised["M05a"]) == ("We will meet again.", "")


def test_what_was_said_longer_ago_or_under_another_title_says_so():
    boxes = played_back(SITE, written("T1", "We met.", quarter=Q2.plus(-2)))
    assert boxes["T1"] == "January to March 2014: We met."
    last_year = replace(FRAMEWORK, year="2013/14", themes=(Theme(number=1, title="Road Safety"),))
    site = replace(SITE, frameworks=(last_year, FRAMEWORK))
    assert played_back(site, written("T1", "We met.", quarter=Q2.plus(-2)))["T1"] == (
        "January to March 2014, Road Safety: We met."
    )


def test_nothing_is_played_back_across_a_break():
    told = replace(MEASURES[-1].series[0], broken=Break(day=Q2.start, reason="Another scheme"))
    site = with_framework(measures=(*MEASURES[:-1], replace(MEASURES[-1], series=(told,))))
    assert played_back(site, written("M03e", "Agreed."))["M03e"] == ""
    after = replace(told, broken=Break(day=Q2.plus(-1).start, reason="Another scheme"))
    site = with_framework(measures=(*MEASURES[:-1], replace(MEASURES[-1], series=(after,))))
    assert played_back(site, written("M03e", "Agreed."))["M03e"] == "Agreed."
    other_body = with_respondent("charnwood", broken=Break(day=Q2.start, reason="New boundaries"))
    assert played_back(other_body, written("T1", "We met."))["T1"] == ""


# Merged, split and renamed ------------------------------------------------------------------------------


def merged(*others: Respondent, areas: tuple[Area, ...] = (CHARNWOOD, MELTON)) -> Site:
    """Charnwood and Melton ended with September, and one body has taken over from both."""
    ended = tuple(
        replace(r, valid_to=date(2014, 9, 30)) if r.key in {"charnwood", "melton"} else r for r in RESPONDENTS
    )
    heir = replace(
        SITE.respondent("charnwood"),
        key="soar-valley",
        code="SOAR",
        name="Soar Valley",
        areas=areas,
        valid_from=date(2014, 10, 1),
        predecessors=("charnwood", "melton"),
    )
    return replace(SITE, respondents=(*ended, heir, *others))


def test_the_successor_is_asked_what_its_predecessors_counted_aimed_at_and_owed_and_told_from_whom():
    asked = form("soar-valley", site=merged())
    (counted,) = [row for row in asked.figures if row.entry is Entry.VALUE]
    assert (counted.ref, counted.area) == ("CHARN.L1", CHARNWOOD)
    assert counted.definition == "Cases opened in the quarter. Taken over from Charnwood."
    assert "Safer nights" in asked.summary[0].prompt
    assert [action.wording for action in asked.actions] == ["Explain. Taken over from Charnwood."]


def test_a_successor_elsewhere_is_not_asked_for_the_others_area():
    asked = form("soar-valley", site=merged(areas=(MELTON,)))
    assert not [row for row in asked.figures if row.ref == "CHARN.L1"]


def test_the_successor_reads_what_each_predecessor_said_until_it_has_spoken_itself():
    theirs = written("T1", "Lights were mended."), written("T1", "Two schools.", respondent="melton")
    boxes = played_back(merged(), *theirs, to="soar-valley")
    assert boxes["T1"].splitlines() == [
        "Charnwood: Lights were mended.",
        "Melton: Two schools.",
    ]
    own = written("T2", "We began.", respondent="soar-valley")
    boxes = played_back(merged(), *theirs, own, to="soar-valley")
    assert (boxes["T1"], boxes["T2"]) == ("", "We began.")


def test_of_a_chain_the_latest_speaks():
    later = replace(
        merged().respondent("soar-valley"),
        key="wolds",
        code="WOLDS",
        name="Wolds",
        predecessors=("soar-valley", "charnwood", "melton"),
    )
    said = written("T1", "Long ago."), written("T1", "Not long ago.", respondent="soar-valley")
    assert played_back(merged(later), *said, to="wolds")["T1"] == "Soar Valley: Not long ago."
    assert played_back(merged(later), said[0], to="wolds")["T1"].endswith(": Long ago.")


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
    assert "Please give two counts: how many, and out of how many adults in treatment." in definition


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
    assert not any("objective" in row.prompt for row in asked.summary)


@pytest.mark.parametrize(("agreed", "is_asked"), [(date(2014, 9, 30), True), (date(2014, 10, 1), False)])
def test_what_holds_only_after_the_quarter_is_not_asked_on_its_form_which_goes_later(agreed, is_asked):
    """The form for July to September goes on 15 October; a set that was agreed on the 12th holds from the 1st."""
    local = tuple(replace(x, agreed=agreed) for x in FRAMEWORK.local_measures)
    objectives = tuple(replace(x, agreed=agreed) for x in FRAMEWORK.objectives)
    asked = form("charnwood", site=with_framework(local_measures=local, objectives=objectives))
    assert ("CHARN.L1" in {row.ref for row in asked.figures}) is is_asked
    assert any("objective" in row.prompt for row in asked.summary) is is_asked


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
    assert str(asked.reference).startswith("CHARN-1415Q2-F2.1-R3-")
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
