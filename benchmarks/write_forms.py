"""What writing forms costs, against writing the same cells with the fastest writer alone.

Run as `python benchmarks/write_forms.py [FORMS]`. "Alone" is XlsxWriter putting the same texts and
numbers into the same cells with one format: no tables, lists, notes, names or print settings.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import xlsxwriter
from openpyxl import load_workbook

from csp_workflow.forms.writing import write_workbook
from csp_workflow.terms.returns import FormDefinition

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "forms"))

Cells = list[tuple[str, list[tuple[int, int, object]]]]


def cells_of(data: bytes) -> Cells:
    """Every sheet's filled cells."""
    book = load_workbook(io.BytesIO(data), data_only=True)
    return [
        (s.title, [(c.row - 1, c.column - 1, c.value) for row in s.iter_rows() for c in row if c.value is not None])
        for s in book.worksheets
    ]


def alone(cells: Cells) -> None:
    """The same cells and nothing else."""
    book = xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True})
    for title, filled in cells:
        sheet = book.add_worksheet(title)
        for row, column, value in filled:
            sheet.write(row, column, value)
    book.close()


def timed(work: Callable[[], object], times: int) -> float:
    begun = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begun) / times * 1000


def sixty(form: FormDefinition) -> FormDefinition:
    """A form of sixty figures."""
    rows = tuple(replace(row, ref=f"{row.ref}x{n}") for n in range(3) for row in form.figures)
    return replace(form, figures=rows[:60])


def main(forms: int) -> None:
    from form_factory import CREATED, joint_form

    form = sixty(joint_form())
    cells = cells_of(write_workbook(form, created=CREATED))
    rounds = [
        (timed(lambda: alone(cells), forms // 5), timed(lambda: write_workbook(form, created=CREATED), forms // 5))
        for _ in range(5)
    ]
    bare, whole = (min(times) for times in zip(*rounds, strict=True))  # others may use the machine
    print(f"60 measures: the cells alone {bare:.1f} ms, the form {whole:.1f} ms, ratio {whole / bare:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
