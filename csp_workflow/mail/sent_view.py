"""What a recipient would get: a message's final bytes, read back.

The standard library reads them, which shares no code with the writing, so that whoever judges them before they leave
judges what a recipient would really get.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from typing import Any, cast

from csp_workflow.mail.compose import DELIVERY_HEADER
from csp_workflow.terms.messages import Attachment


@lru_cache(maxsize=1_000)
def _read_header(name: str, value: str) -> Any:
    return policy.default.header_fetch_parse(name, value)


class _EachOnce(policy.EmailPolicy):
    """The standard reading of headers, which else reads one anew each time that it is asked for: dozens of times."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """A header's value as the standard policy reads it."""
        return _read_header(name, value)


_EACH_ONCE = cast("policy.EmailPolicy[EmailMessage]", _EachOnce())


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
