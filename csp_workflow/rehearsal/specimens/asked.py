"""Specimens of the letters that ask: the requests, the proof pack, the reminders and the letter to a chair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from csp_workflow.letters import chases, desk
from csp_workflow.letters.grouped import group
from csp_workflow.letters.requests import PROOF_ROOM, ProofLetter, proof_pack, request_analyst
from csp_workflow.rehearsal.specimens.filled import sent
from csp_workflow.rehearsal.specimens.stage import Case, Party, Stage
from csp_workflow.request import proof as proofs
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.respondents import RespondentKind
from csp_workflow.terms.working_days import in_london

_WHY = "You get this because a colleague is away until Friday 24 October 2014."
_PARTNERS = frozenset({RespondentKind.PARTNERSHIP, RespondentKind.CONTRIBUTOR})


def requests(stage: Stage) -> Iterator[Letter]:
    """Everything that opens the cycle; then one of each sent again with new forms, in a pre-election period."""
    proof = stage.proof(_PARTNERS)
    letters = proofs.write_letters(proof, stage.site, stage.dates)
    yield from letters
    yield from _to_analysts(stage, stage.cases)
    again = _again(stage)
    yield from proofs.write_letters(again.proof(_PARTNERS), stage.site, again.dates)
    yield from _to_analysts(again, again.cases)
    yield from _proof_packs(stage, letters)


def _to_analysts(stage: Stage, cases: Sequence[Case]) -> Iterator[Letter]:
    for case in cases:
        if case.respondent.kind is RespondentKind.ANALYST:
            for lead in case.leads:
                yield request_analyst(lead, [case.enclosure], stage.dates, words=stage.words)


def _again(stage: Stage) -> Stage:
    """The same asked anew: second revisions, no meeting, a pre-election period, some forms due a day later.

    All respondents of a kind share the first one's lead: on any site one officer may come to answer for several.
    """
    cases = []
    shared = {case.respondent.kind: case.leads for case in reversed(stage.cases)}
    for place, case in enumerate(stage.cases):
        due = stage.moment(case.due, place % 2, in_london(case.due).time())
        form = replace(case.form, reference=replace(case.form.reference, revision=2), due=due)
        cases.append(replace(case, form=form, due=due, leads=shared[case.respondent.kind], why=_WHY))
    return replace(stage, dates=replace(stage.dates, papers=(), pre_election=True), cases=tuple(cases))


def _proof_packs(stage: Stage, letters: Sequence[Letter]) -> Iterator[Letter]:
    to, boards = stage.site.office.co_ordinator, stage.site.boards
    shown = [
        ProofLetter(letter=letter, subject=f"Specimen: {letter.kind}", text="A specimen.", leaves=stage.dates.open)
        for letter in letters
    ]
    remarks = ("The extract has not come: the forms say “not available” where the force's figures would stand.",)
    yield proof_pack(to, shown, stage.dates, boards=boards, remarks=remarks)
    large = (*shown[:1], *(_with_large_form(one) for one in shown[1:2]))
    yield proof_pack(to, large, replace(stage.dates, pre_election=True), boards=boards)
    yield proof_pack(to, (), stage.dates, boards=boards)


def _with_large_form(shown: ProofLetter) -> ProofLetter:
    """The same with an attachment that no message has room for."""
    book = Attachment(name="Large form.xlsx", data=bytes(PROOF_ROOM))
    return replace(shown, letter=replace(shown.letter, attachments=(book,)))


def chase(stage: Stage) -> Iterator[Letter]:
    """The reminders to every lead, the reminder of faults, more time, and the letter to every chair."""
    for party in stage.parties:
        yield from _reminders(stage, party)
        yield from _of_faults(stage, party)
        yield from (_extension(stage, party, case) for case in party.cases)
    for case in stage.chaired:
        yield from _to_chair(stage, case)


def _reminders(stage: Stage, party: Party) -> Iterator[Letter]:
    ways = (
        (chases.reminder_before_due, -3),
        (chases.reminder_due_today, 0),
        (chases.reminder_overdue, 2),
        (chases.reminder_overdue, 1),
    )
    for place, (write, days) in enumerate(ways):
        owed = [_owed(stage, case, days, requested=place != 3) for case in party.cases]
        yield write(party.contact, owed, _occasion(stage, f"{party.contact.address} {place}"))
    yield from _to_a_stand_in(stage, party)


def _to_a_stand_in(stage: Stage, party: Party) -> Iterator[Letter]:
    """As a deputy gets it, who never had the forms; then as somebody who had all but the first."""
    every = tuple(case.workbook for case in party.cases)
    for forms in dict.fromkeys((every, every[:1])):
        files = [form.name for form in forms] + [""] * (len(every) - len(forms))
        owed = [
            replace(_owed(stage, case, -3), why=_WHY, file=file) for case, file in zip(party.cases, files, strict=True)
        ]
        occasion = _occasion(stage, f"{party.contact.address} instead {len(forms)}")
        yield chases.reminder_before_due(party.contact, owed, occasion, forms=forms)


def _of_faults(stage: Stage, party: Party) -> Iterator[Letter]:
    unmended = []
    for case in party.cases:
        submission = sent(case, received=stage.moment(case.due, -2), slips=True).submission
        unmended.append(
            chases.Unmended(
                respondent=case.respondent.key,
                code=case.respondent.code,
                name=case.respondent.name,
                submission=submission.id,
                reminder=1,
                received=submission.received,
                faults=group(submission.faults, case.form),
            )
        )
    for last in (False, True):
        occasion = _occasion(stage, f"faults {party.contact.address} {last}")
        told = [replace(one, why=_WHY if last else "") for one in unmended]
        yield chases.query_reminder(party.contact, told, occasion, last=last)


def _extension(stage: Stage, party: Party, case: Case) -> Letter:
    until = stage.day(case.due, 3)
    return desk.extension_given(
        party.contact,
        case.respondent,
        stage.quarter,
        due=stage.moment(case.due, 3, in_london(case.due).time()),
        was=case.due,
        until=until,
        cause=f"specimen: {case.respondent.key} {until.isoformat()}",
    )


def _to_chair(stage: Stage, case: Case) -> Iterator[Letter]:
    known = (case.leads[0].name if case.leads else "", (stage.day(case.due, -3), stage.day(case.due, 2)))
    nobody: tuple[str, tuple[date, ...]] = ("", ())
    for place, (lead, reminded) in enumerate((known, nobody)):
        occasion = _occasion(stage, f"chair {case.respondent.key} {place}")
        yield chases.overdue_chair(case.chairs[0], _owed(stage, case, 4), occasion, lead=lead, reminded=reminded)


def _owed(stage: Stage, case: Case, days: int, *, requested: bool = True) -> chases.Owed:
    return chases.Owed(
        respondent=case.respondent.key,
        code=case.respondent.code,
        name=case.respondent.name,
        thing=case.thing,
        due=case.due,
        days=days,
        rung=f"{days:+d}",
        requested=stage.moment(case.due, -9) if requested else None,
    )


def _occasion(stage: Stage, cause: str) -> chases.Occasion:
    return chases.Occasion(
        quarter=stage.quarter, cause=f"specimen: {cause}", close=stage.dates.close, words=stage.words
    )
