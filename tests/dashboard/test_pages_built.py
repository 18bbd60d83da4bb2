"""The pages of a dashboard: what stands on each, for every reader, from the paper's own facts and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

import pytest

from csp_workflow import settings
from csp_workflow.dashboard import pages, places
from csp_workflow.dashboard.pages import compile_own_view, compile_view
from csp_workflow.dashboard.parts import Audience
from csp_workflow.dashboard.places import keep_own
from csp_workflow.dashboard.writing import Links, write_text, write_view, write_whole
from csp_workflow.report.blocks import Numbered, Run, plain_text
from csp_workflow.report.disclosure import hide_figures
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.page_one import write_quarter
from csp_workflow.terms.events import Happened
from csp_workflow.terms.figures import Break, FigureStatus, Provenance
from csp_workflow.terms.returns import ASKED_OF_BOARD
from csp_workflow.terms.site import Respondent
from tests.dashboard.pages_read import Node, find_faults_of_pages, read_page, read_rows
from tests.report.crowded_told import crowded
from tests.report.paper_told import Q2, ROOT, eight, facts, figure, status, submission, told

TEMPLATES = settings.read_page_templates(ROOT / "config")
Files = Mapping[str, bytes]


def build(of: ReportFacts, audience: Audience = Audience.PARTNERSHIP) -> Files:
    return write_view(compile_view(of, audience), TEMPLATES)


@pytest.fixture(scope="module")
def full() -> ReportFacts:
    return hide_figures(crowded(partnerships=3))


@pytest.fixture(scope="module")
def files(full: ReportFacts) -> Files:
    return build(full)


@pytest.fixture(scope="module")
def public(full: ReportFacts) -> Files:
    return build(full, Audience.PUBLIC)


def area_of(of: ReportFacts, place: int = 0) -> str:
    return of.partnerships()[place].areas[0].code


def read(files: Files, name: str) -> Node:
    return read_page(files[f"{name}.html"])


def cards(page: Node) -> Iterator[Node]:
    yield from (one for one in page.every("li") if one.every("details") and one.attributes.get("id"))


def test_every_page_is_whole_for_who_hears_it_has_no_mouse_or_opens_it_from_a_mail(
    full: ReportFacts, files: Files, public: Files
) -> None:
    whole = {"everything.html": write_whole(compile_view(full, Audience.PARTNERSHIP), TEMPLATES)}
    for some in (files, public, whole, build(facts()), build(facts(board="panel"), Audience.PUBLIC)):
        assert find_faults_of_pages(some) == []


def test_there_is_a_page_for_each_measure_each_partnership_and_all_that_is_read_beside_them(
    full: ReportFacts, files: Files
) -> None:
    names = {name.removesuffix(".html") for name in files}
    assert names > {"index", "year", "quality", "definitions", "framework", "measure-m11", "measure-m01-1"}
    assert len([name for name in names if name.startswith("partnership-")]) == 3
    listed = [link.attributes["href"] for link in read(files, "index").find("find-measures").every("a")]
    assert {f"{name}.html" for name in names if name.startswith("measure-")} == set(listed)


def test_the_same_facts_are_the_same_bytes(full: ReportFacts, files: Files) -> None:
    assert build(full) == files


def test_the_first_page_says_what_the_first_page_of_the_paper_says(full: ReportFacts, files: Files) -> None:
    (summary, *_) = write_quarter(full)
    assert isinstance(summary, Numbered)
    lead = [one.text for one in read(files, "index").every("p") if one.attributes.get("class") == "lead"]
    assert lead == [" ".join(plain_text(summary.text).split())]


def test_what_became_of_a_measure_is_a_sentence_that_does_not_say_its_title_again(
    full: ReportFacts, files: Files
) -> None:
    for entry in (one for one in read(files, "index").find("find-measures").every("li")):
        title, said = (one.text for one in entry.every("span"))
        assert said[0].isupper()
        assert title not in said
    page = read(files, "measure-m11")
    (lead, *_) = [one.text for one in page.every("p") if one.attributes.get("class") == "lead"]
    assert lead.startswith("Higher than usual in")


def test_returns_are_listed_by_name_the_partnerships_first(full: ReportFacts, files: Files) -> None:
    (table,) = [one for one in read(files, "index").every("table") if one.every("caption")[0].text == "Each return"]
    names = [row["From"] for row in read_rows(table)]
    partnerships = len(full.partnerships())
    assert names == [*sorted(names[:partnerships]), *sorted(names[partnerships:])]
    assert {*names[:partnerships]} == {one.name for one in full.partnerships()}


def test_a_chart_is_explained_once_a_page_and_what_stands_below_it_is_not_heard_twice(files: Files) -> None:
    for name in ("index", "measure-m11", "partnership-charnwood"):
        page = read(files, name)
        assert page.text.count("How to read a chart") == 1
        assert page.text.count("Below a chart the diamond is the area's rate") == 1
        for chart in page.every("svg"):
            assert "Usual range" not in chart.attributes["aria-label"]
            assert ", the newest " in chart.attributes["aria-label"]
    assert "How to read a chart" not in read(files, "measure-m15").text


def test_a_rate_beside_its_group_is_a_sentence(files: Files) -> None:
    said = [one.text for card in cards(read(files, "measure-m11")) for one in card.every("p")]
    assert [one for one in said if " its group: " in one and one.endswith(").") and " per 1,000 residents; the " in one]


def test_a_definition_leads_to_the_pages_that_show_what_it_defines(full: ReportFacts, files: Files) -> None:
    links = {one.attributes["href"] for one in read(files, "definitions").every("dl")[0].every("a")}
    assert links >= {"measure-m01-1.html", "measure-m01-2.html", "measure-m03e.html"}


def test_areas_stand_by_alphabet_whatever_their_figures_are(full: ReportFacts, files: Files) -> None:
    page = read(files, "measure-m11")
    names = [one.every("h3")[0].text for one in cards(page)]
    assert len(names) == len(full.rows(next(s for s in full.framework.series() if s.ref == "M11")))
    assert names == sorted(names)


def test_a_measure_of_many_areas_has_pages_that_lead_to_one_another(
    full: ReportFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (pages, places):
        monkeypatch.setattr(module, "AREAS", 3)
    files = build(full)
    first, second = read(files, "measure-m11"), read(files, "measure-m11-2")
    assert [len(list(cards(page))) for page in (first, second)] == [3, 1]
    (more,) = [one for one in first.every("nav") if one.attributes["aria-label"] == "More areas"]
    (link,) = more.every("a")
    assert link.attributes["href"] == "measure-m11-2.html"
    assert link.text.startswith(next(cards(second)).every("h3")[0].text)
    assert find_faults_of_pages(files) == []


def test_each_figure_leads_to_where_it_is_from_and_the_public_to_its_definition(files: Files, public: Files) -> None:
    card = next(cards(read(files, "measure-m11")))
    assert {row["From"] for row in read_rows(card.every("table")[0])} == {"source 1"}
    (number, *_) = list(card.every("p")[1].every("a"))
    assert number.attributes["href"] == f"#{card.attributes['id']}"
    source = read(files, "measure-m11").find("measure-m11-source-1")
    assert source.text == "Source 1"
    shown = next(cards(read(public, "measure-m11")))
    assert "From" not in read_rows(shown.every("table")[0])[0]
    assert "As at" in read_rows(shown.every("table")[0])[0]
    (number, *_) = list(shown.every("p")[1].every("a"))
    assert number.attributes["href"] == "definitions.html#definitions-m11"
    assert not [name for name, data in public.items() if b"Made for a test" in data]
    assert [name for name, data in files.items() if b"Made for a test" in data]


def test_a_cell_that_was_read_is_named_with_its_source() -> None:
    of = facts()
    area = area_of(of)
    origin = Provenance(source="Return of Blaby", sheet="Your figures", cell="H7", illustrative=True)
    page = read(build(facts(figure("M11", area, Q2, 40, provenance=origin))), "measure-m11")
    (card,) = cards(page)
    assert read_rows(card.every("table")[0])[0]["From"] == "source 1, H7"
    said = "Return of Blaby, sheet “Your figures” (made up for demonstration)."
    assert said in [one.text for one in page.every("dd")]


def test_a_gap_is_a_gap_and_a_value_that_is_alone_is_no_chart() -> None:
    area = area_of(facts())
    known = [f for f in eight("M11", area, 41, 42, 43, 44, 45, 46, 47, 48) if f.period != Q2.plus(-1).key]
    (card,) = cards(read(build(facts(*known)), "measure-m11"))
    (line,) = [one for one in card.every("path") if one.attributes["class"] == "line"]
    assert line.attributes["d"].count("M") == 2
    assert "not supplied" in [row["Offences"] for row in read_rows(card.every("table")[0])]
    (alone,) = cards(read(build(facts(figure("M11", area, Q2, 7))), "measure-m11"))
    assert not alone.every("svg")
    assert "July to September 2014: 7" in alone.text


def test_a_provisional_newest_figure_has_a_ring_and_is_heard_as_such() -> None:
    area = area_of(facts())
    for said, drawn in ((FigureStatus.PROVISIONAL, 1), (FigureStatus.FINAL, 0)):
        newest = figure("M11", area, Q2, 41, status=said)
        page = read(build(facts(newest, *eight("M11", area, 41, 42, 43, 44)[1:])), "measure-m11")
        (chart,) = page.every("svg")
        assert len(chart.every("circle")) == drawn
        assert ("the newest 41, provisional" in chart.attributes["aria-label"]) == bool(drawn)
        assert ("A ring round the newest quarter" in page.text) == bool(drawn)


def test_below_its_title_a_measure_says_what_the_plan_says() -> None:
    files = build(facts())
    assert (
        "in the words of the Plan: “A significant reduction in 'all crime'”. A fall" in read(files, "measure-m11").text
    )
    assert "”. It is told in words." in read(files, "measure-m15").text


def test_hostile_words_are_plain_text_wherever_they_stand(full: ReportFacts) -> None:
    hostile = '</script><script>alert(1)</script> " onload="x \' & {{ 7*7 }} {% raw %} \u202egnp.exe \x0b _x000D_ =1+1'
    of = full.partnerships()[0]
    area = of.areas[0]
    evil = replace(of, name=hostile, areas=(replace(area, name=hostile), *of.areas[1:]))
    respondents = tuple(evil if one.key == of.key else one for one in full.site.respondents)
    words = submission(of.key, *(told(ref, hostile) for ref in ("T1", f"{area.code} M11", ASKED_OF_BOARD)))
    made = replace(full, site=replace(full.site, respondents=respondents), submissions={of.key: words})
    files = build(made)
    assert find_faults_of_pages(files) == []
    for data in files.values():
        assert len(read_page(data).every("script")) <= 1
        assert not set("\u202e\x0b") & set(data.decode())
    page = read(files, f"partnership-{of.key}")
    assert page.every("h1")[0].text.startswith('</script><script>alert(1)</script> " onload="x \' & {{ 7*7 }}')
    assert any("alert(1)" in one.text for one in page.every("blockquote"))


def test_what_was_supplied_by_nobody_is_said_so() -> None:
    files = build(facts())
    assert "No figures were supplied." in read(files, "measure-m11").text
    assert "No figures were supplied for the measures of the Plan here." in read(files, "partnership-charnwood").text
    assert "No measure has a figure for each quarter" in read(files, "year").text
    assert "Nothing was revised" in read(files, "quality").text
    assert "Nothing was written of it by itself this quarter." in read(files, "measure-m05a").text


def test_a_quarter_of_which_all_declined_says_so_of_each() -> None:
    made = facts(status=status(**{r.key.replace("-", "_"): (Happened.DECLINED,) for r in facts().site.respondents}))
    for audience in Audience:
        files = build(made, audience)
        assert find_faults_of_pages(files) == []
        (table,) = [one for one in read(files, "index").every("table") if one.every("caption")[0].text == "Each return"]
        assert {row["What became of it"] for row in read_rows(table)} == {
            "No return was made this quarter; the request was declined."
        }
        assert "the request was declined" in read(files, "partnership-charnwood").text


def test_a_paper_whose_meeting_was_cancelled_is_not_said_to_have_been_met_for() -> None:
    made = facts()
    meetings = tuple(replace(one, cancelled=one.day == made.paper.meeting) for one in made.site.meetings)
    assert "was cancelled" not in read(build(made), "index").text
    page = read(build(replace(made, site=replace(made.site, meetings=meetings))), "index")
    assert "Thursday 4 December 2014. That meeting was cancelled." in page.text


def test_a_value_of_nought_and_nothing_but_noughts_are_drawn() -> None:
    area = area_of(facts())
    (card,) = cards(read(build(facts(*eight("M11", area, *[0] * 8))), "measure-m11"))
    (line,) = [one for one in card.every("path") if one.attributes["class"] == "line"]
    assert line.attributes["d"].count("M") == 1


def test_the_year_adds_up_what_every_area_gave_and_no_part_of_it() -> None:
    of = facts()
    places = [area.code for area in of.areas_of(next(s for s in of.framework.series() if s.ref == "M11"))]
    known = [f for n, area in enumerate(places) for f in eight("M11", area, *(100 + n,) * 8)]
    whole = sum(100 + n for n in range(len(places)))
    (line,) = [row for row in _list_year(build(facts(*known))) if row["Measure"] == "All crime"]
    assert list(line.values())[1:] == [f"{n:,}" for n in (whole, whole, 2 * whole, 2 * whole)]
    assert "measure-m11.html" in [one.attributes["href"] for one in read(build(facts(*known)), "year").every("a")]
    part = [f for f in known if (f.area, f.period) != (places[0], Q2.key)]
    (line,) = [row for row in _list_year(build(facts(*part))) if row["Measure"] == "All crime"]
    assert list(line) == ["Measure", "Apr\N{EN DASH}Jun 2014", "Same months a year before"]
    assert list(line.values())[1:] == [f"{whole:,}", f"{2 * whole:,}"]


def test_four_quarters_are_a_year_and_no_year_so_far() -> None:
    of = facts()
    places = [area.code for area in of.areas_of(next(s for s in of.framework.series() if s.ref == "M11"))]
    known = [f for area in places for back in range(8) for f in [figure("M11", area, Q2.plus(2 - back), 100)]]
    files = build(replace(facts(*known), quarter=Q2.plus(2)))
    page = read(files, "year")
    assert page.every("h1")[0].text == "The year 2014/15"
    assert "so far" not in page.every("main")[0].text
    assert any("April 2014 to March 2015" in one.text for one in page.every("caption"))
    (line,) = [row for row in _list_year(files) if row["Measure"] == "All crime"]
    assert (line["The year"], line["The year before"]) == (f"{400 * len(places):,}",) * 2


def test_what_is_counted_otherwise_since_a_day_says_so_wherever_it_is_read() -> None:
    of = facts()
    (framework,) = (one for one in of.site.frameworks if one.year == Q2.financial_year)
    broken = Break(day=date(2014, 7, 1), reason="Sheds count too.")
    measures = tuple(
        replace(m, series=tuple(replace(s, broken=broken) if s.ref == "M11" else s for s in m.series))
        for m in framework.measures
    )
    places = [area.code for area in of.areas_of(next(s for s in of.framework.series() if s.ref == "M11"))]
    made = facts(*(figure("M11", area, Q2, 100) for area in places))
    files = build(replace(made, site=replace(made.site, frameworks=(replace(framework, measures=measures),))))
    page = read(files, "measure-m11")
    assert "It could not be compared with a usual year: it is counted otherwise since 1 July 2014." in page.text
    assert (
        "Counted otherwise from 1 July 2014 on: Sheds count too. Nothing is compared across 1 July 2014." in page.text
    )
    (line,) = [row for row in _list_year(files) if row["Measure"] == "All crime"]
    assert line["So far"] == "counted otherwise"


def _list_year(files: Files) -> list[dict[str, str]]:
    return [row for table in read(files, "year").every("table") for row in read_rows(table)]


def test_a_partnership_has_its_aims_words_and_what_boards_asked_of_it(full: ReportFacts, files: Files) -> None:
    of = full.partnerships()[0]
    page = read(files, f"partnership-{of.key}")
    titles = [one.text for one in page.every("h2")]
    assert titles[:2] == ["Its own objectives", "The measures of the Plan here"]
    asked = page.find(f"partnership-{of.key}-asked")
    assert "overdue" in asked.text
    assert len(asked.every("blockquote")) == 2
    assert "Serves priorities 1 and 11 of the Plan." in page.text


def test_an_objective_without_words_of_its_own_leads_to_those_of_its_theme() -> None:
    words = submission("charnwood", told("T1", "We met."), told("T2", "We met."), told("T3", "We met."))
    page = read(build(facts(submissions={"charnwood": words})), "partnership-charnwood")
    aims = page.find("partnership-charnwood-objectives")
    assert "See what it says under “" in aims.text
    assert {one.attributes["href"] for one in aims.every("a")} == {"#partnership-charnwood-words"}


def test_before_the_paper_is_out_a_partnership_sees_its_own_areas_alone(full: ReportFacts) -> None:
    of, other = full.partnerships()[:2]
    ((name, data),) = build_own(full, of).items()
    assert name == f"partnership-{of.key}.html"
    assert find_faults_of_pages({name: data}) == []
    assert other.name not in data.decode()
    assert not {area.code.lower() for area in other.areas} & set(data.decode().split("-"))
    assert "Group" not in read_page(data).text, "a group's average is made of others' figures"
    mine = set(of.areas)
    changed = full.known.change(
        lambda f: replace(f, value=f.value and f.value + 0, note="a word of theirs"),
        [slot for slot in full.known.slots() if slot[1] not in {area.code for area in mine}],
    )
    assert build_own(replace(full, known=changed), of)[name] == data


def build_own(of: ReportFacts, partnership: Respondent) -> Files:
    return write_view(compile_own_view(keep_own(of, partnership), partnership), TEMPLATES)


def test_what_is_not_defined_is_said_so_and_who_counts_a_partnerships_own_measure() -> None:
    of = facts()
    (framework,) = (one for one in of.site.frameworks if one.year == Q2.financial_year)
    local = next(one for one in framework.local_measures if one.series.ref == "CHARN.L1")
    own = replace(local, definition="", counted_by="the council's own team")
    bare = replace(
        framework,
        measures=tuple(replace(m, definition="") for m in framework.measures),
        local_measures=tuple(own if one is local else one for one in framework.local_measures),
    )
    known = eight("CHARN.L1", local.area, *[20] * 8)
    made = facts(*known)
    files = build(replace(made, site=replace(made.site, frameworks=(bare,))))
    assert "No definition has been stated." in read(files, "definitions").text
    page = read(files, f"partnership-{local.respondent}")
    assert "Counted by the council's own team." in page.text
    (card,) = cards(page)
    link = card.every("p")[1].every("a")[0].attributes["href"]
    assert link == f"#{card.attributes['id']}"


def test_no_page_takes_the_place_of_another(full: ReportFacts) -> None:
    names = {places.name_partnership(key) for key in ("north-west", "north--west", "north-west-")}
    assert len(names) == 3
    view = compile_view(full, Audience.PUBLIC)
    with pytest.raises(ValueError, match="Two pages have one name"):
        write_view(replace(view, pages=(*view.pages, view.pages[1])), TEMPLATES)


def test_a_figure_that_stands_on_no_page_leads_nowhere() -> None:
    links = Links(view=compile_view(facts(), Audience.PUBLIC), here=("index",), is_whole=False)
    assert write_text((Run(text="7", figure="figure X Y 2014/15-Q2"), Run(text="8", to="gone#here")), links) == "78"


def test_a_change_that_nobody_explained_is_told_as_the_paper_tells_it() -> None:
    area = area_of(facts())
    known = [figure("M11", area, Q2.plus(-back), 300 if back < 4 else 100) for back in range(20)]
    (card,) = cards(read(build(facts(*known)), "measure-m11"))
    assert "Higher than usual: 1,200 in the twelve months to September 2014; usual is " in card.text
    assert "July to September 2014: 300, a year before 100." in card.text
    assert "No return was made." in card.text
    assert not card.every("blockquote")
