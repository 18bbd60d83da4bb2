"""The egress gate: a letter whose form, respondents and recipient do not agree never leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from csp_workflow.mail.unpack import identify_content
from csp_workflow.post import gate
from csp_workflow.terms.cells import FormVersion
from csp_workflow.terms.events import About, Letter, Manner
from csp_workflow.terms.messages import Attachment, Topic, Topics
from csp_workflow.terms.returns import FORM_VERSION
from csp_workflow.terms.site import Contact, Role, Site
from tests.post.post_told import NOW, SITE, about, composed, letter, queued, reference, respondent, workbook

DAY = NOW.date()


def refusal(asked: Letter, **more: Any) -> str:
    message_id, content = composed(asked, **more)
    return gate.judge_bytes(content, queued(asked, message_id), SITE, DAY)


def page(*whose: str) -> Attachment:
    marks = "".join(f'<meta name="own-page" content="{one}">' for one in whose)
    return Attachment(name="page.html", data=f"<!DOCTYPE html>\n<html><head>{marks}</head></html>".encode())


def test_a_partnerships_own_page_goes_to_its_own_contact() -> None:
    assert refusal(letter(attachments=(page("CHARN-1415Q2"),)), subject="Noted [CSP 2014/15-Q2 CHARN]") == ""


def test_a_request_with_its_own_form_to_its_own_contact_may_leave() -> None:
    asked = letter(attachments=(workbook(reference()),))
    assert refusal(asked, subject="Your return [CSP 2014/15-Q2 CHARN]") == ""


def test_an_officer_of_two_districts_gets_both_forms_in_one_letter() -> None:
    asked = letter(
        recipient="officer@county.example",
        about=about("melton", "rutland"),
        attachments=(workbook(reference("MELT")), workbook(reference("RUTL"))),
    )
    assert refusal(asked, subject="Two returns [CSP 2014/15-Q2 MELT, RUTL]") == ""


def test_a_workbook_too_large_to_look_into_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = letter(attachments=(workbook(reference()),))
    monkeypatch.setattr(gate, "_LARGEST_BOOK", 10)
    assert "cannot be opened to see whose it is" in refusal(asked, subject="Your return [CSP 2014/15-Q2 CHARN]")


@pytest.mark.parametrize(
    ("crossed", "why"),
    [
        (letter(attachments=(workbook(reference("MELT")),)), "belongs to another respondent"),
        (letter(attachments=(workbook(reference(), name=f"Return {reference('MELT')}.xlsx"),)), "several forms"),
        (letter(attachments=(workbook(reference(), reference("RUTL")),)), "several forms"),
        (letter(attachments=(workbook(reference(period="1415Q1")),)), "another quarter"),
        (letter(attachments=(workbook("nothing"),)), "no return reference"),
        (letter(attachments=(page("MELT-1415Q2"),)), "belongs to another respondent"),
        (letter(attachments=(page("CHARN-1415Q1"),)), "another quarter"),
        (letter(attachments=(page("CHARN-1415Q2", "MELT-1415Q2"),)), "several forms"),
        (letter(attachments=(page(),)), "no return reference"),
        (letter(attachments=(Attachment(name="a.xlsx", data=b"no zip"),)), "cannot be opened"),
        (letter(attachments=(Attachment(name="a.xlsx", data=b"PK\x03\x04broken"),)), "cannot be opened"),
        (letter(recipient="officer@county.example"), "not (or no longer) a registered contact"),
        (letter(recipient="stranger@elsewhere.example"), "not (or no longer) a registered contact"),
        (letter(about=about("charnwood", "melton")), "not (or no longer) a registered contact"),
        (letter(about=()), "whose information"),
        (letter("digest", recipient="lead@charnwood.example"), "meant for the office"),
        (letter("digest", recipient="secretariat@board.example"), "meant for the office"),
    ],
)
def test_what_crosses_is_refused(crossed: Letter, why: str) -> None:
    assert why in refusal(crossed)


def test_an_officer_of_two_districts_is_not_sent_ones_form_in_the_others_letter() -> None:
    asked = letter(
        recipient="officer@county.example", about=about("melton"), attachments=(workbook(reference("RUTL")),)
    )
    assert "another respondent" in refusal(asked)


def test_words_that_name_anothers_return_are_refused() -> None:
    assert "names another" in refusal(letter(), text=f"See {reference('MELT')}.")
    assert "names another" in refusal(letter(), subject="Your return [CSP 2014/15-Q2 MELT]")


def test_a_contact_who_left_since_the_letter_was_written_gets_nothing() -> None:
    asked = letter()
    message_id, content = composed(asked)
    charnwood = SITE.respondent("charnwood")
    gone = replace(charnwood.contacts[0], valid_to=date(2014, 10, 15))
    site = replace(SITE, respondents=(replace(charnwood, contacts=(gone,)), *SITE.respondents[1:]))
    assert "no longer" in gate.judge_bytes(content, queued(asked, message_id), site, DAY)


def test_bytes_of_another_letter_are_refused() -> None:
    asked, other = letter(), letter(number=2)
    message_id, _ = composed(asked)
    _, others_bytes = composed(other)
    assert "not those of the letter" in gate.judge_bytes(others_bytes, queued(asked, message_id), SITE, DAY)
    elsewhere = letter(recipient="lead@melton.example")
    _, to_melton = composed(elsewhere)
    assert "not those of the letter" in gate.judge_bytes(to_melton, queued(asked, message_id), SITE, DAY)


def test_bytes_that_are_no_letter_are_refused() -> None:
    asked = letter()
    message_id, content = composed(asked)
    assert gate.judge_bytes(b"", queued(asked, message_id), SITE, DAY)
    two = content.replace(b"To: ", b"To: someone@else.example, ", 1)
    assert gate.judge_bytes(two, queued(asked, message_id), SITE, DAY)
    blind = content.replace(b"To: ", b"Bcc: someone@else.example\r\nTo: ", 1)
    assert gate.judge_bytes(blind, queued(asked, message_id), SITE, DAY)


def test_the_co_ordinator_and_her_deputy_may_read_everything() -> None:
    books = (workbook(reference()), workbook(reference("MELT")), Attachment(name="letters.txt", data=b"words"))
    for to in ("coordinator@opcc.example", "deputy@opcc.example"):
        assert refusal(letter("proof-pack", recipient=to, attachments=books)) == ""


def test_the_secretariat_gets_the_paper_and_nobodys_form() -> None:
    paper = workbook("A paper", name="Paper.docx")
    to = {"recipient": "secretariat@board.example", "about": (), "manner": Manner.OFFICE, "quarter": None}
    assert refusal(letter("circulation", attachments=(paper,), **to)) == ""
    assert "may not carry a form" in refusal(letter("circulation", attachments=(workbook(reference()),), **to))
    assert "meant for the office" in refusal(letter("draft-paper", attachments=(paper,), **to))


def test_the_manager_gets_the_week_in_short_alone_and_no_file() -> None:
    manager = replace(SITE.office.co_ordinator, name="Head", address="head@opcc.example")
    site = replace(SITE, office=replace(SITE.office, manager=manager))
    to = {"recipient": "head@opcc.example", "about": (), "manner": Manner.OFFICE, "quarter": None}

    def judge(asked: Letter, of: Site = site) -> str:
        message_id, content = composed(asked)
        return gate.judge_bytes(content, queued(asked, message_id), of, DAY)

    assert judge(letter("week-in-short", **to)) == ""
    assert "A file may not go" in judge(letter("week-in-short", attachments=(workbook("x"),), **to))
    assert "goes to somebody else" in judge(letter("week-in-short", **to), SITE)
    assert "goes to somebody else" in judge(letter("digest", **to))


def test_a_chairs_letter_goes_to_the_chair_and_the_analysts_to_the_analyst() -> None:
    chair = Contact(name="Chair", role=Role.CHAIR, address="chair@charnwood.example")
    charnwood = SITE.respondent("charnwood")
    with_chair = replace(charnwood, contacts=(*charnwood.contacts, chair))
    site = replace(SITE, respondents=(with_chair, *SITE.respondents[1:]))

    def judged(kind: str, to: str) -> str:
        asked = letter(kind, recipient=to)
        message_id, content = composed(asked)
        return gate.judge_bytes(content, queued(asked, message_id), site, DAY)

    lead = charnwood.contacts[0].address
    for kind in ("approval-request", "overdue-chair", "approval-recorded"):
        assert judged(kind, chair.address) == ""
        assert "meant for the chair" in judged(kind, lead)
    assert "meant for the lead" in judged("approval-noted", chair.address)
    assert judged("confirm-colleague", lead) == judged("confirm-colleague", chair.address) == ""
    assert "meant for the force's analyst" in judged("request-analyst", lead)
    assert "knows no letter of its kind" in judged("a-kind-of-an-older-version", lead)


def test_a_planted_crossing_between_any_two_respondents_is_always_seen() -> None:
    """Every form to every registered address: exactly those that agree may leave."""
    for owner in SITE.respondents:
        for form in SITE.respondents:
            for reader in SITE.respondents:
                asked = letter(
                    recipient=reader.contacts[0].address,
                    about=about(owner.key),
                    attachments=(workbook(reference(form.code)),),
                )
                may = owner is form and owner.is_registered(asked.recipient, DAY)
                assert (refusal(asked) == "") is may


@pytest.mark.parametrize("version", [FormVersion(1), FORM_VERSION, FormVersion(2, 11)], ids=str)
def test_the_real_workbook_is_recognised_by_the_independent_reader(version: FormVersion) -> None:
    """What the forms' writer writes is found without the forms' reader."""
    from datetime import datetime

    from csp_workflow.forms.writing import write_workbook
    from csp_workflow.terms.cells import seal_reference
    from csp_workflow.terms.returns import FormDefinition

    sealed = seal_reference("CHARN", "1415Q2", version, 1, key=b"k")
    owner = respondent("charnwood", "CHARN", "lead@charnwood.example")
    form = FormDefinition(
        reference=sealed,
        respondent=owner.key,
        respondent_name=owner.name,
        kind=owner.kind,
        quarter=letter().quarter,  # type: ignore[arg-type]
        due=NOW,
        office="The Office",
        ask="Please.",
        history=(),
        figures=(),
    )
    data = write_workbook(form, created=datetime(2014, 10, 1, tzinfo=NOW.tzinfo))
    assert gate.identities(Attachment(name="Return.xlsx", data=data)) == {("CHARN", "1415Q2")}


@pytest.mark.parametrize(
    ("to", "carried", "why"),
    [
        ("foi@opcc.example", b"Subject: a\r\n\r\nFor them.\r\n", ""),
        ("coordinator@opcc.example", b"Subject: a\r\n\r\nFor them.\r\n", ""),
        ("lead@charnwood.example", b"Subject: a\r\n\r\nFor them.\r\n", "is named for that nowhere"),
        ("secretariat@board.example", b"Subject: a\r\n\r\nFor them.\r\n", "is named for that nowhere"),
        ("foi@opcc.example", b"Subject: b\r\n\r\nAnother's.\r\n", "carries something else"),
    ],
)
def test_what_is_passed_on_goes_where_the_site_says_and_brings_nothing_but_its_message(
    to: str, carried: bytes, why: str
) -> None:
    site = replace(SITE, topics=Topics(topics=(Topic(key="foi", name="a request", address="foi@opcc.example"),)))
    asked = letter(
        "passed-on",
        recipient=to,
        about=(About(message=identify_content(b"Subject: a\r\n\r\nFor them.\r\n")),),
        attachments=(Attachment(name="It.eml", data=carried),),
        quarter=None,
        manner=Manner.OFFICE,
    )
    message_id, content = composed(asked)
    said = gate.judge_bytes(content, queued(asked, message_id), site, DAY)
    assert why in said
    assert bool(said) is bool(why)
