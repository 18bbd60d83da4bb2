"""Which figures a board's paper must not show, and the facts of a paper without them.

A count is hidden by its owner's rule (`is_small`), and whatever would give it away is hidden with it: any year that
holds it, and, where it is a part of a total that is known, so many of the other parts (the next smallest first), or the
total, that every hidden figure may still be at least two things. What a paper is compiled from holds no value of what
is hidden, so that nothing made of the facts (a table, a chart, a workbook, a statement, an average) can tell it.

Figures that papers printed before are not taken back, and help nobody by being hidden; what an earlier paper hid for
the sake of another figure stays hidden, since the two papers would be read side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from decimal import Decimal

from csp_workflow.report.basis import figure_key
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.statements import Disclosed, Report
from csp_workflow.terms.dates import YEAR_TO, Quarter, period_end
from csp_workflow.terms.figures import (
    Figure,
    FigureStatus,
    Geography,
    MeasureKind,
    Series,
    Slot,
    asked_period,
    hide,
    is_small,
    is_summed,
    slot_of,
)
from csp_workflow.terms.phrases import plain_number, say_small
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.site import Area

_YEAR_TO = "year to "
"""Begins the period of twelve months, before the key of its last quarter."""

_ANY = Decimal("Infinity")


NOT_PRINTED = "[not printed: it is about a figure that is not shown]"


def hide_figures(facts: ReportFacts, reports: Iterable[Report] = ()) -> ReportFacts:
    """The facts without what their board's paper must not show; `reports` are what went out before, to any board."""
    sent = tuple(reports)
    read = [report for report in sent if _is_read(report, facts)]
    series, latest = {one.ref: one for one in facts.framework.series()}, _find_latest(facts)
    few = {slot: figure for slot, figure in latest.items() if is_small(figure, series[slot[0]])}
    linked = _find_linked(facts, latest, _find_printed(read, latest), _list_linked(sent) - few.keys())
    without = {slot for slot, figure in latest.items() if figure.status is FigureStatus.SUPPRESSED}
    years = (year for slot in (*few, *linked, *without) for year in _list_years(slot, series[slot[0]]))
    small = {slot: say_small(figure, series[slot[0]]) for slot, figure in few.items()}
    return _take_out(replace(facts, hidden=frozenset((*few, *linked, *years)), small=small))


def list_disclosed(facts: ReportFacts) -> Disclosed:
    """What facts from which the hidden figures were taken tell of those that have a rule."""
    told = ((figure_key(figure), figure.value) for figure in _find_latest(facts).values())
    return Disclosed(
        shown={key: plain_number(value) for key, value in told if value is not None},
        linked=frozenset(slot for slot in facts.hidden if slot not in facts.small and not slot[2].startswith(_YEAR_TO)),
    )


def without_threshold(report: Report, facts: ReportFacts) -> Report:
    """What a paper may quote of an earlier one: what readers of the other may see by another threshold is no matter for
    the public."""
    if not facts.board.public or not facts.site.board(report.board).counts_below:
        return report
    ruled = {series.ref for series in facts.framework.series() if series.suppression.below}
    kept = {key: said for key, said in report.statements.items() if ruled.isdisjoint(key.split(" "))}
    return replace(report, statements=kept)


def _is_read(report: Report, facts: ReportFacts) -> bool:
    """Whether whoever reads this paper may have read that one: what is public everybody has."""
    return facts.site.board(report.board).public or not facts.board.public


def _find_latest(facts: ReportFacts) -> dict[Slot, Figure]:
    """The figures as they are known now of series that have a rule, or of which a supplier kept something."""
    known = {slot: figure for slot in facts.known.slots() if (figure := facts.known.latest(*slot))}
    kept = {slot[0] for slot, figure in known.items() if figure.status is FigureStatus.SUPPRESSED}
    wanted = {one.ref for one in facts.framework.series() if one.suppression.below or one.ref in kept}
    return {slot: known[slot] for slot in sorted(slot for slot in known if slot[0] in wanted)}


def _find_printed(reports: Iterable[Report], latest: Mapping[Slot, Figure]) -> set[Slot]:
    """The figures that papers showed as they stand."""
    said = {told for report in reports for told in report.disclosed.shown.items()}
    told = ((slot, figure_key(figure), figure.value) for slot, figure in latest.items() if said)
    return {slot for slot, key, value in told if value is not None and (key, plain_number(value)) in said}


def _list_linked(reports: Iterable[Report]) -> frozenset[Slot]:
    """What papers hid for the sake of others."""
    return frozenset(slot for report in reports for slot in report.disclosed.linked)


def _find_linked(
    facts: ReportFacts, latest: Mapping[Slot, Figure], printed: AbstractSet[Slot], before: AbstractSet[Slot]
) -> set[Slot]:
    """What must be hidden besides, so that no small one can be reckoned from a total and its other parts."""
    counts = {one.ref: one for one in facts.framework.series() if one.kind is MeasureKind.COUNT}
    tables: dict[tuple[str, str], dict[str, Figure]] = {}
    for (ref, area, period), figure in latest.items():
        if ref in counts:
            tables.setdefault((ref, period), {})[area] = figure
    places = tuple({area.code: area for respondent in facts.site.respondents for area in respondent.areas}.values())
    found: set[Slot] = set()
    for (ref, period), figures in tables.items():
        told, linked = ({area for area in figures if (ref, area, period) in of} for of in (printed, before))
        linked = {area for area in linked if figures[area].value is not None}
        table = _Table(series=counts[ref], figures=figures, told=told, linked=linked)
        found |= {(ref, area, period) for area in table.protect(places, facts.replaced)}
    return found


def _list_years(slot: Slot, series: Series) -> Iterator[Slot]:
    """The years that a quarter lies in, each by its last quarter; a value that is added to no other is its own."""
    if "-Q" in slot[2]:
        last = Quarter.of_day(period_end(slot[2]))
        years = 4 if is_summed(series) and not slot[2].startswith(YEAR_TO) else 1
        yield from ((slot[0], slot[1], f"{_YEAR_TO}{last.plus(on).key}") for on in range(years))


def _take_out(facts: ReportFacts) -> ReportFacts:
    """The facts without the values that are hidden, earlier ones that were small, and words about what is hidden."""
    ruled = {one.ref: one for one in facts.framework.series() if one.suppression.below}

    def shown(figure: Figure) -> Figure:
        was_small = figure.series in ruled and is_small(figure, ruled[figure.series])
        return hide(figure) if was_small or slot_of(figure) in facts.hidden else figure

    def returned(submission: Submission) -> Submission:
        periods = {one.ref: asked_period(one, submission.quarter) for one in facts.framework.series()}

        def told(area: str, ref: str, text: str) -> str:
            return NOT_PRINTED if text and (ref, area, periods.get(ref, "")) in facts.hidden else text

        return replace(
            submission,
            figures=tuple(map(shown, submission.figures)),
            disputes=tuple((area, ref, told(area, ref, text)) for area, ref, text in submission.disputes),
            narratives=tuple(replace(n, text=told(*n.ref.partition(" ")[::2], n.text)) for n in submission.narratives),
        )

    return replace(
        facts,
        known=facts.known.change(shown, {slot for slot in facts.known.slots() if slot[0] in ruled} | facts.hidden),
        withdrawn={place: shown(figure) for place, figure in facts.withdrawn.items()},
        submissions={key: returned(submission) for key, submission in facts.submissions.items()},
        year=tuple(
            replace(one, submissions={key: returned(of) for key, of in one.submissions.items()}) for one in facts.year
        ),
    )


# One series in one period: totals and their parts -----------------------------------------------------

_Sums = tuple[tuple[str, tuple[str, ...]], ...]
"""Each total with its parts, by area. A place of which nothing stands there at all is taken for no part."""


@dataclass(kw_only=True)
class _Table:
    """The figures of one series in one period by area, what was told of them, and what is hidden for another's sake.

    Totals and their parts make a tree (force, upper tiers, areas), so that ranges that agree along it are exact.
    """

    series: Series
    figures: Mapping[str, Figure]
    told: AbstractSet[str]
    linked: set[str]

    def protect(self, places: tuple[Area, ...], replaced: Mapping[str, AbstractSet[str]]) -> set[str]:
        """What must be hidden besides the small ones: the next smallest, one after another, until nothing is pinned."""
        sums = _list_sums(places, self.figures, replaced) if any(map(self._is_hidden, self.figures)) else ()
        while (pinned := self._find_pinned(sums)) and (candidates := self._list_candidates(sums, pinned)):
            self.linked.add(candidates[0])
        return self.linked

    def _find_pinned(self, sums: _Sums) -> str:
        """An area whose hidden figure can be reckoned, or ""."""
        ranges = {area: self._range(area) for area in self.figures}
        _agree(ranges, sums)
        hidden = (area for area in sorted(self.figures) if self._is_hidden(area))
        return next((area for area in hidden if ranges[area][1] - ranges[area][0] < 1), "")

    def _list_candidates(self, sums: _Sums, pinned: str) -> list[str]:
        """What may be hidden for it: its fellow parts, the smallest first, then the total, then whatever there is."""
        near = [area for _, parts in sums if pinned in parts for area in parts]
        above = [total for total, parts in sums if pinned in parts]
        rest = [area for total, parts in sums for area in (*parts, total)]
        order = (*sorted(near, key=self._size), *above, *sorted(rest, key=self._size))
        return [area for area in order if self._may_hide(area)]

    def _size(self, area: str) -> tuple[Decimal, str]:
        value = self.figures[area].value
        return (_ANY if value is None else value), area

    def _may_hide(self, area: str) -> bool:
        return self.figures[area].value is not None and area not in self.told and not self._is_hidden(area)

    def _is_hidden(self, area: str) -> bool:
        figure = self.figures[area]
        is_kept = area in self.linked or figure.status is FigureStatus.SUPPRESSED
        return is_kept or is_small(figure, self.series)

    def _range(self, area: str) -> tuple[Decimal, Decimal]:
        """Between what a reader knows a figure to be, by itself."""
        figure, rule = self.figures[area], self.series.suppression
        if figure.value is None:
            return Decimal(), _ANY
        if not self._is_hidden(area):
            return figure.value, figure.value
        if is_small(figure, self.series):
            return min(Decimal(int(rule.zero_is_shown)), figure.value), Decimal(rule.below - 1)
        return Decimal(0 if rule.zero_is_shown else rule.below), _ANY


def _list_sums(
    places: Iterable[Area], figures: Mapping[str, Figure], replaced: Mapping[str, AbstractSet[str]]
) -> _Sums:
    """The totals that there is a figure of, each with its parts: those of an upper tier without one are the force's.

    Areas that were merged are parts of the area that stands for them, where it has a figure of that time too.
    """
    merged = {code: new for new, codes in replaced.items() if new in figures for code in codes}
    parts: dict[tuple[str, bool], list[str]] = {}
    force = next((place.code for place in places if place.geography is Geography.FORCE), "")
    for place in places:
        is_policing = place.geography is Geography.POLICING_AREA
        above = merged.get(place.code) or (place.upper_tier if place.upper_tier in figures else force)
        if above in figures and place.code in figures and place.code != above:
            parts.setdefault((above, is_policing), []).append(place.code)
    return tuple((total, tuple(of)) for (total, _), of in parts.items())


def _agree(ranges: dict[str, tuple[Decimal, Decimal]], sums: _Sums) -> None:
    """Narrow each range to what its total, or its parts, leave of it, until nothing is narrowed any more."""
    before: dict[str, tuple[Decimal, Decimal]] = {}
    while before != ranges:
        before = dict(ranges)
        for total, parts in sums:
            ranges[total] = _narrow(ranges[total], *_add(ranges, parts))
            for part in parts:
                least, most = _add(ranges, [other for other in parts if other != part])
                ranges[part] = _narrow(ranges[part], ranges[total][0] - most, ranges[total][1] - least)


def _add(ranges: Mapping[str, tuple[Decimal, Decimal]], parts: Iterable[str]) -> tuple[Decimal, Decimal]:
    low, high = zip(*((Decimal(), Decimal()), *(ranges[part] for part in parts)), strict=True)
    return sum(low, Decimal()), sum(high, Decimal())


def _narrow(known: tuple[Decimal, Decimal], low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    """What is left of a range; as it was where nothing would be: then the parts do not add up to the total."""
    left = max(known[0], low), min(known[1], high)
    return left if left[0] <= left[1] else known
