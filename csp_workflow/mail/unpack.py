"""Unpack: raw bytes to an IncomingMessage. Nothing raises out of here, whatever the bytes are."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime
from email.message import Message

from csp_workflow.mail import bodies
from csp_workflow.mail.headers import all_headers, answered_by, message_ids, raw_header, safely, sender_of, unfolded
from csp_workflow.mail.names import label
from csp_workflow.mail.parts import CALENDAR, DAMAGED, DEEPEST, MOST_PARTS, TOO_DEEP, TOO_MANY, Parts, ids_in, parse
from csp_workflow.terms.messages import IncomingMessage

__all__ = [
    "CALENDAR",
    "DAMAGED",
    "DEEPEST",
    "MOST_PARTS",
    "TOO_DEEP",
    "TOO_MANY",
    "identity",
    "label",
    "unpack",
    "unwrapped",
]

_DAEMONS = re.compile(r"\b(?:mailer-daemon|postmaster|mail-daemon|microsoftexchange\w*)@", re.IGNORECASE)
_MOST_ROWS = 200


def unpack(raw: bytes, *, received: datetime) -> IncomingMessage:
    """Unpack a message received at an aware instant. Never raises; what was odd is said in `defects`."""
    message, found = parse(raw)
    headers = all_headers(message)
    sender, name = sender_of(message)
    text = _text(found)
    answer = safely(lambda: bodies.answer_in(text), text)
    originals = _originals(message, found, text)
    return IncomingMessage(
        id=_identity(message, found, text),
        received=received,
        message_id=_message_id(message),
        sender=sender,
        sender_name=name,
        subject=unfolded(raw_header(message, "subject"))[:500],
        text=text,
        answer=answer,
        answered=tuple(dict.fromkeys((*answered_by(headers), *originals))),
        headers=headers,
        attachments=tuple(found.attachments),
        size=len(raw),
        defects=tuple(dict.fromkeys(found.defects)),
        report=tuple(found.report),
        originals=originals,
        inside=tuple(found.inside),
        rows=_rows(found, answer),
        links=safely(lambda: bodies.links_in("\n".join(found.html), "\n".join(found.plain)), ()),
    )


def unwrapped(message: IncomingMessage, entity: bytes) -> IncomingMessage:
    """A message whose content came inside a signature, with the words and files of that content for its own."""
    inner = unpack(entity, received=message.received)
    return replace(
        message,
        text=inner.text,
        answer=inner.answer,
        rows=inner.rows,
        links=inner.links,
        attachments=inner.attachments,
        inside=inner.inside,
        defects=tuple(dict.fromkeys((*message.defects, *inner.defects))),
    )


def identity(raw: bytes) -> str:
    """What makes a message the same one wherever it lies: a hash over what it says, never its place or number."""
    message, found = parse(raw)
    return _identity(message, found, _text(found))


def _text(found: Parts) -> str:
    plain = bodies.tidy("\n".join(found.plain))
    body = plain or safely(lambda: bodies.from_html("\n".join(found.html)), "")
    return "\n\n".join(filter(None, (body, *map(bodies.tidy, found.report))))


def _rows(found: Parts, answer: str) -> tuple[str, ...]:
    nothing: tuple[str, ...] = ()
    rows = safely(lambda: bodies.rows_in("\n".join(found.html)), nothing)
    plain = (line.strip() for line in answer.split("\n"))
    return (rows or tuple(line for line in plain if "\t" in line))[:_MOST_ROWS]


def _originals(message: Message, found: Parts, text: str) -> tuple[str, ...]:
    """The Message-IDs of letters a mail system gives back. What a person forwards is no such letter."""
    is_machine = (
        bool(found.report)
        or safely(message.get_content_type, "") == "multipart/report"
        or raw_header(message, "return-path").strip() == "<>"
        or bool(_DAEMONS.search(raw_header(message, "from")))
    )
    if not is_machine:
        return ()
    return tuple(dict.fromkeys(found.returned)) or tuple(dict.fromkeys(ids_in(text)))[:10]


def _message_id(message: Message) -> str:
    value = unfolded(raw_header(message, "message-id"))
    return next(iter(message_ids(value)), value[:900])


def _identity(message: Message, found: Parts, text: str) -> str:
    parts = [_message_id(message), unfolded(raw_header(message, "from")), unfolded(raw_header(message, "date"))]
    parts += sorted(hashlib.sha256(attached.data).hexdigest() for attached in found.attachments)
    seen = hashlib.sha256()
    for item in (*parts, text):
        data = item.encode("utf-8", "surrogatepass")
        seen.update(b"%d:" % len(data) + data)
    return seen.hexdigest()
