"""A page in a headless Chromium: what a script says of it, and whether it fits where it is shown."""

from __future__ import annotations

import json
import re
import subprocess
from html import unescape
from pathlib import Path

LOOK = """
for (const one of document.querySelectorAll("details")) one.open = true;
const broken = [], walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode())
  for (const word of node.data.matchAll(/[^\\s\\u2010-\\u2014/-]+/g)) {
    const range = document.createRange();
    range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
    const lines = new Set([...range.getClientRects()].filter(box => box.width).map(box => Math.round(box.top)));
    if (lines.size > 1) broken.push(word[0]);
  }
const wide = [...document.querySelectorAll("main *")].filter(one => !one.closest(".scroll") && !one.closest("svg")
  && one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 80));
const small = [...document.querySelectorAll("nav a, summary, button, input, select")].filter(one => one.offsetParent
  && one.getBoundingClientRect().height < 24).map(one => one.textContent);
say({width: innerWidth, over: document.documentElement.scrollWidth - innerWidth, broken, wide, small});
"""
"""Whether anything lies beside the window or is too small to touch, and which words are broken."""


def ask(page: bytes, script: str, place: Path, *, width: int) -> dict[str, object]:
    """What a script says of a page in a frame of that width, since a window has a least one; for it alone the page's
    policy is left out."""
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.decode())
    say = "const say = told => parent.postMessage(JSON.stringify(told), '*');"
    (place / "page.html").write_text(text.replace("</body>", f"<script>{{{say}{script}}}</script></body>"), "utf-8")
    (place / "frame.html").write_text(
        "<title></title><script>onmessage = one => { document.title = one.data; };</script>"
        f'<iframe src="page.html" width="{width}" height="900" style="border:0"></iframe>'
    )
    done = browse(place, "--hide-scrollbars", "--virtual-time-budget=9000", "--dump-dom", file="frame.html")
    told: dict[str, object] = json.loads(unescape(re.findall("<title>(.*?)</title>", done, re.DOTALL)[0]))
    return told


def browse(place: Path, *words: str, file: str) -> str:
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={place / 'profile'}",
        *words,
    ]
    done = subprocess.run(
        [*command, f"file://{place / file}"], check=True, capture_output=True, timeout=120, cwd=place, text=True
    )
    return done.stdout
