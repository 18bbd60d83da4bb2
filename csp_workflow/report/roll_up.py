"""A year put together: the four quarters of each series in each area, under the areas and partnerships of today.

What stands for a quarter is the latest accepted value; where there is none it is said in a word of its own why. An area
that others were merged into stands for them in the quarters before, so that nothing is left out or counted twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from csp_workflow.report.basis import Basis, Made, figure_key, reckon
from csp_workflow.report.blocks import Run, Text
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.figures import (
    Figure,
    FigureStatus,
    Frequency,
    Series,
    ends_in,
    is_share,
    period_of,
    slot_of,
)
from csp_workflow.terms.phrases import NOT_SUPPLIED, number, plain_day, say_counts
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Respondent, RespondentKind

NOT_DUE = "not due"
TO_COME = "to come"
NOT_KNOWABLE = "not yet knowable"
COUNTED_OTHERWISE = "counted otherwise"
WITHHELD = "withheld"
SUPPRESSED_YEAR = "suppressed"
NO_TOTAL = "no total"

MARKED = {FigureStatus.PROVISIONAL: " (p)", FigureStatus.ESTIMATED: " (e)"}
REVISED = " (r)"
MARKS = "(p) provisional, (e) estimated, (r) revised since a paper printed it: see Revisions."


@dataclass(frozen=True, kw_only=True)
class YearCell:
    """One quarter of a row: the figures that stand for it (several where areas were merged later), or why none does."""

    quarter: Quarter
    figures: tuple[Figure, ...] = ()
    why: str = ""
    is_hidden: bool = False

    @property
    def is_known(self) -> bool:
        """Whether there is a number."""
        return bool(self.figures)


@dataclass(frozen=True, kw_only=True)
class YearSum:
    """What some quarters come to: its figures, of how many quarters that are due; without a value `why` says why."""

    value: Decimal | None = None
    figures: tuple[Figure, ...] = ()
    known: int = 0
    due: int = 0
    why: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether all quarters are in it."""
        return self.value is not None and self.known == self.due


@dataclass(frozen=True, kw_only=True)
class YearRow:
    """One series in one area over a financial year: its quarters, those of the year before, and the row of readings."""

    row: Row
    cells: tuple[YearCell, ...]
    before: tuple[YearCell, ...]
    year: YearSum
    year_before: YearSum

    @property
    def has_figure(self) -> bool:
        """Whether there is anything to print."""
        return any(cell.is_known for cell in (*self.cells, *self.before)) or self.year_before.value is not None


def list_year_rows(facts: ReportFacts, series: Series) -> list[YearRow]:
    """A series over the year that the paper is of, area by area: of merged areas only the one that goes on."""
    return facts.recall(("year", series.ref), lambda: list(_make_rows(facts, series)))


def _make_rows(facts: ReportFacts, series: Series) -> Iterator[YearRow]:
    gone = {code for codes in facts.replaced.values() for code in codes}
    served = {area.code for r in facts.site.serving(facts.quarter.end) for area in r.areas}
    for row in facts.rows(series):
        if row.area.code not in gone:
            cells, before = (_list_cells(facts, row, year) for year in (facts.quarter.year, facts.quarter.year - 1))
            sums = _add_year(series, cells), _add_before(facts, row, before)
            made = YearRow(row=row, cells=cells, before=before, year=sums[0], year_before=sums[1])
            if made.has_figure or row.area.code in served:
                yield made


def _list_cells(facts: ReportFacts, row: Row, year: int) -> tuple[YearCell, ...]:
    return tuple(_make_cell(facts, row, Quarter(year, number)) for number in (1, 2, 3, 4))


def _make_cell(facts: ReportFacts, row: Row, quarter: Quarter) -> YearCell:
    series = row.series
    if not ends_in(series, quarter):
        return YearCell(quarter=quarter, why=NOT_DUE)
    period = period_of(series, quarter)
    figure = facts.known.latest(series.ref, row.area.code, period)
    if figure is not None:
        return _show_figures(facts, quarter, (figure,))
    parts = [facts.known.latest(series.ref, code, period) for code in _find_parts(facts, row.area.code, quarter)]
    figures = tuple(one for one in parts if one is not None)
    if figures and len(figures) == len(parts):
        return _show_figures(facts, quarter, figures)
    return YearCell(quarter=quarter, why=_say_absent(facts, series, quarter))


def _show_figures(facts: ReportFacts, quarter: Quarter, figures: tuple[Figure, ...]) -> YearCell:
    """A cell of some figures; where one of them may not be told, or has no value, none of them."""
    why = next(filter(None, (_say_why_none(facts, one) for one in figures)), "")
    is_hidden = any(facts.say_hidden(one) or one.status is FigureStatus.SUPPRESSED for one in figures)
    return YearCell(quarter=quarter, figures=() if why else figures, why=why, is_hidden=is_hidden)


def _find_parts(facts: ReportFacts, area: str, quarter: Quarter) -> list[str]:
    """The areas that stood at a quarter's end where one stands now."""
    served = {a.code for r in facts.site.serving(quarter.end) for a in r.areas}
    return sorted(code for code in facts.replaced.get(area, ()) if code in served)


def _say_why_none(facts: ReportFacts, figure: Figure) -> str:
    """Why a figure that is known is not printed as a number; "" for one that is."""
    if hidden := facts.say_hidden(figure):
        return hidden
    if figure.status is FigureStatus.SUPPRESSED:
        return WITHHELD
    return "" if figure.value is not None else str(figure.status)


def _say_absent(facts: ReportFacts, series: Series, quarter: Quarter) -> str:
    today = london_day(facts.as_at)
    if quarter.end >= today:
        return TO_COME
    if series.parted and quarter.end < series.parted <= facts.quarter.end:
        return COUNTED_OTHERWISE
    if quarter > facts.quarter.plus(-series.lag_quarters):
        return NOT_KNOWABLE
    return NOT_SUPPLIED


# What a year comes to -----------------------------------------------------------------------------------


def _add_year(series: Series, cells: Sequence[YearCell]) -> YearSum:
    """Quarters added up; of what is counted over twelve months, or once a year, it is the last value."""
    due = [cell for cell in cells if cell.why != NOT_DUE]
    if series.frequency in {Frequency.YEARLY, Frequency.ROLLING_12_MONTHS}:
        due = due[-1:]
    known = [cell for cell in due if cell.is_known]
    figures = tuple(figure for cell in known for figure in cell.figures)
    whys = [cell.why for cell in due if not cell.is_known]
    if _is_hidden(due) or not figures or COUNTED_OTHERWISE in whys:
        return YearSum(known=len(known), due=len(due), why=_say_why_no_year(due, whys))
    if is_share(series) and len(figures) > 1 and any(figure.base is None for figure in figures):
        return YearSum(known=len(known), due=len(due), why="no total: not known out of how many")
    basis = find_sum_basis(figures)
    value = figures[0].value if len(figures) == 1 else reckon(basis, {slot_of(f): f for f in figures})
    return YearSum(value=value, figures=figures, known=len(known), due=len(due))


def _is_hidden(cells: Sequence[YearCell]) -> bool:
    """Whether one of the quarters may not be told: then neither may what the others come to, nor the whole year."""
    return any(cell.is_hidden for cell in cells)


def _say_why_no_year(due: Sequence[YearCell], whys: Sequence[str]) -> str:
    if _is_hidden(due):
        return WITHHELD if set(whys) == {WITHHELD} else SUPPRESSED_YEAR
    return whys[0] if len(set(whys)) == 1 else NO_TOTAL


def _add_before(facts: ReportFacts, row: Row, cells: Sequence[YearCell]) -> YearSum:
    """The year before; where no quarter of it was ever known, what was published of the whole of it."""
    found = _add_year(row.series, cells)
    if found.is_whole or any(cell.is_known or cell.why in _SAID for cell in cells) or _is_hidden(cells):
        return found
    figure = facts.known.latest(row.series.ref, row.area.code, cells[0].quarter.financial_year)
    if figure is None or _say_why_none(facts, figure):
        return found
    return YearSum(value=figure.value, figures=(figure,), known=1, due=1)


_SAID = {COUNTED_OTHERWISE}


def find_sum_basis(figures: Sequence[Figure]) -> Basis:
    """What a sum of figures is made of, for the key of its bookmark."""
    return Basis(how=Made.TOTAL if len(figures) > 1 else Made.FIGURE, slots=tuple(map(slot_of, figures)))


def add_areas(rows: Sequence[YearRow], place: int | None, *, before: bool = False) -> YearSum:
    """All areas together in one quarter (its place from 0), or in the year (None): a part is no whole."""
    if place is None:
        sums = [row.year_before if before else row.year for row in rows]
        whole = all(one.is_whole for one in sums)
        figures = tuple(figure for one in sums for figure in one.figures)
        whys = [one.why or _say_part(one) for one in sums if not one.is_whole]
    else:
        cells = [(row.before if before else row.cells)[place] for row in rows]
        whole = all(cell.is_known for cell in cells)
        figures = tuple(figure for cell in cells for figure in cell.figures)
        whys = [cell.why for cell in cells if not cell.is_known]
    if not figures or not whole:
        return YearSum(why=_say_common(whys, len(rows)))
    value = figures[0].value if len(figures) == 1 else reckon(find_sum_basis(figures), {slot_of(f): f for f in figures})
    return YearSum(value=value, figures=figures, known=1, due=1)


def _say_common(whys: Sequence[str], of: int) -> str:
    """Why there is no sum of so many areas: in a word where that is the same in all, or in a part of them."""
    kinds = dict.fromkeys(whys)
    if len(kinds) == 1:
        return whys[0] if len(whys) == of else f"{whys[0]} in part"
    hidden = [why for why in kinds if why in {SUPPRESSED_YEAR, WITHHELD}]
    return f"{hidden[0]} in part" if hidden else NO_TOTAL


def _say_part(one: YearSum) -> str:
    return f"{one.known} of {one.due} quarters"


# As it is printed -----------------------------------------------------------------------------------------


def show_cell(facts: ReportFacts, cell: YearCell, series: Series) -> Text:
    """A quarter as a table has it: its number to be traced from the file, marked where it may move or has moved."""
    if not cell.figures:
        return cell.why
    value = value_of(cell.figures)
    mark = REVISED if is_revised(facts, cell) else next(filter(None, (MARKED.get(f.status) for f in cell.figures)), "")
    run = Run(text=_say_amount(value, series), figure=find_sum_basis(cell.figures).key)
    return (run, Run(text=mark)) if mark else (run,)


def show_sum(one: YearSum, series: Series) -> Text:
    """A year, or a part of one with how many quarters it has; why there is none."""
    if one.value is None:
        return one.why or NO_TOTAL
    run = Run(text=_say_amount(one.value, series), figure=find_sum_basis(one.figures).key)
    remarks = [] if one.is_whole else [_say_part(one)]
    if is_share(series) and len(one.figures) == 1 and (counts := say_counts(one.figures[0])):
        remarks.append(counts)
    return (run, Run(text=f"\n({'; '.join(remarks)})")) if remarks else (run,)


def say_sum(one: YearSum, series: Series) -> str:
    """The same in a sentence."""
    return one.why or NO_TOTAL if one.value is None else _say_amount(one.value, series)


def _say_amount(value: Decimal | None, series: Series) -> str:
    if value is None:
        return NO_TOTAL
    said = number(value if value == value.to_integral() else round(value, 1))
    return (
        f"{said}%" if is_share(series) and "per cent" in series.unit else f"£{said}" * (series.unit == "pounds") or said
    )


def value_of(figures: Sequence[Figure]) -> Decimal | None:
    """What the figures of one quarter come to; None for none."""
    if not figures:
        return None
    if len(figures) == 1:
        return figures[0].value
    return reckon(find_sum_basis(figures), {slot_of(figure): figure for figure in figures})


def is_revised(facts: ReportFacts, cell: YearCell) -> bool:
    """Whether an earlier paper printed another value of it, or the value replaced another one that may be shown."""
    return any(say_before(facts, figure) for figure in cell.figures)


def say_before(facts: ReportFacts, figure: Figure) -> str:
    """What was printed, or known, of a figure before; "" for nothing else."""
    if reported := facts.reported.get(figure_key(figure), ""):
        return reported
    replaced = facts.known.replaced(figure)
    is_shown = replaced is not None and replaced.value is not None and slot_of(figure) not in facts.hidden
    return number(replaced.value) if is_shown and replaced is not None else ""


# Whose returns make the year ------------------------------------------------------------------------------

_STATES: Mapping[ReturnState, str] = {
    ReturnState.APPROVED: "approved",
    ReturnState.COMPLETE: "complete, not approved",
    ReturnState.QUERIED: "received, not complete",
    ReturnState.RECEIVED: "received",
    ReturnState.NIL: "nothing to report",
    ReturnState.DECLINED: "declined",
    ReturnState.NOT_RECEIVED: "not received",
    ReturnState.REQUESTED: "asked, not received",
    ReturnState.EXPECTED: "not asked yet",
}
NOT_ASKED = "not asked"


@dataclass(frozen=True, kw_only=True)
class YearReturn:
    """What one respondent returned in one quarter for the partnership that goes on: `of` is who it was then."""

    quarter: Quarter
    of: Respondent
    said: str
    is_made: bool
    is_missing: bool


def list_year_respondents(facts: ReportFacts) -> tuple[Respondent, ...]:
    """Who owed anything in the year, partnerships first, those that ended without an heir among them: their returns
    count too. Whoever was taken over from stands with its heir."""
    asked = {key for one in facts.year for key in one.status.returns}
    now = {r.key for r in (*facts.partnerships(), *facts.contributors())}
    followed = {key for r in facts.site.respondents if r.key in now for key in r.predecessors}
    every = [r for r in facts.site.respondents if r.key in now or (r.key in asked and r.key not in followed)]
    return tuple(sorted(every, key=lambda r: r.kind is not RespondentKind.PARTNERSHIP))


def list_year_partnerships(facts: ReportFacts) -> tuple[Respondent, ...]:
    """The partnerships among them."""
    return tuple(r for r in list_year_respondents(facts) if r.kind is RespondentKind.PARTNERSHIP)


def list_year_returns(facts: ReportFacts, respondent: Respondent) -> tuple[tuple[YearReturn, ...], ...]:
    """The returns of each quarter: its own, and before it began those of whom it has taken over from."""
    names = {r.key: r for r in facts.site.respondents}
    line = [names[key] for key in (respondent.key, *respondent.predecessors) if key in names]
    found = []
    for quarter in facts.year:
        asked = [one for one in line if one.key in quarter.status.returns]
        served = [one for one in line if one.valid_from <= quarter.quarter.end <= one.valid_to] or [respondent]
        found.append(tuple(_tell_return(facts, quarter.quarter, one) for one in asked or served))
    return tuple(found)


def _tell_return(facts: ReportFacts, quarter: Quarter, of: Respondent) -> YearReturn:
    status = next(one.status for one in facts.year if one.quarter == quarter)
    stands = status.returns.get(of.key)
    is_future = quarter.end >= london_day(facts.as_at)
    said = TO_COME if stands is None and is_future else _STATES[stands.state] if stands else NOT_ASKED
    if stands and stands.state is ReturnState.COMPLETE and of.kind is not RespondentKind.PARTNERSHIP:
        said = "complete"
    is_made = bool(stands and stands.state.is_made)
    is_missing = bool(stands and not is_made and stands.state not in {ReturnState.NIL, ReturnState.DECLINED})
    return YearReturn(quarter=quarter, of=of, said=said, is_made=is_made, is_missing=is_missing or said == TO_COME)


def say_missing_quarters(facts: ReportFacts) -> str:
    """Which quarters the year still lacks, in a sentence; "" for none: those that have not ended, or not closed."""
    today = london_day(facts.as_at)
    ahead = [one.quarter for one in facts.year if one.quarter.end >= today]
    unasked = [one.quarter for one in facts.year if one.quarter.end < today and not one.status.returns]
    said = []
    if ahead:
        said.append(f"{_name_quarters(ahead)} had not ended by {plain_day(today)}")
    if unasked:
        said.append(f"nobody was asked for {_name_quarters(unasked)}")
    return f"Not every quarter is here: {'; '.join(said)}." if said else ""


def _name_quarters(quarters: Sequence[Quarter]) -> str:
    months = [quarter.months for quarter in quarters]
    return " and ".join(months) if len(months) < 3 else f"{', '.join(months[:-1])} and {months[-1]}"


def explain_marks(facts: ReportFacts, rows: Sequence[YearRow]) -> str:
    """What the marks mean that stand beside figures of some rows; "" where there are none."""
    cells = [cell for row in rows for cell in row.cells]
    is_marked = any(f.status in MARKED for cell in cells for f in cell.figures)
    return MARKS if is_marked or any(is_revised(facts, cell) for cell in cells) else ""
