"""The words of a message: HTML as plain text, and the new part of an answer without what it quotes."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from csp_workflow.intake.headers import safely

LONGEST = 200_000
"""Characters of a body that are looked at; a letter is a few thousand."""

_LONGEST_ANSWER = 20_000
_BLOCKS = {"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr", "blockquote", "pre"}
_UNREAD = {"style", "script", "head", "title"}
_LINK = re.compile(r"https?://[^\s\"'<>]{0,500}(?:sharepoint\.com|1drv\.ms|onedrive\.live|docs\.google|drive\.google)", re.I)
_TAG = re.compile(r"<[^<>]{0,500}>")
_SPACES = re.compile(r"[^\S\n]+")

_WROTE = re.compile(r"^\s*(?:>\s*)?On\b.{0,200}\bwrote:\s*$", re.IGNORECASE)
_ORIGINAL = re.compile(r"^\s*-{2,}\s*(?:Original Message|Forwarded message|Original Appointment)\s*-{2,}", re.IGNORECASE)
_RULE = re.compile(r"^\s*_{20,}\s*$")
_FROM = re.compile(r"^\s*\**From:\**\s*\S", re.IGNORECASE)
_HEADER = re.compile(r"^\s*\**(?:Sent|Date|To|Subject|Cc):", re.IGNORECASE)
_BANNER = re.compile(
    r"^\s*[\W_]*(?:caution|external (?:e-?mail|sender|message)|\[?external\]|warning: (?:this|external)"
    r"|this (?:e-?mail|message) (?:came|originated|was sent) from outside|you don't often get)",
    re.IGNORECASE,
)


class _Plain(HTMLParser):
    """Collects what a reader sees; what stands inside a quotation becomes lines that begin with "> "."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unread = 0
        self.quotes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, a quotation, or something unread."""
        values = {name: value or "" for name, value in attrs}
        if tag in _UNREAD:
            self.unread += 1
        if tag in _BLOCKS:
            self.parts.append("\n")
        if tag == "blockquote" or (tag == "div" and ("gmail_quote" in values.get("class", "") or self.quotes)):
            self.quotes.append(tag)
        if tag == "a" and _LINK.match(values.get("href", "")):
            self.parts.append(f" {values['href'][:600]} ")

    def handle_endtag(self, tag: str) -> None:
        """End a line, a quotation, or something unread."""
        if tag in _UNREAD:
            self.unread = max(self.unread - 1, 0)
        if self.quotes and self.quotes[-1] == tag:
            self.quotes.pop()
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        if self.unread:
            return
        text = _SPACES.sub(" ", data.replace("\n", " "))
        if self.quotes and text.strip():
            text = f"\n> {text.strip()}\n"
        self.parts.append(text)


def from_html(html: str) -> str:
    """HTML as plain text. Malformed HTML loses its tags and keeps its words."""
    html = html[:LONGEST]

    def parsed() -> str:
        reader = _Plain()
        reader.feed(html)
        reader.close()
        return "".join(reader.parts)

    # An unclosed comment is looked for again at every "<!": quadratic on hostile input.
    simple = html.count("<!") < 200 and html.count("<?") < 200
    return tidy(safely(parsed, _TAG.sub(" ", html)) if simple else _TAG.sub(" ", html))


def tidy(text: str) -> str:
    """Plain line ends, no trailing space, never more than one empty line together."""
    text = text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()


def answer_in(text: str) -> str:
    """The new part of a body, without what it quotes, an organisation's banner above it, or a signature.

    An answer written below the quotation is found too.
    """
    lines = tidy(text).split("\n")
    end = next((at for at in range(len(lines)) if _begins_quotation(lines, at)), len(lines))
    above = _without_banner([line for line in lines[:end] if not line.lstrip().startswith(">")])
    if not above and any(line.lstrip().startswith(">") for line in lines[end:]):
        above = _below(lines[end:])
    return _latest_reply("\n".join(above).strip())


def first_line(answer: str) -> str:
    """The first line with words in it, or ""."""
    return next((line.strip() for line in answer.split("\n") if line.strip()), "")


def _begins_quotation(lines: list[str], at: int) -> bool:
    line = lines[at]
    if _WROTE.match(line) or _ORIGINAL.match(line) or _RULE.match(line):
        return True
    following = lines[at + 1] if at + 1 < len(lines) else ""
    if line.lstrip().lower().startswith("on ") and _WROTE.match(f"{line} {following.strip()}"):
        return True
    return bool(_FROM.match(line)) and any(_HEADER.match(below) for below in lines[at + 1 : at + 4])


def _below(lines: list[str]) -> list[str]:
    """What a person wrote under the quotation: the lines after the last quoted one."""
    last = max(at for at, line in enumerate(lines) if line.lstrip().startswith(">"))
    return lines[last + 1 :]


def _without_banner(lines: list[str]) -> list[str]:
    """A gateway's warning stands above the answer as a paragraph of its own."""
    while lines and not lines[0].strip():
        lines = lines[1:]
    if lines and _BANNER.match(lines[0]):
        end = next((at for at, line in enumerate(lines) if not line.strip()), len(lines))
        return _without_banner(lines[end:])
    return lines


def _latest_reply(text: str) -> str:
    if not text or len(text) > _LONGEST_ANSWER:
        return text[:_LONGEST_ANSWER]

    def parsed() -> str:
        from mailparser_reply import EmailReplyParser

        return str(EmailReplyParser(languages=["en"]).parse_reply(text) or "").strip()

    # A short answer above a long disclaimer is sometimes taken for a signature whole; then our own cut stands.
    return safely(parsed, text) or text
