"""What a paper must not show: the owners' rules, and what would give away a figure that they hide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csp_workflow.analysis.readings import Direction
from csp_workflow.report.appendices import list_companion
from csp_workflow.report.companion import build_companion
from csp_workflow.report.contents import compile_contents
from csp_workflow.report.disclosure import NOT_PRINTED, hide_figures, list_disclosed, without_threshold
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.statements import Report, Statement
from csp_workflow.report.word.document import build_document
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Figure, FigureStatus, Frequency, MeasureKind, Series, hide, is_small
from csp_workflow.terms.phrases import say_published_figure
from csp_workflow.terms.suppression import Suppression
from tests.report.paper_read import read_sheets
from tests.report.paper_told import BASE, NOW, Q2, facts, figure, site, submission, told
from tests.report.solving import FAR, Printed

CITY, COUNTY, RUTLAND, FORCE = "E06000016", "E10000018", "E06000017", "E23000021"
DISTRICTS = tuple(f"E2200016{n}" for n in (4, 5, 6, 7, 9))
RULED = next(s for s in site().framework(Q2).series() if s.ref == "M01.1")
SHARE = replace(RULED, ref="X", kind=MeasureKind.PERCENT)


def share_of(value: str | Decimal, base: int | None, count: int | None = None) -> Figure:
    return replace(figure("X", CITY, Q2, 1), value=Decimal(value), count=count, base=base)


def rule_of(of: ReportFacts) -> Series:
    return next(s for s in of.framework.series() if s.ref == "M01.1")


def slots(of: ReportFacts, area: str = "") -> set[tuple[str, str]]:
    """Which areas' figures of the newest quarter are hidden."""
    return {(s, a) for s, a, period in of.hidden if period == Q2.key and area in {"", a}}


# The owner's rule ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "base", "hidden"),
    [
        ("2", 50, True),  # one person
        ("98", 50, True),  # all but one
        ("62.5", None, True),  # of how many is not known
        ("75.0", 4, True),
        ("62.5", 119, False),
        ("10", 50, False),  # five
        ("9", 50, True),  # four or five, as it is rounded
        ("0", 50, True),
        ("100", 50, True),
    ],
)
def test_of_a_share_those_in_it_those_who_are_not_and_all_of_them_count(
    value: str, base: int | None, hidden: bool
) -> None:
    share = share_of(value, base)
    assert is_small(share, SHARE) is hidden
    without_rule = replace(SHARE, suppression=Suppression())
    assert not is_small(share, without_rule)


@pytest.mark.parametrize(
    ("value", "count", "hidden"),
    [
        ("1", None, True),  # three to seven of 500
        ("1", 4, True),
        ("1", 6, False),
        ("99", None, True),
        ("99", 496, True),
        ("99", 494, False),
    ],
)
def test_where_it_is_known_how_many_a_share_counts_they_are_what_the_rule_asks_about(
    value: str, count: int | None, hidden: bool
) -> None:
    assert is_small(share_of(value, 500, count), SHARE) is hidden


def test_what_is_hidden_of_a_share_is_all_three_numbers() -> None:
    kept = hide(share_of("62.5", 120, 75))
    assert (kept.value, kept.count, kept.base) == (None, None, None)


@given(base=st.integers(1, 400), inside=st.integers(0, 400), places=st.integers(0, 2), below=st.integers(1, 12))
def test_no_rounding_of_a_share_lets_a_few_through(base: int, inside: int, places: int, below: int) -> None:
    inside = min(inside, base)
    rule = replace(SHARE, suppression=Suppression(below=below))
    value = round(Decimal(inside) * 100 / base, places)
    share = share_of(value, base)
    is_few = min(base, inside, base - inside) < below
    if is_few:
        assert is_small(share, rule)
    assert is_small(replace(share, count=inside), rule) is is_few


def test_nought_is_hidden_unless_its_owner_says_otherwise() -> None:
    none = figure("M01.1", CITY, Q2, 0)
    assert is_small(none, RULED)
    shown = replace(RULED, suppression=replace(RULED.suppression, zero_is_shown=True))
    assert not is_small(none, shown)
    assert is_small(figure("M01.1", CITY, Q2, 1), shown)


@pytest.mark.parametrize(
    ("value", "base", "count", "said"),
    [
        ("75", 4, None, "fewer than 5"),
        ("98", 50, None, "suppressed"),
        ("60", None, None, "suppressed"),
        ("1", 500, None, "suppressed"),
        ("1", 500, 4, "fewer than 5"),
    ],
)
def test_the_owner_s_words_stand_only_where_they_are_true(
    value: str, base: int | None, count: int | None, said: str
) -> None:
    share = share_of(value, base, count)
    assert say_published_figure(share, SHARE, KnownFigures((), NOW.date())) == said


def test_what_its_supplier_suppressed_is_said_in_words_of_its_own() -> None:
    kept = figure("M01.1", CITY, Q2, None, status=FigureStatus.SUPPRESSED)
    of = hide_figures(facts(kept))
    assert of.quote_figure(kept, RULED) == "suppressed by its supplier"
    assert of.quote_figure(None, RULED) == "not supplied"


# What gives another away ----------------------------------------------------------------------------------


def quarter(values: Mapping[str, int], **others: object) -> list[Figure]:
    return [figure("M01.1", area, Q2, value, **others) for area, value in values.items()]


def test_with_a_total_the_next_smallest_part_is_hidden_too_and_keeps_its_own_word() -> None:
    of = hide_figures(facts(*quarter({CITY: 30, COUNTY: 21, RUTLAND: 3, FORCE: 54})))
    assert slots(of) == {("M01.1", RUTLAND), ("M01.1", COUNTY)}
    said = {area: of.quote_figure(of.known.latest("M01.1", area, Q2.key), RULED) for area in (CITY, COUNTY, RUTLAND)}
    assert said == {CITY: "30 (provisional)", COUNTY: "suppressed", RUTLAND: "fewer than 5"}
    assert of.known.latest("M01.1", COUNTY, Q2.key).value is None


def test_without_a_total_one_may_stand_alone_and_two_small_ones_protect_each_other() -> None:
    assert slots(hide_figures(facts(*quarter({CITY: 30, RUTLAND: 3})))) == {("M01.1", RUTLAND)}
    both = hide_figures(facts(*quarter({CITY: 30, COUNTY: 2, RUTLAND: 3, FORCE: 35})))
    assert slots(both) == {("M01.1", RUTLAND), ("M01.1", COUNTY)}


def test_two_that_leave_one_way_only_are_not_enough() -> None:
    """Two of nought, or two of four, are known from their sum and their words."""
    for few in (0, 4):
        of = hide_figures(facts(*quarter({CITY: 30, COUNTY: few, RUTLAND: few, FORCE: 30 + 2 * few})))
        assert slots(of) == {("M01.1", RUTLAND), ("M01.1", COUNTY), ("M01.1", CITY)}


def test_the_parts_of_a_part_give_away_the_part() -> None:
    values = dict.fromkeys(DISTRICTS, 10)
    values[DISTRICTS[0]] = 2
    of = hide_figures(facts(*quarter({**values, "E22000170": 10, "E22000171": 9, COUNTY: 61})))
    assert slots(of) == {("M01.1", DISTRICTS[0]), ("M01.1", "E22000171")}


def test_an_only_part_is_its_total() -> None:
    of = hide_figures(facts(*quarter({"E22000168": 3, CITY: 3, COUNTY: 21, RUTLAND: 30, FORCE: 54})))
    assert slots(of) >= {("M01.1", "E22000168"), ("M01.1", CITY), ("M01.1", COUNTY)}


def test_what_does_not_add_up_hides_nothing_more() -> None:
    """Offences that lie in no area: a reader cannot tell them from the small one."""
    of = hide_figures(facts(*quarter({CITY: 30, COUNTY: 21, RUTLAND: 3, FORCE: 70})))
    assert slots(of) == {("M01.1", RUTLAND)}


def test_what_its_supplier_suppressed_is_not_reckoned_either() -> None:
    kept = figure("M01.1", RUTLAND, Q2, None, status=FigureStatus.SUPPRESSED)
    of = hide_figures(facts(*quarter({CITY: 30, COUNTY: 21, FORCE: 54}), kept))
    assert slots(of) == {("M01.1", COUNTY)}
    assert ("M01.1", RUTLAND, f"year to {Q2.plus(3).key}") in of.hidden


def test_a_part_that_is_not_known_may_be_anything() -> None:
    unknown = figure("M01.1", COUNTY, Q2, None)
    of = hide_figures(facts(*quarter({CITY: 30, RUTLAND: 3, FORCE: 54}), unknown))
    assert slots(of) == {("M01.1", RUTLAND)}


def test_a_year_with_a_hidden_quarter_is_hidden() -> None:
    of = hide_figures(facts(figure("M01.1", CITY, Q2, 3)))
    years = {period for _, _, period in of.hidden if period != Q2.key}
    assert years == {f"year to {Q2.plus(on).key}" for on in range(4)}
    yearly = hide_figures(facts(figure("M01.1", CITY, Q2, 3, period="2013/14")))
    assert yearly.hidden == {("M01.1", CITY, "2013/14")}


def test_twelve_months_that_were_supplied_whole_hide_the_same_year() -> None:
    whole = figure("M01.1", CITY, Q2, 3, period=f"12 months to {Q2.key}")
    assert hide_figures(facts(whole)).hidden == {("M01.1", CITY, whole.period), ("M01.1", CITY, f"year to {Q2.key}")}


@pytest.mark.parametrize(("ref", "area", "apart"), [("M03a.2", RUTLAND, 1), ("M04a", RUTLAND, 2)])
def test_a_value_that_is_no_sum_is_read_though_another_quarter_s_is_hidden(ref: str, area: str, apart: int) -> None:
    """Twelve months to each quarter, or half a year: what one hides is in none of the others."""
    shares = [figure(ref, area, Q2.plus(-apart * back), 80, base=400) for back in range(12)]
    shares[1] = figure(ref, area, Q2.plus(-apart), 2, base=50)
    of = hide_figures(facts(*shares))
    found = next(row for s in of.framework.series() if s.ref == ref for row in of.rows(s) if row.area.code == area)
    assert (found.year.now.value, found.year.direction) == (80, Direction.NO_CLEAR_CHANGE)
    assert found.points[-2].amount is None


def test_shares_and_totals_of_shares_link_nothing() -> None:
    share = [figure("M03a.1", area, Q2, 60, base=n) for area, n in ((CITY, 400), (COUNTY, 300), (RUTLAND, 4))]
    total = figure("M03a.1", FORCE, Q2, 61, base=704)
    assert slots(hide_figures(facts(*share, total))) == {("M03a.1", RUTLAND)}


# Nothing of it is in the facts, nor in the file ----------------------------------------------------------------


def test_the_facts_hold_no_value_no_earlier_one_and_no_words_about_it() -> None:
    small = figure("M01.1", CITY, Q2, 3, note="two brothers and a friend", drove_it="One-off event")
    was = figure("M01.1", CITY, Q2, 7, as_at=date(2014, 10, 1))
    grew = (figure("M01.1", COUNTY, Q2, 2, as_at=date(2014, 10, 1)), figure("M01.1", COUNTY, Q2, 8))
    mine = submission(
        "charnwood",
        told("T1", "Nothing in particular."),
        told(f"{CITY} M01.1", "Three of ours."),
        figures=(small,),
        disputes=((CITY, "M01.1", "We count three."), (COUNTY, "M01.1", "We count nine.")),
    )
    of = hide_figures(
        replace(facts(was, small, *grew, submissions={"charnwood": mine}), withdrawn={("M01.1", CITY): was})
    )
    assert of.known.latest("M01.1", CITY, Q2.key) == replace(
        small, value=None, status=FigureStatus.SUPPRESSED, note="", drove_it=""
    )
    shown = of.known.latest("M01.1", COUNTY, Q2.key)
    assert shown.value == 8
    assert of.known.replaced(shown) is None, "what it was before is told no more than before"
    assert of.withdrawn["M01.1", CITY].value is None
    returned = of.submissions["charnwood"]
    assert returned.figures[0].value is None
    assert [text for _, _, text in returned.disputes] == [NOT_PRINTED, "We count nine."]
    assert [n.text for n in returned.narratives] == ["Nothing in particular.", NOT_PRINTED]


def test_the_same_file_comes_of_whatever_the_hidden_figures_are() -> None:
    """Nobody can tell two worlds apart in which the same is printed: the strongest proof there is, byte by byte."""

    def paper(few: int, next_smallest: int) -> bytes:
        world = quarter({CITY: 300, COUNTY: next_smallest, RUTLAND: few, FORCE: 324})
        before = [replace(f, period=Q2.plus(-4).key) for f in world]
        noted = submission("charnwood", told(f"{RUTLAND} M01.1", f"{few} of ours"), figures=(world[2],))
        of = hide_figures(facts(*world, *before, submissions={"charnwood": noted}))
        return build_document(compile_contents(of, draft=False), base=BASE)

    assert paper(3, 21) == paper(1, 23)
    assert paper(3, 21) != paper(9, 15)


# Papers read side by side ----------------------------------------------------------------------------------


def sent(of: ReportFacts) -> Report:
    return Report(board=of.paper.board, quarter=of.quarter, at=NOW, statements={}, disclosed=list_disclosed(of))


def test_what_was_printed_is_not_taken_back_and_another_part_is_hidden() -> None:
    whole = {CITY: 30, COUNTY: 21, RUTLAND: 7, FORCE: 58}
    first = hide_figures(facts(*quarter(whole), board="panel"))
    assert not slots(first)
    revised = quarter({**whole, RUTLAND: 3, FORCE: 54}, as_at=date(2014, 11, 1))
    later = facts(*quarter(whole), *revised, board="panel")
    assert slots(hide_figures(later, [sent(first)])) == {("M01.1", RUTLAND), ("M01.1", FORCE)}
    of_partners = replace(sent(first), board="speb")
    assert slots(hide_figures(later, [of_partners])) == {("M01.1", RUTLAND), ("M01.1", COUNTY)}


def test_what_was_hidden_for_another_s_sake_stays_so() -> None:
    first = hide_figures(facts(*quarter({CITY: 30, COUNTY: 21, RUTLAND: 3, FORCE: 54})))
    revised = quarter({COUNTY: 40, FORCE: 73}, as_at=date(2014, 11, 1))
    later = facts(*quarter({CITY: 30, COUNTY: 21, RUTLAND: 3, FORCE: 54}), *revised)
    assert slots(hide_figures(later)) == {("M01.1", RUTLAND), ("M01.1", CITY)}
    assert slots(hide_figures(later, [sent(first)])) == {("M01.1", RUTLAND), ("M01.1", COUNTY)}


def with_threshold(of: ReportFacts, below: int) -> ReportFacts:
    boards = tuple(b if b.public else replace(b, counts_below=below) for b in of.site.boards)
    return replace(of, site=replace(of.site, boards=boards))


def test_partners_may_have_a_threshold_of_their_own_and_the_public_hears_nothing_of_it() -> None:
    few = figure("M01.1", CITY, Q2, 4)
    partners = hide_figures(with_threshold(facts(few), 3))
    assert not partners.hidden
    assert partners.quote_figure(few, rule_of(partners)) == "4 (provisional)"
    one = hide_figures(with_threshold(facts(figure("M01.1", CITY, Q2, 2)), 3))
    assert one.small == {("M01.1", CITY, Q2.key): "fewer than 3"}
    public = hide_figures(with_threshold(facts(few, board="panel"), 3), [sent(partners)])
    assert public.small == {("M01.1", CITY, Q2.key): "fewer than 5"}
    said = {
        f"figure M01.1 {CITY} {Q2.key}": Statement(what="", said="4"),
        f"figure M02a {CITY} {Q2.key}": Statement(what="", said="9"),
        f"return {Q2.key} x": Statement(what="", said="a return was received"),
    }
    quoted = without_threshold(replace(sent(partners), statements=said), public)
    assert list(quoted.statements) == [f"figure M02a {CITY} {Q2.key}", f"return {Q2.key} x"]
    assert without_threshold(quoted, partners) is quoted


# The proof: nobody can reckon a hidden figure from all papers together -------------------------------------------

Known = dict[str, dict[str, int]]
"""By quarter and area."""

AREAS = (*DISTRICTS, "E22000170", "E22000171")
PARTS = {COUNTY: AREAS, FORCE: (CITY, COUNTY, RUTLAND)}


@st.composite
def worlds(draw: st.DrawFn) -> list[Known]:
    """What is known at each of four papers: by quarter and area, with revisions and totals that add up."""
    amount = st.one_of(st.integers(0, 6), st.integers(0, 25))
    leaves = (*draw(st.sampled_from((AREAS, AREAS[:2], ()))), CITY, RUTLAND)
    parts = {COUNTY: leaves[:-2]} if len(leaves) > 2 else {}
    now: Known = {}
    known = []
    for paper in range(4):
        for back in range(2):
            key = Q2.plus(paper - 1 - back).key
            before = now.get(key)
            new = (
                {leaf: draw(amount) for leaf in (*leaves, *(() if parts else (COUNTY,)))}
                if before is None
                else {
                    **{a: v for a, v in before.items() if a not in {FORCE, *parts}},
                    **draw(st.dictionaries(st.sampled_from(leaves), amount, max_size=2)),
                }
            )
            for total, of in (*parts.items(), (FORCE, (CITY, COUNTY, RUTLAND))):
                new[total] = sum(new[a] for a in of)
            now = {**now, key: new}
        known.append(now)
    return known


def papers(world: Iterable[Known], threshold: int, *, quarterly: bool = False) -> list[tuple[ReportFacts, Known]]:
    """Four quarters' papers for both boards, the partners' first, each in sight of all that went out."""
    figures: list[Figure] = []
    out: list[tuple[ReportFacts, Known]] = []
    for number, known in enumerate(world):
        day = date(2014, 1, 1) + timedelta(days=90 * number)
        figures += [
            figure("M01.1", area, Q2, value, period=key, as_at=day)
            for key, of in known.items()
            for area, value in of.items()
        ]
        for board in ("speb", "panel"):
            of = replace(facts(board=board), quarter=Q2.plus(number - 1), known=KnownFigures(figures, day))
            of = with_threshold(of, threshold) if threshold else of
            of = count_quarterly(of) if quarterly else of
            out.append((hide_figures(of, [sent(one) for one, _ in out]), known))
    return out


def count_quarterly(of: ReportFacts) -> ReportFacts:
    """The facts with the series counted by quarter, so that years are added up."""
    framework = of.site.framework(of.quarter)
    measures = tuple(
        replace(m, series=tuple(replace(s, frequency=Frequency.QUARTERLY) if s.ref == "M01.1" else s for s in m.series))
        for m in framework.measures
    )
    frameworks = tuple(replace(f, measures=measures) if f == framework else f for f in of.site.frameworks)
    return replace(of, site=replace(of.site, frameworks=frameworks))


Told = tuple[tuple[tuple[str, str], ...], int]
"""A sum that is told, by the areas and quarters that it is of."""


def of_year(area: str, end: Quarter) -> tuple[tuple[str, str], ...]:
    """The quarters of twelve months."""
    return tuple((area, end.plus(-back).key) for back in range(4))


def read_workbook(of: ReportFacts, known: Known) -> list[Told]:
    """The years that the workbook beside a paper tells; all else in it the facts hold."""
    sheets = tuple((table.caption, table) for table in list_companion(of))
    read = read_sheets(build_companion("Figures", sheets, as_at=of.as_at))
    codes = {area.name: area.code for area in of.areas_of(rule_of(of))}
    quarters = {quarter.months: quarter for quarter in (of.quarter.plus(-back) for back in range(20))}
    for line in (line for line in read.get("Quarters", ()) if line["Ref"] == "M01.1"):
        shown = {quarters[column].key: cell for column, cell in line.items() if column in quarters}
        values = {key: int(cell) for key, cell in shown.items() if cell.isdigit()}
        assert all(("M01.1", codes[line["Area"]], key) not in of.hidden for key in values)
        assert all(known[key][codes[line["Area"]]] == value for key, value in values.items())
    ends = (("Twelve months", of.quarter), ("Twelve months before", of.quarter.plus(-4)))
    mine = [line for line in read["Figures"] if line["Ref"] == "M01.1"] if "Figures" in read else []
    return [
        (of_year(codes[one["Area"]], end), int(one[column]))
        for one in mine
        for column, end in ends
        if one[column].isdigit()
    ]


def nothing_beside(_: ReportFacts, __: Known) -> list[Told]:
    """The paper alone is read."""
    return []


def read_together(
    read: list[tuple[ReportFacts, Known]], beside: Callable[[ReportFacts, Known], list[Told]] = nothing_beside
) -> tuple[Printed, set[tuple[object, ...]]]:
    """All that papers tell, every figure the facts hold, whether or not it is printed; and which stay unsaid.

    `beside` reads the sums that are told beside each paper.

    A figure that was revised is another one. Where a table was revised nobody can know that what is hidden in both
    papers was not, unless one of them shows it.
    """
    printed, hidden = Printed(), set[tuple[object, ...]]()
    shown = {
        (key, area, value)
        for of, known in read
        for key, values in known.items()
        for area, value in values.items()
        if ("M01.1", area, key) not in of.hidden
    }
    for of, known in read:
        rule, by_slot = rule_of(of).suppression, dict[tuple[str, str], tuple[object, ...]]()
        for key, values in known.items():
            told = {area: (key, area, value) for area, value in values.items()}
            names = {a: one if one in shown else (*one, *sorted(values.items())) for a, one in told.items()}
            by_slot |= {(area, key): name for area, name in names.items()}
            for area, name in names.items():
                slot, value = ("M01.1", area, key), values[area]
                if slot not in of.hidden:
                    assert of.known.latest(*slot).value == value
                    printed.learn(name, value, value, value)
                else:
                    assert of.known.latest(*slot).value is None
                    printed.learn(name, value, *((0, rule.below - 1) if slot in of.small else (rule.below, FAR)))
                    hidden.add(name)
            for total, parts in PARTS.items():
                if of_it := tuple(names[part] for part in parts if part in names):
                    printed.sums.add((names[total], of_it))
        for slots_told, total in beside(of, known):
            parts = tuple(by_slot[slot] for slot in slots_told)
            printed.learn((total, *parts), total, total, total)
            printed.sums.add(((total, *parts), parts))
    return printed, {name for name in hidden if name not in shown}


@settings(max_examples=40)
@given(world=worlds(), threshold=st.sampled_from((0, 0, 3)))
def test_no_hidden_figure_can_be_reckoned_from_all_papers_together(world: list[Known], threshold: int) -> None:
    out = papers(world, threshold)
    public = [paper for paper in out if paper[0].board.public]
    for reader in (public,) if threshold else (public, out):
        printed, hidden = read_together(reader)
        pinned = [one for one in sorted(hidden) if printed.is_pinned(one)]
        assert not pinned


@settings(max_examples=15, deadline=None)
@given(world=worlds(), threshold=st.sampled_from((0, 3)))
def test_nor_from_the_workbooks_that_go_with_them(world: list[Known], threshold: int) -> None:
    """Their years are sums of quarters, of which some are hidden."""
    out = papers(world, threshold, quarterly=True)
    public = [paper for paper in out if paper[0].board.public]
    for reader in (public,) if threshold else (public, out):
        printed, hidden = read_together(reader, read_workbook)
        assert not [one for one in sorted(hidden, key=str) if printed.is_pinned(one)]


def test_a_year_in_the_workbook_is_read_by_the_one_who_solves() -> None:
    """Else the proof above would prove nothing."""
    known = {Q2.plus(-back).key: {CITY: 30 + back, COUNTY: 40, RUTLAND: 50, FORCE: 120 + back} for back in range(4)}
    figures = [figure("M01.1", a, Q2, n, period=key) for key, of in known.items() for a, n in of.items()]
    of = hide_figures(count_quarterly(facts(*figures)))
    assert (of_year(CITY, Q2), 126) in read_workbook(of, known)
