"""The checks that come with the program."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from csp_workflow.forms.reading import read_workbook
from csp_workflow.forms.writing import write_workbook
from csp_workflow.intake.checks.check_form import check_form as check_form_seen
from csp_workflow.intake.checks.check_form import look_at_form
from csp_workflow.intake.checks.findings import CheckedForm, Origin
from csp_workflow.intake.opening import read_reply
from csp_workflow.settings.assemble import assemble_checks
from csp_workflow.settings.site_files import ChecksFile
from csp_workflow.terms.cells import Sighting
from csp_workflow.terms.queries import Filled, Mark
from csp_workflow.terms.returns import FormAge, FormDefinition, ReadForm, find_age

_FILE = Path(__file__).parents[1] / "config" / "checks.toml"
SHIPPED = ChecksFile.model_validate(tomllib.loads(_FILE.read_text("utf-8")))
CHECKS = assemble_checks(SHIPPED, ChecksFile())


def check_form(
    form: FormDefinition,
    read: ReadForm,
    origin: Origin,
    *,
    marks: tuple[Mark, ...] = (),
    ours: str = "",
    **known: Any,
) -> CheckedForm:
    """Check a form that came, beside itself as today's writer sends it with `marks`; nobody knows how one of before
    went."""
    is_known = read.sightings and find_age(form.reference.form) is not FormAge.MAJOR
    seen = look_at_form(form, read, sent=_see_sent(form, marks) if is_known else None, ours=ours)
    return check_form_seen(form, seen, origin, ours=ours, **known)


@lru_cache(maxsize=64)
def _see_sent(form: FormDefinition, marks: tuple[Mark, ...]) -> tuple[Sighting, ...]:
    sent = read_reply(read_workbook(write_workbook(form, created=form.due, filled=Filled(marks=marks))))
    assert isinstance(sent, ReadForm)
    return sent.sightings
