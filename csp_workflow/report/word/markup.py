"""Text and runs as Word's markup, styles by name; fields with the result they show, marks by which words are found.

What XML forbids is replaced visibly; what would turn the text beside it round is left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from csp_workflow.report.blocks import Run, Text, plain_text

_FORBIDDEN = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_EXCEL_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LINE_END = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")


_ODD = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u061b\u061d-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd]|_x"
)
"""Whatever may have to be replaced: most texts hold nothing of it, and a paper has a hundred thousand."""


def clean_for_word(text: str) -> str:
    """Line ends as one, Excel's "_x000D_" undone, no marks that turn text round, what XML forbids as U+FFFD."""
    if not _ODD.search(text):
        return text
    text = _EXCEL_ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)
    return _FORBIDDEN.sub("\ufffd", _TURNING.sub("", _LINE_END.sub("\n", text)))


def split_paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of somebody's writing, none of them empty."""
    return tuple(part.strip() for part in clean_for_word(text).split("\n") if part.strip())


def is_blank(text: Text) -> bool:
    """Whether nothing of a text would be seen."""
    runs = () if isinstance(text, str) else text
    return not clean_for_word(plain_text(text)).strip() and not any(run.to for run in runs)


def write_content(text: str) -> str:
    """A text as an element's content."""
    return escape(clean_for_word(text))


def write_attribute(text: str) -> str:
    """A text as an attribute's value, with its quotation marks."""
    return quoteattr(clean_for_word(text))


def write_run(text: str, style: str = "") -> str:
    """Text in a character style; a line end becomes a line break, and lines that are empty are left out."""
    look = f'<w:rPr><w:rStyle w:val="{style_id(style)}"/></w:rPr>' if style else ""
    lines = re.sub("\\n[ \t\n]*\\n", "\n", clean_for_word(text)).split("\n")
    return f"<w:r>{look}{'<w:br/>'.join(map(_write_line, lines))}</w:r>"


def _write_line(line: str) -> str:
    return "<w:tab/>".join(f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in line.split("\t"))


def write_field(instruction: str, result: str, style: str = "") -> str:
    """A field with the result it shows until Word lays the page out."""
    look = f'<w:rPr><w:rStyle w:val="{style_id(style)}"/></w:rPr>' if style else ""
    return (
        f'<w:r>{look}<w:fldChar w:fldCharType="begin"/></w:r><w:r>{look}<w:instrText xml:space="preserve"> '
        f'{instruction} </w:instrText></w:r><w:r>{look}<w:fldChar w:fldCharType="separate"/></w:r><w:r>{look}'
        f'<w:t>{escape(result)}</w:t></w:r><w:r>{look}<w:fldChar w:fldCharType="end"/></w:r>'
    )


_LONGEST_TAG = 64
"""Word takes no file with a longer tag."""
_GALLERY = '<w:docPartObj><w:docPartGallery w:val="Quick Parts"/></w:docPartObj>'
"""A control of this kind keeps its text whole in LibreOffice, which makes one plain run of any other's."""


def name_mark(kind: str, key: str) -> str:
    """A bookmark's name as Word allows it: a letter, then letters, digits and "_", at most 40 with what follows."""
    slug = re.sub("[^A-Za-z0-9]+", "_", key)[:20].strip("_")
    return f"{kind}_{slug}_{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:8]}"


def name_words(key: str) -> str:
    """The tag of the control around the words of a key."""
    return key if len(key) <= _LONGEST_TAG else name_mark("words", key)


def name_anchor(anchor: str) -> str:
    """The bookmark that a reference to an anchor names."""
    return name_mark("ref", anchor)


STYLES = (
    "Board name", "Heading 1", "Heading 2", "Heading 3", "Numbered paragraph", "Lettered item", "Listed", "Quoted",
    "Officer", "Caption", "Table heading", "Table heading number", "Table text", "Table number", "Table list",
    "Note", "Chart", "Section end", "Marking", "Foot", "Strong", "Quiet", "Paper table",
)  # fmt: skip
"""Every style that a paper is written in, as people see its name."""


def style_id(name: str) -> str:
    """How Word files name the style that people see as "Table text"."""
    return name.replace(" ", "")


class Pen:
    """Writes text for one file: it knows the numbers by anchor, counts ids, and keeps what each mark stands for."""

    def __init__(self, numbers: Mapping[str, str]) -> None:
        self.numbers = numbers
        self.marks: dict[str, tuple[str, str]] = {}
        """What a bookmark marks, by its name: ("figure" or "words", the key)."""
        self.breaks_page = False
        self._ids = 0
        self._seen: dict[str, int] = {}

    def next_id(self) -> int:
        """A number that no bookmark, drawing or control of the file has."""
        self._ids += 1
        return self._ids

    def write_paragraph(self, text: Text, style: str, *, before: str = "", after: str = "") -> str:
        """A paragraph; line ends inside become line breaks. `before` and `after` are markup around its runs."""
        page = "<w:pageBreakBefore/>" if self.breaks_page else ""
        self.breaks_page = False
        head = f'<w:p><w:pPr><w:pStyle w:val="{style_id(style)}"/>{page}</w:pPr>'
        return f"{head}{before}{self.write_runs(text)}{after}</w:p>"

    def write_runs(self, text: Text) -> str:
        """Plain text as one run, or each run with its character style, its reference and its mark."""
        if isinstance(text, str):
            return write_run(text)
        return "".join(map(self._write_run, text))

    def _write_run(self, run: Run) -> str:
        style = "Strong" if run.strong else "Quiet" if run.quiet else ""
        if run.to:
            number = self._find_number(run.to)
            how = r"\n \h" if number.isdigit() else r"\h"
            return write_run(run.text, style) + write_field(f"REF {name_anchor(run.to)} {how}", number, style)
        written = write_run(run.text, style)
        start, end = self._open_bookmark(self._name("figure", run.figure)[0]) if run.figure else ("", "")
        return f"{start}{written}{end}"

    def _find_number(self, anchor: str) -> str:
        if anchor not in self.numbers:
            raise ValueError(f"The paper refers to {anchor!r}, which is not in it.")
        return self.numbers[anchor]

    def open_anchor(self, anchor: str) -> tuple[str, str]:
        """The beginning and the end of a place that can be referred to; nothing for no anchor."""
        return self._open_bookmark(name_anchor(anchor)) if anchor else ("", "")

    def write_words(self, key: str, texts: tuple[Text, ...], style: str, *, anchor: str = "") -> str:
        """Paragraphs that are found again by their key: a tagged control around them, a bookmark through them.

        LibreOffice drops the tag and keeps the bookmark.
        """
        name, key = self._name("words", key)
        (start, end), (from_here, to_here) = self._open_bookmark(name), self.open_anchor(anchor)
        last = len(texts) - 1
        inside = "".join(
            self.write_paragraph(
                text, style, before=(start + from_here) * (not place), after=(to_here + end) * (place == last)
            )
            for place, text in enumerate(texts)
        )
        tag = name_words(key)
        properties = (
            f'<w:sdtPr><w:tag w:val={write_attribute(tag)}/><w:id w:val="{self.next_id()}"/>{_GALLERY}</w:sdtPr>'
        )
        return f"<w:sdt>{properties}<w:sdtContent>{inside}</w:sdtContent></w:sdt>"

    def _open_bookmark(self, name: str) -> tuple[str, str]:
        ident = self.next_id()
        return f'<w:bookmarkStart w:id="{ident}" w:name="{name}"/>', f'<w:bookmarkEnd w:id="{ident}"/>'

    def _name(self, kind: str, key: str) -> tuple[str, str]:
        """A new mark's name, and its key; what is printed twice is marked twice."""
        name = name_mark(kind, key)
        self._seen[name] = count = self._seen.get(name, 0) + 1
        if count > 1:
            name, key = f"{name}_{count}", key if kind == "figure" else f"{key}#{count}"
        self.marks[name] = kind, key
        return name, key
