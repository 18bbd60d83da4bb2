"""The catalogue: what a partnership is asked about its measures, once a year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.figures import Framework, LocalMeasure, Measure, MeasureKind, Objective, Route
from csp_workflow.terms.measure_sets import holds_from, list_standing
from csp_workflow.terms.references import Reference, seal_reference
from csp_workflow.terms.returns import FORM_VERSION, FormDefinition
from csp_workflow.terms.site import Respondent, Site

NEW_MEASURES, NEW_OBJECTIVES = 6, 4
"""How many empty rows wait for new ones."""

_PERIOD = re.compile(r"(\d{2})(\d{2})M")
_PER_CENT_OF = "per cent of "


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the Plan's framework expects, in a row of texts: what is measured, who supplies it, how often."""

    theme: str
    priority: str
    measure: str
    supplied_by: str
    definition: str
    unit: str
    direction: str
    frequency: str


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All that one partnership is asked about its measures for a year. `form` says whose it is and when it is due.

    `measures` and `objectives` are those that stand, `new_measures` and `new_objectives` the refs of the empty rows.
    """

    form: FormDefinition
    year: str
    respondent: Respondent
    expected: tuple[Expected, ...]
    measures: tuple[LocalMeasure, ...]
    objectives: tuple[Objective, ...]
    new_measures: tuple[str, ...]
    new_objectives: tuple[str, ...]
    priorities: tuple[int, ...]


def find_measures_year(reference: Reference) -> str:
    """The year whose measures a reference's period names ("1415M"); "" for a return's."""
    match = _PERIOD.fullmatch(reference.period)
    return f"20{match[1]}/{match[2]}" if match and (int(match[1]) + 1) % 100 == int(match[2]) else ""


def seal_for(respondent: Respondent, year: str, issue: int, *, key: bytes) -> Reference:
    """The reference of something that is a partnership's about a year's measures: a workbook, the terms."""
    return seal_reference(respondent.code, f"{year[2:4]}{year[5:7]}M", FORM_VERSION, issue, key=key)


def define_catalogue(
    site: Site, respondent: Respondent, year: str, *, due: datetime, now: datetime, issue: int, key: bytes
) -> Catalogue:
    """What a partnership is asked for a year, as things stand. Raises KeyError without a framework for the year."""
    quarter = Quarter.parse(f"{year}-Q1")
    framework, office = site.framework(quarter), site.office
    measures, objectives = list_standing(site, respondent, year, holds_from(year, london_day(now)))
    form = FormDefinition(
        reference=seal_for(respondent, year, issue, key=key),
        respondent=respondent.key,
        respondent_name=respondent.name,
        kind=respondent.kind,
        quarter=quarter,
        due=due,
        office=office.name,
        ask=f"{office.co_ordinator.name}, {office.phone}, {office.mailbox}",
        history=(),
        figures=(),
        illustrative=site.illustrative,
        marking=site.marking,
    )
    refs = _list_refs(site, respondent)
    return Catalogue(
        form=form,
        year=year,
        respondent=respondent,
        expected=tuple(_list_expected(site, framework)),
        measures=measures,
        objectives=objectives,
        new_measures=_list_free(respondent.code, "L", refs, NEW_MEASURES),
        new_objectives=_list_free(respondent.code, "O", refs, NEW_OBJECTIVES),
        priorities=tuple(one.number for one in framework.priorities),
    )


def _list_refs(site: Site, respondent: Respondent) -> set[str]:
    """Every ref that was ever this partnership's: none means another thing later."""
    begins = f"{respondent.code}."
    every = (ref for f in site.frameworks for ref in (*(s.ref for s in f.series()), *(o.ref for o in f.objectives)))
    return {ref for ref in every if ref.startswith(begins)}


def _list_free(code: str, letter: str, refs: set[str], count: int) -> tuple[str, ...]:
    numbers = [int(ref.rpartition(letter)[2]) for ref in refs if re.fullmatch(rf"{re.escape(code)}\.{letter}\d+", ref)]
    first = max(numbers, default=0) + 1
    return tuple(f"{code}.{letter}{number}" for number in range(first, first + count))


def _list_expected(site: Site, framework: Framework) -> Iterator[Expected]:
    themes = {theme.number: theme.title for theme in framework.themes}
    priorities = {one.number: one for one in framework.priorities}
    for measure in framework.measures:
        priority = priorities[measure.priority]
        for series in measure.series:
            yield Expected(
                theme=themes[priority.theme],
                priority=f"{priority.number}. {priority.wording}",
                measure=f"{series.ref} {series.title}",
                supplied_by=_say_supplier(site, measure),
                definition=measure.definition,
                unit=series.unit,
                direction=str(series.polarity),
                frequency=str(series.frequency),
            )


def _say_supplier(site: Site, measure: Measure) -> str:
    if measure.route is Route.PARTNERSHIP:
        return "You"
    named = next((r.name for r in site.respondents if r.key == measure.owner), measure.owner)
    return f"{named} (you confirm)" if measure.route is Route.POLICE else named


# A unit as it stands in a row ---------------------------------------------------------------------------------


def say_counted_in(local: LocalMeasure) -> str:
    """What a measure counts as its row says it: of a share what it is a share of."""
    series = local.series
    if series.kind.is_share:
        return series.denominator or series.unit.partition(_PER_CENT_OF)[2] or series.unit
    return series.unit


def make_unit(kind: MeasureKind, counted_in: str) -> tuple[str, str]:
    """A series' unit and what it is a share of, from what stands in a row."""
    if not kind.is_share:
        return counted_in, ""
    whole = counted_in.removeprefix(_PER_CENT_OF)
    return f"{_PER_CENT_OF}{whole}", whole
