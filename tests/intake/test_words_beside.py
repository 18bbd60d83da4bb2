"""Words beside an act or a form: none is lost, and one that reserves something stops what it bears on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from csp_workflow import settings
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.terms.personal import find_personal_details
from tests.intake.intake_factory import (
    FORMS,
    LATER,
    OFFICE,
    SITE,
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
from tests.mail.quoting import LETTERS, QUOTINGS, Quoting

ROOT = Path(__file__).resolve().parents[2]
REAL, _ = settings.load(ROOT / "config", environment={})
COUNTY = replace(
    SITE,
    approval_phrases=REAL.approval_phrases,
    nil_phrases=REAL.nil_phrases,
    decline_phrases=REAL.decline_phrases,
    courtesies=REAL.courtesies,
)
LEAD, CHAIR = "lead@charnwood.example", "chair@charnwood.example"

PLAIN = (
    "Approved",
    "APPROVED.",
    "Dear colleague,\n\nApproved.\n\nKind regards,\nSam Chair",
    "Yes",
    "Agreed",
    "I am happy to approve this return",
    "Hi all, approved.",
    "Dear Co-ordinator,\n\nApproved.",
    "Dear Anne-Marie,\nApproved",
    "Dear Dr. Smith,\nApproved",
    "Dear J. Smith - approved",
    "Good morning\n\nI approve the return for July to September 2014. Many thanks\n\nSam",
    "OFFICIAL\n\nApproved",
    "CAUTION: This email originated from outside the organisation.\nDo not click links.\n\nApproved",
    "Approved, thank you.",
    "Yes, I approve it.",
    "Approved - thanks for all your help",
    "I approve this return on behalf of the partnership.",
    "**Approved**",
    "\u201cApproved\u201d",
    "Approved\n\nSent from my iPhone",
    "Approved\n\n--\nSam Chair\nChair, Community Safety Partnership\nTel: 01509 000000",
    "Bore da\n\nApproved\n\nDiolch\nSam",
    "I approve.",
    "Yes, approved.",
    "I agree",
    "Hello\nApproved\nRegards\nSam",
    "Happy to approve. Thank you for sending this.",
    "I confirm that I approve this return.",
    "Please take this as my approval.",
    "The return is approved.",
    "Signed off.",
    "Approved - Sam",
    "EXTERNAL EMAIL\n\nApproved\n\nSam\n\nThis email has been scanned for viruses.",
    "Approved\n\nRegards\nSam Chair\nHead of Service\nPrivacy notice: www.charnwood.example/privacy",
    "Approved\n\nKind regards\nSam Chair\nHead of Change\nOn behalf of Charnwood CSP\nLE11 2TX",
    "Thank you. Approved.",
    "Approved!",
    "i approve this return",
    "Many thanks for this.\n\nI am content to approve.\n\nBest wishes\n\nSam",
    "Approved\n\n[cid:image001.png@01CFE9AB.1D2E3F40]",
    "Hi\nApproved\nThx\nS",
    "Aproved",
    "Dear Sir or Madam,\nApproved for the quarter July to September 2014.\nYours faithfully,\nS. Chair",
)
RESERVED = (
    "Approved\n\nbut please change the burglary figure to 43 first",
    "Approved subject to the burglary figure",
    "Approved except M12",
    "Approved once Sam has checked it",
    "Approved?",
    "Approved. Can you change burglary to 43?",
    "I approve, provided that the police agree.",
    "Approved in principle",
    "Yes, apart from the homicide",
    "Kind regards\n\nApproved\n\nPS the burglary figure is wrong",
    "Approved\n\nKind regards,\nSam Chair\n\nPlease do not send it to the Board before Monday.",
    "Approved for the Panel only",
    "Approved (draft)",
    "Approved, pending the police figures",
    "Not sure yet. Approved as far as M03.",
    "Approved\nCharnwood will send new figures tomorrow",
    "Approved but not for publication",
    "I approve all of it except the summary.",
    "Approve after you have rung me",
    "Approved\n\nDr Foster must see it first",
    "Approved\n\n[changes: burglary is 43]",
    "Approved\n\nCllr Jones objects",
    # Below a sign-off, beside an address or a number, in few words.
    "Approved\n\nKind regards\n\nSam\n\nPlease speak to Jo (jo@charnwood.example) about L2 before the Board.",
    "Approved\n\nKind regards\nSam\n\nNot before Monday please",
    "Approved\n\nKind regards\nSam\nL2 to be corrected",
    "Approved\n\nKind regards\nSam\n\nL2 is wrong",
    "Approved\n\nKind regards\nSam\n\nCall me on 01509 634500 before using L2",
    "Approved\n\nKind regards\nSam\n\nL2 58",
    "Approved\n\nKind regards\nSam\n\nCHARN.L2: 1,058",
    "Approved\n\nKind regards\nSam\n\nDraft",
    "Approved\n\nKind regards\npp Ann Jones",
    "Approved\n\nKind regards\nAnn Jones\nOn behalf of Cllr Example",
    # What only sounds like a name, a notice or a gateway's warning.
    "Approved - Partially",
    "Approved - Conditionally",
    "Approved - Harborough",
    "Approved\n\nMinus Burglary",
    "Approved\n\nRutland CSP",
    "Approved\n\nPlease note the comments in theme 1 are intended only for the CSP and must come out first.",
    "Approved\n\nRelease of L2 before the trial ends is strictly prohibited by the CPS.",
    "Approved\n\nSent by Sue Green, Cllr Example has not read it yet",
    "Warning: this is not final\n\nApproved",
)
NO_ACT = (
    "Not approved",
    "I would approve it if 43 became 41",
    "I do not approve this return",
    "Thanks",
    "I will look tomorrow",
    "Unapproved",
    "No",
    "Seen, thanks",
)


def from_the_chair(words: str, name: str = ""):  # type: ignore[no-untyped-def]
    first, now = complete()
    known = replace(facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id)), site=COUNTY)
    sender = f"{name} <{CHAIR}>" if name else CHAIR
    return decided(mail(words, sender=sender, answering="<asked@opcc.example>"), known, LATER)


@pytest.mark.parametrize("words", PLAIN)
def test_a_chair_s_plain_yes_is_one(words: str) -> None:
    assert verdict(from_the_chair(words)) == "approval"


@pytest.mark.parametrize(
    "signed",
    ["\n\nCllr Ann Example MBE\nLeader, Charnwood Borough Council", "\n\nDr Example\nChair"],
)
def test_titles_around_a_name_change_nothing_about_a_signature(signed: str) -> None:
    assert verdict(from_the_chair(f"Approved{signed}", "Ann Example")) == "approval"
    assert verdict(from_the_chair(f"Approved{signed}\nPlease wait for the police", "Ann Example")) == "question"
    assert verdict(from_the_chair(f"Approved{signed.replace('Example', 'Jones objects')}", "Ann Example")) == "question"


@pytest.mark.parametrize("words", RESERVED)
def test_a_yes_with_anything_beside_it_is_never_recorded(words: str) -> None:
    decision = from_the_chair(words)
    assert (verdict(decision), happened(decision)) == ("question", ["QUESTION_ASKED"])
    letters = {x.kind: x for x in decision.letters}
    assert letters["act-held"].recipient == CHAIR
    assert letters["act-held"].facts["phrase"] == "APPROVED"
    assert letters["question"].recipient == OFFICE.co_ordinator.address
    said = " ".join(letters["question"].facts["words"].split())
    for word in words.split("Kind regards", maxsplit=1)[0].split():
        assert word in said, "she gets every word"


@pytest.mark.parametrize("words", NO_ACT)
def test_what_is_no_yes_is_none(words: str) -> None:
    decision = from_the_chair(words)
    assert verdict(decision) == "question"
    assert "act-held" not in {x.kind for x in decision.letters}


@pytest.mark.parametrize("answering", ["<asked@opcc.example>", ""])
@pytest.mark.parametrize("words", ["OK", "Sure", "No objections.", "All good, go ahead", "Not yet: who wrote theme 1?"])
def test_whoever_is_asked_for_a_yes_learns_with_every_unclear_answer_how_it_is_said(words: str, answering: str) -> None:
    first, now = complete()
    submission = first.submissions[0].id
    stands = replace(now.stands("charnwood"), approval_asked=submission)
    asked = replace(now, status=replace(now.status, returns={**now.status.returns, "charnwood": stands}))
    answered = asked_to_approve(submission) if answering else None
    known = replace(facts(cycles=(asked,), answered=answered, asked=(asked_to_approve(submission),)), site=COUNTY)
    decision = decided(mail(words, sender=CHAIR, answering=answering), known, LATER)
    if verdict(decision) == "noise":  # "OK" to nothing that we asked
        return
    told = {x.kind: x for x in decision.letters}["question-received"]
    assert (told.facts["assent"], told.facts["phrase"]) == ("approval", "APPROVED")
    lead = decided(mail(words, sender=LEAD), known, LATER)
    assert not any(x.facts.get("phrase") for x in lead.letters), "and nobody else does"
    unasked = decided(mail(words, sender=CHAIR), replace(known, answered=None, asked=()), LATER)
    assert not any(x.facts.get("phrase") for x in unasked.letters), "whoever was shown nothing approves nothing"


def test_a_file_beside_a_yes_is_something_beside_it() -> None:
    first, now = complete()
    known = replace(facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id)), site=COUNTY)
    message = mail("Approved", sender=CHAIR, answering="<asked@opcc.example>", files=[("Changes.pdf", b"%PDF-1.4 x")])
    assert verdict(decided(message, known, LATER)) == "question"


@pytest.mark.parametrize(
    ("words", "becomes"),
    [
        ("Nil return", "nil"),
        ("Dear all,\n\nNIL RETURN for Charnwood for July to September 2014.\n\nThanks\nJo", "nil"),
        ("Nothing to report", "nil"),
        ("Nil return\n\nexcept one domestic homicide in August, which I will send separately.", "question"),
        ("Nil return. One homicide.", "question"),
        ("Nil return?", "question"),
        ("We decline", "declined"),
        ("We decline\n\nThe group did not meet.", "declined"),
        ("We decline until the police figures are right", "question"),
        ("We decline. Can you call me?", "question"),
    ],
)
def test_a_nil_or_a_decline_counts_when_nothing_is_reserved(words: str, becomes: str) -> None:
    decision = decided(mail(words), replace(facts(), site=COUNTY))
    assert verdict(decision) == becomes
    if words.endswith("did not meet."):
        assert decision.events[0].facts["reason"] == "The group did not meet"


CASES = {
    "approved-but-caveat": ("question", True),
    "approved-under-marking": ("approval", True),
    "html-words-text-disclaimer": ("approval", True),
    "inline-answers": ("question", False),
    "nil-but-caveat": ("question", False),
    "body-part-with-a-name": ("question", False),
}


@pytest.mark.parametrize(("name", "becomes", "asked"), [(name, *rest) for name, rest in CASES.items()])
def test_the_shared_cases_become_what_they_must(name: str, becomes: str, asked: bool, shared: Path) -> None:
    raw = (shared / "cases" / "mail" / f"{name}.eml").read_bytes()
    message = unpack_message(raw, received=LATER)
    first, now = complete()
    known = facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id)) if asked else facts()
    decision = decided(message, replace(known, site=COUNTY), LATER)
    assert verdict(decision) == becomes
    assert message.attachments == (), "words are no file"
    if name == "inline-answers":
        words = next(x for x in decision.letters if x.kind == "question").facts["words"]
        assert "To \u201cWhy did burglary fall to 43?\u201d:\nTwo offenders went to prison." in words
        assert "To \u201cIs 72 right for thefts?\u201d:\nNo, it must be 27." in words


# Words beside a form ---------------------------------------------------------------------------------


def returned(words: str):  # type: ignore[no-untyped-def]
    known = replace(facts(came_back(FORMS["charnwood"], good())), site=COUNTY)
    return decided(mail(words), known)


@pytest.mark.parametrize(
    "words",
    [
        "Please find our return attached.",
        "Dear all,\n\nPlease find attached our return for July to September 2014.\n\nKind regards,\nJo",
        "Here is the Charnwood return.",
        "Thanks",
        "",
    ],
)
def test_words_that_only_present_the_form_are_none(words: str) -> None:
    decision = returned(words)
    assert (verdict(decision), decision.submissions[0].words) == ("return", "")
    assert "question" not in {x.kind for x in decision.letters}


@pytest.mark.parametrize(
    "words", ["Sorry that it is so late: the office moved.", "Attached. We lost our analyst in July."]
)
def test_words_beside_a_form_are_kept_and_echoed(words: str) -> None:
    decision = returned(words)
    assert decision.submissions[0].words == words
    letters = {x.kind: x for x in decision.letters}
    assert letters["receipt"].facts["words"] == words
    assert ("question" in letters, "QUESTION_ASKED" in happened(decision)) == (False, False)


@pytest.mark.parametrize(
    "words",
    [
        "This must not be published.",
        "Please find our return attached, which leaves out August; treat it as provisional.",
        "Attached. Could you tell me who the chair is now?",
        "Attached but the burglary figure is wrong, we will send another.",
        "Charnwood attached. Melton: nil return.",
        "We decline to answer section 3. The rest is attached.",
        "Form attached. Nothing to report for Harborough.",
        "L1 is 44 not 43, could not edit the form",
        "Form attached. Please use 44 for L1.",
        "Form attached. Not for the Panel",
        "Form attached. L2 is a guess",
        # What would be kept back from her, and who is to be written to.
        "From Monday please contact Sam Smith on 01509 634000",
        "From now on write to cs@charnwood.example please",
        "My new mobile is 07700 900123.",
        "NB Sam Smith is covering for me from Monday.",
        "My deputy is Sam Smith, who lives at 4 Mill Lane",
    ],
)
def test_words_that_reserve_something_wait_for_the_co_ordinator_with_the_return_taken(words: str) -> None:
    decision = returned(words)
    assert verdict(decision) == "return"
    assert "QUESTION_ASKED" in happened(decision)
    letters = {x.kind: x for x in decision.letters}
    assert words in letters["question"].facts["words"]
    shown = letters["receipt"].facts["words"]
    assert shown == words or ("see the message" in shown and find_personal_details(words))


# In every program's quoting --------------------------------------------------------------------------


@pytest.mark.parametrize("quoting", QUOTINGS.values(), ids=QUOTINGS)
def test_an_act_is_the_same_in_every_program(quoting: Quoting) -> None:
    first, now = complete()
    letter = LETTERS["approval"]
    known = replace(
        facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id)), site=COUNTY, answered_words=(letter,)
    )
    for becomes, forms in (("approval", PLAIN), ("question", RESERVED), ("question", NO_ACT)):
        for words in forms:
            message = mail(quoting(words, letter), sender=CHAIR, answering="<asked@opcc.example>")
            found = verdict(decided(message, known, LATER))
            assert found == becomes or (words == "Thanks" and found == "noise"), words


def test_a_notice_in_a_gateway_s_banner_still_tells_that_the_file_was_taken_away() -> None:
    notice = "EXTERNAL EMAIL. The attachment was removed by the Mimecast content policy."
    decision = decided(mail(f"{notice}\n\nPlease find our return attached."), replace(facts(), site=COUNTY))
    assert verdict(decision) == "unreadable"
