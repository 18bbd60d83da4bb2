"""A made-up paper that uses every block, to be looked at and checked."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from csp_workflow.report.blocks import (
    Contents,
    GroupChart,
    Heading,
    Landscape,
    Lettered,
    Lines,
    NewPage,
    Numbered,
    Plain,
    Run,
    SeriesChart,
    Table,
)

AREAS = (
    "Blaby", "Charnwood", "Harborough", "Hinckley and Bosworth", "Leicester", "Melton", "North West Leicestershire",
    "Oadby and Wigston", "Rutland",
)  # fmt: skip
QUARTERS = (
    "Oct\u2013Dec 2011", "Jan\u2013Mar 2012", "Apr\u2013Jun 2012", "Jul\u2013Sep 2012", "Oct\u2013Dec 2012",
    "Jan\u2013Mar 2013", "Apr\u2013Jun 2013", "Jul\u2013Sep 2013", "Oct\u2013Dec 2013", "Jan\u2013Mar 2014",
    "Apr\u2013Jun 2014", "Jul\u2013Sep 2014",
)  # fmt: skip


def tenths(*numbers: int | None) -> tuple[Decimal | None, ...]:
    """Rates as decimals, given in tenths."""
    return tuple(None if one is None else Decimal(one) / 10 for one in numbers)


def series_chart(**others: object) -> SeriesChart:
    """One area's violence in twelve quarters, a gap among them."""
    values = (188, 201, 198, 192, None, 216, 216, 260, 256, 227, 293, 306)
    return SeriesChart(
        **{
            "caption": "Violence with injury in Charnwood: offences recorded in each quarter",
            "description": "A line of twelve quarters; the latest two lie above the usual range of 181 to 262.",
            "name": "Recorded in the quarter",
            "categories": QUARTERS,
            "values": tuple(None if one is None else Decimal(one) for one in values),
            "low": Decimal("181.1"),
            "high": Decimal("262.4"),
            "average": Decimal("221.8"),
            "outside": (10, 11),
            "labelled": (7, 10, 11),
            "note": "Usual range 182 to 262, average 222. Diamonds lie outside it.",
            "anchor": "charnwood-violence",
            **others,
        }
    )


def group_chart(areas: tuple[str, ...] = AREAS, **others: object) -> GroupChart:
    """Each area beside its group; one area has no rate and no group."""
    many = len(areas)
    return GroupChart(
        **{
            "caption": "Violence with injury per 1,000 residents, year to September 2014",
            "description": "Charnwood lies above the range of its group; every other area lies within its own.",
            "categories": areas,
            "rates": tenths(49, 64, 44, 49, 47, None, 58, 49, 46, *(40 + place for place in range(many)))[:many],
            "averages": tenths(54, 51, 44, 53, 55, None, 54, 54, 48, *([50] * many))[:many],
            "lows": tenths(45, 43, 37, 44, 45, None, 44, 45, 40, *([43] * many))[:many],
            "highs": tenths(64, 60, 52, 62, 64, None, 63, 64, 56, *([58] * many))[:many],
            "note": "Each area beside its own Most Similar Group (15 areas, revised October 2014).",
            **others,
        }
    )


def change(how: str, number: str, key: str, usual: str) -> tuple[Run, ...]:
    """A direction, the number that shows it, and what is usual."""
    return Run(text=how, strong=True), Run(text=number, figure=key), Run(text=usual)


CHANGES = Table(
    caption="Two changes in the year to September 2014",
    description="Each change with its usual range, its group and the partnership's own words.",
    headers=("What and where", "Against usual year", "Against group (range)", "The partnership's own words"),
    rows=(
        (
            (Run(text="Offending, 18 to 24", strong=True), Run(text="\nNorth West Leicestershire, Oadby")),
            change("\u25bc Lower: ", "846", "M05/force/2014-15-Q2", "\nUsual 895 to 1,102"),
            (Run(text="No comparator", strong=True), Run(text=" for this measure")),
            "\u201cTwo prolific offenders are in custody; our Friday project reached 40 young people.\u201d",
        ),
        (
            (Run(text="Violence with injury", strong=True), Run(text="\nCharnwood")),
            change("\u25b2 Higher: ", "1,082", "M11/E07000130/2014-15-Q2", "\nUsual 736 to 957"),
            (Run(text="Above", strong=True), Run(text=": 6.4 per 1,000\nGroup 5.1 (4.3 to 6.0)")),
            (Run(text="No explanation was given.", quiet=True), Run(text=" Asked on 22 October and 5 November.")),
        ),
    ),
    weights=(21, 22, 23, 34),
    note="In the order of the Plan's priorities. \u25b2 \u25bc show direction, not good or bad.",
    anchor="changes",
)  # fmt: skip

FULL = Table(
    caption="Every figure",
    description="Each measure and area with five quarters.",
    headers=("Ref", "Measure", "Area", *QUARTERS[-5:], "Year"),
    rows=tuple(
        (f"M{measure:02}", "Domestic burglary", area, "1,234", "1,200", "", "fewer than 5", "1,199", "4,833")
        for measure in (1, 2, 3)
        for area in AREAS
    ),
    weights=(6, 20, 20, 9, 9, 9, 9, 9, 9),
    numeric=(3, 4, 5, 6, 7, 8),
    ruled=(9, 18),
)  # fmt: skip

PRIORITIES = Table(
    caption="Preventing offending",
    description="Each priority with how it is measured.",
    headers=("No.", "Strategic priority", "How this will be measured"),
    rows=(
        ("1", "To reduce offending", "A fall in offending\nA rise in engagement"),
        ("2", "To reduce reoffending", ""),
    ),
    weights=(7, 38, 55),
    bulleted=(2,),
)


def every_block(**others: object) -> Contents:
    """The paper."""
    return Contents(
        **{
            "board": "Strategic Partnership Executive Board",
            "title": "Community Safety Partnership contributions to local and Police and Crime Plan objectives",
            "meeting": date(2014, 12, 4),
            "as_at": datetime(2014, 11, 20, 9, tzinfo=UTC),
            "marking": "DRAFT - not for publication",
            "not_before": date(2014, 11, 27),
            "version": "Draft 1, 20 November 2014",
            "illustrative": True,
            "blocks": (
                Heading(text="What the Board is asked to do"),
                Numbered(text="The Board is asked to:"),
                Lettered(
                    text=(Run(text="agree", strong=True), Run(text=" that three areas bring one plan to it in March;")),
                    key="asked/1",
                ),
                Lettered(
                    text=(
                        Run(text="decide", strong=True),
                        Run(text=" on \u00a34,000 for advice in Charnwood (paragraph ", to="request"),
                        Run(text=");"),
                    )
                ),
                Lettered(text=(Run(text="note", strong=True), Run(text=" the rest."))),
                Heading(text="What the quarter shows"),
                Numbered(
                    text=(
                        Run(text="Violence with injury was higher than usual in five areas.", strong=True),
                        Run(text=" Of 95 comparisons, "),
                        Run(text="83", figure="comparisons/unchanged"),
                        Run(text=" show no more change than usual ("),
                        Run(to="changes"),
                        Run(text=" and "),
                        Run(to="charnwood-violence"),
                        Run(text=")."),
                    ),
                    key="summary/1",
                ),
                CHANGES,
                Numbered(text="Charnwood has been above its usual range for two quarters running."),
                series_chart(),
                Numbered(text="The rate is above the group in Charnwood alone."),
                group_chart(),
                Heading(text="Charnwood", level=3),
                Plain(
                    lead="Safer neighbourhoods",
                    text="Half is in Loughborough on student nights.\n\nStreet pastors start in January.",
                    quoted=True,
                    about=("charnwood", "T1"),
                ),
                Numbered(text="Charnwood asks for \u00a34,000.", anchor="request", key="charnwood/asks"),
                Lettered(text="first, advice;"),
                Lettered(text="then, a review."),
                Heading(text="Fifteen areas"),
                group_chart(tuple(f"Area of {letter}shire" for letter in "ABCDEFGHIJKLMNO"), caption="Fifteen areas"),
                Heading(text="Officers to contact"),
                Lines(lines=("Head of Performance", "Telephone: 0116 000 0000")),
                Plain(text="Return of Charnwood"),
                NewPage(),
                Heading(text="Appendix A: the Plan"),
                PRIORITIES,
                Landscape(),
                Heading(text="Appendix B: figures"),
                FULL,
            ),
            **others,
        }
    )
