"""Where the service stands, apart from any quarter: a fold over the events without one (see `terms.status`).

Its parts stand first: troubles, offered files, what boards asked, how far the agreeing of measures has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from csp_workflow.terms.actions import Action
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Event, Happened, Move, next_state
from csp_workflow.terms.measure_sets import MeasuresState, MeasuresStatus
from csp_workflow.terms.people import People, Presence, after, people_after
from csp_workflow.terms.service import JobEnd
from csp_workflow.terms.site import Site


@dataclass(frozen=True, kw_only=True)
class Troubles:
    """Since when each `lasting` trouble (`terms.service.Trouble`) lasts, and when each was last `over`."""

    lasting: Mapping[str, datetime] = field(default_factory=dict)
    over: Mapping[str, datetime] = field(default_factory=dict)


def troubles_after(known: Troubles, event: Event) -> Troubles:
    """The troubles after an event; one that is about none changes nothing."""
    if event.kind is Happened.TROUBLE_BEGAN:
        return replace(known, lasting=MappingProxyType({**known.lasting, event.subject: event.at}))
    if event.kind is Happened.TROUBLE_ENDED:
        lasting = {name: since for name, since in known.lasting.items() if name != event.subject}
        over = MappingProxyType({**known.over, event.subject: event.at})
        return Troubles(lasting=MappingProxyType(lasting), over=over)
    return known


@dataclass(frozen=True, kw_only=True)
class Failures:
    """How often we failed on a message, when last, and how that ended."""

    count: int
    last: datetime
    end: JobEnd


def failures_after(failures: Mapping[str, Failures], event: Event) -> Mapping[str, Failures]:
    """Our failures by message, until it is settled or looked at anew."""
    others = {message: failed for message, failed in failures.items() if message != event.subject}
    if event.kind is Happened.WE_FAILED:
        count = failures[event.subject].count if event.subject in failures else 0
        end = JobEnd(str(event.facts["end"]))
        others[event.subject] = Failures(count=count + 1, last=event.at, end=end)
    return MappingProxyType(others)


class Brings(StrEnum):
    """What a file would change."""

    SETUP = "setup"
    FIGURES = "figures"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A file that was told: its hash and name, what it brings, and a mark of what was said that it would change."""

    content: str
    name: str
    brings: Brings
    mark: str

    @property
    def code(self) -> str:
        """The word that takes it: the first eight characters of its hash, as it was told."""
        return self.content[:4].upper() + self.mark[:4].upper()


@dataclass(frozen=True, kw_only=True)
class Offered:
    """The files that were told, by code, and how many set-ups were applied."""

    offers: Mapping[str, Offer] = field(default_factory=dict)
    applied: int = 0


def offered_after(offered: Offered, event: Event) -> Offered:
    """What is on offer after an event."""
    facts = event.facts
    if event.kind is Happened.FILE_OFFERED:
        said = {key: str(facts[key]) for key in ("content", "name", "mark")}
        offer = Offer(brings=Brings(str(facts["brings"])), **said)
        return replace(offered, offers={**offered.offers, offer.code: offer})
    if event.kind is Happened.SETUP_APPLIED:
        return replace(offered, applied=offered.applied + 1)
    return offered


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The actions that were ordered, in their order; and of any action, by its ref, when and why it was closed."""

    actions: tuple[Action, ...] = ()
    closed: tuple[tuple[str, datetime, str], ...] = ()


def asked_after(known: Asked, event: Event) -> Asked:
    """What was asked after an event; one that is about no action changes nothing."""
    facts = event.facts
    match event.kind:
        case Happened.ACTION_ASKED:
            action = Action(
                ref=event.subject,
                respondent=event.respondent,
                board=str(facts["board"]),
                wording=str(facts["wording"]),
                asked=date.fromisoformat(str(facts["meeting"])),
                due=date.fromisoformat(str(facts["due"])),
                recorded=event.at,
            )
            return replace(known, actions=(*known.actions, action))
        case Happened.ACTION_CLOSED:
            return replace(known, closed=(*known.closed, (event.subject, event.at, str(facts["reason"]))))
    return known


def find_renumbered(site: Site, asked: Asked) -> tuple[str, ...]:
    """The configured actions that have the ref of another one which was ordered, a sentence each."""
    ordered = {action.ref: action for action in asked.actions}
    return tuple(
        f"actions.toml: actions[{one.ref}] is the number of what {ordered[one.ref].board} asked of "
        f"{ordered[one.ref].respondent}, as the co-ordinator recorded it. Give this one another ref."
        for one in site.actions
        if one.ref in ordered
        and (one.respondent, one.wording) != (ordered[one.ref].respondent, ordered[one.ref].wording)
    )


def lay_actions(site: Site, asked: Asked) -> Site:
    """The site with the actions that were ordered behind those of its configuration, and each closed that was.

    One that the configuration names by now under the ref of one that was ordered is that one (`find_renumbered`).
    """
    ordered = {action.ref for action in asked.actions}
    every = (*(action for action in site.actions if action.ref not in ordered), *asked.actions)
    return replace(site, actions=tuple(_close(action, asked) for action in every))


def _close(action: Action, asked: Asked) -> Action:
    found = next(((at, reason) for ref, at, reason in asked.closed if ref == action.ref), None)
    return replace(action, closed=found[0], reason=found[1]) if found else action


@dataclass(frozen=True, kw_only=True)
class Agreeing:
    """Every agreeing there was: when each year's letters were last proved, and where each partnership stands."""

    proved: Mapping[str, datetime] = field(default_factory=dict)
    standings: Mapping[tuple[str, str], MeasuresStatus] = field(default_factory=dict)

    def stands(self, year: str, respondent: str) -> MeasuresStatus:
        """Where a partnership stands for a year."""
        return self.standings.get((year, respondent), MeasuresStatus(respondent=respondent, year=year))

    def list_year(self, year: str) -> tuple[MeasuresStatus, ...]:
        """Where everybody stands who was asked for a year, in the order of asking."""
        return tuple(stands for (of, _), stands in self.standings.items() if of == year)

    @property
    def open_years(self) -> tuple[str, ...]:
        """The years for which not everything is agreed, oldest first."""
        states = ((year, stands.state) for (year, _), stands in self.standings.items())
        return tuple(sorted({year for year, state in states if state is not MeasuresState.AGREED}))

    @property
    def agreed(self) -> tuple[tuple[str, str, int], ...]:
        """The sets that were agreed, those that hold among them: year, respondent, version."""
        standings = ((year, key, one) for (year, key), one in self.standings.items() if one.agreed)
        return tuple((year, key, version) for year, key, one in standings for version in (*one.held_before, one.agreed))

    def find_open(self, respondent: str) -> MeasuresStatus | None:
        """The newest year for which a partnership was asked."""
        mine = (stands for (_, key), stands in self.standings.items() if key == respondent)
        return max(mine, key=lambda stands: stands.year, default=None)


_H = Happened
_M = MeasuresState
_PROPOSED = (_M.COMPLETE, _M.APPROVED)

MEASURES_MOVES: tuple[Move[MeasuresState], ...] = (
    Move(event=Happened.MEASURES_ASKED, sources=(_M.UNASKED,), to=_M.ASKED, letter="measures-request"),
    Move(
        event=Happened.MEASURES_QUERIED,
        sources=(_M.ASKED, _M.QUERIED, *_PROPOSED),
        to=_M.QUERIED,
        letter="measures-correction",
    ),
    Move(
        event=Happened.MEASURES_PROPOSED,
        sources=(_M.ASKED, _M.QUERIED, *_PROPOSED),
        to=_M.COMPLETE,
        letter="measures-receipt",
    ),
    Move(event=Happened.MEASURES_APPROVED, sources=(_M.COMPLETE,), to=_M.APPROVED, letter="measures-approved"),
    Move(
        event=Happened.MEASURES_RETURNED,
        sources=(*_PROPOSED, _M.AGREED),
        to=_M.QUERIED,
        letter="measures-returned",
    ),
    Move(event=Happened.MEASURES_AGREED, sources=(_M.APPROVED,), to=_M.AGREED, letter="measures-agreed"),
)


def agreeing_after(agreeing: Agreeing, event: Event) -> Agreeing:
    """How far it has come after an event."""
    year = str(event.facts.get("year") or "")
    if event.kind is Happened.MEASURES_PROVED:
        return replace(agreeing, proved=MappingProxyType({**agreeing.proved, year: event.at}))
    if not any(move.event is event.kind for move in MEASURES_MOVES):
        return agreeing
    status = _status_after(agreeing.stands(year, event.respondent), event)
    return replace(agreeing, standings=MappingProxyType({**agreeing.standings, (year, event.respondent): status}))


def _status_after(status: MeasuresStatus, event: Event) -> MeasuresStatus:
    facts, version = event.facts, int(event.facts.get("version") or 0)
    state = next_state(MEASURES_MOVES, status.state, event.kind)
    said: dict[str, Any] = {"reason": str(facts.get("reason") or ""), "approved_by": str(facts.get("approver") or "")}
    if event.kind in {_H.MEASURES_QUERIED, _H.MEASURES_PROPOSED}:
        said |= {"faults": int(facts.get("faults") or 0), "answers": status.answers + 1}
    if event.kind is _H.MEASURES_PROPOSED:
        said |= {"version": version, "content": str(facts["content"])}
    if event.kind is _H.MEASURES_ASKED:
        said["asked"] = event.at
    if event.kind is _H.MEASURES_AGREED:
        before = (*status.held_before, status.agreed) if status.agreed not in {0, version} else status.held_before
        said |= {"agreed": version, "held_before": before, "approved_by": status.approved_by}
    return replace(status, state=state, since=event.at, **said)


@dataclass(frozen=True, kw_only=True)
class FoundTopic:
    """A message (its content identity) that may be about a topic, and by when the law wants an answer.

    `passed` says that it went to whoever deals with it; `settled` that the co-ordinator has said that it is dealt with.
    """

    message: str
    topic: str
    due: date | None
    passed: bool
    settled: bool = False


@dataclass(frozen=True, kw_only=True)
class ServiceStatus(Presence):
    """What holds for the service as a whole: holds on sending, what is known of people's addresses, and the `people`
    known, what boards `asked`, how far the `agreeing` of measures has come and which files are `offered`, beside the
    configuration.

    `hold_reason` says why all sending is on hold when no person ordered it, `breaker` why automatic answers were
    stopped ("" while they are not), `released` when sending was last released. `recalled` are the messages in which the
    co-ordinator wrote an answer that she took back, `own_absences` the first and last days of the absences that she
    ordered, each with when she wrote so, and `back` when she last wrote that she is back. `put_off` says until when she
    put off what: a message or a respondent, and which of the things about it. `topics` are what messages may be about.
    `failures` are ours, by message, until it is settled or looked at anew.
    """

    on_hold: bool = False
    hold_reason: str = ""
    held_respondents: frozenset[str] = frozenset()
    held_since: Mapping[str, datetime] = field(default_factory=dict)
    """When it was said last that letters are to wait, by respondent; "" for all."""
    gap_hold: bool = False
    clock_doubted: bool = False
    doubted_at: datetime | None = None
    doubted_time: str = ""
    """The time (ISO) that did not fit the clock when it was last doubted."""
    breaker: str = ""
    released: datetime | None = None
    last_digest: date | None = None
    digest_made: datetime | None = None
    morning_seen: datetime | None = None
    """When it was last looked at what the morning letter would say, whether one went or not."""
    told: Mapping[str, date] = field(default_factory=dict)
    """The marks of what waited for her when the last digest was made, with the day on which each was first told."""
    standing: str = ""
    """The mark of where all returns stood then."""
    with_deputy: int = 0  # how many of her decisions had waited so long then that her deputy has them too
    people: People = field(default_factory=People)
    asked: Asked = field(default_factory=Asked)
    agreeing: Agreeing = field(default_factory=Agreeing)
    offered: Offered = field(default_factory=Offered)
    recalled: frozenset[str] = frozenset()
    own_absences: tuple[tuple[date, date, datetime], ...] = ()
    back: datetime | None = None
    put_off: Mapping[tuple[str, str], date] = field(default_factory=dict)
    topics: tuple[FoundTopic, ...] = ()
    failures: Mapping[str, Failures] = field(default_factory=dict)
    config_refused: str = ""
    troubles: Troubles = field(default_factory=Troubles)
    moved: str = ""
    """Why the store came from elsewhere, until RELEASE: meanwhile nothing leaves and nothing moves on."""
    moved_at: datetime | None = None
    compared: datetime | None = None
    """When the mailbox was last compared with the store. From then on each letter is looked for before it leaves."""

    @property
    def away_days(self) -> tuple[tuple[date, date], ...]:
        """The first and last days of the co-ordinator's absences."""
        return tuple((first, last) for first, last, _ in self.own_absences)

    @property
    def waits_for_word(self) -> bool:
        """Whether all letters to others wait until a person says that they may go."""
        return bool(self.on_hold or self.gap_hold or self.clock_doubted or self.moved or self.breaker)

    def list_topics(self, message: str) -> tuple[FoundTopic, ...]:
        """What a message may be about that is not settled."""
        return tuple(one for one in self.topics if one.message == message and not one.settled)


# The fold ------------------------------------------------------------------------------------------


def fold_service(events: Iterable[Event], *, onto: ServiceStatus | None = None) -> ServiceStatus:
    """Fold the events that concern the service or a respondent beyond one quarter (quarter None), as `fold_cycle`."""
    status = onto or ServiceStatus()
    for event in events:
        people, asked = people_after(status.people, event), asked_after(status.asked, event)
        agreeing, troubles = agreeing_after(status.agreeing, event), troubles_after(status.troubles, event)
        offered = offered_after(status.offered, event)
        status = replace(after(status, event), people=people, asked=asked, agreeing=agreeing, troubles=troubles)
        status = _away_after(replace(status, offered=offered), event)
        status = _desk_after(_sending_after(status, event), event)
    return status


def _sending_after(status: ServiceStatus, event: Event) -> ServiceStatus:
    held = status.held_respondents
    if event.kind is Happened.HELD:
        since = MappingProxyType({**status.held_since, event.respondent: event.instant})
        status = replace(status, held_since=since)
    match event.kind:
        case Happened.HELD if event.respondent:
            return replace(status, held_respondents=held | {event.respondent})
        case Happened.RESUMED if event.respondent:
            return replace(status, held_respondents=held - {event.respondent})
        case Happened.HELD:
            return replace(status, on_hold=True, hold_reason=str(event.facts.get("why") or ""))
        case Happened.RESUMED:
            return replace(status, on_hold=False, hold_reason="")
    return _whereabouts_after(_safety_after(status, event), event)


def _whereabouts_after(status: ServiceStatus, event: Event) -> ServiceStatus:
    match event.kind:
        case Happened.STORE_MOVED:
            return replace(status, moved=str(event.facts["why"]), moved_at=event.at, compared=None)
        case Happened.MAILBOX_COMPARED:
            return replace(status, compared=event.at)
        case Happened.RELEASED:
            return replace(status, moved="")
    return status


def count_generation(generation: str) -> int:
    """How often a store came from elsewhere by that generation of it; 0 where it has none."""
    number = generation.partition(" ")[0]
    return int(number) if number.isdigit() else 0


def _safety_after(status: ServiceStatus, event: Event) -> ServiceStatus:
    match event.kind:
        case Happened.GAP_NOTICED:
            return replace(status, gap_hold=True, doubted_at=event.at)
        case Happened.CLOCK_DOUBTED:
            since = str(event.facts.get("since") or "")
            return replace(status, clock_doubted=True, doubted_at=event.at, doubted_time=since)
        case Happened.BREAKER_TRIPPED:
            return replace(status, breaker=str(event.facts["why"]))
        case Happened.RELEASED:
            return replace(status, gap_hold=False, clock_doubted=False, breaker="", released=event.at)
        case Happened.CONFIG_TAKEN | Happened.CONFIG_REFUSED:
            return replace(status, config_refused=str(event.facts.get("why") or ""))
    return status


def _desk_after(status: ServiceStatus, event: Event) -> ServiceStatus:
    """What the co-ordinator was told, took back and put off, and what she must see to."""
    match event.kind:
        case Happened.DIGEST_MADE:
            day = date.fromisoformat(str(event.facts["day"]))
            told, standing = _read_told(str(event.facts.get("told") or "")), str(event.facts.get("standing") or "")
            left = int(event.facts.get("with_deputy") or 0)
            status = replace(status, last_digest=day, told=told, standing=standing, with_deputy=left)
            status = replace(status, morning_seen=event.at)
            return replace(status, digest_made=event.at) if event.facts.get("sent", True) else status
        case Happened.PUT_OFF:
            item = event.subject or event.respondent, str(event.facts["what"])
            until = date.fromisoformat(str(event.facts["until"]))
            return replace(status, put_off=MappingProxyType({**status.put_off, item: until}))
        case Happened.ANSWER_RECALLED:
            return replace(status, recalled=status.recalled | {event.subject})
        case Happened.TOPIC_FOUND | Happened.TOPIC_SETTLED:
            return replace(status, topics=_topics_after(status.topics, event))
        case Happened.WE_FAILED | Happened.MESSAGE_SETTLED:
            return replace(status, failures=failures_after(status.failures, event))
    return status


def write_told(told: Mapping[str, date]) -> str:
    """Marks with their days as an event keeps them: "a1b2c3d4 2014-10-15; ..."."""
    return "; ".join(f"{mark} {since.isoformat()}" for mark, since in sorted(told.items()))


def _read_told(written: str) -> Mapping[str, date]:
    pairs = (one.split(" ") for one in written.split("; ") if one)
    return MappingProxyType({mark: date.fromisoformat(since) for mark, since in pairs})


def _away_after(status: ServiceStatus, event: Event) -> ServiceStatus:
    """The absences ordered; who is back was away until the day before, but for what she wrote after that."""
    away, said = status.own_absences, event.instant
    if event.kind is Happened.OFFICE_AWAY:
        since, until = (date.fromisoformat(str(event.facts[key])) for key in ("since", "until"))
        return replace(status, own_absences=(*away, (since, until, said)))
    if event.kind is not Happened.OFFICE_BACK:
        return status
    last = london_day(said) - timedelta(days=1)
    ended = ((first, until if at > said else min(until, last), at) for first, until, at in away)
    back = max(said, status.back or said)
    return replace(status, own_absences=tuple(one for one in ended if one[0] <= one[1]), back=back)


def _topics_after(topics: tuple[FoundTopic, ...], event: Event) -> tuple[FoundTopic, ...]:
    if event.kind is Happened.TOPIC_SETTLED:
        return tuple(replace(one, settled=True) if one.message == event.subject else one for one in topics)
    due = str(event.facts["due"])
    found = FoundTopic(
        message=event.subject,
        topic=str(event.facts["topic"]),
        due=date.fromisoformat(due) if due else None,
        passed=bool(event.facts["passed"]),
    )
    return (*topics, found)
