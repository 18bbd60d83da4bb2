"""An answer in words to what we asked about a return: bound to the one question that it plainly answers.

It is plain where the words name one row that is asked about, or only one question is open. The words are kept with the
figure as its note, so that they are printed where it is; the question stays settled while the value that they explain
stays. Everything else that people write goes before the co-ordinator, as ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from csp_workflow.forms import layout
from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.checks.findings import CheckedForm, FormParts, Origin, SeenForm
from csp_workflow.intake.outcomes.beside import reserves_something
from csp_workflow.intake.outcomes.laying import find_row, lay_form
from csp_workflow.intake.outcomes.one_return import FoundForm, ReturnCase
from csp_workflow.intake.outcomes.places import lay_out_blank
from csp_workflow.intake.sender import Identity
from csp_workflow.mail.bodies import plain_words
from csp_workflow.terms.cells import Cell, CellType
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.personal import find_personal_details
from csp_workflow.terms.queries import list_open_queries
from csp_workflow.terms.returns import Finding, FormDefinition, ReadText, ReturnState, Submission
from csp_workflow.terms.site import Respondent

_LONGEST = 600
_OPEN = {ReturnState.QUERIED, ReturnState.COMPLETE}


def find_explained(case: MessageCase, mine: Sequence[Respondent], quarter: Quarter | None) -> ReturnCase | None:
    """The return with an answer in words laid over it; None for other words.

    Words beside a file, a question back, a reservation, or what may name somebody are for a person to read. So is what
    comes to a return that is approved, or after the close: it changes what others have seen.
    """
    said = " ".join(case.message.matter)
    cycles = ((r, case.facts.cycle(quarter) or case.facts.current(r.key)) for r in mine)
    asked = [(r, c) for r, c in cycles if c and r.key in c.latest and c.stands(r.key).state in _OPEN]
    is_plain = 0 < len(said) <= _LONGEST and "?" not in said and not case.message.attachments
    if len(asked) != 1 or not is_plain or reserves_something(case) or find_personal_details(said):
        return None
    (respondent, cycle), *_ = asked
    latest, form = cycle.latest[respondent.key], cycle.requests[respondent.key][-1].form
    asked_now = list_open_queries(latest, cycle.events)
    number = _find_answered(said, asked_now, form, answers_us=_answers_about(case, latest) and not latest.faults)
    if not number or case.now >= cycle.close_time(respondent):
        return None
    return lay_answer(case, cycle, respondent, (number,), _leave_out_label(said, asked_now[number], form))


def _answers_about(case: MessageCase, latest: Submission) -> bool:
    """Whether it replies to a letter of ours about the version that stands."""
    letter = case.facts.answered
    return letter is not None and any(one.submission == latest.id for one in letter.about)


def _find_answered(said: str, open_ones: Mapping[str, Finding], form: FormDefinition, *, answers_us: bool) -> str:
    """The number of the one question that words answer: the only one they name, else the only one open; "" for none."""
    named = [number for number, finding in open_ones.items() if _is_named(finding, said, form)]
    if len(named) == 1:
        return named[0]
    is_only = not named and len(open_ones) == 1 and answers_us
    return next(iter(open_ones), "") if is_only else ""


def _is_named(finding: Finding, said: str, form: FormDefinition) -> bool:
    """Whether words name the row of a question: by its ref, with or without the partnership's code, or by its title."""
    words = f" {plain_words(said)} "
    return any(f" {plain_words(name)} " in words for name in _name_row_asked(finding, form) if plain_words(name))


def _name_row_asked(finding: Finding, form: FormDefinition) -> tuple[str, str, str]:
    """What the row of a question may be called."""
    if row := find_row(form, finding.key):
        return row.ref, row.ref.rpartition(".")[2], row.title
    box = next((b for b in form.summary if b.ref == finding.key), None)
    return finding.key, "", box.heading if box else ""


def _leave_out_label(said: str, finding: Finding, form: FormDefinition) -> str:
    """Words without the row's name before them: they are printed where the row is."""
    name, _, words = said.partition(":")
    is_label = plain_words(name) in {plain_words(known) for known in _name_row_asked(finding, form)}
    return words.strip() or said if is_label else said


def lay_answer(
    case: MessageCase, cycle: CycleFacts, respondent: Respondent, numbers: Sequence[str], said: str
) -> ReturnCase:
    """The return with an answer to some questions laid over it, as if it stood on the sheet of questions."""
    request, latest = cycle.requests[respondent.key][-1], cycle.latest[respondent.key]
    answer = Cell(sheet=layout.QUESTIONS, cell="", type=CellType.TEXT, text=said)
    read = replace(lay_out_blank(request.form), questions=tuple(ReadText(ref=n, value=answer) for n in numbers))
    origin = Origin(message=case.message.id, attachment="", day=case.day)
    alone = CheckedForm(parts=FormParts(touched=True), seen=SeenForm(read=read))
    return ReturnCase(
        case=case,
        respondent=respondent,
        cycle=cycle,
        request=request,
        found=FoundForm(name="", digest="", read=read, identity=Identity(), authority=None),
        checked=alone,
        settled=lay_form(case, cycle, respondent, request, alone, origin, asked=latest),
    )
