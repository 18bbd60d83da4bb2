"""A quarter with grant money: the sum is wrong and is mended; what is left in September is asked about.

Only the partnership whose entry in partnerships.toml has a grant is asked for it.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from typer.testing import CliRunner

from csp_workflow.cli import app
from csp_workflow.forms import layout
from csp_workflow.rehearsal.partners import excel
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.grants import GrantLine
from tests.story.site_told import CO_ORDINATOR, Q2, Played, filled, said

RUTLAND = "lead@rutland.example"
GRANT = """
[[partnerships.grants]]
ref = "RUTL.G1"
title = "Community safety fund"
agreed = 2014-04-01
"""


def typing(*lines: float, **notes: str) -> Callable[[Workbook], None]:
    """What is typed in the five lines, and in the last column beside some."""
    values = dict(zip(GrantLine, lines, strict=True))

    def change(book: Workbook) -> None:
        for row, columns, _, ref in excel.figure_rows(book[layout.GRANTS]):
            sheet, line = book[layout.GRANTS], GrantLine(ref[-1])
            sheet.cell(row, columns[layout.THIS_QUARTER]).value = values[line]
            sheet.cell(row, columns[layout.NOTE]).value = notes.get(line, "")

    return change


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Post]:
    """The requests are out, and one of them asks for money."""
    site = Played.laid_out(tmp_path_factory.mktemp("grant") / "opcc")
    config = site.place / "config" / "partnerships.toml"
    before, key, after = config.read_text().partition('key = "rutland"')
    whole, ended, rest = after.partition("[[partnerships]]")
    config.write_text(f"{before}{key}{whole}{GRANT}\n{ended}{rest}")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    letters = {x.to: x for x in site.new_letters() if x.workbooks}
    with_money = {to for to, letter in letters.items() if to != CO_ORDINATOR and _has_money(letter)}
    assert {to.partition("@")[2] for to in with_money} == {"rutland.example"}
    return site, letters[RUTLAND]


def _has_money(letter: Post) -> bool:
    books = (load_workbook(io.BytesIO(data), read_only=True) for _, data in letter.workbooks)
    return any(layout.GRANTS in book.sheetnames for book in books)


def test_a_wrong_sum_is_mended(asked: tuple[Played, Post], tmp_path: Path) -> None:
    played, request = asked
    site = played.copied_to(tmp_path / "opcc")
    wrong = typing(25000, 12000.5, 8000, 4000, 0)
    site.reply(request, RUTLAND, "Please find it attached.", filled(request, change=wrong))
    site.beat("16 Oct 10:00")
    told = site.the_letter(RUTLAND, "come to \u00a324,000.50")
    assert "\u00a3999.50 less than the allocation of \u00a325,000.00" in said(told)
    right = typing(25000, 12000.5, 8000, 4000, 999.5, U="A post was vacant until June.")
    site.reply(told, RUTLAND, "Here it is again.", filled(told, change=right))
    site.beat("17 Oct 10:00")
    heard = " ".join(said(x) for x in site.new_letters(RUTLAND))
    assert "than the allocation" not in heard
    assert "now \u00a3999.50, sent by" in heard
    assert "pounds, with pence" not in heard
    figures = {f.series: str(f.value) for f in _list_figures(site) if f.series.startswith("RUTL.G1")}
    assert (figures["RUTL.G1S"], figures["RUTL.G1U"]) == ("12000.5", "999.5")


def _list_figures(site: Played) -> tuple[Figure, ...]:
    return site.ask(lambda outside: outside.store.latest_submissions(Q2)["rutland"].figures, "17 Oct 10:01")  # type: ignore[return-value]


def test_what_is_left_in_september_is_asked_about(asked: tuple[Played, Post], tmp_path: Path) -> None:
    played, request = asked
    site = played.copied_to(tmp_path / "opcc")
    site.reply(request, RUTLAND, "Here.", filled(request, change=typing(25000, 1000, 2000, 22000, 0)))
    site.beat("16 Oct 10:00")
    left = "\u00a322,000.00 of \u00a325,000.00 is neither spent nor committed, and half of the year is left"
    assert left in said(site.the_letter(RUTLAND, "half of the year is left"))
    assert f"grant money: {left}" in said(site.told_in_full("17 Oct 07:35"))
    export = site.place / "figures.csv"
    result = CliRunner().invoke(
        app, ["--config", str(site.place / "config"), "--state", str(site.place / "state"),
              "--now", "2014-10-17T09:00:00+00:00", "figures", "export", str(export)],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    (spent,) = (line for line in export.read_text(encoding="utf-8-sig").splitlines() if "RUTL.G1S" in line)
    assert "1000" in spent
    assert "Community safety fund: spent so far" in spent
