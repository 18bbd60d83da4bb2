"""Every kind of file that is no form: its own reason, and a sentence that says what to do."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from returning import figures_by_key, found, numbered, refused

from csp_workflow.forms.reading import read_workbook
from csp_workflow.forms.refusals import SENTENCES
from csp_workflow.mail.files import sniff_kind
from tests.pathologies.books import with_label
from tests.pathologies.outlook import compound

BEGIN, PASSWORD, END = b"\x09\x08\x10\0" + bytes(16), b"\x2f\0\x36\0" + bytes(54), b"\x0a\0\0\0"


def ole(*names, **streams):
    return compound(dict.fromkeys(names, BEGIN + END) | streams)


def zipped(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def strict():
    """Our own form as Excel's "Strict Open XML": other namespaces."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(numbered()[1])) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(
                name,
                part.replace(b"schemas.openxmlformats.org/spreadsheetml/2006", b"purl.oclc.org/ooxml/spreadsheetml"),
            )
    return out.getvalue()


KINDS = {
    "empty": b"",
    "damaged": b"PK\x03\x04 cut short",
    "password": ole("EncryptionInfo", "EncryptedPackage"),
    "label": with_label(),
    "xls": ole("Workbook"),
    "xlsb": zipped(xl__workbook_dot_bin=b"x"),
    "ods": zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_dot_xml=b"<x/>"),
    "xml": b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    "csv": b"Area code,Ref,This quarter\r\nE07000129,M11,12\r\n",
    "text": b"Please see below\r\nKind regards",
    "link": b"[InternetShortcut]\r\nURL=https://council.example/return.xlsx\r\n",
    "pdf": b"%PDF-1.4\n",
    "word": zipped(word__document_dot_xml=b"<x/>"),
    "powerpoint": zipped(ppt__presentation_dot_xml=b"<x/>"),
    "image": b"\x89PNG\r\n\x1a\n",
    "html": b"\r\n<html><table><tr><td>1</td></tr></table></html>",
    "message": b"From: lead@charnwood.example\r\nSubject: x\r\n\r\nhello",
    "zip": zipped(photo_dot_jpg=b"x"),
    "numbers": zipped(Index__Document_dot_iwa=b"x"),
    "packed": b"7z\xbc\xaf\x27\x1c\x00\x04",
    "unknown": bytes(range(256)) * 4,
}


@pytest.mark.parametrize("reason", KINDS)
def test_a_file_that_is_no_form_is_refused_for_its_own_reason(reason):
    said = refused(KINDS[reason])
    assert said.reason == reason
    assert said.sentence == SENTENCES[reason]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (ole(Workbook=BEGIN + PASSWORD + END), "password"),
        (ole(Book=BEGIN + PASSWORD + END), "password"),
        (ole("Workbook", "\tDRMContent"), "label"),
        (ole("WORKBOOK", "MBD0001/WordDocument", "MBD0002/EncryptedPackage", "MBD0003/DRMContent"), "xls"),
        (ole("WordDocument", "ObjectPool/_1/Workbook"), "word"),
        (ole(Workbook=BEGIN + END + b"WordDocument EncryptedPackage".decode().encode("utf-16-le")), "xls"),
        (ole("Contents"), "unknown"),
        (ole("Workbook")[:700], "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "damaged"),
    ],
)
def test_an_old_file_is_told_by_its_directory_and_its_first_records(data, kind):
    """What a workbook holds within, and words that only stand in it, say nothing of what it is."""
    assert sniff_kind(data) == kind


def test_strict_open_xml_is_read():
    assert figures_by_key(found(strict())) == figures_by_key(found(numbered()[1]))


@pytest.mark.parametrize("reason", SENTENCES)
def test_every_sentence_is_whole_and_says_what_to_do(reason):
    sentence = SENTENCES[reason]
    assert sentence.endswith(".")
    assert "lease " in sentence
    assert "!" not in sentence


@pytest.mark.parametrize("data", [b"\0" * 100, b"  \r\n", b""])
def test_a_file_of_nothing_is_empty(data):
    assert sniff_kind(data) == "empty"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image"),
        (b"RIFF0000WEBPVP8 ", "image"),
        (b"\0\0\0\x18ftypheic", "image"),
        (b"{\\rtf1", "word"),
        (b"Rar!\x1a\x07\x01\x00", "packed"),
        (b"\x1f\x8b\x08", "packed"),
        ("\ufeffa;b;c\n1;2;3".encode(), "csv"),
        ("Area\tRef\tQ2\n1\t2\t3".encode("utf-16"), "csv"),
        (ole("__substg1.0_0037001F"), "message"),
        (ole("WordDocument"), "word"),
        (b"<!DOCTYPE html><p>", "html"),
    ],
)
def test_kinds_are_told_by_bytes(data, kind):
    assert sniff_kind(data) == kind


@settings(max_examples=60)
@given(st.integers(0, 40_000), st.integers(0, 255), st.integers(0, 40_000))
def test_a_damaged_form_never_raises(at, byte, cut):
    data = bytearray(numbered()[1])
    data[at % len(data)] = byte
    reply = read_workbook(bytes(data[: max(30, len(data) - cut % 3)]))
    assert set(reply) <= {"form", "unreadable"}


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer(data):
    assert read_workbook(data)["unreadable"]["reason"] in SENTENCES
