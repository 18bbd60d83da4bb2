"""What stands in one line of a file of figures becomes a figure, or is refused with what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from csp_workflow.forms.layout import STATUS_MEANS
from csp_workflow.request import figures_period
from csp_workflow.request.figures_header import Header, plain
from csp_workflow.request.figures_names import Names
from csp_workflow.terms.figures import Figure, FigureStatus, MeasureKind, Provenance, Series
from csp_workflow.terms.phrases import short_day
from csp_workflow.terms.site import Area

_NUMBER = re.compile(r"[-\N{MINUS SIGN}]?(\d{1,3}(,\d{3})+|\d{1,15})(\.\d{1,9})?", re.ASCII)
_SPACES = re.compile(r"[\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]+")
_MARKERS = {
    "[x]": FigureStatus.NOT_AVAILABLE,
    "[c]": FigureStatus.SUPPRESSED,
    "[z]": FigureStatus.NOT_APPLICABLE,
    "n/a": FigureStatus.NOT_APPLICABLE,
    "not available": FigureStatus.NOT_AVAILABLE,
    "suppressed": FigureStatus.SUPPRESSED,
}
"""What official tables write in place of a number."""

_STATUSES = {plain(label): status for label, status in STATUS_MEANS.items()} | {s.value: s for s in FigureStatus}
_YES = {"yes", "y", "true", "1", "illustrative"}
_NO = {"", "no", "n", "false", "0"}


class RowRefused(Exception):
    """A line is not taken: the column at fault, what stands there, and a sentence on what to do."""

    def __init__(self, column: str, found: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column
        self.found = found


@dataclass(frozen=True, kw_only=True)
class Line:
    """One figure of a file as it stands there. `fault` says what is wrong with its cell, or is ""."""

    series: str
    area: str
    period: str
    value: str
    fault: str
    cell: str
    others: Mapping[str, str]


def refuse_unfit(header: Header) -> None:
    """Refuse every row of a table that does not say what its figures are."""
    if header.is_undated:
        raise RowRefused(
            "period",
            "",
            "The file does not say which period its figures are for. "
            "Add a column 'period' with a quarter (2014/15-Q2) or a financial year (2011/12).",
        )
    if not header.values:
        raise RowRefused(
            "series",
            "",
            "The file does not say which series its figures are of. Add a column 'series' with the ref (M12a) "
            "and a column 'value', or name each column of figures by its series' ref.",
        )


def figure(line: Line, names: Names, *, as_at: date, source: str, sheet: str, content: str) -> Figure:
    """The figure of a line. Raises RowRefused."""
    series = _series(line, names)
    area = _area(line, names, series)
    known_on = _as_at(line, as_at)
    period = _period(line, known_on)
    status, value = _value(line, series)
    if value is not None and value < 0 and not line.others["note"]:
        raise RowRefused(
            "value",
            line.value,
            "A figure below 0 is taken only with a note that says why, such as crimes cancelled later. "
            "Add a column 'note'.",
        )
    return Figure(
        series=series.ref,
        area=area.code,
        period=period,
        as_at=known_on,
        value=value,
        unit=series.unit,
        status=status,
        base=_base(line),
        note=line.others["note"],
        provenance=Provenance(
            source=line.others["source"] or source,
            attachment=content,
            sheet=sheet,
            cell=line.cell,
            licence=line.others["licence"],
            illustrative=_illustrative(line),
        ),
    )


def _series(line: Line, names: Names) -> Series:
    if not line.series:
        raise RowRefused("series", "", "The row names no series. Write its ref, such as M12a.")
    series = names.series(line.series)
    if series is None:
        raise RowRefused(
            "series", line.series, f"There is no series '{line.series[:60]}'.{names.like_series(line.series)}"
        )
    if not series.kind.is_number:
        raise RowRefused("series", line.series, f"{series.ref} is told in words; it has no figures.")
    return series


def _area(line: Line, names: Names, series: Series) -> Area:
    if not line.area:
        raise RowRefused("area", "", "The row names no area. Write its ONS code, such as E22000165.")
    found = names.areas(line.area, series)
    if len(found) > 1:
        codes = " or ".join(area.code for area in found)
        raise RowRefused("area", line.area, f"'{line.area}' may be {codes}. Write the code.")
    if not found:
        raise RowRefused("area", line.area, f"There is no area '{line.area[:60]}'.{names.like_area(line.area)}")
    local = names.local(series.ref)
    if local and local.area != found[0].code:
        own = names.area_name(local.area)
        raise RowRefused("area", line.area, f"{series.ref} is counted for {own} only. Check the series and the area.")
    return found[0]


def _as_at(line: Line, today: date) -> date:
    text = line.others["as_at"]
    if not text:
        return today
    day = figures_period.day_of(text)
    if day is None:
        raise RowRefused("as_at", text, f"'{text[:40]}' is not a day. Write it like 2014-10-14.")
    if day > today:
        raise RowRefused(
            "as_at", text, f"{short_day(day)} is later than today, {short_day(today)}: nobody can know this figure yet."
        )
    return day


def _period(line: Line, known_on: date) -> str:
    if not line.period:
        raise RowRefused("period", "", "The row has no period. Write a quarter (2014/15-Q2) or a year (2011/12).")
    period = figures_period.period_of(line.period)
    if not period:
        hint = " Excel may have changed it into a date; format the column as text." if _is_day(line.period) else ""
        raise RowRefused(
            "period",
            line.period,
            f"'{line.period[:40]}' is neither a quarter (2014/15-Q2) nor a financial year (2011/12).{hint}",
        )
    if figures_period.end_of(period) > known_on:
        raise RowRefused(
            "period",
            line.period,
            f"{period.replace('-Q', ' Q')} had not ended on {short_day(known_on)}, the day on which the figure is said "
            "to be known. Check the period and the as-at day.",
        )
    return period


def _is_day(text: str) -> bool:
    return figures_period.day_of(text) is not None


def _value(line: Line, series: Series) -> tuple[FigureStatus, Decimal | None]:
    if line.fault:
        raise RowRefused("value", line.value, f"The cell holds {line.fault}. Put the figure itself there.")
    stated = _status(line)
    text = _SPACES.sub(" ", line.value).strip()
    marker = _MARKERS.get(text.casefold())
    if marker:
        text, stated = "", stated or marker
    if not text:
        return _without_value(stated)
    if stated is not None and not stated.has_value:
        raise RowRefused(
            "status",
            line.others["status"],
            f"The status says '{stated}', yet there is a figure. Leave one of them out.",
        )
    return stated or FigureStatus.FINAL, _number(line, text, series)


def _without_value(stated: FigureStatus | None) -> tuple[FigureStatus, Decimal | None]:
    if stated is FigureStatus.NIL:
        return stated, Decimal(0)
    if stated is None or stated.has_value:
        raise RowRefused(
            "value", "", "There is no figure. Write it, or say in 'status' why there is none, such as not available."
        )
    return stated, None


def _status(line: Line) -> FigureStatus | None:
    text = line.others["status"]
    if not text:
        return None
    status = _STATUSES.get(plain(text))
    if status is None:
        known = ", ".join(status.value for status in FigureStatus)
        raise RowRefused("status", text, f"There is no status '{text[:40]}'. There are: {known}.")
    return status


def _number(line: Line, text: str, series: Series) -> Decimal:
    is_share = series.kind is MeasureKind.PERCENT or "per cent" in series.unit
    bare = text.removesuffix("%").strip() if is_share else text
    bare = bare.removeprefix("£").strip() if series.kind is MeasureKind.COST else bare
    if not _NUMBER.fullmatch(bare):
        raise RowRefused(
            "value",
            line.value,
            f"'{text[:40]}' is not one plain number. Write the figure alone; for an estimate or a suppressed "
            "figure use the column 'status'.",
        )
    value = Decimal(bare.replace(",", "").replace("\N{MINUS SIGN}", "-"))
    if is_share and not 0 <= value <= 100:
        raise RowRefused("value", line.value, "A per cent lies between 0 and 100; write 12.5 for 12.5 per cent.")
    if series.kind is MeasureKind.COUNT and not is_share and value != value.to_integral_value():
        raise RowRefused("value", line.value, "A count is a whole number. Check the figure and the series.")
    return value


def _base(line: Line) -> int | None:
    text = line.others["base"].replace(",", "")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise RowRefused("base", line.others["base"], "The base is a whole number: how many the figure rests on.")
    return int(text)


def _illustrative(line: Line) -> bool:
    text = line.others["illustrative"].casefold()
    if text not in _YES | _NO:
        raise RowRefused("illustrative", line.others["illustrative"], "Write yes or no under 'illustrative'.")
    return text in _YES
