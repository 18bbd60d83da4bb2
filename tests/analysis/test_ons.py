"""What ONS publishes of a change: a small table made by hand, and its own for every area it has printed."""

from __future__ import annotations

import csv
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.analysis.ons import (
    RELIABLE_FROM,
    Marker,
    is_change_unreliable,
    publish_change,
    withhold_unreliable,
)
from csp_workflow.analysis.readings import Amount, Direction, YearReading
from csp_workflow.terms.figures import MeasureKind
from tests.analysis.peers_told import VIOLENCE, figure

FIGURE = figure(90)

PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "data"
LEICESTERSHIRE = "E23000021"
CELLS = 253
COUNTS = st.integers(0, 10**6).map(Decimal)


@pytest.mark.parametrize(
    ("now", "before", "is_assigned", "published"),
    [
        (110, 100, True, 10.0),
        (50, 100, True, -50.0),
        (49, 100, True, Marker.UNRELIABLE),
        (100, 49, True, Marker.UNRELIABLE),
        (100, 0, True, Marker.UNRELIABLE),
        (0, 0, True, Marker.UNRELIABLE),
        (8264, 8228, False, Marker.NOT_AVAILABLE),
        (None, 100, True, Marker.NOT_AVAILABLE),
        (100, None, True, Marker.NOT_AVAILABLE),
    ],
)
def test_a_change_is_published_or_its_marker_in_its_place(now, before, is_assigned, published):
    counts = (None if count is None else Decimal(count) for count in (now, before))
    assert publish_change(*counts, is_assigned=is_assigned) == published


@given(COUNTS, COUNTS)
def test_a_change_is_reliable_exactly_where_both_years_have_enough(now, before):
    assert is_change_unreliable(now, before) is (now < RELIABLE_FROM or before < RELIABLE_FROM)
    assert isinstance(publish_change(now, before), Marker) is is_change_unreliable(now, before)


RISEN = YearReading(now=Amount(value=Decimal(90)), before=Amount(value=Decimal(50)), direction=Direction.RISING)


@pytest.mark.parametrize(
    ("changes", "note", "is_police", "told"),
    [
        ({}, "", True, True),
        ({"before": Amount(value=Decimal(49))}, "", True, False),
        ({"before": Amount(value=Decimal(49))}, "", False, True),
        ({"now": Amount(value=Decimal(49)), "before": Amount(value=Decimal(90))}, "", True, False),
        ({"before": None, "usual": Decimal(40)}, "", True, False),
        ({"before": None, "usual": Decimal(60)}, "", True, True),
        ({"before": None}, "", True, True),
        ({}, "[u]", False, False),
        ({}, "Counted twice. [u]", True, False),
    ],
)
def test_no_story_is_told_where_a_change_is_marked_as_not_reliable(changes, note, is_police, told):
    year = replace(RISEN, **changes)
    figures = [None, replace(FIGURE, note=note)]
    found = withhold_unreliable(year, figures, VIOLENCE, is_police=is_police)
    assert (found == year) is told
    assert (found.direction is Direction.TOO_FEW) is not told
    assert bool(found.why) is not told


@pytest.mark.parametrize("direction", [one for one in Direction if not one.is_judged])
def test_what_says_nothing_keeps_its_own_word(direction):
    year = replace(RISEN, before=Amount(value=Decimal(1)), direction=direction)
    assert withhold_unreliable(year, [], VIOLENCE, is_police=True) is year


def test_a_share_is_no_count_of_offences():
    year = replace(RISEN, before=Amount(value=Decimal(10)))
    share = replace(VIOLENCE, kind=MeasureKind.PERCENT)
    assert withhold_unreliable(year, [], share, is_police=True) is year


def cells(file: str) -> dict[tuple[str, ...], str]:
    """A published table's cells by force, area and offence."""
    with (PUBLISHED / file).open(encoding="utf-8-sig") as table:
        header, *rows = csv.reader(table)
    return {(row[0], row[3], header[n]): row[n] for row in rows for n in range(6, len(header)) if row[n]}


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published tables lie beside the project, in ../shared/data")
def test_every_change_that_ons_published_is_recomputed_to_the_last_digit():
    now, before, changes = (
        cells(f"ons_csp_{file}_all_csps.csv")
        for file in ("counts_ye_dec2024", "counts_ye_dec2023", "pct_change_ye_dec2023_to_2024")
    )
    found = {}
    for key in changes:
        is_assigned = not key[1].casefold().startswith("unassigned")
        change = publish_change(Decimal(now[key]), Decimal(before[key]), is_assigned=is_assigned)
        found[key] = change.value if isinstance(change, Marker) else change
    said = {key: text if text.startswith("[") else float(text) for key, text in changes.items()}
    assert sum(force == LEICESTERSHIRE for force, *_ in said) == CELLS
    assert found == said
