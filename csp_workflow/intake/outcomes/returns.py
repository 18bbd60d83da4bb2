"""Outcomes of forms that came: taken as a submission and answered, known already, kept out, or held for a person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from csp_workflow.forms import layout
from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.checks.check_form import check_form, contradicting_ticks, look_at_form
from csp_workflow.intake.checks.findings import CheckedForm, Origin
from csp_workflow.intake.checks.unrecorded import tell_beside
from csp_workflow.intake.outcomes.acts import note_assent, tell_of_approval, tell_of_certificate
from csp_workflow.intake.outcomes.beside import (
    acts_beside,
    find_words_beside,
    is_form,
    list_unread_files,
    needs_decision,
)
from csp_workflow.intake.outcomes.explaining import settle_said_figures
from csp_workflow.intake.outcomes.holding import hold_message, put_before_office, set_aside, show_words_beside
from csp_workflow.intake.outcomes.laying import lay_form, write_form_again
from csp_workflow.intake.outcomes.one_return import AcceptedReturn, FoundForm, ReturnCase, ReturnOutcome
from csp_workflow.intake.outcomes.receipts import answer_submissions
from csp_workflow.intake.outcomes.revising import find_later_reason, hold_revision, record_tick, revises_accepted
from csp_workflow.intake.sender import (
    Authority,
    Standing,
    find_authority,
    find_newer,
    find_writing_giver,
    identify_form,
)
from csp_workflow.letters import answers
from csp_workflow.letters.answers import KnownReturn
from csp_workflow.mail.words import reserves
from csp_workflow.terms.dates import CycleState, Quarter
from csp_workflow.terms.events import Decision, Event, Happened, Request, together
from csp_workflow.terms.messages import Verdict, short_id
from csp_workflow.terms.personal import keep_back
from csp_workflow.terms.queries import ASKED, count_askings
from csp_workflow.terms.returns import Finding, ReturnState, Submission
from csp_workflow.terms.site import Assent, Contact, Respondent

TWO_VERSIONS = "two versions"
"""Why a message is held that only its sender can settle, by sending one form."""

_BY_CHAIR = " Its chair sent it and approved it in one."
_RANK = (
    Verdict.RETURN,
    Verdict.APPROVAL,
    Verdict.QUESTION,
    Verdict.NIL,
    Verdict.DECLINED,
    Verdict.HELD,
    Verdict.NO_WORKBOOK,
    Verdict.DUPLICATE,
)

_UNSENT = {CycleState.PLANNED, CycleState.IN_PROOF}
_SAID_BESIDE = {Verdict.APPROVAL, Verdict.NIL}
"""What is not done when the words beside it say anything else."""


def take_forms(case: MessageCase) -> Decision:
    """Decide on a message that carries at least one of our forms. The strongest outcome gives it its verdict.

    One form that crosses, or that nobody may be held to, holds the whole message: nothing of it is
    taken and its sender gets no answer.
    """
    found = tuple(_find_forms(case))
    waiting = next((one for one in found if one.refusal), None)
    if waiting is not None:
        whose = waiting.identity
        if not (whose.respondents or whose.problem):
            return set_aside(case, waiting.refusal)
        authority = None if whose.problem else waiting.authority
        return hold_message(case, whose.respondents, whose.quarter, waiting.refusal, authority=authority)
    returns = _group_by_return(found)
    outcomes = [_decide_on_return(case, respondent, quarter, forms) for (respondent, quarter), forms in returns.items()]
    strongest = min(outcomes, key=lambda o: _RANK.index(o.verdict))
    whole = case.conclude(
        strongest.verdict,
        " ".join(o.reason for o in outcomes),
        respondents=[respondent for respondent, _ in returns],
        events=[e for o in outcomes for e in o.events],
        letters=[x for o in outcomes for x in o.letters],
    )
    accepted = [o.accepted for o in outcomes if o.accepted]
    if strongest.verdict in _SAID_BESIDE:
        return whole
    if not accepted:
        return show_words_beside(case, whole, tuple(r for r, _ in returns), next(quarter for _, quarter in returns))
    return together(whole, answer_submissions(case, accepted), _put_words_before_office(case, accepted))


def _put_words_before_office(case: MessageCase, accepted: Sequence[AcceptedReturn]) -> Decision:
    """What was written beside the forms, where it reserves, asks, corrects or declines something: for the office.

    Not once more where the office took the message itself, with its words before it.
    """
    whose, assigned = tuple(taken.one.respondent for taken in accepted), case.facts.assignment
    was_shown = assigned is not None and not case.site.registered(assigned.by, case.day)
    if was_shown or not (any(taken.submission.words for taken in accepted) and needs_decision(case)):
        return Decision()
    taken = "It brought a return, which was taken. What is written beside it may need your decision"
    asks = any(one.needs_approval for one in whose)
    reason = f"{taken}{', and nobody is asked to approve the return before that' if asks else ''}."
    return put_before_office(case, whose, accepted[0].submission.quarter, reason)


def _find_forms(case: MessageCase) -> Iterator[FoundForm]:
    """Each different workbook once, whatever it is called."""
    seen: set[str] = set()
    for attachment, read in case.facts.forms():
        digest = hashlib.sha256(attachment.data).hexdigest()
        if digest in seen or not is_form(read):
            continue
        seen.add(digest)
        identity = identify_form(read, case)
        known = identity.respondent if identity.quarter else None
        authority = _find_authority(case, known) if known else None
        newer = find_newer(read, case, known) if known else ""
        yield FoundForm(
            name=attachment.name, digest=digest, read=read, identity=identity, authority=authority, newer=newer
        )


def list_answered(case: MessageCase) -> tuple[str, ...]:
    """The hashes of the workbooks as they were sent that a message's forms are."""
    found = ((one, case.facts.cycle(one.identity.quarter)) for one in _find_forms(case))
    known = ((c.requests.get(r.key, ()), one) for one, c in found if c and (r := one.identity.respondent))
    return tuple(_find_request(requests, one).workbook for requests, one in known if requests)


def _find_authority(case: MessageCase, respondent: Respondent) -> Authority:
    assignment = case.facts.assignment
    if assignment is not None and assignment.respondent == respondent.key:
        return Authority(standing=Standing.OFFICE, reason=f"{assignment.by} said whose it is.")
    return find_authority(case, respondent)


def _group_by_return(found: Sequence[FoundForm]) -> dict[tuple[Respondent, Quarter], list[FoundForm]]:
    """The workbooks of each return, in the order they came."""
    grouped: dict[tuple[Respondent, Quarter], list[FoundForm]] = {}
    for one in found:
        respondent, quarter = one.identity.respondent, one.identity.quarter
        if respondent is not None and quarter is not None:
            grouped.setdefault((respondent, quarter), []).append(one)
    return grouped


# One return -----------------------------------------------------------------------------------------


def _decide_on_return(
    case: MessageCase, respondent: Respondent, quarter: Quarter, forms: Sequence[FoundForm]
) -> ReturnOutcome:
    cycle = case.facts.cycle(quarter)
    if cycle is not None and cycle.status.state in _UNSENT and not cycle.requests.get(respondent.key):
        return _hold_unsent(case, respondent, quarter)
    if cycle is None or not _is_asked_for(case, cycle, respondent):
        return _refuse_other_quarter(case, respondent, quarter)
    found = [(_find_request(cycle.requests[respondent.key], form), form) for form in forms]
    every = [(request, form, _check(case, cycle, respondent, request, form)) for request, form in found]
    # A reply may bring our form along as we sent it beside the one that was filled in.
    requests, forms, checked = zip(*([one for one in every if one[2].touched] or every), strict=True)
    origin = Origin(message=case.message.id, attachment=forms[0].digest, day=case.day)
    one = ReturnCase(
        case=case,
        respondent=respondent,
        cycle=cycle,
        request=requests[0],
        found=forms[0],
        checked=checked[0],
        settled=lay_form(case, cycle, respondent, requests[0], checked[0], origin),
    )
    if len({(c.content, c.nil, c.declined) for c in checked}) > 1:
        return _hold_two_versions(one, tuple(form.name for form in forms))
    if not one.checked.touched:
        return _refuse_unchanged(one)
    if one.checked.nil != one.checked.declined and contradicting_ticks(one.checked) is None:
        return record_tick(one, cycle.latest.get(respondent.key))
    return _compare_with_latest(one, cycle.latest.get(respondent.key))


def _is_asked_for(case: MessageCase, cycle: CycleFacts, respondent: Respondent) -> bool:
    """Whether a return of this cycle is taken now: an older one only when the co-ordinator says so."""
    if not (cycle.takes_returns and cycle.requests.get(respondent.key)):
        return False
    newest, assignment = case.facts.current(respondent.key), case.facts.assignment
    is_ordered = assignment is not None and assignment.quarter == cycle.quarter
    return is_ordered or newest is None or newest.quarter <= cycle.quarter


def _find_request(requests: Sequence[Request], found: FoundForm) -> Request:
    """The form as it was sent: that of the workbook's own revision, else the last one that was laid out like it."""
    reference = found.identity.reference
    same = (r for r in requests if reference and r.form.reference.revision == reference.revision)
    like = (r for r in reversed(requests) if layout.is_of_before(r.form) == layout.is_laid_out_as_before(found.read))
    sent = next(same, next(like, requests[-1]))
    known = sent.form.reference
    layout_of = reference.form if reference else known.form
    return replace(sent, form=replace(sent.form, reference=replace(known, form=layout_of)))


def _check(case: MessageCase, cycle: CycleFacts, of: Respondent, sent: Request, found: FoundForm) -> CheckedForm:
    origin = Origin(message=case.message.id, attachment=found.digest, day=case.day)
    before, checks = cycle.narratives.get(of.key, {}), case.site.checks_of(of.key, case.day)
    ours = case.site.office.particulars
    seen = look_at_form(sent.form, found.read, sent=case.facts.shown.get(sent.workbook), ours=ours)
    seen = replace(seen, beside=replace(seen.beside, files=tuple(list_unread_files(case))))
    return check_form(sent.form, seen, origin, before=before, checks=checks, ours=ours)


def _compare_with_latest(one: ReturnCase, latest: Submission | None) -> ReturnOutcome:
    """A form that is filled in, held against the version that stands."""
    if latest is None:
        return _accept_return(one, None)
    if one.settled.says_same(latest):
        return _refuse_repeat(one, latest)
    if one.case.facts.assignment is None and _is_earlier(one, latest):
        return _hold_earlier(one, latest)
    if revises_accepted(one, latest):
        return hold_revision(one, latest, make_submission(one, latest))
    return _accept_return(one, latest)


def _is_earlier(one: ReturnCase, latest: Submission) -> bool:
    """Whether it is an earlier version once more, by its file or by what it says."""
    versions = one.cycle.versions.get(one.respondent.key, ())
    earlier = (v for v in versions if v.sequence < latest.sequence)
    return any(one.checked.content == v.content or one.found.digest == v.attachment for v in earlier)


# The outcomes of one return -------------------------------------------------------------------------


def _hold_unsent(case: MessageCase, respondent: Respondent, quarter: Quarter) -> ReturnOutcome:
    """A form that by our own record has not gone out yet: the record is of an earlier day, and the return is one."""
    short = short_id(case.message.id)
    return ReturnOutcome(
        verdict=Verdict.HELD,
        reason=f"It is {respondent.name}'s form for {quarter.label}, which was not sent yet by what is known here: "
        f"that is of an earlier day. After SEND, ASSIGN {short} {respondent.code} takes it.",
        events=case.wait_for_a_person(Happened.MESSAGE_HELD, (respondent,), quarter),
        letters=case.write_to_each((respondent,), quarter, answers.question_received),
    )


def _refuse_other_quarter(case: MessageCase, respondent: Respondent, sent_for: Quarter) -> ReturnOutcome:
    """A form of another quarter: kept out of both, and answered with the current form."""
    current, form, due = case.facts.current(respondent.key), None, None
    if current is not None:
        form = write_form_again(current, respondent, case.now)
        due = current.due_time(respondent)
        due = due if due >= case.now else current.close_time(respondent)
    return ReturnOutcome(
        verdict=Verdict.NO_WORKBOOK,
        reason=f"It is {respondent.name}'s form for {sent_for.label}, which is not the one asked for now.",
        letters=case.write_to_each(
            (respondent,),
            current.quarter if current else sent_for,
            lambda c, a: answers.wrong_quarter(c, a, sent_for=sent_for, due=due, form=form),
        ),
    )


def _hold_two_versions(one: ReturnCase, files: tuple[str, ...]) -> ReturnOutcome:
    return ReturnOutcome(
        verdict=Verdict.HELD,
        reason=f"It holds two different versions of {one.respondent.name}'s form. Its sender was asked which counts.",
        events=one.wait_for_a_person(why=TWO_VERSIONS),
        letters=one.write_to_each(lambda c, a: answers.two_versions(c, a, files=tuple(map(keep_back, files)))),
    )


def _refuse_unchanged(one: ReturnCase) -> ReturnOutcome:
    due, nil_word = one.cycle.due_time(one.respondent), one.case.site.nil_phrases[0].upper()
    forms = (write_form_again(one.cycle, one.respondent, one.case.now),)
    return ReturnOutcome(
        verdict=Verdict.NO_WORKBOOK,
        reason=f"{one.respondent.name}'s form came back with nothing filled in.",
        letters=one.write_to_each(lambda c, a: answers.unchanged_form(c, a, forms, due=due, nil_word=nil_word)),
    )


def _refuse_repeat(one: ReturnCase, latest: Submission) -> ReturnOutcome:
    stands = one.cycle.stands(one.respondent.key)
    state = stands.state
    approver = _find_giver(one, latest, Assent.APPROVAL) if state is ReturnState.COMPLETE else None
    holder = _find_giver(one, latest, Assent.CERTIFICATE) if stands.wants(Assent.CERTIFICATE) else None
    if approver:
        return ReturnOutcome(
            verdict=Verdict.APPROVAL,
            reason=f"The {approver.role} sent version {latest.sequence} once more and approved it.",
            events=(note_assent(one.case, latest, approver),),
            letters=tell_of_approval(one.case, one.respondent, approver, latest),
        )
    if holder:
        return ReturnOutcome(
            verdict=Verdict.APPROVAL,
            reason=f"The {holder.role} sent version {latest.sequence} once more and certified its grant money.",
            events=(note_assent(one.case, latest, holder),),
            letters=tuple(tell_of_certificate(one.case, one.respondent, holder, latest)),
        )
    is_queried = state is ReturnState.QUERIED
    known = KnownReturn(
        name=one.respondent.name,
        what=f"version {latest.sequence} of the return",
        received=latest.received,
        version=latest.sequence,
        open_faults=len(latest.faults) if is_queried else 0,
    )
    return ReturnOutcome(
        verdict=Verdict.DUPLICATE,
        reason=f"It says the same as version {latest.sequence} of {one.respondent.name}'s return.",
        letters=one.write_to_each(lambda c, a: answers.already_have_it(c, known, a)),
    )


def _hold_earlier(one: ReturnCase, latest: Submission) -> ReturnOutcome:
    """What is older never replaces what is newer, unless the co-ordinator says so."""
    return ReturnOutcome(
        verdict=Verdict.HELD,
        reason=f"It is earlier than version {latest.sequence} of {one.respondent.name}'s return, which still stands.",
        events=one.wait_for_a_person(),
        letters=one.write_to_each(answers.question_received),
    )


def _accept_return(one: ReturnCase, latest: Submission | None) -> ReturnOutcome:
    """A new submission: received, then queried when a fault is left, else complete."""
    submission = make_submission(one, latest)
    approver, holder = (_find_giver(one, submission, assent) for assent in Assent)
    given = tuple(note_assent(one.case, submission, giver) for giver in (approver, holder) if giver)
    submission = replace(submission, words="") if given else submission
    faults, queries = len(submission.faults), len(submission.queries)
    kind = Happened.COMPLETE if submission.is_complete else Happened.QUERIED
    received = one.event(
        Happened.RECEIVED,
        subject=submission.id,
        late=submission.late,
        sequence=submission.sequence, revision=submission.revision,
        **({"money": money} if (money := submission.find_content(Assent.CERTIFICATE)) else {}),
    )  # fmt: skip
    version = f"Version {submission.sequence} of {one.respondent.name}'s return"
    late = ", after the due date" if submission.late else ""
    stands = f"{faults} to correct" if faults else "complete"
    return ReturnOutcome(
        verdict=Verdict.RETURN,
        reason=f"{version}{late}: {stands}, {queries} to explain.{_BY_CHAIR if approver else ''}",
        events=(
            *_settle_two_versions(one),
            *settle_said_figures(one, submission),
            received,
            one.event(kind, subject=submission.id, faults=faults, queries=queries),
            *_note_explained(one),
            *given,
        ),
        letters=tuple(tell_of_certificate(one.case, one.respondent, holder, submission)) if holder else (),
        accepted=AcceptedReturn(one=one, submission=submission, approver=approver),
    )


def _note_explained(one: ReturnCase) -> Iterator[Event]:
    """The queries that were answered with it, each as it stood."""
    for finding, words in one.settled.explained:
        about = {"key": finding.key, "column": finding.column, "code": finding.code, "found": finding.found}
        yield one.event(Happened.QUERY_ANSWERED, **about, words=words)


def take_explanation(one: ReturnCase) -> Decision:
    """An answer in words to one of our questions, which makes a version of its own: with it as note, and settled."""
    outcome = _accept_return(one, one.cycle.latest[one.respondent.key])
    reason = f"It answers a question. {outcome.reason}"
    return together(one.case.conclude(Verdict.RETURN, reason, respondents=[one.respondent]), take_answer(one))


def take_answer(one: ReturnCase) -> Decision:
    """The version that an answer makes, and its receipt, whatever becomes of the message that brought it."""
    outcome = _accept_return(one, one.cycle.latest[one.respondent.key])
    receipts = answer_submissions(one.case, [outcome.accepted]) if outcome.accepted else Decision()
    return together(Decision(events=outcome.events), receipts)


def _find_giver(one: ReturnCase, submission: Submission, assent: Assent) -> Contact | None:
    """The chair, or the budget holder, who sends a complete return with a plain yes beside it: to exactly that."""
    case, phrases = one.case, one.case.site.phrases_of(assent)
    is_said = submission.is_complete and acts_beside(case, phrases, one.respondent, one.cycle.quarter)
    is_there = is_said and bool(submission.find_content(assent))
    return find_writing_giver(case, one.respondent, assent) if is_there else None


def _settle_two_versions(one: ReturnCase) -> tuple[Event, ...]:
    """One form after two at once answers our question which counts, so the held message is settled."""
    key = one.respondent.key
    waiting = one.cycle.stands(key).held_messages
    asked = dict.fromkeys(
        e.subject
        for e in one.cycle.events
        if e.kind is Happened.MESSAGE_HELD and e.respondent == key and e.facts.get("why") == TWO_VERSIONS
    )
    return tuple(one.event(Happened.MESSAGE_SETTLED, subject=m) for m in asked if m in waiting)


def _put_spent_last(one: ReturnCase, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings in the order of their numbers: what is not asked any more leaves no gap on a fresh form."""
    before = one.cycle.versions.get(one.respondent.key, ())
    return tuple(sorted(findings, key=lambda finding: not finding.is_fault and count_askings(before, finding) >= ASKED))


# What became of it is stored, and told ------------------------------------------------------------


def make_submission(one: ReturnCase, latest: Submission | None) -> Submission:
    """The next version of a return."""
    checked, key, message = one.settled.checked, one.respondent.key, one.case.message
    sequence = max(latest.sequence if latest else 0, len(one.cycle.stands(key).versions)) + 1
    tick, beside = contradicting_ticks(checked), find_words_beside(one.case, (one.respondent,))
    return Submission(
        id=f"{one.cycle.quarter.key}/{key}/{sequence:03d}",
        quarter=one.cycle.quarter,
        respondent=key,
        sequence=sequence,
        content=checked.content,
        message=message.id,
        attachment=one.found.digest,
        revision=one.request.form.reference.revision,
        received=message.received,
        sender=message.sender,
        figures=checked.parts.figures,
        narratives=checked.parts.narratives,
        findings=_put_spent_last(one, (*checked.parts.findings, *((tick,) if tick else ()))),
        readings=checked.parts.readings,
        disputes=checked.parts.disputes,
        sign_off=checked.sign_off,
        remarks=(*checked.parts.remarks, *checked.parts.unrecorded),
        late=message.received > one.cycle.due_time(one.respondent),
        words="\n".join(filter(None, (beside, find_later_reason(one.cycle, message.id), *_list_inside(one)))),
        inputs=one.settled.inputs,
    )


def _list_inside(one: ReturnCase) -> Iterator[str]:
    """What else somebody said with a form, for whoever decides on it: a file or a sheet of their own, and whatever
    reserves, in a header, a name or the sign-off."""
    checked, ours = one.settled.checked, one.case.site.office.particulars
    seen, signed = checked.seen.beside, checked.sign_off
    own = tell_beside(
        replace(seen, colours=(), told=tuple(o for o in seen.told if o.sheet not in seen.sheets)), ours=ours
    )
    names = {one.found.name, *seen.sheets} - {*layout.SHEETS, *layout.OLD_SHEETS}
    said = (
        *checked.parts.unrecorded,
        *(f"{layout.SIGN_OFF}: “{text}”" for text in (signed.completed_by, signed.position, signed.date)),
        *(f"The name of the file or a sheet: “{keep_back(name)}”" for name in sorted(names)),
    )
    reserving = (line for line in said if reserves(line, one.case.site.courtesies))
    yield from dict.fromkeys((*own.unrecorded, *reserving))
