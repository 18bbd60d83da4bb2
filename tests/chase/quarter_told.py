"""A quarter told by hand: a small site, and a stand-in for store and post that plays time against the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

from csp_workflow.chase import beat, grounds
from csp_workflow.chase.quiet import service_is_quiet, window_is_shut
from csp_workflow.letters.catalogue import environment
from csp_workflow.post import leaving
from csp_workflow.terms.cells import FormVersion, Reference
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import Board, CycleDates, PaperDates, Quarter, WorkingDays, as_utc, london
from csp_workflow.terms.events import Decision, Event, Happened, Letter, LetterState, QueuedLetter
from csp_workflow.terms.figures import Figure, FigureStatus, MeasureKind, Provenance
from csp_workflow.terms.returns import (
    Entry,
    FigureRow,
    Finding,
    FormDefinition,
    Narrative,
    Severity,
    SignOff,
    Submission,
    SummaryRow,
)
from csp_workflow.terms.service import Mode
from csp_workflow.terms.service_status import fold_service
from csp_workflow.terms.site import (
    Area,
    Contact,
    Limits,
    Office,
    Offsets,
    Respondent,
    RespondentKind,
    Role,
    Rung,
    RungKind,
    SendingWindow,
    Site,
)
from csp_workflow.terms.status import fold_cycle

EMAILS = Path(__file__).parents[2] / "templates" / "emails"
TEMPLATES = environment({p.relative_to(EMAILS).as_posix(): p.read_text("utf-8") for p in EMAILS.rglob("*.*")})

Q2 = Quarter(2014, 2)
DAYS = WorkingDays(
    holidays=frozenset({date(2014, 12, 25), date(2014, 12, 26), date(2015, 1, 1)}), first_year=2013, last_year=2020
)


def contact(name: str, role: Role, address: str, phone: str = "") -> Contact:
    return Contact(name=name, role=role, address=address, phone=phone)


def partnership(key: str, code: str, name: str, *people: Contact) -> Respondent:
    area = Area(code=f"E22{code}", name=name)
    return Respondent(key=key, code=code, name=name, kind=RespondentKind.PARTNERSHIP, areas=(area,), contacts=people)


COUNTY = contact("County Officer", Role.LEAD, "officer@county.example", "0116 496 0111")
CHARNWOOD = partnership(
    "charnwood",
    "CHARN",
    "Charnwood",
    contact("Charnwood Lead", Role.LEAD, "lead@charnwood.example", "0116 496 0100"),
    contact("Charnwood Deputy", Role.DEPUTY, "deputy@charnwood.example"),
    contact("Charnwood Chair", Role.CHAIR, "chair@charnwood.example", "0116 496 0101"),
)
MELTON = partnership("melton", "MELT", "Melton", COUNTY, contact("Melton Chair", Role.CHAIR, "chair@melton.example"))
RUTLAND = partnership(
    "rutland", "RUTL", "Rutland", COUNTY, contact("Rutland Chair", Role.CHAIR, "chair@rutland.example")
)
HEALTH = Respondent(
    key="public-health",
    code="PH",
    name="Public Health",
    kind=RespondentKind.CONTRIBUTOR,
    areas=(),
    contacts=(contact("Health Lead", Role.LEAD, "lead@health.example"),),
)
ANALYST = Respondent(
    key="force-analyst",
    code="FORCE",
    name="Force Analyst",
    kind=RespondentKind.ANALYST,
    areas=(),
    contacts=(contact("Force Analyst", Role.LEAD, "analyst@force.example"),),
)
RESPONDENTS = (CHARNWOOD, MELTON, RUTLAND, HEALTH, ANALYST)
OFFICE = Office(
    name="Office of the Police and Crime Commissioner",
    co_ordinator=contact("Performance Co-ordinator", Role.LEAD, "coordinator@opcc.example"),
    deputy=contact("Performance Deputy", Role.DEPUTY, "deputy@opcc.example"),
    secretariat=(contact("Board Secretariat", Role.LEAD, "secretariat@opcc.example"),),
    mailbox="returns@opcc.example",
    phone="0116 496 0000",
    absences=((date(2014, 11, 10), date(2014, 11, 14)),),
)
SITE = Site(
    office=OFFICE,
    respondents=RESPONDENTS,
    frameworks=(),
    boards=(
        Board(key="speb", name="Strategic Partnership Executive Board", public=False, lead_days=7),
        Board(key="panel", name="Police and Crime Panel", public=True, clear_days=5),
    ),
    meetings=(),
    working_days=DAYS,
    offsets=Offsets(
        extract_request=1, extract_due=10, open=11, due=20, close=33, drafting=3, clearance=5, due_time=time(17)
    ),
    ladder=(
        Rung(kind=RungKind.BEFORE_DUE, days=-3),
        Rung(kind=RungKind.DUE_TODAY, days=0),
        Rung(kind=RungKind.OVERDUE, days=2),
        Rung(kind=RungKind.OVERDUE, days=5),
        Rung(kind=RungKind.CHAIR, days=7),
        Rung(kind=RungKind.PHONE, days=9),
    ),
    window=SendingWindow(opens=time(8), closes=time(17)),
    limits=Limits(),
    mode=Mode.REHEARSAL,
    marking="",
    approval_phrases=("approved", "i approve"),
    nil_phrases=("nil",),
    decline_phrases=("decline",),
    report_forms=(),
)
DATES = CycleDates(
    quarter=Q2,
    extract_request=date(2014, 10, 1),
    extract_due=london(date(2014, 10, 14), time(17)),
    open=date(2014, 10, 15),
    due=london(date(2014, 10, 30), time(17)),
    close=london(date(2014, 11, 14), time(17)),
    papers=(
        PaperDates(
            board="speb",
            meeting=date(2014, 12, 1),
            papers_out=date(2014, 11, 26),
            clearance=date(2014, 11, 24),
            draft=date(2014, 11, 18),
        ),
    ),
)


def at(day: int, hour: int = 9, minute: int = 0, month: int = 10) -> datetime:
    """An instant in autumn 2014 by the London clock, in UTC as the store keeps it."""
    return as_utc(london(date(2014, month, day), time(hour, minute)))


def fault(cell: str = "J7") -> Finding:
    return Finding(
        code="blank-required",
        severity=Severity.FAULT,
        sheet="Figures",
        cell=cell,
        key="E22CHARN CHARN.L1",
        column="This quarter",
        found="",
        wanted="A number, or a reason in the Status column.",
        example="12",
    )


def form(of: Respondent) -> FormDefinition:
    """A form with one row of the partnership's own and one police row."""
    area = of.areas[0] if of.areas else Area(code="E23", name="Force")
    history = (Q2.year_ago, Q2.previous)
    rows = tuple(
        FigureRow(
            area=area,
            ref=ref,
            measure=ref,
            title=title,
            definition="",
            intent="",
            unit="count",
            kind=MeasureKind.COUNT,
            entry=entry,
            history=("40", "38"),
        )
        for ref, title, entry in (
            (f"{of.code}.L1", "Repeat callers", Entry.VALUE),
            ("M01.1", "Burglary in a dwelling", Entry.CONFIRM),
        )
    )
    return FormDefinition(
        reference=Reference(code=of.code, period=Q2.code, form=FormVersion(1), revision=1, seal="7K3M9QXA"),
        respondent=of.key,
        respondent_name=of.name,
        kind=of.kind,
        quarter=Q2,
        due=DATES.due,
        office=OFFICE.name,
        ask="",
        history=history,
        figures=rows,
        summary=(SummaryRow(ref="T1", heading="Victims and witnesses", prompt=""),),
    )


def figure(of: Respondent, ref: str, value: int) -> Figure:
    return Figure(
        series=ref,
        area=of.areas[0].code if of.areas else "E23",
        period=Q2.key,
        as_at=date(2014, 10, 28),
        value=Decimal(value),
        status=FigureStatus.FINAL,
        provenance=Provenance(source="test"),
    )


class Told:
    """The store and the post of one quarter, in memory: unique causes, the hand-over's re-check, folded events."""

    def __init__(self, site: Site = SITE, dates: CycleDates = DATES) -> None:
        self.site, self.dates = site, dates
        self.events: list[Event] = []
        self.service_events: list[Event] = []
        self.letters: list[QueuedLetter] = []
        self.words: dict[str, Letter] = {}
        self.submissions: dict[str, tuple[Submission, ...]] = {}

    def facts(self) -> CycleView:
        return CycleView(
            site=self.site,
            dates=self.dates,
            status=fold_cycle(Q2, self.events),
            service=fold_service(self.service_events),
            letters=tuple(self.letters),
            submissions=dict(self.submissions),
            forms={r.key: form(r) for r in self.site.respondents},
        )

    def happen(
        self,
        kind: Happened,
        now: datetime,
        respondent: str = "",
        subject: str = "",
        *,
        by: str = "test",
        **facts: object,
    ) -> None:
        service = kind in {
            Happened.HELD,
            Happened.RESUMED,
            Happened.GAP_NOTICED,
            Happened.CLOCK_DOUBTED,
            Happened.RELEASED,
            Happened.ABSENCE_SEEN,
            Happened.ABSENCE_ENDED,
            Happened.ADDRESS_FAILED,
            Happened.LETTER_CAME_BACK,
            Happened.CONTACT_DISOWNED,
            Happened.ADDRESS_RESTORED,
            Happened.BREAKER_TRIPPED,
            Happened.DIGEST_MADE,
            Happened.PUT_OFF,
        }
        event = Event(
            kind=kind,
            at=now,
            by=by,
            quarter=None if service else Q2,
            respondent=respondent,
            subject=subject,
            facts=facts,  # type: ignore[arg-type]
        )
        (self.service_events if service else self.events).append(event)

    def open(self, now: datetime, *who: Respondent) -> Told:
        """Proof, opening, and a request to each (all but the analyst, unless named)."""
        self.happen(Happened.PROOF_MADE, now)
        self.happen(Happened.CYCLE_OPENED, now)
        for respondent in who or RESPONDENTS[:4]:
            self.happen(Happened.REQUESTED, now, respondent.key)
        return self

    def arrive(
        self, of: Respondent, now: datetime, *, faults: int = 0, value: int = 42, text: str = "A quiet quarter.",
        dispute: str = "",
    ) -> str:  # fmt: skip
        """A submission: received, and queried or complete."""
        before = self.submissions.get(of.key, ())
        made = Submission(
            id=f"{of.code}-{len(before) + 1}",
            quarter=Q2,
            respondent=of.key,
            sequence=len(before) + 1,
            content=f"hash-{of.code}-{len(before) + 1}",
            message="m1",
            attachment="a1",
            revision=1,
            received=now,
            sender=f"lead@{of.key}.example",
            figures=(figure(of, f"{of.code}.L1", value), figure(of, "M01.1", 61)),
            narratives=(Narrative(ref="T1", text=text, sheet="Summary", cell="C5"),),
            findings=tuple(fault(f"J{n + 7}") for n in range(faults)),
            sign_off=SignOff(completed_by="A. Officer", position="Community Safety Manager"),
            disputes=((of.areas[0].code, "M01.1", dispute),) if dispute else (),
        )
        self.submissions[of.key] = (*before, made)
        self.happen(Happened.RECEIVED, now, of.key, made.id)
        self.happen(Happened.QUERIED if faults else Happened.COMPLETE, now, of.key, made.id, faults=faults, queries=0)
        return made.id

    def commit(self, decision: Decision, now: datetime) -> list[Letter]:
        """All of a decision, or nothing when each of its letters is known already (a repeat)."""
        known = {(x.kind, x.cause, x.recipient) for x in self.letters}
        fresh = [x for x in decision.letters if (x.kind, x.cause, x.recipient) not in known]
        for event in decision.events:
            (self.service_events if event.quarter is None else self.events).append(event)
        for letter in fresh:
            row = QueuedLetter(
                id=f"L{len(self.letters) + 1:03d}",
                kind=letter.kind,
                cause=letter.cause,
                recipient=letter.recipient,
                about=letter.about,
                quarter=letter.quarter,
                manner=letter.manner,
                subject="",
                message_id=f"<{len(self.letters)}@opcc.example>",
                content="",
                state=LetterState.QUEUED,
                queued=now,
            )
            self.letters.append(row)
            self.words[row.id] = letter
        return fresh

    def post(self, now: datetime) -> list[QueuedLetter]:
        """Hand over what is queued, re-checking window, holds and cause at that very moment."""
        facts, sent = self.facts(), []
        if window_is_shut(self.site, now) or service_is_quiet(facts):
            return []
        for place, letter in enumerate(self.letters):
            if letter.state is not LetterState.QUEUED:
                continue
            reason = self.withdraws(letter, facts, now)
            changes = (
                {"state": LetterState.WITHDRAWN, "reason": reason}
                if reason
                else {"state": LetterState.SENT, "sent": now}
            )
            self.letters[place] = replace(letter, **changes)  # type: ignore[arg-type]
            if not reason:
                sent.append(self.letters[place])
        return sent

    def withdraws(self, letter: QueuedLetter, facts: CycleView, now: datetime) -> str:
        """Why post would withdraw a letter, or ""."""
        moot = leaving.judge_cause(letter, cycle=facts.status, service=facts.service)
        return moot or grounds.judge_ground(letter, facts, now)

    def tick(self, now: datetime, *, posting: bool = True) -> list[QueuedLetter]:
        """One beat: decide, commit, and post what may leave. Nothing is written that post would withdraw at once."""
        fresh = self.commit(beat.decide_chase(self.facts(), now), now)
        facts, written = self.facts(), self.letters[len(self.letters) - len(fresh) :]
        assert not [reason for one in written if (reason := self.withdraws(one, facts, now))]
        return self.post(now) if posting else []

    def sent(self, *kinds: str) -> list[QueuedLetter]:
        return [x for x in self.letters if x.state is LetterState.SENT and (not kinds or x.kind in kinds)]

    def state(self, of: Respondent) -> str:
        return str(self.facts().status.returns[of.key].state)

    def kinds(self, kind: Happened) -> list[Event]:
        return [e for e in (*self.events, *self.service_events) if e.kind is kind]


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
