"""How often a reading calls a change where nothing has changed, and how often it misses one: measured by simulation.

Run as `python -m tests.analysis.false_stories` for the tables; `--rows N` for how many series of each kind (20,000).
Quarters are drawn as police counts vary: by chance alone (Poisson), or by more (negative binomial), with or without a
season. Beside the product's own reading stand those that it replaces or might be replaced by, on the same figures.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from csp_workflow.analysis.limits import mark_chart
from csp_workflow.analysis.readings import QUARTERS_BACK, Signal
from csp_workflow.analysis.years import measure_years

SEASON = np.array([1.15, 1.0, 0.85, 1.0])
LENGTHS = (12, 16, 20)
MEANS = (20, 100, 1_000)
RATIOS = (1, 3)
STEP = 1.3
LEAST_FOUND = {1: 95, 2: 80, 3: 60}
"""In how many of a hundred series a step of 30 per cent at 100 a quarter must be found, by variance over mean."""

_CHARTED = 1_000
"""Charts are marked one by one: so many series are enough for what stands beside."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Unchanged:
    """A kind of series in which nothing changes: its mean a quarter, variance over mean, season, and length; by how
    much (0.05: a twentieth) whole years swing about it by themselves."""

    mean: float
    ratio: float
    season: bool
    quarters: int
    swing: float = 0

    def draw(self, rows: int, chance: np.random.Generator) -> pd.DataFrame:
        """So many series, the newest quarter first."""
        means = np.full((rows, self.quarters), float(self.mean))
        if self.season:
            means *= np.resize(SEASON, self.quarters)
        if self.swing:
            means *= np.exp(chance.normal(0, self.swing, (rows, self.quarters // 4))).repeat(4, axis=1)
        return draw_counts(means, self.ratio, rows, chance)


def draw_counts(means: npt.NDArray[np.float64], ratio: float, rows: int, chance: np.random.Generator) -> pd.DataFrame:
    """Counts around each mean, with so many times the variance that chance alone would give."""
    shape = (rows, means.shape[-1])
    if ratio == 1:
        return pd.DataFrame(chance.poisson(means, shape).astype(float))
    return pd.DataFrame(chance.negative_binomial(means / (ratio - 1), 1 / ratio, shape).astype(float))


def list_unchanged() -> Iterator[Unchanged]:
    """Every kind that is measured."""
    for quarters in LENGTHS:
        for mean in MEANS:
            for ratio in RATIOS:
                for season in (False, True):
                    yield Unchanged(mean=mean, ratio=ratio, season=season, quarters=quarters)


def list_restless() -> Iterator[Unchanged]:
    """What is harder: quarters that vary by more, and whole years that swing; four of them hardly tell how much."""
    for quarters in LENGTHS:
        for ratio, swing in ((5, 0.0), (8, 0.0), (2, 0.03), (2, 0.05)):
            yield Unchanged(mean=1_000, ratio=ratio, season=False, quarters=quarters, swing=swing)


# Readings of series: which of them are called changed --------------------------------------------------


def find_stories(counts: pd.DataFrame) -> Flags:
    """The product's own: the newest year against the usual one."""
    wide = counts.reindex(columns=range(QUARTERS_BACK))
    years = measure_years(wide, in_year=4)
    return ((years["now"] > years["high"]) | (years["now"] < years["low"])).to_numpy()


def find_tenths(counts: pd.DataFrame) -> Flags:
    """The newest quarter is ten per cent away from the same quarter last year."""
    return ((counts[0] - counts[4]).abs() > counts[4] / 10).to_numpy()


def find_beyond_poisson(counts: pd.DataFrame) -> Flags:
    """The newest twelve months differ from the twelve before by more than chance alone in one of twenty."""
    now, before = counts.loc[:, 0:3].sum(axis=1), counts.loc[:, 4:7].sum(axis=1)
    return ((now - before).abs() > 1.96 * np.sqrt(now + before)).to_numpy()


def find_outside(counts: pd.DataFrame) -> Flags:
    """The newest quarter lies outside the limits of an XmR chart."""
    return np.array([mark is Signal.OUTSIDE for mark in _mark_newest(counts)])


def find_signals(counts: pd.DataFrame) -> Flags:
    """The newest quarter is marked by any of an XmR chart's four rules."""
    return np.array([mark is not None for mark in _mark_newest(counts)])


def _mark_newest(counts: pd.DataFrame) -> Iterator[Signal | None]:
    for row in counts.head(_CHARTED).to_numpy():
        yield mark_chart([Decimal(int(value)) for value in row[::-1]])[1][-1]


READINGS: dict[str, Callable[[pd.DataFrame], Flags]] = {
    "usual year": find_stories,
    "+-10%": find_tenths,
    "Poisson": find_beyond_poisson,
    "XmR limits": find_outside,
    "XmR four rules": find_signals,
}


# What is measured -------------------------------------------------------------------------------------


def measure_false(kind: Unchanged, reading: Callable[[pd.DataFrame], Flags], rows: int, seed: int = 1) -> float:
    """How many of a hundred comparisons are called changes though nothing changed."""
    return 100 * float(reading(kind.draw(rows, np.random.default_rng(seed))).mean())


def measure_found(
    ratio: float,
    reading: Callable[[pd.DataFrame], Flags],
    rows: int,
    *,
    looked_back: int = QUARTERS_BACK,
    seed: int = 1,
) -> float:
    """In how many of a hundred series a step is found in one of the four quarters after it."""
    means = np.concatenate([np.full(4, 100 * STEP), np.full(looked_back, 100.0)])
    counts = draw_counts(means, ratio, rows, np.random.default_rng(seed))
    looks = (counts.iloc[:, 4 - n : 4 - n + looked_back] for n in (1, 2, 3, 4))
    found = [reading(look.set_axis(range(looked_back), axis=1)) for look in looks]
    return 100 * float(np.logical_or.reduce(found).mean())


def draw_tables(rows: int) -> Iterator[str]:
    """The tables, line by line."""
    head = "".join(f"{name:>16}" for name in READINGS)
    yield "Of 100 comparisons in which nothing has changed, so many are called changes:\n"
    yield f"{'quarters  mean  variance/mean  season':<40}{head}"
    for kind in list_unchanged():
        found = (measure_false(kind, reading, rows) for reading in READINGS.values())
        season = "+-15%" if kind.season else "none"
        yield f"{kind.quarters:>8}{kind.mean:>6}{kind.ratio:>15}  {season:<9}" + "".join(
            f"{one:>16.1f}" for one in found
        )
    yield "\nThe same of series that are harder to judge, at 1,000 a quarter:\n"
    yield f"{'quarters  variance/mean  years swing by':<40}{head}"
    for kind in list_restless():
        found = (measure_false(kind, reading, rows) for reading in READINGS.values())
        yield f"{kind.quarters:>8}{kind.ratio:>15}{kind.swing:>16.0%} " + "".join(f"{one:>16.1f}" for one in found)
    yield "\nOf 100 steps of 30 per cent at 100 a quarter, so many are found within four quarters:\n"
    yield f"{'looked back  variance/mean':<40}{head}"
    for looked_back in LENGTHS:
        for ratio in LEAST_FOUND:
            found = (measure_found(ratio, one, rows, looked_back=looked_back) for one in READINGS.values())
            yield f"{looked_back:>11}{ratio:>15}{'':<14}" + "".join(f"{one:>16.1f}" for one in found)


if __name__ == "__main__":
    asked = int(sys.argv[sys.argv.index("--rows") + 1]) if "--rows" in sys.argv else 20_000
    sys.stdout.writelines(f"{line}\n" for line in draw_tables(asked))
