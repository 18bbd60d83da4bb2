"""What the scenes are played on: a site's own respondents, people and forms in one quarter; and how it may go on."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any

from csp_workflow.chase import beat
from csp_workflow.desk import commands, hints, orders, reading
from csp_workflow.desk.commands import CarriedOut, HeldBack, OrderFacts, Refused
from csp_workflow.forms import layout
from csp_workflow.forms.writing import pack_workbook
from csp_workflow.intake.case import CycleFacts, IntakeFacts, OpenedFile
from csp_workflow.intake.decide import decide
from csp_workflow.letters.catalogue import Environment, LetterNotRendered
from csp_workflow.rehearsal.illustrate import make_extract, make_history
from csp_workflow.request import opening as rules
from csp_workflow.request import proof
from csp_workflow.request.calendar import plan_quarter
from csp_workflow.request.proof import Mailing, MailingEntry, OpeningFacts
from csp_workflow.terms.cells import Cell, CellType
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleDates, CycleState, PaperState, Quarter, in_london, london
from csp_workflow.terms.events import Decision, Event, Happened, Letter, QueuedLetter, Request
from csp_workflow.terms.figures import DROVE_IT, Figure
from csp_workflow.terms.grants import GrantLine, find_line
from csp_workflow.terms.messages import Attachment, IncomingMessage
from csp_workflow.terms.paper_status import PaperStatus
from csp_workflow.terms.returns import (
    Entry,
    FigureRow,
    FormDefinition,
    ReadFigureRow,
    ReadForm,
    ReadText,
    Submission,
    SummaryRow,
)
from csp_workflow.terms.service import NOBODYS_WORD
from csp_workflow.terms.service_status import ServiceStatus, fold_service, lay_actions
from csp_workflow.terms.site import Contact, RespondentKind, Site
from csp_workflow.terms.status import CycleStatus, fold_cycle

_ASKED = frozenset(RespondentKind) - {RespondentKind.ANALYST}
KEY = b"specimens are sealed with a key that everybody may know"
"""No real form is sealed with it, so that no specimen passes for one."""

_GOLDEN = 0.6180339887498949
SUBJECT = "RE: Your return"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A site in one quarter: its dates, and what each respondent is asked, in the order of the config.

    `opened` are the letters by which the quarter was opened.
    """

    site: Site
    quarter: Quarter
    dates: CycleDates
    figures: tuple[Figure, ...]
    templates: Environment
    entries: tuple[MailingEntry, ...] = ()
    opened: tuple[Letter, ...] = ()

    @cached_property
    def people(self) -> tuple[Stage, ...]:
        """A stage for each person who is the first to be asked, with all that the person answers for and no more."""
        found: dict[str, list[MailingEntry]] = {}
        for entry in self.entries:
            for lead in entry.leads[:1]:
                found.setdefault(lead.address.lower(), []).append(entry)
        return tuple(replace(self, entries=tuple(entries)) for entries in found.values())

    @property
    def lead(self) -> Contact:
        """The first who is asked."""
        return self.entries[0].leads[0]

    @property
    def first_due(self) -> datetime:
        """When the first return is due."""
        return min(entry.form.due for entry in self.entries)

    @cached_property
    def asked(self) -> tuple[Event, ...]:
        """Everybody was asked."""
        at, facts = self.moment(self.dates.due, -9), self.opening_facts()
        kinds = (Happened.EXPECTED, Happened.REQUESTED)
        return tuple(rules.make_event(kind, entry, facts, at) for entry in self.entries for kind in kinds)

    @cached_property
    def requests(self) -> Mapping[str, tuple[Request, ...]]:
        """What everybody was asked, by the respondent's key."""
        return {entry.respondent.key: (entry.request,) for entry in self.entries}

    def opening_facts(self, **more: Any) -> OpeningFacts:
        """What opening the quarter is decided by, before anything has happened in it."""
        known: dict[str, Any] = {
            "site": self.site,
            "quarter": self.quarter,
            "dates": self.dates,
            "status": CycleStatus(quarter=self.quarter),
            "figures": self.figures,
            "key": KEY,
            "templates": self.templates,
        }
        return OpeningFacts(**(known | more))

    def day(self, due: datetime, days: int) -> date:
        """The working day so many working days from a due date."""
        return self.site.working_days.plus(in_london(due).date(), days)

    def moment(self, due: datetime, days: int, at: time = time(10, 12)) -> datetime:
        """An instant on the working day so many working days from a due date."""
        return london(self.day(due, days), at)


def set_up(site: Site, quarter: Quarter, *, templates: Environment, among: Collection[str] | None = None) -> Stage:
    """The stage of a quarter, for every respondent that serves when it is asked (or those of these keys).

    The figures on the forms are made up, and every sender is believed. Raises KeyError when no framework covers the
    quarter, HolidaysRunOut when the bank holiday table is too short.
    """
    dates = plan_quarter(quarter, site)
    numbers = _even_numbers()
    figures = (*make_history(site, quarter, draw=numbers.__next__), *make_extract(site, quarter, draw=numbers.__next__))
    playing = tuple(r for r in site.respondents if among is None or r.key in among)
    stage = Stage(
        site=replace(site, respondents=playing, trust=NOBODYS_WORD),
        quarter=quarter,
        dates=dates,
        figures=figures,
        templates=templates,
    )
    return open_quarter(stage, stage.opening_facts())


def open_quarter(stage: Stage, facts: OpeningFacts) -> Stage:
    """The analyst is asked, the proof is made, the requests go out: the stage with all that was asked of whom."""
    dates, morning = stage.dates, london(stage.dates.open, stage.site.digest_at)
    asked = _asked(facts, london(dates.extract_request, stage.site.window.opens))
    pack, laid = _proved(facts, dates, morning)
    letters = proof.write_letters(laid, stage.site, dates)
    keys = [respondent.key for respondent in stage.site.respondents]
    entries = (*asked.mailing.entries, *laid.entries)
    return replace(
        stage,
        entries=tuple(sorted(entries, key=lambda entry: keys.index(entry.respondent.key))),
        opened=(*asked.decision.letters, *pack, *letters),
    )


def _asked(facts: OpeningFacts, at: datetime) -> rules.Opening:
    """The small proof, and the extract's request that it shows; nothing where there is no analyst."""
    small = rules.decide_extract_proof(facts, at)
    if not small.mailing.entries:
        return small
    asking = rules.decide_asking(replace(facts, events=(*facts.events, *small.decision.events)), at)
    letters = (*small.decision.letters, *asking.decision.letters)
    return replace(asking, decision=replace(asking.decision, letters=letters))


def _proved(facts: OpeningFacts, dates: CycleDates, morning: datetime) -> tuple[tuple[Letter, ...], Mailing]:
    """The proof pack, and the mailing. The pack shows the requests: where one cannot be written, there is none."""
    try:
        opened = rules.decide_scheduled_proof(facts, morning)
    except LetterNotRendered:
        return (), proof.lay_out_mailing(facts, dates, _ASKED, morning)
    return opened.decision.letters, opened.mailing


def digest(text: str) -> str:
    """An id as the service makes them: the same text, the same id."""
    return hashlib.sha256(f"specimen: {text}".encode("utf-8", "replace")).hexdigest()


def _even_numbers() -> Iterator[float]:
    """Numbers from 0 to 1, spread evenly: what the made-up figures draw instead of chance."""
    place = 0.5
    while True:
        place = (place + _GOLDEN) % 1.0
        yield place


# How a quarter goes on: messages are decided on, days pass in the chase, and what follows is kept for the next


@dataclass
class Story:
    """One way a quarter may go. It begins with everybody asked."""

    stage: Stage
    service: ServiceStatus = field(default_factory=ServiceStatus)
    events: tuple[Event, ...] = field(init=False)
    letters: tuple[QueuedLetter, ...] = ()
    submissions: dict[str, tuple[Submission, ...]] = field(default_factory=dict)
    requests: dict[str, tuple[Request, ...]] = field(init=False)
    papers: dict[str, PaperStatus] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.events, self.requests = self.stage.asked, dict(self.stage.requests)
        self._folded = fold_cycle(self.stage.quarter, self.events)

    @property
    def status(self) -> CycleStatus:
        """The round as it stands."""
        return replace(self._folded, state=CycleState.OPEN, papers={**self._folded.papers, **self.papers})

    @property
    def latest(self) -> dict[str, Submission]:
        """Each return's latest version."""
        return {key: versions[-1] for key, versions in self.submissions.items()}

    def happen(self, kind: Happened, respondent: str, at: datetime, subject: str = "") -> None:
        """Something that no message and no order brought."""
        event = Event(kind=kind, at=at, by="a specimen", quarter=self.stage.quarter, respondent=respondent)
        self.keep(Decision(events=(replace(event, subject=subject),)))

    def keep(self, decision: Decision) -> Decision:
        """What was decided stands for what comes next."""
        new = tuple(e for e in decision.events if e.quarter == self.stage.quarter)
        self.events += new
        self._folded = fold_cycle(self.stage.quarter, new, onto=self._folded)
        self.service = fold_service((e for e in decision.events if e.quarter is None), onto=self.service)
        for submission in decision.submissions:
            key = submission.respondent
            self.submissions[key] = (*self.submissions.get(key, ()), submission)
        for request in decision.requests:
            key = request.form.respondent
            self.requests[key] = (*self.requests.get(key, ()), request)
        return decision

    # Messages --------------------------------------------------------------------------------------

    def receive(
        self,
        sender: str,
        at: datetime,
        words: str = "",
        opened: Sequence[OpenedFile] = (),
        *,
        answered: QueuedLetter | None = None,
        is_running: bool = True,
        known: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Decision:
        """Decide on a message and keep what follows. Not `is_running`: no quarter is under way."""
        message = IncomingMessage(
            id=digest(f"{sender} {at} {words} {[a.name for a, _ in opened]} {len(self.events)}"),
            received=at,
            message_id="<specimen@example>",
            sender=sender.lower(),
            sender_name="A Colleague",
            subject=SUBJECT,
            text=words,
            answer=words,
            answered=(),
            headers=(),
            attachments=tuple(attachment for attachment, _ in opened),
            size=len(words),
            **more,
        )
        facts = IntakeFacts(
            site=self.stage.site,
            key=KEY,
            cycles=(self._cycle(),) if is_running else (),
            opened=tuple(opened),
            answered=answered,
            service=self.service,
            **(known or {}),
        )
        return self.keep(decide(message, facts, at))

    def send_in(self, sender: str, at: datetime, entries: Sequence[MailingEntry], filling: Filling) -> Decision:
        """Send in one form or several, each filled in that way."""
        return self.receive(sender, at, opened=[form(entry, filling) for entry in entries])

    def _cycle(self) -> CycleFacts:
        return CycleFacts(
            site=self.stage.site,
            dates=self.stage.dates,
            status=self.status,
            requests=self.requests,
            latest=self.latest,
            versions={key: tuple(mine) for key, mine in self.submissions.items()},
            events=self.events,
            letters=self.letters,
        )

    # The chase and the orders ----------------------------------------------------------------------

    def view_cycle(self) -> CycleView:
        """The cycle as the chase sees it."""
        return CycleView(
            site=lay_actions(self.stage.site, self.service.asked),
            dates=self.stage.dates,
            status=self.status,
            service=self.service,
            letters=self.letters,
            submissions=self.submissions,
            forms={key: mine[-1].form for key, mine in self.requests.items()},
            marked={key: pack_workbook(mine[-1].form, b"") for key, mine in self.requests.items() if mine[-1].filled},
            events=self.events,
        )

    def chase(self, first: date, last: date) -> Iterator[Letter]:
        """What the chase writes on each working day from the first to the last; all of it leaves."""
        day = self.stage.site.working_days.plus(first, 0)
        while day <= last:
            now = london(day, self.stage.site.window.opens)
            for letter in beat.decide_chase(self.view_cycle(), now).letters:
                yield letter
                self.send(letter, now)
            day = self.stage.site.working_days.plus(day + timedelta(days=1), 0)

    def send(self, letter: Letter, at: datetime) -> QueuedLetter:
        """A letter left."""
        known = digest(f"{letter.cause} {letter.recipient}")
        sent = replace(beat.as_sent(letter, at), message_id=f"<{known}@example>")
        self.letters += (sent,)
        return sent

    def settle_papers(self) -> None:
        """Every board's paper has gone out."""
        for paper in self.stage.dates.papers:
            settled = PaperStatus(board=paper.board, state=PaperState.CIRCULATED, content="c", cleared="c")
            self.papers[paper.board] = settled

    def order(self, words: str, now: datetime) -> tuple[Letter, ...]:
        """The co-ordinator replies with orders: the letters that they ask for, and the answer to her."""
        office = self.stage.site.office
        facts = OrderFacts(
            site=lay_actions(self.stage.site, self.service.asked),
            service=self.service,
            sender=office.co_ordinator.address,
            message=digest(f"order {words}"),
            status=self.status,
            dates=self.stage.dates,
            planned=(self.stage.dates,),
            stated=self.latest,
        )

        today = in_london(now).date()
        parsed = orders.check_messages(reading.parse(words, today=today, site=self.stage.site), facts)
        outcomes = tuple(_outcome(command, parsed, facts, now) for command in parsed.commands)
        meant = [hints.list_hints(line, facts, now) for line in parsed.not_understood]
        files = orders.say_files(["Wording.docx"] if parsed.not_understood else [])
        answer = orders.answer_orders(
            parsed, outcomes, facts, now, thread="<specimen@example>", hints=meant, files=files
        )
        done = [self.keep(outcome.decision) for outcome in outcomes if isinstance(outcome, CarriedOut)]
        return (*(letter for decision in done for letter in decision.letters), *([answer] if answer else []))


def _outcome(
    command: commands.Command, parsed: commands.Parsed, facts: OrderFacts, now: datetime
) -> CarriedOut | Refused:
    try:
        outcome = orders.carry_out(command, facts, now)
    except Refused as refused:
        return refused
    why = orders.say_why_it_waits(command, parsed, facts)
    return HeldBack(why) if why else outcome


# Forms as respondents fill them in: well, changed later, oddly, with faults, not at all, or ticked as nil


class Filling(StrEnum):
    """How a form is filled in."""

    WELL = "well"
    CHANGED = "changed in a later version"
    ODD = "with entries that may be right all the same"
    FAULTY = "with faults"
    EMPTY = "not at all"
    NIL = "ticked as having nothing to report"
    DECLINED = "ticked as declined"


_NOTHING = {Filling.EMPTY, Filling.NIL, Filling.DECLINED}
_TYPED: dict[Filling, tuple[str, ...]] = {
    Filling.CHANGED: ("40",),
    Filling.ODD: ("999999", "c. 35"),
    Filling.FAULTY: ("about forty", "", "c. 35", "12%", "999999"),
}
"""What stands in the first rows instead of the usual figure."""

_USUAL, _WHOLE = "40", "200"
"""What stands in a row of which nothing is known; else last quarter's figure stands there again."""

_DISPUTE = "Our own count is lower; please look at the offences of August."
_NOTE = "A second officer takes reports since July."
_WORDS = "Two joint patrols were held with licensed premises.\nVisits to farms went on."
_MORE = "\nA third patrol was held in September."
_FIRST = 7
"""The row of the sheets on which entries begin."""


def form(entry: MailingEntry, filling: Filling, *, name: str = "") -> OpenedFile:
    """A respondent's form as it comes back, and what the sandbox would read in it."""
    data = digest(f"{entry.respondent.key} {filling} {name}").encode()
    return Attachment(name=name or entry.file, data=data), filled(entry.form, filling)


@lru_cache(maxsize=256)
def filled(form: FormDefinition, filling: Filling) -> ReadForm:
    """What would be read in a form that was filled in so."""
    own = [row for row in form.figures if row.entry is Entry.VALUE]
    confirms = [row for row in form.figures if row.entry is Entry.CONFIRM]
    typed = dict(zip(map(_place, own), _TYPED.get(filling, ()), strict=False))
    noted = {_place(row) for row in (*own[:1], *confirms[:1])}
    return ReadForm(
        references=(("Start", str(form.reference)),),
        figures=tuple(
            _figure_row(row, at, typed.get(_place(row), _usual(row)), filling, is_noted=_place(row) in noted)
            for at, row in enumerate((*own, *confirms), start=_FIRST)
        ),
        summary=tuple(_summary(row, at, filling) for at, row in enumerate(form.summary, start=_FIRST)),
        actions=tuple(
            ReadText(ref=row.ref, value=_cell(layout.ACTIONS, f"F{at}", "Agreed." if filling not in _NOTHING else ""))
            for at, row in enumerate(form.actions, start=_FIRST)
        ),
        sign_off=tuple(
            ReadText(ref=label, value=_cell(layout.SIGN_OFF, f"B{at}", words))
            for at, (label, words) in enumerate(_signed(filling), start=5)
        ),
        remarks=("We did not read the sheet 'Workings', which is not ours.",) if filling is Filling.ODD else (),
    )


def _signed(filling: Filling) -> tuple[tuple[str, str], ...]:
    if filling is Filling.EMPTY:
        return ()
    tick = {Filling.NIL: layout.NIL, Filling.DECLINED: layout.DECLINE}.get(filling)
    reason = ((tick, layout.YES), (layout.REASON, "The team was reorganised this quarter.")) if tick else ()
    return (
        (layout.COMPLETED_BY, "A. Specimen"),
        (layout.POSITION, "Community safety officer"),
        (layout.DATE, "as received"),
        *reason,
    )


def _place(row: FigureRow) -> tuple[str, str]:
    return row.area.code, row.ref


_MONEY = dict(zip(GrantLine, ("25000", "12000", "8000", "4000", "1000"), strict=True))


def _usual(row: FigureRow) -> str:
    value, line = row.previous.value if row.previous else None, find_line(row.ref)
    if line or value is None:
        return _MONEY[line] if line else _USUAL
    return str(round(value * 2)) if row.out_of else str(value)  # so many of `_WHOLE`


def _summary(row: SummaryRow, at: int, filling: Filling) -> ReadText:
    """The first box is spoilt among faults and longer in a later version; all others read alike."""
    words = "" if filling in _NOTHING else _WORDS
    if at == _FIRST and filling is Filling.FAULTY:
        words = "" if row.required else "#NAME?"
    if at == _FIRST and filling is Filling.CHANGED:
        words += _MORE
    promise = "Visits before Christmas." if words and at == _FIRST else ""
    sheet = layout.sheet_of_box(row)
    chosen = layout.quick_choices(row)[0] if words and row.is_of_objective else ""
    return ReadText(
        ref=row.ref,
        value=_cell(sheet, f"G{at}", words),
        extra=_cell(sheet, f"H{at}", promise),
        quick=_cell(sheet, f"F{at}", chosen) if row.is_of_objective else None,
    )


def _figure_row(row: FigureRow, at: int, typed: str, filling: Filling, *, is_noted: bool) -> ReadFigureRow:
    """A row as filled in. The one police row with a note is disputed, the others are confirmed as given."""
    confirms, is_filled = row.entry is Entry.CONFIRM, filling not in _NOTHING
    status = (layout.DISPUTED if is_noted else layout.CONFIRMED) if confirms and is_filled else ""
    note = (_DISPUTE if confirms else _NOTE) if is_noted and is_filled else ""
    if find_line(row.ref) and is_filled:
        note = f"A post was vacant{' for longer' * (filling is Filling.CHANGED)}."
    given = str(row.given.value) if confirms and row.given and row.given.value is not None else ""
    value = given if confirms else (typed if row.kind.is_number else _WORDS) if is_filled else ""
    is_share, sheet = bool(row.out_of) and not confirms, layout.sheet_of(row)
    cause = DROVE_IT[0] if is_filled and (row.find_side(row.given) or (note and not confirms)) else ""
    return ReadFigureRow(
        area_code=row.area.code,
        ref=row.ref,
        sheet=sheet,
        row=at,
        how_many=Cell(sheet=sheet, cell="", type=CellType.BLANK),
        out_of=_cell(sheet, f"H{at}", _WHOLE if is_share and value else ""),
        this_quarter=_cell(sheet, f"G{at}", value),
        status=_cell(sheet, f"I{at}", status),
        drove_it=_cell(sheet, f"J{at}", cause),
        note=_cell(sheet, f"K{at}", note),
    )


def _cell(sheet: str, cell: str, text: str) -> Cell:
    return Cell(sheet=sheet, cell=cell, type=_type(text), text=text)


def _type(text: str) -> CellType:
    if not text:
        return CellType.BLANK
    if text.startswith("#"):
        return CellType.ERROR
    return CellType.NUMBER if text.replace(".", "", 1).isdecimal() else CellType.TEXT
