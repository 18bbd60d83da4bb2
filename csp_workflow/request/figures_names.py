"""The series and areas that a file of figures may name, found by ref, code or name, with a suggestion when not."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from csp_workflow.request.figures_header import plain
from csp_workflow.terms.figures import LocalMeasure, Series
from csp_workflow.terms.site import Area, Site


class Names:
    """A site's series and areas by all the names they go by."""

    def __init__(self, site: Site) -> None:
        every = [series for framework in site.frameworks for series in framework.series()]
        self._series = {series.ref: series for series in every}
        self._locals = {x.series.ref: x for framework in site.frameworks for x in framework.local_measures}
        self._areas = {area.code: area for respondent in site.respondents for area in respondent.areas}
        for code in (code for group in site.peers for code in group.areas):
            self._areas.setdefault(code, Area(code=code, name=code))
        self.columns = self._by_name()

    def series(self, text: str) -> Series | None:
        """The series of that ref, or of that title where only one has it."""
        ref = self.columns.get(plain(text))
        return self._series[ref] if ref else None

    def local(self, ref: str) -> LocalMeasure | None:
        """The local measure whose series that is, or None."""
        return self._locals.get(ref)

    def areas(self, text: str, series: Series) -> tuple[Area, ...]:
        """The areas a text may mean: by code, else by name, of the series' own geography if any is.

        "Leicester" is both a partnership's area and an upper tier; which one is meant the series says.
        """
        code = text.strip().upper()
        if code in self._areas:
            return (self._areas[code],)
        named = tuple(area for area in self._areas.values() if plain(area.name) == plain(text))
        return tuple(area for area in named if area.geography is series.geography) or named

    def area_name(self, code: str) -> str:
        """The name of an area."""
        return self._areas[code].name if code in self._areas else code

    def like_series(self, text: str) -> str:
        """ " Did you mean M09?", or ""."""
        by_ref = _like(text.strip().upper(), {ref.upper(): ref for ref in self._series})
        return by_ref or _like(plain(text), {plain(s.title): f"{ref} ({s.title})" for ref, s in self._series.items()})

    def like_area(self, text: str) -> str:
        """ " Did you mean E22000165 (Charnwood)?", or ""."""
        known = {code: f"{code} ({area.name})" for code, area in self._areas.items()}
        return _like(text.strip().upper(), known) or _like(
            plain(text), {plain(area.name): known[code] for code, area in self._areas.items()}
        )

    def _by_name(self) -> dict[str, str]:
        titles: dict[str, list[str]] = {}
        for ref, series in self._series.items():
            titles.setdefault(plain(series.title), []).append(ref)
        unique = {title: refs[0] for title, refs in titles.items() if title and len(refs) == 1}
        return unique | {plain(ref): ref for ref in self._series}


def _like(text: str, known: dict[str, str]) -> str:
    found: Iterable[str] = get_close_matches(text[:100], known, n=1, cutoff=0.7)
    return "".join(f" Did you mean {known[name]}?" for name in found)
