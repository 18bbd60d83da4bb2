"""Sending a return back, or a form anew: the letters to its leads get a form that holds what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import product

from csp_workflow.intake.outcomes.fresh_form import make_fresh_form
from csp_workflow.letters.office import bring_form
from csp_workflow.letters.requests import form_reissued
from csp_workflow.request import corrections
from csp_workflow.steps.commit import keep_workbooks
from csp_workflow.steps.disputed import list_disputed
from csp_workflow.steps.outside import Outside, forms_now, gather_opening
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Request, note_issue
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.returns import FormDefinition, Submission, join_references

BY = "a form sent back"


def decide_letters(
    outside: Outside, quarter: Quarter | None, respondent: str, letters: Sequence[Letter], now: datetime
) -> Decision:
    """The letters with the form of the latest version to mend."""
    versions = outside.store.submissions(quarter, respondent) if quarter else ()
    if quarter is None or not versions:
        return Decision(letters=tuple(letters))
    fresh = forms_now(outside, outside.store.cycle_status(quarter), [respondent], now).get(respondent)
    made = _fill_again(outside, versions, now, form=fresh)
    if made is None:
        return Decision(letters=tuple(letters))
    request, form = made
    noted = (note_issue(quarter, request.form, now, by=BY),) if fresh else ()
    brought = tuple(bring_form(letter, form) for letter in letters)
    return keep_workbooks(outside, Decision(requests=(request,), letters=brought, events=noted))


def decide_reissue(outside: Outside, quarter: Quarter, respondent: str, now: datetime, *, by: str) -> Decision:
    """The forms anew that do not show what stands (one respondent's, or all), with what was typed in those returned."""
    facts = gather_opening(outside, quarter, by=by)
    sent: dict[str, list[FormDefinition]] = {}
    unseen = _list_unseen(outside, quarter)
    for request in outside.store.request_history(quarter):
        if str(request.form.reference) not in unseen:
            sent.setdefault(request.form.respondent, []).append(request.form)
    stands = facts.status.returns
    wanted = [
        one
        for one in corrections.list_fresh(facts, sent, now)
        if respondent in {"", (key := one.respondent.key)}
        and stands[key].overtaken
        and stands[key].state.has_use_for_form
    ]
    made = {
        key: _fill_again(outside, outside.store.submissions(quarter, key), now, form=one.form)
        for one in wanted
        if stands[key := one.respondent.key].submission and stands[key].state.is_in
    }
    filled = {key: pair for key, pair in made.items() if pair}
    return keep_workbooks(outside, corrections.decide_reissue(facts, wanted, filled, now))


def _list_unseen(outside: Outside, quarter: Quarter) -> set[str]:
    """The references of forms made anew whose letters never left: what they showed, nobody saw."""
    made: dict[str, list[FormDefinition]] = {}
    for request in outside.store.request_history(quarter):
        made.setdefault(request.form.respondent, []).append(request.form)
    brought: dict[str, bool] = {}
    for letter in outside.store.letters(kind=form_reissued.kind.name, quarter=quarter):
        choices = product(*(made.get(key, []) for key in letter.respondents))
        for form in next((forms for forms in choices if join_references(forms) == letter.cause), ()):
            name = str(form.reference)
            brought[name] = brought.get(name, False) or letter.handed is not None
    return {name for name, has_left in brought.items() if not has_left}


def _fill_again(
    outside: Outside, versions: Sequence[Submission], now: datetime, *, form: FormDefinition | None = None
) -> tuple[Request, Attachment] | None:
    """The next revision of a form (or one that is made already), with what the last of these versions holds."""
    submission = versions[-1]
    requests = outside.store.request_history(submission.quarter, submission.respondent)
    if not requests:
        return None
    asked = next((r for r in requests if r.form.reference.revision == submission.revision), requests[-1])
    revision = max(request.form.reference.revision for request in requests) + 1
    return make_fresh_form(
        form or asked.form,
        versions,
        revision=revision,
        key=outside.key,
        now=now,
        answered=asked.form,
        disputes=list_disputed(outside.store, submission.quarter, submission.respondent),
    )
