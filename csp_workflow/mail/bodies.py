"""The words of a message: HTML as plain text, the new part of an answer, and the links to shared files in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
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


def html_to_text(html: str) -> str:
    """HTML as plain text in one pass; what stands inside a quotation becomes lines that begin with "> ".

    The standard library's parser is quadratic on unclosed tags (minutes for 200 kB), so this reads tags itself.
    """
    return tidy_lines("".join(_plain_parts(_without_unread(html[:LONGEST]))))


def find_rows(html: str) -> tuple[str, ...]:
    """The rows of tables in the new part of an HTML body that have two cells or more, tabs between the cells."""
    return tuple(filter(None, map(_row, _ROW_ENDS.split(_new_part(html))[:-1])))


def find_links(html: str, new: str) -> tuple[str, ...]:
    """The links to shared files in the new part of an HTML body, and in the new plain words."""
    return tuple(dict.fromkeys((*find_shared_links(unescape(_new_part(html))), *find_shared_links(new))))


def _new_part(html: str) -> str:
    new = _without_unread(html[:LONGEST])
    quoted = _QUOTES_HTML.search(new)
    return new[: quoted.start()] if quoted else new


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


def plain_words(line: str) -> str:
    """A line's words in small letters with single spaces and without punctuation."""
    return re.sub(r"[\W_]+", " ", line).strip().casefold()


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
