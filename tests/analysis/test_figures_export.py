"""The figures as a file for an analyst: everything that was stored, digit for digit, and nothing that runs."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from csp_workflow import settings
from csp_workflow.analysis.figures_export import COLUMNS, write_csv, write_excel
from csp_workflow.cli import app
from csp_workflow.forms.table import read_table
from csp_workflow.request.groups_file import read_import
from csp_workflow.terms.events import PreconditionFailed
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


def test_a_version_stays_a_whole_number_beside_figures_that_have_none() -> None:
    imported = replace(READ, version=None, submission="", respondent="", respondent_name="")
    first, second = csv.DictReader(io.StringIO(write_csv([READ, imported]).decode("utf-8-sig")))
    assert (first["version"], second["version"]) == ("1", "")


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


GROUPS_FILE = """area,measure,period,as at,rate,group average,lower limit,upper limit,rank,number in group,group,version
E22000165,M13a,12 months to 2014/15-Q1,2014-07-20,6.91,5.30,4.61,5.99,8,15,Most Similar Group,2014-04-01
E22000168,M13a,12 months to 2014/15-Q1,2014-07-20,[c],,,,,15,Most Similar Group,2014-04-01
"""


@pytest.mark.parametrize("name", ["groups.csv", "groups.xlsx"])
def test_rates_beside_groups_are_exported_as_an_extract_that_can_be_loaded_again(site: Path, name: str) -> None:
    extract = site / "iquanta.csv"
    extract.write_text(GROUPS_FILE, encoding="utf-8")
    assert run(site, "figures", "import", str(extract)).exit_code == 0
    out = site / name
    assert run(site, "figures", "export", str(out), "--groups").exit_code == 0
    assert "rank" not in str(out.read_bytes()).lower()
    known, _ = settings.load(site / "config", environment={})
    found = read_import(read_table(out.read_bytes()), Provenance(source=""), site=known, as_at=date(2014, 10, 1))
    assert found.refused == ()
    assert [(r.area, r.status.value, r.rate, r.average, r.low, r.high, r.members) for r in found.group_rates] == [
        ("E22000165", "final", Decimal("6.91"), Decimal("5.3"), Decimal("4.61"), Decimal("5.99"), 15),
        ("E22000168", "suppressed", None, None, None, None, 15),
    ]
    assert {(r.group, r.version, r.unit, r.period, r.provenance.source) for r in found.group_rates} == {
        ("Most Similar Group", date(2014, 4, 1), "per 1,000 residents", "12 months to 2014/15-Q1", "iquanta.csv")
    }


def test_what_was_imported_is_traced_to_the_kept_file_line_for_line(site: Path) -> None:
    imported = site / "config" / "figures" / "recorded-crime-by-csp-2011-12.csv"
    out = site / "traced.csv"
    assert run(site, "figures", "export", str(out), "--force").exit_code == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert {row["file"] for row in rows} == {sha256(imported.read_bytes()).hexdigest()}
    kept = site / "state" / "archive" / rows[0]["file"][:2] / rows[0]["file"][2:]
    assert kept.read_bytes() == imported.read_bytes()
    lines = imported.read_text("utf-8").splitlines()
    for row in rows:
        line, column = row["cell"].removeprefix("line ").split(", ")
        assert column == "value"
        assert lines[int(line) - 1].startswith(
            f"{row['series']},{row['area']},{row['period']},{row['as at']},{row['value']},"
        )


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
