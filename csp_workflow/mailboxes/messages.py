"""Messages of Exchange, at home and in Microsoft 365: what it calls them, and those that it cannot give as MIME.

These are put together from their parts: the parts are genuine, the wrapping is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

from csp_workflow.terms.messages import Mark

_MIDNIGHT = re.compile(r"T24:00:00(\.0+)?")
_A_NAME = re.compile(r"[!-9;-~]{1,200}")
_OF_PARTS = {"content-type", "content-transfer-encoding", "content-disposition", "mime-version"}

_BEGINNINGS = {
    "ipm.note.rules.ooftemplate": Mark.AWAY,
    "ipm.schedule.meeting": Mark.MEETING,
    "ipm.outlook.recall": Mark.RECALL,
    "ipm.recall": Mark.RECALL,
}
_REPORTS = {"ndr": Mark.BOUNCE, "dr": Mark.RECEIPT, "ipnrn": Mark.RECEIPT, "ipnnrn": Mark.RECEIPT}


def read_marks(item_class: str) -> frozenset[Mark]:
    """The marks of an item class such as "REPORT.IPM.Note.NDR"; none for an ordinary message or an unknown class."""
    name = item_class.strip().lower()
    if name.startswith("report."):
        kind = name.rpartition(".")[2]
        return frozenset({_REPORTS[kind]} if kind in _REPORTS else ())
    return frozenset(
        mark for beginning, mark in _BEGINNINGS.items() if name == beginning or name.startswith(f"{beginning}.")
    )


def read_time(told: str | None) -> datetime | None:
    """A time as Microsoft's schemas have it, with any zone (UTC where none is told) and any digits of a second.

    None where none is told, or what is told is no time.
    """
    try:
        read = datetime.fromisoformat(_MIDNIGHT.sub("T23:59:59.999999", (told or "").strip()))
        return read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class Rebuilding:
    """A message of at most `limit` bytes on its way. `kind` says whether its words are "plain" or "html".

    `room_left` is how many bytes there is still room for; below 0 the message is too large.
    """

    def __init__(self, words: str, kind: str, *, limit: int) -> None:
        self._made = EmailMessage(policy=SMTP)
        self._made.set_content(words, subtype=kind, cte="base64")
        self.room_left = limit - len(bytes(self._made))

    def attach(self, name: str, data: bytes) -> None:
        """Add a file."""
        self.room_left -= len(data)
        self._made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)

    def finish(self, headers: Iterable[tuple[str, str]]) -> bytes:
        """The whole message, under its own headers, apart from those that describe its parts."""
        own = (header for header in headers if header[0].lower() not in _OF_PARTS)
        return join_headers(own) + bytes(self._made)


def join_headers(headers: Iterable[tuple[str, str]]) -> bytes:
    """Headers as lines; those whose name is none are left out, and halves of characters become question marks."""
    return b"".join(
        f"{name}: {value}\r\n".encode("utf-8", "replace") for name, value in headers if _A_NAME.fullmatch(name)
    )
