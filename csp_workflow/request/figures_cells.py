"""What stands in one line of a file of figures becomes a figure, or is refused with what to do.

The series, areas, periods, days and numbers in it are read as people write them; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from csp_workflow.forms.layout import STATUS_MEANS
from csp_workflow.terms.comparisons import denominator_of
from csp_workflow.terms.dates import MID_YEAR, Quarter, period_end, year_to
from csp_workflow.terms.figures import (
    UNRELIABLE,
    Figure,
    FigureStatus,
    Frequency,
    Geography,
    LocalMeasure,
    MeasureKind,
    Polarity,
    Provenance,
    Series,
    say_whole,
)
from csp_workflow.terms.phrases import plain_number, short_day
from csp_workflow.terms.shares import find_count, is_per_cent_of, reckon_per_cent
from csp_workflow.terms.site import Area, Site


def simplify_name(text: str) -> str:
    """A header or name as it is compared."""
    text = _NOTE.sub(" ", text.casefold()).replace("&", " and ").replace("_", " ")
    return " ".join(re.sub(r"[`*:]+", " ", text).split())


_NUMBER = re.compile(r"[-\N{MINUS SIGN}]?(\d{1,3}(,\d{3})+|\d{1,15})(\.\d{1,9})?", re.ASCII)
_SPACES = re.compile(r"[\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]+")
_ABSENT = {
    "[x]": FigureStatus.NOT_AVAILABLE,
    UNRELIABLE: FigureStatus.NOT_AVAILABLE,
    "[w]": FigureStatus.NOT_AVAILABLE,
    "[c]": FigureStatus.SUPPRESSED,
    "[z]": FigureStatus.NOT_APPLICABLE,
    "n/a": FigureStatus.NOT_APPLICABLE,
    "not applicable": FigureStatus.NOT_APPLICABLE,
    "not available": FigureStatus.NOT_AVAILABLE,
    "suppressed": FigureStatus.SUPPRESSED,
}
"""What official tables write in place of a number."""

_BESIDE = {
    "[p]": FigureStatus.PROVISIONAL,
    "[r]": FigureStatus.REVISED,
    "[e]": FigureStatus.ESTIMATED,
    UNRELIABLE: None,
}
"""What they write beside a number."""

_MARKER = re.compile(r"\[[^\]]{1,20}\]")
_NOTE = re.compile(r"\[note[^\]]*\]", re.IGNORECASE)

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


def read_figure(line: Line, names: KnownNames, *, as_at: date, origin: Provenance) -> Figure:
    """The figure of a line of a file and sheet (`origin`). Raises RowRefused."""
    series = read_series(line.series, names)
    area = read_area(line.area, names, series)
    known_on = read_as_at(line.others["as_at"], as_at)
    period = read_known_period(line.period, known_on, is_denominator=names.is_denominator(series.ref))
    count, base = _read_counts(line, series)
    status, value, marked = _read_value(
        line, series, reckon_per_cent(count, base) if count is not None and base else None
    )
    note = " ".join(filter(None, (line.others["note"], marked)))
    if value is not None and value < 0 and not line.others["note"]:
        raise RowRefused(
            "value",
            line.value,
            "A figure below 0 is taken only with a note that says why, such as crimes cancelled later. "
            "Add a column 'note'.",
        )
    figure = Figure(
        series=series.ref,
        area=area.code,
        period=period,
        as_at=known_on,
        value=value,
        unit=series.unit,
        status=status,
        count=count,
        base=base,
        note=note,
        provenance=replace(
            origin,
            source=line.others["source"] or origin.source,
            cell=line.cell,
            licence=line.others["licence"],
            illustrative=read_illustrative(line.others["illustrative"]),
        ),
    )
    return replace(figure, count=_settle_count(line, series, figure))


def read_series(text: str, names: KnownNames) -> Series:
    """The series that a cell names. Raises RowRefused."""
    if not text:
        raise RowRefused("series", "", "The row names no series. Write its ref, such as M12a.")
    series = names.series(text)
    if series is None:
        raise RowRefused("series", text, f"There is no series '{text[:60]}'.{names.suggest_series(text)}")
    if not series.kind.is_number:
        raise RowRefused("series", text, f"{series.ref} is told in words; it has no figures.")
    return series


def read_area(text: str, names: KnownNames, series: Series | None) -> Area:
    """The area that a cell names. Raises RowRefused."""
    if not text:
        raise RowRefused("area", "", "The row names no area. Write its ONS code, such as E22000165.")
    found = names.areas(text, series)
    if len(found) > 1:
        codes = " or ".join(area.code for area in found)
        raise RowRefused("area", text, f"'{text}' may be {codes}. Write the code.")
    if not found:
        raise RowRefused("area", text, f"There is no area '{text[:60]}'.{names.suggest_area(text)}")
    local = names.local(series.ref) if series else None
    if local and local.area != found[0].code:
        own = names.area_name(local.area)
        raise RowRefused("area", text, f"{local.series.ref} is counted for {own} only. Check the series and the area.")
    return found[0]


def read_as_at(text: str, today: date) -> date:
    """The day on which a row's values were known: that of the import where it names none. Raises RowRefused."""
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


_MIDDLE = "not the middle of a year (mid-2013), in which people and households are counted"


def read_known_period(text: str, known_on: date, *, is_denominator: bool = False) -> str:
    """The period that a cell names, which had ended when its value was known. Raises RowRefused."""
    if not text:
        raise RowRefused("period", "", "The row has no period. Write a quarter (2014/15-Q2) or a year (2011/12).")
    period = read_mid_year(text) if is_denominator else read_period(text)
    if not period:
        hint = " Excel may have changed it into a date; format the column as text." if parse_day(text) else ""
        wanted = _MIDDLE if is_denominator else "neither a quarter (2014/15-Q2) nor a financial year (2011/12)"
        raise RowRefused("period", text, f"'{text[:40]}' is {wanted}.{hint}")
    if period_end(period) > known_on:
        raise RowRefused(
            "period",
            text,
            f"{period.replace('-Q', ' Q')} had not ended on {short_day(known_on)}, the day on which the figure is said "
            "to be known. Check the period and the as-at day.",
        )
    return period


def _read_counts(line: Line, series: Series) -> tuple[int | None, int | None]:
    """How many a share counts, and out of how many, as far as a line says so."""
    count, base = (_read_count(line, name) for name in ("numerator", "base"))
    if count is None:
        return None, base
    if not say_whole(series):
        raise RowRefused("numerator", str(count), f"{series.ref} is no share in per cent. Leave 'numerator' out.")
    if base is not None and (count > base or not base):
        raise RowRefused("numerator", str(count), f"{count} of {base} is no share. Check 'numerator' and 'base'.")
    return count, base


def _settle_count(line: Line, series: Series, figure: Figure) -> int | None:
    """How many a share counts: it agrees with the per cent and its n, or follows from them."""
    value, count, base = figure.value, figure.count, figure.base
    if value is None and count is not None:
        said = f"The status says '{figure.status}', yet there is a numerator. Leave one of them out."
        raise RowRefused("numerator", str(count), said)
    if value is None or base is None or not say_whole(series):
        return count
    if count is None:
        return find_count(value, base)
    if not is_per_cent_of(value, count, base):
        said = f"{plain_number(value)} per cent is not {count} of {base}"
        raise RowRefused("value", line.value, f"{said}. Correct one of them, or leave the per cent out.")
    return count


def _read_value(line: Line, series: Series, reckoned: Decimal | None) -> tuple[FigureStatus, Decimal | None, str]:
    """The status and the value of a line, which two counts may say, and the markers that are kept as its note."""
    if line.fault:
        raise RowRefused("value", line.value, f"The cell holds {line.fault}. Put the figure itself there.")
    text, marker, marked = read_markers(line.value)
    stated = _read_status(line)
    if not text and reckoned is not None and _may_be_reckoned(stated or marker):
        return stated or marker or FigureStatus.FINAL, reckoned, marked
    if not text:
        return *_read_absence(stated or marker), marked
    if stated is not None and not stated.has_value:
        raise RowRefused(
            "status",
            line.others["status"],
            f"The status says '{stated}', yet there is a figure. Leave one of them out.",
        )
    return stated or marker or FigureStatus.FINAL, _read_number(line, text, series), marked


def read_markers(text: str) -> tuple[str, FigureStatus | None, str]:
    """What a cell holds without the markers of official tables, the status that they mean, and those to be kept.

    A marker that nobody knows stays where it is, so that the cell is no number.
    """
    text = " ".join(_SPACES.sub(" ", text).split())
    notes = _NOTE.findall(text)
    bare = _NOTE.sub(" ", text).strip()
    if bare.casefold() in _ABSENT:
        notes += [UNRELIABLE] * (bare.casefold() == UNRELIABLE)
        return "", _ABSENT[bare.casefold()], " ".join(notes)
    beside = [mark.casefold() for mark in _MARKER.findall(bare)]
    if any(mark not in _BESIDE for mark in beside):
        return bare, None, " ".join(notes)
    notes += [UNRELIABLE] * (UNRELIABLE in beside)
    return _MARKER.sub("", bare).strip(), next(filter(None, map(_BESIDE.get, beside)), None), " ".join(notes)


def _may_be_reckoned(stated: FigureStatus | None) -> bool:
    return stated is None or (stated.has_value and stated is not FigureStatus.NIL)


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
    value = parse_number(bare)
    if value is None:
        raise RowRefused(
            "value",
            line.value,
            f"'{text[:40]}' is not one plain number. Write the figure alone; for an estimate or a suppressed "
            "figure use the column 'status'.",
        )
    if is_share and not 0 <= value <= 100:
        raise RowRefused("value", line.value, "A per cent lies between 0 and 100; write 12.5 for 12.5 per cent.")
    if series.kind is MeasureKind.COUNT and not is_share and value != value.to_integral_value():
        raise RowRefused("value", line.value, "A count is a whole number. Check the figure and the series.")
    return value


def parse_number(text: str) -> Decimal | None:
    """One plain number, with commas between its thousands or without; None for anything else."""
    if not _NUMBER.fullmatch(text):
        return None
    return Decimal(text.replace(",", "").replace("\N{MINUS SIGN}", "-"))


def _read_count(line: Line, name: str) -> int | None:
    text = line.others[name].replace(",", "")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        told = {"base": "how many the figure rests on", "numerator": "how many of these it counts"}[name]
        raise RowRefused(name, line.others[name], f"The {name} is a whole number: {told}.")
    return int(text)


def read_illustrative(text: str) -> bool:
    """Whether a cell says yes or no; an empty one says no. Raises RowRefused."""
    if text.casefold() not in _YES | _NO:
        raise RowRefused("illustrative", text, "Write yes or no under 'illustrative'.")
    return text.casefold() in _YES


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
        made_with = filter(None, map(denominator_of, every))
        self._denominators = {of: _count_whole(of) for of in dict.fromkeys(made.of for made in made_with)}

    def series(self, text: str) -> Series | None:
        """The series of that ref, or of that title where only one has it; also what rates are made with."""
        name = simplify_name(text)
        ref = self.columns.get(name)
        return self._series[ref] if ref else self._denominators.get("residents" if name == "population" else name)

    def is_denominator(self, ref: str) -> bool:
        """Whether it is whom or what rates are made with, such as residents."""
        return ref in self._denominators

    def local(self, ref: str) -> LocalMeasure | None:
        """The local measure whose series that is, or None."""
        return self._locals.get(ref)

    def areas(self, text: str, series: Series | None) -> tuple[Area, ...]:
        """The areas a text may mean: by code, else by name, of the series' own geography if any is.

        "Leicester" is both a partnership's area and an upper tier; which one is meant the series says.
        """
        code = _NOTE.sub("", text).strip().upper()
        if code in self._areas:
            return (self._areas[code],)
        named = tuple(area for area in self._areas.values() if simplify_name(area.name) == simplify_name(text))
        return tuple(area for area in named if series and area.geography is series.geography) or named

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


def _count_whole(of: str) -> Series:
    """People, households: counted once a year, of every area, by whoever publishes them."""
    return Series(
        ref=of,
        measure="",
        title=of,
        unit=of,
        kind=MeasureKind.COUNT,
        polarity=Polarity.NONE,
        geography=Geography.AREA,
        frequency=Frequency.YEARLY,
        owner="",
    )


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
_TO = r"\b(?:(?:rolling\s+)?(?:12|twelve)\s+months|year)\s+(?:to|until|ending|ended)\s+(?:the\s+end\s+of\s+)?"
_YEAR_TO_MONTH = re.compile(
    _TO + r"(?:\d{1,2}(?:st|nd|rd|th)?\s+)?(jun|sep|dec|mar)[a-z]*\.?\s+((?:19|20)\d{2})", _FLAGS
)
_YEAR_TO_QUARTER = re.compile(_TO + _QUARTER.pattern, _FLAGS)
_LAST_MONTHS = {last: number for (_, last), number in _ENDS.items()}
_MID_YEAR = re.compile(r"(?:mid[\s-]*(?:year[\s-]*)?|(?:30(?:th)?\s+)?june?\s+)?((?:19|20)\d{2})", _FLAGS)
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)
_WORDED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3})[a-z]*\.?\s+((?:19|20)\d{2})", _FLAGS)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def find_periods(text: str) -> tuple[str, ...]:
    """Every different period a text names, as the store writes them: "2014/15-Q2", "2011/12", "12 months to ..."."""
    found = [year_to(quarter) for quarter in _find_years_to(text)]
    text = _YEAR_TO_QUARTER.sub(" ", _YEAR_TO_MONTH.sub(" ", text))
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


def _find_years_to(text: str) -> Iterator[Quarter]:
    for match in _YEAR_TO_MONTH.finditer(text):
        number = _LAST_MONTHS[match[1].lower()]
        yield Quarter(int(match[2]) - (number == 4), number)
    for match in _YEAR_TO_QUARTER.finditer(text):
        yield from map(Quarter.parse, _read_quarter(*match.groups()))


def read_mid_year(text: str) -> str:
    """The middle of a year as the store writes it, "mid-2013", or ""."""
    found = _MID_YEAR.fullmatch(text.strip())
    return f"{MID_YEAR}{found[1]}" if found else ""


def read_period(text: str) -> str:
    """The one period a cell names and nothing else, or ""."""
    found = find_periods(text)
    rest = text
    for pattern in (_YEAR_TO_MONTH, _YEAR_TO_QUARTER, _QUARTER, _QUARTER_FIRST, _MONTHS, _YEAR):
        rest = pattern.sub(" ", rest)
    words = re.sub(r"financial year|quarter|\(|\)|[\s,.:-]", "", rest, flags=re.IGNORECASE)
    return found[0] if len(found) == 1 and not words else ""


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
