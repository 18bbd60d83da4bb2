"""A Word file that came back: what is refused, what circulates of it, and what LibreOffice leaves of an edit."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from csp_workflow.report.blocks import Heading, Landscape, Numbered
from csp_workflow.report.check import find_problems
from csp_workflow.report.edits.copying import make_copy, strip_notes, take_out_emptied
from csp_workflow.report.edits.keeping import Edit, Placed, find_edits, put_edits
from csp_workflow.report.edits.notes import Note, add_notes
from csp_workflow.report.edits.opening import REFUSALS, read_refusal, vet_paper
from csp_workflow.report.edits.telling import list_notes, tell_words
from csp_workflow.report.reading_back import restore_marks
from csp_workflow.report.word.package import W, pack_parts, parse_part, unpack_parts, write_part
from csp_workflow.terms.service import JobEnd
from tests.report.edited_told import added, edited, find_paragraph, make_run, read_lines, retyped
from tests.report.test_edits import BEFORE, NOW, paper, quarter

AT = datetime(2014, 11, 20, 9, tzinfo=UTC)


def with_part(name: str, data: bytes) -> bytes:
    return pack_parts({**unpack_parts(BEFORE), name: data})


def with_element(name: str, **attributes: str) -> bytes:
    """The paper with an element in its first paragraph."""

    def add(body: object) -> None:
        made = etree.Element(f"{W}{name}", {f"{W}{key}": value for key, value in attributes.items()})
        find_paragraph(body, "Burglary rose").append(made)

    return edited(BEFORE, add)


def with_field(instruction: str) -> bytes:
    def add(body: object) -> None:
        run = make_run("")
        etree.SubElement(run, f"{W}instrText").text = instruction
        find_paragraph(body, "Burglary rose").append(run)

    return edited(BEFORE, add)


def with_link(kind: str) -> bytes:
    """The paper with a relationship to something outside."""
    name = "word/_rels/document.xml.rels"
    root = parse_part(unpack_parts(BEFORE)[name])
    of = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    more = {"Id": "rIdX", "Type": f"{of}/{kind}", "Target": "http://elsewhere.example/", "TargetMode": "External"}
    etree.SubElement(root, f"{{{root.nsmap[None]}}}Relationship", more)
    return with_part(name, write_part(root))


COMMENTS = f'<w:comments xmlns:w="{W[1:-1]}"><w:comment w:id="1" w:author="{{}}"/></w:comments>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "kind"),
        (b"%PDF-1.4", "kind"),
        (b"{\\rtf1 old}", "old"),
        (BEFORE[: len(BEFORE) // 2], "damaged"),
        (with_part("word/document.xml", b"<w:document>"), "damaged"),
        (with_part("word/document.xml", b'<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>'), "hostile"),
        (with_part("word/vbaProject.bin", b"x"), "macros"),
        (with_part("word/activeX/activeX1.xml", b"<x/>"), "macros"),
        (with_part("word/embeddings/oleObject1.bin", b"x"), "embedded"),
        (with_part("word/comments.xml", COMMENTS.format("Somebody").encode()), "comments"),
        (with_part("word/header9.xml", f'<w:hdr xmlns:w="{W[1:-1]}"><w:ins/></w:hdr>'.encode()), "tracked"),
        (with_part("word/x.xml", b'<x xmlns="http://purl.oclc.org/ooxml/wordprocessingml/main"/>'), "strict"),
        (with_element("ins"), "tracked"),
        (with_element("moveFrom"), "tracked"),
        (with_element("rPrChange"), "tracked"),
        (with_element("altChunk"), "embedded"),
        (with_element("fldSimple", instr="INCLUDETEXT x"), "links"),
        (with_field(" DDEAUTO c:\\x "), "links"),
        (with_link("attachedTemplate"), "links"),
        (with_link("image"), "links"),
    ],
)
def test_what_may_not_go_on_is_refused_for_its_reason(data: bytes, reason: str) -> None:
    assert vet_paper(data) == {"refused": reason}
    assert read_refusal(vet_paper(data)) == REFUSALS[reason]


@pytest.mark.parametrize(
    "data",
    [
        BEFORE,
        with_link("hyperlink"),
        with_field(" REF x "),
        with_part("word/comments.xml", COMMENTS.format("csp-workflow").encode()),
    ],
)
def test_what_may_go_on_passes(data: bytes) -> None:
    assert not read_refusal(vet_paper(data))


@pytest.mark.parametrize("reply", [None, JobEnd.TIME, "nonsense", {"refused": "a new reason"}])
def test_a_reply_without_sense_is_our_own_failure(reply: object) -> None:
    assert read_refusal(reply) == REFUSALS["ours"]


def test_the_copy_is_exactly_the_draft_without_our_comments_and_marked_as_it_goes() -> None:
    noted = add_notes(BEFORE, [Note(place="words story/1", text="Look here."), Note(place="gone", text="Nowhere.")], AT)
    assert noted == add_notes(BEFORE, [Note(place="words story/1", text="Look here.")], AT)
    comments = unpack_parts(noted)["word/comments.xml"].decode()
    assert 'w:author="csp-workflow"' in comments
    assert 'w:date="2014-11-20T09:00:00Z"' in comments
    assert "DRAFT" in "".join(find_problems(noted))
    copy = make_copy(noted, clean())
    assert read_lines(copy) == read_lines(BEFORE)
    assert not [name for name in unpack_parts(copy) if "comments" in name]
    assert not [one for one in find_problems(copy) if "DRAFT" in one or "comment" in one]
    assert strip_notes(BEFORE) == BEFORE


def clean() -> bytes:
    """A paper with no marking at all."""
    parts = unpack_parts(BEFORE)
    for name in [one for one in parts if one.startswith(("word/header", "word/footer"))]:
        parts[name] = f'<w:hdr xmlns:w="{W[1:-1]}"><w:p/></w:hdr>'.encode()
    return pack_parts(parts)


def test_what_is_kept_is_said_with_its_place_and_a_changed_number_with_what_the_store_has() -> None:
    edits = find_edits(BEFORE, retyped(retyped(BEFORE, "Burglary rose", "Burglary rose to 146."), "12", "13"))
    told = tell_words(put_edits(NOW, edits))
    assert told.numbers == (
        "\u201cBurglary rose to 146.\u201d: was printed 164, is in your file 146, stands in the store 170.",
        "\u201c13\u201d: was printed 12, is in your file 13, stands in the store 12.",
    )
    assert told.overtaken == (("Burglary rose to 146.", "Burglary rose to 170."),)
    assert told.kept[0] == "\u201cBurglary rose to 146.\u201d in place of \u201cBurglary rose to 164.\u201d."
    others = (Edit(text="x" * 200, before="b", beside="Begins", lacks=True), Edit(place="p", was="Gone."))
    said = tell_words(Placed(file=b"", taken=tuple((edit, edit.was) for edit in others), unplaced=others[:1]))
    assert said.kept[0].startswith("Added before \u201cBegins\u201d: \u201cx")
    assert said.kept[0].endswith("A picture cannot be kept in later drafts.")
    assert said.kept[1] == "Taken out: \u201cGone.\u201d"
    assert said.unplaced == ("x" * 200,)


def test_comments_show_where_numbers_changed_and_her_words_are_overtaken() -> None:
    hers = find_edits(BEFORE, retyped(BEFORE, "More people came", "Many more came."))
    later = quarter(170, explained="Fewer people came. No explanation was given.")
    notes = list_notes(BEFORE, put_edits(later, hers), None)
    assert [note.text for note in notes if note.place == "words story/1"] == ["Was 164 in draft 0."]
    assert [note.text for note in notes if note.place.startswith("words words/")] == [
        "Your words stand here; the draft would say now: Charnwood. Fewer people came. No explanation was given."
    ]
    assert not list_notes(b"", Placed(file=BEFORE), None)
    explained = list_notes(b"", Placed(file=later), None)
    assert [note.text for note in explained] == ["The partnership gave no explanation. You may ask it."]


@pytest.mark.needs_libreoffice
def test_an_edit_in_libreoffice_goes_through_the_next_draft(tmp_path: Path) -> None:
    """It is saved as ODT and back, which drops tags and descriptions; between the two a sentence is changed."""
    (tmp_path / "draft.docx").write_bytes(BEFORE)
    convert(tmp_path, "draft.docx", "odt")
    change_odt(tmp_path / "draft.odt", "More people came.", "Far more people came.")
    convert(tmp_path, "draft.odt", "docx")
    back = restore_marks((tmp_path / "draft.docx").read_bytes(), BEFORE)
    edits = find_edits(BEFORE, back)
    assert [(edit.was, edit.text) for edit in edits] == [
        ("Charnwood. More people came.", "Charnwood. Far more people came.")
    ]
    lines = read_lines(put_edits(NOW, edits).file)
    assert "Charnwood. Far more people came." in lines
    assert "Burglary rose to 170." in lines


def convert(folder: Path, name: str, to: str) -> None:
    profile = f"-env:UserInstallation=file://{folder}/profile"
    soffice = shutil.which("soffice")
    assert soffice, "LibreOffice is needed here"
    call = [soffice, profile, "--headless", "--convert-to", to, "--outdir", str(folder), str(folder / name)]
    subprocess.run(call, check=True, capture_output=True, timeout=180)


def change_odt(file: Path, old: str, new: str) -> None:
    import zipfile

    with zipfile.ZipFile(file) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    assert old.encode() in parts["content.xml"]
    parts["content.xml"] = parts["content.xml"].replace(old.encode(), new.encode())
    with zipfile.ZipFile(file, "w") as book:
        for name, data in parts.items():
            book.writestr(name, data)


def test_a_control_that_word_shows_as_emptied_is_taken_out() -> None:
    def empty(body: object) -> None:
        control = find_paragraph(body, "Burglary rose").getparent().getparent()
        etree.SubElement(control.find(f"{W}sdtPr"), f"{W}showingPlcHdr")
        for text in control.iter(f"{W}t"):
            text.text = "Click or tap here to enter text."

    hers = edited(BEFORE, empty)
    (edit,) = find_edits(BEFORE, hers)
    assert (edit.was, edit.text) == ("Burglary rose to 164.", "")
    assert not [line for line in read_lines(take_out_emptied(hers)) if "Click or tap" in line]
    assert take_out_emptied(BEFORE) == BEFORE


def drop_names(body: Any) -> None:
    """What programs do that know neither content controls nor bookmarks."""
    for control in list(body.iter(f"{W}sdt")):
        for child in list(control.find(f"{W}sdtContent")):
            control.addprevious(child)
        control.getparent().remove(control)
    for mark in list(body.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd")):
        mark.getparent().remove(mark)


def test_words_of_which_a_program_kept_no_name_are_ours_and_hers_are_found() -> None:
    assert not find_edits(BEFORE, restore_marks(edited(BEFORE, drop_names), BEFORE))
    hers = edited(retyped(BEFORE, "Burglary rose", "Burglary rose to 164, they say."), drop_names)
    (edit,) = find_edits(BEFORE, restore_marks(hers, BEFORE))
    assert (edit.place, edit.text) == ("words story/1", "Burglary rose to 164, they say.")
    hers = edited(added(retyped(BEFORE, "More people", "The Office says so."), "The Office", "And adds."), drop_names)
    anew, more = find_edits(BEFORE, restore_marks(hers, BEFORE))
    assert (anew.place, anew.text) == ("words words/charnwood/S1", "The Office says so.")
    assert (more.after, more.text) == (anew.place, "And adds.")


def test_a_control_that_goes_on_into_the_next_section_ends_with_its_own() -> None:
    ours = paper(Numbered(text="The last words.", key="last"), Landscape(), Heading(text="An appendix"))

    def swallow(body: Any) -> None:
        last, heading = find_paragraph(body, "last words"), find_paragraph(body, "An appendix")
        end = next(body.iter(f"{W}sectPr"))
        emptied = end.getparent().getparent()
        last.find(f"{W}pPr").append(end)
        emptied.getparent().remove(emptied)
        last.getparent().append(heading)

    assert find_edits(ours, edited(ours, swallow))
    assert not find_edits(ours, restore_marks(edited(ours, swallow), ours))
