"""What waits for a person, what is bounded, and what is passed over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.forms.reading import read_workbook
from csp_workflow.forms.refusals import explain_refusal
from csp_workflow.intake.case import Assignment
from csp_workflow.intake.opening import read_reply
from csp_workflow.terms.cells import seal_reference
from csp_workflow.terms.dates import CycleState
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.returns import FORM_VERSION, ReadForm, Unreadable
from csp_workflow.terms.service import JobEnd
from tests.intake.intake_factory import (
    BLABY,
    FORMS,
    KEY,
    Q2,
    SITE,
    after,
    came_back,
    cell,
    cycle,
    decided,
    facts,
    good,
    happened,
    kinds,
    mail,
    verdict,
)  # fmt: skip

CHARN = FORMS["charnwood"]


def test_another_partnerships_form_is_held_and_its_sender_gets_no_answer() -> None:
    decision = decided(mail(sender="officer@county.example"), facts(came_back(CHARN, good())))
    assert verdict(decision) == "held"
    assert not decision.submissions
    assert [(x.kind, x.recipient) for x in decision.letters] == [("something-arrived", "lead@charnwood.example")]
    assert after(decision).stands("charnwood").is_paused
    assert "officer" not in str(dict(decision.letters[0].facts))


def test_one_crossing_form_holds_the_whole_message() -> None:
    forms = (came_back(FORMS["blaby"], good(BLABY)), came_back(CHARN, good()))
    decision = decided(mail(sender="officer@county.example"), facts(*forms))
    assert verdict(decision) == "held"
    assert not decision.submissions


def test_strangers_and_colleagues_with_a_form_of_ours_wait_for_a_person() -> None:
    for sender, words, letter in (
        ("x@elsewhere.example", "not registered with us", "something-arrived"),
        ("new@charnwood.example", "organisation", "confirm-colleague"),
    ):
        decision = decided(mail(sender=sender), facts(came_back(CHARN, good())))
        assert verdict(decision) == "held"
        assert decision.judgement is not None
        assert words in decision.judgement.reason
        assert [(x.kind, x.recipient) for x in decision.letters] == [(letter, "lead@charnwood.example")]
        assert happened(decision) == ["MESSAGE_HELD"]


def test_the_co_ordinators_word_lets_a_held_message_through_and_the_lead_is_answered() -> None:
    said = Assignment(respondent="charnwood", by="coordinator@opcc.example")
    decision = decided(mail(sender="new@charnwood.example"), facts(came_back(CHARN, good()), assignment=said))
    assert verdict(decision) == "return"
    assert [x.recipient for x in decision.letters] == ["lead@charnwood.example"]
    assert decision.letters[0].answers == ""


def test_the_co_ordinators_word_does_not_let_another_partnerships_form_through() -> None:
    said = Assignment(respondent="blaby", by="coordinator@opcc.example")
    decision = decided(mail(sender="new@charnwood.example"), facts(came_back(CHARN, good()), assignment=said))
    assert verdict(decision) == "held"


def test_a_form_forwarded_by_the_office_is_taken_and_the_lead_is_answered() -> None:
    decision = decided(mail(sender="coordinator@opcc.example"), facts(came_back(CHARN, good())))
    assert verdict(decision) == "return"
    assert [x.recipient for x in decision.letters] == ["lead@charnwood.example"]


def test_two_genuine_references_that_disagree_are_held() -> None:
    other = (("A2 of 'Summary'", str(FORMS["blaby"].reference)),)
    opened = came_back(CHARN, good())
    decision = decided(mail(), facts(replace(opened, references=opened.references + other)))
    assert verdict(decision) == "held"
    assert decision.letters == ()


def test_a_reference_without_our_seal_never_identifies() -> None:
    forged = str(replace(FORMS["blaby"].reference, seal="00000000"))
    decision = decided(mail(), facts(came_back(CHARN, good(), reference=forged)))
    assert verdict(decision) == "held"
    assert decision.judgement is not None
    assert "seal is not ours" in decision.judgement.reason


@pytest.mark.parametrize(("code", "period"), [("GONE", Q2.code), ("CHARN", "1416Q2")])
def test_a_reference_of_ours_that_names_nobody_or_no_quarter_any_more_is_held(code: str, period: str) -> None:
    old = str(seal_reference(code, period, FORM_VERSION, 1, key=KEY))
    decision = decided(mail(), facts(came_back(CHARN, good(), reference=old)))
    assert (verdict(decision), decision.letters) == ("held", ())
    assert decision.judgement is not None
    assert decision.judgement.reason == f"Its reference names {code}, which is no respondent of ours any more."


def test_a_forged_sender_is_held_without_any_answer() -> None:
    headers = {"Authentication-Results": "mx.opcc.example; dmarc=fail header.from=charnwood.example"}
    decision = decided(mail(headers=headers), facts(came_back(CHARN, good())))
    assert verdict(decision) == "held"
    assert decision.letters == ()


def test_a_machine_that_brings_our_form_is_looked_at_by_a_person() -> None:
    decision = decided(mail(headers={"Auto-Submitted": "auto-generated"}), facts(came_back(CHARN, good())))
    assert verdict(decision) == "held"
    assert decision.letters == ()


def test_a_form_of_an_unasked_respondent_is_kept_out_politely() -> None:
    decision = decided(mail(), facts(came_back(CHARN, good()), cycles=()))
    assert kinds(decision) == ["wrong-quarter"]
    assert decision.letters[0].attachments == ()


def test_a_form_of_a_quarter_that_is_put_away_is_kept_out_politely() -> None:
    put_away = cycle(state=CycleState.ARCHIVED)
    decision = decided(mail(), facts(came_back(CHARN, good()), cycles=(put_away,)))
    assert kinds(decision) == ["wrong-quarter"]
    assert not decision.submissions


def test_a_form_beside_an_unreadable_file_is_taken() -> None:
    pdf = Unreadable(reason="pdf", sentence="The file is a PDF.")
    decision = decided(mail(), facts(came_back(CHARN, good()), pdf))
    assert verdict(decision) == "return"


def test_no_more_than_the_days_answers_then_one_note_then_silence() -> None:
    had = {"lead@charnwood.example": ("no-workbook", "question-received", "unchanged-form")}
    noted = decided(mail("When is it due?"), facts(answers_today=had))
    assert kinds(noted)[:1] == ["a-person-will-reply"]
    assert happened(noted)[-1] == "ANSWERS_STOPPED"
    had = {"lead@charnwood.example": (*had["lead@charnwood.example"], "a-person-will-reply")}
    silent = decided(mail("When is it due?"), facts(answers_today=had))
    assert kinds(silent) == ["question"], "the co-ordinator still gets the words"
    assert SITE.limits.answers_a_day == 3


def test_whoever_sends_something_new_always_hears_of_it() -> None:
    had = {"lead@charnwood.example": ("no-workbook", "question-received", "unchanged-form", "a-person-will-reply")}
    mended = decided(mail(), facts(came_back(CHARN, good()), answers_today=had))
    assert kinds(mended) == ["receipt"]
    assert kinds(decided(mail("Nil return"), facts(answers_today=had))) == ["nil-recorded"]


def test_answers_to_something_new_use_up_nobody_s_day() -> None:
    had = {"lead@charnwood.example": ("correction", "correction", "receipt", "receipt")}
    assert kinds(decided(mail("When is it due?"), facts(answers_today=had)))[:1] == ["question-received"]


def test_the_same_message_seen_before_is_a_duplicate_without_an_answer() -> None:
    decision = decided(mail(), facts(came_back(CHARN, good()), earlier="abc"))
    assert (verdict(decision), decision.letters, decision.events) == ("duplicate", (), ())


def test_a_workbook_of_their_own_design_is_told_to_use_the_form() -> None:
    decision = decided(mail(), facts(ReadForm(remarks=("We did not read the sheet 'Data'.",))))
    assert verdict(decision) == "unreadable"
    assert kinds(decision) == ["unreadable-file"]


def test_an_overwritten_police_figure_is_a_dispute_and_stays_one_in_the_fresh_form() -> None:
    typed = good(figures={"CHARN.L1": "?", "CHARN.L2": 72, "M11.1": cell("L9", 398)})
    decision, why = decided(mail(), facts(came_back(CHARN, typed))), "The form has 398 in place of the force's 412."
    assert decision.submissions[0].disputes == (("E07000130", "M11.1", why),)
    assert all(f.series != "M11.1" for f in decision.submissions[0].figures)
    fresh = read_reply(read_workbook(decision.letters[0].attachments[0].data))
    assert isinstance(fresh, ReadForm)
    kept = next(r for r in fresh.figures if r.ref == "M11.1")
    assert (kept.this_quarter.text, kept.status.text, kept.note.text) == ("412", "Disputed", why)


# What we failed on ----------------------------------------------------------------------------------


def test_what_we_failed_on_is_kept_and_whoever_may_write_hears_that_we_have_it() -> None:
    decision = decided(mail("Please find our return attached. Do ring me."), facts(failure=JobEnd.KILLED))
    assert verdict(decision) == "quarantined"
    assert [(x.kind, x.recipient) for x in decision.letters] == [
        ("question-received", "lead@charnwood.example"),
        ("question", SITE.office.co_ordinator.address),
    ]
    assert after(decision).stands("charnwood").is_paused
    assert "no fault of the sender" in str(decision.judgement)


def test_what_we_failed_on_brings_a_stranger_and_a_machine_no_letter() -> None:
    strange = decided(mail("", sender="x@elsewhere.example", subject="Hi"), facts(failure=JobEnd.FAULT))
    assert (verdict(strange), strange.letters) == ("quarantined", ())
    machine = mail("Please find it attached.", headers={"Auto-Submitted": "auto-generated"})
    kept = decided(machine, facts(failure=JobEnd.STALLED))
    assert (verdict(kept), kept.letters) == ("quarantined", ())


def test_many_files_that_are_unopened_are_counted_beyond_a_few() -> None:
    unopened = explain_refusal("unopened")
    files = tuple((Attachment(name=f"f{n}.xlsx", data=b"x" * 2_345), unopened) for n in range(7))
    said = decided(mail("Hello", sender="x@elsewhere.example", subject="Hi"), replace(facts(), opened=files)).judgement
    assert said is not None
    assert "It brought f0.xlsx (2 kB), f1.xlsx (2 kB)" in said.reason
    assert "and 2 more files, unopened until it is assigned" in said.reason
