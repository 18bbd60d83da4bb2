"""What a site has checked: each rule on cells that it must find and must not, and what the site's table makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from csp_workflow import settings
from csp_workflow.intake.checks.findings import CheckedForm, Origin
from csp_workflow.terms.cells import QuickAnswer
from csp_workflow.terms.checks import NO_CHECKS, RULES, Check, CheckOutcome, Checks
from csp_workflow.terms.comparisons import UsualRange
from csp_workflow.terms.figures import MeasureKind
from csp_workflow.terms.returns import FigureRow, FormDefinition, Narrative, ReadText, SummaryRow
from csp_workflow.terms.site import Area
from csp_workflow.terms.waivers import Waiver
from tests.intake.intake_county import CHARN_AREA
from tests.intake.intake_factory import CHARNWOOD, SIGNED, Typed, came_back, cell, form_of, row
from tests.shipped_checks import CHECKS, SHIPPED, check_form

DAY = date(2014, 10, 20)
MELTON, RUTLAND = (Area(code=f"E0700013{n}", name=name, upper_tier="X") for n, name in ((3, "Melton"), (9, "Rutland")))


def check(form: FormDefinition, typed: Typed, checks: Checks = CHECKS, **before: str) -> CheckedForm:
    earlier = {ref: Narrative(ref=ref, text=text, sheet="S", cell="E7") for ref, text in before.items()}
    origin = Origin(message="m", attachment="a", day=DAY)
    return check_form(form, came_back(form, replace(typed, signed=SIGNED)), origin, before=earlier, checks=checks)


def codes(found: CheckedForm) -> list[str]:
    return [finding.code for finding in found.parts.findings]


def asking(*rows: FigureRow, **texts: str) -> FormDefinition:
    boxes = tuple(SummaryRow(ref=ref, heading=ref, prompt="?", played_back=text) for ref, text in texts.items())
    return replace(form_of(CHARNWOOD), figures=rows, summary=boxes)


def one_row(before: str = "", **more: object) -> FormDefinition:
    return asking(row("CHARN.L1", "Incidents", before=before, **more))


def found_of(value: object, before: str, note: str = "", cause: str = "", **more: object) -> list[str]:
    typed = Typed(figures={"CHARN.L1": value}, notes={"CHARN.L1": note}, causes={"CHARN.L1": cause})
    return codes(check(one_row(before, **more), typed))


PER_CENT = {"kind": MeasureKind.PERCENT, "unit": "per cent"}


@pytest.mark.parametrize(
    ("value", "before", "found"),
    [
        ("0.12", "12.1", ["factor-of-100"]), ("0.0012", "12.1", ["factor-of-100"]), ("12.4", "12.1", []),
        ("12%", "0.1", []), ("0", "12.1", []), ("12", "", []), ("12", "0", []),
    ],
)  # fmt: skip
def test_a_per_cent_a_hundred_times_another_is_asked_about(value: str, before: str, found: list[str]) -> None:
    assert found_of(value, before, **PER_CENT) == found


@pytest.mark.parametrize(
    ("value", "before", "note", "cause", "found"),
    [
        (412, "412", "", "", ["equals-last-quarter"]),
        (412, "412", "It is the same indeed.", "", []),
        (412, "412", "", "More reporting", []),
        (413, "412", "", "", []),
        (12, "12", "", "", []),
        (412, "", "", "", []),
    ],
)
def test_last_quarter_s_figure_again_is_asked_about(
    value: int, before: str, note: str, cause: str, found: list[str]
) -> None:
    assert found_of(value, before, note, cause) == found


def in_areas(*values: object, note: str = "") -> list[str]:
    """The findings where one series is asked in three areas."""
    places = (CHARN_AREA, MELTON, RUTLAND)
    rows = [row("M11.1", "All crime", area=place) for place in places[: len(values)]]
    form = asking(*rows)
    read = came_back(form, Typed(signed=SIGNED))
    figures = tuple(
        replace(seen, this_quarter=cell(f"P{n}", value), note=cell(f"S{n}", note if n == 7 else ""))
        for n, (seen, value) in enumerate(zip(read.figures, values, strict=True), start=7)
    )
    origin = Origin(message="m", attachment="a", day=DAY)
    return codes(check_form(form, replace(read, figures=figures), origin, before={}, checks=CHECKS))


@pytest.mark.parametrize(
    ("values", "note", "found"),
    [
        ((1204, 1204), "", ["equals-neighbour"] * 2),
        ((120, 120), "", []),
        ((1204, 1205), "", []),
        ((300, 100, 200), "", ["other-area"]),
        ((30, 10, 20), "", []),
        ((301, 100, 200), "", []),
        ((300, 100, "n/a"), "", ["not-applicable-or-available"]),
        ((77, 100, 200), "County-wide figure", ["other-area"]),
        ((77, 100, 200), "All teams counted", []),
    ],
)
def test_the_figure_of_another_area_is_asked_about(values: tuple[object, ...], note: str, found: list[str]) -> None:
    assert in_areas(*values, note=note) == found


@pytest.mark.parametrize(
    ("note", "is_asked"),
    [
        ("Includes Blaby", True), ("Hinckley figure", True), ("joint with Melton", True), ("Rutland's figure", True),
        ("Charnwood figure", False), ("Blaby ran the course with us", False), ("Nobody from Melton came", False),
    ],
)  # fmt: skip
def test_a_note_that_gives_the_figure_of_another_area_of_the_site_is_asked_about(note: str, is_asked: bool) -> None:
    site, _ = settings.load(settings.find_defaults() / "config", environment={})
    typed = Typed(figures={"CHARN.L1": 43}, notes={"CHARN.L1": note})
    assert ("other-area" in codes(check(one_row("40"), typed, checks=site.checks))) is is_asked


def test_what_is_not_as_usual_is_asked_about_until_it_is_explained() -> None:
    usual = UsualRange(low=Decimal(100), high=Decimal(200))
    assert found_of(300, "150", usual=usual) == ["unusual"]
    assert found_of(300, "150", usual=usual, note="Two events in July.") == []
    assert found_of(150, "140", usual=usual) == []


LONG = "Partners met twice in August and agreed a plan for the town centre at night"


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ({"T1": f"{LONG}.", "T2": f"We began. {LONG}!", "T3": "We also met."}, [("pasted", "T2")]),
        ({"T1": f"{LONG}.", "T2": f"{LONG}.", "T3": f"{LONG}."}, [("pasted", "T2"), ("pasted", "T3")]),
        ({"T1": "Work went on.", "T2": "Work went on.", "T3": "Work went on."}, []),
        ({"T1": f"{LONG}. {LONG}.", "T2": "One.", "T3": "Two."}, []),
    ],
)
def test_a_sentence_pasted_into_several_boxes_is_asked_about(
    texts: dict[str, str], found: list[tuple[str, str]]
) -> None:
    checked = check(asking(T1="", T2="", T3=""), Typed(texts=texts))
    assert [(one.code, one.key) for one in checked.parts.findings] == found
    assert all("under T1" in one.found for one in checked.parts.findings)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{LONG}.", ["the same words as last quarter"]),
        (LONG.upper(), ["the same words as last quarter"]),
        (LONG.replace("August", "November"), ["nearly the same words as last quarter"]),
        ("We closed two premises, and the visits went on as they were planned in the spring.", []),
    ],
)
def test_words_that_are_last_quarter_s_or_nearly_are_asked_about(text: str, found: list[str]) -> None:
    typed = Typed(texts={"T1": text})
    for checked in (check(asking(T1=f"{LONG}."), typed), check(asking(T1=""), typed, T1=f"{LONG}.")):
        assert [one.found for one in checked.parts.findings] == found


def test_words_that_are_confirmed_may_be_as_they_were() -> None:
    form = asking(T1=f"{LONG}.", T2=f"{LONG}.")
    form = replace(form, summary=tuple(replace(box, quick=(QuickAnswer.STILL_HOLDS,)) for box in form.summary))
    read = came_back(form, Typed(signed=SIGNED))
    holds = cell("F7", "Last quarter's text still holds")
    read = replace(read, summary=tuple(ReadText(ref=b.ref, value=b.value, quick=holds) for b in read.summary))
    origin = Origin(message="m", attachment="a", day=DAY)
    assert codes(check_form(form, read, origin, before={}, checks=CHECKS)) == []


def test_the_longest_texts_are_compared_in_no_time() -> None:
    assert "over-long" in codes(check(asking(T1="no " * 10_000), Typed(texts={"T1": "no yes " * 4_000})))


# What a site's table makes of it --------------------------------------------------------------------


def having(rule: str, finding: CheckOutcome, **more: object) -> Checks:
    """The program's checks, and one on top of them."""
    one = Check(rule=rule, finding=finding, words="Please look.", **more)  # type: ignore[arg-type]
    return replace(CHECKS, every=(*CHECKS.every, one))


REPEATED = Typed(figures={"CHARN.L1": 412})


@pytest.mark.parametrize(
    ("checks", "found"),
    [
        (CHECKS, [("equals-last-quarter", False)]),
        (having("equals-last-quarter", CheckOutcome.FAULT), [("equals-last-quarter", True)]),
        (having("equals-last-quarter", CheckOutcome.OFF), []),
        (having("equals-last-quarter", CheckOutcome.OFF, measures=("CHARN.L1",)), []),
        (having("equals-last-quarter", CheckOutcome.OFF, measures=("CHARN.L2",)), [("equals-last-quarter", False)]),
        (having("equals-last-quarter", CheckOutcome.OFF, kinds=(MeasureKind.COUNT,)), []),
        (having("equals-last-quarter", CheckOutcome.OFF, kinds=(MeasureKind.COST,)), [("equals-last-quarter", False)]),
        (having("equals-last-quarter", CheckOutcome.QUERY, number=Decimal(500)), []),
        (NO_CHECKS, []),
    ],
)
def test_the_last_block_that_fits_counts(checks: Checks, found: list[tuple[str, bool]]) -> None:
    checked = check(one_row("412"), REPEATED, checks)
    assert [(one.code, one.is_fault) for one in checked.parts.findings] == found


def test_the_words_of_a_check_are_the_site_s() -> None:
    (one,) = check(one_row("412"), REPEATED, having("equals-last-quarter", CheckOutcome.QUERY)).parts.findings
    assert one.wanted == "Please look."


@pytest.mark.parametrize(("finding", "is_fault"), [(CheckOutcome.FAULT, True), (CheckOutcome.QUERY, False)])
def test_what_cannot_be_may_be_a_query_and_is_recorded_neither_way(finding: CheckOutcome, is_fault: bool) -> None:
    checked = check(one_row(), Typed(figures={"CHARN.L1": -3}), having("negative", finding))
    assert [(one.code, one.is_fault) for one in checked.parts.findings] == [("negative", is_fault)]
    assert checked.parts.figures == ()


WAIVED = Waiver(
    respondent="charnwood",
    reason="The town has changed its count.",
    until=date(2015, 3, 31),
    measure="CHARN.L1",
    check="equals-last-quarter",
)


@pytest.mark.parametrize(
    ("waiver", "is_waived"),
    [
        (WAIVED, True),
        (replace(WAIVED, measure=""), True),
        (replace(WAIVED, measure="CHARN.L2"), False),
        (replace(WAIVED, until=date(2014, 10, 19)), False),
        (replace(WAIVED, respondent="melton"), False),
        (replace(WAIVED, check="unusual"), False),
        (replace(WAIVED, check=""), False),
    ],
)
def test_a_waiver_holds_for_its_respondent_until_its_day_and_is_said(waiver: Waiver, is_waived: bool) -> None:
    checked = check(one_row("412"), REPEATED, CHECKS.waive((waiver,), "charnwood", DAY))
    assert ("equals-last-quarter" in codes(checked)) is not is_waived
    of = " in CHARN.L1" if waiver.measure else ""
    said = "Not checked until 31 March 2015, because the town has changed its count: "
    told = f"{said}figures that are last quarter's again{of}."
    assert (told in checked.parts.remarks) is is_waived


def test_every_rule_is_in_the_shipped_table_with_its_words_and_its_number() -> None:
    assert [entry.rule for entry in SHIPPED.checks] == list(RULES)
    for entry in SHIPPED.checks:
        assert entry.words
        assert (entry.number is not None) is RULES[entry.rule].takes_number
        assert bool(entry.phrases) is RULES[entry.rule].takes_phrases
