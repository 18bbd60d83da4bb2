"""Where the lines of a small chart lie, as an SVG template writes them. No library writes one in less than 5 kB.

Shapes and places tell all, no colour: the usual range is a band, a quarter that is marked a diamond, a gap a gap. Each
chart has its own scale, which begins at nought.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from csp_workflow.dashboard.parts import Beside
from csp_workflow.report.blocks import SeriesChart
from csp_workflow.terms.phrases import number

WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM = 320, 6, 262, 14, 84
"""Of the drawing, and of the field in which values lie, in its own units; the numbers stand at the right."""


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A marked point, or a label beside one."""

    x: str
    y: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A rate beside its group: the ends of the limits ("" without), the average and the rate, from left to right."""

    low: str
    width: str
    average: str
    rate: str


@dataclass(frozen=True, kw_only=True)
class Plot:
    """All that the template of a chart writes, as text."""

    line: str
    band: tuple[str, str] | None
    average: str
    diamonds: tuple[Spot, ...]
    newest: Spot | None
    top: Spot
    first: str
    last: str
    strip: Strip | None


def plot_chart(chart: SeriesChart, beside: Beside | None) -> Plot:
    """Place a series' values from left to right, the highest of all that is drawn at the top."""
    most = max((one for one in (*chart.values, chart.high) if one is not None), default=Decimal(1)) or Decimal(1)
    points = _place_points(chart, most)
    newest = points[-1]
    return Plot(
        line=_draw_line(points),
        band=_place_band(chart, most),
        average="" if chart.average is None else _round(_height(chart.average, most)),
        diamonds=tuple(Spot(x=_round(p[0]), y=_round(p[1])) for place in chart.outside if (p := points[place])),
        newest=newest and Spot(x=_round(newest[0] + 8), y=_round(newest[1] + 4), text=number(chart.values[-1])),
        top=Spot(x="", y="", text=number(round(most, 0 if most >= 10 else 1))),
        first=chart.categories[0],
        last=chart.categories[-1],
        strip=_place_strip(beside) if beside else None,
    )


_Point = tuple[float, float] | None


def _place_points(chart: SeriesChart, most: Decimal) -> list[_Point]:
    step = (_RIGHT - _LEFT) / max(len(chart.values) - 1, 1)
    first = _RIGHT if len(chart.values) == 1 else _LEFT
    return [None if v is None else (first + at * step, _height(v, most)) for at, v in enumerate(chart.values)]


def _height(value: Decimal, most: Decimal) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * float(max(value, Decimal(0)) / most)


def _draw_line(points: list[_Point]) -> str:
    """Where there is a gap the line is broken; a value alone between two is a dot, since the ends are round."""
    drawn, before = [], False
    for point in points:
        if point is not None:
            drawn.append(f"{'L' if before else 'M'}{_round(point[0])} {_round(point[1])}{'' if before else 'h0'}")
        before = point is not None
    return "".join(drawn)


def _place_band(chart: SeriesChart, most: Decimal) -> tuple[str, str] | None:
    if chart.low is None or chart.high is None:
        return None
    top, bottom = _height(chart.high, most), _height(chart.low, most)
    return _round(top), _round(bottom - top)


def _place_strip(beside: Beside) -> Strip:
    ends = [one for one in (beside.rate, beside.average, beside.low, beside.high) if one is not None]
    most = max(ends) * 1.05 or 1.0

    def across(value: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * max(value, 0) / most

    has_limits = beside.low is not None and beside.high is not None
    low, high = (across(beside.low or 0), across(beside.high or 0)) if has_limits else (0.0, 0.0)
    return Strip(
        low=_round(low) if has_limits else "",
        width=_round(high - low),
        average=_round(across(beside.average)),
        rate=_round(across(beside.rate)),
    )


def _round(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
