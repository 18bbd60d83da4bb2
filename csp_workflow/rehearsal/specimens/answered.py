"""Specimens of the letters that answer what a respondent sent."""

from __future__ import annotations

from collections.abc import Iterator

from csp_workflow.letters import answers
from csp_workflow.letters.answers import Colleague, KnownReturn, TakenReturn, UnreadFile
from csp_workflow.letters.grouped import group
from csp_workflow.rehearsal.specimens.filled import Sent, doubted, sent
from csp_workflow.rehearsal.specimens.stage import Case, Party, Stage, about
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.phrases import say_figure

_FILES = (
    UnreadFile(name="Return.xlsx", sentence="It is protected with a password. Please send it without one."),
    UnreadFile(name="scan.pdf", sentence="It is not a workbook. Please send the form itself."),
)
_WORDS = "Our analyst is away until Monday.\nCan we send the figures a week later?"


def answered(stage: Stage) -> Iterator[Letter]:
    """Every answer to every lead, and the letters to chairs and the co-ordinator that go with them."""
    for party in stage.parties:
        yield from _returns(stage, party)
        yield from _not_taken(stage, party)
        yield from _recorded(stage, party)
        yield from _persons(stage, party)
        for case in party.cases:
            yield from _of_one(stage, party, case)
    for case in stage.chaired:
        yield from _approvals(stage, case)


def _returns(stage: Stage, party: Party) -> Iterator[Letter]:
    """Receipts and corrections: the first version in time, a later one after returns closed, with what it replaces."""
    to, known = party.contact, about(party, stage.quarter)
    first = [sent(case, received=stage.moment(case.due, -2)) for case in party.cases]
    yield answers.receipt(to, [_told(stage, one) for one in first], known)
    late = [doubted(sent(case, received=stage.moment(case.due, 1), version=2)) for case in party.cases]
    yield answers.receipt(to, [_told(stage, one) for one in late], known)
    slips = [sent(case, received=stage.moment(case.due, -2), slips=True) for case in party.cases]
    yield from _corrections(stage, party, slips)
    after = stage.moment(stage.dates.close, 1)
    spoilt, *others = party.cases
    closed = [sent(spoilt, received=after, slips=True), *(doubted(sent(case, received=after)) for case in others)]
    yield from _corrections(stage, party, closed)


def _corrections(stage: Stage, party: Party, returns: list[Sent]) -> Iterator[Letter]:
    forms = tuple(one.case.fresh for one in returns if not one.submission.is_complete)
    if forms:
        told = [_told(stage, one) for one in returns]
        yield answers.correction(party.contact, told, about(party, stage.quarter), forms)


def _told(stage: Stage, one: Sent) -> TakenReturn:
    case, submission = one.case, one.submission
    received, close = submission.received, stage.dates.close
    return TakenReturn(
        respondent=case.respondent.key,
        code=case.respondent.code,
        name=case.respondent.name,
        submission=submission.id,
        version=submission.sequence,
        received=received,
        due=case.due,
        close=close,
        lateness="close" if received > close else "due" if received > case.due else "",
        figures=tuple(
            (_row_name(case, f.area, f.series), say_figure(f), f.provenance.cell) for f in submission.figures
        ),
        readings=tuple(f"{r.cell}: you typed “{r.typed}”; we recorded {r.recorded}." for r in submission.readings),
        faults=group(submission.faults, case.form),
        queries=group(submission.queries, case.form),
        disputes=tuple((_row_name(case, area, ref), text) for area, ref, text in submission.disputes),
        remarks=submission.remarks,
        texts=len(submission.narratives),
        asks_chair=case.respondent.needs_approval,
        fresh="" if submission.is_complete else case.fresh.name,
    )


def _row_name(case: Case, area: str, ref: str) -> str:
    """What a row is called in an answer, with its area where the form has several."""
    several = len({row.area.code for row in case.form.figures}) > 1
    for row in case.form.figures:
        if (row.area.code, row.ref) == (area, ref):
            return f"{ref} {row.title}, {row.area.name}" if several else f"{ref} {row.title}"
    return ref


def _not_taken(stage: Stage, party: Party) -> Iterator[Letter]:
    to, known, due = party.contact, about(party, stage.quarter), party.cases[0].due
    yield answers.unchanged_form(to, known, due=due)
    yield answers.two_versions(to, known, files=("Return.xlsx", "Return (2).xlsx"))
    for has_link in (False, True):
        yield answers.no_workbook(to, known, has_link=has_link, due=due)
    yield answers.no_workbook(to, known, has_link=False, has_table=True, due=due)
    yield answers.unreadable_file(to, known, files=_FILES, due=due)


def _recorded(stage: Stage, party: Party) -> Iterator[Letter]:
    known = about(party, stage.quarter)
    for reason in ("The team was reorganised this quarter.", ""):
        yield answers.nil_recorded(party.contact, known, reason=reason)
        yield answers.declined_recorded(party.contact, known, reason=reason)


def _persons(stage: Stage, party: Party) -> Iterator[Letter]:
    """What is answered by a person: the words before the co-ordinator, and what their writer is told meanwhile."""
    to, day = party.contact, stage.day(party.cases[0].due, -1)
    for known in (about(party, stage.quarter), about(party, None)):
        yield answers.question_received(to, known)
        yield answers.a_person_will_reply(to.address, to.name, known, day=day)
        yield from _before_the_co_ordinator(stage, party, known)
    yield answers.something_arrived(to, about(party, stage.quarter), day=day)
    wrote = stage.moment(party.cases[0].due, -1)
    for colleague in (
        Colleague(
            name="A Colleague", address="colleague@council.example", wrote=wrote, files=("Return.xlsx",), has_form=True
        ),
        Colleague(name="", address="colleague@council.example", wrote=wrote, files=(), has_form=False),
    ):
        yield answers.confirm_colleague(to, about(party, stage.quarter, party.cases[0]), colleague)


def _before_the_co_ordinator(stage: Stage, party: Party, known: answers.Incoming) -> Iterator[Letter]:
    office = stage.site.office.co_ordinator
    yield answers.question(
        office, known, sender=party.contact.address, subject="The figures", words=_WORDS, files=("Notes.docx",)
    )
    yield answers.question(office, known, sender=party.contact.address, subject="", words="")


def _of_one(stage: Stage, party: Party, case: Case) -> Iterator[Letter]:
    to, known = party.contact, about(party, stage.quarter, case)
    received = stage.moment(case.due, -2)
    name = case.respondent.name
    for open_faults in (0, 2):
        held = KnownReturn(
            name=name, what="version 1 of the return", received=received, version=1, open_faults=open_faults
        )
        yield answers.already_have_it(to, held, known)
    yield answers.already_have_it(to, KnownReturn(name=name, what="the nil return", received=None), known)
    before = stage.quarter.previous
    yield answers.wrong_quarter(to, known, sent_for=before, due=case.due, form=case.workbook)
    yield answers.wrong_quarter(to, known, sent_for=before, due=None, form=None)


def _approvals(stage: Stage, case: Case) -> Iterator[Letter]:
    chair, at = case.chairs[0], stage.moment(case.due, 1)
    submission = sent(case, received=stage.moment(case.due, -2)).submission.id
    known = about(Party(contact=chair, cases=(case,)), stage.quarter)
    yield answers.approval_recorded(chair, known, submission=submission, version=1, at=at)
    for lead in case.leads[:1]:
        yield answers.approval_noted(lead, known, submission=submission, version=1, at=at, chair=chair.name)
    for is_complete in (True, False):
        yield answers.approval_out_of_date(
            chair, known, version=1, current=2, received=stage.moment(case.due, 0), is_complete=is_complete
        )
