"""Every letter on paper: the files of `letters preview DIR`, with an index page to click through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from csp_workflow.letters.render import Rendered

INDEX = "index.html"
"""The page to open first."""

_STYLE = (
    "body{font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;margin:32px;max-width:60em;color:#1d1d1b}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;"
    "border-bottom:1px solid #b1b4b6}a{color:#0b4a8f}"
)


def index(letters: Sequence[tuple[str, Rendered]]) -> Mapping[str, str]:
    """File name to text: for each (kind, words) a page and a plain text, and the index page. Same input, same names."""
    files: dict[str, str] = {}
    rows: list[str] = []
    for name, kind, words in _named(letters):
        files[f"{name}.html"] = words.html
        files[f"{name}.txt"] = f"Subject: {words.subject}\n\n{words.text}"
        rows.append(
            f'<tr><th scope="row">{escape(kind)}</th><td>{escape(words.subject)}</td>'
            f'<td><a href="{name}.html">as HTML</a></td><td><a href="{name}.txt">as plain text</a></td></tr>'
        )
    files[INDEX] = _page(rows)
    return files


def _named(letters: Sequence[tuple[str, Rendered]]) -> Iterator[tuple[str, str, Rendered]]:
    """Each letter with a file name of its kind and place ("request-2"); never anything out of its words."""
    counts: dict[str, int] = {}
    for kind, words in letters:
        plain = re.sub(r"[^a-z0-9-]+", "-", kind.lower()).strip("-") or "letter"
        counts[plain] = counts.get(plain, 0) + 1
        # A point stands in no kind, so that the second "request" is never taken for a kind "request-2".
        yield f"{plain}.{counts[plain]:02d}", kind, words


def _page(rows: Sequence[str]) -> str:
    count = f"{len(rows)} letter{'' if len(rows) == 1 else 's'}"
    return (
        '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>Letters</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>Letters</h1><p>{count}, as they would be sent.</p>"
        '<table><thead><tr><th scope="col">Letter</th><th scope="col">Subject</th><th scope="col">Page</th>'
        f'<th scope="col">Text</th></tr></thead><tbody>\n{chr(10).join(rows)}\n</tbody></table></main></body></html>\n'
    )
