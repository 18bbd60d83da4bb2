"""What a paper is compiled of: each row with its rate and its peers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from csp_workflow.analysis.peers import Position
from csp_workflow.report.basis import Made, read_basis, reckon
from csp_workflow.report.tracing import is_printed
from csp_workflow.report.wording import say_before, say_group, say_own_rate, say_total, say_usual, say_year
from csp_workflow.terms.figures import Break, list_comparable
from csp_workflow.terms.site import Area, PeerGroup, RespondentKind
from tests.analysis.peers_told import line
from tests.report.paper_told import Q2, eight, facts, figure, site

CHARNWOOD = "E22000165"
PEOPLE = replace(figure("residents", CHARNWOOD, Q2, 170_000), period="mid-2013", as_at=date(2014, 6, 26))
LINE = line(
    area=CHARNWOOD,
    as_at=date(2014, 11, 4),
    rate=Decimal("2.00"),
    average=Decimal("1.50"),
    low=Decimal("1.20"),
    high=Decimal("1.80"),
)


def test_a_row_has_its_rate_and_stands_beside_its_group() -> None:
    known = replace(facts(*eight("M13a", CHARNWOOD, 100, 90, 80, 70, 60, 60, 60, 60), PEOPLE), groups=(LINE,))
    series = next(s for s in known.framework.series() if s.ref == "M13a")
    row = next(row for row in known.rows(series) if row.area.code == CHARNWOOD)
    assert (row.rate.value, row.rate.denominator) == (2, 170_000)
    assert (row.peers.words, row.peers.average) == (Position.ABOVE, Decimal("1.50"))
    elsewhere = next(row for row in known.rows(series) if row.area.code != CHARNWOOD)
    assert (elsewhere.rate, elsewhere.peers.words) == (None, Position.NO_COMPARATOR)


def test_what_stands_beside_a_group_of_chosen_areas_says_what_it_was_reckoned_from() -> None:
    areas = tuple(f"E0700013{n}" for n in range(5))
    places = tuple(Area(name=code, code=code) for code in areas)
    partnership = next(r for r in site().respondents if r.kind is RespondentKind.PARTNERSHIP)
    group = PeerGroup(key="chosen", title="Chosen", version=date(2014, 4, 1), areas=areas)
    crimes = (f for n, code in enumerate(areas) for f in eight("M13a", code, *[100 + 9 * n] * 20))
    people = (replace(PEOPLE, area=code, value=Decimal(150_000 + 7_000 * n)) for n, code in enumerate(areas))
    of = facts(*crimes, *people)
    of = replace(of, site=replace(of.site, respondents=(replace(partnership, areas=places),), peers=(group,)))
    row = of.rows(next(s for s in of.framework.series() if s.ref == "M13a"))[0]
    runs = (*say_group(row), *say_own_rate(row), *say_total(row), *say_usual(row), *say_before(row), *say_year(of, row))
    assert not [run.text for run in runs if not run.figure and any(map(str.isdigit, run.text))]
    bases = [(run.text, basis) for run in runs if (basis := read_basis(run.figure))]
    known = {slot: figure for slot in of.known.slots() if (figure := of.known.latest(*slot))}
    by_sums = {Made.TOTAL, Made.RATE, Made.AVERAGE}
    assert all(is_printed(reckon(basis, known), text) for text, basis in bases if basis.how in by_sums)
    assert {basis.how for _, basis in bases} == by_sums | {Made.FIGURE, Made.USUAL, Made.LIMITS}
    limits = next(basis for _, basis in bases if basis.how is Made.LIMITS)
    assert {area for _, area, _ in limits.slots} == set(areas)


def test_nothing_stands_beside_a_group_across_a_break() -> None:
    framework = site().framework(Q2)
    for day, stands in ((Q2.start, ()), (Q2.plus(-3).start, (LINE,)), (Q2.plus(1).start, (LINE,))):
        broken = Break(day=day, reason="Counted otherwise")
        measures = tuple(
            replace(m, series=tuple(replace(s, broken=broken) for s in m.series)) if m.ref == "M13a" else m
            for m in framework.measures
        )
        assert tuple(list_comparable((LINE,), replace(framework, measures=measures), Q2)) == stands


def test_no_story_is_told_where_ons_would_withhold_the_change() -> None:
    told = facts(*eight("M13a", CHARNWOOD, *[30] * 4, *[10] * 16), *eight("M12a", CHARNWOOD, *[60] * 4, *[20] * 16))
    series = {one.ref: one for one in told.framework.series()}
    burglary, violence = (
        next(row for row in told.rows(series[ref]) if row.area.code == CHARNWOOD) for ref in ("M12a", "M13a")
    )
    assert burglary.is_story
    assert not violence.is_story
    assert "ONS withholds a change" in violence.year.why
