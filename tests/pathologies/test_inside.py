"""What lies inside: containers in containers, links in wrappers, notices of mail systems, figures among words."""

from __future__ import annotations

import random
import time
from base64 import encodebytes
from datetime import UTC, datetime
from email.message import EmailMessage
from urllib.parse import quote

import pytest
from asn1crypto.core import ObjectIdentifier

from csp_workflow.forms.refusals import SENTENCES
from csp_workflow.intake import opening
from csp_workflow.intake.outcomes.beside import holds_figures
from csp_workflow.mail.bodies import find_shared_links, is_shared_file, unwrap_link
from csp_workflow.mail.classify import awaits_scan, find_missing, was_blocked
from csp_workflow.mail.containers import may_hold_workbook
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.terms.messages import IncomingMessage
from csp_workflow.terms.returns import ReadForm, Unreadable
from csp_workflow.terms.service import JobEnd
from tests.pathologies.books import FILES, form, zipped
from tests.pathologies.outlook import saved_message, winmail
from tests.pathologies.raw import every_name, raw
from tests.pathologies.signing import signed
from tests.sandbox.reading_here import run_here

AT = datetime(2014, 10, 20, 9, tzinfo=UTC)


def look(data: bytes) -> IncomingMessage:
    return unpack_message(data, received=AT)


def bringing(*files: tuple[str, bytes]) -> IncomingMessage:
    message = EmailMessage()
    message["From"] = "lead@charnwood.example"
    message.set_content("Here it is.")
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return look(message.as_bytes())


def ends(message: IncomingMessage) -> list[tuple[str, str]]:
    """Each opened file's name and how it ended: "form", or the reason it could not be taken."""
    opened = opening.open_files(message, run_here)
    return [(file.name, "form" if isinstance(found, ReadForm) else found.reason) for file, found in opened]


# Containers ---------------------------------------------------------------------------------------------


def test_containers_are_opened_three_deep_and_no_deeper() -> None:
    data = form("charnwood")
    for depth in range(5):
        expected = ("return.xlsx", "form") if depth <= opening.DEEPEST else ("return.xlsx", "too deep")
        (found,) = ends(bringing(("return.xlsx", data)))
        assert found[1] == expected[1]
        data = winmail([("return.xlsx", data)])


def test_messages_attached_to_saved_messages_are_opened_three_deep_and_no_deeper() -> None:
    book = ("return.xlsx", form("charnwood"))
    for depth in range(1, 5):
        found = ends(bringing(("saved.msg", saved_message([("note.txt", b"See inside.")], inside=[book], depth=depth))))
        assert (("return.xlsx", "form") in found) is (depth <= opening.DEEPEST), depth


def test_messages_attached_to_rich_text_are_opened_three_deep_and_no_deeper() -> None:
    data = winmail([("return.xlsx", form("charnwood"))])
    for depth in range(1, 5):
        data = winmail([("note.txt", b"See inside.")], attached=data)
        assert (("return.xlsx", "form") in ends(bringing(("winmail.dat", data)))) is (depth <= opening.DEEPEST), depth


def test_a_saved_message_that_breaks_off_asks_for_its_file() -> None:
    saved = bytearray(saved_message([("return.xlsx", form("charnwood"))]))
    saved[32] = 0xFF  # the size of its smallest pieces
    assert ends(bringing(("saved.msg", bytes(saved)))) == [("saved.msg", "message damaged")]


def test_a_file_in_a_saved_message_keeps_its_name_and_an_empty_one_is_passed_over() -> None:
    files = [("empty.xlsx", b""), ("return.xlsx", form("charnwood"))]
    assert ends(bringing(("saved.msg", saved_message(files)))) == [("return.xlsx", "form")]


def test_a_message_encrypted_and_sealed_asks_for_one_that_is_not() -> None:
    kind = ObjectIdentifier("1.2.840.113549.1.9.16.1.23").dump()
    assert ends(bringing(("smime.p7m", b"\x30\x80" + kind + b"\xa0\x80" + bytes(400)))) == [("smime.p7m", "encrypted")]


def test_an_attached_message_that_is_only_a_notice_means_that_something_was_taken_away() -> None:
    message = EmailMessage()
    message["From"] = "lead@charnwood.example"
    message.set_content("Here it is.")
    notice = EmailMessage()
    notice["Subject"] = "Attachment removed: Return.xlsx"
    notice.set_content("See the subject.")
    message.add_attachment(notice)
    assert find_missing(look(message.as_bytes())) == "taken away"


def test_a_signature_about_which_the_sandbox_says_nothing_sensible_stays_closed() -> None:
    head = b"From: a@x.example\nContent-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n"
    message = look(head + encodebytes(signed(b"Content-Type: text/plain\n\nInside")))
    for reply in (None, {}, {"entity": 7}, {"entity": "é"}):
        assert opening.strip_signature(message, lambda *_, said=reply: said) is message
    assert opening.strip_signature(message, run_here).text.strip() == "Inside"


def test_every_kind_of_container_may_hold_every_other() -> None:
    book = form("charnwood")
    in_zip = zipped(("return.xlsx", book))
    for inner in (saved_message([("a.zip", in_zip)]), winmail([("a.zip", in_zip)])):
        entity = EmailMessage()
        entity.set_content("See inside.")
        entity.add_attachment(inner, maintype="application", subtype="octet-stream", filename="inner.bin")
        assert ends(bringing(("smime.p7m", signed(entity.as_bytes())))) == [("return.xlsx", "form")]


def test_only_so_many_files_are_opened_however_they_are_packed() -> None:
    runs: list[int] = []

    def counted(function: str, data: bytes) -> object:
        runs.append(len(data))
        return run_here(function, data)

    empty = [(f"{n}.dat", winmail([])) for n in range(40)]
    crowd = winmail([(f"{n}.dat", winmail(empty)) for n in range(40)])
    found = opening.open_files(bringing(("winmail.dat", crowd)), counted, most=40)
    assert len(runs) == 40
    assert [reason.reason for _, reason in found if isinstance(reason, Unreadable)] == ["too many"]


def test_a_few_files_that_end_the_sandbox_leave_the_rest_unopened() -> None:
    runs: list[str] = []

    def ending(function: str, data: bytes) -> object:
        runs.append(function)
        return JobEnd.CRASH

    opening.open_files(bringing(*((f"{n}.xlsx", b"PK%d" % n) for n in range(20))), ending)
    assert len(runs) == opening.MOST_FAILURES


def test_the_time_of_a_message_is_one_for_all_that_it_brings() -> None:
    """What is cut off near the end says nothing about its file; what had most of the time does."""
    now = [0.0]

    def taking(seconds: float, reply: object) -> opening.Run:
        def run(function: str, data: bytes, most: float) -> object:
            now[0] += min(seconds, most)
            return reply

        now[0] = 0.0
        return opening.TimedRun(run, lambda: now[0], 20)

    def reasons(run: opening.Run, count: int) -> list[str]:
        files = bringing(*((f"{n}.xlsx", b"PK%d" % n) for n in range(count)))
        return [found.reason for _, found in opening.open_files(files, run) if isinstance(found, Unreadable)]

    damaged = {"unreadable": {"reason": "damaged", "sentence": ""}}
    assert reasons(taking(8, damaged), 5) == ["damaged"] * 3 + ["not tried"]
    assert now[0] == 20
    assert reasons(taking(18, JobEnd.TIME), 3) == ["time", "not tried"]
    assert reasons(taking(18, JobEnd.STALLED), 3) == ["ours", "not tried"]
    run = taking(18, JobEnd.TIME)
    reasons(run, 3)
    assert isinstance(run, opening.TimedRun)
    assert run.end is JobEnd.TIME


def said_in(data: bytes) -> list[tuple[str, str]]:
    """The subject and the words of each message in a saved one."""
    found = opening.read_saved_words(data)["messages"]
    return [(one["subject"], one["text"]) for one in found]


def test_a_saved_message_gives_its_subject_and_its_words() -> None:
    saved = b"From: a@x.example\nSubject: A complaint\n\nI want to complain about your office.\n"
    assert said_in(saved) == [("A complaint", "I want to complain about your office.")]
    for other in (b"%PDF-1.4", b"", saved_message([("note.txt", b"See inside.")])[:900]):
        assert said_in(other) == []
    by_outlook = saved_message([("note.txt", b"See inside.")])
    assert said_in(by_outlook) == [("RE: Return", "Please find our return attached.")]


def test_a_container_with_too_many_files_is_refused() -> None:
    assert ends(bringing(("winmail.dat", winmail([(f"{n}.csv", b"a,b") for n in range(80)])))) == [
        ("winmail.dat", "too many")
    ]


def test_a_container_that_brings_more_than_a_form_ever_holds_is_refused() -> None:
    big = zipped(("xl/workbook.xml", random.Random(1).randbytes(opening.INNER_BYTES)))
    assert ends(bringing(("winmail.dat", winmail([("big.xlsx", big)])))) == [("winmail.dat", "too large")]


def test_what_cannot_be_a_form_does_not_travel_and_pictures_do_not_count() -> None:
    pdf, logo = FILES["pdf"](""), FILES["logo"]("")
    found = opening.open_files(
        bringing(("winmail.dat", winmail([("big.pdf", pdf + bytes(8_000_000)), ("logo.png", logo)]))), run_here
    )
    assert [(file.name, file.data, type(one)) for file, one in found] == [("big.pdf", b"", Unreadable)]


def test_a_message_encoded_as_a_whole_is_opened() -> None:
    inner = encodebytes(b"Subject: x\n" + raw("07-suppress-header-alone")).decode()
    outer = (
        "From: lead@charnwood.example\nContent-Type: multipart/mixed; boundary=o\n\n--o\n"
        f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}\n--o--\n"
    )
    assert ends(look(outer.encode())) == [("return.xlsx", "form")]


@pytest.mark.parametrize("name", [name for name in FILES if name not in {"photo", "logo"}])
def test_every_file_ends_in_a_known_sentence_or_a_form(name: str) -> None:
    for _, found in opening.open_files(bringing(("file.bin", FILES[name]("charnwood"))), run_here):
        assert isinstance(found, ReadForm) or found.sentence == SENTENCES[found.reason]


def test_a_reply_of_the_sandbox_that_makes_no_sense_is_a_failure_of_ours() -> None:
    wrong = {"name": "a", "data": "é", "reason": ""}
    for reply in (None, {}, [], {"inside": 3}, {"inside": [{}]}, {"inside": [wrong]}):
        ((_, found),) = opening.open_files(bringing(("a.xlsx", b"PK")), lambda *_, reply=reply: reply)  # type: ignore[misc]
        assert isinstance(found, Unreadable)
        assert found.reason == "ours"


def test_a_file_that_may_hold_a_form_is_told_cheaply() -> None:
    for name in ("form", "xlsm", "password", "winmail"):
        assert may_hold_workbook(FILES[name]("charnwood")), name
    for name in ("pdf", "csv", "photo", "signature"):
        assert not may_hold_workbook(FILES[name]("charnwood")), name


# Words inside a signature ------------------------------------------------------------------------------


def test_words_inside_an_opaque_signature_are_the_messages_own() -> None:
    message = look(raw("12-opaque-signed-words"))
    assert (message.answer, len(message.attachments)) == ("", 1)
    inside = opening.strip_signature(message, run_here)
    assert (inside.answer, inside.attachments) == ("Approved", ())
    assert (inside.id, inside.sender, inside.headers) == (message.id, message.sender, message.headers)


def test_who_writes_inside_a_signature_is_of_no_account() -> None:
    entity = b"From: chair@charnwood.example\nMessage-ID: <x@y>\nIn-Reply-To: <ours@opcc.example>\n\nApproved\n"
    outer = b"From: x@elsewhere.example\nContent-Type: application/pkcs7-mime; name=smime.p7m\n\n" + signed(entity)
    inside = opening.strip_signature(look(outer), run_here)
    assert (inside.sender, inside.message_id, inside.answered) == ("x@elsewhere.example", "", ())


# Links -------------------------------------------------------------------------------------------------

SHARED = "https://charnwood-my.sharepoint.com/:x:/g/personal/lead/EaBc"


@pytest.mark.parametrize(
    "link",
    [
        SHARED,
        "https://1drv.ms/x/s!AbC",
        "https://onedrive.live.com/edit.aspx?resid=1",
        "https://docs.google.com/spreadsheets/d/1aB/edit",
        "https://drive.google.com/file/d/1aB/view",
        "https://www.dropbox.com/scl/fi/abc/return.xlsx",
        "https://files.charnwood.example/:x:/r/sites/csp/return.xlsx",
        "https://gbr01.safelinks.protection.outlook.com/ap/x-59/?url=https%3A%2F%2F1drv.ms%2Fx%2Fs!AbC&data=05",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__1drv.ms_x_s-21AbC&d=DwMF",
        "https://urldefense.com/v3/__https://docs.google.com/spreadsheets/d/1aB__;!!AbC!x$",
        "https://urldefense.us/v3/__https://1drv.ms/x/s__;!!AbC!x$",
        "https://a.safelinks.protection.outlook.com/?url=https%3A%2F%2Furldefense.com%2Fv3%2F__https%3A%2F%2F1drv.ms__%3B!!A",
    ],
)
def test_links_to_shared_files_are_known_in_every_wrapper(link: str) -> None:
    assert is_shared_file(link)
    assert find_shared_links(f"Here ({link}).") == (link,)


@pytest.mark.parametrize(
    "link",
    [
        "https://www.charnwood.example/news",
        "https://notsharepoint.com/:doc/",
        "https://sharepoint.com.evil.example/x",
        "https://gbr01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.charnwood.example",
        "https://gbr01.safelinks.protection.outlook.com/",
        "https://urldefense.com/v3/__",
        "https://[::1",
        "https://evil.example/?url=https://1drv.ms/x",
        "mailto:lead@charnwood.example",
    ],
)
def test_other_links_are_no_shared_files(link: str) -> None:
    assert not is_shared_file(link)


def test_wrappers_round_wrappers_end() -> None:
    link = "https://1drv.ms/x"
    for _ in range(10):
        link = "https://a.safelinks.protection.outlook.com/?url=" + quote(link, safe="")
    assert unwrap_link(link).startswith("https://a.safelinks")


def test_a_link_in_what_is_quoted_does_not_count() -> None:
    quoted = f"<p>Thanks</p><div style='border-top:solid #B5C4DF'><a href='{SHARED}'>old</a></div>"
    plain = "Thanks\n\nOn 1 Oct, us wrote:\n" + "> padding\n" * 80 + f"> {SHARED}\n"
    for kind, body in (("html", quoted), ("plain", plain)):
        assert look(f"From: a@x.example\nContent-Type: text/{kind}\n\n{body}".encode()).links == ()


# Notices -----------------------------------------------------------------------------------------------


def test_a_scan_that_goes_on_is_awaited_and_a_blocked_file_is_not() -> None:
    for name in every_name():
        message = look(raw(name))
        assert awaits_scan(message) == (name == "16-scan-in-progress"), name
        assert was_blocked(message) == (name in {"16-unsafe-attachment-blocked", "16-malware-alert"}), name
        expected = "taken away" if name.startswith("40-") and "took" in name else ""
        assert find_missing(message) in {expected, "scanning", "blocked"}


@pytest.mark.parametrize(
    "words",
    [
        "We removed the old figures from the form and attached it.",
        "The attachment is missing from your letter.",
        "Please ignore the attachment, it was replaced by a later one.",
        "Our gateway review starts in November.",
        "Scanning the minutes is in progress.",
    ],
)
def test_peoples_words_are_no_notice(words: str) -> None:
    assert find_missing(look(f"From: a@x.example\n\n{words}\n".encode())) == ""


def test_our_own_sentences_when_quoted_are_no_notice() -> None:
    for sentence in SENTENCES.values():
        for quoted in (f"> {sentence}", f"-----Original Message-----\nFrom: us\n\n{sentence}"):
            assert find_missing(look(f"From: a@x.example\n\nWill do\n\n{quoted}\n".encode())) == ""


# Figures among the words -------------------------------------------------------------------------------


def table(*rows: tuple[str, ...]) -> IncomingMessage:
    cells = "".join("<tr>" + "".join(f"<td><p>{cell}</p></td>" for cell in row) + "</tr>" for row in rows)
    return look(f"From: a@x.example\nContent-Type: text/html\n\n<p>Hi</p><table>{cells}</table>".encode())


def test_rows_that_name_something_and_give_a_figure_are_figures() -> None:
    assert holds_figures(table(("All crime", "412"), ("Burglary", "1,043")))
    assert holds_figures(table(("All crime", "4.2%", ""), ("", "Burglary", "-7")))


@pytest.mark.parametrize(
    "rows",
    [
        (("All crime", "412"),),
        (("Telephone", "0116 496 0000"), ("Mobile", "07700 900000"), ("Web", "www.charnwood.example")),
        (("A. Lead", "Community Safety Officer"), ("Charnwood", "LE11 2TR")),
        (("2013", "2014"), ("412", "398")),
        (("", ""), ("", "")),
    ],
)
def test_signatures_and_single_rows_are_no_figures(rows: tuple[tuple[str, ...], ...]) -> None:
    assert not holds_figures(table(*rows))


@pytest.mark.parametrize("piece", ["<tr>", "<tr><td>", "</tr", "</td>", "<tr><td>a</td><td>1</td></tr>", "https://a "])
def test_hostile_tables_and_links_cost_little(piece: str) -> None:
    body = piece * (190_000 // len(piece))
    begun = time.perf_counter()
    holds_figures(look(f"From: a@x.example\nContent-Type: text/html\n\n{body}".encode()))
    assert time.perf_counter() - begun < 3
