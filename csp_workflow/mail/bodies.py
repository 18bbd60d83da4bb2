"""The words of a message: HTML as plain text, the new part of an answer, and the links to shared files in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from itertools import islice
from urllib.parse import parse_qs, unquote, urlsplit

from csp_workflow.mail.headers import safely

LONGEST = 200_000
"""Characters of a body that are looked at; a letter is a few thousand."""

_BLOCKS = {"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr", "blockquote", "pre"}
_CELLS = {"td", "th"}
_ROW_ENDS = re.compile(r"</tr\b", re.IGNORECASE)
_CELL_ENDS = re.compile(r"</t[dh]\b[^<>]{0,100}>", re.IGNORECASE)
_QUOTES_HTML = re.compile(
    r"<blockquote|gmail_quote|divrplyfwdmsg|appendonsend|border-top: ?solid|original message-{2,}", re.IGNORECASE
)
_UNREAD = (("<!--", "-->"), ("<style", "</style>"), ("<script", "</script>"), ("<title", "</title>"))
_TOKEN = re.compile(
    r"(?P<words>[^<]+|<(?![a-zA-Z!?/]))|<(?P<closing>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9:]{0,20})(?P<more>[^<>]*)>|<[^<>]*>?"
)
_SPACES = re.compile(r"[^\S\n]+")

_LINK = re.compile(r"https?://[^\s\"'<>]{1,2000}", re.IGNORECASE)
_MOST = 50
_STORES = (
    "sharepoint.com", "1drv.ms", "onedrive.live.com", "onedrive.com", "docs.google.com", "drive.google.com",
    "dropbox.com", "box.com", "we.tl", "wetransfer.com", "icloud.com", "huddle.com", "objective.com",
)  # fmt: skip
# A link to a shared file of Office, on whatever host: /:x:/ is a workbook, /:f:/ a folder, and so on.
_OFFICE_PATH = re.compile(r"/:[a-z]:/", re.IGNORECASE)
_WRAPPERS = ("safelinks.protection.outlook.com", "urldefense.proofpoint.com", "urldefense.com", "urldefense.us")
_V3 = re.compile(r"/v3/__(?P<link>.{1,1800}?)__;", re.IGNORECASE)
_DEEPEST = 3


def html_to_text(html: str, *, as_shown: bool = True) -> str:
    """HTML as plain text in one pass; what stands inside a quotation becomes lines that begin with "> ".

    Words are as a reader sees them, or all that are written unless `as_shown`. The standard library's parser is
    quadratic on unclosed tags (minutes for 200 kB), so this reads tags itself.
    """
    whole = _without_unread(html[:LONGEST])
    text = tidy_lines("".join(_plain_parts(_mark_shown(whole) if as_shown else whole)))
    return _STRUCK_AGAIN.sub(" ", text)


def read_bodies(plain: str, html: str) -> tuple[str, str]:
    """The words of a message with a plain part, an HTML part or both; and those of the HTML where they are other words.

    A plain part shows struck, hidden and raised words like any others, so the HTML's count where it has such.
    """
    text, shown = tidy_lines(plain), html_to_text(html) if html else ""
    new = _new_part(html, as_shown=False)
    return (text, shown) if text and _mark_shown(new) == new else (shown or text, "")


def find_rows(html: str) -> tuple[str, ...]:
    """The rows of tables in the new part of an HTML body that have two cells or more, tabs between the cells."""
    return tuple(filter(None, map(_row, _ROW_ENDS.split(_new_part(html))[:-1])))


def find_links(html: str, new: str) -> tuple[str, ...]:
    """The links to shared files in the new part of an HTML body, and in the new plain words."""
    return tuple(dict.fromkeys((*find_shared_links(unescape(_new_part(html))), *find_shared_links(new))))


def _new_part(html: str, *, as_shown: bool = True) -> str:
    new = _without_unread(html[:LONGEST])
    quoted = _QUOTES_HTML.search(new)
    new = new[: quoted.start()] if quoted else new
    return _mark_shown(new) if as_shown else new


def _row(html: str) -> str:
    begins = html.lower().rfind("<tr")
    cells = [" ".join(_words_in(cell).split()) for cell in _CELL_ENDS.split(html[begins:] if begins >= 0 else "")]
    return "\t".join(cells[:-1]) if len(cells) > 2 and any(cells) else ""


def _words_in(html: str) -> str:
    return unescape(" ".join(match["words"] for match in _TOKEN.finditer(html) if match["words"] is not None))


def _without_unread(html: str) -> str:
    """Without comments, styles and scripts; an unclosed one hides all that follows, as in a browser."""
    for start, end in _UNREAD:
        low, kept, at = html.lower(), [], 0
        while (begins := low.find(start, at)) >= 0:
            kept.append(html[at:begins])
            ends = low.find(end, begins)
            if ends < 0:
                at = len(html)
                break
            at = ends + len(end)
        html = "".join(kept) + html[at:]
    return html


# Words as they are shown: struck ones are said to be, those that nobody sees are left out, raised digits stand apart


_HIDDEN, _TINY, _STRUCK, _RAISED = "hidden", "tiny", "struck", "raised"
_BY_TAG = {"s": _STRUCK, "strike": _STRUCK, "del": _STRUCK, "sup": _RAISED, "sub": _RAISED}
_BY_STYLE = {
    _HIDDEN: re.compile(r"(?:display ?: ?none|visibility ?: ?hidden|mso-hide ?: ?all)\b", re.IGNORECASE),
    _TINY: re.compile(r"font-size ?: ?0+(?:\.0+)?(?![\d.])", re.IGNORECASE),
    _STRUCK: re.compile(r"line-through\b", re.IGNORECASE),
    _RAISED: re.compile(r"vertical-align ?: ?su(?:per|b)\b", re.IGNORECASE),
}
_SIZED = re.compile(r"font-size ?:", re.IGNORECASE)
_CUES = re.compile(rf"<(?:{'|'.join(_BY_TAG)})\b|" + "|".join(one.pattern for one in _BY_STYLE.values()), re.IGNORECASE)
_DIGITS = re.compile(r"\s*[\d*\u2020\u2021]+\s*")
_NEVER_CLOSED = {"br", "hr", "img", "input", "meta", "link", "area", "col", "wbr", "base", "embed", "source"}
_NEVER_NESTED = {"p", "li"}
_DEEPEST_MARK = 100
_STRUCK_AGAIN = re.compile(r"\] *\[struck through: ")


def _mark_shown(html: str) -> str:
    if not _CUES.search(html):
        return html
    opened: list[tuple[str, frozenset[str]]] = []
    shown = []
    for match in _TOKEN.finditer(html):
        if match["words"] is None:
            _follow_tag(opened, (match["tag"] or "").lower(), match["more"] or "", is_closing=bool(match["closing"]))
        shown.append(match[0] if match["words"] is None else _show(match["words"], _list_effects(opened)))
    return "".join(shown)


def _list_effects(opened: list[tuple[str, frozenset[str]]]) -> frozenset[str]:
    return opened[-1][1] if opened else frozenset()


def _follow_tag(opened: list[tuple[str, frozenset[str]]], tag: str, attributes: str, *, is_closing: bool) -> None:
    """Keep the elements that change how words are shown, each with all that holds inside it."""
    if not tag or tag in _NEVER_CLOSED:
        return
    there = [at for at, (name, _) in enumerate(opened) if name == tag]
    if there and (is_closing or tag in _NEVER_NESTED):
        del opened[there[-1] :]
    before = _list_effects(opened)
    inside = before - {_TINY} if _SIZED.search(attributes) else before
    inside |= {effect for effect, style in _BY_STYLE.items() if style.search(attributes)}
    inside |= {_BY_TAG[tag]} if tag in _BY_TAG else set()
    if not is_closing and (inside != before or there) and len(opened) < _DEEPEST_MARK:
        opened.append((tag, inside))


def _show(words: str, effects: frozenset[str]) -> str:
    said = " ".join(unescape(words).split()) if effects else ""
    if not said:
        return words
    if effects & {_HIDDEN, _TINY}:
        return " "
    if _STRUCK in effects:
        return f" [struck through: {escape(said, quote=False)}] "
    return f" [{words.strip()}] " if _RAISED in effects and _DIGITS.fullmatch(said) else words


def _plain_parts(html: str) -> Iterator[str]:
    quotes: list[str] = []
    for match in _TOKEN.finditer(html):
        words, closing, tag, attributes = match["words"], match["closing"], (match["tag"] or "").lower(), match["more"]
        if words is not None:
            yield _quote_words(words) if quotes else _SPACES.sub(" ", unescape(words).replace("\n", " "))
            continue
        if closing and quotes and quotes[-1] == tag:
            quotes.pop()
        elif not closing and _begins_quote(tag, attributes or "", quotes):
            quotes.append(tag)
        if tag in _BLOCKS or tag in _CELLS:
            yield " " if tag in _CELLS else "\n"
        if tag == "a" and not closing:
            yield from (f" {link} " for link in find_shared_links(unescape(attributes or ""))[:1])


def _begins_quote(tag: str, attributes: str, quotes: list[str]) -> bool:
    return tag == "blockquote" or (tag == "div" and ("gmail_quote" in attributes or bool(quotes)))


def _quote_words(words: str) -> str:
    text = " ".join(unescape(words).split())
    return f"\n> {text}\n" if text else ""


def tidy_lines(text: str) -> str:
    """Plain line ends, no trailing space, never more than one empty line together."""
    text = text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()


# Links to shared files, also inside the wrappers of mail security. Never followed. ----------------


def find_shared_links(text: str) -> tuple[str, ...]:
    """The links in a text that lead to shared files, as they are written."""
    return tuple(link for link in _links(text) if is_shared_file(link))


def is_shared_file(link: str) -> bool:
    """Whether a link, wrapped or not, leads to a store of shared files."""
    parts = safely(lambda: urlsplit(unwrap_link(link)), None)
    if parts is None:
        return False
    host = safely(lambda: parts.hostname or "", "").lower()
    return bool(_OFFICE_PATH.match(parts.path)) or any(host == store or host.endswith(f".{store}") for store in _STORES)


def unwrap_link(link: str) -> str:
    """The link inside the wrappers of Microsoft and Proofpoint, or the link itself."""
    for _ in range(_DEEPEST):
        inner = safely(lambda at=link: _inside(at), "")  # type: ignore[misc]
        if not inner:
            return link
        link = inner
    return link


def _inside(link: str) -> str:
    parts = urlsplit(link)
    host = (parts.hostname or "").lower()
    if not any(host == wrapper or host.endswith(f".{wrapper}") for wrapper in _WRAPPERS):
        return ""
    third = _V3.search(link)
    if third:
        return unquote(third["link"])
    values = parse_qs(parts.query)
    if "url" in values:
        return values["url"][0]
    # The second version writes "-" for "%" and "_" for "/".
    return unquote(values["u"][0].replace("-", "%").replace("_", "/")) if "u" in values else ""


def _links(text: str) -> Iterator[str]:
    return (match[0].rstrip(").,;") for match in islice(_LINK.finditer(text), _MOST))
