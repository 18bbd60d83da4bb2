"""Unpack: raw bytes to an IncomingMessage. Nothing raises out of here, whatever the bytes are."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import Any

from csp_workflow.intake import bodies
from csp_workflow.intake.headers import all_headers, answered_by, decoded, message_ids, safely, sender_of, unfolded
from csp_workflow.terms.messages import Attachment, IncomingMessage

DEEPEST = 3
"""How many messages inside one another are opened."""

MOST_PARTS = 50
"""How many parts of a message are looked at."""

CALENDAR = "It carries a calendar entry."
TOO_DEEP = "It holds messages inside one another deeper than we look."
TOO_MANY = "It has more parts than we look at."
DAMAGED = "Its parts could not be told apart; only its headers were read."

_UNWANTED = re.compile(
    r"image/.*|.*/(?:x-)?pkcs7-signature|application/pgp-signature|text/(?:x-)?vcard|message/delivery-status"
    r"|message/disposition-notification|text/rfc822-headers"
)
_PICTURES = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"BM", b"\x00\x00\x01\x00")
_NOT_IN_NAMES = re.compile('[\x00-\x1f\x7f-\x9f<>:"|?*\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]')
_LONGEST_NAME = 100


@dataclass
class _Found:
    """What the walk over a message's parts gathers."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    originals: list[str] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    parts: int = 0


def unpack(raw: bytes, *, received: datetime) -> IncomingMessage:
    """Unpack a message received at an aware instant. Never raises; what was odd is said in `defects`."""
    message, found = _opened(raw)
    headers = all_headers(message)
    sender, name = sender_of(message)
    text = _text(found)
    return IncomingMessage(
        id=_identity(message, found, text),
        received=received,
        message_id=_message_id(message),
        sender=sender,
        sender_name=name,
        subject=_header(message, "Subject")[:500],
        text=text,
        answer=safely(lambda: bodies.answer_in(text), text),
        answered=tuple(dict.fromkeys((*answered_by(headers), *found.originals))),
        headers=headers,
        attachments=tuple(found.attachments),
        size=len(raw),
        defects=tuple(dict.fromkeys(found.defects)),
    )


def identity(raw: bytes) -> str:
    """What makes a message the same one wherever it lies: a hash over what it says, never its place or number."""
    message, found = _opened(raw)
    return _identity(message, found, _text(found))


def label(name: str) -> str:
    """A file name as a label: no path, nothing unseen, at most 100 characters with its ending kept."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8", "replace"))
    text = " ".join(_NOT_IN_NAMES.sub("", re.split(r"[\\/]", text)[-1]).split()).strip(". ")
    if len(text) > _LONGEST_NAME:
        stem, dot, ending = text.rpartition(".")
        ending = f"{dot}{ending}"[:12] if stem else ""
        text = text[: _LONGEST_NAME - len(ending)].rstrip() + ending
    return text or "attachment"


def _opened(raw: bytes) -> tuple[Message, _Found]:
    found = _Found()
    message = safely(lambda: _parsed(raw), None)
    if message is None:
        found.defects.append(DAMAGED)
        return safely(lambda: _parsed(raw, headers_only=True), Message()), found
    if not safely(lambda: _walked(message, found), False):
        found.defects.append(DAMAGED)
    return message, found


def _walked(message: Message, found: _Found) -> bool:
    _walk(message, found, depth=0, is_report=_is_report(message))
    return True


def _parsed(raw: bytes, *, headers_only: bool = False) -> Message:
    # compat32: the newer policies raise on Message-IDs that Exchange really writes and cut unquoted file names.
    return BytesParser(policy=policy.compat32).parsebytes(raw, headersonly=headers_only)


def _walk(part: Message, found: _Found, *, depth: int, is_report: bool) -> None:
    found.parts += 1
    if found.parts > MOST_PARTS:
        found.defects.append(TOO_MANY)
        return
    kind = safely(part.get_content_type, "application/octet-stream")
    if kind == "message/delivery-status":
        found.status.append(safely(lambda: "\n".join(str(block) for block in part.get_payload()), "")[:2000])
    elif kind == "text/rfc822-headers" and is_report:
        found.originals.extend(_original_in(decoded(_content(part), "")))
    elif part.is_multipart():
        inner = depth + kind.startswith("message/")
        if is_report and inner > depth:
            found.originals.extend(_inner_id(part))
        if inner > DEEPEST:
            found.defects.append(TOO_DEEP)
            return
        for child in _children(part):
            _walk(child, found, depth=inner, is_report=is_report)
    else:
        _leaf(part, kind, found, depth)


def _inner_id(part: Message) -> tuple[str, ...]:
    inner: Any = safely(lambda: part.get_payload(0), None)
    return message_ids(_header(inner, "Message-ID")) if isinstance(inner, Message) else ()


def _children(part: Message) -> Iterator[Message]:
    payload = _payload(part)
    if isinstance(payload, list):
        yield from (child for child in payload if isinstance(child, Message))


def _leaf(part: Message, kind: str, found: _Found, depth: int) -> None:
    name = _file_name(part)
    disposition = _header(part, "Content-Disposition").lower()
    if kind == "text/calendar":
        found.defects.append(CALENDAR)
    elif kind in {"text/plain", "text/html"} and not name and not disposition.startswith("attachment"):
        if depth == 0:
            text = decoded(_content(part)[: 4 * bodies.LONGEST], safely(lambda: part.get_content_charset("") or "", ""))
            (found.plain if kind == "text/plain" else found.html).append(text)
    elif not _UNWANTED.fullmatch(kind):
        data = _content(part)
        if data and not data.startswith(_PICTURES):
            found.attachments.append(Attachment(name=label(name), data=data, content_type=kind[:100]))
        elif name and not data:
            found.attachments.append(Attachment(name=label(name), data=b"", content_type=kind[:100]))


def _payload(part: Message) -> Any:
    nothing: Any = None
    call: Callable[[], Any] = part.get_payload
    return safely(call, nothing)


def _content(part: Message) -> bytes:
    payload: Any = safely(lambda: part.get_payload(decode=True), None)
    if isinstance(payload, bytes):
        return payload
    plain = _payload(part)
    return plain.encode("utf-8", "surrogateescape") if isinstance(plain, str) else b""


def _file_name(part: Message) -> str:
    """The name a sender gave: filename* or filename, else the Content-Type's name; encoded words are decoded."""
    return unfolded(safely(lambda: part.get_filename("") or "", ""))


def _text(found: _Found) -> str:
    plain = bodies.tidy("\n".join(found.plain))
    body = plain or safely(lambda: bodies.from_html("\n".join(found.html)), "")
    return "\n\n".join(filter(None, (body, *map(bodies.tidy, found.status))))


def _header(message: Message, name: str) -> str:
    return unfolded(safely(lambda: message.get(name, ""), ""))


def _message_id(message: Message) -> str:
    value = _header(message, "Message-ID")
    return next(iter(message_ids(value)), value[:900])


def _is_report(message: Message) -> bool:
    return safely(message.get_content_type, "") == "multipart/report"


def _original_in(headers: str) -> tuple[str, ...]:
    match = re.search(r"^message-id:\s*(<[^<>\s]+>)", headers, re.IGNORECASE | re.MULTILINE)
    return (match[1],) if match else ()


def _identity(message: Message, found: _Found, text: str) -> str:
    parts = [_message_id(message), _header(message, "From"), _header(message, "Date")]
    parts += sorted(hashlib.sha256(attached.data).hexdigest() for attached in found.attachments)
    seen = hashlib.sha256()
    for item in (*parts, text):
        data = item.encode("utf-8", "surrogatepass")
        seen.update(b"%d:" % len(data) + data)
    return seen.hexdigest()
