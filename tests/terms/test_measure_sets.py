"""Which source of a partnership's measures holds: the set agreed for the year, the last before it, or the file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from csp_workflow import settings
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Event, Happened, MoveRefused
from csp_workflow.terms.figures import Break, LocalMeasure
from csp_workflow.terms.measure_sets import (
    MeasureSet,
    MeasuresState,
    holds_from,
    lay_measures,
    list_differences,
    list_standing,
)
from csp_workflow.terms.service_status import ServiceStatus, fold_service
from csp_workflow.terms.site import Site

SITE, _ = settings.load(settings.find_defaults() / "config", environment={})
CHARN = SITE.respondent("charnwood")
MEASURES, OBJECTIVES = list_standing(SITE, CHARN, "2014/15", date(2014, 4, 1))
AT = datetime(2014, 10, 20, 9, 0, tzinfo=UTC)


def a_set(*, year: str = "2014/15", version: int = 1, keep: int = 1) -> MeasureSet:
    return MeasureSet(
        respondent="charnwood", year=year, version=version, measures=MEASURES[:keep], objectives=OBJECTIVES,
        message="m",
    )  # fmt: skip


def own(site: object) -> list[str]:
    (framework,) = site.frameworks  # type: ignore[attr-defined]
    return [m.series.ref for m in framework.local_measures if m.respondent == "charnwood"]


def test_an_agreed_set_stands_in_the_place_of_the_file_and_of_nobody_else_s() -> None:
    laid = lay_measures(SITE, [a_set()])
    assert own(laid) == [MEASURES[0].series.ref]
    others = [m for m in laid.frameworks[0].local_measures if m.respondent != "charnwood"]
    assert others == [m for m in SITE.frameworks[0].local_measures if m.respondent != "charnwood"]


def test_without_a_set_the_file_holds() -> None:
    assert lay_measures(SITE, []) is SITE
    assert own(lay_measures(SITE, [a_set(year="2015/16")])) == own(SITE)


def test_the_last_year_s_set_holds_until_the_next_is_agreed() -> None:
    assert own(lay_measures(SITE, [a_set(year="2013/14")])) == [MEASURES[0].series.ref]
    both = [a_set(year="2013/14"), a_set(year="2014/15", keep=2)]
    assert own(lay_measures(SITE, both)) == [m.series.ref for m in MEASURES[:2]]


def test_a_measure_that_has_ended_before_the_year_is_not_laid() -> None:
    ended = replace(a_set(), measures=(replace(MEASURES[0], valid_to=date(2014, 3, 31)),))
    assert own(lay_measures(SITE, [ended])) == []


Q2, Q3 = Quarter.parse("2014/15-Q2"), Quarter.parse("2014/15-Q3")
OCTOBER = date(2014, 10, 1)


def changed(measure: LocalMeasure, definition: str, day: date = OCTOBER, **more: object) -> LocalMeasure:
    series = replace(measure.series, broken=Break(day=day, reason="Agreed anew"))
    return replace(measure, definition=definition, series=series, **more)  # type: ignore[arg-type]


def wording(site: Site, quarter: Quarter) -> list[str]:
    return [m.definition for m in site.framework(quarter).local_measures if m.respondent == "charnwood"]


def test_a_definition_that_changes_within_a_year_holds_from_its_day_on() -> None:
    first, after = a_set(), replace(a_set(version=3), measures=(changed(MEASURES[0], "Counted anew"),))
    laid = lay_measures(SITE, [first, after])
    assert wording(laid, Q2) == [MEASURES[0].definition]
    assert wording(laid, Q3) == ["Counted anew"]
    (q2,) = [m for m in laid.framework(Q2).local_measures if m.respondent == "charnwood"]
    assert q2.series.broken is None
    file_alone = lay_measures(SITE, [after])
    assert wording(file_alone, Q2) == [MEASURES[0].definition], "before the first set the file held"


def test_of_several_changes_each_quarter_has_its_own() -> None:
    once = changed(MEASURES[0], "Second", date(2014, 7, 1))
    sets = [
        a_set(),
        replace(a_set(version=2), measures=(once,)),
        replace(a_set(version=4), measures=(changed(once, "Third"),)),
        replace(a_set(version=5), measures=(replace(changed(once, "Third"), counted_by="The council"),)),
    ]
    laid = lay_measures(SITE, sets)
    quarters = [Quarter.parse(f"2014/15-Q{n}") for n in range(1, 5)]
    assert [wording(laid, q) for q in quarters] == [[MEASURES[0].definition], ["Second"], ["Third"], ["Third"]]
    assert [m.counted_by for m in laid.framework(Q3).local_measures if m.respondent == "charnwood"] == ["The council"]


def test_an_aim_that_is_reworded_and_a_measure_that_is_ended_stay_as_they_were_for_quarters_before() -> None:
    aim = replace(OBJECTIVES[0], wording="Another aim", reworded=OCTOBER)
    ended = replace(MEASURES[0], valid_to=date(2014, 9, 30))
    laid = lay_measures(SITE, [a_set(), replace(a_set(version=2), measures=(ended,), objectives=(aim,))])
    aims = [[o.wording for o in laid.framework(q).objectives if o.ref == aim.ref] for q in (Q2, Q3)]
    assert aims == [[OBJECTIVES[0].wording], ["Another aim"]]
    lasts = [[m.valid_to for m in laid.framework(q).local_measures if m.respondent == "charnwood"] for q in (Q2, Q3)]
    assert lasts == [[date.max], [date(2014, 9, 30)]]


def test_what_did_not_change_is_the_same_all_year() -> None:
    (framework,) = lay_measures(SITE, [a_set(), a_set(version=2)]).frameworks
    assert framework.of_quarters == ()


def test_what_differs_is_told_by_file_and_key() -> None:
    assert list(list_differences(SITE, [])) == []
    assert list(list_differences(SITE, [a_set(keep=len(MEASURES))])) == []
    (said,) = list_differences(SITE, [a_set()])
    assert said.startswith("partnerships.toml: [charnwood] differs for 2014/15")
    assert MEASURES[-1].series.ref in said


@pytest.mark.parametrize(
    ("today", "since"),
    [
        (date(2014, 3, 10), date(2014, 4, 1)),
        (date(2014, 5, 10), date(2014, 4, 1)),
        (date(2014, 10, 20), date(2014, 10, 1)),
    ],
)
def test_a_set_holds_from_the_year_or_the_quarter_under_way(today: date, since: date) -> None:
    assert holds_from("2014/15", today) == since


def test_the_content_tells_sets_apart_and_not_versions() -> None:
    assert a_set().content == a_set(version=2).content != a_set(keep=2).content
    assert a_set().mark == a_set().content[:8]


def happened(kind: Happened, **facts: str | int) -> Event:
    return Event(kind=kind, at=AT, by="x", respondent="charnwood", facts={"year": "2014/15", **facts})


def test_the_agreeing_is_folded_from_its_events() -> None:
    proposed = {"version": 1, "content": "c"}
    events = [
        happened(Happened.MEASURES_ASKED),
        happened(Happened.MEASURES_QUERIED, faults=2),
        happened(Happened.MEASURES_PROPOSED, **proposed),
        happened(Happened.MEASURES_APPROVED, **proposed, approver="The Chair"),
        happened(Happened.MEASURES_AGREED, **proposed),
    ]
    status = fold_service(events)
    stands = status.agreeing.stands("2014/15", "charnwood")
    assert (stands.state, stands.version, stands.approved_by, stands.answers) == (
        MeasuresState.AGREED,
        1,
        "The Chair",
        2,
    )
    assert status.agreeing.agreed == (("2014/15", "charnwood", 1),)
    assert status.agreeing.open_years == ()
    again = {"version": 2, "content": "d"}
    later = [
        happened(Happened.MEASURES_RETURNED, version=1, reason="new"),
        happened(Happened.MEASURES_PROPOSED, **again),
        happened(Happened.MEASURES_APPROVED, **again, approver="The Chair"),
        happened(Happened.MEASURES_AGREED, **again),
    ]
    both = fold_service(later, onto=status).agreeing
    assert both.agreed == (("2014/15", "charnwood", 1), ("2014/15", "charnwood", 2))
    assert both.stands("2014/15", "charnwood").agreed == 2
    back = fold_service([happened(Happened.MEASURES_RETURNED, version=1, reason="too many")], onto=status)
    stands = back.agreeing.stands("2014/15", "charnwood")
    assert (stands.state, stands.reason, stands.agreed) == (MeasuresState.QUERIED, "too many", 1)
    assert back.agreeing.open_years == ("2014/15",)
    assert stands.waits_for_lead


def test_nothing_is_agreed_before_the_chair_approved() -> None:
    asked = fold_service([happened(Happened.MEASURES_ASKED)])
    with pytest.raises(MoveRefused):
        fold_service([happened(Happened.MEASURES_AGREED, version=1, content="c")], onto=asked)
    assert ServiceStatus().agreeing.find_open("charnwood") is None
