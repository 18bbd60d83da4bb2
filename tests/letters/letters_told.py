"""What the letters' tests share: an office, a cycle, forms and the site's own templates."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from csp_workflow.letters.catalogue import environment
from csp_workflow.letters.requests import Enclosure, ReplyWords
from csp_workflow.terms.cells import FormVersion, Reference
from csp_workflow.terms.dates import Board, CycleDates, PaperDates, Quarter, london
from csp_workflow.terms.events import About, Letter, Manner
from csp_workflow.terms.figures import Figure, FigureStatus, MeasureKind, Provenance
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.returns import Entry, FigureRow, FormDefinition, SummaryRow
from csp_workflow.terms.site import Area, Contact, Office, RespondentKind, Role

EMAILS = Path(__file__).parents[2] / "templates" / "emails"
TEMPLATES = {
    path.relative_to(EMAILS).as_posix(): path.read_text("utf-8") for path in EMAILS.rglob("*") if path.is_file()
}
SITE = environment(TEMPLATES)
WORDS = ReplyWords(nil="NIL", decline="DECLINE")
BOARDS = (
    Board(key="panel", name="Police and Crime Panel", public=True, clear_days=5, lead_days=2),
    Board(key="speb", name="Strategic Partnership Executive Board", public=False, lead_days=7),
)
Q2 = Quarter(2014, 2)
GIVEN = Figure(
    series="M02",
    area="E22000165",
    period=Q2.key,
    as_at=date(2014, 10, 13),
    value=Decimal(140),
    status=FigureStatus.PROVISIONAL,
    provenance=Provenance(source="The force's extract"),
)
"""What the force supplied for the row that is the police's."""
LEAD = Contact(name="Community Safety Lead", role=Role.LEAD, address="lead@charnwood.example")
CHAIR = Contact(name="Chair of the Partnership", role=Role.CHAIR, address="chair@charnwood.example")
OFFICE = Office(
    name="Office of the Police and Crime Commissioner",
    co_ordinator=Contact(name="Performance Co-ordinator", role=Role.LEAD, address="coordinator@opcc.example"),
    deputy=None,
    secretariat=(),
    mailbox="returns@opcc.example",
    phone="0116 496 0000",
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
            meeting=date(2014, 12, 1),
            papers_out=date(2014, 11, 20),
            clearance=date(2014, 11, 18),
            draft=date(2014, 11, 11),
        ),
    ),
)


def letter(**changes: object) -> Letter:
    """A plain letter of a kind that has no templates of the site's own."""
    values: dict[str, object] = {
        "kind": "note",
        "cause": "a cause",
        "recipient": LEAD.address,
        "recipient_name": LEAD.name,
        "about": (About(respondent="charnwood"),),
        "quarter": Q2,
        "manner": Manner.ANSWER,
        "facts": {"codes": ("CHARN",)},
    }
    return Letter(**(values | changes))  # type: ignore[arg-type]


def enclosure(
    code: str = "CHARN",
    name: str = "Charnwood Community Safety Partnership",
    *,
    due: datetime = DATES.due,
    revision: int = 1,
    kind: RespondentKind = RespondentKind.PARTNERSHIP,
    size: int = 2_000,
) -> Enclosure:
    """A form of three figures (one of them the police's) and two short texts, with a workbook of `size` bytes."""
    entries = (Entry.VALUE, Entry.VALUE, Entry.CONFIRM)
    rows = tuple(
        FigureRow(
            area=Area(code="E22000165", name="Charnwood"),
            ref=f"M{place:02d}",
            measure="A measure",
            title="A measure",
            definition="What is counted",
            intent="a fall is sought",
            unit="count",
            kind=MeasureKind.COUNT,
            entry=entry,
            history=(),
            given=GIVEN if entry is Entry.CONFIRM else None,
        )
        for place, entry in enumerate(entries)
    )
    form = FormDefinition(
        reference=Reference(code=code, period=Q2.code, form=FormVersion(1), revision=revision, seal="7K3M9QXA"),
        respondent=code.lower(),
        respondent_name=name,
        kind=kind,
        quarter=Q2,
        due=due,
        office=OFFICE.name,
        ask="",
        history=(),
        figures=rows,
        summary=tuple(SummaryRow(ref=f"T{place}", heading="Theme", prompt="What happened?") for place in (1, 2)),
    )
    book = Attachment(
        name=f"{form.reference}.xlsx",
        data=(code.encode() * size)[:size],
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    return Enclosure(form=form, workbook=book)
