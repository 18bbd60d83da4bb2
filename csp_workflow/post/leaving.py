"""May a letter leave: does it still have its cause, is this the moment, do answers go out of hand, does the mode fit?

Each rule answers with a sentence why not, or "".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from csp_workflow.letters.catalogue import kind_of, rules_by_ground
from csp_workflow.letters.kinds import Audience, Ground
from csp_workflow.letters.office import answers_on_hold
from csp_workflow.letters.topics import FoundMessage, mailbox_compared
from csp_workflow.terms.dates import CycleState, as_utc, in_london, london_day
from csp_workflow.terms.events import Decision, Event, Happened, LetterState, Manner, QueuedLetter
from csp_workflow.terms.phrases import plural
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.service import Lying, Mode, TrustProfile
from csp_workflow.terms.service_status import ServiceStatus
from csp_workflow.terms.site import Assent, Site
from csp_workflow.terms.status import CycleStatus

EMBEDDED = "maildir"
"""The adapter whose mail never leaves the machine."""

STRAYS = 3
"""So many messages in our own name that we never sent may come within an hour; one more is a loop."""

ORDINARY = 4
"""So many answers within an hour are an ordinary correspondent's: two versions of a return, with what each one asks."""

COMMON_SIZE = 60
"""A site of up to so many respondents has the limit of answers as it is written; that of a larger one grows with it."""

BY, COMPARING = "the breaker", "the comparison with the mailbox"

_WINDOW, _PACE = timedelta(hours=1), timedelta(seconds=50)

_FARTHEST_MORNING = timedelta(days=21)
"""No ten working days lie farther apart."""

_NO_CONTACTS = {
    *(Audience.OFFICE, Audience.MANAGER, Audience.SECRETARIAT),
    *(Audience.READER, Audience.INVITED, Audience.NOBODY),
}
"""Who is no contact of a respondent's, and may get letters all the same."""

_ASKS_FIRST = {Ground.REQUEST, Ground.ADDRESS_UNCONFIRMED, Ground.PAPER_NOT_OUT}
"""What reminds nobody of anything."""


# Does it still have its cause? The rules for what the chase does not judge, and one last check of it all


def judge_cause(
    letter: QueuedLetter,
    *,
    cycle: CycleStatus | None,
    service: ServiceStatus,
    registered: bool = True,
    waiting: Iterable[QueuedLetter] = (),
) -> str:
    """Why a letter must be withdrawn, in a sentence, or "" while its cause lives.

    `cycle` is the status of the letter's quarter (None for a letter of no quarter), `waiting` the
    other letters that wait to leave; `registered` says whether its recipient is still a contact of anybody.
    """
    moot = (
        _say_overtaken(letter, waiting)
        or _say_folded(letter, service)
        or _say_restored(letter, service, registered)
        or _say_taken_back(letter, service, registered)
        or _say_measures(letter, service)
    )
    if moot or cycle is None:
        return moot
    return _RULES[kind_of(letter.kind).ground](letter, cycle)


def _say_restored(letter: QueuedLetter, service: ServiceStatus, registered: bool) -> str:
    """What was wrong with an address is put right: it works again, has left the configuration, or is confirmed."""
    if kind_of(letter.kind).ground is Ground.ADDRESS_LOST and not any(
        a.address in service.undeliverable for a in letter.about
    ):
        return "The address works again."
    if kind_of(letter.kind).ground is Ground.ADDRESS_UNCONFIRMED and not any(
        one.is_for(a.respondent, a.address) for one in service.people.unconfirmed for a in letter.about
    ):
        return "The address is confirmed, or nobody is to be asked there any more."
    is_lost = letter.manner is Manner.ANSWER and letter.recipient.lower() in service.undeliverable
    is_theirs = letter.manner is Manner.TIMED and kind_of(letter.kind).audience not in _NO_CONTACTS
    return "The recipient is no longer a contact." if not registered and (is_lost or is_theirs) else ""


def _say_taken_back(letter: QueuedLetter, service: ServiceStatus, registered: bool) -> str:
    """What a person wrote is not kept for later: it would come as a surprise to both."""
    if not kind_of(letter.kind).recall:
        return ""
    if letter.cause in service.recalled:
        return "You took it back."
    return service.say_lost(letter.recipient) if registered else "Its recipient is no longer registered."


def _say_measures(letter: QueuedLetter, service: ServiceStatus) -> str:
    """A letter about a year's measures has aged when they wait for somebody else, or for another version's sake."""
    ground = kind_of(letter.kind).ground
    stand = [(one, service.agreeing.stands(one.year, one.respondent)) for one in letter.about if one.year]
    if ground is Ground.MEASURES_OPEN and not any(stands.waits_for_lead for _, stands in stand):
        return "The measures have come since."
    if ground is Ground.MEASURES_VERSION and any(
        stands.version != one.version or stands.waits_for_lead for one, stands in stand
    ):
        return "Another version of the measures has come since, or it was sent back."
    return ""


def _say_overtaken(letter: QueuedLetter, waiting: Iterable[QueuedLetter]) -> str:
    """Of letters that tell how things stand only the latest is worth reading after a mailbox was out of reach."""
    if not kind_of(letter.kind).is_superseded:
        return ""
    later = any(
        (other.kind, other.recipient, other.quarter) == (letter.kind, letter.recipient, letter.quarter)
        and other.queued > letter.queued
        for other in waiting
    )
    return "A later letter tells how things stand now." if later else ""


def _say_folded(letter: QueuedLetter, service: ServiceStatus) -> str:
    """The morning letter has said what waited for it, or that was settled before."""
    kind = kind_of(letter.kind)
    seen = service.digest_made if kind.waits_for_letter else service.morning_seen
    was_kept = kind.folds and letter.not_before and as_utc(letter.not_before) > as_utc(letter.queued)
    is_told = was_kept and seen is not None and as_utc(seen) >= as_utc(letter.queued)
    return "It was kept for the morning letter, which has been." if is_told else ""


# One rule for each ground ------------------------------------------------------------------------


def _stands(_: QueuedLetter, __: CycleStatus) -> str:
    return ""


def _requests_are_out(letter: QueuedLetter, cycle: CycleStatus) -> str:
    """A proof shows what is to be sent: it has aged when those whom it would ask were asked."""
    shown = [cycle.returns[key].requested for key in letter.respondents if key in cycle.returns]
    are_out = any(shown) if shown else cycle.state not in {CycleState.PLANNED, CycleState.IN_PROOF}
    return "The requests have gone out since." if are_out else ""


def _every_return_is_in(letter: QueuedLetter, cycle: CycleStatus) -> str:
    """A letter that asks for several returns goes while one of them has not come."""
    states = _states(letter, cycle)
    return _say_state(states[0]) if states and all(state.is_in for state in states) else ""


def _a_return_is_in(letter: QueuedLetter, cycle: CycleStatus) -> str:
    """A letter that chases several returns goes only while none of them has come."""
    return next((_say_state(state) for state in _states(letter, cycle) if state.is_in), "")


def _a_return_is_not_complete(letter: QueuedLetter, cycle: CycleStatus) -> str:
    return next((_say_state(state) for state in _states(letter, cycle) if state is not ReturnState.COMPLETE), "")


def _no_money_is_to_be_certified(letter: QueuedLetter, cycle: CycleStatus) -> str:
    mine = [cycle.returns[key] for key in letter.respondents if key in cycle.returns]
    return "" if all(stands.wants(Assent.CERTIFICATE) for stands in mine) else "No certificate is wanted any more."


def _it_is_sent_back(letter: QueuedLetter, cycle: CycleStatus) -> str:
    """A letter that sends a version back has aged when another one came, or this one was taken after all."""
    told = ((cycle.returns[one.respondent], one) for one in letter.about if one.respondent in cycle.returns)
    stands = all(status.returned and status.submission == one.submission for status, one in told)
    return "" if stands else "The return that it sends back is taken, or another has come."


def _no_later_version_is_in(letter: QueuedLetter, cycle: CycleStatus) -> str:
    """An answer to a form, or to a message without one, has aged when every return of it has come (again) since."""
    told = [cycle.returns[key].received for key in letter.respondents if key in cycle.returns]
    has_aged = bool(told) and all(received and as_utc(received) > as_utc(letter.queued) for received in told)
    return "A later version has come since, and has an answer of its own." if has_aged else ""


def _states(letter: QueuedLetter, cycle: CycleStatus) -> list[ReturnState]:
    return [cycle.returns[key].state for key in letter.respondents if key in cycle.returns]


def _say_state(state: ReturnState) -> str:
    return f"The return is {state} now."


def _paper_is_out(letter: QueuedLetter, cycle: CycleStatus) -> str:
    """What a paper prints is shown to be objected to, as long as it can change: one that is cleared is drafted anew."""
    shown = [paper.circulated_at for one in letter.about if (paper := cycle.papers.get(one.board))]
    return "The paper went out." if shown and all(shown) else ""


_RULES: Mapping[Ground, Callable[[QueuedLetter, CycleStatus], str]] = rules_by_ground(
    {
        Ground.NONE: _stands,
        Ground.REQUEST: _every_return_is_in,
        Ground.RETURN_MISSING: _a_return_is_in,
        Ground.EXTENSION: _a_return_is_in,
        Ground.FAULTS_OPEN: _stands,  # the chase judges it: a submission with fewer faults may have come
        Ground.SENT_BACK: _it_is_sent_back,
        Ground.LATEST_VERSION: _no_later_version_is_in,
        Ground.APPROVAL_MISSING: _a_return_is_not_complete,
        Ground.CERTIFICATE_MISSING: _no_money_is_to_be_certified,
        Ground.ADDRESS_LOST: _stands,
        Ground.ADDRESS_UNCONFIRMED: _stands,
        Ground.DATES: _stands,
        Ground.FORM: _stands,  # the chase judges it, with whatever else shows what stands on a form
        Ground.PROOF: _requests_are_out,
        Ground.ACTIONS_OPEN: _stands,  # the chase judges it: it knows what boards asked
        Ground.PAPER_NOT_OUT: _paper_is_out,
        Ground.MEASURES_OPEN: _stands,  # judged by what holds for the service as a whole
        Ground.MEASURES_VERSION: _stands,
        Ground.STATE_OF_THINGS: _stands,
    }
)


# Is this the moment? -----------------------------------------------------------------------------


def judge_moment(
    letter: QueuedLetter,
    now: datetime,
    *,
    site: Site,
    service: ServiceStatus,
    sent_today: Iterable[QueuedLetter] = (),
) -> str:
    """Why a letter must wait now. `sent_today` are the letters that were handed over to its recipient this London day,
    or wait in Drafts.

    The office's own letters never wait: whoever put sending on hold must be able to read it. Nor does what is passed on
    to whoever deals with it: the law's days run on.
    """
    if service.moved and not _tells_of_it(letter, service, site):
        return "The store came from elsewhere: nothing leaves before RELEASE."
    if _is_kept(letter, now):
        return "The next morning letter brings what it says."
    if goes_at_once(letter, site):
        return ""
    recall = kind_of(letter.kind).recall
    if recall and as_utc(now) < as_utc(letter.queued) + recall:
        return "It may still be taken back."
    reason = _say_hold(letter, service) or _say_stop(letter, service)
    if reason or letter.manner is not Manner.TIMED:
        return reason
    return _say_hour(now, site, service) or _too_many(letter, sent_today)


def _is_kept(letter: QueuedLetter, now: datetime) -> bool:
    """Whether a letter waits for the morning letter; one for a morning farther off was written by a wrong clock."""
    until = letter.not_before if kind_of(letter.kind).folds else None
    return until is not None and as_utc(now) < as_utc(until) <= as_utc(now) + _FARTHEST_MORNING


def goes_at_once(letter: QueuedLetter, site: Site) -> bool:
    """Whether no hold keeps a letter back: the office's own, what tells of trouble, what the law's days run on."""
    is_due_anyway = kind_of(letter.kind).audience in {Audience.TOPIC, Audience.WATCHER}
    return is_due_anyway or (letter.manner is Manner.OFFICE and letter.recipient.lower() in _office(site))


def judge_draft(letter: QueuedLetter, *, site: Site, service: ServiceStatus) -> str:
    """Why a letter that lies in Drafts must not be sent for now, or "". The hour is hers to choose."""
    if service.moved:
        return "The store came from elsewhere: nothing leaves before RELEASE."
    if site.mode is not Mode.DRAFTS:
        return "Letters leave by themselves now."
    return _say_hold(letter, service) or _say_stop(letter, service)


def _tells_of_it(letter: QueuedLetter, service: ServiceStatus, site: Site) -> bool:
    """Whether a letter tells the office that nothing leaves, or was written to the office since it was told so."""
    is_later = service.compared is not None and as_utc(letter.queued) > as_utc(service.compared)
    is_ours = letter.manner is Manner.OFFICE and letter.recipient.lower() in _office(site)
    return letter.kind == mailbox_compared.kind.name or (is_ours and is_later)


def is_chase(letter: QueuedLetter) -> bool:
    """Whether a letter counts towards one a working day per person: timed, and no first question or request."""
    return letter.manner is Manner.TIMED and kind_of(letter.kind).ground not in _ASKS_FIRST


def is_automatic(letter: QueuedLetter) -> bool:
    """Whether a letter is an automatic answer: those that a person writes, or sends by hand, loop with nobody."""
    return letter.manner is Manner.ANSWER and not kind_of(letter.kind).recall and letter.drafted is None


def _office(site: Site) -> frozenset[str]:
    return frozenset(person.address.lower() for person in site.office.people)


def _say_hold(letter: QueuedLetter, service: ServiceStatus) -> str:
    if service.on_hold:
        return "All sending is on hold."
    if service.clock_doubted:
        return "The clock is in doubt."
    if service.held_respondents & set(letter.respondents):
        return "The respondent is on hold."
    return ""


def _say_stop(letter: QueuedLetter, service: ServiceStatus) -> str:
    """Why just this letter waits: no answer leaves, or none to its address but a last thank-you."""
    if is_automatic(letter) and service.breaker:
        return "Automatic answers are on hold."
    return "" if kind_of(letter.kind).audience is Audience.LEAVER else service.say_lost(letter.recipient)


def _say_hour(now: datetime, site: Site, service: ServiceStatus) -> str:
    if service.gap_hold:
        return "After a long silence requests and reminders wait for RELEASE."
    local = in_london(now)
    if not site.working_days.is_working(local.date()):
        return "Today is not a working day."
    if not site.window.opens <= local.time() < site.window.closes:
        return "The sending window is shut."
    return ""


def _too_many(letter: QueuedLetter, sent_today: Iterable[QueuedLetter]) -> str:
    others = [other for other in sent_today if is_chase(other) and other.id != letter.id] if is_chase(letter) else []
    if any(other.state is LetterState.IN_DRAFTS for other in others):
        return "A letter to its recipient waits in Drafts."
    return "Its recipient has had a letter today." if others else ""


# The breaker: automatic answers beyond any plan are stopped, and the office is told at once -------


def count_from(service: ServiceStatus, now: datetime) -> datetime:
    """From when answers and strays are counted: the last hour, or since the co-ordinator last said RELEASE."""
    hour_ago = as_utc(now) - _WINDOW
    return max(hour_ago, as_utc(service.released)) if service.released else hour_ago


def decide_stopping(
    handed: Iterable[QueuedLetter], events: Iterable[Event], *, site: Site, service: ServiceStatus, now: datetime
) -> Decision:
    """Stop all answers when they are too many, or when our own name comes back to us. Nothing while they are stopped.

    `handed` are the letters handed over since `count_from`; `events` the service's own.
    """
    if service.breaker:
        return Decision()
    begun = count_from(service, now)
    strays = sum(e.kind is Happened.STRAY_OWN_MAIL and as_utc(e.at) > begun for e in events)
    why = _say_excess([x for x in handed if is_automatic(x)], strays, site)
    if not why:
        return Decision()
    tripped = Event(kind=Happened.BREAKER_TRIPPED, at=now, by=BY, facts={"why": why})
    cause = f"breaker:{as_utc(now).isoformat()}"
    letters = tuple(answers_on_hold(to, why=why, at=now, cause=cause) for to in site.office.in_charge(london_day(now)))
    return Decision(events=(tripped,), letters=letters)


def _say_excess(answers: Sequence[QueuedLetter], strays: int, site: Site) -> str:
    limit, growth = site.limits.answers_an_hour, max(1.0, len(site.respondents) / COMMON_SIZE)
    looping, spread = count_unexpected(answers)
    if looping >= limit or looping + spread >= limit * growth:
        return f"{plural(len(answers), 'automatic answer')} left within an hour."
    if strays > STRAYS:
        return f"{plural(strays, 'message')} in our own name, which we did not send, came within an hour."
    return ""


def count_unexpected(answers: Iterable[QueuedLetter]) -> tuple[int, int]:
    """Of an hour's answers, those to whoever had more than an ordinary correspondent has, as in a loop; and the others.

    An answer about a version of a return is expected: each respondent owes one. So it counts among neither, unless
    there are too many about the same respondent.
    """
    found = defaultdict[str, list[QueuedLetter]](list)
    for letter in answers:
        found[next(iter(letter.respondents), letter.recipient.lower())].append(letter)
    ordinary = [x for letters in found.values() if len(letters) <= ORDINARY for x in letters]
    looping = sum(len(letters) for letters in found.values() if len(letters) > ORDINARY)
    return looping, sum(not any(one.submission for one in letter.about) for letter in ordinary)


def count_room(a_minute: int | None, handed: Iterable[QueuedLetter], now: datetime) -> int | None:
    """How many letters the mail system still takes now, of so many `a_minute` (None: all), whoever handed over what
    left just before. A beat that comes a little early is no fault of anybody's."""
    begun = as_utc(now) - _PACE
    just_now = sum(x.handed is not None and as_utc(x.handed) > begun for x in handed)
    return None if a_minute is None else max(a_minute - just_now, 0)


# A store that came from elsewhere: what the mailbox holds beyond it is told in one letter -----------


def decide_comparison(
    found: Sequence[FoundMessage],
    left: Sequence[QueuedLetter],
    waiting: int,
    *,
    site: Site,
    service: ServiceStatus,
    now: datetime,
    drafts: Sequence[Lying] = (),
) -> Decision:
    """Note that the mailbox was compared, and tell the office. `found` are the messages that the store did not know,
    `left` the letters found among those sent, `waiting` how many others wait, and `drafts` what lies in Drafts and is
    not known."""
    facts = {"found": len(found), "left": len(left)}
    event = Event(kind=Happened.MAILBOX_COMPARED, at=now, by=COMPARING, facts=facts)
    letters = tuple(
        mailbox_compared(to, why=service.moved, found=found, left=left, waiting=waiting, at=now, drafts=drafts)
        for to in site.office.in_charge(london_day(now))
    )
    return Decision(events=(event,), letters=letters)


# Refusals that pass: tried for days, less and less often, as mail systems do ---------------------


_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=4)

_LONGEST_FOR_ALL = timedelta(hours=1)
"""Where no letter at all is taken, one is tried at least so often: the others wait for what becomes of it."""


def pause_letter(since: datetime, now: datetime) -> datetime:
    """When a letter that is refused since then is tried again: after as long a time as has passed, so pauses double."""
    return now + max(_FIRST_PAUSE, min(as_utc(now) - as_utc(since), _LONGEST_PAUSE))


def pause_all(since: datetime, now: datetime, named: timedelta | None) -> datetime:
    """When a letter is tried again where none is taken since then: not before the mail system's own time, if it named
    one. One that lies is believed for some hours."""
    passed = min(as_utc(now) - as_utc(since), _LONGEST_FOR_ALL)
    return now + min(max(passed, _FIRST_PAUSE if named is None else named), _LONGEST_PAUSE)


def is_put_off(until: datetime | None, now: datetime) -> bool:
    """Whether an instant is to be waited for. One farther off than any pause was named by a clock that ran ahead."""
    return until is not None and as_utc(now) < as_utc(until) <= as_utc(now) + _LONGEST_PAUSE


# The mode: nothing leaves unless everything agrees that it may -----------------------------------


def judge_mode(
    mode: Mode,
    *,
    adapter: str,
    trust: TrustProfile,
    mailbox: str,
    environment: str,
    stamped_environment: str,
    stamped_mailbox: str,
) -> str:
    """Why the service may not start so, in a sentence that says what to do; "" when it may.

    `environment` is what the machine says it is (CSP_ENVIRONMENT); the stamps are what the store
    says of itself.
    """
    if mode is Mode.REHEARSAL and adapter != EMBEDDED:
        return (
            f"service.toml: in mode 'rehearsal' nothing can leave, so the adapter must be '{EMBEDDED}', "
            f"not '{adapter}'."
        )
    if not mode.is_real:
        return ""
    return _not_ready(mode, adapter, trust, environment) or _not_its_store(
        mailbox, stamped_environment, stamped_mailbox
    )


def _not_ready(mode: Mode, adapter: str, trust: TrustProfile, environment: str) -> str:
    if trust is TrustProfile.NONE and adapter != EMBEDDED:
        return (
            f"service.toml: mode '{mode}' needs trust.profile: whose word about a sender counts. Without it anybody "
            'could write in a lead\'s name. Write "rfc8601", "exchange-online" or "internal".'
        )
    if environment != Mode.LIVE.value:
        return f"service.toml: mode '{mode}' needs the environment variable CSP_ENVIRONMENT=live on this machine."
    return ""


def _not_its_store(mailbox: str, stamped_environment: str, stamped_mailbox: str) -> str:
    if stamped_environment and stamped_environment != Mode.LIVE.value:
        return f"The store is stamped '{stamped_environment}': what was tried out stays that. Run: csp-workflow golive"
    if stamped_mailbox and stamped_mailbox != mailbox:
        return (
            "The store belongs to another mailbox than service.toml names. Put the right one in, or lay out a new site."
        )
    return ""
