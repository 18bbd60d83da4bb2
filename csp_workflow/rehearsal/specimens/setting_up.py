"""The scene of the set-up: her workbook, and what came back with changes, with faults, and as it was."""

from __future__ import annotations

from collections.abc import Iterator

from csp_workflow.desk.setup import LookedAt, send_workbook, tell_file
from csp_workflow.desk.setup_plan import PlannedChange, SetupPlan, mark_words, say_plan
from csp_workflow.forms.setup_book import SETUP_NAME
from csp_workflow.forms.setup_sheets import find_sheet
from csp_workflow.letters.office import MOST_SAID
from csp_workflow.rehearsal.specimens.stage import Stage
from csp_workflow.terms.events import NOTHING, Decision
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.service_status import Brings, Offer
from csp_workflow.terms.setup import Setup, SetupChange, SetupPlace

_FAULT = "Contacts E7: Email is \u2018lead\u2019, which is not an email address. Write it like lead@charnwood.example."


def setting_up(stage: Stage) -> Iterator[Letter]:
    """The workbook goes to her; it comes back changed, wrong, or as it was; then figures with a bad row."""
    at, to = stage.moment(stage.dates.due, -1), stage.site.office.co_ordinator
    yield from send_workbook(to, Attachment(name=SETUP_NAME, data=b""), "a" * 64, at, by="her").letters
    for looked in _list_looks(stage):
        offer = Offer(content="a" * 64, name=SETUP_NAME, brings=looked.brings, mark=mark_words(looked.changes))
        of = {"message": f"{looked.brings} {len(looked.changes)} {len(looked.faults)}", "thread": "<specimen@example>"}
        yield from tell_file(to, offer, looked, at, by="her", **of).letters


def _list_looks(stage: Stage) -> Iterator[LookedAt]:
    said = say_plan(SetupPlan(planned=tuple(_plan(stage))), {})
    takes = Decision(setups=(Setup(content="a" * 64, changes=()),))
    for changes, faults, decision in (
        (said, (), takes),
        (said * (MOST_SAID + 2), (), takes),
        ((), (_FAULT,), NOTHING),
        ((), (_FAULT,) * (MOST_SAID + 2), NOTHING),
        ((), (), NOTHING),
        (("M11: 3 new figures.",), ("row 7, value: there is no number.",), takes),
    ):
        brings = Brings.FIGURES if changes and faults else Brings.SETUP
        yield LookedAt(brings=brings, changes=changes, faults=faults, decision=decision)


def _plan(stage: Stage) -> Iterator[PlannedChange]:
    """A lead's phone number changes."""
    for one in stage.people[:1]:
        key = one.entries[0].respondent.key
        place = SetupPlace(file="partnerships.toml", lists=("partnerships", "contacts"), within=key)
        was = {"role": one.lead.role.value, "name": one.lead.name, "phone": one.lead.phone}
        now = {**was, "phone": stage.site.office.co_ordinator.phone}
        change = SetupChange(place=place, was=was, now=now)
        yield PlannedChange(change=change, sheet=find_sheet(place), row=None)
