"""What is held of a person, or of a partnership: found wherever it lies, and a person erased for good by order.

Everything is looked through: each text of the store, each file of the archive word by word. A role and a keyed number
stay in the place of a person, so that what happened can be replayed and each thing is still known for somebody's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from csp_workflow.mail.reading_through import Words, read_through
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.disposing import (
    find_quarters,
    is_received_before,
    list_needed,
    note_disposal,
    remove_files,
    sweep_mailbox,
)
from csp_workflow.steps.outside import Outside, live_quarters
from csp_workflow.store import LandedMessage, StoredText
from csp_workflow.terms.data_subjects import DataSubject, find_people_of, find_subject
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.events import Decision, Event, Happened, LetterState, PreconditionFailed, QueuedLetter
from csp_workflow.terms.phrases import joined, plain_day, plural
from csp_workflow.terms.site import Contact, Respondent, Site, plain_address

_LEFT_US = {LetterState.SENT, LetterState.FAILED, LetterState.WITHDRAWN}
_DRAFTED = {Happened.PAPER_DRAFTED, Happened.ERRATUM_DRAFTED}
_CIRCULATED = {Happened.PAPER_CIRCULATED, Happened.ERRATUM_CIRCULATED}
_PUBLISHED = "It went to a board: a paper that was published is kept as the public record, and is not rewritten."
_IN_CONFIG = "Whoever keeps the configuration takes its lines out; a person ends by the workbook that SETUP brings."
_BY_HAND = "Nobody reads a store that was put aside: remove the folder by hand when it has served."
_IMPORTED = "It is a file of figures that was imported: each figure of it names it as its source."
_SET_UP = "It is a set-up that went out, or a file that was sent to be taken: the next one is told beside it."


@dataclass(frozen=True, kw_only=True)
class Sought:
    """Whom a search is for: people by name and address, and a partnership as a whole by its key ("": a person)."""

    people: DataSubject
    respondent: str = ""


@dataclass(frozen=True, kw_only=True)
class Held:
    """One thing that is held: where it lies, what it is, and how the one who is sought has to do with it.

    `content` is its hash in the archive ("": it lies in the store), `id` that of the message or letter, `stays` why it
    is not erased ("": it is), `unread` the files in it that could not be looked into.
    """

    where: str
    what: str
    how: str
    id: str = ""
    when: str = ""
    keeps: str = ""
    content: str = ""
    stays: str = ""
    unread: tuple[str, ...] = ()
    row: LandedMessage | QueuedLetter | None = field(default=None, repr=False)

    def describe(self) -> dict[str, Any]:
        """For people and for --json. Fields may be added, never renamed."""
        names = ("where", "id", "when", "what", "how", "keeps", "stays")
        return {**{name: getattr(self, name) for name in names}, "unread": ", ".join(self.unread)}


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What an erasure did: the number that stands for the person now, what went, and what stays."""

    number: str
    rows: int
    files: int
    removed: int
    left: tuple[Held, ...]

    def describe(self) -> dict[str, Any]:
        """For --json."""
        counts = {"number": self.number, "rows": self.rows, "files": self.files, "removed": self.removed}
        return {**counts, "left": [one.describe() for one in self.left]}

    def say(self) -> str:
        """For people."""
        done = f"{plural(self.rows, 'row')}, {plural(self.files, 'file')}, {self.removed} in the mailbox"
        left = (f"Left: {one.where} {one.id[:10]} {one.what}. {one.stays}" for one in self.left)
        return "\n".join((f"Erased; the number {self.number} stands in their place: {done}.", *left))


def read_sought(outside: Outside, words: Iterable[str]) -> Sought:
    """Whom some words mean: a respondent's key, code or name; else names and addresses of one person."""
    given = tuple(words)
    asked = [word.casefold().strip() for word in given]
    for respondent in outside.site.respondents:
        if asked == [one for one in asked if one in _names_of(respondent)]:
            return Sought(people=find_people_of(respondent.key, outside.site), respondent=respondent.key)
    people = find_subject(given, outside.site)
    if not (people.names or people.addresses) or not all(len(word) >= 3 for word in asked):
        raise PreconditionFailed("Name a person by name or address, or a partnership by its key.")
    return Sought(people=people)


def _names_of(respondent: Respondent) -> tuple[str, ...]:
    return respondent.key.casefold(), respondent.code.casefold(), respondent.name.casefold()


# Finding ------------------------------------------------------------------------------------------


def find_held(outside: Outside, sought: Sought, now: datetime) -> tuple[Held, ...]:
    """All that is held: configuration, store, archive, and earlier stores that were put aside."""
    files = tuple(_find_files(outside, sought, now))
    return (*_find_contacts(outside, sought), *files, *_find_texts(outside, sought), *_find_earlier(outside))


def _find_contacts(outside: Outside, sought: Sought) -> Iterator[Held]:
    for contact, whose, respondent in _list_contacts(outside.configured):
        is_theirs = respondent == sought.respondent if sought.respondent else _is_of(sought.people, contact)
        if is_theirs:
            until = "" if contact.valid_to == date.max else f" until {plain_day(contact.valid_to)}"
            what = f"{contact.role} of {whose}{until}"
            yield Held(where="config", what=what, how="stands in it", stays=_IN_CONFIG)


def _list_contacts(site: Site) -> Iterator[tuple[Contact, str, str]]:
    for respondent in site.respondents:
        yield from ((c, respondent.name, respondent.key) for c in (*respondent.contacts, *respondent.invited))
    office = site.office
    yield from ((c, office.name, "") for c in (*office.people, *office.secretariat))


def _is_of(people: DataSubject, contact: Contact) -> bool:
    return any(people.is_in(text) for text in (contact.name, contact.address, *contact.also, *contact.members))


def _find_texts(outside: Outside, sought: Sought) -> Iterator[Held]:
    """The columns of the store that name them, each with its retention class and how many rows do."""
    counted: dict[tuple[str, str, str], int] = {}
    for text in list_texts(outside, sought):
        place = text.table, text.column, text.keeps
        counted[place] = counted.get(place, 0) + 1
    for (table, column, keeps), count in counted.items():
        yield Held(where=f"{table}.{column}", what=plural(count, "row"), how="is named in it", keeps=keeps)


def list_texts(outside: Outside, sought: Sought) -> Iterator[StoredText]:
    """Each text of the store that names them."""
    return (text for text in outside.store.stored_texts() if sought.people.is_in(text.text))


def _find_earlier(outside: Outside) -> Iterator[Held]:
    state = outside.here.note.parent if outside.here else None
    for folder in sorted(state.glob("before-*")) if state else ():
        yield Held(where=folder.name, what="a store that was put aside", how="may name them", stays=_BY_HAND)


def _find_files(outside: Outside, sought: Sought, now: datetime) -> Iterator[Held]:
    """The files of the archive: each with what the store says of it, wherever the one who is sought is in it."""
    known = {held.content: held for held in list_held_files(outside, now)}
    imported = {event.subject for _, event in outside.store.numbered_events(Happened.FIGURES_IMPORTED)}
    for name in sorted(outside.archive.list_names()):
        what, stays = ("figures", _IMPORTED) if name in imported else ("set-up", _SET_UP)
        held = known.get(name) or Held(where="file", what=what, how="", content=name, stays=stays)
        words = read_held(outside, held)
        how = _say_how(held, sought, words)
        if how:
            yield replace(held, how=how, unread=tuple(words.unread))


def read_held(outside: Outside, held: Held) -> Words:
    """All the words of a file that is held; none where its bytes are gone or were changed."""
    try:
        data = outside.archive.fetch(held.content)
    except (KeyError, ValueError):
        return Words()
    return read_through(data, is_message=held.row is not None, name=held.where)


def _say_how(held: Held, sought: Sought, words: Words) -> str:
    addresses = sought.people.addresses
    match held.row:
        case LandedMessage() as row:
            if sought.respondent and sought.respondent in row.respondents:
                return "is about it"
            if plain_address(row.sender) in addresses:
                return "wrote it"
        case QueuedLetter() as row:
            if sought.respondent and sought.respondent in row.respondents:
                return "is about it"
            if plain_address(row.recipient) in addresses:
                return "was sent it"
    if sought.respondent and held.where == "form" and held.id == sought.respondent:
        return "is about it"
    return "is named in it" if any(map(sought.people.is_in, words.texts)) else ""


def list_held_files(outside: Outside, now: datetime) -> Iterator[Held]:
    """What the store says of each file that it names, and why it may not be erased yet."""
    since, waiting = list_needed(outside)
    live, schedule, today = frozenset(live_quarters(outside)), outside.configured.retention, london_day(now)
    is_held = bool(schedule.legal_holds)
    for row in outside.store.messages():
        stays = "It waits for somebody: settle it first." if row.id in waiting or not row.verdict else ""
        stays = stays or ("" if is_received_before(row, since) else _say_needed(live))
        about = {"respondents": row.respondents, "addresses": (row.sender,)}
        stays = stays or schedule.say_held(today, quarters=find_quarters(outside, row.id) if is_held else (), **about)
        yield _hold("message", row, row.received, stays)
    for letter in outside.store.letters():
        about = {"respondents": letter.respondents, "addresses": (letter.recipient,)}
        stays = _say_needed(live) if letter.quarter in live else ""
        stays = stays or schedule.say_held(today, quarters=(letter.quarter,), **about)
        yield _hold("letter", letter, letter.queued, stays)
        if letter.as_left:
            changed = replace(letter, content=letter.as_left, subject=f"{letter.subject}, as it was changed by hand")
            yield _hold("letter", changed, letter.queued, stays)
    for quarter in outside.store.cycle_states():
        needed = _say_needed(live) if quarter in live else schedule.say_held(today, quarters=(quarter,))
        yield from _list_of_quarter(outside, quarter, needed)


def _hold(where: str, row: LandedMessage | QueuedLetter, when: datetime, stays: str) -> Held:
    return Held(
        where=where,
        id=row.id,
        what=row.subject,
        how="",
        when=when.isoformat(),
        content=row.content,
        stays=stays,
        row=row,
    )


def _say_needed(live: Iterable[Quarter]) -> str:
    under_way = joined([str(quarter) for quarter in sorted(live)])
    return f"{under_way} is under way and may need it: erase again once it is archived." if under_way else ""


def _list_of_quarter(outside: Outside, quarter: Quarter, needed: str) -> Iterator[Held]:
    for request in outside.store.request_history(quarter):
        what = f"{request.form.respondent_name}, {quarter}, issue {request.form.reference.revision}"
        yield Held(where="form", id=request.form.respondent, what=what, how="", content=request.workbook, stays=needed)
    events = outside.store.events(quarter)
    went = {str(event.facts.get("content")) for event in events if event.kind in _CIRCULATED}
    for event in (e for e in events if e.kind in _DRAFTED):
        made = [value for value in event.facts.values() if isinstance(value, str) and len(value) == 64]
        stays = _PUBLISHED if went & set(made) else needed
        for content in made:
            what = f"{event.subject}, {quarter}, as drafted at {event.at.isoformat()}"
            yield Held(where="paper", what=what, how="", content=content, stays=stays)


# Erasing ------------------------------------------------------------------------------------------


def erase_subject(outside: Outside, sought: Sought, now: datetime, *, by: str) -> Erased:
    """Erase a person from store, archive and mailbox. Raises PreconditionFailed while they serve, or a letter waits.

    Cut off at any moment, it is finished by the next: nothing is left half known.
    """
    refuse_erasure(outside, sought, now)
    held = find_held(outside, sought, now)
    going = [one for one in held if one.content and not one.stays]
    left = tuple(one for one in held if one.stays)
    number = sought.people.number(outside.key)
    counted = {f"{where}s": sum(one.where == where for one in going) for where in ("message", "letter")}
    facts: Mapping[str, Any] = {"roles": _say_roles(outside, sought), **counted, "files": len(going), "left": len(left)}
    event = Event(kind=Happened.SUBJECT_ERASED, at=now, by=by, subject=number, facts=facts)
    commit_current(outside, lambda: Decision(events=(event,)), now)
    note_disposal(outside, [name for one in going for name in (one.id, one.content) if name])
    remove_files(outside, [one.content for one in going])
    rows = outside.store.rewrite_texts(_eraser(sought.people, outside.key))
    outside.reached("erase:rewritten")
    removed = sweep_mailbox(outside, now)
    return Erased(number=number, rows=rows, files=len(going), removed=removed, left=left)


def _eraser(people: DataSubject, key: bytes) -> Callable[[str], str]:
    return lambda text: people.erase_from(text, key)


def _say_roles(outside: Outside, sought: Sought) -> str:
    """The roles that stay known: of a person those that the site has them in."""
    found = _list_contacts(outside.site)
    return ", ".join(dict.fromkeys(f"{c.role} of {whose}" for c, whose, _ in found if _is_of(sought.people, c)))


def refuse_erasure(outside: Outside, sought: Sought, now: datetime) -> None:
    """Raises PreconditionFailed while somebody may not be erased, with what to do first."""
    today, people = london_day(now), sought.people
    if not people.addresses and not any(" " in name for name in people.names):
        raise PreconditionFailed("A single word would erase other people too. Give the whole name, or an address.")
    for contact, whose, _ in _list_contacts(outside.site):
        if _is_of(people, contact) and contact.valid_to >= today:
            raise PreconditionFailed(
                f"{contact.name} is {contact.role} of {whose} now. Name somebody else first (CONTACT, or an end date "
                "in the configuration): whoever serves is written to, and would be known again at once."
            )
    schedule = outside.configured.retention
    if held := schedule.say_held(today, addresses=people.addresses, respondents=(sought.respondent,)):
        raise PreconditionFailed(held)
    waiting = [
        letter
        for letter in outside.store.letters()
        if letter.state not in _LEFT_US and plain_address(letter.recipient) in people.addresses
    ]
    if waiting:
        raise PreconditionFailed(
            f"{plural(len(waiting), 'letter')} to them did not leave yet. See: csp-workflow outbox list"
        )
