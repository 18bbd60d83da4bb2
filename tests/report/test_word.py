"""The Word file: the same bytes twice, open to everybody, harmless whatever was written into it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from csp_workflow.report.blocks import (
    Block,
    GroupChart,
    Heading,
    Landscape,
    Lettered,
    Lines,
    NewPage,
    Numbered,
    Plain,
    Run,
    Table,
)
from csp_workflow.report.check import find_problems
from csp_workflow.report.contents import compile_contents
from csp_workflow.report.word.document import build_document
from csp_workflow.report.word.package import unpack_parts
from csp_workflow.report.word.tables import measure_word, share_width
from tests.report.every_block import AREAS, every_block, group_chart, series_chart
from tests.report.paper_told import BASE, eight, facts, submission, told

CHARNWOOD = "E22000165"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def paper(*, draft: bool = True, text: str = "Two schools joined.") -> bytes:
    mine = submission("charnwood", told("T1", text))
    made = facts(*eight("M11", CHARNWOOD, *range(900, 908)), submissions={"charnwood": mine})
    return build_document(compile_contents(made, draft=draft), base=BASE)


def texts(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def test_the_same_contents_give_the_same_bytes() -> None:
    assert paper() == paper()
    assert every() == build_document(every_block(), base=BASE)


def test_a_draft_says_so_on_every_page_and_the_circulation_copy_does_not() -> None:
    assert "DRAFT" in texts(paper())
    assert find_problems(paper()) == ("There is the word DRAFT in the header.",)
    assert find_problems(paper(draft=False)) == ()


def test_without_a_base_no_paper_is_built() -> None:
    with pytest.raises(ValueError, match="templates/reports holds no Word file"):
        build_document(compile_contents(facts()), base=b"")


@cache
def every() -> bytes:
    """A paper of every block."""
    return build_document(every_block(), base=BASE)


def part(data: bytes, name: str = "word/document.xml") -> Any:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return etree.fromstring(book.read(name))


def built(*blocks: Block, **others: object) -> bytes:
    return build_document(every_block(blocks=blocks, **others), base=BASE)


def printed(data: bytes) -> list[tuple[str, str]]:
    """Each paragraph's style and text, with what its fields show."""
    found = []
    for one in part(data).iter(f"{W}p"):
        style = one.find(f"{W}pPr/{W}pStyle")
        found.append((style.get(f"{W}val"), "".join(one.itertext(f"{W}t"))))
    return found


def test_on_a_base_that_is_written_otherwise_no_paper_is_built() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BASE)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            inside = old.read(name)
            odd = inside.replace(b"w:", b"x:").replace(b"xmlns:w=", b"xmlns:x=")
            new.writestr(name, odd if name == "word/document.xml" else inside)
    with pytest.raises(ValueError, match="none that papers can be built on"):
        build_document(every_block(), base=out.getvalue())


def test_tables_are_marked_up_for_everybody() -> None:
    tables = list(part(every()).iter(f"{W}tbl"))
    assert len(tables) == 3
    for one in tables:
        assert one.find(f"{W}tblPr/{W}tblCaption") is not None
        assert one.find(f"{W}tblPr/{W}tblDescription") is not None
        assert one.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in one.iter(f"{W}tr"))
        assert not list(one.iter(f"{W}gridSpan", f"{W}vMerge"))
        assert all("".join(cell.itertext(f"{W}t")).strip() for cell in one.iter(f"{W}tc"))
        widths = [int(c.get(f"{W}w")) for c in one.iter(f"{W}gridCol")]
        assert sum(widths) in {9638, 14570}
    heavy = [place for place, row in enumerate(tables[2].iter(f"{W}tr")) if list(row.iter(f"{W}tcBorders"))]
    assert heavy == [10, 19], "a heavier rule stands above the rows that ruled names, below the header"


def test_what_looks_apart_does_so_by_style_alone() -> None:
    look = {f"{W}{name}" for name in ("b", "i", "color", "sz", "rFonts", "u", "jc", "ind", "spacing", "pBdr")}
    for name in ("word/document.xml", "word/header1.xml", "word/footer1.xml"):
        assert not [one.tag for one in part(every(), name).iter() if one.tag in look]
    styles = {one.get(f"{W}styleId") for one in part(BASE, "word/styles.xml").iter(f"{W}style")}
    named = {one.get(f"{W}val") for one in part(every()).iter(f"{W}pStyle", f"{W}rStyle", f"{W}tblStyle")}
    assert named <= styles
    assert {"Strong", "Quiet", "Quoted", "Note"} <= named


def test_no_paragraph_is_blank() -> None:
    blank = (Plain(text=" \n "), Numbered(text=""), Numbered(text=(Run(text=" "),)), Plain(text="", lead=""))
    texts = printed(built(*blank, Heading(text="Words"), Plain(text="One\n\n\u2029\ntwo")))
    assert [text for _, text in texts[2:]] == ["Words", "One", "two"]
    others = {style for style, text in printed(every()) if not text}
    assert others == {"Chart", "Sectionend"}, "a chart's own; and a section cannot end in a table"


def test_tables_and_figures_are_numbered_and_referred_to_by_their_numbers() -> None:
    texts = [text for _, text in printed(every())]
    assert "Table 2: Preventing offending" in texts
    assert "Figure 2: Violence with injury per 1,000 residents, year to September 2014" in texts
    assert any(text.endswith("no more change than usual (Table 1 and Figure 1).") for text in texts)
    assert "decide on \u00a34,000 for advice in Charnwood (paragraph 5);" in texts
    document = part(every())
    asked = {"".join(one.itertext()).split()[1] for one in document.iter(f"{W}instrText") if "REF" in one.text}
    assert len(asked) == 3
    assert asked <= {one.get(f"{W}name") for one in document.iter(f"{W}bookmarkStart")}
    assert not list(document.iter(f"{W}dirty")), "a field to be renewed makes Word ask a question"


@pytest.mark.parametrize("key", ["", "a key"])
def test_what_is_referred_to_is_marked_with_its_text(key: str) -> None:
    """A reference to a mark with nothing in it is an error when Word renews it."""
    document = part(built(Numbered(text="Here.", anchor="here", key=key), Numbered(text=(Run(to="here"),))))
    marked = next(one for one in document.iter(f"{W}bookmarkStart") if one.get(f"{W}name").startswith("ref_here"))
    inside = list(marked.itersiblings())
    end = next(place for place, one in enumerate(inside) if one.get(f"{W}id") == marked.get(f"{W}id"))
    assert "".join(text for one in inside[:end] for text in one.itertext()) == "Here."


def test_what_refers_to_nothing_or_to_two_is_a_fault() -> None:
    with pytest.raises(ValueError, match="refers to 'nowhere'"):
        built(Numbered(text=(Run(to="nowhere"),)))
    with pytest.raises(ValueError, match="Two parts of the paper have the anchor 'here'"):
        built(Numbered(text="One", anchor="here"), Numbered(text="Two", anchor="here"))


def test_numbers_run_through_all_headings_by_one_style_and_letters_begin_again() -> None:
    numbering = part(every(), "word/numbering.xml")
    levels = [e.get(f"{W}val") for e in numbering.find(f"{W}abstractNum").iter(f"{W}pStyle")]
    assert levels == ["Numberedparagraph", "Lettereditem"], "a level begins again below each of the one above"
    assert not list(part(every()).iter(f"{W}numPr")), "a paragraph numbered by hand would restart the run"


def test_a_new_page_and_pages_on_their_side_need_no_paragraph_of_their_own() -> None:
    document = part(every())
    breaking = [one for one in document.iter(f"{W}p") if one.find(f"{W}pPr/{W}pageBreakBefore") is not None]
    assert ["".join(one.itertext(f"{W}t")) for one in breaking] == ["Appendix A: the Plan"]
    sizes = [one.get(f"{W}orient") for one in document.iter(f"{W}pgSz")]
    assert sizes == [None, "landscape"]
    after_words = built(Numbered(text="Last upright"), NewPage(), Landscape(), Heading(text="On its side"))
    assert [text for _, text in printed(after_words)][2:] == ["Last upright", "On its side"]


def test_head_and_foot_say_what_paper_it_is_and_that_it_is_made_up() -> None:
    head, foot = ("".join(part(every(), f"word/{name}1.xml").itertext(f"{W}t")) for name in ("header", "footer"))
    assert head.startswith("ILLUSTRATIVE: made-up figures")
    assert head.endswith("DRAFT - not for publication before Thursday 27 November 2014")
    assert foot == "Strategic Partnership Executive Board, 4 December 2014. Draft 1, 20 November 2014Page 1 of 1"
    plain = built(Numbered(text="One"), draft=False, marking="", illustrative=False, version="")
    assert not "".join(part(plain, "word/header1.xml").itertext(f"{W}t"))


def test_what_a_secretariat_puts_into_the_base_stays() -> None:
    """A logo's place, its own line at the head, a first page of its own, other margins."""
    document = docx.Document(io.BytesIO(BASE))
    section = document.sections[0]
    section.left_margin = section.right_margin = docx.shared.Cm(3)
    section.different_first_page_header_footer = True
    section.header.paragraphs[0].text = "A county's own line"
    section.first_page_header.paragraphs[0].text = "A logo"
    out = io.BytesIO()
    document.save(out)
    data = build_document(every_block(), base=out.getvalue())
    made = docx.Document(io.BytesIO(data))
    for section in made.sections:
        assert section.header.paragraphs[0].text == "A county's own line"
        assert section.first_page_header.paragraphs[0].text == "A logo"
        assert section.first_page_header.paragraphs[-1].text.startswith("DRAFT")
    assert (
        sum(int(one.get(f"{W}w")) for one in next(part(data).iter(f"{W}tbl")).iter(f"{W}gridCol")) == 11906 - 2 * 1701
    )


def test_an_audit_of_the_format_finds_nothing(tmp_path: Path) -> None:
    from openxml_audit import OpenXmlValidator

    for name, data in (("paper", every()), ("base", BASE)):
        file = tmp_path / f"{name}.docx"
        file.write_bytes(data)
        found = OpenXmlValidator().validate(str(file))
        assert found.is_valid, [str(error) for error in found.errors[:5]]


@pytest.mark.parametrize("weights", [(1, 1, 1, 30), (21, 22, 23, 34), (1, 1, 1, 1)])
def test_no_word_is_broken_in_a_table(weights: tuple[int, ...]) -> None:
    """Whatever the weights say, the longest word of a column fits, in the bold letters that it may stand in."""
    row = ("Leicestershire, Oadby", "Violence with injury", "comparisons / year", "1,234,567")
    headers = ("Neighbourhoods", "Confidentiality", "Rehabilitation", "Year")
    table = Table(caption="c", description="d", headers=headers, rows=(row,) * 3, weights=weights)
    found = part(built(table))
    widths = [int(one.get(f"{W}w")) for one in next(found.iter(f"{W}tbl")).iter(f"{W}gridCol")]
    assert sum(widths) == 9638
    for words, width in zip(zip(headers, row, strict=True), widths, strict=True):
        longest = max(measure_word(word) for text in words for word in text.split())
        assert longest * 10 * 20 / 1000 <= width - 170, words


@pytest.mark.parametrize(
    ("pattern", "put"), [('(<w:style [^>]*"Tabletext".*?)<w:sz [^>]*/>', r"\1"), ('"Tabletext"', '"T"')]
)
def test_a_base_with_larger_table_text_gets_wider_columns(pattern: str, put: str) -> None:
    """Text of a table that has no size of its own is as large as all text."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BASE)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            inside = old.read(name).decode()
            new.writestr(name, re.sub(pattern, put, inside, flags=re.DOTALL) if name == "word/styles.xml" else inside)
    table = Table(caption="c", description="d", headers=("Leicestershire", "x"), rows=(), weights=(1, 99))
    wide, narrow = (
        int(next(part(build_document(every_block(blocks=(table,)), base=base)).iter(f"{W}gridCol")).get(f"{W}w"))
        for base in (out.getvalue(), BASE)
    )
    assert wide > narrow * 1.15


@given(
    st.integers(2_000, 15_000),
    st.lists(st.tuples(st.integers(1, 100), st.integers(0, 3_000)), min_size=1, max_size=12),
)
def test_a_width_is_shared_out_whole(width: int, columns: list[tuple[int, int]]) -> None:
    weights, needed = (tuple(one) for one in zip(*columns, strict=True))
    shared = share_width(width, weights, needed)
    assert sum(shared) == width
    if sum(needed) <= width:
        assert all(own >= need - 1 for own, need in zip(shared, needed, strict=True))


def chart(data: bytes, number: int = 1) -> tuple[Any, Any]:
    """A chart's markup and the sheet that it is edited by."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        xml = etree.fromstring(book.read(f"word/charts/paperchart{number}.xml"))
        inside = openpyxl.load_workbook(io.BytesIO(book.read(f"word/embeddings/paperdata{number}.xlsx")))
    return xml, inside["Data"]


def test_a_chart_and_its_workbook_say_nothing_of_when_they_were_drawn() -> None:
    contents = every_block()
    later = replace(contents, as_at=contents.as_at + timedelta(days=1))
    one, other = (unpack_parts(build_document(each, base=BASE)) for each in (contents, later))
    drawn = [name for name in one if name.startswith(("word/charts/", "word/embeddings/"))]
    assert len(drawn) > 2
    assert [name for name in drawn if one[name] != other[name]] == []
    assert one["docProps/core.xml"] != other["docProps/core.xml"]


def values(xml: Any, place: int) -> dict[int, str]:
    series = next(one for one in xml.iter(f"{C}ser") if one.find(f"{C}order").get("val") == str(place))
    return {int(pt.get("idx")): pt.findtext(f"{C}v") for pt in series.find(f"{C}val").iter(f"{C}pt")}


def test_a_series_is_drawn_from_the_numbers_in_its_workbook() -> None:
    xml, sheet = chart(every())
    assert [cell.value for cell in sheet[1]] == [None, "Usual range, lower end", "Usual range", "Average",
                                                 "Recorded in the quarter"]  # fmt: skip
    own = {row - 2: str(cell.value) for row, cell in enumerate(sheet["E"][1:], start=2) if cell.value is not None}
    assert values(xml, 3) == own
    assert 4 not in own, "what is not there is in neither"
    assert [one.get("val") for one in xml.iter(f"{C}min")] == ["0"]
    diamonds = [one for one in xml.iter(f"{C}dPt") if next(one.iter(f"{C}symbol")).get("val") == "diamond"]
    assert len(diamonds) == 2
    assert len(list(xml.iter(f"{C}dLbl"))) == 3


def test_areas_lie_in_rows_when_they_are_many_or_their_names_are_long() -> None:
    def kind(one: GroupChart) -> str:
        return "rows" if list(chart(built(one))[0].iter(f"{C}scatterChart")) else "columns"

    assert kind(group_chart(("Blaby", "Melton", "Rutland"))) == "columns"
    assert kind(group_chart(AREAS)) == "rows", "Leicestershire would be broken"
    assert kind(group_chart(tuple("ABCDEFGHIJK"))) == "rows"


@pytest.mark.parametrize("areas", [("Blaby", "Charnwood", "H", "I", "J", "Melton"), AREAS])
def test_a_group_chart_holds_no_value_that_is_not_there(areas: tuple[str, ...]) -> None:
    xml, sheet = chart(built(group_chart(areas)))
    step = 1 if len(areas) == 6 else 3
    place = 2 + 5 * step
    assert sheet[f"A{place}"].value == "Melton"
    assert [sheet[f"{letter}{place}"].value for letter in "BDE"] == [None] * 3
    order, where = ("3", "val") if step == 1 else ("2", "xVal")
    series = next(one for one in xml.iter(f"{C}ser") if one.find(f"{C}order").get("val") == order)
    points = {int(pt.get("idx")) for pt in series.find(f"{C}{where}").iter(f"{C}pt")}
    assert points == {step * place for place, area in enumerate(areas) if area != "Melton"}


def test_a_range_from_below_zero_begins_at_zero() -> None:
    xml, _ = chart(built(series_chart(low=Decimal("-3.5"), high=Decimal(10))))
    assert set(values(xml, 0).values()) == {"0"}
    assert set(values(xml, 1).values()) == {"10"}


def test_every_number_that_a_file_names_by_is_its_own() -> None:
    document = part(every())
    drawings = [one.get("id") for one in document.iter() if str(one.tag).endswith("}docPr")]
    marks = [one.get(f"{W}id") for one in document.iter(f"{W}bookmarkStart")]
    names = [one.get(f"{W}name").lower() for one in document.iter(f"{W}bookmarkStart")]
    for found in (drawings, marks, names):
        assert len(found) == len(set(found)) > 2


HOSTILE = (
    "</w:t><w:p/> & <b> \"'{{7*7}} [[x]] =cmd|' /C calc'!A0 \u202egnp.exe\u2069 \u2029 a\tb\tc \x00\x0b\ud800 "
    "\U0001f600 _x000D_ _xD800_ \ufffe ]]> <!-- \x92 "
)


def written_everywhere(text: str) -> bytes:
    """A paper with a text in every place that takes one."""
    blocks = (
        Heading(text=text),
        Numbered(text=text, anchor=text, key=text),
        Lettered(text=(Run(text=text, strong=True, figure=text), Run(to=text)), key=text),
        Plain(text=text, lead=text, quoted=True, about=(text, text)),
        Lines(lines=(text, text)),
        Table(caption=text, description=text, headers=(text, text), rows=((text, (Run(text=text),)),), weights=(1, 1),
              bulleted=(0,), note=text, anchor="table"),
        series_chart(caption=text, description=text, name=text, categories=(text,) * 12, note=text, anchor="chart"),
        *(group_chart((text,) * many, caption=text, description=text, note=text) for many in (3, 12)),
    )  # fmt: skip
    return built(*blocks, board=text, title=text * 9, marking=text, version=text)


@settings(max_examples=25)
@given(st.text(max_size=200))
@example(HOSTILE)
def test_whatever_is_written_is_harmless(text: str) -> None:
    data = written_everywhere(text + " </w:t><w:p> {{ 7*7 }} =cmd()")
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        for name in book.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(book.read(name))
        document = book.read("word/document.xml").decode()
    assert "&lt;/w:t&gt;&lt;w:p&gt; {{ 7*7 }} =cmd()" in document
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u2028\u2029]", document), "nothing turns a text round"


def test_an_audit_of_hostile_words_finds_nothing(tmp_path: Path) -> None:
    from openxml_audit import OpenXmlValidator

    (tmp_path / "paper.docx").write_bytes(written_everywhere(HOSTILE))
    found = OpenXmlValidator().validate(str(tmp_path / "paper.docx"))
    assert found.is_valid, [str(error) for error in found.errors[:5]]


def test_thirty_pages_of_words_are_printed_whole() -> None:
    words = "word " * 400
    texts = printed(built(Plain(text=f"{words}\n" * 30 + "x" * 100_000, quoted=True, about=("blaby", "T1"))))
    assert [text for style, text in texts if style == "Quoted"] == [words.strip()] * 30 + ["x" * 100_000]


def test_a_lone_surrogate_and_controls_are_shown_not_fatal() -> None:
    assert "\ufffd" in texts(paper(text="a\x01b\ud800c_x000D_d"))


@pytest.mark.needs_libreoffice
def test_libreoffice_lays_it_out(tmp_path: Path) -> None:
    (tmp_path / "paper.docx").write_bytes(paper())
    soffice = shutil.which("soffice")
    assert soffice, "LibreOffice is needed here"
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [
        soffice,
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "paper.docx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")
