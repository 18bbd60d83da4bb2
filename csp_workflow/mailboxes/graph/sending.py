"""Handing a letter over: a draft, its mark, and one request to send it that is never repeated.

The mark is an extended property that holds the delivery id. It is put on last, so that a draft with a
mark is a whole letter, and one without is never sent: a crash between leaves a stray draft and no harm.
A draft is made of the letter's own bytes where they fit into one request, else in parts.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import quote

from csp_workflow.mail.compose import SentView, UnclearMessage, read_back
from csp_workflow.mailboxes.graph.connection import Answer, Calls, judge_draft, judge_sending, list_rows
from csp_workflow.mailboxes.graph.receiving import read_property
from csp_workflow.mailboxes.mailbox import DELIVERY_ID, FILED, Absence, Proof
from csp_workflow.mailboxes.messages import read_time
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.service import Lying, MailboxUnreachable, NotAccepted, NotAcceptedForGood, Place

STILL = timedelta(minutes=5)
"""A draft that nothing has touched for so long was not taken for sending."""

_SET = "{5d1f7a52-6c0e-4f1b-9a43-2c8b7d0e91f6}"
_MARK = f"String {_SET} Name csp-delivery-id"
_HANDED = f"String {_SET} Name csp-handed-over"
_FLAGS = ("integer", 0x0E07)
_SUBMITTED = 0x4
_TAKEN = 202
"""The one answer that says so; a gateway's page, or another success, says nothing of the letter."""

_EARLIEST = datetime.min.replace(tzinfo=UTC)

_AT_ONCE = 4_000_000
"""The longest request, in bytes, that Microsoft 365 takes as a whole: it says 4 MB without saying which."""

_SMALL_FILE = 3_000_000
"""From here on an attached file needs an upload session. Files under 2 MiB may not have one."""

_PIECE = 10 * 320 * 1024
_FILE = "#microsoft.graph.fileAttachment"


@dataclass(frozen=True, kw_only=True)
class _MarkedMessage:
    """A draft or a sent letter that bears a mark."""

    id: str
    is_draft: bool
    is_submitted: bool
    changed: datetime | None
    recipients: tuple[str, ...]


class Outgoing:
    """The sending side of one mailbox."""

    def __init__(self, calls: Calls, *, address: str, reached: Callable[[str], None]) -> None:
        self._calls, self._reached = calls, reached
        self._mailbox = f"/users/{quote(address, safe='@')}"

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Hand a letter over. Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown."""
        marked = self._find_marked(delivery_id)
        if sent := _find_sent(marked):
            return _make_proof(sent.id)
        draft = next((each.id for each in marked if each.recipients == (recipient.lower(),)), "")
        draft = draft or self._make_draft(content)
        self._mark(draft, delivery_id)
        if not self._calls.line.has_time_to_send():
            raise MailboxUnreachable("Microsoft 365 took so long over the draft that it was not sent for now.")
        return self._hand_over(draft)

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        """Proof when a letter was sent. A draft that lies still is certainly not sent; what is not found may be."""
        marked = self._find_marked(delivery_id)
        if sent := _find_sent(marked):
            return _make_proof(sent.id)
        return Absence.CERTAIN if marked and all(self._lies_still(draft) for draft in marked) else Absence.UNPROVED

    def list_sent(self, delivery_id: str) -> tuple[str, ...]:
        """All that bears the mark, a draft that was left too, as `remove` takes it."""
        return tuple(FILED + each.id for each in self._find_marked(delivery_id))

    # Drafts that a person sends ---------------------------------------------------------------------

    def put_draft(self, content: bytes, delivery_id: str) -> None:
        """Put a letter into Drafts, whole before it is marked. What an earlier try left there unmarked is removed."""
        own = str(message_from_bytes(content, policy=policy.default)["Message-ID"] or "").strip()
        named = f"internetMessageId eq '{own.replace(chr(39), chr(39) * 2)}'"
        for entry in self._list_folder("drafts", named):
            if not _read_mark(entry):
                _check_draft(self._calls.write("POST", f"{self._locate(str(entry['id']))}/permanentDelete"))
        self._mark(self._make_draft(content), delivery_id)

    def list_drafts(self, since: datetime) -> tuple[Lying, ...]:
        """Marked drafts, what is on its way out, and all that was sent since an instant."""
        sent = f"sentDateTime ge {since:%Y-%m-%dT%H:%M:%SZ}"
        drafts = [self._describe(entry, Place.DRAFTS) for entry in self._list_folder("drafts")]
        leaving = [self._describe(entry, Place.LEAVING) for entry in self._list_folder("outbox")]
        left = (entry for entry in self._list_folder("sentitems", sent) if entry.get("isDraft") is not True)
        return (*(one for one in drafts if one.mark), *leaving, *(self._describe(entry, Place.SENT) for entry in left))

    def _list_folder(self, folder: str, condition: str = "") -> Iterator[dict[str, Any]]:
        options = {
            "$select": "isDraft,subject,internetMessageId,sentDateTime,lastModifiedDateTime,"
            "toRecipients,ccRecipients,bccRecipients",
            "$expand": f"singleValueExtendedProperties($filter=id eq '{_MARK}' or id eq 'Integer 0x{_FLAGS[1]:04X}')",
        }
        asked = {"$filter": condition, **options} if condition else options
        return self._calls.list_all(f"{self._mailbox}/mailFolders/{folder}/messages", asked)

    def _describe(self, entry: dict[str, Any], place: Place) -> Lying:
        marked, told = _read_marked(entry), "sentDateTime" if place is Place.SENT else "lastModifiedDateTime"
        return Lying(
            source=FILED + marked.id,
            place=Place.LEAVING if marked.is_submitted and place is Place.DRAFTS else place,
            since=read_time(str(entry.get(told))) or _EARLIEST,
            mark=_read_mark(entry),
            message_id=str(entry.get("internetMessageId") or ""),
            subject=str(entry.get("subject") or ""),
            recipients=frozenset(marked.recipients),
        )

    def _hand_over(self, draft: str) -> Proof:
        self._reached("graph:before send")
        answer = self._calls.hand_over(f"{self._locate(draft)}/send")
        self._reached("graph:send answered")
        if answer.status != _TAKEN:
            raise judge_sending(answer)
        return _make_proof(draft)

    def _mark(self, draft: str, delivery_id: str) -> None:
        """Put the mark on. The time beside it makes this a change each time, from which stillness is counted."""
        time = self._calls.line.server_time.isoformat() if self._calls.line.server_time else ""
        properties = [{"id": _MARK, "value": delivery_id}, {"id": _HANDED, "value": time}]
        answer = self._calls.write("PATCH", self._locate(draft), {"singleValueExtendedProperties": properties})
        if answer.is_gone:
            raise NotAccepted("The letter's draft was removed before it was sent.")
        if not answer.is_good:
            raise judge_draft(answer)
        self._reached("graph:draft marked")

    def _find_marked(self, delivery_id: str) -> tuple[_MarkedMessage, ...]:
        """All that bears the mark, in whatever folder."""
        if not DELIVERY_ID.fullmatch(delivery_id):
            raise ValueError(f"'{delivery_id}' is no delivery id.")
        options = {
            "$filter": f"singleValueExtendedProperties/Any(ep: ep/id eq '{_MARK}' and ep/value eq '{delivery_id}')",
            "$select": "isDraft,lastModifiedDateTime,toRecipients,ccRecipients,bccRecipients",
            "$expand": f"singleValueExtendedProperties($filter=id eq 'Integer 0x{_FLAGS[1]:04X}')",
        }
        return tuple(_read_marked(entry) for entry in self._calls.list_all(f"{self._mailbox}/messages", options))

    def _lies_still(self, draft: _MarkedMessage) -> bool:
        now = self._calls.line.server_time
        if now is None or draft.changed is None or draft.is_submitted:
            return False
        return now - draft.changed >= STILL

    def _locate(self, draft: str) -> str:
        return f"{self._mailbox}/messages/{quote(draft, safe='')}"

    # Drafts: what is made here bears no mark yet, so nobody ever sends it by itself -----------------

    def _make_draft(self, content: bytes) -> str:
        """The whole letter as a draft; its id. Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood."""
        coded = b64encode(content)
        if len(coded) <= _AT_ONCE:
            draft = _read_id(self._calls.write("POST", f"{self._mailbox}/messages", text=coded))
            self._reached("graph:draft made")
            return draft
        return self._make_in_parts(content)

    def _make_in_parts(self, content: bytes) -> str:
        """Microsoft 365 makes its own MIME of the parts: of the headers only those that begin with X- are kept."""
        try:
            view = read_back(content)
        except UnclearMessage as fault:
            raise NotAcceptedForGood(
                "The letter is too large to be handed over whole, and cannot be parted."
            ) from fault
        draft = _read_id(self._calls.write("POST", f"{self._mailbox}/messages", _list_properties(view, content)))
        self._reached("graph:draft made")
        where = f"{self._locate(draft)}/attachments"
        for attachment in view.attachments:
            self._attach(where, attachment)
            self._reached("graph:file attached")
        return draft

    def _attach(self, where: str, file: Attachment) -> None:
        if len(file.data) >= _SMALL_FILE:
            self._upload(where, file)
            return
        coded = b64encode(file.data).decode("ascii")
        values = {"@odata.type": _FILE, "name": file.name, "contentType": file.content_type, "contentBytes": coded}
        _check_draft(self._calls.write("POST", where, values))

    def _upload(self, where: str, file: Attachment) -> None:
        item = {
            "attachmentType": "file",
            "name": file.name,
            "contentType": file.content_type,
            "size": len(file.data),
        }
        session = _check_draft(self._calls.write("POST", f"{where}/createUploadSession", {"AttachmentItem": item}))
        link = str(session.values.get("uploadUrl", ""))
        for start in range(0, len(file.data), _PIECE):
            piece = file.data[start : start + _PIECE]
            _check_draft(self._calls.upload(link, piece, start=start, total=len(file.data)))


def _find_sent(marked: Iterable[_MarkedMessage]) -> _MarkedMessage | None:
    return next((each for each in marked if not each.is_draft), None)


def _make_proof(message: str) -> Proof:
    return Proof(evidence=f"graph:{message}")


def _read_marked(entry: dict[str, Any]) -> _MarkedMessage:
    flags = read_property(entry, _FLAGS)
    return _MarkedMessage(
        id=str(entry.get("id", "")),
        # Only a clear no is one: what is taken for sent is not sent again.
        is_draft=entry.get("isDraft") is True,
        is_submitted=bool(int(flags) & _SUBMITTED) if flags.isdecimal() else False,
        changed=read_time(str(entry.get("lastModifiedDateTime"))),
        recipients=tuple(
            address
            for kind in ("toRecipients", "ccRecipients", "bccRecipients")
            for address in _list_addresses(entry, kind)
        ),
    )


def _read_mark(entry: dict[str, Any]) -> str:
    """The delivery id that a message bears, or ""."""
    told = list_rows(entry, "singleValueExtendedProperties")
    return next((str(one.get("value", "")) for one in told if str(one.get("id", "")).lower() == _MARK.lower()), "")


def _list_addresses(entry: dict[str, Any], kind: str) -> Iterable[str]:
    for person in list_rows(entry, kind):
        address = person.get("emailAddress")
        yield str(address.get("address", "")).lower() if isinstance(address, dict) else ""


def _list_properties(view: SentView, content: bytes) -> dict[str, Any]:
    headers = message_from_bytes(content, policy=policy.default)
    own = [{"name": name, "value": str(value)} for name, value in headers.items() if name.lower().startswith("x-")]
    return {
        "subject": view.subject,
        "body": {"contentType": "html", "content": view.html},
        "from": _make_person(view.sender),
        "toRecipients": [_make_person(view.recipient)],
        "internetMessageId": view.message_id,
        "internetMessageHeaders": own,
    }


def _make_person(address: str) -> dict[str, Any]:
    return {"emailAddress": {"address": address}}


def _check_draft(answer: Answer) -> Answer:
    if not answer.is_good:
        raise judge_draft(answer)
    return answer


def _read_id(answer: Answer) -> str:
    draft = _check_draft(answer).values.get("id")
    if not isinstance(draft, str) or not draft:
        raise MailboxUnreachable("Microsoft 365 did not say which draft it made.")
    return draft
