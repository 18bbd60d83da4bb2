"""A chart as Word draws it itself, with its numbers beside it in a workbook, so that it can be edited.

Shapes and words tell the series apart, no colour alone; axes begin at zero; a value that is not there is in neither the
chart nor its workbook.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from csp_workflow.report.blocks import GroupChart, SeriesChart
from csp_workflow.report.word import drawing as d
from csp_workflow.report.word.drawing import Column, Values
from csp_workflow.report.word.markup import clean_for_word
from csp_workflow.report.word.tables import measure_longest, measure_word

_DARK, _GREY, _LIGHT = "12355B", "505A5F", "CBD5E1"
_SIZE = 10
"""Of a chart's text, in points."""
_UPRIGHT, _KEY, _SCALE, _ROW = 3000, 450, 400, 280
"""Heights: of an upright chart; of the key, of the numbers below, and of each row where areas stand in rows."""
_MOST_UPRIGHT = 10
_UNDATED = datetime(1980, 1, 1, tzinfo=UTC)
"""A workbook must say a time: not when it was drawn, since a chart may stand in the drafts that follow."""
_NAMESPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A chart's markup, the workbook that it is edited by, and its height in twentieths of a point."""

    xml: str
    workbook: bytes
    height: int


@dataclass(frozen=True, kw_only=True)
class _Plot:
    """What is drawn, the numbers that it is drawn from, and which entry (from 0) the key leaves out."""

    inside: str
    columns: tuple[Column, ...]
    height: int = _UPRIGHT
    unnamed: int = 0


def draw_chart(chart: SeriesChart | GroupChart, *, width: int, font: str) -> Drawing:
    """Draw a chart for text that is `width` twentieths of a point wide: the same chart, the same bytes at any time."""
    if isinstance(chart, SeriesChart):
        plot = _plot_series(chart)
    else:
        plot = _plot_columns(chart) if _stands_upright(chart, width) else _plot_rows(chart, width)
    key = (
        f'<c:legend><c:legendPos val="t"/><c:legendEntry><c:idx val="{plot.unnamed}"/><c:delete val="1"/>'
        f'</c:legendEntry><c:overlay val="0"/>{d.write_text_look()}</c:legend>'
    )
    xml = (
        f'<c:chartSpace {_NAMESPACES}><c:date1904 val="0"/><c:lang val="en-GB"/><c:roundedCorners val="0"/><c:chart>'
        f'<c:autoTitleDeleted val="1"/><c:plotArea>{plot.inside}</c:plotArea>{key}<c:plotVisOnly val="1"/>'
        f'<c:dispBlanksAs val="gap"/></c:chart>{d.write_look()}{d.write_text_look(font=font)}'
        '<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    )
    return Drawing(xml=xml, workbook=_write_workbook(chart.categories, plot.columns), height=plot.height)


def _stands_upright(chart: GroupChart, width: int) -> bool:
    """Whether the areas stand side by side: few enough, and no name broken."""
    room = width * 0.85 / max(len(chart.categories), 1)
    return len(chart.categories) <= _MOST_UPRIGHT and measure_longest(chart.categories, _SIZE) <= room


def _write_workbook(categories: tuple[str, ...], columns: tuple[Column, ...]) -> bytes:
    from xlsxwriter import Workbook

    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True})
    book.set_properties({"created": _UNDATED})
    sheet = book.add_worksheet("Data")
    step = len(columns[0].values) // max(len(categories), 1)
    for place, category in enumerate(categories):
        sheet.write_string(1 + place * step, 0, clean_for_word(category))
    for place, column in enumerate(columns, start=1):
        sheet.write_string(0, place, clean_for_word(column.name))
        for line, value in enumerate(column.values, start=1):
            if value is not None:
                sheet.write_number(line, place, value)
    book.close()
    return out.getvalue()


# Upright: a band or boxes, and over them lines or marks ------------------------------------------


def _plot_series(chart: SeriesChart) -> _Plot:
    many = len(chart.categories)
    low, high = _find_range(chart.low, chart.high)
    columns = _list_columns(
        [(low, high)] * many, (chart.average,) * many, chart.values, ("Usual range", "Average", chart.name)
    )
    behind = _write_behind(columns, chart.categories)
    line = d.write_look(line=_DARK, width=28575)
    diamonds = "".join(
        f'<c:dPt><c:idx val="{place}"/>{d.write_marker("diamond", 12, _DARK)}<c:bubble3D val="0"/>{line}</c:dPt>'
        for place in sorted(chart.outside)
    )
    labels = {place: "t" for place in chart.labelled if chart.values[place] is not None}
    lines = (
        d.write_look(line=_GREY, width=15875, dash=True) + d.write_marker("none"),
        line + d.write_marker("circle", 6, _DARK) + diamonds + d.write_number_labels(columns[3], labels),
    )
    band = f'<c:areaChart><c:grouping val="stacked"/><c:varyColors val="0"/>{behind}{d.AXES}</c:areaChart>'
    return _Plot(inside=_write_upright(band, columns, lines, chart.categories), columns=columns)


def _plot_columns(chart: GroupChart) -> _Plot:
    ranges = [_find_range(low, high) for low, high in zip(chart.lows, chart.highs, strict=True)]
    columns = _list_columns(ranges, chart.averages, chart.rates, _GROUP)
    behind = _write_behind(columns, chart.categories, '<c:invertIfNegative val="0"/>')
    unseen = d.write_look(width=28575)
    labels = d.write_number_labels(columns[3], _find_sides(chart.rates, chart.averages, ("b", "t")))
    lines = (
        unseen + d.write_marker("dash", 14, _GREY),
        unseen + d.write_marker("diamond", 10, _DARK) + labels,
    )
    boxes = (
        f'<c:barChart><c:barDir val="col"/><c:grouping val="stacked"/><c:varyColors val="0"/>{behind}'
        f'<c:gapWidth val="150"/><c:overlap val="100"/>{d.AXES}</c:barChart>'
    )
    return _Plot(inside=_write_upright(boxes, columns, lines, chart.categories), columns=columns)


_GROUP = ("Range of its group", "Average of its group", "Rate of the area")
_Range = tuple[Decimal | None, Decimal | None]


def _find_range(low: Decimal | None, high: Decimal | None) -> _Range:
    """Both ends or none; nothing counted lies below zero."""
    return (None, None) if low is None or high is None else (max(low, Decimal(0)), max(high, Decimal(0)))


def _list_columns(
    ranges: list[_Range], averages: Values, own: Values, names: tuple[str, str, str]
) -> tuple[Column, ...]:
    """The range as its lower end and its height, since that is how it is drawn; the average; the area's own."""
    heights = tuple(None if low is None or high is None else high - low for low, high in ranges)
    return (
        Column(name=f"{names[0]}, lower end", values=tuple(low for low, _ in ranges), letter="B"),
        Column(name=names[0], values=heights, letter="C"),
        Column(name=names[1], values=averages, letter="D"),
        Column(name=names[2], values=own, letter="E"),
    )


def _find_sides(own: Values, others: Values, sides: tuple[str, str]) -> dict[int, str]:
    """Where each number is written: on the side of its mark that the average is not on."""
    pairs = enumerate(zip(own, others, strict=True))
    return {place: sides[other is None or value >= other] for place, (value, other) in pairs if value is not None}


def _write_behind(columns: tuple[Column, ...], categories: tuple[str, ...], more: str = "") -> str:
    floor, height = columns[:2]
    return _write_series(0, floor, categories, d.write_look() + more) + _write_series(
        1, height, categories, d.write_look(fill=_LIGHT) + more
    )


def _write_upright(behind: str, columns: tuple[Column, ...], lines: Iterable[str], categories: tuple[str, ...]) -> str:
    over = "".join(
        _write_series(place, column, categories, look, '<c:smooth val="0"/>')
        for place, (column, look) in enumerate(zip(columns[2:], lines, strict=True), start=2)
    )
    return (
        f'<c:layout/>{behind}<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{over}<c:marker val="1"/>'
        f"{d.AXES}</c:lineChart>{d.write_category_axis(_GREY)}{d.write_number_axis(12, 'l', columns[3])}"
    )


def _write_series(place: int, column: Column, categories: tuple[str, ...], look: str, end: str = "") -> str:
    return (
        f"<c:ser>{d.write_head(place, column)}{look}<c:cat>{d.write_texts(categories)}</c:cat>"
        f"<c:val>{d.write_numbers(column)}</c:val>{end}</c:ser>"
    )


# In rows: an area each, its name at the left, in the order given from above ----------------------


def _plot_rows(chart: GroupChart, width: int) -> _Plot:
    """The range as a thick line, a disc for the average, a diamond for the area; names where the numbers begin."""
    columns = _list_rows(chart)
    ranges, rows, average, own, start = columns
    sides = _find_sides(own.values, average.values, ("l", "r"))
    numbers = {place: (f"{own.values[place]:,.{own.decimals}f}", side) for place, side in sides.items()}
    names = {3 * place: (name, "l") for place, name in enumerate(chart.categories)}
    unseen = d.write_look(width=28575)
    # Word lets the order say what lies on top, LibreOffice what comes first.
    drawn = (
        (2, own, unseen + d.write_marker("diamond", 10, _DARK) + d.write_text_labels(numbers, bold=True)),
        (1, average, unseen + d.write_marker("circle", 7, _GREY)),
        (0, ranges, d.write_look(line=_LIGHT, width=139700) + d.write_marker("none")),
        (3, start, unseen + d.write_marker("none") + d.write_text_labels(names, bold=False)),
    )
    series = "".join(
        f"<c:ser>{d.write_head(place, column)}{look}<c:xVal>{d.write_numbers(column)}</c:xVal>"
        f'<c:yVal>{d.write_numbers(rows)}</c:yVal><c:smooth val="0"/></c:ser>'
        for place, column, look in drawn
    )
    many = len(chart.categories)
    scatter = f'<c:scatterStyle val="lineMarker"/><c:varyColors val="0"/>{series}{d.AXES}'
    return _Plot(
        inside=f"{_write_room(chart, width)}<c:scatterChart>{scatter}</c:scatterChart>"
        f"{d.write_number_axis(11, 'b', own)}{d.write_row_axis(many)}",
        columns=columns,
        height=_KEY + _SCALE + _ROW * many,
        unnamed=3,
    )


def _list_rows(chart: GroupChart) -> tuple[Column, ...]:
    """Three lines an area, on its row as counted from below: the ends of its range, and a gap before the next.

    The ranges are one thick line that is broken between them; LibreOffice wants all columns of one length.
    """
    rows = tuple(Decimal(row) for row in range(len(chart.categories), 0, -1))
    ends = (end for low, high in zip(chart.lows, chart.highs, strict=True) for end in (*_find_range(low, high), None))
    return (
        Column(name=_GROUP[0], values=tuple(ends), letter="B"),
        Column(name="Row", values=tuple(place for row in rows for place in (row, row, None)), letter="C"),
        Column(name=_GROUP[1], values=_spread(chart.averages), letter="D"),
        Column(name=_GROUP[2], values=_spread(chart.rates), letter="E"),
        Column(name="Beginning of the row", values=_spread((Decimal(0),) * len(rows)), letter="F"),
    )


def _spread(values: Values) -> Values:
    return tuple(one for value in values for one in (value, None, None))


def _write_room(chart: GroupChart, width: int) -> str:
    """Where the rows stand: right of the longest name, below the key."""
    height = _KEY + _SCALE + _ROW * len(chart.categories)
    longest = max(map(measure_word, chart.categories), default=0) * _SIZE * 20 / 1000
    left = min(0.02 + longest / width, 0.5)
    return (
        '<c:layout><c:manualLayout><c:layoutTarget val="inner"/><c:xMode val="edge"/><c:yMode val="edge"/>'
        f'<c:x val="{left:.3f}"/><c:y val="{_KEY / height:.3f}"/><c:w val="{0.97 - left:.3f}"/>'
        f'<c:h val="{_ROW * len(chart.categories) / height:.3f}"/></c:manualLayout></c:layout>'
    )
