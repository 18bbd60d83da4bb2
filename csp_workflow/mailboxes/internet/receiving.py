"""What is done by IMAP: commands that touch nothing but what they name.

IMAPClient is used for it reads the server's abilities again after login; others believe those from before
it, take MOVE for missing, and wipe out other people's deleted mail with a folder-wide EXPUNGE.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import ProtocolError

from csp_workflow.mailboxes.internet.connection import ImapConnection, Session
from csp_workflow.mailboxes.mailbox import Fetched
from csp_workflow.terms.faults import MessageGone

FILED = b"$CspFiled"
"""The keyword of a message that was copied to its folder where the server can neither move nor expunge one alone."""

TRIES = 5
"""How often a message is asked for in vain before less of it is taken, so that the messages behind it get through."""

_LARGEST = 2**32 - 1
_SIZE, _TIME = b"RFC822.SIZE", b"INTERNALDATE"


@dataclass(frozen=True, order=True)
class Number:
    """A message's number in the inbox: its UID, which means something while UIDVALIDITY stays the same."""

    validity: int = 0
    uid: int = 0

    @classmethod
    def parse(cls, text: str) -> Number:
        """From "UIDVALIDITY:UID". What is no such thing is the number of no message."""
        validity, _, uid = text.partition(":")
        numbers = [int(part) for part in (validity, uid) if part.isascii() and part.isdigit() and len(part) < 11]
        return cls(*numbers) if len(numbers) == 2 and max(numbers) <= _LARGEST else cls()

    def __str__(self) -> str:
        return f"{self.validity}:{self.uid}"


class ImapInbox:
    """Reading and filing over one connection."""

    def __init__(self, connection: ImapConnection, *, limit: int) -> None:
        self._connection, self._limit = connection, limit
        self._tries: Counter[Number] = Counter()

    def list_after(self, last: Number) -> tuple[list[Number], Number]:
        """The inbox's messages above a number, in order, and the highest seen. All of them in another numbering."""
        with self._connection.work() as session:
            start = last if last.validity == session.validity else Number(session.validity, 0)
            # "n:*" always names the highest UID, even one below n, so what comes back is compared again.
            wanted = [b"UID", f"{start.uid + 1}:*".encode()]
            unfiled = [] if can_part(session.client) else [b"UNKEYWORD", FILED]
            found = (Number(session.validity, int(uid)) for uid in session.client.search([*wanted, *unfiled]))
            numbers = sorted(number for number in found if number > start)
            return numbers, max([start, *numbers])

    def fetch(self, number: Number, now: datetime) -> Fetched:
        """A message with its time of receipt, left unread; its headers alone when it is larger than allowed.

        What the server does not hand out after some tries though it answers otherwise is taken as its headers
        alone, and in the end as a note of ours in its place: it is seen and held, and nothing waits behind it.
        Raises MessageGone, MailboxUnreachable.
        """
        with self._connection.work() as session:
            self._check_number(session, number)
            patience = self._tries[number] // TRIES
            self._tries[number] += 1
            made = _make_note(number, now) if patience > 1 else self._fetch(session, number, alone=patience > 0)
        del self._tries[number]
        return made

    def move(self, number: Number, folder: str) -> None:
        """Move one message, and nothing else, to a folder that is made when missing. Gone is no matter."""
        with self._connection.work() as session:
            self._check_number(session, number)
            session.make_folder(folder)
            _move(session.client, number.uid, session.name_folder(folder))

    def find(self, folders: tuple[str, ...], header: str, value: str) -> str:
        """The first folder that holds a message with exactly this header, or ""."""
        with self._connection.work() as session:
            return next((f for f in folders if session.select(f) and _holds(session.client, header, value)), "")

    def _check_number(self, session: Session, number: Number) -> None:
        if not number.uid or number.validity != session.validity:
            raise MessageGone

    def _fetch(self, session: Session, number: Number, *, alone: bool) -> Fetched:
        said = _fetch_one(session.client, number, [_SIZE, _TIME])
        size, received = int(said[_SIZE]), said[_TIME].astimezone(UTC)
        whole = size <= self._limit and not alone
        raw = _fetch_one(session.client, number, ["BODY.PEEK[]" if whole else "BODY.PEEK[HEADER]"])
        content = bytes(raw[b"BODY[]" if whole else b"BODY[HEADER]"] or b"")
        if not content:
            raise ProtocolError("An empty message.")
        size = len(content) if whole else size
        return Fetched(source=str(number), raw=content, size=size, received=received, whole=whole)


def _fetch_one(client: IMAPClient, number: Number, wanted: list[bytes | str]) -> dict[bytes, Any]:
    client.normalise_times = False  # else the library gives local time without its zone, twice the same in October
    said: dict[int, dict[bytes, Any]] = client.fetch([number.uid], wanted)
    if number.uid not in said:
        raise MessageGone
    return said[number.uid]


def _make_note(number: Number, now: datetime) -> Fetched:
    raw = (
        f"Message-ID: <{number.validity}.{number.uid}@not-handed-out.invalid>\r\n"
        f"Subject: A message that the mail server does not hand out (number {number.uid})\r\n\r\n"
    ).encode()
    return Fetched(source=str(number), raw=raw, size=len(raw), received=now, whole=False)


def can_part(client: IMAPClient) -> bool:
    """Whether one message can be taken out of a folder without touching the others."""
    return bool(client.has_capability("MOVE") or client.has_capability("UIDPLUS"))


def _move(client: IMAPClient, uid: int, folder: str) -> None:
    if client.has_capability("MOVE"):
        client.move([uid], folder)
        return
    there = client.fetch([uid], [b"FLAGS"])
    if uid not in there or FILED in there[uid][b"FLAGS"]:
        return
    client.copy([uid], folder)
    if client.has_capability("UIDPLUS"):
        client.add_flags([uid], [b"\\Deleted"], silent=True)
        client.uid_expunge([uid])
    else:
        client.add_flags([uid], [FILED], silent=True)


def _holds(client: IMAPClient, header: str, value: str) -> bool:
    found = client.search([b"HEADER", header, value])
    said = client.fetch(found, [f"BODY.PEEK[HEADER.FIELDS ({header.upper()})]"]) if found else {}
    lines = (bytes(part or b"") for parts in said.values() for key, part in parts.items() if key.startswith(b"BODY"))
    return any(line.partition(b":")[2].strip() == value.encode() for line in lines)
