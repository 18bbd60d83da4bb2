"""A message as bytes where Microsoft 365 gives only its properties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from csp_workflow.mailboxes.graph.answers import Answer, list_rows, make_unreachable
from csp_workflow.mailboxes.graph.calls import Calls
from csp_workflow.mailboxes.rebuilding import Rebuilding, join_headers
from csp_workflow.terms.faults import MessageGone

_FILE = "#microsoft.graph.fileAttachment"


def get_headers(values: dict[str, Any]) -> bytes:
    """`internetMessageHeaders` as they stood on the wire, with the empty line that ends them."""
    return join_headers(_list_headers(values)) + b"\r\n"


def rebuild(calls: Calls, where: str, *, limit: int) -> bytes | None:
    """A message from its headers, its body and its attached files; None when it is larger than `limit` bytes.

    Raises MessageGone, MailboxUnreachable.
    """
    values = _check_answer(calls.read(where, {"$select": "internetMessageHeaders,body"})).values
    made = Rebuilding(*_read_body(values), limit=limit)
    for file in calls.list_all(f"{where}/attachments", {"$select": "id,name,contentType,size"}):
        if file.get("@odata.type") != _FILE:
            continue
        id_ = quote(str(file.get("id", "")), safe="")
        data = _check_answer(calls.read(f"{where}/attachments/{id_}/$value", room=max(made.room_left, 0))).content
        if data is None:
            return None
        made.attach(_read_name(file), data)
    raw = made.finish(_list_headers(values))
    return raw if len(raw) <= limit else None


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
