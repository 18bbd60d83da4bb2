"""No page tells what a paper must not: read as they were built, beside all papers, by the one who solves."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from csp_workflow.dashboard.pages import compile_view
from csp_workflow.dashboard.parts import Audience
from csp_workflow.dashboard.writing import write_view, write_whole
from csp_workflow.report.disclosure import hide_figures
from csp_workflow.report.facts import ReportFacts
from csp_workflow.settings import read_page_templates
from csp_workflow.terms.dates import Quarter
from tests.dashboard.pages_read import Node, read_page, read_rows
from tests.report.paper_told import Q2, ROOT, facts, figure, submission, told
from tests.report.test_disclosure import (
    CITY,
    COUNTY,
    FORCE,
    RUTLAND,
    Known,
    Told,
    count_quarterly,
    of_year,
    papers,
    read_together,
    rule_of,
    worlds,
)

TEMPLATES = read_page_templates(ROOT / "config")
_NUMBER = re.compile(r"[\d,]+")


def audience_of(of: ReportFacts) -> Audience:
    return Audience.PUBLIC if of.board.public else Audience.PARTNERSHIP


def read_pages(of: ReportFacts, known: Known) -> list[Told]:
    """Every sum that the pages of a dashboard tell; each value in them is the one that is known, and not hidden."""
    files = write_view(compile_view(of, audience_of(of)), TEMPLATES)
    pages = [read_page(data) for data in files.values()]
    codes = {area.name: area.code for area in of.areas_of(rule_of(of))}
    quarters = {quarter.short_months: quarter for quarter in (of.quarter.plus(-back) for back in range(20))}
    told = []
    for card in (one for page in pages for one in page.every("li") if one.every("details") and _is_ruled(of, one)):
        area = codes[card.every("caption")[0].text.rpartition(", ")[2]]
        for row in read_rows(card.every("table")[0]):
            if number := _NUMBER.fullmatch(next(iter(list(row.values())[1:]))):
                slot = quarters[row["Period"]].key, area
                assert ("M01.1", area, slot[0]) not in of.hidden
                assert known[slot[0]][slot[1]] == int(number[0].replace(",", ""))
        if year := re.search(r"(?:Higher than usual|Lower than usual|As usual|Too few to judge): ([\d,]+)", card.text):
            told.append((of_year(area, of.quarter), int(year[1].replace(",", ""))))
    return [*told, *_read_sums(of, pages, list(codes.values()))]


def _is_ruled(of: ReportFacts, card: Node) -> bool:
    return card.every("caption")[0].text.startswith(f"{rule_of(of).title}, ")


def _read_sums(of: ReportFacts, pages: list[Node], areas: list[str]) -> list[Told]:
    """What all areas come to: in a year, and in the quarters of this one."""
    first = Quarter.parse(f"{of.quarter.financial_year}-Q1")
    heads = {q.short_months: [q] for q in (first.plus(n) for n in range(of.quarter.number))}
    heads["So far"] = [q for several in heads.values() for q in several]
    heads["Same months a year before"] = [q.plus(-4) for q in heads["So far"]]
    heads |= {"The year": heads["So far"], "The year before": heads["Same months a year before"]}
    told: list[Told] = []
    for row in (row for page in pages for table in page.every("table") for row in read_rows(table)):
        for head, of_quarters in heads.items():
            if row.get("Measure") == rule_of(of).title and _NUMBER.fullmatch(row.get(head, "")):
                slots = tuple((area, q.key) for area in areas for q in of_quarters)
                told.append((slots, int(row[head].replace(",", ""))))
    return told


def test_sums_on_pages_are_read_by_the_one_who_solves() -> None:
    """Else the proof below would prove nothing."""
    known = {Q2.plus(-back).key: {CITY: 30, COUNTY: 40, RUTLAND: 50} for back in range(8)}
    figures = [figure("M01.1", a, Q2, n, period=key) for key, of in known.items() for a, n in of.items()]
    found = read_pages(hide_figures(count_quarterly(facts(*figures))), known)
    assert {(of_year(CITY, Q2), 120), (of_year(COUNTY, Q2), 160)} <= set(found)
    areas = {slots: total for slots, total in found if len({area for area, _ in slots}) == 3}
    assert sorted(areas.values()) == [120, 120, 240, 240]


@settings(max_examples=6, deadline=None)
@given(world=worlds(), threshold=st.sampled_from((0, 3)))
def test_no_hidden_figure_can_be_reckoned_from_all_pages_and_papers_together(
    world: list[Known], threshold: int
) -> None:
    out = papers(world[:2], threshold, quarterly=True)
    public = [paper for paper in out if paper[0].board.public]
    for reader in (public,) if threshold else (public, out):
        printed, hidden = read_together(reader, read_pages)
        assert not [one for one in sorted(hidden, key=str) if printed.is_pinned(one)]


def test_two_worlds_in_which_the_same_is_printed_have_the_same_pages_byte_by_byte() -> None:
    def build(few: int, next_smallest: int, board: str) -> bytes:
        known = {CITY: 300, COUNTY: next_smallest, RUTLAND: few, FORCE: 324}
        world = [figure("M01.1", area, Q2.plus(-back), n) for back in (0, 4) for area, n in known.items()]
        noted = submission("charnwood", told(f"{RUTLAND} M01.1", f"{few} of ours"), figures=(world[2],))
        of = hide_figures(facts(*world, submissions={"charnwood": noted}, board=board))
        return write_whole(compile_view(of, audience_of(of)), TEMPLATES)

    for board in ("speb", "panel"):
        assert build(3, 21, board) == build(1, 23, board)
        assert build(3, 21, board) != build(9, 15, board)


def test_a_board_of_partners_with_its_own_threshold_says_nothing_on_the_pages_of_the_public() -> None:
    known = [figure("M01.1", CITY, Q2, 4)]
    boards = tuple(b if b.public else replace(b, counts_below=3) for b in facts().site.boards)
    shown = {}
    for board in ("speb", "panel"):
        of = facts(*known, board=board)
        of = hide_figures(replace(of, site=replace(of.site, boards=boards)))
        page = read_page(write_view(compile_view(of, audience_of(of)), TEMPLATES)["measure-m01-1.html"])
        shown[board] = [list(row.values())[1] for table in page.every("table") for row in read_rows(table)]
    assert shown == {"speb": ["4"], "panel": ["fewer than 5"]}
