"""A form that came: what is taken, what is kept out, and what its sender is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

from openpyxl import load_workbook

from csp_workflow.forms import layout
from csp_workflow.forms.reading import read_workbook
from csp_workflow.intake.case import Assignment
from csp_workflow.intake.opening import read_reply
from csp_workflow.letters.catalogue import make_tag
from csp_workflow.terms.cells import FormVersion, is_genuine
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.figures import FigureStatus
from csp_workflow.terms.returns import FormDefinition, ReadForm, ReadText, ReturnState
from csp_workflow.terms.site import ActionRow
from tests.intake.intake_factory import (
    BLABY,
    CHARNWOOD,
    CLOSE,
    DUE,
    FORCE,
    FORMS,
    HARBOROUGH,
    KEY,
    LATER,
    NOW,
    Q1,
    Q2,
    SIGNED,
    Typed,
    after,
    came_back,
    cell,
    cycle,
    decided,
    facts,
    form_of,
    good,
    happened,
    kinds,
    mail,
    row,
    verdict,
)  # fmt: skip

CHARN = FORMS["charnwood"]


def test_a_good_form_is_complete_and_its_sender_gets_a_receipt_with_every_figure() -> None:
    decision = decided(mail(), facts(came_back(CHARN, good())))
    assert verdict(decision) == "return"
    assert happened(decision) == ["RECEIVED", "COMPLETE"]
    assert kinds(decision) == ["receipt"]
    (submission,) = decision.submissions
    assert submission.sequence == 1
    assert submission.is_complete
    assert {(f.series, f.value) for f in submission.figures} == {("CHARN.L1", Decimal(43)), ("CHARN.L2", Decimal(72))}
    (told,) = decision.letters[0].facts["returns"]
    assert told.figures[0] == ("CHARN.L1 Incidents in the town centre", "43 incidents", "L7")
    assert decision.letters[0].recipient == "lead@charnwood.example"
    assert not decision.requests


def test_a_fresh_form_shows_a_share_as_the_per_cent_it_looked_like_and_marks_what_a_board_asked_for() -> None:
    asked = ActionRow(ref="A1", board="SPEB", wording="Say why.", asked=date(2014, 9, 1), due=date(2014, 11, 1))
    sent = replace(CHARN, actions=(asked,))
    typed = good(figures={"CHARN.L1": "?", "CHARN.L2": cell("L8", 0.72, shown="72%")})
    answer = ReadText(ref="A1", value=cell("E7", "", sheet=layout.ACTIONS))
    known = facts(came_back(sent, typed, actions=(answer,)), cycles=(cycle(forms={**FORMS, "charnwood": sent}),))
    fresh = decided(mail(), known).letters[0].attachments[0].data
    read = read_reply(read_workbook(fresh))
    assert isinstance(read, ReadForm)
    assert next(row.this_quarter.text for row in read.figures if row.ref == "CHARN.L2") == "72"
    notes = [
        c.comment.text for row in load_workbook(BytesIO(fresh))[layout.ACTIONS].iter_rows() for c in row if c.comment
    ]
    assert any("Please" in note for note in notes)


SHARES = replace(
    form_of(CHARNWOOD, version=FormVersion(1)),
    figures=tuple(replace(r, out_of="residents asked") if r.ref == "CHARN.L2" else r for r in CHARN.figures),
)
"""Of the first layout, with a column of its own for how many."""


def returned(typed: Typed, *, sent: FormDefinition = SHARES) -> Decision:
    return decided(mail(), facts(came_back(sent, typed), cycles=(cycle(forms={**FORMS, "charnwood": sent}),)))


def figures_without(ref: str, typed: Typed) -> Typed:
    return replace(typed, figures={key: value for key, value in typed.figures.items() if key != ref})


def test_a_share_is_received_and_said_back_with_its_counts() -> None:
    decision = returned(figures_without("CHARN.L2", good(counts={"CHARN.L2": (72, 100)})))
    (share,) = [figure for figure in decision.submissions[0].figures if figure.series == "CHARN.L2"]
    assert (share.value, share.count, share.base) == (72, 72, 100)
    (told,) = decision.letters[0].facts["returns"]
    assert told.figures[-1] == ("CHARN.L2 Residents who feel safe", "72 per cent (72 of 100)", "J8:K8")


def test_other_counts_are_another_return_though_the_per_cent_is_the_same() -> None:
    made = [returned(figures_without("CHARN.L2", good(counts={"CHARN.L2": c}))) for c in ((15, 40), (30, 80))]
    first, second = (decision.submissions[0] for decision in made)
    assert [f.value for f in first.figures] == [f.value for f in second.figures]
    assert first.content != second.content


def test_a_count_that_looks_like_a_per_cent_is_asked_for_anew_and_the_other_comes_back_in_its_box() -> None:
    looks = cell("J8", 0.4, shown="40%")
    typed = figures_without("CHARN.L2", good(counts={"CHARN.L2": (looks, 30)}, notes={"CHARN.L2": "From the panel"}))
    decision = returned(typed)
    (letter,) = decision.letters
    (told,) = letter.facts["returns"]
    assert [(line.cell, line.found, line.code) for line in told.faults] == [
        ("J8 (CHARN.L2 Residents who feel safe)", "40%", "other-unit")
    ]
    fresh = read_reply(read_workbook(letter.attachments[0].data))
    assert isinstance(fresh, ReadForm)
    row = next(row for row in fresh.figures if row.ref == "CHARN.L2")
    assert (row.out_of.text, row.this_quarter.text) == ("30", "")
    beside = next(row for row in fresh.figures if row.ref == "CHARN.L1")
    assert (beside.out_of.text, beside.this_quarter.text) == ("not needed", "43")


def test_what_was_typed_is_said_back() -> None:
    typed = good(figures={"CHARN.L1": "c. 43", "CHARN.L2": "72%"})
    decision = decided(mail(), facts(came_back(CHARN, typed)))
    (told,) = decision.letters[0].facts["returns"]
    assert told.readings == (
        "L7: “c. 43” was typed; we recorded 43 incidents. We marked it as an estimate.",
        "L8: “72%” was typed; we recorded 72 per cent.",
    )
    assert decision.submissions[0].figures[0].status is FigureStatus.ESTIMATED


def test_faults_bring_a_correction_with_a_fresh_form_in_which_they_stand_empty() -> None:
    typed = good(figures={"CHARN.L1": "n/a", "CHARN.L2": "1,20"}, notes={"CHARN.L1": "Waiting for the council"})
    decision = decided(mail(), facts(came_back(CHARN, typed)))
    assert happened(decision) == ["RECEIVED", "QUERIED"]
    assert kinds(decision) == ["correction"]
    (letter,), (request,) = decision.letters, decision.requests
    (told,) = letter.facts["returns"]
    assert [(line.cell, line.found, line.code) for line in told.faults] == [
        ("L7 (CHARN.L1 Incidents in the town centre)", "n/a", "not-applicable-or-available"),
        ("L8 (CHARN.L2 Residents who feel safe)", "1,20", "unreadable-number"),
    ]
    assert all(line.wanted and line.example for line in told.faults)
    assert request.form.reference.revision == 2
    assert is_genuine(request.form.reference, key=KEY)
    fresh = read_reply(read_workbook(letter.attachments[0].data))
    assert isinstance(fresh, ReadForm)
    assert {row.ref: row.this_quarter.text for row in fresh.figures}["CHARN.L1"] == "", "what we doubt is not theirs"
    assert {row.ref: row.note.text for row in fresh.figures}["CHARN.L1"] == "Waiting for the council"
    assert fresh.summary[0].value.text == "Two joint patrols were held."
    assert letter.attachments[0].name == told.fresh


def test_the_fresh_form_returned_as_it_was_is_the_same_return_again() -> None:
    typed = good(figures={"CHARN.L1": "n/a", "CHARN.L2": 72})
    asked = cycle(forms={"charnwood": CHARN})
    first = decided(mail(), facts(came_back(CHARN, typed), cycles=(asked,)))
    fresh = read_reply(read_workbook(first.letters[0].attachments[0].data))
    again = decided(mail("Here it is."), facts(fresh, cycles=(after(first, asked),)), LATER)
    assert verdict(again) == "duplicate"
    assert kinds(again) == ["already-have-it"]
    assert not again.submissions


def test_the_fresh_form_mended_is_the_next_version_and_complete() -> None:
    typed = good(figures={"CHARN.L1": "n/a", "CHARN.L2": 72})
    first = decided(mail(), facts(came_back(CHARN, typed)))
    mended = came_back(first.requests[0].form, good())
    second = decided(mail("Corrected."), facts(mended, cycles=(after(first),)), LATER)
    assert second.submissions[0].sequence == 2
    assert second.submissions[0].revision == 2
    assert happened(second) == ["RECEIVED", "COMPLETE"]


def test_a_later_different_submission_takes_the_place_of_an_approved_one() -> None:
    first = decided(mail(), facts(came_back(CHARN, good())))
    approved = Event(
        kind=Happened.APPROVED, at=NOW, by="chair", quarter=Q2, respondent="charnwood", subject=first.submissions[0].id
    )
    now = after(replace(first, events=(*first.events, approved)))
    typed = good(figures={"CHARN.L1": 44, "CHARN.L2": 72})
    second = decided(mail("A correction."), facts(came_back(CHARN, typed), cycles=(now,)), LATER)
    stands = after(second, now).stands("charnwood")
    assert stands.state is ReturnState.COMPLETE
    assert stands.approved == ""
    assert len(stands.versions) == 2


def test_the_same_content_in_another_file_is_a_duplicate() -> None:
    first = decided(mail(), facts(came_back(CHARN, good())))
    again = decided(mail(""), facts(came_back(CHARN, good()), cycles=(after(first),)), LATER)
    assert verdict(again) == "duplicate"
    assert kinds(again) == ["already-have-it"]
    assert not again.events


def test_two_different_versions_in_one_message_are_neither_taken_and_the_sender_is_asked() -> None:
    other = good(figures={"CHARN.L1": 46, "CHARN.L2": 72})
    decision = decided(mail(), facts(came_back(CHARN, good()), came_back(CHARN, other)))
    assert verdict(decision) == "held"
    assert kinds(decision) == ["two-versions"]
    assert not decision.submissions
    assert decision.letters[0].facts["files"] == ("form 0.xlsx", "form 1.xlsx")
    assert after(decision).stands("charnwood").is_paused


def test_a_form_as_it_was_sent_is_no_version_beside_one_that_was_filled_in() -> None:
    """A program that brings the files of our letter along with a reply attaches both."""
    for order in ((Typed(), good()), (good(), Typed())):
        decision = decided(mail(), facts(*(came_back(CHARN, typed) for typed in order)))
        (submission,) = decision.submissions
        assert {f.series: f.value for f in submission.figures}["CHARN.L1"] == 43
        assert kinds(decision) == ["receipt"]


def test_one_form_after_two_versions_settles_what_was_held() -> None:
    other = good(figures={"CHARN.L1": 46, "CHARN.L2": 72})
    both = decided(mail(), facts(came_back(CHARN, good()), came_back(CHARN, other)))
    one = decided(mail("This one."), facts(came_back(CHARN, good()), cycles=(after(both),)), LATER)
    assert happened(one) == ["MESSAGE_SETTLED", "RECEIVED", "COMPLETE"]
    assert not after(one, after(both)).stands("charnwood").is_paused


def test_the_same_form_attached_twice_is_taken_once() -> None:
    decision = decided(mail(), facts(came_back(CHARN, good()), came_back(CHARN, good())))
    assert len(decision.submissions) == 1
    assert kinds(decision) == ["receipt"]


def test_an_officer_of_two_districts_sends_both_and_gets_one_letter() -> None:
    forms = (came_back(FORMS["blaby"], good(BLABY)), came_back(FORMS["harborough"], good(HARBOROUGH)))
    decision = decided(mail(sender="officer@county.example", subject="Returns"), facts(*forms))
    assert {s.respondent for s in decision.submissions} == {"blaby", "harborough"}
    assert kinds(decision) == ["receipt"]
    assert decision.letters[0].respondents == ("blaby", "harborough")


def test_one_of_two_districts_with_faults_is_told_in_the_same_letter() -> None:
    bad = good(HARBOROUGH, figures={"HARB.L1": "", "HARB.L2": 70})
    forms = (came_back(FORMS["blaby"], good(BLABY)), came_back(FORMS["harborough"], bad))
    decision = decided(mail(sender="officer@county.example"), facts(*forms))
    (letter,) = decision.letters
    assert letter.kind == "correction"
    assert [r.code for r in letter.facts["faulty"]] == ["HARB"]
    assert len(letter.attachments) == 1


def test_last_quarters_form_is_kept_out_and_the_current_one_is_attached() -> None:
    old = form_of(CHARNWOOD, quarter=Q1)
    decision = decided(mail(), facts(came_back(old, good())))
    assert verdict(decision) == "no workbook"
    (letter,) = decision.letters
    assert letter.kind == "wrong-quarter"
    assert letter.facts["sent_for"] == Q1
    current = read_reply(read_workbook(letter.attachments[0].data))
    assert isinstance(current, ReadForm)
    assert any(str(CHARN.reference) in text for _, text in current.references)
    assert not decision.submissions
    assert not decision.events


def test_a_form_of_a_closed_cycle_is_kept_out_while_a_newer_one_is_open_unless_the_co_ordinator_says_so() -> None:
    old = form_of(CHARNWOOD, quarter=Q1)
    before = cycle(quarter=Q1, forms={"charnwood": old})
    kept_out = decided(mail(), facts(came_back(old, good()), cycles=(before, cycle())))
    assert kinds(kept_out) == ["wrong-quarter"]
    said = Assignment(respondent="charnwood", quarter=Q1, by="coordinator@opcc.example")
    taken = decided(mail(), facts(came_back(old, good()), cycles=(before, cycle()), assignment=said))
    assert taken.submissions[0].quarter == Q1


def test_an_unchanged_form_is_asked_for_again() -> None:
    decision = decided(mail(), facts(came_back(CHARN, Typed())))
    assert verdict(decision) == "no workbook"
    assert kinds(decision) == ["unchanged-form"]
    assert not decision.submissions


def test_a_correction_after_the_close_is_told_as_one_of_what_came_before() -> None:
    late = CLOSE + timedelta(days=1)
    for first, lateness in ((NOW, "correction"), (DUE + timedelta(hours=1), "late correction")):
        before = decided(mail(at=first), facts(came_back(CHARN, good(figures={"CHARN.L1": 43}))), first)
        decision = decided(mail(at=late), facts(came_back(CHARN, good()), cycles=(after(before),)), late)
        (told,) = decision.letters[0].facts["returns"]
        assert told.lateness == lateness


def test_late_forms_are_read_and_told_so() -> None:
    for moment, lateness in ((NOW, ""), (DUE + timedelta(hours=1), "due"), (CLOSE + timedelta(days=3), "close")):
        message = mail(at=moment)
        decision = decided(message, facts(came_back(CHARN, good())), moment)
        assert decision.letters[0].facts["returns"][0].lateness == lateness
        assert decision.events[0].facts["late"] is bool(lateness)


def test_an_extension_moves_the_due_date() -> None:
    extended = Event(
        kind=Happened.EXTENDED, at=NOW, by="her", quarter=Q2, respondent="charnwood", facts={"until": "2014-11-14"}
    )
    moment = DUE + timedelta(days=5)
    decision = decided(mail(at=moment), facts(came_back(CHARN, good()), cycles=(cycle(events=[extended]),)), moment)
    assert decision.submissions[0].late is False


def test_nil_by_tick_is_recorded_and_confirmed() -> None:
    typed = Typed(signed={**SIGNED, layout.NIL: "Yes", layout.REASON: "No staff in post"})
    decision = decided(mail(), facts(came_back(CHARN, typed)))
    assert (verdict(decision), happened(decision), kinds(decision)) == ("nil", ["NIL"], ["nil-recorded"])
    assert after(decision).stands("charnwood").reason == "No staff in post"
    again = decided(mail(""), facts(came_back(CHARN, typed), cycles=(after(decision),)))
    assert (verdict(again), again.events, kinds(again)) == ("duplicate", (), ["already-have-it"])


def test_declined_by_tick_is_recorded_and_a_real_form_later_takes_its_place() -> None:
    typed = Typed(signed={**SIGNED, layout.DECLINE: "yes"})
    decision = decided(mail(), facts(came_back(CHARN, typed)))
    assert (verdict(decision), happened(decision), kinds(decision)) == ("declined", ["DECLINED"], ["declined-recorded"])
    later = decided(mail("After all"), facts(came_back(CHARN, good()), cycles=(after(decision),)))
    assert verdict(later) == "return"


def test_a_tick_that_contradicts_the_figures_is_a_fault() -> None:
    typed = good(signed={**SIGNED, layout.NIL: "Yes"})
    decision = decided(mail(), facts(came_back(CHARN, typed)))
    assert verdict(decision) == "return"
    assert {f.code for f in decision.submissions[0].faults} == {"tick-and-figures"}


def test_the_analysts_figures_count_as_the_forces_extract() -> None:
    form = form_of(FORCE, figures=(row("M11.1", "All crime", area=FORCE.areas[0]),))
    opened = came_back(form, Typed(figures={"M11.1": 412}, texts={"T1": "As recorded."}, signed=SIGNED))
    known = facts(opened, cycles=(cycle(forms={"force": form}),))
    decision = decided(mail(sender="analyst@force.example"), known)
    assert decision.submissions[0].figures[0].provenance.source == "The force's extract for 2014/15 Q2"
    assert decision.letters[0].facts["returns"][0].asks_chair is False


def test_a_registered_senders_form_without_a_reference_is_known_by_thread_and_sender() -> None:
    for subject in ("Our return", f"RE: Return {make_tag(Q2, ('CHARN',), key=KEY)}"):
        decision = decided(mail(subject=subject), facts(came_back(CHARN, good(), reference="")))
        assert verdict(decision) == "return"


def test_an_officers_form_without_a_reference_is_known_by_its_rows() -> None:
    opened = came_back(FORMS["blaby"], good(BLABY), reference="")
    decision = decided(mail(sender="officer@county.example", subject="Return"), facts(opened))
    assert decision.submissions[0].respondent == "blaby"
