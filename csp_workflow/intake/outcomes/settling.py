"""A form that was laid over what stands, once it is checked: what of both is recorded, and what stays open.

What is accepted stays until something that can be read comes in its place. What was seen and could not be taken stays
a question, however often the form comes back without an answer to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from csp_workflow.forms import layout
from csp_workflow.intake.checks.check_figures import TYPED, read_cause
from csp_workflow.intake.checks.check_form import ANSWERED
from csp_workflow.intake.checks.findings import CheckedForm, FormParts, ask_about
from csp_workflow.intake.outcomes.merging import (
    COUNTS,
    TWO_ANSWERS,
    Clash,
    Merged,
    Place,
    find_box,
    find_place,
    list_cells,
    list_group,
    say_typed,
)
from csp_workflow.terms.cells import Cell, Input, InputText
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.queries import identify_finding
from csp_workflow.terms.returns import Finding, FormDefinition, Narrative, Submission

_OF_ROWS = {"proposed-revision"}
"""What is asked of a row as a whole: nothing of it is recorded."""

NOT_TAKEN = {"unknown-status", "unknown-answer", "unknown-quick-answer", "goes-on-open", "unclear-tick"}
"""What is asked of a choice that is none of the list: it is not recorded, whatever is recorded of its row."""

_EMPTY = {"blank-required", "blank-text", "missing-row"}
"""What is asked of an empty cell; what was seen there before is asked instead."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What is recorded of a form: its checked parts with what stays, what stands in each input, what was explained."""

    checked: CheckedForm
    inputs: tuple[InputText, ...]
    explained: tuple[tuple[Finding, str], ...] = ()

    def without_explained(
        self, known: Collection[tuple[object, ...]], explained: tuple[tuple[Finding, str], ...]
    ) -> Settled:
        """The same without the queries that were answered, of which `explained` are new, each with its answer."""
        parts = self.checked.parts
        left = tuple(f for f in parts.findings if f.is_fault or identify_finding(f) not in known)
        return replace(self, checked=replace(self.checked, parts=replace(parts, findings=left)), explained=explained)

    def says_same(self, latest: Submission) -> bool:
        """Whether a version says the same: by its inputs where it kept any, since not all are recorded elsewhere."""
        if not latest.inputs:
            return latest.content == self.checked.content
        said = [{(one.key, one.input, one.text) for one in inputs} for inputs in (self.inputs, latest.inputs)]
        asked = [
            {(f.code, f.key, f.column, f.found) for f in findings}
            for findings in (self.checked.parts.findings, latest.findings)
        ]
        answered = {remark for remark in self.checked.parts.remarks if remark.startswith(ANSWERED)}
        return said[0] == said[1] and asked[0] == asked[1] and answered <= set(latest.remarks)


def settle_form(
    form: FormDefinition,
    checked: CheckedForm,
    merged: Merged,
    accepted: Submission | None,
    *,
    version: int,
    say: Callable[[Clash], str],
) -> Settled:
    """What is recorded of a form. `say` says who gave which of two answers."""
    parts = checked.parts
    found = tuple(_mark_doubts(parts, merged))
    asked = tuple(_ask_both(form, clash, say(clash)) for clash in merged.clashes)
    open_still = tuple(_list_open(parts, merged, accepted, asked)) if accepted else ()
    empty = {finding.key for finding in open_still}
    told = (f for f in found if f.code not in _EMPTY or f.key not in empty)
    findings = {(f.sheet, f.key, f.column, f.code, f.cell): f for f in (*asked, *open_still, *told)}
    doubted = {place for f in found if f.is_doubt and (place := find_place(f))}
    kept_cells = {(cell.sheet, cell.cell) for place in merged.kept if (cell := merged.cells.get(place))}
    whole = replace(
        parts,
        figures=tuple(_keep_figures(form, parts, merged, accepted, _list_unsettled(open_still))),
        narratives=tuple(_keep_narratives(parts, merged, accepted, {f.key for f in findings.values()})),
        findings=tuple(findings.values()),
        readings=tuple(r for r in parts.readings if r.cell and (r.sheet, r.cell) not in kept_cells),
        disputes=_keep_disputes(parts, accepted),
    )
    inputs = _list_inputs(form, whole, merged, doubted, accepted, version)
    return Settled(checked=replace(checked, parts=whole), inputs=tuple(inputs))


# Findings -------------------------------------------------------------------------------------------


def _list_recorded(parts: FormParts) -> set[str]:
    """The keys of the rows of which something is recorded."""
    recorded = {layout.figure_key(f.area, f.series) for f in parts.figures} | {n.ref for n in parts.narratives}
    return recorded | {layout.figure_key(area, ref) for area, ref, _ in parts.disputes}


def _mark_doubts(parts: FormParts, merged: Merged) -> Iterator[Finding]:
    """The findings, each with whether what was seen there is not what is recorded."""
    recorded = _list_recorded(parts)
    for finding in parts.findings:
        place = find_place(finding)
        is_new = place is not None and place not in merged.kept and not merged.is_blank(place)
        is_unread = place is not None and is_new and not say_typed(merged.cells[place], place[1])
        is_unsure = finding.is_doubt or finding.code in _OF_ROWS or is_unread or (is_new and finding.code in NOT_TAKEN)
        is_doubt = is_unsure or (is_new and finding.key not in recorded)
        yield replace(finding, is_doubt=bool(is_doubt and finding.key))


def _ask_both(form: FormDefinition, clash: Clash, found: str) -> Finding:
    key, box = clash.stands.key, find_box(form, (clash.stands.key, clash.stands.input))
    column = box[2] if box else ""
    return replace(ask_about(TWO_ANSWERS, clash.cell, key, column, found, is_fault=True), is_doubt=True)


def _list_open(parts: FormParts, merged: Merged, accepted: Submission, asked: tuple[Finding, ...]) -> Iterator[Finding]:
    """What was asked about the version that stands, and has no answer yet: nothing came there, nor beside it."""
    recorded = _list_recorded(parts)
    anew = {(f.key, f.column) for f in asked}
    found = {(f.key, f.column, f.code) for f in parts.findings}
    for finding in accepted.findings:
        place = find_place(finding)
        group = list_group(place) if place else ()
        came = [one for one in group if one not in merged.kept and not merged.is_blank(one)]
        is_left = (place is None or merged.is_blank(place)) and not (came and finding.key in recorded)
        is_said_again = finding.code == TWO_ANSWERS and finding.key in merged.repeated
        is_asked_anew = (finding.key, finding.column) in anew or (finding.key, finding.column, finding.code) in found
        if finding.is_doubt and finding.key not in merged.gone and (is_left or is_said_again) and not is_asked_anew:
            yield finding


# Values ---------------------------------------------------------------------------------------------


def _list_unsettled(open_still: tuple[Finding, ...]) -> set[str]:
    """The rows whose Status was no choice of ours, and is still asked about: their figure is not taken without it."""
    return {f.key for f in open_still if f.is_fault and f.code == "unknown-status"}


def _keep_figures(
    form: FormDefinition, parts: FormParts, merged: Merged, accepted: Submission | None, unsettled: set[str]
) -> Iterator[Figure]:
    """The figures in the form's order: the new ones, those that stand where nothing readable came, none taken out.

    A figure that says the same stays where and when it was first read. One that its note now withholds does not stand.
    """
    gone = merged.gone | {f.key for f in parts.findings if f.code == "note-withholds"}
    new = {(f.series, f.area): f for f in parts.figures if layout.figure_key(f.area, f.series) not in unsettled}
    old = {(f.series, f.area): f for f in accepted.figures} if accepted else {}
    for row in form.figures:
        place = row.ref, row.area.code
        now, before = new.get(place), old.get(place)
        if now and before and _is_same_value(now, before):
            yield replace(now, provenance=before.provenance, as_at=before.as_at)
        elif now:
            yield now
        elif before and (key := layout.figure_key(row.area.code, row.ref)) not in gone:
            yield _hear_words(before, key, merged)


def _hear_words(before: Figure, key: str, merged: Merged) -> Figure:
    """A figure that stands, with the words that came for it without a number: they may as well have come first."""

    def came(which: Input) -> Cell | None:
        return None if (key, which) in merged.kept or merged.is_blank((key, which)) else merged.cells[key, which]

    cause, note = map(came, (Input.DROVE_IT, Input.NOTE))
    if any(map(came, COUNTS)):
        return before
    _, marked, typed = before.note.partition(TYPED)
    return replace(
        before,
        drove_it=read_cause(cause.text) if cause else before.drove_it,
        note=f"{note.text.strip()} {marked}{typed}".strip() if note else before.note,
    )


def _is_same_value(one: Figure, other: Figure) -> bool:
    said = [(f.value, f.status, f.count, f.base, f.period, f.unit) for f in (one, other)]
    return said[0] == said[1]


def _keep_narratives(
    parts: FormParts, merged: Merged, accepted: Submission | None, asked: set[str]
) -> Iterator[Narrative]:
    """The new words, and those that stand where what came is asked about."""
    yield from parts.narratives
    told = {n.ref for n in parts.narratives} | {layout.figure_key(area, ref) for area, ref, _ in parts.disputes}
    for before in accepted.narratives if accepted else ():
        is_left = before.ref in asked or not (accepted and accepted.inputs)
        if is_left and before.ref not in told | merged.gone:
            yield before


def _keep_disputes(parts: FormParts, accepted: Submission | None) -> tuple[tuple[str, str, str], ...]:
    """The disputes; of a version from before inputs were kept, those that nothing else was said of."""
    told = {(area, ref) for area, ref, _ in parts.disputes}
    is_old = accepted is not None and not accepted.inputs
    old = accepted.disputes if accepted and is_old else ()
    return (*parts.disputes, *(dispute for dispute in old if dispute[:2] not in told))


def _list_inputs(
    form: FormDefinition,
    parts: FormParts,
    merged: Merged,
    doubted: set[Place],
    accepted: Submission | None,
    version: int,
) -> Iterator[InputText]:
    """What stands in each input: what stays, and what came and could be taken.

    A dispute made by typing over the force's figure is put into words, or it would be lost on the next return.
    """
    before = {(one.key, one.input): one for one in accepted.inputs} if accepted else {}
    stands = dict(merged.kept)
    for place, cell in list_cells(form, merged.read):
        if place in merged.kept or place not in merged.cells:
            continue
        if place in doubted:
            stands |= {place: before[place]} if place in before else {}
        elif text := say_typed(cell, place[1]):
            stands[place] = InputText(key=place[0], input=place[1], text=text, version=version)
    unexplained = {f.key for f in parts.findings if f.code == "dispute-unexplained"}
    for area, ref, text in parts.disputes:
        key = layout.figure_key(area, ref)
        stands.pop((key, Input.DROVE_IT), None)
        words = {Input.STATUS: layout.DISPUTED, **({} if key in unexplained else {Input.NOTE: text})}
        for which, said in words.items():
            known = stands.get((key, which))
            since = known.version if known and known.text == said else version
            stands[key, which] = InputText(key=key, input=which, text=said, version=since)
    yield from stands.values()
