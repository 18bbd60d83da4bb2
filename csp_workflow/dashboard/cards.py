"""A series in an area as a card: the paper's sentences, a small chart, and the table with where each figure is from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from csp_workflow.analysis.readings import list_quarters
from csp_workflow.dashboard.parts import Beside, Card, Cards, Item, Term, Terms
from csp_workflow.report.blocks import Numbered, Run, Table, Text, without_columns
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.report.page_one import tell_explanation
from csp_workflow.report.performance import POINTS, draw_series
from csp_workflow.report.wording import (
    find_explanation,
    find_partnership,
    run_of_figure,
    say_newest,
    tell_group,
    tell_reading,
)
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Figure, FigureStatus, Series, newest_quarter
from csp_workflow.terms.phrases import NOT_SUPPLIED, capital, say_figure_period, say_value, short_day


def make_slug(*parts: str) -> str:
    """A name for a file or a place on a page: small letters, digits and dashes. Other keys have other names."""
    return "-".join(re.sub("[^a-z0-9-]", "-", part.lower()) for part in parts)


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where the figures of a page came from, numbered as they come; `page` is its name. Not `told` to the public."""

    page: str
    told: bool
    numbers: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, page: str, rows: Iterable[Row], *, told: bool) -> Sources:
        """The sources of all figures that the tables of some rows show."""
        found = (_say_source(figure) for row in rows for figure in row.history[:POINTS] if figure)
        return cls(page=page, told=told, numbers={said: n for n, said in enumerate(dict.fromkeys(found), start=1)})

    def point_from(self, figure: Figure | None) -> Text:
        """A link to the source of a figure, with the cell in which it was read."""
        if figure is None or not self.told:
            return _NO_SOURCE
        number = self.numbers[_say_source(figure)]
        run = Run(text=f"source {number}", to=f"{self.page}#{self.page}-source-{number}")
        return (run, Run(text=f", {figure.provenance.cell}")) if figure.provenance.cell else (run,)

    def list_terms(self) -> Terms | None:
        """Every source by its number; None where nothing is told of them."""
        if not self.told or not self.numbers:
            return None
        return Terms(
            terms=tuple(
                Term(ident=f"{self.page}-source-{number}", word=f"Source {number}", said=(said,))
                for said, number in self.numbers.items()
            )
        )


def _say_source(figure: Figure) -> str:
    origin = figure.provenance
    sheet = f", sheet “{origin.sheet}”" if origin.sheet else ""
    ours = " (made up for demonstration)" if origin.illustrative else ""
    said = f"{origin.source.rstrip('. ') or 'No source was noted'}{sheet}{ours}."
    return f"{said} {origin.licence.rstrip('. ')}." if origin.licence else said


_NO_SOURCE = "not noted"


def make_card(facts: ReportFacts, row: Row, sources: Sources, *, title: Run, quiet: str = "") -> Card:
    """All that is said of a row, below a title."""
    ident = make_slug(sources.page, row.series.ref, row.area.code)
    partnership, is_told = find_partnership(facts, row.area.code), row.is_story
    beside, known = _place_beside(row), [point for point in row.points[-POINTS:] if point.amount]
    why = find_explanation(facts, row) if is_told else ""
    return Card(
        ident=ident,
        title=title,
        quiet=quiet,
        said=(*_say_row(facts, row), *([tell_explanation(facts, row)] if is_told and not why else [])),
        table=_list_values(facts, row, sources),
        chart=draw_series(row) if len(known) > 1 or (known and beside) else None,
        is_provisional=_is_provisional(row),
        beside=beside,
        quoted=why,
        whose=partnership.name if partnership else "",
    )


def _is_provisional(row: Row) -> bool:
    """Whether the newest value that is drawn is."""
    newest = row.history[0] if row.history and row.points and row.points[-1].amount else None
    return newest is not None and newest.status is FigureStatus.PROVISIONAL


def _say_row(facts: ReportFacts, row: Row) -> tuple[Text, ...]:
    """Its year, its quarter and its group in sentences; its newest value where no year is."""
    if row.year.now is None:
        newest = say_newest(facts, row)
        return (
            (Run(text=f"{capital(row.period_words)}: "), *([Run(text=newest)] if isinstance(newest, str) else newest)),
        )
    return (tell_reading(row), tell_group(row)) if row.peers.average is not None else (tell_reading(row),)


def lay_out(cards: Sequence[Card], *, keyed: bool = True) -> tuple[Item, ...]:
    """Cards below what their marks mean (of the charts only if `keyed`: a page says that once); nothing for none."""
    has_chart, has_strip = any(card.chart for card in cards), any(card.beside for card in cards)
    has_ring = any(card.chart and card.is_provisional for card in cards)
    key = " ".join([_CHART] * (has_chart and keyed) + [_RING] * has_ring + [_STRIP] * has_strip)
    return (*([Numbered(text=key)] if key else []), *([Cards(cards=tuple(cards))] if cards else []))


_CHART = (
    "How to read a chart: the band is what one quarter of the area usually is, the dashed line its average, a diamond "
    "a quarter that stands out. Each chart has its own scale, from nought."
)
_RING = "A ring round the newest quarter says that its figure is provisional."
_STRIP = (
    "Below a chart the diamond is the area's rate, the upright stroke the average of the group of areas like it, and "
    "the band what is similar to that."
)


def _place_beside(row: Row) -> Beside | None:
    peers = row.peers
    if peers.rate is None or peers.average is None:
        return None
    low, high = (None if end is None else float(end) for end in (peers.low, peers.high))
    return Beside(rate=float(peers.rate), average=float(peers.average), low=low, high=high)


def _list_values(facts: ReportFacts, row: Row, sources: Sources) -> Table:
    """Every value of the chart, the newest first, with its status, its day and its source."""
    known = max((at for at, figure in enumerate(row.history[:POINTS]) if figure), default=0)
    quarters = list_quarters(row.series, newest_quarter(row.series, facts.quarter))[: known + 1]
    table = Table(
        caption=f"{row.series.title}, {row.area.name}",
        description="",
        headers=("Period", capital(row.series.unit), "Status", "As at", "From"),
        rows=tuple(
            (_say_period(row.series, quarter), *_tell_value(facts, row.series, figure, sources))
            for quarter, figure in zip(quarters, row.history, strict=False)
        ),
        weights=(1,) * 5,
        numeric=(1,),
    )
    return without_columns(table, saying=_NO_SOURCE)


def _say_period(series: Series, quarter: Quarter) -> str:
    """Of what a value is, in few letters where it is a quarter's."""
    said = say_figure_period(series, quarter)
    return quarter.short_months if said == quarter.months else said


def _tell_value(
    facts: ReportFacts, series: Series, figure: Figure | None, sources: Sources
) -> tuple[Text, Text, Text, Text]:
    if figure is None:
        return NOT_SUPPLIED, "none", "none", "none" if sources.told else _NO_SOURCE
    said = facts.say_hidden(figure) or say_value(figure, series) or str(figure.status)
    value = run_of_figure(said, figure if figure.value is not None else None)
    return (value,), str(figure.status), short_day(figure.as_at), sources.point_from(figure)
