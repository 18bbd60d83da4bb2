"""Words beside what is no return (a file, a link, a form not taken): answered, and shown to the co-ordinator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.forms import layout
from csp_workflow.terms.events import Decision
from csp_workflow.terms.returns import ReadForm, Unreadable
from tests.intake.intake_factory import (
    CHARNWOOD,
    FORMS,
    LATER,
    OFFICE,
    after,
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
from tests.intake.test_words_beside import COUNTY

CHAIR = "chair@charnwood.example"
PDF = Unreadable(reason="pdf", sentence="The file is a PDF.")
RESERVED = "Please do not publish the figure for burglary before Monday."


def kinds(decision: Decision) -> set[str]:
    return {letter.kind for letter in decision.letters}


def written(words: str, *opened: ReadForm | Unreadable) -> Decision:
    return decided(mail(words), replace(facts(*opened), site=COUNTY))


def is_shown(decision: Decision, words: str) -> bool:
    """Whether the co-ordinator gets the words, the digest keeps them, and the answer says so."""
    shown = [x for x in decision.letters if x.kind == "question" and words in x.facts["words"]]
    told = [x for x in decision.letters if x.recipient != OFFICE.co_ordinator.address]
    return (
        [x.recipient for x in shown] == [OFFICE.co_ordinator.address]
        and "QUESTION_ASKED" in happened(decision)
        and all(x.facts["shown"] or x.kind in {"question-received", "act-held"} for x in told)
    )


@pytest.mark.parametrize(
    "words",
    [
        "Our return will be late because our analyst has died.",
        "Our return must not include the homicide. I will ring you.",
        "Here is the problem: the police figures double count August.",
        "The attachment will not open on my machine.",
        "The form you attached is for Rutland, not for us.",
        "I cannot find our return from last quarter.",
        "We have attached ourselves to another partnership, so please write to them instead.",
    ],
)
def test_words_that_only_sound_like_a_forgotten_form_are_a_question(words: str) -> None:
    decision = written(words)
    assert verdict(decision) == "question"
    assert is_shown(decision, words)


@pytest.mark.parametrize(
    "words",
    [
        f"Please find attached our return. {RESERVED}",
        f"Form attached.\n\n{RESERVED}",
        "Attached is our return\n\nThe chair is away this week and the deputy signs.",
        "Melton: nil return. The Charnwood return is attached.",
    ],
)
def test_a_forgotten_form_is_asked_for_and_the_rest_is_shown(words: str) -> None:
    decision = written(words)
    assert verdict(decision) == "no workbook"
    assert is_shown(decision, words.rpartition("\n")[2])


@pytest.mark.parametrize(
    "words",
    [
        "Please find attached our return.",
        "Our return is here: https://county.sharepoint.com/:x:/s/return",
        "Return attached for July to September 2014\n\nKind regards\nJo",
        "Our quarterly return.\n\nRegards",
        "Our figures attached.",
        "The completed form is attached as requested. Sorry for the delay.",
        "I've attached our Q2 figures for July to September 2014.\n\nAny queries, please let me know.\n\nThx\nJo",
        "ASB cases\t41\nReferrals\t17",
        "",
    ],
)
def test_words_that_only_present_what_is_not_there_are_not_shown(words: str) -> None:
    decision = written(words)
    assert (verdict(decision), kinds(decision)) == ("no workbook", {"no-workbook"})
    assert not decision.letters[0].facts["shown"]


def test_words_beside_a_link_a_table_and_a_file_that_is_no_form_are_shown() -> None:
    link = written(f"Our return is here: https://county.sharepoint.com/:x:/s/return\n{RESERVED}")
    table = written(f"ASB cases\t41\nReferrals\t17\n\n{RESERVED}")
    file = written(f"Our answers are in the letter.\n{RESERVED}", PDF)
    assert [verdict(one) for one in (link, table, file)] == ["no workbook", "no workbook", "unreadable"]
    assert all(is_shown(one, RESERVED) for one in (link, table, file))


@pytest.mark.parametrize("prefix", ["FW", "Fwd", "Fw", "WG", "TR", "Ymlaen"])
def test_somebody_else_s_words_passed_on_without_a_word_are_read_by_a_person(prefix: str) -> None:
    head = "From: Chair [mailto:chair@charnwood.example]\nSent: 16 October 2014 10:30\nTo: Lead\nSubject: our return"
    words = f"\n{head}\n\nApproved, but change the ASB figure first."
    decision = decided(mail(words, subject=f"{prefix}: our return"), replace(facts(), site=COUNTY))
    assert verdict(decision) == "question"
    assert is_shown(decision, "Approved, but change the ASB figure first.")
    assert "APPROVED" not in happened(decision)


def test_what_is_put_aside_as_hostile_is_not_sent_on() -> None:
    decision = written(RESERVED, Unreadable(reason="hostile", sentence="It is unsafe."))
    assert (verdict(decision), kinds(decision)) == ("quarantined", {"unreadable-file"})


# Beside a form that is not taken ---------------------------------------------------------------------


def test_words_beside_a_form_that_came_before_are_shown() -> None:
    form = came_back(FORMS["charnwood"], good())
    known = replace(facts(form, cycles=(complete()[1],)), site=COUNTY)
    again = decided(mail(RESERVED), known, LATER)
    assert verdict(again) == "duplicate"
    assert is_shown(again, RESERVED)
    assert kinds(decided(mail("Please find our return attached."), known, LATER)) == {"already-have-it"}


def test_words_beside_a_form_with_nothing_in_it_are_shown() -> None:
    decision = written(
        RESERVED, came_back(FORMS["charnwood"], replace(good(), figures={}, statuses={}, texts={}, signed={}))
    )
    assert verdict(decision) == "no workbook"
    assert is_shown(decision, RESERVED)


@pytest.mark.parametrize(
    ("words", "becomes"),
    [
        ("", "nil"),
        ("Nil return", "nil"),
        ("Please find our return attached.\n\nThanks\nJo", "nil"),
        ("Nil return\n\nexcept one homicide", "question"),
        ("One homicide in August.", "question"),
        (RESERVED, "question"),
    ],
)
def test_a_nil_ticked_on_the_form_is_held_when_words_stand_beside_it(words: str, becomes: str) -> None:
    signed = {**good().signed, layout.NIL: "Yes"}
    form = came_back(FORMS["charnwood"], replace(good(), figures={}, statuses={}, texts={}, signed=signed))
    decision = written(words, form)
    assert verdict(decision) == becomes
    assert ("question" in kinds(decision)) is (becomes == "question")
    if becomes == "question":
        assert is_shown(decision, words.rpartition("\n")[2])
        assert "act-held" in kinds(decision)
        assert after(decision).stands(CHARNWOOD.key).state.value == "requested"


# A chair's yes beside the very form ------------------------------------------------------------------


@pytest.mark.parametrize(("words", "becomes"), [("Approved", "approval"), ("Approved, but not M12", "duplicate")])
def test_a_chair_who_sends_the_form_back_with_a_yes_approves_what_stands(words: str, becomes: str) -> None:
    first, now = complete()
    form = came_back(FORMS["charnwood"], good())
    known = facts(form, cycles=(now,), answered=asked_to_approve(first.submissions[0].id))
    decision = decided(mail(words, sender=CHAIR, answering="<asked@opcc.example>"), replace(known, site=COUNTY), LATER)
    assert verdict(decision) == becomes
    assert ("APPROVED" in happened(decision)) is (becomes == "approval")
    assert ("question" in kinds(decision)) is (becomes != "approval")


OURS = "Return for July to September 2014"


def said_in_subject(subject: str, body: str = "", **more: object) -> Decision:
    return decided(mail(body, subject=subject), replace(facts(**more), site=COUNTY))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("subject", "becomes"),
    [
        ("NIL RETURN", "nil"),
        (f"NIL RETURN - RE: {OURS}", "nil"),
        (f"Can we have until 24 October? RE: {OURS}", "question"),
        ("Please ring me before Friday about the burglary figure", "question"),
        ("Our return will be a week late, sorry [EOM]", "question"),
        ("We cannot open the form", "question"),
        ("Thank you", "noise"),
        (f"RE: {OURS}", "no workbook"),
        ("Charnwood return, July to September 2014", "no workbook"),
    ],
)
@pytest.mark.parametrize("body", ["", "Kind regards\nLead"])
def test_a_subject_is_the_words_where_the_body_says_nothing(subject: str, becomes: str, body: str) -> None:
    assert verdict(said_in_subject(subject, body)) == becomes


@pytest.mark.parametrize(
    ("sign", "becomes"), [("\U0001f44d", "noise"), ("\U0001f44d\U0001f3fd\n\nSam", "noise"), ("\U0001f44e", "question")]
)
def test_a_thumb_up_is_thanks_but_of_a_chair_who_is_asked(sign: str, becomes: str) -> None:
    assert verdict(written(sign)) == becomes
    first, now = complete()
    known = replace(facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id)), site=COUNTY)
    assert verdict(decided(mail(sign, sender=CHAIR, answering="<asked@opcc.example>"), known, LATER)) == "question"


def test_a_chair_may_approve_in_the_subject_of_an_answer() -> None:
    first, now = complete()
    asked = replace(asked_to_approve(first.submissions[0].id), subject="Please approve: return of Charnwood")
    known = replace(facts(cycles=(now,), answered=asked), site=COUNTY)
    for subject, becomes in (
        ("APPROVED", "approval"),
        (f"Approve: {asked.subject}", "approval"),
        (f"RE: {asked.subject}", "question"),
        (f"Reject: {asked.subject}", "question"),
    ):
        message = mail("", sender=CHAIR, subject=subject, answering="<asked@opcc.example>")
        assert verdict(decided(message, known, LATER)) == becomes
