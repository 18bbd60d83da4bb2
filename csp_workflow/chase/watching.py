"""Whether the service is in trouble: who is told once when it begins, and once when it is over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from csp_workflow.letters.topics import alert, all_clear
from csp_workflow.terms.events import Decision, Event, Happened, Letter, LetterState, Manner, QueuedLetter
from csp_workflow.terms.phrases import moment, plural
from csp_workflow.terms.service import Trouble
from csp_workflow.terms.service_status import ServiceStatus
from csp_workflow.terms.site import Contact, Role, Site

BY = "the watch"

LONG = timedelta(hours=1)
"""What passes by itself within that is no trouble."""

REFUSED_LONG = timedelta(hours=4)
"""A server that refuses a letter for now (greylisting) may do so for that long."""

QUIET = timedelta(hours=6)
"""After a trouble was over nobody is told of the same one for that long: what comes and goes would be a flood."""

_IN_DOUBT = {LetterState.HANDING, LetterState.UNKNOWN}
_AT_ONCE = {Manner.OFFICE, Manner.ANSWER}


@dataclass(frozen=True, kw_only=True)
class WatchFacts:
    """What is looked at: since when the mailbox was not read or takes no letter, the letters that have not left, the
    mebibytes that are free on the disk (None: nobody knows), and what a coming quarter lacks, in sentences."""

    unread_since: datetime | None = None
    paused_since: datetime | None = None
    waiting: tuple[QueuedLetter, ...] = ()
    free_mebibytes: int | None = None
    gaps: tuple[str, ...] = ()


def judge_troubles(facts: WatchFacts, site: Site, service: ServiceStatus, now: datetime) -> Decision:
    """The troubles that begin or are over now, each as an event with a letter to everybody who is told."""
    found = {trouble: why for trouble, why in _find_troubles(facts, site, service, now) if why}
    if Trouble.MAILBOX_UNREAD in found and Trouble.LETTERS_STUCK in service.troubles.lasting:
        found.setdefault(Trouble.LETTERS_STUCK, "")  # it is not over while nobody can see
    elif Trouble.MAILBOX_UNREAD in found:
        found.pop(Trouble.LETTERS_STUCK, None)  # one cause, one letter: what cannot be read takes no letter either
    events: list[Event] = []
    letters: list[Letter] = []
    for trouble in Trouble:
        since = service.troubles.lasting.get(trouble)
        if since is None and trouble in found and not _is_quiet(trouble, service.troubles.over, now):
            events.append(Event(kind=Happened.TROUBLE_BEGAN, at=now, by=BY, subject=trouble, facts={}))
            letters += (alert(to, trouble, found[trouble], now) for to in list_told(site))
        elif since is not None and trouble not in found:
            events.append(Event(kind=Happened.TROUBLE_ENDED, at=now, by=BY, subject=trouble, facts={}))
            letters += (all_clear(to, trouble, since, now) for to in list_told(site))
    return Decision(events=tuple(events), letters=tuple(letters))


def list_told(site: Site) -> tuple[Contact, ...]:
    """The co-ordinator, her deputy, and whoever the site names beside them."""
    others = (Contact(name="colleague", role=Role.LEAD, address=address) for address in site.watch.tell)
    told = {person.address.lower(): person for person in (*site.office.people, *others)}
    return tuple(told.values())


def _is_quiet(trouble: Trouble, over: Mapping[str, datetime], now: datetime) -> bool:
    return trouble in over and now - over[trouble] < QUIET


def _find_troubles(
    facts: WatchFacts, site: Site, service: ServiceStatus, now: datetime
) -> Iterator[tuple[Trouble, str]]:
    """Each trouble with why it is one, "" for none."""
    yield Trouble.MAILBOX_UNREAD, _say_unread(facts, now)
    yield Trouble.LETTERS_STUCK, _say_stuck(facts, service, now)
    address = site.office.co_ordinator.address
    is_back = address.lower() in service.undeliverable
    yield Trouble.DIGEST_BACK, f"Letters to {address} come back, the morning letter too." if is_back else ""
    free, least = facts.free_mebibytes, site.watch.disk_mebibytes
    is_full = free is not None and free < least
    yield Trouble.DISK_FULL, f"{free} MB are free where the service keeps its files." if is_full else ""
    yield Trouble.TABLES_END, " ".join(gap[:1].upper() + gap[1:] for gap in facts.gaps)


def _say_unread(facts: WatchFacts, now: datetime) -> str:
    since = facts.unread_since
    return f"It was not read to its end since {moment(since)}." if since and now - since >= LONG else ""


def _say_stuck(facts: WatchFacts, service: ServiceStatus, now: datetime) -> str:
    """Letters that wait for a person's word are none: the morning letter asks for it."""
    if facts.paused_since and now - facts.paused_since >= LONG:
        return f"The mail system takes no letter since {moment(facts.paused_since)}."
    stuck = [x for x in facts.waiting if _is_stuck(x, now) and not _is_stopped(x, service)]
    first = min((x.queued for x in stuck), default=now)
    return f"{plural(len(stuck), 'letter')} could not be sent, the first since {moment(first)}." if stuck else ""


def _is_stopped(letter: QueuedLetter, service: ServiceStatus) -> bool:
    """Whether a letter waits for her word: on all sending, on one of whom it is about, or on an address."""
    is_on_hold = bool(service.held_respondents & set(letter.respondents)) or bool(service.say_lost(letter.recipient))
    waits = is_on_hold or (service.waits_for_word and letter.state is LetterState.QUEUED)
    return waits and letter.state not in _IN_DOUBT


def _is_stuck(letter: QueuedLetter, now: datetime) -> bool:
    if letter.state in _IN_DOUBT:
        return letter.handed is not None and now - letter.handed >= LONG
    if letter.state is LetterState.IN_DRAFTS:  # it is hers to send, once it lies there
        return not letter.proof and letter.drafted is not None and now - letter.drafted >= LONG
    if letter.refused is not None:
        return now - letter.refused >= REFUSED_LONG
    waits = max(letter.queued, letter.not_before) if letter.not_before else letter.queued
    return letter.manner in _AT_ONCE and now - waits >= LONG
