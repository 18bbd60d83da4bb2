"""Set-up by workbook, and figures from a file: what it would change is told first, and made by APPLY or a command.

What was applied is stored and laid over the files of the configuration wherever the store is worked at. A year at any
time is its paper as far as its quarters are known, and what goes over into the next: what the next year's configuration
should say is proposed as the set-up workbook, filled in; it holds from APPLY on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from csp_workflow.desk.commands import OrderFacts, StepOrder
from csp_workflow.desk.looking import write_letter
from csp_workflow.desk.setup import (
    LookedAt,
    NewAddress,
    SetupFault,
    ask_new_addresses,
    note_offer,
    read_typed,
    send_workbook,
    tell_file,
)
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
from csp_workflow.forms.setup_sheets import SetupLine, find_sheet, list_lines, number_lines
from csp_workflow.intake.opening import READER, read_reply
from csp_workflow.mail.files import sniff_kind
from csp_workflow.report.carried import Carried, Fate, YearTurn, count_kinds, list_turn
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.roll_up import say_missing_quarters
from csp_workflow.request.calendar import plan_quarter
from csp_workflow.request.figures_table import Imported
from csp_workflow.request.groups_file import read_import
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.papers import compile_companion, compile_facts, gather_report, with_reported
from csp_workflow.steps.sent_papers import gather_returned
from csp_workflow.store.setups import dump_changes, read_changes
from csp_workflow.store.stored_shape import DocumentUnreadable
from csp_workflow.terms.cells import ReadRow
from csp_workflow.terms.dates import Quarter, in_london, london_day
from csp_workflow.terms.events import NOTHING, Decision, Event, Happened, PreconditionFailed, together
from csp_workflow.terms.figures import Provenance
from csp_workflow.terms.messages import Attachment, IncomingMessage
from csp_workflow.terms.people import say_unfit
from csp_workflow.terms.phrases import joined, plain_day, plural
from csp_workflow.terms.returns import ReadForm
from csp_workflow.terms.service_status import Brings, Offer
from csp_workflow.terms.setup import FRAMEWORKS, Entry, Setup, SetupChange, SetupPlace
from csp_workflow.terms.site import Contact, Respondent, Role, Site

TABLE = "csp_workflow.forms.table:read_table"
"""What the sandbox runs on a file of figures."""

_BY_FILE = "a file of figures"


def import_figures(outside: Outside, data: bytes, name: str, now: datetime, *, keep: bool = True) -> dict[str, Any]:
    """Load a file of figures, or an extract of groups: `{"taken", "refused", "rows", "remarks"}`; kept with `keep`.

    The file itself is kept in the archive as returns are, so that each figure is traced to its hash and cell.
    """
    imported = read_figures_file(outside, data, name, now)
    if keep and imported.taken:
        content = outside.archive.keep(data)
        commit_current(outside, lambda: decide_import(imported, content, now), now)
    return {
        "taken": len(imported.taken),
        "refused": len(imported.refused),
        "rows": list(imported.report()),
        "remarks": list(imported.remarks),
    }


def read_figures_file(outside: Outside, data: bytes, name: str, now: datetime) -> Imported:
    """What a file of figures says, row by row. Raises PreconditionFailed where that is no fault of the file's."""
    reply = outside.sandbox.run(TABLE, data)
    if reply.end and reply.end.is_ours:
        ours = f"The file was not read, which is no fault of its own ({reply.end})."
        raise PreconditionFailed(f"{ours} Try again; csp-workflow doctor says whether something is missing.")
    origin = Provenance(source=name, attachment=sha256(data).hexdigest())
    today = in_london(now).date()
    return read_import(reply.value if reply.ok else None, origin, site=outside.site, as_at=today)


def decide_import(imported: Imported, content: str, now: datetime) -> Decision:
    """The figures that a file gave; `content` is its hash in the archive."""
    event = Event(
        kind=Happened.FIGURES_IMPORTED,
        at=now,
        by=_BY_FILE,
        subject=content,
        facts={"taken": len(imported.taken), "refused": len(imported.refused)},
    )
    return Decision(events=(event,), figures=imported.figures, group_rates=imported.group_rates)


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
    after = outside.site if faults else outside.settings.assemble((*setups, setup))
    named = () if faults or facts.since == date.min else tuple(list_named(plan))
    faults = faults or tuple(_list_unfit(outside, named, after, today))
    changes = () if faults else say_plan(plan, files)
    if not changes:
        return LookedAt(brings=Brings.SETUP, faults=tuple(map(_say_fault, faults)))
    new = tuple(_list_new_addresses(outside, named, after, today))
    addresses = [one.contact.address for one in new]
    changes = tuple(f"{one}{_ASKED if any(address in one for address in addresses) else ''}" for one in changes)
    event = Event(kind=Happened.SETUP_APPLIED, at=now, by=by, facts={"content": content, "changes": len(plan.changes)})
    word = outside.site.yes_phrases[0].upper()
    asking = ask_new_addresses(new, outside.site.office, word, now, by=by)
    decision = together(Decision(events=(event,), setups=(setup,)), asking)
    return LookedAt(brings=Brings.SETUP, changes=changes, decision=decision)


_ASKED = " A letter asks there whether the address is right, and it holds from the YES on."
_Named = tuple[PlannedChange, Entry | None]


def _list_unfit(outside: Outside, named: Sequence[_Named], after: Site, today: date) -> Iterator[SetupFault]:
    """The addresses that CONTACT would refuse once all else of the workbook holds, each at its cell."""
    service = outside.store.service_status()
    for planned, _ in named:
        before, of = _find_respondent(outside.site, planned), _find_respondent(after, planned)
        entry = planned.change.now or {}
        address = str(entry["address"])
        if of is not None and planned.row is not None and not (before and before.is_registered(address, today)):
            role, begins = Role(str(entry["role"])), entry.get("valid_from", today)
            others = tuple(c for c in of.contacts if c.role is not role or not c.is_at(address))
            if unfit := say_unfit(address, role, replace(of, contacts=others), after, service, begins):
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


@dataclass(frozen=True, kw_only=True)
class CompiledYear:
    """The annual paper of a year as it stands, the workbook beside it, and what the year still lacks, in a sentence."""

    paper: bytes
    workbook: bytes
    missing: str


def compile_year(outside: Outside, year: str, now: datetime) -> CompiledYear:
    """Compile the paper of a year ("2014/15"). Raises PreconditionFailed where nothing says how, with what to do."""
    facts = with_reported(outside, gather_year_report(outside, year, now))
    return CompiledYear(
        paper=compile_facts(outside, facts)[0], workbook=compile_companion(facts), missing=say_missing_quarters(facts)
    )


def gather_year_report(outside: Outside, year: str, now: datetime) -> ReportFacts:
    """All that the annual paper of a year is compiled from, whether or not its last quarter was planned."""
    last, site = _require_year(outside, year), outside.site
    yearly = {board.key for board in site.boards if board.yearly}
    laid_out = {form.board for form in site.report_forms} & yearly
    if not laid_out:
        raise PreconditionFailed(
            "No board of calendar.toml has yearly = true and a paper in report.toml. The board 'annual' of a new site "
            "shows both: csp-workflow init --update brings them, or shows what to take over."
        )
    dates = outside.store.plan_of(last) or plan_quarter(last, site)
    paper = next((one for one in dates.papers if one.board in laid_out), None)
    if paper is None:
        boards = ", ".join(sorted(laid_out))
        raise PreconditionFailed(
            f"No day is on record on which {boards} takes the year {year}. SETUP brings the meetings: add one "
            f"for {last.label}."
        )
    return gather_report(outside, last, paper.board, now, paper=paper)


def _require_year(outside: Outside, year: str) -> Quarter:
    """The last quarter of a year that there is a framework of. Raises PreconditionFailed."""
    known = [framework.year for framework in outside.site.frameworks]
    if year not in known:
        raise PreconditionFailed(f"There is no framework for {year}. There is: {joined(known)}.")
    return Quarter.parse(f"{year}-Q4")


# What goes over into the next year -------------------------------------------------------------------


def turn_year(outside: Outside, year: str, now: datetime) -> YearTurn:
    """All that is known at the turn of a year. Raises PreconditionFailed for one without a framework."""
    last = _require_year(outside, year)
    versions = gather_returned(outside, last, outside.store.cycle_status(last))
    return YearTurn(site=outside.site, last=last, submissions=versions, day=london_day(now))


def propose_year(outside: Outside, turn: YearTurn, now: datetime) -> Attachment:
    """The set-up workbook with what the next year begins with filled in: its framework, and the last days of what ends.

    What was agreed with a partnership is not in it: that is asked anew by the catalogue of measures.
    """
    agreed = {whose for whose, _, _ in outside.store.service_status().agreeing.agreed}
    ended = [one for one in list_turn(turn) if one.kind == "objective" and one.is_said and one.respondent not in agreed]
    last_day = max(turn.last.end, london_day(now))

    def fill(lines: Sequence[SetupLine]) -> Sequence[SetupLine]:
        return tuple(_fill_lines(lines, turn, {one.ref: last_day for one in ended}))

    return write_copy(outside, now, filled=fill)[0]


def _fill_lines(lines: Sequence[SetupLine], turn: YearTurn, ended: dict[str, date]) -> Iterator[SetupLine]:
    for line in lines:
        day = ended.get(str(line.entry.get("ref"))) if line.place.lists[-1:] == ("objectives",) else None
        yield replace(line, entry={**line.entry, "valid_to": day}) if day else line
    year = turn.last.plus(1).financial_year
    place = SetupPlace(file=f"{FRAMEWORKS}{year.replace('/', '-')}.toml", lists=())
    if turn.begins is None and not any(line.place == place for line in lines):
        entry = {"year": year, "title": _move_years(turn.ends.title, turn.last.year)}
        yield SetupLine(sheet=find_sheet(place), number=0, place=place, entry=entry)


def _move_years(title: str, year: int) -> str:
    """A title with its years a year later: "2014-2015" is "2015-2016"."""
    return re.sub(rf"\b({year}|{year + 1})\b", lambda found: str(int(found[1]) + 1), title)


# By order ---------------------------------------------------------------------------------------------


def decide_year(outside: Outside, wanted: StepOrder, facts: OrderFacts, now: datetime) -> Decision:
    """The letter that brings a year as it stands to whoever asked, with what goes over into the next."""
    year = wanted.year or find_year(outside, now)
    compiled, turn = compile_year(outside, year, now), turn_year(outside, year, now)
    proposal = propose_year(outside, turn, now)
    looked = look_at_file(outside, proposal.data, proposal.name, now, by=facts.by)
    offer = offer_file(outside, proposal, looked) if looked is not None and looked.changes else None
    name = f"The year {year.replace('/', '-')}"
    files = [
        Attachment(name=f"{name}.docx", data=compiled.paper),
        Attachment(name=f"{name} figures.xlsx", data=compiled.workbook),
        *([proposal] if offer else []),
    ]
    said = (
        f"Attached are the paper of {year} and its workbook as things stand on {plain_day(now)}. Nobody else was sent "
        f"them. {compiled.missing}".strip(),
        *tell_turn(turn),
        *_tell_proposal(looked, offer.code if offer else ""),
    )
    letter = write_letter(facts, f"The year {year}, and what goes over", said, wanted, now, tuple(files))
    noted = Decision(events=(note_offer(offer, now, by=facts.by),)) if offer else Decision()
    return together(letter, noted)


def find_year(outside: Outside, now: datetime) -> str:
    """The year of the newest quarter that anybody was asked for; that of today before there was one."""
    states = outside.store.cycle_states()
    asked = [quarter for quarter in states if outside.store.cycle_status(quarter).returns]
    return (max(asked) if asked else Quarter.of_day(london_day(now))).financial_year


def tell_turn(turn: YearTurn) -> Iterator[str]:
    """What goes over, in paragraphs: how much of each kind, and by name what does not simply go on."""
    things, year = list_turn(turn), turn.last.plus(1).financial_year
    yield f"Into {year}: {count_kinds(things)}."
    heads = {Fate.ENDED: "Ended", Fate.CHANGES: "Changes", Fate.NEW: "New", Fate.OPEN: "To be decided"}
    for fate, head in heads.items():
        if named := [one for one in things if one.fate is fate and one.kind != "open question"]:
            yield f"{head}: {_name_things(named)}."


_MOST_NAMED, _MOST_FAULTS = 12, 3


def _name_things(things: Sequence[Carried]) -> str:
    listed = [f"{one.kind} {one.ref}{_say_about(one)}" for one in things[:_MOST_NAMED]]
    more = len(things) - len(listed)
    rest = f"; and {more} more, all in the workbook under Carried over" if more > 0 else ""
    return f"{'; '.join(listed)}{rest}"


def _say_about(one: Carried) -> str:
    said = ", ".join(filter(None, (f"“{one.what.rstrip('.')}”", one.why)))
    return f" ({said})" if said else ""


def _tell_proposal(looked: LookedAt | None, code: str) -> Iterator[str]:
    if looked is not None and looked.faults:
        more = len(looked.faults) - _MOST_FAULTS
        rest = f" And {more} more: csp-workflow config check lists them." if more > 0 else ""
        yield f"The next year's set-up could not be proposed: {' '.join(looked.faults[:_MOST_FAULTS])}{rest}"
    elif looked is not None and looked.changes and code:
        yield f"The attached set-up workbook begins the next year: {' '.join(looked.changes)}"
        yield f"Reply APPLY {code} to have it so, or change the workbook and send it back. Nothing is changed before."
