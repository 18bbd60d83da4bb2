"""Words in messages that came inside another one: attached, saved, packed or passed on; ours are told from theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage

import pytest

from csp_workflow.forms.refusals import explain_refusal
from csp_workflow.intake.opening import enclose_words, open_files
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.terms.events import Decision
from csp_workflow.terms.messages import IncomingMessage
from csp_workflow.terms.returns import ReadForm
from tests.intake.intake_factory import (
    FORMS,
    NOW,
    OFFICE,
    asked_to_approve,
    came_back,
    complete,
    decided,
    facts,
    good,
    happened,
    mail,
    verdict,
)
from tests.intake.test_words_beside import CHAIR, COUNTY
from tests.pathologies import outlook, signing
from tests.pathologies.books import form, zipped
from tests.sandbox.reading_here import run_here

LETTER = (
    "Dear Sam,\n\nPlease send us the return of Charnwood for July to September 2014 by Friday 31 October.\n"
    "Open the workbook, fill in the white cells and send it back in answer to this letter.\n\nOffice of the PCC"
)
SAID = "L2 leaves out August because the team had moved."
RESERVED = "Please treat L2 as provisional until the audit is over."


def written(
    text: str, *, sender: str = "Jo Officer <jo@charnwood.example>", html: bool = False, **heads: str
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["Subject"] = heads.pop("subject", "Our figures")
    message["Message-ID"] = heads.pop("id", f"<{abs(hash(text))}@mail.example>")
    for name, value in heads.items():
        message[name.replace("_", "-")] = value
    if html:
        message.set_content("".join(f"<p>{line}</p>" for line in text.split("\n") if line), subtype="html")
    else:
        message.set_content(text)
    return message


def attached(inner: EmailMessage, around: str = "Please find our return attached.") -> EmailMessage:
    outer = written(around, sender="Lead <lead@charnwood.example>", subject="Return")
    outer.add_attachment(inner)
    return outer


def as_file(data: bytes, name: str) -> EmailMessage:
    outer = written("Please find our return attached.", sender="Lead <lead@charnwood.example>", subject="Return")
    outer.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return outer


def opened(message: EmailMessage) -> IncomingMessage:
    return enclose_words(unpack_message(message.as_bytes(), received=NOW), run_here)


def with_a_form(message: EmailMessage, **more: object) -> Decision:
    known = replace(facts(came_back(FORMS["charnwood"], good())), site=COUNTY, **more)  # type: ignore[arg-type]
    return decided(opened(message), known)


def words(decision: Decision) -> str:
    return " ".join(decision.submissions[0].words.split())


def saved_by_outlook(text: str, **more: bytes) -> bytes:
    return outlook.saved_message([], text=text, **more)  # type: ignore[arg-type]


INSIDE: dict[str, Callable[[str], EmailMessage]] = {
    "attached": lambda said: attached(written(said)),
    "attached as a web page": lambda said: attached(written(said, html=True)),
    "a message in a message in a message": lambda said: attached(
        attached(attached(written(said)), "See below."), "See."
    ),
    "a saved .eml": lambda said: as_file(written(said).as_bytes(), "figures.eml"),
    "a saved .eml without a name for it": lambda said: as_file(
        b"Received: from x\n" + written(said).as_bytes(), "a.dat"
    ),
    "a saved .eml that holds another": lambda said: as_file(attached(written(said), "See below.").as_bytes(), "a.eml"),
    "a saved .msg": lambda said: as_file(saved_by_outlook(said), "figures.msg"),
    "a saved .msg of another name": lambda said: as_file(saved_by_outlook(said), "figures"),
    "a .msg in rich text": lambda said: as_file(outlook.saved_message([], text="", rich=said), "figures.msg"),
    "a .msg as a web page": lambda said: as_file(outlook.saved_message([], text="", html=f"<p>{said}</p>"), "a.msg"),
    "a .msg in a .msg": lambda said: as_file(
        outlook.saved_message([], text="See inside.", inside=[("a.txt", b"a")], inside_text=said), "figures.msg"
    ),
    "a .msg in an .eml": lambda said: as_file(as_file(saved_by_outlook(said), "in.msg").as_bytes(), "out.eml"),
    "winmail.dat": lambda said: as_file(outlook.winmail([], body=said), "winmail.dat"),
    "an .eml in winmail.dat": lambda said: as_file(
        outlook.winmail([("a.eml", written(said).as_bytes())]), "winmail.dat"
    ),
    "an .eml in a zip folder": lambda said: as_file(zipped(("a.eml", written(said).as_bytes())), "a.zip"),
    "signed and attached": lambda said: as_file(signing.signed(written(said).as_bytes()), "signed.p7m"),
}


@pytest.mark.parametrize("how", INSIDE)
def test_words_of_a_message_inside_one_that_brings_a_form_are_kept_and_told(how: str) -> None:
    decision = with_a_form(INSIDE[how](SAID))
    assert verdict(decision) == "return"
    assert SAID in words(decision)
    (letter,) = (x for x in decision.letters if x.recipient == "lead@charnwood.example")
    assert SAID in " ".join(str(letter.facts["words"]).split())


@pytest.mark.parametrize("how", INSIDE)
def test_what_reserves_something_there_waits_for_the_co_ordinator(how: str) -> None:
    decision = with_a_form(INSIDE[how](RESERVED))
    assert "QUESTION_ASKED" in happened(decision)
    (letter,) = (x for x in decision.letters if x.kind == "question")
    assert RESERVED in " ".join(str(letter.facts["words"]).split())


@pytest.mark.parametrize("how", INSIDE)
def test_words_inside_a_message_without_a_form_reach_the_co_ordinator(how: str) -> None:
    decision = decided(opened(INSIDE[how](SAID)), replace(facts(), site=COUNTY))
    told = [x for x in decision.letters if x.kind == "question"]
    assert [x.recipient for x in told] == [OFFICE.co_ordinator.address]
    assert SAID in " ".join(str(told[0].facts["words"]).split())


def test_a_message_inside_says_who_wrote_it_and_what_about() -> None:
    decision = with_a_form(attached(written(SAID)))
    assert words(decision) == f"In the attached message “Our figures” of Jo Officer: {SAID}"


@pytest.mark.parametrize("said", ["Please find attached our return.\n\nRegards\nJo", "Many thanks", ""])
def test_a_message_inside_that_says_nothing_leaves_nothing(said: str) -> None:
    decision = with_a_form(attached(written(said)))
    assert words(decision) == ""
    assert "QUESTION_ASKED" not in happened(decision)


def test_our_own_letter_inside_is_no_word_of_theirs() -> None:
    ours = {"answered_words": (LETTER,)}
    letter = written(LETTER, sender="Office <reporting@opcc.example>")
    assert words(with_a_form(attached(letter), **ours)) == ""
    quoting = f"{SAID}\n\nOn 1 October 2014 Office <reporting@opcc.example> wrote:\n" + "\n".join(
        f"> {line}" for line in LETTER.split("\n")
    )
    assert words(with_a_form(attached(written(quoting)), **ours)).endswith(f"Jo Officer: {SAID}")


def test_what_was_typed_into_our_letter_inside_is_theirs() -> None:
    lines = LETTER.split("\n")
    mixed = "\n".join([*(f"> {line}" for line in lines[:3]), SAID, *(f"> {line}" for line in lines[3:])])
    answer = f"On 1 October 2014 Office <reporting@opcc.example> wrote:\n{mixed}"
    decision = with_a_form(attached(written(answer)), answered_words=(LETTER,))
    assert SAID in words(decision)
    assert "white cells" not in words(decision)


def test_the_same_words_inside_and_outside_are_kept_once() -> None:
    assert words(with_a_form(attached(written(SAID), SAID))) == SAID
    wrapped = SAID.replace(" because", "\nbecause")
    assert words(with_a_form(attached(written(SAID), wrapped))) == wrapped.replace("\n", " ")
    assert words(with_a_form(attached(written(wrapped), SAID))) == SAID
    twice = attached(written(SAID))
    twice.add_attachment(written(SAID))
    assert words(with_a_form(twice)).count(SAID) == 1


# Passed on in the text ------------------------------------------------------------------------------

FORWARDS = {
    "Outlook": "-----Original Message-----\nFrom: Jo Officer\nSent: 14 October 2014 09:12\nTo: Lead\n"
    "Subject: Figures\n\n{}",
    "Gmail": "---------- Forwarded message ---------\nFrom: Jo Officer <jo@charnwood.example>\nDate: 14 Oct 2014\n"
    "Subject: Figures\nTo: <lead@charnwood.example>\n\n{}",
    "Apple": "Begin forwarded message:\n\nFrom: Jo Officer <jo@charnwood.example>\nDate: 14 October 2014\n"
    "Subject: Figures\n\n{}",
}


def passing_on(how: str, said: str, own: str = "") -> EmailMessage:
    text = f"{own}\n\n{FORWARDS[how].format(said)}\n"
    return written(text, sender="Lead <lead@charnwood.example>", subject="FW: Return")


@pytest.mark.parametrize("how", FORWARDS)
@pytest.mark.parametrize("own", ["", "Please find our return attached."])
def test_words_of_a_message_passed_on_with_a_form_are_kept(how: str, own: str) -> None:
    decision = with_a_form(passing_on(how, f"Hi Sam\n\n{SAID}\n\nRegards\nJo", own))
    assert words(decision) == f"In the message that was passed on: {SAID}"


@pytest.mark.parametrize("how", FORWARDS)
def test_what_a_message_passed_on_quotes_in_its_turn_is_not_told(how: str) -> None:
    chain = (
        f"{SAID}\n\nFrom: Lead\nSent: 13 October 2014 10:00\nTo: Jo Officer\nSubject: Figures\n\nCan you fill this in?"
    )
    assert words(with_a_form(passing_on(how, chain))) == f"In the message that was passed on: {SAID}"


def test_our_letter_passed_on_is_no_word_of_theirs() -> None:
    ours = FORWARDS["Outlook"].replace("Jo Officer", OFFICE.name).format(LETTER)
    message = written(f"\n{ours}", sender="Lead <lead@charnwood.example>", subject="FW: Return")
    assert words(with_a_form(message)) == ""
    assert words(with_a_form(message, answered_words=(LETTER,))) == ""


# No word of another's is an act -----------------------------------------------------------------------


def from_the_chair(message: EmailMessage) -> Decision:
    first, now = complete()
    del message["From"]
    message["From"], message["In-Reply-To"] = CHAIR, "<asked@opcc.example>"
    known = replace(facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id)), site=COUNTY)
    return decided(opened(message), known)


def test_a_yes_beside_a_message_that_says_more_is_not_recorded() -> None:
    assert verdict(from_the_chair(attached(written(RESERVED), "Approved"))) == "question"
    assert verdict(from_the_chair(attached(written("Thank you"), "Approved"))) == "approval"


def test_another_s_yes_inside_a_message_approves_nothing() -> None:
    assert verdict(from_the_chair(attached(written("Approved"), "See below."))) == "question"


def test_thanks_around_words_that_somebody_attached_are_no_noise() -> None:
    decision = decided(opened(attached(written(SAID), "Thank you")), replace(facts(), site=COUNTY))
    assert verdict(decision) == "question"
    assert SAID in str(next(x for x in decision.letters if x.kind == "question").facts["words"])


def test_a_nil_with_words_inside_is_asked_about() -> None:
    decision = decided(opened(attached(written(SAID), "Nil return")), replace(facts(), site=COUNTY))
    assert verdict(decision) == "question"


# Files beside a form ------------------------------------------------------------------------------------


def test_files_beside_a_form_are_listed_as_not_read() -> None:
    files = (
        came_back(FORMS["charnwood"], good()),
        explain_refusal("word"),
        explain_refusal("link"),
        ReadForm(),
    )
    (letter,) = (x for x in decided(mail(), facts(*files)).letters if x.recipient == "lead@charnwood.example")
    assert letter.facts["returns"][0].unrecorded == (
        "form 1.xlsx: the file is a Word document",
        "form 2.xlsx: the file is a link to a file that lies somewhere else, where we cannot open it",
        "form 3.xlsx: a workbook that is not our form",
    )


def test_what_lies_beside_the_form_in_a_zip_folder_is_listed_too() -> None:
    folder = zipped(("return.xlsx", form("charnwood")), ("notes.txt", b"L2 leaves out August."))
    found = open_files(unpack_message(as_file(folder, "a.zip").as_bytes(), received=NOW), run_here)
    assert [(file.name, getattr(one, "reason", "form")) for file, one in found] == [
        ("notes.txt", "text"),
        ("return.xlsx", "form"),
    ]
