"""A letter as a draft in Microsoft 365: as its own bytes where they fit into one request, else in parts."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import quote

from csp_workflow.mail.sent_view import SentView, UnclearMessage, read_back
from csp_workflow.mailboxes.graph.answers import Answer, judge_draft
from csp_workflow.mailboxes.graph.calls import Calls
from csp_workflow.terms.faults import MailboxUnreachable, NotAcceptedForGood
from csp_workflow.terms.messages import Attachment

_AT_ONCE = 4_000_000
"""The longest request, in bytes, that Microsoft 365 takes as a whole: it says 4 MB without saying which."""

_SMALL_FILE = 3_000_000
"""From here on an attached file needs an upload session. Files under 2 MiB may not have one."""

_PIECE = 10 * 320 * 1024
_FILE = "#microsoft.graph.fileAttachment"


class Drafts:
    """Makes drafts in one mailbox. What is made here bears no mark yet, so nobody ever sends it by itself."""

    def __init__(self, calls: Calls, *, mailbox: str, reached: Callable[[str], None]) -> None:
        self._calls, self._mailbox, self._reached = calls, mailbox, reached

    def make(self, content: bytes) -> str:
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
        where = f"{self._mailbox}/messages/{quote(draft, safe='')}/attachments"
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
        _check_answer(self._calls.write("POST", where, values))

    def _upload(self, where: str, file: Attachment) -> None:
        item = {
            "attachmentType": "file",
            "name": file.name,
            "contentType": file.content_type,
            "size": len(file.data),
        }
        session = _check_answer(self._calls.write("POST", f"{where}/createUploadSession", {"AttachmentItem": item}))
        link = str(session.values.get("uploadUrl", ""))
        for start in range(0, len(file.data), _PIECE):
            piece = file.data[start : start + _PIECE]
            _check_answer(self._calls.upload(link, piece, start=start, total=len(file.data)))


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


def _check_answer(answer: Answer) -> Answer:
    if not answer.is_good:
        raise judge_draft(answer)
    return answer


def _read_id(answer: Answer) -> str:
    draft = _check_answer(answer).values.get("id")
    if not isinstance(draft, str) or not draft:
        raise MailboxUnreachable("Microsoft 365 did not say which draft it made.")
    return draft
