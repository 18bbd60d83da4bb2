"""What comes back to the county of intake's tests: filled forms, messages, facts, and decisions that are checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from functools import cache, lru_cache
from hashlib import sha256

from csp_workflow.forms import layout, writing
from csp_workflow.forms.reading import read_workbook
from csp_workflow.intake.case import CycleFacts, IntakeFacts
from csp_workflow.intake.decide import decide, whom_to_ask_about
from csp_workflow.intake.opening import read_reply
from csp_workflow.letters.catalogue import environment, make_tag, render
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.terms.cells import Cell, CellType, Sighting
from csp_workflow.terms.dates import CycleState, Quarter
from csp_workflow.terms.events import About, Decision, Event, Happened, LetterState, Manner, QueuedLetter, Request
from csp_workflow.terms.messages import Attachment, IncomingMessage
from csp_workflow.terms.returns import FigureRow, FormDefinition, ReadFigureRow, ReadForm, ReadText, Unreadable
from csp_workflow.terms.site import Respondent
from csp_workflow.terms.status import CycleStatus, ReturnStatus, fold_cycle
from tests.intake.intake_county import (
    BLABY,
    CHARN_AREA,
    CHARNWOOD,
    CLOSE,
    CSP,
    DATES,
    DUE,
    EVERYBODY,
    FORCE,
    FORMS,
    HARBOROUGH,
    HEALTH,
    KEY,
    NOW,
    OFFICE,
    OPENED,
    Q1,
    Q2,
    SITE,
    TEMPLATES,
    form_of,
    known,
    row,
)

__all__ = [
    "BLABY", "CHARNWOOD", "CHARN_AREA", "CLOSE", "CSP", "DATES", "DUE", "EVERYBODY", "FORCE", "FORMS", "HARBOROUGH",
    "HEALTH", "KEY", "LATER", "NOW", "OFFICE", "OPENED", "Q1", "Q2", "SIGNED", "SITE", "TEMPLATES", "Typed",
    "after", "asked_to_approve", "came_back", "cell", "cycle", "decided", "facts", "form_of", "good", "happened",
    "kinds", "known", "mail", "returns_in", "row", "verdict",
]  # fmt: skip

# The first workbook that a process writes differs in one attribute of a font; decisions are compared after it.
writing.write_workbook(FORMS["charnwood"], created=NOW)

# What comes back ----------------------------------------------------------------------------------


def cell(at: str, said: object = "", *, sheet: str = layout.FIGURES, **more: object) -> Cell:
    """A cell with what was typed: a number, a text, or nothing."""
    kind = CellType.BLANK if said in ("", None) else CellType.TEXT if isinstance(said, str) else CellType.NUMBER
    return Cell(**{"sheet": sheet, "cell": at, "type": kind, "text": str(said if said is not None else ""), **more})  # type: ignore[arg-type]


@dataclass
class Typed:
    """What a respondent types into a form; what is not given is left as sent."""

    figures: Mapping[str, object] = field(default_factory=dict)
    counts: Mapping[str, tuple[object, object]] = field(default_factory=dict)
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
    many, out = typed.counts.get(one.ref, ("", ""))
    return ReadFigureRow(
        area_code=one.area.code,
        ref=one.ref,
        sheet=layout.FIGURES,
        row=at,
        how_many=many if isinstance(many, Cell) else cell(f"J{at}", many),
        out_of=out if isinstance(out, Cell) else cell(f"K{at}", out),
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
    subject: str = f"RE: Return for July to September 2014 {make_tag(Q2, ('CHARN',), key=KEY)}",
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
    return unpack_message(made.as_bytes(), received=at)


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
    requests = {key: (Request(form=form, workbook=_send(form)),) for key, form in forms.items()}
    for request in more_requests:
        requests[request.form.respondent] = (*requests[request.form.respondent], request)
    return CycleFacts(
        site=SITE,
        dates=replace(DATES, quarter=quarter),
        status=status,
        requests=requests,
        latest={s.respondent: s for s in latest},  # type: ignore[attr-defined]
        versions={s.respondent: (s,) for s in latest},  # type: ignore[attr-defined, misc]
        events=every,
    )


def facts(*opened: ReadForm | Unreadable, cycles: tuple[CycleFacts, ...] | None = None, **more: object) -> IntakeFacts:
    """What intake is told; each opened thing is an attachment of its own."""
    files = tuple(
        (Attachment(name=f"form {n}.xlsx", data=repr((n, one)).encode()), one) for n, one in enumerate(opened)
    )
    known = (cycle(),) if cycles is None else cycles
    asked = {r.workbook for one in known for requests in one.requests.values() for r in requests}
    is_whole = any(isinstance(one, ReadForm) and one.sightings for one in opened)
    shown = {workbook: see(_SENT[workbook]) for workbook in asked & _SENT.keys() if is_whole}
    return IntakeFacts(site=SITE, key=KEY, cycles=known, opened=files, **{"shown": shown, **more})  # type: ignore[arg-type]


_SENT: dict[str, FormDefinition | bytes] = {}
"""The forms that were sent, by their workbooks."""


def _send(form: FormDefinition) -> str:
    workbook = sha256(repr(form).encode()).hexdigest()
    _SENT[workbook] = form
    return workbook


@lru_cache(maxsize=64)
def see(sent: FormDefinition | bytes) -> tuple[Sighting, ...]:
    """What can be seen on a form as it is sent."""
    data = sent if isinstance(sent, bytes) else writing.write_workbook(sent, created=NOW)
    read = read_reply(read_workbook(data))
    assert isinstance(read, ReadForm)
    return read.sightings


def after(decision: Decision, before: CycleFacts | None = None) -> CycleFacts:
    """The cycle after a decision was committed."""
    earlier = before or cycle()
    _SENT.update((sha256(a.data).hexdigest(), a.data) for letter in decision.letters for a in letter.attachments)
    latest = {**earlier.latest, **{s.respondent: s for s in decision.submissions}}
    events = (*earlier.events, *(e for e in decision.events if e.quarter == earlier.quarter))
    requests = {
        key: (*sent, *(r for r in decision.requests if r.form.respondent == key))
        for key, sent in earlier.requests.items()
    }
    status = replace(fold_cycle(earlier.quarter, events), state=earlier.status.state)
    versions = {key: (*earlier.versions.get(key, ()), last) for key, last in latest.items()}
    versions = {key: mine[:-1] if mine[-2:] == (latest[key],) * 2 else mine for key, mine in versions.items()}
    return replace(earlier, latest=latest, versions=versions, events=events, requests=requests, status=status)


def decided(message: IncomingMessage, known: IntakeFacts, now: datetime = NOW) -> Decision:
    """Decide, and check what holds for every decision: one verdict, registered recipients, letters that render.

    The facts of nobody but those whom intake names beforehand make a difference.
    """
    decision = decide(message, known, now)
    assert decide(message, gathered(message, known, now), now) == decision
    assert decision.judgement is not None
    assert decision.judgement.message == message.id
    for letter in decision.letters:
        for key in letter.respondents:
            is_ours = letter.manner is Manner.OFFICE and letter.recipient == OFFICE.co_ordinator.address
            assert is_ours or SITE.respondent(key).is_registered(letter.recipient, date(2014, 10, 20))
        words = render(letter, OFFICE, environment=templates(), illustrative=True)
        assert letter.recipient_name in words.text
        assert not re.search(r"\btargets?\b", words.text + words.html, re.IGNORECASE)
    return decision


def gathered(message: IncomingMessage, known: IntakeFacts, now: datetime) -> IntakeFacts:
    """The facts as the step gathers them: of each cycle, those only whom the message may be about."""
    keys = whom_to_ask_about(message, replace(known, cycles=()), now)
    by_key = ("requests", "latest", "versions", "narratives")
    cycles = (
        replace(one, **{name: {k: v for k, v in getattr(one, name).items() if k in keys} for name in by_key})
        for one in known.cycles
    )
    return replace(known, cycles=tuple(cycles))


@cache
def templates() -> object:
    """The templates of the letters, as rendering wants them."""
    return environment({str(p.relative_to(TEMPLATES)): p.read_text() for p in TEMPLATES.rglob("*") if p.is_file()})


def asked_to_approve(
    submission: str, *, kind: str = "approval-request", to: str = "chair@charnwood.example"
) -> QueuedLetter:
    """The letter that asked a chair to approve a submission."""
    return QueuedLetter(
        id="x",
        kind=kind,
        cause=f"approval:{Q2.key}:{submission}",
        recipient=to,
        about=(About(respondent="charnwood", submission=submission),),
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


def complete() -> tuple[Decision, CycleFacts]:
    """What was decided on a complete return of Charnwood, and its cycle afterwards."""
    first = decided(mail(), facts(came_back(FORMS["charnwood"], good())))
    return first, after(first)
