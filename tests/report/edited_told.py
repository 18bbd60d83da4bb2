"""A paper as somebody edits it in Word: its document part is changed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from csp_workflow.report.word.package import W, pack_parts, parse_part, unpack_parts

PART = "word/document.xml"


def edited(data: bytes, change: Callable[[Any], object], part: str = PART) -> bytes:
    """The file with its body (or another part's root) changed."""
    parts = unpack_parts(data)
    root = parse_part(parts[part])
    change(root.find(f"{W}body") if part == PART else root)
    return pack_parts({**parts, part: etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)})


def find_paragraph(body: Any, words: str) -> Any:
    return next(p for p in body.iter(f"{W}p") if words in "".join(p.itertext(f"{W}t")))


def write_over(paragraph: Any, text: str) -> None:
    """Somebody types over the whole of a paragraph: its first run is all that is left."""
    runs = [one for one in paragraph if one.tag != f"{W}pPr"]
    for run in runs:
        paragraph.remove(run)
    paragraph.append(make_run(text))


def make_run(text: str) -> Any:
    run = etree.Element(f"{W}r")
    etree.SubElement(run, f"{W}t").text = text
    return run


def make_paragraph(text: str) -> Any:
    paragraph = etree.Element(f"{W}p")
    paragraph.append(make_run(text))
    return paragraph


def retyped(data: bytes, words: str, text: str) -> bytes:
    """The paragraph that has some words, typed anew."""
    return edited(data, lambda body: write_over(find_paragraph(body, words), text))


def added(data: bytes, after: str, *texts: str) -> bytes:
    """Paragraphs put in behind the one that has some words."""

    def add(body: Any) -> None:
        place = find_paragraph(body, after)
        holder = place.getparent().getparent() if place.getparent().tag == f"{W}sdtContent" else place
        for text in reversed(texts):
            holder.addnext(make_paragraph(text))

    return edited(data, add)


def noted(data: bytes, words: str, text: str, kind: str = "footnote", number: str = "2") -> bytes:
    """A note put to the paragraph that has some words, as Word writes one."""
    note = etree.Element(f"{W}{kind}", {f"{W}id": number})
    note.append(make_paragraph(f" {text}"))
    etree.SubElement(note[0][0], f"{W}{kind}Ref")

    def refer(body: Any) -> None:
        run = etree.SubElement(find_paragraph(body, words), f"{W}r")
        etree.SubElement(run, f"{W}{kind}Reference", {f"{W}id": number})

    parts, name = unpack_parts(edited(data, refer)), f"word/{kind}s.xml"
    root = parse_part(parts.get(name, f'<w:{kind}s xmlns:w="{W[1:-1]}"/>'.encode()))
    root.append(note)
    return pack_parts({**parts, name: etree.tostring(root)})


def removed(data: bytes, words: str) -> bytes:
    def remove(body: Any) -> None:
        paragraph = find_paragraph(body, words)
        paragraph.getparent().remove(paragraph)

    return edited(data, remove)


def read_lines(data: bytes) -> list[str]:
    """Every paragraph of the body, and every row of its tables."""
    body = parse_part(unpack_parts(data)[PART]).find(f"{W}body")
    return [line for child in body for line in _read(child) if line]


def _read(element: Any) -> list[str]:
    if element.tag == f"{W}sdt":
        return [line for child in element.find(f"{W}sdtContent") for line in _read(child)]
    if element.tag == f"{W}tbl":
        return [
            " | ".join("".join(cell.itertext(f"{W}t")) for cell in row.iter(f"{W}tc")) for row in element.iter(f"{W}tr")
        ]
    return ["".join(element.itertext(f"{W}t"))]


def settle(data: bytes, *, accept: bool) -> bytes:
    """The file as it is when somebody accepts, or rejects, all tracked changes."""
    gone, kept = ("del", "ins") if accept else ("ins", "del")

    def decide(body: Any) -> None:
        for row in [
            one.getparent().getparent() for one in body.iter(f"{W}{gone}") if one.getparent().tag == f"{W}trPr"
        ]:
            row.getparent().remove(row)
        for table in [one for one in body.iter(f"{W}tbl") if one.find(f"{W}tr") is None]:
            table.getparent().remove(table)
        for mark in list(body.iter(f"{W}{gone}")):
            if mark.getparent().tag == f"{W}rPr":  # the end of a paragraph: it goes, with what is left of it
                paragraph = mark.getparent().getparent().getparent()
                if not [one for one in paragraph.iter(f"{W}{kept}") if one.getparent().tag == f"{W}p"]:
                    paragraph.getparent().remove(paragraph)
            elif mark.getparent() is not None:
                mark.getparent().remove(mark)
        for text in body.iter(f"{W}delText"):
            text.tag = f"{W}t"

    return edited(data, decide)
