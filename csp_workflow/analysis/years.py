"""Whether a year differs from the series' usual year by more than it usually does.

A year counted back from the newest quarter holds all four seasons, so that the season is out. How much the quarters
vary is held against what their year and their season let expect (Pearson's chi-square of the table of years and
quarters, by its degrees of freedom), so that neither a season nor a change of level swells it, and it is never taken
for less than chance alone: Poisson, for a share binomial. A change lies beyond Student's t of that; where the earlier
years swing about their own trend by more than their quarters explain, beyond Student's t of those swings.
`python -m tests.analysis.false_stories` measures how often such a word is wrong, and how often a change is missed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from csp_workflow.analysis.chance import find_quantile
from csp_workflow.analysis.readings import CHANCE, FEWEST

_FEWEST_IN_SHARE = 5
"""So many at least must usually be counted in a share, and as many left out, for the bell shape to serve."""

FEWEST_APART = 3
"""So many earlier years at least where each is one value: two say too little of how much they vary."""

_OWN_FREEDOM = 6
"""The degrees of freedom of twelve quarters; with fewer the areas are pooled. A survey varies more than its n says
(quotas, weights), and what its few earlier values tell of that is little: it is judged as carefully."""

_KNOWN_BEFORE, _KNOWN_FREEDOM = 2.5, 2
"""A series is taken to vary two and a half times as much as by chance alone until its own figures say otherwise, with
the weight of two degrees of freedom: the Home Office's quarters of 2011/12 for this force had a median of 3.5, seasons
included. Without it fewer changes are found for as many false ones; with more, more false ones where a series varies
by five or eight times chance."""

_YEARS_FREEDOM, _YEARS_CHANCE = 4, 0.05
"""Whole years are taken to swing as much as their quarters let expect, with the weight of four degrees of freedom, and
are held against this chance: so it is they that decide only where they swing by more."""

_TINY = 1e-9

_Numbers = npt.NDArray[np.float64]
_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class _Table:
    """Values by row, year (the newest first) and quarter, with what they were taken of; 0 where a year is not whole."""

    values: _Numbers
    bases: _Numbers
    whole: _Flags
    is_share: bool

    @property
    def rate(self) -> _Numbers:
        """What usually comes of one: of a quarter, or of one of those asked. The earlier years together."""
        rate: _Numbers = self.values[:, 1:].sum(axis=(1, 2)) / self.bases[:, 1:].sum(axis=(1, 2))
        return rate

    def left(self, rate: _Numbers) -> _Numbers:
        """By how much a share varies less than a count: by those who are not counted."""
        return 1 - rate if self.is_share else np.ones_like(rate)


def measure_years(counts: pd.DataFrame, bases: pd.DataFrame | None = None, *, in_year: int) -> pd.DataFrame:
    """What the newest year of each row comes to (now), what is usual, and between what (low, high) it is no change.

    `counts` holds a row for an area and a column for a value, newest first, NaN where there is none, `bases` what they
    were taken of where they are shares: all is told in per cent then. `in_year` values make a year; one in which a
    value is missing is left out. NaN where nothing is judged; beside it how many earlier years are known, and whether
    the spread was pooled over the rows.
    """
    table = _lay_out(counts, bases, in_year)
    with np.errstate(invalid="ignore", divide="ignore"):
        dispersion, reach, pooled = _find_spread(table)
        of_year = table.bases.sum(axis=2)
        usual = table.rate * of_year[:, 0]
        by_chance = usual * table.left(table.rate) * (1 + of_year[:, 0] / of_year[:, 1:].sum(axis=1))
        half = reach * np.sqrt(by_chance) + dispersion / 2  # what comes in lumps moves by half a lump at least
        is_judged = _is_enough(table, usual) & np.isfinite(half)
        said = np.column_stack([table.values.sum(axis=2)[:, 0], usual, usual - half, usual + half])
        printed = _round(100 * said / of_year[:, :1] if table.is_share else said, is_share=table.is_share)
    printed[~is_judged] = np.nan
    found = pd.DataFrame(printed, index=counts.index, columns=["now", "usual", "low", "high"])
    return found.assign(years=table.whole[:, 1:].sum(axis=1), pooled=pooled & is_judged)


def _lay_out(counts: pd.DataFrame, bases: pd.DataFrame | None, in_year: int) -> _Table:
    shape = (len(counts), -1, in_year)
    values = counts.to_numpy(float).reshape(shape)
    of = np.ones_like(values) if bases is None else bases.to_numpy(float).reshape(shape)
    whole = ~np.isnan(values + of).any(axis=2)
    kept = whole[:, :, None]
    return _Table(
        values=np.where(kept, values, 0), bases=np.where(kept, of, 0), whole=whole, is_share=bases is not None
    )


def _round(said: _Numbers, *, is_share: bool) -> _Numbers:
    """As it is printed: a year between the printed limits is no change, and one beyond them is one."""
    step, top = (0.1, 100.0) if is_share else (1.0, np.inf)
    now, usual = np.round(said[:, :2] / step).T
    low, high = np.clip(said[:, 2:], 0, top).T
    inner = np.column_stack([now, usual, np.ceil(low / step - _TINY), np.floor(high / step + _TINY)])
    return np.round(inner * step, 1)


def _is_enough(table: _Table, usual: _Numbers) -> _Flags:
    earlier, of = table.whole[:, 1:].sum(axis=1), table.bases.sum(axis=2)
    fewest_years = 1 if table.is_share or table.values.shape[2] > 1 else FEWEST_APART
    enough: _Flags = table.whole[:, 0] & (earlier >= fewest_years) & (table.values >= 0).all(axis=(1, 2))
    if not table.is_share:
        enough &= usual >= FEWEST
        return enough
    enough &= (of[:, 0] >= FEWEST) & (of[:, 1:].sum(axis=1) >= FEWEST)
    enough &= np.minimum(usual, of[:, 0] - usual) >= _FEWEST_IN_SHARE
    return enough


# How much a series varies by itself ------------------------------------------------------------------


def _find_spread(table: _Table) -> tuple[_Numbers, _Numbers, _Flags]:
    """By how much each row varies more than by chance alone, how far from its usual year chance so brings a year, and
    whether the areas were pooled for it."""
    if table.values.shape[2] > 1:
        return _spread_by_quarter(table)
    surprise, freedom = _vary_by_year(table)
    before, weight = (1.0, _YEARS_FREEDOM) if table.is_share else (_KNOWN_BEFORE, _KNOWN_FREEDOM)
    dispersion = np.maximum(_temper(surprise, freedom, before, weight), 1)
    spare = np.full_like(freedom, _OWN_FREEDOM) if table.is_share else freedom + _KNOWN_FREEDOM
    return dispersion, _reach(dispersion, spare, CHANCE), np.zeros(len(freedom), bool)


def _spread_by_quarter(table: _Table) -> tuple[_Numbers, _Numbers, _Flags]:
    """The same where four quarters make a year: from them, and from whole years where those swing by more."""
    (surprise, freedom), (swings, spare) = _vary_by_quarter(table), _vary_about_trend(table)
    surprise, freedom = surprise + swings, freedom + spare
    known = table.whole[:, 0] & (freedom > 0)
    is_pooled = known & (freedom < _OWN_FREEDOM) & (known.sum() > 1)
    together = _temper(surprise[known].sum(), freedom[known].sum(), _KNOWN_BEFORE, _KNOWN_FREEDOM)
    before = np.where(is_pooled, together, _KNOWN_BEFORE)
    dispersion = np.maximum(_temper(surprise, freedom, before, _KNOWN_FREEDOM), 1)
    by_years = _reach(_temper(swings, spare, dispersion, _YEARS_FREEDOM), spare + _YEARS_FREEDOM, _YEARS_CHANCE)
    by_quarters = _reach(dispersion, freedom + _KNOWN_FREEDOM, CHANCE)
    return dispersion, np.maximum(by_quarters, np.where(spare > 0, by_years, 0)), is_pooled


def _reach(dispersion: _Numbers, freedom: _Numbers, chance: float) -> _Numbers:
    """How far out a change lies, in what chance alone varies by."""
    quantiles: _Numbers = np.array([find_quantile(round(one), chance) for one in freedom])
    return np.sqrt(dispersion) * quantiles


def _temper(surprise: _Numbers, freedom: _Numbers, before: _Numbers | float, weight: int) -> _Numbers:
    """What figures of so many degrees of freedom show, tempered by what was known before, with its weight."""
    return (surprise + weight * before) / (freedom + weight)


def _vary_by_quarter(table: _Table) -> tuple[_Numbers, _Numbers]:
    """Against what the year and the quarter of the year let expect."""
    by_year = table.values.sum(axis=2) / table.bases.sum(axis=2)
    by_quarter = table.values.sum(axis=1) / table.bases.sum(axis=1)
    rate = table.values.sum(axis=(1, 2)) / table.bases.sum(axis=(1, 2))
    expected = table.bases * by_year[:, :, None] * (by_quarter / rate[:, None])[:, None, :]
    surprise = (table.values - expected) ** 2 / (expected * table.left(rate)[:, None, None])
    freedom = 3.0 * (table.whole.sum(axis=1) - 1)
    return np.nansum(surprise, axis=(1, 2)), freedom


def _vary_by_year(table: _Table) -> tuple[_Numbers, _Numbers]:
    """Where a year is one value: the earlier years against their mean."""
    expected = table.bases[:, 1:, 0] * table.rate[:, None]
    surprise = np.nansum((table.values[:, 1:, 0] - expected) ** 2 / expected, axis=1) / table.left(table.rate)
    return surprise, np.maximum(table.whole[:, 1:].sum(axis=1) - 1.0, 0)


def _vary_about_trend(table: _Table) -> tuple[_Numbers, _Numbers]:
    """By how much the earlier years lie off a straight line through them: a steady trend is no swing."""
    of, place = table.bases[:, 1:].sum(axis=2), np.arange(1.0, table.whole.shape[1])
    middle = (of * place).sum(axis=1) / of.sum(axis=1)
    along, off = place - middle[:, None], table.values[:, 1:].sum(axis=2) - of * table.rate[:, None]
    slope = (along * off).sum(axis=1) / (of * along**2).sum(axis=1)
    left = off - of * slope[:, None] * along
    freedom = np.maximum(table.whole[:, 1:].sum(axis=1) - 2.0, 0)
    surprise = np.nansum(left**2 / of, axis=1) / (table.rate * table.left(table.rate))
    return np.where(freedom > 0, surprise, 0), freedom
