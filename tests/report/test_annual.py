"""The annual paper and the workbook beside it: what an author finds, and what nobody may find."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TypeGuard

import pytest
from hypothesis import given, settings

from csp_workflow.report.annual import YEAR_WRITERS, write_year_tables
from csp_workflow.report.annual_sheets import list_year_sheets, tell_measures, tell_partnership
from csp_workflow.report.blocks import Block, Contents, Lettered, Numbered, Plain, SeriesChart, Table, plain_text
from csp_workflow.report.check import find_problems
from csp_workflow.report.companion import build_companion
from csp_workflow.report.contents import compile_contents
from csp_workflow.report.disclosure import hide_figures
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.statements import find_changes, list_statements
from csp_workflow.report.word.document import build_document
from csp_workflow.settings.entry_checks import OF_YEAR
from csp_workflow.terms.cells import QuickAnswer
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Happened
from csp_workflow.terms.figures import Figure, FigureStatus, Provenance
from csp_workflow.terms.returns import Narrative, Submission
from tests.report.paper_read import list_untraced, read_sheets
from tests.report.paper_told import BASE, figure, site, submission
from tests.report.test_disclosure import (
    CITY,
    COUNTY,
    FORCE,
    Known,
    Told,
    count_quarterly,
    of_year,
    papers,
    read_together,
    rule_of,
    sent,
    worlds,
)
from tests.report.test_disclosure import RUTLAND as RUTLAND_TIER
from tests.report.year_told import CHARNWOOD, JULY, MELTON, Q4, YEAR, merged, of_years, row, stands, year

CAME = (Happened.RECEIVED, Happened.COMPLETE, Happened.APPROVED)
LONG = "Word " * 400
SUMMER = YEAR[1].short_months


def told(ref: str, text: str, answer: QuickAnswer | None = None) -> Narrative:
    return Narrative(ref=ref, text=text, sheet="The year", cell="D7", answer=answer)


def returned(key: str, quarter: Quarter, *narratives: Narrative) -> Submission:
    return replace(submission(key, *narratives), quarter=quarter)


def is_chart(block: Block) -> TypeGuard[SeriesChart]:
    return isinstance(block, SeriesChart)


def of_quarters(ref: str, area: str, values: list[int | None]) -> list[Figure]:
    """Figures of the quarters up to the year's last, the last one last; None: no figure."""
    quarters = [Q4.plus(back) for back in range(1 - len(values), 1)]
    return [figure(ref, area, q, v, as_at=q.end) for q, v in zip(quarters, values, strict=True) if v is not None]


def words(contents: Contents) -> str:
    texts = []
    for block in contents.blocks:
        match block:
            case Numbered() | Lettered():
                texts.append(plain_text(block.text))
            case Plain():
                texts += [block.lead, block.text]
            case Table():
                texts += [block.caption, plain_text(block.note), *(plain_text(c) for r in block.rows for c in r)]
    return "\n".join(texts)


def every_figure() -> list[object]:
    """Ten quarters of burglary and violence in each area of the site."""
    areas = [a.code for r in site().respondents for a in r.areas if a.code.startswith("E22")]
    return [f for ref in ("M12a", "M13a") for area in areas for f in of_years(ref, area, *[40, 50, 45, 55] * 2)]


@pytest.fixture(scope="module")
def whole() -> ReportFacts:
    """A year in which Charnwood told of itself and Melton returned nothing in the last quarter."""
    rounds = {q.number: stands(q, charnwood=CAME, melton=CAME if q.number < 4 else ()) for q in YEAR}
    account = returned(
        "charnwood",
        Q4,
        told("Y1", LONG),
        told("Y2", "The lighting was put off."),
        told("CHARN.O1", "Half of it is done.", QuickAnswer.GOES_ON),
        told("CHARN.O2", "", QuickAnswer.REACHED),
    )
    came = {q.number: {"charnwood": returned("charnwood", q, told("T1", f"Work of {q.label}."))} for q in YEAR[:3]}
    return year(*every_figure(), rounds=rounds, returned={**came, 4: {"charnwood": account}})  # type: ignore[arg-type]


def test_every_kind_of_heading_of_a_year_is_known_to_the_configuration() -> None:
    assert set(YEAR_WRITERS) == set(OF_YEAR)


def test_the_paper_can_be_built_checked_and_traced(whole: ReportFacts) -> None:
    made = build_document(compile_contents(whole, draft=False), base=BASE)
    assert find_problems(made) == ()
    untraced = {
        (head, said) for head, said in list_untraced(made) if head.startswith(("2014/15", "2013/14", "Apr", "Jan"))
    }
    assert not [one for one in untraced if "quarters" not in one[1]], untraced


def test_a_source_of_several_quarters_stands_once_with_all_of_them() -> None:
    figures = [
        replace(one, provenance=Provenance(source=f"Return of {name} for {_label(one)}", licence="Free to use."))
        for name, area in (("Vale", CHARNWOOD), ("Moor", MELTON))
        for one in reversed(of_years("M12a", area, *[40] * (8 if name == "Vale" else 5)))
    ]
    lines = [plain_text(block.text) for block in write_year_tables(year(*figures)) if isinstance(block, Plain)]
    assert "Return of Vale for 2014/15 Q1, Q2, Q3 and Q4. Free to use." in lines
    assert "Return of Moor for 2014/15 Q1. Free to use." in lines
    assert len(lines) == 2


def _label(figure: Figure) -> str:
    return Quarter.parse(figure.period).label


def test_an_author_finds_the_year_in_sentences(whole: ReportFacts) -> None:
    (third,) = [theme for theme in whole.framework.themes if theme.number == 3]
    assert (
        "Domestic burglary: 1,710 offences in 2014/15 (1,710 in 2013/14); no more change than usual in any area."
        in tell_measures(whole, third)
    )
    text = tell_partnership(whole, whole.site.respondent("melton")).text
    assert "It made a return for April to June 2014, July to September 2014 and October to December 2014" in text
    assert "not for January to March 2015 (asked, not received)" in text


def test_what_a_partnership_writes_is_quoted_whole_however_long_and_what_is_not_printed_stands_beside(
    whole: ReportFacts,
) -> None:
    said = words(compile_contents(whole))
    assert LONG.strip() in said
    assert "The lighting was put off." not in said
    assert "No account of the year had come from Safer Melton Partnership" in said
    sheets = read_sheets(
        build_companion("Year", tuple((t.caption, t) for t in list_year_sheets(whole)), as_at=whole.as_at)
    )
    lines = [one for one in sheets["Words of the year"] if one["Whose"].startswith("Charnwood")]
    assert [one["Text"] for one in lines if one["Quarter"] == "April to June 2014"] == ["Work of 2014/15 Q1."]
    assert {"About": "What the year changed", "Words": "400", "Guide": "120"}.items() <= next(
        one for one in lines if one["About"] == "What the year changed"
    ).items()
    assert "The lighting was put off." in [one["Text"] for one in lines]


def test_a_theme_is_drawn_by_its_first_measure_and_where_the_year_was_furthest_from_usual(whole: ReportFacts) -> None:
    areas, made = [area.code for area in whole.areas_of(row(whole, "M11").row.series)], []
    for n, area in enumerate(areas):
        made += of_quarters("M11", area, [100] * 16 + ([100, 900, 900, 900] if n == 1 else [110] * 4))
    charts = [b for b in compile_contents(year(*made, *of_quarters("M12a", areas[0], [9] * 20))).blocks if is_chart(b)]
    first, second = charts
    assert (first.anchor, second.anchor) == ("chart M11 all", f"chart M11 {areas[1]}")
    assert first.values[-1] == 110 * (len(areas) - 1) + 900
    assert first.low is not None
    assert "all areas together, 12 quarters to January to March 2015, the newest" in first.description
    assert second.outside


def test_no_sum_is_drawn_of_a_quarter_in_which_an_area_has_no_figure() -> None:
    series = row(year(), "M11").row.series
    areas = [area.code for area in year().areas_of(series)]
    made = [f for n, area in enumerate(areas) for f in of_quarters("M11", area, [None if n else 5, *[100] * 19])]
    made = [f for f in made if (f.area, f.period) != (areas[0], YEAR[1].key)]
    (chart,) = [b for b in compile_contents(year(*made)).blocks if is_chart(b)]
    assert [at for at, value in enumerate(chart.values) if value is None] == [9]


def test_an_objective_stands_with_what_it_came_to_and_whether_it_goes_on(whole: ReportFacts) -> None:
    tables = [b for b in compile_contents(whole).blocks if isinstance(b, Table)]
    (mine,) = [b for b in tables if b.caption.startswith("Charnwood") and "objectives" in b.caption]
    assert [tuple(map(plain_text, line))[2:] for line in mine.rows][:2] == [
        ("“Half of it is done.”", "goes on"),
        ("nothing said", "reached"),
    ]


def test_a_year_without_anything_says_so() -> None:
    said = words(compile_contents(year(now=datetime(2014, 4, 2, 9, tzinfo=UTC))))
    assert "Not every quarter is here" in said
    assert "No figure of 2014/15 could be compared with a usual year." in said


def test_who_took_over_is_told_once_and_its_words_before_stand_under_the_old_name() -> None:
    rounds = {1: stands(YEAR[0], melton=CAME, rutland=CAME), 4: stands(Q4, melton_rutland=CAME)}
    before = {1: {"melton": returned("melton", YEAR[0], told("T1", "As Melton."))}}
    of = year(of=merged(), rounds=rounds, returned={**before, 4: {}})
    said = words(compile_contents(of))
    assert said.count("took over the work of Safer Melton Partnership and Rutland Community Safety Partnership") == 2
    table = next(t for t in list_year_sheets(of) if t.caption == "Words of the year")
    assert [tuple(map(plain_text, line))[:3] for line in table.rows] == [
        ("Melton and Rutland Community Safety Partnership", "Safer Melton Partnership", "April to June 2014")
    ]


def test_what_the_paper_states_of_earlier_quarters_is_corrected_when_it_changes() -> None:
    first = of_years("M12a", CHARNWOOD, *[10] * 8)
    later = figure("M12a", CHARNWOOD, YEAR[1], 15, as_at=date(2015, 6, 1), status=FigureStatus.REVISED)
    (change,) = [
        one
        for one in find_changes(list_statements(year(*first)), list_statements(year(*first, later)))
        if one.key.startswith("figure ")
    ]
    assert (change.was, change.now) == ("10", "15")


# What nobody may find -----------------------------------------------------------------------------------


def test_a_small_quarter_takes_its_year_and_every_sum_with_it() -> None:
    ref, city, county, rutland = "M01.1", "E06000016", "E10000018", "E06000017"
    known = [f for area in (city, county) for f in of_years(ref, area, *[40] * 8)]
    few = of_years(ref, rutland, 9, 9, 9, 9, 9, 2, 9, 9)
    of = year(*known, *few)
    found = row(of, ref, rutland)
    assert [cell.why for cell in found.cells] == ["", "fewer than 5", "", ""]
    assert (found.year.value, found.year.why) == (None, "suppressed")
    assert found.year_before.value == 36
    sheets = read_sheets(build_companion("Year", tuple((t.caption, t) for t in list_year_sheets(of)), as_at=of.as_at))
    (line,) = [one for one in sheets["Year"] if one["Ref"] == ref and one["Area"] == "Rutland"]
    assert (line["Year 2014/15"], line[SUMMER], line["Usual year from"]) == (
        "suppressed",
        "fewer than 5",
        "not known",
    )
    (sums,) = [one for one in sheets["All areas"] if one["Ref"] == ref]
    assert (sums["2014/15"], sums[SUMMER]) == ("suppressed in part", "fewer than 5 in part")


def test_a_merged_area_that_was_counted_anew_does_not_give_away_a_small_part() -> None:
    """Melton and Rutland were 9 and 2; the force has said since that the two together were 11."""
    new = "E22000999"
    of = merged(code=new)
    series = next(s for s in of.framework(Q4).series() if s.suppression.below and s.ref == "M01.1")
    framework = of.framework(Q4)
    areas = tuple(
        replace(m, series=tuple(replace(s, geography="area") if s.ref == series.ref else s for s in m.series))
        for m in framework.measures
    )
    of = replace(of, frameworks=(replace(framework, measures=areas),))
    q = YEAR[0]
    figures = [figure(series.ref, a, q, n, as_at=q.end) for a, n in ((MELTON, 9), ("E22000172", 2), (new, 11))]
    facts = year(*figures, of=of)
    hidden = {area for ref, area, period in facts.hidden if period == q.key}
    assert len(hidden & {MELTON, new}) == 1, hidden
    assert "E22000172" in hidden


def read_year(of: ReportFacts, known: Known) -> list[Told]:
    """The years that the workbook tells as numbers; of its quarters none is one that the facts hide."""
    if not of.year:
        return []
    read = read_sheets(build_companion("Year", tuple((t.caption, t) for t in list_year_sheets(of)), as_at=of.as_at))
    codes = {area.name: area.code for area in of.areas_of(rule_of(of))} | {"Whole force": FORCE}
    told: list[Told] = []
    for line in (one for one in read["Year"] if one["Ref"] == "M01.1"):
        area = codes[line["Area"]]
        for quarter in YEAR:
            cell = line[quarter.short_months]
            assert not cell.isdigit() or ("M01.1", area, quarter.key) not in of.hidden
            assert not cell.isdigit() or known[quarter.key][area] == int(cell)
        if line["Year 2014/15"].isdigit():
            told.append((of_year(area, Q4), int(line["Year 2014/15"])))
    return told


def with_annual(world: list[Known]) -> list[tuple[ReportFacts, Known]]:
    """The public papers of four quarters, and the annual one in sight of all that went out."""
    out = papers(world, 0, quarterly=True)
    known = KnownFigures(last_figures(world), JULY.date())
    annual = hide_figures(count_quarterly(replace(year(), known=known)), [sent(one) for one, _ in out])
    return [*(paper for paper in out if paper[0].board.public), (annual, world[-1])]


def last_figures(world: list[Known]) -> list[Figure]:
    """What is known at the year's end."""
    places = [(area, key, value) for key, of in world[-1].items() for area, value in of.items()]
    return [figure("M01.1", area, Q4, value, period=key, as_at=Q4.end) for area, key, value in places]


@settings(max_examples=15, deadline=None)
@given(world=worlds())
def test_no_hidden_figure_can_be_reckoned_from_the_year_and_its_quarters(world: list[Known]) -> None:
    printed, hidden = read_together(with_annual(world), read_year)
    assert not [one for one in sorted(hidden, key=str) if printed.is_pinned(one)]


def test_a_year_is_read_by_the_one_who_solves() -> None:
    """Else the proof above would prove nothing."""
    quarters = [q.key for q in (YEAR[0].previous, *YEAR)]
    known = {key: {CITY: 30, COUNTY: 40, RUTLAND_TIER: 50, FORCE: 120} for key in quarters}
    annual, last = with_annual([known] * 4)[-1]
    assert (of_year(CITY, Q4), 120) in read_year(annual, last)
