"""The checks that a site has set, on one form: what each finding is, in which words, and what is not checked now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from csp_workflow.forms import layout
from csp_workflow.terms.checks import RULES, CheckOutcome, Checks, CheckSubject, name_subject
from csp_workflow.terms.figures import MeasureKind
from csp_workflow.terms.phrases import plain_day, uncapital
from csp_workflow.terms.returns import Finding, FormDefinition, Severity


def list_subjects(form: FormDefinition) -> Mapping[str, CheckSubject]:
    """What findings may be about, by their keys."""
    boxes = (*(box.ref for box in form.summary), *(action.ref for action in form.actions))
    words = {ref: name_subject(ref, MeasureKind.NARRATIVE) for ref in boxes}
    rows = {layout.figure_key(row.area.code, row.ref): name_subject(row.ref, row.kind) for row in form.figures}
    return rows | words


def settle_findings(
    findings: Iterable[Finding], subjects: Mapping[str, CheckSubject], checks: Checks
) -> Iterator[Finding]:
    """Findings as the site has them. What no rule of its table finds stays as it is."""
    for finding in findings:
        if finding.code not in RULES:
            yield finding
            continue
        check = checks.find(finding.code, subjects[finding.key])
        if check is None:
            continue
        # Beside a figure that stands all the same, or in a row that is not owed, an impossible one is a query already.
        is_fault = check.finding is CheckOutcome.FAULT and (finding.is_fault or not RULES[finding.code].withholds)
        yield replace(finding, severity=Severity.FAULT if is_fault else Severity.QUERY, wanted=check.words)


def say_unchecked(subjects: Mapping[str, CheckSubject], checks: Checks) -> Iterator[str]:
    """What a form is not checked for, until when and why, where a waiver says so of anything on it."""
    for waiver in checks.waivers:
        if any(checks.find_waiver(waiver.check, subject) is waiver for subject in subjects.values()):
            of = f" in {waiver.measure}" if waiver.measure else ""
            because, about = uncapital(waiver.reason.rstrip(".")), RULES[waiver.check].about
            yield f"Not checked until {plain_day(waiver.until)}, because {because}: {about}{of}."
