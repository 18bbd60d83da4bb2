"""A small county for intake's tests: a site, its forms as sent, what comes back, and messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path

from csp_workflow.forms import layout
from csp_workflow.forms.reference import seal
from csp_workflow.intake.decide import decide
from csp_workflow.intake.facts import CycleFacts, IntakeFacts
from csp_workflow.intake.unpack import unpack
from csp_workflow.letters.render import environment, render
from csp_workflow.terms.cycles import CycleDates, CycleState
from csp_workflow.terms.decisions import Decision, Request
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.figures import Figure, FigureStatus, Provenance
from csp_workflow.terms.forms import (
    Cell,
    CellType,
    Entry,
    FigureRow,
    FormDefinition,
    ReadFigureRow,
    ReadForm,
    ReadText,
    SummaryRow,
    Unreadable,
)
from csp_workflow.terms.framework import Kind
from csp_workflow.terms.letters import LetterState, Manner, QueuedLetter
from csp_workflow.terms.messages import Attachment, IncomingMessage
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Area, Contact, Office, Respondent, RespondentKind, Role
from csp_workflow.terms.site import Limits, Mode, Offsets, SendingWindow, Site
from csp_workflow.terms.status import CycleStatus, ReturnStatus, fold_cycle
from csp_workflow.terms.working_days import WorkingDays, london

KEY = b"only for tests"
Q2 = Quarter(2014, 2)
Q1 = Quarter(2014, 1)
OPENED = datetime(2014, 10, 6, 8, 0, tzinfo=UTC)
NOW = datetime(2014, 10, 20, 9, 0, tzinfo=UTC)
DUE = london(date(2014, 10, 30), time(17))
CLOSE = london(date(2014, 11, 6), time(17))
TEMPLATES = Path(__file__).parents[2] / "templates" / "emails"


def _respondent(
    key: str, code: str, name: str, kind: RespondentKind, area: Area, *people: tuple[str, Role]
) -> Respondent:
    contacts = tuple(
        Contact(name=f"{role.value.title()} of {name}", role=role, address=address) for address, role in people
    )
    return Respondent(key=key, code=code, name=name, kind=kind, areas=(area,), contacts=contacts)


CHARN_AREA = Area(code="E07000130", name="Charnwood")
CSP, BODY = RespondentKind.PARTNERSHIP, RespondentKind.CONTRIBUTOR
CHARNWOOD = _respondent(
    "charnwood", "CHARN", "Charnwood CSP", CSP, CHARN_AREA,
    ("lead@charnwood.example", Role.LEAD), ("chair@charnwood.example", Role.CHAIR),
)  # fmt: skip
BLABY = _respondent(
    "blaby", "BLABY", "Blaby CSP", CSP, Area(code="E07000129", name="Blaby"),
    ("officer@county.example", Role.LEAD), ("chair@blaby.example", Role.CHAIR),
)  # fmt: skip
HARBOROUGH = _respondent(
    "harborough", "HARB", "Harborough CSP", CSP, Area(code="E07000131", name="Harborough"),
    ("officer@county.example", Role.LEAD), ("chair@harborough.example", Role.CHAIR),
)  # fmt: skip
HEALTH = _respondent(
    "health", "PHEALTH", "Public Health", BODY, Area(code="E10000018", name="Leicestershire"),
    ("analyst@health.example", Role.LEAD),
)  # fmt: skip
FORCE = _respondent(
    "force", "FORCE", "The force's analyst", RespondentKind.ANALYST, Area(code="E23000021", name="Force"),
    ("analyst@force.example", Role.LEAD),
)  # fmt: skip
EVERYBODY = (CHARNWOOD, BLABY, HARBOROUGH, HEALTH, FORCE)

OFFICE = Office(
    name="Office of the Police and Crime Commissioner",
    co_ordinator=Contact(name="The co-ordinator", role=Role.LEAD, address="coordinator@opcc.example"),
    deputy=Contact(name="The deputy", role=Role.DEPUTY, address="deputy@opcc.example"),
    secretariat=(),
    mailbox="returns@opcc.example",
    phone="0116 496 0000",
)
SITE = Site(
    office=OFFICE,
    respondents=EVERYBODY,
    frameworks=(),
    boards=(),
    meetings=(),
    working_days=WorkingDays(holidays=frozenset(), first_year=2013, last_year=2040),
    offsets=Offsets(
        extract_request=-5, extract_due=3, open=4, due=22, close=27, drafting=5, clearance=5, due_time=time(17)
    ),
    ladder=(),
    window=SendingWindow(opens=time(9), closes=time(16)),
    limits=Limits(),
    mode=Mode.REHEARSAL,
    marking="",
    approval_phrases=("Approved", "I approve this return"),
    nil_phrases=("Nil return", "Nothing to report"),
    decline_phrases=("We decline",),
    report_forms=(),
    illustrative=True,
)
DATES = CycleDates(
    quarter=Q2,
    extract_request=date(2014, 9, 22),
    extract_due=london(date(2014, 10, 3), time(17)),
    open=date(2014, 10, 6),
    due=DUE,
    close=CLOSE,
    papers=(),
)


# Forms as sent ------------------------------------------------------------------------------------


def known(ref: str, area: str, value: str, quarter: Quarter = Q1) -> Figure:
    """A figure that was known before."""
    return Figure(
        series=ref,
        area=area,
        period=quarter.key,
        as_at=date(2014, 7, 20),
        value=Decimal(value),
        status=FigureStatus.FINAL,
        provenance=Provenance(source="last quarter's return"),
    )


def row(ref: str, title: str, *, area: Area = CHARN_AREA, before: str = "", **more: object) -> FigureRow:
    """A row to fill in: a count of incidents, unless told otherwise."""
    values: dict[str, object] = {
        "area": area,
        "ref": ref,
        "measure": ref.partition(".")[0],
        "title": title,
        "definition": f"{title}, counted in the area.",
        "intent": "a fall is sought",
        "unit": "incidents",
        "kind": Kind.COUNT,
        "entry": Entry.VALUE,
        "history": ("38", before or "40"),
        "previous": known(ref, area.code, before) if before else None,
    }
    return FigureRow(**{**values, **more})  # type: ignore[arg-type]


def form_of(
    respondent: Respondent, *, quarter: Quarter = Q2, revision: int = 1, figures: tuple[FigureRow, ...] = ()
) -> FormDefinition:
    """The form sent to a respondent: two figures to fill in, one police figure, one text."""
    area = respondent.areas[0]
    rows = figures or (
        row(f"{respondent.code}.L1", "Incidents in the town centre", area=area, before="41"),
        row(
            f"{respondent.code}.L2",
            "Residents who feel safe",
            area=area,
            before="71.5",
            kind=Kind.PERCENT,
            unit="per cent",
        ),
        row("M11.1", "All crime", area=area, entry=Entry.CONFIRM, given=known("M11.1", area.code, "412", quarter)),
    )
    return FormDefinition(
        reference=seal(respondent.code, quarter.code, 1, revision, key=KEY),
        respondent=respondent.key,
        respondent_name=respondent.name,
        kind=respondent.kind,
        quarter=quarter,
        due=DUE,
        office=OFFICE.name,
        ask="Please fill in the marked cells.",
        history=(quarter.year_ago, quarter.previous),
        figures=rows,
        summary=(SummaryRow(ref="T1", heading="Theme 1", prompt="What was done?", words=100),),
        illustrative=True,
    )


FORMS = {r.key: form_of(r) for r in EVERYBODY}


# What comes back ----------------------------------------------------------------------------------


def cell(at: str, said: object = "", *, sheet: str = layout.FIGURES, **more: object) -> Cell:
    """A cell with what was typed: a number, a text, or nothing."""
    kind = CellType.BLANK if said in ("", None) else CellType.TEXT if isinstance(said, str) else CellType.NUMBER
    return Cell(**{"sheet": sheet, "cell": at, "type": kind, "text": str(said if said is not None else ""), **more})  # type: ignore[arg-type]


@dataclass
class Typed:
    """What a respondent types into a form; what is not given is left as sent."""

    figures: Mapping[str, object] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    causes: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    signed: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()


SIGNED = {layout.COMPLETED_BY: "A. Lead", layout.POSITION: "Officer", layout.DATE: "20/10/2014"}


def good(respondent: Respondent = CHARNWOOD, **more: object) -> Typed:
    """A form filled in on time and right."""
    code = respondent.code
    filled = Typed(
        figures={f"{code}.L1": 43, f"{code}.L2": 72},
        statuses={"M11.1": layout.CONFIRMED},
        texts={"T1": "Two joint patrols were held."},
        signed=SIGNED,
    )
    return replace(filled, **more)  # type: ignore[arg-type]


def came_back(form: FormDefinition, typed: Typed, *, reference: str | None = None, **more: object) -> ReadForm:
    """What the reader finds in a form that was filled so."""
    rows = [
        _read_row(form, one, typed, at) for at, one in enumerate(form.figures, start=7) if one.ref not in typed.without
    ]
    said = str(form.reference) if reference is None else reference
    values: dict[str, object] = {
        "references": (("A2 of 'Figures'", said),) if said else (),
        "figures": tuple(rows),
        "summary": tuple(
            ReadText(ref=s.ref, value=cell(f"E{at}", typed.texts.get(s.ref, ""), sheet=layout.SUMMARY))
            for at, s in enumerate(form.summary, start=7)
        ),
        "sign_off": tuple(
            ReadText(ref=line.label, value=cell(f"B{at}", typed.signed.get(line.label, ""), sheet=layout.SIGN_OFF))
            for at, line in enumerate(layout.SIGN_OFF_ROWS, start=7)
        ),
    }
    return ReadForm(**{**values, **more})  # type: ignore[arg-type]


def _read_row(form: FormDefinition, one: FigureRow, typed: Typed, at: int) -> ReadFigureRow:
    given = one.given.value if one.given and one.ref not in typed.figures else None
    value = typed.figures.get(one.ref, given if given is not None else "")
    return ReadFigureRow(
        area_code=one.area.code,
        ref=one.ref,
        sheet=layout.FIGURES,
        row=at,
        this_quarter=value if isinstance(value, Cell) else cell(f"L{at}", value),
        status=cell(f"M{at}", typed.statuses.get(one.ref, "")),
        drove_it=cell(f"N{at}", typed.causes.get(one.ref, "")),
        note=cell(f"O{at}", typed.notes.get(one.ref, "")),
        named=f"L{at}",
        neighbours=(
            (layout.MEASURE, one.title),
            *((layout.history_header(q, form.quarter), t) for q, t in zip(form.history, one.history, strict=True)),
        ),
    )


# Messages and facts -------------------------------------------------------------------------------


def mail(
    text: str = "Please find our return attached.",
    *,
    sender: str = "Lead <lead@charnwood.example>",
    subject: str = "RE: Return for July to September 2014 [CSP 2014/15-Q2 CHARN]",
    answering: str = "",
    files: Iterable[tuple[str, bytes]] = (),
    headers: Mapping[str, str] = {},
    at: datetime = NOW,
) -> IncomingMessage:
    """A message as a mail program sends it, unpacked."""
    made = EmailMessage()
    made["From"] = sender
    made["To"] = OFFICE.mailbox
    made["Subject"] = subject
    made["Date"] = at
    made["Message-ID"] = f"<{abs(hash((text, sender, at)))}@mail.example>"
    if answering:
        made["In-Reply-To"] = answering
    for name, value in headers.items():
        made[name] = value
    made.set_content(text)
    for name, data in files:
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return unpack(made.as_bytes(), received=at)


def cycle(
    *,
    quarter: Quarter = Q2,
    events: Iterable[Event] = (),
    latest: Iterable[object] = (),
    forms: Mapping[str, FormDefinition] | None = None,
    state: CycleState = CycleState.OPEN,
    more_requests: Iterable[Request] = (),
) -> CycleFacts:
    """An open cycle in which everybody was asked."""
    forms = FORMS if forms is None else forms
    asked = [Event(kind=Happened.REQUESTED, at=OPENED, by="us", quarter=quarter, respondent=key) for key in forms]
    every = (*asked, *events)
    status = replace(fold_cycle(quarter, every), state=state)
    requests = {key: (Request(form=form, workbook="0" * 64),) for key, form in forms.items()}
    for request in more_requests:
        requests[request.form.respondent] = (*requests[request.form.respondent], request)
    return CycleFacts(
        dates=replace(DATES, quarter=quarter),
        status=status,
        requests=requests,
        latest={s.respondent: s for s in latest},  # type: ignore[attr-defined]
        events=every,
    )


def facts(*opened: ReadForm | Unreadable, cycles: tuple[CycleFacts, ...] | None = None, **more: object) -> IntakeFacts:
    """What intake is told; each opened thing is an attachment of its own."""
    files = tuple((Attachment(name=f"form {n}.xlsx", data=b"%d" % n), one) for n, one in enumerate(opened))
    return IntakeFacts(site=SITE, key=KEY, cycles=(cycle(),) if cycles is None else cycles, opened=files, **more)  # type: ignore[arg-type]


def after(decision: Decision, before: CycleFacts | None = None) -> CycleFacts:
    """The cycle after a decision was committed."""
    earlier = before or cycle()
    latest = {**earlier.latest, **{s.respondent: s for s in decision.submissions}}
    events = (*earlier.events, *(e for e in decision.events if e.quarter == earlier.quarter))
    requests = {
        key: (*sent, *(r for r in decision.requests if r.form.respondent == key))
        for key, sent in earlier.requests.items()
    }
    status = replace(fold_cycle(earlier.quarter, events), state=earlier.status.state)
    return replace(earlier, latest=latest, events=events, requests=requests, status=status)


def decided(message: IncomingMessage, known: IntakeFacts, now: datetime = NOW) -> Decision:
    """Decide, and check what holds for every decision: one verdict, registered recipients, letters that render."""
    decision = decide(message, known, now)
    assert decision.judgement is not None
    assert decision.judgement.message == message.id
    made = environment({str(p.relative_to(TEMPLATES)): p.read_text() for p in TEMPLATES.rglob("*") if p.is_file()})
    for letter in decision.letters:
        for key in letter.respondents:
            is_ours = letter.manner is Manner.OFFICE and letter.recipient == OFFICE.co_ordinator.address
            assert is_ours or SITE.respondent(key).is_registered(letter.recipient, date(2014, 10, 20))
        words = render(letter, OFFICE, environment=made, illustrative=True)
        assert letter.recipient_name in words.text
        assert not re.search(r"\btargets?\b", words.text + words.html, re.IGNORECASE)
    return decision


def asked_to_approve(
    submission: str, *, kind: str = "approval-request", to: str = "chair@charnwood.example"
) -> QueuedLetter:
    """The letter that asked a chair to approve a submission."""
    return QueuedLetter(
        id="x",
        kind=kind,
        cause=f"approval:{Q2.key}:{submission}",
        recipient=to,
        respondents=("charnwood",),
        quarter=Q2,
        manner=Manner.TIMED,
        subject="",
        message_id="<asked@opcc.example>",
        content="",
        state=LetterState.SENT,
        queued=OPENED,
    )


def kinds(decision: Decision) -> list[str]:
    """The kinds of the letters, in order."""
    return [letter.kind for letter in decision.letters]


def happened(decision: Decision) -> list[str]:
    """The kinds of the events, in order."""
    return [event.kind.name for event in decision.events]


def verdict(decision: Decision) -> str:
    """The verdict."""
    assert decision.judgement is not None
    return decision.judgement.verdict.value


def returns_in(status: CycleStatus) -> Mapping[str, ReturnStatus]:
    """The returns of a status."""
    return status.returns


LATER = NOW + timedelta(hours=1)
