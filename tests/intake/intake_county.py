"""A small county for intake's tests: its respondents, its office, and the forms sent to them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

from csp_workflow.terms.cells import FormVersion, seal_reference
from csp_workflow.terms.dates import CycleDates, Quarter, WorkingDays, london
from csp_workflow.terms.figures import Figure, FigureStatus, MeasureKind, Provenance
from csp_workflow.terms.returns import FORM_VERSION, Entry, FigureRow, FormDefinition, SummaryRow
from csp_workflow.terms.service import Mode
from csp_workflow.terms.site import (
    Area,
    Contact,
    Limits,
    Office,
    Offsets,
    Respondent,
    RespondentKind,
    Role,
    SendingWindow,
    Site,
)
from tests.mail.lists import COURTESIES
from tests.shipped_checks import CHECKS

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
    checks=CHECKS,
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
    courtesies=COURTESIES,
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
        "kind": MeasureKind.COUNT,
        "entry": Entry.VALUE,
        "history": ("38", before or "40"),
        "previous": known(ref, area.code, before) if before else None,
    }
    return FigureRow(**{**values, **more})  # type: ignore[arg-type]


def form_of(
    respondent: Respondent,
    *,
    quarter: Quarter = Q2,
    revision: int = 1,
    figures: tuple[FigureRow, ...] = (),
    version: FormVersion = FORM_VERSION,
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
            kind=MeasureKind.PERCENT,
            unit="per cent",
        ),
        row("M11.1", "All crime", area=area, entry=Entry.CONFIRM, given=known("M11.1", area.code, "412", quarter)),
    )
    return FormDefinition(
        reference=seal_reference(respondent.code, quarter.code, version, revision, key=KEY),
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
