"""Workbooks as they come back: filled, then changed the way people change them."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from form_factory import CREATED, joint_form
from openpyxl import Workbook

from csp_workflow.forms.reading import read_workbook
from csp_workflow.forms.writing import write_workbook
from csp_workflow.intake.opening import read_reply
from csp_workflow.store.form_documents import load_form
from csp_workflow.terms.queries import Filled
from csp_workflow.terms.returns import FormDefinition, ReadForm, Unreadable
from tests.opened_books import open_book

VERSION_1 = Path(__file__).with_name("version1")
"""Forms as they were laid out at first, with their definitions as they were stored."""


@lru_cache(maxsize=64)
def found(data: bytes) -> ReadForm:
    """What is found in a workbook that can be read."""
    form = read_reply(read_workbook(data))
    assert isinstance(form, ReadForm), form
    return form


def refused(data: bytes) -> Unreadable:
    """Why a file cannot be read."""
    said = read_reply(read_workbook(data))
    assert isinstance(said, Unreadable), said
    return said


def numbered(form: FormDefinition | None = None) -> tuple[FormDefinition, bytes]:
    """A form whose figures to fill in are 101, 102, ... in order."""
    form = form or joint_form()
    rows = [row for row in form.figures if row.entry.value == "value"]
    values = tuple(
        ("Your figures", f"{row.area.code} {row.ref}", "This quarter", str(101 + n)) for n, row in enumerate(rows)
    )
    return form, write_workbook(form, created=CREATED, filled=Filled(values=values))


def before(name: str) -> tuple[FormDefinition, bytes]:
    """A form of the first layout; in that of the joint partnership the figures to fill in are 101, 102, ..."""
    definition = (VERSION_1 / f"{name}.json").read_text()
    return load_form(definition, 2), (VERSION_1 / f"{name}.xlsx").read_bytes()


def changed(data: bytes, change: Callable[[Workbook], None]) -> bytes:
    """Open, change, save: as somebody does in Excel."""
    book = open_book(data)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def figures_by_key(form: ReadForm) -> dict[tuple[str, str], str]:
    """What stands under This quarter, by area code and ref."""
    return {(row.area_code, row.ref): row.this_quarter.text for row in form.figures}
