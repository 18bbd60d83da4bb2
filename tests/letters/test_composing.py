"""Frozen bytes: one recipient, nothing injected, the same for ever, and readable by another program."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters_told import OFFICE, letter

from csp_workflow.letters.catalogue import Rendered, address_letter
from csp_workflow.mail.compose import (
    UnclearMessage,
    UnsendableMessage,
    compose_message,
    derive_delivery_id,
    derive_message_id,
    read_back,
)
from csp_workflow.terms.events import Manner
from csp_workflow.terms.messages import Attachment

KEY = b"k" * 32
DATE = datetime(2014, 10, 15, 8, 0, tzinfo=UTC)
WORDS = Rendered(subject="A note [CSP 2014/15-Q2 CHARN]", text="Dear Lead,\n\n£5\n", html="<p>Dear Lead, £5</p>\n")
MID = derive_message_id("note", "a cause", "lead@charnwood.example", key=KEY, domain="opcc.example")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

anything = st.text(max_size=200) | st.text(
    alphabet=st.sampled_from('ab\r\n\t :;,<>"\\=?@\u2028\u202e\ud800\x00\x85é£😀'), max_size=80
)


def composed(given=None, words=WORDS, thread=(), office=OFFICE):
    sent = address_letter(given or letter(), words, office=office, message_id=MID, date=DATE, thread=thread)
    return compose_message(sent)


def names(content):
    """The header names of a message, as they stand in the raw bytes."""
    head = content.partition(b"\r\n\r\n")[0]
    return [line.partition(b":")[0].decode() for line in head.split(b"\r\n") if not line.startswith(b" ")]


def test_a_letter_is_read_back_by_the_standard_library_as_it_was_written():
    file = Attachment(name="CHARN return.xlsx", data=bytes(range(256)) * 40)
    view = read_back(composed(letter(attachments=(file,))))
    assert view.recipient == "lead@charnwood.example"
    assert view.sender == "returns@opcc.example"
    assert view.subject == WORDS.subject
    assert view.message_id == MID
    assert view.delivery_id == derive_delivery_id(MID)
    assert (view.text, view.html) == (WORDS.text, WORDS.html)
    assert view.attachments == (replace(file, content_type=XLSX),)


def test_a_long_file_name_is_cut_before_its_extension():
    file = Attachment(name=f"{'Return of Charnwood ' * 10}.xlsx", data=b"x")
    (sent,) = read_back(composed(letter(attachments=(file,)))).attachments
    assert len(sent.name) <= 120
    assert sent.name.startswith("Return of Charnwood Return")
    assert sent.name.endswith("Return of Charn.xlsx")


def test_the_same_letter_gives_the_same_bytes_and_every_line_ends_in_crlf():
    content = composed(letter(attachments=(Attachment(name="a.docx", data=b"x" * 5000),)))
    assert content == composed(letter(attachments=(Attachment(name="a.docx", data=b"x" * 5000),)))
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 100


def test_the_date_is_london_time_and_the_office_is_named():
    content = composed()
    assert b"Date: Wed, 15 Oct 2014 09:00:00 +0100\r\n" in content
    assert message_from_bytes(content, policy=policy.default)["From"].addresses[0].display_name == OFFICE.name


def test_there_is_exactly_one_to_and_no_reply_to():
    assert names(composed()).count("To") == 1
    assert not {"Cc", "Bcc", "Reply-To", "Sender"} & set(names(composed()))


@pytest.mark.parametrize(
    ("kind", "manner", "automatic", "suppress"),
    [
        ("request", Manner.TIMED, None, "DR, RN, NRN, AutoReply"),
        ("request-chair", Manner.TIMED, None, "DR, RN, NRN, AutoReply"),
        ("receipt", Manner.ANSWER, "auto-replied", "All"),
        ("overdue", Manner.TIMED, "auto-generated", "All"),
        ("digest", Manner.OFFICE, "auto-generated", "All"),
    ],
)
def test_only_a_request_may_bring_an_out_of_office_back(kind, manner, automatic, suppress):
    message = message_from_bytes(composed(letter(kind=kind, manner=manner)))
    assert message["Auto-Submitted"] == automatic
    assert message["X-Auto-Response-Suppress"] == suppress


def test_an_answer_stands_in_the_conversation_it_answers():
    thread = ("<first@a.example>", "<[odd]@microsoft.example>")
    message = message_from_bytes(composed(letter(answers="last@b.example"), thread=thread))
    assert message["In-Reply-To"] == "<last@b.example>"
    assert message["References"].split() == [*thread, "<last@b.example>"]


def test_a_letter_in_a_thread_follows_its_last_and_a_first_letter_follows_none():
    assert message_from_bytes(composed(thread=("<a@b>", "<c@d>")))["In-Reply-To"] == "<c@d>"
    assert "References" not in names(composed())


def test_a_long_conversation_keeps_its_start_and_its_end():
    thread = [f"<{place}@a.example>" for place in range(200)]
    kept = message_from_bytes(composed(thread=thread))["References"].split()
    assert kept == [*thread[:4], *thread[-6:]]


def test_a_message_id_nobody_could_have_meant_is_left_out():
    message = message_from_bytes(composed(letter(answers="<x>\r\nBcc: <all@b.example>"), thread=("", "a b", "<ok@a>")))
    assert message["References"] == "<ok@a>"
    assert message["Bcc"] is None


def test_the_message_id_is_the_letters_own_and_needs_the_key():
    assert re.fullmatch(r"<csp\.[a-z2-7]{32}@opcc\.example>", MID)
    same = derive_message_id("note", "a cause", "lead@charnwood.example", key=KEY, domain="opcc.example")
    moved = derive_message_id("notea", " cause", "lead@charnwood.example", key=KEY, domain="opcc.example")
    other = derive_message_id("note", "a cause", "lead@charnwood.example", key=b"o" * 32, domain="opcc.example")
    assert same == MID
    assert len({MID, moved, other}) == 3


@pytest.mark.parametrize("domain", ["", "a b", "x>\r\nBcc: y", "a@b"])
def test_a_domain_that_is_none_is_refused(domain):
    with pytest.raises(UnsendableMessage):
        derive_message_id("note", "c", "a@b.example", key=KEY, domain=domain)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "lead",
        "a@b.example, c@d.example",
        "a@b.example\r\nBcc: c@d",
        "<a@b.example>",
        "a b@c.example",
        "ä@b.example",
        "a@b..c",
    ],
)
def test_what_is_not_one_plain_address_is_refused(address):
    with pytest.raises(UnsendableMessage, match="not one plain email address"):
        composed(letter(recipient=address))


def test_a_date_without_a_zone_and_an_empty_message_id_are_refused():
    with pytest.raises(UnsendableMessage, match="zone"):
        compose_message(address_letter(letter(), WORDS, office=OFFICE, message_id=MID, date=datetime(2014, 10, 15)))
    with pytest.raises(UnsendableMessage, match="Message-ID"):
        compose_message(address_letter(letter(), WORDS, office=OFFICE, message_id="", date=DATE))


EXPECTED = ["From", "To", "Subject", "Date", "Message-ID", "X-CSP-Delivery", "Auto-Submitted"]
EXPECTED += ["X-Auto-Response-Suppress", "MIME-Version", "Content-Type"]


@given(name=anything, subject=anything, text=anything, html=anything, file=anything, kind=anything)
def test_no_value_can_start_a_header_or_a_part_of_its_own(name, subject, text, html, file, kind):
    sent = letter(recipient_name=name, attachments=(Attachment(name=file, data=b"data", content_type=kind),))
    words = Rendered(subject=subject, text=f"t{text}", html=f"h{html}")
    content = composed(sent, words, office=replace(OFFICE, name=name))
    assert names(content) == EXPECTED
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) < 998
    view = read_back(content)
    assert view.recipient == "lead@charnwood.example"
    assert [attached.data for attached in view.attachments] == [b"data"]
    assert not re.search(r'[\x00-\x1f/\\:"<>|*?]', view.attachments[0].name)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=100))
def test_names_and_subjects_of_any_script_come_back_as_they_were(said):
    # Python 3.11's newer parser puts a space between a name's encoded words; the older one reads them as the RFC says.
    message = message_from_bytes(composed(letter(recipient_name=said), replace(WORDS, subject=said)))
    assert str(make_header(decode_header(message["Subject"]))) == said
    name = parseaddr(message["To"])[0]
    assert str(make_header(decode_header(name))) == said


@given(st.text(alphabet="aé 漢😀-()'%&", min_size=1, max_size=200))
def test_file_names_of_any_script_come_back_and_keep_their_extension(stem):
    view = read_back(composed(letter(attachments=(Attachment(name=f"x{stem}.xlsx", data=b"d"),))))
    assert view.attachments[0].name.endswith(".xlsx")
    assert view.attachments[0].name.startswith("x")
    assert len(view.attachments[0].name) <= 120
    assert view.attachments[0].content_type == XLSX


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda raw: raw.replace(b"\r\nSubject", b"\r\nCc: other@b.example\r\nSubject"), "'Cc'"),
        (lambda raw: raw.replace(b"\r\nSubject", b"\r\nTo: other@b.example\r\nSubject"), "exactly one"),
        (lambda raw: raw.replace(b"<lead@charnwood.example>", b"<a@b.example>, <c@d.example>"), "exactly one"),
        (lambda raw: raw.replace(b"X-CSP-Delivery", b"X-Other"), "delivery id"),
        (lambda raw: raw.replace(b"Content-Disposition: attachment", b"Content-Disposition: inline"), "neither"),
        (lambda raw: raw[: len(raw) * 2 // 3], "defective|cannot be read"),
        (lambda raw: b"", "exactly one"),
    ],
)
def test_final_bytes_that_are_not_one_plain_letter_are_refused(change, complaint):
    content = composed(letter(attachments=(Attachment(name="a.xlsx", data=b"d" * 900),)))
    with pytest.raises(UnclearMessage, match=complaint):
        read_back(change(content))


@given(st.binary(max_size=400))
def test_opening_any_bytes_ends_in_a_view_or_a_plain_refusal(junk):
    for content in (junk, composed()[:300] + junk):
        try:
            read_back(content)
        except UnclearMessage:
            continue
