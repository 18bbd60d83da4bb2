"""What a chair's letter shows of a submission and of what changed in it, to the last word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from csp_workflow.chase import approval, assents
from csp_workflow.letters.catalogue import render
from csp_workflow.letters.chases import Change, FigureLine, Seen
from csp_workflow.terms.comparisons import UsualRange
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.events import Event, Happened, LetterState
from csp_workflow.terms.figures import FigureStatus
from csp_workflow.terms.returns import FormDefinition, Narrative, Severity, SignOff, Submission
from csp_workflow.terms.site import ActionRow, Area, Role
from tests.chase.quarter_told import CHARNWOOD, OFFICE, Q2, SITE, TEMPLATES, Told, at, contact, fault, figure, form

NORTH, SOUTH = Area(code="E22NORTH", name="North"), Area(code="E22SOUTH", name="South")
JOINT = replace(CHARNWOOD, areas=(NORTH, SOUTH))


def told_with(faults: int = 0) -> Told:
    told = Told().open(at(15), CHARNWOOD)
    told.arrive(CHARNWOOD, at(16), faults=faults)
    return told


def joint_form() -> FormDefinition:
    """Two areas, each with a figure of their own and one of the police's, and an action of the board's."""
    own, police = form(CHARNWOOD).figures
    asked = ActionRow(ref="A1", board="SPEB", wording="Say why.", asked=date(2014, 9, 1), due=date(2014, 11, 1))
    return replace(
        form(CHARNWOOD),
        figures=(
            replace(own, area=NORTH),
            replace(own, area=SOUTH, history=(), given=figure(CHARNWOOD, own.ref, 7)),
            replace(police, area=NORTH, given=replace(figure(CHARNWOOD, police.ref, 61), drove_it="Two gangs")),
            replace(police, area=SOUTH),
        ),
        actions=(asked,),
    )


def joint_submission(told: Told) -> Submission:
    (plain,) = told.submissions[CHARNWOOD.key]
    line = replace(plain.figures[0], area=NORTH.code, drove_it=" Patrols ", note=" Three a week ")
    return replace(
        plain,
        figures=(line,),
        findings=(
            *plain.findings,
            replace(fault("K7"), severity=Severity.QUERY, key=f"{NORTH.code} {line.series}", found="about forty"),
        ),
        disputes=((SOUTH.code, "M01.1", "Not ours."),),
        narratives=(
            Narrative(ref="T1", text=" Quiet. ", promise=" More patrols. ", sheet="Summary", cell="C5"),
            Narrative(ref="A1", text="A new market.", sheet="Actions", cell="C5"),
            Narrative(ref="X9", text="Of a form of last year.", sheet="Summary", cell="C6"),
            Narrative(ref="T2", text="  ", sheet="Summary", cell="C7"),
        ),
    )


def view(told: Told, known: FormDefinition | None) -> CycleView:
    return replace(told.facts(), forms={CHARNWOOD.key: known} if known else {})


def test_a_joint_partnerships_chair_is_shown_every_row_of_the_form_by_area() -> None:
    told = told_with(faults=1)
    submission = joint_submission(told)
    assert approval.show_submission(view(told, joint_form()), JOINT, submission, date(2014, 10, 16)) == Seen(
        respondent="charnwood",
        code="CHARN",
        name="Charnwood",
        submission="CHARN-1",
        version=1,
        received=at(16),
        completed_by="A. Officer, Community Safety Manager",
        own=(
            FigureLine(what="Repeat callers, North", now="42", year_ago="40", note="Patrols. Three a week"),
            FigureLine(what="Repeat callers, South", now="not supplied", year_ago="not known"),
        ),
        force=(
            FigureLine(what="Burglary in a dwelling, North", now="61", year_ago="40", note="Two gangs"),
            FigureLine(what="Burglary in a dwelling, South", now="not supplied", year_ago="40"),
        ),
        disputes=(("Burglary in a dwelling, South", "Not ours."),),
        questions=(
            "Repeat callers, North: about forty. We asked: \u201cA number, or a reason in the Status column.\u201d",
        ),
        told=("Charnwood Lead",),
        summary=(
            ("Victims and witnesses", "Quiet.\nNext quarter: More patrols."),
            ("Say why", "A new market."),
            ("X9", "Of a form of last year."),
        ),
        by=date(2014, 11, 14),
        late=False,
    )


def test_an_area_is_called_as_on_the_form_that_was_sent() -> None:
    told = told_with()
    renamed = replace(JOINT, areas=tuple(replace(area, name=f"New {area.name}") for area in JOINT.areas))
    seen = approval.show_submission(view(told, joint_form()), renamed, joint_submission(told), date(2014, 10, 16))
    assert [line.what for line in seen.own] == ["Repeat callers, North", "Repeat callers, South"]


def test_without_a_form_areas_are_named_as_far_as_they_are_known() -> None:
    told = told_with()
    (plain,) = told.submissions[CHARNWOOD.key]
    lines = tuple(replace(plain.figures[0], area=code) for code in (NORTH.code, SOUTH.code, "E22AWAY"))
    seen = approval.show_submission(view(told, None), JOINT, replace(plain, figures=lines), date(2014, 10, 16))
    assert [line.what for line in seen.own] == ["CHARN.L1, North", "CHARN.L1, South", "CHARN.L1, E22AWAY"]


@pytest.mark.parametrize(
    ("happened", "today", "by", "gone"),
    [
        ((), 13, date(2014, 11, 14), ()),
        ((), 14, date(2014, 11, 24), ()),
        ((), 23, date(2014, 11, 24), ()),
        ((), 24, date(2014, 11, 24), ()),
        ((), 25, None, ()),
        ((Happened.PAPER_DRAFTED,), 20, date(2014, 11, 24), ()),
        ((Happened.PAPER_DRAFTED, Happened.PAPER_CLEARED), 20, None, ("Strategic Partnership Executive Board",)),
    ],
)
def test_the_day_by_which_to_approve_is_that_of_a_paper_still_open(
    happened: tuple[Happened, ...], today: int, by: date | None, gone: tuple[str, ...]
) -> None:
    told = told_with()
    for kind in happened:
        told.happen(kind, at(19, month=11), subject="speb", content="c1")
    (submission,) = told.submissions[CHARNWOOD.key]
    seen = approval.show_submission(told.facts(), CHARNWOOD, submission, date(2014, 11, today))
    assert (seen.by, seen.gone) == (by, gone)


# What changed ------------------------------------------------------------------------------------


def test_what_changed_is_said_with_what_stood_there_before() -> None:
    told = told_with()
    (before,) = told.submissions[CHARNWOOD.key]
    then, now = "Two offences belong next door.", "A busy quarter.\nNext quarter: Rest."
    before = replace(before, disputes=((CHARNWOOD.areas[0].code, "M01.1", then),))
    after = replace(
        before,
        figures=(
            replace(before.figures[0], value=None, status=FigureStatus.NOT_AVAILABLE, note="Soon."),
            *before.figures[1:],
        ),
        narratives=(Narrative(ref="T1", text="A busy quarter.", promise="Rest.", sheet="Summary", cell="C5"),),
        disputes=(),
        sign_off=SignOff(),
    )
    known = form(CHARNWOOD)
    assert approval.compare_submissions(before, after, known, CHARNWOOD) == (
        Change(what="Repeat callers", was="42", now="not available. Soon."),
        Change(what="Dispute: Burglary in a dwelling", was=then, now="nothing", words=True),
        Change(what="Victims and witnesses", was="A quiet quarter.", now=now, words=True),
        Change(what="Completed by", was="A. Officer", now="nothing"),
    )
    turned = approval.compare_submissions(after, before, known, CHARNWOOD)
    assert [(one.was, one.now) for one in turned[1:]] == [
        ("nothing", then),
        (now, "A quiet quarter."),
        ("nothing", "A. Officer"),
    ]
    assert approval.compare_submissions(before, replace(before, sequence=2), known, CHARNWOOD) == ()


def test_a_figure_that_is_new_or_gone_changed_from_or_to_nothing() -> None:
    told = told_with()
    (before,) = told.submissions[CHARNWOOD.key]
    fewer = replace(before, figures=before.figures[1:])
    assert approval.compare_submissions(before, fewer, None, JOINT) == (
        Change(what=f"CHARN.L1, {CHARNWOOD.areas[0].code}", was="42", now="nothing"),
    )
    assert approval.compare_submissions(fewer, before, None, JOINT) == (
        Change(what=f"CHARN.L1, {CHARNWOOD.areas[0].code}", was="nothing", now="42"),
    )


@pytest.mark.parametrize(
    ("recorded_for", "sentence"),
    [
        ("", "It replaces the version that we asked you about."),
        ("CHARN-0", "It replaces the version that we asked you about."),
        ("CHARN-1", "You approved an earlier version, and that approval does not cover this one."),
    ],
)
def test_a_chair_who_approved_the_version_before_is_told_that_it_no_longer_counts(
    recorded_for: str, sentence: str
) -> None:
    told = told_with()
    told.tick(at(16, 10))
    if recorded_for:
        told.happen(Happened.APPROVED, at(16, 11), "charnwood", subject=recorded_for)
    told.arrive(CHARNWOOD, at(17), value=45)
    told.tick(at(17, 10))
    letter = told.words[told.letters[-1].id]
    assert letter.facts["changes"] == (Change(what="Repeat callers", was="42", now="45"),)
    assert sentence in " ".join(render(letter, OFFICE, environment=TEMPLATES).text.split())


def test_a_version_whose_letter_never_left_was_not_shown() -> None:
    told = told_with()
    told.tick(at(16, 10), posting=False)
    told.letters[0] = replace(told.letters[0], state=LetterState.HELD)
    told.arrive(CHARNWOOD, at(17), value=45)
    told.tick(at(17, 10), posting=False)
    assert [x.kind for x in told.letters] == ["approval-request", "approval-request"]


def test_what_another_chair_was_shown_counts_for_nobody_else() -> None:
    leaving = replace(contact("Old Chair", Role.CHAIR, "old@charnwood.example"), valid_to=date(2014, 10, 16))
    coming = replace(contact("New Chair", Role.CHAIR, "new@charnwood.example"), valid_from=date(2014, 10, 17))
    people = (*CHARNWOOD.people(Role.LEAD, date(2014, 10, 1)), leaving, coming)
    told = Told(replace(SITE, respondents=(replace(CHARNWOOD, contacts=people),))).open(at(15), CHARNWOOD)
    told.arrive(CHARNWOOD, at(16))
    told.tick(at(16, 10))
    told.arrive(CHARNWOOD, at(17), value=45)
    told.tick(at(17, 10))
    assert [(x.kind, x.recipient) for x in told.sent()] == [
        ("approval-request", "old@charnwood.example"),
        ("approval-request", "new@charnwood.example"),
    ]


def test_a_return_whose_version_was_not_gathered_is_put_to_nobody() -> None:
    told = told_with()
    assert assents.decide_assents(told.facts(), at(16, 10)).letters
    assert not assents.decide_assents(replace(told.facts(), submissions={}), at(16, 10)).letters


def test_what_was_asked_is_kept_with_the_content_it_was_asked_about() -> None:
    told = told_with()
    told.tick(at(16, 10))
    (asked,) = told.kinds(Happened.APPROVAL_ASKED)
    assert (asked.by, asked.at, asked.quarter, asked.respondent) == ("the approval rule", at(16, 10), Q2, "charnwood")
    assert asked.facts == {"content": "hash-CHARN-1", "version": 1}


# What stands first -------------------------------------------------------------------------------


def line(what: str, *, is_story: bool = False) -> FigureLine:
    return FigureLine(what=what, now="1", year_ago="2", is_story=is_story)


@pytest.mark.parametrize(
    ("own", "force", "foremost"),
    [
        ("abcd", "xy", "abc"),
        ("ab", "xY", "Yab"),
        ("aB", "XYZ", "BXY"),
        ("", "x", "x"),
    ],
)
def test_three_figures_stand_first_stories_before_the_partnership_s_own(own: str, force: str, foremost: str) -> None:
    lines = {name: line(name, is_story=name.isupper()) for name in own + force}
    told = told_with()
    seen = approval.show_submission(told.facts(), CHARNWOOD, told.submissions[CHARNWOOD.key][0], date(2014, 10, 16))
    seen = replace(seen, own=tuple(map(lines.get, own)), force=tuple(map(lines.get, force)))  # type: ignore[arg-type]
    assert "".join(one.what for one in seen.foremost) == foremost


@pytest.mark.parametrize(
    ("low", "high", "direction"),
    [(10, 30, "rising"), (90, 120, "falling"), (30, 90, "no clear change")],
)
def test_a_direction_is_what_the_paper_reads_of_the_twelve_months(low: int, high: int, direction: str) -> None:
    told = told_with()
    (submission,) = told.submissions[CHARNWOOD.key]
    own, police = form(CHARNWOOD).figures
    judged = replace(own, usual=UsualRange(low=Decimal(low), high=Decimal(high)))
    known = replace(form(CHARNWOOD), figures=(judged, police))
    seen = approval.show_submission(view(told, known), CHARNWOOD, submission, date(2014, 10, 16))
    assert (seen.own[0].direction, seen.own[0].is_story) == (direction, direction != "no clear change")
    assert (seen.force[0].direction, seen.force[0].is_story) == ("", False)


def test_a_comment_on_a_figure_is_named_by_its_row_and_a_question_asked_of_several_is_one_item() -> None:
    told = told_with()
    (plain,) = told.submissions[CHARNWOOD.key]
    area, series = CHARNWOOD.areas[0].code, plain.figures[0].series
    pasted = replace(fault("C7"), severity=Severity.QUERY, code="pasted", sheet="Summary", column="What happened")
    asked = tuple(
        replace(pasted, key=ref, found=f"\u201cWe met.\u201d, as under {area} {series}") for ref in ("T2", "T3")
    )
    comment = Narrative(ref=f"{area} {series}", text="More reporting.", sheet="Figures", cell="K7")
    submission = replace(plain, findings=asked, narratives=(comment,))
    seen = approval.show_submission(told.facts(), CHARNWOOD, submission, date(2014, 10, 16))
    assert seen.summary == (("Repeat callers", "More reporting."),)
    (question,) = seen.questions
    assert question.count("as under \u201cRepeat callers\u201d") == 2
    assert question.count("We asked:") == 1
    changed = approval.compare_submissions(plain, submission, form(CHARNWOOD), CHARNWOOD)
    assert "Repeat callers" in {one.what for one in changed}


def test_an_open_question_is_told_by_the_row_s_name_and_an_answered_one_is_not_told() -> None:
    told = told_with()
    (plain,) = told.submissions[CHARNWOOD.key]
    area, series = CHARNWOOD.areas[0].code, plain.figures[0].series
    asked = replace(fault("K7"), severity=Severity.QUERY, key=f"{area} {series}", found="999999")
    unsigned = replace(asked, code="not-signed", key="Position", sheet="Sign-off", cell="B8", found="")
    submission = replace(plain, findings=(asked, unsigned))
    seen = approval.show_submission(told.facts(), CHARNWOOD, submission, date(2014, 10, 16))
    words = "We asked: \u201cA number, or a reason in the Status column.\u201d"
    assert seen.questions == (f"Repeat callers: 999,999. {words}", f"Position: nothing was filled in. {words}")
    facts = {"key": asked.key, "column": asked.column, "code": asked.code, "found": asked.found}
    answered = Event(
        kind=Happened.QUERY_ANSWERED, at=at(17), by="lead", quarter=Q2, respondent=CHARNWOOD.key, facts=facts
    )
    later = replace(told.facts(), events=(answered,))
    assert approval.show_submission(later, CHARNWOOD, submission, date(2014, 10, 17)).questions == seen.questions[1:]
