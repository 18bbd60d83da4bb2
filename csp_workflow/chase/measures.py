"""The chase of a year's measures, kindly: leads are reminded, chairs are asked to approve, each twice at most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from csp_workflow.chase import quiet
from csp_workflow.letters.measures import (
    AskedMeasures,
    measures_agreed,
    measures_approval,
    measures_reminder,
    measures_returned,
)
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import REMINDERS, Decision, Letter, LetterState, Manner, QueuedLetter
from csp_workflow.terms.measure_sets import MeasureSet, MeasuresState, MeasuresStatus, holds_from
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import say_frequency, say_sought
from csp_workflow.terms.service_status import ServiceStatus
from csp_workflow.terms.site import Contact, Respondent, Role, Site

_NO_LETTER = {LetterState.WITHDRAWN, LetterState.FAILED}


@dataclass(frozen=True, kw_only=True)
class MeasuresView:
    """What the chase is decided by. `letters` are those of no quarter, and any to people today.

    `sets` are the latest ones by year and respondent; `paused` are those whose question waits for her; `attach` makes a
    workbook, `enclose` the terms of reference with a set.
    """

    site: Site
    service: ServiceStatus
    letters: tuple[QueuedLetter, ...]
    sets: Mapping[tuple[str, str], MeasureSet] = field(default_factory=dict)
    paused: frozenset[str] = frozenset()
    attach: Callable[[MeasuresStatus], Attachment]
    enclose: Callable[[MeasureSet], Attachment]


def list_lines(site: Site, one: MeasureSet) -> tuple[str, ...]:
    """What a set says, a line for each measure and objective that goes on."""
    areas = {area.code: area.name for r in site.respondents for area in r.areas}
    several = len({m.area for m in one.measures}) > 1
    measures = (
        f"{m.series.ref} {m.series.title}{f', {areas[m.area]}' if several else ''}: {m.definition} "
        f"Counted in {m.series.unit}, {say_frequency(m.series.frequency)}; {say_sought(m.series.polarity)}."
        for m in one.measures
        if m.valid_to == max(m.valid_to for m in one.measures)
    )
    return (*measures, *(f"{o.ref} {o.wording}" for o in one.objectives))


def decide_measures_chase(view: MeasuresView, now: datetime) -> Decision:
    """The reminders and requests for approval that are due now: at most one letter a working day to a person."""
    if quiet.nothing_leaves(view.service) or quiet.window_is_shut(view.site, now):
        return Decision()
    today = london_day(now)
    taken = {
        x.recipient.lower()
        for x in view.letters
        if x.manner is Manner.TIMED and x.state is not LetterState.WITHDRAWN and london_day(x.queued) == today
    }
    letters: list[Letter] = []
    for stands in view.service.agreeing.standings.values():
        for letter in _list_due(view, stands, now):
            if letter.recipient.lower() not in taken:
                taken.add(letter.recipient.lower())
                letters.append(letter)
    return Decision(letters=tuple(letters))


def _list_due(view: MeasuresView, stands: MeasuresStatus, now: datetime) -> Iterator[Letter]:
    respondent = next((r for r in view.site.respondents if r.key == stands.respondent), None)
    if respondent is None or respondent.key in view.service.held_respondents | view.paused:
        return
    if stands.waits_for_lead:
        yield from _remind(view, stands, respondent, now)
    elif stands.state is MeasuresState.COMPLETE and (stands.year, stands.respondent) in view.sets:
        yield from _ask_chairs(view, stands, respondent, now)


def find_written(view: MeasuresView, stands: MeasuresStatus) -> tuple[QueuedLetter, ...]:
    """The letters about where a partnership stands that were written since it stands so, but for answers."""
    return tuple(
        x
        for x in view.letters
        if x.manner is Manner.TIMED
        and x.state not in _NO_LETTER
        and any((a.year, a.respondent) == (stands.year, stands.respondent) for a in x.about)
        and (stands.since is None or x.queued >= stands.since)
    )


def count_reminded(letters: tuple[QueuedLetter, ...]) -> int:
    """How many reminders were written."""
    return max((a.reminder for x in letters for a in x.about), default=0)


def _waits_in_drafts(letters: tuple[QueuedLetter, ...]) -> bool:
    """Whether the co-ordinator has not sent the last of them: nobody is reminded of what has not come."""
    return any(x.state is LetterState.IN_DRAFTS for x in letters)


def _is_time(view: MeasuresView, since: datetime, days: int, now: datetime) -> bool:
    return london_day(now) >= view.site.working_days.plus(london_day(since), days)


def _due(view: MeasuresView, stands: MeasuresStatus) -> datetime:
    offsets, asked = view.site.offsets, stands.asked or stands.since
    if asked is None:
        raise ValueError("Nobody was asked.")
    return view.site.working_days.after(asked, offsets.measures_days, offsets.due_time)


def _remind(view: MeasuresView, stands: MeasuresStatus, of: Respondent, now: datetime) -> Iterator[Letter]:
    """On the due day and some days later; of a correction or what was sent back after as many days."""
    written = find_written(view, stands)
    number, since = count_reminded(written) + 1, stands.since or now
    days = (
        view.site.offsets.measures_days if stands.state is MeasuresState.ASKED else view.site.limits.query_reminder_days
    )
    last = max((x.sent or x.queued for x in written), default=since)
    wait = days if number == 1 else view.site.limits.query_reminder_days
    if _waits_in_drafts(written) or number > REMINDERS or not _is_time(view, since if number == 1 else last, wait, now):
        return
    asked = AskedMeasures(
        year=stands.year, respondents=(of,), due=_due(view, stands), version=stands.version, reminder=number
    )
    phrase, day = view.site.as_last_year_phrases[0], london_day(since).isoformat()
    for contact in _reached(view, of.people(Role.LEAD, london_day(now)), now):
        yield measures_reminder(contact, asked, (view.attach(stands),), phrase=phrase, day=day)


def _ask_chairs(view: MeasuresView, stands: MeasuresStatus, of: Respondent, now: datetime) -> Iterator[Letter]:
    one, today = view.sets[stands.year, stands.respondent], london_day(now)
    written = find_written(view, stands)
    asked = AskedMeasures(year=stands.year, respondents=(of,), version=stands.version)
    number = count_reminded(written) + 1
    last = max((x.sent or x.queued for x in written), default=None)
    is_spent = _waits_in_drafts(written) or number > REMINDERS
    if last and (is_spent or not _is_time(view, last, view.site.limits.approval_reminder_days, now)):
        yield from ()
        return
    people = of.chairs(today) if last else (*of.chairs(today), *of.people(Role.LEAD, today))
    asked = replace(asked, reminder=number if last else 0)
    lines, file = list_lines(view.site, one), view.enclose(one)
    for contact in _reached(view, people, now):
        phrase = view.site.approval_phrases[0]
        yield measures_approval(contact, asked, lines, (file,), mark=one.mark, phrase=phrase)


def _reached(view: MeasuresView, people: tuple[Contact, ...], now: datetime) -> Iterator[Contact]:
    return (c for c in people if not view.service.say_missing(c, london_day(now)))


# What she settles ------------------------------------------------------------------------------------


def write_agreed(site: Site, one: MeasureSet, file: Attachment, now: datetime) -> Decision:
    """Leads and chairs are told what is agreed, each once, with the terms of reference."""
    of, today = next(r for r in site.respondents if r.key == one.respondent), london_day(now)
    asked = AskedMeasures(year=one.year, respondents=(of,), version=one.version)
    people = {c.address.lower(): c for c in (*of.chairs(today), *of.people(Role.LEAD, today))}
    lines, since = list_lines(site, one), holds_from(one.year, today)
    return Decision(
        letters=tuple(measures_agreed(c, asked, lines, (file,), since=since, mark=one.mark) for c in people.values())
    )


def write_returned(
    of: Respondent, stands: MeasuresStatus, file: Attachment, now: datetime, *, due: datetime, reason: str
) -> Decision:
    """The leads get their measures back with her reason; where there is no lead, the chairs."""
    asked = AskedMeasures(year=stands.year, respondents=(of,), due=due, version=stands.version)
    people, order = of.people(Role.LEAD, london_day(now)) or of.chairs(london_day(now)), now.isoformat()
    return Decision(letters=tuple(measures_returned(c, asked, (file,), reason=reason, order=order) for c in people))
