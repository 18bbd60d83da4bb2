"""Figures of grant money with who certified just what is stated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.figures import TracedFigure
from csp_workflow.terms.grants import find_line
from csp_workflow.terms.site import Assent


def add_certificates(outside: Outside, figures: Iterable[TracedFigure]) -> tuple[TracedFigure, ...]:
    """The figures, those of grant money with the first certificate of what their version says of it, if there is one.

    A certificate is of what is stated, so that a later version which states the same has it too.
    """

    @cache
    def find_certificate(quarter: Quarter, respondent: str, submission: str) -> Event | None:
        versions = outside.store.submissions(quarter, respondent)
        money = {one.id: one.find_content(Assent.CERTIFICATE) for one in versions}.get(submission)
        given = (e for e in outside.store.events(quarter) if e.kind is Happened.CERTIFIED)
        return next((e for e in given if money and (e.respondent, e.facts.get("content")) == (respondent, money)), None)

    def add(one: TracedFigure) -> TracedFigure:
        if not (one.submission and find_line(one.figure.series)):
            return one
        given = find_certificate(Quarter.parse(one.figure.period), one.respondent, one.submission)
        by = str(given.facts.get("approver") or given.by) if given else ""
        return replace(one, certified_by=by, certified_at=given.at if given else None)

    return tuple(map(add, figures))
