"""A police figure is disputed: its reason goes to the force's analyst, once, and what they send back is a revision."""

from __future__ import annotations

from pathlib import Path

from openpyxl.workbook import Workbook

from csp_workflow.rehearsal.partners import excel
from csp_workflow.rehearsal.partners.mail import Post
from tests.story.site_told import CO_ORDINATOR, Played, at, said

LEAD = "lead@charnwood.example"


def dispute(book: Workbook) -> None:
    """The first police figure looks wrong to whoever fills in the form."""
    for sheet in book.worksheets:
        for row, columns, _, ref in excel.figure_rows(sheet):
            if excel.CONFIRM in columns and ref != "ALL":
                sheet.cell(row, columns[excel.CONFIRM]).value = "Disputed"
                sheet.cell(row, columns[excel.WHY]).value = "Our own log has 12 more."
                return


def fill(letter: Post, number: object, when: str, **more: object) -> tuple[str, bytes]:
    name, data = letter.workbooks[0]
    return name, excel.fill(
        data,
        number=lambda *_: number,
        status=lambda *_: "Final",
        words=lambda ref: f"Work went on. ({ref})",
        now=at(when),
        **more,  # type: ignore[arg-type]
    )


def test_a_dispute_goes_to_the_analyst_once_on_the_next_working_morning(tmp_path: Path) -> None:
    site = Played.laid_out(tmp_path / "opcc")
    site.beat("01 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nobody has been asked yet"), CO_ORDINATOR, "SEND")
    site.beat("01 Oct 09:05")
    asked = next(x for x in site.new_letters() if x.workbooks and x.to != CO_ORDINATOR)
    site.reply(asked, asked.to, "The extract.", fill(asked, 40, "01 Oct 11:00"))
    for day in ("02", "03", "06", "07", "08", "09", "10", "13", "14"):
        site.beat(f"{day} Oct 07:35")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nothing has been sent"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    request = next(x for x in site.new_letters(LEAD) if x.workbooks)
    site.reply(request, LEAD, "", fill(request, 17, "16 Oct 09:00", change=dispute))
    site.beat("16 Oct 10:00")
    (receipt,) = site.new_letters(LEAD)
    assert "We send your reasons to the force's analyst on the next working day" in said(receipt)
    assert "passed that on" not in said(receipt)
    site.beat("16 Oct 15:00")
    assert not [x for x in site.new_letters(asked.to) if "look wrong to them" in said(x)], (
        "in one letter, in the morning"
    )
    site.beat("17 Oct 09:10")
    (told,) = [x for x in site.new_letters(asked.to) if "look wrong to them" in said(x)]
    assert "Charnwood Community Safety Partnership" in told.text
    assert "Our own log has 12 more." in said(told)
    for when in ("17 Oct 15:00", "20 Oct 09:10", "21 Oct 09:10"):
        site.beat(when)
    assert not [x for x in site.new_letters(asked.to) if "look wrong to them" in said(x)], "once"
