"""The house grows no worse: what `python -m tests.house.measures` prints stays under its ceilings."""

from __future__ import annotations

from tests.house import measures


def test_no_measure_exceeds_its_ceiling() -> None:
    figures = measures.measure()
    exceeded = [name for name, ceiling in measures.CEILINGS.items() if figures[name] > ceiling]
    assert not exceeded, f"{exceeded}\n\n{measures.draw_table(figures)}"
