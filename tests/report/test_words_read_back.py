"""A paper that was edited and came back: words and figures are found again, and what a program dropped is put back."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csp_workflow.report.blocks import Lettered, Numbered, Plain, Run
from csp_workflow.report.check import find_problems
from csp_workflow.report.reading_back import read_figures, read_marks, restore_marks
from csp_workflow.report.word.document import build_document
from csp_workflow.report.word.markup import clean_for_word, split_paragraphs
from csp_workflow.report.word.package import LARGEST
from tests.report.every_block import every_block
from tests.report.paper_told import BASE

WORDS = "words/charnwood/T1"
BODY = "word/document.xml"


@cache
def draft() -> bytes:
    return build_document(every_block(), base=BASE)


def edited(change: Callable[[str], str], *, part: str = BODY, without: str = "$^", data: bytes = b"") -> bytes:
    """A paper with one of its parts changed, or some left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data or draft())) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if not re.search(without, name):
                inside = old.read(name)
                new.writestr(name, change(inside.decode()).encode() if name == part else inside)
    return out.getvalue()


def dropped(xml: str) -> str:
    """What LibreOffice drops: tags, captions and descriptions of tables, alternative texts."""
    xml = re.sub(r"<w:tag [^>]*/>|<w:tblCaption [^>]*/>|<w:tblDescription [^>]*/>", "", xml)
    return re.sub(r' descr="[^"]*"', "", xml)


def test_words_are_found_by_their_key() -> None:
    found = read_marks(draft())
    assert found["asked/1"] == "agree that three areas bring one plan to it in March;"
    assert found["summary/1"].endswith("(Table 1 and Figure 1).")
    assert (
        found[WORDS]
        == "Safer neighbourhoods. Half is in Loughborough on student nights.\nStreet pastors start in January."
    )
    assert list(found) == ["asked/1", "summary/1", WORDS, "charnwood/asks"]


def test_figures_are_found_with_what_is_printed() -> None:
    found = read_figures(edited(lambda xml: xml.replace(">1,082<", ">1,083<")))
    assert [(key, text) for _, key, text in found] == [
        ("comparisons/unchanged", "83"),
        ("M05/force/2014-15-Q2", "846"),
        ("M11/E07000130/2014-15-Q2", "1,083"),
    ]
    assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,39}", name) for name, _, _ in found)


def test_what_is_printed_twice_is_marked_twice() -> None:
    once = Run(text="12", figure="a figure's key")
    blocks = (
        Numbered(text=(once,), key="k"),
        Lettered(text=(once,), key="k"),
        Plain(text="Ours", quoted=True, about=("blaby", "T" * 80)),
    )
    data = build_document(every_block(blocks=blocks), base=BASE)
    assert [(key, text) for _, key, text in read_figures(data)] == [("a figure's key", "12")] * 2
    assert len({name for name, _, _ in read_figures(data)}) == 2
    assert read_marks(data) == {"k": "12", "k#2": "12", f"words/blaby/{'T' * 80}": "Ours"}


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=120))
def test_words_are_read_as_they_were_printed(text: str) -> None:
    blocks = (Plain(text=text, quoted=True, about=("charnwood", "T1")), Numbered(text=f"a{text}b", key="k"))
    found = read_marks(build_document(every_block(blocks=blocks), base=BASE))
    assert found[WORDS] == "\n".join(split_paragraphs(text)) or not split_paragraphs(text)
    assert found["k"].split("\n")[0] == clean_for_word(f"a{text}b").split("\n")[0]


@pytest.mark.parametrize("change", [str, dropped], ids=["tags", "bookmarks alone"])
def test_what_she_writes_is_read(change: Callable[[str], str]) -> None:
    def write(xml: str) -> str:
        xml = xml.replace("Street pastors", "<w:tab/>").replace("student nights.", "student nights, mostly.")
        deleted = '<w:del w:id="9"><w:r><w:delText>Gone</w:delText><w:t>Gone</w:t></w:r></w:del>'
        more = '<w:ins w:id="8"><w:r><w:t> And more.</w:t><w:br/><w:t>Below</w:t></w:r></w:ins>'
        at = xml.index("Charnwood asks for")
        end = xml.index("</w:p>", at)
        return xml[:end] + deleted + more + xml[end:]

    found = read_marks(edited(lambda xml: change(write(xml))))
    assert found[WORDS].startswith("Safer neighbourhoods. Half is in Loughborough on student nights, mostly.\n")
    assert found["charnwood/asks"] == "Charnwood asks for \u00a34,000. And more.\nBelow"


def test_words_that_were_joined_into_one_paragraph_are_told_apart() -> None:
    blocks = (Numbered(text="First.", key="one"), Numbered(text="Second.", key="two"))
    data = build_document(every_block(blocks=blocks), base=BASE)

    def join(xml: str) -> str:
        xml = re.sub(r"</?w:sdt>|<w:sdtPr>.*?</w:sdtPr>|</?w:sdtContent>", "", xml)
        return re.sub(r"(First\..*?)</w:p><w:p><w:pPr>.*?</w:pPr>(.*?Second)", r"\1\2", xml)

    assert read_marks(edited(join, data=data)) == {"one": "First.", "two": "Second."}


def test_marks_that_stand_between_paragraphs_belong_to_those_they_hold() -> None:
    """Word puts the ends of a bookmark there when whole paragraphs are moved."""

    def lift(xml: str) -> str:
        xml = re.sub(r"</?w:sdt>|<w:sdtPr>.*?</w:sdtPr>|</?w:sdtContent>", "", xml)
        start = re.search('<w:bookmarkStart [^>]*name="words_charnwood_asks[^>]*>', xml)
        ident = re.search('w:id="[0-9]+"', start[0])[0]
        xml = xml.replace(start[0], "")
        at = xml.rindex("<w:p>", 0, xml.index("Charnwood asks for"))
        xml = xml[:at] + start[0] + xml[at:]
        end = f"<w:bookmarkEnd {ident}/>"
        return xml.replace(f"{end}</w:p>", f"</w:p>{end}")

    assert read_marks(edited(lift))["charnwood/asks"] == "Charnwood asks for \u00a34,000."


def test_words_that_were_taken_out_are_not_found() -> None:
    gone = edited(lambda xml: re.sub(r"<w:sdt>(?:(?!</w:sdt>).)*Charnwood asks.*?</w:sdt>", "", xml))
    assert set(read_marks(draft())) - set(read_marks(gone)) == {"charnwood/asks"}
    assert set(read_marks(restore_marks(gone, draft()))) == set(read_marks(gone))


@pytest.mark.parametrize("without", ["$^", "customXml"])
def test_what_a_program_dropped_is_put_back(without: str) -> None:
    bare = edited(dropped, without=without)
    assert find_problems(bare)
    whole = restore_marks(bare, draft())
    assert read_marks(whole) == read_marks(draft())
    assert read_figures(whole) == read_figures(draft())
    before, after = (xml_of(data) for data in (draft(), whole))
    for pattern in ("<w:tag [^>]*>", "<w:tblCaption [^>]*>", "<w:tblDescription [^>]*>", 'descr="[^"]*"'):
        assert len(re.findall(pattern, after)) == len(re.findall(pattern, before)) > 2
    assert restore_marks(whole, draft()) == whole


def test_a_control_that_was_taken_away_stands_again() -> None:
    bare = edited(lambda xml: re.sub(r"</?w:sdt>|<w:sdtPr>.*?</w:sdtPr>|</?w:sdtContent>", "", xml))
    whole = restore_marks(bare, draft())
    assert len(re.findall("<w:sdt>", xml_of(whole))) == 4
    assert read_marks(edited(lambda xml: re.sub("<w:bookmarkStart [^>]*>", "", xml), data=whole)) == read_marks(draft())


def test_what_she_changed_stays_and_her_name_does_not() -> None:
    def change(xml: str) -> str:
        return xml.replace("Each measure and area with five quarters.", "Her description.")

    mine = edited(
        lambda xml: xml.replace("<cp:lastModifiedBy>", "<cp:lastModifiedBy>A name"),
        part="docProps/core.xml",
        data=edited(change),
    )
    whole = restore_marks(mine, draft())
    assert "Her description." in xml_of(whole)
    assert b"A name" in zipfile.ZipFile(io.BytesIO(mine)).read("docProps/core.xml")
    assert b"A name" not in zipfile.ZipFile(io.BytesIO(whole)).read("docProps/core.xml")


def test_a_chart_whose_numbers_are_the_same_is_ours_again() -> None:
    name = "word/charts/paperchart1.xml"
    looks = edited(lambda xml: xml.replace("CBD5E1", "FF0000"), part=name)
    assert xml_of(restore_marks(looks, draft()), name) == xml_of(draft(), name), "to the letter"
    numbers = edited(lambda xml: xml.replace("<c:v>306</c:v>", "<c:v>307</c:v>"), part=name)
    assert "<c:v>307</c:v>" in xml_of(restore_marks(numbers, draft()), name)


def test_a_table_or_chart_that_became_another_thing_is_left_alone() -> None:
    plain = edited(lambda xml: re.sub("<w:drawing>.*?</w:drawing>", "<w:t>See the figure.</w:t>", xml, count=1))
    assert xml_of(restore_marks(plain, draft())).count("See the figure.") == 1
    for without in ("charts/_rels", "charts/paperchart1.xml", "word/_rels", "docProps/core.xml"):
        loose = edited(lambda xml: xml, without=without)
        assert read_marks(restore_marks(loose, draft())) == read_marks(draft())
    bare = edited(lambda xml: re.sub("<w:sdtPr>.*?</w:sdtPr>", "", xml))
    assert read_marks(restore_marks(bare, draft())) == read_marks(draft())


def test_what_is_no_word_file_is_refused() -> None:
    broken = bytearray(draft())
    at = draft().index(b"word/document.xml") + 60
    broken[at : at + 40] = b"\xff" * 40
    for data in (b"", b"PK", edited(lambda _: "<w:document"), bytes(broken)):
        with pytest.raises(ValueError, match="no Word document"):
            read_marks(data)


def test_a_file_too_large_for_a_paper_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(BODY, b" " * (LARGEST + 1))
    with pytest.raises(ValueError, match="too large"):
        read_figures(out.getvalue())


def xml_of(data: bytes, name: str = BODY) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return book.read(name).decode()


@pytest.mark.needs_libreoffice
def test_words_figures_and_marks_come_back_from_libreoffice(tmp_path: Path) -> None:
    mine = edited(lambda xml: xml.replace("Street pastors", "Our street pastors"))
    (tmp_path / "paper.docx").write_bytes(mine)
    soffice = shutil.which("soffice")
    assert soffice, "LibreOffice is needed here"
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    convert = ["--headless", "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(tmp_path / "out")]
    subprocess.run(
        [soffice, profile, *convert, str(tmp_path / "paper.docx")], check=True, capture_output=True, timeout=120
    )
    back = (tmp_path / "out" / "paper.docx").read_bytes()
    assert "w:tag " not in xml_of(back), "what this is for"
    assert "tblCaption" not in xml_of(back)
    assert read_marks(back) == read_marks(mine)
    assert read_figures(back) == read_figures(mine)
    whole = restore_marks(back, draft())
    assert read_marks(whole) == read_marks(mine)
    assert [re.findall(name, xml_of(whole)) for name in ("<w:tag ", "tblCaption", "tblDescription", "descr=")] == [
        re.findall(name, xml_of(draft())) for name in ("<w:tag ", "tblCaption", "tblDescription", "descr=")
    ]
    assert {one for one in find_problems(whole) if "DRAFT" not in one} == set()
