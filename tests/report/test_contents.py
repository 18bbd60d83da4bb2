"""What a paper says: every return as what it is, every figure with its reading, and never a word of targets."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import date

import pytest

from csp_workflow.report.blocks import Contents, Heading, Lines, Numbered, Plain, Table
from csp_workflow.report.contents import HEADING_WRITERS, compile_contents
from csp_workflow.report.sections import say_standing
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.figures import Break, FigureStatus, Geography, KnownFigures, list_comparable
from csp_workflow.terms.report_form import ReportHeading
from csp_workflow.terms.returns import Revision
from csp_workflow.terms.site import Role
from csp_workflow.terms.status import fold_cycle
from tests.chase.quarter_told import CHARNWOOD as ASKED
from tests.chase.quarter_told import at, form
from tests.report.paper_told import Q2, eight, facts, figure, site, status, submission, told

CHARNWOOD = "E22000165"


def words(contents: Contents) -> str:
    """Everything a reader reads."""
    texts = []
    for block in contents.blocks:
        match block:
            case Heading() | Numbered():
                texts.append(block.text)
            case Plain():
                texts += [block.lead, block.text]
            case Lines():
                texts += block.lines
            case Table():
                texts += [block.caption, *block.headers, *(cell for row in block.rows for cell in row)]
    return "\n".join(texts)


def table(contents: Contents, caption: str) -> Table:
    return next(b for b in contents.blocks if isinstance(b, Table) and caption in b.caption)


@pytest.mark.parametrize(
    ("happened", "sentence"),
    [
        ((Happened.RECEIVED, Happened.COMPLETE, Happened.APPROVED), "approved by the Chair on Friday 24 October 2014"),
        ((Happened.RECEIVED, Happened.COMPLETE), "the Chair had not approved it by Thursday 20 November 2014"),
        ((Happened.RECEIVED, Happened.QUERIED), "2 entries had still to be mended"),
        ((Happened.NIL,), "A nil return was made"),
        ((Happened.DECLINED,), "the request was declined"),
        ((Happened.NOT_RECEIVED,), "No return was received by Thursday 20 November 2014"),
        ((), "No return was received by Thursday 20 November 2014"),
    ],
)
def test_each_return_is_reported_as_what_it_is(happened: tuple[Happened, ...], sentence: str) -> None:
    contents = compile_contents(facts(status=status(charnwood=happened)))
    part = words(contents).split("covers Charnwood.", 1)[1]
    assert sentence in part.split("\n", 1)[0]


def test_who_approved_is_named_as_what_they_are() -> None:
    known = status(charnwood=(Happened.RECEIVED, Happened.COMPLETE, Happened.APPROVED))
    stands = known.returns["charnwood"]
    stands = replace(stands, approval=replace(stands.approval, role=Role.DEPUTY_CHAIR))
    told = words(compile_contents(facts(status=replace(known, returns={**known.returns, "charnwood": stands}))))
    assert "approved by the Deputy Chair on Friday 24 October 2014" in told
    assert "approved by the Chair or the Deputy Chair" in told


def test_a_return_that_has_not_come_never_blanks_the_police_figures() -> None:
    contents = compile_contents(facts(*eight("M12a", CHARNWOOD, 140, 150, 160, 155, 160, 150, 155, 160)))
    rows = table(contents, "Making Communities and Neighbourhoods Safer: every figure").rows
    assert ("M12a", "140 (provisional)") in {(row[0], row[3]) for row in rows}


def test_a_clear_change_in_both_readings_gets_a_sentence_with_its_counts() -> None:
    contents = compile_contents(facts(*eight("M12a", CHARNWOOD, 90, 95, 90, 95, 160, 150, 155, 160)))
    assert (
        "fell in Charnwood: 90 in the quarter against 160 a year before, and 370 in twelve months against 625, "
        "in the intended direction." in words(contents)
    )


@pytest.mark.parametrize(
    ("ref", "latest", "words_of_intent"),
    [
        ("M12a", (160, 150, 155, 160, 90, 95, 90, 95), "625 in twelve months against 370, where a fall is sought."),
        ("M17a.1", (90, 95, 90, 95, 160, 150, 155, 160), "against 625; the Plan intends no direction here."),
    ],
)
def test_a_clear_change_is_told_with_what_the_plan_seeks(
    ref: str, latest: tuple[int, ...], words_of_intent: str
) -> None:
    assert words_of_intent in words(compile_contents(facts(*eight(ref, CHARNWOOD, *latest))))


def test_a_figure_not_given_stands_as_what_it_is() -> None:
    rows = table(compile_contents(facts(figure("M12a", CHARNWOOD, Q2, None))), "Safer: every figure").rows
    assert ("M12a", "not available") in {(row[0], row[3]) for row in rows}


def test_a_revised_figure_says_what_was_reported_before() -> None:
    from datetime import date

    first = figure("M12a", CHARNWOOD, Q2.year_ago, 412, as_at=date(2013, 10, 20))
    later = figure("M12a", CHARNWOOD, Q2.year_ago, 431, status=FigureStatus.REVISED)
    now = figure("M12a", CHARNWOOD, Q2, 420)
    assert "431 (previously reported 412, revised)" in words(compile_contents(facts(first, later, now)))


def test_nothing_is_compared_across_a_break_and_the_paper_says_so() -> None:
    known = facts(*eight("M12a", CHARNWOOD, 90, 95, 90, 95, 160, 150, 155, 160))
    broken = Break(day=Q2.plus(-2).start, reason="Sheds are counted")
    measures = tuple(
        replace(m, series=tuple(replace(s, broken=broken) for s in m.series)) if m.ref == "M12a" else m
        for m in known.framework.measures
    )
    site_ = replace(known.site, frameworks=(replace(known.framework, measures=measures),))
    figures = list_comparable(eight("M12a", CHARNWOOD, 90, 95, 90, 95, 160, 150, 155, 160), site_.framework(Q2), Q2)
    contents = compile_contents(replace(known, site=site_, known=KnownFigures(figures, known.as_at.date())))
    row = next(r for r in table(contents, "Safer: every figure").rows if r[0] == "M12a" and r[2] == "Charnwood")
    assert row[3:9] == (
        "90 (provisional)",
        "not supplied",
        "not comparable",
        "not supplied",
        "not supplied",
        "not supplied",
    )
    assert (
        "(M12a) is counted otherwise since Wednesday 1 January 2014: Sheds are counted. Nothing is compared"
        in words(contents)
    )


def test_what_a_predecessor_counted_and_aimed_at_stands_under_its_successor() -> None:
    heir = replace(site().respondent("charnwood"), key="soar", name="Soar Valley", predecessors=("charnwood",))
    objective = next(o for o in site().framework(Q2).objectives if o.respondent == "charnwood")
    known = facts(
        figure("CHARN.L1", CHARNWOOD, Q2, 12), submissions={"soar": submission("soar", told(objective.ref, "Mended."))}
    )
    came = Event(kind=Happened.RECEIVED, at=known.as_at, by="test", quarter=Q2, respondent="soar", subject="soar-1")
    known = replace(
        known,
        site=replace(site(), respondents=(*site().respondents, heir)),
        status=fold_cycle(Q2, [came]),
    )
    contents = compile_contents(known)
    assert table(contents, "Soar Valley: its own measures").rows[0][2] == "12 (provisional)"
    assert f"Own objective: {objective.wording}\nMended." in words(contents)
    assert "Charnwood Community Safety Partnership covers" not in words(contents), "it was not asked this quarter"


def test_the_summary_stands_in_the_partnerships_own_words_under_its_own_objectives() -> None:
    objective = next(o for o in site().framework(Q2).objectives if o.respondent == "charnwood")
    mine = submission(
        "charnwood", told("T1", "Two schools joined."), told(objective.ref, "Lights were mended.", "More.")
    )
    text = words(compile_contents(facts(submissions={"charnwood": mine})))
    assert "Two schools joined." in text
    assert f"Own objective: {objective.wording}\nLights were mended." in text
    assert "next quarter\nMore." in text


def test_a_promise_alone_is_told_and_so_is_a_word_on_a_police_figure() -> None:
    mine = submission(
        "charnwood", told("T1", " ", "Two more schools."), told(f"{CHARNWOOD} M12a", "A gang was caught.")
    )
    quoted = [b for b in compile_contents(facts(submissions={"charnwood": mine})).blocks if isinstance(b, Plain)]
    leads = {block.text: block.lead for block in quoted}
    assert leads["Two more schools."].endswith(": next quarter")
    assert leads["A gang was caught."] == "Domestic burglary, Charnwood"


def test_a_contributor_needs_no_chair() -> None:
    stands = status(public_health=(Happened.RECEIVED, Happened.COMPLETE))
    body = site().respondent("public-health")
    assert say_standing(facts(status=stands), body).endswith("It is complete.")


def test_a_measure_in_words_whose_owner_has_gone_is_passed_over() -> None:
    measure = next(m for m in site().framework(Q2).measures if m.owner == "lscb" and not m.kind.is_number)
    gone = dataclasses.replace(site(), respondents=tuple(r for r in site().respondents if r.key != "lscb"))
    said = f"{measure.wording}: "
    assert said in words(compile_contents(facts()))
    assert said not in words(compile_contents(dataclasses.replace(facts(), site=gone)))


def test_only_an_illustrative_paper_says_that_it_is_one() -> None:
    real = dataclasses.replace(site(), illustrative=False)
    assert "This paper is illustrative" in words(compile_contents(facts()))
    assert "This paper is illustrative" not in words(compile_contents(dataclasses.replace(facts(), site=real)))


def test_a_heading_with_nothing_under_it_is_left_out_and_no_papers_are_none() -> None:
    form = dataclasses.replace(
        facts().form,
        headings=(
            ReportHeading(title="Of their own", kind="text"),
            ReportHeading(title="Made from", kind="background papers"),
        ),
        background_papers=(),
    )
    bare = dataclasses.replace(facts(), site=dataclasses.replace(site(), report_forms=(form,)))
    blocks = compile_contents(bare).blocks
    assert blocks[:2] == (Heading(text="Made from"), Plain(text="None."))
    assert Heading(text="Of their own") not in blocks


def test_a_series_whose_owner_has_no_such_place_is_shown_for_every_place_of_its_kind() -> None:
    survey = next(s for s in site().framework(Q2).series() if s.geography is Geography.UPPER_TIER)
    theirs = facts().areas_of(survey)
    orphan = facts().areas_of(dataclasses.replace(survey, owner="nobody"))
    assert {area.geography for area in orphan} == {Geography.UPPER_TIER}
    assert set(theirs) <= set(orphan)


def test_a_disputed_police_figure_is_named_with_what_the_partnership_says() -> None:
    mine = submission("charnwood", disputes=((CHARNWOOD, "M12a", "Our count is 131."),))
    text = words(compile_contents(facts(submissions={"charnwood": mine})))
    assert "Partnerships dispute 1 police figure: Domestic burglary in Charnwood." in text
    assert "Our count is 131." in text


def test_force_and_upper_tier_figures_are_printed_once() -> None:
    survey = next(s for s in site().framework(Q2).series() if s.ref == "M10")
    area = facts().areas_of(survey)
    assert len(area) == 1
    contents = compile_contents(facts(figure("M10", area[0].code, Q2, 84, base=900)))
    assert words(contents).count("84 (n = 900, provisional)") == 1


def test_our_own_words_never_speak_of_targets() -> None:
    published = {m.wording for m in site().framework(Q2).measures}
    published |= {p.wording for p in site().framework(Q2).priorities}
    for board in ("speb", "panel"):
        text = words(compile_contents(facts(*eight("M11", CHARNWOOD, *range(900, 908)), board=board)))
        for wording in published:
            text = text.replace(wording, "")
        assert "target" not in text.lower()


def test_a_small_number_is_nowhere_in_the_paper_nor_any_total_that_holds_it() -> None:
    series = next(s for s in site().framework(Q2).series() if s.suppression.below and s.kind.value == "count")
    area = facts().areas_of(series)[0]
    made = eight(series.ref, area.code, 3, 41, 43, 47, 53, 59, 61, 67)
    contents = compile_contents(facts(*made))
    row = next(
        r for b in contents.blocks if isinstance(b, Table) for r in b.rows if r[0] == series.ref and r[2] == area.name
    )
    assert row[3] == (series.suppression.shown_as or f"fewer than {series.suppression.below}")
    assert str(3 + 41 + 43 + 47) not in words(contents)


def test_every_configured_heading_can_be_filled() -> None:
    used = {heading.kind for form in site().report_forms for heading in form.headings}
    assert used <= HEADING_WRITERS.keys()


def test_appendix_a_holds_every_published_measure() -> None:
    cells = "\n".join(
        c for b in compile_contents(facts()).blocks if isinstance(b, Table) for row in b.rows for c in row
    )
    assert all(m.wording in cells for m in site().framework(Q2).measures)


def test_the_circulation_copy_differs_only_in_its_marking() -> None:
    draft, copy = compile_contents(facts()), compile_contents(facts(), draft=False)
    assert dataclasses.replace(draft, draft=False, marking=copy.marking) == copy


# The force's figures that were revised, and words that were put right ------------------------------------


def overtaken(known, *, figures: int, came: int):
    revision = Revision(at=at(3, month=11), figures=figures, came=came, wordings=0, mark="m:n")
    returns = {key: replace(stands, revisions=(revision,)) for key, stands in known.returns.items()}
    return replace(known, returns=returns)


def test_an_approval_says_on_which_police_figures_it_was_given_and_the_paper_what_was_revised() -> None:
    approved = status(charnwood=(Happened.RECEIVED, Happened.COMPLETE, Happened.APPROVED))
    before = figure("M12a", CHARNWOOD, Q2, 412)
    after = replace(before, value=before.value + 19, as_at=date(2014, 11, 3))
    made = words(compile_contents(facts(before, after, status=overtaken(approved, figures=1, came=0))))
    assert "on Friday 24 October 2014, on the police figures before those of Monday 3 November 2014" in made
    assert "Police figures revised on Monday 3 November 2014: " in made
    assert "in Charnwood (previously 412, now 431)." in made
    came = words(compile_contents(facts(after, status=overtaken(approved, figures=0, came=1))))
    assert "Police figures were supplied on Monday 3 November 2014, after the partnerships had been asked." in came


def test_what_was_answered_stands_under_the_title_it_was_answered_under() -> None:
    known = facts(figure("M12a", CHARNWOOD, Q2, 412), status=status())
    row = replace(form(ASKED).figures[0], ref="M12a", title="As it was asked")
    asked = replace(form(ASKED), figures=(row,), summary=())
    made = words(compile_contents(replace(known, answered={"charnwood": asked})))
    assert "As it was asked (M12a)" in made
    assert "M12a was answered under the title \u201cAs it was asked\u201d by" in made
    other = replace(asked, figures=(replace(row, title="In third words"),))
    both = words(compile_contents(replace(known, answered={"charnwood": asked, "melton": other})))
    assert "As it was asked (M12a)" not in both
    assert "\u201cIn third words\u201d by" in both
