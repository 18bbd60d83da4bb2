"""Messages that the server cannot give as MIME, or that are too large to take: put together from their parts."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from exchangelib import Account, FileAttachment

_HEADERS = ("headers", "subject", "sender", "author", "message_id", "datetime_received")
_OWN = {"content-type", "content-transfer-encoding", "mime-version"}


def head(raw: bytes) -> bytes:
    """The headers of a message, with the empty line that ends them."""
    return raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def headers_of(box: Account, source: str) -> bytes:
    """The headers alone, as the server tells them one by one."""
    (item,) = box.fetch(ids=[(source, None)], only_fields=["headers"])
    if isinstance(item, Exception):
        raise item
    lines = [f"{header.name}: {one_line(header.value)}" for header in item.headers or ()]
    return "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n"


def attachments_of(box: Account, source: str) -> list[Any]:
    """What the library sees attached, without its content."""
    (item,) = box.fetch(ids=[(source, None)], only_fields=["attachments"])
    if isinstance(item, Exception):
        raise item
    return list(item.attachments or ())


def message(box: Account, source: str) -> bytes:
    """A message with its headers, words and files. The parts are genuine, the wrapping is ours."""
    (item,) = box.fetch(ids=[(source, None)], only_fields=["headers", "body", "text_body", "attachments"])
    if isinstance(item, Exception):
        raise item
    made = EmailMessage(policy=SMTP)
    made.set_content(str(item.text_body or item.body or ""))
    for attached in item.attachments or ():
        if isinstance(attached, FileAttachment):
            made.add_attachment(
                bytes(attached.content or b""), maintype="application", subtype="octet-stream", filename=attached.name
            )
    lines = [
        f"{header.name}: {one_line(header.value)}\r\n"
        for header in item.headers or ()
        if header.name.lower() not in _OWN
    ]
    return "".join(lines).encode("utf-8", "replace") + made.as_bytes()


def one_line(value: object) -> str:
    """A header value without line ends."""
    return " ".join(str(value or "").split())
