"""Whose return a workbook or a reply is, and of which quarter: the strongest evidence that is there decides."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from csp_workflow.forms.layout import same
from csp_workflow.intake.case import MessageCase, plain_address
from csp_workflow.intake.sender.authenticate import find_registered
from csp_workflow.letters import subjects
from csp_workflow.terms.forms import ReadForm, Reference, find_reference, is_genuine
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Respondent


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whose a form or a message is, with the evidence in words.

    `respondents` are those it may be (exactly one when it is known); `quarter` is None when unknown;
    `reference` is the genuine reference found. `problem` says in a sentence why nothing may be taken.
    """

    respondents: tuple[Respondent, ...] = ()
    quarter: Quarter | None = None
    reference: Reference | None = None
    evidence: tuple[str, ...] = ()
    problem: str = ""

    @property
    def respondent(self) -> Respondent | None:
        """The one respondent it is, or None."""
        return self.respondents[0] if len(self.respondents) == 1 else None


def identify_form(found: ReadForm, case: MessageCase) -> Identity:
    """Whose a workbook is. Two genuine references that name different returns are a problem, never a choice."""
    genuine, others = _references(found, case)
    returns = {(r.code, r.period) for r in genuine}
    if len(returns) > 1:
        said = " and ".join(sorted(f"{code} {period}" for code, period in returns))
        named = tuple(filter(None, (case.site.by_code(code) for code, _ in sorted(returns))))
        return Identity(respondents=named, problem=f"The workbook holds the references of different returns: {said}.")
    if genuine:
        return _by_reference(max(genuine, key=lambda r: r.revision), case)
    known = _narrow_by_rows(identify_message(case), found, case)
    foreign = [r for r in others if known.respondent and r.code != known.respondent.code]
    if foreign:
        problem = f"The workbook's reference names {foreign[0].code}, but its seal is not ours."
        return Identity(respondents=known.respondents, quarter=known.quarter, problem=problem)
    return known


def identify_message(case: MessageCase) -> Identity:
    """Whose a message is without looking into a workbook: thread, then subject, then sender."""
    for rule in (_by_assignment, _by_thread, _by_tag, _by_sender):
        known = rule(case)
        if known.respondents:
            return known
    return Identity(evidence=("Nothing says whose it is.",))


def find_concerned(case: MessageCase) -> tuple[Respondent, ...]:
    """Everybody a message may be about; it asks for nothing of any cycle.

    `decide` asks for the facts of nobody else, so that those of the other three hundred need not be gathered.
    """
    facts = case.facts
    keys = {facts.assignment.respondent} if facts.assignment else set()
    people = [case.sender]
    if facts.answered:
        keys.update(facts.answered.respondents)
        people.append(facts.answered.recipient.lower())
    tag = subjects.found(case.message.subject, key=facts.key)
    codes = {*(tag.codes if tag else ()), *(r.code for _, form in facts.forms() for r in _references(form, case)[0])}
    known = (r for address in people for r in find_registered(plain_address(address), case.site, case.day))
    keys.update(r.key for r in (*known, *filter(None, map(case.site.by_code, codes))))
    return _respondents(keys, case)


def find_quarter(reference: Reference) -> Quarter | None:
    """The quarter a reference's period names ("1415Q2"), or None."""
    match = re.fullmatch(r"(\d{2})(\d{2})Q([1-4])", reference.period)
    if not match or (int(match[1]) + 1) % 100 != int(match[2]):
        return None
    return Quarter(2000 + int(match[1]), int(match[3]))


def _references(found: ReadForm, case: MessageCase) -> tuple[list[Reference], list[Reference]]:
    """The references in a workbook: those with our seal, and those without."""
    seen = [r for r in (find_reference(text) for _, text in found.references) if r is not None]
    genuine = [r for r in seen if is_genuine(r, key=case.facts.key)]
    return genuine, [r for r in seen if r not in genuine]


def _by_reference(reference: Reference, case: MessageCase) -> Identity:
    respondent = case.site.by_code(reference.code)
    quarter = find_quarter(reference)
    if respondent is None or quarter is None:
        return Identity(problem=f"Its reference names {reference.code}, which is no respondent of ours any more.")
    return Identity(
        respondents=(respondent,),
        quarter=quarter,
        reference=reference,
        evidence=(f"The workbook carries the reference of {respondent.name} for {quarter.label}.",),
    )


def _by_assignment(case: MessageCase) -> Identity:
    if case.facts.assignment is None:
        return Identity()
    found = _respondents((case.facts.assignment.respondent,), case)
    quarter = case.facts.assignment.quarter or (_current_quarter(found[0], case) if found else None)
    return Identity(respondents=found, quarter=quarter, evidence=(f"{case.facts.assignment.by} said whose it is.",))


def _by_thread(case: MessageCase) -> Identity:
    letter = case.facts.answered
    if letter is None or not letter.respondents:
        return Identity()
    return Identity(
        respondents=_respondents(letter.respondents, case),
        quarter=letter.quarter,
        evidence=(f"It answers our letter '{letter.kind}'.",),
    )


def _by_tag(case: MessageCase) -> Identity:
    tag = subjects.found(case.message.subject, key=case.facts.key)
    if tag is None:
        return Identity()
    found = tuple(filter(None, (case.site.by_code(code) for code in tag.codes)))
    return Identity(respondents=found, quarter=tag.quarter, evidence=("Its subject carries the tag of our letter.",))


def _by_sender(case: MessageCase) -> Identity:
    known = find_registered(case.sender, case.site, case.day)
    asked = tuple(r for r in known if case.facts.current(r.key))
    quarters = {_current_quarter(r, case) for r in asked or known}
    return Identity(
        respondents=asked or known,
        quarter=quarters.pop() if len(quarters) == 1 else None,
        evidence=("Its sender is registered with us.",),
    )


def _narrow_by_rows(known: Identity, found: ReadForm, case: MessageCase) -> Identity:
    """Of several respondents the one whose form has all the rows that stand in the workbook."""
    if len(known.respondents) < 2:
        return known
    rows = {(same(row.area_code), same(row.ref)) for row in found.figures}
    fitting = tuple(r for r in known.respondents if rows and rows <= _asked_rows(r, known.quarter, case))
    if len(fitting) != 1:
        return known
    evidence = (*known.evidence, f"Its rows are those of {fitting[0].name}.")
    return Identity(respondents=fitting, quarter=known.quarter, evidence=evidence)


def _asked_rows(respondent: Respondent, quarter: Quarter | None, case: MessageCase) -> set[tuple[str, str]]:
    cycle = case.facts.cycle(quarter) or case.facts.current(respondent.key)
    requests = cycle.requests.get(respondent.key, ()) if cycle else ()
    return {(same(row.area.code), same(row.ref)) for request in requests for row in request.form.figures}


def _respondents(keys: Collection[str], case: MessageCase) -> tuple[Respondent, ...]:
    return tuple(respondent for respondent in case.site.respondents if respondent.key in keys)


def _current_quarter(respondent: Respondent, case: MessageCase) -> Quarter | None:
    cycle = case.facts.current(respondent.key)
    return cycle.quarter if cycle else None
