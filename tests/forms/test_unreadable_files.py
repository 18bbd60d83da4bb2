"""Every kind of file that is no form: its own reason, and a sentence that says what to do."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from returning import numbered, refused

from csp_workflow.forms.reading import read_workbook
from csp_workflow.forms.refusals import SENTENCES
from csp_workflow.mail.file_kinds import sniff_kind

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def ole(*names):
    return OLE + b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in names)


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
    "password": ole("Root Entry", "EncryptionInfo", "EncryptedPackage"),
    "label": ole("Root Entry", "EncryptedPackage", "DRMEncryptedDataSpace"),
    "xls": ole("Root Entry", "Workbook"),
    "xlsb": zipped(xl__workbook_dot_bin=b"x"),
    "ods": zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_dot_xml=b"<x/>"),
    "xml": b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    "csv": b"Area code,Ref,This quarter\r\nE07000129,M11,12\r\n",
    "text": b"Please see below\r\nKind regards",
    "pdf": b"%PDF-1.4\n",
    "word": zipped(word__document_dot_xml=b"<x/>"),
    "powerpoint": zipped(ppt__presentation_dot_xml=b"<x/>"),
    "image": b"\x89PNG\r\n\x1a\n",
    "html": b"\r\n<html><table><tr><td>1</td></tr></table></html>",
    "message": b"From: lead@charnwood.example\r\nSubject: x\r\n\r\nhello",
    "zip": zipped(photo_dot_jpg=b"x"),
    "numbers": zipped(Index__Document_dot_iwa=b"x"),
    "strict": strict(),
    "unknown": bytes(range(256)) * 4,
}


@pytest.mark.parametrize("reason", KINDS)
def test_a_file_that_is_no_form_is_refused_for_its_own_reason(reason):
    said = refused(KINDS[reason])
    assert said.reason == reason
    assert said.sentence == SENTENCES[reason]


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
        ("\ufeffa;b;c\n1;2;3".encode(), "csv"),
        ("Area\tRef\tQ2\n1\t2\t3".encode("utf-16"), "csv"),
        (ole("Root Entry", "__substg1.0_0037001F"), "message"),
        (ole("Root Entry", "WordDocument"), "word"),
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
