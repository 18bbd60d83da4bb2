"""What is done by IMAP: commands that touch nothing but what they name.

IMAPClient is used for it reads the server's abilities again after login; others believe those from before
it, take MOVE for missing, and wipe out other people's deleted mail with a folder-wide EXPUNGE.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, ProtocolError

from csp_workflow.mailboxes.internet.connection import DRAFTS, INBOX, SENT, ImapConnection, Session
from csp_workflow.mailboxes.line import list_causes
from csp_workflow.mailboxes.mailbox import BATCH, FILED, FOLDERS, LYING_HEADERS, MORE, Fetched, describe_lying
from csp_workflow.terms.service import Lying, MailboxUnreachable, MessageGone, Place

FILED_KEYWORD = b"$CspFiled"
"""The keyword of a message that was copied to its folder where the server can neither move nor expunge one alone."""

TRIES = 60
"""How often a message is asked for in vain, in about an hour, before less of it is taken, so that those behind it
get through. A server whose store is away refuses all of them like that for many minutes."""

SAYINGS = 5
"""How often a message is seen to be as long before that is believed against the size that the server says."""

_STAND_IN = re.compile(
    rb"From: System Administrator <root@localhost>\r?\nSubject: message unavailable\r?\n\r?\n"
    rb"(?:This message is no longer available on the server\.\s*)?"
)
"""What Courier hands out, whole or its headers alone, for a message that somebody moved away since the inbox was
selected. Mail that went any way at all has more headers."""

_LARGEST = 2**32 - 1
_SIZE, _TIME, _DELETED = b"RFC822.SIZE", b"INTERNALDATE", b"\\Deleted"
_ZONES = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Number:
    """A message's number in a folder: its UID, which means something while UIDVALIDITY stays the same."""

    validity: int = 0
    uid: int = 0
    folder: str = INBOX

    @classmethod
    def parse(cls, text: str) -> Number:
        """From "UIDVALIDITY:UID", or "filed UIDVALIDITY:UID:FOLDER". What is no such thing is of no message."""
        given = text.removeprefix(FILED)
        validity, _, rest = given.partition(":")
        uid, _, folder = rest.partition(":") if given != text else (rest, "", INBOX)
        numbers = [int(part) for part in (validity, uid) if part.isascii() and part.isdigit() and len(part) < 11]
        is_one = len(numbers) == 2 and max(numbers) <= _LARGEST
        return cls(numbers[0], numbers[1], folder) if is_one else cls()

    def __str__(self) -> str:
        number = f"{self.validity}:{self.uid}"
        return number if self.folder == INBOX else f"{FILED}{number}:{self.folder}"


class ImapInbox:
    """Reading and filing over one connection."""

    def __init__(self, connection: ImapConnection, *, limit: int) -> None:
        self._connection, self._limit = connection, limit
        self._tries: Counter[Number] = Counter()
        self._copied: set[Number] = set()
        self._counts_otherwise = False

    def list_new(self, cursor: str, since: datetime | None) -> tuple[tuple[str, ...], str]:
        """The inbox's messages after a cursor, in order, and the next one. All of them in another numbering.

        `since` holds for a list that begins with the first message, or goes on with such a one.
        """
        last = Number.parse(cursor.removeprefix(MORE))
        with self._connection.work() as session:
            # A server that was put back to an earlier day gives numbers again that it has given before.
            is_known = last.validity == session.validity and not 0 < session.following <= last.uid
            start, is_old = last.uid if is_known else 0, not is_known or cursor.startswith(MORE)
            # "n:*" always names the highest UID, even one below n, so what comes back is compared again.
            wanted = [b"UID", f"{start + 1}:*", *([] if can_part(session.client) else [b"UNKEYWORD", FILED_KEYWORD])]
            found = [uid for uid in session.search(*wanted) if uid > start]
            end = max([start, *found])
            since = since if is_old else None
            if since:
                found = [
                    uid for uid in session.search(*wanted, b"SINCE", (since - _ZONES).date()) if start < uid <= end
                ]
            listed, seen = _take_batch(session.client, found, since)
        is_last = seen == len(found)
        following = str(Number(session.validity, end if is_last else found[seen - 1]))
        return tuple(str(Number(session.validity, uid)) for uid in listed), following if is_last else MORE + following

    def list_filed(
        self, cursor: str, since: datetime | None, *, left_out: Collection[str], ours: bool
    ) -> tuple[tuple[str, ...], str]:
        """The messages of the other folders, folder by folder, and how far that came."""
        last = Number.parse(cursor.removeprefix(MORE))
        with self._connection.work() as session:
            filing, others = set(map(session.name_folder, FOLDERS)), set(map(session.name_folder, left_out)) | {INBOX}
            folders = sorted(f for f in session.list_folders() if f in filing or not (ours or f in others))
            for folder in folders:
                is_begun = last.uid > 0 and folder == last.folder
                if (last.uid and folder < last.folder) or not session.select(folder):
                    continue
                start = last.uid if is_begun and last.validity == session.validity else 0
                wanted = [b"SINCE", (since - _ZONES).date()] if since else []
                found = [uid for uid in session.search(b"UID", f"{start + 1}:*", *wanted) if uid > start]
                listed, seen = _take_batch(session.client, found, since)
                if listed:
                    upto = Number(session.validity, found[seen - 1], folder)
                    is_last = seen == len(found) and folder == folders[-1]
                    numbers = tuple(str(Number(session.validity, uid, folder)) for uid in listed)
                    return numbers, "" if is_last else f"{MORE}{upto}"
        return (), ""

    def count_messages(self) -> int:
        """How many messages lie in the inbox."""
        with self._connection.work() as session:
            return session.count

    def fetch(self, number: Number, now: datetime) -> Fetched:
        """A message with its time of receipt, left unread; its headers alone when it is larger than allowed.

        What the server does not hand out after some tries though it answers otherwise is taken as its headers
        alone, and in the end as a note of ours in its place: it is seen and held, and nothing waits behind it.
        Raises MessageGone, MailboxUnreachable.
        """
        tries, anew = self._tries[number], not self._connection.is_fresh
        try:
            made = self._try_fetch(number, now, tries, anew=anew)
        except MailboxUnreachable as fault:
            if anew or any(isinstance(cause, TimeoutError) for cause in list_causes(fault)):
                raise
            made = self._try_fetch(number, now, tries, anew=True)  # the server closed the line meanwhile
        del self._tries[number]
        return made

    def _try_fetch(self, number: Number, now: datetime, tries: int, *, anew: bool) -> Fetched:
        with self._connection.work(anew=anew) as session:
            self._check_number(session, number)
            self._tries[number] = tries + 1
            patience = tries // TRIES
            return _make_note(number, now) if patience > 1 else self._fetch(session, number, alone=patience > 0)

    def move(self, number: Number, folder: str) -> None:
        """Move one message, and nothing else, to a folder that is made when missing. Gone is no matter."""
        with self._connection.work(anew=False) as session:
            self._check_number(session, number)
            session.make_folder(folder)
            self._move(session, number, session.name_folder(folder))

    def remove(self, number: Number) -> None:
        """Remove one message, and nothing else, where the server can; MailboxUnreachable where it cannot."""
        with self._connection.work(anew=False) as session:
            self._check_number(session, number)
            if not (session.client.has_capability("UIDPLUS") and session.keeps(_DELETED)):
                raise MailboxUnreachable("The IMAP server cannot remove one message alone. Remove it by hand.")
            session.client.add_flags([number.uid], [_DELETED], silent=True)
            session.client.uid_expunge([number.uid])

    def find(self, folders: tuple[str, ...], header: str, value: str) -> str:
        """The first folder that holds a message with exactly this header, or ""."""
        with self._connection.work() as session:
            return next((f for f in folders if session.select(f) and _search(session, header, value)), "")

    def put(self, folder: str, content: bytes) -> None:
        """Put a draft into a folder, seen and marked as one."""
        with self._connection.work(anew=False) as session:
            named = session.name_folder(folder or session.find_special(DRAFTS))
            session.client.append(named, content, flags=(b"\\Draft", b"\\Seen"))

    def list_lying(self, drafts: str, sent: str, since: datetime) -> tuple[Lying, ...]:
        """What lies in the folder of drafts, and in that of the sent letters since then; "": the server's own folder.

        Raises MailboxUnreachable where a folder of that name is not there: nothing can be taken for gone there.
        """
        with self._connection.work() as session:
            places: tuple[tuple[str, Place, list[Any]], ...] = (
                (drafts or session.find_special(DRAFTS), Place.DRAFTS, []),
                (sent or session.find_special(SENT), Place.SENT, [b"SINCE", (since - _ZONES).date()]),
            )
            return tuple(
                one
                for folder, place, wanted in places
                for one in _describe_all(session, folder, place, wanted)
                if place is Place.DRAFTS or one.since >= since
            )

    def list_marked(self, folders: tuple[str, ...], header: str, value: str) -> list[Number]:
        """Every message in some folders with exactly this header."""
        with self._connection.work() as session:
            return [
                Number(session.validity, uid, folder)
                for folder in folders
                if session.select(folder)
                for uid in _search(session, header, value)
            ]

    def _check_number(self, session: Session, number: Number) -> None:
        is_there = session.folder == number.folder or session.select(number.folder)
        if not is_there or not number.uid or number.validity != session.validity:
            raise MessageGone

    def _fetch(self, session: Session, number: Number, *, alone: bool) -> Fetched:
        said = _fetch_one(session.client, number, [_SIZE, _TIME])
        size, received = int(said[_SIZE]), said[_TIME].astimezone(UTC)
        whole = size <= self._limit and not alone
        content = _fetch_part(session.client, number, whole=whole)
        if _STAND_IN.fullmatch(content):
            raise MessageGone
        if whole and len(content) < size:
            self._settle_size(session, number, content)
        size = len(content) if whole else size
        return Fetched(source=str(number), raw=content, size=size, received=received, whole=whole)

    def _settle_size(self, session: Session, number: Number, content: bytes) -> None:
        """A message shorter than the server says is a part of it, or the server counts otherwise than we do.

        So it is asked for again, and believed when it says the same for some beats. Raises ProtocolError.
        """
        is_same = _fetch_part(session.client, number, whole=True) == content
        if not is_same or (self._tries[number] < SAYINGS and not self._counts_otherwise):
            raise ProtocolError("A message shorter than its size.")
        self._counts_otherwise = True

    def _move(self, session: Session, number: Number, folder: str) -> None:
        """Where the server cannot move, copy, and delete where that touches nothing else. Never copied twice."""
        client, uid, can_delete = session.client, number.uid, session.keeps(_DELETED)
        if client.has_capability("MOVE") and can_delete:
            _move_alone(session, uid, folder)
            return
        can_delete = can_delete and client.has_capability("UIDPLUS")
        if not can_delete and not session.keeps(FILED_KEYWORD):
            raise ProtocolError("The inbox cannot be changed, so that nothing would show that it was copied.")
        flags = client.fetch([uid], [b"FLAGS"]).get(uid, {}).get(b"FLAGS")
        if flags is None:
            return
        is_marked = {FILED_KEYWORD.lower(), _DELETED.lower()} & set(map(bytes.lower, flags))
        if number not in self._copied and not is_marked:
            self._copy(session, number, folder)
        if can_delete:
            client.add_flags([uid], [_DELETED], silent=True)
            client.uid_expunge([uid])

    def _copy(self, session: Session, number: Number, folder: str) -> None:
        """The mark comes first: of a copy that was not answered nobody knows whether it was made."""
        marks = session.keeps(FILED_KEYWORD)
        if marks:
            session.client.add_flags([number.uid], [FILED_KEYWORD], silent=True)
        self._copied.add(number)
        try:
            session.client.copy([number.uid], folder)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            self._copied.discard(number)
            if marks:
                session.client.remove_flags([number.uid], [FILED_KEYWORD], silent=True)
            raise


def _move_alone(session: Session, uid: int, folder: str) -> None:
    """Where the server knows how. What somebody has taken away since the inbox was selected may be refused."""
    try:
        session.client.move([uid], folder)
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        session.select(INBOX)
        if uid in session.search(b"UID", str(uid)):
            raise


def _take_batch(client: IMAPClient, found: list[int], since: datetime | None) -> tuple[list[int], int]:
    """The first so many messages of a list that were received since then, and how many were looked at for that.

    A search knows days only, in whatever zone the server has, so that their times are asked for.
    """
    listed: list[int] = []
    for place in range(0, len(found), BATCH):
        uids = found[place : place + BATCH]
        if since:
            client.normalise_times = False
            said = client.fetch(uids, [_TIME])
            uids = [uid for uid in uids if said.get(uid, {}).get(_TIME, since) >= since]
        listed += uids
        if len(listed) >= BATCH:
            return listed, min(place + BATCH, len(found))
    return listed, len(found)


def _fetch_part(client: IMAPClient, number: Number, *, whole: bool) -> bytes:
    """All of a message, or its headers."""
    raw = _fetch_one(client, number, ["BODY.PEEK[]" if whole else "BODY.PEEK[HEADER]"])
    content = bytes(raw[b"BODY[]" if whole else b"BODY[HEADER]"] or b"")
    if not content:
        raise ProtocolError("An empty message.")
    return content


def _fetch_one(client: IMAPClient, number: Number, wanted: list[bytes | str]) -> dict[bytes, Any]:
    client.normalise_times = False  # else the library gives local time without its zone, twice the same in October
    said: dict[int, dict[bytes, Any]] = client.fetch([number.uid], wanted)
    if number.uid in said:
        return said[number.uid]
    if number.uid in client.search([b"UID", str(number.uid)]):
        raise ProtocolError("A message that is there and is not handed out.")
    raise MessageGone


def _make_note(number: Number, now: datetime) -> Fetched:
    raw = (
        f"Message-ID: <{number.validity}.{number.uid}@not-handed-out.invalid>\r\n"
        f"Subject: A message that the mail server does not hand out (number {number.uid})\r\n\r\n"
    ).encode()
    return Fetched(source=str(number), raw=raw, size=len(raw), received=now, whole=False)


def can_part(client: IMAPClient) -> bool:
    """Whether one message can be taken out of a folder without touching the others."""
    return bool(client.has_capability("MOVE") or client.has_capability("UIDPLUS"))


def _describe_all(session: Session, folder: str, place: Place, wanted: list[Any]) -> Iterator[Lying]:
    """The messages of a folder that are not on their way out of it, by their headers."""
    if not session.select(folder):
        raise MailboxUnreachable(
            f"The mailbox has no folder '{folder}'.",
            remedy="In service.toml look at internet.drafts_folder and internet.sent_folder, or make the folder.",
        )
    found = session.search(*wanted, b"UNDELETED")
    session.client.normalise_times = False
    asked = f"BODY.PEEK[HEADER.FIELDS ({' '.join(LYING_HEADERS).upper()})]"
    for place_in_list in range(0, len(found), BATCH):
        said = session.client.fetch(found[place_in_list : place_in_list + BATCH], [_TIME, asked])
        for uid, each in said.items():
            headers = next((bytes(part or b"") for key, part in each.items() if key.startswith(b"BODY")), b"")
            number = Number(session.validity, uid, folder)
            yield describe_lying(headers, source=str(number), place=place, since=each[_TIME].astimezone(UTC))


def _search(session: Session, header: str, value: str) -> list[int]:
    """The messages of the folder with exactly this header: the server looks for a part of it."""
    found = session.search(b"HEADER", header, value)
    said = session.client.fetch(found, [f"BODY.PEEK[HEADER.FIELDS ({header.upper()})]"]) if found else {}
    parts = ((uid, key, part) for uid, each in said.items() for key, part in each.items())
    lines = ((uid, bytes(part or b"")) for uid, key, part in parts if key.startswith(b"BODY"))
    return [uid for uid, line in lines if line.partition(b":")[2].strip() == value.encode()]
