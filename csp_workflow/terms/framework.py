"""The Plan's performance framework for a year: theme, priority, measure, series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from csp_workflow.terms.respondents import Geography


class Kind(StrEnum):
    """What sort of thing a measure is."""

    COUNT = "count"
    PERCENT = "percent"
    SURVEY = "survey"
    COHORT = "cohort"
    COST = "cost"
    MILESTONE = "milestone"
    NARRATIVE = "narrative"

    @property
    def is_number(self) -> bool:
        """Milestones and narratives are told in words; everything else is a figure."""
        return self not in {Kind.MILESTONE, Kind.NARRATIVE}


class Polarity(StrEnum):
    """Which way the Plan would like a measure to go. Never a target."""

    RISE = "rise sought"
    FALL = "fall sought"
    IMPROVEMENT = "improvement sought"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


class Route(StrEnum):
    """Who is asked for a measure."""

    POLICE = "police"
    PARTNERSHIP = "partnership"
    CONTRIBUTOR = "contributor"


class Frequency(StrEnum):
    """How often a series has a new value."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half-yearly"
    YEARLY = "yearly"
    ROLLING_12_MONTHS = "rolling 12 months"
    EVENT = "event"


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """The owner's rule for small numbers: counts below `below` are not shown."""

    below: int = 0
    shown_as: str = ""


@dataclass(frozen=True, kw_only=True)
class Series:
    """What is counted under a measure. `ref` ("M01.1") stands visibly on every form."""

    ref: str
    measure: str
    title: str
    unit: str
    kind: Kind
    polarity: Polarity
    geography: Geography
    frequency: Frequency
    owner: str
    lag_quarters: int = 0
    denominator: str = ""
    suppression: Suppression = Suppression()


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One bullet of Appendix A, worded as published, with what is counted under it.

    `owner` is the key of the contributor that supplies it, "force-analyst" for the police route
    and "" for a partnership's own.
    """

    ref: str
    priority: int
    wording: str
    kind: Kind
    polarity: Polarity
    route: Route
    owner: str
    definition: str
    definition_from: date
    open_question: str
    series: tuple[Series, ...]


@dataclass(frozen=True, kw_only=True)
class Priority:
    """One of the 18 strategic priorities, worded as published."""

    number: int
    theme: int
    wording: str


@dataclass(frozen=True, kw_only=True)
class Theme:
    """One of the five themes of the Plan, worded as published."""

    number: int
    title: str


@dataclass(frozen=True, kw_only=True)
class LocalMeasure:
    """Something a partnership itself counts, agreed with its chair and mapped to priorities.

    `series.ref` is "<CODE>.L1"; `area` is the ONS code it is counted for.
    """

    respondent: str
    area: str
    series: Series
    definition: str
    priorities: tuple[int, ...]
    agreed: date
    valid_to: date = date.max


@dataclass(frozen=True, kw_only=True)
class Objective:
    """Something a partnership itself aims at: `ref` is "<CODE>.O1"."""

    respondent: str
    ref: str
    wording: str
    priorities: tuple[int, ...]
    agreed: date
    valid_to: date = date.max


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """Until a day a respondent need not answer a measure, or (`contact`) need not have anybody we can write to.

    Dated data, never code. `measure` is "" in a waiver about contacts.
    """

    respondent: str
    reason: str
    until: date
    measure: str = ""
    contact: bool = False


@dataclass(frozen=True, kw_only=True)
class Framework:
    """A year's framework with what each partnership adds to it."""

    year: str
    title: str
    themes: tuple[Theme, ...]
    priorities: tuple[Priority, ...]
    measures: tuple[Measure, ...]
    local_measures: tuple[LocalMeasure, ...] = ()
    objectives: tuple[Objective, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    def series(self) -> tuple[Series, ...]:
        """Every series: the Plan's in published order, then the local ones."""
        plan = tuple(s for measure in self.measures for s in measure.series)
        return plan + tuple(local.series for local in self.local_measures)

    def is_waived(self, respondent: str, measure: str, day: date) -> bool:
        """Whether a respondent is excused a measure on a day."""
        return any(w.respondent == respondent and w.measure == measure and day <= w.until for w in self.waivers)

    def contact_waiver(self, respondent: str, day: date) -> Waiver | None:
        """The waiver that lets a cycle open on a day though nobody at a respondent can be written to, or None."""
        mine = (w for w in self.waivers if w.contact and w.respondent == respondent and day <= w.until)
        return next(mine, None)
