"""What follows when somebody answers about a year's measures: a workbook, "as last year", a yes, other words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from csp_workflow.forms.catalogue import attach_catalogue, fill_as_it_came
from csp_workflow.intake.case import MessageCase
from csp_workflow.intake.checks.check_form import note_layout
from csp_workflow.intake.checks.check_measures import CheckedMeasures, check_catalogue, stay_as_last_year
from csp_workflow.intake.outcomes.beside import list_unread_files, read_act
from csp_workflow.intake.outcomes.holding import hold_message, pass_on_question, show_words_beside
from csp_workflow.intake.sender import (
    find_authority,
    find_newer,
    find_writing_giver,
    identify_message,
    list_genuine,
)
from csp_workflow.letters import answers
from csp_workflow.letters.answers import KnownReturn
from csp_workflow.letters.measures import (
    AskedMeasures,
    measures_approval,
    measures_approved,
    measures_correction,
    measures_receipt,
)
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.events import Decision, Event, Happened, Letter
from csp_workflow.terms.measure_sets import (
    Catalogue,
    MeasureSet,
    MeasuresState,
    MeasuresStatus,
    define_catalogue,
    find_measures_year,
    holds_from,
)
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.returns import Finding, ReadForm
from csp_workflow.terms.site import Assent, Respondent

_S = MeasuresState


# A workbook -----------------------------------------------------------------------------------------


def take_catalogue(case: MessageCase) -> Decision:
    """Decide on a message that carries a catalogue of measures."""
    found = [(a, read) for a, read in case.facts.forms() if read.catalogue]
    read = found[0][1]
    if any(other.catalogue != read.catalogue for _, other in found) or any(
        not one.catalogue and one.references for _, one in case.facts.forms()
    ):
        whose = identify_message(case).respondents
        return hold_message(case, whose, None, "It brings several workbooks, one of them about the year's measures.")
    respondent, year, why = _identify(case, read)
    if respondent is None:
        return hold_message(case, identify_message(case).respondents, None, why)
    if newer := find_newer(read, case, respondent):
        return hold_message(case, (respondent,), None, newer)
    authority = find_authority(case, respondent)
    if not (authority.may_speak or case.facts.is_assigned(respondent.key)):
        return hold_message(case, (respondent,), None, authority.reason, authority=authority)
    stands = case.facts.service.agreeing.stands(year, respondent.key)
    if stands.state in {_S.UNASKED, _S.AGREED}:
        return hold_message(case, (respondent,), None, _say_why_not(respondent, stands))
    catalogue = _define(case, respondent, year)
    since, ours = holds_from(year, london_day(case.now)), case.site.office.particulars
    genuine = list_genuine(read, case)
    sent = next((case.facts.shown[str(one)] for one in genuine if str(one) in case.facts.shown), None)
    checked = check_catalogue(catalogue, read, since=since, ours=ours, sent=sent, files=list_unread_files(case))
    layouts = sorted({reference.form for reference in genuine})
    checked = replace(checked, remarks=(*(said for one in layouts[-1:] for said in note_layout(one)), *checked.remarks))
    decided = _settle(case, respondent, catalogue, checked)
    return show_words_beside(case, decided, (respondent,), None)


def _identify(case: MessageCase, read: ReadForm) -> tuple[Respondent | None, str, str]:
    """Whose catalogue it is and for which year; without its reference, that of the only one who was asked."""
    named = {(r.code, find_measures_year(r)) for r in list_genuine(read, case)}
    if len(named) > 1:
        return None, "", "The workbook holds the references of different partnerships or years."
    if named:
        ((code, year),) = named
        found = case.site.by_code(code)
        return found, year, f"Its reference names {code}, which is no respondent of ours any more."
    agreeing = case.facts.service.agreeing
    asked = [(r, s.year) for r in identify_message(case).respondents if (s := agreeing.find_open(r.key))]
    if len(asked) == 1:
        return *asked[0], ""
    return None, "", "It brings a workbook about a year's measures, and nothing says whose it is."


def _say_why_not(respondent: Respondent, stands: MeasuresStatus) -> str:
    if stands.state is _S.UNASKED:
        return f"{respondent.name} was not asked for its measures for {stands.year}."
    return (
        f"The measures of {respondent.name} for {stands.year} are agreed. RETURNED {respondent.code} BECAUSE reason "
        "lets them be changed."
    )


def _define(case: MessageCase, respondent: Respondent, year: str) -> Catalogue:
    """The catalogue as things stand, as the next issue for the partnership."""
    stands, offsets = case.facts.service.agreeing.stands(year, respondent.key), case.site.offsets
    return define_catalogue(
        case.site,
        respondent,
        year,
        due=case.site.working_days.after(stands.asked or case.now, offsets.measures_days, offsets.due_time),
        now=case.now,
        issue=stands.answers + 2,
        key=case.facts.key,
    )


def _settle(
    case: MessageCase,
    respondent: Respondent,
    catalogue: Catalogue,
    checked: CheckedMeasures,
) -> Decision:
    if not checked.findings:
        return _propose(case, respondent, catalogue.year, checked)
    asked = AskedMeasures(year=catalogue.year, respondents=(respondent,))
    file = attach_catalogue(catalogue, created=case.now, filled=fill_as_it_came(checked.read, checked.findings))
    faults, remarks = tuple(map(_place, checked.findings)), checked.remarks
    letters = case.write_to_each(
        (respondent,), None, lambda c, a: measures_correction(c, asked, a, file, faults=faults, remarks=remarks)
    )
    return case.conclude(
        Verdict.RETURN,
        f"It brought the measures of {respondent.name} for {catalogue.year}, with {len(faults)} to correct.",
        respondents=(respondent,),
        events=(_note(case, Happened.MEASURES_QUERIED, respondent, year=catalogue.year, faults=len(faults)),),
        letters=letters,
    )


def _place(finding: Finding) -> Finding:
    """A finding with its row and column beside the sheet, as a reader finds it."""
    row = ", ".join(filter(None, (finding.sheet, finding.key, finding.column)))
    return replace(finding, sheet=row)


def _propose(case: MessageCase, respondent: Respondent, year: str, checked: CheckedMeasures) -> Decision:
    """Keep a whole set as the next version, and say what was recorded. The same once more is known already."""
    stands = case.facts.service.agreeing.stands(year, respondent.key)
    one = MeasureSet(
        respondent=respondent.key,
        year=year,
        version=stands.version + 1,
        measures=checked.measures,
        objectives=checked.objectives,
        message=case.message.id,
    )
    if stands.content == one.content and stands.state in {_S.COMPLETE, _S.APPROVED}:
        letters = _write_again(case, respondent, year, checked)
        why = f"It says the same as version {stands.version} of the measures of {respondent.name}."
        return case.conclude(Verdict.DUPLICATE, why, respondents=(respondent,), letters=letters)
    asked = AskedMeasures(year=year, respondents=(respondent,), version=one.version)
    decided = case.conclude(
        Verdict.RETURN,
        f"It brought version {one.version} of the measures of {respondent.name} for {year}.",
        respondents=(respondent,),
        events=(
            _note(case, Happened.MEASURES_PROPOSED, respondent, year=year, version=one.version, content=one.content),
        ),
        letters=case.write_to_each(
            (respondent,),
            None,
            lambda c, a: measures_receipt(c, asked, a, told=checked.told, remarks=checked.remarks, mark=one.mark),
        ),
    )
    return replace(decided, measure_sets=(one,))


def _write_again(case: MessageCase, respondent: Respondent, year: str, checked: CheckedMeasures) -> tuple[Letter, ...]:
    """That we have it already; with the receipt once more where something came beside it that is not recorded."""
    stands = case.facts.service.agreeing.stands(year, respondent.key)
    known = KnownReturn(name=respondent.name, what=f"these measures for {year}", received=stands.since)
    if not checked.remarks:
        return case.write_to_each((respondent,), None, lambda c, a: answers.already_have_it(c, known, a))
    asked = AskedMeasures(year=year, respondents=(respondent,), version=stands.version)
    return case.write_to_each(
        (respondent,),
        None,
        lambda c, a: measures_receipt(c, asked, a, told=checked.told, remarks=checked.remarks, mark=stands.content[:8]),
    )


def _note(case: MessageCase, kind: Happened, respondent: Respondent, **facts: str | int) -> Event:
    """What happened to a partnership's measures; the message is told by the set, and by the verdict."""
    event = case.event(kind, quarter=None, respondent=respondent.key)
    return replace(event, subject="", facts=facts)


# Words ----------------------------------------------------------------------------------------------


def answer_about_measures(case: MessageCase, mine: Sequence[Respondent]) -> Decision | None:
    """Decide on words in reply to a letter about measures; None for other messages, and files to be looked at."""
    letter = case.facts.answered
    about = tuple(one for one in letter.about if one.year) if letter else ()
    if letter is None or not about or any(True for _ in case.facts.unreadable()):
        return None
    year, keys = about[0].year, {one.respondent for one in about}
    asked = tuple(r for r in mine if r.key in keys)
    quarter = Quarter.parse(f"{year}-Q1")
    if letter.kind == measures_approval.kind.name:
        approved = _approve(case, asked, year, about[0].version, quarter)
    else:
        approved = _carry_on(case, asked, year, quarter)
    if approved is not None:
        return approved
    if case.message.only_thanks:
        return case.conclude(Verdict.NOISE, "It only says thank you.", respondents=asked)
    return pass_on_question(case, asked or mine, None)


def _approve(
    case: MessageCase, asked: Sequence[Respondent], year: str, version: int, quarter: Quarter
) -> Decision | None:
    """A chair's plain yes to exactly the version that was shown, from the chair's own address."""
    for respondent in asked:
        chair, stands = (
            find_writing_giver(case, respondent, Assent.APPROVAL),
            case.facts.service.agreeing.stands(year, respondent.key),
        )
        if chair is None or not read_act(case, case.site.approval_phrases, (respondent,), quarter):
            continue
        if stands.version != version or stands.state is not _S.COMPLETE:
            continue
        shown = AskedMeasures(year=year, respondents=(respondent,), version=version)
        known = case.refer(None, (respondent,), chair.address)
        return case.conclude(
            Verdict.APPROVAL,
            f"The {chair.role} approved version {version} of the measures of {respondent.name}.",
            respondents=(respondent,),
            events=(
                _note(
                    case,
                    Happened.MEASURES_APPROVED,
                    respondent,
                    year=year,
                    version=version,
                    content=stands.content,
                    approver=chair.name,
                ),
            ),
            letters=(measures_approved(chair, shown, known, mark=stands.content[:8]),),
        )
    return None


def _carry_on(case: MessageCase, asked: Sequence[Respondent], year: str, quarter: Quarter) -> Decision | None:
    """All stays as last year: of the one partnership that still owes an answer, or of all where none is named."""
    agreeing = case.facts.service.agreeing
    owing = tuple(r for r in asked if agreeing.stands(year, r.key).waits_for_lead)
    named = owing if len(owing) == 1 else ()
    if not owing or not read_act(case, case.site.as_last_year_phrases, named, quarter):
        return None
    decided = [_propose(case, r, year, stay_as_last_year(_define(case, r, year))) for r in owing]
    merged = case.conclude(
        Verdict.RETURN,
        " ".join(one.judgement.reason for one in decided if one.judgement),
        respondents=owing,
        events=[event for one in decided for event in one.events],
        letters=[letter for one in decided for letter in one.letters],
    )
    return replace(merged, measure_sets=tuple(found for one in decided for found in one.measure_sets))
