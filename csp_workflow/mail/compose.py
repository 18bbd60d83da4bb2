"""A message of ours as frozen bytes: the same values give the same bytes, for ever.

The standard library refolds what it is given and has lost quotes and separators in doing so (CVE-2025-1795,
gh-121284). A letter has a dozen headers, so they are written here, byte by byte, so that no value can start another.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode, b64encode, encodebytes
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote

from csp_workflow.terms.dates import in_london
from csp_workflow.terms.messages import Attachment

DELIVERY_HEADER = "X-CSP-Delivery"
"""Carries a delivery's own mark, for servers that change a Message-ID."""

_KEPT_AT_START, _KEPT_AT_END = 4, 6
_LINE = 76
_WORD_BYTES = 42  # so that "=?utf-8?B?...?=" stays below the 75 characters RFC 2047 allows
_LONGEST_NAME = 120
_ADDRESS = re.compile(r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$")
_MESSAGE_ID = re.compile(r"^<[!-;=?-~]{1,250}>$")
_CONTENT_TYPE = re.compile(r"^[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}$")
_NO_FILE_NAME = re.compile(r'[<>:"/\\|?*]')
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
    "txt": "text/plain",
    "csv": "text/csv",
}
_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Control characters, lone surrogates, non-characters, and the marks that turn text round: a letter that plays
# somebody's words back must not show other words than it holds.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")


class UnsendableMessage(ValueError):
    """A value that cannot stand in a message; the sentence says what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class OutgoingMessage:
    """All that a message from one person to another says.

    `thread` holds the Message-IDs of the conversation it goes on with, oldest first, the one it answers last;
    `headers` are further ones, each of plain text. `date` is an aware instant.
    """

    sender: str
    sender_name: str
    recipient: str
    recipient_name: str
    subject: str
    text: str
    html: str
    message_id: str
    date: datetime
    files: tuple[Attachment, ...] = ()
    thread: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


def derive_message_id(*parts: str, key: bytes, domain: str) -> str:
    """The one Message-ID of a message that these parts identify; nobody without the key can guess it."""
    said = b"".join(len(part).to_bytes(4, "big") + part for part in map(_bytes, parts))
    token = b32encode(hmac.digest(key, b"csp-letter\0" + said, sha256)[:20]).decode("ascii").lower()
    made = _believable_id(f"csp.{token}@{domain}")
    if not made or "@" in domain or not domain:
        raise UnsendableMessage(f"'{domain}' is not a domain a Message-ID can end in.")
    return made


def derive_delivery_id(message_id: str) -> str:
    """The delivery's own mark, which stands in its DELIVERY_HEADER."""
    return sha256(b"csp-delivery\0" + _bytes(message_id)).hexdigest()[:32]


def compose_message(message: OutgoingMessage) -> bytes:
    """The whole message, its lines ending in CRLF. Raises UnsendableMessage."""
    own = _believable_id(message.message_id)
    if not own:
        raise UnsendableMessage(f"The message '{put_on_one_line(message.subject)}' has no usable Message-ID.")
    if message.date.tzinfo is None:
        raise UnsendableMessage(f"The message '{put_on_one_line(message.subject)}' has a date without a zone.")
    boundary = sha256(b"csp-boundary\0" + _bytes(own)).hexdigest()[:32]
    words = _multipart("alternative", f"=_b_{boundary}", [_body("plain", message.text), _body("html", message.html)])
    files = [_file(attachment) for attachment in message.files]
    body = _multipart("mixed", f"=_a_{boundary}", [words, *files]) if files else words
    return b"".join(
        (
            _mailbox_header("From", message.sender_name, message.sender),
            _mailbox_header("To", message.recipient_name, message.recipient),
            _header("Subject", message.subject),
            _header("Date", format_datetime(in_london(message.date))),
            _fold_words("Message-ID", [own]),
            _conversation(message.thread),
            _header(DELIVERY_HEADER, derive_delivery_id(own)),
            *(_header(name, value) for name, value in message.headers),
            b"MIME-Version: 1.0\r\n",
            body,
        )
    )


def clean_text(text: str) -> str:
    """The text with plain line ends and without control characters, lone surrogates or turning marks."""
    text = _BREAKS.sub("\n", text)
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _UNSEEN.sub("", text))


def put_on_one_line(text: str) -> str:
    """The text cleaned, on one line, with single spaces."""
    return " ".join(clean_text(text).split())


# Parts --------------------------------------------------------------------------------------


def _conversation(thread: Sequence[str]) -> bytes:
    """In-Reply-To and References; a long conversation keeps its start and its end."""
    ids = list(dict.fromkeys(filter(None, map(_believable_id, thread))))
    if not ids:
        return b""
    last = _believable_id(thread[-1]) or ids[-1]
    if len(ids) > _KEPT_AT_START + _KEPT_AT_END:
        ids = [*ids[:_KEPT_AT_START], *ids[-_KEPT_AT_END:]]
    return _fold_words("In-Reply-To", [last]) + _fold_words("References", ids)


def _multipart(kind: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    edge = b"--" + boundary.encode("ascii")
    inner = b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts)
    return (
        f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode("ascii") + inner + edge + b"--\r\n"
    )


def _body(kind: str, text: str) -> bytes:
    # Quoted-printable whatever the text holds: no line is too long and no gateway needs to change a byte.
    coded = b2a_qp(_bytes(clean_text(text).rstrip("\n") + "\n"), istext=True)
    lines = coded.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return (
        f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode(
            "ascii"
        )
        + lines
    )


def _file(attachment: Attachment) -> bytes:
    coded = encodebytes(attachment.data).replace(b"\n", b"\r\n")
    return _file_headers(attachment.name, attachment.content_type) + b"\r\n" + coded


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", errors="replace")


# Header lines -------------------------------------------------------------------------------


def _header(name: str, value: str) -> bytes:
    """One header line, CRLF at its end. Plain values are folded at spaces, others become encoded words."""
    value = put_on_one_line(value)
    if value.isascii() and "=?" not in value and len(max(value.split(" "), key=len)) < _LINE:
        return _fold_words(name, value.split(" "))
    return _fold_words(name, _encoded_words(value))


def _mailbox_header(name: str, person: str, address: str) -> bytes:
    """A From or To header with exactly one mailbox. Raises UnsendableMessage on what is not one plain address."""
    if not _ADDRESS.match(address) or ".." in address:
        raise UnsendableMessage(f"'{put_on_one_line(address)}' is not one plain email address.")
    person = put_on_one_line(person)[:_LONGEST_NAME]
    if not person:
        return _fold_words(name, [f"<{address}>"])
    if person.isascii() and "=?" not in person:
        quoted = person.replace("\\", "\\\\").replace('"', '\\"')
        return _fold_words(name, [f'"{quoted}"', f"<{address}>"])
    return _fold_words(name, [*_encoded_words(person), f"<{address}>"])


def _believable_id(text: str) -> str:
    """A Message-ID that may be quoted in a header, in its brackets, or "" for anything else."""
    bare = text.strip().strip("<>").strip()
    return f"<{bare}>" if _MESSAGE_ID.match(f"<{bare}>") else ""


def _safe_name(name: str) -> str:
    """A file name any system can keep: no path, no invisible characters, at most 120, with its extension."""
    plain = _NO_FILE_NAME.sub("-", put_on_one_line(name)).strip(" .") or "attachment"
    stem, dot, extension = plain.rpartition(".")
    if len(plain) <= _LONGEST_NAME or not dot or len(extension) > 8:
        return plain[:_LONGEST_NAME]
    return f"{stem[: _LONGEST_NAME - len(extension) - 1].rstrip(' .')}.{extension}"


def _file_headers(name: str, content_type: str) -> bytes:
    """The headers of an attached file: its type, and its name for old programs and, by RFC 2231, for all others."""
    name = _safe_name(name)
    known = _TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    kind = content_type.lower() if _CONTENT_TYPE.match(content_type.lower()) else known
    if kind == "application/octet-stream":
        kind = known
    charset = ["charset=utf-8;"] if kind.startswith("text/") else []
    plain = "".join(letter if letter.isascii() else "_" for letter in name)
    wide = [] if name.isascii() else _number_pieces(quote(name, safe=""))
    return (
        _fold_words("Content-Type", [f"{kind};", *charset, f'name="{plain}"'])
        + b"Content-Transfer-Encoding: base64\r\n"
        + _fold_words("Content-Disposition", ["attachment;", f'filename="{plain}"{";" if wide else ""}', *wide])
    )


def _number_pieces(escaped: str) -> list[str]:
    """A long RFC 2231 value in numbered pieces, cut between escapes."""
    pieces, room = [""], 50
    for sign in re.findall(r"%[0-9A-F]{2}|.", escaped):
        if len(pieces[-1]) + len(sign) > room:
            pieces.append("")
        pieces[-1] += sign
    if len(pieces) == 1:
        return [f"filename*=UTF-8''{pieces[0]}"]
    named = [
        f"filename*{place}*={'UTF-8' + 2 * chr(39) if not place else ''}{piece}" for place, piece in enumerate(pieces)
    ]
    return [f"{part};" for part in named[:-1]] + named[-1:]


def _fold_words(name: str, words: list[str]) -> bytes:
    """The words of a header on lines of about 76; a word (a quoted name, an address) is never broken."""
    lines, line = [], f"{name}:"
    for word in words:
        if len(line) + 1 + len(word) > _LINE and line.strip() and line != f"{name}:":
            lines.append(line)
            line = ""
        line = f"{line} {word}"
    return "\r\n".join([*lines, line]).encode("ascii") + b"\r\n"


def _encoded_words(text: str) -> list[str]:
    """The text as RFC 2047 words, cut between characters."""
    chunks, chunk = [], b""
    for letter in text:
        encoded = letter.encode("utf-8")
        if len(chunk) + len(encoded) > _WORD_BYTES:
            chunks.append(chunk)
            chunk = b""
        chunk += encoded
    return [f"=?utf-8?B?{b64encode(part).decode('ascii')}?=" for part in [*chunks, chunk]]


# What a recipient would get: a message's final bytes, read back -----------------------------------


_EACH_ONCE = policy.default.clone(header_factory=lru_cache(maxsize=1_000)(policy.default.header_factory))
"""The standard reading of headers, which else reads one anew each time that it is asked for: dozens of times."""


class UnclearMessage(ValueError):
    """Final bytes that do not say one recipient, one id and readable parts. Nothing unclear may leave."""


@dataclass(frozen=True, kw_only=True)
class SentView:
    """What a recipient would get, read back from the final bytes. `recipient` is the bare address."""

    recipient: str
    sender: str
    subject: str
    message_id: str
    delivery_id: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]


def read_back(content: bytes) -> SentView:
    """Read final bytes as a recipient's program would. Raises UnclearMessage on anything but one plain letter."""
    try:
        message = message_from_bytes(content, policy=_EACH_ONCE)
        parts = [part for part in message.walk() if not part.is_multipart()]
        view = SentView(
            recipient=_only(message, "To"),
            sender=_only(message, "From"),
            subject=str(message["Subject"] or ""),
            message_id=str(message["Message-ID"] or "").strip(),
            delivery_id=str(message[DELIVERY_HEADER] or "").strip(),
            text=_words(message, "plain"),
            html=_words(message, "html"),
            attachments=tuple(_attachment(part) for part in parts if part.get_content_disposition() == "attachment"),
        )
    except (ValueError, LookupError, TypeError, AttributeError) as fault:
        raise UnclearMessage(f"The letter's final bytes cannot be read back: {fault}") from fault
    _refuse_unclear(message, parts, view)
    return view


def _only(message: EmailMessage, name: str) -> str:
    found = message.get_all(name, [])
    addresses = [address.addr_spec for value in found for address in value.addresses]
    if len(found) != 1 or len(addresses) != 1:
        raise UnclearMessage(f"The letter has {len(addresses)} addresses in '{name}'; it must have exactly one.")
    return str(addresses[0])


def _words(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


def _attachment(part: EmailMessage) -> Attachment:
    data = part.get_payload(decode=True)
    return Attachment(
        name=part.get_filename() or "",
        data=data if isinstance(data, bytes) else b"",
        content_type=part.get_content_type(),
    )


def _refuse_unclear(message: EmailMessage, parts: Sequence[EmailMessage], view: SentView) -> None:
    extra = [name for name in ("Cc", "Bcc", "Reply-To", "Resent-To", "Sender") if message[name] is not None]
    if extra:
        raise UnclearMessage(f"The letter has a '{extra[0]}' header; a letter goes to exactly one person.")
    if not view.message_id or not view.delivery_id:
        raise UnclearMessage("The letter lacks its Message-ID or its delivery id.")
    if not view.text or not view.html:
        raise UnclearMessage("The letter lacks its plain text or its HTML.")
    if len(parts) != 2 + len(view.attachments):
        raise UnclearMessage("The letter has a part that is neither its words nor an attachment.")
    defects = [*message.defects, *(defect for part in message.walk() for defect in part.defects)]
    if defects:
        raise UnclearMessage(f"The letter's final bytes are defective: {type(defects[0]).__name__}.")
