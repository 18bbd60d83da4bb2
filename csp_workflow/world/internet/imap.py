"""The IMAP side: a connection that is rebuilt after a fault, and commands that touch nothing but what they name.

IMAPClient is used for it reads the server's abilities again after login; others believe those from before
it, take MOVE for missing, and wipe out other people's deleted mail with a folder-wide EXPUNGE.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from csp_workflow.terms.faults import MailboxUnreachable, MessageGone
from csp_workflow.terms.mailboxes import InternetMailbox, Tls
from csp_workflow.world.internet.deadline import Deadline
from csp_workflow.world.internet.login import Credentials

INBOX = "INBOX"
FILED = b"$CspFiled"
"""The keyword of a message that was copied to its folder where the server can neither move nor expunge one alone."""


class Imap:
    """One connection and the folder selected on it."""

    def __init__(
        self,
        settings: InternetMailbox,
        credentials: Credentials,
        *,
        context: Callable[[], ssl.SSLContext],
        seconds: float,
    ) -> None:
        self._settings, self._credentials, self._context, self._seconds = settings, credentials, context, seconds
        self._line: IMAPClient | None = None
        self._validity = 0

    @contextmanager
    def at_work(self, folder: str = INBOX) -> Iterator[IMAPClient]:
        """The connection with a folder selected. Whatever goes wrong on it is MailboxUnreachable, and it is rebuilt."""
        try:
            with Deadline(self._seconds) as deadline:
                yield self._ready(deadline, folder)
        except (MailboxUnreachable, MessageGone):
            raise
        except LoginError as fault:
            self.drop()
            raise MailboxUnreachable("The IMAP server refuses the user or the password (or token).") from fault
        except ssl.SSLCertVerificationError as fault:
            self.drop()
            raise MailboxUnreachable("The IMAP server's certificate is not one we trust.") from fault
        except (IMAPClientError, OSError, ValueError, KeyError, AttributeError, IndexError) as fault:
            self.drop()
            raise MailboxUnreachable("The IMAP server cannot be reached, or answers what it should not.") from fault

    def close(self) -> None:
        """Say goodbye, if anybody is there."""
        line = self._line
        if line is not None:
            with contextlib.suppress(OSError, IMAPClientError, AttributeError):
                line.logout()
        self.drop()

    def drop(self) -> None:
        """Let the connection go; the next call makes a new one."""
        line, self._line = self._line, None
        if line is not None:
            with contextlib.suppress(OSError, IMAPClientError, AttributeError):
                line.shutdown()

    @property
    def validity(self) -> int:
        """The UIDVALIDITY of the folder selected last."""
        return self._validity

    # Reading --------------------------------------------------------------------------------------

    def uids_after(self, last: int) -> list[int]:
        """The inbox's UIDs above `last`, in order, without those that were filed but could not be moved."""
        with self.at_work() as line:
            # "n:*" always names the highest UID, even one below n, so what comes back is compared again.
            found = line.search([b"UID", f"{last + 1}:*".encode(), b"UNKEYWORD", FILED])
            return sorted(int(uid) for uid in found if int(uid) > last)

    def size_and_time(self, uid: int) -> tuple[int, datetime]:
        """A message's size in bytes and when the server received it. Raises MessageGone."""
        with self.at_work() as line:
            told = _only(line.fetch([uid], [b"RFC822.SIZE", b"INTERNALDATE"]), uid)
            received: datetime = told[b"INTERNALDATE"]
            aware = received if received.tzinfo else received.astimezone()
            return int(told[b"RFC822.SIZE"]), aware.astimezone(UTC)

    def content(self, uid: int, *, headers_only: bool) -> bytes:
        """A message's raw bytes, which leaves it unread. Raises MessageGone."""
        part = "BODY.PEEK[HEADER]" if headers_only else "BODY.PEEK[]"
        with self.at_work() as line:
            told = _only(line.fetch([uid], [part]), uid)
            return bytes(told[part.replace(".PEEK", "").encode()] or b"")

    def holds(self, folder: str, header: str, value: str) -> bool:
        """Whether a folder holds a message with exactly this header."""
        try:
            with self.at_work(folder) as line:
                found = line.search([b"HEADER", header, value])
                told = line.fetch(found, [f"BODY.PEEK[HEADER.FIELDS ({header.upper()})]"]) if found else {}
        except _NoSuchFolder:
            return False
        lines = [bytes(part) for parts in told.values() for key, part in parts.items() if key.startswith(b"BODY")]
        return any(line.partition(b":")[2].strip() == value.encode() for line in lines)

    def has(self, folder: str) -> bool:
        """Whether the mailbox has a folder."""
        with self.at_work() as line:
            return bool(line.folder_exists(self.named(line, folder)))

    # Filing ---------------------------------------------------------------------------------------

    def move(self, uid: int, folder: str) -> None:
        """Move one message, and nothing else, to a folder that is made when missing. Gone is no matter."""
        with self.at_work() as line:
            self._ensure(line, folder)
            target = self.named(line, folder)
            if line.has_capability("MOVE"):
                line.move([uid], target)
                return
            if not line.fetch([uid], [b"FLAGS"]):
                return
            line.copy([uid], target)
            if line.has_capability("UIDPLUS"):
                line.add_flags([uid], [b"\\Deleted"], silent=True)
                line.uid_expunge([uid])
            else:
                line.add_flags([uid], [FILED], silent=True)

    def _ensure(self, line: IMAPClient, folder: str) -> None:
        name = self.named(line, folder)
        if not line.folder_exists(name):
            line.create_folder(name)

    @staticmethod
    def named(line: IMAPClient, folder: str) -> str:
        """A folder's name on this server: some keep every folder below the inbox ("INBOX.Processed")."""
        if folder == INBOX or not line.has_capability("NAMESPACE"):
            return folder
        personal = line.namespace().personal
        return f"{personal[0][0]}{folder}" if personal else folder

    # The connection -------------------------------------------------------------------------------

    def _ready(self, deadline: Deadline, folder: str) -> IMAPClient:
        """The kept connection with a folder selected; a server that closed it meanwhile is no fault: a new one then."""
        if self._line is not None:
            try:
                deadline.watch(self._line.socket())
                self._select(self._line, folder)
            except (IMAPClientError, OSError):
                self.drop()
            else:
                return self._line
        line = self._opened(deadline)
        self._select(line, folder)
        return line

    def _opened(self, deadline: Deadline) -> IMAPClient:
        server, context = self._settings.imap, self._context()
        at_once = server.tls is Tls.AT_ONCE
        line = IMAPClient(
            server.host,
            port=server.port,
            ssl=at_once,
            ssl_context=context if at_once else None,
            timeout=SocketTimeout(connect=self._seconds, read=self._seconds),
        )
        self._line = line
        deadline.watch(line.socket())
        if server.tls is Tls.STARTTLS:
            line.starttls(ssl_context=context)
            deadline.watch(line.socket())
        if self._credentials.by_token:
            line.oauth2_login(self._settings.user, self._credentials.token())
        else:
            line.login(self._settings.user, self._credentials.secrets.password)
        return line

    def _select(self, line: IMAPClient, folder: str) -> None:
        """Selected anew each time: only so does every server show what has come since."""
        name = self.named(line, folder)
        try:
            told: dict[bytes, Any] = line.select_folder(name)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as fault:
            if folder == INBOX or line.folder_exists(name):
                raise
            raise _NoSuchFolder from fault
        self._validity = int(told[b"UIDVALIDITY"])


class _NoSuchFolder(MailboxUnreachable):
    """A folder that nothing was ever put into."""


def _only(told: dict[int, dict[bytes, Any]], uid: int) -> dict[bytes, Any]:
    if uid not in told:
        raise MessageGone
    return told[uid]
