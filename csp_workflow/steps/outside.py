"""What the steps work with: the site, the real outside that wiring chose, and the facts that several of them gather."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from csp_workflow.archive import Archive, Tombstones
from csp_workflow.intake.case import Assignment, CycleFacts, IntakeFacts, OpenedFile
from csp_workflow.intake.decide import which_forms_came, whom_to_ask_about
from csp_workflow.intake.opening import READER, SEER, read_reply
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.disputes import find_passed, pass_disputes
from csp_workflow.letters.kinds import Audience
from csp_workflow.mail.bodies import html_to_text
from csp_workflow.mail.compose import DELIVERY_HEADER, read_back
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.mailboxes.mailbox import CLOCKS_APART, Mailbox
from csp_workflow.request.proof import OpeningFacts, define_forms
from csp_workflow.sandbox import Sandbox
from csp_workflow.store import LandedMessage, Store
from csp_workflow.terms.cells import Sighting, find_reference
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleDates, CycleState, Quarter, in_london, london, london_day
from csp_workflow.terms.events import LetterState, Manner, PreconditionFailed, QueuedLetter
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.measure_sets import lay_measures
from csp_workflow.terms.messages import IncomingMessage
from csp_workflow.terms.people import lay_over
from csp_workflow.terms.queries import Dispute, list_disputes, say_dispute
from csp_workflow.terms.returns import FormDefinition, ReadForm, ReturnState, Submission
from csp_workflow.terms.service_status import ServiceStatus, lay_actions
from csp_workflow.terms.setup import KnownSettings
from csp_workflow.terms.site import Respondent, RespondentKind, Site, plain_address
from csp_workflow.terms.status import CycleStatus
from csp_workflow.whereabouts import Whereabouts

if TYPE_CHECKING:
    from csp_workflow.letters.catalogue import Environment

_MOST_INSIDE = 10
"""So many messages inside one are looked up among our letters, and so many letters are looked through for a file."""

_MADE = {ReturnState.QUERIED, ReturnState.COMPLETE, ReturnState.APPROVED}
_PENDING = {
    *(LetterState.QUEUED, LetterState.CLAIMED, LetterState.HANDING, LetterState.HELD),
    LetterState.IN_DRAFTS,
}


def _nothing(_: str) -> None:
    """Reached points matter only to the crash matrix."""


def _never() -> bool:
    return False


@dataclass
class Filing:
    """What is still to be filed: its folder by each message's source, and how often each was tried.

    After a fault nothing is filed until `rests_until`, longer after each that comes behind it.
    """

    left: dict[str, str] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    rests_until: datetime | None = None


@dataclass
class Looks:
    """When it was last looked whether another service is at work on the mailbox; None before the first time."""

    last: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Outside:
    """Site and outside of one run.

    `settings` make the site of its files and of what was set up by workbook: `configured`; `site` is what rules are
    given. `key` seals references and Message-IDs; `tombstones` say what was disposed of; `templates` renders letters,
    and `page_templates` pages; `clock` is the machine's time in seconds, for leases only, and `alone` says that no
    other worker can be at this store; `letters_a_beat` bounds how many letters leave at once (None: all), for mail
    systems that refuse more; `read_from` is a day from which on mail is read, if it is earlier than the site's own
    first; `sign_in_until` is the last day of what the mailbox is signed in with, where that is known; `stopping` says
    whether the service was asked to stop, so that a step ends after the message in hand; `reached` is told each point
    around an effect; `here` is where this is, as the store should know it; `road` takes letters about the mailbox.
    """

    settings: KnownSettings
    store: Store
    mailbox: Mailbox
    mailbox_name: str
    archive: Archive
    tombstones: Tombstones
    sandbox: Sandbox
    templates: Callable[[], Environment]
    report_base: Callable[[], bytes]
    key: bytes
    clock: Callable[[], float]
    page_templates: Callable[[], Mapping[str, str]] = dict
    alone: bool = True
    letters_a_beat: int | None = None
    read_from: date | None = None
    sign_in_until: date | None = None
    stopping: Callable[[], bool] = _never
    reached: Callable[[str], None] = _nothing
    here: Whereabouts | None = None
    road: Mailbox | None = None
    filing: Filing = field(default_factory=Filing, repr=False)
    looks: Looks = field(default_factory=Looks, repr=False)
    _laid: dict[tuple[object, ...], Site] = field(default_factory=dict, repr=False)

    @property
    def configured(self) -> Site:
        """The site as its files and what was set up by workbook say it, whichever worker took that."""
        return self.settings.assemble(self.store.setups(self.store.service_status().offered.applied))

    @property
    def site(self) -> Site:
        """The site as it is now: its configuration, the people known beside it, the measures agreed."""
        return self.lay_over(self.store.service_status())

    def lay_over(self, service: ServiceStatus) -> Site:
        """The configured site with what is known beside it laid over it, which is done once for the same."""
        configured, agreed = self.configured, service.agreeing.agreed
        office, is_cut_off = configured.office, bool(service.say_lost(configured.office.co_ordinator.address))
        is_overdue, away_days = service.with_deputy > 0, service.away_days
        known = service.people, is_cut_off, is_overdue, service.asked, agreed, away_days, id(configured)
        if known not in self._laid:
            self._laid.clear()
            absences = (*office.absences, *away_days)
            office = replace(office, is_cut_off=is_cut_off, is_overdue=is_overdue, absences=absences)
            sets = [one for one in self.store.measure_sets() if one.key in agreed] if agreed else []
            peopled = lay_over(lay_measures(replace(configured, office=office), sets), service.people)
            self._laid[known] = lay_actions(peopled, service.asked)
        return self._laid[known]

    @property
    def domain(self) -> str:
        """The right-hand side of our Message-IDs: the domain of the office's mailbox."""
        return self.configured.office.mailbox.partition("@")[2]


# The mailbox ------------------------------------------------------------------------------------------


def find_beginning(outside: Outside, now: datetime) -> datetime:
    """From when on mail is read: the site's first day, or the earlier one that its configuration names.

    What lay in the mailbox before is no business of ours. A day that is named later is begun with at once, from the
    mailbox's first message; what is known already is recognised.
    """
    store = outside.store
    begins = store.read_from()
    if begins is None:
        begins = min(store.began() or now, now) - CLOCKS_APART
        store.save_read_from(begins, anew=False)
    named = london(outside.read_from, time(0)) if outside.read_from else begins
    if named < begins:
        store.save_read_from(named, anew=True)
    return min(named, begins)


# Facts -----------------------------------------------------------------------------------------------


def live_quarters(outside: Outside) -> tuple[Quarter, ...]:
    """The quarters that are planned and not archived, oldest first."""
    states = outside.store.cycle_states()
    return tuple(quarter for quarter, state in states.items() if state is not CycleState.ARCHIVED)


def running_quarter(outside: Outside) -> Quarter | None:
    """The quarter an order is about when nothing else says so: open before in proof before closed before planned."""
    rank = (CycleState.OPEN, CycleState.IN_PROOF, CycleState.CLOSED, CycleState.PLANNED)
    states = outside.store.cycle_states()
    stands = [(rank.index(state), quarter) for quarter, state in states.items() if state in rank]
    return min(stands, key=lambda pair: (pair[0], -pair[1].year, -pair[1].number))[1] if stands else None


def require_dates(outside: Outside, quarter: Quarter) -> CycleDates:
    """A quarter's dates as planned. Raises PreconditionFailed with what to do."""
    dates = outside.store.plan_of(quarter)
    if dates is None:
        raise PreconditionFailed(f"{quarter} is not planned. Run: csp-workflow cycle plan {quarter.key}")
    return dates


def view_service(outside: Outside, now: datetime) -> ServiceStatus:
    """Where the service stands, but for morning letters that are still to come: a clock that was ahead made them, and
    what they told of nobody knows. Better told twice than never."""
    status = outside.store.service_status()
    made, seen = (None if at and at > now else at for at in (status.digest_made, status.morning_seen))
    return replace(status, digest_made=made, morning_seen=seen)


def view_cycle(outside: Outside, quarter: Quarter, now: datetime) -> CycleView:
    """One cycle as the chase sees it, without versions and forms: most beats write to nobody."""
    return CycleView(
        site=outside.site,
        dates=require_dates(outside, quarter),
        status=outside.store.cycle_status(quarter),
        service=outside.store.service_status(),
        letters=_letters_for_chase(outside, quarter, now),
    )


def list_stated(outside: Outside, quarter: Quarter | None) -> Mapping[str, Submission]:
    """The latest version of each return of a quarter that states grant money, by its respondent's key."""
    returns = outside.store.cycle_status(quarter).returns if quarter else {}
    keys = [key for key, stands in returns.items() if stands.money]
    return {key: versions[-1] for key in keys if quarter and (versions := outside.store.submissions(quarter, key))}


def with_versions(outside: Outside, cycle: CycleView) -> CycleView:
    """The view with every version of the returns that may be asked to be mended or approved, or dispute a figure."""
    returns, quarter = cycle.status.returns, cycle.quarter
    keys = [key for key, stands in returns.items() if stands.state in _MADE]
    came: dict[str, list[Submission]] = {key: [] for key in keys}
    for one in outside.store.submissions(quarter) if keys else ():
        came.setdefault(one.respondent, []).append(one)
    versions = {key: tuple(came[key]) for key in keys}
    asks = any(mine[-1].queries for mine in versions.values() if mine)
    is_told = asks or any(stands.disputes_passed for stands in returns.values())
    return replace(cycle, submissions=versions, events=outside.store.events(quarter) if is_told else ())


def with_forms(outside: Outside, cycle: CycleView, respondents: Iterable[str], now: datetime) -> CycleView:
    """The view with the forms of these respondents: as last sent, or as they would be sent now where that changed."""
    sent = {key: outside.store.request_history(cycle.quarter, key) for key in respondents}
    fresh = forms_now(outside, cycle.status, sent, now)
    return replace(
        cycle,
        forms={key: requests[-1].form for key, requests in sent.items() if requests} | fresh,
        renewed=frozenset(fresh),
        issues={key: tuple(request.form for request in requests) for key, requests in sent.items()},
    )


def forms_now(outside: Outside, status: CycleStatus, keys: Iterable[str], now: datetime) -> dict[str, FormDefinition]:
    """The next issue of the forms of those, among some, whose form does not show any more what stands."""
    wanted = [key for key in keys if key in status.returns and status.returns[key].overtaken]
    if not wanted:
        return {}
    facts = gather_opening(outside, status.quarter, by="")
    return {r.key: form for r, form in define_forms(facts, require_dates(outside, status.quarter), now, among=wanted)}


def gather_opening(outside: Outside, quarter: Quarter, *, by: str) -> OpeningFacts:
    """All that the forms of a quarter are made from."""
    store = outside.store
    return OpeningFacts(
        site=outside.site,
        quarter=quarter,
        dates=store.plan_of(quarter),
        status=store.cycle_status(quarter),
        figures=store.figures(),
        groups=store.group_rates(),
        key=outside.key,
        templates=outside.templates(),
        narratives={r.key: store.narratives_before(quarter, r.key) for r in outside.site.respondents},
        disputed=say_disputed(
            store, outside.configured.respondents, [q for q in live_quarters(outside) if q < quarter]
        ),
        revisions={key: request.form.reference.revision for key, request in store.requests(quarter).items()},
        events=store.events(quarter),
        service=store.service_status(),
        by=by,
    )


def _letters_for_chase(outside: Outside, quarter: Quarter, now: datetime) -> tuple[QueuedLetter, ...]:
    """This cycle's letters, and any other's that are queued or were sent today: one a working day over all cycles."""
    own = outside.store.letters(quarter=quarter)
    today = in_london(now).date()
    elsewhere = (
        letter
        for other in live_quarters(outside)
        if other != quarter
        for letter in outside.store.letters(quarter=other)
        if letter.state in _PENDING or (letter.sent and in_london(letter.sent).date() == today)
    )
    return (*own, *elsewhere)


def list_answers_today(outside: Outside, now: datetime) -> dict[str, tuple[str, ...]]:
    """The kinds of the automatic answers that each address was given today."""
    said: dict[str, tuple[str, ...]] = {}
    for letter in _list_letters_today(outside, now):
        if letter.manner is Manner.ANSWER:
            said[letter.recipient.lower()] = (*said.get(letter.recipient.lower(), ()), letter.kind)
    return said


def count_passed_today(outside: Outside, now: datetime) -> Counter[str]:
    """How many messages were passed on to each address today."""
    today = _list_letters_today(outside, now)
    return Counter(x.recipient.lower() for x in today if kind_of(x.kind).audience is Audience.TOPIC)


def _list_letters_today(outside: Outside, now: datetime) -> tuple[QueuedLetter, ...]:
    """Those of a day to come were queued by a clock that ran ahead, and has been put right."""
    today = in_london(now).date()
    return tuple(x for x in outside.store.queued_since(london(today, time(0))) if in_london(x.queued).date() == today)


def list_registered(outside: Outside, row: LandedMessage) -> tuple[str, ...]:
    """The keys of the respondents for whom a message's sender may speak."""
    return tuple(r.key for r in outside.site.spoken_for(plain_address(row.sender), london_day(row.received)))


def list_paused(outside: Outside, message: str) -> tuple[tuple[Quarter | None, str], ...]:
    """Whose chase a message pauses, in which quarter; (None, "") when it pauses nobody's."""
    paused = tuple(
        (quarter, key)
        for quarter in live_quarters(outside)
        for key, stands in outside.store.cycle_status(quarter).returns.items()
        if message in (*stands.held_messages, *stands.open_questions)
    )
    return paused or ((None, ""),)


# Of one message that is judged -----------------------------------------------------------------------


def gather_facts(
    outside: Outside,
    message: IncomingMessage,
    now: datetime,
    *,
    opened: tuple[OpenedFile, ...],
    assignment: Assignment | None = None,
    whole: bool = True,
) -> IntakeFacts:
    """All that intake is told about one message. Of each cycle, the facts of those only whom it may be about."""
    store = outside.store
    letters = store.letters_by_message_id(filter(None, (message.message_id, *message.answered)))
    ours = {*letters}
    if store.letter(message.header(DELIVERY_HEADER)):  # a mail system may have changed its Message-ID
        ours.add(message.message_id)
    answered = next((letters[one] for one in message.answered if one in letters), None)
    facts = IntakeFacts(
        site=outside.site,
        key=outside.key,
        opened=opened,
        answered=answered,
        answered_words=tuple(list_our_words(outside, message)),
        own_message_ids=frozenset(ours),
        answers_today=list_answers_today(outside, now),
        passed_today=count_passed_today(outside, now),
        assignment=assignment,
        whole=whole,
        service=store.service_status(),
    )
    concerned = whom_to_ask_about(message, facts, now)
    facts = replace(
        facts,
        cycles=tuple(_gather_cycle(outside, quarter, concerned, now) for quarter in _list_cycles(outside)),
        asked=tuple(_list_asks(outside, message, concerned)),
    )
    shown = {name: _see_sent(outside, name) for name in which_forms_came(message, facts, now)}
    shown |= dict(_see_catalogues(outside, {ref for _, read in facts.forms() if read.catalogue for ref in _refs(read)}))
    return replace(facts, shown={name: seen for name, seen in shown.items() if seen})


def _list_asks(outside: Outside, message: IncomingMessage, concerned: tuple[str, ...]) -> Iterator[QueuedLetter]:
    """The letters that asked a message's sender for a yes and left, oldest first."""
    sender = plain_address(message.sender)
    people = (c for r in outside.site.respondents if r.key in concerned for c in r.contacts if c.role.assent)
    for address in dict.fromkeys(c.address for c in people if sender and c.acts_from(sender)):
        yield from (x for x in outside.store.letters(LetterState.SENT, recipient=address) if kind_of(x.kind).asks)


def _see_sent(outside: Outside, workbook: str) -> tuple[Sighting, ...]:
    """All that could be seen on a form of ours as it was sent, read as what comes back is; () where it is lost."""
    try:
        data = outside.archive.fetch(workbook)
    except (KeyError, ValueError):
        return ()
    return _read_own(outside, data, SEER).sightings


def _read_own(outside: Outside, data: bytes, reader: str) -> ReadForm:
    read = read_reply(outside.sandbox.run(reader, data, outside.configured.limits.seconds).value)
    return read if isinstance(read, ReadForm) else ReadForm()


def _refs(read: ReadForm) -> set[str]:
    return {str(one) for _, text in read.references if (one := find_reference(text))}


def _see_catalogues(outside: Outside, wanted: set[str]) -> Iterator[tuple[str, tuple[Sighting, ...]]]:
    """The same of catalogues of measures, by their references; they are kept with the letters that brought them."""
    letters = outside.store.letters(beyond_cycles=True) if wanted else ()
    about = [x for x in letters if any(one.year for one in x.about)][-_MOST_INSIDE:]
    for letter in reversed(about):
        try:
            ours = unpack_message(outside.archive.fetch(letter.content), received=letter.queued)
        except (KeyError, ValueError):
            continue
        books = (file.data for file in ours.attachments if file.data[:2] == b"PK")
        for read in (_read_own(outside, data, READER) for data in books if wanted):
            if read.catalogue and (found := wanted & _refs(read)):
                wanted -= found
                yield from ((ref, read.sightings) for ref in found)


def list_our_words(outside: Outside, message: IncomingMessage) -> Iterator[str]:
    """The text of the letter that is answered, and of those that messages inside are or answer."""
    named = (message.answered, *(one.ids for one in message.enclosed[:_MOST_INSIDE]))
    letters = (outside.store.letter_by_message_id(ids) for ids in named)
    for letter in {x.id: x for x in letters if x}.values():
        yield from _words_of(outside, letter)


def _words_of(outside: Outside, letter: QueuedLetter) -> tuple[str, ...]:
    """The text of a letter as programs may show it; () when it cannot be read, so that quotation marks must tell."""
    try:
        view = read_back(outside.archive.fetch(letter.content))
    except (KeyError, ValueError):
        return ()
    return view.text, html_to_text(view.html, as_shown=False)


def _list_cycles(outside: Outside) -> tuple[Quarter, ...]:
    """The cycles not archived and the one before them: last quarter's form is recognised by it."""
    live = live_quarters(outside)
    earlier = [q for q in outside.store.cycle_states() if live and q < live[0]]
    return (*earlier[-1:], *live)


def _gather_cycle(outside: Outside, quarter: Quarter, concerned: tuple[str, ...], now: datetime) -> CycleFacts:
    store = outside.store
    status = store.cycle_status(quarter)
    analysts = [r.key for r in outside.site.respondents if r.kind is RespondentKind.ANALYST and r.key in concerned]
    disputing = [key for key, stands in status.returns.items() if stands.disputes_passed] if analysts else []
    keys = [key for key in dict.fromkeys((*concerned, *disputing)) if key in status.returns]
    submissions = {key: store.submissions(quarter, key) for key in keys if status.returns[key].submission}
    requests = {key: store.request_history(quarter, key) for key in keys}
    fresh = forms_now(outside, status, keys, now)
    return CycleFacts(
        site=outside.site,
        dates=require_dates(outside, quarter),
        status=status,
        requests=requests,
        forms={key: history[-1].form for key, history in requests.items() if history} | fresh,
        renewed=frozenset(fresh),
        latest={key: versions[-1] for key, versions in submissions.items()},
        versions=submissions,
        narratives={key: store.narratives_before(quarter, key) for key in keys},
        events=store.events(quarter),
        letters=store.letters(kind=pass_disputes.kind.name, quarter=quarter),
    )


# What is disputed -----------------------------------------------------------------------------------


def list_disputed(store: Store, quarter: Quarter, respondent: str) -> tuple[Dispute, ...]:
    """The force's figures that a respondent disputes, with what was answered."""
    passed = find_passed(store.letters(kind=pass_disputes.kind.name, quarter=quarter))
    return list_disputes(store.submissions(quarter, respondent), store.events(quarter), passed)


def gather_disputed(store: Store, quarter: Quarter) -> dict[str, list[tuple[Dispute, Figure | None]]]:
    """The force's figures that each respondent disputes, without an answer so far, each as the form had it then."""
    found: dict[str, list[tuple[Dispute, Figure | None]]] = {}
    for key in (key for key, latest in store.latest_submissions(quarter).items() if latest.disputes):
        issues = {r.form.reference.revision: r.form for r in store.request_history(quarter, key)}
        versions = {one.id: one for one in store.submissions(quarter, key)}
        for dispute in (one for one in list_disputed(store, quarter, key) if not one.answered):
            form = issues.get(versions[dispute.submission].revision)
            rows = {(row.area.code, row.ref): row.given for row in form.figures} if form else {}
            found.setdefault(key, []).append((dispute, rows.get((dispute.area, dispute.ref))))
    return found


def say_disputed(
    store: Store, respondents: Iterable[Respondent], earlier: Iterable[Quarter]
) -> dict[str, dict[tuple[str, str], str]]:
    """What each respondent disputes of the force's figures of earlier quarters, as long as nobody has answered."""
    said: dict[str, dict[tuple[str, str], str]] = {}
    names = {r.key: r.name for r in respondents}
    for quarter in earlier:
        for key, stands in store.cycle_status(quarter).returns.items():
            for one in list_disputed(store, quarter, key) if stands.disputes_passed and key in names else ():
                if not one.answered:
                    said.setdefault(key, {})[one.area, one.ref] = say_dispute(one, names[key], quarter.months)
    return said
