"""A cycle from its plan to its close: dates, both proofs and their SENDs, forms sent anew, the chase, the closing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import product

from csp_workflow.chase import assents, beat, quiet, reminders
from csp_workflow.intake.outcomes.laying import make_fresh_form
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.kinds import Ground
from csp_workflow.letters.office import bring_form
from csp_workflow.letters.proofs import ProofLetter
from csp_workflow.letters.requests import form_reissued
from csp_workflow.request import calendar, corrections, introducing, opening, proof
from csp_workflow.request.opening import Opening
from csp_workflow.steps.commit import commit_at, commit_current, keep_workbooks, look_when_more, try_until_current
from csp_workflow.steps.outside import (
    Outside,
    forms_now,
    gather_disputed,
    gather_opening,
    list_disputed,
    live_quarters,
    require_dates,
    view_cycle,
    with_forms,
    with_versions,
)
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleDates, CycleState, Quarter, as_utc, in_london
from csp_workflow.terms.events import (
    NOTHING,
    ComingLetter,
    Decision,
    Event,
    Happened,
    Letter,
    LetterState,
    Request,
    Sending,
    note_issue,
)
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.returns import FormDefinition, ReturnState, Submission, join_references
from csp_workflow.terms.site import RespondentKind
from csp_workflow.terms.status import CycleStatus

OpeningRule = Callable[[proof.OpeningFacts, datetime], Opening]

_LATEST = timedelta(days=60)
"""A quarter that ended longer ago is not even looked at: somebody has just installed this."""
_NEVER_LEFT = {LetterState.WITHDRAWN, LetterState.FAILED}
_RUNNING = {CycleState.PLANNED, CycleState.IN_PROOF, CycleState.OPEN}
_LOOKED = {opening.EXTRACT: "proof of extract", opening.REQUESTS: "proof"}
"""How the stamps call each proof: they are stored."""


def plan_cycle(outside: Outside, quarter: Quarter, now: datetime) -> CycleDates:
    """Plan a quarter, or plan it again after a meeting moved. The dates that stand now.

    Dates already promised to respondents (due, close) only move later once requests have gone out;
    the papers' dates and the warnings follow the meetings always. Whoever was told a date that moved is told.
    """
    planned = commit_current(outside, lambda: _plan(outside, quarter, now), now).plans
    return planned[0] if planned else require_dates(outside, quarter)


def _plan(outside: Outside, quarter: Quarter, now: datetime) -> Decision:
    wanted = calendar.plan_quarter(quarter, outside.configured)
    kept = outside.store.plan_of(quarter)
    if kept:
        wanted = corrections.keep_promises(kept, wanted, outside.store.cycle_status(quarter))
    if wanted == kept:
        return NOTHING
    if kept:
        cycle = replace(view_cycle(outside, quarter, now), dates=wanted)
        return corrections.decide_moving(cycle, kept, now, by=proof.CALENDAR)
    planned = Event(kind=Happened.CYCLE_PLANNED, at=now, by=proof.CALENDAR, quarter=quarter)
    return Decision(plans=(wanted,), events=(planned,))


def plan_letters(outside: Outside, quarter: Quarter, now: datetime) -> tuple[tuple[ProofLetter, ...], tuple[str, ...]]:
    """Every letter of a planned quarter that is still to come if nobody answers; and what stands in its way."""
    facts, dates = _gather_ahead(outside, quarter, by=proof.CALENDAR), require_dates(outside, quarter)
    return opening.plan_ahead(facts, now, first=introducing.lay_introductions(facts, dates, now))


def follow_calendar(outside: Outside, now: datetime) -> None:
    """Plan a quarter that has ended, prove the extract's request, then all others, each on its day. Never SEND."""
    for quarter in _quarters_to_plan(outside, now):
        plan_cycle(outside, quarter, now)
    for quarter in live_quarters(outside):
        dates, status = outside.store.plan_of(quarter), outside.store.cycle_status(quarter)
        _look_at_forms(outside, quarter, now)
        if dates is None or status.state not in _RUNNING:
            continue
        _prove_due(outside, dates, status, now)
        for part in (opening.EXTRACT, opening.REQUESTS):
            if opening.waits_for_send(part, outside.site, status):
                _renew_proof(outside, quarter, part, now)


def _prove_due(outside: Outside, dates: CycleDates, status: CycleStatus, now: datetime) -> None:
    """Make the proofs that are due on this day without an order."""
    quarter = dates.quarter
    if opening.extract_proof_is_due(outside.site, dates, status, now):
        _open(outside, quarter, now, opening.decide_extract_proof)
    if introducing.introductions_are_due(outside.site, dates, status, now):
        rule, today = introducing.decide_introduction_proof, in_london(now).date().isoformat()
        look_when_more(outside, f"introductions {quarter.key}", today, partial(_open, outside, quarter, now, rule))
    if opening.proof_is_due(outside.site, dates, status, now):
        _open(outside, quarter, now, opening.decide_scheduled_proof)


def _renew_proof(outside: Outside, quarter: Quarter, part: opening.Part, now: datetime) -> None:
    """Make a proof again that may no longer show what would be sent; what was looked at last is kept as a stamp.

    That is when more happened, and when the configuration is another than at the last look.
    """
    store, site, name = outside.store, outside.site, f"{_LOOKED[part]} looked at {quarter.key}"
    if opening.find_proof(store.events(quarter), part) is None:
        return
    events = (*store.events(quarter), *store.events(None))
    news = opening.count_unproved(part, site, store.cycle_status(quarter), events)
    worded = _mark_words((site.office, site.respondents, site.frameworks, site.ladder, site.marking))
    rule = partial(opening.decide_renewed_proof, part=part)
    look_when_more(outside, name, f"{news} {worded}", lambda: _open(outside, quarter, now, rule))


def _mark_words(config: object) -> str:
    return sha256(repr(config).encode()).hexdigest()[:16]


def _look_at_forms(outside: Outside, quarter: Quarter, now: datetime) -> None:
    """Note what changed on the forms that are out. Looked for when more came that may have changed it, and when the
    framework is another than at the last look, which a stamp keeps."""
    store, name = outside.store, f"forms looked at {quarter.key}"
    status = store.cycle_status(quarter)
    framework = next((one for one in outside.site.frameworks if one.year == quarter.financial_year), None)
    if status.state not in corrections.LOOKED_AT or status.opened is None or framework is None:
        return
    worded = _mark_words(framework)
    analysts = [r.key for r in outside.site.respondents if r.kind is RespondentKind.ANALYST]
    news = corrections.count_overtaking(analysts, (*store.events(quarter), *store.events(None)))
    decide = partial(_decide_overtaken, outside, quarter, now)
    look_when_more(outside, name, f"{news} {worded}", lambda: commit_current(outside, decide, now))


def _decide_overtaken(outside: Outside, quarter: Quarter, now: datetime) -> Decision:
    sent = {key: request.form for key, request in outside.store.requests(quarter).items()}
    bring = [x for x in outside.store.letters(quarter=quarter) if kind_of(x.kind).brings_forms]
    left = {key for letter in bring if letter.handed for key in letter.respondents}
    here = {LetterState.QUEUED, LetterState.IN_DRAFTS}
    kept = {key for letter in bring if letter.state in here for key in letter.respondents} - left
    facts, disputed = gather_opening(outside, quarter, by=proof.CALENDAR), gather_disputed(outside.store, quarter)
    return corrections.decide_overtaken(facts, sent, now, kept=kept, disputed=disputed)


def _quarters_to_plan(outside: Outside, now: datetime) -> list[Quarter]:
    """The quarters under way (a meeting may have moved), and those that have ended and can still be asked for."""
    site, today = outside.configured, in_london(now).date()
    ended = {m.quarter for m in site.meetings if m.quarter.end < today <= m.quarter.end + _LATEST}
    unknown = ended - set(outside.store.cycle_states())
    timely = (q for q in unknown if now < calendar.plan_quarter(q, site).due)
    return sorted({*live_quarters(outside), *timely})


def make_proof(outside: Outside, quarter: Quarter, now: datetime, *, by: str) -> int:
    """Make the proof pack by order. How many forms it shows. Raises PreconditionFailed with what stands in the way."""
    return len(_open(outside, quarter, now, opening.decide_proof, by=by).workbooks)


def send_requests(outside: Outside, quarter: Quarter, now: datetime, *, by: str) -> int:
    """Send the requests as proved. How many letters were queued."""
    return len(_open(outside, quarter, now, opening.decide_sending, by=by).decision.letters)


def _open(outside: Outside, quarter: Quarter, now: datetime, rule: OpeningRule, *, by: str = proof.CALENDAR) -> Opening:
    def attempt(mark: int) -> Opening | None:
        opened = decide_opening(outside, quarter, now, rule, by=by)
        return opened if commit_at(outside, opened.decision, now, mark) else None

    return try_until_current(outside, attempt)


def decide_opening(outside: Outside, quarter: Quarter, now: datetime, rule: OpeningRule, *, by: str) -> Opening:
    """What a rule of opening decides; its workbooks are kept, the decision is the caller's to commit."""
    opened = rule(_gather_ahead(outside, quarter, by=by), now)
    for workbook in opened.workbooks:
        outside.archive.keep(workbook)
    return opened


def _gather_ahead(outside: Outside, quarter: Quarter, *, by: str) -> proof.OpeningFacts:
    """What opening is decided by, with the proofs that she has, and what the chase would write from then on."""
    facts, letters = gather_opening(outside, quarter, by=by), outside.store.letters()
    proofs = [x for x in letters if x.quarter == quarter and kind_of(x.kind).ground is Ground.PROOF]
    return replace(
        facts,
        shown=tuple(as_utc(x.queued) for x in proofs if x.state is LetterState.SENT),
        written=frozenset(x.recipient.lower() for x in letters if x.state not in _NEVER_LEFT),
        foresee=partial(_foresee, outside, quarter),
    )


def _foresee(
    outside: Outside, quarter: Quarter, sendings: Sequence[Sending], now: datetime
) -> tuple[ComingLetter, ...]:
    from csp_workflow.forms.writing import leave_out_workbooks

    cycle = with_versions(outside, view_cycle(outside, quarter, now))
    with leave_out_workbooks():  # she reads these letters' words; a hundred workbooks would be written for nobody
        return beat.foresee_quarter(with_forms(outside, cycle, sorted(cycle.status.returns), now), sendings, now)


def chase_all(outside: Outside, now: datetime) -> None:
    """Who is late, which approval is wanted, whether a cycle closes; each cycle sees the letters of the one before."""
    for quarter in live_quarters(outside):
        commit_current(outside, partial(_decide_chase, outside, quarter, now), now)


def ask_chairs_again(outside: Outside, now: datetime) -> None:
    """Write the requests for approval that were written before, in a store that came from elsewhere.

    They wait like all else, and may have left; but what a chair has answered is then an answer.
    """
    for quarter in live_quarters(outside):
        commit_current(outside, partial(_decide_asking, outside, quarter, now), now)


def _decide_asking(outside: Outside, quarter: Quarter, now: datetime) -> Decision:
    cycle = with_versions(outside, view_cycle(outside, quarter, now))
    cycle = with_forms(outside, cycle, sorted(cycle.submissions), now)
    cycle = replace(cycle, service=replace(cycle.service, moved=""))
    return assents.decide_assents(cycle, quiet.find_open_window(outside.configured, now), written_to=frozenset())


def _decide_chase(outside: Outside, quarter: Quarter, now: datetime) -> Decision:
    status = outside.store.cycle_status(quarter)
    if status.state is CycleState.PLANNED and not status.returns:
        return NOTHING
    cycle = view_cycle(outside, quarter, now)
    if not quiet.window_is_shut(outside.configured, now):
        cycle = with_versions(outside, cycle)
    # Whom it writes to is known without the forms; then it is decided again with the forms of those few.
    decision = beat.decide_chase(cycle, now)
    concerned = {key for letter in decision.letters for key in letter.respondents}
    if not quiet.window_is_shut(outside.configured, now):
        concerned |= {respondent.key for respondent, _ in reminders.find_handovers(cycle, now)}
    if concerned:
        decision = beat.decide_chase(_with_marked(outside, with_forms(outside, cycle, sorted(concerned), now)), now)
    return keep_workbooks(outside, decision)


def _with_marked(outside: Outside, cycle: CycleView) -> CycleView:
    """The view with the workbooks, as they went, that hold what somebody sent with the cells to correct marked."""
    from csp_workflow.forms.writing import pack_workbook

    queried = [key for key in cycle.forms if cycle.status.returns[key].state is ReturnState.QUERIED]
    sent = {key: outside.store.request_history(cycle.quarter, key)[-1] for key in queried}
    books = {key: pack_workbook(r.form, outside.archive.fetch(r.workbook)) for key, r in sent.items() if r.filled}
    return replace(cycle, marked=books)


def close_cycle(outside: Outside, quarter: Quarter, now: datetime, *, by: str) -> tuple[str, ...]:
    """Close a quarter by order. The keys of those whose return is not received."""
    decision = commit_current(outside, lambda: beat.decide_closing(view_cycle(outside, quarter, now), now, by=by), now)
    return tuple(event.respondent for event in decision.events if event.kind is Happened.NOT_RECEIVED)


BY = "a form sent back"


def decide_letters(
    outside: Outside, quarter: Quarter | None, respondent: str, letters: Sequence[Letter], now: datetime
) -> Decision:
    """The letters with the form of the latest version to mend."""
    versions = outside.store.submissions(quarter, respondent) if quarter else ()
    if quarter is None or not versions:
        return Decision(letters=tuple(letters))
    fresh = forms_now(outside, outside.store.cycle_status(quarter), [respondent], now).get(respondent)
    made = _fill_again(outside, versions, now, form=fresh)
    if made is None:
        return Decision(letters=tuple(letters))
    request, form = made
    noted = (note_issue(quarter, request.form, now, by=BY),) if fresh else ()
    brought = tuple(bring_form(letter, form) for letter in letters)
    return keep_workbooks(outside, Decision(requests=(request,), letters=brought, events=noted))


def decide_reissue(outside: Outside, quarter: Quarter, respondent: str, now: datetime, *, by: str) -> Decision:
    """The forms anew that do not show what stands (one respondent's, or all), with what was typed in those returned."""
    facts = gather_opening(outside, quarter, by=by)
    sent: dict[str, list[FormDefinition]] = {}
    unseen = _list_unseen(outside, quarter)
    for request in outside.store.request_history(quarter):
        if str(request.form.reference) not in unseen:
            sent.setdefault(request.form.respondent, []).append(request.form)
    stands = facts.status.returns
    wanted = [
        one
        for one in corrections.list_fresh(facts, sent, now)
        if respondent in {"", (key := one.respondent.key)}
        and stands[key].overtaken
        and stands[key].state.has_use_for_form
    ]
    made = {
        key: _fill_again(outside, outside.store.submissions(quarter, key), now, form=one.form)
        for one in wanted
        if stands[key := one.respondent.key].submission and stands[key].state.is_in
    }
    filled = {key: pair for key, pair in made.items() if pair}
    return keep_workbooks(outside, corrections.decide_reissue(facts, wanted, filled, now))


def _list_unseen(outside: Outside, quarter: Quarter) -> set[str]:
    """The references of forms made anew whose letters never left: what they showed, nobody saw."""
    made: dict[str, list[FormDefinition]] = {}
    for request in outside.store.request_history(quarter):
        made.setdefault(request.form.respondent, []).append(request.form)
    brought: dict[str, bool] = {}
    for letter in outside.store.letters(kind=form_reissued.kind.name, quarter=quarter):
        choices = product(*(made.get(key, []) for key in letter.respondents))
        for form in next((forms for forms in choices if join_references(forms) == letter.cause), ()):
            name = str(form.reference)
            brought[name] = brought.get(name, False) or letter.handed is not None
    return {name for name, has_left in brought.items() if not has_left}


def _fill_again(
    outside: Outside, versions: Sequence[Submission], now: datetime, *, form: FormDefinition | None = None
) -> tuple[Request, Attachment] | None:
    """The next revision of a form (or one that is made already), with what the last of these versions holds."""
    submission = versions[-1]
    requests = outside.store.request_history(submission.quarter, submission.respondent)
    if not requests:
        return None
    asked = next((r for r in requests if r.form.reference.revision == submission.revision), requests[-1])
    revision = max(request.form.reference.revision for request in requests) + 1
    return make_fresh_form(
        form or asked.form,
        versions,
        revision=revision,
        key=outside.key,
        now=now,
        answered=asked.form,
        disputes=list_disputed(outside.store, submission.quarter, submission.respondent),
    )
