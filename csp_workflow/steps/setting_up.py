"""Set-up by workbook, and figures by mail: what a file would change is told first, and made by APPLY.

What was applied is stored and laid over the files of the configuration wherever the store is worked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from csp_workflow.desk.setup import LookedAt, NewAddress, ask_new_addresses, send_workbook, tell_file
from csp_workflow.desk.setup_cells import SetupFault, read_typed
from csp_workflow.desk.setup_plan import (
    PlannedChange,
    SetupFacts,
    SetupPlan,
    find_place,
    list_named,
    mark_words,
    plan_setup,
    say_plan,
)
from csp_workflow.forms.setup_book import MARK, attach_setup
from csp_workflow.forms.setup_sheets import SetupLine, list_lines, number_lines
from csp_workflow.intake.opening import READER, read_reply
from csp_workflow.mail.files import sniff_kind
from csp_workflow.request.figures_table import Imported
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.importing import decide_import, read_figures_file
from csp_workflow.steps.outside import Outside
from csp_workflow.store.setups import dump_changes, read_changes
from csp_workflow.store.stored_shape import DocumentUnreadable
from csp_workflow.terms.cells import ReadRow
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import NOTHING, Decision, Event, Happened, together
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.messages import Attachment, IncomingMessage
from csp_workflow.terms.people import say_unfit
from csp_workflow.terms.phrases import plural
from csp_workflow.terms.returns import ReadForm
from csp_workflow.terms.service_status import Brings, Offer
from csp_workflow.terms.setup import Entry, Setup, SetupChange
from csp_workflow.terms.site import Contact, Respondent, Role, Site

_TABLES = {"xlsx", "xlsm", "xls", "ods", "csv", "text"}
Fill = Callable[[Sequence[SetupLine]], Sequence[SetupLine]]
_MOST = 3
"""So many files of one message are looked at."""


@dataclass(frozen=True, kw_only=True)
class ToldFiles:
    """The names of the files of a message that were told, and the letters that tell them."""

    names: tuple[str, ...] = ()
    decision: Decision = field(default_factory=Decision)


# Out -------------------------------------------------------------------------------------------------


def write_copy(outside: Outside, now: datetime, *, filled: Fill = tuple) -> tuple[Attachment, str]:
    """The set-up as it stands, as a workbook, and its mark: what it shows is kept under it, to be compared with.

    `filled` are its rows as somebody would change them: the workbook then asks for those changes.
    """
    lines = list_lines(outside.settings.lay(outside.store.setups()))
    shown = dump_changes([SetupChange(place=line.place, was=None, now=line.entry) for line in lines])
    mark = outside.archive.keep(shown.encode())
    return attach_setup(filled(lines), mark, office=outside.site.office.name, at=now), mark


def send_setup(outside: Outside, now: datetime, *, to: Contact, by: str) -> Decision:
    """Bring the co-ordinator the workbook."""
    file, mark = write_copy(outside, now)
    return send_workbook(to, file, mark, now, by=by)


# In --------------------------------------------------------------------------------------------------


def tell_files(outside: Outside, message: IncomingMessage, now: datetime, *, to: Contact, by: str) -> ToldFiles:
    """What the workbooks and tables of a message from somebody who may order would change, a letter for each."""
    names: list[str] = []
    decisions: list[Decision] = []
    files = {a.data: a for a in message.attachments if sniff_kind(a.data) in _TABLES}
    for file in list(files.values())[:_MOST]:
        looked = look_at_file(outside, file.data, file.name, now, by=by)
        if looked is not None:
            names.append(file.name)
            offer = offer_file(outside, file, looked)
            of = {"message": message.id, "thread": message.message_id}
            decisions.append(tell_file(to, offer, looked, now, by=by, **of))
    return ToldFiles(names=tuple(names), decision=together(*decisions))


def offer_file(outside: Outside, file: Attachment, looked: LookedAt) -> Offer:
    """A file by its hash; one that can be taken is kept until it is."""
    content = outside.archive.keep(file.data) if looked.decision else sha256(file.data).hexdigest()
    return Offer(content=content, name=file.name, brings=looked.brings, mark=mark_words(looked.changes))


def take_offer(outside: Outside, offer: Offer, now: datetime, *, by: str) -> Decision:
    """What a file asks for, where it still would change what was told. Raises PreconditionFailed with why not."""
    looked = look_at_file(outside, outside.archive.fetch(offer.content), offer.name, now, by=by)
    if looked is None or not (looked.changes or looked.faults):
        raise PreconditionFailed(f"What {offer.name} says holds already: nothing was changed.")
    if not looked.decision or mark_words(looked.changes) != offer.mark:
        raise PreconditionFailed(
            f"{offer.name} would change something else now than when it was told. Please send it again for a new list."
        )
    return looked.decision


def apply_file(outside: Outside, data: bytes, name: str, now: datetime, *, by: str) -> tuple[str, ...]:
    """Take a set-up from the command line; what it changed, in words. Raises PreconditionFailed with all its faults."""
    looked = preview_file(outside, data, name, now, by=by)
    if not looked.decision:
        raise PreconditionFailed("\n".join(looked.faults) or f"What {name} says holds already: nothing was changed.")
    outside.archive.keep(data)
    commit_current(outside, lambda: preview_file(outside, data, name, now, by=by).decision, now)
    return looked.changes


def preview_file(outside: Outside, data: bytes, name: str, now: datetime, *, by: str) -> LookedAt:
    """What a workbook of set-up would change. Raises PreconditionFailed for any other file."""
    looked = look_at_file(outside, data, name, now, by=by)
    if looked is None or looked.brings is not Brings.SETUP:
        raise PreconditionFailed(f"{name} is no workbook of set-up. csp-workflow setup export FILE writes one.")
    return looked


def look_at_file(outside: Outside, data: bytes, name: str, now: datetime, *, by: str) -> LookedAt | None:
    """What a file would change, without changing it; None for one that is neither a set-up nor holds figures."""
    kind = sniff_kind(data)
    read = read_reply(outside.sandbox.run(READER, data).value) if kind not in {"csv", "text"} else None
    if isinstance(read, ReadForm) and read.setup:
        return _look_at_setup(outside, data, read.setup, now, by=by)
    return _look_at_figures(outside, data, read_figures_file(outside, data, name, now), now)


def _look_at_setup(outside: Outside, data: bytes, read: tuple[ReadRow, ...], now: datetime, *, by: str) -> LookedAt:
    content, setups, today = sha256(data).hexdigest(), outside.store.setups(), london_day(now)
    files = outside.settings.lay(setups)
    facts = SetupFacts(
        copy=_find_copy(outside, read),
        files=files,
        today=today,
        since=today if _was_anybody_asked(outside) else date.min,
        agreed=frozenset(whose for whose, _, _ in outside.store.service_status().agreeing.agreed),
    )
    plan = plan_setup(read_typed(read, today=today), facts)
    setup = Setup(content=content, changes=plan.changes)
    faults = plan.faults or _find_faults(outside, plan, (*setups, setup), files)
    named = () if faults or facts.since == date.min else tuple(list_named(plan))
    faults = faults or tuple(_list_unfit(outside, named, today))
    changes = () if faults else say_plan(plan, files)
    if not changes:
        return LookedAt(brings=Brings.SETUP, faults=tuple(map(_say_fault, faults)))
    new = tuple(_list_new_addresses(outside, named, outside.settings.assemble((*setups, setup)), today))
    addresses = [one.contact.address for one in new]
    changes = tuple(f"{one}{_ASKED if any(address in one for address in addresses) else ''}" for one in changes)
    event = Event(kind=Happened.SETUP_APPLIED, at=now, by=by, facts={"content": content, "changes": len(plan.changes)})
    word = outside.site.yes_phrases[0].upper()
    asking = ask_new_addresses(new, outside.site.office, word, now, by=by)
    decision = together(Decision(events=(event,), setups=(setup,)), asking)
    return LookedAt(brings=Brings.SETUP, changes=changes, decision=decision)


_ASKED = " A letter asks there whether the address is right, and it holds from the YES on."
_Named = tuple[PlannedChange, Entry | None]


def _list_unfit(outside: Outside, named: Sequence[_Named], today: date) -> Iterator[SetupFault]:
    """The addresses that CONTACT would refuse, each at its cell."""
    service = outside.store.service_status()
    for planned, _ in named:
        of, entry = _find_respondent(outside.site, planned), planned.change.now or {}
        if of is not None and planned.row is not None and not of.is_registered(str(entry["address"]), today):
            role, begins = Role(str(entry["role"])), entry.get("valid_from", today)
            if unfit := say_unfit(str(entry["address"]), role, of, outside.site, service, begins):
                yield planned.row.say_fault("address", unfit)


def _list_new_addresses(outside: Outside, named: Sequence[_Named], after: Site, today: date) -> Iterator[NewAddress]:
    """Those to be asked: at no address to which letters about the same respondent go already."""
    for planned, replaced in named:
        before, of, entry = (
            _find_respondent(outside.site, planned),
            _find_respondent(after, planned),
            planned.change.now,
        )
        if of is None or entry is None or (before and before.is_registered(str(entry["address"]), today)):
            continue
        mine = (c for c in of.contacts if c.role.value == entry["role"] and c.is_at(str(entry["address"])))
        contact = next((c for c in mine if c.valid_to >= today), None)
        theirs = before.contacts if before and replaced else ()
        holder = next((c for c in theirs if c.is_at(str((replaced or {})["address"]))), None)
        was = str((planned.change.was or {}).get("address", ""))
        if contact is not None:
            yield NewAddress(respondent=of, contact=contact, replaces=holder, was=was)


def _find_respondent(site: Site, planned: PlannedChange) -> Respondent | None:
    return next((r for r in site.respondents if r.key == planned.change.place.within), None)


def _find_copy(outside: Outside, read: Sequence[ReadRow]) -> tuple[SetupLine, ...] | None:
    """The rows that the copy showed of which a workbook was made; None where it is no copy of ours."""
    mark = next((row.ref for row in read if row.table == MARK), "")
    try:
        changes = read_changes(outside.archive.fetch(mark).decode())
    except (KeyError, ValueError, OSError, DocumentUnreadable):
        return None
    return number_lines((one.place, one.now) for one in changes if one.now is not None)


def _was_anybody_asked(outside: Outside) -> bool:
    return any(outside.store.requests(quarter) for quarter in outside.store.cycle_states())


def _find_faults(
    outside: Outside, plan: SetupPlan, setups: Sequence[Setup], files: Mapping[str, Any]
) -> tuple[SetupFault, ...]:
    """What would be wrong with the whole configuration, each in the cell that says it."""
    if not plan.changes:
        return ()
    sentences = outside.settings.find_faults(setups)
    laid = outside.settings.lay(setups) if sentences else files
    return tuple(find_place(sentence, plan.planned, laid) for sentence in sentences)


def _say_fault(fault: SetupFault) -> str:
    return ": ".join(filter(None, (f"{fault.sheet} {fault.cell}".strip(), fault.sentence)))


# Figures ---------------------------------------------------------------------------------------------


def _look_at_figures(outside: Outside, data: bytes, imported: Imported, now: datetime) -> LookedAt | None:
    """What a file of figures would change; None for one in which no row was told for a figure's."""
    refused = [line for line in imported.refused if line.row]
    if not (imported.taken or refused):
        return None
    changes = tuple(_say_figures(outside, imported))
    faults = tuple(_say_refused(line.sheet, line.row, line.column, line.sentence) for line in refused)
    decision = decide_import(imported, sha256(data).hexdigest(), now) if changes else NOTHING
    return LookedAt(brings=Brings.FIGURES, changes=changes, faults=faults, decision=decision)


def _say_figures(outside: Outside, imported: Imported) -> Iterator[str]:
    """How many figures of each series come, and how many of them say otherwise than what is there."""
    known = {(f.series, f.area, f.period): (f.value, f.status) for f in outside.store.figures()}
    new: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for figure in imported.figures:
        before = known.get((figure.series, figure.area, figure.period))
        if before is None:
            new[figure.series] += 1
        elif before != (figure.value, figure.status):
            other[figure.series] += 1
    for series in sorted({*new, *other}):
        parts = [f"{plural(new[series], 'new figure')}"] if new[series] else []
        parts += [f"{plural(other[series], 'figure')} in the place of others"] if other[series] else []
        yield f"{series}: {' and '.join(parts)}."
    if imported.group_rates:
        yield f"{plural(len(imported.group_rates), 'rate')} of comparison groups."


def _say_refused(sheet: str, row: int, column: str, sentence: str) -> str:
    where = ", ".join(filter(None, (sheet, f"row {row}", column)))
    return f"{where}: {sentence}"
