"""What a partnership counts and aims at in a year, as it was agreed, and which source of it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar

from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Framework, LocalMeasure, Objective
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
