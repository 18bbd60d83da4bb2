"""`service.toml`: how the service runs, the office, the sending window, the ladder, phrases and limits."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from csp_workflow.settings.schemas.common import Address, Clock, Day, Line, Person, Table, Text
from csp_workflow.settings.schemas.mail import Adapter, ExchangeTable, GraphTable, InternetTable, TrustTable
from csp_workflow.terms.site import Mode, RungKind

Count = Annotated[int, Field(ge=1, le=10_000)]
Phrases = Annotated[tuple[Text, ...], Field(min_length=1)]


class AbsenceEntry(Table):
    """Days on which the co-ordinator is away, both ends included."""

    first: Day
    last: Day


class OfficeTable(Table):
    """Who runs the cycle and takes its papers."""

    name: Text
    mailbox: Address
    phone: Line
    absences: tuple[AbsenceEntry, ...] = ()
    co_ordinator: Person
    deputy: Person | None = None
    secretariat: Annotated[tuple[Person, ...], Field(min_length=1)]


class SendingTable(Table):
    """When timed letters leave, and when the digest does."""

    opens: Clock
    closes: Clock
    digest: Clock


class RungEntry(Table):
    """One rung of the ladder."""

    kind: RungKind
    days: Annotated[int, Field(ge=-60, le=60)]


class PhrasesTable(Table):
    """What a reply's first line must be to count."""

    approval: Phrases
    nil: Phrases
    decline: Phrases


class LimitsTable(Table):
    """Bounds on work and on answers."""

    message_mebibytes: Annotated[int, Field(ge=1, le=200)] = 15
    attachments: Count = 20
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    seconds: Annotated[int, Field(ge=1, le=20)] = 20
    child_mebibytes: Annotated[int, Field(ge=64, le=512)] = 512
    answers_a_day: Annotated[int, Field(ge=1, le=3)] = 3
    answers_an_hour: Count = 60
    letters_a_minute: Annotated[int, Field(ge=1, le=1_000)] = 20
    gap_working_days: Count = 2
    unguarded: bool = False
    approval_reminder_days: Count = 3
    query_reminder_days: Count = 3


class ServiceFile(Table):
    """The whole file."""

    mode: Mode = Mode.REHEARSAL
    adapter: Adapter = "maildir"
    database: str = Field(default="", repr=False)
    marking: Line = ""
    illustrative: bool = False
    office: OfficeTable
    sending: SendingTable
    ladder: tuple[RungEntry, ...]
    phrases: PhrasesTable
    limits: LimitsTable = LimitsTable()
    trust: TrustTable = TrustTable()
    internet: InternetTable | None = None
    exchange: ExchangeTable | None = None
    graph: GraphTable | None = None
