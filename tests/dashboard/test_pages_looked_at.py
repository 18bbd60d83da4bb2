"""Pages as a browser lays them out: on a telephone, a tablet and a desk, in print, with search, and without script."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from csp_workflow.dashboard.pages import compile_view
from csp_workflow.dashboard.parts import Audience, View
from csp_workflow.dashboard.writing import write_view, write_whole
from csp_workflow.report.disclosure import hide_figures
from csp_workflow.settings import read_page_templates
from tests.dashboard.pages_read import read_page
from tests.dashboard.pages_shown import LOOK, ask, browse
from tests.report.crowded_told import crowded
from tests.report.paper_told import ROOT

pytestmark = pytest.mark.needs_chromium
TEMPLATES = read_page_templates(ROOT / "config")

_SEARCH = """
const form = document.querySelector("form.find"), list = document.getElementById(form.dataset.list);
const shown = () => [...list.querySelectorAll("li")].filter(one => one.offsetParent).length;
const all = shown();
const put = (field, value) => { field.value = value; field.dispatchEvent(new Event("input", {bubbles: true})); };
put(form.elements.q, "BURGLARY domestic");
const found = shown(), told = form.querySelector("[aria-live]").textContent;
put(form.elements.q, "no such thing");
const none = form.querySelector("[aria-live]").textContent;
const headings = [...list.querySelectorAll("h3")].filter(one => one.offsetParent);
put(form.elements.q, ""); put(form.elements.kind, "changed");
say({all, found, told, none, headings: headings.length, changed: shown(), hidden: form.hidden});
"""


@pytest.fixture(scope="module")
def view() -> View:
    return compile_view(hide_figures(crowded(partnerships=2)), Audience.PARTNERSHIP)


@pytest.mark.parametrize("width", [390, 900, 1280])
def test_nothing_lies_beside_the_window_and_no_word_is_broken(view: View, width: int, tmp_path: Path) -> None:
    told = ask(write_whole(view, TEMPLATES), LOOK, tmp_path, width=width)
    assert told == {"width": width, "over": 0, "broken": [], "wide": [], "small": []}


def test_search_and_filter_need_no_server(view: View, tmp_path: Path) -> None:
    told = ask(write_view(view, TEMPLATES)["index.html"], _SEARCH, tmp_path, width=900)
    measures = len([page for page in view.pages if page.name.startswith("measure-")])
    assert told["all"] == measures
    assert told["found"] == 3
    assert told["told"] == f"3 of {measures} are shown."
    assert told["none"] == f"Nothing matches. Clear the search to see all {measures}."
    assert told["headings"] == 0
    assert isinstance(told["changed"], int)
    assert 0 < told["changed"] < measures
    assert told["hidden"] is False


def test_the_policy_lets_its_own_script_run_and_no_other(view: View, tmp_path: Path) -> None:
    page = write_view(view, TEMPLATES)["index.html"].decode()
    (tmp_path / "own.html").write_text(page, "utf-8")
    shown = browse(tmp_path, "--dump-dom", file="own.html")
    assert "All 4" in next(one for one in read_page(shown.encode()).every("form")).text
    put_in = page.replace("</body>", "<script>document.title = 'put in'</script></body>")
    (tmp_path / "other.html").write_text(put_in, "utf-8")
    assert "<title>put in" not in browse(tmp_path, "--dump-dom", file="other.html")


def test_it_prints_with_its_tables_and_without_what_is_only_for_the_screen(view: View, tmp_path: Path) -> None:
    (tmp_path / "measure.html").write_bytes(write_view(view, TEMPLATES)["measure-m11.html"])
    browse(tmp_path, f"--print-to-pdf={tmp_path / 'page.pdf'}", "--no-pdf-header-footer", file="measure.html")
    done = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "page.pdf", "-"], check=True, capture_output=True, text=True
    )
    assert "As at" in done.stdout
    assert "On this page" not in done.stdout
    assert "Skip to" not in done.stdout
    assert "The year so far" not in done.stdout
