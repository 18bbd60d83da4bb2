"""The pieces that every chart is made of, as DrawingML: numbers with where they stand in the workbook, shapes, axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from csp_workflow.report.word.markup import write_attribute, write_content

_THOUSAND = 1000
Values = tuple[Decimal | None, ...]

AXES = '<c:axId val="11"/><c:axId val="12"/>'
"""The axis across, and the axis up."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A series of numbers, and the column of the workbook where it stands (from the second line)."""

    name: str
    values: Values
    letter: str

    @property
    def decimals(self) -> int:
        """As many as its numbers have."""
        exponents = (int(value.as_tuple().exponent) for value in self.values if value is not None)
        return max(0, -min(exponents, default=0))


def write_head(place: int, column: Column) -> str:
    """The beginning of a series: its place in the order, and its name."""
    return (
        f'<c:idx val="{place}"/><c:order val="{place}"/><c:tx><c:strRef><c:f>Data!${column.letter}$1</c:f><c:strCache>'
        f'<c:ptCount val="1"/><c:pt idx="0"><c:v>{write_content(column.name)}</c:v></c:pt></c:strCache></c:strRef>'
        "</c:tx>"
    )


def write_texts(texts: tuple[str, ...]) -> str:
    """The categories, which stand in column A."""
    points = "".join(f'<c:pt idx="{i}"><c:v>{write_content(text)}</c:v></c:pt>' for i, text in enumerate(texts))
    return (
        f"<c:strRef><c:f>Data!$A$2:$A${len(texts) + 1}</c:f><c:strCache>"
        f'<c:ptCount val="{len(texts)}"/>{points}</c:strCache></c:strRef>'
    )


def write_numbers(column: Column) -> str:
    """The numbers of a column; what is not there has no point."""
    many, letter = len(column.values), column.letter
    points = "".join(
        f'<c:pt idx="{i}"><c:v>{value:f}</c:v></c:pt>' for i, value in enumerate(column.values) if value is not None
    )
    return (
        f"<c:numRef><c:f>Data!${letter}$2:${letter}${many + 1}</c:f><c:numCache><c:formatCode>General</c:formatCode>"
        f'<c:ptCount val="{many}"/>{points}</c:numCache></c:numRef>'
    )


def write_look(*, fill: str = "", line: str = "", width: int = 9525, dash: bool = False) -> str:
    """Fill and line of a shape, by colour, the line's width in drawing units; what is not named is not drawn."""
    inside = f'<a:solidFill><a:srgbClr val="{fill}"/></a:solidFill>' if fill else "<a:noFill/>"
    stroke = f'<a:solidFill><a:srgbClr val="{line}"/></a:solidFill>' if line else "<a:noFill/>"
    dashes = '<a:prstDash val="dash"/>' if dash else ""
    return f'<c:spPr>{inside}<a:ln w="{width}" cap="flat">{stroke}{dashes}</a:ln></c:spPr>'


def write_marker(symbol: str, size: int = 2, colour: str = "") -> str:
    """A mark at each number of a line; the symbol "none" is no mark."""
    look = f'<c:size val="{size}"/>{write_look(fill=colour, line=colour)}' if colour else ""
    return f'<c:marker><c:symbol val="{symbol}"/>{look}</c:marker>'


def write_text_look(*, bold: bool = False, font: str = "") -> str:
    """Text of 10 points, black and never turned."""
    face = f"<a:latin typeface={write_attribute(font)}/>" if font else ""
    return (
        f'<c:txPr><a:bodyPr rot="0" vert="horz"/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="1000" b="{bold:d}">'
        f'<a:solidFill><a:srgbClr val="000000"/></a:solidFill>{face}</a:defRPr></a:pPr><a:endParaRPr lang="en-GB"/>'
        "</a:p></c:txPr>"
    )


def write_number_labels(column: Column, sides: Mapping[int, str]) -> str:
    """The numbers at some places (from 0), each on its side of the mark."""
    form = "#,##0" + ("." + "0" * column.decimals if column.decimals else "")
    look = f'<c:numFmt formatCode="{form}" sourceLinked="0"/>{write_look()}{write_text_look(bold=True)}'
    return _write_labels({place: (look, side) for place, side in sides.items()})


def write_text_labels(texts: Mapping[int, tuple[str, str]], *, bold: bool) -> str:
    """Texts beside some places (from 0), each on its side, on one line."""
    size = f'sz="1000" b="{bold:d}"'
    head = f'<c:layout/><c:tx><c:rich><a:bodyPr wrap="none"/><a:p><a:pPr><a:defRPr {size}/></a:pPr><a:r>'
    return _write_labels(
        {
            place: (f'{head}<a:rPr lang="en-GB" {size}/><a:t>{write_content(text)}</a:t>{_LABEL_END}', side)
            for place, (text, side) in texts.items()
        }
    )


_LABEL_END = "</a:r></a:p></c:rich></c:tx>"


def _write_labels(labels: Mapping[int, tuple[str, str]]) -> str:
    written = "".join(
        f'<c:dLbl><c:idx val="{place}"/>{look}<c:dLblPos val="{side}"/>{_write_shown(value=True)}</c:dLbl>'
        for place, (look, side) in sorted(labels.items())
    )
    return f"<c:dLbls>{written}{_write_shown(value=False)}</c:dLbls>"


def _write_shown(*, value: bool) -> str:
    return (
        f'<c:showLegendKey val="0"/><c:showVal val="{value:d}"/><c:showCatName val="0"/><c:showSerName val="0"/>'
        '<c:showPercent val="0"/><c:showBubbleSize val="0"/>'
    )


def write_category_axis(line: str) -> str:
    """Every category below, never turned."""
    return (
        f'<c:catAx><c:axId val="11"/>{_write_scale()}<c:delete val="0"/><c:axPos val="b"/>'
        '<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="out"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="nextTo"/>{write_look(line=line)}{write_text_look()}<c:crossAx val="12"/>'
        '<c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/><c:lblOffset val="100"/>'
        '<c:tickLblSkip val="1"/><c:noMultiLvlLbl val="1"/></c:catAx>'
    )


def write_number_axis(ident: int, where: str, column: Column) -> str:
    """An axis of numbers from zero, with light lines across."""
    form = "#,##0" if any(value is not None and value >= _THOUSAND for value in column.values) else "General"
    return (
        f'<c:valAx><c:axId val="{ident}"/>{_write_scale(low="0")}<c:delete val="0"/><c:axPos val="{where}"/>'
        f"<c:majorGridlines>{write_look(line='DEE0E2')}</c:majorGridlines>"
        f'<c:numFmt formatCode="{form}" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="nextTo"/>{write_look()}{write_text_look()}<c:crossAx val="{23 - ident}"/>'
        '<c:crosses val="autoZero"/><c:crossBetween val="between"/></c:valAx>'
    )


def write_row_axis(many: int) -> str:
    """Rows from 1 below, with half a row of room at both ends; nothing of the axis is seen."""
    return (
        f'<c:valAx><c:axId val="12"/>{_write_scale(low="0.5", high=f"{many}.5")}<c:delete val="1"/><c:axPos val="l"/>'
        '<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        '<c:tickLblPos val="none"/><c:crossAx val="11"/><c:crosses val="autoZero"/><c:crossBetween val="midCat"/>'
        "</c:valAx>"
    )


def _write_scale(low: str = "", high: str = "") -> str:
    ends = (f'<c:max val="{high}"/>' if high else "") + (f'<c:min val="{low}"/>' if low else "")
    return f'<c:scaling><c:orientation val="minMax"/>{ends}</c:scaling>'
