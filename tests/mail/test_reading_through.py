"""Every word of a message and of its files is read, as far as that is possible; what is not is named."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage

from openpyxl import Workbook

from csp_workflow.mail import reading_through
from csp_workflow.mail.reading_through import read_through


def book(words: str) -> bytes:
    made, out = Workbook(), io.BytesIO()
    made.active["A1"] = words  # type: ignore[index]
    made.save(out)
    return out.getvalue()


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def letter(name: str, data: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@b.example", "c@d.example", "Caf\u00e9"
    message.set_content("in the words")
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def test_words_headers_names_of_files_and_what_is_in_them_are_read() -> None:
    found = read_through(letter("Jo.zip", packed(inner=book("Jo & Smith"))), is_message=True)
    assert all(
        any(word in text for text in found.texts) for word in ("in the words", "Caf\u00e9", "Jo.zip", "Jo & Smith")
    )
    assert "Jo & Smith" in found.shown
    assert found.unread == []


def test_old_files_are_searched_in_the_ways_in_which_they_hold_words() -> None:
    for data in ("Jo Smith\xe9".encode("latin-1"), b"\xd0\xcf\x11" + "\u20acJo Smith".encode("utf-16-le"),
                 b"\xff" + "Jo Smith\ud7ff".encode("utf-16-le")):  # fmt: skip
        assert any("Jo Smith" in text for text in read_through(data, is_message=False).texts)


def test_a_word_that_markup_cuts_in_two_is_found() -> None:
    assert any("Jo Smith" in text for text in read_through(b"<w:t>Jo Sm</w:t><w:t>ith</w:t>", is_message=False).texts)


def test_what_cannot_be_looked_into_is_named(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    broken = packed(inner=b"x" * 100)[:-30]
    for data in (
        b"%PDF-1.4",
        broken,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
    ):
        assert read_through(letter("x.bin", data), is_message=True).unread == ["x.bin"]
    monkeypatch.setattr(reading_through, "MOST_BYTES", 10)
    deep = packed(a=b"abc")
    for _ in range(6):
        deep = packed(a=deep)
    assert read_through(deep, is_message=False, name="deep").unread
    found = reading_through.Words(left=10)
    reading_through._read_zip(packed(a=b"y" * 1000), "big", found, 0)
    assert found.unread == ["big"]
