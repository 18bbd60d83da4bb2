"""A page as a tree, and what is wrong with it for somebody who hears it, has no mouse, or is given it in a mail."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote

_VOID = {"meta", "input", "br", "link", "img", "hr"}
_LANDMARKS = ("header", "main", "footer")


@dataclass(eq=False)
class Node:
    """An element with its attributes, and its children: texts and elements."""

    tag: str
    attributes: Mapping[str, str]
    parent: Node | None = None
    children: list[Node | str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """This element and all below it, in their order."""
        left = [self]
        while left:
            one = left.pop()
            yield one
            left.extend(child for child in reversed(one.children) if isinstance(child, Node))

    def every(self, *tags: str) -> list[Node]:
        """All elements of these kinds."""
        return [one for one in self.walk() if one.tag in tags]

    def find(self, ident: str) -> Node:
        """The element of that id."""
        (found,) = [one for one in self.walk() if one.attributes.get("id") == ident]
        return found

    @property
    def text(self) -> str:
        """What is read in it, on one line."""
        return " ".join(self.raw.split())

    @property
    def raw(self) -> str:
        """Every text in it, as it stands; a line break is one."""
        texts = (
            child if isinstance(child, str) else "\n" if child.tag == "br" else child.raw for child in self.children
        )
        return "".join(texts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Node("", {})
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(node)
        if tag not in _VOID:
            self.at = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.children.append(Node(tag, {name: value or "" for name, value in attrs}, self.at))

    def handle_endtag(self, tag: str) -> None:
        if tag != self.at.tag or self.at.parent is None:
            self.faults.append(f"</{tag}> closes <{self.at.tag}>")
            return
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def read_page(data: bytes) -> Node:
    """A page; every element in it must be closed where it should be."""
    reader = _Reader()
    reader.feed(data.decode("utf-8"))
    reader.close()
    assert reader.faults == []
    assert reader.at is reader.root, f"<{reader.at.tag}> is not closed"
    return reader.root


def read_rows(table: Node) -> list[dict[str, str]]:
    """The lines of a table by the heads of its columns."""
    heads = [head.text for head in table.every("thead")[0].every("th")]
    lines = table.every("tbody")[0].every("tr")
    return [dict(zip(heads, [cell.text for cell in line.every("th", "td")], strict=True)) for line in lines]


def find_faults_of_pages(files: Mapping[str, bytes], beside: Collection[str] = ()) -> list[str]:
    """All that is wrong in some files, each named; links may lead to what is `beside` them too."""
    pages = {name: read_page(data) for name, data in files.items()}
    idents = {
        name: {one.attributes["id"] for one in page.walk() if "id" in one.attributes} for name, page in pages.items()
    }
    found = [f"{name}: {fault}" for name, page in pages.items() for fault in _list_faults(page)]
    for name, page in pages.items():
        for link in page.every("a"):
            file, _, ident = link.attributes["href"].partition("#")
            is_beside = not ident and unquote(file) in beside
            if not is_beside and ident not in idents.get(file or name, ()) and (ident or file not in pages):
                found.append(f"{name}: {link.attributes['href']} leads nowhere")
            if not link.text:
                found.append(f"{name}: a link without words")
    return found


def _list_faults(page: Node) -> Iterator[str]:
    (html,) = page.every("html")
    if html.attributes.get("lang") != "en-GB":
        yield "its language is not said"
    if [len(page.every(tag)) for tag in ("title", "h1", *_LANDMARKS)] != [1] * 5 or not page.every("title")[0].text:
        yield "a title, a first heading or a landmark is lacking, or there twice"
    first = page.every("body")[0].every("a")[0]
    if first.attributes != {"class": "skip", "href": "#main"}:
        yield "the first link does not skip to the content"
    levels = [int(one.tag[1]) for one in page.walk() if re.fullmatch("h[1-6]", one.tag)]
    yield from (f"a heading of level {b} below {a}" for a, b in itertools.pairwise(levels) if b > a + 1)
    yield from ("an empty heading" for one in page.walk() if re.fullmatch("h[1-6]", one.tag) and not one.text)
    counted = Counter(one.attributes["id"] for one in page.walk() if "id" in one.attributes)
    yield from (f"the id {ident} is there {n} times" for ident, n in counted.items() if n > 1)
    yield from _list_faults_of_tables(page)
    yield from _list_faults_of_parts(page)
    yield from _list_faults_of_safety(page)


def _list_faults_of_tables(page: Node) -> Iterator[str]:
    for table in page.every("table"):
        if len(table.every("caption")) != 1 or not table.every("caption")[0].text:
            yield "a table without caption"
        heads = table.every("thead")[0].every("th")
        if any(one.attributes.get("scope") != "col" or not one.text for one in heads):
            yield "a column without head"
        for line in table.every("tbody")[0].every("tr"):
            cells = line.every("th", "td")
            if cells[0].attributes.get("scope") != "row" or len(cells) != len(heads) or not all(c.text for c in cells):
                yield f"a line without head, or with an empty cell: {line.text}"


def _list_faults_of_parts(page: Node) -> Iterator[str]:
    idents = {one.attributes.get("id") for one in page.walk()}
    for one in page.walk():
        named = one.attributes.get("aria-label") or one.attributes.get("aria-labelledby")
        if one.tag in {"nav", "section", "article", "svg", "aside"} and not named:
            yield f"a {one.tag} without a name"
        if one.tag == "svg" and one.attributes.get("role") != "img":
            yield "a chart that is no picture to who hears it"
        if one.tag == "svg":
            beside = one.parent.parent if one.parent else None
            if beside is None or not beside.every("table") or len(beside.every("p")) < 2:
                yield "a chart without its sentence or its table"
        if one.tag in {"input", "select"}:
            labels = [label for label in page.every("label") if label.attributes["for"] == one.attributes["id"]]
            if len(labels) != 1 or not labels[0].text:
                yield "a field without label"
        if lost := set(one.attributes.get("aria-labelledby", "").split()) - idents:
            yield f"a {one.tag} that is named by what is not there: {lost}"


def _list_faults_of_safety(page: Node) -> Iterator[str]:
    policies = [one.attributes for one in page.every("meta") if "http-equiv" in one.attributes]
    allowed = policies[0]["content"].split("; ") if policies else []
    wanted = ["default-src 'none'"]
    for tag, kind in (("style", "style-src"), ("script", "script-src")):
        for one in page.every(tag):
            digest = base64.b64encode(hashlib.sha256(one.raw.encode()).digest()).decode()
            wanted.append(f"{kind} 'sha256-{digest}'")
    if allowed != [*wanted, "base-uri 'none'", "form-action 'none'"]:
        yield f"its policy is {allowed}"
    for one in page.walk():
        for name, value in one.attributes.items():
            if name == "style" or name.startswith("on") or name in {"src", "srcset", "action", "data", "poster"}:
                yield f"<{one.tag} {name}>"
            if ("://" in value or value.startswith(("//", "data:", "javascript:"))) and name != "content":
                yield f"{name} leads out: {value}"
        if one.tag in {"img", "iframe", "object", "embed", "link", "base"}:
            yield f"<{one.tag}>"
