"""All that a cycle sends when it opens, made before it is sent: forms, workbooks, letters, and whom they go to.

The proof and the sending make it by the same rules. What was proved is kept as marks in the event, so that
sending notices whatever has changed since and says what.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, is_dataclass, replace
from datetime import date, datetime, timedelta

from csp_workflow.analysis.peers import Comparators
from csp_workflow.forms.writing import attach_workbook
from csp_workflow.letters import proofs, requests
from csp_workflow.letters.catalogue import Environment, render
from csp_workflow.letters.proofs import ProofLetter, Since
from csp_workflow.letters.requests import Enclosure, ReplyWords
from csp_workflow.request import form as forms
from csp_workflow.terms.comparisons import GroupRate, KnownFigures
from csp_workflow.terms.dates import CycleDates, Quarter, as_utc, in_london
from csp_workflow.terms.events import ComingLetter, Event, Letter, Request, Sending
from csp_workflow.terms.figures import Figure, list_comparable
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.queries import lay_disputes
from csp_workflow.terms.returns import EarlierNarrative, FormDefinition
from csp_workflow.terms.service_status import ServiceStatus
from csp_workflow.terms.site import Contact, Respondent, RespondentKind, Role, Site, say_chairs
from csp_workflow.terms.status import CycleStatus

CALENDAR = "the calendar"
"""Who does what nobody ordered: the dates do."""

MARK = "form:"
"""Before a respondent's key in the facts of the event that records a proof."""

_Person = tuple[Contact, list["MailingEntry"]]
_PARTS = ("what is asked", "the figures shown", "the dates", "the people written to", "the wording", "the reminders")

Foresee = Callable[[Sequence[Sending], datetime], tuple[ComingLetter, ...]]
"""Every letter to come if these sendings are let go and nobody answers: asked of the chase, which writes them."""


def _foresee_nothing(_: Sequence[Sending], __: datetime) -> tuple[ComingLetter, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class OpeningFacts:
    """What opening a cycle is decided by.

    `dates` is None when the quarter is not planned. `figures` are all that are stored, and `groups` what extracts
    said of comparison groups; `narratives` what each respondent wrote last quarter, by key and ref; `revisions` how
    many forms each was sent in this cycle; `events` the cycle's own. `by` is who orders it. `key` seals references.
    `service` knows whom letters reach. `disputed` is what each respondent disputes of earlier quarters, as long as that
    is open, by key, area and ref. `shown` are the moments of the proofs that left; `foresee` plays the rest ahead.
    `written` are the addresses, in lower case, to which a letter of ours went or is on its way.
    """

    site: Site
    quarter: Quarter
    dates: CycleDates | None
    status: CycleStatus
    figures: tuple[Figure, ...]
    key: bytes
    templates: Environment
    by: str = CALENDAR
    narratives: Mapping[str, Mapping[str, EarlierNarrative]] = field(default_factory=dict)
    revisions: Mapping[str, int] = field(default_factory=dict)
    groups: tuple[GroupRate, ...] = ()
    events: tuple[Event, ...] = ()
    service: ServiceStatus = field(default_factory=ServiceStatus)
    disputed: Mapping[str, Mapping[tuple[str, str], str]] = field(default_factory=dict)
    shown: tuple[datetime, ...] = ()
    foresee: Foresee = _foresee_nothing
    written: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class MailingEntry:
    """One respondent's part of a mailing: its form, its workbook, who is written to, and the first day it may leave.

    `leads` are those who get the form: the leads, or whoever stands in where letters reach no lead; `why` then says so.
    """

    respondent: Respondent
    form: FormDefinition
    workbook: Attachment
    leads: tuple[Contact, ...]
    chairs: tuple[Contact, ...]
    leaves: date
    why: str = ""

    @property
    def file(self) -> str:
        """The workbook's file name."""
        return self.workbook.name

    @property
    def enclosure(self) -> Enclosure:
        """The form with its workbook, as a letter takes it."""
        return Enclosure(form=self.form, workbook=self.workbook, why=self.why)

    @property
    def request(self) -> Request:
        """What is kept of it: the definition and the workbook's hash (SHA-256, as the archive names its files)."""
        return Request(form=self.form, workbook=hashlib.sha256(self.workbook.data).hexdigest())


@dataclass(frozen=True, kw_only=True)
class Mailing:
    """What would be sent to whom. `idle` are the respondents that owe nothing this quarter."""

    entries: tuple[MailingEntry, ...] = ()
    idle: tuple[Respondent, ...] = ()


def lay_out_mailing(
    facts: OpeningFacts,
    dates: CycleDates,
    kinds: frozenset[RespondentKind],
    now: datetime,
    *,
    created: datetime | None = None,
    as_at: date | None = None,
) -> Mailing:
    """Make the forms of every respondent of these kinds that serves today.

    `created` stands in every workbook (None: now). `as_at` bounds the figures shown: a cycle that opens late
    may show what came meanwhile, never what is to come.
    """
    entries: list[MailingEntry] = []
    idle: list[Respondent] = []
    among = [r.key for r in facts.site.respondents if r.kind in kinds]
    for respondent, form in define_forms(facts, dates, now, among=among, as_at=as_at):
        if forms.asks_nothing(form):
            idle.append(respondent)
        else:
            entries.append(_make_entry(respondent, form, facts, now, created=created or now))
    return Mailing(entries=tuple(entries), idle=tuple(idle))


def define_forms(
    facts: OpeningFacts, dates: CycleDates, now: datetime, *, among: Collection[str], as_at: date | None = None
) -> Iterator[tuple[Respondent, FormDefinition]]:
    """The next issue of the form of each of these respondents that serves today, without a workbook."""
    today = in_london(now).date()
    framework = facts.site.framework(dates.quarter)
    comparable = list_comparable(facts.figures, framework, dates.quarter)
    known = KnownFigures(comparable, as_at or max(dates.open, today))
    comparators = Comparators(known, facts.site.peers, list_comparable(facts.groups, framework, dates.quarter))
    for respondent in facts.site.serving(today):
        if respondent.key in among:
            form = forms.define_form(
                respondent,
                dates.quarter,
                site=facts.site,
                dates=dates,
                figures=known,
                status=facts.status,
                narratives=forms.list_earlier(respondent, facts.site, facts.narratives),
                revision=facts.revisions.get(respondent.key, 0) + 1,
                key=facts.key,
                comparators=comparators,
            )
            yield respondent, lay_disputes(form, facts.disputed.get(respondent.key, {}))


def _make_entry(
    respondent: Respondent, form: FormDefinition, facts: OpeningFacts, now: datetime, *, created: datetime
) -> MailingEntry:
    today, service = in_london(now).date(), facts.service
    leads = service.deliverable(respondent, today)
    return MailingEntry(
        respondent=respondent,
        form=form,
        workbook=attach_workbook(form, created=created),
        leads=leads,
        chairs=service.chairing(respondent, today) if respondent.needs_approval else (),
        leaves=find_first_day(now, facts.site),
        why=next((service.say_stand_in(to, respondent, today) for to in leads), ""),
    )


def find_first_day(now: datetime, site: Site) -> date:
    """The first day on which a letter queued now may leave: a working day whose sending window is not over."""
    local = in_london(now)
    is_over = local.time() >= site.window.closes
    return site.working_days.plus(local.date() + timedelta(days=int(is_over)), 0)


# The letters: one to each person, with all the forms that person answers for ---------------------------


def write_letters(mailing: Mailing, site: Site, dates: CycleDates) -> tuple[Letter, ...]:
    """Every letter of an opening: to the leads, then to the chairs, each in the order of the config."""
    return (*_write_to_leads(mailing, site, dates), *_write_to_chairs(mailing, dates, with_copy=site.chair_copy))


def write_proof_pack(
    mailing: Mailing,
    site: Site,
    dates: CycleDates,
    *,
    environment: Environment,
    key: bytes,
    remarks: Iterable[str],
    may_go: bool = True,
    coming: Sequence[ComingLetter] = (),
    since: Since | None = None,
    among: Collection[str] | None = None,
    of_extract: bool = False,
) -> Letter:
    """The proof pack for the co-ordinator: every letter with its words, and the first day it may leave.

    `coming` are the letters that follow if nobody answers. A proof that takes another's place (`since`) shows those
    about the respondents `among`, whose letters are otherwise now. `of_extract`: the small one, of the extract alone.
    """

    written = write_letters(mailing, site, dates)
    first = [ComingLetter(day=min(e.leaves for e in mailing.entries), letter=x) for x in written]
    every = show_letters((*first, *coming), site, environment=environment, key=key)
    shown, follow = (
        [p for p in part if among is None or any(k in among for k in p.letter.respondents)]
        for part in (every[: len(first)], every[len(first) :])
    )
    unsent = tuple(e.workbook for e in mailing.entries if not e.leads and (among is None or e.respondent.key in among))
    if of_extract and mailing.entries:  # it may have been given a day of its own before anybody was asked
        dates = replace(dates, extract_due=min(entry.form.due for entry in mailing.entries))
    write = proofs.extract_proof if of_extract else proofs.proof_pack
    return write(
        site.office.co_ordinator,
        shown,
        dates,
        boards=site.boards,
        remarks=tuple(remarks),
        may_go=may_go,
        unsent=unsent,
        coming=follow,
        since=replace(since, same=len(written) - len(shown)) if since else None,
    )


def show_letters(
    coming: Iterable[ComingLetter], site: Site, *, environment: Environment, key: bytes
) -> tuple[ProofLetter, ...]:
    """Letters with their words as they would leave."""
    shown: list[ProofLetter] = []
    for one in coming:
        letter = one.letter
        words = render(
            letter,
            site.office,
            environment=environment,
            key=key,
            marking=site.marking,
            illustrative=site.illustrative,
        )
        names = tuple(site.respondent(k).name for k in letter.respondents)
        proof = ProofLetter(
            letter=letter, subject=words.subject, text=words.text, leaves=one.day, condition=one.condition, names=names
        )
        shown.append(proof)
    return tuple(shown)


def reply_words(site: Site) -> ReplyWords:
    """The words a respondent writes alone in a reply: the first of each list in the config."""
    nil, decline, approve = site.nil_phrases[0], site.decline_phrases[0], site.approval_phrases[0]
    return ReplyWords(nil=nil.upper(), decline=decline.upper(), approve=approve.upper())


def _write_to_leads(mailing: Mailing, site: Site, dates: CycleDates) -> Iterable[Letter]:
    """A person who answers for a partnership and a contributor gets the partnership's letter, with both forms.

    The force's analyst is asked before the others, in a mailing apart.
    """
    words = reply_words(site)
    for contact, entries in _group_by_person(mailing, lambda entry: entry.leads):
        enclosures = [entry.enclosure for entry in entries]
        kinds = {entry.respondent.kind for entry in entries}
        write_one = next(write for kind, write in requests.REQUEST_OF.items() if kind in kinds)
        chairs = {e.respondent.name: c.role for e in entries for c in e.chairs if c.is_at(contact.address)}
        yield write_one(
            contact,
            enclosures,
            dates,
            words=words,
            chaired=tuple(chairs),
            chaired_as=next(iter(chairs.values()), Role.CHAIR),
            asked=say_chairs((entry.respondent for entry in entries), dates.open),
        )


def _write_to_chairs(mailing: Mailing, dates: CycleDates, *, with_copy: bool) -> Iterable[Letter]:
    """A chair who is the lead as well has the request itself and needs no note."""
    for contact, entries in _group_by_person(mailing, _list_chairs_who_do_not_lead):
        leads = {e.respondent.key: ", ".join(lead.name for lead in e.leads) for e in entries if e.leads}
        copies = tuple(entry.workbook for entry in entries if with_copy)
        yield requests.request_chair(contact, [entry.form for entry in entries], dates, copies, leads=leads)


def _list_chairs_who_do_not_lead(entry: MailingEntry) -> tuple[Contact, ...]:
    return tuple(chair for chair in entry.chairs if not any(lead.is_at(chair.address) for lead in entry.leads))


def _group_by_person(mailing: Mailing, people: Callable[[MailingEntry], Iterable[Contact]]) -> tuple[_Person, ...]:
    """Each address once, with everything it answers for; a person listed twice at one respondent counts once."""
    found: dict[str, _Person] = {}
    for entry in mailing.entries:
        for contact in people(entry):
            _, entries = found.setdefault(contact.address.lower(), (contact, []))
            if entry not in entries:
                entries.append(entry)
    return tuple(found.values())


# What was proved, and what has changed since ---------------------------------------------------


def mark_forms(mailing: Mailing, dates: CycleDates, *, key: bytes, ladder: object) -> dict[str, str]:
    """A short mark for each part of each respondent's form, and of its reminders, for the event that records the proof.

    `ladder` is by what reminders are written.
    """
    return {f"{MARK}{entry.respondent.key}": _mark_form(entry, dates, key, ladder) for entry in mailing.entries}


def find_changes(made: Event, mailing: Mailing, dates: CycleDates, *, key: bytes, ladder: object) -> dict[str, str]:
    """What has changed since a proof (the event that records it): a phrase for each respondent, by its key."""
    before = {name: str(mark) for name, mark in made.facts.items() if name.startswith(MARK)}
    now = mark_forms(mailing, dates, key=key, ladder=ladder)
    names = {f"{MARK}{entry.respondent.key}": entry.respondent.name for entry in mailing.entries}
    return {name.removeprefix(MARK): said for name, said in _compare(before, now, names)}


def _compare(before: Mapping[str, str], now: Mapping[str, str], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, mark in now.items():
        # A mark of before has a part less where something is marked since.
        pairs = list(zip(_PARTS, before.get(name, "").split(":"), mark.split(":"), strict=False))
        parts = [part for part, was, is_now in pairs if was != is_now]
        if name not in before:
            yield name, f"{names[name]} (was not in the proof)"
        elif parts:
            yield name, f"{names[name]} ({', '.join(parts)})"
    for name in before:
        if name not in now:
            yield name, f"{name.removeprefix(MARK)} (is no longer asked)"


def _mark_form(entry: MailingEntry, dates: CycleDates, key: bytes, ladder: object) -> str:
    form = entry.form
    rows = [
        (r.area, r.ref, r.measure, r.title, r.definition, r.intent, r.unit, r.kind, r.entry, r.required)
        for r in form.figures
    ]
    figures = [(r.history, r.official, r.comparator, r.given, r.previous, r.suppressed_below) for r in form.figures]
    parts = (
        (rows, form.summary, form.actions),
        (figures, form.history, form.sources, form.illustrative),
        (as_utc(form.due).isoformat(), as_utc(dates.close).isoformat(), dates.papers),
        [(c.name, c.address.lower(), c.role) for c in (*entry.leads, *entry.chairs)],
        (form.reference, form.respondent_name, form.office, form.ask, form.marking),
        ladder,
    )
    return ":".join(digest_values(part, key) for part in parts)


def digest_values(part: object, key: bytes) -> str:
    """Keyed, so that an address cannot be guessed back from an event; of values alone, whatever the code calls them."""
    words = json.dumps(part, default=_plain)
    return hmac.digest(key, words.encode(), hashlib.sha256).hex()[:12]


def _plain(value: object) -> object:
    return astuple(value) if is_dataclass(value) and not isinstance(value, type) else str(value)
