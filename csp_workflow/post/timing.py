"""May a letter leave at this moment? Each rule answers with a sentence why it must wait, or ""."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.kinds import Audience
from csp_workflow.letters.standing_in import lost
from csp_workflow.terms.dates import in_london
from csp_workflow.terms.letters import Manner, QueuedLetter
from csp_workflow.terms.site import Site
from csp_workflow.terms.status import ServiceStatus


def waits(
    letter: QueuedLetter,
    now: datetime,
    *,
    site: Site,
    service: ServiceStatus,
    sent_today: Iterable[QueuedLetter] = (),
) -> str:
    """Why a letter must wait now. `sent_today` are the letters handed over to its recipient this London day.

    The office's own letters never wait: whoever put sending on hold must be able to read it.
    """
    if letter.manner is Manner.OFFICE and letter.recipient.lower() in _office(site):
        return ""
    reason = _held(letter, service) or _stopped(letter, service)
    if reason or letter.manner is not Manner.TIMED:
        return reason
    return _untimely(now, site, service) or _too_many(letter, sent_today)


def is_chase(letter: QueuedLetter) -> bool:
    """Whether a letter counts towards one a working day per person: timed, and not a request."""
    return letter.manner is Manner.TIMED and not kind_of(letter.kind).is_request


def _office(site: Site) -> frozenset[str]:
    people = (site.office.co_ordinator, site.office.deputy)
    return frozenset(person.address.lower() for person in people if person)


def _held(letter: QueuedLetter, service: ServiceStatus) -> str:
    if service.on_hold:
        return "All sending is on hold."
    if service.clock_doubted:
        return "The clock is in doubt."
    if service.held_respondents & set(letter.respondents):
        return "The respondent is on hold."
    return ""


def _stopped(letter: QueuedLetter, service: ServiceStatus) -> str:
    """Why just this letter waits: no answer leaves, or none to its address but a last thank-you."""
    if letter.manner is Manner.ANSWER and service.breaker:
        return "Automatic answers are on hold."
    return "" if kind_of(letter.kind).audience is Audience.LEAVER else lost(letter.recipient, service)


def _untimely(now: datetime, site: Site, service: ServiceStatus) -> str:
    if service.gap_hold:
        return "After a long silence requests and reminders wait for RELEASE."
    local = in_london(now)
    if not site.working_days.is_working(local.date()):
        return "Today is not a working day."
    if not site.window.opens <= local.time() < site.window.closes:
        return "The sending window is shut."
    return ""


def _too_many(letter: QueuedLetter, sent_today: Iterable[QueuedLetter]) -> str:
    had_one = any(is_chase(other) and other.id != letter.id for other in sent_today)
    return "Its recipient has had a letter today." if is_chase(letter) and had_one else ""
