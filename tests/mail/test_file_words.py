"""The words of files that are no forms, as far as bank details are looked for in them."""

from __future__ import annotations

import io
import zipfile
import zlib

import pytest

from csp_workflow.intake.opening import read_file
from csp_workflow.mail.files import read_file_words

WORDS = "Sort code 12-34-56, account 12345678"


def zipped(**parts: bytes | str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return held.getvalue()


def pdf(drawn: str, *, packed: bool) -> bytes:
    stream = drawn.encode("latin-1")
    return b"%PDF-1.4\n1 0 obj<<>>stream\n" + (zlib.compress(stream) if packed else stream) + b"\nendstream"


TABLE = (
    "<w:document><w:tr><w:tc>Sort code</w:tc><w:tc>Account</w:tc></w:tr>"
    "<w:tr><w:tc>12-34-56</w:tc><w:tc>12345678</w:tc></w:tr></w:document>"
)
FILES = {
    "word": zipped(word__document_dot_xml=TABLE),
    "folder": zipped(a_dot_txt=WORDS),
    "folder in a folder": zipped(b_dot_zip=zipped(a_dot_txt=WORDS)),
    "word in a folder": zipped(b_dot_docx=zipped(word__document_dot_xml=TABLE)),
    "pdf": pdf(f"BT ({WORDS}) Tj ET", packed=False),
    "packed pdf": pdf("BT [(Sort co) -20 (de 12-34-56)] TJ ET", packed=True),
    "old word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + WORDS.encode("utf-16-le"),
    "rtf": b"{\\rtf1\\ansi Sort code\\par 12\\'2d34-56 12-34-56}",
    "text": WORDS.encode(),
    "utf-16": WORDS.encode("utf-16"),
    "csv": b"Sort code,Account\n12-34-56,12345678\n",
    "html": b"<!DOCTYPE html><table><tr><td>Sort code</td><td>12-34-56</td></tr></table>",
}


@pytest.mark.parametrize("name", FILES)
def test_bank_details_are_found_in_any_file(name: str) -> None:
    assert read_file(FILES[name])["unreadable"]["reason"] == "bank details"


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 broken", b"%PDF-1.4 stream\nbroken endstream", zipped(a_dot_bin=b"\x89PNG\r\n\x1a\n")]
)
def test_what_cannot_be_read_says_nothing(data: bytes) -> None:
    assert not read_file_words(data).strip()
    assert read_file(data).get("unreadable", {"reason": "zip"})["reason"] != "bank details"
