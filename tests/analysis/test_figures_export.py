"""The figures as a file for an analyst: everything that was stored, digit for digit, and nothing that runs."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from csp_workflow.analysis.figures_export import COLUMNS, write_csv, write_excel
from csp_workflow.cli import app
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.figures import Figure, FigureStatus, Provenance, TracedFigure

READ = TracedFigure(
    figure=Figure(
        series="M01.1",
        area="E22000165",
        period="2014/15-Q2",
        as_at=date(2014, 10, 20),
        value=Decimal("412.50"),
        unit="crimes",
        status=FigureStatus.PROVISIONAL,
        base=40,
        note="=1+1",
        drove_it="Not known",
        provenance=Provenance(source="return", message="m1", attachment="ab" * 32, sheet="Figures", cell="K7"),
    ),
    area_name="Charnwood",
    measure="M01",
    title="Burglary",
    respondent="charnwood",
    respondent_name="Charnwood CSP",
    submission="2014/15-Q2/charnwood/001",
    version=1,
)
MISSING = replace(READ, figure=replace(READ.figure, value=None, base=None, status=FigureStatus.NOT_AVAILABLE, note=""))


def test_a_csv_holds_every_part_digit_for_digit_and_no_formula() -> None:
    first, second = csv.DictReader(io.StringIO(write_csv([READ, MISSING]).decode("utf-8-sig")))
    assert tuple(first) == COLUMNS
    assert (first["value"], first["base"], first["note"], first["cell"]) == ("412.50", "40", "'=1+1", "K7")
    assert (second["value"], second["base"], second["status"]) == ("", "", "not available")


def test_a_workbook_holds_numbers_as_numbers_and_texts_as_texts() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(write_excel([READ, MISSING])))["Figures"]
    heads, first, second = ({c.column: c for c in row} for row in sheet.iter_rows())
    at = {cell.value: column for column, cell in heads.items()}
    assert tuple(at) == COLUMNS
    assert first[at["value"]].value == 412.5
    assert (first[at["note"]].value, first[at["note"]].data_type) == ("=1+1", "s")
    assert second[at["value"]].value is None


def test_no_figures_make_an_empty_table() -> None:
    assert write_csv([]).decode("utf-8-sig").strip() == ",".join(COLUMNS)
    assert openpyxl.load_workbook(io.BytesIO(write_excel([])))["Figures"].max_row == 1


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with the published counts imported."""
    place = tmp_path_factory.mktemp("export") / "site"
    assert CliRunner().invoke(app, ["init", str(place)]).exit_code == 0
    figures = place / "config" / "figures" / "recorded-crime-by-csp-2011-12.csv"
    assert run(place, "figures", "import", str(figures)).exit_code == 0
    return place


def run(place: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["--config", str(place / "config"), "--state", str(place / "state"), *words])


def test_the_command_writes_what_was_imported_with_its_source(site: Path) -> None:
    file = site / "out.csv"
    done = run(site, "figures", "export", str(file))
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"))))
    assert rows
    assert all(row["source"] and row["cell"] and row["title"] and row["unit"] for row in rows)
    again = run(site, "figures", "export", str(file))
    assert isinstance(again.exception, PreconditionFailed)
    assert "is there already" in str(again.exception)
    assert run(site, "figures", "export", str(site / "out.pdf")).exit_code == 2
