"""A small site, letters with real final bytes, and an outside on disk to send them from."""

from __future__ import annotations

import io
import time as machine
import zipfile
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from csp_workflow.archive import FolderArchive, Tombstones
from csp_workflow.letters.catalogue import Rendered, address_letter, environment
from csp_workflow.mail.compose import compose_message, derive_delivery_id, derive_message_id
from csp_workflow.mailboxes.mailbox import Absence, Fetched, Proof
from csp_workflow.mailboxes.maildir import Maildir
from csp_workflow.settings import read_templates
from csp_workflow.steps.outside import Outside
from csp_workflow.store import Frozen, Store
from csp_workflow.terms.dates import Quarter, WorkingDays
from csp_workflow.terms.events import About, Decision, Event, Happened, Letter, LetterState, Manner, QueuedLetter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.service import Mode, SendUnknown
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
from tests.store.laying_out import lay_out_store

Q2 = Quarter(2014, 2)
NOW = datetime(2014, 10, 16, 9, 30, tzinfo=UTC)
"""A Thursday, half past ten in London."""

CONFIG = Path(__file__).parents[2] / "config"
KEY = b"the key of a made-up site"


def respondent(key: str, code: str, *addresses: str) -> Respondent:
    contacts = tuple(Contact(name=address, role=Role.LEAD, address=address) for address in addresses)
    area = Area(code=f"E22{code}", name=key)
    return Respondent(
        key=key, code=code, name=key.title(), kind=RespondentKind.PARTNERSHIP, areas=(area,), contacts=contacts
    )


OFFICE = Office(
    name="The Office",
    co_ordinator=Contact(name="Co-ordinator", role=Role.LEAD, address="coordinator@opcc.example"),
    deputy=Contact(name="Deputy", role=Role.DEPUTY, address="deputy@opcc.example"),
    secretariat=(Contact(name="Secretariat", role=Role.LEAD, address="secretariat@board.example"),),
    mailbox="returns@opcc.example",
    phone="0116 496 0000",
)
SITE = Site(
    office=OFFICE,
    respondents=(
        respondent("charnwood", "CHARN", "lead@charnwood.example"),
        respondent("melton", "MELT", "officer@county.example"),
        respondent("rutland", "RUTL", "officer@county.example"),
    ),
    frameworks=(),
    boards=(),
    meetings=(),
    working_days=WorkingDays(holidays=frozenset({date(2014, 12, 25)}), first_year=2013, last_year=2020),
    offsets=Offsets(
        extract_request=1, extract_due=10, open=11, due=20, close=33, drafting=3, clearance=5, due_time=time(17)
    ),
    ladder=(),
    window=SendingWindow(opens=time(9), closes=time(16)),
    limits=Limits(),
    mode=Mode.REHEARSAL,
    marking="",
    approval_phrases=(),
    nil_phrases=(),
    decline_phrases=(),
    report_forms=(),
)


def workbook(*references: str, name: str = "Return.xlsx") -> Attachment:
    """Something that is a zip of XML parts, as a workbook is, and carries these references."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/sharedStrings.xml", "".join(f"<si><t>{text}</t></si>" for text in references))
    return Attachment(name=name, data=held.getvalue())


def reference(code: str = "CHARN", period: str = "1415Q2") -> str:
    return f"{code}-{period}-F1-R1-7K3M9QXA"


def about(*respondents: str) -> tuple[About, ...]:
    return tuple(About(respondent=key) for key in respondents)


def letter(kind: str = "request", *, number: int = 1, **more: Any) -> Letter:
    said: dict[str, Any] = {
        "kind": kind,
        "cause": f"{kind}:{number}",
        "recipient": "lead@charnwood.example",
        "recipient_name": "The lead",
        "about": about("charnwood"),
        "quarter": Q2,
        "manner": Manner.TIMED,
    }
    if kind in {"digest", "proof-pack"}:
        said |= {
            "recipient": OFFICE.co_ordinator.address,
            "about": (),
            "quarter": None,
            "manner": Manner.OFFICE,
        }
    if kind == "receipt":
        said["manner"] = Manner.ANSWER
    return Letter(**{**said, **more})


def composed(
    asked: Letter, *, subject: str = "", text: str = "Dear colleague,\n\nPlease reply.\n"
) -> tuple[str, bytes]:
    """The Message-ID and the final bytes."""
    message_id = derive_message_id(asked.kind, asked.cause, asked.recipient, key=KEY, domain="opcc.example")
    rendered = Rendered(subject=subject or f"A {asked.kind}", text=text, html=f"<p>{text}</p>")
    return message_id, compose_message(address_letter(asked, rendered, office=OFFICE, message_id=message_id, date=NOW))


def queued(asked: Letter, message_id: str, **more: Any) -> QueuedLetter:
    """The letter as the store would give it."""
    said: dict[str, Any] = {
        "id": derive_delivery_id(message_id),
        "kind": asked.kind,
        "cause": asked.cause,
        "recipient": asked.recipient,
        "about": asked.about,
        "quarter": asked.quarter,
        "manner": asked.manner,
        "subject": "",
        "message_id": message_id,
        "content": "",
        "state": LetterState.QUEUED,
        "queued": NOW,
    }
    return QueuedLetter(**{**said, **more})


def make_site(place: Path) -> None:
    """An empty store in `place`."""
    lay_out_store(place / "csp.sqlite")


def outside(place: Path, **others: Any) -> Outside:
    """The outside of the small site, its store, archive and mailbox in `place`."""
    store = Store(f"sqlite:///{place / 'csp.sqlite'}")
    parts: dict[str, Any] = {
        "settings": SimpleNamespace(assemble=lambda _: SITE),
        "store": store,
        "mailbox": Maildir(place / "mail", limit=SITE.limits.message_bytes),
        "mailbox_name": "maildir:returns@opcc.example",
        "archive": FolderArchive(place / "archive"),
        "tombstones": Tombstones(place / "disposed", store, key=KEY),
        "sandbox": None,
        "templates": lambda: environment(read_templates(CONFIG)),
        "report_base": None,
        "key": KEY,
        "clock": machine.time,
    }
    return Outside(**{**parts, **others})


def queue(world: Outside, *letters: Letter, at: datetime = NOW, **more: Any) -> None:
    """Freeze letters and queue them in one commit."""
    frozen = []
    for asked in letters:
        message_id, content = composed(asked, **more)
        frozen.append((asked, Frozen(content=world.archive.keep(content), message_id=message_id, subject="A subject")))
    world.store.commit(Decision(letters=tuple(letters)), letters=frozen, at=at)


def happened(world: Outside, *events: Event) -> None:
    world.store.commit(Decision(events=events), at=NOW)


def returned(world: Outside, respondent: str) -> None:
    """A return came in: its message, its first version, and the event that says so."""
    world.store.land("m1", source="1.m1", content="ab" * 32, received=NOW, size=3)
    version = Submission(
        id="s1",
        quarter=Q2,
        respondent=respondent,
        sequence=1,
        content="c1",
        message="m1",
        attachment="ab" * 32,
        revision=1,
        received=NOW,
        sender="lead@charnwood.example",
    )
    facts = {"late": False, "sequence": 1, "revision": 1}
    came = Event(kind=Happened.RECEIVED, at=NOW, by="x", quarter=Q2, respondent=respondent, subject="s1", facts=facts)
    world.store.commit(Decision(submissions=(version,), events=(came,)), at=NOW)


def states(world: Outside) -> dict[str, str]:
    """Each letter's state by its cause."""
    return {row.cause: row.state.value for row in world.store.letters()}


def delivered(place: Path) -> list[str]:
    """The delivery ids in the sent mailbox, one for each message that lies there."""
    return sorted(file.name.partition(":2,")[0] for part in ("new", "cur") for file in _files(place, part))


def _files(place: Path, part: str) -> Iterable[Path]:
    return (place / "mail" / "sent" / part).iterdir()


class PostOffice:
    """A mail system that accepts letters into a list, unless it was told to fail; what it accepted can be looked up."""

    server_time = None
    certificates = ()
    absence = Absence.UNPROVED

    def __init__(self) -> None:
        self.accepted: list[tuple[str, str, bytes]] = []
        self.fails: list[Exception | None] = []
        self.handed = 0
        self.shows_late = False

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        self.handed += 1
        fault = self.fails.pop(0) if self.fails else None
        if isinstance(fault, SendUnknown) and "accepted" in str(fault):
            self.accepted.append((delivery_id, recipient, content))
        if fault:
            raise fault
        self.accepted.append((delivery_id, recipient, content))
        return Proof(evidence=f"250 {len(self.accepted)}")

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        found = not self.shows_late and any(delivery_id == known for known, _, _ in self.accepted)
        return Proof(evidence="found") if found else self.absence

    def list_new(self, cursor: str, since: datetime | None = None) -> tuple[tuple[str, ...], str]:
        return (), cursor

    def get(self, source: str, now: datetime) -> Fetched:
        raise AssertionError(source)

    def file(self, source: str, folder: str) -> None:
        raise AssertionError(source)


def opens(world: Outside) -> None:
    """The quarter was proved and opened, and a return is expected."""
    started = (Happened.PROOF_MADE, Happened.CYCLE_OPENED)
    happened(world, *(Event(kind=kind, at=NOW, by="x", quarter=Q2, facts={"forms": 1}) for kind in started))
    happened(world, Event(kind=Happened.EXPECTED, at=NOW, by="x", quarter=Q2, respondent="charnwood"))


def working(day: int) -> datetime:
    """Half past ten on a later working day."""
    return datetime.combine(SITE.working_days.plus(NOW.date(), day), NOW.timetz())
