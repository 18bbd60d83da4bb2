"""A partnership's measures of a year: what the catalogue asks about them, what was agreed, and which source holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar

from csp_workflow.terms.cells import Reference, seal_reference
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.figures import Framework, LocalMeasure, Measure, MeasureKind, Objective, Route
from csp_workflow.terms.phrases import SOUGHT_IN_SHORT, say_frequency
from csp_workflow.terms.returns import FORM_VERSION, FormDefinition
from csp_workflow.terms.site import Respondent, RespondentKind, Site


class MeasuresState(StrEnum):
    """Where the agreeing of one partnership's measures for a year stands."""

    UNASKED = "not asked"
    ASKED = "asked"
    QUERIED = "queried"
    COMPLETE = "complete"
    APPROVED = "approved"
    AGREED = "agreed"


@dataclass(frozen=True, kw_only=True)
class MeasureSet:
    """One version of what a partnership counts and aims at in a year. Never overwritten; the next has the next number.

    `content` is a hash over the measures and the objectives: a chair approves exactly one. `message` brought it.
    """

    respondent: str
    year: str
    version: int
    measures: tuple[LocalMeasure, ...]
    objectives: tuple[Objective, ...]
    message: str

    @property
    def key(self) -> tuple[str, str, int]:
        """What it is of: year, respondent, version."""
        return self.year, self.respondent, self.version

    @property
    def content(self) -> str:
        """What tells it from any other set."""
        return sha256(repr((self.measures, self.objectives)).encode()).hexdigest()

    @property
    def mark(self) -> str:
        """The first eight characters of that, as letters say it."""
        return self.content[:8]


@dataclass(frozen=True, kw_only=True)
class MeasuresStatus:
    """Where the agreeing with one partnership stands for a year.

    `version` and `content` are those of the set that came last (0 and "": none). `faults` counts what is to be mended
    in the last workbook, `answers` how many workbooks came; `since` is when the state was reached, `reason` why she
    sent the set back and `asked` when they were asked. `agreed` is the version that holds (0: none yet), also while a
    later one is being agreed, and `held_before` are those that held before it.
    """

    respondent: str
    year: str
    state: MeasuresState = MeasuresState.UNASKED
    since: datetime | None = None
    version: int = 0
    content: str = ""
    faults: int = 0
    answers: int = 0
    approved_by: str = ""
    reason: str = ""
    agreed: int = 0
    held_before: tuple[int, ...] = ()
    asked: datetime | None = None

    @property
    def waits_for_lead(self) -> bool:
        """Whether the next step is the lead's."""
        return self.state in {MeasuresState.ASKED, MeasuresState.QUERIED}


def year_start(year: str) -> date:
    """The first day of a financial year ("2014/15")."""
    return Quarter.parse(f"{year}-Q1").start


def holds_from(year: str, today: date) -> date:
    """From when on a set holds that is made on a day: the year's first day, or that of the quarter under way.

    Quarters that have ended were asked for as things were then.
    """
    return max(year_start(year), Quarter.of_day(today).start)


def list_asked(site: Site, year: str) -> tuple[Respondent, ...]:
    """The partnerships that exist on the first day of a year, or come later in it."""
    first, last = year_start(year), Quarter.parse(f"{year}-Q4").end
    return tuple(
        r
        for r in site.respondents
        if r.kind is RespondentKind.PARTNERSHIP and r.valid_from <= last and r.valid_to >= first
    )


def list_standing(
    site: Site, of: Respondent, year: str, day: date
) -> tuple[tuple[LocalMeasure, ...], tuple[Objective, ...]]:
    """What a partnership counts and aims at as far as is known: its measures and objectives that end on no day before.

    What it has taken over from others in its areas is its own.
    """
    framework = site.framework(Quarter.parse(f"{year}-Q1"))
    areas = {area.code for area in of.areas}
    measures = (m for m in framework.local_measures if of.follows(m.respondent) and m.area in areas)
    objectives = (o for o in framework.objectives if of.follows(o.respondent))
    return tuple(m for m in measures if m.valid_to >= day), tuple(o for o in objectives if o.valid_to >= day)


# Which source holds -----------------------------------------------------------------------------------------


def find_held(sets: Iterable[MeasureSet], respondent: str, year: str) -> MeasureSet | None:
    """The agreed set that holds for a partnership in a year: that year's, else the last before it."""
    mine = (s for s in sets if s.respondent == respondent and s.year <= year)
    return max(mine, key=lambda s: (s.year, s.version), default=None)


def lay_measures(site: Site, sets: Sequence[MeasureSet]) -> Site:
    """A site with the agreed sets in the place of what its configuration says of the same partnerships and years."""
    return replace(site, frameworks=tuple(_lay(one, site, sets) for one in site.frameworks)) if sets else site


def _lay(framework: Framework, site: Site, sets: Sequence[MeasureSet]) -> Framework:
    held = [(r, found) for r in site.respondents if (found := find_held(sets, r.key, framework.year))]
    first = year_start(framework.year)

    def is_agreed(local: LocalMeasure) -> bool:
        return any(r.follows(local.respondent) and local.area in {a.code for a in r.areas} for r, _ in held)

    kept = (m for m in framework.local_measures if not is_agreed(m))
    aims = (o for o in framework.objectives if not any(r.follows(o.respondent) for r, _ in held))
    now = replace(
        framework,
        local_measures=(*kept, *(m for _, one in held for m in one.measures if m.valid_to >= first)),
        objectives=(*aims, *(o for _, one in held for o in one.objectives if o.valid_to >= first)),
    )
    return replace(now, of_quarters=tuple(_list_quarters(now, framework, sets)))


def _list_quarters(
    now: Framework, configured: Framework, sets: Iterable[MeasureSet]
) -> Iterator[tuple[int, Framework]]:
    """The quarters of a year for which another wording held than the one that holds now: that of an older set, else of
    the configuration."""
    older = sorted((s for s in sets if s.year <= now.year), key=lambda s: (s.year, s.version), reverse=True)
    measures = (*(m for one in older for m in one.measures), *configured.local_measures)
    objectives = (*(o for one in older for o in one.objectives), *configured.objectives)
    for number in range(1, 5):
        day = Quarter.parse(f"{now.year}-Q{number}").end
        then = replace(
            now,
            local_measures=tuple(_find_held_on(day, m, measures) for m in now.local_measures),
            objectives=tuple(_find_held_on(day, o, objectives) for o in now.objectives),
        )
        if then != now:
            yield number, then


_Own = TypeVar("_Own", LocalMeasure, Objective)


def _find_held_on(day: date, now: _Own, known: Iterable[_Own]) -> _Own:
    """A thing as it held for the quarter that ended on a day. `known` is everything that ever was agreed, newest first;
    a change holds from its own day on, and what was ended later held on."""
    held, last = now, now.valid_to
    for one in known:
        if _name_own(one) == _name_own(now):
            changed = _find_change(held)
            held = one if changed and changed > day and _find_change(one) != changed else held
            last = max(last, one.valid_to) if now.valid_to >= day else last
    return replace(held, valid_to=last)


def _name_own(one: LocalMeasure | Objective) -> str:
    return one.series.ref if isinstance(one, LocalMeasure) else one.ref


def _find_change(one: LocalMeasure | Objective) -> date | None:
    """From when on another thing is meant by its ref."""
    if isinstance(one, Objective):
        return one.reworded
    return one.series.broken.day if one.series.broken else None


def list_differences(configured: Site, sets: Sequence[MeasureSet]) -> Iterator[str]:
    """Where a configuration says another thing of a partnership's measures than what was agreed, a sentence each."""
    laid = lay_measures(configured, sets)
    for before, now in zip(configured.frameworks, laid.frameworks, strict=True):
        for r in configured.respondents:
            held = find_held(sets, r.key, before.year)
            if held is None:
                continue
            said, agreed = _describe(before, r), _describe(now, r)
            differ = sorted(ref for ref in said.keys() | agreed.keys() if said.get(ref) != agreed.get(ref))
            if differ:
                yield (
                    f"partnerships.toml: [{r.key}] differs for {before.year} from the measures agreed for {held.year} "
                    f"in {', '.join(differ)}. What was agreed holds; the file's lines are not used."
                )


def _describe(framework: Framework, of: Respondent) -> dict[str, object]:
    measures = {
        m.series.ref: (m.area, m.series, m.definition, m.priorities, m.valid_to)
        for m in framework.local_measures
        if of.follows(m.respondent)
    }
    return measures | {o.ref: (o.wording, o.priorities) for o in framework.objectives if of.follows(o.respondent)}


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
                direction=SOUGHT_IN_SHORT[series.polarity],
                frequency=say_frequency(series.frequency),
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
