"""A small quarter for the paper: one partnership with two areas, the real framework, figures made by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from csp_workflow import settings
from csp_workflow.report.facts import ReportFacts
from csp_workflow.request.calendar import plan_quarter
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.figures import Figure, FigureStatus, Provenance
from csp_workflow.terms.returns import Narrative, Submission
from csp_workflow.terms.site import Site
from csp_workflow.terms.status import CycleStatus, fold_cycle

Q2 = Quarter.parse("2014/15-Q2")
NOW = datetime(2014, 11, 20, 9, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
BASE = (ROOT / "templates" / "reports" / "base.docx").read_bytes()


@cache
def site() -> Site:
    return settings.load(ROOT / "config", environment={})[0]


def figure(series: str, area: str, quarter: Quarter, value: int | None, **others: object) -> Figure:
    return Figure(
        **{
            "series": series,
            "area": area,
            "period": quarter.key,
            "as_at": date(2014, 10, 14),
            "value": None if value is None else Decimal(value),
            "status": FigureStatus.PROVISIONAL if value is not None else FigureStatus.NOT_AVAILABLE,
            "provenance": Provenance(source="Made for a test", licence="None needed"),
            **others,
        }
    )


def eight(series: str, area: str, *values: int) -> list[Figure]:
    """Figures for eight quarters, the latest first."""
    return [figure(series, area, Q2.plus(-back), value) for back, value in enumerate(values)]


def status(**states: tuple[Happened, ...]) -> CycleStatus:
    """Every respondent requested, and what happened to some since (dashes of keys as underscores)."""
    events = [_event(Happened.REQUESTED, r.key) for r in site().respondents]
    for key, kinds in states.items():
        events += [_event(kind, key.replace("_", "-")) for kind in kinds]
    return fold_cycle(Q2, events)


def _event(kind: Happened, respondent: str) -> Event:
    return Event(
        kind=kind,
        at=datetime(2014, 10, 24, 9, tzinfo=UTC),
        by="test",
        quarter=Q2,
        respondent=respondent,
        subject=f"{respondent}-1",
        facts={"faults": 2 if kind is Happened.QUERIED else 0},
    )


def submission(respondent: str, *narratives: Narrative, **others: object) -> Submission:
    return Submission(
        **{
            "id": f"{respondent}-1",
            "quarter": Q2,
            "respondent": respondent,
            "sequence": 1,
            "content": "c",
            "message": "m",
            "attachment": "a",
            "revision": 1,
            "received": datetime(2014, 10, 20, 9, tzinfo=UTC),
            "sender": "lead@charnwood.example",
            "narratives": narratives,
            **others,
        }
    )


def told(ref: str, text: str, promise: str = "") -> Narrative:
    return Narrative(ref=ref, text=text, promise=promise, sheet="Summary", cell="C6")


def facts(
    *figures: Figure,
    board: str = "speb",
    status: CycleStatus | None = None,
    submissions: dict[str, Submission] | None = None,
) -> ReportFacts:
    dates = plan_quarter(Q2, site())
    return ReportFacts(
        site=site(),
        quarter=Q2,
        paper=next(p for p in dates.papers if p.board == board),
        status=status or fold_cycle(Q2, []),
        submissions=submissions or {},
        known=KnownFigures(figures, NOW.date()),
        as_at=NOW,
    )
