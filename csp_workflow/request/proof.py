"""All that a cycle sends when it opens, made before it is sent: forms, workbooks, letters, and whom they go to.

The proof and the sending make it by the same rules. What was proved is kept as marks in the event, so that
sending notices whatever has changed since and says what.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field, is_dataclass
from datetime import date, datetime

from csp_workflow.forms.writing import name_file, write_workbook
from csp_workflow.letters.requests import Enclosure, ReplyWords
from csp_workflow.letters.standing_in import why
from csp_workflow.request.form import asks_nothing, define
from csp_workflow.terms.dates import CycleDates, Quarter, as_utc
from csp_workflow.terms.events import Fact, Request
from csp_workflow.terms.figures import Figure, KnownFigures
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.presence import Presence
from csp_workflow.terms.returns import FormDefinition, Narrative
from csp_workflow.terms.site import Contact, Respondent, RespondentKind, Role, Site

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MARK = "form:"
"""Before a respondent's key in the facts of the event that records a proof."""

_PARTS = ("what is asked", "the figures shown", "the dates", "the people written to", "the wording")


@dataclass(frozen=True, kw_only=True)
class ProofEntry:
    """One respondent's part of a proof: its form, its workbook, who is written to, and the first day it may leave.

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
class Proof:
    """What would be sent to whom. `idle` are the respondents that owe nothing this quarter."""

    quarter: Quarter
    entries: tuple[ProofEntry, ...]
    idle: tuple[Respondent, ...] = ()

    @property
    def workbooks(self) -> tuple[bytes, ...]:
        """The files to be kept in the archive before the decision is committed."""
        return tuple(entry.workbook.data for entry in self.entries)


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a proof is made from. `as_at` bounds the figures shown; `created` stands in every workbook.

    `revisions` are the revisions issued in this cycle so far, by respondent key; `narratives` what each
    wrote last quarter, by respondent key and ref. `today` is the day on which people hold their
    roles, `reach` knows which of them letters reach.
    """

    site: Site
    dates: CycleDates
    figures: tuple[Figure, ...]
    narratives: Mapping[str, Mapping[str, Narrative]]
    revisions: Mapping[str, int]
    key: bytes
    as_at: date
    today: date
    leaves: date
    created: datetime
    reach: Presence = field(default_factory=Presence)


def lay(material: Material, kinds: frozenset[RespondentKind]) -> Proof:
    """Make the forms of every respondent of these kinds that serves today."""
    known = KnownFigures(material.figures, material.as_at)
    entries: list[ProofEntry] = []
    idle: list[Respondent] = []
    for respondent in material.site.serving(material.today):
        if respondent.kind not in kinds:
            continue
        form = _form(respondent, material, known)
        if asks_nothing(form):
            idle.append(respondent)
        else:
            entries.append(_entry(respondent, form, material))
    return Proof(quarter=material.dates.quarter, entries=tuple(entries), idle=tuple(idle))


def _form(respondent: Respondent, material: Material, known: KnownFigures) -> FormDefinition:
    return define(
        respondent,
        material.dates.quarter,
        site=material.site,
        dates=material.dates,
        figures=known,
        narratives=material.narratives.get(respondent.key, {}),
        revision=material.revisions.get(respondent.key, 0) + 1,
        key=material.key,
    )


def _entry(respondent: Respondent, form: FormDefinition, material: Material) -> ProofEntry:
    book = write_workbook(form, created=material.created)
    reach, today = material.reach, material.today
    leads = reach.deliverable(respondent, today)
    return ProofEntry(
        respondent=respondent,
        form=form,
        workbook=Attachment(name=name_file(form), data=book, content_type=XLSX),
        leads=leads,
        chairs=reach.reached(respondent.people(Role.CHAIR, today)) if respondent.needs_approval else (),
        leaves=material.leaves,
        why=next((why(to, respondent, reach, today) for to in leads), ""),
    )


def reply_words(site: Site) -> ReplyWords:
    """The words a respondent writes alone in a reply: the first of each list in the config."""
    return ReplyWords(nil=site.nil_phrases[0].upper(), decline=site.decline_phrases[0].upper())


# What was proved, and what has changed since ---------------------------------------------------


def marks(proof: Proof, dates: CycleDates, *, key: bytes) -> dict[str, str]:
    """A short mark for each part of each respondent's form, for the event that records the proof."""
    return {f"{MARK}{entry.respondent.key}": _mark(entry, dates, key) for entry in proof.entries}


def changes(proved: Mapping[str, Fact], proof: Proof, dates: CycleDates, *, key: bytes) -> tuple[str, ...]:
    """What has changed since a proof (the facts of its event), a phrase for each respondent; () for nothing."""
    before = {name: str(mark) for name, mark in proved.items() if name.startswith(MARK)}
    now = marks(proof, dates, key=key)
    names = {f"{MARK}{entry.respondent.key}": entry.respondent.name for entry in proof.entries}
    return tuple(_changes(before, now, names))


def _changes(before: Mapping[str, str], now: Mapping[str, str], names: Mapping[str, str]) -> Iterator[str]:
    for name, mark in now.items():
        if name not in before:
            yield f"{names[name]} (was not in the proof)"
        elif mark != before[name]:
            pairs = zip(_PARTS, before[name].split(":"), mark.split(":"), strict=False)
            yield f"{names[name]} ({', '.join(part for part, was, is_now in pairs if was != is_now)})"
    for name in before:
        if name not in now:
            yield f"{name.removeprefix(MARK)} (is no longer asked)"


def _mark(entry: ProofEntry, dates: CycleDates, key: bytes) -> str:
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
    )
    return ":".join(_short(part, key) for part in parts)


def _short(part: object, key: bytes) -> str:
    """Keyed, so that an address cannot be guessed back from an event; of values alone, whatever the code calls them."""
    said = json.dumps(part, default=_plain)
    return hmac.digest(key, said.encode(), hashlib.sha256).hex()[:12]


def _plain(value: object) -> object:
    return astuple(value) if is_dataclass(value) and not isinstance(value, type) else str(value)
