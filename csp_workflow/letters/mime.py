"""A letter as frozen bytes: the same letter, words, id and date give the same bytes, for ever.

The bytes are what is sent. `opened` looks at them again with the standard library, which shares no
code with the writing, so that the egress gate judges what a recipient would really get.
"""

from __future__ import annotations

import hmac
from base64 import b32encode, encodebytes
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.headers import (
    LetterRefused,
    believable_id,
    file_headers,
    header,
    ids_header,
    mailbox_header,
)
from csp_workflow.letters.wording import clean
from csp_workflow.terms.letters import Letter, Manner
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.respondents import Office
from csp_workflow.terms.working_days import in_london

if TYPE_CHECKING:  # the egress gate opens letters without loading the template engine
    from csp_workflow.letters.render import Rendered

_KEPT_AT_START, _KEPT_AT_END = 4, 6


class LetterUnclear(ValueError):
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


def message_id(kind: str, cause: str, recipient: str, *, key: bytes, domain: str) -> str:
    """The Message-ID of the one letter of that kind, cause and recipient; nobody without the key can guess it."""
    said = b"".join(len(part).to_bytes(4, "big") + part for part in (_bytes(kind), _bytes(cause), _bytes(recipient)))
    token = b32encode(hmac.digest(key, b"csp-letter\0" + said, sha256)[:20]).decode("ascii").lower()
    made = believable_id(f"csp.{token}@{domain}")
    if not made or "@" in domain or not domain:
        raise LetterRefused(f"'{domain}' is not a domain a Message-ID can end in.")
    return made


def delivery_id(message_id: str) -> str:
    """The delivery's own mark (header X-CSP-Delivery), for servers that change a Message-ID."""
    return sha256(b"csp-delivery\0" + _bytes(message_id)).hexdigest()[:32]


def compose(
    letter: Letter, rendered: Rendered, *, office: Office, message_id: str, date: datetime, thread: Sequence[str] = ()
) -> bytes:
    """The whole message, CRLF. `thread` holds the conversation's Message-IDs, oldest first. Raises LetterRefused."""
    own = believable_id(message_id)
    if not own:
        raise LetterRefused(f"The letter '{letter.kind}' has no usable Message-ID.")
    if date.tzinfo is None:
        raise LetterRefused(f"The letter '{letter.kind}' has a date without a zone.")
    boundary = sha256(b"csp-boundary\0" + _bytes(own)).hexdigest()[:32]
    words = _multipart("alternative", f"=_b_{boundary}", [_body("plain", rendered.text), _body("html", rendered.html)])
    files = [_file(attachment) for attachment in letter.attachments]
    body = _multipart("mixed", f"=_a_{boundary}", [words, *files]) if files else words
    return b"".join(
        (
            mailbox_header("From", office.name, office.mailbox),
            mailbox_header("To", letter.recipient_name, letter.recipient),
            header("Subject", rendered.subject),
            header("Date", format_datetime(in_london(date))),
            ids_header("Message-ID", [own]),
            _conversation(letter, thread),
            header("X-CSP-Delivery", delivery_id(own)),
            _automatic(letter),
            b"MIME-Version: 1.0\r\n",
            body,
        )
    )


def opened(content: bytes) -> SentView:
    """Open final bytes again, as a recipient's program would. Raises LetterUnclear on anything but one plain letter."""
    try:
        message = message_from_bytes(content, policy=policy.default)
        parts = [part for part in message.walk() if not part.is_multipart()]
        view = SentView(
            recipient=_only(message, "To"),
            sender=_only(message, "From"),
            subject=str(message["Subject"] or ""),
            message_id=str(message["Message-ID"] or "").strip(),
            delivery_id=str(message["X-CSP-Delivery"] or "").strip(),
            text=_words(message, "plain"),
            html=_words(message, "html"),
            attachments=tuple(_attachment(part) for part in parts if part.get_content_disposition() == "attachment"),
        )
    except (ValueError, LookupError, TypeError, AttributeError) as fault:
        raise LetterUnclear(f"The letter's final bytes cannot be read back: {fault}") from fault
    _refuse_unclear(message, parts, view)
    return view


# Writing ------------------------------------------------------------------------------------


def _conversation(letter: Letter, thread: Sequence[str]) -> bytes:
    """In-Reply-To and References; a long conversation keeps its start and its end."""
    known = [*thread, letter.answers] if letter.answers else list(thread)
    ids = list(dict.fromkeys(filter(None, map(believable_id, known))))
    if not ids:
        return b""
    last = believable_id(known[-1]) or ids[-1]
    if len(ids) > _KEPT_AT_START + _KEPT_AT_END:
        ids = [*ids[:_KEPT_AT_START], *ids[-_KEPT_AT_END:]]
    return ids_header("In-Reply-To", [last]) + ids_header("References", ids)


def _automatic(letter: Letter) -> bytes:
    """What other machines are told. A request may bring an out-of-office answer back, for it tells us who is away."""
    if kind_of(letter.kind).is_request:
        return b"X-Auto-Response-Suppress: DR, RN, NRN, AutoReply\r\n"
    kind = b"auto-replied" if letter.manner is Manner.ANSWER else b"auto-generated"
    return b"Auto-Submitted: " + kind + b"\r\nX-Auto-Response-Suppress: All\r\n"


def _multipart(kind: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    edge = b"--" + boundary.encode("ascii")
    inner = b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts)
    return (
        f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode("ascii") + inner + edge + b"--\r\n"
    )


def _body(kind: str, text: str) -> bytes:
    # Quoted-printable whatever the text holds: no line is too long and no gateway needs to change a byte.
    coded = b2a_qp(_bytes(clean(text).rstrip("\n") + "\n"), istext=True)
    lines = coded.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return (
        f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode(
            "ascii"
        )
        + lines
    )


def _file(attachment: Attachment) -> bytes:
    coded = encodebytes(attachment.data).replace(b"\n", b"\r\n")
    return file_headers(attachment.name, attachment.content_type) + b"\r\n" + coded


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", errors="replace")


# Reading back -------------------------------------------------------------------------------


def _only(message: EmailMessage, name: str) -> str:
    found = message.get_all(name, [])
    addresses = [address.addr_spec for value in found for address in value.addresses]
    if len(found) != 1 or len(addresses) != 1:
        raise LetterUnclear(f"The letter has {len(addresses)} addresses in '{name}'; it must have exactly one.")
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
        raise LetterUnclear(f"The letter has a '{extra[0]}' header; a letter goes to exactly one person.")
    if not view.message_id or not view.delivery_id:
        raise LetterUnclear("The letter lacks its Message-ID or its delivery id.")
    if not view.text or not view.html:
        raise LetterUnclear("The letter lacks its plain text or its HTML.")
    if len(parts) != 2 + len(view.attachments):
        raise LetterUnclear("The letter has a part that is neither its words nor an attachment.")
    defects = [*message.defects, *(defect for part in message.walk() for defect in part.defects)]
    if defects:
        raise LetterUnclear(f"The letter's final bytes are defective: {type(defects[0]).__name__}.")
