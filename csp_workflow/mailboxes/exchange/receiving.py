"""What lies in the inbox: listed by what changed, fetched as raw MIME, filed in folders beside it."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from typing import Any

from exchangelib import FileAttachment, HTMLBody, errors
from exchangelib.properties import FolderId

from csp_workflow.mailboxes.exchange.answers import BROKEN, GONE
from csp_workflow.mailboxes.exchange.calls import Calls, FoundItem, check_refusal
from csp_workflow.mailboxes.mailbox import BATCH, FILED, FOLDERS, MORE, Fetched
from csp_workflow.mailboxes.messages import Rebuilding, join_headers, read_marks
from csp_workflow.terms.messages import Mark
from csp_workflow.terms.service import MailboxUnreachable, MessageGone

_TIMES_AT_ONCE = 100
_ABOUT = ("item_class", "size", "datetime_received")
_DAMAGED = (errors.ErrorCorruptData, errors.ErrorItemCorrupt, errors.ErrorVirusMessageDeleted)
_NO_SUCH_FOLDER = (errors.ErrorToFolderNotFound, errors.ErrorFolderNotFound)
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_A_STATE, _AN_ID = re.compile(r"[A-Za-z0-9+/=]+"), re.compile(r"[A-Za-z0-9+/=_-]{1,512}")
_WHO = ("subject", "author", "sender", "message_id", "datetime_sent")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


class ExchangeInbox:
    """The inbox of one mailbox. `limit` is the largest message taken whole, in bytes."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._folders: dict[str, FolderId] = {}

    def list_new(self, calls: Calls, cursor: str, since: datetime | None) -> tuple[tuple[str, ...], str]:
        """What has come after a sync state; everything when it means nothing (any more)."""
        state = cursor.removeprefix(MORE)
        if _A_STATE.fullmatch(state):
            try:
                return _list_after(calls, state, since if cursor.startswith(MORE) else None)
            except (errors.ErrorInvalidSyncStateData, errors.ErrorSyncFolderNotFound):
                pass
        return _list_after(calls, "", since)

    def list_filed(
        self, calls: Calls, cursor: str, since: datetime | None, *, ours: bool
    ) -> tuple[tuple[str, ...], str]:
        """What lies in the other folders, each synced from its beginning, one after the other."""
        begun, _, state = cursor.removeprefix(MORE).partition(" ")
        found = map(calls.find_folder, FOLDERS) if ours else calls.list_filing_folders()
        folders = {str(folder.id): folder for folder in found if folder}
        behind = [id_ for id_ in sorted(folders) if id_ > begun]
        if begun in folders and _A_STATE.fullmatch(state):
            behind = [begun, *behind]
        for place, id_ in enumerate(behind):
            listed, following = _list_after(calls, state if id_ == begun else "", since, folders[id_])
            if following.startswith(MORE):
                return tuple(FILED + source for source in listed), f"{MORE}{id_} {following.removeprefix(MORE)}"
            if listed:
                is_last = place == len(behind) - 1
                return tuple(FILED + source for source in listed), "" if is_last else f"{MORE}{id_}"
        return (), ""

    def get(self, calls: Calls, source: str, now: datetime) -> Fetched:
        """A message as raw MIME, or its headers when it is larger than allowed. What cannot be made MIME is rebuilt."""
        id_ = source.removeprefix(FILED)
        if not _AN_ID.fullmatch(id_):
            raise MessageGone
        try:
            about = _describe(calls, id_)
        except _DAMAGED:
            return Fetched(source=source, raw=_make_stand_in(id_), size=0, received=now, whole=False)
        told = about.item
        raw = self._get_raw(calls, id_) if int(told.size or 0) <= self._limit else None
        return Fetched(
            source=source,
            raw=_get_headers(calls, id_) if raw is None else raw,
            size=max(int(told.size or 0), self._limit + 1) if raw is None else len(raw),
            received=about.received or now,
            whole=raw is not None,
            marks=read_marks(told.item_class or "") | ({Mark.CLOUD_FILE} if about.has_cloud_file else set()),
        )

    def _get_raw(self, calls: Calls, source: str) -> bytes | None:
        """The message as MIME, from its parts if need be; None when it is larger than allowed."""
        (seen,) = calls.get_items([source], "mime_content")
        if isinstance(seen, Exception) and not isinstance(seen, BROKEN):
            raise MessageGone if isinstance(seen, GONE) else seen
        content = seen.content if isinstance(seen, FoundItem) else None
        raw = content or _rebuild(calls, source, limit=self._limit)
        return raw if raw is not None and len(raw) <= self._limit else None

    def file(self, calls: Calls, source: str, folder: str) -> None:
        """Move a message to a folder beside the inbox, made when it is missing. A message that is gone is no matter."""
        if not _AN_ID.fullmatch(source):
            return
        try:
            self._move(calls, source, folder)
        except GONE:
            return

    def remove(self, calls: Calls, source: str) -> None:
        """Remove a message for good. A message that is gone is no matter."""
        id_ = source.removeprefix(FILED)
        if not _AN_ID.fullmatch(id_):
            return
        with contextlib.suppress(*GONE):
            calls.delete(id_)

    def _move(self, calls: Calls, source: str, folder: str) -> None:
        if folder in self._folders:
            try:
                return calls.move(source, self._folders[folder])
            except _NO_SUCH_FOLDER:  # somebody has removed it since
                del self._folders[folder]
        return calls.move(source, self.find_folder(calls, folder))

    def find_folder(self, calls: Calls, name: str) -> FolderId:
        """A folder beside the inbox, made when it is missing."""
        found = calls.find_folder(name)
        if found is None:
            with contextlib.suppress(errors.ErrorFolderExists):  # made by somebody else just now
                found = calls.make_folder(name)
        found = found or calls.find_folder(name)
        if found is None:
            raise MailboxUnreachable("The Exchange server does not show the folder that it made.")
        self._folders[name] = found
        return found


def _list_after(
    calls: Calls, state: str, since: datetime | None, folder: FolderId | None = None
) -> tuple[tuple[str, ...], str]:
    """What changes of the inbox (or another folder) tell, page after page, the earliest first."""
    ids: list[str] = []
    has_more = True
    while has_more and len(ids) < BATCH:
        found, state, has_more = calls.list_changes(state, folder)
        ids += found
    ids.reverse()  # since Exchange 2010 SP2 the newest come first
    times = _get_times(calls, ids)
    wanted = [source for source, time in times.items() if not (since and _EARLIEST < time < since)]
    return tuple(sorted(wanted, key=lambda source: times[source])), MORE * has_more + state


def _get_times(calls: Calls, ids: list[str]) -> dict[str, datetime]:
    """When items were received. What is gone by now is left out; what cannot say its time is the earliest."""
    return {
        source: _EARLIEST if isinstance(seen, Exception) else seen.received or _EARLIEST
        for source, seen in zip(ids, calls.get_items(ids, "datetime_received", at_once=_TIMES_AT_ONCE), strict=True)
        if not isinstance(seen, errors.ErrorItemNotFound)
    }


def _describe(calls: Calls, source: str) -> FoundItem:
    """What the server says of a message; without its attachments when they cannot be told. Raises MessageGone."""
    (seen,) = calls.get_items([source], *_ABOUT, "attachments")
    if isinstance(seen, BROKEN):
        (seen,) = calls.get_items([source], *_ABOUT)
    if isinstance(seen, GONE):
        raise MessageGone
    return check_refusal(seen)  # type: ignore[no-any-return]


def _make_stand_in(source: str) -> bytes:
    """For a message of which nothing can be told: it stays where it is, and a person is told that it is there."""
    name = hashlib.sha256(source.encode()).hexdigest()[:32]
    return (
        "Subject: A damaged message, which the Exchange server cannot give. Please look at it in Outlook.\r\n"
        f"Message-ID: <{name}@exchange.invalid>\r\n\r\n"
    ).encode()


# Messages that cannot be had as MIME --------------------------------------------------------------


def _get_headers(calls: Calls, source: str) -> bytes:
    """The headers alone, with the empty line that ends them. Raises MessageGone."""
    return join_headers(_list_headers(_get_item(calls, source, "headers", *_WHO))) + b"\r\n"


def _rebuild(calls: Calls, source: str, *, limit: int) -> bytes | None:
    """A message with its headers, words and files; None when it is larger than `limit` bytes. Raises MessageGone.

    A file that cannot be had is there without content, so that its sender is told of it.
    """
    item = _get_item(calls, source, "headers", "body", "attachments", *_WHO)
    kind = "html" if isinstance(item.body, HTMLBody) else "plain"
    made = Rebuilding(str(item.body or ""), kind, limit=limit)
    for attached in item.attachments or ():
        size = int(attached.size or 0)
        if size > made.room_left:
            return None
        name, data = _get_file(calls, attached)
        made.attach(name, data)
        made.room_left -= max(0, size - len(data))
        if made.room_left < 0:
            return None
    return made.finish(_list_headers(item))


def _get_item(calls: Calls, source: str, *fields: str) -> Any:
    """An item with these properties, or with as many as can be had."""
    (seen,) = calls.get_items([source], *fields)
    if isinstance(seen, BROKEN) and "attachments" in fields:
        (seen,) = calls.get_items([source], "headers", *_WHO)
    if isinstance(seen, BROKEN):
        (seen,) = calls.get_items([source], "subject")
    if isinstance(seen, GONE):
        raise MessageGone
    return check_refusal(seen).item


def _get_file(calls: Calls, attached: Any) -> tuple[str, bytes]:
    """An attached file's name and content. An attached message is one by its name."""
    name = _flatten(attached.name)
    name = name if isinstance(attached, FileAttachment) else f"{name}.eml"
    try:
        return name, calls.get_attachment(attached)
    except BROKEN:
        return name, b""


def _list_headers(item: Any) -> Iterator[tuple[str, str]]:
    """The headers as they came; made from what the server knows where a message came without any."""
    given = [(header.name, _flatten(header.value)) for header in item.headers or ()]
    yield from given or _make_missing_headers(item)


def _make_missing_headers(item: Any) -> Iterator[tuple[str, str]]:
    sender = item.author or item.sender
    address = str((sender and sender.email_address) or "")
    if "@" in address and address.isascii():
        yield "From", _flatten(formataddr((_flatten(sender.name), address)))
    if item.subject:
        yield "Subject", Header(_flatten(item.subject), "utf-8", maxlinelen=900).encode()
    if item.message_id:
        yield "Message-ID", _flatten(item.message_id)
    if item.datetime_sent:
        yield "Date", format_datetime(item.datetime_sent)


def _flatten(value: object) -> str:
    """A header's value or a name without line ends, so that none begins another header or the body."""
    return " ".join(_CONTROLS.sub(" ", str(value or "")).split())
