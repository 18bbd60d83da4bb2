"""Realistic forms for tests: a joint partnership of two areas, a contributor, the force's analyst."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

from csp_workflow.terms.cells import QuickAnswer, seal_reference
from csp_workflow.terms.comparisons import UsualRange
from csp_workflow.terms.dates import Quarter, london
from csp_workflow.terms.figures import Figure, FigureStatus, MeasureKind, Provenance
from csp_workflow.terms.returns import FORM_VERSION, Entry, FigureRow, FormDefinition, SummaryRow
from csp_workflow.terms.site import ActionRow, Area, RespondentKind

KEY = b"a key for tests only"
CREATED = datetime(2014, 10, 1, 8, 0, tzinfo=UTC)
Q2 = Quarter(2014, 2)
HISTORY = tuple(Q2.plus(-n) for n in (4, 3, 2, 1))
BLABY = Area(code="E07000129", name="Blaby", upper_tier="Leicestershire")
HINCKLEY = Area(code="E07000132", name="Hinckley and Bosworth", upper_tier="Leicestershire")

POLICE = (
    (
        "M02a",
        "Offending by people aged 18 to 24",
        "Offences recorded in the area with a suspect aged 18 to 24.",
        MeasureKind.COUNT,
        "offences",
        "a fall is sought",
    ),
    (
        "M03d",
        "Incidents in or near licensed premises, 7pm to 7am",
        "Incidents within 50 metres of licensed premises; the night belongs to the day it began.",
        MeasureKind.COUNT,
        "incidents",
        "a fall is sought",
    ),
    (
        "M11",
        "All crime",
        "All notifiable offences recorded in the area.",
        MeasureKind.COUNT,
        "offences",
        "a fall is sought, but more reporting of hidden crime also raises it",
    ),
    (
        "M12a",
        "Domestic burglary",
        "Burglary of a dwelling, recorded in the area.",
        MeasureKind.COUNT,
        "offences",
        "a fall is sought",
    ),
    (
        "M12b",
        "Satisfaction of burglary victims",
        "Share of victims surveyed who were satisfied with the whole experience, rolling 12 months.",
        MeasureKind.PERCENT,
        "per cent, e.g. 84.5",
        "a rise is sought",
    ),
    (
        "M13a",
        "Violence against the person with injury",
        "Offences recorded in the area.",
        MeasureKind.COUNT,
        "offences",
        "a fall is sought",
    ),
    (
        "M14a.1",
        "Theft from motor vehicle",
        "Offences recorded in the area.",
        MeasureKind.COUNT,
        "offences",
        "a fall is sought",
    ),
    (
        "M14a.2",
        "Theft of motor vehicle",
        "Offences recorded in the area.",
        MeasureKind.COUNT,
        "offences",
        "a fall is sought",
    ),
)
LOCAL = (
    (
        "L1",
        "Anti-social behaviour cases closed within 12 weeks",
        "Share of cases closed in the quarter.",
        MeasureKind.PERCENT,
        "per cent, e.g. 84.5",
    ),
    ("L2", "Community trigger activations", "Requests for a case review received.", MeasureKind.COUNT, "activations"),
    ("L3", "Victims supported by the outreach service", "People seen at least once.", MeasureKind.COUNT, "people"),
    ("L4", "Cost of the youth diversion scheme", "Spent in the quarter, all funders.", MeasureKind.COST, "£"),
)
THEMES = (
    ("T1", "Reducing offending and re-offending"),
    ("T2", "Supporting victims and witnesses"),
    ("T3", "Making communities and neighbourhoods safer"),
    ("T4", "Protecting the vulnerable"),
    ("T5", "Ensuring value for money policing services"),
)
NARRATIVE = (
    ("M03e", "Late night levy: assessment and evaluation of options"),
    ("M05a", "Domestic abuse: victim-focussed crime outcome"),
    ("M06a", "Serious sexual offences: victim-focussed crime outcome"),
    ("M07a", "Hate crime: victim-focussed crime outcome"),
    ("M12c", "Burglary: victim-focussed crime outcome"),
    ("M13c", "Violence with injury: victim-focussed crime outcome"),
)


def joint_form(*, revision: int = 1, code: str = "BLABHIN", illustrative: bool = True) -> FormDefinition:
    """A joint partnership of two areas, asked all it owns."""
    figures = tuple(_police(area, n, *row) for area in (BLABY, HINCKLEY) for n, row in enumerate(POLICE))
    figures += tuple(_local(code, BLABY, *row) for row in LOCAL[:2])
    figures += tuple(_local(code, HINCKLEY, *row) for row in LOCAL[2:])
    return FormDefinition(
        reference=seal_reference(code, Q2.code, FORM_VERSION, revision, key=KEY),
        respondent="blaby-hinckley",
        respondent_name="Blaby, Hinckley & Bosworth Community Safety Partnership",
        kind=RespondentKind.PARTNERSHIP,
        quarter=Q2,
        due=london(date(2014, 10, 30), time(17)),
        office="Office of the Police and Crime Commissioner",
        ask="The co-ordinator: 0116 496 0000 or co-ordinator@opcc.example. Or reply to our letter.",
        history=HISTORY,
        figures=figures,
        summary=_summary(code),
        actions=(
            ActionRow(
                ref="A1",
                board="Strategic Partnership Executive Board",
                wording="Explain the rise in theft from motor vehicles and say what is being done with partners.",
                asked=date(2014, 9, 25),
                due=date(2014, 11, 14),
            ),
        ),
        sources=(
            (
                "Recorded crime by Community Safety Partnership, 2011/12: Home Office. "
                "Contains public sector information licensed under the Open Government Licence v3.0."
            ),
        ),
        illustrative=illustrative,
        marking="Official",
    )


def quiet_form() -> FormDefinition:
    """A district with three figures of its own in a quarter in which nothing is unusual."""
    whole = joint_form(code="CHARN")
    quick = (QuickAnswer.NOTHING_NEW, QuickAnswer.STILL_HOLDS)
    usual = UsualRange(low=Decimal(180), high=Decimal(20_000))
    rows = [row for row in whole.figures if row.area == BLABY and row.ref not in {"M12b", "CHARN.L1"}]
    return replace(
        whole,
        respondent="charnwood",
        respondent_name="Charnwood Community Safety Partnership",
        figures=(*(replace(row, area=BLABY) for row in whole.figures if ".L" in row.ref and row.ref != "CHARN.L1"),
                 *(replace(row, usual=usual) for row in rows if row.given)),
        summary=tuple(replace(box, prompt="", quick=quick, played_back="We met monthly.") for box in whole.summary[:5]),
        actions=(),
    )  # fmt: skip


def contributor_form() -> FormDefinition:
    """Public health, asked three upper-tier figures and one text."""
    code = "PUBH"
    areas = (Area(code="E06000016", name="Leicester"), Area(code="E06000017", name="Rutland"))
    rows = tuple(
        replace(
            _local(
                code,
                area,
                "x",
                "Successful completions of treatment",
                "Share of those in treatment.",
                MeasureKind.PERCENT,
                "per cent, e.g. 12.5",
            ),
            ref="M03a.1",
            out_of="adults in treatment",
        )
        for area in areas
    )
    return replace(
        joint_form(code=code),
        respondent="public-health",
        respondent_name="Public health",
        kind=RespondentKind.CONTRIBUTOR,
        figures=rows,
        summary=(SummaryRow(ref="M03f", heading="Treatment services", prompt="What changed?", required=False),),
        actions=(),
    )


def analyst_form(areas: int = 9) -> FormDefinition:
    """The force's analyst: areas by series, every row a value to fill in."""
    code = "FORCE"
    places = tuple(Area(code=f"E070001{n:02d}", name=f"Area {n}") for n in range(areas))
    rows = tuple(
        replace(_police(area, n, *row), entry=Entry.VALUE, given=None)
        for area in places
        for n, row in enumerate(POLICE)
    )
    return replace(
        joint_form(code=code),
        respondent="force-analyst",
        respondent_name="The force's analyst",
        kind=RespondentKind.ANALYST,
        figures=rows,
        summary=(),
        actions=(),
    )


def _police(
    area: Area, n: int, ref: str, title: str, definition: str, kind: MeasureKind, unit: str, intent: str
) -> FigureRow:
    value = Decimal("82.4") if kind is MeasureKind.PERCENT else Decimal(37 + 211 * n if n != 2 else 1204)
    given = Figure(
        series=ref,
        area=area.code,
        period=Q2.key,
        as_at=date(2014, 10, 8),
        value=value,
        status=FigureStatus.PROVISIONAL if n % 3 == 0 else FigureStatus.FINAL,
        provenance=Provenance(source="force extract", illustrative=True),
    )
    return FigureRow(
        area=area,
        ref=ref,
        measure=ref.partition(".")[0],
        title=title,
        definition=definition,
        intent=intent,
        unit=unit,
        kind=kind,
        entry=Entry.CONFIRM,
        history=tuple(str(value + step) for step in (31, 12, -9, 4)),
        official="4,812 (2011/12)" if ref == "M11" else "",
        comparator="9 areas: 1,190",
        given=given,
    )


def _local(code: str, area: Area, ref: str, title: str, definition: str, kind: MeasureKind, unit: str) -> FigureRow:
    return FigureRow(
        area=area,
        ref=f"{code}.{ref}",
        measure=title,
        title=title,
        definition=definition,
        intent="improvement sought",
        unit=unit,
        kind=kind,
        entry=Entry.VALUE,
        history=("61", "58", "not available", "64"),
        required=ref != "L4",
    )


def _summary(code: str) -> tuple[SummaryRow, ...]:
    themes = tuple(
        SummaryRow(
            ref=ref,
            heading=title,
            prompt="What did partners do this quarter under this theme, and what came of it?",
            played_back="We said we would run two street surgeries and report what residents raised."
            if ref == "T3"
            else "",
        )
        for ref, title in THEMES
    )
    narrative = tuple(
        SummaryRow(
            ref=ref,
            heading=title,
            prompt="In your own words: what changed for victims?",
            words=100,
            required=ref != "M03e",
        )
        for ref, title in NARRATIVE
    )
    objectives = tuple(
        SummaryRow(ref=f"{code}.O{n}", heading=f"Your objective {n}", prompt=f"{wording} How far are you?", words=80)
        for n, wording in enumerate(
            (
                "Fewer repeat victims of domestic burglary.",
                "Safer town centres at night.",
                "More hate incidents reported.",
            ),
            1,
        )
    )
    return (*themes, *narrative, *objectives)
