"""What may name a person is settled before a paper goes out, whichever way it came into the paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from csp_workflow.report import errata
from csp_workflow.report.annual_sheets import list_year_sheets
from csp_workflow.report.appendices import list_companion
from csp_workflow.report.blocks import Table
from csp_workflow.report.companion import build_companion
from csp_workflow.report.contents import compile_contents
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.persons import find_named
from csp_workflow.report.statements import find_changes, list_statements
from csp_workflow.report.word.document import build_document
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.personal import KEPT_BACK
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.site import Site
from csp_workflow.terms.status import fold_cycle
from tests.report.paper_told import BASE, NOW, Q2, eight, facts, figure, site, status, submission, told
from tests.report.test_circulate import GONE, events
from tests.report.year_told import YEAR, stands, year

CHARNWOOD = "E22000165"
CANARIES = (
    ("Mrs Karen Whitfield was assaulted on her way home.", "a person's name"),
    ("It was at 14 Orchard Close, LE13 1QT.", "a postcode"),
    ("The boy, born on 3 May 2001, is at school again.", "a date of birth"),
    ("Please ring 07700 900123 about the family.", "a phone number"),
    ("The mother writes from karen.whitfield@home.example.", "an email address"),
    ("His NHS number is 943 476 5919.", "an NHS number"),
)


def paper(of: ReportFacts) -> tuple[str, ...]:
    contents = compile_contents(of, draft=False)
    return find_named(build_document(contents, base=BASE), list_statements(of), of.site)


def returned(of: Submission, *, key: str = "charnwood") -> ReportFacts:
    return facts(
        *eight("M11", CHARNWOOD, *range(900, 908)),
        submissions={key: replace(of, respondent=key)},
        status=status(**{key.replace("-", "_"): (Happened.RECEIVED, Happened.COMPLETE)}),
    )


def of_heading(words: str) -> Site:
    form = next(form for form in site().report_forms if form.board == "speb")
    edited = replace(form, headings=(replace(form.headings[0], text=words), *form.headings[1:]))
    return replace(site(), report_forms=tuple(edited if one is form else one for one in site().report_forms))


def approved_by_word(words: str) -> ReportFacts:
    of = returned(submission("charnwood"))
    given = Event(
        kind=Happened.APPROVED,
        at=NOW,
        by="test",
        quarter=Q2,
        respondent="charnwood",
        subject="charnwood-1",
        facts={"approver": "the chair", "evidence": words},
    )
    return replace(of, status=fold_cycle(Q2, [given], onto=of.status))


OBJECTIVE = next(o for o in site().framework(Q2).objectives if o.respondent == "charnwood")
CONTRIBUTED = next(m for m in site().framework(Q2).measures if m.route.value == "contributor" and not m.kind.is_number)
NARRATED = next(m for m in site().framework(Q2).measures if m.route.value == "partnership" and not m.kind.is_number)
WAYS: dict[str, Callable[[str], ReportFacts]] = {
    "a theme": lambda words: returned(submission("charnwood", told("T1", words))),
    "a promise": lambda words: returned(submission("charnwood", told("T1", "Work went on.", words))),
    "an objective": lambda words: returned(submission("charnwood", told(OBJECTIVE.ref, words))),
    "a narrative measure": lambda words: returned(submission("charnwood", told(NARRATED.ref, words))),
    "a comment": lambda words: returned(submission("charnwood", told(f"{CHARNWOOD} M11", words))),
    "a dispute": lambda words: returned(submission("charnwood", disputes=((CHARNWOOD, "M11", words),))),
    "a contributor": lambda words: returned(
        submission(CONTRIBUTED.owner, told(CONTRIBUTED.ref, words)), key=CONTRIBUTED.owner
    ),
    "the configuration": lambda words: replace(returned(submission("charnwood")), site=of_heading(words)),
    "how an approval is known": approved_by_word,
}


@pytest.mark.parametrize(("words", "mark"), CANARIES, ids=[mark for _, mark in CANARIES])
@pytest.mark.parametrize("way", WAYS)
def test_it_is_found_whichever_way_it_came_with_where_it_stands_and_whose_it_is(
    way: str, words: str, mark: str
) -> None:
    (found,) = paper(WAYS[way](words))
    assert mark in found
    assert not any(word in found for word in words.split() if len(word) > 6), "nothing is quoted"
    whose = {"a contributor": CONTRIBUTED.owner, "the configuration": ""}.get(way, "charnwood")
    name = next((r.name for r in site().respondents if r.key == whose), "the office's own words")
    assert name in found


def test_what_is_kept_back_waits_for_her_too() -> None:
    (found,) = paper(returned(submission("charnwood", told("T1", KEPT_BACK))))
    assert "words that were kept back, in what Charnwood" in found


def test_a_paper_that_names_nobody_says_nothing_nor_do_its_officers() -> None:
    assert paper(returned(submission("charnwood", told("T1", "Two schools joined.")))) == ()


def test_an_erratum_is_read_as_well() -> None:
    """The note beside a corrected figure is printed with it."""
    gone = fold_cycle(Q2, [*events(*GONE)])

    def at(*figures: Figure, words: str) -> ReportFacts:
        mine = submission("charnwood", told("T1", words), figures=figures)
        return replace(returned(mine), status=replace(status(charnwood=(Happened.RECEIVED,)), papers=gone.papers))

    counted = figure("CHARN.L1", CHARNWOOD, Q2, 20, note="Counted again by 07700 900123.")
    before = at(replace(counted, note=""), words="As it was.")
    after = at(counted, words="Mr Alan Peverell was arrested.")
    after = replace(after, known=KnownFigures((counted,), NOW.date()))
    was, now = (list_statements(of) for of in (before, after))
    paper_of = replace(after.status.papers["speb"], reported=((after.as_at, "x"),))
    after = replace(after, status=replace(after.status, papers={"speb": paper_of}))
    contents = errata.write_erratum(after, find_changes(was, now), draft=False)
    found = " ".join(find_named(build_document(contents, base=BASE), now, site()))
    assert "a phone number" in found
    assert "a person's name, in what Charnwood" in found


def test_the_properties_and_the_descriptions_of_a_file_are_read_too() -> None:
    of = returned(submission("charnwood"))
    titled = replace(of.form, title="What Mrs Karen Whitfield told, who was assaulted")
    forms = tuple(titled if form.board == "speb" else form for form in of.site.report_forms)
    found = paper(replace(of, site=replace(of.site, report_forms=forms)))
    assert [one.partition("”")[0] for one in found] == [
        "Under “the headings",
        "Under “the head, the foot or the properties",
    ]
    contents = compile_contents(of, draft=False)
    table = next(block for block in contents.blocks if isinstance(block, Table))
    described = replace(table, description="As Mrs Karen Whitfield, who was assaulted, told it.")
    blocks = tuple(described if block is table else block for block in contents.blocks)
    (one,) = find_named(build_document(replace(contents, blocks=blocks), base=BASE), {}, of.site)
    assert "the descriptions" in one


def workbook(of: ReportFacts) -> bytes:
    """What accompanies a paper."""
    tables = (list_year_sheets if of.year else list_companion)(of)
    return build_companion("Paper", tuple((table.caption, table) for table in tables), as_at=of.as_at)


def beside(of: ReportFacts) -> tuple[str, ...]:
    """What is found in a paper and in its workbook."""
    made = build_document(compile_contents(of, draft=False), base=BASE)
    return find_named(made, list_statements(of), of.site, workbook(of))


def test_words_that_stand_in_the_workbook_alone_are_read_and_whose_they_are_is_said() -> None:
    of = returned(submission("charnwood", told("T1", "We worked on it. " * 400 + "\n" + CANARIES[0][0])))
    assert not paper(of)
    (found,) = beside(of)
    assert found.startswith("Under “the accompanying workbook” stands a person's name, in what Charnwood")
    assert not beside(returned(submission("charnwood", told("T1", "We worked on it. " * 400))))
    assert not find_named(build_document(compile_contents(of, draft=False), base=BASE), {}, of.site, b"")


def test_words_of_an_earlier_quarter_that_a_paper_of_the_year_brings_again_are_read_too() -> None:
    was = replace(submission("charnwood", told("T1", CANARIES[3][0])), quarter=YEAR[0])
    of = year(rounds={1: stands(YEAR[0], charnwood=(Happened.RECEIVED,))}, returned={1: {"charnwood": was}})
    (found,) = beside(of)
    assert "“the accompanying workbook” stands a phone number, in what Charnwood" in found
