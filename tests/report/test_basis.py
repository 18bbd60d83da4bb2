"""What a bookmark says a printed number was made from, and that number reckoned again."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.report.basis import Basis, Made, figure_key, read_basis, reckon
from csp_workflow.report.blocks import Numbered, Table
from csp_workflow.report.contents import compile_contents
from csp_workflow.report.facts import Otherwise
from csp_workflow.terms.figures import Figure, Slot, slot_of
from tests.report.paper_told import Q2, eight, facts, figure

AREAS = ("E22000165", "E22000166", "E06000016")
SLOTS = st.tuples(
    st.sampled_from(("M01.1", "CHARN.L1", "residents", "household spaces; owned | rented")),
    st.sampled_from(AREAS),
    st.sampled_from(("2014/15-Q2", "2014/15-Q1", "2013/14", "12 months to 2014/15-Q2", "mid-2013")),
)


@given(
    how=st.sampled_from([one for one in Made if one is not Made.FIGURE]),
    slots=st.lists(SLOTS, min_size=1, unique=True),
    per=st.sampled_from((0, 1, 1000)),
)
def test_a_key_is_read_as_it_was_written(how: Made, slots: list[Slot], per: int) -> None:
    read = read_basis(Basis(how=how, slots=tuple(slots), per=per).key)
    assert read is not None
    assert (read.how, read.per, sorted(read.slots)) == (how, per, sorted(slots))


@given(SLOTS.filter(lambda slot: " " not in slot[0]))
def test_a_figure_s_key_is_its_series_area_and_period(slot: Slot) -> None:
    key = figure_key(figure(slot[0], slot[1], Q2, 1, period=slot[2]))
    assert key == " ".join(("figure", *slot))
    assert read_basis(key) == Basis(how=Made.FIGURE, slots=(slot,))


@pytest.mark.parametrize("key", ["figure M01.1 E22", "year 2014/15-Q2 M01.1 E22", "burglary", "chart: M01.1|E22|x", ""])
def test_what_tells_of_no_figures_has_no_basis(key: str) -> None:
    assert read_basis(key) is None


def reckoned(how: Made, *figures: Figure, per: int = 0) -> Decimal | None:
    basis = Basis(how=how, slots=tuple(map(slot_of, figures)), per=per)
    return reckon(basis, {slot_of(one): one for one in figures})


def year(area: str, *values: int | None) -> list[Figure]:
    return [figure("M01.1", area, Q2.plus(-back), value) for back, value in enumerate(values)]


def people(area: str, many: int) -> Figure:
    return figure("residents", area, Q2, many, period="mid-2013")


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_a_total_is_the_sum_of_its_figures(values: list[int]) -> None:
    assert reckoned(Made.TOTAL, *year(AREAS[0], *values)) == sum(values)


def test_a_total_of_shares_is_reckoned_from_the_counts_behind_them() -> None:
    one, other = year(AREAS[0], 25, 75)
    assert reckoned(Made.TOTAL, replace(one, count=10, base=40), replace(other, count=90, base=120)) == Decimal("62.5")
    assert reckoned(Made.TOTAL, replace(one, base=40), replace(other, base=120)) == Decimal("62.5")
    assert reckoned(Made.TOTAL, replace(one, value=Decimal("33.3"), base=10), other) is None


@given(st.lists(st.tuples(st.integers(0, 9999), st.integers(1, 10**6)), min_size=1, max_size=3))
def test_an_average_is_that_of_the_areas_rates_each_by_its_own_people(areas: list[tuple[int, int]]) -> None:
    figures = [f for area, (n, of) in zip(AREAS, areas, strict=False) for f in (*year(area, n, n), people(area, of))]
    rates = [Decimal(2 * n * 1000) / of for n, of in areas]
    assert reckoned(Made.AVERAGE, *figures, per=1000) == sum(rates, Decimal()) / len(rates)
    assert reckoned(Made.RATE, *figures[:3], per=1000) == rates[0]


def test_nothing_is_reckoned_of_what_is_lacking_or_comes_by_more_than_arithmetic() -> None:
    assert reckoned(Made.TOTAL, *year(AREAS[0], 1, None)) is None
    assert reckoned(Made.USUAL, *year(AREAS[0], 1, 2)) is None
    assert reckon(Basis(how=Made.TOTAL, slots=(("M01.1", "E22", "2014/15-Q2"),)), {}) is None


def test_what_earlier_papers_stated_is_traced_where_it_is_a_figure_or_a_year() -> None:
    at = f"M12a {AREAS[0]}"
    said = (
        (f"figure {at} {Q2.key}", "12", "10"),
        (f"year {Q2.key} {at}", "80, usually 70: rising", "no longer stated"),
        (f"year {Q2.key} GONE {AREAS[0]}", "80, usually 70: rising", "90, usually 70: rising"),
        (f"return {Q2.key} charnwood", "no return had been received", "a return was received"),
    )
    told = tuple(Otherwise(key=key, what="It", paper="the Panel", was=was, now=now) for key, was, now in said)
    of = replace(facts(*eight("M12a", AREAS[0], 10, 9, 8, 7, 6)), otherwise=told)
    table = next(b for b in compile_contents(of).blocks if isinstance(b, Table) and "otherwise" in b.caption)
    marked = [[run.figure for cell in row[1:3] for run in cell if run.text[0].isdigit()] for row in table.rows]
    periods = ",".join(Q2.plus(-back).key for back in range(5))
    assert marked == [[said[0][0]] * 2, [f"usual: M12a|{AREAS[0]}|{periods}"], ["", ""], []]
    first = next(b for b in compile_contents(of).blocks if isinstance(b, Numbered) and b.key == "changes")
    assert [run.text for run in first.text if run.figure] == ["10", "12", "80, usually 70: rising"]
