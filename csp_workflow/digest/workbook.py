"""The status as an attached workbook: one plain table a sheet, every cell text or a date, nothing merged."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from csp_workflow.letters.digests import Digest, RoundShown, StatusRow
from csp_workflow.terms.dates import in_london
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import moment

HEADERS = ("Respondent", "Code", "State", "Due", "Received", "Version", "Approved", "What is open")
WIDTHS = (38, 10, 18, 18, 18, 10, 18, 44)
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(digest: Digest, now: datetime) -> Attachment | None:
    """The status of every round shown, a sheet each, or None when no round is under way. Same input, same bytes."""
    if not digest.rounds:
        return None
    import xlsxwriter

    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "Status of returns", "created": now.astimezone(UTC).replace(tzinfo=None)})
    formats = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "words": book.add_format({"text_wrap": True, "valign": "top"}),
        "day": book.add_format({"num_format": "d mmm yyyy hh:mm", "align": "left", "valign": "top"}),
        "header": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
    }
    for about in digest.rounds:
        _sheet(book.add_worksheet(about.quarter.key.replace("/", "-")), about, now, formats)
    book.close()
    return Attachment(name=f"Status {digest.day.isoformat()}.xlsx", data=made.getvalue(), content_type=TYPE)


def _sheet(sheet: Any, about: RoundShown, now: datetime, formats: dict[str, Any]) -> None:
    sheet.write_string(0, 0, f"Status of returns for {about.quarter.label}, {moment(now)}", formats["title"])
    sheet.write_string(1, 0, about.headline)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    last = 3 + max(len(about.rows), 1)
    sheet.add_table(
        3,
        0,
        last,
        len(HEADERS) - 1,
        {
            "name": f"Status_{about.quarter.code}",
            "style": "Table Style Light 1",
            "columns": [{"header": header, "header_format": formats["header"]} for header in HEADERS],
        },
    )
    for place, row in enumerate(about.rows, start=4):
        _write(sheet, place, row, formats)
    sheet.freeze_panes(4, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)


def _write(sheet: Any, place: int, row: StatusRow, formats: dict[str, Any]) -> None:
    texts = {
        0: row.name,
        1: row.code,
        2: row.state,
        5: str(row.version) if row.version else "",
        6: row.approved,
        7: ", ".join(row.open),
    }
    for column, text in texts.items():
        sheet.write_string(place, column, text, formats["words"])
    for column, when in ((3, row.due), (4, row.received)):
        if when:
            sheet.write_datetime(
                place, column, in_london(when).replace(tzinfo=None, second=0, microsecond=0), formats["day"]
            )
        else:
            sheet.write_string(place, column, "", formats["words"])
