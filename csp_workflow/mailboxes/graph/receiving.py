"""What lies in the inbox: listed by what changed, fetched as raw MIME, filed in folders."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from csp_workflow.mailboxes.graph.answers import Answer, list_entries, list_rows, make_unreachable
from csp_workflow.mailboxes.graph.calls import Calls
from csp_workflow.mailboxes.graph.rebuilding import get_headers, rebuild
from csp_workflow.mailboxes.item_classes import read_marks
from csp_workflow.mailboxes.mailbox import Fetched
from csp_workflow.terms.faults import MailboxUnreachable, MessageGone
from csp_workflow.terms.messages import Mark

_PAGE = 200
_AN_ID = re.compile(r"[A-Za-z0-9_=+/-]{1,1024}")
_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,63}")
_CURSOR_LOST = {400, 404, 410}

SIZE, ITEM_CLASS = ("long", 0x0E08), ("string", 0x001A)
_CLOUD_FILE = "#microsoft.graph.referenceAttachment"


class GraphInbox:
    """The inbox of one mailbox. `limit` is the largest message taken whole, in bytes."""

    def __init__(self, calls: Calls, *, address: str, limit: int) -> None:
        self._calls, self._limit = calls, limit
        self._mailbox = f"/users/{quote(address, safe='@')}"
        self._folders: dict[str, str] = {}

    # Listing --------------------------------------------------------------------------------------

    def list_new(self, cursor: str) -> tuple[tuple[str, ...], str]:
        """Ids, oldest first, and the next cursor: the whole link that Microsoft 365 gives for what comes after.

        A cursor that means nothing (any more) lists everything.
        """
        changed = self._list_changes(cursor, {}) if self._calls.is_ours(cursor) else None
        if changed is None:
            options = {"changeType": "created", "$select": "receivedDateTime"}
            changed = self._list_changes(f"{self._mailbox}/mailFolders/inbox/messages/delta", options)
        if changed is None:
            raise MailboxUnreachable("Microsoft 365 does not list the inbox.")
        return changed

    def _list_changes(self, where: str, options: dict[str, str]) -> tuple[tuple[str, ...], str] | None:
        """What a link and those it leads on to tell; None when the place in the list was lost."""
        received: dict[str, str] = {}
        while True:
            answer = self._calls.read(where, options, page=_PAGE)
            if answer.status in _CURSOR_LOST:
                return None
            if not answer.is_good:
                raise make_unreachable(answer)
            received |= _read_page(answer)
            if cursor := self._calls.find_link(answer, "@odata.deltaLink"):
                return tuple(sorted(received, key=lambda source: (received[source], source))), cursor
            where, options = self._calls.find_link(answer, "@odata.nextLink"), {}
            if not where:
                raise MailboxUnreachable("Microsoft 365 broke off the list of the inbox.")

    # Fetching -------------------------------------------------------------------------------------

    def get(self, source: str) -> Fetched:
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
            received=_read_time(about.get("receivedDateTime")),
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
            return rebuild(self._calls, where, limit=self._limit)
        if not answer.is_good:
            raise make_unreachable(answer)
        return answer.content

    def _get_headers(self, where: str) -> bytes:
        return get_headers(self._get_values(where, {"$select": "internetMessageHeaders"}))

    def _find_cloud_file(self, where: str, about: dict[str, Any]) -> frozenset[Mark]:
        """A file that was not attached but left in OneDrive or SharePoint is in no MIME."""
        if not about.get("hasAttachments"):
            return frozenset()
        attached = self._calls.list_all(f"{where}/attachments", {"$select": "id,name,contentType,size"})
        is_there = any(attachment.get("@odata.type") == _CLOUD_FILE for attachment in attached)
        return frozenset({Mark.CLOUD_FILE} if is_there else ())

    def _get_values(self, where: str, params: dict[str, str]) -> dict[str, Any]:
        answer = self._calls.read(where, params)
        if answer.is_gone:
            raise MessageGone
        if not answer.is_good:
            raise make_unreachable(answer)
        return answer.values

    def _locate(self, source: str) -> str:
        if not _AN_ID.fullmatch(source):
            raise MessageGone
        return f"{self._mailbox}/messages/{quote(source, safe='')}"

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

    def find_folder(self, name: str) -> str:
        """The id of a folder beside the inbox, made when it is missing. Raises MailboxUnreachable."""
        options = {"$filter": f"displayName eq '{name}'", "$select": "displayName"}
        found = next(self._calls.list_all(f"{self._mailbox}/mailFolders", options), None)
        if found is None:
            answer = self._calls.write("POST", f"{self._mailbox}/mailFolders", {"displayName": name})
            if not answer.is_good:
                raise make_unreachable(answer)
            found = answer.values
        return str(found.get("id", ""))

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


def _read_page(answer: Answer) -> dict[str, str]:
    """Ids and times of receipt of a page; what somebody removed is left out."""
    return {
        str(entry["id"]): str(entry.get("receivedDateTime", ""))
        for entry in list_entries(answer)
        if entry.get("id") and "@removed" not in entry
    }


def _read_time(said: object) -> datetime:
    try:
        return datetime.fromisoformat(str(said))
    except ValueError:
        raise MailboxUnreachable("Microsoft 365 does not say when a message was received.") from None


def _read_number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else 0
