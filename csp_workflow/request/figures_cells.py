"""What stands in one line of a file of figures becomes a figure, or is refused with what to do.

The series, areas, periods, days and numbers in it are read as people write them; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from csp_workflow.forms.layout import STATUS_MEANS
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import (
    Figure,
    FigureStatus,
    LocalMeasure,
    MeasureKind,
    Provenance,
    Series,
    say_whole,
)
from csp_workflow.terms.phrases import plain_number, short_day
from csp_workflow.terms.shares import find_count, is_per_cent_of, reckon_per_cent
from csp_workflow.terms.site import Area, Site


def simplify_name(text: str) -> str:
    """A header or name as it is compared."""
    text = re.sub(r"\[note[^\]]*\]", " ", text.casefold()).replace("&", " and ").replace("_", " ")
    return " ".join(re.sub(r"[`*:]+", " ", text).split())


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

_STATUSES = {simplify_name(label): status for label, status in STATUS_MEANS.items()} | {
    s.value: s for s in FigureStatus
}
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


def read_figure(line: Line, names: KnownNames, *, as_at: date, source: str, sheet: str) -> Figure:
    """The figure of a line. Raises RowRefused."""
    series = _read_series(line, names)
    area = _read_area(line, names, series)
    known_on = _read_as_at(line, as_at)
    period = _read_period(line, known_on)
    status, value, count, base = _read_value(line, series)
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
        count=count,
        base=base,
        note=line.others["note"],
        provenance=Provenance(
            source=line.others["source"] or source,
            sheet=sheet,
            cell=line.cell,
            licence=line.others["licence"],
            illustrative=_read_illustrative(line),
        ),
    )


def _read_series(line: Line, names: KnownNames) -> Series:
    if not line.series:
        raise RowRefused("series", "", "The row names no series. Write its ref, such as M12a.")
    series = names.series(line.series)
    if series is None:
        raise RowRefused(
            "series", line.series, f"There is no series '{line.series[:60]}'.{names.suggest_series(line.series)}"
        )
    if not series.kind.is_number:
        raise RowRefused("series", line.series, f"{series.ref} is told in words; it has no figures.")
    return series


def _read_area(line: Line, names: KnownNames, series: Series) -> Area:
    if not line.area:
        raise RowRefused("area", "", "The row names no area. Write its ONS code, such as E22000165.")
    found = names.areas(line.area, series)
    if len(found) > 1:
        codes = " or ".join(area.code for area in found)
        raise RowRefused("area", line.area, f"'{line.area}' may be {codes}. Write the code.")
    if not found:
        raise RowRefused("area", line.area, f"There is no area '{line.area[:60]}'.{names.suggest_area(line.area)}")
    local = names.local(series.ref)
    if local and local.area != found[0].code:
        own = names.area_name(local.area)
        raise RowRefused("area", line.area, f"{series.ref} is counted for {own} only. Check the series and the area.")
    return found[0]


def _read_as_at(line: Line, today: date) -> date:
    text = line.others["as_at"]
    if not text:
        return today
    day = parse_day(text)
    if day is None:
        raise RowRefused("as_at", text, f"'{text[:40]}' is not a day. Write it like 2014-10-14.")
    if day > today:
        raise RowRefused(
            "as_at", text, f"{short_day(day)} is later than today, {short_day(today)}: nobody can know this figure yet."
        )
    return day


def _read_period(line: Line, known_on: date) -> str:
    if not line.period:
        raise RowRefused("period", "", "The row has no period. Write a quarter (2014/15-Q2) or a year (2011/12).")
    period = read_period(line.period)
    if not period:
        hint = " Excel may have changed it into a date; format the column as text." if parse_day(line.period) else ""
        raise RowRefused(
            "period",
            line.period,
            f"'{line.period[:40]}' is neither a quarter (2014/15-Q2) nor a financial year (2011/12).{hint}",
        )
    if find_last_day(period) > known_on:
        raise RowRefused(
            "period",
            line.period,
            f"{period.replace('-Q', ' Q')} had not ended on {short_day(known_on)}, the day on which the figure is said "
            "to be known. Check the period and the as-at day.",
        )
    return period


_Value = tuple[FigureStatus, Decimal | None, int | None, int | None]


def _read_value(line: Line, series: Series) -> _Value:
    """A figure's status and value, and for a share how many it counts, out of how many."""
    count, base = (_read_count(line, name) for name in ("numerator", "base"))
    if count is not None and not say_whole(series):
        raise RowRefused("numerator", str(count), f"{series.ref} is no share in per cent. Leave 'numerator' out.")
    if count is not None and base is not None:
        _refuse_no_share(count, base)
        if not (line.value or line.fault or line.others["status"]):
            return FigureStatus.FINAL, reckon_per_cent(count, base), count, base
    status, value = _read_stated(line, series)
    if value is None and count is not None:
        said = f"The status says '{status}', yet there is a numerator. Leave one of them out."
        raise RowRefused("numerator", str(count), said)
    if value is None or base is None or not say_whole(series):
        return status, value, count, base
    if count is None:
        return status, value, find_count(value, base), base
    if not is_per_cent_of(value, count, base):
        said = f"{plain_number(value)} per cent is not {count} of {base}"
        raise RowRefused("value", line.value, f"{said}. Correct one of them, or leave the per cent out.")
    return status, value, count, base


def _refuse_no_share(count: int, base: int) -> None:
    if count > base or not base:
        raise RowRefused("numerator", str(count), f"{count} of {base} is no share. Check 'numerator' and 'base'.")


def _read_stated(line: Line, series: Series) -> tuple[FigureStatus, Decimal | None]:
    if line.fault:
        raise RowRefused("value", line.value, f"The cell holds {line.fault}. Put the figure itself there.")
    stated = _read_status(line)
    text = _SPACES.sub(" ", line.value).strip()
    marker = _MARKERS.get(text.casefold())
    if marker:
        text, stated = "", stated or marker
    if not text:
        return _read_absence(stated)
    if stated is not None and not stated.has_value:
        raise RowRefused(
            "status",
            line.others["status"],
            f"The status says '{stated}', yet there is a figure. Leave one of them out.",
        )
    return stated or FigureStatus.FINAL, _read_number(line, text, series)


def _read_absence(stated: FigureStatus | None) -> tuple[FigureStatus, Decimal | None]:
    if stated is FigureStatus.NIL:
        return stated, Decimal(0)
    if stated is None or stated.has_value:
        raise RowRefused(
            "value", "", "There is no figure. Write it, or say in 'status' why there is none, such as not available."
        )
    return stated, None


def _read_status(line: Line) -> FigureStatus | None:
    text = line.others["status"]
    if not text:
        return None
    status = _STATUSES.get(simplify_name(text))
    if status is None:
        known = ", ".join(status.value for status in FigureStatus)
        raise RowRefused("status", text, f"There is no status '{text[:40]}'. There are: {known}.")
    return status


def _read_number(line: Line, text: str, series: Series) -> Decimal:
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


def _read_count(line: Line, name: str) -> int | None:
    text = line.others[name].replace(",", "")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        told = {"base": "how many the figure rests on", "numerator": "how many of these it counts"}[name]
        raise RowRefused(name, line.others[name], f"The {name} is a whole number: {told}.")
    return int(text)


def _read_illustrative(line: Line) -> bool:
    text = line.others["illustrative"].casefold()
    if text not in _YES | _NO:
        raise RowRefused("illustrative", line.others["illustrative"], "Write yes or no under 'illustrative'.")
    return text in _YES


# The series and areas that may be named: by ref, code or name, with a suggestion when not -------------


class KnownNames:
    """A site's series and areas by all the names they go by."""

    def __init__(self, site: Site) -> None:
        every = [series for framework in site.frameworks for series in framework.series()]
        self._series = {series.ref: series for series in every}
        self._locals = {x.series.ref: x for framework in site.frameworks for x in framework.local_measures}
        self._areas = {area.code: area for respondent in site.respondents for area in respondent.areas}
        for code in (code for group in site.peers for code in group.areas):
            self._areas.setdefault(code, Area(code=code, name=code))
        self.columns = self._map_names()

    def series(self, text: str) -> Series | None:
        """The series of that ref, or of that title where only one has it."""
        ref = self.columns.get(simplify_name(text))
        return self._series[ref] if ref else None

    def local(self, ref: str) -> LocalMeasure | None:
        """The local measure whose series that is, or None."""
        return self._locals.get(ref)

    def areas(self, text: str, series: Series) -> tuple[Area, ...]:
        """The areas a text may mean: by code, else by name, of the series' own geography if any is.

        "Leicester" is both a partnership's area and an upper tier; which one is meant the series says.
        """
        code = text.strip().upper()
        if code in self._areas:
            return (self._areas[code],)
        named = tuple(area for area in self._areas.values() if simplify_name(area.name) == simplify_name(text))
        return tuple(area for area in named if area.geography is series.geography) or named

    def area_name(self, code: str) -> str:
        """The name of an area."""
        return self._areas[code].name if code in self._areas else code

    def suggest_series(self, text: str) -> str:
        """ " Did you mean M09?", or ""."""
        by_ref = _suggest(text.strip().upper(), {ref.upper(): ref for ref in self._series})
        return by_ref or _suggest(
            simplify_name(text), {simplify_name(s.title): f"{ref} ({s.title})" for ref, s in self._series.items()}
        )

    def suggest_area(self, text: str) -> str:
        """ " Did you mean E22000165 (Charnwood)?", or ""."""
        known = {code: f"{code} ({area.name})" for code, area in self._areas.items()}
        return _suggest(text.strip().upper(), known) or _suggest(
            simplify_name(text), {simplify_name(area.name): known[code] for code, area in self._areas.items()}
        )

    def _map_names(self) -> dict[str, str]:
        titles: dict[str, list[str]] = {}
        for ref, series in self._series.items():
            titles.setdefault(simplify_name(series.title), []).append(ref)
        unique = {title: refs[0] for title, refs in titles.items() if title and len(refs) == 1}
        return unique | {simplify_name(ref): ref for ref in self._series}


def _suggest(text: str, known: dict[str, str]) -> str:
    found: Iterable[str] = get_close_matches(text[:100], known, n=1, cutoff=0.7)
    return "".join(f" Did you mean {known[name]}?" for name in found)


# Periods and days as people write them -----------------------------------------------------------------

_FLAGS = re.IGNORECASE | re.ASCII
_YEARS = r"((?:19|20)\d{2})\s*[/-]\s*(?:20)?(\d{2})"
_QUARTER = re.compile(r"(?<!\d)" + _YEARS + r"[\s,_-]*(?:quarter|qtr|q)\s*([1-4])(?!\d)", _FLAGS)
_QUARTER_FIRST = re.compile(r"(?<![a-z])(?:quarter|qtr|q)\s*([1-4])[\s,_-]*(?:of\s+)?" + _YEARS + r"(?!\d)", _FLAGS)
_YEAR = re.compile(r"(?<![\d/-])" + _YEARS + r"(?![\d/-])(?!\s*[,_-]?\s*q(?:uarter|tr)?\s*\d)", _FLAGS)
_MONTHS = re.compile(
    r"\b(apr|jul|oct|jan)[a-z]*\s*(?:\d{4}\s*)?(?:to|-|\N{EN DASH}|until)\s*(jun|sep|dec|mar)[a-z]*\s+((?:19|20)\d{2})",
    _FLAGS,
)
_ENDS = {("apr", "jun"): 1, ("jul", "sep"): 2, ("oct", "dec"): 3, ("jan", "mar"): 4}
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)
_WORDED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3})[a-z]*\.?\s+((?:19|20)\d{2})", _FLAGS)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def find_periods(text: str) -> tuple[str, ...]:
    """Every different period a text names, as the store writes them: "2014/15-Q2" or "2011/12"."""
    found: list[str] = []
    for pattern, order in ((_QUARTER, (0, 1, 2)), (_QUARTER_FIRST, (1, 2, 0))):
        for match in pattern.finditer(text):
            year, following, number = (match.groups()[place] for place in order)
            found += _read_quarter(year, following, number)
        text = pattern.sub(" ", text)
    for match in _MONTHS.finditer(text):
        number = _ENDS.get((match[1].lower(), match[2].lower()))
        if number:
            year = int(match[3]) - (number == 4)
            found.append(Quarter(year, number).key)
    for match in _YEAR.finditer(text):
        if (int(match[1]) + 1) % 100 == int(match[2]):
            found.append(f"{match[1]}/{match[2]}")
    return tuple(dict.fromkeys(found))


def read_period(text: str) -> str:
    """The one period a cell names and nothing else, or ""."""
    found = find_periods(text)
    rest = text
    for pattern in (_QUARTER, _QUARTER_FIRST, _MONTHS, _YEAR):
        rest = pattern.sub(" ", rest)
    words = re.sub(r"financial year|quarter|\(|\)|[\s,.:-]", "", rest, flags=re.IGNORECASE)
    return found[0] if len(found) == 1 and not words else ""


def find_last_day(period: str) -> date:
    """The last day of a period as the store writes it."""
    if "Q" in period:
        return Quarter.parse(period).end
    return date(int(period[:4]) + 1, 3, 31)


def parse_day(text: str) -> date | None:
    """A day: 2014-10-14, 14/10/2014 or 14 October 2014; None for anything else."""
    text = text.strip()
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}(T.*)?", text):
            return date.fromisoformat(text[:10])
        slashed = _SLASHED.fullmatch(text)
        if slashed:
            return date(int(slashed[3]), int(slashed[2]), int(slashed[1]))
        worded = _WORDED.fullmatch(text)
        if worded and worded[2].lower() in _NAMES:
            return date(int(worded[3]), _NAMES.index(worded[2].lower()) + 1, int(worded[1]))
    except ValueError:
        return None
    return None


def _read_quarter(year: str, following: str, number: str) -> list[str]:
    if (int(year) + 1) % 100 != int(following):
        return []
    return [Quarter(int(year), int(number)).key]
