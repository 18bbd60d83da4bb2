"""Checks a catalogue that came back, row by row, and makes the set of measures of it.

Last year's row that nobody touched stays; one that was changed says so by its words. A changed meaning is a break from
the day the set holds from. What looks like a target is asked about and not recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from csp_workflow.forms import catalogue as words
from csp_workflow.forms.layout import COMPLETED_BY, ENTRY, REF, SIGN_OFF, same
from csp_workflow.intake.checks.candidates import (
    ask_about_tick,
    choose_cell,
    read_tick,
    settle_candidates,
    take_cell,
)
from csp_workflow.intake.checks.unrecorded import find_beside, tell_beside
from csp_workflow.terms.cells import Cell, CellType, ReadRow, Sighting
from csp_workflow.terms.figures import (
    Break,
    Frequency,
    Geography,
    LocalMeasure,
    MeasureKind,
    Objective,
    Polarity,
    Series,
)
from csp_workflow.terms.measure_sets import Catalogue, make_unit
from csp_workflow.terms.personal import find_personal_details, keep_back
from csp_workflow.terms.returns import Finding, ReadForm, Severity
from csp_workflow.terms.written_days import DayNotRead, split_day

V = TypeVar("V")

_SPAN = r"(?:year|month|week|day|hour|minute|am\b|pm\b|o'clock)"
_NUMBER = rf"\d[\d.,]*(?![\d.,])(?!\s*(?:(?:[-\u2013]|to|and)\s*\d+\s*)?-?{_SPAN})"
_TARGET = re.compile(
    r"\btargets?\s*(?:of|is|:|=|figure|number|value|\d)|\b(?:numerical|annual|quarterly|our) targets?\b"
    r"|\b(?:reduc|cut|increas|rais|lower|fall|rise|improv|bring|keep|achiev|reach|fewer|more|less)\w*\b[^.;]{0,60}?"
    r"\b(?:by|to|below|under|over|above|than|at)\s+"
    r"(?:(?:below|under|over|above|at least|at most|less than|more than)\s+)?"
    rf"{_NUMBER}|{_NUMBER}\s*(?:%|per ?cent)?\s+(?:reduction|increase|fewer|fall|improvement)\b|[<>\u2264\u2265]\s*\d",
    re.IGNORECASE,
)
"""How a number that is to be reached is written in a text; who is counted ("aged 10 to 17") is none."""

_TARGETS_COLUMN = re.compile(r"target|goal|threshold|by how much|ambition", re.IGNORECASE)

_CHOICES = (
    f"Please choose “{words.AS_LAST_YEAR}”, “{words.CHANGED}” or “{words.STOP}” in the column “{words.THIS_YEAR}”."
)
_WANTED = {
    "blank": "Please fill in this cell.",
    "choice": "Please choose from the list.",
    "priorities": "Please give the numbers of the Plan's priorities, such as 5, 6.",
    "day": "Please give a day, such as 01/04/2013, or leave it empty.",
    "target": "This reads like a numerical target. The framework has none, and none is recorded: please say what is "
    "counted or aimed at, and in the column beside it which way it should go.",
    "both": f"The row is marked “{words.AS_LAST_YEAR}” and its words are others than last year's. Please choose "
    f"“{words.CHANGED}”, or put the words back.",
    "emptied": f"This row was emptied. {_CHOICES}",
    "personal": "Please write this without anything by which a person could be recognised.",
    "untouched": f"Nothing is filled in. If all stays as last year, choose Yes at “{words.ALL_AS_LAST_YEAR}”, or reply "
    "with AS LAST YEAR on the first line.",
    "all": f"“{words.ALL_AS_LAST_YEAR}” is chosen, and rows were changed. Please clear the one or the other.",
}


@dataclass(frozen=True, kw_only=True)
class CheckedMeasures:
    """What a catalogue comes to. `remarks` say what was seen and not recorded, `told` what becomes of each measure.

    `read` is the catalogue as it was taken: each row once, its cells as they are seen, nothing in those of doubt.
    """

    read: ReadForm = field(default_factory=ReadForm)
    measures: tuple[LocalMeasure, ...] = ()
    objectives: tuple[Objective, ...] = ()
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def stay_as_last_year(catalogue: Catalogue) -> CheckedMeasures:
    """What it comes to when all stays."""
    told = tuple(f"{m.series.ref} {m.series.title}: as last year" for m in catalogue.measures)
    told += tuple(f"{o.ref} {o.wording}: as last year" for o in catalogue.objectives)
    return CheckedMeasures(measures=catalogue.measures, objectives=catalogue.objectives, told=told)


def check_catalogue(
    catalogue: Catalogue,
    read: ReadForm,
    *,
    since: date,
    ours: str = "",
    sent: tuple[Sighting, ...] | None = None,
    files: Iterable[str] = (),
) -> CheckedMeasures:
    """What a catalogue that came back says. It holds `since` a day; without faults it is whole.

    `ours` are our own addresses and numbers, which name nobody, and `sent` is all that could be seen on it as it was
    sent, None where nobody knows. `files` tells what came beside it.
    """
    seen = replace(find_beside(catalogue.form, read, sent=sent), files=tuple(files))
    beside = tell_beside(seen, ours=ours)
    settled, asked = settle_candidates(catalogue.form, read)
    signed = next((text.value.text for text in settled.sign_off if text.ref == COMPLETED_BY), "").strip()
    checking = _Checking(catalogue, since, asked)
    rows = tuple(map(checking.take_as_seen, _number_rows(catalogue, read.catalogue, checking)))
    tick = checking.take_tick([cell for row in read.catalogue if row.table == "all" for _, cell in row.cells])
    is_all = bool(read_tick(tick.text))
    clear = [row for row in rows if checking.is_clear(row)]
    measures = [checking.read_measure(row) for row in clear if row.table == "measures"]
    objectives = [checking.read_objective(row) for row in clear if row.table == "objectives"]
    whole = CheckedMeasures(
        read=replace(settled, catalogue=(*rows, _row_of_tick(tick))),
        measures=tuple(m for m in measures if m),
        objectives=tuple(o for o in objectives if o),
        findings=tuple(checking.findings),
        remarks=(*checking.remarks, *(f"We did not record {line}." for line in beside.unrecorded), *read.remarks),
        told=tuple(checking.told),
    )
    if is_all and not checking.changed and not checking.findings:
        return replace(stay_as_last_year(catalogue), remarks=whole.remarks)
    if is_all and checking.changed:
        return replace(whole, findings=(*whole.findings, _find(tick, "all", words.ALL_AS_LAST_YEAR, "")))
    if not (checking.changed or checking.marked or signed or checking.findings):
        blank = Cell(sheet=words.MEASURES, cell="", type=CellType.BLANK)
        return replace(whole, findings=(_find(blank, "untouched", "", ""),))
    return replace(whole, **_add_unread(catalogue, rows, checking))  # type: ignore[arg-type]


def _row_of_tick(tick: Cell) -> ReadRow:
    return ReadRow(table="all", ref="", sheet=tick.sheet, row=0, cells=((words.ALL_AS_LAST_YEAR, tick),))


def reads_like_target(text: str) -> bool:
    """Whether a text gives a number that is to be reached."""
    return bool(_TARGET.search(text))


def _find(cell: Cell, code: str, key: str, column: str) -> Finding:
    return Finding(
        code=f"measures-{code}",
        severity=Severity.FAULT,
        sheet=cell.sheet,
        cell=cell.cell,
        key=key,
        column=column,
        found=keep_back(" ".join(cell.seen.split())[:80]),
        wanted=_WANTED[code],
    )


def _number_rows(catalogue: Catalogue, rows: Iterable[ReadRow], checking: _Checking) -> Iterator[list[ReadRow]]:
    """All that answers to each ref; a row of one's own without a ref gets the next one that no filled row has."""
    listed = [row for row in rows if row.table != "all"]
    used = {same(row.ref) for row in listed if _is_filled(row)}
    free = {
        table: [ref for ref in refs if same(ref) not in used]
        for table, refs in (("measures", catalogue.new_measures), ("objectives", catalogue.new_objectives))
    }
    alike: dict[str, list[ReadRow]] = {}
    for row in listed:
        checking.look_for_others(row)
        if not row.ref and not free[row.table]:
            checking.remarks.append(f"We did not record row {row.row} of '{row.sheet}': every empty row is in use.")
            continue
        one = row if row.ref else replace(row, ref=free[row.table].pop(0))
        alike.setdefault(same(one.ref), []).append(one)
    yield from alike.values()


def _is_filled(row: ReadRow) -> bool:
    return any(not cell.is_blank for _, cell in row.cells)


def _add_unread(catalogue: Catalogue, rows: Sequence[ReadRow], checking: _Checking) -> dict[str, object]:
    """What stood last year and has no row any more is asked about, never dropped."""
    have = {same(row.ref) for row in rows}
    refs = (*(m.series.ref for m in catalogue.measures), *(o.ref for o in catalogue.objectives))
    for ref in (one for one in refs if same(one) not in have):
        sheet = words.MEASURES if ".L" in ref else words.OBJECTIVES
        checking.findings.append(
            _find(Cell(sheet=sheet, cell="", type=CellType.BLANK), "emptied", ref, words.THIS_YEAR)
        )
    return {"findings": tuple(checking.findings)}


class _Checking:
    """One catalogue while it is read: what was found, seen and changed so far."""

    def __init__(self, catalogue: Catalogue, since: date, asked: Iterable[Finding]) -> None:
        self.catalogue, self.since = catalogue, since
        self.findings: list[Finding] = list(asked)
        self.remarks: list[str] = []
        self.told: list[str] = []
        self.changed = self.marked = False
        self._areas = {same(a.name): a for a in catalogue.respondent.areas}
        self._areas |= {same(a.code): a for a in catalogue.respondent.areas}
        self._measures = {same(m.series.ref): m for m in catalogue.measures}
        self._objectives = {same(o.ref): o for o in catalogue.objectives}

    def look_for_others(self, row: ReadRow) -> None:
        """Columns of their own are told, and one that looks like a target is said to be none of ours."""
        columns = words.MEASURE_COLUMNS if row.table == "measures" else words.OBJECTIVE_COLUMNS
        ours = {REF, *(column.header for column in columns)}
        for header, cell in row.cells:
            if header not in ours and not cell.is_blank:
                why = " The framework has no numerical targets." if _TARGETS_COLUMN.search(header) else ""
                self.remarks.append(
                    f"We did not record '{keep_back(header)[:60]}' ({cell.cell} of '{row.sheet}').{why}"
                )

    def take_tick(self, cells: Sequence[Cell]) -> Cell:
        """What stands in the box for all rows, as it is seen, however often it is there."""
        blank = Cell(sheet=SIGN_OFF, cell="", type=CellType.BLANK)
        tick, odd = take_cell(choose_cell(cells or [blank], ()), words.ALL_AS_LAST_YEAR, ENTRY, is_fault=True)
        if odd := odd or ask_about_tick(tick, words.ALL_AS_LAST_YEAR):
            self.findings.append(odd)
        return tick

    # A row ---------------------------------------------------------------------------------------------

    def take_as_seen(self, alike: Sequence[ReadRow]) -> ReadRow:
        """All that answers to one ref as one row, each cell once and as it is seen; what is in doubt is asked about."""
        first = alike[0]
        before, cells = self._list_before(first), []
        ours = {column.header for column in (*words.MEASURE_COLUMNS, *words.OBJECTIVE_COLUMNS)}
        for header in dict.fromkeys(header for row in alike for header, _ in row.cells if header in ours):
            several = [cell for row in alike for name, cell in row.cells if name == header]
            chosen = choose_cell(several, {same(before[header])} if header in before else ())
            cell, odd = take_cell(chosen, first.ref, header, is_fault=True)
            self.findings += [odd] if odd else []
            cells.append((header, cell))
        return replace(first, cells=tuple(cells))

    def is_clear(self, row: ReadRow) -> bool:
        """Whether nothing in a row is in doubt."""
        return not any(one.is_doubt and same(one.key) == same(row.ref) for one in self.findings)

    def _list_before(self, row: ReadRow) -> dict[str, str]:
        """What stood in a row last year, by header."""
        if aim := self._objectives.get(same(row.ref)):
            return words.describe_objective(aim)
        local = self._measures.get(same(row.ref))
        area = next((a for a in self.catalogue.respondent.areas if local and a.code == local.area), None)
        return words.describe_measure(local, area) if local and area else {}

    def _list_changed(self, row: ReadRow, before: dict[str, str]) -> list[str]:
        """The headers under which another thing stands than last year; columns that are gone are as they were."""
        return [
            header
            for header, cell in row.cells
            if header in before and header != words.THIS_YEAR and self._text(cell) != " ".join(before[header].split())
        ]

    @staticmethod
    def _text(cell: Cell) -> str:
        text = " ".join(cell.text.split())
        day = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text) if cell.type is CellType.DATE else None
        return f"{day[3]}/{day[2]}/{day[1]}" if day else text

    def _choice(self, row: ReadRow) -> str:
        cell = row.cell(words.THIS_YEAR)
        said = same(cell.text) if cell else ""
        return next((choice for choice in words.KEPT if said == same(choice)), "")

    def _settle(self, row: ReadRow) -> str:
        """What becomes of a row: "" where it is to be asked about or empty, else one of the choices."""
        before = self._list_before(row)
        choice, changed = self._choice(row), self._list_changed(row, before)
        cells = [cell for header, cell in row.cells if header != words.THIS_YEAR]
        kept = row.cell(words.THIS_YEAR)
        if kept is not None and not kept.is_blank and not choice:
            self._ask(row, words.THIS_YEAR, "choice")
            return ""
        self.marked |= bool(choice)
        is_empty = all(cell.is_blank for cell in cells)
        if choice == words.STOP or (is_empty and not before):
            self.changed |= choice == words.STOP and bool(before)
            return words.STOP
        self.changed |= bool(changed)
        if is_empty and cells:
            self._ask(row, words.THIS_YEAR, "emptied")
            return ""
        if choice == words.AS_LAST_YEAR and changed:
            self._ask(row, words.THIS_YEAR, "both")
            return ""
        if not before:
            self.changed = True
            return words.NEW
        return words.CHANGED if changed else words.AS_LAST_YEAR

    def _ask(self, row: ReadRow, header: str, code: str) -> None:
        cell = row.cell(header) or Cell(sheet=row.sheet, cell="", type=CellType.BLANK)
        self.findings.append(_find(cell, code, row.ref, header))

    def _say(self, ref: str, title: str, becomes: str) -> None:
        said = {words.STOP: "ends", words.NEW: "new", words.CHANGED: "changed"}.get(becomes, "as last year")
        self.told.append(f"{ref} {keep_back(title)}: {said}")

    def read_measure(self, row: ReadRow) -> LocalMeasure | None:
        """The measure of a row; None for none, or where something is asked about."""
        before = self._measures.get(same(row.ref))
        becomes = self._settle(row)
        if not becomes or (becomes == words.STOP and before is None):
            return None
        if before is not None and becomes in {words.AS_LAST_YEAR, words.STOP}:
            self._say(before.series.ref, before.series.title, becomes)
            return before if becomes == words.AS_LAST_YEAR else replace(before, valid_to=_day_before(self.since))
        made = self._make_measure(row, before)
        if made is not None:
            self._say(made.series.ref, made.series.title, becomes)
        return made

    def _make_measure(self, row: ReadRow, before: LocalMeasure | None) -> LocalMeasure | None:
        asked = len(self.findings)
        kind = self._choose(row, words.COUNTED_AS, words.COUNTED_AS_MEANS, MeasureKind.COUNT)
        unit, whole = make_unit(kind, self._write(row, words.COUNTED_IN, is_needed=kind.is_number))
        series = Series(
            ref=before.series.ref if before else row.ref,
            measure=before.series.measure if before else row.ref,
            title=self._write(row, words.COUNT_WHAT),
            unit=unit,
            kind=kind,
            polarity=self._choose(row, words.SOUGHT, words.SOUGHT_MEANS, Polarity.NONE),
            geography=Geography.AREA,
            frequency=self._choose(row, words.HOW_OFTEN, words.HOW_OFTEN_MEANS, Frequency.QUARTERLY),
            owner="",
            denominator=whole,
            comparable_from=self._read_day(row),
        )
        areas = self.catalogue.respondent.areas
        place = self._choose(row, words.WHERE, self._areas, areas[0] if len(areas) == 1 else None)
        made = LocalMeasure(
            respondent=self.catalogue.respondent.key,
            area=place.code if place else "",
            series=series,
            definition=self._write(row, words.COUNTS),
            priorities=self._read_priorities(row),
            agreed=self.since,
            counted_by=self._write(row, words.WHO_COUNTS, is_needed=False),
        )
        return self._compare(made, before) if len(self.findings) == asked else None

    def _compare(self, made: LocalMeasure, before: LocalMeasure | None) -> LocalMeasure:
        """Another unit, definition, place or kind is a break; comparable earlier only where that is said."""
        if before is None:
            return made
        series, was = made.series, before.series
        kept = replace(series, suppression=was.suppression, lag_quarters=was.lag_quarters, broken=was.broken)
        is_other = (series.unit, series.kind, made.definition, made.area) != (
            was.unit,
            was.kind,
            " ".join(before.definition.split()),
            before.area,
        )
        if is_other:
            kept = replace(kept, broken=Break(day=self.since, reason=f"Agreed anew for {self.catalogue.year}"))
            said = series.comparable_from
            kept = replace(
                kept, comparable_from=None if said == was.comparable_from or (said and said > self.since) else said
            )
        return replace(made, series=kept, agreed=before.agreed)

    def read_objective(self, row: ReadRow) -> Objective | None:
        """The objective of a row; other words are another aim under the same ref only from the day that it holds."""
        before = self._objectives.get(same(row.ref))
        becomes = self._settle(row)
        if not becomes or (becomes == words.STOP and before is None):
            return None
        if before is not None and becomes in {words.AS_LAST_YEAR, words.STOP}:
            self._say(before.ref, before.wording, becomes)
            return before if becomes == words.AS_LAST_YEAR else replace(before, valid_to=_day_before(self.since))
        asked = len(self.findings)
        made = Objective(
            respondent=self.catalogue.respondent.key,
            ref=before.ref if before else row.ref,
            wording=self._write(row, words.AIM),
            priorities=self._read_priorities(row),
            agreed=before.agreed if before else self.since,
            reworded=self.since if before else None,
        )
        if len(self.findings) > asked:
            return None
        self._say(made.ref, made.wording, becomes)
        return made

    # A cell --------------------------------------------------------------------------------------------

    def _write(self, row: ReadRow, header: str, *, is_needed: bool = True) -> str:
        cell = row.cell(header)
        text = " ".join(cell.text.split()) if cell else ""
        if not text and is_needed:
            self._ask(row, header, "blank")
        elif find_personal_details(text):
            self._ask(row, header, "personal")
        elif reads_like_target(text):
            self._ask(row, header, "target")
        return text

    def _choose(self, row: ReadRow, header: str, means: Mapping[str, V], usual: V) -> V:
        """What a cell means by a list; what is usual where it is empty (None: it must be filled in)."""
        text = self._write(row, header, is_needed=usual is None)
        by_word = {same(word): meant for word, meant in means.items()}
        by_word |= {same(str(meant)): meant for meant in means.values()}
        if text and same(text) not in by_word:
            self._ask(row, header, "choice")
        return by_word.get(same(text), usual)

    def _read_priorities(self, row: ReadRow) -> tuple[int, ...]:
        text = self._write(row, words.PRIORITIES)
        numbers = tuple(dict.fromkeys(map(int, re.findall(r"\d+", text))))
        if text and (not numbers or not set(numbers) <= set(self.catalogue.priorities)):
            self._ask(row, words.PRIORITIES, "priorities")
        return numbers

    def _read_day(self, row: ReadRow) -> date | None:
        cell = row.cell(words.SINCE)
        text = self._text(cell) if cell else ""
        if not text:
            return None
        if found := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text):
            try:
                return date(int(found[3]), int(found[2]), int(found[1]))
            except ValueError:
                pass
        else:
            try:
                day, rest = split_day(text, today=self.since)
                if not rest and re.search(r"\d{4}", text):
                    return day
            except DayNotRead:
                pass
        self._ask(row, words.SINCE, "day")
        return None


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)
