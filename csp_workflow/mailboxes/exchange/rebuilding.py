"""A message as bytes where Exchange gives only its parts, and the headers of one that is too large to take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.header import Header
from email.utils import format_datetime, formataddr
from typing import Any

from exchangelib import FileAttachment, HTMLBody

from csp_workflow.mailboxes.exchange.answers import BROKEN, GONE
from csp_workflow.mailboxes.exchange.calls import Calls
from csp_workflow.mailboxes.exchange.services import check_refusal
from csp_workflow.mailboxes.rebuilding import Rebuilding, join_headers
from csp_workflow.terms.faults import MessageGone

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_WHO = ("subject", "author", "sender", "message_id", "datetime_sent")


def get_headers(calls: Calls, source: str) -> bytes:
    """The headers alone, with the empty line that ends them. Raises MessageGone."""
    return join_headers(_list_headers(_get_item(calls, source, "headers", *_WHO))) + b"\r\n"


def rebuild(calls: Calls, source: str, *, limit: int) -> bytes | None:
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
    yield from given or _make_headers(item)


def _make_headers(item: Any) -> Iterator[tuple[str, str]]:
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
