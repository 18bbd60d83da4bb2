"""The configuration that the project ships: what the Plan published, who owes what, and no real person in it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date

import holidays
import pytest
from settings_told import CONFIG

from csp_workflow.request.calendar import plan_quarter
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Frequency, Geography, MeasureKind, Polarity, Route
from csp_workflow.terms.service import Mode
from csp_workflow.terms.site import RespondentKind, Role, RungKind

ON = date(2014, 10, 15)
Q2 = Quarter(2014, 2)


@pytest.fixture
def framework(real):
    return real.framework(Q2)


@pytest.fixture
def appendix(shared):
    """Appendix A of the seed as plain words, with the one row put right that a page break tore apart."""
    text = (shared / "seed" / "lscsb-2014-09-25.txt").read_text("utf-8").split("APPENDIX A")[1]
    words = " ".join(re.sub(r"<[^>]*>|•|This page is intentionally left blank|(?<=\s)--(?=\s)", " ", text).split())
    torn, whole = (
        "A victim focussed crime outcome of domestic abuse",
        "of domestic abuse A victim focussed crime outcome",
    )
    assert torn in words
    return words.replace(torn, whole)


# As published -------------------------------------------------------------------------------


def test_five_themes_eighteen_priorities_forty_measures(framework):
    assert (len(framework.themes), len(framework.priorities), len(framework.measures)) == (5, 18, 40)
    assert [p.number for p in framework.priorities] == list(range(1, 19))


def test_the_framework_is_the_published_appendix_word_for_word(framework, appendix):
    told = [framework.title]
    for theme in framework.themes:
        told += [theme.title, "No. Strategic Priority How this will be measured"]
        for priority in (p for p in framework.priorities if p.theme == theme.number):
            told.append(f"{priority.number}. {priority.wording}")
            told += [m.wording for m in framework.measures if m.priority == priority.number]
    assert " ".join(told) == appendix


def test_the_slips_of_the_publication_stay(framework):
    wordings = {m.ref: m.wording for m in framework.measures}
    assert "successful of drug and alcohol" in wordings["M03a"]
    assert "'all crime*' victims" in wordings["M09"]


# The mapping to closed lists ----------------------------------------------------------------


def test_measures_stand_in_the_order_and_under_the_priorities_of_the_committed_table(framework, shared):
    with (shared / "data" / "appendix_a_measures.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert [m.ref for m in framework.measures] == [row["id"] for row in rows]
    kinds = {"no_number": MeasureKind.NARRATIVE, "external": MeasureKind.NARRATIVE}
    for measure, row in zip(framework.measures, rows, strict=True):
        assert measure.priority == int(row["priority"].split()[0])
        assert measure.kind == kinds.get(row["kind"], row["kind"])
        if row["small_number_risk"] in {"high", "very high", "medium-high"}:
            assert all(s.suppression.below == 5 and s.suppression.shown_as for s in measure.series), measure.ref


def test_routes_are_police_partnership_contributor(framework):
    routes = Counter(m.route for m in framework.measures)
    assert routes == {Route.POLICE: 12, Route.PARTNERSHIP: 7, Route.CONTRIBUTOR: 21}
    told = {m.ref for m in framework.measures if m.route is Route.PARTNERSHIP}
    assert told == {"M03e", "M05a", "M06a", "M07a", "M12c", "M13c", "M14c"}


def test_one_bullet_may_be_several_series_with_their_own_polarity(framework):
    series = {m.ref: m.series for m in framework.measures}
    assert [s.polarity for s in series["M01"]] == [Polarity.FALL, Polarity.AMBIGUOUS, Polarity.FALL, Polarity.FALL]
    counts = {ref: len(found) for ref, found in series.items() if len(found) > 1}
    assert counts == {"M01": 4, "M03a": 3, "M05b": 2, "M14a": 2, "M17a": 2, "M17b": 2}
    assert series["M05b"][1].kind is MeasureKind.SURVEY
    assert series["M05b"][1].frequency is Frequency.EVENT


def test_only_what_is_counted_by_area_could_be_shown_to_a_partnership(framework):
    by_area = {s.ref for m in framework.measures if m.route is Route.POLICE for s in m.series
               if s.geography is Geography.AREA}  # fmt: skip
    assert by_area == {"M02a", "M03d", "M11", "M12a", "M13a", "M14a.1", "M14a.2", "M17a.1", "M17a.2"}
    surveys = [
        s for s in framework.series() if s.kind is MeasureKind.SURVEY and s.ref in {"M09", "M12b", "M13b", "M14b"}
    ]
    assert {(s.owner, s.geography) for s in surveys} == {("force-analyst", Geography.FORCE)}


def test_every_series_has_an_owner_that_answers_for_its_geography(real, framework):
    for measure in framework.measures:
        for series in measure.series:
            if measure.route is Route.PARTNERSHIP:
                assert series.owner == ""
            else:
                owner = real.respondent(series.owner)
                assert series.geography in {area.geography for area in owner.areas}, series.ref


def test_every_definition_is_one_plain_line_with_a_date(framework):
    for measure in framework.measures:
        assert measure.definition.endswith(".")
        assert "\n" not in measure.definition
        assert len(measure.definition) <= 200
        assert measure.definition_from == date(2014, 4, 1)
    late = next(s for s in framework.series() if s.ref == "M03b")
    assert late.lag_quarters == 2


# Who is who ---------------------------------------------------------------------------------


def test_eight_partnerships_cover_nine_areas_with_their_codes(real, shared):
    with (shared / "data" / "llr_csp_register.csv").open(encoding="utf-8") as handle:
        register = {row["csp_code"]: row["csp_area"] for row in csv.DictReader(handle)}
    partnerships = [r for r in real.respondents if r.kind is RespondentKind.PARTNERSHIP]
    assert {a.code: a.name for r in partnerships for a in r.areas} == register
    assert [r.code for r in partnerships] == ["BLHB", "CHARN", "HARB", "LEIC", "MELT", "NWL", "OADW", "RUTL"]
    assert [len(r.areas) for r in partnerships] == [2, 1, 1, 1, 1, 1, 1, 1]


def test_each_partnership_has_a_lead_and_one_chair_in_office(real):
    for respondent in real.respondents:
        if respondent.kind is RespondentKind.PARTNERSHIP:
            assert respondent.people(Role.LEAD, ON)
            assert len(respondent.people(Role.CHAIR, ON)) == 1


def test_one_county_officer_answers_for_two_districts(real):
    leads = {r.code: r.people(Role.LEAD, ON)[0].address for r in real.respondents}
    assert leads["HARB"] == leads["MELT"]
    assert [r.code for r in real.registered(leads["HARB"], ON)] == ["HARB", "MELT"]


def test_each_partnership_has_local_measures_and_objectives_mapped_to_priorities(framework, real):
    for respondent in real.respondents:
        if respondent.kind is RespondentKind.PARTNERSHIP:
            local = [m for m in framework.local_measures if m.respondent == respondent.key]
            goals = [o for o in framework.objectives if o.respondent == respondent.key]
            for area in respondent.areas:
                assert 3 <= sum(m.area == area.code for m in local) <= 4
            assert 2 <= len(goals) <= 3
            assert all(1 <= number <= 18 for thing in (*local, *goals) for number in thing.priorities)
            assert all(m.series.ref.startswith(f"{respondent.code}.L") and m.series.owner == "" for m in local)


def test_one_analyst_answers_for_all_areas_and_the_force(real):
    (analyst,) = [r for r in real.respondents if r.kind is RespondentKind.ANALYST]
    assert analyst.key == "force-analyst"
    assert [a.geography for a in analyst.areas].count(Geography.AREA) == 9
    assert analyst.areas[-1].code == "E23000021"


def test_areas_named_at_several_respondents_are_the_same_value(real):
    areas = {}
    for respondent in real.respondents:
        for area in respondent.areas:
            assert areas.setdefault(area.code, area) == area


# The calendar -------------------------------------------------------------------------------


def test_both_boards_can_take_every_quarter_of_the_year(real):
    for number in range(1, 5):
        dates = plan_quarter(Quarter(2014, number), real)
        assert dates.warnings == ()
        yearly = ["annual"] if number == 4 else []
        assert [paper.board for paper in dates.papers] == ["speb", "panel", *yearly]
        assert dates.pre_election is (number == 4)


def test_the_chain_of_the_second_quarter_is_the_realistic_one(real):
    dates = plan_quarter(Q2, real)
    assert (dates.extract_due.date(), dates.open) == (date(2014, 10, 14), date(2014, 10, 15))
    assert (dates.due.date(), dates.close.date()) == (date(2014, 10, 28), date(2014, 11, 4))
    assert [paper.meeting.month for paper in dates.papers] == [12, 12]


def test_bank_holidays_are_england_s_from_2013_to_2040(real):
    theirs = holidays.country_holidays("GB", subdiv="ENG", years=range(2013, 2041))
    assert real.working_days.holidays == frozenset(theirs)
    assert (real.working_days.first_year, real.working_days.last_year) == (2013, 2040)


# The rest -----------------------------------------------------------------------------------


def test_nothing_can_leave_by_default(real):
    assert real.mode is Mode.REHEARSAL
    assert real.illustrative
    assert [rung.kind for rung in real.ladder][-2:] == [RungKind.CHAIR, RungKind.PHONE]


def test_each_board_has_a_paper_with_the_seed_s_headings(real):
    for form in (one for one in real.report_forms if not real.board(one.board).yearly):
        kinds = [heading.kind for heading in form.headings]
        assert {"introduction", "framework", "performance", "contributions", "not received", "data quality"} <= set(
            kinds
        )
        assert kinds[-2:] == ["officers", "appendices"]
        assert form.officers
    assert {form.board for form in real.report_forms} == {board.key for board in real.boards}


def test_the_comparison_group_says_that_it_is_not_the_msg(real):
    (group,) = real.peers
    assert "not MSG" in group.title
    assert len(group.areas) == 7


def test_no_real_person_address_or_dead_domain_stands_anywhere():
    for file in sorted(CONFIG.rglob("*")):
        if file.is_file():
            text = file.read_text("utf-8")
            found = re.findall(
                r"Houlihan|Pancholi|\bCrouch\b|\bFox\b|Haslett|Loader|\bpnn\b|gcsx|gov\.uk", text, re.IGNORECASE
            )
            assert found == [], file.name
            for address in re.findall(r"[\w.-]+@[\w.-]+\w", text):
                assert address.endswith(".example"), address


def test_telephone_numbers_are_those_kept_for_drama():
    for file in sorted(CONFIG.glob("*.toml")):
        for number in re.findall(r"\b0\d{3,4} \d{3} ?\d{3,4}\b", file.read_text("utf-8")):
            assert re.fullmatch(r"0116 496 0\d{3}|01632 960\d{3}", number), number


def test_our_own_words_never_speak_of_a_target(framework):
    ours = [m.definition + m.open_question + s.title for m in framework.measures for s in m.series]
    assert not any("target" in text.lower() for text in ours)
    for name in ("report.toml", "service.toml", "partnerships.toml", "calendar.toml", "peers.toml"):
        assert "target" not in (CONFIG / name).read_text("utf-8").lower()


def test_published_figures_add_up_and_carry_source_licence_and_date(shared, framework):
    refs = {series.ref for series in framework.series()}
    files = sorted((CONFIG / "figures").glob("*.csv"))
    rows = [row for file in files for row in csv.DictReader(file.read_text("utf-8").splitlines())]
    assert len(rows) == 14
    for row in rows:
        assert row["series"] in refs
        assert row["source"]
        assert row["licence"]
        assert date.fromisoformat(row["as_at"]) < Q2.end
    with (shared / "data" / "homeoffice_prc_csp_2011_12_burglary_robbery_theftperson_leics.csv").open() as handle:
        source = [r for r in csv.DictReader(handle) if r["offence_subgroup"] == "Domestic burglary"]
    whole = {r["area"]: int(r["value"]) for r in rows if r["period"] == "2011/12"}
    assert whole.pop("E23000021") == sum(whole.values()) == sum(int(r["offences"]) for r in source) == 4231
