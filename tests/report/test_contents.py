"""What a paper says: every return as what it is, every figure with its reading, and never a word of targets."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import replace
from datetime import date

import pytest

from csp_workflow.analysis.readings import Direction
from csp_workflow.report.appendices import list_companion
from csp_workflow.report.blocks import (
    Contents,
    GroupChart,
    Heading,
    Lettered,
    Lines,
    Numbered,
    Plain,
    SeriesChart,
    Table,
    plain_text,
)
from csp_workflow.report.contents import HEADING_WRITERS, TEXT_WRITERS, compile_contents
from csp_workflow.report.facts import ReportFacts, say_standing
from csp_workflow.report.pieces import GUIDE, SHORT_GUIDE
from csp_workflow.report.statements import Report, find_told, list_statements
from csp_workflow.report.wording import MOST_ROWS, MOST_STORIES, choose_stories, find_stories
from csp_workflow.terms.actions import Action, ActionState
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.figures import Break, Figure, FigureStatus, Geography, Series, list_comparable
from csp_workflow.terms.grants import Grant
from csp_workflow.terms.report_form import ReportHeading
from csp_workflow.terms.returns import ASKED_OF_BOARD, Revision
from csp_workflow.terms.site import Role
from csp_workflow.terms.status import fold_cycle
from tests.chase.quarter_told import CHARNWOOD as ASKED
from tests.chase.quarter_told import at, form
from tests.report.paper_told import Q2, eight, facts, figure, site, status, submission, told

CHARNWOOD = "E22000165"


def burgled() -> list[Figure]:
    """Eight quarters in which burglary in Charnwood fell."""
    return eight("M12a", CHARNWOOD, 90, 95, 90, 95, 160, 150, 155, 160)


def series_of(ref: str) -> Series:
    return next(s for s in site().framework(Q2).series() if s.ref == ref)


def words(contents: Contents) -> str:
    """Everything a reader reads."""
    texts = []
    for block in contents.blocks:
        match block:
            case Heading() | Numbered() | Lettered():
                texts.append(plain_text(block.text))
            case SeriesChart() | GroupChart():
                texts += [block.caption, block.description, plain_text(block.note)]
            case Plain():
                texts += [block.lead, block.text]
            case Lines():
                texts += block.lines
            case Table():
                texts += [block.caption, *block.headers, plain_text(block.note)]
                texts += [plain_text(cell) for row in block.rows for cell in row]
    return "\n".join(texts)


def table(contents: Contents, caption: str) -> list[tuple[str, ...]]:
    """The rows of the table with that in its caption."""
    found = next(b for b in contents.blocks if isinstance(b, Table) and caption in b.caption)
    return [tuple(map(plain_text, row)) for row in found.rows]


def companion(of: ReportFacts, sheet: str) -> list[tuple[str, ...]]:
    """The rows of a sheet of the workbook that accompanies the paper."""
    found = next(t for t in list_companion(of) if t.caption == sheet)
    return [tuple(map(plain_text, row)) for row in found.rows]


@pytest.mark.parametrize(
    ("happened", "sentence"),
    [
        ((Happened.RECEIVED, Happened.COMPLETE, Happened.APPROVED), "approved by the Chair on Friday 24 October 2014"),
        ((Happened.RECEIVED, Happened.COMPLETE), "the Chair had not approved it by Thursday 20 November 2014"),
        ((Happened.RECEIVED, Happened.QUERIED), "2 entries had still to be corrected"),
        ((Happened.NIL,), "It supplied nothing for this quarter and said so (a nil return)."),
        ((Happened.DECLINED,), "the request was declined"),
        ((Happened.NOT_RECEIVED,), "No return was received by Thursday 20 November 2014"),
        ((), "No return was received by Thursday 20 November 2014"),
    ],
)
def test_each_return_is_reported_as_what_it_is(happened: tuple[Happened, ...], sentence: str) -> None:
    contents = compile_contents(facts(status=status(charnwood=happened)))
    part = words(contents).split("Charnwood Community Safety Partnership\n", 1)[1]
    assert sentence in part.split("\n", 1)[0]


def test_who_approved_is_named_as_what_they_are() -> None:
    known = status(charnwood=(Happened.RECEIVED, Happened.COMPLETE, Happened.APPROVED))
    stands = known.returns["charnwood"]
    stands = replace(stands, approval=replace(stands.approval, role=Role.DEPUTY_CHAIR))
    told = words(compile_contents(facts(status=replace(known, returns={**known.returns, "charnwood": stands}))))
    assert "approved by the Deputy Chair on Friday 24 October 2014" in told
    assert "The Deputy Chair approved for Charnwood." in told


def test_a_return_that_has_not_come_never_blanks_the_police_figures() -> None:
    contents = compile_contents(facts(*eight("M12a", CHARNWOOD, 140, 150, 160, 155, 160, 150, 155, 160)))
    rows = table(contents, "Making Communities and Neighbourhoods Safer: every area")
    burglary = [cell for row in rows if row[0] == "Domestic burglary" for cell in row]
    assert {"Quarter", "140", "not supplied"} <= set(burglary)


def test_a_story_stands_on_the_first_page_with_its_year_its_usual_year_and_what_is_sought() -> None:
    contents = compile_contents(facts(*burgled()))
    ((what, year, group, said),) = table(contents, "One change in the year to 30 September 2014")
    assert what == "Domestic burglary\nCharnwood"
    assert year.startswith("\u25bc Lower: 370\nUsual ")
    assert year.endswith("\nQuarter 90, was 160")
    assert group == "No group"
    assert said == "No return was made."
    assert "Domestic burglary: lower than usual in Charnwood; a fall is sought." in words(contents)


def test_without_a_story_the_first_page_says_so() -> None:
    text = words(compile_contents(facts(*eight("M12a", CHARNWOOD, 155, 150, 160, 155, 160, 150, 155, 160))))
    assert "No measure that could be compared has changed in any area by more than it usually does." in text
    assert "Of 1 comparisons 1 show no more change than usual." not in text
    assert "usually does. One comparison was made; it shows no more change than usual." in text


def test_where_nothing_can_be_compared_no_measure_is_said_to_be_unchanged() -> None:
    text = words(compile_contents(facts()))
    assert "No figure could be compared with a usual year: too little is known of earlier years." in text
    assert "of the 0 figures" not in text
    assert "No measure has changed" not in text


def test_areas_that_moved_alike_are_one_story_and_who_does_not_fit_is_named() -> None:
    areas = [area.code for area in facts().areas_of(series_of("M12a"))]
    moved = [f for code in areas for f in eight("M12a", code, 300, 290, 310, 300, 160, 150, 155, 160)]
    contents = compile_contents(facts(*moved))
    assert "Domestic burglary: higher than usual in all nine areas; a fall is sought." in words(contents)
    shown = table(contents, "Five of nine changes in the year")
    assert len(shown) == MOST_ROWS - 1, "the note on the others takes the room of one"
    note = next(plain_text(b.note) for b in contents.blocks if isinstance(b, Table) and "changes in the" in b.caption)
    assert "Not shown: domestic burglary higher than usual in four areas. Each is named" in note
    assert table(contents, "Safer: all areas")[0][4] == "all nine areas"


def test_at_most_six_measures_are_told_and_those_furthest_out() -> None:
    refs = [s.ref for s in facts().police_series() if s.geography is Geography.AREA][: MOST_STORIES + 1]
    moved = [f for n, ref in enumerate(refs) for f in eight(ref, CHARNWOOD, *[300 + 30 * n] * 4, 200, 190, 205, 195)]
    of = facts(*moved)
    chosen = choose_stories(find_stories(of))
    assert [story.series.ref for story in chosen.stories] == refs[1:]
    assert [row.series.ref for row in chosen.named] == refs[:1]


@pytest.mark.parametrize(
    ("said", "told_as"),
    [
        ("Two gangs were caught.", "\u201cTwo gangs were caught.\u201d"),
        ("word " * 41, "See its part, paragraph ."),
        ("", "No explanation was given."),
    ],
)
def test_the_partnership_s_own_words_stand_beside_a_change_whole_or_are_referred_to(said: str, told_as: str) -> None:
    mine = submission("charnwood", *([told(f"{CHARNWOOD} M12a", said)] if said else []))
    came = status(charnwood=(Happened.RECEIVED, Happened.COMPLETE))
    of = facts(*burgled(), submissions={"charnwood": mine}, status=came)
    assert table(compile_contents(of), "One change")[0][3] == told_as


def test_a_request_reaches_the_list_of_what_the_board_is_asked() -> None:
    mine = submission("charnwood", told(ASKED_OF_BOARD, "A second advice desk."))
    contents = compile_contents(facts(submissions={"charnwood": mine}))
    (asked,) = [b for b in contents.blocks if isinstance(b, Lettered) and "Charnwood" in plain_text(b.text)]
    assert plain_text(asked.text) == "consider what Charnwood asks: \u201cA second advice desk\u201d (paragraph )."
    (anchor,) = [run.to for run in asked.text if run.to]
    (there,) = [b for b in contents.blocks if isinstance(b, Numbered) and b.anchor == anchor]
    assert plain_text(there.text) == "What it asks for: \u201cA second advice desk.\u201d"


def test_a_board_that_takes_no_requests_reads_of_which_board_they_were_asked() -> None:
    mine = submission("charnwood", told(ASKED_OF_BOARD, "A second advice desk."))
    contents = compile_contents(facts(submissions={"charnwood": mine}, board="panel"))
    assert not [b for b in contents.blocks if isinstance(b, Lettered) and "Charnwood" in plain_text(b.text)]
    said = "What it asks of the Strategic Partnership Executive Board: \u201cA second advice desk.\u201d"
    assert said in words(contents)
    nobody = replace(site(), report_forms=tuple(replace(f, takes_requests=False) for f in site().report_forms))
    assert "What it asks of boards: " in words(
        compile_contents(replace(facts(submissions={"charnwood": mine}), site=nobody))
    )


@pytest.mark.parametrize("length", [41, 121, 250, 9000])
def test_what_is_asked_answered_or_contributed_keeps_to_its_guide_whatever_its_length(length: int) -> None:
    """Thirty pages in a request, an answer or a contributor's box are whole, and not in the body."""
    ask, answer, words_of = (f"{kind} " * length for kind in ("ask", "answer", "tell"))
    said = {
        "charnwood": submission("charnwood", told(ASKED_OF_BOARD, ask), told("A1", answer)),
        "change-team": submission("change-team", told("M18a", words_of)),
    }
    of = facts(submissions=said, status=status(change_team=(Happened.RECEIVED, Happened.COMPLETE)))
    asked = Action(
        ref="A1", respondent="charnwood", board="speb", wording="Meet.", asked=date(2014, 9, 11), due=date(2014, 12, 1)
    )
    of = replace(of, actions=(asked,))
    text = words(compile_contents(of))
    body, _, appendix = text.partition("Appendix A: ")
    beside = " ".join(row[3] for one in list_companion(of) if one.caption == "Words" for row in map(list, one.rows))
    for word in ("ask", "answer", "tell"):
        assert body.count(f"{word} ") < GUIDE + 10
        assert max(count_row(one, word) for one in (body, appendix, beside)) == length
    if length > GUIDE:
        assert f"What it asks for: its {length:,} words are in " in body


def count_row(text: str, word: str) -> int:
    """How often a word comes in the longest row of it."""
    return max((len(found.split()) for found in re.findall(rf"(?:{word}\s+)*{word}", text)), default=0)


def test_what_is_new_goes_on_or_has_ended_is_told_against_the_last_paper() -> None:
    before = {("M12a", CHARNWOOD): Direction.FALLING, ("M11", CHARNWOOD): Direction.RISING}
    text = words(compile_contents(replace(facts(*burgled()), told_before=before)))
    assert "Continuing: domestic burglary (Charnwood). Not known this time: all crime (Charnwood)." in text
    quiet = eight("M11", CHARNWOOD, 155, 150, 160, 155, 160, 150, 155, 160)
    text = words(compile_contents(replace(facts(*burgled(), *quiet), told_before=before)))
    assert "Continuing: domestic burglary (Charnwood). Ended: all crime (Charnwood)." in text
    turned = words(compile_contents(replace(facts(*burgled()), told_before={("M12a", CHARNWOOD): Direction.RISING})))
    assert "New: domestic burglary (Charnwood)." in turned
    calm = words(compile_contents(replace(facts(), told_before={})))
    assert "The last paper told no change, and neither does this one." in calm


def test_a_figure_not_given_stands_as_what_it_is() -> None:
    of = facts(figure("M12a", CHARNWOOD, Q2, None))
    assert "not available" in {cell for row in table(compile_contents(of), "Safer: every area") for cell in row}
    assert ("M12a", "not available") in {(row[0], row[5]) for row in companion(of, "Figures")}


def test_a_revised_figure_says_what_was_reported_before() -> None:
    from datetime import date

    first = figure("M12a", CHARNWOOD, Q2.year_ago, 412, as_at=date(2013, 10, 20))
    later = figure("M12a", CHARNWOOD, Q2.year_ago, 431, status=FigureStatus.REVISED)
    now = figure("M12a", CHARNWOOD, Q2, 420)
    of = facts(first, later, now)
    revised = table(compile_contents(of), "Revised figures")
    assert revised == [("Domestic burglary, Charnwood, July to September 2013", "412", "431")]
    assert "431 (previously reported 412, revised)" in {row[6] for row in companion(of, "Figures")}


def test_nothing_is_compared_across_a_break_and_the_paper_says_so() -> None:
    known = facts(*eight("M12a", CHARNWOOD, 90, 95, 90, 95, 160, 150, 155, 160))
    broken = Break(day=Q2.plus(-2).start, reason="Sheds are counted")
    measures = tuple(
        replace(m, series=tuple(replace(s, broken=broken) for s in m.series)) if m.ref == "M12a" else m
        for m in known.framework.measures
    )
    site_ = replace(known.site, frameworks=(replace(known.framework, measures=measures),))
    figures = list_comparable(eight("M12a", CHARNWOOD, 90, 95, 90, 95, 160, 150, 155, 160), site_.framework(Q2), Q2)
    of = replace(known, site=site_, known=KnownFigures(figures, known.as_at.date()))
    row = next(r for r in companion(of, "Figures") if r[0] == "M12a" and r[2] == "Charnwood")
    assert row[4:8] == ("90", "90 (provisional)", "not supplied", "no figure")
    assert row[11] == "not comparable"
    assert (
        "(M12a) is counted otherwise since Wednesday 1 January 2014: Sheds are counted. Nothing is compared"
        in words(compile_contents(of))
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
    assert table(contents, "Soar Valley: its own measures")[0][2] == "12"
    aims = table(contents, "Soar Valley: its own objectives")
    assert next(row for row in aims if row[0] == objective.wording)[2] == "\u201cMended.\u201d"
    assert "Charnwood Community Safety Partnership\n" not in words(contents), "it was not asked this quarter"


def test_the_summary_stands_in_the_partnerships_own_words_under_its_own_objectives() -> None:
    objective = next(o for o in site().framework(Q2).objectives if o.respondent == "charnwood")
    mine = submission(
        "charnwood", told("T1", "Two schools joined."), told(objective.ref, "Lights were mended.", "More.")
    )
    contents = compile_contents(facts(submissions={"charnwood": mine}))
    assert "Two schools joined." in words(contents)
    aims = table(contents, "Charnwood Community Safety Partnership: its own objectives")
    row = next(row for row in aims if row[0] == objective.wording)
    assert row[2:] == ("\u201cLights were mended.\u201d", "\u201cMore.\u201d")


def test_no_word_is_cut_what_is_long_stands_whole_in_the_next_place_and_the_part_says_where() -> None:
    short, longer, longest = "Short.", "longer " * (2 * SHORT_GUIDE - 40), "line\n" * (4 * SHORT_GUIDE)
    mine = submission("charnwood", told("T1", short), told("T2", longer), told("T3", longest))
    of = facts(submissions={"charnwood": mine})
    blocks = compile_contents(of).blocks
    quoted = {b.text: at for at, b in enumerate(blocks) if isinstance(b, Plain) and b.quoted}
    appendix = next(
        at for at, b in enumerate(blocks) if isinstance(b, Heading) and b.text.startswith("Appendix B: words")
    )
    assert quoted[short] < appendix < quoted[longer.strip()]
    assert longest.strip() not in quoted
    assert [row[3] for row in companion(of, "Words")] == ["line"] * (4 * SHORT_GUIDE)
    said = words(compile_contents(of))
    assert f"{2 * SHORT_GUIDE - 40} words in Appendix B" in said
    assert f"{4 * SHORT_GUIDE} words in the accompanying workbook" in said


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
    said = f"Priority {measure.priority}: no words came from "
    assert said in words(compile_contents(facts()))
    assert said not in words(compile_contents(dataclasses.replace(facts(), site=gone)))


def test_only_an_illustrative_paper_says_that_it_is_one() -> None:
    real = dataclasses.replace(site(), illustrative=False)
    assert "This paper is illustrative" in words(compile_contents(facts()))
    assert "This paper is illustrative" not in words(compile_contents(dataclasses.replace(facts(), site=real)))


def test_a_heading_with_nothing_under_it_is_left_out_and_no_papers_are_none() -> None:
    form_ = dataclasses.replace(
        facts().form,
        headings=(
            ReportHeading(title="Of their own", kind="text"),
            ReportHeading(title="Made from", kind="background papers"),
        ),
        background_papers=(),
    )
    bare = dataclasses.replace(facts(), site=dataclasses.replace(site(), report_forms=(form_,)))
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
    assert "Partnerships dispute 1 police figure: domestic burglary in Charnwood." in text
    assert "Our count is 131." in text


def test_force_and_upper_tier_figures_are_printed_once() -> None:
    survey = next(s for s in site().framework(Q2).series() if s.ref == "M10")
    area = facts().areas_of(survey)
    assert len(area) == 1
    of = facts(figure("M10", area[0].code, Q2, 84, base=900))
    assert words(compile_contents(of)).count("84%") == 1
    assert "n = 900" in next(row[5] for row in companion(of, "Figures") if row[0] == "M10")


@pytest.mark.parametrize(("count", "said"), [(756, "756 of 900"), (None, "n = 900")])
def test_a_share_has_the_counts_behind_it_wherever_its_newest_value_is_printed(count: int | None, said: str) -> None:
    survey = next(s for s in site().framework(Q2).series() if s.ref == "M10")
    area = facts().areas_of(survey)[0]
    of = facts(figure("M10", area.code, Q2, 84, count=count, base=900))
    assert f"84% ({said})" in words(compile_contents(of)).replace("\N{NO-BREAK SPACE}", " ")
    assert said in next(row[5] for row in companion(of, "Figures") if row[0] == "M10")


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
    of = facts(*made)
    beside = [plain_text(cell) for sheet in list_companion(of) for row in sheet.rows for cell in row]
    assert str(3 + 41 + 43 + 47) not in words(compile_contents(of)) + "\n".join(beside)


def test_every_configured_heading_can_be_filled() -> None:
    used = {heading.kind for form in site().report_forms for heading in form.headings}
    assert used <= HEADING_WRITERS.keys() | TEXT_WRITERS.keys()


def test_appendix_a_holds_every_published_measure() -> None:
    cells = "\n".join(
        plain_text(c) for b in compile_contents(facts()).blocks if isinstance(b, Table) for row in b.rows for c in row
    )
    assert all(m.wording in cells for m in site().framework(Q2).measures)


def test_the_circulation_copy_differs_only_in_its_marking() -> None:
    draft, copy = compile_contents(facts()), compile_contents(facts(), draft=False)
    assert dataclasses.replace(draft, draft=False, marking=copy.marking, version=copy.version) == copy


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
    assert "Police figures were revised on Monday 3 November 2014, after the partnerships" in made
    assert "Domestic burglary, Charnwood, July to September 2014\n412\n431" in made
    came = words(compile_contents(facts(after, status=overtaken(approved, figures=0, came=1))))
    assert "Police figures were supplied on Monday 3 November 2014, after the partnerships" in came


def test_what_was_answered_stands_under_the_title_it_was_answered_under() -> None:
    known = facts(figure("M12a", CHARNWOOD, Q2, 412), status=status())
    row = replace(form(ASKED).figures[0], ref="M12a", title="As it was asked")
    asked = replace(form(ASKED), figures=(row,), summary=())
    made = words(compile_contents(replace(known, answered={"charnwood": asked})))
    assert "As it was asked\n" in made
    assert "M12a was answered under the title \u201cAs it was asked\u201d by" in made
    other = replace(asked, figures=(replace(row, title="In third words"),))
    both = words(compile_contents(replace(known, answered={"charnwood": asked, "melton": other})))
    assert "As it was asked\n" not in both
    assert "\u201cIn third words\u201d by" in both


# What seldom stands in a paper ---------------------------------------------------------------------------


def test_without_a_list_of_its_own_the_board_is_asked_for_what_partnerships_ask() -> None:
    mine = submission("charnwood", told(ASKED_OF_BOARD, "A second advice desk."))
    form_ = replace(facts().form, headings=(ReportHeading(title="Asked", kind="recommendations", text="Note it."),))
    of = replace(facts(submissions={"charnwood": mine}), site=replace(site(), report_forms=(form_,)))
    said = [plain_text(b.text) for b in compile_contents(of).blocks[1:4] if isinstance(b, Numbered | Lettered)]
    assert said[:2] == ["Note it.", "Strategic Partnership Executive Board is also asked to:"]
    assert said[2].startswith("consider what Charnwood")


def test_more_time_and_a_return_that_was_sent_back_are_told_as_what_they_are() -> None:
    known = status(charnwood=(Happened.RECEIVED, Happened.COMPLETE))
    longer = replace(known.returns["melton"], due=date(2014, 12, 1))
    back = replace(known.returns["charnwood"], returned=True)
    text = words(
        compile_contents(facts(status=replace(known, returns={**known.returns, "melton": longer, "charnwood": back})))
    )
    assert "had more time: what they return is to follow" in text
    assert "more time was given, and it is to follow." in text
    assert "It was sent back to be corrected, and no later version had come." in text


def test_a_change_of_the_whole_force_is_nobody_s_own_figure_and_has_no_group() -> None:
    (area,) = facts().areas_of(series_of("M17c"))
    moved = eight("M17c", area.code, 700, 690, 710, 705, 350, 345, 355, 350)
    contents = compile_contents(facts(*moved))
    assert table(contents, "One change")[0][3] == "No partnership answers for this figure."
    assert not [b for b in contents.blocks if isinstance(b, GroupChart)]


def test_the_last_paper_s_changes_are_found_by_series_and_area() -> None:
    of = facts(*burgled())
    earlier = Report(
        board="speb", quarter=Q2.plus(-1), at=of.as_at, statements=list_statements(replace(of, quarter=Q2.plus(-1)))
    )
    told_ = find_told([earlier], "speb", Q2)
    assert told_ is not None
    assert set(told_.values()) <= {Direction.RISING, Direction.FALLING}
    assert find_told([earlier], "panel", Q2) is None
    assert find_told([replace(earlier, statements={})], "speb", Q2) is None


def test_an_action_that_was_closed_says_why() -> None:
    done = Action(
        ref="A1", respondent="charnwood", board="speb", wording="Meet.", asked=date(2014, 9, 11), due=date(2014, 11, 1),
        state=ActionState.CLOSED, closed=date(2014, 10, 30), reason="They met.",
    )  # fmt: skip
    rows = table(compile_contents(replace(facts(), actions=(done,))), "Charnwood Community Safety Partnership: what")
    assert rows[0][2] == "closed 30 Oct 2014: They met."


def test_none_is_said_only_where_it_could_have_been_otherwise() -> None:
    areas = [area.code for area in facts().areas_of(series_of("M12a"))]
    moved = eight("M12a", CHARNWOOD, 300, 290, 310, 300, 160, 150, 155, 160)
    steady = [f for code in areas for f in eight("M11", code, 155, 150, 160, 155, 160, 150, 155, 160)]
    new = [figure("M13a", code, Q2, 20) for code in areas]
    rows = {row[0]: row for row in table(compile_contents(facts(*moved, *steady, *new)), "Safer: all areas")}
    assert rows["Domestic burglary"][-1] == "Charnwood"
    assert rows["All crime"][-1] == "none"
    assert rows["Violence with injury"][-1] == "not compared"


def test_a_first_quarter_shows_its_quarter_and_no_column_that_says_nothing() -> None:
    areas = facts().areas_of(series_of("M12a"))
    own = [figure("CHARN.L1", CHARNWOOD, Q2, 12)]
    contents = compile_contents(facts(*(figure("M12a", area.code, Q2, 20) for area in areas), *own))
    assert table(contents, "Safer: all areas, July to September 2014") == [("Domestic burglary", "fall", "180")]
    assert len(table(contents, "Charnwood Community Safety Partnership: its own measures")[0]) == 4
    assert "None of these measures could be compared with a usual year." in words(contents)
    assert "no total" not in words(contents).split("Appendix A: ")[0]


def test_a_police_figure_that_cannot_be_compared_is_not_counted_as_usual() -> None:
    quiet = eight("M12a", CHARNWOOD, 155, 150, 160, 155, 160, 150, 155, 160)
    said = "The one police figure that could be compared is as usual."
    assert said in words(compile_contents(facts(*quiet)))
    assert "The other" not in words(compile_contents(facts(*burgled())))


def test_the_framework_s_parts_are_counted() -> None:
    assert "The framework has five themes, 18 strategic priorities and 40 measures" in words(compile_contents(facts()))
    fewer = replace(site().framework(Q2), measures=site().framework(Q2).measures[:4])
    of = replace(facts(), site=replace(site(), frameworks=(fewer,)))
    assert "18 strategic priorities and four measures" in words(compile_contents(of))


def test_many_who_sent_nothing_are_counted_on_the_first_page_and_named_further_on() -> None:
    text = words(compile_contents(facts(status=status(charnwood=(Happened.RECEIVED, Happened.COMPLETE)))))
    assert "One of the eight partnerships made a return. Not yet approved by the Chair: Charnwood. Seven" in text
    assert "Seven partnerships had sent nothing by 20 November 2014. All 12 other bodies had sent nothing" in text
    assert "This leaves gaps in priorities 1 to 18." in text
    assert "No return was received by Thursday 20 November 2014 from Blaby and" in text


def test_the_more_there_is_beside_the_changes_the_fewer_of_them_the_first_page_shows() -> None:
    areas = [area.code for area in facts().areas_of(series_of("M12a"))]
    moved = [f for code in areas for f in eight("M12a", code, 300, 290, 310, 300, 160, 150, 155, 160)]
    before = {(s.ref, code): Direction.RISING for s in facts().police_series() for code in areas}
    contents = compile_contents(replace(facts(*moved), told_before=before))
    shown = table(contents, "of nine changes in the year")
    assert 2 <= len(shown) < MOST_ROWS


def test_no_sentence_of_ours_begins_with_a_figure() -> None:
    areas = [area.code for area in facts().areas_of(series_of("M12a"))]
    refs = [s.ref for s in facts().police_series() if s.geography is Geography.AREA]
    quiet = [f for ref in refs for code in areas for f in eight(ref, code, 155, 150, 160, 155, 160, 150, 155, 160)]
    known = status(charnwood=(Happened.RECEIVED, Happened.COMPLETE))
    for block in compile_contents(facts(*quiet, status=known)).blocks:
        if isinstance(block, Numbered):
            assert not re.search(r"(?:^|[.:] )\d[^.]* (?:is|are|was|were|differed|showed)\b", plain_text(block.text))


def test_a_board_that_has_the_heading_gets_a_table_of_grant_money() -> None:
    grant = Grant(ref="CHARN.G1", title="Community safety fund", agreed=date(2014, 4, 1))
    heading = ReportHeading(title="Appendix D: grant money", kind="grant money")
    forms = tuple(replace(one, headings=(*one.headings, heading)) for one in site().report_forms)
    asked = {"charnwood", "melton"}
    granted = tuple(replace(r, grants=(grant,) if r.key in asked else ()) for r in site().respondents)
    lines = zip(grant.lines, (25000, 12000, 8000, 4000, 1000), strict=True)
    money = tuple(figure(series.ref, "CHARN", Q2, value, note="A post was vacant.") for (_, series), value in lines)
    made = facts(submissions={"charnwood": submission("charnwood", figures=money)})
    paper = compile_contents(replace(made, site=replace(site(), respondents=granted, report_forms=forms)))
    (table,) = (b for b in paper.blocks if isinstance(b, Table) and b.caption.startswith("Grant money"))
    first, second = ([plain_text(cell) for cell in row[1:]] for row in table.rows)
    pounds = ["\u00a325,000.00", "\u00a312,000.00", "\u00a38,000.00", "\u00a34,000.00", "\u00a31,000.00"]
    assert first == [*pounds, "A post was vacant.", "not yet"]
    assert second == ["not supplied"] * 5 + ["", ""]
    without = compile_contents(replace(facts(), site=replace(site(), report_forms=forms)))
    assert "No partnership was asked about a grant." in words(without)
