"""Several people's forms of one return: each cell held against the copy that its sender was given."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.forms import layout
from csp_workflow.forms.reading import read_workbook
from csp_workflow.intake.opening import read_reply
from csp_workflow.intake.outcomes.merging import Choice, choose
from csp_workflow.terms.events import Decision
from csp_workflow.terms.returns import ReadForm
from tests.intake.intake_factory import (
    FORMS,
    LATER,
    Typed,
    after,
    came_back,
    cell,
    cycle,
    decided,
    facts,
    good,
    kinds,
    mail,
    verdict,
)

CHARN = FORMS["charnwood"]
L1, L2 = "CHARN.L1", "CHARN.L2"
CHAIR = "Chair <chair@charnwood.example>"
LEAD = "Lead <lead@charnwood.example>"
WORDS = st.sampled_from(["", "43", "44", "72", "Final", "We met."])


def half(ref: str, number: object, **more: object) -> Typed:
    """A form with one figure in it, and nothing else but what every half has."""
    return good(**{"figures": {ref: number}, "texts": {}, "statuses": {}, **more})


def play(*forms: tuple[str, Typed]) -> Decision:
    """The last decision on several people's copies of the first issue, one after the other."""
    stands = cycle()
    for n, (sender, typed) in enumerate(forms):
        decision = decided(mail(f"Part {n}.", sender=sender), facts(came_back(CHARN, typed), cycles=(stands,)), LATER)
        stands = after(decision, stands)
    return decision


def values(decision: Decision) -> dict[str, str]:
    return {f.series: str(f.value) for f in decision.submissions[-1].figures}


@given(base=WORDS, accepted=WORDS)
def test_an_empty_cell_never_takes_anything_away(base: str, accepted: str) -> None:
    assert choose(base, accepted, "") is Choice.KEEP


@given(base=WORDS, accepted=WORDS, came=WORDS)
def test_what_nobody_else_changed_is_taken_and_what_two_changed_is_asked(base: str, accepted: str, came: str) -> None:
    choice = choose(base, accepted, came)
    if came in {"", accepted} or came == base:
        assert choice is Choice.KEEP
    elif accepted in {"", base}:
        assert choice is Choice.TAKE
    else:
        assert choice is Choice.ASK


def test_the_same_entry_spaced_or_written_otherwise_is_the_same() -> None:
    assert choose("", "1204", "1204.0") is Choice.KEEP
    assert choose("", "We met.", " We  met. ") is Choice.KEEP


def test_two_halves_make_the_same_return_in_either_order() -> None:
    one, other = half(L1, 43), half(L2, 72, texts={"T1": "We met."})
    first, second = play((LEAD, one), (CHAIR, other)), play((CHAIR, other), (LEAD, one))
    assert values(first) == values(second) == {L1: "43", L2: "72"}
    assert first.submissions[0].content == second.submissions[0].content
    assert first.submissions[0].is_complete


def test_the_half_sent_once_more_changes_nothing() -> None:
    again = play((LEAD, half(L1, 43)), (CHAIR, half(L2, 72)), (CHAIR, half(L2, 72)))
    assert verdict(again) == "duplicate"
    assert not again.submissions


def test_a_form_that_says_only_why_is_another_version_and_what_it_says_stays() -> None:
    decision = play((LEAD, half("", "")), (CHAIR, half("", "", causes={L1: "A new team"})))
    assert "A new team" in [one.text for one in decision.submissions[-1].inputs]


def test_a_note_that_withholds_a_figure_takes_it_out_in_whichever_order_they_came() -> None:
    figure, note = half(L1, 43), half("", "", notes={L1: "Please do not publish"})
    for forms in ((figure, note), (note, figure), (figure, replace(figure, notes=note.notes))):
        decision = play(*((LEAD, one) for one in forms))
        assert values(decision) == {}
        assert "note-withholds" in {f.code for f in decision.submissions[0].findings}


def test_a_status_of_no_list_never_stands_and_another_is_taken_in_its_place() -> None:
    decision = play((LEAD, half(L1, 43, statuses={L1: "perhaps"})), (CHAIR, half("", "", statuses={L1: "Provisional"})))
    said = [one.text for one in decision.submissions[-1].inputs]
    assert "Provisional" in said
    assert "perhaps" not in said
    assert [f.code for f in decision.submissions[-1].findings if f.key.endswith(L1)] == []


def test_an_older_form_with_empty_cells_leaves_what_was_accepted_and_where_it_was_read() -> None:
    decision = play((LEAD, good()), (CHAIR, half(L1, "", notes={L2: "From the spring panel"})))
    figure = {f.series: f for f in decision.submissions[0].figures}
    assert values(decision) == {L1: "43", L2: "72"}
    assert figure[L2].note == "From the spring panel"
    assert [n.text for n in decision.submissions[0].narratives if n.ref == "T1"] == ["Two joint patrols were held."]


def test_two_different_answers_are_asked_of_both_and_the_first_stands() -> None:
    decision = play((LEAD, good()), (CHAIR, good(figures={L1: 58, L2: 72})))
    assert values(decision)[L1] == "43"
    (fault,) = decision.submissions[0].faults
    assert fault.code == "two-answers"
    assert "43" in fault.found
    assert "58" in fault.found
    assert fault.found.count("sent by") == 2
    told = {letter.recipient for letter in decision.letters}
    assert {"lead@charnwood.example", "chair@charnwood.example"} <= told
    fresh = read_reply(read_workbook(decision.letters[0].attachments[0].data))
    assert isinstance(fresh, ReadForm)
    texts = {row.ref: row.this_quarter.text for row in fresh.figures}
    assert (texts[L1], texts[L2]) == ("", "72")


def test_the_question_is_settled_on_the_form_that_asks_it_and_by_no_empty_cell() -> None:
    first = decided(mail(sender=LEAD), facts(came_back(CHARN, good())))
    stands = after(first)
    clash = decided(mail(sender=CHAIR), facts(came_back(CHARN, good(figures={L1: 58, L2: 72})), cycles=(stands,)))
    stands = after(clash, stands)
    asking = clash.requests[0].form
    empty = read_reply(read_workbook(clash.letters[0].attachments[0].data))
    same = decided(mail("Empty.", sender=CHAIR), facts(empty, cycles=(stands,)), LATER)
    assert verdict(same) == "duplicate", "the question stays open"
    again = decided(mail("Mine.", sender=LEAD), facts(came_back(CHARN, good()), cycles=(stands,)), LATER)
    assert verdict(again) == "duplicate", "whoever gave the first only says it again"
    agreed = decided(
        mail("58.", sender=CHAIR), facts(came_back(asking, good(figures={L1: 58, L2: 72})), cycles=(stands,)), LATER
    )
    assert values(agreed)[L1] == "58"
    assert agreed.submissions[0].is_complete


def test_who_corrects_their_own_answer_is_not_asked_and_the_receipt_says_what_changed() -> None:
    decision = play((LEAD, good()), (LEAD, good(figures={L1: 58, L2: 72})))
    assert values(decision)[L1] == "58"
    assert kinds(decision) == ["receipt"]
    (told,) = decision.letters[0].facts["returns"]
    assert len(told.changed) == 1
    assert told.changed[0].startswith("CHARN.L1 Incidents in the town centre: 43, now 58 ")
    assert "sent by" in told.changed[0]


@pytest.mark.parametrize("said", ["take out", "Remove", "Delete this."])
def test_a_figure_is_taken_out_in_words(said: str) -> None:
    decision = play((LEAD, good()), (LEAD, good(figures={L1: said, L2: 72})))
    assert L1 not in values(decision)
    assert [f.code for f in decision.submissions[0].faults] == ["blank-required"]
    (told,) = decision.letters[0].facts["returns"]
    assert "43 incidents, now taken out" in told.changed[0]


def test_a_status_without_figure_takes_ones_own_figure_out_and_asks_about_anothers() -> None:
    excused = replace(half(L1, ""), statuses={L1: "Not available yet"})
    own = play((LEAD, good()), (LEAD, excused))
    assert values(own)[L1] == "None"
    others = play((LEAD, good()), (CHAIR, excused))
    assert values(others)[L1] == "43"
    assert [f.code for f in others.submissions[0].faults] == ["two-answers"]


def test_a_figure_takes_the_place_of_a_status_without_one() -> None:
    excused = good(figures={L2: 72}, statuses={L1: "Not available yet", "M11.1": layout.CONFIRMED})
    decision = play((LEAD, excused), (CHAIR, half(L1, 43)))
    assert values(decision) == {L1: "43", L2: "72"}
    assert decision.submissions[0].is_complete


@pytest.mark.parametrize("seen", [{"struck": True}, {"hidden": True}])
def test_what_was_doubted_stays_a_question_on_our_own_form_untouched(seen: dict[str, bool]) -> None:
    first = decided(mail(), facts(came_back(CHARN, good(figures={L1: cell("L7", 41, **seen), L2: 72}))))
    fresh = read_reply(read_workbook(first.letters[0].attachments[0].data))
    again = decided(mail("Back.", sender=LEAD), facts(fresh, cycles=(after(first),)), LATER)
    assert verdict(again) == "duplicate"
    assert not first.submissions[0].is_complete


def test_a_row_that_stands_twice_stays_a_question_on_our_own_form_untouched() -> None:
    read = came_back(CHARN, good(figures={L1: 30, L2: 72}))
    twin = next(row for row in read.figures if row.ref == L1)
    doubled = replace(read, figures=(*read.figures, replace(twin, row=20, this_quarter=cell("L20", 33))))
    first = decided(mail(), facts(doubled))
    fresh = read_reply(read_workbook(first.letters[0].attachments[0].data))
    again = decided(mail("Back.", sender=LEAD), facts(fresh, cycles=(after(first),)), LATER)
    assert not first.submissions[0].is_complete
    assert verdict(again) == "duplicate"


def test_what_cannot_be_read_leaves_what_was_accepted_and_is_asked() -> None:
    decision = play((LEAD, good()), (LEAD, good(figures={L1: cell("L7", 41, struck=True), L2: 72})))
    assert values(decision)[L1] == "43"
    assert [f.code for f in decision.submissions[0].findings] == ["struck-out"]
