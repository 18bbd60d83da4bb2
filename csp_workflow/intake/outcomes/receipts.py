"""What is told of returns that were taken: one letter to each person who is answered, with the fresh forms it needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from csp_workflow.forms.layout import is_of_before
from csp_workflow.intake.case import MessageCase
from csp_workflow.intake.outcomes.laying import (
    correct_return,
    note_renewed,
    say_changes,
    say_revised,
    say_sender,
    say_texts,
)
from csp_workflow.intake.outcomes.merging import TWO_ANSWERS, find_place
from csp_workflow.intake.outcomes.one_return import AcceptedReturn, ReturnCase
from csp_workflow.letters import answers
from csp_workflow.letters.answers import Incoming, TakenReturn
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.disputes import find_passed
from csp_workflow.terms.events import Decision, Event, Happened, Letter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.personal import keep_back_lines, show_return
from csp_workflow.terms.phrases import say_figure
from csp_workflow.terms.queries import ASKED, count_askings, group, is_spent, list_disputes, name_row, say_passed
from csp_workflow.terms.returns import FormDefinition, Reading, ReturnState, Submission
from csp_workflow.terms.site import Assent, Contact, Respondent, Role, plain_address, say_chairs


def answer_submissions(case: MessageCase, accepted: Sequence[AcceptedReturn]) -> Decision:
    """The submissions, the fresh forms they need, and one letter to each person who is answered."""
    fresh = {
        taken.submission.respondent: correct_return(taken)
        for taken in accepted
        if not taken.submission.is_complete or is_of_before(taken.one.request.form)
    }
    books = {key: book for key, (_, book) in fresh.items()}
    letters = tuple(_letters(case, accepted, books))
    asked = {about.submission for letter in letters if kind_of(letter.kind).asks for about in letter.about}
    return Decision(
        submissions=tuple(taken.submission for taken in accepted),
        requests=tuple(request for request, _ in fresh.values()),
        letters=letters,
        events=(
            *(_note_asking(taken) for taken in accepted if taken.submission.id in asked),
            *(event for taken in accepted for event in note_renewed(taken, fresh)),
        ),
    )


def _note_asking(taken: AcceptedReturn) -> Event:
    about = {"subject": taken.submission.id, "content": taken.submission.content}
    return taken.one.event(Happened.APPROVAL_ASKED, version=taken.submission.sequence, **about)


def _letters(case: MessageCase, accepted: Sequence[AcceptedReturn], books: dict[str, Attachment]) -> Iterator[Letter]:
    """One letter to a person about all their returns; returns of people who share nobody go apart."""
    people: dict[str, tuple[Contact, list[AcceptedReturn]]] = {}
    for taken in accepted:
        for contact in (*find_people_to_tell(case, taken.one.respondent), *_find_givers(taken)):
            mine = people.setdefault(plain_address(contact.address), (contact, []))[1]
            mine += [taken] if taken not in mine else []
    for contact, mine in people.values():
        told = [_describe_return(t.one, t.submission, books.get(t.submission.respondent)) for t in mine]
        known = case.refer(mine[0].submission.quarter, [t.one.respondent for t in mine], contact.address)
        forms = tuple(books[t.submission.respondent] for t in mine if t.submission.respondent in books)
        is_answer = not mine[0].one.found.digest  # words alone, which are told as what they answer
        words = "" if is_answer else _quote_words(case, mine[0].submission)
        if all(taken.submission.is_complete for taken in mine):
            yield _receipt(case, contact, mine, told, known, forms, words=words)
        else:
            yield answers.correction(contact, told, known, forms, words=words)


def _quote_words(case: MessageCase, submission: Submission) -> str:
    """What was written beside a form; what stands on it has its own lines."""
    lines = (line for line in submission.words.split("\n") if line not in submission.remarks)
    return keep_back_lines("\n".join(lines), ours=case.site.office.particulars, see="see the message")


def _receipt(
    case: MessageCase,
    to: Contact,
    mine: Sequence[AcceptedReturn],
    told: Sequence[TakenReturn],
    known: Incoming,
    forms: tuple[Attachment, ...],
    *,
    words: str,
) -> Letter:
    """The receipt of complete returns, with a form for each that came in an earlier layout.

    A chair who sent the one return is asked for the approval in it.
    """
    approver = mine[0].approver
    chairs = {r.name: c for r in (t.one.respondent for t in mine) for c in _list_asked(case, r) if c.is_at(to.address)}
    asked = next(iter(chairs.values()), None)
    if asked and len(mine) == 1 and not approver and not case.doubt and case.is_from([asked]):
        phrase = case.site.approval_phrases[0]
        return answers.receipt_to_chair(asked, told[0], known, forms, phrase=phrase, words=words)
    return answers.receipt(
        to,
        told,
        known,
        forms,
        words=words,
        chaired=tuple(chairs),
        approver=approver,
        asked=asked.role if asked else say_chairs([t.one.respondent for t in mine], case.day),
    )


def _list_asked(case: MessageCase, respondent: Respondent) -> tuple[Contact, ...]:
    return case.facts.service.chairing(respondent, case.day) if respondent.needs_approval else ()


def _find_givers(taken: AcceptedReturn) -> Iterator[Contact]:
    """Whoever gave an answer that another's form contradicts: both are asked."""
    one, places = taken.one, {find_place(f) for f in taken.submission.findings if f.code == TWO_ANSWERS}
    given = {v.sequence: v for v in one.cycle.versions.get(one.respondent.key, ())}
    since = {i.version for i in taken.submission.inputs if (i.key, i.input) in places}
    for version in sorted(since & given.keys()):
        yield from one.respondent.speakers(given[version].sender, one.case.day)[:1]


def find_people_to_tell(case: MessageCase, respondent: Respondent) -> tuple[Contact, ...]:
    """Who is told what became of a return: who sent it, and the leads when that was somebody else."""
    people = (*case.correspondents(respondent), *respondent.people(Role.LEAD, case.day))
    return tuple({plain_address(contact.address): contact for contact in reversed(people)}.values())[::-1]


def _describe_return(one: ReturnCase, submission: Submission, fresh: Attachment | None) -> TakenReturn:
    form, respondent = one.request.form, one.respondent
    state = ReturnState.COMPLETE if submission.is_complete else ReturnState.QUERIED
    submission = show_return(submission, state, ours=one.case.site.office.particulars)
    due, close = one.cycle.due_time(respondent), one.cycle.close_time(respondent)
    before = one.cycle.latest.get(respondent.key)
    versions = (*one.cycle.versions.get(respondent.key, ()), submission)
    disputes = list_disputes(versions, one.cycle.events, find_passed(one.cycle.letters))
    spent = [query for query in submission.queries if is_spent(versions, query)]
    return TakenReturn(
        respondent=respondent.key,
        code=respondent.code,
        name=respondent.name,
        submission=submission.id,
        version=submission.sequence,
        received=submission.received,
        due=due,
        close=close,
        lateness=_say_lateness(one, submission),
        figures=tuple(_figure_rows(submission, form)),
        readings=tuple(_say_reading(one) for one in submission.readings if not before or one not in before.readings),
        faults=group(submission.faults, form),
        queries=group((query for query in submission.queries if query not in spent), form),
        passed=group(spent, form),
        is_last_asking=any(count_askings(versions, query) == ASKED for query in submission.queries),
        disputes=tuple(
            (name_row(form, dispute.area, dispute.ref), dispute.reason, say_passed(dispute)) for dispute in disputes
        ),
        remarks=tuple(said for said in submission.remarks if said not in one.checked.parts.unrecorded),
        texts=say_texts(submission.narratives),
        asks_chair=respondent.needs_approval,
        fresh=fresh.name if fresh else "",
        revised=say_revised(one),
        signed=", ".join(filter(None, vars(submission.sign_off).values())),
        sent_by=say_sender(respondent, submission),
        unrecorded=one.checked.parts.unrecorded,
        has_analyst=one.case.site.find_analyst(one.case.day) is not None,
        changed=tuple(say_changes(before, submission, form, respondent)),
        asks_holder=_asks_holder(one, submission),
    )


def _asks_holder(one: ReturnCase, submission: Submission) -> bool:
    """Whether a budget holder is asked to certify what it says of grant money: not where just that is certified."""
    money, stands = submission.find_content(Assent.CERTIFICATE), one.cycle.stands(one.respondent.key)
    is_certified = stands.certificate is not None and stands.money == money
    givers = one.case.facts.service.assenting(one.respondent, Assent.CERTIFICATE, one.case.day)
    return bool(money and givers) and not is_certified


def _say_lateness(one: ReturnCase, submission: Submission) -> str:
    """Whether it came after its due day or the close; a correction of what came before, only that it is one."""
    before, close = one.cycle.stands(one.respondent.key), one.cycle.close_time(one.respondent)
    was_in_time = bool(before.versions) and not before.late
    if submission.received > close:
        was_late = bool(before.versions) and before.versions[0].received <= close
        return "correction" if was_in_time else "late correction" if was_late else "close"
    return "due" if submission.late and not was_in_time else ""


def _figure_rows(submission: Submission, form: FormDefinition) -> Iterator[tuple[str, str, str]]:
    for figure in submission.figures:
        yield name_row(form, figure.area, figure.series), say_figure(figure, in_unit=True), figure.provenance.cell


def _say_reading(reading: Reading) -> str:
    said = f"{reading.cell}: “{reading.typed}” was typed; we recorded {reading.recorded}."
    return f"{said} {reading.remark}".strip()
