"""How long a quiet quarter takes a partnership, by one rule: as the form was laid out at first, and as it is.

Run as `python benchmarks/form_minutes.py`. 20 seconds a figure, 5 a tick, 40 words typed and 200 read a minute
(`forms.effort`). Every visible word but those for looking up is counted as read. At first each text was as long as its
word guide and each police figure took a tick; now two themes are written about and the others have a quick answer.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from csp_workflow.forms.effort import Effort
from openpyxl import load_workbook

from csp_workflow.forms import layout
from csp_workflow.forms.writing import write_workbook
from csp_workflow.store.form_documents import load_form
from csp_workflow.terms.returns import FormDefinition

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "forms"))

FIRST = Path(__file__).resolve().parents[1] / "tests" / "forms" / "version1"
LOOKED_UP = {layout.BACKGROUND, layout.ABOUT, layout.MAP}


def count_words(data: bytes) -> int:
    """The words that somebody reads who reads every sheet that is filled in."""
    book = load_workbook(io.BytesIO(data), data_only=True)
    sheets = [sheet for sheet in book.worksheets if sheet.title not in LOOKED_UP]
    return sum(
        len(str(cell.value).split()) for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value
    )


def measure_first(form: FormDefinition, data: bytes) -> Effort:
    """The form as it was laid out at first."""
    required = [row for row in layout.list_own(form) if row.required]
    texts = sum(box.words for box in form.summary if box.required)
    ticks = len(layout.list_police(form)) + len(form.actions)
    return Effort(figures=len(required), ticks=ticks, typed=texts, read=count_words(data))


def measure_now(data: bytes) -> float:
    """The minutes that the form itself says."""
    start = load_workbook(io.BytesIO(data), data_only=True)[layout.START]
    said = {row[0]: row[2] for row in start.iter_rows(max_col=3, values_only=True)}
    return float(str(said["Whole form"]).removesuffix(" minutes"))


def main() -> None:
    from form_factory import joint_form, quiet_form

    created = datetime(2014, 10, 1, 8, tzinfo=UTC)
    first = load_form((FIRST / "joint.json").read_text(), 2)
    before = measure_first(first, (FIRST / "joint.xlsx").read_bytes())
    print(f"two areas, at first: {before.minutes:.0f} minutes, {before.typed} words to write, {before.read} to read")
    for name, form in (("two areas", joint_form()), ("a quiet district", quiet_form())):
        data = write_workbook(form, created=created)
        print(f"{name}, now: {measure_now(data):.0f} minutes, {count_words(data)} words to read")


if __name__ == "__main__":
    main()
