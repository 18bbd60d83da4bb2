"""A page in Debian's Chromium, driven by Playwright: how it lies in the window, what axe finds, where Tab leads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

WIDTHS = (390, 1280)
"""Of a telephone and of a desk, in pixels."""

LOOK = """() => {
for (const one of document.querySelectorAll("details")) one.open = true;
const broken = [], walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode())
  for (const word of node.data.matchAll(/[^\\s\\u2010-\\u2014/@.-]+/g)) {
    const range = document.createRange();
    range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
    const lines = new Set([...range.getClientRects()].filter(box => box.width).map(box => Math.round(box.top)));
    if (lines.size > 1) broken.push(word[0]);
  }
const wide = [...document.querySelectorAll("main *")].filter(one => !one.closest(".scroll") && !one.closest("svg")
  && one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 80));
const small = [...document.querySelectorAll("nav a, summary, button, input, select")].filter(one => one.offsetParent
  && one.getBoundingClientRect().height < 24).map(one => one.textContent);
return {over: Math.max(0, document.documentElement.scrollWidth - innerWidth), broken, wide, small};
}"""
"""Whether anything lies beside the window or is too small to touch, and which words are broken."""

FITS = {"over": 0, "broken": [], "wide": [], "small": []}

_LIST_CONTROLS = """() => {
const tabbed = one => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({visibilityProperty: true});
window.due = [...document.querySelectorAll("a[href],button,input,select,summary,[tabindex]")].filter(tabbed);
return due.length;
}"""
_LOOK_WHERE = """() => {
const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
const ringed = style.outlineStyle !== "none" && (style.outlineStyle === "auto" || parseFloat(style.outlineWidth) >= 2);
const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
return [due.indexOf(one), ringed && inside ? "" : `${ringed ? "not in the window" : "no ring"}: ` +
  one.outerHTML.slice(0, 90)];
}"""


@contextmanager
def open_browser() -> Iterator[Browser]:
    """The browser that the machine has; no other is fetched."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_page(
    browser: Browser, file: Path, *, width: int = WIDTHS[1], script: bool = True, **said: Any
) -> Iterator[Page]:
    """A page in a window of its own; for what looks at it, its policy is left out."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        bypass_csp=True,
        java_script_enabled=script,
        reduced_motion="reduce",
        **said,
    )
    context.set_default_timeout(120_000)
    try:
        page = context.new_page()
        page.goto(file.as_uri())
        yield page
    finally:
        context.close()


def find_violations(page: Page, *rules: str) -> list[str]:
    """What axe says is wrong, a line for each element; only of some rules where they are named."""
    from axe_playwright_python.sync_playwright import Axe

    only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    found = Axe().run(page, options={"resultTypes": ["violations"], **only}).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


def walk_by_tab(page: Page) -> tuple[list[int], list[str]]:
    """Where Tab leads, from the first control to the last, by their places; and what could not be seen there."""
    seen = []
    for _ in range(page.evaluate(_LIST_CONTROLS)):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(_LOOK_WHERE))
    return [at for at, _ in seen], [fault for _, fault in seen if fault]
