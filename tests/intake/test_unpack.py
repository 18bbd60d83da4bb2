"""Unpack: whatever the bytes are, something sensible comes out and nothing is raised."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.mail.authorship import find_own_passages
from csp_workflow.mail.bodies import html_to_text
from csp_workflow.mail.headers import make_label
from csp_workflow.mail.unpack import CALENDAR, MOST_PARTS, TOO_DEEP, TOO_MANY, identify_content, unpack_message
from csp_workflow.mail.words import strip_furniture
from csp_workflow.terms.messages import IncomingMessage
from tests.mail.lists import COURTESIES

AT = datetime(2014, 10, 20, 9, tzinfo=UTC)
XLSX = b"PK\x03\x04 a workbook"


def find_answer(body: str) -> str:
    """A body's new words, without what programs and servers put around them."""
    return strip_furniture("\n\n".join(p.text for p in find_own_passages(body)), COURTESIES)


def look(raw: bytes) -> IncomingMessage:
    return unpack_message(raw, received=AT)


def built(**parts: object) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "The Lead <Lead@Charnwood.example>"
    message["Subject"] = "RE: Return"
    message["Message-ID"] = "<a@b.example>"
    message.set_content("Our return.\n\nOn 1 Oct 2014, us wrote:\n> Please\n")
    message.add_attachment(XLSX, maintype="application", subtype="octet-stream", filename="return.xlsx")
    return message


def test_an_ordinary_reply() -> None:
    message = look(built().as_bytes())
    assert message.sender == "lead@charnwood.example"
    assert message.sender_name == "The Lead"
    assert message.answer == "Our return."
    assert [(a.name, a.data) for a in message.attachments] == [("return.xlsx", XLSX)]
    assert message.message_id == "<a@b.example>"


@pytest.mark.parametrize(
    "header",
    [
        "From: a@x.example\nFrom: b@x.example",
        "From: a@x.example, b@x.example",
        'From: "b@x.example" <a@x.example>',
        "From: b@x.example <a@x.example>",
        "From: =?utf-8?q?b=40x.example?= <a@x.example>",
        "From: group: a@x.example;",
        "From: nobody",
        "From: a@x.example\x00b",
        "From: <a@x.example> <b@x.example>",
        "X-From: a@x.example",
        "From: Jane <a@\u212aent.example>",
        "From: Jane <\u00e9@x.example>",
    ],
)
def test_a_sender_that_could_mislead_is_nobody(header: str) -> None:
    assert look(f"{header}\nSubject: x\n\nhello\n".encode()).sender == ""


@pytest.mark.parametrize(
    "header",
    [
        "a@x.example",
        "<A@X.example>",
        "Jane Smith <a@x.example>",
        '"Smith, Jane" <a@x.example>',
        "=?utf-8?q?J=C3=A4ne?= <a@x.example>",
        '"a@x.example" <a@x.example>',
        "Jane (CSP) <a@x.example>",
        "J\u00e4ne <a@x.example>",
    ],
)
def test_a_plain_sender_is_known(header: str) -> None:
    assert look(f"From: {header}\n\nhello\n".encode()).sender == "a@x.example"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('filename="=?utf-8?B?cmV0dXJuIMKjLnhsc3g=?="', "return £.xlsx"),
        ("filename*=utf-8''return%20%C2%A3.xlsx", "return £.xlsx"),
        ("filename=CSP return Q2.xlsx", "CSP return Q2.xlsx"),
        ('filename="..\\..\\evil/../../return.xlsx"', "return.xlsx"),
        ("filename*0=ret; filename*1=urn.xlsx", "return.xlsx"),
    ],
)
def test_file_names_are_decoded_and_are_labels_only(written: str, expected: str) -> None:
    raw = (
        f"From: a@x.example\nContent-Type: application/octet-stream\nContent-Disposition: attachment; {written}\n\nPK\n"
    )
    assert look(raw.encode()).attachments[0].name == expected


def test_labels_are_short_and_show_no_tricks() -> None:
    assert make_label("x" * 300 + ".xlsx") == "x" * 95 + ".xlsx"
    assert make_label("a\u202excod.xlsx") == "axcod.xlsx"
    assert make_label("\ud800") in {"?", "attachment"}
    assert make_label("") == "attachment"


def test_forwarded_messages_are_opened_three_deep_and_no_deeper() -> None:
    def nested(depth: int) -> bytes:
        message = built()
        for _ in range(depth):
            outer = EmailMessage()
            outer["From"] = "a@x.example"
            outer.set_content("see inside")
            outer.add_attachment(message)
            message = outer
        return message.as_bytes()

    assert [a.name for a in look(nested(3)).attachments] == ["return.xlsx"]
    assert look(nested(4)).attachments == ()
    assert TOO_DEEP in look(nested(4)).defects
    assert look(nested(1)).answer == "see inside", "the words are the sender's own"


def test_no_more_than_fifty_parts_are_looked_at() -> None:
    message = built()
    for n in range(80):
        message.add_attachment(b"%d" % n, maintype="application", subtype="x", filename=f"{n}.bin")
    found = look(message.as_bytes())
    assert len(found.attachments) < MOST_PARTS
    assert TOO_MANY in found.defects


def test_words_that_were_encoded_wrong_are_read_as_they_stand() -> None:
    head = b"From: a@x.example\nContent-Transfer-Encoding: x-uuencode\n\n"
    assert "No return this time." in look(head + b"begin 644 words\n#~~~~\nNo return this time.\nend\n").text


def test_pictures_signatures_and_calendars_are_not_attachments() -> None:
    message = built()
    message.add_attachment(b"\x89PNG....", maintype="image", subtype="png", filename="logo.png")
    message.add_attachment(b"\x89PNG....", maintype="application", subtype="octet-stream", filename="photo.dat")
    message.add_attachment(b"sig", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    assert [a.name for a in look(message.as_bytes()).attachments] == ["return.xlsx"]


def test_cards_calendars_and_what_computers_add_are_not_attachments() -> None:
    message = built()
    for n, data in enumerate((b"BEGIN:VCARD\r\nEND:VCARD", b" BEGIN:VCALENDAR\r\n", b"\x00\x05\x16\x07\x00\x02")):
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=f"{n}.bin")
    message.add_attachment("Sent from my iPhone", filename="ATT00001.txt")
    found = look(message.as_bytes())
    assert [a.name for a in found.attachments] == ["return.xlsx"]
    assert CALENDAR in found.defects
    assert "Sent from my iPhone" in found.text


def test_a_large_picture_of_its_own_may_be_a_photo_of_the_form() -> None:
    message = built()
    photo = b"\xff\xd8\xff" + bytes(200_000)
    message.add_attachment(photo, maintype="image", subtype="jpeg", filename="photo.jpg")
    message.add_attachment(photo, maintype="image", subtype="jpeg", filename="banner.jpg", cid="<banner@x>")
    assert [a.name for a in look(message.as_bytes()).attachments] == ["return.xlsx", "photo.jpg"]


def test_inline_files_count_and_empty_ones_too() -> None:
    message = built()
    message.add_attachment(b"PK2", maintype="application", subtype="x", filename="b.xlsx", disposition="inline")
    message.add_attachment(b"", maintype="application", subtype="x", filename="empty.xlsx")
    assert [a.name for a in look(message.as_bytes()).attachments] == ["return.xlsx", "b.xlsx", "empty.xlsx"]


def test_identity_is_what_a_message_says_not_where_it_lies() -> None:
    one = built().as_bytes()
    relayed = b"Received: from mx\nX-Folder: 7\n" + one
    assert identify_content(one) == identify_content(relayed) == look(one).id
    other = built()
    other.replace_header("Message-ID", "<other@b.example>")
    changed = built()
    changed.add_attachment(b"more", maintype="application", subtype="x", filename="b.bin")
    assert len({identify_content(m.as_bytes()) for m in (built(), other, changed)}) == 3


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("Approved\n\n-----Original Message-----\nFrom: x\n\nold", "Approved"),
        ("Approved\n\nFrom: Us <a@b>\nSent: Monday\nTo: x\nSubject: y\n\nold", "Approved"),
        ("Approved\n\n________________________________\nFrom: x\nold", "Approved"),
        ("Approved\n\nOn Mon, 20 Oct 2014 at 09:00, The Office\n<returns@opcc.example> wrote:\n> old", "Approved"),
        ("On 1 Oct, us wrote:\n> old\n> older\n\nApproved", "Approved"),
        ("CAUTION: This email originated from outside the council.\nDo not click.\n\nApproved", "Approved"),
        ("> only quoted", ""),
        ("From: is a word people begin with\nand go on", "From: is a word people begin with\nand go on"),
    ],
)
def test_the_new_part_of_an_answer(body: str, answer: str) -> None:
    assert find_answer(body) == answer


def test_html_is_read_as_people_see_it() -> None:
    quoted = "<div class='gmail_quote'>On 1 Oct us wrote:<blockquote>old</blockquote></div>"
    html = f"<style>p{{x}}</style><p>Hi &amp; bye</p>{quoted}"
    assert find_answer(html_to_text(html)) == "Hi & bye"


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<a ", "<", "<![CDATA[", "<?", '<a href="', "</", "&#", "<script>", "On a ", "> ", "_", "=?utf-8?q?"],
)
def test_hostile_bodies_cost_little(piece: str) -> None:
    text = piece * (180_000 // len(piece))
    for kind in ("plain", "html"):
        raw = f"From: a@x.example\nSubject: {piece * 500}\nContent-Type: text/{kind}\n\n{text}".encode()
        begun = time.perf_counter()
        look(raw)
        assert time.perf_counter() - begun < 3


def test_words_whose_parts_never_begin_are_read() -> None:
    raw = b"From: a@x.example\nContent-Type: multipart/mixed; boundary=one\n\n--another\n\nNIL RETURN\n--another--\n"
    message = unpack_message(raw, received=AT)
    assert "NIL RETURN" in message.text
    assert message.attachments == ()


def test_deep_nesting_and_strange_charsets_do_no_harm() -> None:
    deep = b"hello"
    for n in range(3_000):
        deep = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) + deep + b"\n--b%d--\n" % n
    assert look(b"From: a@x.example\n" + deep).sender == "a@x.example"
    for charset in ("idna", "hex", "zip", "rot13", "unicode_escape", "no-such", "utf-8\x00", "utf-7", "punycode"):
        raw = f"From: a@x.example\nContent-Type: text/plain; charset={charset}\n\nhello\n".encode()
        assert look(raw).text == "hello"


def test_message_ids_that_break_the_standard_library_do_not_break_us() -> None:
    for value in ("<[abc@microsoft.com]>", "", "<>", "<a b@c>", "<" * 300, "\xff\xfe"):
        raw = f"From: a@x.example\nMessage-ID: {value}\nIn-Reply-To: <[x@y]>\nReferences: <1@a> <2@a>\n\nhi\n"
        message = look(raw.encode("latin-1"))
        assert message.text == "hi"
        assert message.answered == ("<[x@y]>", "<2@a>", "<1@a>")


BOUNCE = b"""From: a@x.example
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

failed
--b
Content-Type: message/delivery-status

Status: 5.1.1

Action: failed
--b
Content-Type: message/rfc822

Message-ID: <ours@opcc.example>

old
--b--
"""
HTML = b"""From: =?utf-8?b?SsOkbmU=?= <a@x.example>
Content-Type: text/html; charset=utf-16
Content-Transfer-Encoding: base64

PGI+
"""
INVITATION = b"""From: a@x.example
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/calendar

BEGIN:VCALENDAR
--b
Content-Disposition: attachment; filename*0*=utf-8''a%20; filename*1*=b.xlsx
Content-Transfer-Encoding: quoted-printable

PK=03
--b--
"""
SEEDS = (built().as_bytes(), BOUNCE, HTML, INVITATION)


def test_three_thousand_mutated_messages_raise_nothing() -> None:
    chance = random.Random(20141020)
    pieces = [
        b"\n",
        b"\n\n",
        b"\x00",
        b"\xff",
        b"--b",
        b"=?",
        b"?=",
        b":",
        b";",
        b'"',
        b"boundary=",
        b"\r",
        b"charset=idna",
        b"base64",
    ]
    for n in range(3_200):
        raw = bytearray(SEEDS[n % len(SEEDS)])
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(raw) or 1)
            match chance.randrange(4):
                case 0:
                    raw[at : at + 1] = bytes([chance.randrange(256)])
                case 1:
                    del raw[at : at + chance.randint(1, 40)]
                case 2:
                    raw[at:at] = chance.choice(pieces)
                case _:
                    raw[at:at] = raw[chance.randrange(len(raw) or 1) :][:60]
        message = look(bytes(raw))
        assert len(message.id) == 64
        assert message.id == identify_content(bytes(raw))
        message.text.encode("utf-8", "surrogatepass")


@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_a_message(raw: bytes) -> None:
    assert look(raw).size == len(raw)
