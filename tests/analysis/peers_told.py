"""A group of areas, what is known of them, and what an extract says, made by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from csp_workflow.analysis.peers import (
    Comparators,
    Rate,
)
from csp_workflow.terms.comparisons import GroupRate, KnownFigures
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import (
    Figure,
    FigureStatus,
    Frequency,
    Geography,
    MeasureKind,
    Polarity,
    Provenance,
    Series,
)
from csp_workflow.terms.site import PeerGroup

Q2 = Quarter(2014, 2)
YEAR_TO_Q2 = "12 months to 2014/15-Q2"
TODAY = date(2014, 11, 20)
CODES = [f"E2200016{n}" for n in range(8)]
GROUP = PeerGroup(key="chosen", title="Chosen comparators", version=date(2014, 4, 1), areas=tuple(CODES))
VIOLENCE = Series(
    ref="M13a",
    measure="M13a",
    title="Violence with injury",
    unit="offences",
    kind=MeasureKind.COUNT,
    polarity=Polarity.FALL,
    geography=Geography.AREA,
    frequency=Frequency.MONTHLY,
    owner="force-analyst",
    denominator="per 1,000 residents",
)


def figure(value: int | None, *, area: str = CODES[0], period: str = Q2.key, **others: object) -> Figure:
    given = {
        "series": "M13a",
        "as_at": date(2014, 10, 14),
        "status": FigureStatus.FINAL if value is not None else FigureStatus.SUPPRESSED,
        "provenance": Provenance(source="Made for a test"),
    }
    return Figure(area=area, period=period, value=None if value is None else Decimal(value), **(given | others))


def people(
    count: int | None, *, area: str = CODES[0], period: str = "mid-2013", of: str = "residents", **others: object
) -> Figure:
    source = Provenance(source="Office for National Statistics")
    given = {"series": of, "provenance": source, "as_at": date(2014, 6, 26)} | others
    return figure(count, area=area, period=period, **given)


def year(*values: int | None, area: str = CODES[0]) -> list[Figure]:
    """Four quarters, the latest first."""
    return [figure(value, area=area, period=Q2.plus(-back).key) for back, value in enumerate(values)]


def line(**changes: object) -> GroupRate:
    given = {
        "series": "M13a",
        "area": CODES[0],
        "period": YEAR_TO_Q2,
        "as_at": date(2014, 10, 20),
        "unit": "per 1,000 residents",
        "status": FigureStatus.FINAL,
        "members": 15,
        "group": "Most Similar Group",
        "version": date(2014, 10, 1),
        "provenance": Provenance(source="iQuanta"),
        "rate": Decimal("6.91"),
        "average": Decimal("5.30"),
        "low": Decimal("4.61"),
        "high": Decimal("5.99"),
    }
    return GroupRate(**(given | changes))


def comparators(*figures: Figure, peers=(), groups=(), as_at: date = TODAY) -> Comparators:
    return Comparators(KnownFigures(figures, as_at), peers, groups)


def rate_of(*figures: Figure, series: Series = VIOLENCE) -> Rate | None:
    return comparators(*figures).find_rate(series, CODES[0], Q2)
