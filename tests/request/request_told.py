"""What the tests of requests share: a small site, its cycle, and figures by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from csp_workflow.letters.catalogue import environment
from csp_workflow.request.form import define_form
from csp_workflow.request.proof import OpeningFacts
from csp_workflow.terms.actions import Action
from csp_workflow.terms.dates import Board, CycleDates, PaperDates, Quarter, WorkingDays, as_utc, london
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.figures import (
    Figure,
    FigureStatus,
    Framework,
    Frequency,
    Geography,
    LocalMeasure,
    Measure,
    MeasureKind,
    Objective,
    Polarity,
    Priority,
    Provenance,
    Route,
    Series,
    Theme,
)
from csp_workflow.terms.returns import FormDefinition
from csp_workflow.terms.service import Mode
from csp_workflow.terms.site import (
    Area,
    Contact,
    Limits,
    Office,
    Offsets,
    PeerGroup,
    Respondent,
    RespondentKind,
    Role,
    SendingWindow,
    Site,
)
from csp_workflow.terms.status import CycleStatus, fold_cycle
from csp_workflow.terms.suppression import Suppression
from tests.shipped_checks import CHECKS

KEY = b"a key for tests only"
EMAILS = Path(__file__).parents[2] / "templates" / "emails"
TEMPLATES = environment({p.relative_to(EMAILS).as_posix(): p.read_text("utf-8") for p in EMAILS.rglob("*.*")})
Q2 = Quarter(2014, 2)

BLABY = Area(code="E22000164", name="Blaby")
CHARNWOOD = Area(code="E22000165", name="Charnwood")
HINCKLEY = Area(code="E22000167", name="Hinckley and Bosworth")
MELTON = Area(code="E22000169", name="Melton")
CITY = Area(code="E06000016", name="Leicester", geography=Geography.UPPER_TIER)
COUNTY = Area(code="E10000018", name="Leicestershire", geography=Geography.UPPER_TIER)
FORCE = Area(code="E23000021", name="The force area", geography=Geography.FORCE)


def person(name: str, role: Role, address: str) -> Contact:
    return Contact(name=name, role=role, address=address)


COUNTY_OFFICER = person("County Officer", Role.LEAD, "officer@county.example")


def _respondent(key: str, code: str, name: str, kind: RespondentKind, areas: tuple[Area, ...], *people: Contact):
    return Respondent(key=key, code=code, name=name, kind=kind, areas=areas, contacts=people)


RESPONDENTS = (
    _respondent(
        "blaby-hinckley",
        "BLHB",
        "Blaby and Hinckley",
        RespondentKind.PARTNERSHIP,
        (BLABY, HINCKLEY),
        person("Joint Lead", Role.LEAD, "lead@joint.example"),
        person("Joint Chair", Role.CHAIR, "chair@joint.example"),
    ),
    _respondent(
        "charnwood",
        "CHARN",
        "Charnwood",
        RespondentKind.PARTNERSHIP,
        (CHARNWOOD,),
        COUNTY_OFFICER,
        person("Charnwood Chair", Role.CHAIR, "chair@charnwood.example"),
    ),
    _respondent(
        "melton",
        "MELT",
        "Melton",
        RespondentKind.PARTNERSHIP,
        (MELTON,),
        replace(COUNTY_OFFICER, address="Officer@County.example"),
        person("Melton Chair", Role.CHAIR, "chair@melton.example"),
    ),
    _respondent(
        "public-health",
        "PUBH",
        "Public Health",
        RespondentKind.CONTRIBUTOR,
        (CITY, COUNTY),
        person("Health Analyst", Role.LEAD, "lead@health.example"),
    ),
    _respondent(
        "lscb",
        "LSCB",
        "Safeguarding Board",
        RespondentKind.CONTRIBUTOR,
        (FORCE,),
        person("Board Officer", Role.LEAD, "lead@lscb.example"),
    ),
    _respondent(
        "probation",
        "PROB",
        "Probation",
        RespondentKind.CONTRIBUTOR,
        (FORCE,),
        person("Probation Analyst", Role.LEAD, "lead@probation.example"),
    ),
    _respondent(
        "force-analyst",
        "FORCE",
        "Force Analyst",
        RespondentKind.ANALYST,
        (FORCE,),
        person("Performance Analyst", Role.LEAD, "analyst@force.example"),
    ),
)


def series(ref: str, **changes: object) -> Series:
    values: dict[str, object] = {
        "ref": ref,
        "measure": ref.partition(".")[0],
        "title": f"Title of {ref}",
        "unit": "offences",
        "kind": MeasureKind.COUNT,
        "polarity": Polarity.FALL,
        "geography": Geography.AREA,
        "frequency": Frequency.QUARTERLY,
        "owner": "",
    }
    return Series(**(values | changes))  # type: ignore[arg-type]


def measure(
    ref: str, route: Route, *counted: Series, owner: str = "", kind: MeasureKind = MeasureKind.COUNT
) -> Measure:
    return Measure(
        ref=ref,
        priority=1,
        wording=f"Published wording of {ref}",
        kind=kind,
        polarity=Polarity.FALL,
        route=route,
        owner=owner,
        definition=f"What {ref} counts.",
        definition_from=date(2014, 4, 1),
        open_question="",
        series=counted,
    )


HEALTH = {"owner": "public-health", "geography": Geography.UPPER_TIER, "kind": MeasureKind.PERCENT, "unit": "per cent"}
SURVEY = {"kind": MeasureKind.SURVEY, "unit": "per cent", "geography": Geography.FORCE}
OF_FORCE = {"geography": Geography.FORCE}
MEASURES = (
    measure("M11", Route.POLICE, series("M11", owner="force-analyst"), owner="force-analyst"),
    measure("M12a", Route.POLICE, series("M12a", polarity=Polarity.AMBIGUOUS), owner="force-analyst"),
    measure("M17a", Route.POLICE, series("M17a", suppression=Suppression(below=5, shown_as="fewer than 5"))),
    measure("M12b", Route.POLICE, series("M12b", frequency=Frequency.ROLLING_12_MONTHS, **SURVEY)),
    measure("M17b", Route.CONTRIBUTOR, series("M17b", kind=MeasureKind.COST, **OF_FORCE), owner="force-analyst"),
    measure("M03a", Route.CONTRIBUTOR, series("M03a.1", **HEALTH), series("M03a.2", **HEALTH), owner="public-health"),
    measure("M03b", Route.CONTRIBUTOR, series("M03b", lag_quarters=2, **HEALTH), owner="public-health"),
    measure("M02b", Route.CONTRIBUTOR, series("M02b", frequency=Frequency.YEARLY, **OF_FORCE), owner="probation"),
    measure("M15", Route.CONTRIBUTOR, owner="lscb", kind=MeasureKind.NARRATIVE),
    measure("M05a", Route.PARTNERSHIP, kind=MeasureKind.NARRATIVE),
    measure(
        "M03e", Route.PARTNERSHIP, series("M03e", kind=MeasureKind.MILESTONE, frequency=Frequency.EVENT),
        kind=MeasureKind.MILESTONE,
    ),
)  # fmt: skip


def local(respondent: str, code: str, area: Area, number: int) -> LocalMeasure:
    return LocalMeasure(
        respondent=respondent,
        area=area.code,
        series=series(f"{code}.L{number}", title="Cases opened", unit="cases"),
        definition="Cases opened in the quarter.",
        priorities=(1,),
        agreed=date(2014, 4, 1),
    )


FRAMEWORK = Framework(
    year="2014/15",
    title="The Plan",
    themes=(Theme(number=1, title="Reducing Offending"), Theme(number=2, title="Supporting Victims")),
    priorities=(Priority(number=1, theme=1, wording="A priority"),),
    measures=MEASURES,
    local_measures=(
        local("blaby-hinckley", "BLHB", BLABY, 1),
        local("blaby-hinckley", "BLHB", HINCKLEY, 2),
        local("charnwood", "CHARN", CHARNWOOD, 1),
    ),
    objectives=(
        Objective(
            respondent="charnwood", ref="CHARN.O1", wording="Safer nights", priorities=(1,), agreed=date(2014, 4, 1)
        ),
    ),
)
SITE = Site(
    checks=CHECKS,
    office=Office(
        name="Office of the Police and Crime Commissioner",
        co_ordinator=person("Performance Co-ordinator", Role.LEAD, "coordinator@opcc.example"),
        deputy=None,
        secretariat=(),
        mailbox="returns@opcc.example",
        phone="0116 496 0000",
    ),
    respondents=RESPONDENTS,
    frameworks=(FRAMEWORK,),
    boards=(Board(key="speb", name="Strategic Partnership Executive Board", public=False, lead_days=7),),
    meetings=(),
    working_days=WorkingDays(holidays=frozenset(), first_year=2012, last_year=2020),
    offsets=Offsets(
        extract_request=1, extract_due=10, open=11, due=20, close=25, drafting=3, clearance=2, due_time=time(17)
    ),
    ladder=(),
    window=SendingWindow(opens=time(8), closes=time(18)),
    limits=Limits(),
    mode=Mode.REHEARSAL,
    marking="OFFICIAL",
    approval_phrases=("approved",),
    nil_phrases=("nil return", "nil"),
    decline_phrases=("decline",),
    report_forms=(),
    peers=(
        PeerGroup(key="old", title="Old group", version=date(2013, 4, 1), areas=(CHARNWOOD.code, MELTON.code)),
        PeerGroup(
            key="chosen",
            title="Chosen comparators",
            version=date(2014, 4, 1),
            areas=(BLABY.code, CHARNWOOD.code, MELTON.code, HINCKLEY.code),
        ),
    ),
    actions=(
        Action(
            ref="A1",
            respondent="charnwood",
            board="speb",
            wording="Explain.",
            asked=date(2014, 9, 11),
            due=date(2014, 11, 28),
        ),
        Action(
            ref="A2",
            respondent="charnwood",
            board="speb",
            wording="Later.",
            asked=date(2014, 12, 4),
            due=date(2015, 1, 28),
        ),
    ),
)
DATES = CycleDates(
    quarter=Q2,
    extract_request=date(2014, 10, 1),
    extract_due=london(date(2014, 10, 14), time(17)),
    open=date(2014, 10, 15),
    due=london(date(2014, 10, 28), time(17)),
    close=london(date(2014, 11, 4), time(17)),
    papers=(
        PaperDates(
            board="speb",
            meeting=date(2014, 12, 4),
            papers_out=date(2014, 11, 25),
            clearance=date(2014, 11, 21),
            draft=date(2014, 11, 18),
        ),
    ),
)


def at(day: int, hour: int = 9, month: int = 10) -> datetime:
    """An instant in autumn 2014 by the London clock, in UTC as the store keeps it."""
    return as_utc(london(date(2014, month, day), time(hour)))


def figure(ref: str, area: Area, period: str, value: str | None, **changes: object) -> Figure:
    values: dict[str, object] = {
        "series": ref,
        "area": area.code,
        "period": period,
        "as_at": date(2014, 7, 14),
        "value": None if value is None else Decimal(value),
        "status": FigureStatus.FINAL,
        "provenance": Provenance(source="The force's extract"),
    }
    return Figure(**(values | changes))  # type: ignore[arg-type]


def form(key: str, figures: tuple[Figure, ...] = (), *, site: Site = SITE, quarter: Quarter = Q2, **changes: object):
    values: dict[str, object] = {"dates": DATES, "narratives": {}, "revision": 1, "key": KEY}
    made: FormDefinition = define_form(
        site.respondent(key),
        quarter,
        site=site,
        figures=figures,
        **(values | changes),  # type: ignore[arg-type]
    )
    return made


def rows(of: FormDefinition) -> dict[tuple[str, str], object]:
    return {(row.area.name, row.ref): row for row in of.figures}


def with_framework(**changes: object) -> Site:
    return replace(SITE, frameworks=(replace(FRAMEWORK, **changes),))  # type: ignore[arg-type]


def with_respondent(key: str, **changes: object) -> Site:
    changed = tuple(replace(r, **changes) if r.key == key else r for r in RESPONDENTS)  # type: ignore[arg-type]
    return replace(SITE, respondents=changed)


PLANNED = Event(kind=Happened.CYCLE_PLANNED, at=at(1, 8), by="the calendar", quarter=Q2)


def facts(*events: Event, **changes: object) -> OpeningFacts:
    """The facts of a planned cycle in which these events happened."""
    happened = (PLANNED, *events)
    values: dict[str, object] = {
        "site": SITE,
        "quarter": Q2,
        "dates": DATES,
        "status": fold_cycle(Q2, happened),
        "figures": (),
        "key": KEY,
        "templates": TEMPLATES,
        "by": "the co-ordinator",
        "events": happened,
    }
    return OpeningFacts(**(values | changes))  # type: ignore[arg-type]


def status(*events: Event) -> CycleStatus:
    return fold_cycle(Q2, (PLANNED, *events))
