"""The forty things a real mailbox throws: each in the raw form a mail program writes, each with its one right end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from csp_workflow.letters.catalogue import render
from csp_workflow.terms.messages import Mark
from tests.intake.intake_county import CLOSE, OFFICE
from tests.intake.intake_factory import after, kinds, templates, verdict
from tests.pathologies.judging import OURS, Judged, judge
from tests.pathologies.raw import every_name

RECEIPT, CORRECTION = ("receipt",), ("correction",)
NO_FORM, UNREADABLE = ("no-workbook",), ("unreadable-file",)
ASKED = ("question-received", "question")
SHOWN = {
    "13-encrypted-by-purview",
    "15-cloud-file-known-to-exchange-only",
    "15-cloud-link-in-safelinks",
    "21-table-in-html",
    "21-table-with-tabs",
    "40-barracuda-took-it",
}
"""Words beside what is answered that may be more than a presentation of it: the co-ordinator gets them too."""

OWN = {"own_message_ids": frozenset({OURS})}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A raw message and what must come of it: verdict, letters in order, returns taken, and words of the answer.

    `letters` is None where another test tells which they are.
    """

    row: str
    message: str
    verdict: str
    letters: tuple[str, ...] | None = ()
    taken: tuple[str, ...] = ()
    says: str = ""
    marks: frozenset[Mark] = frozenset()
    known: Mapping[str, object] = field(default_factory=dict)


def _taken(row: str, message: str, *keys: str, **more: object) -> Row:
    """A message whose form is taken as a return and receipted."""
    values = {"letters": RECEIPT, "taken": keys or ("charnwood",), **more}
    return Row(row=row, message=message, verdict="return", **values)  # type: ignore[arg-type]


def _silent(row: str, message: str, verdict: str, **more: object) -> Row:
    return Row(row=row, message=message, verdict=verdict, **more)  # type: ignore[arg-type]


def _unread(row: str, message: str, says: str, **more: object) -> Row:
    return Row(row=row, message=message, verdict="unreadable", letters=UNREADABLE, says=says, **more)  # type: ignore[arg-type]


def _no_form(row: str, message: str, says: str, **more: object) -> Row:
    return Row(row=row, message=message, verdict="no workbook", letters=NO_FORM, says=says, **more)  # type: ignore[arg-type]


def _marked(mark: Mark) -> frozenset[Mark]:
    return frozenset({mark})


BACK = ("letter-came-back",)
"""The letter is not known, so nobody is marked, and she is told."""

_OWN = "01 own mail came back"
_BOUNCE = "02 bounce"
_GUESSED = "03 bounce of no standard"
_RECEIPT = "04 read or delivery receipt"
_AWAY = "05 out of office"
_AUTOMATIC = "06 other automatic mail"
_MEETING = "08 calendar entry"
_WINMAIL = "09 winmail.dat"
_MSG = "10 saved Outlook message"
_NESTED = "11 forwarded as attachment"
_SIGNED = "12 signed"
_ENCRYPTED = "13 encrypted"
_LOGOS = "14 signature logos"
_CLOUD = "15 cloud link"
_SCAN = "16 Safe Attachments placeholder"
_ZIP = "17 zip folder"
_FORMATS = "20 other formats"
_NO_BOOK = "21 no workbook at all"
_RENAMED = "22 renamed"
_NAMES = "23 file names"
_IDS = "27 missing or invalid Message-ID"
_COLLEAGUE = "28 colleague or secure mail"
_WORDS = "31 reply without attachment"
_TWO = "32 two workbooks"
_ELSEWHERE = "38 sent to another mailbox"
_RECALL = "39 recall"
_GATEWAY = "40 gateway took the attachment away"

ROWS = (
    _silent(_OWN, "01-own-letter-back", "own"),
    _silent(_OWN, "01-own-letter-through-a-list", "own", known=OWN),
    _silent(_BOUNCE, "02-bounce-postfix", "bounce", known=OWN, letters=BACK),
    _silent(_BOUNCE, "02-bounce-forwarded-address", "bounce", letters=BACK),
    _silent(_BOUNCE, "02-bounce-delayed", "bounce"),
    _silent(_BOUNCE, "02-bounce-exchange-online", "bounce", letters=BACK),
    _silent(_BOUNCE, "02-bounce-exchange-without-report", "bounce", marks=_marked(Mark.BOUNCE), letters=BACK),
    _silent(_GUESSED, "03-bounce-qmail", "bounce", letters=BACK),
    _silent(_GUESSED, "03-bounce-exim", "bounce", letters=BACK),
    _silent(_RECEIPT, "04-read-receipt-outlook", "read receipt"),
    _silent(_RECEIPT, "04-read-receipt-exchange-class", "read receipt", marks=_marked(Mark.RECEIPT)),
    _silent(_RECEIPT, "04-delivery-receipt", "read receipt"),
    _silent(_AWAY, "05-away-exchange", "out-of-office"),
    _silent(_AWAY, "05-away-pigeonhole", "out-of-office"),
    _silent(_AWAY, "05-away-with-a-signature-file", "out-of-office"),
    _silent(_AWAY, "05-away-by-item-class-only", "out-of-office", marks=_marked(Mark.AWAY)),
    _silent(_AUTOMATIC, "06-automatic-newsletter", "noise"),
    _silent(_AUTOMATIC, "06-automatic-with-a-form", "held"),
    _taken("07 X-Auto-Response-Suppress alone is a person", "07-suppress-header-alone"),
    _silent(_MEETING, "08-meeting-invitation", "noise"),
    _silent(_MEETING, "08-meeting-response-by-class", "noise", marks=_marked(Mark.MEETING)),
    _taken(_MEETING, "08-meeting-with-the-return"),
    _taken(_WINMAIL, "09-winmail"),
    _taken(_WINMAIL, "09-winmail-of-no-type"),
    _taken(_WINMAIL, "09-winmail-of-words-only"),
    _unread(_WINMAIL, "09-winmail-damaged", "Format Text > HTML"),
    _taken(_MSG, "10-saved-message-msg"),
    _taken(_MSG, "10-message-in-a-saved-message"),
    _unread(_MSG, "10-saved-message-without-files", "saved email with no form"),
    _taken(_NESTED, "11-forwarded-as-attachment"),
    _taken(_NESTED, "11-forwarded-three-deep"),
    _taken(_NESTED, "11-eml-file-of-no-type"),
    _unread(_NESTED, "11-forwarded-too-deep", "deeper than we look"),
    _taken(_SIGNED, "12-clear-signed"),
    _taken(_SIGNED, "12-clear-signed-signature-of-no-type"),
    _taken(_SIGNED, "12-opaque-signed"),
    _taken(_SIGNED, "12-opaque-signed-in-pieces"),
    Row(row=_SIGNED, message="12-opaque-signed-words", verdict="question", letters=ASKED),
    _unread(_ENCRYPTED, "13-encrypted", "without encryption"),
    _unread(_ENCRYPTED, "13-encrypted-by-purview", "without encryption"),
    _silent(_LOGOS, "14-signature-logos", "noise"),
    _taken(_LOGOS, "14-form-placed-inline-by-a-telephone"),
    _no_form(_CLOUD, "15-cloud-link", "Attach as copy"),
    _no_form(_CLOUD, "15-cloud-link-in-safelinks", "Attach as copy"),
    _no_form(_CLOUD, "15-cloud-link-in-urldefense-v2", "Attach as copy"),
    _no_form(_CLOUD, "15-cloud-link-in-urldefense-v3", "Attach as copy"),
    _no_form(_CLOUD, "15-cloud-link-dropbox", "Attach as copy"),
    _no_form(_CLOUD, "15-cloud-file-known-to-exchange-only", "Attach as copy", marks=_marked(Mark.CLOUD_FILE)),
    _unread(_SCAN, "16-scan-in-progress", "still checking the attachment"),
    _unread(_SCAN, "16-unsafe-attachment-blocked", "blocked the attachment as unsafe"),
    _unread(_SCAN, "16-malware-alert", "blocked the attachment as unsafe"),
    _taken(_ZIP, "17-zip"),
    _unread(_ZIP, "17-zip-of-two", "more than one workbook"),
    _unread(_ZIP, "17-zip-without-a-workbook", "found no Excel form"),
    _unread(_ZIP, "17-zip-with-a-password", "do not send us the password"),
    _unread(_ZIP, "17-zip-bomb", "holds far more than our form"),
    _unread(_ZIP, "17-zip-in-a-zip", "found no Excel form"),
    _unread("18 password", "18-password", "has a password"),
    _unread("19 sensitivity label", "19-sensitivity-label", "sensitivity label"),
    _taken(_FORMATS, "20-macros"),
    _taken(_FORMATS, "20-binary-workbook"),
    _unread(_FORMATS, "20-binary-workbook-of-their-own", "our form's reference is not in it"),
    _unread(_FORMATS, "20-list-of-text", "list of plain text"),
    _unread(_NO_BOOK, "21-pdf", "cannot take figures from a PDF"),
    _unread(_NO_BOOK, "21-photo", "cannot read figures from a picture"),
    _unread(_NO_BOOK, "21-word", "Word document"),
    _no_form(_NO_BOOK, "21-table-in-html", "cannot take figures from the words"),
    _no_form(_NO_BOOK, "21-table-with-tabs", "cannot take figures from the words"),
    _unread(_RENAMED, "22-web-page-called-xlsx", "web page and no workbook"),
    _unread(_RENAMED, "22-list-called-xlsx", "list of plain text"),
    *(_taken(_NAMES, name) for name in every_name() if name.startswith("23-")),
    _silent("24 the same message again", "24-the-same-again", "duplicate", known={"earlier": "seen"}),
    _taken("25 the same id with other content", "25-the-same-id-other-content"),
    _taken(_IDS, "27-no-message-id"),
    _taken(_IDS, "27-message-id-in-brackets"),
    _taken(_IDS, "27-message-id-with-spaces"),
    Row(row=_COLLEAGUE, message="28-colleague", verdict="held", letters=("confirm-colleague",)),
    _taken(_COLLEAGUE, "28-secure-mail"),
    _silent("29 forged sender", "29-forged-sender", "held"),
    _taken("30 chair forwards inline", "30-chair-forwards-inline", letters=("receipt-to-chair", "receipt")),
    Row(row=_WORDS, message="31-reply-without-a-form", verdict="question", letters=ASKED),
    _no_form(_WORDS, "31-forgotten-form", "no form attached"),
    _taken(_TWO, "32-two-partnerships", "blaby", "harborough"),
    Row(row=_TWO, message="32-two-versions", verdict="held", letters=("two-versions",)),
    _taken(_TWO, "32-the-same-twice"),
    Row(row="34 wrong quarter", message="34-last-quarters-form", verdict="no workbook", letters=("wrong-quarter",)),
    _silent(
        "35 another partnership's workbook", "35-another-partnerships-form", "held", letters=("something-arrived",)
    ),
    _unread("36 very large", "36-too-large", "too large", known={"whole": False}),
    _taken(_ELSEWHERE, "38-sent-to-another-mailbox"),
    _taken(_ELSEWHERE, "38-blind-copy"),
    _silent(_RECALL, "39-recall", "held"),
    _silent(_RECALL, "39-recall-by-class", "held", marks=_marked(Mark.RECALL)),
    _unread(_GATEWAY, "40-mimecast-took-it", "left a notice in its place"),
    _unread(_GATEWAY, "40-barracuda-took-it", "left a notice in its place"),
    _unread(_GATEWAY, "40-egress-took-it", "left a notice in its place"),
    _taken(_GATEWAY, "40-banner-and-rewritten-links"),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.row}: {row.message[3:]}")
def test_each_of_the_forty_ends_as_it_should(row: Row) -> None:
    judged = judge(row.message, marks=row.marks, **row.known)
    assert verdict(judged.decision) == row.verdict, judged.decision.judgement
    shown = ("question",) if row.message in SHOWN else ()
    assert row.letters is None or (*row.letters, *shown) == tuple(kinds(judged.decision))
    assert tuple(s.respondent for s in judged.decision.submissions) == row.taken
    assert row.says in words_of(judged)
    assert all(figure.value is not None for s in judged.decision.submissions for figure in s.figures)


def test_every_raw_message_stands_in_a_row_or_a_test_below_and_all_forty_are_there() -> None:
    below = {"26-the-same-form-in-a-new-message", "33-chair-differs-from-lead", "37-after-the-close"}
    assert {row.message for row in ROWS} | below == set(every_name())
    assert {name[:2] for name in every_name()} == {f"{number:02}" for number in range(1, 41)}
    assert all(row.row[:2] == row.message[:2] for row in ROWS)


def test_26_the_same_form_in_a_new_message_is_no_new_version() -> None:
    first = judge("07-suppress-header-alone")
    again = judge("26-the-same-form-in-a-new-message", cycles=_after(first))
    assert (verdict(again.decision), kinds(again.decision)[:1]) == ("duplicate", ["already-have-it"])
    assert again.decision.submissions == ()
    assert again.message.id != first.message.id


def test_24_and_25_a_message_is_known_by_what_it_says_and_not_by_its_number() -> None:
    first, again, other = (
        judge(n).message for n in ("07-suppress-header-alone", "24-the-same-again", "25-the-same-id-other-content")
    )
    assert first.message_id == again.message_id == other.message_id
    assert first.id == again.id != other.id


def test_33_a_chairs_other_figures_are_a_new_version_that_nobody_has_approved() -> None:
    first = judge("07-suppress-header-alone")
    second = judge("33-chair-differs-from-lead", cycles=_after(first))
    (submission,) = second.decision.submissions
    assert (submission.sequence, submission.sender) == (2, "chair@charnwood.example")
    (cycle,) = _after(second)
    assert len(cycle.stands("charnwood").versions) == 2
    assert not cycle.stands("charnwood").approved
    assert sorted(letter.recipient for letter in second.decision.letters) == [
        "chair@charnwood.example",
        "lead@charnwood.example",
    ], "the lead learns of it too"
    assert len(cycle.events) > len(first.known.cycles[0].events), "the lead's version stays in the record"


def test_37_what_comes_after_the_close_is_taken_and_marked_late_by_the_servers_clock() -> None:
    late = judge("37-after-the-close", at=CLOSE + timedelta(minutes=1))
    (submission,) = late.decision.submissions
    assert submission.late
    assert kinds(late.decision) == ["receipt"]
    in_time = judge("37-after-the-close", at=CLOSE - timedelta(days=14))
    assert not in_time.decision.submissions[0].late


@pytest.mark.parametrize("name", [n for n in every_name() if n.startswith("23-name-")])
def test_23_a_file_keeps_the_name_its_sender_sees_as_a_label(name: str) -> None:
    (file, *_) = judge(name).files
    assert len(file) <= 100
    assert not set(file) & set('\x00\u202e/\\"')
    others = {
        "23-name-missing": "attachment",
        "23-name-twice": "return.xlsx",
        "23-name-too-long": ("Return " * 60)[:95].rstrip() + ".xlsx",
    }
    assert file == others.get(name, "Return £ Q2.xlsx")


def test_05_an_absence_is_told_with_its_last_day() -> None:
    for name in ("05-away-exchange", "05-away-pigeonhole", "05-away-with-a-signature-file"):
        judgement = judge(name).decision.judgement
        assert judgement is not None
        assert "November 2014" in judgement.reason


def words_of(judged: Judged) -> str:
    """All that the answers say."""
    letters = [render(x, OFFICE, environment=templates(), illustrative=True) for x in judged.decision.letters]
    return " ".join(" ".join(letter.text.split()) for letter in letters)


def _after(judged: Judged) -> tuple[object, ...]:
    return (after(judged.decision, judged.known.cycles[0]),)
