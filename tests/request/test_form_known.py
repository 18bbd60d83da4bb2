"""What a form shows of the past: nothing later than the day it is made, nothing suppressed, nothing of others'."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from request_told import (
    BLABY,
    CHARNWOOD,
    CITY,
    FORCE,
    HINCKLEY,
    MEASURES,
    MELTON,
    Q2,
    SITE,
    figure,
    form,
    rows,
    series,
    with_framework,
)  # fmt: skip

from csp_workflow.analysis.peers import Comparators
from csp_workflow.request.rows import shorten_source
from csp_workflow.terms.comparisons import GroupRate, KnownFigures
from csp_workflow.terms.figures import (
    Break,
    Figure,
    FigureStatus,
    Frequency,
    Measure,
    MeasureKind,
    Provenance,
    list_comparable,
    suppress_small,
)
from csp_workflow.terms.phrases import say_past_figure
from csp_workflow.terms.site import Site
from csp_workflow.terms.suppression import Suppression

LAST = "2014/15-Q1"
YEAR_AGO = "2013/14-Q2"


def row(key, ref, *figures, area="Charnwood", **changes):
    return rows(form(key, figures, **changes))[area, ref]


def test_the_latest_version_known_on_the_day_is_shown_and_a_revision_says_so():
    first = figure("M11", CHARNWOOD, LAST, "412", as_at=date(2014, 7, 14))
    revised = figure("M11", CHARNWOOD, LAST, "431", as_at=date(2014, 9, 1), status=FigureStatus.REVISED)
    later = figure("M11", CHARNWOOD, LAST, "999", as_at=date(2014, 10, 16))
    assert row("charnwood", "M11", later, revised, first).history[-1] == "431 (revised from 412)"


def test_nothing_published_after_the_cycle_opens_is_shown_anywhere():
    late = {"as_at": date(2015, 1, 22)}
    figures = (
        figure("M11", CHARNWOOD, Q2.key, "31337", **late),
        figure("M11", CHARNWOOD, LAST, "31337", **late),
        figure("M11", CHARNWOOD, "2011/12", "31337", **late),
        *(figure("M11", area, YEAR_AGO, "31337", **late) for area in (BLABY, CHARNWOOD, MELTON)),
    )
    assert form("charnwood", figures) == form("charnwood")


def test_where_no_figure_is_known_the_form_says_not_available():
    assert row("charnwood", "M11").history == ("not available",) * 4
    assert row("charnwood", "M11").official == "not available"
    assert row("charnwood", "M11").comparator == ""


@pytest.mark.parametrize(
    ("status", "value", "shown"),
    [
        (FigureStatus.PROVISIONAL, "1204", "1,204 (provisional)"),
        (FigureStatus.ESTIMATED, "35", "35 (estimated)"),
        (FigureStatus.NOT_APPLICABLE, None, "not applicable"),
        (FigureStatus.SUPPRESSED, None, "suppressed"),
        (FigureStatus.NIL, "0", "0"),
    ],
)
def test_a_figures_status_is_told(status, value, shown):
    assert row("charnwood", "M11", figure("M11", CHARNWOOD, LAST, value, status=status)).history[-1] == shown


def test_a_small_number_is_shown_as_its_owner_wants_and_never_as_itself():
    small = (
        figure("M17a", CHARNWOOD, LAST, "3"),
        figure("M17a", CHARNWOOD, Q2.key, "4", note="see 4", as_at=date(2014, 10, 13)),
        figure("M17a", CHARNWOOD, "2013/14", "2"),
    )
    found = row("charnwood", "M17a", *small)
    assert found.history[-1] == "fewer than 5"
    assert found.official.startswith("2013/14: fewer than 5")
    assert found.given.value is None
    assert found.given.status is FigureStatus.SUPPRESSED
    assert found.given.note == ""
    assert found.previous is None


def test_a_revision_from_a_small_number_does_not_tell_it():
    counts = series("M17a", suppression=Suppression(below=5))
    versions = (
        figure("M17a", CHARNWOOD, LAST, "3", as_at=date(2014, 7, 1)),
        figure("M17a", CHARNWOOD, LAST, "7", as_at=date(2014, 8, 1), status=FigureStatus.REVISED),
    )
    assert say_past_figure(versions[1], counts, KnownFigures(versions, date(2014, 10, 15))) == "7 (revised)"


def test_a_per_cent_is_shown_with_the_number_behind_it_and_is_small_by_that():
    share = series(
        "M03a.1", kind=MeasureKind.PERCENT, unit="per cent", suppression=Suppression(below=5, shown_as="too few")
    )
    known = KnownFigures((), date(2014, 10, 15))
    assert say_past_figure(figure("M03a.1", CITY, LAST, "62.5", base=120), share, known) == "62.5 (n\u00a0=\u00a0120)"
    assert say_past_figure(figure("M03a.1", CITY, LAST, "2.5", base=120), share, known) == "too few"
    assert say_past_figure(figure("M03a.1", CITY, LAST, "75.0", base=4), share, known) == "too few"
    counted = figure("M03a.1", CITY, LAST, "62.5", count=75, base=120)
    assert say_past_figure(counted, share, known) == "62.5 (75\u00a0of\u00a0120)"
    large = figure("M03a.1", CITY, LAST, "62.5", count=1_250, base=2_000)
    assert say_past_figure(large, share, known) == "62.5 (1,250 of 2,000)"
    one = figure("M03a.1", CITY, LAST, "2.0", count=1, base=50)
    assert say_past_figure(one, share, known) == "too few", "two per cent of fifty is one person"
    assert suppress_small(one, share) == replace(one, value=None, count=None, base=None, status=FigureStatus.SUPPRESSED)


def test_the_official_figure_is_the_latest_whole_year_with_its_source():
    source = Provenance(
        source="Home Office, police recorded crime: burglary, added up", licence="Licensed under the OGL."
    )
    years = (
        figure("M12a", CHARNWOOD, "2010/11", "690", provenance=source),
        figure("M12a", CHARNWOOD, "2011/12", "701", provenance=source),
    )
    asked = form("charnwood", years)
    assert rows(asked)["Charnwood", "M12a"].official == "2011/12: 701 (Home Office)"
    assert asked.sources == ("Home Office, police recorded crime: burglary, added up. Licensed under the OGL.",)


def test_without_an_areas_own_year_the_whole_forces_is_shown_and_said_to_be():
    force = figure("M12a", FORCE, "2013/14", "4199", provenance=Provenance(source="Panel minutes"))
    assert row("charnwood", "M12a", force).official == "2013/14, whole force: 4,199 (Panel minutes)"


@pytest.mark.parametrize(
    ("source", "short"),
    [
        ("Home Office, police recorded crime open data", "Home Office"),
        ("Leicester, Leicestershire and Rutland Panel, minutes on it", "Leicester, Leicestershire and Rutland Panel"),
        ("The force's extract for 2014/15 Q1", "The force's extract for 2014/15 Q1"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_source_is_named_without_what_was_done_to_it(source, short):
    assert shorten_source(source) == short


def with_rate() -> Site:
    def rate(one: Measure) -> Measure:
        return replace(one, series=tuple(replace(s, denominator="per 1,000 residents") for s in one.series))

    return with_framework(measures=tuple(rate(one) if one.ref == "M11" else one for one in MEASURES))


WITH_RATE = with_rate()


def of_group(*counts: int, **changes: object) -> tuple[Figure, ...]:
    """A year to last quarter of some areas of the group, each with 100,000 residents."""
    areas = (CHARNWOOD, BLABY, MELTON, HINCKLEY)[: len(counts)]
    quarters = [Q2.plus(-back).key for back in (1, 2, 3, 4)]
    people = [figure("residents", area, "mid-2013", "100000", **changes) for area in areas]
    pairs = zip(areas, counts, strict=True)
    return (*people, *(figure("M11", area, q, str(count), **changes) for area, count in pairs for q in quarters))


def test_the_comparator_is_what_the_papers_read_with_its_period_and_group():
    asked = form("charnwood", of_group(200, 100, 110, 90), site=WITH_RATE)
    found = rows(asked)["Charnwood", "M11"].comparator
    assert found.startswith("Above: 8.0 per 1,000 residents, year to 30 June 2014. Group 4.0 (")
    assert found.endswith("). No target.")
    (said,) = [line for line in asked.sources if line.startswith("Comparator")]
    assert "Chosen comparators, version of 1 Apr 2014" in said
    assert "no target and no ranking" in said


def test_the_comparator_comes_from_an_extract_where_there_is_one():
    of = Provenance(source="iQuanta", illustrative=True)
    line = GroupRate(
        series="M11",
        area=CHARNWOOD.code,
        period=LAST,
        as_at=date(2014, 9, 1),
        members=15,
        unit="per 1,000 residents",
        status=FigureStatus.FINAL,
        group="Most Similar Group",
        version=date(2013, 10, 1),
        provenance=of,
        rate=Decimal("1.2"),
        average=Decimal("1.1"),
        low=Decimal("0.9"),
        high=Decimal("1.3"),
    )
    known = KnownFigures((), date(2014, 10, 15))
    asked = form("charnwood", (), comparators=Comparators(known, SITE.peers, [line]))
    found = rows(asked)["Charnwood", "M11"].comparator
    assert found.startswith("Similar: 1.2 per 1,000 residents, quarter to 30 June 2014. Group 1.1 (0.9")
    assert any("Most Similar Group, version of 1 Oct 2013, extract of 1 Sep 2014" in line for line in asked.sources)
    assert asked.illustrative


def test_two_other_areas_are_no_group_since_one_could_reckon_the_other():
    assert rows(form("charnwood", of_group(200, 100, 110), site=WITH_RATE))["Charnwood", "M11"].comparator == ""


def test_no_word_of_another_areas_figures_reaches_a_form():
    canary = Provenance(source="CANARY", licence="CANARY")
    others = tuple(
        figure(ref, area, period, "31337", note="CANARY", provenance=canary, as_at=date(2014, 10, 1))
        for area in (BLABY, HINCKLEY, MELTON)
        for ref in ("M11", "M12a", "M17a", "BLHB.L1")
        for period in (YEAR_AGO, LAST, Q2.key, "2013/14")
    )
    own = figure("M11", CHARNWOOD, YEAR_AGO, "7")
    asked = form("charnwood", (*others, own))
    assert "CANARY" not in repr(asked)
    alone = form("charnwood", (own,))
    plain = [replace(row, comparator="") for row in asked.figures]
    assert plain == [replace(row, comparator="") for row in alone.figures], "only the average tells of other areas"


def test_a_form_is_illustrative_when_any_figure_it_shows_was_made_up():
    made_up = Provenance(source="Illustrative figures", illustrative=True)
    real = figure("M11", CHARNWOOD, LAST, "400")
    assert not form("charnwood", (real,)).illustrative
    assert form("charnwood", (real, figure("M12a", CHARNWOOD, LAST, "40", provenance=made_up))).illustrative
    assert not form("charnwood", (real, figure("M12a", MELTON, LAST, "40", provenance=made_up))).illustrative
    own, others = of_group(90, 100, 110, 90), of_group(90, 100, 110, 90, provenance=made_up)
    compared = tuple(mine if mine.area == CHARNWOOD.code else theirs for mine, theirs in zip(own, others, strict=True))
    assert form("charnwood", compared, site=WITH_RATE).illustrative


def test_on_an_illustrative_site_every_figure_counts_as_made_up():
    site = replace(SITE, illustrative=True)
    assert form("charnwood", (figure("M11", CHARNWOOD, LAST, "400"),), site=site).illustrative
    assert not form("lscb", site=site).illustrative, "a form without figures shows none that was made up"


def test_the_value_before_is_kept_for_the_checks():
    before = figure("CHARN.L1", CHARNWOOD, LAST, "40")
    assert row("charnwood", "CHARN.L1", before).previous == before


@given(
    st.lists(st.tuples(st.sampled_from([3, 7, 400, 31337]), st.dates(date(2014, 1, 1), date(2015, 12, 31))), max_size=8)
)
def test_whatever_is_stored_only_what_was_known_on_the_day_and_may_be_shown_is_shown(stored):
    figures = tuple(figure("M17a", CHARNWOOD, LAST, str(value), as_at=day) for value, day in stored)
    found = row("charnwood", "M17a", *figures)
    known = sorted((f for f in figures if f.as_at <= date(2014, 10, 15)), key=lambda f: f.as_at)
    if not known:
        assert found.history[-1] == "not available"
    elif known[-1].value < Decimal(5):
        assert found.history[-1] == "fewer than 5"
    else:
        assert found.history[-1].startswith(f"{known[-1].value:,}")


def broken(ref: str, day: date) -> Site:
    """The site in which a series counts another thing since a day."""

    def mark(measure: Measure) -> Measure:
        counted = (replace(s, broken=Break(day=day, reason="Sheds are counted.")) for s in measure.series)
        return replace(measure, series=tuple(counted)) if measure.ref == ref else measure

    return with_framework(measures=tuple(map(mark, MEASURES)))


def test_nothing_is_shown_or_compared_across_a_break_and_the_row_says_so():
    past = tuple(figure("M11", CHARNWOOD, Q2.plus(-back).key, "2640") for back in (4, 3, 2, 1))
    year = figure("M11", CHARNWOOD, "2013/14", "9999")
    whole = rows(form("charnwood", (*past, year)))["Charnwood", "M11"]
    assert (whole.history, bool(whole.previous)) == (("2,640",) * 4, True)
    assert "9,999" in whole.official
    row = rows(form("charnwood", (*past, year), site=broken("M11", Q2.plus(-1).start)))["Charnwood", "M11"]
    assert row.history == ("not available", "not available", "not available", "2,640")
    assert row.official == "not available"
    assert "Counted so since 1 April 2014 (Sheds are counted): earlier figures are not comparable" in row.definition
    row = rows(form("charnwood", past, site=broken("M11", Q2.start)))["Charnwood", "M11"]
    assert (row.history, row.previous) == (("not available",) * 4, None)
    later = rows(form("charnwood", past, site=broken("M11", Q2.plus(1).start)))["Charnwood", "M11"]
    assert later.history == ("2,640",) * 4, "a break to come parts nothing yet"
    assert "Counted so since" not in later.definition


@pytest.mark.parametrize("day", [None, Q2.start])
def test_figures_counted_anew_stand_beside_later_ones_from_the_day_since_when_they_are_comparable(day: date | None):
    """With a break and without: what was counted anew is shown, what was not is left out."""
    past = tuple(figure("M11", CHARNWOOD, Q2.plus(-back).key, "2640") for back in (4, 3, 2, 1))
    counted = {"broken": day and Break(day=day, reason="Sheds are counted."), "comparable_from": Q2.plus(-2).start}
    measures = tuple(
        replace(m, series=tuple(replace(s, **counted) for s in m.series)) if m.ref == "M11" else m for m in MEASURES
    )
    row = rows(form("charnwood", past, site=with_framework(measures=measures)))["Charnwood", "M11"]
    assert row.history == ("not available", "not available", "2,640", "2,640")
    assert "Comparable from 1 January 2014 on: earlier figures are not shown." in row.definition


def test_a_quarter_that_a_break_falls_into_is_compared_with_none_after_it():
    past = tuple(figure("M11", CHARNWOOD, Q2.plus(-back).key, "2640") for back in (4, 3, 2, 1))
    middle = Q2.plus(-2).start + timedelta(days=45)
    row = rows(form("charnwood", past, site=broken("M11", middle)))["Charnwood", "M11"]
    assert row.history == ("not available", "not available", "not available", "2,640")


def test_twelve_months_that_a_break_falls_into_are_compared_with_none_after_it():
    def shown(frequency: Frequency, back: int) -> bool:
        """Whether a figure so many quarters back may stand beside this quarter's; the break is one quarter back."""
        site_ = broken("M11", Q2.plus(-1).start)
        measures = tuple(
            replace(m, series=tuple(replace(s, frequency=frequency) for s in m.series)) if m.ref == "M11" else m
            for m in site_.framework(Q2).measures
        )
        past = figure("M11", CHARNWOOD, Q2.plus(-back).key, "2640")
        return bool(list(list_comparable([past], replace(site_.framework(Q2), measures=measures), Q2)))

    assert shown(Frequency.QUARTERLY, 1)
    assert not shown(Frequency.ROLLING_12_MONTHS, 1), "its twelve months began before the break"
    assert not shown(Frequency.HALF_YEARLY, 1)
    assert shown(Frequency.ROLLING_12_MONTHS, 0), "it stands for itself"
    assert not shown(Frequency.QUARTERLY, 2)


def test_a_lagging_series_is_parted_by_the_period_it_is_asked_for():
    place = SITE.respondent("public-health").areas[0]
    past = tuple(figure("M03b", place, Q2.plus(-back).key, "11.5") for back in (4, 3))
    row = rows(form("public-health", past, site=broken("M03b", Q2.start)))["Leicester", "M03b"]
    assert row.history[:2] == ("11.5", "11.5"), "what it asks for ended before the break"
