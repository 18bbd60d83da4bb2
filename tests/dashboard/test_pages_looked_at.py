"""Pages as a browser lays them out and a person uses them: on a telephone and a desk, by keyboard, in forced colours,
in print, with search, and without script; each kind of page that the product writes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from csp_workflow.dashboard.pages import compile_own_view, compile_view
from csp_workflow.dashboard.parts import Audience
from csp_workflow.dashboard.places import keep_own
from csp_workflow.dashboard.writing import write_view, write_whole
from csp_workflow.forms.writing import write_workbook
from csp_workflow.letters.catalogue import Rendered
from csp_workflow.rehearsal.form_page import draw_sheets, write_form_page
from csp_workflow.rehearsal.front_page import write_front_page, write_letter_page
from csp_workflow.rehearsal.specimens.checking import index
from csp_workflow.report.disclosure import hide_figures
from csp_workflow.settings import read_page_templates
from tests.dashboard.pages_read import read_page
from tests.dashboard.pages_shown import FITS, LOOK, WIDTHS, find_violations, open_page, walk_by_tab
from tests.forms.form_factory import joint_form
from tests.rehearsal.test_front_page import exhibit, full
from tests.report.crowded_told import crowded
from tests.report.paper_told import NOW, ROOT, facts

pytestmark = pytest.mark.needs_chromium
TEMPLATES = read_page_templates(ROOT / "config")
LETTER = (
    '<html lang="en-GB"><head><title>A return</title></head><body><h1>An office</h1><table role="presentation"><tr><td>'
    "<p>Please send it.</p></td></tr></table></body></html>"
)
KINDS = {
    "home": "index.html",
    "theme": "year.html",
    "measure": "measure-m11.html",
    "measure in words": "measure-m15.html",
    "partnership": "partnership-charnwood.html",
    "quality": "quality.html",
    "definitions": "definitions.html",
    "framework": "framework.html",
    "all in one file": "everything.html",
    "one partnership's own": "own.html",
    "public home": "public/index.html",
    "public measure": "public/measure-m11.html",
    "a quarter without returns": "nothing/index.html",
    "front page": "rehearsed/index.html",
    "a letter": "rehearsed/letters/html.html",
    "a message": "rehearsed/letters/text.html",
    "a form": "rehearsed/sheets/form.html",
    "letters to look at": "preview/index.html",
}
_IN_ONE_FILE = {KINDS[kind] for kind in ("home", "measure", "partnership", "quality")}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each kind of page in one folder, with what it leads to."""
    folder = tmp_path_factory.mktemp("pages")
    for name, data in _list_pages():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def _list_pages() -> Iterator[tuple[str, bytes]]:
    of = hide_figures(crowded(partnerships=2))
    view, charnwood = compile_view(of, Audience.PARTNERSHIP), of.site.respondent("charnwood")
    yield from write_view(view, TEMPLATES).items()
    few = tuple(page for page in view.pages if f"{page.name}.html" in _IN_ONE_FILE)
    yield "everything.html", write_whole(replace(view, pages=few), TEMPLATES)
    yield "own.html", write_whole(compile_own_view(keep_own(of, charnwood), charnwood), TEMPLATES)
    for folder, shown in (("public", of), ("nothing", facts())):
        pages = write_view(compile_view(hide_figures(shown), Audience.PUBLIC), TEMPLATES)
        yield from ((f"{folder}/{name}", data) for name, data in pages.items())
    yield "rehearsed/index.html", write_front_page(full(), TEMPLATES)
    yield "rehearsed/letters/html.html", write_letter_page(exhibit("receipt"), html=LETTER, text="")
    yield "rehearsed/letters/text.html", write_letter_page(exhibit("", became="None came."), html="", text="Hello.")
    sheets = draw_sheets(write_workbook(joint_form(), created=NOW))
    drawn = write_form_page(sheets, title="A form", file="received/form.xlsx", back="received/1.html")
    yield "rehearsed/sheets/form.html", drawn
    letter = Rendered(subject="A return", text="Please send it.", html=LETTER)
    yield from ((f"preview/{name}", text.encode()) for name, text in index([("request", letter)]).items())


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_and_all_of_it_fits(kind: str, place: Path, browser: Any) -> None:
    with open_page(browser, place / KINDS[kind]) as page:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert find_violations(page) == []
            assert kind == "letters to look at" or page.evaluate(LOOK) == FITS


@pytest.mark.parametrize("kind", ["home", "measure", "a letter"])
def test_in_the_dark_all_can_be_read(kind: str, place: Path, browser: Any) -> None:
    with open_page(browser, place / KINDS[kind], color_scheme="dark") as page:
        assert find_violations(page, "color-contrast") == []


@pytest.mark.parametrize("kind", ["home", "measure", "framework", "front page", "a letter"])
def test_tab_leads_to_each_control_in_its_order_and_shows_where_one_is(kind: str, place: Path, browser: Any) -> None:
    with open_page(browser, place / KINDS[kind]) as page:
        order, unseen = walk_by_tab(page)
    assert order == list(range(len(order)))
    assert unseen == []


def test_the_first_key_leads_past_the_head(place: Path, browser: Any) -> None:
    with open_page(browser, place / KINDS["home"], width=WIDTHS[0]) as page:
        page.keyboard.press("Tab")
        assert page.locator(".skip").bounding_box()["x"] >= 0
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


def test_search_and_filter_work_by_keyboard_alone(place: Path, browser: Any) -> None:
    measures = len(list(place.glob("measure-*.html")))
    with open_page(browser, place / KINDS["home"]) as page:
        form, entries = page.locator("form.find").first, page.locator("#find-measures li:visible")
        told, keys = form.locator("[aria-live]"), page.keyboard
        assert (entries.count(), told.inner_text()) == (measures, f"All {measures} are shown.")
        form.locator("input").focus()
        keys.type("BURGLARY domestic")
        assert (entries.count(), told.inner_text()) == (3, f"3 of {measures} are shown.")
        keys.press("ControlOrMeta+A")
        keys.type("no such thing")
        assert told.inner_text() == f"Nothing matches. Clear the search to see all {measures}."
        assert page.locator("#find-measures h3:visible").count() == 0
        for key in ("Tab", "Tab", "Enter", "Shift+Tab", "ArrowDown"):
            keys.press(key)
        assert form.locator("select").input_value() == "changed"
        assert 0 < entries.count() < measures


def test_what_a_form_says_beside_its_tables_is_no_wider_than_a_telephone(place: Path, browser: Any) -> None:
    with open_page(browser, place / KINDS["a form"], width=WIDTHS[0]) as page:
        wide = page.evaluate("Math.max(...[...document.querySelectorAll('table')].map(one => one.offsetWidth))")
        assert wide > WIDTHS[0]
        texts = page.evaluate("[...document.querySelectorAll('td.free[colspan] div')].map(one => one.offsetWidth)")
        assert texts
        assert max(texts) < WIDTHS[0]


def test_in_forced_colours_what_is_drawn_and_where_one_is_can_be_seen(place: Path, browser: Any) -> None:
    with open_page(browser, place / KINDS["measure"], forced_colors="active") as page:
        unseen = page.evaluate("""() => {
            const shade = (one, what) => getComputedStyle(one)[what], ground = shade(document.body, "backgroundColor");
            return [...document.querySelectorAll("svg path, svg text")].filter(one =>
                ["fill", "stroke"].every(what => ["none", ground].includes(shade(one, what))))
                .map(one => one.outerHTML);
        }""")
        assert page.evaluate("matchMedia('(forced-colors: active)').matches")
        assert unseen == []
        assert page.locator("svg path").count() > 0
        assert find_violations(page, "color-contrast") == []
        assert walk_by_tab(page)[1] == []


def test_the_policy_lets_its_own_script_run_and_no_other(place: Path, browser: Any) -> None:
    page = (place / "index.html").read_text("utf-8")
    (place / "other.html").write_text(page.replace("</body>", "<script>document.title = 'put in'</script></body>"))
    opened = browser.new_page()
    for name in ("index.html", "other.html"):
        opened.goto((place / name).as_uri())
        assert "All 4" in opened.locator("form.find").first.inner_text()
        assert opened.title() != "put in"
    opened.close()


def test_without_script_all_is_there_and_no_field_that_does_nothing(place: Path, browser: Any) -> None:
    with open_page(browser, place / KINDS["home"], script=False) as page:
        assert page.locator("#find-measures li:visible").count() == len(list(place.glob("measure-*.html")))
        assert page.locator("form:visible").count() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_it_prints_with_its_tables_and_without_what_is_only_for_the_screen(
    kind: str, place: Path, browser: Any, tmp_path: Path
) -> None:
    with open_page(browser, place / KINDS[kind]) as page:
        page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    done = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "page.pdf", "-"], check=True, capture_output=True, text=True
    )
    printed = "".join(done.stdout.split())
    shown = read_page((place / KINDS[kind]).read_bytes())
    captions = [one.text for one in shown.every("caption") if "unseen" not in one.attributes.get("class", "")]
    assert [text for text in (shown.every("h1")[0].text, *captions) if "".join(text.split()) not in printed] == []
    assert [words for words in ("Onthispage", "Skipto", "Inthisfile", "Showonly") if words in printed] == []
