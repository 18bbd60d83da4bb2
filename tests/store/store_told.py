"""What the tests of the store put into it: made-up values with every part filled."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from csp_workflow.store import Frozen, Store
from csp_workflow.terms.cells import FormVersion, Reference
from csp_workflow.terms.comparisons import GroupRate
from csp_workflow.terms.dates import LONDON, CycleDates, PaperDates, Quarter
from csp_workflow.terms.events import About, Event, Fact, Happened, Letter, Manner, Request
from csp_workflow.terms.figures import Figure, FigureStatus, MeasureKind, Provenance
from csp_workflow.terms.returns import (
    Entry,
    FigureRow,
    Finding,
    FormDefinition,
    Narrative,
    Reading,
    Severity,
    SignOff,
    Submission,
    SummaryRow,
)
from csp_workflow.terms.site import Area, RespondentKind

Q2 = Quarter(2014, 2)
NOW = datetime(2014, 10, 16, 9, 0, tzinfo=UTC)


FACTS: dict[Happened, dict[str, Fact]] = {
    Happened.PROOF_MADE: {"forms": 1},
    Happened.CYCLE_OPENED: {"forms": 1},
    Happened.REQUESTED: {"revision": 1},
    Happened.RECEIVED: {"late": False, "sequence": 1, "revision": 1},
}
"""What events of some kinds cannot be without."""


def event(kind: Happened = Happened.EXPECTED, respondent: str = "charnwood", **more: object) -> Event:
    said = {"facts": FACTS.get(kind, {}), **more}
    return Event(kind=kind, at=NOW, by="a test", quarter=Q2, respondent=respondent, **said)  # type: ignore[arg-type]


def dates(quarter: Quarter = Q2) -> CycleDates:
    return CycleDates(
        quarter=quarter,
        extract_request=date(2014, 10, 1),
        extract_due=datetime(2014, 10, 10, 17, tzinfo=LONDON),
        open=date(2014, 10, 13),
        due=datetime(2014, 10, 30, 17, tzinfo=LONDON),
        close=datetime(2014, 11, 7, 17, tzinfo=LONDON),
        papers=(
            PaperDates(
                board="speb",
                meeting=date(2014, 12, 3),
                papers_out=date(2014, 11, 24),
                clearance=date(2014, 11, 20),
                draft=date(2014, 11, 10),
            ),
        ),
        warnings=("The Panel cannot take the quarter.",),
    )


def figure(
    series: str = "M01.1", value: str = "412", as_at: date = date(2014, 10, 20), message: str = "", **more: object
) -> Figure:
    """A figure as imported, or of a return when a message brought it."""
    return Figure(
        series=series,
        area="E22000165",
        period="2014/15-Q2",
        as_at=as_at,
        value=Decimal(value),
        unit="crimes",
        status=FigureStatus.FINAL,
        provenance=Provenance(source="return", message=message, attachment="ab" * 32, sheet="Figures", cell="K7"),
        **more,  # type: ignore[arg-type]
    )


BESIDE = GroupRate(
    series="M13a",
    area="E22000165",
    period="12 months to 2014/15-Q2",
    as_at=date(2014, 10, 20),
    unit="per 1,000 residents",
    status=FigureStatus.FINAL,
    members=15,
    group="Most Similar Group",
    version=date(2014, 10, 1),
    rate=Decimal("6.910"),
    average=Decimal("5.30"),
    low=Decimal("4.61"),
    high=Decimal("5.99"),
    provenance=Provenance(source="iQuanta", attachment="ab" * 32, sheet="MSG", cell="E4", licence="L"),
)
"""What an extract says of an area beside its group."""


def submission(sequence: int = 1, quarter: Quarter = Q2, message: str = "m1", value: str = "412") -> Submission:
    return Submission(
        id=f"charnwood-{quarter.code}-{sequence}-{message}",
        quarter=quarter,
        respondent="charnwood",
        sequence=sequence,
        content=f"content-{value}",
        message=message,
        attachment="ab" * 32,
        revision=1,
        received=NOW,
        sender="lead@charnwood.example",
        figures=(
            figure(value=value, message=message),
            figure("M11", "12", message=message, base=40, note="c. 35", drove_it="Not known"),
        ),
        narratives=(
            Narrative(ref="T1", text="What we did, “well” and £5 of it.", sheet="Summary", cell="B4", promise="More."),
        ),
        findings=(
            Finding(
                code="blank-required",
                severity=Severity.FAULT,
                sheet="Figures",
                cell="K9",
                key="E22000165 M12",
                column="This quarter",
                found="",
                wanted="a number",
            ),
        ),
        readings=(Reading(sheet="Figures", cell="K7", typed="1,204", recorded="1204"),),
        disputes=(("E22000165", "M01.1", "We count 410."),),
        sign_off=SignOff(completed_by="The lead", position="Officer", date="16/10/2014"),
        remarks=("odd",),
        late=True,
    )


def request(revision: int = 1) -> Request:
    area = Area(code="E22000165", name="Charnwood")
    return Request(
        form=FormDefinition(
            reference=Reference(code="CHARN", period="1415Q2", form=FormVersion(1), revision=revision, seal="7K3M9QXA"),
            respondent="charnwood",
            respondent_name="Charnwood",
            kind=RespondentKind.PARTNERSHIP,
            quarter=Q2,
            due=datetime(2014, 10, 30, 17, tzinfo=LONDON),
            office="The office",
            ask="Please fill this in.",
            history=(Q2.previous, Q2.year_ago),
            figures=(
                FigureRow(
                    area=area,
                    ref="M01.1",
                    measure="M01",
                    title="All crime",
                    definition="Recorded.",
                    intent="fall sought",
                    unit="crimes",
                    kind=MeasureKind.COUNT,
                    entry=Entry.CONFIRM,
                    history=("412", "not available"),
                    given=figure(),
                ),
            ),
            summary=(SummaryRow(ref="T1", heading="Theme 1", prompt="What did you do?"),),
        ),
        workbook="cd" * 32,
    )


def letter(number: int = 1, kind: str = "request", **more: object) -> Letter:
    said = {
        "kind": kind,
        "cause": f"{kind}:2014/15-Q2:{number}",
        "recipient": "lead@charnwood.example",
        "recipient_name": "The lead",
        "about": (About(respondent="charnwood"),),
        "quarter": Q2,
        "manner": Manner.TIMED,
        **more,
    }
    return Letter(**said)  # type: ignore[arg-type]


def frozen(number: int = 1) -> Frozen:
    return Frozen(content=f"{number:064x}", message_id=f"<csp.{number}@opcc.example>", subject=f"Letter {number}")


def queue(store: Store, count: int = 1, first: int = 1, **more: object) -> None:
    """Queue so many letters, in one commit."""
    from csp_workflow.terms.events import Decision

    letters = [letter(number, **more) for number in range(first, first + count)]
    pairs = [(asked, frozen(number)) for number, asked in enumerate(letters, first)]
    store.commit(Decision(letters=tuple(letters)), letters=pairs, at=NOW)


def land(store: Store, identity: str = "m1", **more: object) -> bool:
    said = {"source": f"1.{identity}", "content": "ab" * 32, "received": NOW, "size": 3, **more}
    return store.land(identity, **said)  # type: ignore[arg-type]
