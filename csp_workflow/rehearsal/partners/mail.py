"""How a person reads and writes e-mail: standard messages, in and out, nothing of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EACH_ONCE = default.clone(header_factory=lru_cache(maxsize=1_000)(default.header_factory))
"""The standard reading of headers, but of each only once: else it is read again each time that it is asked for."""

File = tuple[str, bytes]
"""A file's name and its content."""
Enclosure = tuple[str, Callable[[], bytes]]
"""A file's name, and what waits until its content is done."""


@dataclass(frozen=True, kw_only=True)
class Post:
    """A letter as its reader sees it."""

    sender: str
    to: str
    subject: str
    message_id: str
    text: str
    html: str
    files: tuple[File, ...]

    @property
    def workbooks(self) -> tuple[File, ...]:
        """The attached Excel files."""
        return tuple((name, data) for name, data in self.files if name.endswith(".xlsx"))


@lru_cache(maxsize=500)  # it is read when it comes, and shown at the end
def open_letter(raw: bytes) -> Post:
    """A letter from the bytes in the mailbox."""
    message = message_from_bytes(raw, policy=_EACH_ONCE)
    attached: list[Any] = list(message.iter_attachments())
    plain, styled = message.get_body(("plain",)), message.get_body(("html",))
    return Post(
        sender=parseaddr(str(message["From"]))[1],
        to=parseaddr(str(message["To"]))[1].lower(),
        subject=str(message["Subject"]),
        message_id=str(message["Message-ID"]),
        text=plain.get_content() if plain else "",
        html=styled.get_content() if styled else "",
        files=tuple((part.get_filename() or "", _read_content(part)) for part in attached),
    )


def _read_content(part: Any) -> bytes:
    """What is attached; a message that is attached is its bytes."""
    if part.get_content_type() == "message/rfc822":
        return bytes(part.get_payload(0).as_bytes())
    return part.get_payload(decode=True) or b""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a person writes back. `quoting` repeats the letter below, as mail programs do."""

    sender: str
    name: str
    text: str
    files: tuple[File | Enclosure, ...] = ()
    quoting: bool = True
    subject: str = ""
    automatic: bool = False


@dataclass(frozen=True, kw_only=True)
class Sending:
    """A message that will arrive at the office's mailbox at a moment; `write` gives its bytes."""

    at: datetime
    write: Callable[[], bytes]
    told: str


def write_reply(reply: Reply, letter: Post, *, at: datetime, number: int) -> bytes:
    """The reply as a mail program sends it: threaded, quoted, with its own Message-ID."""
    is_begun = re.match(r"re:", letter.subject, re.IGNORECASE)
    subject = reply.subject or (letter.subject if is_begun else f"RE: {letter.subject}")
    message = _address(reply, letter.sender, subject, at, f"reply-{number}")
    message["In-Reply-To"] = letter.message_id
    message["References"] = letter.message_id
    if reply.automatic:
        message["Auto-Submitted"] = "auto-replied"
        message["X-Auto-Response-Suppress"] = "All"
    quoted = "\r\n".join("> " + line for line in letter.text.splitlines()[:12])
    head = f"On {at:%d/%m/%Y %H:%M}, {letter.sender} wrote:"
    message.set_content(f"{reply.text}\n\n{head}\n{quoted}\n" if reply.quoting else reply.text + "\n")
    for name, data in _enclose(reply):
        kind, sub = (XLSX if name.endswith(".xlsx") else "application/octet-stream").split("/")
        message.add_attachment(data, maintype=kind, subtype=sub, filename=name)
    return _seal(message, f"reply_{number}")


def write_message(reply: Reply, *, to: str, at: datetime, number: int) -> bytes:
    """A message of one's own accord, answering nothing."""
    message = _address(reply, to, reply.subject, at, f"note-{number}")
    message.set_content(reply.text + "\n")
    for name, data in _enclose(reply):
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return _seal(message, f"note_{number}")


def _enclose(reply: Reply) -> Iterator[File]:
    """Each file of a reply, once it is done."""
    return ((name, data() if callable(data) else data) for name, data in reply.files)


def _address(reply: Reply, to: str, subject: str, at: datetime, ident: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = f"{reply.name} <{reply.sender}>"
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{ident}@{reply.sender.split('@')[1]}>"
    return message


def _seal(message: EmailMessage, boundary: str) -> bytes:
    """The bytes; a boundary of our own, so that they are the same each time."""
    if message.is_multipart():
        message.set_boundary(f"=_{boundary}")
    return message.as_bytes()
