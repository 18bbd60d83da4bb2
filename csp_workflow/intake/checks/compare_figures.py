"""Figures and words beside others: last quarter's, those elsewhere on the form, and what is usual for a series.

A slip is asked about because it looks the same as a true change; no figure is praised or blamed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import SequenceMatcher

from csp_workflow.forms import layout
from csp_workflow.forms.row_rules import SUMMED_AREAS
from csp_workflow.intake.checks.check_police import is_explained
from csp_workflow.intake.checks.findings import ask_about, ask_about_row, short_text
from csp_workflow.intake.checks.share_values import list_value_cells
from csp_workflow.terms.cells import Cell, CellType
from csp_workflow.terms.checks import Check, Checks, CheckSubject, name_subject
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Figure, FigureStatus, MeasureKind
from csp_workflow.terms.grants import GrantLine, find_grant, find_line, say_pounds
from csp_workflow.terms.phrases import plain_number, say_figure
from csp_workflow.terms.returns import FigureRow, Finding, FormDefinition, Narrative, ReadFigureRow
from csp_workflow.terms.shares import is_hundredfold


@dataclass(frozen=True, kw_only=True)
class _Compared:
    """A figure with its row as asked and as it came back, and what the form gives of the same series elsewhere.

    Of a line of a grant `lines` are those that the form gives of it.
    """

    row: FigureRow
    seen: ReadFigureRow
    figure: Figure
    elsewhere: tuple[tuple[str, Figure], ...]
    lines: Mapping[GrantLine, Decimal] = field(default_factory=dict)

    @property
    def line(self) -> GrantLine | None:
        """Which line of a grant it is."""
        return find_line(self.row.ref) if self.row.kind is MeasureKind.GRANT else None

    @property
    def said(self) -> str:
        """The figure in words."""
        return say_figure(replace(self.figure, status=FigureStatus.FINAL))

    def is_at_least(self, check: Check) -> bool:
        """Whether it counts so many, or is of so many where it is a share, that chance seldom makes two the same."""
        count = self.figure.value if self.figure.base is None else Decimal(self.figure.base)
        return count is not None and count >= check.number


def compare_figures(
    form: FormDefinition, seen: Mapping[str, ReadFigureRow], figures: tuple[Figure, ...], checks: Checks
) -> Iterator[Finding]:
    """What is odd about a form's figures beside others; what is explained already is not asked about again."""
    rows = {layout.figure_key(row.area.code, row.ref): row for row in form.figures}
    given = [(rows[key], seen[key], figure) for figure in figures if (key := _key(figure)) and figure.value is not None]
    for row, came, figure in given:
        elsewhere = tuple(
            (other.area.name, one) for other, _, one in given if other.ref == row.ref and other.area != row.area
        )
        lines = _list_lines(row, given) if row.kind is MeasureKind.GRANT else {}
        one = _Compared(row=row, seen=came, figure=figure, elsewhere=elsewhere, lines=lines)
        yield from _find_all(one, checks, is_of_before=layout.is_of_before(form))


def _find_all(one: _Compared, checks: Checks, *, is_of_before: bool) -> Iterator[Finding]:
    column = layout.HOW_MANY if one.row.is_counted and not one.seen.how_many.is_blank else layout.THIS_QUARTER
    named = column if is_of_before else layout.box_header(column, one.row.entry)
    for rule, find in _RULES.items():
        check = checks.find(rule, name_subject(one.row.ref, one.row.kind))
        found = find(one, check) if check else ""
        if found:
            yield ask_about_row(rule, one.row, list_value_cells(one.seen)[column], found, column=named)


def _find_hundredfold(one: _Compared, check: Check) -> str:
    """A per cent typed as a part of one, or the other way round; not where its sign shows what was meant."""
    before, cell = one.row.previous and one.row.previous.value, one.seen.this_quarter
    if not one.row.is_per_cent or one.row.is_counted or not before or not one.figure.value:
        return ""
    if "%" in (cell.shown or cell.text) or not is_hundredfold(one.figure.value, before, check.number):
        return ""
    return f"{short_text(cell.text)}; last quarter it was {plain_number(before)}"


def _find_repeat(one: _Compared, check: Check) -> str:
    """Last quarter's figure again; an allocation is the same all year, and nothing may be spent in a quarter."""
    if one.line:
        return ""
    before = one.row.previous
    if before is None or not _is_same(one.figure, before) or not one.is_at_least(check) or is_explained(one.seen):
        return ""
    return f"{one.said}, as last quarter"


def _find_neighbour(one: _Compared, check: Check) -> str:
    same = [place for place, other in one.elsewhere if _is_same(one.figure, other)]
    is_odd = same and one.is_at_least(check) and not is_explained(one.seen)
    return f"{one.said}, as for {same[0]}" if is_odd else ""


def _find_other_area(one: _Compared, check: Check) -> str:
    """Words that name a larger area, or the sum of the other areas on the form."""
    words = f"{one.seen.note.text} {one.seen.this_quarter.text}".casefold()
    own = set(one.row.area.name.casefold().split())
    said = (phrase for phrase in check.phrases if phrase.casefold() in words)
    named = next((phrase for phrase in said if not own.intersection(phrase.casefold().split())), "")
    if named:
        return f"{one.said}, and “{named}” beside it"
    others = [other.value for _, other in one.elsewhere if other.value is not None]
    is_sum = len(others) >= SUMMED_AREAS and not one.row.kind.is_share and one.figure.value == sum(others)
    is_odd = is_sum and one.is_at_least(check) and not is_explained(one.seen)
    return f"{one.said}, the sum of the other areas" if is_odd else ""


def _find_unusual(one: _Compared, check: Check) -> str:
    """Outside what is usual for the series, and nothing said about why."""
    del check
    if not one.row.find_side(one.figure) or is_explained(one.seen):
        return ""
    return f"{one.said}; twelve months usually come to {layout.say_usual(one.row)}"


# The money of a grant -----------------------------------------------------------------------------

_LEFT_OF_YEAR = {1: "three quarters", 2: "half", 3: "a quarter"}
"""How much of a financial year is left at the end of a quarter, by its number."""


def _list_lines(
    row: FigureRow, given: Sequence[tuple[FigureRow, ReadFigureRow, Figure]]
) -> Mapping[GrantLine, Decimal]:
    mine = ((find_line(r.ref), f.value) for r, _, f in given if find_grant(r.ref) == find_grant(row.ref))
    return {line: value for line, value in mine if line is not None and value is not None}


def _find_wrong_sum(one: _Compared, check: Check) -> str:
    """Asked at its last line, once all five are there."""
    del check
    if one.line is not GrantLine.UNDERSPEND or set(one.lines) != set(GrantLine):
        return ""
    whole = one.lines[GrantLine.ALLOCATION]
    parts = sum(value for line, value in one.lines.items() if line is not GrantLine.ALLOCATION)
    if parts == whole:
        return ""
    more, left = "more" if parts > whole else "less", whole - parts + one.lines[GrantLine.UNDERSPEND]
    return (
        f"spent, committed, forecast and underspend come to {say_pounds(Decimal(parts))}, which is "
        f"{say_pounds(abs(parts - whole))} {more} than the allocation of {say_pounds(whole)}; by the other lines the "
        f"expected underspend is {say_pounds(Decimal(left))}"
    )


def _find_overspend(one: _Compared, check: Check) -> str:
    """More spent, committed and forecast than there is, asked about at the last line."""
    del check
    if one.line is not GrantLine.UNDERSPEND or set(one.lines) != set(GrantLine) or is_explained(one.seen):
        return ""
    whole, left = one.lines[GrantLine.ALLOCATION], one.lines[GrantLine.UNDERSPEND]
    parts = Decimal(sum(one.lines.values()) - whole - left)
    if parts <= whole:
        return ""
    more = f"{say_pounds(parts - whole)} more than the allocation of {say_pounds(whole)}"
    return f"spent, committed and forecast come to {say_pounds(parts)}, which is {more}"


def _find_fall(one: _Compared, check: Check) -> str:
    """What is spent counts from 1 April, so within a year it never falls."""
    del check
    before, now = one.row.previous, one.figure
    if one.line is not GrantLine.SPENT or before is None or before.value is None or now.value is None:
        return ""
    is_same_year = before.period.partition("-")[0] == now.period.partition("-")[0]
    is_odd = is_same_year and now.value < before.value and not is_explained(one.seen)
    return f"{say_pounds(now.value)}; last quarter it was {say_pounds(before.value)}" if is_odd else ""


def _find_unsaid(one: _Compared, check: Check) -> str:
    del check
    is_unsaid = one.line is GrantLine.UNDERSPEND and not is_explained(one.seen)
    return say_pounds(one.figure.value) if is_unsaid and one.figure.value and one.figure.value > 0 else ""


def _find_left(one: _Compared, check: Check) -> str:
    """So much of the allocation neither spent nor committed, in per cent, in one of the quarters that are named."""
    if one.line is not GrantLine.FORECAST or is_explained(one.seen):
        return ""
    quarter = Quarter.parse(one.figure.period)
    if f"Q{quarter.number}" not in check.phrases:
        return ""
    whole, gone = (one.lines.get(line) for line in (GrantLine.ALLOCATION, GrantLine.SPENT))
    if not whole or gone is None or quarter.number not in _LEFT_OF_YEAR:
        return ""
    left = whole - gone - one.lines.get(GrantLine.COMMITTED, Decimal(0))
    if 100 * left < check.number * whole:
        return ""
    year = _LEFT_OF_YEAR[quarter.number]
    return f"{say_pounds(left)} of {say_pounds(whole)} is neither spent nor committed, and {year} of the year is left"


_RULES: Mapping[str, Callable[[_Compared, Check], str]] = {
    "factor-of-100": _find_hundredfold,
    "equals-last-quarter": _find_repeat,
    "equals-neighbour": _find_neighbour,
    "other-area": _find_other_area,
    "unusual": _find_unusual,
    "grant-sum": _find_wrong_sum,
    "grant-over": _find_overspend,
    "spent-falls": _find_fall,
    "underspend-unsaid": _find_unsaid,
    "grant-left": _find_left,
}
"""What is found of a figure by each rule, in words; "" for nothing."""


def _key(figure: Figure) -> str:
    return layout.figure_key(figure.area, figure.series)


def _is_same(one: Figure, other: Figure) -> bool:
    return (one.value, one.count, one.base) == (other.value, other.count, other.base)


_COMPARED = 600
"""So many words of a text are compared, so that the longest cell takes no time."""
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


def compare_words(
    form: FormDefinition,
    told: Iterable[Narrative],
    before: Mapping[str, Narrative],
    subjects: Mapping[str, CheckSubject],
    checks: Checks,
) -> Iterator[Finding]:
    """What is odd about words that stood elsewhere. `before` are those of last quarter; the form played them back."""
    columns = {row.ref: layout.HAPPENED for row in form.summary} | {row.ref: layout.ANSWER for row in form.actions}
    played_back = {row.ref: row.played_back for row in form.summary}
    first: dict[tuple[str, ...], str] = {}
    for one in told:
        if one.ref not in columns or one.answer is not None or not one.text:
            continue
        earlier = (before[one.ref].text if one.ref in before else "", played_back.get(one.ref, ""))
        again, pasted = (checks.find(rule, subjects[one.ref]) for rule in ("same-as-last-quarter", "pasted"))
        found = {
            "same-as-last-quarter": _find_repeated_words(one, earlier, again) if again else "",
            "pasted": _find_pasted(one, first, pasted) if pasted else "",
        }
        cell = Cell(sheet=one.sheet, cell=one.cell, type=CellType.TEXT, text=one.text)
        yield from (ask_about(rule, cell, one.ref, columns[one.ref], said) for rule, said in found.items() if said)


def _find_repeated_words(one: Narrative, earlier: Iterable[str], check: Check) -> str:
    share = max((_share(one.text, text) for text in earlier if text), default=0.0)
    if not share or share < check.number:
        return ""
    return "the same words as last quarter" if share == 1 else "nearly the same words as last quarter"


def _find_pasted(one: Narrative, first: dict[tuple[str, ...], str], check: Check) -> str:
    """A sentence that stood under another ref before; `first` says where each was found first, and is added to."""
    sentences = {tuple(_list_words(s)): s for s in _SENTENCE.split(one.text) if len(s.split()) >= check.number}
    again = next((key for key in sentences if key in first), ())
    for key in sentences:
        first.setdefault(key, one.ref)
    return f"“{short_text(sentences[again])}”, as under {first[again]}" if again else ""


def _share(one: str, other: str) -> float:
    """How much of two texts is the same, word by word in order, from 0 to 1."""
    first, second = _list_words(one), _list_words(other)
    if first == second:
        return 1
    first, second = first[:_COMPARED], second[:_COMPARED]
    return SequenceMatcher(a=first, b=second, autojunk=False).ratio()


def _list_words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
