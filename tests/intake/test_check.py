"""A form checked against its definition as sent: figures, words, sign-off, and what is odd."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from csp_workflow.forms import layout
from csp_workflow.intake.checks.check_form import find_personal_details
from csp_workflow.intake.checks.findings import CheckedForm, Origin
from csp_workflow.terms.cells import CellType
from csp_workflow.terms.comparisons import UsualRange
from csp_workflow.terms.figures import FigureStatus, MeasureKind
from csp_workflow.terms.queries import group
from csp_workflow.terms.returns import Narrative, ReadForm, ReadText
from csp_workflow.terms.site import ActionRow
from tests.intake.intake_factory import CHARNWOOD, FORMS, SIGNED, Typed, came_back, cell, form_of, good, row
from tests.shipped_checks import CHECKS, check_form

FORM = FORMS["charnwood"]
CONFIRMED = {"M11.1": "Confirmed"}
ORIGIN = Origin(message="m", attachment="a", day=date(2014, 10, 20))


def checked(typed: Typed | ReadForm, before: dict[str, Narrative] | None = None, form: object = FORM) -> CheckedForm:
    read = typed if isinstance(typed, ReadForm) else came_back(FORM, typed)
    return check_form(form, read, ORIGIN, before=before or {}, checks=CHECKS)  # type: ignore[arg-type]


def codes(found: CheckedForm) -> list[str]:
    return [f.code for f in found.parts.findings]


def test_a_good_form_has_nothing_to_ask() -> None:
    found = checked(good())
    assert codes(found) == []
    assert [f.value for f in found.parts.figures] == [43, 72]
    assert found.parts.figures[0].provenance.cell == "L7"
    assert found.sign_off.completed_by == "A. Lead"


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        ("Provisional", 43, (43, FigureStatus.PROVISIONAL)),
        ("Final", "c. 43", (43, FigureStatus.ESTIMATED)),
        ("Not available yet", "", (None, FigureStatus.NOT_AVAILABLE)),
        ("not applicable", "n/a", (None, FigureStatus.NOT_APPLICABLE)),
        ("Suppressed (small number)", 3, (None, FigureStatus.SUPPRESSED)),
        ("Nil return", "", (0, FigureStatus.NIL)),
        ("Not available yet", "#DIV/0!", (None, FigureStatus.NOT_AVAILABLE)),
    ],
)
def test_the_status_column_says_what_the_figure_is(status: str, said: object, expected: tuple[object, object]) -> None:
    found = checked(good(figures={"CHARN.L1": said, "CHARN.L2": 72}, statuses={"CHARN.L1": status}))
    figure = found.parts.figures[0]
    assert (figure.value, figure.status) == expected
    assert not any(f.is_fault for f in found.parts.findings)


def test_a_figure_with_a_status_that_denies_it_is_a_fault() -> None:
    found = checked(
        good(figures={"CHARN.L1": 0, "CHARN.L2": 72}, statuses={**CONFIRMED, "CHARN.L1": "Not available yet"})
    )
    assert codes(found) == ["figure-and-status-differ"]
    assert len(found.parts.figures) == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"struck": True}, "struck-words"),
        ({"hidden": True}, "struck-words"),
        ({"shown": "Provisional"}, "shown-otherwise"),
        ({"shown": None}, "struck-words"),
    ],
)
def test_a_status_that_is_not_what_is_seen_is_asked_about_and_not_used(more: dict[str, object], code: str) -> None:
    read = came_back(FORM, good())
    first = replace(read.figures[0], status=cell("M7", "Not available yet", **more))
    found = checked(replace(read, figures=(first, *read.figures[1:])))
    assert [(f.code, f.column) for f in found.parts.findings] == [(code, "Status")]
    assert found.parts.figures[0].value == 43


def test_words_that_are_struck_through_or_not_seen_are_not_recorded_and_are_asked_about() -> None:
    read = came_back(FORM, good())
    figures = (replace(read.figures[0], note=cell("O7", "leaves out August", struck=True)), *read.figures[1:])
    summary = (replace(read.summary[0], value=cell("D6", "We met.", struck=True)), *read.summary[1:])
    found = checked(replace(read, figures=figures, summary=summary))
    asked = [(f.code, f.column, f.is_fault) for f in found.parts.findings]
    assert ("struck-words", layout.NOTE, False) in asked
    assert ("struck-words", layout.HAPPENED, True) in asked
    assert "August" not in found.parts.figures[0].note
    assert all("We met." not in n.text for n in found.parts.narratives)
    promised = (replace(read.summary[0], extra=cell("E6", "We will.", hidden=True)), *read.summary[1:])
    assert "struck-words" in codes(checked(replace(read, summary=promised)))


def test_struck_words_beside_a_figure_of_the_forces_are_asked_about() -> None:
    read = came_back(FORM, good())
    noted = tuple(replace(r, note=cell("O7", "too high", struck=True)) if r.ref == "M11.1" else r for r in read.figures)
    found = checked(replace(read, figures=noted))
    assert codes(found) == ["struck-words"]
    assert all("too high" not in narrative.text for narrative in found.parts.narratives)


def test_struck_words_of_a_milestone_and_of_an_answer_to_a_board_are_asked_about() -> None:
    milestone = form_of(CHARNWOOD, figures=(row("CHARN.L1", "Stage", kind=MeasureKind.MILESTONE, unit="in words"),))
    read = came_back(milestone, good(figures={"CHARN.L1": "Done in August"}))
    struck = replace(read.figures[0], this_quarter=cell("L7", "Done in August", struck=True))
    assert "struck-words" in codes(checked(replace(read, figures=(struck,)), form=milestone))
    action = ActionRow(ref="A1", board="SPEB", wording="Say why.", asked=date(2014, 9, 1), due=date(2014, 11, 1))
    asked = replace(FORM, actions=(action,))
    answer = ReadText(ref="A1", value=cell("E7", "Because.", struck=True, sheet=layout.ACTIONS))
    found = checked(replace(came_back(asked, good()), actions=(answer,)), form=asked)
    assert ("struck-words", layout.ANSWER) in [(f.code, f.column) for f in found.parts.findings]


def test_a_blank_hides_what_follows_from_it() -> None:
    found = checked(good(figures={"CHARN.L1": "", "CHARN.L2": 72}, statuses={**CONFIRMED, "CHARN.L1": "perhaps"}))
    assert [c for c in codes(found) if c != "unknown-status"] == ["blank-required"]


@pytest.mark.parametrize(("value", "asked"), [(9, True), (10, False), (60, False), (61, True), (0, True)])
def test_a_figure_outside_what_is_usual_is_asked_about_unless_it_says_why(value: int, asked: bool) -> None:
    usual = UsualRange(low=Decimal(110), high=Decimal(160), rest=Decimal(100))
    form = replace(FORM, figures=(replace(FORM.figures[0], usual=usual), *FORM.figures[1:]))
    figures = {"CHARN.L1": value, "CHARN.L2": 72}

    def ask(**more: object) -> list[str]:
        return codes(checked(came_back(form, good(figures=figures, **more)), form=form))

    assert ask() == ["unusual"] * asked
    assert ask(causes={"CHARN.L1": "Not known"}) == []
    assert ask(notes={"CHARN.L1": "New town centre cameras"}) == []
    assert ask(notes={"CHARN.L1": "Two words"}) == ["unusual"] * asked


def test_where_nothing_is_known_of_what_is_usual_no_change_is_asked_about() -> None:
    assert codes(checked(good(figures={"CHARN.L1": 900, "CHARN.L2": 72}))) == []


def test_missing_and_duplicate_rows() -> None:
    assert codes(checked(good(without=("CHARN.L1",)))) == ["missing-row"]
    assert codes(checked(good(without=("M11.1",)))) == ["missing-row"]
    read = came_back(FORM, good())
    twin = replace(read.figures[0], row=20, this_quarter=cell("L20", 44))
    twice = checked(replace(read, figures=(*read.figures, twin)))
    assert codes(twice) == ["two-candidates"]
    same = checked(replace(read, figures=(*read.figures, replace(read.figures[0], row=20))))
    assert codes(same) == []


def test_a_missing_column_hides_the_rows_that_need_it() -> None:
    found = checked(replace(came_back(FORM, good()), missing_headers=(layout.THIS_QUARTER,)))
    assert codes(found) == ["missing-column"]


def test_a_sorted_table_is_read_and_remarked_but_not_questioned() -> None:
    read = came_back(FORM, good())
    moved = tuple(replace(r, named=f"L{20 - n}") for n, r in enumerate(read.figures))
    found = checked(replace(read, figures=moved))
    assert codes(found) == []
    assert found.parts.remarks[0] == (
        "Some rows or columns stand elsewhere than we sent them; we read each figure by its area code, ref and heading."
    )


def test_a_row_whose_neighbours_are_another_measures_is_questioned() -> None:
    read = came_back(FORM, good())
    odd = replace(read.figures[0], neighbours=((layout.MEASURE, "Burglary"),))
    assert codes(checked(replace(read, figures=(odd, *read.figures[1:])))) == ["row-mixed-up"]
    bare = replace(read.figures[0], neighbours=(), named="L9")
    assert codes(checked(replace(read, figures=(bare, *read.figures[1:])))) == ["row-mixed-up"]


def test_an_edited_past_figure_is_a_proposed_revision() -> None:
    read = came_back(FORM, good())
    header = layout.history_header(FORM.quarter.previous, FORM.quarter)
    edited = tuple((h, "44" if h == header else t) for h, t in read.figures[0].neighbours)
    found = checked(replace(read, figures=(replace(read.figures[0], neighbours=edited), *read.figures[1:])))
    assert codes(found) == ["proposed-revision"]
    assert "44" in found.parts.findings[0].found


@pytest.mark.parametrize(("now", "asked"), [("NOT  available:", []), ("about 44", ["proposed-revision"])])
def test_only_other_words_for_an_earlier_figure_are_a_revision(now: str, asked: list[str]) -> None:
    unknown = replace(FORM.figures[0], history=("38", "not available"))
    form = replace(FORM, figures=(unknown, *FORM.figures[1:]))
    read = came_back(form, good())
    header = layout.history_header(FORM.quarter.previous, FORM.quarter)
    edited = tuple((h, now if h == header else t) for h, t in read.figures[0].neighbours)
    found = checked(replace(read, figures=(replace(read.figures[0], neighbours=edited), *read.figures[1:])), form=form)
    assert codes(found) == asked
    assert all("where we had “not available”" in f.found for f in found.parts.findings)


def test_an_error_where_a_milestone_is_to_be_told_is_asked_about() -> None:
    milestone = row("CHARN.L1", "The new hostel", kind=MeasureKind.MILESTONE, unit="")
    form = form_of(CHARNWOOD, figures=(milestone, *FORM.figures[1:]))
    broken = cell("L7", "#REF!", type=CellType.ERROR)
    found = checked(came_back(form, good(figures={"CHARN.L1": broken, "CHARN.L2": 72})), form=form)
    assert codes(found) == ["excel-error"]
    told = checked(came_back(form, good(figures={"CHARN.L1": "It opened.", "CHARN.L2": 72})), form=form)
    assert codes(told) == []


def test_what_is_written_on_a_police_row_without_a_figure_is_said_back() -> None:
    rows = tuple(replace(r, given=None) if r.ref == "M11.1" else r for r in FORM.figures)
    unsupplied = replace(FORM, figures=rows)
    untouched = came_back(unsupplied, good(statuses={}))
    assert codes(checked(untouched, form=unsupplied)) == []
    disputed = checked(came_back(unsupplied, good(statuses={"M11.1": "Disputed"})), form=unsupplied)
    assert codes(disputed) == ["police-figure-not-supplied"]
    assert "did not record this" in disputed.parts.findings[0].wanted


def test_police_rows_yield_disputes_and_comments_and_never_figures() -> None:
    disputed = checked(good(statuses={"M11.1": "Disputed"}, notes={"M11.1": "Two counted twice"}))
    assert disputed.parts.disputes == (("E07000130", "M11.1", "Two counted twice"),)
    bare = checked(good(statuses={"M11.1": "Disputed"}))
    assert codes(bare) == ["dispute-unexplained"]
    over = checked(good(figures={"CHARN.L1": 43, "CHARN.L2": 72, "M11.1": cell("L9", 398)}))
    assert codes(over) == ["police-figure-overwritten"]
    comment = checked(good(causes={"M11.1": "More reporting"}))
    assert [n.text for n in comment.parts.narratives if n.ref == "E07000130 M11.1"] == [
        "What drove it: More reporting."
    ]
    for found in (disputed, bare, over, comment):
        assert {f.series for f in found.parts.figures} == {"CHARN.L1", "CHARN.L2"}


def test_words_are_looked_over() -> None:
    assert codes(checked(good(texts={}))) == ["blank-text"]
    assert codes(checked(good(texts={"T1": "word " * 400}))) == ["over-long"]
    same = Narrative(ref="T1", text="Two joint  patrols were held.", sheet="s", cell="c")
    assert codes(checked(good(), before={"T1": same})) == ["same-as-last-quarter"]
    named = checked(good(texts={"T1": "Ring Mrs X on 0116 496 0123 at LE1 1AA."}))
    assert codes(named) == ["personal-details"]
    assert "0116" not in str(named.parts.findings), "what is personal is never quoted back"
    assert all(f.is_fault for f in named.parts.findings), "a return that may name a person is not complete"


@pytest.mark.parametrize("field", ["figures", "statuses", "causes", "notes"])
def test_every_cell_is_looked_over_and_no_finding_quotes_it(field: str) -> None:
    found = checked(good(**{field: {"CHARN.L1": "The victim Jane Doe, 07700 900123"}})).parts
    marks = {f.found for f in found.findings if f.code == "personal-details"}
    assert marks == {"what looks like a phone number and a person's name"}
    assert "Jane" not in str((found.findings, found.readings, found.remarks))


def test_our_own_number_names_nobody() -> None:
    read = came_back(FORM, good(texts={"T1": "We rang you on 0116 496 0000."}))
    assert codes(check_form(FORM, read, ORIGIN, before={}, checks=CHECKS, ours="0116 496 0000")) == []


def test_sign_off_is_asked_for_but_holds_nothing_up() -> None:
    found = checked(good(signed={}))
    assert {f.code for f in found.parts.findings} == {"not-signed"}
    assert not any(f.is_fault for f in found.parts.findings)
    both = checked(Typed(signed={**SIGNED, layout.NIL: "Yes", layout.DECLINE: "Yes"}))
    assert "both-ticks" in codes(both)


def test_pictures_and_merged_cells_are_queries() -> None:
    read = replace(came_back(FORM, good()), pictures=("Figures",), merged_inputs=(("Figures", "L7:L9"),))
    found = checked(read)
    assert codes(found) == ["picture", "merged"]
    assert not any(f.is_fault for f in found.parts.findings)


def test_small_numbers_are_kept_and_remarked() -> None:
    form = form_of(CHARNWOOD, figures=(row("CHARN.L1", "Incidents", suppressed_below=5),))
    found = checked(came_back(form, good(figures={"CHARN.L1": 3})), form=form)
    assert found.parts.figures[0].value == 3
    assert "small number" in found.parts.remarks[0]


def test_a_milestone_is_told_in_words() -> None:
    form = form_of(CHARNWOOD, figures=(row("CHARN.L3", "Hub opened", kind=MeasureKind.MILESTONE),))
    found = checked(came_back(form, good(figures={"CHARN.L3": "Opened in August"})), form=form)
    assert ("E07000130 CHARN.L3", "Opened in August") in [(n.ref, n.text) for n in found.parts.narratives]
    assert codes(checked(came_back(form, good(figures={})), form=form)) == ["blank-required"]


def test_what_stands_beside_an_empty_row_is_listed() -> None:
    ours = tuple(replace(r, required=False) for r in FORM.figures)
    form = replace(FORM, figures=ours)
    typed = good(
        figures={"CHARN.L2": 72},
        notes={"CHARN.L1": "We stopped holding these"},
        statuses={**CONFIRMED, "CHARN.L1": "Final"},
    )
    listed = checked(came_back(form, typed), form=form).parts.unrecorded
    assert [one.partition(": ")[2] for one in listed] == ["“Final”", "“We stopped holding these”"]
    asked = checked(good(figures={"CHARN.L2": 72}, statuses={**CONFIRMED, "CHARN.L1": "Final"}))
    assert (codes(asked), asked.parts.unrecorded) == (["blank-required"], ())


@pytest.mark.parametrize(
    "note",
    [
        "Wrong, we have 398", "We do not agree with this figure", "should be 398", "Not our figure", "We make it 398",
        "Not sure this is right", "Looks too low to us", "Does not match our records", "Double counted", "Query",
        "Please check with the force", "398 by our count", "Lower than our own count", "Treat with caution",
    ],
)  # fmt: skip
def test_a_police_figure_is_not_confirmed_beside_a_note_that_denies_it(note: str) -> None:
    found = checked(good(notes={"M11.1": note}))
    assert codes(found) == ["note-denies"]
    assert not found.parts.confirmed
    for other in (
        "Down from 420 after the summer",
        "Provisional",
        "Lower than last year",
        "We have 12 volunteers",
    ):
        assert codes(checked(good(notes={"M11.1": other}))) == [], other


YES = ["Yes", "OK", "Agreed", "\u2713", "\u2714\ufe0f", "Confirm", "confirmed.", "All correct"]
NO = {
    "Dispute": "Shelthorpe beat is counted twice", "No": "Shelthorpe beat is counted twice",
    "Disagree": "Shelthorpe beat is counted twice", "Not agreed": "Shelthorpe beat is counted twice",
    "Disputed - we count 400": "we count 400", "We do not agree: we count 400": "we count 400",
}  # fmt: skip


@pytest.mark.parametrize("said", YES)
def test_a_police_figure_is_confirmed_in_any_plain_word(said: str) -> None:
    found = checked(good(statuses={"M11.1": said}))
    assert (codes(found), found.parts.confirmed) == ([], ("E07000130 M11.1",))


@pytest.mark.parametrize("said", NO)
def test_a_police_figure_is_disputed_in_any_plain_word_with_its_reason(said: str) -> None:
    why = NO[said]
    found = checked(good(statuses={"M11.1": said}, notes={"M11.1": "" if why in said else why}))
    assert (codes(found), [dispute[2] for dispute in found.parts.disputes]) == ([], [why])


EITHER = {
    **dict.fromkeys(("No", "No issues", "Disputed?", "Confirmed?", "Disputed not", "Ask Jo"), ""),
    **dict.fromkeys(("Not confirmed", "Not yet confirmed", "No longer disputed"), "We have not looked at it so far"),
    **dict.fromkeys(("Disputed, now agreed", "Disputed / Confirmed", "No reason to dispute it"), "See our summary"),
}


@pytest.mark.parametrize("said", EITHER)
def test_an_answer_to_a_police_figure_that_may_mean_either_is_asked_about(said: str) -> None:
    found = checked(good(statuses={"M11.1": said}, notes={"M11.1": EITHER[said]}))
    assert (codes(found), found.parts.confirmed, found.parts.disputes) == (["unknown-answer"], (), ())


def test_an_untouched_form_is_known() -> None:
    assert not checked(Typed()).touched
    assert checked(Typed(notes={"CHARN.L1": "x"})).touched
    assert checked(Typed(statuses={"M11.1": "Confirmed"})).touched


def test_content_is_what_it_says_and_not_the_file() -> None:
    one, other = checked(good()), checked(good(figures={"CHARN.L1": "43", "CHARN.L2": "72"}))
    assert one.content == other.content
    assert one.content != checked(good(figures={"CHARN.L1": 44, "CHARN.L2": 72})).content
    assert one.content != checked(good(texts={"T1": "Another text."})).content


def test_findings_are_grouped_with_their_cells() -> None:
    found = checked(good(figures={"CHARN.L1": "", "CHARN.L2": ""}, statuses=CONFIRMED, texts={}))
    lines = group(found.parts.findings, FORM)
    assert [(line.code, line.cell) for line in lines] == [
        ("blank-required", "L7 (CHARN.L1 Incidents in the town centre), L8 (CHARN.L2 Residents who feel safe)"),
        ("blank-text", "E7 (T1)"),
    ]
    mixed = group(checked(good(figures={"CHARN.L1": "x1", "CHARN.L2": "y2"})).parts.findings, FORM)
    assert mixed[0].found == "L7: x1; L8: y2"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.b@c.example", ("an email address",)),
        ("call 07700 900123", ("a phone number",)),
        ("at LE1 6TH", ("a postcode",)),
        ("NI QQ123456C? AB 12 34 56 C", ("a National Insurance number",)),
        ("DOB: 1/2/1990", ("a date of birth",)),
        ("burglary fell from 1,204 to 1,100 in 2014/15", ()),
        ("Operation 2014 in T1 and M11", ()),
        ("E07000130", ()),
    ],
)
def test_marks_of_a_person(text: str, found: tuple[str, ...]) -> None:
    assert find_personal_details(text) == found


@pytest.mark.parametrize(
    ("typed", "disputes"),
    [
        ("61 incidents", 0),
        ("61 offences", 1),
        (61, 0),
        ("", 0),
        (62, 1),
        ("about right", 1),
        ("61 is wrong", 1),
        ("610", 1),
    ],
)
def test_what_is_typed_over_a_police_figure_disputes_it_unless_it_says_the_same(typed: object, disputes: int) -> None:
    given = next(r.given for r in FORM.figures if r.ref == "M11.1")
    assert given is not None
    said = str(typed).replace("61", str(given.value)).replace("62", str((given.value or 0) + 1))
    found = checked(good(figures={"CHARN.L1": 43, "CHARN.L2": 72, "M11.1": said}))
    assert len(found.parts.disputes) == disputes


def test_an_error_in_a_cell_beside_words_that_say_why_is_still_asked_about() -> None:
    found = checked(
        came_back(FORM, good(figures={"CHARN.L1": cell("L7", "#DIV/0!", type=CellType.ERROR), "CHARN.L2": 72}))
    )
    assert codes(found) == ["excel-error"]


def test_one_police_figure_is_asked_for_without_a_row_that_is_not_there() -> None:
    (finding,) = checked(good(statuses={})).parts.findings
    assert (finding.code, layout.ALL in finding.wanted) == ("unconfirmed", False)


@pytest.mark.parametrize("sign", ["?", "(", "1", "- ", "? ? ", "(. "])
def test_a_long_run_of_signs_beside_a_figure_is_read_in_no_time(sign: str) -> None:
    """A pattern that tries each way to part it would take longer than the quarter has."""
    said = (sign * 30_000)[:30_000] + "x"
    noted = checked(good(notes={"CHARN.L1": said, "M11.1": said}))
    assert [f.value for f in noted.parts.figures] == [43, 72]
    stated = checked(good(statuses={"M11.1": "Confirmed", "CHARN.L1": said}))
    assert codes(stated)[:1] == ["unknown-status"]
    assert codes(checked(good(figures={"CHARN.L1": said, "CHARN.L2": 72}))) == ["unreadable-number"]
