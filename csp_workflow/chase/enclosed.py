"""The form that goes with a reminder to somebody who never had it: a deputy, a chair, a lead entered since."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.chase.facts import ChaseFacts, lacks_form
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.site import Contact, Respondent

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def form_for(facts: ChaseFacts, respondent: Respondent, to: Contact, now: datetime) -> Attachment | None:
    """The respondent's form as last sent, empty, for somebody who lacks it; None for everybody else."""
    from csp_workflow.forms import writing

    form = facts.forms.get(respondent.key)
    if form is None or not lacks_form(facts, respondent, to):
        return None
    return Attachment(name=writing.name_file(form), data=writing.write_workbook(form, created=now), content_type=_XLSX)
