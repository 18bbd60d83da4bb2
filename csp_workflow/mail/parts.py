"""The parts of a message: its words, its files, and what a mail system reports in it. Bounded in depth and number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import Any

from csp_workflow.mail import bodies
from csp_workflow.mail.headers import decoded, message_ids, raw_header, safely, unfolded
from csp_workflow.mail.names import file_name, label
from csp_workflow.terms.messages import Attachment

DEEPEST = 3
"""How many messages inside one another are opened."""

MOST_PARTS = 50
"""How many parts of a message are looked at."""

CALENDAR = "It carries a calendar entry."
TOO_DEEP = "It holds messages inside one another deeper than we look."
TOO_MANY = "It has more parts than we look at."
DAMAGED = "Its parts could not be told apart; only its headers were read."

_UNWANTED = re.compile(
    r".*/(?:x-)?pkcs7-signature|application/pgp-signature|text/(?:x-)?vcard|message/disposition-notification"
    r"|application/applefile|message/(?:external-body|partial)"
)
_STATUS = {"message/delivery-status", "message/global-delivery-status"}
_HEADERS = {"text/rfc822-headers", "message/global-headers"}
_PICTURES = (
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"BM",
    b"\x00\x00\x01\x00",
    b"II*\x00",
    b"MM\x00*",
    b"\xd7\xcd\xc6\x9a",
)
_LEAST_PHOTO = 100_000
_APPLE_DOUBLE = b"\x00\x05\x16\x07"
# Exchange makes such a file of the words that a telephone writes below an attachment.
_WORDS_AS_FILE = re.compile(r"ATT\d{5,6}\.(?P<kind>txt|html?)", re.IGNORECASE)
_ID_LINE = re.compile(r"^[ \t]*message-id:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_REPORT_KEPT = 4_000
_REPORTS = 60


@dataclass
class Parts:
    """What the walk over a message's parts gathers.

    `returned` are the Message-IDs of messages given back in it; `inside` the names and subjects of those.
    """

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    report: list[str] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    count: int = 0


def parse(raw: bytes) -> tuple[Message, Parts]:
    """Raw bytes -> the message and its parts. Never raises; what could not be told apart is said in `defects`."""
    found = Parts()
    message = safely(lambda: _parsed(raw), None)
    if message is None:
        found.defects.append(DAMAGED)
        return safely(lambda: _parsed(raw, headers_only=True), Message()), found
    if not safely(lambda: _walked(message, found), False):
        found.defects.append(DAMAGED)
    return message, found


def ids_in(text: str) -> tuple[str, ...]:
    """The Message-IDs that stand as header lines in a text."""
    return tuple(_ID_LINE.findall(text))


def _walked(message: Message, found: Parts) -> bool:
    _walk(message, found, depth=0)
    return True


def _parsed(raw: bytes, *, headers_only: bool = False) -> Message:
    # compat32: the newer policies raise on Message-IDs that Exchange really writes and cut unquoted file names.
    return BytesParser(policy=policy.compat32).parsebytes(raw, headersonly=headers_only)


def _walk(part: Message, found: Parts, *, depth: int) -> None:
    found.count += 1
    if found.count > MOST_PARTS:
        found.defects.append(TOO_MANY)
        return
    kind = safely(part.get_content_type, "application/octet-stream")
    if kind in _STATUS:
        _report(part, found, depth)
    elif kind in _HEADERS:
        found.returned.extend(ids_in(_written(part)) if depth == 0 else ())
    elif part.is_multipart() and not _UNWANTED.fullmatch(kind):
        _branch(part, kind, found, depth)
    else:
        _leaf(part, kind, found, depth)


def _branch(part: Message, kind: str, found: Parts, depth: int) -> None:
    children = _messages_in(part) if kind.startswith("message/") else list(_children(part))
    inner = depth + kind.startswith("message/")
    if inner > depth == 0 and children:
        found.returned.extend(message_ids(unfolded(raw_header(children[0], "message-id"))))
        found.inside.extend(filter(None, (file_name(part), unfolded(raw_header(children[0], "subject"))[:500])))
    if inner > DEEPEST:
        found.defects.append(TOO_DEEP)
        return
    for child in children:
        _walk(child, found, depth=inner)


def _messages_in(part: Message) -> list[Message]:
    """The message inside a part. Some programs encode it as a whole, which the library does not undo."""
    if not _is_encoded(part):
        return list(_children(part))
    raw = _decoded_whole(part)
    return [safely(lambda: _parsed(raw), Message())]


def _children(part: Message) -> Iterator[Message]:
    payload = _payload(part)
    if isinstance(payload, list):
        yield from (child for child in payload if isinstance(child, Message))


# A mail system's report ---------------------------------------------------------------------------


def _report(part: Message, found: Parts, depth: int) -> None:
    """A report inside a forwarded message is somebody else's; only the message's own counts."""
    if depth == 0:
        blocks = re.split(r"\n\s*\n", _written(part).replace("\r\n", "\n"))
        found.report.extend(block.strip()[:_REPORT_KEPT] for block in blocks[:_REPORTS] if block.strip())


def _written(part: Message) -> str:
    """The text of a part that the library takes for headers or messages, in whatever way it was encoded."""
    payload = _payload(part)
    if not isinstance(payload, list):
        return decoded(_content(part), "")
    return decoded(_decoded_whole(part), "") if _is_encoded(part) else _texts_of(part)


def _is_encoded(part: Message) -> bool:
    return raw_header(part, "content-transfer-encoding").strip().lower() in {"base64", "quoted-printable"}


def _decoded_whole(part: Message) -> bytes:
    again = Message()
    again["Content-Transfer-Encoding"] = raw_header(part, "content-transfer-encoding").strip()
    again.set_payload(_texts_of(part))
    return _content(again)


def _texts_of(part: Message) -> str:
    blocks = _payload(part)[:_REPORTS]
    return "\n\n".join(safely(lambda one=one: str(one).strip(), "") for one in blocks)  # type: ignore[misc]


# Words and files ----------------------------------------------------------------------------------


def _leaf(part: Message, kind: str, found: Parts, depth: int) -> None:
    name = file_name(part)
    as_words = _WORDS_AS_FILE.fullmatch(name)
    is_file = bool(name) or raw_header(part, "content-disposition").lower().strip().startswith("attachment")
    if kind == "text/calendar":
        found.defects.append(CALENDAR)
    elif kind in {"text/plain", "text/html"} and (as_words or not is_file):
        if depth == 0:
            (found.plain if kind == "text/plain" else found.html).append(_words(part))
    elif not _UNWANTED.fullmatch(kind):
        _file(part, kind, name, found)


def _words(part: Message) -> str:
    return decoded(_content(part)[: 4 * bodies.LONGEST], safely(lambda: part.get_content_charset("") or "", ""))


def _file(part: Message, kind: str, name: str, found: Parts) -> None:
    data = _content(part)
    head = data[:64].lstrip()
    if head.startswith(b"BEGIN:VCALENDAR"):
        found.defects.append(CALENDAR)
    elif (data or name) and not (head.startswith((b"BEGIN:VCARD", _APPLE_DOUBLE)) or _is_decoration(part, kind, data)):
        found.attachments.append(Attachment(name=label(name), data=data, content_type=kind[:100]))


def _is_decoration(part: Message, kind: str, data: bytes) -> bool:
    """A picture that belongs to the words: a logo, or one placed among them. A large one of its own may be a photo."""
    is_picture = kind.startswith("image/") or data.startswith(_PICTURES) or (data[:4], data[8:12]) == (b"RIFF", b"WEBP")
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")) or not is_picture:
        return False
    return len(data) < _LEAST_PHOTO or bool(raw_header(part, "content-id").strip())


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
