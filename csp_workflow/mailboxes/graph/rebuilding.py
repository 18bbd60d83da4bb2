"""A message as bytes where Microsoft 365 gives only its properties."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import quote

from csp_workflow.mailboxes.graph.answers import Answer, refused, rows
from csp_workflow.mailboxes.graph.calls import Calls
from csp_workflow.terms.faults import MessageGone

_A_NAME = re.compile(r"[!-9;-~]{1,200}")
_OF_PARTS = {"content-type", "content-transfer-encoding", "content-disposition", "mime-version"}
_FILE = "#microsoft.graph.fileAttachment"


def header_lines(values: dict[str, Any]) -> bytes:
    """`internetMessageHeaders` as they stood on the wire, with the empty line that ends them."""
    return _lines(_headers(values)) + b"\r\n"


def rebuilt(calls: Calls, where: str, *, limit: int) -> bytes | None:
    """A message from its headers, its body and its attached files; None when it is larger than `limit` bytes.

    Raises MessageGone, MailboxUnreachable.
    """
    values = _good(calls.read(where, {"$select": "internetMessageHeaders,body"})).values
    made = EmailMessage(policy=SMTP)
    made.set_content(*_body(values), cte="base64")
    left = limit - len(bytes(made))
    for file in calls.pages(f"{where}/attachments", {"$select": "id,name,contentType,size"}):
        if file.get("@odata.type") != _FILE:
            continue
        id_ = quote(str(file.get("id", "")), safe="")
        data = _good(calls.read(f"{where}/attachments/{id_}/$value", room=max(left, 0))).content
        if data is None:
            return None
        left -= len(data)
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=_name(file))
    raw = _lines((name, value) for name, value in _headers(values) if name.lower() not in _OF_PARTS) + bytes(made)
    return raw if len(raw) <= limit else None


def _good(answer: Answer) -> Answer:
    if answer.is_gone:
        raise MessageGone
    if not answer.is_good:
        raise refused(answer)
    return answer


def _body(values: dict[str, Any]) -> tuple[str, str]:
    """The words and whether they are "plain" or "html"."""
    given = values.get("body")
    body = given if isinstance(given, dict) else {}
    return _sound(str(body.get("content") or "")), "html" if str(body.get("contentType")).lower() == "html" else "plain"


def _name(file: dict[str, Any]) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", " ", _sound(str(file.get("name") or "")))


def _headers(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for entry in rows(values, "internetMessageHeaders"):
        name, value = str(entry.get("name", "")), str(entry.get("value") or "")
        if _A_NAME.fullmatch(name):
            # A line break that is no folding would begin another header, or the body.
            yield name, re.sub(r"\r?\n(?![ \t])|\r(?!\n)", " ", value).replace("\r\n", "\n").replace("\n", "\r\n")


def _lines(headers: Iterable[tuple[str, str]]) -> bytes:
    return b"".join(f"{name}: {_sound(value)}\r\n".encode() for name, value in headers)


def _sound(text: str) -> str:
    """JSON can hold halves of characters, which no bytes can."""
    return text.encode("utf-8", "replace").decode()
