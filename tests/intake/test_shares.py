"""A share is asked as two counts: what people do with the three cells, and with a Note."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from csp_workflow.forms import layout
from csp_workflow.intake.checks.check_figures import check_figures
from csp_workflow.intake.checks.findings import FormParts, Origin
from csp_workflow.terms.cells import Cell, CellType, FormVersion
from csp_workflow.terms.checks import RULES
from csp_workflow.terms.comparisons import UsualRange
from csp_workflow.terms.figures import Figure, FigureStatus, MeasureKind, Provenance
from csp_workflow.terms.returns import Entry, FigureRow, Finding, ReadFigureRow, ReadForm
from csp_workflow.terms.shares import (
    estimate_count,
    find_base,
    find_count,
    has_counts,
    is_per_cent_of,
    reckon_per_cent,
    span_counts,
)
from tests.intake import intake_factory
from tests.intake.intake_factory import CHARNWOOD, cell, row
from tests.shipped_checks import CHECKS

form_of = partial(intake_factory.form_of, version=FormVersion(1))
"""Of the first layout, on which the three stand apart: what is typed on later ones is read as one of these."""

SHARE = row(
    "CHARN.L3",
    "Successful completions",
    kind=MeasureKind.PERCENT,
    unit="per cent of adults in treatment",
    out_of="adults in treatment",
)
COUNT = row("CHARN.L1", "Incidents")
ORIGIN = Origin(message="m", attachment="a", day=date(2014, 10, 20))
_BLANK = CellType.BLANK


def read(of: FigureRow, many: object = "", out: object = "", value: object = "", **more: object) -> ReadFigureRow:
    """A row as it came back; a value may be a whole cell."""
    made = {
        name: said if isinstance(said, Cell) else cell(at, said)
        for name, at, said in (("how_many", "M7", many), ("out_of", "N7", out), ("this_quarter", "P7", value))
    }
    said = {name: more.pop(name, "") for name in ("status", "note")}
    return ReadFigureRow(
        area_code=of.area.code,
        ref=of.ref,
        sheet=layout.FIGURES,
        row=7,
        **made,
        status=cell("Q7", said["status"]),
        drove_it=cell("R7"),
        note=cell("S7", said["note"]),
        **more,  # type: ignore[arg-type]
    )


def told(*typed: object, of: FigureRow = SHARE, **more: object) -> FormParts:
    """What a form of one share (and one count) says, where the row holds what was typed."""
    form = form_of(CHARNWOOD, figures=(of, *((SHARE,) if of.ref != SHARE.ref else ())))
    rows = (read(of, *typed, **more), *((read(SHARE, 15, 40),) if of.ref != SHARE.ref else ()))
    return check_figures(form, ReadForm(figures=rows), ORIGIN, CHECKS)


def numbers(parts: FormParts) -> tuple[object, ...]:
    figure = parts.figures[0]
    return figure.value, figure.count, figure.base


def asked(parts: FormParts) -> list[tuple[str, str, bool]]:
    return [(finding.code, finding.column, finding.is_fault) for finding in parts.findings]


SHARE_IS = (Decimal("37.5"), 15, 40)


@pytest.mark.parametrize(
    "typed",
    [
        (15, 40),
        (15, 40, "37.5"),
        (15, 40, "38"),  # as exactly as it was given
        ("", 40, "37.5"),
        (15, "", "37.5"),
        ("15", "40"),
        ("15 adults", "40 adults in treatment"),
        ("15 of 40",),
        ("15/40", 40),
        ("", "", "15/40"),
        ("", "", "15 out of 40 adults"),
        ("", "", "37.5% (15/40)"),
        ("", "", "15 of 40 = 37.5%"),
        ("", "", "37.5% (n=40)"),
        ("", "", "37.5 (n = 40)"),
        ("", "", "37.5 per cent of 40"),
        ("15 (n=40)",),
        (15, "n = 40"),
        (15, "of 40"),
    ],
)
def test_any_two_of_the_three_give_the_third(typed: tuple[object, ...]) -> None:
    parts = told(*typed)
    assert numbers(parts) == SHARE_IS
    assert asked(parts) == []
    together = [said for said in typed if isinstance(said, str) and not said.replace(".", "").isdecimal() and said]
    assert len([r for r in parts.readings if r.recorded]) >= bool(together), "what is read apart is said back"


@pytest.mark.parametrize(
    ("typed", "stands", "findings"),
    [
        ((15, 40, "30"), SHARE_IS, [("share-and-counts-differ", "This quarter", False)]),
        (("", "", "37.5"), (Decimal("37.5"), None, None), [("out-of-how-many", "Out of", False)]),
        ((2, "", "2"), (Decimal(2), 2, None), [("out-of-how-many", "Out of", False)]),
        (("", 50, "2.5"), (Decimal("2.5"), None, 50), [("no-whole-count", "This quarter", False)]),
        (("", 5000, "62.5"), (Decimal("62.5"), None, 5000), []),
        ((15, 40, "see left"), SHARE_IS, [("unreadable-number", "This quarter", False)]),
        ((15, 40, Cell(sheet="Figures", cell="P7", type=CellType.ERROR, text="#DIV/0!")), SHARE_IS,
         [("excel-error", "This quarter", False)]),
        ((15, 40, "TBC"), SHARE_IS, [("counts-differ", "This quarter", False)]),
        ((15, 40, "n/a"), SHARE_IS, [("not-applicable-or-available", "This quarter", False)]),
        ((15, "TBC", "37.5"), SHARE_IS, [("counts-differ", "Out of", False)]),
        ((0, 40), (Decimal("0.0"), 0, 40), []),
        ((40, 40), (Decimal("100.0"), 40, 40), []),
        (("none", 40), (Decimal("0.0"), 0, 40), []),
    ],
)  # fmt: skip
def test_what_stands_and_is_asked_about(
    typed: tuple[object, ...], stands: tuple[object, ...], findings: list[tuple[str, str, bool]]
) -> None:
    parts = told(*typed)
    assert numbers(parts) == stands
    assert asked(parts) == findings


@pytest.mark.parametrize(
    ("typed", "findings"),
    [
        ((41, 40), [("part-above-whole", "How many", True)]),
        ((1, 0), [("part-above-whole", "How many", True)]),
        (("", "", "41/40"), [("part-above-whole", "This quarter", True)]),
        (("", 0, "30"), [("part-above-whole", "This quarter", True)]),
        (("15.5", 40), [("part-of-one", "How many", True)]),
        ((15, "40.5"), [("part-of-one", "Out of", True)]),
        (("15.5", "-40"), [("part-of-one", "How many", True), ("negative", "Out of", True)]),
        (("37.5%", 40), [("other-unit", "How many", True)]),
        (("15 of 40", 41), [("counts-differ", "Out of", True)]),
        (
            ("12 of 40 jam jars",),
            [("unreadable-number", "How many", True), ("blank-required", "Out of", True)],
        ),
        (("", "", "12 of 40 jam jars"), [("unreadable-number", "This quarter", True)]),
        (("", "", "1.5 of 40"), [("unreadable-number", "This quarter", True)]),
        ((15,), [("blank-required", "Out of", True)]),
        (("", 40), [("blank-required", "How many", True)]),
        (("",), [("blank-required", "How many", True)]),
        (("", "", "137.5"), [("share-over-100", "This quarter", True)]),
        (("10-12", 40), [("one-figure", "How many", True)]),
        (("10-12",), [("one-figure", "How many", True), ("blank-required", "Out of", True)]),
        (("", "", "10-12"), [("one-figure", "This quarter", True)]),
        ((15, 40, "<5"), [("counts-differ", "This quarter", True)]),
        (("?", 40), [("which-is-it", "How many", True)]),
    ],
)
def test_what_cannot_be_is_a_fault_and_no_figure(
    typed: tuple[object, ...], findings: list[tuple[str, str, bool]]
) -> None:
    parts = told(*typed)
    assert parts.figures == ()
    assert asked(parts) == findings


def test_an_optional_share_is_asked_about_and_a_fault_only_where_it_cannot_be() -> None:
    of = replace(SHARE, required=False)
    assert [is_fault for _, _, is_fault in asked(told(41, 40, of=of))] == [True], "what cannot be must be mended"
    for typed in ((15,), ("15.5", 40), ("15 of 40", 41)):
        assert [is_fault for _, _, is_fault in asked(told(*typed, of=of))] == [False]
    assert asked(told(of=of)) == []


@pytest.mark.parametrize(
    ("day", "may_be"), [("2014-04-12", "which may have been 12/4"), ("1940-12-01", "which may have been 1/12 or 12/40")]
)
def test_two_counts_that_excel_made_a_date_of_are_asked_and_never_guessed(day: str, may_be: str) -> None:
    parts = told("", "", Cell(sheet="Figures", cell="P7", type=CellType.DATE, text=day))
    assert (parts.figures, asked(parts)) == ((), [("date-not-number", "This quarter", True)])
    assert may_be in parts.findings[0].found


def test_a_time_that_a_pair_was_taken_for_is_asked_about_too() -> None:
    parts = told("", "", Cell(sheet="Figures", cell="P7", type=CellType.DATE, text="12:40:00"))
    assert asked(parts) == [("date-not-number", "This quarter", True)]
    assert "12:40" in parts.findings[0].found


@pytest.mark.parametrize("formula", ["=15/40", "= 15 / 40", "=(15/40)*100", "=15/40*100"])
def test_counts_that_a_spreadsheet_was_let_divide_are_read_from_the_formula(formula: str) -> None:
    shown = Cell(sheet="Figures", cell="P7", type=CellType.NUMBER, text="0.375", shown="38%", formula=formula)
    unsaved = Cell(sheet="Figures", cell="P7", type=_BLANK, formula=formula, uncalculated=True)
    for one in (shown, unsaved):
        parts = told("", "", one)
        assert (numbers(parts), asked(parts)) == (SHARE_IS, [])
        assert [r.typed for r in parts.readings] == [formula]
    sums = replace(shown, formula="=A1/B1", shown="", text="37.5")
    assert asked(told("", "", sums)) == [("out-of-how-many", "Out of", False)]


def test_more_than_anybody_counts_is_asked_about_before_it_reaches_the_store() -> None:
    assert asked(told(15, 10**12)) == [("unreadable-number", "Out of", True)]
    assert told(f"15 of {10**12}").figures == ()
    assert numbers(told(999_999_999, "", "0.000001")) == (Decimal("0.000001"), 999_999_999, None)


def test_where_nobody_was_counted_there_is_no_per_cent_and_none_is_missing() -> None:
    for typed in ((0, 0), ("", 0), ("", 0, "0"), ("0 of 0",)):
        parts = told(*typed)
        assert numbers(parts) == (None, 0, 0)
        assert (parts.figures[0].status, asked(parts)) == (FigureStatus.NOT_APPLICABLE, [])
        assert "Nobody was counted" in parts.readings[-1].remark


@pytest.mark.parametrize("note", ["n = 50", "N=50, from the clinic", "50"])
def test_an_n_in_the_note_is_taken_beside_a_per_cent_and_told(note: str) -> None:
    alone = told("", "", "62", note=note)
    assert (asked(alone), numbers(alone)) == ([], (Decimal(62), 31, 50))
    assert [r.recorded for r in alone.readings][-1] == "out of 50"
    assert "the Note says “" in told(note=note).findings[0].found, "without a figure it is asked for"


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("out of 50 asked", "out of 50"),
        ("Only 50 adults came", "50 adults"),
        ("sample size: 50", "sample size: 50"),
        ("20 of 50 came", "20 of 50"),
    ],
)
def test_what_may_be_an_n_in_the_note_is_asked_for_where_it_belongs_and_never_lost(note: str, said: str) -> None:
    alone = told("", "", "62", note=note)
    assert asked(alone) == [("out-of-how-many", "Out of", False)]
    assert f"the Note says “{said}”" in alone.findings[0].found
    assert f"the Note says “{said}”" in told(note=note).findings[0].found
    assert f"the Note says “{said}”" in told(note=note, of=replace(SHARE, required=False)).findings[0].found
    assert numbers(alone) == (Decimal(62), None, None)


SCORE = replace(SHARE, kind=MeasureKind.SURVEY, unit="average score", out_of="residents asked")


@pytest.mark.parametrize(
    ("out_of", "note", "base", "codes"),
    [
        (340, "", 340, []),
        ("n = 340", "", 340, []),
        ("340 residents", "", 340, []),
        ("out of 340", "", 340, []),
        ("", "n = 340", 340, []),
        (340, "n = 50", 340, []),
        ("", "20 of 50 came", None, ["out-of-how-many"]),
        ("", "", None, ["out-of-how-many"]),
        ("many", "", None, ["unreadable-number"]),
        (0, "", None, ["out-of-how-many"]),
    ],
)
def test_a_survey_that_is_no_per_cent_has_its_n_in_a_column(
    out_of: object, note: str, base: int | None, codes: list[str]
) -> None:
    parts = told("", out_of, "4.2", note=note, of=SCORE)
    assert numbers(parts) == (Decimal("4.2"), None, base)
    assert [finding.code for finding in parts.findings] == codes


def test_how_many_is_not_asked_of_a_score() -> None:
    assert asked(told(7, 340, "4.2", of=SCORE)) == [("not-asked", "How many", False)]


def test_a_note_about_something_else_is_no_n() -> None:
    found = told("", "", "62", note="Up by 3 points since the clinic moved in March 2014.").findings[0].found
    assert "the Note says" not in found


def test_a_form_of_before_asked_for_the_n_in_the_note_and_gets_it() -> None:
    old = replace(SHARE, out_of="")
    form = form_of(CHARNWOOD, figures=(old,))
    parts = check_figures(form, ReadForm(figures=(read(old, value="37.5", note="n = 40"),)), ORIGIN, CHECKS)
    assert numbers(parts) == SHARE_IS
    assert [(r.typed, r.recorded) for r in parts.readings] == [("n = 40", "out of 40")]
    said = check_figures(form, ReadForm(figures=(read(old, value="37.5", note="Rose by 3 in total"),)), ORIGIN, CHECKS)
    assert numbers(said) == (Decimal("37.5"), None, None)
    for note in ("2.5", "0", "n = 10000000000"):
        odd = check_figures(form, ReadForm(figures=(read(old, value="37.5", note=note),)), ORIGIN, CHECKS)
        assert numbers(odd) == (Decimal("37.5"), None, None)
    own = check_figures(form, ReadForm(figures=(read(old, 7, 9, "37.5"),)), ORIGIN, CHECKS)
    assert (numbers(own), asked(own)) == ((Decimal("37.5"), None, None), []), "a column of their own is none of ours"


@pytest.mark.parametrize(
    ("typed", "status", "of"),
    [
        (("<5", 40), FigureStatus.SUPPRESSED, ""),
        (("<5", 40, "10"), FigureStatus.SUPPRESSED, ""),
        ((15, "[c]"), FigureStatus.SUPPRESSED, ""),
        ((15, "TBC"), FigureStatus.NOT_AVAILABLE, ""),
        (("", 40), FigureStatus.NOT_AVAILABLE, "Not available yet"),
        ((2, 40), FigureStatus.SUPPRESSED, "Suppressed (small number)"),
        (("15.5", 40), FigureStatus.NOT_APPLICABLE, "Not applicable"),
    ],
)
def test_a_status_that_says_why_there_is_no_share_keeps_no_count(
    typed: tuple[object, ...], status: FigureStatus, of: str
) -> None:
    parts = told(*typed, status=of)
    assert (parts.figures[0].status, numbers(parts), asked(parts)) == (status, (None, None, None), [])


def test_a_status_beside_a_share_counts_as_beside_any_figure() -> None:
    assert told(15, 40, status="Provisional").figures[0].status is FigureStatus.PROVISIONAL
    assert told("c. 15", 40).figures[0].status is FigureStatus.ESTIMATED
    assert told("", "", status="Nil return").figures[0].value == 0
    assert told(0, 40, status="Nil return").figures[0].value == 0
    assert asked(told(39, 90_000, status="Nil return")) == [("figure-and-status-differ", "This quarter", True)]
    assert asked(told(15, 40, status="Not applicable")) == [("figure-and-status-differ", "This quarter", True)]
    assert asked(told(15, 40, status="perhaps")) == [("unknown-status", "Status", True)]


def test_a_change_is_asked_about_where_it_was_typed() -> None:
    of = replace(SHARE, usual=UsualRange(low=Decimal(50), high=Decimal(70), rest=Decimal(60), base=100))
    (counted,) = told(1, 40, of=of).findings
    assert (counted.code, counted.cell, counted.column) == ("unusual", "M7", "How many")
    (told_only,) = told("", 40, "20", of=of).findings
    assert (told_only.cell, told_only.column) == ("P7", "This quarter")


def test_the_cell_of_a_share_is_both_its_counts() -> None:
    assert told(15, 40).figures[0].provenance.cell == "M7:N7"
    assert told("", 40, "37.5").figures[0].provenance.cell == "N7:P7"
    assert told("", "", "15/40").figures[0].provenance.cell == "P7"


def test_a_small_count_behind_a_share_is_remarked_and_the_share_itself_is_none() -> None:
    of = replace(SHARE, suppressed_below=5)
    assert told(2, 50, of=of).remarks == (
        "M7:N7 (CHARN.L3): 4 per cent (2 of 50) is a small number. We keep it, and do not publish it.",
    )
    assert told(20, 1000, of=of).remarks == ()


def test_what_is_typed_beside_a_count_is_asked_about_and_what_we_wrote_there_is_nothing() -> None:
    clean = told("not asked", "Not asked", 43, of=COUNT)
    assert (clean.figures[0].value, asked(clean)) == (43, [])
    assert not told("not asked", "not asked", of=replace(COUNT, required=False)).figures[1:]
    beside = told(12, "", 43, of=COUNT)
    assert asked(beside) == [("not-asked", "How many", False)]
    police_count = replace(police(None, None), kind=MeasureKind.COUNT, unit="offences", out_of="")
    assert ("not-asked", "How many", False) in asked(told(12, "", "37.5", of=police_count, status="Confirmed"))
    instead = told(43, "", of=COUNT)
    assert asked(instead) == [("blank-required", "This quarter", True), ("not-asked", "How many", False)]


def test_a_form_returned_untouched_is_untouched_though_not_asked_stands_in_it() -> None:
    form = form_of(CHARNWOOD, figures=(COUNT, SHARE))
    rows = (read(COUNT, "not asked", "not asked"), read(SHARE))
    assert not check_figures(form, ReadForm(figures=rows), ORIGIN, CHECKS).touched


def test_columns_of_the_counts_that_are_gone_are_asked_for() -> None:
    gone = Cell(sheet="Figures", cell="", type=_BLANK)
    parts = told(gone, gone, "37.5")
    assert asked(parts)[-2:] == [("missing-column", "How many", False), ("missing-column", "Out of", False)]


def police(count: int | None, base: int | None) -> FigureRow:
    given = Figure(
        series="M12b",
        area=SHARE.area.code,
        period="2014/15-Q2",
        as_at=date(2014, 10, 8),
        value=Decimal("37.5"),
        count=count,
        base=base,
        status=FigureStatus.FINAL,
        provenance=Provenance(source="extract"),
    )
    return replace(SHARE, ref="M12b", entry=Entry.CONFIRM, given=given)


def test_counts_typed_over_the_force_s_are_a_dispute() -> None:
    assert told(15, 40, "37.5", of=police(15, 40), status="Confirmed").disputes == ()
    assert told("not asked", "not asked", "37.5", of=police(None, None)).disputes == ()
    parts = told(16, 40, "37.5", of=police(15, 40))
    assert "The form has 16 under “How many” in place of the force's" in parts.disputes[0][2]


def test_every_finding_on_a_share_says_what_to_do() -> None:
    found: list[Finding] = [
        *told(41, 40).findings, *told(15, 40, "30").findings, *told("", "", "37.5").findings,
        *told("", 50, "2.5").findings, *told("15 of 40", 41).findings, *told(12, "", 43, of=COUNT).findings,
    ]  # fmt: skip
    assert len(found) == 6
    assert all((one.wanted or one.code in RULES) and one.found for one in found)
    assert "30 per cent, where 15 out of 40 is 37.5" in found[1].found


# The arithmetic -------------------------------------------------------------------------------------

COUNTS = st.integers(1, 10_000).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base)))
PLACES = st.integers(0, 6)


@given(COUNTS, PLACES)
def test_a_per_cent_rounded_from_counts_is_told_by_them_and_never_leads_to_others(
    counts: tuple[int, int], places: int
) -> None:
    count, base = counts
    value = round(Decimal(100 * count) / base, places)
    assume(value.normalize().as_tuple().exponent == -places or places == 0)  # trailing zeros are not typed
    assert is_per_cent_of(value, count, base)
    assert has_counts(value, base)
    assert find_count(value, base) in {count, None}
    assert find_base(value, count) in {base, None}


@given(COUNTS)
def test_the_per_cent_that_we_reckon_says_what_its_counts_say(counts: tuple[int, int]) -> None:
    value = reckon_per_cent(*counts)
    assert 0 <= value <= 100
    assert is_per_cent_of(value, *counts) or value == value.to_integral_value()
    assert numbers(told(*counts)) == (value, *counts)


@given(st.decimals(0, 100, places=1), st.integers(1, 5_000))
def test_a_count_that_is_found_is_the_only_one(value: Decimal, base: int) -> None:
    count = find_count(value, base)
    fitting = [n for n in range(base + 1) if is_per_cent_of(value, n, base)] if base <= 500 else None
    if count is not None:
        assert is_per_cent_of(value, count, base)
    if fitting is not None:
        assert fitting == [count] if count is not None else len(fitting) != 1
        assert has_counts(value, base) == bool(fitting)


@given(COUNTS, PLACES)
def test_what_a_per_cent_may_stand_for_holds_the_number_it_was_made_of(counts: tuple[int, int], places: int) -> None:
    count, base = counts
    value = round(Decimal(100 * count) / base, places)
    fewest, most = span_counts(value, base)
    assert fewest <= count <= most
    assert find_count(value, base) == (count if fewest == most else None)
    nearest = estimate_count(value, base)
    assert nearest is not None
    assert fewest <= nearest <= most


@pytest.mark.parametrize(("value", "base"), [("2.5", 50), ("101", 50), ("-1", 50), ("50", 0)])
def test_what_no_whole_number_gives_is_not_estimated(value: str, base: int) -> None:
    assert estimate_count(Decimal(value), base) is None


TYPED = st.one_of(
    st.integers(-3, 200).map(str),
    st.sampled_from(
        ["", "nil", "<5", "TBC", "n/a", "?", "12 of 40", "12/40", "30% (n=40)", "n = 40", "c. 12", "12.5", "1,204", "-"]
    ),
    st.text(max_size=12),
)


@given(TYPED, TYPED, TYPED, TYPED, st.sampled_from(["", "Final", "Nil return", "Suppressed (small number)", "odd"]))
def test_whatever_is_typed_a_figure_s_three_numbers_agree_or_something_is_asked(
    many: str, out: str, value: str, note: str, status: str
) -> None:
    parts = told(many, out, value, note=note, status=status)
    if not parts.figures:
        assert any(finding.is_fault for finding in parts.findings)
        return
    (figure,) = parts.figures
    assert (figure.value is not None) == figure.status.has_value
    if figure.count is not None and figure.base:
        assert 0 <= figure.count <= figure.base
        if figure.value is not None:
            assert is_per_cent_of(figure.value, figure.count, figure.base) or figure.value == figure.value.to_integral()
    if figure.status is FigureStatus.SUPPRESSED:
        assert (figure.count, figure.base) == (None, None)
    if figure.value is not None and figure.base is None and figure.status is not FigureStatus.NIL:
        assert "out-of-how-many" in {finding.code for finding in parts.findings}
