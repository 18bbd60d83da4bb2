"""A mailbox on Exchange: listed by sync, read as raw MIME, letters leave as drafts that are then sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

from exchangelib import Account, errors
from exchangelib.folders import Folder

from csp_workflow.terms.faults import MailboxUnreachable, MessageGone
from csp_workflow.terms.mailboxes import ExchangeMailbox, Secrets
from csp_workflow.terms.messages import Mark
from csp_workflow.world.checks import Check
from csp_workflow.world.exchange import account, examination, rebuilding, sending
from csp_workflow.world.exchange.speaking import OUTSIDE, unreachable, within
from csp_workflow.world.item_classes import marks_of
from csp_workflow.world.mailbox import Absence, Fetched, Proof

SECONDS = 60.0
_AT_ONCE = 10
"""Microsoft's advice for how many items one request asks for."""

_GONE = (errors.ErrorItemNotFound, errors.ErrorInvalidIdMalformed, errors.ErrorInvalidId, errors.ErrorInvalidIdEmpty)
_ABOUT = ("item_class", "size", "datetime_received", "has_attachments")
_EARLIEST = datetime.min.replace(tzinfo=UTC)
T = TypeVar("T")


class Exchange:
    """The five verbs by EWS. `limit` is the largest message taken whole, `seconds` the longest a verb takes.

    A cursor is the server's sync state, an id an ItemId, which changes with every move. One connection,
    one user of it at a time.
    """

    def __init__(
        self,
        settings: ExchangeMailbox,
        secrets: Secrets,
        *,
        address: str,
        limit: int,
        seconds: float = SECONDS,
        reached: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._settings, self._secrets, self._address = settings, secrets, address
        self._limit, self._seconds, self._reached = limit, seconds, reached
        self._clock = account.ServerClock()
        self._account: Account | None = None

    @property
    def server_time(self) -> datetime | None:
        """The Date of the server's last answer."""
        return self._clock.time

    def close(self) -> None:
        """Let the connection go."""
        kept, self._account = self._account, None
        if kept is not None:
            kept.protocol.close()

    # Receiving ------------------------------------------------------------------------------------

    def list_new(self, cursor: str) -> tuple[tuple[str, ...], str]:
        """What has come since the sync state; everything when the server does not know it any more."""
        return self._spoken(lambda box: self._listed(box, cursor))

    def _listed(self, box: Account, cursor: str) -> tuple[tuple[str, ...], str]:
        ids, state = _since(box, cursor) if cursor.isascii() and cursor.isprintable() else _changes(box, "")
        told = [item for item in _fetched(box, ids, ("datetime_received",)) if not isinstance(item, Exception)]
        # Since 2010 SP2 the newest come first.
        ordered = sorted(told, key=lambda item: _instant(item.datetime_received) or _EARLIEST)
        return tuple(str(item.id) for item in ordered), state

    def get(self, source: str, now: datetime) -> Fetched:
        """A message as raw MIME, or its headers when it is larger than allowed. What cannot be made MIME is rebuilt."""
        return self._spoken(lambda box: self._got(box, source, now))

    def _got(self, box: Account, source: str, now: datetime) -> Fetched:
        about = _one(box, source, _ABOUT)
        size, whole = int(about.size or 0), int(about.size or 0) <= self._limit
        raw = rebuilding.headers_of(box, source) if not whole else _mime(box, source)
        if whole and len(raw) > self._limit:
            size, whole, raw = len(raw), False, rebuilding.head(raw)
        marks = marks_of(about.item_class or "")
        if about.has_attachments and not rebuilding.attachments_of(box, source):
            # The library leaves out what lies in a cloud; the server still says that something is attached.
            marks |= {Mark.CLOUD_FILE}
        return Fetched(
            source=source,
            raw=raw,
            size=len(raw) if whole else size,
            received=_instant(about.datetime_received) or now,
            whole=whole,
            marks=marks,
        )

    def file(self, source: str, folder: str) -> None:
        """Move a message to a folder below the inbox, made when missing. Gone is no matter."""

        def moved(box: Account) -> None:
            target = _folder(box, folder)
            for result in box.bulk_move([(source, None)] if source else [], to_folder=target):
                if isinstance(result, Exception) and not isinstance(result, _GONE):
                    raise result

        try:
            self._spoken(moved)
        except MessageGone:
            return

    # Sending --------------------------------------------------------------------------------------

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Save a draft that carries our delivery id (or take the one that is there), then send it."""
        draft = self._spoken(lambda box: sending.draft(box, content, recipient, delivery_id, self._reached))
        return sending.sent(draft, delivery_id, self._seconds, self._reached)

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        """Look for the delivery id among what was sent, is under way, or is still a draft."""
        return self._spoken(lambda box: sending.found(box, delivery_id))

    def examine(self, now: datetime) -> Iterator[Check]:
        """The mailbox, its rights, its clock."""
        return examination.examine(self._spoken, self._clock, now)

    # Speaking -------------------------------------------------------------------------------------

    def _spoken(self, call: Callable[[Account], T]) -> T:
        """Ask within the time. After any fault of the outside the connection is made anew."""
        try:
            return within(self._seconds, lambda: call(self._connected()))
        except (MailboxUnreachable, MessageGone):
            self._account = None
            raise
        except _GONE as fault:
            raise MessageGone from fault
        except OUTSIDE as fault:
            self._account = None
            raise sending.in_our_words(fault) or unreachable(fault) from fault

    def _connected(self) -> Account:
        if self._account is None:
            self._account = account.opened(
                self._settings, self._secrets, address=self._address, seconds=self._seconds, clock=self._clock
            )
        return self._account


def _instant(told: Any) -> datetime | None:
    """A time of the library's own kind as a plain one in UTC; an item may have none."""
    return datetime.fromtimestamp(told.timestamp(), UTC) if told else None


def _since(box: Account, state: str) -> tuple[list[str], str]:
    """What is new since a sync state, or everything when the server does not know the state."""
    try:
        return _changes(box, state)
    except (errors.ErrorInvalidSyncStateData, errors.ErrorSyncFolderNotFound, AttributeError):
        # The last: a server that refuses the state and tells no new one, which the library stumbles over.
        if not state:
            raise
        return _changes(box, "")


def _changes(box: Account, state: str) -> tuple[list[str], str]:
    """The ids of what is new in the inbox since a sync state, without any content, and the next state."""
    inbox = box.inbox
    inbox.item_sync_state = None
    ids = [item.id for kind, item in inbox.sync_items(sync_state=state or None, only_fields=[]) if kind == "create"]
    return ids, str(inbox.item_sync_state or state)


def _fetched(box: Account, ids: list[str], fields: tuple[str, ...]) -> Iterator[Any]:
    """Items, or the exception that stands in one's place, ten at a time."""
    for at in range(0, len(ids), _AT_ONCE):
        some = [(item, None) for item in ids[at : at + _AT_ONCE]]
        yield from box.fetch(ids=some, only_fields=[*fields])


def _one(box: Account, source: str, fields: tuple[str, ...]) -> Any:
    if not source or not source.isprintable():
        raise MessageGone
    (item,) = _fetched(box, [source], fields)
    if isinstance(item, Exception):
        raise item
    return item


def _mime(box: Account, source: str) -> bytes:
    try:
        content = _one(box, source, ("mime_content",)).mime_content
    except (errors.ErrorMimeContentConversionFailed, errors.ErrorContentConversionFailed, errors.ErrorItemCorrupt):
        return rebuilding.message(box, source)
    return bytes(content) if content else rebuilding.message(box, source)


def _folder(box: Account, name: str) -> Any:
    try:
        return box.inbox // name
    except errors.ErrorFolderNotFound:
        return Folder(parent=box.inbox, name=name).save()
