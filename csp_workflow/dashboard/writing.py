"""Pages as HTML from a site's templates: one file a page, or all of a view in one. Same view, same bytes.

Style and script stand in each file and are named by their hash in its policy: a page runs and fetches nothing else.
Where the lines of a small chart lie is reckoned here: no library writes one in less than 5 kB. Shapes and places tell
all, no colour: the usual range is a band, a quarter that is marked a diamond, a gap a gap. Each chart has a scale of
its own, which begins at nought.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from html import escape
from typing import Any
from urllib.parse import quote

from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from csp_workflow.dashboard.parts import Beside, Finder, Page, View
from csp_workflow.report.basis import read_basis
from csp_workflow.report.blocks import Run, SeriesChart, Text
from csp_workflow.report.word.markup import clean_for_word, is_blank, split_paragraphs
from csp_workflow.terms.phrases import number

WIDTH, _LEFT, _RIGHT, _TOP, _BOTTOM = 320, 6, 262, 14, 84
"""Of the drawing, and of the field in which values lie, in its own units; the numbers stand at the right."""


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A marked point, or a label beside one."""

    x: str
    y: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A rate beside its group: the ends of the limits ("" without), the average and the rate, from left to right."""

    low: str
    width: str
    average: str
    rate: str


@dataclass(frozen=True, kw_only=True)
class Plot:
    """All that the template of a chart writes, as text."""

    line: str
    band: tuple[str, str] | None
    average: str
    diamonds: tuple[Spot, ...]
    newest: Spot | None
    top: Spot
    first: str
    last: str
    strip: Strip | None


def plot_chart(chart: SeriesChart, beside: Beside | None) -> Plot:
    """Place a series' values from left to right, the highest of all that is drawn at the top."""
    most = max((one for one in (*chart.values, chart.high) if one is not None), default=Decimal(1)) or Decimal(1)
    points = _place_points(chart, most)
    newest = points[-1]
    return Plot(
        line=_draw_line(points),
        band=_place_band(chart, most),
        average="" if chart.average is None else _round(_height(chart.average, most)),
        diamonds=tuple(Spot(x=_round(p[0]), y=_round(p[1])) for place in chart.outside if (p := points[place])),
        newest=newest and Spot(x=_round(newest[0] + 10), y=_round(newest[1] + 4), text=number(chart.values[-1])),
        top=Spot(x="", y="", text=number(round(most, 0 if most >= 10 else 1))),
        first=chart.categories[0],
        last=chart.categories[-1],
        strip=_place_strip(beside) if beside else None,
    )


_Point = tuple[float, float] | None


def _place_points(chart: SeriesChart, most: Decimal) -> list[_Point]:
    step = (_RIGHT - _LEFT) / max(len(chart.values) - 1, 1)
    first = _RIGHT if len(chart.values) == 1 else _LEFT
    return [None if v is None else (first + at * step, _height(v, most)) for at, v in enumerate(chart.values)]


def _height(value: Decimal, most: Decimal) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * float(max(value, Decimal(0)) / most)


def _draw_line(points: list[_Point]) -> str:
    """Where there is a gap the line is broken; a value alone between two is a dot, since the ends are round."""
    drawn, before = [], False
    for point in points:
        if point is not None:
            drawn.append(f"{'L' if before else 'M'}{_round(point[0])} {_round(point[1])}{'' if before else 'h0'}")
        before = point is not None
    return "".join(drawn)


def _place_band(chart: SeriesChart, most: Decimal) -> tuple[str, str] | None:
    if chart.low is None or chart.high is None:
        return None
    top, bottom = _height(chart.high, most), _height(chart.low, most)
    return _round(top), _round(bottom - top)


def _place_strip(beside: Beside) -> Strip:
    ends = [one for one in (beside.rate, beside.average, beside.low, beside.high) if one is not None]
    most = max(ends) * 1.05 or 1.0

    def across(value: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * max(value, 0) / most

    has_limits = beside.low is not None and beside.high is not None
    low, high = (across(beside.low or 0), across(beside.high or 0)) if has_limits else (0.0, 0.0)
    return Strip(
        low=_round(low) if has_limits else "",
        width=_round(high - low),
        average=_round(across(beside.average)),
        rate=_round(across(beside.rate)),
    )


def _round(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


TEMPLATES = ("file.html", "page.html", "items.html", "chart.svg", "days.svg", "style.css", "script.js")
"""What the folder of templates holds."""


def write_view(view: View, templates: Mapping[str, str]) -> Mapping[str, bytes]:
    """Each page as a file, by its name. Raises KeyError for a template that is not there, ValueError for two pages of
    one name: neither may silently take the other's place."""
    if len(view.names) < len(view.pages):
        raise ValueError("Two pages have one name: refs differ by more than signs.")
    return {f"{page.name}.html": _write(view, (page,), templates, is_whole=False) for page in view.pages}


def write_whole(view: View, templates: Mapping[str, str]) -> bytes:
    """All pages in one file, for an attachment: links lead to places in it."""
    return _write(view, view.pages, templates, is_whole=True)


def _write(view: View, pages: tuple[Page, ...], templates: Mapping[str, str], *, is_whole: bool) -> bytes:
    environment = _compile(tuple(sorted(templates.items())))
    style, script = (clean_for_word(templates[name]).strip() for name in ("style.css", "script.js"))
    has_script = any(isinstance(item, Finder) for page in pages for part in page.sections for item in part.items)
    text = environment.get_template("file.html").render(
        view=view,
        pages=pages,
        title=view.title if is_whole else pages[0].title,
        is_whole=is_whole,
        style=Markup(style),  # noqa: S704 - the site's own file
        script=Markup(script) if has_script else "",  # noqa: S704 - the same
        policy=_write_policy(style, script if has_script else ""),
        links=Links(view=view, here=tuple(page.name for page in pages), is_whole=is_whole),
    )
    return f"{text.rstrip()}\n".encode("utf-8", "replace")


def _write_policy(style: str, script: str) -> str:
    hashes = {
        kind: b64encode(sha256(text.encode()).digest()).decode()
        for kind, text in (("style", style), ("script", script))
        if text
    }
    allowed = (f"{kind}-src 'sha256-{told}'" for kind, told in hashes.items())
    return "; ".join(("default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'"))


@dataclass(frozen=True, kw_only=True)
class Links:
    """Where links lead from one file; `here` are the pages in it."""

    view: View
    here: tuple[str, ...]
    is_whole: bool

    def find(self, place: str) -> str:
        """The address of a place or a file; "" for one on no page of this view and not beside it."""
        if place in self.view.files:
            return quote(place)
        page, _, ident = place.partition("#")
        if page not in self.view.names:
            return ""
        if page in self.here:
            return f"#{ident or page}"
        return f"{page}.html#{ident}" if ident else f"{page}.html"

    def trace(self, key: str) -> str:
        """Where the figures behind a printed number stand with their origin; "" where they stand on no page."""
        homes = dict.fromkeys(home for slot in _list_slots(key) if (home := self.view.homes.get(slot)))
        if not homes:
            return ""
        first = next(iter(homes))
        return self.find(first if len(homes) == 1 else first.partition("#")[0])


class _Environment(SandboxedEnvironment):
    """What a template may read of a value rests on its kind and on the name alone, so each pair is looked at once."""

    def __init__(self, **said: Any) -> None:
        super().__init__(**said)
        self.looked_at: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """As everywhere."""
        pair = type(obj), attr
        if pair not in self.looked_at:
            self.looked_at[pair] = super().is_safe_attribute(obj, attr, value)
        return self.looked_at[pair]


@lru_cache(maxsize=65_536)  # a key stands on the pages of its measure and of its partnership, which lie far apart
def _list_slots(key: str) -> tuple[tuple[str, str], ...]:
    """The series and areas that a number was made from; what it was divided by is left out."""
    basis = read_basis(key)
    slots = basis.slots if basis else ()
    return tuple(dict.fromkeys((ref, area) for ref, area, _ in slots if ref == slots[0][0]))


def write_text(text: Text, links: Links) -> Markup:
    """A text: each number leads to where it is from, each line end is a line."""
    if isinstance(text, str):
        return Markup(_escape(text))  # noqa: S704 - escaped here, as all below
    return Markup("".join([_write_run(run, links) for run in text]))  # noqa: S704


def _write_run(run: Run, links: Links) -> str:
    said = f"<strong>{_escape(run.text)}</strong>" if run.strong else _escape(run.text)
    to = links.find(run.to) if run.to else links.trace(run.figure) if run.figure else ""
    return f'<a href="{escape(to)}">{said}</a>' if to else said


def _escape(text: str) -> str:
    return escape(clean_for_word(text)).replace("\n", "<br>")


def _write_words(text: str) -> Markup:
    """Somebody's writing, a paragraph each."""
    return Markup("".join(f"<p>{escape(part)}</p>" for part in split_paragraphs(text)))  # noqa: S704


def _name_kind(item: object) -> str:
    return type(item).__name__


def _show(value: Any) -> Any:
    """No text has what turns the text beside it round, or what no file may hold."""
    return clean_for_word(value) if type(value) is str else value


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "runs": write_text,
    "words": _write_words,
    "kind": _name_kind,
    "plot": plot_chart,
    "blank": is_blank,
    "list": split_paragraphs,
}


@lru_cache(maxsize=4)
def _compile(templates: tuple[tuple[str, str], ...]) -> SandboxedEnvironment:
    made = _Environment(
        loader=DictLoader(dict(templates)),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=_show,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(_FILTERS)
    return made
