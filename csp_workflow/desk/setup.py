"""SETUP, which brings the co-ordinator's workbook; what a file of hers would change; APPLY, which takes it as told.

What stands in the cells of a set-up workbook is read as values; what is not right is told by sheet and cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from csp_workflow.desk.commands import CarriedOut, Command, OrderFacts, Refused, StepOrder, Verb, keep_order
from csp_workflow.desk.persons import ADDRESS, role_of
from csp_workflow.forms import setup_book as book
from csp_workflow.forms.setup_sheets import (
    NO_WORD,
    ROW,
    SETUP_SHEETS,
    YES_WORD,
    Holds,
    SetupColumn,
    SetupSheet,
    split_cell,
)
from csp_workflow.letters.contacts import confirm_address
from csp_workflow.letters.office import file_told, name_file_told, setup_workbook
from csp_workflow.terms.cells import Cell, CellType, ReadRow
from csp_workflow.terms.events import NOTHING, Decision, Event, Happened
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.service_status import Brings, Offer
from csp_workflow.terms.site import Contact, Office, Respondent, plain_address
from csp_workflow.terms.written_days import DayNotRead, read_day

_NEVER_SET = re.compile(
    r"^(?:mode|adapter|database|archive|trust\w*|profile|authserv.?id|boundary|gateway|secrets?|passwords?|client.?secret"
    r"|certificate|tenant|mailbox|co.?ordinator\w*|(?:our|my|own) (?:e-?mail|address).*|deput(?:y|ies) co.?ordinator)$",
    re.IGNORECASE,
)
"""What no workbook sets: whose word counts, where mail goes and who may order."""
_YEAR = re.compile(r"^(\d{4})\s?[-\u2013/]\s?(?:20)?(\d\d)$")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TITLES = {sheet.title: sheet for sheet in SETUP_SHEETS}


@dataclass(frozen=True, kw_only=True)
class SetupFault:
    """What is not right, and in which cell of which sheet ("" where it is in none)."""

    sheet: str
    cell: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class TypedRow:
    """A row as it was typed: its number in the copy (0: a new one), in whose list, its values and where each is.

    `unread` are the keys of cells that could not be read: what stands there is not known, and so was not emptied.
    """

    sheet: SetupSheet
    row: int
    number: int
    whose: str
    values: Mapping[str, Any]
    cells: Mapping[str, str]
    unread: frozenset[str] = frozenset()

    def can_say(self, key: str) -> bool:
        """Whether it has such a cell, which was read."""
        return key in self.cells and key not in self.unread

    def say_fault(self, key: str, sentence: str) -> SetupFault:
        """A fault of one of its cells, by key; of the row, where it has no such cell."""
        cell = self.cells.get(key) or next(iter(self.cells.values()), "")
        return SetupFault(sheet=self.sheet.title, cell=cell, sentence=sentence)


@dataclass(frozen=True, kw_only=True)
class Typed:
    """A workbook as it was typed: the mark of the copy it was made of, its rows, and the headers of each sheet."""

    mark: str
    rows: tuple[TypedRow, ...] = ()
    headers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    faults: tuple[SetupFault, ...] = ()


class _NotRight(ValueError):
    """A cell that cannot be read; the sentence says why."""


def read_typed(read: tuple[ReadRow, ...], *, today: date) -> Typed:
    """All that a workbook says. A day without a year is the next such day from `today` on."""
    rows: list[TypedRow] = []
    faults = list(_find_strange(read))
    for row in (row for row in read if row.table in _TITLES):
        typed, wrong = _read_row(row, _TITLES[row.table], today)
        rows.append(typed)
        faults += wrong
    headers = {row.ref: frozenset(header for header, _ in row.cells) for row in read if row.table == book.HEADERS}
    mark = next((row.ref for row in read if row.table == book.MARK), "")
    return Typed(mark=mark, rows=tuple(rows), headers=headers, faults=tuple(faults))


def _find_strange(read: tuple[ReadRow, ...]) -> Iterator[SetupFault]:
    for row in read:
        if row.table == book.MERGED:
            said = "these cells are merged. Please unmerge them, so that each row says what is its own."
            yield SetupFault(sheet=row.sheet, cell=row.ref, sentence=said)
        elif row.table == book.TWICE:
            said = f"the column {row.ref} stands twice. Please leave one."
            yield SetupFault(sheet=row.sheet, cell=row.cells[0][1].cell, sentence=said)
        elif row.table == book.STRANGE:
            yield SetupFault(sheet=row.sheet, cell=row.cells[0][1].cell, sentence=_say_strange(row))
        if row.table == book.STRANGE or (row.table in _TITLES and not row.ref):
            yield from _find_never_set(row)


def _say_strange(row: ReadRow) -> str:
    if row.sheet in _TITLES:
        return f"“{row.ref[:60]}” stands in no column of this sheet. Please take it out, or put it under its header."
    return "this sheet is none of the set-up's. Please take it out of the workbook."


def _find_never_set(row: ReadRow) -> Iterator[SetupFault]:
    """A new row, or what stands beside the tables, that names what is never set this way."""
    for _, cell in row.cells:
        if _NEVER_SET.fullmatch(cell.text.strip()):
            said = f"“{cell.text.strip()}” is never set by workbook. Whoever keeps the service sets it there."
            yield SetupFault(sheet=row.sheet, cell=cell.cell, sentence=said)


def _read_row(row: ReadRow, sheet: SetupSheet, today: date) -> tuple[TypedRow, list[SetupFault]]:
    found = dict(row.cells)
    keys = {header: header for header in found} | {column.header: column.key for column in sheet.columns}
    columns = {column.header: column for column in sheet.columns}
    values: dict[str, Any] = {}
    faults = list(_find_struck(row))
    unread = {keys[header] for header, cell in row.cells if cell.struck}
    for header, cell in ((header, cell) for header, cell in row.cells if cell.note or not cell.struck):
        try:
            _refuse_marks(cell)
            if header in columns and not cell.is_blank:
                values[keys[header]] = _read_cell(cell, columns[header], today)
        except _NotRight as fault:
            faults.append(SetupFault(sheet=sheet.title, cell=cell.cell, sentence=str(fault)))
            unread.add(keys[header])
    number = found[ROW].text.strip() if ROW in found else ""
    if number and not number.isdecimal():
        said = f"“{number[:30]}” is no row's number. Leave the numbers as they are; a new row has none."
        faults.append(SetupFault(sheet=sheet.title, cell=found[ROW].cell, sentence=said))
        unread.add(ROW)
    typed = TypedRow(
        sheet=sheet,
        row=row.row,
        number=int(number) if number.isdecimal() else 0,
        whose=found[sheet.whose].text.strip() if sheet.whose in found else "",
        values=values,
        cells={keys[header]: cell.cell for header, cell in row.cells},
        unread=frozenset(unread),
    )
    return typed, faults


def _find_struck(row: ReadRow) -> Iterator[SetupFault]:
    """One fault for the line through a row, however many of its cells it goes through."""
    struck = [cell.cell for _, cell in row.cells if cell.struck]
    if struck:
        what = "it is" if len(struck) == 1 else "this row is"
        said = f"{what} struck through. Who or what ends gets its last day under To; please undo the line."
        yield SetupFault(sheet=row.sheet, cell=struck[0], sentence=said)


def _refuse_marks(cell: Cell) -> None:
    if cell.note:
        raise _NotRight(f"a comment stands there: “{cell.note[:60]}”. Please write in the cells what is to change.")
    if cell.formula or (cell.type is CellType.TEXT and cell.text.lstrip().startswith("=")):
        raise _NotRight("a formula stands there. Please write what it comes to.")
    if cell.type is CellType.ERROR:
        raise _NotRight(f"an error of the spreadsheet ({cell.text}) stands there. Please write what is meant.")


def _read_cell(cell: Cell, column: SetupColumn, today: date) -> Any:
    text = cell.text.strip()
    if column.holds is Holds.DAY:
        return _read_day(cell, today)
    if column.holds is Holds.YES:
        return text.casefold() == column.header.casefold() or _read_yes(text)
    if cell.type is CellType.DATE:
        raise _NotRight(f"a date ({text}) stands there, where words are wanted. Please write it as text.")
    if column.key == "phone" and cell.type is CellType.NUMBER:
        raise _NotRight("the phone number is stored as a number, which loses its 0. Please write it as text.")
    if column.holds is Holds.NUMBERS:
        return _read_numbers(text)
    if column.holds is Holds.LIST:
        return split_cell(text)
    if column.holds is Holds.LINES:
        return [line.strip() for line in text.split("\n") if line.strip()]
    return _read_choice(text, column)


def _read_choice(text: str, column: SetupColumn) -> str:
    """What is typed, as the configuration writes it: a choice in any case, an address alone, a year as "2015/16"."""
    words = " ".join(text.split())
    if column.key == "year":
        return _YEAR.sub(r"\1/\2", words)
    if column.key == "address" and len(found := ADDRESS.findall(re.sub("[\u2039\u203a]", " ", words))) == 1:
        return str(found[0])
    role = role_of(words) if column.key == "role" else None
    return role.value if role else next((one for one in column.choices if one.casefold() == words.casefold()), text)


def _read_day(cell: Cell, today: date) -> date:
    text = cell.text.strip()
    if cell.type is CellType.DATE and not _ISO_DAY.fullmatch(text):
        raise _NotRight(f"the day has a time ({text[11:16]}), which is not kept. Please write the day alone.")
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
        return read_day("" if cell.type is CellType.NUMBER else text, today=today)
    except (DayNotRead, ValueError):
        raise _NotRight(f"“{text[:40]}” is no day. Please write it like 3 November 2014.") from None


def _read_yes(text: str) -> bool:
    said = text.lower()
    if said in {YES_WORD, "y", "true", "x", "1"}:
        return True
    if said in {NO_WORD, "n", "false", "0"}:
        return False
    raise _NotRight(f"“{text[:40]}” is neither yes nor no.")


def _read_numbers(text: str) -> list[int]:
    parts = split_cell(text)
    if not all(part.isdecimal() for part in parts):
        raise _NotRight(f"“{text[:40]}” is no list of whole numbers. Please write it like 3, 8.")
    return [int(part) for part in parts]


FILE_KIND = file_told.kind.name
_HOLDS = {
    Brings.SETUP: "What {} says holds from now on. Letters that have not left yet follow it.",
    Brings.FIGURES: "The figures of {} are taken. What shows them follows, as after any other file of figures.",
}


def order_setup(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Bring the set-up as a workbook; the step writes it."""
    return CarriedOut(
        sentences=("The set-up comes as a workbook in a letter of its own. Send it back with your changes.",),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="setup", quarter=None),
    )


def apply_file(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take a file as it was told; the step sees whether the same would still follow."""
    offer = _find_offer(command, facts)
    return CarriedOut(
        sentences=(_HOLDS[offer.brings].format(offer.name),),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="apply", quarter=None, code=offer.code),
    )


def _find_offer(command: Command, facts: OrderFacts) -> Offer:
    """The file that the order names, else that of the letter answered."""
    offers = facts.service.offered.offers
    told, answered = {}, facts.answered
    if answered and answered.kind == FILE_KIND:
        told = {name_file_told(one.message, code): offer for one in answered.about for code, offer in offers.items()}
    found = offers.get(command.text) if command.text else told.get(answered.cause if answered else "")
    if found is None:
        last = next(reversed(tuple(offers.values())), None)
        newest = f" The last that was told is {last.name}: APPLY {last.code}." if last else ""
        said = "No file of that word waits. The letter that tells what a file would change names its word."
        raise Refused(f"{said}{newest}")
    return found


@dataclass(frozen=True, kw_only=True)
class LookedAt:
    """What a file would change, in words, and why it cannot, or what of it is not taken; and what APPLY commits.

    `decision` is nothing where the file cannot be taken.
    """

    brings: Brings
    changes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    decision: Decision = NOTHING


@dataclass(frozen=True, kw_only=True)
class NewAddress:
    """A contact whom the set-up names at an address to which nothing of a respondent's goes yet.

    `replaces` is in whose place, as they stand now; `was` the address of the same row before it began, "" for none.
    """

    respondent: Respondent
    contact: Contact
    replaces: Contact | None
    was: str = ""


def ask_new_addresses(new: Sequence[NewAddress], office: Office, word: str, now: datetime, *, by: str) -> Decision:
    """Ask at each new address whether it is right, as after CONTACT: until then it holds no role and gets nothing else.

    `word` confirms it.
    """
    named_by = next((person.name for person in office.people if person.is_at(by)), office.co_ordinator.name)
    events: list[Event] = []
    for one in new:
        note = partial(Event, at=now, by=by, respondent=one.respondent.key)
        if one.was:
            events.append(note(kind=Happened.CONTACT_WITHDRAWN, subject=one.was))
        events.append(note(kind=Happened.CONTACT_NAMED, subject=one.contact.address, facts=_note_named(one)))
    letters = tuple(confirm_address(one.contact, one.respondent, named_by=named_by, word=word, at=now) for one in new)
    return Decision(events=tuple(events), letters=letters)


def _note_named(one: NewAddress) -> dict[str, str | int | bool | None]:
    contact, before = one.contact, one.replaces
    return {
        "role": contact.role.value,
        "name": contact.name,
        "since": contact.valid_from.isoformat(),
        "until": "" if contact.valid_to == date.max else contact.valid_to.isoformat(),
        "replaces": plain_address(before.address) if before else "",
        "known": False,
        "set_up": True,
        "kept": "" if before is None or before.valid_to == date.max else before.valid_to.isoformat(),
    }


def send_workbook(to: Contact, file: Attachment, mark: str, now: datetime, *, by: str) -> Decision:
    """Bring the co-ordinator her workbook; `mark` is under what its rows were kept."""
    event = Event(kind=Happened.SETUP_SENT_OUT, at=now, by=by, facts={"content": mark})
    return Decision(events=(event,), letters=(setup_workbook(to, file, cause=f"{now.isoformat()}:{mark[:8]}"),))


def tell_file(
    to: Contact, offer: Offer, looked: LookedAt, now: datetime, *, by: str, message: str, thread: str
) -> Decision:
    """Tell her what a file of a message (its identity, and its Message-ID) would change; it is on offer from now on."""
    can_be_taken = bool(looked.decision)
    letter = file_told(
        to,
        offer.name,
        code=offer.code if can_be_taken else "",
        changes=looked.changes if can_be_taken else (),
        faults=looked.faults,
        message=message,
        told_as=offer.code,
        answers=thread,
    )
    return Decision(events=(note_offer(offer, now, by=by),) if can_be_taken else (), letters=(letter,))


def note_offer(offer: Offer, now: datetime, *, by: str) -> Event:
    """That a file is on offer from now on."""
    facts = {"content": offer.content, "name": offer.name, "brings": offer.brings.value, "mark": offer.mark}
    return Event(kind=Happened.FILE_OFFERED, at=now, by=by, facts=facts)


SETUP_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.SETUP: order_setup,
    Verb.APPLY: apply_file,
}
