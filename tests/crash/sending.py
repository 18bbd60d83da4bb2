"""The send paths of the real adapters, killed at every point: SMTP to real servers, EWS and Graph to their fakes.

The mail systems live in this process and outlast the one that is killed. Each has one mailbox, so it is
emptied after each judgement.
"""

from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import trustme

from csp_workflow.mailboxes.exchange import Exchange
from csp_workflow.mailboxes.graph import Graph
from csp_workflow.mailboxes.internet import Internet
from csp_workflow.mailboxes.mailbox import RealMailbox
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.post import post
from csp_workflow.terms.events import LetterState
from csp_workflow.terms.service import (
    Access,
    ExchangeMailbox,
    GraphMailbox,
    InternetMailbox,
    Login,
    MailServer,
    ProofBy,
    Secrets,
    Tls,
)
from tests.crash.posting import Posting
from tests.mailboxes.exchange.items import Store as ExchangeStore
from tests.mailboxes.exchange.server import PASSWORD, USER, FakeExchange
from tests.mailboxes.graph.fake_directory import CLIENT, SECRET, TENANT
from tests.mailboxes.graph.fake_graph import FakeGraph
from tests.mailboxes.graph.fake_mailbox import BEGINNING, FakeMailbox
from tests.mailboxes.graph.fake_server import ADDRESS
from tests.mailboxes.servers import Servers, running
from tests.post.post_told import NOW, outside

LIMIT = 1_000_000
Reached = Callable[[str], None]
BETWEEN_BEATS = timedelta(minutes=20)
"""Longer than a letter in doubt is waited for."""


@dataclass
class MailSystem:
    """A mail system that outlasts the process: opens the adapter on it, shows what was given, forgets everything."""

    opens: Callable[[Reached], RealMailbox]
    given: Callable[[], list[bytes]]
    forgets: Callable[[], None]
    at: Callable[[datetime], None] = lambda _: None


@dataclass
class Tally:
    """What became of the letters, over all the kills."""

    delivered: int = 0
    twice: int = 0
    lost: int = 0
    waits_for_a_person: int = 0
    handed_over: int = 0

    def __str__(self) -> str:
        return (
            f"{self.handed_over} hand-overs, {self.delivered} delivered, {self.twice} twice, {self.lost} lost, "
            f"{self.waits_for_a_person} not sent and shown to a person"
        )


class SendingBy(Posting):
    """Three letters wait, as in `Posting`; the mailbox is a real adapter."""

    all_on_disk = False

    def __init__(self, name: str, system: MailSystem) -> None:
        self.name, self.system, self.tally = name, system, Tally()

    def open(self, place: Path) -> Outside:
        """The real outside, whose adapter is watched as well once `watched` knows the points."""
        return outside(place, mailbox=self.system.opens(self._reach))

    def _reach(self, point: str) -> None:
        """A point inside the adapter, once somebody watches."""
        if self._watching is not None:
            self._watching(point)

    _watching: Reached | None = None

    def beat(self, world: Outside, number: int) -> None:
        """One posting, long enough after the one before for a letter in doubt to be settled."""
        self._watching = world.reached
        self.system.at(self.now(number))
        post(world, self.now(number))

    def now(self, number: int) -> datetime:
        """The time of a beat."""
        return NOW + number * BETWEEN_BEATS

    def violations(self, place: Path, sends: Counter[str]) -> list[str]:
        """Each letter that may leave was delivered once and is proved, or was not sent and waits for a person."""
        world = outside(place)
        letters = world.store.letters()
        world.store.close()
        taken = Counter(str(message_from_bytes(raw)["X-CSP-Delivery"]) for raw in self.system.given())
        self.system.forgets()
        wrong = []
        for row in letters:
            crosses, count = row.cause == "request:2", taken[row.id]
            self.tally.handed_over += sends[row.id]
            self.tally.delivered += count > 0
            self.tally.twice += count > 1
            waits = row.state is LetterState.FOR_A_PERSON and not row.kind.startswith("request")
            self.tally.waits_for_a_person += waits
            settled = row.state is LetterState.HELD if crosses else row.state is LetterState.SENT or waits
            lost = not crosses and not count and not waits
            self.tally.lost += lost
            if count > 1 or lost or not settled or (crosses and count):
                wrong.append(f"{row.cause} {row.kind} is {row.state} and was delivered {count} times")
        return wrong


# The mail systems ---------------------------------------------------------------------------------


@contextmanager
def by_smtp() -> Iterator[MailSystem]:
    """Postfix and Dovecot; a letter is proved by its own copy."""
    with running() as servers:
        yield MailSystem(
            opens=lambda reached: Internet(
                _internet(servers),
                Secrets(password=servers.password),
                address="returns@opcc.example",
                limit=LIMIT,
                seconds=20.0,
                reached=reached,
            ),
            given=lambda: _kept(servers),
            forgets=servers.forget,
        )


def _internet(servers: Servers) -> InternetMailbox:
    return InternetMailbox(
        user="returns@opcc.example",
        login=Login.PASSWORD,
        imap=MailServer(host="127.0.0.1", port=servers.ports.imap, tls=Tls.AT_ONCE),
        smtp=MailServer(host="127.0.0.1", port=servers.ports.smtp, tls=Tls.STARTTLS),
        proof=ProofBy.OWN_COPY,
        own_copy="returns@opcc.example",
        sent_folder="Sent",
        ca_file=str(servers.ca_file),
    )


def _kept(servers: Servers) -> list[bytes]:
    servers.settled()
    boxes = [box.name for box in (servers.place / "mail").iterdir() if box.name != "returns@opcc.example"]
    return [raw for box in boxes for raw in servers.everything_of(box)]


@contextmanager
def by_ews(place: Path) -> Iterator[MailSystem]:
    """The fake Exchange."""
    fake = FakeExchange(place)
    settings = ExchangeMailbox(
        endpoint=fake.endpoint,
        user=USER,
        login=Login.BASIC,
        access=Access.DELEGATE,
        version="2016",
        ca_file=str(fake.ca_file),
    )

    def forgets() -> None:
        fake.store = ExchangeStore()

    yield MailSystem(
        opens=lambda reached: Exchange(
            settings, Secrets(password=PASSWORD), address="returns@opcc.example", limit=LIMIT, reached=reached
        ),
        given=lambda: [raw for _, raw in fake.store.given],
        forgets=forgets,
    )
    fake.stop()
    assert fake.violations == []


@dataclass
class _ClockOnDisk(FakeMailbox):
    """The fake's time is written down by the process that is killed, and read here."""

    file: Path = field(default=Path())

    def __init__(self, file: Path) -> None:
        self.file = file
        super().__init__()

    @property  # type: ignore[override]
    def now(self) -> datetime:
        return datetime.fromisoformat(self.file.read_text()) if self.file.is_file() else BEGINNING

    @now.setter
    def now(self, moment: datetime) -> None:
        """Only the file tells the time."""


@contextmanager
def by_graph(place: Path) -> Iterator[MailSystem]:
    """The fake Microsoft 365."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    ca_file, clock = place / "graph-ca.pem", place / "graph-clock"
    authority.cert_pem.write_to_path(str(ca_file))
    with FakeGraph(context, ca_file) as fake:
        fake.mailbox = _ClockOnDisk(clock)
        settings = GraphMailbox(
            tenant=TENANT,
            client=CLIENT,
            outside="",
            endpoint=fake.endpoint,
            authority=fake.authority,
            ca_file=str(ca_file),
        )

        def forgets() -> None:
            fake.mailbox = _ClockOnDisk(clock)

        yield MailSystem(
            opens=lambda reached: Graph(
                settings, Secrets(client_secret=SECRET), address=ADDRESS, limit=LIMIT, reached=reached
            ),
            given=lambda: [raw for _, raw in fake.mailbox.given],
            forgets=forgets,
            at=lambda moment: _tell(clock, moment),
        )
    assert fake.violations == []


def _tell(clock: Path, moment: datetime) -> None:
    half = clock.with_suffix(".half")
    half.write_text(moment.isoformat())
    half.replace(clock)


def blind(world: Outside) -> Outside:
    """The look-up taken out: the adapter never finds anything, and says that nothing was sent."""
    from tests.crash.posting import Forgetful

    return replace(world, mailbox=Forgetful(world.mailbox))
