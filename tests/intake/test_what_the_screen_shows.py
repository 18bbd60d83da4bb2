"""No figure is recorded that is not what its sender saw: any number, under any number format, in any kind of row."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from csp_workflow.forms.display import show_number
from csp_workflow.intake.checks.cell_values import understand_cell
from csp_workflow.terms.cells import Cell, CellType
from csp_workflow.terms.figures import MeasureKind
from tests.intake.intake_factory import row

ROWS = (
    row("X.1", "Burglary offences", unit="offences"),
    row("X.2", "Satisfied", kind=MeasureKind.PERCENT, unit="per cent"),
    row("X.3", "Grants", kind=MeasureKind.COST, unit="£"),
)
PIECES = (
    "0", "#", "0.0", "0.00", "#,##0", "?", "%", "0%", "\\%", '"%"', ",", ",,", ".", "E+00", '"about "', '" offences"',
    '"<5"', '"1"', "[<5]", "[>=1000]", "[=0]", ";", ";;;", "-", "(", ")", "_)", "* ",
    "@", "General", "[Red]", "[$£-809]",
    "/", "?/?", '"k"', '" so far"', '" (p)"', "£", " ",
)  # fmt: skip
FORMATS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
NUMBERS = st.one_of(
    st.integers(-50, 5000).map(Decimal),
    st.decimals(-2, 150, places=2),
    st.decimals(0, 1, places=3),
    st.sampled_from([Decimal(n) for n in ("35000", "1234567.891", "0.625", "1204")]),
)


@settings(max_examples=200)
@given(NUMBERS, FORMATS, st.sampled_from(ROWS))
def test_what_is_recorded_is_what_the_screen_shows(held: Decimal, number_format: str, of: object) -> None:
    """The oracle reads the screen as a person does: one number, its decimals, and whether a per cent sign follows."""
    shown = show_number(held, number_format)
    text = str(held)
    cell = Cell(
        sheet="Figures", cell="L7", type=CellType.NUMBER, text=text, hidden=shown == "",
        shown=shown if shown != text else "",
    )  # fmt: skip
    value = understand_cell(cell, of).value  # type: ignore[arg-type]
    if value is None:
        return
    assert shown
    if not held and shown.strip("\u00a0 £") == "-":
        assert value == 0, "a dash for nought, which is said back"
        return
    numbers = re.findall(r"-?(?:\d[\d, ]*\d|\d)?(?:\.\d+)?(?:E[+-]\d+)?", shown.replace("\u00a0", " "))
    seen = [Decimal(n.replace(",", "").replace(" ", "")) for n in numbers if re.search(r"\d", n)]
    assert len(seen) == 1, f"{shown!r} is not one number, and {value} was recorded"
    exponent = seen[0].as_tuple().exponent
    assert isinstance(exponent, int)
    assert value.quantize(Decimal(1).scaleb(exponent), ROUND_HALF_UP) == seen[0], f"{shown!r} was recorded as {value}"
    assert "%" not in shown or "per cent" in of.unit  # type: ignore[attr-defined]
