"""A workbook as its reader sees it, on a page: its sheets with their boxes, for who has no Excel at hand.

Read from the file's own parts: to open twenty forms as workbooks would take longer than all the rest of the pages.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from html import escape
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError, fromstring

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STYLE = (
    "body{margin:0;padding:0 1.5rem 2rem;background:#fff;color:#1d1d1b;font:16px/1.4 Arial,Helvetica,sans-serif}"
    "h1{font-size:1.5rem;margin:1rem 0 .25rem;overflow-wrap:anywhere}h2{font-size:1.2rem;margin:2rem 0 .5rem}"
    "a{color:#1a4f8f}nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 1.5rem}"
    "nav a{display:inline-block;padding:.25rem 0}.scroll{overflow-x:auto}p{max-width:44rem}"
    "table{border-collapse:collapse;font-size:.875rem}td,th{border:1px solid #b1b7bb;padding:.25rem .5rem;"
    "text-align:left;vertical-align:top;min-width:4rem;max-width:24rem;white-space:pre-line}"
    "th{background:#14365d;color:#fff}.box{border:3px solid #7f6000;background:#fff8d6}.bold{font-weight:bold}"
    ".free{border:0;max-width:60rem}.free div{max-width:calc(100vw - 4rem)}"
    "@media print{.scroll{overflow:visible}nav{display:none}}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def draw_sheets(data: bytes) -> str:
    """The sheets of a workbook that people see, as a page shows them below its links to each; "" for what is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            read = {name: book.read(name) for name in book.namelist() if _READ.fullmatch(name)}
        parts = {name: fromstring(part) for name, part in read.items()}  # noqa: S314 - our own people wrote it
        sheets = [(name, list(_list_lines(sheet, parts))) for name, sheet in _list_sheets(parts)]
    except (zipfile.BadZipFile, KeyError, ParseError):
        return ""
    shown = "".join(_write_sheet(n, name, lines) for n, (name, lines) in enumerate(sheets, start=1))
    links = "".join(f'<li><a href="#sheet-{n}">{escape(name)}</a></li>' for n, (name, _) in enumerate(sheets, start=1))
    return f'<nav aria-label="Sheets"><ul>{links}</ul></nav>{shown}'


def write_form_page(sheets: str, *, title: str, file: str, back: str) -> bytes:
    """The page of a workbook's sheets; `file` and `back` lead to the workbook and to the message that brought it."""
    return (
        '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>"
        "<p>The sheets as they were filled in; boxes with a thick border are those that people type in. What Excel "
        f'reckons as it opens the file is not shown. <a href="../{escape(quote(file))}">The workbook</a>, '
        f'<a href="../{escape(quote(back))}">the message that brought it</a>.</p>'
        f"{sheets}</main></body></html>"
    ).encode("utf-8", "replace")


_READ = re.compile(r"xl/(?:workbook|styles|sharedStrings|worksheets/sheet\d+)\.xml|xl/_rels/workbook\.xml\.rels")
_Line = list[tuple[str, str]]
"""The cells of a row: what each looks like ("box", "head", "bold", "free": no border) and what it says."""


def _list_sheets(parts: Mapping[str, Element]) -> Iterator[tuple[str, Element]]:
    targets = {one.get("Id"): str(one.get("Target")).lstrip("/") for one in parts["xl/_rels/workbook.xml.rels"]}
    for sheet in parts["xl/workbook.xml"].iter(f"{_S}sheet"):
        if sheet.get("state", "visible") == "visible":
            yield str(sheet.get("name")), parts[f"xl/{targets[sheet.get(_R)].removeprefix('xl/')}"]


def _list_lines(sheet: Element, parts: Mapping[str, Element]) -> Iterator[_Line]:
    looks, shared = _list_looks(parts["xl/styles.xml"]), parts.get("xl/sharedStrings.xml")
    texts = [_join_texts(one) for one in shared] if shared is not None else []
    for row in sheet.iter(f"{_S}row"):
        line: _Line = []
        for cell in row if row.get("hidden") != "1" else ():
            line += [("free", "")] * (_find_column(str(cell.get("r"))) - len(line) - 1)
            line.append((looks[int(cell.get("s", 0))], _say(cell, texts)))
        while line and line[-1] == ("free", ""):
            line.pop()
        if line:
            yield line


def _find_column(place: str) -> int:
    """ "B7" is in column 2."""
    number = 0
    for letter in place.rstrip("0123456789"):
        number = number * 26 + ord(letter) - 64
    return number


def _say(cell: Element, texts: list[str]) -> str:
    value, kind = cell.findtext(f"{_S}v", ""), cell.get("t")
    if kind == "inlineStr":
        return _join_texts(cell)
    return texts[int(value)] if kind == "s" and value else value.removesuffix(".0")


def _join_texts(element: Element) -> str:
    return "".join(one.text or "" for one in element.iter(f"{_S}t"))


def _list_looks(styles: Element) -> list[str]:
    """What a cell of each style looks like."""
    fonts, fills, borders, styled = (styles.find(f"{_S}{name}") for name in ("fonts", "fills", "borders", "cellXfs"))
    if fonts is None or fills is None or borders is None or styled is None:
        return []
    is_bold = [font.find(f"{_S}b") is not None for font in fonts]
    is_dark = [any(one.get("rgb") in _HEADS for one in fill.iter(f"{_S}fgColor")) for fill in fills]
    is_thick = [any(side.get("style") == "medium" for side in border) for border in borders]
    return [
        "box"
        if is_thick[int(one.get("borderId", 0))]
        else "head"
        if is_dark[int(one.get("fillId", 0))]
        else f"{'' if int(one.get('borderId', 0)) else 'free '}{'bold' * is_bold[int(one.get('fontId', 0))]}".strip()
        for one in styled
    ]


_HEADS = {"FF1F3864", "FFF2C94C"}
"""The colours behind the heads of a form's columns."""


def _write_sheet(number: int, name: str, lines: list[_Line]) -> str:
    said = escape(name)
    width = max(map(len, lines), default=1)
    rooms = (width if len(line) == 1 else 1 for line in lines)
    told = ("".join(_write_cell(*cell, room) for cell in line) for line, room in zip(lines, rooms, strict=True))
    rows = "".join(f"<tr>{cells}</tr>" for cells in told)
    scrolls = f'<div class="scroll" role="group" tabindex="0" aria-label="{said}, cells">'
    table = f"{scrolls}<table><tbody>{rows}</tbody></table></div>"
    return f'<section aria-labelledby="sheet-{number}"><h2 id="sheet-{number}">{said}</h2>{table}</section>'


def _write_cell(look: str, text: str, room: int) -> str:
    """A cell; a text without a border round it, and with nothing beside it, has the `room` of so many columns."""
    if look == "head" and text:
        return f'<th scope="col">{escape(text)}</th>'
    style = f' class="{look}"' if look not in {"", "head"} else ""
    if look.startswith("free") and room > 1:  # no wider than the window, which the table beside it may be
        return f'<td{style} colspan="{room}"><div>{escape(text)}</div></td>'
    return f"<td{style}>{escape(text)}</td>"
