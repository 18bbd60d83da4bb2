"""Opening a cycle: the analyst's request on its date, the proof pack for the co-ordinator, and SEND.

Nothing but the analyst's request leaves before SEND. What is due is derived from dates and status, so doing
it late or twice does the right thing once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from csp_workflow.letters.requests import request_analyst
from csp_workflow.request import proof
from csp_workflow.request.proof import Mailing, MailingEntry, OpeningFacts
from csp_workflow.terms import phrases
from csp_workflow.terms.dates import CycleDates, CycleState, in_london
from csp_workflow.terms.events import NOTHING, Decision, Event, Happened
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.figures import Route
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.presence import Presence
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Respondent, RespondentKind, Site
from csp_workflow.terms.status import CycleStatus

_ANALYST = frozenset({RespondentKind.ANALYST})
_PARTNERS = frozenset({RespondentKind.PARTNERSHIP, RespondentKind.CONTRIBUTOR})


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What to commit, and the mailing it rests on: its workbooks are to be archived first."""

    decision: Decision = NOTHING
    mailing: Mailing = field(default_factory=Mailing)

    @property
    def workbooks(self) -> tuple[bytes, ...]:
        """The files to be kept before the decision is committed."""
        return tuple(entry.workbook.data for entry in self.mailing.entries)


# The force's analyst ---------------------------------------------------------------------------------


def analyst_is_due(
    site: Site, dates: CycleDates, status: CycleStatus, now: datetime, *, reach: Presence | None = None
) -> bool:
    """Whether an analyst is to be asked now. Cheap: asked at every beat, before any figure is read.

    After the extract's own due time nobody is asked any more: the proof says that it was not.
    """
    today = in_london(now).date()
    is_running = status.state in {CycleState.PLANNED, CycleState.IN_PROOF, CycleState.OPEN}
    if not is_running or today < dates.extract_request or now >= dates.extract_due:
        return False
    known = reach or Presence()
    return any(_may_be_asked(respondent, status, known, today) for respondent in site.serving(today))


def decide_analyst_request(facts: OpeningFacts, now: datetime) -> Opening:
    """Ask the force's analyst for the extract, once, from the day the plan says; nothing before or after."""
    today = in_london(now).date()
    if facts.dates is None or not analyst_is_due(facts.site, facts.dates, facts.status, now, reach=facts.service):
        return Opening()
    laid = proof.lay_out_mailing(facts, facts.dates, _ANALYST, now, as_at=today)
    asked = [entry for entry in laid.entries if _may_be_asked(entry.respondent, facts.status, facts.service, today)]
    words = proof.reply_words(facts.site)
    letters = tuple(
        request_analyst(lead, [entry.enclosure], facts.dates, words=words) for entry in asked for lead in entry.leads
    )
    requested = (make_event(Happened.REQUESTED, entry, facts, now) for entry in asked)
    decision = Decision(
        events=(*_expect_new(facts, asked, now), *requested),
        letters=letters,
        requests=tuple(entry.request for entry in asked),
    )
    return Opening(decision=decision, mailing=Mailing(entries=tuple(asked)))


def _may_be_asked(respondent: Respondent, status: CycleStatus, reach: Presence, today: date) -> bool:
    stands = status.returns.get(respondent.key)
    is_new = stands is None or (stands.state is ReturnState.EXPECTED and stands.requested is None)
    return respondent.kind is RespondentKind.ANALYST and is_new and bool(reach.deliverable(respondent, today))


# The proof pack -------------------------------------------------------------------------------------


def proof_is_due(site: Site, dates: CycleDates, status: CycleStatus, now: datetime) -> bool:
    """Whether the proof pack is to be made without an order: on the opening day's morning, if there is none yet."""
    local = in_london(now)
    is_its_time = local.date() > dates.open or (local.date() == dates.open and local.time() >= site.digest_at)
    return status.state is CycleState.PLANNED and is_its_time and now < dates.close


def decide_scheduled_proof(facts: OpeningFacts, now: datetime) -> Opening:
    """The proof pack on the day the cycle opens, if the co-ordinator has not ordered it. Never SEND.

    What would refuse her order is told in the pack instead, so that the schedule does not stand still in silence.
    """
    if facts.dates is None or not proof_is_due(facts.site, facts.dates, facts.status, now):
        return Opening()
    laid = proof.lay_out_mailing(facts, facts.dates, _PARTNERS, now)
    return _record_proof(facts, facts.dates, laid, now)


_MAY_CHANGE_A_PROOF = {
    *(Happened.CYCLE_REPLANNED, Happened.RECEIVED, Happened.COMPLETE, Happened.FIGURES_IMPORTED, Happened.CONFIG_TAKEN),
    *(Happened.ADDRESS_FAILED, Happened.ADDRESS_RESTORED, Happened.ABSENCE_SEEN, Happened.ABSENCE_ENDED),
    *(Happened.CONTACT_NAMED, Happened.CONTACT_CONFIRMED, Happened.CONTACT_WITHDRAWN, Happened.CONTACT_DISOWNED),
}
"""After what a proof may no longer show what would be sent."""


def is_proof_old(status: CycleStatus, events: Iterable[Event], *, looked: datetime | None) -> bool:
    """Whether something happened since the last proof that it may not show; `events` are the cycle's and the service's.

    Whether it does is found out by making it again, which is too much for every beat: `looked` is when that was done.
    """
    happened = tuple(events) if status.state is CycleState.IN_PROOF else ()
    made = max((e.at for e in happened if e.kind is Happened.PROOF_MADE and e.quarter == status.quarter), default=None)
    since = max(filter(None, (made, looked)), default=None)
    return since is not None and any(e.at > since and e.kind in _MAY_CHANGE_A_PROOF for e in happened)


def decide_renewed_proof(facts: OpeningFacts, now: datetime) -> Opening:
    """A new proof by itself when the last one no longer shows what would be sent."""
    made = find_proof(facts.events)
    if facts.dates is None or made is None or facts.status.state is not CycleState.IN_PROOF:
        return Opening()
    laid = proof.lay_out_mailing(facts, facts.dates, _PARTNERS, now)
    is_changed = bool(proof.list_changes(made, laid, facts.dates, key=facts.key))
    return _record_proof(facts, facts.dates, laid, now) if is_changed else Opening()


def find_proof(events: Iterable[Event]) -> Event | None:
    """The latest proof of a cycle."""
    return next((e for e in reversed(tuple(events)) if e.kind is Happened.PROOF_MADE), None)


def decide_proof(facts: OpeningFacts, now: datetime) -> Opening:
    """Make the proof pack, or make it again. Raises PreconditionFailed when the cycle could not be sent so."""
    dates = _require_dates(facts)
    _refuse_if_sent(facts)
    laid = proof.lay_out_mailing(facts, dates, _PARTNERS, now)
    _refuse_if_unfit(facts, laid, now)
    return _record_proof(facts, dates, laid, now)


def _record_proof(facts: OpeningFacts, dates: CycleDates, laid: Mailing, now: datetime) -> Opening:
    today = in_london(now).date()
    sentences = (*_list_refusals(facts, laid, today), *_list_remarks(facts, dates, laid, today))
    pack = proof.write_proof_pack(
        laid, facts.site, dates, environment=facts.templates, key=facts.key, remarks=sentences
    )
    marks = proof.mark_forms(laid, dates, key=facts.key)
    made = _note(Happened.PROOF_MADE, facts, now, forms=len(laid.entries), **marks)
    events = (*_expect_new(facts, laid.entries, now), made)
    return Opening(decision=Decision(events=events, letters=(pack,)), mailing=laid)


def _expect_new(facts: OpeningFacts, entries: Iterable[MailingEntry], now: datetime) -> tuple[Event, ...]:
    new = (entry for entry in entries if entry.respondent.key not in facts.status.returns)
    return tuple(make_event(Happened.EXPECTED, entry, facts, now) for entry in new)


def _note(kind: Happened, facts: OpeningFacts, now: datetime, **about: str | int) -> Event:
    """Something that happened to the cycle."""
    return Event(kind=kind, at=now, by=facts.by, quarter=facts.quarter, facts=about)


# SEND -----------------------------------------------------------------------------------------------


def decide_sending(facts: OpeningFacts, now: datetime) -> Opening:
    """The requests as proved. Raises PreconditionFailed when there is no proof or it no longer holds."""
    dates = _require_dates(facts)
    _refuse_if_sent(facts)
    made = find_proof(facts.events)
    if made is None or facts.status.state is not CycleState.IN_PROOF:
        raise PreconditionFailed(f"There is no proof pack for {facts.quarter} yet. PROOF makes it.")
    if now >= dates.due:
        raise PreconditionFailed(
            f"Returns for {facts.quarter} were to be due at {phrases.moment(dates.due)}, which is past: nobody could "
            "answer in time. Ask whoever keeps the configuration for more working days (due and close in "
            "calendar.toml); the dates are worked out again at the next beat, and a new proof is made."
        )
    # Made with the proof's own time, so that what is sent is byte for byte what was proved.
    laid = proof.lay_out_mailing(facts, dates, _PARTNERS, now, created=made.at)
    _refuse_if_unfit(facts, laid, now)
    _refuse_if_changed(facts, made, laid, dates)
    opened = _note(Happened.CYCLE_OPENED, facts, now, forms=len(laid.entries))
    # Where a waiver lets nobody be asked, nothing was requested; the form is kept, so that a return is recognised.
    requested = tuple(make_event(Happened.REQUESTED, entry, facts, now) for entry in laid.entries if entry.leads)
    decision = Decision(
        events=(*_expect_new(facts, laid.entries, now), opened, *requested),
        letters=proof.write_letters(laid, facts.site, dates),
        requests=tuple(entry.request for entry in laid.entries),
    )
    return Opening(decision=decision, mailing=laid)


def _refuse_if_changed(facts: OpeningFacts, made: Event, laid: Mailing, dates: CycleDates) -> None:
    changed = proof.list_changes(made, laid, dates, key=facts.key)
    if changed:
        raise PreconditionFailed(
            f"Since the proof of {phrases.moment(made.at)} something has changed for {joined(changed)}. "
            f"Nothing was sent. PROOF makes a new one, which shows what would be sent now."
        )


def _require_dates(facts: OpeningFacts) -> CycleDates:
    if facts.dates is None:
        raise PreconditionFailed(
            f"{facts.quarter} has no dates yet. Plan it with: csp-workflow cycle plan {facts.quarter.key}"
        )
    return facts.dates


def _refuse_if_sent(facts: OpeningFacts) -> None:
    status = facts.status
    if status.state not in {CycleState.PLANNED, CycleState.IN_PROOF}:
        when = f" at {phrases.moment(status.opened)}" if status.opened else ""
        raise PreconditionFailed(f"The requests for {facts.quarter} were sent already{when}; it is {status.state}.")


def _refuse_if_unfit(facts: OpeningFacts, laid: Mailing, now: datetime) -> None:
    stopping = _list_refusals(facts, laid, in_london(now).date())
    if stopping:
        raise PreconditionFailed(" ".join(stopping))


def make_event(kind: Happened, entry: MailingEntry, facts: OpeningFacts, now: datetime) -> Event:
    """Something that happened to one respondent's return."""
    return Event(
        kind=kind,
        at=now,
        by=facts.by,
        quarter=facts.quarter,
        respondent=entry.respondent.key,
        facts={"revision": entry.form.reference.revision} if kind is Happened.REQUESTED else {},
    )


# What the co-ordinator should know before she sends, and what stops the sending ----------------------


def _list_refusals(facts: OpeningFacts, laid: Mailing, today: date) -> tuple[str, ...]:
    """Why the cycle could not be sent as it stands; () when it could."""
    if not laid.entries:
        return (f"Nobody owes anything for {facts.quarter}: the config has no respondents that serve today.",)
    framework = facts.site.framework(facts.quarter)
    return tuple(
        _say_nobody_to_ask(facts, entry.respondent, today)
        for entry in laid.entries
        if not entry.leads and framework.contact_waiver(entry.respondent.key, today) is None
    )


def _say_nobody_to_ask(facts: OpeningFacts, respondent: Respondent, today: date) -> str:
    """Why nobody at a respondent can be asked, and what would help."""
    serving = [c for c in respondent.contacts if c.serves_on(today)]
    lost = joined(facts.service.say_missing(c, today) for c in serving)
    why = lost if serving else f"{respondent.name} has no lead, deputy or chair in office on {phrases.day(today)}"
    where = f" at {respondent.name}" if serving else ""
    again = joined((f"ADDRESS OK {c.address}" for c in serving), "or")
    return (
        f"{why}, so there is nobody to ask{where}. Reply CONTACT {respondent.code} lead Name Surname <address>"
        f"{f', or {again} if that works again' if serving else ''}. To open without them, grant a waiver with "
        f"contact = true in config/waivers.toml."
    )


def _list_remarks(facts: OpeningFacts, dates: CycleDates, laid: Mailing, today: date) -> tuple[str, ...]:
    """What is not in the way of sending and still worth knowing."""
    found = [*_say_extract(facts, dates, today)]
    without_chair = [e.respondent.name for e in laid.entries if e.respondent.needs_approval and not e.chairs]
    if without_chair:
        found.append(f"Letters reach no chair at {joined(without_chair)}: nobody could approve the return.")
    found += _say_stand_ins(laid)
    if laid.idle:
        names = joined(respondent.name for respondent in laid.idle)
        found.append(f"Nothing is due from {names} for {facts.quarter.months}, so no request goes there.")
    return (*found, *_say_waivers(facts, dates))


def _say_stand_ins(laid: Mailing) -> Iterator[str]:
    """The requests that go to somebody else than a lead, or to nobody."""
    for entry in laid.entries:
        if not entry.leads:
            yield f"No request goes to {entry.respondent.name}. Its form is attached here, for you to send."
        if entry.why:
            because = entry.why.removeprefix("You get this ")
            yield f"The request to {entry.respondent.name} goes to {joined(c.name for c in entry.leads)}, {because}"


def _say_waivers(facts: OpeningFacts, dates: CycleDates) -> Iterator[str]:
    names = {respondent.key: respondent.name for respondent in facts.site.respondents}
    for waiver in facts.site.framework(facts.quarter).waivers:
        if waiver.until >= dates.open:
            who = names.get(waiver.respondent, waiver.respondent)
            reason = waiver.reason.rstrip(".")
            what = "may have nobody we can write to" if waiver.contact else f"is not asked for {waiver.measure}"
            yield f"{who} {what} until {phrases.day(waiver.until)}: {reason}."


def _say_extract(facts: OpeningFacts, dates: CycleDates, today: date) -> Iterator[str]:
    """Where the force's extract stands, as long as it has not come."""
    measures = facts.site.framework(facts.quarter).measures
    police = {series.ref for measure in measures if measure.route is Route.POLICE for series in measure.series}
    if any(figure.period == facts.quarter.key and figure.series in police for figure in facts.figures):
        return
    for respondent in facts.site.serving(today):
        if respondent.kind is RespondentKind.ANALYST:
            stands = facts.status.returns.get(respondent.key)
            is_asked = stands is not None and stands.requested is not None
            stand = "has not come yet" if is_asked else "was not asked for"
            yield (
                f"The force's extract for {facts.quarter.months} {stand} "
                f"(due {phrases.day(dates.extract_due)}): the forms say that its figures are awaited. "
                "You may also load it with: csp-workflow figures import FILE"
            )
