"""Sending a return back: the letters to its leads get a form that holds what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from csp_workflow.intake.outcomes.fresh_form import make_fresh_form
from csp_workflow.letters.office import bring_form
from csp_workflow.steps.commit import keep_workbooks
from csp_workflow.steps.judge import open_message
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Request
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.returns import ReadForm, Submission


def decide_letters(
    outside: Outside, quarter: Quarter | None, respondent: str, letters: Sequence[Letter], now: datetime
) -> Decision:
    """The letters with the form of the latest version to mend; without it where its file cannot be read again."""
    versions = outside.store.submissions(quarter, respondent) if quarter else ()
    made = _fill_again(outside, versions[-1], now) if versions else None
    if made is None:
        return Decision(letters=tuple(letters))
    request, form = made
    brought = tuple(bring_form(letter, form) for letter in letters)
    return keep_workbooks(outside, Decision(requests=(request,), letters=brought))


def _fill_again(outside: Outside, submission: Submission, now: datetime) -> tuple[Request, Attachment] | None:
    """The next revision of a form, with what its latest version held."""
    read = _read_again(outside, submission)
    requests = outside.store.request_history(submission.quarter, submission.respondent)
    if read is None or not requests:
        return None
    asked = next((r for r in requests if r.form.reference.revision == submission.revision), requests[-1])
    revision = max(request.form.reference.revision for request in requests) + 1
    return make_fresh_form(asked.form, read, submission, revision=revision, key=outside.key, now=now)


def _read_again(outside: Outside, submission: Submission) -> ReadForm | None:
    row = outside.store.message(submission.message)
    opened = open_message(outside, row, is_assigned=True).files if row else ()
    files = (found for file, found in opened if sha256(file.data).hexdigest() == submission.attachment)
    return next((found for found in files if isinstance(found, ReadForm)), None)
