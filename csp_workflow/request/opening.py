"""Opening a cycle: the extract's request with its own small proof, the proof pack, and SEND for each.

Nothing leaves before SEND. What is due is derived from dates and status, so doing it late or twice does the right
thing once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from csp_workflow.forms.writing import leave_out_workbooks
from csp_workflow.letters.proofs import ProofLetter, Since, introduction
from csp_workflow.request import proof
from csp_workflow.request.proof import Mailing, MailingEntry, OpeningFacts
from csp_workflow.terms import phrases
from csp_workflow.terms.checks import RULES
from csp_workflow.terms.dates import CycleDates, CycleState, as_utc, in_london
from csp_workflow.terms.events import (
    NOTHING,
    ComingLetter,
    Decision,
    Event,
    Happened,
    Letter,
    PreconditionFailed,
    Sending,
)
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.returns import Entry
from csp_workflow.terms.site import Assent, Respondent, RespondentKind, Site
from csp_workflow.terms.status import CycleStatus, ReturnStatus
from csp_workflow.terms.waivers import Waiver


@dataclass(frozen=True, kw_only=True)
class Part:
    """What is proved and sent by itself: whom it asks, and the event that records its proof."""

    kinds: frozenset[RespondentKind]
    proved: Happened


EXTRACT = Part(kinds=frozenset({RespondentKind.ANALYST}), proved=Happened.EXTRACT_PROVED)
"""The request to the force's analyst, days before everybody else is asked."""

REQUESTS = Part(kinds=frozenset({RespondentKind.PARTNERSHIP, RespondentKind.CONTRIBUTOR}), proved=Happened.PROOF_MADE)

_RUNNING = {CycleState.PLANNED, CycleState.IN_PROOF, CycleState.OPEN}


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What to commit, and the mailing it rests on: its workbooks are to be archived first."""

    decision: Decision = NOTHING
    mailing: Mailing = field(default_factory=Mailing)

    @property
    def workbooks(self) -> tuple[bytes, ...]:
        """The files to be kept before the decision is committed."""
        return tuple(entry.workbook.data for entry in self.mailing.entries)


# When a proof is made without an order ---------------------------------------------------------------


def extract_proof_is_due(site: Site, dates: CycleDates, status: CycleStatus, now: datetime) -> bool:
    """Whether the small proof is to be made without an order: from the plan's day on, while the extract can be in time.

    Cheap: asked at every beat, before any figure is read. Afterwards the proof pack says that nobody was asked.
    """
    local = in_london(now)
    is_its_time = local.date() > dates.extract_request or (
        local.date() == dates.extract_request and local.time() >= site.digest_at
    )
    if status.state not in _RUNNING or not is_its_time or now >= dates.extract_due:
        return False
    return any(r.kind in EXTRACT.kinds and r.key not in status.returns for r in site.serving(local.date()))


def decide_extract_proof(facts: OpeningFacts, now: datetime) -> Opening:
    """The small proof on the day on which the extract is to be asked for, once."""
    if facts.dates is None or not extract_proof_is_due(facts.site, facts.dates, facts.status, now):
        return Opening()
    return _record_proof(facts, facts.dates, EXTRACT, now)


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
    return _record_proof(facts, facts.dates, REQUESTS, now)


_MAY_CHANGE_A_PROOF = {
    *(Happened.CYCLE_REPLANNED, Happened.RECEIVED, Happened.COMPLETE, Happened.FIGURES_IMPORTED, Happened.CONFIG_TAKEN),
    *(Happened.ADDRESS_FAILED, Happened.ADDRESS_RESTORED, Happened.ABSENCE_SEEN, Happened.ABSENCE_ENDED),
    *(Happened.CONTACT_NAMED, Happened.CONTACT_CONFIRMED, Happened.CONTACT_WITHDRAWN, Happened.CONTACT_DISOWNED),
    *(Happened.EXTENDED, Happened.SETUP_APPLIED),
}
"""After what a proof may no longer show what would be sent."""


def count_unproved(part: Part, site: Site, status: CycleStatus, events: Iterable[Event]) -> int:
    """How many things happened so far that a proof may not show; `events` are the cycle's and the service's.

    Whether it does is found out by making it again, which is too much for every beat: it is done when this grows. They
    are counted and not timed: a beat of a wrong clock may have made the proof. 0 where nothing is proved or waits.
    """
    happened = tuple(events) if waits_for_send(part, site, status) else ()
    is_proved = any(e.kind is part.proved and e.quarter == status.quarter for e in happened)
    return sum(e.kind in _MAY_CHANGE_A_PROOF for e in happened) if is_proved else 0


def waits_for_send(part: Part, site: Site, status: CycleStatus) -> bool:
    """Whether a part may be proved and not sent yet. Cheap."""
    if part is REQUESTS:
        return status.state is CycleState.IN_PROOF
    expected = {key for key, stands in status.returns.items() if stands.is_unasked}
    return status.state in _RUNNING and any(r.key in expected and r.kind in part.kinds for r in site.respondents)


def decide_renewed_proof(facts: OpeningFacts, now: datetime, *, part: Part) -> Opening:
    """A new proof by itself when the last one no longer shows what would be sent."""
    made = find_proof(facts.events, part)
    if facts.dates is None or made is None or not waits_for_send(part, facts.site, facts.status):
        return Opening()
    with leave_out_workbooks():  # mostly nothing has changed, and they take most of the time
        laid = _lay_out(facts, facts.dates, part, now)
    if not laid.entries or not _find_changes(facts, made, laid, facts.dates):
        return Opening()
    seen = next((e for e in reversed(facts.events) if e.kind is part.proved and as_utc(e.at) in facts.shown), None)
    return _record_proof(facts, facts.dates, part, now, since=seen)


def _find_changes(facts: OpeningFacts, made: Event, laid: Mailing, dates: CycleDates) -> dict[str, str]:
    return proof.find_changes(made, laid, dates, key=facts.key, ladder=facts.site.ladder)


def find_proof(events: Iterable[Event], part: Part) -> Event | None:
    """The latest proof of a part of a cycle."""
    return next((e for e in reversed(tuple(events)) if e.kind is part.proved), None)


# PROOF -------------------------------------------------------------------------------------------------


def decide_proof(facts: OpeningFacts, now: datetime) -> Opening:
    """Make the proof pack, or make it again; that returns would be due already stands in it, since more time needs one.

    Raises PreconditionFailed when it was sent already, or somewhere there is nobody to ask.
    """
    dates = _require_dates(facts)
    _refuse_if_sent(facts)
    laid = _lay_out(facts, dates, REQUESTS, now)
    if stopping := _list_unreached(facts, laid, in_london(now).date()):
        raise PreconditionFailed(" ".join(stopping))
    return _record_proof(facts, dates, REQUESTS, now, laid=laid)


def decide_ordered_extract_proof(facts: OpeningFacts, now: datetime) -> Opening:
    """Make the small proof, or make it again, saying in it what stands in the way of SEND.

    Raises PreconditionFailed when there is nobody left to ask.
    """
    dates = _require_dates(facts)
    laid = _lay_out(facts, dates, EXTRACT, now)
    _refuse_if_asked(facts, laid)
    return _record_proof(facts, dates, EXTRACT, now, laid=laid)


def _lay_out(
    facts: OpeningFacts, dates: CycleDates, part: Part, now: datetime, *, created: datetime | None = None
) -> Mailing:
    """What a part would send: of the extract's, to whom it was not sent yet, with the figures known today."""
    as_at = in_london(now).date() if part is EXTRACT else None
    laid = proof.lay_out_mailing(facts, dates, part.kinds, now, created=created, as_at=as_at)
    if part is REQUESTS:
        return laid
    asked = {key for key, stands in facts.status.returns.items() if not stands.is_unasked}
    return replace(laid, entries=tuple(entry for entry in laid.entries if entry.respondent.key not in asked))


def _record_proof(
    facts: OpeningFacts,
    dates: CycleDates,
    part: Part,
    now: datetime,
    *,
    laid: Mailing | None = None,
    since: Event | None = None,
) -> Opening:
    """A proof, whole; or only what is otherwise than in the one she has (`since`), which all others' forms rest on."""
    laid, today = laid or _lay_out(facts, dates, part, now), in_london(now).date()
    remarks = _list_remarks(facts, dates, laid, today) if part is REQUESTS else ()
    changes = _find_changes(facts, since, laid, dates) if since else {}
    refusals = _list_refusals(facts, part, laid, now)
    pack = proof.write_proof_pack(
        laid,
        facts.site,
        dates,
        environment=facts.templates,
        key=facts.key,
        remarks=(*refusals, *remarks),
        may_go=not refusals,
        coming=_foresee_rest(facts, dates, part, laid, now),
        since=Since(made=since.at, changes=tuple(changes.values())) if since else None,
        among=changes.keys() if since else None,
        of_extract=part is EXTRACT,
    )
    marks = proof.mark_forms(laid, dates, key=facts.key, ladder=facts.site.ladder)
    awaited = {"awaited": _count_awaited(laid)} if part is REQUESTS else {}
    made = _note(part.proved, facts, now, forms=len(laid.entries), **awaited, **marks)
    events = (*_expect_new(facts, laid.entries, now), made)
    return Opening(decision=Decision(events=events, letters=(pack,)), mailing=laid)


def plan_ahead(
    facts: OpeningFacts, now: datetime, *, first: Sequence[Sending] = ()
) -> tuple[tuple[ProofLetter, ...], tuple[str, ...]]:
    """Every letter of the quarter that is still to come if nobody answers, and what stands in the way, in sentences.

    Each part that is not sent yet is let go on its day, or on the first on which it may leave; `first` are others.
    """
    dates, year, sendings = _require_dates(facts), facts.quarter.financial_year, [*first]
    told = list(dates.warnings)
    if year not in {framework.year for framework in facts.site.frameworks}:
        return (), (*told, f"There is no framework for {year} yet, so no letter can be planned.")
    is_sent = facts.status.state not in {CycleState.PLANNED, CycleState.IN_PROOF}
    for part, day in ((EXTRACT, dates.extract_request), (REQUESTS, dates.open)):
        laid = Mailing() if part is REQUESTS and is_sent else _lay_out(facts, dates, part, now)
        if laid.entries:
            told += _list_refusals(facts, part, laid, now)
            told += _list_remarks(facts, dates, laid, in_london(now).date()) if part is REQUESTS else ()
            sendings.append(_lay_sending(facts, dates, part, laid, now, day=day))
    letters = facts.foresee(sendings, now)
    return proof.show_letters(letters, facts.site, environment=facts.templates, key=facts.key), tuple(told)


def _lay_sending(
    facts: OpeningFacts, dates: CycleDates, part: Part, laid: Mailing, now: datetime, *, day: date = date.min
) -> Sending:
    """A part that is let go on a day, or on the first on which it may leave."""
    sent, proved = _let_go(facts, dates, part, laid, now), _note(part.proved, facts, now)
    first = min(entry.leaves for entry in laid.entries)
    return Sending(day=max(day, first), decision=replace(sent, events=(proved, *sent.events)))


def _foresee_rest(
    facts: OpeningFacts, dates: CycleDates, part: Part, laid: Mailing, now: datetime
) -> tuple[ComingLetter, ...]:
    """What follows on a part that is sent on the first day on which it may leave, if nobody answers."""
    if not laid.entries:
        return ()
    sending = _lay_sending(facts, dates, part, laid, now)
    going = {id(letter) for letter in sending.decision.letters if letter.kind != introduction.kind.name}
    return tuple(coming for coming in facts.foresee([sending], now) if id(coming.letter) not in going)


def _count_awaited(laid: Mailing) -> int:
    """How many police figures the forms show as to follow."""
    return sum(row.entry is Entry.CONFIRM and row.given is None for e in laid.entries for row in e.form.figures)


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
    made = find_proof(facts.events, REQUESTS)
    if made is None or facts.status.state is not CycleState.IN_PROOF:
        raise PreconditionFailed(f"There is no proof pack for {facts.quarter} yet. PROOF makes it.")
    # Made with the proof's own time, so that what is sent is byte for byte what was proved.
    laid = _lay_out(facts, dates, REQUESTS, now, created=made.at)
    _refuse_if_unfit(facts, REQUESTS, laid, now)
    _refuse_if_changed(facts, made, laid, dates)
    return Opening(decision=_let_go(facts, dates, REQUESTS, laid, now), mailing=laid)


def _let_go(facts: OpeningFacts, dates: CycleDates, part: Part, laid: Mailing, now: datetime) -> Decision:
    """What sending a part brings about."""
    opened = (_note(Happened.CYCLE_OPENED, facts, now, forms=len(laid.entries)),) if part is REQUESTS else ()
    # Where a waiver lets nobody be asked, nothing was requested; the form is kept, so that a return is recognised.
    asked = (entry for entry in laid.entries if entry.leads or part is EXTRACT)
    requested = (make_event(Happened.REQUESTED, entry, facts, now) for entry in asked)
    return Decision(
        events=(*_expect_new(facts, laid.entries, now), *opened, *requested),
        letters=(*_introduce(facts, dates, part, laid), *proof.write_letters(laid, facts.site, dates)),
        requests=tuple(entry.request for entry in laid.entries),
    )


def _introduce(facts: OpeningFacts, dates: CycleDates, part: Part, laid: Mailing) -> Iterator[Letter]:
    """Who is asked for the extract is told who we are just before it, since nobody is asked earlier."""
    for entry in laid.entries if part is EXTRACT else ():
        for lead in entry.leads:
            if lead.address.lower() not in facts.written:
                yield introduction(lead, [entry.respondent], dates, leads=True, opens=entry.leaves)


def decide_asking(facts: OpeningFacts, now: datetime) -> Opening:
    """The extract's request as its small proof shows it. Raises PreconditionFailed when that does not hold any more."""
    dates = _require_dates(facts)
    made = find_proof(facts.events, EXTRACT)
    laid = _lay_out(facts, dates, EXTRACT, now, created=made.at if made else None)
    _refuse_if_asked(facts, laid)
    if made is None:
        code = laid.entries[0].respondent.code
        raise PreconditionFailed(f"There is no proof of the extract's request yet. PROOF {code} makes it.")
    _refuse_if_unfit(facts, EXTRACT, laid, now)
    _refuse_if_changed(facts, made, laid, dates)
    return Opening(decision=_let_go(facts, dates, EXTRACT, laid, now), mailing=laid)


def _refuse_if_asked(facts: OpeningFacts, laid: Mailing) -> None:
    if facts.status.state not in _RUNNING or not laid.entries:
        raise PreconditionFailed(
            f"The extract for {facts.quarter} was asked for already, or is not waited for any more."
        )


def _refuse_if_changed(facts: OpeningFacts, made: Event, laid: Mailing, dates: CycleDates) -> None:
    changed = _find_changes(facts, made, laid, dates)
    if changed:
        raise PreconditionFailed(
            f"Since the proof of {phrases.moment(made.at)} something has changed for {joined(changed.values())}. "
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


def _refuse_if_unfit(facts: OpeningFacts, part: Part, laid: Mailing, now: datetime) -> None:
    stopping = _list_refusals(facts, part, laid, now)
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


def _list_refusals(facts: OpeningFacts, part: Part, laid: Mailing, now: datetime) -> tuple[str, ...]:
    """Why a part could not be sent as it stands; () when it could."""
    past = [entry for entry in laid.entries if entry.form.due <= now]
    late = (_say_past(part, past[0]),) if past else ()
    return (*_list_unreached(facts, laid, in_london(now).date()), *late)


def _list_unreached(facts: OpeningFacts, laid: Mailing, today: date) -> tuple[str, ...]:
    """Where there is nobody to ask."""
    if not laid.entries:
        return (f"Nobody owes anything for {facts.quarter}: the config has no respondents that serve today.",)
    framework = facts.site.framework(facts.quarter)
    return tuple(
        _say_nobody_to_ask(facts, entry.respondent, today)
        for entry in laid.entries
        if not entry.leads and framework.contact_waiver(entry.respondent.key, today) is None
    )


def _say_past(part: Part, entry: MailingEntry) -> str:
    what, whose, proof_of = "Returns were", "ALL", "of the requests"
    if part is EXTRACT:
        what, whose, proof_of = "The extract was", entry.respondent.code, "of its request"
    return (
        f"{what} to be due at {phrases.moment(entry.form.due)}, which is past. EXTEND {whose} TO a later day BECAUSE "
        f"and why gives a later one; a new proof {proof_of} is made then."
    )


def _say_nobody_to_ask(facts: OpeningFacts, respondent: Respondent, today: date) -> str:
    """Why nobody at a respondent can be asked, and what would help."""
    serving = respondent.contacts_on(today)
    lost = joined(facts.service.say_missing(c, today) for c in serving)
    why = lost if serving else f"{respondent.name} has no lead, deputy or chair in office on {phrases.day(today)}"
    where = f" at {respondent.name}" if serving else ""
    again = joined((f"ADDRESS OK {c.address}" for c in serving), "or")
    return (
        f"{why}, so there is nobody to ask{where}. Reply CONTACT {respondent.code} lead Name Surname <address>"
        f"{f', or {again} if that works again' if serving else ''}. To open without them, grant a waiver with "
        f"contact = true in config/waivers.toml."
    )


def _say_uncertified(facts: OpeningFacts, laid: Mailing, today: date) -> Iterator[str]:
    """Whose grant money nobody could certify."""
    asked = (e.respondent for e in laid.entries if any(g.is_asked(facts.quarter) for g in e.respondent.grants))
    without = [r for r in asked if not facts.service.assenting(r, Assent.CERTIFICATE, today)]
    if without:
        orders = joined((f"CONTACT {r.code} budget holder Name Surname <address>" for r in without), "or")
        names = joined(r.name for r in without)
        yield f"Letters reach no budget holder at {names}: nobody could certify the grant money. Reply {orders}."


def _list_remarks(facts: OpeningFacts, dates: CycleDates, laid: Mailing, today: date) -> tuple[str, ...]:
    """What is not in the way of sending and still worth knowing."""
    found = [*_say_extract(facts, dates, laid, today)]
    without_chair = [e.respondent.name for e in laid.entries if e.respondent.needs_approval and not e.chairs]
    if without_chair:
        found.append(f"Letters reach no chair at {joined(without_chair)}: nobody could approve the return.")
    found += _say_uncertified(facts, laid, today)
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
            yield f"{who} {_say_waived(waiver)} until {phrases.day(waiver.until)}: {reason}."


def _say_waived(waiver: Waiver) -> str:
    if waiver.contact:
        return "may have nobody we can write to"
    if waiver.check:
        of = f" in {waiver.measure}" if waiver.measure else ""
        return f"is not checked for {RULES[waiver.check].about}{of}"
    return f"is not asked for {waiver.measure}"


def _say_extract(facts: OpeningFacts, dates: CycleDates, laid: Mailing, today: date) -> Iterator[str]:
    """Where the force's extract stands, as long as figures of it are missing, and what she may do."""
    awaited = _count_awaited(laid)
    for respondent in facts.site.serving(today) if awaited else ():
        if respondent.kind is RespondentKind.ANALYST:
            stand = _say_standing(facts.status.returns.get(respondent.key), respondent, dates)
            yield (
                f"The force's extract for {facts.quarter.months} {stand}: on the forms "
                f"{phrases.plural(awaited, 'police figure')} will read \u201cnot yet supplied\u201d. You may SEND all "
                "the same, and REISSUE the forms when it has come; or wait: then a new proof is made by itself."
            )


def _say_standing(stands: ReturnStatus | None, analyst: Respondent, dates: CycleDates) -> str:
    if stands and stands.state.is_in:
        return "came without some of its figures" if stands.state.is_made else "does not come this quarter"
    due = phrases.day(dates.extract_due)
    if stands and stands.requested:
        return f"has not come yet (due {due})"
    return f"was not asked for (due {due}; PROOF {analyst.code} makes a proof of its request)"
