"""Unpack: raw bytes to an IncomingMessage. Nothing raises out of here, whatever the bytes are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import policy
from email.message import Message
from email.parser import BytesParser
from functools import lru_cache
from typing import Any

from csp_workflow.mail import bodies
from csp_workflow.mail.authorship import find_own_passages
from csp_workflow.mail.headers import (
    all_headers,
    decode_text,
    find_answered_ids,
    find_message_ids,
    make_label,
    plain_header,
    raw_header,
    read_file_name,
    read_sender,
    safely,
)
from csp_workflow.terms.messages import Attachment, EnclosedMessage, IncomingMessage, Passage

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
_READ_AS_WORDS = {"text/plain", "text/html"}
_LEAST_PHOTO = 100_000
_APPLE_DOUBLE = b"\x00\x05\x16\x07"
# Exchange makes such a file of the words that a telephone writes below an attachment.
_WORDS_AS_FILE = re.compile(r"ATT\d{5,6}\.(?P<kind>txt|html?)", re.IGNORECASE)
_ID_LINE = re.compile(r"^[ \t]*message-id:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_REPORT_KEPT = 4_000
_REPORTS = 60
_DAEMONS = re.compile(r"\b(?:mailer-daemon|postmaster|mail-daemon|microsoftexchange\w*)@", re.IGNORECASE)
_MOST_ROWS = 200
_ENTRY_WORDS = re.compile(r"^(?:DESCRIPTION|COMMENT)(?:;(?:\"[^\"\n]*\"|[^:\"\n])*)?:(?P<words>.*)$", re.MULTILINE)


def unpack_message(raw: bytes, *, received: datetime) -> IncomingMessage:
    """Unpack a message received at an aware instant. Never raises; what was odd is said in `defects`."""
    return _unpack(raw, received)


@lru_cache(maxsize=2)  # whoever judges a message asks for it several times over
def _unpack(raw: bytes, received: datetime) -> IncomingMessage:
    message, found = parse_message(raw)
    headers = all_headers(message)
    sender, name = read_sender(message)
    text, html_text = _bodies(found)
    text = _with_report(text, found)
    unread: tuple[Passage, ...] = (Passage(text=text),)
    passages = safely(lambda: find_own_passages(text), unread)
    answer = "\n\n".join(passage.text for passage in passages)
    originals = _originals(message, found, text)
    return IncomingMessage(
        id=_identity(message, found, _text_as_written(found)),
        received=received,
        message_id=_message_id(message),
        sender=sender,
        sender_name=name,
        subject=plain_header(message, "subject")[:500],
        text=text,
        html_text=html_text,
        passages=passages,
        own=answer,
        answer=answer,
        answered=tuple(dict.fromkeys((*find_answered_ids(headers), *originals))),
        headers=headers,
        attachments=tuple(found.attachments),
        size=len(raw),
        defects=tuple(dict.fromkeys(found.defects)),
        report=tuple(found.report),
        originals=originals,
        inside=tuple(found.inside),
        enclosed=found.enclosed,
        rows=_rows(found, answer),
        links=safely(lambda: bodies.find_links("\n".join(found.html), answer if found.plain else ""), ()),
    )


def unwrap_message(message: IncomingMessage, entity: bytes) -> IncomingMessage:
    """A message whose content came inside a signature, with the words and files of that content for its own."""
    inner = unpack_message(entity, received=message.received)
    return replace(
        message,
        text=inner.text,
        html_text=inner.html_text,
        passages=inner.passages,
        own=inner.own,
        answer=inner.answer,
        rows=inner.rows,
        links=inner.links,
        attachments=inner.attachments,
        inside=inner.inside,
        enclosed=inner.enclosed,
        defects=tuple(dict.fromkeys((*message.defects, *inner.defects))),
    )


def identify_content(raw: bytes) -> str:
    """What makes a message the same one wherever it lies: a hash over what it says, never its place or number."""
    message, found = parse_message(raw)
    return _identity(message, found, _text_as_written(found))


def _text_as_written(found: MessageParts) -> str:
    """All that is written, shown or not: what makes a message the same one never changes."""
    plain = bodies.tidy_lines("\n".join(found.plain))
    body = plain or safely(lambda: bodies.html_to_text("\n".join(found.html), as_shown=False), "")
    return _with_report(body, found)


def _with_report(body: str, found: MessageParts) -> str:
    return "\n\n".join(filter(None, (body, *map(bodies.tidy_lines, found.report))))


def _bodies(said: MessageWords) -> tuple[str, str]:
    plain = "\n".join(said.plain)
    return safely(lambda: bodies.read_bodies(plain, "\n".join(said.html)), (bodies.tidy_lines(plain), ""))


def _rows(found: MessageParts, answer: str) -> tuple[str, ...]:
    nothing: tuple[str, ...] = ()
    rows = safely(lambda: bodies.find_rows("\n".join(found.html)), nothing)
    plain = (line.strip() for line in answer.split("\n"))
    return (rows or tuple(line for line in plain if "\t" in line))[:_MOST_ROWS]


def _originals(message: Message, found: MessageParts, text: str) -> tuple[str, ...]:
    """The Message-IDs of letters a mail system gives back. What a person forwards is no such letter."""
    is_machine = (
        bool(found.report)
        or safely(message.get_content_type, "") == "multipart/report"
        or raw_header(message, "return-path").strip() == "<>"
        or bool(_DAEMONS.search(raw_header(message, "from")))
    )
    if not is_machine:
        return ()
    return tuple(dict.fromkeys(found.returned)) or tuple(dict.fromkeys(_ids_in_lines(text)))[:10]


def _message_id(message: Message) -> str:
    value = plain_header(message, "message-id")
    return next(iter(find_message_ids(value)), value[:900])


def _identity(message: Message, found: MessageParts, text: str) -> str:
    parts = [_message_id(message), plain_header(message, "from"), plain_header(message, "date")]
    parts += sorted(hashlib.sha256(attached.data).hexdigest() for attached in found.attachments)
    seen = hashlib.sha256()
    for item in (*parts, text):
        data = item.encode("utf-8", "surrogatepass")
        seen.update(b"%d:" % len(data) + data)
    return seen.hexdigest()


# The parts of a message, bounded in depth and number ----------------------------------------------


@dataclass
class MessageWords:
    """The words of a message, as they stand in its own parts; `head` is the message, for its headers."""

    head: Message = field(default_factory=Message)
    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)

    @property
    def is_said(self) -> bool:
        """Whether there are any."""
        return any(text.strip() for text in (*self.plain, *self.html))


@dataclass
class MessageParts(MessageWords):
    """What the walk over a message's parts gathers.

    `returned` are the Message-IDs of messages given back in it; `inside` the names and subjects of those, `words` the
    words of the messages inside.
    """

    attachments: list[Attachment] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    words: list[MessageWords] = field(default_factory=list)
    report: list[str] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    count: int = 0

    @property
    def enclosed(self) -> tuple[EnclosedMessage, ...]:
        """What the messages inside say, in their order."""
        return tuple(map(enclose, self.words))


def enclose(said: MessageWords) -> EnclosedMessage:
    """A message as it stands inside another."""
    head, (text, html_text) = said.head, _bodies(said)
    return EnclosedMessage(
        sender=read_sender(head)[1],
        subject=plain_header(head, "subject")[:500],
        text=text,
        html_text=html_text,
        ids=tuple(filter(None, (_message_id(head), *find_answered_ids(all_headers(head))))),
    )


def parse_message(raw: bytes) -> tuple[Message, MessageParts]:
    """Raw bytes -> the message and its parts. Never raises; what could not be told apart is said in `defects`."""
    found = MessageParts()
    message = safely(lambda: _parse(raw), None)
    if message is None:
        found.defects.append(DAMAGED)
        return safely(lambda: _parse(raw, headers_only=True), Message()), found
    if not safely(lambda: _walk_whole(message, found), False):
        found.defects.append(DAMAGED)
    return message, found


def _ids_in_lines(text: str) -> tuple[str, ...]:
    """The Message-IDs that stand as header lines in a text."""
    return tuple(_ID_LINE.findall(text))


def _walk_whole(message: Message, found: MessageParts) -> bool:
    _walk(message, found, depth=0)
    return True


def _parse(raw: bytes, *, headers_only: bool = False) -> Message:
    # compat32: the newer policies raise on Message-IDs that Exchange really writes and cut unquoted file names.
    return BytesParser(policy=policy.compat32).parsebytes(raw, headersonly=headers_only)


def _walk(part: Message, found: MessageParts, *, depth: int, said: MessageWords | None = None) -> None:
    """`said` takes the words: those of a message inside apart from the message's own."""
    said = said or found
    found.count += 1
    if found.count > MOST_PARTS:
        found.defects.append(TOO_MANY)
        return
    kind = safely(part.get_content_type, "application/octet-stream")
    if kind in _STATUS:
        _report(part, found, depth)
    elif kind in _HEADERS:
        found.returned.extend(_ids_in_lines(_text_of_part(part)) if depth == 0 else ())
    elif part.is_multipart() and not _UNWANTED.fullmatch(kind):
        _branch(part, kind, found, depth, said)
    else:
        _leaf(part, kind, found, said)


def _branch(part: Message, kind: str, found: MessageParts, depth: int, said: MessageWords) -> None:
    children = _messages_in(part) if kind.startswith("message/") else list(_children(part))
    inner = depth + kind.startswith("message/")
    if inner > depth == 0 and children:
        found.returned.extend(find_message_ids(plain_header(children[0], "message-id")))
        found.inside.extend(filter(None, (read_file_name(part), plain_header(children[0], "subject")[:500])))
    if inner > DEEPEST:
        found.defects.append(TOO_DEEP)
        return
    for child in children:
        words = MessageWords(head=child) if inner > depth else said
        found.words += [words] if inner > depth else []
        _walk(child, found, depth=inner, said=words)


def _messages_in(part: Message) -> list[Message]:
    """The message inside a part. Some programs encode it as a whole, which the library does not undo."""
    if not _is_encoded(part):
        return list(_children(part))
    raw = _decoded_whole(part)
    return [safely(lambda: _parse(raw), Message())]


def _children(part: Message) -> Iterator[Message]:
    yield from (child for child in _payload(part) or () if isinstance(child, Message))


# A mail system's report ---------------------------------------------------------------------------


def _report(part: Message, found: MessageParts, depth: int) -> None:
    """A report inside a forwarded message is somebody else's; only the message's own counts."""
    if depth == 0:
        blocks = re.split(r"\n\s*\n", _text_of_part(part).replace("\r\n", "\n"))
        found.report.extend(block.strip()[:_REPORT_KEPT] for block in blocks[:_REPORTS] if block.strip())


def _text_of_part(part: Message) -> str:
    """The text of a part that the library takes for headers or messages, in whatever way it was encoded."""
    payload = _payload(part)
    if not isinstance(payload, list):
        return decode_text(_content(part), "")
    return decode_text(_decoded_whole(part), "") if _is_encoded(part) else _texts_of(part)


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


def _leaf(part: Message, kind: str, found: MessageParts, said: MessageWords) -> None:
    name = read_file_name(part)
    # Parts whose boundary never comes cannot be told apart: what is there is read as words.
    texts = said.html if kind == "text/html" else said.plain
    if kind == "text/calendar":
        _note_entry(_content(part), found)
    elif (kind in _READ_AS_WORDS or kind.startswith("multipart/")) and _holds_words(part, name, texts):
        texts.append(_words(part))
    elif not _UNWANTED.fullmatch(kind):
        _file(part, kind, name, found)


def _holds_words(part: Message, name: str, before: list[str]) -> bool:
    """Whether a text is the message's words. Some programs name even those ("document.html"); a later one is a file."""
    if _WORDS_AS_FILE.fullmatch(name):
        return True
    is_attached = raw_header(part, "content-disposition").lower().strip().startswith("attachment")
    return not is_attached and (not name or not before)


def _words(part: Message) -> str:
    return decode_text(_content(part)[: 4 * bodies.LONGEST], safely(lambda: part.get_content_charset("") or "", ""))


def _file(part: Message, kind: str, name: str, found: MessageParts) -> None:
    data = _content(part)
    head = data[:64].lstrip()
    if head.startswith(b"BEGIN:VCALENDAR"):
        _note_entry(data, found)
    elif (data or name) and not (head.startswith((b"BEGIN:VCARD", _APPLE_DOUBLE)) or _is_decoration(part, kind, data)):
        found.attachments.append(Attachment(name=make_label(name), data=data, content_type=kind[:100]))


def _note_entry(data: bytes, found: MessageParts) -> None:
    """A calendar entry, with what somebody wrote in it; not what its alarm says."""
    found.defects.append(CALENDAR)
    entry = re.sub(r"\r?\n[ \t]", "", decode_text(data[: 4 * bodies.LONGEST], "")).partition("BEGIN:VALARM")[0]
    written = (match["words"].replace("\\n", "\n").replace("\\N", "\n") for match in _ENTRY_WORDS.finditer(entry))
    if plain := [re.sub(r"\\(.)", r"\1", words) for words in written if words.strip()]:
        found.words.append(MessageWords(plain=plain))


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
