"""What lies in the fake mailbox: items in folders, and a log of changes that a sync reads."""

from __future__ import annotations

import base64
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

FIRST = datetime(2014, 10, 16, 8, 0, tzinfo=UTC)
DISTINGUISHED = (
    "root",
    "msgfolderroot",
    "inbox",
    "drafts",
    "sentitems",
    "outbox",
    "deleteditems",
    "archive",
    "junkemail",
)
CHANGE_KEY = "CQAA"


@dataclass
class Item:
    """One message as Exchange keeps it.

    `cloud` are the names of files that lie elsewhere, `inside` attached messages, `kind` what EWS calls such an
    item. `refuses` are the codes with which a property ("item:MimeContent", "*" for any) or an attached file
    (its name) is refused. `size` is what it is said to measure, when that is not the truth.
    """

    raw: bytes
    folder: str
    received: datetime | None
    item_class: str = "IPM.Note"
    kind: str = "Message"
    delivery_id: str = ""
    to: str = ""
    cloud: tuple[str, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    inside: tuple[tuple[str, bytes], ...] = ()
    refuses: dict[str, str] = field(default_factory=dict)
    body: tuple[str, str] = ("Text", "Dear all")
    size: int = 0
    has_headers: bool = True
    is_read: bool = False
    is_submitted: bool = False


@dataclass
class Store:
    """A mailbox. Ids change with every move, as Exchange's do."""

    items: dict[str, Item] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=lambda: {name: name for name in DISTINGUISHED})
    log: list[tuple[str, str, str]] = field(default_factory=list)
    epoch: int = 1
    given: list[tuple[str, bytes]] = field(default_factory=list)
    transport_is_down: bool = False
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def put(self, item: Item) -> str:
        """An item comes into its folder; its new id."""
        item_id = base64.b64encode(f"item-{self.epoch}-{next(self._numbers):06}".encode()).decode()
        self.items[item_id] = item
        self.log.append(("create", item.folder, item_id))
        return item_id

    def take(self, item_id: str) -> Item:
        """An item leaves its folder."""
        item = self.items.pop(item_id)
        self.log.append(("delete", item.folder, item_id))
        return item

    def move(self, item_id: str, folder: str) -> str:
        """An item goes to another folder, under a new id."""
        item = self.take(item_id)
        item.folder = folder
        return self.put(item)

    def submit(self, item_id: str) -> None:
        """A draft is given to the transport, which takes it out of the drafts when it works."""
        self.items[item_id].is_submitted = True
        if not self.transport_is_down:
            self.transports()

    def transports(self) -> None:
        """The transport takes whatever was submitted: it is given to its recipient and lies in the sent items."""
        for item_id, item in list(self.items.items()):
            if item.is_submitted and item.folder != "sentitems":
                self.given.append((item.delivery_id, item.raw))
                item.received = item.received or FIRST + timedelta(days=1)
                self.move(item_id, "sentitems")

    def deliver(self, raw: bytes, **more: object) -> str:
        """A message comes in, a minute after the one before."""
        number = sum(kind == "create" for kind, _, _ in self.log)
        return self.put(Item(raw=raw, folder="inbox", received=FIRST + timedelta(minutes=number), **more))  # type: ignore[arg-type]

    def read_all(self) -> None:
        """A person opens everything."""
        for item_id, item in self.items.items():
            item.is_read = True
            self.log.append(("read", item.folder, item_id))

    def in_folder(self, folder: str) -> list[tuple[str, Item]]:
        """What lies in a folder."""
        return [(item_id, item) for item_id, item in self.items.items() if item.folder == folder]

    def renumber(self) -> None:
        """The database was rebuilt: every id and every sync state is void."""
        self.epoch += 1
        kept, self.items, self.log = list(self.items.values()), {}, []
        for item in kept:
            self.put(item)
