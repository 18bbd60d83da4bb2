"""The check of a Word file: what must not circulate is said in a sentence, with where it is and what to do."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csp_workflow.report.check import find_base_problems, find_problems
from csp_workflow.report.contents import compile_contents
from csp_workflow.report.word.document import build_document
from csp_workflow.report.word.markup import STYLES
from csp_workflow.report.word.package import forget_people, pack_parts, unpack_parts
from tests.report.every_block import every_block
from tests.report.paper_told import BASE, facts, submission, told

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BODY, STYLED, CORE = "word/document.xml", "word/styles.xml", "docProps/core.xml"
RELATED = "word/_rels/document.xml.rels"


@cache
def copy() -> bytes:
    """A paper as it would circulate."""
    return build_document(every_block(draft=False, marking="", illustrative=False), base=BASE)


def changed(
    pattern: str, put: str, *, part: str = BODY, data: bytes = b"", more: dict[str, str] | None = None
) -> bytes:
    """The copy that circulates, with something in one of its parts replaced once, and parts beside."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data or copy())) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            inside = old.read(name)
            if name == part:
                text, count = re.subn(pattern, put, inside.decode(), count=1, flags=re.DOTALL)
                assert count, "the pattern is in the part"
                inside = text.encode()
            new.writestr(name, inside)
        for name, text in (more or {}).items():
            new.writestr(name, text)
    return out.getvalue()


def test_what_we_write_has_no_problem_and_nor_has_the_base() -> None:
    assert find_problems(copy()) == ()
    assert find_problems(BASE) == ()
    assert find_base_problems(BASE) == ()


@pytest.mark.parametrize(
    ("pattern", "put", "problem"),
    [
        (
            "<w:r>(<w:t[^>]*>Half is)",
            r'<w:ins w:id="1"/><w:r>\1',
            'changes, the first in the paragraph that begins "Safer neighbourhoods. Half is in Loughbo"; accept or',
        ),
        ("<w:r>(<w:t[^>]*>Half is)", r"<w:r><w:rPr><w:vanish/></w:rPr>\1", "hidden text in the paragraph that begins"),
        (">None<|>Blaby<", "><", 'Table 3 (after "Table 3: Every figure") has 1 empty cells: write what is missing'),
        (
            "Heading1",
            "Heading2",
            "There are 0 main headings; there must be one: give the title, and nothing else, Head",
        ),
        (
            ' descr="[^"]*"',
            "",
            '1 pictures or charts have no alternative text, the first after "Figure 1: Violence with injury in Charn',
        ),
        (
            '<wp:docPr id="\\d+"(.*?)<wp:docPr id="\\d+"',
            r'<wp:docPr id="1"\1<wp:docPr id="1"',
            "have the same number, one ",
        ),
        (
            "<w:tblHeader ?/>",
            "",
            'Table 1 (after "Table 1: Two changes in the year to September 2014") has no marked h',
        ),
        ("<w:tcPr>", '<w:tcPr><w:gridSpan w:val="2"/>', "has merged cells: split them, and repeat what they say."),
        (
            'w:val="Heading2"',
            'w:val="Heading3"',
            'level 1 in the paragraph that begins "What the Board is asked to do";',
        ),
        ("<w:r>(<w:t[^>]*>Half is)", r'<w:r><w:rPr><w:color w:val="999999"/></w:rPr>\1', "Text is too pale to be read"),
    ],
)
def test_the_check_finds_what_must_not_circulate(pattern: str, put: str, problem: str) -> None:
    found = find_problems(changed(pattern, put))
    assert any(problem in one for one in found), found
    assert all(one.endswith(".") for one in found)


@pytest.mark.parametrize(
    ("part", "pattern", "put", "problem"),
    [
        (CORE, "<dc:title>[^<]*</dc:title>", "", "The document's properties have no title; write it under File, Info"),
        (CORE, "<dc:language>[^<]*</dc:language>", "", "The document's properties have no language; write it under"),
        (CORE, "<dc:creator>", "<dc:creator>A. Name", "The file names its author, A. Name: take it out under File"),
        (CORE, "<cp:lastModifiedBy>", "<cp:lastModifiedBy>B", "The file names who saved it last, B: take it out under"),
        (
            STYLED,
            'w:lang w:val="en-GB"',
            'w:lang w:val="en-US"',
            "The language of the text is en-US, not en-GB: choose",
        ),
        (STYLED, "<w:lang [^>]*>", "", "The language of the text is none, not en-GB: choose English (United Kingdom)"),
        (
            STYLED,
            "505A5F",
            "8A9296",
            'The style "Board name" prints text too pale to be read by everybody; choose a dar',
        ),
        (STYLED, '<w:color w:val="505A5F"/>', "<w:vanish/>", 'The style "Board name" hides its text; untick Hidden in'),
        (
            RELATED,
            "</Relationships>",
            '<Relationship Id="z" Type="x/attachedTemplate"/></Relationships>',
            "names the temp",
        ),
        (
            RELATED,
            "</Relationships>",
            '<Relationship Id="z" Type="x/image" TargetMode="External"/></Relationships>',
            "A picture or chart is only linked to; put it into the file itself",
        ),
    ],
)
def test_properties_looks_and_leftovers_are_checked(part: str, pattern: str, put: str, problem: str) -> None:
    found = find_problems(changed(pattern, put, part=part))
    assert any(problem in one for one in found), found


def test_what_is_switched_off_or_black_or_a_link_is_no_problem() -> None:
    plain = changed("<w:r>(<w:t[^>]*>Half is)", r'<w:r><w:rPr><w:vanish w:val="0"/><w:color w:val="auto"/></w:rPr>\1')
    assert find_problems(plain) == ()
    linked = '<Relationship Id="z" Type="x/hyperlink" TargetMode="External"/></Relationships>'
    assert find_problems(changed("</Relationships>", linked, part=RELATED)) == ()


def test_comments_and_people_are_found() -> None:
    comment = f'<w:comments xmlns:w="{W}"><w:comment w:id="1" w:author="A. Name"/></w:comments>'
    found = find_problems(changed("", "", more={"word/comments.xml": comment, "word/people.xml": "<people/>"}))
    assert found[0].startswith("The file holds comments (by A. Name); delete them first")
    assert found[1].startswith("The file names who commented on it or changed it")
    nobodys = find_problems(changed("", "", more={"word/comments.xml": f'<w:comments xmlns:w="{W}"/>'}))
    assert nobodys[0].startswith("The file holds comments; delete them first")


def test_a_picture_at_the_beginning_is_named_so() -> None:
    drawing = '<w:p><w:ins w:id="4"/><d:docPr xmlns:d="d" id="77"/></w:p>'
    found = find_problems(changed("(<w:body[^>]*>).*?(?=<w:p>)", rf"\1{drawing}"))
    assert "the first in a paragraph without text; accept" in found[0]
    assert "the first at the beginning; right-click" in found[1]


@pytest.mark.parametrize("name", STYLES)
def test_a_base_without_a_style_is_told_which(name: str) -> None:
    ident = name.replace(" ", "")
    lacking = changed(f'<w:style [^>]*w:styleId="{ident}">.*?</w:style>', "", part=STYLED, data=BASE)
    sentence = f'The style "{name}" is missing, and papers print in it: copy it from base.docx of a new site.'
    assert sentence in find_problems(lacking)
    assert find_base_problems(lacking) == (sentence,)


def test_what_is_no_word_file_is_said_to_be_none() -> None:
    for check in (find_problems, find_base_problems):
        assert check(b"PK nonsense") == ("The file is no Word document that can be opened.",)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as book:
            book.writestr("xl/workbook.xml", "<x/>")
        assert check(out.getvalue()) == ("The file is no Word document.",)
        with zipfile.ZipFile(out, "w") as book:
            book.writestr("word/document.xml", "<w:p")
            book.writestr("word/styles.xml", "<w:p")
        assert check(out.getvalue()) == ("The file is no Word document that can be opened.",)


def test_a_file_without_styles_lacks_all_of_them() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("word/document.xml", f'<w:document xmlns:w="{W}"/>')
    assert len(find_base_problems(out.getvalue())) == len(STYLES)
    assert find_problems(out.getvalue())[0].startswith("There are 0 main headings")


NOTES = f'<w:footnotes xmlns:w="{W}"><w:footnote><w:p><w:r>%s<w:t>A note.</w:t></w:r></w:p></w:footnote></w:footnotes>'


@pytest.mark.parametrize("tag", ["ins", "rPrChange", "tblPrChange", "cellDel"])
def test_tracked_changes_are_found_of_every_kind_and_wherever_they_stand(tag: str) -> None:
    found = find_problems(changed("</w:pPr>", f'<w:{tag} xmlns:w="{W}"/></w:pPr>', part="word/header1.xml"))
    assert found[0].startswith("The file holds tracked changes, the first in a paragraph"), found
    found = find_problems(changed("", "", more={"word/footnotes.xml": NOTES % f"<w:{tag}/>"}))
    assert 'the first in the paragraph that begins "A note."' in found[0]


def test_hidden_and_pale_text_is_found_in_the_notes_too() -> None:
    hidden = find_problems(changed("", "", more={"word/footnotes.xml": NOTES % "<w:rPr><w:vanish/></w:rPr>"}))
    assert 'hidden text in the paragraph that begins "A note."' in hidden[0]
    pale = '<w:rPr><w:color w:val="CCCCCC"/></w:rPr>'
    assert "too pale" in find_problems(changed("", "", more={"word/footnotes.xml": NOTES % pale}))[0]


OWN = (
    '<Properties xmlns="x"><property name="MSIP_Label_1_Owner"><lpwstr>a.name@opcc.example</lpwstr></property>'
    '<property name="Reference"><lpwstr>C 12</lpwstr></property></Properties>'
)
MADE = '<Properties xmlns="x"><Manager>A. Name</Manager><Company>The Office</Company></Properties>'


def named_everywhere() -> bytes:
    """The copy with somebody's name in its own properties, and in those of the workbook behind a chart."""
    parts = unpack_parts(copy())
    book = next(name for name in parts if name.endswith(".xlsx"))
    inside = unpack_parts(parts[book], "xl/workbook.xml")
    inside[CORE] = re.sub(rb"<dc:creator ?/?>(</dc:creator>)?", b"<dc:creator>B. Name</dc:creator>", inside[CORE])
    more = {"docProps/custom.xml": OWN.encode(), "docProps/app.xml": MADE.encode(), book: pack_parts(inside)}
    return pack_parts({**parts, **more})


def test_whoever_is_named_in_any_property_is_found_and_taken_out() -> None:
    found = find_problems(named_everywhere())
    assert {one.partition(":")[0] for one in found} == {
        "The file names MSIP_Label_1_Owner, a.name@opcc.example",
        "The file names a manager, A. Name",
        "The file names its author (behind a chart), B. Name",
    }
    parts = unpack_parts(named_everywhere())
    forget_people(parts)
    assert not find_problems(pack_parts(parts))
    assert b"C 12" in parts["docProps/custom.xml"]
    assert b"The Office" in parts["docProps/app.xml"]
    again = dict(parts)
    forget_people(again)
    assert again == parts


def test_what_is_behind_a_chart_may_be_no_workbook() -> None:
    parts = unpack_parts(copy())
    book = next(name for name in parts if name.endswith(".xlsx"))
    assert not find_problems(pack_parts({**parts, book: b"nothing"}))
    assert find_problems(changed("", "", more={"docProps/custom.xml": "<x"}))[0].startswith("The file is no Word docum")


def test_a_paper_takes_nobody_s_name_from_its_base() -> None:
    parts = unpack_parts(BASE)
    base = pack_parts({**parts, "docProps/app.xml": MADE.encode(), "docProps/custom.xml": OWN.encode()})
    assert not find_problems(build_document(every_block(draft=False, marking="", illustrative=False), base=base))


@pytest.mark.parametrize("order", ['Type="x/hyperlink" Target="{}"', 'Target="{}" Type="x/hyperlink"'])
@pytest.mark.parametrize("where", ["file:///C:/Users/name/plan.docx", "\\\\\\\\server\\\\share\\\\plan.docx"])
def test_a_link_to_somebody_s_own_drive_is_found(order: str, where: str) -> None:
    linked = f'<Relationship Id="z" {order.format(where)} TargetMode="External"/></Relationships>'
    (problem,) = find_problems(changed("</Relationships>", linked, part=RELATED))
    assert problem.startswith("A link leads to a file on somebody's own machine")


@pytest.mark.parametrize("part", ["header", "footer"])
@pytest.mark.parametrize("mark", ["DRAFT", "{{ date }}", "[[marking]]"])
def test_a_mark_of_ours_that_was_left_at_the_head_or_the_foot_is_found(part: str, mark: str) -> None:
    put = f'</w:pPr><w:r><w:t xmlns:w="{W}">{mark}</w:t></w:r>'
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
    made = facts(submissions={"charnwood": submission("charnwood", told("T1", text))})
    assert find_problems(build_document(compile_contents(made, draft=False), base=BASE)) == ()
