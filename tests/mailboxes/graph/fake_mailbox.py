"""The mailbox behind the fake: messages, drafts and folders, and what Graph tells of them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from tests.mailboxes.graph.fake_server import ADDRESS, Refusal

BEGINNING = datetime(2014, 10, 16, 9, 30, tzinfo=UTC)
INBOX, DRAFTS, SENT, ARCHIVE, OUTBOX = "inbox", "drafts", "sentitems", "archive", "outbox"


@dataclass
class Item:
    """A message or a draft. `extended` holds MAPI properties by their id as Graph writes it."""

    number: int
    folder: str
    received: datetime
    changed: datetime
    mime: bytes = b""
    values: dict[str, Any] = field(default_factory=dict)
    extended: dict[str, str] = field(default_factory=dict)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    is_draft: bool = False
    is_in_transit: bool = False
    moves: int = 0


class FakeMailbox:
    """Everything in one mailbox. `now` is the server's clock, which stands still unless it is told otherwise."""

    def __init__(self) -> None:
        self.now = BEGINNING
        self.items: dict[int, Item] = {}
        self.folders = {name: name.title() for name in (INBOX, DRAFTS, SENT, ARCHIVE, OUTBOX)}
        self.given: list[tuple[tuple[str, ...], bytes]] = []
        self.sent_copies_come_late = False
        self.draft_flags_go_late = False
        self.largest_page = 2
        self._epoch = self._count = 0
        self._changes: list[tuple[str, int]] = []
        self._places: dict[str, tuple[str, Any]] = {}
        self._sessions: dict[str, tuple[Item, dict[str, Any], bytearray]] = {}

    # What the world does --------------------------------------------------------------------------

    def deliver(self, raw: bytes, *, received: datetime, folder: str = INBOX, **more: str) -> Item:
        """A message arrives."""
        item = self._new(folder, received=received, mime=raw)
        item.extended = {"Long 0xe08": str(len(raw)), "String 0x1a": "IPM.Note", **more}
        return item

    def move(self, item: Item, folder: str) -> None:
        """Whoever moves it: it is new where it comes to, and its ordinary id changes."""
        item.folder, item.moves, item.changed = folder, item.moves + 1, self.now
        self._changes.append((folder, item.number))

    def rebuild(self) -> None:
        """No id and no place in a list means anything any more."""
        self._epoch += 1
        self._places.clear()

    def in_folder(self, folder: str) -> list[Item]:
        """What lies in a folder."""
        return [item for item in self.items.values() if item.folder == folder and not item.is_in_transit]

    def settle(self) -> None:
        """What was on its way to Sent Items arrives there."""
        for item in self.items.values():
            if item.is_in_transit or (item.is_draft and item.extended.get("Integer 0xe07") == "12"):
                item.is_in_transit = item.is_draft = False
                self.move(item, SENT)

    # Ids ------------------------------------------------------------------------------------------

    def id_of(self, item: Item, *, immutable: bool) -> str:
        """An id that lasts, or the ordinary one, which ends with the next move."""
        if immutable:
            return f"AAkALgAA-{self._epoch}-{item.number:06d}="
        return f"AAMkADAA-{self._epoch}-{item.number:06d}-{item.moves}="

    def item(self, id_: str) -> Item:
        """A message by either id."""
        if not id_.startswith(("AAkALgAA-", "AAMkADAA-")):
            raise Refusal(400, "ErrorInvalidIdMalformed")
        for item in self.items.values():
            if id_ in {self.id_of(item, immutable=True), self.id_of(item, immutable=False)} and not item.is_in_transit:
                return item
        raise Refusal(404, "ErrorItemNotFound")

    # Lists ----------------------------------------------------------------------------------------

    def delta(self, folder: str, place: str, page: int) -> tuple[list[Item], list[Item], str, str]:
        """A page of what changed: what is there, what has gone, and the place of the next page or of the next round."""
        if not place:
            listed, gone, upto = self.in_folder(folder), [], len(self._changes)
        elif place not in self._places:
            raise Refusal(410, "SyncStateNotFound")
        else:
            kind, what = self._places[place]
            listed, gone, upto = self._since(folder, what) if kind == "round" else what
        size = min(page, self.largest_page)
        if len(listed) > size:
            return listed[-size:], [], self._place("page", (listed[:-size], gone, upto)), ""
        return listed, gone, "", self._place("round", upto)

    def _since(self, folder: str, mark: int) -> tuple[list[Item], list[Item], int]:
        numbers = dict.fromkeys(number for where, number in self._changes[mark:] if where == folder)
        listed = [self.items[number] for number in numbers if number in self.items]
        touched = dict.fromkeys(number for _, number in self._changes[mark:])
        gone = [self.items[number] for number in touched if number in self.items]
        return (
            [item for item in listed if item.folder == folder],
            [item for item in gone if item.folder != folder],
            len(self._changes),
        )

    def _place(self, kind: str, what: Any) -> str:
        place = f"tok/{len(self._places)}+%&=="
        self._places[place] = (kind, what)
        return place

    # Drafts and sending ---------------------------------------------------------------------------

    def draft(self, *, mime: bytes = b"", values: dict[str, Any] | None = None) -> Item:
        """A draft, of MIME or of properties."""
        item = self._new(DRAFTS, received=self.now, mime=mime)
        item.values, item.is_draft = dict(values or {}), True
        item.extended["Integer 0xe07"] = "8"
        return item

    def mark(self, item: Item, properties: list[dict[str, str]]) -> None:
        """Properties are put on."""
        item.extended |= {each["id"]: each["value"] for each in properties}
        item.changed = self.now

    def send(self, item: Item) -> None:
        """It leaves; a message that was sent before leaves again. What goes to the mailbox itself arrives there."""
        self.given.append((self.recipients(item), self.mime_of(item)))
        if ADDRESS in self.recipients(item):
            self.deliver(self.mime_of(item), received=self.now)
        if self.draft_flags_go_late:
            item.extended["Integer 0xe07"] = "12"
            return
        item.is_in_transit = self.sent_copies_come_late
        item.is_draft = False
        item.extended["Integer 0xe07"] = "1"
        self.move(item, SENT)

    def open_session(self, item: Item, about: dict[str, Any]) -> str:
        """An upload session."""
        if about["size"] < 2_097_152:
            raise Refusal(400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize")
        name = f"session-{len(self._sessions)}"
        self._sessions[name] = (item, about, bytearray())
        return name

    def upload(self, name: str, start: int, piece: bytes) -> bool:
        """A piece of a file; True when the file is whole."""
        if name not in self._sessions:
            raise Refusal(404, "ErrorItemNotFound")
        item, about, data = self._sessions[name]
        if start != len(data) or len(piece) >= 4 * 1024 * 1024:
            raise Refusal(416, "ErrorInvalidRange")
        data += piece
        if len(data) < about["size"]:
            return False
        self.attach(item, {**about, "contentBytes": b64encode(data).decode()})
        return True

    def attach(self, item: Item, about: dict[str, Any]) -> None:
        """A file is attached."""
        kind = about.get("@odata.type", "#microsoft.graph.fileAttachment")
        kept = {key: about[key] for key in ("name", "contentType", "contentBytes") if key in about}
        size = len(b64decode(kept.get("contentBytes", "")))
        item.attachments.append(
            {"@odata.type": kind, "id": f"AAMkATT-{len(item.attachments)}=", "size": size, "isInline": False, **kept}
        )

    # What Graph tells -----------------------------------------------------------------------------

    def mime_of(self, item: Item) -> bytes:
        """A message as MIME: its own, or made of its properties."""
        if item.mime:
            return item.mime
        made = EmailMessage(policy=policy.SMTP)
        made["From"] = item.values["from"]["emailAddress"]["address"]
        made["To"] = ", ".join(self.recipients(item))
        made["Subject"] = item.values["subject"]
        made["Message-ID"] = item.values["internetMessageId"]
        for header in item.values.get("internetMessageHeaders", ()):
            made[header["name"]] = header["value"]
        made.set_content(item.values["body"]["content"], subtype="html")
        for file in item.attachments:
            major, _, minor = file["contentType"].partition("/")
            made.add_attachment(b64decode(file["contentBytes"]), maintype=major, subtype=minor, filename=file["name"])
        return bytes(made)

    def recipients(self, item: Item) -> tuple[str, ...]:
        """Whom a draft goes to."""
        return tuple(person["emailAddress"]["address"] for person in self.values_of(item)["toRecipients"])

    def values_of(self, item: Item) -> dict[str, Any]:
        """All properties that are told of a message, but its ids."""
        message = message_from_bytes(item.mime, policy=policy.compat32)
        parsed = message_from_bytes(item.mime, policy=policy.default)["To"] if item.mime else None
        people = [{"emailAddress": {"address": each.addr_spec}} for each in (parsed.addresses if parsed else ())]
        told = {
            "toRecipients": people,
            "ccRecipients": [],
            "bccRecipients": [],
            "subject": str(message["Subject"] or ""),
            "internetMessageId": message["Message-ID"],
            "internetMessageHeaders": [{"name": name, "value": value} for name, value in message.items()],
            "body": {"contentType": "text", "content": _text(item.mime)},
            **item.values,
        }
        return told | {
            "receivedDateTime": stamp(item.received),
            "lastModifiedDateTime": stamp(item.changed),
            "sentDateTime": stamp(item.changed),
            "hasAttachments": bool(item.attachments),
            "isDraft": item.is_draft,
            "parentFolderId": item.folder,
        }

    def passes(self, seconds: float) -> None:
        """The server's clock goes on."""
        self.now += timedelta(seconds=seconds)

    def _new(self, folder: str, *, received: datetime, mime: bytes) -> Item:
        self._count += 1
        number = self._count
        item = Item(number=number, folder=folder, received=received, changed=self.now, mime=mime)
        self.items[number] = item
        self._changes.append((folder, number))
        return item


def stamp(moment: datetime) -> str:
    """A time as Graph writes it, sometimes to ten millionths of a second."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.0000000Z" if moment.second % 2 else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _text(raw: bytes) -> str:
    return raw.partition(b"\r\n\r\n")[2].decode("utf-8", "replace")
