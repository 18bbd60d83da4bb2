"""One form of a return laid over the version that stands: who gave what of it, and what became otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from csp_workflow.forms import layout
from csp_workflow.forms.draft import is_plain_number
from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.checks.check_form import check_form
from csp_workflow.intake.checks.findings import CheckedForm, Origin, SeenForm, short_text
from csp_workflow.intake.outcomes.fresh_form import list_changed_rows
from csp_workflow.intake.outcomes.merging import Clash, Sender, merge_form
from csp_workflow.intake.outcomes.places import COUNTS, VALUES, Place, fill_cells, find_place, list_cells
from csp_workflow.intake.outcomes.settling import Settled, settle_form
from csp_workflow.letters.grouped import name_row
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Request
from csp_workflow.terms.inputs import Input, InputText
from csp_workflow.terms.personal import PERSONAL
from csp_workflow.terms.phrases import agree_unit, capital, joined, plural, say_figure, short_day
from csp_workflow.terms.queries import identify_finding, list_explained, number_findings
from csp_workflow.terms.returns import FigureRow, Finding, FormDefinition, Narrative, ReadForm, Submission
from csp_workflow.terms.site import Contact, Respondent


def lay_form(
    case: MessageCase,
    cycle: CycleFacts,
    respondent: Respondent,
    request: Request,
    alone: CheckedForm,
    origin: Origin,
    *,
    asked: Submission | None = None,
) -> Settled:
    """A form that came, `alone` as it says by itself, checked together with what stands. `asked` is the version that
    its answers are about, where that is not the one that the form was filled with."""
    form, ours = request.form, case.site.office.particulars
    versions = cycle.versions.get(respondent.key, ())
    accepted = versions[-1] if versions else None
    sender = _know_sender(case, respondent, form, versions)
    before_it = _list_until(versions, asked.sequence) if asked else list_filled_with(versions, request)
    base = before_it[-1] if before_it else None
    answers = tuple(_list_answers(alone.seen.read, base)) if base else ()
    read = fill_cells(form, alone.seen.read, _put_answers(form, alone.seen.read, answers, accepted))
    laid = _leave_out_overtaken(accepted, form, cycle, respondent) if accepted else None
    merged = merge_form(form, read, sender, accepted=laid, base=base)
    before, checks = cycle.narratives.get(respondent.key, {}), case.site.checks_of(respondent.key, case.day)
    seen = SeenForm(read=merged.read, beside=alone.seen.beside)
    checked = check_form(form, seen, origin, before=before, checks=checks, ours=ours)
    checked = _add_unsure(checked, alone)
    by = {one.sequence: one for one in versions}

    def say(clash: Clash) -> str:
        first = by.get(clash.stands.version)
        given = _say_given(form, clash, clash.stands.text)
        came = _say_given(form, clash, clash.text)
        who = f", sent by {_say_sent(respondent, first)}" if first else ""
        return f"{given}{who}; {came}, sent by {_name(respondent, case)} on {short_day(case.day)}"

    settled = settle_form(form, checked, merged, laid, version=(accepted.sequence if accepted else 0) + 1, say=say)
    explained = tuple((f, words) for f, words in answers if not f.is_fault)
    known = {*list_explained(cycle.events, respondent.key), *(identify_finding(finding) for finding, _ in explained)}
    return settled.without_explained(known, explained)


def list_filled_with(versions: Sequence[Submission], request: Request) -> tuple[Submission, ...]:
    """The versions up to the one that a form was filled with when it was sent; none for one that went out empty."""
    return _list_until(versions, request.filled)


def _list_until(versions: Sequence[Submission], last: int) -> tuple[Submission, ...]:
    return tuple(one for one in versions if one.sequence <= last)


def _add_unsure(checked: CheckedForm, alone: CheckedForm) -> CheckedForm:
    """A form as it was laid over what stands, with what was unsure on it by itself: a cell of which nobody can be sure
    counts as empty there, and is asked about as what it is.
    """
    asked = {(f.sheet, f.cell) for f in alone.seen.unsure}
    seen = [f for f in alone.parts.findings if (f.sheet, f.cell) in asked]
    others = [f for f in checked.parts.findings if (f.sheet, f.cell) not in asked or f.code == PERSONAL]
    return replace(checked, parts=replace(checked.parts, findings=tuple(dict.fromkeys((*others, *seen)))))


_NUMBER = re.compile(r"[^a-z]*\d[^a-z]*", re.IGNORECASE)
"""A number with whatever signs stand at it, which are read as they are in a cell."""


# What was answered to our questions -----------------------------------------------------------------


def _list_answers(read: ReadForm, base: Submission) -> Iterator[tuple[Finding, str]]:
    """What was answered beside our questions: in words, else the choice."""
    asked = number_findings(base)
    for box in read.questions:
        said = [" ".join(cell.text.split()) for cell in (box.extra, box.value) if cell and not cell.is_blank]
        if said and (finding := asked.get(box.ref.strip().upper())):
            yield finding, said[0]


def _put_answers(
    form: FormDefinition, read: ReadForm, answers: Sequence[tuple[Finding, str]], accepted: Submission | None
) -> dict[Place, str]:
    """Where the answers stand on the form: in the box that was asked about, an explanation as a note."""
    cells = dict(list_cells(form, read))
    notes = {one.key: one.text for one in accepted.inputs if one.input is Input.NOTE} if accepted else {}
    texts: dict[Place, str] = {}
    for finding, words in answers:
        place, note = find_place(finding), (finding.key, Input.NOTE)
        is_empty = place is not None and (place not in cells or cells[place].is_blank)
        if finding.is_fault and place and is_empty and (place[1] not in VALUES or _NUMBER.fullmatch(words)):
            texts[place] = words
        elif not finding.is_fault and " " in finding.key:
            there = texts.get(note) or (cells[note].text if note in cells else "") or notes.get(finding.key, "")
            texts[note] = there if words in there else " ".join(filter(None, (there, words)))
    return texts


def _leave_out_overtaken(
    accepted: Submission, form: FormDefinition, cycle: CycleFacts, respondent: Respondent
) -> Submission:
    """The version that stands without a yes to a figure of the force's that is another on the form that came."""
    issues = {request.form.reference.revision: request.form for request in cycle.requests[respondent.key]}
    shown = {one.sequence: issues.get(one.revision) for one in cycle.versions[respondent.key]}
    changed = {version: list_changed_rows(issue, form) for version, issue in shown.items() if issue}

    def is_overtaken(one: InputText) -> bool:
        is_yes = one.input is Input.STATUS and layout.same(one.text) == layout.same(layout.CONFIRMED)
        return is_yes and one.key in changed.get(one.version, ())

    return replace(accepted, inputs=tuple(one for one in accepted.inputs if not is_overtaken(one)))


def _know_sender(
    case: MessageCase, respondent: Respondent, form: FormDefinition, versions: tuple[Submission, ...]
) -> Sender:
    """Whoever sent a form may change what they gave themselves, unless on a later issue of it; so may the office."""
    by, is_office = {one.sequence: one for one in versions}, case.facts.assignment is not None
    is_over = case.site.chair_prevails and any(c.acts_from(case.sender) for c in respondent.chairs(case.day))
    mine = {plain.address for plain in find_people(respondent, case.sender, case)}

    def may_change(version: int) -> bool:
        one = by.get(version)
        if is_office or is_over or one is None:
            return True
        theirs = {c.address for c in find_people(respondent, one.sender, case)}
        is_same = one.sender.lower() == case.sender or bool(theirs & mine)
        return is_same and one.revision <= form.reference.revision

    return Sender(may_change=may_change, removing=case.site.removal_phrases)


def find_people(respondent: Respondent, address: str, case: MessageCase) -> tuple[Contact, ...]:
    """The contact for whom mail from an address counts, if any."""
    return respondent.speakers(address, case.day)[:1]


def _name(respondent: Respondent, case: MessageCase) -> str:
    return next((c.name for c in find_people(respondent, case.sender, case)), case.message.sender)


def _say_sent(respondent: Respondent, one: Submission) -> str:
    return f"{say_sender(respondent, one)} on {short_day(london_day(one.received))}"


def say_sender(respondent: Respondent, one: Submission) -> str:
    """Who sent a version: their name on our record, else their address."""
    return next((c.name for c in respondent.speakers(one.sender, london_day(one.received))), one.sender)


def _say_given(form: FormDefinition, clash: Clash, text: str) -> str:
    row = find_row(form, clash.stands.key)
    if row is None or clash.stands.input not in COUNTS or not is_plain_number(text):
        return f"“{short_text(text)}”"
    return text if row.is_counted else f"{text} {agree_unit(row.unit, Decimal(text))}"


def find_row(form: FormDefinition, key: str) -> FigureRow | None:
    """The row of figures that a finding or an input is about; None where it is about something else."""
    return next((row for row in form.figures if layout.figure_key(row.area.code, row.ref) == key), None)


# What became otherwise ------------------------------------------------------------------------------


def say_changes(
    before: Submission | None, now: Submission, form: FormDefinition, respondent: Respondent
) -> Iterator[str]:
    """What a version changed in the one before, in a sentence each, with who sent it; nothing of a first one."""
    by = _say_sent(respondent, now)
    yield from (f"{one}, sent by {by}." for one in _list_changes(before, now, form))


def say_changes_together(
    before: Submission | None, now: Submission, form: FormDefinition, respondent: Respondent
) -> str:
    """The same in one sentence; "" where nothing changed."""
    listed = "; ".join(_list_changes(before, now, form))
    return f"{listed}, sent by {_say_sent(respondent, now)}." if listed else ""


def _list_changes(before: Submission | None, now: Submission, form: FormDefinition) -> Iterator[str]:
    if before is None:
        return
    old = {(f.series, f.area): f for f in before.figures}
    new = {(f.series, f.area): f for f in now.figures}
    for row in form.figures:
        was, came = old.get((row.ref, row.area.code)), new.get((row.ref, row.area.code))
        said = say_figure(was, missing=""), say_figure(came, missing="")
        name = name_row(form, row.area.code, row.ref)
        value = next((f.value for f in (came, was) if f and f.value is not None), None)
        unit = "" if row.is_per_cent or value is None else f" {agree_unit(row.unit, value)}"
        if said[0] != said[1]:
            yield f"{name}: {_say_step(said[0], said[1], unit)}"
        elif was and came and (was.note, was.drove_it) != (came.note, came.drove_it):
            yield f"{name}: why it is so"
    told = {n.ref: (n.text, n.promise) for n in before.narratives}
    words = [n for n in now.narratives if told.get(n.ref) != (n.text, n.promise)]
    if words:
        yield f"{capital(say_texts(words))} ({joined(n.ref for n in words)})"


def say_texts(narratives: Sequence[Narrative]) -> str:
    """How much was written and how much chosen: "two texts and four quick answers"; "" of nothing."""
    quick = sum(narrative.answer is not None for narrative in narratives)
    counts = ((len(narratives) - quick, "text"), (quick, "quick answer"))
    return joined(plural(count, one, spelt=True) for count, one in counts if count)


def _say_step(was: str, now: str, unit: str) -> str:
    if not now:
        return f"{was}{unit}, now taken out"
    return f"{was}, now {now}{unit}" if was else f"now {now}{unit}"
