"""Four quarters put together: the latest value of each, once, under who is there today; in words why there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from csp_workflow.report.annual import write_returns
from csp_workflow.report.blocks import Numbered
from csp_workflow.report.roll_up import (
    COUNTED_OTHERWISE,
    NOT_DUE,
    NOT_KNOWABLE,
    TO_COME,
    WITHHELD,
    YearSum,
    add_areas,
    is_revised,
    list_year_partnerships,
    list_year_returns,
    list_year_rows,
    say_before,
    say_missing_quarters,
)
from csp_workflow.terms.events import Happened
from csp_workflow.terms.figures import Break, FigureStatus
from csp_workflow.terms.phrases import NOT_SUPPLIED
from tests.report.paper_told import figure, site
from tests.report.year_told import CHARNWOOD, MELTON, Q4, RUTLAND, YEAR, merged, of_years, row, stands, year

NEW = "E22000999"


def said(one: YearSum) -> object:
    return one.why or (one.value, one.known, one.due)


def test_a_year_is_its_four_quarters_beside_the_year_before() -> None:
    found = row(year(*of_years("M12a", CHARNWOOD, 10, 20, 30, 40, 11, 12, 13, 14)), "M12a")
    assert [cell.figures[0].value for cell in found.cells] == [11, 12, 13, 14]
    assert (said(found.year), said(found.year_before)) == ((50, 4, 4), (100, 4, 4))


def test_a_part_of_a_year_says_how_much_of_it_is_there_and_is_no_year() -> None:
    now = datetime(2014, 11, 3, 9, tzinfo=UTC)
    found = row(year(*of_years("M12a", CHARNWOOD, *[10] * 4, 11, 12), now=now), "M12a")
    assert [cell.why for cell in found.cells] == ["", "", TO_COME, TO_COME]
    assert said(found.year) == (23, 2, 4)
    assert not found.year.is_whole
    missing = say_missing_quarters(year(now=now))
    assert "October to December 2014 and January to March 2015 had not ended by 3 November 2014" in missing
    assert "nobody was asked for April to June 2014 and July to September 2014" in missing


def test_each_reason_for_no_number_has_its_own_word() -> None:
    found = row(year(*of_years("M12a", CHARNWOOD, *[10] * 4, 11, None, 13, 14)), "M12a")
    assert (found.cells[1].why, said(found.year)) == (NOT_SUPPLIED, (38, 3, 4))
    kept = figure("M12a", CHARNWOOD, YEAR[1], None, status=FigureStatus.SUPPRESSED, as_at=YEAR[1].end)
    found = row(year(*of_years("M12a", CHARNWOOD, *[10] * 4, 11, None, 13, 14), kept), "M12a")
    assert (found.cells[1].why, said(found.year)) == (WITHHELD, WITHHELD)
    absent = replace(kept, status=FigureStatus.NOT_AVAILABLE)
    found = row(year(*of_years("M12a", CHARNWOOD, 11, 12, 13, 14, 11, None, 13, 14), absent), "M12a")
    assert (found.cells[1].why, said(found.year)) == ("not available", (38, 3, 4))
    lag = next(s for s in site().framework(Q4).series() if s.lag_quarters and s.ref == "M03b")
    of = year()
    assert [c.why for c in list_year_rows(of, lag)[0].cells][2:] == [NOT_KNOWABLE] * 2
    yearly = next(s for s in of.framework.series() if s.ref == "M02b")
    assert [c.why for c in list_year_rows(of, yearly)[0].cells][:3] == [NOT_DUE] * 3


def test_what_is_counted_otherwise_since_a_day_in_the_year_has_no_total() -> None:
    of = site()
    broken = Break(day=YEAR[2].start, reason="Sheds are counted too")
    measures = tuple(
        replace(m, series=tuple(replace(s, broken=broken) if s.ref == "M12a" else s for s in m.series))
        for m in of.framework(Q4).measures
    )
    changed = replace(of, frameworks=(replace(of.framework(Q4), measures=measures),))
    found = row(year(*of_years("M12a", CHARNWOOD, *[None] * 6, 13, 14), of=changed), "M12a")
    assert [cell.why for cell in found.cells] == [COUNTED_OTHERWISE] * 2 + [""] * 2
    assert found.year.value is None


def test_a_revision_counts_and_is_told_and_what_it_replaced_is_not_added() -> None:
    first = of_years("M12a", CHARNWOOD, *[10] * 4, 11, 12, 13, 14)
    later = figure("M12a", CHARNWOOD, YEAR[0], 15, as_at=date(2015, 5, 1), status=FigureStatus.REVISED)
    of = year(*first, later)
    found = row(of, "M12a")
    assert said(found.year) == (54, 4, 4)
    assert [is_revised(of, cell) for cell in found.cells] == [True, False, False, False]
    assert say_before(of, later) == "11"


def test_a_whole_year_that_was_published_stands_where_no_quarter_of_it_is_known() -> None:
    known = [*of_years("M12a", CHARNWOOD, *[None] * 4, 11, 12, 13, 14)]
    whole = figure("M12a", CHARNWOOD, YEAR[0], 77, period="2013/14", as_at=date(2014, 6, 1))
    assert said(row(year(*known, whole), "M12a").year_before) == (77, 1, 1)
    with_one = of_years("M12a", CHARNWOOD, 10, None, None, None, 11, 12, 13, 14)
    assert said(row(year(*with_one, whole), "M12a").year_before) == (10, 1, 4), "parts and whole are never mixed"


# A merger in the year ---------------------------------------------------------------------------------


def test_areas_that_stay_are_counted_once_whoever_serves_them() -> None:
    figures = [f for area in (MELTON, RUTLAND) for f in of_years("M12a", area, *[10] * 8)]
    of = year(*figures, of=merged())
    (series,) = [s for s in of.framework.series() if s.ref == "M12a"]
    rows = [one for one in list_year_rows(of, series) if one.has_figure]
    assert [(one.row.area.code, said(one.year)) for one in rows] == [(MELTON, (40, 4, 4)), (RUTLAND, (40, 4, 4))]


@pytest.mark.parametrize("restated", [False, True])
def test_an_area_that_replaces_others_stands_for_them_before_and_nothing_is_counted_twice(*, restated: bool) -> None:
    old = [f for area, n in ((MELTON, 10), (RUTLAND, 20)) for f in of_years("M12a", area, *[n] * 6)]
    new = [figure("M12a", NEW, q, 33, as_at=q.end) for q in YEAR[2:]]
    new += [figure("M12a", NEW, q, 31, as_at=Q4.end) for q in YEAR[:2]] if restated else []
    of = year(*old, *new, of=merged(code=NEW))
    (series,) = [s for s in of.framework.series() if s.ref == "M12a"]
    rows = [one for one in list_year_rows(of, series) if one.has_figure]
    assert [one.row.area.code for one in rows] == [NEW]
    assert said(rows[0].year) == ((128 if restated else 126), 4, 4)
    assert said(rows[0].year_before) == (120, 4, 4)
    assert said(add_areas(rows, 0)) == ((31 if restated else 30), 1, 1)


def test_half_of_what_was_merged_is_no_sum() -> None:
    figures = [*of_years("M12a", MELTON, *[10] * 6), *of_years("M12a", RUTLAND, *[20] * 5)]
    found = row(year(*figures, of=merged(code=NEW)), "M12a", NEW)
    assert [cell.why for cell in found.cells] == ["", NOT_SUPPLIED, NOT_SUPPLIED, NOT_SUPPLIED]


def test_the_returns_before_a_merger_stand_under_the_old_names() -> None:
    came = (Happened.RECEIVED, Happened.COMPLETE, Happened.APPROVED)
    rounds = {
        1: stands(YEAR[0], melton=came, rutland=(Happened.NIL,)),
        2: stands(YEAR[1], melton=came, rutland=()),
        3: stands(YEAR[2], melton_rutland=came),
    }
    of = year(of=merged(), rounds=rounds)
    heir = of.site.respondent("melton-rutland")
    found = [[(one.of.key, one.said) for one in quarter] for quarter in list_year_returns(of, heir)]
    assert found == [
        [("melton", "approved"), ("rutland", "nothing to report")],
        [("melton", "approved"), ("rutland", "asked, not received")],
        [("melton-rutland", "approved")],
        [("melton-rutland", "not asked")],
    ]


def test_who_ended_without_an_heir_is_not_lost_and_what_was_split_is_counted_once() -> None:
    came = (Happened.RECEIVED, Happened.COMPLETE)
    of = site()
    ended = tuple(replace(r, valid_to=date(2014, 9, 30)) if r.key == "melton" else r for r in of.respondents)
    rounds = {1: stands(YEAR[0], melton=came, rutland=came), 4: stands(Q4, rutland=came)}
    facts = year(of=replace(of, respondents=ended), rounds=rounds)
    assert [r.key for r in list_year_partnerships(facts)] == ["melton", "rutland"]
    halves = tuple(
        replace(r, key=key, code=key.upper(), valid_from=date(2014, 10, 1), predecessors=("melton",))
        for r in of.respondents
        if r.key == "melton"
        for key in ("north", "south")
    )
    rounds[4] = stands(Q4, rutland=came, north=came, south=came)
    facts = year(of=replace(of, respondents=(*ended, *halves)), rounds=rounds)
    assert [r.key for r in list_year_partnerships(facts)] == ["rutland", "north", "south"]
    first, *_ = write_returns(facts)
    assert isinstance(first, Numbered)
    assert str(first.text).startswith("Of 5 returns that were asked for, 5 came")
