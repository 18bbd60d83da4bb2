"""The figures that were known on a day, each with its versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date

from csp_workflow.terms.figures import Figure, Slot, slot_of

_YEAR = re.compile(r"\d{4}/\d{2}")


class KnownFigures:
    """Figures by series, area and period, as they were known at the end of `as_at`."""

    def __init__(self, figures: Iterable[Figure], as_at: date) -> None:
        self.as_at = as_at
        self._versions: dict[Slot, list[Figure]] = {}
        self._years: dict[tuple[str, str], set[str]] = {}
        self._areas: dict[str, dict[str, None]] = {}
        for figure in figures:
            if figure.as_at <= as_at:
                self._versions.setdefault(slot_of(figure), []).append(figure)
                if _YEAR.fullmatch(figure.period):
                    self._years.setdefault((figure.series, figure.area), set()).add(figure.period)
        for versions in self._versions.values():
            versions.sort(key=lambda figure: figure.as_at)  # stable: of one day, the one stored last is the latest

    def slots(self) -> Iterable[Slot]:
        """Where there are figures."""
        return self._versions.keys()

    def areas_of(self, series: str) -> tuple[str, ...]:
        """The areas of which there are figures of a series, in order."""
        if not self._areas:
            for ref, area, _ in self._versions:
                self._areas.setdefault(ref, {})[area] = None
        return tuple(self._areas.get(series, ()))

    def change(self, changed: Callable[[Figure], Figure], slots: Iterable[Slot]) -> KnownFigures:
        """The same figures, each version of those in `slots` as `changed` makes it."""
        other, mine = KnownFigures((), self.as_at), (slot for slot in slots if slot in self._versions)
        other._versions = {**self._versions, **{slot: list(map(changed, self._versions[slot])) for slot in mine}}
        other._years = self._years
        return other

    def latest(self, series: str, area: str, period: str) -> Figure | None:
        """The value as last known, or None."""
        versions = self._versions.get((series, area, period))
        return versions[-1] if versions else None

    def replaced(self, figure: Figure) -> Figure | None:
        """The last value before it that was another one, or None: what a revision was revised from."""
        versions = self._versions.get(slot_of(figure), [])
        others = [v for v in versions if v.as_at <= figure.as_at and v.value is not None and v.value != figure.value]
        return others[-1] if others else None

    def latest_year(self, series: str, area: str) -> Figure | None:
        """The figure of the latest whole financial year that has a value, or None."""
        for year in sorted(self._years.get((series, area), ()), reverse=True):
            figure = self.latest(series, area, year)
            if figure and figure.value is not None:
                return figure
        return None
