"""The Word file: the same bytes twice, open to everybody, harmless whatever was written into it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csp_workflow.report.check import find_problems
from csp_workflow.report.contents import compile_contents
from csp_workflow.report.word import build_document
from tests.house import make_base
from tests.report.paper_told import BASE, eight, facts, submission, told

CHARNWOOD = "E22000165"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def paper(*, draft: bool = True, text: str = "Two schools joined.") -> bytes:
    mine = submission("charnwood", told("T1", text))
    made = facts(*eight("M11", CHARNWOOD, *range(900, 908)), submissions={"charnwood": mine})
    return build_document(compile_contents(made, draft=draft), base=BASE)


def texts(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def test_the_same_contents_give_the_same_bytes() -> None:
    assert paper() == paper()


def test_the_committed_base_is_what_its_script_makes() -> None:
    made, kept = (zipfile.ZipFile(io.BytesIO(data)) for data in (make_base.make_base(), BASE))
    assert made.namelist() == kept.namelist()
    assert all(made.read(name) == kept.read(name) for name in kept.namelist())


def test_a_draft_says_so_on_every_page_and_the_circulation_copy_does_not() -> None:
    assert "DRAFT" in texts(paper())
    assert find_problems(paper()) == ("There is the word DRAFT in the header.",)
    assert find_problems(paper(draft=False)) == ()


def changed(pattern: str, put: str, *, part: str = "word/document.xml") -> bytes:
    """The copy that circulates, with something in one of its parts replaced once."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(copy())) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name).decode("utf-8", "surrogateescape")
            data = re.sub(pattern, put, data, count=1) if name == part else data
            new.writestr(name, data.encode("utf-8", "surrogateescape"))
    return out.getvalue()


@cache
def copy() -> bytes:
    return paper(draft=False)


@pytest.mark.parametrize(
    ("pattern", "put", "problem"),
    [
        ("<w:body>", '<w:body><w:ins w:id="1"/>', "tracked changes; accept or reject them first."),
        (">none<", "><", "empty cells."),
        ("Heading1", "Heading2", "There are 0 main headings; there must be one."),
        ("<w:body>", '<w:body><docPr xmlns="{w}" id="9"/>', "1 pictures or charts have no alternative text."),
        ("<w:tblHeader ?/>", "", "Table 1 has no marked header row."),
        ("<w:tcPr>", '<w:tcPr><w:gridSpan w:val="2"/>', "Table 1 has merged cells."),
        ('w:val="Heading2"', 'w:val="Heading3"', "A heading of level 3 follows one of level 1."),
    ],
)
def test_the_check_finds_what_must_not_circulate(pattern: str, put: str, problem: str) -> None:
    found = find_problems(changed(pattern, put.replace("{w}", W.strip("{}"))))
    assert any(one.endswith(problem) for one in found), found


@pytest.mark.parametrize("part", ["header", "footer"])
@pytest.mark.parametrize("mark", ["DRAFT", "{{ date }}", "[[marking]]"])
def test_a_mark_of_ours_that_was_left_at_the_head_or_the_foot_is_found(part: str, mark: str) -> None:
    put = f'</w:pPr><w:r><w:t xmlns:w="{W.strip("{}")}">{mark}</w:t></w:r>'
    (problem,) = find_problems(changed("</w:pPr>", put, part=f"word/{part}1.xml"))
    assert problem.startswith("There is ")
    assert problem.endswith(f" in the {part}.")


HARMLESS = (
    "DRAFT", "{{ words }}", "[[note]]", "[insert]", "TBC", "{ PAGE }", "<w:ins/>", "{% if %}", "Heading1", " \u200b ",
    "w" * 5_000, "\u202eeht", "Error! Reference source not found.", "a\u2029b\u2028c", "\U0001f600", "_xD800__x000D_",
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(st.one_of(st.sampled_from(HARMLESS), st.text(max_size=60)), min_size=1, max_size=12).map("\n".join))
def test_nothing_that_a_partnership_wrote_can_block_a_paper(text: str) -> None:
    assert find_problems(paper(draft=False, text=text)) == ()


def test_the_check_wants_a_title_a_language_and_no_comments() -> None:
    bare = changed("<dc:title>[^<]*</dc:title>", "", part="docProps/core.xml")
    assert find_problems(bare) == ("The document's properties have no title.",)
    out = io.BytesIO(copy())
    with zipfile.ZipFile(out, "a") as book:
        book.writestr("word/comments.xml", f'<w:comments xmlns:w="{W.strip("{}")}"/>')
    assert find_problems(out.getvalue()) == ("The file holds comments; delete them first.",)


def test_what_is_no_word_file_is_said_to_be_none() -> None:
    assert find_problems(b"PK nonsense") == ("The file is no Word document that can be opened.",)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("xl/workbook.xml", "<x/>")
    assert find_problems(out.getvalue()) == ("The file is no Word document.",)


def test_without_a_base_no_paper_is_built() -> None:
    with pytest.raises(ValueError, match="templates/reports holds no Word file"):
        build_document(compile_contents(facts()), base=b"")


def test_tables_are_marked_up_for_everybody() -> None:
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(paper())) as book:
        document = etree.fromstring(book.read("word/document.xml"))
    tables = list(document.iter(f"{W}tbl"))
    assert len(tables) >= 6
    for one in tables:
        assert one.find(f"{W}tblPr/{W}tblCaption") is not None
        assert one.find(f"{W}tblPr/{W}tblDescription") is not None
        assert one.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None
        widths = [int(c.get(f"{W}w")) for c in one.iter(f"{W}gridCol")]
        assert sum(widths) in {9638, 14570}


def test_numbers_run_through_all_headings_by_one_style() -> None:
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(paper())) as book:
        numbering = etree.fromstring(book.read("word/numbering.xml"))
        document = etree.fromstring(book.read("word/document.xml"))
    levels = [e.get(f"{W}val") for e in numbering.iter(f"{W}pStyle")]
    assert levels.count("Numberedparagraph") == 1
    assert not list(document.iter(f"{W}numPr")), "a paragraph numbered by hand would restart the run"


def test_an_audit_of_the_format_finds_nothing(tmp_path: Path) -> None:
    from openxml_audit import OpenXmlValidator

    (tmp_path / "paper.docx").write_bytes(paper())
    found = OpenXmlValidator().validate(str(tmp_path / "paper.docx"))
    assert found.is_valid, [str(error) for error in found.errors[:5]]


@settings(max_examples=40)
@given(st.text(max_size=200))
def test_whatever_is_written_is_harmless(text: str) -> None:
    data = paper(text=text + " </w:t><w:p> {{ 7*7 }} =cmd()")
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        document = book.read("word/document.xml").decode()
    assert "&lt;/w:t&gt;&lt;w:p&gt; {{ 7*7 }} =cmd()" in document


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
