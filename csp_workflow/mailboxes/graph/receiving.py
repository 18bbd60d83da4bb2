"""What lies in the inbox: listed by what changed, fetched as raw MIME, filed in folders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from csp_workflow.mailboxes.graph.connection import Answer, Calls, list_entries, list_rows, make_unreachable
from csp_workflow.mailboxes.mailbox import BATCH, FILED, FOLDERS, MORE, Fetched
from csp_workflow.mailboxes.messages import Rebuilding, join_headers, read_marks, read_time
from csp_workflow.terms.messages import Mark
from csp_workflow.terms.service import MailboxUnreachable, MessageGone

_PAGE = 200
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_AN_ID = re.compile(r"[A-Za-z0-9_=+/-]{1,1024}")
_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,63}")
_A_MESSAGE = re.compile(rb"(From |[A-Za-z0-9][!-9;-~]*[ \t]*:)")
_CURSOR_LOST = {400, 404, 410}
_NOT_FILED = ("inbox", "drafts", "sentitems", "outbox", "junkemail")

SIZE, ITEM_CLASS = ("long", 0x0E08), ("string", 0x001A)
_FILE, _CLOUD_FILE = "#microsoft.graph.fileAttachment", "#microsoft.graph.referenceAttachment"


class GraphInbox:
    """The inbox of one mailbox. `limit` is the largest message taken whole, in bytes."""

    def __init__(self, calls: Calls, *, address: str, limit: int) -> None:
        self._calls, self._limit = calls, limit
        self._mailbox = f"/users/{quote(address, safe='@')}"
        self._folders: dict[str, str] = {}

    # Listing --------------------------------------------------------------------------------------

    def list_new(self, cursor: str, since: datetime | None) -> tuple[tuple[str, ...], str]:
        """Ids, oldest first, and the next cursor: the whole link that Microsoft 365 gives for what comes after.

        A cursor that means nothing (any more) lists everything.
        """
        link, changed = cursor.removeprefix(MORE), None
        if self._calls.is_ours(link):
            changed = self._list_changes(link, {}, since if cursor.startswith(MORE) else None)
        if changed is None:
            options = {"changeType": "created", "$select": "receivedDateTime"}
            changed = self._list_changes(f"{self._mailbox}/mailFolders/inbox/messages/delta", options, since)
        if changed is None:
            raise MailboxUnreachable("Microsoft 365 does not list the inbox.")
        return changed

    def list_filed(self, cursor: str, since: datetime | None, *, ours: bool) -> tuple[tuple[str, ...], str]:
        """Ids of a page of the whole mailbox's messages, but those in the inbox and in folders of another use."""
        named = {self.find_folder(name) for name in FOLDERS} if ours else set(map(self._find_known, _NOT_FILED))
        link, options = cursor.removeprefix(MORE), {}
        if not self._calls.is_ours(link):
            link, options = f"{self._mailbox}/messages", {"$select": "parentFolderId,isDraft"}
            if since:
                options["$filter"] = f"receivedDateTime ge {since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        answer = self._calls.read(link, options, page=_PAGE)
        if answer.status in _CURSOR_LOST and not options:
            return self.list_filed("", since, ours=ours)
        if not answer.is_good:
            raise make_unreachable(answer)
        there = (entry for entry in list_entries(answer) if not entry.get("isDraft"))
        filed = [entry for entry in there if (entry.get("parentFolderId") in named) == ours]
        following = self._calls.find_link(answer, "@odata.nextLink")
        return tuple(FILED + str(entry["id"]) for entry in filed), MORE + following if following else ""

    def _find_known(self, name: str) -> str:
        """The id of a folder that every mailbox has, "" where this one has it not."""
        answer = self._calls.read(f"{self._mailbox}/mailFolders/{name}", {"$select": "displayName"})
        if not answer.is_good and not answer.is_gone:
            raise make_unreachable(answer)
        return str(answer.values.get("id", "")) if answer.is_good else ""

    def count_messages(self) -> int:
        """How many messages lie in the inbox. Raises MailboxUnreachable."""
        inbox = _check_answer(self._calls.read(f"{self._mailbox}/mailFolders/inbox", {"$select": "totalItemCount"}))
        return _read_number(str(inbox.values.get("totalItemCount")))

    def _list_changes(
        self, where: str, options: dict[str, str], since: datetime | None
    ) -> tuple[tuple[str, ...], str] | None:
        """What a link and those it leads on to tell; None when the place in the list was lost."""
        received: dict[str, datetime] = {}
        seen = 0
        while True:
            answer = self._calls.read(where, options, page=_PAGE)
            if answer.status in _CURSOR_LOST:
                return None
            if not answer.is_good:
                raise make_unreachable(answer)
            received |= _read_page(answer, since)
            seen += len(list_entries(answer))
            cursor = self._calls.find_link(answer, "@odata.deltaLink")
            where, options = self._calls.find_link(answer, "@odata.nextLink"), {}
            if not cursor and not where:
                raise MailboxUnreachable("Microsoft 365 broke off the list of the inbox.")
            if cursor or seen >= BATCH:
                ids = sorted(received, key=lambda source: (received[source], source))
                return tuple(ids), cursor or MORE + where

    # Fetching -------------------------------------------------------------------------------------

    def get(self, source: str, now: datetime) -> Fetched:
        """A message, wherever in the mailbox it lies by now. Raises MessageGone, MailboxUnreachable."""
        where = self._locate(source)
        properties = " or ".join(f"id eq '{kind.title()} 0x{tag:04X}'" for kind, tag in (SIZE, ITEM_CLASS))
        about = self._get_values(
            where,
            {
                "$select": "receivedDateTime,hasAttachments",
                "$expand": f"singleValueExtendedProperties($filter={properties})",
            },
        )
        size = _read_number(read_property(about, SIZE))
        raw = self._get_raw(where) if size <= self._limit else None
        return Fetched(
            source=source,
            raw=self._get_headers(where) if raw is None else raw,
            size=max(size, self._limit + 1) if raw is None else len(raw),
            received=read_time(str(about.get("receivedDateTime"))) or now,
            whole=raw is not None,
            marks=read_marks(read_property(about, ITEM_CLASS)) | self._find_cloud_file(where, about),
        )

    def _get_raw(self, where: str) -> bytes | None:
        """The message as MIME; None when it is larger than allowed.

        Some messages cannot be turned into MIME over there: then from their parts, so that one of them
        does not keep back all that came after it.
        """
        answer = self._calls.read(f"{where}/$value", room=self._limit)
        if answer.is_gone:
            raise MessageGone
        if answer.status in {400, 500}:
            return self._rebuild(where)
        if not answer.is_good:
            raise make_unreachable(answer)
        if answer.content is not None and not (answer.is_bounded and _A_MESSAGE.match(answer.content)):
            raise MailboxUnreachable("Microsoft 365 gave something else than a whole message.")
        return answer.content

    def _rebuild(self, where: str) -> bytes | None:
        """A message from its headers, its body and its attached files; None when it is larger than allowed."""
        values = self._get_values(where, {"$select": "internetMessageHeaders,body"})
        made = Rebuilding(*_read_body(values), limit=self._limit)
        for file in self._calls.list_all(f"{where}/attachments", {"$select": "id,name,contentType,size"}):
            if file.get("@odata.type") != _FILE:
                continue
            id_ = quote(str(file.get("id", "")), safe="")
            data = _check_answer(
                self._calls.read(f"{where}/attachments/{id_}/$value", room=max(made.room_left, 0))
            ).content
            if data is None:
                return None
            made.attach(_read_name(file), data)
        raw = made.finish(_list_headers(values))
        return raw if len(raw) <= self._limit else None

    def _get_headers(self, where: str) -> bytes:
        """The headers as they stood on the wire, with the empty line that ends them."""
        return join_headers(_list_headers(self._get_values(where, {"$select": "internetMessageHeaders"}))) + b"\r\n"

    def _find_cloud_file(self, where: str, about: dict[str, Any]) -> frozenset[Mark]:
        """A file that was not attached but left in OneDrive or SharePoint is in no MIME."""
        if not about.get("hasAttachments"):
            return frozenset()
        attached = self._calls.list_all(f"{where}/attachments", {"$select": "id,name,contentType,size"})
        is_there = any(attachment.get("@odata.type") == _CLOUD_FILE for attachment in attached)
        return frozenset({Mark.CLOUD_FILE} if is_there else ())

    def _get_values(self, where: str, params: dict[str, str]) -> dict[str, Any]:
        return _check_answer(self._calls.read(where, params)).values

    def _locate(self, source: str) -> str:
        id_ = source.removeprefix(FILED)
        if not _AN_ID.fullmatch(id_):
            raise MessageGone
        return f"{self._mailbox}/messages/{quote(id_, safe='')}"

    # Filing ---------------------------------------------------------------------------------------

    def file(self, source: str, folder: str) -> None:
        """Move a message to a folder beside the inbox, made when it is missing. A message that is gone is no matter."""
        if not _FOLDER.fullmatch(folder):
            raise ValueError(f"'{folder}' is no folder's name.")
        try:
            where = self._locate(source)
        except MessageGone:
            return
        if folder in self._folders and self._move(where, self._folders[folder]):
            return
        # The message is gone, or the folder was removed since: asked for anew, only the message is left.
        self._folders[folder] = self.find_folder(folder)
        self._move(where, self._folders[folder])

    def remove(self, source: str) -> None:
        """Remove a message so that not even its owner finds it any more. A message that is gone is no matter."""
        try:
            answer = self._calls.write("POST", f"{self._locate(source)}/permanentDelete")
        except MessageGone:
            return
        if not answer.is_good and not answer.is_gone:
            raise make_unreachable(answer)

    def find_folder(self, name: str) -> str:
        """The id of a folder beside the inbox, made when it is missing. Raises MailboxUnreachable."""
        options = {"$filter": f"displayName eq '{name}'", "$select": "displayName"}
        where = f"{self._mailbox}/mailFolders"
        found = next(self._calls.list_all(where, options), None)
        if found is None:
            answer = self._calls.write("POST", where, {"displayName": name})
            found = next(self._calls.list_all(where, options), None)
            if found is None:
                raise make_unreachable(answer)
        return str(found["id"])

    def _move(self, where: str, folder: str) -> bool:
        answer = self._calls.write("POST", f"{where}/move", {"destinationId": folder})
        if answer.is_good:
            return True
        if answer.is_gone:
            return False
        raise make_unreachable(answer)


def read_property(values: dict[str, Any], wanted: tuple[str, int]) -> str:
    """The value of a MAPI property, or "". Microsoft 365 writes "Long 0xe08" for "Long 0x0E08"."""
    for entry in list_rows(values, "singleValueExtendedProperties"):
        kind, _, tag = str(entry.get("id", "")).partition(" ")
        if kind.lower() == wanted[0] and re.fullmatch(r"0x[0-9a-fA-F]{1,8}", tag) and int(tag, 16) == wanted[1]:
            return str(entry.get("value", ""))
    return ""


def _read_page(answer: Answer, since: datetime | None) -> dict[str, datetime]:
    """Ids and times of receipt of a page; what somebody removed, or was received before, is left out."""
    there = (entry for entry in list_entries(answer) if "@removed" not in entry)
    times = {str(entry["id"]): read_time(str(entry.get("receivedDateTime"))) for entry in there}
    return {source: time or _EARLIEST for source, time in times.items() if not (since and time and time < since)}


def _read_number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else 0


def _check_answer(answer: Answer) -> Answer:
    if answer.is_gone:
        raise MessageGone
    if not answer.is_good:
        raise make_unreachable(answer)
    return answer


def _read_body(values: dict[str, Any]) -> tuple[str, str]:
    """The words and whether they are "plain" or "html"."""
    given = values.get("body")
    body = given if isinstance(given, dict) else {}
    return _clean(str(body.get("content") or "")), "html" if str(body.get("contentType")).lower() == "html" else "plain"


def _read_name(file: dict[str, Any]) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", " ", _clean(str(file.get("name") or "")))


def _list_headers(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for entry in list_rows(values, "internetMessageHeaders"):
        name, value = str(entry.get("name", "")), str(entry.get("value") or "")
        # A line break that is no folding would begin another header, or the body.
        yield name, re.sub(r"\r?\n(?![ \t])|\r(?!\n)", " ", value).replace("\r\n", "\n").replace("\n", "\r\n")


def _clean(text: str) -> str:
    """JSON can hold halves of characters, which no bytes can."""
    return text.encode("utf-8", "replace").decode()
